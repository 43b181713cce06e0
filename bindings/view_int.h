/*
 * The fields of views: names in one list, and for each kind of view which of
 * them it has and how one is read.
 */
#ifndef LN_BINDINGS_VIEW_INT_H
#define LN_BINDINGS_VIEW_INT_H

#include "bindings/runtime_int.h"

#define FIELDS(X)                                                              \
    X(SYMBOL, "symbol")                                                        \
    X(TIME, "time")                                                            \
    X(LAST, "last")                                                            \
    X(BID, "bid")                                                              \
    X(ASK, "ask")                                                              \
    X(BID_SIZE, "bid_size")                                                    \
    X(ASK_SIZE, "ask_size")                                                    \
    X(MARK, "mark")                                                            \
    X(INDEX, "index")                                                          \
    X(FUNDING_RATE, "funding_rate")                                            \
    X(NEXT_FUNDING, "next_funding")                                            \
    X(OPEN_INTEREST, "open_interest")                                          \
    X(HIGH_24H, "high_24h")                                                    \
    X(LOW_24H, "low_24h")                                                      \
    X(CHANGE_24H, "change_24h")                                                \
    X(VOLUME_24H, "volume_24h")                                                \
    X(QUOTE_VOLUME_24H, "quote_volume_24h")                                    \
    X(TIMEFRAME, "timeframe")                                                  \
    X(OPEN, "open")                                                            \
    X(HIGH, "high")                                                            \
    X(LOW, "low")                                                              \
    X(CLOSE, "close")                                                          \
    X(VOLUME, "volume")                                                        \
    X(QUOTE_VOLUME, "quote_volume")                                            \
    X(ID, "id")                                                                \
    X(PRICE, "price")                                                          \
    X(SIZE, "size")                                                            \
    X(SIDE, "side")                                                            \
    X(BIDS, "bids")                                                            \
    X(ASKS, "asks")                                                            \
    X(SEQ, "seq")                                                              \
    X(CLIENT_OID, "client_oid")                                                \
    X(TYPE, "type")                                                            \
    X(STATE, "state")                                                          \
    X(FILLED, "filled")                                                        \
    X(AVERAGE, "average")                                                      \
    X(REMAINING, "remaining")                                                  \
    X(REDUCE_ONLY, "reduce_only")                                              \
    X(POSITION_SIDE, "position_side")                                          \
    X(TAG, "tag")                                                              \
    X(REASON, "reason")                                                        \
    X(ORDER_ID, "order_id")                                                    \
    X(TRADE_ID, "trade_id")                                                    \
    X(FEE, "fee")                                                              \
    X(FEE_COIN, "fee_coin")                                                    \
    X(LIQUIDITY, "liquidity")                                                  \
    X(PROFIT, "profit")                                                        \
    X(ENTRY, "entry")                                                          \
    X(UNREALISED, "unrealised")                                                \
    X(REALISED, "realised")                                                    \
    X(LEVERAGE, "leverage")                                                    \
    X(MARGIN_MODE, "margin_mode")                                              \
    X(LIQUIDATION, "liquidation")                                              \
    X(EQUITY, "equity")                                                        \
    X(AVAILABLE, "available")                                                  \
    X(LOCKED, "locked")                                                        \
    X(RATE, "rate")                                                            \
    X(AMOUNT, "amount")

enum field {
    F_NONE,
#define X(id, name) F_##id,
    FIELDS(X)
#undef X
        F_COUNT,
    /* methods, in the same table of names */
    M_COPY,
    M_HANDLE,
    M_POSITION /* account.position(symbol) */
};

extern const char *const field_names[F_COUNT];

struct view_ref {
    enum view kind;
    uint16_t instrument;
    unsigned level; /* of a book, from 0 */
};

struct view_kind {
    const char *name;
    const enum field *fields; /* ends with F_NONE */
    /* Pushes the value; the field is one of <fields>. */
    void (*push)(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
                 enum field f);
};

extern const struct view_kind view_kinds[VIEW_COUNT];

/* Pushes bids, asks or one level of the current book. */
void push_subview(lua_State *L, enum view kind, uint16_t instrument,
                  unsigned level);
const struct ln_level *book_level(struct ln_runtime *rt,
                                  const struct view_ref *v);
unsigned book_depth(struct ln_runtime *rt, const struct view_ref *v);

#endif
