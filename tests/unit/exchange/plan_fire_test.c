/*
 * When plans fire and what comes of it: which price touches them, in which
 * order, what order they place, and when they fail.
 */
#include "unit/exchange/plan_fixture.h"

/* Somebody to trade with on both sides, far enough from the tests' prints. */
static void
quotes(struct fx *f, int64_t bid, int64_t ask)
{
    ln_ex_account mm = ln_ex_account_add(f->ex, 1000000 * USDT);
    if (ln_ex_pos_mode(f->ex, mm) == LN_HEDGE)
        ln_ex_set_pos_mode(f->ex, mm, LN_ONE_WAY);
    fx_place(f, mm, fx_limit(LN_BUY, bid, 5000));
    fx_place(f, mm, fx_limit(LN_SELL, ask, 5000));
}

static void
it_fires_when_the_last_price_crosses_from_where_it_was(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    quotes(f, 630000, 650000);
    int64_t up = pf_place(f, f->a, pf_normal(LN_BUY, 641000, 100));
    int64_t down = pf_place(f, f->a, pf_normal(LN_BUY, 639000, 200));
    pf_print(f, 640999);
    pf_print(f, 639001);
    assert_int_equal(pf_live(f, f->a), 2);
    pf_print(f, 641000);
    const struct ln_ex_plan *p = pf_plan(f, f->a, up);
    assert_int_equal(p->state, LN_PLAN_EXECUTED);
    assert_int_equal(p->executed_lots, 100);
    assert_int_equal(p->triggered_ms, START_MS);
    const struct ln_ex_order *o = fx_order(f, f->a, p->order_id);
    assert_int_equal(o->state, LN_ORDER_FILLED);
    assert_int_equal(o->req.type, LN_MARKET);
    assert_int_equal(o->source, LN_EXS_PLAN);
    assert_int_equal(o->plan_id, up);
    assert_int_equal(pf_plan(f, f->a, down)->state, LN_PLAN_LIVE);
    pf_print(f, 638000); /* beyond it is as good as at it */
    assert_int_equal(pf_plan(f, f->a, down)->state, LN_PLAN_EXECUTED);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 300);
    fx_free(f);
}

static void
a_trigger_where_the_price_is_fires_at_once(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct plan_log log;
    quotes(f, 639000, 641000);
    pf_listen(&log, f);
    int64_t id = pf_place(f, f->a, pf_normal(LN_BUY, 640000, 100));
    assert_string_equal(pf_states(&log, id), "LE");
    fx_free(f);
}

static void
a_touch_inside_one_command_is_not_missed(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    quotes(f, 630000, 650000);
    int64_t id = pf_place(f, f->a, pf_normal(LN_SELL, 641000, 100));
    /* One purchase runs through 641000, and the price is back before the
     * command is over: the last trade is what plans would see otherwise. */
    fx_place(f, f->b, fx_limit(LN_SELL, 640500, 10));
    fx_place(f, f->b, fx_limit(LN_SELL, 641000, 10));
    ln_ex_account c = ln_ex_account_add(f->ex, 100000 * USDT);
    struct ln_order_request r = fx_limit(LN_BUY, 641000, 20);
    fx_place(f, c, r);
    assert_int_equal(pf_plan(f, f->a, id)->state, LN_PLAN_EXECUTED);
    fx_free(f);
}

static void
an_order_that_trades_when_it_is_changed_counts_too(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    quotes(f, 630000, 650000);
    int64_t id = pf_place(f, f->a, pf_normal(LN_SELL, 641000, 100)), new_id;
    fx_place(f, f->b, fx_limit(LN_SELL, 641000, 10));
    ln_ex_account c = ln_ex_account_add(f->ex, 100000 * USDT);
    int64_t order = fx_place(f, c, fx_limit(LN_BUY, 640000, 10));
    assert_int_equal(
        ln_ex_amend(f->ex, c, BTC, order, NULL, NULL, 641000, 0, &new_id),
        LN_EXR_OK);
    assert_int_equal(pf_plan(f, f->a, id)->state, LN_PLAN_EXECUTED);
    fx_free(f);
}

