/*
 * Every channel of the WebSocket, through TLS: what a subscription is answered,
 * whether a first push comes, and that each push has the fields, the JSON types
 * and the action of the documented examples (tests/data/bitget/
 * websocket-examples.json).
 *
 * One test per channel, named like it.
 */
#include "exchange_fixture.h"

#include "base/decimal.h"

#define KEPT    8192
#define PATH(p) "/api/v2/mix/order/" p
#define ORDER   "{" BTC ",\"marginMode\":\"crossed\","
#define MARKET  "\"orderType\":\"market\",\"size\":\"0.05\"}"
#define QUIET   400 /* ms without a push count as silence */

struct stream {
    struct ln_ws *ws; /* NULL once closed */
    bool opened, closed;
    char *messages[KEPT];
    size_t count, next; /* next: the first that was not looked at */
    struct ln_json doc; /* of the message found last */
};

struct channel {
    const char *name; /* in the examples */
    bool private;
    bool first; /* a push on subscribing */
    /* Lets something happen; the pushes that follow are looked at. */
    void (*happen)(void);
    const char *status; /* of the row that is wanted, or NULL */
    const char *example;
};

static struct ln_buf facts_text;
static struct ln_json facts;

/* ---- the socket ---- */

static void
on_open(void *ctx, struct ln_ws *ws)
{
    struct stream *s = ctx;
    (void)ws;
    s->opened = true;
}

static void
on_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
           bool is_text)
{
    struct stream *s = ctx;
    (void)ws;
    if (is_text && s->count < KEPT)
        s->messages[s->count++] = strndup(data, len);
}

static void
on_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct stream *s = ctx;
    (void)ws;
    (void)code;
    (void)err;
    s->closed = true;
    s->ws = NULL;
}

static struct stream *
stream_open(const char *path)
{
    static const struct ln_ws_events events = {on_open, on_message, on_close};
    struct stream *s = calloc(1, sizeof(*s));
    char url[128];
    struct ln_error err = {0};
    snprintf(url, sizeof(url), "wss://127.0.0.1:%d%s", ln_sim_port(x->sim),
             path);
    struct ln_ws_opts opts = {.url = url, .ca_file = x->tls.ca};
    ln_json_init(&s->doc);
    s->ws = ln_ws_connect(x->net, &opts, &events, s, &err);
    assert_non_null(s->ws);
    for (int i = 0; i < WAIT_MS && !s->opened && !s->closed; i++)
        ln_loop_run_for(x->loop, 1);
    assert_true(s->opened && s->ws);
    return s;
}

static void
stream_close(struct stream *s)
{
    if (s->ws)
        ln_ws_close(s->ws, 1000, "done");
    for (int i = 0; i < WAIT_MS && !s->closed; i++)
        ln_loop_run_for(x->loop, 1);
    for (size_t i = 0; i < s->count; i++)
        free(s->messages[i]);
    ln_json_deinit(&s->doc);
    free(s);
}

static void
say(struct stream *s, const char *text)
{
    assert_non_null(s->ws);
    assert_int_equal(ln_ws_send(s->ws, text, strlen(text), true), LN_OK);
}

/* The next message that was not looked at; false after <ms> of silence. */
static bool
hear(struct stream *s, int64_t ms)
{
    for (int64_t i = 0; i < ms && s->next == s->count; i++)
        ln_loop_run_for(x->loop, 1);
    if (s->next == s->count)
        return false;
    const char *text = s->messages[s->next++];
    if (ln_json_parse(&s->doc, text, strlen(text), NULL) != LN_OK)
        fail_msg("no JSON: %.300s", text);
    return true;
}

static const char *
heard(const struct stream *s)
{
    return s->next ? s->messages[s->next - 1] : "nothing";
}

static struct ln_str
word(const struct ln_json *doc, ln_json_val of, const char *key)
{
    return ln_json_raw(doc, ln_json_get(doc, of, key));
}

/* ---- comparing with an example ---- */

static ln_json_val
example(const char *name, const char *part)
{
    ln_json_val v = ln_json_get(&facts, ln_json_get(&facts, 0, name), part);
    if (v == LN_JSON_NONE)
        fail_msg("the examples have no %s of %s", part, name);
    return v;
}

