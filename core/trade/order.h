/*
 * One order of ours and its state machine (drawn in types.h). Every event,
 * from any source, in any order, twice or late, leads to the same final
 * state: amounts only grow, final states are never left, and a fill counts
 * once (by trade id).
 */
#ifndef LN_TRADE_ORDER_H
#define LN_TRADE_ORDER_H

#include "base/error.h"
#include "trade/types.h"

/* Trade ids remembered per order: the latest ones. */
#define LN_ORDER_FILLS_MAX 64

struct ln_order {
    struct ln_order_request req; /* as last amended */
    char order_id[24];           /* "" until the exchange told */
    enum ln_order_state state;
    uint32_t owner;      /* strategy number of the host; 0: foreign */
    uint64_t handle;     /* the strategy's own number for it */
    int64_t filled_lots; /* max of what orders and fills said */
    int64_t fills_lots;  /* sum of the fills seen */
    int64_t average_e8;
    int64_t fee_e8;
    int64_t profit_e8;
    int64_t created_ms,
        updated_ms;             /* updated: exchange time of the last news */
    bool cancel_sent;           /* a cancel is under way */
    bool amend_sent;            /* an amend is under way */
    char reason[LN_REASON_CAP]; /* of a rejection or cancel */
    int32_t error_code;         /* the exchange's, 0 if none */
    char tag[24];               /* the script's client_tag */
    uint64_t fill_ids[LN_ORDER_FILLS_MAX]; /* hashes of trade ids seen */
    uint32_t fill_count;
};

void ln_order_init(struct ln_order *o, const struct ln_order_request *req,
                   uint32_t owner, uint64_t handle, int64_t now_ms);

/* Each returns true when something a strategy can see has changed. */
bool ln_order_sent(struct ln_order *o, int64_t now_ms);
bool ln_order_accepted(struct ln_order *o, const char *order_id,
                       int64_t now_ms);
bool ln_order_rejected(struct ln_order *o, int32_t code, const char *reason,
                       int64_t now_ms);
/* No answer: the outcome is unknown until the exchange is asked. */
bool ln_order_lost(struct ln_order *o, const char *reason, int64_t now_ms);
bool ln_order_apply(struct ln_order *o, const struct ln_order_update *u);
/* False when this trade id was seen before: the caller must not book it. */
bool ln_order_fill(struct ln_order *o, const struct ln_fill *f);
/* The exchange has answered for sure that there is no such order. */
bool ln_order_absent(struct ln_order *o, int64_t now_ms);
/*
 * Remember a trade id; false when it was seen before. For fills that belong
 * to what an amend has replaced: they count for the position, not for the
 * amounts of the replacement.
 */
bool ln_order_fill_is_new(struct ln_order *o, const char *trade_id);
/*
 * An amend took effect: the record now describes the replacement, whose
 * amounts start from nothing.
 */
bool ln_order_amended(struct ln_order *o, const char *order_id,
                      int64_t price_ticks, int64_t size_lots, int64_t now_ms);

/* What may still execute: size less filled while not final. */
int64_t ln_order_open_lots(const struct ln_order *o);

#endif
