/*
 * News about orders of ours: answers, pushes, fills, query results, in any
 * order, twice or late. Each goes through the order's state machine
 * (core/trade/order.h); what has changed is told to the strategy that owns
 * it. Orders that are not ours are left alone.
 *
 * Unknown orders (no answer to a submit) are asked for by clientOid until the
 * exchange has answered for sure; until then they count as if they were live.
 */
#include "host/host_int.h"

#include "base/log.h"

#include <stdio.h>

#define QUERY_FIRST_NS  500000000LL
#define QUERY_AGAIN_NS  2000000000LL
#define ABSENT_AFTER_NS 5000000000LL /* the query view may lag behind */
#define ABSENT_ANSWERS  3
#define FILLS_BACK_MS   60000 /* clocks may differ */
#define ABSENT_AGAIN_NS 30000000000LL

/* The way of an order, step by step, for those who ask for level debug. */
static void
trace(const struct ln_host *h, const struct host_order *r, const char *what)
{
    ln_debug("order", "%s %s: %s, filled %lld (at %lld us)",
             r->o.req.client_oid, what, ln_order_state_name(r->o.state),
             (long long)r->o.filled_lots,
             (long long)(ln_loop_now_ns(h->loop) / 1000));
}

static void
changed(struct ln_host *h, struct host_order *r)
{
    r->tell_pending = false;
    ln_orders_learn_id(h, r);
    ln_orders_settle(h, r);
    ln_orders_tell(h, &r->o);
    ln_orders_resume(h, r);
}

void
ln_orders_switch(struct ln_host *h, struct host_order *r, const char *order_id)
{
    char replaced[LN_OID_CAP];
    uint64_t index;
    memcpy(replaced, r->amend_oid, sizeof(replaced));
    if (!ln_map_get(&h->by_oid, ln_str(r->o.req.client_oid), &index))
        return;
    /* The map's keys live in the record: take out, move, put back. */
    ln_map_del(&h->by_oid, ln_str(r->o.req.client_oid));
    ln_map_del(&h->by_oid, ln_str(r->amend_oid));
    if (r->old_oid[0])
        ln_map_del(&h->by_oid, ln_str(r->old_oid));
    if (r->o.order_id[0])
        ln_map_del(&h->by_id, ln_str(r->o.order_id));
    memcpy(r->old_oid, r->o.req.client_oid, sizeof(r->old_oid));
    memcpy(r->o.req.client_oid, replaced, sizeof(replaced));
    r->amend_oid[0] = 0;
    r->o.order_id[0] = 0; /* the replaced one's */
    ln_order_amended(&r->o, order_id, r->amend_price_ticks, r->amend_size_lots,
                     ln_loop_now_ms(h->loop));
    if (ln_map_put(&h->by_oid, ln_str(r->o.req.client_oid), index) != LN_OK ||
        ln_map_put(&h->by_oid, ln_str(r->old_oid), index) != LN_OK)
        ln_warn("host", "no memory to index an amended order");
    r->o.amend_sent = false;
    r->has_replaced_cancel = false; /* it was about the replaced one */
}

void
ln_orders_update(struct ln_host *h, const struct ln_order_update *u)
{
    struct host_order *r = ln_orders_find(h, u->client_oid, u->order_id);
    if (!r)
        r = ln_orders_find_lost(h, u, NULL);
    if (!r) {
        h->foreign_orders_moved = true;
        return; /* not ours */
    }
    if (r->guessed && strcmp(u->client_oid, r->o.req.client_oid) == 0) {
        r->guessed = false; /* a fill had told of it; these are its terms */
        r->o.req.type = u->type;
        r->o.req.tif = u->tif;
        r->o.req.price_ticks = u->price_ticks;
        r->o.req.size_lots = u->size_lots;
        r->o.req.reduce_only = u->reduce_only;
    }
    bool switched = r->amend_oid[0] && strcmp(u->client_oid, r->amend_oid) == 0;
    if (switched)
        ln_orders_switch(h, r, u->order_id);
    if (u->client_oid[0] && strcmp(u->client_oid, r->o.req.client_oid) != 0)
        return; /* about what an amend has replaced */
    if (r->o.amend_sent && u->state == LN_ORDER_CANCELLED) {
        /* Half of the replacement, or a real cancel: the answer will tell. */
        r->query_at_ns = ln_loop_now_ns(h->loop) + QUERY_AGAIN_NS;
        r->replaced_cancel = *u;
        r->has_replaced_cancel = true;
        return;
    }
    bool news = ln_order_apply(&r->o, u) || switched || r->tell_pending;
    r->doubtful = false;
    trace(h, r, "push");
    if (news)
        changed(h, r);
}

