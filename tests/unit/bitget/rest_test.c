/*
 * REST calls: headers and signatures, the clock, what goes wrong, dry runs.
 * Limits are in rest_limits_test.c.
 */
#include "rest_fixture.h"

/* ---- headers ---- */

static void
a_signed_get_is_vector_a(void **unused)
{
    (void)unused;
    start(true, false);
    call("get_account",
         "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
         "\"marginCoin\":\"USDT\"}",
         LN_PRIO_QUERY, NULL);
    assert_int_equal(w.answers, 0); /* never inside the call */
    run(1000);
    assert_int_equal(w.nseen, 1);
    const struct seen *s = &w.seen[0];
    assert_string_equal(s->method, "GET");
    assert_string_equal(s->target,
                        "/api/v2/mix/account/account?marginCoin=USDT&"
                        "productType=USDT-FUTURES&symbol=BTCUSDT");
    assert_string_equal(s->key, "bg_0123456789");
    assert_string_equal(s->passphrase, "open-sesame");
    assert_string_equal(s->timestamp, "1700000000000");
    assert_string_equal(s->sign,
                        "yVNwgl4944CdTWhpLuxBNb+5UQHGtWU3ZYf3LeEgqXY=");
    assert_string_equal(s->locale, "en-US");
    assert_string_equal(s->content_type, ""); /* there is no content */
    assert_string_equal(s->paptrading, "");
    assert_string_equal(s->body, "");
    assert_int_equal(w.answers, 1);
    assert_int_equal(w.error.code, LN_OK);
    assert_string_equal(w.data, "yes");
}

static void
a_signed_post_is_vector_d_in_server_time(void **unused)
{
    (void)unused;
    w.clock_ahead_ms = 123;
    start(true, true);
    ln_rest_sync_clock(w.rest, NULL, NULL);
    run(0);
    assert_int_equal(ln_rest_server_ms(w.rest), START_MS + 123);
    call("cancel_all_orders", "{\"productType\":\"USDT-FUTURES\"}",
         LN_PRIO_CANCEL, NULL);
    run(1000);
    const struct seen *s = &w.seen[1];
    assert_string_equal(s->method, "POST");
    assert_string_equal(s->target, "/api/v2/mix/order/cancel-all-orders");
    assert_string_equal(s->body, "{\"productType\":\"USDT-FUTURES\"}");
    assert_string_equal(s->content_type, "application/json");
    assert_string_equal(s->paptrading, "1");
    assert_string_equal(s->timestamp, "1700000000123");
    assert_string_equal(s->sign,
                        "Z/sRSgSjFG9x1oBOE/oBtaV4uUWtewm66G8+Ivg6hvo=");
}

static void
what_is_sent_encoded_is_signed_encoded(void **unused)
{
    char sign[LN_SIGNATURE_CAP];

    (void)unused;
    start(true, false);
    call("get_order_detail",
         "{\"symbol\":\"X\",\"productType\":\"USDT-FUTURES\","
         "\"clientOid\":\"a b#\"}",
         LN_PRIO_QUERY, NULL);
    run(1000);
    const struct seen *s = &w.seen[0];
    assert_non_null(strstr(s->target, "clientOid=a%20b%23&"));
    const struct ln_str pieces[] = {ln_str(s->timestamp), ln_str("GET"),
                                    ln_str(s->target)};
    assert_int_equal(ln_credentials_sign(w.cred, pieces, 3, sign, &err), LN_OK);
    assert_string_equal(s->sign, sign);
}

static void
public_requests_carry_no_key(void **unused)
{
    (void)unused;
    start(true, false);
    query(NULL);
    run(1000);
    assert_int_equal(w.nseen, 1);
    assert_string_equal(w.seen[0].key, "");
    assert_string_equal(w.seen[0].sign, "");
    assert_string_equal(w.seen[0].timestamp, "");
    assert_string_equal(w.seen[0].passphrase, "");
}

static void
without_keys_private_requests_are_not_sent(void **unused)
{
    (void)unused;
    start(false, false);
    call("get_accounts", "{\"productType\":\"USDT-FUTURES\"}", LN_PRIO_QUERY,
         NULL);
    assert_int_equal(w.answers, 0);
    run(1000);
    assert_int_equal(w.answers, 1);
    assert_int_equal(w.nseen, 0);
    assert_int_equal(w.error.code, LN_ERR_CONFIG);
    assert_int_equal(w.error.verdict, LN_VERDICT_NO);
    assert_false(w.error.sent);
}

/* ---- clock ---- */

static void
the_clock_is_the_servers_at_half_the_way(void **unused)
{
    struct ln_net_faults faults = {.latency_min_ms = 400,
                                   .latency_max_ms = 400};

    (void)unused;
    ln_net_virtual_faults(w.net, &faults);
    w.clock_ahead_ms = 90000;
    start(false, false);
    /* Twice: the first one also had to connect. */
    for (int i = 1; i <= 2; i++) {
        ln_rest_sync_clock(w.rest, on_answer, NULL);
        run(5000);
        assert_int_equal(w.answers, i);
        assert_int_equal(w.error.code, LN_OK);
    }
    assert_in_range(stats().clock_offset_ms, 89999, 90001);
    assert_int_equal(ln_rest_server_ms(w.rest),
                     ln_loop_now_ms(w.loop) + stats().clock_offset_ms);
}

