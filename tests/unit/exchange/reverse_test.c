/*
 * Reversal: a position becomes one of the other side, as large as it was or
 * as the money allows.
 */
#include "unit/exchange/plan_fixture.h"

static void
in_one_way_mode_one_order_does_it(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    pf_place(f, f->a, pf_guard(LN_PLAN_POS_LOSS, LN_SELL, 600000, 0));
    ln_ex_account mm = ln_ex_account_add(f->ex, 100000 * USDT);
    fx_place(f, mm, fx_limit(LN_BUY, 639000, 500));
    int64_t id, open_id;
    assert_int_equal(
        ln_ex_reverse(f->ex, f->a, BTC, LN_LONG, 0, "turn", &id, &open_id),
        LN_EXR_OK);
    assert_int_equal(open_id, 0);
    const struct ln_ex_order *o = ln_ex_find(f->ex, f->a, 0, "turn");
    assert_non_null(o);
    assert_int_equal(o->id, id);
    assert_int_equal(o->req.side, LN_SELL);
    assert_int_equal(o->filled_lots, 200);
    assert_int_equal(fx_position(f, f->a, BTC, LN_SHORT).size_lots, 100);
    assert_int_equal(pf_live(f, f->a), 0); /* what guarded the long is gone */
    /* A part: 30 closed, 30 opened on the other side, of one net position. */
    fx_place(f, mm, fx_limit(LN_SELL, 639500, 500));
    assert_int_equal(
        ln_ex_reverse(f->ex, f->a, BTC, LN_SHORT, 30, NULL, &id, &open_id),
        LN_EXR_OK);
    assert_int_equal(fx_position(f, f->a, BTC, LN_SHORT).size_lots, 40);
    fx_free(f);
}

static void
the_other_side_is_as_large_as_the_money_allows(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = ln_ex_account_add(f->ex, 70 * USDT);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 100));
    fx_place(f, c, fx_limit(LN_BUY, 640000, 100)); /* 64 of 70 USDT */
    fx_place(f, f->b, fx_limit(LN_BUY, 630000, 500));
    int64_t id, open_id;
    assert_int_equal(
        ln_ex_reverse(f->ex, c, BTC, LN_LONG, 0, NULL, &id, &open_id),
        LN_EXR_OK);
    /* 10 USDT were lost: 59 or so are left for the margin and the fee. */
    int64_t lots = fx_position(f, c, BTC, LN_SHORT).size_lots;
    assert_true(lots > 80 && lots < 95);
    assert_int_equal(fx_order(f, c, id)->filled_lots, 100 + lots);
    /* Not one lot more. */
    fx_place(f, f->b, fx_limit(LN_BUY, 630000, 500));
    fx_refused(f, c, fx_market(LN_SELL, 5), LN_EXR_MARGIN);
    fx_free(f);
}

static void
in_hedge_mode_one_order_closes_and_one_opens(void **state)
{
    (void)state;
    struct fx *f = fx_new_mode(LN_HEDGE, false);
    struct ln_order_request r = fx_limit(LN_SELL, 640000, 200);
    r.pos_side = LN_SHORT;
    fx_place(f, f->b, r);
    r = fx_limit(LN_BUY, 640000, 200);
    r.pos_side = LN_LONG;
    fx_place(f, f->a, r);
    r.price_ticks = 639000;
    r.size_lots = 500;
    ln_ex_account mm = ln_ex_account_add(f->ex, 100000 * USDT);
    fx_place(f, mm, r);
    /* Long 200, 30 of it turned: long 170 and short 30. */
    int64_t close_id, open_id;
    assert_int_equal(ln_ex_reverse(f->ex, f->a, BTC, LN_LONG, 30, "turn",
                                   &close_id, &open_id),
                     LN_EXR_OK);
    assert_true(close_id > 0 && open_id > close_id);
    assert_true(fx_order(f, f->a, close_id)->req.reduce_only);
    assert_string_equal(fx_order(f, f->a, close_id)->req.client_oid, "turn");
    assert_false(fx_order(f, f->a, open_id)->req.reduce_only);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 170);
    assert_int_equal(fx_position(f, f->a, BTC, LN_SHORT).size_lots, 30);
    /* More than there is: all of it. */
    assert_int_equal(ln_ex_reverse(f->ex, f->a, BTC, LN_LONG, 180, NULL,
                                   &close_id, &open_id),
                     LN_EXR_OK);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 0);
    assert_int_equal(fx_position(f, f->a, BTC, LN_SHORT).size_lots, 200);
    fx_free(f);
}

