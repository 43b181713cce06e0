/*
 * timer: after, every, cancel. The host keeps the clock; here is kept what
 * to call: a function, or the name that on_timer(name) is given.
 */
#include "bindings/runtime_int.h"

#include <math.h>
#include <stdlib.h>

#define SECONDS_MAX (365.0 * 24 * 3600)

struct timer *
timer_find(struct ln_runtime *rt, uint64_t id)
{
    for (uint32_t i = 0; i < rt->ntimers; i++)
        if (rt->timers[i].id == id)
            return &rt->timers[i];
    return NULL;
}

void
timer_drop(lua_State *L, uint64_t id)
{
    struct ln_runtime *rt = runtime_of(L);
    struct timer *t = timer_find(rt, id);
    if (!t)
        return;
    luaL_unref(L, LUA_REGISTRYINDEX, t->ref);
    *t = rt->timers[--rt->ntimers];
}

static struct timer *
timer_new(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    if (rt->ntimers == rt->cap_timers) {
        uint32_t cap = rt->cap_timers ? rt->cap_timers * 2 : 16;
        struct timer *p =
            cap > TIMERS_MAX ? NULL : realloc(rt->timers, cap * sizeof(*p));
        if (!p)
            luaL_error(L, "more than %d timers are set", TIMERS_MAX);
        rt->timers = p;
        rt->cap_timers = cap;
    }
    return &rt->timers[rt->ntimers];
}

static int64_t
check_ms(lua_State *L, const char *what)
{
    double s = luaL_checknumber(L, 1);
    if (!(s >= 0) || s > SECONDS_MAX)
        luaL_error(L, "%s: seconds from 0 to one year", what);
    return (int64_t)ceil(s * 1000.0);
}

static int
set(lua_State *L, const char *what, bool repeat)
{
    struct ln_runtime *rt = runtime_of(L);
    struct ln_msg_timer_set m;
    need_callback(L, what);
    int64_t ms = check_ms(L, what);
    int type = lua_type(L, 2);
    if (repeat && ms == 0)
        return luaL_error(L, "%s: at least a millisecond", what);
    if (type != LUA_TFUNCTION && type != LUA_TSTRING)
        return luaL_error(L, "%s(seconds, function or name)", what);
    if (type == LUA_TSTRING && !(rt->callbacks & LN_CB_TIMER))
        return luaL_error(L,
                          "%s: a named timer calls on_timer(name), which "
                          "this script does not have",
                          what);
    struct timer *t = timer_new(L);
    lua_settop(L, 2);
    t->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    t->id = ++rt->next_timer;
    t->repeat = repeat;
    rt->ntimers++;
    memset(&m, 0, sizeof(m));
    m.id = t->id;
    m.delay_ms = ms;
    m.repeat_ms = repeat ? ms : 0;
    say(rt, &m.h, LN_MSG_TIMER_SET, LN_INSTRUMENT_NONE, sizeof(m));
    lua_pushinteger(L, (lua_Integer)m.id);
    return 1;
}

static int
l_after(lua_State *L)
{
    return set(L, "timer.after", false);
}

static int
l_every(lua_State *L)
{
    return set(L, "timer.every", true);
}

static bool
matches(lua_State *L, const struct timer *t)
{
    if (lua_type(L, 1) != LUA_TSTRING)
        return t->id == (uint64_t)lua_tointeger(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, t->ref);
    bool same = lua_rawequal(L, 1, -1);
    lua_pop(L, 1);
    return same;
}

/* By the id that after() or every() returned, or by name (all of that name).
 */
static int
l_cancel(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    bool any = false;
    if (lua_type(L, 1) != LUA_TSTRING)
        luaL_checkinteger(L, 1);
    for (uint32_t i = rt->ntimers; i-- > 0;) {
        struct ln_msg_timer_set m;
        if (!matches(L, &rt->timers[i]))
            continue;
        memset(&m, 0, sizeof(m));
        m.id = rt->timers[i].id;
        m.delay_ms = -1;
        timer_drop(L, m.id);
        say(rt, &m.h, LN_MSG_TIMER_SET, LN_INSTRUMENT_NONE, sizeof(m));
        any = true;
    }
    lua_pushboolean(L, any);
    return 1;
}

void
open_timers(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"after", l_after},
        {"every", l_every},
        {"cancel", l_cancel},
        {NULL, NULL},
    };
    open_module(L, "timer", functions);
}
