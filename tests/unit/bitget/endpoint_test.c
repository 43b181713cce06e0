/*
 * The endpoint table and what requests are made from it.
 */
#include "bitget/endpoint.h"

#include "base/assert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct ln_request_text out;
static struct ln_error err;

/* Builds from JSON text. */
static enum ln_err
build_with(const char *name, const char *params, bool extra)
{
    struct ln_json doc;
    const struct ln_endpoint *ep = ln_v2_endpoint(name);

    assert_non_null(ep);
    memset(&err, 0, sizeof err);
    ln_json_init(&doc);
    assert_int_equal(ln_json_parse(&doc, params, strlen(params), NULL), LN_OK);
    enum ln_err e = ln_endpoint_build(ep, &doc, extra, &out, &err);
    ln_json_deinit(&doc);
    return e;
}

static enum ln_err
build(const char *name, const char *params)
{
    return build_with(name, params, false);
}

static void
assert_target(const char *want)
{
    assert_non_null(out.target.data);
    assert_string_equal(out.target.data, want);
}

static void
assert_body(const char *want)
{
    assert_non_null(out.body.data);
    assert_string_equal(out.body.data, want);
}

/* The error speaks of both. */
static void
assert_refused(enum ln_err e, const char *what, const char *cure)
{
    assert_int_equal(e, LN_ERR_ARG);
    assert_int_equal(err.code, LN_ERR_ARG);
    if (!strstr(err.what, what))
        fail_msg("'%s' does not say '%s'", err.what, what);
    if (!strstr(err.cure, cure))
        fail_msg("'%s' does not say '%s'", err.cure, cure);
    assert_int_equal(out.target.len, 0);
    assert_int_equal(out.body.len, 0);
}

static int
setup(void **state)
{
    (void)state;
    ln_request_text_init(&out);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    ln_request_text_deinit(&out);
    return 0;
}

/* ---- the table ---- */

static void
every_row_is_sound(void **unused)
{
    size_t n;
    const struct ln_endpoint *rows = ln_v2_endpoints(&n);

    (void)unused;
    int params = 0;
    assert_int_equal(n, 77);
    for (size_t i = 0; i < n; i++) {
        const struct ln_endpoint *ep = &rows[i];
        bool get = strcmp(ep->method, "GET") == 0;
        assert_true(get || strcmp(ep->method, "POST") == 0);
        assert_true(ln_str_starts(ln_str(ep->path), "/api/v2/"));
        assert_null(strchr(ep->path, '?'));
        assert_true(ep->rate_milli >= 100 && ep->rate_milli <= 20000);
        assert_true(ep->auth || get); /* writes are signed */
        assert_true(strlen(ep->summary) > 5);
        assert_ptr_equal(ln_v2_endpoint(ep->name), ep);
        assert_ptr_equal(ln_v2_endpoint_by_path(ep->method, ln_str(ep->path)),
                         ep);
        for (int k = 0; k < ep->nparams; k++) {
            const struct ln_param *p = &ep->params[k];
            assert_true(p->name[0] && p->help[0]);
            assert_int_equal(p->type == LN_PT_ENUM, p->values != NULL);
            assert_true(p->type != LN_PT_LIST || !get);
            for (int j = 0; j < k; j++)
                assert_string_not_equal(p->name, ep->params[j].name);
        }
        assert_null(ep->params[ep->nparams].name);
        params += ep->nparams;
    }
    assert_int_equal(params, 358);
}

/* Nothing in the table moves money out of the account. */
static void
no_row_withdraws_or_transfers(void **unused)
{
    size_t n;
    const struct ln_endpoint *rows = ln_v2_endpoints(&n);

    (void)unused;
    for (size_t i = 0; i < n; i++) {
        assert_null(strstr(rows[i].path, "withdraw"));
        assert_true(!strstr(rows[i].path, "transfer") ||
                    strcmp(rows[i].method, "GET") == 0);
    }
}

