/*
 * Cancelling orders: one, a list, all of a symbol, all of the line. Plans
 * are not touched.
 */
#include "sim/orders.h"

#define WINDOW_MAX 60000 /* receiveWindow, ms */
#define AGAIN_MS   1000  /* the same order may be cancelled that often */

/* ---- one order ---- */

/* A limit of requests, like the buckets: not counted where those are not. */
static bool
cancelled_just_now(const struct ln_sim *sim, const struct ln_sim_user *user,
                   int64_t order_id)
{
    int64_t now_ms = ln_sim_server_ms(sim);
    for (size_t i = 0; sim->limits && i < LN_SIM_CANCELS_KEPT; i++)
        if (user->cancels[i].order_id == order_id &&
            now_ms - user->cancels[i].at_ms < AGAIN_MS)
            return true;
    return false;
}

bool
ln_sim_cancel(struct ln_sim *sim, size_t user_index,
              const struct ln_ex_order *order, struct ln_sim_fault *f)
{
    struct ln_sim_user *user = &sim->users[user_index];
    uint16_t inst = order->req.instrument;
    int64_t id = order->id;
    if (cancelled_just_now(sim, user, id))
        return ln_sim_fail(f, "45129",
                           "The same order can be cancelled once a second");
    enum ln_ex_refusal refusal =
        ln_order_state_final(order->state)
            ? LN_EXR_FINAL
            : ln_ex_cancel(sim->ex, user->account, inst, id, NULL);
    if (refusal != LN_EXR_OK)
        return ln_sim_refuse(f, refusal, ln_sim_instrument(sim, inst));
    user->cancels[user->ncancels++ % LN_SIM_CANCELS_KEPT] =
        (struct ln_sim_cancelled){id, ln_sim_server_ms(sim)};
    return true;
}

/* Its order may be forgotten once it is cancelled: ids are copied first. */
static struct ln_sim_placed
ids_of(const struct ln_ex_order *order)
{
    struct ln_sim_placed ids = {.id = order->id};
    memcpy(ids.client_oid, order->req.client_oid, sizeof(ids.client_oid));
    return ids;
}

bool
ln_sim_cancel_order(struct ln_sim_call *call)
{
    const struct ln_ex_order *order;
    if (!ln_sim_find_order(call->sim, call->account, call->params, "40768",
                           &order, &call->fault))
        return false;
    if (order->req.instrument != call->inst)
        return ln_sim_refuse(&call->fault, LN_EXR_NOT_FOUND, call->in);
    struct ln_sim_placed was = ids_of(order);
    if (!ln_sim_cancel(call->sim, call->user->index, order, &call->fault))
        return false;
    ln_jw_obj(&call->w);
    ln_sim_ids(&call->w, was.id, was.client_oid);
    ln_jw_obj_end(&call->w);
    return true;
}

/* ---- several ---- */

static void
cancel_into(struct ln_sim_call *call, const struct ln_ex_order *order,
            struct ln_sim_results *results)
{
    struct ln_sim_fault f = {.status = 0};
    struct ln_sim_placed was = ids_of(order);
    if (ln_sim_cancel(call->sim, call->user->index, order, &f))
        ln_sim_results_done(&call->w, was.id, was.client_oid, NULL);
    else
        ln_sim_results_failed(results, was.id, ln_str(was.client_oid),
                              LN_INSTRUMENT_NONE, &f);
}

/* Every open order of the symbol, or of the line. */
static bool
cancel_every(struct ln_sim_call *call)
{
    struct ln_sim_results results;
    const struct ln_ex_order *o;
    struct ln_sim *sim = call->sim;
    if (ln_ex_orders(sim->ex, call->account, true, call->inst, 0, &o, 1) == 0)
        return ln_sim_fail(&call->fault, "22001", "No order to cancel");
    ln_sim_results_begin(&results, &call->w);
    /* Cancelling the newest brings the next one to the front. */
    for (int64_t before = 0; ln_ex_orders(sim->ex, call->account, true,
                                          call->inst, before, &o, 1) > 0;) {
        before = o->id;
        cancel_into(call, o, &results);
    }
    ln_sim_results_end(&results, call, false, false);
    return true;
}

/* One member of orderIdList; what could not be done goes to the failures. */
static void
cancel_item(struct ln_sim_call *call, ln_json_val item,
            struct ln_sim_results *results)
{
    struct ln_sim_params p;
    struct ln_sim_fault f = {.status = 0};
    const struct ln_ex_order *order;
    int64_t id = 0;
    ln_sim_params_object(&p, call->params->doc, item);
    bool ok =
        ln_sim_find_order(call->sim, call->account, &p, "40768", &order, &f);
    if (ok && call->in && order->req.instrument != call->inst)
        ok = ln_sim_refuse(&f, LN_EXR_NOT_FOUND, call->in);
    if (ok) {
        cancel_into(call, order, results);
        return;
    }
    struct ln_sim_fault ignored;
    (void)ln_sim_read_id(&p, "orderId", &id, &ignored);
    ln_sim_results_failed(results, id, ln_sim_param(&p, "clientOid"),
                          LN_INSTRUMENT_NONE, &f);
}

bool
ln_sim_batch_cancel_orders(struct ln_sim_call *call)
{
    const struct ln_json *doc = call->params->doc;
    struct ln_sim_results results;
    ln_json_val list;
    if (!ln_sim_batch_list(call, "orderIdList", &list))
        return false;
    if (list == LN_JSON_NONE)
        return cancel_every(call);
    ln_sim_results_begin(&results, &call->w);
    for (ln_json_val v = ln_json_first(doc, list); v != LN_JSON_NONE;
         v = ln_json_next(doc, list, v))
        cancel_item(call, v, &results);
    ln_sim_results_end(&results, call, false, false);
    return true;
}

bool
ln_sim_cancel_all_orders(struct ln_sim_call *call)
{
    int64_t sent_ms = 0, window_ms = 0;
    if (ln_sim_param_i64(call->params, "requestTime", &sent_ms) == LN_SIM_BAD ||
        ln_sim_param_i64(call->params, "receiveWindow", &window_ms) ==
            LN_SIM_BAD)
        return ln_sim_fail(&call->fault, "40017",
                           "Parameter verification failed requestTime, "
                           "receiveWindow");
    if (window_ms >= WINDOW_MAX)
        return ln_sim_fail(&call->fault, "40079",
                           "receiveWindow must be below %d", WINDOW_MAX);
    if (sent_ms > 0 && window_ms > 0 &&
        ln_sim_server_ms(call->sim) - window_ms > sent_ms)
        return ln_sim_fail(&call->fault, "40078",
                           "The request came after its receiveWindow");
    return cancel_every(call);
}
