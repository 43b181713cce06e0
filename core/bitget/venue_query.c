/*
 * Reads: open orders, positions, fills, candles, and any endpoint by name.
 * Lists are read page by page and told when they are complete.
 */
#include "base/log.h"
#include "bitget/bitget_int.h"
#include "bitget/v2/decode_rest.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE_ROWS    100 /* the most that orders and fills give at once */
#define HISTORY_FROM 4   /* unknown orders: then the history is read */
#define PAGES_MAX    50  /* then the exchange's cursor goes in circles */

static void
bad_answer(struct ln_venue_error *out, const struct ln_error *err)
{
    memset(out, 0, sizeof *out);
    out->code = err->code;
    out->verdict = LN_VERDICT_RETRY;
    out->sent = true;
    (void)snprintf(out->message, sizeof out->message, "%.200s", err->what);
}

/* The cursor of the next page; false at the end. */
static bool
next_page(struct ln_bv_req *req, const struct ln_json *doc, ln_json_val data,
          ln_json_val list)
{
    struct ln_str end = ln_v2_rest_end_id(doc, data);

    if (ln_json_count(doc, list) < PAGE_ROWS || end.len == 0 ||
        ++req->pages >= PAGES_MAX || ln_str_eqc(end, req->cursor))
        return false;
    return ln_str_copy(req->cursor, sizeof req->cursor, end);
}

/* ---- open orders ---- */

static void
ask_open_orders(struct ln_bv_req *req)
{
    const char *pairs[] = {"productType", req->v->cfg.product, "limit", "100",
                           "idLessThan",  req->cursor,         NULL};
    ln_bv_query(req, "get_orders_pending", pairs);
}

static void
tell_open_orders(struct ln_bitget *v, const struct ln_bv_req *req,
                 const struct ln_venue_error *error)
{
    struct ln_venue_event e = {.type = LN_VE_ORDERS,
                               .instrument = LN_INSTRUMENT_NONE,
                               .received_ns = ln_loop_now_ns(v->loop)};

    e.u.orders.error = *error;
    if (error->code == LN_OK) {
        e.u.orders.items = req->rows;
        e.u.orders.count = req->count;
    }
    ln_bv_emit(v, &e);
    if (v->fn)
        ln_bv_round_part(v, req->round, error->code == LN_OK);
}

static bool
open_orders_done(struct ln_bitget *v, struct ln_bv_req *req,
                 const struct ln_venue_error *error, const struct ln_json *doc,
                 ln_json_val data)
{
    ln_json_val list = ln_v2_rest_list(doc, data, "entrustedList");
    struct ln_error err = {0};

    for (ln_json_val row = ln_json_first(doc, list);
         error->code == LN_OK && row != LN_JSON_NONE;
         row = ln_json_next(doc, list, row)) {
        struct ln_order_update u, *at;
        /* Whoever misses it in the list will ask for it by its id. */
        if (ln_v2_rest_order(doc, row, &v->instruments, &u, &err)) {
            ln_warn("bitget", "an open order is not understood: %s", err.what);
            continue;
        }
        at = ln_bv_row(req, sizeof *at);
        if (at)
            *at = u;
        ln_known_put(&v->known, u.order_id, u.client_oid, u.side, u.pos_side);
    }
    if (error->code == LN_OK && next_page(req, doc, data, list)) {
        ask_open_orders(req);
        return true;
    }
    tell_open_orders(v, req, error);
    return false;
}

/* Every question needs keys; false after failing it. */
static bool
has_keys(struct ln_bv_req *req)
{
    if (req->v->has_keys)
        return true;
    ln_bv_fail(req, LN_ERR_STATE, LN_VERDICT_NO, "there are no API keys");
    return false;
}

void
ln_bv_open_orders(struct ln_bitget *v, unsigned round)
{
    struct ln_bv_req *req = ln_bv_req_new(v, open_orders_done);
    if (!req)
        return;
    req->round = round;
    if (has_keys(req))
        ask_open_orders(req);
}

/* ---- positions ---- */

