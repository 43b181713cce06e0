/*
 * The life of a runtime: loading and its mistakes, params, callbacks with
 * their arguments, errors with place and event, timers, the end.
 */
#include "unit/bindings/fake_host.h"

#include <sys/stat.h>

static void
hello_is_answered_by_what_the_script_wants(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f);
    fake_load(&f,
              "strategy { symbols = { 'ETHUSDT', 'btcusdt' },\n"
              "           timeframe = '15m', warmup = 200 }\n"
              "function on_candle(c) end\n"
              "function on_stop() end\n",
              "{}");
    const struct ln_msg_ready *r = fake_last(&f, LN_MSG_READY);
    assert_non_null(r);
    assert_int_equal(r->version, LN_PORT_VERSION);
    assert_int_equal(r->nsymbols, 2);
    assert_int_equal(r->symbols[0], ETH);
    assert_int_equal(r->symbols[1], BTC);
    assert_int_equal(r->timeframe, LN_TF_15M);
    assert_int_equal(r->warmup, 200);
    assert_int_equal(r->callbacks, LN_CB_CANDLE | LN_CB_STOP);
    assert_true(f.loaded_called);
    assert_true(f.alive);
    fake_free(&f);
}

static void
every_message_is_answered_by_done_with_its_number(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_ticker(t) log.info('x') end");
    f.seq = 41;
    fake_ticker(&f, BTC, 640000);
    const struct ln_msg_done *done = fake_last(&f, LN_MSG_DONE);
    const struct ln_msg *log = fake_last(&f, LN_MSG_LOG);
    assert_int_equal(done->h.seq, 42);
    assert_int_equal(log->seq, 42);
    assert_true(done->memory_bytes > 0);
    fake_free(&f);
}

/* A script that must not load, the place and a part of the message. */
struct mistake {
    const char *script, *params, *where, *message;
};

static const struct mistake mistakes[] = {
    {"strategy {\n symbols = {\n", "{}", "s.lua:", "expected"},
    {"local x = nil\nx.y = 1", "{}", "s.lua:2", "attempt to index a nil"},
    {"x = 1", "{}", "", "never calls strategy{...}"},
    {"strategy { symbol = 'BTCUSDT' }", "{}", "s.lua:1",
     "did you mean 'symbols'?"},
    {"strategy { symbols = { 'BTCUSD' } }", "{}", "s.lua:1",
     "did you mean BTCUSDT?"},
    {"strategy { timeframe = '7m' }", "{}", "s.lua:1", "'7m' is no timeframe"},
    {"strategy { symbols = { 'BTCUSDT', 'BTCUSDT' } }", "{}", "s.lua:1",
     "twice"},
    {"strategy { timeframe = '1m', warmup = 5000 }", "{}", "s.lua:1",
     "0 to 999"},
    {"strategy {}\nstrategy {}", "{}", "s.lua:2", "called once"},
    {"strategy {}\nfunction on_candel(c) end", "{}", "",
     "did you mean 'on_candle'?"},
    {"strategy {}\non_candle = 3", "{}", "", "a callback is a function"},
    {"strategy { params = { fast = { 9, mim = 2 } } }", "{}", "s.lua:1",
     "did you mean 'min'?"},
    {"strategy { params = { fast = { 9, min = 2, max = 5 } } }", "{}",
     "s.lua:1", "params.fast = 9 is above its max of 5"},
    {"strategy { params = { fast = { 9, min = 2 } } }", "{\"fast\":1}",
     "s.lua:1", "params.fast = 1 is below its min of 2"},
    {"strategy { params = { fast = 9 } }", "{\"fsat\":1}", "s.lua:1",
     "did you mean 'fast'?"},
    {"strategy { params = { fast = 9 } }", "{\"fast\":true}", "s.lua:1",
     "params.fast is a number, and was given a boolean"},
    {"strategy { params = { fast = 9 } }\nlocal x = params.fats", "{}",
     "s.lua:2", "did you mean 'fast'?"},
    {"strategy { params = { fast = 9 } }\nparams.fast = 3", "{}", "s.lua:2",
     "cannot be changed"},
    {"strategy {}\ntrade.buy { symbol = 'BTCUSDT', size = 1 }", "{}", "s.lua:2",
     "only be used inside a callback"},
    {"strategy {}\ntimer.after(1, function() end)", "{}", "s.lua:2",
     "only be used inside a callback"},
    {"strategy {}\napi.tickers{}", "{}", "s.lua:2",
     "only be used inside a callback"},
    {"strategy {}\nrequire 'nowhere'", "{}", "s.lua:2",
     "module 'nowhere' is neither"},
    {"strategy {}\nrequire '../s'", "{}", "s.lua:2", "is no module name"},
    {"strategy {}\nrequire 'a..b'", "{}", "s.lua:2", "is no module name"},
    {"strategy {}\nerror({})", "{}", "s.lua:2", "no text"},
};

