/*
 * Auto-deleveraging: when the insurance fund is empty, those who profit from
 * a bankruptcy give up their position at the bankruptcy price.
 */
#include "exchange/money_int.h"
#include "unit/exchange/fixture.h"

struct told {
    int adl;
    ln_ex_account first, last;
    int64_t lots, price;
};

static void
see_adl(void *ctx, const struct ln_ex_event *e)
{
    struct told *t = ctx;
    if (e->type != LN_EXE_ADL)
        return;
    if (t->adl++ == 0)
        t->first = e->account;
    t->last = e->account;
    t->lots += e->u.fill->size_lots;
    t->price = e->u.fill->price_ticks;
}

static ln_ex_account
trader(struct fx *f, int64_t balance_e8, int32_t leverage)
{
    ln_ex_account c = ln_ex_account_add(f->ex, balance_e8);
    assert_int_equal(ln_ex_set_leverage(f->ex, c, BTC, LN_NET, leverage), 0);
    return c;
}

static void
sells_to(struct fx *f, ln_ex_account seller, ln_ex_account buyer, int64_t price,
         int64_t lots)
{
    fx_place(f, seller, fx_limit(LN_SELL, price, lots));
    fx_place(f, buyer, fx_limit(LN_BUY, price, lots));
}

static void
empty_the_fund(struct fx *f)
{
    f->ex->house_cash_e8 += f->ex->insurance_e8;
    f->ex->insurance_e8 = 0;
}

/*
 * c is long 990 at 64000 with 643 USDT; d (leverage 20) and e (leverage 5)
 * are short against it. Then the mark is 56500 at once.
 */
struct crash {
    ln_ex_account c, d, e;
    struct told told;
};

static void
crash(struct fx *f, struct crash *k)
{
    k->c = trader(f, 643 * USDT, 10);
    k->d = trader(f, 100000 * USDT, 20);
    k->e = trader(f, 100000 * USDT, 5);
    sells_to(f, k->e, k->c, 640000, 490);
    sells_to(f, k->d, k->c, 640000, 500);
    ln_ex_set_sink(f->ex, see_adl, &k->told);
    f->ex->markets[BTC].mark_e8 = 56500 * USDT;
    ln_ex_liquidate(f->ex);
}

static void
an_empty_fund_makes_the_winners_pay(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct crash k = {0};
    empty_the_fund(f);
    crash(f, &k);
    assert_int_equal(k.told.adl, 2);
    assert_int_equal(k.told.first, k.d); /* same profit, more leverage */
    assert_int_equal(k.told.last, k.e);
    assert_int_equal(k.told.lots, 990);
    /* (6336 - 641.988.. ) / 0.099, rounded up to a tick */
    int64_t fee = 990 * 64 * USDT / 10 * 6 / 10000;
    int64_t left = 643 * USDT - fee;
    int64_t price = (6336 * USDT - left) / 990 * 10000 / (USDT / 10) + 1;
    assert_int_equal(k.told.price, price);
    assert_int_equal(fx_position(f, k.c, BTC, LN_LONG).size_lots, 0);
    assert_int_equal(fx_position(f, k.d, BTC, LN_SHORT).size_lots, 0);
    assert_int_equal(fx_position(f, k.e, BTC, LN_SHORT).size_lots, 0);
    assert_true(fx_balance(f, k.c).balance_e8 >= 0);
    assert_true(fx_balance(f, k.c).balance_e8 < USDT / 10);
    assert_int_equal(ln_ex_insurance_e8(f->ex), 0);
    const struct ln_ex_order *o[1];
    assert_int_equal(ln_ex_orders(f->ex, k.d, false, BTC, 0, o, 1), 1);
    assert_int_equal(o[0]->source, LN_EXS_ADL);
    assert_int_equal(o[0]->fee_e8, 0);
    struct ln_ex_bill b[1];
    assert_int_equal(ln_ex_bills(f->ex, k.d, BTC, LN_BILL_ADL_BUY, 0, b, 1), 1);
    assert_string_equal(ln_ex_bill_name(b[0].kind),
                        "adl_buy_in_single_side_mode");
    fx_free(f);
}

