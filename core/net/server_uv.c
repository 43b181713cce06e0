/*
 * The server on libuv: listening, connections, HTTP/1.1. The bytes come from
 * stream_uv.c, heads are read by http_head.c, WebSockets live in
 * server_ws_uv.c.
 *
 *              request complete            answered
 *   CONN_REQUEST -------------> CONN_ANSWER -------> CONN_REQUEST (keep-alive)
 *        |                                  \------> finished
 *        \--- upgrade accepted --> CONN_WS
 *
 * This is ours and not libwebsockets' server because that one decodes paths
 * and queries (a signature is over the text as sent) and cannot list the
 * headers it does not know.
 */
#include "net/server_int.h"

#include "base/assert.h"

#include <openssl/err.h>
#include <stdlib.h>

#define CONNS_MAX       1024  /* per server; more are closed at once */
#define ARRIVE_MS       20000 /* for handshake, head and body */
#define KEEP_ALIVE_MS   75000 /* between requests */
#define BACKLOG         256
#define CONTINUE_ANSWER "HTTP/1.1 100 Continue\r\n\r\n"

static void conn_process(struct uv_conn *conn);

/* ---- the life of a connection ---- */

static void
conn_free(struct uv_conn *conn)
{
    uv_server_ws_deinit(conn);
    ln_defer_del(&conn->again);
    ln_timer_free(conn->deadline);
    ln_buf_deinit(&conn->in);
    free(conn);
}

void
uv_conn_destroy(struct uv_conn *conn)
{
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): busy counts keep it */
    if (conn->dead)
        return;
    conn->dead = true;
    ln_list_del(&conn->link);
    conn->server->nconns--;
    ln_timer_stop(conn->deadline);
    ln_defer_del(&conn->again);
    ln_defer_del(&conn->ws.defer);
    if (conn->stream)
        ln_stream_close(conn->stream);
    conn->stream = NULL;
    if (conn->busy == 0)
        conn_free(conn);
}

void
uv_conn_leave(struct uv_conn *conn)
{
    if (--conn->busy == 0 && conn->dead)
        conn_free(conn);
}

/* Lets the stream say goodbye on its own. */
static void
conn_finish(struct uv_conn *conn)
{
    if (conn->stream)
        ln_stream_finish(conn->stream);
    conn->stream = NULL;
    uv_conn_destroy(conn);
}

static void
on_gone(void *ctx, const char *why)
{
    struct uv_conn *conn = ctx;
    struct ln_server *server = &conn->server->base;

    conn->stream = NULL;
    if (conn->state == CONN_WS) {
        uv_server_ws_gone(conn, why);
        return;
    }
    conn->busy++;
    if (conn->state == CONN_ANSWER && server->events.abort)
        server->events.abort(server->ctx, &conn->req);
    uv_conn_destroy(conn);
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): busy counts keep it */
    uv_conn_leave(conn);
}

static void
on_deadline(void *ctx)
{
    struct uv_conn *conn = ctx;

    if (conn->state == CONN_WS)
        uv_server_ws_late(conn);
    else
        conn_finish(conn);
}

/* ---- answers ---- */

static void
send_answer(struct uv_conn *conn, int status, const struct ln_header *headers,
            size_t nheaders, struct ln_str body)
{
    struct ln_buf out;
    bool bodyless = status == 204 || status == 304;
    char date[LN_HTTP_DATE_CAP];

    ln_buf_init(&out, LN_NET_BODY_MAX + 2 * LN_NET_HEADER_BYTES);
    ln_buf_addf(&out, "HTTP/1.1 %d %s\r\n", status,
                ln_http_status_text(status));
    for (size_t i = 0; i < nheaders; i++) {
        struct ln_str name = ln_str(headers[i].name);
        if (ln_str_eqi(name, "content-length") || ln_str_eqi(name, "date"))
            continue;
        if (ln_str_eqi(name, "connection")) {
            if (ln_str_eqi(headers[i].value, "close"))
                conn->keep_alive = false;
            continue;
        }
        ln_buf_addf(&out, "%s: ", headers[i].name);
        ln_buf_add(&out, headers[i].value.ptr, headers[i].value.len);
        ln_buf_adds(&out, "\r\n");
    }
    ln_http_date(ln_loop_now_ms(conn->server->base.net->loop), date);
    ln_buf_addf(&out, "date: %s\r\n", date);
    if (!bodyless)
        ln_buf_addf(&out, "content-length: %zu\r\n", body.len);
    if (!conn->keep_alive)
        ln_buf_adds(&out, "connection: close\r\n");
    ln_buf_adds(&out, "\r\n");
    if (!bodyless && !conn->head_only)
        ln_buf_add(&out, body.ptr, body.len);
    if (conn->stream && !out.failed)
        ln_stream_write(conn->stream, out.data, out.len);
    if (out.failed)
        conn->keep_alive = false;
    ln_buf_deinit(&out);
}

