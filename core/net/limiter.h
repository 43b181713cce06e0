/*
 * Token buckets on the reactor's clock, and backoff with jitter.
 *
 * A bucket holds at most <burst> tokens and gains <rate_milli>/1000 tokens a
 * second. Integers only: a token is 10^9 units, so nothing drifts.
 */
#ifndef LN_NET_LIMITER_H
#define LN_NET_LIMITER_H

#include "base/rng.h"

#include <stdbool.h>
#include <stdint.h>

struct ln_bucket {
    int64_t rate_milli;       /* tokens per 1000 s */
    int64_t burst;            /* tokens when full */
    int64_t units;            /* tokens now, times 10^9 */
    int64_t updated_ns;       /* monotonic time of <units> */
    int64_t rest;             /* thousandths of a unit beyond <units> */
    int64_t blocked_until_ns; /* a 429 was seen: nothing before this */
};

void ln_bucket_init(struct ln_bucket *b, int64_t rate_milli, int64_t burst,
                    int64_t now_ns);
/* Take one token; false: none now. */
bool ln_bucket_take(struct ln_bucket *b, int64_t now_ns);
/* Whole tokens available now. */
int64_t ln_bucket_available(struct ln_bucket *b, int64_t now_ns);
/* ns until one token is there (0: now). */
int64_t ln_bucket_wait_ns(struct ln_bucket *b, int64_t now_ns);
/* The server said 429: empty, and nothing until now + penalty. */
void ln_bucket_penalise(struct ln_bucket *b, int64_t now_ns,
                        int64_t penalty_ns);

/* Exponential backoff with full jitter: base, 2 base, 4 base ... up to max. */
struct ln_backoff {
    int64_t base_ms, max_ms;
    int attempt;
};
int64_t ln_backoff_next_ms(struct ln_backoff *b, struct ln_rng *rng);
void ln_backoff_reset(struct ln_backoff *b);

#endif