static void
rows_as_the_exchange_documents_them(void **unused)
{
    const struct ln_endpoint *ep = ln_v2_endpoint("place_order");

    (void)unused;
    assert_string_equal(ep->method, "POST");
    assert_string_equal(ep->path, "/api/v2/mix/order/place-order");
    assert_true(ep->auth);
    assert_int_equal(ep->rate_milli, 10000);
    assert_int_equal(ep->scope, LN_SCOPE_UID);
    assert_int_equal(ep->nparams, 17);

    ep = ln_v2_endpoint("get_sub_account_assets");
    assert_int_equal(ep->rate_milli, 100); /* one in ten seconds */
    ep = ln_v2_endpoint("close_positions");
    assert_int_equal(ep->rate_milli, 1000);
    ep = ln_v2_endpoint("get_tickers");
    assert_false(ep->auth);
    assert_int_equal(ep->rate_milli, 20000);
    assert_int_equal(ep->scope, LN_SCOPE_IP);
}

static void
names_and_paths_that_do_not_exist(void **unused)
{
    (void)unused;
    assert_null(ln_v2_endpoint("place_ordre"));
    assert_null(ln_v2_endpoint(NULL));
    assert_string_equal(ln_v2_endpoint_nearest("place_ordre"), "place_order");
    assert_string_equal(ln_v2_endpoint_nearest("ticker"), "get_ticker");
    assert_null(ln_v2_endpoint_nearest("make_coffee_now"));
    assert_null(
        ln_v2_endpoint_by_path("GET", ln_str("/api/v2/mix/order/place-order")));
    assert_null(ln_v2_endpoint_by_path("GET", ln_str("/api/v2/mix/order")));
}

/* ---- queries ---- */

static void
query_keys_ascend(void **unused)
{
    (void)unused;
    assert_int_equal(build("get_account", "{\"symbol\":\"BTCUSDT\","
                                          "\"productType\":\"USDT-FUTURES\","
                                          "\"marginCoin\":\"USDT\"}"),
                     LN_OK);
    assert_target("/api/v2/mix/account/account?marginCoin=USDT&"
                  "productType=USDT-FUTURES&symbol=BTCUSDT");
    assert_int_equal(out.body.len, 0);
}

static void
no_parameters_no_question_mark(void **unused)
{
    (void)unused;
    assert_int_equal(build("get_union_config", "{}"), LN_OK);
    assert_target("/api/v2/mix/account/union-config");
}

static void
queries_are_percent_encoded(void **unused)
{
    (void)unused;
    assert_int_equal(build("get_order_detail",
                           "{\"symbol\":\"BTCUSDT\",\"productType\":"
                           "\"USDT-FUTURES\",\"clientOid\":"
                           "\"a b+c#d:e/\\u00e9~._-\"}"),
                     LN_OK);
    assert_target("/api/v2/mix/order/detail?"
                  "clientOid=a%20b%2Bc%23d%3Ae%2F%C3%A9~._-&"
                  "productType=USDT-FUTURES&symbol=BTCUSDT");
}

static void
null_means_not_given(void **unused)
{
    (void)unused;
    assert_int_equal(build("get_orders_pending",
                           "{\"productType\":\"USDT-FUTURES\","
                           "\"symbol\":null,\"limit\":100}"),
                     LN_OK);
    assert_target("/api/v2/mix/order/orders-pending?limit=100&"
                  "productType=USDT-FUTURES");
}

/* ---- bodies ---- */

static void
body_in_the_order_of_the_table_all_strings(void **unused)
{
    (void)unused;
    assert_int_equal(
        build("place_order",
              "{\"reduceOnly\":true,\"clientOid\":\"t-1\",\"price\":30000.5,"
              "\"size\":0.01,\"orderType\":\"limit\",\"side\":\"buy\","
              "\"marginCoin\":\"USDT\",\"marginMode\":\"crossed\","
              "\"productType\":\"USDT-FUTURES\",\"symbol\":\"BTCUSDT\"}"),
        LN_OK);
    assert_target("/api/v2/mix/order/place-order");
    assert_body("{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
                "\"marginMode\":\"crossed\",\"marginCoin\":\"USDT\","
                "\"size\":\"0.01\",\"price\":\"30000.5\",\"side\":\"buy\","
                "\"orderType\":\"limit\",\"clientOid\":\"t-1\","
                "\"reduceOnly\":\"YES\"}");
}

