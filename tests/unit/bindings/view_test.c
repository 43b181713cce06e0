/*
 * Events as a script sees them: every field of every view, what is refused,
 * how long a view lives, and that reading one allocates nothing.
 */
#include "unit/bindings/fake_host.h"

/* ---- every field ---- */

static void
ticker_has_its_fields(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_ticker(t)\n"
                 "log.info(t.symbol, t.time, t.last, t.bid, t.ask,\n"
                 " t.bid_size, t.ask_size, t.mark, t.index, t.funding_rate,\n"
                 " t.next_funding - t.time, t.open_interest, t.high_24h,\n"
                 " t.low_24h, t.change_24h, t.volume_24h,\n"
                 " t.quote_volume_24h)\nend");
    fake_ticker(&f, BTC, 640005);
    assert_no_error(&f);
    assert_string_equal(fake_log(&f),
                        "BTCUSDT 1700000000000 64000.5 64000.4 64000.6 1.5 2.5 "
                        "64000.12345678 64001.0 0.0001 3600000 123.456 65000.0 "
                        "63000.0 0.0125 7.0 123.0");
    fake_free(&f);
}

static void
candle_has_its_fields(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_candle(c)\n"
                 "log.info(c.symbol, c.timeframe, c.time, c.open, c.high,\n"
                 " c.low, c.close, c.volume, c.quote_volume)\nend");
    fake_candle(&f, BTC, START, 640000, false);
    assert_no_error(&f);
    assert_string_equal(fake_log(&f),
                        "BTCUSDT 1m 1700000000000 63999.5 64001.0 "
                        "63998.0 64000.0 4.321 77.0");
    fake_free(&f);
}

static void
trade_has_its_fields(void **state)
{
    (void)state;
    struct fake f;
    struct ln_msg_trade m = {0};
    fake_run(&f, "function on_trade(t)\n"
                 "log.info(t.symbol, t.time, t.id, t.price, t.size, t.side)\n"
                 "end");
    m.trade =
        (struct ln_trade){START, 123456789012345678LL, 640001, 2500, LN_SELL};
    fake_send(&f, &m.h, LN_MSG_TRADE, BTC, sizeof(m));
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "BTCUSDT 1700000000000 "
                                      "123456789012345678 64000.1 2.5 sell");
    fake_free(&f);
}

static void
send_book(struct fake *f)
{
    struct ln_msg_book m = {0};
    m.time_ms = START;
    m.seq_no = 99;
    m.nbids = 2;
    m.nasks = 1;
    m.bids[0] = (struct ln_level){639999, 1000};
    m.bids[1] = (struct ln_level){639990, 3000};
    m.asks[0] = (struct ln_level){640001, 500};
    fake_send(f, &m.h, LN_MSG_BOOK, BTC, sizeof(m));
}

static void
book_has_its_levels(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_book(b)\n"
                 "log.info(b.symbol, b.time, b.seq, #b.bids, #b.asks,\n"
                 " b.bids[1].price, b.bids[1].size, b.bids[2].price,\n"
                 " b.asks[1].price, b.asks[2], b.bids[0])\n"
                 "local n = 0\n"
                 "for i, l in ipairs(b.bids) do n = n + l.size end\n"
                 "for i, l in pairs(b.bids) do n = n + i end\n"
                 "log.info(n, market.book('BTCUSDT') == b)\n"
                 "end");
    send_book(&f);
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "7.0 true");
    fake_forget(&f);
    fake_free(&f);

    fake_run(&f, "function on_book(b)\n"
                 "log.info(b.symbol, b.time, b.seq, #b.bids, #b.asks,\n"
                 " b.bids[1].price, b.bids[1].size, b.bids[2].price,\n"
                 " b.asks[1].price, b.asks[2], b.bids[0])\nend");
    send_book(&f);
    assert_string_equal(fake_log(&f),
                        "BTCUSDT 1700000000000 99 2 1 63999.9 1.0 63999.0 "
                        "64000.1 nil nil");
    fake_free(&f);
}

