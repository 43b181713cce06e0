/*
 * The account, its settings and its positions over REST.
 */
#include "fixture.h"

#define A "/api/v2/mix/account/"

static void
a_fresh_account_is_all_available(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"marginCoin",
                                        "locked",
                                        "available",
                                        "crossedMaxAvailable",
                                        "isolatedMaxAvailable",
                                        "maxTransferOut",
                                        "accountEquity",
                                        "usdtEquity",
                                        "btcEquity",
                                        "crossedRiskRate",
                                        "crossedMarginLeverage",
                                        "isolatedLongLever",
                                        "isolatedShortLever",
                                        "marginMode",
                                        "posMode",
                                        "unrealizedPL",
                                        "coupon",
                                        "crossedUnrealizedPL",
                                        "isolatedUnrealizedPL",
                                        "isolatedMargin",
                                        "crossedMargin",
                                        "grant",
                                        "assetMode",
                                        NULL};
    get(w, A "account", BTC "&marginCoin=USDT");
    expect_ok(w);
    expect_strings(&w->doc, "data", names);
    assert_string_equal(at(w, "data.available"), "10000");
    assert_string_equal(at(w, "data.accountEquity"), "10000");
    assert_string_equal(at(w, "data.locked"), "0");
    assert_string_equal(at(w, "data.posMode"), "one_way_mode");
    assert_string_equal(at(w, "data.marginMode"), "crossed");
    assert_string_equal(at(w, "data.crossedMarginLeverage"), "20");
    assert_true(e8_at(w, "data.btcEquity") > 0);
    get(w, A "account", P "&marginCoin=USDT");
    expect_code(w, "40019");
    get(w, A "account", BTC "&marginCoin=BTC");
    expect_code(w, "40034");
}

static void
accounts_is_a_list_of_one_coin(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"unionTotalMargin", "unionAvailable",
                                        "unionMm", "accountEquity", NULL};
    get(w, A "accounts", P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 1);
    expect_strings(&w->doc, "data.0", names);
    assert_int_equal(count_at(w, "data.0.assetList"), 0);
}

static void
a_resting_order_locks_margin(void **state)
{
    struct world *w = *state;
    place_resting(w, "lock");
    get(w, A "accounts", P);
    int64_t locked = e8_at(w, "data.0.locked");
    /* 0.01 BTC at twenty times, and the fee. */
    assert_true(locked > e8_of("20") && locked < e8_of("60"));
    assert_int_equal(e8_at(w, "data.0.available"), e8_of("10000") - locked);
}

static void
leverage_is_set_and_bounded(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"symbol",
                                        "marginCoin",
                                        "longLeverage",
                                        "shortLeverage",
                                        "crossMarginLeverage",
                                        "marginMode",
                                        NULL};
    post(w, A "set-leverage", "{" BTC_BODY ",\"leverage\":\"50\"}");
    expect_ok(w);
    expect_strings(&w->doc, "data", names);
    assert_string_equal(at(w, "data.crossMarginLeverage"), "50");
    post(w, A "set-leverage", "{" BTC_BODY ",\"leverage\":10}");
    expect_ok(w);
    get(w, A "account", BTC "&marginCoin=USDT");
    assert_string_equal(at(w, "data.crossedMarginLeverage"), "10");
    post(w, A "set-leverage", "{" BTC_BODY ",\"leverage\":\"126\"}");
    expect_code(w, "45044");
    post(w, A "set-leverage", "{" BTC_BODY ",\"leverage\":\"0\"}");
    expect_code(w, "45044");
    post(w, A "set-leverage", "{" BTC_BODY ",\"leverage\":\"ten\"}");
    expect_code(w, "40017");
    post(w, A "set-leverage", "{" BTC_BODY "}");
    expect_code(w, "40019");
}

static void
modes_are_locked_by_orders(void **state)
{
    struct world *w = *state;
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"isolated\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data.marginMode"), "isolated");
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"crossed\"}");
    expect_ok(w);
    place_resting(w, "holds");
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"isolated\"}");
    expect_code(w, "45117");
    post(w, A "set-position-mode",
         "{\"productType\":\"USDT-FUTURES\",\"posMode\":\"hedge_mode\"}");
    expect_code(w, "40920");
    post(w, "/api/v2/mix/order/cancel-all-orders", "{" COINED "}");
    post(w, A "set-position-mode",
         "{\"productType\":\"USDT-FUTURES\",\"posMode\":\"hedge_mode\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data.posMode"), "hedge_mode");
    get(w, A "account", BTC "&marginCoin=USDT");
    assert_string_equal(at(w, "data.posMode"), "hedge_mode");
    post(w, A "set-position-mode",
         "{\"productType\":\"USDT-FUTURES\",\"posMode\":\"both\"}");
    expect_code(w, "400172");
}

static void
isolated_hedge_has_a_leverage_per_side(void **state)
{
    struct world *w = *state;
    post(w, A "set-position-mode",
         "{\"productType\":\"USDT-FUTURES\",\"posMode\":\"hedge_mode\"}");
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"isolated\"}");
    post(w, A "set-leverage",
         "{" BTC_BODY ",\"leverage\":\"7\",\"holdSide\":\"long\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data.longLeverage"), "7");
    assert_string_equal(at(w, "data.shortLeverage"), "20");
    post(w, A "set-leverage",
         "{" BTC_BODY ",\"longLeverage\":\"8\",\"shortLeverage\":\"9\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data.longLeverage"), "8");
    assert_string_equal(at(w, "data.shortLeverage"), "9");
}

