/*
 * Plans over REST: placing, changing, cancelling and listing trigger orders,
 * trailing ones, take profit and stop loss; what they place when their price
 * comes; and the reversal of a position.
 */
#include "fixture.h"

#define O "/api/v2/mix/order/"
#define PLAN                                                                   \
    ORDER "\"planType\":\"normal_plan\",\"triggerType\":\"fill_price\","
#define PENDING  O "orders-plan-pending"
#define HISTORY  O "orders-plan-history"
#define NORMALS  P "&planType=normal_plan"
#define GUARDS   P "&planType=profit_loss"
#define ROW(key) "data.entrustedList.0." key

static void
market_sell(struct world *w, const char *size)
{
    char members[128];
    snprintf(members, sizeof(members),
             "\"side\":\"sell\",\"orderType\":\"market\",\"size\":\"%s\"",
             size);
    place(w, members);
}

static void
try_plan(struct world *w, const char *members)
{
    char body[1024];
    snprintf(body, sizeof(body), PLAN "%s}", members);
    post(w, O "place-plan-order", body);
}

/* A market buy of 0.01 when the last price has come to <ticks> away. */
static const char *
place_plan(struct world *w, int64_t ticks, const char *oid)
{
    static char id[32];
    char members[512];
    snprintf(members, sizeof(members),
             "\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.01\","
             "\"triggerPrice\":\"%s\",\"clientOid\":\"%s\"",
             btc_price(w, ticks), oid);
    try_plan(w, members);
    expect_ok(w);
    snprintf(id, sizeof(id), "%s", at(w, "data.orderId"));
    return id;
}

/* The answer is in w; <more>: further members. */
static void
place_guard(struct world *w, const char *type, int64_t ticks, const char *more)
{
    char body[1024];
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"planType\":\"%s\",\"triggerPrice\":\"%s\","
             "\"triggerType\":\"fill_price\"%s}",
             type, btc_price(w, ticks), more);
    post(w, O "place-tpsl-order", body);
}

#define LONG_SIDE ",\"holdSide\":\"buy\""

static void
a_waiting_plan_has_every_documented_member(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"planType",
                                        "symbol",
                                        "size",
                                        "orderId",
                                        "clientOid",
                                        "price",
                                        "executePrice",
                                        "callbackRatio",
                                        "triggerPrice",
                                        "triggerType",
                                        "planStatus",
                                        "side",
                                        "posSide",
                                        "marginCoin",
                                        "marginMode",
                                        "enterPointSource",
                                        "tradeSide",
                                        "posMode",
                                        "orderType",
                                        "orderSource",
                                        "stopSurplusExecutePrice",
                                        "stopSurplusTriggerPrice",
                                        "stopSurplusTriggerType",
                                        "stopLossExecutePrice",
                                        "stopLossTriggerPrice",
                                        "stopLossTriggerType",
                                        "cTime",
                                        "uTime",
                                        NULL};
    get(w, PENDING, NORMALS);
    expect_ok(w);
    assert_string_equal(at(w, "data.entrustedList"), "null");
    assert_string_equal(at(w, "data.endId"), "null");
    const char *id = place_plan(w, -5000, "p1");
    assert_string_equal(at(w, "data.clientOid"), "p1");
    get(w, PENDING, NORMALS);
    expect_ok(w);
    expect_strings(&w->doc, "data.entrustedList.0", names);
    assert_string_equal(at(w, ROW("orderId")), id);
    assert_string_equal(at(w, "data.endId"), id);
    assert_string_equal(at(w, ROW("planStatus")), "live");
    assert_string_equal(at(w, ROW("planType")), "normal_plan");
    assert_string_equal(at(w, ROW("triggerPrice")), btc_price(w, -5000));
    assert_string_equal(at(w, ROW("tradeSide")), "buy_single");
    assert_string_equal(at(w, ROW("orderSource")), "plan_market");
    get(w, PENDING, GUARDS);
    assert_string_equal(at(w, "data.entrustedList"), "null");
    get(w, PENDING, P "&planType=pos_loss");
    expect_code(w, "400172");
    get(w, PENDING, P);
    expect_code(w, "40019");
    get(w, O "orders-pending", P); /* it is in no book */
    assert_string_equal(at(w, "data.entrustedList"), "null");
}

