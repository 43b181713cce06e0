/*
 * Looking things up in a parsed document.
 */
#include "base/assert.h"
#include "base/json.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct ln_json doc;

static void
load(const char *text)
{
    ln_json_deinit(&doc);
    assert_int_equal(ln_json_parse(&doc, text, strlen(text), NULL), LN_OK);
}

static ln_json_val
get(const char *key)
{
    return ln_json_get(&doc, 0, key);
}

static void
types_and_counts(void **unused)
{
    (void)unused;
    load("{\"n\":null,\"f\":false,\"t\":true,\"i\":1,\"s\":\"x\","
         "\"a\":[1,[2,3],4],\"o\":{\"k\":{\"l\":0}}}");
    static const struct {
        const char *key;
        enum ln_json_type type;
        uint32_t count;
    } cases[] = {
        {"n", LN_JSON_NULL, 0},   {"f", LN_JSON_FALSE, 0},
        {"t", LN_JSON_TRUE, 0},   {"i", LN_JSON_NUMBER, 0},
        {"s", LN_JSON_STRING, 0}, {"a", LN_JSON_ARRAY, 3},
        {"o", LN_JSON_OBJECT, 1}, {"missing", LN_JSON_ABSENT, 0},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        assert_int_equal(ln_json_type(&doc, get(cases[i].key)), cases[i].type);
        assert_int_equal(ln_json_count(&doc, get(cases[i].key)),
                         cases[i].count);
    }
    assert_int_equal(ln_json_count(&doc, 0), 7);
    ln_json_deinit(&doc);
}

static void
names_are_not_searched_in_depth(void **unused)
{
    (void)unused;
    load("{\"a\":{\"x\":1},\"b\":[{\"x\":2}],\"c\":\"x\",\"x\":3}");
    assert_true(ln_str_eqc(ln_json_raw(&doc, get("x")), "3"));
    assert_int_equal(ln_json_get(&doc, get("c"), "x"), LN_JSON_NONE);
    assert_int_equal(ln_json_get(&doc, get("b"), "x"), LN_JSON_NONE);
    load("{\"a\":{\"x\":1},\"c\":\"x\"}");
    assert_int_equal(get("x"), LN_JSON_NONE);
    ln_json_deinit(&doc);
}

static void
the_first_of_equal_names(void **unused)
{
    (void)unused;
    load("{\"a\":1,\"a\":2}");
    assert_true(ln_str_eqc(ln_json_raw(&doc, get("a")), "1"));
    ln_json_deinit(&doc);
}

static void
names_compare_unescaped(void **unused)
{
    (void)unused;
    load("{\"\\u0061b\":1,\"a\\nb\":2,\"\\u00e9\":3,\"\\ud83d\\ude00\":4,"
         "\"q\\\"\":5,\"\":6,\"\\u0000\":7}");
    static const struct {
        const char *key;
        const char *want;
    } cases[] = {
        {"ab", "1"},       {"a\nb", "2"},
        {"\xC3\xA9", "3"}, {"\xF0\x9F\x98\x80", "4"},
        {"q\"", "5"},      {"", "6"},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++)
        assert_true(
            ln_str_eqc(ln_json_raw(&doc, get(cases[i].key)), cases[i].want));
    assert_int_equal(get("a"), LN_JSON_NONE);
    assert_int_equal(get("abc"), LN_JSON_NONE);
    assert_int_equal(get("\\u0061b"), LN_JSON_NONE);
    ln_json_deinit(&doc);
}

