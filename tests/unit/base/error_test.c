/*
 * Errors as values: filling, wrapping, names, and text for people.
 */
#include "base/error.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
set_fills_all_and_returns_the_code(void **unused)
{
    (void)unused;
    struct ln_error err;
    enum ln_err code = ln_error_set(&err, LN_ERR_NET, "127.0.0.1:1", "start it",
                                    "no answer from %s", "host");
    assert_int_equal(code, LN_ERR_NET);
    assert_int_equal(err.code, LN_ERR_NET);
    assert_string_equal(err.what, "no answer from host");
    assert_string_equal(err.where, "127.0.0.1:1");
    assert_string_equal(err.cure, "start it");
}

static void
set_accepts_no_error_and_no_texts(void **unused)
{
    (void)unused;
    struct ln_error err;
    assert_int_equal(ln_error_set(NULL, LN_ERR_IO, NULL, NULL, "x"), LN_ERR_IO);
    ln_error_set(&err, LN_ERR_IO, NULL, NULL, "x");
    assert_string_equal(err.where, "");
    assert_string_equal(err.cure, "");
}

static void
an_error_can_wrap_itself(void **unused)
{
    (void)unused;
    struct ln_error err;
    ln_error_set(&err, LN_ERR_IO, "a.lua:3", "try again", "inner");
    ln_error_set(&err, LN_ERR_SCRIPT, err.where, err.cure, "outer: %s",
                 err.what);
    assert_string_equal(err.what, "outer: inner");
    assert_string_equal(err.where, "a.lua:3");
    assert_string_equal(err.cure, "try again");
}

static void
long_texts_are_cut_and_terminated(void **unused)
{
    (void)unused;
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct ln_error err;
    ln_error_set(&err, LN_ERR_ARG, text, text, "%s", text);
    assert_int_equal(strlen(err.what), sizeof err.what - 1);
    assert_int_equal(strlen(err.where), sizeof err.where - 1);
    assert_int_equal(strlen(err.cure), sizeof err.cure - 1);
}

static void
every_code_has_its_own_name(void **unused)
{
    (void)unused;
    for (int i = LN_OK; i <= LN_ERR_NOT_FOUND; i++) {
        const char *name = ln_err_name((enum ln_err)i);
        assert_true(strlen(name) > 0);
        assert_string_not_equal(name, "unknown");
        for (int j = LN_OK; j < i; j++)
            assert_string_not_equal(name, ln_err_name((enum ln_err)j));
    }
    assert_string_equal(ln_err_name(LN_ERR_TIMEOUT), "timeout");
    assert_string_equal(ln_err_name((enum ln_err)999), "unknown");
}

static void
text_is_what_where_and_cure(void **unused)
{
    (void)unused;
    char out[256];
    struct ln_error err;
    ln_error_set(&err, LN_ERR_CONFIG, "f.lua:3", "write 5m", "bad timeframe");
    size_t n = ln_error_text(&err, out, sizeof out);
    assert_string_equal(out, "bad timeframe (f.lua:3)\n  write 5m");
    assert_int_equal(n, strlen(out));

    ln_error_set(&err, LN_ERR_CONFIG, NULL, NULL, "bad timeframe");
    ln_error_text(&err, out, sizeof out);
    assert_string_equal(out, "bad timeframe");
}

static void
text_fits_the_given_space(void **unused)
{
    (void)unused;
    char out[8];
    struct ln_error err;
    ln_error_set(&err, LN_ERR_CONFIG, NULL, NULL, "0123456789");
    assert_int_equal(ln_error_text(&err, out, sizeof out), 7);
    assert_string_equal(out, "0123456");
    assert_int_equal(ln_error_text(&err, out, 0), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_fills_all_and_returns_the_code),
        cmocka_unit_test(set_accepts_no_error_and_no_texts),
        cmocka_unit_test(an_error_can_wrap_itself),
        cmocka_unit_test(long_texts_are_cut_and_terminated),
        cmocka_unit_test(every_code_has_its_own_name),
        cmocka_unit_test(text_is_what_where_and_cure),
        cmocka_unit_test(text_fits_the_given_space),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
