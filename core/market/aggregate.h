/*
 * Candles from candles: fold 1m candles into any longer timeframe, and
 * trades into 1m candles. Pure.
 */
#ifndef LN_MARKET_AGGREGATE_H
#define LN_MARKET_AGGREGATE_H

#include "market/timeframe.h"

#include <stddef.h>

/* Start a candle at <open_ms> with one price and no volume. */
void ln_candle_start(struct ln_candle *c, int64_t open_ms, int64_t price_ticks);

/* Add a trade of that span. */
void ln_candle_add(struct ln_candle *c, int64_t price_ticks, int64_t size_lots,
                   int64_t notional_e8);

/*
 * Fold ascending <in> candles into <tf>; returns how many were written to
 * out (at most cap; the LAST cap ones are kept, ascending). The last may be
 * unfinished.
 */
size_t ln_candles_fold(const struct ln_candle *in, size_t count,
                       enum ln_timeframe tf, struct ln_candle *out, size_t cap);

#endif
