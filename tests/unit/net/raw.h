/*
 * Peers made of bare sockets, for what a well-behaved peer never sends: a raw
 * client against our server, and a raw server in a thread against our
 * clients.
 */
#ifndef LN_TESTS_RAW_H
#define LN_TESTS_RAW_H

#include "net/ws_frame.h"
#include "net_fixture.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

struct host {
    struct ln_server *server;
    int requests, ws_opens, ws_closes, ws_messages, ws_code;
    size_t last_len;
    char last[64];
    bool hold; /* never answer */
    struct ln_ws *ws;
};

static inline void
on_request(void *ctx, struct ln_server_req *req,
           const struct ln_server_request *r)
{
    struct host *h = ctx;
    char text[128];

    h->requests++;
    if (h->hold)
        return;
    snprintf(text, sizeof(text), "%s %zu", r->path, r->body.len);
    ln_server_respond(req, 200, NULL, 0, ln_str(text));
}

static inline void *
on_accept(void *ctx, struct ln_ws *ws, const char *path, const char *peer)
{
    (void)ws;
    (void)path;
    (void)peer;
    return ctx;
}

static inline void
srv_open(void *ctx, struct ln_ws *ws)
{
    struct host *h = ctx;
    h->ws_opens++;
    h->ws = ws;
}

static inline void
srv_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
            bool is_text)
{
    struct host *h = ctx;
    (void)ws;
    (void)is_text;
    h->ws_messages++;
    h->last_len = len;
    ln_str_copy(h->last, sizeof(h->last), ln_strn(data, len));
}

static inline void
srv_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct host *h = ctx;
    (void)ws;
    (void)err;
    h->ws_closes++;
    h->ws_code = code;
}

static const struct ln_server_events events = {
    .request = on_request,
    .ws_accept = on_accept,
    .ws = {srv_open, srv_message, srv_close},
};

static inline void
host_start(struct host *h, struct world *w, bool tls)
{
    const struct ln_server_opts opts = {
        .host = "127.0.0.1",
        .cert_file = tls ? w->good.cert : NULL,
        .key_file = tls ? w->good.key : NULL,
    };
    struct ln_error err;
    h->server = ln_server_listen(w->net, &opts, &events, h, &err);
    assert_non_null(h->server);
}

static inline int
raw_connect(const struct host *h)
{
    struct sockaddr_in addr = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)ln_server_port(h->server)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    return fd;
}

/* Sends all, turning the loop so that the server reads. */
static inline void
raw_send(struct world *w, int fd, const void *data, size_t len)
{
    const char *at = data;
    for (int tries = 0; len > 0 && tries < PATIENCE_MS; tries++) {
        ssize_t n = send(fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) {
            at += n;
            len -= (size_t)n;
            tries = 0;
        } else {
            ln_loop_run_for(w->loop, 1);
        }
    }
    assert_int_equal(len, 0);
}

/* Reads until <needle> was seen <times> times (or the end, if NULL). */
static inline void
raw_expect(struct world *w, int fd, const char *needle, int times, char *out,
           size_t cap)
{
    size_t len = 0;

    out[0] = '\0';
    for (int tries = 0; tries < PATIENCE_MS; tries++) {
        ssize_t n = recv(fd, out + len, cap - 1 - len, MSG_DONTWAIT);
        if (n > 0) {
            len += (size_t)n;
            out[len] = '\0';
        }
        int seen = 0;
        for (const char *at = out; needle && (at = strstr(at, needle)); at++)
            seen++;
        if ((needle && seen >= times) || (n == 0 && !needle))
            return;
        if (n == 0)
            break;
        ln_loop_run_for(w->loop, 1);
    }
    fail_msg("never seen: %s in: %s", needle ? needle : "(the end)", out);
}

/* One request on a connection of its own: the answer until it is closed. */
static inline void
raw_talk(struct world *w, const struct host *h, const char *request, char *out,
         size_t cap)
{
    int fd = raw_connect(h);
    raw_send(w, fd, request, strlen(request));
    raw_expect(w, fd, NULL, 0, out, cap);
    close(fd);
}

/* ================= a server made of a bare socket, in a thread =========== */

enum raw_server_kind {
    SILENT,     /* accepts, says nothing */
    PING,       /* sends a PING, expects its PONG */
    TOO_BIG,    /* a message above the maximum; expects 1009 */
    FRAGMENTS,  /* a message in three frames */
    NO_REPLY,   /* never answers a Close */
    NOT_HTTP,   /* answers the upgrade with rubbish */
    BAD_ACCEPT, /* a wrong Sec-WebSocket-Accept */
    HTTP_CLOSE, /* reads a request, then closes */
    HTTP_HUGE   /* an answer above the maximum */
};

