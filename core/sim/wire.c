/*
 * Words and numbers of the wire. See wire.h.
 */
#include "sim/wire.h"

void
ln_sim_price(struct ln_json_writer *w, const struct ln_instrument *in,
             int64_t ticks, bool padded)
{
    ln_jw_dec(w, ln_mul_div(ticks, in->price_step, 1, LN_ROUND_DOWN),
              in->price_scale, padded ? in->price_scale : 0);
}

void
ln_sim_size(struct ln_json_writer *w, const struct ln_instrument *in,
            int64_t lots, bool padded)
{
    ln_jw_dec(w, ln_mul_div(lots, in->lot_step, 1, LN_ROUND_DOWN),
              in->size_scale, padded ? in->size_scale : 0);
}

void
ln_sim_kprice(struct ln_json_writer *w, const char *key,
              const struct ln_instrument *in, int64_t ticks)
{
    ln_jw_key(w, key);
    ln_sim_price(w, in, ticks, false);
}

void
ln_sim_ksize(struct ln_json_writer *w, const char *key,
             const struct ln_instrument *in, int64_t lots)
{
    ln_jw_key(w, key);
    ln_sim_size(w, in, lots, false);
}

void
ln_sim_ke8(struct ln_json_writer *w, const char *key, int64_t v)
{
    ln_jw_kdec(w, key, v, LN_SCALE_MONEY, 0);
}

int64_t
ln_sim_average_e8(const struct ln_instrument *in, int64_t value_e8,
                  int64_t lots)
{
    if (lots <= 0)
        return 0;
    return ln_div128((ln_i128)value_e8 * ln_pow10(in->size_scale),
                     (ln_i128)lots * in->lot_step, LN_ROUND_NEAREST);
}

/* ---- words ---- */

/*
 * In hedge mode "side" names the position, not the direction of execution:
 * closing a long is buy + close.
 */
const char *
ln_sim_word_side(const struct ln_ex_order *o)
{
    if (o->pos_mode == LN_HEDGE)
        return o->req.pos_side == LN_SHORT ? "sell" : "buy";
    return o->req.side == LN_SELL ? "sell" : "buy";
}

/*
 * The engine marks an order of its own by its reason; one of the user that
 * it cancelled in the same course has that reason too, but is cancelled.
 */
static bool
is_liquidation(const struct ln_ex_order *o)
{
    return o->state != LN_ORDER_CANCELLED &&
           strcmp(o->reason, "liquidation") == 0;
}

const char *
ln_sim_word_trade_side(const struct ln_ex_order *o)
{
    if (is_liquidation(o) && o->pos_mode == LN_HEDGE)
        return o->req.pos_side == LN_SHORT ? "burst_close_short"
                                           : "burst_close_long";
    if (is_liquidation(o))
        return o->req.side == LN_SELL ? "burst_sell_single"
                                      : "burst_buy_single";
    if (o->pos_mode == LN_HEDGE)
        return o->req.reduce_only ? "close" : "open";
    return o->req.side == LN_SELL ? "sell_single" : "buy_single";
}

const char *
ln_sim_word_pos_side(const struct ln_ex_order *o)
{
    if (o->pos_mode != LN_HEDGE)
        return "net";
    return o->req.pos_side == LN_SHORT ? "short" : "long";
}

const char *
ln_sim_word_pos_mode(uint8_t pos_mode)
{
    return pos_mode == LN_HEDGE ? "hedge_mode" : "one_way_mode";
}

const char *
ln_sim_word_margin_mode(uint8_t margin_mode)
{
    return margin_mode == LN_ISOLATED ? "isolated" : "crossed";
}

const char *
ln_sim_word_status(const struct ln_ex_order *o)
{
    switch (o->state) {
    case LN_ORDER_PARTIAL:
        return "partially_filled";
    case LN_ORDER_FILLED:
        return "filled";
    case LN_ORDER_CANCELLED:
    case LN_ORDER_EXPIRED:
    case LN_ORDER_REJECTED:
        return "canceled";
    default:
        return "live";
    }
}

const char *
ln_sim_word_source(const struct ln_ex_order *o)
{
    return is_liquidation(o) ? "SYS" : "API";
}

const char *
ln_sim_word_cancel_reason(const struct ln_ex_order *o)
{
    return o->state == LN_ORDER_CANCELLED ? o->reason : "";
}

const char *
ln_sim_word_order_source(const struct ln_ex_order *o)
{
    if (is_liquidation(o))
        return "liquidation";
    return o->req.type == LN_MARKET ? "market" : "normal";
}

/* ---- orders and fills ---- */