static struct ln_str
source(ln_json_val v)
{
    /* Tokens of containers end where the next one starts; the text of theirs
     * is cut out of the file. */
    const struct ln_json_tok *t = &facts.toks[v];
    return ln_strn(facts_text.data + t->start, t->len);
}

static bool
may_be_missing(const char *key)
{
    return strcmp(key, "deliveryPrice") == 0 || /* gone in 2026 */
           strcmp(key, "checksum") == 0;        /* gone since May 2026 */
}

/* Everything of the example is there, with its type. */
static void
same_shape(const struct stream *s, const char *where, ln_json_val want,
           ln_json_val got)
{
    enum ln_json_type type = ln_json_type(&facts, want);
    if (ln_json_type(&s->doc, got) != type)
        fail_msg("%s is %s, not %s: %.900s", where,
                 type_word(ln_json_type(&s->doc, got)), type_word(type),
                 heard(s));
    if (type == LN_JSON_OBJECT) {
        for (ln_json_val k = ln_json_first(&facts, want); k != LN_JSON_NONE;
             k = ln_json_next(&facts, want, k)) {
            struct ln_str key = ln_json_raw(&facts, k);
            char name[64];
            snprintf(name, sizeof(name), "%.*s", (int)key.len, key.ptr);
            ln_json_val v = ln_json_get(&s->doc, got, name);
            if (v == LN_JSON_NONE && may_be_missing(name))
                continue;
            same_shape(s, name, k + 1, v);
        }
    } else if (type == LN_JSON_ARRAY && ln_json_count(&facts, want)) {
        ln_json_val one = ln_json_first(&facts, want);
        enum ln_json_type inner = ln_json_type(&facts, one);
        if (inner == LN_JSON_STRING) /* a candle, a level */
            assert_int_equal(ln_json_count(&s->doc, got),
                             ln_json_count(&facts, want));
        for (ln_json_val v = ln_json_first(&s->doc, got); v != LN_JSON_NONE;
             v = ln_json_next(&s->doc, got, v))
            same_shape(s, where, one, v);
    }
}

/* Scalars of the example's object are here, equal. */
static void
same_words(const struct stream *s, ln_json_val want, ln_json_val got)
{
    for (ln_json_val k = ln_json_first(&facts, want); k != LN_JSON_NONE;
         k = ln_json_next(&facts, want, k)) {
        struct ln_str key = ln_json_raw(&facts, k);
        char name[64];
        snprintf(name, sizeof(name), "%.*s", (int)key.len, key.ptr);
        struct ln_str a = ln_json_scalar(&facts, k + 1),
                      b = word(&s->doc, got, name);
        if (!ln_str_eq(a, b))
            fail_msg("%s is '%.*s', not '%.*s': %.600s", name, (int)b.len,
                     b.ptr, (int)a.len, a.ptr, heard(s));
    }
}

static void
same_push(const struct stream *s, ln_json_val want)
{
    ln_json_val data = ln_json_get(&s->doc, 0, "data");
    if (!ln_str_eq(word(&s->doc, 0, "action"), word(&facts, want, "action")))
        fail_msg("the action is not the documented one: %.300s", heard(s));
    same_words(s, ln_json_get(&facts, want, "arg"),
               ln_json_get(&s->doc, 0, "arg"));
    assert_int_equal(ln_json_type(&s->doc, ln_json_get(&s->doc, 0, "ts")),
                     LN_JSON_NUMBER);
    same_shape(s, "data", ln_json_get(&facts, want, "data"), data);
}

static void
same_event(struct stream *s, ln_json_val want)
{
    if (!hear(s, WAIT_MS))
        fail_msg("no answer");
    assert_true(
        ln_str_eq(word(&s->doc, 0, "event"), word(&facts, want, "event")));
    if (ln_json_get(&facts, want, "arg") != LN_JSON_NONE)
        same_words(s, ln_json_get(&facts, want, "arg"),
                   ln_json_get(&s->doc, 0, "arg"));
    if (ln_json_get(&facts, want, "code") != LN_JSON_NONE &&
        !ln_str_eq(word(&s->doc, 0, "code"), word(&facts, want, "code")))
        fail_msg("another code: %.300s", heard(s));
}

