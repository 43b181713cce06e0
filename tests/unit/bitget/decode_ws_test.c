/*
 * Every example of the wire (tests/data/bitget/websocket-examples.json) is
 * decoded and compared with typed values; then what the examples do not
 * show: other forms of scalars, malformed frames, mutated frames.
 */
#include "examples.h"

#include "base/rng.h"
#include "bitget/v2/decode_ws.h"
#include "bitget/v2/encode.h"

#include <stdio.h>
#include <stdlib.h>

static struct ln_instruments reg;
static struct ln_buf file;
static struct ln_json examples;
static struct ln_v2_decoder dec;

static const struct ln_instrument *
btc(void)
{
    return ln_instruments_at(&reg, 0);
}

/* One decoded example. */
static struct ln_v2_message
decode(struct ln_str text)
{
    struct ln_v2_message m;
    struct ln_error err = {0};
    if (ln_v2_decode(&dec, text.ptr, text.len, &m, &err))
        fail_msg("%s (%s): %.*s", err.what, err.where, (int)text.len, text.ptr);
    return m;
}

static void
is(struct ln_str got, const char *want)
{
    if (!ln_str_eqc(got, want))
        fail_msg("'%.*s' is not '%s'", (int)got.len, got.ptr, want);
}

static void
is_push(const struct ln_v2_message *m, enum ln_v2_channel kind, uint32_t rows,
        bool snapshot, int64_t ts)
{
    assert_int_equal(m->kind, LN_V2_DATA);
    assert_int_equal(m->arg.kind, kind);
    is(m->arg.inst_type, "USDT-FUTURES");
    assert_int_equal(m->rows, rows);
    assert_int_equal(m->snapshot, snapshot);
    assert_int_equal(m->ts_ms, ts);
}

/* ---- one check per example ---- */

typedef void (*check_fn)(const struct ln_v2_message *m);

static void
check_pong(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_PONG);
}

static void
check_login_ok(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_LOGIN);
    assert_int_equal(m->code, 0);
}

static void
check_login_failure(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_ERROR);
    assert_int_equal(m->code, 30015);
    assert_false(m->has_arg);
    is(m->msg, "Invalid sign");
}

static void
check_not_logged_in(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_ERROR);
    assert_int_equal(m->code, 30004);
    is(m->msg, "User not logged in/User must be logged in");
}

static void
check_unsubscribed(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_UNSUBSCRIBED);
    assert_int_equal(m->arg.kind, LN_V2_CH_BOOKS);
    is(m->arg.inst_id, "BTCUSDT");
}

static void
check_unknown_symbol(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_ERROR);
    assert_int_equal(m->code, 30001);
    assert_int_equal(m->arg.kind, LN_V2_CH_BOOKS);
    is(m->arg.inst_id, "NOSUCHUSDT");
    is(m->op, "subscribe");
    is(m->msg, "instType:USDT-FUTURES,channel:books,instId:NOSUCHUSDT,"
               "precision:null doesn't exist");
}

static void
check_unknown_channel(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_ERROR);
    assert_int_equal(m->code, 30016);
    assert_true(m->has_arg);
    assert_int_equal(m->arg.kind, LN_V2_CH_NONE);
    is(m->arg.channel, "books50");
}

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

static void
check_account(const struct ln_v2_message *m)
{
    struct ln_v2_account a;
    struct ln_error err = {0};
    bool first = m->ts_ms == 1790000000005;

    is_push(m, LN_V2_CH_ACCOUNT, 1, true,
            first ? 1790000000005 : 1790000060040);
    is(m->arg.coin, "default");
    assert_int_equal(
        ln_v2_read_account(&dec.doc, ln_v2_first(&dec, m), m->ts_ms, &a, &err),
        LN_OK);
    assert_string_equal(a.update.coin, "USDT");
    assert_int_equal(a.update.locked_e8, 0);
    assert_int_equal(a.update.available_e8, e8(first ? "1000" : "967.872"));
    assert_int_equal(a.update.equity_e8, e8(first ? "1000" : "999.976"));
    assert_int_equal(a.update.unrealised_e8, e8(first ? "0" : "0.104"));
    assert_int_equal(a.update.pos_mode, 0);
    assert_int_equal(a.update.time_ms, m->ts_ms);
    assert_int_equal(a.max_open_e8, e8(first ? "1000" : "967.976"));
    assert_int_equal(a.max_transfer_e8, e8(first ? "1000" : "967.872"));
    assert_int_equal(a.usdt_equity_e8, e8(first ? "1000" : "999.976"));
    assert_int_equal(a.risk_rate_e8, e8(first ? "0" : "0.00256"));
    assert_int_equal(a.union_margin_e8, 0);
    assert_int_equal(a.union_available_e8, 0);
    assert_int_equal(a.union_mm_e8, 0);
    assert_false(a.union_mode);
}

