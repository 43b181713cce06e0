/*
 * Plans that follow a position. The presets of an order become its take
 * profit and stop loss when the order fills; a position that shrinks cuts
 * the plans that would close more than it has, and takes them all along when
 * it closes.
 */
#include "exchange/plan_int.h"

/* ---- presets of an order ---- */

/* Take profit above and stop loss below the price of a purchase; else vice
 * versa. */
static enum ln_ex_refusal
check_sides(const struct ln_order_request *q, int64_t price)
{
    int64_t tp = q->take_profit_ticks, sl = q->stop_loss_ticks;
    bool buy = q->side == LN_BUY;
    if (tp < 0 || sl < 0 || q->take_profit_limit_ticks < 0 ||
        q->stop_loss_limit_ticks < 0)
        return LN_EXR_PRESET;
    if (tp && (buy ? tp <= price : tp >= price))
        return LN_EXR_PRESET;
    if (sl && (buy ? sl >= price : sl <= price))
        return LN_EXR_PRESET;
    return LN_EXR_OK;
}

enum ln_ex_refusal
ln_ex_presets_judge(const struct ln_ex_want *w)
{
    /* Those of a plan were judged when it was made; the price may since have
     * jumped over them. A closing order has nothing to guard. */
    if (w->plan || w->req.reduce_only)
        return LN_EXR_OK;
    return check_sides(&w->req, ln_ex_want_market(w) ? w->m->last_ticks
                                                     : w->req.price_ticks);
}

static struct ln_ex_plan_node *
find_whole(const struct ln_ex_client *c, uint16_t inst, enum ln_side side,
           enum ln_ex_plan_kind kind)
{
    struct ln_ex_plan_node *n = c->plans ? c->plans->live_newest : NULL;
    while (n && (n->p.req.kind != kind || n->p.req.instrument != inst ||
                 n->p.req.side != side))
        n = n->live_older;
    return n;
}

/* Give a position its take profit or stop loss, or change the one it has. */
static void
guard(struct ln_ex *ex, struct ln_ex_client *c, const struct ln_ex_record *r,
      enum ln_ex_plan_kind kind, const struct ln_ex_attached *at)
{
    const struct ln_order_request *o = &r->o.req;
    enum ln_side side = ln_ex_opposite(o->side);
    struct ln_ex_plan_node *n = find_whole(c, o->instrument, side, kind);
    if (n) {
        n->p.req.trigger_ticks = at->trigger_ticks;
        n->p.req.limit_ticks = at->limit_ticks;
        n->p.req.watch = at->watch;
        n->p.updated_ms = ex->now_ms;
    } else {
        struct ln_ex_plan_request q = {
            .kind = (uint8_t)kind,
            .instrument = o->instrument,
            .side = (uint8_t)side,
            .pos_side = o->pos_side,
            .margin_mode = o->margin_mode,
            .watch = at->watch,
            .stp = o->stp,
            .tif = LN_GTC,
            .reduce_only = true,
            .trigger_ticks = at->trigger_ticks,
            .limit_ticks = at->limit_ticks,
        };
        n = ln_ex_plan_new(ex, c, &q);
        if (!n)
            return; /* no memory: the position goes unguarded */
    }
    ln_ex_plan_watch(ex, n);
    ln_ex_plan_emit(ex, n);
}

/* Which price they watch: only those of a plan say so. */
static uint8_t
watch_of(const struct ln_ex_client *c, const struct ln_ex_record *r,
         bool profit)
{
    const struct ln_ex_plan_node *n =
        r->o.plan_id ? ln_ex_plan_node_find(c, r->o.plan_id, NULL) : NULL;
    uint8_t watch = 0;
    if (n)
        watch = profit ? n->p.req.take_profit.watch : n->p.req.stop_loss.watch;
    return watch ? watch : LN_WATCH_FILL;
}

/*
 * Once per position: what its owner changes after the first fill stays so.
 * But when that position is gone, the next fill opens another.
 */
void
ln_ex_plans_after_fill(struct ln_ex *ex, struct ln_ex_client *c,
                       struct ln_ex_record *r)
{
    const struct ln_order_request *q = &r->o.req;
    if (q->reduce_only || (!q->take_profit_ticks && !q->stop_loss_ticks))
        return;
    const struct ln_ex_pos *p =
        &c->slots[q->instrument].pos[q->side == LN_BUY ? 0 : 1];
    if (p->lots == 0 || p->id == r->preset_pos)
        return; /* it has only closed so far; or it was done before */
    r->preset_pos = p->id;
    struct ln_ex_attached profit = {
        q->take_profit_ticks, q->take_profit_limit_ticks, watch_of(c, r, true)};
    struct ln_ex_attached loss = {q->stop_loss_ticks, q->stop_loss_limit_ticks,
                                  watch_of(c, r, false)};
    if (profit.trigger_ticks)
        guard(ex, c, r, LN_PLAN_POS_PROFIT, &profit);
    if (loss.trigger_ticks)
        guard(ex, c, r, LN_PLAN_POS_LOSS, &loss);
}

/* 0 keeps, a negative value removes; without a trigger, no limit either. */
static void
change(int64_t *trigger, int64_t *limit, int64_t to)
{
    if (to != 0)
        *trigger = to < 0 ? 0 : to;
    if (*trigger == 0)
        *limit = 0;
}

enum ln_ex_refusal
ln_ex_amend_presets(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                    int64_t id, const char *client_oid, int64_t tp_ticks,
                    int64_t sl_ticks)
{
    struct ln_ex_record *r;
    enum ln_ex_refusal why = ln_ex_find_open(ex, a, inst, id, client_oid, &r);
    if (why != LN_EXR_OK)
        return why;
    struct ln_order_request q = r->o.req;
    change(&q.take_profit_ticks, &q.take_profit_limit_ticks, tp_ticks);
    change(&q.stop_loss_ticks, &q.stop_loss_limit_ticks, sl_ticks);
    if (q.take_profit_ticks == r->o.req.take_profit_ticks &&
        q.stop_loss_ticks == r->o.req.stop_loss_ticks)
        return LN_EXR_UNCHANGED;
    if (q.reduce_only)
        return LN_EXR_PRESET;
    if ((why = check_sides(&q, q.price_ticks)) != LN_EXR_OK)
        return why;
    r->o.req = q;
    r->o.updated_ms = ex->now_ms;
    r->preset_pos = 0;
    ln_ex_emit_order(ex, r, NULL);
    return LN_EXR_OK;
}

/* ---- a position has changed ---- */

void
ln_ex_plans_position(struct ln_ex *ex, struct ln_ex_client *c, uint16_t inst,
                     int which)
{
    int64_t held = c->slots[inst].pos[which].lots;
    struct ln_ex_plan_node *n = c->plans ? c->plans->live_oldest : NULL;
    while (n) {
        struct ln_ex_plan_node *newer = n->live_newer;
        struct ln_ex_plan_request *q = &n->p.req;
        bool guards = q->instrument == inst && ln_ex_plan_guards(q->kind) &&
                      ln_ex_plan_which(q) == which;
        if (guards && held == 0) {
            ln_ex_plan_end(ex, n, LN_PLAN_CANCELLED);
            ln_ex_plan_emit(ex, n);
        } else if (guards && q->size_lots > held) {
            q->size_lots = held;
            n->p.updated_ms = ex->now_ms;
            ln_ex_plan_emit(ex, n);
        }
        n = newer;
    }
}
