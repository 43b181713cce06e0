/*
 * Configuration files: Lua text that returns a table, run in a state of its
 * own without any library that reaches outside, bounded in time (by counted
 * instructions) and memory.
 */
#include "bindings/runtime_int.h"

#define CONFIG_MEMORY       (16LL << 20)
#define CONFIG_FILE_MAX     (1U << 20)
#define CONFIG_INSTRUCTIONS 10000000

struct config {
    const char *path;
    struct ln_buf text;
    struct ln_buf *out;
};

static void
out_of_time(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    lua_sethook(L, out_of_time, LUA_MASKLINE | LUA_MASKCOUNT, 1);
    luaL_error(L, "the configuration does not come to an end");
}

static void
open_libraries(lua_State *L)
{
    /* pcall and coroutines could hide the end of time from us. */
    static const char *const gone[] = {
        "dofile", "loadfile", "load",   "collectgarbage", "warn",
        "print",  "pcall",    "xpcall", "setmetatable",   "require"};
    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, gone[i]);
    }
    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    lua_pushnil(L); /* it can count for years without an instruction */
    lua_setfield(L, -2, "rep");
    lua_settop(L, 1);
}

static int
run_config(lua_State *L)
{
    struct config *c = lua_touserdata(L, 1);
    const char *slash = strrchr(c->path, '/');
    open_libraries(L);
    const char *name = lua_pushfstring(L, "@%s", slash ? slash + 1 : c->path);
    if (luaL_loadbufferx(L, c->text.data ? c->text.data : "", c->text.len, name,
                         "t") != LUA_OK)
        return lua_error(L);
    lua_sethook(L, out_of_time, LUA_MASKCOUNT, CONFIG_INSTRUCTIONS);
    lua_call(L, 0, 1);
    if (!lua_istable(L, -1))
        return luaL_error(L, "%s must end with return { ... }", name + 1);
    json_from_lua(L, -1, c->out);
    return 0;
}

/* "file.lua:3: text" into where and what. */
static enum ln_err
config_error(const char *path, const char *text, struct ln_error *err)
{
    size_t colon = strcspn(text, ":");
    size_t digits = text[colon] ? strspn(text + colon + 1, "0123456789") : 0;
    size_t where = colon + 1 + digits;
    char place[192];
    if (digits == 0 || strncmp(text + where, ": ", 2) != 0)
        return ln_error_set(err, LN_ERR_CONFIG, path, NULL, "%s", text);
    ln_str_copy(place, sizeof(place), ln_strn(text, where));
    return ln_error_set(err, LN_ERR_CONFIG, place, NULL, "%s",
                        text + where + 2);
}

enum ln_err
ln_lua_table_json(const char *path, struct ln_buf *out, struct ln_error *err)
{
    struct heap heap = {.limit = CONFIG_MEMORY};
    struct config c = {.path = path, .out = out};
    ln_buf_init(&c.text, CONFIG_FILE_MAX);
    if (ln_buf_read_file(&c.text, path, err) != LN_OK) {
        ln_buf_deinit(&c.text);
        return err ? (err->code = LN_ERR_CONFIG) : LN_ERR_CONFIG;
    }
    lua_State *L = lua_newstate(heap_alloc, &heap);
    if (!L) {
        ln_buf_deinit(&c.text);
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                            "no memory for a Lua state");
    }
    enum ln_err code = LN_OK;
    lua_pushcfunction(L, run_config);
    lua_pushlightuserdata(L, &c);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        code = config_error(path,
                            lua_type(L, -1) == LUA_TSTRING
                                ? lua_tostring(L, -1)
                                : "an error that is no text was raised",
                            err);
    lua_sethook(L, NULL, 0, 0);
    lua_close(L);
    ln_buf_deinit(&c.text);
    return code;
}
