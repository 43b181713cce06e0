/*
 * What every request goes through: path, key, signature, time, limits,
 * content type, JSON, parameters, in the order of the wire.
 */
#include "fixture.h"

#define ACCOUNT       "/api/v2/mix/account/account"
#define ACCOUNT_QUERY "marginCoin=USDT&productType=USDT-FUTURES&symbol=BTCUSDT"

/* The signed headers as a test wants them; NULL leaves one out. */
static void
get_with(struct world *w, const char *key, const char *sign,
         const char *timestamp, const char *passphrase)
{
    struct ln_header headers[4];
    size_t n = 0;
    if (key)
        headers[n++] = (struct ln_header){"ACCESS-KEY", ln_str(key)};
    if (sign)
        headers[n++] = (struct ln_header){"ACCESS-SIGN", ln_str(sign)};
    if (timestamp)
        headers[n++] =
            (struct ln_header){"ACCESS-TIMESTAMP", ln_str(timestamp)};
    if (passphrase)
        headers[n++] =
            (struct ln_header){"ACCESS-PASSPHRASE", ln_str(passphrase)};
    send_request(w, "GET", ACCOUNT "?" ACCOUNT_QUERY, headers, n, "");
}

#define VECTOR_A "yVNwgl4944CdTWhpLuxBNb+5UQHGtWU3ZYf3LeEgqXY="

static void
a_published_signature_is_let_in(void **state)
{
    get_with(*state, KEY, VECTOR_A, "1700000000000", PASS);
    expect_ok((struct world *)*state);
}

static void
a_published_signature_of_a_post_is_let_in(void **state)
{
    struct world *w = *state;
    static const char body[] =
        "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
        "\"marginMode\":\"crossed\",\"marginCoin\":\"USDT\",\"size\":\"0.01\","
        "\"price\":\"30000.5\",\"side\":\"buy\",\"orderType\":\"limit\","
        "\"force\":\"gtc\",\"clientOid\":\"t-0001\"}";
    struct ln_header headers[] = {
        {"access-key", ln_str(KEY)},
        {"access-sign", ln_str("c4TOjTSsBmk+EVFFCmyNd7UsD/fQKUwzsTWQSL9P74w=")},
        {"access-timestamp", ln_str("1700000000000")},
        {"access-passphrase", ln_str(PASS)},
        {"content-type", ln_str("application/json; charset=utf-8")}};
    send_request(w, "POST", "/api/v2/mix/order/place-order", headers, 5, body);
    expect_ok(w);
}

static void
checks_come_in_the_order_of_the_wire(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *key, *sign, *timestamp, *passphrase, *code;
    } rows[] = {
        {NULL, NULL, NULL, NULL, "40006"},
        {"bg_other", NULL, NULL, NULL, "40037"},
        {KEY, NULL, NULL, NULL, "40002"},
        {KEY, "x", NULL, NULL, "40005"},
        {KEY, "x", "yesterday", NULL, "40005"},
        {KEY, "x", "1700000000", NULL, "40005"},
        {KEY, "x", "1699999969000", NULL, "40008"},
        {KEY, "x", "1700000031000", NULL, "40008"},
        {KEY, "x", "1700000000000", NULL, "40011"},
        {KEY, "x", "1700000000000", "other", "40012"},
        {KEY, "x", "1700000000000", PASS, "40009"},
        {KEY, VECTOR_A, "1700000000001", PASS, "40009"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        get_with(w, rows[i].key, rows[i].sign, rows[i].timestamp,
                 rows[i].passphrase);
        expect_code(w, rows[i].code);
        assert_int_equal(w->status, 400);
    }
}

static void
the_clock_may_be_thirty_seconds_off(void **state)
{
    struct world *w = *state;
    w->skew_ms = 29900;
    get(w, ACCOUNT, ACCOUNT_QUERY);
    expect_ok(w);
    w->skew_ms = -29900;
    get(w, ACCOUNT, ACCOUNT_QUERY);
    expect_ok(w);
    w->skew_ms = -31000;
    get(w, ACCOUNT, ACCOUNT_QUERY);
    expect_code(w, "40008");
}

