/*
 * Candles of the engine: the invented past, what is traded, longer
 * timeframes and the 24-hour figures.
 */
#include "unit/exchange/fixture.h"

#define MINUTE 60000LL

static void
the_invented_past_is_seamless_and_ends_at_the_start_price(void **state)
{
    (void)state;
    static struct ln_candle c[2000];
    struct ln_ex_config cfg = {
        .seed = 4, .start_ms = START_MS, .history_minutes = 1500};
    struct ln_ex *ex = ln_ex_new(&cfg, NULL);
    assert_non_null(ex);
    for (uint16_t i = 0; i < ln_ex_instruments(ex)->count; i++) {
        size_t n = ln_ex_candles(ex, i, LN_TF_1M, 0, c, 2000);
        assert_int_equal(n, 1501); /* and the forming one */
        for (size_t k = 0; k < n; k++) {
            assert_true(c[k].low_ticks <= c[k].open_ticks &&
                        c[k].low_ticks <= c[k].close_ticks &&
                        c[k].high_ticks >= c[k].open_ticks &&
                        c[k].high_ticks >= c[k].close_ticks);
            assert_true(c[k].low_ticks >= 1);
            assert_true(k == n - 1 || c[k].volume_lots > 0);
            assert_true(k == 0 || c[k].time_ms == c[k - 1].time_ms + MINUTE);
            assert_true(k == 0 || c[k].open_ticks == c[k - 1].close_ticks);
        }
        assert_int_equal(c[n - 1].close_ticks,
                         ln_ex_spec(ex, i)->start_price_ticks);
        assert_true(c[n - 1].time_ms <= START_MS &&
                    c[n - 1].time_ms + MINUTE > START_MS);
    }
    ln_ex_free(ex);
}

static void
the_ticker_agrees_with_the_candles_of_24_hours(void **state)
{
    (void)state;
    static struct ln_candle c[1440];
    struct ln_ex_config cfg = {
        .seed = 4, .start_ms = START_MS, .participants = true};
    struct ln_ex *ex = ln_ex_new(&cfg, NULL);
    assert_non_null(ex);
    ln_ex_advance(ex, START_MS + 10 * MINUTE + 12345);
    for (uint16_t i = 0; i < ln_ex_instruments(ex)->count; i++) {
        assert_int_equal(ln_ex_candles(ex, i, LN_TF_1M, 0, c, 1440), 1440);
        int64_t high = 0, low = INT64_MAX, volume = 0, value = 0;
        for (int k = 0; k < 1440; k++) {
            high = c[k].high_ticks > high ? c[k].high_ticks : high;
            low = c[k].low_ticks < low ? c[k].low_ticks : low;
            volume += c[k].volume_lots;
            value += c[k].quote_volume_e8;
        }
        struct ln_ticker t;
        ln_ex_ticker(ex, i, &t);
        assert_int_equal(t.high_24h_ticks, high);
        assert_int_equal(t.low_24h_ticks, low);
        assert_int_equal(t.open_24h_ticks, c[0].open_ticks);
        assert_int_equal(t.volume_24h_lots, volume);
        assert_int_equal(t.quote_volume_24h_e8, value);
        assert_int_equal(t.last_ticks, c[1439].close_ticks);
    }
    ln_ex_free(ex);
}

static void
trades_make_the_forming_candle(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_candle c[3];
    fx_trade(f, 641000, 10);
    fx_trade(f, 639000, 20);
    fx_trade(f, 640500, 30);
    assert_int_equal(ln_ex_candles(f->ex, BTC, LN_TF_1M, 0, c, 1), 1);
    assert_int_equal(c[0].open_ticks, 641000); /* the first trade, not 640000 */
    assert_int_equal(c[0].high_ticks, 641000);
    assert_int_equal(c[0].low_ticks, 639000);
    assert_int_equal(c[0].close_ticks, 640500);
    assert_int_equal(c[0].volume_lots, 60);
    assert_int_equal(c[0].quote_volume_e8,
                     641 * USDT / 10 + 1278 * USDT / 10 + 19215 * USDT / 100);
    /* Minutes without trades are flat. */
    ln_ex_advance(f->ex, START_MS + 2 * MINUTE);
    assert_int_equal(ln_ex_candles(f->ex, BTC, LN_TF_1M, 0, c, 3), 3);
    assert_int_equal(c[0].volume_lots, 60);
    assert_int_equal(c[2].volume_lots, 0);
    assert_int_equal(c[2].open_ticks, 640500);
    assert_int_equal(c[2].high_ticks, 640500);
    fx_free(f);
}

static void
longer_candles_are_folded_and_aligned(void **state)
{
    (void)state;
    struct ln_ex_config cfg = {.seed = 4, .start_ms = START_MS};
    struct ln_ex *ex = ln_ex_new(&cfg, NULL);
    assert_non_null(ex);
    struct ln_candle h[4], m[240];
    assert_int_equal(ln_ex_candles(ex, 0, LN_TF_1H, 0, h, 4), 4);
    for (int k = 0; k < 4; k++)
        assert_int_equal(h[k].time_ms % (60 * MINUTE), 0);
    /* The third hour, minute by minute. */
    assert_int_equal(ln_ex_candles(ex, 0, LN_TF_1M, h[3].time_ms, m, 60), 60);
    assert_int_equal(m[0].time_ms, h[2].time_ms);
    assert_int_equal(m[0].open_ticks, h[2].open_ticks);
    assert_int_equal(m[59].close_ticks, h[2].close_ticks);
    int64_t volume = 0;
    for (int k = 0; k < 60; k++)
        volume += m[k].volume_lots;
    assert_int_equal(volume, h[2].volume_lots);
    /* Candles that open before a time, and pages of them. */
    struct ln_candle page[2];
    assert_int_equal(ln_ex_candles(ex, 0, LN_TF_1H, h[2].time_ms, page, 2), 2);
    assert_int_equal(page[1].time_ms, h[1].time_ms);
    assert_int_equal(page[1].volume_lots, h[1].volume_lots);
    assert_int_equal(ln_ex_candles(ex, 0, LN_TF_1H, 1, page, 2), 0);
    assert_int_equal(ln_ex_candles(ex, 0, LN_TF_NONE, 0, page, 2), 0);
    assert_int_equal(ln_ex_candles(ex, 77, LN_TF_1H, 0, page, 2), 0);
    ln_ex_free(ex);
    cfg.history_minutes = 1500; /* a limit of the past */
    ex = ln_ex_new(&cfg, NULL);
    assert_int_equal(ln_ex_candles(ex, 0, LN_TF_1D, 0, h, 4), 2);
    ln_ex_free(ex);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_invented_past_is_seamless_and_ends_at_the_start_price),
        cmocka_unit_test(the_ticker_agrees_with_the_candles_of_24_hours),
        cmocka_unit_test(trades_make_the_forming_candle),
        cmocka_unit_test(longer_candles_are_folded_and_aligned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
