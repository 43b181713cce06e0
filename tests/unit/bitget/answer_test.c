/*
 * Answers: what each of them means for the request.
 */
#include "bitget/answer.h"

#include "base/assert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct ln_json doc;
static ln_json_val data;
static int64_t request_ms;
static struct ln_venue_error error;

enum { READ = 0, WRITE = 1 };

static void
decode(int status, const char *body, int is_write)
{
    struct ln_http_response resp = {
        .code = LN_OK, .sent = true, .status = status, .body = ln_str(body)};

    ln_answer_decode(&resp, is_write == WRITE, &doc, &data, &request_ms,
                     &error);
}

static void
decode_failure(enum ln_err code, bool sent, int is_write)
{
    struct ln_http_response resp = {.code = code, .sent = sent};

    (void)ln_error_set(&resp.err, code, "h:1", NULL, "the line is dead");
    ln_answer_decode(&resp, is_write == WRITE, &doc, &data, &request_ms,
                     &error);
}

static int
teardown(void **state)
{
    (void)state;
    ln_json_deinit(&doc);
    return 0;
}

/* ---- the table of codes ---- */

/* Every code of the exchange's error table, by how it is to be taken. */
static const char retry[] =
    "429 40008 40015 40200 40846 40842 40908 43059 22045 70220 22043 22044 "
    "22067 40722 40826 45121 45129";
static const char ask[] = "40010 40910 40725 45001 40786 45034 43118";
static const char state[] =
    "40844 41113 41114 45043 43115 43119 43120 22004 45107 45108 45119 45009 "
    "40879 40880 40931 40762 40754 43012 45002 40798 40800 22006-22009 40815 "
    "40816 40820 40821 40715 40723 40761 43005 43128 45118 45116 22029 40928 "
    "40921 45120 40717 40804 43029 45003 45006 40757 22002 43043 40939 40109 "
    "40768 43001 45057 31007 22001 43004 45031 45055 45056 43025 43026 43020 "
    "43021 43033 40837 43023 40891 45068 43030 43031 40889 40890 43071 40730 "
    "45097 45117 40920 40872 40714 40801 40802";
static const char no[] =
    "30032 40001 40006 40002 40003 40005 40009 40011 40012 40036 40037 40041 "
    "40014 40040 40018 40038 40013 40022-40026 40031 40710 40760 40085 40078 "
    "40079 40100-40104 40111 40000 40035 40808 40404 40017 400172 40064 48001 "
    "40019 40811 40813 48002 40020 41100 41101 41103 40034 40053 40057 40058 "
    "40059 40408 40409 40102 40072 40304 40305 40306 40912 40402 40812 40913 "
    "40924 43011 1 20001 40303 40704 40705 40707 40309 40845 22039-22041 "
    "40774 45109 45021 43075 45110 45111 45112 45113 45114 22034 43006 43007 "
    "43027 43037 43038 45115 43028 45035 22038 40706 43008 43009 43039 43040 "
    "40824 45123 22003 40922 40923 40925 43032 31012 31013 43034 43035 "
    "40829-40836 43013-43016 45060-45067 40915 40917 45122 22042 40814 45054 "
    "45044 45045 43050 40893 22005 40716 22011 40874 40875";

/* Every code of the list has the verdict; returns how many they are. */
static int
check_list(const char *list, enum ln_verdict verdict)
{
    int n = 0;

    for (const char *at = list; *at;) {
        char *end;
        long from = strtol(at, &end, 10), to = from;
        if (*end == '-')
            to = strtol(end + 1, &end, 10);
        for (long code = from; code <= to; code++, n++) {
            const struct ln_error_code *row = ln_error_code((int32_t)code);
            if (row->code != code || row->verdict != verdict)
                fail_msg("code %ld is taken as %d", code, (int)row->verdict);
            assert_true(strlen(row->meaning) > 5);
        }
        at = end + strspn(end, " ");
    }
    return n;
}

static void
every_code_has_its_verdict(void **unused)
{
    (void)unused;
    assert_int_equal(check_list(retry, LN_VERDICT_RETRY), 17);
    assert_int_equal(check_list(ask, LN_VERDICT_ASK), 7);
    assert_int_equal(check_list(state, LN_VERDICT_STATE), 81);
    assert_int_equal(check_list(no, LN_VERDICT_NO), 149);
}

static void
an_unlisted_code_is_to_be_asked_about(void **unused)
{
    (void)unused;
    for (const int32_t *c = (const int32_t[]){40333, -5, 99999, INT32_MAX, 0};
         *c; c++) {
        assert_int_equal(ln_error_code(*c)->verdict, LN_VERDICT_ASK);
        assert_int_not_equal(ln_error_code(*c)->code, *c);
    }
    assert_int_equal(ln_error_code(0)->verdict, LN_VERDICT_OK);
}