static void
a_plan_places_its_order_when_its_price_comes(void **state)
{
    struct world *w = *state;
    char query[160], order[32];
    static const char *const names[] = {"executeOrderId", "priceAvg",
                                        "baseVolume", NULL};
    market_buy(w, "0.01"); /* the last price is the ask */
    const char *id = place_plan(w, -1, "fires");
    snprintf(query, sizeof(query), NORMALS "&planOrderId=%s", id);
    get(w, O "plan-sub-order", query);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 0);
    market_sell(w, "0.01"); /* at the bid: it has crossed the trigger */
    get(w, PENDING, NORMALS);
    assert_string_equal(at(w, "data.entrustedList"), "null");
    get(w, HISTORY, NORMALS);
    expect_ok(w);
    assert_string_equal(at(w, ROW("orderId")), id);
    assert_string_equal(at(w, ROW("planStatus")), "executed");
    assert_string_equal(at(w, ROW("baseVolume")), "0.01");
    expect_strings(&w->doc, "data.entrustedList.0", names);
    snprintf(order, sizeof(order), "%s", at(w, ROW("executeOrderId")));
    get(w, O "plan-sub-order", query);
    assert_string_equal(at(w, "data.0.orderId"), order);
    assert_string_equal(at(w, "data.0.type"), "market");
    assert_string_equal(at(w, "data.0.status"), "success");
    snprintf(query, sizeof(query), BTC "&orderId=%s", order);
    get(w, O "detail", query);
    assert_string_equal(at(w, "data.state"), "filled");
    assert_string_equal(at(w, "data.orderSource"), "plan_market");
    get(w, HISTORY, NORMALS "&planStatus=cancelled");
    assert_string_equal(at(w, "data.entrustedList"), "null");
}

static void
bad_plans_get_their_code(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *members, *code;
    } rows[] = {
        {"\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.01\"",
         "40019"},
        {"\"side\":\"buy\",\"orderType\":\"limit\",\"size\":\"0.01\","
         "\"triggerPrice\":\"50000\"",
         "40019"},
        {"\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.01\","
         "\"triggerPrice\":\"50000.01\"",
         "45115"},
        {"\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0\","
         "\"triggerPrice\":\"50000\"",
         "45111"},
        {"\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.01\","
         "\"tradeSide\":\"open\",\"triggerPrice\":\"50000\"",
         "40774"},
        {"\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.01\","
         "\"triggerPrice\":\"50000\",\"stopLossTriggerPrice\":\"-1\"",
         "43011"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        try_plan(w, rows[i].members);
        expect_code(w, rows[i].code);
    }
    post(w, O "place-plan-order",
         ORDER "\"planType\":\"track_plan\",\"triggerType\":\"fill_price\","
               "\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.01\","
               "\"triggerPrice\":\"50000\",\"callbackRatio\":\"11\"}");
    expect_code(w, "43032");
    post(w, O "place-plan-order",
         ORDER "\"planType\":\"track_plan\",\"triggerType\":\"fill_price\","
               "\"side\":\"buy\",\"orderType\":\"limit\",\"size\":\"0.01\","
               "\"price\":\"50000\","
               "\"triggerPrice\":\"50000\",\"callbackRatio\":\"1\"}");
    expect_code(w, "40017");
    place_plan(w, -5000, "twin");
    try_plan(w, "\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.01\","
                "\"triggerPrice\":\"50000\",\"clientOid\":\"twin\"");
    expect_code(w, "40786");
    get(w, O "plan-sub-order", NORMALS "&planOrderId=77");
    expect_code(w, "43025");
}

