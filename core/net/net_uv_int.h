/*
 * Private to the libuv half of core/net: what net_uv.c shares with http_uv.c,
 * ws_uv.c and server_uv.c.
 */
#ifndef LN_NET_UV_INT_H
#define LN_NET_UV_INT_H

#include "net/net_int.h"

#include <uv.h>

struct lws_context;
struct lws_vhost;

#define LN_NET_VHOSTS_MAX 16 /* different ca_file of WebSocket clients */

struct ln_net_vhost {
    char *ca_file; /* NULL: the system's authorities */
    struct lws_vhost *vhost;
};

struct net_uv {
    struct ln_net base;
    uv_loop_t *uv;
    struct ln_link clients; /* struct uv_http_client */
    struct ln_link sockets; /* struct ws_client */
    struct ln_link servers; /* struct uv_server */
    struct ln_link streams; /* struct ln_stream */
    struct lws_context *lws;
    void *foreign_loop; /* lws keeps a pointer to this */
    struct ln_net_vhost vhosts[LN_NET_VHOSTS_MAX];
    int nvhosts;
};

struct ln_http_client *net_uv_client_new(struct ln_net *net,
                                         const struct ln_http_client_opts *opts,
                                         struct ln_error *err);

/* Frees a client, its calls without callbacks. */
void net_uv_client_discard(struct ln_link *link);

struct ln_ws *net_uv_ws_connect(struct ln_net *net, const struct ln_url *url,
                                const struct ln_ws_opts *opts,
                                struct ln_error *err);
/* Forgets a client socket without a callback. */
void net_uv_ws_discard(struct ln_link *link);

/* Closes a server and its connections. */
void net_uv_server_discard(struct ln_link *link);

struct ln_server *net_uv_listen(struct ln_net *net,
                                const struct ln_server_opts *opts,
                                struct ln_error *err);

/* The context of libwebsockets: made with the net, ended with it. */
enum ln_err net_uv_lws_open(struct net_uv *net, struct ln_error *err);
void net_uv_lws_close(struct net_uv *net);
/* The client vhost that trusts <ca_file>; NULL with err. */
struct lws_vhost *net_uv_lws_vhost(struct net_uv *net, const char *ca_file,
                                   struct ln_error *err);
/* The last error that libwebsockets logged since the last call, or "". */
const char *net_uv_lws_log(void);

/* Does <path> hold at least one PEM certificate? LN_ERR_CONFIG if not. */
enum ln_err net_uv_check_ca(const char *path, struct ln_error *err);

#endif
