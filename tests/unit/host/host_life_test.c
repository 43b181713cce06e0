/*
 * The host over time: candles that close once and in order, strategies that
 * hang, crash or fall behind, and the orderly end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trade/order.h"
#include "unit/host/fake.h"

/* ---- candles ---- */

static struct ln_candle
candle(int64_t minute)
{
    struct ln_candle c = {.time_ms = minute * 60000,
                          .open_ticks = 500000,
                          .high_ticks = 500010,
                          .low_ticks = 499990,
                          .close_ticks = 500000 + minute % 7};
    return c;
}

static void
answer_candles(struct fixture *fx, int64_t first, int64_t last)
{
    struct ln_candle items[64];
    struct ln_venue_event e = {.type = LN_VE_CANDLES};
    size_t n = 0;
    for (int64_t m = first; m <= last; m++)
        items[n++] = candle(m);
    e.u.candles.tf = LN_TF_1M;
    e.u.candles.tag = fake_last(fx, "fetch")->tag;
    e.u.candles.items = items;
    e.u.candles.count = n;
    fake_emit(fx, &e);
}

static void
push_candle(struct fixture *fx, int64_t minute)
{
    struct ln_venue_event e = {.type = LN_VE_CANDLE};
    e.u.candle.tf = LN_TF_1M;
    e.u.candle.candle = candle(minute);
    fake_emit(fx, &e);
}

static int64_t
last_candle_minute(struct fixture *fx)
{
    const struct ln_msg_candle *c = fake_got(fx, LN_MSG_CANDLE);
    return c ? c->candle.time_ms / 60000 : -1;
}

static void
test_warmup_comes_before_start_and_each_closed_candle_once(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_online(&fx);
    fake_ready(&fx, LN_TF_1M, 5);
    assert_null(fake_got(&fx, LN_MSG_START));
    assert_true(fake_last(&fx, "fetch")->limit >= 6);
    answer_candles(&fx, 100, 110); /* 110 is forming */
    assert_int_equal(fake_got_count(&fx, LN_MSG_CANDLE), 5);
    assert_int_equal(last_candle_minute(&fx), 109);
    assert_true(
        ((const struct ln_msg_candle *)fake_got(&fx, LN_MSG_CANDLE))->warmup);
    assert_non_null(fake_got(&fx, LN_MSG_START));

    push_candle(&fx, 110);
    push_candle(&fx, 110);
    assert_int_equal(last_candle_minute(&fx), 109); /* still forming */
    push_candle(&fx, 111);
    assert_int_equal(last_candle_minute(&fx), 110);
    push_candle(&fx, 110); /* late */
    push_candle(&fx, 111);
    assert_int_equal(fake_got_count(&fx, LN_MSG_CANDLE), 6);
    assert_false(
        ((const struct ln_msg_candle *)fake_got(&fx, LN_MSG_CANDLE))->warmup);
    fake_teardown(&fx);
}

static void
test_a_hole_between_candles_is_read_before_going_on(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_online(&fx);
    fake_ready(&fx, LN_TF_1M, 2);
    answer_candles(&fx, 100, 110);
    int before = fake_got_count(&fx, LN_MSG_CANDLE);
    push_candle(&fx, 114); /* 111..113 were missed */
    assert_int_equal(fake_got_count(&fx, LN_MSG_CANDLE), before);
    answer_candles(&fx, 108, 114);
    assert_int_equal(fake_got_count(&fx, LN_MSG_CANDLE), before + 4);
    assert_int_equal(last_candle_minute(&fx), 113);
    push_candle(&fx, 115);
    assert_int_equal(last_candle_minute(&fx), 114);
    fake_teardown(&fx);
}

static void
test_a_failed_history_is_asked_for_again(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_online(&fx);
    fake_ready(&fx, LN_TF_1M, 2);
    fake_done(&fx);
    struct ln_venue_event e = {.type = LN_VE_CANDLES};
    e.u.candles.tag = fake_last(&fx, "fetch")->tag;
    e.u.candles.error.code = LN_ERR_TIMEOUT;
    fake_emit(&fx, &e);
    assert_null(fake_got(&fx, LN_MSG_START));
    ln_loop_run_for(fx.loop, 10000);
    assert_true(fake_count(&fx, "fetch") >= 2);
    answer_candles(&fx, 100, 110);
    assert_non_null(fake_got(&fx, LN_MSG_START));
    fake_teardown(&fx);
}

/* ---- strategies that misbehave ---- */

static void
test_a_hanging_strategy_is_killed_its_orders_cancelled_and_it_returns(
    void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "\"deadline\":1000");
    fake_up(&fx);
    fake_done(&fx);
    fake_buy(&fx, 1, 490000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    ln_loop_run_for(fx.loop, 1500); /* no DONE any more */
    assert_string_equal(fake_last(&fx, "cancel")->oid, c.oid);
    ln_loop_run_for(fx.loop, 2000);
    assert_int_equal(fx.opened, 2);
    struct ln_strategy_view v;
    ln_host_strategy_view(fx.host, 0, &v);
    assert_int_equal(v.restarts, 1);
    assert_non_null(strstr(v.last_error, "deadline"));
    /* Its order is shown to the new process, which may number anew. */
    fake_ready(&fx, LN_TF_NONE, 0);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->handle, 0);
    fake_buy(&fx, 1, 490000, 10);
    assert_int_equal(fake_count(&fx, "submit"), 2);
    fake_teardown(&fx);
}

