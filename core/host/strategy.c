/*
 * The supervisor of one strategy: its port, its start, its deadline, its
 * crash and its return.
 *
 *   STARTING --READY, histories--> RUNNING --STOP, DONE--> STOPPED
 *      |  \--FAILED--> QUARANTINED    |
 *      |                              |--gone--> CRASHED --backoff--> STARTING
 *      \----------------gone----------/             \--too often--> QUARANTINED
 */
#include "host/host_int.h"

#include "base/assert.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define RESTART_BASE_MS  500
#define RESTART_MAX_MS   30000
#define LOAD_DEADLINE_MS 10000 /* from HELLO to READY */
#define SCRIPT_MAX       (16U << 20)

static void on_message(void *ctx, const struct ln_msg *msg);
static void on_gone(void *ctx, const char *why, int status, int signal);
static void relaunch(void *ctx);

void
ln_strategy_init(struct strategy *s, struct ln_host *host,
                 const struct ln_strategy_config *cfg, uint32_t number)
{
    memset(s, 0, sizeof(*s));
    s->host = host;
    s->cfg = cfg;
    s->number = number;
    s->state = LN_STRATEGY_STARTING;
    s->restart_timer = ln_timer_new(host->loop, relaunch, s);
    ln_buf_init(&s->backlog, BACKLOG_MAX);
}

void
ln_strategy_deinit(struct strategy *s)
{
    ln_port_free(s->port);
    s->port = NULL;
    ln_timer_free(s->restart_timer);
    ln_buf_deinit(&s->backlog);
    free(s->subs);
    free(s->own);
    free(s->handles);
}

struct strategy *
ln_strategy_by_number(struct ln_host *h, uint32_t number)
{
    /* Mostly the numbers are the places; not after the list has changed. */
    if (number == 0)
        return NULL;
    if (number <= (uint32_t)h->nstrategies &&
        h->strategies[number - 1].number == number)
        return &h->strategies[number - 1];
    for (int i = 0; i < h->nstrategies; i++)
        if (h->strategies[i].number == number)
            return &h->strategies[i];
    return NULL;
}

bool
ln_strategy_alive(const struct strategy *s)
{
    return s->port && s->started && !s->stopping;
}

/* ---- sending ---- */

/* Now, for oldest_ns, whose 0 means "nothing is waited for". */
static int64_t
busy_since(const struct strategy *s)
{
    int64_t now = ln_loop_now_ns(s->host->loop);
    return now ? now : 1;
}

static bool
try_send(struct strategy *s, const struct ln_msg *msg)
{
    if (ln_port_send(s->port, msg) != LN_OK)
        return false;
    if (!s->oldest_ns)
        s->oldest_ns = busy_since(s);
    return true;
}

static void
drain_backlog(struct strategy *s)
{
    while (s->backlog.len >= sizeof(struct ln_msg)) {
        struct ln_msg head;
        memcpy(&head, s->backlog.data, sizeof(head));
        /* Copied out: messages in the buffer are not aligned. */
        char copy[LN_MSG_MAX];
        memcpy(copy, s->backlog.data, head.size);
        if (!try_send(s, (const struct ln_msg *)(const void *)copy))
            return;
        ln_buf_consume(&s->backlog, head.size);
    }
}

void
ln_strategy_send(struct strategy *s, struct ln_msg *msg, uint16_t type,
                 uint16_t instrument, size_t size, bool droppable)
{
    if (!s->port)
        return;
    LN_ASSERT_CMP(size, <=, LN_MSG_MAX);
    msg->type = type;
    msg->instrument = instrument;
    msg->size = (uint32_t)size;
    msg->now_ms = ln_loop_now_ms(s->host->loop);
    if (s->backlog.len)
        drain_backlog(s);
    if (s->backlog.len && droppable) {
        s->dropped++;
        return;
    }
    msg->seq = s->seq + 1;
    if (!s->backlog.len && try_send(s, msg)) {
        s->seq++;
        ln_latency_sent(&s->latency, s->seq, ln_loop_now_ns(s->host->loop));
        return;
    }
    if (droppable) {
        s->dropped++;
        return;
    }
    s->seq++;
    ln_latency_sent(&s->latency, s->seq, ln_loop_now_ns(s->host->loop));
    ln_buf_add(&s->backlog, msg, size);
    if (s->backlog.failed) {
        snprintf(s->why_gone, sizeof(s->why_gone),
                 "it does not keep up: %u bytes of messages wait for it",
                 BACKLOG_MAX);
        ln_port_kill(s->port);
    }
}