static void
texts_are_escaped(void **unused)
{
    (void)unused;
    assert_int_equal(
        build("union_convert", "{\"coin\":\"A\\\"\\\\\\n\",\"amount\":\"1\"}"),
        LN_OK);
    assert_body("{\"coin\":\"A\\\"\\\\\\n\",\"amount\":\"1\"}");
}

static void
numbers_go_out_plain(void **unused)
{
    static const struct {
        const char *given, *sent;
    } cases[] = {{"1e-7", "0.0000001"},   {"1.50", "1.50"},
                 {"\"+3\"", "3"},         {"2.5E3", "2500"},
                 {"-4.25", "-4.25"},      {"1e10", "10000000000"},
                 {"\"0.0100\"", "0.0100"}};
    char params[128], want[128];

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        (void)snprintf(params, sizeof params, "{\"coin\":\"X\",\"amount\":%s}",
                       cases[i].given);
        (void)snprintf(want, sizeof want, "{\"coin\":\"X\",\"amount\":\"%s\"}",
                       cases[i].sent);
        assert_int_equal(build("union_convert", params), LN_OK);
        assert_body(want);
    }
}

/* Lua writes the whole number 20 as 20.0 when it is a float. */
static void
whole_numbers_may_be_written_as_floats(void **unused)
{
    (void)unused;
    assert_int_equal(build("set_all_leverage", "{\"leverage\":20.0,"
                                               "\"productType\":"
                                               "\"usdt-futures\"}"),
                     LN_OK);
    assert_body("{\"productType\":\"USDT-FUTURES\",\"leverage\":\"20\"}");
    assert_refused(build("set_all_leverage", "{\"leverage\":20.5,"
                                             "\"productType\":"
                                             "\"USDT-FUTURES\"}"),
                   "'leverage' must be a whole number", "Leverage");
}

/* modify_tpsl_order wants an empty size for whole-position orders. */
static void
empty_decimals_are_sent_as_they_are(void **unused)
{
    (void)unused;
    assert_int_equal(build("modify_tpsl_order",
                           "{\"orderId\":\"1\",\"marginCoin\":\"USDT\","
                           "\"productType\":\"USDT-FUTURES\",\"symbol\":"
                           "\"BTCUSDT\",\"triggerPrice\":\"1\",\"size\":\"\"}"),
                     LN_OK);
    assert_non_null(strstr(out.body.data, "\"size\":\"\""));
    assert_refused(build("union_convert", "{\"coin\":\"\",\"amount\":\"1\"}"),
                   "'coin' must not be empty", "Coin");
}

/* ---- enums ---- */

static void
enums_match_in_any_case(void **unused)
{
    (void)unused;
    assert_int_equal(build("get_candles",
                           "{\"symbol\":\"BTCUSDT\",\"productType\":"
                           "\"Usdt-Futures\",\"granularity\":\"1h\"}"),
                     LN_OK);
    assert_target("/api/v2/mix/market/candles?granularity=1H&"
                  "productType=USDT-FUTURES&symbol=BTCUSDT");
}

static void
words_that_are_numbers(void **unused)
{
    (void)unused;
    for (const char *const *limit =
             (const char *const[]){"5", "5.0", "\"5\"", NULL};
         *limit; limit++) {
        char params[128];
        (void)snprintf(params, sizeof params,
                       "{\"symbol\":\"X\",\"productType\":\"USDT-FUTURES\","
                       "\"limit\":%s}",
                       *limit);
        assert_int_equal(build("get_merge_depth", params), LN_OK);
        assert_target("/api/v2/mix/market/merge-depth?limit=5&"
                      "productType=USDT-FUTURES&symbol=X");
    }
}

/* ... except that the exact word wins: 1m is a minute, 1M a month. */
static void
a_minute_is_not_a_month(void **unused)
{
    (void)unused;
    for (const char *const *g =
             (const char *const[]){"1m", "1M", "1Mutc", "30m", NULL};
         *g; g++) {
        char params[160], want[32];
        (void)snprintf(params, sizeof params,
                       "{\"symbol\":\"X\",\"productType\":\"USDT-FUTURES\","
                       "\"granularity\":\"%s\"}",
                       *g);
        (void)snprintf(want, sizeof want, "granularity=%s&", *g);
        assert_int_equal(build("get_candles", params), LN_OK);
        assert_non_null(strstr(out.target.data, want));
    }
}

