/*
 * The reactor on libuv: timers, posts, descriptors, signals, children.
 * Nothing here asserts that something is fast.
 */
#include "loop/loop.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 20000 /* a hang ends here instead of at the harness */

struct probe {
    struct ln_loop *loop;
    struct ln_timer *timer;
    struct ln_watch *watch;
    struct ln_signal *sig;
    struct ln_child *child;
    int fd;
    int calls;
    int limit; /* stop the loop after so many calls */
    int64_t due_ns;
    int early;
    int status, term;
    char text[8192];
};

static void
count(struct probe *p)
{
    if (++p->calls >= p->limit)
        ln_loop_stop(p->loop);
}

static void
on_timer(void *ctx)
{
    struct probe *p = ctx;
    if (ln_loop_now_ns(p->loop) < p->due_ns)
        p->early++;
    p->due_ns = ln_loop_now_ns(p->loop) + 1; /* only order from now on */
    count(p);
}

static void
a_timer_never_fires_early(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    (void)state;

    for (int i = 0; i < 40; i++) {
        struct probe p = {.loop = loop, .limit = 1};
        p.timer = ln_timer_new(loop, on_timer, &p);
        p.due_ns = ln_loop_now_ns(loop) + 3 * 1000000;
        ln_timer_start(p.timer, 3, 0);
        ln_loop_run(loop);
        assert_int_equal(p.calls, 1);
        assert_int_equal(p.early, 0);
        assert_false(ln_timer_active(p.timer));
        ln_timer_free(p.timer);
    }
    ln_loop_free(loop);
}

static void
a_repeating_timer_repeats_until_stopped(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe p = {.loop = loop, .limit = 3};
    (void)state;

    p.timer = ln_timer_new(loop, on_timer, &p);
    ln_timer_start(p.timer, 0, 2);
    ln_loop_run(loop);
    assert_int_equal(p.calls, 3);
    assert_true(ln_timer_active(p.timer));
    ln_timer_stop(p.timer);
    ln_loop_run(loop); /* nothing keeps it alive: returns */
    assert_int_equal(p.calls, 3);
    ln_timer_free(p.timer);
    ln_loop_free(loop);
}

static void
restart_at_zero(void *ctx)
{
    struct probe *p = ctx;
    p->calls++;
    ln_timer_start(p->timer, 0, 0);
}

/* A timer that restarts itself with 0 ms does not starve other work. */
static void
zero_delay_leaves_room_for_others(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe busy = {.loop = loop};
    struct probe p = {.loop = loop, .limit = 1};
    (void)state;

    busy.timer = ln_timer_new(loop, restart_at_zero, &busy);
    p.timer = ln_timer_new(loop, on_timer, &p);
    ln_timer_start(busy.timer, 0, 0);
    ln_timer_start(p.timer, 5, 0);
    ln_loop_run(loop);
    assert_int_equal(p.calls, 1);
    assert_true(busy.calls > 0);
    ln_timer_free(busy.timer);
    ln_timer_free(p.timer);
    ln_loop_free(loop);
}

static void
free_in_callback(void *ctx)
{
    struct probe *p = ctx;
    ln_timer_free(p->timer);
    p->timer = NULL;
    count(p);
}

static void
a_timer_may_free_itself_in_its_callback(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    (void)state;

    for (int delay_ms = 0; delay_ms < 2; delay_ms++) {
        struct probe p = {.loop = loop, .limit = 1};
        p.timer = ln_timer_new(loop, free_in_callback, &p);
        ln_timer_start(p.timer, delay_ms, 1);
        ln_loop_run(loop);
        assert_int_equal(p.calls, 1);
    }
    ln_loop_free(loop);
}

static void
post_again(void *ctx)
{
    struct probe *p = ctx;
    strcat(p->text, "p");
    if (p->calls++ < 2)
        ln_loop_post(p->loop, post_again, p);
    strcat(p->text, ".");
}

static void
mark_q(void *ctx)
{
    struct probe *p = ctx;
    strcat(p->text, "q");
}

