/*
 * Every order of ours: the table, and what strategies want done with it.
 * News from the exchange is in orders_news.c.
 *
 * A record is never freed while the host lives: an id that was once ours is
 * known for good. Lookup by clientOid and by the exchange's id.
 */
#include "host/host_int.h"

#include "base/assert.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define FILLS_FIRST_NS 500000000LL /* a fill's push mostly comes at once */

enum ln_err
ln_orders_init(struct ln_host *h)
{
    ln_map_init(&h->by_oid);
    ln_map_init(&h->by_id);
    h->chunks = calloc(ORDER_CHUNKS_MAX, sizeof(struct host_order *));
    return h->chunks ? LN_OK : LN_ERR_NOMEM;
}

void
ln_orders_deinit(struct ln_host *h)
{
    for (uint32_t i = 0; h->chunks && i < ORDER_CHUNKS_MAX; i++)
        free(h->chunks[i]);
    free(h->chunks);
    free(h->open);
    ln_map_deinit(&h->by_oid);
    ln_map_deinit(&h->by_id);
}

struct host_order *
ln_orders_at(const struct ln_host *h, uint32_t index)
{
    LN_ASSERT_CMP(index, <, h->norders);
    return &h->chunks[index / ORDER_CHUNK][index % ORDER_CHUNK];
}

struct host_order *
ln_orders_record(struct ln_host *h)
{
    uint32_t chunk = h->norders / ORDER_CHUNK;
    if (chunk == ORDER_CHUNKS_MAX)
        return NULL;
    if (!h->chunks[chunk])
        h->chunks[chunk] = calloc(ORDER_CHUNK, sizeof(struct host_order));
    if (!h->chunks[chunk])
        return NULL;
    if (h->nopen == h->cap_open) {
        uint32_t cap = h->cap_open ? h->cap_open * 2 : ORDER_CHUNK;
        uint32_t *open = realloc(h->open, cap * sizeof(*open));
        if (!open)
            return NULL;
        h->open = open;
        h->cap_open = cap;
    }
    uint32_t index = h->norders++;
    struct host_order *r = ln_orders_at(h, index);
    memset(r, 0, sizeof(*r));
    r->open_index = (int32_t)h->nopen;
    h->open[h->nopen++] = index;
    return r;
}

void
ln_orders_settle(struct ln_host *h, struct host_order *r)
{
    int64_t now_ns = ln_loop_now_ns(h->loop);
    ln_feed_order(h, r);
    if (ln_order_unseen_lots(&r->o) == 0)
        r->fills_at_ns = 0;
    else if (!r->fills_at_ns)
        r->fills_at_ns = now_ns + FILLS_FIRST_NS;
    if (!ln_order_state_final(r->o.state) || r->fills_at_ns ||
        r->open_index < 0)
        return;
    uint32_t last = h->open[--h->nopen];
    h->open[r->open_index] = last;
    ln_orders_at(h, last)->open_index = r->open_index;
    r->open_index = -1;
    r->doubtful = false;
    if (r->journalled)
        ln_memory_end(h, r);
}

struct host_order *
ln_orders_find(const struct ln_host *h, const char *oid, const char *id)
{
    uint64_t index;
    if (oid[0] && ln_map_get(&h->by_oid, ln_str(oid), &index))
        return ln_orders_at(h, (uint32_t)index);
    if (id[0] && ln_map_get(&h->by_id, ln_str(id), &index))
        return ln_orders_at(h, (uint32_t)index);
    return NULL;
}

static uint32_t
index_of(const struct ln_host *h, const struct host_order *r)
{
    uint64_t index = 0;
    bool known = ln_map_get(&h->by_oid, ln_str(r->o.req.client_oid), &index);
    LN_ASSERT(known);
    return (uint32_t)index;
}

