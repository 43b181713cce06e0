/*
 * Placing, changing, cancelling, closing and reading orders over REST; and
 * that everything the exchange says about one trade agrees.
 */
#include "fixture.h"

#define O "/api/v2/mix/order/"

static void
try_place(struct world *w, const char *members)
{
    char body[2048];
    snprintf(body, sizeof(body), ORDER "%s}", members);
    post(w, O "place-order", body);
}

#define LIMIT "\"side\":\"buy\",\"orderType\":\"limit\","

static void
a_limit_order_rests_and_can_be_read(void **state)
{
    struct world *w = *state;
    char query[256];
    static const char *const names[] = {"symbol",
                                        "size",
                                        "orderId",
                                        "clientOid",
                                        "baseVolume",
                                        "fee",
                                        "price",
                                        "priceAvg",
                                        "state",
                                        "side",
                                        "force",
                                        "totalProfits",
                                        "posSide",
                                        "marginCoin",
                                        "quoteVolume",
                                        "leverage",
                                        "marginMode",
                                        "reduceOnly",
                                        "enterPointSource",
                                        "tradeSide",
                                        "posMode",
                                        "orderType",
                                        "orderSource",
                                        "presetStopSurplusPrice",
                                        "presetStopSurplusType",
                                        "presetStopSurplusExecutePrice",
                                        "presetStopLossPrice",
                                        "presetStopLossType",
                                        "presetStopLossExecutePrice",
                                        "cancelReason",
                                        "cTime",
                                        "uTime",
                                        NULL};
    const char *id = place_resting(w, "oid-1");
    assert_string_equal(at(w, "data.clientOid"), "oid-1");
    snprintf(query, sizeof(query), BTC "&orderId=%s", id);
    get(w, O "detail", query);
    expect_ok(w);
    expect_strings(&w->doc, "data", names);
    assert_string_equal(at(w, "data.newTradeSide"), "null");
    assert_string_equal(at(w, "data.state"), "live");
    assert_string_equal(at(w, "data.baseVolume"), "0");
    assert_string_equal(at(w, "data.priceAvg"), "");
    assert_string_equal(at(w, "data.tradeSide"), "buy_single");
    assert_string_equal(at(w, "data.posSide"), "net");
    assert_string_equal(at(w, "data.force"), "gtc");
    get(w, O "detail", BTC "&clientOid=oid-1");
    assert_string_equal(at(w, "data.orderId"), id);
}

static void
numbers_and_any_case_are_accepted(void **state)
{
    struct world *w = *state;
    char body[512];
    snprintf(body, sizeof(body),
             "{\"symbol\":\"btcusdt\",\"productType\":\"usdt-futures\","
             "\"marginCoin\":\"usdt\",\"marginMode\":\"Crossed\","
             "\"side\":\"BUY\",\"orderType\":\"Limit\",\"force\":\"GTC\","
             "\"size\":0.01,\"price\":%s,\"unknownField\":[1,2]}",
             btc_price(w, -10000));
    post(w, O "place-order", body);
    expect_ok(w);
    assert_true(strlen(at(w, "data.clientOid")) > 0); /* made by the service */
}

