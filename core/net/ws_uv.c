/*
 * WebSocket clients on libwebsockets: see lws_uv.c for its context and for
 * the habits of that library that shape this file.
 *
 *   RESOLVING --addresses--> CONNECTING --101--> OPEN --close--> CLOSING
 *       |                        | next address     |               |
 *       \------------------------+------------------+---------------/
 *                                v
 *                 ENDED: the close event is told, the socket freed
 *
 * RESOLVING and CONNECTING are in ws_connect_uv.c.
 */
#include "net/ws_uv.h"

#include <stdlib.h>

#define CONNECT_MS_DEFAULT 10000
#define CLOSE_ACK_MS       2000 /* for the peer to answer our Close frame */
#define NO_CODE            1005 /* a Close frame without a code */
#define ABNORMAL           1006 /* no Close frame at all */
#define WRITE_CLOSE        4    /* LWS_WRITE_CLOSE, not in the public header */

/* ---- the end ---- */

static void
client_free(struct ws_client *ws)
{
    if (ws->wsi)
        lws_set_opaque_user_data(ws->wsi, NULL);
    if (ws->lookup)
        ws->lookup->ws = NULL;
    while (ws->head) {
        struct ws_message *msg = ws->head;
        ws->head = msg->next;
        free(msg);
    }
    ln_list_del(&ws->link);
    ln_defer_del(&ws->step);
    ln_timer_free(ws->deadline);
    ln_buf_deinit(&ws->message);
    free(ws->target);
    free(ws);
}

void
net_uv_ws_discard(struct ln_link *link)
{
    client_free(LN_OWNER(link, struct ws_client, link));
}

/* Closes the connection at once. Not inside a callback of libwebsockets. */
static void
kill_wsi(struct ws_client *ws)
{
    struct lws *wsi = ws->wsi;

    ws->wsi = NULL;
    if (!wsi)
        return;
    lws_set_opaque_user_data(wsi, NULL);
    lws_set_timeout(wsi, (enum pending_timeout)1, LWS_TO_KILL_SYNC);
}

/* Tells the close event, and frees. */
static void
tell_close(struct ws_client *ws)
{
    int code = ws->peer_code   ? ws->peer_code
               : ws->sent_code ? ws->sent_code
                               : ABNORMAL;

    if (ws->wsi)
        lws_set_opaque_user_data(ws->wsi, NULL);
    ws->wsi = NULL;
    ws->state = WS_ENDED;
    if (ws->base.events.close)
        ws->base.events.close(ws->base.ctx, &ws->base, code, &ws->end);
    client_free(ws);
}

void
net_uv_ws_end_later(struct ws_client *ws)
{
    ws->state = WS_ENDED;
    ln_timer_stop(ws->deadline);
    ln_defer_add(&ws->net->base.defers, &ws->step);
}

/* ---- steps and deadlines ---- */

static void
on_step(struct ln_defer *defer)
{
    struct ws_client *ws = LN_OWNER(defer, struct ws_client, step);

    if (ws->state == WS_ENDED) {
        kill_wsi(ws);
        tell_close(ws);
    } else {
        net_uv_ws_connect_next(ws);
    }
}

static void
on_deadline(void *ctx)
{
    struct ws_client *ws = ctx;

    if (ws->state == WS_CLOSING && ws->end.code == LN_OK)
        ln_error_set(&ws->end, LN_OK, ws->url.origin, NULL,
                     "the peer did not confirm the close");
    else if (ws->state != WS_CLOSING)
        ln_error_set(&ws->end, LN_ERR_TIMEOUT, ws->url.origin,
                     "check the address and the network",
                     "no connection to %s in time", ws->url.origin);
    kill_wsi(ws);
    tell_close(ws);
}

/* ---- sending ---- */

static enum ln_err
enqueue(struct ws_client *ws, const void *data, size_t len, int kind)
{
    struct ws_message *msg = malloc(sizeof(*msg) + LWS_PRE + len);
    if (!msg)
        return LN_ERR_NOMEM;

    msg->next = NULL;
    msg->len = len;
    msg->kind = kind;
    if (len > 0)
        memcpy(msg->data + LWS_PRE, data, len);
    *ws->tail = msg;
    ws->tail = &msg->next;
    ws->queued += len;
    lws_callback_on_writable(ws->wsi);
    return LN_OK;
}

