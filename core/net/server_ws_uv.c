/*
 * The WebSocket side of a server connection: upgrade, frames, closing.
 * Frames are read and written by ws_frame.c; the connection belongs to
 * server_uv.c.
 *
 * Closing: whoever starts sends a Close frame, the other answers it, then the
 * server ends the TCP connection. The close event tells the peer's code, or
 * else the one we sent, or 1006 when there was neither.
 */
#include "net/server_int.h"

#include <stdlib.h>

#define CLOSE_ACK_MS 2000 /* for the peer to answer our Close frame */
#define NO_CODE      1005 /* a Close frame without a code */
#define ABNORMAL     1006 /* no Close frame at all */

/* ---- sending ---- */

static void
send_frame(struct uv_conn *conn, int opcode, const void *data, size_t len)
{
    uint8_t head[LN_WS_HEAD_MAX];
    size_t head_len = ln_ws_frame_head(opcode, len, head);
    char small[1500];

    if (!conn->stream)
        return;
    if (head_len + len <= sizeof(small)) { /* one packet, one TLS record */
        memcpy(small, head, head_len);
        if (len > 0)
            memcpy(small + head_len, data, len);
        ln_stream_write(conn->stream, small, head_len + len);
        return;
    }
    ln_stream_write(conn->stream, head, head_len);
    ln_stream_write(conn->stream, data, len);
}

static void
send_close(struct uv_conn *conn, int code, const char *reason, size_t len)
{
    uint8_t payload[LN_WS_CONTROL_MAX];
    size_t n = 0;

    if (code != NO_CODE) {
        payload[n++] = (uint8_t)(code >> 8);
        payload[n++] = (uint8_t)code;
        if (len > sizeof(payload) - n)
            len = sizeof(payload) - n;
        if (len > 0)
            memcpy(payload + n, reason, len);
        n += len;
    }
    send_frame(conn, LN_WS_CLOSE, payload, n);
    conn->ws.sent_code = code;
}

static enum ln_err
ws_send(struct ln_ws *ws, const void *data, size_t len, bool is_text)
{
    struct uv_conn *conn = uv_conn_of_ws(ws);

    if (!conn->ws.accepted || conn->ws.ended || conn->ws.sent_code ||
        !conn->stream)
        return LN_ERR_STATE;
    if (ln_stream_queued(conn->stream) + len > LN_NET_SENDQ_MAX)
        return LN_ERR_LIMIT;
    send_frame(conn, is_text ? LN_WS_TEXT : LN_WS_BINARY, data, len);
    return LN_OK;
}

static size_t
ws_queued(const struct ln_ws *ws)
{
    const struct uv_conn *conn = uv_conn_of_ws((struct ln_ws *)(uintptr_t)ws);
    return conn->stream ? ln_stream_queued(conn->stream) : 0;
}

/* ---- ending ---- */

/* Tells the close event and frees the connection. */
static void
tell_close(struct uv_conn *conn)
{
    conn->busy++;
    if (conn->ws.base.events.close)
        conn->ws.base.events.close(conn->ws.base.ctx, &conn->ws.base,
                                   conn->ws.end_code, &conn->ws.end);
    uv_conn_destroy(conn);
    uv_conn_leave(conn);
}

/* Notes how it ended; tell_close() is to follow, now or later. */
static void
set_end(struct uv_conn *conn, int code, enum ln_err rc, const char *what)
{
    conn->ws.ended = true;
    conn->ws.end_code = code;
    ln_error_set(&conn->ws.end, rc, conn->peer, NULL, "%s", what);
}

static int
own_code(const struct uv_conn *conn)
{
    return conn->ws.sent_code ? conn->ws.sent_code : ABNORMAL;
}

void
uv_server_ws_gone(struct uv_conn *conn, const char *why)
{
    if (!conn->ws.ended)
        set_end(conn, own_code(conn), conn->ws.sent_code ? LN_OK : LN_ERR_NET,
                why);
    if (conn->ws.defer.link.next)
        return; /* told at the next turn anyway */
    tell_close(conn);
}

void
uv_server_ws_late(struct uv_conn *conn)
{
    set_end(conn, own_code(conn), LN_OK, "the peer did not confirm the close");
    tell_close(conn);
}