void
uv_conn_refuse(struct uv_conn *conn, int status)
{
    conn->keep_alive = false;
    send_answer(conn, status, NULL, 0, ln_str(ln_http_status_text(status)));
    conn_finish(conn);
}

/* The answer is out: make room for the next request. */
static void
request_done(struct uv_conn *conn)
{
    ln_buf_consume(&conn->in, conn->head_len + conn->body_len);
    conn->head_len = conn->body_len = 0;
    conn->answered = false;
    conn->state = CONN_REQUEST;
    ln_timer_start(conn->deadline, KEEP_ALIVE_MS, 0);
}

static void
server_respond(struct ln_server_req *req, int status,
               const struct ln_header *headers, size_t nheaders,
               struct ln_str body)
{
    struct uv_conn *conn = (struct uv_conn *)req;

    LN_ASSERT(conn->state == CONN_ANSWER && !conn->answered && !conn->dead);
    conn->answered = true;
    send_answer(conn, status, headers, nheaders, body);
    if (!conn->keep_alive) {
        conn_finish(conn);
        return;
    }
    if (conn->handing)
        return; /* the caller may still look at the request: hand_on() */
    request_done(conn);
    if (conn->in.len > 0) /* a pipelined request */
        ln_defer_add(&conn->server->base.net->defers, &conn->again);
}

static void
server_drop(struct ln_server_req *req)
{
    uv_conn_destroy((struct uv_conn *)req);
}

/* ---- requests ---- */

static void
hand_on(struct uv_conn *conn, struct ln_http_head *head)
{
    struct ln_server *server = &conn->server->base;
    const struct ln_server_request request = {
        .method = head->method,
        .path = head->path,
        .query = head->query,
        .body = ln_strn(conn->in.data + conn->head_len, conn->body_len),
        .headers = head->headers.items,
        .nheaders = head->headers.count,
        .peer = conn->peer,
    };

    conn->state = CONN_ANSWER;
    conn->keep_alive = head->keep_alive;
    conn->head_only = strcmp(head->method, "HEAD") == 0;
    conn->continued = false;
    conn->req = (struct ln_server_req){.server = server};
    ln_timer_stop(conn->deadline);
    conn->handing = true;
    if (!server->events.request)
        server_respond(&conn->req, 404, NULL, 0, ln_str("Not Found"));
    else
        server->events.request(server->ctx, &conn->req, &request);
    conn->handing = false;
    if (conn->answered && !conn->dead)
        request_done(conn);
}

/* The head is there; is all of the request? Refuses what is too large. */
static bool
request_complete(struct uv_conn *conn, struct ln_http_head *head)
{
    conn->body_len = head->content_len;
    if (conn->body_len > LN_NET_SERVER_BODY_MAX) {
        uv_conn_refuse(conn, 413);
        return false;
    }
    if (conn->in.len >= conn->head_len + conn->body_len)
        return true;
    if (head->expect_continue && !conn->continued) {
        conn->continued = true;
        ln_stream_write(conn->stream, CONTINUE_ANSWER,
                        sizeof(CONTINUE_ANSWER) - 1);
    }
    return false;
}