static void
a_failed_sync_leaves_the_clock_alone(void **unused)
{
    (void)unused;
    w.clock_ahead_ms = 5000;
    start(false, false);
    ln_rest_sync_clock(w.rest, on_answer, NULL);
    run(1000);
    assert_int_equal(stats().clock_offset_ms, 5000);
    ln_server_close(w.server);
    ln_rest_sync_clock(w.rest, on_answer, NULL);
    run(20000);
    assert_int_equal(w.answers, 2);
    assert_int_equal(w.failures, 1);
    assert_int_equal(stats().clock_offset_ms, 5000);
}

/* 40008: the clock is set again; the order is not sent again. */
static void
a_wrong_timestamp_sets_the_clock(void **unused)
{
    (void)unused;
    w.clock_ahead_ms = 60000;
    w.status = 400;
    w.body = "{\"code\":\"40008\",\"msg\":\"Request timestamp expired\"}";
    start(true, false);
    for (int i = 0; i < 3; i++)
        call("cancel_all_orders", "{\"productType\":\"USDT-FUTURES\"}",
             LN_PRIO_CANCEL, NULL);
    run(900);
    assert_int_equal(w.answers, 3);
    assert_int_equal(w.error.exchange_code, 40008);
    assert_int_equal(w.error.verdict, LN_VERDICT_RETRY);
    assert_int_equal(w.nseen, 4); /* asked once for all three */
    assert_string_equal(w.seen[3].target, "/api/v2/public/time");
    assert_int_equal(stats().clock_offset_ms, 60000);
    assert_int_equal(stats().errors, 3);
    run(60000);
    assert_int_equal(w.nseen, 4);
    w.status = 200;
    w.body = NULL;
    int64_t ms = ln_rest_server_ms(w.rest);
    call("cancel_all_orders", "{\"productType\":\"USDT-FUTURES\"}",
         LN_PRIO_CANCEL, NULL);
    run(100);
    assert_int_equal(strtoll(w.seen[4].timestamp, NULL, 10), ms);
}

/* ---- what goes wrong ---- */

static void
refusals_reach_the_caller(void **unused)
{
    (void)unused;
    start(true, false);
    w.status = 400;
    w.body = "{\"code\":\"40762\",\"msg\":\"The order amount exceeds the "
             "balance\",\"data\":null}";
    call("cancel_all_orders", "{\"productType\":\"USDT-FUTURES\"}",
         LN_PRIO_CANCEL, NULL);
    run(100);
    assert_int_equal(w.answers, 1);
    assert_int_equal(w.error.code, LN_ERR_VENUE);
    assert_int_equal(w.error.exchange_code, 40762);
    assert_int_equal(w.error.verdict, LN_VERDICT_STATE);
    assert_int_equal(stats().errors, 1);
}

static void
a_write_without_an_answer_is_unknown(void **unused)
{
    (void)unused;
    start(true, false);
    w.silent = true;
    call("cancel_all_orders", "{\"productType\":\"USDT-FUTURES\"}",
         LN_PRIO_CANCEL, NULL);
    run(9000);
    assert_int_equal(w.answers, 0);
    run(2000);
    assert_int_equal(w.answers, 1);
    assert_int_equal(w.error.code, LN_ERR_TIMEOUT);
    assert_int_equal(w.error.verdict, LN_VERDICT_ASK);
    assert_true(w.error.sent);
    run(60000);
    assert_int_equal(w.nseen, 1); /* never repeated by itself */
}

static void
a_refused_connection_did_nothing(void **unused)
{
    (void)unused;
    start(true, false);
    ln_server_close(w.server);
    call("cancel_all_orders", "{\"productType\":\"USDT-FUTURES\"}",
         LN_PRIO_CANCEL, NULL);
    run(15000);
    assert_int_equal(w.answers, 1);
    assert_int_equal(w.error.code, LN_ERR_NET);
    assert_int_equal(w.error.verdict, LN_VERDICT_RETRY);
    assert_false(w.error.sent);
}

/* Every request is told exactly once, whatever the network does. */
static void
each_request_is_told_once_under_faults(void **unused)
{
    struct ln_net_faults faults = {.latency_min_ms = 1,
                                   .latency_max_ms = 300,
                                   .drop_request = 0.1,
                                   .drop_response = 0.1,
                                   .reset = 0.05,
                                   .refuse = 0.05};

    (void)unused;
    ln_net_virtual_faults(w.net, &faults);
    start(false, false);
    for (int i = 0; i < 300; i++)
        query(NULL);
    run(200000);
    assert_int_equal(w.answers, 300);
    assert_true(w.failures > 0 && w.failures < 300);
    assert_int_equal(stats().requests, 300);
}

