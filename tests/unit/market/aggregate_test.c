/*
 * Candles from trades and candles from candles.
 */
#include "base/rng.h"
#include "market/aggregate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE 60000LL
#define HOUR   (60 * MINUTE)
#define START  (1789999200000LL / HOUR * HOUR)

static struct ln_candle
candle(int64_t time_ms, int64_t open, int64_t high, int64_t low, int64_t close)
{
    return (struct ln_candle){time_ms, open, high, low, close, 2, 30};
}

static void
trades_make_a_candle(void **unused)
{
    (void)unused;
    struct ln_candle c;
    ln_candle_start(&c, START, 100);
    assert_int_equal(c.time_ms, START);
    assert_int_equal(c.open_ticks, 100);
    assert_int_equal(c.high_ticks, 100);
    assert_int_equal(c.low_ticks, 100);
    assert_int_equal(c.close_ticks, 100);
    assert_int_equal(c.volume_lots, 0);
    assert_int_equal(c.quote_volume_e8, 0);

    ln_candle_add(&c, 100, 3, 300);
    ln_candle_add(&c, 107, 1, 107);
    ln_candle_add(&c, 95, 2, 190);
    ln_candle_add(&c, 101, 4, 404);
    assert_int_equal(c.open_ticks, 100);
    assert_int_equal(c.high_ticks, 107);
    assert_int_equal(c.low_ticks, 95);
    assert_int_equal(c.close_ticks, 101);
    assert_int_equal(c.volume_lots, 10);
    assert_int_equal(c.quote_volume_e8, 1001);
}

static void
five_minutes_from_minutes(void **unused)
{
    (void)unused;
    struct ln_candle in[7], out[4];
    for (int i = 0; i < 7; i++)
        in[i] = candle(START + i * MINUTE, 10 + i, 20 + i, 5 - i, 11 + i);
    assert_int_equal(ln_candles_fold(in, 7, LN_TF_5M, out, 4), 2);
    assert_int_equal(out[0].time_ms, START);
    assert_int_equal(out[0].open_ticks, 10);
    assert_int_equal(out[0].high_ticks, 24);
    assert_int_equal(out[0].low_ticks, 1);
    assert_int_equal(out[0].close_ticks, 15);
    assert_int_equal(out[0].volume_lots, 10);
    assert_int_equal(out[0].quote_volume_e8, 150);
    /* The second is unfinished and is there all the same. */
    assert_int_equal(out[1].time_ms, START + 5 * MINUTE);
    assert_int_equal(out[1].open_ticks, 15);
    assert_int_equal(out[1].close_ticks, 17);
    assert_int_equal(out[1].volume_lots, 4);
}

static void
a_candle_that_starts_late_opens_on_the_grid(void **unused)
{
    (void)unused;
    struct ln_candle in = candle(START + 3 * MINUTE, 10, 12, 9, 11), out;
    assert_int_equal(ln_candles_fold(&in, 1, LN_TF_15M, &out, 1), 1);
    assert_int_equal(out.time_ms, START);
    assert_int_equal(out.open_ticks, 10);
}

static void
holes_stay_holes(void **unused)
{
    (void)unused;
    struct ln_candle in[2] = {candle(START, 1, 1, 1, 1),
                              candle(START + 3 * HOUR, 2, 2, 2, 2)};
    struct ln_candle out[8];
    assert_int_equal(ln_candles_fold(in, 2, LN_TF_1H, out, 8), 2);
    assert_int_equal(out[0].time_ms, START);
    assert_int_equal(out[1].time_ms, START + 3 * HOUR);
}

static void
the_last_ones_are_kept(void **unused)
{
    (void)unused;
    struct ln_candle in[60], all[12], out[4];
    for (int i = 0; i < 60; i++)
        in[i] = candle(START + i * MINUTE, i, i + 1, i - 1, i);
    assert_int_equal(ln_candles_fold(in, 60, LN_TF_5M, all, 12), 12);
    memset(out, 0x55, sizeof(out));
    struct ln_candle untouched = out[3];
    assert_int_equal(ln_candles_fold(in, 60, LN_TF_5M, out, 3), 3);
    assert_memory_equal(out, all + 9, 3 * sizeof(*out));
    assert_memory_equal(&out[3], &untouched, sizeof(untouched));
    assert_int_equal(ln_candles_fold(in, 60, LN_TF_5M, out, 0), 0);
}

static void
nothing_from_nothing(void **unused)
{
    (void)unused;
    struct ln_candle out;
    assert_int_equal(ln_candles_fold(NULL, 0, LN_TF_1H, &out, 1), 0);
}