static void
check_equity(const struct ln_v2_message *m)
{
    struct ln_v2_equity q;
    struct ln_error err = {0};
    bool first = m->ts_ms == 1790000000005;

    is_push(m, LN_V2_CH_EQUITY, 1, true, first ? 1790000000005 : 1790000003005);
    assert_int_equal(
        ln_v2_read_equity(&dec.doc, ln_v2_first(&dec, m), &q, &err), LN_OK);
    assert_int_equal(q.btc_e8, e8(first ? "0.0156221" : "0.0156203"));
    assert_int_equal(q.usdt_e8, e8(first ? "999.976" : "999.861"));
    assert_int_equal(q.unrealised_e8, e8(first ? "0.104" : "-0.011"));
    assert_int_equal(q.union_margin_e8, 0);
    assert_int_equal(q.union_available_e8, 0);
    assert_int_equal(q.union_mm_e8, 0);
}

static void
check_positions_flat(const struct ln_v2_message *m)
{
    is_push(m, LN_V2_CH_POSITIONS, 0, true, 1790000000006);
    assert_int_equal(ln_v2_first(&dec, m), LN_JSON_NONE);
}

static void
check_positions(const struct ln_v2_message *m)
{
    struct ln_v2_position p;
    struct ln_error err = {0};

    is_push(m, LN_V2_CH_POSITIONS, 1, true, 1790000060041);
    assert_int_equal(
        ln_v2_read_position(&dec.doc, ln_v2_first(&dec, m), &reg, &p, &err),
        LN_OK);
    assert_int_equal(p.update.instrument, 0);
    assert_string_equal(p.pos_id, "1402000000000300001");
    assert_string_equal(p.margin_coin, "USDT");
    assert_int_equal(p.update.margin_e8, e8("32"));
    assert_int_equal(p.update.margin_mode, LN_CROSSED);
    assert_int_equal(p.update.hold_side, LN_LONG);
    assert_int_equal(p.update.pos_mode, LN_ONE_WAY);
    assert_int_equal(p.update.size_lots, 100);
    assert_int_equal(p.update.available_lots, 100);
    assert_int_equal(p.frozen_lots, 0);
    assert_int_equal(p.update.entry_e8, e8("64000"));
    assert_int_equal(p.update.leverage, 20);
    assert_int_equal(p.update.realised_e8, 0);
    assert_int_equal(p.update.unrealised_e8, e8("0.104"));
    assert_int_equal(p.unrealised_ratio_e8, e8("0.00325"));
    assert_int_equal(p.update.liquidation_e8, 0);
    assert_int_equal(p.keep_margin_rate_e8, e8("0.004"));
    assert_int_equal(p.margin_rate_e8, e8("0.00256"));
    assert_int_equal(p.break_even_e8, e8("64051.2"));
    assert_int_equal(p.funding_e8, 0);
    assert_int_equal(p.deducted_fee_e8, e8("0.128"));
    assert_int_equal(p.update.mark_e8, e8("64010.4"));
    assert_false(p.auto_margin);
    assert_int_equal(p.created_ms, 1790000030000);
    assert_int_equal(p.update.updated_ms, 1790000060030);
}

static void
check_positions_history(const struct ln_v2_message *m)
{
    struct ln_v2_position_closed p;
    struct ln_error err = {0};

    is_push(m, LN_V2_CH_POSITIONS_HISTORY, 1, true, 1790000900012);
    assert_int_equal(ln_v2_read_position_closed(&dec.doc, ln_v2_first(&dec, m),
                                                &reg, &p, &err),
                     LN_OK);
    assert_int_equal(p.instrument, 0);
    assert_string_equal(p.pos_id, "1402000000000300001");
    assert_string_equal(p.margin_coin, "USDT");
    assert_int_equal(p.margin_mode, LN_CROSSED);
    assert_int_equal(p.hold_side, LN_LONG);
    assert_int_equal(p.pos_mode, LN_ONE_WAY);
    assert_int_equal(p.open_e8, e8("64000"));
    assert_int_equal(p.close_e8, e8("64100"));
    assert_int_equal(p.open_lots, 100);
    assert_int_equal(p.close_lots, 100);
    assert_int_equal(p.profit_e8, e8("1"));
    assert_int_equal(p.funding_e8, e8("-0.0064"));
    assert_int_equal(p.open_fee_e8, e8("-0.128"));
    assert_int_equal(p.close_fee_e8, e8("-0.3846"));
    assert_int_equal(p.created_ms, 1790000030000);
    assert_int_equal(p.updated_ms, 1790000900000);
}

static void
check_fill(const struct ln_v2_message *m)
{
    struct ln_v2_fill f;
    struct ln_error err = {0};

    is_push(m, LN_V2_CH_FILL, 1, true, 1790000030011);
    assert_int_equal(
        ln_v2_read_fill(&dec.doc, ln_v2_first(&dec, m), &reg, &f, &err), LN_OK);
    assert_int_equal(f.fill.instrument, 0);
    assert_string_equal(f.fill.order_id, "1402000000000200001");
    assert_string_equal(f.fill.client_oid, "cli-000001");
    assert_string_equal(f.fill.trade_id, "1402000000000100101");
    assert_int_equal(f.fill.side, LN_BUY);
    assert_int_equal(f.fill.pos_side, LN_NET);
    assert_int_equal(f.fill.liquidity, LN_MAKER);
    assert_int_equal(f.fill.price_ticks, 640000);
    assert_int_equal(f.fill.size_lots, 40);
    assert_int_equal(f.fill.fee_e8, e8("-0.0512"));
    assert_int_equal(f.fill.profit_e8, 0);
    assert_int_equal(f.fill.time_ms, 1790000030000);
    assert_int_equal(f.order_type, LN_LIMIT);
    assert_int_equal(f.pos_mode, LN_ONE_WAY);
    assert_int_equal(f.quote_volume_e8, e8("256"));
    assert_int_equal(f.deduction_fee_e8, 0);
    assert_false(f.closes);
    assert_string_equal(f.trade_side, "buy_single");
}

