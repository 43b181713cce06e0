/*
 * trade: buy, sell, close, amend, cancel, cancel_all, flatten; and orders{}.
 *
 * Wrong names and types are the author's mistakes and raise errors. What
 * depends on the market (a size that rounds to nothing) returns nil and an
 * error value; what host or exchange refuse comes as on_order "rejected".
 *
 * A price is rounded so that it is never worse for the limit the script gave;
 * a size always down.
 */
#include "bindings/runtime_int.h"

#include "base/assert.h"

#include <math.h>

static const char *const open_names[] = {
    "symbol",    "size",  "price",      "type",        "tif",
    "post_only", "ioc",   "fok",        "reduce_only", "take_profit",
    "stop_loss", "round", "client_tag",
};

enum rounding { ROUND_PASSIVE, ROUND_NEAREST, ROUND_ERROR };

static const char *const rounding_names[] = {"passive", "nearest", "error"};

/* ---- reading numbers ---- */

/*
 * A positive price or size: a number, or a decimal as text (exact). False:
 * the option is absent.
 */
static bool
read_decimal(lua_State *L, int idx, const char *what, const char *name,
             const struct ln_instrument *in, bool is_price, enum ln_round round,
             int64_t *out)
{
    enum ln_err code = LN_ERR_ARG;
    lua_pushstring(L, name);
    int type = lua_rawget(L, idx);
    if (type == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    if (type == LUA_TNUMBER) {
        double v = lua_tonumber(L, -1);
        if (!isfinite(v) || v < 0 || (is_price && v <= 0))
            luaL_error(L, "%s: %s is %s; a number above 0 is needed", what,
                       name, luaL_tolstring(L, -1, NULL));
        code = is_price ? ln_price_from_double(in, v, round, out)
                        : ln_size_from_double(in, v, round, out);
    } else if (type == LUA_TSTRING) {
        struct ln_str text = ln_str(lua_tostring(L, -1));
        code = is_price ? ln_price_parse(in, text, round, out)
                        : ln_size_parse(in, text, round, out);
        if (code == LN_OK && *out < 0)
            code = LN_ERR_RANGE;
    } else {
        luaL_error(L, "%s: %s is a number, not %s", what, name,
                   lua_typename(L, type));
    }
    if (code != LN_OK && round == LN_ROUND_EXACT && code == LN_ERR_RANGE)
        luaL_error(L, "%s: %s %s is not on the tick of %s (round=\"error\")",
                   what, name, luaL_tolstring(L, -1, NULL), in->symbol);
    if (code != LN_OK)
        luaL_error(L, "%s: %s %s is no usable number", what, name,
                   luaL_tolstring(L, -1, NULL));
    lua_pop(L, 1);
    return true;
}

static enum ln_round
price_round(enum rounding r, uint8_t side)
{
    if (r == ROUND_ERROR)
        return LN_ROUND_EXACT;
    if (r == ROUND_NEAREST)
        return LN_ROUND_NEAREST;
    return side == LN_BUY ? LN_ROUND_FLOOR : LN_ROUND_CEIL;
}

static enum rounding
read_rounding(lua_State *L, int idx, const char *what)
{
    const char *text = option_string(L, idx, what, "round");
    return text ? (enum rounding)choose(L, "round", text, rounding_names,
                                        LN_COUNT(rounding_names))
                : ROUND_PASSIVE;
}

static uint16_t
read_symbol(lua_State *L, int idx, const char *what)
{
    lua_pushliteral(L, "symbol");
    lua_rawget(L, idx);
    uint16_t inst = check_symbol_value(L, -1, what);
    lua_pop(L, 1);
    return inst;
}

/* ---- buy and sell ---- */

/* tif="ioc", ioc=true ...: one of them at most. */
static uint8_t
read_tif(lua_State *L, int idx, const char *what)
{
    static const char *const names[] = {"gtc", "ioc", "fok", "post_only"};
    const char *text = option_string(L, idx, what, "tif");
    int given = text != NULL;
    uint8_t tif = LN_GTC;
    if (text)
        tif = (uint8_t)(LN_GTC + choose(L, "tif", text, names, 4));
    for (int i = 1; i < 4; i++) {
        if (!option_bool(L, idx, what, names[i]))
            continue;
        tif = (uint8_t)(LN_GTC + i);
        given++;
    }
    if (given > 1)
        luaL_error(L, "%s: tif, post_only, ioc and fok exclude each other",
                   what);
    return tif;
}

static void
read_type(lua_State *L, int idx, const char *what, struct ln_order_request *req)
{
    static const char *const names[] = {"limit", "market"};
    const char *type = option_string(L, idx, what, "type");
    req->tif = read_tif(L, idx, what);
    if (type && choose(L, "type", type, names, 2) == 0 && !req->price_ticks)
        luaL_error(L, "%s: a limit order needs a price", what);
    if (type && strcmp(type, "market") == 0 && req->price_ticks)
        luaL_error(L, "%s: a market order has no price", what);
    req->type = req->price_ticks ? LN_LIMIT : LN_MARKET;
    if (req->type == LN_MARKET && req->tif != LN_GTC)
        luaL_error(L, "%s: %s is for orders with a price", what,
                   ln_tif_name((enum ln_tif)req->tif));
}

/* NULL, or pushes nil and an error value and returns its text's code. */
static int
too_small(lua_State *L, const struct ln_instrument *in,
          const struct ln_order_request *req)
{
    char min[LN_DECIMAL_CAP], got[LN_DECIMAL_CAP];
    if (req->size_lots < in->min_lots || req->size_lots <= 0) {
        ln_size_format(in, req->size_lots, got);
        ln_size_format(in, in->min_lots > 0 ? in->min_lots : 1, min);
        return push_failure(L, "too_small", false,
                            "the size %s is below the minimum of %s %s", got,
                            min, in->symbol);
    }
    int64_t value = ln_notional_e8(in, req->price_ticks, req->size_lots);
    if (req->type == LN_LIMIT && !req->reduce_only &&
        value < in->min_notional_e8) {
        ln_decimal_format(value, LN_SCALE_MONEY, 0, got);
        ln_decimal_format(in->min_notional_e8, LN_SCALE_MONEY, 0, min);
        return push_failure(L, "too_small", false,
                            "the value %s is below the minimum of %s %s", got,
                            min, in->quote);
    }
    return 0;
}

/* Sends it; pushes the handle. */
static int
submit(lua_State *L, const struct ln_order_request *req, const char *tag)
{
    struct ln_runtime *rt = runtime_of(L);
    struct ln_msg_submit m;
    struct order *o = order_new(L);
    memset(&m, 0, sizeof(m));
    m.req = *req;
    m.handle = ++rt->next_handle;
    ln_str_copy(m.tag, sizeof(m.tag), ln_str(tag));
    o->handle = m.handle;
    o->instrument = req->instrument;
    o->side = req->side;
    o->type = req->type;
    o->state = LN_ORDER_PLANNED;
    o->reduce_only = req->reduce_only;
    o->price_ticks = req->price_ticks;
    o->size_lots = req->size_lots;
    memcpy(o->tag, m.tag, sizeof(o->tag));
    say(rt, &m.h, LN_MSG_SUBMIT, req->instrument, sizeof(m));
    return 1;
}

static int
place(lua_State *L, const char *what, uint8_t side)
{
    struct ln_runtime *rt = runtime_of(L);
    struct ln_order_request req;
    memset(&req, 0, sizeof(req));
    need_callback(L, what);
    lua_settop(L, 1);
    check_options(L, 1, what, open_names, LN_COUNT(open_names));
    req.instrument = read_symbol(L, 1, what);
    req.side = side;
    const struct ln_instrument *in =
        ln_instruments_at(&rt->instruments, req.instrument);
    enum rounding rounding = read_rounding(L, 1, what);
    enum ln_round trigger =
        rounding == ROUND_ERROR ? LN_ROUND_EXACT : LN_ROUND_NEAREST;
    if (!read_decimal(L, 1, what, "size", in, false, LN_ROUND_DOWN,
                      &req.size_lots))
        return luaL_error(L, "%s needs a size", what);
    if (read_decimal(L, 1, what, "price", in, true, price_round(rounding, side),
                     &req.price_ticks) &&
        req.price_ticks <= 0)
        return luaL_error(L, "%s: the price is below the tick of %s", what,
                          in->symbol);
    read_decimal(L, 1, what, "take_profit", in, true, trigger,
                 &req.take_profit_ticks);
    read_decimal(L, 1, what, "stop_loss", in, true, trigger,
                 &req.stop_loss_ticks);
    read_type(L, 1, what, &req);
    req.reduce_only = option_bool(L, 1, what, "reduce_only");
    const char *tag = option_string(L, 1, what, "client_tag");
    if (tag && strlen(tag) >= sizeof(((struct order *)0)->tag))
        return luaL_error(L, "%s: client_tag has more than 23 characters",
                          what);
    int refused = too_small(L, in, &req);
    return refused ? refused : submit(L, &req, tag ? tag : "");
}

static int
l_buy(lua_State *L)
{
    return place(L, "trade.buy", LN_BUY);
}

static int
l_sell(lua_State *L)
{
    return place(L, "trade.sell", LN_SELL);
}

/* ---- close ---- */

/* What the strategy holds less what closing orders will take. */
static int64_t
lots_to_close(struct ln_runtime *rt, uint16_t inst)
{
    const struct ln_msg_position *p = market_at(rt, inst)->position;
    int64_t lots = p ? p->size_lots : 0;
    uint8_t side = lots > 0 ? LN_SELL : LN_BUY;
    int64_t left = lots > 0 ? lots : -lots;
    for (uint32_t i = 0; i < rt->nopen; i++) {
        const struct order *o = rt->open[i];
        if (o->instrument == inst && o->side == side && o->reduce_only &&
            o->type == LN_MARKET)
            left -= o->size_lots - o->filled_lots;
    }
    return left <= 0 ? 0 : lots > 0 ? left : -left;
}

static int
close_position(lua_State *L, uint16_t inst, int64_t lots)
{
    struct ln_order_request req;
    memset(&req, 0, sizeof(req));
    req.instrument = inst;
    req.side = lots > 0 ? LN_SELL : LN_BUY;
    req.type = LN_MARKET;
    req.tif = LN_GTC;
    req.reduce_only = true;
    req.size_lots = lots > 0 ? lots : -lots;
    return submit(L, &req, "close");
}

static int
l_close(lua_State *L)
{
    need_callback(L, "trade.close");
    struct ln_runtime *rt = runtime_of(L);
    uint16_t inst = check_symbol(L, 1);
    int64_t lots = lots_to_close(rt, inst);
    if (lots == 0)
        return push_failure(L, "flat", false, "there is nothing to close");
    return close_position(L, inst, lots);
}

/* ---- amend and cancel ---- */

static bool
is_final(const struct order *o)
{
    return ln_order_state_final((enum ln_order_state)o->state);
}

static struct order *
check_own(lua_State *L, const char *what)
{
    struct order *o = order_check(L, 1);
    need_callback(L, what);
    if (o->handle == 0)
        luaL_error(L,
                   "%s: this order is from before the strategy's restart; "
                   "trade.cancel_all reaches it",
                   what);
    return o;
}

static int
push_ended(lua_State *L, const struct order *o)
{
    return push_failure(L, "final", false, "the order is %s",
                        ln_order_state_name((enum ln_order_state)o->state));
}

int
trade_cancel(lua_State *L)
{
    struct order *o = check_own(L, "trade.cancel");
    struct ln_msg_cancel m;
    memset(&m, 0, sizeof(m));
    if (is_final(o))
        return push_ended(L, o);
    m.handle = o->handle;
    say(runtime_of(L), &m.h, LN_MSG_CANCEL, o->instrument, sizeof(m));
    lua_pushboolean(L, 1);
    return 1;
}

int
trade_amend(lua_State *L)
{
    static const char what[] = "trade.amend";
    static const char *const names[] = {"price", "size", "round"};
    struct ln_runtime *rt = runtime_of(L);
    struct order *o = check_own(L, what);
    struct ln_msg_amend m;
    memset(&m, 0, sizeof(m));
    lua_settop(L, 2);
    check_options(L, 2, what, names, LN_COUNT(names));
    const struct ln_instrument *in =
        ln_instruments_at(&rt->instruments, o->instrument);
    bool price = read_decimal(L, 2, what, "price", in, true,
                              price_round(read_rounding(L, 2, what), o->side),
                              &m.price_ticks);
    bool size = read_decimal(L, 2, what, "size", in, false, LN_ROUND_DOWN,
                             &m.size_lots);
    if (!price && !size)
        return luaL_error(L, "%s needs a price or a size", what);
    if (price && (o->type == LN_MARKET || m.price_ticks <= 0))
        return luaL_error(L, "%s: this price cannot be set", what);
    if (is_final(o))
        return push_ended(L, o);
    if (size && (m.size_lots <= 0 || m.size_lots < in->min_lots))
        return push_failure(L, "too_small", false,
                            "the size is below the minimum of %s", in->symbol);
    m.handle = o->handle;
    say(rt, &m.h, LN_MSG_AMEND, o->instrument, sizeof(m));
    lua_pushboolean(L, 1);
    return 1;
}

static void
say_cancel_all(struct ln_runtime *rt, uint16_t inst)
{
    struct ln_msg_cancel_all m;
    memset(&m, 0, sizeof(m));
    say(rt, &m.h, LN_MSG_CANCEL_ALL, inst, sizeof(m));
}

static int
l_cancel_all(lua_State *L)
{
    need_callback(L, "trade.cancel_all");
    say_cancel_all(runtime_of(L), lua_isnoneornil(L, 1) ? LN_INSTRUMENT_NONE
                                                        : check_symbol(L, 1));
    return 0;
}

/* Cancel everything, close everything; returns the closing orders. */
static int
l_flatten(lua_State *L)
{
    need_callback(L, "trade.flatten");
    struct ln_runtime *rt = runtime_of(L);
    lua_Integer n = 0;
    say_cancel_all(rt, LN_INSTRUMENT_NONE);
    lua_newtable(L);
    for (uint32_t i = 0; i < rt->nmarket; i++) {
        int64_t lots = lots_to_close(rt, (uint16_t)i);
        if (lots == 0)
            continue;
        close_position(L, (uint16_t)i, lots);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

/* ---- orders{symbol=, side=, state=} ---- */

static int
l_orders(lua_State *L)
{
    static const char *const names[] = {"symbol", "side", "state"};
    static const char *const sides[] = {"buy", "sell"};
    struct ln_runtime *rt = runtime_of(L);
    uint16_t inst = LN_INSTRUMENT_NONE;
    int side = 0;
    const char *state = NULL;
    lua_Integer n = 0;
    lua_settop(L, 1);
    if (!lua_isnil(L, 1)) {
        check_options(L, 1, "orders", names, LN_COUNT(names));
        lua_getfield(L, 1, "symbol");
        if (!lua_isnil(L, -1))
            inst = check_symbol_value(L, -1, "orders");
        const char *text = option_string(L, 1, "orders", "side");
        side = text ? LN_BUY + choose(L, "side", text, sides, 2) : 0;
        state = option_string(L, 1, "orders", "state");
    }
    lua_createtable(L, (int)rt->nopen, 0);
    for (uint32_t i = 0; i < rt->nopen; i++) {
        const struct order *o = rt->open[i];
        if ((inst != LN_INSTRUMENT_NONE && o->instrument != inst) ||
            (side && o->side != side) ||
            (state && strcmp(state, ln_order_state_name(
                                        (enum ln_order_state)o->state)) != 0))
            continue;
        order_push(L, o);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

void
open_trade(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"buy", l_buy},           {"sell", l_sell},
        {"close", l_close},       {"amend", trade_amend},
        {"cancel", trade_cancel}, {"cancel_all", l_cancel_all},
        {"flatten", l_flatten},   {NULL, NULL},
    };
    open_module(L, "trade", functions);
    lua_pushcfunction(L, l_orders);
    lua_setglobal(L, "orders");
}
