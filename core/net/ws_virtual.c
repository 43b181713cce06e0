/*
 * WebSockets on the virtual network: two sockets, client and server, and what
 * travels between them.
 *
 *   ln_ws_connect -- CONNECT --> ws_accept, then OPEN at both ends
 *   ln_ws_send    -- MESSAGE --> message event
 *   ln_ws_close   -- CLOSE ----> close event there; its answer, CLOSE, comes
 *                                back and is the close event here
 *   a lost connection: LOST at both ends
 */
#include "net/virtual_int.h"

#include "base/assert.h"

#include <stdlib.h>

#define CONNECT_MS_DEFAULT 10000
#define CLOSE_ACK_MS       2000 /* for the peer to answer our Close */
#define ABNORMAL           1006 /* no Close frame at all */

enum side { CLIENT, SERVER };
enum vws_state { VWS_CONNECTING, VWS_OPEN, VWS_CLOSING, VWS_ENDED };

struct vws {
    struct ln_ws base; /* first */
    struct vpair *pair;
    enum side side;
    enum vws_state state;
    size_t queued;
    int sent_code;
    bool told; /* the close event has begun */
};

struct vpair {
    struct ln_link link; /* among the net's */
    struct vnet *net;
    int refs;               /* each end, each event */
    struct vws *end[2];     /* NULL: freed, or not there yet */
    struct vserver *server; /* of end[SERVER]; NULL before and after */
    struct ln_url url;
    char *path, *ca_file;
    struct vlane lane[2]; /* towards each side */
};

enum ws_event_kind { CONNECT, OPEN, MESSAGE, CLOSE, LOST, LATE };

struct ws_event {
    struct vevent base; /* first */
    struct vpair *pair;
    enum ws_event_kind kind;
    enum side to;
    int code;            /* CLOSE, LOST, LATE: of the close event */
    struct ln_error err; /* CLOSE, LOST, LATE: of the close event */
    bool is_text;
    bool counted; /* MESSAGE: in the sender's queue */
    size_t len;
    char data[];
};

/* ---- pairs and their events ---- */

static void
unref(struct vpair *pair)
{
    if (--pair->refs > 0)
        return;
    ln_list_del(&pair->link);
    free(pair->path);
    free(pair->ca_file);
    free(pair);
}

static void
end_free(struct vws *ws)
{
    struct vpair *pair = ws->pair;

    pair->end[ws->side] = NULL;
    free(ws);
    unref(pair);
}

static void
discard_event(struct vevent *base)
{
    struct ws_event *ev = (struct ws_event *)base;
    unref(ev->pair);
    free(ev);
}

static void fire_event(struct vevent *base);

static struct ws_event *
event_new(struct vpair *pair, enum ws_event_kind kind, enum side to, size_t len)
{
    struct ws_event *ev = calloc(1, sizeof(*ev) + len);
    LN_ASSERT(ev != NULL);
    ev->base.fire = fire_event;
    ev->base.discard = discard_event;
    ev->pair = pair;
    ev->kind = kind;
    ev->to = to;
    ev->len = len;
    pair->refs++;
    return ev;
}

static void
post(struct ws_event *ev)
{
    vnet_send(ev->pair->net, &ev->base, &ev->pair->lane[ev->to]);
}

static struct ws_event *
lost_new(struct vpair *pair, enum side to, const char *what)
{
    struct ws_event *ev = event_new(pair, LOST, to, 0);
    ev->code = ABNORMAL;
    ln_error_set(&ev->err, LN_ERR_NET, pair->url.origin, NULL, "%s", what);
    return ev;
}

/* ---- the end of a socket ---- */

static void
tell_close(struct vws *ws, int code, const struct ln_error *err)
{
    if (ws->told)
        return;
    ws->told = true;
    ws->state = VWS_ENDED;
    if (ws->base.events.close)
        ws->base.events.close(ws->base.ctx, &ws->base, code, err);
    end_free(ws);
}

