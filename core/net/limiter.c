/*
 * Token buckets and backoff: see limiter.h.
 *
 * rate_milli tokens per 1000 s are rate_milli millionths of a token per ms,
 * that is rate_milli/1000 units (10^-9 tokens) per ns. The refill is computed
 * through __int128, and the time that made less than a unit is kept, so that
 * nothing drifts.
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
    int64_t from_ns = b->updated_ns;

    if (now_ns <= from_ns)
        return;
    wide gained = (wide)(now_ns - from_ns) * b->rate_milli / 1000;
    if (gained == 0)
        return; /* too early for a unit: the time goes on counting */
    if (gained >= full(b) - b->units) {
        b->units = full(b);
        b->updated_ns = now_ns;
        return;
    }
    b->units += (int64_t)gained;
    /* Only the time that these units took; the rest counts for the next. */
    b->updated_ns = from_ns + (int64_t)((gained * 1000 + b->rate_milli - 1) /
                                        b->rate_milli);
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
        wide missing = UNITS - b->units;
        wait_ns =
            (int64_t)((missing * 1000 + b->rate_milli - 1) / b->rate_milli);
        /* Counted from updated_ns, which may lie a little before now. */
        if (now_ns > b->updated_ns)
            wait_ns -= now_ns - b->updated_ns;
        if (wait_ns < 1)
            wait_ns = 1;
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
