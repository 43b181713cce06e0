/*
 * Rows of orders, fill and orders-algo. Declared in decode_ws.h. Directions
 * go through sides.c, the only place that knows Bitget's convention.
 */
#include "bitget/v2/decode_ws.h"

#include "base/assert.h"
#include "bitget/v2/sides.h"

static enum ln_err
row_sides(enum ln_v2_source source, const struct ln_json *doc, ln_json_val row,
          struct ln_v2_sides *out, struct ln_error *err)
{
    struct ln_v2_side_words w = {
        ln_json_scalar(doc, ln_json_get(doc, row, "side")),
        ln_json_scalar(doc, ln_json_get(doc, row, "tradeSide")),
        ln_json_scalar(doc, ln_json_get(doc, row, "posSide")),
        ln_json_scalar(doc, ln_json_get(doc, row, "posMode")),
    };
    return ln_v2_sides_decode(source, &w, out, err);
}

#define F(form, name, member)                                                  \
    LN_V2_FIELD(LN_V2_##form, false, name, ln_v2_order, member)

/* The order of the wire (see "orders" of the examples), then the fill. */
static const struct ln_v2_field order_fields[] = {
    F(SIZE, "accBaseVolume", update.filled_lots),
    F(I64, "cTime", update.created_ms),
    F(CUT, "cancelReason", update.reason),
    F(TEXT, "clientOid", update.client_oid),
    F(CUT, "enterPointSource", source),
    LN_V2_FIELD_NAME(false, "force", ln_v2_order, update.tif,
                     ln_v2_names_force),
    F(I32, "leverage", leverage),
    F(TEXT, "marginCoin", margin_coin),
    LN_V2_FIELD_NAME(false, "marginMode", ln_v2_order, margin_mode,
                     ln_v2_names_margin_mode),
    F(E8, "notionalUsd", notional_e8),
    LN_V2_FIELD(LN_V2_TEXT, true, "orderId", ln_v2_order, update.order_id),
    LN_V2_FIELD_NAME(true, "orderType", ln_v2_order, update.type,
                     ln_v2_names_order_type),
    LN_V2_FIELD_NAME(false, "posMode", ln_v2_order, pos_mode,
                     ln_v2_names_pos_mode),
    F(E8, "presetStopLossExecutePrice", stop_loss_exec_e8),
    F(E8, "presetStopLossPrice", stop_loss_e8),
    F(CUT, "presetStopLossType", stop_loss_type),
    F(E8, "presetStopSurplusExecutePrice", take_profit_exec_e8),
    F(E8, "presetStopSurplusPrice", take_profit_e8),
    F(CUT, "presetStopSurplusType", take_profit_type),
    F(PRICE, "price", update.price_ticks),
    LN_V2_FIELD_NAME(false, "reduceOnly", ln_v2_order, update.reduce_only,
                     ln_v2_names_yes),
    LN_V2_FIELD(LN_V2_SIZE, true, "size", ln_v2_order, update.size_lots),
    LN_V2_FIELD_NAME(true, "status", ln_v2_order, update.state,
                     ln_v2_names_order_state),
    F(CUT, "stpMode", stp_mode),
    F(E8, "totalProfits", profit_e8),
    F(CUT, "tradeSide", trade_side),
    F(I64, "uTime", update.updated_ms),
    F(SIZE, "baseVolume", fill.size_lots),
    F(E8, "fillFee", fill.fee_e8),
    F(E8, "fillNotionalUsd", fill_notional_e8),
    F(PRICE, "fillPrice", fill.price_ticks),
    F(I64, "fillTime", fill.time_ms),
    F(E8, "pnl", fill.profit_e8),
    F(E8, "priceAvg", update.average_e8),
    F(TEXT, "tradeId", fill.trade_id),
    LN_V2_FIELD_NAME(false, "tradeScope", ln_v2_order, fill.liquidity,
                     ln_v2_names_scope),
};

#undef F

static void
complete_fill(struct ln_v2_order *o)
{
    struct ln_fill *f = &o->fill;

    o->has_fill =
        f->trade_id[0] != '\0' && f->size_lots > 0 && f->price_ticks > 0;
    if (!o->has_fill) {
        memset(f, 0, sizeof *f);
        return;
    }
    memcpy(f->client_oid, o->update.client_oid, sizeof f->client_oid);
    memcpy(f->order_id, o->update.order_id, sizeof f->order_id);
    f->instrument = o->update.instrument;
    f->side = o->update.side;
    f->pos_side = o->update.pos_side;
}

enum ln_err
ln_v2_read_order(const struct ln_json *doc, ln_json_val row,
                 const struct ln_instruments *reg, struct ln_v2_order *out,
                 struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};
    struct ln_v2_sides sides;
    enum ln_err e;

    memset(out, 0, sizeof *out);
    e = ln_v2_row_instrument(doc, row, reg, &out->update.instrument, &r.in,
                             err);
    if (!e)
        e = ln_v2_fields_read(&r, row, order_fields, LN_COUNT(order_fields),
                              out, err);
    if (!e)
        e = row_sides(LN_V2_FROM_ORDER, doc, row, &sides, err);
    if (!e)
        e = ln_v2_sum_e8(doc, ln_json_get(doc, row, "feeDetail"), "fee",
                         &out->update.fee_e8, err);
    if (e)
        return e;
    out->update.side = sides.side;
    out->update.pos_side = sides.pos_side;
    if (sides.closes)
        out->update.reduce_only = true;
    if (out->update.tif == 0)
        out->update.tif = LN_GTC;
    if (out->update.type == LN_MARKET)
        out->update.price_ticks = 0;
    complete_fill(out);
    return LN_OK;
}