/* ---- launch ---- */

bool
ln_strategy_fit(struct strategy *s)
{
    size_t n = s->host->instruments->count;
    if (s->subs)
        return true;
    s->subs = calloc(n, sizeof(*s->subs));
    s->own = calloc(n, sizeof(*s->own));
    if (!s->subs || !s->own)
        return false;
    for (size_t i = 0; i < n; i++)
        ln_position_init(&s->own[i].p, (uint16_t)i);
    return true;
}

/* Which script this is: the first 16 digits say whether it has changed. */
static void
note_version(struct strategy *s)
{
    struct ln_buf script;
    ln_buf_init(&script, SCRIPT_MAX);
    s->version[0] = 0;
    if (ln_buf_read_file(&script, s->cfg->script, NULL) == LN_OK)
        snprintf(s->version, sizeof(s->version), "%016llx",
                 (unsigned long long)ln_hash(ln_buf_str(&script)));
    ln_buf_deinit(&script);
}

static void
send_hello(struct strategy *s)
{
    struct {
        struct ln_msg_hello m;
        char tail[LN_MSG_MAX - sizeof(struct ln_msg_hello)];
    } msg;
    size_t script = strlen(s->cfg->script) + 1;
    size_t params = strlen(s->cfg->params) + 1;
    memset(&msg.m, 0, sizeof(msg.m));
    if (script + params > sizeof(msg.tail)) {
        ln_host_fail(s->host, LN_ERR_CONFIG, NULL,
                     "strategy %s: its params are too large", s->cfg->name);
        return;
    }
    msg.m.version = LN_PORT_VERSION;
    ln_str_copy(msg.m.name, sizeof(msg.m.name), ln_str(s->cfg->name));
    ln_str_copy(msg.m.mode, sizeof(msg.m.mode), ln_str(s->host->cfg->mode));
    msg.m.seed = s->host->seed + s->number;
    msg.m.budget_ms = s->cfg->budget_ms;
    msg.m.memory_bytes = s->cfg->memory_mb << 20;
    msg.m.pos_mode = s->host->account.pos_mode ? s->host->account.pos_mode
                                               : (uint8_t)LN_ONE_WAY;
    memcpy(msg.tail, s->cfg->script, script);
    memcpy(msg.tail + script, s->cfg->params, params);
    ln_strategy_send(s, &msg.m.h, LN_MSG_HELLO, LN_INSTRUMENT_NONE,
                     offsetof(__typeof__(msg), tail) + script + params, false);
}

static void
send_instruments(struct strategy *s)
{
    const struct ln_instruments *reg = s->host->instruments;
    for (uint16_t i = 0; i < reg->count; i++) {
        struct ln_msg_instrument m;
        memset(&m, 0, sizeof(m));
        m.instrument = *ln_instruments_at(reg, i);
        ln_strategy_send(s, &m.h, LN_MSG_INSTRUMENT, i, sizeof(m), false);
    }
}

void
ln_strategy_launch(struct strategy *s)
{
    static const struct ln_port_events events = {on_message, on_gone};
    struct ln_error err = {0};
    if (s->ghost)
        return;
    s->ready = s->started = s->stopping = false;
    s->seq = s->done = 0;
    s->oldest_ns = 0;
    s->warmups_pending = 0;
    s->why_gone[0] = 0;
    ln_buf_reset(&s->backlog);
    ln_latency_restart(&s->latency);
    ln_orders_forget_handles(s);
    s->state = LN_STRATEGY_STARTING;
    if (!ln_strategy_fit(s)) {
        ln_host_fail(s->host, LN_ERR_NOMEM, NULL, "no memory for strategy %s",
                     s->cfg->name);
        return;
    }
    s->port =
        s->host->ports.open(s->host->ports.ctx, s->cfg->name, &events, s, &err);
    if (!s->port) {
        ln_log_error(s->cfg->name, &err);
        s->state = LN_STRATEGY_QUARANTINED;
        ln_host_fail(s->host, err.code, err.cure, "strategy %s: %s",
                     s->cfg->name, err.what);
        return;
    }
    ln_port_set_instruments(s->port, s->host->instruments->count);
    send_instruments(s);
    note_version(s);
    send_hello(s);
}