static void
walks_arrays(void **unused)
{
    (void)unused;
    load("[10,[20,21],{\"a\":30},\"40\",[]]");
    static const enum ln_json_type want[] = {LN_JSON_NUMBER, LN_JSON_ARRAY,
                                             LN_JSON_OBJECT, LN_JSON_STRING,
                                             LN_JSON_ARRAY};
    uint32_t n = 0;
    for (ln_json_val v = ln_json_first(&doc, 0); v != LN_JSON_NONE;
         v = ln_json_next(&doc, 0, v)) {
        assert_int_equal(ln_json_type(&doc, v), want[n]);
        assert_int_equal(ln_json_at(&doc, 0, n), v);
        n++;
    }
    assert_int_equal(n, 5);
    assert_int_equal(ln_json_at(&doc, 0, 5), LN_JSON_NONE);
    assert_int_equal(ln_json_first(&doc, ln_json_at(&doc, 0, 4)), LN_JSON_NONE);
    assert_int_equal(ln_json_at(&doc, ln_json_at(&doc, 0, 2), 0), LN_JSON_NONE);
    ln_json_deinit(&doc);
}

static void
walks_the_keys_of_objects(void **unused)
{
    (void)unused;
    load("{\"a\":[1,{\"z\":0}],\"b\":{\"y\":1},\"c\":2}");
    char keys[8] = "";
    size_t n = 0;
    for (ln_json_val k = ln_json_first(&doc, 0); k != LN_JSON_NONE;
         k = ln_json_next(&doc, 0, k)) {
        char key[4];
        assert_true(ln_json_string(&doc, k, key, sizeof key));
        keys[n++] = key[0];
        assert_int_equal(ln_json_get(&doc, 0, key), k + 1);
    }
    assert_string_equal(keys, "abc");
    ln_json_deinit(&doc);
}

static void
lookups_chain_through_what_is_absent(void **unused)
{
    (void)unused;
    char out[4] = "zzz";
    int64_t i = 77;
    load("{\"a\":1}");
    static const ln_json_val nowhere[] = {LN_JSON_NONE, 3, 1000000};
    for (size_t n = 0; n < LN_COUNT(nowhere); n++) {
        ln_json_val v = nowhere[n];
        assert_int_equal(ln_json_type(&doc, v), LN_JSON_ABSENT);
        assert_int_equal(ln_json_count(&doc, v), 0);
        assert_int_equal(ln_json_get(&doc, v, "a"), LN_JSON_NONE);
        assert_int_equal(ln_json_at(&doc, v, 0), LN_JSON_NONE);
        assert_int_equal(ln_json_first(&doc, v), LN_JSON_NONE);
        assert_int_equal(ln_json_next(&doc, v, 0), LN_JSON_NONE);
        assert_int_equal(ln_json_next(&doc, 0, v), LN_JSON_NONE);
        assert_int_equal(ln_json_raw(&doc, v).len, 0);
        assert_int_equal(ln_json_scalar(&doc, v).len, 0);
        assert_false(ln_json_string(&doc, v, out, sizeof out));
        assert_false(ln_json_i64(&doc, v, &i));
    }
    assert_int_equal(i, 77);
    assert_string_equal(out, "");
    ln_json_deinit(&doc);
}

static void
scalars_are_text(void **unused)
{
    (void)unused;
    load("{\"s\":\"1.50\",\"n\":1.50,\"e\":\"\",\"z\":null,\"t\":true,"
         "\"a\":[1],\"q\":\"a\\nb\"}");
    assert_true(ln_str_eqc(ln_json_scalar(&doc, get("s")), "1.50"));
    assert_true(ln_str_eqc(ln_json_scalar(&doc, get("n")), "1.50"));
    assert_int_equal(ln_json_scalar(&doc, get("e")).len, 0);
    assert_int_equal(ln_json_scalar(&doc, get("z")).len, 0);
    assert_int_equal(ln_json_scalar(&doc, get("t")).len, 0);
    assert_int_equal(ln_json_scalar(&doc, get("a")).len, 0);
    assert_true(ln_str_eqc(ln_json_scalar(&doc, get("q")), "a\\nb"));
    assert_true(ln_str_eqc(ln_json_raw(&doc, get("q")), "a\\nb"));
    assert_true(ln_str_eqc(ln_json_raw(&doc, get("t")), "true"));
    assert_true(ln_str_eqc(ln_json_raw(&doc, get("z")), "null"));
    assert_int_equal(ln_json_raw(&doc, get("a")).len, 0);
    ln_json_deinit(&doc);
}