static void
on_close(struct vws *ws, const struct ws_event *ev)
{
    int code = ev->code;

    if (ws->state == VWS_ENDED)
        return; /* dropped: its own event is on the way */
    if (!ws->sent_code) {
        struct ws_event *answer =
            event_new(ws->pair, CLOSE, ws->side == CLIENT ? SERVER : CLIENT, 0);
        answer->code = code;
        post(answer);
    }
    tell_close(ws, code, &ev->err);
}

static void
on_lost(struct vws *ws, const struct ws_event *ev)
{
    if (ws->sent_code && ev->err.code == LN_ERR_NET) {
        /* We had said goodbye: the end was expected. */
        const struct ln_error none = {0};
        tell_close(ws, ws->sent_code, &none);
        return;
    }
    tell_close(ws, ev->code, &ev->err);
}

/* ---- connecting ---- */

static const struct ln_ws_ops virtual_ws_ops;

static struct vws *
end_new(struct vpair *pair, enum side side)
{
    struct vws *ws = calloc(1, sizeof(*ws));
    if (!ws)
        return NULL;
    ws->base.ops = &virtual_ws_ops;
    ws->pair = pair;
    ws->side = side;
    pair->end[side] = ws;
    pair->refs++;
    return ws;
}

static void
refuse(struct vpair *pair, const struct ln_error *err)
{
    struct ws_event *ev = event_new(pair, LOST, CLIENT, 0);
    ev->code = ABNORMAL;
    ev->err = *err;
    post(ev);
}

static void
on_connect(struct vpair *pair)
{
    struct vnet *net = pair->net;
    struct ln_error err;
    bool sent;

    if (!pair->end[CLIENT] || pair->end[CLIENT]->state != VWS_CONNECTING)
        return;
    if (vnet_handshake(net, &pair->url, pair->ca_file, &sent, &err) != LN_OK) {
        refuse(pair, &err);
        return;
    }
    struct vserver *server = vnet_server(net, pair->url.port);
    struct ln_server *base = &server->base;
    struct vws *ws = end_new(pair, SERVER);
    LN_ASSERT(ws != NULL);
    pair->server = server;
    ws->base.events = base->events.ws;
    void *ctx = base->events.ws_accept
                    ? base->events.ws_accept(base->ctx, &ws->base, pair->path,
                                             "127.0.0.1")
                    : NULL;
    if (!pair->end[SERVER])
        return; /* the server was closed meanwhile */
    if (!ctx) {
        ln_error_set(&err, LN_ERR_NET, pair->url.origin, "check the URL's path",
                     "the server refused the WebSocket: HTTP 404");
        refuse(pair, &err);
        end_free(ws);
        return;
    }
    ws->base.ctx = ctx;
    vnet_after(net, &event_new(pair, OPEN, SERVER, 0)->base, 0);
    post(event_new(pair, OPEN, CLIENT, 0));
}

static void
on_open(struct vws *ws)
{
    if (ws->state != VWS_CONNECTING)
        return;
    ws->state = VWS_OPEN;
    if (ws->base.events.open)
        ws->base.events.open(ws->base.ctx, &ws->base);
}

/* ---- messages ---- */

static void
on_message(struct vws *ws, const struct ws_event *ev)
{
    if (ws->state == VWS_OPEN && ws->base.events.message)
        ws->base.events.message(ws->base.ctx, &ws->base, ev->data, ev->len,
                                ev->is_text);
}