static void
freed_with_requests_under_way_and_waiting(void **unused)
{
    (void)unused;
    start(false, false);
    for (int i = 0; i < 50; i++)
        query(NULL);
    call("get_accounts", "{\"productType\":\"USDT-FUTURES\"}", LN_PRIO_QUERY,
         NULL);
    ln_rest_free(w.rest);
    w.rest = NULL;
    run(30000);
    assert_int_equal(w.answers, 0);
}

static void
free_rest(void *ctx, const struct ln_venue_error *error,
          const struct ln_json *doc, ln_json_val data)
{
    (void)ctx;
    (void)error;
    (void)doc;
    (void)data;
    w.answers++;
    ln_rest_free(w.rest);
    w.rest = NULL;
}

static void
freed_inside_its_own_callback(void **unused)
{
    (void)unused;
    start(false, false);
    ln_rest_sync_clock(w.rest, free_rest, NULL);
    for (int i = 0; i < 30; i++)
        query(NULL);
    run(30000);
    assert_null(w.rest);
    assert_true(w.answers >= 1 && w.answers < 31);
}

static void
addresses_that_are_none(void **unused)
{
    static const char *const bases[] = {"",
                                        "api.bitget.com",
                                        "ftp://127.0.0.1",
                                        "wss://127.0.0.1",
                                        "http://example.com",
                                        "https://127.0.0.1/?a=b"};

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(bases); i++) {
        struct ln_bitget_config cfg = {.rest = bases[i]};
        memset(&err, 0, sizeof err);
        assert_null(ln_rest_new(w.loop, w.net, &cfg, &err));
        assert_true(err.code != LN_OK && err.what[0]);
    }
}

/* ---- dry run ---- */

static void
dry_run(const char *name, struct ln_buf *out)
{
    const struct ln_endpoint *ep = ln_v2_endpoint(name);
    struct ln_json doc;
    static const char params[] = "{\"productType\":\"USDT-FUTURES\"}";

    ln_json_init(&doc);
    assert_int_equal(ln_json_parse(&doc, params, strlen(params), NULL), LN_OK);
    assert_int_equal(ln_endpoint_build(ep, &doc, false, &w.text, &err), LN_OK);
    ln_json_deinit(&doc);
    ln_buf_reset(out);
    assert_int_equal(ln_rest_dry_run(w.rest, ep, &w.text, out, &err), LN_OK);
}

static void
a_dry_run_shows_all_but_the_secrets(void **unused)
{
    struct ln_buf out;
    char want[1024];

    (void)unused;
    ln_buf_init(&out, 65536);
    start(true, true);
    dry_run("cancel_all_orders", &out);
    (void)snprintf(
        want, sizeof want,
        "{\"method\":\"POST\",\"url\":\"%s/api/v2/mix/order/"
        "cancel-all-orders\",\"headers\":{\"ACCESS-KEY\":\"bg_0****\","
        "\"ACCESS-SIGN\":\"****\",\"ACCESS-TIMESTAMP\":\"1700000000000\","
        "\"ACCESS-PASSPHRASE\":\"****\",\"Content-Type\":\"application/json\","
        "\"locale\":\"en-US\",\"paptrading\":\"1\"},"
        "\"body\":\"{\\\"productType\\\":\\\"USDT-FUTURES\\\"}\","
        "\"prehash\":\"1700000000000POST/api/v2/mix/order/cancel-all-orders"
        "{\\\"productType\\\":\\\"USDT-FUTURES\\\"}\"}",
        w.base);
    assert_string_equal(out.data, want);
    run(1000);
    assert_int_equal(w.nseen, 0);
    ln_buf_deinit(&out);
}

static void
a_dry_run_without_keys_or_signature(void **unused)
{
    struct ln_buf out;

    (void)unused;
    ln_buf_init(&out, 65536);
    start(false, false);
    dry_run("get_accounts", &out);
    assert_non_null(strstr(out.data, "\"ACCESS-SIGN\":\"(not signed)\""));
    assert_non_null(strstr(out.data, "\"prehash\":\"1700000000000GET/api/v2/"
                                     "mix/account/accounts?productType="));
    dry_run("get_tickers", &out);
    assert_null(strstr(out.data, "ACCESS"));
    assert_non_null(strstr(out.data, "\"prehash\":null"));
    ln_buf_deinit(&out);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_signed_get_is_vector_a),
        T(a_signed_post_is_vector_d_in_server_time),
        T(what_is_sent_encoded_is_signed_encoded),
        T(public_requests_carry_no_key),
        T(without_keys_private_requests_are_not_sent),
        T(the_clock_is_the_servers_at_half_the_way),
        T(a_failed_sync_leaves_the_clock_alone),
        T(a_wrong_timestamp_sets_the_clock),
        T(refusals_reach_the_caller),
        T(a_write_without_an_answer_is_unknown),
        T(a_refused_connection_did_nothing),
        T(each_request_is_told_once_under_faults),
        T(freed_with_requests_under_way_and_waiting),
        T(freed_inside_its_own_callback),
        T(addresses_that_are_none),
        T(a_dry_run_shows_all_but_the_secrets),
        T(a_dry_run_without_keys_or_signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