static void
bad_orders_get_their_code(void **state)
{
    struct world *w = *state;
    char members[512];
    static const struct {
        const char *members, *code;
    } rows[] = {
        {"\"orderType\":\"limit\",\"size\":\"1\",\"price\":\"1\"", "40019"},
        {LIMIT "\"price\":\"60000\"", "40019"},
        {LIMIT "\"size\":\"0.01\"", "40019"},
        {"\"side\":\"up\",\"orderType\":\"limit\",\"size\":\"1\"", "400172"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000\",\"force\":\"day\"",
         "400172"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000\",\"reduceOnly\":true",
         "400172"},
        {LIMIT "\"size\":\"much\",\"price\":\"60000\"", "40017"},
        {LIMIT "\"size\":\"-1\",\"price\":\"60000\"", "40017"},
        {LIMIT "\"size\":{},\"price\":\"60000\"", "40017"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"0\"", "40706"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000.05\"", "45115"},
        {LIMIT "\"size\":\"0.00001\",\"price\":\"60000\"", "40808"},
        {LIMIT "\"size\":\"0\",\"price\":\"60000\"", "45111"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000\",\"tradeSide\":\"open\"",
         "40774"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000\","
               "\"presetStopLossPrice\":\"60000\"",
         "45065"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000\","
               "\"presetStopSurplusPrice\":\"59000\"",
         "45064"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000\","
               "\"presetStopLossPrice\":\"50000.01\"",
         "45115"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000\","
               "\"presetStopLossPrice\":\"50000\","
               "\"presetStopLossExecutePrice\":\"-1\"",
         "43011"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000\","
               "\"stpMode\":\"cancel_all\"",
         "400172"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000\","
               "\"clientOid\":\"a\\\"b\"",
         "40305"},
        {LIMIT "\"size\":\"0.01\",\"price\":\"60000\",\"clientOid\":"
               "\"012345678901234567890123456789012345678901234567890\"",
         "40304"},
        {"\"side\":\"sell\",\"orderType\":\"market\",\"size\":\"0.01\","
         "\"reduceOnly\":\"YES\"",
         "22002"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        try_place(w, rows[i].members);
        expect_code(w, rows[i].code);
        assert_int_equal(w->status, 400);
    }
    snprintf(members, sizeof(members),
             LIMIT "\"size\":\"0.0001\",\"price\":"
                   "\"%s\"",
             "40000");
    try_place(w, members);
    expect_code(w, "45110");
    assert_string_equal(at(w, "msg"), "less than the minimum amount 5 USDT");
    snprintf(members, sizeof(members),
             LIMIT "\"size\":\"0.01\",\"price\":\"%s\"", btc_price(w, 100000));
    try_place(w, members);
    expect_code(w, "43009"); /* ten thousand above */
    snprintf(members, sizeof(members),
             LIMIT "\"size\":\"100\",\"price\":\"%s\"", btc_price(w, 0));
    try_place(w, members);
    expect_code(w, "40762");
    assert_string_equal(at(w, "msg"), "The order amount exceeds the balance");
    get(w, O "orders-history", P);
    assert_string_equal(at(w, "data.entrustedList"), "null"); /* no trace */
}

static void
the_checkbdscale_message_is_the_live_one(void **state)
{
    struct world *w = *state;
    try_place(w, LIMIT "\"size\":\"2293.57712\",\"price\":\"60000\"");
    expect_code(w, "40808");
    assert_string_equal(at(w, "msg"),
                        "Parameter verification exception size checkBDScale "
                        "error value=2293.57712 checkScale=4");
}

static void
a_client_oid_is_unique_among_pending_orders(void **state)
{
    struct world *w = *state;
    char members[256];
    place_resting(w, "twin");
    snprintf(members, sizeof(members),
             LIMIT "\"size\":\"0.01\",\"price\":\"%s\",\"clientOid\":\"twin\"",
             btc_price(w, -10000));
    try_place(w, members);
    expect_code(w, "40786");
    post(w, O "cancel-order", "{" BTC_BODY ",\"clientOid\":\"twin\"}");
    expect_ok(w);
    try_place(w, members);
    expect_ok(w);
}

static void
a_batch_tells_success_and_failure_per_order(void **state)
{
    struct world *w = *state;
    char body[1024];
    snprintf(body, sizeof(body),
             ORDER "\"orderList\":["
                   "{\"side\":\"buy\",\"orderType\":\"limit\",\"size\":"
                   "\"0.01\",\"price\":\"%s\",\"clientOid\":\"b1\"},"
                   "{\"side\":\"buy\",\"orderType\":\"limit\",\"size\":"
                   "\"0.0001\",\"price\":\"40000\",\"clientOid\":\"b2\"}]}",
             btc_price(w, -10000));
    post(w, O "batch-place-order", body);
    expect_ok(w);
    assert_string_equal(at(w, "data.successList.0.clientOid"), "b1");
    assert_string_equal(at(w, "data.failureList.0.clientOid"), "b2");
    assert_string_equal(at(w, "data.failureList.0.orderId"), "");
    assert_string_equal(at(w, "data.failureList.0.errorCode"), "45110");
    assert_string_equal(at(w, "data.failureList.0.errorMsg"),
                        "less than the minimum amount 5 USDT");
    assert_string_equal(at(w, "data.result"), "false");
    post(w, O "batch-place-order", ORDER "\"orderList\":[]}");
    expect_code(w, "40019");
    post(w, O "batch-place-order", ORDER "\"orderList\":\"x\"}");
    expect_code(w, "40017");
    post(w, O "batch-place-order", ORDER "\"orderList\":[1]}");
    expect_ok(w); /* no order at all: its failure is in the list */
    assert_int_equal(count_at(w, "data.failureList"), 1);
}

static void
an_amended_order_is_another_one(void **state)
{
    struct world *w = *state;
    char body[512], query[128];
    const char *old = place_resting(w, "before");
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"orderId\":\"%s\",\"newClientOid\":\"after\","
             "\"newSize\":\"0.02\",\"newPrice\":\"%s\"}",
             old, btc_price(w, -9000));
    post(w, O "modify-order", body);
    expect_ok(w);
    assert_string_equal(at(w, "data.clientOid"), "after");
    get(w, O "detail", BTC "&clientOid=after");
    assert_string_equal(at(w, "data.state"), "live");
    assert_string_equal(at(w, "data.size"), "0.02");
    assert_string_not_equal(at(w, "data.orderId"), old);
    snprintf(query, sizeof(query), BTC "&orderId=%s", old);
    get(w, O "detail", query);
    assert_string_equal(at(w, "data.state"), "canceled");
}

