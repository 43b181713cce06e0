/*
 * Views of text: comparing, copying, UTF-8, "did you mean".
 */
#include "base/assert.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
equality_is_of_length_and_bytes(void **unused)
{
    (void)unused;
    assert_true(ln_str_eq(ln_str("abc"), ln_strn("abcd", 3)));
    assert_false(ln_str_eq(ln_str("abc"), ln_str("abd")));
    assert_false(ln_str_eq(ln_str("abc"), ln_str("ab")));
    assert_true(ln_str_eq(ln_str(NULL), ln_str("")));
    assert_true(ln_str_eqc(ln_strn("BTCUSDT.", 7), "BTCUSDT"));
    assert_false(ln_str_eqc(ln_strn("BTC", 3), "BTCUSDT"));
}

static void
case_is_ignored_in_ascii_only(void **unused)
{
    (void)unused;
    assert_true(ln_str_eqi(ln_str("Content-Type"), "content-TYPE"));
    assert_false(ln_str_eqi(ln_str("a"), "b"));
    assert_false(ln_str_eqi(ln_str("[a"), "{a"));
    assert_false(ln_str_eqi(ln_str("\xC3\x84"), "\xC3\xA4"));
}

static void
prefix(void **unused)
{
    (void)unused;
    assert_true(ln_str_starts(ln_str("candle5m"), "candle"));
    assert_true(ln_str_starts(ln_str(NULL), ""));
    assert_false(ln_str_starts(ln_str("can"), "candle"));
    assert_false(ln_str_starts(ln_str("xcandle"), "candle"));
}

static void
copy_terminates_and_reports_a_cut(void **unused)
{
    (void)unused;
    char out[4] = "zzz";
    assert_true(ln_str_copy(out, sizeof out, ln_str("abc")));
    assert_string_equal(out, "abc");
    assert_false(ln_str_copy(out, sizeof out, ln_str("abcd")));
    assert_string_equal(out, "abc");
    assert_true(ln_str_copy(out, sizeof out, ln_str(NULL)));
    assert_string_equal(out, "");
    assert_false(ln_str_copy(out, 0, ln_str("a")));
}

static void
utf8_accepts_what_unicode_does(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        size_t want;
    } cases[] = {
        {"", 0},
        {"a", 1},
        {"\x7F", 1},
        {"\xC2\x80", 2},         /* U+0080 */
        {"\xC3\xA4", 2},         /* a umlaut */
        {"\xE0\xA0\x80", 3},     /* U+0800 */
        {"\xE2\x82\xAC", 3},     /* euro */
        {"\xED\x9F\xBF", 3},     /* U+D7FF */
        {"\xEF\xBF\xBF", 3},     /* U+FFFF */
        {"\xF0\x90\x80\x80", 4}, /* U+10000 */
        {"\xF4\x8F\xBF\xBF", 4}, /* U+10FFFF */
        {"\x80", 0},             /* continuation alone */
        {"\xC0\x80", 0},         /* overlong NUL */
        {"\xC1\xBF", 0},         /* overlong */
        {"\xC3", 0},             /* cut */
        {"\xC3(", 0},
        {"\xE0\x9F\xBF", 0}, /* overlong */
        {"\xE2\x82", 0},     /* cut */
        {"\xE2\x82(", 0},
        {"\xED\xA0\x80", 0},     /* surrogate */
        {"\xF0\x8F\xBF\xBF", 0}, /* overlong */
        {"\xF4\x90\x80\x80", 0}, /* beyond U+10FFFF */
        {"\xF0\x90\x80", 0},     /* cut */
        {"\xF5\x80\x80\x80", 0},
        {"\xFF", 0},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++)
        assert_int_equal(ln_utf8_len(ln_str(cases[i].text)), cases[i].want);
}

static void
nearest_proposes_small_slips_only(void **unused)
{
    (void)unused;
    static const char *const words[] = {"backtest", "run", "sim", "replay",
                                        "indicator"};
    size_t n = LN_COUNT(words);
    assert_string_equal(ln_nearest("bactest", words, n), "backtest");
    assert_string_equal(ln_nearest("BACKTSET", words, n), "backtest");
    assert_string_equal(ln_nearest("rnu", words, n), "run");
    assert_string_equal(ln_nearest("indicators", words, n), "indicator");
    assert_null(ln_nearest("flatten", words, n));
    assert_null(ln_nearest("x", words, n));
    assert_null(ln_nearest("", words, n));
    assert_null(ln_nearest("run", words, 0));
}

static void
nearest_survives_very_long_words(void **unused)
{
    (void)unused;
    char word[500];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *words[] = {word, "abc"};
    assert_null(ln_nearest(word, words, 2));
    assert_string_equal(ln_nearest("abd", words, 2), "abc");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_is_of_length_and_bytes),
        cmocka_unit_test(case_is_ignored_in_ascii_only),
        cmocka_unit_test(prefix),
        cmocka_unit_test(copy_terminates_and_reports_a_cut),
        cmocka_unit_test(utf8_accepts_what_unicode_does),
        cmocka_unit_test(nearest_proposes_small_slips_only),
        cmocka_unit_test(nearest_survives_very_long_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
