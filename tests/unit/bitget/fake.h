/*
 * A scripted exchange on the virtual network: it speaks just enough of the
 * wire for the client to connect, and does as it is told. It remembers what
 * it was asked.
 */
#ifndef LN_TEST_BITGET_FAKE_H
#define LN_TEST_BITGET_FAKE_H

#include "examples.h"

#include "base/json.h"
#include "loop/loop.h"
#include "net/net.h"
#include "net/net_virtual.h"

#include <stdio.h>
#include <stdlib.h>

#define FAKE_START_MS   1790000000000
#define FAKE_CONNS_MAX  1024
#define FAKE_FRAMES_MAX 4096
#define FAKE_HTTP_MAX   512
#define FAKE_ROUTES_MAX 32

struct fake;

struct fake_conn {
    struct fake *fake;
    struct ln_ws *ws; /* NULL: gone */
    bool is_private, logged_in;
};

struct fake_frame { /* what a client said */
    struct fake_conn *conn;
    int64_t at_ms;
    char text[4200];
};

struct fake_http {
    char method[8], path[96], query[256], body[768];
    int64_t at_ms;
};

struct fake_route { /* what a path answers */
    const char *path;
    int status;
    const char *data; /* JSON of "data"; NULL: an error of <code> */
    const char *code;
    bool silent; /* never answers */
};

struct fake {
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_server *server;
    char rest[64], pub[80], priv[80];

    /* how it behaves */
    bool mute;          /* no pong */
    int login_code;     /* 0: logins succeed */
    bool login_late;    /* says nothing to a login */
    bool deny_private;  /* 30004 to every private subscription */
    int silent_acks;    /* so many topics get no answer */
    int slow_down;      /* so many topics get 30006 */
    const char *refuse; /* this instId does not exist */
    struct fake_route routes[FAKE_ROUTES_MAX];
    size_t nroutes;

    /* what happened */
    struct fake_conn conns[FAKE_CONNS_MAX];
    size_t nconns;
    struct fake_frame *frames;
    size_t nframes;
    struct fake_http http[FAKE_HTTP_MAX];
    size_t nhttp;
};

static inline void
fake_say(struct fake_conn *c, const char *text)
{
    assert_non_null(c->ws);
    assert_int_equal(ln_ws_send(c->ws, text, strlen(text), true), LN_OK);
}

static inline void
fake_topic(struct fake_conn *c, const struct ln_json *doc, ln_json_val arg,
           const char *op)
{
    struct fake *f = c->fake;
    const struct ln_json_tok *tok = &doc->toks[arg];
    struct ln_str id = ln_json_scalar(doc, ln_json_get(doc, arg, "instId"));
    char out[512];

    if (f->silent_acks > 0) {
        f->silent_acks--;
        return;
    }
    if (f->slow_down > 0) {
        f->slow_down--;
        fake_say(c, "{\"event\":\"error\",\"code\":30006,\"msg\":\"request "
                    "too many\"}");
        return;
    }
    if (c->is_private && (!c->logged_in || f->deny_private)) {
        fake_say(c, "{\"event\":\"error\",\"code\":30004,\"msg\":\"User not "
                    "logged in/User must be logged in\"}");
        return;
    }
    if (f->refuse && ln_str_eqc(id, f->refuse))
        (void)snprintf(out, sizeof out,
                       "{\"event\":\"error\",\"arg\":%.*s,\"code\":30001,"
                       "\"msg\":\"doesn't exist\",\"op\":\"%s\"}",
                       (int)tok->len, doc->text + tok->start, op);
    else
        (void)snprintf(out, sizeof out, "{\"event\":\"%s\",\"arg\":%.*s}", op,
                       (int)tok->len, doc->text + tok->start);
    fake_say(c, out);
}

