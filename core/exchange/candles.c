/*
 * One-minute candles of a market: an invented past, then what is traded.
 * Longer candles and the 24-hour figures are folded from them.
 */
#include "base/assert.h"
#include "exchange/exchange_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_MS      60000LL
#define STEPS          6 /* of the invented price within a minute */
#define FIRST_CANDLES  4096
#define MONTH_DAYS_MAX 31
#define DAY_MS         86400000LL

static int64_t
minute_of(int64_t time_ms)
{
    return ln_timeframe_open(LN_TF_1M, time_ms);
}

/* Room for one more; the oldest eighth goes when there are too many. */
static bool
room(struct ln_ex_market *m)
{
    if (m->ncandles < m->candles_cap)
        return true;
    if (m->candles_cap >= LN_EX_CANDLES_MAX) {
        size_t drop = m->ncandles / 8;
        m->ncandles -= drop;
        memmove(m->candles, m->candles + drop,
                m->ncandles * sizeof(*m->candles));
        return true;
    }
    size_t cap = m->candles_cap ? m->candles_cap * 2 : FIRST_CANDLES;
    struct ln_candle *more = realloc(m->candles, cap * sizeof(*more));
    if (!more)
        return false;
    m->candles = more;
    m->candles_cap = cap;
    return true;
}

/* Fold the finished candles of the last 24 hours: all but the forming one. */
static void
fold_day(struct ln_ex_market *m)
{
    size_t n = m->ncandles;
    struct ln_candle *day = &m->day;
    bool first = true;
    memset(day, 0, sizeof(*day));
    if (n < 2)
        return;
    int64_t from =
        m->candles[n - 1].time_ms - (LN_EX_DAY_MINUTES - 1) * MINUTE_MS;
    for (size_t i = n - 1; i-- > 0 && m->candles[i].time_ms >= from;) {
        const struct ln_candle *c = &m->candles[i];
        day->time_ms = c->time_ms;
        day->open_ticks = c->open_ticks;
        if (first || c->high_ticks > day->high_ticks)
            day->high_ticks = c->high_ticks;
        if (first || c->low_ticks < day->low_ticks)
            day->low_ticks = c->low_ticks;
        first = false;
        day->volume_lots += c->volume_lots;
        day->quote_volume_e8 += c->quote_volume_e8;
    }
}

static void
begin(struct ln_ex_market *m, int64_t minute_ms, int64_t price_ticks)
{
    if (!room(m))
        return;
    ln_candle_start(&m->candles[m->ncandles++], minute_ms, price_ticks);
}

void
ln_ex_candles_minute(struct ln_ex_market *m, int64_t now_ms)
{
    int64_t minute = minute_of(now_ms);
    if (m->ncandles && m->candles[m->ncandles - 1].time_ms >= minute)
        return;
    begin(m, minute, m->last_ticks);
    fold_day(m);
}

void
ln_ex_candles_trade(struct ln_ex_market *m, int64_t price_ticks, int64_t lots,
                    int64_t value_e8)
{
    if (m->ncandles == 0)
        return;
    struct ln_candle *c = &m->candles[m->ncandles - 1];
    if (c->volume_lots == 0) /* the first trade opens it */
        ln_candle_start(c, c->time_ms, price_ticks);
    ln_candle_add(c, price_ticks, lots, value_e8);
}

/* ---- the invented past ---- */

/* Relative prices of a random walk, STEPS per minute; the last is 1. */
static double *
walk(struct ln_ex_market *m, size_t steps)
{
    double *path = calloc(steps + 1, sizeof(*path));
    if (!path)
        return NULL;
    double day = (double)m->spec->volatility_ppm / 1e6;
    double sigma = day / sqrt((double)STEPS * LN_EX_DAY_MINUTES);
    double calm = 1;
    path[0] = 1;
    for (size_t i = 1; i <= steps; i++) {
        if (ln_rng_below(&m->rng, 300) == 0)
            calm = 0.5 + ln_rng_unit(&m->rng) * 1.2;
        path[i] = path[i - 1] * (1 + sigma * calm * ln_rng_normal(&m->rng));
    }
    double end = path[steps];
    for (size_t i = 0; i <= steps; i++)
        path[i] /= end;
    return path;
}

