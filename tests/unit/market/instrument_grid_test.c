/*
 * The grid of ticks and lots against exact arithmetic: random decimal texts
 * are rounded by whole numbers here and by the instrument there, for every
 * rounding mode and for steps as the exchange lists them. And money whose
 * sums are beyond 128 bits. Worked cases: instrument_test.c.
 */
#include "base/assert.h"
#include "base/rng.h"
#include "unit/market/grid.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* pricePlace 8: tick 1e-8; sizeMultiplier 10, volumePlace 0: lot 10. */
static const struct ln_instrument pepe = {.symbol = "PEPEUSDT",
                                          .price_scale = 8,
                                          .price_step = 1,
                                          .size_scale = 0,
                                          .volume_place = 0,
                                          .lot_step = 10,
                                          .min_lots = 1};
/* pricePlace 1, priceEndStep 5: tick 0.5; lot 0.01. */
static const struct ln_instrument half = {.symbol = "HALFUSDT",
                                          .price_scale = 1,
                                          .price_step = 5,
                                          .size_scale = 2,
                                          .lot_step = 1};

/* ---- worked cases ---- */

static void
prices_of_a_hundred_millionth(void **unused)
{
    (void)unused;
    char text[LN_DECIMAL_CAP];
    int64_t ticks = 7;
    assert_int_equal(price(&pepe, "0.00000001", LN_ROUND_EXACT), 1);
    assert_int_equal(price(&pepe, "0.00001234", LN_ROUND_EXACT), 1234);
    ln_price_format(&pepe, 1, text);
    assert_string_equal(text, "0.00000001");
    /* Doubles print such a number with an exponent; it is the same one. */
    assert_int_equal(ln_price_from_double(&pepe, 1e-8, LN_ROUND_EXACT, &ticks),
                     LN_OK);
    assert_int_equal(ticks, 1);
    assert_true(ln_price_double(&pepe, 1) == 1e-8);
    assert_int_equal(ln_price_e8(&pepe, 1234), 1234);
    assert_int_equal(ln_price_ticks_of_e8(&pepe, 1234, LN_ROUND_EXACT), 1234);
    assert_int_equal(
        ln_price_parse(&pepe, ln_str("0.000000001"), LN_ROUND_EXACT, &ticks),
        LN_ERR_RANGE);
    /* 0.00000001 x 10 of a coin */
    assert_int_equal(ln_notional_e8(&pepe, 1, 1), 10);
    assert_int_equal(ln_lots_for_notional(&pepe, 1, 99), 9);
}

static void
sizes_in_tens(void **unused)
{
    (void)unused;
    char text[LN_DECIMAL_CAP];
    int64_t lots = 7;
    assert_int_equal(size(&pepe, "1230", LN_ROUND_EXACT), 123);
    assert_int_equal(size(&pepe, "1230.000", LN_ROUND_EXACT), 123);
    assert_int_equal(
        ln_size_parse(&pepe, ln_str("1235"), LN_ROUND_EXACT, &lots),
        LN_ERR_RANGE);
    assert_int_equal(lots, 7);
    assert_int_equal(size(&pepe, "1239.99", LN_ROUND_DOWN), 123);
    assert_int_equal(size(&pepe, "1235", LN_ROUND_NEAREST), 124);
    assert_int_equal(size(&pepe, "1234.999999", LN_ROUND_NEAREST), 123);
    assert_int_equal(size(&pepe, "9.99", LN_ROUND_DOWN), 0); /* below a lot */
    ln_size_format(&pepe, 123, text);
    assert_string_equal(text, "1230");
    assert_true(ln_size_double(&pepe, 123) == 1230.0);
}

static void
a_step_of_five_in_every_mode(void **unused)
{
    (void)unused;
    /* Ticks are 0.5: DOWN is towards zero, NEAREST halves away from it. */
    static const struct {
        const char *text;
        int64_t down, nearest, floor, ceil;
    } rows[] = {
        {"100", 200, 200, 200, 200},
        {"100.1", 200, 200, 200, 201},
        {"100.2499999", 200, 200, 200, 201},
        {"100.25", 200, 201, 200, 201},
        {"100.49", 200, 201, 200, 201},
        {"100.5", 201, 201, 201, 201},
        {"-100.1", -200, -200, -201, -200},
        {"-100.25", -200, -201, -201, -200},
        {"-100.4999", -200, -201, -201, -200},
        {"-0.2", 0, 0, -1, 0},
        {"0.0000001", 0, 0, 0, 1},
        {"0", 0, 0, 0, 0},
    };
    for (size_t i = 0; i < LN_COUNT(rows); i++) {
        const char *t = rows[i].text;
        assert_int_equal(price(&half, t, LN_ROUND_DOWN), rows[i].down);
        assert_int_equal(price(&half, t, LN_ROUND_NEAREST), rows[i].nearest);
        assert_int_equal(price(&half, t, LN_ROUND_FLOOR), rows[i].floor);
        assert_int_equal(price(&half, t, LN_ROUND_CEIL), rows[i].ceil);
    }
    assert_int_equal(ln_price_e8(&half, 201), 10050000000LL);
    assert_int_equal(
        ln_price_ticks_of_e8(&half, 10025000000LL, LN_ROUND_NEAREST), 201);
    assert_int_equal(
        ln_price_ticks_of_e8(&half, 10024999999LL, LN_ROUND_NEAREST), 200);
}