static inline void
fake_login(struct fake_conn *c)
{
    char out[128];

    if (c->fake->login_late)
        return;
    if (c->fake->login_code == 0) {
        c->logged_in = true;
        fake_say(c, "{\"event\":\"login\",\"code\":0}");
        return;
    }
    (void)snprintf(out, sizeof out,
                   "{\"event\":\"error\",\"code\":%d,\"msg\":\"Invalid\"}",
                   c->fake->login_code);
    fake_say(c, out);
}

static inline void
fake_on_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
                bool is_text)
{
    struct fake_conn *c = ctx;
    struct fake *f = c->fake;
    struct fake_frame *frame;
    struct ln_error err = {0};
    struct ln_json doc;
    struct ln_str op;
    char name[16];

    (void)ws;
    assert_true(is_text);
    assert_true(f->nframes < FAKE_FRAMES_MAX);
    frame = &f->frames[f->nframes++];
    frame->conn = c;
    frame->at_ms = ln_loop_now_ms(f->loop);
    assert_true(
        ln_str_copy(frame->text, sizeof frame->text, ln_strn(data, len)));
    if (strcmp(frame->text, "ping") == 0) {
        if (!f->mute)
            fake_say(c, "pong");
        return;
    }
    if (strcmp(frame->text, "pong") == 0)
        return;
    ln_json_init(&doc);
    assert_int_equal(ln_json_parse(&doc, data, len, &err), LN_OK);
    op = ln_json_scalar(&doc, ln_json_get(&doc, 0, "op"));
    assert_true(ln_str_copy(name, sizeof name, op));
    if (strcmp(name, "login") == 0) {
        fake_login(c);
    } else {
        ln_json_val args = ln_json_get(&doc, 0, "args");
        for (ln_json_val a = ln_json_first(&doc, args); a != LN_JSON_NONE;
             a = ln_json_next(&doc, args, a))
            fake_topic(c, &doc, a, name);
    }
    ln_json_deinit(&doc);
}

static inline void
fake_on_open(void *ctx, struct ln_ws *ws)
{
    (void)ctx;
    (void)ws;
}

static inline void
fake_on_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct fake_conn *c = ctx;
    (void)ws;
    (void)code;
    (void)err;
    c->ws = NULL;
}

static inline void *
fake_on_accept(void *ctx, struct ln_ws *ws, const char *path, const char *peer)
{
    struct fake *f = ctx;
    struct fake_conn *c = &f->conns[f->nconns];

    (void)peer;
    assert_true(f->nconns < FAKE_CONNS_MAX);
    f->nconns++;
    c->fake = f;
    c->ws = ws;
    c->is_private = strstr(path, "private") != NULL;
    return c;
}

static inline void
fake_on_request(void *ctx, struct ln_server_req *req,
                const struct ln_server_request *r)
{
    struct fake *f = ctx;
    struct fake_http *h = &f->http[f->nhttp];
    const struct fake_route *route = NULL;
    char out[16384];
    int status = 404;

    assert_true(f->nhttp < FAKE_HTTP_MAX);
    f->nhttp++;
    (void)snprintf(h->method, sizeof h->method, "%s", r->method);
    (void)snprintf(h->path, sizeof h->path, "%s", r->path);
    (void)snprintf(h->query, sizeof h->query, "%s", r->query);
    (void)snprintf(h->body, sizeof h->body, "%.*s", (int)r->body.len,
                   r->body.ptr ? r->body.ptr : "");
    h->at_ms = ln_loop_now_ms(f->loop);
    for (size_t i = f->nroutes; i > 0 && !route; i--) {
        if (strcmp(f->routes[i - 1].path, r->path) == 0)
            route = &f->routes[i - 1];
    }
    if (route && route->silent)
        return;
    if (route && route->data) {
        status = 200;
        (void)snprintf(out, sizeof out,
                       "{\"code\":\"00000\",\"msg\":\"success\","
                       "\"requestTime\":%lld,\"data\":%s}",
                       (long long)h->at_ms, route->data);
    } else {
        status = route ? route->status : 404;
        (void)snprintf(out, sizeof out,
                       "{\"code\":\"%s\",\"msg\":\"refused\","
                       "\"requestTime\":%lld,\"data\":null}",
                       route ? route->code : "40404", (long long)h->at_ms);
    }
    ln_server_respond(req, status, NULL, 0, ln_str(out));
}

