/*
 * Starting up, step by step, each repeated until it succeeds:
 *
 *   CLOCK -> CONTRACTS -> (public stream) -> ACCOUNT -> (private stream)
 *
 * and what has to be repeated while running: clock and contracts, hourly.
 */
#include "base/log.h"
#include "bitget/bitget_int.h"
#include "bitget/v2/decode_rest.h"

#include <stdio.h>

#define UPKEEP_MS      (3600LL * 1000)
#define PROBE_MS       1000
#define SLOW_MS        60000 /* when the key itself is refused */
#define ACCOUNT_NS     (10LL * 1000000000)
#define FIRST_FILLS_MS (5LL * 60 * 1000) /* before the start, at least */

enum { STEP_CLOCK, STEP_CONTRACTS, STEP_ACCOUNT, STEP_RUNNING };

static void
next_step(struct ln_bitget *v, int step)
{
    v->start_step = step;
    ln_backoff_reset(&v->start_backoff);
    ln_timer_start(v->start_timer, 0, 0);
}

static void
step_failed(struct ln_bitget *v, enum ln_venue_part part, const char *what,
            const struct ln_venue_error *error)
{
    /* A refused key or an untrusted certificate stays so, however often. */
    bool refused = error->code == LN_ERR_TLS ||
                   (part == LN_PART_PRIVATE && error->exchange_code != 0 &&
                    error->verdict == LN_VERDICT_NO);
    int64_t delay = ln_backoff_next_ms(&v->start_backoff, &v->rng);
    struct ln_error text = {0};
    char why[512];

    if (refused)
        delay += SLOW_MS;
    ln_venue_error_text(error, &text);
    const char *cure =
        error->code == LN_ERR_TLS
            ? "; set venue.ca to the PEM file of the server's authority"
            : "";
    (void)snprintf(why, sizeof why, "%s: %s%s", what, text.what, cure);
    ln_warn("bitget", "%s; next attempt in %lld ms", why, (long long)delay);
    ln_timer_start(v->start_timer, delay, 0);
    ln_bv_part(v, part, false, why, refused);
}

/* ---- clock ---- */

static bool
clock_done(struct ln_bitget *v, struct ln_bv_req *req,
           const struct ln_venue_error *error, const struct ln_json *doc,
           ln_json_val data)
{
    (void)req;
    (void)doc;
    (void)data;
    if (error->code != LN_OK)
        step_failed(v, LN_PART_REST, "the server's time is not known", error);
    else
        next_step(v, STEP_CONTRACTS);
    return false;
}

/* ---- contracts ---- */

/* The grid moved: what the book holds is on the old one. */
static void
grid_changed(struct ln_bitget *v, uint16_t index)
{
    struct ln_bv_market *m = v->markets[index];
    struct ln_sub *sub =
        ln_subs_find(&v->pub, "books", v->instruments.items[index].symbol);

    ln_warn("bitget", "%s has new price or size steps",
            v->instruments.items[index].symbol);
    if (m && m->has_book)
        ln_book_clear(&m->book);
    if (sub && sub->stream)
        ln_stream_resync(sub->stream, sub);
}

static void
put_contract(struct ln_bitget *v, const struct ln_instrument *in)
{
    uint16_t index = ln_instruments_find(&v->instruments, ln_str(in->symbol));
    const struct ln_instrument *old = ln_instruments_at(&v->instruments, index);
    bool moved = old && (old->price_scale != in->price_scale ||
                         old->price_step != in->price_step ||
                         old->size_scale != in->size_scale ||
                         old->lot_step != in->lot_step);

    if (ln_instruments_put(&v->instruments, in, &index) != LN_OK)
        ln_warn("bitget", "no room for the contract %s", in->symbol);
    else if (moved)
        grid_changed(v, index);
}

static size_t
read_contracts(struct ln_bitget *v, const struct ln_json *doc, ln_json_val data)
{
    ln_json_val list = ln_v2_rest_list(doc, data, NULL);
    size_t count = 0;

    for (ln_json_val row = ln_json_first(doc, list); row != LN_JSON_NONE;
         row = ln_json_next(doc, list, row)) {
        struct ln_instrument in;
        struct ln_error err = {0};
        if (ln_v2_rest_contract(doc, row, &in, &err)) {
            ln_warn("bitget", "a contract is left out: %s", err.what);
            continue;
        }
        put_contract(v, &in);
        count++;
    }
    return count;
}

