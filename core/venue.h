/*
 * The door between the host and an exchange, whichever it is.
 *
 * Floor 4: knows core/trade, core/market, core/base. core/bitget implements
 * it over the wire, core/exchange in process; core/host uses it and does not
 * know who stands behind it. A venue calls back only from the loop, never
 * inside a call made to it.
 */
#ifndef LN_VENUE_H
#define LN_VENUE_H

#include "base/error.h"
#include "base/str.h"
#include "market/book.h"
#include "market/instrument.h"
#include "trade/types.h"

struct ln_venue;

/* What a strategy can ask to be told. */
enum ln_channel {
    LN_CH_TICKER = 1 << 0,
    LN_CH_TRADE = 1 << 1,
    LN_CH_BOOK = 1 << 2,
    LN_CH_CANDLE = 1 << 3 /* with a timeframe */
};

/* How an exchange's refusal is to be taken. */
enum ln_verdict {
    LN_VERDICT_OK,
    LN_VERDICT_NO,    /* final: fix the request */
    LN_VERDICT_RETRY, /* nothing happened; may be repeated with backoff */
    LN_VERDICT_ASK,   /* outcome unknown: query before repeating */
    LN_VERDICT_STATE  /* re-read account, position or contract first */
};

/* One error type for all answers of an exchange. */
struct ln_venue_error {
    enum ln_err code; /* LN_OK: no error; NET, TIMEOUT, TLS: transport */
    enum ln_verdict verdict;
    int32_t exchange_code; /* 0 if the exchange did not answer */
    int32_t http_status;   /* 0 without an HTTP answer */
    bool sent;             /* false: surely never reached the exchange */
    char message[256];
};

enum ln_venue_event_type {
    LN_VE_CONNECTION = 1, /* what is up or down */
    LN_VE_INSTRUMENTS,    /* the registry is filled (again) */
    LN_VE_TICKER,
    LN_VE_TRADE,
    LN_VE_BOOK,    /* the book has changed; look at it */
    LN_VE_CANDLE,  /* the forming candle of a timeframe */
    LN_VE_CANDLES, /* answer to fetch_candles */
    LN_VE_ORDER,   /* private push or one row of an order query */
    LN_VE_FILL,
    LN_VE_POSITIONS, /* the COMPLETE list of open positions */
    LN_VE_ACCOUNT,
    LN_VE_FUNDING, /* a settlement of ours, or a new rate */
    LN_VE_RESULT,  /* outcome of submit, amend, cancel */
    LN_VE_ORDERS,  /* complete answer to query_open_orders */
    LN_VE_REPLY    /* answer to call() */
};

enum ln_venue_op { LN_OP_SUBMIT = 1, LN_OP_AMEND, LN_OP_CANCEL, LN_OP_QUERY };

/* Names of the parts of a connection, for LN_VE_CONNECTION. */
enum ln_venue_part { LN_PART_REST = 1, LN_PART_PUBLIC, LN_PART_PRIVATE };

struct ln_venue_event {
    enum ln_venue_event_type type;
    uint16_t instrument; /* or LN_INSTRUMENT_NONE */
    int64_t received_ns; /* monotonic, when its bytes arrived */
    union {
        struct {
            enum ln_venue_part part;
            bool up;
            bool fatal; /* down, and trying again is pointless: wrong key */
            const char *why; /* valid during the call */
        } connection;
        struct ln_ticker ticker;
        struct ln_trade trade;
        const struct ln_book *book; /* valid during the call */
        struct {
            enum ln_timeframe tf;
            struct ln_candle candle; /* not final: see host's candle clock */
        } candle;
        struct {
            enum ln_timeframe tf;
            uint64_t tag;
            struct ln_venue_error error;
            const struct ln_candle *items; /* ascending; last may be forming */
            size_t count;
        } candles;
        struct ln_order_update order;
        struct ln_fill fill;
        struct {
            struct ln_venue_error error; /* not LN_OK: nothing is known */
            const struct ln_position_update *items;
            size_t count;
            bool from_query; /* REST answer, not a push */
        } positions;
        struct ln_account_update account;
        struct {
            int64_t rate_e8, amount_e8, time_ms;
        } funding;
        struct {
            enum ln_venue_op op;
            char client_oid[LN_OID_CAP];
            char order_id[24]; /* of the (new) order, if told */
            struct ln_venue_error error;
            bool found; /* QUERY: the exchange knows it (an ORDER event came) */
        } result;
        struct {
            struct ln_venue_error error;
            const struct ln_order_update *items;
            size_t count;
        } orders;
        struct {
            uint64_t tag;
            struct ln_venue_error error;
            struct ln_str json; /* the "data" of the answer */
        } reply;
    } u;
};

