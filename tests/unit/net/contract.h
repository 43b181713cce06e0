/*
 * The server of the contract tests: it does what its paths and its fields
 * say, and counts what happens to it.
 */
#ifndef LN_TESTS_CONTRACT_H
#define LN_TESTS_CONTRACT_H

#include "net_fixture.h"

struct host {
    struct ln_server *server;
    int requests, aborts, answered;
    char method[16], path[128], query[128], body[64], custom[64], lower[64];
    struct ln_server_req *pending;
    struct ln_timer *later;

    int ws_accepts, ws_opens, ws_messages, ws_closes, ws_code;
    size_t ws_bytes;
    enum ln_err ws_err;
    struct ln_ws *ws;
    bool echo;
    int close_on_open; /* code, or 0 */
    int push_on_open;  /* messages to send */
    size_t big_on_open;
    bool drop_on_open;
    bool close_in_message;
    bool server_frees_itself;
};

static inline void
answer(struct ln_server_req *req, int status, const char *body)
{
    const struct ln_header headers[] = {
        {"Content-Type", ln_str("text/plain")},
        {"X-Answer", ln_str("yes")},
    };
    ln_server_respond(req, status, headers, LN_COUNT(headers), ln_str(body));
}

static inline void
on_later(void *ctx)
{
    struct host *h = ctx;
    if (h->pending)
        answer(h->pending, 200, "late");
    h->pending = NULL;
    h->answered++;
}

static inline void
on_request(void *ctx, struct ln_server_req *req,
           const struct ln_server_request *r)
{
    struct host *h = ctx;
    const struct ln_http_response names = {.headers = r->headers,
                                           .nheaders = r->nheaders};

    h->requests++;
    snprintf(h->method, sizeof(h->method), "%s", r->method);
    snprintf(h->path, sizeof(h->path), "%s", r->path);
    snprintf(h->query, sizeof(h->query), "%s", r->query);
    ln_str_copy(h->body, sizeof(h->body), r->body);
    ln_str_copy(h->custom, sizeof(h->custom),
                ln_http_header(&names, "access-key"));
    for (size_t i = 0; i < r->nheaders; i++) {
        for (const char *c = r->headers[i].name; *c; c++)
            assert_true(*c < 'A' || *c > 'Z');
    }
    if (h->server_frees_itself) {
        struct ln_server *server = h->server;
        h->server = NULL;
        ln_server_close(server);
    } else if (strcmp(r->path, "/404") == 0) {
        answer(req, 404, "nothing here");
    } else if (strcmp(r->path, "/echo") == 0) {
        ln_server_respond(req, 200, NULL, 0, r->body);
        /* The request stays readable until the callback ends. */
        ln_str_copy(h->lower, sizeof(h->lower), r->body);
    } else if (strcmp(r->path, "/drop") == 0) {
        ln_server_drop(req);
    } else if (strcmp(r->path, "/never") == 0) {
        h->pending = req;
        ln_server_req_set_ctx(req, h);
    } else if (strcmp(r->path, "/later") == 0) {
        h->pending = req;
        ln_timer_start(h->later, 20, 0);
    } else {
        answer(req, 200, "hello");
    }
}

static inline void
on_abort(void *ctx, struct ln_server_req *req)
{
    struct host *h = ctx;
    assert_ptr_equal(req, h->pending);
    assert_ptr_equal(ln_server_req_ctx(req), h);
    h->pending = NULL;
    h->aborts++;
}

static inline void *
on_accept(void *ctx, struct ln_ws *ws, const char *path, const char *peer)
{
    struct host *h = ctx;
    assert_string_equal(peer, "127.0.0.1");
    assert_int_equal(ln_ws_send(ws, "x", 1, true), LN_ERR_STATE);
    if (strcmp(path, "/refuse") == 0)
        return NULL;
    h->ws_accepts++;
    return h;
}

static inline void
srv_open(void *ctx, struct ln_ws *ws)
{
    struct host *h = ctx;
    char text[32];

    h->ws_opens++;
    h->ws = ws;
    for (int i = 0; i < h->push_on_open; i++) {
        int len = snprintf(text, sizeof(text), "message %d", i);
        assert_int_equal(ln_ws_send(ws, text, (size_t)len, true), LN_OK);
    }
    if (h->big_on_open > 0) {
        char *big = malloc(h->big_on_open);
        for (size_t i = 0; i < h->big_on_open; i++)
            big[i] = (char)(i * 31 + i / 251);
        assert_int_equal(ln_ws_send(ws, big, h->big_on_open, false), LN_OK);
        free(big);
    }
    if (h->drop_on_open)
        ln_ws_close(ws, 0, NULL);
    else if (h->close_on_open)
        ln_ws_close(ws, h->close_on_open, "server says bye");
}

static inline void
srv_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
            bool is_text)
{
    struct host *h = ctx;

    h->ws_messages++;
    h->ws_bytes += len;
    if (h->echo)
        assert_int_equal(ln_ws_send(ws, data, len, is_text), LN_OK);
    if (h->close_in_message)
        ln_ws_close(ws, 0, NULL);
}

static inline void
srv_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct host *h = ctx;
    (void)ws;
    h->ws_closes++;
    h->ws_code = code;
    h->ws_err = err->code;
    h->ws = NULL;
}

static const struct ln_server_events host_events = {
    .request = on_request,
    .abort = on_abort,
    .ws_accept = on_accept,
    .ws = {srv_open, srv_message, srv_close},
};

static inline void
host_start(struct host *h, struct world *w)
{
    const struct ln_server_opts opts = {.host = "127.0.0.1",
                                        .cert_file = w->good.cert,
                                        .key_file = w->good.key};
    struct ln_error err;

    h->server = ln_server_listen(w->net, &opts, &host_events, h, &err);
    assert_non_null(h->server);
    assert_true(ln_server_port(h->server) > 0);
    h->later = w->timer = ln_timer_new(w->loop, on_later, h);
}

static inline void
host_stop(struct host *h)
{
    ln_server_close(h->server);
}

/* A test, on the real network and on the virtual one. */
#define BOTH(f)                                                                \
    {#f " [uv]", f, world_setup_uv, world_teardown, NULL},                     \
    {                                                                          \
#f " [virtual]", f, world_setup_virtual, world_teardown, NULL          \
    }

#endif