static void
fire_event(struct vevent *base)
{
    struct ws_event *ev = (struct ws_event *)base;
    struct vpair *pair = ev->pair;
    struct vws *ws = pair->end[ev->to];

    if (ev->kind == MESSAGE && ev->counted) {
        struct vws *from = pair->end[ev->to == CLIENT ? SERVER : CLIENT];
        if (from)
            from->queued -= ev->len;
    }
    if (ev->kind == CONNECT) {
        on_connect(pair);
        return;
    }
    if (!ws)
        return;
    switch (ev->kind) {
    case CONNECT:
        break;
    case OPEN:
        on_open(ws);
        break;
    case MESSAGE:
        on_message(ws, ev);
        break;
    case CLOSE:
        on_close(ws, ev);
        break;
    case LOST:
        on_lost(ws, ev);
        break;
    case LATE:
        /* Of connecting, or of the answer to our Close. */
        if (ws->state ==
            (ev->err.code == LN_ERR_TIMEOUT ? VWS_CONNECTING : VWS_CLOSING)) {
            post(lost_new(pair, ev->to == CLIENT ? SERVER : CLIENT,
                          "closed by the peer"));
            tell_close(ws, ev->code, &ev->err);
        }
        break;
    }
}

static void
break_pair(struct vpair *pair, bool at_once)
{
    for (int side = CLIENT; side <= SERVER; side++) {
        if (!pair->end[side])
            continue;
        struct ws_event *ev =
            lost_new(pair, (enum side)side, "the connection was reset");
        if (at_once)
            vnet_after(pair->net, &ev->base, 0);
        else
            post(ev);
    }
}

static void
send_copy(struct vws *ws, const void *data, size_t len, bool is_text,
          bool counted)
{
    struct ws_event *ev =
        event_new(ws->pair, MESSAGE, ws->side == CLIENT ? SERVER : CLIENT, len);

    if (len > 0)
        memcpy(ev->data, data, len);
    ev->is_text = is_text;
    ev->counted = counted;
    if (counted)
        ws->queued += len;
    post(ev);
}

static enum ln_err
vws_send(struct ln_ws *base, const void *data, size_t len, bool is_text)
{
    struct vws *ws = (struct vws *)base;
    struct vnet *net = ws->pair->net;

    if (ws->state != VWS_OPEN)
        return LN_ERR_STATE;
    if (ws->queued + len > LN_NET_SENDQ_MAX)
        return LN_ERR_LIMIT;
    if (vnet_chance(net, net->faults.reset)) {
        break_pair(ws->pair, false);
        return LN_OK;
    }
    if (ws->side == SERVER && vnet_chance(net, net->faults.drop_message))
        return LN_OK;
    send_copy(ws, data, len, is_text, true);
    if (ws->side == SERVER && vnet_chance(net, net->faults.dup_message))
        send_copy(ws, data, len, is_text, false);
    return LN_OK;
}

static size_t
vws_queued(const struct ln_ws *base)
{
    return ((const struct vws *)base)->queued;
}

/* ---- closing ---- */

static void
drop(struct vws *ws)
{
    struct vpair *pair = ws->pair;
    struct ws_event *own = event_new(pair, LOST, ws->side, 0);

    ws->state = VWS_ENDED;
    own->code = ABNORMAL;
    ln_error_set(&own->err, LN_ERR_CANCELLED, pair->url.origin, NULL,
                 "dropped on request");
    vnet_after(pair->net, &own->base, 0);
    post(lost_new(pair, ws->side == CLIENT ? SERVER : CLIENT,
                  "closed by the peer"));
}

static void
vws_close(struct ln_ws *base, int code, const char *reason)
{
    struct vws *ws = (struct vws *)base;
    struct vpair *pair = ws->pair;

    if (ws->state == VWS_ENDED)
        return;
    if (code == 0 || ws->state == VWS_CONNECTING) {
        drop(ws);
        return;
    }
    if (ws->state == VWS_CLOSING)
        return;
    ws->state = VWS_CLOSING;
    ws->sent_code = code;
    struct ws_event *ev =
        event_new(pair, CLOSE, ws->side == CLIENT ? SERVER : CLIENT, 0);
    ev->code = code;
    ln_error_set(&ev->err, LN_OK, pair->url.origin, NULL, "%s", reason);
    post(ev);

    struct ws_event *late = event_new(pair, LATE, ws->side, 0);
    late->code = code;
    ln_error_set(&late->err, LN_OK, pair->url.origin, NULL,
                 "the peer did not confirm the close");
    vnet_after(pair->net, &late->base, CLOSE_ACK_MS);
}