static enum ln_err
client_send(struct ln_ws *base, const void *data, size_t len, bool is_text)
{
    struct ws_client *ws = (struct ws_client *)base;

    if (ws->state != WS_OPEN || !ws->wsi)
        return LN_ERR_STATE;
    if (ws->queued + len > LN_NET_SENDQ_MAX)
        return LN_ERR_LIMIT;
    return enqueue(ws, data, len, is_text ? LWS_WRITE_TEXT : LWS_WRITE_BINARY);
}

static size_t
client_queued(const struct ln_ws *base)
{
    return ((const struct ws_client *)base)->queued;
}

/* Queues a Close frame: libwebsockets would lose its own. */
static void
start_close(struct ws_client *ws, int code, const char *reason)
{
    unsigned char payload[125];
    size_t len = strlen(reason);

    if (len > sizeof(payload) - 2)
        len = sizeof(payload) - 2;
    payload[0] = (unsigned char)(code >> 8);
    payload[1] = (unsigned char)code;
    for (size_t i = 0; i < len; i++)
        payload[2 + i] = (unsigned char)reason[i];
    ws->state = WS_CLOSING;
    ws->sent_code = code;
    if (enqueue(ws, payload, len + 2, WRITE_CLOSE) != LN_OK) {
        net_uv_ws_end_later(ws);
        return;
    }
    ln_timer_start(ws->deadline, CLOSE_ACK_MS, 0);
}

static void
client_close(struct ln_ws *base, int code, const char *reason)
{
    struct ws_client *ws = (struct ws_client *)base;

    if (ws->state == WS_ENDED)
        return;
    if (code != 0 && ws->state == WS_OPEN && ws->wsi) {
        start_close(ws, code, reason);
        return;
    }
    if (code != 0 && ws->state == WS_CLOSING)
        return;
    ws->sent_code = 0;
    ln_error_set(&ws->end, LN_ERR_CANCELLED, ws->url.origin, NULL,
                 "dropped on request");
    net_uv_ws_end_later(ws);
}

static void
write_one(struct ws_client *ws)
{
    struct ws_message *msg = ws->head;
    if (!msg)
        return;

    ws->head = msg->next;
    if (!ws->head)
        ws->tail = &ws->head;
    ws->queued -= msg->len;
    int n = lws_write(ws->wsi, msg->data + LWS_PRE, msg->len,
                      (enum lws_write_protocol)msg->kind);
    free(msg);
    if (n < 0) {
        ln_error_set(&ws->end, LN_ERR_NET, ws->url.origin, NULL,
                     "the connection was lost while sending");
        net_uv_ws_end_later(ws);
    } else if (ws->head) {
        lws_callback_on_writable(ws->wsi);
    }
}

/* ---- receiving ---- */

static void
tell_message(struct ws_client *ws, const char *data, size_t len, bool is_text)
{
    if (ws->state == WS_OPEN && ws->base.events.message)
        ws->base.events.message(ws->base.ctx, &ws->base, data, len, is_text);
}

static void
on_receive(struct ws_client *ws, const char *data, size_t len)
{
    bool is_text = !lws_frame_is_binary(ws->wsi);
    bool whole = lws_is_final_fragment(ws->wsi) &&
                 lws_remaining_packet_payload(ws->wsi) == 0;

    if (ws->state != WS_OPEN)
        return;
    if (whole && !ws->assembling) {
        tell_message(ws, data, len, is_text);
        return;
    }
    ws->assembling = true;
    ln_buf_add(&ws->message, data, len);
    if (ws->message.failed) {
        ln_error_set(&ws->end, LN_ERR_NOMEM, ws->url.origin, NULL,
                     "a message is larger than %u bytes", LN_NET_MESSAGE_MAX);
        start_close(ws, 1009, "message too big");
        return;
    }
    if (!whole)
        return;
    ws->assembling = false;
    tell_message(ws, ws->message.data, ws->message.len, is_text);
    ln_buf_reset(&ws->message);
}

static void
on_peer_close(struct ws_client *ws, const unsigned char *data, size_t len)
{
    ws->peer_code = len >= 2 ? data[0] << 8 | data[1] : NO_CODE;
    if (len > 2)
        ln_str_copy(ws->reason, sizeof(ws->reason),
                    ln_strn((const char *)data + 2, len - 2));
    if (ws->sent_code) {
        /* The answer to ours: nothing more is to be said. */
        ws->peer_code =
            ws->peer_code == NO_CODE ? ws->sent_code : ws->peer_code;
        net_uv_ws_end_later(ws);
        return;
    }
    /* The library answers it and closes; if not, the deadline does. */
    ws->state = WS_CLOSING;
    ln_timer_start(ws->deadline, CLOSE_ACK_MS, 0);
}

