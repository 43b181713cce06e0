/*
 * The trading thread's side of the store: putting, and hearing what the
 * worker has to say. See store.h for the picture.
 *
 * Two rings of one producer and one consumer each: records down to the worker
 * (store_worker.c), notices for the log back up, as the log belongs to the
 * trading thread.
 */
#include "host/store.h"

#include "base/log.h"
#include "host/store_int.h"

#include <inttypes.h>
#include <stdlib.h>

#define NOTICES_SIZE (64U << 10) /* bytes of the ring back */
#define RETRY_MS     1000
#define SAY_EVERY_NS 1000000000LL

static bool
make_ring(uint32_t size, void **memory, struct ln_ring *producer,
          struct ln_ring *consumer)
{
    *memory = aligned_alloc(64, ln_ring_bytes(size));
    if (!*memory)
        return false;
    ln_ring_format(*memory, size);
    ln_ring_attach(producer, *memory, size, true);
    ln_ring_attach(consumer, *memory, size, false);
    return true;
}

static void
free_store(struct ln_store *s)
{
    free(s->in_memory);
    free(s->notices_memory);
    free(s->w.batch);
    free(s);
}

enum ln_err
ln_store_open(const struct ln_store_opts *opts, struct ln_store **out,
              struct ln_error *err)
{
    uint32_t size = opts->queue_size ? opts->queue_size : LN_STORE_QUEUE_SIZE;
    struct ln_store *s = calloc(1, sizeof(*s));
    if (!s)
        return ln_error_set(err, LN_ERR_NOMEM, opts->path, NULL,
                            "no memory for the store");
    s->w.batch = calloc(STORE_BATCH_MAX, sizeof(*s->w.batch));
    if (!s->w.batch || !make_ring(size, &s->in_memory, &s->in, &s->w.in) ||
        !make_ring(NOTICES_SIZE, &s->notices_memory, &s->w.notices,
                   &s->notices)) {
        free_store(s);
        return ln_error_set(err, LN_ERR_NOMEM, opts->path, NULL,
                            "no memory for the store's queue");
    }
    ln_str_copy(s->path, sizeof(s->path), ln_str(opts->path));
    s->w.retry_ms = opts->retry_ms ? opts->retry_ms : RETRY_MS;
    struct store_session *w = &s->w.session;
    ln_str_copy(w->name, sizeof(w->name), ln_str(opts->name));
    ln_str_copy(w->mode, sizeof(w->mode), ln_str(opts->mode));
    ln_str_copy(w->version, sizeof(w->version), ln_str(opts->version));
    enum ln_err code = ln_worker_start(ln_store_work, s, &s->thread, err);
    if (code != LN_OK) {
        free_store(s);
        return code;
    }
    *out = s;
    return LN_OK;
}

static bool
put(struct ln_store *s, const void *record, uint32_t size)
{
    if (ln_ring_write(&s->in, record, size) != LN_OK) {
        s->dropped++;
        return false;
    }
    s->put++;
    return true;
}

bool
ln_store_order(struct ln_store *s, struct ln_store_order *r)
{
    r->kind = STORE_ORDER;
    return put(s, r, sizeof(*r));
}

bool
ln_store_fill(struct ln_store *s, struct ln_store_fill *r)
{
    r->kind = STORE_FILL;
    return put(s, r, sizeof(*r));
}

bool
ln_store_position(struct ln_store *s, struct ln_store_position *r)
{
    r->kind = STORE_POSITION;
    return put(s, r, sizeof(*r));
}

bool
ln_store_equity(struct ln_store *s, struct ln_store_equity *r)
{
    r->kind = STORE_EQUITY;
    return put(s, r, sizeof(*r));
}

bool
ln_store_incident(struct ln_store *s, struct ln_store_incident *r)
{
    r->kind = STORE_INCIDENT;
    return put(s, r, sizeof(*r));
}

bool
ln_store_has_room(const struct ln_store *s)
{
    return ln_ring_used(&s->in) < s->in.size / 2;
}

static void
log_notices(struct ln_store *s)
{
    struct store_notice n;
    while (ln_ring_read(&s->notices, &n, sizeof(n)) == (int64_t)sizeof(n))
        ln_log(n.level, "store", "%s", n.text);
}

static void
log_dropped(struct ln_store *s)
{
    ln_log(LN_LOG_ERROR, "store",
           "the queue is full: %" PRIu64 " records were dropped (%" PRIu64
           " in all); of these, %s will get the orders later, and will miss "
           "the rest; trading goes on",
           s->dropped - s->said_dropped, s->dropped, s->path);
    s->said_dropped = s->dropped;
}

void
ln_store_tick(struct ln_store *s, int64_t now_ns)
{
    log_notices(s);
    if (s->dropped == s->said_dropped ||
        (s->said_ns && now_ns - s->said_ns < SAY_EVERY_NS))
        return;
    s->said_ns = now_ns ? now_ns : 1;
    log_dropped(s);
}

void
ln_store_stats(const struct ln_store *s, struct ln_store_stats *out)
{
    *out = (struct ln_store_stats){
        .state = ln_store_state_of(s),
        .put = s->put,
        .written = atomic_load_explicit(&s->written, memory_order_relaxed),
        .refused = atomic_load_explicit(&s->refused, memory_order_relaxed),
        .dropped = s->dropped,
        .database = atomic_load_explicit(&s->database, memory_order_relaxed),
    };
}

void
ln_store_close(struct ln_store *s)
{
    struct ln_store_stats stats;
    if (!s)
        return;
    ln_worker_join(s->thread);
    log_notices(s);
    if (s->dropped != s->said_dropped)
        log_dropped(s);
    ln_store_stats(s, &stats);
    if (stats.put > stats.written + stats.refused)
        ln_log(LN_LOG_ERROR, "store",
               "%" PRIu64 " records could not be written to %s and are lost",
               stats.put - stats.written - stats.refused, s->path);
    free_store(s);
}
