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
    pub(w, M "candles", BTC "&granularity=1m&limit=5000");
    assert_int_equal(count_at(w, "data"), 1000); /* capped silently */
    pub(w, M "candles", BTC "&granularity=1H&limit=2");
    assert_int_equal(count_at(w, "data"), 2);
    pub(w, M "candles", BTC "&granularity=1m&limit=0");
    expect_code(w, "40017");
}

/* The times at which the candles of the answer open ascend by <step>. */
static void
expect_steps(const struct world *w, int64_t step)
{
    for (uint32_t i = 1; i < count_at(w, "data"); i++) {
        char a[32], b[32];
        snprintf(a, sizeof(a), "data.%u.0", i - 1);
        snprintf(b, sizeof(b), "data.%u.0", i);
        assert_int_equal(
            strtoll(at(w, b), NULL, 10) - strtoll(at(w, a), NULL, 10), step);
    }
}

static void
mark_and_index_have_candles_without_volume(void **state)
{
    struct world *w = *state;
    static const char *const queries[] = {
        BTC "&granularity=5m&kLineType=MARK&limit=20",
        BTC "&granularity=5m&kLineType=index&limit=20"};
    for (int q = 0; q < 2; q++) {
        pub(w, M "candles", queries[q]);
        expect_ok(w);
        assert_int_equal(count_at(w, "data"), 20);
        assert_int_equal(count_at(w, "data.0"), 7);
        expect_steps(w, 300000);
        assert_string_equal(at(w, "data.7.5"), "0");
        assert_string_equal(at(w, "data.7.6"), "0");
        assert_true(e8_at(w, "data.7.2") >= e8_at(w, "data.7.3"));
    }
    pub(w, M "candles", BTC "&granularity=5m&kLineType=LAST");
    expect_code(w, "400172");
}

static void
history_of_mark_and_index_is_finished(void **state)
{
    struct world *w = *state;
    static const char *const paths[] = {M "history-mark-candles",
                                        M "history-index-candles"};
    for (int i = 0; i < 2; i++) {
        pub(w, paths[i], BTC "&granularity=1H&limit=1000");
        expect_ok(w);
        assert_int_equal(count_at(w, "data"), 200); /* capped silently */
        expect_steps(w, 3600000);
        int64_t last = strtoll(at(w, "data.199.0"), NULL, 10);
        assert_int_equal(last, START_MS / 3600000 * 3600000 - 3600000);
        assert_string_equal(at(w, "data.0.5"), "0");
        pub(w, paths[i], P "&symbol=NOSUCH&granularity=1H");
        expect_code(w, "40034");
    }
}

/* A month of minutes and no more; a day's candles go further back. */
static void
each_granularity_has_its_window(void **state)
{
    struct world *w = *state;
    char query[256];
    int64_t end = START_MS - 40 * 86400000LL;
    static const struct {
        const char *granularity;
        bool served;
    } rows[] = {{"1m", false}, {"5m", false}, {"15m", true}, {"1Dutc", true}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(query, sizeof(query), BTC "&granularity=%s&endTime=%lld",
                 rows[i].granularity, (long long)end);
        pub(w, M "candles", query);
        expect_ok(w);
        assert_int_equal(count_at(w, "data") > 0, rows[i].served);
    }
    snprintf(query, sizeof(query), BTC "&granularity=1m&endTime=%lld",
             (long long)end);
    pub(w, M "history-candles", query);
    assert_int_equal(count_at(w, "data"), 100);
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
settled_rates_go_back_before_the_start(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"symbol", "fundingRate", "fundingTime",
                                        NULL};
    struct ln_ticker t;
    pub(w, M "history-fund-rate", BTC);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 20);
    expect_strings(&w->doc, "data.0", names);
    int64_t newest = strtoll(at(w, "data.0.fundingTime"), NULL, 10);
    assert_int_equal(newest, START_MS / 28800000 * 28800000);
    assert_int_equal(strtoll(at(w, "data.1.fundingTime"), NULL, 10),
                     newest - 28800000);
    pub(w, M "history-fund-rate", BTC "&pageSize=1000");
    assert_int_equal(count_at(w, "data"), 100); /* capped silently */
    pub(w, M "history-fund-rate", BTC "&pageSize=5&pageNo=2");
    assert_int_equal(strtoll(at(w, "data.0.fundingTime"), NULL, 10),
                     newest - 5 * 28800000LL);
    pub(w, M "history-fund-rate", BTC "&pageNo=100000000");
    assert_int_equal(count_at(w, "data"), 0);
    pub(w, M "history-fund-rate", BTC "&pageNo=0");
    expect_code(w, "40017");
    ln_ex_ticker(ln_sim_engine(w->sim), 0, &t);
    ln_ex_advance(ln_sim_engine(w->sim), t.next_funding_ms + 1000);
    pub(w, M "history-fund-rate", BTC);
    assert_int_equal(strtoll(at(w, "data.0.fundingTime"), NULL, 10),
                     t.next_funding_ms);
}

