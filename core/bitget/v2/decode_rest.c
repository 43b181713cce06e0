/*
 * V2 REST answers into typed structs: see decode_rest.h. Rows that have the
 * same shape as a channel's are read by the channel's reader.
 */
#include "bitget/v2/decode_rest.h"

#include "base/assert.h"

ln_json_val
ln_v2_rest_list(const struct ln_json *doc, ln_json_val data, const char *key)
{
    ln_json_val list = key ? ln_json_get(doc, data, key) : data;
    if (ln_json_type(doc, list) != LN_JSON_ARRAY ||
        ln_json_count(doc, list) == 0)
        return LN_JSON_NONE;
    return list;
}

struct ln_str
ln_v2_rest_end_id(const struct ln_json *doc, ln_json_val data)
{
    return ln_json_scalar(doc, ln_json_get(doc, data, "endId"));
}

/* ---- contracts ---- */

/* First the scales, in a struct of their own: sizes need them. */
struct contract {
    struct ln_instrument in;
    int32_t price_place, volume_place;
};

static const struct ln_v2_name status_names[] = {
    {"normal", LN_INST_NORMAL},
    {"limit_open", LN_INST_LIMIT_OPEN},
    {"maintain", LN_INST_OFF},
    {"restrictedAPI", LN_INST_RESTRICTED},
    {"listed", LN_INST_OFF},
    {"off", LN_INST_OFF},
    {NULL, 0}};

#define F(form, req, name, member)                                             \
    LN_V2_FIELD(LN_V2_##form, req, name, contract, member)

static const struct ln_v2_field contract_fields[] = {
    F(TEXT, true, "symbol", in.symbol),
    F(TEXT, true, "baseCoin", in.base),
    F(TEXT, true, "quoteCoin", in.quote),
    F(E8, false, "buyLimitPriceRatio", in.buy_band_e8),
    F(E8, false, "sellLimitPriceRatio", in.sell_band_e8),
    F(E8, false, "makerFeeRate", in.maker_fee_e8),
    F(E8, false, "takerFeeRate", in.taker_fee_e8),
    F(I64, true, "priceEndStep", in.price_step),
    F(I32, true, "volumePlace", volume_place),
    F(I32, true, "pricePlace", price_place),
    F(E8, false, "minTradeUSDT", in.min_notional_e8),
    F(I32, false, "maxSymbolOrderNum", in.max_symbol_orders),
    LN_V2_FIELD_NAME(true, "symbolStatus", contract, in.status, status_names),
    F(I64, false, "fundInterval", in.funding_interval_h),
    F(I32, false, "minLever", in.min_leverage),
    F(I32, false, "maxLever", in.max_leverage),
};

#undef F

/* Decimals of "0.0010": 3. */
static int
significant_places(struct ln_str text)
{
    int places = 0, last = 0;
    bool point = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.') {
            point = true;
        } else if (point) {
            places++;
            if (text.ptr[i] != '0')
                last = places;
        }
    }
    return last;
}

static enum ln_err
contract_scales(const struct ln_json *doc, ln_json_val row, struct contract *c,
                struct ln_error *err)
{
    struct ln_str step =
        ln_json_scalar(doc, ln_json_get(doc, row, "sizeMultiplier"));
    int places = significant_places(step);
    enum ln_err e;

    if (c->price_place < 0 || c->price_place > LN_SCALE_MAX ||
        c->volume_place < 0 || c->volume_place > LN_SCALE_MAX ||
        places > LN_SCALE_MAX || c->in.price_step <= 0)
        return ln_error_set(err, LN_ERR_RANGE, c->in.symbol, NULL,
                            "the contract %s has an impossible precision",
                            c->in.symbol);
    if (places < c->volume_place)
        places = c->volume_place;
    c->in.price_scale = (uint8_t)c->price_place;
    c->in.volume_place = (uint8_t)c->volume_place;
    c->in.size_scale = (uint8_t)places;
    if (step.len == 0) {
        c->in.lot_step = 1;
        return LN_OK;
    }
    e = ln_decimal_parse(step, places, LN_ROUND_EXACT, &c->in.lot_step);
    if (e || c->in.lot_step <= 0)
        return ln_error_set(err, LN_ERR_PARSE, c->in.symbol, NULL,
                            "the contract %s has no usable sizeMultiplier",
                            c->in.symbol);
    return LN_OK;
}

