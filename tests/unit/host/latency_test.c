/*
 * The latency histogram: percentiles within an eighth, and numbers from a
 * strategy that cannot be.
 */
#include "host/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct ln_latency l;

static void
took(uint64_t seq, int64_t ns)
{
    ln_latency_sent(&l, seq, 1000);
    ln_latency_done(&l, seq, seq, 1000 + ns);
}

static bool
near(int64_t ns, int64_t want)
{
    return ns >= want - want / 8 && ns <= want + want / 8;
}

static void
percentiles_are_right_within_an_eighth(void **state)
{
    (void)state;
    memset(&l, 0, sizeof(l));
    assert_int_equal(ln_latency_percentile_ns(&l, 500), -1);
    for (int64_t ns = 1; ns <= 10000; ns++)
        took((uint64_t)ns, ns * 1000);
    assert_true(near(ln_latency_percentile_ns(&l, 0), 1000));
    assert_true(near(ln_latency_percentile_ns(&l, 500), 5000000));
    assert_true(near(ln_latency_percentile_ns(&l, 990), 9900000));
}

static void
every_duration_has_a_bucket(void **state)
{
    (void)state;
    for (int bit = 0; bit < 62; bit++) {
        memset(&l, 0, sizeof(l));
        took(1, INT64_C(1) << bit);
        assert_true(near(ln_latency_percentile_ns(&l, 500), INT64_C(1) << bit));
    }
    memset(&l, 0, sizeof(l));
    took(1, 0);
    assert_int_equal(ln_latency_percentile_ns(&l, 500), 0);
}

static void
numbers_that_cannot_be_are_not_counted(void **state)
{
    (void)state;
    memset(&l, 0, sizeof(l));
    ln_latency_sent(&l, 5, 1000);
    ln_latency_done(&l, 6, 5, 2000);                      /* was never sent */
    ln_latency_done(&l, UINT64_MAX, 5, 2000);             /* neither was this */
    ln_latency_done(&l, 5, 5 + LN_LATENCY_WAITING, 2000); /* overwritten */
    ln_latency_done(&l, 5, 5, 500); /* before it was sent */
    assert_int_equal(l.count, 0);
    ln_latency_done(&l, 5, 5, 2000);
    ln_latency_done(&l, 5, 5, 2000); /* twice */
    assert_int_equal(l.count, 1);
    ln_latency_sent(&l, 6, 1000);
    ln_latency_restart(&l); /* a new process knows nothing of it */
    ln_latency_done(&l, 6, 6, 2000);
    assert_int_equal(l.count, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_right_within_an_eighth),
        cmocka_unit_test(every_duration_has_a_bucket),
        cmocka_unit_test(numbers_that_cannot_be_are_not_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
