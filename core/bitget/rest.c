/*
 * REST calls with rate limits: see rest.h.
 *
 *   ln_rest_call -> waiting[priority] --pump--> flying --answer--> fn
 *                        |                        ^
 *                        | cannot be sent         | token of the endpoint's
 *                        v                        | bucket and of the total
 *                      failed --outbox timer--> fn
 *
 * A request whose bucket is empty does not hold up others behind it.
 * rest_limits.c has the limits, rest_headers.c the signature.
 */
#include "bitget/rest.h"

#include "base/assert.h"
#include "bitget/credentials.h"
#include "bitget/rest_headers.h"
#include "bitget/rest_limits.h"
#include "net/url.h"

#include <stdio.h>
#include <stdlib.h>

#define BASE_URL       "https://api.bitget.com"
#define TIMEOUT_MS     10000
#define QUEUE_MAX      4096 /* requests waiting for a token */
#define ENDPOINTS_MAX  256  /* rows of all tables */
#define PRIORITIES     (LN_PRIO_QUERY + 1)
#define RESYNC_NS      1000000000LL /* between clock syncs after 40008 */
#define CODE_TIMESTAMP 40008
/* 6000 a minute and IP, whole minutes of any beginning: 60 * 98 + 100. */
#define TOTAL_RATE_MILLI 98000
#define TOTAL_BURST      100
#define HEADER_REMAINING "x-mbx-used-remain-limit"

struct job {
    struct job *next, *prev;
    struct ln_rest *rest;
    struct ln_rest_slot *slot;
    enum ln_priority prio;
    bool is_sync; /* its answer sets the clock */
    bool waited;  /* for a token */
    int64_t queued_ns;
    struct ln_venue_error error; /* in the failed list: why */
    ln_rest_fn fn;
    void *ctx;
    size_t target_len, body_len;
    char *text; /* target and body, behind the struct */
};

struct ln_rest {
    struct ln_loop *loop;
    struct ln_http_client *client;
    char *base; /* owned; without a slash at its end */
    const struct ln_bitget_credentials *credentials;
    bool demo;
    int64_t timeout_ms;

    struct ln_rest_slot *slots[ENDPOINTS_MAX]; /* made when first asked */
    size_t nslots;
    struct ln_bucket total;

    struct job waiting[PRIORITIES]; /* ring heads, first come first served */
    struct job flying, failed;
    size_t nwaiting;
    struct ln_timer *wake;   /* when the next token is there */
    struct ln_timer *outbox; /* tells failed ones a turn later */

    struct ln_json doc; /* of the answer being told */
    struct ln_venue_stats stats;
    int64_t offset_ms; /* server time minus ours */
    int64_t resync_ns; /* when 40008 last made us ask */
    int depth;         /* inside so many callbacks */
    bool dying;        /* freed inside one */
};

/* ---- lists ---- */

static void
ring_init(struct job *head)
{
    head->next = head->prev = head;
}

static void
ring_add(struct job *head, struct job *job)
{
    job->next = head;
    job->prev = head->prev;
    head->prev->next = job;
    head->prev = job;
}

static void
ring_remove(struct job *job)
{
    job->prev->next = job->next;
    job->next->prev = job->prev;
}