static bool
positions_done(struct ln_bitget *v, struct ln_bv_req *req,
               const struct ln_venue_error *error, const struct ln_json *doc,
               ln_json_val data)
{
    struct ln_venue_event e = {.type = LN_VE_POSITIONS,
                               .instrument = LN_INSTRUMENT_NONE,
                               .received_ns = ln_loop_now_ns(v->loop)};
    ln_json_val list = ln_v2_rest_list(doc, data, NULL);
    struct ln_venue_error bad;
    struct ln_error err = {0};

    for (ln_json_val row = ln_json_first(doc, list);
         error->code == LN_OK && row != LN_JSON_NONE;
         row = ln_json_next(doc, list, row)) {
        struct ln_position_update *at;
        struct ln_v2_position pos;
        if (ln_v2_rest_position(doc, row, &v->instruments, &pos, &err)) {
            if (err.code == LN_ERR_NOT_FOUND)
                continue; /* of a contract that nobody here trades */
            bad_answer(&bad, &err);
            error = &bad;
            break;
        }
        if (pos.update.pos_mode)
            v->pos_mode = pos.update.pos_mode;
        at = ln_bv_row(req, sizeof *at);
        if (at)
            *at = pos.update;
    }
    e.u.positions.error = *error;
    e.u.positions.from_query = true;
    if (error->code == LN_OK) {
        e.u.positions.items = req->rows;
        e.u.positions.count = req->count;
    }
    ln_bv_emit(v, &e);
    if (v->fn)
        ln_bv_round_part(v, req->round, error->code == LN_OK);
    return false;
}

void
ln_bv_positions(struct ln_bitget *v, unsigned round)
{
    const char *pairs[] = {"productType", v->cfg.product, NULL};
    struct ln_bv_req *req = ln_bv_req_new(v, positions_done);
    if (!req)
        return;
    req->round = round;
    if (has_keys(req))
        ln_bv_query(req, "get_all_position", pairs);
}

/* ---- fills ---- */

static void
ask_fills(struct ln_bv_req *req)
{
    const struct ln_instrument *in =
        ln_instruments_at(&req->v->instruments, req->instrument);
    char since[24] = "";

    if (req->since_ms > 0)
        (void)snprintf(since, sizeof since, "%lld", (long long)req->since_ms);
    const char *pairs[] = {"symbol",      in ? in->symbol : "",
                           "productType", req->v->cfg.product,
                           "startTime",   since,
                           "limit",       "100",
                           "idLessThan",  req->cursor,
                           NULL};
    ln_bv_query(req, "get_order_fills", pairs);
}

/* Pages came newest first; fills are told in the order they happened. */
static void
tell_fills(struct ln_bitget *v, struct ln_bv_req *req)
{
    struct ln_fill *fills = req->rows;
    int64_t now = ln_loop_now_ns(v->loop);

    for (size_t i = req->count; i > 0 && v->fn; i--) {
        struct ln_fill *f = &fills[i - 1];
        bool fresh = ln_known_fill_new(&v->known, f->trade_id, f->order_id);
        /* Reconciliation tells what is new; a question gets it all. */
        if (fresh || req->round == 0)
            ln_bv_tell_fill(v, f, now);
    }
}

/*
 * A fill names its order by the exchange's id alone. After a restart that id
 * may mean nothing yet: the order is asked for, so that its clientOid is
 * known before the fill is told. Many at once are looked for in the history
 * first, a hundred per request.
 */
static const struct ln_fill *
unknown_from(const struct ln_bv_req *req, size_t *at)
{
    const struct ln_fill *fills = req->rows;

    for (; *at < req->count; (*at)++) {
        const struct ln_fill *f = &fills[*at];
        const struct ln_known_order *o =
            ln_known_find(&req->v->known, f->order_id, f->client_oid);
        if (!f->client_oid[0] && !(o && o->client_oid[0]) &&
            ln_instruments_at(&req->v->instruments, f->instrument))
            return f;
    }
    return NULL;
}

static size_t
count_unknown(const struct ln_bv_req *req)
{
    size_t n = 0;
    for (size_t at = 0; unknown_from(req, &at); at++)
        n++;
    return n;
}

static void
ask_history(struct ln_bv_req *req)
{
    char since[24] = "";

    if (req->since_ms > 0)
        (void)snprintf(since, sizeof since, "%lld", (long long)req->since_ms);
    const char *pairs[] = {
        "productType", req->v->cfg.product, "startTime", since, "limit",
        "100",         "idLessThan",        req->cursor, NULL};
    ln_bv_query(req, "get_orders_history", pairs);
}

