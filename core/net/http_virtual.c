/*
 * HTTP on the virtual network. One exchange is one request and its answer:
 *
 *   client                      in flight                        server
 *   ln_http_start  ----------- ARRIVE --------------------->  request event
 *   fn             <----- ANSWER or FAIL -------------------  ln_server_respond
 *   cancel, late   ----------- ABORT ---------------------->  abort event
 *
 * A request whose caller gave up may still arrive and act, as on the wire.
 */
#include "net/virtual_int.h"

#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

struct vclient {
    struct ln_http_client base;
    struct ln_link link;
    struct ln_link calls;
    struct vnet *net;
    char *ca_file, *user_agent;
};

struct vcall {
    struct ln_http_call base;
    struct ln_link link; /* among the client's; none while fn runs */
    struct vexchange *ex;
    struct ln_timer *deadline;
    int64_t started_ns;
};

struct vreq {
    struct ln_server_req base; /* first */
    struct ln_link link;       /* among the server's */
    struct vexchange *ex;
};

struct vexchange {
    struct ln_link link; /* among the net's */
    struct vnet *net;
    int refs;           /* the call, the request, each event */
    struct vcall *call; /* NULL: the client is through with it */
    struct vreq *req;   /* NULL: not at the server, or answered */
    bool cut;           /* its connection is gone: nothing arrives */
    struct ln_url url;
    char *ca_file;
    char method[17];
    char *path, *query; /* one allocation: path */
    struct ln_header_set headers, answer_headers;
    struct ln_buf body, answer_body;
    int status;
    struct vlane to_server, to_client;
};

enum http_event_kind { ARRIVE, ANSWER, FAIL, ABORT };

struct http_event {
    struct vevent base; /* first */
    struct vexchange *ex;
    enum http_event_kind kind;
    bool sent;           /* FAIL */
    struct ln_error err; /* FAIL */
};

/* ---- exchanges and their events ---- */

static void
unref(struct vexchange *ex)
{
    if (--ex->refs > 0)
        return;
    ln_list_del(&ex->link);
    free(ex->ca_file);
    free(ex->path);
    ln_header_set_deinit(&ex->headers);
    ln_header_set_deinit(&ex->answer_headers);
    ln_buf_deinit(&ex->body);
    ln_buf_deinit(&ex->answer_body);
    free(ex);
}

static void
discard_event(struct vevent *base)
{
    struct http_event *ev = (struct http_event *)base;
    unref(ev->ex);
    free(ev);
}

static void fire_event(struct vevent *base);

static struct http_event *
event_new(struct vexchange *ex, enum http_event_kind kind)
{
    struct http_event *ev = calloc(1, sizeof(*ev));
    LN_ASSERT(ev != NULL);
    ev->base.fire = fire_event;
    ev->base.discard = discard_event;
    ev->ex = ex;
    ev->kind = kind;
    ex->refs++;
    return ev;
}

static void
send_fail(struct vexchange *ex, bool sent, const struct ln_error *err)
{
    struct http_event *ev = event_new(ex, FAIL);
    ev->sent = sent;
    ev->err = *err;
    vnet_send(ex->net, &ev->base, &ex->to_client);
}

static void
send_reset(struct vexchange *ex)
{
    struct ln_error err;
    ln_error_set(&err, LN_ERR_NET, ex->url.origin, NULL,
                 "the connection was closed before the answer");
    send_fail(ex, true, &err);
}

/* ---- the client's end ---- */

static void
call_free(struct vcall *call)
{
    ln_list_del(&call->link);
    ln_timer_free(call->deadline);
    if (call->ex) {
        call->ex->call = NULL;
        unref(call->ex);
    }
    free(call);
}

/* The caller is not interested any more: the server learns of it. */
static void
abandon(struct vcall *call)
{
    struct vexchange *ex = call->ex;
    struct http_event *ev = event_new(ex, ABORT);

    vnet_send(ex->net, &ev->base, &ex->to_server);
    call->ex = NULL;
    ex->call = NULL;
    unref(ex);
}

