/*
 * Public market data, endpoint by endpoint: names, types and oddities of the
 * wire, and that they agree with the engine.
 */
#include "fixture.h"

#define M "/api/v2/mix/market/"

static void
time_is_the_servers(void **state)
{
    struct world *w = *state;
    char now[24];
    ln_loop_run_for(w->loop, 12345);
    pub(w, "/api/v2/public/time", "");
    expect_ok(w);
    int64_t told = strtoll(at(w, "data.serverTime"), NULL, 10);
    assert_in_range(told, START_MS + 12345, ln_loop_now_ms(w->loop));
    snprintf(now, sizeof(now), "%lld", (long long)told);
    assert_string_equal(at(w, "requestTime"), now);
    assert_int_equal(
        ln_json_type(&w->doc, value_at(&w->doc, "data.serverTime")),
        LN_JSON_STRING);
}

static void
contracts_have_every_documented_field(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"symbol",
                                        "baseCoin",
                                        "quoteCoin",
                                        "buyLimitPriceRatio",
                                        "sellLimitPriceRatio",
                                        "feeRateUpRatio",
                                        "makerFeeRate",
                                        "takerFeeRate",
                                        "openCostUpRatio",
                                        "minTradeNum",
                                        "priceEndStep",
                                        "volumePlace",
                                        "pricePlace",
                                        "sizeMultiplier",
                                        "symbolType",
                                        "minTradeUSDT",
                                        "maxSymbolOrderNum",
                                        "maxProductOrderNum",
                                        "maxPositionNum",
                                        "symbolStatus",
                                        "offTime",
                                        "limitOpenTime",
                                        "deliveryTime",
                                        "deliveryStartTime",
                                        "deliveryPeriod",
                                        "launchTime",
                                        "fundInterval",
                                        "minLever",
                                        "maxLever",
                                        "posLimit",
                                        "maintainTime",
                                        "maxMarketOrderQty",
                                        "maxOrderQty",
                                        "isRwa",
                                        "openTime",
                                        NULL};
    pub(w, M "contracts", P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 2);
    expect_strings(&w->doc, "data.0", names);
    pub(w, M "contracts", BTC);
    assert_int_equal(count_at(w, "data"), 1);
    assert_string_equal(at(w, "data.0.symbol"), "BTCUSDT");
    assert_string_equal(at(w, "data.0.pricePlace"), "1");
    assert_string_equal(at(w, "data.0.priceEndStep"), "1");
    assert_string_equal(at(w, "data.0.sizeMultiplier"), "0.0001");
    assert_string_equal(at(w, "data.0.minTradeUSDT"), "5");
    assert_string_equal(at(w, "data.0.takerFeeRate"), "0.0006");
    assert_string_equal(at(w, "data.0.supportMarginCoins.0"), "USDT");
    assert_string_equal(at(w, "data.0.offTime"), "-1");
}

static void
a_ticker_is_an_array_of_one(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"symbol",
                                        "lastPr",
                                        "askPr",
                                        "bidPr",
                                        "bidSz",
                                        "askSz",
                                        "high24h",
                                        "low24h",
                                        "ts",
                                        "change24h",
                                        "baseVolume",
                                        "quoteVolume",
                                        "usdtVolume",
                                        "openUtc",
                                        "changeUtc24h",
                                        "indexPrice",
                                        "fundingRate",
                                        "holdingAmount",
                                        "deliveryStatus",
                                        "open24h",
                                        "markPrice",
                                        NULL};
    struct ln_ticker t;
    pub(w, M "ticker", BTC);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 1);
    expect_strings(&w->doc, "data.0", names);
    assert_string_equal(at(w, "data.0.deliveryTime"), "null");
    ln_ex_ticker(ln_sim_engine(w->sim), 0, &t);
    assert_int_equal(e8_at(w, "data.0.lastPr"), t.last_ticks * 10000000);
    assert_true(e8_at(w, "data.0.askPr") > e8_at(w, "data.0.bidPr"));
    assert_true(e8_at(w, "data.0.openUtc") > 0);
}

static void
tickers_are_all_of_them(void **state)
{
    struct world *w = *state;
    pub(w, M "tickers", P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 2);
    assert_string_equal(at(w, "data.1.symbol"), "ETHUSDT");
}

