/*
 * Exact conversions between decimal text, ticks, lots and money.
 */
#include "market/instrument.h"

#include <math.h>
#include <stdlib.h>

#define CAP_FIRST 32

/* Scaled value to a count of steps, rounded as told. */
static enum ln_err
to_steps(int64_t value, int64_t step, enum ln_round round, int64_t *out)
{
    if (step <= 0)
        return LN_ERR_ARG;
    if (round == LN_ROUND_EXACT && value % step != 0)
        return LN_ERR_RANGE;
    *out = ln_mul_div(value, 1, step, round);
    return LN_OK;
}

/*
 * Text at a scale deep enough that nothing is lost before the rounding to
 * the step; what is deeper still cannot be on the grid.
 */
static enum ln_err
parse_steps(struct ln_str text, int scale, int64_t step, enum ln_round round,
            int64_t *out)
{
    int64_t value;
    enum ln_err code;
    if (step == 1) /* one rounding only, at the step itself */
        return ln_decimal_parse(text, scale, round, out);
    code = ln_decimal_parse(text, scale, LN_ROUND_EXACT, &value);
    if (code == LN_OK)
        return to_steps(value, step, round, out);
    if (code != LN_ERR_RANGE || round == LN_ROUND_EXACT)
        return code;
    /* Two roundings, to the scale and then to the step, are one when both go
     * the same way. NEAREST: half of an even step is on the scale, so what
     * lies below the scale cannot reach it; half of an odd one is not. */
    enum ln_round first = round;
    if (round == LN_ROUND_NEAREST && step % 2 == 0)
        first = LN_ROUND_DOWN;
    code = ln_decimal_parse(text, scale, first, &value);
    return code == LN_OK ? to_steps(value, step, round, out) : code;
}

enum ln_err
ln_price_parse(const struct ln_instrument *in, struct ln_str text,
               enum ln_round round, int64_t *ticks)
{
    return parse_steps(text, in->price_scale, in->price_step, round, ticks);
}

enum ln_err
ln_size_parse(const struct ln_instrument *in, struct ln_str text,
              enum ln_round round, int64_t *lots)
{
    return parse_steps(text, in->size_scale, in->lot_step, round, lots);
}

size_t
ln_price_format(const struct ln_instrument *in, int64_t ticks, char *out)
{
    return ln_decimal_format(
        ln_mul_div(ticks, in->price_step, 1, LN_ROUND_DOWN), in->price_scale, 0,
        out);
}

size_t
ln_size_format(const struct ln_instrument *in, int64_t lots, char *out)
{
    return ln_decimal_format(ln_mul_div(lots, in->lot_step, 1, LN_ROUND_DOWN),
                             in->size_scale, 0, out);
}

static enum ln_err
double_steps(double v, int scale, int64_t step, enum ln_round round,
             int64_t *out)
{
    char text[LN_DECIMAL_CAP];
    if (!isfinite(v))
        return LN_ERR_RANGE;
    size_t len = ln_double_format(v, text);
    return parse_steps(ln_strn(text, len), scale, step, round, out);
}

enum ln_err
ln_price_from_double(const struct ln_instrument *in, double price,
                     enum ln_round round, int64_t *ticks)
{
    return double_steps(price, in->price_scale, in->price_step, round, ticks);
}

enum ln_err
ln_size_from_double(const struct ln_instrument *in, double size,
                    enum ln_round round, int64_t *lots)
{
    return double_steps(size, in->size_scale, in->lot_step, round, lots);
}

double
ln_price_double(const struct ln_instrument *in, int64_t ticks)
{
    return ln_decimal_to_double(
        ln_mul_div(ticks, in->price_step, 1, LN_ROUND_DOWN), in->price_scale);
}

double
ln_size_double(const struct ln_instrument *in, int64_t lots)
{
    return ln_decimal_to_double(
        ln_mul_div(lots, in->lot_step, 1, LN_ROUND_DOWN), in->size_scale);
}

#define I128_MAX (((((ln_i128)1) << 126) - 1) * 2 + 1)

