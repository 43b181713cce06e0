/*
 * Trading insight: what takers bought and sold, and who is long and short,
 * period by period. It follows from what the participants did (history.h).
 * A productType is neither needed nor looked at.
 */
#include "exchange/history.h"
#include "sim/routes.h"
#include "sim/wire.h"

#define PERIODS     100 /* of one answer */
#define HOUR_MS     3600000LL
#define DAY_MS      86400000LL
#define RATIO_SCALE 4
#define RATIO_ONE   10000

/* "5m", "4h", "1d", "1Dutc"; the table of endpoints knows no others. */
static int64_t
period_ms(const struct ln_sim_params *p)
{
    struct ln_str text = ln_sim_param(p, "period");
    int64_t count = 0;
    size_t i = 0;
    if (text.len == 0)
        return 5 * 60000LL;
    for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
        count = count * 10 + (text.ptr[i] - '0');
    switch (i < text.len ? text.ptr[i] : 'm') {
    case 'h':
    case 'H':
        return count * HOUR_MS;
    case 'd':
    case 'D':
        return count * DAY_MS;
    default:
        return count * 60000LL;
    }
}

/* Calls <members> for each period, ascending. */
static bool
each_period(struct ln_sim_call *call,
            void (*members)(struct ln_sim_call *call,
                            const struct ln_ex_crowd *crowd))
{
    struct ln_ex_crowd rows[PERIODS];
    size_t n = ln_ex_crowd(call->sim->ex, call->inst, period_ms(call->params),
                           0, rows, PERIODS);
    ln_jw_arr(&call->w);
    for (size_t i = 0; i < n; i++) {
        ln_jw_obj(&call->w);
        members(call, &rows[i]);
        ln_jw_kintstr(&call->w, "ts", rows[i].time_ms);
        ln_jw_obj_end(&call->w);
    }
    ln_jw_arr_end(&call->w);
    return true;
}

static void
volumes(struct ln_sim_call *call, const struct ln_ex_crowd *c)
{
    ln_sim_ksize(&call->w, "buyVolume", call->in, c->taker_buy_lots);
    ln_sim_ksize(&call->w, "sellVolume", call->in, c->taker_sell_lots);
}

bool
ln_sim_get_taker_buy_sell(struct ln_sim_call *call)
{
    return each_period(call, volumes);
}

/* Two shares with four decimals whose sum is 1, and one over the other. */
static void
shares(struct ln_json_writer *w, const char *const keys[3], int64_t long_e8)
{
    int64_t longs = ln_mul_div(long_e8, RATIO_ONE, LN_E8, LN_ROUND_NEAREST);
    int64_t shorts = RATIO_ONE - longs;
    ln_jw_kdec(w, keys[0], longs, RATIO_SCALE, 0);
    ln_jw_kdec(w, keys[1], shorts, RATIO_SCALE, 0);
    ln_jw_kdec(
        w, keys[2],
        shorts > 0 ? ln_mul_div(longs, RATIO_ONE, shorts, LN_ROUND_NEAREST) : 0,
        RATIO_SCALE, 0);
}

static void
by_accounts(struct ln_sim_call *call, const struct ln_ex_crowd *c)
{
    static const char *const keys[] = {"longAccountRatio", "shortAccountRatio",
                                       "longShortAccountRatio"};
    shares(&call->w, keys, c->long_accounts_e8);
}

static void
by_positions(struct ln_sim_call *call, const struct ln_ex_crowd *c)
{
    static const char *const keys[] = {
        "longPositionRatio", "shortPositionRatio", "longShortPositionRatio"};
    shares(&call->w, keys, c->long_positions_e8);
}

static void
of_all(struct ln_sim_call *call, const struct ln_ex_crowd *c)
{
    static const char *const keys[] = {"longRatio", "shortRatio",
                                       "longShortRatio"};
    shares(&call->w, keys, c->long_accounts_e8);
}

bool
ln_sim_get_long_short(struct ln_sim_call *call)
{
    return each_period(call, of_all);
}

bool
ln_sim_get_account_long_short(struct ln_sim_call *call)
{
    return each_period(call, by_accounts);
}

bool
ln_sim_get_position_long_short(struct ln_sim_call *call)
{
    return each_period(call, by_positions);
}

/* There is no spot margin here: nobody has borrowed anything. */
bool
ln_sim_get_isolated_borrow_rate(struct ln_sim_call *call)
{
    bool month = ln_str_eqi(ln_sim_param(call->params, "period"), "30d");
    int64_t step_ms = month ? DAY_MS : HOUR_MS;
    int count = month ? 30 : 24;
    int64_t last_ms = ln_ex_now(call->sim->ex) / step_ms * step_ms;
    ln_jw_arr(&call->w);
    for (int i = count - 1; i >= 0; i--) {
        ln_jw_obj(&call->w);
        ln_jw_kcstr(&call->w, "borrowRate", "0");
        ln_jw_kintstr(&call->w, "ts", last_ms - i * step_ms);
        ln_jw_obj_end(&call->w);
    }
    ln_jw_arr_end(&call->w);
    return true;
}
