/*
 * Recorded candles from a CSV file with a header: time (timestamp, time or
 * open_time), open, high, low, close and volume in any order; other columns
 * are ignored. Files of trades (data_trades.c) are told by their header, JSON
 * by its first character; both may be packed with gzip.
 */
#include "sim/data.h"

#include "base/timefmt.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#define FILE_MAX     (512U << 20)
#define PACKED_CHUNK 65536
#define MINUTE_MS    60000
#define HISTORY_ROWS 1500 /* before the market starts */

enum column {
    COL_TIME,
    COL_OPEN,
    COL_HIGH,
    COL_LOW,
    COL_CLOSE,
    COL_VOLUME,
    COL_COUNT
};

static const char *const column_names[COL_COUNT] = {
    "timestamp", "open", "high", "low", "close", "volume"};

struct reader {
    struct ln_sim_reader base;
    int where[COL_COUNT]; /* position in a row; -1: the file has none */
};

enum ln_err
ln_sim_data_fail(const struct ln_sim_reader *r, struct ln_error *err,
                 const char *cure, const char *what)
{
    char where[192];
    snprintf(where, sizeof(where), "%s:%d", r->path, r->line);
    return ln_error_set(err, LN_ERR_PARSE, where, cure, "%s", what);
}

/* ---- fields ---- */

