/*
 * The control socket of a running host: what `lunette ctl` speaks to.
 *
 * One request per line, one answer per line, both JSON objects:
 *
 *     {"cmd":"pause","name":"ema"}        -> {"strategies":[{...}]}
 *     {"cmd":"nonsense"}                  -> {"error":{"code","what",...}}
 *     {"cmd":"logs","n":5,"follow":true}  -> {"lines":[...]}, then one more
 *                                            such object per new line
 *
 * Answers come from the host's state alone: they do not wait for strategies
 * or for the exchange, so they come when both are out of order.
 */
#ifndef LN_HOST_CONTROL_H
#define LN_HOST_CONTROL_H

#include "base/buf.h"
#include "host/control_log.h"
#include "host/host.h"

#define LN_CONTROL_SOCKET   "control.sock" /* in the host's store folder */
#define LN_CONTROL_LINE_MAX 65536

struct ln_control;

/*
 * Listen at <path>. name: the host's. tail may be NULL (no logs) and stays
 * the caller's. Errors: STATE (a host of this name already runs), CONFIG, IO.
 */
struct ln_control *ln_control_open(struct ln_loop *loop, const char *path,
                                   const char *name, struct ln_log_tail *tail,
                                   struct ln_error *err);
/* NULL: there is none (yet, any more). */
void ln_control_set_host(struct ln_control *control, struct ln_host *host);
void ln_control_close(struct ln_control *control); /* NULL is allowed */

/* A request, as far as it could be read. */
struct ln_control_request {
    char cmd[32];
    char name[LN_NAME_CAP]; /* of a strategy; "": none given */
    bool all, follow;
    int64_t n;      /* lines of the log */
    int64_t before; /* orders: those older than this number; 0: the newest */
};

/*
 * Answer one line, without a socket; the answer is one object without a line
 * end. Returns what was asked, for whoever must do more (follow the log).
 */
struct ln_control_request ln_control_answer(struct ln_host *host,
                                            struct ln_log_tail *tail,
                                            struct ln_str line,
                                            struct ln_buf *answer);
/* {"error":{"code","what","where","cure"}} in the place of <answer>. */
void ln_control_write_error(struct ln_buf *answer, const struct ln_error *err);

#endif
