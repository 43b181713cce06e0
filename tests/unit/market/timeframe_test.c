/*
 * Timeframes: names, and where candles start. Dates are written as text and
 * read by core/base/timefmt, so that the calendar is checked against another
 * implementation of it.
 */
#include "base/assert.h"
#include "base/rng.h"
#include "base/timefmt.h"
#include "market/timeframe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HOUR 3600000LL
#define DAY  (24 * HOUR)
#define UTC8 (8 * HOUR)

static int64_t
at(const char *text)
{
    int64_t ms;
    assert_int_equal(ln_time_parse(ln_str(text), &ms), LN_OK);
    return ms;
}

static void
expect_open(enum ln_timeframe tf, const char *time, const char *open)
{
    char got[LN_TIME_CAP], want[LN_TIME_CAP];
    ln_time_iso(ln_timeframe_open(tf, at(time)), got);
    ln_time_iso(at(open), want);
    assert_string_equal(got, want);
}

static void
names_are_the_exchanges(void **unused)
{
    (void)unused;
    static const char *const names[] = {
        "1m",    "3m",     "5m",    "15m",   "30m",   "1H",   "2H",
        "4H",    "6H",     "12H",   "1D",    "3D",    "1W",   "1M",
        "6Hutc", "12Hutc", "1Dutc", "3Dutc", "1Wutc", "1Mutc"};
    assert_int_equal(LN_COUNT(names), LN_TF_COUNT - 1);
    for (int i = 1; i < LN_TF_COUNT; i++) {
        enum ln_timeframe tf = (enum ln_timeframe)i;
        assert_string_equal(ln_timeframe_name(tf), names[i - 1]);
        assert_int_equal(ln_timeframe_parse(ln_str(names[i - 1])), tf);
    }
    assert_string_equal(ln_timeframe_name(LN_TF_NONE), "");
    assert_string_equal(ln_timeframe_name(LN_TF_COUNT), "");
}

static void
people_may_write_small_letters(void **unused)
{
    (void)unused;
    assert_int_equal(ln_timeframe_parse(ln_str("1h")), LN_TF_1H);
    assert_int_equal(ln_timeframe_parse(ln_str("2h")), LN_TF_2H);
    assert_int_equal(ln_timeframe_parse(ln_str("4h")), LN_TF_4H);
    assert_int_equal(ln_timeframe_parse(ln_str("6h")), LN_TF_6H);
    assert_int_equal(ln_timeframe_parse(ln_str("12h")), LN_TF_12H);
    assert_int_equal(ln_timeframe_parse(ln_str("1d")), LN_TF_1D);
    assert_int_equal(ln_timeframe_parse(ln_str("3d")), LN_TF_3D);
    assert_int_equal(ln_timeframe_parse(ln_str("1w")), LN_TF_1W);
}

static void
a_month_is_not_a_minute(void **unused)
{
    (void)unused;
    assert_int_equal(ln_timeframe_parse(ln_str("1m")), LN_TF_1M);
    assert_int_equal(ln_timeframe_parse(ln_str("1M")), LN_TF_1MON);
    assert_int_equal(ln_timeframe_parse(ln_str("3M")), LN_TF_NONE);
}

static void
unknown_names_are_none(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {"",    "1",   "m",   "7m",    "1 m",
                                        "1m ", "60m", "1hh", "1DUTC", "1y"};
    for (size_t i = 0; i < LN_COUNT(wrong); i++)
        assert_int_equal(ln_timeframe_parse(ln_str(wrong[i])), LN_TF_NONE);
    assert_int_equal(ln_timeframe_parse(ln_strn(NULL, 0)), LN_TF_NONE);
    /* Only as many bytes as the view has. */
    assert_int_equal(ln_timeframe_parse(ln_strn("15m", 2)), LN_TF_NONE);
}

