/*
 * Rate limits as the server counts them. See limits.h.
 */
#include "sim/limits.h"

#include "base/assert.h"

#include <stdlib.h>

#define TOKEN            1000000
#define PEERS_MAX        64 /* addresses remembered; the stalest gives way */
#define PEER_CAP         64
#define TOTAL_PER_MINUTE 6000
#define MINUTE_MS        60000LL
#define BLOCK_MS         (5 * MINUTE_MS)
#define CONNECTS_MS      (5 * MINUTE_MS)
#define CONNECTS_MAX     300

struct peer {
    char name[PEER_CAP];
    int64_t seen_ms;
    int64_t minute_ms; /* start of the minute that is counted */
    int64_t count;
    int64_t blocked_until_ms;
    int64_t connects_ms; /* start of the five minutes that are counted */
    int64_t connects;
    struct ln_sim_bucket *buckets; /* one per endpoint */
};

struct ln_sim_limits {
    size_t endpoints;
    struct ln_sim_bucket *users; /* one per user and endpoint */
    size_t nusers;
    struct peer peers[PEERS_MAX];
};

bool
ln_sim_bucket_take(struct ln_sim_bucket *b, int64_t rate_milli, int64_t now_ms,
                   int64_t *left)
{
    int64_t full = rate_milli * 1000; /* a second's worth, at least one */
    if (full < TOKEN)
        full = TOKEN;
    if (b->at_ms == 0) {
        b->level = full;
    } else if (now_ms > b->at_ms) {
        int64_t gone_ms = now_ms - b->at_ms;
        if (gone_ms > full / rate_milli + 1) /* also: no overflow */
            b->level = full;
        else
            b->level += gone_ms * rate_milli;
        if (b->level > full)
            b->level = full;
    }
    b->at_ms = now_ms;
    bool ok = b->level >= TOKEN;
    if (ok)
        b->level -= TOKEN;
    *left = b->level / TOKEN;
    return ok;
}

struct ln_sim_limits *
ln_sim_limits_new(size_t nusers)
{
    struct ln_sim_limits *l = calloc(1, sizeof(*l));
    if (!l)
        return NULL;
    ln_v2_endpoints(&l->endpoints);
    l->nusers = nusers;
    l->users = calloc((l->endpoints + 1) * nusers, sizeof(*l->users));
    if (!l->users) {
        free(l);
        return NULL;
    }
    return l;
}

void
ln_sim_limits_free(struct ln_sim_limits *l)
{
    if (!l)
        return;
    for (int i = 0; i < PEERS_MAX; i++)
        free(l->peers[i].buckets);
    free(l->users);
    free(l);
}

/* The record of an address; NULL when memory ran out. */
static struct peer *
peer_of(struct ln_sim_limits *l, const char *name, int64_t now_ms)
{
    struct peer *stalest = &l->peers[0];
    for (int i = 0; i < PEERS_MAX; i++) {
        struct peer *p = &l->peers[i];
        if (p->buckets && strncmp(p->name, name, PEER_CAP - 1) == 0) {
            p->seen_ms = now_ms;
            return p;
        }
        if (p->seen_ms < stalest->seen_ms)
            stalest = p;
    }
    free(stalest->buckets);
    *stalest = (struct peer){.seen_ms = now_ms, .minute_ms = now_ms};
    ln_str_copy(stalest->name, sizeof(stalest->name), ln_str(name));
    stalest->buckets = calloc(l->endpoints + 1, sizeof(*stalest->buckets));
    return stalest->buckets ? stalest : NULL;
}

bool
ln_sim_limits_total(struct ln_sim_limits *l, const char *peer, int64_t now_ms)
{
    struct peer *p = peer_of(l, peer, now_ms);
    if (!p)
        return true;
    if (now_ms < p->blocked_until_ms)
        return false;
    if (now_ms - p->minute_ms >= MINUTE_MS) {
        p->minute_ms = now_ms;
        p->count = 0;
    }
    if (++p->count <= TOTAL_PER_MINUTE)
        return true;
    p->blocked_until_ms = now_ms + BLOCK_MS;
    return false;
}

bool
ln_sim_limits_connect(struct ln_sim_limits *l, const char *peer, int64_t now_ms)
{
    struct peer *p = peer_of(l, peer, now_ms);
    if (!p)
        return true;
    if (now_ms - p->connects_ms >= CONNECTS_MS) {
        p->connects_ms = now_ms;
        p->connects = 0;
    }
    return ++p->connects <= CONNECTS_MAX;
}

bool
ln_sim_limits_take(struct ln_sim_limits *l, const struct ln_endpoint *ep,
                   const char *peer, size_t user, int64_t now_ms, int64_t *left)
{
    size_t row = (size_t)(ep - ln_v2_endpoints(NULL));
    LN_ASSERT_CMP(row, <, l->endpoints);
    LN_ASSERT_CMP(user, <, l->nusers);
    struct ln_sim_bucket *buckets = &l->users[user * l->endpoints];
    /* Nobody knows the user of a public request: the address counts. */
    if (ep->scope == LN_SCOPE_IP || !ep->auth) {
        struct peer *p = peer_of(l, peer, now_ms);
        if (!p)
            return true;
        buckets = p->buckets;
    }
    return ln_sim_bucket_take(&buckets[row], ep->rate_milli, now_ms, left);
}
