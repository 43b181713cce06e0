/*
 * Times as text and back.
 */
#include "base/assert.h"
#include "base/rng.h"
#include "base/timefmt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
iso_of_known_times(void **unused)
{
    (void)unused;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {1700000000123, "2023-11-14T22:13:20.123Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1709251199999, "2024-02-29T23:59:59.999Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {-62135596800000, "0001-01-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
        {INT64_MAX, "292278994-08-17T07:12:55.807Z"},
        {INT64_MIN, "-292275055-05-16T16:47:04.192Z"},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        char out[LN_TIME_CAP];
        size_t n = ln_time_iso(cases[i].ms, out);
        assert_string_equal(out, cases[i].text);
        assert_int_equal(n, strlen(out));
    }
}

static void
clock_is_the_time_of_day(void **unused)
{
    (void)unused;
    char out[LN_TIME_CAP];
    assert_int_equal(ln_time_clock(86399123, out), 12);
    assert_string_equal(out, "23:59:59.123");
    ln_time_clock(-1, out);
    assert_string_equal(out, "23:59:59.999");
    ln_time_clock(1700000000123, out);
    assert_string_equal(out, "22:13:20.123");
}

static void
reads_all_its_forms(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"2023-11-14", 1699920000000},
        {"2023-11-14 22:13:20", 1700000000000},
        {"2023-11-14T22:13:20", 1700000000000},
        {"2023-11-14 22:13:20.1", 1700000000100},
        {"2023-11-14 22:13:20.123", 1700000000123},
        {"2023-11-14 22:13:20.123999", 1700000000123},
        {"2023-11-14T22:13:20Z", 1700000000000},
        {"2023-11-14T22:13:20.123Z", 1700000000123},
        {"2023-11-14 22:13:20+00:00", 1700000000000},
        {"2023-11-15 00:13:20+02:00", 1700000000000},
        {"2023-11-14 17:43:20-04:30", 1700000000000},
        {"2024-02-29", 1709164800000},
        {"2000-02-29", 951782400000},
        {"1969-12-31 23:59:59", -1000},
        {"1700000000", 1700000000000},
        {"1700000000123", 1700000000123},
        {"1700000000123456", 1700000000123},
        {"1700000000123456789", 1700000000123},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        int64_t ms = 0;
        assert_int_equal(ln_time_parse(ln_str(cases[i].text), &ms), LN_OK);
        assert_true(ms == cases[i].ms);
    }
}

static void
refuses_everything_else(void **unused)
{
    (void)unused;
    static const char *const bad[] = {
        "",
        " ",
        "now",
        "2023",
        "2023-11",
        "2023-11-",
        "2023-13-01",
        "2023-00-01",
        "2023-02-29",
        "1900-02-29",
        "2023-04-31",
        "2023-11-00",
        "2023-11-1",
        "23-11-14",
        "2023/11/14",
        "2023-11-14 ",
        "2023-11-14  22:13:20",
        "2023-11-14 22:13",
        "2023-11-14 24:00:00",
        "2023-11-14 22:60:00",
        "2023-11-14 22:13:60",
        "2023-11-14 22:13:20.",
        "2023-11-14 22:13:20.x",
        "2023-11-14 22:13:20Zx",
        "2023-11-14 22:13:20+0000",
        "2023-11-14 22:13:20+00",
        "2023-11-14x22:13:20",
        "-1700000000",
        "170000000",
        "17000000000",
        "17000000000000000000",
        "1700000000000.5",
        "99999999999999999999999999",
    };
    for (size_t i = 0; i < LN_COUNT(bad); i++) {
        int64_t ms = 77;
        assert_int_equal(ln_time_parse(ln_str(bad[i]), &ms), LN_ERR_PARSE);
        assert_int_equal(ms, 77);
    }
    int64_t ms;
    assert_int_equal(ln_time_parse(ln_str(NULL), &ms), LN_ERR_PARSE);
}

static void
iso_reads_back(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    ln_rng_seed(&rng, 11);
    for (int i = 0; i < 100000; i++) {
        int64_t ms = ln_rng_between(&rng, -62167219200000, 253402300799999);
        int64_t back = 0;
        char text[LN_TIME_CAP];
        size_t n = ln_time_iso(ms, text);
        assert_int_equal(n, 24);
        assert_int_equal(ln_time_parse(ln_strn(text, n), &back), LN_OK);
        assert_true(back == ms);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(iso_of_known_times),
        cmocka_unit_test(clock_is_the_time_of_day),
        cmocka_unit_test(reads_all_its_forms),
        cmocka_unit_test(refuses_everything_else),
        cmocka_unit_test(iso_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