static void
spans(void **unused)
{
    (void)unused;
    assert_int_equal(ln_timeframe_ms(LN_TF_1M), 60000);
    assert_int_equal(ln_timeframe_ms(LN_TF_15M), 900000);
    assert_int_equal(ln_timeframe_ms(LN_TF_12HUTC), 12 * HOUR);
    assert_int_equal(ln_timeframe_ms(LN_TF_1W), 7 * DAY);
    assert_int_equal(ln_timeframe_ms(LN_TF_1MON), 30 * DAY);
    assert_int_equal(ln_timeframe_ms(LN_TF_NONE), 0);
}

static void
short_ones_start_on_the_utc_grid(void **unused)
{
    (void)unused;
    expect_open(LN_TF_1M, "2026-03-05T13:47:59.999Z", "2026-03-05T13:47:00Z");
    expect_open(LN_TF_3M, "2026-03-05T13:47:59Z", "2026-03-05T13:45:00Z");
    expect_open(LN_TF_15M, "2026-03-05T13:47:00Z", "2026-03-05T13:45:00Z");
    expect_open(LN_TF_30M, "2026-03-05T13:29:59Z", "2026-03-05T13:00:00Z");
    expect_open(LN_TF_1H, "2026-03-05T13:00:00Z", "2026-03-05T13:00:00Z");
    expect_open(LN_TF_4H, "2026-03-05T11:59:59Z", "2026-03-05T08:00:00Z");
}

static void
plain_six_hours_and_longer_start_at_utc8(void **unused)
{
    (void)unused;
    /* 00:00, 06:00, ... in UTC+8 are 16:00, 22:00, 04:00, 10:00 UTC. */
    expect_open(LN_TF_6H, "2026-03-05T15:59:59Z", "2026-03-05T10:00:00Z");
    expect_open(LN_TF_6H, "2026-03-05T16:00:00Z", "2026-03-05T16:00:00Z");
    expect_open(LN_TF_12H, "2026-03-05T15:59:59Z", "2026-03-05T04:00:00Z");
    expect_open(LN_TF_1D, "2026-03-05T15:59:59Z", "2026-03-04T16:00:00Z");
    expect_open(LN_TF_1D, "2026-03-05T16:00:00Z", "2026-03-05T16:00:00Z");
}

static void
utc_variants_start_at_utc(void **unused)
{
    (void)unused;
    expect_open(LN_TF_6HUTC, "2026-03-05T05:59:59Z", "2026-03-05T00:00:00Z");
    expect_open(LN_TF_12HUTC, "2026-03-05T23:59:59Z", "2026-03-05T12:00:00Z");
    expect_open(LN_TF_1DUTC, "2026-03-05T23:59:59Z", "2026-03-05T00:00:00Z");
}

static void
weeks_start_on_monday(void **unused)
{
    (void)unused;
    /* 2026-03-02 is a Monday. */
    expect_open(LN_TF_1WUTC, "2026-03-08T23:59:59Z", "2026-03-02T00:00:00Z");
    expect_open(LN_TF_1WUTC, "2026-03-09T00:00:00Z", "2026-03-09T00:00:00Z");
    expect_open(LN_TF_1W, "2026-03-08T15:59:59Z", "2026-03-01T16:00:00Z");
    expect_open(LN_TF_1W, "2026-03-08T16:00:00Z", "2026-03-08T16:00:00Z");
    /* Before 1970 as well: 1969-12-29 was a Monday. */
    expect_open(LN_TF_1WUTC, "1970-01-04T12:00:00Z", "1969-12-29T00:00:00Z");
}

static void
months_start_on_the_first(void **unused)
{
    (void)unused;
    expect_open(LN_TF_1MUTC, "2026-03-31T23:59:59Z", "2026-03-01T00:00:00Z");
    expect_open(LN_TF_1MUTC, "2024-02-29T23:59:59Z", "2024-02-01T00:00:00Z");
    expect_open(LN_TF_1MUTC, "2023-03-01T00:00:00Z", "2023-03-01T00:00:00Z");
    /* The first in UTC+8 begins on the day before in UTC. */
    expect_open(LN_TF_1MON, "2026-02-28T15:59:59Z", "2026-01-31T16:00:00Z");
    expect_open(LN_TF_1MON, "2026-02-28T16:00:00Z", "2026-02-28T16:00:00Z");
    expect_open(LN_TF_1MON, "2025-12-31T16:00:00Z", "2025-12-31T16:00:00Z");
}

