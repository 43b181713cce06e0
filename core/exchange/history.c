/*
 * What is asked about the time before now, beside candles: trades back to
 * the beginning of the past, index and mark, settled funding rates.
 */
#include "exchange/past.h"

#define HOUR_MS       3600000LL
#define SAMPLE_MS     600000LL /* of a past premium */
#define LEVERAGE_DEEP 100      /* largest leverage of the deep markets, */
#define LEVERAGE_LOW  60       /* and of the middle ones, at least */

int64_t
ln_ex_past_begins(const struct ln_ex *ex, uint16_t inst)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    if (!m)
        return 0;
    if (m->past->begin_ms < m->past->end_ms || m->ncandles == 0)
        return m->past->begin_ms;
    return m->candles[0].time_ms;
}

size_t
ln_ex_price_candles(const struct ln_ex *ex, uint16_t inst,
                    enum ln_ex_price which, enum ln_timeframe tf,
                    int64_t end_ms, struct ln_candle *out, size_t cap)
{
    return ln_ex_candles_of(ln_ex_market(ex, inst), which, tf, end_ms, out,
                            cap);
}

/* ---- trades ---- */

struct page {
    int64_t before_id, start_ms, end_ms;
    struct ln_trade *out;
    size_t n, cap;
};

/* Takes a trade if it is asked for; false: there is nothing more to take. */
static bool
take(struct page *p, const struct ln_trade *t)
{
    if (t->time_ms < p->start_ms || p->n == p->cap)
        return false;
    if (t->id < p->before_id && t->time_ms <= p->end_ms)
        p->out[p->n++] = *t;
    return p->n < p->cap;
}

/* The minute in which to begin, at the latest: no later one has such ids. */
static int64_t
minute_of_id(int64_t id)
{
    int64_t rel = id - 1 - LN_EX_FIRST_TRADE_ID;
    return rel < 0 ? -1 : ln_ex_minute_of(rel / LN_EX_IDS_PER_MS);
}

static void
take_past(const struct ln_ex *ex, const struct ln_ex_market *m, struct page *p)
{
    int64_t begins = ln_ex_past_begins(ex, m->index);
    int64_t t = m->past->live_ms - LN_EX_MINUTE_MS;
    if (p->before_id != INT64_MAX && minute_of_id(p->before_id) < t)
        t = minute_of_id(p->before_id);
    if (p->end_ms < t)
        t = ln_ex_minute_of(p->end_ms);
    for (; t >= begins && t + LN_EX_MINUTE_MS > p->start_ms;
         t -= LN_EX_MINUTE_MS) {
        struct ln_trade trades[LN_EX_MINUTE_TRADES];
        size_t n = ln_ex_past_trades(m, t, trades);
        while (n-- > 0)
            if (!take(p, &trades[n]))
                return;
    }
}

size_t
ln_ex_trades_before(const struct ln_ex *ex, uint16_t inst, int64_t before_id,
                    int64_t start_ms, int64_t end_ms, struct ln_trade *out,
                    size_t cap)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    struct page p = {.before_id = before_id > 0 ? before_id : INT64_MAX,
                     .start_ms = start_ms,
                     .end_ms = end_ms > 0 ? end_ms : INT64_MAX,
                     .out = out,
                     .cap = cap};
    if (!m || cap == 0)
        return 0;
    for (uint32_t i = 0; i < m->trade_count; i++) {
        uint32_t back = m->trade_next + LN_EX_TAPE - 1 - i;
        if (!take(&p, &m->trades[back % LN_EX_TAPE]))
            return p.n;
    }
    take_past(ex, m, &p);
    return p.n;
}

/* ---- funding ---- */

int64_t
ln_ex_rate_max_e8(const struct ln_instrument *in)
{
    if (in->max_leverage >= LEVERAGE_DEEP)
        return 300000; /* 0.3 % */
    return in->max_leverage >= LEVERAGE_LOW ? 750000 : 2000000;
}

void
ln_ex_funding_bounds(const struct ln_ex *ex, uint16_t inst, int64_t *min_e8,
                     int64_t *max_e8)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    *max_e8 = m ? ln_ex_rate_max_e8(m->in) : 0;
    *min_e8 = -*max_e8;
}

/* The rate that the premium of the interval before <time_ms> gave. */
static int64_t
past_rate(const struct ln_ex_market *m, int64_t time_ms, int64_t span_ms)
{
    int64_t sum = 0, n = 0;
    for (int64_t t = time_ms - span_ms; t < time_ms; t += SAMPLE_MS, n++)
        sum += ln_ex_basis_e8(m, t);
    return ln_ex_rate_of_premium(m, n > 0 ? sum / n : 0);
}

size_t
ln_ex_funding_history(const struct ln_ex *ex, uint16_t inst, size_t skip,
                      struct ln_ex_settled *out, size_t cap)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    size_t live;
    if (!m || cap == 0)
        return 0;
    size_t n = ln_ex_mood_settlements(m, skip, out, cap, &live);
    skip -= skip < live ? skip : live;
    int64_t span = m->in->funding_interval_h * HOUR_MS;
    int64_t start = m->past->live_ms - m->past->live_ms % span;
    int64_t oldest = ln_ex_past_begins(ex, inst);
    if (oldest < span)
        oldest = span;
    for (int64_t t = start; t >= oldest && n < cap; t -= span) {
        if (skip > 0)
            skip--;
        else
            out[n++] = (struct ln_ex_settled){t, past_rate(m, t, span)};
    }
    return n;
}
