/*
 * What people order over the control socket: pause, resume, flatten and stop,
 * also while the strategy hangs and while the exchange is away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/host/control_fixture.h"

/* ---- pause and resume ---- */

static void
test_a_paused_strategy_opens_nothing_and_may_reduce(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "");
    fake_up(&fx);
    hold(&fx, 1, 10);
    struct fake_call c = rest(&fx, 2, "71");
    ask(&t, fx.host, "{\"cmd\":\"pause\",\"name\":\"s\"}");
    assert_string_equal(text(&t, get(&t, strategy(&t), "state")), "paused");
    int sent = fake_count(&fx, "submit");

    fake_buy(&fx, 3, 490000, 10);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_REJECTED);
    assert_non_null(strstr(o->reason, "paused"));
    assert_int_equal(fake_count(&fx, "submit"), sent);
    struct ln_msg_amend amend = {.handle = 2, .size_lots = 20};
    fake_say(&fx, &amend.h, LN_MSG_AMEND, 0, sizeof(amend));
    assert_int_equal(fake_count(&fx, "amend"), 0);

    /* What makes it smaller goes through, and so does a cancel. */
    submit(&fx, 4, LN_SELL, LN_MARKET, 0, 10, true);
    assert_int_equal(fake_count(&fx, "submit"), sent + 1);
    struct ln_msg_cancel cancel = {.handle = 2};
    fake_say(&fx, &cancel.h, LN_MSG_CANCEL, 0, sizeof(cancel));
    assert_string_equal(fake_last(&fx, "cancel")->oid, c.oid);

    /* Market data still flows. */
    int tickers = fake_got_count(&fx, LN_MSG_TICKER);
    fake_ticker(&fx, 0, 500100);
    assert_int_equal(fake_got_count(&fx, LN_MSG_TICKER), tickers + 1);

    ask(&t, fx.host, "{\"cmd\":\"resume\",\"all\":true}");
    assert_string_equal(text(&t, get(&t, strategy(&t), "state")), "running");
    fake_buy(&fx, 5, 490000, 10);
    assert_int_equal(fake_count(&fx, "submit"), sent + 2);
    fake_teardown(&fx);
    talk_deinit(&t);
}

static void
test_a_pause_outlives_a_crash_of_the_strategy(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "");
    fake_up(&fx);
    ask(&t, fx.host, "{\"cmd\":\"pause\",\"name\":\"s\"}");
    fake_kill(&fx.port->base);
    ln_loop_run_for(fx.loop, 100);
    assert_string_equal(state_of(&t, &fx), "crashed");
    ln_loop_run_for(fx.loop, 2000);
    fake_ready(&fx, LN_TF_NONE, 0);
    assert_string_equal(state_of(&t, &fx), "paused");
    fake_buy(&fx, 1, 490000, 10);
    assert_int_equal(fake_count(&fx, "submit"), 0);
    fake_teardown(&fx);
    talk_deinit(&t);
}

/* ---- flatten ---- */

static void
test_flatten_cancels_and_closes_while_the_strategy_hangs(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "\"deadline\":60000");
    fake_up(&fx);
    hold(&fx, 1, 10);
    struct fake_call c = rest(&fx, 2, "71");
    fx.port->full = true; /* it reads nothing any more */
    ask(&t, fx.host, "{\"cmd\":\"flatten\",\"name\":\"s\"}");
    assert_string_equal(text(&t, get(&t, strategy(&t), "state")), "paused");
    assert_string_equal(fake_last(&fx, "cancel")->oid, c.oid);
    struct fake_call *close = fake_last(&fx, "submit");
    assert_int_equal(close->req.side, LN_SELL);
    assert_int_equal(close->req.type, LN_MARKET);
    assert_int_equal(close->req.size_lots, 10);
    assert_true(close->req.reduce_only);
    fake_order(&fx, &c, c.oid, "71", LN_ORDER_CANCELLED, 0);
    fill_last(&fx, "73", "t73");
    fake_net(&fx, 0);
    int sent = fake_count(&fx, "submit");
    ln_loop_run_for(fx.loop, 30000);
    assert_int_equal(fake_count(&fx, "submit"), sent); /* done is done */
    ask(&t, fx.host, "{\"cmd\":\"positions\"}");
    assert_int_equal(ln_json_count(&t.doc, get(&t, 0, "positions")), 0);
    fake_teardown(&fx);
    talk_deinit(&t);
}

