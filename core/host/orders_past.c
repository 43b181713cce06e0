/*
 * Orders that are ours though nobody here has just sent them: of an earlier
 * start, from the intent log or from the exchange's lists.
 */
#include "host/host_int.h"

#include "base/log.h"

#include <stdlib.h>

struct host_order *
ln_orders_adopt(struct ln_host *h, const struct ln_order_request *req,
                uint32_t owner, const char *tag, int64_t created_ms)
{
    struct strategy *s = ln_strategy_by_number(h, owner);
    struct host_order *r = ln_orders_record(h);
    if (!r)
        return NULL;
    ln_order_init(&r->o, req, owner, 0, created_ms);
    ln_str_copy(r->o.tag, sizeof(r->o.tag), ln_str(tag));
    ln_order_sent(&r->o, created_ms);
    if (ln_map_put(&h->by_oid, ln_str(r->o.req.client_oid), h->norders - 1) !=
        LN_OK) {
        ln_warn("host", "no memory to index an order");
        return NULL;
    }
    if (s && s->own)
        s->own[req->instrument].used = true;
    if (!h->replaying)
        ln_memory_submit(h, r);
    r->journalled = true;
    ln_feed_order(h, r);
    return r;
}

void
ln_orders_amending(struct ln_host *h, struct host_order *r, const char *new_oid,
                   int64_t price_ticks, int64_t size_lots)
{
    uint64_t index;
    if (!ln_map_get(&h->by_oid, ln_str(r->o.req.client_oid), &index))
        return;
    ln_str_copy(r->amend_oid, sizeof(r->amend_oid), ln_str(new_oid));
    if (ln_map_put(&h->by_oid, ln_str(r->amend_oid), index) != LN_OK) {
        h->memory_lost = true;
        return;
    }
    r->amend_price_ticks = price_ticks;
    r->amend_size_lots = size_lots;
    r->o.amend_sent = true;
}

void
ln_orders_doubt(struct ln_host *h, struct host_order *r, const char *why)
{
    int64_t now_ns = ln_loop_now_ns(h->loop);
    if (ln_order_state_final(r->o.state))
        return;
    ln_order_lost(&r->o, why, ln_loop_now_ms(h->loop));
    r->doubtful = true;
    r->lost_ns = now_ns;
    r->absences = 0;
    r->query_at_ns = now_ns ? now_ns : 1;
}

void
ln_orders_hand_over(struct ln_host *h, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < h->nopen; i++) {
        struct host_order *r = ln_orders_at(h, h->open[i]);
        if (r->o.owner != from)
            continue;
        r->o.owner = to;
        r->o.handle = 0;
        ln_memory_submit(h, r);
    }
}

/* Terms as far as an update or a fill tells them. */
static struct ln_order_request
terms_of(const struct ln_order_update *u, const struct ln_fill *f)
{
    struct ln_order_request req = {.margin_mode = LN_CROSSED};
    if (u) {
        memcpy(req.client_oid, u->client_oid, sizeof(req.client_oid));
        req.instrument = u->instrument;
        req.side = u->side;
        req.type = u->type;
        req.tif = u->tif;
        req.pos_side = u->pos_side;
        req.reduce_only = u->reduce_only;
        req.price_ticks = u->price_ticks;
        req.size_lots = u->size_lots;
    } else {
        memcpy(req.client_oid, f->client_oid, sizeof(req.client_oid));
        req.instrument = f->instrument;
        req.side = f->side;
        req.type = LN_LIMIT;
        req.tif = LN_GTC;
        req.pos_side = f->pos_side;
        req.price_ticks = f->price_ticks;
        req.size_lots = f->size_lots + 1; /* more than that: not filled yet */
    }
    return req;
}

struct host_order *
ln_orders_find_lost(struct ln_host *h, const struct ln_order_update *u,
                    const struct ln_fill *f)
{
    struct ln_order_request req = terms_of(u, f);
    uint32_t owner = ln_oid_owner(&h->oids, ln_str(req.client_oid));
    if (!owner || req.instrument >= h->nmarket || req.size_lots <= 0)
        return NULL;
    /* One that has ended matters by its fills alone, and these come as such:
     * the log forgets orders that are settled. */
    if (u && ln_order_state_final(u->state))
        return NULL;
    struct strategy *s = ln_strategy_by_number(h, owner);
    if (!s || !s->own)
        return NULL;
    struct host_order *r =
        ln_orders_adopt(h, &req, owner, "", u ? u->created_ms : f->time_ms);
    if (!r)
        return NULL;
    ln_warn("host", "order %s of strategy %s was not in the intent log",
            req.client_oid, s->cfg->name);
    if (f) {
        r->guessed = true;
        memcpy(r->o.order_id, f->order_id, sizeof(r->o.order_id));
        ln_orders_learn_id(h, r);
        ln_orders_doubt(h, r, "a fill told of it");
    }
    return r;
}
