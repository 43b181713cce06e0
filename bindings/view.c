/*
 * Events as read-only views that cost no allocation. A view is a light
 * userdata whose 64 bits say what it shows:
 *
 *   | generation 42 | level 6 | instrument 11 | kind 5 |
 *
 * Its fields are read from the C record of the current message. A view kept
 * beyond its callback has an old generation, and says so instead of showing
 * another event's values. Positions and the account are always valid.
 */
#include "bindings/view_int.h"

#include "base/assert.h"

#define KIND_BITS       5
#define INSTRUMENT_BITS 11
#define LEVEL_BITS      6
#define GENERATION_MASK ((1ULL << 42) - 1)

_Static_assert(LN_INSTRUMENTS_MAX <= 1 << INSTRUMENT_BITS, "index fits");
_Static_assert(LN_MSG_BOOK_LEVELS <= 1 << LEVEL_BITS, "level fits");
_Static_assert((int)VIEW_COUNT <= 1 << KIND_BITS, "kind fits");
_Static_assert(sizeof(void *) == 8, "views need 64-bit light userdata");

static bool
always_valid(enum view kind)
{
    return kind == VIEW_POSITION || kind == VIEW_ACCOUNT;
}

void
push_subview(lua_State *L, enum view kind, uint16_t instrument, unsigned level)
{
    uint64_t generation =
        always_valid(kind) ? 0 : runtime_of(L)->generation & GENERATION_MASK;
    uint64_t bits = generation;
    bits = bits << LEVEL_BITS | level;
    bits = bits << INSTRUMENT_BITS | instrument;
    bits = bits << KIND_BITS | kind;
    lua_pushlightuserdata(L, (void *)(uintptr_t)bits);
}

void
push_view(lua_State *L, enum view kind, uint16_t instrument)
{
    push_subview(L, kind, instrument, 0);
}

/* Decodes argument 1; raises when it is no view, or a stale one. */
static struct view_ref
check_view(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    if (!lua_islightuserdata(L, 1))
        luaL_error(L, "an event was expected; write e:copy(), not e.copy()");
    uint64_t bits = (uint64_t)(uintptr_t)lua_touserdata(L, 1);
    struct view_ref v;
    v.kind = (enum view)(bits & ((1U << KIND_BITS) - 1));
    bits >>= KIND_BITS;
    v.instrument = (uint16_t)(bits & ((1U << INSTRUMENT_BITS) - 1));
    bits >>= INSTRUMENT_BITS;
    v.level = (unsigned)(bits & ((1U << LEVEL_BITS) - 1));
    bits >>= LEVEL_BITS;
    if (v.kind == 0 || v.kind >= VIEW_COUNT)
        luaL_error(L, "this is no event");
    if (!always_valid(v.kind) && bits != (rt->generation & GENERATION_MASK))
        luaL_error(L,
                   "this %s is no longer valid: an event view lives only "
                   "during its callback (use :copy() to keep one)",
                   view_kinds[v.kind].name);
    return v;
}

static bool
has_field(const struct view_kind *kind, enum field f)
{
    const enum field *p = kind->fields;
    while (*p != F_NONE && *p != f)
        p++;
    return *p != F_NONE;
}

/* Pushes a plain table with all fields. */
static void
push_copy(lua_State *L, const struct view_ref *v)
{
    struct ln_runtime *rt = runtime_of(L);
    const struct view_kind *kind = &view_kinds[v->kind];
    if (v->kind == VIEW_BIDS || v->kind == VIEW_ASKS) {
        struct view_ref level = *v;
        unsigned depth = book_depth(rt, v);
        level.kind = v->kind == VIEW_BIDS ? VIEW_BID : VIEW_ASK;
        lua_createtable(L, (int)depth, 0);
        for (level.level = 0; level.level < depth; level.level++) {
            push_copy(L, &level);
            lua_rawseti(L, -2, (lua_Integer)level.level + 1);
        }
        return;
    }
    lua_createtable(L, 0, 20);
    for (const enum field *f = kind->fields; *f != F_NONE; f++) {
        if (*f == F_BIDS || *f == F_ASKS) {
            struct view_ref side = *v;
            side.kind = *f == F_BIDS ? VIEW_BIDS : VIEW_ASKS;
            push_copy(L, &side);
        } else {
            kind->push(L, rt, v, *f);
        }
        lua_setfield(L, -2, field_names[*f]);
    }
}

static int
view_copy(lua_State *L)
{
    struct view_ref v = check_view(L);
    push_copy(L, &v);
    return 1;
}

