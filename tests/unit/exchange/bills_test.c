/*
 * Bills and closed positions: each movement of money once, by its name on the
 * wire, with the balance after it.
 */
#include "exchange/money_int.h"
#include "unit/exchange/fixture.h"

/* The account's bills, oldest first: "deposit buy sell". */
static const char *
kinds(struct fx *f, ln_ex_account a)
{
    static char text[1024];
    struct ln_ex_bill b[32];
    size_t n = ln_ex_bills(f->ex, a, LN_INSTRUMENT_NONE, 0, 0, b, 32);
    text[0] = 0;
    while (n-- > 0) {
        strcat(text, ln_ex_bill_name(b[n].kind));
        strcat(text, n ? " " : "");
    }
    return text;
}

static void
every_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 1; i < LN_BILL_KINDS; i++) {
        const char *name = ln_ex_bill_name((enum ln_ex_bill_kind)i);
        assert_string_not_equal(name, "unknown");
        for (int k = 1; k < i; k++)
            assert_string_not_equal(name,
                                    ln_ex_bill_name((enum ln_ex_bill_kind)k));
    }
    assert_string_equal(ln_ex_bill_name(0), "unknown");
    assert_string_equal(ln_ex_bill_name(LN_BILL_KINDS), "unknown");
}

static void
opening_costs_a_fee_closing_brings_the_profit(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    fx_trade(f, 650000, -100);
    assert_string_equal(kinds(f, f->a), "trans_from_exchange buy sell");
    struct ln_ex_bill b[3];
    assert_int_equal(ln_ex_bills(f->ex, f->a, LN_INSTRUMENT_NONE, 0, 0, b, 3),
                     3);
    assert_int_equal(b[2].amount_e8, 1000000 * USDT);
    assert_int_equal(b[2].instrument, LN_INSTRUMENT_NONE);
    assert_int_equal(b[1].amount_e8, 0);
    assert_int_equal(b[1].fee_e8, -384 * USDT / 1000);
    assert_int_equal(b[1].balance_e8, 1000000 * USDT - 384 * USDT / 1000);
    assert_int_equal(b[0].amount_e8, 10 * USDT);
    assert_int_equal(b[0].fee_e8, -390 * USDT / 1000);
    assert_int_equal(b[0].balance_e8, fx_balance(f, f->a).balance_e8);
    assert_true(b[0].order_id > b[1].order_id && b[1].order_id > 0);
    assert_int_equal(b[0].time_ms, ln_ex_now(f->ex));
    fx_free(f);
}

static void
hedge_bills_name_the_position(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = ln_ex_account_add(f->ex, 1000 * USDT);
    assert_int_equal(ln_ex_set_pos_mode(f->ex, c, LN_HEDGE), 0);
    static const struct {
        uint8_t side, pos;
        bool close;
    } steps[] = {{LN_BUY, LN_LONG, false},
                 {LN_SELL, LN_SHORT, false},
                 {LN_SELL, LN_LONG, true},
                 {LN_BUY, LN_SHORT, true}};
    for (size_t i = 0; i < 4; i++) {
        struct ln_order_request r = fx_limit(steps[i].side, 640000, 100);
        r.pos_side = steps[i].pos;
        r.reduce_only = steps[i].close;
        fx_place(f, f->b,
                 fx_limit(r.side == LN_BUY ? LN_SELL : LN_BUY, 640000, 100));
        fx_place(f, c, r);
    }
    assert_string_equal(
        kinds(f, c),
        "trans_from_exchange open_long open_short close_long close_short");
    fx_free(f);
}

static void
a_flip_closes_one_position_and_opens_another(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    fx_trade(f, 650000, -300);
    assert_string_equal(kinds(f, f->a), "trans_from_exchange buy sell sell");
    struct ln_ex_closed p[2];
    assert_int_equal(
        ln_ex_closed_positions(f->ex, f->a, LN_INSTRUMENT_NONE, 0, p, 2), 1);
    assert_int_equal(p[0].hold_side, LN_LONG);
    assert_int_equal(p[0].opened_lots, 100);
    assert_int_equal(p[0].closed_lots, 100);
    assert_int_equal(p[0].open_value_e8, 640 * USDT);
    assert_int_equal(p[0].close_value_e8, 650 * USDT);
    assert_int_equal(p[0].profit_e8, 10 * USDT);
    assert_int_equal(p[0].open_fee_e8, -384 * USDT / 1000);
    assert_int_equal(p[0].close_fee_e8, -390 * USDT / 1000);
    assert_int_equal(fx_position(f, f->a, BTC, LN_SHORT).size_lots, 200);
    fx_free(f);
}

