/*
 * Private to the libuv half of core/loop: what loop_uv.c shares with io_uv.c
 * (descriptors, signals) and child_uv.c (processes).
 */
#ifndef LN_LOOP_UV_INT_H
#define LN_LOOP_UV_INT_H

#include "loop/loop_int.h"

#include <uv.h>

/* A queued call; a member of one doubly linked ring, or of none (next NULL). */
struct uv_post {
    struct uv_post *next, *prev;
    ln_loop_fn fn;
    void *ctx;
    bool owned; /* from ln_loop_post(): freed before it runs */
};

struct uvloop {
    struct ln_loop base;
    uv_loop_t uv;
    uv_idle_t idle;      /* active while posts wait: the poll does not block */
    uv_check_t check;    /* runs the posts, after the poll of the same turn */
    uv_timer_t deadline; /* of ln_loop_run_for() */
    uv_async_t async;    /* wakes the loop for posts of other threads */
    uv_mutex_t lock;     /* guards <foreign> */
    struct uv_post foreign;    /* ring head: posts of other threads */
    struct uv_post posts;      /* ring head: to run at the next turn */
    struct ln_child *children; /* processes not reaped yet */
    int64_t timers;            /* created and not freed */
    bool stopping;
};

struct ln_watch *uvloop_watch_new(struct ln_loop *loop, int fd, ln_loop_fn fn,
                                  void *ctx);
struct ln_signal *uvloop_signal_new(struct ln_loop *loop, int signum,
                                    ln_signal_fn fn, void *ctx);
enum ln_err uvloop_child_spawn(struct ln_loop *loop,
                               const struct ln_child_opts *opts, ln_child_fn fn,
                               void *ctx, struct ln_child **out,
                               struct ln_error *err);

/* Give up the detached children that still run. */
void uvloop_children_forget(struct uvloop *loop);

#endif
