/*
 * What the files of the store share: the store itself, records as the ring
 * carries them, and the database behind (store_schema.c, store_sqlite.c),
 * which the worker thread alone uses.
 */
#ifndef LN_HOST_STORE_INT_H
#define LN_HOST_STORE_INT_H

#include "base/log.h"
#include "base/ring.h"
#include "host/store.h"
#include "loop/worker.h"

#include <stdatomic.h>

#define STORE_BATCH_MAX 512 /* records in one transaction */
#define STORE_WHY_CAP   256 /* a sentence of the database about its trouble */

enum store_kind {
    STORE_ORDER = 1,
    STORE_FILL,
    STORE_POSITION,
    STORE_EQUITY,
    STORE_INCIDENT
};

union store_record {
    uint32_t kind; /* enum store_kind */
    struct ln_store_order order;
    struct ln_store_fill fill;
    struct ln_store_position position;
    struct ln_store_equity equity;
    struct ln_store_incident incident;
};

/* What became of something that was asked of the database. */
enum db_result {
    DB_OK,
    DB_BUSY,    /* another program holds it: again soon */
    DB_FAILED,  /* disk full or failing: again in a while */
    DB_CORRUPT, /* it is not a database (any more) */
    DB_NEWER,   /* of a version that is not known here, or not ours */
    DB_REFUSED  /* this record cannot be written, ever; others can */
};

struct store_db;

struct store_session {
    char name[LN_STORE_NAME_CAP], mode[16], version[24];
    int64_t start_ms;
    int64_t id; /* of its row; 0: not written yet */
};

/*
 * Open or create, migrate, prepare. *out is NULL unless DB_OK. Here and
 * below: why is filled unless DB_OK.
 */
enum db_result ln_store_db_open(const char *path, struct store_db **out,
                                char *why, size_t cap);
void ln_store_db_close(struct store_db *db); /* NULL is allowed */
/* Its file was deleted, moved or replaced behind our back. */
bool ln_store_db_moved(struct store_db *db);

struct sqlite3;
/* Check whose it is, switch to WAL, bring the tables to this version. */
enum db_result ln_store_db_prepare(struct sqlite3 *sql, char *why, size_t cap);
enum db_result ln_store_db_result(struct sqlite3 *sql, int rc, char *why,
                                  size_t cap);

/* What follows happens in a transaction, whole or not at all. */
enum db_result ln_store_db_begin(struct store_db *db, char *why, size_t cap);
enum db_result ln_store_db_commit(struct store_db *db, char *why, size_t cap);
void ln_store_db_rollback(struct store_db *db);

/* A row for the session; its id is set. */
enum db_result ln_store_db_session(struct store_db *db,
                                   struct store_session *session, char *why,
                                   size_t cap);
enum db_result ln_store_db_end_session(struct store_db *db, int64_t session,
                                       int64_t end_ms, char *why, size_t cap);
enum db_result ln_store_db_put(struct store_db *db,
                               const struct store_session *session,
                               const union store_record *r, char *why,
                               size_t cap);

/* A line for the log, on its way to the trading thread. */
struct store_notice {
    enum ln_log_level level;
    char text[600];
};

/* Touched by the worker thread alone. */
struct store_worker {
    struct ln_worker *self;
    struct ln_ring in, notices;
    struct store_db *db; /* NULL: not open */
    struct store_session session;
    union store_record *batch; /* owned, STORE_BATCH_MAX */
    uint32_t nbatch;
    int64_t retry_ms;       /* between tries on a full or failing disk */
    int64_t retry_ns;       /* not before; 0: at once */
    int64_t backoff_ms;     /* of a locked database */
    int64_t trouble_ns;     /* since when nothing could be written; 0: never */
    enum db_result trouble; /* what the log was told about; DB_OK: nothing */
    int aside;              /* databases moved aside */
    bool said_refused;
};

struct ln_store {
    struct ln_worker *thread;
    struct ln_ring in, notices;       /* the trading thread's ends */
    void *in_memory, *notices_memory; /* owned: the rings */
    char path[1024];
    uint64_t put, dropped;
    uint64_t said_dropped; /* what the log knows of */
    int64_t said_ns;
    _Atomic int state;         /* enum ln_store_state */
    _Atomic uint32_t database; /* how many new ones were begun */
    _Atomic uint64_t written, refused;
    struct store_worker w;
};

static inline enum ln_store_state
ln_store_state_of(const struct ln_store *s)
{
    return (enum ln_store_state)atomic_load_explicit(&s->state,
                                                     memory_order_relaxed);
}

/* What the worker does from start to join; ctx: the store. */
void ln_store_work(struct ln_worker *thread, void *ctx);

#endif