static void
preset_members(struct ln_json_writer *w, const struct ln_instrument *in,
               const struct ln_order_request *req)
{
    static const char *const names[2][3] = {
        {"presetStopSurplusPrice", "presetStopSurplusType",
         "presetStopSurplusExecutePrice"},
        {"presetStopLossPrice", "presetStopLossType",
         "presetStopLossExecutePrice"}};
    int64_t ticks[2] = {req->take_profit_ticks, req->stop_loss_ticks};
    for (int i = 0; i < 2; i++) {
        if (ticks[i] > 0)
            ln_sim_kprice(w, names[i][0], in, ticks[i]);
        else
            ln_jw_kcstr(w, names[i][0], "");
        ln_jw_kcstr(w, names[i][1], ticks[i] > 0 ? "fill_price" : "");
        ln_jw_kcstr(w, names[i][2], "");
    }
}

void
ln_sim_order_members(struct ln_json_writer *w, const struct ln_instrument *in,
                     const struct ln_ex_order *o, const char *state_key)
{
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_sim_ksize(w, "size", in, o->req.size_lots);
    ln_jw_kintstr(w, "orderId", o->id);
    ln_jw_kcstr(w, "clientOid", o->req.client_oid);
    ln_sim_ksize(w, "baseVolume", in, o->filled_lots);
    ln_sim_ke8(w, "fee", o->fee_e8);
    ln_sim_kprice(w, "price", in,
                  o->req.type == LN_LIMIT ? o->req.price_ticks : 0);
    if (o->filled_lots > 0)
        ln_sim_ke8(w, "priceAvg",
                   ln_sim_average_e8(in, o->filled_value_e8, o->filled_lots));
    else
        ln_jw_kcstr(w, "priceAvg", "");
    ln_jw_kcstr(w, state_key, ln_sim_word_status(o));
    ln_jw_kcstr(w, "side", ln_sim_word_side(o));
    ln_jw_kcstr(w, "force", ln_tif_name(o->req.tif));
    ln_sim_ke8(w, "totalProfits", o->profit_e8);
    ln_jw_kcstr(w, "posSide", ln_sim_word_pos_side(o));
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_sim_ke8(w, "quoteVolume", o->filled_value_e8);
    ln_jw_kintstr(w, "leverage", o->leverage);
    ln_jw_kcstr(w, "marginMode", ln_sim_word_margin_mode(o->req.margin_mode));
    ln_jw_kcstr(w, "reduceOnly",
                o->req.reduce_only && o->pos_mode != LN_HEDGE ? "YES" : "NO");
    ln_jw_kcstr(w, "enterPointSource", ln_sim_word_source(o));
    ln_jw_kcstr(w, "tradeSide", ln_sim_word_trade_side(o));
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(o->pos_mode));
    ln_jw_kcstr(w, "orderType", ln_order_type_name(o->req.type));
    ln_jw_kcstr(w, "orderSource", ln_sim_word_order_source(o));
    preset_members(w, in, &o->req);
    ln_jw_kintstr(w, "cTime", o->created_ms);
    ln_jw_kintstr(w, "uTime", o->updated_ms);
}

void
ln_sim_fill_object(struct ln_json_writer *w, const struct ln_instrument *in,
                   const struct ln_ex_fill *f, bool margin_coin)
{
    ln_jw_obj(w);
    ln_jw_kintstr(w, "tradeId", f->trade_id);
    ln_jw_kcstr(w, "symbol", in->symbol);
    if (margin_coin)
        ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_jw_kintstr(w, "orderId", f->order->id);
    ln_sim_kprice(w, "price", in, f->price_ticks);
    ln_sim_ksize(w, "baseVolume", in, f->size_lots);
    ln_jw_key(w, "feeDetail");
    ln_jw_arr(w);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "deduction", "no");
    ln_jw_kcstr(w, "feeCoin", LN_SIM_COIN);
    ln_jw_key(w, "totalDeductionFee");
    ln_jw_null(w);
    ln_sim_ke8(w, "totalFee", f->fee_e8);
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
    ln_jw_kcstr(w, "side", ln_sim_word_side(f->order));
    ln_sim_ke8(w, "quoteVolume", f->value_e8);
    ln_sim_ke8(w, "profit", f->profit_e8);
    ln_jw_kcstr(w, "enterPointSource", ln_sim_word_source(f->order));
    ln_jw_kcstr(w, "tradeSide", ln_sim_word_trade_side(f->order));
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(f->order->pos_mode));
    ln_jw_kcstr(w, "tradeScope", f->liquidity == LN_MAKER ? "maker" : "taker");
    ln_jw_kintstr(w, "cTime", f->time_ms);
    ln_jw_obj_end(w);
}

/* ---- account and positions ---- */

