/*
 * The reactor on libuv: clock, timers, posts, running.
 *
 * Two habits of libuv are corrected here. Its timers count from a cached time
 * in whole milliseconds and so fire up to 1 ms early: each callback looks at
 * the clock again. And a 0 ms timer started in a timer callback runs in the
 * same turn, which could starve the network: here 0 ms means the post queue,
 * which runs once per turn, after the poll.
 *
 *   one turn of uv_run:  timers -> idle -> poll -> check (posts) -> closing
 */
#include "loop/uv_int.h"

#include "base/assert.h"

#include <stdlib.h>
#include <time.h>

#define NS_PER_MS 1000000

struct uvtimer {
    struct ln_timer base; /* first: the public handle */
    uv_timer_t uv;
    struct uv_post post; /* waiting with delay 0 */
    int64_t due_ns;
    int64_t repeat_ms;
    bool active;
};

/* ---- the ring of posts ---- */

static void
ring_init(struct uv_post *head)
{
    head->next = head->prev = head;
}

static bool
ring_empty(const struct uv_post *head)
{
    return head->next == head;
}

static void
ring_add(struct uv_post *head, struct uv_post *post)
{
    post->prev = head->prev;
    post->next = head;
    head->prev->next = post;
    head->prev = post;
}

static void
ring_del(struct uv_post *post)
{
    if (!post->next)
        return;
    post->prev->next = post->next;
    post->next->prev = post->prev;
    post->next = post->prev = NULL;
}

/* Takes the first out of a ring that is not empty. */
static struct uv_post *
ring_pop(struct uv_post *head)
{
    struct uv_post *post = head->next;

    head->next = post->next;
    post->next->prev = head;
    post->next = post->prev = NULL;
    return post;
}