static void
test_too_many_crashes_quarantine_it(void **state)
{
    struct fixture fx;
    struct ln_strategy_view v;
    (void)state;
    fake_setup(&fx, "", "\"max_restarts\":2");
    fake_up(&fx);
    for (int i = 0; i < 3; i++) {
        ln_port_kill(&fx.port->base);
        ln_loop_run_for(fx.loop, 5000);
        if (fx.port)
            fake_ready(&fx, LN_TF_NONE, 0);
    }
    assert_null(fx.port);
    assert_int_equal(fx.opened, 3);
    ln_host_strategy_view(fx.host, 0, &v);
    assert_int_equal(v.state, LN_STRATEGY_QUARANTINED);
    fake_teardown(&fx);
}

static void
test_slow_strategies_lose_tickers_but_never_orders(void **state)
{
    struct fixture fx;
    struct ln_strategy_view v;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 490000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fx.port->full = true;
    int tickers = fake_got_count(&fx, LN_MSG_TICKER);
    for (int i = 0; i < 10; i++)
        fake_ticker(&fx, 0, 500000 + i);
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_CANCELLED, 0);
    fx.port->full = false;
    fake_done(&fx);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_CANCELLED);
    assert_int_equal(fake_got_count(&fx, LN_MSG_TICKER), tickers);
    ln_host_strategy_view(fx.host, 0, &v);
    assert_int_equal(v.dropped, 10);
    fake_teardown(&fx);
}

static void
say_error(struct fixture *fx)
{
    struct ln_msg_error m = {0};
    snprintf(m.where, sizeof(m.where), "s.lua:3");
    snprintf(m.message, sizeof(m.message), "attempt to index a nil value");
    fake_say(fx, &m.h, LN_MSG_ERROR, LN_INSTRUMENT_NONE, sizeof(m));
}

static void
test_errors_are_counted_and_too_many_stop_it(void **state)
{
    struct fixture fx;
    struct ln_strategy_view v;
    (void)state;
    fake_setup(&fx, "", "\"errors\":{\"max\":3,\"seconds\":60}");
    fake_up(&fx);
    say_error(&fx);
    say_error(&fx);
    ln_host_strategy_view(fx.host, 0, &v);
    assert_int_equal(v.state, LN_STRATEGY_RUNNING);
    assert_string_equal(v.last_error, "s.lua:3: attempt to index a nil value");
    say_error(&fx);
    ln_host_strategy_view(fx.host, 0, &v);
    assert_int_equal(v.state, LN_STRATEGY_QUARANTINED);
    assert_non_null(fake_got(&fx, LN_MSG_STOP));
    fake_teardown(&fx);
}

/* ---- the end ---- */

static void
test_the_end_asks_strategies_then_cancels_then_is_over(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 490000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    ln_host_stop(fx.host, "test");
    assert_non_null(fake_got(&fx, LN_MSG_STOP));
    ln_loop_run_for(fx.loop, 100);
    assert_int_equal(fake_count(&fx, "cancel"), 0);
    fake_kill(&fx.port->base); /* its process ends by itself */
    ln_loop_run_for(fx.loop, 100);
    assert_int_equal(fake_count(&fx, "cancel"), 1);
    assert_false(fx.ended);
    fake_result(&fx, LN_OP_CANCEL, c.oid, "77", LN_OK, LN_VERDICT_OK);
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_CANCELLED, 0);
    ln_loop_run_for(fx.loop, 100);
    assert_true(fx.ended);
    assert_int_equal(ln_host_failure(fx.host)->code, LN_OK);
    fake_teardown(&fx);
}

static void
test_hold_leaves_the_orders_where_they_are(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "\"on_stop\":\"hold\"");
    fake_up(&fx);
    fake_buy(&fx, 1, 490000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    ln_host_stop(fx.host, "test");
    fake_kill(&fx.port->base);
    ln_loop_run_for(fx.loop, 1000);
    assert_true(fx.ended);
    assert_int_equal(fake_count(&fx, "cancel"), 0);
    fake_teardown(&fx);
}

static void
test_orders_that_cannot_be_cancelled_are_reported(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 490000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    ln_host_stop(fx.host, "test");
    fake_kill(&fx.port->base);
    ln_loop_run_for(fx.loop, 20000);
    assert_true(fx.ended);
    assert_int_equal(ln_host_failure(fx.host)->code, LN_ERR_TIMEOUT);
    assert_non_null(strstr(ln_host_failure(fx.host)->what, "1 orders"));
    fake_teardown(&fx);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_warmup_comes_before_start_and_each_closed_candle_once),
        cmocka_unit_test(test_a_hole_between_candles_is_read_before_going_on),
        cmocka_unit_test(test_a_failed_history_is_asked_for_again),
        cmocka_unit_test(
            test_a_hanging_strategy_is_killed_its_orders_cancelled_and_it_returns),
        cmocka_unit_test(test_too_many_crashes_quarantine_it),
        cmocka_unit_test(test_slow_strategies_lose_tickers_but_never_orders),
        cmocka_unit_test(test_errors_are_counted_and_too_many_stop_it),
        cmocka_unit_test(
            test_the_end_asks_strategies_then_cancels_then_is_over),
        cmocka_unit_test(test_hold_leaves_the_orders_where_they_are),
        cmocka_unit_test(test_orders_that_cannot_be_cancelled_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
