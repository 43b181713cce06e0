/*
 * Self-trade prevention: what happens when an order meets one of its own
 * account is what the taker's mode says; the maker's means nothing.
 */
#include "unit/exchange/fixture.h"

static struct ln_order_request
with_stp(struct ln_order_request r, enum ln_stp stp)
{
    r.stp = (uint8_t)stp;
    return r;
}

static void
without_it_an_account_trades_with_itself(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    /* The maker's mode is ignored. */
    int64_t own = fx_place(
        f, f->a, with_stp(fx_limit(LN_SELL, 640000, 10), LN_STP_CANCEL_BOTH));
    int64_t id = fx_place(f, f->a, fx_limit(LN_BUY, 640000, 10));
    assert_string_equal(fx_states(f, own), "LF");
    assert_string_equal(fx_states(f, id), "LF");
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 0);
    fx_free(f);
}

static void
cancel_taker_ends_the_taker_where_it_meets_its_own(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_place(f, f->b, fx_limit(LN_SELL, 639900, 10));
    int64_t own = fx_place(f, f->a, fx_limit(LN_SELL, 640000, 10));
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    int64_t id = fx_place(
        f, f->a, with_stp(fx_limit(LN_BUY, 640100, 50), LN_STP_CANCEL_TAKER));
    assert_string_equal(fx_states(f, id), "LPC");
    assert_string_equal(fx_order(f, f->a, id)->reason, "stp_cancel");
    assert_int_equal(fx_order(f, f->a, id)->filled_lots, 10);
    assert_string_equal(fx_states(f, own), "L");
    assert_int_equal(fx_balance(f, f->a).locked_e8, 0); /* the sale closes */
    fx_free(f);
}

static void
cancel_maker_clears_the_way(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t own = fx_place(f, f->a, fx_limit(LN_SELL, 640000, 10));
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    int64_t own2 = fx_place(f, f->a, fx_limit(LN_SELL, 640100, 10));
    int64_t id = fx_place(
        f, f->a, with_stp(fx_limit(LN_BUY, 640200, 50), LN_STP_CANCEL_MAKER));
    assert_string_equal(fx_states(f, own), "LC");
    assert_string_equal(fx_order(f, f->a, own)->reason, "stp_cancel");
    assert_string_equal(fx_states(f, own2), "LC");
    assert_string_equal(fx_states(f, id), "LP"); /* and the rest rests */
    struct ln_level l;
    assert_int_equal(ln_ex_depth(f->ex, BTC, LN_SELL, &l, 1), 0);
    assert_int_equal(ln_ex_depth(f->ex, BTC, LN_BUY, &l, 1), 1);
    assert_int_equal(l.size_lots, 40);
    fx_free(f);
}

static void
cancel_both_ends_one_maker_and_the_taker(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t own = fx_place(f, f->a, fx_limit(LN_SELL, 640000, 10));
    int64_t own2 = fx_place(f, f->a, fx_limit(LN_SELL, 640100, 10));
    int64_t id =
        fx_place(f, f->a, with_stp(fx_market(LN_BUY, 50), LN_STP_CANCEL_BOTH));
    assert_string_equal(fx_states(f, own), "LC");
    assert_string_equal(fx_states(f, own2), "L");
    assert_string_equal(fx_states(f, id), "LC");
    assert_string_equal(fx_order(f, f->a, id)->reason, "stp_cancel");
    fx_free(f);
}

static void
strangers_are_none_of_its_business(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t other = fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    int64_t id = fx_place(
        f, f->a, with_stp(fx_limit(LN_BUY, 640000, 10), LN_STP_CANCEL_BOTH));
    assert_string_equal(fx_states(f, other), "LF");
    assert_string_equal(fx_states(f, id), "LF");
    fx_free(f);
}