/* The next question about the orders of fills; false: there is none. */
static bool
ask_unknown_order(struct ln_bv_req *req)
{
    if (req->stage == LN_BV_FILLS && count_unknown(req) >= HISTORY_FROM) {
        req->stage = LN_BV_HISTORY;
        req->cursor[0] = '\0';
        req->pages = 0;
        ask_history(req);
        return true;
    }
    const struct ln_fill *f = unknown_from(req, &req->at);
    if (!f)
        return false;
    const struct ln_instrument *in =
        ln_instruments_at(&req->v->instruments, f->instrument);
    const char *pairs[] = {
        "symbol",  in->symbol,  "productType", req->v->cfg.product,
        "orderId", f->order_id, NULL};
    req->stage = LN_BV_DETAILS;
    req->at++;
    ln_bv_query(req, "get_order_detail", pairs);
    return true;
}

/* What cannot be found out is told without a name: somebody else's. */
static void
learn_order(struct ln_bitget *v, const struct ln_json *doc, ln_json_val row)
{
    struct ln_order_update u = {0};
    struct ln_error err = {0};

    if (ln_v2_rest_order(doc, row, &v->instruments, &u, &err) == LN_OK)
        ln_bv_tell_order(v, &u, ln_loop_now_ns(v->loop));
}

/* An answer about the orders of fills. True: it goes on. */
static bool
orders_of_fills(struct ln_bitget *v, struct ln_bv_req *req,
                const struct ln_venue_error *error, const struct ln_json *doc,
                ln_json_val data)
{
    if (req->stage == LN_BV_DETAILS) {
        if (error->code == LN_OK)
            learn_order(v, doc, data);
        return v->fn && ask_unknown_order(req);
    }
    ln_json_val list = ln_v2_rest_list(doc, data, "entrustedList");
    for (ln_json_val row = ln_json_first(doc, list);
         error->code == LN_OK && row != LN_JSON_NONE && v->fn;
         row = ln_json_next(doc, list, row))
        learn_order(v, doc, row);
    if (!v->fn)
        return false;
    if (error->code == LN_OK && next_page(req, doc, data, list)) {
        ask_history(req);
        return true;
    }
    return ask_unknown_order(req);
}

static bool
fills_done(struct ln_bitget *v, struct ln_bv_req *req,
           const struct ln_venue_error *error, const struct ln_json *doc,
           ln_json_val data)
{
    ln_json_val list = ln_v2_rest_list(doc, data, "fillList");
    struct ln_error err = {0};
    bool old = false; /* the page reaches back behind since_ms */

    if (req->stage != LN_BV_FILLS) {
        bool unclear = error->code != LN_OK &&
                       error->verdict != LN_VERDICT_NO &&
                       error->verdict != LN_VERDICT_STATE;
        if (unclear && req->round) {
            ln_warn("bitget", "the orders of fills are not known: %s",
                    error->message);
            ln_bv_round_part(v, req->round, false);
            return false;
        }
        if (orders_of_fills(v, req, error, doc, data))
            return true;
        if (v->fn)
            tell_fills(v, req);
        if (v->fn)
            ln_bv_round_part(v, req->round, true);
        return false;
    }
    if (error->code != LN_OK) {
        ln_warn("bitget", "the fills are not known: %s", error->message);
        ln_bv_round_part(v, req->round, false);
        return false;
    }
    for (ln_json_val row = ln_json_first(doc, list); row != LN_JSON_NONE;
         row = ln_json_next(doc, list, row)) {
        struct ln_fill f, *at;
        if (ln_v2_rest_fill(doc, row, &v->instruments, &f, &err)) {
            ln_warn("bitget", "a fill is not understood: %s", err.what);
            continue;
        }
        if (f.time_ms < req->since_ms) {
            old = true;
            continue;
        }
        at = ln_bv_row(req, sizeof *at);
        if (at)
            *at = f;
    }
    if (!old && next_page(req, doc, data, list)) {
        ask_fills(req);
        return true;
    }
    if (v->fn && ask_unknown_order(req))
        return true;
    tell_fills(v, req);
    if (v->fn)
        ln_bv_round_part(v, req->round, true);
    return false;
}

void
ln_bv_fills(struct ln_bitget *v, uint16_t instrument, int64_t since_ms,
            unsigned round)
{
    struct ln_bv_req *req = ln_bv_req_new(v, fills_done);
    if (!req)
        return;
    req->round = round;
    req->instrument = instrument;
    req->since_ms = since_ms;
    if (has_keys(req))
        ask_fills(req);
}
