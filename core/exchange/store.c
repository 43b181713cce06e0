/*
 * Orders and fills: where they are kept and how they are found again.
 *
 * Records come from slabs and are reused, so their addresses are stable. An
 * account lists all it keeps by id, its open ones once more, and its
 * finished ones in the order in which they finished: that is the order in
 * which they are forgotten. A forgotten order lives on, unseen, as long as a
 * kept fill refers to it.
 */
#include "base/assert.h"
#include "exchange/exchange_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLAB_RECORDS 128
#define FIRST_FILLS  64

struct slab {
    struct slab *next;
    struct ln_ex_record records[SLAB_RECORDS];
};

static struct ln_str
id_key(const struct ln_ex_record *r)
{
    return ln_strn((const char *)&r->o.id, sizeof(r->o.id));
}

static struct ln_ex_record *
take_record(struct ln_ex *ex)
{
    if (!ex->free_records) {
        struct slab *slab = calloc(1, sizeof(*slab));
        if (!slab)
            return NULL;
        slab->next = ex->slabs;
        ex->slabs = slab;
        for (size_t i = SLAB_RECORDS; i-- > 0;) {
            slab->records[i].next_done = ex->free_records;
            ex->free_records = &slab->records[i];
        }
    }
    struct ln_ex_record *r = ex->free_records;
    ex->free_records = r->next_done;
    memset(r, 0, sizeof(*r));
    return r;
}

static void
give_back(struct ln_ex *ex, struct ln_ex_record *r)
{
    r->next_done = ex->free_records;
    ex->free_records = r;
}

/* By id and by clientOid; false: no memory, and in neither. */
static bool
index_record(struct ln_ex *ex, struct ln_ex_client *c, struct ln_ex_record *r)
{
    if (ln_map_put(&ex->by_id, id_key(r), (uint64_t)(uintptr_t)r) != LN_OK)
        return false;
    if (ln_map_put(&c->by_oid, ln_str(r->o.req.client_oid),
                   (uint64_t)(uintptr_t)r) == LN_OK)
        return true;
    ln_map_del(&ex->by_id, id_key(r));
    return false;
}

static void
link_record(struct ln_ex_client *c, struct ln_ex_record *r)
{
    r->older = c->newest;
    if (c->newest)
        c->newest->newer = r;
    else
        c->oldest = r;
    c->newest = r;

    r->open_older = c->open_newest;
    if (c->open_newest)
        c->open_newest->open_newer = r;
    else
        c->open_oldest = r;
    c->open_newest = r;
    r->open = r->kept = true;
    c->open_orders++;
}

struct ln_ex_record *
ln_ex_record_new(struct ln_ex *ex, struct ln_ex_client *c,
                 const struct ln_order_request *req)
{
    struct ln_ex_record *r = take_record(ex);
    if (!r)
        return NULL;
    r->o.id = ex->next_order_id++;
    r->o.account = c->handle;
    r->o.req = *req;
    r->o.req.client_oid[LN_OID_CAP - 1] = 0;
    if (!r->o.req.client_oid[0])
        snprintf(r->o.req.client_oid, LN_OID_CAP, "%lld", (long long)r->o.id);
    r->o.state = LN_ORDER_LIVE;
    r->o.pos_mode = c->pos_mode;
    r->o.created_ms = r->o.updated_ms = ex->now_ms;
    if (!index_record(ex, c, r)) {
        give_back(ex, r);
        return NULL;
    }
    link_record(c, r);
    return r;
}

static void
unlink_open(struct ln_ex_client *c, struct ln_ex_record *r)
{
    if (r->open_older)
        r->open_older->open_newer = r->open_newer;
    else
        c->open_oldest = r->open_newer;
    if (r->open_newer)
        r->open_newer->open_older = r->open_older;
    else
        c->open_newest = r->open_older;
    r->open_older = r->open_newer = NULL;
    r->open = false;
    c->open_orders--;
}

/* The one that finished first is kept no longer. */
static void
forget_oldest(struct ln_ex *ex, struct ln_ex_client *c)
{
    struct ln_ex_record *r = c->done_first;
    uint64_t at;
    c->done_first = r->next_done;
    if (!c->done_first)
        c->done_last = NULL;
    c->done--;

    if (r->older)
        r->older->newer = r->newer;
    else
        c->oldest = r->newer;
    if (r->newer)
        r->newer->older = r->older;
    else
        c->newest = r->older;
    r->kept = false;

    ln_map_del(&ex->by_id, id_key(r));
    /* A later order may have taken the same clientOid over. */
    struct ln_str oid = ln_str(r->o.req.client_oid);
    if (ln_map_get(&c->by_oid, oid, &at) && at == (uint64_t)(uintptr_t)r)
        ln_map_del(&c->by_oid, oid);
    if (r->fills == 0)
        give_back(ex, r);
}