struct ln_str
ln_sim_data_trim(struct ln_str s)
{
    while (s.len > 0 && strchr(" \t\r\n\"", s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && strchr(" \t\r\n\"", s.ptr[s.len - 1]))
        s.len--;
    return s;
}

int
ln_sim_data_split(struct ln_str line, struct ln_str *out)
{
    int n = 0;
    const char *at = line.ptr, *end = line.ptr + line.len;
    for (;;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        if (n < LN_SIM_COLUMNS_MAX)
            out[n++] = ln_sim_data_trim(ln_strn(at, (size_t)(stop - at)));
        if (!comma)
            return n;
        at = comma + 1;
    }
}

bool
ln_sim_data_line(struct ln_sim_reader *r, struct ln_str *rest,
                 struct ln_str *line)
{
    if (rest->len == 0)
        return false;
    const char *nl = memchr(rest->ptr, '\n', rest->len);
    size_t len = nl ? (size_t)(nl - rest->ptr) : rest->len;
    *line = ln_sim_data_trim(ln_strn(rest->ptr, len));
    len += nl != NULL;
    *rest = ln_strn(rest->ptr + len, rest->len - len);
    r->line++;
    return true;
}

static enum ln_err
read_header(struct reader *r, struct ln_str line, struct ln_error *err)
{
    struct ln_str fields[LN_SIM_COLUMNS_MAX];
    char what[96];
    int n = ln_sim_data_split(line, fields);
    for (int c = 0; c < COL_COUNT; c++)
        r->where[c] = -1;
    for (int i = 0; i < n; i++) {
        for (int c = 0; c < COL_COUNT; c++)
            if (r->where[c] < 0 && ln_str_eqi(fields[i], column_names[c]))
                r->where[c] = i;
        if (r->where[COL_TIME] < 0 && (ln_str_eqi(fields[i], "time") ||
                                       ln_str_eqi(fields[i], "open_time")))
            r->where[COL_TIME] = i;
    }
    for (int c = 0; c < COL_VOLUME; c++) {
        if (r->where[c] >= 0)
            continue;
        snprintf(what, sizeof(what), "the header has no column '%s'",
                 column_names[c]);
        return ln_sim_data_fail(&r->base, err,
                                "the first line names the columns: "
                                "timestamp,open,high,low,close,volume",
                                what);
    }
    return LN_OK;
}

static bool
read_price(const struct reader *r, struct ln_str text, int64_t *ticks)
{
    return ln_price_parse(r->base.in, text, LN_ROUND_NEAREST, ticks) == LN_OK &&
           *ticks > 0;
}

static bool
read_volume(const struct reader *r, struct ln_str text, struct ln_candle *c)
{
    int64_t quote_e8;
    c->volume_lots = c->quote_volume_e8 = 0;
    if (text.len == 0)
        return true; /* unknown */
    if (r->base.quote_volume) {
        if (ln_decimal_parse(text, LN_SCALE_MONEY, LN_ROUND_NEAREST,
                             &quote_e8) != LN_OK ||
            quote_e8 < 0)
            return false;
        c->quote_volume_e8 = quote_e8;
        c->volume_lots =
            ln_lots_for_notional(r->base.in, c->close_ticks, quote_e8);
        return true;
    }
    if (ln_size_parse(r->base.in, text, LN_ROUND_NEAREST, &c->volume_lots) !=
            LN_OK ||
        c->volume_lots < 0)
        return false;
    c->quote_volume_e8 =
        ln_notional_e8(r->base.in, c->close_ticks, c->volume_lots);
    return true;
}

static enum ln_err
read_row(const struct reader *r, struct ln_str line, struct ln_candle *c,
         struct ln_error *err)
{
    struct ln_str fields[LN_SIM_COLUMNS_MAX];
    int n = ln_sim_data_split(line, fields);
    *c = (struct ln_candle){0};
    int64_t *prices[] = {&c->open_ticks, &c->high_ticks, &c->low_ticks,
                         &c->close_ticks};
    for (int i = 0; i < COL_COUNT; i++)
        if (r->where[i] >= n)
            return ln_sim_data_fail(&r->base, err, NULL,
                                    "the row has too few columns");
    if (ln_time_parse(fields[r->where[COL_TIME]], &c->time_ms) != LN_OK)
        return ln_sim_data_fail(&r->base, err,
                                "times are 2022-01-31 23:59:00, or seconds or "
                                "milliseconds since 1970",
                                "the time cannot be read");
    if (c->time_ms % MINUTE_MS != 0)
        return ln_sim_data_fail(&r->base, err,
                                "the file must have candles of one minute",
                                "the candle does not start with a minute");
    for (int i = 0; i < 4; i++)
        if (!read_price(r, fields[r->where[COL_OPEN + i]], prices[i]))
            return ln_sim_data_fail(&r->base, err, NULL,
                                    "a price cannot be read");
    if (c->high_ticks < c->open_ticks || c->high_ticks < c->close_ticks ||
        c->low_ticks > c->open_ticks || c->low_ticks > c->close_ticks)
        return ln_sim_data_fail(&r->base, err, NULL,
                                "open and close are not between low and high");
    if (!read_volume(r,
                     r->where[COL_VOLUME] < 0 ? ln_str("")
                                              : fields[r->where[COL_VOLUME]],
                     c))
        return ln_sim_data_fail(&r->base, err, NULL,
                                "the volume cannot be read");
    return LN_OK;
}

static enum ln_err
add_row(struct reader *r, struct ln_sim_data *data, const struct ln_candle *c,
        struct ln_error *err)
{
    if (data->count > 0 && c->time_ms <= data->rows[data->count - 1].time_ms)
        return ln_sim_data_fail(&r->base, err, "rows must ascend by time",
                                "the row is not later than the one before it");
    if (data->count == r->base.cap) {
        size_t cap = r->base.cap ? r->base.cap * 2 : 4096;
        struct ln_candle *rows =
            realloc(data->rows, cap * sizeof(struct ln_candle));
        if (!rows)
            return ln_error_set(err, LN_ERR_NOMEM, r->base.path, NULL,
                                "no memory for the candles");
        data->rows = rows;
        r->base.cap = cap;
    }
    data->rows[data->count++] = *c;
    return LN_OK;
}

static enum ln_err
read_candles(struct reader *r, struct ln_str text, struct ln_sim_data *data,
             struct ln_error *err)
{
    struct ln_str line;
    enum ln_err code = LN_OK;
    if (ln_sim_data_line(&r->base, &text, &line))
        code = read_header(r, line, err);
    while (code == LN_OK && ln_sim_data_line(&r->base, &text, &line)) {
        struct ln_candle c;
        if (line.len == 0)
            continue;
        code = read_row(r, line, &c, err);
        if (code == LN_OK)
            code = add_row(r, data, &c, err);
    }
    if (code == LN_OK && data->count < 2)
        code = ln_error_set(err, LN_ERR_PARSE, r->base.path, NULL,
                            "the file has fewer than two candles");
    return code;
}

static enum ln_err
read_trades(struct ln_sim_reader *r, struct ln_str text, bool json,
            struct ln_sim_data *data, struct ln_error *err)
{
    enum ln_err code = json ? ln_sim_data_json_trades(r, text, data, err)
                            : ln_sim_data_csv_trades(r, text, data, err);
    if (code == LN_OK && data->ntrades < 2)
        code = ln_error_set(err, LN_ERR_PARSE, r->path, NULL,
                            "the file has fewer than two trades");
    return code;
}

/* ---- the file ---- */

static enum ln_err
unpack(const char *path, const struct ln_buf *packed, struct ln_buf *out,
       struct ln_error *err)
{
    static const char cure[] = "a whole gzip file of at most 512 MiB";
    unsigned char chunk[PACKED_CHUNK];
    z_stream z = {.next_in = (unsigned char *)packed->data,
                  .avail_in = (unsigned)packed->len};
    bool room = true;
    int state = inflateInit2(&z, 16 + MAX_WBITS);
    while (state == Z_OK && room) {
        z.next_out = chunk;
        z.avail_out = sizeof(chunk);
        state = inflate(&z, Z_NO_FLUSH);
        ln_buf_add(out, chunk, sizeof(chunk) - z.avail_out);
        room = !out->failed;
    }
    inflateEnd(&z);
    if (state == Z_STREAM_END && room)
        return LN_OK;
    return ln_error_set(err, LN_ERR_PARSE, path, cure,
                        "the file cannot be unpacked");
}

static enum ln_err
read_file(const char *path, struct ln_buf *text, struct ln_error *err)
{
    enum ln_err code = ln_buf_read_file(text, path, err);
    if (code != LN_OK || text->len < 2 ||
        (unsigned char)text->data[0] != 0x1F ||
        (unsigned char)text->data[1] != 0x8B)
        return code;
    struct ln_buf packed = *text;
    ln_buf_init(text, FILE_MAX);
    code = unpack(path, &packed, text, err);
    ln_buf_deinit(&packed);
    return code;
}

enum ln_err
ln_sim_data_read(struct ln_sim_data *data, const char *path,
                 const struct ln_instrument *in, bool quote_volume,
                 struct ln_error *err)
{
    struct reader r = {
        .base = {.path = path, .in = in, .quote_volume = quote_volume}};
    struct ln_buf text;
    *data = (struct ln_sim_data){0};
    ln_buf_init(&text, FILE_MAX);
    enum ln_err code = read_file(path, &text, err);
    if (code == LN_OK) {
        struct ln_str all = ln_strn(text.data, text.len), rest = all, line;
        struct ln_sim_reader peek = r.base;
        if (!ln_sim_data_line(&peek, &rest, &line))
            line = ln_str("");
        bool json = line.len > 0 && line.ptr[0] == '[';
        if (json || ln_sim_data_has_trades(line))
            code = read_trades(&r.base, all, json, data, err);
        else
            code = read_candles(&r, all, data, err);
    }
    ln_buf_deinit(&text);
    if (code != LN_OK) {
        ln_sim_data_deinit(data);
        return code;
    }
    data->start = data->count > HISTORY_ROWS ? HISTORY_ROWS : data->count / 4;
    return LN_OK;
}

void
ln_sim_data_deinit(struct ln_sim_data *data)
{
    free(data->rows);
    free(data->trades);
    *data = (struct ln_sim_data){0};
}