static void
a_query_may_be_signed_encoded_or_decoded(void **state)
{
    struct world *w = *state;
    static const char *const signed_queries[] = {"clientOid=a%23b&" BTC,
                                                 "clientOid=a#b&" BTC};
    for (int i = 0; i < 2; i++) {
        char prehash[512], sign[64];
        snprintf(prehash, sizeof(prehash), "%lldGET/api/v2/mix/order/detail?%s",
                 (long long)ln_loop_now_ms(w->loop), signed_queries[i]);
        sign_text(prehash, sign);
        char timestamp[24];
        snprintf(timestamp, sizeof(timestamp), "%.13s", prehash);
        struct ln_header headers[] = {{"ACCESS-KEY", ln_str(KEY)},
                                      {"ACCESS-SIGN", ln_str(sign)},
                                      {"ACCESS-TIMESTAMP", ln_str(timestamp)},
                                      {"ACCESS-PASSPHRASE", ln_str(PASS)}};
        send_request(w, "GET", "/api/v2/mix/order/detail?clientOid=a%23b&" BTC,
                     headers, 4, "");
        expect_code(w, "40109");
    }
}

static void
paths_are_known_or_gone(void **state)
{
    struct world *w = *state;
    pub(w, "/api/v2/mix/market/nothing", "");
    expect_code(w, "40404");
    assert_int_equal(w->status, 404);
    pub(w, "/", "");
    assert_int_equal(w->status, 404);
    pub(w, "/api/mix/v1/market/ticker", "symbol=BTCUSDT_UMCBL");
    expect_code(w, "30032");
    assert_int_equal(w->status, 400);
}

static void
bodies_must_be_json_objects(void **state)
{
    struct world *w = *state;
    static const char path[] = "/api/v2/mix/order/place-order";
    static const char *const bodies[] = {
        "", "{", "[]", "\"text\"", "{\"a\":1}x", "{'a':1}", "{\"a\":01}"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        post(w, path, bodies[i]);
        expect_code(w, "40017");
    }
}

static void
the_content_type_must_be_json(void **state)
{
    struct world *w = *state;
    char sign[64];
    static const char body[] = "{\"productType\":\"USDT-FUTURES\"}";
    static const char path[] = "/api/v2/mix/order/cancel-all-orders";
    char prehash[256];
    snprintf(prehash, sizeof(prehash), "1700000000000POST%s%s", path, body);
    sign_text(prehash, sign);
    struct ln_header headers[] = {{"ACCESS-KEY", ln_str(KEY)},
                                  {"ACCESS-SIGN", ln_str(sign)},
                                  {"ACCESS-TIMESTAMP", ln_str("1700000000000")},
                                  {"ACCESS-PASSPHRASE", ln_str(PASS)},
                                  {"Content-Type", ln_str("text/plain")}};
    send_request(w, "POST", path, headers, 5, body);
    expect_code(w, "40007");
}

static void
parameters_are_checked_by_the_table(void **state)
{
    struct world *w = *state;
    pub(w, "/api/v2/mix/market/ticker", "");
    expect_code(w, "40019");
    pub(w, "/api/v2/mix/market/ticker", "symbol=BTCUSDT");
    expect_code(w, "40019");
    pub(w, "/api/v2/mix/market/ticker", "symbol=BTCUSDT&productType=FUTURES");
    expect_code(w, "400172");
    pub(w, "/api/v2/mix/market/ticker", "symbol=NOSUCH&" P);
    expect_code(w, "40034");
    pub(w, "/api/v2/mix/market/ticker",
        "symbol=BTCUSDT&productType=COIN-FUTURES");
    expect_code(w, "40034"); /* a line without symbols */
    pub(w, "/api/v2/mix/market/tickers", P "&symbol=NOSUCH");
    expect_ok(w); /* what a row does not list is ignored */
    pub(w, "/api/v2/mix/market/candles", BTC "&granularity=1M1");
    expect_code(w, "400172");
    pub(w, "/api/v2/mix/market/candles", BTC "&granularity=1h");
    expect_code(w, "400172"); /* case tells a minute from a month */
    pub(w, "/api/v2/mix/market/fills", BTC "&limit=many");
    expect_code(w, "40017");
    pub(w, "/api/v2/mix/market/ticker", "symbol=%zz&" P);
    expect_code(w, "40017");
}

static void
case_does_not_matter_for_enums_and_symbols(void **state)
{
    struct world *w = *state;
    pub(w, "/api/v2/mix/market/ticker",
        "symbol=btcusdt&productType=usdt-futures");
    expect_ok(w);
    assert_string_equal(at(w, "data.0.symbol"), "BTCUSDT");
    get(w, ACCOUNT, "symbol=btcusdt&productType=usdt-futures&marginCoin=usdt");
    expect_ok(w);
}

