/*
 * What a script cannot do, what it can as in any Lua, and what happens to
 * one that uses too much.
 */
#include "unit/bindings/fake_host.h"

#include "base/log.h"

#include <signal.h>
#include <sys/time.h>

/* Runs <body> in on_start, which must work; returns the last log line. */
static const char *
run(struct fake *f, const char *body)
{
    char script[4096];
    snprintf(script, sizeof(script), "function on_start()\n%s\nend", body);
    fake_run(f, script);
    assert_no_error(f);
    return fake_log(f);
}

static void
what_reaches_outside_is_not_there(void **state)
{
    (void)state;
    struct fake f;
    assert_string_equal(
        run(&f, "log.info(io, debug, package, dofile, loadfile, warn,\n"
                " os.execute, os.getenv, os.exit, os.remove, os.tmpname,\n"
                " os.setlocale, string.dump, coroutine.running)"),
        "nil nil nil nil nil nil nil nil nil nil nil nil nil nil");
    fake_free(&f);
}

static void
what_is_refused_says_why(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"collectgarbage('stop')", "not under a script's control"},
        {"setmetatable({}, { __gc = function() end })", "__gc is not"},
        {"string.format('%p', {})", "%p is not available"},
        {"getmetatable('').__index = nil", "attempt to index a boolean"},
        {"coroutine.yield()", "outside of a coroutine"},
        {"require 'late'", "modules are loaded at the top"},
        {"assert(load('\\27Lua'))", "binary chunk"},
        {"math.random(5, 1)", "interval is empty"},
        {"setmetatable(params, {})", "protected metatable"},
        {"log.inof('x')", "did you mean 'info'?"},
        {"timer.evry(1, 'x')", "did you mean 'every'?"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake f;
        char script[512];
        snprintf(script, sizeof(script), "function on_start()\n%s\nend",
                 cases[i][0]);
        fake_run(&f, script);
        assert_error(&f, cases[i][1]);
        fake_free(&f);
    }
}

static void
ordinary_lua_runs_as_everywhere(void **state)
{
    (void)state;
    struct fake f;
    assert_string_equal(
        run(&f, "local C = {}; C.__index = C\n"
                "function C.new(n) return setmetatable({ n = n }, C) end\n"
                "function C:twice() return self.n * 2 end\n"
                "local ok, e = pcall(error, 'x')\n"
                "local ok2, e2 = xpcall(function() error('y', 0) end,\n"
                "  function(m) return m .. '!' end)\n"
                "local t = { 3, 1, 2 }\n"
                "table.sort(t)\n"
                "local co = coroutine.wrap(function(a)\n"
                "  local b = coroutine.yield(a + 1)\n"
                "  return b * 2\n"
                "end)\n"
                "local closed = false\n"
                "do local c <close> = setmetatable({},\n"
                "  { __close = function() closed = true end }) end\n"
                "local f = load('return ... + 1')\n"
                "log.info(C.new(4):twice(), ok, e, ok2, e2,\n"
                " table.concat(t, ','), co(1), co(5), closed, f(2),\n"
                " ('%s|%d'):format('a', 3), ('ab'):rep(2, '-'),\n"
                " utf8.len('\\u{e9}'), select('#', pcall(function()\n"
                " return 1, 2 end)))"),
        "8 false x false y! 1,2,3 2 10 true 3 a|3 ab-ab 1 3");
    fake_free(&f);
}

static void
coroutines_report_their_errors_and_states(void **state)
{
    (void)state;
    struct fake f;
    assert_string_equal(
        run(&f, "local co = coroutine.create(function() error('in', 0) end)\n"
                "local ok, e = coroutine.resume(co)\n"
                "local ok2, e2 = coroutine.resume(co)\n"
                "local w = coroutine.wrap(function() error('w', 0) end)\n"
                "local _, e3 = pcall(w)\n"
                "local c = coroutine.create(function() end)\n"
                "log.info(ok, e, ok2, e2, e3, coroutine.status(co),\n"
                " coroutine.status(c), coroutine.close(c),\n"
                " coroutine.isyieldable())"),
        "false in false cannot resume dead coroutine w dead suspended true "
        "false");
    fake_free(&f);
}

