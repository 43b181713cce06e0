/*
 * Take profit and stop loss that come with an order: when they are refused,
 * how they become plans of the position, and how plans follow a position
 * that shrinks, closes or flips.
 */
#include "unit/exchange/plan_fixture.h"

static struct ln_order_request
guarded(enum ln_side side, int64_t price, int64_t lots, int64_t tp, int64_t sl)
{
    struct ln_order_request r = fx_limit(side, price, lots);
    r.take_profit_ticks = tp;
    r.stop_loss_ticks = sl;
    return r;
}

static const struct ln_ex_plan *
whole(const struct fx *f, ln_ex_account a, enum ln_pos_side hold,
      enum ln_ex_plan_kind kind)
{
    return ln_ex_plan_of_position(f->ex, a, BTC, hold, kind);
}

static void
presets_on_the_wrong_side_of_the_price_are_refused(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_refused(f, f->a, guarded(LN_BUY, 630000, 10, 630000, 0), LN_EXR_PRESET);
    fx_refused(f, f->a, guarded(LN_BUY, 630000, 10, 0, 630000), LN_EXR_PRESET);
    fx_refused(f, f->a, guarded(LN_SELL, 650000, 10, 650000, 0), LN_EXR_PRESET);
    fx_refused(f, f->a, guarded(LN_SELL, 650000, 10, 0, 650000), LN_EXR_PRESET);
    fx_refused(f, f->a, guarded(LN_BUY, 630000, 10, -1, 0), LN_EXR_PRESET);
    struct ln_order_request r = guarded(LN_BUY, 630000, 10, 640000, 0);
    r.take_profit_limit_ticks = -1;
    fx_refused(f, f->a, r, LN_EXR_PRESET);
    /* At market, the last price is what counts. */
    fx_place(f, f->b, fx_limit(LN_SELL, 640100, 100));
    r = fx_market(LN_BUY, 10);
    r.take_profit_ticks = 640000;
    fx_refused(f, f->a, r, LN_EXR_PRESET);
    r.take_profit_ticks = 641000;
    r.stop_loss_ticks = 639000;
    fx_place(f, f->a, r);
    fx_place(f, f->a, guarded(LN_BUY, 630000, 10, 630001, 629999));
    fx_place(f, f->b, guarded(LN_SELL, 650000, 10, 649999, 650001));
    fx_free(f);
}

static void
they_become_plans_of_the_position_with_the_first_fill(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_order_request r = guarded(LN_BUY, 640000, 100, 650000, 630000);
    r.take_profit_limit_ticks = 650100;
    fx_place(f, f->a, r);
    assert_int_equal(pf_live(f, f->a), 0); /* nothing to guard yet */
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 30));
    const struct ln_ex_plan *tp = whole(f, f->a, LN_LONG, LN_PLAN_POS_PROFIT);
    const struct ln_ex_plan *sl = whole(f, f->a, LN_LONG, LN_PLAN_POS_LOSS);
    assert_non_null(tp);
    assert_non_null(sl);
    assert_int_equal(tp->req.trigger_ticks, 650000);
    assert_int_equal(tp->req.limit_ticks, 650100);
    assert_int_equal(tp->req.watch, LN_WATCH_FILL);
    assert_int_equal(tp->req.size_lots, 0);
    assert_int_equal(sl->req.trigger_ticks, 630000);
    assert_int_equal(sl->req.limit_ticks, 0);
    assert_int_equal(sl->req.side, LN_SELL);
    /* The next fill changes nothing: its owner may have, meanwhile. */
    struct ln_ex_plan_change c = {.trigger_ticks = 631000};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, sl->id, NULL, &c),
                     LN_EXR_OK);
    assert_int_equal(ln_ex_plan_cancel(f->ex, f->a, BTC, tp->id, NULL),
                     LN_EXR_OK);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 70));
    assert_int_equal(sl->req.trigger_ticks, 631000);
    assert_null(whole(f, f->a, LN_LONG, LN_PLAN_POS_PROFIT));
    fx_free(f);
}

static void
those_of_a_later_order_change_what_the_position_has(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 200));
    fx_place(f, f->a, guarded(LN_BUY, 640000, 50, 650000, 630000));
    int64_t tp = whole(f, f->a, LN_LONG, LN_PLAN_POS_PROFIT)->id;
    int64_t sl = whole(f, f->a, LN_LONG, LN_PLAN_POS_LOSS)->id;
    fx_place(f, f->a, guarded(LN_BUY, 640000, 50, 660000, 0));
    assert_int_equal(pf_live(f, f->a), 2);
    assert_int_equal(pf_plan(f, f->a, tp)->req.trigger_ticks, 660000);
    assert_int_equal(pf_plan(f, f->a, sl)->req.trigger_ticks, 630000);
    /* An order without presets leaves them alone. */
    fx_place(f, f->a, fx_limit(LN_BUY, 640000, 50));
    assert_int_equal(pf_live(f, f->a), 2);
    fx_free(f);
}