void
ln_orders_fill(struct ln_host *h, const struct ln_fill *f)
{
    struct host_order *r = ln_orders_find(h, f->client_oid, f->order_id);
    struct ln_msg_fill m;
    if (f->instrument >= h->nmarket || ln_booked_before(h, f))
        return;
    if (!r && !h->replaying)
        r = ln_orders_find_lost(h, NULL, f);
    if (!r) {
        if (!h->replaying)
            ln_audit_foreign_fill(h, f);
        return;
    }
    struct strategy *s = ln_strategy_by_number(h, r->o.owner);
    if (!s)
        return;
    /* A fill of the replacement is the first word that it exists. */
    bool switched = r->amend_oid[0] && strcmp(f->client_oid, r->amend_oid) == 0;
    if (switched)
        ln_orders_switch(h, r, f->order_id);
    /* Late fills of what an amend replaced count for the position alone. */
    bool replaced = r->old_oid[0] && strcmp(f->client_oid, r->old_oid) == 0;
    if (r->guessed && r->o.req.size_lots <= r->o.fills_lots + f->size_lots)
        r->o.req.size_lots = r->o.fills_lots + f->size_lots + 1;
    enum ln_order_state state = r->o.state;
    int64_t filled = r->o.filled_lots;
    if (!(replaced ? ln_order_fill_is_new(&r->o, f->trade_id)
                   : ln_order_fill(&r->o, f)))
        return;
    ln_position_fill(&s->own[f->instrument].p,
                     ln_instruments_at(h->instruments, f->instrument), f);
    s->own[f->instrument].used = true;
    ln_booked_add(h, f);
    struct ln_fill ours = *f;
    ln_str_copy(ours.client_oid, sizeof(ours.client_oid),
                ln_str(r->o.req.client_oid));
    ln_memory_fill(h, s->number, &ours);
    s->fills++;
    s->fees_e8 += f->fee_e8;
    ln_feed_fill(h, s, r, f);
    ln_feed_position(h, s, f->instrument);
    trace(h, r, "fill");
    memset(&m, 0, sizeof(m));
    m.handle = r->o.handle;
    m.fill = ours;
    ln_strategy_send(s, &m.h, LN_MSG_FILL, f->instrument, sizeof(m), false);
    ln_router_position(s, f->instrument);
    /* The order's own push mostly comes in the same turn and says more. */
    if (!switched && r->o.state == state && r->o.filled_lots == filled) {
        ln_orders_settle(h, r);
        return;
    }
    if (ln_order_state_final(state)) {
        changed(h, r); /* it was final already: nothing else is to come */
    } else {
        r->tell_pending = true;
        ln_timer_start(h->tell_timer, 0, 0);
    }
}

void
ln_orders_tell_pending(void *host)
{
    struct ln_host *h = host;
    /* Backwards: a final order leaves the list, the last takes its place. */
    for (uint32_t i = h->nopen; i > 0; i--) {
        struct host_order *r = ln_orders_at(h, h->open[i - 1]);
        if (r->tell_pending)
            changed(h, r);
    }
}

/* ---- results ---- */

static void
ask_later(struct ln_host *h, struct host_order *r, int64_t delay_ns)
{
    r->query_at_ns = ln_loop_now_ns(h->loop) + delay_ns;
}

static void
lost(struct ln_host *h, struct host_order *r, const char *why)
{
    if (ln_order_lost(&r->o, why, ln_loop_now_ms(h->loop))) {
        ln_warn("host", "order %s: outcome unknown (%s), asking the exchange",
                r->o.req.client_oid, why);
        r->lost_ns = ln_loop_now_ns(h->loop);
        r->absences = 0;
        changed(h, r);
    }
    ask_later(h, r, QUERY_FIRST_NS);
}

