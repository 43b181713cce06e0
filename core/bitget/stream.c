/*
 * The life of a connection: attempts, losses, backoff, the daily renewal.
 * The drawing is in stream.h.
 */
#include "base/assert.h"
#include "base/log.h"
#include "bitget/stream_int.h"

#include <stdio.h>
#include <stdlib.h>

#define BACKOFF_FLOOR_MS   250 /* under 300 attempts in 5 minutes, for sure */
#define BACKOFF_BASE_MS    500
#define BACKOFF_MAX_MS     30000
#define BACKOFF_SLOW_MS    60000 /* credentials do not mend themselves */
#define STABLE_NS          (60LL * 1000000000) /* live so long: a new start */
#define CHECK_MS           2000
#define RECYCLE_MS         (23LL * 3600 * 1000)
#define RECYCLE_SPREAD_MS  (45LL * 60 * 1000)
#define CONNECT_TIMEOUT_MS 10000
#define FRAME_MAX          16384

static void
on_open(void *ctx, struct ln_ws *ws)
{
    struct ln_stream *s = ctx;

    if (!s || s->ws != ws)
        return;
    s->counters.connects++;
    s->state = s->credentials ? LN_STREAM_OPEN : LN_STREAM_SUBSCRIBING;
    s->last_frame_ns = 0;
    s->hold_until_ns = 0;
    s->ping_due = false;
    ln_timer_start(s->ping, LN_STREAM_PING_MS, LN_STREAM_PING_MS);
    ln_timer_start(s->check, CHECK_MS, CHECK_MS);
    ln_timer_start(s->recycle,
                   RECYCLE_MS + ln_rng_between(&s->rng, 0, RECYCLE_SPREAD_MS),
                   0);
    ln_stream_pump_soon(s, 0);
    ln_stream_check_live(s);
}

static void
on_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
           bool is_text)
{
    struct ln_stream *s = ctx;

    if (s && s->ws == ws)
        ln_stream_receive(s, data, len, is_text);
}

static void
on_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct ln_stream *s = ctx;
    char why[160];

    if (!s || s->ws != ws)
        return;
    s->ws = NULL; /* freed after this returns */
    if (err && err->code != LN_OK)
        (void)snprintf(why, sizeof why, "%.150s", err->what);
    else
        (void)snprintf(why, sizeof why, "closed by the exchange (%d)", code);
    ln_stream_lost(s, why, false);
}

static void
connect_now(struct ln_stream *s)
{
    static const struct ln_ws_events events = {on_open, on_message, on_close};
    struct ln_ws_opts opts = {s->url, s->ca_file, CONNECT_TIMEOUT_MS};
    struct ln_error err = {0};

    s->state = LN_STREAM_CONNECTING;
    s->ws = ln_ws_connect(s->net, &opts, &events, s, &err);
    if (!s->ws)
        ln_stream_lost(s, err.what, true);
}

static void
on_retry(void *ctx)
{
    connect_now(ctx);
}

static void
on_pong_deadline(void *ctx)
{
    ln_stream_lost(ctx, "no pong in time", false);
}

static void
on_recycle(void *ctx)
{
    ln_stream_lost(ctx, "renewed before its 24 hours are over", false);
}

/* The socket may still call back once: it then finds no stream. */
static void
drop_socket(struct ln_stream *s, int code)
{
    if (!s->ws)
        return;
    ln_ws_set_ctx(s->ws, NULL);
    ln_ws_close(s->ws, code, "");
    s->ws = NULL;
}

static void
stop_timers(struct ln_stream *s)
{
    ln_timer_stop(s->retry);
    ln_timer_stop(s->ping);
    ln_timer_stop(s->pong);
    ln_timer_stop(s->check);
    ln_timer_stop(s->recycle);
}

/* No topic is known to the next connection. Refusals are remembered. */
static void
forget_acks(struct ln_stream *s)
{
    for (size_t i = 0; i < s->nsubs; i++) {
        struct ln_sub *sub = s->subs[i];
        if (sub->state != LN_SUB_REFUSED)
            sub->state = LN_SUB_IDLE;
        sub->resync = false;
        sub->tries = 0;
    }
}

void
ln_stream_lost(struct ln_stream *s, const char *why, bool slow)
{
    int64_t now = ln_loop_now_ns(s->loop);
    int64_t delay;

    if (s->state == LN_STREAM_STOPPED || s->state == LN_STREAM_WAITING)
        return;
    drop_socket(s, 0);
    stop_timers(s);
    forget_acks(s);
    if (s->live_ns && now - s->live_ns > STABLE_NS)
        ln_backoff_reset(&s->backoff);
    s->live_ns = 0;
    s->lose[0] = '\0';
    s->state = LN_STREAM_WAITING;
    s->counters.losses++;
    delay = BACKOFF_FLOOR_MS + ln_backoff_next_ms(&s->backoff, &s->rng);
    if (slow)
        delay += BACKOFF_SLOW_MS;
    ln_timer_start(s->retry, delay, 0);
    ln_stream_pump_soon(s, 0); /* unwanted topics are released there */
    ln_warn("bitget", "%s: %s; next attempt in %lld ms", s->name, why,
            (long long)delay);
    s->ev.down(s->ctx, s, why, slow);
}