static void
trades_before_a_plan_was_made_or_changed_do_not_count(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    quotes(f, 630000, 650000);
    pf_print(f, 645000);
    pf_print(f, 640000);
    int64_t id = pf_place(f, f->a, pf_normal(LN_BUY, 645000, 100));
    fx_seconds(f, 2);
    assert_int_equal(pf_plan(f, f->a, id)->state, LN_PLAN_LIVE);
    pf_print(f, 644000);
    struct ln_ex_plan_change c = {.trigger_ticks = 642000};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, id, NULL, &c),
                     LN_EXR_OK);
    /* It is now reached from above. */
    pf_print(f, 643000);
    assert_int_equal(pf_plan(f, f->a, id)->state, LN_PLAN_LIVE);
    pf_print(f, 642000);
    assert_int_equal(pf_plan(f, f->a, id)->state, LN_PLAN_EXECUTED);
    fx_free(f);
}

static void
one_that_watches_the_mark_does_not_mind_the_last_price(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    quotes(f, 630000, 650000);
    struct ln_ex_plan_request q = pf_normal(LN_BUY, 640050, 100);
    q.watch = LN_WATCH_MARK;
    int64_t id = pf_place(f, f->a, q);
    pf_print(f, 645000);
    assert_int_equal(pf_plan(f, f->a, id)->state, LN_PLAN_LIVE);
    struct ln_ticker t;
    for (int i = 0; i < 400; i++) {
        ln_ex_ticker(f->ex, BTC, &t);
        bool there = t.mark_e8 >= 64005 * USDT;
        assert_int_equal(pf_plan(f, f->a, id)->state,
                         there ? LN_PLAN_EXECUTED : LN_PLAN_LIVE);
        if (there)
            break;
        fx_seconds(f, 1);
    }
    assert_int_equal(pf_plan(f, f->a, id)->state, LN_PLAN_EXECUTED);
    fx_check(f);
    fx_free(f);
}

static void
a_limit_plan_places_an_order_that_may_rest(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    quotes(f, 630000, 650000);
    struct ln_ex_plan_request q = pf_normal(LN_BUY, 641000, 100);
    q.limit_ticks = 640500;
    q.tif = LN_POST_ONLY;
    q.stp = LN_STP_CANCEL_BOTH;
    int64_t id = pf_place(f, f->a, q);
    pf_print(f, 641000);
    const struct ln_ex_order *o =
        fx_order(f, f->a, pf_plan(f, f->a, id)->order_id);
    assert_int_equal(o->state, LN_ORDER_LIVE);
    assert_int_equal(o->req.price_ticks, 640500);
    assert_int_equal(o->req.tif, LN_POST_ONLY);
    assert_int_equal(o->req.stp, LN_STP_CANCEL_BOTH);
    assert_true(o->locked_e8 > 0); /* from now on its money is frozen */
    /* What replaces it still comes from the plan. */
    int64_t new_id;
    assert_int_equal(
        ln_ex_amend(f->ex, f->a, BTC, o->id, NULL, NULL, 640400, 0, &new_id),
        LN_EXR_OK);
    assert_int_equal(fx_order(f, f->a, new_id)->source, LN_EXS_PLAN);
    assert_int_equal(fx_order(f, f->a, new_id)->plan_id, id);
    fx_free(f);
}

static void
an_order_that_is_refused_fails_the_plan_and_says_why(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct plan_log log;
    quotes(f, 630000, 650000);
    ln_ex_account poor = ln_ex_account_add(f->ex, 5 * USDT);
    pf_listen(&log, f);
    int64_t id = pf_place(f, poor, pf_normal(LN_BUY, 641000, 1000));
    struct ln_ex_plan_request q = pf_normal(LN_SELL, 641000, 10);
    q.reduce_only = true;
    int64_t nothing = pf_place(f, poor, q);
    pf_print(f, 641000);
    assert_string_equal(pf_states(&log, id), "LF");
    const struct ln_ex_plan *p = pf_plan(f, poor, id);
    assert_int_equal(p->refusal, LN_EXR_MARGIN);
    assert_int_equal(p->order_id, 0);
    assert_int_equal(p->triggered_ms, START_MS);
    assert_int_equal(pf_plan(f, poor, nothing)->refusal, LN_EXR_NO_POSITION);
    const struct ln_ex_order *o[1];
    assert_int_equal(ln_ex_orders(f->ex, poor, false, BTC, 0, o, 1), 0);
    fx_free(f);
}

