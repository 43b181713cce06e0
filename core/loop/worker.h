/*
 * One background thread: for disk work that may wait (the store's database),
 * so that the trading thread never does. Threads are made here and nowhere
 * else.
 *
 * The thread runs one function from start to join. It has no loop; it sleeps
 * in ln_worker_wait until its time is up or somebody wants something. Data
 * goes to it through a ring (base/ring.h). All signals are blocked in it:
 * they are the loop's.
 */
#ifndef LN_LOOP_WORKER_H
#define LN_LOOP_WORKER_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct ln_worker;

typedef void (*ln_worker_fn)(struct ln_worker *worker, void *ctx);

/* Errors: NOMEM (also: the system makes no more threads). */
enum ln_err ln_worker_start(ln_worker_fn fn, void *ctx, struct ln_worker **out,
                            struct ln_error *err) LN_MUST_USE;

/* Ask it to end, wait until <fn> has returned, free it. NULL is allowed. */
void ln_worker_join(struct ln_worker *worker);

/* Ends a wait at once. From any thread. */
void ln_worker_wake(struct ln_worker *worker);

/* ---- inside <fn> ---- */

/*
 * Sleep for <ms> at most; less when woken or asked to end. Returns false once
 * it was asked to end (and then never sleeps for the rest of its life, but
 * see ln_worker_rest).
 */
bool ln_worker_wait(struct ln_worker *worker, int64_t ms);

/* Sleep for <ms> whatever happens: between last tries at the end. */
void ln_worker_rest(struct ln_worker *worker, int64_t ms);

/* Wall clock, ms since 1970; monotonic, ns. */
int64_t ln_worker_now_ms(struct ln_worker *worker);
int64_t ln_worker_now_ns(struct ln_worker *worker);

#endif
