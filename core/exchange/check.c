/*
 * The engine's invariants, looked at from outside: what each file promises,
 * checked against what the others hold.
 */
#include "exchange/money_int.h"

#include <stdio.h>

struct report {
    char *why;
    size_t cap;
    bool ok;
};

/* Note the first thing that is wrong. */
static bool
holds(struct report *r, bool condition, const char *what, const char *where)
{
    if (condition)
        return true;
    if (r->ok)
        snprintf(r->why, r->cap, "%s (%s)", what, where);
    r->ok = false;
    return false;
}

/* One row: its sum, its links, and that its orders point back. */
static void
check_row(struct report *rep, const struct ln_ex_market *m,
          const struct ln_ex_row *row, enum ln_side side, uint32_t *quotes)
{
    const char *at = m->in->symbol;
    int64_t sum = 0;
    uint32_t prev = 0;
    for (uint32_t id = row->head; id; id = m->nodes.items[id].next) {
        const struct ln_ex_node *n = &m->nodes.items[id];
        holds(rep, n->prev == prev, "a level's queue is linked wrongly", at);
        holds(rep, n->lots > 0, "an empty order rests", at);
        holds(rep, n->side == side && n->price_ticks == row->price_ticks,
              "an order rests at a wrong price", at);
        if (n->record) {
            holds(rep, n->record->node == id && n->record->open,
                  "a resting order does not know where it rests", at);
            holds(rep, ln_ex_rest(n->record) == n->lots,
                  "a resting order has another size than its rest", at);
        } else {
            holds(rep, n->quote < m->nquotes && m->quotes[n->quote] == id,
                  "a participants' quote is not listed", at);
            (*quotes)++;
        }
        sum += n->lots;
        prev = id;
    }
    holds(rep, prev == row->tail, "a level's queue ends wrongly", at);
    holds(rep, row->head != 0, "an empty level is kept", at);
    holds(rep, sum == row->lots, "a level's size is not its orders' sum", at);
}

static void
check_book(struct report *rep, const struct ln_ex_market *m)
{
    uint32_t quotes = 0;
    for (uint32_t i = 0; i < m->bids.count; i++) {
        check_row(rep, m, &m->bids.rows[i], LN_BUY, &quotes);
        holds(rep,
              i == 0 ||
                  m->bids.rows[i].price_ticks > m->bids.rows[i - 1].price_ticks,
              "bids are not sorted", m->in->symbol);
    }
    for (uint32_t i = 0; i < m->asks.count; i++) {
        check_row(rep, m, &m->asks.rows[i], LN_SELL, &quotes);
        holds(rep,
              i == 0 ||
                  m->asks.rows[i].price_ticks < m->asks.rows[i - 1].price_ticks,
              "asks are not sorted", m->in->symbol);
    }
    holds(rep, quotes == m->nquotes, "quotes are listed that do not rest",
          m->in->symbol);
    const struct ln_ex_row *bid = ln_ex_best(&m->bids);
    const struct ln_ex_row *ask = ln_ex_best(&m->asks);
    holds(rep, !bid || !ask || bid->price_ticks < ask->price_ticks,
          "the book is crossed", m->in->symbol);
    holds(rep, m->mark_e8 > 0 && m->index_e8 > 0, "no mark price",
          m->in->symbol);
}

/* Longs and shorts of everybody cancel out. */
static void
check_sizes(struct report *rep, const struct ln_ex *ex,
            const struct ln_ex_market *m)
{
    int64_t sum = m->house_lots;
    for (uint32_t i = 0; i < ex->nclients; i++) {
        const struct ln_ex_slot *s = &ex->clients[i]->slots[m->index];
        sum += s->pos[0].lots - s->pos[1].lots;
    }
    holds(rep, sum == 0, "positions do not cancel out", m->in->symbol);
}

static uint32_t
check_slots(struct report *rep, const struct ln_ex *ex,
            const struct ln_ex_client *c)
{
    uint32_t open = 0;
    for (uint16_t i = 0; i < ex->nmarkets; i++) {
        const char *at = ex->markets[i].in->symbol;
        const struct ln_ex_slot *s = &c->slots[i];
        for (int w = 0; w < 2; w++) {
            const struct ln_ex_pos *p = &s->pos[w];
            open += p->lots > 0;
            holds(rep, p->lots >= 0 && p->cost_e8 >= 0 && p->margin_e8 >= 0,
                  "a position is negative", at);
            holds(rep, p->lots > 0 || (p->cost_e8 == 0 && p->margin_e8 == 0),
                  "a closed position has cost or margin left", at);
            holds(rep, s->margin_mode == LN_ISOLATED || p->margin_e8 == 0,
                  "a crossed position has margin of its own", at);
        }
        holds(rep,
              c->pos_mode == LN_HEDGE || !s->pos[0].lots || !s->pos[1].lots,
              "long and short at once in one-way mode", at);
    }
    return open;
}

