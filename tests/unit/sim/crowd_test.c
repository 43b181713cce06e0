/*
 * Trading insight over REST: periods ascend, shares sum up to one, and taker
 * volumes are those of the trades.
 */
#include "fixture.h"

#define M "/api/v2/mix/market/"

static int64_t
ts_at(const struct world *w, uint32_t row)
{
    char path[32];
    snprintf(path, sizeof(path), "data.%u.ts", row);
    return strtoll(at(w, path), NULL, 10);
}

/* At least two rows, each <step> after the one before. */
static void
expect_periods(const struct world *w, int64_t step)
{
    uint32_t n = count_at(w, "data");
    assert_in_range(n, 2, 1000);
    for (uint32_t i = 1; i < n; i++)
        assert_int_equal(ts_at(w, i) - ts_at(w, i - 1), step);
}

static void
taker_volume_of_a_period_is_that_of_its_trades(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"buyVolume", "sellVolume", "ts", NULL};
    char path[64];
    pub(w, M "taker-buy-sell", "symbol=BTCUSDT");
    expect_ok(w);
    expect_strings(&w->doc, "data.0", names);
    expect_periods(w, 300000);
    uint32_t last = count_at(w, "data") - 1;
    snprintf(path, sizeof(path), "data.%u.buyVolume", last);
    int64_t before = e8_at(w, path);
    market_buy(w, "0.5");
    pub(w, M "taker-buy-sell", "symbol=BTCUSDT&period=5m");
    assert_int_equal(count_at(w, "data"), last + 1);
    assert_int_equal(e8_at(w, path) - before, e8_of("0.5"));
}

static void
shares_sum_up_to_one(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *path, *names[5];
    } rows[] = {
        {M "long-short", {"longRatio", "shortRatio", "longShortRatio", "ts"}},
        {M "account-long-short",
         {"longAccountRatio", "shortAccountRatio", "longShortAccountRatio",
          "ts"}},
        {M "position-long-short",
         {"longPositionRatio", "shortPositionRatio", "longShortPositionRatio",
          "ts"}}};
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        pub(w, rows[i].path, "symbol=BTCUSDT&period=1h");
        expect_ok(w);
        expect_strings(&w->doc, "data.0", rows[i].names);
        expect_periods(w, 3600000);
        snprintf(path, sizeof(path), "data.1.%s", rows[i].names[0]);
        int64_t longs = e8_at(w, path);
        snprintf(path, sizeof(path), "data.1.%s", rows[i].names[1]);
        int64_t shorts = e8_at(w, path);
        assert_int_equal(longs + shorts, LN_E8);
        assert_in_range(longs, 1, LN_E8 - 1);
        snprintf(path, sizeof(path), "data.1.%s", rows[i].names[2]);
        int64_t ratio = ln_mul_div(longs, LN_E8, shorts, LN_ROUND_NEAREST);
        assert_in_range(e8_at(w, path), ratio - 5000, ratio + 5000);
    }
}

static void
periods_are_those_of_the_table(void **state)
{
    struct world *w = *state;
    pub(w, M "long-short", "symbol=BTCUSDT&period=1Dutc");
    expect_ok(w);
    expect_periods(w, 86400000);
    pub(w, M "long-short", "symbol=BTCUSDT&period=1d");
    expect_code(w, "400172");
    pub(w, M "taker-buy-sell", "symbol=BTCUSDT&period=1d");
    expect_ok(w);
    expect_periods(w, 86400000);
    pub(w, M "taker-buy-sell", "symbol=BTCUSDT&period=2m");
    expect_code(w, "400172");
    pub(w, M "taker-buy-sell", "");
    expect_code(w, "40019");
    pub(w, M "taker-buy-sell", "symbol=NOSUCH");
    expect_code(w, "40034");
}

static void
nobody_has_borrowed_on_spot_margin(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"borrowRate", "ts", NULL};
    pub(w, M "isolated-borrow-rate", "symbol=BTCUSDT");
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 24);
    expect_strings(&w->doc, "data.0", names);
    expect_periods(w, 3600000);
    assert_string_equal(at(w, "data.23.borrowRate"), "0");
    pub(w, M "isolated-borrow-rate", "symbol=BTCUSDT&period=30d");
    assert_int_equal(count_at(w, "data"), 30);
    expect_periods(w, 86400000);
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
        PAST(taker_volume_of_a_period_is_that_of_its_trades),
        PAST(shares_sum_up_to_one),
        PAST(periods_are_those_of_the_table),
        TEST(nobody_has_borrowed_on_spot_margin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