static void
fok_counts_only_what_it_may_trade_with(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    int64_t own = fx_place(f, f->a, fx_limit(LN_SELL, 640000, 10));
    fx_place(f, f->b, fx_limit(LN_SELL, 640100, 10));
    struct ln_order_request r = fx_limit(LN_BUY, 640100, 21);
    r.tif = LN_FOK;
    static const enum ln_stp modes[] = {
        LN_STP_CANCEL_TAKER, LN_STP_CANCEL_MAKER, LN_STP_CANCEL_BOTH};
    for (int i = 0; i < 3; i++) {
        int64_t id = fx_place(f, f->a, with_stp(r, modes[i]));
        assert_string_equal(fx_states(f, id), "LC");
        assert_string_equal(fx_order(f, f->a, id)->reason, "fok_not_fillable");
        assert_string_equal(fx_states(f, own), "L"); /* nothing was touched */
    }
    /* Behind its own order there is nothing for one that stops there. */
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    r.size_lots = 20;
    int64_t id = fx_place(f, f->a, with_stp(r, LN_STP_CANCEL_TAKER));
    assert_string_equal(fx_states(f, id), "LC");
    id = fx_place(f, f->a, with_stp(r, LN_STP_CANCEL_MAKER));
    assert_string_equal(fx_states(f, id), "LPF");
    assert_string_equal(fx_states(f, own), "LC");
    fx_free(f);
}

static void
fok_that_is_full_before_it_meets_its_own_is_filled(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    int64_t own = fx_place(f, f->a, fx_limit(LN_SELL, 640000, 10));
    struct ln_order_request r = fx_limit(LN_BUY, 640000, 10);
    r.tif = LN_FOK;
    int64_t id = fx_place(f, f->a, with_stp(r, LN_STP_CANCEL_BOTH));
    assert_string_equal(fx_states(f, id), "LF");
    assert_string_equal(fx_states(f, own), "L");
    fx_free(f);
}

static void
post_only_takes_nothing_from_itself(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t own = fx_place(f, f->a, fx_limit(LN_SELL, 640000, 10));
    struct ln_order_request r = fx_limit(LN_BUY, 640000, 10);
    r.tif = LN_POST_ONLY;
    int64_t id = fx_place(f, f->a, with_stp(r, LN_STP_NONE));
    assert_string_equal(fx_order(f, f->a, id)->reason, "post_only_would_take");
    id = fx_place(f, f->a, with_stp(r, LN_STP_CANCEL_TAKER));
    assert_string_equal(fx_order(f, f->a, id)->reason, "stp_cancel");
    assert_string_equal(fx_states(f, own), "L");
    /* Its own order goes, and it rests: it has taken nothing. */
    id = fx_place(f, f->a, with_stp(r, LN_STP_CANCEL_MAKER));
    assert_string_equal(fx_states(f, id), "L");
    assert_string_equal(fx_states(f, own), "LC");
    /* A stranger behind the own one would be taken. */
    own = fx_place(f, f->a, fx_limit(LN_SELL, 640100, 10));
    fx_place(f, f->b, fx_limit(LN_SELL, 640100, 10));
    r.price_ticks = 640100;
    id = fx_place(f, f->a, with_stp(r, LN_STP_CANCEL_MAKER));
    assert_string_equal(fx_order(f, f->a, id)->reason, "post_only_would_take");
    assert_string_equal(fx_states(f, own), "L");
    fx_free(f);
}

static void
a_replaced_order_keeps_its_mode(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t own = fx_place(f, f->a, fx_limit(LN_SELL, 640000, 10)), new_id;
    int64_t id = fx_place(
        f, f->a, with_stp(fx_limit(LN_BUY, 630000, 10), LN_STP_CANCEL_TAKER));
    assert_int_equal(
        ln_ex_amend(f->ex, f->a, BTC, id, NULL, NULL, 640000, 0, &new_id),
        LN_EXR_OK);
    assert_string_equal(fx_order(f, f->a, new_id)->reason, "stp_cancel");
    assert_string_equal(fx_states(f, own), "L");
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_it_an_account_trades_with_itself),
        cmocka_unit_test(cancel_taker_ends_the_taker_where_it_meets_its_own),
        cmocka_unit_test(cancel_maker_clears_the_way),
        cmocka_unit_test(cancel_both_ends_one_maker_and_the_taker),
        cmocka_unit_test(strangers_are_none_of_its_business),
        cmocka_unit_test(fok_counts_only_what_it_may_trade_with),
        cmocka_unit_test(fok_that_is_full_before_it_meets_its_own_is_filled),
        cmocka_unit_test(post_only_takes_nothing_from_itself),
        cmocka_unit_test(a_replaced_order_keeps_its_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
