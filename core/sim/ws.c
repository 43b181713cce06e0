/*
 * WebSocket connections: life, sending, topics. What clients say is read in
 * ws_request.c.
 */
#include "sim/trouble.h"

#include "base/log.h"
#include "market/timeframe.h"

#include <stdlib.h>

#define SENDQ_MAX  (4U << 20) /* a peer that far behind does not read */
#define SILENCE_MS 120000     /* without "ping" */
#define CHECK_MS   1000
#define IDLE_MS    30000 /* without a subscription */

#define PEER_CONNS_MAX 100 /* open ones of an address */

struct ln_sim_hub *
ln_sim_hub_new(size_t ninsts)
{
    struct ln_sim_hub *hub = calloc(1, sizeof(*hub));
    if (!hub)
        return NULL;
    hub->public_topics =
        calloc(ninsts * LN_SIM_CH_PUBLIC, sizeof(*hub->public_topics));
    if (!hub->public_topics) {
        free(hub);
        return NULL;
    }
    hub->ninsts = ninsts;
    for (size_t i = 0; i < ninsts * LN_SIM_CH_PUBLIC; i++) {
        hub->public_topics[i].inst = (uint16_t)(i / LN_SIM_CH_PUBLIC);
        hub->public_topics[i].channel = (int)(i % LN_SIM_CH_PUBLIC);
    }
    ln_json_init(&hub->doc);
    return hub;
}