static void
in_hedge_mode_the_close_stands_when_there_is_no_money_to_open(void **state)
{
    (void)state;
    struct fx *f = fx_new_mode(LN_HEDGE, false);
    ln_ex_account c = ln_ex_account_add(f->ex, 15 * USDT);
    ln_ex_set_leverage(f->ex, c, BTC, LN_NET, 50);
    struct ln_order_request r = fx_limit(LN_SELL, 640000, 100);
    r.pos_side = LN_SHORT;
    fx_place(f, f->b, r);
    r = fx_limit(LN_BUY, 640000, 100);
    r.pos_side = LN_LONG;
    fx_place(f, c, r);
    r.price_ticks = 624000; /* all is lost there */
    r.size_lots = 500;
    ln_ex_account mm = ln_ex_account_add(f->ex, 100000 * USDT);
    fx_place(f, mm, r);
    int64_t close_id, open_id;
    assert_int_equal(
        ln_ex_reverse(f->ex, c, BTC, LN_LONG, 0, NULL, &close_id, &open_id),
        LN_EXR_OK);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 0);
    assert_int_equal(fx_position(f, c, BTC, LN_SHORT).size_lots, 0);
    assert_int_equal(open_id, 0);
    fx_free(f);
}

static void
without_a_position_there_is_nothing_to_turn(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t id, open_id;
#define TURN(inst, hold, size)                                                 \
    ln_ex_reverse(f->ex, f->a, inst, hold, size, NULL, &id, &open_id)
    assert_int_equal(TURN(BTC, LN_LONG, 0), LN_EXR_NO_POSITION);
    fx_trade(f, 640000, 100);
    assert_int_equal(TURN(BTC, LN_SHORT, 0), LN_EXR_NO_POSITION);
    assert_int_equal(TURN(9, LN_LONG, 0), LN_EXR_SYMBOL);
    assert_int_equal(TURN(BTC, LN_LONG, -1), LN_EXR_SIZE_MIN);
    assert_int_equal(TURN(BTC, LN_LONG, 0), LN_EXR_LIQUIDITY);
#undef TURN
    assert_int_equal(id, 0);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 100);
    fx_free(f);
}

static void
a_reversal_moves_the_price_and_plans_see_it(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    ln_ex_account mm = ln_ex_account_add(f->ex, 100000 * USDT);
    fx_place(f, mm, fx_limit(LN_BUY, 639000, 500));
    int64_t plan = pf_place(f, f->b, pf_normal(LN_SELL, 639500, 10));
    int64_t id, open_id;
    assert_int_equal(
        ln_ex_reverse(f->ex, f->a, BTC, LN_LONG, 0, NULL, &id, &open_id),
        LN_EXR_OK);
    const struct ln_ex_plan *p = pf_plan(f, f->b, plan);
    assert_int_equal(p->state, LN_PLAN_EXECUTED);
    assert_true(p->order_id > id);
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_one_way_mode_one_order_does_it),
        cmocka_unit_test(the_other_side_is_as_large_as_the_money_allows),
        cmocka_unit_test(in_hedge_mode_one_order_closes_and_one_opens),
        cmocka_unit_test(
            in_hedge_mode_the_close_stands_when_there_is_no_money_to_open),
        cmocka_unit_test(without_a_position_there_is_nothing_to_turn),
        cmocka_unit_test(a_reversal_moves_the_price_and_plans_see_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