static void
posts_run_in_order_and_never_inside_a_callback(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe p = {.loop = loop};
    (void)state;

    ln_loop_post(loop, post_again, &p);
    ln_loop_post(loop, mark_q, &p);
    assert_string_equal(p.text, "");
    ln_loop_run(loop);
    assert_string_equal(p.text, "p.qp.p.");
    ln_loop_free(loop);
}

static void
on_foreign(void *ctx)
{
    count(ctx);
}

static void *
poster(void *ctx)
{
    struct probe *p = ctx;
    for (int i = 0; i < 500; i++)
        ln_loop_post_async(p->loop, on_foreign, p);
    return NULL;
}

static void
every_post_of_other_threads_arrives(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe p = {.loop = loop, .limit = 1000};
    pthread_t threads[2];
    (void)state;

    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, poster, &p), 0);
    ln_loop_run_for(loop, PATIENCE_MS);
    assert_int_equal(p.calls, 1000);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ln_loop_free(loop);
}

static void
run_for_returns_after_the_time_and_not_before(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    int64_t before_ns = ln_loop_now_ns(loop);
    (void)state;

    ln_loop_run_for(loop, 15);
    assert_true(ln_loop_now_ns(loop) - before_ns >= 15 * 1000000);
    ln_loop_run_for(loop, 0);
    ln_loop_free(loop);
}

static void
on_readable(void *ctx)
{
    struct probe *p = ctx;
    ssize_t n = read(p->fd, p->text, sizeof(p->text) - 1);
    if (n > 0)
        p->text[n] = '\0';
    ln_watch_free(p->watch);
    p->watch = NULL;
    count(p);
}

static void
a_watch_tells_of_readable_data_and_may_free_itself(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe p = {.loop = loop, .limit = 1};
    int fds[2];
    (void)state;

    assert_int_equal(pipe(fds), 0);
    p.fd = fds[0];
    p.watch = ln_watch_new(loop, p.fd, on_readable, &p);
    assert_non_null(p.watch);
    assert_int_equal(write(fds[1], "hi", 2), 2);
    ln_loop_run_for(loop, PATIENCE_MS);
    assert_string_equal(p.text, "hi");
    close(fds[0]);
    close(fds[1]);
    ln_loop_free(loop);
}

static void
on_sig(void *ctx, int signum)
{
    struct probe *p = ctx;
    p->status = signum;
    ln_signal_free(p->sig);
    count(p);
}

static void
a_signal_is_delivered_on_the_loop(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe p = {.loop = loop, .limit = 1};
    (void)state;

    p.sig = ln_signal_new(loop, SIGUSR1, on_sig, &p);
    assert_non_null(p.sig);
    raise(SIGUSR1);
    ln_loop_run_for(loop, PATIENCE_MS);
    assert_int_equal(p.status, SIGUSR1);
    ln_loop_free(loop);
}

/* ---- children ---- */

static void
on_child(void *ctx, int exit_status, int term_signal)
{
    struct probe *p = ctx;
    p->status = exit_status;
    p->term = term_signal;
    ln_child_free(p->child);
    p->child = NULL;
    count(p);
}

/* Runs sh -c <script>, its descriptor 3 writing into p->text. */
static enum ln_err
run_sh(struct probe *p, const char *script, struct ln_error *err)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const char *const envp[] = {"ONLY=this", NULL};
    int out[2];
    assert_int_equal(pipe(out), 0);
    int fds[] = {-1, 1, 2, out[1], -1};
    struct ln_child_opts opts = {
        .file = "/bin/sh", .argv = argv, .envp = envp, .fds = fds, .nfds = 5};

    enum ln_err rc =
        ln_child_spawn(p->loop, &opts, on_child, p, &p->child, err);
    close(out[1]);
    if (rc == LN_OK) {
        assert_true(ln_child_pid(p->child) > 0);
        ln_loop_run_for(p->loop, PATIENCE_MS);
        ssize_t n = read(out[0], p->text, sizeof(p->text) - 1);
        p->text[n > 0 ? n : 0] = '\0';
    }
    close(out[0]);
    return rc;
}