static void
tell_instruments(struct ln_bitget *v)
{
    struct ln_venue_event e = {.type = LN_VE_INSTRUMENTS,
                               .instrument = LN_INSTRUMENT_NONE,
                               .received_ns = ln_loop_now_ns(v->loop)};
    ln_bv_emit(v, &e);
}

static bool
contracts_done(struct ln_bitget *v, struct ln_bv_req *req,
               const struct ln_venue_error *error, const struct ln_json *doc,
               ln_json_val data)
{
    struct ln_venue_error none = {.code = LN_ERR_VENUE,
                                  .verdict = LN_VERDICT_RETRY,
                                  .message = "the list is empty"};

    (void)req;
    if (error->code == LN_OK && read_contracts(v, doc, data) > 0) {
        tell_instruments(v);
        ln_bv_part(v, LN_PART_REST, true, "", false);
        if (v->fn)
            next_step(v, STEP_ACCOUNT);
        if (v->fn && ln_subs_start(&v->pub) != LN_OK)
            ln_bv_part(v, LN_PART_PUBLIC, false, "no memory", false);
        return false;
    }
    step_failed(v, LN_PART_REST, "the contracts are not known",
                error->code == LN_OK ? &none : error);
    return false;
}

/* Hourly: the same list again, but nothing depends on it. */
static bool
refresh_done(struct ln_bitget *v, struct ln_bv_req *req,
             const struct ln_venue_error *error, const struct ln_json *doc,
             ln_json_val data)
{
    (void)req;
    if (error->code == LN_OK && read_contracts(v, doc, data) > 0)
        tell_instruments(v);
    return false;
}

static void
ask_contracts(struct ln_bitget *v, ln_bv_done_fn done)
{
    const char *pairs[] = {"productType", v->cfg.product, NULL};
    struct ln_bv_req *req = ln_bv_req_new(v, done);
    if (req)
        ln_bv_query(req, "get_contracts", pairs);
}

/* ---- account ---- */

static void
tell_account(struct ln_bitget *v, const struct ln_account_update *a)
{
    struct ln_venue_event e = {.type = LN_VE_ACCOUNT,
                               .instrument = LN_INSTRUMENT_NONE,
                               .received_ns = ln_loop_now_ns(v->loop)};
    e.u.account = *a;
    ln_bv_emit(v, &e);
}

static bool
account_done(struct ln_bitget *v, struct ln_bv_req *req,
             const struct ln_venue_error *error, const struct ln_json *doc,
             ln_json_val data)
{
    struct ln_venue_error bad = {.code = LN_ERR_VENUE,
                                 .verdict = LN_VERDICT_RETRY};
    struct ln_account_update a;
    struct ln_error err = {0};
    bool starting = v->start_step == STEP_ACCOUNT && req->round == 0;

    if (error->code == LN_OK &&
        ln_v2_rest_account(doc, data, ln_rest_server_ms(v->rest), &a, &err)) {
        (void)snprintf(bad.message, sizeof bad.message, "%.200s", err.what);
        error = &bad;
    } else if (error->code == LN_OK && a.pos_mode == 0 && v->pos_mode == 0) {
        (void)snprintf(bad.message, sizeof bad.message,
                       "it does not tell the position mode");
        error = &bad;
    }
    if (error->code != LN_OK) {
        if (starting)
            step_failed(v, LN_PART_PRIVATE, "the account is not known", error);
        else
            ln_warn("bitget", "the account is not known: %s", error->message);
        ln_bv_round_part(v, req->round, false);
        return false;
    }
    if (a.pos_mode)
        v->pos_mode = a.pos_mode;
    tell_account(v, &a);
    if (v->fn && starting) {
        if (v->fills_since_ms == 0)
            v->fills_since_ms = ln_rest_server_ms(v->rest) - FIRST_FILLS_MS;
        v->start_step = STEP_RUNNING;
        if (ln_subs_start(&v->priv) != LN_OK)
            ln_bv_part(v, LN_PART_PRIVATE, false, "no memory", false);
    }
    if (v->fn)
        ln_bv_round_part(v, req->round, true);
    return false;
}

