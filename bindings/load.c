/*
 * The script file, and require: modules beside the script and in
 * scripts/lib, as text, while the script is loading (afterwards the process
 * can open no file any more).
 */
#include "bindings/runtime_int.h"

#include <ctype.h>
#include <stdio.h>

#define SOURCE_MAX (1U << 20)

const char key_modules;

/* Compiles the file; pushes the function, or raises. */
static void
load_file(lua_State *L, const char *path, const char *chunkname)
{
    struct ln_runtime *rt = runtime_of(L);
    struct ln_error err = {0};
    ln_buf_reset(&rt->scratch);
    if (ln_buf_read_file(&rt->scratch, path, &err) != LN_OK)
        luaL_error(L, "%s cannot be read: %s", path, err.what);
    if (rt->scratch.len > SOURCE_MAX)
        luaL_error(L, "%s is larger than 1 MB", path);
    const char *text = rt->scratch.data ? rt->scratch.data : "";
    size_t len = rt->scratch.len;
    if (len && text[0] == '#') { /* a shell's line; its newline is kept */
        size_t line = strcspn(text, "\n");
        text += line;
        len -= line;
    }
    if (luaL_loadbufferx(L, text, len, chunkname, "t") != LUA_OK)
        lua_error(L);
}

int
call_loader(lua_State *L)
{
    const char *path = lua_touserdata(L, 1);
    const char *slash = strrchr(path, '/');
    lua_settop(L, 0);
    lua_pushfstring(L, "@%s", slash ? slash + 1 : path);
    load_file(L, path, lua_tostring(L, -1));
    lua_call(L, 0, 0);
    return 0;
}

/* Plain names joined by dots: "ema", "signals.cross". */
static bool
good_name(const char *name)
{
    bool in_word = false;
    for (; *name; name++) {
        if (*name == '.' && !in_word)
            return false;
        if (*name != '.' && *name != '_' && !isalnum((unsigned char)*name))
            return false;
        in_word = *name != '.';
    }
    return in_word;
}

static bool
file_exists(const char *path)
{
    FILE *f = fopen(path, "re");
    if (f)
        fclose(f);
    return f != NULL;
}

/* Pushes the compiled module, or raises. */
static void
find_module(lua_State *L, const char *name)
{
    struct ln_runtime *rt = runtime_of(L);
    const char *file = luaL_gsub(L, name, ".", "/");
    const char *path = lua_pushfstring(L, "%s/%s.lua", rt->script_dir, file);
    if (file_exists(path)) {
        load_file(L, path, lua_pushfstring(L, "@%s.lua", file));
        return;
    }
    path = lua_pushfstring(L, "%s/lib/%s.lua", rt->scripts_dir, file);
    if (!file_exists(path))
        luaL_error(L,
                   "module '%s' is neither beside the script (%s/%s.lua) nor "
                   "among Lunette's own (lib/%s.lua)",
                   name, rt->script_dir, file, file);
    load_file(L, path, lua_pushfstring(L, "@lib/%s.lua", file));
}

static int
l_require(lua_State *L)
{
    static const char loading; /* stands for a module that is not done */
    const char *name = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &key_modules);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, 2) != LUA_TNIL) {
        if (lua_touserdata(L, -1) == &loading)
            return luaL_error(L, "module '%s' requires itself", name);
        return 1;
    }
    if (!good_name(name))
        return luaL_error(L,
                          "'%s' is no module name: letters, digits and _, "
                          "folders joined by dots",
                          name);
    if (!runtime_of(L)->loading)
        return luaL_error(L,
                          "module '%s' is not loaded; modules are loaded "
                          "at the top of the script",
                          name);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, (void *)(uintptr_t)&loading);
    lua_rawset(L, 2);
    find_module(L, name);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) {
        lua_pushboolean(L, 1);
        lua_replace(L, -2);
    }
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
    return 1;
}

void
open_require(lua_State *L)
{
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &key_modules);
    lua_pushcfunction(L, l_require);
    lua_setglobal(L, "require");
}
