/*
 * Pushes of orders, fills and plans, as they happen. See private.h.
 */
#include "sim/private.h"

/* ---- orders ---- */

static void
order_terms(struct ln_json_writer *w, const struct ln_sim *sim,
            const struct ln_instrument *in, const struct ln_ex_order *o)
{
    bool limit = o->req.type == LN_LIMIT;
    struct ln_ticker t;
    ln_ex_ticker(sim->ex, o->req.instrument, &t);
    int64_t value_e8 = ln_notional_e8(
        in, limit ? o->req.price_ticks : t.last_ticks, o->req.size_lots);
    ln_jw_kcstr(w, "force", ln_tif_name(o->req.tif));
    ln_jw_kcstr(w, "instId", in->symbol);
    ln_jw_kintstr(w, "leverage", o->leverage);
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_jw_kcstr(w, "marginMode", ln_sim_word_margin_mode(o->req.margin_mode));
    ln_sim_ke8(w, "notionalUsd", value_e8);
    ln_jw_kintstr(w, "orderId", o->id);
    ln_jw_kcstr(w, "orderType", ln_order_type_name(o->req.type));
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(o->pos_mode));
    ln_jw_kcstr(w, "posSide", ln_sim_word_pos_side(o));
    ln_sim_preset_members(w, in, &o->req);
    ln_sim_kprice(w, "price", in, limit ? o->req.price_ticks : 0);
    ln_jw_kcstr(w, "reduceOnly", o->req.reduce_only ? "yes" : "no");
    ln_jw_kcstr(w, "side", ln_sim_word_side(o));
    ln_sim_ksize(w, "size", in, o->req.size_lots);
}

/* What only a push that a fill caused has. */
static void
order_fill(struct ln_json_writer *w, const struct ln_instrument *in,
           const struct ln_ex_order *o, const struct ln_ex_fill *f)
{
    ln_sim_ksize(w, "baseVolume", in, f->size_lots);
    ln_sim_ke8(w, "fillFee", f->fee_e8);
    ln_jw_kcstr(w, "fillFeeCoin", LN_SIM_COIN);
    ln_sim_ke8(w, "fillNotionalUsd", f->value_e8);
    ln_sim_kprice(w, "fillPrice", in, f->price_ticks);
    ln_jw_kintstr(w, "fillTime", f->time_ms);
    ln_sim_ke8(w, "pnl", f->profit_e8);
    ln_sim_ke8(w, "priceAvg",
               ln_sim_average_e8(in, o->filled_value_e8, o->filled_lots));
    ln_jw_kintstr(w, "tradeId", f->trade_id);
    ln_jw_kcstr(w, "tradeScope", f->liquidity == LN_MAKER ? "M" : "T");
}

void
ln_sim_push_order(struct ln_sim *sim, struct ln_sim_user *user,
                  const struct ln_ex_order *o, const struct ln_ex_fill *f)
{
    struct ln_sim_topic *topic = &user->topics[LN_SIM_CH_ORDERS];
    const struct ln_instrument *in = ln_sim_instrument(sim, o->req.instrument);
    struct ln_json_writer writer, *w = &writer;
    if (topic->count == 0)
        return;
    ln_sim_push_begin(sim, w, topic, "snapshot");
    ln_jw_obj(w);
    ln_sim_ksize(w, "accBaseVolume", in, o->filled_lots);
    ln_jw_kintstr(w, "cTime", o->created_ms);
    ln_jw_kcstr(w, "cancelReason", ln_sim_word_cancel_reason(o));
    ln_jw_kcstr(w, "clientOid", o->req.client_oid);
    ln_jw_kcstr(w, "enterPointSource", ln_sim_word_source(o));
    ln_jw_key(w, "feeDetail");
    ln_jw_arr(w);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "feeCoin", LN_SIM_COIN);
    ln_jw_kdec(w, "fee", o->fee_e8, LN_SCALE_MONEY, LN_SCALE_MONEY);
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
    order_terms(w, sim, in, o);
    ln_jw_kcstr(w, "status", ln_sim_word_status(o));
    ln_jw_kcstr(w, "stpMode", ln_sim_word_stp(o->req.stp));
    ln_sim_ke8(w, "totalProfits", o->profit_e8);
    ln_jw_kcstr(w, "tradeSide", ln_sim_word_trade_side(o));
    ln_jw_kintstr(w, "uTime", o->updated_ms);
    if (f)
        order_fill(w, in, o, f);
    ln_jw_obj_end(w);
    ln_sim_topic_send(topic, ln_sim_push_end(sim, w));
}

/* ---- fills ---- */

/* Here, and only here, "side" is the direction of execution. */
void
ln_sim_push_fill(struct ln_sim *sim, struct ln_sim_user *user,
                 const struct ln_ex_fill *f)
{
    struct ln_sim_topic *topic = &user->topics[LN_SIM_CH_FILL];
    const struct ln_instrument *in = ln_sim_instrument(sim, f->instrument);
    const struct ln_ex_order *o = f->order;
    struct ln_json_writer writer, *w = &writer;
    if (topic->count == 0)
        return;
    ln_sim_push_begin(sim, w, topic, "snapshot");
    ln_jw_obj(w);
    ln_jw_kintstr(w, "orderId", o->id);
    ln_jw_kcstr(w, "clientOid", o->req.client_oid);
    ln_jw_kintstr(w, "tradeId", f->trade_id);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_jw_kcstr(w, "side", f->side == LN_SELL ? "sell" : "buy");
    ln_jw_kcstr(w, "orderType", ln_order_type_name(o->req.type));
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(o->pos_mode));
    ln_sim_kprice(w, "price", in, f->price_ticks);
    ln_sim_ksize(w, "baseVolume", in, f->size_lots);
    ln_sim_ke8(w, "quoteVolume", f->value_e8);
    ln_sim_ke8(w, "profit", f->profit_e8);
    ln_jw_kcstr(w, "tradeSide", ln_sim_word_trade_side(o));
    ln_jw_kcstr(w, "tradeScope", f->liquidity == LN_MAKER ? "maker" : "taker");
    ln_jw_key(w, "feeDetail");
    ln_jw_arr(w);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "feeCoin", LN_SIM_COIN);
    ln_jw_kcstr(w, "deduction", "no");
    ln_jw_kcstr(w, "totalDeductionFee", "0");
    ln_sim_ke8(w, "totalFee", f->fee_e8);
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
    ln_jw_kintstr(w, "cTime", f->time_ms);
    ln_jw_kintstr(w, "uTime", f->time_ms);
    ln_jw_obj_end(w);
    ln_sim_topic_send(topic, ln_sim_push_end(sim, w));
}

/* ---- orders-algo ---- */

void
ln_sim_push_plan(struct ln_sim *sim, struct ln_sim_user *user,
                 const struct ln_ex_plan *plan)
{
    struct ln_sim_topic *topic = &user->topics[LN_SIM_CH_ORDERS_ALGO];
    struct ln_json_writer w;
    if (topic->count == 0)
        return;
    ln_sim_push_begin(sim, &w, topic, "snapshot");
    ln_sim_plan_push_row(&w, sim, plan);
    ln_sim_topic_send(topic, ln_sim_push_end(sim, &w));
}