/* Appends all of <from> to <to>. */
static void
ring_move(struct uv_post *to, struct uv_post *from)
{
    if (ring_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    ring_init(from);
}

static void
ring_drop(struct uv_post *head)
{
    while (!ring_empty(head)) {
        struct uv_post *post = ring_pop(head);
        if (post->owned)
            free(post);
    }
}

/* ---- posts ---- */

static void
on_idle(uv_idle_t *handle)
{
    (void)handle; /* its being active is all that is needed */
}

static void
on_check(uv_check_t *handle)
{
    struct uvloop *loop = handle->data;
    struct uv_post batch;

    /* What is posted from now on waits for the next turn. */
    ring_init(&batch);
    ring_move(&batch, &loop->posts);
    while (!ring_empty(&batch)) {
        struct uv_post *post = ring_pop(&batch);
        ln_loop_fn fn = post->fn;
        void *ctx = post->ctx;

        if (post->owned)
            free(post);
        fn(ctx);
    }
    if (ring_empty(&loop->posts)) {
        uv_idle_stop(&loop->idle);
        uv_check_stop(&loop->check);
    }
}

static void
enqueue(struct uvloop *loop, struct uv_post *post)
{
    if (ring_empty(&loop->posts)) {
        uv_idle_start(&loop->idle, on_idle);
        uv_check_start(&loop->check, on_check);
    }
    ring_add(&loop->posts, post);
}

static struct uv_post *
post_new(ln_loop_fn fn, void *ctx)
{
    struct uv_post *post = calloc(1, sizeof(*post));
    /* A lost wake-up would be silent; running out here is the end. */
    LN_ASSERT(post != NULL);
    post->fn = fn;
    post->ctx = ctx;
    post->owned = true;
    return post;
}

static void
uvloop_post(struct ln_loop *base, ln_loop_fn fn, void *ctx)
{
    enqueue((struct uvloop *)base, post_new(fn, ctx));
}

static void
uvloop_post_async(struct ln_loop *base, ln_loop_fn fn, void *ctx)
{
    struct uvloop *loop = (struct uvloop *)base;
    struct uv_post *post = post_new(fn, ctx);

    uv_mutex_lock(&loop->lock);
    ring_add(&loop->foreign, post);
    uv_mutex_unlock(&loop->lock);
    uv_async_send(&loop->async);
}

static void
on_async(uv_async_t *handle)
{
    struct uvloop *loop = handle->data;
    struct uv_post arrived;

    ring_init(&arrived);
    uv_mutex_lock(&loop->lock);
    ring_move(&arrived, &loop->foreign);
    uv_mutex_unlock(&loop->lock);
    while (!ring_empty(&arrived))
        enqueue(loop, ring_pop(&arrived));
}

/* ---- time and timers ---- */

static int64_t
uvloop_now_ms(struct ln_loop *base)
{
    struct timespec ts;

    (void)base;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / NS_PER_MS;
}

static int64_t
uvloop_now_ns(struct ln_loop *base)
{
    (void)base;
    return (int64_t)uv_hrtime();
}

static void on_uv_timer(uv_timer_t *handle);

/* Sleep until timer->due_ns, or as near before it as libuv's 1 ms allows. */
static void
arm(struct uvtimer *timer)
{
    int64_t left_ns = timer->due_ns - (int64_t)uv_hrtime();
    int64_t left_ms = left_ns <= 0 ? 0 : (left_ns - 1) / NS_PER_MS + 1;

    uv_update_time(timer->uv.loop);
    uv_timer_start(&timer->uv, on_uv_timer, (uint64_t)left_ms, 0);
}

static void
fire(struct uvtimer *timer)
{
    ln_loop_fn fn = timer->base.fn;
    void *ctx = timer->base.ctx;

    if (timer->repeat_ms > 0) {
        int64_t now_ns = (int64_t)uv_hrtime();
        int64_t step_ns = timer->repeat_ms * NS_PER_MS;
        timer->due_ns += step_ns;
        if (timer->due_ns <= now_ns) /* late by whole periods: skip them */
            timer->due_ns = now_ns + step_ns;
        arm(timer);
    } else {
        timer->active = false;
    }
    fn(ctx); /* may free the timer */
}

static void
on_uv_timer(uv_timer_t *handle)
{
    struct uvtimer *timer = handle->data;

    if ((int64_t)uv_hrtime() < timer->due_ns)
        arm(timer);
    else
        fire(timer);
}

static void
on_zero_timer(void *ctx)
{
    fire(ctx);
}

static struct ln_timer *
uvloop_timer_new(struct ln_loop *base)
{
    struct uvloop *loop = (struct uvloop *)base;
    struct uvtimer *timer = calloc(1, sizeof(*timer));
    if (!timer)
        return NULL;

    uv_timer_init(&loop->uv, &timer->uv);
    timer->uv.data = timer;
    timer->post.fn = on_zero_timer;
    timer->post.ctx = timer;
    loop->timers++;
    return &timer->base;
}

static void
uvloop_timer_stop(struct ln_timer *base)
{
    struct uvtimer *timer = (struct uvtimer *)base;

    timer->active = false;
    uv_timer_stop(&timer->uv);
    ring_del(&timer->post);
}

static void
on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void
uvloop_timer_free(struct ln_timer *base)
{
    struct uvtimer *timer = (struct uvtimer *)base;

    uvloop_timer_stop(base);
    ((struct uvloop *)base->loop)->timers--;
    uv_close((uv_handle_t *)&timer->uv, on_timer_closed);
}

static void
uvloop_timer_start(struct ln_timer *base, int64_t delay_ms, int64_t repeat_ms)
{
    struct uvtimer *timer = (struct uvtimer *)base;
    const int64_t max_ms = INT64_MAX / NS_PER_MS / 4; /* 73 years */

    uvloop_timer_stop(base);
    timer->active = true;
    timer->repeat_ms = repeat_ms < max_ms ? repeat_ms : max_ms;
    if (delay_ms > max_ms)
        delay_ms = max_ms;
    timer->due_ns = (int64_t)uv_hrtime() + delay_ms * NS_PER_MS;
    if (delay_ms == 0)
        enqueue((struct uvloop *)base->loop, &timer->post);
    else
        arm(timer);
}

static bool
uvloop_timer_active(const struct ln_timer *base)
{
    return ((const struct uvtimer *)base)->active;
}

/* ---- running ---- */

static void
uvloop_run(struct ln_loop *base)
{
    struct uvloop *loop = (struct uvloop *)base;

    loop->stopping = false;
    while (!loop->stopping && uv_run(&loop->uv, UV_RUN_DEFAULT) != 0)
        ;
}

static void
uvloop_stop(struct ln_loop *base)
{
    struct uvloop *loop = (struct uvloop *)base;

    loop->stopping = true;
    uv_stop(&loop->uv);
}

static void
on_deadline(uv_timer_t *handle)
{
    (void)handle; /* it only ends the sleep in the poll */
}

static void
uvloop_run_for(struct ln_loop *base, int64_t ms)
{
    struct uvloop *loop = (struct uvloop *)base;
    int64_t end_ns = (int64_t)uv_hrtime() + ms * NS_PER_MS;

    loop->stopping = false;
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->deadline, on_deadline, (uint64_t)ms, 1);
    do {
        uv_run(&loop->uv, ms == 0 ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    } while (!loop->stopping && (int64_t)uv_hrtime() < end_ns);
    uv_timer_stop(&loop->deadline);
}

static void *
uvloop_handle(struct ln_loop *base)
{
    return &((struct uvloop *)base)->uv;
}

static void
uvloop_free(struct ln_loop *base)
{
    struct uvloop *loop = (struct uvloop *)base;

    LN_ASSERT_CMP(loop->timers, ==, 0);
    uvloop_children_forget(loop);
    ring_drop(&loop->posts);
    uv_close((uv_handle_t *)&loop->idle, NULL);
    uv_close((uv_handle_t *)&loop->check, NULL);
    uv_close((uv_handle_t *)&loop->deadline, NULL);
    uv_close((uv_handle_t *)&loop->async, NULL);
    while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0)
        ;
    int rc = uv_loop_close(&loop->uv);
    LN_ASSERT_CMP(rc, ==, 0); /* a watch or signal was not freed */
    ring_drop(&loop->foreign);
    uv_mutex_destroy(&loop->lock);
    free(loop);
}

