/*
 * What an order would do, without placing it: how much it could open, and
 * where the position would be liquidated.
 */
#include "exchange/money_int.h"

/* The price of an order: its limit, or the mark. */
static int64_t
value_e8(const struct ln_ex_market *m, int64_t price_ticks, int64_t lots)
{
    return price_ticks > 0 ? ln_notional_e8(m->in, price_ticks, lots)
                           : ln_notional_of_e8(m->in, m->mark_e8, lots);
}

/* Value that this leverage still allows on a side, beside what is held and
 * what open orders would open. */
static int64_t
tier_room_e8(const struct ln_ex_client *c, const struct ln_ex_market *m,
             enum ln_side side, int32_t leverage)
{
    const struct ln_ex_spec *spec = m->spec;
    int64_t room = 0;
    for (int i = 0; i < spec->ntiers && leverage <= spec->tiers[i].leverage;
         i++)
        room = spec->tiers[i].end_e8;
    int which = side == LN_BUY ? 0 : 1;
    room -= ln_notional_of_e8(m->in, m->mark_e8,
                              c->slots[m->index].pos[which].lots);
    const struct ln_ex_record *r;
    for (r = c->open_newest; r && room > 0; r = r->open_older)
        if (r->o.req.instrument == m->index && r->o.req.side == side &&
            r->o.locked_e8 > 0)
            room -= ln_notional_e8(m->in, r->o.req.price_ticks, ln_ex_rest(r));
    return room;
}

int64_t
ln_ex_max_open_lots(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                    enum ln_side side, int64_t price_ticks, int32_t leverage)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    if (!c || !m || leverage < 1 || price_ticks < 0)
        return 0;
    const struct ln_ex_slot *s = &c->slots[inst];
    int64_t usable = s->margin_mode == LN_ISOLATED ? ln_ex_spare_e8(ex, c)
                                                   : ln_ex_free_e8(ex, c);
    int64_t room = tier_room_e8(c, m, side, leverage);
    int64_t most =
        price_ticks > 0 ? m->in->max_limit_lots : m->in->max_market_lots;
    int64_t lo = 0, hi = most > 0 ? most : LN_E8;
    /* Both value and cost only rise with the size. */
    while (lo < hi) {
        int64_t mid = lo + (hi - lo + 1) / 2;
        int64_t value = value_e8(m, price_ticks, mid);
        if (value <= room && ln_ex_open_cost_e8(m, value, leverage) <= usable)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo;
}

int64_t
ln_ex_would_liquidate_e8(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                         enum ln_side side, int64_t price_ticks, int64_t lots,
                         int32_t leverage)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    if (!c || !m || leverage < 1 || price_ticks < 0 || lots < 1 ||
        lots > INT64_MAX / LN_E8)
        return 0;
    struct ln_ex_slot s = c->slots[inst];
    int which = side == LN_BUY ? 0 : 1;
    if (c->pos_mode == LN_ONE_WAY && s.pos[1 - which].lots > 0) {
        lots -= s.pos[1 - which].lots; /* that much it closes */
        if (lots <= 0)
            return 0;
        s.pos[1 - which] = (struct ln_ex_pos){0};
    }
    int64_t value = value_e8(m, price_ticks, lots);
    int64_t outside = ln_ex_cross_outside_e8(ex, c, m);
    s.pos[which].lots += lots;
    s.pos[which].cost_e8 += value;
    if (s.margin_mode == LN_ISOLATED) {
        s.pos[which].margin_e8 += ln_mul_div(value, 1, leverage, LN_ROUND_CEIL);
        return ln_ex_isolated_price_e8(m, &s.pos[which], which);
    }
    int64_t fee =
        ln_mul_div(value, m->in->taker_fee_e8, LN_E8, LN_ROUND_NEAREST);
    return ln_ex_crossed_price_e8(m, &s, outside - fee);
}
