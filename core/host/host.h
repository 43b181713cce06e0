/*
 * The host: the running program between an exchange and strategies.
 *
 * Room: core/host, floor 5; knows the venue door (core/venue.h), the port
 * (core/port) and the floors below. It knows neither Bitget's JSON nor
 * sockets nor Lua: who composes the program hands in a venue and a maker of
 * ports.
 *
 *      venue --events--> host --messages--> strategies
 *      venue <--orders-- risk gate <------- strategies
 *
 *   host.c      life cycle: start, ready, stop; venue events by type
 *   strategy.c  supervisor: one port per strategy, restart, deadline
 *   router.c    who gets which market data
 *   candles.c   when a candle is closed for good
 *   orders.c    every order of ours, its state, its owner; fills, positions
 *   risk.c      what is refused before the wire
 *   journal.c   the intent log; memory.c writes it, recover.c reads it
 *   booked.c    which fills were booked already
 *   audit.c     do our positions and the exchange's fit?
 *   store.c     the database of what happened; store_feed.c fills it
 *   view.c      what people see of it all
 *   control.c   the control socket (control.h): requests in control_answer.c,
 *               pictures in control_view.c, deeds in control_act.c
 */
#ifndef LN_HOST_HOST_H
#define LN_HOST_HOST_H

#include "host/config.h"
#include "loop/loop.h"
#include "port/port.h"
#include "venue.h"

struct ln_host;

struct ln_host_opts {
    struct ln_loop *loop;
    struct ln_venue *venue;              /* stays the caller's */
    const struct ln_host_config *config; /* outlives the host */
    struct ln_port_maker ports;
    struct ln_disk *disk;     /* the caller's; NULL: nothing is remembered */
    const char *journal_path; /* of the intent log (journal.h) on it */
    struct ln_store *store;   /* the caller's (store.h); NULL: none */
    uint64_t seed;            /* of strategies' random numbers */
    /* The host has ended (after ln_host_stop, or because it had to). */
    void (*ended)(void *ctx);
    /* The venue refused for good (wrong key, ...): reported once, then ended.
     */
    void *ctx;
};

struct ln_host *ln_host_new(const struct ln_host_opts *opts,
                            struct ln_error *err);
/* After ended, or to drop everything at once (strategies are killed). */
void ln_host_free(struct ln_host *host);

void ln_host_start(struct ln_host *host);

/*
 * Orderly end: strategies get on_stop, their orders are treated as on_stop
 * says, then <ended> is called. A second call ends at once.
 */
void ln_host_stop(struct ln_host *host, const char *reason);

/* LN_OK, or why the host had to end by itself. */
const struct ln_error *ln_host_failure(const struct ln_host *host);

/* ---- what people see (view.c) ---- */

enum ln_strategy_state {
    LN_STRATEGY_STARTING,
    LN_STRATEGY_RUNNING,
    LN_STRATEGY_PAUSED,
    LN_STRATEGY_STOPPED,
    LN_STRATEGY_CRASHED,
    LN_STRATEGY_QUARANTINED
};
const char *ln_strategy_state_name(enum ln_strategy_state s);

struct ln_strategy_view {
    const char *name;
    enum ln_strategy_state state;
    uint64_t events; /* messages worked off */
    uint64_t orders; /* submitted */
    uint64_t fills;
    uint64_t rejected; /* orders refused by the gate or the exchange */
    uint64_t errors;   /* callbacks that failed */
    uint64_t restarts;
    uint64_t dropped; /* market data it was too slow for */
    int64_t fees_e8, realised_e8, unrealised_e8; /* fees negative = paid */
    int64_t memory_bytes;
    const char *last_error; /* "" if none */
};

struct ln_position_view {
    const char *strategy;
    uint16_t instrument;
    int64_t size_lots; /* signed */
    int64_t entry_e8, mark_e8, unrealised_e8, realised_e8;
};

struct ln_host_view {
    bool ready; /* connected, account read */
    bool rest, public_up, private_up;
    int64_t equity_e8, available_e8, start_equity_e8;
    int nstrategies;
    uint64_t orders, fills, rejected;
    int open_orders;
};

void ln_host_view(struct ln_host *host, struct ln_host_view *out);
bool ln_host_strategy_view(struct ln_host *host, int index,
                           struct ln_strategy_view *out);
/* Non-zero positions of strategies; returns how many were written. */
size_t ln_host_positions(struct ln_host *host, struct ln_position_view *out,
                         size_t cap);

struct ln_order; /* trade/order.h */
/* Latest first; open_only: working ones. Valid until the next event. */
size_t ln_host_orders(struct ln_host *host, bool open_only,
                      const struct ln_order **out, size_t cap);
const char *ln_host_owner_name(const struct ln_host *host, uint32_t owner);

/* Last known ticker; false if there was none. */
bool ln_host_ticker(struct ln_host *host, uint16_t instrument,
                    struct ln_ticker *out);
const struct ln_instruments *ln_host_instruments(struct ln_host *host);

/*
 * Net position of all strategies in an instrument, and the exchange's as
 * last told: they are equal at every quiet moment.
 */
void ln_host_net(struct ln_host *host, uint16_t instrument, int64_t *ours_lots,
                 int64_t *exchange_lots);
/* What could be held in one direction at most, by all that the host knows. */
int64_t ln_host_worst_lots(const struct ln_host *host, uint16_t instrument,
                           enum ln_side side);

#endif
