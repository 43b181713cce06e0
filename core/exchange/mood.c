/*
 * What the crowd of a market has done, minute by minute since the start:
 * which side takers took, who is long, how much is open, and between which
 * values index and mark moved. Before the start it is asked of the past.
 *
 * Open interest follows the trades: of each, a part opens positions on both
 * sides, a part closes them, the rest changes hands. Who is long is the mood
 * of the time (past.c), leaning to where takers have gone lately, and the
 * accounts of the engine, counted in.
 */
#include "exchange/past.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_MINUTES   512
#define CROWD           2000 /* accounts that are not the engine's */
#define FLOW_MINUTES    30   /* over which takers' leaning fades */
#define FLOW_WEIGHT     6    /* a sixth of it moves the long share */
#define OPENS_PERCENT   30   /* of the trades, when the interest is usual */
#define TILT_MAX        10
#define LEAST_PART      8 /* interest: at least this part of the usual */
#define SETTLEMENTS_MAX 2160

struct minute {
    int64_t buy_lots, sell_lots;
    int64_t long_accounts_e8, long_positions_e8, interest_lots;
    struct ln_ex_ohlc index_e8, mark_e8;
};

struct ln_ex_mood {
    int64_t begin_ms;       /* of the first minute */
    struct minute *minutes; /* owned; without gaps, the last is forming */
    size_t count, cap;
    int64_t flow_e8;               /* takers' leaning, -1 (sell) to 1 (buy) */
    struct ln_ex_settled *settled; /* owned; ascending */
    uint32_t nsettled, settled_cap;
};

static struct minute *
forming(struct ln_ex_mood *mood)
{
    return &mood->minutes[mood->count - 1];
}

static bool
room(struct ln_ex_mood *mood)
{
    if (mood->count < mood->cap)
        return true;
    if (mood->cap >= LN_EX_CANDLES_MAX) {
        size_t drop = mood->count / 8;
        mood->count -= drop;
        mood->begin_ms += (int64_t)drop * LN_EX_MINUTE_MS;
        memmove(mood->minutes, mood->minutes + drop,
                mood->count * sizeof(*mood->minutes));
        return true;
    }
    size_t cap = mood->cap ? mood->cap * 2 : FIRST_MINUTES;
    struct minute *more = realloc(mood->minutes, cap * sizeof(*more));
    if (!more)
        return false;
    mood->minutes = more;
    mood->cap = cap;
    return true;
}

bool
ln_ex_mood_start(const struct ln_ex *ex, struct ln_ex_market *m)
{
    struct ln_ex_mood *mood = m->mood;
    if (!mood)
        mood = m->mood = calloc(1, sizeof(*mood));
    if (!mood)
        return false;
    mood->count = 0;
    mood->flow_e8 = 0;
    if (!room(mood))
        return false;
    mood->begin_ms = ln_ex_minute_of(ex->now_ms);
    mood->count = 1;
    *forming(mood) = (struct minute){0};
    return true;
}

void
ln_ex_mood_free(struct ln_ex_mood *mood)
{
    if (!mood)
        return;
    free(mood->minutes);
    free(mood->settled);
    free(mood);
}

/* ---- what is traded ---- */

/* A number below 100 that only depends on the trade. */
static int64_t
lot_of_fate(int64_t id)
{
    /* splitmix64's finaliser: neighbouring ids have nothing in common. */
    uint64_t x = (uint64_t)id;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return (int64_t)((x ^ x >> 31) % 100);
}

/* More opens while little is open, more closes while much is. */
static void
follow_interest(struct ln_ex_market *m, const struct ln_trade *t)
{
    int64_t usual = m->spec->daily_volume_lots / 4;
    if (m->interest_lots == 0 || usual == 0)
        return; /* nobody but the engine's accounts is here */
    int64_t tilt =
        ln_mul_div(usual - m->interest_lots, 10, usual, LN_ROUND_NEAREST);
    tilt = tilt > TILT_MAX ? TILT_MAX : tilt < -TILT_MAX ? -TILT_MAX : tilt;
    int64_t fate = lot_of_fate(t->id);
    if (fate < OPENS_PERCENT + tilt)
        m->interest_lots += t->size_lots;
    else if (fate >= 100 - OPENS_PERCENT + tilt)
        m->interest_lots -= t->size_lots;
    int64_t least = usual / LEAST_PART > 1 ? usual / LEAST_PART : 1;
    if (least < m->house_lots)
        least = m->house_lots; /* what the accounts are short of, they have */
    if (m->interest_lots < least)
        m->interest_lots = least;
}

void
ln_ex_mood_trade(struct ln_ex_market *m, const struct ln_trade *t)
{
    struct minute *now = forming(m->mood);
    if (t->side == LN_BUY)
        now->buy_lots += t->size_lots;
    else
        now->sell_lots += t->size_lots;
    follow_interest(m, t);
}

