/*
 * The JSON writer: commas, escapes, numbers; and that what it writes always
 * reads back.
 */
#include "base/assert.h"
#include "base/json.h"
#include "base/rng.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct ln_buf buf;
static struct ln_json_writer w;

static void
begin(void)
{
    ln_buf_deinit(&buf);
    ln_buf_init(&buf, 1 << 20);
    ln_jw_init(&w, &buf);
}

static void
writes(const char *want)
{
    assert_false(buf.failed);
    assert_string_equal(buf.data, want);
    ln_buf_deinit(&buf);
}

static void
commas_come_by_themselves(void **unused)
{
    (void)unused;
    begin();
    ln_jw_obj(&w);
    ln_jw_key(&w, "a");
    ln_jw_arr(&w);
    ln_jw_int(&w, 1);
    ln_jw_arr(&w);
    ln_jw_arr_end(&w);
    ln_jw_obj(&w);
    ln_jw_obj_end(&w);
    ln_jw_int(&w, 2);
    ln_jw_arr_end(&w);
    ln_jw_key(&w, "b");
    ln_jw_obj(&w);
    ln_jw_kint(&w, "c", 3);
    ln_jw_kint(&w, "d", 4);
    ln_jw_obj_end(&w);
    ln_jw_key(&w, "e");
    ln_jw_null(&w);
    ln_jw_obj_end(&w);
    writes("{\"a\":[1,[],{},2],\"b\":{\"c\":3,\"d\":4},\"e\":null}");
}

static void
every_kind_of_value(void **unused)
{
    (void)unused;
    begin();
    ln_jw_arr(&w);
    ln_jw_str(&w, ln_strn("abcd", 3));
    ln_jw_str(&w, ln_str(NULL));
    ln_jw_cstr(&w, "x");
    ln_jw_cstr(&w, NULL);
    ln_jw_int(&w, INT64_MIN);
    ln_jw_intstr(&w, INT64_MAX);
    ln_jw_bool(&w, true);
    ln_jw_bool(&w, false);
    ln_jw_raw(&w, ln_str("{\"r\":1}"));
    ln_jw_dec(&w, 12340, 2, 0);
    ln_jw_dec(&w, 12340, 2, 2);
    ln_jw_arr_end(&w);
    writes("[\"abc\",\"\",\"x\",null,-9223372036854775808,"
           "\"9223372036854775807\",true,false,{\"r\":1},\"123.4\","
           "\"123.40\"]");
}

static void
key_and_value_in_one_call(void **unused)
{
    (void)unused;
    begin();
    ln_jw_obj(&w);
    ln_jw_kstr(&w, "s", ln_str("v"));
    ln_jw_kcstr(&w, "c", NULL);
    ln_jw_kint(&w, "i", -1);
    ln_jw_kintstr(&w, "n", 5);
    ln_jw_kbool(&w, "b", true);
    ln_jw_kdec(&w, "d", 5, 1, 0);
    ln_jw_obj_end(&w);
    writes("{\"s\":\"v\",\"c\":null,\"i\":-1,\"n\":\"5\",\"b\":true,"
           "\"d\":\"0.5\"}");
}

static void
strings_and_keys_are_escaped(void **unused)
{
    (void)unused;
    begin();
    ln_jw_obj(&w);
    ln_jw_kstr(&w, "k\"\n", ln_strn("\"\\/\b\f\n\r\t\x01\x1F\x7F\0z", 13));
    ln_jw_obj_end(&w);
    writes("{\"k\\\"\\n\":\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\\u0001\\u001f"
           "\x7F\\u0000z\"}");
}

static void
invalid_utf8_is_replaced(void **unused)
{
    (void)unused;
    begin();
    ln_jw_cstr(&w, "\xC3\xA9|\xE2\x82\xAC|\xF0\x9F\x98\x80|\x80|\xC3|\xFF");
    writes("\"\xC3\xA9|\xE2\x82\xAC|\xF0\x9F\x98\x80|\xEF\xBF\xBD|"
           "\xEF\xBF\xBD|\xEF\xBF\xBD\"");
}

static void
doubles(void **unused)
{
    (void)unused;
    begin();
    ln_jw_arr(&w);
    ln_jw_double(&w, 0.1);
    ln_jw_double(&w, 100);
    ln_jw_double(&w, -1e300);
    ln_jw_double(&w, 0.1 + 0.2);
    ln_jw_double(&w, (double)NAN);
    ln_jw_double(&w, (double)-INFINITY);
    ln_jw_double(&w, DBL_MIN);
    ln_jw_arr_end(&w);
    struct ln_json doc;
    ln_json_init(&doc);
    assert_int_equal(ln_json_parse(&doc, buf.data, buf.len, NULL), LN_OK);
    ln_json_deinit(&doc);
    writes("[0.1,100,-1e+300,0.30000000000000004,null,null,"
           "2.2250738585072014e-308]");
}

static void
a_full_buffer_fails_once_and_for_all(void **unused)
{
    (void)unused;
    ln_buf_deinit(&buf);
    ln_buf_init(&buf, 8);
    ln_jw_init(&w, &buf);
    ln_jw_arr(&w);
    for (int i = 0; i < 100; i++)
        ln_jw_cstr(&w, "abc");
    ln_jw_arr_end(&w);
    assert_true(buf.failed);
    assert_true(buf.len <= 8);
    ln_buf_deinit(&buf);
}

static void
random_strings_read_back(void **unused)
{
    (void)unused;
    struct ln_json doc;
    struct ln_rng rng;
    ln_json_init(&doc);
    ln_rng_seed(&rng, 12);
    for (int i = 0; i < 50000; i++) {
        char text[64], back[256];
        size_t n = (size_t)ln_rng_below(&rng, sizeof text);
        bool ascii = ln_rng_below(&rng, 2) != 0;
        for (size_t k = 0; k < n; k++)
            text[k] = (char)ln_rng_between(&rng, 1, ascii ? 127 : 255);
        begin();
        ln_jw_obj(&w);
        ln_jw_kstr(&w, "k", ln_strn(text, n));
        ln_jw_obj_end(&w);
        assert_int_equal(ln_json_parse(&doc, buf.data, buf.len, NULL), LN_OK);
        ln_json_val v = ln_json_get(&doc, 0, "k");
        assert_true(ln_json_string(&doc, v, back, sizeof back));
        if (ascii)
            assert_true(ln_str_eq(ln_str(back), ln_strn(text, n)));
    }
    ln_json_deinit(&doc);
    ln_buf_deinit(&buf);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_come_by_themselves),
        cmocka_unit_test(every_kind_of_value),
        cmocka_unit_test(key_and_value_in_one_call),
        cmocka_unit_test(strings_and_keys_are_escaped),
        cmocka_unit_test(invalid_utf8_is_replaced),
        cmocka_unit_test(doubles),
        cmocka_unit_test(a_full_buffer_fails_once_and_for_all),
        cmocka_unit_test(random_strings_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
