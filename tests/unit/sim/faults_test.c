/*
 * Faults on request: each kind as a client meets it, through the virtual net.
 * The decisions alone are in faults_spec_test.c.
 */
#include "stream.h"

#include "base/log.h"

/* ---- REST, through the net ---- */

struct outcome {
    bool done;
    enum ln_err code;
    int status;
    char body[4096], type[64];
};

static void
on_outcome(void *ctx, const struct ln_http_response *resp)
{
    struct outcome *o = ctx;
    o->done = true;
    o->code = resp->code;
    o->status = resp->status;
    ln_str_copy(o->body, sizeof(o->body), resp->body);
    ln_str_copy(o->type, sizeof(o->type), ln_http_header(resp, "content-type"));
}

/* Places a resting order (or GETs the time) and waits <wait_ms>. */
static struct ln_http_call *
send_raw(struct world *w, const char *path, const char *body, struct outcome *o)
{
    char url[256], timestamp[24], sign[64], prehash[2048];
    struct ln_error err = {0};
    const char *method = *body ? "POST" : "GET";
    snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", ln_sim_port(w->sim),
             path);
    snprintf(timestamp, sizeof(timestamp), "%lld",
             (long long)(ln_loop_now_ms(w->loop) + w->skew_ms));
    snprintf(prehash, sizeof(prehash), "%s%s%s%s", timestamp, method, path,
             body);
    sign_text(prehash, sign);
    struct ln_header headers[] = {
        {"ACCESS-KEY", ln_str(KEY)},
        {"ACCESS-SIGN", ln_str(sign)},
        {"ACCESS-TIMESTAMP", ln_str(timestamp)},
        {"ACCESS-PASSPHRASE", ln_str(PASS)},
        {"Content-Type", ln_str("application/json")},
    };
    struct ln_http_request req = {.method = method,
                                  .url = url,
                                  .headers = headers,
                                  .nheaders = 5,
                                  .body = ln_str(body),
                                  .timeout_ms = 3000};
    *o = (struct outcome){0};
    return ln_http_start(w->http, &req, on_outcome, o, &err);
}

#define PLACE "/api/v2/mix/order/place-order"
#define TIME  "/api/v2/public/time"

static void
send_order(struct world *w, struct outcome *o)
{
    char body[512];
    snprintf(body, sizeof(body),
             ORDER "\"side\":\"buy\",\"orderType\":\"limit\","
                   "\"size\":\"0.01\",\"price\":\"%s\"}",
             btc_price(w, -10000));
    send_raw(w, PLACE, body, o);
}

static struct outcome
try_order(struct world *w)
{
    struct outcome o;
    send_order(w, &o);
    for (int i = 0; i < 4000 && !o.done; i++)
        ln_loop_run_for(w->loop, 1);
    assert_true(o.done);
    return o;
}

static void
set(struct world *w, const char *spec)
{
    struct ln_error err = {0};
    if (ln_sim_set_faults(w->sim, spec, &err) != LN_OK)
        fail_msg("%s (%s)", err.what, err.where);
}

/* Orders that rest at the exchange. */
static uint32_t
resting(struct world *w)
{
    set(w, "");
    get(w, "/api/v2/mix/order/orders-pending", P);
    expect_ok(w);
    return count_at(w, "data.entrustedList");
}

/* The same, from the engine. */
static size_t
open_orders(struct world *w)
{
    const struct ln_ex_order *orders[8];
    return ln_ex_orders(ln_sim_engine(w->sim), ln_sim_account(w->sim), true,
                        LN_INSTRUMENT_NONE, 0, orders, 8);
}

static uint64_t
struck(struct world *w)
{
    struct ln_sim_stats stats;
    ln_sim_stats(w->sim, &stats);
    return stats.faults;
}

