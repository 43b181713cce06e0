/*
 * JSON to Lua and back: parameters and answers of api.*, params,
 * configuration files. Numbers that are texts stay texts; null is nil.
 */
#include "bindings/runtime_int.h"

#define DEPTH_MAX LN_JSON_DEPTH_MAX

static void encode(lua_State *L, int idx, struct ln_json_writer *w, int depth);

/* A table with 1..n and nothing else; the empty table is an object. */
static bool
is_array(lua_State *L, int idx)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, idx), seen = 0;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_pop(L, 1);
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1 ||
            lua_tointeger(L, -1) > n) {
            lua_pop(L, 1);
            return false;
        }
        seen++;
    }
    return seen == n && n > 0;
}

static void
encode_array(lua_State *L, int idx, struct ln_json_writer *w, int depth)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, idx);
    ln_jw_arr(w);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, idx, i);
        encode(L, lua_gettop(L), w, depth);
        lua_pop(L, 1);
    }
    ln_jw_arr_end(w);
}

static void
encode_object(lua_State *L, int idx, struct ln_json_writer *w, int depth)
{
    ln_jw_obj(w);
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L,
                       "a table for JSON has either names or 1..n for keys, "
                       "and this one has a %s among them",
                       luaL_typename(L, -2));
        ln_jw_key(w, lua_tostring(L, -2));
        encode(L, lua_gettop(L), w, depth);
        lua_pop(L, 1);
    }
    ln_jw_obj_end(w);
}

static void
encode(lua_State *L, int idx, struct ln_json_writer *w, int depth)
{
    size_t len;
    const char *s;
    if (depth > DEPTH_MAX)
        luaL_error(L,
                   "tables are nested more than %d deep (or contain "
                   "themselves)",
                   DEPTH_MAX);
    luaL_checkstack(L, 8, "tables are nested too deep");
    switch (lua_type(L, idx)) {
    case LUA_TNIL:
        ln_jw_null(w);
        return;
    case LUA_TBOOLEAN:
        ln_jw_bool(w, lua_toboolean(L, idx));
        return;
    case LUA_TNUMBER:
        if (lua_isinteger(L, idx))
            ln_jw_int(w, lua_tointeger(L, idx));
        else
            ln_jw_double(w, lua_tonumber(L, idx));
        return;
    case LUA_TSTRING:
        s = lua_tolstring(L, idx, &len);
        ln_jw_str(w, ln_strn(s, len));
        return;
    case LUA_TTABLE:
        if (is_array(L, idx))
            encode_array(L, idx, w, depth + 1);
        else
            encode_object(L, idx, w, depth + 1);
        return;
    default:
        luaL_error(L, "a %s cannot be written as JSON", luaL_typename(L, idx));
    }
}

void
json_from_lua(lua_State *L, int idx, struct ln_buf *out)
{
    struct ln_json_writer w;
    ln_jw_init(&w, out);
    encode(L, lua_absindex(L, idx), &w, 0);
    if (out->failed)
        luaL_error(L, "it is too large to be written as JSON");
}

static void
push_string(lua_State *L, const struct ln_json *doc, ln_json_val v)
{
    struct ln_str raw = ln_json_raw(doc, v);
    luaL_Buffer b;
    if (!memchr(raw.ptr, '\\', raw.len)) {
        lua_pushlstring(L, raw.ptr, raw.len);
        return;
    }
    /* Unescaped it is never longer. */
    char *out = luaL_buffinitsize(L, &b, raw.len + 1);
    if (!ln_json_string(doc, v, out, raw.len + 1))
        out[0] = 0;
    luaL_pushresultsize(&b, strlen(out));
}

static void
push_number(lua_State *L, const struct ln_json *doc, ln_json_val v)
{
    char text[64];
    struct ln_str raw = ln_json_raw(doc, v);
    if (!ln_str_copy(text, sizeof(text), raw) || !lua_stringtonumber(L, text))
        lua_pushlstring(L, raw.ptr, raw.len); /* of absurd length */
}

void
json_to_lua(lua_State *L, const struct ln_json *doc, ln_json_val v)
{
    lua_Integer i = 0;
    luaL_checkstack(L, 8, "an answer is nested too deep");
    switch (ln_json_type(doc, v)) {
    case LN_JSON_ABSENT:
    case LN_JSON_NULL:
        lua_pushnil(L);
        return;
    case LN_JSON_FALSE:
    case LN_JSON_TRUE:
        lua_pushboolean(L, ln_json_type(doc, v) == LN_JSON_TRUE);
        return;
    case LN_JSON_NUMBER:
        push_number(L, doc, v);
        return;
    case LN_JSON_STRING:
        push_string(L, doc, v);
        return;
    case LN_JSON_ARRAY:
        lua_createtable(L, (int)ln_json_count(doc, v), 0);
        for (ln_json_val e = ln_json_first(doc, v); e != LN_JSON_NONE;
             e = ln_json_next(doc, v, e)) {
            json_to_lua(L, doc, e);
            lua_rawseti(L, -2, ++i);
        }
        return;
    case LN_JSON_OBJECT:
        lua_createtable(L, 0, (int)ln_json_count(doc, v));
        for (ln_json_val k = ln_json_first(doc, v); k != LN_JSON_NONE;
             k = ln_json_next(doc, v, k)) {
            push_string(L, doc, k);
            json_to_lua(L, doc, k + 1);
            lua_rawset(L, -3);
        }
        return;
    }
}
