/*
 * Public streams of the venue: tickers, trades, books, candles, and what
 * cannot be subscribed.
 */
#include "venue_fixture.h"

#define TICKER(last_pr, funding_time)                                          \
    "{\"action\":\"snapshot\"," ARG(                                           \
        "ticker", "instId",                                                    \
        "BTCUSDT") ",\"data\":[{\"instId\":\"BTCUSDT\",\"lastPr\":\"" last_pr  \
                   "\",\"bidPr\":\"64010.5\",\"askPr\":\"64010.6\",\"bidSz\":" \
                   "\"1\",\"askSz\":\"2\",\"fundingRate\":\"0.0001\","         \
                   "\"nextFundingTime\":\"" funding_time                       \
                   "\",\"ts\":\"1790000000000\"}],\"ts\":1790000000002}"

static void
test_ticker_and_funding_rate(void **state)
{
    struct test *t = started();
    size_t from;

    (void)state;
    t->venue->ops->subscribe(t->venue, 0, LN_CH_TICKER, LN_TF_NONE);
    run(t, 1000);
    from = t->count;
    push(t, false, TICKER("64010.6", "1790006400000"));
    assert_int_equal(last(t, from, LN_VE_TICKER)->instrument, 0);
    assert_int_equal(last(t, from, LN_VE_TICKER)->u.ticker.last_ticks, 640106);
    assert_int_equal(last(t, from, LN_VE_TICKER)->u.ticker.ask_lots, 20000);
    assert_int_equal(last(t, from, LN_VE_FUNDING)->u.funding.rate_e8, 10000);
    assert_int_equal(last(t, from, LN_VE_FUNDING)->u.funding.time_ms,
                     1790006400000);
    /* the rate is news once per interval */
    push(t, false, TICKER("64010.7", "1790006400000"));
    assert_int_equal(count_of(t, from, LN_VE_FUNDING), 1);
    push(t, false, TICKER("64010.7", "1790035200000"));
    assert_int_equal(count_of(t, from, LN_VE_FUNDING), 2);
    assert_int_equal(count_of(t, from, LN_VE_TICKER), 3);
    destroy(t);
}

#define TRADE(id, price, ts)                                                   \
    "{\"ts\":\"" ts "\",\"price\":\"" price                                    \
    "\",\"size\":\"0.1\",\"side\":\"buy\",\"tradeId\":\"" id "\"}"

#define TRADES(action, rows)                                                   \
    "{\"action\":\"" action                                                    \
    "\"," ARG("trade", "instId", "BTCUSDT") ",\"data\":[" rows "]}"

static void
test_trades_are_new_ordered_and_told_once(void **state)
{
    struct test *t = started();
    size_t from;

    (void)state;
    t->venue->ops->subscribe(t->venue, 0, LN_CH_TRADE, LN_TF_NONE);
    run(t, 1000);
    from = t->count;
    /* the opening batch is history */
    push(t, false,
         TRADES("snapshot", TRADE("12", "2", "20") "," TRADE("11", "1", "10")));
    assert_int_equal(count_of(t, from, LN_VE_TRADE), 0);
    /* newest first on the wire, oldest first for us; 12 was seen */
    push(t, false,
         TRADES("update", TRADE("14", "4", "40") "," TRADE(
                              "13", "3", "30") "," TRADE("12", "2", "20")));
    assert_int_equal(count_of(t, from, LN_VE_TRADE), 2);
    assert_int_equal(t->events[from].u.trade.id, 13);
    assert_int_equal(t->events[from + 1].u.trade.id, 14);
    assert_int_equal(t->events[from + 1].u.trade.price_ticks, 40);
    push(t, false, TRADES("update", TRADE("14", "4", "40")));
    assert_int_equal(count_of(t, from, LN_VE_TRADE), 2);
    destroy(t);
}

#define BOOK(action, asks, bids, seq, pseq)                                    \
    "{\"action\":\"" action                                                    \
    "\"," ARG("books", "instId", "BTCUSDT") ",\"data\":[{\"asks\":[" asks      \
                                            "],\"bids\":[" bids                \
                                            "],\"ts\":\"1\",\"seq\":" seq      \
                                            ",\"pseq\":" pseq "}]}"

