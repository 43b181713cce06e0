/*
 * The account, its settings and its positions.
 */
#include "sim/routes.h"
#include "sim/wire.h"

#define INDEX_SYMBOL "BTCUSDT" /* what btcEquity is measured with */
#define ORDERS_SEEN  512       /* open orders looked at for openDelegateSize */

/* ---- account ---- */

static int64_t
btc_equity_e8(const struct ln_sim *sim, int64_t equity_e8)
{
    uint16_t inst =
        ln_instruments_find(ln_ex_instruments(sim->ex), ln_str(INDEX_SYMBOL));
    struct ln_ticker t;
    if (inst == LN_INSTRUMENT_NONE)
        return 0;
    ln_ex_ticker(sim->ex, inst, &t);
    return t.index_e8 > 0
               ? ln_mul_div(equity_e8, LN_E8, t.index_e8, LN_ROUND_NEAREST)
               : 0;
}

static void
money_members(struct ln_json_writer *w, const struct ln_sim *sim,
              const struct ln_sim_account_sums *s)
{
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_sim_ke8(w, "locked", s->b.locked_e8);
    ln_sim_ke8(w, "available", s->b.available_e8);
    ln_sim_ke8(w, "crossedMaxAvailable", s->b.available_e8);
    ln_sim_ke8(w, "isolatedMaxAvailable", s->b.available_e8);
    ln_sim_ke8(w, "maxTransferOut", s->transferable_e8);
    ln_sim_ke8(w, "accountEquity", s->b.equity_e8);
    ln_sim_ke8(w, "usdtEquity", s->b.equity_e8);
    ln_sim_ke8(w, "btcEquity", btc_equity_e8(sim, s->b.equity_e8));
    ln_sim_ke8(w, "crossedRiskRate", s->risk_e8);
    ln_sim_ke8(w, "unrealizedPL", s->b.unrealised_e8);
    ln_jw_kcstr(w, "coupon", "0");
    ln_sim_ke8(w, "crossedUnrealizedPL", s->crossed_pl_e8);
    ln_sim_ke8(w, "isolatedUnrealizedPL", s->isolated_pl_e8);
    ln_sim_ke8(w, "isolatedMargin", s->isolated_margin_e8);
    ln_sim_ke8(w, "crossedMargin", s->crossed_margin_e8);
    ln_jw_kcstr(w, "grant", "0");
    ln_jw_kcstr(w, "assetMode", "single");
}

bool
ln_sim_get_account(struct ln_sim_call *call)
{
    const struct ln_sim *sim = call->sim;
    struct ln_json_writer *w = &call->w;
    struct ln_sim_account_sums s;
    ln_sim_account_sums(sim, call->account, &s);
    ln_jw_obj(w);
    money_members(w, sim, &s);
    ln_jw_kintstr(w, "crossedMarginLeverage",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_NET));
    ln_jw_kintstr(w, "isolatedLongLever",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_LONG));
    ln_jw_kintstr(w, "isolatedShortLever",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_SHORT));
    ln_jw_kcstr(w, "marginMode",
                ln_sim_word_margin_mode((uint8_t)ln_ex_margin_mode(
                    sim->ex, call->account, call->inst)));
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(s.b.pos_mode));
    ln_jw_obj_end(w);
    return true;
}

bool
ln_sim_get_accounts(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    struct ln_sim_account_sums s;
    ln_sim_account_sums(call->sim, call->account, &s);
    ln_jw_arr(w);
    ln_jw_obj(w);
    money_members(w, call->sim, &s);
    ln_jw_kcstr(w, "unionTotalMargin", "0");
    ln_jw_kcstr(w, "unionAvailable", "0");
    ln_jw_kcstr(w, "unionMm", "0");
    ln_jw_key(w, "assetList");
    ln_jw_arr(w);
    ln_jw_arr_end(w);
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
    return true;
}

/* ---- settings ---- */

/* A leverage parameter; 0 when it is absent. */
static bool
read_leverage(struct ln_sim_call *call, const char *name, int32_t *out)
{
    int64_t v = 0;
    enum ln_sim_given given = ln_sim_param_i64(call->params, name, &v);
    if (given == LN_SIM_BAD)
        return ln_sim_fail(&call->fault, "40017",
                           "Parameter verification failed %s", name);
    if (given == LN_SIM_GIVEN && (v < 1 || v > INT32_MAX))
        return ln_sim_refuse(&call->fault, LN_EXR_LEVERAGE, call->in);
    *out = (int32_t)v;
    return true;
}

static bool
apply_leverage(struct ln_sim_call *call, enum ln_pos_side side, int32_t v)
{
    int refusal;
    if (v == 0)
        return true;
    refusal =
        ln_ex_set_leverage(call->sim->ex, call->account, call->inst, side, v);
    if (refusal == LN_EXR_OK)
        return true;
    if (refusal == LN_EXR_LOCKED)
        return ln_sim_fail(&call->fault, "40730",
                           "The leverage cannot be changed with open orders");
    if (refusal == LN_EXR_MARGIN)
        return ln_sim_fail(&call->fault, "40893",
                           "The margin is too small for this leverage");
    return ln_sim_refuse(&call->fault, (enum ln_ex_refusal)refusal, call->in);
}

