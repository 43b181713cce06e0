/*
 * What a connection sends, and when: at most one frame per LN_STREAM_FRAME_MS
 * (the exchange disconnects above 10 a second), pings first, then the login,
 * then as many topics per frame as fit.
 */
#include "base/log.h"
#include "bitget/stream_int.h"
#include "bitget/v2/encode.h"

#include <stdio.h>

#define HOUR_NS   (3600LL * 1000000000)
#define MS_NS     1000000LL
#define TRIES_MAX 3 /* of one topic without an answer, then reconnect */

void
ln_stream_pump_soon(struct ln_stream *s, int64_t ms)
{
    if (s->state == LN_STREAM_STOPPED)
        return;
    if (ms > 0 && ln_timer_active(s->pump))
        return; /* it will ask again for what it could not do */
    ln_timer_start(s->pump, ms, 0);
}

/* Topics that nobody wants and the server does not send are forgotten. */
static void
sweep(struct ln_stream *s)
{
    for (size_t i = 0; i < s->nsubs;) {
        struct ln_sub *sub = s->subs[i];
        if (sub->refs > 0 ||
            (sub->state != LN_SUB_IDLE && sub->state != LN_SUB_REFUSED)) {
            i++;
            continue;
        }
        s->subs[i] = s->subs[--s->nsubs];
        sub->stream = NULL;
        s->ev.released(s->ctx, s, sub);
    }
}

static bool
send_frame(struct ln_stream *s, const char *text, size_t len)
{
    if (ln_ws_send(s->ws, text, len, true) != LN_OK) {
        ln_stream_lost(s, "the exchange does not read", false);
        return false;
    }
    s->last_frame_ns = ln_loop_now_ns(s->loop);
    return true;
}

static void
send_ping(struct ln_stream *s)
{
    s->ping_due = false;
    if (send_frame(s, "ping", 4))
        ln_timer_start(s->pong, LN_STREAM_PONG_MS, 0);
}

static void
send_login(struct ln_stream *s)
{
    struct ln_error err = {0};
    int64_t now_ms = s->ev.server_ms(s->ctx);

    ln_buf_reset(&s->frame);
    if (ln_v2_encode_login(&s->frame, s->credentials, now_ms, &err)) {
        ln_log_error("bitget", &err);
        ln_stream_lost(s, err.what, true);
    } else if (send_frame(s, s->frame.data, s->frame.len)) {
        s->state = LN_STREAM_LOGIN_SENT;
        s->login_ns = s->last_frame_ns;
    }
    ln_buf_wipe(&s->frame);
}

/* What this topic needs next: "subscribe", "unsubscribe" or NULL. */
static const char *
next_op(const struct ln_sub *sub)
{
    if (sub->refs > 0 && sub->state == LN_SUB_IDLE)
        return "subscribe";
    if ((sub->refs == 0 || sub->resync) && sub->state == LN_SUB_ACKED)
        return "unsubscribe";
    return NULL;
}

/* One frame for all topics that need <op>; false: there is none. */
static bool
send_topics(struct ln_stream *s, const char *op)
{
    struct ln_v2_topic topics[LN_STREAM_SUBS_MAX];
    struct ln_sub *chosen[LN_STREAM_SUBS_MAX];
    size_t count = 0, used;

    for (size_t i = 0; i < s->nsubs; i++) {
        struct ln_sub *sub = s->subs[i];
        const char *need = next_op(sub);
        if (!need || strcmp(need, op) != 0)
            continue;
        topics[count] =
            (struct ln_v2_topic){s->inst_type, sub->channel,
                                 sub->key[0] ? sub->key : NULL, sub->value};
        chosen[count++] = sub;
    }
    if (count == 0)
        return false;
    ln_buf_reset(&s->frame);
    used = ln_v2_encode_topics(&s->frame, op, topics, count);
    if (used == 0) {
        ln_stream_lost(s, "no memory for a frame", false);
        return true;
    }
    if (!send_frame(s, s->frame.data, s->frame.len))
        return true;
    for (size_t i = 0; i < used && i < count; i++) {
        chosen[i]->state = op[0] == 's' ? LN_SUB_SENT : LN_SUB_UNSUB_SENT;
        chosen[i]->sent_ns = s->last_frame_ns;
    }
    return true;
}

