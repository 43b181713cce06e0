/*
 * The public face of core/net: checks arguments and passes each call on to
 * the implementation (net_uv.c or net_virtual.c) through net_int.h.
 */
#include "net/net_int.h"

#include "base/assert.h"

#include <arpa/inet.h>

void
ln_net_free(struct ln_net *net)
{
    if (net)
        net->ops->free(net);
}

/* ---- HTTP client ---- */

struct ln_http_client *
ln_http_client_new(struct ln_net *net, const struct ln_http_client_opts *opts,
                   struct ln_error *err)
{
    static const struct ln_http_client_opts defaults;

    if (!opts)
        opts = &defaults;
    if (opts->max_connections < 0 ||
        (opts->user_agent && !ln_is_header_value(ln_str(opts->user_agent)))) {
        ln_error_set(err, LN_ERR_ARG, NULL, NULL,
                     "HTTP client options are not valid");
        return NULL;
    }
    struct ln_http_client *client = net->ops->client_new(net, opts, err);
    if (client)
        client->net = net;
    return client;
}

void
ln_http_client_free(struct ln_http_client *client)
{
    if (client)
        client->ops->free(client);
}

static bool
headers_ok(const struct ln_header *headers, size_t count)
{
    size_t bytes = 0;

    if (count > LN_NET_HEADERS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!headers[i].name || !ln_is_token(ln_str(headers[i].name)) ||
            !ln_is_header_value(headers[i].value))
            return false;
        bytes += strlen(headers[i].name) + headers[i].value.len + 4;
    }
    return bytes <= LN_NET_HEADER_BYTES;
}

struct ln_http_call *
ln_http_start(struct ln_http_client *client, const struct ln_http_request *req,
              ln_http_fn fn, void *ctx, struct ln_error *err)
{
    struct ln_url url;

    LN_ASSERT(fn != NULL);
    LN_ASSERT_CMP(req->timeout_ms, >, 0);
    if (ln_url_parse(req->url, &url, err) != LN_OK)
        return NULL;
    if (url.websocket || !req->method || !ln_is_token(ln_str(req->method)) ||
        strlen(req->method) > 16 || !headers_ok(req->headers, req->nheaders)) {
        ln_error_set(err, LN_ERR_ARG, url.origin, NULL,
                     "an HTTP request with an impossible method, scheme or "
                     "header");
        return NULL;
    }
    if (req->body.len > LN_NET_BODY_MAX) {
        ln_error_set(err, LN_ERR_ARG, url.origin, NULL,
                     "an HTTP body of %zu bytes is too large", req->body.len);
        return NULL;
    }
    struct ln_http_call *call = client->ops->start(client, &url, req, err);
    if (call) {
        call->client = client;
        call->fn = fn;
        call->ctx = ctx;
    }
    return call;
}

void
ln_http_cancel(struct ln_http_call *call)
{
    if (call)
        call->client->ops->cancel(call);
}

struct ln_str
ln_http_header(const struct ln_http_response *resp, const char *name)
{
    return ln_header_find(resp->headers, resp->nheaders, name);
}

/* ---- WebSocket ---- */

struct ln_ws *
ln_ws_connect(struct ln_net *net, const struct ln_ws_opts *opts,
              const struct ln_ws_events *events, void *ctx,
              struct ln_error *err)
{
    struct ln_url url;

    LN_ASSERT_CMP(opts->connect_timeout_ms, >=, 0);
    if (ln_url_parse(opts->url, &url, err) != LN_OK)
        return NULL;
    if (!url.websocket) {
        ln_error_set(err, LN_ERR_ARG, url.origin, "use wss://",
                     "not the URL of a WebSocket");
        return NULL;
    }
    struct ln_ws *ws = net->ops->ws_connect(net, &url, opts, err);
    if (ws) {
        ws->events = *events;
        ws->ctx = ctx;
    }
    return ws;
}

enum ln_err
ln_ws_send(struct ln_ws *ws, const void *data, size_t len, bool is_text)
{
    if (len > LN_NET_MESSAGE_MAX)
        return LN_ERR_ARG;
    return ws->ops->send(ws, data, len, is_text);
}

size_t
ln_ws_queued(const struct ln_ws *ws)
{
    return ws->ops->queued(ws);
}

void
ln_ws_close(struct ln_ws *ws, int code, const char *reason)
{
    LN_ASSERT(code == 0 || (code >= 1000 && code <= 4999));
    ws->ops->close(ws, code, reason ? reason : "");
}

void
ln_ws_set_ctx(struct ln_ws *ws, void *ctx)
{
    ws->ctx = ctx;
}

/* ---- server ---- */

static enum ln_err
listen_opts_check(const struct ln_server_opts *opts, struct ln_error *err)
{
    struct in6_addr addr;
    bool numeric = opts->host && (inet_pton(AF_INET, opts->host, &addr) == 1 ||
                                  inet_pton(AF_INET6, opts->host, &addr) == 1);

    if (!numeric)
        return ln_error_set(err, LN_ERR_ARG, opts->host, "use 127.0.0.1",
                            "the address to listen on must be numeric");
    if (opts->port < 0 || opts->port > 65535)
        return ln_error_set(err, LN_ERR_ARG, opts->host, NULL,
                            "%d is not a port", opts->port);
    if (!opts->cert_file != !opts->key_file)
        return ln_error_set(err, LN_ERR_ARG, opts->host, NULL,
                            "a certificate needs its key, and a key its "
                            "certificate");
    if (!opts->cert_file && !ln_host_is_loopback(opts->host))
        return ln_error_set(err, LN_ERR_ARG, opts->host,
                            "give a certificate and key, or listen on "
                            "127.0.0.1",
                            "a server without TLS listens on this machine "
                            "only");
    return LN_OK;
}

struct ln_server *
ln_server_listen(struct ln_net *net, const struct ln_server_opts *opts,
                 const struct ln_server_events *events, void *ctx,
                 struct ln_error *err)
{
    if (listen_opts_check(opts, err) != LN_OK)
        return NULL;

    struct ln_server *server = net->ops->listen(net, opts, err);
    if (server) {
        server->net = net;
        server->events = *events;
        server->ctx = ctx;
    }
    return server;
}

int
ln_server_port(const struct ln_server *server)
{
    return server->ops->port(server);
}

void
ln_server_close(struct ln_server *server)
{
    if (server)
        server->ops->close(server);
}

void
ln_server_respond(struct ln_server_req *req, int status,
                  const struct ln_header *headers, size_t nheaders,
                  struct ln_str body)
{
    LN_ASSERT(status >= 200 && status <= 599);
    LN_ASSERT(headers_ok(headers, nheaders));
    LN_ASSERT_CMP(body.len, <=, LN_NET_BODY_MAX);
    req->server->ops->respond(req, status, headers, nheaders, body);
}

void
ln_server_drop(struct ln_server_req *req)
{
    req->server->ops->drop(req);
}

void
ln_server_req_set_ctx(struct ln_server_req *req, void *ctx)
{
    req->ctx = ctx;
}

void *
ln_server_req_ctx(const struct ln_server_req *req)
{
    return req->ctx;
}
