/*
 * Public rows: every example of ticker, candle, trade and books as typed
 * values, and the forms that the examples do not show.
 */
#include "ws_examples.h"

static struct ln_ticker
ticker_of(const struct ln_v2_message *m)
{
    struct ln_ticker t;
    struct ln_error err = {0};
    assert_int_equal(
        ln_v2_read_ticker(&dec.doc, ln_v2_first(&dec, m), btc(), &t, &err),
        LN_OK);
    return t;
}

static void
check_ticker_rest(const struct ln_ticker *t)
{
    assert_int_equal(t->open_24h_ticks, 632051);
    assert_int_equal(t->high_24h_ticks, 644800);
    assert_int_equal(t->low_24h_ticks, 629904);
    assert_int_equal(t->change_24h_e8, 1274000);
    assert_int_equal(t->funding_rate_e8, 8200);
    assert_int_equal(t->next_funding_ms, 1790006400000);
    assert_int_equal(t->mark_e8, e8("64010.4"));
    assert_int_equal(t->index_e8, e8("64038.7213"));
    assert_int_equal(t->open_interest_lots, 412776104);
    assert_int_equal(t->volume_24h_lots, 582143307);
    assert_int_equal(t->quote_volume_24h_e8, e8("3711204518.8842"));
}

static void
check_ticker_snapshot(const struct ln_v2_message *m)
{
    struct ln_ticker t = ticker_of(m);
    is_push(m, LN_V2_CH_TICKER, 1, true, 1790000000002);
    is(m->arg.inst_id, "BTCUSDT");
    assert_int_equal(t.time_ms, 1790000000000);
    assert_int_equal(t.last_ticks, 640106);
    assert_int_equal(t.bid_ticks, 640105);
    assert_int_equal(t.ask_ticks, 640106);
    assert_int_equal(t.bid_lots, 12010);
    assert_int_equal(t.ask_lots, 3000);
    check_ticker_rest(&t);
}

static void
check_ticker_update(const struct ln_v2_message *m)
{
    struct ln_ticker t = ticker_of(m);
    is_push(m, LN_V2_CH_TICKER, 1, true, 1790000000110);
    assert_int_equal(t.time_ms, 1790000000108);
    assert_int_equal(t.last_ticks, 640105);
    assert_int_equal(t.bid_ticks, 640104);
    assert_int_equal(t.ask_ticks, 640105);
    assert_int_equal(t.bid_lots, 21000);
    assert_int_equal(t.ask_lots, 7400);
    check_ticker_rest(&t);
}

static void
is_candle(const struct ln_v2_message *m, uint32_t at, struct ln_candle want)
{
    struct ln_candle c;
    struct ln_error err = {0};
    assert_int_equal(ln_v2_read_candle(&dec.doc,
                                       ln_json_at(&dec.doc, m->data, at), btc(),
                                       &c, &err),
                     LN_OK);
    assert_memory_equal(&c, &want, sizeof c);
}

static void
check_candle_snapshot(const struct ln_v2_message *m)
{
    is_push(m, LN_V2_CH_CANDLE, 3, true, 1790000000003);
    assert_int_equal(m->arg.tf, LN_TF_1M);
    is_candle(m, 0,
              (struct ln_candle){1789999860000, 639880, 640012, 639805, 639999,
                                 412203, e8("2637889.1025")});
    is_candle(m, 1,
              (struct ln_candle){1789999920000, 639999, 640088, 639950, 640061,
                                 280417, e8("1794805.3311")});
    is_candle(m, 2,
              (struct ln_candle){1789999980000, 640061, 640106, 640044, 640106,
                                 115302, e8("738012.9177")});
}

static void
check_candle_update(const struct ln_v2_message *m)
{
    is_push(m, LN_V2_CH_CANDLE, 1, false, 1790000001003);
    is_candle(m, 0,
              (struct ln_candle){1789999980000, 640061, 640120, 640044, 640105,
                                 120419, e8("770771.2035")});
}

static void
is_trade(const struct ln_v2_message *m, uint32_t at, struct ln_trade want)
{
    struct ln_trade t;
    struct ln_error err = {0};
    assert_int_equal(ln_v2_read_trade(&dec.doc,
                                      ln_json_at(&dec.doc, m->data, at), btc(),
                                      &t, &err),
                     LN_OK);
    assert_int_equal(t.time_ms, want.time_ms);
    assert_int_equal(t.id, want.id);
    assert_int_equal(t.price_ticks, want.price_ticks);
    assert_int_equal(t.size_lots, want.size_lots);
    assert_int_equal(t.side, want.side);
}