static void
mistakes_are_told_with_their_place_and_cure(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        const struct mistake *m = &mistakes[i];
        struct fake f;
        fake_new(&f);
        fake_load(&f, m->script, m->params);
        const struct ln_msg_error *e = fake_last(&f, LN_MSG_FAILED);
        if (!e)
            fail_msg("this loads: %s", m->script);
        if (strncmp(e->where, m->where, strlen(m->where)) != 0 ||
            !strstr(e->message, m->message))
            fail_msg("%s\n  at '%s': %s\n  wanted '%s': %s", m->script,
                     e->where, e->message, m->where, m->message);
        assert_false(f.alive);
        assert_null(fake_last(&f, LN_MSG_READY));
        fake_free(&f);
    }
}

static void
a_script_that_is_not_there_fails(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f);
    fake_hello(&f, "/nowhere/gone.lua", "{}");
    const struct ln_msg_error *e = fake_error(&f, LN_MSG_FAILED);
    assert_non_null(e);
    assert_non_null(strstr(e->message, "/nowhere/gone.lua cannot be read"));
    fake_free(&f);
}

static void
bytecode_is_refused(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f);
    fake_load(&f, "\033LuaT", "{}");
    const struct ln_msg_error *e = fake_error(&f, LN_MSG_FAILED);
    assert_non_null(e);
    assert_non_null(strstr(e->message, "attempt to load a binary chunk"));
    fake_free(&f);
}

static void
params_have_defaults_and_are_overridden_by_the_host(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f);
    fake_load(&f,
              "strategy { params = { fast = { 12, min = 2, max = 50 },\n"
              "  risk = 0.5, name = 'x', on = true, slow = 26 } }\n"
              "local n = 0\n"
              "for k, v in pairs(params) do n = n + 1 end\n"
              "log.info(params.fast, params.risk, params.name, params.on,\n"
              "         params.slow, n)\n",
              "{\"fast\":9,\"risk\":\"0.25\",\"on\":false}");
    assert_string_equal(fake_log(&f), "9 0.25 x false 26 5");
    fake_free(&f);
}

static void
modules_are_found_beside_the_script_and_in_lib(void **state)
{
    (void)state;
    struct fake f;
    char path[128];
    fake_new(&f);
    fake_write(&f, "helper.lua", "return { n = (...) .. '!' }");
    snprintf(path, sizeof(path), "%s/sub", f.dir);
    assert_int_equal(mkdir(path, 0700), 0);
    fake_write(&f, "sub/deep.lua", "return 'deep'");
    fake_load(&f,
              "strategy {}\n"
              "local h = require 'helper'\n"
              "assert(h == require 'helper')\n"
              "assert(require('ema').new)\n"
              "log.info(h.n, type(sizing.risk), require 'sub.deep')\n",
              "{}");
    assert_string_equal(fake_log(&f), "helper! function deep");
    fake_free(&f);
}

static void
a_module_that_requires_itself_is_an_error(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f);
    fake_write(&f, "helper.lua", "return require 'helper'");
    fake_load(&f, "strategy {}\nrequire 'helper'", "{}");
    const struct ln_msg_error *e = fake_error(&f, LN_MSG_FAILED);
    assert_non_null(strstr(e->message, "requires itself"));
    assert_string_equal(e->where, "helper.lua:1");
    fake_free(&f);
}

/* ---- callbacks ---- */

static void
callbacks_get_their_arguments(void **state)
{
    (void)state;
    struct fake f;
    struct ln_msg_connection up = {0};
    fake_run(&f, "function on_start() log.info('start') end\n"
                 "function on_connection(up, what) log.info(up, what) end\n"
                 "function on_stop(reason) log.info('stop', reason) end\n");
    assert_string_equal(fake_log(&f), "start");
    up.up = true;
    snprintf(up.what, sizeof(up.what), "private");
    fake_send(&f, &up.h, LN_MSG_CONNECTION, LN_INSTRUMENT_NONE, sizeof(up));
    assert_string_equal(fake_log(&f), "true private");
    fake_stop(&f, "shutdown");
    assert_string_equal(fake_log(&f), "stop shutdown");
    assert_int_equal(((const struct ln_msg *)fake_last(&f, LN_MSG_DONE))->seq,
                     f.seq);
    assert_false(f.alive);
    fake_free(&f);
}