static void
the_same_timeframe_changes_nothing(void **unused)
{
    (void)unused;
    struct ln_candle in[3], out[3];
    for (int i = 0; i < 3; i++)
        in[i] = candle(START + i * MINUTE, i, i + 5, i - 5, i + 1);
    assert_int_equal(ln_candles_fold(in, 3, LN_TF_1M, out, 3), 3);
    assert_memory_equal(in, out, sizeof(in));
}

static void
days_start_at_utc8(void **unused)
{
    (void)unused;
    /* 2026-03-05T15:59Z and 16:00Z: one UTC day, two days of UTC+8. */
    struct ln_candle in[2] = {candle(1772726340000LL, 1, 1, 1, 1),
                              candle(1772726400000LL, 2, 2, 2, 2)};
    struct ln_candle out[2];
    assert_int_equal(ln_candles_fold(in, 2, LN_TF_1D, out, 2), 2);
    assert_int_equal(out[1].time_ms, 1772726400000LL);
    assert_int_equal(ln_candles_fold(in, 2, LN_TF_1DUTC, out, 2), 1);
    assert_int_equal(out[0].time_ms, 1772668800000LL);
}

/* Folding 1m to 5m to 1H is folding 1m to 1H; and nothing is lost. */
static void
folding_in_steps_is_folding_at_once(void **unused)
{
    (void)unused;
    static struct ln_candle in[600], five[600], direct[60], steps[60];
    struct ln_rng rng;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        int64_t t = START, volume = 0, folded = 0;
        ln_rng_seed(&rng, seed);
        size_t count = 1 + (size_t)ln_rng_below(&rng, 600);
        for (size_t i = 0; i < count; i++) {
            int64_t p = ln_rng_between(&rng, 50, 150);
            ln_candle_start(&in[i], t, p);
            for (uint64_t k = ln_rng_below(&rng, 4); k > 0; k--)
                ln_candle_add(&in[i], ln_rng_between(&rng, 40, 160),
                              ln_rng_between(&rng, 1, 9), 7);
            volume += in[i].volume_lots;
            t += MINUTE * (1 + (int64_t)ln_rng_below(&rng, 3));
        }
        size_t n5 = ln_candles_fold(in, count, LN_TF_5M, five, 600);
        size_t n = ln_candles_fold(in, count, LN_TF_1H, direct, 60);
        assert_int_equal(ln_candles_fold(five, n5, LN_TF_1H, steps, 60), n);
        assert_memory_equal(direct, steps, n * sizeof(*direct));
        for (size_t i = 0; i < n; i++) {
            folded += direct[i].volume_lots;
            assert_true(direct[i].low_ticks <= direct[i].open_ticks);
            assert_true(direct[i].low_ticks <= direct[i].close_ticks);
            assert_true(direct[i].high_ticks >= direct[i].open_ticks);
            assert_true(direct[i].high_ticks >= direct[i].close_ticks);
        }
        assert_int_equal(folded, volume);
    }
}

static void
absurd_amounts_saturate(void **unused)
{
    (void)unused;
    struct ln_candle in[2], out[2];
    ln_candle_start(&in[0], START, 1);
    ln_candle_add(&in[0], 1, INT64_MAX, INT64_MAX);
    ln_candle_add(&in[0], 1, 1, 1);
    in[1] = in[0];
    in[1].time_ms += MINUTE;
    assert_int_equal(in[0].volume_lots, INT64_MAX);
    assert_int_equal(ln_candles_fold(in, 2, LN_TF_1H, out, 2), 1);
    assert_int_equal(out[0].volume_lots, INT64_MAX);
    assert_int_equal(out[0].quote_volume_e8, INT64_MAX);
    in[0].time_ms = INT64_MIN;
    assert_int_equal(ln_candles_fold(in, 2, LN_TF_NONE, out, 2), 2);
    assert_int_equal(ln_candles_fold(in, 2, LN_TF_1MON, out, 2), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trades_make_a_candle),
        cmocka_unit_test(five_minutes_from_minutes),
        cmocka_unit_test(a_candle_that_starts_late_opens_on_the_grid),
        cmocka_unit_test(holes_stay_holes),
        cmocka_unit_test(the_last_ones_are_kept),
        cmocka_unit_test(nothing_from_nothing),
        cmocka_unit_test(the_same_timeframe_changes_nothing),
        cmocka_unit_test(days_start_at_utc8),
        cmocka_unit_test(folding_in_steps_is_folding_at_once),
        cmocka_unit_test(absurd_amounts_saturate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