/* o:handle(), f:handle(): the handle that trade.* returned for that order. */
static int
view_handle(lua_State *L)
{
    struct view_ref v = check_view(L);
    struct ln_runtime *rt = runtime_of(L);
    const struct ln_msg_order *o = (const void *)rt->event;
    const struct ln_msg_fill *f = (const void *)rt->event;
    if (v.kind != VIEW_ORDER && v.kind != VIEW_FILL)
        return luaL_error(L, "only orders and fills have a handle");
    const struct order *order =
        v.kind == VIEW_ORDER ? order_find(rt, o->handle, o->req.client_oid)
                             : order_find(rt, f->handle, f->fill.client_oid);
    if (order)
        order_push(L, order);
    else
        lua_pushnil(L);
    return 1;
}

/* The exchange's position, all strategies and manual trades together. */
static int
account_position(lua_State *L)
{
    static const struct ln_msg_position flat;
    struct ln_runtime *rt = runtime_of(L);
    uint16_t inst = check_symbol(L, 1);
    const struct ln_instrument *in = ln_instruments_at(&rt->instruments, inst);
    const struct ln_msg_position *p = market_at(rt, inst)->position;
    if (!p)
        p = &flat;
    lua_createtable(L, 0, 5);
    lua_pushstring(L, in->symbol);
    lua_setfield(L, -2, "symbol");
    lua_pushnumber(L, ln_size_double(in, p->exchange_lots));
    lua_setfield(L, -2, "size");
    lua_pushinteger(L, p->leverage);
    lua_setfield(L, -2, "leverage");
    lua_pushstring(L, p->margin_mode == LN_ISOLATED ? "isolated" : "crossed");
    lua_setfield(L, -2, "margin_mode");
    lua_pushnumber(L, ln_decimal_to_double(p->liquidation_e8, LN_SCALE_MONEY));
    lua_setfield(L, -2, "liquidation");
    return 1;
}

static int
no_field(lua_State *L, const struct view_kind *kind)
{
    const char *names[F_COUNT + 1];
    size_t n = 0;
    for (const enum field *f = kind->fields; *f != F_NONE; f++)
        names[n++] = field_names[*f];
    names[n++] = "copy";
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "a %s has names for fields, not a %s", kind->name,
                          luaL_typename(L, 2));
    char what[32];
    ln_str_copy(what, sizeof(what), ln_str(kind->name));
    return unknown_name(L, what, lua_tostring(L, 2), names, n);
}

static int
index_levels(lua_State *L, const struct view_ref *v)
{
    lua_Integer i = lua_tointeger(L, 2);
    if (i < 1 || i > (lua_Integer)book_depth(runtime_of(L), v))
        lua_pushnil(L);
    else
        push_subview(L, v->kind == VIEW_BIDS ? VIEW_BID : VIEW_ASK,
                     v->instrument, (unsigned)(i - 1));
    return 1;
}

static int
view_index(lua_State *L)
{
    struct view_ref v = check_view(L);
    const struct view_kind *kind = &view_kinds[v.kind];
    if ((v.kind == VIEW_BIDS || v.kind == VIEW_ASKS) &&
        lua_type(L, 2) == LUA_TNUMBER)
        return index_levels(L, &v);
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    int f = (int)lua_tointeger(L, -1);
    if (f > F_NONE && f < F_COUNT && has_field(kind, (enum field)f))
        kind->push(L, runtime_of(L), &v, (enum field)f);
    else if (f == M_COPY)
        lua_pushcfunction(L, view_copy);
    else if (f == M_HANDLE && (v.kind == VIEW_ORDER || v.kind == VIEW_FILL))
        lua_pushcfunction(L, view_handle);
    else if (f == M_POSITION && v.kind == VIEW_ACCOUNT)
        lua_pushcfunction(L, account_position);
    else
        return no_field(L, kind);
    return 1;
}

static int
view_newindex(lua_State *L)
{
    struct view_ref v = check_view(L);
    return luaL_error(L,
                      "a %s cannot be changed (use :copy() for a table of "
                      "your own)",
                      view_kinds[v.kind].name);
}

static int
view_len(lua_State *L)
{
    struct view_ref v = check_view(L);
    if (v.kind != VIEW_BIDS && v.kind != VIEW_ASKS)
        return luaL_error(L, "a %s has no length", view_kinds[v.kind].name);
    lua_pushinteger(L, (lua_Integer)book_depth(runtime_of(L), &v));
    return 1;
}

/* ---- pairs ---- */

