/*
 * The public face of the reactor: checks arguments and passes each call on to
 * the implementation (loop_uv.c or loop_virtual.c) through loop_int.h.
 */
#include "loop/loop_int.h"

#include "base/assert.h"

void
ln_loop_free(struct ln_loop *loop)
{
    if (loop)
        loop->ops->free(loop);
}

int64_t
ln_loop_now_ms(struct ln_loop *loop)
{
    return loop->ops->now_ms(loop);
}

int64_t
ln_loop_now_ns(struct ln_loop *loop)
{
    return loop->ops->now_ns(loop);
}

struct ln_timer *
ln_timer_new(struct ln_loop *loop, ln_loop_fn fn, void *ctx)
{
    LN_ASSERT(fn != NULL);

    struct ln_timer *timer = loop->ops->timer_new(loop);
    if (timer) {
        timer->loop = loop;
        timer->fn = fn;
        timer->ctx = ctx;
    }
    return timer;
}

void
ln_timer_free(struct ln_timer *timer)
{
    if (timer)
        timer->loop->ops->timer_free(timer);
}

void
ln_timer_start(struct ln_timer *timer, int64_t delay_ms, int64_t repeat_ms)
{
    LN_ASSERT_CMP(delay_ms, >=, 0);
    LN_ASSERT_CMP(repeat_ms, >=, 0);
    timer->loop->ops->timer_start(timer, delay_ms, repeat_ms);
}

void
ln_timer_stop(struct ln_timer *timer)
{
    timer->loop->ops->timer_stop(timer);
}

bool
ln_timer_active(const struct ln_timer *timer)
{
    return timer->loop->ops->timer_active(timer);
}

void
ln_loop_post(struct ln_loop *loop, ln_loop_fn fn, void *ctx)
{
    LN_ASSERT(fn != NULL);
    loop->ops->post(loop, fn, ctx);
}

void
ln_loop_post_async(struct ln_loop *loop, ln_loop_fn fn, void *ctx)
{
    LN_ASSERT(fn != NULL);
    loop->ops->post_async(loop, fn, ctx);
}

void
ln_loop_run(struct ln_loop *loop)
{
    loop->ops->run(loop);
}

void
ln_loop_stop(struct ln_loop *loop)
{
    loop->ops->stop(loop);
}

void
ln_loop_run_for(struct ln_loop *loop, int64_t ms)
{
    LN_ASSERT_CMP(ms, >=, 0);
    loop->ops->run_for(loop, ms);
}

struct ln_watch *
ln_watch_new(struct ln_loop *loop, int fd, ln_loop_fn fn, void *ctx)
{
    LN_ASSERT(fn != NULL);
    return loop->ops->watch_new ? loop->ops->watch_new(loop, fd, fn, ctx)
                                : NULL;
}

struct ln_signal *
ln_signal_new(struct ln_loop *loop, int signum, ln_signal_fn fn, void *ctx)
{
    LN_ASSERT(fn != NULL);
    return loop->ops->signal_new ? loop->ops->signal_new(loop, signum, fn, ctx)
                                 : NULL;
}

enum ln_err
ln_child_spawn(struct ln_loop *loop, const struct ln_child_opts *opts,
               ln_child_fn fn, void *ctx, struct ln_child **out,
               struct ln_error *err)
{
    *out = NULL;
    if (!loop->ops->child_spawn)
        return ln_error_set(err, LN_ERR_STATE, NULL, NULL,
                            "a virtual loop cannot start processes");
    return loop->ops->child_spawn(loop, opts, fn, ctx, out, err);
}

void *
ln_loop_uv_handle(struct ln_loop *loop)
{
    return loop->ops->uv_handle ? loop->ops->uv_handle(loop) : NULL;
}
