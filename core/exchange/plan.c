/*
 * Commands on plans: place, modify, cancel. A plan is judged as far as that
 * is possible before its price has come; the rest is judged when it fires
 * (plan_fire.c).
 */
#include "base/assert.h"
#include "exchange/plan_int.h"

#define FAR_PRICE 10 /* no price is beyond this many times the mark */

/* A plan under judgement. */
struct wish {
    const struct ln_ex_market *m;
    struct ln_ex_client *c;
    struct ln_ex_plan_request q;
    const struct ln_ex_plan_node *instead_of; /* modify */
};

/* ---- judgement ---- */

static bool
far_price(const struct ln_ex_market *m, int64_t ticks)
{
    int64_t most = ln_mul_div(m->mark_e8, FAR_PRICE, 1, LN_ROUND_FLOOR);
    return ticks > ln_price_ticks_of_e8(m->in, most, LN_ROUND_FLOOR);
}

static enum ln_ex_refusal
check_state(const struct wish *w)
{
    const struct ln_ex_plan_request *q = &w->q;
    LN_ASSERT(w->m);
    uint8_t status = w->m->in->status;
    bool closes = q->reduce_only || ln_ex_plan_guards(q->kind);
    if (status == LN_INST_NORMAL || (status == LN_INST_LIMIT_OPEN && closes))
        return LN_EXR_OK;
    return LN_EXR_SYMBOL_STATE;
}

static enum ln_ex_refusal
check_margin_mode(struct wish *w)
{
    const struct ln_ex_slot *s = &w->c->slots[w->m->index];
    if (w->q.margin_mode == 0)
        w->q.margin_mode = s->margin_mode;
    bool known =
        w->q.margin_mode == LN_CROSSED || w->q.margin_mode == LN_ISOLATED;
    bool used = s->pos[0].lots || s->pos[1].lots;
    for (const struct ln_ex_record *r = w->c->open_newest; r && !used;
         r = r->open_older)
        used = r->o.req.instrument == w->m->index;
    return known && (w->q.margin_mode == s->margin_mode || !used)
               ? LN_EXR_OK
               : LN_EXR_LOCKED;
}

static enum ln_ex_refusal
check_prices(struct wish *w)
{
    struct ln_ex_plan_request *q = &w->q;
    if (q->watch != LN_WATCH_MARK)
        q->watch = LN_WATCH_FILL;
    if (q->stp > LN_STP_CANCEL_BOTH)
        q->stp = LN_STP_NONE;
    if (q->tif < LN_GTC || q->tif > LN_POST_ONLY || q->limit_ticks == 0)
        q->tif = LN_GTC;
    if (ln_ex_plan_trails(q->kind)) {
        q->limit_ticks = 0;
        if (q->callback_e8 <= 0 || q->callback_e8 > LN_EX_CALLBACK_MAX_E8)
            return LN_EXR_CALLBACK;
    } else {
        q->callback_e8 = 0;
        if (q->trigger_ticks == 0)
            return LN_EXR_PRICE;
    }
    if (q->trigger_ticks < 0 || q->limit_ticks < 0)
        return LN_EXR_PRICE;
    if (far_price(w->m, q->trigger_ticks) || far_price(w->m, q->limit_ticks))
        return LN_EXR_PRICE_BAND;
    return LN_EXR_OK;
}

/* Take profit lies where the price brings profit, stop loss where loss. */
static enum ln_ex_refusal
check_trigger_side(const struct wish *w)
{
    const struct ln_ex_plan_request *q = &w->q;
    bool profit = q->kind == LN_PLAN_PROFIT || q->kind == LN_PLAN_POS_PROFIT;
    bool loss = q->kind == LN_PLAN_LOSS || q->kind == LN_PLAN_POS_LOSS;
    if (!profit && !loss)
        return LN_EXR_OK;
    bool is_long = ln_ex_plan_which(q) == 0;
    int64_t trigger = ln_price_e8(w->m->in, q->trigger_ticks);
    int64_t now = ln_ex_watched_e8(w->m, q->watch);
    bool above = profit == is_long;
    return (above ? trigger > now : trigger < now) ? LN_EXR_OK
                                                   : LN_EXR_TRIGGER_SIDE;
}

static enum ln_ex_refusal
check_guarded(struct wish *w)
{
    struct ln_ex_plan_request *q = &w->q;
    int64_t held = w->c->slots[w->m->index].pos[ln_ex_plan_which(q)].lots;
    if (held == 0)
        return LN_EXR_NO_POSITION;
    if (!ln_ex_plan_whole(q->kind))
        return q->size_lots > held ? LN_EXR_CLOSE_TOO_LARGE : LN_EXR_OK;
    q->size_lots = 0;
    for (const struct ln_ex_plan_node *n =
             w->c->plans ? w->c->plans->live_newest : NULL;
         n; n = n->live_older)
        if (n != w->instead_of && n->p.req.kind == q->kind &&
            n->p.req.instrument == q->instrument && n->p.req.side == q->side)
            return LN_EXR_PLAN_EXISTS;
    return LN_EXR_OK;
}

