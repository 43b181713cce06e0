/*
 * Private to core/net: the server on libuv, shared by server_uv.c (listening,
 * connections, HTTP) and server_ws_uv.c (what a connection does once it has
 * become a WebSocket).
 */
#ifndef LN_NET_SERVER_INT_H
#define LN_NET_SERVER_INT_H

#include "net/http_head.h"
#include "net/net_uv_int.h"
#include "net/stream_uv.h"
#include "net/ws_frame.h"

struct uv_server {
    struct ln_server base;
    struct ln_link link; /* among the net's servers */
    uv_tcp_t tcp;        /* the listening socket */
    SSL_CTX *tls;        /* NULL: plain */
    int port;
    struct ln_link conns;
    int nconns;
    struct ln_http_head head; /* of the request at hand: one at a time */
};

enum conn_state {
    CONN_REQUEST, /* a request is arriving */
    CONN_ANSWER,  /* it was handed on and waits for its answer */
    CONN_WS       /* a WebSocket */
};

struct uv_conn {
    struct ln_server_req req; /* first: the handle of the request at hand */
    struct uv_server *server;
    struct ln_link link;      /* among the server's connections */
    struct ln_stream *stream; /* NULL: gone */
    enum conn_state state;
    char peer[64];
    struct ln_buf in; /* arrived and not used yet */
    size_t head_len;  /* of the request at the start of <in>; 0: unknown */
    size_t body_len;
    bool head_only; /* HEAD: the answer has no body */
    bool keep_alive;
    bool continued; /* 100 Continue was sent */
    bool handing;   /* the request event is being told */
    bool answered;  /* the request at hand has its answer */
    int busy;       /* frames on the stack that use this connection */
    bool dead;      /* freed when busy is 0 again */
    struct ln_timer *deadline;
    struct ln_defer again; /* look at what is left in <in> */

    struct {
        struct ln_ws base;
        struct ln_defer defer; /* open or close event to be told */
        bool accepted;         /* the upgrade was answered */
        bool opened;           /* the open event was told */
        bool ended;            /* the close event is told next, or was */
        int sent_code;         /* of the Close frame we sent; 0: none */
        struct ln_buf message; /* fragments so far */
        int opcode;            /* of the fragmented message; 0: none */
        int end_code;
        struct ln_error end;
    } ws;
};

/* The connection of a server-side socket. */
static inline struct uv_conn *
uv_conn_of_ws(struct ln_ws *ws)
{
    return (struct uv_conn *)(void *)((char *)ws -
                                      offsetof(struct uv_conn, ws.base));
}

/* Frees it, or has it freed when the last busy frame has returned. */
void uv_conn_destroy(struct uv_conn *conn);
/* Ends a busy frame: call after busy++ and the last use. */
void uv_conn_leave(struct uv_conn *conn);

/* Turns an upgrade request into a WebSocket, or answers why not. */
void uv_server_ws_upgrade(struct uv_conn *conn, struct ln_http_head *head);
/* Handles the frames in conn->in. */
void uv_server_ws_input(struct uv_conn *conn);
/* The TCP connection ended. */
void uv_server_ws_gone(struct uv_conn *conn, const char *why);
/* The peer did not answer our Close frame in time. */
void uv_server_ws_late(struct uv_conn *conn);
void uv_server_ws_deinit(struct uv_conn *conn);

/* An answer without the caller's help; closes the connection. */
void uv_conn_refuse(struct uv_conn *conn, int status);

#endif