static void
finish(struct vcall *call, struct ln_http_response *resp)
{
    resp->elapsed_ns =
        ln_loop_now_ns(((struct vclient *)call->base.client)->net->base.loop) -
        call->started_ns;
    ln_list_del(&call->link);
    ln_timer_stop(call->deadline);
    call->base.fn(call->base.ctx, resp); /* may free the client */
    call_free(call);
}

static void
on_deadline(void *ctx)
{
    struct vcall *call = ctx;
    struct ln_http_response resp = {.code = LN_ERR_TIMEOUT, .sent = true};

    ln_error_set(&resp.err, LN_ERR_TIMEOUT, call->ex->url.origin, NULL,
                 "no answer in time");
    abandon(call);
    finish(call, &resp);
}

static void
deliver_answer(struct vexchange *ex)
{
    struct ln_http_response resp = {
        .sent = true,
        .status = ex->status,
        .headers = ex->answer_headers.items,
        .nheaders = ex->answer_headers.count,
        .body = ln_buf_str(&ex->answer_body),
    };
    if (strcmp(ex->method, "HEAD") == 0)
        resp.body = (struct ln_str){0};
    finish(ex->call, &resp);
}

static void
deliver_fail(struct vexchange *ex, const struct http_event *ev)
{
    struct ln_http_response resp = {
        .code = ev->err.code,
        .sent = ev->sent,
        .err = ev->err,
    };
    finish(ex->call, &resp);
}

/* ---- the server's end ---- */

static void
req_free(struct vreq *req)
{
    req->ex->req = NULL;
    ln_list_del(&req->link);
    unref(req->ex);
    free(req);
}

static void
tell_request(struct vexchange *ex, struct vserver *server)
{
    struct ln_server *base = &server->base;
    struct vreq *req = calloc(1, sizeof(*req));
    const struct ln_server_request request = {
        .method = ex->method,
        .path = ex->path,
        .query = ex->query,
        .body = ln_buf_str(&ex->body),
        .headers = ex->headers.items,
        .nheaders = ex->headers.count,
        .peer = "127.0.0.1",
    };

    LN_ASSERT(req != NULL);
    req->base.server = base;
    req->ex = ex;
    ex->req = req;
    ex->refs++;
    ln_list_add(&server->requests, &req->link);
    if (ex->body.len > LN_NET_SERVER_BODY_MAX)
        vnet_respond(&req->base, 413, NULL, 0, ln_str("Content Too Large"));
    else if (!base->events.request)
        vnet_respond(&req->base, 404, NULL, 0, ln_str("Not Found"));
    else
        base->events.request(base->ctx, &req->base, &request);
}

static void
arrive(struct vexchange *ex)
{
    struct ln_error err;
    bool sent;

    if (vnet_handshake(ex->net, &ex->url, ex->ca_file, &sent, &err) != LN_OK)
        send_fail(ex, sent, &err);
    else
        tell_request(ex, vnet_server(ex->net, ex->url.port));
}

static void
tell_abort(struct vreq *req)
{
    struct ln_server *server = req->base.server;

    req->ex->req = NULL;
    ln_list_del(&req->link);
    if (server->events.abort)
        server->events.abort(server->ctx, &req->base);
    unref(req->ex);
    free(req);
}

static void
fire_event(struct vevent *base)
{
    struct http_event *ev = (struct http_event *)base;
    struct vexchange *ex = ev->ex;

    switch (ev->kind) {
    case ARRIVE:
        if (!ex->cut)
            arrive(ex);
        break;
    case ANSWER:
        if (ex->call && !ex->cut)
            deliver_answer(ex);
        break;
    case FAIL:
        if (ex->call)
            deliver_fail(ex, ev);
        break;
    case ABORT:
        if (ex->req)
            tell_abort(ex->req);
        break;
    }
}