/* ---- talking ---- */

static void
request_example(struct stream *s, const char *name, const char *part)
{
    struct ln_buf text;
    struct ln_str from = source(example(name, part));
    ln_buf_init(&text, TEXT_CAP);
    ln_buf_add(&text, from.ptr, from.len);
    ln_buf_addc(&text, '\0');
    say(s, text.data);
    ln_buf_deinit(&text);
}

static void
login_as(struct stream *s, const char *secret)
{
    char stamp[32], prehash[64], sign[64], text[512];
    snprintf(stamp, sizeof(stamp), "%lld",
             (long long)(ln_loop_now_ms(x->loop) / 1000));
    snprintf(prehash, sizeof(prehash), "%sGET/user/verify", stamp);
    hmac_base64(secret, prehash, sign);
    snprintf(text, sizeof(text),
             "{\"op\":\"login\",\"args\":[{\"apiKey\":\"%s\",\"passphrase\":"
             "\"%s\",\"timestamp\":\"%s\",\"sign\":\"%s\"}]}",
             users[TRADER].key, users[TRADER].passphrase, stamp, sign);
    say(s, text);
}

static struct stream *
logged_in(void)
{
    struct stream *s = stream_open("/v2/ws/private");
    login_as(s, users[TRADER].secret);
    same_event(s, example("login", "success"));
    return s;
}

/* ---- what happens ---- */

static void
order(const char *json)
{
    call(TRADER, "POST", PATH("place-order"), json, NULL, NULL);
    if (!succeeded())
        fail_msg("the test's order is refused: %.300s", x->body);
    keep("id", "data.orderId");
    market_runs(10);
}

static void
time_passes(void)
{
    for (int i = 0; i < 20; i++) {
        market_runs(250);
        ln_loop_run_for(x->loop, 10);
    }
}

static void
buying(void)
{
    order(ORDER "\"side\":\"buy\"," MARKET);
}

static void
closing(void)
{
    call(TRADER, "POST", PATH("close-positions"),
         "{" LINE ",\"symbol\":\"BTCUSDT\"}", NULL, NULL);
    buying();
    order(ORDER "\"side\":\"sell\"," MARKET);
}

static void
resting(void)
{
    call(NOBODY, "GET", "/api/v2/mix/market/merge-depth",
         "{" LINE ",\"symbol\":\"BTCUSDT\"}", NULL, NULL);
    keep("bid", "data.bids.10.0");
    order(ORDER "\"side\":\"buy\",\"orderType\":\"limit\",\"price\":\"$bid\","
                "\"size\":\"0.05\"}");
}

/* A plan far above the market: it waits. */
static void
planning(void)
{
    char far[32];
    int64_t last = 0;
    call(NOBODY, "GET", "/api/v2/mix/market/ticker",
         "{" LINE ",\"symbol\":\"BTCUSDT\"}", NULL, NULL);
    assert_int_equal(
        ln_decimal_parse(answer_at("data.0.lastPr"), 0, LN_ROUND_DOWN, &last),
        LN_OK);
    snprintf(far, sizeof(far), "%lld", (long long)(last * 6 / 5));
    set_name("far", far);
    call(TRADER, "POST", PATH("place-plan-order"),
         ORDER "\"planType\":\"normal_plan\",\"size\":\"0.01\","
               "\"triggerPrice\":\"$far\",\"triggerType\":\"mark_price\","
               "\"side\":\"sell\",\"orderType\":\"market\"}",
         NULL, NULL);
    if (!succeeded())
        fail_msg("the test's plan is refused: %.300s", x->body);
    market_runs(10);
}

static void
plan_comes_true(void)
{
    call(NOBODY, "GET", "/api/v2/mix/market/ticker",
         "{" LINE ",\"symbol\":\"BTCUSDT\"}", NULL, NULL);
    keep("last", "data.0.lastPr");
    call(TRADER, "POST", PATH("place-plan-order"),
         ORDER "\"planType\":\"normal_plan\",\"size\":\"0.01\","
               "\"triggerPrice\":\"$last\",\"triggerType\":\"fill_price\","
               "\"side\":\"buy\",\"orderType\":\"market\"}",
         NULL, NULL);
    if (!succeeded())
        fail_msg("the test's plan is refused: %.300s", x->body);
    market_runs(600000);
}

