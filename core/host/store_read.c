/*
 * Reading the store back, for people and tests: whole tables, as text. On a
 * connection of its own that cannot write; the store may be in use.
 */
#include "host/store_int.h"

#include "base/assert.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS_MAX 24
#define BUSY_MS     2000 /* a store that is just being opened or closed */

static const struct table {
    const char *name, *sql;
} tables[] = {
    {"orders", "SELECT * FROM orders ORDER BY created_ms, clientOid"},
    {"fills", "SELECT * FROM fills ORDER BY time_ms, tradeId, orderId"},
    {"positions", "SELECT * FROM positions ORDER BY host, strategy, symbol"},
    {"equity", "SELECT * FROM equity ORDER BY session, time_ms"},
    {"incidents", "SELECT * FROM incidents ORDER BY id"},
    {"sessions", "SELECT * FROM sessions ORDER BY id"},
};

static int
read_version(sqlite3 *sql, int *version)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(sql, "PRAGMA user_version", -1, &st, NULL);
    if (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        *version = sqlite3_column_int(st, 0);
    int end = sqlite3_finalize(st);
    return rc != SQLITE_OK ? rc : end;
}

static int
each_row(sqlite3_stmt *st, ln_store_row_fn fn, void *ctx)
{
    const char *names[COLUMNS_MAX], *values[COLUMNS_MAX];
    int count = sqlite3_column_count(st), rc;
    LN_ASSERT_CMP(count, <=, COLUMNS_MAX);
    for (int i = 0; i < count; i++)
        names[i] = sqlite3_column_name(st, i);
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        for (int i = 0; i < count; i++)
            values[i] = (const char *)sqlite3_column_text(st, i);
        fn(ctx, count, names, values);
    }
    return rc;
}

static enum ln_err
read_table(sqlite3 *sql, const char *path, const struct table *t,
           ln_store_row_fn fn, void *ctx, struct ln_error *err)
{
    int version = 0;
    sqlite3_stmt *st = NULL;
    sqlite3_busy_timeout(sql, BUSY_MS);
    int rc = read_version(sql, &version);
    if (rc == SQLITE_OK && version > LN_STORE_SCHEMA)
        return ln_error_set(err, LN_ERR_STATE, path,
                            "read it with the version that wrote it",
                            "the store was written by a newer version");
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(sql, t->sql, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = each_row(st, fn, ctx);
    sqlite3_finalize(st);
    if (rc == SQLITE_OK || rc == SQLITE_DONE)
        return LN_OK;
    return ln_error_set(err, LN_ERR_IO, path, NULL,
                        "the store cannot be read: %s", sqlite3_errmsg(sql));
}

enum ln_err
ln_store_read(const char *path, const char *table, ln_store_row_fn fn,
              void *ctx, struct ln_error *err)
{
    const struct table *t = NULL;
    sqlite3 *sql = NULL;
    for (size_t i = 0; i < LN_COUNT(tables); i++)
        if (strcmp(tables[i].name, table) == 0)
            t = &tables[i];
    if (!t)
        return ln_error_set(err, LN_ERR_NOT_FOUND, path, NULL,
                            "the store has no table %s", table);
    if (access(path, F_OK) != 0)
        return ln_error_set(err, LN_ERR_NOT_FOUND, path, NULL,
                            "there is no store");
    enum ln_err code;
    if (sqlite3_open_v2(path, &sql, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                        NULL) == SQLITE_OK)
        code = read_table(sql, path, t, fn, ctx, err);
    else
        code = ln_error_set(err, LN_ERR_IO, path, NULL,
                            "the store cannot be opened: %s",
                            sql ? sqlite3_errmsg(sql) : "no memory");
    sqlite3_close(sql);
    return code;
}