static void
a_new_position_gets_them_again(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_place(f, f->a, guarded(LN_BUY, 640000, 100, 650000, 0));
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 40));
    int64_t first = whole(f, f->a, LN_LONG, LN_PLAN_POS_PROFIT)->id;
    struct ln_order_request r = fx_limit(LN_SELL, 641000, 40);
    r.reduce_only = true;
    fx_place(f, f->a, r);
    fx_place(f, f->b, fx_limit(LN_BUY, 641000, 40)); /* it is closed again */
    assert_int_equal(pf_plan(f, f->a, first)->state, LN_PLAN_CANCELLED);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 40));
    const struct ln_ex_plan *tp = whole(f, f->a, LN_LONG, LN_PLAN_POS_PROFIT);
    assert_non_null(tp);
    assert_true(tp->id != first);
    fx_free(f);
}

static void
an_order_that_only_closes_has_nothing_to_guard(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, -50); /* a was short once */
    fx_trade(f, 640000, 150); /* and is long */
    fx_place(f, f->b, fx_limit(LN_BUY, 640000, 300));
    /* One-way: the first 100 only close; the rest opens a short. */
    fx_place(f, f->a, guarded(LN_SELL, 640000, 60, 630000, 650000));
    const struct ln_ex_plan *p[1];
    assert_int_equal(pf_live(f, f->a), 0);
    assert_int_equal(ln_ex_plans(f->ex, f->a, false, 0, BTC, 0, p, 1), 0);
    fx_place(f, f->a, guarded(LN_SELL, 640000, 60, 630000, 650000));
    assert_int_equal(pf_live(f, f->a), 2);
    assert_int_equal(
        whole(f, f->a, LN_SHORT, LN_PLAN_POS_PROFIT)->req.trigger_ticks,
        630000);
    /* A reduce-only one may carry what it likes. */
    ln_ex_cancel_all(f->ex, f->b, BTC);
    struct ln_order_request r = guarded(LN_BUY, 639000, 20, 1, 1);
    r.reduce_only = true;
    fx_place(f, f->a, r);
    fx_place(f, f->b, fx_limit(LN_SELL, 639000, 20));
    assert_int_equal(pf_live(f, f->a), 0);
    fx_free(f);
}

static void
a_position_that_flips_takes_its_plans_along(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct plan_log log;
    fx_trade(f, 640000, 100);
    pf_listen(&log, f);
    int64_t ids[4] = {
        pf_place(f, f->a, pf_guard(LN_PLAN_PROFIT, LN_SELL, 650000, 50)),
        pf_place(f, f->a, pf_guard(LN_PLAN_LOSS, LN_SELL, 630000, 50)),
        pf_place(f, f->a, pf_guard(LN_PLAN_POS_LOSS, LN_SELL, 630000, 0)), 0};
    struct ln_ex_plan_request q = pf_guard(LN_PLAN_MOVING, LN_SELL, 650000, 50);
    q.callback_e8 = LN_E8 / 50;
    ids[3] = pf_place(f, f->a, q);
    int64_t normal = pf_place(f, f->a, pf_normal(LN_SELL, 600000, 50));
    fx_place(f, f->b, fx_limit(LN_BUY, 640000, 300));
    fx_place(f, f->a, fx_limit(LN_SELL, 640000, 20)); /* 80 are left */
    assert_int_equal(pf_live(f, f->a), 5);
    fx_place(f, f->a, fx_limit(LN_SELL, 640000, 40)); /* 40 are left */
    assert_int_equal(pf_plan(f, f->a, ids[0])->req.size_lots, 40);
    assert_int_equal(pf_plan(f, f->a, ids[1])->req.size_lots, 40);
    assert_int_equal(pf_plan(f, f->a, ids[3])->req.size_lots, 40);
    assert_string_equal(pf_states(&log, ids[0]), "LL"); /* the cut is told */
    assert_string_equal(pf_states(&log, ids[2]), "L");
    fx_place(f, f->a, guarded(LN_SELL, 640000, 90, 0, 655000));
    for (int i = 0; i < 4; i++)
        assert_int_equal(pf_plan(f, f->a, ids[i])->state, LN_PLAN_CANCELLED);
    /* Trigger orders are nobody's; and the short has its own. */
    assert_int_equal(pf_plan(f, f->a, normal)->state, LN_PLAN_LIVE);
    assert_int_equal(pf_live(f, f->a), 2);
    assert_non_null(whole(f, f->a, LN_SHORT, LN_PLAN_POS_LOSS));
    fx_free(f);
}

