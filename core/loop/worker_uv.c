/*
 * The background thread of worker.h on libuv's threads and condition
 * variables.
 */
#include "loop/worker.h"

#include "base/assert.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <uv.h>

#define NS_PER_MS 1000000

struct ln_worker {
    uv_thread_t thread;
    uv_mutex_t lock; /* guards the two flags */
    uv_cond_t cond;
    bool woken;
    bool stopping;
    ln_worker_fn fn;
    void *ctx;
};

static void
run(void *arg)
{
    struct ln_worker *w = arg;
    w->fn(w, w->ctx);
}

/* The new thread inherits the mask: no signal is ever delivered to it. */
static int
create_thread(struct ln_worker *w)
{
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return UV_EINVAL;
    int rc = uv_thread_create(&w->thread, run, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

enum ln_err
ln_worker_start(ln_worker_fn fn, void *ctx, struct ln_worker **out,
                struct ln_error *err)
{
    LN_ASSERT(fn != NULL);
    struct ln_worker *w = calloc(1, sizeof(*w));
    if (!w)
        goto nothing;
    w->fn = fn;
    w->ctx = ctx;
    if (uv_mutex_init(&w->lock) != 0)
        goto memory;
    if (uv_cond_init(&w->cond) != 0)
        goto mutex;
    if (create_thread(w) != 0)
        goto cond;
    *out = w;
    return LN_OK;
cond:
    uv_cond_destroy(&w->cond);
mutex:
    uv_mutex_destroy(&w->lock);
memory:
    free(w);
nothing:
    return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                        "no background thread can be made");
}

void
ln_worker_join(struct ln_worker *w)
{
    if (!w)
        return;
    uv_mutex_lock(&w->lock);
    w->stopping = true;
    uv_cond_signal(&w->cond);
    uv_mutex_unlock(&w->lock);
    uv_thread_join(&w->thread);
    uv_cond_destroy(&w->cond);
    uv_mutex_destroy(&w->lock);
    free(w);
}

void
ln_worker_wake(struct ln_worker *w)
{
    uv_mutex_lock(&w->lock);
    w->woken = true;
    uv_cond_signal(&w->cond);
    uv_mutex_unlock(&w->lock);
}

bool
ln_worker_wait(struct ln_worker *w, int64_t ms)
{
    int64_t end = ln_worker_now_ns(w) + ms * NS_PER_MS;
    uv_mutex_lock(&w->lock);
    for (;;) {
        int64_t left = end - ln_worker_now_ns(w);
        if (w->woken || w->stopping || left <= 0)
            break;
        uv_cond_timedwait(&w->cond, &w->lock, (uint64_t)left);
    }
    w->woken = false;
    bool go_on = !w->stopping;
    uv_mutex_unlock(&w->lock);
    return go_on;
}

void
ln_worker_rest(struct ln_worker *w, int64_t ms)
{
    (void)w;
    uv_sleep((unsigned)ms);
}

int64_t
ln_worker_now_ms(struct ln_worker *w)
{
    struct timespec ts;
    (void)w;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / NS_PER_MS;
}

int64_t
ln_worker_now_ns(struct ln_worker *w)
{
    (void)w;
    return (int64_t)uv_hrtime();
}
