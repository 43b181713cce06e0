/*
 * Maintenance, liquidation and insurance.
 */
#include "exchange/money_int.h"
#include "unit/exchange/fixture.h"

/* Move the mark, in steps that stay within the price band. */
static void
mark_to(struct fx *f, int64_t ticks)
{
    struct ln_ticker t;
    do {
        ln_ex_ticker(f->ex, BTC, &t);
        int64_t low = t.last_ticks * 96 / 100, high = t.last_ticks * 104 / 100;
        int64_t next = ticks < low ? low : ticks > high ? high : ticks;
        fx_trade(f, next, next < t.last_ticks ? -2 : 2);
        fx_seconds(f, 1);
        ln_ex_ticker(f->ex, BTC, &t);
    } while (t.last_ticks != ticks);
}

/* An account that is long as much as its balance allows, at leverage 10. */
static ln_ex_account
all_in(struct fx *f, enum ln_margin_mode mode, int64_t balance_e8)
{
    ln_ex_account c = ln_ex_account_add(f->ex, balance_e8);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 990));
    struct ln_order_request r = fx_market(LN_BUY, 990);
    r.margin_mode = (uint8_t)mode;
    fx_place(f, c, r);
    fx_seconds(f, 1);
    return c;
}

static struct ln_order_request
reduce_only_order(int64_t price, int64_t lots)
{
    struct ln_order_request r = fx_limit(LN_SELL, price, lots);
    r.reduce_only = true;
    return r;
}

static void
maintenance_adds_up_tier_by_tier(void **state)
{
    (void)state;
    /* The official example: 330000 with 0.40 % up to 200000, then 0.50 %. */
    struct fx *f = fx_new();
    const struct ln_ex_spec *spec = ln_ex_spec(f->ex, BTC);
    assert_int_equal(ln_ex_maintenance_e8(spec, 330000 * USDT), 1648 * USDT);
    assert_int_equal(ln_ex_maintenance_e8(spec, 200000 * USDT), 920 * USDT);
    assert_int_equal(ln_ex_maintenance_e8(spec, 0), 0);
    fx_free(f);
}

static void
a_crossed_position_is_liquidated_at_its_price_and_not_before(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = all_in(f, LN_CROSSED, 643 * USDT);
    struct ln_ex_position p = fx_position(f, c, BTC, LN_LONG);
    int64_t ticks = p.liquidation_e8 / (USDT / 10); /* rounded down */
    int64_t order = fx_place(f, c, reduce_only_order(700000, 500));
    mark_to(f, ticks + 1);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 990);
    assert_true(fx_position(f, c, BTC, LN_LONG).margin_ratio_e8 >
                98 * LN_E8 / 100);
    f->n = 0;
    mark_to(f, ticks);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 0);
    assert_string_equal(fx_states(f, order), "C");
    const struct ln_ex_order *o[4];
    assert_int_equal(ln_ex_orders(f->ex, c, false, BTC, 0, o, 4), 3);
    assert_string_equal(o[0]->reason, "liquidation");
    assert_int_equal(o[0]->state, LN_ORDER_FILLED);
    assert_string_equal(fx_states(f, o[0]->id), "LF");
    /* What is left after the fee is still the account's. */
    int64_t left = fx_balance(f, c).balance_e8;
    assert_true(left > 20 * USDT && left < 25 * USDT);
    assert_int_equal(ln_ex_insurance_e8(f->ex), LN_EX_INSURANCE_START_E8);
    fx_free(f);
}

static void
insurance_pays_what_the_account_cannot(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = all_in(f, LN_CROSSED, 643 * USDT);
    mark_to(f, 590000);
    fx_trade(f, 565000, -10); /* past everything in one second */
    fx_seconds(f, 1);
    assert_int_equal(fx_balance(f, c).balance_e8, 0);
    assert_int_equal(fx_balance(f, c).available_e8, 0);
    /* 639.1984 - 0.099 x 7500 - 0.099 x 56500 x 0.0006 */
    assert_int_equal(ln_ex_insurance_e8(f->ex),
                     LN_EX_INSURANCE_START_E8 - 10665770000);
    struct ln_ex_bill b[2];
    assert_int_equal(
        ln_ex_bills(f->ex, c, LN_INSTRUMENT_NONE, LN_BILL_INSURANCE, 0, b, 2),
        1);
    assert_int_equal(b[0].amount_e8, 10665770000);
    assert_int_equal(b[0].balance_e8, 0);
    fx_free(f);
}