static void
depth_is_sorted_and_limited(void **state)
{
    struct world *w = *state;
    char path[64];
    pub(w, M "merge-depth", BTC "&limit=5");
    expect_ok(w);
    assert_int_equal(count_at(w, "data.bids"), 5);
    assert_int_equal(count_at(w, "data.asks"), 5);
    assert_int_equal(count_at(w, "data.bids.0"), 2);
    for (int i = 1; i < 5; i++) {
        char before[64];
        snprintf(path, sizeof(path), "data.bids.%d.0", i);
        snprintf(before, sizeof(before), "data.bids.%d.0", i - 1);
        assert_true(e8_at(w, path) < e8_at(w, before));
    }
    assert_string_equal(at(w, "data.scale"), "0.1");
    assert_string_equal(at(w, "data.precision"), "scale0");
    assert_string_equal(at(w, "data.isMaxPrecision"), "NO");
    pub(w, M "merge-depth", BTC "&limit=max");
    assert_true(count_at(w, "data.bids") > 5);
    pub(w, M "merge-depth", BTC);
    assert_in_range(count_at(w, "data.bids"), 1, 100);
    pub(w, M "merge-depth", BTC "&limit=all");
    expect_code(w, "40017");
}

static void
merged_depth_keeps_every_lot(void **state)
{
    struct world *w = *state;
    int64_t sums[2] = {0, 0};
    static const char *const queries[] = {BTC "&limit=max",
                                          BTC "&limit=max&precision=scale2"};
    for (int q = 0; q < 2; q++) {
        char path[64];
        pub(w, M "merge-depth", queries[q]);
        for (uint32_t i = 0; i < count_at(w, "data.asks"); i++) {
            snprintf(path, sizeof(path), "data.asks.%u.1", i);
            sums[q] += e8_at(w, path);
        }
    }
    assert_int_equal(sums[0], sums[1]);
    assert_string_equal(at(w, "data.scale"), "10");
    assert_string_equal(at(w, "data.precision"), "scale2");
    assert_int_equal(e8_at(w, "data.asks.0.0") % e8_of("10"), 0);
}

static void
trades_are_newest_first(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"tradeId", "price",  "size", "side",
                                        "ts",      "symbol", NULL};
    market_buy(w, "0.01");
    market_buy(w, "0.02");
    pub(w, M "fills", BTC "&limit=1000");
    expect_ok(w);
    assert_in_range(count_at(w, "data"), 2, 100); /* capped silently */
    expect_strings(&w->doc, "data.0", names);
    assert_true(strtoll(at(w, "data.0.tradeId"), NULL, 10) >
                strtoll(at(w, "data.1.tradeId"), NULL, 10));
    assert_string_equal(at(w, "data.0.side"), "buy");
    pub(w, M "fills", BTC "&limit=1");
    assert_int_equal(count_at(w, "data"), 1);
}

static void
candles_ascend_and_the_last_is_forming(void **state)
{
    struct world *w = *state;
    pub(w, M "candles", BTC "&granularity=1m");
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 100);
    assert_int_equal(count_at(w, "data.0"), 7);
    assert_int_equal(strtoll(at(w, "data.99.0"), NULL, 10) -
                         strtoll(at(w, "data.98.0"), NULL, 10),
                     60000);
    int64_t last = strtoll(at(w, "data.99.0"), NULL, 10);
    assert_int_equal(last, ln_ex_now(ln_sim_engine(w->sim)) / 60000 * 60000);
    pub(w, M "candles", BTC "&granularity=1m&limit=1000");
    assert_in_range(count_at(w, "data"), 120, 122); /* all there is */
    pub(w, M "candles", BTC "&granularity=1H&limit=2");
    assert_int_equal(count_at(w, "data"), 2);
    pub(w, M "candles", BTC "&granularity=1m&kLineType=MARK");
    expect_code(w, "40404");
}

static void
candles_can_be_cut_by_time(void **state)
{
    struct world *w = *state;
    char query[256];
    int64_t end = START_MS / 60000 * 60000 - 600000, start = end - 300000;
    snprintf(query, sizeof(query),
             BTC "&granularity=1m&startTime=%lld&endTime=%lld",
             (long long)start, (long long)end);
    pub(w, M "candles", query);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 5); /* the end is exclusive */
    assert_int_equal(strtoll(at(w, "data.0.0"), NULL, 10), start);
    snprintf(query, sizeof(query),
             BTC "&granularity=1m&startTime=%lld&endTime=%lld", (long long)end,
             (long long)start);
    pub(w, M "candles", query);
    expect_code(w, "40707");
    pub(w, M "candles", BTC "&granularity=1m&startTime=1&endTime=9000000000");
    expect_code(w, "40705");
    pub(w, M "candles", BTC "&granularity=1m&endTime=1600000000000");
    expect_ok(w); /* before all history: nothing, and no error */
    assert_int_equal(count_at(w, "data"), 0);
}

