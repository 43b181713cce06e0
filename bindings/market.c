/*
 * market: what is known of instruments, tickers, books and candles; position.
 * All of it is in the runtime's own memory, nothing here waits.
 */
#include "bindings/runtime_int.h"

#include "base/assert.h"

#include <stdlib.h>

#define CANDLES_FIRST 64

/* ---- symbols ---- */

uint16_t
check_symbol_value(lua_State *L, int idx, const char *what)
{
    struct ln_runtime *rt = runtime_of(L);
    if (lua_type(L, idx) != LUA_TSTRING)
        luaL_error(L, "%s: a symbol such as \"BTCUSDT\" is needed, not %s",
                   what, luaL_typename(L, idx));
    const char *symbol = lua_tostring(L, idx);
    uint16_t inst = ln_instruments_find(&rt->instruments, ln_str(symbol));
    if (inst == LN_INSTRUMENT_NONE) {
        const char *near = ln_instruments_nearest(&rt->instruments, symbol);
        luaL_error(L, "%s: there is no symbol %s%s%s%s", what, symbol,
                   near ? "; did you mean " : "", near ? near : "",
                   near ? "?" : "");
    }
    return inst;
}

uint16_t
check_symbol(lua_State *L, int idx)
{
    lua_Debug ar;
    const char *what = "symbol";
    if (lua_type(L, idx) != LUA_TSTRING && lua_getstack(L, 0, &ar) &&
        lua_getinfo(L, "n", &ar) && ar.name)
        what = ar.name;
    return check_symbol_value(L, idx, what);
}

struct market *
market_at(struct ln_runtime *rt, uint16_t instrument)
{
    LN_ASSERT_CMP(instrument, <, rt->nmarket);
    return &rt->market[instrument];
}

/* ---- candles ---- */

static struct candles *
find_stream(struct ln_runtime *rt, uint16_t inst, uint8_t tf)
{
    for (uint32_t i = 0; i < rt->nstreams; i++)
        if (rt->streams[i].instrument == inst && rt->streams[i].tf == tf)
            return &rt->streams[i];
    return NULL;
}

static struct candles *
add_stream(struct ln_runtime *rt, uint16_t inst, uint8_t tf)
{
    if (rt->nstreams == STREAMS_MAX)
        return NULL;
    struct candles *p = realloc(rt->streams, (rt->nstreams + 1) * sizeof(*p));
    if (!p)
        return NULL;
    rt->streams = p;
    p += rt->nstreams++;
    memset(p, 0, sizeof(*p));
    p->instrument = inst;
    p->tf = tf;
    return p;
}

static struct ln_candle *
candle_at(const struct candles *s, uint32_t i)
{
    return &s->items[(s->first + i) % s->cap];
}

/* Room for one more: grows, and then overwrites the oldest. */
static bool
make_room(struct candles *s)
{
    if (s->count < s->cap)
        return true;
    if (s->cap == CANDLES_MAX) {
        s->first = (s->first + 1) % s->cap;
        s->count--;
        return true;
    }
    uint32_t cap = s->cap ? s->cap * 2 : CANDLES_FIRST;
    if (cap > CANDLES_MAX)
        cap = CANDLES_MAX;
    /* Not yet wrapped, for it only wraps at its full size: first is 0. */
    struct ln_candle *p = realloc(s->items, cap * sizeof(*p));
    if (!p)
        return false;
    s->items = p;
    s->cap = cap;
    return true;
}

void
market_candle(struct ln_runtime *rt, const struct ln_msg_candle *m)
{
    struct candles *s = find_stream(rt, m->h.instrument, m->timeframe);
    if (!s)
        s = add_stream(rt, m->h.instrument, m->timeframe);
    if (!s)
        return;
    if (s->count && m->candle.time_ms <= candle_at(s, s->count - 1)->time_ms)
        return; /* a second warm-up: known already */
    if (!make_room(s))
        return;
    *candle_at(s, s->count) = m->candle;
    s->count++;
}

int64_t
market_last_ticks(struct ln_runtime *rt, uint16_t inst)
{
    const struct market *m = market_at(rt, inst);
    if (m->has_ticker && m->ticker.last_ticks)
        return m->ticker.last_ticks;
    const struct candles *newest = NULL;
    for (uint32_t i = 0; i < rt->nstreams; i++) {
        const struct candles *s = &rt->streams[i];
        if (s->instrument == inst && s->count &&
            (!newest || s->tf < newest->tf))
            newest = s;
    }
    return newest ? candle_at(newest, newest->count - 1)->close_ticks : 0;
}

