/*
 * The JSON reader: what RFC 8259 allows, all that it does not, limits, the
 * tokens it leaves, and mutated documents.
 */
#include "base/assert.h"
#include "base/json.h"
#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Parses a copy of exactly <len> bytes, so that the sanitizer sees the first
 * byte read beyond them. */
static enum ln_err
parse_exact(struct ln_json *doc, const char *text, size_t len, char **copy,
            struct ln_error *err)
{
    *copy = malloc(len ? len : 1);
    assert_non_null(*copy);
    if (len > 0)
        memcpy(*copy, text, len);
    return ln_json_parse(doc, *copy, len, err);
}

static enum ln_err
check(const char *text, size_t len)
{
    struct ln_json doc;
    char *copy;
    ln_json_init(&doc);
    enum ln_err code = parse_exact(&doc, text, len, &copy, NULL);
    assert_int_equal(doc.count > 0, code == LN_OK);
    free(copy);
    ln_json_deinit(&doc);
    return code;
}

static const char *const valid[] = {
    "0",
    "-0",
    "1",
    "-12.50",
    "1e5",
    "1E+5",
    "1.5e-10",
    "123456789012345678901234567890",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\ude00\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \x7F\"",
    "[]",
    "{}",
    " [ ] ",
    "\t\r\n{ }\n",
    "[[],{},[[]]]",
    "[1,2,3]",
    " [ 1 , \"a\" , null ] ",
    "{\"a\":1}",
    "{ \"a\" : 1 , \"b\" : [ true , { \"c\" : null } ] }",
    "{\"\":0}",
    "{\"a\":1,\"a\":2}",
};

static const char *const invalid[] = {
    "",
    " ",
    ",",
    ":",
    "[",
    "]",
    "{",
    "}",
    "[}",
    "{]",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1,,2]",
    "[1]]",
    "[1",
    "[1,",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{\"a\":1",
    "{\"a\":1 \"b\":2}",
    "{\"a\" 1}",
    "{\"a\":1]",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{,}",
    "{:1}",
    "{\"a\"::1}",
    "{\"a\":\"b\":1}",
    "[\"a\":1]",
    "1 2",
    "{}{}",
    "{}x",
    "null,",
    "tru",
    "truex",
    "True",
    "nul",
    "NaN",
    "Infinity",
    "-Infinity",
    "undefined",
    "abc",
    "01",
    "-01",
    "00",
    "+1",
    ".5",
    "5.",
    "-",
    "--1",
    "1e",
    "1e+",
    "1.e5",
    "0x10",
    "1_000",
    "\"",
    "\"a",
    "\"a\\",
    "\"a\\\"",
    "\"\\x41\"",
    "\"\\a\"",
    "\"\\'\"",
    "\"\\u\"",
    "\"\\u12\"",
    "\"\\u123",
    "\"\\u12g4\"",
    "\"\\U0041\"",
    "'a'",
    "\"a\nb\"",
    "\"a\tb\"",
    "\"\x01\"",
    "\"\x1F\"",
    "\"\x80\"",
    "\"\xC0\x80\"",
    "\"\xC3\"",
    "\"\xE2\x82\"",
    "\"\xED\xA0\x80\"",
    "\"\xF4\x90\x80\x80\"",
    "\"\xFF\"",
    "\xEF\xBB\xBF{}",
    "\xC2\xA0{}",
    "[1]//x",
    "/**/1",
    "\f1",
    "\v1",
};

static void
accepts_what_is_json(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < LN_COUNT(valid); i++)
        if (check(valid[i], strlen(valid[i])) != LN_OK)
            fail_msg("refused: %s", valid[i]);
}

static void
refuses_what_is_not(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < LN_COUNT(invalid); i++)
        if (check(invalid[i], strlen(invalid[i])) != LN_ERR_PARSE)
            fail_msg("accepted: %s", invalid[i]);
}

static void
refuses_zero_bytes_everywhere(void **unused)
{
    (void)unused;
    assert_int_equal(check("1\0", 2), LN_ERR_PARSE);
    assert_int_equal(check("\0001", 2), LN_ERR_PARSE);
    assert_int_equal(check("\"a\0b\"", 5), LN_ERR_PARSE);
    assert_int_equal(check("\"\\\0\"", 4), LN_ERR_PARSE);
    assert_int_equal(check("[\0]", 3), LN_ERR_PARSE);
    struct ln_json doc;
    ln_json_init(&doc);
    assert_int_equal(ln_json_parse(&doc, NULL, 0, NULL), LN_ERR_PARSE);
    ln_json_deinit(&doc);
}

static void
every_cut_of_a_document_is_refused(void **unused)
{
    (void)unused;
    static const char text[] =
        "{\"a\":[1,-2.5e3,\"x\\u00e9\\n\xE2\x82\xAC\",true,null],\"b\":{}}";
    for (size_t len = 0; len < sizeof text - 1; len++)
        assert_int_equal(check(text, len), LN_ERR_PARSE);
    assert_int_equal(check(text, sizeof text - 1), LN_OK);
}

