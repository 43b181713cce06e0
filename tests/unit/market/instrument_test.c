/*
 * Instruments: text, ticks, lots and money, exact in every direction; and
 * the registry.
 */
#include "base/assert.h"
#include "base/rng.h"
#include "unit/market/grid.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* BTCUSDT as the exchange tells it: tick 0.1, lot 0.0001. */
static const struct ln_instrument btc = {.symbol = "BTCUSDT",
                                         .price_scale = 1,
                                         .price_step = 1,
                                         .size_scale = 4,
                                         .lot_step = 1};
/* Tick 0.05, lot 0.02: steps that are not powers of ten. */
static const struct ln_instrument odd = {.symbol = "ODDUSDT",
                                         .price_scale = 2,
                                         .price_step = 5,
                                         .size_scale = 2,
                                         .lot_step = 2};
/* A coin that costs next to nothing: tick 1e-10, lot 1000. */
static const struct ln_instrument dust = {.symbol = "DUSTUSDT",
                                          .price_scale = 10,
                                          .price_step = 1,
                                          .size_scale = 0,
                                          .lot_step = 1000};

/* ---- text ---- */

static void
prices_on_the_grid(void **unused)
{
    (void)unused;
    assert_int_equal(price(&btc, "64010.5", LN_ROUND_EXACT), 640105);
    assert_int_equal(price(&btc, "64010", LN_ROUND_EXACT), 640100);
    assert_int_equal(price(&btc, "64010.50", LN_ROUND_EXACT), 640105);
    assert_int_equal(price(&odd, "1.05", LN_ROUND_EXACT), 21);
    assert_int_equal(size(&odd, "1.04", LN_ROUND_EXACT), 52);
    assert_int_equal(size(&btc, "0.0001", LN_ROUND_EXACT), 1);
    assert_int_equal(price(&dust, "0.0000012345", LN_ROUND_EXACT), 12345);
    assert_int_equal(size(&dust, "5000", LN_ROUND_EXACT), 5);
}

static void
exact_refuses_what_is_off_the_grid(void **unused)
{
    (void)unused;
    static const char *const off[] = {"1.01", "1.051", "1.0500001", "0.04"};
    int64_t ticks = 77;
    for (size_t i = 0; i < LN_COUNT(off); i++)
        assert_int_equal(
            ln_price_parse(&odd, ln_str(off[i]), LN_ROUND_EXACT, &ticks),
            LN_ERR_RANGE);
    assert_int_equal(ticks, 77);
}

static void
rounding_to_a_step_happens_once(void **unused)
{
    (void)unused;
    assert_int_equal(price(&odd, "1.0749999", LN_ROUND_NEAREST), 21);
    assert_int_equal(price(&odd, "1.075", LN_ROUND_NEAREST), 22);
    assert_int_equal(price(&odd, "1.0999", LN_ROUND_DOWN), 21);
    assert_int_equal(price(&odd, "1.0999", LN_ROUND_FLOOR), 21);
    assert_int_equal(price(&odd, "1.0500001", LN_ROUND_CEIL), 22);
    assert_int_equal(price(&odd, "-1.0500001", LN_ROUND_FLOOR), -22);
    assert_int_equal(price(&odd, "-1.0999", LN_ROUND_DOWN), -21);
    /* 1.009 is nearer to 1.00 than to 1.02, though it rounds to 1.01. */
    assert_int_equal(size(&odd, "1.009", LN_ROUND_NEAREST), 50);
    assert_int_equal(size(&odd, "1.0099999999", LN_ROUND_NEAREST), 50);
    assert_int_equal(size(&odd, "1.01", LN_ROUND_NEAREST), 51);
    assert_int_equal(size(&odd, "1.0100001", LN_ROUND_NEAREST), 51);
    assert_int_equal(size(&dust, "499.9", LN_ROUND_NEAREST), 0);
    assert_int_equal(size(&dust, "500", LN_ROUND_NEAREST), 1);
    assert_int_equal(size(&dust, "1999.9", LN_ROUND_DOWN), 1);
}