static void
texts_show_no_addresses(void **state)
{
    (void)state;
    struct fake f;
    assert_string_equal(run(&f, "log.info({}, print, tostring({}),\n"
                                " ('%s'):format({}), account ~= nil)"),
                        "table function table table true");
    fake_free(&f);
}

static void
random_numbers_follow_the_hosts_seed(void **state)
{
    (void)state;
    char first[256];
    struct fake f;
    static const char body[] =
        "local r = math.random()\n"
        "assert(r >= 0 and r < 1)\n"
        "for i = 1, 100 do\n"
        "  local n = math.random(3, 5) assert(n >= 3 and n <= 5)\n"
        "end\n"
        "log.info(r, math.random(1000000), math.random(0))";
    snprintf(first, sizeof(first), "%s", run(&f, body));
    fake_free(&f);
    assert_string_equal(run(&f, body), first);
    fake_free(&f);
}

static void
time_is_the_hosts_and_utc(void **state)
{
    (void)state;
    struct fake f;
    assert_string_equal(
        run(&f,
            "log.info(os.time(), os.date('%Y-%m-%d %H:%M:%S'), os.clock(),\n"
            " os.time { year = 2024, month = 2, day = 29, hour = 0 },\n"
            " os.time { year = 2023, month = 14, day = 1 },\n"
            " os.date('*t', 86400).day, os.difftime(5, 3))"),
        "1700000000 2023-11-14 22:13:20 0.0 1709164800 1706788800 2 2.0");
    fake_free(&f);
}

static void
logging_has_levels_formats_and_a_limit(void **state)
{
    (void)state;
    struct fake f;
    static const char *const want[] = {"a 1",    "b nil true",  "50%",
                                       "100% x", "printed 1.5", "ALERT: fire"};
    static const int levels[] = {LN_LOG_INFO,  LN_LOG_DEBUG, LN_LOG_WARN,
                                 LN_LOG_ERROR, LN_LOG_INFO,  LN_LOG_WARN};
    int n = 0;
    run(&f, "log.info('a %d', 1) log.debug('b', nil, true)\n"
            "log.warn('50%') log.error('100% x') print('printed', 1.5)\n"
            "alert('fire') plot('ema', 2.5) metric('m', 3)");
    for (int i = 0; i < f.nsaid; i++) {
        const struct ln_msg_log *m = (const void *)f.said[i];
        if (m->h.type != LN_MSG_LOG)
            continue;
        assert_string_equal(ln_msg_tail(m, sizeof(*m)), want[n]);
        assert_int_equal(m->level, levels[n]);
        n++;
    }
    assert_int_equal(n, 6);
    const struct ln_msg_value *plot = fake_last(&f, LN_MSG_PLOT);
    assert_string_equal(plot->name, "ema");
    assert_true(plot->value == 2.5);
    assert_non_null(fake_last(&f, LN_MSG_METRIC));
    fake_free(&f);

    run(&f, "for i = 1, 5000 do log.info(i) end");
    assert_true(fake_count(&f, LN_MSG_LOG) < 300);
    assert_non_null(strstr(fake_log(&f), "it logs too much"));
    fake_free(&f);
}

/* ---- limits ---- */

static struct ln_runtime *victim;

static void
on_alarm(int signum)
{
    (void)signum;
    ln_runtime_condemn(victim);
}

/* What the watchdog does, without its clock: condemn, again and again. */
static void
condemn_soon(struct ln_runtime *rt)
{
    struct itimerval every = {{0, 5000}, {0, 5000}};
    victim = rt;
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &every, NULL);
}

static void
no_more_alarms(void)
{
    struct itimerval never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &never, NULL);
}

