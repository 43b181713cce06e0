/*
 * The process carrier with real children: a whole round trip, and what
 * happens to strategies that hang, crash, or are killed.
 */
#include "unit/bindings/fake_host.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>

#define EXE LN_TEST_BIN "/lunette-strategy"

struct rig {
    struct ln_loop *loop;
    struct ln_port *port;
    struct fake keep; /* what it said, its folder, its sequence */
    struct ln_timer *limit;
    uint16_t wait_for; /* stop the loop on this message */
    uint64_t wait_seq; /* DONE with this number */
    bool gone, timed_out;
    char why[160];
    int status, signal, pid;
};

static void
on_message(void *ctx, const struct ln_msg *msg)
{
    struct rig *r = ctx;
    struct fake *f = &r->keep;
    if (f->nsaid < SAID) {
        f->said[f->nsaid] = malloc(msg->size);
        memcpy(f->said[f->nsaid++], msg, msg->size);
    }
    if (msg->type == r->wait_for &&
        (msg->type != LN_MSG_DONE || msg->seq == r->wait_seq))
        ln_loop_stop(r->loop);
}

static void
on_gone(void *ctx, const char *why, int status, int term_signal)
{
    struct rig *r = ctx;
    r->gone = true;
    r->status = status;
    r->signal = term_signal;
    snprintf(r->why, sizeof(r->why), "%s", why);
    ln_port_free(r->port);
    r->port = NULL;
    ln_loop_stop(r->loop);
}

static void
on_limit(void *ctx)
{
    struct rig *r = ctx;
    r->timed_out = true;
    ln_loop_stop(r->loop);
}

static void
rig_wait(struct rig *r)
{
    r->timed_out = false;
    ln_timer_start(r->limit, 20000, 0);
    ln_loop_run(r->loop);
    ln_timer_stop(r->limit);
    if (r->timed_out)
        fail_msg("nothing happened for 20 s");
}

static void
rig_send(struct rig *r, struct ln_msg *msg, uint16_t type, uint16_t inst,
         size_t size)
{
    msg->type = type;
    msg->instrument = inst;
    msg->size = (uint32_t)size;
    msg->seq = ++r->keep.seq;
    msg->now_ms = START;
    assert_int_equal(ln_port_send(r->port, msg), LN_OK);
}

static void
rig_wait_done(struct rig *r)
{
    r->wait_for = LN_MSG_DONE;
    r->wait_seq = r->keep.seq;
    rig_wait(r);
}

/* The newest child of this process. */
static int
child_pid(void)
{
    char path[64];
    int pid = 0, last = 0;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)getpid(),
             (int)getpid());
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    while (fscanf(f, "%d", &pid) == 1)
        last = pid;
    fclose(f);
    return last;
}

static void
rig_hello(struct rig *r, const char *script)
{
    struct {
        struct ln_msg_hello m;
        char tail[512];
    } msg;
    memset(&msg, 0, sizeof(msg));
    msg.m.version = LN_PORT_VERSION;
    msg.m.seed = 7;
    msg.m.budget_ms = 50;
    msg.m.memory_bytes = 16 << 20;
    msg.m.pos_mode = LN_ONE_WAY;
    char *tail = (char *)&msg + sizeof(msg.m);
    int n = snprintf(tail, sizeof(msg.tail), "%s/s.lua%c{}", r->keep.dir, 0);
    fake_write(&r->keep, "s.lua", script);
    rig_send(r, &msg.m.h, LN_MSG_HELLO, LN_INSTRUMENT_NONE,
             sizeof(msg.m) + (size_t)n + 1);
}

