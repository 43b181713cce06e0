/*
 * A folder of its own for each test of the store, a log that is kept, and
 * rows read back as text.
 */
#ifndef LN_TESTS_HOST_STORE_FIXTURE_H
#define LN_TESTS_HOST_STORE_FIXTURE_H

#include "base/log.h"
#include "host/store.h"
#include "loop/loop.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS_MAX    700
#define PATIENCE_MS 20000 /* until a test says that something hangs */

struct shop {
    char dir[64], path[96];
    struct ln_store *store;
    struct ln_loop *loop; /* for time to pass */
    char log[16384];      /* all lines so far */
    /* of the last shop_read */
    int rows;
    char *text[ROWS_MAX]; /* owned: "name=value name=value ..." */
};

static inline void
shop_log(void *ctx, enum ln_log_level level, const char *line, size_t len)
{
    struct shop *s = ctx;
    size_t used = strlen(s->log);
    (void)level;
    snprintf(s->log + used, sizeof(s->log) - used, "%.*s\n", (int)len, line);
}

/* How often the log has said it. */
static inline int
shop_said(const struct shop *s, const char *words)
{
    int n = 0;
    for (const char *p = s->log; (p = strstr(p, words)); p++)
        n++;
    return n;
}

static inline void
shop_open(struct shop *s)
{
    struct ln_store_opts opts = {.path = s->path,
                                 .name = "desk1",
                                 .mode = "sim",
                                 .version = "0.1.0",
                                 .retry_ms = 100};
    struct ln_error err;
    if (ln_store_open(&opts, &s->store, &err) != LN_OK)
        abort();
}

static inline void
shop_setup_in(struct shop *s, const char *dir)
{
    memset(s, 0, sizeof(*s));
    snprintf(s->dir, sizeof(s->dir), "%s", dir);
    snprintf(s->path, sizeof(s->path), "%s/lunette.db", s->dir);
    s->loop = ln_loop_uv_new();
    ln_log_set_level(LN_LOG_INFO);
    ln_log_set_sink(shop_log, s);
}

static inline void
shop_setup(struct shop *s)
{
    char dir[] = "/tmp/lunette-store-XXXXXX";
    if (!mkdtemp(dir))
        abort();
    shop_setup_in(s, dir);
}

static inline void
shop_close(struct shop *s)
{
    ln_store_close(s->store);
    s->store = NULL;
}

static inline void
shop_forget_rows(struct shop *s)
{
    for (int i = 0; i < s->rows; i++)
        free(s->text[i]);
    s->rows = 0;
}

static inline void
shop_teardown(struct shop *s)
{
    char file[400];
    shop_close(s);
    shop_forget_rows(s);
    DIR *d = opendir(s->dir);
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(file, sizeof(file), "%s/%s", s->dir, e->d_name);
        unlink(file);
    }
    if (d)
        closedir(d);
    rmdir(s->dir);
    ln_loop_free(s->loop);
    ln_log_set_sink(NULL, NULL);
    ln_log_set_level(LN_LOG_OFF);
}

static inline struct ln_store_stats
shop_stats(const struct shop *s)
{
    struct ln_store_stats stats;
    ln_store_stats(s->store, &stats);
    return stats;
}

/* Until nothing waits in the queue any more. */
static inline bool
shop_settle(struct shop *s)
{
    for (int ms = 0; ms < PATIENCE_MS; ms += 5) {
        struct ln_store_stats stats = shop_stats(s);
        if (stats.written + stats.refused == stats.put &&
            stats.state != LN_STORE_OPENING)
            return true;
        ln_loop_run_for(s->loop, 5);
    }
    return false;
}

static inline bool
shop_until(struct shop *s, enum ln_store_state state)
{
    for (int ms = 0; ms < PATIENCE_MS; ms += 5) {
        if (shop_stats(s).state == state)
            return true;
        ln_loop_run_for(s->loop, 5);
    }
    return false;
}

static inline void
shop_row(void *ctx, int count, const char *const *names,
         const char *const *values)
{
    struct shop *s = ctx;
    char text[2048];
    size_t len = 0;
    text[0] = 0;
    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s=%s ",
                                names[i], values[i] ? values[i] : "NULL");
    if (s->rows < ROWS_MAX)
        s->text[s->rows++] = strdup(text);
}

/* Reads a table of <path>; the number of rows, or -1. */
static inline int
shop_read_from(struct shop *s, const char *path, const char *table)
{
    struct ln_error err;
    shop_forget_rows(s);
    if (ln_store_read(path, table, shop_row, s, &err) != LN_OK)
        return -1;
    return s->rows;
}

static inline int
shop_read(struct shop *s, const char *table)
{
    return shop_read_from(s, s->path, table);
}

/* A row holds these words. */
static inline bool
shop_has(const struct shop *s, int row, const char *words)
{
    return row < s->rows && strstr(s->text[row], words) != NULL;
}

/* Files of the folder whose names hold <part>; the last one into <name>. */
static inline int
shop_files(const struct shop *s, const char *part, char *name, size_t cap)
{
    int n = 0;
    DIR *d = opendir(s->dir);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (!strstr(e->d_name, part))
            continue;
        snprintf(name, cap, "%s/%s", s->dir, e->d_name);
        n++;
    }
    if (d)
        closedir(d);
    return n;
}

/* ---- records ---- */

/* An order for 0.012 BTC at 64010.6. */
static inline struct ln_store_order
shop_order(const char *oid, enum ln_order_state state)
{
    struct ln_store_order o = {.side = LN_BUY,
                               .type = LN_LIMIT,
                               .tif = LN_POST_ONLY,
                               .state = (uint8_t)state,
                               .strategy = "ema",
                               .symbol = "BTCUSDT",
                               .tag = "entry",
                               .price = {640106, 1, 1},
                               .size = {12, 1, 3},
                               .filled = {0, 1, 3},
                               .average = ln_store_unknown(),
                               .fee = ln_store_money(0),
                               .created_ms = 1790000000000,
                               .updated_ms = 1790000000001};
    snprintf(o.client_oid, sizeof(o.client_oid), "%s", oid);
    return o;
}

static inline struct ln_store_incident
shop_incident(const char *what, const char *text)
{
    struct ln_store_incident i = {.time_ms = 1790000000000, .strategy = "ema"};
    snprintf(i.what, sizeof(i.what), "%s", what);
    snprintf(i.text, sizeof(i.text), "%s", text);
    return i;
}

#endif