static void
test_a_gap_in_the_book_is_mended(void **state)
{
    struct test *t = started();
    size_t from, frames;
    struct ln_venue_stats stats;

    (void)state;
    t->venue->ops->subscribe(t->venue, 0, LN_CH_BOOK, LN_TF_NONE);
    run(t, 1000);
    from = t->count;
    push(t, false,
         BOOK("snapshot", "[\"101.5\",\"2\"]", "[\"101.4\",\"1\"]", "10", "0"));
    assert_int_equal(count_of(t, from, LN_VE_BOOK), 1);
    assert_int_equal(t->bid.price_ticks, 1014);
    assert_int_equal(t->ask.size_lots, 20000);
    push(t, false, BOOK("update", "[\"101.5\",\"3\"]", "", "12", "10"));
    assert_int_equal(count_of(t, from, LN_VE_BOOK), 2);
    assert_int_equal(t->ask.size_lots, 30000);
    /* 13 was lost: 14 cannot be applied */
    frames = t->fake->nframes;
    push(t, false, BOOK("update", "[\"101.5\",\"0\"]", "", "14", "13"));
    push(t, false, BOOK("update", "", "[\"101.3\",\"1\"]", "15", "14"));
    assert_int_equal(count_of(t, from, LN_VE_BOOK), 2);
    run(t, 2000);
    assert_int_equal(fake_count(t->fake, frames, "\"unsubscribe\""), 1);
    assert_int_equal(fake_count(t->fake, frames, "\"subscribe\""), 1);
    push(t, false,
         BOOK("snapshot", "[\"101.6\",\"4\"]", "[\"101.4\",\"1\"]", "20", "0"));
    assert_int_equal(count_of(t, from, LN_VE_BOOK), 3);
    assert_int_equal(t->ask.price_ticks, 1016);
    t->venue->ops->stats(t->venue, &stats);
    assert_int_equal(stats.book_gaps, 1);
    assert_int_equal(connection_at(t, from, LN_PART_PUBLIC, false), t->count);
    destroy(t);
}

static void
test_a_crossed_book_is_a_gap(void **state)
{
    struct test *t = started();
    size_t from;

    (void)state;
    t->venue->ops->subscribe(t->venue, 0, LN_CH_BOOK, LN_TF_NONE);
    run(t, 1000);
    from = t->count;
    push(t, false,
         BOOK("snapshot", "[\"101.5\",\"2\"]", "[\"101.4\",\"1\"]", "10", "0"));
    push(t, false, BOOK("update", "", "[\"101.6\",\"1\"]", "11", "10"));
    assert_int_equal(count_of(t, from, LN_VE_BOOK), 1);
    run(t, 2000);
    assert_int_equal(fake_count(t->fake, 0, "\"unsubscribe\""), 1);
    destroy(t);
}

/* The worked example of the legacy checksum; then one that is wrong. */
static void
test_the_legacy_checksum_is_verified(void **state)
{
    static const char snapshot[] = "{\"action\":\"snapshot\"," ARG(
        "books", "instId",
        "BTCUSDT") ",\"data\":[{\"asks\":[[\"64010.6\",\"0.3\"],"
                   "[\"64010.9\",\"4.00\"],[\"64011.2\",\"0.55\"]],"
                   "\"bids\":[[\"64010.5\",\"1.201\"],[\"64010.4\","
                   "\"2.1\"]],\"checksum\":-1579177934,\"seq\":1,"
                   "\"ts\":\"1\"}]}";
    static const char update[] = "{\"action\":\"update\"," ARG(
        "books", "instId",
        "BTCUSDT") ",\"data\":[{\"asks\":[[\"64010.6\",\"0\"],"
                   "[\"64010.9\",\"3.50\"]],\"bids\":[[\"64010.5\","
                   "\"1.203\"]],\"checksum\":-261702690,\"seq\":2,"
                   "\"ts\":\"2\"}]}";
    static const char wrong[] = "{\"action\":\"update\"," ARG(
        "books", "instId",
        "BTCUSDT") ",\"data\":[{\"asks\":[],\"bids\":[[\"64010.5\","
                   "\"1.204\"]],\"checksum\":-261702690,\"seq\":3,"
                   "\"ts\":\"3\"}]}";
    struct test *t = started();
    size_t from;

    (void)state;
    t->venue->ops->subscribe(t->venue, 0, LN_CH_BOOK, LN_TF_NONE);
    run(t, 1000);
    from = t->count;
    push(t, false, snapshot);
    push(t, false, update);
    assert_int_equal(count_of(t, from, LN_VE_BOOK), 2);
    push(t, false, wrong);
    assert_int_equal(count_of(t, from, LN_VE_BOOK), 2);
    run(t, 2000);
    assert_int_equal(fake_count(t->fake, 0, "\"unsubscribe\""), 1);
    destroy(t);
}

