/*
 * The venue's private parts, shared by venue.c (door and life), venue_start.c
 * (start, clock, contracts, account), venue_rest.c (requests under way),
 * venue_market.c (public pushes), venue_private.c (private pushes and
 * reconciliation), venue_orders.c (writes) and venue_query.c (reads).
 */
#ifndef LN_BITGET_INT_H
#define LN_BITGET_INT_H

#include "bitget/bitget.h"
#include "bitget/known.h"
#include "bitget/rest.h"
#include "bitget/subscriptions.h"
#include "bitget/v2/encode.h"
#include "net/limiter.h"

#define LN_BV_TRADES_SEEN 512 /* public trade ids remembered per symbol */

/* Public state of one instrument, made when somebody subscribes. */
struct ln_bv_market {
    struct ln_book book;
    bool has_book;
    int64_t trade_ids[LN_BV_TRADES_SEEN]; /* ring */
    uint32_t next_trade;
    int64_t next_funding_ms; /* as last told */
};

struct ln_bitget;
struct ln_bv_req;

/* Outcome of a request. True: it goes on (another page was sent). */
typedef bool (*ln_bv_done_fn)(struct ln_bitget *v, struct ln_bv_req *req,
                              const struct ln_venue_error *error,
                              const struct ln_json *doc, ln_json_val data);

/* One question or order to the exchange, from the call to its event. */
/* Fills, then their unknown orders: many by the history, the rest alone. */
enum ln_bv_stage { LN_BV_FILLS, LN_BV_HISTORY, LN_BV_DETAILS };

struct ln_bv_req {
    struct ln_bv_req *next, *prev; /* all under way */
    struct ln_bitget *v;
    ln_bv_done_fn done;
    enum ln_venue_op op;
    uint16_t instrument;
    char client_oid[LN_OID_CAP];
    char order_id[24];
    uint64_t tag;
    enum ln_timeframe tf;
    int limit;
    int64_t since_ms;  /* fills: from here on */
    int64_t end_ms;    /* candles: ended by then; 0: now */
    int64_t before_ms; /* candles: opened before (moves back) */
    unsigned round;    /* reconciliation it belongs to; 0: none */
    int pages;         /* read so far */
    char cursor[24];   /* of the next page */
    void *rows;        /* owned: what the pages gave */
    size_t count, cap;
    enum ln_bv_stage stage;      /* of a question about fills */
    size_t at;                   /* which of their orders is asked for */
    bool dead;                   /* the venue was stopped meanwhile */
    bool failed;                 /* could not be started: */
    struct ln_venue_error error; /* why */
};

/* What was last told of a part of the connection. */
enum ln_bv_told { LN_BV_UNKNOWN, LN_BV_UP, LN_BV_DOWN };

struct ln_bv_funding { /* funding so far of an open position */
    char pos_id[24];
    int64_t funding_e8;
};

struct ln_bitget {
    struct ln_venue venue; /* first: the door */
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_bitget_config cfg; /* strings owned */
    char *strings[5];            /* their memory */

    ln_venue_fn fn; /* NULL while stopped */
    void *ctx;

    struct ln_rest *rest;            /* while running */
    struct ln_venue_stats old_stats; /* of REST before the last stop */
    struct ln_request_text text;     /* scratch */
    struct ln_buf params;            /* scratch */
    struct ln_json params_doc;       /* scratch */
    struct ln_bv_req *reqs;          /* under way */
    struct ln_bv_req *dead_reqs;     /* freed by the grave timer */
    int depth;                       /* inside so many answers */

    struct ln_instruments instruments;
    struct ln_bv_market *markets[LN_INSTRUMENTS_MAX];
    enum ln_pos_mode pos_mode; /* 0: not known yet */
    struct ln_known known;
    uint64_t book_gaps;

    struct ln_subs pub, priv;
    bool has_keys;
    enum ln_bv_told told[LN_PART_PRIVATE + 1];
    int transport_failures; /* of REST, in a row */

    struct ln_timer *outbox;      /* failed requests, told a turn later */
    struct ln_timer *start_timer; /* the next step of the start */
    struct ln_timer *round_timer; /* the next reconciliation */
    struct ln_timer *upkeep;      /* clock and contracts, hourly */
    struct ln_timer *grave;       /* frees records outside answers */
    int start_step;
    struct ln_backoff start_backoff, round_backoff;
    struct ln_rng rng;

    unsigned round; /* number of the reconciliation under way */
    int round_left; /* answers it still waits for */
    bool round_failed;
    int64_t covers_ms;      /* asked for by the host before the start; 0: not */
    int64_t fills_since_ms; /* what the next reconciliation must cover */
    int64_t account_asked_ns; /* not more than now and then; 0: never */

    struct ln_bv_funding *funding; /* owned: of the last positions push */
    size_t nfunding;
    struct ln_position_update *positions; /* owned scratch */
    size_t positions_cap;
    struct ln_trade *trades; /* owned scratch */
    size_t trades_cap;
};

