/*
 * Private to rest.c: how often one endpoint may be asked.
 */
#ifndef LN_BITGET_REST_LIMITS_H
#define LN_BITGET_REST_LIMITS_H

#include "bitget/endpoint.h"
#include "net/limiter.h"

#define LN_REST_BURST_MAX 32

struct ln_rest_slot {
    const struct ln_endpoint *ep;
    struct ln_bucket bucket;
    int64_t sent_ns[LN_REST_BURST_MAX]; /* ring of the last <burst> sendings */
    int burst, next;
    int penalties; /* 429 in a row */
};

void ln_rest_slot_init(struct ln_rest_slot *s, const struct ln_endpoint *ep,
                       int64_t now_ns);
/* ns until the endpoint may be asked (0 or less: now). */
int64_t ln_rest_slot_wait_ns(struct ln_rest_slot *s, int64_t now_ns);
/* A request goes out now; only when there is nothing to wait for. */
void ln_rest_slot_take(struct ln_rest_slot *s, int64_t now_ns);
/* 429: rest for 1 s, 2 s, 4 s ... 32 s, until an answer is no 429. */
void ln_rest_slot_punish(struct ln_rest_slot *s, int64_t now_ns);
void ln_rest_slot_forgive(struct ln_rest_slot *s);
/*
 * The exchange's own count of what it still takes in this second: lowers our
 * estimate (others with the same key or address use it up too), never raises
 * it. Anything but a number is ignored.
 */
void ln_rest_slot_heed(struct ln_rest_slot *s, struct ln_str remaining,
                       int64_t now_ns);

#endif
