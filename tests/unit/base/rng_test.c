/*
 * Random numbers: the published sequences, ranges, and distributions.
 */
#include "base/assert.h"
#include "base/rng.h"

#include <math.h>
#include <stdbool.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
seed_is_splitmix64(void **unused)
{
    (void)unused;
    /* Reference output of splitmix64 for the seed 1234567. */
    struct ln_rng rng;
    ln_rng_seed(&rng, 1234567);
    assert_true(rng.s[0] == 6457827717110365317U);
    assert_true(rng.s[1] == 3203168211198807973U);
    assert_true(rng.s[2] == 9817491932198370423U);
    assert_true(rng.s[3] == 4593380528125082431U);
}

static void
sequence_is_xoshiro256starstar(void **unused)
{
    (void)unused;
    /* Reference output for the state 1, 2, 3, 4. */
    static const uint64_t want[] = {
        11520U,
        0U,
        1509978240U,
        1215971899390074240U,
        1216172134540287360U,
        607988272756665600U,
        16172922978634559625U,
        8476171486693032832U,
        10595114339597558777U,
        2904607092377533576U,
    };
    struct ln_rng rng = {{1, 2, 3, 4}};
    for (size_t i = 0; i < LN_COUNT(want); i++)
        assert_true(ln_rng_u64(&rng) == want[i]);
}

static void
below_is_in_range_and_uniform(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    int counts[7] = {0};
    ln_rng_seed(&rng, 1);
    for (int i = 0; i < 70000; i++) {
        uint64_t r = ln_rng_below(&rng, 7);
        assert_true(r < 7);
        counts[r]++;
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9500, 10500);
    for (int i = 0; i < 1000; i++) {
        assert_true(ln_rng_below(&rng, 1) == 0);
        assert_true(ln_rng_below(&rng, UINT64_MAX) < UINT64_MAX);
    }
}

static void
between_includes_both_ends(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    bool low = false, high = false;
    ln_rng_seed(&rng, 2);
    for (int i = 0; i < 1000; i++) {
        int64_t r = ln_rng_between(&rng, -2, 2);
        assert_true(r >= -2 && r <= 2);
        low |= r == -2;
        high |= r == 2;
    }
    assert_true(low && high);
    assert_true(ln_rng_between(&rng, 5, 5) == 5);
    bool negative = false, positive = false;
    for (int i = 0; i < 100; i++) {
        int64_t r = ln_rng_between(&rng, INT64_MIN, INT64_MAX);
        negative |= r < 0;
        positive |= r > 0;
    }
    assert_true(negative && positive);
}

static void
unit_is_half_open_with_mean_one_half(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    double sum = 0;
    ln_rng_seed(&rng, 3);
    for (int i = 0; i < 100000; i++) {
        double u = ln_rng_unit(&rng);
        assert_true(u >= 0 && u < 1);
        sum += u;
    }
    assert_true(fabs(sum / 100000 - 0.5) < 0.005);
}

static void
normal_has_its_moments(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    double sum = 0, squares = 0, fourths = 0;
    int beyond_two = 0;
    const int n = 200000;
    ln_rng_seed(&rng, 4);
    for (int i = 0; i < n; i++) {
        double x = ln_rng_normal(&rng);
        sum += x;
        squares += x * x;
        fourths += x * x * x * x;
        beyond_two += fabs(x) > 2 ? 1 : 0;
    }
    assert_true(fabs(sum / n) < 0.01);
    assert_true(fabs(squares / n - 1) < 0.02);
    assert_true(fabs(fourths / n - 3) < 0.15);
    assert_true(fabs((double)beyond_two / n - 0.0455) < 0.003);
}

/* What the polar method gives with the C library's logarithm. */
static double
reference_normal(struct ln_rng *rng)
{
    for (;;) {
        double u = 2 * ln_rng_unit(rng) - 1;
        double v = 2 * ln_rng_unit(rng) - 1;
        double square = u * u + v * v;
        if (square < 1 && square > 0)
            return u * sqrt(-2 * log(square) / square);
    }
}

static void
normal_uses_an_exact_logarithm(void **unused)
{
    (void)unused;
    struct ln_rng a, b;
    ln_rng_seed(&a, 5);
    ln_rng_seed(&b, 5);
    for (int i = 0; i < 100000; i++) {
        double x = ln_rng_normal(&a), want = reference_normal(&b);
        assert_true(fabs(x - want) <= 1e-13 * fabs(want));
    }
}

static void
same_seed_same_sequence(void **unused)
{
    (void)unused;
    struct ln_rng a, b, c;
    ln_rng_seed(&a, 42);
    ln_rng_seed(&b, 42);
    ln_rng_seed(&c, 43);
    int differ = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t x = ln_rng_u64(&a);
        assert_true(x == ln_rng_u64(&b));
        differ += x != ln_rng_u64(&c) ? 1 : 0;
    }
    assert_int_equal(differ, 100);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(seed_is_splitmix64),
        cmocka_unit_test(sequence_is_xoshiro256starstar),
        cmocka_unit_test(below_is_in_range_and_uniform),
        cmocka_unit_test(between_includes_both_ends),
        cmocka_unit_test(unit_is_half_open_with_mean_one_half),
        cmocka_unit_test(normal_has_its_moments),
        cmocka_unit_test(normal_uses_an_exact_logarithm),
        cmocka_unit_test(same_seed_same_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