/* get_account alone tells the position mode; any symbol will do. */
void
ln_bv_account(struct ln_bitget *v, unsigned round)
{
    struct ln_bv_req *req = ln_bv_req_new(v, account_done);
    uint16_t index = ln_instruments_find(&v->instruments, ln_str("BTCUSDT"));
    const struct ln_instrument *in = ln_instruments_at(&v->instruments, index);

    if (!req)
        return;
    req->round = round;
    if (!in)
        in = ln_instruments_at(&v->instruments, 0);
    if (!in || !v->has_keys) {
        ln_bv_fail(req, LN_ERR_STATE, LN_VERDICT_RETRY,
                   v->has_keys ? "the contracts are not known yet"
                               : "there are no API keys");
        return;
    }
    const char *pairs[] = {
        "symbol",     in->symbol,      "productType", v->cfg.product,
        "marginCoin", in->margin_coin, NULL};
    ln_bv_query(req, "get_account", pairs);
}

void
ln_bv_ask_account(struct ln_bitget *v)
{
    int64_t now = ln_loop_now_ns(v->loop);

    if (v->account_asked_ns && now - v->account_asked_ns < ACCOUNT_NS)
        return;
    v->account_asked_ns = now;
    ln_bv_account(v, 0);
}

/* ---- steps, probes and upkeep ---- */

void
ln_bv_probe_rest(struct ln_bitget *v)
{
    if (v->fn && v->start_step == STEP_RUNNING &&
        !ln_timer_active(v->start_timer))
        ln_timer_start(
            v->start_timer,
            PROBE_MS + ln_backoff_next_ms(&v->start_backoff, &v->rng), 0);
}

/* A failure was already seen by watch_transport, which asks again. */
static bool
probe_done(struct ln_bitget *v, struct ln_bv_req *req,
           const struct ln_venue_error *error, const struct ln_json *doc,
           ln_json_val data)
{
    (void)req;
    (void)doc;
    (void)data;
    if (error->code == LN_OK)
        ln_backoff_reset(&v->start_backoff);
    return false;
}

void
ln_bv_on_start(void *ctx)
{
    struct ln_bitget *v = ctx;
    struct ln_error err = {0};
    struct ln_bv_req *req;

    if (!v->rest)
        v->rest = ln_rest_new(v->loop, v->net, &v->cfg, &err);
    if (!v->rest) {
        ln_bv_part(v, LN_PART_REST, false, err.what, true);
        return;
    }
    switch (v->start_step) {
    case STEP_CLOCK:
        ln_timer_start(v->upkeep, UPKEEP_MS, UPKEEP_MS);
        req = ln_bv_req_new(v, clock_done);
        if (req)
            ln_bv_sync_clock(v, req);
        break;
    case STEP_CONTRACTS:
        ask_contracts(v, contracts_done);
        break;
    case STEP_ACCOUNT:
        if (v->has_keys)
            ln_bv_account(v, 0);
        else
            v->start_step = STEP_RUNNING;
        break;
    default:
        req = ln_bv_req_new(v, probe_done);
        if (req)
            ln_bv_sync_clock(v, req);
        break;
    }
}

void
ln_bv_on_upkeep(void *ctx)
{
    struct ln_bitget *v = ctx;

    if (!v->rest || v->start_step == STEP_CLOCK)
        return;
    ln_rest_sync_clock(v->rest, NULL, NULL);
    if (v->start_step > STEP_CONTRACTS)
        ask_contracts(v, refresh_done);
}

/* ---- the clock of both streams ---- */

void
ln_bv_stream_clock(void *ctx, struct ln_stream *s)
{
    struct ln_bitget *v = ctx;
    (void)s;
    if (v->rest)
        ln_rest_sync_clock(v->rest, NULL, NULL);
}

int64_t
ln_bv_stream_ms(void *ctx)
{
    struct ln_bitget *v = ctx;
    return v->rest ? ln_rest_server_ms(v->rest) : ln_loop_now_ms(v->loop);
}