static void
in_hedge_mode_each_side_has_its_own(void **state)
{
    (void)state;
    struct fx *f = fx_new_mode(LN_HEDGE, false);
    struct ln_order_request r = guarded(LN_SELL, 640000, 100, 630000, 650000);
    r.pos_side = LN_SHORT;
    fx_place(f, f->b, r);
    r = guarded(LN_BUY, 640000, 100, 650000, 630000);
    r.pos_side = LN_LONG;
    fx_place(f, f->a, r);
    assert_int_equal(whole(f, f->a, LN_LONG, LN_PLAN_POS_LOSS)->req.pos_side,
                     LN_LONG);
    assert_int_equal(whole(f, f->b, LN_SHORT, LN_PLAN_POS_LOSS)->req.pos_side,
                     LN_SHORT);
    /* a opens a short beside its long: the long's stay as they are. */
    r = guarded(LN_BUY, 640000, 100, 0, 0);
    r.pos_side = LN_LONG;
    fx_place(f, f->b, r);
    r = guarded(LN_SELL, 640000, 100, 0, 660000);
    r.pos_side = LN_SHORT;
    fx_place(f, f->a, r);
    assert_int_equal(pf_live(f, f->a), 3);
    assert_int_equal(
        whole(f, f->a, LN_LONG, LN_PLAN_POS_LOSS)->req.trigger_ticks, 630000);
    fx_free(f);
}

static void
changing_presets_keeps_the_order_in_its_place(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t id = fx_place(f, f->a, guarded(LN_BUY, 639000, 100, 650000, 0));
    fx_place(f, f->b, fx_limit(LN_BUY, 639000, 100));
#define AMEND(tp, sl) ln_ex_amend_presets(f->ex, f->a, BTC, id, NULL, tp, sl)
    assert_int_equal(AMEND(0, 0), LN_EXR_UNCHANGED);
    assert_int_equal(AMEND(650000, 0), LN_EXR_UNCHANGED);
    assert_int_equal(AMEND(639000, 0), LN_EXR_PRESET);
    assert_int_equal(AMEND(0, 639000), LN_EXR_PRESET);
    assert_int_equal(ln_ex_amend_presets(f->ex, f->b, BTC, id, NULL, 650000, 0),
                     LN_EXR_NOT_FOUND);
    assert_string_equal(fx_states(f, id), "L");
    assert_int_equal(AMEND(-1, 630000), LN_EXR_OK);
    assert_string_equal(fx_states(f, id), "LL"); /* it is news */
    const struct ln_ex_order *o = fx_order(f, f->a, id);
    assert_int_equal(o->req.take_profit_ticks, 0);
    assert_int_equal(o->req.stop_loss_ticks, 630000);
    /* It is still first at its price. */
    ln_ex_account c = ln_ex_account_add(f->ex, 100000 * USDT);
    fx_place(f, c, fx_limit(LN_SELL, 639000, 50));
    assert_int_equal(o->filled_lots, 50);
    assert_null(whole(f, f->a, LN_LONG, LN_PLAN_POS_PROFIT));
    assert_int_equal(
        whole(f, f->a, LN_LONG, LN_PLAN_POS_LOSS)->req.trigger_ticks, 630000);
    /* What is changed after a fill is for the next one. */
    assert_int_equal(AMEND(660000, 0), LN_EXR_OK);
    assert_null(whole(f, f->a, LN_LONG, LN_PLAN_POS_PROFIT));
    fx_place(f, c, fx_limit(LN_SELL, 639000, 50));
    assert_int_equal(
        whole(f, f->a, LN_LONG, LN_PLAN_POS_PROFIT)->req.trigger_ticks, 660000);
    assert_int_equal(AMEND(670000, 0), LN_EXR_FINAL);
#undef AMEND
    fx_free(f);
}

static void
a_replaced_order_keeps_its_presets_and_they_are_judged_anew(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t id = fx_place(f, f->a, guarded(LN_BUY, 630000, 100, 635000, 0));
    int64_t new_id;
    assert_int_equal(
        ln_ex_amend(f->ex, f->a, BTC, id, NULL, NULL, 636000, 0, &new_id),
        LN_EXR_PRESET);
    assert_int_equal(
        ln_ex_amend(f->ex, f->a, BTC, id, NULL, NULL, 634000, 0, &new_id),
        LN_EXR_OK);
    assert_int_equal(fx_order(f, f->a, new_id)->req.take_profit_ticks, 635000);
    fx_free(f);
}

