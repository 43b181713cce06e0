/*
 * What the files of this room share: the engine's state.
 *
 *   exchange.c   making one, time, money, events     catalogue.c  instruments
 *   book.c       sorted levels, FIFO inside a level  match.c      who trades
 *   store.c      orders and fills, kept and found    judge.c      refusals
 *   place.c      commands: place, cancel, amend
 *   position.c   a fill becomes position and money   margin.c     what is free
 *   account.c    accounts and their settings         liquidation.c
 *   prices.c     index, mark, funding                candles.c    1m candles
 *   participants.c, quotes.c, replay.c               who else is trading
 *   view.c       public market data                  check.c      invariants
 *   plan.c plan_store.c plan_fire.c presets.c        orders that wait
 *   reverse.c    a position turned round
 *   bills.c closed.c funding.c adl.c                 the books of an account
 *   margin_move.c estimate.c (money_int.h)           margin moved, foretold
 *   past.h past*.c history.c mood.c                  history and the crowd
 *
 * An order in the book is a node. A node without a record belongs to the
 * participants, who share one cash account and one position per market.
 */
#ifndef LN_EXCHANGE_EXCHANGE_INT_H
#define LN_EXCHANGE_EXCHANGE_INT_H

#include "base/rng.h"
#include "exchange/exchange.h"
#include "exchange/history.h"
#include "exchange/ledger.h"
#include "exchange/plans.h"

#define LN_EX_CANDLES_MAX    200000 /* 1m candles kept per market */
#define LN_EX_DAY_MINUTES    1440
#define LN_EX_BASIS_SIZE     60 /* samples of the mark's moving basis, 5 s each */
#define LN_EX_FAIR_ONE       65536LL /* one tick of the fair price */
#define LN_EX_TAPE           20000   /* public trades kept per market */
#define LN_EX_FIRST_TRADE_ID 1700000000000000000LL
#define LN_EX_IDS_PER_MS     10000LL /* later starts give later ids */
#define LN_EX_REASON_USER    "normal_cancel"
#define LN_EX_DEPOSITS_MAX   4000000000000000000LL /* all accounts together */

/* ---- book ---- */

struct ln_ex_record;

struct ln_ex_node {
    int64_t price_ticks;
    int64_t lots;                /* still to execute */
    struct ln_ex_record *record; /* NULL: the participants' */
    uint32_t prev, next;         /* in its level's FIFO; 0: none */
    uint32_t quote;              /* where the participants list it */
    uint8_t side;                /* enum ln_side */
};

struct ln_ex_row {
    int64_t price_ticks;
    int64_t lots;        /* sum of its nodes */
    uint32_t head, tail; /* oldest, newest node */
};

struct ln_ex_ladder {
    struct ln_ex_row *rows; /* owned; worst first, the best is last */
    uint32_t count, cap;
};

struct ln_ex_nodes {
    struct ln_ex_node *items; /* owned; index 0 is never used */
    uint32_t cap, free_head;
};

/* ---- orders and fills ---- */

struct ln_ex_fill_record {
    struct ln_ex_fill fill;
    struct ln_ex_record *record;
};

struct ln_ex_record {
    struct ln_ex_order o; /* what others see */
    uint32_t node;        /* in the book; 0: not resting */
    uint32_t fills;       /* fill records that refer to it */
    bool open;            /* in the open list */
    bool kept;            /* in the account's list */
    int64_t preset_pos;   /* position that has got its presets; 0: none */
    struct ln_ex_record *older, *newer;           /* account's, by id */
    struct ln_ex_record *open_older, *open_newer; /* account's open ones */
    struct ln_ex_record *next_done; /* finished ones, as they finished; also
                                       the pool's free list */
};

/* A queue of fills that forgets the oldest. */
struct ln_ex_fill_ring {
    struct ln_ex_fill_record *items; /* owned */
    uint32_t cap, count, first;
};

/* ---- accounts ---- */

