/*
 * Settlement of funding: at each interval longs pay shorts, or the reverse;
 * the exchange takes nothing. An isolated position pays out of its own margin
 * down to what maintenance needs, the rest comes from the wallet; what it
 * receives goes to the wallet.
 */
#include "exchange/money_int.h"

#define HOUR_MS 3600000LL

static void
pay_from_margin(const struct ln_ex_market *m, struct ln_ex_slot *s, int which,
                int64_t value_e8, int64_t paid_e8)
{
    struct ln_ex_pos *p = &s->pos[which];
    if (s->margin_mode != LN_ISOLATED || paid_e8 <= 0)
        return;
    int64_t above = p->margin_e8 + ln_ex_unrealised_e8(m, p, which) -
                    ln_ex_maintenance_e8(m->spec, value_e8);
    int64_t cut = paid_e8 < above ? paid_e8 : above;
    if (cut > p->margin_e8)
        cut = p->margin_e8;
    if (cut > 0)
        p->margin_e8 -= cut;
}

/* Longs pay rate x size x mark to shorts; the participants are the rest. */
static void
settle_client(struct ln_ex *ex, struct ln_ex_market *m, struct ln_ex_client *c)
{
    bool any = false;
    for (int w = 0; w < 2; w++) {
        struct ln_ex_pos *p = &c->slots[m->index].pos[w];
        if (p->lots == 0)
            continue;
        int64_t value = ln_notional_of_e8(m->in, m->mark_e8, p->lots);
        int64_t paid =
            ln_mul_div(value, m->funding_rate_e8, LN_E8, LN_ROUND_NEAREST);
        int64_t amount = w == 0 ? -paid : paid;
        p->funding_e8 += amount;
        p->updated_ms = ex->now_ms;
        ex->house_cash_e8 -= amount;
        ln_ex_bill_add(ex, c, LN_BILL_FUNDING, m->index, amount, 0, 0);
        pay_from_margin(m, &c->slots[m->index], w, value, -amount);
        struct ln_ex_event e = {.type = LN_EXE_FUNDING,
                                .instrument = m->index,
                                .account = c->handle};
        e.u.funding_e8 = amount;
        ln_ex_emit(ex, &e);
        any = true;
    }
    if (!any)
        return;
    ln_ex_cover_deficit(ex, c);
    ln_ex_emit_change(ex, LN_EXE_POSITION, c, m->index);
    ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, m->index);
}

void
ln_ex_funding_due(struct ln_ex *ex, struct ln_ex_market *m)
{
    if (ex->now_ms < m->next_funding_ms)
        return;
    for (uint32_t i = 0; i < ex->nclients; i++)
        if (ex->clients[i]->open_positions)
            settle_client(ex, m, ex->clients[i]);
    ln_ex_mood_settled(m, m->next_funding_ms, m->funding_rate_e8);
    m->next_funding_ms += m->in->funding_interval_h * HOUR_MS;
    m->premium_sum = m->premium_count = 0;
}
