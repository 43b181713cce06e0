/*
 * The worker thread of the store: batches, retries, the end.
 *
 * Records are taken out of the ring into a batch, and the batch is kept until
 * it is committed, so nothing is lost while the database is locked or the
 * disk is full; what then does not fit into the ring any more is dropped by
 * the trading thread, and counted.
 */
#include "base/assert.h"
#include "base/timefmt.h"
#include "host/store_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LOOK_MS        50 /* how often the worker looks */
#define BUSY_FIRST_MS  10 /* backoff while another program writes */
#define BUSY_MAX_MS    500
#define BUSY_SAY_MS    1000 /* longer than that is worth a word */
#define ASIDE_MAX      3    /* corrupt databases; then the disk is at fault */
#define CLOSE_MS       2000 /* for the last records */
#define CLOSE_AGAIN_MS 50
#define NS_PER_MS      1000000LL

/* ---- saying ---- */

static void say(struct ln_store *s, enum ln_log_level level, const char *fmt,
                ...) LN_PRINTF(3, 4);

static void
say(struct ln_store *s, enum ln_log_level level, const char *fmt, ...)
{
    struct store_notice n = {.level = level};
    va_list args;
    va_start(args, fmt);
    vsnprintf(n.text, sizeof(n.text), fmt, args);
    va_end(args);
    /* A full ring holds enough to read. */
    if (ln_ring_write(&s->w.notices, &n, sizeof(n)) != LN_OK)
        return;
}

static void
set_state(struct ln_store *s, enum ln_store_state state)
{
    atomic_store_explicit(&s->state, (int)state, memory_order_relaxed);
}

/* ---- trouble ---- */

static void
close_db(struct ln_store *s)
{
    ln_store_db_close(s->w.db);
    s->w.db = NULL;
}

static void
turn_off(struct ln_store *s, const char *why)
{
    close_db(s);
    set_state(s, LN_STORE_OFF);
    say(s, LN_LOG_ERROR,
        "%s is not written to: %s; trading goes on, orders and fills of this "
        "session will not be in it",
        s->path, why);
}

/*
 * The file (unless keep_file) and its log get names of their own: out of the
 * way, but not lost, as a person may want to repair them. A log that stayed
 * would be taken for the next database's. stamp: LN_TIME_CAP bytes, filled.
 */
static bool
set_aside(struct ln_store *s, const char *word, bool keep_file, char *stamp)
{
    static const char *const tails[] = {"", "-wal"};
    char from[1100], to[1200];
    ln_time_iso(ln_worker_now_ms(s->w.self), stamp);
    for (char *c = stamp; *c; c++)
        if (*c == ':' || *c == '.')
            *c = '-';
    for (size_t i = keep_file; i < LN_COUNT(tails); i++) {
        snprintf(from, sizeof(from), "%s%s", s->path, tails[i]);
        snprintf(to, sizeof(to), "%s.%s-%s%s", s->path, word, stamp, tails[i]);
        if (rename(from, to) != 0 && i == 0)
            return false;
    }
    snprintf(from, sizeof(from), "%s-shm", s->path);
    unlink(from); /* an index of the -wal, made anew from it */
    return true;
}

/* The next database knows nothing of this session, nor of its orders. */
static void
begin_anew(struct ln_store *s)
{
    s->w.session.id = 0;
    atomic_fetch_add_explicit(&s->database, 1, memory_order_relaxed);
}

static void
wait_for(struct ln_store *s, int64_t ms)
{
    set_state(s, LN_STORE_WAITING);
    s->w.retry_ns = ln_worker_now_ns(s->w.self) + ms * NS_PER_MS;
}

static void
on_busy(struct ln_store *s, int64_t now_ns)
{
    struct store_worker *w = &s->w;
    w->backoff_ms = w->backoff_ms ? w->backoff_ms * 2 : BUSY_FIRST_MS;
    if (w->backoff_ms > BUSY_MAX_MS)
        w->backoff_ms = BUSY_MAX_MS;
    if (w->trouble == DB_OK &&
        now_ns - w->trouble_ns >= BUSY_SAY_MS * NS_PER_MS) {
        w->trouble = DB_BUSY;
        say(s, LN_LOG_WARN,
            "%s is locked by another program; records wait, and it is tried "
            "again",
            s->path);
    }
    wait_for(s, w->backoff_ms);
}

static void
on_failed(struct ln_store *s, const char *why)
{
    /* A disk that comes back may want the file opened anew. */
    close_db(s);
    if (s->w.trouble != DB_FAILED)
        say(s, LN_LOG_ERROR,
            "%s cannot be written: %s; trading goes on, records wait as far "
            "as the queue holds them, and it is tried again and again",
            s->path, why);
    s->w.trouble = DB_FAILED;
    wait_for(s, s->w.retry_ms);
}

static void
on_trouble(struct ln_store *s, enum db_result what, const char *why)
{
    struct store_worker *w = &s->w;
    char stamp[LN_TIME_CAP];
    int64_t now_ns = ln_worker_now_ns(s->w.self);
    if (!w->trouble_ns)
        w->trouble_ns = now_ns ? now_ns : 1;
    switch (what) {
    case DB_BUSY:
        on_busy(s, now_ns);
        return;
    case DB_NEWER:
        turn_off(s, why);
        return;
    case DB_CORRUPT:
        close_db(s);
        if (w->aside == ASIDE_MAX) {
            turn_off(s, "one database after the other is damaged: the disk "
                        "is at fault");
            return;
        }
        if (!set_aside(s, "corrupt", false, stamp)) {
            on_failed(s, why);
            return;
        }
        say(s, LN_LOG_ERROR,
            "%s is damaged (%s): it was moved to %s.corrupt-%s and a new one "
            "is begun",
            s->path, why, s->path, stamp);
        begin_anew(s);
        w->aside++;
        w->retry_ns = 0;
        return;
    case DB_OK:
    case DB_FAILED:
    case DB_REFUSED:
        on_failed(s, why);
        return;
    }
}

