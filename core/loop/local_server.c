/*
 * The listening end of local.h: the file, its lock, who may come in.
 */
#include "loop/local_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG        16
#define STALL_CHECK_MS 500

void
local_server_forget(struct ln_local_server *server,
                    const struct ln_local_conn *conn)
{
    for (int i = 0; i < LN_LOCAL_CONNS_MAX; i++)
        if (server->conns[i] == conn)
            server->conns[i] = NULL;
}

/* Who lets an answer wait for too long takes a place from others. */
static void
on_stall(void *ctx)
{
    struct ln_local_server *s = ctx;
    int64_t now = ln_loop_now_ns(s->loop);
    int64_t limit =
        (s->opts.stall_ms ? s->opts.stall_ms : LN_LOCAL_STALL_MS) * 1000000;
    bool any = false;
    for (int i = 0; i < LN_LOCAL_CONNS_MAX; i++) {
        struct ln_local_conn *conn = s->conns[i];
        if (conn && conn->queued && now - conn->moved_ns > limit)
            local_conn_drop(conn, LN_ERR_TIMEOUT);
        any = any || s->conns[i];
    }
    if (!any)
        ln_timer_stop(s->stall);
}

static void
on_connection(uv_stream_t *stream, int status)
{
    struct ln_local_server *s = stream->data;
    int place = 0;
    if (status < 0)
        return;
    struct ln_local_conn *conn = local_conn_new(s->loop, &s->opts);
    if (!conn)
        return;
    if (uv_accept(stream, (uv_stream_t *)&conn->pipe) != 0 ||
        !local_peer_is_us(&conn->pipe)) {
        ln_local_close(conn);
        return;
    }
    while (place < LN_LOCAL_CONNS_MAX && s->conns[place])
        place++;
    if (place == LN_LOCAL_CONNS_MAX) {
        conn->silent = true;
        if (s->opts.busy &&
            ln_local_send(conn, s->opts.busy, strlen(s->opts.busy)))
            ln_local_finish(conn);
        else
            ln_local_close(conn);
        return;
    }
    s->conns[place] = conn;
    conn->server = s;
    if (!ln_timer_active(s->stall))
        ln_timer_start(s->stall, STALL_CHECK_MS, STALL_CHECK_MS);
    local_conn_start(conn);
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
ln_local_server_free(struct ln_local_server *s)
{
    if (!s)
        return;
    for (int i = 0; i < LN_LOCAL_CONNS_MAX; i++) {
        if (!s->conns[i])
            continue;
        s->conns[i]->server = NULL;
        ln_local_close(s->conns[i]);
    }
    ln_timer_free(s->stall);
    if (s->path[0])
        unlink(s->path);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    uv_close((uv_handle_t *)&s->pipe, on_closed);
}

/* The lock says whether a server lives; the file it leaves behind does not. */
static enum ln_err
take_lock(struct ln_local_server *s, const char *path, struct ln_error *err)
{
    char lock[sizeof(s->path) + 8];
    snprintf(lock, sizeof(lock), "%s.lock", path);
    s->lock_fd = open(lock, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (s->lock_fd < 0)
        return ln_error_set(err, LN_ERR_IO, lock, NULL,
                            "the file cannot be made: %s", strerror(errno));
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return LN_OK;
    return ln_error_set(err, errno == EWOULDBLOCK ? LN_ERR_STATE : LN_ERR_IO,
                        path, NULL, "somebody else listens there");
}

static enum ln_err
bind_and_listen(struct ln_local_server *s, const char *path,
                struct ln_error *err)
{
    unlink(path); /* ours: we hold the lock */
    int code = uv_pipe_bind(&s->pipe, path);
    if (code == 0) {
        ln_str_copy(s->path, sizeof(s->path), ln_str(path));
        code = chmod(path, 0600) != 0 ? -errno : 0;
    }
    if (code == 0)
        code = uv_listen((uv_stream_t *)&s->pipe, BACKLOG, on_connection);
    if (code == 0)
        return LN_OK;
    return ln_error_set(err, LN_ERR_IO, path, NULL,
                        "the socket cannot be made: %s", uv_strerror(code));
}

enum ln_err
ln_local_listen(struct ln_loop *loop, const char *path,
                const struct ln_local_opts *opts, struct ln_local_server **out,
                struct ln_error *err)
{
    struct ln_local_server *s;
    enum ln_err code;
    *out = NULL;
    if (!ln_loop_uv_handle(loop))
        return ln_error_set(err, LN_ERR_STATE, NULL, NULL,
                            "a virtual loop has no sockets");
    if (strlen(path) >= sizeof(s->path))
        return ln_error_set(err, LN_ERR_CONFIG, path,
                            "use a folder with a shorter path",
                            "the path of the socket is longer than %zu bytes",
                            sizeof(s->path) - 1);
    signal(SIGPIPE, SIG_IGN); /* who has gone away is an error, not our end */
    s = calloc(1, sizeof(*s));
    if (!s || uv_pipe_init(ln_loop_uv_handle(loop), &s->pipe, 0) != 0) {
        free(s);
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory");
    }
    s->pipe.data = s;
    s->loop = loop;
    s->opts = *opts;
    s->lock_fd = -1;
    s->stall = ln_timer_new(loop, on_stall, s);
    code = s->stall ? take_lock(s, path, err) : LN_ERR_NOMEM;
    if (code == LN_OK)
        code = bind_and_listen(s, path, err);
    if (code == LN_OK)
        *out = s;
    else
        ln_local_server_free(s);
    return code;
}
