/*
 * The server's side of the rate limits: a token bucket per endpoint and
 * scope, a total per address and minute, and the messages of a WebSocket.
 */
#ifndef LN_SIM_LIMITS_H
#define LN_SIM_LIMITS_H

#include "bitget/endpoint.h"

#include <stdint.h>

/* Tokens in 1e-6, so that 0.1 requests per second counts exactly. */
struct ln_sim_bucket {
    int64_t level;
    int64_t at_ms; /* when it was that full; 0: never used, full */
};

/* rate: per 1000 s. False: empty. *left: whole tokens that remain. */
bool ln_sim_bucket_take(struct ln_sim_bucket *b, int64_t rate_milli,
                        int64_t now_ms, int64_t *left);

struct ln_sim_limits;

/* NULL: no memory. */
struct ln_sim_limits *ln_sim_limits_new(size_t nusers);
void ln_sim_limits_free(struct ln_sim_limits *l);

/* The total of an address: 6000 a minute, then a block of five minutes. */
bool ln_sim_limits_total(struct ln_sim_limits *l, const char *peer,
                         int64_t now_ms);
/* A WebSocket connect of an address: 300 in five minutes. */
bool ln_sim_limits_connect(struct ln_sim_limits *l, const char *peer,
                           int64_t now_ms);
/* One request of an endpoint, for its address or for its user (by index). */
bool ln_sim_limits_take(struct ln_sim_limits *l, const struct ln_endpoint *ep,
                        const char *peer, size_t user, int64_t now_ms,
                        int64_t *left);

#endif
