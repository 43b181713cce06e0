/*
 * Positions, fees, margin and settings: the arithmetic of trading in one-way
 * and hedge mode, crossed and isolated.
 */
#include "unit/exchange/fixture.h"

static void
fees_are_exact_to_the_last_digit(void **state)
{
    (void)state;
    /* 0.001 BTC at 37271.4: totalFee -0.02236284 for a taker. The price is
     * far from the start, so the market is walked down to it first. */
    struct fx *f = fx_new();
    int64_t price = 640000;
    while (price > 372714) {
        price = price * 96 / 100 > 372714 ? price * 96 / 100 : 372714;
        fx_trade(f, price, -2);
        fx_seconds(f, 1);
    }
    int64_t maker = fx_place(f, f->b, fx_limit(LN_SELL, 372714, 10));
    int64_t taker = fx_place(f, f->a, fx_limit(LN_BUY, 372714, 10));
    assert_int_equal(fx_order(f, f->a, taker)->fee_e8, -2236284);
    assert_int_equal(fx_order(f, f->b, maker)->fee_e8, -745428);
    fx_free(f);
}

static void
one_way_adds_reduces_and_flips(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    fx_trade(f, 642000, 300);
    struct ln_ex_position p = fx_position(f, f->a, BTC, LN_LONG);
    assert_int_equal(p.size_lots, 400);
    assert_int_equal(p.entry_e8, 64150 * USDT);
    assert_int_equal(fx_position(f, f->b, BTC, LN_SHORT).size_lots, 400);

    fx_trade(f, 643500, -100); /* 0.01 x 200.0 */
    p = fx_position(f, f->a, BTC, LN_LONG);
    assert_int_equal(p.size_lots, 300);
    assert_int_equal(p.entry_e8, 64150 * USDT); /* closing leaves it */
    assert_int_equal(p.realised_e8, 2 * USDT);
    int64_t id = p.id;

    fx_trade(f, 641500, -500); /* closes 300 at the entry, opens 200 short */
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 0);
    p = fx_position(f, f->a, BTC, LN_SHORT);
    assert_int_equal(p.size_lots, 200);
    assert_int_equal(p.entry_e8, 64150 * USDT);
    assert_int_equal(p.realised_e8, 0); /* another position */
    assert_true(p.id != id);
    assert_int_equal(fx_position(f, f->b, BTC, LN_LONG).size_lots, 200);
    fx_free(f);
}

static void
profit_goes_to_the_balance_fees_come_out_of_it(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t before = fx_balance(f, f->a).balance_e8;
    fx_trade(f, 640000, 100);
    fx_trade(f, 650000, -100); /* 0.01 x 1000 */
    int64_t fees = (640 * USDT + 650 * USDT) * 6 / 10000;
    assert_int_equal(fx_balance(f, f->a).balance_e8, before + 10 * USDT - fees);
    const struct ln_ex_fill *fills[2];
    assert_int_equal(ln_ex_fills(f->ex, f->a, BTC, 0, 0, fills, 2), 2);
    assert_int_equal(fills[0]->profit_e8, 10 * USDT);
    assert_int_equal(fills[1]->profit_e8, 0);
    fx_free(f);
}

static void
unrealised_profit_follows_the_mark(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    fx_trade(f, 641000, 100);
    fx_seconds(f, 1); /* the mark is 64100 now */
    struct ln_ex_position p = fx_position(f, f->a, BTC, LN_LONG);
    assert_int_equal(p.mark_e8, 64100 * USDT);
    assert_int_equal(p.unrealised_e8, 1 * USDT);
    assert_int_equal(p.margin_e8, 641 * USDT * 2 / 10); /* at mark */
    struct ln_ex_balance b = fx_balance(f, f->a);
    assert_int_equal(b.equity_e8, b.balance_e8 + 1 * USDT);
    assert_int_equal(b.available_e8, b.equity_e8 - b.position_margin_e8);
    fx_free(f);
}

static struct ln_order_request
hedge(enum ln_pos_side pos, bool close, int64_t price, int64_t lots)
{
    bool buy = (pos == LN_LONG) != close;
    struct ln_order_request r = fx_limit(buy ? LN_BUY : LN_SELL, price, lots);
    r.pos_side = (uint8_t)pos;
    r.reduce_only = close;
    if (price == 0)
        r.type = LN_MARKET;
    return r;
}

