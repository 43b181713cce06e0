/*
 * Liquidation: what happens when margin is used up at the mark price
 * (trading-semantics of Bitget):
 *
 *   1 orders are cancelled: isolated, those of the position; crossed, all
 *   2 crossed hedge: opposite positions are netted against each other
 *   3 crossed, above the first tier: reduced by two tiers at a time
 *   4 the rest is taken over
 *   5 what then is missing, the insurance fund pays; when it cannot, the
 *     position goes to the opposite side instead (adl.c)
 *
 * It stops as soon as the margin is enough again. A forced order takes from
 * the book first, like any market order, but gives away no more than the
 * maintenance rate of its tier: that is the bankruptcy price of a position
 * that has just been used up. What the book does not have at that price, the
 * participants take over at the mark. All of it happens within one moment,
 * while the account is <reducing>.
 */
#include "base/assert.h"
#include "exchange/money_int.h"

#define ADL_FAR_PERCENT 10 /* nobody is deleveraged farther off the mark */

/* Wallet that must stay because isolated positions own it. */
int64_t
ln_ex_isolated_e8(const struct ln_ex *ex, const struct ln_ex_client *c)
{
    int64_t sum = 0;
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        if (c->slots[i].margin_mode == LN_ISOLATED)
            sum += c->slots[i].pos[0].margin_e8 + c->slots[i].pos[1].margin_e8;
    return sum;
}

static bool
has_crossed(const struct ln_ex *ex, const struct ln_ex_client *c)
{
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        if (c->slots[i].margin_mode == LN_CROSSED &&
            (c->slots[i].pos[0].lots || c->slots[i].pos[1].lots))
            return true;
    return false;
}

/* ---- the insurance fund ---- */

void
ln_ex_insurance_start(struct ln_ex *ex)
{
    ex->insurance_e8 = LN_EX_INSURANCE_START_E8;
    ex->house_cash_e8 -= LN_EX_INSURANCE_START_E8;
}

/* The fund is never below zero: beyond it, the participants bear the loss. */
void
ln_ex_insure(struct ln_ex *ex, struct ln_ex_client *c, uint16_t inst,
             int64_t amount_e8)
{
    int64_t paid = amount_e8 < ex->insurance_e8 ? amount_e8 : ex->insurance_e8;
    ex->insurance_e8 -= paid;
    ex->house_cash_e8 -= amount_e8 - paid;
    ln_ex_bill_add(ex, c, LN_BILL_INSURANCE, inst, amount_e8, 0, 0);
}

int64_t
ln_ex_insurance_e8(const struct ln_ex *ex)
{
    return ex->insurance_e8;
}

void
ln_ex_cover_deficit(struct ln_ex *ex, struct ln_ex_client *c)
{
    if (c->reducing || has_crossed(ex, c))
        return; /* the liquidation settles that itself */
    if (c->balance_e8 < 0)
        ln_ex_insure(ex, c, LN_INSTRUMENT_NONE, -c->balance_e8);
    /* A loss taken by trading comes out of the margins that are left. */
    int64_t excess = ln_ex_isolated_e8(ex, c) - c->balance_e8;
    for (uint16_t i = 0; i < ex->nmarkets && excess > 0; i++)
        for (int w = 0; w < 2 && excess > 0; w++) {
            struct ln_ex_pos *p = &c->slots[i].pos[w];
            int64_t cut = p->margin_e8 < excess ? p->margin_e8 : excess;
            p->margin_e8 -= cut;
            excess -= cut;
        }
}

/* ---- forced orders ---- */

static const char *
reason_of(uint8_t source)
{
    switch (source) {
    case LN_EXS_REDUCE:
        return "partial_liquidation";
    case LN_EXS_OFFSET:
        return "liquidation_offset";
    case LN_EXS_ADL:
        return "adl";
    default:
        return "liquidation";
    }
}