/* ---- the rows ---- */

static const struct channel channels[] = {
    {"ticker", false, true, time_passes, NULL, "update"},
    {"candle1m", false, true, time_passes, NULL, "update"},
    {"trade", false, true, time_passes, NULL, "update"},
    {"books", false, true, time_passes, NULL, "update"},
    {"books1", false, true, time_passes, NULL, "update"},
    {"books5", false, true, time_passes, NULL, "update"},
    {"books15", false, true, time_passes, NULL, "update"},
    {"account", true, true, buying, NULL, "update"},
    {"equity", true, true, buying, NULL, "update"},
    {"positions", true, true, buying, NULL, "update"},
    {"positions-history", true, false, closing, NULL, "update"},
    {"fill", true, false, buying, NULL, "update"},
    {"orders", true, false, resting, "live", "update"},
    {"orders", true, false, buying, "filled", "update_filled"},
    {"orders-algo", true, false, planning, "live", "update"},
    {"orders-algo", true, false, plan_comes_true, "executed",
     "update_executed"},
};

#define NCHANNELS (sizeof(channels) / sizeof(channels[0]))

static void
subscribe(struct stream *s, const char *name)
{
    request_example(s, name, "subscribe");
    same_event(s, example(name, "ack"));
}

/* Updates of a book chain, and leave it uncrossed. */
static void
books_chain(struct stream *s, const char *name)
{
    int64_t seq = 0, pseq = 0, last = -1;
    int chained = 0;
    s->next = 1; /* behind the answer */
    while (hear(s, QUIET)) {
        ln_json_val row =
            ln_json_at(&s->doc, ln_json_get(&s->doc, 0, "data"), 0);
        assert_true(
            ln_json_i64(&s->doc, ln_json_get(&s->doc, row, "seq"), &seq));
        assert_true(
            ln_json_i64(&s->doc, ln_json_get(&s->doc, row, "pseq"), &pseq));
        if (last < 0 || strcmp(name, "books") != 0)
            assert_int_equal(pseq, 0);
        else
            assert_int_equal(pseq, last);
        chained += last >= 0;
        last = seq;
    }
    assert_true(chained > 0);
}

static void
channel_test(void **state)
{
    const struct channel *c = *state;
    struct stream *s = c->private ? logged_in() : stream_open("/v2/ws/public");
    bool found = false;
    subscribe(s, c->name);
    if (c->first) {
        if (!hear(s, WAIT_MS))
            fail_msg("%s: no push on subscribing", c->name);
        same_push(s, example(c->name, "snapshot"));
    } else {
        assert_int_equal(ln_json_type(&facts, example(c->name, "snapshot")),
                         LN_JSON_NULL);
        if (hear(s, QUIET))
            fail_msg("%s: a push on subscribing: %.300s", c->name, heard(s));
    }
    c->happen();
    while (!found && hear(s, 2000)) {
        ln_json_val row =
            ln_json_at(&s->doc, ln_json_get(&s->doc, 0, "data"), 0);
        if (row == LN_JSON_NONE ||
            (c->status &&
             !ln_str_eq(word(&s->doc, row, "status"), ln_str(c->status))))
            continue;
        same_push(s, example(c->name, c->example));
        found = true;
    }
    if (!found)
        fail_msg("%s: no push when something happened; last: %.300s", c->name,
                 heard(s));
    if (strncmp(c->name, "books", 5) == 0)
        books_chain(s, c->name);
    stream_close(s);
}

/* ---- candles of every length, and what is no channel ---- */

