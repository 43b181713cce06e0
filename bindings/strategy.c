/*
 * strategy{...}: what the script declares, and params: what it may be tuned
 * by. The declaration gives names, defaults and ranges; the host's HELLO may
 * override values. Both are checked strictly, while the script is loading.
 */
#include "bindings/runtime_int.h"

#include "base/assert.h"

#include <stdio.h>

#define WARMUP_MAX 999 /* one request of history, with the forming candle */

const char key_params;

/* ---- params: a read-only table ---- */

static const char *const *
param_names(lua_State *L, size_t *count)
{
    /* Stack: ..., values. Pushes a userdata that holds the array. */
    int values = lua_gettop(L);
    size_t n = 0;
    lua_pushnil(L);
    while (lua_next(L, values)) {
        lua_pop(L, 1);
        n++;
    }
    const char **names = lua_newuserdatauv(L, (n + 1) * sizeof(*names), 0);
    *count = 0;
    lua_pushnil(L);
    while (lua_next(L, values)) {
        lua_pop(L, 1);
        names[(*count)++] = lua_tostring(L, -1);
    }
    return names;
}

static int
params_index(lua_State *L)
{
    size_t count;
    const char *name = luaL_checkstring(L, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_params);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    if (!runtime_of(L)->declared)
        return luaL_error(L, "params are known after strategy{...}");
    const char *const *names = param_names(L, &count);
    return unknown_name(L, "params", name, names, count);
}

static int
params_newindex(lua_State *L)
{
    return luaL_error(L, "params.%s cannot be changed by the script",
                      luaL_optstring(L, 2, "?"));
}

static int
params_next(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_params);
    lua_pushvalue(L, 2);
    if (lua_next(L, -2))
        return 2;
    lua_pushnil(L);
    return 1;
}

static int
params_pairs(lua_State *L)
{
    lua_pushcfunction(L, params_next);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/* ---- declaring a parameter ---- */

/* Stack: ..., spec. Checks the value at <idx> against its min and max. */
static void
check_range(lua_State *L, int spec, int idx, const char *name)
{
    static const char *const ends[] = {"min", "max"};
    for (int i = 0; i < 2 && lua_istable(L, spec); i++) {
        lua_pushstring(L, ends[i]);
        if (lua_rawget(L, spec) != LUA_TNIL) {
            if (lua_type(L, -1) != LUA_TNUMBER ||
                lua_type(L, idx) != LUA_TNUMBER)
                luaL_error(L, "params.%s: %s is for numbers", name, ends[i]);
            bool bad = i == 0 ? lua_compare(L, idx, -1, LUA_OPLT)
                              : lua_compare(L, -1, idx, LUA_OPLT);
            if (bad) {
                const char *end = luaL_tolstring(L, -1, NULL);
                luaL_error(L, "params.%s = %s is %s its %s of %s", name,
                           luaL_tolstring(L, idx, NULL),
                           i == 0 ? "below" : "above", ends[i], end);
            }
        }
        lua_pop(L, 1);
    }
}

static void
check_spec(lua_State *L, int spec, const char *name)
{
    static const char *const names[] = {"min", "max", "help"};
    char what[96];
    snprintf(what, sizeof(what), "params.%.60s", name);
    lua_pushnil(L);
    while (lua_next(L, spec)) {
        lua_pop(L, 1);
        if (lua_isinteger(L, -1) && lua_tointeger(L, -1) == 1)
            continue;
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "%s is { default, min = ..., max = ... }", what);
        const char *key = lua_tostring(L, -1);
        choose(L, what, key, names, LN_COUNT(names));
    }
}

/* Pushes the overriding value from HELLO, of the default's type. */
static void
push_override(lua_State *L, const struct ln_json *doc, ln_json_val v,
              int default_idx, const char *name)
{
    int want = lua_type(L, default_idx);
    json_to_lua(L, doc, v);
    if (want == LUA_TNUMBER && lua_type(L, -1) == LUA_TSTRING &&
        lua_stringtonumber(L, lua_tostring(L, -1)))
        lua_remove(L, -2);
    if (lua_type(L, -1) != want)
        luaL_error(L, "params.%s is a %s, and was given a %s", name,
                   lua_typename(L, want), luaL_typename(L, -1));
}

/* Stack: ..., values (top). Adds the parameter declared by <spec>. */
static void
declare_param(lua_State *L, int values, int spec, const char *name)
{
    struct ln_runtime *rt = runtime_of(L);
    if (lua_istable(L, spec)) {
        check_spec(L, spec, name);
        lua_rawgeti(L, spec, 1);
    } else {
        lua_pushvalue(L, spec);
    }
    int value = lua_gettop(L);
    int type = lua_type(L, value);
    if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN)
        luaL_error(L, "params.%s needs a default: a number, text or boolean",
                   name);
    check_range(L, spec, value, name);
    ln_json_val v = ln_json_get(&rt->params, 0, name);
    if (v != LN_JSON_NONE) {
        push_override(L, &rt->params, v, value, name);
        lua_replace(L, value);
        check_range(L, spec, value, name);
    }
    lua_settop(L, value);
    lua_pushstring(L, name);
    lua_insert(L, -2);
    lua_rawset(L, values);
}