static void
attached_ones_of_a_trigger_order_watch_what_they_say(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account mm = ln_ex_account_add(f->ex, 1000000 * USDT);
    fx_place(f, mm, fx_limit(LN_SELL, 642000, 500));
    struct ln_ex_plan_request q = pf_normal(LN_BUY, 641000, 100);
    q.take_profit = (struct ln_ex_attached){650000, 649000, LN_WATCH_MARK};
    q.stop_loss = (struct ln_ex_attached){630000, 0, LN_WATCH_FILL};
    q.stp = LN_STP_CANCEL_MAKER;
    pf_place(f, f->a, q);
    pf_print(f, 641000);
    const struct ln_ex_plan *tp = whole(f, f->a, LN_LONG, LN_PLAN_POS_PROFIT);
    const struct ln_ex_plan *sl = whole(f, f->a, LN_LONG, LN_PLAN_POS_LOSS);
    assert_non_null(tp);
    assert_non_null(sl);
    assert_int_equal(tp->req.watch, LN_WATCH_MARK);
    assert_int_equal(tp->req.limit_ticks, 649000);
    assert_int_equal(tp->req.stp, LN_STP_CANCEL_MAKER);
    assert_int_equal(sl->req.watch, LN_WATCH_FILL);
    fx_free(f);
}

static void
a_price_that_has_jumped_over_a_preset_sets_it_off_at_once(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account mm = ln_ex_account_add(f->ex, 1000000 * USDT);
    fx_place(f, mm, fx_limit(LN_SELL, 645000, 500));
    fx_place(f, mm, fx_limit(LN_BUY, 639000, 500));
    struct ln_order_request r = fx_market(LN_BUY, 100);
    r.take_profit_ticks = 641000;
    int64_t id = fx_place(f, f->a, r); /* filled at 645000 */
    assert_int_equal(fx_order(f, f->a, id)->filled_lots, 100);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 0);
    const struct ln_ex_plan *p[2];
    assert_int_equal(ln_ex_plans(f->ex, f->a, false, 0, BTC, 0, p, 2), 1);
    assert_int_equal(p[0]->state, LN_PLAN_EXECUTED);
    fx_free(f);
}

static void
trades_before_the_fill_do_not_set_a_preset_off(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account mm = ln_ex_account_add(f->ex, 1000000 * USDT);
    fx_place(f, mm, fx_limit(LN_BUY, 639500, 10));
    fx_place(f, f->a, guarded(LN_BUY, 638000, 100, 639000, 0));
    /* One sale: first at 639500, then into a's order, which has its take
     * profit at 639000. The first trade was before it. */
    fx_place(f, f->b, fx_limit(LN_SELL, 638000, 60));
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 50);
    assert_int_equal(pf_live(f, f->a), 1);
    fx_free(f);
}

static void
a_liquidated_position_leaves_no_plans(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ln_ex_account c = ln_ex_account_add(f->ex, 70 * USDT);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 100));
    fx_place(f, c, guarded(LN_BUY, 640000, 100, 700000, 0));
    assert_int_equal(pf_live(f, c), 1);
    for (int i = 0; i < 40 && fx_position(f, c, BTC, LN_LONG).size_lots; i++) {
        struct ln_ticker t;
        ln_ex_ticker(f->ex, BTC, &t);
        pf_print(f, t.last_ticks - 10000);
        fx_seconds(f, 60);
        fx_check(f);
    }
    assert_int_equal(fx_position(f, c, BTC, LN_LONG).size_lots, 0);
    assert_int_equal(pf_live(f, c), 0);
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_on_the_wrong_side_of_the_price_are_refused),
        cmocka_unit_test(they_become_plans_of_the_position_with_the_first_fill),
        cmocka_unit_test(those_of_a_later_order_change_what_the_position_has),
        cmocka_unit_test(a_new_position_gets_them_again),
        cmocka_unit_test(an_order_that_only_closes_has_nothing_to_guard),
        cmocka_unit_test(a_position_that_flips_takes_its_plans_along),
        cmocka_unit_test(in_hedge_mode_each_side_has_its_own),
        cmocka_unit_test(changing_presets_keeps_the_order_in_its_place),
        cmocka_unit_test(
            a_replaced_order_keeps_its_presets_and_they_are_judged_anew),
        cmocka_unit_test(attached_ones_of_a_trigger_order_watch_what_they_say),
        cmocka_unit_test(
            a_price_that_has_jumped_over_a_preset_sets_it_off_at_once),
        cmocka_unit_test(trades_before_the_fill_do_not_set_a_preset_off),
        cmocka_unit_test(a_liquidated_position_leaves_no_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