void
ln_orders_learn_id(struct ln_host *h, struct host_order *r)
{
    uint64_t known;
    if (!r->o.order_id[0] ||
        ln_map_get(&h->by_id, ln_str(r->o.order_id), &known))
        return;
    if (ln_map_put(&h->by_id, ln_str(r->o.order_id), index_of(h, r)) != LN_OK)
        ln_warn("host", "no memory to index an order by its id");
    if (r->journalled)
        ln_memory_id(h, r);
}

int
ln_orders_open(const struct ln_host *h, uint32_t owner)
{
    int n = 0;
    for (uint32_t i = 0; i < h->nopen; i++) {
        const struct ln_order *o = &ln_orders_at(h, h->open[i])->o;
        n += (!owner || o->owner == owner) && !ln_order_state_final(o->state);
    }
    return n;
}

/* ---- handles: the strategy's own numbers ---- */

void
ln_orders_forget_handles(struct strategy *s)
{
    for (uint32_t i = 0; i < s->nhandles; i++)
        ln_orders_at(s->host, s->handles[i])->o.handle = 0;
    s->nhandles = 0;
}

static bool
add_handle(struct strategy *s, uint32_t index)
{
    if (s->nhandles == s->cap_handles) {
        uint32_t cap = s->cap_handles ? s->cap_handles * 2 : 64;
        uint32_t *p = realloc(s->handles, cap * sizeof(*p));
        if (!p)
            return false;
        s->handles = p;
        s->cap_handles = cap;
    }
    s->handles[s->nhandles++] = index;
    return true;
}

static struct host_order *
by_handle(struct strategy *s, uint64_t handle)
{
    if (handle == 0 || handle > s->nhandles)
        return NULL;
    return ln_orders_at(s->host, s->handles[handle - 1]);
}

/* ---- telling the strategy ---- */

void
ln_orders_tell(struct ln_host *h, const struct ln_order *o)
{
    struct strategy *s = ln_strategy_by_number(h, o->owner);
    struct ln_msg_order m;
    if (!s || !s->port)
        return;
    memset(&m, 0, sizeof(m));
    m.handle = o->handle;
    memcpy(m.order_id, o->order_id, sizeof(m.order_id));
    m.req = o->req;
    m.state = (uint8_t)o->state;
    m.filled_lots = o->filled_lots;
    m.average_e8 = ln_order_average_e8(
        o, ln_instruments_at(h->instruments, o->req.instrument));
    m.fee_e8 = o->fee_e8;
    m.created_ms = o->created_ms;
    m.updated_ms = o->updated_ms;
    m.error_code = o->error_code;
    memcpy(m.tag, o->tag, sizeof(m.tag));
    memcpy(m.reason, o->reason, sizeof(m.reason));
    ln_strategy_send(s, &m.h, LN_MSG_ORDER, o->req.instrument, sizeof(m),
                     false);
}

void
ln_orders_replay(struct strategy *s)
{
    struct ln_host *h = s->host;
    for (uint16_t i = 0; i < h->nmarket; i++)
        if (s->own[i].p.fills || h->market[i].exchange_lots)
            ln_router_position(s, i);
    for (uint32_t i = 0; i < h->nopen; i++)
        if (ln_orders_at(h, h->open[i])->o.owner == s->number &&
            !ln_order_state_final(ln_orders_at(h, h->open[i])->o.state))
            ln_orders_tell(h, &ln_orders_at(h, h->open[i])->o);
}

/* ---- submit ---- */

