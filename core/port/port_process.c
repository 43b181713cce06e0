/*
 * The process carrier, host side: a child, two rings in memory shared with
 * it, an eventfd each way. The child's side is port_child.c; the layout of
 * the memory is in port_int.h.
 *
 *   host -- ring, wake eventfd --> child
 *   host <-- ring, host eventfd -- child
 *
 * What the child writes is copied out of the ring and checked before anybody
 * looks at it; the memory is sealed so that the child cannot shrink it under
 * our feet. Whatever ends the strategy, the gone event comes from one place:
 * when the child has been reaped.
 */
#include "port/port_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEMORY_USUAL (256LL << 20)
#define BATCH_MAX    1024 /* messages per turn of the loop */

struct process {
    struct port_base base;
    struct ln_loop *loop;
    void *shm; /* MAP_FAILED: none */
    size_t shm_bytes;
    struct shm_head *head;
    struct ln_ring to_child, to_host;
    int shm_fd, wake_fd, host_fd;
    struct ln_watch *watch;
    struct ln_child *child; /* NULL: not started, or reaped */
    char why[160];          /* set by whoever ended it first */
    /* One message, aligned; copied out of the ring. */
    _Alignas(max_align_t) unsigned char msg[LN_MSG_MAX];
};

static void
wake(int fd)
{
    uint64_t one = 1;
    /* It can only fail when the counter is full: then a wake-up is due. */
    ssize_t n = write(fd, &one, sizeof(one));
    (void)n;
}

static void
end(struct process *p, const char *why)
{
    if (!p->why[0])
        snprintf(p->why, sizeof(p->why), "%s", why);
    if (p->child)
        ln_child_kill(p->child, SIGKILL);
}

static void
destroy(struct process *p)
{
    ln_watch_free(p->watch);
    if (p->child) {
        ln_child_kill(p->child, SIGKILL);
        ln_child_free(p->child);
    }
    if (p->shm != MAP_FAILED)
        munmap(p->shm, p->shm_bytes);
    int fds[] = {p->shm_fd, p->wake_fd, p->host_fd};
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(p);
}

/* ---- from the child ---- */

/* Deliver up to <max> messages; false: the ring is empty or broken. */
static bool
read_batch(struct process *p, int max)
{
    for (int i = 0; i < max && !p->base.freed; i++) {
        int64_t len = ln_ring_read(&p->to_host, p->msg, sizeof(p->msg));
        if (len == 0)
            return false;
        if (len < 0 || !ln_msg_valid(p->msg, (size_t)len, false,
                                     p->base.port.instruments)) {
            p->to_host.broken = true;
            end(p, "it broke the protocol");
            return false;
        }
        p->base.events->message(p->base.ctx, (const void *)p->msg);
    }
    return true;
}

static void
on_readable(void *ctx)
{
    struct process *p = ctx;
    uint64_t count;
    ssize_t n = read(p->host_fd, &count, sizeof(count));
    (void)n; /* nothing to read: then the ring says so too */

    p->base.in_call = true;
    bool more = read_batch(p, BATCH_MAX);
    if (!more && !p->base.freed && !p->to_host.broken) {
        port_will_wait(&p->head->host_waits);
        more = ln_ring_used(&p->to_host) > 0;
    }
    if (more && !p->base.freed)
        wake(p->host_fd); /* the rest in the next turn: others want it too */
    p->base.in_call = false;
    if (p->base.freed)
        destroy(p);
}

static void
on_exit_of_child(void *ctx, int exit_status, int term_signal)
{
    struct process *p = ctx;
    p->base.in_call = true;
    while (read_batch(p, BATCH_MAX))
        if (p->base.freed)
            break;
    ln_child_free(p->child);
    p->child = NULL;
    ln_watch_free(p->watch);
    p->watch = NULL;
    if (!p->base.freed) {
        if (!p->why[0] && term_signal)
            snprintf(p->why, sizeof(p->why), "ended by signal %d (%s)",
                     term_signal, strsignal(term_signal));
        else if (!p->why[0])
            snprintf(p->why, sizeof(p->why), "ended with exit code %d",
                     exit_status);
        p->base.gone_told = true;
        p->base.events->gone(p->base.ctx, p->why, exit_status, term_signal);
    }
    p->base.in_call = false;
    if (p->base.freed)
        destroy(p);
}

/* ---- to the child ---- */