static void
the_order_is_told_first_then_the_plan_then_its_fills(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct plan_log log;
    quotes(f, 639000, 641000);
    pf_listen(&log, f);
    ln_ex_account s = ln_ex_account_add(f->ex, 100000 * USDT);
    int64_t id = pf_place(f, f->a, pf_normal(LN_BUY, 641000, 100));
    f->n = 0;
    int64_t taker = fx_place(f, s, fx_market(LN_BUY, 10));
    int64_t order = pf_plan(f, f->a, id)->order_id;
    size_t at = 0;
    while (at < f->n && f->log[at].type != LN_EXE_PLAN)
        at++;
    assert_true(at >= 2 && at < f->n - 1);
    assert_int_equal(f->log[at - 2].type, LN_EXE_ORDER); /* and its account */
    assert_int_equal(f->log[at - 2].order_id, order);
    assert_int_equal(f->log[at - 2].state, LN_ORDER_LIVE);
    assert_int_equal(f->log[at + 1].type, LN_EXE_TRADE);
    /* All of the command that moved the price was told before that. */
    for (size_t i = at; i < f->n; i++)
        assert_false(f->log[i].type == LN_EXE_ORDER &&
                     f->log[i].order_id == taker);
    fx_free(f);
}

static void
several_fire_oldest_first_and_set_each_other_off(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    quotes(f, 600000, 650000);
    ln_ex_account mm = ln_ex_account_add(f->ex, 1000000 * USDT);
    fx_place(f, mm, fx_limit(LN_BUY, 638500, 100));
    fx_place(f, mm, fx_limit(LN_BUY, 637000, 300));
    /* Stops in a chain: the sale of each takes the price to the next. */
    int64_t last = pf_place(f, f->b, pf_normal(LN_SELL, 637000, 100));
    int64_t one = pf_place(f, f->a, pf_normal(LN_SELL, 639000, 100));
    int64_t two = pf_place(f, f->a, pf_normal(LN_SELL, 639000, 100));
    pf_print(f, 639000);
    const struct ln_ex_plan *p1 = pf_plan(f, f->a, one);
    const struct ln_ex_plan *p2 = pf_plan(f, f->a, two);
    const struct ln_ex_plan *p3 = pf_plan(f, f->b, last);
    assert_int_equal(p1->state, LN_PLAN_EXECUTED);
    assert_int_equal(p2->state, LN_PLAN_EXECUTED);
    assert_int_equal(p3->state, LN_PLAN_EXECUTED);
    assert_true(p1->order_id < p2->order_id);
    assert_true(p2->order_id < p3->order_id);
    assert_int_equal(fx_order(f, f->a, one ? p1->order_id : 0)->filled_value_e8,
                     638500 * USDT / 1000);
    fx_free(f);
}

static void
a_trailing_sale_follows_the_top_and_fires_on_the_way_down(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct plan_log log;
    quotes(f, 630000, 660000);
    pf_listen(&log, f);
    struct ln_ex_plan_request q = pf_normal(LN_SELL, 642000, 100);
    q.kind = LN_PLAN_TRACK;
    q.callback_e8 = LN_E8 / 100;
    q.limit_ticks = 5; /* means nothing: at market always */
    int64_t id = pf_place(f, f->a, q);
    const struct ln_ex_plan *p = pf_plan(f, f->a, id);
    assert_int_equal(p->req.limit_ticks, 0);
    assert_false(p->armed);
    pf_print(f, 635000); /* not armed: a fall means nothing */
    pf_print(f, 642000);
    assert_true(p->armed);
    assert_int_equal(p->extreme_ticks, 642000);
    assert_string_equal(pf_states(&log, id), "LL"); /* armed is news */
    pf_print(f, 650000);
    assert_int_equal(p->extreme_ticks, 650000);
    pf_print(f, 643501);
    assert_int_equal(p->extreme_ticks, 650000);
    assert_int_equal(p->state, LN_PLAN_LIVE);
    pf_print(f, 643500); /* 1 % below the top */
    assert_string_equal(pf_states(&log, id), "LLE");
    assert_int_equal(fx_order(f, f->a, p->order_id)->source, LN_EXS_TRACK);
    assert_int_equal(fx_position(f, f->a, BTC, LN_SHORT).size_lots, 100);
    fx_free(f);
}

