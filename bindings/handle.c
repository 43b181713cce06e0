/*
 * Handles: what trade.buy{} returns. A handle is a full userdata that holds
 * the order's record; while the order is open it is also in the runtime's
 * list (which keeps it alive), where the host's news find it. A handle that
 * a script keeps stays readable for ever.
 */
#include "bindings/view_int.h"

#include "base/assert.h"

#include <stdlib.h>

#define META "lunette.order"

const char key_orders; /* address -> handle, of open orders */

/* ---- the list of open orders ---- */

static bool
list_add(struct ln_runtime *rt, struct order *o)
{
    if (rt->nopen == rt->cap_open) {
        uint32_t cap = rt->cap_open ? rt->cap_open * 2 : 32;
        struct order **p =
            cap > OPEN_ORDERS_MAX
                ? NULL
                : realloc(rt->open, cap * sizeof(struct order *));
        if (!p)
            return false;
        rt->open = p;
        rt->cap_open = cap;
    }
    rt->open[rt->nopen++] = o;
    o->listed = true;
    return true;
}

/* Keeps the order of the rest: oldest first. */
static void
list_remove(lua_State *L, struct order *o)
{
    struct ln_runtime *rt = runtime_of(L);
    uint32_t i = 0;
    while (i < rt->nopen && rt->open[i] != o)
        i++;
    if (i == rt->nopen)
        return;
    rt->nopen--;
    memmove(&rt->open[i], &rt->open[i + 1],
            (rt->nopen - i) * sizeof(struct order *));
    o->listed = false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_orders);
    lua_pushnil(L);
    lua_rawsetp(L, -2, o);
    lua_pop(L, 1);
}

struct order *
order_new(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    struct order *o = lua_newuserdatauv(L, sizeof(*o), 0);
    memset(o, 0, sizeof(*o));
    luaL_setmetatable(L, META);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_orders);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, o);
    lua_pop(L, 1);
    if (!list_add(rt, o))
        luaL_error(L, "more than %d orders are open", OPEN_ORDERS_MAX);
    return o;
}

struct order *
order_find(struct ln_runtime *rt, uint64_t handle, const char *client_oid)
{
    for (uint32_t i = rt->nopen; i-- > 0;) {
        struct order *o = rt->open[i];
        if (handle ? o->handle == handle
                   : o->handle == 0 && strcmp(o->client_oid, client_oid) == 0)
            return o;
    }
    return NULL;
}

/* Only for orders in the list. */
void
order_push(lua_State *L, const struct order *o)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_orders);
    lua_rawgetp(L, -1, o);
    lua_remove(L, -2);
}

struct order *
order_check(lua_State *L, int idx)
{
    struct order *o = luaL_testudata(L, idx, META);
    if (!o)
        luaL_error(L,
                   "an order was expected (what trade.buy or trade.sell "
                   "returned), and this is a %s",
                   luaL_typename(L, idx));
    return o;
}

/* ---- news ---- */

int
order_news(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    const struct ln_msg_order *m = (const void *)rt->event;
    struct order *o = order_find(rt, m->handle, m->req.client_oid);
    bool final = ln_order_state_final((enum ln_order_state)m->state);
    if (!o && (m->handle || final))
        return 0; /* it was final already, or never open here */
    if (!o) {
        o = order_new(L);
        o->instrument = m->h.instrument;
        o->side = m->req.side;
        o->type = m->req.type;
        o->reduce_only = m->req.reduce_only;
    }
    o->state = m->state;
    o->price_ticks = m->req.price_ticks;
    o->size_lots = m->req.size_lots;
    o->filled_lots = m->filled_lots;
    o->average_e8 = m->average_e8;
    memcpy(o->order_id, m->order_id, sizeof(o->order_id));
    memcpy(o->client_oid, m->req.client_oid, sizeof(o->client_oid));
    memcpy(o->reason, m->reason, sizeof(o->reason));
    memcpy(o->tag, m->tag, sizeof(o->tag));
    if (final)
        list_remove(L, o);
    return 0;
}

/* ---- what a script sees of it ---- */

static const char *const handle_fields[] = {
    "symbol",  "id",          "client_oid", "side",   "type",
    "state",   "price",       "size",       "filled", "remaining",
    "average", "reduce_only", "tag",        "reason",
};

static const char *const handle_names[] = {
    "symbol", "id",     "client_oid", "side",      "type",    "state",
    "price",  "size",   "filled",     "remaining", "average", "reduce_only",
    "tag",    "reason", "cancel",     "amend",     "wait",
};

enum {
    H_SYMBOL,
    H_ID,
    H_CLIENT_OID,
    H_SIDE,
    H_TYPE,
    H_STATE,
    H_PRICE,
    H_SIZE,
    H_FILLED,
    H_REMAINING,
    H_AVERAGE,
    H_REDUCE_ONLY,
    H_TAG,
    H_REASON,
    H_CANCEL,
    H_AMEND,
    H_WAIT
};

_Static_assert(LN_COUNT(handle_names) == H_WAIT + 1, "a name for each");
_Static_assert(LN_COUNT(handle_fields) == H_CANCEL, "fields come first");

static int
wait_over(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    const struct order *o = order_check(L, 1);
    if (!ln_order_state_final((enum ln_order_state)o->state))
        return luaL_error(L, "this coroutine waits for an order; only the "
                             "order can end that");
    lua_settop(L, 1);
    return 1;
}

