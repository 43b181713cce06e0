/*
 * The public WebSocket: keepalive, acks and errors, and each channel.
 */
#include "stream.h"

#define PUBLIC "/v2/ws/public"

static void
ping_is_text_and_so_is_pong(void **state)
{
    struct stream *s = stream_new(*state, PUBLIC);
    say(s, "ping");
    assert_string_equal(hear(s, "pong"), "pong");
    stream_free(s);
}

static void
who_does_not_ping_is_closed(void **state)
{
    struct world *w = *state;
    struct stream *quiet = stream_new(w, PUBLIC);
    struct stream *lively = stream_new(w, PUBLIC);
    for (int i = 0; i < 5; i++) {
        ln_loop_run_for(w->loop, 25000);
        say(lively, "ping");
    }
    assert_true(quiet->closed);
    assert_false(lively->closed);
    stream_free(quiet);
    stream_free(lively);
}

static void
other_paths_are_refused(void **state)
{
    struct stream *s = stream_new(*state, "/v2/ws/other");
    assert_false(s->opened);
    assert_true(s->closed);
    stream_free(s);
}

static void
each_argument_gets_its_answer(void **state)
{
    struct stream *s = stream_new(*state, PUBLIC);
    say(s, SUBSCRIBE(
               ARG("ticker", "BTCUSDT") "," ARG("books", "NOSUCHUSDT") "," ARG(
                   "books50", "BTCUSDT") "," ARG("candle1h", "BTCUSDT")));
    hear(s, "\"event\":\"subscribe\"");
    assert_string_equal(said(s, "arg.channel"), "ticker");
    assert_string_equal(said(s, "arg.instId"), "BTCUSDT");
    hear(s, "\"event\":\"error\"");
    assert_string_equal(said(s, "code"), "30001");
    assert_string_equal(said(s, "op"), "subscribe");
    assert_string_equal(said(s, "msg"),
                        "instType:USDT-FUTURES,channel:books,instId:"
                        "NOSUCHUSDT,precision:null doesn't exist");
    hear(s, "\"event\":\"error\"");
    assert_string_equal(said(s, "code"), "30016");
    assert_string_equal(said(s, "arg.channel"), "books50");
    hear(s, "\"event\":\"error\"");
    assert_string_equal(said(s, "code"), "30016");
    stream_free(s);
}

