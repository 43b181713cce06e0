/*
 * Pushes of what an account has: positions, money, and what became of
 * positions. See private.h.
 */
#include "sim/private.h"

static void
send_to(struct ln_sim_topic *topic, struct ln_sim_conn *conn,
        struct ln_str text)
{
    if (conn)
        ln_sim_conn_send(conn, text);
    else
        ln_sim_topic_send(topic, text);
}

/* ---- positions ---- */

static void
position_row(struct ln_json_writer *w, const struct ln_sim *sim,
             ln_ex_account account, const struct ln_ex_position *p)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, p->instrument);
    ln_jw_obj(w);
    ln_jw_kintstr(w, "posId", p->id);
    ln_jw_kcstr(w, "instId", in->symbol);
    ln_sim_position_members(w, sim, account, p);
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
void
ln_sim_push_positions(struct ln_sim *sim, struct ln_sim_topic *topic,
                      struct ln_sim_conn *conn)
{
    struct ln_json_writer w;
    size_t n;
    const struct ln_ex_position *p =
        ln_sim_positions(sim, topic->user->account, &n);
    ln_sim_push_begin(sim, &w, topic, "snapshot");
    for (size_t i = 0; i < n; i++)
        position_row(&w, sim, topic->user->account, &p[i]);
    send_to(topic, conn, ln_sim_push_end(sim, &w));
}

/* ---- account ---- */

void
ln_sim_push_account(struct ln_sim *sim, struct ln_sim_topic *topic,
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
    ln_sim_union_members(w, sim, topic->user->account, &s.b);
    ln_jw_kcstr(w, "assetsMode",
                ln_sim_word_asset_mode(sim, topic->user->account));
    ln_jw_obj_end(w);
    topic->user->valued_ms = ln_sim_server_ms(sim);
    topic->user->valued_e8 = s.b.equity_e8;
    send_to(topic, conn, ln_sim_push_end(sim, w));
}

/* ---- equity ---- */

/* At the mark of BTCUSDT; 0 where that is not traded. */
static int64_t
in_btc_e8(const struct ln_sim *sim, int64_t usdt_e8)
{
    struct ln_ticker t;
    uint16_t btc =
        ln_instruments_find(ln_ex_instruments(sim->ex), ln_str("BTCUSDT"));
    if (btc == LN_INSTRUMENT_NONE)
        return 0;
    ln_ex_ticker(sim->ex, btc, &t);
    return t.mark_e8 > 0 ? ln_mul_div(usdt_e8, LN_E8, t.mark_e8, LN_ROUND_DOWN)
                         : 0;
}

void
ln_sim_push_equity(struct ln_sim *sim, struct ln_sim_topic *topic,
                   struct ln_sim_conn *conn)
{
    struct ln_ex_balance b;
    struct ln_json_writer writer, *w = &writer;
    ln_ex_balance(sim->ex, topic->user->account, &b);
    ln_sim_push_begin(sim, w, topic, "snapshot");
    ln_jw_obj(w);
    ln_sim_ke8(w, "btcEquity", in_btc_e8(sim, b.equity_e8));
    ln_sim_ke8(w, "usdtEquity", b.equity_e8);
    ln_sim_ke8(w, "usdtUnrealized", b.unrealised_e8);
    ln_sim_union_members(w, sim, topic->user->account, &b);
    ln_jw_obj_end(w);
    topic->user->valued_ms = ln_sim_server_ms(sim);
    topic->user->valued_e8 = b.equity_e8;
    send_to(topic, conn, ln_sim_push_end(sim, w));
}

/* ---- positions-history ---- */

void
ln_sim_push_closed(struct ln_sim *sim, struct ln_sim_user *user,
                   const struct ln_ex_closed *c)
{
    struct ln_sim_topic *topic = &user->topics[LN_SIM_CH_POSITIONS_HISTORY];
    const struct ln_instrument *in = ln_sim_instrument(sim, c->instrument);
    struct ln_json_writer writer, *w = &writer;
    if (topic->count == 0)
        return;
    ln_sim_push_begin(sim, w, topic, "snapshot");
    ln_jw_obj(w);
    ln_jw_kintstr(w, "posId", c->id);
    ln_jw_kcstr(w, "instId", in->symbol);
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    /* The page of this channel alone says fixed for isolated. */
    ln_jw_kcstr(w, "marginMode",
                c->margin_mode == LN_ISOLATED ? "fixed" : "crossed");
    ln_jw_kcstr(w, "holdSide", c->hold_side == LN_SHORT ? "short" : "long");
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(c->pos_mode));
    ln_sim_ke8(w, "openPriceAvg",
               ln_sim_average_e8(in, c->open_value_e8, c->opened_lots));
    ln_sim_ke8(w, "closePriceAvg",
               ln_sim_average_e8(in, c->close_value_e8, c->closed_lots));
    ln_sim_ksize(w, "openSize", in, c->opened_lots);
    ln_sim_ksize(w, "closeSize", in, c->closed_lots);
    ln_sim_ke8(w, "achievedProfits", c->profit_e8);
    ln_sim_ke8(w, "settleFee", c->funding_e8);
    ln_sim_ke8(w, "openFee", c->open_fee_e8);
    ln_sim_ke8(w, "closeFee", c->close_fee_e8);
    ln_jw_kintstr(w, "cTime", c->created_ms);
    ln_jw_kintstr(w, "uTime", c->closed_ms);
    ln_jw_obj_end(w);
    ln_sim_topic_send(topic, ln_sim_push_end(sim, w));
}

/* ---- adl-noti ---- */

/* The only private channel whose pushes are updates. */
void
ln_sim_push_adl(struct ln_sim *sim, struct ln_sim_user *user,
                const struct ln_ex_fill *f)
{
    struct ln_sim_topic *topic = &user->topics[LN_SIM_CH_ADL];
    const struct ln_instrument *in = ln_sim_instrument(sim, f->instrument);
    struct ln_json_writer writer, *w = &writer;
    if (topic->count == 0)
        return;
    ln_sim_push_begin(sim, w, topic, "update");
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_jw_kcstr(w, "side", f->side == LN_SELL ? "sell" : "buy");
    ln_jw_kcstr(w, "status", "triggered");
    ln_sim_kprice(w, "price", in, f->price_ticks);
    ln_sim_ke8(w, "amount", f->value_e8);
    ln_jw_kintstr(w, "ts", f->time_ms);
    ln_jw_obj_end(w);
    ln_sim_topic_send(topic, ln_sim_push_end(sim, w));
}
