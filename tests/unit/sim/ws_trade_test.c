/*
 * Orders over the private WebSocket: the answers with their echo, the codes
 * of REST, and the limits.
 */
#include "stream.h"

#define PRIVATE "/v2/ws/private"

#define PLACE(id, params)                                                      \
    "{\"op\":\"trade\",\"args\":[{\"id\":\"" id                                \
    "\",\"instType\":\"USDT-FUTURES\",\"instId\":\"BTCUSDT\",\"channel\":"     \
    "\"place-order\",\"params\":{" params "}}]}"
#define CANCEL(id, params)                                                     \
    "{\"op\":\"trade\",\"args\":[{\"id\":\"" id                                \
    "\",\"instType\":\"USDT-FUTURES\",\"instId\":\"BTCUSDT\",\"channel\":"     \
    "\"cancel-order\",\"params\":{" params "}}]}"
#define MARKET                                                                 \
    "\"orderType\":\"market\",\"side\":\"buy\",\"size\":\"0.01\","             \
    "\"marginCoin\":\"USDT\",\"marginMode\":\"crossed\""

static void
expect_error(struct stream *s, const char *code)
{
    hear(s, "\"event\":\"error\"");
    assert_string_equal(said(s, "code"), code);
    assert_int_equal(ln_json_type(&s->doc, value_at(&s->doc, "code")),
                     LN_JSON_NUMBER);
    assert_int_equal(ln_json_type(&s->doc, value_at(&s->doc, "ts")),
                     LN_JSON_NUMBER);
    assert_int_equal(ln_json_count(&s->doc, value_at(&s->doc, "arg")), 1);
}

static void
an_order_is_placed_and_cancelled(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    char text[512], id[32];
    login_now(s);
    say(s, SUBSCRIBE(ARG("orders", "default")));
    hear(s, "\"event\":\"subscribe\"");
    snprintf(text, sizeof(text),
             PLACE("req-1",
                   "\"orderType\":\"limit\",\"side\":\"buy\",\"size\":"
                   "\"0.01\",\"force\":\"gtc\",\"price\":\"%s\","
                   "\"marginCoin\":\"USDT\",\"marginMode\":\"crossed\","
                   "\"clientOid\":\"cli-1\",\"reduceOnly\":\"NO\","
                   "\"stpMode\":\"none\""),
             btc_price(w, -10000));
    say(s, text);
    hear(s, "\"event\":\"trade\"");
    assert_string_equal(said(s, "code"), "0");
    assert_string_equal(said(s, "msg"), "Success");
    assert_string_equal(said(s, "arg.0.id"), "req-1");
    assert_string_equal(said(s, "arg.0.instType"), "USDT-FUTURES");
    assert_string_equal(said(s, "arg.0.channel"), "place-order");
    assert_string_equal(said(s, "arg.0.instId"), "BTCUSDT");
    assert_string_equal(said(s, "arg.0.params.clientOid"), "cli-1");
    snprintf(id, sizeof(id), "%s", said(s, "arg.0.params.orderId"));
    assert_int_equal(heard(s, "\"status\":\"live\""), 1);
    get(w, "/api/v2/mix/order/detail", BTC "&clientOid=cli-1");
    assert_string_equal(at(w, "data.orderId"), id);

    snprintf(text, sizeof(text), CANCEL("a b_:#-+", "\"orderId\":\"%s\""), id);
    say(s, text);
    hear(s, "\"event\":\"trade\"");
    assert_string_equal(said(s, "arg.0.id"), "a b_:#-+");
    assert_string_equal(said(s, "arg.0.params.orderId"), id);
    assert_int_equal(value_at(&s->doc, "arg.0.params.clientOid"),
                     LN_JSON_NONE); /* what was sent, no more */
    assert_int_equal(heard(s, "\"status\":\"canceled\""), 1);
    stream_free(s);
}

static void
a_service_made_client_oid_is_told(void **state)
{
    struct stream *s = stream_new(*state, PRIVATE);
    login_now(s);
    say(s, PLACE("1", MARKET));
    hear(s, "\"event\":\"trade\"");
    assert_true(strlen(said(s, "arg.0.params.clientOid")) > 0);
    stream_free(s);
}

