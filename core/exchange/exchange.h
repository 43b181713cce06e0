/*
 * The exchange engine: a small, exact futures exchange in memory.
 *
 * Room: core/exchange, floor 5; knows core/trade, core/market, core/base and
 * nothing of wires or hosts. It has no clock: ln_ex_advance() tells it what
 * time it is, and synthetic participants (or recorded candles) trade up to
 * that time, always the same way from the same seed. Driven by core/sim over
 * the wire; as a venue in process for paper and backtest.
 *
 *   commands (place, cancel, ...)  ->  matching  ->  events to the sink
 *   ln_ex_advance(now)             ->  participants' orders, mark, candles
 *
 * Money: 1e-8 of the margin coin; the sum over all accounts, participants,
 * fees and the insurance fund never changes (ln_ex_money_total).
 */
#ifndef LN_EXCHANGE_EXCHANGE_H
#define LN_EXCHANGE_EXCHANGE_H

#include "base/error.h"
#include "market/aggregate.h"
#include "market/instrument.h"
#include "trade/types.h"

struct ln_ex;

#define LN_EX_ACCOUNTS_MAX           4096
#define LN_EX_ORDERS_PER_ACCOUNT_MAX 2000 /* open ones */
#define LN_EX_HISTORY_MAX                                                      \
    20000                      /* finished orders and fills kept per account   \
                                */
#define LN_EX_TRADES_KEPT 1000 /* public trades kept per instrument */

typedef uint32_t ln_ex_account; /* handle; 0: none */

/* ---- instruments the engine knows out of the box ---- */

/*
 * The catalogue: BTCUSDT, ETHUSDT, XRPUSDT, DOGEUSDT, a 1e-8-priced and a
 * thousand-dollar-tick one, and a few more with different precision.
 */
struct ln_ex_spec {
    struct ln_instrument instrument;
    int64_t start_price_ticks;
    int64_t volatility_ppm; /* standard deviation of a day's return, ppm */
    int64_t daily_volume_lots;
    int64_t spread_ticks; /* typical */
    /* Rising notional limits (1e-8 USDT) with maintenance rate and leverage. */
    struct {
        int64_t end_e8, keep_rate_e8;
        int32_t leverage;
    } tiers[6];
    int ntiers;
};
const struct ln_ex_spec *ln_ex_catalogue(size_t *count);

/* ---- making one ---- */

struct ln_ex_config {
    uint64_t seed;
    int64_t start_ms;           /* market time at which it starts */
    const char *const *symbols; /* of the catalogue; NULL: all */
    size_t nsymbols;
    int history_minutes;      /* how far the past reaches; 0: 90 days */
    uint8_t pos_mode;         /* of new accounts; 0: LN_ONE_WAY */
    int32_t default_leverage; /* of new accounts; 0: 20 */
    bool participants;        /* false: an empty market (tests) */
};

struct ln_ex *ln_ex_new(const struct ln_ex_config *cfg, struct ln_error *err);
void ln_ex_free(struct ln_ex *ex);

/*
 * Recorded 1m candles drive this instrument from now on instead of the
 * participants' own price. Rows ascending by time; copied. Candles before
 * <start_ms> become its history; the engine must have been made with
 * start_ms inside the rows. Volume of 0 means unknown.
 */
enum ln_err ln_ex_replay_candles(struct ln_ex *ex, uint16_t instrument,
                                 const struct ln_candle *rows, size_t count,
                                 struct ln_error *err) LN_MUST_USE;

/*
 * Recorded trades drive it instead: each is printed at its time, price, size
 * and taker's side (0: unknown); orders of accounts that its price passes are
 * filled first, and the participants quote around it. Rows ascending by time;
 * copied; their ids do not matter. Those before <start_ms> become candles.
 */
enum ln_err ln_ex_replay_trades(struct ln_ex *ex, uint16_t instrument,
                                const struct ln_trade *rows, size_t count,
                                struct ln_error *err) LN_MUST_USE;

const struct ln_instruments *ln_ex_instruments(const struct ln_ex *ex);
const struct ln_ex_spec *ln_ex_spec(const struct ln_ex *ex, uint16_t inst);

