/*
 * The Bitget client as a venue: start, trouble and end.
 */
#include "venue_fixture.h"

static void
test_start(void **state)
{
    struct test *t = started();
    const struct ln_instruments *reg = t->venue->ops->instruments(t->venue);
    size_t up = connection_at(t, 0, LN_PART_PRIVATE, true);

    (void)state;
    assert_int_equal(reg->count, 2); /* the broken one is left out */
    assert_int_equal(ln_instruments_find(reg, ln_str("ETHUSDT")), 1);
    assert_true(first_of(t, 0, LN_VE_INSTRUMENTS) <
                connection_at(t, 0, LN_PART_REST, true));
    assert_true(connection_at(t, 0, LN_PART_REST, true) < t->count);
    assert_true(connection_at(t, 0, LN_PART_PUBLIC, true) < t->count);
    /* everything that may have been missed comes before "up" */
    assert_true(up < t->count);
    assert_true(first_of(t, 0, LN_VE_ORDERS) < up);
    assert_true(first_of(t, 0, LN_VE_POSITIONS) < up);
    assert_true(first_of(t, 0, LN_VE_ACCOUNT) < up);
    assert_int_equal(fake_http_count(t->fake, 0, FILLS), 1);
    assert_int_equal(last(t, 0, LN_VE_ACCOUNT)->u.account.equity_e8,
                     e8("1000"));
    assert_int_equal(last(t, 0, LN_VE_ACCOUNT)->u.account.pos_mode, LN_ONE_WAY);
    assert_true(last(t, 0, LN_VE_POSITIONS)->u.positions.from_query);
    assert_int_equal(connection_at(t, 0, LN_PART_REST, false), t->count);
    assert_int_equal(connection_at(t, 0, LN_PART_PRIVATE, false), t->count);
    destroy(t);
}

static void
test_start_without_keys(void **state)
{
    struct test *t = started_in(NULL);

    (void)state;
    assert_true(connection_at(t, 0, LN_PART_PUBLIC, true) < t->count);
    assert_int_equal(fake_http_count(t->fake, 0, ACCOUNT), 0);
    assert_int_equal(t->fake->nconns, 1);
    struct ln_order_request req = {.client_oid = "a", .side = LN_BUY};
    t->venue->ops->submit(t->venue, &req);
    run(t, 10);
    assert_int_equal(last(t, 0, LN_VE_RESULT)->u.result.error.code,
                     LN_ERR_STATE);
    assert_false(last(t, 0, LN_VE_RESULT)->u.result.error.sent);
    destroy(t);
}

static void
test_start_goes_on_until_it_succeeds(void **state)
{
    struct test *t = make(ACCOUNT_DATA("one_way_mode"));

    (void)state;
    fake_route_error(t->fake, CONTRACTS, 500, "40015");
    t->venue->ops->start(t->venue, on_event, t);
    run(t, 20000);
    assert_true(connection_at(t, 0, LN_PART_REST, false) < t->count);
    assert_int_equal(count_of(t, 0, LN_VE_CONNECTION), 1); /* told once */
    assert_non_null(strstr(t->why, "contracts"));
    t->fake->nroutes--;
    run(t, 60000);
    assert_true(connection_at(t, 0, LN_PART_REST, true) < t->count);
    assert_true(connection_at(t, 0, LN_PART_PRIVATE, true) < t->count);
    destroy(t);
}

static void
test_a_refused_key_is_fatal_for_the_private_part(void **state)
{
    struct test *t = make(ACCOUNT_DATA("one_way_mode"));
    size_t at;

    (void)state;
    fake_route_error(t->fake, ACCOUNT, 400, "40009");
    t->venue->ops->start(t->venue, on_event, t);
    run(t, 5000);
    at = connection_at(t, 0, LN_PART_PRIVATE, false);
    assert_true(at < t->count);
    assert_true(t->events[at].u.connection.fatal);
    assert_true(connection_at(t, 0, LN_PART_PUBLIC, true) < t->count);
    assert_int_equal(fake_http_count(t->fake, 0, ACCOUNT), 1); /* slowly */
    destroy(t);
}

static void
test_rest_down_and_up(void **state)
{
    struct test *t = started();
    size_t from = t->count, down;

    (void)state;
    t->fake->routes[t->fake->nroutes++] =
        (struct fake_route){.path = POSITIONS, .silent = true};
    t->fake->routes[t->fake->nroutes++] =
        (struct fake_route){.path = TIME, .silent = true};
    for (int i = 0; i < 3; i++) {
        t->venue->ops->query_positions(t->venue);
        run(t, 4000);
    }
    assert_int_equal(count_of(t, from, LN_VE_POSITIONS), 3);
    assert_int_not_equal(last(t, from, LN_VE_POSITIONS)->u.positions.error.code,
                         LN_OK);
    down = connection_at(t, from, LN_PART_REST, false);
    assert_true(down < t->count);
    /* nobody asks anything: the client itself finds out */
    t->fake->nroutes -= 2;
    run(t, 60000);
    assert_true(connection_at(t, down, LN_PART_REST, true) < t->count);
    destroy(t);
}

static void
test_nothing_comes_after_stop(void **state)
{
    struct test *t = started();
    struct ln_order_request req = limit_buy("cli-1");
    struct ln_venue_stats stats;
    size_t before;

    (void)state;
    fake_route(t->fake, PLACE, "{\"orderId\":\"99\"}");
    t->venue->ops->subscribe(t->venue, 0, LN_CH_TICKER, LN_TF_NONE);
    t->venue->ops->submit(t->venue, &req);
    before = t->count;
    t->venue->ops->stop(t->venue);
    run(t, 60000);
    assert_int_equal(t->count, before);
    assert_int_equal(fake_conns_alive(t->fake), 0);
    assert_true(fake_http_count(t->fake, 0, PLACE) <= 1); /* withdrawn */
    t->venue->ops->stats(t->venue, &stats);
    assert_true(stats.requests >= 6);
    /* and it can be started again */
    t->venue->ops->start(t->venue, on_event, t);
    run(t, 10000);
    assert_true(connection_at(t, before, LN_PART_PRIVATE, true) < t->count);
    destroy(t);
}

static void
test_stop_inside_an_event(void **state)
{
    struct test *t = started();
    struct ln_order_request req = limit_buy("cli-1");

    (void)state;
    fake_route(t->fake, PLACE, "{\"orderId\":\"99\"}");
    t->stop_on_result = true;
    t->venue->ops->submit(t->venue, &req);
    req.size_lots = 0;
    t->venue->ops->submit(t->venue, &req); /* is told first, and stops */
    t->venue->ops->query_account(t->venue);
    run(t, 60000);
    assert_int_equal(count_of(t, 0, LN_VE_RESULT), 1);
    destroy(t);
    t = started();
    fake_route(t->fake, PLACE, "{\"orderId\":\"99\"}");
    t->stop_on_result = true;
    req = limit_buy("cli-1");
    t->venue->ops->submit(t->venue, &req); /* stops in the REST answer */
    run(t, 60000);
    assert_int_equal(count_of(t, 0, LN_VE_RESULT), 1);
    destroy(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start),
        cmocka_unit_test(test_start_without_keys),
        cmocka_unit_test(test_start_goes_on_until_it_succeeds),
        cmocka_unit_test(test_a_refused_key_is_fatal_for_the_private_part),
        cmocka_unit_test(test_rest_down_and_up),
        cmocka_unit_test(test_nothing_comes_after_stop),
        cmocka_unit_test(test_stop_inside_an_event),
    };
    ln_log_set_level(LN_LOG_OFF); /* losses are expected here */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