/* ---- random texts against whole numbers ---- */

/* num / den rounded; den > 0. */
static int64_t
rounded(int64_t num, int64_t den, enum ln_round round)
{
    int64_t floor = num / den - (num % den < 0);
    int64_t rest = num - floor * den; /* 0 .. den - 1 */
    if (rest == 0)
        return floor;
    switch (round) {
    case LN_ROUND_FLOOR:
        return floor;
    case LN_ROUND_CEIL:
        return floor + 1;
    case LN_ROUND_DOWN:
        return num < 0 ? floor + 1 : floor;
    case LN_ROUND_NEAREST:
        if (2 * rest == den)
            return num < 0 ? floor : floor + 1;
        return 2 * rest > den ? floor + 1 : floor;
    case LN_ROUND_EXACT:
        break;
    }
    fail_msg("no such rounding");
    return 0;
}

#define DEEP 12 /* digits behind the point of a random text */

static void
decimal_text(int64_t units, char *out, size_t cap)
{
    int64_t one = ln_pow10(DEEP), m = units < 0 ? -units : units;
    snprintf(out, cap, "%s%" PRId64 ".%0*" PRId64, units < 0 ? "-" : "",
             m / one, DEEP, m % one);
}

static void
every_mode_agrees_with_whole_numbers(void **unused)
{
    (void)unused;
    static const enum ln_round modes[] = {LN_ROUND_DOWN, LN_ROUND_NEAREST,
                                          LN_ROUND_FLOOR, LN_ROUND_CEIL};
    static const int64_t steps[] = {1, 2, 3, 5, 10, 25, 1000};
    struct ln_rng rng;
    char text[64];
    ln_rng_seed(&rng, 2718);
    for (int i = 0; i < 40000; i++) {
        struct ln_instrument in = {.symbol = "X", .price_step = 1};
        enum ln_round round = modes[i % 4];
        int scale = (int)ln_rng_between(&rng, 0, 8);
        in.size_scale = (uint8_t)scale;
        in.lot_step = steps[ln_rng_below(&rng, LN_COUNT(steps))];
        in.price_scale = in.size_scale;
        in.price_step = in.lot_step;
        /* In units of 1e-12: near a step, at its half, or anywhere. */
        int64_t step = in.lot_step * ln_pow10(DEEP - scale);
        int64_t units = ln_rng_between(&rng, -1000, 1000) * (step / 2);
        if (step < ln_pow10(15))
            units += ln_rng_between(&rng, -2, 2);
        if (i % 3 == 0)
            units = ln_rng_between(&rng, -ln_pow10(17), ln_pow10(17));
        decimal_text(units, text, sizeof(text));
        int64_t want = rounded(units, step, round);
        assert_int_equal(size(&in, text, round), want);
        assert_int_equal(price(&in, text, round), want);
        int64_t exact = 7;
        assert_int_equal(
            ln_size_parse(&in, ln_str(text), LN_ROUND_EXACT, &exact),
            units % step ? LN_ERR_RANGE : LN_OK);
        assert_int_equal(exact, units % step ? 7 : want);
    }
}

/* ---- money ---- */

static void
notional_agrees_with_whole_numbers(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    ln_rng_seed(&rng, 31);
    for (int i = 0; i < 20000; i++) {
        struct ln_instrument in = {.symbol = "X"};
        in.price_scale = (uint8_t)ln_rng_between(&rng, 0, 8);
        in.size_scale = (uint8_t)ln_rng_between(&rng, 0, 6);
        in.price_step = ln_rng_between(&rng, 1, 10);
        in.lot_step = ln_rng_between(&rng, 1, 10);
        int64_t ticks = ln_rng_between(&rng, 1, 100000);
        int64_t lots = ln_rng_between(&rng, -10000, 10000);
        int exponent = 8 - in.price_scale - in.size_scale;
        int64_t num = ticks * lots * in.price_step * in.lot_step;
        int64_t want =
            exponent < 0 ? rounded(num, ln_pow10(-exponent), LN_ROUND_NEAREST)
                         : num; /* times ten to the exponent, where that fits */
        if (exponent > 0 &&
            __builtin_mul_overflow(num, ln_pow10(exponent), &want))
            want = num < 0 ? INT64_MIN : INT64_MAX;
        assert_int_equal(ln_notional_e8(&in, ticks, lots), want);
    }
}

/*
 * An amount whose product is beyond 128 bits must not come back as a small
 * one, which every limit would let pass.
 */
