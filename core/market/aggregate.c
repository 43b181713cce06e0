/*
 * Candles from candles and from trades.
 */
#include "market/aggregate.h"

#include "market/saturate.h"

#include <string.h>

void
ln_candle_start(struct ln_candle *c, int64_t open_ms, int64_t price_ticks)
{
    memset(c, 0, sizeof(*c));
    c->time_ms = open_ms;
    c->open_ticks = c->high_ticks = c->low_ticks = c->close_ticks = price_ticks;
}

void
ln_candle_add(struct ln_candle *c, int64_t price_ticks, int64_t size_lots,
              int64_t notional_e8)
{
    if (price_ticks > c->high_ticks)
        c->high_ticks = price_ticks;
    if (price_ticks < c->low_ticks)
        c->low_ticks = price_ticks;
    c->close_ticks = price_ticks;
    c->volume_lots = ln_add_sat(c->volume_lots, size_lots);
    c->quote_volume_e8 = ln_add_sat(c->quote_volume_e8, notional_e8);
}

static void
fold(struct ln_candle *into, const struct ln_candle *c)
{
    if (c->high_ticks > into->high_ticks)
        into->high_ticks = c->high_ticks;
    if (c->low_ticks < into->low_ticks)
        into->low_ticks = c->low_ticks;
    into->close_ticks = c->close_ticks;
    into->volume_lots = ln_add_sat(into->volume_lots, c->volume_lots);
    into->quote_volume_e8 =
        ln_add_sat(into->quote_volume_e8, c->quote_volume_e8);
}

size_t
ln_candles_fold(const struct ln_candle *in, size_t count, enum ln_timeframe tf,
                struct ln_candle *out, size_t cap)
{
    size_t groups = 0, n = 0;
    int64_t open = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        int64_t o = ln_timeframe_open(tf, in[i].time_ms);
        groups += i == 0 || o != open;
        open = o;
    }
    size_t skip = groups > cap ? groups - cap : 0;
    size_t group = 0;
    open = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        int64_t o = ln_timeframe_open(tf, in[i].time_ms);
        bool starts = i == 0 || o != open;
        group += starts;
        open = o;
        if (group <= skip)
            continue;
        if (starts) {
            out[n] = in[i];
            out[n++].time_ms = o;
        } else {
            fold(&out[n - 1], &in[i]);
        }
    }
    return n;
}