static void
set_number(lua_State *L, const char *name, double v)
{
    lua_pushnumber(L, v);
    lua_setfield(L, -2, name);
}

static void
push_candle_table(lua_State *L, const struct ln_instrument *in,
                  const char *timeframe, const struct ln_candle *c)
{
    lua_createtable(L, 0, 9);
    lua_pushstring(L, in->symbol);
    lua_setfield(L, -2, "symbol");
    lua_pushstring(L, timeframe);
    lua_setfield(L, -2, "timeframe");
    lua_pushinteger(L, c->time_ms);
    lua_setfield(L, -2, "time");
    set_number(L, "open", ln_price_double(in, c->open_ticks));
    set_number(L, "high", ln_price_double(in, c->high_ticks));
    set_number(L, "low", ln_price_double(in, c->low_ticks));
    set_number(L, "close", ln_price_double(in, c->close_ticks));
    set_number(L, "volume", ln_size_double(in, c->volume_lots));
    set_number(L, "quote_volume",
               ln_decimal_to_double(c->quote_volume_e8, LN_SCALE_MONEY));
}

/* A timeframe argument; absent: the strategy's own. */
static enum ln_timeframe
check_timeframe(lua_State *L, int idx, const char *what)
{
    enum ln_timeframe tf = runtime_of(L)->timeframe;
    if (!lua_isnoneornil(L, idx)) {
        const char *text = luaL_checkstring(L, idx);
        tf = ln_timeframe_parse(ln_str(text));
        if (tf == LN_TF_NONE)
            luaL_error(L,
                       "%s: '%s' is no timeframe; use 1m 5m 15m 30m 1H 4H "
                       "1D ...",
                       what, text);
    }
    if (tf == LN_TF_NONE)
        luaL_error(L, "%s needs a timeframe, for strategy{} names none", what);
    return tf;
}

