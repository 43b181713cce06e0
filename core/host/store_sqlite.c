/*
 * The database of the store: opening it, and writing rows (its tables are in
 * store_schema.c). Used by the worker thread alone; knows nothing of queues
 * and retries (store_worker.c).
 */
#include "host/store_int.h"

#include "base/assert.h"
#include "base/str.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NUMBERS_MAX 6 /* decimal texts in one row */

enum statement {
    ST_BEGIN,
    ST_COMMIT,
    ST_SESSION,
    ST_SESSION_END,
    ST_ORDER,
    ST_REPLACED,
    ST_FILL,
    ST_POSITION,
    ST_EQUITY,
    ST_INCIDENT,
    ST_COUNT
};

static const char *const texts[ST_COUNT] = {
    [ST_BEGIN] = "BEGIN IMMEDIATE",
    [ST_COMMIT] = "COMMIT",
    [ST_SESSION] = "INSERT INTO sessions(start_ms, name, mode, version)"
                   " VALUES(?, ?, ?, ?)",
    [ST_SESSION_END] = "UPDATE sessions SET end_ms = ? WHERE id = ?",
    [ST_ORDER] =
        "INSERT INTO orders(clientOid, orderId, strategy, symbol, side, type,"
        " tif, price, size, filled, average, fee, state, reason, tag,"
        " created_ms, updated_ms)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(clientOid) DO UPDATE SET"
        " orderId = coalesce(excluded.orderId, orderId),"
        " strategy = excluded.strategy, type = excluded.type,"
        " tif = excluded.tif, price = excluded.price, size = excluded.size,"
        " filled = excluded.filled,"
        " average = coalesce(excluded.average, average),"
        " fee = excluded.fee, state = excluded.state,"
        " reason = excluded.reason, tag = coalesce(excluded.tag, tag),"
        " updated_ms = excluded.updated_ms",
    /* An amend makes a new order; the old one ends with it. */
    [ST_REPLACED] =
        "UPDATE orders SET state = 'cancelled', reason = 'amended to ' || ?,"
        " updated_ms = ? WHERE clientOid = ? AND state NOT IN"
        " ('filled', 'cancelled', 'rejected', 'expired')",
    [ST_FILL] = "INSERT INTO fills(tradeId, orderId, clientOid, strategy,"
                " symbol, side, liquidity, price, size, fee, profit, time_ms)"
                " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
    [ST_POSITION] =
        "INSERT INTO positions(host, strategy, symbol, size, entry, realised,"
        " fees, updated_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET size = excluded.size,"
        " entry = excluded.entry, realised = excluded.realised,"
        " fees = excluded.fees, updated_ms = excluded.updated_ms",
    [ST_EQUITY] =
        "INSERT INTO equity(session, time_ms, coin, equity, available,"
        " unrealised) VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    [ST_INCIDENT] = "INSERT INTO incidents(session, time_ms, strategy, kind,"
                    " text) VALUES(?, ?, ?, ?, ?)",
};

struct store_db {
    sqlite3 *sql;
    sqlite3_stmt *statements[ST_COUNT]; /* owned; prepared once */
};

/* ---- results ---- */

static enum db_result
result_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return DB_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: /* a race of locks that was not settled in time */
        return DB_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return DB_CORRUPT;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return DB_REFUSED;
    default: /* FULL, IOERR, CANTOPEN, READONLY, NOMEM, ... */
        return DB_FAILED;
    }
}

enum db_result
ln_store_db_result(struct sqlite3 *sql, int rc, char *why, size_t cap)
{
    enum db_result r = result_of(rc);
    if (r != DB_OK)
        snprintf(why, cap, "%s", sql ? sqlite3_errmsg(sql) : "no memory");
    return r;
}

static enum db_result
run(struct store_db *db, enum statement which, char *why, size_t cap)
{
    sqlite3_stmt *st = db->statements[which];
    int rc = sqlite3_step(st);
    enum db_result r = ln_store_db_result(db->sql, rc, why, cap);
    sqlite3_reset(st);
    return r;
}

/* ---- opening ---- */

/*
 * For its owner alone, whatever the umask; SQLite gives the files beside it
 * the same mode. Only a new file: to close a descriptor of a database that
 * this process has open would drop its locks.
 */