static void
add_answer_headers(struct vexchange *ex, const struct ln_header *headers,
                   size_t nheaders)
{
    char text[LN_HTTP_DATE_CAP];

    for (size_t i = 0; i < nheaders; i++) {
        struct ln_str name = ln_str(headers[i].name);
        if (!ln_str_eqi(name, "content-length") && !ln_str_eqi(name, "date"))
            (void)ln_header_set_add(&ex->answer_headers, name,
                                    headers[i].value);
    }
    ln_http_date(ln_loop_now_ms(ex->net->base.loop), text);
    (void)ln_header_set_add(&ex->answer_headers, ln_str("date"), ln_str(text));
    snprintf(text, sizeof(text), "%zu", ex->answer_body.len);
    (void)ln_header_set_add(&ex->answer_headers, ln_str("content-length"),
                            ln_str(text));
    ln_header_set_finish(&ex->answer_headers);
}

void
vnet_respond(struct ln_server_req *base, int status,
             const struct ln_header *headers, size_t nheaders,
             struct ln_str body)
{
    struct vreq *req = (struct vreq *)base;
    struct vexchange *ex = req->ex;
    struct vnet *net = ex->net;

    ex->status = status;
    if (status != 204 && status != 304)
        ln_buf_add(&ex->answer_body, body.ptr, body.len);
    add_answer_headers(ex, headers, nheaders);
    if (vnet_chance(net, net->faults.reset))
        send_reset(ex);
    else if (!vnet_chance(net, net->faults.drop_response))
        vnet_send(net, &event_new(ex, ANSWER)->base, &ex->to_client);
    req_free(req);
}

void
vnet_drop(struct ln_server_req *base)
{
    struct vreq *req = (struct vreq *)base;

    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): counted */
    send_reset(req->ex);
    req_free(req);
}

void
vnet_http_server_gone(struct vserver *server)
{
    while (!ln_list_empty(&server->requests))
        vnet_drop(&LN_OWNER(server->requests.next, struct vreq, link)->base);
}

void
vnet_http_cut(struct vnet *net)
{
    for (struct ln_link *at = net->exchanges.next; at != &net->exchanges;
         at = at->next) {
        struct vexchange *ex = LN_OWNER(at, struct vexchange, link);
        if (ex->cut)
            continue;
        ex->cut = true;
        struct http_event *fail = event_new(ex, FAIL);
        fail->sent = true;
        ln_error_set(&fail->err, LN_ERR_NET, ex->url.origin, NULL,
                     "the connection was reset");
        vnet_after(net, &fail->base, 0);
        vnet_after(net, &event_new(ex, ABORT)->base, 0);
    }
}

/* ---- starting ---- */

static bool
copy_request(struct vexchange *ex, const struct vclient *client,
             const struct ln_http_request *req)
{
    char text[32];
    bool ok = true;

    ln_str_copy(ex->method, sizeof(ex->method), ln_str(req->method));
    if (asprintf(&ex->path, "%s%s", ex->url.target[0] == '/' ? "" : "/",
                 ex->url.target) < 0) {
        ex->path = NULL;
        return false;
    }
    ex->url.target = NULL; /* it pointed into the caller's text */
    ex->query = ex->path + strcspn(ex->path, "?");
    if (*ex->query == '?')
        *ex->query++ = '\0';
    if (client->ca_file && !(ex->ca_file = strdup(client->ca_file)))
        return false;

    ok = ln_header_set_add(&ex->headers, ln_str("host"),
                           ln_str(ex->url.origin)) &&
         ln_header_set_add(&ex->headers, ln_str("user-agent"),
                           ln_str(client->user_agent));
    for (size_t i = 0; ok && i < req->nheaders; i++)
        ok = ln_header_set_add(&ex->headers, ln_str(req->headers[i].name),
                               req->headers[i].value);
    snprintf(text, sizeof(text), "%zu", req->body.len);
    if (ok && (req->body.len > 0 || strcmp(req->method, "POST") == 0))
        ok = ln_header_set_add(&ex->headers, ln_str("content-length"),
                               ln_str(text));
    ln_buf_add(&ex->body, req->body.ptr, req->body.len);
    ln_header_set_finish(&ex->headers);
    return ok && !ex->body.failed;
}