static void
a_trailing_purchase_without_a_trigger_is_armed_at_once(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    quotes(f, 620000, 660000);
    struct ln_ex_plan_request q = pf_normal(LN_BUY, 0, 100);
    q.kind = LN_PLAN_TRACK;
    q.callback_e8 = LN_E8 / 100;
    /* Attached ones are ratios. */
    q.take_profit.trigger_ticks = LN_E8 / 10;
    q.stop_loss.trigger_ticks = LN_E8 / 20;
    int64_t id = pf_place(f, f->a, q);
    const struct ln_ex_plan *p = pf_plan(f, f->a, id);
    assert_true(p->armed);
    assert_int_equal(p->extreme_ticks, 640000);
    pf_print(f, 646399);
    pf_print(f, 630000);
    pf_print(f, 636299);
    assert_int_equal(p->state, LN_PLAN_LIVE);
    pf_print(f, 636300);
    assert_int_equal(p->state, LN_PLAN_EXECUTED);
    const struct ln_ex_plan *tp =
        ln_ex_plan_of_position(f->ex, f->a, BTC, LN_LONG, LN_PLAN_POS_PROFIT);
    const struct ln_ex_plan *sl =
        ln_ex_plan_of_position(f->ex, f->a, BTC, LN_LONG, LN_PLAN_POS_LOSS);
    assert_non_null(tp);
    assert_non_null(sl);
    assert_int_equal(tp->req.trigger_ticks, 699930);
    assert_int_equal(sl->req.trigger_ticks, 604485);
    fx_free(f);
}

static void
a_trailing_stop_sees_top_and_turn_of_one_command(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    quotes(f, 638000, 660000);
    struct ln_ex_plan_request q = pf_guard(LN_PLAN_MOVING, LN_SELL, 0, 60);
    q.callback_e8 = LN_E8 / 100;
    int64_t id = pf_place(f, f->a, q);
    pf_print(f, 650000);
    ln_ex_account mm = ln_ex_account_add(f->ex, 100000 * USDT);
    fx_place(f, mm, fx_limit(LN_BUY, 646000, 10));
    fx_place(f, mm, fx_limit(LN_BUY, 643000, 10));
    ln_ex_account s = ln_ex_account_add(f->ex, 100000 * USDT);
    fx_place(f, s, fx_limit(LN_SELL, 643000, 20)); /* through 643500 */
    const struct ln_ex_plan *p = pf_plan(f, f->a, id);
    assert_int_equal(p->state, LN_PLAN_EXECUTED);
    assert_int_equal(fx_order(f, f->a, p->order_id)->source, LN_EXS_MOVE);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 40);
    fx_free(f);
}

static void
a_trailing_order_with_another_trigger_is_armed_anew(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    quotes(f, 630000, 660000);
    struct ln_ex_plan_request q = pf_normal(LN_SELL, 641000, 100);
    q.kind = LN_PLAN_TRACK;
    q.callback_e8 = LN_E8 / 100;
    int64_t id = pf_place(f, f->a, q);
    const struct ln_ex_plan *p = pf_plan(f, f->a, id);
    pf_print(f, 645000);
    assert_true(p->armed);
    struct ln_ex_plan_change c = {.callback_e8 = LN_E8 / 50};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, id, NULL, &c),
                     LN_EXR_OK);
    assert_true(p->armed); /* only its distance has changed */
    pf_print(f, 638000);
    assert_int_equal(p->state, LN_PLAN_LIVE);
    c = (struct ln_ex_plan_change){.trigger_ticks = 646000};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, id, NULL, &c),
                     LN_EXR_OK);
    assert_false(p->armed);
    assert_int_equal(p->extreme_ticks, 0);
    pf_print(f, 631000);
    assert_int_equal(p->state, LN_PLAN_LIVE);
    c.trigger_ticks = -1; /* none: armed where the price is */
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, id, NULL, &c),
                     LN_EXR_OK);
    assert_true(p->armed);
    assert_int_equal(p->extreme_ticks, 631000);
    fx_free(f);
}

static void
a_take_profit_of_a_part_closes_just_that(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    quotes(f, 638000, 660000);
    ln_ex_account c = ln_ex_account_add(f->ex, 100000 * USDT);
    fx_place(f, c, fx_limit(LN_BUY, 644000, 30));
    int64_t tp =
        pf_place(f, f->a, pf_guard(LN_PLAN_PROFIT, LN_SELL, 645000, 30));
    int64_t sl = pf_place(f, f->a, pf_guard(LN_PLAN_LOSS, LN_SELL, 639000, 90));
    pf_print(f, 645000);
    const struct ln_ex_plan *p = pf_plan(f, f->a, tp);
    assert_int_equal(p->executed_lots, 30);
    assert_int_equal(fx_order(f, f->a, p->order_id)->source, LN_EXS_PROFIT);
    assert_true(fx_order(f, f->a, p->order_id)->req.reduce_only);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 70);
    /* The other one would close more than is left: it is cut. */
    assert_int_equal(pf_plan(f, f->a, sl)->req.size_lots, 70);
    pf_print(f, 639000);
    assert_int_equal(pf_plan(f, f->a, sl)->executed_lots, 70);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 0);
    fx_free(f);
}

