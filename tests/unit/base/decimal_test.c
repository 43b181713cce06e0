/*
 * Exact decimals: the grammar, rounding, limits; round trips and comparisons
 * with a naive model on seeded random values.
 */
#include "base/assert.h"
#include "base/decimal.h"
#include "base/rng.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static enum ln_err
parse(const char *text, int scale, enum ln_round round, int64_t *out)
{
    return ln_decimal_parse(ln_str(text), scale, round, out);
}

static void
powers_of_ten(void **unused)
{
    (void)unused;
    int64_t want = 1;
    for (int n = 0; n <= LN_SCALE_MAX; n++) {
        assert_true(ln_pow10(n) == want);
        if (n < LN_SCALE_MAX)
            want *= 10;
    }
}

static void
parses_the_whole_grammar(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int scale;
        int64_t want;
    } cases[] = {
        {"0", 8, 0},
        {"-0", 8, 0},
        {"0.00000000", 8, 0},
        {"0e99999999999999999999", 8, 0},
        {"1", 0, 1},
        {"+5", 2, 500},
        {".5", 2, 50},
        {"5.", 2, 500},
        {"-12.340", 2, -1234},
        {"-12.340", 8, -1234000000},
        {"000123.4500", 2, 12345},
        {"1e-7", 8, 10},
        {"1E+3", 0, 1000},
        {"1.5e3", 0, 1500},
        {"15e-1", 1, 15},
        {"0.00000001", 8, 1},
        {"0.000000010000000000000000000000000000", 8, 1},
        {"100000000000000000000000e-23", 0, 1},
        {"0.00000000000000000000001e23", 0, 1},
        {"9223372036854775807", 0, INT64_MAX},
        {"-9223372036854775808", 0, INT64_MIN},
        {"92233720368.54775807", 8, INT64_MAX},
        {"-92233720368.54775808", 8, INT64_MIN},
        {"9.223372036854775807", 18, INT64_MAX},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        int64_t v = 77;
        assert_int_equal(
            parse(cases[i].text, cases[i].scale, LN_ROUND_EXACT, &v), LN_OK);
        assert_true(v == cases[i].want);
    }
}

static void
refuses_what_is_no_decimal(void **unused)
{
    (void)unused;
    static const char *const bad[] = {
        "",     " ",    "-",     "+",    ".",     "-.",   "e5",       "1e",
        "1e+",  "1e5.", "1.2.3", "--1",  "+-1",   "1 ",   " 1",       "1,5",
        "0x10", "nan",  "inf",   "1e5x", "1_000", "1..2", "\xC2\xB2",
    };
    for (size_t i = 0; i < LN_COUNT(bad); i++) {
        int64_t v = 77;
        assert_int_equal(parse(bad[i], 8, LN_ROUND_DOWN, &v), LN_ERR_PARSE);
        assert_int_equal(v, 77);
    }
    int64_t v = 77;
    assert_int_equal(ln_decimal_parse(ln_str(NULL), 8, LN_ROUND_DOWN, &v),
                     LN_ERR_PARSE);
    assert_int_equal(ln_decimal_parse(ln_strn("1\0", 2), 8, LN_ROUND_DOWN, &v),
                     LN_ERR_PARSE);
}

static void
refuses_what_does_not_fit(void **unused)
{
    (void)unused;
    static const char *const bad[] = {
        "92233720368.54775808",
        "-92233720368.54775809",
        "99999999999.99999999",
        "999999999999",
        "1e11",
        "1e99999999999999999999",
        "184467440737.09551616", /* 2^64: must not wrap to 0 */
        "340282366920938463463374607431768211456",
    };
    for (size_t i = 0; i < LN_COUNT(bad); i++) {
        int64_t v = 77;
        assert_int_equal(parse(bad[i], 8, LN_ROUND_NEAREST, &v), LN_ERR_RANGE);
        assert_int_equal(v, 77);
    }
    int64_t v = 77;
    assert_int_equal(parse("9223372036854775807.5", 0, LN_ROUND_NEAREST, &v),
                     LN_ERR_RANGE);
    assert_int_equal(parse("-9223372036854775808.5", 0, LN_ROUND_FLOOR, &v),
                     LN_ERR_RANGE);
    assert_int_equal(v, 77);
}