static void
hedge_mode_holds_both_sides(void **state)
{
    (void)state;
    struct fx *f = fx_new_mode(LN_HEDGE, false);
    fx_place(f, f->b, hedge(LN_SHORT, false, 640000, 100));
    fx_place(f, f->a, hedge(LN_LONG, false, 640000, 100));
    fx_place(f, f->b, hedge(LN_LONG, false, 641000, 40));
    fx_place(f, f->a, hedge(LN_SHORT, false, 641000, 40));
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 100);
    assert_int_equal(fx_position(f, f->a, BTC, LN_SHORT).size_lots, 40);
    /* Closing the long is executed as a sale. */
    fx_place(f, f->b, hedge(LN_LONG, false, 642000, 60));
    int64_t id = fx_place(f, f->a, hedge(LN_LONG, true, 0, 60));
    assert_int_equal(fx_order(f, f->a, id)->profit_e8, 12 * USDT / 10);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 40);
    assert_int_equal(fx_position(f, f->a, BTC, LN_SHORT).size_lots, 40);
    fx_free(f);
}

static void
orders_must_fit_the_position_mode(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_refused(f, f->a, hedge(LN_LONG, false, 640000, 10), LN_EXR_POS_MODE);
    fx_free(f);
    f = fx_new_mode(LN_HEDGE, false);
    fx_refused(f, f->a, fx_limit(LN_BUY, 640000, 10), LN_EXR_POS_MODE);
    struct ln_order_request r = hedge(LN_LONG, false, 640000, 10);
    r.side = LN_SELL; /* a sale that opens a long */
    fx_refused(f, f->a, r, LN_EXR_POS_MODE);
    fx_refused(f, f->a, hedge(LN_LONG, true, 640000, 10), LN_EXR_NO_POSITION);
    fx_free(f);
}

/* a is long 100 in hedge mode, and b bids for more than that. */
static struct fx *
long_hedge(void)
{
    struct fx *f = fx_new_mode(LN_HEDGE, false);
    fx_place(f, f->b, hedge(LN_SHORT, false, 640000, 100));
    fx_place(f, f->a, hedge(LN_LONG, false, 640000, 100));
    fx_place(f, f->b, hedge(LN_LONG, false, 639000, 500));
    return f;
}

static void
a_resting_close_freezes_its_size(void **state)
{
    (void)state;
    struct fx *f = long_hedge();
    int64_t resting = fx_place(f, f->a, hedge(LN_LONG, true, 650000, 70));
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).frozen_lots, 70);
    assert_int_equal(fx_order(f, f->a, resting)->locked_e8, 0);
    fx_refused(f, f->a, hedge(LN_LONG, true, 650000, 31),
               LN_EXR_CLOSE_TOO_LARGE);
    /* A market close of 50 takes the free 30; the limit order stays. */
    int64_t id = fx_place(f, f->a, hedge(LN_LONG, true, 0, 50));
    assert_string_equal(fx_states(f, id), "LF");
    assert_int_equal(fx_order(f, f->a, id)->filled_lots, 30);
    assert_string_equal(fx_states(f, resting), "L");
    fx_free(f);
}

static void
a_market_close_replaces_closes_that_freeze_everything(void **state)
{
    (void)state;
    struct fx *f = long_hedge();
    int64_t r1 = fx_place(f, f->a, hedge(LN_LONG, true, 650000, 60));
    int64_t r2 = fx_place(f, f->a, hedge(LN_LONG, true, 651000, 40));
    int64_t id = fx_place(f, f->a, hedge(LN_LONG, true, 0, 80));
    assert_string_equal(fx_states(f, r1), "LC");
    assert_string_equal(fx_states(f, r2), "LC");
    assert_int_equal(fx_order(f, f->a, id)->filled_lots, 80);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 20);
    fx_free(f);
}

static struct ln_order_request
reduce(enum ln_side side, int64_t price, int64_t lots)
{
    struct ln_order_request r = fx_limit(side, price, lots);
    r.reduce_only = true;
    return r;
}

