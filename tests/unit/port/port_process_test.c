/*
 * The process carrier against a hostile child: this very program, started
 * again as the child, which writes nonsense into the shared memory.
 * (Strategies in real children: tests/unit/bindings/process_test.c.)
 */
#include "port/port_int.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define RING (1U << 20)

/* ---- the child ---- */

static void
say_done(struct ln_port_child *c, uint64_t seq)
{
    struct ln_msg_done m;
    memset(&m, 0, sizeof(m));
    m.h.type = LN_MSG_DONE;
    m.h.size = sizeof(m);
    m.h.seq = seq;
    if (ln_port_child_write(c, &m.h) != LN_OK)
        _exit(3);
}

/* Answers each message by DONE. */
static void
echo(struct ln_port_child *c)
{
    static _Alignas(max_align_t) unsigned char buf[LN_MSG_MAX];
    while (ln_port_child_read(c, buf) > 0) {
        say_done(c, ((const struct ln_msg *)(const void *)buf)->seq);
        ln_port_child_flush(c);
    }
}

/* More than fits into the ring: it must wait for the host. */
static void
flood(struct ln_port_child *c)
{
    for (uint64_t i = 1; i <= 50000; i++)
        say_done(c, i);
    ln_port_child_flush(c);
}

static void
wrong_message(struct ln_port_child *c)
{
    struct ln_msg m = {.type = LN_MSG_TICKER, .size = sizeof(m)};
    if (ln_port_child_write(c, &m) == LN_OK)
        ln_port_child_flush(c);
}

/* The ring's indexes, and everything else that is shared, become nonsense. */
static void
scribble(unsigned char byte)
{
    size_t bytes = port_shm_bytes(RING);
    unsigned char *shm = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                              LN_CHILD_FD_SHM, 0);
    uint64_t one = 1;
    if (shm == MAP_FAILED)
        _exit(3);
    memset(shm, byte, bytes);
    ssize_t n = write(LN_CHILD_FD_HOST, &one, sizeof(one));
    (void)n;
}

/* Tries to take the memory away from under the host. */
static int
shrink(void)
{
    return ftruncate(LN_CHILD_FD_SHM, 0) == 0 ? 1 : 42;
}

static int
child_main(const char *mode)
{
    struct ln_error err = {0};
    if (strcmp(mode, "scribble") == 0)
        scribble(0xa5);
    else if (strcmp(mode, "ones") == 0)
        scribble(0xff);
    else if (strcmp(mode, "shrink") == 0)
        return shrink();
    else {
        struct ln_port_child *c = ln_port_child_attach(&err);
        if (!c)
            return 3;
        if (strcmp(mode, "echo") == 0)
            echo(c);
        else if (strcmp(mode, "flood") == 0)
            flood(c);
        else if (strcmp(mode, "wrong") == 0)
            wrong_message(c);
        else if (strcmp(mode, "exit") == 0)
            return 7;
        ln_port_child_free(c);
        if (strcmp(mode, "flood") == 0)
            return 0;
    }
    for (;;)
        pause(); /* the host ends it */
}

/* ---- the host ---- */

struct rig {
    struct ln_loop *loop;
    struct ln_port *port;
    struct ln_timer *limit;
    uint64_t seen, last;
    uint64_t stop_at; /* number of messages */
    bool ordered, gone, kill_at_first, free_at_first;
    int status, term_signal;
    char why[128];
};

static void
on_message(void *ctx, const struct ln_msg *msg)
{
    struct rig *r = ctx;
    r->ordered &= msg->seq == r->last + 1;
    r->last = msg->seq;
    r->seen++;
    if (r->kill_at_first)
        ln_port_kill(r->port);
    if (r->free_at_first) {
        ln_port_free(r->port);
        r->port = NULL;
        ln_loop_stop(r->loop);
    }
    if (r->seen == r->stop_at)
        ln_loop_stop(r->loop);
}

static void
on_gone(void *ctx, const char *why, int status, int term_signal)
{
    struct rig *r = ctx;
    assert_false(r->gone);
    r->gone = true;
    r->status = status;
    r->term_signal = term_signal;
    snprintf(r->why, sizeof(r->why), "%s", why);
    ln_port_free(r->port);
    r->port = NULL;
    ln_loop_stop(r->loop);
}

static void
on_limit(void *ctx)
{
    (void)ctx;
    fail_msg("nothing happened for 20 s");
}

/* The child's mode travels as the strategy's name. */
static void
rig_open(struct rig *r, const char *mode)
{
    static const struct ln_port_events events = {on_message, on_gone};
    struct ln_port_process_opts opts = {
        .exe = "/proc/self/exe", .scripts_dir = "scripts", .ring_bytes = RING};
    struct ln_error err = {0};
    memset(r, 0, sizeof(*r));
    r->ordered = true;
    r->loop = ln_loop_uv_new();
    r->limit = ln_timer_new(r->loop, on_limit, r);
    ln_timer_start(r->limit, 20000, 0);
    r->port = ln_port_process_open(r->loop, &opts, mode, &events, r, &err);
    if (!r->port)
        fail_msg("%s", err.what);
}

