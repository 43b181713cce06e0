/*
 * Carriers: how messages (msg.h) travel between host and strategy.
 *
 *   direct   plain calls in one process (tests, backtest, sweep)
 *   process  a child process, two rings in shared memory (base/ring.h) and
 *            an eventfd each way
 *
 * The host holds a struct ln_port per strategy and does not know which it is.
 */
#ifndef LN_PORT_PORT_H
#define LN_PORT_PORT_H

#include "base/error.h"
#include "loop/loop.h"
#include "port/msg.h"

struct ln_port;

struct ln_port_events {
    /*
     * A message from the strategy, already validated (ln_msg_valid). Never
     * called inside ln_port_send.
     */
    void (*message)(void *ctx, const struct ln_msg *msg);
    /*
     * The strategy is gone: its process ended or was killed, or it broke the
     * protocol (why says which). Called once; then only ln_port_free.
     */
    void (*gone)(void *ctx, const char *why, int exit_status, int term_signal);
};

struct ln_port_ops {
    enum ln_err (*send)(struct ln_port *port, const struct ln_msg *msg);
    void (*kill)(struct ln_port *port);
    void (*free)(struct ln_port *port);
};

struct ln_port { /* first member of every carrier */
    const struct ln_port_ops *ops;
    uint32_t instruments; /* how many there are: bounds their indexes */
};

/*
 * Send one message (copied). LN_ERR_LIMIT: the strategy does not keep up and
 * its ring is full; LN_ERR_STATE: it is gone.
 */
enum ln_err ln_port_send(struct ln_port *port,
                         const struct ln_msg *msg) LN_MUST_USE;
/* End it now (SIGKILL); the gone event comes. */
void ln_port_kill(struct ln_port *port);
/* Ends it without events and frees. NULL is allowed. */
void ln_port_free(struct ln_port *port);

/*
 * Made by whoever composes the program, so that the host knows no carrier:
 * opens a port for a strategy named <name>.
 */
struct ln_port_maker {
    struct ln_port *(*open)(void *maker_ctx, const char *name,
                            const struct ln_port_events *events, void *ctx,
                            struct ln_error *err);
    void *ctx;
};

/* ---- the process carrier, host side ---- */

struct ln_port_process_opts {
    const char *exe;         /* lunette-strategy */
    const char *scripts_dir; /* for require: given to the child as argument */
    uint32_t ring_bytes;     /* of each direction, power of two; 0: 1 MiB */
    int64_t memory_bytes;    /* RLIMIT of the child; 0: 256 MiB */
};

/* events->message is called with the number of instruments set by: */
void ln_port_set_instruments(struct ln_port *port, uint32_t count);

struct ln_port *ln_port_process_open(struct ln_loop *loop,
                                     const struct ln_port_process_opts *opts,
                                     const char *name,
                                     const struct ln_port_events *events,
                                     void *ctx, struct ln_error *err);

/* ---- the process carrier, child side (lunette-strategy) ---- */

/* Descriptors in the child: 0-2 null/null/stderr, then these. */
enum { LN_CHILD_FD_SHM = 3, LN_CHILD_FD_WAKE = 4, LN_CHILD_FD_HOST = 5 };

struct ln_port_child;
struct ln_port_child *ln_port_child_attach(struct ln_error *err);
void ln_port_child_free(struct ln_port_child *child);
/*
 * Wait for the next message and copy it into <out> (LN_MSG_MAX bytes).
 * Returns its length; -1 when the host is gone.
 */
int64_t ln_port_child_read(struct ln_port_child *child, void *out);
/* Blocks while the host's ring is full. */
enum ln_err ln_port_child_write(struct ln_port_child *child,
                                const struct ln_msg *msg) LN_MUST_USE;
/* Wake the host for what was written since the last flush. */
void ln_port_child_flush(struct ln_port_child *child);

/* ---- the direct carrier ---- */

/*
 * handle(ctx, msg) is the strategy runtime's entry; what it wants to say
 * during that goes through ln_port_direct_say and reaches the host's events
 * by ln_loop_post, in order. detach(ctx) is called when the port is freed or
 * killed.
 */
struct ln_port *
ln_port_direct_open(struct ln_loop *loop,
                    void (*handle)(void *ctx, const struct ln_msg *msg),
                    void (*detach)(void *ctx), void *runtime_ctx,
                    const struct ln_port_events *events, void *ctx);
void ln_port_direct_say(struct ln_port *port, const struct ln_msg *msg);
/* The runtime ended by itself (fatal error): the gone event is posted. */
void ln_port_direct_end(struct ln_port *port, const char *why);

#endif
