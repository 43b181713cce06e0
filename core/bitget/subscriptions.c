/*
 * The pool of wanted topics: see subscriptions.h.
 */
#include "bitget/subscriptions.h"

#include <stdlib.h>

static void on_released(void *ctx, struct ln_stream *s, struct ln_sub *sub);

/* The streams' ctx is the pool; these pass on to its owner. */

static void
on_data(void *ctx, struct ln_stream *s, struct ln_sub *sub,
        const struct ln_v2_message *msg, const struct ln_v2_decoder *d,
        int64_t received_ns)
{
    struct ln_subs *subs = ctx;
    subs->events.data(subs->ctx, s, sub, msg, d, received_ns);
}

static void
on_live(void *ctx, struct ln_stream *s)
{
    struct ln_subs *subs = ctx;
    subs->events.live(subs->ctx, s);
}

static void
on_down(void *ctx, struct ln_stream *s, const char *why, bool fatal)
{
    struct ln_subs *subs = ctx;
    subs->events.down(subs->ctx, s, why, fatal);
}

static void
on_refused(void *ctx, struct ln_stream *s, struct ln_sub *sub, int32_t code,
           struct ln_str msg)
{
    struct ln_subs *subs = ctx;
    subs->events.refused(subs->ctx, s, sub, code, msg);
}

static void
on_silent(void *ctx, struct ln_stream *s, struct ln_sub *sub)
{
    struct ln_subs *subs = ctx;
    subs->events.silent(subs->ctx, s, sub);
}

static void
on_clock(void *ctx, struct ln_stream *s)
{
    struct ln_subs *subs = ctx;
    subs->events.clock(subs->ctx, s);
}

static int64_t
server_ms(void *ctx)
{
    struct ln_subs *subs = ctx;
    return subs->events.server_ms(subs->ctx);
}

static const struct ln_stream_events pool_events = {
    .data = on_data,
    .live = on_live,
    .down = on_down,
    .refused = on_refused,
    .silent = on_silent,
    .released = on_released,
    .clock = on_clock,
    .server_ms = server_ms,
};

void
ln_subs_init(struct ln_subs *subs, const struct ln_stream_opts *opts,
             const struct ln_stream_events *events, void *ctx)
{
    memset(subs, 0, sizeof *subs);
    subs->opts = *opts;
    subs->events = *events;
    subs->ctx = ctx;
}

void
ln_subs_deinit(struct ln_subs *subs)
{
    for (size_t i = 0; i < subs->nstreams; i++)
        ln_stream_free(subs->streams[i]);
    for (size_t i = 0; i < subs->count; i++)
        free(subs->items[i]);
    free(subs->items);
    memset(subs, 0, sizeof *subs);
}

static struct ln_stream *
add_stream(struct ln_subs *subs)
{
    struct ln_stream_opts opts = subs->opts;
    struct ln_stream *s;

    if (subs->nstreams == LN_SUBS_STREAMS_MAX)
        return NULL;
    opts.seed += subs->nstreams; /* no two jitter alike */
    s = ln_stream_new(&opts, &pool_events, subs);
    if (!s)
        return NULL;
    subs->streams[subs->nstreams++] = s;
    if (subs->started)
        ln_stream_start(s);
    return s;
}

enum ln_err
ln_subs_start(struct ln_subs *subs)
{
    subs->started = true;
    if (subs->nstreams == 0 && !add_stream(subs))
        return LN_ERR_NOMEM;
    for (size_t i = 0; i < subs->nstreams; i++)
        ln_stream_start(subs->streams[i]);
    return LN_OK;
}

void
ln_subs_stop(struct ln_subs *subs)
{
    subs->started = false;
    for (size_t i = 0; i < subs->nstreams; i++)
        ln_stream_stop(subs->streams[i]);
}

struct ln_sub *
ln_subs_find(const struct ln_subs *subs, const char *channel, const char *value)
{
    for (size_t i = 0; i < subs->count; i++) {
        struct ln_sub *sub = subs->items[i];
        if (strcmp(sub->channel, channel) == 0 &&
            strcmp(sub->value, value) == 0)
            return sub;
    }
    return NULL;
}