/* Products stop at the end of 128 bits; see at_end() before dividing one. */
static ln_i128
mul128(ln_i128 a, ln_i128 b)
{
    ln_i128 product;
    if (__builtin_mul_overflow(a, b, &product))
        return (a < 0) != (b < 0) ? -I128_MAX : I128_MAX;
    return product;
}

/*
 * A product that was cut off there is larger than it looks, and a quotient of
 * it would be a small amount that limits let pass. (No product of smaller
 * numbers is I128_MAX: it is a prime.)
 */
static bool
at_end(ln_i128 v)
{
    return v == I128_MAX || v == -I128_MAX;
}

/* 10^n; n is at most the sum of two scales, 36. */
static ln_i128
pow10_128(int n)
{
    int low = n < LN_SCALE_MAX ? n : LN_SCALE_MAX;
    return (ln_i128)ln_pow10(low) * ln_pow10(n - low);
}

/* num x 10^exponent, rounded. */
static int64_t
scaled(ln_i128 num, int exponent, enum ln_round round)
{
    if (at_end(num))
        return num < 0 ? INT64_MIN : INT64_MAX;
    if (exponent < 0)
        return ln_div128(num, pow10_128(-exponent), round);
    return ln_div128(mul128(num, pow10_128(exponent)), 1, round);
}

int64_t
ln_price_e8(const struct ln_instrument *in, int64_t ticks)
{
    return scaled((ln_i128)ticks * in->price_step, 8 - in->price_scale,
                  LN_ROUND_NEAREST);
}

int64_t
ln_price_ticks_of_e8(const struct ln_instrument *in, int64_t price_e8,
                     enum ln_round round)
{
    int exponent = in->price_scale - 8;
    if (exponent >= 0)
        return ln_div128((ln_i128)price_e8 * ln_pow10(exponent), in->price_step,
                         round);
    return ln_div128(price_e8, (ln_i128)in->price_step * ln_pow10(-exponent),
                     round);
}

int64_t
ln_price_mean_e8(const struct ln_instrument *in, int64_t ticks_by_lots,
                 int64_t lots)
{
    int exponent = 8 - in->price_scale;
    ln_i128 num = (ln_i128)ticks_by_lots * in->price_step;
    ln_i128 div = lots;
    if (lots <= 0)
        return 0;
    if (exponent < 0)
        div *= pow10_128(-exponent);
    else
        num = mul128(num, pow10_128(exponent));
    return ln_div128(num, div, LN_ROUND_NEAREST);
}

int64_t
ln_notional_e8(const struct ln_instrument *in, int64_t price_ticks,
               int64_t lots)
{
    ln_i128 units = (ln_i128)price_ticks * lots;
    return scaled(mul128(mul128(units, in->price_step), in->lot_step),
                  8 - in->price_scale - in->size_scale, LN_ROUND_NEAREST);
}

int64_t
ln_notional_of_e8(const struct ln_instrument *in, int64_t price_e8,
                  int64_t lots)
{
    return scaled(mul128((ln_i128)price_e8 * lots, in->lot_step),
                  -in->size_scale, LN_ROUND_NEAREST);
}

int64_t
ln_lots_for_notional(const struct ln_instrument *in, int64_t price_ticks,
                     int64_t notional_e8)
{
    if (price_ticks <= 0 || notional_e8 <= 0)
        return 0;
    /* notional = ticks x step x lots x lot_step x 10^(8 - scales) */
    int exponent = 8 - in->price_scale - in->size_scale;
    ln_i128 per_lot =
        mul128((ln_i128)price_ticks * in->price_step, in->lot_step);
    ln_i128 num = notional_e8;
    if (exponent < 0)
        num = mul128(num, pow10_128(-exponent));
    else
        per_lot = mul128(per_lot, pow10_128(exponent));
    if (at_end(per_lot))
        return 0; /* one lot costs more than can be counted */
    return ln_div128(num, per_lot, LN_ROUND_FLOOR);
}

/* ---- registry ---- */

void
ln_instruments_init(struct ln_instruments *reg)
{
    memset(reg, 0, sizeof(*reg));
    ln_map_init(&reg->by_symbol);
}

void
ln_instruments_deinit(struct ln_instruments *reg)
{
    free(reg->items);
    ln_map_deinit(&reg->by_symbol);
    memset(reg, 0, sizeof(*reg));
}

