/*
 * What the tests of REST calls share: a little exchange on the virtual
 * network, and a client of it.
 */
#ifndef LN_TESTS_REST_FIXTURE_H
#define LN_TESTS_REST_FIXTURE_H

#include "bitget/rest.h"

#include "base/assert.h"
#include "bitget/credentials.h"
#include "net/net_virtual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define START_MS 1700000000000
#define SECRET   "test_secret_key_0123456789abcdef"
#define SEEN_MAX 512

/* One request as the exchange saw it. */
struct seen {
    int64_t ms; /* when it came */
    char method[8], target[512], body[512];
    char key[64], sign[64], timestamp[24], passphrase[64];
    char content_type[64], paptrading[8], locale[16];
};

struct world {
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_server *server;
    struct ln_bitget_credentials *cred;
    struct ln_rest *rest;
    struct ln_request_text text;
    char base[64];

    struct seen seen[SEEN_MAX];
    int nseen;

    int status;             /* of its answers */
    const char *body;       /* NULL: success */
    const char *remaining;  /* header, or NULL */
    int64_t clock_ahead_ms; /* of the exchange */
    bool silent;            /* does not answer */
    int per_second;         /* refuses more per second; 0: never */
    int64_t window_ms;      /* where its current second began */
    int window_count;

    /* Of the last answer told. */
    int answers, failures;
    struct ln_venue_error error;
    char data[256];
    char order[SEEN_MAX + 1]; /* which were told, in order */
};

static struct world w;
static struct ln_error err;

/* ---- the exchange ---- */

static inline void
header(const struct ln_server_request *r, const char *name, char *out,
       size_t cap)
{
    out[0] = 0;
    for (size_t i = 0; i < r->nheaders; i++) {
        if (strcmp(r->headers[i].name, name) == 0)
            (void)ln_str_copy(out, cap, r->headers[i].value);
    }
}

static inline void
note(const struct ln_server_request *r)
{
    assert_true(w.nseen < SEEN_MAX);
    struct seen *s = &w.seen[w.nseen++];

    s->ms = ln_loop_now_ms(w.loop);
    (void)snprintf(s->method, sizeof s->method, "%s", r->method);
    (void)snprintf(s->target, sizeof s->target, "%s%s%s", r->path,
                   r->query[0] ? "?" : "", r->query);
    (void)ln_str_copy(s->body, sizeof s->body, r->body);
    header(r, "access-key", s->key, sizeof s->key);
    header(r, "access-sign", s->sign, sizeof s->sign);
    header(r, "access-timestamp", s->timestamp, sizeof s->timestamp);
    header(r, "access-passphrase", s->passphrase, sizeof s->passphrase);
    header(r, "content-type", s->content_type, sizeof s->content_type);
    header(r, "paptrading", s->paptrading, sizeof s->paptrading);
    header(r, "locale", s->locale, sizeof s->locale);
}

/* Counts in seconds of its own, as the exchange does. */
static inline bool
too_many(void)
{
    int64_t now = ln_loop_now_ms(w.loop);

    if (now - w.window_ms >= 1000) {
        w.window_ms = now;
        w.window_count = 0;
    }
    return w.per_second > 0 && ++w.window_count > w.per_second;
}

static inline void
on_request(void *ctx, struct ln_server_req *req,
           const struct ln_server_request *r)
{
    struct ln_header h = {"x-mbx-used-remain-limit", ln_str(w.remaining)};
    char body[512];
    int status = w.status;

    (void)ctx;
    note(r);
    if (w.silent)
        return;
    if (strcmp(r->path, "/api/v2/public/time") == 0) {
        (void)snprintf(body, sizeof body,
                       "{\"code\":\"00000\",\"msg\":\"success\",\"data\":"
                       "{\"serverTime\":\"%lld\"}}",
                       (long long)(ln_loop_now_ms(w.loop) + w.clock_ahead_ms));
        status = 200;
    } else if (too_many()) {
        (void)snprintf(body, sizeof body,
                       "{\"code\":\"429\",\"msg\":\"Too Many Requests\"}");
        status = 429;
    } else {
        (void)snprintf(body, sizeof body, "%s",
                       w.body ? w.body
                              : "{\"code\":\"00000\",\"data\":\"yes\"}");
    }
    ln_server_respond(req, status, &h, w.remaining ? 1 : 0, ln_str(body));
}

/* ---- the world ---- */

static inline void
start(bool with_keys, bool demo)
{
    struct ln_bitget_config cfg = {
        .rest = w.base, .demo = demo, .credentials = with_keys ? w.cred : NULL};

    w.rest = ln_rest_new(w.loop, w.net, &cfg, &err);
    if (!w.rest)
        fail_msg("%s", err.what);
}

static inline int
setup(void **unused)
{
    struct ln_server_opts opts = {.host = "127.0.0.1"};
    static const struct ln_server_events events = {.request = on_request};

    (void)unused;
    memset(&w, 0, sizeof w);
    w.status = 200;
    w.loop = ln_loop_virtual_new(START_MS);
    w.net = ln_net_virtual_new(w.loop, 7);
    w.server = ln_server_listen(w.net, &opts, &events, NULL, &err);
    if (!w.server)
        return -1;
    (void)snprintf(w.base, sizeof w.base, "http://127.0.0.1:%d",
                   ln_server_port(w.server));
    if (ln_credentials_make(ln_str("bg_0123456789"), ln_str(SECRET),
                            ln_str("open-sesame"), &w.cred, &err))
        return -1;
    ln_request_text_init(&w.text);
    return 0;
}

static inline int
teardown(void **unused)
{
    (void)unused;
    ln_rest_free(w.rest);
    ln_net_free(w.net);
    ln_loop_free(w.loop);
    ln_credentials_free(w.cred);
    ln_request_text_deinit(&w.text);
    return 0;
}

/* ctx: a letter for the order of answers. */
static inline void
on_answer(void *ctx, const struct ln_venue_error *error,
          const struct ln_json *doc, ln_json_val data)
{
    w.error = *error;
    if (ctx && w.answers < SEEN_MAX)
        w.order[w.answers] = *(const char *)ctx;
    w.answers++;
    w.failures += error->code != LN_OK;
    (void)ln_str_copy(w.data, sizeof w.data, ln_json_raw(doc, data));
}

static inline void
call(const char *name, const char *params, enum ln_priority prio,
     const char *mark)
{
    const struct ln_endpoint *ep = ln_v2_endpoint(name);
    struct ln_json doc;

    assert_non_null(ep);
    ln_json_init(&doc);
    assert_int_equal(ln_json_parse(&doc, params, strlen(params), NULL), LN_OK);
    if (ln_endpoint_build(ep, &doc, false, &w.text, &err))
        fail_msg("%s", err.what);
    ln_json_deinit(&doc);
    ln_rest_call(w.rest, ep, &w.text, prio, on_answer, (void *)(uintptr_t)mark);
    /* Copied: what becomes of the text does not matter. */
    ln_buf_reset(&w.text.target);
    ln_buf_reset(&w.text.body);
}

static inline void
query(const char *mark)
{
    call("get_tickers", "{\"productType\":\"USDT-FUTURES\"}", LN_PRIO_QUERY,
         mark);
}

static inline void
run(int64_t ms)
{
    ln_loop_run_for(w.loop, ms);
}

static inline struct ln_venue_stats
stats(void)
{
    struct ln_venue_stats s;

    ln_rest_stats(w.rest, &s);
    return s;
}

#endif