static void
what_is_no_request_gets_30002_or_30003(void **state)
{
    struct stream *s = stream_new(*state, PUBLIC);
    static const struct {
        const char *text, *code;
    } rows[] = {{"hello", "30002"},
                {"{\"op\":\"subscribe\"}", "30002"},
                {"[]", "30002"},
                {"{\"op\":\"dance\",\"args\":[]}", "30003"},
                {"{\"op\":\"login\",\"args\":[{}]}", "30003"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        say(s, rows[i].text);
        hear(s, "\"event\":\"error\"");
        assert_string_equal(said(s, "code"), rows[i].code);
    }
    say(s, SUBSCRIBE(ARG("orders", "default")));
    hear(s, "\"event\":\"error\"");
    assert_string_equal(said(s, "code"), "30004");
    stream_free(s);
}

static void
unsubscribing_ends_the_pushes(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    ln_sim_set_speed(w->sim, 60);
    say(s, SUBSCRIBE(ARG("ticker", "BTCUSDT")));
    hear(s, "\"action\":\"snapshot\"");
    hear(s, "\"action\":\"snapshot\"");
    say(s, "{\"op\":\"unsubscribe\",\"args\":[" ARG("ticker", "BTCUSDT") "]}");
    hear(s, "\"event\":\"unsubscribe\"");
    assert_null(hear_within(s, "\"action\"", 500));
    stream_free(s);
}

static void
another_line_is_acked_and_silent(void **state)
{
    struct stream *s = stream_new(*state, PUBLIC);
    say(s, SUBSCRIBE("{\"instType\":\"COIN-FUTURES\",\"channel\":\"ticker\","
                     "\"instId\":\"BTCUSDT\"}"));
    hear(s, "\"event\":\"subscribe\"");
    assert_null(hear_within(s, "\"action\"", 300));
    stream_free(s);
}

/* ---- channels ---- */

static void
ticker_pushes_on_change_at_its_pace(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    static const char *const names[] = {
        "instId",     "lastPr",      "bidPr",
        "askPr",      "bidSz",       "askSz",
        "open24h",    "high24h",     "low24h",
        "change24h",  "fundingRate", "nextFundingTime",
        "markPrice",  "indexPrice",  "holdingAmount",
        "baseVolume", "quoteVolume", "openUtc",
        "symbolType", "symbol",      "deliveryPrice",
        "ts",         NULL};
    say(s, SUBSCRIBE(ARG("ticker", "btcusdt")));
    hear(s, "\"action\":\"snapshot\"");
    expect_strings(&s->doc, "data.0", names);
    assert_string_equal(said(s, "arg.instId"), "BTCUSDT");
    assert_int_equal(ln_json_type(&s->doc, value_at(&s->doc, "ts")),
                     LN_JSON_NUMBER);
    ln_loop_run_for(w->loop, 500); /* at most one more: nothing changes */
    assert_in_range(heard(s, "\"action\""), 1, 2);
    ln_sim_set_speed(w->sim, 60);
    size_t before = heard(s, "\"action\"");
    ln_loop_run_for(w->loop, 1000);
    size_t pushed = heard(s, "\"action\"") - before;
    assert_in_range(pushed, 2, 11);
    stream_free(s);
}

static void
trades_come_once_each(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    static const char *const names[] = {"ts",   "price",   "size",
                                        "side", "tradeId", NULL};
    market_buy(w, "0.01");
    ln_loop_run_for(w->loop, 20);
    say(s, SUBSCRIBE(ARG("trade", "BTCUSDT")));
    hear(s, "\"action\":\"snapshot\"");
    expect_strings(&s->doc, "data.0", names);
    int64_t first = strtoll(said(s, "data.0.tradeId"), NULL, 10);
    market_buy(w, "0.01");
    hear(s, "\"action\":\"update\"");
    uint32_t n = ln_json_count(&s->doc, value_at(&s->doc, "data"));
    char path[64];
    snprintf(path, sizeof(path), "data.%u.tradeId", n - 1);
    assert_true(strtoll(said(s, path), NULL, 10) > first);
    assert_null(hear_within(s, "\"action\"", 300));
    stream_free(s);
}

/* A book as a client keeps it: prices and sizes at 1e-8. */
struct book {
    struct {
        int64_t price, size;
    } levels[2][4096];
    size_t count[2];
};

static void
book_set(struct book *b, int side, int64_t price, int64_t size)
{
    for (size_t i = 0; i < b->count[side]; i++) {
        if (b->levels[side][i].price != price)
            continue;
        b->levels[side][i].size = size;
        if (size == 0)
            b->levels[side][i] = b->levels[side][--b->count[side]];
        return;
    }
    if (size == 0 || b->count[side] == 4096)
        return;
    b->levels[side][b->count[side]].price = price;
    b->levels[side][b->count[side]++].size = size;
}

static void
book_apply(struct book *b, const struct stream *s)
{
    static const char *const paths[] = {"data.0.bids", "data.0.asks"};
    const struct ln_json *doc = &s->doc;
    for (int side = 0; side < 2; side++) {
        ln_json_val list = value_at(doc, paths[side]);
        for (ln_json_val v = ln_json_first(doc, list); v != LN_JSON_NONE;
             v = ln_json_next(doc, list, v)) {
            char price[64], size[64];
            ln_json_string(doc, ln_json_at(doc, v, 0), price, 64);
            ln_json_string(doc, ln_json_at(doc, v, 1), size, 64);
            book_set(b, side, e8_of(price), e8_of(size));
        }
    }
}

static int64_t
book_size(const struct book *b, int side, int64_t price)
{
    for (size_t i = 0; i < b->count[side]; i++)
        if (b->levels[side][i].price == price)
            return b->levels[side][i].size;
    return 0;
}

static void
books_updates_lead_to_the_engines_book(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    struct book *b = calloc(1, sizeof(*b));
    struct ln_ex *ex = ln_sim_engine(w->sim);
    static struct ln_level levels[500];
    say(s, SUBSCRIBE(ARG("books", "BTCUSDT")));
    hear(s, "\"action\":\"snapshot\"");
    assert_string_equal(said(s, "data.0.pseq"), "0");
    book_apply(b, s);
    char seq[32];
    snprintf(seq, sizeof(seq), "%s", said(s, "data.0.seq"));
    ln_sim_set_speed(w->sim, 60);
    ln_loop_run_for(w->loop, 3000);
    ln_sim_set_speed(w->sim, 0);
    ln_loop_run_for(w->loop, 300);
    int updates = 0;
    while (hear_within(s, "\"action\":\"update\"", 0)) {
        assert_string_equal(said(s, "data.0.pseq"), seq); /* no gap */
        snprintf(seq, sizeof(seq), "%s", said(s, "data.0.seq"));
        book_apply(b, s);
        updates++;
    }
    assert_in_range(updates, 5, 31);
    for (int side = 0; side < 2; side++) {
        size_t n = ln_ex_depth(ex, 0, side ? LN_SELL : LN_BUY, levels, 500);
        assert_int_equal(b->count[side], n);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(
                book_size(b, side, levels[i].price_ticks * 10000000),
                levels[i].size_lots * 10000);
    }
    free(b);
    stream_free(s);
}

static void
a_late_subscriber_joins_the_chain(void **state)
{
    struct world *w = *state;
    struct stream *first = stream_new(w, PUBLIC);
    say(first, SUBSCRIBE(ARG("books", "BTCUSDT")));
    hear(first, "\"action\":\"snapshot\"");
    ln_sim_set_speed(w->sim, 60);
    ln_loop_run_for(w->loop, 530);
    struct stream *late = stream_new(w, PUBLIC);
    say(late, SUBSCRIBE(ARG("books", "BTCUSDT")));
    hear(late, "\"action\":\"snapshot\"");
    char seq[32];
    snprintf(seq, sizeof(seq), "%s", said(late, "data.0.seq"));
    hear(late, "\"action\":\"update\"");
    assert_string_equal(said(late, "data.0.pseq"), seq);
    stream_free(late);
    stream_free(first);
}

static void
small_books_are_snapshots_of_their_depth(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    static const struct {
        const char *channel;
        uint32_t depth;
    } rows[] = {{"books1", 1}, {"books5", 5}, {"books15", 15}};
    say(s, SUBSCRIBE(ARG("books1", "BTCUSDT") "," ARG(
               "books5", "BTCUSDT") "," ARG("books15", "BTCUSDT")));
    for (int i = 0; i < 3; i++) {
        char part[96];
        snprintf(part, sizeof(part),
                 "\"channel\":\"%s\",\"instId\":"
                 "\"BTCUSDT\"},\"data\"",
                 rows[i].channel);
        s->next = 0;
        hear(s, part);
        assert_string_equal(said(s, "action"), "snapshot");
        assert_string_equal(said(s, "data.0.pseq"), "0");
        assert_int_equal(
            ln_json_count(&s->doc, value_at(&s->doc, "data.0.bids")),
            rows[i].depth);
    }
    ln_sim_set_speed(w->sim, 60);
    ln_loop_run_for(w->loop, 1000);
    assert_int_equal(heard(s, "\"action\":\"update\""), 0);
    assert_true(heard(s, "\"channel\":\"books5\"") > 3);
    stream_free(s);
}

static void
candles_snapshot_then_updates_that_finish_each(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    say(s, SUBSCRIBE(ARG("candle1m", "BTCUSDT")));
    hear(s, "\"action\":\"snapshot\"");
    uint32_t rows = ln_json_count(&s->doc, value_at(&s->doc, "data"));
    assert_true(rows >= 100);
    assert_int_equal(ln_json_count(&s->doc, value_at(&s->doc, "data.0")), 8);
    assert_string_equal(said(s, "data.0.6"), said(s, "data.0.7"));
    char path[64], last_row[512] = "";
    snprintf(path, sizeof(path), "data.%u.0", rows - 1);
    int64_t open_ms = strtoll(said(s, path), NULL, 10);
    ln_sim_set_speed(w->sim, 60); /* a candle a second */
    ln_loop_run_for(w->loop, 5000);
    ln_sim_set_speed(w->sim, 0);
    int seen = 0;
    /* What was pushed last of a candle is what the engine says of it. */
    while (hear_within(s, "\"action\":\"update\"", 0)) {
        ln_json_val list = value_at(&s->doc, "data");
        for (ln_json_val v = ln_json_first(&s->doc, list); v != LN_JSON_NONE;
             v = ln_json_next(&s->doc, list, v)) {
            char time[32], volume[64];
            ln_json_string(&s->doc, ln_json_at(&s->doc, v, 0), time, 32);
            ln_json_string(&s->doc, ln_json_at(&s->doc, v, 5), volume, 64);
            int64_t t = strtoll(time, NULL, 10);
            assert_true(t == open_ms || t == open_ms + 60000);
            if (t != open_ms && *last_row) {
                struct ln_candle c;
                ln_ex_candles(ln_sim_engine(w->sim), 0, LN_TF_1M, t, &c, 1);
                assert_int_equal(c.time_ms, open_ms);
                assert_int_equal(e8_of(last_row), c.volume_lots * 10000);
                seen++;
            }
            open_ms = t;
            snprintf(last_row, sizeof(last_row), "%s", volume);
        }
    }
    assert_in_range(seen, 3, 5);
    stream_free(s);
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
ten_messages_a_second_are_the_most(void **state)
{
    struct stream *s = stream_new(*state, PUBLIC);
    for (int i = 0; i < 12; i++)
        say(s, "ping");
    ln_loop_run_for(s->w->loop, 100);
    assert_true(s->closed);
    stream_free(s);
}

static void
a_peer_that_goes_away_is_forgotten(void **state)
{
    struct world *w = *state;
    struct ln_sim_stats stats;
    struct stream *s = stream_new(w, PUBLIC);
    say(s, SUBSCRIBE(ARG("ticker", "BTCUSDT") "," ARG("books", "BTCUSDT")));
    hear(s, "\"action\":\"snapshot\"");
    ln_sim_stats(w->sim, &stats);
    assert_int_equal(stats.ws_clients, 1);
    stream_free(s);
    ln_sim_set_speed(w->sim, 60);
    ln_loop_run_for(w->loop, 1000); /* pushes to nobody */
    ln_sim_stats(w->sim, &stats);
    assert_int_equal(stats.ws_clients, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ping_is_text_and_so_is_pong),
        TEST(who_does_not_ping_is_closed),
        TEST(other_paths_are_refused),
        TEST(each_argument_gets_its_answer),
        TEST(what_is_no_request_gets_30002_or_30003),
        TEST(unsubscribing_ends_the_pushes),
        TEST(another_line_is_acked_and_silent),
        TEST(ticker_pushes_on_change_at_its_pace),
        TEST(trades_come_once_each),
        TEST(books_updates_lead_to_the_engines_book),
        TEST(a_late_subscriber_joins_the_chain),
        TEST(small_books_are_snapshots_of_their_depth),
        TEST(candles_snapshot_then_updates_that_finish_each),
        cmocka_unit_test_setup_teardown(ten_messages_a_second_are_the_most,
                                        setup_limits, teardown),
        TEST(a_peer_that_goes_away_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