static void
months_have_their_own_lengths(void **unused)
{
    (void)unused;
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t open = at("2024-01-01T00:00:00Z");
    int64_t open8 = open - UTC8;
    for (int m = 0; m < 12; m++) {
        int64_t next = ln_timeframe_next(LN_TF_1MUTC, open);
        assert_int_equal(next - open, days[m] * DAY);
        assert_int_equal(ln_timeframe_next(LN_TF_1MON, open8), next - UTC8);
        open = next;
        open8 = next - UTC8;
    }
    assert_int_equal(open, at("2025-01-01T00:00:00Z"));
    open = at("2023-02-01T00:00:00Z"); /* no leap year */
    assert_int_equal(ln_timeframe_next(LN_TF_1MUTC, open) - open, 28 * DAY);
}

static void
centuries_are_no_leap_years_but_every_fourth(void **unused)
{
    (void)unused;
    int64_t open = at("2100-02-01T00:00:00Z");
    assert_int_equal(ln_timeframe_next(LN_TF_1MUTC, open) - open, 28 * DAY);
    open = at("2000-02-01T00:00:00Z");
    assert_int_equal(ln_timeframe_next(LN_TF_1MUTC, open) - open, 29 * DAY);
    expect_open(LN_TF_1MUTC, "2100-03-01T00:00:00Z", "2100-03-01T00:00:00Z");
    expect_open(LN_TF_1MUTC, "2199-12-31T23:59:59Z", "2199-12-01T00:00:00Z");
    expect_open(LN_TF_1MUTC, "1969-12-31T23:59:59Z", "1969-12-01T00:00:00Z");
}

static void
every_moment_lies_in_its_candle(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    ln_rng_seed(&rng, 7);
    for (int i = 0; i < 20000; i++) {
        enum ln_timeframe tf =
            (enum ln_timeframe)ln_rng_between(&rng, 1, LN_TF_COUNT - 1);
        int64_t t = ln_rng_between(&rng, -80000 * DAY, 200000 * DAY);
        int64_t open = ln_timeframe_open(tf, t);
        int64_t next = ln_timeframe_next(tf, open);
        assert_true(open <= t && t < next);
        assert_true(ln_timeframe_open(tf, open) == open);
        assert_true(ln_timeframe_open(tf, next - 1) == open);
        assert_true(ln_timeframe_open(tf, next) == next);
    }
}

static void
absurd_times_are_clamped(void **unused)
{
    (void)unused;
    static const int64_t absurd[] = {INT64_MIN, INT64_MIN + 1, -1, INT64_MAX,
                                     INT64_MAX - 1};
    for (size_t i = 0; i < LN_COUNT(absurd); i++) {
        for (int tf = 1; tf < LN_TF_COUNT; tf++) {
            int64_t open = ln_timeframe_open((enum ln_timeframe)tf, absurd[i]);
            int64_t next = ln_timeframe_next((enum ln_timeframe)tf, open);
            assert_true(next > open);
            assert_true(next - open <= 31 * DAY);
        }
        assert_true(ln_timeframe_open(LN_TF_NONE, absurd[i]) == absurd[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_exchanges),
        cmocka_unit_test(people_may_write_small_letters),
        cmocka_unit_test(a_month_is_not_a_minute),
        cmocka_unit_test(unknown_names_are_none),
        cmocka_unit_test(spans),
        cmocka_unit_test(short_ones_start_on_the_utc_grid),
        cmocka_unit_test(plain_six_hours_and_longer_start_at_utc8),
        cmocka_unit_test(utc_variants_start_at_utc),
        cmocka_unit_test(weeks_start_on_monday),
        cmocka_unit_test(months_start_on_the_first),
        cmocka_unit_test(months_have_their_own_lengths),
        cmocka_unit_test(centuries_are_no_leap_years_but_every_fourth),
        cmocka_unit_test(every_moment_lies_in_its_candle),
        cmocka_unit_test(absurd_times_are_clamped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