static void
depth_is_bounded(void **unused)
{
    (void)unused;
    char text[2 * LN_JSON_DEPTH_MAX + 2];
    memset(text, '[', LN_JSON_DEPTH_MAX);
    memset(text + LN_JSON_DEPTH_MAX, ']', LN_JSON_DEPTH_MAX);
    assert_int_equal(check(text, sizeof text - 2), LN_OK);
    memset(text, '[', LN_JSON_DEPTH_MAX + 1);
    memset(text + LN_JSON_DEPTH_MAX + 1, ']', LN_JSON_DEPTH_MAX + 1);
    assert_int_equal(check(text, sizeof text), LN_ERR_PARSE);

    size_t many = 1000000;
    char *deep = malloc(many);
    assert_non_null(deep);
    memset(deep, '[', many);
    assert_int_equal(check(deep, many), LN_ERR_PARSE);
    free(deep);
}

/* An array of <n> zeros. */
static char *
zeros(size_t n, size_t *len)
{
    char *text = malloc(2 * n + 1);
    assert_non_null(text);
    text[0] = '[';
    for (size_t i = 0; i < n; i++) {
        text[1 + 2 * i] = '0';
        text[2 + 2 * i] = ',';
    }
    text[2 * n] = ']';
    *len = 2 * n + 1;
    return text;
}

static void
token_count_is_bounded(void **unused)
{
    (void)unused;
    size_t len;
    char *text = zeros(LN_JSON_TOKENS_MAX - 1, &len);
    assert_int_equal(check(text, len), LN_OK);
    free(text);
    text = zeros(LN_JSON_TOKENS_MAX, &len);
    assert_int_equal(check(text, len), LN_ERR_NOMEM);
    free(text);
}

static void
size_is_bounded(void **unused)
{
    (void)unused;
    struct ln_json doc;
    ln_json_init(&doc);
    /* The text is not looked at. */
    assert_int_equal(
        ln_json_parse(&doc, "1", (size_t)LN_JSON_BYTES_MAX + 1, NULL),
        LN_ERR_NOMEM);
    assert_int_equal(ln_json_parse(&doc, "1", (1ULL << 32) + 1, NULL),
                     LN_ERR_NOMEM);
    ln_json_deinit(&doc);
}

static void
tokens_are_flat(void **unused)
{
    (void)unused;
    static const struct ln_json_tok want[] = {
        {0, 11, 5, 1, LN_JSON_OBJECT, 0}, {2, 1, 2, 0, LN_JSON_STRING, 0},
        {5, 5, 5, 2, LN_JSON_ARRAY, 0},   {6, 1, 4, 0, LN_JSON_NUMBER, 0},
        {8, 1, 5, 0, LN_JSON_NUMBER, 0},
    };
    static const char text[] = "{\"a\":[1,2]}";
    struct ln_json doc;
    ln_json_init(&doc);
    assert_int_equal(ln_json_parse(&doc, text, sizeof text - 1, NULL), LN_OK);
    assert_int_equal(doc.count, LN_COUNT(want));
    for (size_t i = 0; i < LN_COUNT(want); i++) {
        assert_int_equal(doc.toks[i].start, want[i].start);
        assert_int_equal(doc.toks[i].len, want[i].len);
        assert_int_equal(doc.toks[i].next, want[i].next);
        assert_int_equal(doc.toks[i].count, want[i].count);
        assert_int_equal(doc.toks[i].type, want[i].type);
        assert_int_equal(doc.toks[i].escaped, want[i].escaped);
    }
    ln_json_deinit(&doc);
}

static void
memory_is_reused(void **unused)
{
    (void)unused;
    struct ln_json doc;
    size_t len;
    char *text = zeros(1000, &len);
    ln_json_init(&doc);
    assert_int_equal(ln_json_parse(&doc, text, len, NULL), LN_OK);
    const struct ln_json_tok *toks = doc.toks;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ln_json_parse(&doc, text, len, NULL), LN_OK);
        assert_int_equal(ln_json_parse(&doc, "[1", 2, NULL), LN_ERR_PARSE);
        assert_ptr_equal(doc.toks, toks);
    }
    free(text);
    ln_json_deinit(&doc);
}

static void
an_error_says_where_and_empties_the_document(void **unused)
{
    (void)unused;
    struct ln_json doc;
    struct ln_error err;
    ln_json_init(&doc);
    assert_int_equal(ln_json_parse(&doc, "[1,2]", 5, &err), LN_OK);
    assert_int_equal(ln_json_parse(&doc, "[1,x]", 5, &err), LN_ERR_PARSE);
    assert_int_equal(err.code, LN_ERR_PARSE);
    assert_string_equal(err.where, "offset 3");
    assert_non_null(strstr(err.what, "value is expected"));
    assert_int_equal(doc.count, 0);
    assert_int_equal(ln_json_type(&doc, 0), LN_JSON_ABSENT);
    ln_json_deinit(&doc);
}

