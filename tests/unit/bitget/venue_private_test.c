/*
 * The private stream of the venue, and the reconciliation after a loss.
 */
#include "venue_fixture.h"

/* The same fill comes on two channels: it is told once, with its clientOid. */
static void
test_order_and_fill_pushes(void **state)
{
    struct test *t = started();
    size_t from = t->count;

    (void)state;
    push(t, true, ORDER_PUSH("cli-1", "live", ""));
    assert_int_equal(last(t, from, LN_VE_ORDER)->u.order.state, LN_ORDER_LIVE);
    push(t, true, FILL_PUSH("7"));
    assert_int_equal(count_of(t, from, LN_VE_FILL), 1);
    assert_string_equal(last(t, from, LN_VE_FILL)->u.fill.client_oid, "cli-1");
    push(t, true, ORDER_PUSH("cli-1", "filled", FILL_PART("7")));
    assert_int_equal(count_of(t, from, LN_VE_FILL), 1);
    assert_int_equal(last(t, from, LN_VE_ORDER)->u.order.state,
                     LN_ORDER_FILLED);
    /* and the other way round */
    push(t, true, ORDER_PUSH("cli-1", "filled", FILL_PART("8")));
    push(t, true, FILL_PUSH("8"));
    assert_int_equal(count_of(t, from, LN_VE_FILL), 2);
    assert_int_equal(last(t, from, LN_VE_FILL)->u.fill.fee_e8, e8("-0.1"));
    destroy(t);
}

/*
 * Lesson 23: what the fill channel calls "side" in hedge mode is not
 * certain. The order we know of decides.
 */
static void
test_the_order_decides_a_hedge_fills_direction(void **state)
{
    static const char *const sides[] = {"buy", "sell"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct test *t = started_in(ACCOUNT_DATA("hedge_mode"));
        struct ln_order_request req = limit_buy("cli-1");
        size_t from = t->count;
        char text[512];

        fake_route(t->fake, PLACE,
                   "{\"orderId\":\"99\",\"clientOid\":\"cli-1\"}");
        req.side = LN_SELL; /* close a long */
        req.pos_side = LN_LONG;
        req.reduce_only = true;
        t->venue->ops->submit(t->venue, &req);
        run(t, 1000);
        assert_non_null(strstr(fake_http_last(t->fake, PLACE)->body,
                               "\"side\":\"buy\",\"tradeSide\":\"close\""));
        (void)snprintf(
            text, sizeof text,
            "{\"action\":\"snapshot\"," ARG(
                "fill", "instId",
                "default") ",\"data\":[{\"orderId\":\"99\",\"tradeId\":\"7\","
                           "\"symbol\":\"BTCUSDT\",\"side\":\"%s\",\"price\":"
                           "\"64000\",\"baseVolume\":\"0.01\",\"tradeSide\":"
                           "\"close\",\"posMode\":\"hedge_mode\"}]}",
            sides[i]);
        push(t, true, text);
        assert_int_equal(last(t, from, LN_VE_FILL)->u.fill.side, LN_SELL);
        assert_int_equal(last(t, from, LN_VE_FILL)->u.fill.pos_side, LN_LONG);
        assert_string_equal(last(t, from, LN_VE_FILL)->u.fill.client_oid,
                            "cli-1");
        destroy(t);
    }
}

#define POSITION_PUSH(rows)                                                    \
    "{\"action\":\"snapshot\"," ARG("positions", "instId",                     \
                                    "default") ",\"data\":[" rows "]}"

#define POSITION(symbol, side, total, funding)                                 \
    "{\"posId\":\"p-" symbol side "\",\"instId\":\"" symbol                    \
    "\",\"holdSide\":\"" side "\",\"total\":\"" total                          \
    "\",\"available\":\"" total "\",\"openPriceAvg\":\"64000\",\"leverage\":"  \
    "20,\"posMode\":\"one_way_mode\",\"marginMode\":\"crossed\","              \
    "\"totalFee\":\"" funding "\",\"uTime\":\"1790000000700\"}"

static void
test_positions_are_the_whole_list(void **state)
{
    struct test *t = started();
    size_t from = t->count;

    (void)state;
    push(t, true,
         POSITION_PUSH(POSITION("BTCUSDT", "long", "0.01",
                                "") "," POSITION("ETHUSDT", "short", "2", "")));
    assert_int_equal(last(t, from, LN_VE_POSITIONS)->u.positions.count, 2);
    assert_false(last(t, from, LN_VE_POSITIONS)->u.positions.from_query);
    assert_int_equal(t->positions[0].size_lots, 100);
    assert_int_equal(t->positions[1].instrument, 1);
    assert_int_equal(t->positions[1].hold_side, LN_SHORT);
    assert_int_equal(count_of(t, from, LN_VE_FUNDING), 0);
    /* a settlement: funding so far has changed */
    push(t, true, POSITION_PUSH(POSITION("BTCUSDT", "long", "0.01", "-0.5")));
    assert_int_equal(last(t, from, LN_VE_POSITIONS)->u.positions.count, 1);
    assert_int_equal(last(t, from, LN_VE_FUNDING)->u.funding.amount_e8,
                     e8("-0.5"));
    assert_int_equal(last(t, from, LN_VE_FUNDING)->instrument, 0);
    push(t, true, POSITION_PUSH(""));
    assert_int_equal(last(t, from, LN_VE_POSITIONS)->u.positions.count, 0);
    /* a row that cannot be read: the exchange is asked for the list */
    from = t->count;
    push(t, true, POSITION_PUSH(POSITION("BTCUSDT", "sideways", "1", "")));
    run(t, 1000);
    assert_int_equal(count_of(t, from, LN_VE_POSITIONS), 1);
    assert_true(last(t, from, LN_VE_POSITIONS)->u.positions.from_query);
    destroy(t);
}

