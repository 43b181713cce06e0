/*
 * api.<endpoint>{...}: any call to the exchange by its name. The request goes
 * to the host, the callback is suspended, and the answer continues it with
 * the value, or with nil and { code, message, retryable }.
 */
#include "bindings/runtime_int.h"

#include <stdlib.h>

static int
answered(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    struct ln_runtime *rt = runtime_of(L);
    const struct ln_msg_reply *m = (const void *)rt->event;
    if (rt->event->type != LN_MSG_REPLY || m->tag != (uint64_t)ctx)
        return luaL_error(L, "this coroutine waits for an answer of the "
                             "exchange; only that can continue it");
    if (!m->ok) {
        lua_pushnil(L);
        lua_createtable(L, 0, 3);
        lua_pushinteger(L, m->code);
        lua_setfield(L, -2, "code");
        lua_pushstring(L, m->message);
        lua_setfield(L, -2, "message");
        lua_pushboolean(L, m->retryable);
        lua_setfield(L, -2, "retryable");
        return 2;
    }
    const char *json = ln_msg_tail(m, sizeof(*m));
    if (!*json) {
        lua_pushboolean(L, 1);
        return 1;
    }
    if (ln_json_parse(&rt->doc, json, strlen(json), NULL) != LN_OK)
        return push_failure(L, "json", false, "the answer is no JSON");
    json_to_lua(L, &rt->doc, 0);
    return 1;
}

/* upvalue: the endpoint's name */
static int
call_endpoint(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    const char *name = lua_tostring(L, lua_upvalueindex(1));
    lua_settop(L, 1);
    const char *what = lua_pushfstring(L, "api.%s", name);
    need_callback(L, what);
    need_yieldable(L, what);
    if (!lua_isnil(L, 1) && !lua_istable(L, 1))
        return luaL_error(L, "%s takes a table of parameters", what);
    struct ln_buf *out = &rt->scratch;
    struct ln_msg_request m;
    memset(&m, 0, sizeof(m));
    m.tag = ++rt->next_tag;
    ln_str_copy(m.endpoint, sizeof(m.endpoint), ln_str(name));
    ln_buf_reset(out);
    ln_buf_add(out, &m, sizeof(m));
    if (lua_istable(L, 1))
        json_from_lua(L, 1, out);
    else
        ln_buf_adds(out, "{}");
    ln_buf_addc(out, 0);
    if (out->failed || out->len > LN_MSG_MAX)
        return luaL_error(L, "api.%s: the parameters are too large", name);
    say(rt, (struct ln_msg *)(void *)out->data, LN_MSG_REQUEST,
        LN_INSTRUMENT_NONE, out->len);
    return task_suspend(L, WAIT_REPLY, m.tag, NULL, answered, what);
}

/* api.name: a function, made when it is first used. */
static int
api_index(lua_State *L)
{
    size_t len;
    const char *name = luaL_checklstring(L, 2, &len);
    if (len == 0 || len >= LN_MSG_NAME_CAP)
        return luaL_error(L, "api.%s is no endpoint", name);
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, call_endpoint, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

void
open_api(lua_State *L)
{
    lua_newtable(L);
    lua_newtable(L);
    lua_pushcfunction(L, api_index);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_setglobal(L, "api");
}