static int64_t
limit(int64_t v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* The forming minute, as it stands at a time. */
static void
judge_minute(const struct ln_ex *ex, const struct ln_ex_market *m,
             int64_t time_ms, struct minute *out)
{
    int64_t longs = 0, shorts = 0, long_lots = 0, short_lots = 0;
    for (uint32_t i = 0; i < ex->nclients; i++) {
        const struct ln_ex_client *c = ex->clients[i];
        const struct ln_ex_slot *s = &c->slots[m->index];
        if (!c->open_positions)
            continue;
        longs += s->pos[0].lots > 0;
        shorts += s->pos[1].lots > 0;
        long_lots += s->pos[0].lots;
        short_lots += s->pos[1].lots;
    }
    int64_t lean = m->mood->flow_e8 / FLOW_WEIGHT;
    int64_t share = limit(ln_ex_crowd_long_e8(m, time_ms) + lean, LN_E8 / 20,
                          LN_E8 - LN_E8 / 20);
    int64_t weight = limit(ln_ex_crowd_weight_e8(m, time_ms) + lean / 2,
                           LN_E8 / 20, LN_E8 - LN_E8 / 20);
    out->long_accounts_e8 =
        (share * CROWD + longs * LN_E8) / (CROWD + longs + shorts);
    int64_t others = m->interest_lots;
    if (others + long_lots + short_lots > 0)
        weight = ln_div128(
            (ln_i128)weight * others + (ln_i128)long_lots * LN_E8,
            (ln_i128)others + long_lots + short_lots, LN_ROUND_NEAREST);
    out->long_positions_e8 = weight;
    out->interest_lots = m->interest_lots + long_lots;
}

void
ln_ex_mood_minute(const struct ln_ex *ex, struct ln_ex_market *m,
                  int64_t minute_ms)
{
    struct ln_ex_mood *mood = m->mood;
    struct minute *old = forming(mood);
    int64_t volume = old->buy_lots + old->sell_lots;
    int64_t took = volume ? ln_mul_div(old->buy_lots - old->sell_lots, LN_E8,
                                       volume, LN_ROUND_NEAREST)
                          : 0;
    mood->flow_e8 += (took - mood->flow_e8) / FLOW_MINUTES;
    judge_minute(ex, m, minute_ms, old);
    if (!room(mood))
        return;
    mood->count++;
    *forming(mood) = (struct minute){0};
}

/* ---- index and mark ---- */

static void
add_price(struct ln_ex_ohlc *o, int64_t price)
{
    if (o->open == 0)
        *o = (struct ln_ex_ohlc){price, price, price, price};
    if (price > o->high)
        o->high = price;
    if (price < o->low)
        o->low = price;
    o->close = price;
}

void
ln_ex_mood_second(struct ln_ex_market *m)
{
    struct minute *now = forming(m->mood);
    add_price(&now->index_e8, m->index_e8);
    add_price(&now->mark_e8, m->mark_e8);
}

static const struct minute *
minute_at(const struct ln_ex_market *m, int64_t minute_ms)
{
    const struct ln_ex_mood *mood = m->mood;
    if (minute_ms < mood->begin_ms)
        return NULL;
    size_t at = (size_t)((minute_ms - mood->begin_ms) / LN_EX_MINUTE_MS);
    return at < mood->count ? &mood->minutes[at] : NULL;
}

bool
ln_ex_mood_price(const struct ln_ex_market *m, enum ln_ex_price which,
                 int64_t minute_ms, struct ln_candle *out)
{
    const struct minute *min = minute_at(m, minute_ms);
    if (!min)
        return false;
    const struct ln_ex_ohlc *o =
        which == LN_EX_INDEX ? &min->index_e8 : &min->mark_e8;
    if (o->open == 0)
        return false;
    *out = (struct ln_candle){
        .time_ms = minute_ms,
        .open_ticks = ln_price_ticks_of_e8(m->in, o->open, LN_ROUND_NEAREST),
        .high_ticks = ln_price_ticks_of_e8(m->in, o->high, LN_ROUND_NEAREST),
        .low_ticks = ln_price_ticks_of_e8(m->in, o->low, LN_ROUND_NEAREST),
        .close_ticks = ln_price_ticks_of_e8(m->in, o->close, LN_ROUND_NEAREST)};
    return true;
}

/* ---- settlements ---- */

void
ln_ex_mood_settled(struct ln_ex_market *m, int64_t time_ms, int64_t rate_e8)
{
    struct ln_ex_mood *mood = m->mood;
    if (mood->nsettled == SETTLEMENTS_MAX) {
        mood->nsettled -= SETTLEMENTS_MAX / 8;
        memmove(mood->settled, mood->settled + SETTLEMENTS_MAX / 8,
                mood->nsettled * sizeof(*mood->settled));
    }
    if (mood->nsettled == mood->settled_cap &&
        !ln_ex_grow((void **)&mood->settled, &mood->settled_cap,
                    mood->settled_cap ? mood->settled_cap * 2 : 16,
                    sizeof(*mood->settled)))
        return;
    mood->settled[mood->nsettled++] = (struct ln_ex_settled){time_ms, rate_e8};
}

size_t
ln_ex_mood_settlements(const struct ln_ex_market *m, size_t skip,
                       struct ln_ex_settled *out, size_t cap, size_t *all)
{
    const struct ln_ex_mood *mood = m->mood;
    size_t n = 0;
    *all = mood->nsettled;
    for (; n < cap && skip + n < mood->nsettled; n++)
        out[n] = mood->settled[mood->nsettled - 1 - skip - n];
    return n;
}

/* ---- asked for ---- */

/* What takers did in a part of the past: a quarter of an hour, a minute. */
static bool
add_past(const struct ln_ex_market *m, int64_t *t, int64_t to,
         struct ln_ex_crowd *c)
{
    const struct ln_ex_bar *bar = NULL;
    struct ln_ex_bar recorded;
    int64_t step = LN_EX_MINUTE_MS;
    if (*t < m->past->end_ms) {
        bool whole = *t % LN_EX_QUARTER_MS == 0 && *t + LN_EX_QUARTER_MS <= to;
        step = whole ? LN_EX_QUARTER_MS : LN_EX_MINUTE_MS;
        bar = whole ? ln_ex_past_quarter(m, *t) : ln_ex_past_minute(m, *t);
        if (whole && *t + step > m->past->end_ms)
            step = m->past->end_ms - *t;
    } else {
        size_t at = ln_ex_candles_from(m, *t);
        if (at < m->ncandles && m->candles[at].time_ms == *t) {
            ln_ex_past_recorded(m, &m->candles[at], &recorded);
            bar = &recorded;
        }
    }
    *t += step;
    if (!bar)
        return false;
    c->taker_buy_lots += bar->buy_lots;
    c->taker_sell_lots += bar->market.volume_lots - bar->buy_lots;
    return true;
}

/* The period [from, to); false: nothing is known of it. */
static bool
judge_period(const struct ln_ex *ex, const struct ln_ex_market *m, int64_t from,
             int64_t to, struct ln_ex_crowd *c)
{
    const struct ln_ex_mood *mood = m->mood;
    struct minute last = {0};
    bool any = false;
    *c = (struct ln_ex_crowd){.time_ms = from};
    int64_t t = from > m->past->begin_ms ? from : m->past->begin_ms;
    while (t < to && t < m->past->live_ms)
        any = add_past(m, &t, to, c) || any;
    if (any)
        last = (struct minute){
            .long_accounts_e8 = ln_ex_crowd_long_e8(m, t),
            .long_positions_e8 = ln_ex_crowd_weight_e8(m, t),
            .interest_lots = ex->participants ? ln_ex_crowd_interest(m, t) : 0};
    if (t < mood->begin_ms)
        t = mood->begin_ms;
    for (const struct minute *min; t < to && (min = minute_at(m, t)) != NULL;
         t += LN_EX_MINUTE_MS) {
        c->taker_buy_lots += min->buy_lots;
        c->taker_sell_lots += min->sell_lots;
        last = *min;
        if (min == forming(m->mood))
            judge_minute(ex, m, ex->now_ms, &last);
        any = true;
    }
    c->long_accounts_e8 = last.long_accounts_e8;
    c->short_accounts_e8 = LN_E8 - last.long_accounts_e8;
    c->long_positions_e8 = last.long_positions_e8;
    c->short_positions_e8 = LN_E8 - last.long_positions_e8;
    c->open_interest_lots = last.interest_lots;
    return any;
}

size_t
ln_ex_crowd(const struct ln_ex *ex, uint16_t inst, int64_t period_ms,
            int64_t end_ms, struct ln_ex_crowd *out, size_t cap)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    if (!m || cap == 0 || period_ms < LN_EX_MINUTE_MS ||
        period_ms % LN_EX_MINUTE_MS != 0)
        return 0;
    if (end_ms == 0 || end_ms > ex->now_ms + 1)
        end_ms = ex->now_ms + 1; /* the forming period is one */
    int64_t begins = ln_ex_past_begins(ex, inst), first, n = 0;
    if (end_ms <= begins)
        return 0;
    int64_t last = (end_ms - 1) / period_ms * period_ms;
    int64_t most = (last - begins) / period_ms + 1;
    if ((int64_t)cap > most || cap > INT64_MAX)
        cap = (size_t)most + 1;
    first = last - (int64_t)(cap - 1) * period_ms;
    for (int64_t t = first; t <= last; t += period_ms)
        if (t + period_ms > begins &&
            judge_period(ex, m, t, t + period_ms, &out[n]))
            n++;
    return (size_t)n;
}