static void
switches_follow_the_words_of_their_row(void **unused)
{
    (void)unused;
    assert_int_equal(build("set_auto_margin",
                           "{\"symbol\":\"X\",\"marginCoin\":\"USDT\","
                           "\"autoMargin\":false,\"holdSide\":\"long\"}"),
                     LN_OK);
    assert_body("{\"symbol\":\"X\",\"marginCoin\":\"USDT\","
                "\"autoMargin\":\"off\",\"holdSide\":\"long\"}");
    assert_int_equal(build("get_bill", "{\"productType\":\"USDT-FUTURES\","
                                       "\"onlyFunding\":true}"),
                     LN_OK);
    assert_target("/api/v2/mix/account/bill?onlyFunding=yes&"
                  "productType=USDT-FUTURES");
}

static void
a_wrong_word_is_told_the_right_ones(void **unused)
{
    (void)unused;
    assert_refused(build("set_margin_mode",
                         "{\"symbol\":\"X\",\"productType\":\"USDT-FUTURES\","
                         "\"marginCoin\":\"USDT\",\"marginMode\":\"cross\"}"),
                   "'marginMode' must be one of isolated|crossed, not 'cross'",
                   "");
    /* A switch where there is none. */
    assert_refused(build("set_margin_mode",
                         "{\"symbol\":\"X\",\"productType\":\"USDT-FUTURES\","
                         "\"marginCoin\":\"USDT\",\"marginMode\":true}"),
                   "isolated|crossed", "");
}

/* ---- refusals ---- */

static void
a_missing_parameter_is_named(void **unused)
{
    (void)unused;
    assert_refused(build("get_ticker", "{\"symbol\":\"BTCUSDT\"}"),
                   "'productType' is missing", "Product line");
    assert_refused(
        build("get_ticker", "{\"symbol\":\"X\",\"productType\":null}"),
        "'productType' is missing", "Product line");
}

static void
a_misspelt_parameter_is_put_right(void **unused)
{
    (void)unused;
    assert_refused(build("get_ticker", "{\"symbol\":\"X\",\"productTyp\":"
                                       "\"USDT-FUTURES\"}"),
                   "there is no parameter 'productTyp'",
                   "did you mean 'productType'?");
    assert_refused(build("get_server_time", "{\"x\":1}"), "'x'",
                   "it takes no parameters");
}

static void
values_of_the_wrong_form(void **unused)
{
    static const struct {
        const char *name, *params, *what;
    } cases[] = {
        {"union_convert", "{\"coin\":\"X\",\"amount\":\"1,5\"}",
         "'amount' must be a decimal number, not '1,5'"},
        {"union_convert", "{\"coin\":\"X\",\"amount\":true}", "decimal"},
        {"union_convert", "{\"coin\":\"X\",\"amount\":[1]}", "'amount'"},
        {"union_convert", "{\"coin\":true,\"amount\":1}",
         "'coin' must be a text"},
        {"union_convert", "{\"coin\":{},\"amount\":1}", "'coin'"},
        {"union_convert", "{\"coin\":\"X\",\"coin\":\"Y\",\"amount\":1}",
         "'coin' is given twice"},
        {"get_plan_sub_order",
         "{\"planType\":\"normal_plan\",\"planOrderId\":\"12a\","
         "\"productType\":\"USDT-FUTURES\"}",
         "'planOrderId' must be an id"},
        {"get_tax_future_record", "{\"startTime\":\"today\",\"endTime\":1}",
         "'startTime' must be a time in ms"},
        {"get_server_time", "[]", "must be an object"},
    };

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(cases); i++)
        assert_refused(build(cases[i].name, cases[i].params), cases[i].what,
                       "");
}

static void
what_is_too_large_is_refused(void **unused)
{
    static char params[20000];

    (void)unused;
    (void)snprintf(params, sizeof params, "{\"coin\":\"%0600d\",\"amount\":1}",
                   7);
    assert_refused(build("union_convert", params), "'coin'", "");
    int n = snprintf(params, sizeof params,
                     "{\"productType\":"
                     "\"USDT-FUTURES\"");
    for (int i = 0; i < 60; i++)
        n += snprintf(params + n, sizeof params - (size_t)n,
                      ",\"extra%02d\":\"%0200d\"", i, i);
    (void)snprintf(params + n, sizeof params - (size_t)n, "}");
    assert_refused(build_with("get_tickers", params, true), "too large", "");
}

