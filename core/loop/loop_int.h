/*
 * Private to core/loop: the table of functions behind loop.h.
 *
 * Each implementation (loop_uv.c with io_uv.c and child_uv.c, loop_virtual.c)
 * embeds struct ln_loop and struct ln_timer as its first member; loop.c calls
 * through the table and knows neither.
 */
#ifndef LN_LOOP_INT_H
#define LN_LOOP_INT_H

#include "loop/loop.h"

struct ln_loop_ops {
    void (*free)(struct ln_loop *loop);
    int64_t (*now_ms)(struct ln_loop *loop);
    int64_t (*now_ns)(struct ln_loop *loop);
    struct ln_timer *(*timer_new)(struct ln_loop *loop);
    void (*timer_free)(struct ln_timer *timer);
    void (*timer_start)(struct ln_timer *timer, int64_t delay_ms,
                        int64_t repeat_ms);
    void (*timer_stop)(struct ln_timer *timer);
    bool (*timer_active)(const struct ln_timer *timer);
    void (*post)(struct ln_loop *loop, ln_loop_fn fn, void *ctx);
    void (*post_async)(struct ln_loop *loop, ln_loop_fn fn, void *ctx);
    void (*run)(struct ln_loop *loop);
    void (*stop)(struct ln_loop *loop);
    void (*run_for)(struct ln_loop *loop, int64_t ms);
    void *(*uv_handle)(struct ln_loop *loop);

    /* Descriptors, signals, children: NULL where they do not exist. */
    struct ln_watch *(*watch_new)(struct ln_loop *loop, int fd, ln_loop_fn fn,
                                  void *ctx);
    struct ln_signal *(*signal_new)(struct ln_loop *loop, int signum,
                                    ln_signal_fn fn, void *ctx);
    enum ln_err (*child_spawn)(struct ln_loop *loop,
                               const struct ln_child_opts *opts, ln_child_fn fn,
                               void *ctx, struct ln_child **out,
                               struct ln_error *err);
};

struct ln_loop {
    const struct ln_loop_ops *ops;
};

struct ln_timer {
    struct ln_loop *loop;
    ln_loop_fn fn;
    void *ctx;
};

#endif