static void
rig_close(struct rig *r)
{
    ln_port_free(r->port);
    ln_timer_free(r->limit);
    ln_loop_free(r->loop);
}

static enum ln_err
rig_send(struct rig *r, uint64_t seq)
{
    struct ln_msg m = {.type = LN_MSG_START, .size = sizeof(m), .seq = seq};
    return ln_port_send(r->port, &m);
}

static void
messages_go_there_and_back(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "echo");
    for (uint64_t i = 1; i <= 100; i++)
        assert_int_equal(rig_send(&r, i), LN_OK);
    r.stop_at = 100;
    ln_loop_run(r.loop);
    for (uint64_t i = 101; i <= 200; i++) { /* one by one: each wakes */
        assert_int_equal(rig_send(&r, i), LN_OK);
        r.stop_at = i;
        ln_loop_run(r.loop);
    }
    assert_int_equal(r.seen, 200);
    assert_true(r.ordered);
    rig_close(&r);
}

static void
a_full_ring_makes_the_child_wait_and_loses_nothing(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "flood");
    ln_loop_run(r.loop);
    assert_true(r.gone);
    assert_int_equal(r.seen, 50000);
    assert_true(r.ordered);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.why, "ended with exit code 0");
    rig_close(&r);
}

static void
a_full_ring_towards_the_child_is_told(void **state)
{
    (void)state;
    struct rig r;
    enum ln_err code = LN_OK;
    rig_open(&r, "asleep");
    for (uint64_t i = 1; i < 100000 && code == LN_OK; i++)
        code = rig_send(&r, i);
    assert_int_equal(code, LN_ERR_LIMIT);
    rig_close(&r);
}

static void
broken(const char *mode)
{
    struct rig r;
    rig_open(&r, mode);
    ln_loop_run(r.loop);
    assert_true(r.gone);
    assert_int_equal(r.seen, 0);
    assert_int_equal(r.term_signal, SIGKILL);
    assert_string_equal(r.why, "it broke the protocol");
    rig_close(&r);
}

static void
whoever_breaks_the_protocol_is_killed(void **state)
{
    (void)state;
    broken("wrong");
    broken("scribble");
    broken("ones");
}

static void
the_memory_cannot_be_taken_away(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "shrink");
    ln_loop_run(r.loop);
    assert_true(r.gone);
    assert_int_equal(r.status, 42); /* it was refused */
    rig_close(&r);
}

static void
an_exit_code_is_told(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "exit");
    ln_loop_run(r.loop);
    assert_int_equal(r.status, 7);
    assert_string_equal(r.why, "ended with exit code 7");
    rig_close(&r);
}

static void
it_may_be_killed_in_its_own_event(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "echo");
    r.kill_at_first = true;
    assert_int_equal(rig_send(&r, 1), LN_OK);
    ln_loop_run(r.loop);
    assert_true(r.gone);
    assert_string_equal(r.why, "killed");
    assert_int_equal(r.term_signal, SIGKILL);
    rig_close(&r);
}

static void
it_may_be_freed_in_its_own_event(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "echo");
    r.free_at_first = true;
    assert_int_equal(rig_send(&r, 1), LN_OK);
    assert_int_equal(rig_send(&r, 2), LN_OK);
    ln_loop_run(r.loop);
    assert_int_equal(r.seen, 1);
    assert_false(r.gone);
    rig_close(&r);
}

static void
a_ring_of_a_wrong_size_is_refused(void **state)
{
    (void)state;
    static const struct ln_port_events events = {on_message, on_gone};
    struct ln_port_process_opts opts = {
        .exe = "/proc/self/exe", .scripts_dir = "scripts", .ring_bytes = 4096};
    struct ln_error err = {0};
    struct ln_loop *loop = ln_loop_uv_new();
    assert_null(ln_port_process_open(loop, &opts, "x", &events, NULL, &err));
    assert_int_equal(err.code, LN_ERR_ARG);
    ln_loop_free(loop);
}

int
main(int argc, char **argv)
{
    if (argc == 4) /* NAME SCRIPTS_DIR MEMORY: we are the child */
        _exit(child_main(argv[1])); /* nothing of the test to be tidied up */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_go_there_and_back),
        cmocka_unit_test(a_full_ring_makes_the_child_wait_and_loses_nothing),
        cmocka_unit_test(a_full_ring_towards_the_child_is_told),
        cmocka_unit_test(whoever_breaks_the_protocol_is_killed),
        cmocka_unit_test(the_memory_cannot_be_taken_away),
        cmocka_unit_test(an_exit_code_is_told),
        cmocka_unit_test(it_may_be_killed_in_its_own_event),
        cmocka_unit_test(it_may_be_freed_in_its_own_event),
        cmocka_unit_test(a_ring_of_a_wrong_size_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
