/*
 * api.* and market.*: requests that suspend a callback, and what is known
 * without asking.
 */
#include "unit/bindings/fake_host.h"

static void
a_request_suspends_and_its_answer_continues(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_start()\n"
                 "  log.info('asks')\n"
                 "  local v, err = api.candles { symbol = 'BTCUSDT',\n"
                 "    limit = 2, flags = { true, 'x' } }\n"
                 "  log.info(v.list[1].px, math.type(v.list[1].n), v.none,\n"
                 "    v.list[2], v.deep.a.b, err)\n"
                 "end\n"
                 "function on_ticker() log.info('between') end");
    assert_string_equal(fake_log(&f), "asks");
    const struct ln_msg_request *r = fake_last(&f, LN_MSG_REQUEST);
    assert_string_equal(r->endpoint, "candles");
    const char *json = ln_msg_tail(r, sizeof(*r));
    assert_non_null(strstr(json, "\"symbol\":\"BTCUSDT\""));
    assert_non_null(strstr(json, "\"limit\":2"));
    assert_non_null(strstr(json, "\"flags\":[true,\"x\"]"));
    uint64_t tag = r->tag;
    fake_ticker(&f, BTC, 640000);
    assert_string_equal(fake_log(&f), "between");
    fake_reply(&f, tag, true,
               "{\"list\":[{\"px\":\"64000.10\",\"n\":3},\"a\\\"b\"],"
               "\"none\":null,\"deep\":{\"a\":{\"b\":1.5}}}");
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "64000.10 integer nil a\"b 1.5 nil");
    fake_free(&f);
}

static void
a_refusal_is_nil_and_an_error_value(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_start()\n"
                 "  local v, e = api.order_detail()\n"
                 "  log.info(v, e.code, e.message, e.retryable)\n"
                 "end");
    const struct ln_msg_request *r = fake_last(&f, LN_MSG_REQUEST);
    assert_string_equal(ln_msg_tail(r, sizeof(*r)), "{}");
    fake_reply(&f, r->tag, false, "");
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "nil 40762 no money true");
    fake_free(&f);
}

static void
several_callbacks_wait_each_for_its_own(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "local n = 0\n"
                 "function on_ticker(t)\n"
                 "  n = n + 1\n"
                 "  local mine = n\n"
                 "  log.info(mine, api.x { n = n }.v)\n"
                 "end");
    for (int i = 0; i < 3; i++)
        fake_ticker(&f, BTC, 640000);
    assert_int_equal(fake_count(&f, LN_MSG_REQUEST), 3);
    fake_reply(&f, 2, true, "{\"v\":\"two\"}");
    assert_string_equal(fake_log(&f), "2 two");
    fake_reply(&f, 1, true, "{\"v\":\"one\"}");
    assert_string_equal(fake_log(&f), "1 one");
    fake_reply(&f, 1, true, "{}"); /* twice: nobody waits */
    fake_reply(&f, 3, true, "this is no JSON");
    assert_error(&f, "attempt to index a nil value");
    fake_free(&f);
}

static void
too_many_waiting_callbacks_skip_events_loudly(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_ticker(t) api.x {} end");
    for (int i = 0; i < 256; i++)
        fake_ticker(&f, BTC, 640000);
    fake_forget(&f);
    fake_ticker(&f, BTC, 640000);
    assert_null(fake_last(&f, LN_MSG_REQUEST));
    assert_non_null(strstr(fake_log(&f), "an event is skipped"));
    assert_true(f.alive);
    fake_free(&f);
}

static void
what_cannot_be_json_is_an_error(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"api.x { f = print }", "a function cannot be written as JSON"},
        {"local t = {} t.t = t api.x(t)", "contain themselves"},
        {"api.x(5)", "takes a table of parameters"},
        {"api.x { 1, a = 2 }", "either names or 1..n"},
        {"api.x { s = ('x'):rep(100000) }", "too large"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake f;
        char script[256];
        snprintf(script, sizeof(script), "function on_start() %s end",
                 cases[i][0]);
        fake_run(&f, script);
        assert_error(&f, cases[i][1]);
        assert_null(fake_last(&f, LN_MSG_REQUEST));
        fake_free(&f);
    }
}