/* Attached ones against the price at which the plan's order will be. */
static enum ln_ex_refusal
check_attached(struct wish *w)
{
    struct ln_ex_plan_request *q = &w->q;
    struct ln_ex_attached *both[2] = {&q->take_profit, &q->stop_loss};
    if (ln_ex_plan_guards(q->kind)) {
        q->take_profit = q->stop_loss = (struct ln_ex_attached){0};
        return LN_EXR_OK;
    }
    int64_t price = q->limit_ticks ? q->limit_ticks : q->trigger_ticks;
    for (int i = 0; i < 2; i++) {
        struct ln_ex_attached *at = both[i];
        if (at->trigger_ticks == 0) {
            *at = (struct ln_ex_attached){0};
            continue;
        }
        if (at->watch != LN_WATCH_MARK)
            at->watch = LN_WATCH_FILL;
        bool above = (i == 0) == (q->side == LN_BUY);
        if (at->trigger_ticks < 0 || at->limit_ticks < 0)
            return LN_EXR_PRESET;
        if (q->kind == LN_PLAN_TRACK) { /* a ratio; 100 % below is nothing */
            if (at->trigger_ticks > 10 * LN_E8 ||
                (!above && at->trigger_ticks >= LN_E8))
                return LN_EXR_PRESET;
            at->limit_ticks = 0;
            at->watch = LN_WATCH_FILL;
        } else if (above ? at->trigger_ticks <= price
                         : at->trigger_ticks >= price) {
            return LN_EXR_PRESET;
        } else if (far_price(w->m, at->trigger_ticks) ||
                   far_price(w->m, at->limit_ticks)) {
            return LN_EXR_PRICE_BAND;
        }
    }
    return LN_EXR_OK;
}

static enum ln_ex_refusal
check_size(const struct wish *w)
{
    const struct ln_ex_plan_request *q = &w->q;
    const struct ln_instrument *in = w->m->in;
    int64_t most = q->limit_ticks ? in->max_limit_lots : in->max_market_lots;
    if (ln_ex_plan_whole(q->kind))
        return LN_EXR_OK;
    if (q->size_lots <= 0)
        return LN_EXR_SIZE_MIN;
    if (ln_ex_plan_guards(q->kind) &&
        q->size_lots == w->c->slots[w->m->index].pos[ln_ex_plan_which(q)].lots)
        return LN_EXR_OK; /* all that there is, however little or much */
    if (q->size_lots < in->min_lots)
        return LN_EXR_SIZE_MIN;
    if (most > 0 && q->size_lots > most)
        return LN_EXR_SIZE_MAX;
    int64_t price = q->limit_ticks ? q->limit_ticks : q->trigger_ticks;
    int64_t value = price ? ln_notional_e8(in, price, q->size_lots)
                          : ln_notional_of_e8(in, w->m->mark_e8, q->size_lots);
    return value < in->min_notional_e8 ? LN_EXR_VALUE_MIN : LN_EXR_OK;
}

static enum ln_ex_refusal
check_counts(const struct wish *w)
{
    const char *oid = w->q.client_oid;
    const struct ln_ex_plan_node *same =
        oid[0] ? ln_ex_plan_node_find(w->c, 0, oid) : NULL;
    if (same && same != w->instead_of && same->p.state == LN_PLAN_LIVE)
        return LN_EXR_DUPLICATE_OID;
    bool full = !w->instead_of && w->c->plans &&
                w->c->plans->live >= LN_EX_PLANS_PER_ACCOUNT_MAX;
    return full ? LN_EXR_TOO_MANY : LN_EXR_OK;
}

static enum ln_ex_refusal
judge(struct wish *w)
{
    enum ln_ex_refusal r;
    w->q.client_oid[LN_OID_CAP - 1] = 0;
    if (ln_ex_plan_guards(w->q.kind))
        w->q.reduce_only = true;
    if ((r = check_state(w)) != LN_EXR_OK ||
        (r = ln_ex_fits_mode(w->c, w->q.side, w->q.pos_side,
                             w->q.reduce_only)) != LN_EXR_OK ||
        (r = check_margin_mode(w)) != LN_EXR_OK ||
        (r = check_prices(w)) != LN_EXR_OK)
        return r;
    if (ln_ex_plan_guards(w->q.kind) && (r = check_guarded(w)) != LN_EXR_OK)
        return r;
    if ((r = check_trigger_side(w)) != LN_EXR_OK ||
        (r = check_attached(w)) != LN_EXR_OK ||
        (r = check_size(w)) != LN_EXR_OK)
        return r;
    return check_counts(w);
}

/* ---- commands ---- */

