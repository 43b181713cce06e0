/*
 * The life of the past: how far it reaches, and what of it has been computed
 * already. Minutes are kept for the last days that were asked for, quarters
 * of an hour for every day that ever was (long candles are folds of those).
 */
#include "exchange/past.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS          86400000LL
#define QUARTER_MINUTES 15

bool
ln_ex_past_start(const struct ln_ex *ex, struct ln_ex_market *m, int minutes)
{
    struct ln_ex_past *p = calloc(1, sizeof(*p));
    if (!p)
        return false;
    m->past = p;
    p->seed =
        (ex->seed + 1) * 0x9E3779B97F4A7C15U ^ ln_hash(ln_str(m->in->symbol));
    p->live_ms = p->end_ms = ln_ex_minute_of(ex->now_ms);
    p->begin_ms = p->end_ms - minutes * LN_EX_MINUTE_MS;
    if (p->begin_ms < 0)
        p->begin_ms = 0;
    p->end_ticks = m->last_ticks;
    p->first_day = p->begin_ms / DAY_MS;
    p->ndays = (size_t)(p->end_ms / DAY_MS - p->first_day + 1);
    p->quarters = calloc(p->ndays, sizeof(struct ln_ex_bar *));
    return p->quarters != NULL;
}

static void
drop_computed(struct ln_ex_past *p)
{
    for (int i = 0; i < LN_EX_PAST_BLOCKS; i++) {
        free(p->blocks[i].bars);
        p->blocks[i].bars = NULL;
    }
    for (size_t i = 0; p->quarters && i < p->ndays; i++) {
        free(p->quarters[i]);
        p->quarters[i] = NULL;
    }
}

void
ln_ex_past_free(struct ln_ex_past *past)
{
    if (!past)
        return;
    drop_computed(past);
    free(past->quarters);
    free(past);
}

void
ln_ex_past_end(struct ln_ex_market *m, int64_t end_ms, int64_t ticks,
               int64_t live_ms)
{
    struct ln_ex_past *p = m->past;
    drop_computed(p);
    p->end_ms = end_ms;
    p->end_ticks = ticks;
    p->live_ms = live_ms;
    if (p->begin_ms > end_ms)
        p->begin_ms = end_ms;
}

void
ln_ex_past_forget(struct ln_ex_market *m)
{
    drop_computed(m->past);
    m->past->begin_ms = m->past->end_ms;
}

/* ---- computed ---- */

static void
fold_ohlc(struct ln_ex_ohlc *into, const struct ln_ex_ohlc *o)
{
    if (o->high > into->high)
        into->high = o->high;
    if (o->low < into->low)
        into->low = o->low;
    into->close = o->close;
}

void
ln_ex_bar_fold(struct ln_ex_bar *into, const struct ln_ex_bar *bar)
{
    struct ln_candle *a = &into->market;
    const struct ln_candle *b = &bar->market;
    if (b->high_ticks > a->high_ticks)
        a->high_ticks = b->high_ticks;
    if (b->low_ticks < a->low_ticks)
        a->low_ticks = b->low_ticks;
    a->close_ticks = b->close_ticks;
    a->volume_lots += b->volume_lots;
    a->quote_volume_e8 += b->quote_volume_e8;
    fold_ohlc(&into->index, &bar->index);
    fold_ohlc(&into->mark, &bar->mark);
    into->buy_lots += bar->buy_lots;
}

/* The invented part of a day. */
static void
span_of_day(const struct ln_ex_past *p, int64_t day, int64_t *from, int64_t *to)
{
    *from = day * DAY_MS > p->begin_ms ? day * DAY_MS : p->begin_ms;
    *to = (day + 1) * DAY_MS < p->end_ms ? (day + 1) * DAY_MS : p->end_ms;
}

static void
fill_quarters(struct ln_ex_past *p, const struct ln_ex_block *b)
{
    struct ln_ex_bar **rows = &p->quarters[b->day - p->first_day];
    int64_t from, to;
    if (*rows)
        return;
    *rows = calloc(LN_EX_QUARTERS_A_DAY, sizeof(**rows));
    if (!*rows)
        return;
    span_of_day(p, b->day, &from, &to);
    for (int64_t t = from; t < to; t += LN_EX_MINUTE_MS) {
        int64_t minute = (t - b->day * DAY_MS) / LN_EX_MINUTE_MS;
        struct ln_ex_bar *q = &(*rows)[minute / QUARTER_MINUTES];
        if (q->market.open_ticks)
            ln_ex_bar_fold(q, &b->bars[minute]);
        else
            *q = b->bars[minute];
    }
}

/* The minutes of a day that is at least partly invented. NULL: no memory. */
static const struct ln_ex_block *
block_of(const struct ln_ex_market *m, int64_t day)
{
    struct ln_ex_past *p = m->past;
    struct ln_ex_block *b = &p->blocks[day % LN_EX_PAST_BLOCKS];
    int64_t from, to;
    if (b->bars && b->day == day)
        return b;
    if (!b->bars)
        b->bars = calloc(LN_EX_DAY_MINUTES, sizeof(*b->bars));
    if (!b->bars)
        return NULL;
    b->day = day;
    span_of_day(p, day, &from, &to);
    ln_ex_past_invent(m, from, (int)((to - from) / LN_EX_MINUTE_MS),
                      &b->bars[(from - day * DAY_MS) / LN_EX_MINUTE_MS]);
    fill_quarters(p, b);
    return b;
}

const struct ln_ex_bar *
ln_ex_past_minute(const struct ln_ex_market *m, int64_t minute_ms)
{
    const struct ln_ex_past *p = m->past;
    if (minute_ms < p->begin_ms || minute_ms >= p->end_ms)
        return NULL;
    int64_t day = minute_ms / DAY_MS;
    const struct ln_ex_block *b = block_of(m, day);
    return b ? &b->bars[(minute_ms - day * DAY_MS) / LN_EX_MINUTE_MS] : NULL;
}

const struct ln_ex_bar *
ln_ex_past_quarter(const struct ln_ex_market *m, int64_t quarter_ms)
{
    const struct ln_ex_past *p = m->past;
    if (quarter_ms + LN_EX_QUARTER_MS <= p->begin_ms || quarter_ms < 0 ||
        quarter_ms >= p->end_ms)
        return NULL;
    int64_t day = quarter_ms / DAY_MS;
    struct ln_ex_bar **rows = &p->quarters[day - p->first_day];
    if (!*rows && !block_of(m, day))
        return NULL;
    return *rows ? &(*rows)[(quarter_ms - day * DAY_MS) / LN_EX_QUARTER_MS]
                 : NULL;
}