static struct ln_v2_order
order_of(const struct ln_v2_message *m)
{
    struct ln_v2_order o;
    struct ln_error err = {0};
    assert_int_equal(
        ln_v2_read_order(&dec.doc, ln_v2_first(&dec, m), &reg, &o, &err),
        LN_OK);
    /* what all four examples share */
    assert_int_equal(o.update.instrument, 0);
    assert_int_equal(o.update.side, LN_BUY);
    assert_int_equal(o.update.type, LN_LIMIT);
    assert_int_equal(o.update.tif, LN_GTC);
    assert_int_equal(o.update.pos_side, LN_NET);
    assert_false(o.update.reduce_only);
    assert_int_equal(o.update.size_lots, 100);
    assert_int_equal(o.pos_mode, LN_ONE_WAY);
    assert_int_equal(o.margin_mode, LN_CROSSED);
    assert_string_equal(o.margin_coin, "USDT");
    assert_int_equal(o.leverage, 20);
    assert_int_equal(o.profit_e8, 0);
    assert_string_equal(o.trade_side, "buy_single");
    assert_string_equal(o.source, "API");
    assert_string_equal(o.stp_mode, "none");
    assert_int_equal(o.take_profit_e8, 0);
    assert_int_equal(o.take_profit_exec_e8, 0);
    assert_int_equal(o.stop_loss_e8, 0);
    assert_int_equal(o.stop_loss_exec_e8, 0);
    assert_string_equal(o.take_profit_type, "");
    assert_string_equal(o.stop_loss_type, "");
    return o;
}

static void
check_order_live(const struct ln_v2_message *m)
{
    struct ln_v2_order o = order_of(m);
    is_push(m, LN_V2_CH_ORDERS, 1, true, 1790000001009);
    assert_string_equal(o.update.client_oid, "cli-000001");
    assert_string_equal(o.update.order_id, "1402000000000200001");
    assert_int_equal(o.update.state, LN_ORDER_LIVE);
    assert_int_equal(o.update.price_ticks, 640000);
    assert_int_equal(o.update.filled_lots, 0);
    assert_int_equal(o.update.average_e8, 0);
    assert_int_equal(o.update.fee_e8, 0);
    assert_int_equal(o.update.created_ms, 1790000001000);
    assert_int_equal(o.update.updated_ms, 1790000001000);
    assert_string_equal(o.update.reason, "");
    assert_int_equal(o.notional_e8, e8("640"));
    assert_false(o.has_fill);
}

static void
is_fill_of(const struct ln_v2_order *o, const char *trade_id, int64_t lots,
           const char *fee, int64_t time_ms, const char *notional)
{
    assert_true(o->has_fill);
    assert_string_equal(o->fill.client_oid, "cli-000001");
    assert_string_equal(o->fill.order_id, "1402000000000200001");
    assert_string_equal(o->fill.trade_id, trade_id);
    assert_int_equal(o->fill.instrument, 0);
    assert_int_equal(o->fill.side, LN_BUY);
    assert_int_equal(o->fill.pos_side, LN_NET);
    assert_int_equal(o->fill.liquidity, LN_MAKER);
    assert_int_equal(o->fill.price_ticks, 640000);
    assert_int_equal(o->fill.size_lots, lots);
    assert_int_equal(o->fill.fee_e8, e8(fee));
    assert_int_equal(o->fill.profit_e8, 0);
    assert_int_equal(o->fill.time_ms, time_ms);
    assert_int_equal(o->fill_notional_e8, e8(notional));
    assert_int_equal(o->update.average_e8, e8("64000"));
}

static void
check_order_partial(const struct ln_v2_message *m)
{
    struct ln_v2_order o = order_of(m);
    is_push(m, LN_V2_CH_ORDERS, 1, true, 1790000030010);
    assert_int_equal(o.update.state, LN_ORDER_PARTIAL);
    assert_int_equal(o.update.filled_lots, 40);
    assert_int_equal(o.update.fee_e8, e8("-0.0512"));
    assert_int_equal(o.update.updated_ms, 1790000030000);
    is_fill_of(&o, "1402000000000100101", 40, "-0.0512", 1790000030000, "256");
}