void
ln_sim_hub_free(struct ln_sim_hub *hub)
{
    if (!hub)
        return;
    for (struct ln_sim_conn *c = hub->conns, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    for (size_t i = 0; i < hub->ninsts * LN_SIM_CH_PUBLIC; i++)
        free(hub->public_topics[i].conns);
    free(hub->public_topics);
    ln_json_deinit(&hub->doc);
    free(hub);
}

/* ---- topics ---- */

struct ln_sim_topic *
ln_sim_topic(struct ln_sim *sim, uint16_t inst, int channel)
{
    return &sim->hub->public_topics[(size_t)inst * LN_SIM_CH_PUBLIC +
                                    (size_t)channel];
}

bool
ln_sim_user_topics(struct ln_sim_user *user)
{
    user->topics = calloc(LN_SIM_CH_PRIVATE, sizeof(*user->topics));
    if (!user->topics)
        return false;
    for (int i = 0; i < LN_SIM_CH_PRIVATE; i++) {
        user->topics[i].inst = LN_INSTRUMENT_NONE;
        user->topics[i].channel = i;
        user->topics[i].user = user;
    }
    return true;
}

bool
ln_sim_topic_add(struct ln_sim_topic *topic, struct ln_sim_conn *conn)
{
    for (size_t i = 0; i < topic->count; i++)
        if (topic->conns[i] == conn)
            return true;
    if (topic->count == topic->cap) {
        size_t cap = topic->cap ? topic->cap * 2 : 4;
        struct ln_sim_conn **conns =
            realloc(topic->conns, cap * sizeof(struct ln_sim_conn *));
        if (!conns)
            return false;
        topic->conns = conns;
        topic->cap = cap;
    }
    topic->conns[topic->count++] = conn;
    conn->nsubs++;
    return true;
}

void
ln_sim_topic_remove(struct ln_sim_topic *topic, const struct ln_sim_conn *conn)
{
    for (size_t i = 0; i < topic->count; i++) {
        if (topic->conns[i] != conn)
            continue;
        topic->conns[i]->nsubs--;
        topic->conns[i] = topic->conns[--topic->count];
        return;
    }
}

static void
leave_all(struct ln_sim_hub *hub, const struct ln_sim_conn *conn)
{
    for (int i = 0; conn->user && i < LN_SIM_CH_PRIVATE; i++)
        ln_sim_topic_remove(&conn->user->topics[i], conn);
    for (size_t i = 0; i < hub->ninsts * LN_SIM_CH_PUBLIC; i++)
        ln_sim_topic_remove(&hub->public_topics[i], conn);
}

/* ---- sending ---- */

void
ln_sim_conn_close(struct ln_sim_conn *conn, int code, const char *reason)
{
    if (conn->closing)
        return;
    conn->closing = true;
    ln_debug("sim", "closing a connection: %s", reason);
    ln_ws_close(conn->ws, code, reason);
}

void
ln_sim_conn_write(struct ln_sim_conn *conn, struct ln_str text)
{
    if (conn->closing)
        return;
    if (ln_ws_queued(conn->ws) > SENDQ_MAX ||
        ln_ws_send(conn->ws, text.ptr, text.len, true) != LN_OK) {
        ln_sim_conn_close(conn, 0, "the peer does not read");
        return;
    }
    conn->sim->stats.ws_messages_out++;
}

void
ln_sim_conn_send(struct ln_sim_conn *conn, struct ln_str text)
{
    if (conn->closing || conn->mute)
        return;
    if (conn->sim->trouble)
        ln_sim_troubled_send(conn, text);
    else
        ln_sim_conn_write(conn, text);
}

void
ln_sim_topic_send(struct ln_sim_topic *topic, struct ln_str text)
{
    for (size_t i = 0; i < topic->count; i++)
        ln_sim_conn_send(topic->conns[i], text);
}

const char *const ln_sim_private_names[LN_SIM_CH_PRIVATE] = {
    "account",     "positions",         "orders", "fill",
    "orders-algo", "positions-history", "equity", "adl-noti"};
const char *const ln_sim_public_names[LN_SIM_CH_CANDLE] = {
    "ticker", "trade", "books", "books1", "books5", "books15"};

void
ln_sim_topic_name(const struct ln_sim_topic *topic,
                  char out[LN_SIM_CHANNEL_CAP])
{
    const char *name = "candle";
    if (topic->inst == LN_INSTRUMENT_NONE)
        name = ln_sim_private_names[topic->channel];
    else if (topic->channel < LN_SIM_CH_CANDLE)
        name = ln_sim_public_names[topic->channel];
    ln_str_copy(out, LN_SIM_CHANNEL_CAP, ln_str(name));
    if (topic->inst != LN_INSTRUMENT_NONE && topic->channel >= LN_SIM_CH_CANDLE)
        ln_str_copy(out + 6, LN_SIM_CHANNEL_CAP - 6,
                    ln_str(ln_timeframe_name((enum ln_timeframe)(
                        topic->channel - LN_SIM_CH_CANDLE))));
}

void
ln_sim_topic_arg(struct ln_json_writer *w, const struct ln_sim *sim,
                 const struct ln_sim_topic *topic)
{
    char name[LN_SIM_CHANNEL_CAP];
    bool is_public = topic->inst != LN_INSTRUMENT_NONE;
    ln_sim_topic_name(topic, name);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "instType", LN_SIM_PRODUCT);
    ln_jw_kcstr(w, "channel", name);
    if (is_public)
        ln_jw_kcstr(w, "instId", ln_sim_instrument(sim, topic->inst)->symbol);
    else
        ln_jw_kcstr(w, topic->channel == LN_SIM_CH_ACCOUNT ? "coin" : "instId",
                    "default");
    ln_jw_obj_end(w);
}

void
ln_sim_push_begin(struct ln_sim *sim, struct ln_json_writer *w,
                  const struct ln_sim_topic *topic, const char *action)
{
    ln_buf_reset(&sim->push);
    sim->pushing = topic;
    ln_jw_init(w, &sim->push);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "action", action);
    ln_jw_key(w, "arg");
    ln_sim_topic_arg(w, sim, topic);
    ln_jw_key(w, "data");
    ln_jw_arr(w);
}

struct ln_str
ln_sim_push_end(struct ln_sim *sim, struct ln_json_writer *w)
{
    ln_jw_arr_end(w);
    ln_jw_kint(w, "ts", ln_sim_server_ms(sim));
    ln_jw_obj_end(w);
    return ln_buf_str(&sim->push);
}