static void
requests_that_are_not_carried_out(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *spec;
        int status;
        const char *body;
    } rows[] = {{"429", 429, "\"code\":\"429\""},
                {"5xx", 500, "\"code\":\"40015\""},
                {"5xx:status=503", 503, "\"code\":\"40015\""},
                {"html", 502, "<html>"},
                {"html:status=403", 403, "</html>"},
                {"maintenance:code=40200", 400, "\"code\":\"40200\""},
                {"maintenance:code=45001:status=500", 500, "\"45001\""},
                {"maintenance", 400, "\"data\":null"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set(w, rows[i].spec);
        struct outcome o = try_order(w);
        assert_int_equal(o.code, LN_OK);
        assert_int_equal(o.status, rows[i].status);
        if (!strstr(o.body, rows[i].body))
            fail_msg("%s: %s", rows[i].spec, o.body);
        assert_int_equal(strncmp(o.type, "text/html", 9) == 0,
                         strncmp(rows[i].spec, "html", 4) == 0);
        assert_int_equal(struck(w), i + 1);
    }
    assert_int_equal(resting(w), 0);
}

static void
requests_that_get_no_answer(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *spec;
        enum ln_err code;
        uint32_t executed;
    } rows[] = {{"disconnect", LN_ERR_NET, 0},
                {"half-open", LN_ERR_TIMEOUT, 0},
                {"no-answer:path=place-order", LN_ERR_TIMEOUT, 0},
                {"unanswered", LN_ERR_NET, 1},
                {"unanswered:how=silent", LN_ERR_TIMEOUT, 2}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set(w, rows[i].spec);
        struct outcome o = try_order(w);
        if (o.code != rows[i].code)
            fail_msg("%s: %d", rows[i].spec, o.code);
        assert_int_equal(resting(w), rows[i].executed);
    }
}

static void
answers_that_do_not_tell_what_was_done(void **state)
{
    struct world *w = *state;
    struct ln_json doc;
    struct outcome o;
    ln_json_init(&doc);
    set(w, "executed-error:status=504");
    o = try_order(w);
    assert_int_equal(o.status, 504);
    assert_non_null(strstr(o.body, "40015"));
    set(w, "truncated");
    o = try_order(w);
    assert_int_equal(o.status, 200);
    assert_int_not_equal(ln_json_parse(&doc, o.body, strlen(o.body), NULL),
                         LN_OK);
    set(w, "malformed");
    o = try_order(w);
    assert_int_not_equal(ln_json_parse(&doc, o.body, strlen(o.body), NULL),
                         LN_OK);
    assert_int_equal(resting(w), 3);
    ln_json_deinit(&doc);
}

static void
other_spellings_keep_the_meaning(void **state)
{
    struct world *w = *state;
    place_resting(w, "12345");
    set(w, "numbers");
    get(w, "/api/v2/mix/order/orders-pending", P);
    expect_ok(w); /* "code" is still a string */
    assert_int_equal(
        ln_json_type(&w->doc, value_at(&w->doc, "data.entrustedList.0.size")),
        LN_JSON_NUMBER);
    assert_string_equal(at(w, "data.entrustedList.0.size"), "0.01");
    assert_int_equal(
        ln_json_type(&w->doc,
                     value_at(&w->doc, "data.entrustedList.0.orderId")),
        LN_JSON_STRING);
    set(w, "keys");
    get(w, "/api/v2/mix/order/orders-pending", P);
    assert_memory_equal(w->body, "{\"data\":", 8);
    assert_string_equal(at(w, "data.entrustedList.0.size"), "0.01");
    assert_string_equal(at(w, "code"), "00000");
}

static void
latency_counts_in_both_directions(void **state)
{
    struct world *w = *state;
    struct outcome o;
    set(w, "latency:ms=200:dir=in");
    send_order(w, &o);
    ln_loop_run_for(w->loop, 190);
    assert_false(o.done);
    assert_int_equal(open_orders(w), 0); /* still under way */
    ln_loop_run_for(w->loop, 20);
    assert_true(o.done);
    set(w, "latency:ms=200:dir=out");
    send_order(w, &o);
    ln_loop_run_for(w->loop, 190);
    assert_false(o.done);
    assert_int_equal(open_orders(w), 2); /* done, but not told yet */
    ln_loop_run_for(w->loop, 20);
    assert_true(o.done);
    assert_int_equal(o.status, 200);
}