/* ---- messages from the strategy ---- */

static void
on_ready(struct strategy *s, const struct ln_msg_ready *m)
{
    if (s->ready)
        return;
    s->ready = true;
    s->callbacks = m->callbacks;
    s->timeframe = (enum ln_timeframe)m->timeframe;
    s->warmup = m->warmup;
    for (uint32_t i = 0; i < m->nsymbols; i++) {
        unsigned channels = LN_CH_TICKER; /* prices for positions and risk */
        if (s->callbacks & LN_CB_TRADE)
            channels |= LN_CH_TRADE;
        if (s->callbacks & LN_CB_BOOK)
            channels |= LN_CH_BOOK;
        ln_router_subscribe(s, m->symbols[i], channels, LN_TF_NONE, true);
        s->own[m->symbols[i]].used = true;
        if (s->timeframe != LN_TF_NONE)
            ln_router_subscribe(s, m->symbols[i], LN_CH_CANDLE, s->timeframe,
                                true);
    }
    ln_strategy_maybe_start(s);
}

void
ln_strategy_maybe_start(struct strategy *s)
{
    struct ln_msg_account acc = {0};
    struct ln_msg start = {0};
    if (!s->port || !s->ready || s->started || s->stopping ||
        s->warmups_pending > 0)
        return;
    acc.account = s->host->account;
    ln_strategy_send(s, &acc.h, LN_MSG_ACCOUNT, LN_INSTRUMENT_NONE, sizeof(acc),
                     false);
    /* What it held and had open before a restart, known before on_start. */
    ln_orders_replay(s);
    ln_strategy_send(s, &start, LN_MSG_START, LN_INSTRUMENT_NONE, sizeof(start),
                     false);
    s->started = true;
    s->state = s->paused ? LN_STRATEGY_PAUSED : LN_STRATEGY_RUNNING;
    ln_info(s->cfg->name, "%s", ln_strategy_state_name(s->state));
}

static void
on_error(struct strategy *s, const struct ln_msg_error *m)
{
    int64_t now = ln_loop_now_ms(s->host->loop);
    s->errors++;
    snprintf(s->last_error, sizeof(s->last_error), "%s: %s", m->where,
             m->message);
    s->last_error[strcspn(s->last_error, "\n")] = 0;
    ln_log(LN_LOG_ERROR, s->cfg->name, "%s%s%s: %s%s%s", m->callback,
           m->callback[0] ? " at " : "", m->where, m->message,
           m->event[0] ? " | event: " : "", m->event);
    if (m->fatal)
        snprintf(s->why_gone, sizeof(s->why_gone), "%.120s: %.120s", m->where,
                 m->message);
    if (now - s->errors_window_ms > s->cfg->errors_seconds * 1000) {
        s->errors_window_ms = now;
        s->errors_in_window = 0;
    }
    if (++s->errors_in_window < s->cfg->errors_max || s->stopping)
        return;
    ln_log(LN_LOG_ERROR, s->cfg->name,
           "stopped: %lld errors within %lld s (errors.max)",
           (long long)s->errors_in_window, (long long)s->cfg->errors_seconds);
    ln_feed_incident(s->host, s, "quarantine",
                     "%lld errors within %lld s, the last one: %s",
                     (long long)s->errors_in_window,
                     (long long)s->cfg->errors_seconds, s->last_error);
    ln_orders_cancel_all(s->host, s->number, LN_INSTRUMENT_NONE);
    ln_strategy_stop(s, "too many errors");
    s->state = LN_STRATEGY_QUARANTINED;
}

