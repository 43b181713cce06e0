/*
 * Exact decimals: parsing, formatting, rounding. All arithmetic is on
 * integers; where two int64_t meet in a product it is in 128 bits.
 */
#include "base/decimal.h"

#include "base/assert.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 u128;

#define EXPONENT_MAX                                                           \
    1000000000000LL              /* beyond it a number is 0 or too large       \
                                  */
#define DIGITS_MAX   19          /* of a uint64_t, each digit free */
#define DOUBLE_EXACT (1LL << 53) /* integers up to it are doubles */

static const int64_t powers[LN_SCALE_MAX + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

int64_t
ln_pow10(int n)
{
    LN_ASSERT_CMP(n, >=, 0);
    LN_ASSERT_CMP(n, <=, LN_SCALE_MAX);
    return powers[n];
}

/* ---- rounding ---- */

/* What of a number was cut off, compared with one half of the last place. */
enum rest { REST_NONE, REST_BELOW_HALF, REST_HALF, REST_ABOVE_HALF };

/* Whether the magnitude must be one larger. */
static bool
away_from_zero(enum rest rest, bool negative, enum ln_round round)
{
    if (rest == REST_NONE)
        return false;
    switch (round) {
    case LN_ROUND_NEAREST:
        return rest >= REST_HALF;
    case LN_ROUND_FLOOR:
        return negative;
    case LN_ROUND_CEIL:
        return !negative;
    case LN_ROUND_EXACT:
    case LN_ROUND_DOWN:
        break;
    }
    return false;
}

/* A magnitude with its sign as int64_t; false when it does not fit. */
static bool
with_sign(u128 magnitude, bool negative, int64_t *out)
{
    u128 limit = (u128)INT64_MAX + (negative ? 1 : 0);
    if (magnitude > limit)
        return false;
    uint64_t m = (uint64_t)magnitude;
    *out = negative ? (int64_t)(0 - m) : (int64_t)m;
    return true;
}

/* ---- text to integer ---- */

struct number {
    const char *digits; /* from the first non-zero digit; may hold a point */
    int64_t count;      /* digits from there on; 0: the number is zero */
    int64_t exponent;   /* value = digits * 10^exponent */
    bool negative;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "e-12" at [p, end); true when that is all there is. */
static bool
scan_exponent(const char *p, const char *end, int64_t *out)
{
    bool negative = false;
    if (++p < end && (*p == '+' || *p == '-'))
        negative = *p++ == '-';
    if (p == end)
        return false;

    int64_t value = 0;
    for (; p < end && is_digit(*p); p++)
        if (value < EXPONENT_MAX)
            value = value * 10 + (*p - '0');
    *out = negative ? -value : value;
    return p == end;
}

static bool
scan(struct ln_str text, struct number *n)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    int64_t places = 0;
    bool point = false, any = false;

    *n = (struct number){0};
    if (p < end && (*p == '+' || *p == '-'))
        n->negative = *p++ == '-';
    for (; p < end && (is_digit(*p) || (*p == '.' && !point)); p++) {
        if (*p == '.') {
            point = true;
            continue;
        }
        any = true;
        places += point ? 1 : 0;
        if (*p != '0' && n->count == 0)
            n->digits = p;
        n->count += n->digits ? 1 : 0;
    }
    if (!any)
        return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        if (!scan_exponent(p, end, &n->exponent))
            return false;
    } else if (p != end) {
        return false;
    }
    n->exponent -= places;
    return true;
}

/*
 * The first <keep> digits (zeros are appended when there are fewer), and how
 * what follows them compares with a half. keep <= DIGITS_MAX; negative: there
 * are zeros before the first digit that is cut.
 */
static uint64_t
take_digits(const struct number *n, int64_t keep, enum rest *rest)
{
    const char *p = n->digits;
    uint64_t value = 0;
    int64_t i = 0;

    for (; i < keep; i++) {
        uint64_t digit = 0;
        if (i < n->count) {
            p += *p == '.' ? 1 : 0;
            digit = (uint64_t)(*p++ - '0');
        }
        value = value * 10 + digit;
    }
    *rest = REST_NONE;
    if (i >= n->count)
        return value;

    p += *p == '.' ? 1 : 0;
    int first = keep < 0 ? 0 : *p++ - '0';
    bool more = keep < 0;
    for (i = keep < 0 ? i : i + 1; i < n->count && !more; i++) {
        p += *p == '.' ? 1 : 0;
        more = *p++ != '0';
    }
    if (first > 5 || (first == 5 && more))
        *rest = REST_ABOVE_HALF;
    else if (first == 5)
        *rest = REST_HALF;
    else if (first > 0 || more)
        *rest = REST_BELOW_HALF;
    return value;
}

