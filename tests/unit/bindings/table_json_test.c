/*
 * Configuration files: a table becomes JSON; mistakes have their place; a
 * hostile file does no harm. And a runtime behind the direct port.
 */
#include "unit/bindings/fake_host.h"

/* Writes, reads, removes; the answer's code. */
static enum ln_err
convert(const char *text, struct ln_buf *out, struct ln_error *err)
{
    char path[] = "/tmp/lunette-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    enum ln_err code = ln_lua_table_json(path, out, err);
    unlink(path);
    return code;
}

static void
a_table_becomes_json(void **state)
{
    (void)state;
    struct ln_buf out;
    struct ln_error err = {0};
    ln_buf_init(&out, 4096);
    assert_int_equal(convert("local n = 2 + 3\n"
                             "return { a = { n, 0.5, 'x\\n', { b = true } } }",
                             &out, &err),
                     LN_OK);
    assert_string_equal(out.data, "{\"a\":[5,0.5,\"x\\n\",{\"b\":true}]}");
    ln_buf_deinit(&out);
}

static void
mistakes_and_hostile_files_are_told(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"return {\n a = }", "unexpected symbol"},
        {"x = 1", "must end with return"},
        {"return 5", "must end with return"},
        {"local x = nil\nreturn x.y", "attempt to index a nil"},
        {"return { f = print or math.floor }", "function cannot be written"},
        {"while true do end", "does not come to an end"},
        {"local s = 'x' while true do s = s .. s end", "not enough memory"},
        {"os.execute('true')", "attempt to index a nil"},
        {"return { io }", "must"},
        {"error({})", "no text"},
        {"\033Lua", "binary chunk"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ln_buf out;
        struct ln_error err = {0};
        ln_buf_init(&out, 4096);
        enum ln_err code = convert(cases[i][0], &out, &err);
        if (strcmp(cases[i][1], "must") == 0) {
            assert_int_equal(code, LN_OK); /* there is no io: {} */
            assert_string_equal(out.data, "{}");
        } else {
            assert_int_equal(code, LN_ERR_CONFIG);
            if (!strstr(err.what, cases[i][1]))
                fail_msg("'%s' is not in: %s", cases[i][1], err.what);
        }
        ln_buf_deinit(&out);
    }
}

static void
the_place_is_file_and_line(void **state)
{
    (void)state;
    struct ln_buf out;
    struct ln_error err = {0};
    ln_buf_init(&out, 4096);
    assert_int_equal(convert("\n\nlocal x = nil .. 'a'", &out, &err),
                     LN_ERR_CONFIG);
    assert_non_null(strstr(err.where, "lunette-config-"));
    assert_non_null(strstr(err.where, ":3"));
    assert_int_equal(ln_lua_table_json("/nowhere.lua", &out, &err),
                     LN_ERR_CONFIG);
    ln_buf_deinit(&out);
}

/* ---- the direct port ---- */

struct seen {
    int ready, done;
    bool gone;
    char why[64];
};

static void
on_message(void *ctx, const struct ln_msg *msg)
{
    struct seen *s = ctx;
    s->ready += msg->type == LN_MSG_READY;
    s->done += msg->type == LN_MSG_DONE;
}

static void
on_gone(void *ctx, const char *why, int status, int term_signal)
{
    struct seen *s = ctx;
    (void)status;
    (void)term_signal;
    s->gone = true;
    snprintf(s->why, sizeof(s->why), "%s", why);
}

static void
send(struct ln_port *port, struct ln_msg *m, uint16_t type, size_t size)
{
    m->type = type;
    m->instrument = LN_INSTRUMENT_NONE;
    m->size = (uint32_t)size;
    m->seq = 1;
    assert_int_equal(ln_port_send(port, m), LN_OK);
}

static void
a_direct_port_runs_a_strategy_in_this_process(void **state)
{
    (void)state;
    static const struct ln_port_events events = {on_message, on_gone};
    struct ln_loop *loop = ln_loop_virtual_new(START);
    struct seen seen = {0};
    struct ln_error err = {0};
    struct ln_msg_stop stop = {0};
    struct {
        struct ln_msg_hello m;
        char tail[128];
    } hello;
    char path[] = "/tmp/lunette-script-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "strategy {}", 11), 11);
    close(fd);
    struct ln_port *port = ln_runtime_direct_port(loop, LN_TEST_ROOT "/scripts",
                                                  &events, &seen, &err);
    assert_non_null(port);
    memset(&hello, 0, sizeof(hello));
    hello.m.version = LN_PORT_VERSION;
    int n = snprintf((char *)&hello + sizeof(hello.m), 100, "%s%c{}", path, 0);
    send(port, &hello.m.h, LN_MSG_HELLO, sizeof(hello.m) + (size_t)n + 1);
    assert_int_equal(seen.ready, 0); /* never inside a send */
    ln_loop_run_for(loop, 1);
    assert_int_equal(seen.ready, 1);
    assert_int_equal(seen.done, 1);
    send(port, &stop.h, LN_MSG_STOP, sizeof(stop));
    ln_loop_run_for(loop, 1);
    assert_true(seen.gone);
    assert_string_equal(seen.why, "stopped");
    assert_int_equal(seen.done, 2);
    assert_int_equal(ln_port_send(port, &stop.h), LN_ERR_STATE);
    ln_port_free(port);
    ln_loop_free(loop);
    unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_becomes_json),
        cmocka_unit_test(mistakes_and_hostile_files_are_told),
        cmocka_unit_test(the_place_is_file_and_line),
        cmocka_unit_test(a_direct_port_runs_a_strategy_in_this_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