/* ---- mutations ---- */

/* Uses every accessor on every token, and checks that each container holds
 * exactly as many values as it says. */
static void
walk(const struct ln_json *doc)
{
    assert_int_equal(doc->toks[0].next, doc->count);
    for (ln_json_val v = 0; v < doc->count; v++) {
        char out[64];
        int64_t number;
        uint32_t n = 0;
        ln_json_string(doc, v, out, sizeof out);
        ln_json_i64(doc, v, &number);
        struct ln_str raw = ln_json_raw(doc, v);
        if (raw.len > 0)
            assert_in_range(raw.ptr[raw.len - 1] & 0xFF, 0x20, 0xFF);
        for (ln_json_val c = ln_json_first(doc, v); c != LN_JSON_NONE;
             c = ln_json_next(doc, v, c)) {
            assert_in_range(c, v + 1, doc->toks[v].next - 1);
            n++;
        }
        assert_int_equal(n, ln_json_count(doc, v));
        ln_json_get(doc, v, "a");
        ln_json_at(doc, v, n / 2);
    }
}

static const char *const seeds[] = {
    "{\"a\":[1,-2.5e3,\"x\\u00e9\\n\xE2\x82\xAC\",true,null],\"b\":{}}",
    "{\"action\":\"snapshot\",\"arg\":{\"instType\":\"USDT-FUTURES\","
    "\"channel\":\"books5\",\"instId\":\"BTCUSDT\"},\"data\":[{\"asks\":"
    "[[\"27000.5\",\"8.760\"],[\"27001.0\",\"0.400\"]],\"bids\":"
    "[[\"27000.0\",\"2.710\"]],\"checksum\":-855196043,\"seq\":123,"
    "\"ts\":\"1695716059516\"}],\"ts\":1695716059516}",
    "[[[[]]],{\"\\ud83d\\ude00\":\"\\ud83d\\ude00\",\"a\":\"\\\\\\\"\"},0]",
    " [ true , false , null , 0.0 , \"\" , { } , [ ] ] ",
};

/* One small damage: a flipped bit, another byte, a cut, a copied or a removed
 * stretch. Returns the new length; text has room for twice <len>. */
static size_t
damage(struct ln_rng *rng, char *text, size_t len)
{
    static const char telling[] = "{}[],:\"\\0123456789-+.eEutfn \n\x80\xFF";
    size_t at = (size_t)ln_rng_below(rng, len);
    size_t n = (size_t)ln_rng_below(rng, len - at) + 1;
    switch (ln_rng_below(rng, 6)) {
    case 0:
        text[at] = (char)(text[at] ^ (1 << ln_rng_below(rng, 8)));
        return len;
    case 1:
        text[at] = (char)ln_rng_u64(rng);
        return len;
    case 2:
        text[at] = telling[ln_rng_below(rng, sizeof telling - 1)];
        return len;
    case 3:
        return at + 1;
    case 4:
        n = n > 8 ? 8 : n;
        memmove(text + at, text + at + n, len - at - n);
        return len - n > 0 ? len - n : 1;
    default:
        n = n > 8 ? 8 : n;
        memmove(text + at + n, text + at, len - at);
        return len + n;
    }
}

static void
mutated_documents_never_harm(void **unused)
{
    (void)unused;
    struct ln_json doc;
    struct ln_rng rng;
    int good = 0, bad = 0;
    ln_json_init(&doc);
    ln_rng_seed(&rng, 20260214);
    for (int i = 0; i < 200000; i++) {
        char text[2048], *copy;
        const char *seed = seeds[i % (int)LN_COUNT(seeds)];
        size_t len = strlen(seed);
        memcpy(text, seed, len + 1);
        for (uint64_t k = ln_rng_below(&rng, 3) + 1; k > 0; k--)
            len = damage(&rng, text, len);
        if (parse_exact(&doc, text, len, &copy, NULL) == LN_OK) {
            walk(&doc);
            good++;
        } else {
            assert_int_equal(doc.count, 0);
            bad++;
        }
        free(copy);
    }
    ln_json_deinit(&doc);
    /* Both outcomes were really exercised. */
    assert_true(good > 10000);
    assert_true(bad > 10000);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_is_json),
        cmocka_unit_test(refuses_what_is_not),
        cmocka_unit_test(refuses_zero_bytes_everywhere),
        cmocka_unit_test(every_cut_of_a_document_is_refused),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(token_count_is_bounded),
        cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(tokens_are_flat),
        cmocka_unit_test(memory_is_reused),
        cmocka_unit_test(an_error_says_where_and_empties_the_document),
        cmocka_unit_test(mutated_documents_never_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