static const struct ln_ws_ops virtual_ws_ops = {
    .send = vws_send,
    .queued = vws_queued,
    .close = vws_close,
};

void
vnet_ws_cut(struct vnet *net)
{
    for (struct ln_link *at = net->pairs.next; at != &net->pairs; at = at->next)
        break_pair(LN_OWNER(at, struct vpair, link), true);
}

void
vnet_ws_server_gone(struct vserver *server)
{
    struct vnet *net = (struct vnet *)server->base.net;
    struct ln_link *next;

    for (struct ln_link *at = net->pairs.next; at != &net->pairs; at = next) {
        struct vpair *pair = LN_OWNER(at, struct vpair, link);
        next = at->next;
        if (pair->server != server)
            continue;
        pair->server = NULL;
        pair->refs++; /* keeps it while both of its ends may go */
        if (pair->end[CLIENT])
            post(lost_new(pair, CLIENT, "closed by the peer"));
        if (pair->end[SERVER] && !pair->end[SERVER]->told)
            end_free(pair->end[SERVER]);
        unref(pair);
    }
}

void
vnet_ws_discard_all(struct vnet *net)
{
    while (!ln_list_empty(&net->pairs)) {
        struct vpair *pair = LN_OWNER(net->pairs.next, struct vpair, link);
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): counted */
        pair->refs++;
        for (int side = CLIENT; side <= SERVER; side++) {
            if (pair->end[side])
                /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): counted */
                end_free(pair->end[side]);
        }
        ln_list_del(&pair->link);
        unref(pair);
    }
}

/* ---- making one ---- */

static struct vpair *
pair_new(struct vnet *net, const struct ln_url *url, const char *ca_file)
{
    struct vpair *pair = calloc(1, sizeof(*pair));
    if (!pair)
        return NULL;

    pair->net = net;
    pair->refs = 1;
    pair->url = *url;
    pair->url.target = NULL; /* it points into the caller's text */
    ln_list_add(&net->pairs, &pair->link);
    pair->path = strndup(url->target, strcspn(url->target, "?"));
    if (pair->path && pair->path[0] == '\0') {
        free(pair->path);
        pair->path = strdup("/");
    }
    pair->ca_file = ca_file ? strdup(ca_file) : NULL;
    if (!pair->path || (ca_file && !pair->ca_file)) {
        unref(pair);
        return NULL;
    }
    return pair;
}

struct ln_ws *
vnet_ws_connect(struct ln_net *base, const struct ln_url *url,
                const struct ln_ws_opts *opts, struct ln_error *err)
{
    struct vnet *net = (struct vnet *)base;
    struct vpair *pair = pair_new(net, url, opts->ca_file);
    struct vws *ws = pair ? end_new(pair, CLIENT) : NULL;
    struct ln_error refused;

    if (!ws) {
        if (pair)
            unref(pair);
        ln_error_set(err, LN_ERR_NOMEM, url->origin, NULL,
                     "no memory for a WebSocket");
        return NULL;
    }
    if (vnet_chance(net, net->faults.refuse)) {
        ln_error_set(&refused, LN_ERR_NET, url->origin,
                     "check the address and the network",
                     "cannot connect to %s: connection refused", url->origin);
        refuse(pair, &refused);
    } else {
        post(event_new(pair, CONNECT, SERVER, 0));
    }
    struct ws_event *late = event_new(pair, LATE, CLIENT, 0);
    late->code = ABNORMAL;
    ln_error_set(&late->err, LN_ERR_TIMEOUT, url->origin,
                 "check the address and the network",
                 "no connection to %s in time", url->origin);
    vnet_after(net, &late->base,
               opts->connect_timeout_ms ? opts->connect_timeout_ms
                                        : CONNECT_MS_DEFAULT);
    unref(pair); /* the end and the events keep it */
    return &ws->base;
}
