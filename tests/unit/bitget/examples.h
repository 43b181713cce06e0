/*
 * Shared by the tests of the codec: the instruments that the examples of the
 * wire are about, and text to number in the tests' own words.
 */
#ifndef LN_TEST_BITGET_EXAMPLES_H
#define LN_TEST_BITGET_EXAMPLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "market/instrument.h"

/* BTCUSDT: tick 0.1, lot 0.0001. */
static inline struct ln_instrument
example_btc(void)
{
    return (struct ln_instrument){.symbol = "BTCUSDT",
                                  .base = "BTC",
                                  .quote = "USDT",
                                  .margin_coin = "USDT",
                                  .price_scale = 1,
                                  .size_scale = 4,
                                  .volume_place = 4,
                                  .price_step = 1,
                                  .lot_step = 1,
                                  .min_lots = 1,
                                  .min_notional_e8 = 5 * LN_E8,
                                  .funding_interval_h = 8,
                                  .min_leverage = 1,
                                  .max_leverage = 125};
}

static inline void
example_registry(struct ln_instruments *reg)
{
    struct ln_instrument in = example_btc();
    uint16_t index;

    ln_instruments_init(reg);
    assert_int_equal(ln_instruments_put(reg, &in, &index), LN_OK);
    assert_int_equal(index, 0);
    in = (struct ln_instrument){.symbol = "ETHUSDT",
                                .base = "ETH",
                                .quote = "USDT",
                                .margin_coin = "USDT",
                                .price_scale = 2,
                                .size_scale = 2,
                                .volume_place = 2,
                                .price_step = 1,
                                .lot_step = 1,
                                .min_lots = 1};
    assert_int_equal(ln_instruments_put(reg, &in, &index), LN_OK);
    assert_int_equal(index, 1);
}

/* "64010.4" at 1e-8: what the tests expect is written as on the wire. */
static inline int64_t
e8(const char *text)
{
    int64_t out = 0;
    assert_int_equal(ln_decimal_parse(ln_str(text), 8, LN_ROUND_EXACT, &out),
                     LN_OK);
    return out;
}

/* Damage a frame: bytes changed, missing, doubled, the rest cut off. */
static inline void
example_mutate(struct ln_rng *rng, char *text, size_t *len, size_t cap)
{
    static const char likely[] = "{}[]\",:\\0123456789.-eEntfu \x80\xff\x01";
    uint64_t times = 1 + ln_rng_below(rng, 4);

    while (times-- > 0 && *len > 0) {
        size_t at = (size_t)ln_rng_below(rng, *len);
        size_t run = 1 + (size_t)ln_rng_below(rng, 12);
        switch (ln_rng_below(rng, 5)) {
        case 0:
            text[at] = likely[ln_rng_below(rng, sizeof likely - 1)];
            break;
        case 1:
            text[at] = (char)(text[at] ^ (1 << ln_rng_below(rng, 8)));
            break;
        case 2: /* a piece is missing */
            if (run > *len - at)
                run = *len - at;
            memmove(text + at, text + at + run, *len - at - run);
            *len -= run;
            break;
        case 3: /* a piece comes twice */
            if (run > *len - at)
                run = *len - at;
            if (*len + run > cap)
                break;
            memmove(text + at + run, text + at, *len - at);
            *len += run;
            break;
        default:
            *len = at; /* the rest is missing */
            break;
        }
    }
}

#endif
