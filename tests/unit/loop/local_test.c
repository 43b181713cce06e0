/*
 * Lines over a local socket: order, limits, who may come in, and what happens
 * to those who send too much, read too little or go away.
 */
#include "loop/local.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 10000

struct room {
    struct ln_loop *loop;
    char dir[64], path[96];
    struct ln_local_server *server;
    struct ln_local_opts opts;
    int lines, too_long, closed;
    enum ln_err why;
    size_t answer_bytes; /* "big" is answered with so many */
};

struct guest {
    struct room *room;
    struct ln_local_conn *conn;
    char text[4096]; /* all lines, each with its end */
    size_t len;
    int closed;
};

/* "die" closes the connection, "big" is a long answer, the rest is echoed. */
static void
on_line(void *ctx, struct ln_local_conn *conn, struct ln_str line)
{
    struct room *r = ctx;
    char answer[256];
    r->lines++;
    if (ln_str_eqc(line, "die")) {
        ln_local_finish(conn);
        return;
    }
    if (ln_str_eqc(line, "big")) {
        char *bytes = malloc(r->answer_bytes);
        memset(bytes, 'x', r->answer_bytes);
        bytes[r->answer_bytes - 1] = '\n';
        ln_local_send(conn, bytes, r->answer_bytes);
        free(bytes);
        return;
    }
    int n = snprintf(answer, sizeof(answer), "<%.*s>\n",
                     (int)(line.len < 100 ? line.len : 100), line.ptr);
    ln_local_send(conn, answer, (size_t)n);
}

static void
on_too_long(void *ctx, struct ln_local_conn *conn)
{
    struct room *r = ctx;
    r->too_long++;
    ln_local_send(conn, "too long\n", 9);
}

static void
on_closed(void *ctx, struct ln_local_conn *conn, enum ln_err why)
{
    struct room *r = ctx;
    (void)conn;
    r->closed++;
    r->why = why;
}