static void
nothing_survives_being_condemned(void **state)
{
    (void)state;
    static const char *const loops[] = {
        "while true do end",
        "repeat until pcall(error) and false",
        "while true do pcall(function() while true do end end) end",
        "while true do xpcall(function() while true do end end,\n"
        " function() while true do end end) end",
        "local function f() while true do end end\n"
        "while true do coroutine.resume(coroutine.create(f)) end",
        "while true do pcall(coroutine.wrap(function()\n"
        " while true do end end)) end",
        "local t = setmetatable({}, { __index = function(t, k)\n"
        " while true do end end })\n"
        "while true do pcall(function() return t.x end) end",
        "local t <close> = setmetatable({}, { __close = function()\n"
        " while true do end end })\n"
        "while true do end",
        "local function deep() return pcall(deep) end\n"
        "while true do pcall(deep) end",
        "while true do pcall(string.gsub, ('x'):rep(100), '.', function()\n"
        " while true do end end) end",
        "while true do load('while true do end')() end",
        "while true do pcall(table.sort, { 3, 2, 1 }, function()\n"
        " while true do end end) end",
    };
    for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
        struct fake f;
        char script[512];
        snprintf(script, sizeof(script), "function on_ticker(t)\n%s\nend",
                 loops[i]);
        fake_run(&f, script);
        condemn_soon(f.rt);
        fake_ticker(&f, BTC, 640000);
        no_more_alarms();
        const struct ln_msg_error *e = fake_error(&f, LN_MSG_ERROR);
        assert_non_null(e);
        assert_true(e->fatal);
        assert_non_null(strstr(e->message, "its budget of 1000 ms"));
        assert_false(f.alive);
        fake_ticker(&f, BTC, 640000);
        assert_false(f.alive);
        fake_free(&f);
    }
}

static void
condemning_between_callbacks_does_nothing(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_ticker(t) log.info('fine') end");
    ln_runtime_condemn(f.rt);
    fake_ticker(&f, BTC, 640000);
    assert_string_equal(fake_log(&f), "fine");
    assert_true(f.alive);
    fake_free(&f);
}

static void
memory_has_a_limit(void **state)
{
    (void)state;
    static const char *const bombs[] = {
        "local t = {} while true do t[#t + 1] = { #t, {} } end",
        "local s = 'x' while true do s = s .. s end",
        "local t = {}\n"
        "while true do pcall(function()\n"
        " t[#t + 1] = ('x'):rep(100000) .. #t end) end",
        "local t = {} while true do t[#t + 1] = coroutine.create(print) end",
    };
    for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        struct fake f;
        char script[512];
        snprintf(script, sizeof(script), "function on_ticker(t)\n%s\nend",
                 bombs[i]);
        fake_run(&f, script);
        fake_ticker(&f, BTC, 640000);
        const struct ln_msg_error *e = fake_error(&f, LN_MSG_ERROR);
        assert_non_null(e);
        if (!e->fatal)
            fail_msg("%s: %s", bombs[i], e->message);
        assert_false(f.alive);
        fake_free(&f);
    }
}

/* A library's buffer asks once, and then gives up by itself. */
static void
a_refused_buffer_is_an_ordinary_error(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_ticker(t)\n"
                 "  log.info(#('x'):rep(t.last == 1 and 1000 or 100000000))\n"
                 "end");
    fake_ticker(&f, BTC, 640000);
    assert_error(&f, "not enough memory");
    assert_true(f.alive);
    fake_ticker(&f, BTC, 10);
    assert_string_equal(fake_log(&f), "1000");
    fake_free(&f);
}

static void
garbage_is_no_reason_to_end(void **state)
{
    (void)state;
    struct fake f;
    assert_string_equal(run(&f, "for i = 1, 3000 do\n"
                                "  local s = ('x'):rep(50000) .. i\n"
                                "end\n"
                                "log.info('alive')"),
                        "alive");
    fake_free(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_reaches_outside_is_not_there),
        cmocka_unit_test(what_is_refused_says_why),
        cmocka_unit_test(ordinary_lua_runs_as_everywhere),
        cmocka_unit_test(coroutines_report_their_errors_and_states),
        cmocka_unit_test(texts_show_no_addresses),
        cmocka_unit_test(random_numbers_follow_the_hosts_seed),
        cmocka_unit_test(time_is_the_hosts_and_utc),
        cmocka_unit_test(logging_has_levels_formats_and_a_limit),
        cmocka_unit_test(nothing_survives_being_condemned),
        cmocka_unit_test(condemning_between_callbacks_does_nothing),
        cmocka_unit_test(memory_has_a_limit),
        cmocka_unit_test(a_refused_buffer_is_an_ordinary_error),
        cmocka_unit_test(garbage_is_no_reason_to_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
