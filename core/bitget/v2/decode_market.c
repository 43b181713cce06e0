/*
 * Public rows of the V2 WebSocket (and REST candles): ticker, candle, trade,
 * book. Declared in decode_ws.h.
 */
#include "bitget/v2/decode_ws.h"

#include "base/assert.h"

#define F(form, name, member)                                                  \
    LN_V2_FIELD(LN_V2_##form, false, name, ln_ticker, member)

/* bid and ask may be empty on fresh listings: nothing is required. */
static const struct ln_v2_field ticker_fields[] = {
    F(PRICE, "lastPr", last_ticks),
    F(PRICE, "bidPr", bid_ticks),
    F(PRICE, "askPr", ask_ticks),
    F(SIZE, "bidSz", bid_lots),
    F(SIZE, "askSz", ask_lots),
    F(PRICE, "open24h", open_24h_ticks),
    F(PRICE, "high24h", high_24h_ticks),
    F(PRICE, "low24h", low_24h_ticks),
    F(E8, "change24h", change_24h_e8),
    F(E8, "fundingRate", funding_rate_e8),
    F(I64, "nextFundingTime", next_funding_ms),
    F(E8, "markPrice", mark_e8),
    F(E8, "indexPrice", index_e8),
    F(SIZE, "holdingAmount", open_interest_lots),
    F(SIZE, "baseVolume", volume_24h_lots),
    F(E8, "quoteVolume", quote_volume_24h_e8),
    F(I64, "ts", time_ms),
};

#undef F

enum ln_err
ln_v2_read_ticker(const struct ln_json *doc, ln_json_val row,
                  const struct ln_instrument *in, struct ln_ticker *out,
                  struct ln_error *err)
{
    struct ln_v2_reader r = {doc, in, LN_ROUND_NEAREST};
    enum ln_err e;

    memset(out, 0, sizeof *out);
    e = ln_v2_fields_read(&r, row, ticker_fields, LN_COUNT(ticker_fields), out,
                          err);
    if (e)
        return e;
    /* An empty side: a price without a size is not a quote. */
    if (out->bid_ticks <= 0 || out->bid_lots <= 0)
        out->bid_ticks = out->bid_lots = 0;
    if (out->ask_ticks <= 0 || out->ask_lots <= 0)
        out->ask_ticks = out->ask_lots = 0;
    return LN_OK;
}

enum ln_err
ln_v2_read_candle(const struct ln_json *doc, ln_json_val row,
                  const struct ln_instrument *in, struct ln_candle *out,
                  struct ln_error *err)
{
    static const enum ln_v2_form forms[] = {
        LN_V2_I64,   LN_V2_PRICE, LN_V2_PRICE, LN_V2_PRICE,
        LN_V2_PRICE, LN_V2_SIZE,  LN_V2_E8};
    static const char *const names[] = {"open time",   "open",  "high",
                                        "low",         "close", "base volume",
                                        "quote volume"};
    struct ln_v2_reader r = {doc, in, LN_ROUND_NEAREST};
    int64_t v[LN_COUNT(forms)] = {0};
    size_t n = 0;

    memset(out, 0, sizeof *out);
    if (ln_json_type(doc, row) != LN_JSON_ARRAY ||
        ln_json_count(doc, row) < LN_COUNT(forms))
        return ln_error_set(err, LN_ERR_PARSE, NULL, NULL,
                            "a candle is no list of seven values");
    for (ln_json_val it = ln_json_first(doc, row); n < LN_COUNT(forms);
         it = ln_json_next(doc, row, it), n++) {
        enum ln_err e = ln_v2_number(&r, it, forms[n], names[n], &v[n], err);
        if (e)
            return e;
    }
    if (v[0] <= 0 || v[1] <= 0 || v[2] <= 0 || v[3] <= 0 || v[4] <= 0)
        return ln_error_set(err, LN_ERR_PARSE, NULL, NULL,
                            "a candle lacks its time or a price");
    *out = (struct ln_candle){v[0], v[1], v[2], v[3], v[4], v[5], v[6]};
    return LN_OK;
}

#define F(form, req, name, member)                                             \
    LN_V2_FIELD(LN_V2_##form, req, name, ln_trade, member)

static const struct ln_v2_field trade_fields[] = {
    F(I64, true, "ts", time_ms),
    F(PRICE, true, "price", price_ticks),
    F(SIZE, true, "size", size_lots),
    LN_V2_FIELD_NAME(true, "side", ln_trade, side, ln_v2_names_side),
    F(I64, true, "tradeId", id),
};

#undef F

enum ln_err
ln_v2_read_trade(const struct ln_json *doc, ln_json_val row,
                 const struct ln_instrument *in, struct ln_trade *out,
                 struct ln_error *err)
{
    struct ln_v2_reader r = {doc, in, LN_ROUND_NEAREST};

    memset(out, 0, sizeof *out);
    return ln_v2_fields_read(&r, row, trade_fields, LN_COUNT(trade_fields), out,
                             err);
}

/* A side without news may be missing. */
static bool
is_side(const struct ln_json *doc, ln_json_val v)
{
    enum ln_json_type type = ln_json_type(doc, v);
    return type == LN_JSON_ARRAY || type == LN_JSON_NULL ||
           type == LN_JSON_ABSENT;
}

enum ln_err
ln_v2_read_book(const struct ln_json *doc, ln_json_val row,
                struct ln_v2_book *out, struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};
    ln_json_val seq, pseq, crc;
    int64_t checksum = 0;
    enum ln_err e;

    memset(out, 0, sizeof *out);
    out->asks = ln_json_get(doc, row, "asks");
    out->bids = ln_json_get(doc, row, "bids");
    if (!is_side(doc, out->asks) || !is_side(doc, out->bids) ||
        (ln_json_type(doc, out->asks) != LN_JSON_ARRAY &&
         ln_json_type(doc, out->bids) != LN_JSON_ARRAY))
        return ln_error_set(err, LN_ERR_PARSE, NULL, NULL,
                            "a book has no lists of asks and bids");
    seq = ln_json_get(doc, row, "seq");
    pseq = ln_json_get(doc, row, "pseq");
    crc = ln_json_get(doc, row, "checksum");
    out->has_seq = ln_json_scalar(doc, seq).len > 0;
    out->has_pseq = ln_json_scalar(doc, pseq).len > 0;
    e = ln_v2_number(&r, ln_json_get(doc, row, "ts"), LN_V2_I64, "ts",
                     &out->time_ms, err);
    if (!e)
        e = ln_v2_number(&r, seq, LN_V2_I64, "seq", &out->seq, err);
    if (!e)
        e = ln_v2_number(&r, pseq, LN_V2_I64, "pseq", &out->pseq, err);
    if (!e)
        e = ln_v2_number(&r, crc, LN_V2_I64, "checksum", &checksum, err);
    if (e)
        return e;
    if (checksum < INT32_MIN || checksum > INT32_MAX)
        return ln_error_set(err, LN_ERR_RANGE, "checksum", NULL,
                            "the checksum of a book has more than 32 bits");
    out->checksum = (int32_t)checksum;
    out->has_checksum = checksum != 0;
    return LN_OK;
}

enum ln_err
ln_v2_read_level(const struct ln_json *doc, ln_json_val level,
                 const struct ln_instrument *in, struct ln_v2_level *out,
                 struct ln_error *err)
{
    struct ln_v2_reader r = {doc, in, LN_ROUND_NEAREST};
    ln_json_val price = ln_json_first(doc, level);
    ln_json_val size;
    enum ln_err e;

    memset(out, 0, sizeof *out);
    if (ln_json_type(doc, level) != LN_JSON_ARRAY ||
        ln_json_count(doc, level) < 2)
        return ln_error_set(err, LN_ERR_PARSE, NULL, NULL,
                            "a level of a book is no [price, size]");
    size = ln_json_next(doc, level, price);
    out->price_text = ln_json_scalar(doc, price);
    out->size_text = ln_json_scalar(doc, size);
    e = ln_v2_number(&r, price, LN_V2_PRICE, "price", &out->price_ticks, err);
    if (!e)
        e = ln_v2_number(&r, size, LN_V2_SIZE, "size", &out->size_lots, err);
    if (e)
        return e;
    if (out->price_ticks <= 0 || out->size_lots < 0 || !out->size_text.len)
        return ln_error_set(err, LN_ERR_PARSE, NULL, NULL,
                            "a level of a book has no price or no size");
    return LN_OK;
}
