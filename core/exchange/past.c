/*
 * The invented past. Prices are hashed midpoint displacements: the span of
 * 2^17 minutes (91 days) that ends at the start price is halved again and
 * again, each middle is the mean of the ends and a draw that only depends on
 * seed and place. Liveliness is drawn the same way, so that lively hours
 * come together. A minute is a few trades between the prices at its ends.
 *
 * Doubles exist only here; what leaves is ticks, lots and 1e-8.
 */
#include "exchange/past.h"

#include <math.h>

#define LEVELS      17 /* 2^17 minutes */
#define SPAN        (1 << LEVELS)
#define LIVELINESS  0.12 /* how much a half differs from its whole */
#define SPAN_CALM   0.7  /* the whole span strays less than a random walk */
#define LOG_MAX     2.3  /* of the price against the start price */
#define WICK        0.9  /* noise of the trades between, against the bridge's */
#define TRADES_MIN  3
#define FOLLOWS     35 /* percent that a move's trades lean to its side */
#define HOUR_MS     3600000LL
#define DAY_MS      86400000LL
#define BUSIEST_H   14.5
#define WEEKEND     0.75
#define PI          3.14159265358979323846
#define IDS_A_TRADE LN_INSTRUMENTS_MAX

/* ---- draws ---- */

static uint64_t
mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
}

static uint64_t
draw(uint64_t seed, uint64_t what, int64_t where)
{
    return mix(mix(seed ^ what * 0xD6E8FEB86659FD93U) ^ (uint64_t)where);
}

/* Nearly normal, within 3.5: the sum of four uniform parts of the hash. */
static double
normal(uint64_t h)
{
    uint64_t sum =
        (h & 0xFFFF) + ((h >> 16) & 0xFFFF) + ((h >> 32) & 0xFFFF) + (h >> 48);
    return ((double)sum / 65535.0 - 2.0) * 1.7320508075688772;
}

static double
unit(uint64_t h)
{
    return ((double)(h >> 11) + 0.5) / 9007199254740992.0;
}

/* Smooth noise with a value of about -1 to 1 at every <period>. */
static double
noise(uint64_t seed, uint64_t layer, int64_t time_ms, int64_t period_ms)
{
    int64_t knot = time_ms / period_ms;
    double f = (double)(time_ms % period_ms) / (double)period_ms;
    double a = normal(draw(seed, layer, knot)),
           b = normal(draw(seed, layer, knot + 1));
    return a + (b - a) * f * f * (3 - 2 * f);
}

/* ---- prices at the ends of minutes ---- */

struct path {
    uint64_t seed;
    double sigma; /* of a minute */
    int lo, hi;   /* minutes before the end */
    double *x;    /* log price at lo..hi */
    double *lively;
};

static double
halved(double lively, uint64_t h)
{
    return lively * (1 + LIVELINESS * normal(h)) /
           sqrt(1 + LIVELINESS * LIVELINESS);
}

/* The part from <a> to <a + len> minutes before the end. */
static void
descend(const struct path *p, uint64_t node, int a, int len, double xa,
        double xb, double lively)
{
    if (a > p->hi || a + len < p->lo)
        return;
    if (len == 1) {
        if (a >= p->lo) {
            p->x[a - p->lo] = xa;
            p->lively[a - p->lo] = lively;
        }
        if (a + 1 <= p->hi)
            p->x[a + 1 - p->lo] = xb;
        return;
    }
    uint64_t h = draw(p->seed, 1, (int64_t)node);
    double mid =
        (xa + xb) / 2 + p->sigma * lively * sqrt((double)len) / 2 * normal(h);
    int half = len / 2;
    uint64_t h1 = mix(h), h2 = mix(h1);
    descend(p, 2 * node, a, half, xa, mid, halved(lively, h1));
    descend(p, 2 * node + 1, a + half, half, mid, xb, halved(lively, h2));
}

static double
sigma_of(const struct ln_ex_market *m)
{
    return (double)m->spec->volatility_ppm / 1e6 /
           sqrt((double)LN_EX_DAY_MINUTES);
}

static void
walk(const struct ln_ex_market *m, int lo, int hi, double *x, double *lively)
{
    struct path p = {m->past->seed, sigma_of(m), lo, hi, x, lively};
    double far =
        p.sigma * sqrt((double)SPAN) * SPAN_CALM * normal(draw(p.seed, 1, 0));
    descend(&p, 1, 0, SPAN, 0, far, 1);
}