static void
all_is_well(struct ln_store *s)
{
    struct store_worker *w = &s->w;
    if (w->trouble != DB_OK)
        say(s, LN_LOG_INFO, "%s is written again", s->path);
    w->trouble = DB_OK;
    w->trouble_ns = w->retry_ns = w->backoff_ms = 0;
    set_state(s, LN_STORE_WRITING);
}

/* ---- writing ---- */

/* Take out of the ring what fits behind what is still to be written. */
static void
fill_batch(struct ln_store *s)
{
    struct store_worker *w = &s->w;
    while (w->nbatch < STORE_BATCH_MAX) {
        int64_t len =
            ln_ring_read(&w->in, &w->batch[w->nbatch], sizeof(*w->batch));
        if (len <= 0)
            return;
        w->nbatch++;
    }
}

static void
refused(struct ln_store *s, const char *why)
{
    if (!s->w.said_refused)
        say(s, LN_LOG_ERROR,
            "%s: a record was refused (%s); it is the first, the others are "
            "only counted",
            s->path, why);
    s->w.said_refused = true;
}

/* The batch and, with the first one, the row of the session. */
static enum db_result
write_batch(struct ln_store *s, char *why)
{
    struct store_worker *w = &s->w;
    bool new_session = w->session.id == 0;
    uint32_t bad = 0;
    enum db_result r = ln_store_db_begin(w->db, why, STORE_WHY_CAP);
    if (r != DB_OK)
        return r;
    if (new_session)
        r = ln_store_db_session(w->db, &w->session, why, STORE_WHY_CAP);
    for (uint32_t i = 0; r == DB_OK && i < w->nbatch; i++) {
        r = ln_store_db_put(w->db, &w->session, &w->batch[i], why,
                            STORE_WHY_CAP);
        if (r != DB_REFUSED)
            continue;
        refused(s, why);
        bad++;
        r = DB_OK;
    }
    if (r == DB_OK)
        r = ln_store_db_commit(w->db, why, STORE_WHY_CAP);
    if (r != DB_OK) {
        ln_store_db_rollback(w->db);
        if (new_session)
            w->session.id = 0;
        return r;
    }
    atomic_fetch_add_explicit(&s->written, w->nbatch - bad,
                              memory_order_relaxed);
    atomic_fetch_add_explicit(&s->refused, bad, memory_order_relaxed);
    w->nbatch = 0;
    return DB_OK;
}

/* Somebody has taken the file away: what is written now nobody would find. */
static void
check_moved(struct ln_store *s)
{
    char stamp[LN_TIME_CAP];
    if (!ln_store_db_moved(s->w.db))
        return;
    close_db(s);
    /* If there is another file now, the log beside it is of that one. */
    if (access(s->path, F_OK) != 0)
        set_aside(s, "lost", true, stamp);
    begin_anew(s);
    say(s, LN_LOG_WARN, "%s was deleted or replaced: it is opened anew",
        s->path);
}

/* Whatever is possible now. False: there is no more to do, or not now. */
static bool
work(struct ln_store *s)
{
    struct store_worker *w = &s->w;
    char why[STORE_WHY_CAP] = "";
    fill_batch(s);
    if (ln_store_state_of(s) == LN_STORE_OFF) {
        bool more = w->nbatch > 0;
        atomic_fetch_add_explicit(&s->refused, w->nbatch, memory_order_relaxed);
        w->nbatch = 0;
        return more;
    }
    if (w->retry_ns && ln_worker_now_ns(s->w.self) < w->retry_ns)
        return false;
    if (w->db && w->nbatch == 0 && w->session.id)
        return false;
    enum db_result r = DB_OK;
    if (w->db)
        check_moved(s);
    if (!w->db)
        r = ln_store_db_open(s->path, &w->db, why, sizeof(why));
    if (r == DB_OK)
        r = write_batch(s, why);
    if (r != DB_OK) {
        on_trouble(s, r, why);
        return w->retry_ns == 0;
    }
    all_is_well(s);
    return true;
}

/* No time to lose: tries are close to each other, then it is given up. */
static void
finish(struct ln_store *s)
{
    struct store_worker *w = &s->w;
    char why[STORE_WHY_CAP] = "";
    int64_t end_ns = ln_worker_now_ns(s->w.self) + CLOSE_MS * NS_PER_MS;
    for (;;) {
        w->retry_ns = 0;
        while (work(s))
            continue;
        if (ln_store_state_of(s) == LN_STORE_OFF)
            return;
        if (w->db && w->session.id && w->nbatch == 0 &&
            ln_store_db_end_session(w->db, w->session.id,
                                    ln_worker_now_ms(s->w.self), why,
                                    sizeof(why)) == DB_OK)
            break;
        if (ln_worker_now_ns(s->w.self) >= end_ns)
            break;
        ln_worker_rest(s->w.self, CLOSE_AGAIN_MS);
    }
    close_db(s);
}

void
ln_store_work(struct ln_worker *thread, void *ctx)
{
    struct ln_store *s = ctx;
    s->w.self = thread;
    s->w.session.start_ms = ln_worker_now_ms(thread);
    do {
        while (work(s))
            continue;
    } while (ln_worker_wait(thread, LOOK_MS));
    finish(s);
}