static void
check_order_filled(const struct ln_v2_message *m)
{
    struct ln_v2_order o = order_of(m);
    is_push(m, LN_V2_CH_ORDERS, 1, true, 1790000060040);
    assert_int_equal(o.update.state, LN_ORDER_FILLED);
    assert_int_equal(o.update.filled_lots, 100);
    assert_int_equal(o.update.fee_e8, e8("-0.128"));
    is_fill_of(&o, "1402000000000100102", 60, "-0.0768", 1790000060030, "384");
}

static void
check_order_canceled(const struct ln_v2_message *m)
{
    struct ln_v2_order o = order_of(m);
    is_push(m, LN_V2_CH_ORDERS, 1, true, 1790000095011);
    assert_string_equal(o.update.client_oid, "cli-000002");
    assert_string_equal(o.update.order_id, "1402000000000200002");
    assert_int_equal(o.update.state, LN_ORDER_CANCELLED);
    assert_string_equal(o.update.reason, "normal_cancel");
    assert_int_equal(o.update.price_ticks, 635000);
    assert_int_equal(o.update.filled_lots, 0);
    assert_int_equal(o.update.created_ms, 1790000090000);
    assert_int_equal(o.update.updated_ms, 1790000095000);
    assert_false(o.has_fill);
}

static void
check_algo(const struct ln_v2_message *m)
{
    struct ln_v2_algo a;
    struct ln_error err = {0};
    bool live = m->ts_ms == 1790000061012;

    is_push(m, LN_V2_CH_ORDERS_ALGO, 1, true,
            live ? 1790000061012 : 1790000500013);
    assert_int_equal(
        ln_v2_read_algo(&dec.doc, ln_v2_first(&dec, m), &reg, &a, &err), LN_OK);
    assert_int_equal(a.instrument, 0);
    assert_string_equal(a.order_id, "1402000000000400001");
    assert_string_equal(a.client_oid, "algo-000001");
    assert_int_equal(a.plan_type, LN_V2_PLAN_PROFIT);
    assert_int_equal(a.state, live ? LN_V2_PLAN_LIVE : LN_V2_PLAN_EXECUTED);
    assert_true(a.by_mark);
    assert_int_equal(a.order_type, LN_MARKET);
    assert_int_equal(a.pos_mode, LN_ONE_WAY);
    assert_int_equal(a.side, LN_SELL);
    assert_int_equal(a.pos_side, LN_NET);
    assert_false(a.closes);
    assert_int_equal(a.trigger_e8, e8("65000"));
    assert_int_equal(a.price_e8, 0);
    assert_int_equal(a.execute_e8, 0);
    assert_int_equal(a.size_lots, 100);
    assert_int_equal(a.actual_lots, live ? 0 : 100);
    assert_int_equal(a.take_profit_e8, 0);
    assert_int_equal(a.take_profit_trigger_e8, 0);
    assert_int_equal(a.stop_loss_e8, 0);
    assert_int_equal(a.stop_loss_trigger_e8, 0);
    assert_int_equal(a.triggered_ms, live ? 0 : 1790000500000);
    assert_int_equal(a.created_ms, 1790000061000);
    assert_int_equal(a.updated_ms, live ? 1790000061000 : 1790000500000);
    assert_string_equal(a.margin_coin, "USDT");
    assert_string_equal(a.stp_mode, "none");
    assert_string_equal(a.source, "api");
    assert_string_equal(a.trade_side, "sell_single");
}

static void
check_adl(const struct ln_v2_message *m)
{
    struct ln_v2_adl a;
    struct ln_error err = {0};

    is_push(m, LN_V2_CH_ADL_NOTI, 1, false, 1790000700004);
    assert_int_equal(
        ln_v2_read_adl(&dec.doc, ln_v2_first(&dec, m), &reg, &a, &err), LN_OK);
    assert_int_equal(a.instrument, 0);
    assert_int_equal(a.side, LN_SELL);
    assert_string_equal(a.status, "triggered");
    assert_int_equal(a.price_e8, e8("64020.1"));
    assert_int_equal(a.amount_e8, e8("640.201"));
    assert_int_equal(a.time_ms, 1790000700000);
}

static void
check_placed(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_TRADE_REPLY);
    assert_int_equal(m->arg.kind, LN_V2_CH_PLACE_ORDER);
    assert_int_equal(m->code, 0);
    is(m->id, "req-1");
    is(m->msg, "Success");
    is(m->arg.inst_id, "BTCUSDT");
    is(m->order_id, "1402000000000200001");
    is(m->client_oid, "cli-000001");
    assert_int_equal(m->ts_ms, 1790000001004);
}

static void
check_place_failed(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_TRADE_REPLY);
    assert_int_equal(m->arg.kind, LN_V2_CH_PLACE_ORDER);
    assert_int_equal(m->code, 40774);
    is(m->id, "req-1");
    is(m->order_id, "");
    is(m->client_oid, "cli-000001");
}

static void
check_cancelled(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_TRADE_REPLY);
    assert_int_equal(m->arg.kind, LN_V2_CH_CANCEL_ORDER);
    assert_int_equal(m->code, 0);
    is(m->id, "req-2");
    is(m->order_id, "1402000000000200002");
}