/* The host's overrides must all have been declared. */
static void
check_overrides(lua_State *L, int values)
{
    const struct ln_json *doc = &runtime_of(L)->params;
    char name[LN_MSG_NAME_CAP];
    for (ln_json_val k = ln_json_first(doc, 0); k != LN_JSON_NONE;
         k = ln_json_next(doc, 0, k)) {
        if (!ln_json_string(doc, k, name, sizeof(name)))
            luaL_error(L, "a parameter's name is too long");
        lua_pushstring(L, name);
        if (lua_rawget(L, values) == LUA_TNIL) {
            size_t count;
            lua_pushvalue(L, values);
            const char *const *names = param_names(L, &count);
            unknown_name(L, "params of this script", name, names, count);
        }
        lua_pop(L, 1);
    }
}

static void
read_params(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_params);
    int values = lua_gettop(L);
    lua_getfield(L, 1, "params");
    int specs = lua_gettop(L);
    if (!lua_isnil(L, specs) && !lua_istable(L, specs))
        luaL_error(L, "strategy: params is a table, not %s",
                   luaL_typename(L, specs));
    if (lua_istable(L, specs)) {
        lua_pushnil(L);
        while (lua_next(L, specs)) {
            int spec = lua_gettop(L);
            if (lua_type(L, -2) != LUA_TSTRING)
                luaL_error(L, "strategy: params are named, as in "
                              "params = { fast = { 12, min = 2 } }");
            declare_param(L, values, spec, lua_tostring(L, -2));
            lua_settop(L, spec - 1);
        }
    }
    check_overrides(L, values);
    lua_settop(L, 1);
}

/* ---- strategy{} ---- */

static void
read_symbols(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    lua_getfield(L, 1, "symbols");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1))
        luaL_error(L, "strategy: symbols is a list, as in { \"BTCUSDT\" }");
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    if (n > LN_MSG_SYMBOLS_MAX)
        luaL_error(L,
                   "strategy: at most %d symbols; subscribe to more with "
                   "market.subscribe",
                   LN_MSG_SYMBOLS_MAX);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        uint16_t inst = check_symbol_value(L, -1, "strategy: symbols");
        for (uint32_t k = 0; k < rt->nsymbols; k++)
            if (rt->symbols[k] == inst)
                luaL_error(L, "strategy: symbols has %s twice",
                           lua_tostring(L, -1));
        rt->symbols[rt->nsymbols++] = inst;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static int
l_strategy(lua_State *L)
{
    static const char *const names[] = {"symbols", "timeframe", "warmup",
                                        "params"};
    struct ln_runtime *rt = runtime_of(L);
    if (!rt->loading || rt->declared)
        return luaL_error(L, "strategy{...} is called once, at the top of the "
                             "script");
    lua_settop(L, 1);
    check_options(L, 1, "strategy", names, LN_COUNT(names));
    read_symbols(L);
    const char *tf = option_string(L, 1, "strategy", "timeframe");
    if (tf) {
        rt->timeframe = ln_timeframe_parse(ln_str(tf));
        if (rt->timeframe == LN_TF_NONE)
            return luaL_error(L,
                              "strategy: '%s' is no timeframe; use 1m 5m "
                              "15m 30m 1H 4H 1D ...",
                              tf);
    }
    lua_getfield(L, 1, "warmup");
    if (!lua_isnil(L, -1)) {
        int is_int;
        lua_Integer n = lua_tointegerx(L, -1, &is_int);
        if (!is_int || n < 0 || n > WARMUP_MAX)
            return luaL_error(L,
                              "strategy: warmup is a number of candles from "
                              "0 to %d",
                              WARMUP_MAX);
        if (n > 0 && rt->timeframe == LN_TF_NONE)
            return luaL_error(L, "strategy: warmup needs a timeframe");
        rt->warmup = (uint32_t)n;
    }
    lua_pop(L, 1);
    read_params(L);
    rt->declared = true;
    return 0;
}

void
open_strategy(lua_State *L)
{
    static const luaL_Reg meta[] = {
        {"__index", params_index},
        {"__newindex", params_newindex},
        {"__pairs", params_pairs},
        {NULL, NULL},
    };
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_params);
    lua_newtable(L);
    lua_newtable(L);
    luaL_setfuncs(L, meta, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_setglobal(L, "params");
    lua_pushcfunction(L, l_strategy);
    lua_setglobal(L, "strategy");
}