static void
reduce_only_never_opens(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_refused(f, f->a, reduce(LN_SELL, 640000, 10), LN_EXR_NO_POSITION);
    fx_trade(f, 640000, 100);
    fx_refused(f, f->a, reduce(LN_BUY, 640000, 10), LN_EXR_NO_POSITION);
    fx_place(f, f->b, fx_limit(LN_BUY, 639000, 500));
    struct ln_order_request r = reduce(LN_SELL, 0, 300);
    r.type = LN_MARKET;
    int64_t id = fx_place(f, f->a, r);
    assert_int_equal(fx_order(f, f->a, id)->filled_lots, 100);
    assert_int_equal(fx_position(f, f->a, BTC, LN_SHORT).size_lots, 0);
    fx_free(f);
}

static void
older_reduce_only_orders_give_way_to_newer_ones(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    int64_t r1 = fx_place(f, f->a, reduce(LN_SELL, 650000, 40));
    int64_t r2 = fx_place(f, f->a, reduce(LN_SELL, 651000, 40));
    int64_t r3 = fx_place(f, f->a, reduce(LN_SELL, 652000, 50));
    assert_string_equal(fx_states(f, r1), "LC"); /* 40 + 40 + 50 > 100 */
    assert_string_equal(fx_states(f, r2), "L");
    assert_string_equal(fx_states(f, r3), "L");
    /* When the position shrinks, the oldest goes as well. */
    fx_trade(f, 640000, -30);
    assert_string_equal(fx_states(f, r2), "LC");
    assert_string_equal(fx_states(f, r3), "L");
    fx_trade(f, 640000, -70);
    assert_string_equal(fx_states(f, r3), "LC");
    fx_free(f);
}

static void
the_rest_of_a_position_can_be_closed_however_small(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_order_request r = fx_limit(LN_SELL, 5230, 100);
    r.instrument = XRP;
    fx_place(f, f->b, r);
    r.side = LN_BUY;
    fx_place(f, f->a, r);
    fx_place(f, f->b, r);
    r.side = LN_SELL;
    r.reduce_only = true;
    r.size_lots = 95;
    fx_place(f, f->a, r);
    r.size_lots = 4;
    fx_refused(f, f->a, r, LN_EXR_VALUE_MIN);
    r.size_lots = 5; /* 2.6 USDT, but all that is left */
    int64_t id = fx_place(f, f->a, r);
    assert_string_equal(fx_states(f, id), "LF");
    fx_free(f);
}

static void
opening_needs_margin_closing_does_not(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    /* 6400 USDT at leverage 10, and 3.84 fee. */
    ln_ex_account c = ln_ex_account_add(f->ex, 643 * USDT);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 5000));
    fx_refused(f, c, fx_limit(LN_BUY, 640000, 1000), LN_EXR_MARGIN);
    fx_refused(f, c, fx_market(LN_BUY, 1000), LN_EXR_MARGIN);
    fx_place(f, c, fx_limit(LN_BUY, 630000, 1000)); /* 633.78 */
    fx_refused(f, c, fx_limit(LN_BUY, 630000, 100), LN_EXR_MARGIN);
    assert_int_equal(ln_ex_cancel_all(f->ex, c, BTC), 1);
    fx_place(f, c, fx_market(LN_BUY, 990));
    fx_place(f, f->b, fx_limit(LN_BUY, 639000, 5000));
    assert_true(fx_balance(f, c).available_e8 < 10 * USDT);
    /* Closing and flipping to about the same size needs nothing new. */
    fx_place(f, c, fx_market(LN_SELL, 1900));
    assert_int_equal(fx_position(f, c, BTC, LN_SHORT).size_lots, 910);
    fx_place(f, f->b, fx_limit(LN_SELL, 639500, 5000));
    fx_place(f, c, fx_market(LN_BUY, 910));
    assert_int_equal(fx_position(f, c, BTC, LN_SHORT).size_lots, 0);
    fx_free(f);
}

