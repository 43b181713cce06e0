/*
 * One connection of local.h, on either end: lines in, bytes out.
 *
 *   bytes -> in -> pump: one line at a time, while nothing waits to be sent
 *                        --> <line> --> ln_local_send --> queued --> socket
 *                                                           |
 *                        pump <---------- all was sent -----/
 */
#include "loop/local_int.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct write_req {
    uv_write_t uv;
    struct ln_local_conn *conn;
    size_t len;
    char bytes[];
};

static void pump(struct ln_local_conn *conn);

struct ln_local_conn *
local_conn_new(struct ln_loop *loop, const struct ln_local_opts *opts)
{
    struct ln_local_conn *conn = calloc(1, sizeof(*conn));
    if (!conn)
        return NULL;
    conn->loop = loop;
    conn->opts = *opts;
    conn->moved_ns = ln_loop_now_ns(loop);
    ln_buf_init(&conn->in, opts->line_max + LOCAL_READ_BYTES + 1);
    if (uv_pipe_init(ln_loop_uv_handle(loop), &conn->pipe, 0) != 0) {
        free(conn);
        return NULL;
    }
    conn->pipe.data = conn;
    return conn;
}

bool
local_peer_is_us(const uv_pipe_t *pipe)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    uv_os_fd_t fd;
    return uv_fileno((const uv_handle_t *)pipe, &fd) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           peer.uid == geteuid();
}

/* ---- the end ---- */

static void
on_closed(uv_handle_t *handle)
{
    struct ln_local_conn *conn = handle->data;
    if (!conn->silent && conn->opts.closed)
        conn->opts.closed(conn->opts.ctx, conn, conn->why);
    ln_buf_deinit(&conn->in);
    free(conn);
}

void
local_conn_drop(struct ln_local_conn *conn, enum ln_err why)
{
    if (conn->closing)
        return;
    conn->closing = true;
    conn->why = why;
    if (conn->server)
        local_server_forget(conn->server, conn);
    uv_close((uv_handle_t *)&conn->pipe, on_closed);
}

void
ln_local_close(struct ln_local_conn *conn)
{
    if (!conn)
        return;
    conn->silent = true;
    local_conn_drop(conn, LN_OK);
}

void
ln_local_finish(struct ln_local_conn *conn)
{
    conn->finishing = true;
    if (conn->queued == 0)
        local_conn_drop(conn, LN_OK);
}

/* ---- out ---- */

static void
on_written(uv_write_t *uv, int status)
{
    struct write_req *req = uv->data;
    struct ln_local_conn *conn = req->conn;
    conn->queued -= req->len;
    conn->moved_ns = ln_loop_now_ns(conn->loop);
    free(req);
    if (conn->closing)
        return;
    if (status < 0)
        local_conn_drop(conn, LN_ERR_IO);
    else if (conn->queued == 0 && conn->finishing)
        local_conn_drop(conn, LN_OK);
    else if (conn->queued == 0)
        pump(conn);
}

bool
ln_local_send(struct ln_local_conn *conn, const char *bytes, size_t len)
{
    if (conn->closing)
        return false;
    if (conn->queued + len > conn->opts.queue_max) {
        local_conn_drop(conn, LN_ERR_LIMIT);
        return false;
    }
    struct write_req *req = malloc(sizeof(*req) + len);
    if (!req) {
        local_conn_drop(conn, LN_ERR_NOMEM);
        return false;
    }
    memcpy(req->bytes, bytes, len);
    req->uv.data = req;
    req->conn = conn;
    req->len = len;
    uv_buf_t buf = uv_buf_init(req->bytes, (unsigned)len);
    if (conn->queued == 0)
        conn->moved_ns = ln_loop_now_ns(conn->loop);
    if (uv_write(&req->uv, (uv_stream_t *)&conn->pipe, &buf, 1, on_written)) {
        free(req);
        local_conn_drop(conn, LN_ERR_IO);
        return false;
    }
    conn->queued += len;
    return true;
}

size_t
ln_local_queued(const struct ln_local_conn *conn)
{
    return conn->queued;
}

/* ---- in ---- */

static void
on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
    struct ln_local_conn *conn = handle->data;
    (void)hint;
    *buf = uv_buf_init(conn->chunk, sizeof(conn->chunk));
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct ln_local_conn *conn = stream->data;
    if (n > 0) {
        ln_buf_add(&conn->in, buf->base, (size_t)n);
        if (conn->in.failed) {
            local_conn_drop(conn, LN_ERR_NOMEM);
            return;
        }
    } else if (n == UV_EOF) {
        conn->ended = true; /* it may still read what it asked for */
    } else if (n < 0) {
        local_conn_drop(conn, LN_ERR_IO);
        return;
    }
    pump(conn);
}

