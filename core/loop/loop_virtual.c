/*
 * The reactor on a virtual clock, for replay and fault simulation.
 *
 * One binary heap of events ordered by (time, sequence number): two events
 * of the same millisecond run in the order in which they were scheduled, so
 * a run is a pure function of its inputs. Nothing here reads a real clock.
 */
#include "loop/loop_int.h"

#include "base/assert.h"

#include <stdlib.h>

#define IDLE SIZE_MAX /* heap index of an event that is not scheduled */

/* More events than this without time passing: something restarts itself. */
#define SAME_TIME_MAX 50000000

struct vevent {
    struct ln_timer base; /* first: the public handle of a timer */
    int64_t at_ms;
    int64_t repeat_ms;
    uint64_t seq; /* order among equal times */
    size_t index; /* place in the heap, or IDLE */
    bool posted;  /* from ln_loop_post(): freed when it has run */
};

struct vloop {
    struct ln_loop base;
    struct vevent **heap; /* owned array; posted events are owned too */
    size_t count, cap;
    uint64_t seq;
    int64_t start_ms;
    int64_t now_ms;
    int64_t timers; /* created and not freed */
    bool running, stopping;
};

static bool
before(const struct vevent *a, const struct vevent *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->seq < b->seq;
}

static void
place(struct vloop *loop, size_t i, struct vevent *ev)
{
    loop->heap[i] = ev;
    ev->index = i;
}

static void
sift_up(struct vloop *loop, size_t i, struct vevent *ev)
{
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if (!before(ev, loop->heap[parent]))
            break;
        place(loop, i, loop->heap[parent]);
        i = parent;
    }
    place(loop, i, ev);
}

static void
sift_down(struct vloop *loop, size_t i, struct vevent *ev)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= loop->count)
            break;
        if (child + 1 < loop->count &&
            before(loop->heap[child + 1], loop->heap[child]))
            child++;
        if (!before(loop->heap[child], ev))
            break;
        place(loop, i, loop->heap[child]);
        i = child;
    }
    place(loop, i, ev);
}

static void
heap_add(struct vloop *loop, struct vevent *ev)
{
    if (loop->count == loop->cap) {
        size_t cap = loop->cap ? loop->cap * 2 : 64;
        struct vevent **heap =
            realloc(loop->heap, cap * sizeof(struct vevent *));
        /* A lost wake-up would be silent; running out here is the end. */
        LN_ASSERT(heap != NULL);
        loop->heap = heap;
        loop->cap = cap;
    }
    ev->seq = loop->seq++;
    sift_up(loop, loop->count++, ev);
}

static void
heap_del(struct vloop *loop, struct vevent *ev)
{
    size_t i = ev->index;
    if (i == IDLE)
        return;

    ev->index = IDLE;
    struct vevent *last = loop->heap[--loop->count];
    if (last == ev)
        return;
    if (i > 0 && before(last, loop->heap[(i - 1) / 2]))
        sift_up(loop, i, last);
    else
        sift_down(loop, i, last);
}

/* Takes the earliest event out of a heap that is not empty. */
static struct vevent *
heap_pop(struct vloop *loop)
{
    struct vevent *first = loop->heap[0];
    struct vevent *last = loop->heap[--loop->count];

    first->index = IDLE;
    if (last != first)
        sift_down(loop, 0, last);
    return first;
}