static void
an_isolated_position_loses_its_margin_and_no_more(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = all_in(f, LN_ISOLATED, 2000 * USDT);
    struct ln_ex_position p = fx_position(f, c, BTC, LN_LONG);
    int64_t before = fx_balance(f, c).balance_e8;
    int64_t margin = p.margin_e8;
    mark_to(f, p.liquidation_e8 / (USDT / 10) + 1);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 990);
    fx_trade(f, 560000, -10);
    fx_seconds(f, 1);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 0);
    assert_int_equal(fx_balance(f, c).balance_e8, before - margin);
    assert_true(ln_ex_insurance_e8(f->ex) < LN_EX_INSURANCE_START_E8);
    fx_free(f);
}

static void
an_isolated_liquidation_leaves_other_markets_alone(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = all_in(f, LN_ISOLATED, 2000 * USDT);
    struct ln_order_request eth = fx_limit(LN_BUY, 300000, 10);
    eth.instrument = ETH;
    int64_t other = fx_place(f, c, eth);
    struct ln_order_request btc = fx_limit(LN_BUY, 500000, 10);
    btc.margin_mode = LN_ISOLATED;
    int64_t same = fx_place(f, c, btc);
    mark_to(f, 570000);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 0);
    assert_string_equal(fx_states(f, other), "L");
    assert_string_equal(fx_states(f, same), "LC");
    fx_free(f);
}

static void
a_liquidation_takes_from_the_book_first(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = all_in(f, LN_CROSSED, 643 * USDT);
    int64_t ticks =
        fx_position(f, c, BTC, LN_LONG).liquidation_e8 / (USDT / 10);
    mark_to(f, ticks + 1);
    /* Near enough, and too far: 0.4 % is the most that is given away. */
    int64_t bid = fx_place(f, f->b, fx_limit(LN_BUY, ticks - 5, 300));
    int64_t far = fx_place(f, f->b, fx_limit(LN_BUY, ticks - 3000, 300));
    mark_to(f, ticks);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 0);
    assert_string_equal(fx_states(f, bid), "LF");
    assert_string_equal(fx_states(f, far), "L");
    /* On the tape, before the trade that brought the price back. */
    struct ln_trade t[2];
    assert_int_equal(ln_ex_trades(f->ex, BTC, t, 2), 2);
    assert_int_equal(t[1].price_ticks, ticks - 5);
    assert_int_equal(t[1].size_lots, 300);
    const struct ln_ex_fill *fills[4];
    assert_int_equal(ln_ex_fills(f->ex, c, BTC, 0, 0, fills, 4), 3);
    assert_int_equal(fills[0]->size_lots, 690); /* the participants */
    assert_int_equal(fills[0]->price_ticks, ticks);
    assert_int_equal(fills[0]->order->source, LN_EXS_BURST);
    struct ln_ex_bill b[4];
    assert_int_equal(ln_ex_bills(f->ex, c, BTC, LN_BILL_BURST_SELL, 0, b, 4),
                     2);
    fx_free(f);
}

static void
a_large_crossed_position_is_reduced_by_tiers(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = ln_ex_account_add(f->ex, 67000 * USDT);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 100000));
    fx_place(f, c, fx_market(LN_BUY, 100000)); /* 640000 USDT */
    fx_seconds(f, 1);
    int64_t ticks =
        fx_position(f, c, BTC, LN_LONG).liquidation_e8 / (USDT / 10);
    mark_to(f, ticks);
    struct ln_ex_position p = fx_position(f, c, BTC, LN_LONG);
    /* As much as the first tier, 200000, holds; that is enough. */
    assert_true(p.size_lots > 0 && p.size_lots * ticks / 10 <= 2000000000);
    assert_true((p.size_lots + 1) * ticks / 10 > 2000000000);
    assert_true(p.margin_ratio_e8 < LN_E8);
    const struct ln_ex_order *o[1];
    assert_int_equal(ln_ex_orders(f->ex, c, false, BTC, 0, o, 1), 1);
    assert_int_equal(o[0]->source, LN_EXS_REDUCE);
    assert_string_equal(o[0]->reason, "partial_liquidation");
    struct ln_ex_bill b[2];
    assert_int_equal(ln_ex_bills(f->ex, c, BTC, LN_BILL_FORCE_SELL, 0, b, 2),
                     1);
    fx_free(f);
}

