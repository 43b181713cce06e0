/*
 * Orders that wait for a price: trigger orders, trailing ones, take profit
 * and stop loss of a position. They are in no book; nothing is frozen for
 * them. When the watched price reaches its trigger they place an ordinary
 * order (source and plan_id of struct ln_ex_order tell of it), or fail.
 *
 *   LIVE -> EXECUTED (order_id set) | FAILED (reason) | CANCELLED
 *
 * Kinds, as Bitget has them:
 *   NORMAL      any order at a trigger; fires when the watched price crosses
 *               it from the side where it was at placement (a trigger right
 *               at the price: at once)
 *   TRACK       armed at its trigger (0: at once), then fires at market when
 *               the price turns back by callback_e8 from its extreme
 *   PROFIT LOSS part of a position
 *   POS_PROFIT POS_LOSS  a whole position: size 0, one of each per position
 *               side; gone when the position closes
 *   MOVING      trailing stop of a part of a position, by callback_e8
 *
 * Those of a position are cut when it becomes smaller than they are. The
 * presets of an order (take_profit_ticks, stop_loss_ticks) become POS_PROFIT
 * and POS_LOSS of the position when the order fills, or change those that it
 * has; the attached ones of NORMAL and TRACK are presets of their order.
 *
 * No price between two looks is missed: each trade since then counts, and
 * the mark of each second. Firing tells, in this order: the new order LIVE,
 * the plan EXECUTED, the order's fills. An account under liquidation
 * (LN_EXR_REDUCING) fires nothing until that is over.
 */
#ifndef LN_EXCHANGE_PLANS_H
#define LN_EXCHANGE_PLANS_H

#include "exchange/exchange.h"

#define LN_EX_PLANS_PER_ACCOUNT_MAX 500   /* live ones */
#define LN_EX_PLAN_HISTORY_MAX      10000 /* ended ones kept per account */
#define LN_EX_CALLBACK_MAX_E8       (LN_E8 / 10) /* 10 % */

enum ln_ex_plan_kind {
    LN_PLAN_NORMAL = 1,
    LN_PLAN_TRACK,
    LN_PLAN_PROFIT,
    LN_PLAN_LOSS,
    LN_PLAN_POS_PROFIT,
    LN_PLAN_POS_LOSS,
    LN_PLAN_MOVING,
    LN_PLAN_KINDS
};

enum ln_ex_plan_state {
    LN_PLAN_LIVE = 1,
    LN_PLAN_EXECUTED,
    LN_PLAN_FAILED,
    LN_PLAN_CANCELLED
};

enum ln_ex_watch { LN_WATCH_FILL = 1, LN_WATCH_MARK };

/* Take profit or stop loss that the placed order will carry. */
struct ln_ex_attached {
    int64_t trigger_ticks; /* 0: none; TRACK: ratio at 1e-8 instead */
    int64_t limit_ticks;   /* 0: at market */
    uint8_t watch;         /* enum ln_ex_watch; 0: FILL */
};

struct ln_ex_plan_request {
    uint8_t kind; /* enum ln_ex_plan_kind */
    uint16_t instrument;
    uint8_t side;        /* of execution */
    uint8_t pos_side;    /* hedge: position touched; NET in one-way mode */
    uint8_t margin_mode; /* 0: the symbol's setting */
    uint8_t watch;       /* enum ln_ex_watch */
    uint8_t stp;         /* enum ln_stp */
    uint8_t tif;         /* enum ln_tif of a limit execution; 0: GTC */
    bool reduce_only;    /* hedge: closes. Kinds of a position: always */
    int64_t size_lots;   /* POS_*: 0 */
    int64_t trigger_ticks;
    int64_t limit_ticks; /* price of the order; 0: at market */
    int64_t callback_e8; /* TRACK, MOVING */
    struct ln_ex_attached take_profit, stop_loss; /* NORMAL, TRACK */
    char client_oid[LN_OID_CAP];
};

