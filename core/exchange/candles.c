/*
 * One-minute candles of a market as they are traded, behind its past (past.h
 * and recorded rows); longer candles and the 24-hour figures are folded from
 * both.
 */
#include "exchange/past.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CANDLES  1024
#define MONTH_DAYS_MAX 31
#define DAY_MS         86400000LL

/* Room for one more; the oldest eighth goes when there are too many, and
 * with it all that was before. */
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
        ln_ex_past_forget(m);
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

/* ---- the last 24 hours ---- */

static void
add_to_day(struct ln_candle *day, const struct ln_candle *c)
{
    if (day->open_ticks == 0) {
        *day = *c;
        return;
    }
    if (c->high_ticks > day->high_ticks)
        day->high_ticks = c->high_ticks;
    if (c->low_ticks < day->low_ticks)
        day->low_ticks = c->low_ticks;
    day->close_ticks = c->close_ticks;
    day->volume_lots += c->volume_lots;
    day->quote_volume_e8 += c->quote_volume_e8;
}

/* Fold the finished candles of the last 24 hours: all but the forming one. */
static void
fold_day(struct ln_ex_market *m)
{
    memset(&m->day, 0, sizeof(m->day));
    if (m->ncandles == 0)
        return;
    int64_t forming = m->candles[m->ncandles - 1].time_ms;
    int64_t t = forming - (LN_EX_DAY_MINUTES - 1) * LN_EX_MINUTE_MS;
    for (int64_t u = t; u < m->past->end_ms; u += LN_EX_MINUTE_MS) {
        const struct ln_ex_bar *bar = ln_ex_past_minute(m, u);
        if (bar)
            add_to_day(&m->day, &bar->market);
    }
    for (size_t i = ln_ex_candles_from(m, t); i + 1 < m->ncandles; i++)
        add_to_day(&m->day, &m->candles[i]);
}

/* ---- as it is traded ---- */

static bool
begin(struct ln_ex_market *m, int64_t minute_ms, int64_t price_ticks)
{
    if (!room(m))
        return false;
    ln_candle_start(&m->candles[m->ncandles++], minute_ms, price_ticks);
    return true;
}

bool
ln_ex_candles_start(struct ln_ex_market *m, int64_t now_ms)
{
    m->ncandles = 0;
    if (!begin(m, ln_ex_minute_of(now_ms), m->last_ticks))
        return false;
    fold_day(m);
    return true;
}

void
ln_ex_candles_minute(struct ln_ex_market *m, int64_t now_ms)
{
    int64_t minute = ln_ex_minute_of(now_ms);
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

/* ---- recorded rows ---- */

/* Flat minutes where the recording has none. */
static bool
bridge(struct ln_ex_market *m, int64_t until_ms)
{
    while (m->ncandles) {
        const struct ln_candle *last = &m->candles[m->ncandles - 1];
        int64_t next = last->time_ms + LN_EX_MINUTE_MS;
        if (next >= until_ms)
            break;
        if (!begin(m, next, last->close_ticks))
            return false;
    }
    return true;
}

static bool
take_rows(struct ln_ex_market *m, const struct ln_candle *rows, size_t count,
          int64_t minute_ms)
{
    const int64_t most_ms = LN_EX_CANDLES_MAX / 2 * LN_EX_MINUTE_MS;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].time_ms < minute_ms - most_ms)
            continue;
        if (!bridge(m, rows[i].time_ms) || !room(m))
            return false;
        struct ln_candle *c = &m->candles[m->ncandles++];
        *c = rows[i];
        if (c->quote_volume_e8 == 0)
            c->quote_volume_e8 =
                ln_notional_e8(m->in, c->close_ticks, c->volume_lots);
    }
    return bridge(m, minute_ms);
}

bool
ln_ex_candles_replace(struct ln_ex_market *m, const struct ln_candle *rows,
                      size_t count, int64_t now_ms, int64_t price_ticks)
{
    int64_t minute = ln_ex_minute_of(now_ms);
    m->ncandles = 0;
    if (!take_rows(m, rows, count, minute))
        return false;
    if (m->ncandles)
        ln_ex_past_end(m, m->candles[0].time_ms, m->candles[0].open_ticks,
                       minute);
    else
        ln_ex_past_end(m, minute, price_ticks, minute);
    if (!begin(m, minute, price_ticks))
        return false;
    fold_day(m);
    return true;
}

/* ---- asked for ---- */

size_t
ln_ex_candles_from(const struct ln_ex_market *m, int64_t time_ms)
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

static int64_t
oldest_ms(const struct ln_ex_market *m)
{
    const struct ln_ex_past *p = m->past;
    return p->begin_ms < p->end_ms ? p->begin_ms : m->candles[0].time_ms;
}

