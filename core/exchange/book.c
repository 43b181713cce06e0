/*
 * The order book of one market: a ladder of price rows per side, and in each
 * row a FIFO of nodes. Rows are sorted with the best at the end, where nearly
 * all changes happen, so that little is moved. Nodes come from a pool and
 * are named by index: a pool that grows moves them.
 */
#include "base/assert.h"
#include "exchange/exchange_int.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_NODES 512
#define FIRST_ROWS  256

/* Where a price is, or belongs, in a ladder. */
static uint32_t
find(const struct ln_ex_ladder *l, enum ln_side side, int64_t price)
{
    uint32_t lo = 0, hi = l->count;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int64_t p = l->rows[mid].price_ticks;
        bool worse = side == LN_BUY ? p < price : p > price;
        if (worse)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void
level_changed(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
              int64_t price, int64_t lots)
{
    m->seq++;
    if (!ex->sink)
        return;
    struct ln_ex_event e = {.type = LN_EXE_LEVEL, .instrument = m->index};
    e.u.level.side = side;
    e.u.level.level = (struct ln_level){price, lots};
    ln_ex_emit(ex, &e);
}

/* An unused node's index; 0 when there is no memory. */
static uint32_t
take_node(struct ln_ex_nodes *n)
{
    if (!n->free_head) {
        uint32_t old = n->cap;
        uint32_t want = old ? old * 2 : FIRST_NODES;
        if (!ln_ex_grow((void **)&n->items, &n->cap, want, sizeof(*n->items)))
            return 0;
        for (uint32_t i = n->cap - 1; i >= (old ? old : 1); i--) {
            n->items[i].next = n->free_head;
            n->free_head = i;
        }
    }
    uint32_t node = n->free_head;
    n->free_head = n->items[node].next;
    return node;
}

/* The row of a price, made if it is missing; NULL: no memory. */
static struct ln_ex_row *
row_of(struct ln_ex_ladder *l, enum ln_side side, int64_t price)
{
    uint32_t at = find(l, side, price);
    if (at < l->count && l->rows[at].price_ticks == price)
        return &l->rows[at];
    uint32_t want = l->cap ? l->cap * 2 : FIRST_ROWS;
    if (l->count == l->cap &&
        !ln_ex_grow((void **)&l->rows, &l->cap, want, sizeof(*l->rows)))
        return NULL;
    memmove(&l->rows[at + 1], &l->rows[at], (l->count - at) * sizeof(*l->rows));
    l->count++;
    l->rows[at] = (struct ln_ex_row){.price_ticks = price};
    return &l->rows[at];
}

uint32_t
ln_ex_book_add(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
               int64_t price_ticks, int64_t lots, struct ln_ex_record *record)
{
    LN_ASSERT_CMP(lots, >, 0);
    uint32_t id = take_node(&m->nodes);
    if (!id)
        return 0;
    struct ln_ex_node *node = &m->nodes.items[id];
    struct ln_ex_row *row = row_of(ln_ex_ladder(m, side), side, price_ticks);
    if (!row) {
        node->next = m->nodes.free_head;
        m->nodes.free_head = id;
        return 0;
    }
    *node = (struct ln_ex_node){.price_ticks = price_ticks,
                                .lots = lots,
                                .record = record,
                                .prev = row->tail,
                                .side = (uint8_t)side};
    if (row->tail)
        m->nodes.items[row->tail].next = id;
    else
        row->head = id;
    row->tail = id;
    row->lots += lots;
    level_changed(ex, m, side, price_ticks, row->lots);
    return id;
}

static void
unlink_node(struct ln_ex_market *m, struct ln_ex_row *row, uint32_t id)
{
    struct ln_ex_node *items = m->nodes.items;
    struct ln_ex_node *node = &items[id];
    if (node->prev)
        items[node->prev].next = node->next;
    else
        row->head = node->next;
    if (node->next)
        items[node->next].prev = node->prev;
    else
        row->tail = node->prev;
    if (node->record)
        node->record->node = 0;
    else
        ln_ex_quotes_forget(m, id);
    node->record = NULL;
    node->next = m->nodes.free_head;
    m->nodes.free_head = id;
}

void
ln_ex_book_reduce(struct ln_ex *ex, struct ln_ex_market *m, uint32_t id,
                  int64_t lots)
{
    struct ln_ex_node *node = &m->nodes.items[id];
    enum ln_side side = node->side;
    int64_t price = node->price_ticks;
    struct ln_ex_ladder *l = ln_ex_ladder(m, side);
    uint32_t at = find(l, side, price);
    LN_ASSERT_CMP(at, <, l->count);
    struct ln_ex_row *row = &l->rows[at];
    LN_ASSERT_CMP(row->price_ticks, ==, price);
    LN_ASSERT_CMP(lots, <=, node->lots);

    node->lots -= lots;
    row->lots -= lots;
    int64_t left = row->lots;
    if (node->lots == 0)
        unlink_node(m, row, id);
    if (!row->head) {
        l->count--;
        memmove(&l->rows[at], &l->rows[at + 1],
                (l->count - at) * sizeof(*l->rows));
    }
    level_changed(ex, m, side, price, left);
}

void
ln_ex_book_deinit(struct ln_ex_market *m)
{
    free(m->nodes.items);
    free(m->bids.rows);
    free(m->asks.rows);
}
