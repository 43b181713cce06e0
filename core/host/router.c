/*
 * Who gets which market data. The venue counts subscriptions, so each
 * strategy's wishes are passed on as they are; here is kept what each wanted,
 * to route by and to take back.
 */
#include "host/host_int.h"

#include "base/log.h"

#include <stdio.h>

static void
want_channel(struct strategy *s, uint16_t inst, unsigned channel, bool on)
{
    struct ln_venue *v = s->host->venue;
    struct subscription *sub = &s->subs[inst];
    if (on == ((sub->channels & channel) != 0))
        return;
    if (on) {
        sub->channels |= channel;
        v->ops->subscribe(v, inst, channel, LN_TF_NONE);
    } else {
        sub->channels &= ~channel;
        v->ops->unsubscribe(v, inst, channel, LN_TF_NONE);
    }
}

static void
want_candles(struct strategy *s, uint16_t inst, enum ln_timeframe tf, bool on)
{
    struct subscription *sub = &s->subs[inst];
    uint32_t bit = 1U << tf;
    if (tf == LN_TF_NONE || tf >= LN_TF_COUNT ||
        on == ((sub->timeframes & bit) != 0))
        return;
    if (on) {
        sub->timeframes |= bit;
        ln_candles_add(s, inst, tf, s->warmup);
    } else {
        sub->timeframes &= ~bit;
        ln_candles_remove(s, inst, tf);
    }
}

void
ln_router_subscribe(struct strategy *s, uint16_t inst, unsigned channels,
                    enum ln_timeframe tf, bool on)
{
    static const unsigned simple[] = {LN_CH_TICKER, LN_CH_TRADE, LN_CH_BOOK};
    if (!s->subs || inst >= s->host->nmarket)
        return;
    for (size_t i = 0; i < 3; i++)
        if (channels & simple[i])
            want_channel(s, inst, simple[i], on);
    if (channels & LN_CH_CANDLE)
        want_candles(s, inst, tf, on);
}

void
ln_router_forget(struct strategy *s)
{
    if (!s->subs)
        return;
    for (uint16_t i = 0; i < s->host->nmarket; i++) {
        ln_router_subscribe(s, i, LN_CH_TICKER | LN_CH_TRADE | LN_CH_BOOK,
                            LN_TF_NONE, false);
        for (int tf = 1; tf < LN_TF_COUNT; tf++)
            want_candles(s, i, (enum ln_timeframe)tf, false);
    }
}

static bool
wants(const struct strategy *s, uint16_t inst, unsigned channel)
{
    return ln_strategy_alive(s) && (s->subs[inst].channels & channel) != 0;
}

void
ln_router_ticker(struct ln_host *h, uint16_t inst, const struct ln_ticker *t)
{
    struct ln_msg_ticker m;
    memset(&m, 0, sizeof(m));
    m.ticker = *t;
    for (int i = 0; i < h->nstrategies; i++)
        if (wants(&h->strategies[i], inst, LN_CH_TICKER))
            ln_strategy_send(&h->strategies[i], &m.h, LN_MSG_TICKER, inst,
                             sizeof(m), true);
}

void
ln_router_trade(struct ln_host *h, uint16_t inst, const struct ln_trade *t)
{
    struct ln_msg_trade m;
    memset(&m, 0, sizeof(m));
    m.trade = *t;
    for (int i = 0; i < h->nstrategies; i++)
        if (wants(&h->strategies[i], inst, LN_CH_TRADE))
            ln_strategy_send(&h->strategies[i], &m.h, LN_MSG_TRADE, inst,
                             sizeof(m), true);
}

static uint32_t
copy_levels(const struct ln_book_side *side, struct ln_level *out)
{
    uint32_t n =
        side->count < LN_MSG_BOOK_LEVELS ? side->count : LN_MSG_BOOK_LEVELS;
    for (uint32_t i = 0; i < n; i++) {
        out[i].price_ticks = side->levels[i].price_ticks;
        out[i].size_lots = side->levels[i].size_lots;
    }
    return n;
}

void
ln_router_book(struct ln_host *h, uint16_t inst, const struct ln_book *b)
{
    struct ln_msg_book m;
    bool built = false;
    for (int i = 0; i < h->nstrategies; i++) {
        if (!wants(&h->strategies[i], inst, LN_CH_BOOK))
            continue;
        if (!built) {
            memset(&m, 0, sizeof(m));
            m.time_ms = b->time_ms;
            m.seq_no = b->seq;
            m.nbids = copy_levels(&b->bids, m.bids);
            m.nasks = copy_levels(&b->asks, m.asks);
            built = true;
        }
        ln_strategy_send(&h->strategies[i], &m.h, LN_MSG_BOOK, inst, sizeof(m),
                         true);
    }
}

void
ln_router_connection(struct ln_host *h, const char *what, bool up,
                     const char *why)
{
    struct ln_msg_connection m;
    memset(&m, 0, sizeof(m));
    m.up = up;
    ln_str_copy(m.what, sizeof(m.what), ln_str(what));
    ln_str_copy(m.why, sizeof(m.why), ln_str(why));
    for (int i = 0; i < h->nstrategies; i++)
        if (ln_strategy_alive(&h->strategies[i]))
            ln_strategy_send(&h->strategies[i], &m.h, LN_MSG_CONNECTION,
                             LN_INSTRUMENT_NONE, sizeof(m), false);
}

void
ln_router_account(struct ln_host *h)
{
    struct ln_msg_account m;
    memset(&m, 0, sizeof(m));
    m.account = h->account;
    for (int i = 0; i < h->nstrategies; i++)
        if (h->strategies[i].port && h->strategies[i].started)
            ln_strategy_send(&h->strategies[i], &m.h, LN_MSG_ACCOUNT,
                             LN_INSTRUMENT_NONE, sizeof(m), true);
}

void
ln_router_position(struct strategy *s, uint16_t inst)
{
    const struct ln_host *h = s->host;
    const struct market_state *mk = &h->market[inst];
    const struct ln_instrument *in = ln_instruments_at(h->instruments, inst);
    struct ln_msg_position m;
    if (!s->port || !s->own || !s->own[inst].used)
        return;
    const struct ln_position *p = &s->own[inst].p;
    memset(&m, 0, sizeof(m));
    m.size_lots = p->size_lots;
    m.entry_e8 = ln_position_entry_e8(p, in);
    m.mark_e8 = ln_risk_price_e8(h, inst);
    m.unrealised_e8 = ln_position_unrealised_e8(p, in, m.mark_e8);
    m.realised_e8 = p->realised_e8;
    m.fees_e8 = p->fees_e8;
    m.exchange_lots = mk->exchange_lots;
    m.liquidation_e8 = mk->exchange_pos.liquidation_e8;
    m.leverage = mk->exchange_pos.leverage;
    m.margin_mode = mk->exchange_pos.margin_mode;
    m.updated_ms = p->updated_ms;
    ln_strategy_send(s, &m.h, LN_MSG_POSITION, inst, sizeof(m), false);
}