/* A minute's volume: usual on average, more when the price moves. */
static int64_t
invented_volume(struct ln_ex_market *m)
{
    double n = ln_rng_normal(&m->rng);
    double usual = (double)m->spec->daily_volume_lots / LN_EX_DAY_MINUTES;
    return 1 + (int64_t)(usual * (0.3 + 0.7 * n * n));
}

static int64_t
path_ticks(const struct ln_ex_market *m, double relative)
{
    int64_t t = (int64_t)((double)m->spec->start_price_ticks * relative + 0.5);
    return t < 1 ? 1 : t;
}

static void
invent_minute(struct ln_ex_market *m, const double *path, int64_t minute_ms)
{
    struct ln_candle c;
    ln_candle_start(&c, minute_ms, path_ticks(m, path[0]));
    for (int i = 1; i <= STEPS; i++)
        ln_candle_add(&c, path_ticks(m, path[i]), 0, 0);
    c.volume_lots = invented_volume(m);
    /* All of it at the mean of the four prices. */
    int64_t mean =
        (c.open_ticks + c.high_ticks + c.low_ticks + c.close_ticks) / 4;
    c.quote_volume_e8 = ln_notional_e8(m->in, mean, c.volume_lots);
    if (room(m))
        m->candles[m->ncandles++] = c;
}

bool
ln_ex_candles_invent(struct ln_ex_market *m, int64_t now_ms, int minutes)
{
    size_t n = minutes > 0 ? (size_t)minutes : 0;
    int64_t minute = minute_of(now_ms);
    if (n == 0)
        return false;
    double *path = walk(m, n * STEPS);
    if (!path)
        return false;
    m->ncandles = 0;
    for (size_t i = 0; i < n; i++)
        invent_minute(m, &path[i * STEPS],
                      minute - (int64_t)(n - i) * MINUTE_MS);
    free(path);
    begin(m, minute, m->last_ticks);
    fold_day(m);
    return m->ncandles > 0;
}

bool
ln_ex_candles_replace(struct ln_ex_market *m, const struct ln_candle *rows,
                      size_t count, int64_t now_ms, int64_t price_ticks)
{
    m->ncandles = 0;
    if (count > LN_EX_CANDLES_MAX / 2) {
        rows += count - LN_EX_CANDLES_MAX / 2;
        count = LN_EX_CANDLES_MAX / 2;
    }
    for (size_t i = 0; i < count; i++) {
        if (!room(m))
            return false;
        m->candles[m->ncandles] = rows[i];
        struct ln_candle *c = &m->candles[m->ncandles++];
        if (c->quote_volume_e8 == 0)
            c->quote_volume_e8 =
                ln_notional_e8(m->in, c->close_ticks, c->volume_lots);
    }
    begin(m, minute_of(now_ms), price_ticks);
    fold_day(m);
    return m->ncandles > 0;
}

/* ---- asked for ---- */

/* Index of the first candle at or after a time. */
static size_t
first_from(const struct ln_ex_market *m, int64_t time_ms)
{
    size_t lo = 0, hi = m->ncandles;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (m->candles[mid].time_ms < time_ms)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

size_t
ln_ex_candles(const struct ln_ex *ex, uint16_t inst, enum ln_timeframe tf,
              int64_t end_ms, struct ln_candle *out, size_t cap)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    if (!m || cap == 0 || tf <= LN_TF_NONE || tf >= LN_TF_COUNT)
        return 0;
    size_t end = end_ms ? first_from(m, end_ms) : m->ncandles;
    if (end == 0)
        return 0;
    /* A candle that opens before <end_ms> may reach beyond it. */
    int64_t last_open = ln_timeframe_open(tf, m->candles[end - 1].time_ms);
    end = first_from(m, ln_timeframe_next(tf, last_open));
    int64_t span = ln_timeframe_ms(tf);
    if (tf == LN_TF_1MON || tf == LN_TF_1MUTC)
        span = MONTH_DAYS_MAX * DAY_MS;
    size_t start = 0;
    if (cap < LN_EX_CANDLES_MAX) /* beyond, all of them fit anyway */
        start = first_from(m, last_open - (int64_t)cap * span);
    return ln_candles_fold(m->candles + start, end - start, tf, out, cap);
}
