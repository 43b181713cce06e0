/*
 * One order of ours and its state machine (drawn in types.h). Every event,
 * from any source, in any order, twice or late, leads to the same final
 * state: amounts only grow, final states are never left, and a fill counts
 * once (by trade id). Staleness is judged by amounts, never by clocks, which
 * differ between the exchange and here.
 *
 * Two exceptions, in both of which the exchange is right: REJECTED (by an
 * answer, or by absence) gives way to an update or fill that shows the order,
 * and CANCELLED or EXPIRED becomes FILLED when its whole size turns out to be
 * filled.
 */
#ifndef LN_TRADE_ORDER_H
#define LN_TRADE_ORDER_H

#include "base/error.h"
#include "market/instrument.h"
#include "trade/types.h"

/*
 * Trade ids remembered per order: the latest ones. Where more fills came, one
 * that does not fit into the size any more is taken for an old one.
 */
#define LN_ORDER_FILLS_MAX 128

struct ln_order {
    struct ln_order_request req; /* as last amended */
    char order_id[24];           /* "" until the exchange told */
    enum ln_order_state state;
    uint32_t owner;      /* strategy number of the host; 0: foreign */
    uint64_t handle;     /* the strategy's own number for it */
    int64_t filled_lots; /* max of what orders and fills said */
    int64_t fills_lots;  /* sum of the fills seen */
    int64_t average_e8;  /* as told; 0: not told, see ln_order_average_e8 */
    int64_t fee_e8;      /* as told, or of the fills if these cover more */
    int64_t profit_e8;   /* of the fills */
    int64_t created_ms,
        updated_ms;             /* updated: exchange time of the last news */
    bool cancel_sent;           /* a cancel is under way */
    bool amend_sent;            /* an amend is under way */
    char reason[LN_REASON_CAP]; /* of a rejection or cancel */
    int32_t error_code;         /* the exchange's, 0 if none */
    char tag[24];               /* the script's client_tag */
    uint64_t fill_ids[LN_ORDER_FILLS_MAX]; /* hashes of trade ids seen */
    uint32_t fill_count;

    /* What the amounts above were made from; of no interest to others. */
    bool ended;           /* the exchange has told a final state */
    int64_t average_lots; /* filled amount that average_e8 belongs to */
    int64_t average_ms;   /* and when it was told */
    int64_t told_fee_e8;  /* the same for the fee that was told */
    int64_t told_fee_lots, told_fee_ms;
    int64_t fills_fee_e8;   /* sum over the fills seen */
    int64_t fills_by_ticks; /* sum of price_ticks x size_lots */
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

/*
 * Average price of what is filled: as told, or of the fills seen if these
 * cover more; 0 if nothing is known.
 */
int64_t ln_order_average_e8(const struct ln_order *o,
                            const struct ln_instrument *in);

/* What may still execute: size less filled while not final. */
int64_t ln_order_open_lots(const struct ln_order *o);
/* Told as filled, but the fills themselves were not seen yet. */
int64_t ln_order_unseen_lots(const struct ln_order *o);

#endif