struct ln_ex_pos {
    int64_t id;
    int64_t lots;
    int64_t cost_e8;   /* sum of the value at entry */
    int64_t margin_e8; /* isolated: what was put in */
    int64_t realised_e8, fees_e8, funding_e8;
    int64_t created_ms, updated_ms;
    /* Over its life, for the closed positions. */
    int64_t opened_lots, opened_e8, closed_e8, open_fee_e8, close_fee_e8;
    bool auto_margin; /* isolated: topped up before it is liquidated */
};

/* What an account has in one market. pos[0] is long, pos[1] short. */
struct ln_ex_slot {
    struct ln_ex_pos pos[2];
    int32_t leverage[2];
    uint8_t margin_mode;
};

struct ln_ex_client {
    ln_ex_account handle;
    int64_t balance_e8;
    int64_t locked_e8; /* sum over open orders */
    uint8_t pos_mode;
    uint32_t open_positions;
    uint32_t open_orders;
    struct ln_ex_slot *slots; /* owned; one per market */
    struct ln_ex_record *newest, *oldest;
    struct ln_ex_record *open_newest, *open_oldest;
    struct ln_ex_record *done_first, *done_last;
    uint32_t done;
    struct ln_ex_fill_ring fills;
    struct ln_map by_oid;           /* newest order of each clientOid */
    bool reducing;                  /* being liquidated: commands are refused */
    struct ln_ex_planbook *plans;   /* owned; NULL: never had one (plan.c) */
    struct ln_ex_accounting *books; /* owned: bills, closed (bills.c) */
};

/* ---- markets ---- */

struct ln_ex_replay {
    struct ln_candle *rows;  /* owned; NULL: no recorded candles */
    struct ln_trade *trades; /* owned; NULL: no recorded trades */
    size_t count, at;        /* of either */
    int64_t from_ms;         /* the row's span that is played */
    int64_t way_ms[4];       /* when open, first, second extreme, close print */
    int64_t way_ticks[4];    /* at which price */
    int way;                 /* next of them; -1: the row has not begun */
    int64_t volume_lots;     /* still to trade in this row */
};

struct ln_ex_market {
    uint16_t index;
    const struct ln_instrument *in;
    const struct ln_ex_spec *spec;

    struct ln_ex_ladder bids, asks;
    struct ln_ex_nodes nodes;
    int64_t seq;
    int64_t last_ticks;

    struct ln_trade *trades; /* owned ring of LN_EX_TAPE */
    uint32_t trade_count, trade_next;

    struct ln_candle *candles; /* owned; ascending, the last is forming */
    size_t ncandles, candles_cap;
    struct ln_candle day; /* the finished candles of the last 24 h, folded */

    int64_t index_e8, mark_e8;
    int64_t index_base_e8; /* the index without its venues' noise */
    int64_t basis[LN_EX_BASIS_SIZE], basis_sum;
    int basis_count, basis_at;
    int64_t premium_sum, premium_count; /* since the last settlement */
    int64_t funding_rate_e8, next_funding_ms;

    int64_t house_lots;                      /* the participants' position */
    int64_t seen_low_ticks, seen_high_ticks; /* of the trades since plans were
                                                last checked; 0: none */
    struct ln_ex_plan_node *plans_oldest, *plans_newest; /* live ones */
    struct ln_ex_plan_node *plan_next; /* where firing goes on */
    uint32_t live_plans;
    int64_t plans_trade;     /* id of the next trade that plans look at */
    struct ln_ex_past *past; /* owned (past.c) */
    struct ln_ex_mood *mood; /* owned: the crowd since the start (mood.c) */

    /* participants */
    struct ln_rng rng;
    int64_t fair_fp;    /* fair price, ticks x LN_EX_FAIR_ONE */
    int64_t anchor_fp;  /* it is drawn back to this, over days */
    int64_t stepped_ms; /* when it moved last */
    int64_t next_ms;    /* their next action; INT64_MAX: none */
    int64_t regime_end_ms;
    int32_t regime_speed;  /* percent of the usual volatility */
    int32_t regime_drift;  /* ppm of the price per hour */
    int64_t trade_lots;    /* typical size of a trade */
    int64_t interest_lots; /* open interest of everybody else */
    uint32_t *quotes;      /* owned; their nodes, unordered */
    uint32_t nquotes, quotes_cap;
    struct ln_ex_replay replay;
};