static void
a_trailing_plan_speaks_in_percent(void **state)
{
    struct world *w = *state;
    char body[1024];
    snprintf(body, sizeof(body),
             ORDER "\"planType\":\"track_plan\",\"triggerType\":\"mark_price\","
                   "\"side\":\"sell\",\"orderType\":\"market\",\"size\":"
                   "\"0.01\",\"triggerPrice\":\"%s\",\"callbackRatio\":\"2.5\","
                   "\"stopSurplusTriggerPrice\":\"3\"}",
             btc_price(w, 8000));
    post(w, O "place-plan-order", body);
    expect_ok(w);
    get(w, PENDING, P "&planType=track_plan");
    assert_string_equal(at(w, ROW("callbackRatio")), "2.5");
    assert_string_equal(at(w, ROW("triggerType")), "mark_price");
    assert_string_equal(at(w, ROW("stopSurplusTriggerPrice")), "3");
    assert_string_equal(at(w, ROW("orderSource")), "tracking_market");
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"orderId\":\"%s\",\"newCallbackRatio\":\"4\","
             "\"newStopSurplusTriggerPrice\":\"0\"}",
             at(w, ROW("orderId")));
    post(w, O "modify-plan-order", body);
    expect_ok(w);
    get(w, PENDING, P "&planType=track_plan");
    assert_string_equal(at(w, ROW("callbackRatio")), "4");
    assert_string_equal(at(w, ROW("stopSurplusTriggerPrice")), "");
}

static void
modifying_keeps_what_is_empty_and_removes_zero(void **state)
{
    struct world *w = *state;
    char members[512], body[1024], was[32];
    snprintf(members, sizeof(members),
             "\"side\":\"buy\",\"orderType\":\"limit\",\"size\":\"0.01\","
             "\"price\":\"%s\",\"triggerPrice\":\"%s\",\"clientOid\":\"m\","
             "\"stopLossTriggerPrice\":\"%s\",\"stopLossTriggerType\":"
             "\"mark_price\"",
             btc_price(w, -5010), btc_price(w, -5000), btc_price(w, -6000));
    try_plan(w, members);
    expect_ok(w);
    snprintf(was, sizeof(was), "%s", btc_price(w, -5010));
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"clientOid\":\"m\",\"newSize\":\"0.02\","
             "\"newTriggerPrice\":\"%s\",\"newPrice\":\"\"}",
             btc_price(w, -4900));
    post(w, O "modify-plan-order", body);
    expect_ok(w);
    assert_string_equal(at(w, "data.clientOid"), "m");
    get(w, PENDING, NORMALS "&clientOid=m");
    assert_string_equal(at(w, ROW("size")), "0.02");
    assert_string_equal(at(w, ROW("price")), was);
    assert_string_equal(at(w, ROW("executePrice")), was);
    assert_string_equal(at(w, ROW("orderType")), "limit");
    assert_string_equal(at(w, ROW("triggerPrice")), btc_price(w, -4900));
    assert_string_equal(at(w, ROW("stopLossTriggerPrice")),
                        btc_price(w, -6000));
    assert_string_equal(at(w, ROW("stopLossTriggerType")), "mark_price");
    post(w, O "modify-plan-order",
         "{" BTC_BODY ",\"clientOid\":\"m\",\"newStopLossTriggerPrice\":"
         "\"0\"}");
    expect_ok(w);
    get(w, PENDING, NORMALS);
    assert_string_equal(at(w, ROW("stopLossTriggerPrice")), "");
    post(w, O "modify-plan-order",
         "{" BTC_BODY ",\"orderId\":\"5\",\"newSize\":\"0.02\"}");
    expect_code(w, "43025");
    post(w, O "cancel-plan-order",
         "{" BTC_BODY ",\"orderIdList\":[{\"clientOid\":\"m\"}]}");
    post(w, O "modify-plan-order",
         "{" BTC_BODY ",\"clientOid\":\"m\",\"newSize\":\"0.02\"}");
    expect_code(w, "43026");
}

