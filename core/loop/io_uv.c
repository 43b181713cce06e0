/*
 * Descriptors and signals on libuv: ln_watch and ln_signal of loop.h.
 */
#include "loop/uv_int.h"

#include <stdlib.h>

struct ln_watch {
    uv_poll_t uv;
    ln_loop_fn fn;
    void *ctx;
};

struct ln_signal {
    uv_signal_t uv;
    ln_signal_fn fn;
    void *ctx;
};

/* Both structs are closed the same way: freed when libuv has let go. */
static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void
on_poll(uv_poll_t *handle, int status, int events)
{
    struct ln_watch *watch = handle->data;

    /* On an error too: the reader's own read() then says what it is. */
    (void)status;
    (void)events;
    watch->fn(watch->ctx);
}

struct ln_watch *
uvloop_watch_new(struct ln_loop *loop, int fd, ln_loop_fn fn, void *ctx)
{
    struct ln_watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        return NULL;

    if (uv_poll_init(ln_loop_uv_handle(loop), &watch->uv, fd) != 0) {
        free(watch); /* not a pollable descriptor */
        return NULL;
    }
    watch->uv.data = watch;
    watch->fn = fn;
    watch->ctx = ctx;
    if (uv_poll_start(&watch->uv, UV_READABLE, on_poll) != 0) {
        ln_watch_free(watch);
        return NULL;
    }
    return watch;
}

void
ln_watch_free(struct ln_watch *watch)
{
    if (watch)
        uv_close((uv_handle_t *)&watch->uv, on_closed);
}

static void
on_signal(uv_signal_t *handle, int signum)
{
    struct ln_signal *sig = handle->data;
    sig->fn(sig->ctx, signum);
}

struct ln_signal *
uvloop_signal_new(struct ln_loop *loop, int signum, ln_signal_fn fn, void *ctx)
{
    struct ln_signal *sig = calloc(1, sizeof(*sig));
    if (!sig)
        return NULL;

    if (uv_signal_init(ln_loop_uv_handle(loop), &sig->uv) != 0) {
        free(sig);
        return NULL;
    }
    sig->uv.data = sig;
    sig->fn = fn;
    sig->ctx = ctx;
    if (uv_signal_start(&sig->uv, on_signal, signum) != 0) {
        ln_signal_free(sig);
        return NULL;
    }
    /* Listening for Ctrl-C is no reason to go on living. */
    uv_unref((uv_handle_t *)&sig->uv);
    return sig;
}

void
ln_signal_free(struct ln_signal *sig)
{
    if (sig)
        uv_close((uv_handle_t *)&sig->uv, on_closed);
}
