/*
 * Multi-asset mode where USDT is the only coin, and the product lines beside
 * USDT-FUTURES, in which nobody has anything.
 */
#include "fixture.h"

#define A    "/api/v2/mix/account/"
#define M    "/api/v2/mix/market/"
#define COIN "productType=COIN-FUTURES"

static void
usdt_counts_at_its_face_value(void **state)
{
    struct world *w = *state;
    static const char *const tier[] = {"tier", "minAmount", "maxAmount", NULL};
    pub(w, M "exchange-rate", "");
    expect_ok(w);
    assert_string_equal(at(w, "data.0.coin"), "USDT");
    expect_strings(&w->doc, "data.0.exchangeRateList.0", tier);
    assert_string_equal(at(w, "data.0.exchangeRateList.0.exchangeRate"), "1");
    pub(w, M "discount-rate", "");
    expect_ok(w);
    static const char *const names[] = {"coin", "userLimit", "totalLimit",
                                        NULL};
    expect_strings(&w->doc, "data.0", names);
    expect_strings(&w->doc, "data.0.discountRateList.0", tier);
    assert_string_equal(at(w, "data.0.discountRateList.0.discountRate"), "1");
}

static void
nobody_pays_interest(void **state)
{
    struct world *w = *state;
    static const char *const rate[] = {"ts", "annualInterestRate",
                                       "dailyInterestRate", NULL};
    static const char *const names[] = {"nextSettleTime", "borrowAmount",
                                        "borrowLimit", NULL};
    pub(w, M "union-interest-rate-history", "coin=usdt");
    expect_ok(w);
    assert_string_equal(at(w, "data.coin"), "USDT");
    assert_int_equal(count_at(w, "data.historyInterestRateList"), 30);
    expect_strings(&w->doc, "data.historyInterestRateList.0", rate);
    pub(w, M "union-interest-rate-history", "");
    expect_code(w, "40019");
    pub(w, M "union-interest-rate-history", "coin=NONE");
    expect_code(w, "40034");
    get(w, A "interest-history", P);
    expect_ok(w);
    expect_strings(&w->doc, "data", names);
    assert_string_equal(at(w, "data.interestList"), "null");
    assert_string_equal(at(w, "data.endId"), "null");
    assert_true(strtoll(at(w, "data.nextSettleTime"), NULL, 10) > START_MS);
    get(w, A "interest-history", COIN);
    expect_code(w, "400172"); /* the row lists USDT-FUTURES alone */
}

static void
the_asset_mode_is_switched_and_read_back(void **state)
{
    struct world *w = *state;
    get(w, A "accounts", P);
    assert_string_equal(at(w, "data.0.assetMode"), "single");
    assert_string_equal(at(w, "data.0.unionTotalMargin"), "0");
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"isolated\"}");
    post(w, A "set-asset-mode",
         "{\"productType\":\"USDT-FUTURES\",\"assetMode\":\"union\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data"), "success");
    get(w, A "accounts", P);
    assert_string_equal(at(w, "data.0.assetMode"), "union");
    assert_string_equal(at(w, "data.0.unionTotalMargin"), "10000");
    assert_string_equal(at(w, "data.0.unionTotalMagin"), "10000");
    assert_string_equal(at(w, "data.0.unionAvailable"), "10000");
    assert_string_equal(at(w, "data.0.assetList.0.coin"), "USDT");
    assert_string_equal(at(w, "data.0.assetList.0.balance"), "10000");
    /* Crossed margin only: isolated symbols have become crossed. */
    get(w, A "account", BTC "&marginCoin=USDT");
    assert_string_equal(at(w, "data.assetMode"), "union");
    assert_string_equal(at(w, "data.marginMode"), "crossed");
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"isolated\"}");
    expect_code(w, "40812");
    market_buy(w, "0.01");
    get(w, "/api/v2/mix/position/all-position", P);
    assert_string_equal(at(w, "data.0.assetMode"), "union");
    post(w, A "set-asset-mode",
         "{\"productType\":\"USDT-FUTURES\",\"assetMode\":\"single\"}");
    expect_ok(w);
    get(w, "/api/v2/mix/position/all-position", P);
    assert_string_equal(at(w, "data.0.assetMode"), "single");
    post(w, A "set-asset-mode",
         "{\"productType\":\"USDT-FUTURES\",\"assetMode\":\"double\"}");
    expect_code(w, "400172");
}

static void
an_isolated_position_keeps_single_asset_mode(void **state)
{
    struct world *w = *state;
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"isolated\"}");
    post(w, "/api/v2/mix/order/place-order",
         "{" BTC_BODY ",\"marginMode\":\"isolated\",\"side\":\"buy\","
         "\"orderType\":\"market\",\"size\":\"0.01\"}");
    expect_ok(w);
    post(w, A "set-asset-mode",
         "{\"productType\":\"USDT-FUTURES\",\"assetMode\":\"union\"}");
    expect_code(w, "40812");
    get(w, A "accounts", P);
    assert_string_equal(at(w, "data.0.assetMode"), "single");
}