struct raw_server {
    enum raw_server_kind kind;
    int fd, port;
    int connections; /* read after join */
    bool saw;        /* what it waited for */
    pthread_t thread;
};

static inline bool
read_until(int fd, const char *needle, size_t needle_len, char *out, size_t cap)
{
    size_t len = 0;
    while (len < cap) {
        ssize_t n = recv(fd, out + len, cap - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        if (memmem(out, len, needle, needle_len))
            return true;
    }
    return false;
}

static inline void
send_all(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        at += n;
        len -= (size_t)n;
    }
}

static inline void
serve_upgrade(int fd, bool right)
{
    char in[4096] = "", key[25] = "", accept[32] = "", out[256];

    if (!read_until(fd, "\r\n\r\n", 4, in, sizeof(in) - 1))
        return;
    const char *at = strcasestr(in, "sec-websocket-key: ");
    if (at)
        ln_str_copy(key, sizeof(key), ln_strn(at + 19, 24));
    ln_ws_accept_key(key, accept);
    if (!right)
        accept[0] ^= 1;
    int n = snprintf(out, sizeof(out),
                     "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                     accept);
    send_all(fd, out, (size_t)n);
}

/* Unmasks the first frame that arrives: its opcode, and payload in out. */
static inline int
read_frame(int fd, char *out, size_t cap)
{
    unsigned char b[256];
    size_t len = 0;

    while (len < 6 || len < 6 + (size_t)(b[1] & 0x7f)) {
        ssize_t n = recv(fd, b + len, sizeof(b) - len, 0);
        if (n <= 0)
            return -1;
        len += (size_t)n;
    }
    size_t payload = b[1] & 0x7f;
    ln_ws_frame_unmask(b + 6, payload, b + 2);
    ln_str_copy(out, cap, ln_strn((char *)b + 6, payload));
    return b[0] & 0x0f;
}

static inline void
serve_big(int fd, bool websocket)
{
    enum { CHUNK = 1 << 20 };
    char *chunk = calloc(1, CHUNK);
    int chunks = websocket ? 5 : 9;

    if (websocket)
        send_all(fd, "\x82\x7f\0\0\0\0\0\x50\0\0", 10);
    else
        send_all(fd, "HTTP/1.1 200 OK\r\n\r\n", 19);
    for (int i = 0; i < chunks; i++)
        send_all(fd, chunk, CHUNK);
    free(chunk);
}

static inline void
serve(struct raw_server *s, int fd)
{
    char out[4096] = "";

    switch (s->kind) {
    case SILENT:
        break;
    case PING:
        serve_upgrade(fd, true);
        send_all(fd, "\x89\x04ping", 6);
        s->saw =
            read_frame(fd, out, sizeof(out)) == 10 && strcmp(out, "ping") == 0;
        send_all(fd, "\x81\x02ok", 4);
        break;
    case TOO_BIG:
        serve_upgrade(fd, true);
        serve_big(fd, true);
        s->saw = read_frame(fd, out, sizeof(out)) == 8 &&
                 memcmp(out, "\x03\xf1", 2) == 0;
        break;
    case FRAGMENTS:
        serve_upgrade(fd, true);
        send_all(fd,
                 "\x01\x02"
                 "a "
                 "\x00\x02"
                 "b "
                 "\x89\x00"
                 "\x80\x01"
                 "c",
                 13);
        break;
    case NO_REPLY:
        serve_upgrade(fd, true);
        s->saw = read_frame(fd, out, sizeof(out)) == 8;
        break;
    case NOT_HTTP:
        send_all(fd, "rubbish\r\n\r\n", 11);
        break;
    case BAD_ACCEPT:
        serve_upgrade(fd, false);
        break;
    case HTTP_CLOSE:
        read_until(fd, "\r\n\r\n", 4, out, sizeof(out));
        close(fd);
        return;
    case HTTP_HUGE:
        read_until(fd, "\r\n\r\n", 4, out, sizeof(out));
        serve_big(fd, false);
        break;
    }
    while (recv(fd, out, sizeof(out), 0) > 0) /* until the peer leaves */
        ;
    close(fd);
}

static inline void *
raw_server_main(void *ctx)
{
    struct raw_server *s = ctx;
    int fd;
    while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
        s->connections++;
        serve(s, fd);
    }
    return NULL;
}

static inline void
raw_server_start(struct raw_server *s, enum raw_server_kind kind)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);

    *s = (struct raw_server){.kind = kind};
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    assert_int_equal(listen(s->fd, 8), 0);
    getsockname(s->fd, (struct sockaddr *)&addr, &len);
    s->port = ntohs(addr.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, raw_server_main, s), 0);
}

static inline void
raw_server_stop(struct raw_server *s)
{
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
}

#define ON_UV(f)                                                               \
    {                                                                          \
#f, f, world_setup_uv, world_teardown, NULL                            \
    }

#endif