/* Until the order is in a final state; returns the handle. */
static int
handle_wait(lua_State *L)
{
    struct order *o = order_check(L, 1);
    need_callback(L, "wait");
    lua_settop(L, 1);
    if (ln_order_state_final((enum ln_order_state)o->state))
        return 1;
    return task_suspend(L, WAIT_ORDER, 0, o, wait_over, "wait");
}

static void
push_handle_field(lua_State *L, const struct order *o, int f)
{
    const struct ln_instrument *in =
        ln_instruments_at(&runtime_of(L)->instruments, o->instrument);
    bool final = ln_order_state_final((enum ln_order_state)o->state);
    switch (f) {
    case H_SYMBOL:
        lua_pushstring(L, in->symbol);
        return;
    case H_ID:
        lua_pushstring(L, o->order_id);
        return;
    case H_CLIENT_OID:
        lua_pushstring(L, o->client_oid);
        return;
    case H_SIDE:
        lua_pushstring(L, ln_side_name((enum ln_side)o->side));
        return;
    case H_TYPE:
        lua_pushstring(L, ln_order_type_name((enum ln_order_type)o->type));
        return;
    case H_STATE:
        lua_pushstring(L, ln_order_state_name((enum ln_order_state)o->state));
        return;
    case H_PRICE:
        lua_pushnumber(L, ln_price_double(in, o->price_ticks));
        return;
    case H_SIZE:
        lua_pushnumber(L, ln_size_double(in, o->size_lots));
        return;
    case H_FILLED:
        lua_pushnumber(L, ln_size_double(in, o->filled_lots));
        return;
    case H_REMAINING: /* what may still execute */
        lua_pushnumber(
            L, ln_size_double(in, final ? 0 : o->size_lots - o->filled_lots));
        return;
    case H_AVERAGE:
        lua_pushnumber(L, ln_decimal_to_double(o->average_e8, LN_SCALE_MONEY));
        return;
    case H_REDUCE_ONLY:
        lua_pushboolean(L, o->reduce_only);
        return;
    case H_TAG:
        lua_pushstring(L, o->tag);
        return;
    case H_REASON:
        lua_pushstring(L, o->reason);
        return;
    case H_CANCEL:
        lua_pushcfunction(L, trade_cancel);
        return;
    case H_AMEND:
        lua_pushcfunction(L, trade_amend);
        return;
    default: /* H_WAIT */
        lua_pushcfunction(L, handle_wait);
        return;
    }
}

static int
handle_index(lua_State *L)
{
    const struct order *o = order_check(L, 1);
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL)
        return unknown_name(L, "an order", luaL_checkstring(L, 2), handle_names,
                            LN_COUNT(handle_names));
    push_handle_field(L, o, (int)lua_tointeger(L, -1));
    return 1;
}

static int
handle_newindex(lua_State *L)
{
    order_check(L, 1);
    return luaL_error(L, "an order cannot be changed so; use "
                         "order:amend{price=, size=}");
}

static int
handle_next(lua_State *L)
{
    const struct order *o = order_check(L, 1);
    int next = 0;
    if (!lua_isnoneornil(L, 2)) {
        lua_pushvalue(L, 2);
        lua_rawget(L, lua_upvalueindex(1));
        next = (int)lua_tointeger(L, -1) + 1;
    }
    if (next >= H_CANCEL) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushstring(L, handle_fields[next]);
    push_handle_field(L, o, next);
    return 2;
}

static int
handle_pairs(lua_State *L)
{
    order_check(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushcclosure(L, handle_next, 1);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/* "order BTCUSDT buy limit 0.01 @ 64000 live (filled 0)" */
static int
handle_tostring(lua_State *L)
{
    const struct order *o = order_check(L, 1);
    const struct ln_instrument *in =
        ln_instruments_at(&runtime_of(L)->instruments, o->instrument);
    char price[LN_DECIMAL_CAP], size[LN_DECIMAL_CAP], filled[LN_DECIMAL_CAP];
    ln_price_format(in, o->price_ticks, price);
    ln_size_format(in, o->size_lots, size);
    ln_size_format(in, o->filled_lots, filled);
    lua_pushfstring(L, "order %s %s %s %s%s%s %s (filled %s)", in->symbol,
                    ln_side_name((enum ln_side)o->side),
                    ln_order_type_name((enum ln_order_type)o->type), size,
                    o->type == LN_LIMIT ? " @ " : "",
                    o->type == LN_LIMIT ? price : "",
                    ln_order_state_name((enum ln_order_state)o->state), filled);
    return 1;
}

void
open_orders(lua_State *L)
{
    static const luaL_Reg meta[] = {
        {"__index", handle_index},
        {"__newindex", handle_newindex},
        {"__tostring", handle_tostring},
        {"__pairs", handle_pairs},
        {NULL, NULL},
    };
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_orders);
    luaL_newmetatable(L, META);
    lua_createtable(L, 0, H_WAIT + 1);
    for (int i = 0; i <= H_WAIT; i++) {
        lua_pushinteger(L, i);
        lua_setfield(L, -2, handle_names[i]);
    }
    luaL_setfuncs(L, meta, 1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