/* Sizes of the contract: the smallest rounded up, the largest down. */
static enum ln_err
contract_size(const struct ln_json *doc, ln_json_val row, const char *key,
              enum ln_round round, const struct ln_instrument *in,
              int64_t *lots, struct ln_error *err)
{
    struct ln_str text = ln_json_scalar(doc, ln_json_get(doc, row, key));
    enum ln_err e;

    *lots = 0;
    if (text.len == 0 || text.ptr[0] == '-')
        return LN_OK; /* "" and "-1": none */
    e = ln_size_parse(in, text, round, lots);
    if (e)
        return ln_error_set(err, e, key, NULL, "the contract %s has a bad %s",
                            in->symbol, key);
    return LN_OK;
}

enum ln_err
ln_v2_rest_contract(const struct ln_json *doc, ln_json_val row,
                    struct ln_instrument *out, struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};
    struct contract c = {0};
    struct ln_str coin;
    enum ln_err e;

    e = ln_v2_fields_read(&r, row, contract_fields, LN_COUNT(contract_fields),
                          &c, err);
    if (!e)
        e = contract_scales(doc, row, &c, err);
    if (!e)
        e = contract_size(doc, row, "minTradeNum", LN_ROUND_CEIL, &c.in,
                          &c.in.min_lots, err);
    if (!e)
        e = contract_size(doc, row, "maxOrderQty", LN_ROUND_DOWN, &c.in,
                          &c.in.max_limit_lots, err);
    if (!e)
        e = contract_size(doc, row, "maxMarketOrderQty", LN_ROUND_DOWN, &c.in,
                          &c.in.max_market_lots, err);
    if (e)
        return e;
    coin = ln_json_scalar(
        doc, ln_json_at(doc, ln_json_get(doc, row, "supportMarginCoins"), 0));
    if (coin.len == 0)
        coin = ln_str(c.in.quote);
    if (!ln_str_copy(c.in.margin_coin, sizeof c.in.margin_coin, coin))
        return ln_error_set(err, LN_ERR_RANGE, "supportMarginCoins", NULL,
                            "the margin coin of %s is too long", c.in.symbol);
    *out = c.in;
    return LN_OK;
}

/* ---- account, positions ---- */

#define F(form, req, name, member)                                             \
    LN_V2_FIELD(LN_V2_##form, req, name, ln_account_update, member)

static const struct ln_v2_field account_fields[] = {
    F(TEXT, true, "marginCoin", coin),
    F(E8, false, "locked", locked_e8),
    F(E8, true, "available", available_e8),
    F(E8, true, "accountEquity", equity_e8),
    LN_V2_FIELD_NAME(false, "posMode", ln_account_update, pos_mode,
                     ln_v2_names_pos_mode),
    F(E8, false, "unrealizedPL", unrealised_e8),
};

#undef F

enum ln_err
ln_v2_rest_account(const struct ln_json *doc, ln_json_val row, int64_t time_ms,
                   struct ln_account_update *out, struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};

    memset(out, 0, sizeof *out);
    out->time_ms = time_ms;
    return ln_v2_fields_read(&r, row, account_fields, LN_COUNT(account_fields),
                             out, err);
}

enum ln_err
ln_v2_rest_position(const struct ln_json *doc, ln_json_val row,
                    const struct ln_instruments *reg,
                    struct ln_v2_position *out, struct ln_error *err)
{
    return ln_v2_read_position(doc, row, reg, out, err);
}

/* ---- orders, fills ---- */

