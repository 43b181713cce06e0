/*
 * The socket of control.h: clients, their answers, and those who follow the
 * log.
 */
#include "host/control_int.h"

#include "loop/local.h"

#include <stdio.h>
#include <stdlib.h>

#define ANSWER_MAX    (8U << 20)
#define FOLLOW_QUEUED (256U << 10) /* beyond that, a follower has to wait */
#define FOLLOW_MS     50           /* lines are sent together */

struct follower {
    struct ln_local_conn *conn; /* NULL: free */
    uint64_t next;              /* number of the line that it gets next */
};

struct ln_control {
    struct ln_loop *loop;
    struct ln_host *host;
    struct ln_log_tail *tail;
    struct ln_local_server *server;
    struct ln_timer *follow_timer; /* there are new lines to send */
    struct follower followers[LN_LOCAL_CONNS_MAX];
    struct ln_buf answer;
};

static struct follower *
follower_of(struct ln_control *c, const struct ln_local_conn *conn)
{
    for (int i = 0; i < LN_LOCAL_CONNS_MAX; i++)
        if (c->followers[i].conn == conn)
            return &c->followers[i];
    return NULL;
}

/* ---- following the log ---- */

/*
 * What a follower was too slow for and is not kept any more, it misses; the
 * numbers in "next" show it.
 */
static void
send_lines(struct ln_control *c, struct follower *f)
{
    struct ln_json_writer w;
    uint64_t count = ln_log_tail_count(c->tail);
    if (f->next > count || ln_local_queued(f->conn) > FOLLOW_QUEUED)
        return;
    ln_buf_reset(&c->answer);
    ln_jw_init(&w, &c->answer);
    ln_jw_obj(&w);
    if (count >= LN_LOG_TAIL_LINES && f->next <= count - LN_LOG_TAIL_LINES) {
        uint64_t oldest = count - LN_LOG_TAIL_LINES + 1;
        ln_jw_kint(&w, "missed", (int64_t)(oldest - f->next));
        f->next = oldest;
    }
    f->next = control_view_lines(c->tail, f->next, &w);
    ln_jw_obj_end(&w);
    ln_buf_addc(&c->answer, '\n');
    if (c->answer.failed)
        return;
    ln_local_send(f->conn, c->answer.data, c->answer.len);
}

static void
on_follow(void *ctx)
{
    struct ln_control *c = ctx;
    bool behind = false;
    for (int i = 0; i < LN_LOCAL_CONNS_MAX; i++) {
        struct follower *f = &c->followers[i];
        if (!f->conn)
            continue;
        send_lines(c, f);
        behind = behind || f->next <= ln_log_tail_count(c->tail);
    }
    if (behind)
        ln_timer_start(c->follow_timer, FOLLOW_MS, 0);
}

/* Called from within the log: no more than a timer is touched. */
static void
on_logged(void *ctx)
{
    struct ln_control *c = ctx;
    for (int i = 0; i < LN_LOCAL_CONNS_MAX; i++)
        if (c->followers[i].conn && !ln_timer_active(c->follow_timer))
            ln_timer_start(c->follow_timer, FOLLOW_MS, 0);
}

static void
follow(struct ln_control *c, struct ln_local_conn *conn)
{
    struct follower *f = follower_of(c, conn);
    if (!f)
        f = follower_of(c, NULL);
    if (!f)
        return;
    f->conn = conn;
    f->next = ln_log_tail_count(c->tail) + 1;
}

/* ---- clients ---- */

static void
on_line(void *ctx, struct ln_local_conn *conn, struct ln_str line)
{
    struct ln_control *c = ctx;
    struct ln_control_request req =
        ln_control_answer(c->host, c->tail, line, &c->answer);
    ln_buf_addc(&c->answer, '\n');
    if (c->answer.failed)
        ln_local_finish(conn);
    else if (ln_local_send(conn, c->answer.data, c->answer.len) && req.follow &&
             strcmp(req.cmd, "logs") == 0)
        follow(c, conn);
}

static void
on_too_long(void *ctx, struct ln_local_conn *conn)
{
    static const char answer[] =
        "{\"error\":{\"code\":\"limit\",\"what\":\"a request is at most 65536 "
        "bytes long\",\"where\":\"\",\"cure\":\"\"}}\n";
    (void)ctx;
    ln_local_send(conn, answer, sizeof(answer) - 1);
}

static void
on_closed(void *ctx, struct ln_local_conn *conn, enum ln_err why)
{
    struct ln_control *c = ctx;
    struct follower *f = follower_of(c, conn);
    (void)why;
    if (f)
        f->conn = NULL;
}

struct ln_control *
ln_control_open(struct ln_loop *loop, const char *path, const char *name,
                struct ln_log_tail *tail, struct ln_error *err)
{
    struct ln_control *c = calloc(1, sizeof(*c));
    struct ln_local_opts opts = {
        .line_max = LN_CONTROL_LINE_MAX,
        .queue_max = ANSWER_MAX + FOLLOW_QUEUED,
        .busy = "{\"error\":{\"code\":\"limit\",\"what\":\"too many "
                "programs speak to this host\",\"where\":\"\",\"cure\":"
                "\"end some of them: at most 16 at a time\"}}\n",
        .line = on_line,
        .too_long = on_too_long,
        .closed = on_closed,
        .ctx = c,
    };
    if (!c) {
        ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory");
        return NULL;
    }
    c->loop = loop;
    ln_buf_init(&c->answer, ANSWER_MAX);
    enum ln_err code = ln_local_listen(loop, path, &opts, &c->server, err);
    if (code == LN_ERR_STATE && ln_loop_uv_handle(loop))
        ln_error_set(err, LN_ERR_STATE, path,
                     "give this one another name, or end the other one: "
                     "lunette ctl stop",
                     "a host named %s already runs", name);
    c->follow_timer = ln_timer_new(loop, on_follow, c);
    if (code != LN_OK || !c->follow_timer) {
        ln_control_close(c);
        return NULL;
    }
    c->tail = tail;
    if (tail)
        ln_log_tail_follow(tail, on_logged, c);
    return c;
}

void
ln_control_set_host(struct ln_control *c, struct ln_host *host)
{
    if (c)
        c->host = host;
}

void
ln_control_close(struct ln_control *c)
{
    if (!c)
        return;
    if (c->tail)
        ln_log_tail_follow(c->tail, NULL, NULL);
    ln_local_server_free(c->server);
    ln_timer_free(c->follow_timer);
    ln_buf_deinit(&c->answer);
    free(c);
}
