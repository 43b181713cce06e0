/*
 * Reading plans: those that wait, those that have ended, and the orders that
 * they placed.
 */
#include "sim/plans.h"

#define PAGE_MAX 100
#define CHUNK    128 /* rows looked at at a time */
#define DEPTH_MS (90 * 86400000LL)

struct filter {
    unsigned kinds;
    int64_t before, start_ms, end_ms, order_id; /* 0: not given */
    struct ln_str client_oid, status;
    size_t limit;
};

static bool
read_filter(struct ln_sim_call *call, struct filter *q)
{
    struct ln_sim_fault *f = &call->fault;
    int64_t oldest_ms = ln_ex_now(call->sim->ex) - DEPTH_MS;
    *q = (struct filter){
        .kinds = ln_sim_plan_kinds(ln_sim_param(call->params, "planType"))};
    if (q->kinds == 0)
        return ln_sim_fail(f, "400172", "planType Illegal type");
    if (!ln_sim_limit(call, PAGE_MAX, PAGE_MAX, &q->limit) ||
        !ln_sim_span(call, &q->start_ms, &q->end_ms) ||
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
    q->status = ln_sim_param(call->params, "planStatus");
    return true;
}

static bool
wanted(const struct filter *q, const struct ln_ex_plan *plan)
{
    if (q->order_id != 0)
        return plan->id == q->order_id;
    if (q->client_oid.len > 0)
        return ln_str_eqc(q->client_oid, plan->req.client_oid);
    if (q->status.len > 0 &&
        !ln_str_eqi(q->status, ln_sim_word_plan_status(plan)))
        return false;
    return plan->created_ms >= q->start_ms &&
           (q->end_ms == 0 || plan->created_ms <= q->end_ms);
}

static bool
list_plans(struct ln_sim_call *call, bool live)
{
    const struct ln_ex_plan *chunk[CHUNK];
    struct filter q;
    size_t rows = 0, n;
    int64_t last_id = 0;
    if (!read_filter(call, &q))
        return false;
    int64_t before = q.before;
    do {
        n = ln_ex_plans(call->sim->ex, call->account, live, q.kinds, call->inst,
                        before, chunk, CHUNK);
        for (size_t i = 0; i < n && rows < q.limit; i++) {
            before = chunk[i]->id;
            if (!wanted(&q, chunk[i]))
                continue;
            ln_sim_page_row(&call->w, "entrustedList", rows++);
            ln_sim_plan_row(&call->w, call->sim, chunk[i], !live);
            last_id = chunk[i]->id;
        }
    } while (n == CHUNK && rows < q.limit);
    ln_sim_page_end(&call->w, "entrustedList", rows, last_id);
    return true;
}

bool
ln_sim_get_orders_plan_pending(struct ln_sim_call *call)
{
    return list_plans(call, true);
}

bool
ln_sim_get_orders_plan_history(struct ln_sim_call *call)
{
    return list_plans(call, false);
}

/* Nothing before the trigger; then the order, or that there is none. */
bool
ln_sim_get_plan_sub_order(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    unsigned kinds = ln_sim_plan_kinds(ln_sim_param(call->params, "planType"));
    int64_t id;
    if (!ln_sim_read_id(call->params, "planOrderId", &id, &call->fault))
        return false;
    const struct ln_ex_plan *plan =
        id ? ln_ex_plan_find(call->sim->ex, call->account, id, NULL) : NULL;
    if (!plan || (kinds & 1U << plan->req.kind) == 0)
        return ln_sim_plan_missing(&call->fault, true, false);
    ln_jw_arr(w);
    if (plan->state == LN_PLAN_EXECUTED || plan->state == LN_PLAN_FAILED) {
        bool limit = plan->req.limit_ticks > 0;
        ln_jw_obj(w);
        if (plan->order_id)
            ln_jw_kintstr(w, "orderId", plan->order_id);
        else
            ln_jw_kcstr(w, "orderId", "");
        ln_sim_kprice(w, "price",
                      ln_sim_instrument(call->sim, plan->req.instrument),
                      plan->req.limit_ticks);
        ln_jw_kcstr(w, "type", limit ? "limit" : "market");
        ln_jw_kcstr(w, "status",
                    plan->state == LN_PLAN_EXECUTED ? "success" : "fail");
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return true;
}
