/*
 * An accepted connection as a stream of bytes: see stream_uv.h.
 *
 *   socket --on_read--> rbio --SSL_read--> owner.data
 *   ln_stream_write --> SSL_write --> wbio --flush--> socket
 *
 * Closing with unread bytes makes the system send a reset, which may destroy
 * an answer still on its way. So finishing means: write all, shut down, then
 * read and throw away until the peer closes or LINGER_MS have passed.
 */
#include "net/stream_uv.h"

#include "base/assert.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINGER_MS    2000
#define READ_BYTES   65536
#define KEEP_ALIVE_S 60 /* of silence, then the system asks if it lives */

struct ln_stream {
    uv_tcp_t tcp;
    struct ln_link link; /* among all streams, until the memory is freed */
    struct ln_stream_owner owner;
    SSL *ssl;               /* NULL: plain */
    BIO *rbio, *wbio;       /* owned by ssl */
    struct ln_timer *timer; /* ends the lingering */
    size_t queued;          /* bytes in write requests under way */
    bool finishing;         /* no more writes from the owner */
    bool shut;              /* uv_shutdown() was called */
    uv_shutdown_t shutdown;
};

struct write_req {
    uv_write_t uv;
    struct ln_stream *stream;
    size_t len;
    char data[];
};

static bool
closing(const struct ln_stream *stream)
{
    return uv_is_closing((const uv_handle_t *)&stream->tcp) != 0;
}

static void
on_closed(uv_handle_t *handle)
{
    struct ln_stream *stream = handle->data;

    ln_list_del(&stream->link);
    SSL_free(stream->ssl);
    free(stream);
}

void
ln_stream_close(struct ln_stream *stream)
{
    stream->owner = (struct ln_stream_owner){0};
    ln_timer_free(stream->timer);
    stream->timer = NULL;
    if (!closing(stream))
        uv_close((uv_handle_t *)&stream->tcp, on_closed);
}

void
ln_stream_close_all(struct ln_link *all)
{
    for (struct ln_link *at = all->next; at != all; at = at->next)
        ln_stream_close(LN_OWNER(at, struct ln_stream, link));
}

static void
fail(struct ln_stream *stream, const char *why)
{
    struct ln_stream_owner owner = stream->owner;

    ln_stream_close(stream);
    if (owner.gone)
        owner.gone(owner.ctx, why);
}

/* ---- writing ---- */

static void finish_step(struct ln_stream *stream);

static void
on_written(uv_write_t *uv, int status)
{
    struct write_req *req = (struct write_req *)uv;
    struct ln_stream *stream = req->stream;

    stream->queued -= req->len;
    free(req);
    if (closing(stream))
        return;
    if (status < 0)
        fail(stream, uv_strerror(status));
    else
        finish_step(stream);
}

static void
send_bytes(struct ln_stream *stream, const char *data, size_t len)
{
    if (stream->queued == 0) {
        uv_buf_t buf = uv_buf_init((char *)(uintptr_t)data, (unsigned)len);
        int n = uv_try_write((uv_stream_t *)&stream->tcp, &buf, 1);
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    if (len == 0)
        return;

    struct write_req *req = malloc(sizeof(*req) + len);
    LN_ASSERT(req != NULL);
    req->stream = stream;
    req->len = len;
    memcpy(req->data, data, len);
    uv_buf_t buf = uv_buf_init(req->data, (unsigned)len);
    /* An error of the socket comes to on_written or on_read, later. */
    if (uv_write(&req->uv, (uv_stream_t *)&stream->tcp, &buf, 1, on_written) ==
        0)
        stream->queued += len;
    else
        free(req);
}

/* Moves what OpenSSL has to say to the socket. */
static void
flush_tls(struct ln_stream *stream)
{
    static char bytes[READ_BYTES]; /* one thread; sent before it is reused */
    int len;

    /* Read out, not BIO_reset(): that one clears all that it ever held. */
    while ((len = BIO_read(stream->wbio, bytes, (int)sizeof(bytes))) > 0)
        send_bytes(stream, bytes, (size_t)len);
}

void
ln_stream_write(struct ln_stream *stream, const void *data, size_t len)
{
    if (closing(stream) || stream->finishing || len == 0)
        return;
    if (!stream->ssl) {
        send_bytes(stream, data, len);
        return;
    }
    /* A memory BIO takes everything, so this fails only after an error. */
    ERR_clear_error();
    if (SSL_write(stream->ssl, data, (int)len) > 0)
        flush_tls(stream);
}

size_t
ln_stream_queued(const struct ln_stream *stream)
{
    return stream->queued;
}

/* ---- finishing ---- */

static void
on_linger(void *ctx)
{
    ln_stream_close(ctx);
}

static void
on_shutdown(uv_shutdown_t *req, int status)
{
    struct ln_stream *stream = req->data;
    if (status < 0 && !closing(stream))
        ln_stream_close(stream);
}

static void
finish_step(struct ln_stream *stream)
{
    if (!stream->finishing || stream->shut || stream->queued > 0)
        return;
    stream->shut = true;
    stream->shutdown.data = stream;
    if (uv_shutdown(&stream->shutdown, (uv_stream_t *)&stream->tcp,
                    on_shutdown) != 0)
        ln_stream_close(stream);
}

void
ln_stream_finish(struct ln_stream *stream)
{
    if (closing(stream) || stream->finishing)
        return;
    stream->owner = (struct ln_stream_owner){0};
    if (stream->ssl && SSL_is_init_finished(stream->ssl)) {
        SSL_shutdown(stream->ssl);
        flush_tls(stream);
    }
    stream->finishing = true;
    if (!stream->timer) {
        ln_stream_close(stream);
        return;
    }
    ln_timer_start(stream->timer, LINGER_MS, 0);
    finish_step(stream);
}

/* ---- reading ---- */

static void
deliver(struct ln_stream *stream, const char *data, size_t len)
{
    if (stream->owner.data)
        stream->owner.data(stream->owner.ctx, data, len);
}

static void
read_tls(struct ln_stream *stream, const char *data, size_t len)
{
    static char plain[READ_BYTES]; /* one thread; used up before it is reused */

    if (BIO_write(stream->rbio, data, (int)len) != (int)len) {
        fail(stream, "no memory for TLS");
        return;
    }
    for (;;) {
        ERR_clear_error();
        int n = SSL_read(stream->ssl, plain, (int)sizeof(plain));
        int why = n > 0 ? SSL_ERROR_NONE : SSL_get_error(stream->ssl, n);
        flush_tls(stream);
        if (n > 0) {
            deliver(stream, plain, (size_t)n);
            if (closing(stream))
                return;
            continue;
        }
        if (why == SSL_ERROR_WANT_READ)
            return;
        if (why == SSL_ERROR_ZERO_RETURN)
            fail(stream, "closed by the peer");
        else
            fail(stream, "TLS error");
        return;
    }
}

static void
on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    static char bytes[READ_BYTES]; /* one thread; used up in on_read() */

    (void)handle;
    (void)suggested;
    *buf = uv_buf_init(bytes, sizeof(bytes));
}