enum ln_ex_refusal
ln_ex_plan_place(struct ln_ex *ex, ln_ex_account a,
                 const struct ln_ex_plan_request *req, int64_t *id)
{
    struct ln_ex_market *m = ln_ex_market(ex, req->instrument);
    struct wish w = {.m = m, .c = ln_ex_client(ex, a), .q = *req};
    *id = 0;
    if (!w.m || !w.c || req->kind < LN_PLAN_NORMAL ||
        req->kind >= LN_PLAN_KINDS)
        return LN_EXR_SYMBOL;
    if (w.c->reducing)
        return LN_EXR_REDUCING;
    enum ln_ex_refusal why = judge(&w);
    if (why != LN_EXR_OK)
        return why;
    struct ln_ex_plan_node *n = ln_ex_plan_new(ex, w.c, &w.q);
    if (!n)
        return LN_EXR_TOO_MANY;
    *id = n->p.id;
    ln_ex_plan_watch(ex, n);
    ln_ex_plan_emit(ex, n);
    ln_ex_plans_check(ex, m);
    return LN_EXR_OK;
}

/* A live plan of that account and market, or why there is none. */
static enum ln_ex_refusal
find_live(const struct ln_ex *ex, ln_ex_account a, uint16_t inst, int64_t id,
          const char *client_oid, struct ln_ex_plan_node **out)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    *out = c ? ln_ex_plan_node_find(c, id, client_oid) : NULL;
    if (!*out ||
        (inst != LN_INSTRUMENT_NONE && (*out)->p.req.instrument != inst))
        return LN_EXR_NOT_FOUND;
    if (c->reducing)
        return LN_EXR_REDUCING;
    return (*out)->p.state == LN_PLAN_LIVE ? LN_EXR_OK : LN_EXR_FINAL;
}

/* 0 keeps, a negative value removes. */
static void
take_over(int64_t *value, int64_t change)
{
    if (change != 0)
        *value = change < 0 ? 0 : change;
}

static void
change_attached(struct ln_ex_attached *at, const struct ln_ex_attached *change)
{
    if (change->trigger_ticks < 0) {
        *at = (struct ln_ex_attached){0};
        return;
    }
    take_over(&at->trigger_ticks, change->trigger_ticks);
    take_over(&at->limit_ticks, change->limit_ticks);
    if (change->watch)
        at->watch = change->watch;
}

/* Whether it must look anew at where the price stands. */
static bool
watches_else(const struct ln_ex_plan_request *old,
             const struct ln_ex_plan_request *q)
{
    return old->trigger_ticks != q->trigger_ticks || old->watch != q->watch;
}

enum ln_ex_refusal
ln_ex_plan_modify(struct ln_ex *ex, ln_ex_account a, uint16_t inst, int64_t id,
                  const char *client_oid,
                  const struct ln_ex_plan_change *change)
{
    struct ln_ex_plan_node *n;
    enum ln_ex_refusal why = find_live(ex, a, inst, id, client_oid, &n);
    if (why != LN_EXR_OK)
        return why;
    struct ln_ex_market *m = ln_ex_market(ex, n->p.req.instrument);
    struct wish w = {
        .m = m, .c = ln_ex_client(ex, a), .q = n->p.req, .instead_of = n};
    take_over(&w.q.size_lots, change->size_lots);
    take_over(&w.q.trigger_ticks, change->trigger_ticks);
    take_over(&w.q.limit_ticks, change->limit_ticks);
    take_over(&w.q.callback_e8, change->callback_e8);
    if (change->watch)
        w.q.watch = change->watch;
    change_attached(&w.q.take_profit, &change->take_profit);
    change_attached(&w.q.stop_loss, &change->stop_loss);
    bool renamed = change->new_client_oid && change->new_client_oid[0];
    if (renamed)
        ln_str_copy(w.q.client_oid, sizeof(w.q.client_oid),
                    ln_str(change->new_client_oid));
    if ((why = judge(&w)) != LN_EXR_OK)
        return why;
    if (renamed && !ln_ex_plan_rename(w.c, n, w.q.client_oid))
        return LN_EXR_TOO_MANY;
    bool anew = watches_else(&n->p.req, &w.q);
    n->p.req = w.q;
    n->p.updated_ms = ex->now_ms;
    if (anew)
        ln_ex_plan_watch(ex, n);
    ln_ex_plan_emit(ex, n);
    ln_ex_plans_check(ex, m);
    return LN_EXR_OK;
}

enum ln_ex_refusal
ln_ex_plan_cancel(struct ln_ex *ex, ln_ex_account a, uint16_t inst, int64_t id,
                  const char *client_oid)
{
    struct ln_ex_plan_node *n;
    enum ln_ex_refusal why = find_live(ex, a, inst, id, client_oid, &n);
    if (why != LN_EXR_OK)
        return why;
    ln_ex_plan_end(ex, n, LN_PLAN_CANCELLED);
    ln_ex_plan_emit(ex, n);
    return LN_EXR_OK;
}
