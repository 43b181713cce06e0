/*
 * Plans under anything at all: thousands of random orders with presets,
 * plans of every kind, changes, reversals and passing time. After each, the
 * engine's invariants hold, and so do those of plans.
 */
#include "base/rng.h"
#include "unit/exchange/plan_fixture.h"

#define TRADERS    4
#define OPERATIONS 15000

struct world {
    struct fx *f;
    struct ln_rng rng;
    ln_ex_account traders[TRADERS];
    int64_t fired, failed;
};

static int64_t
pick(struct world *w, int64_t n)
{
    return (int64_t)ln_rng_below(&w->rng, (uint64_t)n);
}

static int64_t
last_ticks(const struct world *w)
{
    struct ln_ticker t;
    ln_ex_ticker(w->f->ex, BTC, &t);
    return t.last_ticks;
}

static void
count(void *ctx, const struct ln_ex_event *e)
{
    struct world *w = ctx;
    if (e->type != LN_EXE_PLAN)
        return;
    w->fired += e->u.plan->state == LN_PLAN_EXECUTED;
    w->failed += e->u.plan->state == LN_PLAN_FAILED;
    if (e->u.plan->state == LN_PLAN_EXECUTED) {
        /* Its order is there, and knows it, when the plan is told. */
        const struct ln_ex_order *o =
            ln_ex_find(w->f->ex, e->account, e->u.plan->order_id, NULL);
        assert_non_null(o);
        assert_int_equal(o->plan_id, e->u.plan->id);
        assert_int_equal(o->req.size_lots, e->u.plan->executed_lots);
    }
}

/* What guards a position is never without one, nor larger than it. */
static void
check_plans(const struct world *w, ln_ex_account a)
{
    const struct ln_ex_plan *p[LN_EX_PLANS_PER_ACCOUNT_MAX + 8];
    size_t n = ln_ex_plans(w->f->ex, a, true, 0, LN_INSTRUMENT_NONE, 0, p,
                           LN_EX_PLANS_PER_ACCOUNT_MAX + 8);
    int whole[2][LN_PLAN_KINDS] = {{0}};
    for (size_t i = 0; i < n; i++) {
        const struct ln_ex_plan_request *q = &p[i]->req;
        int which = q->side == LN_SELL ? 0 : 1;
        assert_int_equal(p[i]->state, LN_PLAN_LIVE);
        assert_true(i == 0 || p[i]->id < p[i - 1]->id);
        if (q->kind < LN_PLAN_PROFIT)
            continue;
        int64_t held =
            fx_position(w->f, a, BTC, which == 0 ? LN_LONG : LN_SHORT)
                .size_lots;
        assert_true(held > 0);
        assert_true(q->size_lots <= held);
        whole[which][q->kind]++;
    }
    for (int s = 0; s < 2; s++) {
        assert_true(whole[s][LN_PLAN_POS_PROFIT] <= 1);
        assert_true(whole[s][LN_PLAN_POS_LOSS] <= 1);
    }
}

static void
order(struct world *w, ln_ex_account a, bool hedge)
{
    struct ln_order_request r =
        fx_limit(pick(w, 2) ? LN_BUY : LN_SELL, 0, 1 + pick(w, 300));
    r.price_ticks = last_ticks(w) + pick(w, 400) - 200;
    r.type = pick(w, 3) ? LN_LIMIT : LN_MARKET;
    r.tif = (uint8_t)(LN_GTC + pick(w, 4));
    r.stp = (uint8_t)pick(w, 4);
    r.reduce_only = pick(w, 4) == 0;
    if (hedge)
        r.pos_side = (r.side == LN_BUY) != r.reduce_only ? LN_LONG : LN_SHORT;
    int64_t sign = r.side == LN_BUY ? 1 : -1;
    if (pick(w, 2))
        r.take_profit_ticks = r.price_ticks + sign * (1 + pick(w, 300));
    if (pick(w, 2))
        r.stop_loss_ticks = r.price_ticks - sign * (1 + pick(w, 300));
    int64_t id;
    ln_ex_place(w->f->ex, a, &r, &id);
}

