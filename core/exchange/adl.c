/*
 * Auto-deleveraging: when neither an account nor the insurance fund can pay
 * for a position, those who profit on the other side lose theirs to it, at
 * the price at which the account has just nothing left. First goes who has
 * most profit x leverage.
 */
#include "base/assert.h"
#include "exchange/money_int.h"

#define RANKS 5

/* Profit per cost, times leverage. */
static int64_t
score(const struct ln_ex_market *m, const struct ln_ex_slot *s, int which)
{
    const struct ln_ex_pos *p = &s->pos[which];
    if (p->lots == 0 || p->cost_e8 <= 0)
        return INT64_MIN;
    return ln_div128((ln_i128)ln_ex_unrealised_e8(m, p, which) * LN_E8 *
                         s->leverage[which],
                     p->cost_e8, LN_ROUND_NEAREST);
}

/* Does the position gain at this price? Nobody is made to lose. */
static bool
gains(const struct ln_ex_market *m, const struct ln_ex_pos *p, int which,
      int64_t price_ticks)
{
    int64_t value = ln_notional_e8(m->in, price_ticks, p->lots);
    return which == 0 ? value >= p->cost_e8 : value <= p->cost_e8;
}

static struct ln_ex_client *
first_in_queue(const struct ln_ex *ex, const struct ln_ex_market *m, int which,
               ln_ex_account but, int64_t price_ticks)
{
    struct ln_ex_client *first = NULL;
    int64_t best = 0; /* without a profit nobody is deleveraged */
    for (uint32_t i = 0; i < ex->nclients; i++) {
        struct ln_ex_client *c = ex->clients[i];
        const struct ln_ex_slot *s = &c->slots[m->index];
        if (c->handle == but || c->reducing || s->pos[which].lots == 0)
            continue;
        int64_t here = score(m, s, which);
        if (here > best && gains(m, &s->pos[which], which, price_ticks)) {
            best = here;
            first = c;
        }
    }
    return first;
}

/* Its resting closes may not exceed what will be left of the position. */
static void
withdraw_closes(struct ln_ex *ex, struct ln_ex_client *c, uint16_t inst,
                enum ln_side side)
{
    for (struct ln_ex_record *r = c->open_oldest; r;) {
        struct ln_ex_record *newer = r->open_newer;
        if (r->node && r->o.req.instrument == inst && r->o.req.reduce_only &&
            r->o.req.side == side)
            ln_ex_cancel_record(ex, r, "adl");
        r = newer;
    }
}

void
ln_ex_deleverage(struct ln_ex *ex, struct ln_ex_market *m,
                 struct ln_ex_record *r, int which, int64_t price_ticks)
{
    struct ln_ex_client *c;
    while (r->open && (c = first_in_queue(ex, m, 1 - which, r->o.account,
                                          price_ticks)) != NULL) {
        withdraw_closes(ex, c, m->index,
                        r->o.req.side == LN_BUY ? LN_SELL : LN_BUY);
        int64_t lots = c->slots[m->index].pos[1 - which].lots;
        if (lots > ln_ex_rest(r))
            lots = ln_ex_rest(r);
        struct ln_ex_record *theirs =
            ln_ex_forced_order(ex, c, m, 1 - which, lots, LN_EXS_ADL);
        if (!theirs)
            break;
        int64_t value = ln_notional_e8(m->in, price_ticks, lots);
        int64_t id = ex->next_trade_id++;
        ln_ex_apply_fill(ex, m, theirs, id, price_ticks, lots, value,
                         LN_LIQ_NONE);
        ln_ex_apply_fill(ex, m, r, id, price_ticks, lots, value, LN_LIQ_NONE);
    }
    if (r->open)
        ln_ex_house_takes(ex, m, r, price_ticks, LN_LIQ_NONE);
}

int
ln_ex_adl_rank(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
               enum ln_pos_side hold)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    if (!c || !m)
        return 0;
    const struct ln_ex_slot *s = &c->slots[inst];
    int which = hold == LN_SHORT || (hold == LN_NET && s->pos[1].lots) ? 1 : 0;
    if (s->pos[which].lots == 0)
        return 0;
    int64_t mine = score(m, s, which);
    int64_t held = 0, before_me = 0;
    if (mine <= 0)
        return 1;
    for (uint32_t i = 0; i < ex->nclients; i++) {
        const struct ln_ex_slot *other = &ex->clients[i]->slots[inst];
        held += other->pos[which].lots > 0;
        before_me +=
            other->pos[which].lots > 0 && score(m, other, which) > mine;
    }
    LN_ASSERT_CMP(held, >, 0); /* oneself */
    return (int)(RANKS - RANKS * before_me / held);
}
