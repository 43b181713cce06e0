/*
 * Rows of the private channels that are about money and positions: account,
 * equity, positions, positions-history, adl-noti. Orders and fills are in
 * decode_orders.c. Declared in decode_ws.h.
 */
#include "bitget/v2/decode_ws.h"

#include "base/assert.h"

#define F(form, name, member)                                                  \
    LN_V2_FIELD(LN_V2_##form, false, name, ln_v2_account, member)

static const struct ln_v2_name union_names[] = {
    {"union", 1}, {"single", 0}, {NULL, 0}};

static const struct ln_v2_field account_fields[] = {
    LN_V2_FIELD(LN_V2_TEXT, true, "marginCoin", ln_v2_account, update.coin),
    F(E8, "frozen", update.locked_e8),
    LN_V2_FIELD(LN_V2_E8, true, "available", ln_v2_account,
                update.available_e8),
    F(E8, "maxOpenPosAvailable", max_open_e8),
    F(E8, "maxTransferOut", max_transfer_e8),
    LN_V2_FIELD(LN_V2_E8, true, "equity", ln_v2_account, update.equity_e8),
    F(E8, "usdtEquity", usdt_equity_e8),
    F(E8, "crossedRiskRate", risk_rate_e8),
    F(E8, "unrealizedPL", update.unrealised_e8),
    F(E8, "unionTotalMargin", union_margin_e8),
    F(E8, "unionAvailable", union_available_e8),
    F(E8, "unionMm", union_mm_e8),
    LN_V2_FIELD_NAME(false, "assetsMode", ln_v2_account, union_mode,
                     union_names),
};

#undef F

enum ln_err
ln_v2_read_account(const struct ln_json *doc, ln_json_val row, int64_t ts_ms,
                   struct ln_v2_account *out, struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};

    memset(out, 0, sizeof *out);
    out->update.time_ms = ts_ms;
    return ln_v2_fields_read(&r, row, account_fields, LN_COUNT(account_fields),
                             out, err);
}

#define F(name, member) LN_V2_FIELD(LN_V2_E8, false, name, ln_v2_equity, member)

/* "unrealizedPL" is what late 2025 called usdtUnrealized. */
static const struct ln_v2_field equity_fields[] = {
    F("btcEquity", btc_e8),
    LN_V2_FIELD(LN_V2_E8, true, "usdtEquity", ln_v2_equity, usdt_e8),
    F("usdtUnrealized", unrealised_e8),
    F("unionTotalMargin", union_margin_e8),
    F("unionAvailable", union_available_e8),
    F("unionMm", union_mm_e8),
    F("unrealizedPL", unrealised_e8),
};

#undef F

enum ln_err
ln_v2_read_equity(const struct ln_json *doc, ln_json_val row,
                  struct ln_v2_equity *out, struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_EXACT};

    memset(out, 0, sizeof *out);
    return ln_v2_fields_read(&r, row, equity_fields, LN_COUNT(equity_fields),
                             out, err);
}