static void
what_is_beyond_128_bits_is_never_small(void **unused)
{
    (void)unused;
    struct ln_instrument in = {.symbol = "X",
                               .price_scale = LN_SCALE_MAX,
                               .size_scale = LN_SCALE_MAX,
                               .price_step = 1,
                               .lot_step = 1000000};
    assert_int_equal(ln_notional_e8(&in, INT64_MAX, INT64_MAX), INT64_MAX);
    assert_int_equal(ln_notional_e8(&in, INT64_MAX, INT64_MIN), INT64_MIN);
    assert_int_equal(ln_notional_e8(&in, INT64_MAX, 0), 0);
    /* 128 bits are enough for this one: it is exact. */
    in.lot_step = 1;
    assert_int_equal(ln_notional_e8(&in, INT64_MAX, INT64_MAX), 8507059173LL);
    /* A lot that costs more than can be counted: nothing can be bought. */
    in.price_step = in.lot_step = INT64_MAX;
    assert_int_equal(ln_lots_for_notional(&in, INT64_MAX, INT64_MAX), 0);
    in.price_scale = in.size_scale = 0;
    assert_int_equal(ln_lots_for_notional(&in, INT64_MAX, INT64_MAX), 0);
    assert_int_equal(ln_notional_e8(&in, INT64_MAX, -1), INT64_MIN);
}

static void
means_round_to_the_nearest(void **unused)
{
    (void)unused;
    /* Whole ticks of 0.5 over 3 lots: 200 + 200 + 201 = 100.1666... */
    assert_int_equal(ln_price_mean_e8(&half, 601, 3), 10016666667LL);
    assert_int_equal(ln_price_mean_e8(&half, 602, 3), 10033333333LL);
    assert_int_equal(ln_price_mean_e8(&pepe, 3, 2), 2); /* half: away from 0 */
    assert_int_equal(ln_price_mean_e8(&pepe, 3, -2), 0);
}

/* ---- registry ---- */

static void
an_update_keeps_the_spelling_it_was_found_by(void **unused)
{
    (void)unused;
    struct ln_instruments reg;
    struct ln_instrument again = half;
    uint16_t index = 9;
    ln_instruments_init(&reg);
    assert_int_equal(ln_instruments_put(&reg, &pepe, &index), LN_OK);
    assert_int_equal(ln_instruments_put(&reg, &half, &index), LN_OK);
    memcpy(again.symbol, "halfusdt", sizeof("halfusdt"));
    again.max_leverage = 20;
    assert_int_equal(ln_instruments_put(&reg, &again, &index), LN_OK);
    assert_int_equal(index, 1);
    assert_int_equal(reg.count, 2);
    assert_string_equal(ln_instruments_at(&reg, 1)->symbol, "HALFUSDT");
    assert_int_equal(ln_instruments_at(&reg, 1)->max_leverage, 20);
    assert_int_equal(ln_instruments_find(&reg, ln_str("HALFUSDT")), 1);
    ln_instruments_deinit(&reg);
    assert_int_equal(reg.count, 0);
    assert_null(ln_instruments_at(&reg, 0));
}

static void
the_longest_symbol_and_the_deepest_scale_are_taken(void **unused)
{
    (void)unused;
    struct ln_instruments reg;
    struct ln_instrument in = half;
    char longer[LN_SYMBOL_CAP + 1];
    uint16_t index = 9;
    memset(in.symbol, 'A', sizeof(in.symbol) - 1);
    in.symbol[sizeof(in.symbol) - 1] = 0;
    memset(longer, 'A', LN_SYMBOL_CAP);
    longer[LN_SYMBOL_CAP] = 0;
    in.price_scale = in.size_scale = LN_SCALE_MAX;
    ln_instruments_init(&reg);
    assert_int_equal(ln_instruments_put(&reg, &in, &index), LN_OK);
    assert_int_equal(ln_instruments_find(&reg, ln_str(in.symbol)), 0);
    /* One byte more is another symbol, and no match for the cut one. */
    assert_int_equal(ln_instruments_find(&reg, ln_str(longer)),
                     LN_INSTRUMENT_NONE);
    assert_null(ln_instruments_nearest(&reg, longer));
    in.lot_step = 0;
    assert_int_equal(ln_instruments_put(&reg, &in, &index), LN_ERR_ARG);
    ln_instruments_deinit(&reg);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_of_a_hundred_millionth),
        cmocka_unit_test(sizes_in_tens),
        cmocka_unit_test(a_step_of_five_in_every_mode),
        cmocka_unit_test(every_mode_agrees_with_whole_numbers),
        cmocka_unit_test(notional_agrees_with_whole_numbers),
        cmocka_unit_test(what_is_beyond_128_bits_is_never_small),
        cmocka_unit_test(means_round_to_the_nearest),
        cmocka_unit_test(an_update_keeps_the_spelling_it_was_found_by),
        cmocka_unit_test(the_longest_symbol_and_the_deepest_scale_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
