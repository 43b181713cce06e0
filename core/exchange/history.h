/*
 * What happened in a market before anybody looked, and what its crowd does.
 *
 * The past reaches 90 days back from the engine's start. It is a function of
 * seed, symbol and minute, computed when asked and never stored: a minute is
 * a handful of trades, its candle is their fold, and the last one ends at the
 * start price; longer candles are folds of minutes. Recorded candles
 * (ln_ex_replay_candles) take the place of it as far as they reach.
 */
#ifndef LN_EXCHANGE_HISTORY_H
#define LN_EXCHANGE_HISTORY_H

#include "exchange/exchange.h"

#define LN_EX_PAST_DAYS 90

enum ln_ex_price { LN_EX_MARKET = 0, LN_EX_INDEX, LN_EX_MARK };

/* Where the market's known past begins (ms, a whole minute). */
int64_t ln_ex_past_begins(const struct ln_ex *ex, uint16_t inst);

/*
 * As ln_ex_candles, of the mark or index price (volume 0), prices in ticks
 * rounded to nearest. Both over the past and since the start.
 */
size_t ln_ex_price_candles(const struct ln_ex *ex, uint16_t inst,
                           enum ln_ex_price which, enum ln_timeframe tf,
                           int64_t end_ms, struct ln_candle *out, size_t cap);

/* Public trades with ids below <before_id> (0: the newest), and not after
 * <end_ms> (0: now), not before <start_ms>; newest first. */
size_t ln_ex_trades_before(const struct ln_ex *ex, uint16_t inst,
                           int64_t before_id, int64_t start_ms, int64_t end_ms,
                           struct ln_trade *out, size_t cap);

struct ln_ex_settled {
    int64_t time_ms, rate_e8;
};
/* Funding rates that were settled, newest first; skip: that many first. */
size_t ln_ex_funding_history(const struct ln_ex *ex, uint16_t inst, size_t skip,
                             struct ln_ex_settled *out, size_t cap);
/* Limits of the rate of this contract, at 1e-8. */
void ln_ex_funding_bounds(const struct ln_ex *ex, uint16_t inst,
                          int64_t *min_e8, int64_t *max_e8);

/* What traders did in the <period_ms> that begins at time_ms. */
struct ln_ex_crowd {
    int64_t time_ms;
    int64_t taker_buy_lots, taker_sell_lots;
    int64_t long_accounts_e8, short_accounts_e8;   /* shares; sum LN_E8 */
    int64_t long_positions_e8, short_positions_e8; /* shares; sum LN_E8 */
    int64_t open_interest_lots;
};
/*
 * The periods up to <end_ms> (0: now), ascending, the latest <cap>. period_ms:
 * a whole number of minutes. Taker volumes are the sums of the trades.
 */
size_t ln_ex_crowd(const struct ln_ex *ex, uint16_t inst, int64_t period_ms,
                   int64_t end_ms, struct ln_ex_crowd *out, size_t cap);

#endif
