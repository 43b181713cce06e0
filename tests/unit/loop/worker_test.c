/*
 * The background thread (core/loop/worker.h): it runs beside us, wakes when
 * told to, ends when asked to, and never gets a signal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

struct seen {
    _Atomic int rounds;
    _Atomic bool done;
    bool other_thread, blocked;
    pthread_t main;
    int64_t ms, ns;
};

/* Long: only a wake or the end can end it in the time of a test. */
#define FOREVER_MS 3600000

static void
count_rounds(struct ln_worker *w, void *ctx)
{
    struct seen *s = ctx;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    s->blocked = sigismember(&mask, SIGTERM) && sigismember(&mask, SIGXFSZ);
    s->other_thread = !pthread_equal(pthread_self(), s->main);
    s->ms = ln_worker_now_ms(w);
    s->ns = ln_worker_now_ns(w);
    while (ln_worker_wait(w, FOREVER_MS))
        atomic_fetch_add(&s->rounds, 1);
    atomic_store(&s->done, true);
}

static void
test_a_worker_sleeps_until_it_is_woken_and_ends_when_asked(void **state)
{
    struct seen s = {.main = pthread_self()};
    struct ln_worker *w = NULL;
    struct ln_error err;
    sigset_t before, after;
    (void)state;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_int_equal(ln_worker_start(count_rounds, &s, &w, &err), LN_OK);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGTERM),
                     sigismember(&after, SIGTERM));
    ln_worker_wake(w);
    while (atomic_load(&s.rounds) == 0)
        sched_yield();
    assert_false(atomic_load(&s.done));
    ln_worker_join(w); /* returns though it was asleep for an hour */
    assert_true(atomic_load(&s.done));
    assert_int_equal(atomic_load(&s.rounds), 1);
    assert_true(s.other_thread);
    assert_true(s.blocked);
    assert_true(s.ms > 1600000000000);
}

static void
wait_shortly(struct ln_worker *w, void *ctx)
{
    struct seen *s = ctx;
    int64_t start = ln_worker_now_ns(w);
    while (ln_worker_wait(w, 2) && atomic_load(&s->rounds) < 3)
        atomic_fetch_add(&s->rounds, 1);
    ln_worker_rest(w, 2);
    s->ns = ln_worker_now_ns(w) - start;
    atomic_store(&s->done, true);
}

static void
test_a_wait_ends_by_itself_but_never_early(void **state)
{
    struct seen s = {0};
    struct ln_worker *w = NULL;
    struct ln_error err;
    (void)state;
    assert_int_equal(ln_worker_start(wait_shortly, &s, &w, &err), LN_OK);
    while (!atomic_load(&s.done))
        sched_yield();
    ln_worker_join(w);
    assert_int_equal(atomic_load(&s.rounds), 3);
    assert_true(s.ns >= 4 * 2000000 + 2000000);
}

static void
test_join_of_nothing_is_allowed(void **state)
{
    (void)state;
    ln_worker_join(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_a_worker_sleeps_until_it_is_woken_and_ends_when_asked),
        cmocka_unit_test(test_a_wait_ends_by_itself_but_never_early),
        cmocka_unit_test(test_join_of_nothing_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
