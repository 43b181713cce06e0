/*
 * Deterministic simulation: the real host, the real Bitget client, the real
 * wire front and engine in one process, on the virtual clock, the virtual
 * network and the virtual disk. Everything follows from the seed: the market,
 * what the strategies do, every fault, every crash.
 *
 *   world.c   makes, crashes and restarts the host
 *   faults.c  what goes wrong, and when
 *   check.c   what must hold, during and at the end
 *   main.c    the command line: one seed or many
 */
#ifndef LN_TESTS_DST_H
#define LN_TESTS_DST_H

#include "base/rng.h"
#include "bitget/credentials.h"
#include "host/host.h"
#include "loop/disk.h"
#include "loop/loop.h"
#include "net/net.h"
#include "net/net_virtual.h"
#include "sim/sim.h"

#define DST_START_MS 1767225600000LL /* 2026-01-01 */
#define DST_JOURNAL  "store/intents.log"

enum dst_fault {
    DST_NONE,
    DST_LATENCY,
    DST_DROP_REQUEST,
    DST_DROP_RESPONSE,
    DST_RESET,
    DST_REFUSE,
    DST_DROP_PUSH,
    DST_DUP_PUSH,
    DST_CUT,
    DST_KILL,  /* the host's process dies */
    DST_POWER, /* the machine stops: unsynced writes are lost */
    DST_DISK_FULL,
    DST_FAULTS
};
extern const char *const dst_fault_names[DST_FAULTS];

struct dst_world {
    uint64_t seed;
    struct ln_rng rng;
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_disk *disk;
    struct ln_sim *sim;
    struct ln_bitget_credentials *keys;
    struct ln_host_config config;
    struct ln_venue *venue; /* NULL while the host is dead */
    struct ln_host *host;
    bool ended;
    bool trace;
    int64_t money_e8; /* of the engine, at the start */

    /* faults.c */
    enum dst_fault fault; /* the one that holds now */
    int64_t fault_ends_ms, next_fault_ms;
    int64_t bunched_ms; /* requests may arrive bunched until then */
    uint64_t limited;   /* 429 answers so far */

    /* what happened */
    uint64_t faults[DST_FAULTS];
    uint64_t restarts, checks, orders, fills, requests, pushes;
    char failure[512]; /* "": none */
};

/* world.c */
bool dst_world_open(struct dst_world *w, uint64_t seed, const char *scripts,
                    bool trace);
void dst_world_close(struct dst_world *w);
void dst_host_start(struct dst_world *w);
/* No farewell: sockets and strategies are simply gone. */
void dst_host_crash(struct dst_world *w, bool power);
int64_t dst_now_ms(const struct dst_world *w); /* since the start */
void dst_trace(const struct dst_world *w, const char *fmt, ...) LN_PRINTF(2, 3);
/* The first failure is kept. */
void dst_fail(struct dst_world *w, const char *fmt, ...) LN_PRINTF(2, 3);

/* faults.c */
void dst_faults_step(struct dst_world *w);
void dst_faults_off(struct dst_world *w);

/* check.c */
void dst_check_step(struct dst_world *w);
/* All is quiet: do host and exchange agree on everything? False: <why>. */
bool dst_agree(struct dst_world *w, char *why, size_t cap);

#endif