struct ln_ex_record *
ln_ex_forced_order(struct ln_ex *ex, struct ln_ex_client *c,
                   const struct ln_ex_market *m, int which, int64_t lots,
                   uint8_t source)
{
    struct ln_order_request req = {
        .instrument = m->index,
        .side = which == 0 ? LN_SELL : LN_BUY,
        .type = LN_MARKET,
        .tif = LN_GTC,
        .margin_mode = c->slots[m->index].margin_mode,
        .reduce_only = true,
        .size_lots = lots,
        .stp = LN_STP_CANCEL_MAKER,
    };
    if (c->pos_mode == LN_HEDGE)
        req.pos_side = which == 0 ? LN_LONG : LN_SHORT;
    struct ln_ex_record *r = ln_ex_record_new(ex, c, &req);
    if (!r)
        return NULL;
    r->o.source = source;
    ln_str_copy(r->o.reason, sizeof(r->o.reason), ln_str(reason_of(source)));
    ln_ex_relock(ex, c, m->index);
    ln_ex_emit_order(ex, r, NULL);
    return r;
}

void
ln_ex_house_takes(struct ln_ex *ex, struct ln_ex_market *m,
                  struct ln_ex_record *r, int64_t price_ticks,
                  enum ln_liquidity liquidity)
{
    int64_t lots = ln_ex_rest(r);
    int64_t value = ln_notional_e8(m->in, price_ticks, lots);
    bool sells = r->o.req.side == LN_SELL;
    m->house_lots += sells ? lots : -lots;
    ex->house_cash_e8 += sells ? -value : value;
    ln_ex_apply_fill(ex, m, r, ex->next_trade_id++, price_ticks, lots, value,
                     liquidity);
}

/* mark x (1 + ratio), in ticks. */
static int64_t
off_mark(const struct ln_ex_market *m, int64_t ratio_e8)
{
    int64_t price =
        ln_mul_div(m->mark_e8, LN_E8 + ratio_e8, LN_E8, LN_ROUND_NEAREST);
    int64_t ticks = ln_price_ticks_of_e8(m->in, price, LN_ROUND_NEAREST);
    return ticks < 1 ? 1 : ticks;
}

static int64_t
value_of(const struct ln_ex_market *m, const struct ln_ex_pos *p)
{
    return ln_notional_of_e8(m->in, m->mark_e8, p->lots);
}

/* Close some lots: from the book, the rest to the participants. */
static bool
close_at_market(struct ln_ex *ex, struct ln_ex_client *c,
                struct ln_ex_market *m, int which, int64_t lots, uint8_t source)
{
    const struct ln_ex_pos *p = &c->slots[m->index].pos[which];
    int tier = ln_ex_tier(m->spec, value_of(m, p));
    int64_t give = m->spec->tiers[tier].keep_rate_e8;
    struct ln_ex_record *r = ln_ex_forced_order(ex, c, m, which, lots, source);
    if (!r)
        return false; /* no memory: tried again in a second */
    ln_ex_match(ex, m, r->o.req.side, off_mark(m, which == 0 ? -give : give),
                lots, r);
    if (r->open)
        ln_ex_house_takes(ex, m, r, off_mark(m, 0), LN_TAKER);
    return true;
}

/* ---- taking over ---- */

/* The price at which the account has nothing left of what is behind it. */
static int64_t
bankruptcy_ticks(const struct ln_ex_market *m, const struct ln_ex_pos *p,
                 int which, int64_t backing_e8)
{
    enum ln_round round = which == 0 ? LN_ROUND_CEIL : LN_ROUND_FLOOR;
    ln_i128 value = (ln_i128)p->cost_e8 +
                    (which == 0 ? -(ln_i128)backing_e8 : (ln_i128)backing_e8);
    int64_t far = ADL_FAR_PERCENT * LN_E8 / 100;
    int64_t low = off_mark(m, -far), high = off_mark(m, far);
    if (value <= 0)
        return low;
    int64_t price = ln_ex_per_size_e8(m->in, value, p->lots, LN_E8, round);
    int64_t ticks = ln_price_ticks_of_e8(m->in, price, round);
    return ticks < low ? low : ticks > high ? high : ticks;
}

