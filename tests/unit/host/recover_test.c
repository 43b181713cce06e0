/*
 * A host that is started again: orders of the earlier start have a certain
 * fate before a strategy runs, nothing is booked twice, and what does not fit
 * the exchange's books is an alarm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/disk.h"
#include "trade/order.h"
#include "unit/host/fake.h"

static struct ln_disk *disk;

/* The process is gone, and another one is started on the same disk. */
static void
start_again(struct fixture *fx, bool power)
{
    struct ln_error err = {0};
    struct ln_host_opts opts = {.loop = fx->loop,
                                .venue = &fx->venue.base,
                                .config = &fx->config,
                                .ports = {fake_open, fx},
                                .disk = disk,
                                .journal_path = "intents.log",
                                .ended = fake_ended,
                                .ctx = fx};
    ln_disk_virtual_crash(disk, power);
    ln_host_free(fx->host);
    fx->venue.ncalls = 0;
    ln_loop_run_for(fx->loop, 1000);
    fx->host = ln_host_new(&opts, &err);
    if (!fx->host)
        fail_msg("%s", err.what);
    ln_host_start(fx->host);
}

static void
setup(struct fixture *fx, const char *json)
{
    disk = ln_disk_virtual_new(1);
    fake_setup(fx, json, "");
    start_again(fx, false);
}

static void
teardown(struct fixture *fx)
{
    fake_teardown(fx);
    ln_disk_free(disk);
}

static int64_t
held(struct fixture *fx)
{
    int64_t ours, theirs;
    ln_host_net(fx->host, 0, &ours, &theirs);
    return ours;
}

static void
test_no_strategy_runs_before_an_open_order_is_certain(void **state)
{
    struct fixture fx;
    (void)state;
    setup(&fx, "");
    fake_up(&fx);
    fake_buy(&fx, 1, 499000, 10);
    struct fake_call c = *fake_last(&fx, "submit");

    start_again(&fx, false);
    fake_online(&fx);
    assert_null(fx.port);
    ln_loop_run_for(fx.loop, 200);
    assert_string_equal(fake_last(&fx, "query")->oid, c.oid);
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    struct ln_venue_event e = {.type = LN_VE_RESULT};
    e.u.result.op = LN_OP_QUERY;
    snprintf(e.u.result.client_oid, LN_OID_CAP, "%s", c.oid);
    e.u.result.found = true;
    fake_emit(&fx, &e);
    ln_loop_run_for(fx.loop, 200);
    assert_non_null(fx.port);
    fake_ready(&fx, LN_TF_NONE, 0);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_string_equal(o->req.client_oid, c.oid);
    assert_int_equal(o->state, LN_ORDER_LIVE);
    /* The next id is none that was there before. */
    fake_ticker(&fx, 0, 500000);
    fake_buy(&fx, 1, 499000, 10);
    assert_string_not_equal(fake_last(&fx, "submit")->oid, c.oid);
    teardown(&fx);
}

