/*
 * What the files of core/host share.
 */
#ifndef LN_HOST_HOST_INT_H
#define LN_HOST_HOST_INT_H

#include "base/buf.h"
#include "base/map.h"
#include "base/ring.h"
#include "host/host.h"
#include "host/journal.h"
#include "host/latency.h"
#include "host/store.h"
#include "trade/oid.h"
#include "trade/order.h"
#include "trade/position.h"

#define ORDER_CHUNK 256 /* order records allocated at a time */
#define ORDER_CHUNKS_MAX                                                       \
    4096                       /* a million orders; then new ones are refused  \
                                */
#define OWN_CANDLE_WAITS_MAX 8 /* strategies waiting for one candle stream */
#define BACKLOG_MAX                                                            \
    (4U << 20)           /* bytes a strategy may be behind before kill         \
                          */
#define STREAMS_MAX 1024 /* candle streams */

/* One strategy's share of an instrument. */
struct own_position {
    struct ln_position p;
    bool used; /* it has had a fill, or the strategy subscribed */
};

/* An order of ours and what the host has under way about it. */
struct host_order {
    struct ln_order o;
    char amend_oid[LN_OID_CAP]; /* of the replacement that was asked for */
    char old_oid[LN_OID_CAP];   /* before the last amend: late news use it */
    int64_t amend_price_ticks, amend_size_lots;
    int32_t open_index;  /* place in the list of open orders; -1: not in it */
    int64_t query_at_ns; /* unknown: when to ask the exchange (again) */
    int64_t lost_ns;     /* since when it is unknown */
    int32_t absences;    /* how often the exchange said: no such order */
    bool query_sent;
    int64_t fills_at_ns; /* fills are missing: when to ask for them; 0: none */
    bool unflagged;      /* reduces for its strategy, sent without the flag */
    bool journalled;     /* its S line is in the intent log */
    bool unstored;       /* the store lacks its latest state */
    bool doubtful;      /* of an earlier start: the exchange has not told yet */
    bool guessed;       /* known from a fill alone: the terms are not certain */
    bool tell_pending;  /* a fill changed it; the strategy hears at the turn */
    bool cancel_wanted; /* cancel once its fate is known */
    bool has_replaced_cancel; /* a cancel push arrived while amending */
    struct ln_order_update replaced_cancel;
};

struct subscription {
    unsigned channels;   /* enum ln_channel bits wanted from the venue */
    uint32_t timeframes; /* bit per enum ln_timeframe */
};

struct strategy {
    struct ln_host *host;
    const struct ln_strategy_config *cfg;
    uint32_t number; /* the owner of its orders; its name's for ever */
    bool ghost;      /* of an earlier configuration: never runs */
    enum ln_strategy_state state;
    struct ln_port *port;
    bool ready;    /* READY was received in this process */
    bool started;  /* START was sent */
    bool stopping; /* STOP was sent */
    uint32_t callbacks;
    enum ln_timeframe timeframe;
    uint32_t warmup;
    int warmups_pending;       /* candle histories still awaited */
    struct subscription *subs; /* by instrument; owned */
    struct own_position *own;  /* by instrument; owned */
    uint64_t seq;              /* last message sent */
    uint64_t done;             /* last message worked off */
    int64_t oldest_ns;     /* when the oldest message not worked off was sent */
    struct ln_buf backlog; /* messages that must not be lost, ring was full */
    struct ln_timer *restart_timer;
    uint32_t *handles; /* owned: order index by handle - 1, of this process */
    uint32_t nhandles, cap_handles;
    uint64_t restarts;
    char why_gone[256];
    /* counters for the view */
    uint64_t events, orders, fills, rejected, errors, dropped;
    int64_t fees_e8;
    int64_t memory_bytes;
    int64_t errors_window_ms; /* start of the error budget's window */
    int64_t errors_in_window;
    char last_error[512];
    char version[17]; /* hash of the script that runs; "" not known */
    struct ln_latency latency;
    /* what a person wants of it (control_act.c) */
    bool paused;              /* nothing of it opens */
    bool flattening;          /* until nothing of it is left */
    bool policy_due;          /* its end policy, once it has ended */
    int64_t stop_asked_ns;    /* since when its end is waited for; 0: not */
    int64_t flatten_since_ns; /* the order to flatten */
    int64_t flatten_at_ns;    /* when to look again */
    int flatten_tries;
};