static void
rig_open(struct rig *r, const char *script)
{
    static const struct ln_port_events events = {on_message, on_gone};
    struct ln_port_process_opts opts = {.exe = EXE,
                                        .scripts_dir = LN_TEST_ROOT "/scripts"};
    struct ln_error err = {0};
    struct ln_msg_instrument inst;
    memset(r, 0, sizeof(*r));
    r->loop = ln_loop_uv_new();
    r->limit = ln_timer_new(r->loop, on_limit, r);
    snprintf(r->keep.dir, sizeof(r->keep.dir), "/tmp/lunette-test-XXXXXX");
    assert_non_null(mkdtemp(r->keep.dir));
    r->port = ln_port_process_open(r->loop, &opts, "test", &events, r, &err);
    if (!r->port)
        fail_msg("%s", err.what);
    r->pid = child_pid();
    ln_port_set_instruments(r->port, 1);
    memset(&inst, 0, sizeof(inst));
    snprintf(inst.instrument.symbol, LN_SYMBOL_CAP, "BTCUSDT");
    inst.instrument.price_scale = 1;
    inst.instrument.price_step = 1;
    inst.instrument.size_scale = 3;
    inst.instrument.lot_step = 1;
    inst.instrument.min_lots = 1;
    rig_send(r, &inst.h, LN_MSG_INSTRUMENT, 0, sizeof(inst));
    rig_hello(r, script);
}

/* Opens, expects READY, sends START. */
static void
rig_run(struct rig *r, const char *text)
{
    char script[2048];
    struct ln_msg start = {0};
    snprintf(script, sizeof(script), DECLARE "%s", text);
    rig_open(r, script);
    r->wait_for = LN_MSG_READY;
    rig_wait(r);
    if (r->gone)
        fail_msg("gone: %s", r->why);
    rig_send(r, &start, LN_MSG_START, LN_INSTRUMENT_NONE, sizeof(start));
}

static void
rig_ticker(struct rig *r, int64_t last)
{
    struct ln_msg_ticker m;
    memset(&m, 0, sizeof(m));
    m.ticker.last_ticks = last;
    rig_send(r, &m.h, LN_MSG_TICKER, 0, sizeof(m));
}

static void
rig_close(struct rig *r)
{
    char path[128];
    ln_port_free(r->port);
    ln_timer_free(r->limit);
    ln_loop_free(r->loop);
    fake_forget(&r->keep);
    snprintf(path, sizeof(path), "%s/s.lua", r->keep.dir);
    remove(path);
    rmdir(r->keep.dir);
}

static void
a_tick_becomes_an_order_and_done(void **state)
{
    (void)state;
    struct rig r;
    rig_run(&r, "function on_ticker(t)\n"
                "  trade.buy { symbol = t.symbol, size = 1, price = t.last }\n"
                "end");
    rig_ticker(&r, 640001);
    rig_wait_done(&r);
    const struct ln_msg_submit *s = fake_last(&r.keep, LN_MSG_SUBMIT);
    assert_non_null(s);
    assert_int_equal(s->h.seq, r.keep.seq);
    assert_int_equal(s->req.price_ticks, 640001);
    assert_int_equal(s->req.size_lots, 1000);
    rig_close(&r);
}

static void
a_burst_arrives_whole_and_in_order(void **state)
{
    (void)state;
    struct rig r;
    rig_run(&r, "local n = 0\n"
                "function on_ticker(t)\n"
                "  n = n + 1\n"
                "  assert(t.last == n)\n"
                "  if n == 2000 then log.info('all') end\n"
                "end");
    for (int i = 1; i <= 2000; i++)
        rig_ticker(&r, i * 10);
    rig_wait_done(&r);
    assert_null(fake_last(&r.keep, LN_MSG_ERROR));
    rig_ticker(&r, 1);
    rig_close(&r);
}

static void
a_script_that_does_not_load_says_so_and_ends(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "strategy {}\nlocal x = 1 +");
    r.wait_for = 0;
    rig_wait(&r);
    assert_true(r.gone);
    const struct ln_msg_error *e = fake_error(&r.keep, LN_MSG_FAILED);
    assert_non_null(e);
    assert_string_equal(e->where, "s.lua:2");
    rig_close(&r);
}