enum ln_err
ln_decimal_parse(struct ln_str text, int scale, enum ln_round round,
                 int64_t *out)
{
    LN_ASSERT_CMP(scale, >=, 0);
    LN_ASSERT_CMP(scale, <=, LN_SCALE_MAX);

    struct number n;
    if (text.len == 0 || !scan(text, &n))
        return LN_ERR_PARSE;
    if (n.count == 0) {
        *out = 0;
        return LN_OK;
    }

    int64_t keep = n.count + n.exponent + scale;
    if (keep > DIGITS_MAX)
        return LN_ERR_RANGE;
    enum rest rest;
    uint64_t value = take_digits(&n, keep, &rest);
    if (rest != REST_NONE && round == LN_ROUND_EXACT)
        return LN_ERR_RANGE;
    u128 rounded =
        (u128)value + (away_from_zero(rest, n.negative, round) ? 1 : 0);
    return with_sign(rounded, n.negative, out) ? LN_OK : LN_ERR_RANGE;
}

/* ---- integer to text ---- */

size_t
ln_decimal_format(int64_t value, int scale, int min_places, char *out)
{
    LN_ASSERT_CMP(scale, >=, 0);
    LN_ASSERT_CMP(scale, <=, LN_SCALE_MAX);
    LN_ASSERT_CMP(min_places, >=, 0);
    LN_ASSERT_CMP(min_places, <=, LN_SCALE_MAX);

    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int places = scale;
    while (places > min_places && magnitude % 10 == 0) {
        magnitude /= 10;
        places--;
    }

    char reversed[LN_DECIMAL_CAP];
    size_t n = 0;
    for (int missing = min_places - places; missing > 0; missing--)
        reversed[n++] = '0';
    if (n > 0 && places == 0)
        reversed[n++] = '.';
    for (int digit = 0; magnitude > 0 || digit <= places; digit++) {
        if (digit == places && places > 0)
            reversed[n++] = '.';
        reversed[n++] = (char)('0' + magnitude % 10);
        magnitude /= 10;
    }
    if (value < 0)
        reversed[n++] = '-';

    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
    return n;
}

/* ---- doubles ---- */

size_t
ln_double_format(double value, char *out)
{
    int n = 0;
    for (int precision = 15; precision <= 17; precision++) {
        n = snprintf(out, LN_DECIMAL_CAP, "%.*g", precision, value);
        if (!isfinite(value) || strtod(out, NULL) == value)
            break;
    }
    return n < 0 ? 0 : (size_t)n;
}

enum ln_err
ln_decimal_from_double(double value, int scale, enum ln_round round,
                       int64_t *out)
{
    if (!isfinite(value))
        return LN_ERR_RANGE;
    char text[LN_DECIMAL_CAP];
    size_t n = ln_double_format(value, text);
    return ln_decimal_parse(ln_strn(text, n), scale, round, out);
}

double
ln_decimal_to_double(int64_t value, int scale)
{
    /* Two exact doubles: the quotient is then the nearest one. */
    if (value >= -DOUBLE_EXACT && value <= DOUBLE_EXACT)
        return (double)value / (double)ln_pow10(scale);

    char text[LN_DECIMAL_CAP];
    ln_decimal_format(value, scale, 0, text);
    return strtod(text, NULL);
}

/* ---- products and scales ---- */

static u128
magnitude128(ln_i128 value)
{
    return value < 0 ? 0 - (u128)value : (u128)value;
}

static enum rest
rest_of(u128 remainder, u128 div)
{
    if (remainder == 0)
        return REST_NONE;
    u128 other = div - remainder;
    if (remainder == other)
        return REST_HALF;
    return remainder < other ? REST_BELOW_HALF : REST_ABOVE_HALF;
}

int64_t
ln_div128(ln_i128 num, ln_i128 div, enum ln_round round)
{
    LN_ASSERT(div != 0);

    bool negative = (num < 0) != (div < 0);
    u128 n = magnitude128(num), d = magnitude128(div);
    u128 quotient = n / d;
    if (away_from_zero(rest_of(n % d, d), negative, round))
        quotient++;

    int64_t result;
    if (!with_sign(quotient, negative, &result))
        return negative ? INT64_MIN : INT64_MAX;
    return result;
}

int64_t
ln_mul_div(int64_t a, int64_t b, int64_t div, enum ln_round round)
{
    return ln_div128((ln_i128)a * b, div, round);
}

enum ln_err
ln_rescale(int64_t value, int from_scale, int to_scale, enum ln_round round,
           int64_t *out)
{
    if (to_scale >= from_scale) {
        int64_t result;
        if (__builtin_mul_overflow(value, ln_pow10(to_scale - from_scale),
                                   &result))
            return LN_ERR_RANGE;
        *out = result;
        return LN_OK;
    }
    int64_t factor = ln_pow10(from_scale - to_scale);
    if (round == LN_ROUND_EXACT && value % factor != 0)
        return LN_ERR_RANGE;
    *out = ln_div128(value, factor, round);
    return LN_OK;
}
