/*
 * Reading orders and fills, page by page.
 */
#include "sim/routes.h"
#include "sim/wire.h"

#define PAGE_MAX     100
#define CHUNK        128 /* rows looked at at a time */
#define FILL_SPAN_MS (7 * 86400000LL)

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

/* An id of up to 19 digits; 0 when absent. */
static bool
read_id(struct ln_sim_call *call, const char *name, int64_t *out)
{
    struct ln_str text = ln_sim_param(call->params, name);
    *out = 0;
    if (text.len == 0 ||
        (text.ptr[0] >= '0' && text.ptr[0] <= '9' &&
         ln_decimal_parse(text, 0, LN_ROUND_EXACT, out) == LN_OK))
        return true;
    return ln_sim_fail(&call->fault, "40402", "%s format error", name);
}

/* An id wins over times, times over the cursor. */
static bool
read_filter(struct ln_sim_call *call, struct filter *q)
{
    *q = (struct filter){0};
    if (!ln_sim_limit(call, PAGE_MAX, PAGE_MAX, &q->limit) ||
        !ln_sim_span(call, &q->start_ms, &q->end_ms) ||
        !read_id(call, "idLessThan", &q->before) ||
        !read_id(call, "orderId", &q->order_id))
        return false;
    if (q->order_id == 0)
        q->client_oid = ln_sim_param(call->params, "clientOid");
    q->status = ln_sim_param(call->params, "status");
    q->source = ln_sim_param(call->params, "orderSource");
    return true;
}

static bool
in_span(const struct filter *q, int64_t time_ms)
{
    return (q->start_ms == 0 || time_ms >= q->start_ms) &&
           (q->end_ms == 0 || time_ms <= q->end_ms);
}

static bool
wanted(const struct filter *q, const struct ln_ex_order *o)
{
    if (q->order_id != 0)
        return o->id == q->order_id;
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
    if (!open) {
        ln_jw_kcstr(w, "posAvg", "");
        ln_jw_kcstr(w, "liqPrice", "");
    }
    ln_jw_obj_end(w);
}

/* Empty lists are null, with a null endId. */
static void
open_list(struct ln_json_writer *w, const char *name, size_t rows)
{
    if (rows > 0)
        return;
    ln_jw_obj(w);
    ln_jw_key(w, name);
    ln_jw_arr(w);
}

static void
close_list(struct ln_json_writer *w, const char *name, size_t rows,
           int64_t last_id)
{
    if (rows == 0) {
        ln_jw_obj(w);
        ln_jw_kcstr(w, name, NULL);
        ln_jw_kcstr(w, "endId", NULL);
    } else {
        ln_jw_arr_end(w);
        ln_jw_kintstr(w, "endId", last_id);
    }
    ln_jw_obj_end(w);
}

static bool
list_orders(struct ln_sim_call *call, bool open)
{
    const struct ln_ex_order *chunk[CHUNK];
    struct filter q;
    size_t rows = 0, n;
    int64_t last_id = 0;
    if (!read_filter(call, &q))
        return false;
    int64_t before = q.before;
    do {
        n = ln_ex_orders(call->sim->ex, call->account, open, call->inst, before,
                         chunk, CHUNK);
        for (size_t i = 0; i < n && rows < q.limit; i++) {
            before = chunk[i]->id;
            if (!wanted(&q, chunk[i]))
                continue;
            open_list(&call->w, "entrustedList", rows++);
            order_row(call, chunk[i], open);
            last_id = chunk[i]->id;
        }
    } while (n == CHUNK && rows < q.limit);
    close_list(&call->w, "entrustedList", rows, last_id);
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
    if (!read_filter(call, &q))
        return false;
    if (history && q.start_ms > 0 && q.end_ms - q.start_ms > FILL_SPAN_MS)
        return ln_sim_fail(&call->fault, "40705",
                           "Start and end time cannot exceed 7 days");
    int64_t before = q.before;
    do {
        n = ln_ex_fills(call->sim->ex, call->account, call->inst, q.order_id,
                        before, chunk, CHUNK);
        for (size_t i = 0; i < n && rows < q.limit; i++) {
            before = chunk[i]->trade_id;
            if (!in_span(&q, chunk[i]->time_ms))
                continue;
            open_list(&call->w, "fillList", rows++);
            ln_sim_fill_object(
                &call->w, ln_sim_instrument(call->sim, chunk[i]->instrument),
                chunk[i], history);
            last_id = chunk[i]->trade_id;
        }
    } while (n == CHUNK && rows < q.limit);
    close_list(&call->w, "fillList", rows, last_id);
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
