/*
 * The books of an account: bills for every movement of money, closed
 * positions, and the commands that move margin.
 */
#ifndef LN_EXCHANGE_LEDGER_H
#define LN_EXCHANGE_LEDGER_H

#include "exchange/exchange.h"

#define LN_EX_BILLS_MAX  20000 /* kept per account, the oldest go */
#define LN_EX_CLOSED_MAX 5000

/* What moved money; names on the wire are in trading-semantics section 12. */
enum ln_ex_bill_kind {
    LN_BILL_DEPOSIT = 1, /* trans_from_exchange: at the start */
    LN_BILL_OPEN_LONG,   /* hedge */
    LN_BILL_OPEN_SHORT,
    LN_BILL_CLOSE_LONG,
    LN_BILL_CLOSE_SHORT,
    LN_BILL_BUY, /* one-way */
    LN_BILL_SELL,
    LN_BILL_FORCE_CLOSE_LONG, /* partial liquidation and netting */
    LN_BILL_FORCE_CLOSE_SHORT,
    LN_BILL_FORCE_BUY,
    LN_BILL_FORCE_SELL,
    LN_BILL_BURST_LONG, /* liquidation: burst_long_loss_query */
    LN_BILL_BURST_SHORT,
    LN_BILL_BURST_BUY,
    LN_BILL_BURST_SELL,
    LN_BILL_ADL_LONG,
    LN_BILL_ADL_SHORT,
    LN_BILL_ADL_BUY, /* one-way: adl_buy_in_single_side_mode */
    LN_BILL_ADL_SELL,
    LN_BILL_FUNDING,       /* contract_settle_fee */
    LN_BILL_APPEND_MARGIN, /* these four: the balance stays as it is */
    LN_BILL_REDUCE_MARGIN,
    LN_BILL_AUTO_APPEND_MARGIN,
    LN_BILL_LEVER_APPEND_MARGIN, /* adjust_down_lever_append_margin */
    LN_BILL_INSURANCE, /* what the fund paid: risk_captital_user_transfer */
    LN_BILL_KINDS
};
/* As the wire says it: "open_long", "contract_settle_fee". */
const char *ln_ex_bill_name(enum ln_ex_bill_kind kind);
/* False for the moves of margin, which leave the balance as it is. */
bool ln_ex_bill_moves(enum ln_ex_bill_kind kind);

struct ln_ex_bill {
    int64_t id;
    uint16_t instrument; /* LN_INSTRUMENT_NONE: of the account */
    uint8_t kind;        /* enum ln_ex_bill_kind */
    int64_t amount_e8;   /* profit, funding, transfer; margin: what moved */
    int64_t fee_e8;      /* negative = paid */
    int64_t balance_e8;  /* of the account after it */
    int64_t order_id;    /* 0: none */
    int64_t time_ms;
};
/* Newest first. before_id: only ids below it (0: all). kind 0: all. */
size_t ln_ex_bills(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                   enum ln_ex_bill_kind kind, int64_t before_id,
                   struct ln_ex_bill *out, size_t cap);

/* A position that has been closed completely. */
struct ln_ex_closed {
    int64_t id; /* the position's */
    uint16_t instrument;
    uint8_t hold_side, margin_mode, pos_mode;
    int32_t leverage;
    int64_t opened_lots, closed_lots; /* over its life; equal */
    int64_t open_value_e8, close_value_e8;
    int64_t profit_e8;                 /* without fees and funding */
    int64_t open_fee_e8, close_fee_e8; /* negative = paid */
    int64_t funding_e8;
    int64_t created_ms, closed_ms;
};
/* Last closed first. before_id: only those that were closed before that
 * position (0: all). */
size_t ln_ex_closed_positions(const struct ln_ex *ex, ln_ex_account a,
                              uint16_t inst, int64_t before_id,
                              struct ln_ex_closed *out, size_t cap);

/*
 * Move margin into (+) or out of (-) an isolated position. LN_EXR_NO_POSITION,
 * LN_EXR_MARGIN (not enough), LN_EXR_LOCKED (a crossed one).
 */
int ln_ex_move_margin(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                      enum ln_pos_side hold, int64_t amount_e8);
/*
 * Top an isolated position up from the account before it is liquidated; the
 * switch goes off with the position. Refusals as above.
 */
int ln_ex_set_auto_margin(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                          enum ln_pos_side hold, bool on);
bool ln_ex_auto_margin(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                       enum ln_pos_side hold);

/* What an order of this price and leverage could still open, in lots. */
int64_t ln_ex_max_open_lots(const struct ln_ex *ex, ln_ex_account a,
                            uint16_t inst, enum ln_side side,
                            int64_t price_ticks, int32_t leverage);
/* Liquidation price (1e-8) of a position opened so; 0: none. */
int64_t ln_ex_would_liquidate_e8(const struct ln_ex *ex, ln_ex_account a,
                                 uint16_t inst, enum ln_side side,
                                 int64_t price_ticks, int64_t lots,
                                 int32_t leverage);

/* Rank in the queue of auto-deleveraging: 1 (last) to 5 (first); 0: flat. */
int ln_ex_adl_rank(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                   enum ln_pos_side hold);

int64_t ln_ex_insurance_e8(const struct ln_ex *ex);

#endif
