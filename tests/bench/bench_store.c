/*
 * The store as the trading thread sees it: one put against a memcpy of the
 * same record into memory of the same size. Between rounds the worker writes
 * what was put, untimed, into a real database.
 */
#include "bench/bench.h"

#include "host/store.h"

#include <string.h>
#include <unistd.h>

#define PUTS  4096
#define SLOTS 8192 /* as many records as the queue's memory holds */

struct subject {
    struct ln_store *store;
    struct ln_loop *loop;
    struct ln_store_order order;
    struct ln_store_order *slots; /* owned, SLOTS */
    int next;
};

static void
put_orders(void *ctx, int count)
{
    struct subject *s = ctx;
    for (int i = 0; i < count; i++) {
        s->order.updated_ms = i;
        if (!ln_store_order(s->store, &s->order))
            abort(); /* a dropped record is not what is measured */
    }
}

static void
copy_orders(void *ctx, int count)
{
    struct subject *s = ctx;
    for (int i = 0; i < count; i++) {
        s->order.updated_ms = i;
        memcpy(&s->slots[s->next], &s->order, sizeof(s->order));
        __asm__ volatile("" ::"r"(s->slots) : "memory");
        s->next = (s->next + 1) % SLOTS;
    }
}

static void
let_worker_write(struct subject *s)
{
    struct ln_store_stats stats;
    do {
        ln_loop_run_for(s->loop, 5);
        ln_store_stats(s->store, &stats);
    } while (stats.written < stats.put);
}

static void
measure(struct subject *s)
{
    double puts[BENCH_ROUNDS], copies[BENCH_ROUNDS];
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        puts[i] = bench_once(s->loop, put_orders, s, PUTS);
        let_worker_write(s);
        copies[i] = bench_once(s->loop, copy_orders, s, PUTS);
    }
    qsort(puts, BENCH_ROUNDS, sizeof(*puts), bench_compare);
    qsort(copies, BENCH_ROUNDS, sizeof(*copies), bench_compare);
    double put = puts[BENCH_ROUNDS / 2], copy = copies[BENCH_ROUNDS / 2];
    printf("{\"bench\":\"store_put_order\",\"ns\":%.1f,\"reference\":"
           "\"memcpy of the same %zu bytes\",\"reference_ns\":%.1f,"
           "\"ratio\":%.3f}\n",
           put, sizeof(s->order), copy, copy > 0 ? put / copy : 0);
}

int
main(void)
{
    char dir[] = "/tmp/lunette-bench-XXXXXX", path[64], file[80];
    static const char *const tails[] = {"", "-wal", "-shm"};
    struct subject s = {.loop = ln_loop_uv_new(),
                        .slots = calloc(SLOTS, sizeof(*s.slots))};
    struct ln_store_opts opts = {
        .path = path, .name = "bench", .mode = "sim", .version = "0"};
    struct ln_error err;
    if (!s.loop || !s.slots || !mkdtemp(dir))
        return 1;
    memset(s.slots, 1, SLOTS * sizeof(*s.slots)); /* its pages exist */
    snprintf(path, sizeof(path), "%s/lunette.db", dir);
    if (ln_store_open(&opts, &s.store, &err) != LN_OK)
        return 1;
    s.order = (struct ln_store_order){.side = LN_BUY,
                                      .type = LN_LIMIT,
                                      .tif = LN_GTC,
                                      .state = LN_ORDER_LIVE,
                                      .client_oid = "lnb1-1",
                                      .strategy = "bench",
                                      .symbol = "BTCUSDT",
                                      .price = {640106, 1, 1},
                                      .size = {12, 1, 3},
                                      .filled = {0, 1, 3},
                                      .average = ln_store_unknown(),
                                      .fee = ln_store_money(0)};
    measure(&s);
    ln_store_close(s.store);
    for (int i = 0; i < 3; i++) {
        snprintf(file, sizeof(file), "%s%s", path, tails[i]);
        unlink(file);
    }
    rmdir(dir);
    free(s.slots);
    ln_loop_free(s.loop);
    return 0;
}