static void
the_net_profit_of_a_closed_position_is_what_the_balance_gained(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t before = fx_balance(f, f->a).balance_e8;
    fx_trade(f, 640000, 100);
    fx_trade(f, 641000, 57);
    f->ex->now_ms = f->ex->markets[BTC].next_funding_ms;
    ln_ex_funding_due(f->ex, &f->ex->markets[BTC]);
    fx_trade(f, 650003, -33);
    fx_trade(f, 633331, -124);
    struct ln_ex_closed p;
    assert_int_equal(ln_ex_closed_positions(f->ex, f->a, BTC, 0, &p, 1), 1);
    assert_true(p.funding_e8 < 0);
    assert_int_equal(p.opened_lots, 157);
    assert_int_equal(p.profit_e8, p.close_value_e8 - p.open_value_e8);
    assert_int_equal(p.profit_e8 + p.funding_e8 + p.open_fee_e8 +
                         p.close_fee_e8,
                     fx_balance(f, f->a).balance_e8 - before);
    fx_free(f);
}

struct told {
    int closed;
    struct ln_ex_closed last;
    enum ln_ex_event_type before;
};

static void
see_closed(void *ctx, const struct ln_ex_event *e)
{
    struct told *t = ctx;
    if (e->type == LN_EXE_CLOSED && e->account == 1) {
        t->closed++;
        t->last = *e->u.closed;
    } else if (t->closed == 0 && e->account == 1) {
        t->before = e->type;
    }
}

static void
a_closed_position_is_told(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct told t = {0};
    fx_trade(f, 640000, 100);
    int64_t id = fx_position(f, f->a, BTC, LN_LONG).id;
    ln_ex_set_sink(f->ex, see_closed, &t);
    fx_trade(f, 640000, -60);
    assert_int_equal(t.closed, 0);
    fx_trade(f, 640000, -40);
    assert_int_equal(t.closed, 1);
    assert_int_equal(t.last.id, id);
    assert_int_equal(t.before, LN_EXE_POSITION);
    fx_free(f);
}

static void
pages_continue_where_the_last_one_ended(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    for (int i = 0; i < 50; i++) {
        fx_trade(f, 640000, 10);
        fx_trade(f, 640000, -10);
    }
    int64_t before = 0;
    size_t rows = 0, n;
    struct ln_ex_bill b[7];
    while ((n = ln_ex_bills(f->ex, f->a, LN_INSTRUMENT_NONE, 0, before, b, 7)) >
           0) {
        rows += n;
        assert_true(before == 0 || b[0].id < before);
        before = b[n - 1].id;
    }
    assert_int_equal(rows, 101);
    struct ln_ex_closed p[7];
    for (before = 0, rows = 0;
         (n = ln_ex_closed_positions(f->ex, f->a, BTC, before, p, 7)) > 0;) {
        rows += n;
        before = p[n - 1].id;
    }
    assert_int_equal(rows, 50);
    assert_int_equal(ln_ex_bills(f->ex, 99, BTC, 0, 0, b, 7), 0);
    assert_int_equal(ln_ex_closed_positions(f->ex, f->a, ETH, 0, p, 7), 0);
    fx_free(f);
}

static void
the_oldest_bills_are_forgotten(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    static struct ln_ex_bill b[LN_EX_BILLS_MAX + 10];
    struct ln_ex_client *c = ln_ex_client(f->ex, f->a);
    for (int i = 0; i < LN_EX_BILLS_MAX + 5; i++) {
        ln_ex_bill_add(f->ex, c, LN_BILL_FUNDING, BTC, i % 2 ? -3 : 3, 0, 0);
        f->ex->house_cash_e8 -= i % 2 ? -3 : 3;
    }
    assert_int_equal(ln_ex_bills(f->ex, f->a, LN_INSTRUMENT_NONE, 0, 0, b,
                                 LN_EX_BILLS_MAX + 10),
                     LN_EX_BILLS_MAX);
    fx_free(f); /* still, each row's balance is the one's before */
}

static void
the_check_notices_money_without_a_bill(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    char why[200];
    fx_trade(f, 640000, 100);
    struct ln_ex_client *c = ln_ex_client(f->ex, f->a);
    c->balance_e8 += 1;
    f->ex->house_cash_e8 -= 1;
    assert_false(ln_ex_check(f->ex, why, sizeof(why)));
    assert_non_null(strstr(why, "bill"));
    c->balance_e8 -= 1;
    f->ex->house_cash_e8 += 1;
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_name_of_its_own),
        cmocka_unit_test(opening_costs_a_fee_closing_brings_the_profit),
        cmocka_unit_test(hedge_bills_name_the_position),
        cmocka_unit_test(a_flip_closes_one_position_and_opens_another),
        cmocka_unit_test(
            the_net_profit_of_a_closed_position_is_what_the_balance_gained),
        cmocka_unit_test(a_closed_position_is_told),
        cmocka_unit_test(pages_continue_where_the_last_one_ended),
        cmocka_unit_test(the_oldest_bills_are_forgotten),
        cmocka_unit_test(the_check_notices_money_without_a_bill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
