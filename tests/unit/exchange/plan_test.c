/*
 * Commands on plans: what each kind needs, what is refused, how they are
 * modified, cancelled, listed and found.
 */
#include "exchange/exchange_int.h"
#include "unit/exchange/plan_fixture.h"

static void
a_trigger_order_waits_in_no_book_and_freezes_nothing(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct plan_log log;
    pf_listen(&log, f);
    struct ln_ex_plan_request q = pf_normal(LN_BUY, 641000, 100);
    q.limit_ticks = 641500;
    int64_t id = pf_place(f, f->a, q);
    const struct ln_ex_plan *p = pf_plan(f, f->a, id);
    assert_int_equal(p->state, LN_PLAN_LIVE);
    assert_int_equal(p->req.limit_ticks, 641500);
    assert_int_equal(p->req.tif, LN_GTC);
    assert_int_equal(p->created_ms, START_MS);
    assert_int_equal(p->order_id, 0);
    assert_string_equal(pf_states(&log, id), "L");
    struct ln_level l;
    assert_int_equal(ln_ex_depth(f->ex, BTC, LN_BUY, &l, 1), 0);
    assert_int_equal(fx_balance(f, f->a).locked_e8, 0);
    const struct ln_ex_order *o[1];
    assert_int_equal(ln_ex_orders(f->ex, f->a, true, BTC, 0, o, 1), 0);
    fx_free(f);
}

static void
nonsense_is_refused_and_leaves_no_trace(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_ex_plan_request good = pf_normal(LN_BUY, 641000, 100), q;
#define REFUSED(change, why)                                                   \
    do {                                                                       \
        q = good;                                                              \
        change;                                                                \
        pf_refused(f, f->a, q, why);                                           \
    } while (0)
    REFUSED(q.kind = 0, LN_EXR_SYMBOL);
    REFUSED(q.kind = LN_PLAN_KINDS, LN_EXR_SYMBOL);
    REFUSED(q.instrument = 9, LN_EXR_SYMBOL);
    REFUSED(q.side = 0, LN_EXR_POS_MODE);
    REFUSED(q.pos_side = LN_LONG, LN_EXR_POS_MODE);
    REFUSED(q.trigger_ticks = 0, LN_EXR_PRICE);
    REFUSED(q.trigger_ticks = -5, LN_EXR_PRICE);
    REFUSED(q.limit_ticks = -5, LN_EXR_PRICE);
    REFUSED(q.trigger_ticks = INT64_MAX, LN_EXR_PRICE_BAND);
    REFUSED(q.limit_ticks = INT64_MAX, LN_EXR_PRICE_BAND);
    REFUSED(q.size_lots = 0, LN_EXR_SIZE_MIN);
    REFUSED(q.size_lots = INT64_MAX, LN_EXR_SIZE_MAX);
    REFUSED((q.kind = LN_PLAN_TRACK, q.callback_e8 = 0), LN_EXR_CALLBACK);
    REFUSED((q.kind = LN_PLAN_TRACK, q.callback_e8 = LN_E8 / 10 + 1),
            LN_EXR_CALLBACK);
    REFUSED((q.kind = LN_PLAN_PROFIT, q.side = LN_SELL), LN_EXR_NO_POSITION);
    REFUSED(q.take_profit.trigger_ticks = 641000, LN_EXR_PRESET);
    REFUSED(q.stop_loss.trigger_ticks = 641000, LN_EXR_PRESET);
    REFUSED(q.margin_mode = 9, LN_EXR_LOCKED);
#undef REFUSED
    assert_int_equal(pf_live(f, f->a), 0);
    int64_t id;
    assert_int_equal(ln_ex_plan_place(f->ex, 99, &good, &id), LN_EXR_SYMBOL);
    fx_free(f);
}

static void
a_symbol_that_is_not_open_takes_none(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    ln_ex_set_status(f->ex, BTC, LN_INST_OFF);
    pf_refused(f, f->a, pf_normal(LN_BUY, 641000, 10), LN_EXR_SYMBOL_STATE);
    ln_ex_set_status(f->ex, BTC, LN_INST_LIMIT_OPEN);
    pf_refused(f, f->a, pf_normal(LN_BUY, 641000, 10), LN_EXR_SYMBOL_STATE);
    /* What closes may still be placed. */
    pf_place(f, f->a, pf_guard(LN_PLAN_POS_LOSS, LN_SELL, 630000, 0));
    fx_free(f);
}

