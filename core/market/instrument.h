/*
 * Instruments: what one contract is, and the exact conversions between its
 * ticks and lots, decimal text, and money.
 *
 *   tick = price_step x 10^-price_scale     (priceEndStep, pricePlace)
 *   lot  = lot_step   x 10^-size_scale      (sizeMultiplier; size_scale is
 *          the larger of volumePlace and sizeMultiplier's own decimals)
 */
#ifndef LN_MARKET_INSTRUMENT_H
#define LN_MARKET_INSTRUMENT_H

#include "base/decimal.h"
#include "base/map.h"
#include "market/types.h"

#define LN_INSTRUMENTS_MAX 2048

enum ln_instrument_status {
    LN_INST_NORMAL,     /* everything is allowed */
    LN_INST_LIMIT_OPEN, /* closing only */
    LN_INST_RESTRICTED, /* no API orders */
    LN_INST_OFF         /* listed, maintain, off: nothing */
};

struct ln_instrument {
    char symbol[LN_SYMBOL_CAP];
    char base[16], quote[16], margin_coin[16];
    uint8_t price_scale; /* pricePlace */
    uint8_t size_scale;
    uint8_t volume_place; /* as the exchange says it */
    uint8_t status;       /* enum ln_instrument_status */
    int64_t price_step;   /* priceEndStep */
    int64_t lot_step;
    int64_t min_lots;        /* minTradeNum */
    int64_t min_notional_e8; /* minTradeUSDT */
    int64_t max_limit_lots;  /* maxOrderQty; 0: no limit known */
    int64_t max_market_lots; /* maxMarketOrderQty; 0: no limit known */
    int64_t maker_fee_e8, taker_fee_e8;
    int64_t buy_band_e8, sell_band_e8; /* limit price ratios; 0: none */
    int64_t funding_interval_h;
    int32_t min_leverage, max_leverage;
    int32_t max_symbol_orders;
};

/* Text to ticks or lots. Errors: PARSE, RANGE (EXACT: not on the grid). */
enum ln_err ln_price_parse(const struct ln_instrument *in, struct ln_str text,
                           enum ln_round round, int64_t *ticks) LN_MUST_USE;
enum ln_err ln_size_parse(const struct ln_instrument *in, struct ln_str text,
                          enum ln_round round, int64_t *lots) LN_MUST_USE;

/* out: LN_DECIMAL_CAP bytes. Prices keep no trailing zeros ("64010"). */
size_t ln_price_format(const struct ln_instrument *in, int64_t ticks,
                       char *out);
size_t ln_size_format(const struct ln_instrument *in, int64_t lots, char *out);

/* From a script's number. */
enum ln_err ln_price_from_double(const struct ln_instrument *in, double price,
                                 enum ln_round round,
                                 int64_t *ticks) LN_MUST_USE;
enum ln_err ln_size_from_double(const struct ln_instrument *in, double size,
                                enum ln_round round, int64_t *lots) LN_MUST_USE;
double ln_price_double(const struct ln_instrument *in, int64_t ticks);
double ln_size_double(const struct ln_instrument *in, int64_t lots);

/* Price as 1e-8; ticks of a price at 1e-8. Saturate. */
int64_t ln_price_e8(const struct ln_instrument *in, int64_t ticks);
int64_t ln_price_ticks_of_e8(const struct ln_instrument *in, int64_t price_e8,
                             enum ln_round round);

/* Mean price at 1e-8 of <lots> that sum up to <ticks_by_lots>; 0 for none. */
int64_t ln_price_mean_e8(const struct ln_instrument *in, int64_t ticks_by_lots,
                         int64_t lots);

/* size x price in 1e-8 of the quote coin, rounded half away from zero. */
int64_t ln_notional_e8(const struct ln_instrument *in, int64_t price_ticks,
                       int64_t lots);
/* The same for a price at 1e-8 (mark). */
int64_t ln_notional_of_e8(const struct ln_instrument *in, int64_t price_e8,
                          int64_t lots);

/* The largest size whose value at <price_ticks> is at most <notional_e8>. */
int64_t ln_lots_for_notional(const struct ln_instrument *in,
                             int64_t price_ticks, int64_t notional_e8);

/* ---- registry: index <-> symbol; indexes are stable for the program's life */

struct ln_instruments {
    struct ln_instrument *items; /* owned */
    uint16_t count;
    uint16_t cap;
    struct ln_map by_symbol;
};

void ln_instruments_init(struct ln_instruments *reg);
void ln_instruments_deinit(struct ln_instruments *reg);

/*
 * Adds, or updates the one with that symbol in place. Errors: ARG (no symbol,
 * a step that is not positive, a scale beyond LN_SCALE_MAX), NOMEM (also:
 * full).
 */
enum ln_err ln_instruments_put(struct ln_instruments *reg,
                               const struct ln_instrument *in,
                               uint16_t *index) LN_MUST_USE;
/* LN_INSTRUMENT_NONE if unknown. Symbols match in any case. */
uint16_t ln_instruments_find(const struct ln_instruments *reg,
                             struct ln_str symbol);
/* The record; NULL if out of range. Valid until the next put. */
const struct ln_instrument *ln_instruments_at(const struct ln_instruments *reg,
                                              uint16_t index);
/* The known symbol nearest to a misspelt one, or NULL. */
const char *ln_instruments_nearest(const struct ln_instruments *reg,
                                   const char *symbol);

#endif
