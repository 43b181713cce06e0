/*
 * The Bitget client: a venue (core/venue.h) over Bitget's REST and WebSocket.
 *
 * Room: core/bitget, floor 5; knows core/net, core/trade and below, and the
 * venue door; not the host, not the engine. Dialects live in v2/ (classic
 * accounts) and later v3/ (unified accounts): each is a table of endpoints
 * and a codec; signing, limits, streams and this client are shared.
 */
#ifndef LN_BITGET_BITGET_H
#define LN_BITGET_BITGET_H

#include "loop/loop.h"
#include "net/net.h"
#include "venue.h"

struct ln_bitget_credentials; /* credentials.h: wiped memory */

struct ln_bitget_config {
    const char *rest;       /* NULL: https://api.bitget.com */
    const char *ws_public;  /* NULL: wss://ws.bitget.com/v2/ws/public */
    const char *ws_private; /* NULL: wss://ws.bitget.com/v2/ws/private */
    const char *ca_file;    /* NULL: the system's */
    const char *product;    /* NULL: USDT-FUTURES */
    bool demo;              /* header paptrading: 1 */
    uint64_t seed;          /* of the backoff's jitter */
    int64_t timeout_ms;     /* of a REST request; 0: 10 s */
    const struct ln_bitget_credentials *credentials; /* NULL: public only; the
                                caller keeps them until the venue is freed */
};

struct ln_venue *ln_bitget_new(struct ln_loop *loop, struct ln_net *net,
                               const struct ln_bitget_config *cfg,
                               struct ln_error *err);

#endif
