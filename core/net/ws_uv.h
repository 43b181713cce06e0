/*
 * Private to core/net: WebSocket clients on libwebsockets, shared by ws_uv.c
 * (open sockets), ws_connect_uv.c (how they come to be open) and lws_uv.c
 * (which registers the one function that the library calls).
 */
#ifndef LN_NET_WS_UV_H
#define LN_NET_WS_UV_H

#include "net/net_uv_int.h"

#include <libwebsockets.h>

#define LN_WS_ADDRESSES_MAX 8

enum ws_state { WS_RESOLVING, WS_CONNECTING, WS_OPEN, WS_CLOSING, WS_ENDED };

struct ws_message {
    struct ws_message *next;
    size_t len;
    int kind;             /* enum lws_write_protocol */
    unsigned char data[]; /* LWS_PRE bytes for the library, then the payload */
};

struct ws_lookup {
    uv_getaddrinfo_t uv;
    struct ws_client *ws; /* NULL: nobody waits any more */
};

struct ws_client {
    struct ln_ws base; /* first */
    struct ln_link link;
    struct net_uv *net;
    enum ws_state state;
    struct lws *wsi; /* NULL: none at the moment */
    struct lws_vhost *vhost;
    struct ws_lookup *lookup;
    struct ln_timer *deadline; /* of connecting, then of closing */
    struct ln_defer step;      /* next address, or the end */
    bool in_connect;           /* inside lws_client_connect_via_info() */
    struct ln_url url;
    char *target;
    char addresses[LN_WS_ADDRESSES_MAX][INET6_ADDRSTRLEN];
    int naddresses, next_address;
    struct ws_message *head, **tail; /* to be written */
    size_t queued;
    struct ln_buf message; /* pieces of a message so far */
    bool assembling;
    int sent_code, peer_code; /* of Close frames; 0: none */
    char reason[128];         /* of the peer's */
    struct ln_error end;
};

/* Registered with the library. */
int net_uv_ws_callback(struct lws *wsi, enum lws_callback_reasons reason,
                       void *user, void *in, size_t len);

/* The end is decided, in ws->end: the close event follows next turn. */
void net_uv_ws_end_later(struct ws_client *ws);

/* Looks up the name, then connects. False without memory. */
bool net_uv_ws_resolve(struct ws_client *ws);

/* Tries the next address; none left: the end. */
void net_uv_ws_connect_next(struct ws_client *ws);

/* Says in ws->end why a connect failed; text: the library's word on it. */
void net_uv_ws_set_failure(struct ws_client *ws, const char *text);

#endif
