/*
 * Private to core/net: the tables of functions behind net.h, and the small
 * things both implementations share.
 *
 * Each implementation embeds the structs below as first members; net.c checks
 * arguments and calls through the tables.
 *
 *   net.c --+-- net_uv.c       http_uv.c  ws_uv.c   server_uv.c stream_uv.c
 *           +-- net_virtual.c  http_virtual.c  ws_virtual.c
 */
#ifndef LN_NET_INT_H
#define LN_NET_INT_H

#include "base/buf.h"
#include "net/list.h"
#include "net/net.h"
#include "net/url.h"

#define LN_NET_HEADERS_MAX     100         /* header lines of one message */
#define LN_NET_HEADER_BYTES    (32U << 10) /* of one message together */
#define LN_NET_SERVER_BODY_MAX (1U << 20)

/* ---- calls that must not happen inside the call that caused them ---- */

struct ln_defer {
    struct ln_link link;
    void (*fn)(struct ln_defer *defer);
};

struct ln_defer_queue {
    struct ln_link waiting;
    struct ln_timer *timer;
};

bool ln_defer_queue_init(struct ln_defer_queue *q, struct ln_loop *loop);
void ln_defer_queue_deinit(struct ln_defer_queue *q);

/* Runs defer->fn once, at the next turn. Queued already: no effect. */
void ln_defer_add(struct ln_defer_queue *q, struct ln_defer *defer);
void ln_defer_del(struct ln_defer *defer);

/* ---- the objects of net.h ---- */

struct ln_net_ops {
    void (*free)(struct ln_net *net);
    struct ln_http_client *(*client_new)(struct ln_net *net,
                                         const struct ln_http_client_opts *opts,
                                         struct ln_error *err);
    struct ln_ws *(*ws_connect)(struct ln_net *net, const struct ln_url *url,
                                const struct ln_ws_opts *opts,
                                struct ln_error *err);
    struct ln_server *(*listen)(struct ln_net *net,
                                const struct ln_server_opts *opts,
                                struct ln_error *err);
};

struct ln_net {
    const struct ln_net_ops *ops;
    struct ln_loop *loop;
    struct ln_defer_queue defers;
};

struct ln_http_client_ops {
    void (*free)(struct ln_http_client *client);
    struct ln_http_call *(*start)(struct ln_http_client *client,
                                  const struct ln_url *url,
                                  const struct ln_http_request *req,
                                  struct ln_error *err);
    void (*cancel)(struct ln_http_call *call);
};

struct ln_http_client {
    const struct ln_http_client_ops *ops;
    struct ln_net *net;
};

struct ln_http_call {
    struct ln_http_client *client;
    ln_http_fn fn;
    void *ctx;
};

struct ln_ws_ops {
    enum ln_err (*send)(struct ln_ws *ws, const void *data, size_t len,
                        bool is_text);
    size_t (*queued)(const struct ln_ws *ws);
    void (*close)(struct ln_ws *ws, int code, const char *reason);
};

struct ln_ws {
    const struct ln_ws_ops *ops;
    struct ln_ws_events events;
    void *ctx;
};

struct ln_server_ops {
    int (*port)(const struct ln_server *server);
    void (*close)(struct ln_server *server);
    void (*respond)(struct ln_server_req *req, int status,
                    const struct ln_header *headers, size_t nheaders,
                    struct ln_str body);
    void (*drop)(struct ln_server_req *req);
};

struct ln_server {
    const struct ln_server_ops *ops;
    struct ln_net *net;
    struct ln_server_events events;
    void *ctx;
};

struct ln_server_req {
    struct ln_server *server;
    void *ctx;
};

/* ---- headers as a flat copy ---- */

/*
 * A list of headers that owns its text. Names are stored in lower case.
 * Adding fails (returns false) beyond the limits above.
 */
struct ln_header_set {
    struct ln_header *items;
    size_t count;
    struct ln_buf text; /* names and values, each terminated */
    size_t offsets[2 * LN_NET_HEADERS_MAX]; /* name, value */
    size_t lengths[LN_NET_HEADERS_MAX];     /* of the values */
    struct ln_header array[LN_NET_HEADERS_MAX];
};

void ln_header_set_init(struct ln_header_set *set);
void ln_header_set_deinit(struct ln_header_set *set);
void ln_header_set_reset(struct ln_header_set *set);
bool ln_header_set_add(struct ln_header_set *set, struct ln_str name,
                       struct ln_str value);
/* Points set->items at the headers: after the last add. */
void ln_header_set_finish(struct ln_header_set *set);
/* After finish. Empty if absent; the first one wins. */
struct ln_str ln_header_find(const struct ln_header *headers, size_t count,
                             const char *name);

/* ---- small checks ---- */

/* A token of RFC 9110: method or header name. */
bool ln_is_token(struct ln_str s);
/* No control characters, so that nothing can add a header line. */
bool ln_is_header_value(struct ln_str s);

/* The usual words of a status: "Not Found"; "Unknown" for others. */
const char *ln_http_status_text(int status);

#define LN_HTTP_DATE_CAP 64

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
void ln_http_date(int64_t now_ms, char *out);

/* Sentences that both implementations give. */
enum ln_err ln_tls_untrusted(struct ln_error *err, const char *origin,
                             const char *cause);
enum ln_err ln_port_in_use(struct ln_error *err, const char *host, int port);

#endif