static void
stop_ends_the_process_in_order(void **state)
{
    (void)state;
    struct rig r;
    struct ln_msg_stop stop = {0};
    rig_run(&r, "function on_stop(why) log.info('bye', why) end");
    snprintf(stop.reason, sizeof(stop.reason), "shutdown");
    rig_send(&r, &stop.h, LN_MSG_STOP, LN_INSTRUMENT_NONE, sizeof(stop));
    r.wait_for = 0;
    rig_wait(&r);
    assert_true(r.gone);
    assert_int_equal(r.status, 0);
    assert_int_equal(r.signal, 0);
    assert_string_equal(fake_log(&r.keep), "bye shutdown");
    rig_close(&r);
}

static void
a_killed_process_is_gone(void **state)
{
    (void)state;
    struct rig r;
    rig_run(&r, "");
    rig_wait_done(&r);
    kill(r.pid, SIGKILL);
    r.wait_for = 0;
    rig_wait(&r);
    assert_true(r.gone);
    assert_int_equal(r.signal, SIGKILL);
    rig_close(&r);
}

static void
the_host_kills_what_hangs_in_c(void **state)
{
    (void)state;
    struct rig r;
    /* A pattern that takes for ever, without one Lua instruction. */
    rig_run(&r, "function on_ticker(t)\n"
                "  log.info('in')\n"
                "  local s = ('a'):rep(100000)\n"
                "  s:find(('.-'):rep(20) .. 'b')\n"
                "end");
    rig_ticker(&r, 1);
    ln_loop_run_for(r.loop, 100);
    assert_false(r.gone);
    ln_port_kill(r.port);
    r.wait_for = 0;
    rig_wait(&r);
    assert_true(r.gone);
    assert_string_equal(r.why, "killed");
    rig_close(&r);
}

/* Scripts that never come back by themselves; <part> is in the report. */
static void
condemned(const char *body, const char *part)
{
    struct rig r;
    char script[1024];
    snprintf(script, sizeof(script), "function on_ticker(t)\n%s\nend", body);
    rig_run(&r, script);
    rig_ticker(&r, 1);
    r.wait_for = 0;
    rig_wait(&r);
    assert_true(r.gone);
    assert_int_equal(r.signal, 0); /* it ended itself */
    const struct ln_msg_error *e = fake_error(&r.keep, LN_MSG_ERROR);
    assert_non_null(e);
    assert_true(e->fatal);
    assert_string_equal(e->callback, "on_ticker");
    if (!strstr(e->message, part))
        fail_msg("'%s' is not in: %s", part, e->message);
    rig_close(&r);
}

static void
an_endless_loop_is_condemned(void **state)
{
    (void)state;
    condemned("while true do end", "its budget of 50 ms");
}

static void
pcall_does_not_save_an_endless_loop(void **state)
{
    (void)state;
    condemned("while true do pcall(function() while true do end end) end",
              "its budget of 50 ms");
    condemned("while true do\n"
              "  xpcall(function() while true do end end,\n"
              "         function() while true do end end)\n"
              "end",
              "its budget of 50 ms");
}

static void
coroutines_do_not_save_an_endless_loop(void **state)
{
    (void)state;
    condemned("while true do\n"
              "  local co = coroutine.create(function()\n"
              "    while true do coroutine.yield() end\n"
              "  end)\n"
              "  for i = 1, 10 do coroutine.resume(co) end\n"
              "end",
              "its budget of 50 ms");
}

static void
a_memory_bomb_is_condemned(void **state)
{
    (void)state;
    condemned("local t, s = {}, ('x'):rep(1000000)\n"
              "while true do\n"
              "  pcall(function() t[#t + 1] = s .. #t end)\n"
              "end",
              "more than its 16 MB");
}

static void
an_endless_loop_while_loading_fails_it(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "while true do end");
    r.wait_for = 0;
    rig_wait(&r);
    const struct ln_msg_error *e = fake_error(&r.keep, LN_MSG_FAILED);
    assert_non_null(e);
    assert_non_null(strstr(e->message, "its budget of 500 ms"));
    rig_close(&r);
}