static void
warm_up_candles_are_history_without_callbacks(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f);
    fake_load(&f,
              DECLARE "function on_candle(c) log.info('candle', c.close) end\n"
                      "function on_start()\n"
                      "  local h = market.candles('BTCUSDT', '1m', 2)\n"
                      "  log.info(#h, h[1].close, h[2].close)\n"
                      "end\n",
              "{}");
    for (int i = 0; i < 3; i++)
        fake_candle(&f, BTC, START + i * 60000, 640000 + i, true);
    assert_string_equal(fake_log(&f), "(nothing)");
    fake_start(&f);
    assert_string_equal(fake_log(&f), "2 64000.1 64000.2");
    fake_candle(&f, BTC, START + 180000, 640003, false);
    assert_string_equal(fake_log(&f), "candle 64000.3");
    fake_free(&f);
}

static void
an_error_is_reported_and_the_strategy_goes_on(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_ticker(t)\n"
                 "  if t.last > 64000 then\n"
                 "    local x = nil + 1\n"
                 "  end\n"
                 "  log.info('fine')\n"
                 "end\n");
    fake_ticker(&f, BTC, 640010);
    const struct ln_msg_error *e = fake_error(&f, LN_MSG_ERROR);
    assert_non_null(e);
    assert_string_equal(e->callback, "on_ticker");
    assert_string_equal(e->where, "s.lua:4");
    assert_non_null(strstr(e->message, "attempt to perform arithmetic"));
    assert_non_null(strstr(e->message, "stack traceback"));
    assert_non_null(strstr(e->event, "ticker symbol=BTCUSDT"));
    assert_non_null(strstr(e->event, "last=64001"));
    assert_false(e->fatal);
    assert_true(f.alive);
    fake_ticker(&f, BTC, 639990);
    assert_string_equal(fake_log(&f), "fine");
    fake_free(&f);
}

static void
an_error_in_a_shipped_module_is_placed_in_the_users_source(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_start()\n"
                 "  sizing.quote('much', 'NOSUCH')\n"
                 "end\n");
    const struct ln_msg_error *e = fake_error(&f, LN_MSG_ERROR);
    assert_non_null(e);
    assert_string_equal(e->where, "s.lua:3");
    fake_free(&f);
}

/* ---- timers ---- */

static void
timers_call_functions_or_on_timer(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_timer(name) log.info('named', name) end\n"
                 "function on_start()\n"
                 "  timer.every(2.5, 'beat')\n"
                 "  timer.after(1, function() log.info('once') end)\n"
                 "end\n"
                 "function on_ticker() log.info(timer.cancel('beat')) end\n");
    assert_int_equal(fake_count(&f, LN_MSG_TIMER_SET), 2);
    const struct ln_msg_timer_set *set = fake_last(&f, LN_MSG_TIMER_SET);
    assert_int_equal(set->id, 2);
    assert_int_equal(set->delay_ms, 1000);
    assert_int_equal(set->repeat_ms, 0);
    fake_timer(&f, 1);
    assert_string_equal(fake_log(&f), "named beat");
    fake_timer(&f, 2);
    assert_string_equal(fake_log(&f), "once");
    fake_forget(&f);
    fake_timer(&f, 2); /* it is over */
    assert_null(fake_last(&f, LN_MSG_LOG));
    fake_ticker(&f, BTC, 1000);
    set = fake_last(&f, LN_MSG_TIMER_SET);
    assert_int_equal(set->id, 1);
    assert_true(set->delay_ms < 0);
    fake_free(&f);
}

static void
a_named_timer_needs_on_timer(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_start() timer.after(1, 'x') end\n");
    assert_error(&f, "on_timer(name), which this script does not have");
    fake_free(&f);
}

static void
a_host_that_breaks_the_protocol_ends_it(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "");
    fake_ticker(&f, 7, 1000); /* there is no such instrument */
    assert_false(f.alive);
    assert_non_null(strstr(ln_runtime_why_ended(f.rt), "broke the protocol"));
    fake_free(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_is_answered_by_what_the_script_wants),
        cmocka_unit_test(every_message_is_answered_by_done_with_its_number),
        cmocka_unit_test(mistakes_are_told_with_their_place_and_cure),
        cmocka_unit_test(a_script_that_is_not_there_fails),
        cmocka_unit_test(bytecode_is_refused),
        cmocka_unit_test(params_have_defaults_and_are_overridden_by_the_host),
        cmocka_unit_test(modules_are_found_beside_the_script_and_in_lib),
        cmocka_unit_test(a_module_that_requires_itself_is_an_error),
        cmocka_unit_test(callbacks_get_their_arguments),
        cmocka_unit_test(warm_up_candles_are_history_without_callbacks),
        cmocka_unit_test(an_error_is_reported_and_the_strategy_goes_on),
        cmocka_unit_test(
            an_error_in_a_shipped_module_is_placed_in_the_users_source),
        cmocka_unit_test(timers_call_functions_or_on_timer),
        cmocka_unit_test(a_named_timer_needs_on_timer),
        cmocka_unit_test(a_host_that_breaks_the_protocol_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