static void
take_profit_lies_beyond_the_price_and_stop_loss_before_it(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100); /* a is long, b is short */
    struct {
        enum ln_ex_plan_kind kind;
        bool long_above; /* the side that is right for a long */
    } kinds[] = {{LN_PLAN_PROFIT, true},
                 {LN_PLAN_LOSS, false},
                 {LN_PLAN_POS_PROFIT, true},
                 {LN_PLAN_POS_LOSS, false}};
    for (size_t i = 0; i < 4; i++) {
        int64_t size = i < 2 ? 50 : 0;
        int64_t above = 641000, below = 639000;
        int64_t right = kinds[i].long_above ? above : below;
        int64_t wrong = kinds[i].long_above ? below : above;
        pf_refused(f, f->a, pf_guard(kinds[i].kind, LN_SELL, wrong, size),
                   LN_EXR_TRIGGER_SIDE);
        pf_refused(f, f->a, pf_guard(kinds[i].kind, LN_SELL, 640000, size),
                   LN_EXR_TRIGGER_SIDE);
        pf_refused(f, f->b, pf_guard(kinds[i].kind, LN_BUY, right, size),
                   LN_EXR_TRIGGER_SIDE);
        pf_place(f, f->a, pf_guard(kinds[i].kind, LN_SELL, right, size));
        pf_place(f, f->b, pf_guard(kinds[i].kind, LN_BUY, wrong, size));
    }
    /* Against the price that it watches: the mark has not moved yet. */
    pf_print(f, 641000);
    struct ln_ex_plan_request q = pf_guard(LN_PLAN_LOSS, LN_SELL, 640500, 50);
    q.watch = LN_WATCH_MARK;
    pf_refused(f, f->a, q, LN_EXR_TRIGGER_SIDE);
    q.watch = LN_WATCH_FILL;
    pf_place(f, f->a, q);
    fx_free(f);
}

static void
a_position_has_one_take_profit_and_one_stop_loss_of_its_own(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    struct ln_ex_plan_request tp =
        pf_guard(LN_PLAN_POS_PROFIT, LN_SELL, 650000, 77);
    struct ln_ex_plan_request sl =
        pf_guard(LN_PLAN_POS_LOSS, LN_SELL, 630000, 0);
    int64_t tp_id = pf_place(f, f->a, tp);
    assert_int_equal(pf_plan(f, f->a, tp_id)->req.size_lots, 0);
    assert_true(pf_plan(f, f->a, tp_id)->req.reduce_only);
    int64_t sl_id = pf_place(f, f->a, sl);
    pf_refused(f, f->a, tp, LN_EXR_PLAN_EXISTS);
    pf_refused(f, f->a, sl, LN_EXR_PLAN_EXISTS);
    assert_ptr_equal(
        ln_ex_plan_of_position(f->ex, f->a, BTC, LN_LONG, LN_PLAN_POS_PROFIT),
        pf_plan(f, f->a, tp_id));
    assert_ptr_equal(
        ln_ex_plan_of_position(f->ex, f->a, BTC, LN_LONG, LN_PLAN_POS_LOSS),
        pf_plan(f, f->a, sl_id));
    assert_null(
        ln_ex_plan_of_position(f->ex, f->a, BTC, LN_SHORT, LN_PLAN_POS_LOSS));
    assert_null(
        ln_ex_plan_of_position(f->ex, f->a, BTC, LN_LONG, LN_PLAN_LOSS));
    /* Partial ones may be as many as one likes, each within the position. */
    for (int i = 0; i < 3; i++)
        pf_place(f, f->a, pf_guard(LN_PLAN_LOSS, LN_SELL, 630000 + i, 100));
    pf_refused(f, f->a, pf_guard(LN_PLAN_LOSS, LN_SELL, 630000, 101),
               LN_EXR_CLOSE_TOO_LARGE);
    assert_int_equal(ln_ex_plan_cancel(f->ex, f->a, BTC, tp_id, NULL),
                     LN_EXR_OK);
    pf_place(f, f->a, tp);
    fx_free(f);
}