static const char *
refuse_shape(const struct ln_instrument *in, const struct ln_order_request *r,
             int64_t price_e8, char *buf, size_t cap)
{
    char size[LN_DECIMAL_CAP];
    if (in->status == LN_INST_OFF || in->status == LN_INST_RESTRICTED)
        return "the instrument is not open for orders";
    if (in->status == LN_INST_LIMIT_OPEN && !r->reduce_only)
        return "the instrument only allows closing";
    if (r->size_lots <= 0 || r->size_lots < in->min_lots) {
        ln_size_format(in, in->min_lots, size);
        snprintf(buf, cap, "the size is below the minimum %s %s", size,
                 in->base);
        return buf;
    }
    if (r->type == LN_LIMIT && r->price_ticks <= 0)
        return "a limit order needs a price above 0";
    int64_t value = r->type == LN_LIMIT
                        ? ln_notional_e8(in, r->price_ticks, r->size_lots)
                        : ln_notional_of_e8(in, price_e8, r->size_lots);
    if (!r->reduce_only && price_e8 && value < in->min_notional_e8) {
        snprintf(buf, cap, "the value %.4f is below the minimum %.4f %s",
                 ln_decimal_to_double(value, 8),
                 ln_decimal_to_double(in->min_notional_e8, 8), in->quote);
        return buf;
    }
    return NULL;
}

static void
refuse(struct ln_host *h, struct host_order *r, const char *why)
{
    struct strategy *s = ln_strategy_by_number(h, r->o.owner);
    ln_order_rejected(&r->o, 0, why, ln_loop_now_ms(h->loop));
    if (s) {
        s->rejected++;
        ln_info(s->cfg->name, "order refused: %s", why);
    }
    ln_orders_settle(h, r);
    ln_orders_tell(h, &r->o);
}

/*
 * In a hedge account each order touches one side: what reduces closes the
 * opposite side, what does not opens its own.
 */
static uint8_t
hedge_side(const struct ln_host *h, const struct ln_order_request *req)
{
    if (h->account.pos_mode != LN_HEDGE)
        return LN_NET;
    bool buy = req->side == LN_BUY;
    return (uint8_t)(buy != req->reduce_only ? LN_LONG : LN_SHORT);
}

/* Lots that <s> has under way to close what it holds. */
static int64_t
closing_lots(const struct strategy *s, const struct ln_order_request *req)
{
    const struct ln_host *h = s->host;
    int64_t lots = 0;
    for (uint32_t i = 0; i < h->nopen; i++) {
        const struct ln_order *o = &ln_orders_at(h, h->open[i])->o;
        if (o->owner == s->number && o->req.instrument == req->instrument &&
            o->req.side == req->side && o->req.reduce_only &&
            o->state != LN_ORDER_PLANNED)
            lots += ln_order_open_lots(o) + ln_order_unseen_lots(o);
    }
    return lots;
}

/*
 * "Reduce" means the strategy's own position. In a one-way account several
 * strategies share one net position, which may be smaller or stand the other
 * way; then the exchange's flag would refuse a rightful close, so the host
 * bounds the size by what the strategy holds and sends it without the flag.
 * NULL: go on with <req> and *flag; otherwise why not.
 */
static const char *
bound_reduction(struct strategy *s, struct ln_order_request *req, bool *flag)
{
    const struct ln_host *h = s->host;
    bool sells = req->side == LN_SELL;
    int64_t own = s->own[req->instrument].p.size_lots;
    int64_t net = h->market[req->instrument].exchange_lots;
    *flag = req->reduce_only;
    if (!req->reduce_only || h->account.pos_mode == LN_HEDGE)
        return NULL;
    int64_t held = sells ? own : -own;
    if (held <= 0)
        return "there is no position of this strategy to reduce";
    if (req->size_lots > held)
        req->size_lots = held;
    if ((sells ? net : -net) >= req->size_lots)
        return NULL;
    *flag = false;
    int64_t left = held - closing_lots(s, req);
    if (left <= 0)
        return "the position is being closed by open orders already";
    if (req->size_lots > left)
        req->size_lots = left;
    return NULL;
}

/* A paused strategy may reduce what it holds, and nothing else. */
static const char *
refuse_paused(const struct strategy *s, const struct ln_order_request *req)
{
    return s->paused && !req->reduce_only
               ? "paused (lunette ctl): only orders that reduce are sent"
               : NULL;
}

