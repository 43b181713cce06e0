/*
 * The terms of orders beside price and size: presets, self-trade prevention,
 * reduce-only, hedge mode; the filters of lists, and the pace of cancels.
 */
#include "fixture.h"

#define O     "/api/v2/mix/order/"
#define LIMIT "\"side\":\"buy\",\"orderType\":\"limit\","

static void
try_place(struct world *w, const char *members)
{
    char body[2048];
    snprintf(body, sizeof(body), ORDER "%s}", members);
    post(w, O "place-order", body);
}

/* ---- presets, self-trade prevention, reduce-only ---- */

static void
presets_are_read_back_and_become_plans_of_the_position(void **state)
{
    struct world *w = *state;
    char members[512], query[160];
    static const char *const types[] = {
        "presetStopSurplusTriggerType", "presetStopLossTriggerType",
        "presetStopSurplusType", "presetStopLossType", NULL};
    snprintf(members, sizeof(members),
             LIMIT "\"size\":\"0.01\",\"price\":\"%s\","
                   "\"presetStopSurplusPrice\":\"%s\","
                   "\"presetStopLossPrice\":\"%s\","
                   "\"presetStopLossExecutePrice\":\"%s\"",
             btc_price(w, -10000), btc_price(w, 3000), btc_price(w, -11000),
             btc_price(w, -11010));
    const char *id = place(w, members);
    get(w, O "orders-pending", P);
    expect_strings(&w->doc, "data.entrustedList.0", types);
    assert_string_equal(at(w, "data.entrustedList.0.presetStopSurplusPrice"),
                        btc_price(w, 3000));
    snprintf(query, sizeof(query), BTC "&orderId=%s", id);
    get(w, O "detail", query);
    assert_string_equal(at(w, "data.presetStopSurplusType"), "fill_price");
    assert_string_equal(at(w, "data.presetStopSurplusExecutePrice"), "");
    assert_string_equal(at(w, "data.presetStopLossExecutePrice"),
                        btc_price(w, -11010));
    snprintf(members, sizeof(members),
             "\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.01\","
             "\"presetStopLossPrice\":\"%s\"",
             btc_price(w, -2000));
    place(w, members);
    get(w, O "orders-plan-pending", P "&planType=profit_loss");
    assert_int_equal(count_at(w, "data.entrustedList"), 1);
    assert_string_equal(at(w, "data.entrustedList.0.planType"), "pos_loss");
}

static void
presets_alone_change_and_keep_the_order(void **state)
{
    struct world *w = *state;
    char body[512], query[160];
    const char *id = place_resting(w, "keeps");
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"orderId\":\"%s\",\"newPresetStopSurplusPrice\":"
             "\"%s\",\"newPresetStopLossPrice\":\"%s\"}",
             id, btc_price(w, 1000), btc_price(w, -12000));
    post(w, O "modify-order", body);
    expect_ok(w);
    assert_string_equal(at(w, "data.orderId"), id);
    assert_string_equal(at(w, "data.clientOid"), "keeps");
    post(w, O "modify-order",
         "{" BTC_BODY ",\"clientOid\":\"keeps\",\"newPresetStopLossPrice\":"
         "\"0\"}");
    expect_ok(w);
    snprintf(query, sizeof(query), BTC "&orderId=%s", id);
    get(w, O "detail", query);
    assert_string_equal(at(w, "data.state"), "live");
    assert_string_equal(at(w, "data.presetStopSurplusPrice"),
                        btc_price(w, 1000));
    assert_string_equal(at(w, "data.presetStopLossPrice"), "");
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"orderId\":\"%s\",\"newPresetStopSurplusPrice\":"
             "\"%s\"}",
             id, btc_price(w, -12000));
    post(w, O "modify-order", body);
    expect_code(w, "45064");
}

