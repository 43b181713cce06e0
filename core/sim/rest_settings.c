/*
 * Settings of the account: leverage, margin and position mode, the margin of
 * isolated positions.
 */
#include "exchange/ledger.h"
#include "sim/routes.h"
#include "sim/wire.h"

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
apply_leverage(struct ln_sim_call *call, uint16_t inst, enum ln_pos_side side,
               int32_t v)
{
    int refusal;
    if (v == 0)
        return true;
    refusal = ln_ex_set_leverage(call->sim->ex, call->account, inst, side, v);
    if (refusal == LN_EXR_OK)
        return true;
    if (refusal == LN_EXR_LOCKED)
        return ln_sim_fail(&call->fault, "40730",
                           "The leverage cannot be changed with open orders");
    if (refusal == LN_EXR_MARGIN)
        return ln_sim_fail(&call->fault, "40893",
                           "The margin is too small for this leverage");
    return ln_sim_refuse(&call->fault, (enum ln_ex_refusal)refusal,
                         ln_sim_instrument(call->sim, inst));
}

/* What both setting leverage and setting the margin mode answer. */
static void
setting_begin(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    const struct ln_ex *ex = call->sim->ex;
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", call->in->symbol);
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_jw_kintstr(w, "longLeverage",
                  ln_ex_leverage(ex, call->account, call->inst, LN_LONG));
    ln_jw_kintstr(w, "shortLeverage",
                  ln_ex_leverage(ex, call->account, call->inst, LN_SHORT));
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
        ok = apply_leverage(call, call->inst, LN_NET,
                            longs  ? longs
                            : both ? both
                                   : shorts);
    } else {
        bool both_sides = both && hold.len == 0;
        int32_t l = longs                                    ? longs
                    : both_sides || ln_str_eqi(hold, "long") ? both
                                                             : 0;
        int32_t s = shorts                                    ? shorts
                    : both_sides || ln_str_eqi(hold, "short") ? both
                                                              : 0;
        ok = apply_leverage(call, call->inst, LN_LONG, l) &&
             apply_leverage(call, call->inst, LN_SHORT, s);
    }
    if (!ok)
        return false;
    setting_begin(call);
    ln_jw_kintstr(w, "crossMarginLeverage",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_NET));
    ln_jw_kcstr(w, "marginMode", ln_sim_word_margin_mode((uint8_t)mode));
    ln_jw_obj_end(w);
    return true;
}

/* Of every symbol with a position; the others keep theirs. */
bool
ln_sim_set_all_leverage(struct ln_sim_call *call)
{
    struct ln_sim *sim = call->sim;
    uint16_t count = ln_sim_instruments(sim);
    bool hedge = ln_ex_pos_mode(sim->ex, call->account) == LN_HEDGE;
    int32_t v = 0;
    if (!read_leverage(call, "leverage", &v))
        return false;
    for (uint16_t inst = 0; inst < count; inst++) {
        bool held = false, sides;
        size_t n;
        const struct ln_ex_position *p =
            ln_sim_positions(sim, call->account, &n);
        for (size_t i = 0; i < n; i++)
            held = held || p[i].instrument == inst;
        sides = hedge &&
                ln_ex_margin_mode(sim->ex, call->account, inst) == LN_ISOLATED;
        if (held && !(sides ? apply_leverage(call, inst, LN_LONG, v) &&
                                  apply_leverage(call, inst, LN_SHORT, v)
                            : apply_leverage(call, inst, LN_NET, v)))
            return false;
    }
    ln_jw_cstr(&call->w, "success");
    return true;
}

/* ---- modes ---- */

bool
ln_sim_set_margin_mode(struct ln_sim_call *call)
{
    struct ln_sim *sim = call->sim;
    struct ln_json_writer *w = &call->w;
    bool isolated =
        ln_str_eqi(ln_sim_param(call->params, "marginMode"), "isolated");
    enum ln_margin_mode mode = isolated ? LN_ISOLATED : LN_CROSSED;
    if (isolated && call->user->multi_assets)
        return ln_sim_fail(&call->fault, "40812",
                           "Multi-asset mode is for crossed margin only");
    int refusal =
        ln_ex_set_margin_mode(sim->ex, call->account, call->inst, mode);
    if (refusal != LN_EXR_OK)
        return ln_sim_refuse(&call->fault, (enum ln_ex_refusal)refusal,
                             call->in);
    setting_begin(call);
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

bool
ln_sim_get_isolated_symbols(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    uint16_t n = ln_sim_instruments(call->sim);
    ln_jw_arr(w);
    for (uint16_t i = 0; i < n; i++) {
        if (ln_ex_margin_mode(call->sim->ex, call->account, i) != LN_ISOLATED)
            continue;
        ln_jw_obj(w);
        ln_jw_kcstr(w, "symbol", ln_sim_instrument(call->sim, i)->symbol);
        ln_jw_kcstr(w, "marginMode", "isolated");
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return true;
}

/* ---- margin of an isolated position ---- */

static enum ln_pos_side
hold_side(const struct ln_sim_call *call)
{
    return ln_str_eqi(ln_sim_param(call->params, "holdSide"), "short")
               ? LN_SHORT
               : LN_LONG;
}

bool
ln_sim_set_margin(struct ln_sim_call *call)
{
    int64_t amount_e8;
    if (!ln_sim_decimal(call, "amount", true, &amount_e8))
        return false;
    if (amount_e8 == 0)
        return ln_sim_fail(&call->fault, "40020", "Parameter amount error");
    int refusal = ln_ex_move_margin(call->sim->ex, call->account, call->inst,
                                    hold_side(call), amount_e8);
    switch (refusal) {
    case LN_EXR_OK:
        ln_jw_cstr(&call->w, "");
        return true;
    case LN_EXR_LOCKED:
        return ln_sim_fail(&call->fault, "22005",
                           "The margin of a crossed position cannot be "
                           "adjusted");
    case LN_EXR_MARGIN:
        if (amount_e8 > 0)
            return ln_sim_fail(&call->fault, "40754", "balance not enough");
        return ln_sim_fail(&call->fault, "40802",
                           "The margin cannot be reduced by that much");
    default:
        return ln_sim_refuse(&call->fault, (enum ln_ex_refusal)refusal,
                             call->in);
    }
}

bool
ln_sim_set_auto_margin(struct ln_sim_call *call)
{
    bool on = ln_str_eqi(ln_sim_param(call->params, "autoMargin"), "on");
    int refusal = ln_ex_set_auto_margin(call->sim->ex, call->account,
                                        call->inst, hold_side(call), on);
    switch (refusal) {
    case LN_EXR_OK:
        ln_jw_cstr(&call->w, "success");
        return true;
    case LN_EXR_LOCKED:
        return ln_sim_fail(&call->fault, "22011",
                           "Automatic margin is for isolated positions");
    default:
        return ln_sim_refuse(&call->fault, (enum ln_ex_refusal)refusal,
                             call->in);
    }
}
