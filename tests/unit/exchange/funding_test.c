/*
 * Funding: who pays whom at the settlement, and out of what.
 */
#include "exchange/money_int.h"
#include "unit/exchange/fixture.h"

static void
longs_pay_shorts_at_the_settlement(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 1000);
    struct ln_ticker t;
    ln_ex_ticker(f->ex, BTC, &t);
    assert_int_equal(t.funding_rate_e8, 10000); /* interest: 0.01 % */
    assert_int_equal(t.next_funding_ms % (8 * 3600000LL), 0);
    assert_true(t.next_funding_ms > START_MS);
    int64_t a = fx_balance(f, f->a).balance_e8;
    int64_t b = fx_balance(f, f->b).balance_e8;
    ln_ex_advance(f->ex, t.next_funding_ms - 1);
    assert_int_equal(fx_balance(f, f->a).balance_e8, a);
    f->n = 0;
    ln_ex_advance(f->ex, t.next_funding_ms);
    assert_int_equal(fx_balance(f, f->a).balance_e8, a - 64 * USDT / 100);
    assert_int_equal(fx_balance(f, f->b).balance_e8, b + 64 * USDT / 100);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).funding_e8,
                     -64 * USDT / 100);
    assert_int_equal(f->log[0].type, LN_EXE_FUNDING);
    assert_int_equal(f->log[0].account, f->a);
    assert_int_equal(f->log[0].amount_e8, -64 * USDT / 100);
    assert_int_equal(f->log[1].type, LN_EXE_POSITION);
    assert_int_equal(f->log[2].type, LN_EXE_ACCOUNT);
    /* Not again before the next time. */
    ln_ex_advance(f->ex, t.next_funding_ms + 3600000);
    assert_int_equal(fx_balance(f, f->a).balance_e8, a - 64 * USDT / 100);
    fx_free(f);
}

static void
settlements_are_billed(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 1000);
    f->ex->markets[BTC].funding_rate_e8 = 20000;
    int64_t before = fx_balance(f, f->a).balance_e8;
    f->ex->now_ms = f->ex->markets[BTC].next_funding_ms;
    ln_ex_funding_due(f->ex, &f->ex->markets[BTC]);
    struct ln_ex_bill b;
    assert_int_equal(ln_ex_bills(f->ex, f->a, BTC, LN_BILL_FUNDING, 0, &b, 1),
                     1);
    assert_string_equal(ln_ex_bill_name(b.kind), "contract_settle_fee");
    assert_int_equal(b.amount_e8, -128 * USDT / 100);
    assert_int_equal(b.fee_e8, 0);
    assert_int_equal(b.balance_e8, before - 128 * USDT / 100);
    assert_int_equal(ln_ex_bills(f->ex, f->b, BTC, LN_BILL_FUNDING, 0, &b, 1),
                     1);
    assert_int_equal(b.amount_e8, 128 * USDT / 100);
    fx_free(f);
}

static void
a_negative_rate_makes_shorts_pay(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 1000);
    f->ex->markets[BTC].funding_rate_e8 = -20000;
    f->ex->now_ms = f->ex->markets[BTC].next_funding_ms;
    ln_ex_funding_due(f->ex, &f->ex->markets[BTC]);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).funding_e8,
                     128 * USDT / 100);
    assert_int_equal(fx_position(f, f->b, BTC, LN_SHORT).funding_e8,
                     -128 * USDT / 100);
    fx_free(f);
}

static void
an_isolated_position_pays_from_its_margin_down_to_maintenance(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_order_request r = fx_limit(LN_BUY, 640000, 1000);
    r.margin_mode = LN_ISOLATED;
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 1000));
    fx_place(f, f->a, r);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).margin_e8, 640 * USDT);
    f->ex->markets[BTC].funding_rate_e8 = 20000;
    f->ex->now_ms = f->ex->markets[BTC].next_funding_ms;
    ln_ex_funding_due(f->ex, &f->ex->markets[BTC]);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).margin_e8,
                     640 * USDT - 128 * USDT / 100);
    /* 960 are due; 29.44 stay, the rest comes from the wallet. */
    f->ex->markets[BTC].funding_rate_e8 = 15000000;
    f->ex->now_ms = f->ex->markets[BTC].next_funding_ms;
    ln_ex_funding_due(f->ex, &f->ex->markets[BTC]);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).margin_e8,
                     2944 * USDT / 100);
    fx_free(f);
}

static void
funding_that_nobody_can_pay_is_insured(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = ln_ex_account_add(f->ex, 650 * USDT);
    struct ln_order_request r = fx_limit(LN_BUY, 640000, 1000);
    r.margin_mode = LN_ISOLATED;
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 1000));
    fx_place(f, c, r);
    f->ex->markets[BTC].funding_rate_e8 = 15000000;
    f->ex->now_ms = f->ex->markets[BTC].next_funding_ms;
    ln_ex_funding_due(f->ex, &f->ex->markets[BTC]);
    assert_int_equal(fx_balance(f, c).balance_e8, 0);
    /* 960 due of 650 - 3.84 */
    assert_int_equal(ln_ex_insurance_e8(f->ex),
                     LN_EX_INSURANCE_START_E8 - 31384 * USDT / 100);
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(longs_pay_shorts_at_the_settlement),
        cmocka_unit_test(settlements_are_billed),
        cmocka_unit_test(a_negative_rate_makes_shorts_pay),
        cmocka_unit_test(
            an_isolated_position_pays_from_its_margin_down_to_maintenance),
        cmocka_unit_test(funding_that_nobody_can_pay_is_insured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
