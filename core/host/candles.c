/*
 * When is a candle closed? The exchange has no flag for it: a candle is final
 * when a row with a later opening time arrives. So each stream remembers the
 * newest closed and the forming candle:
 *
 *   warm-up by REST --> history known --> pushes move "forming" along;
 *   a push that opens later closes it; if one is missing in between, the
 *   hole is read by REST first, so strategies see every candle once, in order
 *
 * On a silent stream the clock of the loop asks the exchange.
 */
#include "host/host_int.h"

#include "base/log.h"
#include "market/timeframe.h"

#include <stdio.h>

#define FETCH_MAX        1000
#define SILENCE_EXTRA_NS 5000000000LL
#define REFETCH_NS       5000000000LL

static struct candle_stream *
find_stream(struct ln_host *h, uint16_t inst, enum ln_timeframe tf)
{
    for (int i = 0; i < STREAMS_MAX; i++)
        if (h->streams[i].used && h->streams[i].instrument == inst &&
            h->streams[i].tf == tf)
            return &h->streams[i];
    return NULL;
}

static struct candle_stream *
add_stream(struct ln_host *h, uint16_t inst, enum ln_timeframe tf)
{
    for (int i = 0; i < STREAMS_MAX; i++) {
        struct candle_stream *st = &h->streams[i];
        if (st->used)
            continue;
        memset(st, 0, sizeof(*st));
        st->used = true;
        st->instrument = inst;
        st->tf = tf;
        return st;
    }
    return NULL;
}

static void
fetch(struct ln_host *h, struct candle_stream *st, uint32_t count)
{
    st->want = count < 2 ? 2 : count > FETCH_MAX ? FETCH_MAX : count;
    st->fetching = true;
    st->tag = ++h->next_tag;
    st->touched_ns = ln_loop_now_ns(h->loop);
    h->venue->ops->fetch_candles(h->venue, st->instrument, st->tf,
                                 (int)st->want, 0, st->tag);
}

void
ln_candles_add(struct strategy *s, uint16_t inst, enum ln_timeframe tf,
               uint32_t warmup)
{
    struct ln_host *h = s->host;
    struct candle_stream *st = find_stream(h, inst, tf);
    if (!st)
        st = add_stream(h, inst, tf);
    if (!st || st->nwaiting == OWN_CANDLE_WAITS_MAX) {
        ln_warn(s->cfg->name, "too many candle streams: %s is not served",
                ln_timeframe_name(tf));
        return;
    }
    st->users++;
    st->waiting[st->nwaiting++] = s->number;
    s->warmups_pending++;
    /* The forming candle comes with the answer, hence one more. */
    fetch(h, st, warmup + 1);
}

void
ln_candles_remove(struct strategy *s, uint16_t inst, enum ln_timeframe tf)
{
    struct ln_host *h = s->host;
    struct candle_stream *st = find_stream(h, inst, tf);
    if (!st)
        return;
    for (int i = 0; i < st->nwaiting; i++)
        if (st->waiting[i] == s->number)
            st->waiting[i] = 0;
    if (--st->users > 0)
        return;
    if (st->history_known)
        h->venue->ops->unsubscribe(h->venue, inst, LN_CH_CANDLE, tf);
    st->used = false;
}

static void
send_candle(struct strategy *s, const struct candle_stream *st,
            const struct ln_candle *c, bool warmup)
{
    struct ln_msg_candle m;
    memset(&m, 0, sizeof(m));
    m.timeframe = (uint8_t)st->tf;
    m.warmup = warmup;
    m.candle = *c;
    ln_strategy_send(s, &m.h, LN_MSG_CANDLE, st->instrument, sizeof(m), false);
}

static void
close_candle(struct ln_host *h, struct candle_stream *st,
             const struct ln_candle *c)
{
    if (c->time_ms <= st->last_closed_ms)
        return;
    st->last_closed_ms = c->time_ms;
    for (int i = 0; i < h->nstrategies; i++) {
        struct strategy *s = &h->strategies[i];
        if (s->port && s->ready && !s->stopping && s->subs &&
            s->subs[st->instrument].timeframes & 1U << st->tf)
            send_candle(s, st, c, !s->started);
    }
}