bool
ln_sim_set_leverage(struct ln_sim_call *call)
{
    struct ln_sim *sim = call->sim;
    struct ln_json_writer *w = &call->w;
    struct ln_str hold = ln_sim_param(call->params, "holdSide");
    int32_t both = 0, longs = 0, shorts = 0;
    if (!read_leverage(call, "leverage", &both) ||
        !read_leverage(call, "longLeverage", &longs) ||
        !read_leverage(call, "shortLeverage", &shorts))
        return false;
    if (!both && !longs && !shorts)
        return ln_sim_fail(&call->fault, "40019",
                           "Parameter leverage cannot be empty");
    enum ln_margin_mode mode =
        ln_ex_margin_mode(sim->ex, call->account, call->inst);
    bool sides = mode == LN_ISOLATED &&
                 ln_ex_pos_mode(sim->ex, call->account) == LN_HEDGE;
    bool ok;
    if (!sides) { /* in cross mode longLeverage would win: as on the wire */
        ok = apply_leverage(call, LN_NET, longs ? longs : both ? both : shorts);
    } else {
        bool both_sides = both && hold.len == 0;
        int32_t l = longs                                    ? longs
                    : both_sides || ln_str_eqi(hold, "long") ? both
                                                             : 0;
        int32_t s = shorts                                    ? shorts
                    : both_sides || ln_str_eqi(hold, "short") ? both
                                                              : 0;
        ok = apply_leverage(call, LN_LONG, l) &&
             apply_leverage(call, LN_SHORT, s);
    }
    if (!ok)
        return false;
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", call->in->symbol);
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_jw_kintstr(w, "longLeverage",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_LONG));
    ln_jw_kintstr(w, "shortLeverage",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_SHORT));
    ln_jw_kintstr(w, "crossMarginLeverage",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_NET));
    ln_jw_kcstr(w, "marginMode", ln_sim_word_margin_mode((uint8_t)mode));
    ln_jw_obj_end(w);
    return true;
}

bool
ln_sim_set_margin_mode(struct ln_sim_call *call)
{
    struct ln_sim *sim = call->sim;
    struct ln_json_writer *w = &call->w;
    bool isolated =
        ln_str_eqi(ln_sim_param(call->params, "marginMode"), "isolated");
    enum ln_margin_mode mode = isolated ? LN_ISOLATED : LN_CROSSED;
    int refusal =
        ln_ex_set_margin_mode(sim->ex, call->account, call->inst, mode);
    if (refusal != LN_EXR_OK)
        return ln_sim_refuse(&call->fault, (enum ln_ex_refusal)refusal,
                             call->in);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", call->in->symbol);
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_jw_kintstr(w, "longLeverage",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_LONG));
    ln_jw_kintstr(w, "shortLeverage",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_SHORT));
    ln_jw_kcstr(w, "marginMode", ln_sim_word_margin_mode((uint8_t)mode));
    ln_jw_obj_end(w);
    return true;
}

bool
ln_sim_set_position_mode(struct ln_sim_call *call)
{
    struct ln_sim *sim = call->sim;
    bool hedge =
        ln_str_eqi(ln_sim_param(call->params, "posMode"), "hedge_mode");
    int refusal = ln_ex_set_pos_mode(sim->ex, call->account,
                                     hedge ? LN_HEDGE : LN_ONE_WAY);
    if (refusal == LN_EXR_LOCKED)
        return ln_sim_fail(&call->fault, "40920",
                           "Position or order exists, the position mode "
                           "cannot be switched");
    if (refusal != LN_EXR_OK)
        return ln_sim_refuse(&call->fault, (enum ln_ex_refusal)refusal, NULL);
    ln_jw_obj(&call->w);
    ln_jw_kcstr(&call->w, "posMode", hedge ? "hedge_mode" : "one_way_mode");
    ln_jw_obj_end(&call->w);
    return true;
}

/* ---- positions ---- */

/* What open orders would still add to this position. */
static int64_t
delegated_lots(const struct ln_sim *sim, ln_ex_account account,
               const struct ln_ex_position *p, uint8_t pos_mode)
{
    const struct ln_ex_order *orders[ORDERS_SEEN];
    size_t n = ln_ex_orders(sim->ex, account, true, p->instrument, 0, orders,
                            ORDERS_SEEN);
    uint8_t opens = p->hold_side == LN_SHORT ? LN_SELL : LN_BUY;
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        const struct ln_order_request *r = &orders[i]->req;
        if (r->reduce_only || r->side != opens ||
            (pos_mode == LN_HEDGE && r->pos_side != p->hold_side))
            continue;
        sum += r->size_lots - orders[i]->filled_lots;
    }
    return sum;
}

static void
position_object(struct ln_sim_call *call, const struct ln_ex_position *p)
{
    static const char *const none[] = {"takeProfit", "stopLoss", "takeProfitId",
                                       "stopLossId", "grant"};
    const struct ln_sim *sim = call->sim;
    struct ln_json_writer *w = &call->w;
    const struct ln_instrument *in = ln_sim_instrument(sim, p->instrument);
    uint8_t mode = (uint8_t)ln_ex_pos_mode(sim->ex, call->account);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_sim_position_members(w, in, p, mode);
    ln_sim_ksize(w, "openDelegateSize", in,
                 delegated_lots(sim, call->account, p, mode));
    ln_sim_ksize(w, "locked", in, p->frozen_lots);
    ln_jw_kintstr(w, "leverage", p->leverage);
    ln_sim_ke8(w, "marginRatio", p->margin_ratio_e8);
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        ln_jw_kcstr(w, none[i], "");
    ln_jw_obj_end(w);
}

static bool
write_positions(struct ln_sim_call *call)
{
    size_t n;
    const struct ln_ex_position *p =
        ln_sim_positions(call->sim, call->account, &n);
    ln_jw_arr(&call->w);
    for (size_t i = 0; i < n; i++)
        if (!call->in || p[i].instrument == call->inst)
            position_object(call, &p[i]);
    ln_jw_arr_end(&call->w);
    return true;
}

bool
ln_sim_get_single_position(struct ln_sim_call *call)
{
    return write_positions(call);
}

bool
ln_sim_get_all_position(struct ln_sim_call *call)
{
    return write_positions(call);
}