/* One row per text at scale 0: DOWN, NEAREST, FLOOR, CEIL. */
static void
rounds_each_way(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int64_t want[4];
    } cases[] = {
        {"1.4", {1, 1, 1, 2}},
        {"1.5", {1, 2, 1, 2}},
        {"1.49999999999999999999999999", {1, 1, 1, 2}},
        {"1.50000000000000000000000001", {1, 2, 1, 2}},
        {"-1.4", {-1, -1, -2, -1}},
        {"-1.5", {-1, -2, -2, -1}},
        {"-1.6", {-1, -2, -2, -1}},
        {"0.5", {0, 1, 0, 1}},
        {"-0.5", {0, -1, -1, 0}},
        {"0.05", {0, 0, 0, 1}},
        {"0.09", {0, 0, 0, 1}},
        {"9e-30", {0, 0, 0, 1}},
        {"-9e-999999999999999", {0, 0, -1, 0}},
        {"999.5", {999, 1000, 999, 1000}},
        {"105e-1", {10, 11, 10, 11}},
        {"2.0", {2, 2, 2, 2}},
    };
    static const enum ln_round modes[] = {LN_ROUND_DOWN, LN_ROUND_NEAREST,
                                          LN_ROUND_FLOOR, LN_ROUND_CEIL};
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        for (size_t m = 0; m < LN_COUNT(modes); m++) {
            int64_t v = 77;
            assert_int_equal(parse(cases[i].text, 0, modes[m], &v), LN_OK);
            assert_true(v == cases[i].want[m]);
        }
    }
}

static void
exact_refuses_lost_digits(void **unused)
{
    (void)unused;
    int64_t v = 77;
    assert_int_equal(parse("1.23", 1, LN_ROUND_EXACT, &v), LN_ERR_RANGE);
    assert_int_equal(parse("1e-9", 8, LN_ROUND_EXACT, &v), LN_ERR_RANGE);
    assert_int_equal(
        parse("1.0000000000000000000000000000001", 8, LN_ROUND_EXACT, &v),
        LN_ERR_RANGE);
    assert_int_equal(v, 77);
    assert_int_equal(parse("1.20", 1, LN_ROUND_EXACT, &v), LN_OK);
    assert_int_equal(v, 12);
}

static void
formats(void **unused)
{
    (void)unused;
    static const struct {
        int64_t value;
        int scale, min_places;
        const char *want;
    } cases[] = {
        {0, 0, 0, "0"},
        {0, 8, 0, "0"},
        {0, 8, 2, "0.00"},
        {0, 8, 8, "0.00000000"},
        {5, 2, 0, "0.05"},
        {-5, 2, 0, "-0.05"},
        {12345, 2, 0, "123.45"},
        {12340, 2, 0, "123.4"},
        {12300, 2, 0, "123"},
        {12300, 2, 1, "123.0"},
        {12300, 2, 2, "123.00"},
        {100, 0, 0, "100"},
        {5, 0, 2, "5.00"},
        {15, 1, 3, "1.500"},
        {INT64_MAX, 0, 0, "9223372036854775807"},
        {INT64_MIN, 0, 0, "-9223372036854775808"},
        {INT64_MIN, 8, 8, "-92233720368.54775808"},
        {INT64_MIN, 18, 18, "-9.223372036854775808"},
        {INT64_MIN, 0, 18, "-9223372036854775808.000000000000000000"},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        char out[LN_DECIMAL_CAP];
        size_t n = ln_decimal_format(cases[i].value, cases[i].scale,
                                     cases[i].min_places, out);
        assert_string_equal(out, cases[i].want);
        assert_int_equal(n, strlen(out));
    }
}

/* Values of every magnitude, not only huge ones. */
static int64_t
random_value(struct ln_rng *rng)
{
    int64_t v = (int64_t)ln_rng_u64(rng);
    return v >> ln_rng_below(rng, 64);
}

static void
what_is_formatted_reads_back(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    ln_rng_seed(&rng, 1);
    for (int i = 0; i < 200000; i++) {
        int64_t v = random_value(&rng), back = 0;
        int scale = (int)ln_rng_below(&rng, LN_SCALE_MAX + 1);
        int places = (int)ln_rng_below(&rng, LN_SCALE_MAX + 1);
        char text[LN_DECIMAL_CAP];
        size_t n = ln_decimal_format(v, scale, places, text);
        assert_true(n < sizeof text);
        assert_int_equal(
            ln_decimal_parse(ln_strn(text, n), scale, LN_ROUND_EXACT, &back),
            LN_OK);
        assert_true(back == v);
    }
}

/* v / 10^k by nothing but / and %, as one would do it by hand. */
static int64_t
naive_shift(int64_t v, int64_t div, enum ln_round round)
{
    int64_t q = v / div, r = v % div;
    int64_t away = v < 0 ? -1 : 1;
    if (r == 0 || round == LN_ROUND_DOWN)
        return q;
    if (round == LN_ROUND_FLOOR)
        return v < 0 ? q - 1 : q;
    if (round == LN_ROUND_CEIL)
        return v > 0 ? q + 1 : q;
    return llabs(r) >= div - llabs(r) ? q + away : q;
}