/* A timer that a strategy asked for. */
struct script_timer {
    struct script_timer *next;
    struct strategy *strategy;
    uint64_t id;
    bool once;
    struct ln_timer *timer;
};

/* The clock of one candle stream: what is closed, what is forming. */
struct candle_stream {
    uint16_t instrument;
    enum ln_timeframe tf;
    bool used;
    bool history_known; /* warm-up was read; pushes may close candles now */
    bool fetching;      /* a REST read is under way (warm-up or gap) */
    int users;
    int64_t last_closed_ms; /* opening time of the newest closed candle */
    struct ln_candle forming;
    bool has_forming;
    uint64_t tag;                           /* of the fetch under way */
    uint32_t want;                          /* candles asked for */
    uint32_t waiting[OWN_CANDLE_WAITS_MAX]; /* strategies waiting for warm-up */
    int nwaiting;
    int64_t touched_ns; /* last push, for the silence check */
};

struct market_state {
    struct ln_ticker ticker;
    bool has_ticker;
    int64_t exchange_lots; /* signed net position of the account */
    struct ln_position_update exchange_pos;
    bool has_exchange_pos;
    int64_t foreign_lots; /* of the account, not of any strategy of ours */
    bool foreign_known;   /* it was compared at least once */
    int64_t differs_ns;   /* since when the sum does not fit; 0: it fits */
    int64_t asked_ns;     /* when the exchange was last asked because of it */
    bool foreign_seen;    /* somebody else's fill since it fitted last */
    int64_t foreign_buy_lots, foreign_sell_lots; /* others' opening orders */
    bool unexplained; /* it has not fitted for long: nothing opens */
};

struct fill_key; /* booked.c */

struct ln_host {
    struct ln_loop *loop;
    struct ln_venue *venue;
    const struct ln_host_config *cfg;
    struct ln_port_maker ports;
    uint64_t seed;
    void (*ended)(void *ctx);
    void *ended_ctx;
    struct ln_error failure;

    int64_t made_ns; /* for the uptime */
    bool started, ready, stopping, ended_called;
    bool rest_up, public_up, private_up;
    bool halted;                 /* daily loss: nothing opens any more */
    char stop_reason[256];       /* before ready: why it is not */
    struct ln_timer *tick_timer; /* deadlines, silence, stop */
    struct ln_timer *stop_timer;
    struct ln_timer *tell_timer; /* 0 ms: orders that fills have changed */
    int64_t last_tick_ns;
    int stop_phase;
    bool stop_cancelled;   /* the cancels of the end were sent */
    int64_t stop_since_ns; /* when the end began */
    int64_t recancel_ms;   /* into the end, when cancels were last repeated */

    const struct ln_instruments *instruments; /* the venue's */
    struct market_state *market;              /* by instrument; owned */
    uint16_t nmarket;

    struct strategy *strategies; /* owned; the configured ones, then ghosts */
    int nstrategies;
    struct ln_strategy_config *ghosts; /* owned: configurations of ghosts */
    struct script_timer *timers;       /* owned list */
    struct candle_stream *streams;     /* owned, STREAMS_MAX */
    uint64_t next_tag;

    struct host_order **chunks; /* owned chunks of ORDER_CHUNK orders */
    uint32_t norders;
    uint32_t *open; /* owned: indexes of orders that are not settled: not
                       final, or their fills were not all seen */
    uint32_t nopen, cap_open;
    struct ln_map by_oid; /* clientOid -> order index */
    struct ln_map by_id;  /* the exchange's id -> order index */
    struct ln_map booked; /* fills that were booked; keys: booked_keys */
    struct fill_key *booked_keys; /* owned ring */
    uint32_t next_booked;
    struct ln_oid_maker oids;

