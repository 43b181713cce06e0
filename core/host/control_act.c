/*
 * What people want done with strategies: pause, resume, stop, flatten. All of
 * it is the host's own doing: none of it waits for a strategy's process.
 *
 * Flattening goes on until nothing is left:
 *
 *   cancel what rests -> (what reduced is gone) -> close at market
 *        ^                                              |
 *        \---- something is left: later again ----------/
 */
#include "host/host_int.h"

#include "base/log.h"

#define STOP_KILL_NS    3000000000LL /* for on_stop() */
#define REDUCERS_NS     2000000000LL /* for the cancels of what also closes */
#define LOOK_AGAIN_NS   200000000LL
#define TRY_AGAIN_NS    300000000LL /* doubled with each try */
#define TRY_AGAIN_TIMES 7

void
ln_act_pause(struct strategy *s)
{
    s->paused = true;
    if (s->state == LN_STRATEGY_RUNNING)
        s->state = LN_STRATEGY_PAUSED;
}

void
ln_act_resume(struct strategy *s)
{
    struct ln_host *h = s->host;
    s->paused = s->flattening = false;
    if (s->state == LN_STRATEGY_PAUSED)
        s->state = LN_STRATEGY_RUNNING;
    if (s->port || s->ghost || !h->ready || h->stopping ||
        (s->state != LN_STRATEGY_STOPPED &&
         s->state != LN_STRATEGY_QUARANTINED))
        return;
    /* Counted as a restart: a script that does not load then stops this
     * strategy only. */
    s->restarts = 1;
    s->stop_asked_ns = 0;
    s->policy_due = false;
    ln_info(s->cfg->name, "started again");
    ln_strategy_launch(s);
}

static void
end_policy(struct strategy *s)
{
    s->policy_due = false;
    if (s->cfg->on_stop == LN_END_FLATTEN)
        ln_act_flatten(s);
    else if (s->cfg->on_stop == LN_END_CANCEL)
        ln_orders_cancel_all(s->host, s->number, LN_INSTRUMENT_NONE);
}

void
ln_act_stop(struct strategy *s)
{
    int64_t now_ns = ln_loop_now_ns(s->host->loop);
    s->policy_due = true;
    s->stop_asked_ns = now_ns ? now_ns : 1;
    ln_strategy_stop(s, "lunette ctl stop");
    if (!s->port)
        end_policy(s);
}

void
ln_act_gone(struct strategy *s)
{
    s->stop_asked_ns = 0;
    if (s->policy_due && !s->host->stopping) /* else the host's end does it */
        end_policy(s);
}

/* ---- flatten ---- */

struct left {
    int resting;  /* will be cancelled */
    int reducing; /* of these: close the position, too */
    int closing;  /* market orders under way */
};

static struct left
count_left(const struct strategy *s)
{
    const struct ln_host *h = s->host;
    struct left n = {0};
    for (uint32_t i = 0; i < h->nopen; i++) {
        const struct ln_order *o = &ln_orders_at(h, h->open[i])->o;
        if (o->owner != s->number)
            continue;
        if (o->req.type == LN_MARKET || ln_order_state_final(o->state)) {
            n.closing++; /* or its last fills are still to come */
            continue;
        }
        n.resting++;
        n.reducing += o->req.reduce_only;
    }
    return n;
}

static bool
holds_something(const struct strategy *s)
{
    for (uint16_t i = 0; s->own && i < s->host->nmarket; i++)
        if (s->own[i].p.size_lots)
            return true;
    return false;
}

static void
flatten_step(struct strategy *s, int64_t now_ns)
{
    struct ln_host *h = s->host;
    ln_orders_cancel_resting(h, s->number);
    struct left left = count_left(s);
    s->flatten_at_ns = now_ns + LOOK_AGAIN_NS;
    if (left.closing)
        return;
    if (!holds_something(s)) {
        if (left.resting)
            return;
        s->flattening = false;
        ln_info(s->cfg->name, "flat: no orders, no positions");
        return;
    }
    bool wait = left.reducing && now_ns - s->flatten_since_ns < REDUCERS_NS;
    if (wait || !h->rest_up)
        return;
    if (s->flatten_tries)
        ln_warn(s->cfg->name, "not flat yet: closing again (%d)",
                s->flatten_tries);
    ln_orders_flatten(s);
    s->flatten_at_ns = now_ns + (TRY_AGAIN_NS << s->flatten_tries);
    if (s->flatten_tries < TRY_AGAIN_TIMES)
        s->flatten_tries++;
}

void
ln_act_flatten(struct strategy *s)
{
    int64_t now_ns = ln_loop_now_ns(s->host->loop);
    ln_act_pause(s);
    s->flattening = true;
    s->flatten_tries = 0;
    s->flatten_since_ns = now_ns;
    s->flatten_at_ns = now_ns;
    if (s->host->ready)
        flatten_step(s, now_ns);
}

void
ln_act_tick(struct ln_host *h, int64_t now_ns)
{
    for (int i = 0; i < h->nstrategies; i++) {
        struct strategy *s = &h->strategies[i];
        if (s->port && s->stop_asked_ns &&
            now_ns - s->stop_asked_ns > STOP_KILL_NS) {
            s->stop_asked_ns = 0;
            ln_warn(s->cfg->name, "does not end by itself: killed");
            ln_port_kill(s->port);
        }
        if (s->flattening && now_ns >= s->flatten_at_ns)
            flatten_step(s, now_ns);
    }
}
