/*
 * A runtime behind the direct carrier: in the caller's process, without a
 * watchdog; for tests, backtests, and people who trust their script.
 */
#include "bindings/runtime_int.h"

#include <stdlib.h>

struct direct {
    struct ln_runtime *rt;
    struct ln_port *port;
};

static void
on_say(void *ctx, const struct ln_msg *msg)
{
    struct direct *d = ctx;
    ln_port_direct_say(d->port, msg);
}

static void
on_handle(void *ctx, const struct ln_msg *msg)
{
    struct direct *d = ctx;
    if (!ln_runtime_handle(d->rt, msg))
        ln_port_direct_end(d->port, ln_runtime_why_ended(d->rt));
}

static void
on_detach(void *ctx)
{
    struct direct *d = ctx;
    ln_runtime_free(d->rt);
    free(d);
}

struct ln_port *
ln_runtime_direct_port(struct ln_loop *loop, const char *scripts_dir,
                       const struct ln_port_events *events, void *ctx,
                       struct ln_error *err)
{
    struct direct *d = calloc(1, sizeof(*d));
    if (!d) {
        ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory for a strategy");
        return NULL;
    }
    struct ln_runtime_opts opts = {
        .scripts_dir = scripts_dir,
        .say = on_say,
        .ctx = d,
    };
    d->rt = ln_runtime_new(&opts, err);
    if (d->rt)
        d->port =
            ln_port_direct_open(loop, on_handle, on_detach, d, events, ctx);
    if (!d->port) {
        if (d->rt)
            ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                         "no memory for a strategy's port");
        ln_runtime_free(d->rt);
        free(d);
        return NULL;
    }
    return d->port;
}
