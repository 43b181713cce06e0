/*
 * REST calls: how often and in which order requests go out.
 */
#include "rest_fixture.h"

/* ---- limits ---- */

/* 60 requests to an endpoint of 20 a second. */
static void
no_second_sees_more_than_the_limit(void **unused)
{
    (void)unused;
    start(false, false);
    for (int i = 0; i < 60; i++)
        query(NULL);
    run(10000);
    assert_int_equal(w.nseen, 60);
    assert_int_equal(w.answers, 60);
    for (int i = 20; i < 60; i++)
        assert_true(w.seen[i].ms - w.seen[i - 20].ms >= 1000);
    assert_int_equal(stats().requests, 60);
    assert_int_equal(stats().rate_limit_waits, 41); /* one is kept back */
    assert_int_equal(stats().rate_limit_hits, 0);
    assert_int_equal(stats().errors, 0);
}

/* A server that counts in its own seconds finds nothing to refuse. */
static void
a_strict_exchange_never_says_429(void **unused)
{
    (void)unused;
    w.per_second = 20;
    start(false, false);
    for (int i = 0; i < 200; i++) {
        query(NULL);
        run(i * 7 % 13);
    }
    run(20000);
    assert_int_equal(w.answers, 200);
    assert_int_equal(w.failures, 0);
    assert_int_equal(stats().rate_limit_hits, 0);
}

/* Endpoints have buckets of their own; a slow one holds up nobody. */
static void
a_full_bucket_does_not_block_others(void **unused)
{
    (void)unused;
    start(true, false);
    for (int i = 0; i < 3; i++)
        call("get_sub_account_assets", "{\"productType\":\"USDT-FUTURES\"}",
             LN_PRIO_CANCEL, "s");
    query("q");
    run(500);
    assert_string_equal(w.order, "sq");
    run(9000); /* one in ten seconds */
    assert_int_equal(w.answers, 2);
    run(1000);
    assert_int_equal(w.answers, 3);
    run(10000);
    assert_int_equal(w.answers, 4);
}

static void
cancels_pass_before_orders_before_queries(void **unused)
{
    static const char one[] = "{\"productType\":\"USDT-FUTURES\"}";

    (void)unused;
    start(true, false);
    /* One token a second: the first goes, the others queue. */
    call("close_positions", one, LN_PRIO_QUERY, "0");
    call("close_positions", one, LN_PRIO_QUERY, "q");
    call("close_positions", one, LN_PRIO_OPEN, "o");
    call("close_positions", one, LN_PRIO_REDUCE, "r");
    call("close_positions", one, LN_PRIO_CANCEL, "c");
    call("close_positions", one, LN_PRIO_CANCEL, "d");
    run(20000);
    assert_string_equal(w.order, "0cdroq");
}

/* More endpoints than the exchange takes requests from one address. */
static void
the_total_is_limited_as_well(void **unused)
{
    size_t n;
    const struct ln_endpoint *rows = ln_v2_endpoints(&n);
    int sent = 0;

    (void)unused;
    start(false, false);
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < n; i++) {
            if (rows[i].auth || rows[i].rate_milli < 20000)
                continue;
            ln_buf_reset(&w.text.target);
            ln_buf_adds(&w.text.target, rows[i].path);
            ln_rest_call(w.rest, &rows[i], &w.text, LN_PRIO_QUERY, on_answer,
                         NULL);
            sent++;
        }
    }
    assert_true(sent > 250);
    run(200);
    assert_true(w.nseen >= 100 && w.nseen < 130);
    run(30000);
    assert_int_equal(w.nseen, sent);
}

/* An order that had to wait for too long is not the one that was meant. */
static void
a_stale_order_is_not_sent(void **unused)
{
    static const char one[] = "{\"productType\":\"USDT-FUTURES\"}";

    (void)unused;
    start(true, false);
    for (int i = 0; i < 15; i++)
        call("close_positions", one, LN_PRIO_REDUCE, "r");
    call("close_positions", one, LN_PRIO_OPEN, "o");
    run(30000);
    assert_int_equal(w.nseen, 15);
    assert_int_equal(w.answers, 16);
    assert_int_equal(w.failures, 1);
    assert_non_null(strchr(w.order, 'o'));
}