/* <backing>: what stands behind the position beside its own profit. */
static void
take_over(struct ln_ex *ex, struct ln_ex_client *c, struct ln_ex_market *m,
          int which, int64_t backing_e8)
{
    const struct ln_ex_pos *p = &c->slots[m->index].pos[which];
    int64_t fee = ln_mul_div(value_of(m, p), m->in->taker_fee_e8, LN_E8,
                             LN_ROUND_NEAREST);
    int64_t profit = ln_ex_unrealised_e8(m, p, which);
    int64_t missing = fee - backing_e8 - profit;
    if (missing <= ex->insurance_e8 || profit >= 0) {
        close_at_market(ex, c, m, which, p->lots, LN_EXS_BURST);
        return;
    }
    int64_t price = bankruptcy_ticks(m, p, which, backing_e8);
    struct ln_ex_record *r =
        ln_ex_forced_order(ex, c, m, which, p->lots, LN_EXS_BURST);
    if (r)
        ln_ex_deleverage(ex, m, r, which, price);
}

/* Cancel the orders of one market (and position side), or all of them. */
static void
cancel_orders(struct ln_ex *ex, struct ln_ex_client *c, uint16_t inst,
              enum ln_pos_side side)
{
    for (struct ln_ex_record *r = c->open_oldest; r;) {
        struct ln_ex_record *newer = r->open_newer;
        bool hit = inst == LN_INSTRUMENT_NONE ||
                   (r->o.req.instrument == inst &&
                    (c->pos_mode == LN_ONE_WAY || r->o.req.pos_side == side));
        if (hit)
            ln_ex_cancel_record(ex, r, "liquidation");
        r = newer;
    }
}

/* ---- crossed ---- */

static bool
crossed_used_up(const struct ln_ex *ex, const struct ln_ex_client *c)
{
    return has_crossed(ex, c) &&
           ln_ex_cross_equity_e8(ex, c) <= ln_ex_cross_maintenance_e8(ex, c);
}

/* Long and short of one market close each other at the mark, without fees. */
static void
net_opposites(struct ln_ex *ex, struct ln_ex_client *c, struct ln_ex_market *m)
{
    const struct ln_ex_slot *s = &c->slots[m->index];
    int64_t lots =
        s->pos[0].lots < s->pos[1].lots ? s->pos[0].lots : s->pos[1].lots;
    if (s->margin_mode != LN_CROSSED || lots == 0)
        return;
    struct ln_ex_record *sale =
        ln_ex_forced_order(ex, c, m, 0, lots, LN_EXS_OFFSET);
    struct ln_ex_record *purchase =
        sale ? ln_ex_forced_order(ex, c, m, 1, lots, LN_EXS_OFFSET) : NULL;
    if (!purchase) { /* no memory: the positions are taken over one by one */
        if (sale)
            ln_ex_cancel_record(ex, sale, "out_of_memory");
        return;
    }
    int64_t price = off_mark(m, 0), id = ex->next_trade_id++;
    int64_t value = ln_notional_e8(m->in, price, lots);
    ln_ex_apply_fill(ex, m, sale, id, price, lots, value, LN_LIQ_NONE);
    ln_ex_apply_fill(ex, m, purchase, id, price, lots, value, LN_LIQ_NONE);
}

/* The crossed position in the highest tier; false: all are in the first. */
static bool
highest_tier(struct ln_ex *ex, const struct ln_ex_client *c,
             struct ln_ex_market **market, int *which, int *tier)
{
    *tier = 0;
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        for (int w = 0; w < 2; w++) {
            struct ln_ex_market *m = &ex->markets[i];
            const struct ln_ex_slot *s = &c->slots[i];
            if (s->margin_mode != LN_CROSSED || s->pos[w].lots == 0)
                continue;
            int t = ln_ex_tier(m->spec, value_of(m, &s->pos[w]));
            if (t <= *tier)
                continue;
            *market = m;
            *which = w;
            *tier = t;
        }
    return *tier > 0;
}