/* The script does not load: a mistake of the author's; no restart helps. */
static void
on_failed(struct strategy *s, const struct ln_msg_error *m)
{
    int first_line = (int)strcspn(m->message, "\n");
    s->errors++;
    snprintf(s->last_error, sizeof(s->last_error), "%s%s%.*s", m->where,
             m->where[0] ? ": " : "", first_line, m->message);
    snprintf(s->why_gone, sizeof(s->why_gone), "the script does not load");
    s->state = LN_STRATEGY_QUARANTINED;
    ln_log(LN_LOG_ERROR, s->cfg->name, "%s", m->message);
    ln_feed_incident(s->host, s, "quarantine", "the script does not load: %s",
                     s->last_error);
    if (s->restarts == 0)
        ln_host_fail(
            s->host, LN_ERR_SCRIPT, "correct the script and start again",
            "strategy %s does not load: %s", s->cfg->name, s->last_error);
}

static void
on_done(struct strategy *s, const struct ln_msg_done *m)
{
    s->events++;
    ln_latency_done(&s->latency, m->h.seq, s->seq,
                    ln_loop_now_ns(s->host->loop));
    s->done = m->h.seq;
    s->memory_bytes = m->memory_bytes;
    s->oldest_ns = s->done >= s->seq ? 0 : busy_since(s);
    if (s->backlog.len)
        drain_backlog(s);
}

static void
timer_fired(void *ctx)
{
    struct script_timer *t = ctx;
    struct ln_msg_timer m = {0};
    m.id = t->id;
    if (ln_strategy_alive(t->strategy))
        ln_strategy_send(t->strategy, &m.h, LN_MSG_TIMER, LN_INSTRUMENT_NONE,
                         sizeof(m), false);
}

static void
free_timers(struct strategy *s, uint64_t id, bool all)
{
    struct script_timer **at = &s->host->timers;
    while (*at) {
        struct script_timer *t = *at;
        if (t->strategy == s && (all || t->id == id)) {
            *at = t->next;
            ln_timer_free(t->timer);
            free(t);
        } else {
            at = &t->next;
        }
    }
}

static void
on_timer_set(struct strategy *s, const struct ln_msg_timer_set *m)
{
    free_timers(s, m->id, false);
    if (m->delay_ms < 0)
        return;
    struct script_timer *t = calloc(1, sizeof(*t));
    if (!t)
        return;
    t->strategy = s;
    t->id = m->id;
    t->once = m->repeat_ms == 0;
    t->timer = ln_timer_new(s->host->loop, timer_fired, t);
    if (!t->timer) {
        free(t);
        return;
    }
    t->next = s->host->timers;
    s->host->timers = t;
    ln_timer_start(t->timer, m->delay_ms, m->repeat_ms);
}

static void
on_request(struct strategy *s, const struct ln_msg_request *m)
{
    struct ln_host *h = s->host;
    const char *json = ln_msg_tail(m, sizeof(*m));
    uint64_t tag = (uint64_t)s->number << 32 | (m->tag & UINT32_MAX);
    h->venue->ops->call(h->venue, m->endpoint, ln_str(*json ? json : "{}"),
                        tag);
}

static void
on_message(void *ctx, const struct ln_msg *msg)
{
    struct strategy *s = ctx;
    const void *m = msg;
    switch (msg->type) {
    case LN_MSG_READY:
        on_ready(s, m);
        break;
    case LN_MSG_FAILED:
        on_failed(s, m);
        break;
    case LN_MSG_SUBSCRIBE: {
        const struct ln_msg_subscribe *sub = m;
        ln_router_subscribe(s, msg->instrument, sub->channels,
                            (enum ln_timeframe)sub->timeframe, sub->on);
        break;
    }
    case LN_MSG_SUBMIT:
        ln_orders_submit(s, m);
        break;
    case LN_MSG_AMEND:
        ln_orders_amend(s, m);
        break;
    case LN_MSG_CANCEL:
        ln_orders_cancel(s, ((const struct ln_msg_cancel *)m)->handle);
        break;
    case LN_MSG_CANCEL_ALL:
        ln_orders_cancel_all(s->host, s->number, msg->instrument);
        break;
    case LN_MSG_REQUEST:
        on_request(s, m);
        break;
    case LN_MSG_TIMER_SET:
        on_timer_set(s, m);
        break;
    case LN_MSG_LOG:
        ln_log((enum ln_log_level)((const struct ln_msg_log *)m)->level,
               s->cfg->name, "%s", ln_msg_tail(m, sizeof(struct ln_msg_log)));
        break;
    case LN_MSG_ERROR:
        on_error(s, m);
        break;
    case LN_MSG_DONE:
        on_done(s, m);
        break;
    default: /* PLOT and METRIC have no listener without a dashboard */
        break;
    }
}