static void
positions_have_every_documented_field(void **state)
{
    struct world *w = *state;
    char members[256];
    static const char *const names[] = {"marginCoin",
                                        "symbol",
                                        "holdSide",
                                        "openDelegateSize",
                                        "marginSize",
                                        "available",
                                        "locked",
                                        "total",
                                        "leverage",
                                        "achievedProfits",
                                        "openPriceAvg",
                                        "marginMode",
                                        "posMode",
                                        "unrealizedPL",
                                        "liquidationPrice",
                                        "keepMarginRate",
                                        "markPrice",
                                        "marginRatio",
                                        "breakEvenPrice",
                                        "totalFee",
                                        "deductedFee",
                                        "assetMode",
                                        "autoMargin",
                                        "takeProfit",
                                        "stopLoss",
                                        "takeProfitId",
                                        "stopLossId",
                                        "grant",
                                        "cashDividend",
                                        "cTime",
                                        "uTime",
                                        NULL};
    get(w, "/api/v2/mix/position/all-position", P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 0); /* an empty list when flat */
    market_buy(w, "0.03");
    place_resting(w, "adds");
    snprintf(members, sizeof(members),
             "\"side\":\"sell\",\"orderType\":\"limit\",\"size\":\"0.01\","
             "\"price\":\"%s\",\"reduceOnly\":\"YES\"",
             btc_price(w, 10000));
    place(w, members);
    get(w, "/api/v2/mix/position/all-position", P "&marginCoin=USDT");
    expect_strings(&w->doc, "data.0", names);
    assert_string_equal(at(w, "data.0.openDelegateSize"), "0.01");
    assert_string_equal(at(w, "data.0.total"), "0.03");
    assert_string_equal(at(w, "data.0.leverage"), "20");
    assert_string_equal(at(w, "data.0.totalFee"), ""); /* no funding yet */
    assert_true(e8_at(w, "data.0.breakEvenPrice") >
                e8_at(w, "data.0.openPriceAvg"));
    get(w, "/api/v2/mix/position/single-position",
        P "&symbol=ETHUSDT&marginCoin=USDT");
    assert_int_equal(count_at(w, "data"), 0);
}

/* ---- sub accounts ---- */

static int
setup_users(void **state)
{
    static const struct ln_sim_login others[] = {
        {.key = "bg_second", .balance_e8 = 500 * LN_E8},
        {.key = "bg_third", .balance_e8 = 700 * LN_E8}};
    struct ln_sim_config cfg = {.logins = others, .nlogins = 2};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

static void
other_users_are_sub_accounts_of_the_first(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"marginCoin",
                                        "locked",
                                        "available",
                                        "crossedMaxAvailable",
                                        "isolatedMaxAvailable",
                                        "maxTransferOut",
                                        "accountEquity",
                                        "usdtEquity",
                                        "btcEquity",
                                        "unrealizedPL",
                                        "coupon",
                                        "assetMode",
                                        NULL};
    static const char *const user[] = {"userId", NULL};
    get(w, A "sub-account-assets", P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 2);
    expect_strings(&w->doc, "data.0", user);
    expect_strings(&w->doc, "data.0.assetList.0", names);
    assert_string_equal(at(w, "data.0.assetList.0.available"), "500");
    assert_string_equal(at(w, "data.1.assetList.0.accountEquity"), "700");
}

static void
an_account_alone_has_no_sub_accounts(void **state)
{
    struct world *w = *state;
    get(w, A "sub-account-assets", P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 0);
    assert_int_equal(ln_json_type(&w->doc, value_at(&w->doc, "data")),
                     LN_JSON_ARRAY);
}

static void
leverage_of_all_is_that_of_open_positions(void **state)
{
    struct world *w = *state;
    market_buy(w, "0.01");
    post(w, A "set-all-leverage",
         "{\"productType\":\"USDT-FUTURES\",\"leverage\":\"30\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data"), "success");
    get(w, A "account", BTC "&marginCoin=USDT");
    assert_string_equal(at(w, "data.crossedMarginLeverage"), "30");
    get(w, A "account", P "&symbol=ETHUSDT&marginCoin=USDT");
    assert_string_equal(at(w, "data.crossedMarginLeverage"), "20");
    post(w, A "set-all-leverage",
         "{\"productType\":\"USDT-FUTURES\",\"leverage\":\"1000\"}");
    expect_code(w, "45044");
    post(w, A "set-all-leverage", "{\"productType\":\"USDT-FUTURES\"}");
    expect_code(w, "40019");
}

static void
isolated_symbols_are_listed(void **state)
{
    struct world *w = *state;
    get(w, A "isolated-symbols", P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 0);
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"isolated\"}");
    get(w, A "isolated-symbols", P);
    assert_int_equal(count_at(w, "data"), 1);
    assert_string_equal(at(w, "data.0.symbol"), "BTCUSDT");
    assert_string_equal(at(w, "data.0.marginMode"), "isolated");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fresh_account_is_all_available),
        TEST(accounts_is_a_list_of_one_coin),
        TEST(a_resting_order_locks_margin),
        TEST(leverage_is_set_and_bounded),
        TEST(modes_are_locked_by_orders),
        TEST(isolated_hedge_has_a_leverage_per_side),
        TEST(positions_have_every_documented_field),
        cmocka_unit_test_setup_teardown(
            other_users_are_sub_accounts_of_the_first, setup_users, teardown),
        TEST(an_account_alone_has_no_sub_accounts),
        TEST(leverage_of_all_is_that_of_open_positions),
        TEST(isolated_symbols_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