static void
bad_amends_get_their_code(void **state)
{
    struct world *w = *state;
    char body[512];
    static const struct {
        const char *members, *code;
    } rows[] = {
        {"\"newClientOid\":\"n\",\"newSize\":\"0.02\"", "40925"},
        {"\"newSize\":\"0.02\",\"newPrice\":\"60000\"", "22003"},
        {"\"newClientOid\":\"n\"", "40923"},
        {"\"newPresetStopLossPrice\":\"1.23\"", "45115"},
        {"\"newClientOid\":\"n\",\"newSize\":\"0.02\",\"newPrice\":\"1.23\"",
         "45115"},
    };
    const char *id = place_resting(w, "a");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(body, sizeof(body), "{" BTC_BODY ",\"orderId\":\"%s\",%s}", id,
                 rows[i].members);
        post(w, O "modify-order", body);
        expect_code(w, rows[i].code);
    }
    post(w, O "modify-order",
         "{" BTC_BODY ",\"orderId\":\"77\",\"newClientOid\":\"n\","
         "\"newSize\":\"0.02\",\"newPrice\":\"60000\"}");
    expect_code(w, "40768");
}

static void
cancels_find_their_order_or_say_why_not(void **state)
{
    struct world *w = *state;
    char body[256];
    const char *id = place_resting(w, "c");
    snprintf(body, sizeof(body), "{" BTC_BODY ",\"orderId\":\"%s\"}", id);
    post(w, O "cancel-order", body);
    expect_ok(w);
    assert_string_equal(at(w, "data.orderId"), id);
    assert_string_equal(at(w, "data.clientOid"), "c");
    post(w, O "cancel-order", body);
    expect_code(w, "45055"); /* it is final */
    post(w, O "cancel-order", "{" BTC_BODY ",\"orderId\":\"1\"}");
    expect_code(w, "40768");
    post(w, O "cancel-order", "{" BTC_BODY ",\"orderId\":\"one\"}");
    expect_code(w, "40402");
    post(w, O "cancel-order", "{" BTC_BODY "}");
    expect_code(w, "40913");
    get(w, O "detail", BTC "&clientOid=c");
    assert_string_equal(at(w, "data.state"), "canceled");
    assert_string_equal(at(w, "data.cancelReason"), "normal_cancel");
    get(w, O "detail", BTC "&clientOid=never");
    expect_code(w, "40109");
}

static void
an_order_belongs_to_its_symbol(void **state)
{
    struct world *w = *state;
    char query[128];
    const char *id = place_resting(w, "btc");
    post(w, O "cancel-order",
         "{\"symbol\":\"ETHUSDT\"," COINED ",\"clientOid\":\"btc\"}");
    expect_code(w, "40768");
    post(w, O "modify-order",
         "{\"symbol\":\"ETHUSDT\"," COINED
         ",\"clientOid\":\"btc\",\"newClientOid\":\"x\",\"newSize\":\"1\","
         "\"newPrice\":\"3000\"}");
    expect_code(w, "40768");
    snprintf(query, sizeof(query), P "&symbol=ETHUSDT&orderId=%s", id);
    get(w, O "detail", query);
    expect_code(w, "40109");
    get(w, O "detail", BTC "&clientOid=btc");
    assert_string_equal(at(w, "data.state"), "live");
}

static void
an_old_order_is_found_behind_many(void **state)
{
    struct world *w = *state;
    char oid[32];
    for (int i = 0; i < 150; i++) {
        snprintf(oid, sizeof(oid), "many-%d", i);
        place_resting(w, oid);
        post(w, O "cancel-all-orders", "{" COINED "}");
        expect_ok(w);
    }
    get(w, O "orders-history", BTC "&clientOid=many-1");
    assert_int_equal(count_at(w, "data.entrustedList"), 1);
    assert_string_equal(at(w, "data.entrustedList.0.clientOid"), "many-1");
    get(w, O "orders-history", BTC);
    assert_int_equal(count_at(w, "data.entrustedList"), 100); /* the most */
    assert_string_equal(at(w, "data.endId"),
                        at(w, "data.entrustedList.99.orderId"));
}