static void
order_has_its_fields(void **state)
{
    (void)state;
    struct fake f;
    struct ln_msg_order m = {0};
    fake_run(&f, "function on_order(o)\n"
                 "log.info(o.symbol, o.id, o.client_oid, o.side, o.type,\n"
                 " o.state, o.price, o.size, o.filled, o.average,\n"
                 " o.reduce_only, o.position_side, o.tag, o.reason)\nend");
    m.req.side = LN_SELL;
    m.req.type = LN_LIMIT;
    m.req.tif = LN_GTC;
    m.req.pos_side = LN_LONG;
    m.req.reduce_only = true;
    m.req.price_ticks = 640000;
    m.req.size_lots = 5000;
    m.state = LN_ORDER_PARTIAL;
    m.filled_lots = 2000;
    m.average_e8 = 6400005000000;
    snprintf(m.order_id, sizeof(m.order_id), "12345");
    snprintf(m.req.client_oid, sizeof(m.req.client_oid), "ln-a-1");
    snprintf(m.tag, sizeof(m.tag), "exit");
    snprintf(m.reason, sizeof(m.reason), "why");
    fake_send(&f, &m.h, LN_MSG_ORDER, BTC, sizeof(m));
    assert_no_error(&f);
    assert_string_equal(fake_log(&f),
                        "BTCUSDT 12345 ln-a-1 sell limit partial 64000.0 5.0 "
                        "2.0 64000.05 true long exit why");
    fake_free(&f);
}

static void
fill_has_its_fields(void **state)
{
    (void)state;
    struct fake f;
    struct ln_msg_fill m = {0};
    fake_run(&f, "function on_fill(f)\n"
                 "log.info(f.symbol, f.order_id, f.trade_id, f.side, f.price,\n"
                 " f.size, f.fee, f.fee_coin, f.liquidity, f.profit, f.time)\n"
                 "end");
    m.fill.side = LN_BUY;
    m.fill.liquidity = LN_MAKER;
    m.fill.price_ticks = 640000;
    m.fill.size_lots = 10;
    m.fill.fee_e8 = -12800000;
    m.fill.profit_e8 = 250000000;
    m.fill.time_ms = START;
    snprintf(m.fill.order_id, sizeof(m.fill.order_id), "12345");
    snprintf(m.fill.trade_id, sizeof(m.fill.trade_id), "777");
    fake_send(&f, &m.h, LN_MSG_FILL, BTC, sizeof(m));
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "BTCUSDT 12345 777 buy 64000.0 0.01 "
                                      "-0.128 USDT maker 2.5 1700000000000");
    fake_free(&f);
}

static void
position_has_its_fields_and_is_what_is_so_now(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "local kept = position('BTCUSDT')\n"
                 "function on_start() log.info(kept.size, kept.side) end\n"
                 "function on_position(p)\n"
                 "log.info(p.symbol, p.side, p.size, p.entry, p.mark,\n"
                 " p.unrealised, p.realised, p.leverage, p.margin_mode,\n"
                 " p.liquidation, kept.size,\n"
                 " account.position('BTCUSDT').size)\nend");
    assert_string_equal(fake_log(&f), "0.0 flat");
    fake_position(&f, BTC, -7);
    assert_no_error(&f);
    assert_string_equal(fake_log(&f),
                        "BTCUSDT short -0.007 63000.0 64000.0 -7.0 4.0 20 "
                        "crossed 50000.0 -0.007 0.0");
    fake_free(&f);
}

static void
account_has_its_fields(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_account(a)\n"
                 "log.info(a.equity, a.available, a.locked, a.unrealised,\n"
                 " a == account)\nend");
    fake_account(&f, 1000);
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "1000.0 500.0 3.0 -1.0 true");
    fake_free(&f);
}

static void
funding_has_its_fields(void **state)
{
    (void)state;
    struct fake f;
    struct ln_msg_funding m = {
        .rate_e8 = 12500, .amount_e8 = -50000000, .time_ms = START};
    fake_run(&f, "function on_funding(f)\n"
                 "log.info(f.symbol, f.rate, f.time, f.amount)\nend");
    fake_send(&f, &m.h, LN_MSG_FUNDING, ETH, sizeof(m));
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "ETHUSDT 0.000125 1700000000000 -0.5");
    fake_free(&f);
}

/* ---- rules ---- */

