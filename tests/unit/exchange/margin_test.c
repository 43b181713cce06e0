/*
 * The formulas of margin against values seen on the live exchange; margin
 * that is moved; estimates.
 */
#include "exchange/money_int.h"
#include "unit/exchange/fixture.h"

/* A market with one tier of this rate and this taker fee. */
static void
set_rates(struct fx *f, uint16_t inst, struct ln_ex_spec *spec, int64_t keep_e8,
          int64_t taker_e8)
{
    *spec = *ln_ex_spec(f->ex, inst);
    spec->tiers[0].keep_rate_e8 = keep_e8;
    spec->instrument.taker_fee_e8 = taker_e8;
    f->ex->registry.items[inst].taker_fee_e8 = taker_e8;
    f->ex->markets[inst].spec = spec;
}

static void
isolated_long_of_2025_01(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_ex_spec spec;
    set_rates(f, BTC, &spec, 400000, 40000);
    f->ex->markets[BTC].mark_e8 = 10131040000000;
    struct ln_ex_client *c = ln_ex_client(f->ex, f->a);
    c->slots[BTC].margin_mode = LN_ISOLATED;
    c->slots[BTC].pos[0] = (struct ln_ex_pos){.lots = 160,
                                              .cost_e8 = 161561280000,
                                              .margin_e8 = 16156128000,
                                              .fees_e8 = -32312256};
    c->open_positions = 1;
    struct ln_ex_position p = fx_position(f, f->a, BTC, LN_LONG);
    assert_int_equal(p.entry_e8, 10097580000000);
    assert_int_equal(p.margin_e8, 16156128000);
    assert_int_equal(p.unrealised_e8, 535360000);
    assert_int_equal(p.margin_ratio_e8, 4272988);
    assert_int_equal(p.liquidation_e8, 9127985134592);
    assert_int_equal(p.break_even_e8, 10103640972389);
    ln_ex_free(f->ex);
    free(f);
}

static void
crossed_short_of_2024_06(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_ex_spec spec;
    set_rates(f, XRP, &spec, 2000000, 60000);
    f->ex->markets[XRP].mark_e8 = 21339000;
    ln_ex_account a = ln_ex_account_add(f->ex, 5666178031);
    struct ln_ex_client *c = ln_ex_client(f->ex, a);
    c->slots[XRP].leverage[0] = c->slots[XRP].leverage[1] = 1;
    c->slots[XRP].pos[1] = (struct ln_ex_pos){.lots = 30, .cost_e8 = 639930000};
    c->open_positions = 1;
    struct ln_ex_position p = fx_position(f, a, XRP, LN_SHORT);
    assert_int_equal(p.entry_e8, 21331000);
    assert_int_equal(p.unrealised_e8, -240000);
    assert_int_equal(p.margin_ratio_e8, 232751);
    assert_int_equal(p.liquidation_e8, 205960808);
    ln_ex_free(f->ex);
    free(f);
}

static void
break_even_of_a_short_mirrors_that_of_a_long(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, -1000);
    /* (6400 - 3.84) / (0.1 x 1.0006) */
    assert_int_equal(fx_position(f, f->a, BTC, LN_SHORT).break_even_e8,
                     6392324605237);
    fx_free(f);
}

/* An account with an isolated long of <lots> at 64000, leverage 10. */
static ln_ex_account
isolated_long(struct fx *f, int64_t balance_e8, int64_t lots)
{
    ln_ex_account c = ln_ex_account_add(f->ex, balance_e8);
    struct ln_order_request r = fx_market(LN_BUY, lots);
    r.margin_mode = LN_ISOLATED;
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, lots));
    fx_place(f, c, r);
    fx_seconds(f, 1);
    return c;
}

static struct ln_ex_bill
newest_bill(struct fx *f, ln_ex_account a)
{
    struct ln_ex_bill b = {0};
    assert_int_equal(ln_ex_bills(f->ex, a, LN_INSTRUMENT_NONE, 0, 0, &b, 1), 1);
    return b;
}

static void
margin_can_be_moved_in_and_out_again(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = isolated_long(f, 1000 * USDT, 100);
    int64_t balance = fx_balance(f, c).balance_e8;
    int64_t liq = fx_position(f, c, BTC, LN_LONG).liquidation_e8;
    assert_int_equal(ln_ex_move_margin(f->ex, c, BTC, LN_LONG, 36 * USDT), 0);
    struct ln_ex_position p = fx_position(f, c, BTC, LN_LONG);
    assert_int_equal(p.margin_e8, 100 * USDT);
    assert_true(p.liquidation_e8 < liq);
    assert_int_equal(fx_balance(f, c).balance_e8, balance);
    assert_int_equal(fx_balance(f, c).available_e8, balance - 100 * USDT);
    struct ln_ex_bill b = newest_bill(f, c);
    assert_string_equal(ln_ex_bill_name(b.kind), "append_margin");
    assert_int_equal(b.amount_e8, 36 * USDT);
    assert_int_equal(b.balance_e8, balance);
    assert_int_equal(ln_ex_move_margin(f->ex, c, BTC, LN_LONG, -36 * USDT), 0);
    assert_string_equal(ln_ex_bill_name(newest_bill(f, c).kind),
                        "reduce_margin");
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).margin_e8, 64 * USDT);
    /* The initial margin stays in, and only what is spare goes in. */
    assert_int_equal(ln_ex_move_margin(f->ex, c, BTC, LN_LONG, -1),
                     LN_EXR_MARGIN);
    assert_int_equal(
        ln_ex_move_margin(f->ex, c, BTC, LN_LONG, balance - 64 * USDT + 1),
        LN_EXR_MARGIN);
    fx_free(f);
}