static void
test_account_push(void **state)
{
    struct test *t = started();
    size_t from = t->count;

    (void)state;
    push(t, true,
         "{\"action\":\"snapshot\"," ARG(
             "account", "coin",
             "default") ",\"data\":[{\"marginCoin\":\"USDT\",\"frozen\":\"1\","
                        "\"available\":\"2\",\"equity\":\"3\","
                        "\"unrealizedPL\":\"-0.5\"}],\"ts\":17}");
    assert_int_equal(last(t, from, LN_VE_ACCOUNT)->u.account.locked_e8,
                     e8("1"));
    assert_int_equal(last(t, from, LN_VE_ACCOUNT)->u.account.equity_e8,
                     e8("3"));
    assert_int_equal(last(t, from, LN_VE_ACCOUNT)->u.account.time_ms, 17);
    destroy(t);
}

/* Pushes were lost with the connection: REST fills in before "up". */
static void
test_what_was_missed_is_told_before_up(void **state)
{
    struct test *t = started();
    size_t from, up, fill;

    (void)state;
    push(t, true, ORDER_PUSH("cli-1", "live", ""));
    push(t, true, ORDER_PUSH("cli-1", "partially_filled", FILL_PART("7")));
    fake_drop(fake_conn(t->fake, true));
    fake_route(
        t->fake, FILLS,
        "{\"fillList\":[" FILL_ROW("9", "1790000009000") "," FILL_ROW(
            "8",
            "1790000008000") "," FILL_ROW("7",
                                          "1790000007000") "],"
                                                           "\"endId\":\"7\"}");
    fake_route(t->fake, PENDING,
               "{\"entrustedList\":[" ORDER_ROW(
                   "99", "cli-1", "partially_filled",
                   "0.003") ","
                            "{\"symbol\":\"GONEUSDT\"}],\"endId\":\"99\"}");
    fake_route(t->fake, POSITIONS,
               "[{\"symbol\":\"BTCUSDT\",\"holdSide\":\"long\",\"total\":"
               "\"0.003\"}]");
    from = t->count;
    run(t, 10000);
    assert_true(connection_at(t, from, LN_PART_PRIVATE, false) < t->count);
    up = connection_at(t, from, LN_PART_PRIVATE, true);
    assert_true(up < t->count);
    /* 7 was known; 8 and 9 come in order, with the clientOid of the order */
    assert_int_equal(count_of(t, from, LN_VE_FILL), 2);
    fill = first_of(t, from, LN_VE_FILL);
    assert_true(fill < up);
    assert_string_equal(t->events[fill].u.fill.trade_id, "8");
    assert_string_equal(t->events[fill].u.fill.client_oid, "cli-1");
    assert_true(first_of(t, from, LN_VE_ORDERS) < up);
    assert_int_equal(last(t, from, LN_VE_ORDERS)->u.orders.count, 1);
    assert_int_equal(t->orders[0].filled_lots, 30);
    assert_true(first_of(t, from, LN_VE_POSITIONS) < up);
    assert_int_equal(t->positions[0].size_lots, 30);
    assert_true(first_of(t, from, LN_VE_ACCOUNT) < up);
    destroy(t);
}

static void
test_reconciliation_is_repeated_until_complete(void **state)
{
    struct test *t = started();
    size_t from, asked;

    (void)state;
    fake_route_error(t->fake, PENDING, 500, "45001");
    fake_drop(fake_conn(t->fake, true));
    from = t->count;
    asked = t->fake->nhttp;
    run(t, 20000);
    assert_int_equal(connection_at(t, from, LN_PART_PRIVATE, true), t->count);
    assert_true(fake_http_count(t->fake, asked, PENDING) > 1);
    assert_int_not_equal(last(t, from, LN_VE_ORDERS)->u.orders.error.code,
                         LN_OK);
    t->fake->nroutes--;
    run(t, 20000);
    assert_true(connection_at(t, from, LN_PART_PRIVATE, true) < t->count);
    destroy(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_fill_pushes),
        cmocka_unit_test(test_the_order_decides_a_hedge_fills_direction),
        cmocka_unit_test(test_positions_are_the_whole_list),
        cmocka_unit_test(test_account_push),
        cmocka_unit_test(test_what_was_missed_is_told_before_up),
        cmocka_unit_test(test_reconciliation_is_repeated_until_complete),
    };
    ln_log_set_level(LN_LOG_OFF); /* losses are expected here */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
