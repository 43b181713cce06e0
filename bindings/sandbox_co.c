/*
 * coroutine for scripts. Two things differ from Lua's own: a coroutine is
 * charged to the callback that resumes it and dies with it, and a host
 * function may suspend the whole callback from inside any depth of them
 * (each level then yields on, and resumes the next level when it goes on).
 */
#include "bindings/runtime_int.h"

static int co_continue(lua_State *L, int status, lua_KContext wrapped);

/*
 * Resume <co> with <narg> values that are on its stack. Leaves the results
 * on L and returns how many; -1: it failed and the error is on L.
 */
static int
drive(lua_State *L, lua_State *co, int narg, bool wrapped)
{
    struct ln_runtime *rt = runtime_of(L);
    int n = 0;
    rt->running = co;
    rt->co_depth++;
    int status = lua_resume(co, L, narg, &n);
    rt->co_depth--;
    rt->running = L;
    if (status == LUA_YIELD && rt->suspending) {
        if (!lua_isyieldable(L)) {
            rt->suspending = false;
            rt->task->wait = WAIT_NOTHING;
            luaL_error(L, "this coroutine has to wait, which is not possible "
                          "inside a sort, gsub or metamethod function");
        }
        lua_yieldk(L, 0, wrapped, co_continue); /* does not return */
    }
    check_doom(L);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(co, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, n + 1))
        luaL_error(L, "too many results to resume");
    lua_xmove(co, L, n);
    return n;
}

static int
finish_resume(lua_State *L, int n)
{
    lua_pushboolean(L, n >= 0);
    int results = n >= 0 ? n : 1;
    lua_insert(L, -(results + 1));
    return results + 1;
}

static int
finish_wrap(lua_State *L, int n)
{
    return n >= 0 ? n : lua_error(L);
}

static int
co_continue(lua_State *L, int status, lua_KContext wrapped)
{
    (void)status;
    lua_State *co = lua_tothread(L, wrapped ? lua_upvalueindex(1) : 1);
    int n = drive(L, co, 0, wrapped != 0);
    return wrapped ? finish_wrap(L, n) : finish_resume(L, n);
}

/* NULL: it can be resumed with these arguments. */
static const char *
why_not(lua_State *co)
{
    lua_Debug ar;
    if (lua_status(co) == LUA_YIELD)
        return NULL;
    if (lua_status(co) != LUA_OK)
        return "cannot resume dead coroutine";
    if (lua_getstack(co, 0, &ar))
        return "cannot resume non-suspended coroutine";
    return lua_gettop(co) == 0 ? "cannot resume dead coroutine" : NULL;
}

static int
co_start(lua_State *L, lua_State *co, int narg, bool wrapped)
{
    check_doom(L);
    const char *why = why_not(co);
    if (!why && !lua_checkstack(co, narg))
        why = "too many arguments to resume";
    if (why) {
        lua_pushstring(L, why);
        return -1;
    }
    lua_xmove(L, co, narg);
    return drive(L, co, narg, wrapped);
}

static int
co_resume(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTHREAD);
    lua_State *co = lua_tothread(L, 1);
    return finish_resume(L, co_start(L, co, lua_gettop(L) - 1, false));
}

static int
co_wrapped(lua_State *L)
{
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    return finish_wrap(L, co_start(L, co, lua_gettop(L), true));
}

static int
co_create(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int
co_wrap(lua_State *L)
{
    co_create(L);
    lua_pushcclosure(L, co_wrapped, 1);
    return 1;
}

static int co_yield (lua_State *L)
{
    if (runtime_of(L)->co_depth == 0)
        return luaL_error(L, "coroutine.yield outside of a coroutine");
    return lua_yield(L, lua_gettop(L));
}

static int
co_isyieldable(lua_State *L)
{
    lua_pushboolean(L, runtime_of(L)->co_depth > 0 && lua_isyieldable(L));
    return 1;
}

/* The original, which may run to-be-closed variables of the coroutine. */
static int
co_close(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTHREAD);
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, LUA_MULTRET);
    check_doom(L);
    return lua_gettop(L);
}

void
open_coroutines(lua_State *L)
{
    static const luaL_Reg own[] = {
        {"create", co_create},
        {"resume", co_resume},
        {"wrap", co_wrap},
        {"yield", co_yield },
        {"isyieldable", co_isyieldable},
        {NULL, NULL},
    };
    lua_newtable(L);
    luaL_setfuncs(L, own, 0);
    lua_pushcfunction(L, luaopen_coroutine);
    lua_call(L, 0, 1);
    lua_getfield(L, -1, "status");
    lua_setfield(L, -3, "status");
    lua_getfield(L, -1, "close");
    lua_pushcclosure(L, co_close, 1);
    lua_setfield(L, -3, "close");
    lua_pop(L, 1);
    lua_setglobal(L, LUA_COLIBNAME);
}
