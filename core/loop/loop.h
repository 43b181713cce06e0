/*
 * The reactor: the one clock, the one queue, the one thread.
 *
 * Room: core/loop, floor 1; knows core/base. Everything above takes its time
 * and its wake-ups from here and from nowhere else, so that the same code
 * runs on real time (loop_uv.c, libuv) and on a virtual clock (loop_virtual.c)
 * in replay and fault simulation.
 *
 * Not thread-safe, except ln_loop_post_async().
 */
#ifndef LN_LOOP_LOOP_H
#define LN_LOOP_LOOP_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct ln_loop;
struct ln_timer;

typedef void (*ln_loop_fn)(void *ctx);

/* ---- making one ---- */

/* On libuv. Returns NULL when the system has no resources left. */
struct ln_loop *ln_loop_uv_new(void);

/*
 * On a virtual clock that starts at <start_ms> since 1970 and jumps from
 * event to event. Nothing here reads the real clock.
 */
struct ln_loop *ln_loop_virtual_new(int64_t start_ms);

/*
 * All timers, watches and children must be gone. For the uv loop this turns
 * the loop until closing handles have closed.
 */
void ln_loop_free(struct ln_loop *loop);

/* ---- time ---- */

/* Wall clock, ms since 1970. Fresh on each call (not the loop's cached time).
 */
int64_t ln_loop_now_ms(struct ln_loop *loop);

/* Monotonic, ns since some start: for intervals. */
int64_t ln_loop_now_ns(struct ln_loop *loop);

/* ---- timers ---- */

/* Idle until started. fn(ctx) runs on the loop. */
struct ln_timer *ln_timer_new(struct ln_loop *loop, ln_loop_fn fn, void *ctx);

/* May be called inside its own callback. NULL is allowed. */
void ln_timer_free(struct ln_timer *timer);

/*
 * (Re)start: first after delay_ms (>= 0), then every repeat_ms (0: once).
 * Never fires early (measured against ln_loop_now_ns).
 */
void ln_timer_start(struct ln_timer *timer, int64_t delay_ms,
                    int64_t repeat_ms);
void ln_timer_stop(struct ln_timer *timer);
bool ln_timer_active(const struct ln_timer *timer);

/* ---- posting ---- */

/* Run fn(ctx) at the next turn, after the current callback, in order. */
void ln_loop_post(struct ln_loop *loop, ln_loop_fn fn, void *ctx);

/* The same from any thread (uv loop only; the virtual loop has one thread). */
void ln_loop_post_async(struct ln_loop *loop, ln_loop_fn fn, void *ctx);

/* ---- running ---- */

/*
 * Until ln_loop_stop(). The uv loop also returns when nothing keeps it alive;
 * the virtual one when nothing is scheduled.
 */
void ln_loop_run(struct ln_loop *loop);
void ln_loop_stop(struct ln_loop *loop);

/*
 * Run what is due within the next <ms> milliseconds, then return. Virtual:
 * the clock then stands exactly <ms> later. uv: real time passes. Running is
 * not for callbacks of the loop.
 */
void ln_loop_run_for(struct ln_loop *loop, int64_t ms);

/* ---- descriptors, signals, children (uv only; virtual returns NULL/ERR_STATE)
 */

struct ln_watch;

/*
 * Calls fn(ctx) while fd is readable (or has failed). The fd stays the
 * caller's, but becomes non-blocking. NULL for what cannot be polled.
 */
struct ln_watch *ln_watch_new(struct ln_loop *loop, int fd, ln_loop_fn fn,
                              void *ctx);
void ln_watch_free(struct ln_watch *watch);

struct ln_signal;
typedef void (*ln_signal_fn)(void *ctx, int signum);
/* Does not keep the loop alive by itself. */
struct ln_signal *ln_signal_new(struct ln_loop *loop, int signum,
                                ln_signal_fn fn, void *ctx);
void ln_signal_free(struct ln_signal *sig);

struct ln_child;

/* exit_status: the code; term_signal: 0 unless a signal ended it. */
typedef void (*ln_child_fn)(void *ctx, int exit_status, int term_signal);

struct ln_child_opts {
    const char *file;        /* executable path */
    const char *const *argv; /* NULL-terminated, argv[0] included */
    const char *const *envp; /* NULL-terminated; the WHOLE environment */
    const int *fds;          /* fds[i] becomes descriptor i in the child */
    int nfds;                /* at most 8; -1 entries are /dev/null */
};

/*
 * Start a child. It inherits nothing but the listed descriptors. fn is called
 * once, when it ended and was reaped; free may be called in it.
 */
enum ln_err ln_child_spawn(struct ln_loop *loop,
                           const struct ln_child_opts *opts, ln_child_fn fn,
                           void *ctx, struct ln_child **out,
                           struct ln_error *err) LN_MUST_USE;
int ln_child_pid(const struct ln_child *child);
void ln_child_kill(struct ln_child *child, int signum);

/* Detaches: fn will not be called any more. Does not kill. */
void ln_child_free(struct ln_child *child);

/* ---- for core/net alone ---- */

/* The uv_loop_t * of a uv loop; NULL for a virtual one. */
void *ln_loop_uv_handle(struct ln_loop *loop);

#endif
