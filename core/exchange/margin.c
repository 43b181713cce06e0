/*
 * Margin: what positions and open orders hold, what is free, and what a
 * position needs to stay open. Tiered maintenance, as for positions opened
 * since 2025-11-10: each part of the value at the rate of its tier, and the
 * taker fee of closing on top.
 */
#include "exchange/money_int.h"

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

int64_t
ln_ex_spare_e8(const struct ln_ex *ex, const struct ln_ex_client *c)
{
    int64_t wallet = c->balance_e8 - c->locked_e8;
    for (uint16_t i = 0; c->open_positions && i < ex->nmarkets; i++)
        for (int w = 0; w < 2; w++)
            wallet -= ln_ex_pos_margin_e8(&ex->markets[i], &c->slots[i], w);
    int64_t free_e8 = ln_ex_free_e8(ex, c);
    return free_e8 < wallet ? free_e8 : wallet;
}

/* ---- at which price a position is liquidated ---- */

int64_t
ln_ex_per_size_e8(const struct ln_instrument *in, ln_i128 value_e8,
                  int64_t lots, int64_t ratio_e8, enum ln_round round)
{
    return ln_div128(value_e8 * ln_pow10(in->size_scale) * LN_E8,
                     (ln_i128)lots * in->lot_step * ratio_e8, round);
}

/* What the lower tiers spare a position, against the rate of its own. */
static int64_t
tier_offset_e8(const struct ln_ex_spec *spec, int tier)
{
    ln_i128 offset = 0;
    for (int i = 0; i < tier; i++)
        offset +=
            (ln_i128)spec->tiers[i].end_e8 *
            (spec->tiers[i + 1].keep_rate_e8 - spec->tiers[i].keep_rate_e8);
    return ln_div128(offset, LN_E8, LN_ROUND_NEAREST);
}

/*
 * What stands behind the position and its profit are down to its maintenance
 * in the tier of today, d = 1 for a long and -1 for a short:
 *
 *   price = (backing + offset - d x cost) / (size x (rate + t - d))
 *
 * With both sides in one market, their sizes and costs are netted, and the
 * larger one counts for the maintenance.
 */
static int64_t
liquidation_e8(const struct ln_ex_market *m, const int64_t lots[2],
               const int64_t cost_e8[2], int64_t backing_e8)
{
    int64_t larger = lots[0] > lots[1] ? lots[0] : lots[1];
    int64_t net = lots[0] - lots[1];
    if (larger == 0)
        return 0;
    int tier =
        ln_ex_tier(m->spec, ln_notional_of_e8(m->in, m->mark_e8, larger));
    int64_t rate = m->spec->tiers[tier].keep_rate_e8 + m->in->taker_fee_e8;
    ln_i128 num = (ln_i128)backing_e8 + tier_offset_e8(m->spec, tier) -
                  cost_e8[0] + cost_e8[1];
    ln_i128 den = (ln_i128)larger * rate - (ln_i128)net * LN_E8;
    /* A long must fall and a short rise: else the price is of no danger. */
    if (net > 0 ? den >= 0 || num >= 0 : net == 0 || num <= 0)
        return 0;
    num *= (ln_i128)ln_pow10(m->in->size_scale) * LN_E8;
    return ln_div128(num, den * m->in->lot_step, LN_ROUND_NEAREST);
}

int64_t
ln_ex_isolated_price_e8(const struct ln_ex_market *m, const struct ln_ex_pos *p,
                        int which)
{
    int64_t lots[2] = {0, 0}, cost[2] = {0, 0};
    lots[which] = p->lots;
    cost[which] = p->cost_e8;
    return liquidation_e8(m, lots, cost, p->margin_e8);
}

int64_t
ln_ex_crossed_price_e8(const struct ln_ex_market *m, const struct ln_ex_slot *s,
                       int64_t equity_e8)
{
    int64_t lots[2] = {s->pos[0].lots, s->pos[1].lots};
    int64_t cost[2] = {s->pos[0].cost_e8, s->pos[1].cost_e8};
    return liquidation_e8(m, lots, cost, equity_e8);
}

int64_t
ln_ex_cross_outside_e8(const struct ln_ex *ex, const struct ln_ex_client *c,
                       const struct ln_ex_market *m)
{
    const struct ln_ex_slot *s = &c->slots[m->index];
    int64_t equity = ln_ex_cross_equity_e8(ex, c);
    int64_t maintenance = ln_ex_cross_maintenance_e8(ex, c);
    if (s->margin_mode == LN_ISOLATED)
        return equity - maintenance;
    for (int w = 0; w < 2; w++)
        equity -= ln_ex_unrealised_e8(m, &s->pos[w], w);
    return equity - (maintenance - ln_ex_slot_maintenance_e8(m, s));
}
