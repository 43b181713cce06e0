/*
 * Rows of plans: for the lists over REST and for the channel orders-algo.
 * See plans.h.
 */
#include "sim/plans.h"

/* Take profit and stop loss of one row; empty texts where there is none. */
struct legs {
    const char *price_key, *trigger_key, *type_key;
    const struct ln_ex_attached *leg;
};

static void
kprice_or(struct ln_json_writer *w, const char *key,
          const struct ln_instrument *in, int64_t ticks, const char *otherwise)
{
    if (ticks > 0)
        ln_sim_kprice(w, key, in, ticks);
    else
        ln_jw_kcstr(w, key, otherwise);
}

/* TRACK has a percentage where the others have a price. */
static void
ktrigger(struct ln_json_writer *w, const char *key,
         const struct ln_instrument *in, uint8_t kind,
         const struct ln_ex_attached *leg)
{
    if (kind == LN_PLAN_TRACK && leg->trigger_ticks > 0)
        ln_sim_ke8(w, key, leg->trigger_ticks * 100);
    else
        kprice_or(w, key, in, leg->trigger_ticks, "");
}

static void
attached_leg(struct ln_json_writer *w, const struct ln_instrument *in,
             uint8_t kind, const struct legs *l)
{
    bool there = l->leg->trigger_ticks > 0;
    ktrigger(w, l->trigger_key, in, kind, l->leg);
    kprice_or(w, l->price_key, in, there ? l->leg->limit_ticks : 0, "");
    ln_jw_kcstr(w, l->type_key, there ? ln_sim_word_watch(l->leg->watch) : "");
}

/*
 * REST repeats the trigger of a take profit or stop loss in the members of
 * its leg; those of the other leg are null (a live row of pos_profit).
 */
static void
guard_leg(struct ln_json_writer *w, const struct ln_instrument *in,
          const struct ln_ex_plan *plan, const struct legs *l, bool mine)
{
    kprice_or(w, l->trigger_key, in, mine ? plan->req.trigger_ticks : 0, NULL);
    ln_jw_kcstr(w, l->price_key, NULL);
    ln_jw_kcstr(w, l->type_key,
                mine ? ln_sim_word_watch(plan->req.watch) : NULL);
}

static void
rest_legs(struct ln_json_writer *w, const struct ln_instrument *in,
          const struct ln_ex_plan *plan)
{
    uint8_t kind = plan->req.kind;
    bool profit = kind == LN_PLAN_PROFIT || kind == LN_PLAN_POS_PROFIT;
    bool loss = kind == LN_PLAN_LOSS || kind == LN_PLAN_POS_LOSS;
    const struct legs legs[2] = {
        {"stopSurplusExecutePrice", "stopSurplusTriggerPrice",
         "stopSurplusTriggerType", &plan->req.take_profit},
        {"stopLossExecutePrice", "stopLossTriggerPrice", "stopLossTriggerType",
         &plan->req.stop_loss}};
    for (int i = 0; i < 2; i++)
        if (ln_sim_plan_is_plain((enum ln_ex_plan_kind)kind))
            attached_leg(w, in, kind, &legs[i]);
        else
            guard_leg(w, in, plan, &legs[i], i == 0 ? profit : loss);
}

static void
callback_member(struct ln_json_writer *w, const struct ln_ex_plan *plan)
{
    if (plan->req.callback_e8 > 0) /* in percent */
        ln_sim_ke8(w, "callbackRatio", plan->req.callback_e8 * 100);
    else
        ln_jw_kcstr(w, "callbackRatio", "");
}

/* What became of the order that an executed plan placed. */
static void
outcome(struct ln_json_writer *w, const struct ln_sim *sim,
        const struct ln_instrument *in, const struct ln_ex_plan *plan)
{
    const struct ln_ex_order *o =
        plan->order_id
            ? ln_ex_find(sim->ex, plan->account, plan->order_id, NULL)
            : NULL;
    if (plan->order_id)
        ln_jw_kintstr(w, "executeOrderId", plan->order_id);
    else
        ln_jw_kcstr(w, "executeOrderId", "");
    if (o && o->filled_lots > 0) {
        ln_sim_ke8(w, "priceAvg",
                   ln_sim_average_e8(in, o->filled_value_e8, o->filled_lots));
        ln_sim_ksize(w, "baseVolume", in, o->filled_lots);
        return;
    }
    ln_jw_kcstr(w, "priceAvg", "");
    ln_jw_kcstr(w, "baseVolume", o ? "0" : "");
}