/* Register, check, send. The strategy hears of every step. */
static struct host_order *
place(struct strategy *s, const struct ln_order_request *want, uint64_t handle,
      const char *tag)
{
    struct ln_host *h = s->host;
    struct ln_order_request req = *want;
    char why[160];
    bool reduce_flag = false;
    const char *refusal = refuse_paused(s, &req);
    if (!refusal)
        refusal = bound_reduction(s, &req, &reduce_flag);
    struct host_order *r = ln_orders_record(h);
    if (!r) {
        ln_warn(s->cfg->name, "order dropped: a million orders are remembered; "
                              "restart the host");
        return NULL;
    }
    ln_oid_make(&h->oids, s->number, req.client_oid);
    if (!req.margin_mode)
        req.margin_mode = LN_CROSSED;
    req.pos_side = hedge_side(h, &req);
    ln_order_init(&r->o, &req, s->number, handle, ln_loop_now_ms(h->loop));
    ln_str_copy(r->o.tag, sizeof(r->o.tag), ln_str(tag));
    uint32_t index = h->norders - 1;
    if (ln_map_put(&h->by_oid, ln_str(r->o.req.client_oid), index) != LN_OK ||
        (handle && !add_handle(s, index))) {
        refuse(h, r, "no memory left on the host");
        return r;
    }
    s->orders++;
    s->own[req.instrument].used = true;
    const struct ln_instrument *in =
        ln_instruments_at(h->instruments, req.instrument);
    if (!refusal)
        refusal = refuse_shape(in, &req, ln_risk_price_e8(h, req.instrument),
                               why, sizeof(why));
    if (!refusal)
        refusal = ln_risk_refuse(h, &req, NULL, why, sizeof(why));
    if (refusal) {
        refuse(h, r, refusal);
        return r;
    }
    r->unflagged = req.reduce_only && !reduce_flag;
    if (!ln_memory_submit(h, r) && !req.reduce_only &&
        h->cfg->on_store_failure == LN_STORE_STOP) {
        refuse(h, r,
               "the intent log cannot be written: nothing opens "
               "(on_store_failure)");
        return r;
    }
    r->journalled = true;
    ln_order_sent(&r->o, ln_loop_now_ms(h->loop));
    ln_feed_order(h, r);
    ln_orders_tell(h, &r->o);
    ln_debug("order", "%s from %s goes to the venue (at %lld us)",
             r->o.req.client_oid, s->cfg->name,
             (long long)(ln_loop_now_ns(h->loop) / 1000));
    req.reduce_only = reduce_flag;
    h->venue->ops->submit(h->venue, &req);
    return r;
}

void
ln_orders_submit(struct strategy *s, const struct ln_msg_submit *m)
{
    struct ln_order_request req = m->req;
    if (m->handle != s->nhandles + 1ULL) {
        snprintf(s->why_gone, sizeof(s->why_gone),
                 "it numbered its orders wrongly");
        ln_port_kill(s->port);
        return;
    }
    req.instrument = m->h.instrument;
    char tag[sizeof(m->tag)];
    memcpy(tag, m->tag, sizeof(tag));
    tag[sizeof(tag) - 1] = 0;
    place(s, &req, m->handle, tag);
}

/* ---- cancel and amend ---- */

static void
send_cancel(struct ln_host *h, struct host_order *r)
{
    if (ln_order_state_final(r->o.state))
        return;
    r->cancel_wanted = true;
    if (r->o.state == LN_ORDER_UNKNOWN || r->o.amend_sent || r->o.cancel_sent)
        return; /* sent again when that is resolved */
    r->o.cancel_sent = true;
    h->venue->ops->cancel(h->venue, r->o.req.instrument, r->o.req.client_oid,
                          r->o.order_id);
}

void
ln_orders_resume(struct ln_host *h, struct host_order *r)
{
    if (r->cancel_wanted && !ln_order_state_final(r->o.state))
        send_cancel(h, r);
}

void
ln_orders_cancel(struct strategy *s, uint64_t handle)
{
    struct host_order *r = by_handle(s, handle);
    if (r)
        send_cancel(s->host, r);
}