/* The order that was to be cancelled filled first. */
static void
test_flatten_also_closes_what_fills_on_the_way(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "\"deadline\":60000");
    fake_up(&fx);
    struct fake_call c = rest(&fx, 1, "71");
    ask(&t, fx.host, "{\"cmd\":\"flatten\",\"all\":true}");
    assert_int_equal(fake_count(&fx, "submit"), 1); /* nothing to close yet */
    fake_order(&fx, &c, c.oid, "71", LN_ORDER_FILLED, 10);
    fake_fill(&fx, c.oid, "71", "late", LN_BUY, 490000, 10);
    fake_net(&fx, 10);
    ln_loop_run_for(fx.loop, 500);
    assert_int_equal(fake_count(&fx, "submit"), 2);
    assert_int_equal(fake_last(&fx, "submit")->req.side, LN_SELL);
    assert_int_equal(fake_last(&fx, "submit")->req.size_lots, 10);
    /* The exchange refuses it once: it is tried again, but not in a rush. */
    fake_result(&fx, LN_OP_SUBMIT, fake_last(&fx, "submit")->oid, "",
                LN_ERR_VENUE, LN_VERDICT_NO);
    ln_loop_run_for(fx.loop, 5000);
    assert_int_equal(fake_count(&fx, "submit"), 3);
    fill_last(&fx, "75", "t75");
    fake_net(&fx, 0);
    ln_loop_run_for(fx.loop, 60000);
    assert_int_equal(fake_count(&fx, "submit"), 3);
    fake_teardown(&fx);
    talk_deinit(&t);
}

/* A resting take-profit may hold the position: it is cancelled first. */
static void
test_flatten_waits_for_the_cancel_of_what_also_closes(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "\"deadline\":60000");
    fake_up(&fx);
    hold(&fx, 1, 10);
    submit(&fx, 2, LN_SELL, LN_LIMIT, 510000, 10, true);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_result(&fx, LN_OP_SUBMIT, c.oid, "72", LN_OK, LN_VERDICT_OK);
    fake_order(&fx, &c, c.oid, "72", LN_ORDER_LIVE, 0);
    ask(&t, fx.host, "{\"cmd\":\"flatten\",\"name\":\"s\"}");
    assert_string_equal(fake_last(&fx, "cancel")->oid, c.oid);
    assert_int_equal(fake_count(&fx, "submit"), 2);
    fake_order(&fx, &c, c.oid, "72", LN_ORDER_CANCELLED, 0);
    ln_loop_run_for(fx.loop, 500);
    assert_int_equal(fake_count(&fx, "submit"), 3);
    assert_int_equal(fake_last(&fx, "submit")->req.type, LN_MARKET);
    fake_teardown(&fx);
    talk_deinit(&t);
}

static void
test_flatten_needs_no_market_data_and_waits_for_the_connection(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "\"deadline\":60000");
    fake_up(&fx);
    hold(&fx, 1, 10);
    fake_connection(&fx, LN_PART_PUBLIC, false);
    fake_connection(&fx, LN_PART_REST, false);
    ask(&t, fx.host, "{\"cmd\":\"flatten\",\"name\":\"s\"}");
    ln_loop_run_for(fx.loop, 5000);
    assert_int_equal(fake_count(&fx, "submit"), 1);
    fake_connection(&fx, LN_PART_REST, true);
    ln_loop_run_for(fx.loop, 500);
    assert_int_equal(fake_count(&fx, "submit"), 2);
    fake_teardown(&fx);
    talk_deinit(&t);
}

