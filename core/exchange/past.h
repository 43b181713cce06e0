/*
 * The past inside the engine: minutes before the first live one, computed
 * when asked (past.c) and cached a day at a time (past_cache.c), the noise
 * that basis and crowd are made of, and what the crowd's records (mood.c)
 * tell the queries (history.c, candles.c).
 *
 *   begin_ms        end_ms            live_ms              now
 *      | invented     | recorded rows    | what was traded   |
 *                     (none: end_ms == live_ms)
 */
#ifndef LN_EXCHANGE_PAST_H
#define LN_EXCHANGE_PAST_H

#include "exchange/exchange_int.h"

#define LN_EX_MINUTE_MS      60000LL
#define LN_EX_QUARTER_MS     (15 * LN_EX_MINUTE_MS)
#define LN_EX_PAST_MINUTES   (LN_EX_PAST_DAYS * LN_EX_DAY_MINUTES)
#define LN_EX_MINUTE_TRADES  8 /* of a minute of the past, at most */
#define LN_EX_PAST_BLOCKS    3 /* days whose minutes are kept */
#define LN_EX_QUARTERS_A_DAY 96

struct ln_ex_ohlc {
    int64_t open, high, low, close;
};

/* A span of the past; index and mark in ticks. */
struct ln_ex_bar {
    struct ln_candle market;
    struct ln_ex_ohlc index, mark;
    int64_t buy_lots; /* what takers bought of the volume */
};

/* The minutes of one UTC day, as far as they are invented. */
struct ln_ex_block {
    int64_t day;            /* since 1970 */
    struct ln_ex_bar *bars; /* owned; NULL: not filled yet */
};

struct ln_ex_past {
    uint64_t seed;
    int64_t begin_ms, end_ms, live_ms;            /* whole minutes */
    int64_t end_ticks;                            /* the price at end_ms */
    struct ln_ex_block blocks[LN_EX_PAST_BLOCKS]; /* by day % their number */
    struct ln_ex_bar **quarters; /* owned; by day, each NULL or of a day */
    int64_t first_day;
    size_t ndays;
};

/* ---- past.c: pure functions of the seed and a time ---- */

/* The bars of [from, from + n minutes), all of them invented. */
void ln_ex_past_invent(const struct ln_ex_market *m, int64_t from_ms, int n,
                       struct ln_ex_bar *out);
/* The trades of one minute before the live ones, ascending: invented, or
 * drawn from a recorded row. */
size_t ln_ex_past_trades(const struct ln_ex_market *m, int64_t minute_ms,
                         struct ln_trade out[LN_EX_MINUTE_TRADES]);
/* A recorded row with what belongs to it. */
void ln_ex_past_recorded(const struct ln_ex_market *m,
                         const struct ln_candle *row, struct ln_ex_bar *out);
/* How far the contract is above its index, at 1e-8. */
int64_t ln_ex_basis_e8(const struct ln_ex_market *m, int64_t time_ms);
/* What the index's venues disagree by, at 1e-8 of the quote coin. */
int64_t ln_ex_venues_e8(const struct ln_ex_market *m, int64_t time_ms);
/* Usual volume at this time of the day and week, in percent. */
int64_t ln_ex_rhythm_percent(int64_t time_ms);
/* Share of long accounts and positions, and open interest, as the mood of
 * the time has them. */
int64_t ln_ex_crowd_long_e8(const struct ln_ex_market *m, int64_t time_ms);
int64_t ln_ex_crowd_weight_e8(const struct ln_ex_market *m, int64_t time_ms);
int64_t ln_ex_crowd_interest(const struct ln_ex_market *m, int64_t time_ms);

/* ---- past_cache.c ---- */

/* One invented minute, or the quarter of an hour that begins at a time (as
 * far as it is invented). NULL: outside, or no memory. Valid until the next
 * call. */
const struct ln_ex_bar *ln_ex_past_minute(const struct ln_ex_market *m,
                                          int64_t minute_ms);
const struct ln_ex_bar *ln_ex_past_quarter(const struct ln_ex_market *m,
                                           int64_t quarter_ms);
/* Recorded rows begin here, at this price; the live minutes at live_ms. */
void ln_ex_past_end(struct ln_ex_market *m, int64_t end_ms, int64_t ticks,
                    int64_t live_ms);
/* Nothing invented is asked for any more. */
void ln_ex_past_forget(struct ln_ex_market *m);
void ln_ex_bar_fold(struct ln_ex_bar *into, const struct ln_ex_bar *bar);

/* ---- mood.c ---- */

/* Index or mark of a live minute, in ticks; false: no such minute. */
bool ln_ex_mood_price(const struct ln_ex_market *m, enum ln_ex_price which,
                      int64_t minute_ms, struct ln_candle *out);
/* The settled rates since the start, newest first, from <skip> on. */
size_t ln_ex_mood_settlements(const struct ln_ex_market *m, size_t skip,
                              struct ln_ex_settled *out, size_t cap,
                              size_t *all);

/* ---- candles.c ---- */

/* Index of the first kept candle at or after a time. */
size_t ln_ex_candles_from(const struct ln_ex_market *m, int64_t time_ms);
/* ln_ex_candles of any of the three prices. */
size_t ln_ex_candles_of(const struct ln_ex_market *m, enum ln_ex_price which,
                        enum ln_timeframe tf, int64_t end_ms,
                        struct ln_candle *out, size_t cap);

/* ---- history.c, prices.c ---- */

/* The largest funding rate of a contract, either way. */
int64_t ln_ex_rate_max_e8(const struct ln_instrument *in);

/* The rate that an average premium gives. */
int64_t ln_ex_rate_of_premium(const struct ln_ex_market *m, int64_t premium_e8);

static inline int64_t
ln_ex_minute_of(int64_t time_ms)
{
    int64_t past = time_ms % LN_EX_MINUTE_MS;
    return time_ms - (past < 0 ? past + LN_EX_MINUTE_MS : past);
}

#endif