/* ---- end and return ---- */

void
ln_strategy_stop(struct strategy *s, const char *reason)
{
    struct ln_msg_stop m = {0};
    ln_timer_stop(s->restart_timer);
    if (s->state == LN_STRATEGY_CRASHED)
        s->state = LN_STRATEGY_STOPPED;
    if (!s->port || s->stopping)
        return;
    if (!s->ready) { /* still loading: nothing to be asked */
        s->stopping = true;
        ln_port_kill(s->port);
        return;
    }
    ln_str_copy(m.reason, sizeof(m.reason), ln_str(reason));
    ln_strategy_send(s, &m.h, LN_MSG_STOP, LN_INSTRUMENT_NONE, sizeof(m),
                     false);
    s->stopping = true;
}

static void
crash_policy(struct strategy *s)
{
    if (s->cfg->on_crash == LN_END_HOLD)
        return;
    ln_orders_cancel_all(s->host, s->number, LN_INSTRUMENT_NONE);
    if (s->cfg->on_crash == LN_END_FLATTEN)
        ln_orders_flatten(s);
}

static void
on_gone(void *ctx, const char *why, int status, int signal)
{
    struct strategy *s = ctx;
    bool expected = s->stopping;
    ln_port_free(s->port);
    s->port = NULL;
    s->started = s->ready = false;
    s->oldest_ns = 0;
    free_timers(s, 0, true);
    ln_router_forget(s);
    if (s->state == LN_STRATEGY_QUARANTINED)
        return;
    if (expected) {
        s->state = LN_STRATEGY_STOPPED;
        ln_act_gone(s);
        return;
    }
    ln_log(LN_LOG_ERROR, s->cfg->name,
           "its process ended: %s (exit %d, signal %d)",
           s->why_gone[0] ? s->why_gone : why, status, signal);
    ln_feed_incident(s->host, s, "crash", "%s (exit %d, signal %d)",
                     s->why_gone[0] ? s->why_gone : why, status, signal);
    if (!s->last_error[0] || s->why_gone[0])
        snprintf(s->last_error, sizeof(s->last_error), "%s",
                 s->why_gone[0] ? s->why_gone : why);
    crash_policy(s);
    if (s->host->stopping) {
        s->state = LN_STRATEGY_STOPPED;
        return;
    }
    if ((int64_t)s->restarts >= s->cfg->max_restarts) {
        s->state = LN_STRATEGY_QUARANTINED;
        ln_log(LN_LOG_ERROR, s->cfg->name,
               "quarantined: it was restarted %lld times (max_restarts)",
               (long long)s->cfg->max_restarts);
        ln_feed_incident(s->host, s, "quarantine",
                         "it was restarted %lld times",
                         (long long)s->cfg->max_restarts);
        return;
    }
    s->state = LN_STRATEGY_CRASHED;
    int64_t delay = RESTART_BASE_MS;
    for (uint64_t i = 0; i < s->restarts && delay < RESTART_MAX_MS; i++)
        delay *= 2;
    ln_timer_start(s->restart_timer,
                   delay < RESTART_MAX_MS ? delay : RESTART_MAX_MS, 0);
}

static void
relaunch(void *ctx)
{
    struct strategy *s = ctx;
    s->restarts++;
    ln_warn(s->cfg->name, "starting again (%llu)",
            (unsigned long long)s->restarts);
    ln_strategy_launch(s);
}

void
ln_strategy_check_deadline(struct strategy *s, int64_t now_ns)
{
    int64_t limit = s->ready ? s->cfg->deadline_ms : LOAD_DEADLINE_MS;
    if (!s->port || !s->oldest_ns || now_ns - s->oldest_ns <= limit * 1000000)
        return;
    snprintf(s->why_gone, sizeof(s->why_gone),
             "no sign of life for %lld ms (deadline)", (long long)limit);
    s->oldest_ns = 0;
    ln_port_kill(s->port);
}