static bool
attach_somewhere(struct ln_subs *subs, struct ln_sub *sub)
{
    struct ln_stream *fresh;

    for (size_t i = 0; i < subs->nstreams; i++) {
        if (!ln_stream_attach(subs->streams[i], sub))
            continue;
        if (subs->started)
            ln_stream_start(subs->streams[i]); /* a parked one */
        return true;
    }
    fresh = add_stream(subs);
    return fresh && ln_stream_attach(fresh, sub);
}

static struct ln_sub *
new_sub(struct ln_subs *subs, const char *channel, const char *key,
        const char *value, uint16_t instrument)
{
    struct ln_sub *sub;

    if (subs->count == subs->cap) {
        size_t cap = subs->cap ? subs->cap * 2 : 64;
        struct ln_sub **items =
            realloc(subs->items, cap * sizeof(struct ln_sub *));
        if (!items)
            return NULL;
        subs->items = items;
        subs->cap = cap;
    }
    sub = calloc(1, sizeof *sub);
    if (!sub)
        return NULL;
    (void)ln_str_copy(sub->channel, sizeof sub->channel, ln_str(channel));
    (void)ln_str_copy(sub->key, sizeof sub->key, ln_str(key));
    (void)ln_str_copy(sub->value, sizeof sub->value, ln_str(value));
    sub->kind = ln_v2_channel_parse(ln_str(channel), &sub->tf);
    sub->instrument = instrument;
    subs->items[subs->count++] = sub;
    return sub;
}

static void
remove_sub(struct ln_subs *subs, struct ln_sub *sub)
{
    for (size_t i = 0; i < subs->count; i++) {
        if (subs->items[i] == sub) {
            subs->items[i] = subs->items[--subs->count];
            break;
        }
    }
    free(sub);
}

/* The first connection stays; others rest when they carry nothing. */
static void
on_released(void *ctx, struct ln_stream *s, struct ln_sub *sub)
{
    struct ln_subs *subs = ctx;
    struct ln_sub *const *left;

    remove_sub(subs, sub);
    if (s != subs->streams[0] && ln_stream_subs(s, &left) == 0)
        ln_stream_stop(s);
}

enum ln_err
ln_subs_add(struct ln_subs *subs, const char *channel, const char *key,
            const char *value, uint16_t instrument, struct ln_sub **out)
{
    struct ln_sub *sub = ln_subs_find(subs, channel, value);

    *out = sub;
    if (sub) {
        sub->refs++;
        /* Refused before, wanted again by somebody new: ask once more. */
        if (sub->state == LN_SUB_REFUSED)
            sub->state = LN_SUB_IDLE;
        ln_stream_wake(sub->stream);
        return LN_OK;
    }
    sub = new_sub(subs, channel, key, value, instrument);
    if (!sub)
        return LN_ERR_NOMEM;
    sub->refs = 1;
    if (!attach_somewhere(subs, sub)) {
        remove_sub(subs, sub);
        return LN_ERR_LIMIT;
    }
    *out = sub;
    return LN_OK;
}

void
ln_subs_drop(struct ln_subs *subs, const char *channel, const char *value)
{
    struct ln_sub *sub = ln_subs_find(subs, channel, value);

    if (!sub || sub->refs == 0)
        return;
    if (--sub->refs == 0)
        ln_stream_wake(sub->stream);
}

void
ln_subs_forget(struct ln_subs *subs)
{
    for (size_t i = 0; i < subs->count; i++)
        subs->items[i]->refs = 0;
}

bool
ln_subs_live(const struct ln_subs *subs)
{
    for (size_t i = 0; i < subs->nstreams; i++) {
        enum ln_stream_state state = ln_stream_state(subs->streams[i]);
        if (state != LN_STREAM_LIVE && state != LN_STREAM_STOPPED)
            return false;
    }
    return subs->nstreams > 0;
}

void
ln_subs_counters(const struct ln_subs *subs, struct ln_stream_counters *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < subs->nstreams; i++) {
        const struct ln_stream_counters *c =
            ln_stream_counters(subs->streams[i]);
        out->connects += c->connects;
        out->losses += c->losses;
        out->messages += c->messages;
        out->malformed += c->malformed;
    }
}
