/*
 * What a connection receives: answers drive the topics' states, errors are
 * sorted by how much they cost, pushes go up.
 */
#include "base/log.h"
#include "bitget/stream_int.h"

#include <stdio.h>

#define HOLD_NS        (5LL * 1000000000) /* after "too many requests" */
#define MALFORMED_LOGS 10 /* of a connection's life; the rest is counted */

/* What an error event costs. */
enum cost {
    COST_NOTHING, /* tell it */
    COST_TOPIC,   /* this topic does not exist */
    COST_TIME,    /* slow down, ask again */
    COST_CLOCK,   /* our time is wrong: measure, reconnect */
    COST_LINK,    /* reconnect */
    COST_KEY      /* reconnect, but not soon: credentials */
};

static const struct {
    int32_t code;
    enum cost cost;
} costs[] = {
    {30001, COST_TOPIC}, /* channel or symbol does not exist */
    {30004, COST_LINK},  /* not logged in */
    {30005, COST_LINK},  /* login failed */
    {30006, COST_TIME},  /* too many requests */
    {30007, COST_LINK},  /* over the limit, closes */
    {30011, COST_KEY},   /* key */
    {30012, COST_KEY},   /* passphrase */
    {30013, COST_CLOCK}, /* time stamp malformed */
    {30014, COST_CLOCK}, /* time stamp expired */
    {30015, COST_KEY},   /* sign */
    {30016, COST_TOPIC}, /* parameter */
    {30033, COST_LINK},  /* service upgrade */
    {429, COST_TIME},    {25000, COST_TIME},  {25001, COST_TIME},
    {25004, COST_TIME},  {25100, COST_TOPIC}, {25102, COST_TIME},
    {25104, COST_TOPIC}, {25200, COST_TOPIC}, {25620, COST_KEY},
};

static enum cost
cost_of(const struct ln_stream *s, int32_t code)
{
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
        if (costs[i].code == code)
            return costs[i].cost;
    }
    /* REST codes as the answer to a login are about the key. */
    return s->state == LN_STREAM_LOGIN_SENT ? COST_KEY : COST_NOTHING;
}

static struct ln_sub *
find_sub(const struct ln_stream *s, const struct ln_v2_arg *arg)
{
    if (arg->inst_type.len && !ln_str_eqc(arg->inst_type, s->inst_type))
        return NULL;
    for (size_t i = 0; i < s->nsubs; i++) {
        struct ln_sub *sub = s->subs[i];
        if (!ln_str_eqc(arg->channel, sub->channel))
            continue;
        if (!sub->key[0] || ln_str_eqc(arg->inst_id, sub->value) ||
            ln_str_eqc(arg->coin, sub->value))
            return sub;
    }
    return NULL;
}

static void
topic_refused(struct ln_stream *s, struct ln_sub *sub,
              const struct ln_v2_message *m)
{
    /* A refused unsubscribe leaves nothing to end. */
    if (sub->state == LN_SUB_UNSUB_SENT) {
        sub->state = LN_SUB_IDLE;
        sub->resync = false;
        ln_stream_pump_soon(s, 0);
        return;
    }
    sub->state = LN_SUB_REFUSED;
    sub->tries = 0;
    s->ev.refused(s->ctx, s, sub, m->code, m->msg);
    ln_stream_pump_soon(s, 0);
    ln_stream_check_live(s);
}

static void
slow_down(struct ln_stream *s, struct ln_sub *sub)
{
    s->hold_until_ns = ln_loop_now_ns(s->loop) + HOLD_NS;
    for (size_t i = 0; i < s->nsubs; i++) {
        struct ln_sub *at = s->subs[i];
        if (sub && at != sub)
            continue;
        if (at->state == LN_SUB_SENT)
            at->state = LN_SUB_IDLE;
        else if (at->state == LN_SUB_UNSUB_SENT)
            at->state = LN_SUB_ACKED;
    }
    ln_stream_pump_soon(s, 0);
}

