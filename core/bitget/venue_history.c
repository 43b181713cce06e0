/*
 * Candles of the past, from two endpoints: the recent one (to about a month
 * back, with the forming candle), then the history, page by page backwards.
 * And call(): any endpoint by its name.
 */
#include "base/log.h"
#include "bitget/bitget_int.h"
#include "bitget/v2/decode_rest.h"
#include "market/timeframe.h"

#include <stdio.h>
#include <stdlib.h>

#define RECENT_ROWS 1000 /* the most of get_candles */
#define OLD_ROWS    200  /* the most of get_history_candles */
#define CANDLES_MAX 10000
#define PAGES_MAX   (CANDLES_MAX / OLD_ROWS + 2)

static int
by_time(const void *a, const void *b)
{
    const struct ln_candle *x = a, *y = b;
    return x->time_ms < y->time_ms ? -1 : x->time_ms > y->time_ms;
}

/* Ascending, each opening time once (of twice: the later row, it is newer). */
static size_t
tidy(struct ln_candle *rows, size_t count)
{
    size_t kept = 0;

    if (count == 0)
        return 0;
    qsort(rows, count, sizeof *rows, by_time);
    for (size_t i = 1; i < count; i++) {
        if (rows[i].time_ms == rows[kept].time_ms)
            continue;
        rows[++kept] = rows[i];
    }
    return kept + 1;
}

static void
tell_candles(struct ln_bitget *v, struct ln_bv_req *req,
             const struct ln_venue_error *error)
{
    struct ln_venue_event e = {.type = LN_VE_CANDLES,
                               .instrument = req->instrument,
                               .received_ns = ln_loop_now_ns(v->loop)};
    struct ln_candle *rows = req->rows;
    size_t limit = (size_t)req->limit;

    req->count = tidy(rows, req->count);
    e.u.candles.tf = req->tf;
    e.u.candles.tag = req->tag;
    e.u.candles.error = *error;
    if (error->code == LN_OK && req->count > 0) {
        size_t skip = req->count > limit ? req->count - limit : 0;
        e.u.candles.items = rows + skip;
        e.u.candles.count = req->count - skip;
    }
    ln_bv_emit(v, &e);
}

static void
ask_candles(struct ln_bv_req *req)
{
    const struct ln_instrument *in =
        ln_instruments_at(&req->v->instruments, req->instrument);
    int most = req->pages == 0 ? RECENT_ROWS : OLD_ROWS;
    /* One more: the newest may be dropped for ending too late. */
    int want = req->limit - (int)req->count + 1;
    char limit[16], end[24] = "";

    if (want > most)
        want = most;
    if (req->before_ms > 0)
        (void)snprintf(end, sizeof end, "%lld", (long long)req->before_ms);
    (void)snprintf(limit, sizeof limit, "%d", want);
    const char *pairs[] = {"symbol",      in->symbol,
                           "productType", req->v->cfg.product,
                           "granularity", ln_timeframe_name(req->tf),
                           "endTime",     end,
                           "limit",       limit,
                           NULL};
    ln_bv_query(req, req->pages == 0 ? "get_candles" : "get_history_candles",
                pairs);
}

/* Adds the rows of a page; false when a row is not understood. */
static bool
add_candles(struct ln_bv_req *req, const struct ln_json *doc, ln_json_val data,
            size_t *added, struct ln_error *err)
{
    struct ln_bitget *v = req->v;
    const struct ln_instrument *in =
        ln_instruments_at(&v->instruments, req->instrument);
    ln_json_val list = ln_v2_rest_list(doc, data, NULL);

    for (ln_json_val row = ln_json_first(doc, list); row != LN_JSON_NONE;
         row = ln_json_next(doc, list, row)) {
        struct ln_candle c, *at;
        if (ln_v2_read_candle(doc, row, in, &c, err))
            return false;
        if (req->end_ms > 0 &&
            ln_timeframe_next(req->tf, c.time_ms) > req->end_ms)
            continue;
        if (req->before_ms > 0 && c.time_ms >= req->before_ms)
            continue; /* had it: pages may overlap by one */
        at = ln_bv_row(req, sizeof *at);
        if (at) {
            *at = c;
            (*added)++;
        }
    }
    return true;
}