/* Let participants trade and everything else happen up to <now_ms>. */
void ln_ex_advance(struct ln_ex *ex, int64_t now_ms);
int64_t ln_ex_now(const struct ln_ex *ex);

/* ---- events ---- */

enum ln_ex_event_type {
    LN_EXE_TRADE = 1, /* public trade */
    LN_EXE_LEVEL,     /* a price level has a new total size */
    LN_EXE_ORDER,     /* an account's order changed */
    LN_EXE_FILL,      /* an account's fill (after its ORDER event) */
    LN_EXE_POSITION,  /* an account's position changed (also on settlement) */
    LN_EXE_ACCOUNT,   /* an account's balance changed */
    LN_EXE_FUNDING,   /* settlement of a position */
    LN_EXE_PLAN,      /* an account's plan (plans.h) changed */
    LN_EXE_CLOSED,    /* an account's position was closed completely */
    LN_EXE_ADL,       /* an account's position was deleveraged */
    LN_EXE_SYMBOL     /* an instrument's status changed (public) */
};

struct ln_ex_order;  /* below */
struct ln_ex_plan;   /* plans.h */
struct ln_ex_closed; /* ledger.h */
struct ln_ex_fill;

struct ln_ex_event {
    enum ln_ex_event_type type;
    uint16_t instrument;
    ln_ex_account account; /* 0 for public events */
    int64_t time_ms;
    union {
        struct ln_trade trade;
        struct {
            enum ln_side side;
            struct ln_level level; /* size 0: gone */
        } level;
        struct {
            const struct ln_ex_order *order;
            const struct ln_ex_fill *fill; /* set when a fill caused it */
        } order;
        const struct ln_ex_fill *fill;
        int64_t funding_e8;
        const struct ln_ex_plan *plan;
        const struct ln_ex_closed *closed;
    } u; /* ADL: fill */
};

/* Called synchronously inside commands and advance; must not call commands. */
typedef void (*ln_ex_sink)(void *ctx, const struct ln_ex_event *event);
void ln_ex_set_sink(struct ln_ex *ex, ln_ex_sink sink, void *ctx);

/* ---- accounts ---- */

ln_ex_account ln_ex_account_add(struct ln_ex *ex, int64_t balance_e8);

struct ln_ex_balance {
    int64_t balance_e8;    /* wallet: deposits, profits, fees, funding */
    int64_t unrealised_e8; /* of all positions, at mark */
    int64_t equity_e8;     /* balance + unrealised */
    int64_t locked_e8;     /* reserved by open orders */
    int64_t position_margin_e8;
    int64_t available_e8;   /* for new orders; >= 0 */
    int64_t maintenance_e8; /* of all crossed positions */
    uint8_t pos_mode;
};
void ln_ex_balance(const struct ln_ex *ex, ln_ex_account a,
                   struct ln_ex_balance *out);

struct ln_ex_position {
    uint16_t instrument;
    uint8_t hold_side; /* LN_LONG, LN_SHORT */
    uint8_t margin_mode;
    int32_t leverage;
    int64_t id;
    int64_t size_lots, frozen_lots; /* frozen: held by close orders */
    int64_t entry_e8, mark_e8;      /* prices */
    int64_t margin_e8, unrealised_e8, realised_e8;
    int64_t fees_e8;        /* trading fees, negative = paid */
    int64_t funding_e8;     /* received (+) and paid (-) */
    int64_t liquidation_e8; /* price; 0: none */
    int64_t break_even_e8;
    int64_t keep_rate_e8; /* maintenance rate of its tier */
    int64_t margin_ratio_e8;
    int64_t created_ms, updated_ms;
};
/* Writes up to cap open positions; returns how many there are. */
size_t ln_ex_positions(const struct ln_ex *ex, ln_ex_account a,
                       struct ln_ex_position *out, size_t cap);

