/*
 * Token buckets and backoff.
 */
#include "net/limiter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S 1000000000LL

static void
a_bucket_starts_full_and_refills_at_its_rate(void **state)
{
    struct ln_bucket b;
    (void)state;

    ln_bucket_init(&b, 10 * 1000, 3, 5 * S); /* 10 a second, 3 at once */
    assert_int_equal(ln_bucket_available(&b, 5 * S), 3);
    for (int i = 0; i < 3; i++)
        assert_true(ln_bucket_take(&b, 5 * S));
    assert_false(ln_bucket_take(&b, 5 * S));
    assert_int_equal(ln_bucket_wait_ns(&b, 5 * S), S / 10);
    assert_false(ln_bucket_take(&b, 5 * S + S / 10 - 1));
    assert_true(ln_bucket_take(&b, 5 * S + S / 10));
    assert_int_equal(ln_bucket_available(&b, 60 * S), 3); /* never more */
    assert_int_equal(ln_bucket_wait_ns(&b, 60 * S), 0);
}

/* Asking often must not lose the fractions between the questions. */
static void
nothing_drifts_however_often_it_is_asked(void **state)
{
    static const int64_t rates[] = {1, 7, 333, 10000, 20000, 999999};
    (void)state;

    for (size_t r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
        struct ln_bucket asked, quiet;
        int64_t now = 0, seed = 12345;
        ln_bucket_init(&asked, rates[r], 1000000, 0);
        ln_bucket_init(&quiet, rates[r], 1000000, 0);
        ln_bucket_penalise(&asked, 0, 0);
        ln_bucket_penalise(&quiet, 0, 0);
        for (int i = 0; i < 20000; i++) {
            seed = seed * 1103515245 % 2147483647;
            now += 1 + seed % 5003;
            (void)ln_bucket_available(&asked, now);
        }
        (void)ln_bucket_available(&quiet, now);
        assert_int_equal(asked.units, quiet.units);
    }
}

static void
the_wait_is_exactly_long_enough(void **state)
{
    static const int64_t rates[] = {1, 7, 333, 10000, 19999};
    (void)state;

    for (size_t r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
        struct ln_bucket b;
        int64_t now = 17;
        ln_bucket_init(&b, rates[r], 1, now);
        for (int i = 0; i < 50; i++) {
            assert_true(ln_bucket_take(&b, now));
            int64_t wait = ln_bucket_wait_ns(&b, now + 3);
            assert_true(wait > 0);
            assert_false(ln_bucket_take(&b, now + 3 + wait - 1));
            now += 3 + wait;
        }
    }
}

static void
a_penalty_empties_and_blocks(void **state)
{
    struct ln_bucket b;
    (void)state;

    ln_bucket_init(&b, 1000 * 1000, 10, 0);
    ln_bucket_penalise(&b, 1 * S, 2 * S);
    assert_int_equal(ln_bucket_available(&b, 3 * S - 1), 0);
    assert_false(ln_bucket_take(&b, 3 * S - 1));
    assert_int_equal(ln_bucket_wait_ns(&b, 2 * S), S);
    assert_true(ln_bucket_take(&b, 3 * S));
    ln_bucket_penalise(&b, 4 * S, 10 * S);
    ln_bucket_penalise(&b, 5 * S, 1 * S); /* a shorter one does not shorten */
    assert_false(ln_bucket_take(&b, 13 * S));
}

static void
a_clock_that_stands_or_goes_back_gives_nothing(void **state)
{
    struct ln_bucket b;
    (void)state;

    ln_bucket_init(&b, 1000, 1, 100 * S);
    assert_true(ln_bucket_take(&b, 100 * S));
    assert_false(ln_bucket_take(&b, 100 * S));
    assert_false(ln_bucket_take(&b, 1 * S));
    assert_true(ln_bucket_take(&b, 101 * S));
}

static void
backoff_doubles_up_to_its_maximum_with_full_jitter(void **state)
{
    struct ln_rng rng;
    struct ln_backoff b = {.base_ms = 100, .max_ms = 1000};
    static const int64_t ceilings[] = {100, 200, 400, 800, 1000, 1000};
    (void)state;

    ln_rng_seed(&rng, 7);
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < 6; i++) {
            int64_t ms = ln_backoff_next_ms(&b, &rng);
            assert_in_range(ms, 0, ceilings[i]);
        }
        ln_backoff_reset(&b);
    }
    int64_t largest = 0;
    for (int i = 0; i < 500; i++) {
        int64_t ms = ln_backoff_next_ms(&b, &rng);
        largest = ms > largest ? ms : largest;
    }
    assert_in_range(largest, 900, 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_starts_full_and_refills_at_its_rate),
        cmocka_unit_test(nothing_drifts_however_often_it_is_asked),
        cmocka_unit_test(the_wait_is_exactly_long_enough),
        cmocka_unit_test(a_penalty_empties_and_blocks),
        cmocka_unit_test(a_clock_that_stands_or_goes_back_gives_nothing),
        cmocka_unit_test(backoff_doubles_up_to_its_maximum_with_full_jitter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