/* ---- life ---- */

void
ln_sim_hub_check(struct ln_sim *sim)
{
    int64_t now_ms = ln_sim_loop_ms(sim);
    if (now_ms - sim->hub->checked_ms < CHECK_MS)
        return;
    sim->hub->checked_ms = now_ms;
    for (struct ln_sim_conn *c = sim->hub->conns; c; c = c->next) {
        if (c->mute)
            continue; /* a half-open socket is not closed either */
        if (now_ms - c->last_ping_ms > SILENCE_MS)
            ln_sim_conn_close(c, 1000, "no ping for two minutes");
        else if (now_ms - c->opened_ms >= sim->max_age_ms)
            ln_sim_conn_close(c, 1000, "the connection is too old");
        else if (sim->limits && c->nsubs + c->silent == 0 &&
                 now_ms - c->idle_since_ms > IDLE_MS)
            ln_sim_conn_close(c, 1000, "nothing is subscribed");
    }
}

/* As the exchange counts them, if it does. */
static bool
connect_allowed(struct ln_sim *sim, const char *peer)
{
    int open = 0;
    if (!sim->limits)
        return true;
    for (const struct ln_sim_conn *c = sim->hub->conns; c; c = c->next)
        open += strncmp(c->peer, peer, sizeof(c->peer) - 1) == 0;
    return open < PEER_CONNS_MAX &&
           ln_sim_limits_connect(sim->limits, peer, ln_sim_loop_ms(sim));
}

static void *
on_accept(void *ctx, struct ln_ws *ws, const char *path, const char *peer)
{
    struct ln_sim *sim = ctx;
    struct ln_sim_hub *hub = sim->hub;
    bool is_private = strcmp(path, "/v2/ws/private") == 0;
    if (!is_private && strcmp(path, "/v2/ws/public") != 0)
        return NULL;
    if (!connect_allowed(sim, peer)) {
        ln_debug("sim", "%s has too many connections", peer);
        sim->stats.rate_limited++;
        return NULL;
    }
    struct ln_sim_conn *conn = calloc(1, sizeof(*conn));
    if (!conn)
        return NULL;
    conn->sim = sim;
    conn->ws = ws;
    conn->is_private = is_private;
    conn->opened_ms = conn->last_ping_ms = conn->hour_ms = conn->idle_since_ms =
        ln_sim_loop_ms(sim);
    ln_str_copy(conn->peer, sizeof(conn->peer), ln_str(peer));
    if (sim->trouble && !ln_sim_troubled_accept(sim, conn)) {
        free(conn);
        return NULL;
    }
    conn->next = hub->conns;
    if (hub->conns)
        hub->conns->prev = conn;
    hub->conns = conn;
    sim->stats.ws_clients++;
    ln_debug("sim", "%s connects to %s", peer, path);
    return conn;
}

static void
on_open(void *ctx, struct ln_ws *ws)
{
    struct ln_sim_conn *conn = ctx;
    conn->ws = ws;
}

static void
on_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
           bool is_text)
{
    struct ln_sim_conn *conn = ctx;
    (void)ws;
    if (conn->closing || conn->mute || !is_text)
        return;
    if (!conn->sim->trouble ||
        ln_sim_troubled_message(conn, ln_strn(data, len)))
        ln_sim_ws_message(conn, ln_strn(data, len));
}

static void
on_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct ln_sim_conn *conn = ctx;
    struct ln_sim_hub *hub = conn->sim->hub;
    (void)ws;
    (void)err;
    ln_debug("sim", "a connection is closed: %d", code);
    leave_all(hub, conn);
    if (conn->sim->trouble)
        ln_sim_late_forget(conn->sim, conn);
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        hub->conns = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    conn->sim->stats.ws_clients--;
    free(conn);
}

void
ln_sim_ws_events(struct ln_server_events *events)
{
    events->ws_accept = on_accept;
    events->ws = (struct ln_ws_events){on_open, on_message, on_close};
}
