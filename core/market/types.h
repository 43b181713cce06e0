/*
 * The words of the market: what a ticker, a candle, a trade and a book level
 * are, in exact integers.
 *
 * Room: core/market, floor 2; knows core/base only. Pure: no I/O and no
 * clock. Used by the exchange engine, by venues, the host and strategies.
 *
 *   price_ticks  count of the instrument's tick (struct ln_instrument)
 *   size_lots    count of the instrument's lot
 *   *_e8         1e-8 of the quote or margin coin; also prices that are not
 *                bound to the tick (mark, index) and rates (0.0001 = 10000)
 *   *_ms         ms since 1970
 */
#ifndef LN_MARKET_TYPES_H
#define LN_MARKET_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#define LN_SYMBOL_CAP      32
#define LN_INSTRUMENT_NONE UINT16_MAX

enum ln_side { LN_BUY = 1, LN_SELL = 2 };

/* Candle lengths, in the exchange's spelling (see ln_timeframe_name). */
enum ln_timeframe {
    LN_TF_NONE = 0,
    LN_TF_1M,
    LN_TF_3M,
    LN_TF_5M,
    LN_TF_15M,
    LN_TF_30M,
    LN_TF_1H,
    LN_TF_2H,
    LN_TF_4H,
    LN_TF_6H,
    LN_TF_12H,
    LN_TF_1D,
    LN_TF_3D,
    LN_TF_1W,
    LN_TF_1MON,
    LN_TF_6HUTC,
    LN_TF_12HUTC,
    LN_TF_1DUTC,
    LN_TF_3DUTC,
    LN_TF_1WUTC,
    LN_TF_1MUTC,
    LN_TF_COUNT
};

struct ln_ticker {
    int64_t time_ms;
    int64_t last_ticks;
    int64_t bid_ticks, ask_ticks; /* 0: that side is empty */
    int64_t bid_lots, ask_lots;
    int64_t mark_e8, index_e8;
    int64_t funding_rate_e8;
    int64_t next_funding_ms;
    int64_t open_interest_lots;
    int64_t high_24h_ticks, low_24h_ticks, open_24h_ticks;
    int64_t change_24h_e8; /* ratio */
    int64_t volume_24h_lots;
    int64_t quote_volume_24h_e8;
};

struct ln_candle {
    int64_t time_ms; /* of its opening */
    int64_t open_ticks, high_ticks, low_ticks, close_ticks;
    int64_t volume_lots;
    int64_t quote_volume_e8;
};

struct ln_trade {
    int64_t time_ms;
    int64_t id; /* decimal ids of up to 19 digits fit */
    int64_t price_ticks;
    int64_t size_lots;
    uint8_t side; /* enum ln_side of the taker */
};

struct ln_level {
    int64_t price_ticks;
    int64_t size_lots;
};

#endif