static void
on_stop_may_wait_and_then_it_ends(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_stop()\n"
                 "  api.x {}\n"
                 "  log.info('done')\n"
                 "end");
    fake_stop(&f, "shutdown");
    assert_true(f.alive);
    fake_reply(&f, 1, true, "{}");
    assert_string_equal(fake_log(&f), "done");
    assert_false(f.alive);
    assert_string_equal(ln_runtime_why_ended(f.rt), "stopped");
    fake_free(&f);
}

/* ---- market ---- */

static void
market_knows_what_was_told(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f,
             "function on_start()\n"
             "  log.info(market.ticker('BTCUSDT'), market.book('BTCUSDT'),\n"
             "   market.price('BTCUSDT'), market.funding('BTCUSDT'),\n"
             "   market.open_interest('BTCUSDT'), market.current(),\n"
             "   #market.candles('BTCUSDT'))\n"
             "end\n"
             "function on_ticker(t)\n"
             "  local fu = market.funding(t.symbol)\n"
             "  log.info(market.ticker(t.symbol) == t,\n"
             "   market.price('BTCUSDT'), fu.rate, fu.interval_hours,\n"
             "   market.open_interest(t.symbol), market.current())\n"
             "end");
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "nil nil nil nil nil nil 0");
    fake_ticker(&f, BTC, 640000);
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "true 64000.0 0.0001 8 123.456 BTCUSDT");
    fake_free(&f);
}

static void
instruments_are_described(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_start()\n"
                 "  local i = market.instrument('btcusdt')\n"
                 "  log.info(#market.instruments(), i.symbol, i.tick, i.lot,\n"
                 "   i.min_size, i.min_notional, i.maker_fee, i.taker_fee,\n"
                 "   i.max_leverage, i.status)\n"
                 "end");
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "2 BTCUSDT 0.1 0.001 0.001 5.0 0.0002 "
                                      "0.0006 125 normal");
    fake_free(&f);
}

static void
candles_are_kept_in_order_and_bounded(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_ticker()\n"
                 "  local c = market.candles('BTCUSDT', '1m')\n"
                 "  for i = 2, #c do assert(c[i].time > c[i - 1].time) end\n"
                 "  log.info(#c, c[1].close, c[#c].close, c[1].timeframe,\n"
                 "   #market.candles('BTCUSDT', '1m', 3))\n"
                 "end");
    for (int i = 0; i < 2500; i++)
        fake_candle(&f, BTC, START + i * 60000LL, 600000 + i, true);
    fake_candle(&f, BTC, START, 1, true); /* known already */
    fake_forget(&f);
    fake_ticker(&f, BTC, 640000);
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "2000 60050.0 60249.9 1m 3");
    fake_free(&f);
}

static void
subscriptions_go_to_the_host(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_start()\n"
                 "  market.subscribe('ETHUSDT', 'candle', '5m')\n"
                 "end\n"
                 "function on_ticker()\n"
                 "  market.unsubscribe('ETHUSDT', 'book')\n"
                 "end\n"
                 "function on_timer() end\n"
                 "function on_book() market.subscribe('ETHUSDT', 'boook') end");
    const struct ln_msg_subscribe *s = fake_last(&f, LN_MSG_SUBSCRIBE);
    assert_int_equal(s->h.instrument, ETH);
    assert_int_equal(s->channels, 8);
    assert_int_equal(s->timeframe, LN_TF_5M);
    assert_true(s->on);
    fake_ticker(&f, BTC, 640000);
    s = fake_last(&f, LN_MSG_SUBSCRIBE);
    assert_int_equal(s->channels, 4);
    assert_false(s->on);
    struct ln_msg_book b = {0};
    fake_send(&f, &b.h, LN_MSG_BOOK, BTC, sizeof(b));
    assert_error(&f, "did you mean 'book'?");
    fake_free(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_suspends_and_its_answer_continues),
        cmocka_unit_test(a_refusal_is_nil_and_an_error_value),
        cmocka_unit_test(several_callbacks_wait_each_for_its_own),
        cmocka_unit_test(too_many_waiting_callbacks_skip_events_loudly),
        cmocka_unit_test(what_cannot_be_json_is_an_error),
        cmocka_unit_test(on_stop_may_wait_and_then_it_ends),
        cmocka_unit_test(market_knows_what_was_told),
        cmocka_unit_test(instruments_are_described),
        cmocka_unit_test(candles_are_kept_in_order_and_bounded),
        cmocka_unit_test(subscriptions_go_to_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