struct ln_ex {
    struct ln_instruments registry;
    struct ln_ex_market *markets; /* owned; one per instrument */
    uint16_t nmarkets;
    int64_t now_ms, next_second_ms;
    bool participants;
    uint8_t pos_mode;
    int32_t leverage;
    uint64_t seed;

    ln_ex_sink sink;
    void *sink_ctx;

    struct ln_ex_client **clients; /* owned; handle - 1 */
    uint32_t nclients, clients_cap;
    int64_t deposits_e8;
    int64_t house_cash_e8, fees_e8, insurance_e8;

    bool liquidating; /* deficits are settled at its end */
    bool in_command;  /* plans are checked when it ends */

    int64_t next_order_id, next_trade_id, next_position_id, next_bill_id;
    struct ln_map by_id; /* 8 bytes of the order id -> record */
    struct ln_ex_record *free_records;
    void *slabs; /* owned chain of record slabs */
};

/* ---- small helpers ---- */

static inline struct ln_ex_market *
ln_ex_market(const struct ln_ex *ex, uint16_t inst)
{
    return inst < ex->nmarkets ? &ex->markets[inst] : NULL;
}

static inline struct ln_ex_client *
ln_ex_client(const struct ln_ex *ex, ln_ex_account a)
{
    return a > 0 && a <= ex->nclients ? ex->clients[a - 1] : NULL;
}

static inline struct ln_ex_ladder *
ln_ex_ladder(struct ln_ex_market *m, enum ln_side side)
{
    return side == LN_BUY ? &m->bids : &m->asks;
}

static inline enum ln_side
ln_ex_opposite(enum ln_side side)
{
    return side == LN_BUY ? LN_SELL : LN_BUY;
}

/* The best row of a ladder, or NULL. */
static inline const struct ln_ex_row *
ln_ex_best(const struct ln_ex_ladder *l)
{
    return l->count ? &l->rows[l->count - 1] : NULL;
}

/* Would an order of <side> at <limit> take a resting order at <price>? */
static inline bool
ln_ex_crosses(enum ln_side side, int64_t limit, int64_t price)
{
    return side == LN_BUY ? price <= limit : price >= limit;
}

static inline bool
ln_ex_opens(const struct ln_ex_order *o)
{
    return !o->req.reduce_only;
}

static inline int64_t
ln_ex_rest(const struct ln_ex_record *r)
{
    return r->o.req.size_lots - r->o.filled_lots;
}

/* Grow an owned array to hold <need> items; false: no memory. */
bool ln_ex_grow(void **items, uint32_t *cap, uint32_t need, size_t item_size);

void ln_ex_emit(struct ln_ex *ex, struct ln_ex_event *event);
/* POSITION or ACCOUNT: the sink looks at the new state itself. */
void ln_ex_emit_change(struct ln_ex *ex, enum ln_ex_event_type type,
                       const struct ln_ex_client *c, uint16_t inst);
void ln_ex_emit_order(struct ln_ex *ex, const struct ln_ex_record *r,
                      const struct ln_ex_fill *fill);

/* ---- book.c: no accounts here ---- */

/* Append behind all others at its price. 0: no memory. Emits LEVEL. */
uint32_t ln_ex_book_add(struct ln_ex *ex, struct ln_ex_market *m,
                        enum ln_side side, int64_t price_ticks, int64_t lots,
                        struct ln_ex_record *record);
/* Take lots off a node; the node goes when nothing is left. Emits LEVEL. */
void ln_ex_book_reduce(struct ln_ex *ex, struct ln_ex_market *m, uint32_t node,
                       int64_t lots);
void ln_ex_book_deinit(struct ln_ex_market *m);

/* ---- match.c ---- */

/*
 * Execute up to <lots> against the book at <limit_ticks> or better, price
 * then time. taker NULL: the participants. Returns what was executed.
 */
int64_t ln_ex_match(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
                    int64_t limit_ticks, int64_t lots,
                    struct ln_ex_record *taker);

