/*
 * clientOids: ln-<host>-<strategy>-<sequence>, lower case and digits.
 */
#include "trade/oid.h"

#include "base/map.h"

#include <stdio.h>
#include <string.h>

#define HOST_CHARS 6
#define DIGITS     "0123456789abcdefghijklmnopqrstuvwxyz"

static size_t
base36(uint64_t v, char out[16])
{
    char tmp[16];
    size_t n = 0;
    do {
        tmp[n++] = DIGITS[v % 36];
        v /= 36;
    } while (v && n < sizeof(tmp));
    for (size_t i = 0; i < n; i++)
        out[i] = tmp[n - 1 - i];
    out[n < 15 ? n : 15] = 0;
    return n;
}

void
ln_oid_init(struct ln_oid_maker *m, const char *host_name, int64_t start_ms)
{
    uint64_t hash = ln_hash(ln_str(host_name));
    for (int i = 0; i < HOST_CHARS; i++) {
        m->host[i] = DIGITS[hash % 36];
        hash /= 36;
    }
    m->host[HOST_CHARS] = 0;
    /* A host makes fewer than a thousand orders a millisecond, so counting
     * from its start time never meets the ids of an earlier start. */
    m->next = (uint64_t)start_ms * 1000;
}

void
ln_oid_make(struct ln_oid_maker *m, uint32_t strategy, char out[LN_OID_CAP])
{
    char who[16], seq[16];
    base36(strategy, who);
    base36(m->next++, seq);
    snprintf(out, LN_OID_CAP, "ln-%s-%s-%s", m->host, who, seq);
}

/* A number that base36() has written. */
static bool
is_base36(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!text[i] || !strchr(DIGITS, text[i]))
            return false;
    return len > 0 && len <= 13;
}

uint32_t
ln_oid_owner(const struct ln_oid_maker *m, struct ln_str oid)
{
    size_t prefix = 3 + HOST_CHARS + 1;
    uint64_t owner = 0;
    if (oid.len <= prefix || memcmp(oid.ptr, "ln-", 3) != 0 ||
        memcmp(oid.ptr + 3, m->host, HOST_CHARS) != 0 ||
        oid.ptr[prefix - 1] != '-')
        return 0;
    for (size_t i = prefix; i < oid.len; i++) {
        char c = oid.ptr[i];
        if (c == '-')
            return is_base36(oid.ptr + i + 1, oid.len - i - 1) ? (uint32_t)owner
                                                               : 0;
        const char *digit = strchr(DIGITS, c);
        if (!c || !digit)
            return 0;
        owner = owner * 36 + (uint64_t)(digit - DIGITS);
        if (owner > UINT32_MAX)
            return 0;
    }
    return 0;
}
