/*
 * Reading orders and fills, page by page.
 */
#include "sim/orders.h"

#define PAGE_MAX       100
#define CHUNK          128 /* rows looked at at a time */
#define DAY_MS         86400000LL
#define DEPTH_DAYS     90 /* what is older is not shown */
#define FILL_SPAN_DAYS 7  /* of fill-history, per request */

bool
ln_sim_get_order_detail(struct ln_sim_call *call)
{
    const struct ln_ex_order *o;
    struct ln_json_writer *w = &call->w;
    if (!ln_sim_find_order(call->sim, call->account, call->params, "40109", &o,
                           &call->fault))
        return false;
    if (o->req.instrument != call->inst)
        return ln_sim_fail(&call->fault, "40109",
                           "The data of the order cannot be found, please "
                           "confirm the order number");
    ln_jw_obj(w);
    ln_sim_order_members(w, call->in, o, "state");
    ln_jw_kcstr(w, "cancelReason", ln_sim_word_cancel_reason(o));
    ln_jw_kcstr(w, "newTradeSide", NULL);
    ln_jw_obj_end(w);
    return true;
}

/* ---- what a list asks for ---- */

struct filter {
    int64_t before, start_ms, end_ms; /* 0: not given */
    int64_t order_id;
    struct ln_str client_oid, status, source;
    size_t limit;
};

/* An id wins over times and cursor. Times are those of the market's clock. */
static bool
read_filter(struct ln_sim_call *call, int days, struct filter *q)
{
    struct ln_sim_fault *f = &call->fault;
    int64_t oldest_ms = ln_ex_now(call->sim->ex) - DEPTH_DAYS * DAY_MS;
    *q = (struct filter){0};
    if (!ln_sim_limit(call, PAGE_MAX, PAGE_MAX, &q->limit) ||
        !ln_sim_span_days(call, days, &q->start_ms, &q->end_ms) ||
        !ln_sim_read_id(call->params, "idLessThan", &q->before, f) ||
        !ln_sim_read_id(call->params, "orderId", &q->order_id, f))
        return false;
    if (!ln_sim_not_too_old(call, q->start_ms) ||
        !ln_sim_not_too_old(call, q->end_ms))
        return false;
    if (q->start_ms < oldest_ms)
        q->start_ms = oldest_ms;
    if (q->order_id == 0)
        q->client_oid = ln_sim_param(call->params, "clientOid");
    else
        q->before = 0;
    q->status = ln_sim_param(call->params, "status");
    q->source = ln_sim_param(call->params, "orderSource");
    return true;
}

static bool
in_span(const struct filter *q, int64_t time_ms)
{
    return time_ms >= q->start_ms && (q->end_ms == 0 || time_ms <= q->end_ms);
}

static bool
wanted(const struct filter *q, const struct ln_ex_order *o)
{
    if (q->client_oid.len > 0)
        return ln_str_eqc(q->client_oid, o->req.client_oid);
    if (q->status.len > 0 && !ln_str_eqi(q->status, ln_sim_word_status(o)))
        return false;
    if (q->source.len > 0 &&
        !ln_str_eqi(q->source, ln_sim_word_order_source(o)))
        return false;
    return in_span(q, o->created_ms);
}

/* ---- orders ---- */

static void
order_row(struct ln_sim_call *call, const struct ln_ex_order *o, bool open)
{
    struct ln_json_writer *w = &call->w;
    ln_jw_obj(w);
    ln_sim_order_members(w, ln_sim_instrument(call->sim, o->req.instrument), o,
                         "status");
    if (open) {
        ln_sim_preset_types(w, &o->req); /* by their names of 2026 */
    } else {
        ln_jw_kcstr(w, "posAvg", "");
        ln_jw_kcstr(w, "liqPrice", "");
    }
    ln_jw_obj_end(w);
}

/* One order by its id: no search through the pages. */
static bool
list_one(struct ln_sim_call *call, bool open, int64_t id)
{
    const struct ln_ex_order *o =
        ln_ex_find(call->sim->ex, call->account, id, NULL);
    size_t rows = 0;
    if (o && ln_order_state_final(o->state) != open &&
        (!call->in || o->req.instrument == call->inst)) {
        ln_sim_page_row(&call->w, "entrustedList", rows++);
        order_row(call, o, open);
    }
    ln_sim_page_end(&call->w, "entrustedList", rows, id);
    return true;
}

static bool
list_orders(struct ln_sim_call *call, bool open)
{
    const struct ln_ex_order *chunk[CHUNK];
    struct filter q;
    size_t rows = 0, n;
    int64_t last_id = 0;
    if (!read_filter(call, DEPTH_DAYS, &q))
        return false;
    if (q.order_id != 0)
        return list_one(call, open, q.order_id);
    int64_t before = q.before;
    do {
        n = ln_ex_orders(call->sim->ex, call->account, open, call->inst, before,
                         chunk, CHUNK);
        for (size_t i = 0; i < n && rows < q.limit; i++) {
            before = chunk[i]->id;
            if (!wanted(&q, chunk[i]))
                continue;
            ln_sim_page_row(&call->w, "entrustedList", rows++);
            order_row(call, chunk[i], open);
            last_id = chunk[i]->id;
        }
    } while (n == CHUNK && rows < q.limit);
    ln_sim_page_end(&call->w, "entrustedList", rows, last_id);
    return true;
}

bool
ln_sim_get_orders_pending(struct ln_sim_call *call)
{
    return list_orders(call, true);
}

bool
ln_sim_get_orders_history(struct ln_sim_call *call)
{
    return list_orders(call, false);
}

/* ---- fills ---- */

static bool
list_fills(struct ln_sim_call *call, bool history)
{
    const struct ln_ex_fill *chunk[CHUNK];
    struct filter q;
    size_t rows = 0, n;
    int64_t last_id = 0;
    if (!read_filter(call, history ? FILL_SPAN_DAYS : DEPTH_DAYS, &q))
        return false;
    int64_t before = q.before;
    do {
        n = ln_ex_fills(call->sim->ex, call->account, call->inst, q.order_id,
                        before, chunk, CHUNK);
        for (size_t i = 0; i < n && rows < q.limit; i++) {
            before = chunk[i]->trade_id;
            if (!in_span(&q, chunk[i]->time_ms))
                continue;
            ln_sim_page_row(&call->w, "fillList", rows++);
            ln_sim_fill_object(
                &call->w, ln_sim_instrument(call->sim, chunk[i]->instrument),
                chunk[i], history);
            last_id = chunk[i]->trade_id;
        }
    } while (n == CHUNK && rows < q.limit);
    ln_sim_page_end(&call->w, "fillList", rows, last_id);
    return true;
}

bool
ln_sim_get_order_fills(struct ln_sim_call *call)
{
    return list_fills(call, false);
}

bool
ln_sim_get_fill_history(struct ln_sim_call *call)
{
    return list_fills(call, true);
}