/* In ticks, not rounded. */
static double
price(const struct ln_ex_market *m, double x)
{
    double within = x > LOG_MAX ? LOG_MAX : x < -LOG_MAX ? -LOG_MAX : x;
    double ticks = (double)m->past->end_ticks * exp(within);
    return ticks < 1 ? 1 : ticks;
}

static int64_t
rounded(double ticks)
{
    return ticks < 1 ? 1 : (int64_t)(ticks + 0.5);
}

/* ---- a minute's trades ---- */

static double
rhythm(int64_t time_ms)
{
    double hour = (double)(time_ms % DAY_MS) / (double)HOUR_MS;
    double day = 1 + 0.4 * cos(2 * PI * (hour - BUSIEST_H) / 24);
    int64_t weekday = (time_ms / DAY_MS + 4) % 7; /* 0: Sunday */
    return day * (weekday == 0 || weekday == 6 ? WEEKEND : 1.07);
}

int64_t
ln_ex_rhythm_percent(int64_t time_ms)
{
    return (int64_t)(rhythm(time_ms) * 100);
}

/* More when it is lively and when the price moves. */
static int64_t
volume(const struct ln_ex_market *m, int64_t minute_ms, double lively,
       double moved, uint64_t h)
{
    double usual = (double)m->spec->daily_volume_lots / LN_EX_DAY_MINUTES;
    double sigmas = fabs(moved) / sigma_of(m);
    double burst = -log(unit(h));
    sigmas = sigmas > 6 ? 6 : sigmas;
    burst = burst > 8 ? 8 : burst;
    return (int64_t)(usual * rhythm(minute_ms) *
                     (0.15 + 0.5 * burst * lively + 0.4 * sigmas));
}

static int64_t
trade_id(const struct ln_ex_market *m, int64_t minute_ms, size_t i)
{
    return LN_EX_FIRST_TRADE_ID + minute_ms * LN_EX_IDS_PER_MS +
           (int64_t)i * IDS_A_TRADE + m->index;
}

/* Who took: mostly whoever the price went along with. */
static uint8_t
side_of(int64_t moved, uint64_t h)
{
    int64_t buys = 50 + (moved > 0 ? FOLLOWS : moved < 0 ? -FOLLOWS : 0);
    return (int64_t)(h % 100) < buys ? LN_BUY : LN_SELL;
}

/* Shares of <lots>: at least 1 each, the last has the rest. */
static void
share_out(struct ln_trade *t, size_t n, int64_t lots, uint64_t h)
{
    int64_t left = lots > (int64_t)n ? lots : (int64_t)n;
    for (size_t i = 0; i + 1 < n; i++) {
        int64_t weight = (int64_t)((h >> (6 * i)) & 63) + 8;
        int64_t share = left * weight / (40 * (int64_t)(n - i));
        int64_t most = left - (int64_t)(n - 1 - i);
        t[i].size_lots = share < 1 ? 1 : share > most ? most : share;
        left -= t[i].size_lots;
    }
    t[n - 1].size_lots = left;
}

static size_t
invent_trades(const struct ln_ex_market *m, int64_t minute_ms, double x0,
              double x1, double lively, struct ln_trade *out)
{
    uint64_t h = draw(m->past->seed, 2, minute_ms);
    size_t n = TRADES_MIN + (h >> 8) % (LN_EX_MINUTE_TRADES - TRADES_MIN + 1);
    double p0 = price(m, x0), p1 = price(m, x1);
    double wick = p0 * sigma_of(m) * lively * WICK;
    int64_t before = rounded(p0);
    for (size_t i = 0; i < n; i++) {
        uint64_t hi = mix(h + i + 1), at = mix(hi);
        double f = (double)i / (double)(n - 1);
        double p = p0 + (p1 - p0) * f;
        if (i > 0 && i < n - 1)
            p += wick * sqrt(f * (1 - f)) * normal(hi);
        int64_t slot = LN_EX_MINUTE_MS / (int64_t)n;
        out[i].time_ms =
            minute_ms + (int64_t)i * slot + (int64_t)(at % (uint64_t)slot);
        out[i].id = trade_id(m, minute_ms, i);
        out[i].price_ticks = rounded(p);
        out[i].side = side_of(out[i].price_ticks - before, at >> 20);
        before = out[i].price_ticks;
    }
    share_out(out, n, volume(m, minute_ms, lively, x1 - x0, mix(h)),
              mix(h ^ 77));
    return n;
}