static void
check_trade_snapshot(const struct ln_v2_message *m)
{
    is_push(m, LN_V2_CH_TRADE, 2, true, 1790000000001);
    is_trade(m, 0,
             (struct ln_trade){1789999999980, 1402000000000100003, 640106, 120,
                               LN_BUY});
    is_trade(m, 1,
             (struct ln_trade){1789999999545, 1402000000000100002, 640105, 3000,
                               LN_SELL});
}

static void
check_trade_update(const struct ln_v2_message *m)
{
    is_push(m, LN_V2_CH_TRADE, 1, false, 1790000000214);
    is_trade(m, 0,
             (struct ln_trade){1790000000210, 1402000000000100004, 640105, 500,
                               LN_SELL});
}

static struct ln_v2_book
book_of(const struct ln_v2_message *m)
{
    struct ln_v2_book b;
    struct ln_error err = {0};
    assert_int_equal(m->rows, 1);
    assert_int_equal(ln_v2_read_book(&dec.doc, ln_v2_first(&dec, m), &b, &err),
                     LN_OK);
    return b;
}

static void
is_level(ln_json_val side, uint32_t at, int64_t ticks, int64_t lots,
         const char *price, const char *size)
{
    struct ln_v2_level l;
    struct ln_error err = {0};
    assert_int_equal(ln_v2_read_level(&dec.doc, ln_json_at(&dec.doc, side, at),
                                      btc(), &l, &err),
                     LN_OK);
    assert_int_equal(l.price_ticks, ticks);
    assert_int_equal(l.size_lots, lots);
    is(l.price_text, price);
    is(l.size_text, size);
}

static void
check_books_levels(const struct ln_v2_message *m, const struct ln_v2_book *b)
{
    assert_true(b->has_seq);
    if (m->snapshot) {
        is_push(m, LN_V2_CH_BOOKS, 1, true, 1790000000002);
        assert_int_equal(b->time_ms, 1790000000000);
        assert_int_equal(b->seq, 731120045501);
        assert_int_equal(ln_json_count(&dec.doc, b->asks), 3);
        assert_int_equal(ln_json_count(&dec.doc, b->bids), 2);
        is_level(b->asks, 0, 640106, 3000, "64010.6", "0.3");
        is_level(b->asks, 1, 640109, 40000, "64010.9", "4.00");
        is_level(b->asks, 2, 640112, 5500, "64011.2", "0.55");
        is_level(b->bids, 0, 640105, 12010, "64010.5", "1.201");
        is_level(b->bids, 1, 640104, 21000, "64010.4", "2.1");
    } else {
        is_push(m, LN_V2_CH_BOOKS, 1, false, 1790000000102);
        assert_int_equal(b->time_ms, 1790000000100);
        assert_int_equal(b->seq, 731120045547);
        is_level(b->asks, 0, 640106, 0, "64010.6", "0");
        is_level(b->asks, 1, 640109, 35000, "64010.9", "3.50");
        is_level(b->bids, 0, 640105, 12030, "64010.5", "1.203");
    }
}

static void
check_books(const struct ln_v2_message *m)
{
    struct ln_v2_book b = book_of(m);
    check_books_levels(m, &b);
    assert_true(b.has_pseq);
    assert_int_equal(b.pseq, m->snapshot ? 0 : 731120045501);
    assert_false(b.has_checksum);
}

static void
check_books_legacy(const struct ln_v2_message *m)
{
    struct ln_v2_book b = book_of(m);
    check_books_levels(m, &b);
    assert_false(b.has_pseq);
    assert_true(b.has_checksum);
    assert_int_equal(b.checksum, m->snapshot ? -1579177934 : -261702690);
}