static void
orders_against_a_position_reserve_only_what_they_would_open(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    int64_t first = fx_place(f, f->a, fx_limit(LN_SELL, 650000, 80));
    int64_t second = fx_place(f, f->a, fx_limit(LN_SELL, 650000, 80));
    assert_int_equal(fx_order(f, f->a, first)->locked_e8, 0);
    /* 20 more close, 60 would open a short: 390 USDT. */
    int64_t cost = 39 * USDT + 390 * USDT * 6 / 10000;
    assert_int_equal(fx_order(f, f->a, second)->locked_e8, cost);
    /* When the first one goes, the second one takes its place. */
    assert_int_equal(ln_ex_cancel(f->ex, f->a, BTC, first, NULL), LN_EXR_OK);
    assert_int_equal(fx_order(f, f->a, second)->locked_e8, 0);
    assert_int_equal(fx_balance(f, f->a).locked_e8, 0);
    fx_free(f);
}

/* Sell <lots> of c's ETH at a price that is walked down to. */
static void
eth_falls_to(struct fx *f, ln_ex_account c, int64_t ticks, int64_t lots)
{
    struct ln_order_request r = fx_limit(LN_BUY, 0, 10);
    r.instrument = ETH;
    for (int64_t price = 321050; price > ticks;) {
        price = price * 96 / 100 > ticks ? price * 96 / 100 : ticks;
        r.price_ticks = price;
        r.side = LN_BUY;
        fx_place(f, f->b, r);
        r.side = LN_SELL;
        fx_place(f, f->a, r);
        fx_seconds(f, 1);
    }
    r.size_lots = lots;
    r.side = LN_BUY;
    fx_place(f, f->b, r);
    r.side = LN_SELL;
    fx_place(f, c, r);
}

static void
isolated_margin_is_never_more_than_the_wallet(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = ln_ex_account_add(f->ex, 700 * USDT);
    struct ln_order_request eth = fx_limit(LN_SELL, 321050, 93);
    eth.instrument = ETH;
    fx_place(f, f->b, eth);
    eth.side = LN_BUY;
    fx_place(f, c, eth);
    struct ln_order_request btc = fx_limit(LN_BUY, 630000, 476);
    btc.margin_mode = LN_ISOLATED;
    fx_place(f, c, btc); /* reserves 300 */
    /* The crossed position loses most of it meanwhile. */
    eth_falls_to(f, c, 256000, 92);
    int64_t wallet = fx_balance(f, c).balance_e8;
    assert_true(wallet > 50 * USDT && wallet < 150 * USDT);
    fx_place(f, f->b, fx_limit(LN_SELL, 630000, 476));
    struct ln_ex_position p = fx_position(f, c, BTC, LN_LONG);
    assert_int_equal(p.size_lots, 476);
    /* All that is left when the fee is paid. */
    assert_int_equal(p.margin_e8, wallet - 59976000);
    assert_int_equal(p.margin_e8, fx_balance(f, c).balance_e8);
    fx_free(f);
}

static void
leverage_is_bounded_by_instrument_and_tier(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_ex *ex = f->ex;
    assert_int_equal(ln_ex_set_leverage(ex, f->a, BTC, LN_NET, 0),
                     LN_EXR_LEVERAGE);
    assert_int_equal(ln_ex_set_leverage(ex, f->a, BTC, LN_NET, 126),
                     LN_EXR_LEVERAGE);
    assert_int_equal(ln_ex_set_leverage(ex, f->a, 9, LN_NET, 5), LN_EXR_SYMBOL);
    assert_int_equal(ln_ex_set_leverage(ex, f->a, BTC, LN_NET, 125), LN_EXR_OK);
    assert_int_equal(ln_ex_leverage(ex, f->a, BTC, LN_LONG), 125);
    /* 200,000 USDT is the end of the tier of 125. */
    fx_refused(f, f->a, fx_limit(LN_BUY, 640000, 31251), LN_EXR_LEVERAGE);
    fx_trade(f, 640000, 31250);
    fx_refused(f, f->a, fx_limit(LN_BUY, 640000, 100), LN_EXR_LEVERAGE);
    /* Margin follows at once. */
    int64_t margin = fx_position(f, f->a, BTC, LN_LONG).margin_e8;
    assert_int_equal(margin, 1600 * USDT);
    assert_int_equal(ln_ex_set_leverage(ex, f->a, BTC, LN_NET, 25), LN_EXR_OK);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).margin_e8, 8000 * USDT);
    fx_free(f);
}