static void
plan(struct world *w, ln_ex_account a, bool hedge)
{
    struct ln_ex_plan_request q = {
        .kind = (uint8_t)(LN_PLAN_NORMAL + pick(w, LN_PLAN_KINDS - 1)),
        .instrument = BTC,
        .side = pick(w, 2) ? LN_BUY : LN_SELL,
        .watch = pick(w, 3) ? LN_WATCH_FILL : LN_WATCH_MARK,
        .stp = (uint8_t)pick(w, 4),
        .tif = (uint8_t)pick(w, 5),
        .size_lots = 1 + pick(w, 100),
        .trigger_ticks = last_ticks(w) + pick(w, 400) - 200,
        .callback_e8 = 1 + pick(w, LN_E8 / 2000)};
    q.reduce_only = q.kind >= LN_PLAN_PROFIT || pick(w, 2);
    if (hedge)
        q.pos_side = (q.side == LN_BUY) != q.reduce_only ? LN_LONG : LN_SHORT;
    if (pick(w, 3) == 0)
        q.limit_ticks = q.trigger_ticks + pick(w, 100) - 50;
    if (q.kind == LN_PLAN_NORMAL) {
        int64_t sign = q.side == LN_BUY ? 1 : -1;
        int64_t at = q.limit_ticks ? q.limit_ticks : q.trigger_ticks;
        q.take_profit.trigger_ticks = at + sign * pick(w, 200);
        q.stop_loss.trigger_ticks = at - sign * pick(w, 200);
    }
    int64_t id;
    ln_ex_plan_place(w->f->ex, a, &q, &id);
}

static void
change(struct world *w, ln_ex_account a)
{
    const struct ln_ex_plan *p[64];
    size_t n = ln_ex_plans(w->f->ex, a, true, 0, BTC, 0, p, 64);
    if (n == 0)
        return;
    const struct ln_ex_plan *one = p[pick(w, (int64_t)n)];
    if (pick(w, 3) == 0) {
        assert_int_equal(ln_ex_plan_cancel(w->f->ex, a, BTC, one->id, NULL),
                         LN_EXR_OK);
        return;
    }
    struct ln_ex_plan_change c = {.size_lots = pick(w, 100),
                                  .trigger_ticks =
                                      last_ticks(w) + pick(w, 400) - 200,
                                  .limit_ticks = pick(w, 2) ? -1 : 0,
                                  .watch = (uint8_t)pick(w, 3)};
    ln_ex_plan_modify(w->f->ex, a, BTC, one->id, NULL, &c);
}

static void
act(struct world *w, bool hedge)
{
    ln_ex_account a = w->traders[pick(w, TRADERS)];
    int64_t id, other;
    switch (pick(w, 12)) {
    case 0:
    case 1:
    case 2:
    case 3:
        order(w, a, hedge);
        break;
    case 4:
    case 5:
    case 6:
        plan(w, a, hedge);
        break;
    case 7:
        change(w, a);
        break;
    case 8:
        ln_ex_reverse(w->f->ex, a, BTC, pick(w, 2) ? LN_LONG : LN_SHORT,
                      pick(w, 200), NULL, &id, &other);
        break;
    case 9:
        ln_ex_cancel_all(w->f->ex, a, BTC);
        break;
    default:
        ln_ex_advance(w->f->ex, ln_ex_now(w->f->ex) + pick(w, 3000));
    }
}

static void
run(bool hedge)
{
    struct world w = {.f = fx_new_mode(hedge ? LN_HEDGE : LN_ONE_WAY, true)};
    ln_rng_seed(&w.rng, hedge ? 7 : 3);
    /* From rich to nearly broke: liquidations are part of it. */
    static const int64_t money[TRADERS] = {100000, 1000, 100, 20};
    for (int i = 0; i < TRADERS; i++)
        w.traders[i] = ln_ex_account_add(w.f->ex, money[i] * USDT);
    ln_ex_set_sink(w.f->ex, count, &w);
    for (int i = 0; i < OPERATIONS; i++) {
        act(&w, hedge);
        fx_check(w.f);
        for (int k = 0; k < TRADERS; k++)
            check_plans(&w, w.traders[k]);
    }
    assert_true(w.fired > 100);
    assert_true(w.failed > 0);
    fx_free(w.f);
}

static void
in_one_way_mode(void **state)
{
    (void)state;
    run(false);
}

static void
in_hedge_mode(void **state)
{
    (void)state;
    run(true);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_one_way_mode),
        cmocka_unit_test(in_hedge_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