struct ln_ex_plan {
    int64_t id;
    ln_ex_account account;
    struct ln_ex_plan_request req; /* client_oid is filled in if empty */
    uint8_t state;                 /* enum ln_ex_plan_state */
    uint8_t pos_mode;
    bool armed;            /* TRACK, MOVING: the extreme is being followed */
    int64_t extreme_ticks; /* TRACK, MOVING: since it was armed */
    int64_t order_id;      /* EXECUTED: the order that was placed */
    int64_t executed_lots; /* EXECUTED: its size */
    int64_t triggered_ms;  /* 0: not yet */
    int64_t created_ms, updated_ms;
    enum ln_ex_refusal refusal; /* FAILED: why the order was refused */
};

/*
 * Refusals beside those of orders: LN_EXR_TRIGGER_SIDE (trigger on the wrong
 * side of the watched price), LN_EXR_PLAN_EXISTS (a second POS_*),
 * LN_EXR_CALLBACK, LN_EXR_TOO_MANY, LN_EXR_NO_POSITION, LN_EXR_CLOSE_TOO_LARGE.
 * On LN_EXR_OK *id is the plan's id; its event has been emitted.
 */
enum ln_ex_refusal ln_ex_plan_place(struct ln_ex *ex, ln_ex_account a,
                                    const struct ln_ex_plan_request *req,
                                    int64_t *id);
/*
 * Change a live plan, id and kind stay. 0 keeps a value, -1 removes (limit
 * becomes market; attached ones go). Another trigger or watched price: it
 * looks anew at where the price stands, and a trailing one is armed anew.
 */
struct ln_ex_plan_change {
    int64_t size_lots, trigger_ticks, limit_ticks, callback_e8;
    uint8_t watch;
    struct ln_ex_attached take_profit, stop_loss;
    const char *new_client_oid; /* NULL: keeps */
};
enum ln_ex_refusal ln_ex_plan_modify(struct ln_ex *ex, ln_ex_account a,
                                     uint16_t inst, int64_t id,
                                     const char *client_oid,
                                     const struct ln_ex_plan_change *change);
enum ln_ex_refusal ln_ex_plan_cancel(struct ln_ex *ex, ln_ex_account a,
                                     uint16_t inst, int64_t id,
                                     const char *client_oid);
/* NULL: none; also ended ones that are still kept. */
const struct ln_ex_plan *ln_ex_plan_find(const struct ln_ex *ex,
                                         ln_ex_account a, int64_t id,
                                         const char *client_oid);
/*
 * Newest first. live: waiting ones, else ended ones. kinds: bit mask of
 * 1 << kind, 0: all. before_id: only ids below it (0: all).
 */
size_t ln_ex_plans(const struct ln_ex *ex, ln_ex_account a, bool live,
                   unsigned kinds, uint16_t inst, int64_t before_id,
                   const struct ln_ex_plan **out, size_t cap);
/* The take profit and stop loss that guard a whole position; NULL: none. */
const struct ln_ex_plan *ln_ex_plan_of_position(const struct ln_ex *ex,
                                                ln_ex_account a, uint16_t inst,
                                                enum ln_pos_side hold,
                                                enum ln_ex_plan_kind kind);

/*
 * Close a position and open the same size on the other side, both at market,
 * as far as the money goes (click-backhand). hold: LONG or SHORT. *close_id,
 * *open_id: the orders (one-way: one order, *open_id 0; hedge: 0 also when
 * there is no money to open). size_lots 0, or more than there is: all.
 * client_oid (may be NULL) is the first order's. In one-way mode a part
 * nets: long 20, 3 of it reversed, sells 6.
 */
enum ln_ex_refusal ln_ex_reverse(struct ln_ex *ex, ln_ex_account a,
                                 uint16_t inst, enum ln_pos_side hold,
                                 int64_t size_lots, const char *client_oid,
                                 int64_t *close_id, int64_t *open_id);

#endif