static void
ws_close(struct ln_ws *ws, int code, const char *reason)
{
    struct uv_conn *conn = uv_conn_of_ws(ws);

    if (conn->ws.ended)
        return;
    if (code == 0 || !conn->ws.accepted) {
        if (conn->stream)
            ln_stream_close(conn->stream);
        conn->stream = NULL;
        set_end(conn, ABNORMAL, LN_ERR_CANCELLED, "dropped on request");
        ln_defer_add(&conn->server->base.net->defers, &conn->ws.defer);
        return;
    }
    if (conn->ws.sent_code)
        return;
    send_close(conn, code, reason, strlen(reason));
    ln_timer_start(conn->deadline, CLOSE_ACK_MS, 0);
}

/* ---- receiving ---- */

/* The peer broke a rule: say so, and end. */
static void
violation(struct uv_conn *conn, int code, const char *what)
{
    ln_buf_reset(&conn->in);
    if (!conn->ws.sent_code)
        send_close(conn, code, what, strlen(what));
    ln_stream_finish(conn->stream);
    conn->stream = NULL;
    set_end(conn, code, LN_ERR_NET, what);
    tell_close(conn);
}

static void
on_close_frame(struct uv_conn *conn, const uint8_t *data, size_t len)
{
    int code = len >= 2 ? data[0] << 8 | data[1] : NO_CODE;
    char reason[LN_WS_CONTROL_MAX + 1] = "";

    if (len == 1 || (len >= 2 && !ln_ws_close_code_ok(code))) {
        violation(conn, 1002, "bad close frame");
        return;
    }
    if (len > 2)
        ln_str_copy(reason, sizeof(reason),
                    ln_strn((const char *)data + 2, len - 2));
    if (!conn->ws.sent_code)
        send_close(conn, code, NULL, 0);
    ln_stream_finish(conn->stream);
    conn->stream = NULL;
    set_end(conn, code, LN_OK, reason);
    tell_close(conn);
}

static void
tell_message(struct uv_conn *conn, const char *data, size_t len, int opcode)
{
    if (conn->ws.sent_code || !conn->ws.base.events.message)
        return;
    conn->ws.base.events.message(conn->ws.base.ctx, &conn->ws.base, data, len,
                                 opcode == LN_WS_TEXT);
}

static void
on_data_frame(struct uv_conn *conn, const struct ln_ws_frame *frame,
              const char *data, size_t len)
{
    bool first = frame->opcode != LN_WS_CONTINUATION;

    if (first != (conn->ws.opcode == 0)) {
        violation(conn, 1002, "fragments out of order");
        return;
    }
    if (first && frame->fin) {
        tell_message(conn, data, len, frame->opcode);
        return;
    }
    if (first)
        conn->ws.opcode = frame->opcode;
    ln_buf_add(&conn->ws.message, data, len);
    if (conn->ws.message.failed) {
        violation(conn, 1009, "message too big");
        return;
    }
    if (frame->fin) {
        int opcode = conn->ws.opcode;
        conn->ws.opcode = 0;
        tell_message(conn, conn->ws.message.data, conn->ws.message.len, opcode);
        ln_buf_reset(&conn->ws.message);
    }
}

static void
on_frame(struct uv_conn *conn, const struct ln_ws_frame *frame, char *data)
{
    size_t len = (size_t)frame->len;

    ln_ws_frame_unmask(data, len, frame->mask);
    switch (frame->opcode) {
    case LN_WS_CLOSE:
        on_close_frame(conn, (const uint8_t *)data, len);
        break;
    case LN_WS_PING:
        if (!conn->ws.sent_code)
            send_frame(conn, LN_WS_PONG, data, len);
        break;
    case LN_WS_PONG:
        break;
    default:
        on_data_frame(conn, frame, data, len);
        break;
    }
}

void
uv_server_ws_input(struct uv_conn *conn)
{
    size_t used = 0;

    while (conn->ws.opened && !conn->ws.ended && !conn->dead) {
        struct ln_ws_frame frame;
        char *at = conn->in.data + used;
        size_t left = conn->in.len - used;
        int rc = ln_ws_frame_parse(at, left, &frame);
        if (rc < 0 || (rc > 0 && frame.len > LN_NET_MESSAGE_MAX)) {
            violation(conn, rc < 0 ? 1002 : 1009,
                      rc < 0 ? "bad frame" : "message too big");
            return;
        }
        if (rc == 0 || left < frame.head_len + frame.len)
            break;
        used += frame.head_len + (size_t)frame.len;
        on_frame(conn, &frame, at + frame.head_len);
    }
    if (!conn->dead && used > 0)
        ln_buf_consume(&conn->in, used);
}