/* ---- venue.c ---- */
void ln_bv_emit(struct ln_bitget *v, const struct ln_venue_event *event);
/* Tell that a part is up or down, if that is news; what is fatal always. */
void ln_bv_part(struct ln_bitget *v, enum ln_venue_part part, bool up,
                const char *why, bool fatal);
/* A topic was refused: told as a remark on the public part. */
void ln_bv_remark(struct ln_bitget *v, uint16_t instrument, const char *why);

/* ---- venue_rest.c ---- */
struct ln_bv_req *ln_bv_req_new(struct ln_bitget *v, ln_bv_done_fn done);
/* v->text is the request. */
void ln_bv_send(struct ln_bv_req *req, const char *endpoint,
                enum ln_priority prio);
/* Build it from name-value pairs (see ln_v2_encode_params) and send. */
void ln_bv_query(struct ln_bv_req *req, const char *endpoint,
                 const char *const *pairs);
/* Build it from a JSON object and send. */
void ln_bv_query_json(struct ln_bv_req *req, const char *endpoint,
                      struct ln_str params, bool extra, enum ln_priority prio);
/* It cannot be sent: done is called with this a turn later. */
void ln_bv_fail(struct ln_bv_req *req, enum ln_err code,
                enum ln_verdict verdict, const char *message);
void ln_bv_sync_clock(struct ln_bitget *v, struct ln_bv_req *req);
/* Room for one more row of <size> bytes, zeroed; NULL: too many. */
void *ln_bv_row(struct ln_bv_req *req, size_t size);
void ln_bv_on_outbox(void *ctx);
/* Forget all requests under way; freed at once or by ln_bv_free_dead. */
void ln_bv_drop_reqs(struct ln_bitget *v);
void ln_bv_free_dead(struct ln_bitget *v);

/* ---- venue_start.c ---- */
void ln_bv_on_start(void *ctx);
void ln_bv_on_upkeep(void *ctx);
/* Of struct ln_stream_events, the same for both streams. */
void ln_bv_stream_clock(void *ctx, struct ln_stream *s);
int64_t ln_bv_stream_ms(void *ctx);
/* REST does not answer: ask for the time until it does. */
void ln_bv_probe_rest(struct ln_bitget *v);
/* Read the account (and with it the position mode) again. */
void ln_bv_ask_account(struct ln_bitget *v);

/* ---- venue_market.c ---- */
void ln_bv_subscribe(struct ln_venue *venue, uint16_t instrument,
                     unsigned channels, enum ln_timeframe tf);
void ln_bv_unsubscribe(struct ln_venue *venue, uint16_t instrument,
                       unsigned channels, enum ln_timeframe tf);
extern const struct ln_stream_events ln_bv_public_events;
void ln_bv_markets_free(struct ln_bitget *v);

/* ---- venue_private.c ---- */
extern const struct ln_stream_events ln_bv_private_events;
enum ln_err ln_bv_private_topics(struct ln_bitget *v) LN_MUST_USE;
void ln_bv_on_round(void *ctx);
/* One answer of a reconciliation has come. */
void ln_bv_round_part(struct ln_bitget *v, unsigned round, bool ok);
/* Complete a fill (clientOid, direction) from what is known and tell it. */
void ln_bv_tell_fill(struct ln_bitget *v, struct ln_fill *fill,
                     int64_t received_ns);
void ln_bv_tell_order(struct ln_bitget *v, const struct ln_order_update *u,
                      int64_t received_ns);

/* ---- venue_orders.c ---- */
void ln_bv_submit(struct ln_venue *venue, const struct ln_order_request *req);
void ln_bv_cancel(struct ln_venue *venue, uint16_t instrument,
                  const char *client_oid, const char *order_id);
void ln_bv_amend(struct ln_venue *venue, const struct ln_order_request *current,
                 const char *order_id, const char *new_client_oid,
                 int64_t price_ticks, int64_t size_lots);
void ln_bv_query_order(struct ln_venue *venue, uint16_t instrument,
                       const char *client_oid);

/* ---- venue_query.c, venue_start.c (account), venue_history.c ---- */
void ln_bv_open_orders(struct ln_bitget *v, unsigned round);
void ln_bv_positions(struct ln_bitget *v, unsigned round);
void ln_bv_account(struct ln_bitget *v, unsigned round);
void ln_bv_fills(struct ln_bitget *v, uint16_t instrument, int64_t since_ms,
                 unsigned round);
void ln_bv_fetch_candles(struct ln_venue *venue, uint16_t instrument,
                         enum ln_timeframe tf, int limit, int64_t end_ms,
                         uint64_t tag);
void ln_bv_call(struct ln_venue *venue, const char *endpoint,
                struct ln_str params_json, uint64_t tag);

static inline struct ln_bitget *
ln_bv_of(struct ln_venue *venue)
{
    return (struct ln_bitget *)(void *)venue;
}

#endif