static void
a_guard_needs_its_position(void **state)
{
    struct world *w = *state;
    place_guard(w, "pos_loss", -100, LONG_SIDE);
    expect_code(w, "43023");
    market_buy(w, "0.02");
    place_guard(w, "loss_plan", -100, LONG_SIDE);
    expect_code(w, "40019"); /* without a size */
    place_guard(w, "loss_plan", -100, LONG_SIDE ",\"size\":\"0.03\"");
    expect_code(w, "40891");
    place_guard(w, "normal_plan", -100, LONG_SIDE);
    expect_code(w, "400172");
    place_guard(w, "pos_loss", 100, LONG_SIDE);
    expect_code(w, "40835");
    assert_non_null(strstr(
        at(w, "msg"), "Long position stop loss price please < last price"));
    place_guard(w, "pos_profit", -100, LONG_SIDE);
    expect_code(w, "40831");
    place_guard(w, "pos_loss", -100, "");
    expect_code(w, "40019"); /* without a side */
    place_guard(w, "pos_loss", -100, LONG_SIDE);
    expect_ok(w);
    place_guard(w, "pos_loss", -200, LONG_SIDE);
    expect_code(w, "43031");
    place_guard(w, "pos_profit", 500, LONG_SIDE ",\"size\":\"0.02\"");
    expect_ok(w); /* ccxt sends a size with it: it does not count */
    place_guard(w, "pos_profit", 600, LONG_SIDE);
    expect_code(w, "43030");
    get(w, PENDING, GUARDS);
    assert_int_equal(count_at(w, "data.entrustedList"), 2);
    assert_string_equal(at(w, ROW("size")), "0");
}

static void
the_live_text_of_45122(void **state)
{
    struct world *w = *state;
    char body[512], text[LN_DECIMAL_CAP], want[160];
    struct ln_ticker t;
    market_sell(w, "0.01");
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"planType\":\"pos_loss\",\"triggerPrice\":\"%s\","
             "\"triggerType\":\"mark_price\",\"holdSide\":\"sell\"}",
             btc_price(w, -3000));
    post(w, O "place-tpsl-order", body);
    expect_code(w, "45122");
    ln_ex_ticker(ln_sim_engine(w->sim), 0, &t);
    ln_decimal_format(t.mark_e8, 8, 0, text);
    snprintf(want, sizeof(want),
             "Short position stop loss price please > mark price %s", text);
    assert_string_equal(at(w, "msg"), want);
}

static void
a_stop_loss_closes_the_position_and_takes_the_rest_along(void **state)
{
    struct world *w = *state;
    char query[160];
    market_buy(w, "0.02");
    place_guard(w, "pos_loss", -1, LONG_SIDE ",\"clientOid\":\"sl\"");
    expect_ok(w);
    place_guard(w, "profit_plan", 5000, LONG_SIDE ",\"size\":\"0.01\"");
    expect_ok(w);
    market_sell(w, "0.005");
    get(w, "/api/v2/mix/position/all-position", P);
    assert_int_equal(count_at(w, "data"), 0);
    get(w, PENDING, GUARDS);
    assert_string_equal(at(w, "data.entrustedList"), "null");
    get(w, HISTORY, GUARDS "&clientOid=sl");
    assert_string_equal(at(w, ROW("planStatus")), "executed");
    assert_string_equal(at(w, ROW("planType")), "pos_loss");
    assert_string_equal(at(w, ROW("baseVolume")), "0.015");
    snprintf(query, sizeof(query), BTC "&orderId=%s",
             at(w, ROW("executeOrderId")));
    get(w, O "detail", query);
    assert_string_equal(at(w, "data.orderSource"), "pos_loss_market");
    get(w, HISTORY, GUARDS "&planStatus=cancelled");
    assert_int_equal(count_at(w, "data.entrustedList"), 1);
    assert_string_equal(at(w, ROW("planType")), "profit_plan");
    assert_string_equal(at(w, ROW("executeOrderId")), "");
}