static void
strings_unescape(void **unused)
{
    (void)unused;
    static const struct {
        const char *json;
        const char *want;
    } cases[] = {
        {"\"\"", ""},
        {"\"plain \xC3\xA9\"", "plain \xC3\xA9"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00E9\\u20ac\"", "A\xC3\xA9\xE2\x82\xAC"},
        {"\"\\ud83d\\ude00!\"", "\xF0\x9F\x98\x80!"},
        {"\"\\udbff\\udfff\"", "\xF4\x8F\xBF\xBF"},
        {"\"\\uffff\"", "\xEF\xBF\xBF"},
        {"\"\\ud800\"", "\xEF\xBF\xBD"},
        {"\"\\ud800x\"", "\xEF\xBF\xBDx"},
        {"\"\\udc00\\ud800\"", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\"\\ud800\\u0041\"", "\xEF\xBF\xBD"
                               "A"},
        {"\"\\ud800\\n\"", "\xEF\xBF\xBD\n"},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        char out[32];
        size_t want = strlen(cases[i].want);
        load(cases[i].json);
        assert_true(ln_json_string(&doc, 0, out, sizeof out));
        assert_string_equal(out, cases[i].want);
        /* The smallest space that is enough, and one byte less. */
        assert_true(ln_json_string(&doc, 0, out, want + 1));
        assert_string_equal(out, cases[i].want);
        assert_false(ln_json_string(&doc, 0, out, want));
    }
    ln_json_deinit(&doc);
}

static void
strings_that_have_no_c_form(void **unused)
{
    (void)unused;
    char out[16] = "zzz";
    load("\"a\\u0000b\"");
    assert_false(ln_json_string(&doc, 0, out, sizeof out));
    assert_string_equal(out, "");
    load("12");
    assert_false(ln_json_string(&doc, 0, out, sizeof out));
    load("[\"a\"]");
    assert_false(ln_json_string(&doc, 0, out, sizeof out));
    ln_json_deinit(&doc);
}

static void
integers(void **unused)
{
    (void)unused;
    static const struct {
        const char *json;
        int64_t want;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"42", 42},
        {"\"42\"", 42},
        {"\"-42\"", -42},
        {"1695716059516", 1695716059516},
        {"9223372036854775807", INT64_MAX},
        {"\"-9223372036854775808\"", INT64_MIN},
    };
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        int64_t v = 77;
        load(cases[i].json);
        assert_true(ln_json_i64(&doc, 0, &v));
        assert_true(v == cases[i].want);
    }
    static const char *const bad[] = {
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
        "1.5",
        "1e3",
        "\"\"",
        "\"-\"",
        "\" 1\"",
        "\"1 \"",
        "\"+1\"",
        "\"abc\"",
        "\"\\u0031\"",
        "null",
        "true",
        "[1]",
    };
    for (size_t i = 0; i < LN_COUNT(bad); i++) {
        int64_t v = 77;
        load(bad[i]);
        assert_false(ln_json_i64(&doc, 0, &v));
        assert_int_equal(v, 77);
    }
    ln_json_deinit(&doc);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_and_counts),
        cmocka_unit_test(names_are_not_searched_in_depth),
        cmocka_unit_test(the_first_of_equal_names),
        cmocka_unit_test(names_compare_unescaped),
        cmocka_unit_test(walks_arrays),
        cmocka_unit_test(walks_the_keys_of_objects),
        cmocka_unit_test(lookups_chain_through_what_is_absent),
        cmocka_unit_test(scalars_are_text),
        cmocka_unit_test(strings_unescape),
        cmocka_unit_test(strings_that_have_no_c_form),
        cmocka_unit_test(integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