static void
there_is_nothing_to_convert(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"imr", "mmr", "individualLimit",
                                        "individualLimitRatio", NULL};
    get(w, A "union-config", "");
    expect_ok(w);
    expect_strings(&w->doc, "data", names);
    assert_string_equal(at(w, "data.imr"), "0.1");
    get(w, A "switch-union-usdt", "");
    expect_ok(w);
    assert_string_equal(at(w, "data.usdtAmount"), "0");
    get(w, A "transfer-limits", "coin=usdt");
    expect_ok(w);
    assert_string_equal(at(w, "data.coin"), "USDT");
    assert_string_equal(at(w, "data.maxTransferIn"), "0");
    get(w, A "transfer-limits", "");
    expect_code(w, "40019");
    post(w, A "union-convert", "{\"coin\":\"BTC\",\"amount\":\"1\"}");
    expect_code(w, "40812"); /* single-asset mode */
    post(w, A "set-asset-mode",
         "{\"productType\":\"USDT-FUTURES\",\"assetMode\":\"union\"}");
    post(w, A "union-convert", "{\"coin\":\"BTC\",\"amount\":\"1\"}");
    expect_code(w, "40754");
    post(w, A "union-convert", "{\"coin\":\"USDT\",\"amount\":\"1\"}");
    expect_code(w, "40020");
    post(w, A "union-convert", "{\"coin\":\"BTC\",\"amount\":\"-1\"}");
    expect_code(w, "40020");
    post(w, A "union-convert", "{\"coin\":\"BTC\",\"amount\":\"much\"}");
    expect_code(w, "40017");
    post(w, A "union-convert", "{\"coin\":\"NONE\",\"amount\":\"1\"}");
    expect_code(w, "40034");
}

/* ---- the other product lines ---- */

static void
other_lines_are_empty(void **state)
{
    struct world *w = *state;
    static const char *const lists[] = {M "contracts",
                                        M "tickers",
                                        M "current-fund-rate",
                                        M "oi-limit",
                                        A "accounts",
                                        A "sub-account-assets",
                                        A "isolated-symbols",
                                        "/api/v2/mix/position/all-position",
                                        "/api/v2/mix/position/adlRank"};
    static const struct {
        const char *path, *list;
    } pages[] = {{A "bill", "data.bills"},
                 {"/api/v2/mix/position/history-position", "data.list"},
                 {"/api/v2/mix/order/orders-pending", "data.entrustedList"},
                 {"/api/v2/mix/order/orders-history", "data.entrustedList"},
                 {"/api/v2/mix/order/fills", "data.fillList"},
                 {"/api/v2/mix/order/fill-history", "data.fillList"}};
    market_buy(w, "0.01"); /* there is something in USDT-FUTURES */
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        get(w, lists[i], COIN);
        expect_ok(w);
        assert_int_equal(ln_json_type(&w->doc, value_at(&w->doc, "data")),
                         LN_JSON_ARRAY);
        assert_int_equal(count_at(w, "data"), 0);
        get(w, lists[i], "productType=FUTURES");
        expect_code(w, "400172");
    }
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        get(w, pages[i].path, "productType=usdc-futures");
        expect_ok(w);
        assert_string_equal(at(w, pages[i].list), "null");
        assert_string_equal(at(w, "data.endId"), "null");
    }
}

static void
other_lines_have_no_symbols(void **state)
{
    struct world *w = *state;
    pub(w, M "contracts", COIN "&symbol=BTCUSD");
    expect_code(w, "40034");
    get(w, A "account", COIN "&symbol=BTCUSD&marginCoin=BTC");
    expect_code(w, "40034");
    post(w, "/api/v2/mix/order/cancel-all-orders",
         "{\"productType\":\"COIN-FUTURES\",\"marginCoin\":\"BTC\"}");
    expect_ok(w);
    assert_int_equal(count_at(w, "data.successList"), 0);
    post(w, A "set-position-mode",
         "{\"productType\":\"USDC-FUTURES\",\"posMode\":\"hedge_mode\"}");
    expect_ok(w);
    assert_string_equal(at(w, "data.posMode"), "hedge_mode");
    get(w, A "account", BTC "&marginCoin=USDT"); /* not of this line */
    assert_string_equal(at(w, "data.posMode"), "one_way_mode");
}

/* Clients of everything load the spot market before they trade futures. */
static void
the_spot_market_is_empty(void **state)
{
    struct world *w = *state;
    static const char *const paths[] = {"/api/v2/spot/public/coins",
                                        "/api/v2/spot/public/symbols",
                                        "/api/v2/margin/currencies"};
    for (size_t i = 0; i < 3; i++) {
        pub(w, paths[i], "");
        expect_ok(w);
        assert_int_equal(ln_json_type(&w->doc, value_at(&w->doc, "data")),
                         LN_JSON_ARRAY);
        assert_int_equal(count_at(w, "data"), 0);
    }
    pub(w, "/api/v2/spot/market/tickers", "");
    expect_code(w, "40404");
    /* The same clients ask for the demo lines of old. */
    pub(w, M "contracts", "productType=SUSDT-FUTURES");
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 0);
    get(w, A "interest-history", "productType=SUSDT-FUTURES");
    expect_code(w, "400172");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(usdt_counts_at_its_face_value),
        TEST(nobody_pays_interest),
        TEST(the_asset_mode_is_switched_and_read_back),
        TEST(an_isolated_position_keeps_single_asset_mode),
        TEST(there_is_nothing_to_convert),
        TEST(other_lines_are_empty),
        TEST(other_lines_have_no_symbols),
        TEST(the_spot_market_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
