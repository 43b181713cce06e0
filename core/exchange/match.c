/*
 * Matching: a taker meets the best opposite row, and in it the oldest node,
 * until it is filled or its limit is reached. Trades are at the resting
 * order's price. What happens when an order meets one of its own account is
 * the taker's choice (enum ln_stp).
 */
#include "exchange/exchange_int.h"

/* The trade is public news: tape, candle, last price. */
static void
publish(struct ln_ex *ex, struct ln_ex_market *m, const struct ln_trade *t,
        int64_t value_e8)
{
    m->last_ticks = t->price_ticks;
    if (m->seen_low_ticks == 0 || t->price_ticks < m->seen_low_ticks)
        m->seen_low_ticks = t->price_ticks;
    if (t->price_ticks > m->seen_high_ticks)
        m->seen_high_ticks = t->price_ticks;
    ln_ex_mood_trade(m, t);
    ln_ex_candles_trade(m, t->price_ticks, t->size_lots, value_e8);
    m->trades[m->trade_next] = *t;
    m->trade_next = (m->trade_next + 1) % LN_EX_TAPE;
    if (m->trade_count < LN_EX_TAPE)
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

#define SELF_TRADE "stp_cancel"

/*
 * The taker meets <maker>: may they trade? If not, one of them goes, or
 * both do.
 */
static bool
prevents(struct ln_ex *ex, struct ln_ex_record *taker,
         struct ln_ex_record *maker)
{
    if (!taker || !maker || taker->o.account != maker->o.account ||
        taker->o.req.stp == LN_STP_NONE)
        return false;
    if (taker->o.req.stp != LN_STP_CANCEL_TAKER)
        ln_ex_cancel_record(ex, maker, SELF_TRADE);
    if (taker->o.req.stp != LN_STP_CANCEL_MAKER)
        ln_ex_cancel_record(ex, taker, SELF_TRADE);
    return true;
}

int64_t
ln_ex_match(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
            int64_t limit_ticks, int64_t lots, struct ln_ex_record *taker)
{
    const struct ln_ex_ladder *l = ln_ex_ladder(m, ln_ex_opposite(side));
    int64_t left = lots;
    while (left > 0 && (!taker || taker->open)) {
        /* Looked up anew each time: a fill may have cancelled orders. */
        const struct ln_ex_row *row = ln_ex_best(l);
        if (!row || !ln_ex_crosses(side, limit_ticks, row->price_ticks))
            break;
        uint32_t id = row->head;
        if (prevents(ex, taker, m->nodes.items[id].record))
            continue;
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

/* What a row has for somebody who may not trade with <own>'s orders. */
struct offer {
    int64_t lots, sure_lots;
    bool ends; /* an own order stops the taker here */
};

static struct offer
offer_of(const struct ln_ex *ex, const struct ln_ex_market *m,
         const struct ln_ex_row *row, ln_ex_account own, bool stops)
{
    struct offer o = {0};
    for (uint32_t id = row->head; id; id = m->nodes.items[id].next) {
        const struct ln_ex_node *node = &m->nodes.items[id];
        if (own && node->record && node->record->o.account == own) {
            o.ends = stops;
            if (stops)
                break;
            continue;
        }
        o.lots += node->lots;
        if (!node->record || !may_vanish(ex, node->record))
            o.sure_lots += node->lots;
    }
    return o;
}

void
ln_ex_walk_for(const struct ln_ex *ex, const struct ln_ex_market *m,
               const struct ln_order_request *req, ln_ex_account owner,
               int64_t limit_ticks, struct ln_ex_walk *out)
{
    bool buy = req->side == LN_BUY;
    const struct ln_ex_ladder *l = buy ? &m->asks : &m->bids;
    ln_ex_account own = req->stp == LN_STP_NONE ? 0 : owner;
    bool stops = req->stp != LN_STP_CANCEL_MAKER;
    int64_t lots = req->size_lots;
    *out = (struct ln_ex_walk){0};
    for (uint32_t i = l->count; i-- > 0 && out->lots < lots;) {
        const struct ln_ex_row *row = &l->rows[i];
        if (!ln_ex_crosses(req->side, limit_ticks, row->price_ticks))
            break;
        struct offer o = offer_of(ex, m, row, own, stops);
        int64_t left = lots - out->lots;
        int64_t q = o.lots < left ? o.lots : left;
        out->lots += q;
        out->value_e8 += ln_notional_e8(m->in, row->price_ticks, q);
        out->sure_lots += o.sure_lots;
        if (o.ends)
            break;
    }
    if (out->sure_lots > lots)
        out->sure_lots = lots;
}

void
ln_ex_walk_book(const struct ln_ex *ex, const struct ln_ex_market *m,
                enum ln_side side, int64_t limit_ticks, int64_t lots,
                struct ln_ex_walk *out)
{
    struct ln_order_request req = {.side = (uint8_t)side, .size_lots = lots};
    ln_ex_walk_for(ex, m, &req, 0, limit_ticks, out);
}
