/*
 * Numbers and rows of the wire; its words are in words.c. See wire.h.
 */
#include "sim/wire.h"
#include "exchange/ledger.h"

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

/* ---- orders and fills ---- */

static const char *
preset_type(int64_t trigger_ticks)
{
    return trigger_ticks > 0 ? "fill_price" : "";
}

static void
kprice_if(struct ln_json_writer *w, const char *key,
          const struct ln_instrument *in, int64_t ticks)
{
    if (ticks > 0)
        ln_sim_kprice(w, key, in, ticks);
    else
        ln_jw_kcstr(w, key, "");
}

void
ln_sim_preset_members(struct ln_json_writer *w, const struct ln_instrument *in,
                      const struct ln_order_request *req)
{
    static const char *const names[2][3] = {
        {"presetStopSurplusPrice", "presetStopSurplusType",
         "presetStopSurplusExecutePrice"},
        {"presetStopLossPrice", "presetStopLossType",
         "presetStopLossExecutePrice"}};
    int64_t ticks[2] = {req->take_profit_ticks, req->stop_loss_ticks};
    int64_t limits[2] = {req->take_profit_limit_ticks,
                         req->stop_loss_limit_ticks};
    for (int i = 0; i < 2; i++) {
        kprice_if(w, names[i][0], in, ticks[i]);
        ln_jw_kcstr(w, names[i][1], preset_type(ticks[i]));
        kprice_if(w, names[i][2], in, ticks[i] > 0 ? limits[i] : 0);
    }
}

void
ln_sim_preset_types(struct ln_json_writer *w,
                    const struct ln_order_request *req)
{
    ln_jw_kcstr(w, "presetStopSurplusTriggerType",
                preset_type(req->take_profit_ticks));
    ln_jw_kcstr(w, "presetStopLossTriggerType",
                preset_type(req->stop_loss_ticks));
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
    ln_jw_kcstr(w, "reduceOnly", o->req.reduce_only ? "YES" : "NO");
    ln_jw_kcstr(w, "enterPointSource", ln_sim_word_source(o));
    ln_jw_kcstr(w, "tradeSide", ln_sim_word_trade_side(o));
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(o->pos_mode));
    ln_jw_kcstr(w, "orderType", ln_order_type_name(o->req.type));
    ln_jw_kcstr(w, "orderSource", ln_sim_word_order_source(o));
    ln_sim_preset_members(w, in, &o->req);
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

const char *
ln_sim_word_asset_mode(const struct ln_sim *sim, ln_ex_account account)
{
    const struct ln_sim_user *user = ln_sim_user_of_account(sim, account);
    return user && user->multi_assets ? "union" : "single";
}

void
ln_sim_union_members(struct ln_json_writer *w, const struct ln_sim *sim,
                     ln_ex_account account, const struct ln_ex_balance *b)
{
    const struct ln_sim_user *user = ln_sim_user_of_account(sim, account);
    bool many = user && user->multi_assets;
    ln_sim_ke8(w, "unionTotalMargin", many ? b->equity_e8 : 0);
    ln_sim_ke8(w, "unionAvailable", many ? b->available_e8 : 0);
    ln_sim_ke8(w, "unionMm", many ? b->maintenance_e8 : 0);
}

void
ln_sim_position_members(struct ln_json_writer *w, const struct ln_sim *sim,
                        ln_ex_account account, const struct ln_ex_position *p)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, p->instrument);
    uint8_t pos_mode = (uint8_t)ln_ex_pos_mode(sim->ex, account);
    bool tops_up = ln_ex_auto_margin(sim->ex, account, p->instrument,
                                     (enum ln_pos_side)p->hold_side);
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
    ln_jw_kcstr(w, "assetMode", ln_sim_word_asset_mode(sim, account));
    ln_jw_kcstr(w, "autoMargin", tops_up ? "on" : "off");
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