    /* the intent log (memory.c, recover.c) */
    struct ln_disk *disk;       /* the caller's; NULL: nothing is remembered */
    struct ln_journal *journal; /* owned */
    struct ln_journal_record *remembered; /* owned; until it is replayed */
    size_t nremembered, cap_remembered;
    bool recovered; /* all of it is certain; strategies run */
    bool replaying, replayed;
    bool recovering;    /* connected; orders of an earlier start are unclear */
    bool memory_lost;   /* not all of the log fitted into memory */
    bool memory_broken; /* the last line could not be written */
    int64_t reconciled_ns; /* when the exchange was last asked for it all */
    uint64_t foreign_trades[64]; /* hashes of the latest, a ring */
    unsigned nforeign_trades;
    bool foreign_orders_moved; /* ask for open orders soon */

    struct ln_store *store; /* the caller's; NULL: none */
    uint32_t nunstored;     /* orders that it lacks ... */
    uint32_t next_sweep;    /* ... and where to look for them */
    int64_t equity_minute;  /* of the last sample */
    uint32_t database;      /* of the store's, the one that was fed */

    struct ln_account_update account;
    bool has_account;
    int64_t start_equity_e8;
    int64_t day_equity_e8; /* at the start of the UTC day */
    int64_t day;
    int64_t second; /* orders-per-second window */
    int64_t in_second;
};

/* ---- strategy.c ---- */
void ln_strategy_init(struct strategy *s, struct ln_host *host,
                      const struct ln_strategy_config *cfg, uint32_t number);
void ln_strategy_deinit(struct strategy *s);
/* Room for positions and subscriptions; false: no memory. */
bool ln_strategy_fit(struct strategy *s);
/* Open its port and send INSTRUMENT..., HELLO. Needs instruments. */
void ln_strategy_launch(struct strategy *s);
/* STOP, then its process ends by itself or by deadline. */
void ln_strategy_stop(struct strategy *s, const char *reason);
/* A message from host to strategy: head filled in, sent or kept behind. */
void ln_strategy_send(struct strategy *s, struct ln_msg *msg, uint16_t type,
                      uint16_t instrument, size_t size, bool droppable);
/* All warm-up histories have arrived: START. */
void ln_strategy_maybe_start(struct strategy *s);
void ln_strategy_check_deadline(struct strategy *s, int64_t now_ns);
struct strategy *ln_strategy_by_number(struct ln_host *h, uint32_t number);
bool ln_strategy_alive(const struct strategy *s); /* may get events */

/* ---- router.c ---- */
void ln_router_subscribe(struct strategy *s, uint16_t instrument,
                         unsigned channels, enum ln_timeframe tf, bool on);
void ln_router_forget(struct strategy *s); /* all subscriptions of it */
void ln_router_ticker(struct ln_host *h, uint16_t inst,
                      const struct ln_ticker *t);
void ln_router_trade(struct ln_host *h, uint16_t inst,
                     const struct ln_trade *t);
void ln_router_book(struct ln_host *h, uint16_t inst, const struct ln_book *b);
void ln_router_connection(struct ln_host *h, const char *what, bool up,
                          const char *why);
void ln_router_account(struct ln_host *h);
/* Send what the strategy holds in an instrument. */
void ln_router_position(struct strategy *s, uint16_t inst);

/* ---- candles.c ---- */
/* The strategy wants <warmup> closed candles, then each new one. */
void ln_candles_add(struct strategy *s, uint16_t inst, enum ln_timeframe tf,
                    uint32_t warmup);
void ln_candles_remove(struct strategy *s, uint16_t inst, enum ln_timeframe tf);
void ln_candles_push(struct ln_host *h, uint16_t inst, enum ln_timeframe tf,
                     const struct ln_candle *c);
void ln_candles_history(struct ln_host *h, const struct ln_venue_event *e);
void ln_candles_tick(struct ln_host *h, int64_t now_ns);

