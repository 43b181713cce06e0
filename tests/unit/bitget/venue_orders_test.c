/*
 * Writes of the venue: submit, cancel, amend, and what became of an order.
 */
#include "venue_fixture.h"

static void
test_submit(void **state)
{
    struct test *t = started();
    struct ln_order_request req = limit_buy("cli-1");
    const struct ln_venue_event *e;
    size_t from = t->count;

    (void)state;
    fake_route(t->fake, PLACE, "{\"orderId\":\"99\",\"clientOid\":\"cli-1\"}");
    t->venue->ops->submit(t->venue, &req);
    assert_int_equal(t->count, from);
    run(t, 1000);
    assert_int_equal(count_of(t, from, LN_VE_RESULT), 1);
    e = last(t, from, LN_VE_RESULT);
    assert_int_equal(e->instrument, 0);
    assert_int_equal(e->u.result.op, LN_OP_SUBMIT);
    assert_string_equal(e->u.result.client_oid, "cli-1");
    assert_string_equal(e->u.result.order_id, "99");
    assert_int_equal(e->u.result.error.code, LN_OK);
    assert_string_equal(
        fake_http_last(t->fake, PLACE)->body,
        "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
        "\"marginMode\":\"crossed\",\"marginCoin\":\"USDT\",\"size\":"
        "\"0.01\",\"side\":\"buy\",\"orderType\":\"limit\",\"price\":"
        "\"64000\",\"force\":\"gtc\",\"clientOid\":\"cli-1\"}");
    destroy(t);
}

static void
test_submit_refused_and_impossible(void **state)
{
    struct test *t = started();
    struct ln_order_request req = limit_buy("cli-1");
    size_t from = t->count, asked;

    (void)state;
    fake_route_error(t->fake, PLACE, 400, "45110");
    t->venue->ops->submit(t->venue, &req);
    run(t, 1000);
    assert_int_equal(last(t, from, LN_VE_RESULT)->u.result.error.exchange_code,
                     45110);
    assert_int_equal(last(t, from, LN_VE_RESULT)->u.result.error.verdict,
                     LN_VERDICT_NO);
    /* what is no order never leaves the house */
    asked = t->fake->nhttp;
    from = t->count;
    req.size_lots = 0;
    t->venue->ops->submit(t->venue, &req);
    req = limit_buy("cli-2");
    req.instrument = 40;
    t->venue->ops->submit(t->venue, &req);
    run(t, 1000);
    assert_int_equal(count_of(t, from, LN_VE_RESULT), 2);
    assert_int_equal(t->fake->nhttp, asked);
    assert_string_equal(t->events[from].u.result.client_oid, "cli-1");
    assert_int_equal(t->events[from].u.result.error.verdict, LN_VERDICT_NO);
    assert_false(t->events[from].u.result.error.sent);
    destroy(t);
}

/* No answer: the outcome is unknown, and the order is not sent again. */
static void
test_a_submit_without_answer_is_not_repeated(void **state)
{
    struct test *t = started();
    struct ln_order_request req = limit_buy("cli-1");
    size_t from = t->count;

    (void)state;
    t->fake->routes[t->fake->nroutes++] =
        (struct fake_route){.path = PLACE, .silent = true};
    t->venue->ops->submit(t->venue, &req);
    run(t, 30000);
    assert_int_equal(count_of(t, from, LN_VE_RESULT), 1);
    assert_int_equal(last(t, from, LN_VE_RESULT)->u.result.error.code,
                     LN_ERR_TIMEOUT);
    assert_int_equal(last(t, from, LN_VE_RESULT)->u.result.error.verdict,
                     LN_VERDICT_ASK);
    assert_true(last(t, from, LN_VE_RESULT)->u.result.error.sent);
    assert_int_equal(fake_http_count(t->fake, 0, PLACE), 1);
    destroy(t);
}

static void
test_cancel(void **state)
{
    struct test *t = started();
    size_t from = t->count;

    (void)state;
    fake_route(t->fake, CANCEL, "{\"orderId\":\"99\",\"clientOid\":\"a\"}");
    t->venue->ops->cancel(t->venue, 0, "a", "99");
    run(t, 1000);
    assert_int_equal(last(t, from, LN_VE_RESULT)->u.result.op, LN_OP_CANCEL);
    assert_int_equal(last(t, from, LN_VE_RESULT)->u.result.error.code, LN_OK);
    assert_string_equal(last(t, from, LN_VE_RESULT)->u.result.client_oid, "a");
    /* gone already: an answer, and its state has to be read */
    from = t->count;
    fake_route_error(t->fake, CANCEL, 400, "40768");
    t->venue->ops->cancel(t->venue, 0, "a", "");
    run(t, 2000);
    assert_int_equal(count_of(t, from, LN_VE_RESULT), 1);
    assert_int_equal(last(t, from, LN_VE_RESULT)->u.result.error.verdict,
                     LN_VERDICT_STATE);
    assert_non_null(
        strstr(fake_http_last(t->fake, CANCEL)->body, "\"clientOid\":\"a\""));
    destroy(t);
}