static void
a_fund_that_can_pay_leaves_the_winners_alone(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct crash k = {0};
    crash(f, &k);
    assert_int_equal(k.told.adl, 0);
    assert_int_equal(fx_position(f, k.c, BTC, LN_LONG).size_lots, 0);
    assert_int_equal(fx_position(f, k.d, BTC, LN_SHORT).size_lots, 500);
    assert_true(ln_ex_insurance_e8(f->ex) < LN_EX_INSURANCE_START_E8);
    fx_free(f);
}

static void
closes_that_rest_give_way_to_adl(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = trader(f, 643 * USDT, 10);
    ln_ex_account d = trader(f, 100000 * USDT, 20);
    assert_int_equal(ln_ex_set_pos_mode(f->ex, d, LN_HEDGE), 0);
    struct ln_order_request r = fx_limit(LN_SELL, 640000, 990);
    r.pos_side = LN_SHORT;
    fx_place(f, d, r);
    fx_place(f, c, fx_limit(LN_BUY, 640000, 990));
    r = fx_limit(LN_BUY, 620000, 700);
    r.pos_side = LN_SHORT;
    r.reduce_only = true;
    int64_t rests = fx_place(f, d, r);
    empty_the_fund(f);
    f->ex->markets[BTC].mark_e8 = 56500 * USDT;
    ln_ex_liquidate(f->ex);
    assert_string_equal(fx_states(f, rests), "LC");
    struct ln_ex_bill b[1];
    assert_int_equal(ln_ex_bills(f->ex, d, BTC, LN_BILL_ADL_SHORT, 0, b, 1), 1);
    fx_free(f);
}

static void
nobody_is_made_to_lose(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = trader(f, 643 * USDT, 10);
    ln_ex_account d = trader(f, 100000 * USDT, 10);
    ln_ex_account e = trader(f, 100000 * USDT, 10);
    sells_to(f, d, c, 640000, 990);
    /* e takes the short over from d at 57000, below the bankruptcy price. */
    f->ex->markets[BTC].mark_e8 = 58500 * USDT;
    sells_to(f, e, d, 570000, 990);
    empty_the_fund(f);
    f->ex->markets[BTC].mark_e8 = 56500 * USDT;
    ln_ex_liquidate(f->ex);
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 0);
    assert_int_equal(fx_position(f, e, BTC, LN_SHORT).size_lots, 990);
    assert_int_equal(f->ex->markets[BTC].house_lots, 990);
    assert_true(fx_balance(f, c).balance_e8 >= 0);
    fx_free(f);
}

static void
the_queue_is_ordered_by_profit_and_leverage(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account t[5];
    for (int i = 0; i < 5; i++) {
        t[i] = trader(f, 10000 * USDT, 5 * (i + 1));
        sells_to(f, f->b, t[i], 640000, 100);
        assert_int_equal(ln_ex_adl_rank(f->ex, t[i], BTC, LN_LONG), 1);
    }
    f->ex->markets[BTC].mark_e8 = 65000 * USDT;
    for (int i = 0; i < 5; i++)
        assert_int_equal(ln_ex_adl_rank(f->ex, t[i], BTC, LN_LONG), i + 1);
    assert_int_equal(ln_ex_adl_rank(f->ex, f->b, BTC, LN_SHORT), 1);
    assert_int_equal(ln_ex_adl_rank(f->ex, f->a, BTC, LN_LONG), 0);
    assert_int_equal(ln_ex_adl_rank(f->ex, 99, BTC, LN_LONG), 0);
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_fund_makes_the_winners_pay),
        cmocka_unit_test(a_fund_that_can_pay_leaves_the_winners_alone),
        cmocka_unit_test(closes_that_rest_give_way_to_adl),
        cmocka_unit_test(nobody_is_made_to_lose),
        cmocka_unit_test(the_queue_is_ordered_by_profit_and_leverage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