static void
cancel_lists_and_cancel_all(void **state)
{
    struct world *w = *state;
    place_resting(w, "x1");
    place_resting(w, "x2");
    place_resting(w, "x3");
    post(w, O "batch-cancel-orders",
         "{" BTC_BODY ",\"orderIdList\":[{\"clientOid\":\"x2\"},"
         "{\"orderId\":\"9\"}]}");
    expect_ok(w);
    assert_int_equal(count_at(w, "data.successList"), 1);
    assert_string_equal(at(w, "data.successList.0.clientOid"), "x2");
    assert_string_equal(at(w, "data.failureList.0.orderId"), "9");
    assert_string_equal(at(w, "data.failureList.0.errorCode"), "40768");
    post(w, O "cancel-all-orders",
         "{" COINED ",\"requestTime\":\"1600000000000\","
         "\"receiveWindow\":\"5000\"}");
    expect_code(w, "40078");
    post(w, O "cancel-all-orders", "{" COINED ",\"receiveWindow\":\"60000\"}");
    expect_code(w, "40079");
    post(w, O "cancel-all-orders", "{" COINED "}");
    expect_ok(w);
    assert_int_equal(count_at(w, "data.successList"), 2);
    assert_int_equal(count_at(w, "data.failureList"), 0);
    post(w, O "cancel-all-orders", "{" COINED "}");
    expect_code(w, "22001");
    get(w, O "orders-pending", P);
    expect_ok(w);
    assert_string_equal(at(w, "data.entrustedList"), "null");
    assert_string_equal(at(w, "data.endId"), "null");
}

static void
pages_follow_the_cursor_and_lose_nothing(void **state)
{
    struct world *w = *state;
    char oid[32], query[256];
    int seen = 0;
    for (int i = 0; i < 7; i++) {
        snprintf(oid, sizeof(oid), "p%d", i);
        place_resting(w, oid);
    }
    snprintf(query, sizeof(query), P "&limit=3");
    for (int page = 0; page < 5; page++) {
        get(w, O "orders-pending", query);
        expect_ok(w);
        uint32_t n = count_at(w, "data.entrustedList");
        if (strcmp(at(w, "data.entrustedList"), "null") == 0)
            break;
        for (uint32_t i = 0; i < n; i++) {
            char path[64];
            snprintf(path, sizeof(path), "data.entrustedList.%u.clientOid", i);
            snprintf(oid, sizeof(oid), "p%d", 6 - seen); /* newest first */
            assert_string_equal(at(w, path), oid);
            seen++;
        }
        snprintf(query, sizeof(query), P "&limit=3&idLessThan=%s",
                 at(w, "data.endId"));
    }
    assert_int_equal(seen, 7);
    get(w, O "orders-pending", P "&clientOid=p3");
    assert_int_equal(count_at(w, "data.entrustedList"), 1);
    get(w, O "orders-pending", P "&limit=5000");
    expect_ok(w);
    assert_int_equal(count_at(w, "data.entrustedList"), 7);
    get(w, O "orders-pending", P "&status=partially_filled");
    assert_string_equal(at(w, "data.entrustedList"), "null");
    get(w, O "orders-pending",
        P "&startTime=1699999000000&endTime=1699999000001");
    assert_string_equal(at(w, "data.entrustedList"), "null");
    get(w, O "orders-pending", P "&startTime=1&endTime=2");
    expect_code(w, "40704");
    get(w, O "orders-history",
        P "&startTime=1690000000000&endTime=1700000000000");
    expect_code(w, "40705");
    get(w, O "orders-pending", P "&idLessThan=x");
    expect_code(w, "40402");
    get(w, O "orders-pending", P "&symbol=ETHUSDT");
    assert_string_equal(at(w, "data.entrustedList"), "null");
}

/* Sum of a member over all rows of a list. */
static int64_t
sum_of(struct world *w, const char *list, const char *member)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < count_at(w, list); i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s.%u.%s", list, i, member);
        sum += e8_at(w, path);
    }
    return sum;
}