static void
in_hedge_mode_a_plan_names_its_position(void **state)
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
        pf_guard(LN_PLAN_POS_LOSS, LN_SELL, 630000, 0);
    pf_refused(f, f->a, q, LN_EXR_POS_MODE);
    q.pos_side = LN_SHORT;
    pf_refused(f, f->a, q, LN_EXR_POS_MODE);
    q.pos_side = LN_LONG;
    pf_place(f, f->a, q);
    q = pf_guard(LN_PLAN_POS_LOSS, LN_BUY, 650000, 0);
    q.pos_side = LN_SHORT;
    pf_refused(f, f->a, q, LN_EXR_NO_POSITION);
    pf_place(f, f->b, q);
    /* Trigger orders open or close, as their flag says. */
    q = pf_normal(LN_SELL, 630000, 10);
    q.pos_side = LN_LONG;
    pf_refused(f, f->a, q, LN_EXR_POS_MODE);
    q.reduce_only = true;
    pf_place(f, f->a, q);
    fx_free(f);
}

static void
a_client_oid_is_unique_among_waiting_plans(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_ex_plan_request q = pf_normal(LN_BUY, 641000, 100);
    strcpy(q.client_oid, "mine");
    int64_t first = pf_place(f, f->a, q);
    pf_refused(f, f->a, q, LN_EXR_DUPLICATE_OID);
    pf_place(f, f->b, q); /* another account's */
    assert_ptr_equal(ln_ex_plan_find(f->ex, f->a, 0, "mine"),
                     pf_plan(f, f->a, first));
    assert_null(ln_ex_plan_find(f->ex, f->b, first, NULL));
    assert_int_equal(ln_ex_plan_cancel(f->ex, f->a, BTC, 0, "mine"), LN_EXR_OK);
    int64_t second = pf_place(f, f->a, q);
    assert_int_equal(ln_ex_plan_find(f->ex, f->a, 0, "mine")->id, second);
    /* Without one, it gets its id for a name. */
    q.client_oid[0] = 0;
    int64_t third = pf_place(f, f->a, q);
    char name[32];
    snprintf(name, sizeof(name), "%lld", (long long)third);
    assert_int_equal(ln_ex_plan_find(f->ex, f->a, 0, name)->id, third);
    fx_free(f);
}

static void
a_cancelled_plan_never_fires_and_stays_in_the_history(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct plan_log log;
    pf_listen(&log, f);
    int64_t id = pf_place(f, f->a, pf_normal(LN_BUY, 641000, 100));
    assert_int_equal(ln_ex_plan_cancel(f->ex, f->a, ETH, id, NULL),
                     LN_EXR_NOT_FOUND);
    assert_int_equal(ln_ex_plan_cancel(f->ex, f->b, BTC, id, NULL),
                     LN_EXR_NOT_FOUND);
    assert_int_equal(
        ln_ex_plan_cancel(f->ex, f->a, LN_INSTRUMENT_NONE, id, NULL),
        LN_EXR_OK);
    assert_int_equal(ln_ex_plan_cancel(f->ex, f->a, BTC, id, NULL),
                     LN_EXR_FINAL);
    pf_print(f, 641000);
    assert_string_equal(pf_states(&log, id), "LC");
    assert_int_equal(pf_plan(f, f->a, id)->state, LN_PLAN_CANCELLED);
    assert_int_equal(fx_position(f, f->a, BTC, LN_LONG).size_lots, 0);
    fx_free(f);
}

