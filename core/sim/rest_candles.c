/*
 * Candles of the traded, the mark and the index price.
 *
 *   candles                 a window back from now for each granularity, the
 *                           last one forming
 *   history-candles         finished ones, as far back as there are any
 *   history-index-candles, history-mark-candles   the same
 *
 * endTime is exclusive: it bounds the opening.
 */
#include "exchange/history.h"
#include "sim/routes.h"
#include "sim/wire.h"

#include "market/timeframe.h"

#include <stdlib.h>

#define CANDLES_DEFAULT 100
#define CANDLES_MAX     1000
#define HISTORY_MAX     200
#define DAY_MS          86400000LL

/* How far back market/candles goes; beyond it is an empty list. */
static int64_t
lookback_ms(enum ln_timeframe tf)
{
    static const struct {
        enum ln_timeframe tf;
        int days;
    } windows[] = {{LN_TF_1M, 30},      {LN_TF_3M, 30},     {LN_TF_5M, 30},
                   {LN_TF_15M, 52},     {LN_TF_30M, 62},    {LN_TF_1H, 83},
                   {LN_TF_2H, 120},     {LN_TF_4H, 240},    {LN_TF_6H, 360},
                   {LN_TF_12H, 720},    {LN_TF_1D, 1440},   {LN_TF_6HUTC, 360},
                   {LN_TF_12HUTC, 720}, {LN_TF_1DUTC, 1440}};
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
write_candles(struct ln_sim_call *call, enum ln_ex_price which,
              enum ln_timeframe tf, int64_t start_ms, int64_t end_ms,
              size_t limit)
{
    const struct ln_ex *ex = call->sim->ex;
    struct ln_candle *rows = calloc(limit, sizeof(*rows));
    size_t n;
    if (!rows)
        return ln_sim_fail(&call->fault, "40015", "no memory");
    if (which == LN_EX_MARKET)
        n = ln_ex_candles(ex, call->inst, tf, end_ms, rows, limit);
    else
        n = ln_ex_price_candles(ex, call->inst, which, tf, end_ms, rows, limit);
    ln_jw_arr(&call->w);
    for (size_t i = 0; i < n; i++)
        if (rows[i].time_ms >= start_ms)
            ln_sim_candle_row(&call->w, call->in, &rows[i], 7);
    ln_jw_arr_end(&call->w);
    free(rows);
    return true;
}

static enum ln_ex_price
line_type(const struct ln_sim_params *p)
{
    struct ln_str type = ln_sim_param(p, "kLineType");
    if (ln_str_eqi(type, "mark"))
        return LN_EX_MARK;
    return ln_str_eqi(type, "index") ? LN_EX_INDEX : LN_EX_MARKET;
}

bool
ln_sim_get_candles(struct ln_sim_call *call)
{
    enum ln_timeframe tf = granularity(call->params);
    int64_t start_ms, end_ms;
    size_t limit;
    if (!ln_sim_limit(call, CANDLES_DEFAULT, CANDLES_MAX, &limit) ||
        !ln_sim_span(call, &start_ms, &end_ms))
        return false;
    int64_t back_ms = lookback_ms(tf);
    int64_t oldest_ms = back_ms ? ln_ex_now(call->sim->ex) - back_ms : 0;
    if (start_ms < oldest_ms)
        start_ms = oldest_ms;
    return write_candles(call, line_type(call->params), tf, start_ms, end_ms,
                         limit);
}

/* Finished ones only. */
static bool
history(struct ln_sim_call *call, enum ln_ex_price which)
{
    enum ln_timeframe tf = granularity(call->params);
    int64_t start_ms, end_ms;
    size_t limit;
    if (!ln_sim_limit(call, CANDLES_DEFAULT, HISTORY_MAX, &limit) ||
        !ln_sim_span(call, &start_ms, &end_ms))
        return false;
    int64_t forming_ms = ln_timeframe_open(tf, ln_ex_now(call->sim->ex));
    if (end_ms == 0 || end_ms > forming_ms)
        end_ms = forming_ms;
    return write_candles(call, which, tf, start_ms, end_ms, limit);
}

bool
ln_sim_get_history_candles(struct ln_sim_call *call)
{
    return history(call, LN_EX_MARKET);
}

bool
ln_sim_get_history_index_candles(struct ln_sim_call *call)
{
    return history(call, LN_EX_INDEX);
}

bool
ln_sim_get_history_mark_candles(struct ln_sim_call *call)
{
    return history(call, LN_EX_MARK);
}
