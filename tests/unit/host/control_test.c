/*
 * The control socket's requests against a host between a fake exchange and a
 * fake strategy: what is shown, and what nonsense is told. What is done is in
 * control_act_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "loop/local.h"
#include "unit/host/control_fixture.h"

#include <unistd.h>

/* ---- what is shown ---- */

static void
test_status_has_the_members_that_programs_rely_on(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "\"name\":\"desk1\"", "\"deadline\":60000");
    fake_up(&fx);
    ln_loop_run_for(fx.loop, 3500);
    fake_done(&fx);
    ask(&t, fx.host, "{\"cmd\":\"status\"}");
    assert_string_equal(
        keys_of(&t, 0),
        "name mode uptime_s equity connections strategies ready stopping "
        "halted exposure open_orders unexplained");
    assert_string_equal(text(&t, get(&t, 0, "name")), "desk1");
    assert_string_equal(text(&t, get(&t, 0, "mode")), "sim");
    assert_string_equal(text(&t, get(&t, 0, "uptime_s")), "3");
    assert_string_equal(text(&t, get(&t, 0, "equity")), "10000");
    assert_int_equal(ln_json_count(&t.doc, get(&t, 0, "connections")), 3);
    ln_json_val s = strategy(&t);
    assert_string_equal(keys_of(&t, s),
                        "name state version restarts errors last_error events "
                        "latency_us memory_mb");
    assert_string_equal(keys_of(&t, get(&t, s, "latency_us")), "p50 p99");
    assert_string_equal(text(&t, get(&t, s, "name")), "s");
    assert_string_equal(text(&t, get(&t, s, "state")), "running");
    assert_int_equal(ln_json_type(&t.doc, get(&t, s, "last_error")),
                     LN_JSON_NULL);
    fake_teardown(&fx);
    talk_deinit(&t);
}

static void
test_status_is_there_before_the_exchange_is(void **state)
{
    struct fixture fx;
    struct talk t;
    static const char *const cmds[] = {"status", "orders", "positions"};
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "");
    assert_string_equal(state_of(&t, &fx), "starting");
    assert_int_equal(ln_json_type(&t.doc, get(&t, 0, "ready")), LN_JSON_FALSE);
    for (size_t i = 0; i < 3; i++) {
        char line[64];
        snprintf(line, sizeof(line), "{\"cmd\":\"%s\",\"all\":true}", cmds[i]);
        ask(&t, fx.host, line);
        assert_int_equal(ln_json_get(&t.doc, 0, "error"), LN_JSON_NONE);
    }
    fake_teardown(&fx);
    talk_deinit(&t);
}

/* From the message to its DONE, on the virtual clock. */
static void
test_latency_is_the_time_that_a_message_takes(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_done(&fx);
    for (int i = 0; i < 50; i++) {
        fake_ticker(&fx, 0, 500000 + i);
        ln_loop_run_for(fx.loop, 8);
        fake_done(&fx);
    }
    ask(&t, fx.host, "{\"cmd\":\"status\"}");
    double p50 = strtod(
        text(&t, get(&t, get(&t, strategy(&t), "latency_us"), "p50")), NULL);
    assert_true(p50 > 8000 * 0.87 && p50 < 8000 * 1.13);
    fake_teardown(&fx);
    talk_deinit(&t);
}

static void
test_orders_are_shown_as_programs_rely_on(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "");
    fake_up(&fx);
    struct fake_call c = rest(&fx, 1, "71");
    submit(&fx, 2, LN_BUY, LN_MARKET, 0, 5, false);
    fill_last(&fx, "72", "t72");
    ask(&t, fx.host, "{\"cmd\":\"orders\"}");
    ln_json_val list = get(&t, 0, "orders");
    assert_int_equal(ln_json_count(&t.doc, list), 1);
    ln_json_val o = ln_json_at(&t.doc, list, 0);
    assert_string_equal(keys_of(&t, o),
                        "clientOid orderId symbol side type price size filled "
                        "state strategy");
    assert_string_equal(text(&t, get(&t, o, "clientOid")), c.oid);
    assert_string_equal(text(&t, get(&t, o, "orderId")), "71");
    assert_string_equal(text(&t, get(&t, o, "symbol")), "BTCUSDT");
    assert_string_equal(text(&t, get(&t, o, "side")), "buy");
    assert_string_equal(text(&t, get(&t, o, "type")), "limit");
    assert_string_equal(text(&t, get(&t, o, "price")), "49000");
    assert_string_equal(text(&t, get(&t, o, "size")), "0.01");
    assert_string_equal(text(&t, get(&t, o, "filled")), "0");
    assert_string_equal(text(&t, get(&t, o, "state")), "live");
    assert_string_equal(text(&t, get(&t, o, "strategy")), "s");
    /* All since the start, the newest first; a market order has no price. */
    ask(&t, fx.host, "{\"cmd\":\"orders\",\"all\":true}");
    list = get(&t, 0, "orders");
    assert_int_equal(ln_json_count(&t.doc, list), 2);
    o = ln_json_at(&t.doc, list, 0);
    assert_string_equal(text(&t, get(&t, o, "state")), "filled");
    assert_int_equal(ln_json_type(&t.doc, get(&t, o, "price")), LN_JSON_NULL);
    assert_int_equal(ln_json_get(&t.doc, 0, "before"), LN_JSON_NONE);
    fake_teardown(&fx);
    talk_deinit(&t);
}

