/*
 * What a script says to people: log, print, alert, plot, metric; and how any
 * message to the host is said.
 */
#include "bindings/runtime_int.h"

#include <stdlib.h>

#define LOG_TEXT_MAX 4000

void
say(struct ln_runtime *rt, struct ln_msg *msg, uint16_t type,
    uint16_t instrument, size_t size)
{
    msg->type = type;
    msg->instrument = instrument;
    msg->size = (uint32_t)size;
    msg->seq = rt->seq;
    msg->now_ms = rt->now_ms;
    rt->opts.say(rt->opts.ctx, msg);
}

static void
say_text(struct ln_runtime *rt, int level, const char *text, size_t len)
{
    struct {
        struct ln_msg_log m;
        char text[LOG_TEXT_MAX + 1];
    } msg;
    if (len > LOG_TEXT_MAX)
        len = LOG_TEXT_MAX;
    memset(&msg.m, 0, sizeof(msg.m));
    msg.m.level = (uint8_t)level;
    char *tail = (char *)&msg + sizeof(msg.m);
    memcpy(tail, text, len);
    for (size_t i = 0; i < len; i++)
        if (!tail[i])
            tail[i] = ' '; /* the tail ends at the first 0 */
    tail[len] = 0;
    say(rt, &msg.m.h, LN_MSG_LOG, LN_INSTRUMENT_NONE, sizeof(msg.m) + len + 1);
}

void
say_log(struct ln_runtime *rt, int level, const char *text, size_t len)
{
    static const char more[] = "it logs too much: further lines of this "
                               "callback are dropped";
    if (rt->said > SAY_PER_EVENT)
        return;
    if (rt->said++ == SAY_PER_EVENT)
        say_text(rt, LN_LOG_WARN, more, sizeof(more) - 1);
    else
        say_text(rt, level, text, len);
}

/* Arguments from <first>: joined by spaces. Pushes the text. */
static void
push_joined(lua_State *L, int first)
{
    int n = lua_gettop(L);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = first; i <= n; i++) {
        if (i > first)
            luaL_addchar(&b, ' ');
        plain_tostring(L, i);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
}

/* log.info("x is %d", 3), log.info("x is", 3): both do. */
static int
log_at(lua_State *L, int level)
{
    size_t len;
    int n = lua_gettop(L);
    bool formats = n > 1 && lua_type(L, 1) == LUA_TSTRING &&
                   strchr(lua_tostring(L, 1), '%');
    if (formats) {
        luaL_checkstack(L, n + 1, "too many values");
        lua_pushvalue(L, lua_upvalueindex(1));
        for (int i = 1; i <= n; i++)
            lua_pushvalue(L, i);
        if (lua_pcall(L, n, 1, 0) != LUA_OK) { /* it was no format */
            check_doom(L);
            lua_settop(L, n);
            formats = false;
        }
    }
    if (!formats)
        push_joined(L, 1);
    const char *text = lua_tolstring(L, -1, &len);
    say_log(runtime_of(L), level, text, len);
    return 0;
}

static int
l_debug(lua_State *L)
{
    return log_at(L, LN_LOG_DEBUG);
}

static int
l_info(lua_State *L)
{
    return log_at(L, LN_LOG_INFO);
}

static int
l_warn(lua_State *L)
{
    return log_at(L, LN_LOG_WARN);
}

static int
l_error(lua_State *L)
{
    return log_at(L, LN_LOG_ERROR);
}

static int
l_alert(lua_State *L)
{
    size_t len;
    lua_pushliteral(L, "ALERT:");
    lua_insert(L, 1);
    push_joined(L, 1);
    const char *text = lua_tolstring(L, -1, &len);
    say_log(runtime_of(L), LN_LOG_WARN, text, len);
    return 0;
}

static int
say_value(lua_State *L, uint16_t type)
{
    struct ln_msg_value m;
    const char *name = luaL_checkstring(L, 1);
    memset(&m, 0, sizeof(m));
    m.value = luaL_checknumber(L, 2);
    if (!ln_str_copy(m.name, sizeof(m.name), ln_str(name)))
        return luaL_error(L, "the name '%s' has more than %d characters", name,
                          LN_MSG_NAME_CAP - 1);
    say(runtime_of(L), &m.h, type, LN_INSTRUMENT_NONE, sizeof(m));
    return 0;
}

static int
l_plot(lua_State *L)
{
    return say_value(L, LN_MSG_PLOT);
}

static int
l_metric(lua_State *L)
{
    return say_value(L, LN_MSG_METRIC);
}

/* Pushes fn with string.format as its upvalue. */
static void
push_logger(lua_State *L, lua_CFunction fn)
{
    lua_getglobal(L, "string");
    lua_getfield(L, -1, "format");
    lua_remove(L, -2);
    lua_pushcclosure(L, fn, 1);
}

void
open_say(lua_State *L)
{
    static const luaL_Reg none[] = {{NULL, NULL}};
    static const luaL_Reg loggers[] = {
        {"debug", l_debug}, {"info", l_info}, {"warn", l_warn},
        {"error", l_error}, {NULL, NULL},
    };
    open_module(L, "log", none);
    lua_getglobal(L, "log");
    for (const luaL_Reg *r = loggers; r->name; r++) {
        push_logger(L, r->func);
        lua_setfield(L, -2, r->name);
    }
    lua_pop(L, 1);
    push_logger(L, l_info);
    lua_setglobal(L, "print");
    lua_pushcfunction(L, l_alert);
    lua_setglobal(L, "alert");
    lua_pushcfunction(L, l_plot);
    lua_setglobal(L, "plot");
    lua_pushcfunction(L, l_metric);
    lua_setglobal(L, "metric");
}
