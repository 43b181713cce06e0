/*
 * Private to core/net: an accepted TCP connection, plain or TLS, as a stream
 * of bytes. Used by server_uv.c.
 *
 * TLS runs over memory BIOs: libuv moves the bytes, OpenSSL only transforms
 * them, so that nothing blocks and one libuv handle is all there is to close.
 */
#ifndef LN_NET_STREAM_UV_H
#define LN_NET_STREAM_UV_H

#include "loop/loop.h"
#include "net/list.h"

#include <openssl/ssl.h>
#include <uv.h>

struct ln_stream;

struct ln_stream_owner {
    /* Bytes arrived (decrypted). The stream may be closed in it. */
    void (*data)(void *ctx, const char *data, size_t len);
    /* The connection ended; the stream is gone when this returns. */
    void (*gone)(void *ctx, const char *why);
    void *ctx;
};

/*
 * Accept from <listener>. tls: NULL for plain; its contents are shared.
 * all: the ring in which the stream stays until its memory is given back.
 * NULL when the connection is gone already or resources have run out.
 */
struct ln_stream *ln_stream_accept(struct ln_loop *loop, uv_stream_t *listener,
                                   SSL_CTX *tls, struct ln_link *all,
                                   const struct ln_stream_owner *owner);

/* Numeric address of the peer. */
void ln_stream_peer(const struct ln_stream *stream, char *out, size_t cap);

/* Send; copies what the system does not take at once. Never calls back. */
void ln_stream_write(struct ln_stream *stream, const void *data, size_t len);

/* Bytes that wait for the peer to read. */
size_t ln_stream_queued(const struct ln_stream *stream);

/* Close at once, without a word. The owner hears nothing more. */
void ln_stream_close(struct ln_stream *stream);

/*
 * Send what is queued, say goodbye, wait a moment for the peer to do so too.
 * The owner hears nothing more.
 */
void ln_stream_finish(struct ln_stream *stream);

/* Close every stream of a ring: also those that are only finishing. */
void ln_stream_close_all(struct ln_link *all);

#endif
