/*
 * The server of core/net without sockets: its streams (net/stream_uv.h) are
 * replaced by these, so that bytes are handed to it as if they had arrived,
 * and what it would send is kept. Everything above the socket is the real
 * thing: heads, bodies, pipelining, upgrades, frames, closing.
 *
 * What the server told its owner is written into a log of lines, which must
 * not depend on how the bytes were cut into pieces on their way.
 */
#ifndef LN_TESTS_FUZZ_SERVER_DOOR_H
#define LN_TESTS_FUZZ_SERVER_DOOR_H

#include "fuzz.h"

#include "net/server_int.h"

struct ln_stream {
    struct ln_stream_owner owner;
    bool closed, finished;
    struct ln_buf sent;
};

struct door {
    struct ln_loop *loop;
    struct ln_net *net;
    struct uv_server *server;
    struct ln_stream *stream; /* accepted last */
    struct ln_buf log;
    int sockets; /* open ones */
};

static struct door door;

/* ---- the streams ---- */

struct ln_stream *
ln_stream_accept(struct ln_loop *loop, uv_stream_t *listener, SSL_CTX *tls,
                 struct ln_link *all, const struct ln_stream_owner *owner)
{
    (void)loop, (void)listener, (void)tls, (void)all;
    struct ln_stream *s = calloc(1, sizeof(*s));
    FUZZ_CHECK(s != NULL, "no memory");
    s->owner = *owner;
    ln_buf_init(&s->sent, 64U << 20);
    door.stream = s;
    return s;
}

void
ln_stream_peer(const struct ln_stream *stream, char *out, size_t cap)
{
    (void)stream;
    snprintf(out, cap, "127.0.0.1");
}

void
ln_stream_write(struct ln_stream *s, const void *data, size_t len)
{
    FUZZ_CHECK(!s->closed && !s->finished, "written after the end");
    ln_buf_add(&s->sent, data, len);
}

size_t
ln_stream_queued(const struct ln_stream *s)
{
    (void)s;
    return 0;
}

void
ln_stream_close(struct ln_stream *s)
{
    FUZZ_CHECK(!s->closed && !s->finished, "closed twice");
    s->closed = true;
}

void
ln_stream_finish(struct ln_stream *s)
{
    FUZZ_CHECK(!s->closed && !s->finished, "finished twice");
    s->finished = true;
}

void
ln_stream_close_all(struct ln_link *all)
{
    (void)all;
}

/* ---- what the server tells ---- */

static void
door_log_bytes(const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ln_buf_addf(&door.log, "%02x", (unsigned char)data[i]);
}

static void
door_request(void *ctx, struct ln_server_req *req,
             const struct ln_server_request *r)
{
    (void)ctx;
    FUZZ_CHECK(r->method[0] && r->path[0] == '/', "'%s' '%s'", r->method,
               r->path);
    for (const char *c = r->path; *c; c++)
        FUZZ_CHECK((unsigned char)*c > ' ' && (unsigned char)*c < 0x7f &&
                       *c != '?',
                   "path '%s'", r->path);
    FUZZ_CHECK(strlen(r->path) + strlen(r->query) <= LN_HTTP_TARGET_MAX,
               "a long target");
    ln_buf_addf(&door.log, "%s %s?%s", r->method, r->path, r->query);
    for (size_t i = 0; i < r->nheaders; i++) {
        struct ln_str value = r->headers[i].value;
        for (const char *c = r->headers[i].name; *c; c++)
            FUZZ_CHECK(*c < 'A' || *c > 'Z', "'%s'", r->headers[i].name);
        for (size_t k = 0; k < value.len; k++)
            FUZZ_CHECK(value.ptr[k] != '\r' && value.ptr[k] != '\n' &&
                           value.ptr[k] != '\0',
                       "the value of %s", r->headers[i].name);
        ln_buf_addf(&door.log, " %s:%.*s", r->headers[i].name,
                    LN_STR_ARG(value));
    }
    ln_buf_addc(&door.log, ' ');
    door_log_bytes(r->body.ptr, r->body.len);
    ln_buf_addc(&door.log, '\n');
    ln_server_respond(req, 200, NULL, 0, r->body);
}

static void
door_abort(void *ctx, struct ln_server_req *req)
{
    (void)ctx, (void)req;
    FUZZ_CHECK(false, "a request that was answered at once was aborted");
}

static void *
door_accept(void *ctx, struct ln_ws *ws, const char *path, const char *peer)
{
    (void)ws, (void)peer;
    ln_buf_addf(&door.log, "upgrade %s\n", path);
    return strncmp(path, "/no", 3) == 0 ? NULL : ctx;
}