#define F(form, req, name, member)                                             \
    LN_V2_FIELD(LN_V2_##form, req, name, ln_order_update, member)

/* The state is called "state" in order/detail and "status" elsewhere. */
static const struct ln_v2_field order_fields[] = {
    F(SIZE, true, "size", size_lots),
    F(TEXT, true, "orderId", order_id),
    F(TEXT, false, "clientOid", client_oid),
    F(SIZE, false, "baseVolume", filled_lots),
    F(E8, false, "fee", fee_e8),
    F(PRICE, false, "price", price_ticks),
    F(E8, false, "priceAvg", average_e8),
    LN_V2_FIELD_NAME(false, "state", ln_order_update, state,
                     ln_v2_names_order_state),
    LN_V2_FIELD_NAME(false, "status", ln_order_update, state,
                     ln_v2_names_order_state),
    LN_V2_FIELD_NAME(false, "force", ln_order_update, tif, ln_v2_names_force),
    LN_V2_FIELD_NAME(false, "reduceOnly", ln_order_update, reduce_only,
                     ln_v2_names_yes),
    LN_V2_FIELD_NAME(true, "orderType", ln_order_update, type,
                     ln_v2_names_order_type),
    F(CUT, false, "cancelReason", reason),
    F(I64, false, "cTime", created_ms),
    F(I64, false, "uTime", updated_ms),
};

#undef F

enum ln_err
ln_v2_rest_order(const struct ln_json *doc, ln_json_val row,
                 const struct ln_instruments *reg, struct ln_order_update *out,
                 struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};
    struct ln_v2_side_words w = {
        ln_json_scalar(doc, ln_json_get(doc, row, "side")),
        ln_json_scalar(doc, ln_json_get(doc, row, "tradeSide")),
        ln_json_scalar(doc, ln_json_get(doc, row, "posSide")),
        ln_json_scalar(doc, ln_json_get(doc, row, "posMode")),
    };
    struct ln_v2_sides sides;
    enum ln_err e;

    memset(out, 0, sizeof *out);
    e = ln_v2_row_instrument(doc, row, reg, &out->instrument, &r.in, err);
    if (!e)
        e = ln_v2_fields_read(&r, row, order_fields, LN_COUNT(order_fields),
                              out, err);
    if (!e)
        e = ln_v2_sides_decode(LN_V2_FROM_ORDER, &w, &sides, err);
    if (e)
        return e;
    if (out->state == 0)
        return ln_error_set(err, LN_ERR_PARSE, "state", NULL,
                            "order %s has no state", out->order_id);
    out->side = sides.side;
    out->pos_side = sides.pos_side;
    if (sides.closes)
        out->reduce_only = true;
    if (out->tif == 0)
        out->tif = LN_GTC;
    if (out->type == LN_MARKET)
        out->price_ticks = 0;
    return LN_OK;
}

enum ln_err
ln_v2_rest_fill(const struct ln_json *doc, ln_json_val row,
                const struct ln_instruments *reg, struct ln_fill *out,
                struct ln_error *err)
{
    struct ln_v2_fill fill;
    enum ln_err e =
        ln_v2_read_fill_from(LN_V2_FROM_REST_FILL, doc, row, reg, &fill, err);
    if (e)
        return e;
    *out = fill.fill;
    return LN_OK;
}

enum ln_err
ln_v2_rest_order_ids(const struct ln_json *doc, ln_json_val data,
                     struct ln_v2_order_ids *out, struct ln_error *err)
{
    static const struct ln_v2_field fields[] = {
        LN_V2_FIELD(LN_V2_TEXT, false, "orderId", ln_v2_order_ids, order_id),
        LN_V2_FIELD(LN_V2_TEXT, false, "clientOid", ln_v2_order_ids,
                    client_oid),
    };
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};

    memset(out, 0, sizeof *out);
    return ln_v2_fields_read(&r, data, fields, LN_COUNT(fields), out, err);
}