static void
modifying_a_guard_replaces_its_values(void **state)
{
    struct world *w = *state;
    char body[512];
    market_buy(w, "0.02");
    snprintf(body, sizeof(body), LONG_SIDE ",\"executePrice\":\"%s\"",
             btc_price(w, -110));
    place_guard(w, "pos_loss", -100, body);
    expect_ok(w);
    get(w, PENDING, GUARDS);
    assert_string_equal(at(w, ROW("orderType")), "limit");
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"orderId\":\"%s\",\"triggerPrice\":\"%s\","
             "\"size\":\"\"}",
             at(w, ROW("orderId")), btc_price(w, -300));
    post(w, O "modify-tpsl-order", body);
    expect_ok(w);
    get(w, PENDING, GUARDS);
    assert_string_equal(at(w, ROW("triggerPrice")), btc_price(w, -300));
    assert_string_equal(at(w, ROW("orderType")), "market");
    assert_string_equal(at(w, ROW("executePrice")), "0");
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"orderId\":\"12\",\"triggerPrice\":\"%s\","
             "\"size\":\"\"}",
             btc_price(w, -300));
    post(w, O "modify-tpsl-order", body);
    expect_code(w, "43020");
    place_guard(w, "moving_plan", 300,
                LONG_SIDE ",\"size\":\"0.01\",\"rangeRate\":\"1\"");
    expect_ok(w);
    get(w, PENDING, GUARDS);
    assert_string_equal(at(w, ROW("planType")), "moving_plan");
    assert_string_equal(at(w, ROW("callbackRatio")), "1");
    assert_string_equal(at(w, ROW("orderSource")), "move_market");
}

static void
both_guards_at_once_or_none(void **state)
{
    struct world *w = *state;
    char body[512];
    market_buy(w, "0.02");
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"holdSide\":\"buy\",\"stopSurplusTriggerPrice\":"
             "\"%s\",\"stopSurplusSize\":\"0.01\",\"stopLossTriggerPrice\":"
             "\"%s\",\"stopSurplusClientOid\":\"tp-1\",\"stopLossClientOid\":"
             "\"sl-1\"}",
             btc_price(w, 500), btc_price(w, -500));
    post(w, O "place-pos-tpsl", body);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 2);
    assert_string_equal(at(w, "data.0.stopSurplusClientOid"), "tp-1");
    assert_string_equal(at(w, "data.0.stopLossClientOid"), "sl-1");
    assert_string_not_equal(at(w, "data.0.orderId"), at(w, "data.1.orderId"));
    get(w, PENDING, GUARDS);
    assert_string_equal(at(w, ROW("planType")), "pos_loss");
    assert_string_equal(at(w, "data.entrustedList.1.planType"), "profit_plan");
    assert_string_equal(at(w, "data.entrustedList.1.size"), "0.01");
    post(w, O "place-pos-tpsl", body); /* 43031, and no second profit_plan */
    assert_string_not_equal(at(w, "code"), "00000");
    get(w, PENDING, GUARDS);
    assert_int_equal(count_at(w, "data.entrustedList"), 2);
    post(w, O "place-pos-tpsl", "{" BTC_BODY ",\"holdSide\":\"buy\"}");
    expect_code(w, "40019");
}

