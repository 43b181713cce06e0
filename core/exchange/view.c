/*
 * Public market data: ticker, depth, trades.
 */
#include "exchange/exchange_int.h"

static int64_t
clients_long_lots(const struct ln_ex *ex, uint16_t inst)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < ex->nclients; i++)
        sum += ex->clients[i]->slots[inst].pos[0].lots;
    return sum;
}

/* The last 24 hours: the folded minutes and the forming one. */
static void
tell_day(const struct ln_ex_market *m, struct ln_ticker *out)
{
    const struct ln_candle *day = &m->day;
    const struct ln_candle *now =
        m->ncandles ? &m->candles[m->ncandles - 1] : NULL;
    out->open_24h_ticks = out->high_24h_ticks = out->low_24h_ticks =
        m->last_ticks;
    if (now) {
        out->open_24h_ticks = now->open_ticks;
        out->high_24h_ticks = now->high_ticks;
        out->low_24h_ticks = now->low_ticks;
        out->volume_24h_lots = now->volume_lots;
        out->quote_volume_24h_e8 = now->quote_volume_e8;
    }
    if (day->open_ticks) {
        out->open_24h_ticks = day->open_ticks;
        if (day->high_ticks > out->high_24h_ticks)
            out->high_24h_ticks = day->high_ticks;
        if (day->low_ticks < out->low_24h_ticks)
            out->low_24h_ticks = day->low_ticks;
        out->volume_24h_lots += day->volume_lots;
        out->quote_volume_24h_e8 += day->quote_volume_e8;
    }
    if (out->open_24h_ticks > 0)
        out->change_24h_e8 =
            ln_mul_div(m->last_ticks - out->open_24h_ticks, LN_E8,
                       out->open_24h_ticks, LN_ROUND_NEAREST);
}

void
ln_ex_ticker(const struct ln_ex *ex, uint16_t inst, struct ln_ticker *out)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    *out = (struct ln_ticker){0};
    if (!m)
        return;
    const struct ln_ex_row *bid = ln_ex_best(&m->bids);
    const struct ln_ex_row *ask = ln_ex_best(&m->asks);
    out->time_ms = ex->now_ms;
    out->last_ticks = m->last_ticks;
    out->bid_ticks = bid ? bid->price_ticks : 0;
    out->bid_lots = bid ? bid->lots : 0;
    out->ask_ticks = ask ? ask->price_ticks : 0;
    out->ask_lots = ask ? ask->lots : 0;
    out->mark_e8 = m->mark_e8;
    out->index_e8 = m->index_e8;
    out->funding_rate_e8 = m->funding_rate_e8;
    out->next_funding_ms = m->next_funding_ms;
    out->open_interest_lots = m->interest_lots + clients_long_lots(ex, inst);
    tell_day(m, out);
}

size_t
ln_ex_depth(const struct ln_ex *ex, uint16_t inst, enum ln_side side,
            struct ln_level *out, size_t cap)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    size_t n = 0;
    if (!m)
        return 0;
    const struct ln_ex_ladder *l = side == LN_BUY ? &m->bids : &m->asks;
    for (uint32_t i = l->count; i-- > 0 && n < cap; n++)
        out[n] = (struct ln_level){l->rows[i].price_ticks, l->rows[i].lots};
    return n;
}

int64_t
ln_ex_book_seq(const struct ln_ex *ex, uint16_t inst)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    return m ? m->seq : 0;
}

size_t
ln_ex_trades(const struct ln_ex *ex, uint16_t inst, struct ln_trade *out,
             size_t cap)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    size_t n = 0;
    if (!m)
        return 0;
    for (; n < cap && n < m->trade_count; n++) {
        size_t back = m->trade_next + LN_EX_TAPE - 1 - n;
        out[n] = m->trades[back % LN_EX_TAPE];
    }
    return n;
}
