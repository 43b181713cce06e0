/*
 * Sums that stop at the end of their range instead of overflowing: amounts
 * come from the network, and a saturated one is refused by every limit where
 * a wrapped one would pass.
 */
#ifndef LN_MARKET_SATURATE_H
#define LN_MARKET_SATURATE_H

#include <stdint.h>

static inline int64_t
ln_add_sat(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return a < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

static inline int64_t
ln_sub_sat(int64_t a, int64_t b)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference))
        return a < 0 ? INT64_MIN : INT64_MAX;
    return difference;
}

static inline int64_t
ln_mul_sat(int64_t a, int64_t b)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return (a < 0) != (b < 0) ? INT64_MIN : INT64_MAX;
    return product;
}

#endif
