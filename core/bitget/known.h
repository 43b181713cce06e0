/*
 * What the client remembers of its own orders and fills, bounded: which
 * clientOid and direction belong to an orderId (REST fills carry no
 * clientOid, and the fill channel's "side" is only trusted when nothing
 * better is known), and which fills were already told.
 */
#ifndef LN_BITGET_KNOWN_H
#define LN_BITGET_KNOWN_H

#include "base/map.h"
#include "trade/types.h"

#define LN_KNOWN_ORDERS 8192 /* the oldest are forgotten */
#define LN_KNOWN_FILLS  16384

struct ln_known_order {
    char order_id[24];
    char client_oid[LN_OID_CAP];
    uint8_t side, pos_side;
};

struct ln_known_fill {
    char key[48]; /* trade id and order id: both sides may be ours */
};

struct ln_known {
    struct ln_known_order *orders; /* owned rings */
    struct ln_known_fill *fills;
    uint32_t next_order, next_fill;
    struct ln_map by_id, by_oid, by_fill;
};

enum ln_err ln_known_init(struct ln_known *k) LN_MUST_USE;
void ln_known_deinit(struct ln_known *k);

/* Either id may be "" while it is not known; the record is completed. */
void ln_known_put(struct ln_known *k, const char *order_id,
                  const char *client_oid, uint8_t side, uint8_t pos_side);
/* By order_id, else by client_oid; NULL if unknown. */
const struct ln_known_order *ln_known_find(const struct ln_known *k,
                                           const char *order_id,
                                           const char *client_oid);

/* True the first time, false when this fill was told before. */
bool ln_known_fill_new(struct ln_known *k, const char *trade_id,
                       const char *order_id);

#endif
