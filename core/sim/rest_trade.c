/*
 * Placing and changing orders. Cancelling is in rest_cancel.c, closing
 * positions in rest_close.c.
 */
#include "sim/orders.h"

bool
ln_sim_place_order(struct ln_sim_call *call)
{
    struct ln_sim_placed placed;
    if (!ln_sim_place(call->sim, call->account, call->inst, call->params,
                      ln_str(""), &placed, &call->fault))
        return false;
    ln_jw_obj(&call->w);
    ln_jw_kcstr(&call->w, "clientOid", placed.client_oid);
    if (placed.displaced)
        ln_jw_kcstr(&call->w, "orderId", NULL);
    else
        ln_jw_kintstr(&call->w, "orderId", placed.id);
    ln_jw_obj_end(&call->w);
    return true;
}

bool
ln_sim_batch_place_order(struct ln_sim_call *call)
{
    const struct ln_json *doc = call->params->doc;
    struct ln_str mode = ln_sim_param(call->params, "marginMode");
    struct ln_sim_results results;
    ln_json_val list;
    if (!ln_sim_batch_list(call, "orderList", &list))
        return false;
    ln_sim_results_begin(&results, &call->w);
    for (ln_json_val v = ln_json_first(doc, list); v != LN_JSON_NONE;
         v = ln_json_next(doc, list, v)) {
        struct ln_sim_params item;
        struct ln_sim_placed placed;
        struct ln_sim_fault f = {.status = 0};
        ln_sim_params_object(&item, doc, v);
        if (ln_sim_place(call->sim, call->account, call->inst, &item, mode,
                         &placed, &f))
            ln_sim_results_done(&call->w, placed.id, placed.client_oid, NULL);
        else
            ln_sim_results_failed(&results, 0, ln_sim_param(&item, "clientOid"),
                                  call->inst, &f);
    }
    ln_sim_results_end(&results, call, false, true);
    return true;
}

/* ---- changing ---- */

static bool
amend_refused(struct ln_sim_call *call, enum ln_ex_refusal refusal,
              const struct ln_order_request *req)
{
    if (refusal == LN_EXR_FINAL)
        return ln_sim_fail(&call->fault, "40922",
                           "Only working orders can be modified");
    return ln_sim_refuse_order(call->sim, &call->fault, refusal, req);
}

static bool
answer_ids(struct ln_sim_call *call, int64_t id, const char *client_oid)
{
    ln_jw_obj(&call->w);
    ln_sim_ids(&call->w, id, client_oid);
    ln_jw_obj_end(&call->w);
    return true;
}

/* Price and size: the order is cancelled and another one takes its place. */
static bool
replace(struct ln_sim_call *call, const struct ln_ex_order *order)
{
    struct ln_sim_fault *f = &call->fault;
    struct ln_order_request req = order->req;
    char oid[LN_OID_CAP];
    int64_t new_id;
    if (!ln_sim_read_oid(call->params, "newClientOid", oid, f) ||
        !ln_sim_read_price(call->in, "newPrice",
                           ln_sim_param(call->params, "newPrice"),
                           &req.price_ticks, f) ||
        !ln_sim_read_size(call->in, ln_sim_param(call->params, "newSize"),
                          &req.size_lots, f))
        return false;
    enum ln_ex_refusal refusal =
        ln_ex_amend(call->sim->ex, call->account, call->inst, order->id, NULL,
                    oid, req.price_ticks, req.size_lots, &new_id);
    if (refusal != LN_EXR_OK)
        return amend_refused(call, refusal, &req);
    return answer_ids(call, new_id, oid);
}

/* Of the engine: 0 keeps, -1 removes. Of the wire: empty keeps, 0 removes. */
static bool
read_new_preset(struct ln_sim_call *call, const char *name, int64_t *change,
                int64_t *result)
{
    if (ln_sim_param(call->params, name).len == 0)
        return true;
    if (!ln_sim_read_price_if(call->in, name, call->params, result,
                              &call->fault))
        return false;
    *change = *result > 0 ? *result : -1;
    return true;
}

/* Take profit and stop loss alone: the order stays. */
static bool
change_presets(struct ln_sim_call *call, const struct ln_ex_order *order)
{
    struct ln_order_request req = order->req;
    int64_t profit = 0, loss = 0;
    if (!read_new_preset(call, "newPresetStopSurplusPrice", &profit,
                         &req.take_profit_ticks) ||
        !read_new_preset(call, "newPresetStopLossPrice", &loss,
                         &req.stop_loss_ticks))
        return false;
    enum ln_ex_refusal refusal =
        profit == 0 && loss == 0
            ? LN_EXR_UNCHANGED
            : ln_ex_amend_presets(call->sim->ex, call->account, call->inst,
                                  order->id, NULL, profit, loss);
    if (refusal != LN_EXR_OK)
        return amend_refused(call, refusal, &req);
    return answer_ids(call, order->id, order->req.client_oid);
}

bool
ln_sim_modify_order(struct ln_sim_call *call)
{
    const struct ln_ex_order *order;
    bool price = ln_sim_param(call->params, "newPrice").len > 0;
    bool size = ln_sim_param(call->params, "newSize").len > 0;
    if (price != size)
        return ln_sim_fail(&call->fault, "40925",
                           "newPrice and newSize must be sent together");
    if (price && ln_sim_param(call->params, "newClientOid").len == 0)
        return ln_sim_fail(&call->fault, "22003",
                           "newClientOid cannot be empty");
    if (!ln_sim_find_order(call->sim, call->account, call->params, "40768",
                           &order, &call->fault))
        return false;
    if (order->req.instrument != call->inst)
        return ln_sim_refuse(&call->fault, LN_EXR_NOT_FOUND, call->in);
    if (order->req.type != LN_LIMIT || ln_order_state_final(order->state))
        return amend_refused(call, LN_EXR_FINAL, &order->req);
    return price ? replace(call, order) : change_presets(call, order);
}