/* ---- orders.c ---- */
void ln_orders_submit(struct strategy *s, const struct ln_msg_submit *m);
void ln_orders_amend(struct strategy *s, const struct ln_msg_amend *m);
void ln_orders_cancel(struct strategy *s, uint64_t handle);
enum ln_err ln_orders_init(struct ln_host *h) LN_MUST_USE;
void ln_orders_deinit(struct ln_host *h);
/* The strategy's process starts anew: its old handles mean nothing. */
void ln_orders_forget_handles(struct strategy *s);
/* Tell a strategy what is open and what it holds (after START). */
void ln_orders_replay(struct strategy *s);
/* Tell of orders that fills have changed and no push has told since. */
void ln_orders_tell_pending(void *host);
/* Ask about orders whose fate is unknown. */
void ln_orders_tick(struct ln_host *h, int64_t now_ns);
/* owner 0: of every strategy. Returns how many cancels were sent. */
int ln_orders_cancel_all(struct ln_host *h, uint32_t owner, uint16_t inst);
/* The same for what rests in the book: market orders end by themselves. */
int ln_orders_cancel_resting(struct ln_host *h, uint32_t owner);
/* Market orders that close what <s> holds. */
int ln_orders_flatten(struct strategy *s);
int ln_orders_open(const struct ln_host *h, uint32_t owner);
struct host_order *ln_orders_at(const struct ln_host *h, uint32_t index);
void ln_orders_update(struct ln_host *h, const struct ln_order_update *u);
void ln_orders_fill(struct ln_host *h, const struct ln_fill *f);
void ln_orders_result(struct ln_host *h, const struct ln_venue_event *e);
void ln_orders_snapshot(struct ln_host *h, const struct ln_venue_event *e);
/* By clientOid (wins) or the exchange's id; NULL: not ours. */
struct host_order *ln_orders_find(const struct ln_host *h, const char *oid,
                                  const char *id);
/* Take it out of the open ones if it is final and all its fills were seen. */
void ln_orders_settle(struct ln_host *h, struct host_order *r);
/* Index it by the exchange's id once that is known. */
void ln_orders_learn_id(struct ln_host *h, struct host_order *r);
/* A cancel that had to wait can be sent now. */
void ln_orders_resume(struct ln_host *h, struct host_order *r);
/* Send an order of ours to its strategy. */
void ln_orders_tell(struct ln_host *h, const struct ln_order *o);

/* A record of an order that was sent in an earlier start, or that the
 * exchange tells of; its state is SENT. NULL: no memory. */
struct host_order *ln_orders_adopt(struct ln_host *h,
                                   const struct ln_order_request *req,
                                   uint32_t owner, const char *tag,
                                   int64_t created_ms);
/* A fresh record in the list of open orders; NULL: no memory. */
struct host_order *ln_orders_record(struct ln_host *h);
/* The replacement that an amend made has taken the place of the old order. */
void ln_orders_switch(struct ln_host *h, struct host_order *r,
                      const char *order_id);
/* Ours by its clientOid, but unknown here: a record for it, or NULL. */
struct host_order *ln_orders_find_lost(struct ln_host *h,
                                       const struct ln_order_update *u,
                                       const struct ln_fill *f);
/* An amend was asked for: either id may be the living one. */
void ln_orders_amending(struct ln_host *h, struct host_order *r,
                        const char *new_oid, int64_t price_ticks,
                        int64_t size_lots);
/* Its fate is not certain: ask the exchange at once. */
void ln_orders_doubt(struct ln_host *h, struct host_order *r, const char *why);
void ln_orders_hand_over(struct ln_host *h, uint32_t from, uint32_t to);

/* ---- booked.c ---- */
enum ln_err ln_booked_init(struct ln_host *h) LN_MUST_USE;
void ln_booked_deinit(struct ln_host *h);
bool ln_booked_before(const struct ln_host *h, const struct ln_fill *f);
void ln_booked_add(struct ln_host *h, const struct ln_fill *f);

