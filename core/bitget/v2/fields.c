/*
 * Table-driven reading of wire rows. See fields.h.
 */
#include "bitget/v2/fields.h"

#include "base/assert.h"
#include "trade/types.h"

const struct ln_v2_name ln_v2_names_side[] = {
    {"buy", LN_BUY}, {"sell", LN_SELL}, {NULL, 0}};
const struct ln_v2_name ln_v2_names_yes[] = {
    {"yes", 1}, {"no", 0}, {"on", 1}, {"off", 0}, {NULL, 0}};
const struct ln_v2_name ln_v2_names_pos_mode[] = {
    {"one_way_mode", LN_ONE_WAY}, {"hedge_mode", LN_HEDGE}, {NULL, 0}};
/* "cross" is in old samples, "fixed" in the page of positions-history. */
const struct ln_v2_name ln_v2_names_margin_mode[] = {{"crossed", LN_CROSSED},
                                                     {"isolated", LN_ISOLATED},
                                                     {"cross", LN_CROSSED},
                                                     {"fixed", LN_ISOLATED},
                                                     {NULL, 0}};
const struct ln_v2_name ln_v2_names_hold_side[] = {
    {"long", LN_LONG}, {"short", LN_SHORT}, {"net", LN_NET}, {NULL, 0}};
const struct ln_v2_name ln_v2_names_order_type[] = {
    {"limit", LN_LIMIT}, {"market", LN_MARKET}, {NULL, 0}};
const struct ln_v2_name ln_v2_names_force[] = {{"gtc", LN_GTC},
                                               {"ioc", LN_IOC},
                                               {"fok", LN_FOK},
                                               {"post_only", LN_POST_ONLY},
                                               {NULL, 0}};
const struct ln_v2_name ln_v2_names_order_state[] = {
    {"live", LN_ORDER_LIVE},           {"partially_filled", LN_ORDER_PARTIAL},
    {"filled", LN_ORDER_FILLED},       {"canceled", LN_ORDER_CANCELLED},
    {"cancelled", LN_ORDER_CANCELLED}, {NULL, 0}};
/* Words on the fill channel and REST, letters on the orders channel. */
const struct ln_v2_name ln_v2_names_scope[] = {{"taker", LN_TAKER},
                                               {"maker", LN_MAKER},
                                               {"T", LN_TAKER},
                                               {"M", LN_MAKER},
                                               {NULL, 0}};

bool
ln_v2_name_find(const struct ln_v2_name *names, struct ln_str text,
                uint8_t *out)
{
    for (; names->text; names++) {
        if (ln_str_eqi(text, names->text)) {
            *out = names->value;
            return true;
        }
    }
    return false;
}

static enum ln_err
bad_value(struct ln_error *err, enum ln_err code, const char *name,
          struct ln_str text)
{
    return ln_error_set(err, code, name, NULL, "field %s has the value '%.*s'",
                        name, (int)(text.len > 64 ? 64 : text.len),
                        text.ptr ? text.ptr : "");
}

/* A size that rounds to nothing is still something: only zero is zero. */
static bool
has_digit_but_zero(struct ln_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == 'e' || text.ptr[i] == 'E')
            return false;
        if (text.ptr[i] >= '1' && text.ptr[i] <= '9')
            return true;
    }
    return false;
}

static enum ln_err
parse_number(const struct ln_v2_reader *r, struct ln_str text,
             enum ln_v2_form form, int64_t *out)
{
    enum ln_err e;
    switch (form) {
    case LN_V2_PRICE:
        LN_ASSERT(r->in);
        return ln_price_parse(r->in, text, r->round, out);
    case LN_V2_SIZE:
        LN_ASSERT(r->in);
        e = ln_size_parse(r->in, text, r->round, out);
        if (e == LN_OK && *out == 0 && has_digit_but_zero(text))
            *out = text.ptr[0] == '-' ? -1 : 1;
        return e;
    case LN_V2_E8:
        return ln_decimal_parse(text, LN_SCALE_MONEY, LN_ROUND_NEAREST, out);
    default:
        return ln_decimal_parse(text, 0, LN_ROUND_NEAREST, out);
    }
}

static enum ln_err
number_of_text(const struct ln_v2_reader *r, struct ln_str text,
               enum ln_v2_form form, const char *name, int64_t *out,
               struct ln_error *err)
{
    enum ln_err e = parse_number(r, text, form, out);
    if (e == LN_ERR_RANGE && r->round == LN_ROUND_NEAREST) {
        /* Market data: an absurd amount must not cost us the row. */
        *out = text.ptr[0] == '-' ? INT64_MIN : INT64_MAX;
        return LN_OK;
    }
    return e ? bad_value(err, e, name, text) : LN_OK;
}

enum ln_err
ln_v2_number(const struct ln_v2_reader *r, ln_json_val v, enum ln_v2_form form,
             const char *name, int64_t *out, struct ln_error *err)
{
    struct ln_str text = ln_json_scalar(r->doc, v);
    *out = 0;
    if (text.len == 0)
        return LN_OK;
    return number_of_text(r, text, form, name, out, err);
}