static bool
pending(const struct ln_sub *sub)
{
    return sub->refs > 0 && sub->state != LN_SUB_ACKED &&
           sub->state != LN_SUB_REFUSED;
}

void
ln_stream_check_live(struct ln_stream *s)
{
    if (s->state != LN_STREAM_SUBSCRIBING)
        return;
    for (size_t i = 0; i < s->nsubs; i++) {
        if (pending(s->subs[i]))
            return;
    }
    s->state = LN_STREAM_LIVE;
    s->live_ns = ln_loop_now_ns(s->loop);
    ln_debug("bitget", "%s: live with %zu topics", s->name, s->nsubs);
    s->ev.live(s->ctx, s);
}

static char *
copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

struct ln_stream *
ln_stream_new(const struct ln_stream_opts *opts,
              const struct ln_stream_events *events, void *ctx)
{
    struct ln_stream *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->loop = opts->loop;
    s->net = opts->net;
    s->name = copy(opts->name);
    s->url = copy(opts->url);
    s->ca_file = copy(opts->ca_file);
    s->inst_type = copy(opts->inst_type);
    s->credentials = opts->credentials;
    s->ev = *events;
    s->ctx = ctx;
    ln_v2_decoder_init(&s->decoder);
    ln_buf_init(&s->frame, FRAME_MAX);
    s->backoff = (struct ln_backoff){BACKOFF_BASE_MS, BACKOFF_MAX_MS, 0};
    ln_rng_seed(&s->rng, opts->seed);
    s->retry = ln_timer_new(s->loop, on_retry, s);
    s->pump = ln_timer_new(s->loop, ln_stream_on_pump, s);
    s->ping = ln_timer_new(s->loop, ln_stream_on_ping, s);
    s->pong = ln_timer_new(s->loop, on_pong_deadline, s);
    s->check = ln_timer_new(s->loop, ln_stream_on_check, s);
    s->recycle = ln_timer_new(s->loop, on_recycle, s);
    if (!s->name || !s->url || !s->inst_type ||
        (opts->ca_file && !s->ca_file) || !s->retry || !s->pump || !s->ping ||
        !s->pong || !s->check || !s->recycle) {
        ln_stream_free(s);
        return NULL;
    }
    return s;
}

void
ln_stream_free(struct ln_stream *s)
{
    if (!s)
        return;
    drop_socket(s, 0);
    ln_timer_free(s->retry);
    ln_timer_free(s->pump);
    ln_timer_free(s->ping);
    ln_timer_free(s->pong);
    ln_timer_free(s->check);
    ln_timer_free(s->recycle);
    ln_v2_decoder_deinit(&s->decoder);
    ln_buf_wipe(&s->frame); /* a login may have been in it */
    ln_buf_deinit(&s->frame);
    free(s->name);
    free(s->url);
    free(s->ca_file);
    free(s->inst_type);
    free(s);
}

void
ln_stream_start(struct ln_stream *s)
{
    if (s->state != LN_STREAM_STOPPED)
        return;
    /* From a turn of its own: events never come inside a call. */
    s->state = LN_STREAM_WAITING;
    ln_timer_start(s->retry, 0, 0);
}

void
ln_stream_stop(struct ln_stream *s)
{
    drop_socket(s, 1000);
    stop_timers(s);
    ln_timer_stop(s->pump);
    forget_acks(s);
    s->live_ns = 0;
    s->lose[0] = '\0';
    s->state = LN_STREAM_STOPPED;
}

bool
ln_stream_attach(struct ln_stream *s, struct ln_sub *sub)
{
    if (s->nsubs == LN_STREAM_SUBS_MAX)
        return false;
    sub->stream = s;
    s->subs[s->nsubs++] = sub;
    ln_stream_pump_soon(s, 0);
    return true;
}

void
ln_stream_wake(struct ln_stream *s)
{
    ln_stream_pump_soon(s, 0);
}

enum ln_stream_state
ln_stream_state(const struct ln_stream *s)
{
    return s->state;
}

size_t
ln_stream_subs(const struct ln_stream *s, struct ln_sub *const **subs)
{
    *subs = s->subs;
    return s->nsubs;
}

const struct ln_stream_counters *
ln_stream_counters(const struct ln_stream *s)
{
    return &s->counters;
}
