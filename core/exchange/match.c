/*
 * Matching: a taker meets the best opposite row, and in it the oldest node,
 * until it is filled or its limit is reached. Trades are at the resting
 * order's price.
 */
#include "exchange/exchange_int.h"

/* The trade is public news: tape, candle, last price. */
static void
publish(struct ln_ex *ex, struct ln_ex_market *m, const struct ln_trade *t,
        int64_t value_e8)
{
    m->last_ticks = t->price_ticks;
    ln_ex_candles_trade(m, t->price_ticks, t->size_lots, value_e8);
    m->trades[m->trade_next] = *t;
    m->trade_next = (m->trade_next + 1) % LN_EX_TRADES_KEPT;
    if (m->trade_count < LN_EX_TRADES_KEPT)
        m->trade_count++;
    if (!ex->sink)
        return;
    struct ln_ex_event e = {.type = LN_EXE_TRADE, .instrument = m->index};
    e.u.trade = *t;
    ln_ex_emit(ex, &e);
}

/* The participants' half of a trade. */
static void
house_trades(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
             int64_t lots, int64_t value_e8)
{
    m->house_lots += side == LN_BUY ? lots : -lots;
    ex->house_cash_e8 += side == LN_BUY ? -value_e8 : value_e8;
}

static void
trade(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
      uint32_t node_id, int64_t lots, struct ln_ex_record *taker)
{
    const struct ln_ex_node *node = &m->nodes.items[node_id];
    struct ln_ex_record *maker = node->record;
    int64_t price = node->price_ticks;
    int64_t value = ln_notional_e8(m->in, price, lots);
    struct ln_trade t = {.time_ms = ex->now_ms,
                         .id = ex->next_trade_id++,
                         .price_ticks = price,
                         .size_lots = lots,
                         .side = (uint8_t)side};
    publish(ex, m, &t, value);
    ln_ex_book_reduce(ex, m, node_id, lots);
    if (!maker)
        house_trades(ex, m, ln_ex_opposite(side), lots, value);
    if (!taker)
        house_trades(ex, m, side, lots, value);
    if (maker)
        ln_ex_apply_fill(ex, m, maker, t.id, price, lots, value, LN_MAKER);
    if (taker)
        ln_ex_apply_fill(ex, m, taker, t.id, price, lots, value, LN_TAKER);
}

int64_t
ln_ex_match(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
            int64_t limit_ticks, int64_t lots, struct ln_ex_record *taker)
{
    const struct ln_ex_ladder *l = ln_ex_ladder(m, ln_ex_opposite(side));
    int64_t left = lots;
    while (left > 0) {
        /* Looked up anew each time: a fill may have cancelled orders. */
        const struct ln_ex_row *row = ln_ex_best(l);
        if (!row || !ln_ex_crosses(side, limit_ticks, row->price_ticks))
            break;
        uint32_t id = row->head;
        int64_t there = m->nodes.items[id].lots;
        int64_t q = there < left ? there : left;
        trade(ex, m, side, id, q, taker);
        left -= q;
    }
    return lots - left;
}

/*
 * A reduce-only order in the book is withdrawn when its account's position
 * becomes too small for it, which another order of that account can cause.
 * It is sure to be there only if the account has no such other order.
 */
static bool
may_vanish(const struct ln_ex *ex, const struct ln_ex_record *r)
{
    const struct ln_ex_client *c = ln_ex_client(ex, r->o.account);
    if (!r->o.req.reduce_only || c->pos_mode == LN_HEDGE)
        return false;
    for (const struct ln_ex_record *i = c->open_newest; i; i = i->open_older)
        if (i->o.req.instrument == r->o.req.instrument &&
            i->o.req.side == r->o.req.side && !i->o.req.reduce_only)
            return true;
    return false;
}

void
ln_ex_walk_book(const struct ln_ex *ex, const struct ln_ex_market *m,
                enum ln_side side, int64_t limit_ticks, int64_t lots,
                struct ln_ex_walk *out)
{
    const struct ln_ex_ladder *l = side == LN_BUY ? &m->asks : &m->bids;
    *out = (struct ln_ex_walk){0};
    for (uint32_t i = l->count; i-- > 0 && out->lots < lots;) {
        const struct ln_ex_row *row = &l->rows[i];
        if (!ln_ex_crosses(side, limit_ticks, row->price_ticks))
            break;
        int64_t q = row->lots < lots - out->lots ? row->lots : lots - out->lots;
        out->lots += q;
        out->value_e8 += ln_notional_e8(m->in, row->price_ticks, q);
        for (uint32_t id = row->head; id; id = m->nodes.items[id].next) {
            const struct ln_ex_node *node = &m->nodes.items[id];
            if (!node->record || !may_vanish(ex, node->record))
                out->sure_lots += node->lots;
        }
    }
    if (out->sure_lots > lots)
        out->sure_lots = lots;
}
