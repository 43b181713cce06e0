/*
 * Changing and cancelling plans.
 */
#include "sim/plans.h"

#define REMOVE (-1) /* struct ln_ex_plan_change */

static bool
carry_out(struct ln_sim_call *call, const struct ln_ex_plan *plan,
          const struct ln_ex_plan_change *change)
{
    /* As it would be: a refusal tells of the new values. */
    struct ln_ex_plan_request as = plan->req;
    bool plain = ln_sim_plan_is_plain((enum ln_ex_plan_kind)as.kind);
    if (change->watch)
        as.watch = change->watch;
    enum ln_ex_refusal refusal = ln_ex_plan_modify(
        call->sim->ex, call->account, call->inst, plan->id, NULL, change);
    if (refusal == LN_EXR_FINAL || refusal == LN_EXR_NOT_FOUND)
        return ln_sim_plan_missing(&call->fault, plain,
                                   refusal == LN_EXR_FINAL);
    if (refusal != LN_EXR_OK && refusal != LN_EXR_UNCHANGED)
        return ln_sim_refuse_plan(call->sim, &call->fault, refusal, &as);
    ln_jw_obj(&call->w);
    ln_sim_ids(&call->w, plan->id, plan->req.client_oid);
    ln_jw_obj_end(&call->w);
    return true;
}

static bool
find_live(struct ln_sim_call *call, unsigned kinds,
          const struct ln_ex_plan **out)
{
    bool plain = (kinds & 1U << LN_PLAN_NORMAL) != 0;
    if (!ln_sim_find_plan(call->sim, call->account, call->params, kinds, out,
                          &call->fault))
        return false;
    if ((*out)->req.instrument != call->inst)
        return ln_sim_plan_missing(&call->fault, plain, false);
    return (*out)->state == LN_PLAN_LIVE ||
           ln_sim_plan_missing(&call->fault, plain, true);
}

/* ---- take profit and stop loss: all values are replaced ---- */

bool
ln_sim_modify_tpsl_order(struct ln_sim_call *call)
{
    const struct ln_sim_params *p = call->params;
    struct ln_sim_fault *f = &call->fault;
    struct ln_ex_plan_change change = {0};
    const struct ln_ex_plan *plan;
    if (!find_live(call, ln_sim_plan_kinds(ln_str("profit_loss")), &plan))
        return false;
    bool whole = plan->req.kind == LN_PLAN_POS_PROFIT ||
                 plan->req.kind == LN_PLAN_POS_LOSS;
    bool moving = plan->req.kind == LN_PLAN_MOVING;
    if (!ln_sim_read_price(call->in, "triggerPrice",
                           ln_sim_param(p, "triggerPrice"),
                           &change.trigger_ticks, f) ||
        !ln_sim_read_watch(p, "triggerType", &change.watch, f) ||
        (!whole && !ln_sim_read_size(call->in, ln_sim_param(p, "size"),
                                     &change.size_lots, f)) ||
        (!moving && !ln_sim_read_price_if(call->in, "executePrice", p,
                                          &change.limit_ticks, f)) ||
        (moving &&
         !ln_sim_read_percent(p, "rangeRate", &change.callback_e8, f)))
        return false;
    if (!moving && change.limit_ticks == 0)
        change.limit_ticks = REMOVE;
    return carry_out(call, plan, &change);
}

/* ---- trigger and trailing orders: empty keeps, 0 removes ---- */

static bool
read_change(struct ln_sim_call *call, const char *name, int64_t *out)
{
    if (ln_sim_is_zero(call->params, name)) {
        *out = REMOVE;
        return true;
    }
    return ln_sim_read_price_if(call->in, name, call->params, out,
                                &call->fault);
}

static bool
read_attached(struct ln_sim_call *call, bool loss, uint8_t kind,
              struct ln_ex_attached *out)
{
    static const char *const names[2][3] = {
        {"newStopSurplusTriggerPrice", "newStopSurplusExecutePrice",
         "newStopSurplusTriggerType"},
        {"newStopLossTriggerPrice", "newStopLossExecutePrice",
         "newStopLossTriggerType"}};
    const char *const *name = names[loss];
    if (kind != LN_PLAN_TRACK)
        return read_change(call, name[0], &out->trigger_ticks) &&
               read_change(call, name[1], &out->limit_ticks) &&
               ln_sim_read_watch(call->params, name[2], &out->watch,
                                 &call->fault);
    if (!ln_sim_read_percent(call->params, name[0], &out->trigger_ticks,
                             &call->fault))
        return false;
    if (ln_sim_is_zero(call->params, name[0]))
        out->trigger_ticks = REMOVE;
    return true;
}