/* Settings. Errors as in enum ln_ex_refusal below (0: done). */
int ln_ex_set_leverage(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                       enum ln_pos_side side, int32_t leverage);
int ln_ex_set_margin_mode(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                          enum ln_margin_mode mode);
int ln_ex_set_pos_mode(struct ln_ex *ex, ln_ex_account a,
                       enum ln_pos_mode mode);
/* side: LONG or SHORT (isolated hedge), NET otherwise. */
int32_t ln_ex_leverage(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                       enum ln_pos_side side);
enum ln_margin_mode ln_ex_margin_mode(const struct ln_ex *ex, ln_ex_account a,
                                      uint16_t inst);
enum ln_pos_mode ln_ex_pos_mode(const struct ln_ex *ex, ln_ex_account a);

/*
 * Take an instrument offline or back (enum ln_instrument_status). Its orders
 * stay; new ones are refused with LN_EXR_SYMBOL_STATE.
 */
void ln_ex_set_status(struct ln_ex *ex, uint16_t inst,
                      enum ln_instrument_status status);

/* ---- orders ---- */

/* Why a command is refused. The wire front maps these to Bitget's codes. */
enum ln_ex_refusal {
    LN_EXR_OK = 0,
    LN_EXR_SYMBOL,       /* unknown instrument */
    LN_EXR_SYMBOL_STATE, /* not open for (opening) orders */
    LN_EXR_PRICE,        /* <= 0 or missing */
    LN_EXR_PRICE_BAND,   /* too far from the mark */
    LN_EXR_SIZE_MIN,     /* below the smallest size */
    LN_EXR_SIZE_MAX,
    LN_EXR_VALUE_MIN,     /* below the smallest value */
    LN_EXR_MARGIN,        /* not enough available */
    LN_EXR_DUPLICATE_OID, /* clientOid of a pending order */
    LN_EXR_NO_POSITION,   /* reduce-only or close without a position */
    LN_EXR_CLOSE_TOO_LARGE,
    LN_EXR_POS_MODE,     /* hedge fields in one-way mode, or the reverse */
    LN_EXR_TOO_MANY,     /* open orders */
    LN_EXR_NOT_FOUND,    /* no such order */
    LN_EXR_FINAL,        /* the order is final already */
    LN_EXR_UNCHANGED,    /* amend without a change */
    LN_EXR_LEVERAGE,     /* out of range, or of the tier */
    LN_EXR_LOCKED,       /* mode or leverage locked by positions or orders */
    LN_EXR_LIQUIDITY,    /* market order finds an empty book */
    LN_EXR_PRESET,       /* take profit or stop loss on the wrong side */
    LN_EXR_TRIGGER_SIDE, /* trigger on the wrong side of the watched price */
    LN_EXR_PLAN_EXISTS,  /* this position has its take profit or stop loss */
    LN_EXR_CALLBACK,     /* callback ratio out of range */
    LN_EXR_REDUCING,     /* the account is being liquidated */
    LN_EXR_KINDS
};
const char *ln_ex_refusal_text(enum ln_ex_refusal r);

/* Where an order came from. */
enum ln_ex_source {
    LN_EXS_USER = 0,
    LN_EXS_PLAN, /* the kinds of plans.h */
    LN_EXS_TRACK,
    LN_EXS_PROFIT,
    LN_EXS_LOSS,
    LN_EXS_POS_PROFIT,
    LN_EXS_POS_LOSS,
    LN_EXS_MOVE,
    LN_EXS_REDUCE, /* partial liquidation */
    LN_EXS_BURST,  /* liquidation */
    LN_EXS_OFFSET, /* netting of opposite positions before it */
    LN_EXS_ADL     /* auto-deleveraging */
};

/* An account's order, as the engine keeps it. Owned by the engine. */
struct ln_ex_order {
    int64_t id;
    ln_ex_account account;
    struct ln_order_request req; /* client_oid is filled in if it was empty */
    enum ln_order_state state;   /* LIVE, PARTIAL, FILLED, CANCELLED */
    int64_t filled_lots;
    int64_t filled_value_e8; /* sum of notional of its fills */
    int64_t fee_e8;          /* negative = paid */
    int64_t profit_e8;
    int64_t locked_e8; /* margin reserved by the rest */
    int32_t leverage;
    uint8_t pos_mode;
    int64_t created_ms, updated_ms;
    char reason[32]; /* "normal_cancel", "stp_cancel", ... */
    uint8_t source;  /* enum ln_ex_source */
    int64_t plan_id; /* of the plan that placed it; 0: none */
};