static void
every_length_of_candle(void **state)
{
    static const char *const lengths[] = {
        "1m",    "5m",     "15m",   "30m",   "1H",    "4H",
        "6H",    "12H",    "1D",    "3D",    "1W",    "1M",
        "6Hutc", "12Hutc", "1Dutc", "3Dutc", "1Wutc", "1Mutc"};
    struct stream *s = stream_open("/v2/ws/public");
    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        char text[256], name[32];
        snprintf(name, sizeof(name), "candle%s", lengths[i]);
        snprintf(text, sizeof(text),
                 "{\"op\":\"subscribe\",\"args\":[{\"instType\":\"USDT-FUTURES"
                 "\",\"channel\":\"%s\",\"instId\":\"BTCUSDT\"}]}",
                 name);
        say(s, text);
        assert_true(hear(s, WAIT_MS));
        assert_true(ln_str_eq(word(&s->doc, 0, "event"), ln_str("subscribe")));
        if (!hear(s, WAIT_MS))
            fail_msg("%s: no snapshot", name);
        assert_true(
            ln_str_eq(word(&s->doc, ln_json_get(&s->doc, 0, "arg"), "channel"),
                      ln_str(name)));
        assert_true(ln_str_eq(word(&s->doc, 0, "action"), ln_str("snapshot")));
        ln_json_val data = ln_json_get(&s->doc, 0, "data");
        assert_true(ln_json_count(&s->doc, data) > 0);
        same_shape(s, "data",
                   ln_json_get(&facts, example("candle1m", "snapshot"), "data"),
                   data);
        ln_loop_run_for(x->loop, 120); /* ten messages a second at most */
    }
    stream_close(s);
}

static void
ping_is_answered(void **state)
{
    struct stream *s = stream_open("/v2/ws/public");
    (void)state;
    say(s, "ping");
    for (int i = 0; i < WAIT_MS && s->count == 0; i++)
        ln_loop_run_for(x->loop, 1);
    assert_int_equal(s->count, 1);
    assert_string_equal(s->messages[0], "pong");
    stream_close(s);
}

static void
several_in_one_frame(void **state)
{
    struct stream *s = stream_open("/v2/ws/public");
    int acks = 0;
    (void)state;
    request_example(s, "subscribe_multi", "request");
    while (acks < 3 && hear(s, WAIT_MS))
        acks += ln_str_eq(word(&s->doc, 0, "event"), ln_str("subscribe"));
    assert_int_equal(acks, 3);
    stream_close(s);
}

static void
unsubscribing_ends_the_pushes(void **state)
{
    struct stream *s = stream_open("/v2/ws/public");
    (void)state;
    subscribe(s, "books");
    assert_true(hear(s, WAIT_MS)); /* the snapshot */
    request_example(s, "unsubscribe", "request");
    same_event(s, example("unsubscribe", "ack"));
    time_passes();
    assert_false(hear(s, QUIET));
    stream_close(s);
}

static void
unknown_symbols_and_channels(void **state)
{
    static const char *const names[] = {"subscribe_error_unknown_symbol",
                                        "subscribe_error_unknown_channel"};
    struct stream *s = stream_open("/v2/ws/public");
    (void)state;
    for (int i = 0; i < 2; i++) {
        request_example(s, names[i], "request");
        same_event(s, example(names[i], "failure"));
        assert_true(ln_str_eq(word(&s->doc, 0, "op"), ln_str("subscribe")));
    }
    stream_close(s);
}

static void
private_before_the_login(void **state)
{
    struct stream *s = stream_open("/v2/ws/private");
    (void)state;
    request_example(s, "orders", "subscribe");
    same_event(s, example("login", "not_logged_in"));
    stream_close(s);
}

static void
a_wrong_signature(void **state)
{
    struct stream *s = stream_open("/v2/ws/private");
    (void)state;
    login_as(s, "another-secret");
    same_event(s, example("login", "failure"));
    for (int i = 0; i < WAIT_MS && !s->closed; i++)
        ln_loop_run_for(x->loop, 1);
    assert_true(s->closed);
    stream_close(s);
}

static void
adl_is_silent_until_it_happens(void **state)
{
    struct stream *s = logged_in();
    (void)state;
    subscribe(s, "adl-noti");
    buying();
    assert_false(hear(s, QUIET));
    stream_close(s);
}

/* ---- orders over the WebSocket ---- */

static void
trade_by_socket(struct stream *s, const char *params, const char *channel)
{
    char text[TEXT_CAP], expanded[TEXT_CAP];
    snprintf(text, sizeof(text),
             "{\"op\":\"trade\",\"args\":[{\"id\":\"req-1\",\"instType\":"
             "\"USDT-FUTURES\",\"instId\":\"BTCUSDT\",\"channel\":\"%s\","
             "\"params\":{%s}}]}",
             channel, params);
    expand(text, expanded);
    say(s, expanded);
    if (!hear(s, WAIT_MS))
        fail_msg("%s: no answer", channel);
}

