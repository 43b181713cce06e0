/*
 * Tables of options as people write them: a name that does not exist is an
 * error that proposes the nearest one that does.
 */
#include "bindings/runtime_int.h"

#include <stdarg.h>
#include <stdio.h>

int
unknown_name(lua_State *L, const char *what, const char *name,
             const char *const *names, size_t count)
{
    const char *near = ln_nearest(name, names, count);
    if (near)
        return luaL_error(L, "%s has no '%s'; did you mean '%s'?", what, name,
                          near);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < count; i++) {
        luaL_addstring(&b, i ? ", " : "");
        luaL_addstring(&b, names[i]);
    }
    luaL_pushresult(&b);
    return luaL_error(L, "%s has no '%s'; there is: %s", what, name,
                      lua_tostring(L, -1));
}

void
check_options(lua_State *L, int idx, const char *what, const char *const *names,
              size_t count)
{
    idx = lua_absindex(L, idx);
    if (!lua_istable(L, idx))
        luaL_error(L, "%s takes a table of options, %s{...}, and got %s", what,
                   what, luaL_typename(L, idx));
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "%s takes named options only, such as %s=...", what,
                       names[0]);
        const char *key = lua_tostring(L, -1);
        size_t i = 0;
        while (i < count && strcmp(names[i], key) != 0)
            i++;
        if (i == count)
            unknown_name(L, what, key, names, count);
    }
}

/* Pushes the raw value; returns its type. */
static int
raw_option(lua_State *L, int idx, const char *name)
{
    idx = lua_absindex(L, idx);
    lua_pushstring(L, name);
    return lua_rawget(L, idx);
}

bool
option_bool(lua_State *L, int idx, const char *what, const char *name)
{
    int type = raw_option(L, idx, name);
    if (type != LUA_TNIL && type != LUA_TBOOLEAN)
        luaL_error(L, "%s: %s is true or false, not %s", what, name,
                   lua_typename(L, type));
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

const char *
option_string(lua_State *L, int idx, const char *what, const char *name)
{
    int type = raw_option(L, idx, name);
    if (type != LUA_TNIL && type != LUA_TSTRING)
        luaL_error(L, "%s: %s is a text, not %s", what, name,
                   lua_typename(L, type));
    const char *value = lua_tostring(L, -1);
    lua_pop(L, 1); /* the table still holds it */
    return value;
}

int
choose(lua_State *L, const char *what, const char *text,
       const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], text) == 0)
            return (int)i;
    return unknown_name(L, what, text, names, count);
}

int
push_failure(lua_State *L, const char *code, bool retryable, const char *fmt,
             ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    lua_pushnil(L);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, code);
    lua_setfield(L, -2, "code");
    lua_pushstring(L, text);
    lua_setfield(L, -2, "message");
    lua_pushboolean(L, retryable);
    lua_setfield(L, -2, "retryable");
    return 2;
}

/* __index of a module; upvalue: its name. Only what is missing comes here. */
static int
module_index(lua_State *L)
{
    const char *names[64];
    size_t n = 0;
    const char *module = lua_tostring(L, lua_upvalueindex(1));
    const char *name = luaL_checkstring(L, 2);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING && n < 64)
            names[n++] = lua_tostring(L, -1);
    }
    return unknown_name(L, module, name, names, n);
}

void
open_module(lua_State *L, const char *name, const luaL_Reg *functions)
{
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    lua_newtable(L);
    lua_pushstring(L, name);
    lua_pushcclosure(L, module_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_setglobal(L, name);
}
