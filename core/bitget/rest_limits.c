/*
 * Limits of one endpoint: see rest_limits.h.
 *
 * The exchange counts per second, and where its seconds begin is unknown, so
 * a bucket alone (up to <burst> at once, and again while it refills) could
 * send twice as much within one of them. Each endpoint therefore also
 * remembers its last <burst> sendings: never more than that in any second.
 */
#include "bitget/rest_limits.h"

#include "base/assert.h"

#define TOKEN_UNITS      1000000000LL
#define WINDOW_NS        1050000000LL /* the exchange's second, and jitter */
#define PENALTY_NS       1000000000LL /* after the first 429 */
#define PENALTY_DOUBLING 5            /* up to 32 s */

void
ln_rest_slot_init(struct ln_rest_slot *s, const struct ln_endpoint *ep,
                  int64_t now_ns)
{
    int burst = ep->rate_milli / 1000;

    memset(s, 0, sizeof *s);
    s->ep = ep;
    s->burst = burst < 1                   ? 1
               : burst > LN_REST_BURST_MAX ? LN_REST_BURST_MAX
                                           : burst;
    for (int i = 0; i < LN_REST_BURST_MAX; i++)
        s->sent_ns[i] = now_ns - WINDOW_NS;
    /* One less than the exchange's: two requests that the network brings
     * closer together than they were sent must find a token each. */
    int64_t room = s->burst > 1 ? s->burst - 1 : 1;
    ln_bucket_init(&s->bucket, ep->rate_milli, room, now_ns);
}

int64_t
ln_rest_slot_wait_ns(struct ln_rest_slot *s, int64_t now_ns)
{
    int64_t bucket_ns = ln_bucket_wait_ns(&s->bucket, now_ns);
    int64_t window_ns = s->sent_ns[s->next] + WINDOW_NS - now_ns;

    return window_ns > bucket_ns ? window_ns : bucket_ns;
}

void
ln_rest_slot_take(struct ln_rest_slot *s, int64_t now_ns)
{
    bool taken = ln_bucket_take(&s->bucket, now_ns);

    LN_ASSERT(taken);
    s->sent_ns[s->next] = now_ns;
    s->next = (s->next + 1) % s->burst;
}

void
ln_rest_slot_punish(struct ln_rest_slot *s, int64_t now_ns)
{
    if (now_ns < s->bucket.blocked_until_ns)
        return; /* one of a volley: the first was punished */
    ln_bucket_penalise(&s->bucket, now_ns, PENALTY_NS << s->penalties);
    if (s->penalties < PENALTY_DOUBLING)
        s->penalties++;
}

void
ln_rest_slot_forgive(struct ln_rest_slot *s)
{
    s->penalties = 0;
}

void
ln_rest_slot_heed(struct ln_rest_slot *s, struct ln_str remaining,
                  int64_t now_ns)
{
    int64_t left = 0;

    if (remaining.len == 0 || remaining.len > 6)
        return;
    for (size_t i = 0; i < remaining.len; i++) {
        if (remaining.ptr[i] < '0' || remaining.ptr[i] > '9')
            return;
        left = left * 10 + (remaining.ptr[i] - '0');
    }
    int64_t have = ln_bucket_available(&s->bucket, now_ns);
    if (left < have)
        s->bucket.units -= (have - left) * TOKEN_UNITS;
}