static void
orders_over_the_socket(void **state)
{
    struct stream *s = logged_in();
    (void)state;
    resting(); /* for $bid */
    trade_by_socket(s,
                    "\"orderType\":\"limit\",\"side\":\"buy\",\"size\":"
                    "\"0.01\",\"force\":\"gtc\",\"price\":\"$bid\","
                    "\"marginCoin\":\"USDT\",\"marginMode\":\"crossed\","
                    "\"clientOid\":\"by-socket-1\",\"reduceOnly\":\"NO\"",
                    "place-order");
    same_shape(s, "the answer", example("place-order", "success"), 0);
    assert_true(ln_str_eq(word(&s->doc, 0, "event"), ln_str("trade")));
    assert_true(ln_str_eq(word(&s->doc, 0, "code"), ln_str("0")));
    trade_by_socket(s, "\"clientOid\":\"by-socket-1\"", "cancel-order");
    assert_true(ln_str_eq(word(&s->doc, 0, "event"), ln_str("trade")));
    assert_true(ln_str_eq(word(&s->doc, 0, "code"), ln_str("0")));
    trade_by_socket(s, "\"orderId\":\"99\"", "cancel-order");
    same_shape(s, "the answer", example("cancel-order", "failure"), 0);
    assert_true(ln_str_eq(word(&s->doc, 0, "event"), ln_str("error")));
    trade_by_socket(s,
                    "\"orderType\":\"limit\",\"side\":\"buy\",\"size\":"
                    "\"0.01\",\"force\":\"gtc\",\"price\":\"$bid\","
                    "\"marginCoin\":\"USDT\",\"marginMode\":\"crossed\","
                    "\"clientOid\":\"by-socket-2\","
                    "\"reduceOnly\":\"NO\",\"stpMode\":\"none\","
                    "\"tradeSide\":\"open\"",
                    "place-order");
    same_shape(s, "the answer", example("place-order", "failure"), 0);
    assert_true(ln_str_eq(word(&s->doc, 0, "event"), ln_str("error")));
    assert_true(ln_str_eq(word(&s->doc, 0, "code"), ln_str("40774")));
    stream_close(s);
}

/* ---- ---- */

static int
group_setup(void **state)
{
    exchange_setup(state);
    ln_buf_init(&facts_text, 1U << 20);
    ln_json_init(&facts);
    return ln_buf_read_file(&facts_text,
                            LN_TEST_DATA "/bitget/websocket-examples.json",
                            NULL) == LN_OK &&
                   ln_json_parse(&facts, facts_text.data, facts_text.len,
                                 NULL) == LN_OK
               ? 0
               : -1;
}

static int
group_teardown(void **state)
{
    ln_json_deinit(&facts);
    ln_buf_deinit(&facts_text);
    return exchange_teardown(state);
}

int
main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(ping_is_answered),
        cmocka_unit_test(several_in_one_frame),
        cmocka_unit_test(unsubscribing_ends_the_pushes),
        cmocka_unit_test(unknown_symbols_and_channels),
        cmocka_unit_test(private_before_the_login),
        cmocka_unit_test(a_wrong_signature),
        cmocka_unit_test(every_length_of_candle),
        cmocka_unit_test(adl_is_silent_until_it_happens),
        cmocka_unit_test(orders_over_the_socket),
    };
    static struct CMUnitTest tests[NCHANNELS + 9];
    static char names[NCHANNELS][48];
    for (size_t i = 0; i < NCHANNELS; i++) {
        union { /* cmocka hands states on without const */
            const struct channel *channel;
            void *state;
        } is = {.channel = &channels[i]};
        snprintf(names[i], sizeof(names[i]), "%s%s%s", channels[i].name,
                 channels[i].status ? " " : "",
                 channels[i].status ? channels[i].status : "");
        tests[i].name = names[i];
        tests[i].test_func = channel_test;
        tests[i].initial_state = is.state;
    }
    memcpy(tests + NCHANNELS, others, sizeof(others));
    return _cmocka_run_group_tests("channels", tests, NCHANNELS + 9,
                                   group_setup, group_teardown);
}
