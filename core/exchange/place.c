/*
 * Commands on orders: place, cancel, amend. A command is judged completely
 * (judge.c) before anything changes; what is then accepted shows itself as
 * LIVE first, whatever becomes of it. When a command has traded and is over,
 * plans look at the prices that it made (plan_fire.c).
 */
#include "base/assert.h"
#include "exchange/plan_int.h"

void
ln_ex_cancel_record(struct ln_ex *ex, struct ln_ex_record *r,
                    const char *reason)
{
    struct ln_ex_client *c = ln_ex_client(ex, r->o.account);
    struct ln_ex_market *m = &ex->markets[r->o.req.instrument];
    LN_ASSERT(r->open);
    if (r->node)
        ln_ex_book_reduce(ex, m, r->node, m->nodes.items[r->node].lots);
    r->o.state = LN_ORDER_CANCELLED;
    r->o.updated_ms = ex->now_ms;
    ln_str_copy(r->o.reason, sizeof(r->o.reason), ln_str(reason));
    c->locked_e8 -= r->o.locked_e8;
    r->o.locked_e8 = 0;
    ln_ex_record_done(ex, c, r);
    ln_ex_relock(ex, c, m->index);
    ln_ex_emit_order(ex, r, NULL);
    ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, m->index);
}

/* Older closing orders make room for a new one: hedge, all of that side;
 * one-way, the oldest until the new one fits beside the rest. */
static void
make_room(struct ln_ex *ex, const struct ln_ex_want *w)
{
    int64_t held = w->slot->pos[w->req.side == LN_SELL ? 0 : 1].lots;
    int64_t excess = w->req.size_lots - held;
    const struct ln_ex_record *r = NULL;
    if (!w->req.reduce_only ||
        (w->c->pos_mode == LN_HEDGE && !w->withdraw_closes))
        return;
    while ((r = ln_ex_want_next_other(w, r)) != NULL)
        if (r->o.req.reduce_only && r->o.req.side == w->req.side)
            excess += ln_ex_rest(r);
    for (struct ln_ex_record *i = w->c->open_oldest; i;) {
        struct ln_ex_record *newer = i->open_newer;
        bool gives_way = i->o.req.instrument == w->m->index &&
                         i->o.req.reduce_only && i->o.req.side == w->req.side;
        if (gives_way && (excess > 0 || w->withdraw_closes)) {
            excess -= ln_ex_rest(i);
            ln_ex_cancel_record(ex, i, "replaced_by_newer_close");
        }
        i = newer;
    }
}

/* The order is LIVE: execute it, then rest or end it. */
static void
work(struct ln_ex *ex, const struct ln_ex_want *w, struct ln_ex_record *r)
{
    const struct ln_order_request *q = &r->o.req;
    if (q->tif == LN_POST_ONLY && w->walk.lots > 0) {
        ln_ex_cancel_record(ex, r, "post_only_would_take");
        return;
    }
    if (q->tif == LN_FOK && w->walk.sure_lots < q->size_lots) {
        ln_ex_cancel_record(ex, r, "fok_not_fillable");
        return;
    }
    ln_ex_match(ex, w->m, q->side, w->limit_ticks, q->size_lots, r);
    if (!r->open)
        return;
    if (ln_ex_want_immediate(w)) {
        ln_ex_cancel_record(ex, r,
                            ln_ex_want_market(w) ? "market_rest" : "ioc_rest");
        return;
    }
    r->node =
        ln_ex_book_add(ex, w->m, q->side, q->price_ticks, ln_ex_rest(r), r);
    if (!r->node)
        ln_ex_cancel_record(ex, r, "out_of_memory");
}

enum ln_ex_refusal
ln_ex_carry_out(struct ln_ex *ex, const struct ln_ex_want *w, int64_t *id)
{
    make_room(ex, w);
    struct ln_ex_record *r = ln_ex_record_new(ex, w->c, &w->req);
    if (!r)
        return LN_EXR_TOO_MANY;
    r->o.source = w->source;
    r->o.plan_id = w->plan_id;
    r->preset_pos = w->preset_pos;
    w->slot->margin_mode = w->req.margin_mode;
    *id = r->o.id;
    ln_ex_relock(ex, w->c, w->m->index);
    ln_ex_emit_order(ex, r, NULL);
    ln_ex_emit_change(ex, LN_EXE_ACCOUNT, w->c, w->m->index);
    if (w->plan)
        ln_ex_plan_emit(ex, w->plan);
    work(ex, w, r);
    return LN_EXR_OK;
}