static struct vexchange *
exchange_new(const struct vclient *client, const struct ln_url *url,
             const struct ln_http_request *req)
{
    struct vexchange *ex = calloc(1, sizeof(*ex));
    if (!ex)
        return NULL;

    ex->net = client->net;
    ex->refs = 1;
    ex->url = *url;
    ln_header_set_init(&ex->headers);
    ln_header_set_init(&ex->answer_headers);
    ln_buf_init(&ex->body, LN_NET_BODY_MAX);
    ln_buf_init(&ex->answer_body, LN_NET_BODY_MAX);
    ln_list_add(&ex->net->exchanges, &ex->link);
    if (!copy_request(ex, client, req)) {
        unref(ex);
        return NULL;
    }
    return ex;
}

static void
put_on_wire(struct vexchange *ex)
{
    struct vnet *net = ex->net;
    struct ln_error err;

    if (vnet_chance(net, net->faults.refuse)) {
        ln_error_set(&err, LN_ERR_NET, ex->url.origin,
                     "check the address and the network",
                     "cannot connect to %s: connection refused",
                     ex->url.origin);
        send_fail(ex, false, &err);
    } else if (vnet_chance(net, net->faults.reset)) {
        send_reset(ex);
    } else if (!vnet_chance(net, net->faults.drop_request)) {
        vnet_send(net, &event_new(ex, ARRIVE)->base, &ex->to_server);
    }
}

static struct ln_http_call *
client_start(struct ln_http_client *base, const struct ln_url *url,
             const struct ln_http_request *req, struct ln_error *err)
{
    struct vclient *client = (struct vclient *)base;
    struct ln_loop *loop = client->net->base.loop;
    struct vcall *call = calloc(1, sizeof(*call));

    if (call) {
        call->deadline = ln_timer_new(loop, on_deadline, call);
        call->ex = call->deadline ? exchange_new(client, url, req) : NULL;
    }
    if (!call || !call->ex) {
        if (call)
            call_free(call);
        ln_error_set(err, LN_ERR_NOMEM, url->origin, NULL,
                     "no memory for an HTTP request");
        return NULL;
    }
    call->ex->call = call;
    call->started_ns = ln_loop_now_ns(loop);
    ln_list_add(&client->calls, &call->link);
    ln_timer_start(call->deadline, req->timeout_ms, 0);
    put_on_wire(call->ex);
    return &call->base;
}

static void
client_cancel(struct ln_http_call *base)
{
    struct vcall *call = (struct vcall *)base;

    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): counted */
    if (!call->link.next)
        return; /* its own fn runs */
    abandon(call);
    call_free(call);
}

static void
client_free(struct ln_http_client *base)
{
    struct vclient *client = (struct vclient *)base;

    while (!ln_list_empty(&client->calls))
        client_cancel(&LN_OWNER(client->calls.next, struct vcall, link)->base);
    ln_list_del(&client->link);
    free(client->ca_file);
    free(client->user_agent);
    free(client);
}

void
vnet_client_discard(struct ln_link *link)
{
    client_free(&LN_OWNER(link, struct vclient, link)->base);
}

static const struct ln_http_client_ops client_ops = {
    .free = client_free,
    .start = client_start,
    .cancel = client_cancel,
};

struct ln_http_client *
vnet_client_new(struct ln_net *base, const struct ln_http_client_opts *opts,
                struct ln_error *err)
{
    struct vnet *net = (struct vnet *)base;
    struct vclient *client = calloc(1, sizeof(*client));

    if (client) {
        client->base.ops = &client_ops;
        client->net = net;
        ln_list_init(&client->calls);
        ln_list_add(&net->clients, &client->link);
        client->ca_file = opts->ca_file ? strdup(opts->ca_file) : NULL;
        client->user_agent =
            strdup(opts->user_agent ? opts->user_agent : "lunette");
    }
    if (!client || !client->user_agent || (opts->ca_file && !client->ca_file)) {
        if (client)
            client_free(&client->base);
        ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                     "no memory for an HTTP client");
        return NULL;
    }
    return &client->base;
}
