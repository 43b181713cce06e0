/*
 * Funding: the rate of now, its bounds, the next settlement, and the rates
 * that were settled.
 */
#include "exchange/history.h"
#include "sim/routes.h"
#include "sim/wire.h"

#define RATES_DEFAULT 20
#define RATES_MAX     100
#define PAGES_MAX     100000 /* there is nothing behind */

static void
one_fund_rate(struct ln_json_writer *w, struct ln_sim *sim, uint16_t inst)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, inst);
    struct ln_ticker t;
    int64_t min_e8, max_e8;
    ln_ex_ticker(sim->ex, inst, &t);
    ln_ex_funding_bounds(sim->ex, inst, &min_e8, &max_e8);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_sim_ke8(w, "fundingRate", t.funding_rate_e8);
    ln_jw_kintstr(w, "fundingRateInterval", in->funding_interval_h);
    ln_jw_kintstr(w, "nextUpdate", t.next_funding_ms);
    ln_sim_ke8(w, "minFundingRate", min_e8);
    ln_sim_ke8(w, "maxFundingRate", max_e8);
    ln_jw_obj_end(w);
}

bool
ln_sim_get_current_fund_rate(struct ln_sim_call *call)
{
    size_t n = ln_sim_instruments(call->sim);
    ln_jw_arr(&call->w);
    for (size_t i = 0; i < n; i++)
        if (!call->in || call->inst == i)
            one_fund_rate(&call->w, call->sim, (uint16_t)i);
    ln_jw_arr_end(&call->w);
    return true;
}

bool
ln_sim_get_funding_time(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    struct ln_ticker t;
    ln_ex_ticker(call->sim->ex, call->inst, &t);
    ln_jw_arr(w);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", call->in->symbol);
    ln_jw_kintstr(w, "nextFundingTime", t.next_funding_ms);
    ln_jw_kintstr(w, "ratePeriod", call->in->funding_interval_h);
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
    return true;
}

bool
ln_sim_get_history_fund_rate(struct ln_sim_call *call)
{
    struct ln_ex_settled rates[RATES_MAX];
    struct ln_json_writer *w = &call->w;
    int64_t size = RATES_DEFAULT, page = 1;
    if (ln_sim_param_i64(call->params, "pageSize", &size) == LN_SIM_BAD ||
        ln_sim_param_i64(call->params, "pageNo", &page) == LN_SIM_BAD ||
        size < 1 || page < 1)
        return ln_sim_fail(&call->fault, "40017",
                           "Parameter verification failed pageSize, pageNo");
    if (size > RATES_MAX)
        size = RATES_MAX;
    if (page > PAGES_MAX)
        page = PAGES_MAX;
    size_t n =
        ln_ex_funding_history(call->sim->ex, call->inst,
                              (size_t)((page - 1) * size), rates, (size_t)size);
    ln_jw_arr(w);
    for (size_t i = 0; i < n; i++) {
        ln_jw_obj(w);
        ln_jw_kcstr(w, "symbol", call->in->symbol);
        ln_sim_ke8(w, "fundingRate", rates[i].rate_e8);
        ln_jw_kintstr(w, "fundingTime", rates[i].time_ms);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return true;
}
