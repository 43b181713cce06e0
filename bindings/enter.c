/*
 * The one way into Lua. Callbacks run as tasks: pooled coroutines, so that a
 * host function may suspend them. Everything else that touches Lua (loading,
 * reporting) is one C function in a protected call on the main thread.
 *
 *   idle --enter_callback--> runs --returns--> idle
 *                             |  ^
 *               task_suspend  v  |  enter_resume
 *                            waits
 *
 * A condemned state never goes on: whatever caught the error raises again.
 */
#include "bindings/runtime_int.h"

#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

const char *const callback_names[CALLBACKS] = {
    "on_start", "on_candle",     "on_ticker",   "on_trade",   "on_book",
    "on_order", "on_fill",       "on_position", "on_account", "on_funding",
    "on_timer", "on_connection", "on_stop",
};

/* ---- condemned ---- */

static void
push_place(lua_State *L)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0) {
            lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

static void
doom_text(const struct ln_runtime *rt, char *out, size_t cap)
{
    if (atomic_load(&rt->doom) == DOOM_MEMORY)
        snprintf(out, cap, "it needs more than its %lld MB of memory",
                 (long long)(rt->heap.limit >> 20));
    else
        snprintf(out, cap, "it used up its budget of %lld ms of CPU time",
                 (long long)atomic_load(&rt->budget_ms));
}

static int
doom_raise(lua_State *L)
{
    char text[96];
    doom_text(runtime_of(L), text, sizeof(text));
    push_place(L);
    lua_pushstring(L, text);
    lua_concat(L, 2);
    return lua_error(L);
}

static void
kill_hook(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    doom_raise(L);
}

void
check_doom(lua_State *L)
{
    if (atomic_load(&runtime_of(L)->doom) != DOOM_NONE)
        doom_raise(L);
}

/* Async-signal-safe, and harmless when repeated. */
void
doom_set(struct ln_runtime *rt, enum doom doom)
{
    int none = DOOM_NONE;
    atomic_compare_exchange_strong(&rt->doom, &none, (int)doom);
    /* Not for calls: our own C functions, error handlers, go on. */
    lua_sethook(rt->running, kill_hook, LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

void
ln_runtime_condemn(struct ln_runtime *rt)
{
    if (atomic_load(&rt->busy))
        doom_set(rt, DOOM_BUDGET);
}

uint64_t
ln_runtime_busy(const struct ln_runtime *rt)
{
    return atomic_load(&rt->busy);
}

int64_t
ln_runtime_budget_ms(const struct ln_runtime *rt)
{
    return atomic_load(&rt->budget_ms);
}

static void
begin(struct ln_runtime *rt, lua_State *L, int64_t budget_ms)
{
    rt->running = L;
    atomic_store(&rt->budget_ms, budget_ms);
    atomic_store(&rt->busy, ++rt->callbacks_run);
}

static void
end(struct ln_runtime *rt)
{
    atomic_store(&rt->busy, 0);
    rt->running = rt->L;
}

/* ---- errors as messages ---- */

static bool
is_shipped(const char *source)
{
    return strncmp(source, "lib/", 4) == 0;
}

/* The place in the user's own source nearest to the error. */
static void
find_where(lua_State *co, const char *text, char *out, size_t cap)
{
    lua_Debug ar;
    size_t len = strcspn(text, ":");
    size_t digits = text[len] ? strspn(text + len + 1, "0123456789") : 0;
    out[0] = 0;
    if (digits && text[len + 1 + digits] == ':') {
        snprintf(out, cap, "%.*s", (int)(len + 1 + digits), text);
        if (!is_shipped(text))
            return;
    }
    for (int level = 0; lua_getstack(co, level, &ar); level++) {
        lua_getinfo(co, "Sl", &ar);
        if (ar.currentline <= 0 || (is_shipped(ar.short_src) && out[0]))
            continue;
        snprintf(out, cap, "%s:%d", ar.short_src, ar.currentline);
        if (!is_shipped(ar.short_src))
            return;
    }
}

/*
 * Fills <m> from the error value on top of <co>. Runs in a protected call on
 * L (they may be the same), because texts may need memory.
 */
static void
describe_error(lua_State *L, lua_State *co, struct ln_msg_error *m)
{
    const char *text = lua_type(co, -1) == LUA_TSTRING
                           ? lua_tostring(co, -1)
                           : "an error that is no text was raised";
    find_where(co, text, m->where, sizeof(m->where));
    size_t prefix = strlen(m->where);
    if (prefix && strncmp(text, m->where, prefix) == 0 &&
        strncmp(text + prefix, ": ", 2) == 0)
        text += prefix + 2;
    ln_str_copy(m->message, sizeof(m->message), ln_str(text));
    luaL_traceback(L, co, NULL, 0);
    size_t used = strlen(m->message);
    snprintf(m->message + used, sizeof(m->message) - used, "\n%s",
             lua_tostring(L, -1));
    lua_pop(L, 1);
}

static void
finish_error(struct ln_runtime *rt, struct ln_msg_error *m)
{
    m->fatal = atomic_load(&rt->doom) != DOOM_NONE;
    if (!m->message[0])
        snprintf(m->message, sizeof(m->message), "%s",
                 m->fatal ? "stopped: it is out of time or memory"
                          : "an error that could not be described");
    if (m->fatal) {
        rt->ended = true;
        snprintf(rt->end_why, sizeof(rt->end_why), "%.159s", m->message);
        rt->end_why[strcspn(rt->end_why, "\n")] = 0;
    }
}

/* ---- protected calls on the main thread ---- */

static int
on_main_error(lua_State *L)
{
    struct ln_msg_error *m = lua_touserdata(L, lua_upvalueindex(1));
    lua_settop(L, 1);
    describe_error(L, L, m);
    return 1;
}

static int
protected_body(lua_State *L)
{
    /* 1 error message, 2 C function, 3 its argument */
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, on_main_error, 1);
    lua_replace(L, 1);
    if (lua_pcall(L, 1, 0, 1) != LUA_OK)
        return lua_error(L);
    return 0;
}

bool
enter_protected(struct ln_runtime *rt, lua_CFunction fn, void *arg,
                int64_t budget_ms, struct ln_msg_error *m)
{
    lua_State *L = rt->L;
    m->where[0] = m->message[0] = 0;
    begin(rt, L, budget_ms);
    lua_settop(L, 0);
    lua_pushcfunction(L, protected_body);
    lua_pushlightuserdata(L, m);
    lua_pushcfunction(L, fn);
    lua_pushlightuserdata(L, arg);
    int status = lua_pcall(L, 3, 0, 0);
    if (status != LUA_OK && !m->message[0] &&
        lua_type(L, -1) == LUA_TSTRING) /* memory: no handler was called */
        ln_str_copy(m->message, sizeof(m->message),
                    ln_str(lua_tostring(L, -1)));
    lua_settop(L, 0);
    end(rt);
    if (status == LUA_OK && atomic_load(&rt->doom) == DOOM_NONE)
        return true;
    finish_error(rt, m);
    return false;
}

/* ---- tasks ---- */

static int
new_thread(lua_State *L)
{
    struct task *t = lua_touserdata(L, 1);
    t->co = lua_newthread(L);
    t->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static struct task *
idle_task(struct ln_runtime *rt)
{
    for (int i = 0; i < rt->ntasks; i++)
        if (!rt->tasks[i]->busy)
            return rt->tasks[i];
    if (rt->ntasks == TASKS_MAX)
        return NULL;
    struct task *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    lua_pushcfunction(rt->L, new_thread);
    lua_pushlightuserdata(rt->L, t);
    if (lua_pcall(rt->L, 1, 0, 0) != LUA_OK) {
        lua_settop(rt->L, 0);
        free(t);
        return NULL;
    }
    rt->tasks[rt->ntasks++] = t;
    return t;
}

struct report {
    struct task *task;
    struct ln_msg_error *m;
    bool raised; /* the error value is on top of its stack */
};

static int
report_body(lua_State *L)
{
    struct report *r = lua_touserdata(L, 1);
    struct ln_msg_error *m = r->m;
    /* The event first: describing the error may be cut short by memory. */
    if (!m->event[0]) {
        push_event_text(L);
        ln_str_copy(m->event, sizeof(m->event), ln_str(lua_tostring(L, -1)));
    }
    if (r->raised)
        describe_error(L, r->task->co, m);
    else /* it came to an end by itself, but too late */
        doom_text(runtime_of(L), m->message, sizeof(m->message));
    return 0;
}

static void
report(struct ln_runtime *rt, struct task *t, bool raised)
{
    struct ln_msg_error m;
    struct report r = {t, &m, raised};
    memset(&m, 0, sizeof(m));
    ln_str_copy(m.callback, sizeof(m.callback), ln_str(t->callback));
    ln_str_copy(m.event, sizeof(m.event), ln_str(t->event));
    lua_State *L = rt->L;
    lua_settop(L, 0);
    lua_sethook(L, NULL, 0, 0); /* no script runs here, doomed or not */
    lua_pushcfunction(L, report_body);
    lua_pushlightuserdata(L, &r);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK && !m.message[0])
        ln_str_copy(m.message, sizeof(m.message), ln_str("out of memory"));
    lua_settop(L, 0);
    finish_error(rt, &m);
    say(rt, &m.h, LN_MSG_ERROR, LN_INSTRUMENT_NONE, sizeof(m));
}

static int
event_text_body(lua_State *L)
{
    struct task *t = lua_touserdata(L, 1);
    push_event_text(L);
    ln_str_copy(t->event, sizeof(t->event), ln_str(lua_tostring(L, -1)));
    return 0;
}

/* The event is gone when the task goes on: keep its text for errors. */
static void
keep_event_text(struct ln_runtime *rt, struct task *t)
{
    if (t->event[0])
        return;
    lua_pushcfunction(rt->L, event_text_body);
    lua_pushlightuserdata(rt->L, t);
    if (lua_pcall(rt->L, 1, 0, 0) != LUA_OK)
        t->event[0] = 0;
    lua_settop(rt->L, 0);
}

static void
run(struct ln_runtime *rt, struct task *t, int nargs)
{
    int n;
    t->busy = true;
    rt->task = t;
    rt->suspending = false;
    rt->co_depth = 0;
    begin(rt, t->co, rt->callback_budget_ms);
    int status = lua_resume(t->co, NULL, nargs, &n);
    bool doomed = atomic_load(&rt->doom) != DOOM_NONE;
    bool waits = status == LUA_YIELD && rt->suspending;
    bool failed = status != LUA_OK && !waits;
    if (failed || doomed) {
        report(rt, t, failed);
        if (!rt->ended) /* runs its pending to-be-closed variables */
            lua_resetthread(t->co);
        rt->ended |= atomic_load(&rt->doom) != DOOM_NONE;
    }
    end(rt);
    rt->task = NULL;
    if (rt->ended) /* never touched again */
        return;
    if (waits) {
        keep_event_text(rt, t);
        return;
    }
    lua_settop(t->co, 0);
    t->busy = false;
    t->wait = WAIT_NOTHING;
    t->event[0] = 0;
}

static int
finished(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

static int
start_callback(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    int callback = (int)lua_tointeger(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, rt->callback_refs[callback]);
    int nargs = rt->push ? rt->push(L) : 0;
    lua_callk(L, nargs, 0, 0, finished);
    return 0;
}

static void
no_task(struct ln_runtime *rt)
{
    static const char text[] = "an event is skipped: too many callbacks wait "
                               "for an answer or an order";
    say_log(rt, LN_LOG_ERROR, text, sizeof(text) - 1);
}

void
enter_callback(struct ln_runtime *rt, enum callback callback,
               int (*push)(lua_State *L))
{
    if (rt->callback_refs[callback] == LUA_NOREF || rt->ended)
        return;
    struct task *t = idle_task(rt);
    if (!t) {
        no_task(rt);
        return;
    }
    t->callback = callback_names[callback];
    rt->push = push;
    lua_pushcfunction(t->co, start_callback);
    lua_pushinteger(t->co, (lua_Integer)callback);
    run(rt, t, 1);
}

/* ---- timers: a function of the script, or on_timer(name) ---- */

static int
start_timer(lua_State *L)
{
    struct ln_runtime *rt = runtime_of(L);
    uint64_t id = (uint64_t)lua_tointeger(L, 1);
    struct timer *timer = timer_find(rt, id);
    if (!timer)
        return 0;
    int nargs = 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, timer->ref);
    if (lua_type(L, -1) == LUA_TSTRING) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, rt->callback_refs[CALL_TIMER]);
        lua_insert(L, -2);
        nargs = 1;
    }
    if (!timer->repeat)
        timer_drop(L, id);
    lua_callk(L, nargs, 0, 0, finished);
    return 0;
}

