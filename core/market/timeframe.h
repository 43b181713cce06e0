/*
 * Candle lengths: names, spans, and where a candle starts. Plain 6H and
 * longer are aligned to UTC+8, the *utc ones to UTC (Bitget). 1W starts on
 * Monday, 1M on the first of the month.
 */
#ifndef LN_MARKET_TIMEFRAME_H
#define LN_MARKET_TIMEFRAME_H

#include "base/str.h"
#include "market/types.h"

/* "1m" "1H" "1Dutc" ...: REST granularity and the tail of candle channels. */
const char *ln_timeframe_name(enum ln_timeframe tf);

/*
 * From that spelling; also "1h", "4h", "1d", "1w" as people write them.
 * LN_TF_NONE if unknown ("1M" is a month, "1m" a minute).
 */
enum ln_timeframe ln_timeframe_parse(struct ln_str text);

/* Nominal span in ms (a month: 30 days). */
int64_t ln_timeframe_ms(enum ln_timeframe tf);

/*
 * Opening time of the candle that contains <time_ms>, and of the next one.
 * Times before 1970 are fine; beyond +-100 million days they are clamped.
 */
int64_t ln_timeframe_open(enum ln_timeframe tf, int64_t time_ms);
int64_t ln_timeframe_next(enum ln_timeframe tf, int64_t open_ms);

#endif