static void
cancelling_goes_by_plan_type(void **state)
{
    struct world *w = *state;
    char body[512], guard[32];
    market_buy(w, "0.02");
    place_plan(w, -5000, "n1");
    place_plan(w, -6000, "n2");
    place_guard(w, "pos_loss", -3000, LONG_SIDE);
    snprintf(guard, sizeof(guard), "%s", at(w, "data.orderId"));
    /* The wrong planType: success, and nothing done. */
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"orderIdList\":[{\"orderId\":\"%s\"}]}", guard);
    post(w, O "cancel-plan-order", body);
    expect_ok(w);
    assert_int_equal(count_at(w, "data.successList"), 0);
    assert_int_equal(count_at(w, "data.failureList"), 0);
    post(w, O "cancel-plan-order",
         "{" BTC_BODY ",\"orderIdList\":[{\"clientOid\":\"n1\"},"
         "{\"orderId\":\"9\"},{}]}");
    expect_ok(w);
    assert_string_equal(at(w, "data.successList.0.clientOid"), "n1");
    assert_string_equal(at(w, "data.failureList.0.orderId"), "9");
    assert_string_equal(at(w, "data.failureList.0.errorCode"), "43025");
    assert_string_equal(at(w, "data.failureList.1.errorCode"), "40913");
    /* Without a list, all; without a planType, normal_plan. */
    post(w, O "cancel-plan-order", "{" BTC_BODY "}");
    expect_ok(w);
    assert_int_equal(count_at(w, "data.successList"), 1);
    assert_string_equal(at(w, "data.successList.0.clientOid"), "n2");
    post(w, O "cancel-plan-order",
         "{\"productType\":\"USDT-FUTURES\",\"planType\":\"profit_loss\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data.successList.0.orderId"), guard);
    post(w, O "cancel-plan-order",
         "{" BTC_BODY ",\"planType\":\"profit_loss\"}");
    expect_ok(w); /* none left is no error */
    assert_int_equal(count_at(w, "data.successList"), 0);
    get(w, HISTORY, NORMALS);
    assert_int_equal(count_at(w, "data.entrustedList"), 2);
    assert_string_equal(at(w, ROW("planStatus")), "cancelled"); /* two l */
}

static void
plan_pages_follow_the_cursor(void **state)
{
    struct world *w = *state;
    char oid[16], query[160];
    for (int i = 0; i < 5; i++) {
        snprintf(oid, sizeof(oid), "g%d", i);
        place_plan(w, -5000 - i, oid);
    }
    get(w, PENDING, NORMALS "&limit=3");
    assert_int_equal(count_at(w, "data.entrustedList"), 3);
    assert_string_equal(at(w, ROW("clientOid")), "g4");
    snprintf(query, sizeof(query), NORMALS "&limit=3&idLessThan=%s",
             at(w, "data.endId"));
    get(w, PENDING, query);
    assert_int_equal(count_at(w, "data.entrustedList"), 2);
    assert_string_equal(at(w, "data.entrustedList.1.clientOid"), "g0");
    get(w, PENDING, NORMALS "&startTime=1&endTime=2");
    expect_code(w, "40704");
    get(w, PENDING, NORMALS "&symbol=ETHUSDT");
    assert_string_equal(at(w, "data.entrustedList"), "null");
}

static void
one_order_reverses_a_net_position(void **state)
{
    struct world *w = *state;
    char query[128];
    post(w, O "click-backhand", "{" BTC_BODY ",\"side\":\"buy\"}");
    expect_code(w, "22002");
    market_buy(w, "0.02");
    post(w, O "click-backhand",
         "{" BTC_BODY ",\"side\":\"buy\",\"tradeSide\":\"open\"}");
    expect_code(w, "40774");
    post(w, O "click-backhand",
         "{" BTC_BODY ",\"side\":\"buy\",\"clientOid\":\"turn\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data.clientOid"), "turn");
    snprintf(query, sizeof(query), BTC "&orderId=%s", at(w, "data.orderId"));
    get(w, O "detail", query);
    assert_string_equal(at(w, "data.size"), "0.04");
    get(w, "/api/v2/mix/position/all-position", P);
    assert_int_equal(count_at(w, "data"), 1);
    assert_string_equal(at(w, "data.0.holdSide"), "short");
    assert_string_equal(at(w, "data.0.total"), "0.02");
}

/* ---- hedge mode ---- */

