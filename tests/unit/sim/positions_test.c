/*
 * Positions over REST: the guards of an open one, its margin, its rank in the
 * queue of auto-deleveraging, and the closed ones.
 */
#include "exchange/plans.h"
#include "fixture.h"

#define A       "/api/v2/mix/account/"
#define ALL     "/api/v2/mix/position/all-position"
#define RANK    "/api/v2/mix/position/adlRank"
#define HISTORY "/api/v2/mix/position/history-position"

static void
sell(struct world *w, const char *size)
{
    char members[128];
    snprintf(members, sizeof(members),
             "\"side\":\"sell\",\"orderType\":\"market\",\"size\":\"%s\","
             "\"reduceOnly\":\"YES\"",
             size);
    place(w, members);
}

static void
isolated_buy(struct world *w)
{
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"isolated\"}");
    post(w, "/api/v2/mix/order/place-order",
         "{" BTC_BODY ",\"marginMode\":\"isolated\",\"side\":\"buy\","
         "\"orderType\":\"market\",\"size\":\"0.1\"}");
    expect_ok(w);
}

/* ---- open ones ---- */

static void
guards_of_the_whole_position_are_told(void **state)
{
    struct world *w = *state;
    struct ln_ex *ex = ln_sim_engine(w->sim);
    struct ln_ticker t;
    int64_t ids[2];
    char text[32];
    market_buy(w, "0.1");
    ln_ex_ticker(ex, 0, &t);
    struct ln_ex_plan_request req = {.kind = LN_PLAN_POS_PROFIT,
                                     .side = LN_SELL,
                                     .watch = LN_WATCH_FILL,
                                     .reduce_only = true,
                                     .trigger_ticks = t.last_ticks + 5000};
    assert_int_equal(
        ln_ex_plan_place(ex, ln_sim_account(w->sim), &req, &ids[0]), LN_EXR_OK);
    req.kind = LN_PLAN_POS_LOSS;
    req.trigger_ticks = t.last_ticks - 5000;
    assert_int_equal(
        ln_ex_plan_place(ex, ln_sim_account(w->sim), &req, &ids[1]), LN_EXR_OK);
    get(w, ALL, P);
    expect_ok(w);
    assert_string_equal(at(w, "data.0.takeProfit"), btc_price(w, 5000));
    assert_string_equal(at(w, "data.0.stopLoss"), btc_price(w, -5000));
    snprintf(text, sizeof(text), "%lld", (long long)ids[0]);
    assert_string_equal(at(w, "data.0.takeProfitId"), text);
    snprintf(text, sizeof(text), "%lld", (long long)ids[1]);
    assert_string_equal(at(w, "data.0.stopLossId"), text);
}

static void
the_newest_position_comes_first(void **state)
{
    struct world *w = *state;
    market_buy(w, "0.1");
    ln_ex_advance(ln_sim_engine(w->sim), START_MS + 60000);
    post(w, "/api/v2/mix/order/place-order",
         "{\"symbol\":\"ETHUSDT\"," COINED ",\"marginMode\":\"crossed\","
         "\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"1\"}");
    expect_ok(w);
    get(w, ALL, P);
    assert_int_equal(count_at(w, "data"), 2);
    assert_string_equal(at(w, "data.0.symbol"), "ETHUSDT");
    assert_string_equal(at(w, "data.1.symbol"), "BTCUSDT");
}

static void
margin_of_an_isolated_position_is_moved(void **state)
{
    struct world *w = *state;
    isolated_buy(w);
    get(w, ALL, P);
    int64_t before = e8_at(w, "data.0.marginSize");
    int64_t liquidation = e8_at(w, "data.0.liquidationPrice");
    post(w, A "set-margin",
         "{" BTC_BODY ",\"holdSide\":\"long\",\"amount\":\"50.5\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data"), "");
    get(w, ALL, P);
    assert_int_equal(e8_at(w, "data.0.marginSize"), before + e8_of("50.5"));
    assert_true(e8_at(w, "data.0.liquidationPrice") < liquidation);
    post(w, A "set-margin",
         "{" BTC_BODY ",\"holdSide\":\"long\",\"amount\":-40}");
    expect_ok(w);
    get(w, ALL, P);
    assert_int_equal(e8_at(w, "data.0.marginSize"), before + e8_of("10.5"));
    post(w, A "set-margin",
         "{" BTC_BODY ",\"holdSide\":\"long\",\"amount\":\"20000\"}");
    expect_code(w, "40754");
    post(w, A "set-margin",
         "{" BTC_BODY ",\"holdSide\":\"long\",\"amount\":\"-20000\"}");
    expect_code(w, "40802");
    post(w, A "set-margin",
         "{" BTC_BODY ",\"holdSide\":\"long\",\"amount\":\"0\"}");
    expect_code(w, "40020");
    post(w, A "set-margin", "{" BTC_BODY ",\"holdSide\":\"long\"}");
    expect_code(w, "40019");
}

static void
margin_of_others_is_not(void **state)
{
    struct world *w = *state;
    market_buy(w, "0.1");
    post(w, A "set-margin",
         "{" BTC_BODY ",\"holdSide\":\"long\",\"amount\":\"5\"}");
    expect_code(w, "22005"); /* crossed */
    post(w, A "set-auto-margin",
         "{\"symbol\":\"BTCUSDT\",\"marginCoin\":\"USDT\",\"autoMargin\":"
         "\"on\",\"holdSide\":\"long\"}");
    expect_code(w, "22011");
}

