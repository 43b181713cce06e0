/*
 * Candles and funding: what has a length in time.
 */
#include "sim/routes.h"
#include "sim/wire.h"

#include "market/timeframe.h"

#include <stdlib.h>

#define CANDLES_DEFAULT 100
#define CANDLES_MAX     1000
#define HISTORY_MAX     200
#define DAY_MS          86400000LL
#define RATES_DEFAULT   20
#define RATES_MAX       100
/* The wire has the bounds of the rate, the engine's instruments do not. */
#define RATE_BOUND "0.003"

/* How far back market/candles goes; beyond it is an empty list. */
static int64_t
lookback_ms(enum ln_timeframe tf)
{
    static const struct {
        enum ln_timeframe tf;
        int days;
    } windows[] = {{LN_TF_1M, 30},   {LN_TF_3M, 30},  {LN_TF_5M, 30},
                   {LN_TF_15M, 52},  {LN_TF_30M, 62}, {LN_TF_1H, 83},
                   {LN_TF_2H, 120},  {LN_TF_4H, 240}, {LN_TF_6H, 360},
                   {LN_TF_12H, 720}, {LN_TF_1D, 1440}};
    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++)
        if (windows[i].tf == tf)
            return windows[i].days * DAY_MS;
    return 0;
}

/* Exactly as spelled on the wire: case tells a minute from a month. */
static enum ln_timeframe
granularity(const struct ln_sim_params *p)
{
    struct ln_str text = ln_sim_param(p, "granularity");
    for (int tf = LN_TF_1M; tf < LN_TF_COUNT; tf++)
        if (ln_str_eqc(text, ln_timeframe_name((enum ln_timeframe)tf)))
            return (enum ln_timeframe)tf;
    return LN_TF_NONE;
}

/* The latest <limit> candles that open in [start, end). */
static bool
write_candles(struct ln_sim_call *call, enum ln_timeframe tf, int64_t start_ms,
              int64_t end_ms, size_t limit)
{
    struct ln_candle *rows = calloc(limit, sizeof(*rows));
    if (!rows)
        return ln_sim_fail(&call->fault, "40015", "no memory");
    size_t n =
        ln_ex_candles(call->sim->ex, call->inst, tf, end_ms, rows, limit);
    ln_jw_arr(&call->w);
    for (size_t i = 0; i < n; i++)
        if (rows[i].time_ms >= start_ms)
            ln_sim_candle_row(&call->w, call->in, &rows[i], 7);
    ln_jw_arr_end(&call->w);
    free(rows);
    return true;
}

bool
ln_sim_get_candles(struct ln_sim_call *call)
{
    struct ln_str type = ln_sim_param(call->params, "kLineType");
    enum ln_timeframe tf = granularity(call->params);
    int64_t start_ms, end_ms;
    size_t limit;
    if (!ln_sim_limit(call, CANDLES_DEFAULT, CANDLES_MAX, &limit) ||
        !ln_sim_span(call, &start_ms, &end_ms))
        return false;
    if (type.len > 0 && !ln_str_eqi(type, "market"))
        return ln_sim_fail(&call->fault, "40404",
                           "kLineType: this simulator serves MARKET only");
    int64_t back_ms = lookback_ms(tf);
    int64_t oldest_ms = back_ms ? ln_ex_now(call->sim->ex) - back_ms : 0;
    if (start_ms < oldest_ms)
        start_ms = oldest_ms;
    return write_candles(call, tf, start_ms, end_ms, limit);
}

bool
ln_sim_get_history_candles(struct ln_sim_call *call)
{
    enum ln_timeframe tf = granularity(call->params);
    int64_t start_ms, end_ms;
    size_t limit;
    if (!ln_sim_limit(call, CANDLES_DEFAULT, HISTORY_MAX, &limit) ||
        !ln_sim_span(call, &start_ms, &end_ms))
        return false;
    /* Finished ones only. */
    int64_t forming_ms = ln_timeframe_open(tf, ln_ex_now(call->sim->ex));
    if (end_ms == 0 || end_ms > forming_ms)
        end_ms = forming_ms;
    return write_candles(call, tf, start_ms, end_ms, limit);
}

/* ---- funding ---- */

static void
one_fund_rate(struct ln_json_writer *w, struct ln_sim *sim, uint16_t inst)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, inst);
    struct ln_ticker t;
    ln_ex_ticker(sim->ex, inst, &t);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_sim_ke8(w, "fundingRate", t.funding_rate_e8);
    ln_jw_kintstr(w, "fundingRateInterval", in->funding_interval_h);
    ln_jw_kintstr(w, "nextUpdate", t.next_funding_ms);
    ln_jw_kcstr(w, "minFundingRate", "-" RATE_BOUND);
    ln_jw_kcstr(w, "maxFundingRate", RATE_BOUND);
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
    const struct ln_sim_market *m = &call->sim->markets[call->inst];
    struct ln_json_writer *w = &call->w;
    int64_t size = RATES_DEFAULT, page = 1;
    if (ln_sim_param_i64(call->params, "pageSize", &size) == LN_SIM_BAD ||
        ln_sim_param_i64(call->params, "pageNo", &page) == LN_SIM_BAD ||
        size < 1 || page < 1 || page > RATES_MAX)
        return ln_sim_fail(&call->fault, "40017",
                           "Parameter verification failed pageSize, pageNo");
    if (size > RATES_MAX)
        size = RATES_MAX;
    size_t kept = m->nrates < LN_SIM_RATES_KEPT ? m->nrates : LN_SIM_RATES_KEPT;
    ln_jw_arr(w);
    for (size_t i = (size_t)((page - 1) * size);
         i < kept && i < (size_t)(page * size); i++) {
        const struct ln_sim_rate *r =
            &m->rates[(m->nrates - 1 - i) % LN_SIM_RATES_KEPT];
        ln_jw_obj(w);
        ln_jw_kcstr(w, "symbol", call->in->symbol);
        ln_sim_ke8(w, "fundingRate", r->rate_e8);
        ln_jw_kintstr(w, "fundingTime", r->time_ms);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return true;
}
