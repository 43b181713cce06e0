/*
 * xoshiro256** 1.0 (D. Blackman, S. Vigna: "Scrambled linear pseudorandom
 * number generators", 2018), its state filled by splitmix64.
 */
#include "base/rng.h"

#include "base/assert.h"

#include <math.h>
#include <stddef.h>

static uint64_t
rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static uint64_t
splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

void
ln_rng_seed(struct ln_rng *rng, uint64_t seed)
{
    for (size_t i = 0; i < LN_COUNT(rng->s); i++)
        rng->s[i] = splitmix64(&seed);
}

uint64_t
ln_rng_u64(struct ln_rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t
ln_rng_below(struct ln_rng *rng, uint64_t n)
{
    LN_ASSERT(n > 0);

    /* The lowest 2^64 mod n values would make small results more frequent. */
    uint64_t reject_below = (0 - n) % n;
    uint64_t r;
    do
        r = ln_rng_u64(rng);
    while (r < reject_below);
    return r % n;
}

int64_t
ln_rng_between(struct ln_rng *rng, int64_t lo, int64_t hi)
{
    LN_ASSERT_CMP(lo, <=, hi);

    uint64_t span = (uint64_t)hi - (uint64_t)lo;
    uint64_t r =
        span == UINT64_MAX ? ln_rng_u64(rng) : ln_rng_below(rng, span + 1);
    return (int64_t)((uint64_t)lo + r);
}

double
ln_rng_unit(struct ln_rng *rng)
{
    return (double)(ln_rng_u64(rng) >> 11) * 0x1p-53;
}

/*
 * Natural logarithm of x > 0 from + - * / alone. The C library's differs in
 * the last bit between machines, which would break "same seed, same
 * sequence". log(m * 2^e) = 2 * artanh((m - 1) / (m + 1)) + e * log(2).
 */
static double
portable_log(double x)
{
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    double s = (m - 1) / (m + 1);
    double square = s * s;
    double sum = 0;
    for (int k = 23; k >= 1; k -= 2)
        sum = sum * square + 1.0 / k;
    return 2 * s * sum + exponent * 0.69314718055994531;
}

/* Marsaglia's polar method; the second deviate is dropped, so that the state
 * is the four words alone. */
double
ln_rng_normal(struct ln_rng *rng)
{
    double u, v, square;
    do {
        u = 2 * ln_rng_unit(rng) - 1;
        v = 2 * ln_rng_unit(rng) - 1;
        square = u * u + v * v;
    } while (square >= 1 || square == 0);
    return u * sqrt(-2 * portable_log(square) / square);
}