static void
failures_carry_codes_of_rest_and_the_parameters(void **state)
{
    struct stream *s = stream_new(*state, PRIVATE);
    static const struct {
        const char *text, *code;
    } rows[] = {
        {PLACE("a", MARKET ",\"tradeSide\":\"open\""), "40774"},
        {PLACE("b", "\"orderType\":\"market\",\"side\":\"buy\",\"marginMode\":"
                    "\"crossed\",\"size\":\"90\""),
         "40762"},
        {PLACE("c", "\"side\":\"buy\""), "40019"},
        {PLACE("d", MARKET ",\"clientOid\":\"a\\\"b\""), "40305"},
        {CANCEL("e", "\"orderId\":\"99\""), "41101"},
        {CANCEL("f", "\"clientOid\":\"never\""), "41101"},
        {CANCEL("g", ""), "40913"},
        {CANCEL("h", "\"orderId\":\"x\""), "40402"},
        {PLACE("i", "\"list\":[1,{\"a\":2}],\"n\":1"), "40019"},
    };
    login_now(s);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char id[2] = {(char)('a' + (char)i), 0};
        say(s, rows[i].text);
        expect_error(s, rows[i].code);
        assert_string_equal(said(s, "arg.0.id"), id);
    }
    say(s, PLACE("k", MARKET ",\"tradeSide\":\"open\",\"force\":null"));
    expect_error(s, "40774");
    assert_string_equal(said(s, "arg.0.params.size"), "0.01");
    assert_string_equal(said(s, "arg.0.params.tradeSide"), "open");
    assert_string_equal(said(s, "arg.0.params.force"), "null");
    say(s, CANCEL("l", "\"orderId\":\"99\""));
    expect_error(s, "41101");
    assert_string_equal(said(s, "msg"), "Param orderId=99 error");
    stream_free(s);
}

static void
requests_that_are_none_are_refused(void **state)
{
    struct stream *s = stream_new(*state, PRIVATE);
    say(s, PLACE("1", MARKET));
    expect_error(s, "30004"); /* not logged in */
    login_now(s);
    say(s, "{\"op\":\"trade\",\"args\":[{\"id\":\"1\",\"instType\":\"USDT-"
           "FUTURES\",\"instId\":\"BTCUSDT\",\"channel\":\"batch-place\","
           "\"params\":{}}]}");
    expect_error(s, "30016");
    say(s, "{\"op\":\"trade\",\"args\":[{\"id\":\"1\",\"instType\":\"USDT-"
           "FUTURES\",\"instId\":\"NOSUCHUSDT\",\"channel\":\"place-order\","
           "\"params\":{}}]}");
    expect_error(s, "40034");
    say(s, "{\"op\":\"trade\",\"args\":[{\"id\":\"1\",\"instType\":\"SPOT\","
           "\"instId\":\"BTCUSDT\",\"channel\":\"place-order\"}]}");
    expect_error(s, "30001");
    say(s, PLACE("01234567890123456789012345678901234567890", MARKET));
    expect_error(s, "30016"); /* 41 characters */
    say(s, PLACE("no\\nlines", MARKET));
    expect_error(s, "30016");
    say(s, "{\"op\":\"trade\",\"args\":[1,2]}");
    expect_error(s, "30016");
    say(s, "{\"op\":\"trade\",\"args\":[]}");
    expect_error(s, "30016");
    say(s, "{\"op\":\"trade\",\"args\":[{\"id\":\"1\",\"instType\":\"USDT-"
           "FUTURES\",\"instId\":\"BTCUSDT\",\"channel\":\"place-order\","
           "\"params\":[\"a\",\"b\"]}]}");
    expect_error(s, "40019");
    stream_free(s);
}

static int
setup_limits(void **state)
{
    struct ln_sim_config cfg = {.rate_limits = true};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

/* REST and WebSocket draw from the same ten a second. */
static void
the_bucket_of_place_order_counts(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    login_now(s);
    ln_loop_run_for(w->loop, 2000);
    for (int i = 0; i < 10; i++)
        market_buy(w, "0.001");
    say(s, PLACE("late", MARKET));
    expect_error(s, "429");
    assert_string_equal(said(s, "arg.0.id"), "late");
    ln_loop_run_for(w->loop, 1000);
    say(s, PLACE("again", MARKET));
    hear(s, "\"event\":\"trade\"");
    stream_free(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_order_is_placed_and_cancelled),
        TEST(a_service_made_client_oid_is_told),
        TEST(failures_carry_codes_of_rest_and_the_parameters),
        TEST(requests_that_are_none_are_refused),
        cmocka_unit_test_setup_teardown(the_bucket_of_place_order_counts,
                                        setup_limits, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