#define F(form, req, name, member)                                             \
    LN_V2_FIELD(LN_V2_##form, req, name, ln_v2_fill, member)

static const struct ln_v2_field fill_fields[] = {
    F(TEXT, true, "orderId", fill.order_id),
    F(TEXT, false, "clientOid", fill.client_oid),
    F(TEXT, true, "tradeId", fill.trade_id),
    LN_V2_FIELD_NAME(false, "orderType", ln_v2_fill, order_type,
                     ln_v2_names_order_type),
    LN_V2_FIELD_NAME(false, "posMode", ln_v2_fill, pos_mode,
                     ln_v2_names_pos_mode),
    F(PRICE, true, "price", fill.price_ticks),
    F(SIZE, true, "baseVolume", fill.size_lots),
    F(E8, false, "quoteVolume", quote_volume_e8),
    F(E8, false, "profit", fill.profit_e8),
    F(CUT, false, "tradeSide", trade_side),
    LN_V2_FIELD_NAME(false, "tradeScope", ln_v2_fill, fill.liquidity,
                     ln_v2_names_scope),
    F(I64, false, "cTime", fill.time_ms),
};

#undef F

enum ln_err
ln_v2_read_fill_from(enum ln_v2_source source, const struct ln_json *doc,
                     ln_json_val row, const struct ln_instruments *reg,
                     struct ln_v2_fill *out, struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};
    ln_json_val fees = ln_json_get(doc, row, "feeDetail");
    struct ln_v2_sides sides;
    enum ln_err e;

    memset(out, 0, sizeof *out);
    e = ln_v2_row_instrument(doc, row, reg, &out->fill.instrument, &r.in, err);
    if (!e)
        e = ln_v2_fields_read(&r, row, fill_fields, LN_COUNT(fill_fields), out,
                              err);
    if (!e)
        e = row_sides(source, doc, row, &sides, err);
    if (!e)
        e = ln_v2_sum_e8(doc, fees, "totalFee", &out->fill.fee_e8, err);
    if (!e)
        e = ln_v2_sum_e8(doc, fees, "totalDeductionFee", &out->deduction_fee_e8,
                         err);
    if (e)
        return e;
    if (out->fill.size_lots <= 0 || out->fill.price_ticks <= 0)
        return ln_error_set(err, LN_ERR_PARSE, "baseVolume", NULL,
                            "a fill has no size or no price");
    out->fill.side = sides.side;
    out->fill.pos_side = sides.pos_side;
    out->closes = sides.closes;
    return LN_OK;
}

enum ln_err
ln_v2_read_fill(const struct ln_json *doc, ln_json_val row,
                const struct ln_instruments *reg, struct ln_v2_fill *out,
                struct ln_error *err)
{
    return ln_v2_read_fill_from(LN_V2_FROM_WS_FILL, doc, row, reg, out, err);
}