static void
a_kept_view_is_refused_in_the_next_callback(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "local old\n"
                 "function on_ticker(t)\n"
                 "  if old then\n"
                 "    log.info(old.last)\n"
                 "  end\n"
                 "  old = t\n"
                 "end");
    fake_ticker(&f, BTC, 640000);
    assert_no_error(&f);
    fake_ticker(&f, BTC, 640000);
    assert_error(&f, "this ticker is no longer valid: an event view lives only "
                     "during its callback (use :copy() to keep one)");
    assert_string_equal(fake_error(&f, LN_MSG_ERROR)->where, "s.lua:5");
    fake_free(&f);
}

static void
copy_is_a_table_that_stays(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "local old\n"
                 "function on_book(b) old = b:copy() end\n"
                 "function on_ticker(t)\n"
                 "  local c, n = t:copy(), 0\n"
                 "  for k, v in pairs(t) do n = n + 1 assert(c[k] == v) end\n"
                 "  c.last = 1\n"
                 "  log.info(type(old), #old.bids, old.bids[2].size,\n"
                 "           old.symbol, n)\n"
                 "end");
    send_book(&f);
    fake_ticker(&f, BTC, 640000);
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "table 2 3.0 BTCUSDT 17");
    fake_free(&f);
}

static void
views_cannot_be_written_and_know_their_names(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"t.last = 3", "a ticker cannot be changed"},
        {"local x = t.lsat", "did you mean 'last'?"},
        {"local x = t[1]", "has names for fields"},
        {"local x = #t", "a ticker has no length"},
        {"local x = account.equty", "did you mean 'equity'?"},
        {"position('BTCUSD')", "did you mean BTCUSDT?"},
        {"t.copy()", "write e:copy()"},
        {"local f = t.copy; f({})", "write e:copy()"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake f;
        char script[256];
        snprintf(script, sizeof(script), "function on_ticker(t) %s end",
                 cases[i][0]);
        fake_run(&f, script);
        fake_ticker(&f, BTC, 640000);
        assert_error(&f, cases[i][1]);
        fake_free(&f);
    }
}

static void
tostring_is_readable_and_shows_no_address(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_book(b) log.info(tostring(b), b.bids) end");
    send_book(&f);
    assert_string_equal(fake_log(&f),
                        "book symbol=BTCUSDT time=1700000000000 bids=2 asks=1 "
                        "seq=99 bids (2 levels)");
    fake_free(&f);
}

static void
reading_views_allocates_nothing(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "local sum, n = 0.0, 0\n"
                 "function on_ticker(t)\n"
                 "  local p = position(t.symbol)\n"
                 "  if t.symbol == 'BTCUSDT' and p.side == 'flat' then\n"
                 "    sum = sum + t.last + t.bid_size + p.size\n"
                 "      + account.equity\n"
                 "  end\n"
                 "end");
    fake_ticker(&f, BTC, 640000); /* makes the coroutine */
    fake_ticker(&f, BTC, 640000);
    int64_t before =
        ((const struct ln_msg_done *)fake_last(&f, LN_MSG_DONE))->memory_bytes;
    for (int i = 0; i < 200; i++)
        fake_ticker(&f, BTC, 640000 + i);
    int64_t after =
        ((const struct ln_msg_done *)fake_last(&f, LN_MSG_DONE))->memory_bytes;
    assert_no_error(&f);
    assert_int_equal(before, after);
    fake_free(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticker_has_its_fields),
        cmocka_unit_test(candle_has_its_fields),
        cmocka_unit_test(trade_has_its_fields),
        cmocka_unit_test(book_has_its_levels),
        cmocka_unit_test(order_has_its_fields),
        cmocka_unit_test(fill_has_its_fields),
        cmocka_unit_test(position_has_its_fields_and_is_what_is_so_now),
        cmocka_unit_test(account_has_its_fields),
        cmocka_unit_test(funding_has_its_fields),
        cmocka_unit_test(a_kept_view_is_refused_in_the_next_callback),
        cmocka_unit_test(copy_is_a_table_that_stays),
        cmocka_unit_test(views_cannot_be_written_and_know_their_names),
        cmocka_unit_test(tostring_is_readable_and_shows_no_address),
        cmocka_unit_test(reading_views_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