static void
lower_leverage_needs_the_margin(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = ln_ex_account_add(f->ex, 700 * USDT);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 1000));
    fx_place(f, c, fx_market(LN_BUY, 1000));
    fx_place(f, c, fx_limit(LN_BUY, 600000, 50));
    int64_t locked = fx_balance(f, c).locked_e8;
    assert_int_equal(ln_ex_set_leverage(f->ex, c, BTC, LN_NET, 5),
                     LN_EXR_MARGIN);
    assert_int_equal(ln_ex_leverage(f->ex, c, BTC, LN_NET), 10);
    assert_int_equal(fx_balance(f, c).locked_e8, locked);
    assert_int_equal(ln_ex_set_leverage(f->ex, c, BTC, LN_NET, 20), LN_EXR_OK);
    assert_true(fx_balance(f, c).locked_e8 < locked);
    fx_free(f);
}

static void
isolated_margin_is_put_in_and_taken_out_with_the_position(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    assert_int_equal(ln_ex_set_margin_mode(f->ex, f->a, BTC, LN_ISOLATED),
                     LN_EXR_OK);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 100));
    struct ln_order_request r = fx_market(LN_BUY, 100);
    r.margin_mode = LN_ISOLATED;
    fx_place(f, f->a, r);
    struct ln_ex_position p = fx_position(f, f->a, BTC, LN_LONG);
    assert_int_equal(p.margin_mode, LN_ISOLATED);
    assert_int_equal(p.margin_e8, 64 * USDT);
    /* (margin - size x entry) / (size x (0.004 + 0.0006 - 1)) */
    assert_int_equal(p.liquidation_e8, 5786618444846);
    assert_int_equal(ln_ex_set_margin_mode(f->ex, f->a, BTC, LN_CROSSED),
                     LN_EXR_LOCKED);
    assert_int_equal(ln_ex_set_pos_mode(f->ex, f->a, LN_HEDGE), LN_EXR_LOCKED);
    /* Another margin mode than the position's. */
    fx_refused(f, f->a, fx_limit(LN_BUY, 630000, 10), LN_EXR_LOCKED);
    fx_place(f, f->b, fx_limit(LN_BUY, 640000, 100));
    r.side = LN_SELL;
    r.size_lots = 25;
    fx_place(f, f->a, r);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).margin_e8, 48 * USDT);
    /* Lower leverage moves margin in. */
    assert_int_equal(ln_ex_set_leverage(f->ex, f->a, BTC, LN_NET, 5),
                     LN_EXR_OK);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).margin_e8, 96 * USDT);
    fx_free(f);
}

static void
break_even_pays_both_fees(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 1000);
    struct ln_ex_position p = fx_position(f, f->a, BTC, LN_LONG);
    assert_int_equal(p.fees_e8, -384 * USDT / 100);
    /* (6400 + 3.84) / (0.1 x 0.9994) */
    assert_int_equal(p.break_even_e8, 6407684610766);
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fees_are_exact_to_the_last_digit),
        cmocka_unit_test(one_way_adds_reduces_and_flips),
        cmocka_unit_test(profit_goes_to_the_balance_fees_come_out_of_it),
        cmocka_unit_test(unrealised_profit_follows_the_mark),
        cmocka_unit_test(hedge_mode_holds_both_sides),
        cmocka_unit_test(orders_must_fit_the_position_mode),
        cmocka_unit_test(a_resting_close_freezes_its_size),
        cmocka_unit_test(a_market_close_replaces_closes_that_freeze_everything),
        cmocka_unit_test(reduce_only_never_opens),
        cmocka_unit_test(older_reduce_only_orders_give_way_to_newer_ones),
        cmocka_unit_test(the_rest_of_a_position_can_be_closed_however_small),
        cmocka_unit_test(opening_needs_margin_closing_does_not),
        cmocka_unit_test(
            orders_against_a_position_reserve_only_what_they_would_open),
        cmocka_unit_test(isolated_margin_is_never_more_than_the_wallet),
        cmocka_unit_test(leverage_is_bounded_by_instrument_and_tier),
        cmocka_unit_test(lower_leverage_needs_the_margin),
        cmocka_unit_test(
            isolated_margin_is_put_in_and_taken_out_with_the_position),
        cmocka_unit_test(break_even_pays_both_fees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