static void
text_that_is_no_number(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {"", "x", "1,5", " 1", "1.2.3", "nan"};
    int64_t v = 5;
    for (size_t i = 0; i < LN_COUNT(wrong); i++) {
        assert_int_equal(
            ln_price_parse(&btc, ln_str(wrong[i]), LN_ROUND_DOWN, &v),
            LN_ERR_PARSE);
        assert_int_equal(
            ln_size_parse(&odd, ln_str(wrong[i]), LN_ROUND_DOWN, &v),
            LN_ERR_PARSE);
    }
    assert_int_equal(ln_price_parse(&btc, ln_str("1e30"), LN_ROUND_DOWN, &v),
                     LN_ERR_RANGE);
    assert_int_equal(ln_price_parse(&odd, ln_str("1e30"), LN_ROUND_DOWN, &v),
                     LN_ERR_RANGE);
    assert_int_equal(v, 5);
}

static void
expect_price(const struct ln_instrument *in, int64_t ticks, const char *want)
{
    char text[LN_DECIMAL_CAP];
    size_t len = ln_price_format(in, ticks, text);
    assert_string_equal(text, want);
    assert_int_equal(len, strlen(want));
}

static void
formats_without_trailing_zeros(void **unused)
{
    (void)unused;
    char text[LN_DECIMAL_CAP];
    expect_price(&btc, 640105, "64010.5");
    expect_price(&btc, 640100, "64010");
    expect_price(&btc, 0, "0");
    expect_price(&odd, 21, "1.05");
    expect_price(&odd, 22, "1.1");
    expect_price(&dust, 12345, "0.0000012345");
    ln_size_format(&btc, 12010, text);
    assert_string_equal(text, "1.201");
    ln_size_format(&dust, 5, text);
    assert_string_equal(text, "5000");
}

static void
what_was_formatted_reads_back(void **unused)
{
    (void)unused;
    static const struct ln_instrument *const all[] = {&btc, &odd, &dust};
    struct ln_rng rng;
    char text[LN_DECIMAL_CAP];
    ln_rng_seed(&rng, 3);
    for (int i = 0; i < 20000; i++) {
        const struct ln_instrument *in = all[i % 3];
        int64_t n = ln_rng_between(&rng, -1000000000000LL, 1000000000000LL);
        ln_price_format(in, n, text);
        assert_int_equal(price(in, text, LN_ROUND_EXACT), n);
        ln_size_format(in, n, text);
        assert_int_equal(size(in, text, LN_ROUND_EXACT), n);
    }
}

/* ---- doubles ---- */

static void
doubles_are_what_a_person_wrote(void **unused)
{
    (void)unused;
    int64_t n;
    assert_int_equal(ln_price_from_double(&btc, 64010.1, LN_ROUND_EXACT, &n),
                     LN_OK);
    assert_int_equal(n, 640101);
    assert_int_equal(ln_size_from_double(&btc, 0.3, LN_ROUND_DOWN, &n), LN_OK);
    assert_int_equal(n, 3000);
    assert_int_equal(ln_size_from_double(&odd, 0.58, LN_ROUND_DOWN, &n), LN_OK);
    assert_int_equal(n, 29); /* 0.58 x 100 is 57.99999999999999 */
    assert_int_equal(ln_size_from_double(&btc, 0.00019, LN_ROUND_DOWN, &n),
                     LN_OK);
    assert_int_equal(n, 1);
    assert_true(ln_price_double(&btc, 640101) == 64010.1);
    assert_true(ln_size_double(&odd, 29) == 0.58);
}

static void
no_number_is_out_of_range(void **unused)
{
    (void)unused;
    static const double wrong[] = {NAN, INFINITY, -INFINITY, 1e300};
    int64_t n = 9;
    for (size_t i = 0; i < LN_COUNT(wrong); i++) {
        assert_int_equal(
            ln_price_from_double(&btc, wrong[i], LN_ROUND_DOWN, &n),
            LN_ERR_RANGE);
        assert_int_equal(ln_size_from_double(&odd, wrong[i], LN_ROUND_DOWN, &n),
                         LN_ERR_RANGE);
    }
    assert_int_equal(n, 9);
}

/* ---- money ---- */