bool
ln_sim_modify_plan_order(struct ln_sim_call *call)
{
    const struct ln_sim_params *p = call->params;
    struct ln_sim_fault *f = &call->fault;
    struct ln_ex_plan_change change = {0};
    const struct ln_ex_plan *plan;
    struct ln_str size = ln_sim_param(p, "newSize");
    struct ln_str type = ln_sim_param(p, "planType");
    unsigned kinds = 1U << LN_PLAN_NORMAL | 1U << LN_PLAN_TRACK;
    if (type.len > 0)
        kinds &= ln_sim_plan_kinds(type);
    if (kinds == 0)
        return ln_sim_fail(f, "400172", "planType Illegal type");
    if (!find_live(call, kinds, &plan))
        return false;
    if ((size.len > 0 &&
         !ln_sim_read_size(call->in, size, &change.size_lots, f)) ||
        !ln_sim_read_price_if(call->in, "newTriggerPrice", p,
                              &change.trigger_ticks, f) ||
        !ln_sim_read_watch(p, "newTriggerType", &change.watch, f) ||
        !read_attached(call, false, plan->req.kind, &change.take_profit) ||
        !read_attached(call, true, plan->req.kind, &change.stop_loss))
        return false;
    if (plan->req.kind == LN_PLAN_TRACK) {
        if (!ln_sim_read_percent(p, "newCallbackRatio", &change.callback_e8, f))
            return false;
    } else if (plan->req.limit_ticks > 0 &&
               !ln_sim_read_price_if(call->in, "newPrice", p,
                                     &change.limit_ticks, f)) {
        return false; /* the price of a market order is ignored */
    }
    return carry_out(call, plan, &change);
}

/* ---- cancelling ---- */

static void
cancel_into(struct ln_sim_call *call, const struct ln_ex_plan *plan,
            struct ln_sim_results *results)
{
    struct ln_sim_fault f = {.status = 0};
    bool plain = ln_sim_plan_is_plain((enum ln_ex_plan_kind)plan->req.kind);
    char oid[LN_OID_CAP];
    int64_t id = plan->id;
    memcpy(oid, plan->req.client_oid, sizeof(oid));
    enum ln_ex_refusal refusal = ln_ex_plan_cancel(
        call->sim->ex, call->account, plan->req.instrument, id, NULL);
    if (refusal == LN_EXR_OK) {
        ln_sim_results_done(&call->w, id, oid, NULL);
        return;
    }
    if (refusal == LN_EXR_FINAL)
        ln_sim_plan_missing(&f, plain, true);
    else
        ln_sim_refuse(&f, refusal, call->in);
    ln_sim_results_failed(results, id, ln_str(oid), LN_INSTRUMENT_NONE, &f);
}

/*
 * One of the list. A plan of another kind is passed over without a word:
 * what the exchange does when planType does not fit.
 */
static void
cancel_item(struct ln_sim_call *call, ln_json_val item, unsigned kinds,
            struct ln_sim_results *results)
{
    struct ln_sim_params p;
    struct ln_sim_fault f = {.status = 0}, ignored;
    const struct ln_ex_plan *plan;
    bool plain = (kinds & (1U << LN_PLAN_NORMAL | 1U << LN_PLAN_TRACK)) != 0;
    int64_t id = 0;
    ln_sim_params_object(&p, call->params->doc, item);
    bool ok = ln_sim_find_plan(call->sim, call->account, &p, ~0U, &plan, &f);
    if (ok && call->in && plan->req.instrument != call->inst)
        ok = ln_sim_plan_missing(&f, plain, false);
    if (ok) {
        if (kinds & 1U << plan->req.kind)
            cancel_into(call, plan, results);
        return;
    }
    if (strcmp(f.code, "43025") == 0)
        ln_sim_plan_missing(&f, plain, false);
    (void)ln_sim_read_id(&p, "orderId", &id, &ignored);
    ln_sim_results_failed(results, id, ln_sim_param(&p, "clientOid"),
                          LN_INSTRUMENT_NONE, &f);
}

bool
ln_sim_cancel_plan_order(struct ln_sim_call *call)
{
    const struct ln_json *doc = call->params->doc;
    struct ln_str type = ln_sim_param(call->params, "planType");
    unsigned kinds =
        ln_sim_plan_kinds(type.len > 0 ? type : ln_str("normal_plan"));
    const struct ln_ex_plan *plan;
    struct ln_sim_results results;
    ln_json_val list;
    if (kinds == 0)
        return ln_sim_fail(&call->fault, "400172", "planType Illegal type");
    if (!ln_sim_batch_list(call, "orderIdList", &list))
        return false;
    ln_sim_results_begin(&results, &call->w);
    for (ln_json_val v = ln_json_first(doc, list); v != LN_JSON_NONE;
         v = ln_json_next(doc, list, v))
        cancel_item(call, v, kinds, &results);
    /* All of them; none to cancel is no error here. */
    for (int64_t before = 0;
         list == LN_JSON_NONE &&
         ln_ex_plans(call->sim->ex, call->account, true, kinds, call->inst,
                     before, &plan, 1) > 0;) {
        before = plan->id;
        cancel_into(call, plan, &results);
    }
    ln_sim_results_end(&results, call, false, false);
    return true;
}