static void
fees_of_the_schedule_and_of_the_account_agree(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"level",
                                        "dealAmount",
                                        "assetAmount",
                                        "takerFeeRate",
                                        "makerFeeRate",
                                        "btcWithdrawAmount",
                                        "usdtWithdrawAmount",
                                        NULL};
    char taker[64];
    pub(w, M "vip-fee-rate", "");
    expect_ok(w);
    expect_strings(&w->doc, "data.0", names);
    snprintf(taker, sizeof(taker), "%s", at(w, "data.0.takerFeeRate"));
    get(w, "/api/v2/common/trade-rate", "symbol=BTCUSDT&businessType=mix");
    expect_ok(w);
    assert_string_equal(at(w, "data.takerFeeRate"), taker);
    get(w, "/api/v2/common/trade-rate", "symbol=BTCUSDT&business=mix");
    expect_ok(w);
    get(w, "/api/v2/common/trade-rate", "symbol=BTCUSDT");
    expect_code(w, "40019");
    get(w, "/api/v2/common/trade-rate", "symbol=BTCUSDT&businessType=spot");
    expect_code(w, "40034"); /* there are no spot symbols */
    get(w, "/api/v2/common/trade-rate", "symbol=BTCUSDT&businessType=bank");
    expect_code(w, "400172");
}

static void
rates_of_all_symbols_come_at_once(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"symbol", "makerFeeRate",
                                        "takerFeeRate", NULL};
    get(w, "/api/v2/common/all-trade-rate", "businessType=mix");
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 2);
    expect_strings(&w->doc, "data.1", names);
    get(w, "/api/v2/common/all-trade-rate", "businessType=spot");
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 0);
    get(w, "/api/v2/common/all-trade-rate", "");
    expect_code(w, "40019");
}

static void
the_last_tier_limits_a_position(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"symbol", "notionalValue",
                                        "totalNotionalValue", NULL};
    pub(w, M "oi-limit", P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 2);
    expect_strings(&w->doc, "data.0", names);
    pub(w, M "oi-limit", BTC);
    assert_int_equal(count_at(w, "data"), 1);
    char limit[64];
    snprintf(limit, sizeof(limit), "%s", at(w, "data.0.notionalValue"));
    pub(w, M "query-position-lever", BTC);
    assert_string_equal(at(w, "data.5.endUnit"), limit);
}

/* ---- trades of the past ---- */

static int64_t
id_at(const struct world *w, const char *path)
{
    return strtoll(at(w, path), NULL, 10);
}

static void
past_trades_are_paged_by_the_smallest_id(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"tradeId", "price",  "size", "side",
                                        "ts",      "symbol", NULL};
    char query[256];
    pub(w, M "fills-history", BTC);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 500);
    expect_strings(&w->doc, "data.0", names);
    pub(w, M "fills-history", BTC "&limit=30");
    assert_int_equal(count_at(w, "data"), 30);
    for (int i = 1; i < 30; i++) {
        char a[32], b[32];
        snprintf(a, sizeof(a), "data.%d.tradeId", i - 1);
        snprintf(b, sizeof(b), "data.%d.tradeId", i);
        assert_true(id_at(w, a) > id_at(w, b));
    }
    int64_t smallest = id_at(w, "data.29.tradeId");
    int64_t ts = id_at(w, "data.29.ts");
    snprintf(query, sizeof(query), BTC "&limit=2&idLessThan=%lld",
             (long long)smallest);
    pub(w, M "fills-history", query);
    assert_int_equal(count_at(w, "data"), 2);
    assert_true(id_at(w, "data.0.tradeId") < smallest);
    assert_true(id_at(w, "data.0.ts") <= ts);
    pub(w, M "fills-history", BTC "&idLessThan=last");
    expect_code(w, "40402");
}

