/*
 * What a batch answers, successList and then failureList; and the pages of
 * a list. See orders.h.
 */
#include "sim/orders.h"

void
ln_sim_ids(struct ln_json_writer *w, int64_t id, const char *client_oid)
{
    if (id)
        ln_jw_kintstr(w, "orderId", id);
    else
        ln_jw_kcstr(w, "orderId", "");
    ln_jw_kcstr(w, "clientOid", client_oid);
}

void
ln_sim_results_begin(struct ln_sim_results *r, struct ln_json_writer *w)
{
    r->count = 0;
    ln_jw_obj(w);
    ln_jw_key(w, "successList");
    ln_jw_arr(w);
}

void
ln_sim_results_done(struct ln_json_writer *w, int64_t id,
                    const char *client_oid, const struct ln_instrument *in)
{
    ln_jw_obj(w);
    ln_sim_ids(w, id, client_oid);
    if (in)
        ln_jw_kcstr(w, "symbol", in->symbol);
    ln_jw_obj_end(w);
}

void
ln_sim_results_failed(struct ln_sim_results *r, int64_t id,
                      struct ln_str client_oid, uint16_t inst,
                      const struct ln_sim_fault *f)
{
    if (r->count == LN_SIM_BATCH_MAX)
        return;
    struct ln_sim_failure *item = &r->items[r->count++];
    item->id = id;
    ln_str_copy(item->client_oid, sizeof(item->client_oid), client_oid);
    item->inst = inst;
    item->fault = *f;
}

void
ln_sim_results_end(const struct ln_sim_results *r, struct ln_sim_call *call,
                   bool with_symbol, bool result)
{
    struct ln_json_writer *w = &call->w;
    ln_jw_arr_end(w);
    ln_jw_key(w, "failureList");
    ln_jw_arr(w);
    for (size_t i = 0; i < r->count; i++) {
        const struct ln_sim_failure *item = &r->items[i];
        ln_jw_obj(w);
        ln_sim_ids(w, item->id, item->client_oid);
        if (with_symbol)
            ln_jw_kcstr(w, "symbol",
                        ln_sim_instrument(call->sim, item->inst)->symbol);
        ln_jw_kcstr(w, "errorMsg", item->fault.msg);
        ln_jw_kcstr(w, "errorCode", item->fault.code);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    if (result)
        ln_jw_kbool(w, "result", r->count == 0);
    ln_jw_obj_end(w);
}

bool
ln_sim_batch_list(struct ln_sim_call *call, const char *name, ln_json_val *out)
{
    const struct ln_json *doc = call->params->doc;
    *out = ln_json_get(doc, call->params->obj, name);
    if (ln_json_type(doc, *out) != LN_JSON_ARRAY ||
        ln_json_count(doc, *out) == 0)
        *out = LN_JSON_NONE;
    else if (ln_json_count(doc, *out) > LN_SIM_BATCH_MAX)
        return ln_sim_fail(&call->fault, "40306",
                           "Batch processing orders can only process up to %d",
                           LN_SIM_BATCH_MAX);
    return true;
}

/* ---- pages ---- */

void
ln_sim_page_row(struct ln_json_writer *w, const char *name, size_t rows)
{
    if (rows > 0)
        return;
    ln_jw_obj(w);
    ln_jw_key(w, name);
    ln_jw_arr(w);
}

void
ln_sim_page_end(struct ln_json_writer *w, const char *name, size_t rows,
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