static void
on_closed(struct ws_client *ws)
{
    ws->wsi = NULL;
    if (ws->state == WS_ENDED)
        return; /* told by the deferred step */
    /* What made us close, if anything did, is told as it is. */
    if (ws->end.code == LN_OK && ws->peer_code)
        ln_error_set(&ws->end, LN_OK, ws->url.origin, NULL, "%s", ws->reason);
    else if (ws->end.code == LN_OK && !ws->sent_code)
        ln_error_set(&ws->end, LN_ERR_NET, ws->url.origin, NULL,
                     "the connection to %s was lost", ws->url.origin);
    tell_close(ws);
}

static void
on_connect_error(struct ws_client *ws, const char *text, size_t len)
{
    char copy[160] = "";

    if (text)
        ln_str_copy(copy, sizeof(copy), ln_strn(text, len));
    net_uv_ws_set_failure(ws, copy);
    ws->wsi = NULL;
    if (!ws->in_connect && ws->state == WS_CONNECTING)
        ln_defer_add(&ws->net->base.defers, &ws->step);
}

static void
on_established(struct ws_client *ws)
{
    if (ws->state != WS_CONNECTING)
        return;
    ws->state = WS_OPEN;
    ws->end = (struct ln_error){0};
    ln_timer_stop(ws->deadline);
    if (ws->base.events.open)
        ws->base.events.open(ws->base.ctx, &ws->base);
}

/* Always returns 0: see lws_uv.c. */
int
net_uv_ws_callback(struct lws *wsi, enum lws_callback_reasons reason,
                   void *user, void *in, size_t len)
{
    struct ws_client *ws = wsi ? lws_get_opaque_user_data(wsi) : NULL;

    (void)user;
    if (!ws)
        return 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        lws_set_opaque_user_data(wsi, NULL); /* the last of this wsi */
        on_connect_error(ws, in, len);
        break;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        on_established(ws);
        break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        on_receive(ws, in, len);
        break;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        if (ws->state == WS_OPEN || ws->state == WS_CLOSING)
            write_one(ws);
        break;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        if (ws->state == WS_OPEN || ws->state == WS_CLOSING)
            on_peer_close(ws, in, len);
        break;
    case LWS_CALLBACK_CLIENT_CLOSED:
        lws_set_opaque_user_data(wsi, NULL); /* the last of this wsi */
        on_closed(ws);
        break;
    case LWS_CALLBACK_WSI_DESTROY:
        if (ws->wsi == wsi)
            ws->wsi = NULL;
        break;
    default:
        break;
    }
    return 0;
}

/* ---- making one ---- */

static const struct ln_ws_ops client_ops = {
    .send = client_send,
    .queued = client_queued,
    .close = client_close,
};

struct ln_ws *
net_uv_ws_connect(struct ln_net *base, const struct ln_url *url,
                  const struct ln_ws_opts *opts, struct ln_error *err)
{
    struct net_uv *net = (struct net_uv *)base;
    struct lws_vhost *vhost = net_uv_lws_vhost(net, opts->ca_file, err);
    if (!vhost)
        return NULL;

    struct ws_client *ws = calloc(1, sizeof(*ws));
    if (!ws)
        goto fail;
    ws->base.ops = &client_ops;
    ws->net = net;
    ws->vhost = vhost;
    ws->url = *url;
    ws->step.fn = on_step;
    ws->tail = &ws->head;
    ln_buf_init(&ws->message, LN_NET_MESSAGE_MAX);
    ln_list_add(&net->sockets, &ws->link);
    ws->deadline = ln_timer_new(base->loop, on_deadline, ws);
    /* A target without a path, such as "?a=b", gets one. */
    if (asprintf(&ws->target, "%s%s", url->target[0] == '/' ? "" : "/",
                 url->target) < 0)
        ws->target = NULL;
    ws->url.target = ws->target;
    if (!ws->deadline || !ws->target || !net_uv_ws_resolve(ws))
        goto fail;
    ln_timer_start(ws->deadline,
                   opts->connect_timeout_ms ? opts->connect_timeout_ms
                                            : CONNECT_MS_DEFAULT,
                   0);
    return &ws->base;

fail:
    if (ws)
        client_free(ws);
    ln_error_set(err, LN_ERR_NOMEM, url->origin, NULL,
                 "no memory for a WebSocket");
    return NULL;
}