struct ln_ex_fill {
    int64_t trade_id;
    const struct ln_ex_order *order;
    uint16_t instrument;
    uint8_t side; /* execution */
    uint8_t liquidity;
    int64_t price_ticks, size_lots;
    int64_t value_e8, fee_e8, profit_e8;
    int64_t time_ms;
};

/*
 * Place. On LN_EXR_OK *id is the new order's id; its events have already
 * been emitted (LIVE first, then fills or the cancel of IOC/FOK/post-only).
 */
enum ln_ex_refusal ln_ex_place(struct ln_ex *ex, ln_ex_account a,
                               const struct ln_order_request *req, int64_t *id);
/* By id (wins) or clientOid; id 0 and NULL where not given. */
enum ln_ex_refusal ln_ex_cancel(struct ln_ex *ex, ln_ex_account a,
                                uint16_t inst, int64_t id,
                                const char *client_oid);
/*
 * Cancel-and-replace: the old order is cancelled, a new one with
 * <new_client_oid> takes its place. 0 keeps price or size.
 */
enum ln_ex_refusal ln_ex_amend(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                               int64_t id, const char *client_oid,
                               const char *new_client_oid, int64_t price_ticks,
                               int64_t size_lots, int64_t *new_id);
/*
 * Change the presets of a working order, which keeps its id and its place.
 * 0 keeps a price, -1 removes it.
 */
enum ln_ex_refusal ln_ex_amend_presets(struct ln_ex *ex, ln_ex_account a,
                                       uint16_t inst, int64_t id,
                                       const char *client_oid, int64_t tp_ticks,
                                       int64_t sl_ticks);
/* Cancel all open orders (of one instrument, or LN_INSTRUMENT_NONE: all). */
size_t ln_ex_cancel_all(struct ln_ex *ex, ln_ex_account a, uint16_t inst);

/* Also finds finished orders that are still kept. NULL: none. */
const struct ln_ex_order *ln_ex_find(const struct ln_ex *ex, ln_ex_account a,
                                     int64_t id, const char *client_oid);
/*
 * Iterate, newest first. open: working orders; else finished ones.
 * before_id: only ids below it (0: all). Return how many were written.
 */
size_t ln_ex_orders(const struct ln_ex *ex, ln_ex_account a, bool open,
                    uint16_t inst, int64_t before_id,
                    const struct ln_ex_order **out, size_t cap);
size_t ln_ex_fills(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                   int64_t order_id, int64_t before_trade_id,
                   const struct ln_ex_fill **out, size_t cap);

/* ---- market data ---- */

void ln_ex_ticker(const struct ln_ex *ex, uint16_t inst, struct ln_ticker *out);
/* Best first; returns the number written. */
size_t ln_ex_depth(const struct ln_ex *ex, uint16_t inst, enum ln_side side,
                   struct ln_level *out, size_t cap);
/* Counts every change of the book of this instrument. */
int64_t ln_ex_book_seq(const struct ln_ex *ex, uint16_t inst);
/* Newest first. */
size_t ln_ex_trades(const struct ln_ex *ex, uint16_t inst, struct ln_trade *out,
                    size_t cap);
/*
 * Candles that open before <end_ms> (0: now), ascending, the latest <cap> of
 * them; the last may be forming.
 */
size_t ln_ex_candles(const struct ln_ex *ex, uint16_t inst,
                     enum ln_timeframe tf, int64_t end_ms,
                     struct ln_candle *out, size_t cap);

/* ---- invariants ---- */

/* Sum of all money in the engine; constant but for ln_ex_account_add. */
int64_t ln_ex_money_total(const struct ln_ex *ex);
/* True when every internal invariant holds; else <why> says which does not. */
bool ln_ex_check(const struct ln_ex *ex, char *why, size_t cap);

#endif
