/*
 * Liquidation: what happens when margin is used up at the mark price. The
 * participants take the whole position over at the mark (rounded to a tick)
 * and the taker fee is charged; a loss beyond what stood behind the position
 * is paid by the insurance fund.
 */
#include "base/assert.h"
#include "exchange/exchange_int.h"

#define REASON "liquidation"

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

static void
insure(struct ln_ex *ex, struct ln_ex_client *c, int64_t amount_e8)
{
    c->balance_e8 += amount_e8;
    ex->insurance_e8 -= amount_e8;
}

void
ln_ex_cover_deficit(struct ln_ex *ex, struct ln_ex_client *c)
{
    if (ex->liquidating || has_crossed(ex, c))
        return; /* the liquidation settles that itself */
    if (c->balance_e8 < 0)
        insure(ex, c, -c->balance_e8);
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

/* The participants take a position over at the mark. */
static void
take_over(struct ln_ex *ex, struct ln_ex_client *c, struct ln_ex_market *m,
          int which)
{
    int64_t lots = c->slots[m->index].pos[which].lots;
    enum ln_side side = which == 0 ? LN_SELL : LN_BUY;
    int64_t price = ln_price_ticks_of_e8(m->in, m->mark_e8, LN_ROUND_NEAREST);
    if (price < 1)
        price = 1;
    int64_t value = ln_notional_e8(m->in, price, lots);
    struct ln_order_request req = {
        .instrument = m->index,
        .side = (uint8_t)side,
        .type = LN_MARKET,
        .tif = LN_GTC,
        .margin_mode = c->slots[m->index].margin_mode,
        .reduce_only = true,
        .size_lots = lots,
    };
    if (c->pos_mode == LN_HEDGE)
        req.pos_side = which == 0 ? LN_LONG : LN_SHORT;
    struct ln_ex_record *r = ln_ex_record_new(ex, c, &req);
    if (!r)
        return; /* no memory: tried again in a second */
    ln_str_copy(r->o.reason, sizeof(r->o.reason), ln_str(REASON));
    ln_ex_emit_order(ex, r, NULL);
    m->house_lots += side == LN_SELL ? lots : -lots;
    ex->house_cash_e8 += side == LN_SELL ? -value : value;
    ln_ex_apply_fill(ex, m, r, ex->next_trade_id++, price, lots, value,
                     LN_TAKER);
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
            ln_ex_cancel_record(ex, r, REASON);
        r = newer;
    }
}

static void
liquidate_crossed(struct ln_ex *ex, struct ln_ex_client *c)
{
    cancel_orders(ex, c, LN_INSTRUMENT_NONE, LN_NET);
    ex->liquidating = true;
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        for (int w = 0; w < 2; w++)
            if (c->slots[i].margin_mode == LN_CROSSED &&
                c->slots[i].pos[w].lots)
                take_over(ex, c, &ex->markets[i], w);
    ex->liquidating = false;
    int64_t missing = ln_ex_isolated_e8(ex, c) - c->balance_e8;
    if (missing > 0 && !has_crossed(ex, c)) {
        insure(ex, c, missing);
        ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, LN_INSTRUMENT_NONE);
    }
}

static void
liquidate_isolated(struct ln_ex *ex, struct ln_ex_client *c,
                   struct ln_ex_market *m, int which)
{
    cancel_orders(ex, c, m->index, which == 0 ? LN_LONG : LN_SHORT);
    int64_t margin = c->slots[m->index].pos[which].margin_e8;
    int64_t before = c->balance_e8;
    ex->liquidating = true;
    take_over(ex, c, m, which);
    ex->liquidating = false;
    int64_t lost = before - c->balance_e8;
    if (lost > margin) {
        insure(ex, c, lost - margin);
        ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, m->index);
    }
}

static bool
isolated_used_up(const struct ln_ex_market *m, const struct ln_ex_pos *p,
                 int which)
{
    int64_t value = ln_notional_of_e8(m->in, m->mark_e8, p->lots);
    return p->margin_e8 + ln_ex_unrealised_e8(m, p, which) <=
           ln_ex_maintenance_e8(m->spec, value);
}

static void
check_client(struct ln_ex *ex, struct ln_ex_client *c)
{
    if (has_crossed(ex, c) &&
        ln_ex_cross_equity_e8(ex, c) <= ln_ex_cross_maintenance_e8(ex, c))
        liquidate_crossed(ex, c);
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        for (int w = 0; w < 2; w++) {
            const struct ln_ex_slot *s = &c->slots[i];
            if (s->margin_mode == LN_ISOLATED && s->pos[w].lots &&
                isolated_used_up(&ex->markets[i], &s->pos[w], w))
                liquidate_isolated(ex, c, &ex->markets[i], w);
        }
}

void
ln_ex_liquidate(struct ln_ex *ex)
{
    for (uint32_t i = 0; i < ex->nclients; i++)
        if (ex->clients[i]->open_positions)
            check_client(ex, ex->clients[i]);
}