static void
a_request_under_way_is_carried_out_for_a_client_that_left(void **state)
{
    struct world *w = *state;
    struct outcome o;
    char body[512];
    set(w, "latency:ms=100:dir=in");
    snprintf(body, sizeof(body),
             ORDER "\"side\":\"buy\",\"orderType\":\"limit\","
                   "\"size\":\"0.01\",\"price\":\"%s\"}",
             btc_price(w, -10000));
    struct ln_http_call *call = send_raw(w, PLACE, body, &o);
    ln_loop_run_for(w->loop, 20);
    ln_http_cancel(call);
    ln_loop_run_for(w->loop, 200);
    assert_false(o.done);
    assert_int_equal(resting(w), 1);
    set(w, "latency:ms=100:dir=out");
    call = send_raw(w, TIME, "", &o);
    ln_loop_run_for(w->loop, 20);
    ln_http_cancel(call);
    ln_loop_run_for(w->loop, 200); /* an answer to nobody */
    assert_int_equal(resting(w), 1);
}

static void
a_skewed_clock_shows_and_judges_signatures(void **state)
{
    struct world *w = *state;
    set(w, "skew:ms=60000");
    pub(w, TIME, "");
    assert_in_range(strtoll(at(w, "data.serverTime"), NULL, 10) -
                        ln_loop_now_ms(w->loop),
                    59900, 60000);
    get(w, "/api/v2/mix/account/accounts", P);
    expect_code(w, "40008");
    w->skew_ms = 60000; /* a client that follows public/time is let in */
    get(w, "/api/v2/mix/account/accounts", P);
    expect_ok(w);
    set(w, "");
    w->skew_ms = 0;
    get(w, "/api/v2/mix/account/accounts", P);
    expect_ok(w);
}

static void
a_symbol_goes_offline_and_comes_back(void **state)
{
    struct world *w = *state;
    set(w, "offline:symbol=BTCUSDT:status=maintain:for=2");
    assert_int_equal(try_order(w).status, 400);
    pub(w, "/api/v2/mix/market/contracts", BTC);
    assert_string_not_equal(at(w, "data.0.symbolStatus"), "normal");
    pub(w, "/api/v2/mix/market/contracts", P "&symbol=ETHUSDT");
    assert_string_equal(at(w, "data.0.symbolStatus"), "normal");
    ln_loop_run_for(w->loop, 2100);
    assert_int_equal(try_order(w).status, 200);
    set(w, "offline");
    assert_int_equal(try_order(w).status, 400);
    assert_int_equal(resting(w), 1); /* cleared: */
    assert_int_equal(try_order(w).status, 200);
}

/* ---- WebSocket ---- */

static struct stream *
open_private(struct world *w)
{
    struct stream *s = stream_new(w, "/v2/ws/private");
    login_now(s);
    say(s, SUBSCRIBE(ARG("orders", "default")));
    hear(s, "\"event\":\"subscribe\"");
    return s;
}

static void
private_pushes_are_lost_doubled_late_or_turned_round(void **state)
{
    struct world *w = *state;
    struct stream *s = open_private(w);
    set(w, "drop-push:count=1");
    place_resting(w, "a1");
    ln_loop_run_for(w->loop, 50);
    assert_int_equal(heard(s, "\"a1\""), 0);
    set(w, "dup-push:count=1");
    place_resting(w, "a2");
    ln_loop_run_for(w->loop, 50);
    assert_int_equal(heard(s, "\"a2\""), 2);
    set(w, "delay-push:ms=300:count=1");
    place_resting(w, "a3");
    place_resting(w, "a4");
    ln_loop_run_for(w->loop, 100);
    assert_int_equal(heard(s, "\"a3\""), 0);
    assert_int_equal(heard(s, "\"a4\""), 1);
    ln_loop_run_for(w->loop, 250);
    assert_int_equal(heard(s, "\"a3\""), 1);
    set(w, "reorder-push:count=1");
    size_t before = s->count;
    place_resting(w, "a5");
    place_resting(w, "a6");
    ln_loop_run_for(w->loop, 100);
    assert_int_equal(s->count, before + 2);
    assert_non_null(strstr(s->messages[before], "\"a6\""));
    assert_non_null(strstr(s->messages[before + 1], "\"a5\""));
    set(w, "silent:channel=orders");
    place_resting(w, "a7");
    ln_loop_run_for(w->loop, 50);
    assert_int_equal(heard(s, "\"a7\""), 0);
    stream_free(s);
}