void
ln_ex_record_done(struct ln_ex *ex, struct ln_ex_client *c,
                  struct ln_ex_record *r)
{
    LN_ASSERT(r->open);
    unlink_open(c, r);
    r->next_done = NULL;
    if (c->done_last)
        c->done_last->next_done = r;
    else
        c->done_first = r;
    c->done_last = r;
    c->done++;
    if (c->done > LN_EX_HISTORY_MAX)
        forget_oldest(ex, c);
}

/* Room for one more fill; false: no memory. */
static bool
fill_room(struct ln_ex *ex, struct ln_ex_fill_ring *f)
{
    if (f->count < f->cap)
        return true;
    if (f->cap < LN_EX_HISTORY_MAX) {
        uint32_t cap = f->cap ? f->cap * 2 : FIRST_FILLS;
        if (cap > LN_EX_HISTORY_MAX)
            cap = LN_EX_HISTORY_MAX;
        /* It has never wrapped before its largest size: first is 0. */
        return ln_ex_grow((void **)&f->items, &f->cap, cap, sizeof(*f->items));
    }
    struct ln_ex_record *r = f->items[f->first].record;
    f->first = (f->first + 1) % f->cap;
    f->count--;
    if (--r->fills == 0 && !r->kept)
        give_back(ex, r);
    return true;
}

struct ln_ex_fill_record *
ln_ex_fill_keep(struct ln_ex *ex, struct ln_ex_client *c,
                struct ln_ex_record *r, const struct ln_ex_fill *fill)
{
    struct ln_ex_fill_ring *f = &c->fills;
    if (!fill_room(ex, f))
        return NULL;
    struct ln_ex_fill_record *at = &f->items[(f->first + f->count) % f->cap];
    f->count++;
    at->fill = *fill;
    at->record = r;
    r->fills++;
    return at;
}

struct ln_ex_record *
ln_ex_record_find(const struct ln_ex *ex, const struct ln_ex_client *c,
                  int64_t id, const char *client_oid)
{
    uint64_t at;
    struct ln_ex_record *r;
    if (id != 0) {
        struct ln_str key = ln_strn((const char *)&id, sizeof(id));
        if (!ln_map_get(&ex->by_id, key, &at))
            return NULL;
        r = (struct ln_ex_record *)(uintptr_t)at;
        return r->o.account == c->handle ? r : NULL;
    }
    if (!client_oid || !client_oid[0] ||
        !ln_map_get(&c->by_oid, ln_str(client_oid), &at))
        return NULL;
    return (struct ln_ex_record *)(uintptr_t)at;
}

const struct ln_ex_order *
ln_ex_find(const struct ln_ex *ex, ln_ex_account a, int64_t id,
           const char *client_oid)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    const struct ln_ex_record *r =
        c ? ln_ex_record_find(ex, c, id, client_oid) : NULL;
    return r ? &r->o : NULL;
}

size_t
ln_ex_orders(const struct ln_ex *ex, ln_ex_account a, bool open, uint16_t inst,
             int64_t before_id, const struct ln_ex_order **out, size_t cap)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    size_t n = 0;
    if (!c)
        return 0;
    const struct ln_ex_record *r = open ? c->open_newest : c->newest;
    for (; r && n < cap; r = open ? r->open_older : r->older) {
        bool wanted =
            r->open == open &&
            (inst == LN_INSTRUMENT_NONE || inst == r->o.req.instrument) &&
            (before_id == 0 || r->o.id < before_id);
        if (wanted)
            out[n++] = &r->o;
    }
    return n;
}

size_t
ln_ex_fills(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
            int64_t order_id, int64_t before_trade_id,
            const struct ln_ex_fill **out, size_t cap)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    size_t n = 0;
    if (!c)
        return 0;
    const struct ln_ex_fill_ring *f = &c->fills;
    for (uint32_t i = f->count; i-- > 0 && n < cap;) {
        const struct ln_ex_fill *fill = &f->items[(f->first + i) % f->cap].fill;
        bool wanted =
            (inst == LN_INSTRUMENT_NONE || inst == fill->instrument) &&
            (order_id == 0 || order_id == fill->order->id) &&
            (before_trade_id == 0 || fill->trade_id < before_trade_id);
        if (wanted)
            out[n++] = fill;
    }
    return n;
}

void
ln_ex_client_store_deinit(struct ln_ex_client *c)
{
    free(c->fills.items);
    ln_map_deinit(&c->by_oid);
}

void
ln_ex_store_deinit(struct ln_ex *ex)
{
    struct slab *slab = ex->slabs;
    while (slab) {
        struct slab *next = slab->next;
        free(slab);
        slab = next;
    }
    ln_map_deinit(&ex->by_id);
}
