/*
 * Lines of text between programs on this machine: a socket in the file
 * system, for the user who made it and nobody else.
 *
 * Room: core/loop, floor 1. Only a libuv loop has these (a virtual loop
 * answers LN_ERR_STATE). Used by the control socket: core/host/control.c on
 * one end, `lunette ctl` on the other.
 *
 *   - the socket has mode 0600, and the other end's user is checked as well
 *   - <path>.lock is locked while a server lives: what a dead one left behind
 *     is replaced, a living one is an error
 *   - a line is given to <line> only when all that was sent before has left:
 *     who does not read is not answered, and costs no memory
 *   - who lets an answer wait for LN_LOCAL_STALL_MS is cut off
 */
#ifndef LN_LOOP_LOCAL_H
#define LN_LOOP_LOCAL_H

#include "base/str.h"
#include "loop/loop.h"

#define LN_LOCAL_CONNS_MAX 16
#define LN_LOCAL_STALL_MS  10000LL

struct ln_local_server;
struct ln_local_conn;

struct ln_local_opts {
    size_t line_max;  /* bytes of one received line */
    size_t queue_max; /* bytes that may wait to be sent; beyond: cut off */
    int64_t stall_ms; /* server: 0: LN_LOCAL_STALL_MS */
    const char *busy; /* server: line for whom there is no room; may be NULL */
    /* One line, without its end. May send, finish and close. */
    void (*line)(void *ctx, struct ln_local_conn *conn, struct ln_str line);
    /* A line of more than line_max: nothing more is read, the connection
     * closes after what is sent here. May be NULL. */
    void (*too_long)(void *ctx, struct ln_local_conn *conn);
    /* The connection is gone (not after ln_local_close); the pointer is
     * invalid afterwards. err: LN_OK when the other end closed it. */
    void (*closed)(void *ctx, struct ln_local_conn *conn, enum ln_err err);
    void *ctx;
};

/*
 * Listen at <path>, in a folder that exists. Errors: STATE (a server lives
 * there; a virtual loop), CONFIG (the path is too long), IO.
 */
enum ln_err ln_local_listen(struct ln_loop *loop, const char *path,
                            const struct ln_local_opts *opts,
                            struct ln_local_server **out,
                            struct ln_error *err) LN_MUST_USE;
/* Closes its connections without <closed>; removes the socket. NULL is ok. */
void ln_local_server_free(struct ln_local_server *server);

/* Errors: NOT_FOUND (nobody listens there), STATE, CONFIG, IO. */
enum ln_err ln_local_connect(struct ln_loop *loop, const char *path,
                             const struct ln_local_opts *opts,
                             struct ln_local_conn **out,
                             struct ln_error *err) LN_MUST_USE;

/* Does somebody listen there? Needs no loop. */
bool ln_local_listens(const char *path);

/*
 * Queue bytes (the line's end is the caller's). False: it is gone, or more
 * than queue_max would wait; then it is cut off.
 */
bool ln_local_send(struct ln_local_conn *conn, const char *bytes, size_t len);
/* Bytes that wait to be sent. */
size_t ln_local_queued(const struct ln_local_conn *conn);
/* Close when all that waits has been sent; nothing more is read. */
void ln_local_finish(struct ln_local_conn *conn);
/* Close at once, without <closed>. NULL is allowed. */
void ln_local_close(struct ln_local_conn *conn);

#endif