static void
on_read(uv_stream_t *handle, ssize_t nread, const uv_buf_t *buf)
{
    struct ln_stream *stream = handle->data;

    if (nread == 0 || closing(stream))
        return;
    if (nread < 0) {
        fail(stream,
             nread == UV_EOF ? "closed by the peer" : uv_strerror((int)nread));
        return;
    }
    if (stream->finishing)
        return; /* thrown away */
    if (stream->ssl)
        read_tls(stream, buf->base, (size_t)nread);
    else
        deliver(stream, buf->base, (size_t)nread);
}

/* ---- making one ---- */

static bool
init_tls(struct ln_stream *stream, SSL_CTX *tls)
{
    stream->ssl = SSL_new(tls);
    if (!stream->ssl)
        return false;
    stream->rbio = BIO_new(BIO_s_mem());
    stream->wbio = BIO_new(BIO_s_mem());
    if (!stream->rbio || !stream->wbio) {
        BIO_free(stream->rbio);
        BIO_free(stream->wbio);
        return false;
    }
    /* Empty means "later", not "end". */
    BIO_set_mem_eof_return(stream->rbio, -1);
    SSL_set_bio(stream->ssl, stream->rbio, stream->wbio);
    SSL_set_accept_state(stream->ssl);
    return true;
}

struct ln_stream *
ln_stream_accept(struct ln_loop *loop, uv_stream_t *listener, SSL_CTX *tls,
                 struct ln_link *all, const struct ln_stream_owner *owner)
{
    struct ln_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return NULL;
    if (uv_tcp_init(ln_loop_uv_handle(loop), &stream->tcp) != 0) {
        free(stream);
        return NULL;
    }
    stream->tcp.data = stream;
    ln_list_add(all, &stream->link);
    stream->timer = ln_timer_new(loop, on_linger, stream);
    if (!stream->timer || uv_accept(listener, (uv_stream_t *)&stream->tcp) ||
        (tls && !init_tls(stream, tls)) ||
        uv_read_start((uv_stream_t *)&stream->tcp, on_alloc, on_read)) {
        ln_stream_close(stream);
        return NULL;
    }
    uv_tcp_nodelay(&stream->tcp, 1);
    uv_tcp_keepalive(&stream->tcp, 1, KEEP_ALIVE_S);
    stream->owner = *owner;
    return stream;
}

void
ln_stream_peer(const struct ln_stream *stream, char *out, size_t cap)
{
    struct sockaddr_storage addr;
    int len = sizeof(addr);
    int rc = uv_tcp_getpeername(&stream->tcp, (struct sockaddr *)&addr, &len);

    out[0] = '\0';
    if (rc == 0 && addr.ss_family == AF_INET)
        rc = uv_ip4_name((const struct sockaddr_in *)&addr, out, cap);
    else if (rc == 0 && addr.ss_family == AF_INET6)
        rc = uv_ip6_name((const struct sockaddr_in6 *)&addr, out, cap);
    if (rc != 0)
        snprintf(out, cap, "unknown");
}