static void
after_a_market_buy_everything_agrees(void **state)
{
    struct world *w = *state;
    char query[128];
    get(w, "/api/v2/mix/account/accounts", P);
    int64_t before =
        e8_at(w, "data.0.accountEquity") - e8_at(w, "data.0.unrealizedPL");
    assert_int_equal(before, e8_of("10000"));
    const char *id = market_buy(w, "0.05");

    snprintf(query, sizeof(query), BTC "&orderId=%s", id);
    get(w, O "fills", query);
    expect_ok(w);
    int64_t size = sum_of(w, "data.fillList", "baseVolume");
    int64_t value = sum_of(w, "data.fillList", "quoteVolume");
    int64_t fee = sum_of(w, "data.fillList", "feeDetail.0.totalFee");
    assert_int_equal(size, e8_of("0.05"));
    assert_true(fee < 0);
    assert_int_equal(-fee / 100, value * 6 / 10000 / 100); /* 0.06 % */
    assert_string_equal(at(w, "data.fillList.0.tradeScope"), "taker");
    assert_string_equal(at(w, "data.fillList.0.tradeSide"), "buy_single");

    get(w, O "orders-history", BTC);
    assert_string_equal(at(w, "data.entrustedList.0.orderId"), id);
    assert_string_equal(at(w, "data.entrustedList.0.status"), "filled");
    assert_string_equal(at(w, "data.entrustedList.0.orderSource"), "market");
    assert_int_equal(e8_at(w, "data.entrustedList.0.baseVolume"), size);
    assert_int_equal(e8_at(w, "data.entrustedList.0.quoteVolume"), value);
    assert_int_equal(e8_at(w, "data.entrustedList.0.fee"), fee);

    get(w, O "fill-history", BTC);
    assert_int_equal(sum_of(w, "data.fillList", "baseVolume"), size);
    assert_string_equal(at(w, "data.fillList.0.marginCoin"), "USDT");

    get(w, "/api/v2/mix/position/single-position", BTC "&marginCoin=USDT");
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 1);
    assert_string_equal(at(w, "data.0.holdSide"), "long");
    assert_int_equal(e8_at(w, "data.0.total"), size);
    assert_int_equal(e8_at(w, "data.0.deductedFee"), -fee);
    /* entry = value / size; size is 0.05 */
    assert_in_range(e8_at(w, "data.0.openPriceAvg"), value * 20 - 20,
                    value * 20 + 20);

    get(w, "/api/v2/mix/account/accounts", P);
    assert_int_equal(e8_at(w, "data.0.accountEquity") -
                         e8_at(w, "data.0.unrealizedPL"),
                     before + fee);
}

static void
closing_everything_leaves_nothing(void **state)
{
    struct world *w = *state;
    post(w, O "close-positions", "{" BTC_BODY "}");
    expect_code(w, "22002");
    market_buy(w, "0.02");
    post(w, O "close-positions", "{\"productType\":\"USDT-FUTURES\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data.successList.0.symbol"), "BTCUSDT");
    assert_int_equal(count_at(w, "data.failureList"), 0);
    get(w, "/api/v2/mix/position/all-position", P);
    assert_int_equal(count_at(w, "data"), 0);
}

static void
ioc_fok_and_post_only_end_as_canceled(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *force;
        int64_t ticks;
    } rows[] = {{"ioc", -10000}, {"fok", -10000}, {"post_only", 1000}};
    for (int i = 0; i < 3; i++) {
        char members[256], query[128];
        snprintf(members, sizeof(members),
                 LIMIT "\"size\":\"0.01\",\"price\":\"%s\",\"force\":\"%s\"",
                 btc_price(w, rows[i].ticks), rows[i].force);
        const char *id = place(w, members);
        snprintf(query, sizeof(query), BTC "&orderId=%s", id);
        get(w, O "detail", query);
        assert_string_equal(at(w, "data.state"), "canceled");
        assert_string_equal(at(w, "data.force"), rows[i].force);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_limit_order_rests_and_can_be_read),
        TEST(numbers_and_any_case_are_accepted),
        TEST(bad_orders_get_their_code),
        TEST(the_checkbdscale_message_is_the_live_one),
        TEST(a_client_oid_is_unique_among_pending_orders),
        TEST(a_batch_tells_success_and_failure_per_order),
        TEST(an_amended_order_is_another_one),
        TEST(bad_amends_get_their_code),
        TEST(cancels_find_their_order_or_say_why_not),
        TEST(an_order_belongs_to_its_symbol),
        TEST(an_old_order_is_found_behind_many),
        TEST(cancel_lists_and_cancel_all),
        TEST(pages_follow_the_cursor_and_lose_nothing),
        TEST(after_a_market_buy_everything_agrees),
        TEST(closing_everything_leaves_nothing),
        TEST(ioc_fok_and_post_only_end_as_canceled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