static void
open_room(struct room *r)
{
    struct ln_error err = {0};
    memset(r, 0, sizeof(*r));
    strcpy(r->dir, "/tmp/ln-local-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    snprintf(r->path, sizeof(r->path), "%s/s.sock", r->dir);
    r->loop = ln_loop_uv_new();
    r->opts = (struct ln_local_opts){.line_max = 1000,
                                     .queue_max = 8U << 20,
                                     .stall_ms = 600,
                                     .busy = "busy\n",
                                     .line = on_line,
                                     .too_long = on_too_long,
                                     .closed = on_closed,
                                     .ctx = r};
    assert_int_equal(
        ln_local_listen(r->loop, r->path, &r->opts, &r->server, &err), LN_OK);
}

static void
close_room(struct room *r)
{
    char lock[128];
    ln_local_server_free(r->server);
    ln_loop_free(r->loop);
    assert_int_equal(access(r->path, F_OK), -1);
    snprintf(lock, sizeof(lock), "%s.lock", r->path);
    unlink(lock);
    assert_int_equal(rmdir(r->dir), 0);
}

static void
guest_line(void *ctx, struct ln_local_conn *conn, struct ln_str line)
{
    struct guest *g = ctx;
    (void)conn;
    if (g->len + line.len + 1 < sizeof(g->text)) {
        memcpy(g->text + g->len, line.ptr, line.len);
        g->len += line.len;
        g->text[g->len++] = '\n';
    }
}

static void
guest_closed(void *ctx, struct ln_local_conn *conn, enum ln_err why)
{
    struct guest *g = ctx;
    (void)conn;
    (void)why;
    g->closed++;
    g->conn = NULL;
}

static void
enter(struct guest *g, struct room *r)
{
    struct ln_error err = {0};
    struct ln_local_opts opts = {.line_max = 1U << 24,
                                 .queue_max = 1U << 20,
                                 .line = guest_line,
                                 .closed = guest_closed,
                                 .ctx = g};
    memset(g, 0, sizeof(*g));
    g->room = r;
    assert_int_equal(ln_local_connect(r->loop, r->path, &opts, &g->conn, &err),
                     LN_OK);
}

static void
say(struct guest *g, const char *text)
{
    assert_true(ln_local_send(g->conn, text, strlen(text)));
}

/* Until <*value> is at least <want>; a hang ends the test. */
#define UNTIL(room, cond)                                                      \
    do {                                                                       \
        for (int i_ = 0; i_ < PATIENCE_MS / 5 && !(cond); i_++)                \
            ln_loop_run_for((room)->loop, 5);                                  \
        assert_true(cond);                                                     \
    } while (0)

/* A client without the reactor: what other programs do. */
static int
raw(struct room *r)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    snprintf(to.sun_path, sizeof(to.sun_path), "%s", r->path);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void
each_line_is_answered_in_order(void **state)
{
    struct room r;
    struct guest g;
    (void)state;
    open_room(&r);
    enter(&g, &r);
    say(&g, "one\ntwo\r\nth");
    ln_loop_run_for(r.loop, 20);
    say(&g, "ree\n\n");
    UNTIL(&r, g.len >= strlen("<one>\n<two>\n<three>\n<>\n"));
    assert_memory_equal(g.text, "<one>\n<two>\n<three>\n<>\n", g.len);
    ln_local_close(g.conn);
    UNTIL(&r, r.closed == 1);
    assert_int_equal(r.why, LN_OK);
    close_room(&r);
}

/* printf 'status' | nc -U: the request ends with the stream. */
static void
who_closes_his_half_still_gets_all_answers(void **state)
{
    struct room r;
    char text[64] = "";
    (void)state;
    open_room(&r);
    int fd = raw(&r);
    assert_int_equal(write(fd, "a\nb\nlast", 8), 8);
    shutdown(fd, SHUT_WR);
    UNTIL(&r, r.closed == 1);
    assert_int_equal(read(fd, text, sizeof(text) - 1), 4 + 4 + 7);
    assert_string_equal(text, "<a>\n<b>\n<last>\n");
    assert_int_equal(read(fd, text, sizeof(text)), 0);
    close(fd);
    close_room(&r);
}

static void
a_line_that_is_too_long_ends_the_connection_with_an_answer(void **state)
{
    struct room r;
    struct guest g;
    char line[1002];
    (void)state;
    open_room(&r);
    memset(line, 'y', sizeof(line));
    /* Exactly the maximum is fine ... */
    enter(&g, &r);
    ln_local_send(g.conn, line, 1000);
    say(&g, "\n");
    UNTIL(&r, g.len > 0);
    assert_int_equal(r.too_long, 0);
    /* ... one more is not, with or without its end. */
    ln_local_send(g.conn, line, 1001);
    UNTIL(&r, g.closed == 1);
    assert_int_equal(r.too_long, 1);
    assert_non_null(strstr(g.text, "too long\n"));
    enter(&g, &r);
    line[1001] = '\n';
    ln_local_send(g.conn, line, 1002);
    UNTIL(&r, g.closed == 1);
    assert_string_equal(g.text, "too long\n");
    assert_int_equal(r.lines, 1);
    close_room(&r);
}

static void
who_does_not_read_is_not_answered_and_is_cut_off_in_the_end(void **state)
{
    struct room r;
    struct guest g;
    char many[4000];
    (void)state;
    open_room(&r);
    r.answer_bytes = 4U << 20; /* more than a socket holds */
    int fd = raw(&r);
    for (size_t i = 0; i < sizeof(many); i += 4)
        memcpy(many + i, "big\n", 4);
    assert_int_equal(write(fd, many, sizeof(many)), sizeof(many));
    UNTIL(&r, r.lines == 1);
    enter(&g, &r); /* others are served meanwhile */
    say(&g, "hello\n");
    UNTIL(&r, g.len > 0);
    assert_int_equal(r.lines, 2); /* not the second "big" */
    UNTIL(&r, r.closed == 1);
    assert_int_equal(r.why, LN_ERR_TIMEOUT);
    assert_non_null(g.conn);
    ln_local_close(g.conn);
    close(fd);
    close_room(&r);
}

static void
an_answer_beyond_the_queue_cuts_the_connection_off(void **state)
{
    struct room r;
    struct guest g;
    (void)state;
    open_room(&r);
    r.answer_bytes = (8U << 20) + 1;
    enter(&g, &r);
    say(&g, "big\n");
    UNTIL(&r, g.closed == 1);
    assert_int_equal(r.why, LN_ERR_LIMIT);
    assert_int_equal(g.len, 0);
    close_room(&r);
}

static void
there_is_room_for_so_many_and_then_a_place_becomes_free(void **state)
{
    struct room r;
    struct guest g[LN_LOCAL_CONNS_MAX + 1];
    (void)state;
    open_room(&r);
    for (int i = 0; i < LN_LOCAL_CONNS_MAX; i++) {
        enter(&g[i], &r);
        say(&g[i], "x\n");
        UNTIL(&r, g[i].len > 0);
    }
    enter(&g[LN_LOCAL_CONNS_MAX], &r);
    UNTIL(&r, g[LN_LOCAL_CONNS_MAX].closed == 1);
    assert_string_equal(g[LN_LOCAL_CONNS_MAX].text, "busy\n");
    ln_local_close(g[3].conn);
    UNTIL(&r, r.closed == 1);
    enter(&g[3], &r);
    say(&g[3], "again\n");
    UNTIL(&r, g[3].len > 0);
    assert_string_equal(g[3].text, "<again>\n");
    for (int i = 0; i < LN_LOCAL_CONNS_MAX; i++)
        ln_local_close(g[i].conn);
    UNTIL(&r, r.closed == 1 + LN_LOCAL_CONNS_MAX);
    close_room(&r);
}

static void
the_server_may_end_a_connection_after_its_last_words(void **state)
{
    struct room r;
    struct guest g;
    (void)state;
    open_room(&r);
    enter(&g, &r);
    say(&g, "bye\ndie\nnever read\n");
    UNTIL(&r, g.closed == 1);
    assert_string_equal(g.text, "<bye>\n");
    assert_int_equal(r.lines, 2);
    close_room(&r);
}

static void
the_socket_is_for_its_user_alone(void **state)
{
    struct room r;
    struct stat st;
    (void)state;
    open_room(&r);
    assert_int_equal(stat(r.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(S_ISSOCK(st.st_mode));
    close_room(&r);
}

static void
two_servers_do_not_share_a_path_but_a_dead_one_is_replaced(void **state)
{
    struct room r;
    struct guest g;
    struct ln_local_server *second = NULL;
    struct ln_error err = {0};
    (void)state;
    open_room(&r);
    assert_int_equal(ln_local_listen(r.loop, r.path, &r.opts, &second, &err),
                     LN_ERR_STATE);
    assert_null(second);
    assert_true(ln_local_listens(r.path)); /* the first is unharmed */

    /* What kill -9 leaves: a socket file that nobody listens at. */
    ln_local_server_free(r.server);
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(at.sun_path, sizeof(at.sun_path), "%s", r.path);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    close(fd);
    assert_int_equal(access(r.path, F_OK), 0);
    assert_false(ln_local_listens(r.path));
    assert_int_equal(ln_local_listen(r.loop, r.path, &r.opts, &r.server, &err),
                     LN_OK);
    enter(&g, &r);
    say(&g, "hi\n");
    UNTIL(&r, g.len > 0);
    ln_local_close(g.conn);
    UNTIL(&r, r.closed == 1);
    close_room(&r);
}

static void
what_cannot_be_is_an_error_with_its_cause(void **state)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct ln_loop *virtual = ln_loop_virtual_new(0);
    struct ln_local_opts opts = {.line_max = 10, .line = on_line};
    struct ln_local_server *server;
    struct ln_local_conn *conn;
    struct ln_error err = {0};
    char path[300] = "/tmp/";
    (void)state;
    assert_int_equal(
        ln_local_connect(loop, "/tmp/ln-nobody", &opts, &conn, &err),
        LN_ERR_NOT_FOUND);
    assert_int_equal(
        ln_local_listen(loop, "/no-such-folder/s", &opts, &server, &err),
        LN_ERR_IO);
    memset(path + 5, 'p', 200);
    assert_int_equal(ln_local_listen(loop, path, &opts, &server, &err),
                     LN_ERR_CONFIG);
    assert_int_equal(ln_local_connect(loop, path, &opts, &conn, &err),
                     LN_ERR_CONFIG);
    assert_int_equal(ln_local_listen(virtual, "/tmp/x", &opts, &server, &err),
                     LN_ERR_STATE);
    assert_int_equal(ln_local_connect(virtual, "/tmp/x", &opts, &conn, &err),
                     LN_ERR_STATE);
    assert_false(ln_local_listens("/tmp/ln-nobody"));
    ln_loop_free(loop);
    ln_loop_free(virtual);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_answered_in_order),
        cmocka_unit_test(who_closes_his_half_still_gets_all_answers),
        cmocka_unit_test(
            a_line_that_is_too_long_ends_the_connection_with_an_answer),
        cmocka_unit_test(
            who_does_not_read_is_not_answered_and_is_cut_off_in_the_end),
        cmocka_unit_test(an_answer_beyond_the_queue_cuts_the_connection_off),
        cmocka_unit_test(
            there_is_room_for_so_many_and_then_a_place_becomes_free),
        cmocka_unit_test(the_server_may_end_a_connection_after_its_last_words),
        cmocka_unit_test(the_socket_is_for_its_user_alone),
        cmocka_unit_test(
            two_servers_do_not_share_a_path_but_a_dead_one_is_replaced),
        cmocka_unit_test(what_cannot_be_is_an_error_with_its_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