/* Saturating: an event at INT64_MAX is "never" and is not run. */
static int64_t
add_ms(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static void
virtual_free(struct ln_loop *base)
{
    struct vloop *loop = (struct vloop *)base;

    LN_ASSERT_CMP(loop->timers, ==, 0);
    for (size_t i = 0; i < loop->count; i++)
        free(loop->heap[i]); /* only posts are left */
    free(loop->heap);
    free(loop);
}

static int64_t
virtual_now_ms(struct ln_loop *base)
{
    return ((struct vloop *)base)->now_ms;
}

static int64_t
virtual_now_ns(struct ln_loop *base)
{
    struct vloop *loop = (struct vloop *)base;
    int64_t ns;
    return __builtin_mul_overflow(loop->now_ms - loop->start_ms, 1000000, &ns)
               ? INT64_MAX
               : ns;
}

static struct ln_timer *
virtual_timer_new(struct ln_loop *base)
{
    struct vevent *ev = calloc(1, sizeof(*ev));
    if (!ev)
        return NULL;
    ev->index = IDLE;
    ((struct vloop *)base)->timers++;
    return &ev->base;
}

static void
virtual_timer_stop(struct ln_timer *timer)
{
    heap_del((struct vloop *)timer->loop, (struct vevent *)timer);
}

static void
virtual_timer_free(struct ln_timer *timer)
{
    struct vloop *loop = (struct vloop *)timer->loop;

    virtual_timer_stop(timer);
    loop->timers--;
    free(timer);
}

static void
virtual_timer_start(struct ln_timer *timer, int64_t delay_ms, int64_t repeat_ms)
{
    struct vloop *loop = (struct vloop *)timer->loop;
    struct vevent *ev = (struct vevent *)timer;

    heap_del(loop, ev);
    ev->at_ms = add_ms(loop->now_ms, delay_ms);
    ev->repeat_ms = repeat_ms;
    heap_add(loop, ev);
}

static bool
virtual_timer_active(const struct ln_timer *timer)
{
    return ((const struct vevent *)timer)->index != IDLE;
}

static void
virtual_post(struct ln_loop *base, ln_loop_fn fn, void *ctx)
{
    struct vloop *loop = (struct vloop *)base;
    struct vevent *ev = calloc(1, sizeof(*ev));

    LN_ASSERT(ev != NULL);
    ev->base = (struct ln_timer){base, fn, ctx};
    ev->at_ms = loop->now_ms;
    ev->posted = true;
    heap_add(loop, ev);
}

static void
fire(struct vloop *loop, struct vevent *ev)
{
    /* The callback may free the timer: nothing of <ev> is used after it. */
    ln_loop_fn fn = ev->base.fn;
    void *ctx = ev->base.ctx;

    if (ev->posted) {
        free(ev);
    } else if (ev->repeat_ms > 0) {
        ev->at_ms = add_ms(ev->at_ms, ev->repeat_ms);
        heap_add(loop, ev);
    }
    fn(ctx);
}

/* Runs what is due up to <end_ms>. */
static void
run_until(struct vloop *loop, int64_t end_ms)
{
    int64_t same_time = 0;

    LN_ASSERT(!loop->running);
    loop->running = true;
    loop->stopping = false;
    while (!loop->stopping && loop->count > 0 &&
           /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): off the heap */
           loop->heap[0]->at_ms <= end_ms) {
        struct vevent *ev = heap_pop(loop);
        if (ev->at_ms > loop->now_ms) {
            loop->now_ms = ev->at_ms;
            same_time = 0;
        }
        same_time++;
        LN_ASSERT_CMP(same_time, <, SAME_TIME_MAX);
        fire(loop, ev);
    }
    loop->running = false;
}

static void
virtual_run(struct ln_loop *base)
{
    run_until((struct vloop *)base, INT64_MAX - 1);
}

static void
virtual_stop(struct ln_loop *base)
{
    ((struct vloop *)base)->stopping = true;
}

static void
virtual_run_for(struct ln_loop *base, int64_t ms)
{
    struct vloop *loop = (struct vloop *)base;
    int64_t end_ms = add_ms(loop->now_ms, ms);

    run_until(loop, end_ms);
    if (!loop->stopping)
        loop->now_ms = end_ms;
}

static const struct ln_loop_ops virtual_ops = {
    .free = virtual_free,
    .now_ms = virtual_now_ms,
    .now_ns = virtual_now_ns,
    .timer_new = virtual_timer_new,
    .timer_free = virtual_timer_free,
    .timer_start = virtual_timer_start,
    .timer_stop = virtual_timer_stop,
    .timer_active = virtual_timer_active,
    .post = virtual_post,
    .post_async = virtual_post,
    .run = virtual_run,
    .stop = virtual_stop,
    .run_for = virtual_run_for,
};

struct ln_loop *
ln_loop_virtual_new(int64_t start_ms)
{
    struct vloop *loop = calloc(1, sizeof(*loop));
    if (!loop)
        return NULL;
    loop->base.ops = &virtual_ops;
    loop->start_ms = start_ms;
    loop->now_ms = start_ms;
    return &loop->base;
}
