/*
 * What is wanted of the exchange's streams: topics, counted, and spread over
 * as many connections as they need. Lives as long as the venue; connections
 * come and go below it.
 */
#ifndef LN_BITGET_SUBSCRIPTIONS_H
#define LN_BITGET_SUBSCRIPTIONS_H

#include "bitget/stream.h"

#define LN_SUBS_STREAMS_MAX 20 /* of 100 that an IP may open */

struct ln_subs {
    struct ln_stream_opts opts; /* strings are the owner's, kept */
    struct ln_stream_events events;
    void *ctx;
    struct ln_stream *streams[LN_SUBS_STREAMS_MAX];
    size_t nstreams;
    struct ln_sub **items; /* owned */
    size_t count, cap;
    bool started;
};

/*
 * opts and all it points to must stay valid. The "released" event is the
 * pool's own; the others go to <events> with <ctx>.
 */
void ln_subs_init(struct ln_subs *subs, const struct ln_stream_opts *opts,
                  const struct ln_stream_events *events, void *ctx);
void ln_subs_deinit(struct ln_subs *subs);

/* Open the first connection (also without topics). */
enum ln_err ln_subs_start(struct ln_subs *subs) LN_MUST_USE;
void ln_subs_stop(struct ln_subs *subs);

/*
 * Want one topic (once more). channel: "ticker", "candle1m", ...; key and
 * value select. *out is the record, valid while wanted. LN_ERR_LIMIT when
 * all connections are full.
 */
enum ln_err ln_subs_add(struct ln_subs *subs, const char *channel,
                        const char *key, const char *value, uint16_t instrument,
                        struct ln_sub **out) LN_MUST_USE;

/* Want it once less; unknown topics are ignored. */
void ln_subs_drop(struct ln_subs *subs, const char *channel, const char *value);

/* Want none of them any more (they are released once it runs again). */
void ln_subs_forget(struct ln_subs *subs);

struct ln_sub *ln_subs_find(const struct ln_subs *subs, const char *channel,
                            const char *value);

/* Every connection with topics is live, and there is at least one. */
bool ln_subs_live(const struct ln_subs *subs);

void ln_subs_counters(const struct ln_subs *subs,
                      struct ln_stream_counters *out);

#endif