static void
a_modified_plan_keeps_its_id_and_what_is_not_changed(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct plan_log log;
    pf_listen(&log, f);
    struct ln_ex_plan_request q = pf_normal(LN_BUY, 641000, 100);
    q.limit_ticks = 641100;
    q.take_profit = (struct ln_ex_attached){650000, 650100, LN_WATCH_MARK};
    strcpy(q.client_oid, "one");
    int64_t id = pf_place(f, f->a, q);
    struct ln_ex_plan_change c = {.trigger_ticks = 642000,
                                  .stop_loss = {630000, 0, 0},
                                  .new_client_oid = "two"};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, 0, "one", &c),
                     LN_EXR_OK);
    const struct ln_ex_plan *p = ln_ex_plan_find(f->ex, f->a, 0, "two");
    assert_non_null(p);
    assert_null(ln_ex_plan_find(f->ex, f->a, 0, "one"));
    assert_int_equal(p->id, id);
    assert_int_equal(p->req.trigger_ticks, 642000);
    assert_int_equal(p->req.limit_ticks, 641100);
    assert_int_equal(p->req.size_lots, 100);
    assert_int_equal(p->req.take_profit.trigger_ticks, 650000);
    assert_int_equal(p->req.take_profit.limit_ticks, 650100);
    assert_int_equal(p->req.take_profit.watch, LN_WATCH_MARK);
    assert_int_equal(p->req.stop_loss.trigger_ticks, 630000);
    assert_int_equal(p->req.stop_loss.watch, LN_WATCH_FILL);

    c = (struct ln_ex_plan_change){.limit_ticks = -1,
                                   .take_profit = {-1, 0, 0}};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, id, NULL, &c),
                     LN_EXR_OK);
    assert_int_equal(p->req.limit_ticks, 0);
    assert_int_equal(p->req.take_profit.trigger_ticks, 0);
    assert_int_equal(p->req.take_profit.limit_ticks, 0);
    assert_string_equal(pf_states(&log, id), "LLL");

    pf_print(f, 641000); /* its old trigger means nothing now */
    assert_int_equal(p->state, LN_PLAN_LIVE);
    fx_place(f, f->b, fx_limit(LN_SELL, 642000, 200));
    pf_print(f, 642000);
    assert_int_equal(p->state, LN_PLAN_EXECUTED);
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, id, NULL, &c),
                     LN_EXR_FINAL);
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, 5, NULL, &c),
                     LN_EXR_NOT_FOUND);
    fx_free(f);
}

static void
a_change_that_is_refused_changes_nothing(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    int64_t tp =
        pf_place(f, f->a, pf_guard(LN_PLAN_POS_PROFIT, LN_SELL, 650000, 0));
    struct ln_ex_plan_request q = pf_guard(LN_PLAN_LOSS, LN_SELL, 630000, 50);
    strcpy(q.client_oid, "taken");
    int64_t sl = pf_place(f, f->a, q);
    struct ln_ex_plan_request before = pf_plan(f, f->a, sl)->req;
    f->n = 0;
    struct ln_ex_plan_change c = {.trigger_ticks = 641000};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, sl, NULL, &c),
                     LN_EXR_TRIGGER_SIDE);
    c = (struct ln_ex_plan_change){.size_lots = 101};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, sl, NULL, &c),
                     LN_EXR_CLOSE_TOO_LARGE);
    c = (struct ln_ex_plan_change){.new_client_oid = "taken"};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, tp, NULL, &c),
                     LN_EXR_DUPLICATE_OID);
    assert_memory_equal(&before, &pf_plan(f, f->a, sl)->req, sizeof(before));
    assert_int_equal(f->n, 0);
    /* Its own name, and its own place as the take profit, are not taken. */
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, sl, NULL, &c),
                     LN_EXR_OK);
    c = (struct ln_ex_plan_change){.trigger_ticks = 660000};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, tp, NULL, &c),
                     LN_EXR_OK);
    fx_free(f);
}