static void
rounding_agrees_with_a_model(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    ln_rng_seed(&rng, 2);
    for (int i = 0; i < 200000; i++) {
        int64_t v = random_value(&rng);
        int from = (int)ln_rng_below(&rng, LN_SCALE_MAX + 1);
        int to = (int)ln_rng_between(&rng, 0, from);
        enum ln_round round =
            (enum ln_round)ln_rng_between(&rng, LN_ROUND_DOWN, LN_ROUND_CEIL);
        int64_t div = ln_pow10(from - to);
        if (v == INT64_MIN)
            v++; /* llabs() of the model */
        int64_t want = naive_shift(v, div, round);

        int64_t parsed = 0, scaled = 0;
        char text[LN_DECIMAL_CAP];
        size_t n = ln_decimal_format(v, from, 0, text);
        assert_int_equal(ln_decimal_parse(ln_strn(text, n), to, round, &parsed),
                         LN_OK);
        assert_true(parsed == want);
        assert_int_equal(ln_rescale(v, from, to, round, &scaled), LN_OK);
        assert_true(scaled == want);
        assert_true(ln_mul_div(v, 1, div, round) == want);
    }
}

static void
exponents_agree_with_points(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    ln_rng_seed(&rng, 3);
    for (int i = 0; i < 50000; i++) {
        int64_t v = random_value(&rng), a = 0;
        int scale = (int)ln_rng_below(&rng, LN_SCALE_MAX + 1);
        char text[64];
        snprintf(text, sizeof text, "%llde-%d", (long long)v, scale);
        assert_int_equal(parse(text, scale, LN_ROUND_EXACT, &a), LN_OK);
        assert_true(a == v);
    }
}

static void
rescale_up_checks_overflow(void **unused)
{
    (void)unused;
    int64_t v = 77;
    assert_int_equal(ln_rescale(123, 2, 8, LN_ROUND_EXACT, &v), LN_OK);
    assert_true(v == 123000000);
    assert_int_equal(ln_rescale(-5, 3, 3, LN_ROUND_EXACT, &v), LN_OK);
    assert_true(v == -5);
    v = 77;
    assert_int_equal(ln_rescale(INT64_MAX / 9, 0, 1, LN_ROUND_EXACT, &v),
                     LN_ERR_RANGE);
    assert_int_equal(ln_rescale(INT64_MIN, 0, 18, LN_ROUND_EXACT, &v),
                     LN_ERR_RANGE);
    assert_int_equal(ln_rescale(15, 1, 0, LN_ROUND_EXACT, &v), LN_ERR_RANGE);
    assert_int_equal(v, 77);
    assert_int_equal(ln_rescale(150, 2, 1, LN_ROUND_EXACT, &v), LN_OK);
    assert_int_equal(v, 15);
}

static void
products_are_exact_and_saturate(void **unused)
{
    (void)unused;
    assert_true(ln_mul_div(6000000000000, 7000000000000, 1000000000000,
                           LN_ROUND_EXACT) == 42000000000000);
    assert_true(ln_mul_div(INT64_MAX, INT64_MAX, INT64_MAX, LN_ROUND_DOWN) ==
                INT64_MAX);
    assert_true(ln_mul_div(INT64_MIN, INT64_MAX, INT64_MAX, LN_ROUND_DOWN) ==
                INT64_MIN);
    assert_true(ln_mul_div(INT64_MAX, 2, 1, LN_ROUND_DOWN) == INT64_MAX);
    assert_true(ln_mul_div(INT64_MAX, -2, 1, LN_ROUND_DOWN) == INT64_MIN);
    assert_true(ln_mul_div(INT64_MIN, 1, -1, LN_ROUND_DOWN) == INT64_MAX);
    assert_true(ln_mul_div(INT64_MIN, INT64_MIN, 1, LN_ROUND_DOWN) ==
                INT64_MAX);
    assert_true(ln_mul_div(7, 1, -2, LN_ROUND_DOWN) == -3);
    assert_true(ln_mul_div(7, 1, -2, LN_ROUND_NEAREST) == -4);
    assert_true(ln_mul_div(7, 1, -2, LN_ROUND_FLOOR) == -4);
    assert_true(ln_mul_div(7, 1, -2, LN_ROUND_CEIL) == -3);
    assert_true(ln_mul_div(-7, 1, -2, LN_ROUND_CEIL) == 4);
    assert_true(ln_mul_div(-7, 1, -2, LN_ROUND_EXACT) == 3);
}

