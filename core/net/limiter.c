/*
 * Token buckets and backoff: see limiter.h.
 *
 * rate_milli tokens per 1000 s are rate_milli thousandths of a unit (10^-9
 * tokens) per ns. The thousandths are kept, so that nothing drifts however
 * often it is asked.
 */
#include "net/limiter.h"

#include "base/assert.h"

#define UNITS 1000000000LL /* units in a token */

__extension__ typedef __int128 wide; /* products that exceed int64_t */

static int64_t
full(const struct ln_bucket *b)
{
    return b->burst * UNITS;
}

static void
refill(struct ln_bucket *b, int64_t now_ns)
{
    if (now_ns <= b->updated_ns)
        return;

    wide gained = (wide)(now_ns - b->updated_ns) * b->rate_milli + b->rest;
    b->updated_ns = now_ns;
    if (gained / 1000 >= full(b) - b->units) {
        b->units = full(b);
        b->rest = 0;
        return;
    }
    b->units += (int64_t)(gained / 1000);
    b->rest = (int64_t)(gained % 1000);
}

void
ln_bucket_init(struct ln_bucket *b, int64_t rate_milli, int64_t burst,
               int64_t now_ns)
{
    LN_ASSERT_CMP(rate_milli, >, 0);
    LN_ASSERT_CMP(burst, >, 0);
    LN_ASSERT_CMP(burst, <=, INT64_MAX / UNITS);
    *b = (struct ln_bucket){
        .rate_milli = rate_milli,
        .burst = burst,
        .units = burst * UNITS,
        .updated_ns = now_ns,
        .blocked_until_ns = INT64_MIN,
    };
}

int64_t
ln_bucket_available(struct ln_bucket *b, int64_t now_ns)
{
    refill(b, now_ns);
    return now_ns < b->blocked_until_ns ? 0 : b->units / UNITS;
}

bool
ln_bucket_take(struct ln_bucket *b, int64_t now_ns)
{
    if (ln_bucket_available(b, now_ns) < 1)
        return false;
    b->units -= UNITS;
    return true;
}

int64_t
ln_bucket_wait_ns(struct ln_bucket *b, int64_t now_ns)
{
    refill(b, now_ns);

    int64_t wait_ns = 0;
    if (b->units < UNITS) {
        wide missing = (wide)(UNITS - b->units) * 1000 - b->rest;
        wait_ns = (int64_t)((missing + b->rate_milli - 1) / b->rate_milli);
        /* A clock that went back waits until where it was. */
        if (now_ns < b->updated_ns)
            wait_ns += b->updated_ns - now_ns;
    }
    if (now_ns < b->blocked_until_ns) {
        int64_t blocked_ns = b->blocked_until_ns - now_ns;
        if (blocked_ns > wait_ns)
            wait_ns = blocked_ns;
    }
    return wait_ns;
}

void
ln_bucket_penalise(struct ln_bucket *b, int64_t now_ns, int64_t penalty_ns)
{
    LN_ASSERT_CMP(penalty_ns, >=, 0);
    refill(b, now_ns);
    b->units = 0;
    b->rest = 0;
    b->updated_ns = now_ns;
    if (now_ns + penalty_ns > b->blocked_until_ns)
        b->blocked_until_ns = now_ns + penalty_ns;
}

int64_t
ln_backoff_next_ms(struct ln_backoff *b, struct ln_rng *rng)
{
    LN_ASSERT_CMP(b->base_ms, >, 0);
    LN_ASSERT_CMP(b->max_ms, >=, b->base_ms);

    int64_t ceiling_ms = b->base_ms;
    for (int i = 0; i < b->attempt && ceiling_ms < b->max_ms; i++)
        ceiling_ms = ceiling_ms > b->max_ms / 2 ? b->max_ms : ceiling_ms * 2;
    if (ceiling_ms < b->max_ms)
        b->attempt++;
    return ln_rng_between(rng, 0, ceiling_ms);
}

void
ln_backoff_reset(struct ln_backoff *b)
{
    b->attempt = 0;
}