static int
view_next(lua_State *L)
{
    struct view_ref v = check_view(L);
    const struct view_kind *kind = &view_kinds[v.kind];
    lua_settop(L, 2);
    if (v.kind == VIEW_BIDS || v.kind == VIEW_ASKS) {
        lua_Integer next = lua_tointeger(L, 2) + 1;
        lua_settop(L, 1);
        lua_pushinteger(L, next);
        index_levels(L, &v);
        return lua_isnil(L, -1) ? 1 : 2;
    }
    const enum field *f = kind->fields;
    if (!lua_isnil(L, 2)) {
        lua_pushvalue(L, 2);
        lua_rawget(L, lua_upvalueindex(1));
        enum field last = (enum field)lua_tointeger(L, -1);
        while (*f != F_NONE && *f != last)
            f++;
        if (*f != F_NONE)
            f++;
    }
    if (*f == F_NONE) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushstring(L, field_names[*f]);
    kind->push(L, runtime_of(L), &v, *f);
    return 2;
}

static int
view_pairs(lua_State *L)
{
    check_view(L);
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/* ---- as text ---- */

static void
add_value(lua_State *L, luaL_Buffer *b)
{
    char text[LN_DECIMAL_CAP];
    if (lua_type(L, -1) == LUA_TNUMBER && !lua_isinteger(L, -1)) {
        ln_double_format(lua_tonumber(L, -1), text);
        lua_pop(L, 1);
        luaL_addstring(b, text);
        return;
    }
    luaL_tolstring(L, -1, NULL);
    lua_remove(L, -2);
    luaL_addvalue(b);
}

/* "ticker symbol=BTCUSDT last=64000.5 ..." */
static void
push_text(lua_State *L, const struct view_ref *v)
{
    struct ln_runtime *rt = runtime_of(L);
    const struct view_kind *kind = &view_kinds[v->kind];
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    luaL_addstring(&b, kind->name);
    for (const enum field *f = kind->fields; *f != F_NONE; f++) {
        struct view_ref side = *v;
        luaL_addchar(&b, ' ');
        luaL_addstring(&b, field_names[*f]);
        luaL_addchar(&b, '=');
        side.kind = *f == F_BIDS ? VIEW_BIDS : VIEW_ASKS;
        if (*f == F_BIDS || *f == F_ASKS)
            lua_pushinteger(L, (lua_Integer)book_depth(rt, &side));
        else
            kind->push(L, rt, v, *f);
        add_value(L, &b);
    }
    if (v->kind == VIEW_BIDS || v->kind == VIEW_ASKS) {
        lua_pushfstring(L, " (%d levels)", (int)book_depth(rt, v));
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
}

static int
view_tostring(lua_State *L)
{
    struct view_ref v = check_view(L);
    push_text(L, &v);
    return 1;
}

void
push_event_text(lua_State *L)
{
    static const enum view kinds[LN_MSG_HOST_END] = {
        [LN_MSG_TICKER] = VIEW_TICKER,     [LN_MSG_CANDLE] = VIEW_CANDLE,
        [LN_MSG_TRADE] = VIEW_TRADE,       [LN_MSG_BOOK] = VIEW_BOOK,
        [LN_MSG_ORDER] = VIEW_ORDER,       [LN_MSG_FILL] = VIEW_FILL,
        [LN_MSG_POSITION] = VIEW_POSITION, [LN_MSG_ACCOUNT] = VIEW_ACCOUNT,
        [LN_MSG_FUNDING] = VIEW_FUNDING,
    };
    const struct ln_msg *m = runtime_of(L)->event;
    enum view kind = m && m->type < LN_MSG_HOST_END ? kinds[m->type] : 0;
    struct view_ref v = {kind, m ? m->instrument : 0, 0};
    if (kind)
        push_text(L, &v);
    else
        lua_pushstring(L, m ? ln_msg_name(m->type) : "");
}

/* ---- opening ---- */

static void
push_names(lua_State *L)
{
    lua_createtable(L, 0, F_COUNT + 3);
    for (int f = 1; f < F_COUNT; f++) {
        lua_pushinteger(L, f);
        lua_setfield(L, -2, field_names[f]);
    }
    lua_pushinteger(L, M_COPY);
    lua_setfield(L, -2, "copy");
    lua_pushinteger(L, M_HANDLE);
    lua_setfield(L, -2, "handle");
    /* account.position() and nothing else is called so. */
    lua_pushinteger(L, M_POSITION);
    lua_setfield(L, -2, "position");
}

void
open_views(lua_State *L)
{
    static const luaL_Reg meta[] = {
        {"__index", view_index}, {"__newindex", view_newindex},
        {"__len", view_len},     {"__tostring", view_tostring},
        {"__pairs", view_pairs}, {NULL, NULL},
    };
    lua_pushlightuserdata(L, NULL);
    lua_newtable(L);
    push_names(L);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, view_next, 1);
    luaL_setfuncs(L, meta, 2); /* upvalues: names, view_next */
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushliteral(L, "event");
    lua_setfield(L, -2, "__name");
    lua_setmetatable(L, -2); /* of every light userdata */
    lua_pop(L, 1);
    push_view(L, VIEW_ACCOUNT, 0);
    lua_setglobal(L, "account");
}