static void
check_cancel_failed(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_TRADE_REPLY);
    assert_int_equal(m->code, 41101);
    is(m->id, "req-2");
    is(m->order_id, "99");
    is(m->msg, "Param orderId=99 error");
}

static const struct {
    const char *entry, *member;
    check_fn check;
} checks[] = {
    {"ping", "response_text_frame", check_pong},
    {"login", "success", check_login_ok},
    {"login", "success_2026_variant", check_login_ok},
    {"login", "success_documented", check_login_ok},
    {"login", "failure", check_login_failure},
    {"login", "not_logged_in", check_not_logged_in},
    {"unsubscribe", "ack", check_unsubscribed},
    {"subscribe_error_unknown_symbol", "failure", check_unknown_symbol},
    {"subscribe_error_unknown_channel", "failure", check_unknown_channel},
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
    {"account", "snapshot", check_account},
    {"account", "update", check_account},
    {"equity", "snapshot", check_equity},
    {"equity", "update", check_equity},
    {"positions", "snapshot", check_positions_flat},
    {"positions", "update", check_positions},
    {"positions-history", "update", check_positions_history},
    {"fill", "update", check_fill},
    {"orders", "update", check_order_live},
    {"orders", "update_partially_filled", check_order_partial},
    {"orders", "update_filled", check_order_filled},
    {"orders", "update_canceled", check_order_canceled},
    {"orders-algo", "update", check_algo},
    {"orders-algo", "update_executed", check_algo},
    {"adl-noti", "update", check_adl},
    {"place-order", "success", check_placed},
    {"place-order", "failure", check_place_failed},
    {"cancel-order", "success", check_cancelled},
    {"cancel-order", "failure", check_cancel_failed},
};

/* ---- walking the file ---- */

/* Text of any value of the file, containers included. */
static struct ln_str
text_of(ln_json_val v)
{
    const struct ln_json_tok *tok = &examples.toks[v];
    return ln_strn(examples.text + tok->start, tok->len);
}

/* An acknowledgement repeats the arg of the entry's own subscription. */
static void
check_ack(struct ln_str entry, ln_json_val frame)
{
    struct ln_v2_message m = decode(text_of(frame));
    ln_json_val arg = ln_json_get(&examples, frame, "arg");

    assert_int_equal(m.kind, ln_str_eqc(entry, "unsubscribe")
                                 ? LN_V2_UNSUBSCRIBED
                                 : LN_V2_SUBSCRIBED);
    assert_true(m.has_arg);
    assert_true(m.arg.kind != LN_V2_CH_NONE);
    assert_true(ln_str_eq(
        m.arg.channel,
        ln_json_scalar(&examples, ln_json_get(&examples, arg, "channel"))));
    assert_true(ln_str_eq(
        m.arg.inst_id,
        ln_json_scalar(&examples, ln_json_get(&examples, arg, "instId"))));
    assert_true(ln_str_eq(
        m.arg.coin,
        ln_json_scalar(&examples, ln_json_get(&examples, arg, "coin"))));
}

/* Our encoder writes the subscription of the example, byte for byte. */
static void
check_request(ln_json_val frame)
{
    ln_json_val args = ln_json_get(&examples, frame, "args");
    char texts[8][3][32] = {{{0}}};
    struct ln_v2_topic topics[8];
    struct ln_str op =
        ln_json_scalar(&examples, ln_json_get(&examples, frame, "op"));
    struct ln_buf out;
    char op_text[16];
    size_t n = 0;

    for (ln_json_val a = ln_json_first(&examples, args); a != LN_JSON_NONE;
         a = ln_json_next(&examples, args, a), n++) {
        bool coin = ln_json_get(&examples, a, "coin") != LN_JSON_NONE;
        bool id = ln_json_get(&examples, a, "instId") != LN_JSON_NONE;
        const char *key = coin ? "coin" : id ? "instId" : NULL;
        ln_str_copy(
            texts[n][0], 32,
            ln_json_scalar(&examples, ln_json_get(&examples, a, "instType")));
        ln_str_copy(
            texts[n][1], 32,
            ln_json_scalar(&examples, ln_json_get(&examples, a, "channel")));
        if (key)
            ln_str_copy(
                texts[n][2], 32,
                ln_json_scalar(&examples, ln_json_get(&examples, a, key)));
        topics[n] =
            (struct ln_v2_topic){texts[n][0], texts[n][1], key, texts[n][2]};
    }
    ln_str_copy(op_text, sizeof op_text, op);
    ln_buf_init(&out, 4096);
    assert_int_equal(ln_v2_encode_topics(&out, op_text, topics, n), n);
    is(text_of(frame), out.data);
    ln_buf_deinit(&out);
}

static bool
run_check(struct ln_str entry, struct ln_str member, ln_json_val frame)
{
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        if (ln_str_eqc(entry, checks[i].entry) &&
            ln_str_eqc(member, checks[i].member)) {
            struct ln_v2_message m = decode(text_of(frame));
            checks[i].check(&m);
            return true;
        }
    }
    return false;
}