static void
next_request(struct uv_conn *conn)
{
    struct ln_http_head *head = &conn->server->head;

    /* Known from an earlier look: then only the body is waited for. */
    if (conn->head_len && conn->in.len < conn->head_len + conn->body_len)
        return;
    conn->head_len = ln_http_head_len(conn->in.data, conn->in.len);
    size_t bytes = conn->head_len ? conn->head_len : conn->in.len;
    if (bytes > LN_NET_HEADER_BYTES) {
        uv_conn_refuse(conn, 431);
        return;
    }
    if (conn->head_len == 0) {
        /* TLS to a plain port would wait for ever: no method starts so. */
        if (!ln_is_token(ln_strn(conn->in.data, 1)))
            uv_conn_refuse(conn, 400);
        return;
    }
    int status = ln_http_head_parse(head, conn->in.data, conn->head_len);
    if (status != 0) {
        uv_conn_refuse(conn, status);
        return;
    }
    if (!request_complete(conn, head))
        return;
    if (head->upgrade)
        uv_server_ws_upgrade(conn, head);
    else
        hand_on(conn, head);
}

/* Handles all that is complete in conn->in. May destroy the connection. */
static void
conn_process(struct uv_conn *conn)
{
    size_t before;

    conn->busy++;
    do {
        before = conn->in.len;
        if (conn->state == CONN_REQUEST && before > 0)
            next_request(conn);
        else if (conn->state == CONN_WS)
            uv_server_ws_input(conn);
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): busy counts keep it */
    } while (!conn->dead && conn->in.len > 0 && conn->in.len != before);
    uv_conn_leave(conn);
}

static void
on_again(struct ln_defer *defer)
{
    conn_process(LN_OWNER(defer, struct uv_conn, again));
}

static void
on_data(void *ctx, const char *data, size_t len)
{
    struct uv_conn *conn = ctx;

    if (conn->state == CONN_REQUEST && conn->in.len == 0)
        ln_timer_start(conn->deadline, ARRIVE_MS, 0);
    ln_buf_add(&conn->in, data, len);
    if (conn->in.failed) {
        /* Far more than one request while its answer is awaited. */
        ln_stream_close(conn->stream);
        on_gone(conn, "too much data");
        return;
    }
    conn_process(conn);
}

/* ---- listening ---- */

static void
on_connection(uv_stream_t *listener, int status)
{
    struct uv_server *server = listener->data;
    struct net_uv *net = (struct net_uv *)server->base.net;
    struct uv_conn *conn = status == 0 ? calloc(1, sizeof(*conn)) : NULL;
    if (!conn)
        return;

    const struct ln_stream_owner owner = {on_data, on_gone, conn};
    conn->deadline = ln_timer_new(net->base.loop, on_deadline, conn);
    conn->stream = conn->deadline
                       ? ln_stream_accept(net->base.loop, listener, server->tls,
                                          &net->streams, &owner)
                       : NULL;
    if (!conn->stream || server->nconns >= CONNS_MAX) {
        if (conn->stream)
            ln_stream_close(conn->stream);
        ln_timer_free(conn->deadline);
        free(conn);
        return;
    }
    conn->server = server;
    conn->again.fn = on_again;
    ln_buf_init(&conn->in,
                LN_NET_SERVER_BODY_MAX + LN_NET_HEADER_BYTES + (128U << 10));
    ln_stream_peer(conn->stream, conn->peer, sizeof(conn->peer));
    ln_list_add(&server->conns, &conn->link);
    server->nconns++;
    ln_timer_start(conn->deadline, ARRIVE_MS, 0);
}

static int
select_alpn(SSL *ssl, const unsigned char **out, unsigned char *outlen,
            const unsigned char *in, unsigned int inlen, void *arg)
{
    static const unsigned char http11[] = "\x08http/1.1";
    unsigned char *chosen;

    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, outlen, http11, sizeof(http11) - 1, in,
                              inlen) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *
load_tls(const struct ln_server_opts *opts, struct ln_error *err)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    const char *file = opts->cert_file;

    ERR_clear_error();
    if (!tls || !SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION))
        goto fail;
    if (SSL_CTX_use_certificate_chain_file(tls, opts->cert_file) != 1)
        goto fail;
    file = opts->key_file;
    if (SSL_CTX_use_PrivateKey_file(tls, opts->key_file, SSL_FILETYPE_PEM) !=
            1 ||
        SSL_CTX_check_private_key(tls) != 1)
        goto fail;
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(tls, select_alpn, NULL);
    return tls;

fail:
    ln_error_set(err, LN_ERR_TLS, file,
                 "check that both files exist, are PEM and belong together",
                 "the server's certificate or key cannot be used: %s",
                 ERR_reason_error_string(ERR_peek_last_error()));
    ERR_clear_error();
    SSL_CTX_free(tls);
    return NULL;
}

static enum ln_err
bind_and_listen(struct uv_server *server, const struct ln_server_opts *opts,
                struct ln_error *err)
{
    struct sockaddr_storage addr = {0};
    int rc =
        strchr(opts->host, ':')
            ? uv_ip6_addr(opts->host, opts->port, (struct sockaddr_in6 *)&addr)
            : uv_ip4_addr(opts->host, opts->port, (struct sockaddr_in *)&addr);
    if (rc == 0)
        rc = uv_tcp_bind(&server->tcp, (const struct sockaddr *)&addr, 0);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&server->tcp, BACKLOG, on_connection);
    if (rc == UV_EADDRINUSE)
        return ln_port_in_use(err, opts->host, opts->port);
    if (rc != 0)
        return ln_error_set(
            err, LN_ERR_NET, opts->host,
            rc == UV_EACCES ? "use a port above 1023" : "listen on 127.0.0.1",
            "cannot listen on port %d: %s", opts->port, uv_strerror(rc));
    int len = sizeof(addr);
    uv_tcp_getsockname(&server->tcp, (struct sockaddr *)&addr, &len);
    /* The port is at the same place in both kinds of address. */
    server->port = ntohs(((struct sockaddr_in *)&addr)->sin_port);
    return LN_OK;
}

static int
server_port(const struct ln_server *base)
{
    return ((const struct uv_server *)base)->port;
}

static void
on_listener_closed(uv_handle_t *handle)
{
    struct uv_server *server = handle->data;

    SSL_CTX_free(server->tls);
    ln_http_head_deinit(&server->head);
    free(server);
}

static void
server_close(struct ln_server *base)
{
    struct uv_server *server = (struct uv_server *)base;

    ln_list_del(&server->link);
    while (!ln_list_empty(&server->conns))
        uv_conn_destroy(LN_OWNER(server->conns.next, struct uv_conn, link));
    uv_close((uv_handle_t *)&server->tcp, on_listener_closed);
}

static const struct ln_server_ops server_ops = {
    .port = server_port,
    .close = server_close,
    .respond = server_respond,
    .drop = server_drop,
};

struct ln_server *
net_uv_listen(struct ln_net *base, const struct ln_server_opts *opts,
              struct ln_error *err)
{
    struct net_uv *net = (struct net_uv *)base;
    SSL_CTX *tls = NULL;

    if (opts->cert_file && !(tls = load_tls(opts, err)))
        return NULL;
    struct uv_server *server = calloc(1, sizeof(*server));
    if (!server || uv_tcp_init(net->uv, &server->tcp) != 0) {
        free(server);
        SSL_CTX_free(tls);
        ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory for a server");
        return NULL;
    }
    server->base.ops = &server_ops;
    server->base.net = base;
    server->tcp.data = server;
    server->tls = tls;
    ln_http_head_init(&server->head);
    ln_list_init(&server->conns);
    ln_list_add(&net->servers, &server->link);
    if (bind_and_listen(server, opts, err) != LN_OK) {
        server_close(&server->base);
        return NULL;
    }
    return &server->base;
}

/* net_uv_free() knows the link alone. */
void
net_uv_server_discard(struct ln_link *link)
{
    server_close(&LN_OWNER(link, struct uv_server, link)->base);
}