static void
price_at_1e8_and_back(void **unused)
{
    (void)unused;
    assert_int_equal(ln_price_e8(&btc, 640105), 6401050000000LL);
    assert_int_equal(ln_price_e8(&odd, 21), 105000000);
    assert_int_equal(ln_price_e8(&dust, 12345), 123); /* 123.45 */
    assert_int_equal(ln_price_e8(&dust, 12350), 124); /* away from zero */
    assert_int_equal(
        ln_price_ticks_of_e8(&btc, 6401050000000LL, LN_ROUND_NEAREST), 640105);
    assert_int_equal(ln_price_ticks_of_e8(&btc, 6401059999999LL, LN_ROUND_DOWN),
                     640105);
    assert_int_equal(ln_price_ticks_of_e8(&btc, 6401050000001LL, LN_ROUND_CEIL),
                     640106);
    assert_int_equal(ln_price_ticks_of_e8(&dust, 123, LN_ROUND_DOWN), 12300);
}

static void
notional_is_size_times_price(void **unused)
{
    (void)unused;
    /* 64000 x 0.01 = 640 */
    assert_int_equal(ln_notional_e8(&btc, 640000, 100), 640 * LN_E8);
    assert_int_equal(ln_notional_e8(&btc, 640000, -100), -640 * LN_E8);
    /* 1.05 x 0.02 = 0.021 */
    assert_int_equal(ln_notional_e8(&odd, 21, 1), 2100000);
    /* 0.0000012345 x 1000 = 0.0012345 */
    assert_int_equal(ln_notional_e8(&dust, 12345, 1), 123450);
    assert_int_equal(ln_notional_of_e8(&btc, 64000 * LN_E8, 100), 640 * LN_E8);
    /* 0.00000001 x 0.0001: less than half a unit; 0.0001 x 0.00005: half. */
    assert_int_equal(ln_notional_of_e8(&btc, 1, 1), 0);
    assert_int_equal(ln_notional_of_e8(&btc, 5000, 1), 1);
    assert_int_equal(ln_notional_of_e8(&btc, -5000, 1), -1);
}

static void
mean_of_fills(void **unused)
{
    (void)unused;
    /* 1 lot at 100, 2 at 103 ticks: 102 ticks. */
    assert_int_equal(ln_price_mean_e8(&btc, 100 + 2 * 103, 3), 1020000000);
    assert_int_equal(ln_price_mean_e8(&odd, 21 + 22, 2), 107500000);
    assert_int_equal(ln_price_mean_e8(&dust, 12345, 1), 123);
    assert_int_equal(ln_price_mean_e8(&btc, 100, 0), 0);
}

static void
lots_for_notional_is_the_largest(void **unused)
{
    (void)unused;
    static const struct ln_instrument *const all[] = {&btc, &odd, &dust};
    struct ln_rng rng;
    ln_rng_seed(&rng, 11);
    assert_int_equal(ln_lots_for_notional(&btc, 640000, 640 * LN_E8), 100);
    assert_int_equal(ln_lots_for_notional(&btc, 640000, 640 * LN_E8 - 1), 99);
    assert_int_equal(ln_lots_for_notional(&btc, 0, LN_E8), 0);
    assert_int_equal(ln_lots_for_notional(&btc, 100, -1), 0);
    for (int i = 0; i < 20000; i++) {
        const struct ln_instrument *in = all[i % 3];
        int64_t ticks = ln_rng_between(&rng, 1, 2000000);
        int64_t money = ln_rng_between(&rng, 1, 100000 * LN_E8);
        int64_t lots = ln_lots_for_notional(in, ticks, money);
        assert_true(ln_notional_e8(in, ticks, lots) <= money);
        /* One more is beyond it, but for the rounding of half a unit. */
        assert_true(ln_notional_e8(in, ticks, lots + 1) >= money);
    }
}