static const struct ln_v2_name plan_types[] = {
    {"pl", LN_V2_PLAN_NORMAL},
    {"tp", LN_V2_PLAN_PROFIT},
    {"sl", LN_V2_PLAN_LOSS},
    {"ptp", LN_V2_PLAN_POS_PROFIT},
    {"psl", LN_V2_PLAN_POS_LOSS},
    {"track", LN_V2_PLAN_TRACK},
    {"mtpsl", LN_V2_PLAN_MOVING},
    {"normal_plan", LN_V2_PLAN_NORMAL},
    {"profit_plan", LN_V2_PLAN_PROFIT},
    {"loss_plan", LN_V2_PLAN_LOSS},
    {"pos_profit", LN_V2_PLAN_POS_PROFIT},
    {"pos_loss", LN_V2_PLAN_POS_LOSS},
    {"track_plan", LN_V2_PLAN_TRACK},
    {"moving_plan", LN_V2_PLAN_MOVING},
    {NULL, 0}};

static const struct ln_v2_name plan_states[] = {
    {"live", LN_V2_PLAN_LIVE},           {"not_trigger", LN_V2_PLAN_LIVE},
    {"executing", LN_V2_PLAN_EXECUTING}, {"executed", LN_V2_PLAN_EXECUTED},
    {"fail_execute", LN_V2_PLAN_FAILED}, {"cancelled", LN_V2_PLAN_CANCELLED},
    {"canceled", LN_V2_PLAN_CANCELLED},  {NULL, 0}};

static const struct ln_v2_name trigger_names[] = {
    {"mark_price", 1}, {"fill_price", 0}, {NULL, 0}};

#define F(form, name, member)                                                  \
    LN_V2_FIELD(LN_V2_##form, false, name, ln_v2_algo, member)

static const struct ln_v2_field algo_fields[] = {
    LN_V2_FIELD(LN_V2_TEXT, true, "orderId", ln_v2_algo, order_id),
    F(TEXT, "clientOid", client_oid),
    F(E8, "triggerPrice", trigger_e8),
    LN_V2_FIELD_NAME(false, "triggerType", ln_v2_algo, by_mark, trigger_names),
    F(I64, "triggerTime", triggered_ms),
    LN_V2_FIELD_NAME(true, "planType", ln_v2_algo, plan_type, plan_types),
    F(E8, "price", price_e8),
    F(E8, "executePrice", execute_e8),
    F(SIZE, "size", size_lots),
    F(SIZE, "actualSize", actual_lots),
    LN_V2_FIELD_NAME(false, "orderType", ln_v2_algo, order_type,
                     ln_v2_names_order_type),
    F(CUT, "tradeSide", trade_side),
    F(TEXT, "marginCoin", margin_coin),
    LN_V2_FIELD_NAME(true, "status", ln_v2_algo, state, plan_states),
    LN_V2_FIELD_NAME(false, "posMode", ln_v2_algo, pos_mode,
                     ln_v2_names_pos_mode),
    F(CUT, "enterPointSource", source),
    F(E8, "stopSurplusPrice", take_profit_e8),
    F(E8, "stopSurplusTriggerPrice", take_profit_trigger_e8),
    F(E8, "stopLossPrice", stop_loss_e8),
    F(E8, "stopLossTriggerPrice", stop_loss_trigger_e8),
    F(CUT, "stpMode", stp_mode),
    F(I64, "cTime", created_ms),
    F(I64, "uTime", updated_ms),
};

#undef F

enum ln_err
ln_v2_read_algo(const struct ln_json *doc, ln_json_val row,
                const struct ln_instruments *reg, struct ln_v2_algo *out,
                struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};
    struct ln_v2_sides sides;
    enum ln_err e;

    memset(out, 0, sizeof *out);
    e = ln_v2_row_instrument(doc, row, reg, &out->instrument, &r.in, err);
    if (!e)
        e = ln_v2_fields_read(&r, row, algo_fields, LN_COUNT(algo_fields), out,
                              err);
    if (!e)
        e = row_sides(LN_V2_FROM_ORDER, doc, row, &sides, err);
    if (e)
        return e;
    out->side = sides.side;
    out->pos_side = sides.pos_side;
    out->closes = sides.closes;
    return LN_OK;
}