static void
test_positions_come_back_and_known_fills_count_once(void **state)
{
    struct fixture fx;
    char oid[LN_OID_CAP];
    (void)state;
    setup(&fx, "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    memcpy(oid, c.oid, sizeof(oid));
    fake_fill(&fx, oid, "77", "t1", LN_BUY, 500000, 10);
    fake_order(&fx, &c, oid, "77", LN_ORDER_FILLED, 10);
    assert_int_equal(held(&fx), 10);

    for (int i = 0; i < 3; i++) {
        start_again(&fx, false);
        fake_online(&fx);
        fake_fill(&fx, oid, "77", "t1", LN_BUY, 500000, 10);
        assert_int_equal(held(&fx), 10);
        assert_non_null(fx.port); /* nothing was open: it runs at once */
    }
    teardown(&fx);
}

static void
test_what_a_power_cut_took_is_known_by_our_prefix(void **state)
{
    struct fixture fx;
    char oid[LN_OID_CAP];
    (void)state;
    setup(&fx, "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    memcpy(oid, fake_last(&fx, "submit")->oid, sizeof(oid));
    /* The log is empty again, but the exchange tells of a fill of ours. */
    ln_disk_free(disk);
    disk = ln_disk_virtual_new(2);
    start_again(&fx, true);
    struct ln_venue_event e = {.type = LN_VE_INSTRUMENTS,
                               .instrument = LN_INSTRUMENT_NONE};
    fake_emit(&fx, &e);
    fake_fill(&fx, oid, "77", "t1", LN_BUY, 500000, 4);
    fake_fill(&fx, oid, "77", "t2", LN_BUY, 500000, 6);
    assert_int_equal(held(&fx), 10);
    fake_online(&fx);
    assert_null(fx.port); /* what became of the rest must be asked first */
    ln_loop_run_for(fx.loop, 200);
    assert_string_equal(fake_last(&fx, "query")->oid, oid);
    teardown(&fx);
}

static void
test_a_fill_of_somebody_else_is_foreign_and_no_alarm(void **state)
{
    struct fixture fx;
    (void)state;
    setup(&fx, "");
    fake_up(&fx);
    fake_fill(&fx, "by-hand", "5", "x1", LN_SELL, 500000, 7);
    fake_net(&fx, -7);
    ln_loop_run_for(fx.loop, 20000);
    assert_int_equal(held(&fx), 0);
    fake_buy(&fx, 1, 499000, 10);
    assert_int_equal(fake_count(&fx, "submit"), 1);
    teardown(&fx);
}

static void
test_a_difference_that_nobody_explains_stops_opening(void **state)
{
    struct fixture fx;
    (void)state;
    setup(&fx, "");
    fake_up(&fx);
    fake_net(&fx, 25);
    ln_loop_run_for(fx.loop, 20000);
    fake_buy(&fx, 1, 499000, 10);
    assert_int_equal(fake_count(&fx, "submit"), 0);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_REJECTED);
    assert_non_null(strstr(o->reason, "do not fit"));
    fake_net(&fx, 0); /* it was a mistake of the exchange's */
    ln_loop_run_for(fx.loop, 200);
    fake_buy(&fx, 2, 499000, 10);
    assert_int_equal(fake_count(&fx, "submit"), 1);
    teardown(&fx);
}

static void
test_without_a_log_what_the_account_holds_is_not_ours(void **state)
{
    struct fixture fx;
    (void)state;
    setup(&fx, "");
    struct ln_venue_event e = {.type = LN_VE_INSTRUMENTS,
                               .instrument = LN_INSTRUMENT_NONE};
    fake_emit(&fx, &e);
    fake_net(&fx, 25);
    fake_up(&fx);
    ln_loop_run_for(fx.loop, 20000);
    fake_buy(&fx, 1, 499000, 10);
    assert_int_equal(fake_count(&fx, "submit"), 1);
    assert_int_equal(held(&fx), 0);
    /* But it is exposure: 25 held and 10 to come. */
    assert_int_equal(ln_host_worst_lots(fx.host, 0, LN_BUY), 35);
    teardown(&fx);
}

static void
test_a_full_disk_stops_opening_and_not_closing(void **state)
{
    struct fixture fx;
    (void)state;
    setup(&fx, "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 10);
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_FILLED, 10);
    fake_net(&fx, 10);
    ln_disk_virtual_full(disk, true);
    fake_buy(&fx, 2, 499000, 10);
    assert_int_equal(fake_count(&fx, "submit"), 1);
    struct ln_msg_submit m = {.handle = 3};
    m.req.side = LN_SELL;
    m.req.type = LN_MARKET;
    m.req.tif = LN_GTC;
    m.req.reduce_only = true;
    m.req.size_lots = 10;
    fake_say(&fx, &m.h, LN_MSG_SUBMIT, 0, sizeof(m));
    assert_int_equal(fake_count(&fx, "submit"), 2);
    ln_disk_virtual_full(disk, false);
    fake_buy(&fx, 4, 499000, 10);
    assert_int_equal(fake_count(&fx, "submit"), 3);
    teardown(&fx);
}

static void
test_a_full_disk_can_be_told_to_be_no_reason(void **state)
{
    struct fixture fx;
    (void)state;
    setup(&fx, "\"on_store_failure\":\"continue\"");
    fake_up(&fx);
    ln_disk_virtual_full(disk, true);
    fake_buy(&fx, 1, 499000, 10);
    assert_int_equal(fake_count(&fx, "submit"), 1);
    teardown(&fx);
}

static void
test_filled_without_its_fills_is_exposure_until_they_come(void **state)
{
    struct fixture fx;
    (void)state;
    setup(&fx, "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_FILLED, 10);
    assert_int_equal(held(&fx), 0);
    assert_int_equal(ln_host_worst_lots(fx.host, 0, LN_BUY), 10);
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 10);
    assert_int_equal(held(&fx), 10);
    assert_int_equal(ln_host_worst_lots(fx.host, 0, LN_BUY), 10);
    teardown(&fx);
}

/* The venue reads fills anew after every reconnect; an order may by then have
 * been replaced more than once. */
static void
test_a_fill_counts_once_however_often_its_order_was_replaced(void **state)
{
    struct fixture fx;
    char first[LN_OID_CAP];
    (void)state;
    setup(&fx, "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    memcpy(first, c.oid, sizeof(first));
    fake_order(&fx, &c, first, "77", LN_ORDER_LIVE, 0);
    fake_fill(&fx, first, "77", "t1", LN_BUY, 500000, 4);
    assert_int_equal(held(&fx), 4);
    for (int i = 0; i < 2; i++) {
        struct ln_msg_amend m = {.handle = 1, .price_ticks = 499000 - i};
        fake_say(&fx, &m.h, LN_MSG_AMEND, 0, sizeof(m));
        c = *fake_last(&fx, "amend");
        fake_result(&fx, LN_OP_AMEND, c.oid, i ? "79" : "78", LN_OK,
                    LN_VERDICT_OK);
    }
    fake_fill(&fx, first, "77", "t1", LN_BUY, 500000, 4);
    assert_int_equal(held(&fx), 4);
    /* A late one of the first order that is new does count. */
    fake_fill(&fx, first, "77", "t2", LN_BUY, 500000, 3);
    assert_int_equal(held(&fx), 7);
    teardown(&fx);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_strategy_runs_before_an_open_order_is_certain),
        cmocka_unit_test(test_positions_come_back_and_known_fills_count_once),
        cmocka_unit_test(test_what_a_power_cut_took_is_known_by_our_prefix),
        cmocka_unit_test(test_a_fill_of_somebody_else_is_foreign_and_no_alarm),
        cmocka_unit_test(test_a_difference_that_nobody_explains_stops_opening),
        cmocka_unit_test(test_without_a_log_what_the_account_holds_is_not_ours),
        cmocka_unit_test(test_a_full_disk_stops_opening_and_not_closing),
        cmocka_unit_test(test_a_full_disk_can_be_told_to_be_no_reason),
        cmocka_unit_test(
            test_filled_without_its_fills_is_exposure_until_they_come),
        cmocka_unit_test(
            test_a_fill_counts_once_however_often_its_order_was_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
