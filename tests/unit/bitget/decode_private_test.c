/*
 * Private rows: every example of account, equity, positions, fills, orders,
 * plans and ADL as typed values; hedge mode; what is refused.
 */
#include "ws_examples.h"

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

static const struct example_check checks[] = {
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
};

static void
test_every_example(void **state)
{
    (void)state;
    check_examples(PART_PRIVATE, checks, sizeof checks / sizeof checks[0]);
}

static void
test_off_grid_orders_are_errors(void **state)
{
    static const char order[] = "{\"action\":\"snapshot\"," ARG(
        "orders") ",\"data\":[{\"instId\":\"BTCUSDT\",\"orderId\":\"1\","
                  "\"orderType\":\"limit\",\"price\":\"64000.05\","
                  "\"size\":\"1\",\"status\":\"live\",\"side\":\"buy\"}]}";
    struct ln_v2_message m = decode(ln_str(order));
    struct ln_v2_order o;
    struct ln_error err = {0};

    (void)state;
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_example),
        cmocka_unit_test(test_off_grid_orders_are_errors),
        cmocka_unit_test(test_hedge_orders_and_fills),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
