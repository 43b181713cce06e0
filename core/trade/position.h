/*
 * A position that is built from fills: signed size, average entry, realised
 * profit and fees. One per strategy and instrument (and per side in hedge
 * mode). Average entry: sum(size x price) / sum(size) of the opening fills;
 * closing leaves it unchanged (Bitget's rule).
 */
#ifndef LN_TRADE_POSITION_H
#define LN_TRADE_POSITION_H

#include "market/instrument.h"
#include "trade/types.h"

struct ln_position {
    uint16_t instrument;
    int64_t size_lots; /* > 0 long, < 0 short */
    /* Cost of the open size: sum of notional at entry, 1e-8; >= 0. Exact
     * proportion is released on closing, so entry never drifts. */
    int64_t cost_e8;
    int64_t realised_e8; /* profit of closed size, without fees */
    int64_t fees_e8;     /* negative = paid */
    int64_t updated_ms;
    uint64_t fills;
};

void ln_position_init(struct ln_position *p, uint16_t instrument);

/*
 * Book one fill (already known to be new). Returns the profit it realised. A
 * fill without size is not one and changes nothing.
 */
int64_t ln_position_fill(struct ln_position *p, const struct ln_instrument *in,
                         const struct ln_fill *f);

/* Average entry price at 1e-8; 0 when flat. */
int64_t ln_position_entry_e8(const struct ln_position *p,
                             const struct ln_instrument *in);
/* dir x size x (mark - entry). */
int64_t ln_position_unrealised_e8(const struct ln_position *p,
                                  const struct ln_instrument *in,
                                  int64_t mark_e8);

#endif
