/*
 * Placing, changing and cancelling orders, closing positions.
 */
#include "sim/routes.h"
#include "sim/wire.h"

#include <stdio.h>

#define BATCH_MAX  50
#define WINDOW_MAX 60000 /* receiveWindow, ms */

static void
ids(struct ln_json_writer *w, int64_t id, const char *client_oid)
{
    if (id)
        ln_jw_kintstr(w, "orderId", id);
    else
        ln_jw_kcstr(w, "orderId", "");
    ln_jw_kcstr(w, "clientOid", client_oid);
}

/* ---- results of batches: two lists written one after the other ---- */

struct failure {
    int64_t id;
    char client_oid[LN_OID_CAP];
    uint16_t inst;
    struct ln_sim_fault fault;
};

/* Failures wait until the success list is complete. */
struct failures {
    struct failure items[BATCH_MAX];
    size_t count;
};

static void
add_failure(struct failures *list, int64_t id, struct ln_str client_oid,
            uint16_t inst, const struct ln_sim_fault *f)
{
    if (list->count == BATCH_MAX)
        return;
    struct failure *item = &list->items[list->count++];
    item->id = id;
    ln_str_copy(item->client_oid, sizeof(item->client_oid), client_oid);
    item->inst = inst;
    item->fault = *f;
}

static void
begin_lists(struct ln_json_writer *w)
{
    ln_jw_obj(w);
    ln_jw_key(w, "successList");
    ln_jw_arr(w);
}

