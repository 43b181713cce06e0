/*
 * clientOids that name host, strategy and sequence:
 *
 *     ln-<host 6>-<strategy, base 36>-<sequence, base 36>
 *
 * [0-9a-z-] only, at most 32 characters. The host part is six characters of
 * a hash of the host's name, the same after each start, so that a host knows
 * what it sent before it was killed. The sequence starts from the start time,
 * so that ids stay unique across restarts.
 */
#ifndef LN_TRADE_OID_H
#define LN_TRADE_OID_H

#include "base/str.h"
#include "trade/types.h"

struct ln_oid_maker {
    char host[8];
    uint64_t next;
};

void ln_oid_init(struct ln_oid_maker *m, const char *host_name,
                 int64_t start_ms);
void ln_oid_make(struct ln_oid_maker *m, uint32_t strategy,
                 char out[LN_OID_CAP]);
/*
 * Strategy number of an id of this host, of this start or an earlier one; 0
 * if it is not ours.
 */
uint32_t ln_oid_owner(const struct ln_oid_maker *m, struct ln_str oid);

#endif