/* What closing orders would close is there. */
static void
check_closes(struct report *rep, const struct ln_ex *ex,
             const struct ln_ex_client *c)
{
    for (uint16_t i = 0; i < ex->nmarkets; i++) {
        int64_t sum[2] = {0, 0};
        for (const struct ln_ex_record *r = c->open_newest; r;
             r = r->open_older)
            if (r->o.req.instrument == i && r->o.req.reduce_only)
                sum[r->o.req.side == LN_SELL ? 0 : 1] += ln_ex_rest(r);
        for (int w = 0; w < 2; w++)
            holds(rep, sum[w] <= c->slots[i].pos[w].lots,
                  "closing orders exceed their position",
                  ex->markets[i].in->symbol);
    }
}

/* Bills and balance agree, from each bill to the next; and from the first one
 * on, as long as all of them are kept. */
static void
check_bills(struct report *rep, const struct ln_ex_client *c)
{
    const struct ln_ex_accounting *books = c->books;
    uint32_t n = books->bills.count;
    holds(rep, books->moved_e8 == c->balance_e8,
          "the bills do not add up to the balance", "");
    if (books->lost)
        return; /* there was no memory for some */
    holds(rep, n == 0 || books->written >= n, "bills nobody wrote", "");
    int64_t balance = 0;
    for (uint32_t i = n; i-- > 0;) {
        const struct ln_ex_bill *b =
            ln_ex_ring_newest(&books->bills, i, sizeof(*b));
        balance += b->fee_e8;
        if (ln_ex_bill_moves((enum ln_ex_bill_kind)b->kind))
            balance += b->amount_e8;
        bool first = i == n - 1 && books->written > n;
        holds(rep, first || b->balance_e8 == balance,
              "a bill tells a wrong balance",
              ln_ex_bill_name((enum ln_ex_bill_kind)b->kind));
        balance = b->balance_e8;
    }
    holds(rep, n == 0 || balance == c->balance_e8,
          "the newest bill is not the balance", "");
}

static void
check_client(struct report *rep, const struct ln_ex *ex,
             const struct ln_ex_client *c)
{
    int64_t locked = 0;
    uint32_t orders = 0;
    for (const struct ln_ex_record *r = c->open_oldest; r; r = r->open_newer) {
        locked += r->o.locked_e8;
        orders++;
        holds(rep, r->open && r->node, "an open order does not rest",
              r->o.req.client_oid);
        holds(rep, !ln_order_state_final(r->o.state), "an open order is final",
              r->o.req.client_oid);
        holds(rep, r->o.locked_e8 >= 0, "an order reserves less than nothing",
              r->o.req.client_oid);
        holds(rep, ln_ex_record_find(ex, c, r->o.id, NULL) == r,
              "an open order is not found by its id", r->o.req.client_oid);
        holds(rep, ln_ex_record_find(ex, c, 0, r->o.req.client_oid) == r,
              "an open order is not found by its clientOid",
              r->o.req.client_oid);
    }
    holds(rep, locked == c->locked_e8, "locked is not the orders' sum", "");
    holds(rep, orders == c->open_orders, "open orders are miscounted", "");
    holds(rep, check_slots(rep, ex, c) == c->open_positions,
          "open positions are miscounted", "");
    holds(rep, c->open_positions > 0 || c->balance_e8 >= 0,
          "a negative balance without positions", "");
    check_closes(rep, ex, c);
    check_bills(rep, c);
}

bool
ln_ex_check(const struct ln_ex *ex, char *why, size_t cap)
{
    struct report rep = {.why = why, .cap = cap, .ok = true};
    if (cap > 0)
        why[0] = 0;
    for (uint16_t i = 0; i < ex->nmarkets; i++) {
        check_book(&rep, &ex->markets[i]);
        check_sizes(&rep, ex, &ex->markets[i]);
    }
    for (uint32_t i = 0; i < ex->nclients; i++)
        check_client(&rep, ex, ex->clients[i]);
    holds(&rep, ex->insurance_e8 >= 0, "the insurance fund is below zero", "");
    holds(&rep, ln_ex_money_total(ex) == ex->deposits_e8,
          "money was made or lost", "");
    return rep.ok;
}