static int64_t
oldest(const struct ln_bv_req *req)
{
    const struct ln_candle *rows = req->rows;
    int64_t found = INT64_MAX;

    for (size_t i = 0; i < req->count; i++) {
        if (rows[i].time_ms < found)
            found = rows[i].time_ms;
    }
    return found;
}

static bool
candles_done(struct ln_bitget *v, struct ln_bv_req *req,
             const struct ln_venue_error *error, const struct ln_json *doc,
             ln_json_val data)
{
    struct ln_venue_error bad = {
        .code = LN_ERR_PARSE, .verdict = LN_VERDICT_RETRY, .sent = true};
    struct ln_error err = {0};
    size_t added = 0;
    bool first = req->pages == 0;

    if (error->code == LN_OK && !add_candles(req, doc, data, &added, &err)) {
        (void)snprintf(bad.message, sizeof bad.message, "%.200s", err.what);
        error = &bad;
    }
    /* An empty first page may only mean that the time is long ago. */
    if (error->code == LN_OK && req->count < (size_t)req->limit &&
        (added > 0 || (first && req->end_ms > 0)) && ++req->pages < PAGES_MAX) {
        if (req->count > 0)
            req->before_ms = oldest(req);
        ask_candles(req);
        return true;
    }
    tell_candles(v, req, error);
    return false;
}

void
ln_bv_fetch_candles(struct ln_venue *venue, uint16_t instrument,
                    enum ln_timeframe tf, int limit, int64_t end_ms,
                    uint64_t tag)
{
    struct ln_bitget *v = ln_bv_of(venue);
    struct ln_bv_req *req = ln_bv_req_new(v, candles_done);

    if (!req)
        return;
    req->instrument = instrument;
    req->tf = tf;
    req->limit = limit < 1 ? 1 : limit > CANDLES_MAX ? CANDLES_MAX : limit;
    req->end_ms = end_ms;
    req->before_ms = end_ms;
    req->tag = tag;
    if (!ln_instruments_at(&v->instruments, instrument))
        ln_bv_fail(req, LN_ERR_NOT_FOUND, LN_VERDICT_NO,
                   "there is no such instrument");
    else if (tf <= LN_TF_NONE || tf >= LN_TF_COUNT)
        ln_bv_fail(req, LN_ERR_ARG, LN_VERDICT_NO,
                   "there is no such timeframe");
    else
        ask_candles(req);
}

/* ---- any endpoint ---- */

static bool
call_done(struct ln_bitget *v, struct ln_bv_req *req,
          const struct ln_venue_error *error, const struct ln_json *doc,
          ln_json_val data)
{
    struct ln_venue_event e = {.type = LN_VE_REPLY,
                               .instrument = LN_INSTRUMENT_NONE,
                               .received_ns = ln_loop_now_ns(v->loop)};

    e.u.reply.tag = req->tag;
    e.u.reply.error = *error;
    e.u.reply.json = ln_str("null");
    if (error->code == LN_OK && data < doc->count) {
        const struct ln_json_tok *tok = &doc->toks[data];
        /* Strings are kept without their quotes: give them back. */
        size_t quotes = tok->type == LN_JSON_STRING ? 1 : 0;
        e.u.reply.json =
            ln_strn(doc->text + tok->start - quotes, tok->len + 2 * quotes);
    }
    ln_bv_emit(v, &e);
    return false;
}

static enum ln_priority
priority_of(const char *endpoint)
{
    const struct ln_endpoint *ep = ln_v2_endpoint(endpoint);

    if (!ep || strcmp(ep->method, "GET") == 0)
        return LN_PRIO_QUERY;
    if (strstr(endpoint, "cancel") || strstr(endpoint, "close"))
        return LN_PRIO_CANCEL;
    return LN_PRIO_OPEN;
}

void
ln_bv_call(struct ln_venue *venue, const char *endpoint,
           struct ln_str params_json, uint64_t tag)
{
    struct ln_bitget *v = ln_bv_of(venue);
    struct ln_bv_req *req = ln_bv_req_new(v, call_done);

    if (!req)
        return;
    req->tag = tag;
    ln_bv_query_json(req, endpoint, params_json, false, priority_of(endpoint));
}
