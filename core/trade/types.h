/*
 * The words of trading: orders, fills, positions, accounts.
 *
 * Room: core/trade, floor 3; knows core/market and core/base. Pure state
 * machines: no I/O, and the time is handed in.
 */
#ifndef LN_TRADE_TYPES_H
#define LN_TRADE_TYPES_H

#include "market/types.h"

#define LN_OID_CAP    51 /* clientOid: at most 50 on the wire, 32 of ours */
#define LN_REASON_CAP 96

enum ln_order_type { LN_LIMIT = 1, LN_MARKET };
enum ln_tif { LN_GTC = 1, LN_IOC, LN_FOK, LN_POST_ONLY };
enum ln_pos_mode { LN_ONE_WAY = 1, LN_HEDGE };
enum ln_margin_mode { LN_CROSSED = 1, LN_ISOLATED };

/* NET in one-way mode. In hedge mode, the position that an order touches. */
enum ln_pos_side { LN_NET = 0, LN_LONG = 1, LN_SHORT = 2 };

/*
 * Self-trade prevention: what happens when an order meets one of the same
 * owner. The taker's mode decides.
 */
enum ln_stp {
    LN_STP_NONE = 0,
    LN_STP_CANCEL_TAKER,
    LN_STP_CANCEL_MAKER,
    LN_STP_CANCEL_BOTH
};

enum ln_liquidity { LN_LIQ_NONE = 0, LN_MAKER = 1, LN_TAKER = 2 };

/*
 * An order is in exactly one of these states.
 *
 *  PLANNED -> SENT -> LIVE <-> PARTIAL -> FILLED
 *               |  \     \______\______-> CANCELLED, EXPIRED
 *               |   \-> REJECTED
 *               \-----> UNKNOWN -> (whatever the exchange says it is)
 *
 * A timeout or transport error after SENT is UNKNOWN, never REJECTED.
 */
enum ln_order_state {
    LN_ORDER_PLANNED = 1,
    LN_ORDER_SENT,
    LN_ORDER_UNKNOWN,
    LN_ORDER_LIVE,
    LN_ORDER_PARTIAL,
    LN_ORDER_FILLED,
    LN_ORDER_CANCELLED,
    LN_ORDER_REJECTED,
    LN_ORDER_EXPIRED
};

/*
 * What somebody wants. <side> is the direction of EXECUTION (buy or sell in
 * the book) in both modes: closing a long is LN_SELL. Venues translate to
 * their own convention (Bitget's hedge side names the position).
 */
struct ln_order_request {
    char client_oid[LN_OID_CAP];
    uint16_t instrument;
    uint8_t side;        /* enum ln_side */
    uint8_t type;        /* enum ln_order_type */
    uint8_t tif;         /* enum ln_tif; market: LN_GTC */
    uint8_t pos_side;    /* enum ln_pos_side: hedge mode only, else LN_NET */
    uint8_t margin_mode; /* enum ln_margin_mode */
    bool reduce_only;    /* hedge mode: this order closes pos_side */
    int64_t price_ticks; /* limit only */
    int64_t size_lots;
    uint8_t stp;               /* enum ln_stp */
    int64_t take_profit_ticks; /* preset of the position; 0: none */
    int64_t stop_loss_ticks;
    int64_t take_profit_limit_ticks; /* its order's price; 0: at market */
    int64_t stop_loss_limit_ticks;
};

/* An order as the exchange tells it (REST answer or private push). */
struct ln_order_update {
    char client_oid[LN_OID_CAP];
    char order_id[24];
    uint16_t instrument;
    uint8_t side, type, tif, pos_side;
    uint8_t state; /* enum ln_order_state: LIVE, PARTIAL, FILLED, CANCELLED */
    bool reduce_only;
    int64_t price_ticks; /* 0 for market */
    int64_t size_lots;
    int64_t filled_lots; /* accumulated */
    int64_t average_e8;  /* average fill price; 0: unknown */
    int64_t fee_e8;      /* accumulated, negative = paid */
    int64_t created_ms, updated_ms;
    char reason[LN_REASON_CAP]; /* cancelReason */
};

struct ln_fill {
    char client_oid[LN_OID_CAP];
    char order_id[24];
    char trade_id[24];
    uint16_t instrument;
    uint8_t side;      /* direction of execution */
    uint8_t pos_side;  /* hedge: the position touched; else LN_NET */
    uint8_t liquidity; /* enum ln_liquidity */
    int64_t price_ticks;
    int64_t size_lots;
    int64_t fee_e8;    /* negative = paid */
    int64_t profit_e8; /* realised by this fill, without fee */
    int64_t time_ms;
};

/* A position as the exchange tells it. */
struct ln_position_update {
    uint16_t instrument;
    uint8_t hold_side; /* enum ln_pos_side: LONG or SHORT, in both modes */
    uint8_t pos_mode, margin_mode;
    int64_t size_lots; /* >= 0 */
    int64_t available_lots;
    int64_t entry_e8, mark_e8, liquidation_e8; /* prices */
    int64_t margin_e8;
    int64_t unrealised_e8, realised_e8;
    int32_t leverage;
    int64_t updated_ms;
};

struct ln_account_update {
    char coin[16];
    int64_t equity_e8, available_e8, locked_e8, unrealised_e8;
    uint8_t pos_mode; /* 0: not told */
    int64_t time_ms;
};

bool ln_order_state_final(enum ln_order_state state);
const char *ln_order_state_name(enum ln_order_state state); /* "live" */
const char *ln_side_name(enum ln_side side);                /* "buy" */
const char *ln_order_type_name(enum ln_order_type type);    /* "limit" */
const char *ln_tif_name(enum ln_tif tif);                   /* "post_only" */

#endif