static void
sockets_go_mute_drop_or_are_refused(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, "/v2/ws/public");
    set(w, "half-open:count=1");
    say(s, "ping");
    assert_null(hear_within(s, "pong", 500));
    set(w, "");
    say(s, "ping"); /* it stays so */
    assert_null(hear_within(s, "pong", 500));
    assert_false(s->closed);
    stream_free(s);

    set(w, "no-answer:count=1");
    s = stream_new(w, "/v2/ws/public");
    assert_true(s->opened);
    say(s, "ping");
    assert_null(hear_within(s, "pong", 500));
    stream_free(s);

    set(w, "disconnect:on=ws:count=1");
    s = stream_new(w, "/v2/ws/public");
    say(s, "ping");
    ln_loop_run_for(w->loop, 50);
    assert_true(s->closed);
    assert_int_equal(s->code, 1006);
    stream_free(s);

    set(w, "disconnect:how=close:count=1");
    s = stream_new(w, "/v2/ws/public");
    say(s, "ping");
    ln_loop_run_for(w->loop, 50);
    assert_int_equal(s->code, 1001);
    stream_free(s);

    set(w, "refuse:count=1");
    s = stream_new(w, "/v2/ws/public");
    assert_false(s->opened);
    stream_free(s);
    s = stream_new(w, "/v2/ws/public");
    assert_true(s->opened);
    stream_free(s);
}

static void
messages_late_by_latency_keep_their_order(void **state)
{
    struct world *w = *state;
    struct stream *s = open_private(w);
    set(w, "latency:ms=20:jitter=200:dir=out:on=ws");
    size_t before = s->count;
    for (int i = 0; i < 10; i++) {
        char oid[8];
        snprintf(oid, sizeof(oid), "b%d", i);
        place_resting(w, oid);
    }
    ln_loop_run_for(w->loop, 500);
    assert_int_equal(s->count, before + 10);
    for (size_t i = 0; i < 10; i++) {
        char oid[8];
        snprintf(oid, sizeof(oid), "\"b%zu\"", i);
        assert_non_null(strstr(s->messages[before + i], oid));
    }
    set(w, "latency:ms=300:dir=in");
    say(s, "ping");
    assert_null(hear_within(s, "pong", 290));
    assert_non_null(hear_within(s, "pong", 30));
    set(w, "latency:ms=300:dir=out");
    say(s, "ping");
    ln_loop_run_for(w->loop, 50);
    stream_free(s); /* a push to it is still held back */
    ln_loop_run_for(w->loop, 500);
}

static void
events_have_string_codes_on_request(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, "/v2/ws/private");
    set(w, "string-code");
    login_now(s);
    assert_int_equal(ln_json_type(&s->doc, value_at(&s->doc, "code")),
                     LN_JSON_STRING);
    set(w, "");
    say(s, "{\"op\":\"dance\",\"args\":[]}");
    hear(s, "30003");
    assert_int_equal(ln_json_type(&s->doc, value_at(&s->doc, "code")),
                     LN_JSON_NUMBER);
    stream_free(s);
}

