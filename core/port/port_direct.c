/*
 * The direct carrier: host and strategy in one process. The host's messages
 * are plain calls; the strategy's wait in a queue for the next turn of the
 * loop, so that the host is never called back inside ln_port_send.
 */
#include "port/port_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct said {
    struct said *next;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct direct {
    struct port_base base;
    void (*handle)(void *ctx, const struct ln_msg *msg);
    void (*detach)(void *ctx);
    void *runtime;
    struct ln_timer *turn; /* delay 0: the next turn */
    struct said *first, **last;
    bool attached; /* the runtime is still there */
    bool ended;    /* gone is due once the queue is empty */
    int term_signal;
    char why[160];
};

static void
detach(struct direct *d)
{
    if (!d->attached)
        return;
    d->attached = false;
    d->detach(d->runtime);
}

static void
destroy(struct direct *d)
{
    detach(d);
    while (d->first) {
        struct said *s = d->first;
        d->first = s->next;
        free(s);
    }
    ln_timer_free(d->turn);
    free(d);
}

static void
end(struct direct *d, const char *why, int term_signal)
{
    if (d->ended)
        return;
    d->ended = true;
    d->term_signal = term_signal;
    snprintf(d->why, sizeof(d->why), "%s", why);
    ln_timer_start(d->turn, 0, 0);
}

static void
deliver(struct direct *d, const struct ln_msg *msg)
{
    if (ln_msg_valid(msg, msg->size, false, d->base.port.instruments)) {
        d->base.events->message(d->base.ctx, msg);
        return;
    }
    detach(d);
    end(d, "it broke the protocol", 0);
}

static void
on_turn(void *ctx)
{
    struct direct *d = ctx;
    d->base.in_call = true;
    while (d->first && !d->base.freed) {
        struct said *s = d->first;
        d->first = s->next;
        if (!d->first)
            d->last = &d->first;
        deliver(d, (const struct ln_msg *)(const void *)s->bytes);
        free(s);
    }
    if (d->ended && !d->base.freed && !d->base.gone_told) {
        d->base.gone_told = true;
        d->base.events->gone(d->base.ctx, d->why, 0, d->term_signal);
    }
    d->base.in_call = false;
    if (d->base.freed)
        destroy(d);
}

static enum ln_err
direct_send(struct ln_port *port, const struct ln_msg *msg)
{
    struct direct *d = (struct direct *)port;
    if (!d->attached || d->ended)
        return LN_ERR_STATE;
    d->handle(d->runtime, msg);
    return LN_OK;
}

static void
direct_kill(struct ln_port *port)
{
    struct direct *d = (struct direct *)port;
    detach(d);
    end(d, "killed", 9);
}

static void
direct_free(struct ln_port *port)
{
    struct direct *d = (struct direct *)port;
    d->base.freed = true;
    if (!d->base.in_call)
        destroy(d);
}

struct ln_port *
ln_port_direct_open(struct ln_loop *loop,
                    void (*handle)(void *ctx, const struct ln_msg *msg),
                    void (*detach_fn)(void *ctx), void *runtime_ctx,
                    const struct ln_port_events *events, void *ctx)
{
    static const struct ln_port_ops ops = {direct_send, direct_kill,
                                           direct_free};
    struct direct *d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    d->base.port.ops = &ops;
    d->base.events = events;
    d->base.ctx = ctx;
    d->handle = handle;
    d->detach = detach_fn;
    d->runtime = runtime_ctx;
    d->last = &d->first;
    d->turn = ln_timer_new(loop, on_turn, d);
    if (!d->turn) {
        free(d);
        return NULL;
    }
    d->attached = true;
    return &d->base.port;
}

void
ln_port_direct_say(struct ln_port *port, const struct ln_msg *msg)
{
    struct direct *d = (struct direct *)port;
    struct said *s = malloc(sizeof(*s) + msg->size);
    if (!s) {
        end(d, "no memory for what it said", 0);
        return;
    }
    memcpy(s->bytes, msg, msg->size);
    s->next = NULL;
    *d->last = s;
    d->last = &s->next;
    if (!ln_timer_active(d->turn))
        ln_timer_start(d->turn, 0, 0);
}

void
ln_port_direct_end(struct ln_port *port, const char *why)
{
    end((struct direct *)port, why, 0);
}