static void
a_child_reports_its_exit_status(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe p = {.loop = loop, .limit = 1};
    struct ln_error err;
    (void)state;

    assert_int_equal(run_sh(&p, "printf %s \"$ONLY$HOME\" >&3; exit 7", &err),
                     LN_OK);
    assert_int_equal(p.calls, 1);
    assert_int_equal(p.status, 7);
    assert_int_equal(p.term, 0);
    assert_string_equal(p.text, "this"); /* HOME was not handed on */
    ln_loop_free(loop);
}

static void
a_child_inherits_only_the_listed_descriptors(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe p = {.loop = loop, .limit = 1};
    struct ln_error err;
    int leaky = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    int high = fcntl(leaky, F_DUPFD, 50);
    (void)state;

    assert_true(leaky >= 0 && high >= 50);
    assert_int_equal(run_sh(&p,
                            "for i in 5 6 7 8 9; do [ -e /proc/$$/fd/$i ] && "
                            "printf $i >&3; done;"
                            "[ -e /proc/$$/fd/50 ] && printf high >&3;"
                            "printf %s $(readlink /proc/$$/fd/4) >&3",
                            &err),
                     LN_OK);
    assert_string_equal(p.text, "/dev/null");
    close(leaky);
    close(high);
    ln_loop_free(loop);
}

static void
a_killed_child_reports_the_signal(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe p = {.loop = loop, .limit = 1};
    const char *const argv[] = {"sleep", "600", NULL};
    const char *const envp[] = {NULL};
    struct ln_child_opts opts = {
        .file = "/bin/sleep", .argv = argv, .envp = envp};
    struct ln_error err;
    (void)state;

    assert_int_equal(ln_child_spawn(loop, &opts, on_child, &p, &p.child, &err),
                     LN_OK);
    ln_child_kill(p.child, SIGKILL);
    ln_loop_run_for(loop, PATIENCE_MS);
    assert_int_equal(p.term, SIGKILL);
    ln_loop_free(loop);
}

static void
a_missing_program_is_an_error_with_a_cure(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe p = {.loop = loop, .limit = 1};
    const char *const none[] = {"x", NULL};
    struct ln_child_opts opts = {
        .file = "/nonexistent/program", .argv = none, .envp = none + 1};
    struct ln_error err;
    (void)state;

    assert_int_equal(ln_child_spawn(loop, &opts, on_child, &p, &p.child, &err),
                     LN_ERR_NOT_FOUND);
    assert_null(p.child);
    assert_string_equal(err.where, "/nonexistent/program");
    assert_true(err.cure[0] != '\0');
    ln_loop_free(loop);
    assert_int_equal(p.calls, 0);
}

static void
a_detached_child_is_not_reported_and_does_not_hold_the_loop(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct probe p = {.loop = loop, .limit = 1};
    const char *const argv[] = {"sleep", "600", NULL};
    const char *const envp[] = {NULL};
    struct ln_child_opts opts = {
        .file = "/bin/sleep", .argv = argv, .envp = envp};
    struct ln_error err;
    (void)state;

    assert_int_equal(ln_child_spawn(loop, &opts, on_child, &p, &p.child, &err),
                     LN_OK);
    int pid = ln_child_pid(p.child);
    ln_child_free(p.child);
    ln_loop_run(loop);
    assert_int_equal(p.calls, 0);
    ln_loop_free(loop);
    kill(pid, SIGKILL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timer_never_fires_early),
        cmocka_unit_test(a_repeating_timer_repeats_until_stopped),
        cmocka_unit_test(zero_delay_leaves_room_for_others),
        cmocka_unit_test(a_timer_may_free_itself_in_its_callback),
        cmocka_unit_test(posts_run_in_order_and_never_inside_a_callback),
        cmocka_unit_test(every_post_of_other_threads_arrives),
        cmocka_unit_test(run_for_returns_after_the_time_and_not_before),
        cmocka_unit_test(a_watch_tells_of_readable_data_and_may_free_itself),
        cmocka_unit_test(a_signal_is_delivered_on_the_loop),
        cmocka_unit_test(a_child_reports_its_exit_status),
        cmocka_unit_test(a_child_inherits_only_the_listed_descriptors),
        cmocka_unit_test(a_killed_child_reports_the_signal),
        cmocka_unit_test(a_missing_program_is_an_error_with_a_cure),
        cmocka_unit_test(
            a_detached_child_is_not_reported_and_does_not_hold_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