void
ln_sim_plan_row(struct ln_json_writer *w, const struct ln_sim *sim,
                const struct ln_ex_plan *plan, bool history)
{
    const struct ln_ex_plan_request *q = &plan->req;
    const struct ln_instrument *in = ln_sim_instrument(sim, q->instrument);
    struct ln_sim_doing d = ln_sim_plan_doing(plan);
    bool plain = ln_sim_plan_is_plain((enum ln_ex_plan_kind)q->kind);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "planType", ln_sim_word_plan((enum ln_ex_plan_kind)q->kind));
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_sim_ksize(w, "size", in, q->size_lots);
    ln_jw_kintstr(w, "orderId", plan->id);
    ln_jw_kcstr(w, "clientOid", q->client_oid);
    kprice_or(w, "price", in, q->limit_ticks, "");
    kprice_or(w, "executePrice", in, q->limit_ticks, "0");
    callback_member(w, plan);
    ln_sim_kprice(w, "triggerPrice", in, q->trigger_ticks);
    ln_jw_kcstr(w, "triggerType", ln_sim_word_watch(q->watch));
    ln_jw_kcstr(w, "planStatus", ln_sim_word_plan_status(plan));
    ln_jw_kcstr(w, "side", ln_sim_side_of(d));
    ln_jw_kcstr(w, "posSide", ln_sim_pos_side_of(d));
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_jw_kcstr(w, "marginMode",
                plain ? ln_sim_word_margin_mode(q->margin_mode) : "");
    ln_jw_kcstr(w, "enterPointSource", "API");
    ln_jw_kcstr(w, "tradeSide", ln_sim_trade_side_of(d));
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(plan->pos_mode));
    ln_jw_kcstr(w, "orderType", q->limit_ticks > 0 ? "limit" : "market");
    ln_jw_kcstr(w, "orderSource", ln_sim_word_plan_source(plan));
    if (history)
        outcome(w, sim, in, plan);
    rest_legs(w, in, plan);
    ln_jw_kintstr(w, "cTime", plan->created_ms);
    ln_jw_kintstr(w, "uTime", plan->updated_ms);
    ln_jw_obj_end(w);
}

static void
push_terms(struct ln_json_writer *w, const struct ln_sim *sim,
           const struct ln_ex_plan *plan)
{
    const struct ln_ex_plan_request *q = &plan->req;
    const struct ln_instrument *in = ln_sim_instrument(sim, q->instrument);
    const struct legs legs[2] = {{"stopSurplusPrice", "stopSurplusTriggerPrice",
                                  "stopSurplusTriggerType", &q->take_profit},
                                 {"stopLossPrice", "stopLossTriggerPrice",
                                  "stopLossTriggerType", &q->stop_loss}};
    ln_sim_kprice(w, "triggerPrice", in, q->trigger_ticks);
    ln_jw_kcstr(w, "triggerType", ln_sim_word_watch(q->watch));
    if (plan->triggered_ms > 0)
        ln_jw_kintstr(w, "triggerTime", plan->triggered_ms);
    else
        ln_jw_kcstr(w, "triggerTime", "");
    ln_jw_kcstr(w, "planType",
                ln_sim_word_plan_short((enum ln_ex_plan_kind)q->kind));
    kprice_or(w, "price", in, q->limit_ticks, "");
    kprice_or(w, "executePrice", in, q->limit_ticks, "0");
    ln_sim_ksize(w, "size", in, q->size_lots);
    if (plan->executed_lots > 0)
        ln_sim_ksize(w, "actualSize", in, plan->executed_lots);
    else
        ln_jw_kcstr(w, "actualSize", "");
    for (int i = 0; i < 2; i++)
        attached_leg(w, in, q->kind, &legs[i]);
}

void
ln_sim_plan_push_row(struct ln_json_writer *w, const struct ln_sim *sim,
                     const struct ln_ex_plan *plan)
{
    const struct ln_ex_plan_request *q = &plan->req;
    struct ln_sim_doing d = ln_sim_plan_doing(plan);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "instId", ln_sim_instrument(sim, q->instrument)->symbol);
    ln_jw_kintstr(w, "orderId", plan->id);
    ln_jw_kcstr(w, "clientOid", q->client_oid);
    push_terms(w, sim, plan);
    ln_jw_kcstr(w, "orderType", q->limit_ticks > 0 ? "limit" : "market");
    ln_jw_kcstr(w, "side", ln_sim_side_of(d));
    ln_jw_kcstr(w, "tradeSide", ln_sim_trade_side_of(d));
    ln_jw_kcstr(w, "posSide", ln_sim_pos_side_of(d));
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_jw_kcstr(w, "status", ln_sim_word_plan_status(plan));
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(plan->pos_mode));
    ln_jw_kcstr(w, "enterPointSource", "api");
    ln_jw_kcstr(w, "stpMode", ln_sim_word_stp(q->stp));
    ln_jw_kintstr(w, "cTime", plan->created_ms);
    ln_jw_kintstr(w, "uTime", plan->updated_ms);
    ln_jw_obj_end(w);
}