static void
test_many_orders_come_in_pages_and_none_is_missing(void **state)
{
    struct fixture fx;
    struct talk t;
    char line[96] = "{\"cmd\":\"orders\",\"all\":true}", last[64] = "";
    int total = 0, pages = 0;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "");
    fake_up(&fx);
    for (uint64_t i = 1; i <= 1201; i++) {
        fake_buy(&fx, i, 490000, 0); /* refused: no size */
        if (i % 100 == 0)
            fake_done(&fx);
    }
    for (;;) {
        int64_t before;
        ask(&t, fx.host, line);
        ln_json_val list = get(&t, 0, "orders");
        total += (int)ln_json_count(&t.doc, list);
        pages++;
        for (uint32_t i = 0; i < ln_json_count(&t.doc, list); i++) {
            const char *oid =
                text(&t, get(&t, ln_json_at(&t.doc, list, i), "clientOid"));
            assert_string_not_equal(oid, last);
            snprintf(last, sizeof(last), "%s", oid);
        }
        if (!ln_json_i64(&t.doc, ln_json_get(&t.doc, 0, "before"), &before))
            break;
        snprintf(line, sizeof(line),
                 "{\"cmd\":\"orders\",\"all\":true,\"before\":%d}",
                 (int)before);
    }
    assert_int_equal(total, 1201);
    assert_int_equal(pages, 3);
    fake_teardown(&fx);
    talk_deinit(&t);
}

static void
test_positions_are_the_strategies_and_the_accounts(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "");
    fake_up(&fx);
    hold(&fx, 1, 10);
    fake_ticker(&fx, 0, 501000);
    fake_net(&fx, 14); /* somebody else holds four */
    ask(&t, fx.host, "{\"cmd\":\"positions\"}");
    ln_json_val own = ln_json_at(&t.doc, get(&t, 0, "positions"), 0);
    assert_string_equal(text(&t, get(&t, own, "strategy")), "s");
    assert_string_equal(text(&t, get(&t, own, "side")), "long");
    assert_string_equal(text(&t, get(&t, own, "size")), "0.01");
    assert_string_equal(text(&t, get(&t, own, "entry")), "50000");
    assert_string_equal(text(&t, get(&t, own, "unrealised")), "1");
    ln_json_val account = ln_json_at(&t.doc, get(&t, 0, "exchange"), 0);
    assert_string_equal(text(&t, get(&t, account, "size")), "0.014");
    assert_string_equal(text(&t, get(&t, account, "ours")), "0.01");
    fake_teardown(&fx);
    talk_deinit(&t);
}

/* ---- nonsense ---- */

static void
test_what_is_wrong_is_told_with_what_is_right(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "\"name\":\"ema_cross\"");
    fake_up(&fx);
    ask(&t, fx.host, "{\"cmd\":\"statsu\"}");
    assert_string_equal(error_of(&t, "cure"), "did you mean 'status'?");
    ask(&t, fx.host, "{\"cmd\":\"pause\"}");
    assert_non_null(strstr(error_of(&t, "cure"), "--all"));
    ask(&t, fx.host, "{\"cmd\":\"pause\",\"name\":\"ema_cros\"}");
    assert_string_equal(error_of(&t, "cure"), "did you mean ema_cross?");
    ask(&t, fx.host, "{\"cmd\":\"stop\",\"name\":\"zzz\"}");
    assert_string_equal(error_of(&t, "cure"), "it has ema_cross");
    assert_null(fake_got(&fx, LN_MSG_STOP));
    ask(&t, fx.host, "{\"cmd\":\"reload\",\"name\":\"ema_cross\"}");
    assert_non_null(strstr(error_of(&t, "what"), "this version"));
    ask(&t, fx.host, "{\"cmd\":\"logs\"}");
    assert_string_equal(error_of(&t, "code"), "state");
    ask(&t, NULL, "{\"cmd\":\"status\"}"); /* no host yet */
    assert_string_equal(error_of(&t, "code"), "state");
    fake_teardown(&fx);
    talk_deinit(&t);
}