int
ln_orders_cancel_all(struct ln_host *h, uint32_t owner, uint16_t inst)
{
    int n = 0;
    for (uint32_t i = 0; i < h->nopen; i++) {
        struct host_order *r = ln_orders_at(h, h->open[i]);
        if ((owner && r->o.owner != owner) ||
            (inst != LN_INSTRUMENT_NONE && r->o.req.instrument != inst))
            continue;
        send_cancel(h, r);
        n++;
    }
    return n;
}

int
ln_orders_cancel_resting(struct ln_host *h, uint32_t owner)
{
    int n = 0;
    for (uint32_t i = 0; i < h->nopen; i++) {
        struct host_order *r = ln_orders_at(h, h->open[i]);
        if (r->o.owner != owner || r->o.req.type == LN_MARKET)
            continue;
        send_cancel(h, r);
        n++;
    }
    return n;
}

void
ln_orders_amend(struct strategy *s, const struct ln_msg_amend *m)
{
    struct ln_host *h = s->host;
    struct host_order *r = by_handle(s, m->handle);
    struct ln_order_request want;
    char why[160];
    if (!r || ln_order_state_final(r->o.state))
        return;
    want = r->o.req;
    /* The replacement is a new order: of what is left, not of what it was. */
    want.size_lots = ln_order_open_lots(&r->o);
    if (m->price_ticks > 0)
        want.price_ticks = m->price_ticks;
    if (m->size_lots > 0)
        want.size_lots = m->size_lots;
    const struct ln_instrument *in =
        ln_instruments_at(h->instruments, want.instrument);
    const char *refusal = NULL;
    if (r->o.amend_sent || r->o.cancel_sent ||
        (r->o.state != LN_ORDER_LIVE && r->o.state != LN_ORDER_PARTIAL))
        refusal = "the order is not ready to be amended; wait for its state";
    if (!refusal)
        refusal = refuse_paused(s, &want);
    if (!refusal)
        refusal = refuse_shape(in, &want, ln_risk_price_e8(h, want.instrument),
                               why, sizeof(why));
    if (!refusal)
        refusal = ln_risk_refuse(h, &want, &r->o, why, sizeof(why));
    if (refusal) {
        ln_str_copy(r->o.reason, sizeof(r->o.reason), ln_str(refusal));
        ln_orders_tell(h, &r->o);
        return;
    }
    ln_oid_make(&h->oids, s->number, r->amend_oid);
    if (ln_map_put(&h->by_oid, ln_str(r->amend_oid), index_of(h, r)) != LN_OK)
        return;
    r->amend_price_ticks = want.price_ticks;
    r->amend_size_lots = want.size_lots;
    if (!ln_memory_amend(h, r) && h->cfg->on_store_failure == LN_STORE_STOP) {
        ln_map_del(&h->by_oid, ln_str(r->amend_oid));
        r->amend_oid[0] = 0;
        ln_str_copy(r->o.reason, sizeof(r->o.reason),
                    ln_str("the intent log cannot be written: no amends "
                           "(on_store_failure)"));
        ln_orders_tell(h, &r->o);
        return;
    }
    r->o.amend_sent = true;
    h->venue->ops->amend(h->venue, &r->o.req, r->o.order_id, r->amend_oid,
                         want.price_ticks, want.size_lots);
}

/* ---- flatten ---- */

int
ln_orders_flatten(struct strategy *s)
{
    struct ln_host *h = s->host;
    int n = 0;
    for (uint16_t i = 0; s->own && i < h->nmarket; i++) {
        int64_t lots = s->own[i].p.size_lots;
        struct ln_order_request req = {0};
        if (lots == 0)
            continue;
        req.instrument = i;
        req.side = lots > 0 ? LN_SELL : LN_BUY;
        req.type = LN_MARKET;
        req.tif = LN_GTC;
        req.reduce_only = true;
        req.size_lots = lots > 0 ? lots : -lots;
        n += place(s, &req, 0, "flatten") != NULL;
    }
    return n;
}
