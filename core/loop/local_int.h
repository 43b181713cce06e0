/*
 * Private to local.c (a connection) and local_server.c (who listens).
 */
#ifndef LN_LOOP_LOCAL_INT_H
#define LN_LOOP_LOCAL_INT_H

#include "base/buf.h"
#include "loop/local.h"

#include <uv.h>

#define LOCAL_READ_BYTES 16384

struct ln_local_conn {
    uv_pipe_t pipe;
    struct ln_loop *loop;
    struct ln_local_opts opts;
    struct ln_local_server *server; /* NULL: a client's, or the server went */
    struct ln_buf in;               /* received, not given to <line> yet */
    size_t queued;                  /* bytes on their way out */
    int64_t moved_ns;               /* when something was last sent */
    enum ln_err why;                /* for <closed> */
    bool reading;                   /* libuv is asked for bytes */
    bool ended;                     /* the other end sends nothing more */
    bool finishing;                 /* close when nothing is queued */
    bool closing;                   /* uv_close was called */
    bool silent;                    /* <closed> is not to be called */
    bool pumping;                   /* inside <line> */
    char chunk[LOCAL_READ_BYTES];
};

struct ln_local_server {
    uv_pipe_t pipe;
    struct ln_loop *loop;
    struct ln_local_opts opts;
    struct ln_timer *stall; /* looks for those who do not read */
    struct ln_local_conn *conns[LN_LOCAL_CONNS_MAX];
    int lock_fd;
    char path[108]; /* as long as an address may be */
};

struct ln_local_conn *local_conn_new(struct ln_loop *loop,
                                     const struct ln_local_opts *opts);
/* Connected: from now on it reads. */
void local_conn_start(struct ln_local_conn *conn);
void local_conn_drop(struct ln_local_conn *conn, enum ln_err why);
/* The other end's user is ours. */
bool local_peer_is_us(const uv_pipe_t *pipe);
/* It is being closed: its place is free. */
void local_server_forget(struct ln_local_server *server,
                         const struct ln_local_conn *conn);

#endif
