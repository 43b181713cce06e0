/*
 * Private pushes: orders and fills as they happen; positions and account at
 * the end of what caused them (one command, or one step of the market).
 */
#include "sim/wire.h"
#include "sim/ws.h"

#define VALUE_MS 1000 /* the account is pushed that often while it moves */

/* ---- orders ---- */

static void
order_terms(struct ln_json_writer *w, const struct ln_sim *sim,
            const struct ln_instrument *in, const struct ln_ex_order *o)
{
    static const char *const presets[] = {
        "presetStopLossExecutePrice", "presetStopLossPrice",
        "presetStopLossType",         "presetStopSurplusExecutePrice",
        "presetStopSurplusPrice",     "presetStopSurplusType"};
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
    for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
        ln_jw_kcstr(w, presets[i], "");
    ln_sim_kprice(w, "price", in, limit ? o->req.price_ticks : 0);
    ln_jw_kcstr(w, "reduceOnly",
                o->req.reduce_only && o->pos_mode != LN_HEDGE ? "yes" : "no");
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

static void
push_order(struct ln_sim *sim, struct ln_sim_user *user,
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
    ln_jw_kcstr(w, "stpMode", "none");
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
static void
push_fill(struct ln_sim *sim, struct ln_sim_user *user,
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

/* ---- positions ---- */

static void
position_row(struct ln_json_writer *w, const struct ln_sim *sim,
             const struct ln_ex_position *p, uint8_t pos_mode)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, p->instrument);
    ln_jw_obj(w);
    ln_jw_kintstr(w, "posId", p->id);
    ln_jw_kcstr(w, "instId", in->symbol);
    ln_sim_position_members(w, in, p, pos_mode);
    ln_sim_ksize(w, "frozen", in, p->frozen_lots);
    ln_jw_kint(w, "leverage", p->leverage); /* the number among the strings */
    ln_sim_ke8(w, "unrealizedPLR",
               p->margin_e8 > 0 ? ln_mul_div(p->unrealised_e8, LN_E8,
                                             p->margin_e8, LN_ROUND_NEAREST)
                                : 0);
    if (p->margin_mode == LN_ISOLATED)
        ln_sim_ke8(w, "isolatedMarginRate", p->margin_ratio_e8);
    ln_sim_ke8(w, "marginRate", p->margin_ratio_e8);
    ln_jw_obj_end(w);
}

/* Always the complete list: a closed position is simply absent. */
static void
push_positions(struct ln_sim *sim, struct ln_sim_topic *topic,
               struct ln_sim_conn *conn)
{
    uint8_t mode = (uint8_t)ln_ex_pos_mode(sim->ex, topic->user->account);
    struct ln_json_writer w;
    size_t n;
    const struct ln_ex_position *p =
        ln_sim_positions(sim, topic->user->account, &n);
    ln_sim_push_begin(sim, &w, topic, "snapshot");
    for (size_t i = 0; i < n; i++)
        position_row(&w, sim, &p[i], mode);
    struct ln_str text = ln_sim_push_end(sim, &w);
    if (conn)
        ln_sim_conn_send(conn, text);
    else
        ln_sim_topic_send(topic, text);
}

/* ---- account ---- */

static void
push_account(struct ln_sim *sim, struct ln_sim_topic *topic,
             struct ln_sim_conn *conn)
{
    struct ln_sim_account_sums s;
    struct ln_json_writer writer, *w = &writer;
    ln_sim_account_sums(sim, topic->user->account, &s);
    ln_sim_push_begin(sim, w, topic, "snapshot");
    ln_jw_obj(w);
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_sim_ke8(w, "frozen", s.b.locked_e8);
    ln_sim_ke8(w, "available", s.b.available_e8);
    ln_sim_ke8(w, "maxOpenPosAvailable", s.b.available_e8);
    ln_sim_ke8(w, "maxTransferOut", s.transferable_e8);
    ln_sim_ke8(w, "equity", s.b.equity_e8);
    ln_sim_ke8(w, "usdtEquity", s.b.equity_e8);
    ln_sim_ke8(w, "crossedRiskRate", s.risk_e8);
    ln_sim_ke8(w, "unrealizedPL", s.b.unrealised_e8);
    ln_jw_kcstr(w, "unionTotalMargin", "0");
    ln_jw_kcstr(w, "unionAvailable", "0");
    ln_jw_kcstr(w, "unionMm", "0");
    ln_jw_kcstr(w, "assetsMode", "single");
    ln_jw_obj_end(w);
    topic->user->valued_ms = ln_sim_server_ms(sim);
    topic->user->valued_e8 = s.b.equity_e8;
    struct ln_str text = ln_sim_push_end(sim, w);
    if (conn)
        ln_sim_conn_send(conn, text);
    else
        ln_sim_topic_send(topic, text);
}

/* ---- events and their end ---- */

void
ln_sim_private_event(struct ln_sim *sim, struct ln_sim_user *user,
                     const struct ln_ex_event *e)
{
    switch (e->type) {
    case LN_EXE_ORDER:
        push_order(sim, user, e->u.order.order, e->u.order.fill);
        user->account_dirty = true; /* margin is locked or released */
        if (e->u.order.order->req.reduce_only)
            user->positions_dirty = true; /* so is size */
        break;
    case LN_EXE_FILL:
        push_fill(sim, user, e->u.fill);
        break;
    case LN_EXE_POSITION:
    case LN_EXE_FUNDING:
        user->positions_dirty = true;
        break;
    case LN_EXE_ACCOUNT:
        user->account_dirty = true;
        break;
    default:
        break;
    }
}

/* The value of open positions moves without any event. */
static void
look_at_value(struct ln_sim *sim, struct ln_sim_user *user)
{
    struct ln_ex_balance b;
    if (ln_sim_server_ms(sim) - user->valued_ms < VALUE_MS)
        return;
    ln_ex_balance(sim->ex, user->account, &b);
    if (b.equity_e8 != user->valued_e8)
        user->account_dirty = true;
}

void
ln_sim_private_flush(struct ln_sim *sim)
{
    for (size_t i = 0; i < sim->nusers; i++) {
        struct ln_sim_user *user = &sim->users[i];
        struct ln_sim_topic *positions = &user->topics[LN_SIM_CH_POSITIONS];
        struct ln_sim_topic *account = &user->topics[LN_SIM_CH_ACCOUNT];
        if (account->count > 0)
            look_at_value(sim, user);
        if (user->positions_dirty && positions->count > 0)
            push_positions(sim, positions, NULL);
        if (user->account_dirty && account->count > 0)
            push_account(sim, account, NULL);
        user->positions_dirty = user->account_dirty = false;
    }
}

void
ln_sim_private_greet(struct ln_sim *sim, struct ln_sim_topic *topic,
                     struct ln_sim_conn *conn)
{
    if (topic->channel == LN_SIM_CH_POSITIONS)
        push_positions(sim, topic, conn);
    else if (topic->channel == LN_SIM_CH_ACCOUNT)
        push_account(sim, topic, conn);
}
