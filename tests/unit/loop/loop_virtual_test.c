/*
 * The reactor on the virtual clock: order, jumps, and what a callback may do.
 */
#include "base/assert.h"
#include "loop/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START_MS 1700000000000

struct probe {
    struct ln_loop *loop;
    struct ln_timer *timer;
    char *trace; /* shared text that callbacks append to */
    char mark;
    int calls;
    int64_t at_ms;
};

static void
append(char *trace, char mark)
{
    size_t len = strlen(trace);
    trace[len] = mark;
    trace[len + 1] = '\0';
}

static void
on_probe(void *ctx)
{
    struct probe *p = ctx;
    p->calls++;
    p->at_ms = ln_loop_now_ms(p->loop);
    if (p->trace)
        append(p->trace, p->mark);
}

static void
timers_fire_by_time_then_by_order_of_start(void **state)
{
    struct ln_loop *loop = ln_loop_virtual_new(START_MS);
    char trace[32] = "";
    struct probe p[5];
    const int64_t delays[5] = {20, 10, 20, 0, 10};
    (void)state;

    for (size_t i = 0; i < LN_COUNT(p); i++) {
        p[i] = (struct probe){.loop = loop, .trace = trace};
        p[i].mark = (char)('a' + (char)i);
        p[i].timer = ln_timer_new(loop, on_probe, &p[i]);
        ln_timer_start(p[i].timer, delays[i], 0);
    }
    ln_loop_run(loop);
    assert_string_equal(trace, "dbeac");
    assert_int_equal(p[0].at_ms, START_MS + 20);
    assert_int_equal(ln_loop_now_ms(loop), START_MS + 20);
    assert_int_equal(ln_loop_now_ns(loop), 20 * 1000000);
    for (size_t i = 0; i < LN_COUNT(p); i++)
        ln_timer_free(p[i].timer);
    ln_loop_free(loop);
}

static void
run_for_leaves_the_clock_exactly_there(void **state)
{
    struct ln_loop *loop = ln_loop_virtual_new(START_MS);
    struct probe p = {.loop = loop};
    (void)state;

    p.timer = ln_timer_new(loop, on_probe, &p);
    ln_timer_start(p.timer, 30, 30);
    ln_loop_run_for(loop, 100);
    assert_int_equal(p.calls, 3);
    assert_int_equal(p.at_ms, START_MS + 90);
    assert_int_equal(ln_loop_now_ms(loop), START_MS + 100);
    ln_loop_run_for(loop, 20);
    assert_int_equal(p.calls, 4);
    ln_timer_free(p.timer);
    ln_loop_free(loop);
}

static void
a_restarted_timer_forgets_its_old_time(void **state)
{
    struct ln_loop *loop = ln_loop_virtual_new(START_MS);
    struct probe p = {.loop = loop};
    (void)state;

    p.timer = ln_timer_new(loop, on_probe, &p);
    ln_timer_start(p.timer, 10, 10);
    ln_timer_start(p.timer, 50, 0);
    assert_true(ln_timer_active(p.timer));
    ln_loop_run(loop);
    assert_int_equal(p.calls, 1);
    assert_int_equal(p.at_ms, START_MS + 50);
    assert_false(ln_timer_active(p.timer));
    ln_timer_free(p.timer);
    ln_loop_free(loop);
}

static void
free_own_timer(void *ctx)
{
    struct probe *p = ctx;
    p->calls++;
    ln_timer_free(p->timer);
    p->timer = NULL;
}

static void
a_timer_may_free_itself_in_its_callback(void **state)
{
    struct ln_loop *loop = ln_loop_virtual_new(START_MS);
    struct probe p = {.loop = loop};
    (void)state;

    p.timer = ln_timer_new(loop, free_own_timer, &p);
    ln_timer_start(p.timer, 1, 1);
    ln_loop_run(loop);
    assert_int_equal(p.calls, 1);
    ln_loop_free(loop);
}

static void
post_more(void *ctx)
{
    struct probe *p = ctx;
    append(p->trace, 'p');
    if (p->calls++ < 2)
        ln_loop_post(p->loop, post_more, p);
    append(p->trace, '.');
}