/* ---- lists and extras ---- */

static void
lists_are_passed_with_strings_inside(void **unused)
{
    static const char want[] =
        "{\"orderIdList\":[{\"orderId\":\"1381500303017938945\"},"
        "{\"clientOid\":\"t-0002\"}],\"symbol\":\"BTCUSDT\","
        "\"productType\":\"USDT-FUTURES\"}";

    (void)unused;
    assert_int_equal(
        build("batch_cancel_orders",
              "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
              "\"orderIdList\":[{\"orderId\":1381500303017938945},"
              "{\"clientOid\":\"t-0002\",\"orderId\":null}]}"),
        LN_OK);
    assert_body(want);
    /* The same, given as text. */
    assert_int_equal(
        build("batch_cancel_orders",
              "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
              "\"orderIdList\":\"[{\\\"orderId\\\":1381500303017938945},"
              "{\\\"clientOid\\\":\\\"t-0002\\\"}]\"}"),
        LN_OK);
    assert_body(want);
    assert_int_equal(
        build("batch_place_order",
              "{\"symbol\":\"X\",\"productType\":\"USDT-FUTURES\","
              "\"marginCoin\":\"USDT\",\"marginMode\":\"crossed\","
              "\"orderList\":[{\"size\":1e-3,\"reduceOnly\":true}]}"),
        LN_OK);
    assert_non_null(
        strstr(out.body.data,
               "\"orderList\":[{\"size\":\"0.001\",\"reduceOnly\":\"YES\"}]"));
}

static void
what_is_no_list_of_objects(void **unused)
{
    static const char *const lists[] = {
        "[1]", "{}", "\"[\"", "\"{}\"", "[{\"a\":[1]}]", "7", "[[]]"};
    char params[200];

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(lists); i++) {
        (void)snprintf(params, sizeof params,
                       "{\"productType\":\"USDT-FUTURES\",\"orderIdList\":%s}",
                       lists[i]);
        assert_refused(build("batch_cancel_orders", params),
                       "'orderIdList' must be a list of objects", "");
    }
}

static void
extra_parameters_pass_when_wanted(void **unused)
{
    (void)unused;
    assert_int_equal(build_with("get_tickers",
                                "{\"zeta\":1,\"productType\":\"USDT-FUTURES\","
                                "\"alpha\":\"x\",\"no\":null}",
                                true),
                     LN_OK);
    assert_target("/api/v2/mix/market/tickers?alpha=x&"
                  "productType=USDT-FUTURES&zeta=1");
    assert_int_equal(build_with("union_convert",
                                "{\"new\":[1,{\"a\":2}],\"flag\":true,"
                                "\"coin\":\"X\",\"amount\":\"1\"}",
                                true),
                     LN_OK);
    assert_body("{\"coin\":\"X\",\"amount\":\"1\",\"new\":[1,{\"a\":2}],"
                "\"flag\":\"YES\"}");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(every_row_is_sound),
        T(no_row_withdraws_or_transfers),
        T(rows_as_the_exchange_documents_them),
        T(names_and_paths_that_do_not_exist),
        T(query_keys_ascend),
        T(no_parameters_no_question_mark),
        T(queries_are_percent_encoded),
        T(null_means_not_given),
        T(body_in_the_order_of_the_table_all_strings),
        T(texts_are_escaped),
        T(numbers_go_out_plain),
        T(whole_numbers_may_be_written_as_floats),
        T(empty_decimals_are_sent_as_they_are),
        T(enums_match_in_any_case),
        T(words_that_are_numbers),
        T(a_minute_is_not_a_month),
        T(switches_follow_the_words_of_their_row),
        T(a_wrong_word_is_told_the_right_ones),
        T(a_missing_parameter_is_named),
        T(a_misspelt_parameter_is_put_right),
        T(values_of_the_wrong_form),
        T(what_is_too_large_is_refused),
        T(lists_are_passed_with_strings_inside),
        T(what_is_no_list_of_objects),
        T(extra_parameters_pass_when_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