/* How each member of an entry is checked; returns 1 if it was a table row. */
static size_t
check_member(struct ln_str entry, struct ln_str name, ln_json_val v)
{
    bool subscription =
        ln_str_eqc(name, "subscribe") ||
        (ln_str_eqc(name, "request") && (ln_str_starts(entry, "subscribe") ||
                                         ln_str_eqc(entry, "unsubscribe")));

    if (ln_str_eqc(name, "_notes") ||
        ln_json_type(&examples, v) == LN_JSON_NULL)
        return 0;
    if (subscription) {
        check_request(v);
        return 0;
    }
    if (ln_str_eqc(name, "acks")) {
        for (ln_json_val a = ln_json_first(&examples, v); a != LN_JSON_NONE;
             a = ln_json_next(&examples, v, a))
            check_ack(entry, a);
        return 0;
    }
    if (ln_str_eqc(name, "ack"))
        check_ack(entry, v);
    if (run_check(entry, name, v))
        return 1;
    /* What only the client says is not decoded; it must not hurt either. */
    if (ln_str_starts(name, "request")) {
        struct ln_v2_message m;
        if (!ln_str_eqc(entry, "ping")) {
            m = decode(text_of(v));
            assert_int_equal(m.kind, LN_V2_OTHER);
        }
        return 0;
    }
    if (!ln_str_eqc(name, "ack"))
        fail_msg("the example %.*s/%.*s has no check", (int)entry.len,
                 entry.ptr, (int)name.len, name.ptr);
    return 0;
}

static void
test_every_example(void **state)
{
    size_t done = 0;

    (void)state;
    for (ln_json_val k = ln_json_first(&examples, 0); k != LN_JSON_NONE;
         k = ln_json_next(&examples, 0, k)) {
        struct ln_str entry = ln_json_raw(&examples, k);
        if (ln_str_eqc(entry, "_notes"))
            continue;
        for (ln_json_val m = ln_json_first(&examples, k + 1); m != LN_JSON_NONE;
             m = ln_json_next(&examples, k + 1, m))
            done += check_member(entry, ln_json_raw(&examples, m), m + 1);
    }
    assert_int_equal(done, sizeof checks / sizeof checks[0]);
}

/* ---- forms that the examples do not show ---- */

#define ARG(channel)                                                           \
    "\"arg\":{\"instType\":\"USDT-FUTURES\",\"channel\":\"" channel            \
    "\",\"instId\":\"BTCUSDT\"}"

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
    m = decode(ln_str("{\"event\":\"error\",\"code\":\"30016\",\"msg\":\"\"}"));
    assert_int_equal(m.kind, LN_V2_ERROR);
    assert_int_equal(m.code, 30016);
    m = decode(ln_str("{\"event\":\"login\",\"code\":\"30005\"}"));
    assert_int_equal(m.kind, LN_V2_ERROR);
    m = decode(ln_str("{\"event\":\"error\",\"msg\":\"?\"}"));
    assert_int_equal(m.kind, LN_V2_ERROR);
    assert_int_equal(m.code, -1);
    m = decode(ln_str("ping"));
    assert_int_equal(m.kind, LN_V2_PING);
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
test_off_grid_values(void **state)
{
    static const char trade[] = "{\"action\":\"update\"," ARG(
        "trade") ",\"data\":[{\"ts\":\"1\",\"price\":\"64010.56\","
                 "\"size\":\"0.00001\",\"side\":\"buy\",\"tradeId\":\"2\"}"
                 "]}";
    static const char order[] = "{\"action\":\"snapshot\"," ARG(
        "orders") ",\"data\":[{\"instId\":\"BTCUSDT\",\"orderId\":\"1\","
                  "\"orderType\":\"limit\",\"price\":\"64000.05\","
                  "\"size\":\"1\",\"status\":\"live\",\"side\":\"buy\"}]}";
    struct ln_v2_message m = decode(ln_str(trade));
    struct ln_v2_order o;
    struct ln_error err = {0};

    (void)state;
    /* market data: nearest; a size is never rounded to nothing */
    is_trade(&m, 0, (struct ln_trade){1, 2, 640106, 1, LN_BUY});
    /* orders: an error that names the field */
    m = decode(ln_str(order));
    assert_int_equal(
        ln_v2_read_order(&dec.doc, ln_v2_first(&dec, &m), &reg, &o, &err),
        LN_ERR_RANGE);
    assert_string_equal(err.where, "price");
}

