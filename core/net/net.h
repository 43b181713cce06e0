/*
 * The network: HTTP requests, WebSockets, and a server that speaks both.
 *
 * Room: core/net, floor 2; knows core/base and core/loop. It does not know
 * what is sent. Two implementations behind one interface: net_uv.c (libcurl
 * multi-socket, libwebsockets on the loop's uv loop) and net_virtual.c (in
 * memory, with faults, on the virtual loop). The same contract tests run on
 * both (tests/unit/net/).
 *
 * All callbacks run on the loop, never inside the call that caused them:
 * a function returns first, its callback comes later. Objects may be closed
 * and freed inside their own callbacks.
 */
#ifndef LN_NET_NET_H
#define LN_NET_NET_H

#include "base/error.h"
#include "base/str.h"
#include "loop/loop.h"

struct ln_net;

#define LN_NET_BODY_MAX    (8U << 20)  /* largest HTTP body either way */
#define LN_NET_MESSAGE_MAX (4U << 20)  /* largest WebSocket message */
#define LN_NET_SENDQ_MAX   (16U << 20) /* bytes queued on one WebSocket */

/* On libcurl, libwebsockets, OpenSSL. err says what is missing. */
struct ln_net *ln_net_uv_new(struct ln_loop *loop, struct ln_error *err);

/*
 * Free. All clients, sockets and servers made from it are closed first by
 * this call without further callbacks. Turns the uv loop until they are gone,
 * so it must not be called from inside a callback of the loop.
 */
void ln_net_free(struct ln_net *net);

struct ln_header {
    const char *name; /* any case */
    struct ln_str value;
};

/* ================= HTTP client ================= */

struct ln_http_client;
struct ln_http_call;

struct ln_http_client_opts {
    const char *ca_file;    /* PEM to trust instead of the system's; or NULL */
    int max_connections;    /* per host; 0: 6 */
    const char *user_agent; /* NULL: "lunette" */
};

/* Keeps connections alive between requests. HTTP/1.1, TLS verified. */
struct ln_http_client *
ln_http_client_new(struct ln_net *net, const struct ln_http_client_opts *opts,
                   struct ln_error *err);
/* Cancels calls under way without calling back. */
void ln_http_client_free(struct ln_http_client *client);

struct ln_http_request {
    const char *method; /* "GET", "POST" */
    const char *url; /* https://host[:port]/path?query; http:// only loopback */
    const struct ln_header *headers;
    size_t nheaders;
    struct ln_str body; /* copied */
    int64_t timeout_ms; /* whole request, from the call; > 0 */
};

struct ln_http_response {
    /*
     * LN_OK: an HTTP answer arrived, whatever its status. Otherwise none:
     * err tells. <sent> is false only if it is certain that no byte of the
     * request reached the server: then, and only then, it surely had no
     * effect.
     */
    enum ln_err code;
    bool sent;
    int status; /* 0 without an answer */
    struct ln_str body;
    const struct ln_header *headers; /* names in lower case */
    size_t nheaders;
    int64_t elapsed_ns;
    struct ln_error err;
};

/* The response and all it points to are valid during the callback only. */
typedef void (*ln_http_fn)(void *ctx, const struct ln_http_response *resp);

/*
 * Start a request. Everything in <req> is copied. NULL with err on bad
 * arguments (then fn is not called); otherwise fn is called exactly once,
 * unless it is cancelled. The handle is valid until fn returns.
 */
struct ln_http_call *ln_http_start(struct ln_http_client *client,
                                   const struct ln_http_request *req,
                                   ln_http_fn fn, void *ctx,
                                   struct ln_error *err);

/* Withdraw: fn will not be called. The server may have seen it all the same. */
void ln_http_cancel(struct ln_http_call *call);

/* Value of a response header (lower-case name) or the empty string. */
struct ln_str ln_http_header(const struct ln_http_response *resp,
                             const char *name);

/* ================= WebSocket, client and server side ================= */

struct ln_ws;