/* The minutes [from, to) that candles which open before <end_ms> consist of;
 * false: there are none. */
static bool
window(const struct ln_ex_market *m, enum ln_timeframe tf, int64_t end_ms,
       size_t cap, int64_t *from, int64_t *to)
{
    int64_t newest = m->candles[m->ncandles - 1].time_ms;
    int64_t oldest = oldest_ms(m), span = ln_timeframe_ms(tf);
    if (end_ms != 0 && end_ms <= oldest)
        return false;
    if (end_ms != 0 && end_ms <= newest)
        newest = ln_ex_minute_of(end_ms - 1);
    /* A candle that opens before <end_ms> may reach beyond it. */
    int64_t last_open = ln_timeframe_open(tf, newest);
    if (tf == LN_TF_1MON || tf == LN_TF_1MUTC)
        span = MONTH_DAYS_MAX * DAY_MS;
    *to = ln_timeframe_next(tf, last_open);
    *from = last_open - (int64_t)cap * span;
    if (*from < oldest)
        *from = oldest;
    return true;
}

static struct ln_candle
as_candle(const struct ln_ex_bar *bar, enum ln_ex_price which)
{
    const struct ln_ex_ohlc *o =
        which == LN_EX_INDEX ? &bar->index : &bar->mark;
    if (which == LN_EX_MARKET)
        return bar->market;
    return (struct ln_candle){.time_ms = bar->market.time_ms,
                              .open_ticks = o->open,
                              .high_ticks = o->high,
                              .low_ticks = o->low,
                              .close_ticks = o->close};
}

/* The invented part of [from, to), in minutes or, where they do, quarters. */
static size_t
collect_past(const struct ln_ex_market *m, enum ln_ex_price which,
             int64_t step_ms, int64_t from, int64_t to, struct ln_candle *out)
{
    size_t n = 0;
    if (to > m->past->end_ms)
        to = m->past->end_ms;
    for (int64_t t = from - from % step_ms; t < to; t += step_ms) {
        const struct ln_ex_bar *bar = step_ms == LN_EX_MINUTE_MS
                                          ? ln_ex_past_minute(m, t)
                                          : ln_ex_past_quarter(m, t);
        if (bar)
            out[n++] = as_candle(bar, which);
    }
    return n;
}

/* Recorded and live minutes. */
static size_t
collect_kept(const struct ln_ex_market *m, enum ln_ex_price which, size_t first,
             size_t end, struct ln_candle *out)
{
    size_t n = 0;
    for (size_t i = first; i < end; i++) {
        const struct ln_candle *c = &m->candles[i];
        if (which == LN_EX_MARKET) {
            out[n++] = *c;
        } else if (c->time_ms < m->past->live_ms) {
            struct ln_ex_bar bar;
            ln_ex_past_recorded(m, c, &bar);
            out[n++] = as_candle(&bar, which);
        } else if (ln_ex_mood_price(m, which, c->time_ms, &out[n])) {
            n++;
        }
    }
    return n;
}

size_t
ln_ex_candles_of(const struct ln_ex_market *m, enum ln_ex_price which,
                 enum ln_timeframe tf, int64_t end_ms, struct ln_candle *out,
                 size_t cap)
{
    int64_t from, to;
    if (!m || m->ncandles == 0 || tf <= LN_TF_NONE || tf >= LN_TF_COUNT)
        return 0;
    if (cap > LN_EX_CANDLES_MAX)
        cap = LN_EX_CANDLES_MAX; /* there are not more */
    if (cap == 0 || !window(m, tf, end_ms, cap, &from, &to))
        return 0;
    size_t first = ln_ex_candles_from(m, from);
    size_t end = ln_ex_candles_from(m, to), before = 0;
    if (from >= m->past->end_ms && which == LN_EX_MARKET)
        return ln_candles_fold(m->candles + first, end - first, tf, out, cap);
    int64_t step = ln_timeframe_ms(tf) < LN_EX_QUARTER_MS ? LN_EX_MINUTE_MS
                                                          : LN_EX_QUARTER_MS;
    if (from < m->past->end_ms)
        before = (size_t)((m->past->end_ms - from) / step) + 2;
    struct ln_candle *all = malloc((before + (end - first) + 1) * sizeof(*all));
    if (!all)
        return 0;
    size_t n = collect_past(m, which, step, from, to, all);
    n += collect_kept(m, which, first, end, all + n);
    size_t written = ln_candles_fold(all, n, tf, out, cap);
    free(all);
    return written;
}

size_t
ln_ex_candles(const struct ln_ex *ex, uint16_t inst, enum ln_timeframe tf,
              int64_t end_ms, struct ln_candle *out, size_t cap)
{
    return ln_ex_candles_of(ln_ex_market(ex, inst), LN_EX_MARKET, tf, end_ms,
                            out, cap);
}