static int
setup_hedge(void **state)
{
    struct ln_sim_config cfg = {.hedge = true};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

#define OPEN_LONG                                                              \
    "\"side\":\"buy\",\"tradeSide\":\"open\",\"orderType\":\"market\","        \
    "\"size\":\"0.02\""

/* As a live capture has it. */
static void
a_row_of_pos_profit_in_hedge_mode(void **state)
{
    struct world *w = *state;
    char more[128], price[32];
    place(w, OPEN_LONG);
    snprintf(price, sizeof(price), "%s", btc_price(w, 2000));
    snprintf(more, sizeof(more),
             ",\"holdSide\":\"long\",\"executePrice\":\"%s\"", price);
    place_guard(w, "pos_profit", 2000, more);
    expect_ok(w);
    get(w, PENDING, GUARDS);
    static const struct {
        const char *key, *value;
    } rows[] = {{"planType", "pos_profit"},
                {"size", "0"},
                {"callbackRatio", ""},
                {"triggerType", "fill_price"},
                {"side", "buy"},
                {"posSide", "long"},
                {"tradeSide", "close"},
                {"marginMode", ""},
                {"orderType", "limit"},
                {"posMode", "hedge_mode"},
                {"stopSurplusExecutePrice", "null"},
                {"stopSurplusTriggerType", "fill_price"},
                {"stopLossTriggerPrice", "null"},
                {"stopLossExecutePrice", "null"},
                {"stopLossTriggerType", "null"}};
    static const char *const prices[] = {
        "price", "executePrice", "triggerPrice", "stopSurplusTriggerPrice"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[64];
        snprintf(path, sizeof(path), "data.entrustedList.0.%s", rows[i].key);
        assert_string_equal(at(w, path), rows[i].value);
    }
    for (size_t i = 0; i < 4; i++) {
        char path[64];
        snprintf(path, sizeof(path), "data.entrustedList.0.%s", prices[i]);
        assert_string_equal(at(w, path), price);
    }
}

static void
two_orders_reverse_a_hedged_position(void **state)
{
    struct world *w = *state;
    place(w, OPEN_LONG);
    post(w, O "click-backhand",
         "{" BTC_BODY ",\"side\":\"sell\",\"tradeSide\":\"close\"}");
    expect_code(w, "22002"); /* there is no short */
    post(w, O "click-backhand",
         "{" BTC_BODY ",\"side\":\"buy\",\"tradeSide\":\"close\",\"size\":"
         "\"0.015\"}");
    expect_ok(w);
    get(w, "/api/v2/mix/position/all-position", P);
    assert_int_equal(count_at(w, "data"), 2);
    for (int i = 0; i < 2; i++) {
        bool is_long = strcmp(at(w, i ? "data.1.holdSide" : "data.0.holdSide"),
                              "long") == 0;
        assert_string_equal(at(w, i ? "data.1.total" : "data.0.total"),
                            is_long ? "0.005" : "0.015");
    }
}

#define TEST(name)  cmocka_unit_test_setup_teardown(name, setup, teardown)
#define HEDGE(name) cmocka_unit_test_setup_teardown(name, setup_hedge, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_waiting_plan_has_every_documented_member),
        TEST(a_plan_places_its_order_when_its_price_comes),
        TEST(bad_plans_get_their_code),
        TEST(a_trailing_plan_speaks_in_percent),
        TEST(modifying_keeps_what_is_empty_and_removes_zero),
        TEST(a_guard_needs_its_position),
        TEST(the_live_text_of_45122),
        TEST(a_stop_loss_closes_the_position_and_takes_the_rest_along),
        TEST(modifying_a_guard_replaces_its_values),
        TEST(both_guards_at_once_or_none),
        TEST(cancelling_goes_by_plan_type),
        TEST(plan_pages_follow_the_cursor),
        TEST(one_order_reverses_a_net_position),
        HEDGE(a_row_of_pos_profit_in_hedge_mode),
        HEDGE(two_orders_reverse_a_hedged_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