static inline void
fake_on_abort(void *ctx, struct ln_server_req *req)
{
    (void)ctx;
    (void)req;
}

/* Later routes win over earlier ones of the same path. */
static inline void
fake_route(struct fake *f, const char *path, const char *data)
{
    assert_true(f->nroutes < FAKE_ROUTES_MAX);
    f->routes[f->nroutes++] =
        (struct fake_route){.path = path, .status = 200, .data = data};
}

static inline void
fake_route_error(struct fake *f, const char *path, int status, const char *code)
{
    assert_true(f->nroutes < FAKE_ROUTES_MAX);
    f->routes[f->nroutes++] =
        (struct fake_route){.path = path, .status = status, .code = code};
}

static inline struct fake *
fake_new(void)
{
    static const struct ln_server_events events = {
        .request = fake_on_request,
        .abort = fake_on_abort,
        .ws_accept = fake_on_accept,
        .ws = {fake_on_open, fake_on_message, fake_on_close}};
    struct ln_server_opts opts = {.host = "127.0.0.1"};
    struct fake *f = calloc(1, sizeof *f);
    struct ln_error err = {0};
    int port;

    assert_non_null(f);
    f->frames = calloc(FAKE_FRAMES_MAX, sizeof *f->frames);
    assert_non_null(f->frames);
    f->loop = ln_loop_virtual_new(FAKE_START_MS);
    assert_non_null(f->loop);
    f->net = ln_net_virtual_new(f->loop, 1);
    assert_non_null(f->net);
    f->server = ln_server_listen(f->net, &opts, &events, f, &err);
    assert_non_null(f->server);
    port = ln_server_port(f->server);
    (void)snprintf(f->rest, sizeof f->rest, "http://127.0.0.1:%d", port);
    (void)snprintf(f->pub, sizeof f->pub, "ws://127.0.0.1:%d/v2/ws/public",
                   port);
    (void)snprintf(f->priv, sizeof f->priv, "ws://127.0.0.1:%d/v2/ws/private",
                   port);
    return f;
}

static inline void
fake_free(struct fake *f)
{
    ln_net_free(f->net);
    ln_loop_free(f->loop);
    free(f->frames);
    free(f);
}

/* The newest living connection of that side; NULL if none. */
static inline struct fake_conn *
fake_conn(struct fake *f, bool is_private)
{
    for (size_t i = f->nconns; i > 0; i--) {
        if (f->conns[i - 1].ws && f->conns[i - 1].is_private == is_private)
            return &f->conns[i - 1];
    }
    return NULL;
}

static inline size_t
fake_conns_alive(const struct fake *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->nconns; i++)
        n += f->conns[i].ws != NULL;
    return n;
}

/* Frames that contain <text>, from number <from> on. */
static inline size_t
fake_count(const struct fake *f, size_t from, const char *text)
{
    size_t n = 0;
    for (size_t i = from; i < f->nframes; i++)
        n += strstr(f->frames[i].text, text) != NULL;
    return n;
}

/* HTTP requests to <path>, from number <from> on. */
static inline size_t
fake_http_count(const struct fake *f, size_t from, const char *path)
{
    size_t n = 0;
    for (size_t i = from; i < f->nhttp; i++)
        n += strcmp(f->http[i].path, path) == 0;
    return n;
}

static inline const struct fake_http *
fake_http_last(const struct fake *f, const char *path)
{
    for (size_t i = f->nhttp; i > 0; i--) {
        if (strcmp(f->http[i - 1].path, path) == 0)
            return &f->http[i - 1];
    }
    return NULL;
}

static inline void
fake_drop(struct fake_conn *c)
{
    assert_non_null(c);
    assert_non_null(c->ws);
    ln_ws_close(c->ws, 0, "");
}

#endif