static void
a_crash_of_the_process_is_contained(void **state)
{
    (void)state;
    struct rig r;
    rig_run(&r, "");
    rig_wait_done(&r);
    kill(r.pid, SIGSEGV);
    r.wait_for = 0;
    rig_wait(&r);
    assert_true(r.gone);
    assert_true(r.signal == SIGSEGV || r.status != 0);
    rig_close(&r);
}

/* ---- seen from outside ---- */

static size_t
read_proc(int pid, const char *name, char *out, size_t cap)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    size_t n = fread(out, 1, cap - 1, f);
    out[n] = 0;
    fclose(f);
    return n;
}

static void
its_environment_is_empty_and_its_descriptors_are_its_own(void **state)
{
    (void)state;
    struct rig r;
    char text[4096];
    char dir[64];
    setenv("BITGET_API_SECRET", "must-not-be-seen", 1);
    rig_run(&r, "");
    rig_wait_done(&r);
    size_t n = read_proc(r.pid, "environ", text, sizeof(text));
    if (n == 0 && geteuid() != 0) {
        rig_close(&r);
        skip(); /* not dumpable: only root may look */
    }
    assert_int_equal(n, sizeof("LC_ALL=C.UTF-8") + sizeof("TZ=UTC"));
    assert_memory_equal(text, "LC_ALL=C.UTF-8\0TZ=UTC", n);
    snprintf(dir, sizeof(dir), "/proc/%d/fd", r.pid);
    DIR *d = opendir(dir);
    assert_non_null(d);
    const struct dirent *entry;
    while ((entry = readdir(d)) != NULL)
        if (entry->d_name[0] != '.' && !strstr(" 0 1 2 4 5 ", entry->d_name))
            fail_msg("descriptor %s is open", entry->d_name);
    closedir(d);
    unsetenv("BITGET_API_SECRET");
    rig_close(&r);
}

static void
it_can_do_little_once_loaded(void **state)
{
    (void)state;
    struct rig r;
    char text[8192];
    rig_run(&r, "function on_start() os.date() log.info('runs') end");
    rig_wait_done(&r);
    assert_string_equal(fake_log(&r.keep), "runs");
    assert_true(read_proc(r.pid, "status", text, sizeof(text)) > 0);
    assert_non_null(strstr(text, "NoNewPrivs:\t1"));
    assert_non_null(strstr(text, "Seccomp:\t2"));
    rig_close(&r);
}

static void
a_missing_program_is_told(void **state)
{
    (void)state;
    static const struct ln_port_events events = {on_message, on_gone};
    struct ln_port_process_opts opts = {.exe = "/nowhere/lunette-strategy",
                                        .scripts_dir = "."};
    struct ln_error err = {0};
    struct ln_loop *loop = ln_loop_uv_new();
    assert_null(ln_port_process_open(loop, &opts, "x", &events, NULL, &err));
    assert_int_equal(err.code, LN_ERR_NOT_FOUND);
    ln_loop_free(loop);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tick_becomes_an_order_and_done),
        cmocka_unit_test(a_burst_arrives_whole_and_in_order),
        cmocka_unit_test(a_script_that_does_not_load_says_so_and_ends),
        cmocka_unit_test(stop_ends_the_process_in_order),
        cmocka_unit_test(a_killed_process_is_gone),
        cmocka_unit_test(the_host_kills_what_hangs_in_c),
        cmocka_unit_test(an_endless_loop_is_condemned),
        cmocka_unit_test(pcall_does_not_save_an_endless_loop),
        cmocka_unit_test(coroutines_do_not_save_an_endless_loop),
        cmocka_unit_test(a_memory_bomb_is_condemned),
        cmocka_unit_test(an_endless_loop_while_loading_fails_it),
        cmocka_unit_test(a_crash_of_the_process_is_contained),
        cmocka_unit_test(
            its_environment_is_empty_and_its_descriptors_are_its_own),
        cmocka_unit_test(it_can_do_little_once_loaded),
        cmocka_unit_test(a_missing_program_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
