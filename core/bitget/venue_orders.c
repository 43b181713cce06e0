/*
 * Writes: submit, cancel, amend; and the question what became of an order.
 * Each is told exactly one LN_VE_RESULT, and none is ever sent twice: what a
 * missing answer means is for the host to find out (query_order).
 *
 * The client_oid of a result is the one that the caller named: for an amend
 * that of the order as it was; its order_id is the replacement's.
 */
#include "base/log.h"
#include "bitget/bitget_int.h"
#include "bitget/v2/decode_rest.h"

#include <stdio.h>

#define CODE_MODE_MISMATCH 40774
#define CODE_NOT_FOUND     40109

static void
tell_result(struct ln_bitget *v, const struct ln_bv_req *req,
            const struct ln_venue_error *error, const char *order_id,
            bool found)
{
    struct ln_venue_event e = {.type = LN_VE_RESULT,
                               .instrument = req->instrument,
                               .received_ns = ln_loop_now_ns(v->loop)};

    e.u.result.op = req->op;
    memcpy(e.u.result.client_oid, req->client_oid, sizeof req->client_oid);
    (void)ln_str_copy(e.u.result.order_id, sizeof e.u.result.order_id,
                      ln_str(order_id));
    e.u.result.error = *error;
    e.u.result.found = found;
    ln_bv_emit(v, &e);
}

static struct ln_bv_req *
write_req(struct ln_bitget *v, ln_bv_done_fn done, enum ln_venue_op op,
          uint16_t instrument, const char *client_oid, const char *order_id)
{
    struct ln_bv_req *req = ln_bv_req_new(v, done);
    if (!req)
        return NULL;
    req->op = op;
    req->instrument = instrument;
    (void)ln_str_copy(req->client_oid, sizeof req->client_oid,
                      ln_str(client_oid));
    (void)ln_str_copy(req->order_id, sizeof req->order_id, ln_str(order_id));
    return req;
}

/* The instrument, or NULL after failing the request for what is missing. */
static const struct ln_instrument *
ready_for(struct ln_bv_req *req)
{
    struct ln_bitget *v = req->v;
    const struct ln_instrument *in =
        ln_instruments_at(&v->instruments, req->instrument);

    if (!v->has_keys) {
        ln_bv_fail(req, LN_ERR_STATE, LN_VERDICT_NO, "there are no API keys");
        return NULL;
    }
    if (!in) {
        ln_bv_fail(req, LN_ERR_NOT_FOUND, LN_VERDICT_NO,
                   "there is no such instrument");
        return NULL;
    }
    if (v->pos_mode == 0) {
        ln_bv_fail(req, LN_ERR_STATE, LN_VERDICT_RETRY,
                   "the position mode of the account is not known yet");
        return NULL;
    }
    return in;
}

static struct ln_v2_terms
terms_of(const struct ln_bitget *v)
{
    return (struct ln_v2_terms){v->cfg.product, v->pos_mode};
}

static void
fail_encode(struct ln_bv_req *req, const struct ln_error *err)
{
    ln_bv_fail(req, err->code, LN_VERDICT_NO, err->what);
}

/* Ids of a good answer; what cannot be read is simply not told. */
static struct ln_v2_order_ids
ids_of(const struct ln_venue_error *error, const struct ln_json *doc,
       ln_json_val data)
{
    struct ln_v2_order_ids ids = {{0}, {0}};
    struct ln_error err = {0};

    if (error->code == LN_OK && ln_v2_rest_order_ids(doc, data, &ids, &err))
        ln_warn("bitget", "an accepted order came without ids: %s", err.what);
    return ids;
}

/* ---- submit ---- */

static bool
submit_done(struct ln_bitget *v, struct ln_bv_req *req,
            const struct ln_venue_error *error, const struct ln_json *doc,
            ln_json_val data)
{
    struct ln_v2_order_ids ids = ids_of(error, doc, data);

    if (error->code == LN_OK)
        ln_known_put(&v->known, ids.order_id, req->client_oid, 0, 0);
    if (error->exchange_code == CODE_MODE_MISMATCH)
        ln_bv_ask_account(v);
    tell_result(v, req, error, ids.order_id, false);
    return false;
}

void
ln_bv_submit(struct ln_venue *venue, const struct ln_order_request *order)
{
    struct ln_bitget *v = ln_bv_of(venue);
    struct ln_v2_terms terms = terms_of(v);
    struct ln_bv_req *req = write_req(v, submit_done, LN_OP_SUBMIT,
                                      order->instrument, order->client_oid, "");
    const struct ln_instrument *in = req ? ready_for(req) : NULL;
    struct ln_error err = {0};

    if (!in)
        return;
    if (ln_v2_encode_place(&v->text, &terms, in, order, &err)) {
        fail_encode(req, &err);
        return;
    }
    ln_known_put(&v->known, "", order->client_oid, order->side,
                 v->pos_mode == LN_HEDGE ? order->pos_side : LN_NET);
    ln_bv_send(req, "place_order",
               order->reduce_only ? LN_PRIO_REDUCE : LN_PRIO_OPEN);
}

/* ---- cancel ---- */

/* Not there any more, or final: the order's state has to be read again. */
static bool
is_already_gone(int32_t code)
{
    static const int32_t codes[] = {40768, 43001, 45057, 31007, 22001, 43004,
                                    45031, 45055, 45056, 40109, 41101};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i] == code)
            return true;
    }
    return false;
}