static int
setup_rich(void **state)
{
    struct ln_sim_config cfg = {.balance_e8 = 100000000LL * LN_E8};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

static void
who_would_meet_himself_cancels_the_older_order(void **state)
{
    struct world *w = *state;
    struct ln_ticker t;
    char members[256], size[LN_DECIMAL_CAP], price[LN_DECIMAL_CAP];
    ln_ex_ticker(ln_sim_engine(w->sim), 0, &t);
    ln_size_format(
        ln_instruments_at(ln_ex_instruments(ln_sim_engine(w->sim)), 0),
        t.ask_lots, size);
    snprintf(price, sizeof(price), "%s",
             btc_price(w, t.ask_ticks - t.last_ticks));
    market_buy(w, size); /* now nobody else sells at that price */
    snprintf(members, sizeof(members),
             "\"side\":\"sell\",\"orderType\":\"limit\",\"size\":\"0.01\","
             "\"price\":\"%s\",\"clientOid\":\"maker\"",
             price);
    place(w, members);
    snprintf(members, sizeof(members),
             LIMIT "\"size\":\"0.01\",\"price\":\"%s\",\"clientOid\":"
                   "\"taker\",\"stpMode\":\"cancel_maker\"",
             price);
    place(w, members);
    get(w, O "detail", BTC "&clientOid=maker");
    assert_string_equal(at(w, "data.state"), "canceled");
    assert_string_equal(at(w, "data.cancelReason"), "stp_cancel");
    get(w, O "detail", BTC "&clientOid=taker");
    assert_string_equal(at(w, "data.state"), "live");
    assert_string_equal(at(w, "data.baseVolume"), "0");
}

static void
a_reduce_only_order_that_displaces_has_no_id(void **state)
{
    struct world *w = *state;
    char members[256];
    market_buy(w, "0.02");
    for (int i = 0; i < 3; i++) {
        snprintf(members, sizeof(members),
                 "\"side\":\"sell\",\"orderType\":\"limit\",\"size\":"
                 "\"0.01\",\"price\":\"%s\",\"reduceOnly\":\"YES\","
                 "\"clientOid\":\"r%d\"",
                 btc_price(w, 1000 + i), i);
        try_place(w, members);
        expect_ok(w);
        if (i < 2)
            assert_string_not_equal(at(w, "data.orderId"), "null");
        else
            assert_string_equal(at(w, "data.orderId"), "null");
    }
    get(w, O "detail", BTC "&clientOid=r0");
    assert_string_equal(at(w, "data.state"), "canceled");
    get(w, O "detail", BTC "&clientOid=r2");
    assert_string_equal(at(w, "data.state"), "live");
    assert_string_equal(at(w, "data.reduceOnly"), "YES");
}

static void
a_list_is_filtered(void **state)
{
    struct world *w = *state;
    market_buy(w, "0.01");
    place_resting(w, "gone");
    post(w, O "cancel-order", "{" BTC_BODY ",\"clientOid\":\"gone\"}");
    get(w, O "orders-history", P "&orderSource=market");
    assert_int_equal(count_at(w, "data.entrustedList"), 1);
    assert_string_equal(at(w, "data.entrustedList.0.status"), "filled");
    get(w, O "orders-history", P "&orderSource=normal");
    assert_string_equal(at(w, "data.entrustedList.0.clientOid"), "gone");
    get(w, O "orders-history", P "&orderSource=nonsense");
    expect_code(w, "400172");
    get(w, O "orders-history", P "&orderId=5");
    assert_string_equal(at(w, "data.entrustedList"), "null");
    get(w, O "fill-history",
        P "&startTime=1699000000000&endTime=1700000000000");
    expect_code(w, "40705"); /* more than a week */
}

static void
fills_are_paged_by_trade_id(void **state)
{
    struct world *w = *state;
    char query[160], last[32];
    int seen = 0;
    for (int i = 0; i < 4; i++)
        market_buy(w, "0.001");
    snprintf(query, sizeof(query), P "&limit=2");
    for (int page = 0; page < 10; page++) {
        get(w, page % 2 ? O "fill-history" : O "fills", query);
        expect_ok(w);
        if (strcmp(at(w, "data.fillList"), "null") == 0) {
            assert_string_equal(at(w, "data.endId"), "null");
            break;
        }
        seen += (int)count_at(w, "data.fillList");
        snprintf(last, sizeof(last), "%s", at(w, "data.endId"));
        snprintf(query, sizeof(query), P "&limit=2&idLessThan=%s", last);
    }
    assert_int_equal(seen, 4);
}

static int
setup_limits(void **state)
{
    struct ln_sim_config cfg = {.rate_limits = true};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

static void
an_order_is_cancelled_once_a_second(void **state)
{
    struct world *w = *state;
    const char *body = "{" BTC_BODY ",\"clientOid\":\"once\"}";
    place_resting(w, "once");
    post(w, O "cancel-order", body);
    expect_ok(w);
    post(w, O "cancel-order", body);
    expect_code(w, "45129");
    ln_loop_run_for(w->loop, 1000);
    post(w, O "cancel-order", body);
    expect_code(w, "45055");
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

static void
in_hedge_mode_side_names_the_position(void **state)
{
    struct world *w = *state;
    try_place(w, "\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.02\"");
    expect_code(w, "40774"); /* tradeSide is required */
    place(w, "\"side\":\"buy\",\"tradeSide\":\"open\",\"orderType\":"
             "\"market\",\"size\":\"0.02\"");
    place(w, "\"side\":\"sell\",\"tradeSide\":\"open\",\"orderType\":"
             "\"market\",\"size\":\"0.03\"");
    get(w, "/api/v2/mix/position/all-position", P);
    assert_int_equal(count_at(w, "data"), 2);
    assert_string_equal(at(w, "data.0.posMode"), "hedge_mode");
    /* Close the long: still "buy". */
    const char *id = place(w, "\"side\":\"buy\",\"tradeSide\":\"close\","
                              "\"orderType\":\"market\",\"size\":\"0.02\"");
    char query[128];
    snprintf(query, sizeof(query), BTC "&orderId=%s", id);
    get(w, O "detail", query);
    assert_string_equal(at(w, "data.side"), "buy");
    assert_string_equal(at(w, "data.tradeSide"), "close");
    assert_string_equal(at(w, "data.posSide"), "long");
    assert_string_equal(at(w, "data.reduceOnly"), "YES");
    get(w, O "fills", query);
    assert_string_equal(at(w, "data.fillList.0.side"), "buy");
    get(w, "/api/v2/mix/position/all-position", P);
    assert_int_equal(count_at(w, "data"), 1);
    assert_string_equal(at(w, "data.0.holdSide"), "short");
    assert_string_equal(at(w, "data.0.total"), "0.03");
    post(w, O "close-positions", "{" BTC_BODY ",\"holdSide\":\"long\"}");
    expect_code(w, "22002");
    post(w, O "close-positions", "{" BTC_BODY ",\"holdSide\":\"short\"}");
    expect_ok(w);
}

static void
flash_close_takes_what_limit_closes_have_frozen(void **state)
{
    struct world *w = *state;
    char members[256];
    place(w, "\"side\":\"buy\",\"tradeSide\":\"open\",\"orderType\":"
             "\"market\",\"size\":\"0.03\"");
    snprintf(members, sizeof(members),
             LIMIT "\"tradeSide\":\"close\",\"size\":\"0.02\",\"price\":"
                   "\"%s\"",
             btc_price(w, 2000));
    place(w, members);
    post(w, O "close-positions", "{" BTC_BODY "}");
    expect_ok(w);
    assert_int_equal(count_at(w, "data.successList"), 2); /* free part, rest */
    get(w, "/api/v2/mix/position/all-position", P);
    assert_int_equal(count_at(w, "data"), 0);
    get(w, O "orders-pending", P);
    assert_string_equal(at(w, "data.entrustedList"), "null");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(presets_are_read_back_and_become_plans_of_the_position),
        TEST(presets_alone_change_and_keep_the_order),
        cmocka_unit_test_setup_teardown(
            who_would_meet_himself_cancels_the_older_order, setup_rich,
            teardown),
        TEST(a_reduce_only_order_that_displaces_has_no_id),
        TEST(a_list_is_filtered),
        TEST(fills_are_paged_by_trade_id),
        cmocka_unit_test_setup_teardown(an_order_is_cancelled_once_a_second,
                                        setup_limits, teardown),
        cmocka_unit_test_setup_teardown(in_hedge_mode_side_names_the_position,
                                        setup_hedge, teardown),
        cmocka_unit_test_setup_teardown(
            flash_close_takes_what_limit_closes_have_frozen, setup_hedge,
            teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