typedef void (*ln_venue_fn)(void *ctx, const struct ln_venue_event *event);

struct ln_venue_stats {
    uint64_t requests;         /* REST requests sent */
    uint64_t rate_limit_waits; /* requests that had to wait for a token */
    uint64_t rate_limit_hits;  /* 429 answers */
    uint64_t errors;           /* other failed requests */
    uint64_t reconnects;
    uint64_t messages; /* WebSocket messages received */
    uint64_t book_gaps;
    int64_t clock_offset_ms; /* server time minus ours */
};

/*
 * All strings passed in are copied. A call that cannot even be started
 * reports through the same event as a failed one; no call fails silently.
 */
struct ln_venue_ops {
    /* Connect, read instruments and account, log in. Progress by events. */
    void (*start)(struct ln_venue *v, ln_venue_fn fn, void *ctx);
    /* Before start: the first reconciliation covers fills since then. May be
     * NULL where nothing is remembered. */
    void (*cover_since)(struct ln_venue *v, int64_t since_ms);
    /* Close sockets; requests under way are withdrawn. fn is not called again.
     */
    void (*stop)(struct ln_venue *v);
    void (*free)(struct ln_venue *v);

    const struct ln_instruments *(*instruments)(struct ln_venue *v);

    /* channels: enum ln_channel bits; tf for LN_CH_CANDLE. Counted. */
    void (*subscribe)(struct ln_venue *v, uint16_t instrument,
                      unsigned channels, enum ln_timeframe tf);
    void (*unsubscribe)(struct ln_venue *v, uint16_t instrument,
                        unsigned channels, enum ln_timeframe tf);

    /* Exactly one LN_VE_RESULT each. Never repeated by the venue on its own
     * unless it is certain that the first attempt had no effect. */
    void (*submit)(struct ln_venue *v, const struct ln_order_request *req);
    void (*cancel)(struct ln_venue *v, uint16_t instrument,
                   const char *client_oid, const char *order_id);
    /* 0 leaves price or size as it is (the current values are given too). */
    void (*amend)(struct ln_venue *v, const struct ln_order_request *current,
                  const char *order_id, const char *new_client_oid,
                  int64_t price_ticks, int64_t size_lots);
    void (*query_order)(struct ln_venue *v, uint16_t instrument,
                        const char *client_oid);

    void (*query_open_orders)(struct ln_venue *v); /* -> LN_VE_ORDERS */
    void (*query_positions)(struct ln_venue *v);   /* -> LN_VE_POSITIONS */
    void (*query_account)(struct ln_venue *v);     /* -> LN_VE_ACCOUNT */
    void (*query_fills)(struct ln_venue *v, uint16_t instrument,
                        int64_t since_ms); /* -> LN_VE_FILL rows */

    /* Candles that end before <end_ms> (0: now) -> LN_VE_CANDLES. */
    void (*fetch_candles)(struct ln_venue *v, uint16_t instrument,
                          enum ln_timeframe tf, int limit, int64_t end_ms,
                          uint64_t tag);

    /* Any endpoint by its name; params is a JSON object -> LN_VE_REPLY. */
    void (*call)(struct ln_venue *v, const char *endpoint,
                 struct ln_str params_json, uint64_t tag);

    void (*stats)(struct ln_venue *v, struct ln_venue_stats *out);
};

struct ln_venue {
    const struct ln_venue_ops *ops; /* first member of every implementation */
};

#endif