const struct ln_ex_position *
ln_sim_positions(const struct ln_sim *sim, ln_ex_account account, size_t *count)
{
    /* Two sides of each instrument at most. */
    size_t cap = (size_t)2 * ln_sim_instruments(sim);
    size_t n = ln_ex_positions(sim->ex, account, sim->positions, cap);
    *count = n < cap ? n : cap;
    return sim->positions;
}

void
ln_sim_account_sums(const struct ln_sim *sim, ln_ex_account account,
                    struct ln_sim_account_sums *out)
{
    size_t n;
    const struct ln_ex_position *p = ln_sim_positions(sim, account, &n);
    *out = (struct ln_sim_account_sums){0};
    ln_ex_balance(sim->ex, account, &out->b);
    for (size_t i = 0; i < n; i++) {
        bool isolated = p[i].margin_mode == LN_ISOLATED;
        *(isolated ? &out->isolated_margin_e8 : &out->crossed_margin_e8) +=
            p[i].margin_e8;
        *(isolated ? &out->isolated_pl_e8 : &out->crossed_pl_e8) +=
            p[i].unrealised_e8;
    }
    /* Profit that is not realised can back orders but cannot leave. */
    out->transferable_e8 = out->b.available_e8;
    if (out->b.unrealised_e8 > 0)
        out->transferable_e8 -= out->b.unrealised_e8;
    if (out->transferable_e8 < 0)
        out->transferable_e8 = 0;
    int64_t crossed_equity_e8 =
        out->b.equity_e8 - out->isolated_margin_e8 - out->isolated_pl_e8;
    if (crossed_equity_e8 > 0)
        out->risk_e8 = ln_mul_div(out->b.maintenance_e8, LN_E8,
                                  crossed_equity_e8, LN_ROUND_NEAREST);
}

void
ln_sim_position_members(struct ln_json_writer *w,
                        const struct ln_instrument *in,
                        const struct ln_ex_position *p, uint8_t pos_mode)
{
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_sim_ke8(w, "marginSize", p->margin_e8);
    ln_jw_kcstr(w, "marginMode", ln_sim_word_margin_mode(p->margin_mode));
    ln_jw_kcstr(w, "holdSide", p->hold_side == LN_SHORT ? "short" : "long");
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(pos_mode));
    ln_sim_ksize(w, "total", in, p->size_lots);
    ln_sim_ksize(w, "available", in, p->size_lots - p->frozen_lots);
    ln_sim_ke8(w, "openPriceAvg", p->entry_e8);
    ln_sim_ke8(w, "achievedProfits", p->realised_e8);
    ln_sim_ke8(w, "unrealizedPL", p->unrealised_e8);
    ln_sim_ke8(w, "liquidationPrice", p->liquidation_e8);
    ln_sim_ke8(w, "keepMarginRate", p->keep_rate_e8);
    ln_sim_ke8(w, "markPrice", p->mark_e8);
    ln_sim_ke8(w, "breakEvenPrice", p->break_even_e8);
    /* Funding so far, empty until the first settlement; fees are positive. */
    if (p->funding_e8 == 0)
        ln_jw_kcstr(w, "totalFee", "");
    else
        ln_sim_ke8(w, "totalFee", p->funding_e8);
    ln_sim_ke8(w, "deductedFee", -p->fees_e8);
    ln_jw_kcstr(w, "cashDividend", "");
    ln_jw_kcstr(w, "assetMode", "single");
    ln_jw_kcstr(w, "autoMargin", "off");
    ln_jw_kintstr(w, "cTime", p->created_ms);
    ln_jw_kintstr(w, "uTime", p->updated_ms);
}

/* ---- market ---- */

void
ln_sim_candle_row(struct ln_json_writer *w, const struct ln_instrument *in,
                  const struct ln_candle *c, int elements)
{
    ln_jw_arr(w);
    ln_jw_intstr(w, c->time_ms);
    ln_sim_price(w, in, c->open_ticks, false);
    ln_sim_price(w, in, c->high_ticks, false);
    ln_sim_price(w, in, c->low_ticks, false);
    ln_sim_price(w, in, c->close_ticks, false);
    ln_sim_size(w, in, c->volume_lots, false);
    for (int i = 6; i < elements; i++) /* quote volume; USDT volume */
        ln_jw_dec(w, c->quote_volume_e8, LN_SCALE_MONEY, 0);
    ln_jw_arr_end(w);
}

void
ln_sim_trade_members(struct ln_json_writer *w, const struct ln_instrument *in,
                     const struct ln_trade *t)
{
    ln_jw_kintstr(w, "ts", t->time_ms);
    ln_sim_kprice(w, "price", in, t->price_ticks);
    ln_sim_ksize(w, "size", in, t->size_lots);
    ln_jw_kcstr(w, "side", t->side == LN_SELL ? "sell" : "buy");
    ln_jw_kintstr(w, "tradeId", t->id);
}