static void
the_stop_loss_of_a_position_closes_what_there_is_then(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct plan_log log;
    fx_trade(f, 640000, 100);
    quotes(f, 638000, 660000);
    pf_listen(&log, f);
    int64_t sl =
        pf_place(f, f->a, pf_guard(LN_PLAN_POS_LOSS, LN_SELL, 639000, 0));
    int64_t tp =
        pf_place(f, f->a, pf_guard(LN_PLAN_POS_PROFIT, LN_SELL, 655000, 0));
    fx_trade(f, 640000, 150); /* the position grows */
    pf_print(f, 639000);
    const struct ln_ex_plan *p = pf_plan(f, f->a, sl);
    assert_int_equal(p->executed_lots, 250);
    assert_int_equal(fx_order(f, f->a, p->order_id)->source, LN_EXS_POS_LOSS);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 0);
    assert_string_equal(pf_states(&log, sl), "LE");
    assert_string_equal(pf_states(&log, tp), "LC"); /* nothing left to guard */
    fx_free(f);
}

static void
a_stop_loss_closes_positions_larger_than_any_market_order(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    const struct ln_instrument *in =
        ln_instruments_at(ln_ex_instruments(f->ex), BTC);
    int64_t most = in->max_market_lots;
    assert_true(most > 0 && most < INT64_MAX / 4);
    ln_ex_account rich = ln_ex_account_add(f->ex, 100000000 * USDT);
    ln_ex_account other = ln_ex_account_add(f->ex, 100000000 * USDT);
    for (int i = 0; i < 2; i++) {
        fx_place(f, other, fx_limit(LN_SELL, 640000, most));
        fx_place(f, rich, fx_limit(LN_BUY, 640000, most));
    }
    int64_t sl =
        pf_place(f, rich, pf_guard(LN_PLAN_POS_LOSS, LN_SELL, 639000, 0));
    struct ln_order_request r = fx_limit(LN_BUY, 638000, most);
    r.reduce_only = true;
    fx_place(f, other, r);
    pf_print(f, 639000);
    assert_int_equal(pf_plan(f, rich, sl)->state, LN_PLAN_EXECUTED);
    assert_int_equal(fx_position(f, rich, BTC, LN_LONG).size_lots, most);
    fx_free(f);
}

static void
in_hedge_mode_a_limit_take_profit_leaves_frozen_size_alone(void **state)
{
    (void)state;
    struct fx *f = fx_new_mode(LN_HEDGE, false);
    struct ln_order_request o = fx_limit(LN_SELL, 640000, 100);
    o.pos_side = LN_SHORT;
    fx_place(f, f->b, o);
    o.side = LN_BUY;
    o.pos_side = LN_LONG;
    fx_place(f, f->a, o);
    struct ln_ex_plan_request q =
        pf_guard(LN_PLAN_POS_PROFIT, LN_SELL, 645000, 0);
    q.pos_side = LN_LONG;
    q.limit_ticks = 646000;
    int64_t first = pf_place(f, f->a, q);
    o = fx_limit(LN_SELL, 650000, 70);
    o.pos_side = LN_LONG;
    o.reduce_only = true;
    fx_place(f, f->a, o);
    pf_print(f, 645000);
    const struct ln_ex_plan *p = pf_plan(f, f->a, first);
    assert_int_equal(p->executed_lots, 30);
    assert_int_equal(fx_order(f, f->a, p->order_id)->state, LN_ORDER_LIVE);
    /* Nothing is free any more. */
    pf_print(f, 640000);
    int64_t second = pf_place(f, f->a, q);
    pf_print(f, 645000);
    assert_int_equal(pf_plan(f, f->a, second)->state, LN_PLAN_FAILED);
    assert_int_equal(pf_plan(f, f->a, second)->refusal, LN_EXR_CLOSE_TOO_LARGE);
    fx_free(f);
}