/* with_symbol: rows name their symbol. result: the boolean of batch-place. */
static void
end_lists(struct ln_sim_call *call, const struct failures *list,
          bool with_symbol, bool result)
{
    struct ln_json_writer *w = &call->w;
    ln_jw_arr_end(w);
    ln_jw_key(w, "failureList");
    ln_jw_arr(w);
    for (size_t i = 0; i < list->count; i++) {
        const struct failure *item = &list->items[i];
        ln_jw_obj(w);
        ids(w, item->id, item->client_oid);
        if (with_symbol)
            ln_jw_kcstr(w, "symbol",
                        ln_sim_instrument(call->sim, item->inst)->symbol);
        ln_jw_kcstr(w, "errorMsg", item->fault.msg);
        ln_jw_kcstr(w, "errorCode", item->fault.code);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    if (result)
        ln_jw_kbool(w, "result", list->count == 0);
    ln_jw_obj_end(w);
}

/* ---- placing ---- */

bool
ln_sim_place_order(struct ln_sim_call *call)
{
    struct ln_sim_placed placed;
    if (!ln_sim_place(call->sim, call->account, call->inst, call->params,
                      ln_str(""), &placed, &call->fault))
        return false;
    ln_jw_obj(&call->w);
    ln_jw_kcstr(&call->w, "clientOid", placed.client_oid);
    ln_jw_kintstr(&call->w, "orderId", placed.id);
    ln_jw_obj_end(&call->w);
    return true;
}

bool
ln_sim_batch_place_order(struct ln_sim_call *call)
{
    const struct ln_json *doc = call->params->doc;
    ln_json_val list = ln_json_get(doc, call->params->obj, "orderList");
    struct ln_str mode = ln_sim_param(call->params, "marginMode");
    struct failures failures = {.count = 0};
    if (ln_json_count(doc, list) > BATCH_MAX)
        return ln_sim_fail(&call->fault, "40306",
                           "Batch processing orders can only process up to %d",
                           BATCH_MAX);
    begin_lists(&call->w);
    for (ln_json_val v = ln_json_first(doc, list); v != LN_JSON_NONE;
         v = ln_json_next(doc, list, v)) {
        struct ln_sim_params item;
        struct ln_sim_placed placed = {.id = 0};
        struct ln_sim_fault f = {.status = 0};
        ln_sim_params_object(&item, doc, v);
        if (!ln_sim_place(call->sim, call->account, call->inst, &item, mode,
                          &placed, &f)) {
            add_failure(&failures, 0, ln_sim_param(&item, "clientOid"),
                        call->inst, &f);
            continue;
        }
        ln_jw_obj(&call->w);
        ids(&call->w, placed.id, placed.client_oid);
        ln_jw_obj_end(&call->w);
    }
    end_lists(call, &failures, false, true);
    return true;
}

/* ---- changing ---- */

static bool
amend_refused(struct ln_sim_call *call, enum ln_ex_refusal refusal,
              enum ln_side side)
{
    if (refusal == LN_EXR_PRICE_BAND)
        return ln_sim_fail(&call->fault, side == LN_BUY ? "43009" : "43008",
                           "The price is beyond the limit of the day");
    if (refusal == LN_EXR_FINAL)
        return ln_sim_fail(&call->fault, "40922",
                           "Only working orders can be modified");
    return ln_sim_refuse(&call->fault, refusal, call->in);
}

bool
ln_sim_modify_order(struct ln_sim_call *call)
{
    const struct ln_ex_order *order;
    struct ln_sim_fault *f = &call->fault;
    struct ln_str new_oid = ln_sim_param(call->params, "newClientOid");
    struct ln_str price = ln_sim_param(call->params, "newPrice");
    struct ln_str size = ln_sim_param(call->params, "newSize");
    int64_t ticks, lots, new_id;
    char oid[LN_OID_CAP];
    if (price.len == 0 && size.len == 0)
        return ln_sim_fail(f, "40404",
                           "changing presets alone is not served "
                           "by this simulator yet");
    if (price.len == 0 || size.len == 0)
        return ln_sim_fail(f, "40925",
                           "newPrice and newSize must be sent together");
    if (new_oid.len == 0)
        return ln_sim_fail(f, "22003", "newClientOid cannot be empty");
    if (!ln_str_copy(oid, sizeof(oid), new_oid))
        return ln_sim_fail(f, "40304", "newClientOid is too long");
    if (!ln_sim_find_order(call->sim, call->account, call->params, "40768",
                           &order, f))
        return false;
    if (order->req.instrument != call->inst)
        return ln_sim_refuse(f, LN_EXR_NOT_FOUND, call->in);
    if (order->req.type != LN_LIMIT || ln_order_state_final(order->state))
        return amend_refused(call, LN_EXR_FINAL, order->req.side);
    if (!ln_sim_read_price(call->in, "newPrice", price, &ticks, f) ||
        !ln_sim_read_size(call->in, size, &lots, f))
        return false;
    enum ln_side side = order->req.side;
    enum ln_ex_refusal refusal =
        ln_ex_amend(call->sim->ex, call->account, call->inst, order->id, NULL,
                    oid, ticks, lots, &new_id);
    if (refusal != LN_EXR_OK)
        return amend_refused(call, refusal, side);
    ln_jw_obj(&call->w);
    ids(&call->w, new_id, oid);
    ln_jw_obj_end(&call->w);
    return true;
}

/* ---- cancelling ---- */

static bool
cancel_found(struct ln_sim *sim, ln_ex_account account,
             const struct ln_ex_order *order, struct ln_sim_fault *f)
{
    uint16_t inst = order->req.instrument;
    enum ln_ex_refusal refusal =
        ln_order_state_final(order->state)
            ? LN_EXR_FINAL
            : ln_ex_cancel(sim->ex, account, inst, order->id, NULL);
    return refusal == LN_EXR_OK ||
           ln_sim_refuse(f, refusal, ln_sim_instrument(sim, inst));
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
    ln_jw_obj(&call->w);
    ids(&call->w, order->id, order->req.client_oid);
    ln_jw_obj_end(&call->w);
    return cancel_found(call->sim, call->account, order, &call->fault);
}

/* Every open order of the symbol, or of the line. */
static bool
cancel_every(struct ln_sim_call *call)
{
    struct failures failures = {.count = 0};
    const struct ln_ex_order *o;
    struct ln_sim *sim = call->sim;
    if (ln_ex_orders(sim->ex, call->account, true, call->inst, 0, &o, 1) == 0)
        return ln_sim_fail(&call->fault, "22001", "No order to cancel");
    begin_lists(&call->w);
    /* Cancelling the newest brings the next one to the front. */
    for (int64_t before = 0; ln_ex_orders(sim->ex, call->account, true,
                                          call->inst, before, &o, 1) > 0;) {
        struct ln_sim_fault f = {.status = 0};
        before = o->id;
        struct ln_sim_placed was = {.id = o->id};
        memcpy(was.client_oid, o->req.client_oid, sizeof(was.client_oid));
        if (!cancel_found(sim, call->account, o, &f)) {
            add_failure(&failures, was.id, ln_str(was.client_oid),
                        LN_INSTRUMENT_NONE, &f);
            continue;
        }
        ln_jw_obj(&call->w);
        ids(&call->w, was.id, was.client_oid);
        ln_jw_obj_end(&call->w);
    }
    end_lists(call, &failures, false, false);
    return true;
}

/* One member of orderIdList; what could not be done goes to the failures. */
static void
cancel_item(struct ln_sim_call *call, ln_json_val item,
            struct failures *failures)
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
    if (!ok) {
        if (ln_decimal_parse(ln_sim_param(&p, "orderId"), 0, LN_ROUND_EXACT,
                             &id) != LN_OK)
            id = 0;
        add_failure(failures, id, ln_sim_param(&p, "clientOid"),
                    LN_INSTRUMENT_NONE, &f);
        return;
    }
    struct ln_sim_placed was = {.id = order->id};
    memcpy(was.client_oid, order->req.client_oid, sizeof(was.client_oid));
    if (!cancel_found(call->sim, call->account, order, &f)) {
        add_failure(failures, was.id, ln_str(was.client_oid),
                    LN_INSTRUMENT_NONE, &f);
        return;
    }
    ln_jw_obj(&call->w);
    ids(&call->w, was.id, was.client_oid);
    ln_jw_obj_end(&call->w);
}

