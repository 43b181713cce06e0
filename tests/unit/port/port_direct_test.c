/*
 * The direct carrier: order, no call back inside a send, and its end.
 */
#include "port/port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct rig {
    struct ln_loop *loop;
    struct ln_port *port;
    bool in_send, free_in_message, free_in_gone;
    uint64_t seen[8];
    int nseen, handled, detached, gone;
    char why[64];
};

static void
say_done(struct rig *r, uint64_t seq)
{
    struct ln_msg_done m;
    memset(&m, 0, sizeof(m));
    m.h.type = LN_MSG_DONE;
    m.h.size = sizeof(m);
    m.h.seq = seq;
    ln_port_direct_say(r->port, &m.h);
}

/* The strategy: answers each message twice. */
static void
on_handle(void *ctx, const struct ln_msg *msg)
{
    struct rig *r = ctx;
    r->handled++;
    say_done(r, msg->seq);
    say_done(r, msg->seq + 100);
}

static void
on_detach(void *ctx)
{
    ((struct rig *)ctx)->detached++;
}

static void
on_message(void *ctx, const struct ln_msg *msg)
{
    struct rig *r = ctx;
    assert_false(r->in_send);
    r->seen[r->nseen++] = msg->seq;
    if (r->free_in_message) {
        ln_port_free(r->port);
        r->port = NULL;
    }
}

static void
on_gone(void *ctx, const char *why, int status, int term_signal)
{
    struct rig *r = ctx;
    (void)status;
    (void)term_signal;
    r->gone++;
    ln_str_copy(r->why, sizeof(r->why), ln_str(why));
    if (r->free_in_gone) {
        ln_port_free(r->port);
        r->port = NULL;
    }
}

static void
rig_open(struct rig *r)
{
    static const struct ln_port_events events = {on_message, on_gone};
    memset(r, 0, sizeof(*r));
    r->loop = ln_loop_virtual_new(1000);
    r->port = ln_port_direct_open(r->loop, on_handle, on_detach, r, &events, r);
    assert_non_null(r->port);
}

static enum ln_err
rig_send(struct rig *r, uint64_t seq)
{
    struct ln_msg m = {.type = LN_MSG_START, .size = sizeof(m), .seq = seq};
    r->in_send = true;
    enum ln_err code = ln_port_send(r->port, &m);
    r->in_send = false;
    return code;
}

static void
rig_close(struct rig *r)
{
    ln_port_free(r->port);
    ln_loop_free(r->loop);
    assert_int_equal(r->detached, 1); /* whichever way it ended */
}

static void
answers_come_later_and_in_order(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    assert_int_equal(rig_send(&r, 1), LN_OK);
    assert_int_equal(rig_send(&r, 2), LN_OK);
    assert_int_equal(r.nseen, 0);
    ln_loop_run_for(r.loop, 1);
    static const uint64_t want[] = {1, 101, 2, 102};
    assert_int_equal(r.nseen, 4);
    assert_memory_equal(r.seen, want, sizeof(want));
    rig_close(&r);
}

static void
a_killed_one_is_gone_once(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    ln_port_kill(r.port);
    ln_port_kill(r.port);
    assert_int_equal(r.gone, 0);
    assert_int_equal(rig_send(&r, 1), LN_ERR_STATE);
    ln_loop_run_for(r.loop, 1);
    assert_int_equal(r.gone, 1);
    assert_string_equal(r.why, "killed");
    rig_close(&r);
}

static void
what_it_said_before_its_end_still_arrives(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    r.free_in_gone = true;
    assert_int_equal(rig_send(&r, 1), LN_OK);
    ln_port_direct_end(r.port, "over");
    ln_loop_run_for(r.loop, 1);
    assert_int_equal(r.nseen, 2);
    assert_int_equal(r.gone, 1);
    assert_string_equal(r.why, "over");
    rig_close(&r);
}

static void
it_may_be_freed_in_its_own_event(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    r.free_in_message = true;
    assert_int_equal(rig_send(&r, 1), LN_OK);
    ln_loop_run_for(r.loop, 1);
    assert_int_equal(r.nseen, 1); /* nothing after that */
    assert_int_equal(r.gone, 0);
    rig_close(&r);
}

static void
an_invalid_message_ends_it(void **state)
{
    (void)state;
    struct rig r;
    struct ln_msg bad = {.type = LN_MSG_TICKER, .size = sizeof(bad)};
    rig_open(&r);
    ln_port_direct_say(r.port, &bad);
    say_done(&r, 1);
    ln_loop_run_for(r.loop, 1);
    assert_int_equal(r.gone, 1);
    assert_string_equal(r.why, "it broke the protocol");
    rig_close(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_later_and_in_order),
        cmocka_unit_test(a_killed_one_is_gone_once),
        cmocka_unit_test(what_it_said_before_its_end_still_arrives),
        cmocka_unit_test(it_may_be_freed_in_its_own_event),
        cmocka_unit_test(an_invalid_message_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