static void
past_trades_are_cut_by_time(void **state)
{
    struct world *w = *state;
    char query[256];
    int64_t end = START_MS - 3 * 86400000LL, start = end - 3600000;
    snprintf(query, sizeof(query),
             BTC "&startTime=%lld&endTime=%lld&limit=1000", (long long)start,
             (long long)end);
    pub(w, M "fills-history", query);
    expect_ok(w);
    uint32_t n = count_at(w, "data");
    assert_in_range(n, 1, 1000);
    assert_true(id_at(w, "data.0.ts") <= end);
    snprintf(query, sizeof(query), "data.%u.ts", n - 1);
    assert_true(id_at(w, query) >= start);
    snprintf(query, sizeof(query), BTC "&startTime=%lld&endTime=%lld",
             (long long)(end - 8 * 86400000LL), (long long)end);
    pub(w, M "fills-history", query);
    expect_code(w, "40705"); /* seven days at most */
    snprintf(query, sizeof(query), BTC "&startTime=%lld&endTime=%lld",
             (long long)end, (long long)start);
    pub(w, M "fills-history", query);
    expect_code(w, "40707");
    snprintf(query, sizeof(query), BTC "&endTime=%lld",
             (long long)(START_MS - 100 * 86400000LL));
    pub(w, M "fills-history", query);
    expect_code(w, "40704");
}

/* ---- announcements ---- */

static void
the_start_is_announced(void **state)
{
    struct world *w = *state;
    static const char path[] = "/api/v2/public/annoucements";
    static const char *const names[] = {"annId",      "annTitle", "annDesc",
                                        "annType",    "language", "annUrl",
                                        "annSubType", "cTime",    NULL};
    pub(w, path, "language=en_US");
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 1);
    expect_strings(&w->doc, "data.0", names);
    assert_int_equal(id_at(w, "data.0.cTime"), START_MS);
    pub(w, path, "language=fr_FR"); /* English is used */
    assert_string_equal(at(w, "data.0.language"), "en_US");
    pub(w, path, "language=en_US&cursor=1");
    assert_int_equal(count_at(w, "data"), 0);
    pub(w, path, "language=en_US&annType=security");
    assert_int_equal(count_at(w, "data"), 0);
    pub(w, path, "language=en_US&annType=gossip");
    expect_code(w, "400172");
    pub(w, path, "");
    expect_code(w, "40019");
}

/* The whole past; the fixture's is two hours long. */
static int
setup_past(void **state)
{
    struct ln_sim_config cfg = {.history_minutes = 90 * 1440};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define PAST(name) cmocka_unit_test_setup_teardown(name, setup_past, teardown)

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
        PAST(candles_ascend_and_the_last_is_forming),
        PAST(mark_and_index_have_candles_without_volume),
        PAST(history_of_mark_and_index_is_finished),
        PAST(each_granularity_has_its_window),
        TEST(candles_can_be_cut_by_time),
        TEST(history_candles_are_finished_ones),
        TEST(interest_funding_and_prices),
        TEST(tiers_join_and_leverage_falls),
        PAST(settled_rates_go_back_before_the_start),
        TEST(fees_of_the_schedule_and_of_the_account_agree),
        TEST(rates_of_all_symbols_come_at_once),
        TEST(the_last_tier_limits_a_position),
        PAST(past_trades_are_paged_by_the_smallest_id),
        PAST(past_trades_are_cut_by_time),
        TEST(the_start_is_announced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
