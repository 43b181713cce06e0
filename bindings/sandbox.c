/*
 * What a script may use of Lua's own libraries. Opened are base, string,
 * table, math, utf8 (coroutine: sandbox_co.c; os: sandbox_os.c; require:
 * load.c); taken out is what reaches files, bytecode, the collector or
 * addresses, and what cannot be stopped.
 */
#include "bindings/runtime_int.h"

#include <math.h>

#define LOAD_MAX (256U << 10)

/* ---- base ---- */

static int
finish_pcall(lua_State *L, int status, lua_KContext extra)
{
    if (status != LUA_OK && status != LUA_YIELD) {
        check_doom(L);
        lua_pushboolean(L, 0);
        lua_pushvalue(L, -2);
        return 2;
    }
    return lua_gettop(L) - (int)extra;
}

static int
safe_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status =
        lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall);
    return finish_pcall(L, status, 0);
}

/* Handlers run with hooks off: a condemned script gets no turn here. */
static int
safe_handler(lua_State *L)
{
    if (atomic_load(&runtime_of(L)->doom) != DOOM_NONE)
        return 1;
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int
safe_xpcall(lua_State *L)
{
    int n = lua_gettop(L);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, safe_handler, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2);
    int status = lua_pcallk(L, n - 2, LUA_MULTRET, 2, 2, finish_pcall);
    return finish_pcall(L, status, 2);
}

static int
safe_load(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    const char *name = luaL_optstring(L, 2, "=(load)");
    luaL_argcheck(L, len <= LOAD_MAX, 1, "a chunk is at most 256 KB");
    bool has_env = !lua_isnone(L, 4);
    if (luaL_loadbufferx(L, text, len, name, "t") != LUA_OK) {
        check_doom(L);
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (has_env) {
        lua_pushvalue(L, 4);
        if (!lua_setupvalue(L, -2, 1))
            lua_pop(L, 1);
    }
    return 1;
}

static int
safe_collectgarbage(lua_State *L)
{
    const char *what = luaL_optstring(L, 1, "collect");
    if (strcmp(what, "count") != 0)
        return luaL_error(L, "the collector is not under a script's control; "
                             "only collectgarbage(\"count\") is there");
    lua_pushnumber(L, (lua_Number)runtime_of(L)->heap.used / 1024.0);
    return 1;
}

static int
safe_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnoneornil(L, 2) || lua_istable(L, 2), 2,
                     "nil or table");
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "__gc is not available to scripts; use a "
                                 "local with <close>");
        lua_pop(L, 1);
    }
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

const char *
plain_tostring(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    if (luaL_callmeta(L, idx, "__tostring")) {
        if (!lua_isstring(L, -1))
            luaL_error(L, "'__tostring' must return a string");
        return lua_tostring(L, -1);
    }
    switch (lua_type(L, idx)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TSTRING:
        return luaL_tolstring(L, idx, NULL);
    default:
        if (luaL_getmetafield(L, idx, "__name") != LUA_TSTRING)
            lua_pushstring(L, luaL_typename(L, idx));
        return lua_tostring(L, -1);
    }
}

static int
safe_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    plain_tostring(L, 1);
    return 1;
}

/* ---- string ---- */

static int
safe_format(lua_State *L)
{
    const char *fmt = luaL_checkstring(L, 1);
    for (const char *p = strchr(fmt, '%'); p; p = strchr(p, '%')) {
        p++;
        if (*p == '%') {
            p++;
            continue;
        }
        p += strspn(p, "-+ #0123456789.");
        if (*p == 'p')
            return luaL_error(L, "%%p is not available to scripts");
    }
    int n = lua_gettop(L);
    for (int i = 2; i <= n; i++) {
        int type = lua_type(L, i);
        if (type == LUA_TNUMBER || type == LUA_TSTRING)
            continue;
        plain_tostring(L, i); /* what %s does, without addresses */
        lua_replace(L, i);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, n, 1);
    return 1;
}

/* Nothing, a great many times: the original would count for years. */
static int
safe_rep(lua_State *L)
{
    size_t len, sep;
    luaL_checklstring(L, 1, &len);
    luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &sep);
    if (len + sep == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    lua_settop(L, 3);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 3, 1);
    return 1;
}

/* ---- math ---- */

static int
seeded_random(lua_State *L)
{
    struct ln_rng *rng = &runtime_of(L)->rng;
    lua_Integer low = 1, high;
    switch (lua_gettop(L)) {
    case 0:
        lua_pushnumber(L, ln_rng_unit(rng));
        return 1;
    case 1:
        high = luaL_checkinteger(L, 1);
        if (high == 0) {
            lua_pushinteger(L, (lua_Integer)ln_rng_u64(rng));
            return 1;
        }
        break;
    case 2:
        low = luaL_checkinteger(L, 1);
        high = luaL_checkinteger(L, 2);
        break;
    default:
        return luaL_error(L, "wrong number of arguments");
    }
    luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
    lua_pushinteger(L, ln_rng_between(rng, low, high));
    return 1;
}

static int
seeded_randomseed(lua_State *L)
{
    lua_Number n = luaL_checknumber(L, 1);
    uint64_t seed = 0;
    memcpy(&seed, &n, sizeof(seed));
    ln_rng_seed(&runtime_of(L)->rng, seed);
    return 0;
}

/* ---- opening ---- */

static void
drop_fields(lua_State *L, const char *const *names)
{
    for (; *names; names++) {
        lua_pushnil(L);
        lua_setfield(L, -2, *names);
    }
}

/* Replaces table.<name> by fn, which has the original as its upvalue. */
static void
wrap_field(lua_State *L, const char *name, lua_CFunction fn)
{
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, fn, 1);
    lua_setfield(L, -2, name);
}

static void
open_base(lua_State *L)
{
    static const char *const gone[] = {"dofile", "loadfile", "warn", NULL};
    static const luaL_Reg own[] = {
        {"pcall", safe_pcall},
        {"xpcall", safe_xpcall},
        {"load", safe_load},
        {"collectgarbage", safe_collectgarbage},
        {"setmetatable", safe_setmetatable},
        {"tostring", safe_tostring},
        {NULL, NULL},
    };
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1); /* the globals */
    drop_fields(L, gone);
    luaL_setfuncs(L, own, 0);
    lua_pop(L, 1);
}

/* Runs a library's opener and leaves its table on the stack and as global. */
static void
open_library(lua_State *L, const char *name, lua_CFunction opener)
{
    lua_pushcfunction(L, opener);
    lua_call(L, 0, 1);
    lua_pushvalue(L, -1);
    lua_setglobal(L, name);
}

static void
lock_string_metatable(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

void
open_sandbox(lua_State *L)
{
    static const char *const no_dump[] = {"dump", NULL};
    open_base(L);
    open_library(L, LUA_STRLIBNAME, luaopen_string);
    drop_fields(L, no_dump);
    wrap_field(L, "format", safe_format);
    wrap_field(L, "rep", safe_rep);
    lua_pop(L, 1);
    lock_string_metatable(L);
    open_library(L, LUA_TABLIBNAME, luaopen_table);
    lua_pop(L, 1);
    open_library(L, LUA_UTF8LIBNAME, luaopen_utf8);
    lua_pop(L, 1);
    open_library(L, LUA_MATHLIBNAME, luaopen_math);
    lua_pushcfunction(L, seeded_random);
    lua_setfield(L, -2, "random");
    lua_pushcfunction(L, seeded_randomseed);
    lua_setfield(L, -2, "randomseed");
    lua_pop(L, 1);
    open_coroutines(L);
    open_os(L);
}