bool
ln_sim_batch_cancel_orders(struct ln_sim_call *call)
{
    const struct ln_json *doc = call->params->doc;
    ln_json_val list = ln_json_get(doc, call->params->obj, "orderIdList");
    struct failures failures = {.count = 0};
    if (ln_json_type(doc, list) != LN_JSON_ARRAY ||
        ln_json_count(doc, list) == 0)
        return cancel_every(call);
    if (ln_json_count(doc, list) > BATCH_MAX)
        return ln_sim_fail(&call->fault, "40306",
                           "Batch processing orders can only process up to %d",
                           BATCH_MAX);
    begin_lists(&call->w);
    for (ln_json_val v = ln_json_first(doc, list); v != LN_JSON_NONE;
         v = ln_json_next(doc, list, v))
        cancel_item(call, v, &failures);
    end_lists(call, &failures, false, false);
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
        ln_sim_server_ms(call->sim) > sent_ms + window_ms)
        return ln_sim_fail(&call->fault, "40078",
                           "The request came after its receiveWindow");
    return cancel_every(call);
}

/* ---- closing positions ---- */

/*
 * Close one position at market, in as many orders as the largest market
 * order needs.
 */
static void
close_one(struct ln_sim_call *call, const struct ln_ex_position *p, bool hedge,
          struct failures *failures)
{
    struct ln_sim *sim = call->sim;
    const struct ln_instrument *in = ln_sim_instrument(sim, p->instrument);
    int64_t left = p->size_lots;
    while (left > 0) {
        int64_t max = in->max_market_lots, id;
        struct ln_order_request req = {
            .instrument = p->instrument,
            .side = p->hold_side == LN_SHORT ? LN_BUY : LN_SELL,
            .type = LN_MARKET,
            .tif = LN_GTC,
            .pos_side = hedge ? p->hold_side : LN_NET,
            .margin_mode = p->margin_mode,
            .reduce_only = true,
            .size_lots = max > 0 && left > max ? max : left};
        enum ln_ex_refusal refusal =
            ln_ex_place(sim->ex, call->account, &req, &id);
        if (refusal != LN_EXR_OK) {
            struct ln_sim_fault f;
            ln_sim_refuse(&f, refusal, in);
            add_failure(failures, 0, ln_str(""), p->instrument, &f);
            return;
        }
        left -= req.size_lots;
        const struct ln_ex_order *o =
            ln_ex_find(sim->ex, call->account, id, NULL);
        ln_jw_obj(&call->w);
        ids(&call->w, id, o ? o->req.client_oid : "");
        ln_jw_kcstr(&call->w, "symbol", in->symbol);
        ln_jw_obj_end(&call->w);
    }
}

bool
ln_sim_close_positions(struct ln_sim_call *call)
{
    size_t n, wanted = 0;
    struct failures failures = {.count = 0};
    bool hedge = ln_ex_pos_mode(call->sim->ex, call->account) == LN_HEDGE;
    struct ln_str hold = ln_sim_param(call->params, "holdSide");
    uint8_t side = ln_str_eqi(hold, "short") ? LN_SHORT : LN_LONG;
    const struct ln_ex_position *p =
        ln_sim_positions(call->sim, call->account, &n);
    begin_lists(&call->w);
    for (size_t i = 0; i < n; i++) {
        if (call->in && p[i].instrument != call->inst)
            continue;
        if (hedge && hold.len > 0 && p[i].hold_side != side)
            continue;
        wanted++;
        close_one(call, &p[i], hedge, &failures);
    }
    if (wanted == 0)
        return ln_sim_refuse(&call->fault, LN_EXR_NO_POSITION, call->in);
    end_lists(call, &failures, true, false);
    return true;
}