/* ---- index and mark of a minute ---- */

/* Wicks of an average are shorter than those of one market. */
static struct ln_ex_ohlc
smoother(const struct ln_candle *c, double at_open, double at_close,
         double keep)
{
    double o = (double)c->open_ticks, cl = (double)c->close_ticks;
    double top = o > cl ? o : cl, low = o > cl ? cl : o;
    double middle = (at_open + at_close) / 2;
    struct ln_ex_ohlc r = {
        .open = rounded(o / (1 + at_open)),
        .close = rounded(cl / (1 + at_close)),
        .high = rounded((top + keep * ((double)c->high_ticks - top)) /
                        (1 + middle)),
        .low = rounded((low - keep * (low - (double)c->low_ticks)) /
                       (1 + middle))};
    int64_t most = r.open > r.close ? r.open : r.close;
    int64_t least = r.open > r.close ? r.close : r.open;
    r.high = r.high < most ? most : r.high;
    r.low = r.low > least ? least : r.low;
    return r;
}

static double
basis(const struct ln_ex_market *m, int64_t time_ms)
{
    static const struct {
        int64_t period_ms;
        double size;
    } layers[] = {
        {26 * HOUR_MS, 0.0009}, {5 * HOUR_MS, 0.0003}, {1020000, 0.0001}};
    double sum = 0;
    for (uint64_t i = 0; i < 3; i++)
        sum += layers[i].size *
               noise(m->past->seed, 10 + i, time_ms, layers[i].period_ms);
    return sum * (0.7 + (double)m->spec->volatility_ppm / 100000.0);
}

/* b0, b1: the basis at both ends of the minute. */
static void
add_prices(struct ln_ex_bar *bar, double b0, double b1)
{
    bar->index = smoother(&bar->market, b0, b1, 0.6);
    bar->mark = smoother(&bar->market, b0 / 10, b1 / 10, 0.8);
}

/* ---- what leaves ---- */

static void
fold_trades(const struct ln_ex_market *m, int64_t minute_ms,
            const struct ln_trade *t, size_t n, struct ln_ex_bar *out)
{
    *out = (struct ln_ex_bar){0};
    ln_candle_start(&out->market, minute_ms, t[0].price_ticks);
    for (size_t i = 0; i < n; i++) {
        ln_candle_add(&out->market, t[i].price_ticks, t[i].size_lots,
                      ln_notional_e8(m->in, t[i].price_ticks, t[i].size_lots));
        if (t[i].side == LN_BUY)
            out->buy_lots += t[i].size_lots;
    }
}

/* Minutes before the end at which a time is. */
static int
back(const struct ln_ex_market *m, int64_t time_ms)
{
    return (int)((m->past->end_ms - time_ms) / LN_EX_MINUTE_MS);
}

void
ln_ex_past_invent(const struct ln_ex_market *m, int64_t from_ms, int n,
                  struct ln_ex_bar *out)
{
    double x[LN_EX_DAY_MINUTES + 1], lively[LN_EX_DAY_MINUTES + 1];
    struct ln_trade t[LN_EX_MINUTE_TRADES];
    int hi = back(m, from_ms);
    walk(m, hi - n, hi, x, lively);
    double b0 = basis(m, from_ms);
    for (int i = 0; i < n; i++) {
        int64_t minute = from_ms + i * LN_EX_MINUTE_MS;
        int at = n - i; /* of the minute's beginning */
        size_t count =
            invent_trades(m, minute, x[at], x[at - 1], lively[at - 1], t);
        fold_trades(m, minute, t, count, &out[i]);
        double b1 = basis(m, minute + LN_EX_MINUTE_MS);
        add_prices(&out[i], b0, b1);
        b0 = b1;
    }
}