static void
margin_needs_a_position(void **state)
{
    struct world *w = *state;
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"isolated\"}");
    post(w, A "set-margin",
         "{" BTC_BODY ",\"holdSide\":\"long\",\"amount\":\"5\"}");
    expect_code(w, "22002");
    isolated_buy(w);
    post(w, A "set-margin",
         "{" BTC_BODY ",\"holdSide\":\"short\",\"amount\":\"5\"}");
    expect_code(w, "22002"); /* the position is long */
}

static void
topping_up_is_switched(void **state)
{
    struct world *w = *state;
    isolated_buy(w);
    get(w, ALL, P);
    assert_string_equal(at(w, "data.0.autoMargin"), "off");
    post(w, A "set-auto-margin",
         "{\"symbol\":\"BTCUSDT\",\"marginCoin\":\"USDT\",\"autoMargin\":"
         "\"on\",\"holdSide\":\"long\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data"), "success");
    get(w, ALL, P);
    assert_string_equal(at(w, "data.0.autoMargin"), "on");
    post(w, A "set-auto-margin",
         "{\"symbol\":\"BTCUSDT\",\"marginCoin\":\"USDT\",\"autoMargin\":"
         "\"maybe\",\"holdSide\":\"long\"}");
    expect_code(w, "400172");
}

static void
every_position_has_a_rank(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"symbol", "marginCoin", "adlRank",
                                        "rank",   "holdSide",   NULL};
    get(w, RANK, P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 0);
    market_buy(w, "0.1");
    get(w, RANK, P);
    assert_int_equal(count_at(w, "data"), 1);
    expect_strings(&w->doc, "data.0", names);
    assert_string_equal(at(w, "data.0.holdSide"), "long");
    assert_in_range(e8_at(w, "data.0.rank"), LN_E8 / 5, LN_E8);
}

/* ---- closed ones ---- */

static void
a_closed_position_is_remembered(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"positionId",
                                        "symbol",
                                        "marginCoin",
                                        "holdSide",
                                        "posMode",
                                        "openAvgPrice",
                                        "closeAvgPrice",
                                        "marginMode",
                                        "openTotalPos",
                                        "closeTotalPos",
                                        "pnl",
                                        "netProfit",
                                        "totalFunding",
                                        "openFee",
                                        "closeFee",
                                        "cashDividend",
                                        "ctime",
                                        "utime",
                                        NULL};
    get(w, HISTORY, "");
    expect_ok(w);
    assert_string_equal(at(w, "data.list"), "null");
    assert_string_equal(at(w, "data.endId"), "null");
    market_buy(w, "0.03");
    get(w, HISTORY, P);
    assert_string_equal(at(w, "data.list"), "null"); /* it is open */
    sell(w, "0.01");
    sell(w, "0.02");
    get(w, HISTORY, BTC);
    assert_int_equal(count_at(w, "data.list"), 1);
    expect_strings(&w->doc, "data.list.0", names);
    assert_string_equal(at(w, "data.list.0.openTotalPos"), "0.03");
    assert_string_equal(at(w, "data.list.0.closeTotalPos"), "0.03");
    assert_string_equal(at(w, "data.list.0.holdSide"), "long");
    assert_string_equal(at(w, "data.endId"), at(w, "data.list.0.positionId"));
    int64_t net =
        e8_at(w, "data.list.0.pnl") + e8_at(w, "data.list.0.totalFunding") +
        e8_at(w, "data.list.0.openFee") + e8_at(w, "data.list.0.closeFee");
    assert_true(e8_at(w, "data.list.0.openFee") < 0);
    assert_true(e8_at(w, "data.list.0.closeFee") < 0);
    assert_int_equal(e8_at(w, "data.list.0.netProfit"), net);
    get(w, A "accounts", P); /* and the account agrees */
    assert_int_equal(e8_at(w, "data.0.accountEquity"), e8_of("10000") + net);
}

static void
closed_positions_are_paged(void **state)
{
    struct world *w = *state;
    char query[160], ids[3][32];
    for (int i = 0; i < 3; i++) {
        market_buy(w, "0.01");
        sell(w, "0.01");
    }
    get(w, HISTORY, P);
    assert_int_equal(count_at(w, "data.list"), 3);
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof(path), "data.list.%d.positionId", i);
        snprintf(ids[i], sizeof(ids[i]), "%s", at(w, path));
    }
    get(w, HISTORY, P "&limit=2");
    assert_int_equal(count_at(w, "data.list"), 2);
    assert_string_equal(at(w, "data.endId"), ids[1]);
    snprintf(query, sizeof(query), P "&idLessThan=%s", ids[1]);
    get(w, HISTORY, query);
    assert_int_equal(count_at(w, "data.list"), 1);
    assert_string_equal(at(w, "data.list.0.positionId"), ids[2]);
    get(w, HISTORY, P "&symbol=ETHUSDT");
    assert_string_equal(at(w, "data.list"), "null");
    snprintf(query, sizeof(query), P "&endTime=%lld", START_MS - 1000LL);
    get(w, HISTORY, query);
    assert_string_equal(at(w, "data.list"), "null");
    snprintf(query, sizeof(query), P "&startTime=%lld",
             START_MS - 120 * 86400000LL);
    get(w, HISTORY, query);
    expect_code(w, "40704");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(guards_of_the_whole_position_are_told),
        TEST(the_newest_position_comes_first),
        TEST(margin_of_an_isolated_position_is_moved),
        TEST(margin_of_others_is_not),
        TEST(margin_needs_a_position),
        TEST(topping_up_is_switched),
        TEST(every_position_has_a_rank),
        TEST(a_closed_position_is_remembered),
        TEST(closed_positions_are_paged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
