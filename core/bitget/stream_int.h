/*
 * Shared by stream.c (life of the connection), stream_out.c (what is sent,
 * and when) and stream_in.c (what is received).
 */
#ifndef LN_BITGET_STREAM_INT_H
#define LN_BITGET_STREAM_INT_H

#include "bitget/stream.h"
#include "net/limiter.h"

struct ln_stream {
    struct ln_loop *loop;
    struct ln_net *net;
    char *name, *url, *ca_file, *inst_type; /* owned */
    const struct ln_bitget_credentials *credentials;
    struct ln_stream_events ev;
    void *ctx;

    enum ln_stream_state state;
    struct ln_ws *ws; /* while connecting and connected */
    struct ln_v2_decoder decoder;
    struct ln_buf frame; /* reused for every frame out */

    struct ln_sub *subs[LN_STREAM_SUBS_MAX];
    size_t nsubs;

    struct ln_timer *retry;   /* WAITING: next attempt */
    struct ln_timer *pump;    /* next frame, and other work for later */
    struct ln_timer *ping;    /* every LN_STREAM_PING_MS */
    struct ln_timer *pong;    /* deadline of the answer */
    struct ln_timer *check;   /* looks for answers that did not come */
    struct ln_timer *recycle; /* before the server's 24 h are over */

    bool ping_due;
    int64_t last_frame_ns; /* when the last frame went out */
    int64_t hold_until_ns; /* the server asked us to slow down */
    int64_t login_ns;      /* when the login was sent */
    int64_t live_ns;       /* when LIVE was reached; 0: not yet */
    char lose[160];        /* to be lost at the next turn, for this reason */

    struct ln_backoff backoff;
    struct ln_rng rng;
    struct ln_stream_counters counters;
};

/*
 * The connection is of no use: drop it, tell, try again later. slow: not
 * soon (refused credentials).
 */
void ln_stream_lost(struct ln_stream *s, const char *why, bool slow);
/* To LIVE when nothing is pending any more. */
void ln_stream_check_live(struct ln_stream *s);
/* Ask for a turn of the pump: after <ms>, or sooner if it is due. */
void ln_stream_pump_soon(struct ln_stream *s, int64_t ms);

/* Timer callbacks (stream_out.c); ctx is the stream. */
void ln_stream_on_pump(void *ctx);
void ln_stream_on_ping(void *ctx);
void ln_stream_on_check(void *ctx);

/* One frame from the server (stream_in.c). */
void ln_stream_receive(struct ln_stream *s, const char *data, size_t len,
                       bool is_text);

#endif