/* Open, the extremes, close, with a quarter of the volume each. */
static size_t
recorded_trades(const struct ln_ex_market *m, const struct ln_candle *c,
                struct ln_trade *out)
{
    bool rises = c->close_ticks >= c->open_ticks;
    int64_t way[] = {c->open_ticks, rises ? c->low_ticks : c->high_ticks,
                     rises ? c->high_ticks : c->low_ticks, c->close_ticks};
    size_t n = c->volume_lots < 4 ? (size_t)c->volume_lots : 4;
    for (size_t i = 0; i < n; i++) {
        size_t at = i + 1 == n ? 3 : i;
        int64_t share = c->volume_lots / (int64_t)n;
        if (i + 1 == n)
            share = c->volume_lots - share * (int64_t)(n - 1);
        int64_t before = at > 0 ? way[at - 1] : c->open_ticks;
        int64_t time = c->time_ms + 500 + (int64_t)at * 19500;
        out[i] = (struct ln_trade){
            .time_ms = time,
            .id = trade_id(m, c->time_ms, i),
            .price_ticks = way[at],
            .size_lots = share,
            .side = side_of(way[at] - before, draw(m->past->seed, 3, time))};
    }
    return n;
}

size_t
ln_ex_past_trades(const struct ln_ex_market *m, int64_t minute_ms,
                  struct ln_trade out[LN_EX_MINUTE_TRADES])
{
    const struct ln_ex_past *p = m->past;
    if (minute_ms < p->begin_ms || minute_ms >= p->live_ms)
        return 0;
    if (minute_ms >= p->end_ms) {
        size_t at = ln_ex_candles_from(m, minute_ms);
        bool there = at < m->ncandles && m->candles[at].time_ms == minute_ms;
        return there ? recorded_trades(m, &m->candles[at], out) : 0;
    }
    double x[2] = {0}, lively[2] = {0};
    int hi = back(m, minute_ms);
    walk(m, hi - 1, hi, x, lively);
    return invent_trades(m, minute_ms, x[1], x[0], lively[0], out);
}

void
ln_ex_past_recorded(const struct ln_ex_market *m, const struct ln_candle *row,
                    struct ln_ex_bar *out)
{
    struct ln_trade t[LN_EX_MINUTE_TRADES];
    size_t n = recorded_trades(m, row, t);
    *out = (struct ln_ex_bar){.market = *row};
    for (size_t i = 0; i < n; i++)
        if (t[i].side == LN_BUY)
            out->buy_lots += t[i].size_lots;
    add_prices(out, basis(m, row->time_ms),
               basis(m, row->time_ms + LN_EX_MINUTE_MS));
}

/* ---- the mood of a time ---- */

int64_t
ln_ex_basis_e8(const struct ln_ex_market *m, int64_t time_ms)
{
    return (int64_t)(basis(m, time_ms) * (double)LN_E8);
}

int64_t
ln_ex_venues_e8(const struct ln_ex_market *m, int64_t time_ms)
{
    double tick = (double)ln_price_e8(m->in, 1);
    double size = (double)m->index_base_e8 * 0.000008;
    size = size > tick * 0.6 ? size : tick * 0.6;
    return (int64_t)round(size * normal(draw(m->past->seed, 20, time_ms)));
}

int64_t
ln_ex_crowd_long_e8(const struct ln_ex_market *m, int64_t time_ms)
{
    double s = 0.07 * noise(m->past->seed, 30, time_ms, 31 * HOUR_MS) +
               0.03 * noise(m->past->seed, 31, time_ms, 3 * HOUR_MS) +
               0.01 * noise(m->past->seed, 32, time_ms, 480000);
    return (int64_t)((0.51 + s) * (double)LN_E8);
}

int64_t
ln_ex_crowd_weight_e8(const struct ln_ex_market *m, int64_t time_ms)
{
    double s = 0.05 * noise(m->past->seed, 33, time_ms, 17 * HOUR_MS) +
               0.01 * noise(m->past->seed, 34, time_ms, 700000);
    int64_t lean = (ln_ex_crowd_long_e8(m, time_ms) - LN_E8 / 2) / 2;
    return LN_E8 / 2 + lean + (int64_t)(s * (double)LN_E8);
}

int64_t
ln_ex_crowd_interest(const struct ln_ex_market *m, int64_t time_ms)
{
    double s = 0.15 * noise(m->past->seed, 40, time_ms, 60 * HOUR_MS) +
               0.03 * noise(m->past->seed, 41, time_ms, 5 * HOUR_MS) +
               0.002 * noise(m->past->seed, 42, time_ms, 900000);
    return (int64_t)((double)m->spec->daily_volume_lots * 0.25 * (1 + s));
}