/* market.candles(symbol [, timeframe [, n]]): closed ones, newest last */
static int
l_candles(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    uint16_t inst = check_symbol(L, 1);
    enum ln_timeframe tf = check_timeframe(L, 2, "market.candles");
    lua_Integer n = luaL_optinteger(L, 3, CANDLES_MAX);
    luaL_argcheck(L, n >= 0, 3, "a number of candles");
    const struct candles *s = find_stream(rt, inst, (uint8_t)tf);
    uint32_t count = s ? s->count : 0;
    uint32_t want = n > (lua_Integer)count ? count : (uint32_t)n;
    const struct ln_instrument *in = ln_instruments_at(&rt->instruments, inst);
    lua_createtable(L, (int)want, 0);
    for (uint32_t i = 0; i < want; i++) {
        push_candle_table(L, in, ln_timeframe_name(tf),
                          candle_at(s, count - want + i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ---- tickers, books, instruments ---- */

static int
l_ticker(lua_State *L)
{
    uint16_t inst = check_symbol(L, 1);
    if (market_at(runtime_of(L), inst)->has_ticker)
        push_view(L, VIEW_TICKER, inst);
    else
        lua_pushnil(L);
    return 1;
}

static int
l_book(lua_State *L)
{
    uint16_t inst = check_symbol(L, 1);
    if (market_at(runtime_of(L), inst)->book)
        push_view(L, VIEW_BOOK, inst);
    else
        lua_pushnil(L);
    return 1;
}

/* market.price(symbol): the last known price, nil if there is none yet */
static int
l_price(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    uint16_t inst = check_symbol(L, 1);
    int64_t ticks = market_last_ticks(rt, inst);
    if (ticks)
        lua_pushnumber(
            L,
            ln_price_double(ln_instruments_at(&rt->instruments, inst), ticks));
    else
        lua_pushnil(L);
    return 1;
}

/* market.current(): symbol of the event that is worked off, or nil */
static int
l_current(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    uint16_t inst = rt->event ? rt->event->instrument : LN_INSTRUMENT_NONE;
    bool about = rt->event && rt->event->type >= LN_MSG_TICKER &&
                 rt->event->type <= LN_MSG_FUNDING &&
                 rt->event->type != LN_MSG_ACCOUNT && inst < rt->nmarket;
    if (about)
        lua_pushstring(L, ln_instruments_at(&rt->instruments, inst)->symbol);
    else
        lua_pushnil(L);
    return 1;
}

/* market.funding(symbol): { symbol, rate, next, interval_hours } or nil */
static int
l_funding(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    uint16_t inst = check_symbol(L, 1);
    const struct market *m = market_at(rt, inst);
    const struct ln_instrument *in = ln_instruments_at(&rt->instruments, inst);
    if (!m->has_ticker) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 4);
    lua_pushstring(L, in->symbol);
    lua_setfield(L, -2, "symbol");
    set_number(L, "rate",
               ln_decimal_to_double(m->ticker.funding_rate_e8, LN_SCALE_MONEY));
    lua_pushinteger(L, m->ticker.next_funding_ms);
    lua_setfield(L, -2, "next");
    lua_pushinteger(L, in->funding_interval_h);
    lua_setfield(L, -2, "interval_hours");
    return 1;
}

static int
l_open_interest(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    uint16_t inst = check_symbol(L, 1);
    const struct market *m = market_at(rt, inst);
    if (m->has_ticker)
        lua_pushnumber(L,
                       ln_size_double(ln_instruments_at(&rt->instruments, inst),
                                      m->ticker.open_interest_lots));
    else
        lua_pushnil(L);
    return 1;
}

static void
push_instrument(lua_State *L, const struct ln_instrument *in)
{
    static const char *const status[] = {"normal", "limit_open", "restricted",
                                         "off"};
    lua_createtable(L, 0, 14);
    lua_pushstring(L, in->symbol);
    lua_setfield(L, -2, "symbol");
    lua_pushstring(L, in->base);
    lua_setfield(L, -2, "base");
    lua_pushstring(L, in->quote);
    lua_setfield(L, -2, "quote");
    lua_pushstring(L, in->margin_coin);
    lua_setfield(L, -2, "margin_coin");
    lua_pushstring(L, status[in->status]);
    lua_setfield(L, -2, "status");
    set_number(L, "tick", ln_price_double(in, 1));
    set_number(L, "lot", ln_size_double(in, 1));
    set_number(L, "min_size", ln_size_double(in, in->min_lots));
    set_number(L, "min_notional",
               ln_decimal_to_double(in->min_notional_e8, LN_SCALE_MONEY));
    set_number(L, "maker_fee",
               ln_decimal_to_double(in->maker_fee_e8, LN_SCALE_MONEY));
    set_number(L, "taker_fee",
               ln_decimal_to_double(in->taker_fee_e8, LN_SCALE_MONEY));
    lua_pushinteger(L, in->max_leverage);
    lua_setfield(L, -2, "max_leverage");
    lua_pushinteger(L, in->funding_interval_h);
    lua_setfield(L, -2, "funding_interval_hours");
}

static int
l_instrument(lua_State *L)
{
    uint16_t inst = check_symbol(L, 1);
    push_instrument(L, ln_instruments_at(&runtime_of(L)->instruments, inst));
    return 1;
}

static int
l_instruments(lua_State *L)
{
    const struct ln_instruments *reg = &runtime_of(L)->instruments;
    lua_createtable(L, reg->count, 0);
    for (uint16_t i = 0; i < reg->count; i++) {
        push_instrument(L, ln_instruments_at(reg, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ---- subscriptions ---- */

static int
subscribe(lua_State *L, const char *what, bool on)
{
    static const char *const names[] = {"ticker", "trade", "book", "candle"};
    static const uint32_t bits[] = {CHANNEL_TICKER, CHANNEL_TRADE, CHANNEL_BOOK,
                                    CHANNEL_CANDLE};
    struct ln_msg_subscribe m;
    need_callback(L, what);
    uint16_t inst = check_symbol(L, 1);
    int channel =
        choose(L, what, luaL_checkstring(L, 2), names, LN_COUNT(names));
    memset(&m, 0, sizeof(m));
    m.channels = bits[channel];
    m.on = on;
    if (m.channels == CHANNEL_CANDLE)
        m.timeframe = (uint8_t)check_timeframe(L, 3, what);
    say(runtime_of(L), &m.h, LN_MSG_SUBSCRIBE, inst, sizeof(m));
    return 0;
}

static int
l_subscribe(lua_State *L)
{
    return subscribe(L, "market.subscribe", true);
}

static int
l_unsubscribe(lua_State *L)
{
    return subscribe(L, "market.unsubscribe", false);
}

static int
l_position(lua_State *L)
{
    push_view(L, VIEW_POSITION, check_symbol(L, 1));
    return 1;
}

void
open_market(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"ticker", l_ticker},
        {"book", l_book},
        {"price", l_price},
        {"current", l_current},
        {"candles", l_candles},
        {"funding", l_funding},
        {"open_interest", l_open_interest},
        {"instrument", l_instrument},
        {"instruments", l_instruments},
        {"subscribe", l_subscribe},
        {"unsubscribe", l_unsubscribe},
        {NULL, NULL},
    };
    open_module(L, "market", functions);
    lua_pushcfunction(L, l_position);
    lua_setglobal(L, "position");
}
