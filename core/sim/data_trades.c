/*
 * Recorded trades: CSV with a header (timestamp or time, price, amount or
 * size or quantity or qty, side), or a JSON array of objects with the same
 * names. Other columns and members are ignored; a row without a side follows
 * the price.
 */
#include "sim/data.h"

#include "base/assert.h"
#include "base/timefmt.h"

#include <stdlib.h>

enum column { COL_TIME, COL_PRICE, COL_SIZE, COL_SIDE, COL_COUNT };

/* In the order of preference. */
static const struct {
    enum column column;
    const char *name;
} names[] = {
    {COL_TIME, "timestamp"}, {COL_TIME, "time"}, {COL_TIME, "ts"},
    {COL_PRICE, "price"},    {COL_SIZE, "size"}, {COL_SIZE, "amount"},
    {COL_SIZE, "quantity"},  {COL_SIZE, "qty"},  {COL_SIDE, "side"},
};

static void
find_columns(struct ln_str header, int where[COL_COUNT])
{
    struct ln_str fields[LN_SIM_COLUMNS_MAX];
    int n = ln_sim_data_split(header, fields);
    for (int c = 0; c < COL_COUNT; c++)
        where[c] = -1;
    for (size_t k = 0; k < LN_COUNT(names); k++)
        for (int i = 0; i < n; i++)
            if (where[names[k].column] < 0 &&
                ln_str_eqi(fields[i], names[k].name))
                where[names[k].column] = i;
}

bool
ln_sim_data_has_trades(struct ln_str header)
{
    int where[COL_COUNT];
    find_columns(header, where);
    return where[COL_TIME] >= 0 && where[COL_PRICE] >= 0 &&
           where[COL_SIZE] >= 0;
}

/* The four texts of a trade into <data>. A size that is less than a lot is
 * no trade here. */
static enum ln_err
add(struct ln_sim_reader *r, const struct ln_str text[COL_COUNT],
    struct ln_sim_data *data, struct ln_error *err)
{
    struct ln_trade t = {0};
    if (ln_time_parse(text[COL_TIME], &t.time_ms) != LN_OK || t.time_ms < 0)
        return ln_sim_data_fail(r, err,
                                "times are 2022-01-31 23:59:00, or seconds or "
                                "milliseconds since 1970",
                                "the time cannot be read");
    if (ln_price_parse(r->in, text[COL_PRICE], LN_ROUND_NEAREST,
                       &t.price_ticks) != LN_OK ||
        t.price_ticks < 1)
        return ln_sim_data_fail(r, err, NULL, "the price cannot be read");
    if (ln_size_parse(r->in, text[COL_SIZE], LN_ROUND_NEAREST, &t.size_lots) !=
            LN_OK ||
        t.size_lots < 0)
        return ln_sim_data_fail(r, err, NULL, "the size cannot be read");
    if (ln_str_eqi(text[COL_SIDE], "buy"))
        t.side = LN_BUY;
    else if (ln_str_eqi(text[COL_SIDE], "sell"))
        t.side = LN_SELL;
    else if (text[COL_SIDE].len > 0)
        return ln_sim_data_fail(r, err, "sides are buy and sell",
                                "the side cannot be read");
    if (data->ntrades > 0 &&
        t.time_ms < data->trades[data->ntrades - 1].time_ms)
        return ln_sim_data_fail(r, err, "rows must ascend by time",
                                "the trade is earlier than the one before it");
    if (t.size_lots == 0)
        return LN_OK;
    if (data->ntrades == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 4096;
        struct ln_trade *more =
            realloc(data->trades, cap * sizeof(struct ln_trade));
        if (!more)
            return ln_error_set(err, LN_ERR_NOMEM, r->path, NULL,
                                "no memory for the trades");
        data->trades = more;
        r->cap = cap;
    }
    data->trades[data->ntrades++] = t;
    return LN_OK;
}

enum ln_err
ln_sim_data_csv_trades(struct ln_sim_reader *r, struct ln_str text,
                       struct ln_sim_data *data, struct ln_error *err)
{
    struct ln_str line, fields[LN_SIM_COLUMNS_MAX];
    int where[COL_COUNT];
    enum ln_err code = LN_OK;
    if (!ln_sim_data_line(r, &text, &line))
        return LN_OK;
    find_columns(line, where);
    while (code == LN_OK && ln_sim_data_line(r, &text, &line)) {
        struct ln_str row[COL_COUNT];
        if (line.len == 0)
            continue;
        int n = ln_sim_data_split(line, fields);
        for (int c = 0; c < COL_COUNT; c++) {
            if (where[c] >= n)
                return ln_sim_data_fail(r, err, NULL,
                                        "the row has too few columns");
            row[c] = where[c] < 0 ? ln_str("") : fields[where[c]];
        }
        code = add(r, row, data, err);
    }
    return code;
}

/* ---- JSON ---- */

/* One object at a time: a document of them all may be larger than a tree. */
static bool
next_object(struct ln_str *rest, struct ln_str *object)
{
    size_t i = 0, depth = 0, start = 0;
    bool quoted = false;
    for (; i < rest->len; i++) {
        char c = rest->ptr[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            if (depth++ == 0)
                start = i;
        } else if (c == '}' && depth > 0 && --depth == 0) {
            *object = ln_strn(rest->ptr + start, i + 1 - start);
            *rest = ln_strn(rest->ptr + i + 1, rest->len - i - 1);
            return true;
        }
    }
    return false;
}

/* Numbers with an exponent are fine; ln_decimal_parse reads them. */
static void
pick(const struct ln_json *doc, struct ln_str row[COL_COUNT])
{
    for (int c = 0; c < COL_COUNT; c++)
        row[c] = ln_str("");
    for (size_t k = 0; k < LN_COUNT(names); k++)
        if (row[names[k].column].len == 0)
            row[names[k].column] =
                ln_json_scalar(doc, ln_json_get(doc, 0, names[k].name));
}

enum ln_err
ln_sim_data_json_trades(struct ln_sim_reader *r, struct ln_str text,
                        struct ln_sim_data *data, struct ln_error *err)
{
    struct ln_json doc;
    struct ln_str object;
    enum ln_err code = LN_OK;
    ln_json_init(&doc);
    while (code == LN_OK && next_object(&text, &object)) {
        struct ln_str row[COL_COUNT];
        r->line++; /* counts trades */
        if (ln_json_parse(&doc, object.ptr, object.len, NULL) != LN_OK) {
            code = ln_sim_data_fail(r, err, "a JSON array of trades",
                                    "the trade is not valid JSON");
            break;
        }
        pick(&doc, row);
        code = add(r, row, data, err);
    }
    if (code == LN_OK && !ln_str_eqc(ln_sim_data_trim(text), "]"))
        code = ln_sim_data_fail(r, err, "a JSON array of trades",
                                "the file ends within a trade");
    ln_json_deinit(&doc);
    return code;
}