/* Reduce one position by two tiers; false: there is none to reduce. */
static bool
reduce_two_tiers(struct ln_ex *ex, struct ln_ex_client *c)
{
    struct ln_ex_market *m = NULL;
    int which = 0, tier;
    if (!highest_tier(ex, c, &m, &which, &tier))
        return false;
    const struct ln_ex_pos *p = &c->slots[m->index].pos[which];
    int64_t end = m->spec->tiers[tier > 2 ? tier - 2 : 0].end_e8;
    int64_t value = value_of(m, p);
    int64_t keep = ln_mul_div(p->lots, end, value, LN_ROUND_FLOOR);
    return close_at_market(ex, c, m, which, p->lots - keep, LN_EXS_REDUCE);
}

static void
take_over_crossed(struct ln_ex *ex, struct ln_ex_client *c)
{
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        for (int w = 0; w < 2; w++) {
            struct ln_ex_market *m = &ex->markets[i];
            const struct ln_ex_pos *p = &c->slots[i].pos[w];
            if (c->slots[i].margin_mode != LN_CROSSED || p->lots == 0)
                continue;
            int64_t backing =
                ln_ex_cross_equity_e8(ex, c) - ln_ex_unrealised_e8(m, p, w);
            take_over(ex, c, m, w, backing);
        }
    int64_t missing = ln_ex_isolated_e8(ex, c) - c->balance_e8;
    if (missing > 0 && !has_crossed(ex, c)) {
        ln_ex_insure(ex, c, LN_INSTRUMENT_NONE, missing);
        ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, LN_INSTRUMENT_NONE);
    }
}

static void
liquidate_crossed(struct ln_ex *ex, struct ln_ex_client *c)
{
    c->reducing = true;
    cancel_orders(ex, c, LN_INSTRUMENT_NONE, LN_NET);
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        net_opposites(ex, c, &ex->markets[i]);
    /* Small steps save nobody who is bankrupt already. */
    while (crossed_used_up(ex, c) && ln_ex_cross_equity_e8(ex, c) > 0 &&
           reduce_two_tiers(ex, c))
        ;
    if (crossed_used_up(ex, c))
        take_over_crossed(ex, c);
    c->reducing = false;
    ln_ex_cover_deficit(ex, c);
}

/* ---- isolated ---- */

static void
liquidate_isolated(struct ln_ex *ex, struct ln_ex_client *c,
                   struct ln_ex_market *m, int which)
{
    if (ln_ex_auto_append(ex, c, m, which))
        return;
    c->reducing = true;
    cancel_orders(ex, c, m->index, which == 0 ? LN_LONG : LN_SHORT);
    int64_t margin = c->slots[m->index].pos[which].margin_e8;
    int64_t before = c->balance_e8;
    take_over(ex, c, m, which, margin);
    c->reducing = false;
    int64_t lost = before - c->balance_e8;
    if (lost > margin && c->slots[m->index].pos[which].lots == 0) {
        ln_ex_insure(ex, c, m->index, lost - margin);
        ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, m->index);
    }
    ln_ex_cover_deficit(ex, c);
}

static bool
liquidate_client(struct ln_ex *ex, struct ln_ex_client *c)
{
    bool any = crossed_used_up(ex, c);
    if (any)
        liquidate_crossed(ex, c);
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        for (int w = 0; w < 2; w++) {
            const struct ln_ex_slot *s = &c->slots[i];
            if (s->margin_mode == LN_ISOLATED && s->pos[w].lots &&
                ln_ex_isolated_used_up(&ex->markets[i], &s->pos[w], w)) {
                liquidate_isolated(ex, c, &ex->markets[i], w);
                any = true;
            }
        }
    return any;
}

void
ln_ex_liquidate(struct ln_ex *ex)
{
    bool any = false;
    ex->liquidating = true; /* no plan fires in the middle of it */
    for (uint32_t i = 0; i < ex->nclients; i++)
        if (ex->clients[i]->open_positions)
            any |= liquidate_client(ex, ex->clients[i]);
    ex->liquidating = false;
    for (uint16_t i = 0; any && i < ex->nmarkets; i++)
        ln_ex_plans_check(ex, &ex->markets[i]);
}