/*
 * The map's keys live in the records, so when these move there is a new map.
 * Both are made before the old ones go: without memory nothing has changed.
 */
static enum ln_err
grow(struct ln_instruments *reg)
{
    uint16_t cap = reg->cap ? (uint16_t)(reg->cap * 2) : CAP_FIRST;
    struct ln_instrument *items = calloc(cap, sizeof(*items));
    struct ln_map map;
    if (!items)
        return LN_ERR_NOMEM;
    if (reg->count)
        memcpy(items, reg->items, reg->count * sizeof(*items));
    ln_map_init(&map);
    for (uint16_t i = 0; i < reg->count; i++) {
        if (ln_map_put(&map, ln_str(items[i].symbol), i) != LN_OK) {
            ln_map_deinit(&map);
            free(items);
            return LN_ERR_NOMEM;
        }
    }
    ln_map_deinit(&reg->by_symbol);
    free(reg->items);
    reg->by_symbol = map;
    reg->items = items;
    reg->cap = cap;
    return LN_OK;
}

/* Whether every conversion above can count on its scales and steps. */
static bool
usable(const struct ln_instrument *in)
{
    return in->symbol[0] && memchr(in->symbol, 0, sizeof(in->symbol)) &&
           in->price_step > 0 && in->lot_step > 0 &&
           in->price_scale <= LN_SCALE_MAX && in->size_scale <= LN_SCALE_MAX;
}

enum ln_err
ln_instruments_put(struct ln_instruments *reg, const struct ln_instrument *in,
                   uint16_t *index)
{
    if (!usable(in))
        return LN_ERR_ARG;
    uint16_t known = ln_instruments_find(reg, ln_str(in->symbol));
    if (known != LN_INSTRUMENT_NONE) {
        char symbol[LN_SYMBOL_CAP];
        memcpy(symbol, reg->items[known].symbol, sizeof(symbol));
        reg->items[known] = *in;
        memcpy(reg->items[known].symbol, symbol, sizeof(symbol));
        *index = known;
        return LN_OK;
    }
    if (reg->count == LN_INSTRUMENTS_MAX)
        return LN_ERR_NOMEM;
    if (reg->count == reg->cap && grow(reg) != LN_OK)
        return LN_ERR_NOMEM;
    reg->items[reg->count] = *in;
    if (ln_map_put(&reg->by_symbol, ln_str(reg->items[reg->count].symbol),
                   reg->count) != LN_OK)
        return LN_ERR_NOMEM;
    *index = reg->count++;
    return LN_OK;
}

static void
to_upper(char out[LN_SYMBOL_CAP], struct ln_str symbol)
{
    ln_str_copy(out, LN_SYMBOL_CAP, symbol);
    for (char *c = out; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
}

uint16_t
ln_instruments_find(const struct ln_instruments *reg, struct ln_str symbol)
{
    char upper[LN_SYMBOL_CAP];
    uint64_t index;
    if (symbol.len == 0 || symbol.len >= sizeof(upper))
        return LN_INSTRUMENT_NONE;
    if (ln_map_get(&reg->by_symbol, symbol, &index))
        return (uint16_t)index;
    to_upper(upper, symbol); /* the exchange writes nearly all of them so */
    if (ln_map_get(&reg->by_symbol, ln_str(upper), &index))
        return (uint16_t)index;
    for (uint16_t i = 0; i < reg->count; i++)
        if (ln_str_eqi(symbol, reg->items[i].symbol))
            return i;
    return LN_INSTRUMENT_NONE;
}

const struct ln_instrument *
ln_instruments_at(const struct ln_instruments *reg, uint16_t index)
{
    return index < reg->count ? &reg->items[index] : NULL;
}

const char *
ln_instruments_nearest(const struct ln_instruments *reg, const char *symbol)
{
    const char *names[LN_INSTRUMENTS_MAX];
    char upper[LN_SYMBOL_CAP];
    if (strlen(symbol) >= sizeof(upper))
        return NULL;
    to_upper(upper, ln_str(symbol));
    for (uint16_t i = 0; i < reg->count; i++)
        names[i] = reg->items[i].symbol;
    return ln_nearest(upper, names, reg->count);
}