static void
ring_free(struct job *head)
{
    while (head->next != head) {
        struct job *job = head->next;
        /* The analyzer does not see that the one before is out of the ring.
         * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        ring_remove(job);
        free(job);
    }
}

/* ---- limits ---- */

static struct ln_rest_slot *
slot_of(struct ln_rest *rest, const struct ln_endpoint *ep)
{
    for (size_t i = 0; i < rest->nslots; i++) {
        if (rest->slots[i]->ep == ep)
            return rest->slots[i];
    }
    LN_ASSERT_CMP(rest->nslots, <, ENDPOINTS_MAX);
    struct ln_rest_slot *s = malloc(sizeof *s);
    LN_ASSERT(s);
    ln_rest_slot_init(s, ep, ln_loop_now_ns(rest->loop));
    rest->slots[rest->nslots++] = s;
    return s;
}

/* A 429 nevertheless: this endpoint rests, and everything goes slower. */
static void
punish(struct ln_rest *rest, struct ln_rest_slot *s)
{
    int64_t now_ns = ln_loop_now_ns(rest->loop);

    rest->stats.rate_limit_hits++;
    ln_bucket_penalise(&rest->total, now_ns, 0);
    ln_rest_slot_punish(s, now_ns);
}

/* ---- telling ---- */

static void
free_now(struct ln_rest *rest)
{
    ln_http_client_free(rest->client); /* withdraws what flies */
    for (int p = 0; p < PRIORITIES; p++)
        ring_free(&rest->waiting[p]);
    ring_free(&rest->flying);
    ring_free(&rest->failed);
    for (size_t i = 0; i < rest->nslots; i++)
        free(rest->slots[i]);
    ln_timer_free(rest->wake);
    ln_timer_free(rest->outbox);
    ln_json_deinit(&rest->doc);
    free(rest->base);
    free(rest);
}

/* Calls back and frees the job. False: rest is gone. */
static bool
tell(struct ln_rest *rest, struct job *job, const struct ln_venue_error *error,
     ln_json_val data)
{
    if (error->code && error->verdict != LN_VERDICT_OK &&
        error->code != LN_ERR_LIMIT)
        rest->stats.errors++;
    rest->depth++;
    if (job->fn)
        job->fn(job->ctx, error, &rest->doc, data);
    rest->depth--;
    free(job);
    if (!rest->dying || rest->depth > 0)
        return !rest->dying;
    free_now(rest);
    return false;
}

static void
fail(struct job *job, enum ln_err code, enum ln_verdict verdict,
     const char *message)
{
    struct ln_rest *rest = job->rest;

    memset(&job->error, 0, sizeof job->error);
    job->error.code = code;
    job->error.verdict = verdict;
    (void)ln_str_copy(job->error.message, sizeof job->error.message,
                      ln_str(message));
    ring_add(&rest->failed, job);
    ln_timer_start(rest->outbox, 0, 0);
}

/* One per turn: its callback may start, and fail, more. */
static void
on_outbox(void *ctx)
{
    struct ln_rest *rest = ctx;
    struct job *job = rest->failed.next;

    if (job == &rest->failed)
        return;
    ring_remove(job);
    if (rest->failed.next != &rest->failed)
        ln_timer_start(rest->outbox, 0, 0);
    rest->doc.count = 0;
    struct ln_venue_error error = job->error;
    (void)tell(rest, job, &error, LN_JSON_NONE);
}

/* ---- sending ---- */

static void on_response(void *ctx, const struct ln_http_response *resp);

static void
send_job(struct ln_rest *rest, struct job *job)
{
    const struct ln_endpoint *ep = job->slot->ep;
    struct ln_str target = ln_strn(job->text, job->target_len);
    struct ln_str body = ln_strn(job->text + job->target_len, job->body_len);
    struct ln_rest_headers headers;
    struct ln_error err = {0};
    char url[LN_URL_MAX + 1];
    int n = snprintf(url, sizeof url, "%s%.*s", rest->base, LN_STR_ARG(target));

    if (n < 0 || (size_t)n >= sizeof url) {
        fail(job, LN_ERR_ARG, LN_VERDICT_NO, "the query is too long");
        return;
    }
    enum ln_err e =
        ln_rest_headers_make(rest->credentials, rest->demo, ep, target, body,
                             ln_rest_server_ms(rest), &headers, &err);
    if (e) {
        fail(job, e, LN_VERDICT_NO, err.what);
        return;
    }
    struct ln_http_request req = {.method = ep->method,
                                  .url = url,
                                  .headers = headers.list,
                                  .nheaders = headers.count,
                                  .body = body,
                                  .timeout_ms = rest->timeout_ms};
    rest->stats.requests++;
    if (ln_http_start(rest->client, &req, on_response, job, &err))
        ring_add(&rest->flying, job);
    else
        fail(job, err.code ? err.code : LN_ERR_NET,
             err.code == LN_ERR_ARG ? LN_VERDICT_NO : LN_VERDICT_RETRY,
             err.what);
}

/* Sends what may go now; else *wait_ns until it may, if that is sooner. */
static void
try_job(struct ln_rest *rest, struct job *job, int64_t now_ns, int64_t *wait_ns)
{
    int64_t total_ns = ln_bucket_wait_ns(&rest->total, now_ns);
    int64_t ns = ln_rest_slot_wait_ns(job->slot, now_ns);
    bool stale = job->prio == LN_PRIO_OPEN &&
                 now_ns - job->queued_ns > rest->timeout_ms * 1000000LL;

    if (!stale && (ns > 0 || total_ns > 0)) {
        ns = ns > total_ns ? ns : total_ns;
        if (ns < *wait_ns)
            *wait_ns = ns;
        job->waited = true;
        return;
    }
    ring_remove(job);
    rest->nwaiting--;
    rest->stats.rate_limit_waits += job->waited;
    if (stale) {
        /* An order placed so late is not the one that was meant. */
        fail(job, LN_ERR_LIMIT, LN_VERDICT_RETRY,
             "the rate limits held the request up for too long");
        return;
    }
    bool taken = ln_bucket_take(&rest->total, now_ns);
    LN_ASSERT(taken);
    ln_rest_slot_take(job->slot, now_ns);
    send_job(rest, job);
}

static void
pump(struct ln_rest *rest)
{
    int64_t now_ns = ln_loop_now_ns(rest->loop);
    int64_t wait_ns = rest->timeout_ms * 1000000LL;

    for (int p = 0; p < PRIORITIES; p++) {
        struct job *head = &rest->waiting[p];
        for (struct job *job = head->next, *next; job != head; job = next) {
            next = job->next;
            try_job(rest, job, now_ns, &wait_ns);
        }
    }
    if (rest->nwaiting > 0)
        ln_timer_start(rest->wake, (wait_ns + 999999) / 1000000, 0);
}

static void
on_wake(void *ctx)
{
    pump(ctx);
}

/* ---- answers ---- */

/* The server read its clock halfway between sending and receiving. */
static void
set_clock(struct ln_rest *rest, const struct ln_http_response *resp,
          ln_json_val data)
{
    int64_t server_ms;

    if (!ln_json_i64(&rest->doc, ln_json_get(&rest->doc, data, "serverTime"),
                     &server_ms) ||
        server_ms <= 0)
        return;
    int64_t ours_ms =
        ln_loop_now_ms(rest->loop) - resp->elapsed_ns / 2 / 1000000;
    rest->offset_ms = server_ms - ours_ms;
}

static void
clock_is_wrong(struct ln_rest *rest)
{
    int64_t now_ns = ln_loop_now_ns(rest->loop);

    if (now_ns - rest->resync_ns < RESYNC_NS)
        return;
    rest->resync_ns = now_ns;
    ln_rest_sync_clock(rest, NULL, NULL);
}

static void
on_response(void *ctx, const struct ln_http_response *resp)
{
    struct job *job = ctx;
    struct ln_rest *rest = job->rest;
    struct ln_rest_slot *slot = job->slot;
    bool is_write = strcmp(slot->ep->method, "GET") != 0;
    struct ln_venue_error error;
    ln_json_val data;

    ring_remove(job);
    ln_answer_decode(resp, is_write, &rest->doc, &data, NULL, &error);
    if (resp->code == LN_OK)
        ln_rest_slot_heed(slot, ln_http_header(resp, HEADER_REMAINING),
                          ln_loop_now_ns(rest->loop));
    if (error.code == LN_ERR_LIMIT)
        punish(rest, slot);
    else if (resp->code == LN_OK)
        ln_rest_slot_forgive(slot);
    if (error.exchange_code == CODE_TIMESTAMP)
        clock_is_wrong(rest);
    if (job->is_sync && error.code == LN_OK)
        set_clock(rest, resp, data);
    if (tell(rest, job, &error, data))
        pump(rest);
}

/* ---- the door ---- */

struct ln_rest *
ln_rest_new(struct ln_loop *loop, struct ln_net *net,
            const struct ln_bitget_config *cfg, struct ln_error *err)
{
    const char *base = cfg->rest ? cfg->rest : BASE_URL;
    struct ln_http_client_opts opts = {.ca_file = cfg->ca_file};
    struct ln_url url;

    if (ln_url_parse(base, &url, err))
        return NULL;
    if (url.websocket || strchr(url.target, '?')) {
        (void)ln_error_set(err, LN_ERR_ARG, url.origin,
                           "write it like " BASE_URL,
                           "'%.200s' is no address for REST requests", base);
        return NULL;
    }
    struct ln_http_client *client = ln_http_client_new(net, &opts, err);
    if (!client)
        return NULL;
    struct ln_rest *rest = calloc(1, sizeof *rest);
    LN_ASSERT(rest);
    rest->loop = loop;
    rest->client = client;
    rest->base = strdup(base);
    LN_ASSERT(rest->base);
    for (size_t n = strlen(base); n > 0 && base[n - 1] == '/'; n--)
        rest->base[n - 1] = 0;
    rest->credentials = cfg->credentials;
    rest->demo = cfg->demo;
    rest->resync_ns = ln_loop_now_ns(loop) - RESYNC_NS;
    rest->timeout_ms = cfg->timeout_ms > 0 ? cfg->timeout_ms : TIMEOUT_MS;
    for (int p = 0; p < PRIORITIES; p++)
        ring_init(&rest->waiting[p]);
    ring_init(&rest->flying);
    ring_init(&rest->failed);
    ln_bucket_init(&rest->total, TOTAL_RATE_MILLI, TOTAL_BURST,
                   ln_loop_now_ns(loop));
    rest->wake = ln_timer_new(loop, on_wake, rest);
    rest->outbox = ln_timer_new(loop, on_outbox, rest);
    LN_ASSERT(rest->wake && rest->outbox);
    ln_json_init(&rest->doc);
    return rest;
}

void
ln_rest_free(struct ln_rest *rest)
{
    if (!rest)
        return;
    if (rest->depth > 0)
        rest->dying = true; /* inside its own callback: on the way out */
    else
        free_now(rest);
}

static void
call(struct ln_rest *rest, const struct ln_endpoint *ep, struct ln_str target,
     struct ln_str body, enum ln_priority prio, bool is_sync, ln_rest_fn fn,
     void *ctx)
{
    struct job *job = malloc(sizeof *job + target.len + body.len);

    LN_ASSERT(job); /* a request that vanished would be worse */
    memset(job, 0, sizeof *job);
    job->text = (char *)(job + 1);
    job->rest = rest;
    job->slot = slot_of(rest, ep);
    job->prio = prio;
    job->is_sync = is_sync;
    job->queued_ns = ln_loop_now_ns(rest->loop);
    job->fn = fn;
    job->ctx = ctx;
    job->target_len = target.len;
    job->body_len = body.len;
    if (target.len)
        memcpy(job->text, target.ptr, target.len);
    if (body.len)
        memcpy(job->text + target.len, body.ptr, body.len);
    if (rest->nwaiting >= QUEUE_MAX) {
        fail(job, LN_ERR_LIMIT, LN_VERDICT_RETRY,
             "too many requests wait for the rate limits");
        return;
    }
    ring_add(&rest->waiting[prio], job);
    rest->nwaiting++;
    pump(rest);
}

void
ln_rest_call(struct ln_rest *rest, const struct ln_endpoint *ep,
             const struct ln_request_text *text, enum ln_priority prio,
             ln_rest_fn fn, void *ctx)
{
    call(rest, ep, ln_buf_str(&text->target), ln_buf_str(&text->body), prio,
         false, fn, ctx);
}

void
ln_rest_sync_clock(struct ln_rest *rest, ln_rest_fn fn, void *ctx)
{
    const struct ln_endpoint *ep = ln_v2_endpoint("get_server_time");

    LN_ASSERT(ep);
    /* Before all others: without the time none of them is accepted. */
    call(rest, ep, ln_str(ep->path), ln_str(""), LN_PRIO_CANCEL, true, fn, ctx);
}

int64_t
ln_rest_server_ms(struct ln_rest *rest)
{
    return ln_loop_now_ms(rest->loop) + rest->offset_ms;
}

void
ln_rest_stats(const struct ln_rest *rest, struct ln_venue_stats *out)
{
    *out = rest->stats;
    out->clock_offset_ms = rest->offset_ms;
}

enum ln_err
ln_rest_dry_run(struct ln_rest *rest, const struct ln_endpoint *ep,
                const struct ln_request_text *text, struct ln_buf *out,
                struct ln_error *err)
{
    return ln_rest_headers_dry_run(rest->credentials, rest->demo, rest->base,
                                   ep, text, ln_rest_server_ms(rest), out, err);
}