static void
absurd_numbers_saturate(void **unused)
{
    (void)unused;
    struct ln_instrument in = btc;
    char text[LN_DECIMAL_CAP];
    in.price_step = in.lot_step = INT64_MAX;
    assert_int_equal(ln_notional_e8(&in, INT64_MAX, INT64_MAX), INT64_MAX);
    assert_int_equal(ln_notional_e8(&in, INT64_MAX, INT64_MIN), INT64_MIN);
    assert_int_equal(ln_notional_of_e8(&in, INT64_MIN, INT64_MAX), INT64_MIN);
    assert_int_equal(ln_price_e8(&in, INT64_MAX), INT64_MAX);
    assert_int_equal(ln_price_mean_e8(&in, INT64_MAX, 1), INT64_MAX);
    assert_int_equal(ln_lots_for_notional(&in, INT64_MAX, INT64_MAX), 0);
    assert_true(ln_price_format(&in, INT64_MAX, text) > 0);
    /* The deepest scales there are: nothing is lost, nothing aborts. */
    in.price_scale = in.size_scale = LN_SCALE_MAX;
    in.price_step = in.lot_step = 1;
    assert_int_equal(
        ln_notional_e8(&in, 1000000000000000000LL, 1000000000000000000LL),
        LN_E8);
    assert_int_equal(ln_lots_for_notional(&in, 1, 1), INT64_MAX);
    assert_int_equal(ln_price_ticks_of_e8(&in, INT64_MAX, LN_ROUND_DOWN),
                     INT64_MAX);
    in.price_scale = in.size_scale = 0;
    assert_int_equal(ln_notional_e8(&in, INT64_MAX, 1), INT64_MAX);
}

/* ---- registry ---- */

static struct ln_instrument
named(const char *symbol)
{
    struct ln_instrument in = btc;
    memset(in.symbol, 0, sizeof(in.symbol));
    ln_str_copy(in.symbol, sizeof(in.symbol), ln_str(symbol));
    return in;
}

static uint16_t
put(struct ln_instruments *reg, const struct ln_instrument *in)
{
    uint16_t index = LN_INSTRUMENT_NONE;
    assert_int_equal(ln_instruments_put(reg, in, &index), LN_OK);
    return index;
}

static void
symbols_are_found_in_any_case(void **unused)
{
    (void)unused;
    struct ln_instruments reg;
    struct ln_instrument mixed = named("kPepeUSDT");
    ln_instruments_init(&reg);
    assert_int_equal(ln_instruments_find(&reg, ln_str("BTCUSDT")),
                     LN_INSTRUMENT_NONE);
    assert_int_equal(put(&reg, &btc), 0);
    assert_int_equal(put(&reg, &mixed), 1);
    assert_int_equal(ln_instruments_find(&reg, ln_str("BTCUSDT")), 0);
    assert_int_equal(ln_instruments_find(&reg, ln_str("btcusdt")), 0);
    assert_int_equal(ln_instruments_find(&reg, ln_str("BtcUsdt")), 0);
    assert_int_equal(ln_instruments_find(&reg, ln_str("KPEPEUSDT")), 1);
    assert_int_equal(ln_instruments_find(&reg, ln_str("kpepeusdt")), 1);
    assert_int_equal(ln_instruments_find(&reg, ln_strn("BTCUSDTX", 7)), 0);
    assert_int_equal(ln_instruments_find(&reg, ln_str("BTCUSD")),
                     LN_INSTRUMENT_NONE);
    assert_int_equal(ln_instruments_find(&reg, ln_str("")), LN_INSTRUMENT_NONE);
    assert_int_equal(ln_instruments_find(&reg, ln_strn(NULL, 0)),
                     LN_INSTRUMENT_NONE);
    assert_int_equal(
        ln_instruments_find(
            &reg, ln_str("A_SYMBOL_THAT_IS_LONGER_THAN_ANY_SYMBOL_CAN_BE")),
        LN_INSTRUMENT_NONE);
    ln_instruments_deinit(&reg);
}

static void
put_again_updates_in_place(void **unused)
{
    (void)unused;
    struct ln_instruments reg;
    struct ln_instrument in = btc;
    ln_instruments_init(&reg);
    put(&reg, &btc);
    in.max_leverage = 125;
    assert_int_equal(put(&reg, &in), 0);
    assert_int_equal(reg.count, 1);
    assert_int_equal(ln_instruments_at(&reg, 0)->max_leverage, 125);
    assert_null(ln_instruments_at(&reg, 1));
    assert_null(ln_instruments_at(&reg, LN_INSTRUMENT_NONE));
    ln_instruments_deinit(&reg);
}