/* ---- success ---- */

static void
success_gives_the_data(void **unused)
{
    (void)unused;
    decode(200,
           "{\"code\":\"00000\",\"msg\":\"success\",\"requestTime\":"
           "1700000000123,\"data\":{\"orderId\":\"7\"}}",
           WRITE);
    assert_int_equal(error.code, LN_OK);
    assert_int_equal(error.verdict, LN_VERDICT_OK);
    assert_int_equal(error.http_status, 200);
    assert_int_equal(request_ms, 1700000000123);
    assert_true(ln_str_eqc(
        ln_json_scalar(&doc, ln_json_get(&doc, data, "orderId")), "7"));
}

static void
success_without_data_or_in_another_order(void **unused)
{
    (void)unused;
    decode(200, "{\"msg\":\"success\",\"code\":\"00000\"}", READ);
    assert_int_equal(error.code, LN_OK);
    assert_int_equal(data, LN_JSON_NONE);
    assert_int_equal(request_ms, 0);
    decode(200, "{\"data\":null,\"code\":0,\"news\":[1]}", READ);
    assert_int_equal(error.code, LN_OK);
    assert_int_equal(ln_json_type(&doc, data), LN_JSON_NULL);
}

/* ---- refusals ---- */

static void
a_refusal_by_code_whatever_the_status(void **unused)
{
    static const int statuses[] = {200, 400, 403, 404, 500, 502};

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(statuses); i++) {
        decode(statuses[i],
               "{\"code\":\"40762\",\"msg\":\"The order amount exceeds the "
               "balance\",\"requestTime\":5,\"data\":null}",
               WRITE);
        assert_int_equal(error.code, LN_ERR_VENUE);
        assert_int_equal(error.exchange_code, 40762);
        assert_int_equal(error.verdict, LN_VERDICT_STATE);
        assert_int_equal(error.http_status, statuses[i]);
        assert_true(error.sent);
        assert_string_equal(error.message,
                            "The order amount exceeds the balance");
        assert_int_equal(data, LN_JSON_NONE);
    }
}

/* Ask about a write; a read whose outcome is unknown is just made again. */
static void
an_unlisted_or_unclear_code(void **unused)
{
    (void)unused;
    decode(400, "{\"code\":\"49999\",\"msg\":\"new\"}", WRITE);
    assert_int_equal(error.verdict, LN_VERDICT_ASK);
    decode(400, "{\"code\":\"49999\",\"msg\":\"new\"}", READ);
    assert_int_equal(error.verdict, LN_VERDICT_RETRY);
    decode(400, "{\"code\":\"40010\",\"msg\":\"timeout\"}", WRITE);
    assert_int_equal(error.verdict, LN_VERDICT_ASK);
    decode(400, "{\"code\":\"40010\",\"msg\":\"timeout\"}", READ);
    assert_int_equal(error.verdict, LN_VERDICT_RETRY);
}

static void
the_message_falls_back_and_is_cleaned(void **unused)
{
    char body[1000];

    (void)unused;
    decode(400, "{\"code\":\"40034\",\"msg\":\"\"}", READ);
    assert_string_equal(error.message, ln_error_code(40034)->meaning);
    decode(400, "{\"code\":\"40034\",\"msg\":\"a\\u001b[2J\\nb\"}", READ);
    assert_string_equal(error.message, "a [2J b");
    (void)snprintf(body, sizeof body, "{\"code\":\"1\",\"msg\":\"%0600d\"}", 1);
    decode(400, body, READ);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
}

static void
too_many_requests_with_and_without_json(void **unused)
{
    (void)unused;
    decode(429, "{\"code\":\"429\",\"msg\":\"Too Many Requests\"}", WRITE);
    assert_int_equal(error.code, LN_ERR_LIMIT);
    assert_int_equal(error.verdict, LN_VERDICT_RETRY);
    assert_int_equal(error.exchange_code, 429);
    decode(429, "Too Many Requests", WRITE);
    assert_int_equal(error.code, LN_ERR_LIMIT);
    assert_int_equal(error.verdict, LN_VERDICT_RETRY);
    assert_int_equal(error.exchange_code, 0);
    assert_int_equal(error.http_status, 429);
}

/* ---- no envelope ---- */

