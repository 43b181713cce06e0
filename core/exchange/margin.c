/*
 * Margin: what positions and open orders hold, what is free, and what a
 * position needs to stay open. Tiered maintenance, as for positions opened
 * since 2025-11-10: each part of the value at the rate of its tier, and the
 * taker fee of closing on top.
 */
#include "exchange/exchange_int.h"

int
ln_ex_tier(const struct ln_ex_spec *spec, int64_t value_e8)
{
    int i = 0;
    while (i < spec->ntiers - 1 && value_e8 > spec->tiers[i].end_e8)
        i++;
    return i;
}

int64_t
ln_ex_maintenance_e8(const struct ln_ex_spec *spec, int64_t value_e8)
{
    ln_i128 sum = 0;
    int64_t start = 0;
    for (int i = 0; i < spec->ntiers && value_e8 > start; i++) {
        bool last = i == spec->ntiers - 1;
        int64_t end = last || value_e8 < spec->tiers[i].end_e8
                          ? value_e8
                          : spec->tiers[i].end_e8;
        int64_t rate =
            spec->tiers[i].keep_rate_e8 + spec->instrument.taker_fee_e8;
        sum += (ln_i128)(end - start) * rate;
        start = end;
    }
    return ln_div128(sum, LN_E8, LN_ROUND_NEAREST);
}

int64_t
ln_ex_slot_maintenance_e8(const struct ln_ex_market *m,
                          const struct ln_ex_slot *s)
{
    int64_t larger =
        s->pos[0].lots > s->pos[1].lots ? s->pos[0].lots : s->pos[1].lots;
    if (larger == 0)
        return 0;
    return ln_ex_maintenance_e8(m->spec,
                                ln_notional_of_e8(m->in, m->mark_e8, larger));
}

int64_t
ln_ex_pos_margin_e8(const struct ln_ex_market *m, const struct ln_ex_slot *s,
                    int which)
{
    const struct ln_ex_pos *p = &s->pos[which];
    if (p->lots == 0 || s->margin_mode == LN_ISOLATED)
        return p->margin_e8;
    int64_t value = ln_notional_of_e8(m->in, m->mark_e8, p->lots);
    return ln_mul_div(value, 1, s->leverage[which], LN_ROUND_CEIL);
}

int64_t
ln_ex_free_e8(const struct ln_ex *ex, const struct ln_ex_client *c)
{
    int64_t free_e8 = c->balance_e8 - c->locked_e8;
    if (c->open_positions == 0)
        return free_e8;
    for (uint16_t i = 0; i < ex->nmarkets; i++) {
        const struct ln_ex_market *m = &ex->markets[i];
        const struct ln_ex_slot *s = &c->slots[i];
        for (int w = 0; w < 2; w++) {
            if (s->pos[w].lots == 0)
                continue;
            free_e8 -= ln_ex_pos_margin_e8(m, s, w);
            if (s->margin_mode == LN_CROSSED)
                free_e8 += ln_ex_unrealised_e8(m, &s->pos[w], w);
        }
    }
    return free_e8;
}

int64_t
ln_ex_open_cost_e8(const struct ln_ex_market *m, int64_t value_e8,
                   int32_t leverage)
{
    int64_t margin = ln_mul_div(value_e8, 1, leverage, LN_ROUND_CEIL);
    int64_t fee =
        ln_mul_div(value_e8, m->in->taker_fee_e8, LN_E8, LN_ROUND_CEIL);
    int64_t sum;
    if (__builtin_add_overflow(margin, fee, &sum))
        return INT64_MAX;
    return sum;
}

void
ln_ex_relock(const struct ln_ex *ex, struct ln_ex_client *c, uint16_t inst)
{
    const struct ln_ex_market *m = &ex->markets[inst];
    const struct ln_ex_slot *s = &c->slots[inst];
    bool one_way = c->pos_mode == LN_ONE_WAY;
    /* In one-way mode, the first orders against a position only close it:
     * what sells can still close of a long, and buys of a short. */
    int64_t long_left = one_way ? s->pos[0].lots : 0;
    int64_t short_left = one_way ? s->pos[1].lots : 0;

    for (struct ln_ex_record *r = c->open_oldest; r; r = r->open_newer) {
        if (r->o.req.instrument != inst)
            continue;
        int64_t rest = ln_ex_rest(r), locked = 0;
        bool buy = r->o.req.side == LN_BUY;
        if (ln_ex_opens(&r->o) && r->o.req.type == LN_LIMIT) {
            int64_t *left = buy ? &short_left : &long_left;
            int64_t closing = rest < *left ? rest : *left;
            *left -= closing;
            int64_t value =
                ln_notional_e8(m->in, r->o.req.price_ticks, rest - closing);
            locked = ln_ex_open_cost_e8(m, value, s->leverage[buy ? 0 : 1]);
        }
        c->locked_e8 += locked - r->o.locked_e8;
        r->o.locked_e8 = locked;
        r->o.leverage = s->leverage[buy == ln_ex_opens(&r->o) ? 0 : 1];
    }
}

int64_t
ln_ex_cross_equity_e8(const struct ln_ex *ex, const struct ln_ex_client *c)
{
    int64_t equity = c->balance_e8;
    for (uint16_t i = 0; i < ex->nmarkets; i++) {
        const struct ln_ex_slot *s = &c->slots[i];
        for (int w = 0; w < 2; w++) {
            if (s->pos[w].lots == 0)
                continue;
            if (s->margin_mode == LN_ISOLATED)
                equity -= s->pos[w].margin_e8;
            else
                equity += ln_ex_unrealised_e8(&ex->markets[i], &s->pos[w], w);
        }
    }
    return equity;
}

int64_t
ln_ex_cross_maintenance_e8(const struct ln_ex *ex, const struct ln_ex_client *c)
{
    int64_t sum = 0;
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        if (c->slots[i].margin_mode == LN_CROSSED)
            sum += ln_ex_slot_maintenance_e8(&ex->markets[i], &c->slots[i]);
    return sum;
}
