/*
 * One WebSocket connection to the exchange, kept alive for ever: connect,
 * log in, subscribe, ping, and after any trouble again from the start.
 *
 *            start          opened            sent
 *   STOPPED -------> CONNECTING ----> OPEN -----------> LOGIN_SENT
 *                      ^   |            | no key            | acked
 *               backoff|   |lost        v                   v
 *                      |   |       SUBSCRIBING <------------+
 *                     WAITING <--- any | every wanted topic is confirmed
 *                        ^       loss  v               or refused
 *                        +---------- LIVE (stays LIVE while topics come, go)
 *
 * What is wanted (struct ln_sub) lives outside, in subscriptions.h, and
 * survives the connection. Each topic is driven to what is wanted, level by
 * level, so that any loss or late answer only costs another turn:
 *
 *   IDLE --subscribe sent--> SENT --ack--> ACKED --unsubscribe sent-->
 *   UNSUB_SENT --ack--> IDLE          (refused by the server: REFUSED)
 */
#ifndef LN_BITGET_STREAM_H
#define LN_BITGET_STREAM_H

#include "bitget/credentials.h"
#include "bitget/v2/decode_ws.h"
#include "loop/loop.h"
#include "net/net.h"

#define LN_STREAM_SUBS_MAX    48    /* fewer than 50 are advised */
#define LN_STREAM_PING_MS     20000 /* text "ping", whatever the traffic */
#define LN_STREAM_PONG_MS     10000 /* then the answer must have come */
#define LN_STREAM_FRAME_MS    200   /* between frames: 5 a second */
#define LN_STREAM_ANSWER_MS   10000 /* for login and each topic */
#define LN_STREAM_SILENCE_MS  30000 /* confirmed, and no first push: told */
#define LN_STREAM_RESYNCS_MAX 6     /* of one topic an hour, then reconnect */

enum ln_stream_state {
    LN_STREAM_STOPPED,
    LN_STREAM_WAITING, /* for the next attempt */
    LN_STREAM_CONNECTING,
    LN_STREAM_OPEN,
    LN_STREAM_LOGIN_SENT,
    LN_STREAM_SUBSCRIBING,
    LN_STREAM_LIVE
};

enum ln_sub_state {
    LN_SUB_IDLE,
    LN_SUB_SENT,
    LN_SUB_ACKED,
    LN_SUB_UNSUB_SENT,
    LN_SUB_REFUSED
};

struct ln_stream;

/* One topic that is wanted while refs > 0. */
struct ln_sub {
    char channel[24];
    char key[8]; /* "instId", "coin" */
    char value[LN_SYMBOL_CAP];
    enum ln_v2_channel kind;
    enum ln_timeframe tf;
    uint16_t instrument; /* or LN_INSTRUMENT_NONE */
    uint32_t refs;
    enum ln_sub_state state;
    bool resync;              /* to be unsubscribed and subscribed again */
    bool heard;               /* a push came since it was confirmed */
    bool told_silent;         /* that none came */
    int tries;                /* requests without an answer */
    int64_t sent_ns;          /* of the request under way */
    int resyncs;              /* within the hour that */
    int64_t resync_ns;        /* began here */
    int64_t last_ms;          /* candles: newest opening time told */
    struct ln_stream *stream; /* that carries it */
};

struct ln_stream_events {
    /* A push; all of it is valid during the call. */
    void (*data)(void *ctx, struct ln_stream *s, struct ln_sub *sub,
                 const struct ln_v2_message *msg, const struct ln_v2_decoder *d,
                 int64_t received_ns);
    /* Every wanted topic is confirmed or refused; once per connection. */
    void (*live)(void *ctx, struct ln_stream *s);
    /* The connection, or the attempt, is gone; another one follows. fatal:
     * the exchange refused our credentials. */
    void (*down)(void *ctx, struct ln_stream *s, const char *why, bool fatal);
    /* This topic does not exist for the exchange; it is not asked again. */
    void (*refused)(void *ctx, struct ln_stream *s, struct ln_sub *sub,
                    int32_t code, struct ln_str msg);
    /* Confirmed, but nothing comes: the exchange accepts topics that it
     * never serves (a real symbol under the wrong product). */
    void (*silent)(void *ctx, struct ln_stream *s, struct ln_sub *sub);
    /* An unwanted topic has ended; the stream has forgotten it. */
    void (*released)(void *ctx, struct ln_stream *s, struct ln_sub *sub);
    /* Our time was refused: measure the clock again. */
    void (*clock)(void *ctx, struct ln_stream *s);
    /* Now, in the exchange's time, for the login. */
    int64_t (*server_ms)(void *ctx);
};

struct ln_stream_opts {
    struct ln_loop *loop;
    struct ln_net *net;
    const char *name; /* for the log; all strings are copied */
    const char *url;
    const char *ca_file; /* or NULL */
    const char *inst_type;
    const struct ln_bitget_credentials *credentials; /* NULL: no login */
    uint64_t seed;                                   /* of the jitter */
};

struct ln_stream_counters {
    uint64_t connects, losses, messages, malformed;
};

/* NULL: no memory. Events come from the loop only. */
struct ln_stream *ln_stream_new(const struct ln_stream_opts *opts,
                                const struct ln_stream_events *events,
                                void *ctx);
/* Not inside its own events: stop there, free later. */
void ln_stream_free(struct ln_stream *s);

void ln_stream_start(struct ln_stream *s);
/* Closes; no event comes any more. May be started again. */
void ln_stream_stop(struct ln_stream *s);

/* Carry this topic; false when full. The stream keeps the pointer. */
bool ln_stream_attach(struct ln_stream *s, struct ln_sub *sub);
/* sub->refs has changed. May release it from within a later event only. */
void ln_stream_wake(struct ln_stream *s);
/* The topic's data cannot be continued: ask for a fresh start. */
void ln_stream_resync(struct ln_stream *s, struct ln_sub *sub);

enum ln_stream_state ln_stream_state(const struct ln_stream *s);
size_t ln_stream_subs(const struct ln_stream *s, struct ln_sub *const **subs);
const struct ln_stream_counters *ln_stream_counters(const struct ln_stream *s);

#endif