static void
create_private(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

enum db_result
ln_store_db_open(const char *path, struct store_db **out, char *why, size_t cap)
{
    *out = NULL;
    struct store_db *db = calloc(1, sizeof(*db));
    if (!db) {
        snprintf(why, cap, "no memory");
        return DB_FAILED;
    }
    create_private(path);
    int rc = sqlite3_open_v2(
        path, &db->sql,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    enum db_result r = ln_store_db_result(db->sql, rc, why, cap);
    if (r == DB_OK)
        r = ln_store_db_prepare(db->sql, why, cap);
    for (int i = 0; r == DB_OK && i < ST_COUNT; i++) {
        rc =
            sqlite3_prepare_v3(db->sql, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &db->statements[i], NULL);
        r = ln_store_db_result(db->sql, rc, why, cap);
    }
    if (r == DB_OK)
        *out = db;
    else
        ln_store_db_close(db);
    /* No record is at fault here. */
    return r == DB_REFUSED ? DB_FAILED : r;
}

bool
ln_store_db_moved(struct store_db *db)
{
    int moved = 0;
    int rc =
        sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return rc == SQLITE_OK && moved;
}

void
ln_store_db_close(struct store_db *db)
{
    if (!db)
        return;
    for (int i = 0; i < ST_COUNT; i++)
        sqlite3_finalize(db->statements[i]);
    sqlite3_close(db->sql);
    free(db);
}

/* ---- binding one row, from left to right ---- */

struct binder {
    sqlite3_stmt *st;
    int column;
    int rc; /* the first error */
    int numbers;
    char text[NUMBERS_MAX][LN_DECIMAL_CAP]; /* until the row is written */
};

static struct binder
row(struct store_db *db, enum statement which)
{
    return (struct binder){.st = db->statements[which]};
}

static void
keep(struct binder *b, int rc)
{
    if (b->rc == SQLITE_OK)
        b->rc = rc;
}

static void
add_text(struct binder *b, const char *text)
{
    keep(b, sqlite3_bind_text(b->st, ++b->column, text, -1, SQLITE_STATIC));
}

/* "" becomes NULL: there is none. */
static void
add_optional(struct binder *b, const char *text)
{
    if (text[0])
        add_text(b, text);
    else
        keep(b, sqlite3_bind_null(b->st, ++b->column));
}

static void
add_integer(struct binder *b, int64_t v)
{
    keep(b, sqlite3_bind_int64(b->st, ++b->column, v));
}

static void
add_number(struct binder *b, struct ln_store_number n)
{
    if (n.scale < 0 || n.scale > LN_SCALE_MAX) {
        keep(b, sqlite3_bind_null(b->st, ++b->column));
        return;
    }
    LN_ASSERT_CMP(b->numbers, <, NUMBERS_MAX);
    char *text = b->text[b->numbers++];
    ln_decimal_format(ln_mul_div(n.count, n.step, 1, LN_ROUND_DOWN), n.scale, 0,
                      text);
    add_text(b, text);
}

static enum db_result
finish(struct store_db *db, struct binder *b, char *why, size_t cap)
{
    int rc = b->rc;
    if (rc == SQLITE_OK)
        rc = sqlite3_step(b->st);
    enum db_result r = ln_store_db_result(db->sql, rc, why, cap);
    sqlite3_reset(b->st);
    sqlite3_clear_bindings(b->st);
    return r;
}

/* ---- records ---- */

static enum db_result
put_order(struct store_db *db, const struct ln_store_order *o, char *why,
          size_t cap)
{
    if (o->replaces[0]) {
        struct binder b = row(db, ST_REPLACED);
        add_text(&b, o->client_oid);
        add_integer(&b, o->updated_ms);
        add_text(&b, o->replaces);
        enum db_result r = finish(db, &b, why, cap);
        if (r != DB_OK)
            return r;
    }
    struct binder b = row(db, ST_ORDER);
    add_text(&b, o->client_oid);
    add_optional(&b, o->order_id);
    add_text(&b, o->strategy);
    add_text(&b, o->symbol);
    add_text(&b, ln_side_name(o->side));
    add_text(&b, ln_order_type_name(o->type));
    add_text(&b, ln_tif_name(o->tif));
    add_number(&b, o->price);
    add_number(&b, o->size);
    add_number(&b, o->filled);
    add_number(&b, o->average);
    add_number(&b, o->fee);
    add_text(&b, ln_order_state_name(o->state));
    add_optional(&b, o->reason);
    add_optional(&b, o->tag);
    add_integer(&b, o->created_ms);
    add_integer(&b, o->updated_ms);
    return finish(db, &b, why, cap);
}

static enum db_result
put_fill(struct store_db *db, const struct ln_store_fill *f, char *why,
         size_t cap)
{
    struct binder b = row(db, ST_FILL);
    add_text(&b, f->trade_id);
    add_text(&b, f->order_id);
    add_text(&b, f->client_oid);
    add_text(&b, f->strategy);
    add_text(&b, f->symbol);
    add_text(&b, ln_side_name(f->side));
    add_optional(&b, f->liquidity == LN_MAKER   ? "maker"
                     : f->liquidity == LN_TAKER ? "taker"
                                                : "");
    add_number(&b, f->price);
    add_number(&b, f->size);
    add_number(&b, f->fee);
    add_number(&b, f->profit);
    add_integer(&b, f->time_ms);
    return finish(db, &b, why, cap);
}

static enum db_result
put_position(struct store_db *db, const char *host,
             const struct ln_store_position *p, char *why, size_t cap)
{
    struct binder b = row(db, ST_POSITION);
    add_text(&b, host);
    add_text(&b, p->strategy);
    add_text(&b, p->symbol);
    add_number(&b, p->size);
    add_number(&b, p->entry);
    add_number(&b, p->realised);
    add_number(&b, p->fees);
    add_integer(&b, p->updated_ms);
    return finish(db, &b, why, cap);
}

static enum db_result
put_equity(struct store_db *db, int64_t session,
           const struct ln_store_equity *e, char *why, size_t cap)
{
    struct binder b = row(db, ST_EQUITY);
    add_integer(&b, session);
    add_integer(&b, e->time_ms);
    add_text(&b, e->coin);
    add_number(&b, e->equity);
    add_number(&b, e->available);
    add_number(&b, e->unrealised);
    return finish(db, &b, why, cap);
}

static enum db_result
put_incident(struct store_db *db, int64_t session,
             const struct ln_store_incident *i, char *why, size_t cap)
{
    struct binder b = row(db, ST_INCIDENT);
    add_integer(&b, session);
    add_integer(&b, i->time_ms);
    add_optional(&b, i->strategy);
    add_text(&b, i->what);
    add_text(&b, i->text);
    return finish(db, &b, why, cap);
}

enum db_result
ln_store_db_put(struct store_db *db, const struct store_session *session,
                const union store_record *r, char *why, size_t cap)
{
    switch (r->kind) {
    case STORE_ORDER:
        return put_order(db, &r->order, why, cap);
    case STORE_FILL:
        return put_fill(db, &r->fill, why, cap);
    case STORE_POSITION:
        return put_position(db, session->name, &r->position, why, cap);
    case STORE_EQUITY:
        return put_equity(db, session->id, &r->equity, why, cap);
    case STORE_INCIDENT:
        return put_incident(db, session->id, &r->incident, why, cap);
    default:
        snprintf(why, cap, "a record of no known kind");
        return DB_REFUSED;
    }
}

/* ---- transactions and sessions ---- */

enum db_result
ln_store_db_begin(struct store_db *db, char *why, size_t cap)
{
    return run(db, ST_BEGIN, why, cap);
}

enum db_result
ln_store_db_commit(struct store_db *db, char *why, size_t cap)
{
    return run(db, ST_COMMIT, why, cap);
}

void
ln_store_db_rollback(struct store_db *db)
{
    /* Some errors have rolled back already. */
    if (!sqlite3_get_autocommit(db->sql))
        sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
}

enum db_result
ln_store_db_session(struct store_db *db, struct store_session *session,
                    char *why, size_t cap)
{
    struct binder b = row(db, ST_SESSION);
    add_integer(&b, session->start_ms);
    add_text(&b, session->name);
    add_text(&b, session->mode);
    add_text(&b, session->version);
    enum db_result r = finish(db, &b, why, cap);
    if (r == DB_OK)
        session->id = sqlite3_last_insert_rowid(db->sql);
    return r;
}

enum db_result
ln_store_db_end_session(struct store_db *db, int64_t session, int64_t end_ms,
                        char *why, size_t cap)
{
    struct binder b = row(db, ST_SESSION_END);
    add_integer(&b, end_ms);
    add_integer(&b, session);
    return finish(db, &b, why, cap);
}
