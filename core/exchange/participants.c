/*
 * The synthetic participants of a market: a fair price that wanders in
 * regimes (calm or lively, drifting or not) with occasional jumps, and at
 * random times an act: reprice, sometimes trade, renew the quotes. Times and
 * prices come from the market's own seeded numbers alone, so they do not
 * depend on how time is advanced. Doubles exist only within a draw; the fair
 * price itself is an integer.
 */
#include "exchange/past.h"

#include <math.h>

#define STEP_MS_MAX      600 /* acts are 1 to this many ms apart */
#define NOISE_PERCENT    35  /* of acts in which somebody just trades */
#define WITHDRAW_PERCENT 85
#define BUDGET_TIMES     25 /* typical trades taken in one reprice */
#define TRADES_PER_DAY   100000
#define REGIME_MIN_MS    300000
#define REGIME_MAX_MS    2400000
#define JUMP_EVERY_MS    10800000
#define RETURN_OVER_MS   172800000.0 /* pull towards the anchor */
#define DAY_MS           86400000.0
#define HOUR_MS          3600000.0
#define RANGE            20 /* the price stays within anchor x and / this */

static void
new_regime(struct ln_ex *ex, struct ln_ex_market *m)
{
    static const int32_t speeds[] = {50, 70, 100, 100, 140, 220};
    int64_t drift_max = m->spec->volatility_ppm / 6;
    m->regime_speed = speeds[ln_rng_below(&m->rng, 6)];
    m->regime_drift = 0;
    if (ln_rng_below(&m->rng, 2) == 0)
        m->regime_drift =
            (int32_t)ln_rng_between(&m->rng, -drift_max, drift_max);
    m->regime_end_ms =
        ex->now_ms + ln_rng_between(&m->rng, REGIME_MIN_MS, REGIME_MAX_MS);
}

/* Relative change of the fair price over <dt_ms>. */
static double
draw_return(struct ln_ex_market *m, int64_t dt_ms)
{
    double dt = (double)dt_ms;
    double day = (double)m->spec->volatility_ppm / 1e6;
    double sigma = day * sqrt(dt / DAY_MS) * m->regime_speed / 100.0;
    double r = sigma * ln_rng_normal(&m->rng);
    r += (double)m->regime_drift / 1e6 * dt / HOUR_MS;
    double away = (double)m->fair_fp / (double)m->anchor_fp - 1;
    r -= away * dt / RETURN_OVER_MS;
    if (ln_rng_below(&m->rng, JUMP_EVERY_MS) < (uint64_t)dt_ms) {
        double jump = day * (0.1 + 0.2 * ln_rng_unit(&m->rng));
        r += ln_rng_below(&m->rng, 2) ? jump : -jump;
    }
    return r;
}

static void
move_fair(struct ln_ex *ex, struct ln_ex_market *m)
{
    if (ex->now_ms >= m->regime_end_ms)
        new_regime(ex, m);
    double r = draw_return(m, ex->now_ms - m->stepped_ms);
    m->stepped_ms = ex->now_ms;
    m->fair_fp += (int64_t)((double)m->fair_fp * r);
    if (m->fair_fp > m->anchor_fp * RANGE)
        m->fair_fp = m->anchor_fp * RANGE;
    if (m->fair_fp < m->anchor_fp / RANGE)
        m->fair_fp = m->anchor_fp / RANGE;
    if (m->fair_fp < 2 * LN_EX_FAIR_ONE)
        m->fair_fp = 2 * LN_EX_FAIR_ONE;
}

static void
choose_next(struct ln_ex *ex, struct ln_ex_market *m)
{
    m->next_ms = ex->now_ms + ln_rng_between(&m->rng, 1, STEP_MS_MAX);
}

void
ln_ex_participants_resume(struct ln_ex *ex, struct ln_ex_market *m,
                          int64_t fair_ticks)
{
    m->fair_fp = fair_ticks * LN_EX_FAIR_ONE + LN_EX_FAIR_ONE / 2;
    m->anchor_fp = m->fair_fp;
    m->stepped_ms = ex->now_ms;
    m->trade_lots = m->spec->daily_volume_lots / TRADES_PER_DAY;
    if (m->trade_lots < 1)
        m->trade_lots = 1;
    new_regime(ex, m);
    choose_next(ex, m);
}

void
ln_ex_participants_start(struct ln_ex *ex, struct ln_ex_market *m)
{
    m->interest_lots = ln_ex_crowd_interest(m, m->past->live_ms);
    ln_ex_participants_resume(ex, m, m->last_ticks);
    ln_ex_quotes_fill(ex, m);
}

void
ln_ex_participants_act(struct ln_ex *ex, struct ln_ex_market *m)
{
    if (ln_ex_replay_active(m)) {
        ln_ex_replay_act(ex, m);
        return;
    }
    move_fair(ex, m);
    ln_ex_quotes_reprice(ex, m, WITHDRAW_PERCENT, m->trade_lots * BUDGET_TIMES);
    if (ln_rng_below(&m->rng, 100) < NOISE_PERCENT)
        ln_ex_quotes_noise(ex, m);
    ln_ex_quotes_renew(ex, m);
    choose_next(ex, m);
}