static void
history_candles_are_finished_ones(void **state)
{
    struct world *w = *state;
    pub(w, M "history-candles", BTC "&granularity=1m&limit=3");
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 3);
    int64_t forming = ln_ex_now(ln_sim_engine(w->sim)) / 60000 * 60000;
    assert_int_equal(strtoll(at(w, "data.2.0"), NULL, 10), forming - 60000);
    char query[128];
    snprintf(query, sizeof(query), BTC "&granularity=1m&limit=2&endTime=%lld",
             (long long)(forming - 120000));
    pub(w, M "history-candles", query);
    assert_int_equal(strtoll(at(w, "data.1.0"), NULL, 10), forming - 180000);
}

static void
interest_funding_and_prices(void **state)
{
    struct world *w = *state;
    static const char *const rate[] = {
        "symbol",     "fundingRate",    "fundingRateInterval",
        "nextUpdate", "minFundingRate", "maxFundingRate",
        NULL};
    static const char *const price[] = {"symbol",    "price", "indexPrice",
                                        "markPrice", "ts",    NULL};
    pub(w, M "open-interest", BTC);
    expect_ok(w);
    assert_string_equal(at(w, "data.openInterestList.0.symbol"), "BTCUSDT");
    assert_true(e8_at(w, "data.openInterestList.0.size") >= 0);
    pub(w, M "current-fund-rate", BTC);
    expect_strings(&w->doc, "data.0", rate);
    assert_string_equal(at(w, "data.0.fundingRateInterval"), "8");
    pub(w, M "current-fund-rate", P);
    assert_int_equal(count_at(w, "data"), 2);
    pub(w, M "funding-time", BTC);
    assert_true(strtoll(at(w, "data.0.nextFundingTime"), NULL, 10) > START_MS);
    assert_string_equal(at(w, "data.0.ratePeriod"), "8");
    pub(w, M "symbol-price", BTC);
    expect_strings(&w->doc, "data.0", price);
}

static void
tiers_join_and_leverage_falls(void **state)
{
    struct world *w = *state;
    pub(w, M "query-position-lever", BTC);
    expect_ok(w);
    assert_string_equal(at(w, "data.0.level"), "1");
    assert_string_equal(at(w, "data.0.startUnit"), "0");
    assert_string_equal(at(w, "data.0.leverage"), "125");
    assert_string_equal(at(w, "data.1.startUnit"), at(w, "data.0.endUnit"));
    assert_true(e8_at(w, "data.1.keepMarginRate") >
                e8_at(w, "data.0.keepMarginRate"));
}

static void
settled_rates_are_remembered(void **state)
{
    struct world *w = *state;
    pub(w, M "history-fund-rate", BTC);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 0);
    struct ln_ticker t;
    ln_ex_ticker(ln_sim_engine(w->sim), 0, &t);
    ln_loop_run_for(w->loop, 1500); /* seen before the settlement */
    ln_ex_advance(ln_sim_engine(w->sim), t.next_funding_ms + 1000);
    ln_loop_run_for(w->loop, 1500); /* and after */
    pub(w, M "history-fund-rate", BTC);
    assert_int_equal(count_at(w, "data"), 1);
    assert_int_equal(strtoll(at(w, "data.0.fundingTime"), NULL, 10),
                     t.next_funding_ms);
    pub(w, M "history-fund-rate", BTC "&pageNo=2");
    assert_int_equal(count_at(w, "data"), 0);
    pub(w, M "history-fund-rate", BTC "&pageNo=0");
    expect_code(w, "40017");
}

static void
fees_of_the_schedule_and_of_the_account_agree(void **state)
{
    struct world *w = *state;
    pub(w, M "vip-fee-rate", "");
    expect_ok(w);
    char taker[64];
    snprintf(taker, sizeof(taker), "%s", at(w, "data.0.takerFeeRate"));
    get(w, "/api/v2/common/trade-rate", "symbol=BTCUSDT&businessType=mix");
    expect_ok(w);
    assert_string_equal(at(w, "data.takerFeeRate"), taker);
    get(w, "/api/v2/common/trade-rate", "symbol=BTCUSDT&business=mix");
    expect_ok(w);
    get(w, "/api/v2/common/trade-rate", "symbol=BTCUSDT");
    expect_code(w, "40019");
    get(w, "/api/v2/common/trade-rate", "symbol=BTCUSDT&businessType=spot");
    expect_code(w, "40404");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(time_is_the_servers),
        TEST(contracts_have_every_documented_field),
        TEST(a_ticker_is_an_array_of_one),
        TEST(tickers_are_all_of_them),
        TEST(depth_is_sorted_and_limited),
        TEST(merged_depth_keeps_every_lot),
        TEST(trades_are_newest_first),
        TEST(candles_ascend_and_the_last_is_forming),
        TEST(candles_can_be_cut_by_time),
        TEST(history_candles_are_finished_ones),
        TEST(interest_funding_and_prices),
        TEST(tiers_join_and_leverage_falls),
        TEST(settled_rates_are_remembered),
        TEST(fees_of_the_schedule_and_of_the_account_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