void
ln_candles_push(struct ln_host *h, uint16_t inst, enum ln_timeframe tf,
                const struct ln_candle *c)
{
    struct candle_stream *st = find_stream(h, inst, tf);
    if (!st || !st->history_known)
        return;
    st->touched_ns = ln_loop_now_ns(h->loop);
    if (c->time_ms <= st->last_closed_ms)
        return;
    if (!st->has_forming || c->time_ms == st->forming.time_ms) {
        int64_t expect = ln_timeframe_next(tf, st->last_closed_ms);
        st->forming = *c;
        st->has_forming = true;
        if (st->last_closed_ms && c->time_ms > expect && !st->fetching)
            fetch(h, st, FETCH_MAX); /* rows are missing in between */
        return;
    }
    if (c->time_ms < st->forming.time_ms)
        return;
    if (st->fetching)
        return; /* the answer will close what is due, in order */
    if (c->time_ms > ln_timeframe_next(tf, st->forming.time_ms)) {
        int64_t span = ln_timeframe_ms(tf);
        fetch(h, st, (uint32_t)((c->time_ms - st->last_closed_ms) / span) + 2);
        return;
    }
    close_candle(h, st, &st->forming);
    st->forming = *c;
}

static struct candle_stream *
stream_by_tag(struct ln_host *h, uint64_t tag)
{
    for (int i = 0; i < STREAMS_MAX; i++)
        if (h->streams[i].used && h->streams[i].fetching &&
            h->streams[i].tag == tag)
            return &h->streams[i];
    return NULL;
}

/* All rows but the last, which is still forming, are closed. */
static void
deliver_history(struct ln_host *h, struct candle_stream *st,
                const struct ln_candle *items, size_t closed)
{
    for (int i = 0; i < st->nwaiting; i++) {
        struct strategy *s = ln_strategy_by_number(h, st->waiting[i]);
        if (!s || !s->port)
            continue;
        size_t first = closed > s->warmup ? closed - s->warmup : 0;
        for (size_t k = first; k < closed; k++)
            send_candle(s, st, &items[k], true);
    }
    if (!st->history_known) {
        if (closed)
            st->last_closed_ms = items[closed - 1].time_ms;
        return;
    }
    /* Those who wait have just got these rows; the others get what is new. */
    for (size_t k = 0; k < closed; k++) {
        if (items[k].time_ms <= st->last_closed_ms)
            continue;
        st->last_closed_ms = items[k].time_ms;
        for (int i = 0; i < h->nstrategies; i++) {
            struct strategy *s = &h->strategies[i];
            bool waited = false;
            for (int w = 0; w < st->nwaiting; w++)
                waited |= st->waiting[w] == s->number;
            if (!waited && ln_strategy_alive(s) &&
                s->subs[st->instrument].timeframes & 1U << st->tf)
                send_candle(s, st, &items[k], false);
        }
    }
}

void
ln_candles_history(struct ln_host *h, const struct ln_venue_event *e)
{
    struct candle_stream *st = stream_by_tag(h, e->u.candles.tag);
    if (!st)
        return;
    if (e->u.candles.error.code != LN_OK) {
        /* fetching stays set: the tick repeats it; START waits for it. */
        ln_warn("host", "candles %s could not be read: %s",
                ln_timeframe_name(st->tf), e->u.candles.error.message);
        return;
    }
    size_t n = e->u.candles.count;
    st->fetching = false;
    deliver_history(h, st, e->u.candles.items, n ? n - 1 : 0);
    if (n) {
        st->forming = e->u.candles.items[n - 1];
        st->has_forming = true;
    }
    if (!st->history_known) {
        st->history_known = true;
        h->venue->ops->subscribe(h->venue, st->instrument, LN_CH_CANDLE,
                                 st->tf);
    }
    for (int i = 0; i < st->nwaiting; i++) {
        struct strategy *s = ln_strategy_by_number(h, st->waiting[i]);
        if (s && s->warmups_pending > 0) {
            s->warmups_pending--;
            ln_strategy_maybe_start(s);
        }
    }
    st->nwaiting = 0;
}

void
ln_candles_tick(struct ln_host *h, int64_t now_ns)
{
    for (int i = 0; i < STREAMS_MAX; i++) {
        struct candle_stream *st = &h->streams[i];
        if (!st->used)
            continue;
        int64_t silent = now_ns - st->touched_ns;
        if (st->fetching && silent > REFETCH_NS)
            fetch(h, st, st->want);
        else if (!st->fetching && st->history_known &&
                 silent > ln_timeframe_ms(st->tf) * 1000000 + SILENCE_EXTRA_NS)
            fetch(h, st, 3);
    }
}
