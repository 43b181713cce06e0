/*
 * What the files about money share: the books of an account (bills.c,
 * closed.c), margin that is moved (margin_move.c), liquidation and
 * auto-deleveraging (liquidation.c, adl.c).
 */
#ifndef LN_EXCHANGE_MONEY_INT_H
#define LN_EXCHANGE_MONEY_INT_H

#include "exchange/exchange_int.h"

/* The participants pay this into the insurance fund at the start. */
#define LN_EX_INSURANCE_START_E8 (1000000 * LN_E8)

/* A queue that grows up to a size, then forgets the oldest. */
struct ln_ex_ring {
    void *items; /* owned */
    uint32_t cap, count, first;
};

/* Room for one more at the end; NULL: no memory. */
void *ln_ex_ring_push(struct ln_ex_ring *r, uint32_t max, size_t item_size);
/* The i-th newest. */
const void *ln_ex_ring_newest(const struct ln_ex_ring *r, uint32_t i,
                              size_t item_size);

struct ln_ex_accounting {
    struct ln_ex_ring bills, closed;
    int64_t moved_e8; /* by all bills ever, also those forgotten */
    uint64_t written; /* how many that were */
    uint64_t lost;    /* of them could not be kept: no memory */
};

/* False: no memory. */
bool ln_ex_accounting_start(struct ln_ex_client *c);
/* The kind of bill that a fill of this order writes for a position. */
enum ln_ex_bill_kind ln_ex_bill_kind_of(const struct ln_ex_client *c,
                                        uint8_t source, int which,
                                        bool closing);
/* The position that was just closed, as it is kept. */
struct ln_ex_closed ln_ex_closed_keep(const struct ln_ex *ex,
                                      struct ln_ex_client *c,
                                      const struct ln_ex_market *m, int which);

/* Wallet that may become margin of an isolated position: no profit that is
 * not realised, nothing that orders or positions hold. May be negative. */
int64_t ln_ex_spare_e8(const struct ln_ex *ex, const struct ln_ex_client *c);
/* Put spare wallet into the margin of a position, with its bill. */
void ln_ex_margin_append(struct ln_ex *ex, struct ln_ex_client *c,
                         const struct ln_ex_market *m, int which,
                         int64_t amount_e8, enum ln_ex_bill_kind kind);
/* Top up a position whose margin is used up; true: it is safe again. */
bool ln_ex_auto_append(struct ln_ex *ex, struct ln_ex_client *c,
                       const struct ln_ex_market *m, int which);
bool ln_ex_isolated_used_up(const struct ln_ex_market *m,
                            const struct ln_ex_pos *p, int which);

/* value / (size x ratio): a price. */
int64_t ln_ex_per_size_e8(const struct ln_instrument *in, ln_i128 value_e8,
                          int64_t lots, int64_t ratio_e8, enum ln_round round);
/* Liquidation price (1e-8) of an isolated position; 0: none. */
int64_t ln_ex_isolated_price_e8(const struct ln_ex_market *m,
                                const struct ln_ex_pos *p, int which);
/* Of a crossed slot, both sides together, with <equity> behind it that does
 * not depend on this market; 0: none. */
int64_t ln_ex_crossed_price_e8(const struct ln_ex_market *m,
                               const struct ln_ex_slot *s, int64_t equity_e8);
/* Crossed equity less all that depends on one market. */
int64_t ln_ex_cross_outside_e8(const struct ln_ex *ex,
                               const struct ln_ex_client *c,
                               const struct ln_ex_market *m);

/* An order in the account's name that nobody placed; NULL: no memory. */
struct ln_ex_record *ln_ex_forced_order(struct ln_ex *ex,
                                        struct ln_ex_client *c,
                                        const struct ln_ex_market *m, int which,
                                        int64_t lots, uint8_t source);
/* The participants take over what the order has left, at a price. */
void ln_ex_house_takes(struct ln_ex *ex, struct ln_ex_market *m,
                       struct ln_ex_record *r, int64_t price_ticks,
                       enum ln_liquidity liquidity);
/* Execute all of a forced order against the opposite side at a price: the
 * accounts first that profit most, the participants last. */
void ln_ex_deleverage(struct ln_ex *ex, struct ln_ex_market *m,
                      struct ln_ex_record *r, int which, int64_t price_ticks);
/* Endow the fund; pay an account out of it. */
void ln_ex_insurance_start(struct ln_ex *ex);
void ln_ex_insure(struct ln_ex *ex, struct ln_ex_client *c, uint16_t inst,
                  int64_t amount_e8);

#endif