/* Takes one line out of what was received; false: there is none yet. */
static bool
next_line(struct ln_local_conn *conn, struct ln_str *line, size_t *used)
{
    struct ln_buf *in = &conn->in;
    const char *end = in->len ? memchr(in->data, '\n', in->len) : NULL;
    if (!end && !(conn->ended && in->len))
        return false;
    size_t len = end ? (size_t)(end - in->data) : in->len;
    *used = end ? len + 1 : len;
    if (len && in->data[len - 1] == '\r')
        len--;
    *line = ln_strn(in->data, len);
    return true;
}

/* False: nothing more is to be read now. */
static bool
pump_one(struct ln_local_conn *conn)
{
    struct ln_str line;
    size_t used = 0;
    bool whole = next_line(conn, &line, &used);
    if ((whole ? line.len : conn->in.len) > conn->opts.line_max) {
        conn->finishing = true;
        if (conn->opts.too_long)
            conn->opts.too_long(conn->opts.ctx, conn);
        if (conn->queued == 0)
            local_conn_drop(conn, LN_ERR_LIMIT);
        return false;
    }
    if (!whole)
        return false;
    conn->opts.line(conn->opts.ctx, conn, line);
    if (!conn->closing)
        ln_buf_consume(&conn->in, used);
    return true;
}

static void
set_reading(struct ln_local_conn *conn, bool on)
{
    if (on == conn->reading)
        return;
    conn->reading = on;
    if (!on)
        uv_read_stop((uv_stream_t *)&conn->pipe);
    else if (uv_read_start((uv_stream_t *)&conn->pipe, on_alloc, on_read) != 0)
        local_conn_drop(conn, LN_ERR_IO);
}

static void
pump(struct ln_local_conn *conn)
{
    if (conn->pumping)
        return;
    conn->pumping = true;
    while (!conn->closing && !conn->finishing && conn->queued == 0 &&
           pump_one(conn))
        ;
    conn->pumping = false;
    if (conn->closing)
        return;
    if (conn->ended && conn->queued == 0 && !conn->finishing) {
        local_conn_drop(conn, LN_OK);
        return;
    }
    set_reading(conn, conn->queued == 0 && !conn->ended && !conn->finishing);
}

void
local_conn_start(struct ln_local_conn *conn)
{
    set_reading(conn, true);
}

/* ---- the client's end ---- */

/* False: too long for an address. */
static bool
address(const char *path, struct sockaddr_un *out)
{
    memset(out, 0, sizeof(*out));
    out->sun_family = AF_UNIX;
    return ln_str_copy(out->sun_path, sizeof(out->sun_path), ln_str(path));
}

/* Connected at once or never: the queue of a local socket is in memory. */
static int
connect_fd(const char *path)
{
    struct sockaddr_un to;
    if (!address(path, &to)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
        return fd;
    int cause = errno;
    close(fd);
    errno = cause;
    return -1;
}

bool
ln_local_listens(const char *path)
{
    int fd = connect_fd(path);
    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno == EAGAIN; /* its queue is full: it is there */
}

enum ln_err
ln_local_connect(struct ln_loop *loop, const char *path,
                 const struct ln_local_opts *opts, struct ln_local_conn **out,
                 struct ln_error *err)
{
    *out = NULL;
    if (!ln_loop_uv_handle(loop))
        return ln_error_set(err, LN_ERR_STATE, NULL, NULL,
                            "a virtual loop has no sockets");
    signal(SIGPIPE, SIG_IGN); /* who has gone away is an error, not our end */
    int fd = connect_fd(path);
    if (fd < 0 && errno == ENAMETOOLONG)
        return ln_error_set(err, LN_ERR_CONFIG, path,
                            "use a folder with a shorter path",
                            "the path of the socket is too long");
    if (fd < 0)
        return ln_error_set(
            err,
            errno == ENOENT || errno == ECONNREFUSED ? LN_ERR_NOT_FOUND
                                                     : LN_ERR_IO,
            path, NULL, "nobody listens there: %s", strerror(errno));
    struct ln_local_conn *conn = local_conn_new(loop, opts);
    if (!conn) {
        close(fd);
        return ln_error_set(err, LN_ERR_NOMEM, path, NULL, "no memory");
    }
    if (uv_pipe_open(&conn->pipe, fd) != 0 || !local_peer_is_us(&conn->pipe)) {
        ln_local_close(conn);
        return ln_error_set(err, LN_ERR_IO, path, NULL,
                            "the socket belongs to another user");
    }
    local_conn_start(conn);
    *out = conn;
    return LN_OK;
}