void
enter_timer(struct ln_runtime *rt, uint64_t id)
{
    if (!timer_find(rt, id) || rt->ended)
        return;
    struct task *t = idle_task(rt);
    if (!t) {
        no_task(rt);
        return;
    }
    t->callback = callback_names[CALL_TIMER];
    lua_pushcfunction(t->co, start_timer);
    lua_pushinteger(t->co, (lua_Integer)id);
    run(rt, t, 1);
}

/* ---- waiting ---- */

void
need_yieldable(lua_State *L, const char *what)
{
    if (!lua_isyieldable(L))
        luaL_error(L,
                   "%s has to wait, which is not possible inside a sort, gsub "
                   "or metamethod function",
                   what);
}

int
task_suspend(lua_State *L, enum wait wait, uint64_t tag,
             const struct order *order, lua_KFunction k, const char *what)
{
    struct ln_runtime *rt = runtime_of(L);
    need_yieldable(L, what);
    LN_ASSERT(rt->task != NULL);
    rt->task->wait = wait;
    rt->task->tag = tag;
    rt->task->order = order;
    rt->suspending = true;
    return lua_yieldk(L, 0, (lua_KContext)tag, k);
}

void
enter_resume(struct ln_runtime *rt, enum wait wait, uint64_t tag,
             const struct order *order)
{
    for (int i = 0; i < rt->ntasks && !rt->ended; i++) {
        struct task *t = rt->tasks[i];
        if (t->wait != wait || t->tag != tag || t->order != order)
            continue;
        t->wait = WAIT_NOTHING;
        run(rt, t, 0);
    }
}

bool
enter_waiting(const struct ln_runtime *rt, enum callback callback)
{
    const char *name = callback_names[callback];
    for (int i = 0; i < rt->ntasks; i++)
        if (rt->tasks[i]->busy && rt->tasks[i]->callback == name)
            return true;
    return false;
}

void
need_callback(lua_State *L, const char *what)
{
    if (runtime_of(L)->loading)
        luaL_error(L,
                   "%s can only be used inside a callback such as on_start; "
                   "the script is still being loaded",
                   what);
}
