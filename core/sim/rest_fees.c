/*
 * Fees: the schedule and what an account pays. One level: everybody here pays
 * the fees of the contract.
 */
#include "sim/routes.h"
#include "sim/wire.h"

bool
ln_sim_get_vip_fee_rate(struct ln_sim_call *call)
{
    const struct ln_instrument *in = ln_sim_instrument(call->sim, 0);
    struct ln_json_writer *w = &call->w;
    ln_jw_arr(w);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "level", "0");
    ln_jw_kcstr(w, "dealAmount", "0");
    ln_jw_kcstr(w, "assetAmount", "0");
    ln_sim_ke8(w, "takerFeeRate", in->taker_fee_e8);
    ln_sim_ke8(w, "makerFeeRate", in->maker_fee_e8);
    ln_jw_kcstr(w, "btcWithdrawAmount", "0");
    ln_jw_kcstr(w, "usdtWithdrawAmount", "0");
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
    return true;
}

/* "businessType", or "business" as a sample of the documentation has it. */
static bool
read_business(struct ln_sim_call *call, bool *mix)
{
    struct ln_str text = ln_sim_param(call->params, "businessType");
    if (text.len == 0)
        text = ln_sim_param(call->params, "business");
    if (text.len == 0)
        return ln_sim_fail(&call->fault, "40019",
                           "Parameter businessType cannot be empty");
    *mix = ln_str_eqi(text, "mix");
    return *mix || ln_str_eqi(text, "spot") || ln_str_eqi(text, "margin") ||
           ln_sim_fail(&call->fault, "400172",
                       "Parameter verification failed businessType Illegal "
                       "type");
}

static void
rates(struct ln_json_writer *w, const struct ln_instrument *in)
{
    ln_sim_ke8(w, "makerFeeRate", in->maker_fee_e8);
    ln_sim_ke8(w, "takerFeeRate", in->taker_fee_e8);
}

bool
ln_sim_get_trade_rate(struct ln_sim_call *call)
{
    bool mix = false;
    if (!read_business(call, &mix))
        return false;
    if (!mix)
        return ln_sim_fail(&call->fault, "40034", "Parameter %s does not exist",
                           call->in->symbol);
    ln_jw_obj(&call->w);
    rates(&call->w, call->in);
    ln_jw_obj_end(&call->w);
    return true;
}

/* Of the other businesses there are no symbols. */
bool
ln_sim_get_all_trade_rate(struct ln_sim_call *call)
{
    uint16_t n = ln_sim_instruments(call->sim);
    bool mix = false;
    if (!read_business(call, &mix))
        return false;
    ln_jw_arr(&call->w);
    for (uint16_t i = 0; mix && i < n; i++) {
        const struct ln_instrument *in = ln_sim_instrument(call->sim, i);
        ln_jw_obj(&call->w);
        ln_jw_kcstr(&call->w, "symbol", in->symbol);
        rates(&call->w, in);
        ln_jw_obj_end(&call->w);
    }
    ln_jw_arr_end(&call->w);
    return true;
}
