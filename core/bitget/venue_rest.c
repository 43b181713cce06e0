/*
 * Requests under way: each has one record from the call to its event, so
 * that stopping the venue forgets them all and nothing is told twice.
 */
#include "base/assert.h"
#include "base/log.h"
#include "bitget/bitget_int.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS_MAX            20000 /* of one question, over all pages */
#define TRANSPORT_FAILS_MAX 3     /* in a row: REST is down */

struct ln_bv_req *
ln_bv_req_new(struct ln_bitget *v, ln_bv_done_fn done)
{
    struct ln_bv_req *req = calloc(1, sizeof *req);

    if (!req) {
        /* Nothing can be told without memory; the log says it at least. */
        ln_warn("bitget", "no memory for a request");
        return NULL;
    }
    req->v = v;
    req->done = done;
    req->instrument = LN_INSTRUMENT_NONE;
    req->next = v->reqs;
    if (v->reqs)
        v->reqs->prev = req;
    v->reqs = req;
    return req;
}

static void
req_free(struct ln_bv_req *req)
{
    if (req->prev)
        req->prev->next = req->next;
    else
        req->v->reqs = req->next;
    if (req->next)
        req->next->prev = req->prev;
    free(req->rows);
    free(req);
}

void
ln_bv_drop_reqs(struct ln_bitget *v)
{
    struct ln_bv_req *last = NULL;

    for (struct ln_bv_req *r = v->reqs; r; r = r->next) {
        r->dead = true;
        last = r;
    }
    if (last) {
        last->next = v->dead_reqs;
        v->dead_reqs = v->reqs;
        v->reqs = NULL;
    }
    if (v->depth == 0)
        ln_bv_free_dead(v);
}

void
ln_bv_free_dead(struct ln_bitget *v)
{
    while (v->dead_reqs) {
        struct ln_bv_req *req = v->dead_reqs;
        v->dead_reqs = req->next;
        free(req->rows);
        free(req);
    }
}

void *
ln_bv_row(struct ln_bv_req *req, size_t size)
{
    char *row;

    if (req->count == req->cap) {
        size_t cap = req->cap ? req->cap * 2 : 64;
        void *rows;
        if (req->count >= ROWS_MAX)
            return NULL;
        rows = realloc(req->rows, cap * size);
        if (!rows)
            return NULL;
        req->rows = rows;
        req->cap = cap;
    }
    row = (char *)req->rows + req->count++ * size;
    memset(row, 0, size);
    return row;
}

/* Three transport errors in a row: REST is down; any answer: it is up. */
static void
watch_transport(struct ln_bitget *v, const struct ln_venue_error *error)
{
    if (error->code == LN_ERR_NET || error->code == LN_ERR_TIMEOUT ||
        error->code == LN_ERR_TLS) {
        if (++v->transport_failures >= TRANSPORT_FAILS_MAX) {
            ln_bv_part(v, LN_PART_REST, false, error->message, false);
            ln_bv_probe_rest(v);
        }
        return;
    }
    v->transport_failures = 0;
    if (v->told[LN_PART_REST] == LN_BV_DOWN && v->instruments.count > 0)
        ln_bv_part(v, LN_PART_REST, true, "answers again", false);
}

static void
on_answer(void *ctx, const struct ln_venue_error *error,
          const struct ln_json *doc, ln_json_val data)
{
    struct ln_bv_req *req = ctx;
    struct ln_bitget *v = req->v;

    v->depth++;
    watch_transport(v, error);
    if (!req->dead && !req->done(v, req, error, doc, data) && !req->dead)
        req_free(req);
    v->depth--;
}

void
ln_bv_send(struct ln_bv_req *req, const char *endpoint, enum ln_priority prio)
{
    const struct ln_endpoint *ep = ln_v2_endpoint(endpoint);

    LN_ASSERT(ep);
    if (!req->v->rest) {
        ln_bv_fail(req, LN_ERR_STATE, LN_VERDICT_RETRY,
                   "the client is not running");
        return;
    }
    ln_rest_call(req->v->rest, ep, &req->v->text, prio, on_answer, req);
}

void
ln_bv_query_json(struct ln_bv_req *req, const char *endpoint,
                 struct ln_str params, bool extra, enum ln_priority prio)
{
    struct ln_bitget *v = req->v;
    const struct ln_endpoint *ep = ln_v2_endpoint(endpoint);
    struct ln_error err = {0};
    char message[256];

    if (!ep) {
        const char *near = ln_v2_endpoint_nearest(endpoint);
        (void)snprintf(message, sizeof message,
                       "there is no endpoint '%.60s'%s%s%s", endpoint,
                       near ? "; did you mean '" : "", near ? near : "",
                       near ? "'?" : "");
        ln_bv_fail(req, LN_ERR_NOT_FOUND, LN_VERDICT_NO, message);
        return;
    }
    if (params.len == 0)
        params = ln_str("{}");
    if (ln_json_parse(&v->params_doc, params.ptr, params.len, &err) ||
        ln_endpoint_build(ep, &v->params_doc, extra, &v->text, &err)) {
        (void)snprintf(message, sizeof message, "%.200s", err.what);
        ln_bv_fail(req, err.code, LN_VERDICT_NO, message);
        return;
    }
    ln_bv_send(req, endpoint, prio);
}

void
ln_bv_query(struct ln_bv_req *req, const char *endpoint,
            const char *const *pairs)
{
    struct ln_bitget *v = req->v;

    ln_buf_reset(&v->params);
    ln_v2_encode_params(&v->params, pairs);
    ln_bv_query_json(req, endpoint, ln_buf_str(&v->params), false,
                     LN_PRIO_QUERY);
}

void
ln_bv_sync_clock(struct ln_bitget *v, struct ln_bv_req *req)
{
    ln_rest_sync_clock(v->rest, on_answer, req);
}

void
ln_bv_fail(struct ln_bv_req *req, enum ln_err code, enum ln_verdict verdict,
           const char *message)
{
    req->failed = true;
    memset(&req->error, 0, sizeof req->error);
    req->error.code = code;
    req->error.verdict = verdict;
    (void)ln_str_copy(req->error.message, sizeof req->error.message,
                      ln_str(message));
    ln_timer_start(req->v->outbox, 0, 0);
}

/* Failed requests, oldest first (they are kept newest first). */
static struct ln_bv_req *
oldest_failed(struct ln_bitget *v)
{
    struct ln_bv_req *found = NULL;
    for (struct ln_bv_req *r = v->reqs; r; r = r->next) {
        if (r->failed)
            found = r;
    }
    return found;
}

void
ln_bv_on_outbox(void *ctx)
{
    static const struct ln_json no_doc;
    struct ln_bitget *v = ctx;
    struct ln_bv_req *req;

    v->depth++;
    while (v->fn && (req = oldest_failed(v)) != NULL) {
        struct ln_venue_error error = req->error;
        req->failed = false;
        if (!req->done(v, req, &error, &no_doc, LN_JSON_NONE) && !req->dead)
            req_free(req);
    }
    v->depth--;
}