struct ln_ex_walk {
    int64_t lots;      /* that would execute, at most what was asked */
    int64_t value_e8;  /* for that much */
    int64_t sure_lots; /* of these, what no other fill can take away */
};
/* What ln_ex_match would find, without doing it. */
void ln_ex_walk_for(const struct ln_ex *ex, const struct ln_ex_market *m,
                    const struct ln_order_request *req, ln_ex_account owner,
                    int64_t limit_ticks, struct ln_ex_walk *out);
/* The same for nobody in particular. */
void ln_ex_walk_book(const struct ln_ex *ex, const struct ln_ex_market *m,
                     enum ln_side side, int64_t limit_ticks, int64_t lots,
                     struct ln_ex_walk *out);

/* ---- store.c ---- */

struct ln_ex_record *ln_ex_record_new(struct ln_ex *ex, struct ln_ex_client *c,
                                      const struct ln_order_request *req);
/* The order has become final: out of the open list, into the history. */
void ln_ex_record_done(struct ln_ex *ex, struct ln_ex_client *c,
                       struct ln_ex_record *r);
/* NULL: no memory (the fill then is in no history, but counts). */
struct ln_ex_fill_record *ln_ex_fill_keep(struct ln_ex *ex,
                                          struct ln_ex_client *c,
                                          struct ln_ex_record *r,
                                          const struct ln_ex_fill *fill);
struct ln_ex_record *ln_ex_record_find(const struct ln_ex *ex,
                                       const struct ln_ex_client *c, int64_t id,
                                       const char *client_oid);
void ln_ex_store_deinit(struct ln_ex *ex);
void ln_ex_client_store_deinit(struct ln_ex_client *c);

/* ---- judge.c ---- */

/* A command under judgement. */
struct ln_ex_want {
    struct ln_ex_market *m;
    struct ln_ex_client *c;
    struct ln_ex_slot *slot;
    struct ln_order_request req; /* size may have been cut to a position */
    const struct ln_ex_record *instead_of; /* amend: as if it were gone */
    int64_t limit_ticks;    /* market: where price protection ends */
    bool withdraw_closes;   /* hedge: resting closes give way to this one */
    bool closes_all;        /* exempt from the smallest value */
    struct ln_ex_walk walk; /* what it would execute at once */
    uint8_t source;         /* enum ln_ex_source */
    int64_t plan_id;
    struct ln_ex_plan_node *plan; /* fires just now; NULL: none */
    int64_t preset_pos;           /* amend: of the order it replaces */
};

/* Take a request in; false: no such account or instrument. */
bool ln_ex_want_init(const struct ln_ex *ex, ln_ex_account a,
                     const struct ln_order_request *req, struct ln_ex_want *w);
/* May it be carried out? Fills in the rest of <w>; changes nothing else. */
enum ln_ex_refusal ln_ex_want_judge(const struct ln_ex *ex,
                                    struct ln_ex_want *w);
/* Side and position side belong together; in one-way mode there is none. */
enum ln_ex_refusal ln_ex_fits_mode(const struct ln_ex_client *c, uint8_t side,
                                   uint8_t pos_side, bool reduce_only);
bool ln_ex_want_market(const struct ln_ex_want *w);
/* Executes now or never: market, IOC, FOK. */
bool ln_ex_want_immediate(const struct ln_ex_want *w);
/* The account's other open orders in this market, oldest first. */
const struct ln_ex_record *
ln_ex_want_next_other(const struct ln_ex_want *w,
                      const struct ln_ex_record *after);

/* ---- place.c ---- */

/* Do what was judged and found good: the new order's id, and its events. */
enum ln_ex_refusal ln_ex_carry_out(struct ln_ex *ex, const struct ln_ex_want *w,
                                   int64_t *id);
/* A working order of that account and market, or why there is none. */
enum ln_ex_refusal ln_ex_find_open(const struct ln_ex *ex, ln_ex_account a,
                                   uint16_t inst, int64_t id,
                                   const char *client_oid,
                                   struct ln_ex_record **out);
/* Take a working order out of the book and finish it, with events. */
void ln_ex_cancel_record(struct ln_ex *ex, struct ln_ex_record *r,
                         const char *reason);

/* ---- position.c ---- */