static void
on_error(struct ln_stream *s, const struct ln_v2_message *m)
{
    struct ln_sub *sub = m->has_arg ? find_sub(s, &m->arg) : NULL;
    enum cost cost = cost_of(s, m->code);
    char why[160];

    (void)snprintf(why, sizeof why, "the exchange says %d: %.*s", m->code,
                   (int)(m->msg.len > 100 ? 100 : m->msg.len),
                   m->msg.ptr ? m->msg.ptr : "");
    switch (cost) {
    case COST_TOPIC:
        if (sub) {
            topic_refused(s, sub, m);
            return;
        }
        break;
    case COST_TIME:
        ln_warn("bitget", "%s: %s", s->name, why);
        slow_down(s, sub);
        return;
    case COST_CLOCK:
        s->ev.clock(s->ctx, s);
        ln_stream_lost(s, why, false);
        return;
    case COST_LINK:
        ln_stream_lost(s, why, false);
        return;
    case COST_KEY:
        ln_stream_lost(s, why, true);
        return;
    case COST_NOTHING:
        break;
    }
    ln_warn("bitget", "%s: %s", s->name, why);
}

static void
on_subscribed(struct ln_stream *s, const struct ln_v2_message *m)
{
    struct ln_sub *sub = find_sub(s, &m->arg);

    if (!sub || sub->state != LN_SUB_SENT)
        return; /* repeated or late */
    sub->state = LN_SUB_ACKED;
    sub->tries = 0;
    sub->heard = false;
    if (sub->refs == 0)
        ln_stream_pump_soon(s, 0);
    ln_stream_check_live(s);
}

static void
on_unsubscribed(struct ln_stream *s, const struct ln_v2_message *m)
{
    struct ln_sub *sub = find_sub(s, &m->arg);

    if (!sub || sub->state != LN_SUB_UNSUB_SENT)
        return;
    sub->state = LN_SUB_IDLE;
    sub->resync = false;
    sub->tries = 0;
    ln_stream_pump_soon(s, 0);
}

static void
on_data(struct ln_stream *s, const struct ln_v2_message *m, int64_t received_ns)
{
    struct ln_sub *sub = find_sub(s, &m->arg);

    if (!sub || sub->refs == 0 || sub->resync ||
        (sub->state != LN_SUB_SENT && sub->state != LN_SUB_ACKED))
        return;                      /* the tail of what was just ended */
    if (sub->state == LN_SUB_SENT) { /* its confirmation was lost */
        sub->state = LN_SUB_ACKED;
        sub->tries = 0;
        ln_stream_check_live(s);
        if (s->state == LN_STREAM_STOPPED)
            return;
    }
    sub->heard = true;
    s->ev.data(s->ctx, s, sub, m, &s->decoder, received_ns);
}

static void
on_malformed(struct ln_stream *s, const struct ln_error *err)
{
    if (s->counters.malformed++ < MALFORMED_LOGS)
        ln_warn("bitget", "%s: a frame is not understood: %s (%s)", s->name,
                err->what, err->where);
}

void
ln_stream_receive(struct ln_stream *s, const char *data, size_t len,
                  bool is_text)
{
    int64_t received_ns = ln_loop_now_ns(s->loop);
    struct ln_v2_message m;
    struct ln_error err = {0};

    s->counters.messages++;
    if (!is_text) {
        (void)ln_error_set(&err, LN_ERR_PARSE, NULL, NULL, "a binary frame");
        on_malformed(s, &err);
        return;
    }
    if (ln_v2_decode(&s->decoder, data, len, &m, &err)) {
        on_malformed(s, &err);
        return;
    }
    switch (m.kind) {
    case LN_V2_DATA:
        on_data(s, &m, received_ns);
        break;
    case LN_V2_PONG:
        ln_timer_stop(s->pong);
        break;
    case LN_V2_PING:
        if (ln_ws_send(s->ws, "pong", 4, true) != LN_OK)
            ln_stream_lost(s, "the exchange does not read", false);
        break;
    case LN_V2_LOGIN:
        if (s->state == LN_STREAM_LOGIN_SENT) {
            s->state = LN_STREAM_SUBSCRIBING;
            ln_stream_pump_soon(s, 0);
            ln_stream_check_live(s);
        }
        break;
    case LN_V2_SUBSCRIBED:
        on_subscribed(s, &m);
        break;
    case LN_V2_UNSUBSCRIBED:
        on_unsubscribed(s, &m);
        break;
    case LN_V2_ERROR:
        on_error(s, &m);
        break;
    case LN_V2_TRADE_REPLY: /* orders go by REST */
    case LN_V2_OTHER:
        break;
    }
}
