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

/* ---- options ---- */

/* CRC-32 with the table of its definition, over what the message says. */
static int32_t
crc_of(const struct stream *s)
{
    char text[8192] = "";
    uint32_t crc = 0xFFFFFFFFU;
    for (uint32_t i = 0; i < 25; i++)
        for (int side = 0; side < 2; side++) {
            char path[64];
            size_t n = strlen(text);
            snprintf(path, sizeof(path), "data.0.%s.%u", side ? "asks" : "bids",
                     i);
            if (value_at(&s->doc, path) == LN_JSON_NONE)
                continue;
            ln_json_val v = value_at(&s->doc, path);
            struct ln_str price =
                ln_json_raw(&s->doc, ln_json_at(&s->doc, v, 0));
            struct ln_str size =
                ln_json_raw(&s->doc, ln_json_at(&s->doc, v, 1));
            snprintf(text + n, sizeof(text) - n, "%s%.*s:%.*s", n ? ":" : "",
                     LN_STR_ARG(price), LN_STR_ARG(size));
        }
    for (const char *c = text; *c; c++) {
        crc ^= (unsigned char)*c;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
    }
    return (int32_t)~crc;
}

static void
books_carry_the_legacy_checksum_on_request(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    char want[32];
    say(s, SUBSCRIBE(ARG("books", "BTCUSDT")));
    hear(s, "\"action\":\"snapshot\"");
    snprintf(want, sizeof(want), "%d", crc_of(s));
    assert_string_equal(said(s, "data.0.checksum"), want);
    /* After updates it is that of the whole book: a new snapshot agrees. */
    ln_sim_set_speed(w->sim, 60);
    ln_loop_run_for(w->loop, 1000);
    ln_sim_set_speed(w->sim, 0);
    ln_loop_run_for(w->loop, 300);
    char last[32] = "";
    while (hear_within(s, "\"action\":\"update\"", 0))
        snprintf(last, sizeof(last), "%s", said(s, "data.0.checksum"));
    struct stream *other = stream_new(w, PUBLIC);
    say(other, SUBSCRIBE(ARG("books", "BTCUSDT")));
    hear(other, "\"action\":\"snapshot\"");
    snprintf(want, sizeof(want), "%d", crc_of(other));
    assert_string_equal(last, want);
    stream_free(other);
    stream_free(s);
}

static int
setup_checksum(void **state)
{
    struct ln_sim_config cfg = {.checksum = true};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

static void
days_of_candles_start_at_midnight_of_their_zone(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    static const struct {
        const char *args;
        const char *channel;
        int64_t offset_ms, span_ms;
    } rows[] = {
        {SUBSCRIBE(ARG("candle1Dutc", "BTCUSDT")), "candle1Dutc", 0, 86400000},
        {SUBSCRIBE(ARG("candle1D", "BTCUSDT")), "candle1D", 28800000, 86400000},
        {SUBSCRIBE(ARG("candle6Hutc", "BTCUSDT")), "candle6Hutc", 0, 21600000},
        {SUBSCRIBE(ARG("candle6H", "BTCUSDT")), "candle6H", 28800000, 21600000},
        {SUBSCRIBE(ARG("candle4H", "BTCUSDT")), "candle4H", 0, 14400000}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[64];
        say(s, rows[i].args);
        hear(s, "\"action\":\"snapshot\"");
        assert_string_equal(said(s, "arg.channel"), rows[i].channel);
        uint32_t n = ln_json_count(&s->doc, value_at(&s->doc, "data"));
        assert_true(n > 0);
        snprintf(path, sizeof(path), "data.%u.0", n - 1);
        int64_t open_ms = strtoll(said(s, path), NULL, 10);
        assert_int_equal((open_ms + rows[i].offset_ms) % rows[i].span_ms, 0);
        assert_true(open_ms <= START_MS + 60000);
        assert_true(open_ms > START_MS - rows[i].span_ms);
    }
    stream_free(s);
}

static void
a_second_subscribe_is_acked_and_greeted_again(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    for (int i = 0; i < 2; i++) {
        say(s, SUBSCRIBE(ARG("books", "BTCUSDT")));
        hear(s, "\"event\":\"subscribe\"");
        hear(s, "\"action\":\"snapshot\"");
    }
    ln_sim_set_speed(w->sim, 60);
    size_t before = s->count;
    ln_loop_run_for(w->loop, 1000);
    assert_in_range(s->count - before, 1, 11); /* and pushed once */
    /* What was never subscribed can be unsubscribed. */
    say(s, "{\"op\":\"unsubscribe\",\"args\":[" ARG("trade", "BTCUSDT") "]}");
    hear(s, "\"event\":\"unsubscribe\"");
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
        TEST(a_peer_that_goes_away_is_forgotten),
        cmocka_unit_test_setup_teardown(
            books_carry_the_legacy_checksum_on_request, setup_checksum,
            teardown),
        TEST(days_of_candles_start_at_midnight_of_their_zone),
        TEST(a_second_subscribe_is_acked_and_greeted_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