static void
test_public_reconnect_clears_books(void **state)
{
    struct test *t = started();
    size_t from;

    (void)state;
    t->venue->ops->subscribe(t->venue, 0, LN_CH_BOOK | LN_CH_TICKER,
                             LN_TF_NONE);
    run(t, 1000);
    push(t, false,
         BOOK("snapshot", "[\"101.5\",\"2\"]", "[\"101.4\",\"1\"]", "10", "0"));
    from = t->count;
    fake_drop(fake_conn(t->fake, false));
    run(t, 5000);
    assert_true(connection_at(t, from, LN_PART_PUBLIC, false) <
                connection_at(t, from, LN_PART_PUBLIC, true));
    assert_true(connection_at(t, from, LN_PART_PUBLIC, true) < t->count);
    /* an update that fits the old session does not fit the new one */
    push(t, false, BOOK("update", "[\"101.5\",\"3\"]", "", "12", "10"));
    assert_int_equal(count_of(t, from, LN_VE_BOOK), 0);
    destroy(t);
}

#define CANDLE(ts, close)                                                      \
    "[\"" ts "\",\"10\",\"12\",\"9\",\"" close "\",\"5\",\"50\",\"50\"]"

#define CANDLES_PUSH(action, rows)                                             \
    "{\"action\":\"" action                                                    \
    "\"," ARG("candle1m", "instId", "BTCUSDT") ",\"data\":[" rows "]}"

static void
test_candles_since_the_last_one(void **state)
{
    struct test *t = started();
    size_t from;

    (void)state;
    t->venue->ops->subscribe(t->venue, 0, LN_CH_CANDLE, LN_TF_1M);
    run(t, 1000);
    from = t->count;
    push(t, false,
         CANDLES_PUSH("snapshot",
                      CANDLE("60000", "10") "," CANDLE("120000", "11")));
    /* only the forming one is news */
    assert_int_equal(count_of(t, from, LN_VE_CANDLE), 1);
    assert_int_equal(last(t, from, LN_VE_CANDLE)->u.candle.candle.time_ms,
                     120000);
    assert_int_equal(last(t, from, LN_VE_CANDLE)->u.candle.tf, LN_TF_1M);
    push(t, false, CANDLES_PUSH("update", CANDLE("120000", "12")));
    assert_int_equal(count_of(t, from, LN_VE_CANDLE), 2);
    assert_int_equal(last(t, from, LN_VE_CANDLE)->u.candle.candle.close_ticks,
                     120);
    /* after a reconnect the snapshot fills what was missed */
    fake_drop(fake_conn(t->fake, false));
    run(t, 5000);
    from = t->count;
    push(t, false,
         CANDLES_PUSH(
             "snapshot",
             CANDLE("60000", "10") "," CANDLE("120000", "11") "," CANDLE(
                 "180000", "12") "," CANDLE("240000", "11")));
    assert_int_equal(count_of(t, from, LN_VE_CANDLE), 3);
    destroy(t);
}

static void
test_what_cannot_be_subscribed_is_told(void **state)
{
    struct test *t = started();
    size_t from = t->count;

    (void)state;
    t->venue->ops->subscribe(t->venue, 77, LN_CH_TICKER, LN_TF_NONE);
    t->venue->ops->subscribe(t->venue, 0, LN_CH_CANDLE, LN_TF_NONE);
    assert_int_equal(t->count, from);
    run(t, 10);
    assert_int_equal(count_of(t, from, LN_VE_CONNECTION), 2);
    /* listed by REST, and yet unknown to the stream */
    t->fake->refuse = "ETHUSDT";
    from = t->count;
    t->venue->ops->subscribe(t->venue, 1, LN_CH_TICKER, LN_TF_NONE);
    run(t, 1000);
    assert_int_equal(last(t, from, LN_VE_CONNECTION)->instrument, 1);
    assert_true(last(t, from, LN_VE_CONNECTION)->u.connection.up);
    assert_non_null(strstr(t->why, "30001"));
    destroy(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticker_and_funding_rate),
        cmocka_unit_test(test_trades_are_new_ordered_and_told_once),
        cmocka_unit_test(test_a_gap_in_the_book_is_mended),
        cmocka_unit_test(test_a_crossed_book_is_a_gap),
        cmocka_unit_test(test_the_legacy_checksum_is_verified),
        cmocka_unit_test(test_public_reconnect_clears_books),
        cmocka_unit_test(test_candles_since_the_last_one),
        cmocka_unit_test(test_what_cannot_be_subscribed_is_told),
    };
    ln_log_set_level(LN_LOG_OFF); /* losses are expected here */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