static void
lists_are_newest_first_by_kind_market_and_cursor(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    int64_t ids[5];
    for (int i = 0; i < 4; i++)
        ids[i] = pf_place(f, f->a, pf_normal(LN_BUY, 641000 + i, 10));
    ids[4] = pf_place(f, f->a, pf_guard(LN_PLAN_LOSS, LN_SELL, 630000, 10));
    ln_ex_plan_cancel(f->ex, f->a, BTC, ids[3], NULL);
    ln_ex_plan_cancel(f->ex, f->a, BTC, ids[1], NULL);
    const struct ln_ex_plan *p[8];
    assert_int_equal(ln_ex_plans(f->ex, f->a, true, 0, BTC, 0, p, 8), 3);
    assert_int_equal(p[0]->id, ids[4]);
    assert_int_equal(p[1]->id, ids[2]);
    assert_int_equal(p[2]->id, ids[0]);
    assert_int_equal(ln_ex_plans(f->ex, f->a, true, 0, BTC, ids[4], p, 1), 1);
    assert_int_equal(p[0]->id, ids[2]);
    assert_int_equal(ln_ex_plans(f->ex, f->a, true, 0, ETH, 0, p, 8), 0);
    assert_int_equal(
        ln_ex_plans(f->ex, f->a, true, 1u << LN_PLAN_LOSS, BTC, 0, p, 8), 1);
    assert_int_equal(p[0]->id, ids[4]);
    /* History: by id, however they ended. */
    assert_int_equal(
        ln_ex_plans(f->ex, f->a, false, 0, LN_INSTRUMENT_NONE, 0, p, 8), 2);
    assert_int_equal(p[0]->id, ids[3]);
    assert_int_equal(p[1]->id, ids[1]);
    assert_int_equal(ln_ex_plans(f->ex, f->b, true, 0, BTC, 0, p, 8), 0);
    assert_int_equal(ln_ex_plans(f->ex, 99, true, 0, BTC, 0, p, 8), 0);
    fx_free(f);
}

static void
only_so_many_wait_and_only_so_many_ended_ones_are_kept(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t first = 0, id = 0;
    for (int i = 0; i < LN_EX_PLANS_PER_ACCOUNT_MAX; i++)
        id = pf_place(f, f->a, pf_normal(LN_BUY, 641000, 10));
    pf_refused(f, f->a, pf_normal(LN_BUY, 641000, 10), LN_EXR_TOO_MANY);
    assert_int_equal(ln_ex_plan_cancel(f->ex, f->a, BTC, id, NULL), LN_EXR_OK);
    first = id;
    for (int i = 0; i < LN_EX_PLAN_HISTORY_MAX; i++) {
        struct ln_ex_plan_request q = pf_normal(LN_BUY, 641000, 10);
        assert_int_equal(ln_ex_plan_place(f->ex, f->a, &q, &id), LN_EXR_OK);
        assert_int_equal(ln_ex_plan_cancel(f->ex, f->a, BTC, id, NULL),
                         LN_EXR_OK);
    }
    assert_null(ln_ex_plan_find(f->ex, f->a, first, NULL));
    assert_non_null(ln_ex_plan_find(f->ex, f->a, id, NULL));
    static const struct ln_ex_plan *p[LN_EX_PLAN_HISTORY_MAX + 1];
    assert_int_equal(ln_ex_plans(f->ex, f->a, false, 0, BTC, 0, p,
                                 LN_EX_PLAN_HISTORY_MAX + 1),
                     LN_EX_PLAN_HISTORY_MAX);
    fx_free(f);
}