static void
test_amend(void **state)
{
    struct test *t = started();
    struct ln_order_request cur = limit_buy("cli-1");
    size_t from = t->count;

    (void)state;
    fake_route(t->fake, MODIFY,
               "{\"orderId\":\"100\",\"clientOid\":\"cli-2\"}");
    t->venue->ops->amend(t->venue, &cur, "99", "cli-2", 640010, 0);
    run(t, 1000);
    assert_string_equal(
        fake_http_last(t->fake, MODIFY)->body,
        "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
        "\"marginCoin\":\"USDT\",\"orderId\":\"99\",\"newClientOid\":"
        "\"cli-2\",\"newSize\":\"0.01\",\"newPrice\":\"64001\"}");
    assert_int_equal(last(t, from, LN_VE_RESULT)->u.result.op, LN_OP_AMEND);
    assert_string_equal(last(t, from, LN_VE_RESULT)->u.result.client_oid,
                        "cli-1");
    assert_string_equal(last(t, from, LN_VE_RESULT)->u.result.order_id, "100");
    /* a market order is never amended */
    from = t->count;
    cur.type = LN_MARKET;
    t->venue->ops->amend(t->venue, &cur, "99", "cli-3", 640010, 0);
    run(t, 1000);
    assert_int_equal(last(t, from, LN_VE_RESULT)->u.result.error.code,
                     LN_ERR_ARG);
    destroy(t);
}

static void
test_query_order(void **state)
{
    struct test *t = started();
    size_t from = t->count;

    (void)state;
    fake_route(t->fake, DETAIL,
               ORDER_ROW("99", "cli-1", "partially_filled", "0.004"));
    t->venue->ops->query_order(t->venue, 0, "cli-1");
    run(t, 1000);
    assert_int_equal(t->events[from].type, LN_VE_ORDER);
    assert_int_equal(t->events[from].u.order.filled_lots, 40);
    assert_int_equal(t->events[from + 1].type, LN_VE_RESULT);
    assert_true(t->events[from + 1].u.result.found);
    assert_string_equal(t->events[from + 1].u.result.order_id, "99");
    assert_non_null(
        strstr(fake_http_last(t->fake, DETAIL)->query, "clientOid=cli-1"));
    /* 40109: surely unknown */
    from = t->count;
    fake_route_error(t->fake, DETAIL, 400, "40109");
    t->venue->ops->query_order(t->venue, 0, "cli-1");
    run(t, 1000);
    assert_int_equal(count_of(t, from, LN_VE_RESULT), 1);
    assert_false(last(t, from, LN_VE_RESULT)->u.result.found);
    assert_int_equal(last(t, from, LN_VE_RESULT)->u.result.error.code, LN_OK);
    /* anything else: nothing is known */
    from = t->count;
    fake_route_error(t->fake, DETAIL, 500, "45001");
    t->venue->ops->query_order(t->venue, 0, "cli-1");
    run(t, 1000);
    assert_false(last(t, from, LN_VE_RESULT)->u.result.found);
    assert_int_not_equal(last(t, from, LN_VE_RESULT)->u.result.error.code,
                         LN_OK);
    destroy(t);
}

/* 40774: the mode was changed elsewhere; it is read again. */
static void
test_a_changed_position_mode_is_noticed(void **state)
{
    struct test *t = started();
    struct ln_order_request req = limit_buy("cli-1");

    (void)state;
    fake_route_error(t->fake, PLACE, 400, "40774");
    fake_route(t->fake, ACCOUNT, ACCOUNT_DATA("hedge_mode"));
    t->venue->ops->submit(t->venue, &req);
    run(t, 2000);
    req.pos_side = LN_LONG;
    t->venue->ops->submit(t->venue, &req);
    run(t, 2000);
    assert_non_null(
        strstr(fake_http_last(t->fake, PLACE)->body, "\"tradeSide\":\"open\""));
    destroy(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_submit),
        cmocka_unit_test(test_submit_refused_and_impossible),
        cmocka_unit_test(test_a_submit_without_answer_is_not_repeated),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_amend),
        cmocka_unit_test(test_query_order),
        cmocka_unit_test(test_a_changed_position_mode_is_noticed),
    };
    ln_log_set_level(LN_LOG_OFF); /* losses are expected here */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
