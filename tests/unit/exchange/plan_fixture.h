/*
 * For the tests of plans: requests of each kind for the first market, and
 * what the engine told of each plan. Prices there are 0.1 USDT a tick, the
 * market starts at 64000.0 (640000 ticks).
 */
#ifndef LN_TESTS_EXCHANGE_PLAN_FIXTURE_H
#define LN_TESTS_EXCHANGE_PLAN_FIXTURE_H

#include "exchange/plans.h"
#include "unit/exchange/fixture.h"

/* What was told of plans, as letters: L live or changed, E, F, C. */
struct plan_log {
    struct {
        int64_t id;
        char state;
    } seen[256];
    size_t n;
    struct fx *f;
};

static inline void
pf_see(void *ctx, const struct ln_ex_event *e)
{
    struct plan_log *log = ctx;
    if (e->type == LN_EXE_PLAN && log->n < 256) {
        static const char states[] = "?LEFC";
        log->seen[log->n].id = e->u.plan->id;
        log->seen[log->n++].state = states[e->u.plan->state];
    }
    fx_see(log->f, e);
}

static inline void
pf_listen(struct plan_log *log, struct fx *f)
{
    log->n = 0;
    log->f = f;
    ln_ex_set_sink(f->ex, pf_see, log);
}

static inline const char *
pf_states(const struct plan_log *log, int64_t id)
{
    static char text[64];
    size_t n = 0;
    for (size_t i = 0; i < log->n && n < sizeof(text) - 1; i++)
        if (log->seen[i].id == id)
            text[n++] = log->seen[i].state;
    text[n] = 0;
    return text;
}

/* An order at market when the last price comes to <trigger>. */
static inline struct ln_ex_plan_request
pf_normal(enum ln_side side, int64_t trigger, int64_t lots)
{
    return (struct ln_ex_plan_request){.kind = LN_PLAN_NORMAL,
                                       .instrument = BTC,
                                       .side = (uint8_t)side,
                                       .watch = LN_WATCH_FILL,
                                       .size_lots = lots,
                                       .trigger_ticks = trigger};
}

/* Something that guards a long (close by selling) or a short (buying). */
static inline struct ln_ex_plan_request
pf_guard(enum ln_ex_plan_kind kind, enum ln_side close_side, int64_t trigger,
         int64_t lots)
{
    struct ln_ex_plan_request q = pf_normal(close_side, trigger, lots);
    q.kind = (uint8_t)kind;
    return q;
}

static inline int64_t
pf_place(struct fx *f, ln_ex_account a, struct ln_ex_plan_request q)
{
    int64_t id = 0;
    enum ln_ex_refusal why = ln_ex_plan_place(f->ex, a, &q, &id);
    if (why != LN_EXR_OK)
        fail_msg("refused: %s", ln_ex_refusal_text(why));
    assert_true(id > 0);
    fx_check(f);
    return id;
}

static inline void
pf_refused(struct fx *f, ln_ex_account a, struct ln_ex_plan_request q,
           enum ln_ex_refusal expected)
{
    int64_t id = 1;
    size_t before = f->n;
    enum ln_ex_refusal why = ln_ex_plan_place(f->ex, a, &q, &id);
    if (why != expected)
        fail_msg("expected \"%s\", got \"%s\"", ln_ex_refusal_text(expected),
                 ln_ex_refusal_text(why));
    assert_int_equal(id, 0);
    assert_int_equal(f->n, before);
}

static inline const struct ln_ex_plan *
pf_plan(const struct fx *f, ln_ex_account a, int64_t id)
{
    const struct ln_ex_plan *p = ln_ex_plan_find(f->ex, a, id, NULL);
    assert_non_null(p);
    return p;
}

/* A trade at this price between two strangers, smallest of sizes. */
static inline void
pf_print(struct fx *f, int64_t price)
{
    ln_ex_account s = ln_ex_account_add(f->ex, 100000 * USDT);
    ln_ex_account t = ln_ex_account_add(f->ex, 100000 * USDT);
    if (ln_ex_pos_mode(f->ex, s) == LN_HEDGE) {
        ln_ex_set_pos_mode(f->ex, s, LN_ONE_WAY);
        ln_ex_set_pos_mode(f->ex, t, LN_ONE_WAY);
    }
    fx_place(f, s, fx_limit(LN_SELL, price, 10));
    fx_place(f, t, fx_limit(LN_BUY, price, 10));
    fx_check(f);
}

static inline size_t
pf_live(const struct fx *f, ln_ex_account a)
{
    const struct ln_ex_plan *p[64];
    return ln_ex_plans(f->ex, a, true, 0, LN_INSTRUMENT_NONE, 0, p, 64);
}

#endif