/* Book one execution of an account's order: position, money, events. */
void ln_ex_apply_fill(struct ln_ex *ex, struct ln_ex_market *m,
                      struct ln_ex_record *r, int64_t trade_id,
                      int64_t price_ticks, int64_t lots, int64_t value_e8,
                      enum ln_liquidity liquidity);
int64_t ln_ex_unrealised_e8(const struct ln_ex_market *m,
                            const struct ln_ex_pos *p, int which);

/* ---- margin.c ---- */

/* Index of the tier that holds a position of this value. */
int ln_ex_tier(const struct ln_ex_spec *spec, int64_t value_e8);
/* Maintenance margin of a position of this value, tier by tier. */
int64_t ln_ex_maintenance_e8(const struct ln_ex_spec *spec, int64_t value_e8);
/* Maintenance of one crossed market: in hedge mode, the larger side. */
int64_t ln_ex_slot_maintenance_e8(const struct ln_ex_market *m,
                                  const struct ln_ex_slot *s);
/* Margin that a position holds: isolated what was put in, crossed at mark. */
int64_t ln_ex_pos_margin_e8(const struct ln_ex_market *m,
                            const struct ln_ex_slot *s, int which);
/* Free for new orders; negative when losses have eaten into it. */
int64_t ln_ex_free_e8(const struct ln_ex *ex, const struct ln_ex_client *c);
/* Margin and fee that opening needs. */
int64_t ln_ex_open_cost_e8(const struct ln_ex_market *m, int64_t value_e8,
                           int32_t leverage);
/* Recompute what the account's open orders in a market reserve. */
void ln_ex_relock(const struct ln_ex *ex, struct ln_ex_client *c,
                  uint16_t inst);
/* Crossed equity: what all crossed positions can lose. */
int64_t ln_ex_cross_equity_e8(const struct ln_ex *ex,
                              const struct ln_ex_client *c);
int64_t ln_ex_cross_maintenance_e8(const struct ln_ex *ex,
                                   const struct ln_ex_client *c);

/* ---- liquidation.c ---- */

/* Liquidate every position whose margin is used up, at mark. */
void ln_ex_liquidate(struct ln_ex *ex);
/* Sum of the isolated margins of an account: part of its balance. */
int64_t ln_ex_isolated_e8(const struct ln_ex *ex, const struct ln_ex_client *c);
/* What no position backs and the balance cannot pay, insurance pays. */
void ln_ex_cover_deficit(struct ln_ex *ex, struct ln_ex_client *c);

/* ---- prices.c ---- */

void ln_ex_prices_start(struct ln_ex *ex, struct ln_ex_market *m);
/* Once a second: index, mark, premium. */
void ln_ex_prices_second(struct ln_ex *ex, struct ln_ex_market *m);
/* ---- candles.c ---- */

/* Begin the first live minute; false: no memory. */
bool ln_ex_candles_start(struct ln_ex_market *m, int64_t now_ms);
/* Replace the past; the forming candle of <now_ms> is started anew. */
bool ln_ex_candles_replace(struct ln_ex_market *m, const struct ln_candle *rows,
                           size_t count, int64_t now_ms, int64_t price_ticks);
void ln_ex_candles_trade(struct ln_ex_market *m, int64_t price_ticks,
                         int64_t lots, int64_t value_e8);
/* A minute has begun. */
void ln_ex_candles_minute(struct ln_ex_market *m, int64_t now_ms);

/* ---- participants.c: when and why ---- */

void ln_ex_participants_start(struct ln_ex *ex, struct ln_ex_market *m);
/* Act at ex->now_ms and choose the next time. */
void ln_ex_participants_act(struct ln_ex *ex, struct ln_ex_market *m);
/* Take their own price up again at <fair_ticks>, after a recording. */
void ln_ex_participants_resume(struct ln_ex *ex, struct ln_ex_market *m,
                               int64_t fair_ticks);

/* ---- quotes.c: what they do to the book ---- */