/* Hedge mode on the wire: a closed long is a sale. */
static void
test_hedge_orders_and_fills(void **state)
{
    static const char order[] = "{\"action\":\"snapshot\"," ARG(
        "orders") ",\"data\":[{\"instId\":\"BTCUSDT\",\"orderId\":\"1\","
                  "\"orderType\":\"market\",\"price\":\"0\",\"size\":\"1\""
                  ",\"status\":\"filled\",\"side\":\"buy\",\"tradeSide\":"
                  "\"close\",\"posSide\":\"long\",\"posMode\":"
                  "\"hedge_mode\",\"tradeId\":\"7\",\"fillPrice\":"
                  "\"64000\",\"baseVolume\":\"1\",\"tradeScope\":\"T\"}]}";
    static const char fill[] = "{\"action\":\"snapshot\"," ARG(
        "fill") ",\"data\":[{\"symbol\":\"BTCUSDT\",\"orderId\":\"1\","
                "\"tradeId\":\"7\",\"side\":\"sell\",\"tradeSide\":"
                "\"close\",\"posMode\":\"hedge_mode\",\"price\":\"64000\","
                "\"baseVolume\":\"1\",\"tradeScope\":\"taker\"}]}";
    struct ln_v2_message m = decode(ln_str(order));
    struct ln_v2_order o;
    struct ln_v2_fill f;
    struct ln_error err = {0};

    (void)state;
    assert_int_equal(
        ln_v2_read_order(&dec.doc, ln_v2_first(&dec, &m), &reg, &o, &err),
        LN_OK);
    assert_int_equal(o.update.side, LN_SELL);
    assert_int_equal(o.update.pos_side, LN_LONG);
    assert_true(o.update.reduce_only);
    assert_true(o.has_fill);
    assert_int_equal(o.fill.side, LN_SELL);
    assert_int_equal(o.fill.liquidity, LN_TAKER);
    m = decode(ln_str(fill));
    assert_int_equal(
        ln_v2_read_fill(&dec.doc, ln_v2_first(&dec, &m), &reg, &f, &err),
        LN_OK);
    assert_int_equal(f.fill.side, LN_SELL);
    assert_int_equal(f.fill.pos_side, LN_LONG);
}

static void
test_channel_names(void **state)
{
    enum ln_timeframe tf;

    (void)state;
    assert_int_equal(ln_v2_channel_parse(ln_str("candle1Dutc"), &tf),
                     LN_V2_CH_CANDLE);
    assert_int_equal(tf, LN_TF_1DUTC);
    assert_int_equal(ln_v2_channel_parse(ln_str("candle1M"), &tf),
                     LN_V2_CH_CANDLE);
    assert_int_equal(tf, LN_TF_1MON);
    /* case matters on this wire */
    assert_int_equal(ln_v2_channel_parse(ln_str("candle1h"), &tf),
                     LN_V2_CH_NONE);
    assert_int_equal(ln_v2_channel_parse(ln_str("candle"), NULL),
                     LN_V2_CH_NONE);
    assert_int_equal(ln_v2_channel_parse(ln_str("books50"), NULL),
                     LN_V2_CH_NONE);
}

static void
test_malformed_frames_are_errors(void **state)
{
    static const char *const bad[] = {
        "",
        "pong ",
        "[]",
        "\"x\"",
        "7",
        "{",
        "{\"action\":\"snapshot\"}",
        "{\"action\":\"snapshot\"," ARG("ticker") "}",
        "{\"action\":\"snapshot\"," ARG("ticker") ",\"data\":{}}",
        "{\"action\":\"delete\"," ARG("ticker") ",\"data\":[]}",
        "{\"action\":\"update\",\"arg\":7,\"data\":[]}",
        "{\"event\":\"subscribe\"}",
        "{\"event\":\"subscribe\",\"arg\":[]}",
        "{\"event\":\"trade\",\"arg\":[{}],\"code\":0}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ln_v2_message m;
        struct ln_error err = {0};
        assert_int_equal(ln_v2_decode(&dec, bad[i], strlen(bad[i]), &m, &err),
                         LN_ERR_PARSE);
        assert_true(err.what[0]);
    }
}

/* Rows that are there but are not what their channel promises. */
static void
read_row(const struct ln_v2_message *m, ln_json_val row)
{
    union {
        struct ln_ticker ticker;
        struct ln_candle candle;
        struct ln_trade trade;
        struct ln_v2_account account;
        struct ln_v2_equity equity;
        struct ln_v2_position position;
        struct ln_v2_position_closed closed;
        struct ln_v2_fill fill;
        struct ln_v2_order order;
        struct ln_v2_algo algo;
        struct ln_v2_adl adl;
    } u;
    const struct ln_json *doc = &dec.doc;
    struct ln_error err = {0};
    struct ln_v2_book b;
    enum ln_err e = LN_OK;

    switch (m->arg.kind) {
    case LN_V2_CH_TICKER:
        e = ln_v2_read_ticker(doc, row, btc(), &u.ticker, &err);
        break;
    case LN_V2_CH_CANDLE:
        e = ln_v2_read_candle(doc, row, btc(), &u.candle, &err);
        break;
    case LN_V2_CH_TRADE:
        e = ln_v2_read_trade(doc, row, btc(), &u.trade, &err);
        break;
    case LN_V2_CH_ACCOUNT:
        e = ln_v2_read_account(doc, row, 0, &u.account, &err);
        break;
    case LN_V2_CH_EQUITY:
        e = ln_v2_read_equity(doc, row, &u.equity, &err);
        break;
    case LN_V2_CH_POSITIONS:
        e = ln_v2_read_position(doc, row, &reg, &u.position, &err);
        break;
    case LN_V2_CH_POSITIONS_HISTORY:
        e = ln_v2_read_position_closed(doc, row, &reg, &u.closed, &err);
        break;
    case LN_V2_CH_FILL:
        e = ln_v2_read_fill(doc, row, &reg, &u.fill, &err);
        break;
    case LN_V2_CH_ORDERS:
        e = ln_v2_read_order(doc, row, &reg, &u.order, &err);
        break;
    case LN_V2_CH_ORDERS_ALGO:
        e = ln_v2_read_algo(doc, row, &reg, &u.algo, &err);
        break;
    case LN_V2_CH_ADL_NOTI:
        e = ln_v2_read_adl(doc, row, &reg, &u.adl, &err);
        break;
    default:
        e = ln_v2_read_book(doc, row, &b, &err);
        if (e)
            break;
        for (ln_json_val l = ln_json_first(doc, b.asks); l != LN_JSON_NONE;
             l = ln_json_next(doc, b.asks, l)) {
            struct ln_v2_level level;
            struct ln_error lerr = {0};
            if (ln_v2_read_level(doc, l, btc(), &level, &lerr))
                assert_true(lerr.what[0]);
        }
        break;
    }
    if (e)
        assert_true(err.what[0]);
}