static bool
cancel_done(struct ln_bitget *v, struct ln_bv_req *req,
            const struct ln_venue_error *error, const struct ln_json *doc,
            ln_json_val data)
{
    struct ln_v2_order_ids ids = ids_of(error, doc, data);
    struct ln_venue_error told = *error;

    if (is_already_gone(error->exchange_code))
        told.verdict = LN_VERDICT_STATE;
    tell_result(v, req, &told, ids.order_id[0] ? ids.order_id : req->order_id,
                false);
    return false;
}

void
ln_bv_cancel(struct ln_venue *venue, uint16_t instrument,
             const char *client_oid, const char *order_id)
{
    struct ln_bitget *v = ln_bv_of(venue);
    struct ln_v2_terms terms = terms_of(v);
    struct ln_bv_req *req =
        write_req(v, cancel_done, LN_OP_CANCEL, instrument,
                  client_oid ? client_oid : "", order_id ? order_id : "");
    const struct ln_instrument *in = req ? ready_for(req) : NULL;
    struct ln_error err = {0};

    if (!in)
        return;
    if (ln_v2_encode_cancel(&v->text, &terms, in, req->client_oid,
                            req->order_id, &err)) {
        fail_encode(req, &err);
        return;
    }
    ln_bv_send(req, "cancel_order", LN_PRIO_CANCEL);
}

/* ---- amend ---- */

static bool
amend_done(struct ln_bitget *v, struct ln_bv_req *req,
           const struct ln_venue_error *error, const struct ln_json *doc,
           ln_json_val data)
{
    struct ln_v2_order_ids ids = ids_of(error, doc, data);
    struct ln_venue_error told = *error;

    /* It is not certain whose id the answer carries: an old one is none. */
    if (strcmp(ids.order_id, req->order_id) == 0)
        ids.order_id[0] = '\0';
    if (is_already_gone(error->exchange_code))
        told.verdict = LN_VERDICT_STATE;
    tell_result(v, req, &told, ids.order_id, false);
    return false;
}

void
ln_bv_amend(struct ln_venue *venue, const struct ln_order_request *current,
            const char *order_id, const char *new_client_oid,
            int64_t price_ticks, int64_t size_lots)
{
    struct ln_bitget *v = ln_bv_of(venue);
    struct ln_v2_terms terms = terms_of(v);
    struct ln_bv_req *req =
        write_req(v, amend_done, LN_OP_AMEND, current->instrument,
                  current->client_oid, order_id ? order_id : "");
    const struct ln_instrument *in = req ? ready_for(req) : NULL;
    struct ln_error err = {0};

    if (!in)
        return;
    if (current->type != LN_LIMIT) {
        ln_bv_fail(req, LN_ERR_ARG, LN_VERDICT_NO,
                   "only limit orders can be amended");
        return;
    }
    if (ln_v2_encode_amend(&v->text, &terms, in, current->client_oid, order_id,
                           new_client_oid,
                           price_ticks ? price_ticks : current->price_ticks,
                           size_lots ? size_lots : current->size_lots, &err)) {
        fail_encode(req, &err);
        return;
    }
    ln_known_put(&v->known, "", new_client_oid, current->side,
                 v->pos_mode == LN_HEDGE ? current->pos_side : LN_NET);
    ln_bv_send(req, "modify_order",
               current->reduce_only ? LN_PRIO_REDUCE : LN_PRIO_OPEN);
}

/* ---- what became of it ---- */

static bool
query_done(struct ln_bitget *v, struct ln_bv_req *req,
           const struct ln_venue_error *error, const struct ln_json *doc,
           ln_json_val data)
{
    struct ln_venue_error told = *error;
    struct ln_order_update u = {0};
    struct ln_error err = {0};
    bool found = false;

    if (error->exchange_code == CODE_NOT_FOUND) {
        memset(&told, 0, sizeof told); /* a good answer: there is none */
        told.http_status = error->http_status;
        told.sent = true;
    } else if (error->code == LN_OK) {
        if (ln_v2_rest_order(doc, data, &v->instruments, &u, &err)) {
            told.code = err.code;
            told.verdict = LN_VERDICT_ASK;
            (void)snprintf(told.message, sizeof told.message, "%.200s",
                           err.what);
        } else {
            found = true;
            ln_bv_tell_order(v, &u, ln_loop_now_ns(v->loop));
        }
    }
    tell_result(v, req, &told, u.order_id, found);
    return false;
}

void
ln_bv_query_order(struct ln_venue *venue, uint16_t instrument,
                  const char *client_oid)
{
    struct ln_bitget *v = ln_bv_of(venue);
    struct ln_bv_req *req = write_req(v, query_done, LN_OP_QUERY, instrument,
                                      client_oid ? client_oid : "", "");
    const struct ln_instrument *in = req ? ready_for(req) : NULL;

    if (!in)
        return;
    if (!req->client_oid[0]) {
        ln_bv_fail(req, LN_ERR_ARG, LN_VERDICT_NO, "no clientOid is given");
        return;
    }
    const char *pairs[] = {
        "symbol",    in->symbol,      "productType", v->cfg.product,
        "clientOid", req->client_oid, NULL};
    ln_bv_query(req, "get_order_detail", pairs);
}