/* ---- memory.c: what is written into the intent log ---- */
enum ln_err ln_memory_open(struct ln_host *h, const char *path,
                           struct ln_error *err) LN_MUST_USE;
void ln_memory_close(struct ln_host *h);
uint32_t ln_memory_number(const struct ln_host *h, const char *name);
uint32_t ln_memory_highest(const struct ln_host *h);
/* False: it could not be written. */
bool ln_memory_submit(struct ln_host *h, const struct host_order *r);
bool ln_memory_amend(struct ln_host *h, const struct host_order *r);
void ln_memory_id(struct ln_host *h, const struct host_order *r);
void ln_memory_end(struct ln_host *h, const struct host_order *r);
void ln_memory_fill(struct ln_host *h, uint32_t owner, const struct ln_fill *f);
void ln_memory_foreign(struct ln_host *h, uint16_t inst);
void ln_memory_rewrite(struct ln_host *h);

/* ---- recover.c ---- */
/* What the venue's first reconciliation has to cover; 0: nothing special. */
int64_t ln_recover_since_ms(const struct ln_host *h);
/* Instruments are known: the log becomes state. Once. */
void ln_recover_replay(struct ln_host *h);
bool ln_recover_certain(const struct ln_host *h);
void ln_recover_finish(struct ln_host *h);

/* ---- store_feed.c: what goes into the store ---- */
/* The order has changed. */
void ln_feed_order(struct ln_host *h, struct host_order *r);
/* A fill of <r> was booked for <s>; as the exchange told it. */
void ln_feed_fill(struct ln_host *h, const struct strategy *s,
                  const struct host_order *r, const struct ln_fill *f);
void ln_feed_position(struct ln_host *h, const struct strategy *s,
                      uint16_t inst);
/* What was known from an earlier start is certain now. */
void ln_feed_recovered(struct ln_host *h);
/* what: "crash" "quarantine" "halt" "audit"; s NULL: of the host. */
void ln_feed_incident(struct ln_host *h, const struct strategy *s,
                      const char *what, const char *fmt, ...) LN_PRINTF(4, 5);
void ln_feed_tick(struct ln_host *h, int64_t now_ns);

/* ---- audit.c ---- */
/* The exchange's positions were told: do they fit ours? */
void ln_audit_positions(struct ln_host *h);
/* A fill that is not ours. */
void ln_audit_foreign_fill(struct ln_host *h, const struct ln_fill *f);
void ln_audit_tick(struct ln_host *h, int64_t now_ns);

/* ---- risk.c ---- */
/*
 * NULL: allowed; otherwise why not, for the script (static text or <buf>).
 * replaces: the order that this one amends, which then does not count; NULL.
 */
const char *ln_risk_refuse(struct ln_host *h,
                           const struct ln_order_request *req,
                           const struct ln_order *replaces, char *buf,
                           size_t cap);
/* Called with each account update: the daily loss limit. */
void ln_risk_account(struct ln_host *h);
/* Exposure at its worst: positions and open orders, 1e-8. */
int64_t ln_risk_exposure_e8(struct ln_host *h, uint16_t only_inst);
/* Best known price of an instrument at 1e-8 (mark, else last); 0: none. */
int64_t ln_risk_price_e8(const struct ln_host *h, uint16_t inst);

/* ---- control_act.c: what people want done ---- */
void ln_act_pause(struct strategy *s);
void ln_act_resume(struct strategy *s);
/* on_stop(), then its end policy; the others go on. */
void ln_act_stop(struct strategy *s);
/* Cancel and close until nothing of it is left; it stays paused. */
void ln_act_flatten(struct strategy *s);
void ln_act_gone(struct strategy *s); /* its process has ended as wanted */
void ln_act_tick(struct ln_host *h, int64_t now_ns);

/* ---- host.c ---- */
/* End by itself: the first cause is kept. */
void ln_host_fail(struct ln_host *h, enum ln_err code, const char *cure,
                  const char *fmt, ...) LN_PRINTF(4, 5);

#endif