static const struct ln_loop_ops uv_ops = {
    .free = uvloop_free,
    .now_ms = uvloop_now_ms,
    .now_ns = uvloop_now_ns,
    .timer_new = uvloop_timer_new,
    .timer_free = uvloop_timer_free,
    .timer_start = uvloop_timer_start,
    .timer_stop = uvloop_timer_stop,
    .timer_active = uvloop_timer_active,
    .post = uvloop_post,
    .post_async = uvloop_post_async,
    .run = uvloop_run,
    .stop = uvloop_stop,
    .run_for = uvloop_run_for,
    .uv_handle = uvloop_handle,
    .watch_new = uvloop_watch_new,
    .signal_new = uvloop_signal_new,
    .child_spawn = uvloop_child_spawn,
};

struct ln_loop *
ln_loop_uv_new(void)
{
    struct uvloop *loop = calloc(1, sizeof(*loop));
    if (!loop)
        return NULL;

    if (uv_loop_init(&loop->uv) != 0)
        goto fail_loop;
    if (uv_mutex_init(&loop->lock) != 0)
        goto fail_mutex;
    if (uv_async_init(&loop->uv, &loop->async, on_async) != 0)
        goto fail_async;
    uv_unref((uv_handle_t *)&loop->async);
    uv_idle_init(&loop->uv, &loop->idle);
    uv_check_init(&loop->uv, &loop->check);
    uv_timer_init(&loop->uv, &loop->deadline);
    loop->async.data = loop;
    loop->check.data = loop;
    ring_init(&loop->posts);
    ring_init(&loop->foreign);
    loop->base.ops = &uv_ops;
    return &loop->base;

fail_async:
    uv_mutex_destroy(&loop->lock);
fail_mutex:
    uv_loop_close(&loop->uv);
fail_loop:
    free(loop);
    return NULL;
}