static void
posts_run_in_order_and_never_inside_a_callback(void **state)
{
    struct ln_loop *loop = ln_loop_virtual_new(START_MS);
    char trace[32] = "";
    struct probe p = {.loop = loop, .trace = trace};
    struct probe q = {.loop = loop, .trace = trace, .mark = 'q'};
    (void)state;

    ln_loop_post(loop, post_more, &p);
    ln_loop_post(loop, on_probe, &q);
    assert_string_equal(trace, "");
    ln_loop_run(loop);
    assert_string_equal(trace, "p.qp.p.");
    assert_int_equal(ln_loop_now_ms(loop), START_MS);
    ln_loop_free(loop);
}

static void
stop_loop(void *ctx)
{
    struct probe *p = ctx;
    p->calls++;
    ln_loop_stop(p->loop);
}

static void
stop_ends_the_run_and_keeps_the_rest(void **state)
{
    struct ln_loop *loop = ln_loop_virtual_new(START_MS);
    struct probe p = {.loop = loop};
    (void)state;

    p.timer = ln_timer_new(loop, stop_loop, &p);
    ln_timer_start(p.timer, 5, 5);
    ln_loop_run(loop);
    assert_int_equal(p.calls, 1);
    ln_loop_run(loop);
    assert_int_equal(p.calls, 2);
    assert_int_equal(ln_loop_now_ms(loop), START_MS + 10);
    ln_timer_free(p.timer);
    ln_loop_free(loop);
}

/* Many timers started and stopped: the heap stays ordered. */
static void
order_survives_random_stops(void **state)
{
    enum { N = 500 };
    struct ln_loop *loop = ln_loop_virtual_new(0);
    static struct probe p[N];
    uint32_t r = 12345;
    (void)state;

    memset(p, 0, sizeof(p));
    for (int i = 0; i < N; i++) {
        r = r * 1664525U + 1013904223U;
        p[i].loop = loop;
        p[i].timer = ln_timer_new(loop, on_probe, &p[i]);
        ln_timer_start(p[i].timer, (r >> 16) % 100, 0);
    }
    for (int i = 0; i < N; i += 3)
        ln_timer_stop(p[i].timer);
    int64_t last_ms = -1;
    while (last_ms < 100) {
        ln_loop_run_for(loop, 1);
        last_ms = ln_loop_now_ms(loop);
        for (int i = 0; i < N; i++)
            assert_true(p[i].calls == 0 || p[i].at_ms <= last_ms);
    }
    r = 12345;
    for (int i = 0; i < N; i++) {
        r = r * 1664525U + 1013904223U;
        assert_int_equal(p[i].calls, i % 3 == 0 ? 0 : 1);
        if (p[i].calls)
            assert_int_equal(p[i].at_ms, (r >> 16) % 100);
        ln_timer_free(p[i].timer);
    }
    ln_loop_free(loop);
}

static void
a_virtual_loop_has_no_descriptors_or_children(void **state)
{
    struct ln_loop *loop = ln_loop_virtual_new(START_MS);
    const char *const none[] = {NULL};
    const struct ln_child_opts opts = {
        .file = "/bin/true", .argv = none, .envp = none};
    struct ln_child *child;
    struct ln_error err;
    (void)state;

    assert_null(ln_watch_new(loop, 0, on_probe, NULL));
    assert_int_equal(ln_child_spawn(loop, &opts, NULL, NULL, &child, &err),
                     LN_ERR_STATE);
    assert_null(child);
    assert_null(ln_loop_uv_handle(loop));
    ln_loop_free(loop);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_by_time_then_by_order_of_start),
        cmocka_unit_test(run_for_leaves_the_clock_exactly_there),
        cmocka_unit_test(a_restarted_timer_forgets_its_old_time),
        cmocka_unit_test(a_timer_may_free_itself_in_its_callback),
        cmocka_unit_test(posts_run_in_order_and_never_inside_a_callback),
        cmocka_unit_test(stop_ends_the_run_and_keeps_the_rest),
        cmocka_unit_test(order_survives_random_stops),
        cmocka_unit_test(a_virtual_loop_has_no_descriptors_or_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