static void
test_garbage_is_answered_and_changes_nothing(void **state)
{
    static const char *const lines[] = {
        "",
        "status",
        "[]",
        "null",
        "\"status\"",
        "{",
        "{}",
        "{\"cmd\":1}",
        "{\"cmd\":null}",
        "{\"cmd\":\"stop\",\"name\":7}",
        "{\"cmd\":\"flatten\",\"all\":\"yes\"}",
        "{\"cmd\":\"flatten\",\"all\":1}",
        "{\"cmd\":\"logs\",\"n\":-1}",
        "{\"cmd\":\"logs\",\"n\":1001}",
        "{\"cmd\":\"logs\",\"n\":1.5}",
        "{\"cmd\":\"logs\",\"n\":99999999999999999999}",
        "{\"cmd\":\"orders\",\"before\":-1}",
        "{\"cmd\":\"stop\"} {\"cmd\":\"stop\"}",
        "{\"cmd\":\"a name that is much longer than any command could be\"}",
        "{\"cmd\":\"stop\\u0000\"}",
    };
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "");
    fake_up(&fx);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        ask(&t, fx.host, lines[i]);
        assert_string_equal(keys_of(&t, 0), "error");
    }
    assert_null(fake_got(&fx, LN_MSG_STOP));
    assert_string_equal(state_of(&t, &fx), "running");
    fake_teardown(&fx);
    talk_deinit(&t);
}

/* Requests with flipped, lost and repeated bytes; any answer is an object. */
static void
test_random_damage_never_crashes(void **state)
{
    static const char *const good[] = {
        "{\"cmd\":\"orders\",\"all\":true,\"before\":12}",
        "{\"cmd\":\"pause\",\"name\":\"s\"}",
        "{\"cmd\":\"logs\",\"n\":10,\"follow\":true}",
        "{\"cmd\":\"status\"}",
    };
    struct fixture fx;
    struct talk t;
    struct ln_rng rng;
    (void)state;
    talk_init(&t);
    t.tail = ln_log_tail_new();
    fake_setup(&fx, "", "");
    fake_up(&fx);
    rest(&fx, 1, "71");
    ln_rng_seed(&rng, 7);
    for (int i = 0; i < 20000; i++) {
        char line[128];
        size_t len = strlen(good[i % 4]);
        memcpy(line, good[i % 4], len);
        for (uint64_t k = ln_rng_below(&rng, 4); k > 0; k--) {
            size_t at = ln_rng_below(&rng, (uint64_t)len);
            if (ln_rng_below(&rng, 3) == 0)
                memmove(line + at, line + at + 1, --len - at);
            else
                line[at] = (char)ln_rng_below(&rng, 256);
        }
        ask_bytes(&t, fx.host, line, len);
    }
    fake_teardown(&fx);
    talk_deinit(&t);
}

/* ---- the log ---- */

static void
test_the_last_lines_of_the_log_are_kept(void **state)
{
    struct fixture fx;
    struct talk t;
    (void)state;
    talk_init(&t);
    fake_setup(&fx, "", "");
    t.tail = ln_log_tail_new();
    ask(&t, fx.host, "{\"cmd\":\"logs\",\"n\":5}");
    assert_int_equal(ln_json_count(&t.doc, get(&t, 0, "lines")), 0);
    for (int i = 1; i <= 2345; i++) {
        char line[64];
        int n = snprintf(line, sizeof(line), "line %d \"quoted\"", i);
        ln_log_tail_add(t.tail, i % 2 ? LN_LOG_WARN : LN_LOG_INFO, line,
                        (size_t)n);
    }
    ask(&t, fx.host, "{\"cmd\":\"logs\",\"n\":2}");
    ln_json_val list = get(&t, 0, "lines");
    assert_int_equal(ln_json_count(&t.doc, list), 2);
    ln_json_val last = ln_json_at(&t.doc, list, 1);
    assert_string_equal(text(&t, get(&t, last, "text")),
                        "line 2345 \"quoted\"");
    assert_string_equal(text(&t, get(&t, last, "level")), "warn");
    ask(&t, fx.host, "{\"cmd\":\"logs\",\"n\":1000}");
    list = get(&t, 0, "lines");
    assert_int_equal(ln_json_count(&t.doc, list), LN_LOG_TAIL_LINES);
    assert_string_equal(text(&t, get(&t, ln_json_at(&t.doc, list, 0), "text")),
                        "line 1346 \"quoted\"");
    fake_teardown(&fx);
    talk_deinit(&t);
}

