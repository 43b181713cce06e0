/*
 * The client's side of bench_sim_load: many TLS connections on one epoll, in
 * as little CPU time as can be, because client and server share the machine.
 * Connecting is done one by one and waits; all after it does not.
 *
 * The certificate is not looked at: this measures, on loopback.
 */
#ifndef LN_TESTS_LOAD_CONN_H
#define LN_TESTS_LOAD_CONN_H

#include "base/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct load_conn {
    int fd;
    SSL *ssl;
    bool is_ws, dead, wants_out;
    struct ln_buf in, out;
    size_t out_at; /* sent of <out> */
    void *ctx;     /* the caller's */
};

/* A whole message of a WebSocket, or an HTTP answer's body with its status. */
typedef void (*load_fn)(struct load_conn *c, int status, const char *data,
                        size_t len);

static inline void
load_die(const char *what)
{
    fprintf(stderr, "load: %s (%s)\n", what, strerror(errno));
    exit(1);
}

static inline int64_t
load_ns(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        return 0;
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- connecting ---- */

static inline void
load_write_all(struct load_conn *c, const char *data, size_t len)
{
    if (SSL_write(c->ssl, data, (int)len) != (int)len)
        load_die("cannot send");
}

static inline void
load_upgrade(struct load_conn *c, const char *path)
{
    char text[512], answer[1024];
    size_t len = 0;
    int n = snprintf(text, sizeof(text),
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: "
                     "websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                     "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                     path);
    load_write_all(c, text, (size_t)n);
    do { /* the server says nothing more before it is asked */
        n = SSL_read(c->ssl, answer + len, (int)(sizeof(answer) - 1 - len));
        if (n <= 0)
            load_die("no answer to the upgrade");
        len += (size_t)n;
        answer[len] = '\0';
    } while (!strstr(answer, "\r\n\r\n"));
    if (strncmp(answer, "HTTP/1.1 101", 12) != 0)
        load_die("the upgrade was refused");
    c->is_ws = true;
}

/* ws_path NULL: HTTP. */
static inline void
load_connect(struct load_conn *c, SSL_CTX *tls, int epoll, int port,
             const char *ws_path)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        load_die("cannot connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    c->ssl = SSL_new(tls);
    if (!c->ssl || SSL_set_fd(c->ssl, c->fd) != 1 || SSL_connect(c->ssl) != 1)
        load_die("no TLS");
    ln_buf_init(&c->in, 64U << 20);
    ln_buf_init(&c->out, 64U << 20);
    if (ws_path)
        load_upgrade(c, ws_path);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    SSL_set_mode(c->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
                             SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
        load_die("epoll");
}

static inline void
load_close(struct load_conn *c)
{
    if (!c->ssl)
        return;
    SSL_free(c->ssl);
    close(c->fd);
    ln_buf_deinit(&c->in);
    ln_buf_deinit(&c->out);
    memset(c, 0, sizeof(*c));
}

/* ---- sending ---- */

/* Sends what waits in c->out, as much of it as can be. */
static inline void
load_flush(struct load_conn *c, int epoll)
{
    while (!c->dead && c->out_at < c->out.len) {
        int n = SSL_write(c->ssl, c->out.data + c->out_at,
                          (int)(c->out.len - c->out_at));
        if (n <= 0) {
            c->dead = SSL_get_error(c->ssl, n) != SSL_ERROR_WANT_WRITE;
            break;
        }
        c->out_at += (size_t)n;
    }
    bool waits = c->out_at < c->out.len;
    if (!waits) {
        ln_buf_reset(&c->out);
        c->out_at = 0;
    }
    if (waits != c->wants_out) {
        struct epoll_event event = {.events = EPOLLIN | (waits ? EPOLLOUT : 0U),
                                    .data.ptr = c};
        (void)epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
        c->wants_out = waits;
    }
}

/* A text message, masked with zeros: that is as good as any mask. */
static inline void
load_say(struct load_conn *c, const char *text, size_t len)
{
    char head[8] = {(char)0x81};
    size_t n = 2;
    if (len < 126) {
        head[1] = (char)(0x80 | len);
    } else {
        head[1] = (char)(0x80 | 126);
        head[2] = (char)(len >> 8);
        head[3] = (char)len;
        n = 4;
    }
    ln_buf_add(&c->out, head, n);
    ln_buf_add(&c->out, "\0\0\0\0", 4);
    ln_buf_add(&c->out, text, len);
}

/* ---- receiving ---- */

/* Bytes of the first frame of a server, 0: not all is there. */
static inline size_t
load_frame(const char *data, size_t len, size_t *head_len)
{
    const unsigned char *p = (const unsigned char *)data;
    size_t n, head = 2;
    if (len < 2)
        return 0;
    n = p[1] & 0x7fU;
    if (n >= 126) {
        size_t extra = n == 126 ? 2 : 8;
        head += extra;
        n = 0;
        for (size_t i = 0; len >= head && i < extra; i++)
            n = n << 8 | p[2 + i];
    }
    *head_len = head;
    return len >= head && len - head >= n ? head + n : 0;
}

/* Bytes of the first HTTP answer, 0: not all is there. */
static inline size_t
load_answer(const char *data, size_t len, size_t *head_len, int *status)
{
    const char *end = len ? memmem(data, len, "\r\n\r\n", 4) : NULL;
    if (!end)
        return 0;
    *head_len = (size_t)(end - data) + 4;
    const char *at = memmem(data, *head_len, "content-length: ", 16);
    size_t n = at ? strtoul(at + 16, NULL, 10) : 0;
    *status = len > 12 ? (int)strtol(data + 9, NULL, 10) : 0;
    return len - *head_len >= n ? *head_len + n : 0;
}

static inline void
load_parse(struct load_conn *c, load_fn fn)
{
    size_t used = 0, head = 0, n;
    int status = 0;
    for (;; used += n) {
        const char *at = c->in.data + used;
        size_t left = c->in.len - used;
        n = c->is_ws ? load_frame(at, left, &head)
                     : load_answer(at, left, &head, &status);
        if (n == 0)
            break;
        if (c->is_ws && (at[0] & 0x0f) == 8)
            c->dead = true; /* closed by the server */
        else
            fn(c, status, at + head, n - head);
    }
    ln_buf_consume(&c->in, used);
}

/* Waits up to <wait_ms>, then takes what has come. */
static inline void
load_turn(int epoll, int wait_ms, load_fn fn)
{
    static char bytes[65536];
    struct epoll_event events[256];
    int count = epoll_wait(epoll, events, 256, wait_ms);
    for (int i = 0; i < count; i++) {
        struct load_conn *c = events[i].data.ptr;
        if (events[i].events & EPOLLOUT)
            load_flush(c, epoll);
        for (;;) {
            int n = SSL_read(c->ssl, bytes, sizeof(bytes));
            if (n > 0) {
                ln_buf_add(&c->in, bytes, (size_t)n);
                continue;
            }
            if (SSL_get_error(c->ssl, n) != SSL_ERROR_WANT_READ) {
                c->dead = true;
                (void)epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
            }
            break;
        }
        load_parse(c, fn);
    }
}

#endif