enum ln_ex_refusal
ln_ex_place(struct ln_ex *ex, ln_ex_account a,
            const struct ln_order_request *req, int64_t *id)
{
    struct ln_ex_want w;
    *id = 0;
    if (!ln_ex_want_init(ex, a, req, &w))
        return LN_EXR_SYMBOL;
    enum ln_ex_refusal r = ln_ex_want_judge(ex, &w);
    if (r == LN_EXR_OK)
        r = ln_ex_carry_out(ex, &w, id);
    if (r == LN_EXR_OK)
        ln_ex_plans_check(ex, w.m);
    return r;
}

enum ln_ex_refusal
ln_ex_find_open(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                int64_t id, const char *client_oid, struct ln_ex_record **out)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    *out = c ? ln_ex_record_find(ex, c, id, client_oid) : NULL;
    if (!*out ||
        (inst != LN_INSTRUMENT_NONE && (*out)->o.req.instrument != inst))
        return LN_EXR_NOT_FOUND;
    if (c->reducing)
        return LN_EXR_REDUCING;
    return (*out)->open ? LN_EXR_OK : LN_EXR_FINAL;
}

enum ln_ex_refusal
ln_ex_cancel(struct ln_ex *ex, ln_ex_account a, uint16_t inst, int64_t id,
             const char *client_oid)
{
    struct ln_ex_record *r;
    enum ln_ex_refusal why = ln_ex_find_open(ex, a, inst, id, client_oid, &r);
    if (why == LN_EXR_OK)
        ln_ex_cancel_record(ex, r, LN_EX_REASON_USER);
    return why;
}

enum ln_ex_refusal
ln_ex_amend(struct ln_ex *ex, ln_ex_account a, uint16_t inst, int64_t id,
            const char *client_oid, const char *new_client_oid,
            int64_t price_ticks, int64_t size_lots, int64_t *new_id)
{
    struct ln_ex_record *old;
    struct ln_ex_want w;
    *new_id = 0;
    enum ln_ex_refusal why = ln_ex_find_open(ex, a, inst, id, client_oid, &old);
    if (why != LN_EXR_OK)
        return why;
    const struct ln_order_request *q = &old->o.req;
    bool same_price = price_ticks == 0 || price_ticks == q->price_ticks;
    bool same_size = size_lots == 0 || size_lots == q->size_lots;
    if (same_price && same_size)
        return LN_EXR_UNCHANGED;

    if (!ln_ex_want_init(ex, a, q, &w))
        return LN_EXR_SYMBOL;
    w.instead_of = old;
    w.source = old->o.source;
    w.plan_id = old->o.plan_id;
    w.preset_pos = old->preset_pos;
    w.req.price_ticks = price_ticks ? price_ticks : q->price_ticks;
    w.req.size_lots = size_lots ? size_lots : ln_ex_rest(old);
    ln_str_copy(w.req.client_oid, sizeof(w.req.client_oid),
                ln_str(new_client_oid ? new_client_oid : ""));
    if ((why = ln_ex_want_judge(ex, &w)) != LN_EXR_OK)
        return why;
    ln_ex_cancel_record(ex, old, LN_EX_REASON_USER);
    w.instead_of = NULL;
    why = ln_ex_carry_out(ex, &w, new_id);
    ln_ex_plans_check(ex, w.m);
    return why;
}

size_t
ln_ex_cancel_all(struct ln_ex *ex, ln_ex_account a, uint16_t inst)
{
    struct ln_ex_client *c = ln_ex_client(ex, a);
    size_t n = 0;
    if (c && c->reducing)
        return 0;
    for (struct ln_ex_record *r = c ? c->open_oldest : NULL; r;) {
        struct ln_ex_record *newer = r->open_newer;
        if (inst == LN_INSTRUMENT_NONE || r->o.req.instrument == inst) {
            ln_ex_cancel_record(ex, r, LN_EX_REASON_USER);
            n++;
        }
        r = newer;
    }
    return n;
}
