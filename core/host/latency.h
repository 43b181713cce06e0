/*
 * How long a strategy takes: from the moment a message is sent to it until it
 * is worked off (its DONE). Counted into buckets an eighth of a power of two
 * wide, so a percentile is right within an eighth; no allocation.
 */
#ifndef LN_HOST_LATENCY_H
#define LN_HOST_LATENCY_H

#include <stdint.h>

#define LN_LATENCY_WAITING 1024 /* messages under way that are timed */
#define LN_LATENCY_BUCKETS 512

struct ln_latency {
    int64_t sent_ns[LN_LATENCY_WAITING]; /* by seq; 0: not timed */
    uint64_t buckets[LN_LATENCY_BUCKETS];
    uint64_t count;
};

/* Messages under way are forgotten; what was counted stays. */
void ln_latency_restart(struct ln_latency *l);
void ln_latency_sent(struct ln_latency *l, uint64_t seq, int64_t now_ns);
/* last: the last number sent. Numbers that cannot be are ignored. */
void ln_latency_done(struct ln_latency *l, uint64_t seq, uint64_t last,
                     int64_t now_ns);
/* In ns, at the middle of its bucket; per_mille 500: the median. -1: none. */
int64_t ln_latency_percentile_ns(const struct ln_latency *l, int per_mille);

#endif
