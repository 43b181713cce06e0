/*
 * Benchmarks: each runs its subject and a bare reference in turn, several
 * rounds, and prints one JSON line with the medians and their ratio. Ratios
 * are what to compare; absolute times drift with the machine.
 */
#ifndef LN_TESTS_BENCH_H
#define LN_TESTS_BENCH_H

#include "loop/loop.h"

#include <stdio.h>
#include <stdlib.h>

#define BENCH_ROUNDS 11

typedef void (*bench_fn)(void *ctx, int count);

static inline int
bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double
bench_once(struct ln_loop *loop, bench_fn fn, void *ctx, int count)
{
    int64_t start = ln_loop_now_ns(loop);
    fn(ctx, count);
    return (double)(ln_loop_now_ns(loop) - start) / count;
}

/* Interleaved, so that a slow moment of the machine meets both alike. */
static inline void
bench(struct ln_loop *loop, const char *name, bench_fn subject, void *ctx,
      int count, const char *reference_name, bench_fn reference,
      void *reference_ctx, int reference_count)
{
    double s[BENCH_ROUNDS], r[BENCH_ROUNDS];
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        s[i] = bench_once(loop, subject, ctx, count);
        r[i] = bench_once(loop, reference, reference_ctx, reference_count);
    }
    qsort(s, BENCH_ROUNDS, sizeof(*s), bench_compare);
    qsort(r, BENCH_ROUNDS, sizeof(*r), bench_compare);
    double sm = s[BENCH_ROUNDS / 2], rm = r[BENCH_ROUNDS / 2];
    printf("{\"bench\":\"%s\",\"ns\":%.1f,\"reference\":\"%s\","
           "\"reference_ns\":%.1f,\"ratio\":%.3f}\n",
           name, sm, reference_name, rm, rm > 0 ? sm / rm : 0);
    fflush(stdout);
}

#endif
