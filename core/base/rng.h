/*
 * Seeded random numbers (xoshiro256**, Blackman and Vigna 2018, seeded by
 * splitmix64): same seed, same sequence, on every machine. Not for secrets.
 */
#ifndef LN_BASE_RNG_H
#define LN_BASE_RNG_H

#include <stdint.h>

struct ln_rng {
    uint64_t s[4];
};

void ln_rng_seed(struct ln_rng *rng, uint64_t seed);
uint64_t ln_rng_u64(struct ln_rng *rng);

/* Uniform in [0, n), without modulo bias; n > 0. */
uint64_t ln_rng_below(struct ln_rng *rng, uint64_t n);

/* Uniform in [lo, hi], lo <= hi. */
int64_t ln_rng_between(struct ln_rng *rng, int64_t lo, int64_t hi);

/* Uniform in [0, 1): for distributions, never for money. */
double ln_rng_unit(struct ln_rng *rng);

/* Standard normal deviate. */
double ln_rng_normal(struct ln_rng *rng);

#endif
