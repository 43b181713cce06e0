/*
 * The store: what has happened, in a SQLite database, for people and queries.
 * It is not what recovery needs: that is the intent log (journal.h), and the
 * exchange. So trouble with the database never stops trading; it is said.
 *
 *   trading thread --records--> ring --> worker thread --> lunette.db
 *   log            <--notices-- ring <--
 *
 *   store.c         the queue and the worker: batches, retries, the end
 *   store_sqlite.c  schema, migrations, statements
 *   store_read.c    reading back
 *   store_feed.c    turns the host's state into records
 *
 * A put copies one record into the ring, nothing else: no lock, no
 * allocation, no system call. The worker looks several times a second and
 * writes what has come in one transaction (WAL, synchronous=NORMAL). If the
 * ring is full, records are dropped and counted, and the log says so, once
 * per second at most.
 *
 * What can go wrong, and then:
 *   locked by another program   tried again, with backoff; records wait
 *   disk full, I/O errors       said once, tried again every second;
 *                               records wait until the ring is full
 *   not a database, corrupt     moved aside as <name>.corrupt-<time>, a new
 *                               one begun; said as an error
 *   deleted while in use        a new one begun; said
 *   written by a newer version  not touched; said; nothing is stored
 *
 * One thread (the trading one) calls everything here but ln_store_read.
 */
#ifndef LN_HOST_STORE_H
#define LN_HOST_STORE_H

#include "base/decimal.h"
#include "trade/types.h"

#define LN_STORE_SCHEMA     1          /* PRAGMA user_version */
#define LN_STORE_NAME_CAP   48         /* of a host or strategy */
#define LN_STORE_TEXT_CAP   400        /* of an incident */
#define LN_STORE_QUEUE_SIZE (4U << 20) /* bytes: about ten thousand records */

struct ln_store;

struct ln_store_opts {
    const char *path;    /* of the database; its folder exists */
    const char *name;    /* of the host ... */
    const char *mode;    /* ... and its mode, for the table of sessions */
    const char *version; /* of the program */
    uint32_t queue_size; /* bytes, a power of two; 0: the default */
    int64_t retry_ms;    /* while the disk is full or failing; 0: 1000 */
};

/*
 * Start the worker, which opens the database behind: trouble with the file is
 * in the log and in the stats, not here. Errors: NOMEM.
 */
enum ln_err ln_store_open(const struct ln_store_opts *opts,
                          struct ln_store **out,
                          struct ln_error *err) LN_MUST_USE;

/*
 * Write what waits, end the session, stop the worker. Waits a few seconds at
 * most where the database cannot be written; what was lost is logged. NULL is
 * allowed.
 */
void ln_store_close(struct ln_store *store);

/* ---- records ---- */

/* An exact number: count x step, at <scale> decimal places. */
struct ln_store_number {
    int64_t count;
    int64_t step;
    int32_t scale; /* negative: the number is not known (NULL) */
};

static inline struct ln_store_number
ln_store_money(int64_t e8)
{
    return (struct ln_store_number){e8, 1, LN_SCALE_MONEY};
}

static inline struct ln_store_number
ln_store_unknown(void)
{
    return (struct ln_store_number){0, 1, -1};
}

/* The first member of each record is the store's. */

struct ln_store_order {
    uint32_t kind;
    uint8_t side, type, tif, state; /* enums of trade/types.h */
    char client_oid[LN_OID_CAP];    /* the row's key */
    char replaces[LN_OID_CAP];      /* the order that an amend replaced; "" */
    char order_id[24];
    char strategy[LN_STORE_NAME_CAP];
    char symbol[LN_SYMBOL_CAP];
    char tag[24];
    char reason[LN_REASON_CAP];
    struct ln_store_number price, size, filled, average, fee;
    int64_t created_ms, updated_ms;
};

struct ln_store_fill {
    uint32_t kind;
    uint8_t side, liquidity;
    char trade_id[24]; /* key, with order_id */
    char order_id[24];
    char client_oid[LN_OID_CAP];
    char strategy[LN_STORE_NAME_CAP];
    char symbol[LN_SYMBOL_CAP];
    struct ln_store_number price, size, fee, profit;
    int64_t time_ms;
};

/* What a strategy holds in a symbol: the latest is kept. */
struct ln_store_position {
    uint32_t kind;
    char strategy[LN_STORE_NAME_CAP];
    char symbol[LN_SYMBOL_CAP];
    struct ln_store_number size, entry, realised, fees;
    int64_t updated_ms;
};

struct ln_store_equity {
    uint32_t kind;
    char coin[16];
    struct ln_store_number equity, available, unrealised;
    int64_t time_ms;
};

struct ln_store_incident {
    uint32_t kind;
    char strategy[LN_STORE_NAME_CAP]; /* "": of the host */
    char what[24];                    /* "crash" "quarantine" "halt" "audit" */
    char text[LN_STORE_TEXT_CAP];
    int64_t time_ms;
};

/* False: dropped, as the queue is full. */
bool ln_store_order(struct ln_store *store, struct ln_store_order *r);
bool ln_store_fill(struct ln_store *store, struct ln_store_fill *r);
bool ln_store_position(struct ln_store *store, struct ln_store_position *r);
bool ln_store_equity(struct ln_store *store, struct ln_store_equity *r);
bool ln_store_incident(struct ln_store *store, struct ln_store_incident *r);

/* At least half of the queue is free. */
bool ln_store_has_room(const struct ln_store *store);

/* Now and then (the host's tick): says what the worker has to say. */
void ln_store_tick(struct ln_store *store, int64_t now_ns);

enum ln_store_state {
    LN_STORE_OPENING,
    LN_STORE_WRITING,
    LN_STORE_WAITING, /* locked, full, failing, not there; tried again */
    LN_STORE_OFF      /* nothing is stored any more */
};

struct ln_store_stats {
    enum ln_store_state state;
    uint64_t put;      /* accepted into the queue */
    uint64_t written;  /* committed */
    uint64_t refused;  /* read from the queue, but not to be written */
    uint64_t dropped;  /* not accepted */
    uint32_t database; /* how often a new file had to be begun */
};

void ln_store_stats(const struct ln_store *store, struct ln_store_stats *out);

/* ---- reading back (store_read.c) ---- */

/* One row; a value is NULL where the table has none. */
typedef void (*ln_store_row_fn)(void *ctx, int count, const char *const *names,
                                const char *const *values);

/*
 * All rows of a table ("orders" "fills" "positions" "equity" "incidents"
 * "sessions") in the order of their keys, oldest first where they have a
 * time. The file is not changed; it may be in use. Errors: NOT_FOUND (no such
 * file or table), STATE (of a newer version), IO.
 */
enum ln_err ln_store_read(const char *path, const char *table,
                          ln_store_row_fn fn, void *ctx,
                          struct ln_error *err) LN_MUST_USE;

#endif
