/*
 * Texts to ticks and lots, for tests in which they have to be right.
 */
#ifndef LN_TESTS_MARKET_GRID_H
#define LN_TESTS_MARKET_GRID_H

/* What cmocka.h wants before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "market/instrument.h"

static inline int64_t
price(const struct ln_instrument *in, const char *text, enum ln_round round)
{
    int64_t ticks = INT64_MIN;
    assert_int_equal(ln_price_parse(in, ln_str(text), round, &ticks), LN_OK);
    return ticks;
}

static inline int64_t
size(const struct ln_instrument *in, const char *text, enum ln_round round)
{
    int64_t lots = INT64_MIN;
    assert_int_equal(ln_size_parse(in, ln_str(text), round, &lots), LN_OK);
    return lots;
}

#endif