static void
opposite_positions_are_netted_first(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = ln_ex_account_add(f->ex, 1000 * USDT);
    assert_int_equal(ln_ex_set_pos_mode(f->ex, c, LN_HEDGE), LN_EXR_OK);
    struct ln_order_request r = fx_market(LN_BUY, 990);
    r.pos_side = LN_LONG;
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 990));
    fx_place(f, c, r);
    r = fx_market(LN_SELL, 500);
    r.pos_side = LN_SHORT;
    fx_place(f, f->b, fx_limit(LN_BUY, 640000, 500));
    fx_place(f, c, r);
    fx_seconds(f, 1);
    int64_t liq = fx_position(f, c, BTC, LN_LONG).liquidation_e8;
    assert_int_equal(fx_position(f, c, BTC, LN_SHORT).liquidation_e8, liq);
    mark_to(f, liq / (USDT / 10) + 1);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 990);
    mark_to(f, liq / (USDT / 10));
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 490);
    assert_int_equal(fx_position(f, c, BTC, LN_SHORT).size_lots, 0);
    const struct ln_ex_order *o[2];
    assert_int_equal(ln_ex_orders(f->ex, c, false, BTC, 0, o, 2), 2);
    assert_int_equal(o[0]->source, LN_EXS_OFFSET);
    assert_int_equal(o[1]->source, LN_EXS_OFFSET);
    assert_int_equal(o[0]->fee_e8, 0);
    struct ln_ex_bill b[2];
    assert_int_equal(
        ln_ex_bills(f->ex, c, BTC, LN_BILL_FORCE_CLOSE_LONG, 0, b, 2), 1);
    assert_int_equal(
        ln_ex_bills(f->ex, c, BTC, LN_BILL_FORCE_CLOSE_SHORT, 0, b, 2), 1);
    fx_free(f);
}

static void
money_only_moves(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t total = ln_ex_money_total(f->ex);
    assert_int_equal(total, 2000000 * USDT);
    ln_ex_account c = all_in(f, LN_CROSSED, 643 * USDT);
    total += 643 * USDT;
    assert_int_equal(ln_ex_money_total(f->ex), total);
    mark_to(f, 590000);
    fx_trade(f, 565000, -10);
    fx_seconds(f, 1);
    assert_int_equal(fx_balance(f, c).balance_e8, 0);
    assert_int_equal(ln_ex_money_total(f->ex), total);
    fx_free(f);
}

static void
accounts_beyond_the_maximum_are_refused(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    assert_int_equal(ln_ex_account_add(f->ex, -1), 0);
    assert_int_equal(ln_ex_account_add(f->ex, INT64_MAX), 0);
    for (int i = 2; i < LN_EX_ACCOUNTS_MAX; i++)
        assert_true(ln_ex_account_add(f->ex, USDT) > 0);
    assert_int_equal(ln_ex_account_add(f->ex, USDT), 0);
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maintenance_adds_up_tier_by_tier),
        cmocka_unit_test(
            a_crossed_position_is_liquidated_at_its_price_and_not_before),
        cmocka_unit_test(insurance_pays_what_the_account_cannot),
        cmocka_unit_test(an_isolated_position_loses_its_margin_and_no_more),
        cmocka_unit_test(an_isolated_liquidation_leaves_other_markets_alone),
        cmocka_unit_test(a_liquidation_takes_from_the_book_first),
        cmocka_unit_test(a_large_crossed_position_is_reduced_by_tiers),
        cmocka_unit_test(opposite_positions_are_netted_first),
        cmocka_unit_test(money_only_moves),
        cmocka_unit_test(accounts_beyond_the_maximum_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