static void
submit_result(struct ln_host *h, struct host_order *r,
              const struct ln_venue_event *e)
{
    const struct ln_venue_error *err = &e->u.result.error;
    int64_t now = ln_loop_now_ms(h->loop);
    trace(h, r, err->code == LN_OK ? "answer accepted" : "answer refused");
    if (err->code == LN_OK) {
        if (ln_order_accepted(&r->o, e->u.result.order_id, now))
            changed(h, r);
        else
            ln_orders_learn_id(h, r);
        return;
    }
    if (err->verdict == LN_VERDICT_ASK ||
        (err->verdict == LN_VERDICT_RETRY && err->sent &&
         err->exchange_code == 0 && err->http_status == 0)) {
        lost(h, r, err->message);
        return;
    }
    struct strategy *s = ln_strategy_by_number(h, r->o.owner);
    if (ln_order_rejected(&r->o, err->exchange_code, err->message, now)) {
        if (s)
            s->rejected++;
        ln_warn(s ? s->cfg->name : "host", "order rejected: %s (%d)",
                err->message, err->exchange_code);
        changed(h, r);
    }
}

static void
cancel_result(struct ln_host *h, struct host_order *r,
              const struct ln_venue_event *e)
{
    const struct ln_venue_error *err = &e->u.result.error;
    r->o.cancel_sent = false;
    if (ln_order_state_final(r->o.state))
        return;
    if (err->code == LN_OK) {
        r->o.cancel_sent = true; /* accepted: the push says the rest */
        ask_later(h, r, QUERY_AGAIN_NS);
        return;
    }
    /* Not there any more, or no answer: the exchange knows what it is. */
    ask_later(h, r,
              err->verdict == LN_VERDICT_RETRY ? QUERY_AGAIN_NS
                                               : QUERY_FIRST_NS);
}

static void
amend_result(struct ln_host *h, struct host_order *r,
             const struct ln_venue_event *e)
{
    const struct ln_venue_error *err = &e->u.result.error;
    if (!r->o.amend_sent)
        return; /* the push of the replacement came first */
    if (err->code == LN_OK) {
        ln_orders_switch(h, r, e->u.result.order_id);
        r->has_replaced_cancel = false;
        changed(h, r);
        return;
    }
    if (err->verdict == LN_VERDICT_ASK) {
        /* Either id may be the living one: ask for the replacement first. */
        ask_later(h, r, QUERY_FIRST_NS);
        r->absences = 0;
        return;
    }
    r->o.amend_sent = false;
    ln_str_copy(r->o.reason, sizeof(r->o.reason), ln_str(err->message));
    if (r->has_replaced_cancel) {
        r->has_replaced_cancel = false;
        ln_order_apply(&r->o, &r->replaced_cancel);
    }
    ask_later(h, r, QUERY_FIRST_NS);
    changed(h, r);
}

/* An answer to "what became of it": an ORDER event came before if found. */
static void
query_result(struct ln_host *h, struct host_order *r,
             const struct ln_venue_event *e)
{
    int64_t now_ns = ln_loop_now_ns(h->loop);
    int64_t now_ms = ln_loop_now_ms(h->loop);
    r->query_sent = false;
    if (e->u.result.error.code != LN_OK) {
        ask_later(h, r, QUERY_AGAIN_NS);
        return;
    }
    if (e->u.result.found) {
        r->doubtful = false;
        r->o.cancel_sent = false;
        ln_orders_resume(h, r);
        if (!ln_order_state_final(r->o.state) &&
            (r->o.cancel_sent || r->o.amend_sent))
            ask_later(h, r, QUERY_AGAIN_NS);
        return;
    }
    r->absences++;
    if (r->o.amend_sent) {
        if (r->absences >= ABSENT_ANSWERS) {
            r->o.amend_sent = false; /* the replacement was never made */
            r->amend_oid[0] = 0;
            r->absences = 0;
        }
        ask_later(h, r, QUERY_AGAIN_NS);
        return;
    }
    if (r->absences < ABSENT_ANSWERS || now_ns - r->lost_ns < ABSENT_AFTER_NS) {
        ask_later(h, r, QUERY_AGAIN_NS);
        return;
    }
    if (r->o.state == LN_ORDER_LIVE || r->o.state == LN_ORDER_PARTIAL) {
        /* It was there, so it cannot have been nothing: it goes on counting
         * as open until the exchange tells how it ended. */
        if (r->absences == ABSENT_ANSWERS)
            ln_log(LN_LOG_ERROR, "host",
                   "order %s was open and is not known to the exchange any "
                   "more; still asking",
                   r->o.req.client_oid);
        ask_later(h, r, ABSENT_AGAIN_NS);
        return;
    }
    if (ln_order_absent(&r->o, now_ms)) {
        ln_warn("host", "order %s never reached the exchange",
                r->o.req.client_oid);
        changed(h, r);
    }
}