/* ---- stop ---- */

static void
test_stop_of_a_strategy_runs_on_stop_and_then_its_policy(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "\"on_stop\":\"cancel\",\"deadline\":60000");
    fake_up(&fx);
    struct fake_call c = rest(&fx, 1, "71");
    ask(&t, fx.host, "{\"cmd\":\"stop\",\"name\":\"s\"}");
    assert_non_null(fake_got(&fx, LN_MSG_STOP));
    assert_null(fake_last(&fx, "cancel")); /* on_stop() has its say first */
    fx.port->events.gone(fx.port->ctx, "ended", 0, 0);
    assert_string_equal(fake_last(&fx, "cancel")->oid, c.oid);
    assert_string_equal(state_of(&t, &fx), "stopped");
    ln_loop_run_for(fx.loop, 60000);
    assert_int_equal(fx.opened, 1); /* it does not come back by itself */
    assert_false(fx.ended);         /* and the host goes on */

    ask(&t, fx.host, "{\"cmd\":\"resume\",\"name\":\"s\"}");
    assert_int_equal(fx.opened, 2);
    fake_ready(&fx, LN_TF_NONE, 0);
    assert_string_equal(state_of(&t, &fx), "running");
    fake_teardown(&fx);
    talk_deinit(&t);
}

static void
test_stop_kills_a_strategy_that_does_not_end(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "\"on_stop\":\"flatten\",\"deadline\":60000");
    fake_up(&fx);
    hold(&fx, 1, 10);
    ask(&t, fx.host, "{\"cmd\":\"stop\",\"name\":\"s\"}");
    fake_done(&fx); /* on_stop() returned, the process stays */
    ln_loop_run_for(fx.loop, 2000);
    assert_non_null(fx.port);
    assert_false(fx.port->killed);
    ln_loop_run_for(fx.loop, 2000);
    assert_null(fx.port);
    assert_string_equal(state_of(&t, &fx), "stopped");
    assert_int_equal(fake_last(&fx, "submit")->req.type, LN_MARKET);
    assert_int_equal(fake_last(&fx, "submit")->req.size_lots, 10);
    fake_teardown(&fx);
    talk_deinit(&t);
}

static void
test_stop_without_a_name_ends_the_host_in_order(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "");
    fake_up(&fx);
    ask(&t, fx.host, "{\"cmd\":\"stop\"}");
    assert_int_equal(ln_json_type(&t.doc, get(&t, 0, "stopping")),
                     LN_JSON_TRUE);
    assert_false(fx.ended);
    ask(&t, fx.host, "{\"cmd\":\"stop\"}"); /* impatience changes nothing */
    assert_non_null(fake_got(&fx, LN_MSG_STOP));
    assert_false(fx.ended);
    fx.port->events.gone(fx.port->ctx, "ended", 0, 0);
    ln_loop_run_for(fx.loop, 1000);
    assert_true(fx.ended);
    assert_int_equal(ln_host_failure(fx.host)->code, LN_OK);
    fake_teardown(&fx);
    talk_deinit(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_paused_strategy_opens_nothing_and_may_reduce),
        cmocka_unit_test(test_a_pause_outlives_a_crash_of_the_strategy),
        cmocka_unit_test(
            test_flatten_cancels_and_closes_while_the_strategy_hangs),
        cmocka_unit_test(test_flatten_also_closes_what_fills_on_the_way),
        cmocka_unit_test(test_flatten_waits_for_the_cancel_of_what_also_closes),
        cmocka_unit_test(
            test_flatten_needs_no_market_data_and_waits_for_the_connection),
        cmocka_unit_test(
            test_stop_of_a_strategy_runs_on_stop_and_then_its_policy),
        cmocka_unit_test(test_stop_kills_a_strategy_that_does_not_end),
        cmocka_unit_test(test_stop_without_a_name_ends_the_host_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