static void
door_open(void *ctx, struct ln_ws *ws)
{
    (void)ctx, (void)ws;
    door.sockets++;
    ln_buf_adds(&door.log, "open\n");
}

static void
door_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
             bool is_text)
{
    (void)ctx;
    FUZZ_CHECK(door.sockets == 1, "a message without a socket");
    FUZZ_CHECK(len <= LN_NET_MESSAGE_MAX, "%zu bytes", len);
    ln_buf_addf(&door.log, "%s ", is_text ? "text" : "binary");
    door_log_bytes(data, len);
    ln_buf_addc(&door.log, '\n');
    /* What a user of the socket may do in here. */
    if (len == 4 && memcmp(data, "drop", 4) == 0)
        ln_ws_close(ws, 0, "");
    else if (len == 5 && memcmp(data, "close", 5) == 0)
        ln_ws_close(ws, 4000, "as you say");
    else
        FUZZ_CHECK(ln_ws_send(ws, data, len, is_text) == LN_OK, "echo");
}

static void
door_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    (void)ctx, (void)ws;
    door.sockets--;
    FUZZ_CHECK(door.sockets == 0, "closed twice");
    ln_buf_addf(&door.log, "closed %d %d\n", code, (int)err->code);
}

/* ---- using it ---- */

static void
door_make(void)
{
    static const struct ln_server_events events = {
        .request = door_request,
        .abort = door_abort,
        .ws_accept = door_accept,
        .ws = {door_open, door_message, door_close},
    };
    const struct ln_server_opts opts = {.host = "127.0.0.1"};
    struct ln_error err = {0};
    if (door.net)
        return;
    door.loop = ln_loop_uv_new();
    door.net = ln_net_uv_new(door.loop, &err);
    FUZZ_CHECK(door.net != NULL, "%s", err.what);
    door.server = (struct uv_server *)ln_server_listen(door.net, &opts, &events,
                                                       &door, &err);
    FUZZ_CHECK(door.server != NULL, "%s", err.what);
    ln_buf_init(&door.log, 256U << 20);
}

/* Events that wait for the loop's next turn. */
static void
door_turn(void)
{
    do
        uv_run(ln_loop_uv_handle(door.loop), UV_RUN_NOWAIT);
    while (!ln_list_empty(&door.net->defers.waiting));
}

/*
 * One connection that brings <prelude> and then these bytes, in pieces of
 * <piece> bytes (0: all at once). Returns the log; the caller frees it.
 */
static char *
door_session(const char *prelude, const char *data, size_t len, size_t piece,
             struct ln_buf *sent)
{
    door_make();
    ln_buf_reset(&door.log);
    door.sockets = 0;
    door.server->tcp.connection_cb((uv_stream_t *)&door.server->tcp, 0);
    struct ln_stream *s = door.stream;
    size_t nprelude = strlen(prelude);
    if (nprelude)
        s->owner.data(s->owner.ctx, prelude, nprelude);
    door_turn();
    for (size_t at = 0; at < len && !s->closed && !s->finished;) {
        size_t n = piece && piece < len - at ? piece : len - at;
        char *copy = fuzz_copy(data + at, n);
        s->owner.data(s->owner.ctx, copy, n);
        free(copy);
        door_turn();
        at += n;
    }
    bool ended = s->closed || s->finished;
    if (!ended)
        s->owner.gone(s->owner.ctx, "the end");
    door_turn();
    FUZZ_CHECK(door.sockets == 0, "a socket was not told to be closed");
    FUZZ_CHECK(door.server->nconns == 0, "a connection is left");
    FUZZ_CHECK(!door.log.failed, "a long log");
    ln_buf_addf(&door.log, "%s\n", ended ? "ended" : "still open");
    if (sent)
        *sent = s->sent;
    else
        ln_buf_deinit(&s->sent);
    free(s);
    return fuzz_copy(door.log.data, door.log.len + 1);
}

/* The same bytes in other pieces must mean the same. */
static void
door_compare(const char *prelude, const char *data, size_t len, size_t piece)
{
    char *whole = door_session(prelude, data, len, 0, NULL);
    char *pieces = door_session(prelude, data, len, piece, NULL);
    FUZZ_CHECK(strcmp(whole, pieces) == 0,
               "in pieces of %zu:\n%s\nat once:\n%s", piece, pieces, whole);
    free(whole);
    free(pieces);
}

#endif