/* Setting the flag that a liquidation sets while it works. */
static void
an_account_in_liquidation_can_command_nothing_and_its_plans_wait(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100);
    int64_t order = fx_place(f, f->a, fx_limit(LN_BUY, 630000, 10)), id, other;
    int64_t sl =
        pf_place(f, f->a, pf_guard(LN_PLAN_POS_LOSS, LN_SELL, 639000, 0));
    ln_ex_account mm = ln_ex_account_add(f->ex, 100000 * USDT);
    fx_place(f, mm, fx_limit(LN_BUY, 638000, 500));
    struct ln_ex_client *c = ln_ex_client(f->ex, f->a);
    c->reducing = true;
    fx_refused(f, f->a, fx_limit(LN_BUY, 630000, 10), LN_EXR_REDUCING);
    pf_refused(f, f->a, pf_normal(LN_BUY, 650000, 10), LN_EXR_REDUCING);
    struct ln_ex_plan_change change = {.trigger_ticks = 639500};
    assert_int_equal(ln_ex_plan_modify(f->ex, f->a, BTC, sl, NULL, &change),
                     LN_EXR_REDUCING);
    assert_int_equal(ln_ex_plan_cancel(f->ex, f->a, BTC, sl, NULL),
                     LN_EXR_REDUCING);
    assert_int_equal(ln_ex_cancel(f->ex, f->a, BTC, order, NULL),
                     LN_EXR_REDUCING);
    assert_int_equal(
        ln_ex_amend(f->ex, f->a, BTC, order, NULL, NULL, 631000, 0, &id),
        LN_EXR_REDUCING);
    assert_int_equal(
        ln_ex_amend_presets(f->ex, f->a, BTC, order, NULL, 650000, 0),
        LN_EXR_REDUCING);
    assert_int_equal(
        ln_ex_reverse(f->ex, f->a, BTC, LN_LONG, 0, NULL, &id, &other),
        LN_EXR_REDUCING);
    assert_int_equal(ln_ex_cancel_all(f->ex, f->a, BTC), 0);
    pf_print(f, 639000);
    pf_print(f, 640000);
    assert_int_equal(pf_plan(f, f->a, sl)->state, LN_PLAN_LIVE);
    /* Its price has been there: it fires as soon as that is over. */
    c->reducing = false;
    fx_seconds(f, 1);
    assert_int_equal(pf_plan(f, f->a, sl)->state, LN_PLAN_EXECUTED);
    fx_free(f);
}

static void
live_plans_are_counted_for_those_who_lock_settings(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    const struct ln_ex_client *c = ln_ex_client(f->ex, f->a);
    assert_int_equal(ln_ex_plans_live(c, LN_INSTRUMENT_NONE), 0);
    int64_t id = pf_place(f, f->a, pf_normal(LN_BUY, 641000, 10));
    struct ln_ex_plan_request q = pf_normal(LN_BUY, 1000000, 10);
    q.instrument = ETH;
    struct ln_ticker t;
    ln_ex_ticker(f->ex, ETH, &t);
    q.trigger_ticks = t.last_ticks * 2;
    q.size_lots = 1000;
    pf_place(f, f->a, q);
    assert_int_equal(ln_ex_plans_live(c, LN_INSTRUMENT_NONE), 2);
    assert_int_equal(ln_ex_plans_live(c, BTC), 1);
    assert_int_equal(ln_ex_plan_cancel(f->ex, f->a, BTC, id, NULL), LN_EXR_OK);
    assert_int_equal(ln_ex_plans_live(c, BTC), 0);
    fx_free(f);
}

static void
every_refusal_has_words(void **state)
{
    (void)state;
    const char *unknown = ln_ex_refusal_text(LN_EXR_KINDS);
    for (int r = 0; r < LN_EXR_KINDS; r++)
        assert_string_not_equal(ln_ex_refusal_text((enum ln_ex_refusal)r),
                                unknown);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trigger_order_waits_in_no_book_and_freezes_nothing),
        cmocka_unit_test(nonsense_is_refused_and_leaves_no_trace),
        cmocka_unit_test(a_symbol_that_is_not_open_takes_none),
        cmocka_unit_test(
            take_profit_lies_beyond_the_price_and_stop_loss_before_it),
        cmocka_unit_test(
            a_position_has_one_take_profit_and_one_stop_loss_of_its_own),
        cmocka_unit_test(in_hedge_mode_a_plan_names_its_position),
        cmocka_unit_test(a_client_oid_is_unique_among_waiting_plans),
        cmocka_unit_test(a_cancelled_plan_never_fires_and_stays_in_the_history),
        cmocka_unit_test(a_modified_plan_keeps_its_id_and_what_is_not_changed),
        cmocka_unit_test(a_change_that_is_refused_changes_nothing),
        cmocka_unit_test(lists_are_newest_first_by_kind_market_and_cursor),
        cmocka_unit_test(
            only_so_many_wait_and_only_so_many_ended_ones_are_kept),
        cmocka_unit_test(
            an_account_in_liquidation_can_command_nothing_and_its_plans_wait),
        cmocka_unit_test(live_plans_are_counted_for_those_who_lock_settings),
        cmocka_unit_test(every_refusal_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
