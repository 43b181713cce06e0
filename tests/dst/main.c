/*
 * lunette-dst: seeds of simulated trading under faults.
 *
 *   lunette-dst --seed N [--hours H] [--trace]    one seed
 *   lunette-dst --from A --to B [--hours H]       many, stops at a failure
 *
 * A failure prints the command that repeats it. See dst.h.
 */
#include "dst.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MS   20
#define SETTLE_MS 60000

struct totals {
    uint64_t seeds, faults[DST_FAULTS], restarts, checks, orders, fills,
        requests, pushes;
    double hours;
};

/* Within so long, at some moment, host and exchange must agree on all. */
static bool
settle(struct dst_world *w, int64_t ms, char *why, size_t cap)
{
    for (int64_t t = 0; t < ms && !w->failure[0]; t += STEP_MS) {
        ln_loop_run_for(w->loop, STEP_MS);
        dst_check_step(w);
        if (t % 500 == 0 && dst_agree(w, why, cap))
            return true;
    }
    return false;
}

static bool
run_seed(uint64_t seed, double hours, const char *scripts, bool trace,
         struct totals *sum)
{
    static struct dst_world w;
    char why[256] = "";
    int64_t until = (int64_t)(hours * 3600000);
    if (!dst_world_open(&w, seed, scripts, trace))
        return false;
    dst_host_start(&w);
    while (dst_now_ms(&w) < until && !w.failure[0]) {
        ln_loop_run_for(w.loop, STEP_MS);
        dst_faults_step(&w);
        dst_check_step(&w);
    }
    /* Faults off, the market stands still: all must come to one end. */
    dst_faults_off(&w);
    if (!w.host)
        dst_host_start(&w);
    if (!w.failure[0]) {
        ln_sim_set_speed(w.sim, 0);
        if (!settle(&w, SETTLE_MS, why, sizeof(why)))
            dst_fail(&w, "no agreement within %d s: %s", SETTLE_MS / 1000, why);
    }
    bool ok = !w.failure[0];
    if (!ok)
        printf("seed %" PRIu64
               " FAILED %s\n  repeat: lunette-dst --seed %" PRIu64
               " --hours %g --trace\n",
               seed, w.failure, seed, hours);
    dst_world_close(&w);
    sum->seeds++;
    sum->hours += hours;
    sum->restarts += w.restarts;
    sum->checks += w.checks;
    sum->orders += w.orders;
    sum->fills += w.fills;
    sum->requests += w.requests;
    sum->pushes += w.pushes;
    for (int i = 0; i < DST_FAULTS; i++)
        sum->faults[i] += w.faults[i];
    return ok;
}

static void
print_totals(const struct totals *t)
{
    printf("%" PRIu64 " seeds, %.1f simulated hours, %" PRIu64
           " orders, %" PRIu64 " fills, %" PRIu64 " restarts, %" PRIu64
           " checks of all invariants, %" PRIu64 " requests, %" PRIu64
           " pushes\nfaults:",
           t->seeds, t->hours, t->orders, t->fills, t->restarts, t->checks,
           t->requests, t->pushes);
    for (int i = 1; i < DST_FAULTS; i++)
        printf(" %s %" PRIu64, dst_fault_names[i], t->faults[i]);
    putchar('\n');
}

int
main(int argc, char **argv)
{
    uint64_t from = 1, to = 0;
    double hours = 1;
    bool trace = false;
    const char *scripts = LN_TEST_ROOT "/tests/dst/scripts/";
    struct totals sum = {0};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--trace") == 0) {
            trace = true;
            continue;
        }
        if (strcmp(argv[i], "--seed") == 0)
            from = to = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--from") == 0)
            from = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--to") == 0)
            to = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--hours") == 0)
            hours = strtod(value, NULL);
        else {
            fprintf(stderr, "usage: lunette-dst [--seed N | --from A --to B] "
                            "[--hours H] [--trace]\n");
            return 2;
        }
        i++;
    }
    if (to == 0)
        to = from;
    bool ok = true;
    for (uint64_t seed = from; seed <= to; seed++)
        ok = run_seed(seed, hours, scripts, trace, &sum) && ok;
    print_totals(&sum);
    return ok ? 0 : 1;
}