static void
in_hedge_mode_resting_closes_give_way_to_the_stop_loss_of_all(void **state)
{
    (void)state;
    struct fx *f = fx_new_mode(LN_HEDGE, false);
    struct ln_order_request o = fx_limit(LN_SELL, 640000, 100);
    o.pos_side = LN_SHORT;
    fx_place(f, f->b, o);
    o.side = LN_BUY;
    o.pos_side = LN_LONG;
    fx_place(f, f->a, o);
    quotes(f, 638000, 660000);
    o = fx_limit(LN_SELL, 650000, 70);
    o.pos_side = LN_LONG;
    o.reduce_only = true;
    int64_t resting = fx_place(f, f->a, o);
    struct ln_ex_plan_request q = pf_guard(LN_PLAN_LOSS, LN_SELL, 639500, 10);
    q.pos_side = LN_LONG;
    int64_t part = pf_place(f, f->a, q);
    q = pf_guard(LN_PLAN_POS_LOSS, LN_SELL, 637000, 0);
    q.pos_side = LN_LONG;
    int64_t all = pf_place(f, f->a, q);
    /* A part takes of what is free of the position... */
    pf_print(f, 639500);
    assert_int_equal(pf_plan(f, f->a, part)->executed_lots, 10);
    assert_string_equal(fx_states(f, resting), "L");
    /* ... but the stop loss of the position closes it. */
    o = fx_limit(LN_SELL, 637000, 4990 + 100); /* through those who bid */
    o.pos_side = LN_SHORT;
    fx_place(f, f->b, o);
    quotes(f, 636000, 660000);
    ln_ex_account c = ln_ex_account_add(f->ex, 100000 * USDT);
    o = fx_limit(LN_BUY, 637000, 100);
    o.pos_side = LN_LONG;
    fx_place(f, c, o);
    assert_int_equal(pf_plan(f, f->a, all)->executed_lots, 90);
    assert_string_equal(fx_states(f, resting), "LC");
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 0);
    fx_free(f);
}

static void
synthetic_participants_set_plans_off_the_same_way_each_time(void **state)
{
    (void)state;
    int64_t when[2] = {0, 0};
    for (int run = 0; run < 2; run++) {
        struct fx *f = fx_new_mode(LN_ONE_WAY, true);
        struct ln_ticker t;
        ln_ex_ticker(f->ex, BTC, &t);
        int64_t up =
            pf_place(f, f->a, pf_normal(LN_BUY, t.last_ticks + 300, 100));
        int64_t down =
            pf_place(f, f->a, pf_normal(LN_BUY, t.last_ticks - 300, 100));
        for (int i = 0; i < 3600 && when[run] == 0; i++) {
            fx_seconds(f, 1);
            when[run] = pf_plan(f, f->a, up)->triggered_ms +
                        pf_plan(f, f->a, down)->triggered_ms;
        }
        assert_true(when[run] > 0);
        fx_free(f);
    }
    assert_int_equal(when[0], when[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            it_fires_when_the_last_price_crosses_from_where_it_was),
        cmocka_unit_test(a_trigger_where_the_price_is_fires_at_once),
        cmocka_unit_test(a_touch_inside_one_command_is_not_missed),
        cmocka_unit_test(an_order_that_trades_when_it_is_changed_counts_too),
        cmocka_unit_test(trades_before_a_plan_was_made_or_changed_do_not_count),
        cmocka_unit_test(
            one_that_watches_the_mark_does_not_mind_the_last_price),
        cmocka_unit_test(a_limit_plan_places_an_order_that_may_rest),
        cmocka_unit_test(an_order_that_is_refused_fails_the_plan_and_says_why),
        cmocka_unit_test(the_order_is_told_first_then_the_plan_then_its_fills),
        cmocka_unit_test(several_fire_oldest_first_and_set_each_other_off),
        cmocka_unit_test(
            a_trailing_sale_follows_the_top_and_fires_on_the_way_down),
        cmocka_unit_test(
            a_trailing_purchase_without_a_trigger_is_armed_at_once),
        cmocka_unit_test(a_trailing_stop_sees_top_and_turn_of_one_command),
        cmocka_unit_test(a_trailing_order_with_another_trigger_is_armed_anew),
        cmocka_unit_test(a_take_profit_of_a_part_closes_just_that),
        cmocka_unit_test(the_stop_loss_of_a_position_closes_what_there_is_then),
        cmocka_unit_test(
            a_stop_loss_closes_positions_larger_than_any_market_order),
        cmocka_unit_test(
            in_hedge_mode_a_limit_take_profit_leaves_frozen_size_alone),
        cmocka_unit_test(
            in_hedge_mode_resting_closes_give_way_to_the_stop_loss_of_all),
        cmocka_unit_test(
            synthetic_participants_set_plans_off_the_same_way_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