static void
indexes_are_stable_up_to_the_maximum(void **unused)
{
    (void)unused;
    struct ln_instruments reg;
    char symbol[LN_SYMBOL_CAP];
    uint16_t index = 7;
    ln_instruments_init(&reg);
    for (int i = 0; i < LN_INSTRUMENTS_MAX; i++) {
        snprintf(symbol, sizeof(symbol), "C%dUSDT", i);
        struct ln_instrument in = named(symbol);
        assert_int_equal(put(&reg, &in), i);
    }
    struct ln_instrument more = named("ONEMOREUSDT");
    assert_int_equal(ln_instruments_put(&reg, &more, &index), LN_ERR_NOMEM);
    assert_int_equal(index, 7);
    for (int i = 0; i < LN_INSTRUMENTS_MAX; i++) {
        snprintf(symbol, sizeof(symbol), "c%dusdt", i);
        assert_int_equal(ln_instruments_find(&reg, ln_str(symbol)), i);
    }
    struct ln_instrument known = named("C5USDT");
    assert_int_equal(put(&reg, &known), 5); /* known ones still go in */
    ln_instruments_deinit(&reg);
}

static void
what_cannot_be_counted_with_is_refused(void **unused)
{
    (void)unused;
    struct ln_instruments reg;
    struct ln_instrument bad[6] = {btc, btc, btc, btc, btc, btc};
    uint16_t index = 7;
    bad[0].symbol[0] = 0;
    memset(bad[1].symbol, 'X', sizeof(bad[1].symbol));
    bad[2].price_step = 0;
    bad[3].lot_step = -1;
    bad[4].price_scale = LN_SCALE_MAX + 1;
    bad[5].size_scale = 255;
    ln_instruments_init(&reg);
    for (size_t i = 0; i < LN_COUNT(bad); i++)
        assert_int_equal(ln_instruments_put(&reg, &bad[i], &index), LN_ERR_ARG);
    assert_int_equal(reg.count, 0);
    assert_int_equal(index, 7);
    ln_instruments_deinit(&reg);
}

static void
a_misspelt_symbol_has_a_nearest(void **unused)
{
    (void)unused;
    struct ln_instruments reg;
    struct ln_instrument eth = named("ETHUSDT"), ends = named("AZZAAZZA");
    ln_instruments_init(&reg);
    assert_null(ln_instruments_nearest(&reg, "BTCUSDT"));
    put(&reg, &btc);
    put(&reg, &eth);
    put(&reg, &ends);
    assert_string_equal(ln_instruments_nearest(&reg, "BTCUSD"), "BTCUSDT");
    assert_string_equal(ln_instruments_nearest(&reg, "etusdt"), "ETHUSDT");
    assert_string_equal(ln_instruments_nearest(&reg, "eth-usdt"), "ETHUSDT");
    /* Small letters cost nothing, the first and the last one included. */
    assert_string_equal(ln_instruments_nearest(&reg, "azzaazza"), "AZZAAZZA");
    assert_null(ln_instruments_nearest(&reg, "somethingelse"));
    assert_null(ln_instruments_nearest(&reg, ""));
    assert_null(ln_instruments_nearest(
        &reg, "A_SYMBOL_THAT_IS_LONGER_THAN_ANY_SYMBOL_CAN_BE"));
    ln_instruments_deinit(&reg);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_on_the_grid),
        cmocka_unit_test(exact_refuses_what_is_off_the_grid),
        cmocka_unit_test(rounding_to_a_step_happens_once),
        cmocka_unit_test(text_that_is_no_number),
        cmocka_unit_test(formats_without_trailing_zeros),
        cmocka_unit_test(what_was_formatted_reads_back),
        cmocka_unit_test(doubles_are_what_a_person_wrote),
        cmocka_unit_test(no_number_is_out_of_range),
        cmocka_unit_test(price_at_1e8_and_back),
        cmocka_unit_test(notional_is_size_times_price),
        cmocka_unit_test(mean_of_fills),
        cmocka_unit_test(lots_for_notional_is_the_largest),
        cmocka_unit_test(absurd_numbers_saturate),
        cmocka_unit_test(symbols_are_found_in_any_case),
        cmocka_unit_test(put_again_updates_in_place),
        cmocka_unit_test(indexes_are_stable_up_to_the_maximum),
        cmocka_unit_test(what_cannot_be_counted_with_is_refused),
        cmocka_unit_test(a_misspelt_symbol_has_a_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