static void
bodies_that_are_no_answer(void **unused)
{
    static const char *const bodies[] = {
        "",
        "<html><body>502 Bad Gateway</body></html>",
        "{\"code\":\"00000\",\"data\":{\"orderId\":\"7",
        "{}",
        "[]",
        "null",
        "{\"code\":\"abc\"}",
        "{\"code\":null}",
        "{\"code\":\"-3\"}",
        "{\"code\":\"99999999999\"}",
        "{\"error\":\"x\"}",
    };

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(bodies); i++) {
        for (const int *s = (const int[]){200, 500, 502, 503, 504, 408, 0}; *s;
             s++) {
            decode(*s, bodies[i], WRITE);
            assert_int_equal(error.code, LN_ERR_VENUE);
            assert_int_equal(error.verdict, LN_VERDICT_ASK);
            assert_int_equal(error.exchange_code, 0);
            assert_int_equal(error.http_status, *s);
            assert_int_equal(data, LN_JSON_NONE);
            assert_true(strlen(error.message) > 0);
            decode(*s, bodies[i], READ);
            assert_int_equal(error.verdict, LN_VERDICT_RETRY);
        }
        for (const int *s = (const int[]){301, 401, 403, 404, 413, 0}; *s;
             s++) {
            decode(*s, bodies[i], WRITE);
            assert_int_equal(error.verdict, LN_VERDICT_NO);
        }
    }
}

/* ---- no answer ---- */

static void
what_was_never_sent_did_nothing(void **unused)
{
    static const enum ln_err codes[] = {LN_ERR_NET, LN_ERR_TLS, LN_ERR_TIMEOUT};

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(codes); i++) {
        for (int w = READ; w <= WRITE; w++) {
            decode_failure(codes[i], false, w);
            assert_int_equal(error.code, codes[i]);
            assert_int_equal(error.verdict, LN_VERDICT_RETRY);
            assert_false(error.sent);
            assert_int_equal(error.http_status, 0);
            assert_string_equal(error.message, "the line is dead");
        }
    }
}

static void
what_was_sent_and_not_answered_is_unknown(void **unused)
{
    static const enum ln_err codes[] = {LN_ERR_NET, LN_ERR_TIMEOUT};

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(codes); i++) {
        decode_failure(codes[i], true, WRITE);
        assert_int_equal(error.code, codes[i]);
        assert_int_equal(error.verdict, LN_VERDICT_ASK);
        assert_true(error.sent);
        decode_failure(codes[i], true, READ);
        assert_int_equal(error.verdict, LN_VERDICT_RETRY);
    }
}

/* The document of the answer before is not taken for this one's. */
static void
nothing_of_the_last_answer_is_left(void **unused)
{
    (void)unused;
    decode(200, "{\"code\":\"00000\",\"data\":{\"a\":1}}", READ);
    decode_failure(LN_ERR_TIMEOUT, true, READ);
    assert_int_equal(data, LN_JSON_NONE);
    assert_int_equal(ln_json_type(&doc, 0), LN_JSON_ABSENT);
}

/* ---- for people ---- */

static void
errors_as_text(void **unused)
{
    struct ln_error text;

    (void)unused;
    decode(400, "{\"code\":\"40034\",\"msg\":\"Parameter does not exist\"}",
           READ);
    ln_venue_error_text(&error, &text);
    assert_int_equal(text.code, LN_ERR_VENUE);
    assert_string_equal(text.what, "Bitget answers 40034 (HTTP 400): "
                                   "Parameter does not exist");
    assert_string_equal(text.cure, ln_error_code(40034)->meaning);
    decode(502, "<html>", WRITE);
    ln_venue_error_text(&error, &text);
    assert_non_null(strstr(text.what, "HTTP 502"));
    assert_non_null(strstr(text.cure, "query before repeating"));
    decode(400, "{\"code\":\"00001\",\"msg\":\"span\"}", READ);
    ln_venue_error_text(&error, &text);
    assert_non_null(strstr(text.what, "00001"));
    decode_failure(LN_ERR_NET, false, READ);
    ln_venue_error_text(&error, &text);
    assert_int_equal(text.code, LN_ERR_NET);
    assert_string_equal(text.what, "the line is dead");
    decode(200, "{\"code\":\"00000\"}", READ);
    ln_venue_error_text(&error, &text);
    assert_int_equal(text.code, LN_OK);
}

int
main(void)
{
#define T(f) cmocka_unit_test_teardown(f, teardown)
    const struct CMUnitTest tests[] = {
        T(every_code_has_its_verdict),
        T(an_unlisted_code_is_to_be_asked_about),
        T(success_gives_the_data),
        T(success_without_data_or_in_another_order),
        T(a_refusal_by_code_whatever_the_status),
        T(an_unlisted_or_unclear_code),
        T(the_message_falls_back_and_is_cleaned),
        T(too_many_requests_with_and_without_json),
        T(bodies_that_are_no_answer),
        T(what_was_never_sent_did_nothing),
        T(what_was_sent_and_not_answered_is_unknown),
        T(nothing_of_the_last_answer_is_left),
        T(errors_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