/* A participants' node has left the book. */
void ln_ex_quotes_forget(struct ln_ex_market *m, uint32_t node);
/* Withdraw every quote. */
void ln_ex_quotes_clear(struct ln_ex *ex, struct ln_ex_market *m);
/* Seed an empty book. */
void ln_ex_quotes_fill(struct ln_ex *ex, struct ln_ex_market *m);
/*
 * After the fair price has moved: the quotes that it went through are
 * withdrawn, but one per side is taken in 100 - <withdraw_percent> cases of
 * 100; clients' orders are taken, up to <budget_lots> per side.
 */
void ln_ex_quotes_reprice(struct ln_ex *ex, struct ln_ex_market *m,
                          unsigned withdraw_percent, int64_t budget_lots);
/* Both best prices, some new quotes, some old ones withdrawn. */
void ln_ex_quotes_renew(struct ln_ex *ex, struct ln_ex_market *m);
/* Somebody takes from the best price. */
void ln_ex_quotes_noise(struct ln_ex *ex, struct ln_ex_market *m);
/* Trade <lots> exactly at a price, with whoever rests there first. */
void ln_ex_quotes_print(struct ln_ex *ex, struct ln_ex_market *m,
                        int64_t price_ticks, int64_t lots);
/* The same as a trade of this taker. */
void ln_ex_quotes_print_side(struct ln_ex *ex, struct ln_ex_market *m,
                             enum ln_side side, int64_t price_ticks,
                             int64_t lots);

/* ---- replay.c ---- */

/* Whether a recording (still) drives this market; and its next action. */
bool ln_ex_replay_active(const struct ln_ex_market *m);
void ln_ex_replay_act(struct ln_ex *ex, struct ln_ex_market *m);

/* ---- plan.c, plan_fire.c, presets.c ---- */

/* The watched prices of a market may have moved: fire what is due. Called
 * when no order is being matched. */
void ln_ex_plans_check(struct ln_ex *ex, struct ln_ex_market *m);
/* Are the presets of an order on the right sides of its price? */
enum ln_ex_refusal ln_ex_presets_judge(const struct ln_ex_want *w);
/* An order of the account has filled: its presets become plans of the
 * position. */
void ln_ex_plans_after_fill(struct ln_ex *ex, struct ln_ex_client *c,
                            struct ln_ex_record *r);
/* A position is gone, or smaller: its plans go, or are cut. */
void ln_ex_plans_position(struct ln_ex *ex, struct ln_ex_client *c,
                          uint16_t inst, int which);
void ln_ex_planbook_free(struct ln_ex_planbook *plans);
/* Live plans of an account in a market (NONE: in all). */
uint32_t ln_ex_plans_live(const struct ln_ex_client *c, uint16_t inst);

/* ---- bills.c, closed.c, funding.c, adl.c ---- */

/* Moves the balance and writes it down: nothing else changes a balance. */
void ln_ex_bill_add(struct ln_ex *ex, struct ln_ex_client *c,
                    enum ln_ex_bill_kind kind, uint16_t inst, int64_t amount_e8,
                    int64_t fee_e8, int64_t order_id);
void ln_ex_accounting_free(struct ln_ex_accounting *books);
/* Settle funding of a market whose time has come. */
void ln_ex_funding_due(struct ln_ex *ex, struct ln_ex_market *m);

/* ---- past_cache.c, mood.c (more in past.h) ---- */

/* False: no memory. Before the first candle and quote. */
bool ln_ex_past_start(const struct ln_ex *ex, struct ln_ex_market *m,
                      int minutes);
void ln_ex_past_free(struct ln_ex_past *past);
bool ln_ex_mood_start(const struct ln_ex *ex, struct ln_ex_market *m);
void ln_ex_mood_free(struct ln_ex_mood *mood);
/* Each public trade; each minute; each settlement. */
void ln_ex_mood_trade(struct ln_ex_market *m, const struct ln_trade *t);
void ln_ex_mood_minute(const struct ln_ex *ex, struct ln_ex_market *m,
                       int64_t minute_ms);
/* Index and mark of this second. */
void ln_ex_mood_second(struct ln_ex_market *m);
void ln_ex_mood_settled(struct ln_ex_market *m, int64_t time_ms,
                        int64_t rate_e8);

#endif