static void
margin_moves_only_in_isolated_positions(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    assert_int_equal(ln_ex_move_margin(f->ex, f->a, BTC, LN_LONG, USDT),
                     LN_EXR_LOCKED);
    assert_int_equal(ln_ex_set_auto_margin(f->ex, f->a, BTC, LN_LONG, true),
                     LN_EXR_LOCKED);
    assert_int_equal(ln_ex_set_margin_mode(f->ex, f->a, ETH, LN_ISOLATED), 0);
    assert_int_equal(ln_ex_move_margin(f->ex, f->a, ETH, LN_LONG, USDT),
                     LN_EXR_NO_POSITION);
    assert_int_equal(ln_ex_move_margin(f->ex, f->a, 9, LN_LONG, USDT),
                     LN_EXR_SYMBOL);
    fx_free(f);
}

static void
auto_margin_saves_a_position_as_far_as_the_wallet_goes(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = isolated_long(f, 800 * USDT, 990);
    assert_int_equal(ln_ex_set_auto_margin(f->ex, c, BTC, LN_LONG, true), 0);
    assert_true(ln_ex_auto_margin(f->ex, c, BTC, LN_LONG));
    for (int64_t price = 620000; price >= 580000; price -= 20000) {
        fx_trade(f, price, -2);
        fx_seconds(f, 1);
    }
    fx_trade(f, 575000, -2); /* below 57866: it would be gone */
    fx_seconds(f, 1);
    struct ln_ex_position p = fx_position(f, c, BTC, LN_LONG);
    assert_int_equal(p.size_lots, 990);
    struct ln_ex_bill b = newest_bill(f, c);
    assert_string_equal(ln_ex_bill_name(b.kind), "auto_append_margin");
    assert_true(p.margin_ratio_e8 < LN_E8);
    fx_trade(f, 550000, -2); /* more than it has */
    fx_seconds(f, 1);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 0);
    assert_false(ln_ex_auto_margin(f->ex, c, BTC, LN_LONG));
    fx_free(f);
}

static void
lower_leverage_puts_margin_in_higher_takes_none_out(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = isolated_long(f, 1000 * USDT, 500);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).margin_e8, 320 * USDT);
    assert_int_equal(ln_ex_set_leverage(f->ex, c, BTC, LN_NET, 5), 0);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).margin_e8, 640 * USDT);
    struct ln_ex_bill b = newest_bill(f, c);
    assert_string_equal(ln_ex_bill_name(b.kind),
                        "adjust_down_lever_append_margin");
    assert_int_equal(b.amount_e8, 320 * USDT);
    assert_int_equal(ln_ex_set_leverage(f->ex, c, BTC, LN_NET, 3),
                     LN_EXR_MARGIN);
    assert_int_equal(ln_ex_leverage(f->ex, c, BTC, LN_NET), 5);
    assert_int_equal(newest_bill(f, c).id, b.id);
    assert_int_equal(ln_ex_set_leverage(f->ex, c, BTC, LN_NET, 20), 0);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).margin_e8, 640 * USDT);
    fx_free(f);
}

static void
the_largest_order_is_the_largest_that_is_accepted(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = ln_ex_account_add(f->ex, 643 * USDT);
    /* 0.64 margin and 0.00384 fee a lot */
    int64_t most = ln_ex_max_open_lots(f->ex, c, BTC, LN_BUY, 640000, 10);
    assert_int_equal(most, 998);
    fx_refused(f, c, fx_limit(LN_BUY, 640000, most + 1), LN_EXR_MARGIN);
    fx_place(f, c, fx_limit(LN_BUY, 640000, most));
    assert_int_equal(ln_ex_max_open_lots(f->ex, c, BTC, LN_BUY, 640000, 10), 0);
    /* Up to the end of the tier: 200000 USDT. */
    assert_int_equal(ln_ex_max_open_lots(f->ex, f->a, BTC, LN_BUY, 640000, 125),
                     31250);
    assert_int_equal(ln_ex_max_open_lots(f->ex, 99, BTC, LN_BUY, 1, 1), 0);
    fx_free(f);
}

static void
the_estimated_liquidation_price_is_the_position_s(void **state)
{
    (void)state;
    for (int mode = LN_CROSSED; mode <= LN_ISOLATED; mode++) {
        struct fx *f = fx_new();
        ln_ex_account c = ln_ex_account_add(f->ex, 700 * USDT);
        assert_int_equal(
            ln_ex_set_margin_mode(f->ex, c, BTC, (enum ln_margin_mode)mode), 0);
        int64_t told =
            ln_ex_would_liquidate_e8(f->ex, c, BTC, LN_SELL, 640000, 900, 10);
        struct ln_order_request r = fx_limit(LN_SELL, 640000, 900);
        r.margin_mode = (uint8_t)mode;
        fx_place(f, f->b, fx_limit(LN_BUY, 640000, 900));
        fx_place(f, c, r);
        assert_int_equal(fx_position(f, c, BTC, LN_SHORT).liquidation_e8, told);
        assert_true(told > 64000 * USDT);
        fx_free(f);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(isolated_long_of_2025_01),
        cmocka_unit_test(crossed_short_of_2024_06),
        cmocka_unit_test(break_even_of_a_short_mirrors_that_of_a_long),
        cmocka_unit_test(margin_can_be_moved_in_and_out_again),
        cmocka_unit_test(margin_moves_only_in_isolated_positions),
        cmocka_unit_test(
            auto_margin_saves_a_position_as_far_as_the_wallet_goes),
        cmocka_unit_test(lower_leverage_puts_margin_in_higher_takes_none_out),
        cmocka_unit_test(the_largest_order_is_the_largest_that_is_accepted),
        cmocka_unit_test(the_estimated_liquidation_price_is_the_position_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
