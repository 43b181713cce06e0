/*
 * Placing plans: trigger and trailing orders, take profit and stop loss of a
 * position.
 */
#include "sim/plans.h"

static bool
place(struct ln_sim_call *call, const struct ln_ex_plan_request *req,
      int64_t *id)
{
    enum ln_ex_refusal refusal =
        ln_ex_plan_place(call->sim->ex, call->account, req, id);
    return refusal == LN_EXR_OK ||
           ln_sim_refuse_plan(call->sim, &call->fault, refusal, req);
}

static const char *
oid_of(const struct ln_sim_call *call, int64_t id)
{
    const struct ln_ex_plan *plan =
        ln_ex_plan_find(call->sim->ex, call->account, id, NULL);
    return plan ? plan->req.client_oid : "";
}

static bool
answer(struct ln_sim_call *call, int64_t id)
{
    ln_jw_obj(&call->w);
    ln_sim_ids(&call->w, id, oid_of(call, id));
    ln_jw_obj_end(&call->w);
    return true;
}

static bool
is_hedge(const struct ln_sim_call *call)
{
    return ln_ex_pos_mode(call->sim->ex, call->account) == LN_HEDGE;
}

/* ---- take profit and stop loss of a position ---- */

/*
 * long and short in hedge mode, buy (a long) and sell in one-way mode; all
 * four are understood in both.
 */
static bool
read_hold_side(struct ln_sim_call *call, struct ln_ex_plan_request *req)
{
    static const char *const words[] = {"long", "buy", "short", "sell", NULL};
    int which = ln_sim_word_of(call->params, "holdSide", words, -2);
    if (which == -2)
        return ln_sim_fail(&call->fault, "40019",
                           "Parameter holdSide cannot be empty");
    if (which < 0)
        return ln_sim_bad_word(&call->fault, "holdSide");
    req->side = which < 2 ? LN_SELL : LN_BUY;
    req->pos_side = !is_hedge(call) ? LN_NET : which < 2 ? LN_LONG : LN_SHORT;
    req->reduce_only = true;
    return true;
}

static uint8_t
kind_of(struct ln_str plan_type)
{
    for (int k = LN_PLAN_NORMAL; k < LN_PLAN_KINDS; k++)
        if (ln_str_eqi(plan_type, ln_sim_word_plan((enum ln_ex_plan_kind)k)))
            return (uint8_t)k;
    return 0;
}

bool
ln_sim_place_tpsl_order(struct ln_sim_call *call)
{
    const struct ln_sim_params *p = call->params;
    struct ln_sim_fault *f = &call->fault;
    struct ln_ex_plan_request req = {
        .kind = kind_of(ln_sim_param(p, "planType")), .instrument = call->inst};
    bool whole = req.kind == LN_PLAN_POS_PROFIT || req.kind == LN_PLAN_POS_LOSS;
    bool moving = req.kind == LN_PLAN_MOVING;
    int64_t id;
    if (req.kind == 0 || ln_sim_plan_is_plain((enum ln_ex_plan_kind)req.kind))
        return ln_sim_fail(f, "400172", "planType Illegal type");
    if (!ln_sim_read_oid(p, "clientOid", req.client_oid, f) ||
        !read_hold_side(call, &req) ||
        !ln_sim_read_price(call->in, "triggerPrice",
                           ln_sim_param(p, "triggerPrice"), &req.trigger_ticks,
                           f) ||
        !ln_sim_read_watch(p, "triggerType", &req.watch, f) ||
        !ln_sim_read_stp(p, &req.stp, f) ||
        (!whole && !ln_sim_read_size(call->in, ln_sim_param(p, "size"),
                                     &req.size_lots, f)) ||
        (!moving && !ln_sim_read_price_if(call->in, "executePrice", p,
                                          &req.limit_ticks, f)) ||
        (moving && !ln_sim_read_percent(p, "rangeRate", &req.callback_e8, f)))
        return false;
    return place(call, &req, &id) && answer(call, id);
}

/* One of the two of place-pos-tpsl; kind 0: it was not asked for. */
static bool
read_leg(struct ln_sim_call *call, bool loss, struct ln_ex_plan_request *req)
{
    static const char *const names[2][5] = {
        {"stopSurplusTriggerPrice", "stopSurplusSize", "stopSurplusTriggerType",
         "stopSurplusExecutePrice", "stopSurplusClientOid"},
        {"stopLossTriggerPrice", "stopLossSize", "stopLossTriggerType",
         "stopLossExecutePrice", "stopLossClientOid"}};
    const char *const *name = names[loss];
    const struct ln_sim_params *p = call->params;
    struct ln_sim_fault *f = &call->fault;
    bool partial = ln_sim_param(p, name[1]).len > 0;
    req->kind = 0;
    if (ln_sim_param(p, name[0]).len == 0)
        return true;
    if (partial)
        req->kind = loss ? LN_PLAN_LOSS : LN_PLAN_PROFIT;
    else
        req->kind = loss ? LN_PLAN_POS_LOSS : LN_PLAN_POS_PROFIT;
    return ln_sim_read_price(call->in, name[0], ln_sim_param(p, name[0]),
                             &req->trigger_ticks, f) &&
           (!partial || ln_sim_read_size(call->in, ln_sim_param(p, name[1]),
                                         &req->size_lots, f)) &&
           ln_sim_read_watch(p, name[2], &req->watch, f) &&
           ln_sim_read_price_if(call->in, name[3], p, &req->limit_ticks, f) &&
           ln_sim_read_oid(p, name[4], req->client_oid, f);
}