/* books1, 5 and 15: first, second push start at 64010.6 and 64010.7. */
static void
check_books_n(const struct ln_v2_message *m)
{
    struct ln_v2_book b = book_of(m);
    bool first = m->ts_ms == 1790000000002;
    uint32_t depth = m->arg.kind == LN_V2_CH_BOOKS1   ? 1
                     : m->arg.kind == LN_V2_CH_BOOKS5 ? 5
                                                      : 15;
    int64_t best = first ? 640106 : 640107;

    is_push(m, m->arg.kind, 1, true, first ? 1790000000002 : 1790000000102);
    assert_int_equal(b.seq, first ? 731120045501 : 731120045547);
    assert_true(b.has_pseq);
    assert_int_equal(b.pseq, 0);
    assert_int_equal(ln_json_count(&dec.doc, b.asks), depth);
    assert_int_equal(ln_json_count(&dec.doc, b.bids), depth);
    for (uint32_t i = 0; i < depth; i++) {
        struct ln_v2_level l;
        struct ln_error err = {0};
        assert_int_equal(ln_v2_read_level(&dec.doc,
                                          ln_json_at(&dec.doc, b.asks, i),
                                          btc(), &l, &err),
                         LN_OK);
        assert_int_equal(l.price_ticks, best + i);
        assert_int_equal(l.size_lots, 3000 + 1100 * (int64_t)i);
        assert_int_equal(ln_v2_read_level(&dec.doc,
                                          ln_json_at(&dec.doc, b.bids, i),
                                          btc(), &l, &err),
                         LN_OK);
        assert_int_equal(l.price_ticks, best - 1 - i);
        assert_int_equal(l.size_lots, 12010 + 700 * (int64_t)i);
    }
}

static const struct example_check checks[] = {
    {"ticker", "snapshot", check_ticker_snapshot},
    {"ticker", "update", check_ticker_update},
    {"candle1m", "snapshot", check_candle_snapshot},
    {"candle1m", "update", check_candle_update},
    {"trade", "snapshot", check_trade_snapshot},
    {"trade", "update", check_trade_update},
    {"books", "snapshot", check_books},
    {"books", "update", check_books},
    {"books_legacy_checksum", "snapshot", check_books_legacy},
    {"books_legacy_checksum", "update", check_books_legacy},
    {"books1", "snapshot", check_books_n},
    {"books1", "update", check_books_n},
    {"books5", "snapshot", check_books_n},
    {"books5", "update", check_books_n},
    {"books15", "snapshot", check_books_n},
    {"books15", "update", check_books_n},
};

static void
test_every_example(void **state)
{
    (void)state;
    check_examples(PART_MARKET, checks, sizeof checks / sizeof checks[0]);
}

static void
test_numbers_and_strings_are_the_same(void **state)
{
    static const char text[] =
        "{\"ts\":\"5\",\"data\":[{\"ts\":7,\"tradeId\":9,\"side\":\"SELL\","
        "\"size\":0.5,\"price\":64010.5,\"new\":{\"a\":[1]}}]," ARG(
            "trade") ",\"action\":\"update\"}";
    struct ln_v2_message m = decode(ln_str(text));

    (void)state;
    assert_int_equal(m.ts_ms, 5);
    is_trade(&m, 0, (struct ln_trade){7, 9, 640105, 5000, LN_SELL});
}

static void
test_a_fresh_listing_has_no_quotes(void **state)
{
    static const char text[] = "{\"action\":\"snapshot\"," ARG(
        "ticker") ",\"data\":[{\"lastPr\":\"1.23\",\"bidPr\":\"\","
                  "\"askPr\":null,\"bidSz\":\"5\",\"markPrice\":\"\"}]}";
    struct ln_v2_message m = decode(ln_str(text));
    struct ln_ticker t = ticker_of(&m);

    (void)state;
    assert_int_equal(t.last_ticks, 12);
    assert_int_equal(t.bid_ticks, 0);
    assert_int_equal(t.bid_lots, 0);
    assert_int_equal(t.ask_ticks, 0);
    assert_int_equal(t.mark_e8, 0);
}

static void
test_off_grid_trades_are_rounded(void **state)
{
    static const char trade[] = "{\"action\":\"update\"," ARG(
        "trade") ",\"data\":[{\"ts\":\"1\",\"price\":\"64010.56\","
                 "\"size\":\"0.00001\",\"side\":\"buy\",\"tradeId\":\"2\"}"
                 "]}";
    struct ln_v2_message m = decode(ln_str(trade));

    (void)state;
    /* to the nearest; but a size is never rounded to nothing */
    is_trade(&m, 0, (struct ln_trade){1, 2, 640106, 1, LN_BUY});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_example),
        cmocka_unit_test(test_numbers_and_strings_are_the_same),
        cmocka_unit_test(test_a_fresh_listing_has_no_quotes),
        cmocka_unit_test(test_off_grid_trades_are_rounded),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