static void
books_have_gaps_and_resets(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, "/v2/ws/public");
    char seq[32];
    say(s, SUBSCRIBE(ARG("books", "BTCUSDT")));
    hear(s, "\"action\":\"snapshot\"");
    snprintf(seq, sizeof(seq), "%s", said(s, "data.0.seq"));
    set(w, "gap:count=1");
    ln_sim_set_speed(w->sim, 60);
    hear(s, "\"action\":\"update\"");
    assert_string_not_equal(said(s, "data.0.pseq"), seq);
    set(w, "pseq0:count=1");
    ln_sim_set_speed(w->sim, 60);
    ln_loop_run_for(w->loop, 2000);
    ln_sim_set_speed(w->sim, 0);
    ln_loop_run_for(w->loop, 200);
    int resets = 0;
    while (hear_within(s, "\"action\":\"update\"", 0))
        resets += strcmp(said(s, "data.0.pseq"), "0") == 0;
    assert_int_equal(resets, 1);
    stream_free(s);
}

static void
public_trades_come_twice(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, "/v2/ws/public");
    say(s, SUBSCRIBE(ARG("trade", "BTCUSDT")));
    hear(s, "\"action\":\"snapshot\"");
    set(w, "dup-trade");
    market_buy(w, "0.01");
    hear(s, "\"action\":\"update\"");
    char id[64];
    snprintf(id, sizeof(id), "%s", said(s, "data.0.tradeId"));
    hear(s, "\"action\":\"update\"");
    assert_string_equal(said(s, "data.0.tradeId"), id);
    stream_free(s);
}

/* ---- from the start, twice ---- */

static size_t
lost_of(uint64_t seed, char *which)
{
    struct ln_sim_config cfg = {.seed = seed, .faults = "drop-push:p=0.5"};
    struct world *w = world_new(&cfg);
    void *state = w;
    ln_sim_set_speed(w->sim, 0);
    struct stream *s = open_private(w);
    size_t lost = 0;
    for (int i = 0; i < 30; i++) {
        char oid[8];
        snprintf(oid, sizeof(oid), "c%02d", i);
        place_resting(w, oid);
        ln_loop_run_for(w->loop, 10);
        bool gone = heard(s, oid) == 0;
        which[i] = gone ? 'x' : '.';
        lost += gone;
    }
    which[30] = '\0';
    stream_free(s);
    teardown(&state);
    return lost;
}

static void
configured_faults_repeat_with_the_seed(void **state)
{
    char a[31], b[31], c[31];
    (void)state;
    size_t lost = lost_of(5, a);
    assert_in_range(lost, 5, 25);
    lost_of(5, b);
    assert_string_equal(a, b);
    lost_of(6, c);
    assert_string_not_equal(a, c);
}

static void
a_wrong_spec_keeps_the_simulator_from_starting(void **state)
{
    struct world *w = *state;
    struct ln_error err = {0};
    struct ln_sim_config cfg = {.faults = "nonsense", .history_minutes = 60};
    assert_null(ln_sim_new(w->loop, w->net, &cfg, &err));
    assert_string_equal(err.where, "nonsense");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    ln_log_set_level(LN_LOG_WARN);
    const struct CMUnitTest tests[] = {
        TEST(requests_that_are_not_carried_out),
        TEST(requests_that_get_no_answer),
        TEST(answers_that_do_not_tell_what_was_done),
        TEST(other_spellings_keep_the_meaning),
        TEST(latency_counts_in_both_directions),
        TEST(a_request_under_way_is_carried_out_for_a_client_that_left),
        TEST(a_skewed_clock_shows_and_judges_signatures),
        TEST(a_symbol_goes_offline_and_comes_back),
        TEST(private_pushes_are_lost_doubled_late_or_turned_round),
        TEST(sockets_go_mute_drop_or_are_refused),
        TEST(messages_late_by_latency_keep_their_order),
        TEST(events_have_string_codes_on_request),
        TEST(books_have_gaps_and_resets),
        TEST(public_trades_come_twice),
        cmocka_unit_test(configured_faults_repeat_with_the_seed),
        TEST(a_wrong_spec_keeps_the_simulator_from_starting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