/* ---- over the socket ---- */

struct client {
    struct ln_local_conn *conn;
    char text[8192];
    int lines, closed;
};

static void
client_line(void *ctx, struct ln_local_conn *conn, struct ln_str line)
{
    struct client *c = ctx;
    (void)conn;
    c->lines++;
    ln_str_copy(c->text, sizeof(c->text), line);
}

static void
client_closed(void *ctx, struct ln_local_conn *conn, enum ln_err why)
{
    struct client *c = ctx;
    (void)conn;
    (void)why;
    c->closed++;
    c->conn = NULL;
}

/* A hang ends the test here. */
#define turn_until(loop, value, want)                                          \
    do {                                                                       \
        for (int i_ = 0; i_ < 2000 && *(value) < (want); i_++)                 \
            ln_loop_run_for(loop, 5);                                          \
        assert_true(*(value) >= (want));                                       \
    } while (0)

static void
test_the_socket_answers_follows_and_ends_with_the_host(void **state)
{
    struct fixture fx;
    struct client c = {0};
    char dir[] = "/tmp/ln-control-XXXXXX", path[64], lock[80];
    struct ln_error err = {0};
    struct ln_loop *loop = ln_loop_uv_new();
    struct ln_log_tail *tail = ln_log_tail_new();
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/" LN_CONTROL_SOCKET, dir);
    snprintf(lock, sizeof(lock), "%s.lock", path);
    struct ln_control *control =
        ln_control_open(loop, path, "desk1", tail, &err);
    assert_non_null(control);
    assert_null(ln_control_open(loop, path, "desk1", tail, &err));
    assert_string_equal(err.what, "a host named desk1 already runs");
    assert_int_equal(err.code, LN_ERR_STATE);

    struct ln_local_opts opts = {.line_max = 1U << 20,
                                 .queue_max = 1U << 20,
                                 .line = client_line,
                                 .closed = client_closed,
                                 .ctx = &c};
    assert_int_equal(ln_local_connect(loop, path, &opts, &c.conn, &err), LN_OK);
    ln_local_send(c.conn, "{\"cmd\":\"status\"}\n", 17);
    turn_until(loop, &c.lines, 1);
    assert_non_null(strstr(c.text, "starting or ending"));
    ln_control_set_host(control, fx.host);
    ln_local_send(c.conn, "{\"cmd\":\"status\"}\n", 17);
    turn_until(loop, &c.lines, 2);
    assert_non_null(strstr(c.text, "\"strategies\":[{"));

    ln_log_tail_add(tail, LN_LOG_INFO, "before", 6);
    ln_local_send(c.conn, "{\"cmd\":\"logs\",\"follow\":true}\n", 29);
    turn_until(loop, &c.lines, 3);
    assert_non_null(strstr(c.text, "before"));
    ln_log_tail_add(tail, LN_LOG_INFO, "after", 5);
    turn_until(loop, &c.lines, 4);
    assert_non_null(strstr(c.text, "after"));
    assert_null(strstr(c.text, "before"));

    ln_control_close(control);
    turn_until(loop, &c.closed, 1);
    ln_log_tail_add(tail, LN_LOG_INFO, "nobody listens", 14);
    ln_log_tail_free(tail);
    ln_loop_free(loop);
    fake_teardown(&fx);
    unlink(lock);
    assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_has_the_members_that_programs_rely_on),
        cmocka_unit_test(test_status_is_there_before_the_exchange_is),
        cmocka_unit_test(test_latency_is_the_time_that_a_message_takes),
        cmocka_unit_test(test_orders_are_shown_as_programs_rely_on),
        cmocka_unit_test(test_many_orders_come_in_pages_and_none_is_missing),
        cmocka_unit_test(test_positions_are_the_strategies_and_the_accounts),
        cmocka_unit_test(test_what_is_wrong_is_told_with_what_is_right),
        cmocka_unit_test(test_garbage_is_answered_and_changes_nothing),
        cmocka_unit_test(test_random_damage_never_crashes),
        cmocka_unit_test(test_the_last_lines_of_the_log_are_kept),
        cmocka_unit_test(
            test_the_socket_answers_follows_and_ends_with_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