/* ---- the upgrade ---- */

static const struct ln_ws_ops server_ws_ops = {
    .send = ws_send,
    .queued = ws_queued,
    .close = ws_close,
};

/* The open event, or a close event that waits to be told. */
static void
on_defer(struct ln_defer *defer)
{
    struct uv_conn *conn = LN_OWNER(defer, struct uv_conn, ws.defer);

    if (conn->ws.ended) {
        tell_close(conn);
        return;
    }
    conn->ws.opened = true;
    conn->busy++;
    if (conn->ws.base.events.open)
        conn->ws.base.events.open(conn->ws.base.ctx, &conn->ws.base);
    if (!conn->dead && conn->in.len > 0)
        uv_server_ws_input(conn);
    uv_conn_leave(conn);
}

/*
 * A page of another site may not open a socket here: browsers always name
 * their origin, and it must be the host they asked for.
 */
static bool
origin_ok(const struct ln_http_head *head)
{
    struct ln_str origin =
        ln_header_find(head->headers.items, head->headers.count, "origin");
    struct ln_str host =
        ln_header_find(head->headers.items, head->headers.count, "host");

    if (!origin.ptr)
        return true;
    const char *name =
        origin.len ? memmem(origin.ptr, origin.len, "://", 3) : NULL;
    if (!name)
        return false;
    name += 3;
    size_t len = origin.len - (size_t)(name - origin.ptr);
    return len == host.len && strncasecmp(name, host.ptr, len) == 0;
}

void
uv_server_ws_upgrade(struct uv_conn *conn, struct ln_http_head *head)
{
    struct ln_server *server = &conn->server->base;
    const struct ln_header *items = head->headers.items;
    size_t count = head->headers.count;
    struct ln_str version =
        ln_header_find(items, count, "sec-websocket-version");
    struct ln_str key = ln_header_find(items, count, "sec-websocket-key");
    char key_text[25], accept[32], answer[256];

    if (strcmp(head->method, "GET") != 0 || !ln_str_eqc(version, "13") ||
        !ln_str_copy(key_text, sizeof(key_text), key) ||
        !ln_ws_accept_key(key_text, accept)) {
        uv_conn_refuse(conn, 400);
        return;
    }
    if (!origin_ok(head)) {
        uv_conn_refuse(conn, 403);
        return;
    }
    conn->state = CONN_WS;
    conn->in.max = LN_NET_MESSAGE_MAX + LN_WS_HEAD_MAX + (128U << 10);
    ln_buf_consume(&conn->in, conn->head_len + conn->body_len);
    ln_buf_init(&conn->ws.message, LN_NET_MESSAGE_MAX);
    conn->ws.defer.fn = on_defer;
    conn->ws.base.ops = &server_ws_ops;
    conn->ws.base.events = server->events.ws;
    if (server->events.ws_accept)
        conn->ws.base.ctx = server->events.ws_accept(
            server->ctx, &conn->ws.base, head->path, conn->peer);
    if (conn->dead)
        return;
    if (!conn->ws.base.ctx) {
        uv_conn_refuse(conn, 404);
        return;
    }
    if (conn->ws.ended)
        return; /* closed in ws_accept: the event is on its way */
    int len = snprintf(answer, sizeof(answer),
                       "HTTP/1.1 101 Switching Protocols\r\n"
                       "upgrade: websocket\r\nconnection: upgrade\r\n"
                       "sec-websocket-accept: %s\r\n\r\n",
                       accept);
    ln_stream_write(conn->stream, answer, (size_t)len);
    conn->ws.accepted = true;
    ln_timer_stop(conn->deadline);
    ln_defer_add(&server->net->defers, &conn->ws.defer);
}

void
uv_server_ws_deinit(struct uv_conn *conn)
{
    ln_defer_del(&conn->ws.defer);
    if (conn->state == CONN_WS)
        ln_buf_deinit(&conn->ws.message);
}