static enum ln_err
read_name(const struct ln_v2_field *f, struct ln_str text, char *at,
          struct ln_error *err)
{
    uint8_t value = 0;
    if (!ln_v2_name_find(f->names, text, &value))
        return bad_value(err, LN_ERR_PARSE, f->name, text);
    memcpy(at, &value, 1);
    return LN_OK;
}

static enum ln_err
read_one(const struct ln_v2_reader *r, const struct ln_v2_field *f,
         struct ln_str text, void *out, struct ln_error *err)
{
    char *at = (char *)out + f->offset;
    int64_t value = 0;
    enum ln_err e;

    switch (f->form) {
    case LN_V2_TEXT:
        if (!ln_str_copy(at, f->cap, text))
            return bad_value(err, LN_ERR_RANGE, f->name, text);
        return LN_OK;
    case LN_V2_CUT:
        (void)ln_str_copy(at, f->cap, text);
        return LN_OK;
    case LN_V2_NAME:
        return read_name(f, text, at, err);
    default:
        break;
    }
    e = number_of_text(r, text, f->form, f->name, &value, err);
    if (e)
        return e;
    if (f->form == LN_V2_I32) {
        int32_t small = (int32_t)value;
        if (value > INT32_MAX || value < INT32_MIN)
            return bad_value(err, LN_ERR_RANGE, f->name, text);
        memcpy(at, &small, sizeof small);
        return LN_OK;
    }
    memcpy(at, &value, sizeof value);
    return LN_OK;
}

/* Index of the row named <key>, looking from <from> on; count if none. */
static size_t
field_find(const struct ln_v2_field *fields, size_t count, size_t from,
           struct ln_str key)
{
    for (size_t i = 0, at = from; i < count; i++, at++) {
        if (at >= count)
            at = 0;
        if (fields[at].name_len == key.len &&
            memcmp(fields[at].name, key.ptr, key.len) == 0)
            return at;
    }
    return count;
}

enum ln_err
ln_v2_fields_read(const struct ln_v2_reader *r, ln_json_val obj,
                  const struct ln_v2_field *fields, size_t count, void *out,
                  struct ln_error *err)
{
    const struct ln_json *doc = r->doc;
    uint64_t seen = 0;
    size_t cursor = 0;

    LN_ASSERT_CMP(count, <=, (size_t)LN_V2_FIELDS_MAX);
    if (ln_json_type(doc, obj) != LN_JSON_OBJECT)
        return ln_error_set(err, LN_ERR_PARSE, NULL, NULL,
                            "a row of the exchange is no object");
    for (ln_json_val k = ln_json_first(doc, obj); k != LN_JSON_NONE;
         k = ln_json_next(doc, obj, k)) {
        size_t at = field_find(fields, count, cursor, ln_json_raw(doc, k));
        struct ln_str text;
        enum ln_err e;
        if (at == count)
            continue;
        cursor = at + 1;
        text = ln_json_scalar(doc, k + 1);
        if (text.len == 0)
            continue;
        e = read_one(r, &fields[at], text, out, err);
        if (e)
            return e;
        seen |= (uint64_t)1 << at;
    }
    for (size_t i = 0; i < count; i++) {
        if (fields[i].required && !(seen & ((uint64_t)1 << i)))
            return ln_error_set(err, LN_ERR_PARSE, fields[i].name, NULL,
                                "field %s is missing", fields[i].name);
    }
    return LN_OK;
}

enum ln_err
ln_v2_row_instrument(const struct ln_json *doc, ln_json_val row,
                     const struct ln_instruments *reg, uint16_t *index,
                     const struct ln_instrument **in, struct ln_error *err)
{
    struct ln_str symbol = ln_json_scalar(doc, ln_json_get(doc, row, "instId"));
    if (symbol.len == 0)
        symbol = ln_json_scalar(doc, ln_json_get(doc, row, "symbol"));
    *index = symbol.len ? ln_instruments_find(reg, symbol) : LN_INSTRUMENT_NONE;
    *in = ln_instruments_at(reg, *index);
    if (!*in)
        return ln_error_set(err, LN_ERR_NOT_FOUND, "instId", NULL,
                            "the exchange names the unknown symbol '%.*s'",
                            (int)(symbol.len > 64 ? 64 : symbol.len),
                            symbol.ptr ? symbol.ptr : "");
    return LN_OK;
}

enum ln_err
ln_v2_sum_e8(const struct ln_json *doc, ln_json_val arr, const char *key,
             int64_t *out, struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};
    *out = 0;
    if (ln_json_type(doc, arr) != LN_JSON_ARRAY)
        return LN_OK;
    for (ln_json_val v = ln_json_first(doc, arr); v != LN_JSON_NONE;
         v = ln_json_next(doc, arr, v)) {
        int64_t one = 0;
        enum ln_err e = ln_v2_number(&r, ln_json_get(doc, v, key), LN_V2_E8,
                                     key, &one, err);
        if (e)
            return e;
        if (__builtin_add_overflow(*out, one, out))
            return ln_error_set(err, LN_ERR_RANGE, key, NULL,
                                "the sum of %s overflows", key);
    }
    return LN_OK;
}