struct ln_ws_events {
    void (*open)(void *ctx, struct ln_ws *ws);
    /* A whole message. data is valid during the call only. */
    void (*message)(void *ctx, struct ln_ws *ws, const char *data, size_t len,
                    bool is_text);
    /*
     * Exactly once, also for a connect that failed (then open never came and
     * err->code is not LN_OK). code: the WebSocket close code, 1006 if there
     * was none; 1005 if the peer gave none. err->code is LN_OK after a
     * WebSocket close (err->what: the peer's reason), LN_ERR_CANCELLED after a
     * drop of our own. The socket is freed after this returns.
     */
    void (*close)(void *ctx, struct ln_ws *ws, int code,
                  const struct ln_error *err);
};

struct ln_ws_opts {
    const char *url;     /* wss://host[:port]/path; ws:// only loopback */
    const char *ca_file; /* as above */
    int64_t connect_timeout_ms; /* 0: 10 s; TCP + TLS + upgrade */
};

/* NULL with err on bad arguments only; failures to connect come by close. */
struct ln_ws *ln_ws_connect(struct ln_net *net, const struct ln_ws_opts *opts,
                            const struct ln_ws_events *events, void *ctx,
                            struct ln_error *err);

/*
 * Queue a text or binary message (copied). LN_ERR_LIMIT when the peer does
 * not read and LN_NET_SENDQ_MAX would be exceeded; LN_ERR_STATE when closed.
 */
enum ln_err ln_ws_send(struct ln_ws *ws, const void *data, size_t len,
                       bool is_text) LN_MUST_USE;

/* Bytes queued and not yet handed to the system. */
size_t ln_ws_queued(const struct ln_ws *ws);

/*
 * Close with a WebSocket code (1000..4999) and reason; the close event comes
 * later. code 0: drop the connection at once, without a Close frame.
 */
void ln_ws_close(struct ln_ws *ws, int code, const char *reason);

/* Attach the caller's state to a (server-side) socket. */
void ln_ws_set_ctx(struct ln_ws *ws, void *ctx);

/* ================= server: HTTP and WebSocket on one port ================= */

struct ln_server;
struct ln_server_req; /* one HTTP request being answered */

struct ln_server_request {
    const char *method;
    const char *path;  /* as sent (not decoded), without the query */
    const char *query; /* raw text behind '?', or "" */
    struct ln_str body;
    const struct ln_header *headers; /* names in lower case */
    size_t nheaders;
    const char *peer; /* numeric address */
};

struct ln_server_events {
    /*
     * Answer now or later with ln_server_respond(); the request's data are
     * valid during this call only, the handle until answered or aborted.
     */
    void (*request)(void *ctx, struct ln_server_req *req,
                    const struct ln_server_request *r);
    /* The peer went away before the answer: the handle is dead now. */
    void (*abort)(void *ctx, struct ln_server_req *req);
    /*
     * A WebSocket was opened on <path> (as sent, without the query). Return
     * the ctx for its events, or NULL to refuse (HTTP 404). Its open event
     * follows. Pages of another origin than the Host asked for are refused
     * before (HTTP 403).
     */
    void *(*ws_accept)(void *ctx, struct ln_ws *ws, const char *path,
                       const char *peer);
    struct ln_ws_events ws;
};

struct ln_server_opts {
    const char *host;                 /* numeric address */
    int port;                         /* 0: any free one */
    const char *cert_file, *key_file; /* PEM; both NULL: plain, loopback only */
};

/* NULL with err (port in use, certificate unreadable, ...). */
struct ln_server *ln_server_listen(struct ln_net *net,
                                   const struct ln_server_opts *opts,
                                   const struct ln_server_events *events,
                                   void *ctx, struct ln_error *err);
int ln_server_port(const struct ln_server *server);
/* Drops its connections, without callbacks; their peers see a lost one. */
void ln_server_close(struct ln_server *server);

/* Headers "content-length" and "date" are added. Body is copied. */
void ln_server_respond(struct ln_server_req *req, int status,
                       const struct ln_header *headers, size_t nheaders,
                       struct ln_str body);

/* Drop the connection without an answer (a fault on purpose). */
void ln_server_drop(struct ln_server_req *req);

/* The caller's state of one HTTP request. */
void ln_server_req_set_ctx(struct ln_server_req *req, void *ctx);
void *ln_server_req_ctx(const struct ln_server_req *req);

#endif