static enum ln_err
process_send(struct ln_port *port, const struct ln_msg *msg)
{
    struct process *p = (struct process *)port;
    if (!p->child || p->why[0])
        return LN_ERR_STATE;
    enum ln_err code = ln_ring_write(&p->to_child, msg, msg->size);
    if (code == LN_ERR_STATE)
        end(p, "it broke the protocol");
    if (code == LN_OK && port_must_wake(&p->head->child_waits))
        wake(p->wake_fd);
    return code;
}

static void
process_kill(struct ln_port *port)
{
    end((struct process *)port, "killed");
}

static void
process_free(struct ln_port *port)
{
    struct process *p = (struct process *)port;
    p->base.freed = true;
    if (!p->base.in_call)
        destroy(p);
}

/* ---- opening ---- */

static bool
make_shm(struct process *p, uint32_t ring_bytes)
{
    p->shm_bytes = port_shm_bytes(ring_bytes);
    p->shm_fd = memfd_create("lunette-port", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (p->shm_fd < 0 || ftruncate(p->shm_fd, (off_t)p->shm_bytes) != 0 ||
        fcntl(p->shm_fd, F_ADD_SEALS,
              F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return false;
    p->shm = mmap(NULL, p->shm_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                  p->shm_fd, 0);
    if (p->shm == MAP_FAILED)
        return false;
    p->head = p->shm;
    p->head->magic = SHM_MAGIC;
    p->head->version = LN_PORT_VERSION;
    p->head->ring_bytes = ring_bytes;
    atomic_store(&p->head->host_waits, 1);
    unsigned char *base = p->shm;
    ln_ring_format(base + port_shm_to_child(), ring_bytes);
    ln_ring_format(base + port_shm_to_host(ring_bytes), ring_bytes);
    ln_ring_attach(&p->to_child, base + port_shm_to_child(), ring_bytes, true);
    ln_ring_attach(&p->to_host, base + port_shm_to_host(ring_bytes), ring_bytes,
                   false);
    return true;
}

static enum ln_err
start(struct process *p, const struct ln_port_process_opts *opts,
      const char *name, struct ln_error *err)
{
    static const char *const env[] = {"LC_ALL=C.UTF-8", "TZ=UTC", NULL};
    char memory[32];
    snprintf(memory, sizeof(memory), "%lld",
             (long long)(opts->memory_bytes > 0 ? opts->memory_bytes
                                                : MEMORY_USUAL));
    const char *argv[] = {"lunette-strategy", name, opts->scripts_dir, memory,
                          NULL};
    int fds[] = {-1, -1, 2, p->shm_fd, p->wake_fd, p->host_fd};
    struct ln_child_opts child = {
        .file = opts->exe,
        .argv = argv,
        .envp = env,
        .fds = fds,
        .nfds = (int)(sizeof(fds) / sizeof(fds[0])),
    };
    return ln_child_spawn(p->loop, &child, on_exit_of_child, p, &p->child, err);
}

static bool
good_ring_size(uint32_t n)
{
    return n >= RING_MIN && n <= RING_MAX && (n & (n - 1)) == 0;
}

struct ln_port *
ln_port_process_open(struct ln_loop *loop,
                     const struct ln_port_process_opts *opts, const char *name,
                     const struct ln_port_events *events, void *ctx,
                     struct ln_error *err)
{
    static const struct ln_port_ops ops = {process_send, process_kill,
                                           process_free};
    uint32_t ring = opts->ring_bytes ? opts->ring_bytes : RING_USUAL;
    if (!good_ring_size(ring)) {
        ln_error_set(err, LN_ERR_ARG, NULL, NULL,
                     "a ring must be a power of two from %u to %u bytes",
                     RING_MIN, RING_MAX);
        return NULL;
    }
    struct process *p = calloc(1, sizeof(*p));
    if (!p) {
        ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory for a port");
        return NULL;
    }
    p->base.port.ops = &ops;
    p->base.events = events;
    p->base.ctx = ctx;
    p->loop = loop;
    p->shm = MAP_FAILED;
    p->shm_fd = -1;
    /* Neither blocks: the child could fill the counter to hold us up. */
    p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    p->host_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->wake_fd < 0 || p->host_fd < 0 || !make_shm(p, ring) ||
        !(p->watch = ln_watch_new(loop, p->host_fd, on_readable, p))) {
        ln_error_set(err, LN_ERR_NOMEM, NULL,
                     "raise the limit of open files (ulimit -n)",
                     "no shared memory for strategy %s: %s", name,
                     strerror(errno));
        destroy(p);
        return NULL;
    }
    if (start(p, opts, name, err) != LN_OK) {
        destroy(p);
        return NULL;
    }
    close(p->shm_fd); /* mapped; the child has its own */
    p->shm_fd = -1;
    return &p->base.port;
}
