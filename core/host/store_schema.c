/*
 * The tables of the store, and the way from older versions to this one. The
 * version is PRAGMA user_version; whose file it is, PRAGMA application_id.
 *
 * Prices, sizes and money are exact decimal TEXT; times are ms since 1970.
 */
#include "host/store_int.h"

#include <sqlite3.h>
#include <stdio.h>

#define APPLICATION_ID 0x4c756e65 /* "Lune" */

/* migrations[v] leads from version v to v + 1; they are never changed. */
static const char *const migrations[LN_STORE_SCHEMA] = {
    "CREATE TABLE sessions("
    " id INTEGER PRIMARY KEY, start_ms INTEGER NOT NULL, end_ms INTEGER,"
    " name TEXT NOT NULL, mode TEXT NOT NULL, version TEXT NOT NULL) STRICT;"
    "CREATE TABLE orders("
    " clientOid TEXT PRIMARY KEY, orderId TEXT, strategy TEXT NOT NULL,"
    " symbol TEXT NOT NULL, side TEXT NOT NULL, type TEXT NOT NULL,"
    " tif TEXT NOT NULL, price TEXT, size TEXT NOT NULL,"
    " filled TEXT NOT NULL, average TEXT, fee TEXT NOT NULL,"
    " state TEXT NOT NULL, reason TEXT, tag TEXT,"
    " created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX orders_by_time ON orders(created_ms);"
    "CREATE TABLE fills("
    " tradeId TEXT NOT NULL, orderId TEXT NOT NULL, clientOid TEXT NOT NULL,"
    " strategy TEXT NOT NULL, symbol TEXT NOT NULL, side TEXT NOT NULL,"
    " liquidity TEXT, price TEXT NOT NULL, size TEXT NOT NULL,"
    " fee TEXT NOT NULL, profit TEXT NOT NULL, time_ms INTEGER NOT NULL,"
    " PRIMARY KEY(tradeId, orderId)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX fills_by_time ON fills(time_ms);"
    "CREATE TABLE positions("
    " host TEXT NOT NULL, strategy TEXT NOT NULL, symbol TEXT NOT NULL,"
    " size TEXT NOT NULL, entry TEXT, realised TEXT NOT NULL,"
    " fees TEXT NOT NULL, updated_ms INTEGER NOT NULL,"
    " PRIMARY KEY(host, strategy, symbol)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE equity("
    " session INTEGER NOT NULL REFERENCES sessions(id),"
    " time_ms INTEGER NOT NULL, coin TEXT NOT NULL, equity TEXT NOT NULL,"
    " available TEXT NOT NULL, unrealised TEXT NOT NULL,"
    " PRIMARY KEY(session, time_ms)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE incidents("
    " id INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES sessions(id),"
    " time_ms INTEGER NOT NULL, strategy TEXT, kind TEXT NOT NULL,"
    " text TEXT NOT NULL) STRICT;",
};

static int
pragma_number(sqlite3 *sql, const char *text, int64_t *out)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(sql, text, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
    int end = sqlite3_finalize(st);
    return end != SQLITE_OK ? end : SQLITE_OK;
}

/* Whose file is it, and of which version? Reads only. */
static enum db_result
check_version(sqlite3 *sql, int64_t *version, char *why, size_t cap)
{
    int64_t tables = 0, application = 0;
    int rc = pragma_number(sql, "PRAGMA user_version", version);
    if (rc == SQLITE_OK)
        rc = pragma_number(sql, "SELECT count(*) FROM sqlite_master", &tables);
    if (rc == SQLITE_OK)
        rc = pragma_number(sql, "PRAGMA application_id", &application);
    if (rc != SQLITE_OK)
        return ln_store_db_result(sql, rc, why, cap);
    if (tables > 0 && application != APPLICATION_ID) {
        snprintf(why, cap, "it is the database of another program");
        return DB_NEWER;
    }
    if (*version < 0 || *version > LN_STORE_SCHEMA) {
        snprintf(why, cap,
                 "it was written by a newer version (its schema is %lld, the "
                 "newest known here is %d)",
                 (long long)*version, LN_STORE_SCHEMA);
        return DB_NEWER;
    }
    return DB_OK;
}

static void
roll_back(sqlite3 *sql)
{
    sqlite3_exec(sql, "ROLLBACK", NULL, NULL, NULL);
}

/* Each step in a transaction of its own, with the version it leads to. */
static enum db_result
migrate(sqlite3 *sql, char *why, size_t cap)
{
    for (;;) {
        int64_t version = 0;
        char done[96];
        int rc = sqlite3_exec(sql, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        if (rc != SQLITE_OK)
            return ln_store_db_result(sql, rc, why, cap);
        /* Within the lock: another host may have migrated meanwhile. */
        enum db_result r = check_version(sql, &version, why, cap);
        if (r != DB_OK || version == LN_STORE_SCHEMA) {
            roll_back(sql);
            return r;
        }
        snprintf(done, sizeof(done),
                 "PRAGMA application_id = %d; PRAGMA user_version = %d; "
                 "COMMIT",
                 APPLICATION_ID, (int)version + 1);
        rc = sqlite3_exec(sql, migrations[version], NULL, NULL, NULL);
        if (rc == SQLITE_OK)
            rc = sqlite3_exec(sql, done, NULL, NULL, NULL);
        if (rc != SQLITE_OK) {
            r = ln_store_db_result(sql, rc, why, cap);
            roll_back(sql);
            return r;
        }
    }
}

enum db_result
ln_store_db_prepare(struct sqlite3 *sql, char *why, size_t cap)
{
    int64_t version = 0;
    /* Before the first word that could change the file. */
    enum db_result r = check_version(sql, &version, why, cap);
    if (r != DB_OK)
        return r;
    int rc = sqlite3_exec(sql,
                          "PRAGMA journal_mode = WAL;"
                          "PRAGMA synchronous = NORMAL;"
                          "PRAGMA journal_size_limit = 16777216;",
                          NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return ln_store_db_result(sql, rc, why, cap);
    return migrate(sql, why, cap);
}