/* ---- limits ---- */

static int
setup_limits(void **state)
{
    struct ln_sim_config cfg = {.rate_limits = true};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

static void
the_answer_tells_what_remains(void **state)
{
    struct world *w = *state;
    pub(w, "/api/v2/mix/market/ticker", BTC);
    expect_ok(w);
    assert_string_equal(w->remain, "19"); /* of 20 a second */
    pub(w, "/api/v2/mix/market/tickers", P);
    assert_string_equal(w->remain, "19"); /* a bucket of its own */
    get(w, ACCOUNT, ACCOUNT_QUERY);
    assert_string_equal(w->remain, "9");
}

/* A request takes a few virtual milliseconds, so a bucket refills a little. */
static int
until_refused(struct world *w, const char *path, const char *query, int most)
{
    for (int i = 0; i < most; i++) {
        pub(w, path, query);
        if (w->status == 429)
            return i;
        expect_ok(w);
    }
    return most;
}

static void
too_many_requests_of_an_endpoint_get_429(void **state)
{
    struct world *w = *state;
    struct ln_sim_stats stats;
    int passed = until_refused(w, "/api/v2/mix/market/ticker", BTC, 40);
    assert_in_range(passed, 20, 24);
    expect_code(w, "429");
    assert_string_equal(w->remain, "0");
    ln_sim_stats(w->sim, &stats);
    assert_int_equal(stats.rate_limited, 1);
    pub(w, "/api/v2/mix/market/tickers", P);
    expect_ok(w); /* the others are not concerned */
    ln_loop_run_for(w->loop, 1000);
    pub(w, "/api/v2/mix/market/ticker", BTC);
    expect_ok(w);
}

static void
six_thousand_a_minute_block_the_address(void **state)
{
    struct world *w = *state;
    int sent = 0;
    do {
        pub(w, "/nothing", "");
        sent++;
    } while (w->status == 404 && sent < 7000);
    assert_int_equal(sent, 6001);
    expect_code(w, "429");
    ln_loop_run_for(w->loop, 61000);
    pub(w, "/api/v2/public/time", "");
    expect_code(w, "429"); /* the block lasts five minutes */
    ln_loop_run_for(w->loop, 300000);
    pub(w, "/api/v2/public/time", "");
    expect_ok(w);
}

static void
without_limits_there_is_no_header(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 60; i++) {
        pub(w, "/api/v2/mix/market/ticker", BTC);
        expect_ok(w);
    }
    assert_string_equal(w->remain, "");
}

static void
the_ready_line_names_the_addresses(void **state)
{
    struct world *w = *state;
    struct ln_buf line;
    char want[128];
    ln_buf_init(&line, 4096);
    ln_sim_ready_line(w->sim, &line);
    assert_int_equal(ln_json_parse(&w->doc, line.data, line.len, NULL), LN_OK);
    assert_string_equal(at(w, "event"), "ready");
    snprintf(want, sizeof(want), "ws://127.0.0.1:%d/v2/ws/private",
             ln_sim_port(w->sim));
    assert_string_equal(at(w, "ws_private"), want);
    snprintf(want, sizeof(want), "http://127.0.0.1:%d", ln_sim_port(w->sim));
    assert_string_equal(at(w, "rest"), want);
    ln_buf_deinit(&line);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define LIMITED(name)                                                          \
    cmocka_unit_test_setup_teardown(name, setup_limits, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_published_signature_is_let_in),
        TEST(a_published_signature_of_a_post_is_let_in),
        TEST(checks_come_in_the_order_of_the_wire),
        TEST(the_clock_may_be_thirty_seconds_off),
        TEST(a_query_may_be_signed_encoded_or_decoded),
        TEST(paths_are_known_or_gone),
        TEST(bodies_must_be_json_objects),
        TEST(the_content_type_must_be_json),
        TEST(parameters_are_checked_by_the_table),
        TEST(case_does_not_matter_for_enums_and_symbols),
        LIMITED(the_answer_tells_what_remains),
        LIMITED(too_many_requests_of_an_endpoint_get_429),
        LIMITED(six_thousand_a_minute_block_the_address),
        TEST(without_limits_there_is_no_header),
        TEST(the_ready_line_names_the_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
