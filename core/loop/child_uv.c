/*
 * Child processes on libuv: ln_child of loop.h.
 *
 * A child gets exactly the listed descriptors and environment. libuv marks
 * its own descriptors close-on-exec, other libraries do not always, so all of
 * this process' descriptors are marked before each start.
 */
#include "loop/uv_int.h"

#include "base/assert.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define FDS_MAX 8

struct ln_child {
    uv_process_t uv;
    struct uvloop *loop;
    struct ln_child *next; /* among the loop's children */
    ln_child_fn fn;        /* NULL: detached */
    void *ctx;
    bool exited;  /* reaped: the pid may belong to somebody else now */
    bool in_call; /* fn is running */
    bool closing; /* uv_close() was called: on_closed() frees it */
};

static void
unlink_child(struct ln_child *child)
{
    struct ln_child **at = &child->loop->children;

    while (*at && *at != child)
        at = &(*at)->next;
    if (*at)
        *at = child->next;
}

static void
on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void
close_child(struct ln_child *child)
{
    if (child->closing)
        return;
    child->closing = true;
    unlink_child(child);
    uv_close((uv_handle_t *)&child->uv, on_closed);
}

static void
on_exit_cb(uv_process_t *process, int64_t status, int term_signal)
{
    struct ln_child *child = process->data;

    child->exited = true;
    if (child->fn) {
        child->in_call = true;
        child->fn(child->ctx, (int)status, term_signal);
        child->in_call = false;
    }
    if (!child->fn) /* detached, before or in the callback */
        close_child(child);
}

/* For kernels without CLOSE_RANGE_CLOEXEC (before 5.11). */
static void
cloexec_by_proc(void)
{
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return;

    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        int fd = (int)strtol(entry->d_name, NULL, 10);
        if (fd > 2)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    closedir(dir);
}

static void
cloexec_all(void)
{
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
        cloexec_by_proc();
}

static enum ln_err
spawn_error(int rc, const char *file, struct ln_error *err)
{
    enum ln_err code = rc == UV_ENOENT ? LN_ERR_NOT_FOUND : LN_ERR_IO;
    return ln_error_set(err, code, file,
                        rc == UV_ENOENT || rc == UV_EACCES
                            ? "check that the file exists and is executable"
                            : NULL,
                        "cannot start a process: %s", uv_strerror(rc));
}

static int
start(struct uvloop *loop, struct ln_child *child,
      const struct ln_child_opts *opts, int null_fd)
{
    uv_stdio_container_t stdio[FDS_MAX];
    for (int i = 0; i < opts->nfds; i++) {
        stdio[i].flags = UV_INHERIT_FD;
        stdio[i].data.fd = opts->fds[i] >= 0 ? opts->fds[i] : null_fd;
    }

    uv_process_options_t options = {
        .exit_cb = on_exit_cb,
        .file = opts->file,
        /* libuv only reads them */
        .args = (char **)(uintptr_t)opts->argv,
        .env = (char **)(uintptr_t)opts->envp,
        .stdio_count = opts->nfds,
        .stdio = stdio,
    };
    cloexec_all();
    return uv_spawn(&loop->uv, &child->uv, &options);
}

enum ln_err
uvloop_child_spawn(struct ln_loop *base, const struct ln_child_opts *opts,
                   ln_child_fn fn, void *ctx, struct ln_child **out,
                   struct ln_error *err)
{
    LN_ASSERT_CMP(opts->nfds, <=, FDS_MAX);
    LN_ASSERT(opts->file && opts->argv && opts->envp && fn);

    struct uvloop *loop = (struct uvloop *)base;
    struct ln_child *child = calloc(1, sizeof(*child));
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (!child || null_fd < 0) {
        if (null_fd >= 0)
            close(null_fd);
        free(child);
        return ln_error_set(err, LN_ERR_NOMEM, opts->file, NULL,
                            "no resources left to start a process");
    }
    child->loop = loop;
    child->fn = fn;
    child->ctx = ctx;

    int rc = start(loop, child, opts, null_fd);
    child->uv.data = child;
    close(null_fd);
    if (rc != 0) {
        close_child(child);
        return spawn_error(rc, opts->file, err);
    }
    child->next = loop->children;
    loop->children = child;
    *out = child;
    return LN_OK;
}

int
ln_child_pid(const struct ln_child *child)
{
    return child->uv.pid;
}

void
ln_child_kill(struct ln_child *child, int signum)
{
    if (!child->exited)
        uv_process_kill(&child->uv, signum);
}

void
ln_child_free(struct ln_child *child)
{
    if (!child)
        return;
    child->fn = NULL;
    if (child->exited && !child->in_call)
        close_child(child);
    else if (!child->exited)
        uv_unref((uv_handle_t *)&child->uv); /* still to be reaped */
}

void
uvloop_children_forget(struct uvloop *loop)
{
    while (loop->children)
        close_child(loop->children);
}