static void
the_queue_is_bounded(void **unused)
{
    (void)unused;
    start(false, false);
    for (int i = 0; i < 19 + 4096; i++)
        query("x");
    run(1);
    assert_int_equal(w.failures, 0);
    query("x");
    query("x");
    run(1);
    assert_int_equal(w.failures, 2);
    assert_int_equal(w.error.code, LN_ERR_LIMIT);
    assert_int_equal(w.error.verdict, LN_VERDICT_RETRY);
    assert_false(w.error.sent);
}

/* ---- 429 ---- */

static void
after_429_the_endpoint_rests(void **unused)
{
    (void)unused;
    start(false, false);
    w.status = 429;
    w.body = "slow down";
    query(NULL);
    run(10);
    assert_int_equal(w.error.code, LN_ERR_LIMIT);
    assert_int_equal(w.error.verdict, LN_VERDICT_RETRY);
    assert_int_equal(stats().rate_limit_hits, 1);
    assert_int_equal(stats().errors, 0);

    int64_t punished = w.seen[0].ms;
    query(NULL);
    call("get_contracts", "{\"productType\":\"USDT-FUTURES\"}", LN_PRIO_QUERY,
         NULL);
    run(900);
    assert_int_equal(w.nseen, 2); /* the other endpoint goes on */
    assert_non_null(strstr(w.seen[1].target, "contracts"));
    run(5000);
    assert_int_equal(w.nseen, 3);
    assert_true(w.seen[2].ms - punished >= 1000);

    /* Refused again: twice as long. */
    punished = w.seen[2].ms;
    query(NULL);
    run(10000);
    assert_int_equal(w.nseen, 4);
    assert_true(w.seen[3].ms - punished >= 2000);

    /* Accepted: forgotten. */
    w.status = 200;
    w.body = NULL;
    query(NULL);
    run(20000);
    assert_int_equal(w.error.code, LN_OK);
    w.status = 429;
    w.body = "slow down";
    query(NULL);
    run(10);
    punished = w.seen[5].ms;
    query(NULL);
    run(1900);
    assert_int_equal(w.nseen, 7);
    assert_true(w.seen[6].ms - punished >= 1000);
}

/* Others use the same address: the exchange says how much is left. */
static void
the_remaining_count_lowers_the_estimate(void **unused)
{
    (void)unused;
    start(false, false);
    w.remaining = "2";
    query(NULL);
    run(5);
    w.remaining = NULL;
    for (int i = 0; i < 10; i++)
        query(NULL);
    run(2);
    assert_int_equal(w.nseen, 3); /* 20 without the header */
    run(5000);
    assert_int_equal(w.nseen, 11);
}

static void
a_senseless_remaining_count_is_ignored(void **unused)
{
    static const char *const texts[] = {
        "", "-1", "many", "1e3", "99999999999999999999", "100000"};

    (void)unused;
    start(false, false);
    for (size_t i = 0; i < LN_COUNT(texts); i++) {
        w.remaining = texts[i];
        query(NULL);
        run(2);
    }
    w.remaining = NULL;
    for (int i = 0; i < 14; i++)
        query(NULL);
    run(2);
    assert_int_equal(w.nseen, 19);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(no_second_sees_more_than_the_limit),
        T(a_strict_exchange_never_says_429),
        T(a_full_bucket_does_not_block_others),
        T(cancels_pass_before_orders_before_queries),
        T(the_total_is_limited_as_well),
        T(a_stale_order_is_not_sent),
        T(the_queue_is_bounded),
        T(after_429_the_endpoint_rests),
        T(the_remaining_count_lowers_the_estimate),
        T(a_senseless_remaining_count_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
