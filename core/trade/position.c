/*
 * Positions from fills. The cost of the open size is kept, not its average:
 * closing releases the exact proportion, and the rounding of that (less than
 * one unit of 1e-8) stays in the position until it is flat.
 */
#include "trade/position.h"

#include "market/saturate.h"

#include <string.h>

void
ln_position_init(struct ln_position *p, uint16_t instrument)
{
    memset(p, 0, sizeof(*p));
    p->instrument = instrument;
}

static int64_t
magnitude(int64_t v)
{
    return v < 0 ? ln_sub_sat(0, v) : v;
}

/* Close <lots> (<= held) at a value; returns the profit. */
static int64_t
close_part(struct ln_position *p, int64_t lots, int64_t value_e8)
{
    int64_t held = magnitude(p->size_lots);
    int64_t cost = lots == held
                       ? p->cost_e8
                       : ln_mul_div(p->cost_e8, lots, held, LN_ROUND_NEAREST);
    int64_t profit = p->size_lots > 0 ? ln_sub_sat(value_e8, cost)
                                      : ln_sub_sat(cost, value_e8);
    p->cost_e8 = ln_sub_sat(p->cost_e8, cost);
    p->size_lots += p->size_lots > 0 ? -lots : lots;
    p->realised_e8 = ln_add_sat(p->realised_e8, profit);
    return profit;
}

int64_t
ln_position_fill(struct ln_position *p, const struct ln_instrument *in,
                 const struct ln_fill *f)
{
    if (f->size_lots <= 0)
        return 0; /* not a fill */
    int64_t signed_lots = f->side == LN_BUY ? f->size_lots : -f->size_lots;
    int64_t value = ln_notional_e8(in, f->price_ticks, f->size_lots);
    int64_t profit = 0;
    p->fees_e8 = ln_add_sat(p->fees_e8, f->fee_e8);
    p->fills++;
    if (f->time_ms > p->updated_ms)
        p->updated_ms = f->time_ms;
    bool reduces = (p->size_lots > 0 && signed_lots < 0) ||
                   (p->size_lots < 0 && signed_lots > 0);
    if (!reduces) {
        p->size_lots = ln_add_sat(p->size_lots, signed_lots);
        p->cost_e8 = ln_add_sat(p->cost_e8, value);
        return 0;
    }
    int64_t held = magnitude(p->size_lots);
    int64_t closing = f->size_lots < held ? f->size_lots : held;
    int64_t closing_value = closing == f->size_lots
                                ? value
                                : ln_notional_e8(in, f->price_ticks, closing);
    profit = close_part(p, closing, closing_value);
    if (f->size_lots > closing) { /* the rest opens the other way */
        int64_t rest = f->size_lots - closing;
        p->size_lots = signed_lots > 0 ? rest : -rest;
        p->cost_e8 = ln_sub_sat(value, closing_value);
    }
    return profit;
}

int64_t
ln_position_entry_e8(const struct ln_position *p,
                     const struct ln_instrument *in)
{
    int64_t lots = magnitude(p->size_lots);
    if (lots == 0)
        return 0;
    /* cost = price x lots x lot_step x 10^-size_scale */
    return ln_div128((ln_i128)p->cost_e8 * ln_pow10(in->size_scale),
                     (ln_i128)lots * in->lot_step, LN_ROUND_NEAREST);
}

int64_t
ln_position_unrealised_e8(const struct ln_position *p,
                          const struct ln_instrument *in, int64_t mark_e8)
{
    int64_t value = ln_notional_of_e8(in, mark_e8, magnitude(p->size_lots));
    if (p->size_lots == 0 || mark_e8 <= 0)
        return 0;
    return p->size_lots > 0 ? ln_sub_sat(value, p->cost_e8)
                            : ln_sub_sat(p->cost_e8, value);
}
