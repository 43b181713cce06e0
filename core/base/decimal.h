/*
 * Exact decimals: text to scaled int64_t and back, and products of such
 * integers through __int128. "scale" is the number of decimal places that
 * the integer counts: value 12345 at scale 2 is 123.45. Money is scale 8.
 *
 * double enters and leaves only at the border to Lua and statistics.
 */
#ifndef LN_BASE_DECIMAL_H
#define LN_BASE_DECIMAL_H

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

#define LN_E8          100000000LL /* one unit at scale 8 */
#define LN_SCALE_MONEY 8           /* decimal places of money */
#define LN_SCALE_MAX   18          /* 10^18 is the largest power in int64_t */
#define LN_DECIMAL_CAP 48 /* bytes that any formatted decimal fits in */

/* The name alone is an extension; pedantic C11 wants to be told so. */
__extension__ typedef __int128 ln_i128;

enum ln_round {
    LN_ROUND_EXACT,   /* anything beyond the scale is an error */
    LN_ROUND_DOWN,    /* towards zero */
    LN_ROUND_NEAREST, /* half away from zero */
    LN_ROUND_FLOOR,   /* towards minus infinity */
    LN_ROUND_CEIL     /* towards plus infinity */
};

/* 10^n for 0 <= n <= 18. */
int64_t ln_pow10(int n);

/*
 * Parse "-12.340", "+5", ".5", "5.", "1e-7" (JSON's exponent form). No
 * spaces, no empty text. Errors: LN_ERR_PARSE, LN_ERR_RANGE (overflow, or EXACT
 * and digits are lost). On error *out is untouched.
 */
enum ln_err ln_decimal_parse(struct ln_str text, int scale, enum ln_round round,
                             int64_t *out) LN_MUST_USE;

/*
 * Format <value> at <scale> with at least <min_places> decimals and no
 * trailing zeros beyond them. min_places == scale keeps all of them.
 * out must hold LN_DECIMAL_CAP bytes. Returns the length.
 */
size_t ln_decimal_format(int64_t value, int scale, int min_places, char *out);

/*
 * A double as a person wrote it (the shortest text that reads back to it) at
 * <scale>. Errors: LN_ERR_RANGE for NaN, infinities and overflow.
 */
enum ln_err ln_decimal_from_double(double value, int scale, enum ln_round round,
                                   int64_t *out) LN_MUST_USE;
double ln_decimal_to_double(int64_t value, int scale);

/*
 * The first of its texts with 15, 16 and 17 digits that reads back to the
 * same double ("0.1", "1e+22", "nan", "inf"). out must hold LN_DECIMAL_CAP
 * bytes. Returns the length.
 */
size_t ln_double_format(double value, char *out);

/*
 * Change scale. Errors: LN_ERR_RANGE.
 */
enum ln_err ln_rescale(int64_t value, int from_scale, int to_scale,
                       enum ln_round round, int64_t *out) LN_MUST_USE;

/*
 * a * b / div with a 128-bit product; div != 0. Saturates to
 * INT64_MIN/MAX instead of overflowing (a saturated amount is refused by
 * every limit, where a wrapped one would pass). There is no error to return,
 * so LN_ROUND_EXACT rounds like LN_ROUND_DOWN here.
 */
int64_t ln_mul_div(int64_t a, int64_t b, int64_t div, enum ln_round round);

/* 128-bit numerator version of the same. */
int64_t ln_div128(ln_i128 num, ln_i128 div, enum ln_round round);

#endif