/* Both or none: the first is taken back when the second is refused. */
static bool
place_legs(struct ln_sim_call *call, const struct ln_ex_plan_request legs[2],
           int64_t ids[2])
{
    for (int i = 0; i < 2; i++) {
        if (legs[i].kind == 0 || place(call, &legs[i], &ids[i]))
            continue;
        if (ids[0])
            (void)ln_ex_plan_cancel(call->sim->ex, call->account, call->inst,
                                    ids[0], NULL);
        return false;
    }
    return true;
}

bool
ln_sim_place_pos_tpsl(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    struct ln_ex_plan_request base = {.instrument = call->inst};
    int64_t ids[2] = {0, 0};
    if (!read_hold_side(call, &base) ||
        !ln_sim_read_stp(call->params, &base.stp, &call->fault))
        return false;
    struct ln_ex_plan_request legs[2] = {base, base};
    if (!read_leg(call, false, &legs[0]) || !read_leg(call, true, &legs[1]))
        return false;
    if (legs[0].kind == 0 && legs[1].kind == 0)
        return ln_sim_fail(&call->fault, "40019",
                           "Parameter stopSurplusTriggerPrice and "
                           "stopLossTriggerPrice cannot both be empty");
    if (!place_legs(call, legs, ids))
        return false;
    ln_jw_arr(w);
    for (int i = 0; i < 2; i++) {
        if (ids[i] == 0)
            continue;
        ln_jw_obj(w);
        ln_jw_kintstr(w, "orderId", ids[i]);
        ln_jw_kcstr(w, "stopSurplusClientOid",
                    ids[0] ? oid_of(call, ids[0]) : "");
        ln_jw_kcstr(w, "stopLossClientOid", ids[1] ? oid_of(call, ids[1]) : "");
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return true;
}

/* ---- trigger and trailing orders ---- */

static bool
read_attached(struct ln_sim_call *call, bool loss, uint8_t kind,
              struct ln_ex_attached *out)
{
    static const char *const names[2][3] = {
        {"stopSurplusTriggerPrice", "stopSurplusExecutePrice",
         "stopSurplusTriggerType"},
        {"stopLossTriggerPrice", "stopLossExecutePrice",
         "stopLossTriggerType"}};
    const char *const *name = names[loss];
    struct ln_sim_fault *f = &call->fault;
    if (kind == LN_PLAN_TRACK)
        return ln_sim_read_percent(call->params, name[0], &out->trigger_ticks,
                                   f);
    return ln_sim_read_price_if(call->in, name[0], call->params,
                                &out->trigger_ticks, f) &&
           ln_sim_read_price_if(call->in, name[1], call->params,
                                &out->limit_ticks, f) &&
           ln_sim_read_watch(call->params, name[2], &out->watch, f);
}

/* orderType and what hangs on it: a price, or a callback ratio. */
static bool
read_execution(struct ln_sim_call *call, struct ln_ex_plan_request *req)
{
    static const char *const types[] = {"limit", "market", NULL};
    const struct ln_sim_params *p = call->params;
    struct ln_sim_fault *f = &call->fault;
    int type = ln_sim_word_of(p, "orderType", types, -2);
    if (type == -2)
        return ln_sim_fail(f, "40019", "Parameter orderType cannot be empty");
    if (type < 0)
        return ln_sim_bad_word(f, "orderType");
    if (req->kind == LN_PLAN_TRACK) {
        if (type == 0)
            return ln_sim_fail(f, "40017",
                               "Parameter verification failed orderType: a "
                               "track_plan must be market");
        if (ln_sim_param(p, "callbackRatio").len == 0)
            return ln_sim_fail(f, "40019",
                               "Parameter callbackRatio cannot be empty");
        return ln_sim_read_percent(p, "callbackRatio", &req->callback_e8, f);
    }
    return type == 1 ||
           ln_sim_read_price(call->in, "price", ln_sim_param(p, "price"),
                             &req->limit_ticks, f);
}

bool
ln_sim_place_plan_order(struct ln_sim_call *call)
{
    const struct ln_sim_params *p = call->params;
    struct ln_sim_fault *f = &call->fault;
    struct ln_ex_plan_request req = {
        .kind = kind_of(ln_sim_param(p, "planType")), .instrument = call->inst};
    struct ln_sim_direction dir;
    int64_t id;
    if (!ln_sim_plan_is_plain((enum ln_ex_plan_kind)req.kind))
        return ln_sim_fail(f, "400172", "planType Illegal type");
    if (!ln_sim_read_oid(p, "clientOid", req.client_oid, f) ||
        !ln_sim_read_margin_mode(p, ln_str(""), &req.margin_mode, f) ||
        !ln_sim_read_direction(p, is_hedge(call), &dir, f) ||
        !ln_sim_read_stp(p, &req.stp, f) ||
        !ln_sim_read_size(call->in, ln_sim_param(p, "size"), &req.size_lots,
                          f) ||
        !ln_sim_read_price(call->in, "triggerPrice",
                           ln_sim_param(p, "triggerPrice"), &req.trigger_ticks,
                           f) ||
        !ln_sim_read_watch(p, "triggerType", &req.watch, f) ||
        !read_execution(call, &req) ||
        !read_attached(call, false, req.kind, &req.take_profit) ||
        !read_attached(call, true, req.kind, &req.stop_loss))
        return false;
    req.side = dir.side;
    req.pos_side = dir.pos_side;
    req.reduce_only = dir.reduce_only;
    return place(call, &req, &id) && answer(call, id);
}