static void
div128_at_its_limits(void **unused)
{
    (void)unused;
    ln_i128 max = (((ln_i128)1 << 126) - 1) * 2 + 1;
    ln_i128 min = -max - 1;
    assert_true(ln_div128(max, max, LN_ROUND_NEAREST) == 1);
    assert_true(ln_div128(min, min, LN_ROUND_NEAREST) == 1);
    assert_true(ln_div128(min, -1, LN_ROUND_DOWN) == INT64_MAX);
    assert_true(ln_div128(min, 1, LN_ROUND_DOWN) == INT64_MIN);
    assert_true(ln_div128(max, min, LN_ROUND_DOWN) == 0);
    assert_true(ln_div128(max, min, LN_ROUND_FLOOR) == -1);
    assert_true(ln_div128(max - 1, max, LN_ROUND_NEAREST) == 1);
    assert_true(ln_div128(max / 2, max, LN_ROUND_NEAREST) == 0);
    assert_true(ln_div128(0, min, LN_ROUND_FLOOR) == 0);
}

static void
doubles_become_what_a_person_wrote(void **unused)
{
    (void)unused;
    static const struct {
        double value;
        int64_t want_e8;
    } cases[] = {
        {0.1, 10000000}, {0.3, 30000000},          {-1.15, -115000000},
        {1e-8, 1},       {64123.7, 6412370000000}, {1e10, 1000000000000000000},
        {-0.0, 0},       {0.29, 29000000},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        int64_t v = 77;
        assert_int_equal(
            ln_decimal_from_double(cases[i].value, 8, LN_ROUND_EXACT, &v),
            LN_OK);
        assert_true(v == cases[i].want_e8);
    }
    int64_t v = 77;
    assert_int_equal(ln_decimal_from_double(0.1 + 0.2, 8, LN_ROUND_EXACT, &v),
                     LN_ERR_RANGE);
    assert_int_equal(ln_decimal_from_double(0.1 + 0.2, 8, LN_ROUND_NEAREST, &v),
                     LN_OK);
    assert_int_equal(v, 30000000);
}

static void
doubles_that_are_no_amount(void **unused)
{
    (void)unused;
    static const double bad[] = {(double)NAN, (double)INFINITY,
                                 (double)-INFINITY, 1e300, -1e12};
    for (size_t i = 0; i < LN_COUNT(bad); i++) {
        int64_t v = 77;
        assert_int_equal(
            ln_decimal_from_double(bad[i], 8, LN_ROUND_NEAREST, &v),
            LN_ERR_RANGE);
        assert_int_equal(v, 77);
    }
    int64_t v = 77;
    assert_int_equal(ln_decimal_from_double(5e-324, 8, LN_ROUND_DOWN, &v),
                     LN_OK);
    assert_int_equal(v, 0);
}

static void
shortest_text_of_doubles(void **unused)
{
    (void)unused;
    static const struct {
        double value;
        const char *want;
    } cases[] = {
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e22, "1e+22"},
        {100, "100"},
        {5e-324, "4.94065645841247e-324"},
        {-DBL_MAX, "-1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        char out[LN_DECIMAL_CAP];
        assert_int_equal(ln_double_format(cases[i].value, out),
                         strlen(cases[i].want));
        assert_string_equal(out, cases[i].want);
    }
}

static void
doubles_read_back(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    ln_rng_seed(&rng, 4);
    for (int i = 0; i < 50000; i++) {
        int64_t v = ln_rng_between(&rng, -(1LL << 49), 1LL << 49), back = 0;
        int scale = (int)ln_rng_below(&rng, 13);
        double d = ln_decimal_to_double(v, scale);
        assert_int_equal(
            ln_decimal_from_double(d, scale, LN_ROUND_EXACT, &back), LN_OK);
        assert_true(back == v);
    }
    /* Beyond 2^53: the nearest double, as strtod() finds it. */
    for (int i = 0; i < 50000; i++) {
        int64_t v = (int64_t)ln_rng_u64(&rng);
        char text[LN_DECIMAL_CAP];
        ln_decimal_format(v, 8, 8, text);
        assert_true(ln_decimal_to_double(v, 8) == strtod(text, NULL));
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_of_ten),
        cmocka_unit_test(parses_the_whole_grammar),
        cmocka_unit_test(refuses_what_is_no_decimal),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(rounds_each_way),
        cmocka_unit_test(exact_refuses_lost_digits),
        cmocka_unit_test(formats),
        cmocka_unit_test(what_is_formatted_reads_back),
        cmocka_unit_test(rounding_agrees_with_a_model),
        cmocka_unit_test(exponents_agree_with_points),
        cmocka_unit_test(rescale_up_checks_overflow),
        cmocka_unit_test(products_are_exact_and_saturate),
        cmocka_unit_test(div128_at_its_limits),
        cmocka_unit_test(doubles_become_what_a_person_wrote),
        cmocka_unit_test(doubles_that_are_no_amount),
        cmocka_unit_test(shortest_text_of_doubles),
        cmocka_unit_test(doubles_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
