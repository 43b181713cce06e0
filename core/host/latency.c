/*
 * A histogram with logarithmic buckets (latency.h).
 *
 *   ns 0..7: a bucket each; then eight per power of two:
 *   bucket = 8 * (position of the highest bit - 2) + the three bits below it
 */
#include "host/latency.h"

#include <string.h>

static unsigned
bucket_of(int64_t ns)
{
    uint64_t v = ns > 0 ? (uint64_t)ns : 0;
    unsigned top = 0;
    if (v < 8)
        return (unsigned)v;
    while (v >> (top + 1))
        top++;
    return 8 * (top - 2) + (unsigned)((v >> (top - 3)) & 7);
}

static int64_t
middle_of(unsigned bucket)
{
    if (bucket < 8)
        return bucket;
    unsigned top = bucket / 8 + 2;
    int64_t width = (int64_t)1 << (top - 3);
    return (int64_t)(8 + bucket % 8) * width + width / 2;
}

void
ln_latency_restart(struct ln_latency *l)
{
    memset(l->sent_ns, 0, sizeof(l->sent_ns));
}

void
ln_latency_sent(struct ln_latency *l, uint64_t seq, int64_t now_ns)
{
    l->sent_ns[seq % LN_LATENCY_WAITING] = now_ns;
}

void
ln_latency_done(struct ln_latency *l, uint64_t seq, uint64_t last,
                int64_t now_ns)
{
    /* Older ones have lost their place to newer ones. */
    if (seq > last || last - seq >= LN_LATENCY_WAITING)
        return;
    int64_t *sent = &l->sent_ns[seq % LN_LATENCY_WAITING];
    if (*sent == 0 || now_ns < *sent)
        return;
    l->buckets[bucket_of(now_ns - *sent)]++;
    l->count++;
    *sent = 0;
}

int64_t
ln_latency_percentile_ns(const struct ln_latency *l, int per_mille)
{
    uint64_t seen = 0;
    uint64_t want = l->count / 1000 * (uint64_t)per_mille +
                    (l->count % 1000) * (uint64_t)per_mille / 1000;
    for (unsigned i = 0; i < LN_LATENCY_BUCKETS; i++) {
        seen += l->buckets[i];
        if (seen > want)
            return middle_of(i);
    }
    return -1;
}