#define F(form, name, member)                                                  \
    LN_V2_FIELD(LN_V2_##form, false, name, ln_v2_position, member)

/* The channel's names; REST adds "locked" and "marginRatio". */
static const struct ln_v2_field position_fields[] = {
    F(TEXT, "posId", pos_id),
    F(TEXT, "marginCoin", margin_coin),
    F(E8, "marginSize", update.margin_e8),
    LN_V2_FIELD_NAME(false, "marginMode", ln_v2_position, update.margin_mode,
                     ln_v2_names_margin_mode),
    LN_V2_FIELD_NAME(true, "holdSide", ln_v2_position, update.hold_side,
                     ln_v2_names_hold_side),
    LN_V2_FIELD_NAME(false, "posMode", ln_v2_position, update.pos_mode,
                     ln_v2_names_pos_mode),
    LN_V2_FIELD(LN_V2_SIZE, true, "total", ln_v2_position, update.size_lots),
    F(SIZE, "available", update.available_lots),
    F(SIZE, "frozen", frozen_lots),
    F(SIZE, "locked", frozen_lots),
    F(E8, "openPriceAvg", update.entry_e8),
    F(I32, "leverage", update.leverage),
    F(E8, "achievedProfits", update.realised_e8),
    F(E8, "unrealizedPL", update.unrealised_e8),
    F(E8, "unrealizedPLR", unrealised_ratio_e8),
    F(E8, "liquidationPrice", update.liquidation_e8),
    F(E8, "keepMarginRate", keep_margin_rate_e8),
    F(E8, "marginRate", margin_rate_e8),
    F(E8, "marginRatio", margin_rate_e8),
    F(E8, "breakEvenPrice", break_even_e8),
    F(E8, "totalFee", funding_e8),
    F(E8, "deductedFee", deducted_fee_e8),
    F(E8, "markPrice", update.mark_e8),
    LN_V2_FIELD_NAME(false, "autoMargin", ln_v2_position, auto_margin,
                     ln_v2_names_yes),
    F(I64, "cTime", created_ms),
    F(I64, "uTime", update.updated_ms),
};

#undef F

enum ln_err
ln_v2_read_position(const struct ln_json *doc, ln_json_val row,
                    const struct ln_instruments *reg,
                    struct ln_v2_position *out, struct ln_error *err)
{
    /* What is held is the exchange's: never refuse it for its precision. */
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_NEAREST};
    enum ln_err e;

    memset(out, 0, sizeof *out);
    e = ln_v2_row_instrument(doc, row, reg, &out->update.instrument, &r.in,
                             err);
    if (e)
        return e;
    e = ln_v2_fields_read(&r, row, position_fields, LN_COUNT(position_fields),
                          out, err);
    if (e)
        return e;
    if (out->update.hold_side == LN_NET || out->update.size_lots < 0)
        return ln_error_set(err, LN_ERR_PARSE, "holdSide", NULL,
                            "a position is neither long nor short");
    /* Zero or negative means that there is none. */
    if (out->update.liquidation_e8 < 0)
        out->update.liquidation_e8 = 0;
    return LN_OK;
}

#define F(form, name, member)                                                  \
    LN_V2_FIELD(LN_V2_##form, false, name, ln_v2_position_closed, member)

static const struct ln_v2_field closed_fields[] = {
    F(TEXT, "posId", pos_id),
    F(TEXT, "marginCoin", margin_coin),
    LN_V2_FIELD_NAME(false, "marginMode", ln_v2_position_closed, margin_mode,
                     ln_v2_names_margin_mode),
    LN_V2_FIELD_NAME(true, "holdSide", ln_v2_position_closed, hold_side,
                     ln_v2_names_hold_side),
    LN_V2_FIELD_NAME(false, "posMode", ln_v2_position_closed, pos_mode,
                     ln_v2_names_pos_mode),
    F(E8, "openPriceAvg", open_e8),
    F(E8, "closePriceAvg", close_e8),
    F(SIZE, "openSize", open_lots),
    F(SIZE, "closeSize", close_lots),
    F(E8, "achievedProfits", profit_e8),
    F(E8, "settleFee", funding_e8),
    F(E8, "openFee", open_fee_e8),
    F(E8, "closeFee", close_fee_e8),
    F(I64, "cTime", created_ms),
    F(I64, "uTime", updated_ms),
};

#undef F

enum ln_err
ln_v2_read_position_closed(const struct ln_json *doc, ln_json_val row,
                           const struct ln_instruments *reg,
                           struct ln_v2_position_closed *out,
                           struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_NEAREST};
    enum ln_err e;

    memset(out, 0, sizeof *out);
    e = ln_v2_row_instrument(doc, row, reg, &out->instrument, &r.in, err);
    if (e)
        return e;
    return ln_v2_fields_read(&r, row, closed_fields, LN_COUNT(closed_fields),
                             out, err);
}

static const struct ln_v2_field adl_fields[] = {
    LN_V2_FIELD_NAME(true, "side", ln_v2_adl, side, ln_v2_names_side),
    LN_V2_FIELD(LN_V2_CUT, false, "status", ln_v2_adl, status),
    LN_V2_FIELD(LN_V2_E8, false, "price", ln_v2_adl, price_e8),
    LN_V2_FIELD(LN_V2_E8, false, "amount", ln_v2_adl, amount_e8),
    LN_V2_FIELD(LN_V2_I64, false, "ts", ln_v2_adl, time_ms),
};

enum ln_err
ln_v2_read_adl(const struct ln_json *doc, ln_json_val row,
               const struct ln_instruments *reg, struct ln_v2_adl *out,
               struct ln_error *err)
{
    struct ln_v2_reader r = {doc, NULL, LN_ROUND_NEAREST};
    enum ln_err e;

    memset(out, 0, sizeof *out);
    e = ln_v2_row_instrument(doc, row, reg, &out->instrument, &r.in, err);
    if (e)
        return e;
    return ln_v2_fields_read(&r, row, adl_fields, LN_COUNT(adl_fields), out,
                             err);
}
