/*
 * Questions to the venue: open orders, fills, candles, any endpoint.
 */
#include "venue_fixture.h"

static void
test_open_orders_are_read_page_by_page(void **state)
{
    struct test *t = started();
    size_t from = t->count;
    struct ln_buf page;

    (void)state;
    ln_buf_init(&page, 1U << 20);
    ln_buf_adds(&page, "{\"entrustedList\":[");
    for (int i = 0; i < 8; i++) {
        if (i)
            ln_buf_addc(&page, ',');
        ln_buf_addf(&page,
                    "{\"symbol\":\"BTCUSDT\",\"size\":\"1\",\"orderId\":"
                    "\"%d\",\"status\":\"live\",\"side\":\"buy\","
                    "\"orderType\":\"limit\",\"price\":\"1\"}",
                    100 - i);
    }
    ln_buf_adds(&page, "],\"endId\":\"93\"}");
    fake_route(t->fake, PENDING, page.data);
    t->venue->ops->query_open_orders(t->venue);
    run(t, 1000);
    assert_int_equal(last(t, from, LN_VE_ORDERS)->u.orders.count, 8);
    assert_string_equal(t->orders[7].order_id, "93");
    /* a short page is the last one */
    assert_int_equal(fake_http_count(t->fake, 0, PENDING), 2);
    ln_buf_deinit(&page);
    destroy(t);
}

static void
test_query_fills_tells_all_of_them(void **state)
{
    struct test *t = started();
    size_t from = t->count;

    (void)state;
    fake_route(
        t->fake, FILLS,
        "{\"fillList\":[" FILL_ROW("9", "1790000009000") "," FILL_ROW(
            "8",
            "1790000008000") "," FILL_ROW("7",
                                          "1790000007000") "],"
                                                           "\"endId\":\"7\"}");
    t->venue->ops->query_fills(t->venue, 0, 1790000008000);
    t->venue->ops->query_fills(t->venue, 0, 1790000008000);
    run(t, 2000);
    assert_int_equal(count_of(t, from, LN_VE_FILL), 4);
    assert_string_equal(t->events[from].u.fill.trade_id, "8");
    assert_non_null(strstr(fake_http_last(t->fake, FILLS)->query,
                           "startTime=1790000008000"));
    destroy(t);
}

#define BAR(ts) "[\"" ts "\",\"10\",\"12\",\"9\",\"11\",\"5\",\"50\"]"

static void
test_candles_of_the_past(void **state)
{
    struct test *t = started();
    const struct ln_venue_event *e;
    size_t from = t->count;

    (void)state;
    fake_route(t->fake, CANDLES, "[" BAR("240000") "," BAR("300000") "]");
    fake_route(t->fake, HISTORY, "[" BAR("120000") "," BAR("180000") "]");
    /* before 300000: 240000 is the last that has ended by then */
    t->venue->ops->fetch_candles(t->venue, 0, LN_TF_1M, 3, 300000, 42);
    run(t, 2000);
    assert_int_equal(count_of(t, from, LN_VE_CANDLES), 1);
    e = last(t, from, LN_VE_CANDLES);
    assert_int_equal(e->u.candles.error.code, LN_OK);
    assert_int_equal(e->u.candles.tag, 42);
    assert_int_equal(e->u.candles.tf, LN_TF_1M);
    assert_int_equal(e->u.candles.count, 3);
    assert_int_equal(t->candles[0].time_ms, 120000);
    assert_int_equal(t->candles[1].time_ms, 180000);
    assert_int_equal(t->candles[2].time_ms, 240000);
    assert_non_null(
        strstr(fake_http_last(t->fake, HISTORY)->query, "endTime=240000"));
    /* now: the newest, still forming, belongs to it */
    from = t->count;
    t->venue->ops->fetch_candles(t->venue, 0, LN_TF_1M, 1, 0, 43);
    run(t, 2000);
    assert_int_equal(last(t, from, LN_VE_CANDLES)->u.candles.count, 1);
    assert_int_equal(t->candles[0].time_ms, 300000);
    /* errors come the same way */
    from = t->count;
    t->venue->ops->fetch_candles(t->venue, 9, LN_TF_1M, 1, 0, 44);
    t->venue->ops->fetch_candles(t->venue, 0, LN_TF_NONE, 1, 0, 45);
    run(t, 2000);
    assert_int_equal(count_of(t, from, LN_VE_CANDLES), 2);
    assert_int_not_equal(t->events[from].u.candles.error.code, LN_OK);
    assert_int_equal(t->events[from].u.candles.tag, 44);
    destroy(t);
}

static void
test_call_any_endpoint(void **state)
{
    struct test *t = started();
    size_t from = t->count;

    (void)state;
    fake_route(t->fake, "/api/v2/mix/market/open-interest",
               "{\"openInterestList\":[{\"size\":\"1.5\"}],\"ts\":\"1\"}");
    t->venue->ops->call(t->venue, "get_open_interest",
                        ln_str("{\"symbol\":\"BTCUSDT\",\"productType\":"
                               "\"usdt-futures\"}"),
                        7);
    run(t, 1000);
    assert_int_equal(last(t, from, LN_VE_REPLY)->u.reply.tag, 7);
    assert_int_equal(last(t, from, LN_VE_REPLY)->u.reply.error.code, LN_OK);
    assert_string_equal(
        t->reply, "{\"openInterestList\":[{\"size\":\"1.5\"}],\"ts\":\"1\"}");
    /* a misspelt name says which was meant */
    from = t->count;
    t->venue->ops->call(t->venue, "get_open_interst", ln_str("{}"), 8);
    t->venue->ops->call(t->venue, "get_open_interest", ln_str("nonsense"), 9);
    t->venue->ops->call(t->venue, "get_open_interest", ln_str("{}"), 10);
    run(t, 1000);
    assert_int_equal(count_of(t, from, LN_VE_REPLY), 3);
    assert_int_equal(t->events[from].u.reply.tag, 8);
    assert_non_null(
        strstr(t->events[from].u.reply.error.message, "get_open_interest"));
    assert_int_equal(t->events[from + 1].u.reply.error.verdict, LN_VERDICT_NO);
    assert_non_null(
        strstr(t->events[from + 2].u.reply.error.message, "symbol"));
    destroy(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_orders_are_read_page_by_page),
        cmocka_unit_test(test_query_fills_tells_all_of_them),
        cmocka_unit_test(test_candles_of_the_past),
        cmocka_unit_test(test_call_any_endpoint),
    };
    ln_log_set_level(LN_LOG_OFF); /* losses are expected here */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