void
ln_orders_result(struct ln_host *h, const struct ln_venue_event *e)
{
    struct host_order *r =
        ln_orders_find(h, e->u.result.client_oid, e->u.result.order_id);
    if (!r)
        return;
    switch (e->u.result.op) {
    case LN_OP_SUBMIT:
        submit_result(h, r, e);
        break;
    case LN_OP_CANCEL:
        cancel_result(h, r, e);
        break;
    case LN_OP_AMEND:
        amend_result(h, r, e);
        break;
    case LN_OP_QUERY:
        query_result(h, r, e);
        break;
    }
}

static bool
listed(const struct ln_venue_event *e, const char *oid)
{
    for (size_t i = 0; i < e->u.orders.count; i++)
        if (strcmp(e->u.orders.items[i].client_oid, oid) == 0)
            return true;
    return false;
}

/* Others' orders of the account may execute, too: they are exposure. */
static void
count_foreign(struct ln_host *h, const struct ln_order_update *u)
{
    if (u->instrument >= h->nmarket || u->reduce_only ||
        ln_orders_find(h, u->client_oid, u->order_id))
        return;
    struct market_state *m = &h->market[u->instrument];
    int64_t rest = u->size_lots - u->filled_lots;
    if (u->side == LN_BUY)
        m->foreign_buy_lots += rest;
    else
        m->foreign_sell_lots += rest;
}

/*
 * A complete list of open orders, after a reconnect: what we believe to be
 * open and is not in it must be asked for.
 */
void
ln_orders_snapshot(struct ln_host *h, const struct ln_venue_event *e)
{
    if (e->u.orders.error.code != LN_OK)
        return;
    for (uint16_t i = 0; i < h->nmarket; i++)
        h->market[i].foreign_buy_lots = h->market[i].foreign_sell_lots = 0;
    for (size_t i = 0; i < e->u.orders.count; i++) {
        ln_orders_update(h, &e->u.orders.items[i]);
        count_foreign(h, &e->u.orders.items[i]);
    }
    h->foreign_orders_moved = false;
    for (uint32_t i = 0; i < h->nopen; i++) {
        struct host_order *r = ln_orders_at(h, h->open[i]);
        if ((r->o.state == LN_ORDER_LIVE || r->o.state == LN_ORDER_PARTIAL) &&
            !listed(e, r->o.req.client_oid))
            ask_later(h, r, QUERY_FIRST_NS);
    }
}

void
ln_orders_tick(struct ln_host *h, int64_t now_ns)
{
    for (uint32_t i = 0; i < h->nopen; i++) {
        struct host_order *r = ln_orders_at(h, h->open[i]);
        if (r->fills_at_ns && now_ns >= r->fills_at_ns) {
            r->fills_at_ns = now_ns + QUERY_AGAIN_NS;
            h->venue->ops->query_fills(h->venue, r->o.req.instrument,
                                       r->o.created_ms - FILLS_BACK_MS);
        }
        if (!r->query_at_ns || r->query_sent || now_ns < r->query_at_ns)
            continue;
        r->query_at_ns = 0;
        r->query_sent = true;
        h->venue->ops->query_order(h->venue, r->o.req.instrument,
                                   r->o.amend_sent ? r->amend_oid
                                                   : r->o.req.client_oid);
    }
}