/* All frames of the file that a server sends. */
static size_t
server_frames(struct ln_str *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        ln_json_val entry = ln_json_get(&examples, 0, checks[i].entry);
        ln_json_val frame = ln_json_get(&examples, entry, checks[i].member);
        assert_true(n < cap);
        out[n++] = text_of(frame);
    }
    return n;
}

static void
mutate(struct ln_rng *rng, char *text, size_t *len, size_t cap)
{
    static const char likely[] = "{}[]\",:\\0123456789.-eEntfu \x80\xff\x01";
    uint64_t times = 1 + ln_rng_below(rng, 4);

    while (times-- > 0 && *len > 0) {
        size_t at = (size_t)ln_rng_below(rng, *len);
        size_t run = 1 + (size_t)ln_rng_below(rng, 12);
        switch (ln_rng_below(rng, 5)) {
        case 0:
            text[at] = likely[ln_rng_below(rng, sizeof likely - 1)];
            break;
        case 1:
            text[at] = (char)(text[at] ^ (1 << ln_rng_below(rng, 8)));
            break;
        case 2: /* a piece is missing */
            if (run > *len - at)
                run = *len - at;
            memmove(text + at, text + at + run, *len - at - run);
            *len -= run;
            break;
        case 3: /* a piece comes twice */
            if (run > *len - at)
                run = *len - at;
            if (*len + run > cap)
                break;
            memmove(text + at + run, text + at, *len - at);
            *len += run;
            break;
        default:
            *len = at; /* the rest is missing */
            break;
        }
    }
}

/*
 * Whatever arrives: an answer or an error, never a crash. The frame lies in
 * memory of exactly its size, so that the sanitizer sees one byte too far.
 */
static void
test_mutated_frames(void **state)
{
    struct ln_str frames[64];
    size_t n = server_frames(frames, 64), good = 0, bad = 0;
    struct ln_rng rng;
    char scratch[8192];

    (void)state;
    ln_rng_seed(&rng, 20260731);
    for (int i = 0; i < 100000; i++) {
        struct ln_str f = frames[ln_rng_below(&rng, n)];
        struct ln_v2_message m;
        struct ln_error err = {0};
        size_t len = f.len;
        char *exact;

        assert_true(len < sizeof scratch / 2);
        memcpy(scratch, f.ptr, len);
        mutate(&rng, scratch, &len, sizeof scratch);
        exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, scratch, len);
        if (ln_v2_decode(&dec, exact, len, &m, &err)) {
            assert_true(err.what[0]);
            bad++;
        } else {
            good++;
            for (ln_json_val row = ln_v2_first(&dec, &m); row != LN_JSON_NONE;
                 row = ln_v2_next(&dec, &m, row))
                read_row(&m, row);
        }
        free(exact);
    }
    /* Both ways were really taken. */
    assert_true(good > 1000);
    assert_true(bad > 1000);
}

static int
setup(void **state)
{
    struct ln_error err = {0};

    (void)state;
    example_registry(&reg);
    ln_v2_decoder_init(&dec);
    ln_json_init(&examples);
    ln_buf_init(&file, 1U << 20);
    if (ln_buf_read_file(&file, LN_TEST_DATA "/bitget/websocket-examples.json",
                         &err) ||
        ln_json_parse(&examples, file.data, file.len, &err)) {
        print_error("%s (%s)\n", err.what, err.where);
        return 1;
    }
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    ln_json_deinit(&examples);
    ln_buf_deinit(&file);
    ln_v2_decoder_deinit(&dec);
    ln_instruments_deinit(&reg);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_example),
        cmocka_unit_test(test_numbers_and_strings_are_the_same),
        cmocka_unit_test(test_a_fresh_listing_has_no_quotes),
        cmocka_unit_test(test_off_grid_values),
        cmocka_unit_test(test_hedge_orders_and_fills),
        cmocka_unit_test(test_channel_names),
        cmocka_unit_test(test_malformed_frames_are_errors),
        cmocka_unit_test(test_mutated_frames),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