/* False: nothing to say. */
static bool
send_next(struct ln_stream *s)
{
    if (s->ping_due) {
        send_ping(s);
        return true;
    }
    if (s->state == LN_STREAM_OPEN) {
        send_login(s);
        return true;
    }
    if (s->state != LN_STREAM_SUBSCRIBING && s->state != LN_STREAM_LIVE)
        return false;
    return send_topics(s, "unsubscribe") || send_topics(s, "subscribe");
}

void
ln_stream_on_pump(void *ctx)
{
    struct ln_stream *s = ctx;
    int64_t now = ln_loop_now_ns(s->loop);
    int64_t due = 0;

    if (s->lose[0]) {
        char why[sizeof s->lose];
        memcpy(why, s->lose, sizeof why);
        ln_stream_lost(s, why, false);
        return;
    }
    sweep(s);
    if (s->state < LN_STREAM_OPEN || !s->ws)
        return;
    if (s->last_frame_ns)
        due = s->last_frame_ns + LN_STREAM_FRAME_MS * MS_NS;
    if (s->hold_until_ns > due && !s->ping_due)
        due = s->hold_until_ns;
    if (due > now) {
        ln_timer_start(s->pump, (due - now + MS_NS - 1) / MS_NS, 0);
        return;
    }
    if (send_next(s))
        ln_stream_pump_soon(s, LN_STREAM_FRAME_MS);
}

void
ln_stream_on_ping(void *ctx)
{
    struct ln_stream *s = ctx;
    s->ping_due = true;
    ln_stream_pump_soon(s, 0);
}

/* These open with a snapshot; the others speak when there is something. */
static bool
opens_with_a_push(const struct ln_sub *sub)
{
    return sub->kind == LN_V2_CH_TICKER || sub->kind == LN_V2_CH_BOOKS ||
           sub->kind == LN_V2_CH_TRADE || sub->kind == LN_V2_CH_CANDLE;
}

static void
tell_silent(struct ln_stream *s)
{
    int64_t late = ln_loop_now_ns(s->loop) - LN_STREAM_SILENCE_MS * MS_NS;

    for (size_t i = 0; i < s->nsubs; i++) {
        struct ln_sub *sub = s->subs[i];
        if (sub->state != LN_SUB_ACKED || sub->refs == 0 || sub->heard ||
            sub->told_silent || sub->sent_ns > late || !opens_with_a_push(sub))
            continue;
        sub->told_silent = true;
        s->ev.silent(s->ctx, s, sub);
        return; /* one at a time: the list may have changed */
    }
}

/* Answers that did not come: ask again a few times, then start over. */
void
ln_stream_on_check(void *ctx)
{
    struct ln_stream *s = ctx;
    int64_t late = ln_loop_now_ns(s->loop) - LN_STREAM_ANSWER_MS * MS_NS;

    if (s->state == LN_STREAM_LOGIN_SENT && s->login_ns <= late) {
        ln_stream_lost(s, "no answer to the login", false);
        return;
    }
    for (size_t i = 0; i < s->nsubs; i++) {
        struct ln_sub *sub = s->subs[i];
        if ((sub->state != LN_SUB_SENT && sub->state != LN_SUB_UNSUB_SENT) ||
            sub->sent_ns > late)
            continue;
        if (++sub->tries >= TRIES_MAX) {
            ln_stream_lost(s, "no answer to a subscription", false);
            return;
        }
        ln_warn("bitget", "%s: no answer for %s %s, asked again", s->name,
                sub->channel, sub->value);
        sub->state = sub->state == LN_SUB_SENT ? LN_SUB_IDLE : LN_SUB_ACKED;
    }
    ln_stream_pump_soon(s, 0);
    tell_silent(s);
}

void
ln_stream_resync(struct ln_stream *s, struct ln_sub *sub)
{
    int64_t now = ln_loop_now_ns(s->loop);

    if (sub->state != LN_SUB_ACKED || sub->resync)
        return;
    if (now - sub->resync_ns > HOUR_NS || sub->resyncs == 0) {
        sub->resync_ns = now;
        sub->resyncs = 0;
    }
    if (++sub->resyncs > LN_STREAM_RESYNCS_MAX) {
        sub->resyncs = 0;
        (void)snprintf(s->lose, sizeof s->lose,
                       "%s %s cannot be followed on this connection",
                       sub->channel, sub->value);
    } else {
        sub->resync = true;
    }
    ln_stream_pump_soon(s, 0);
}
