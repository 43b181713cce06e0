/*
 * The process carrier, child side: attaches to the memory and descriptors
 * that the host (port_process.c) handed over, and waits for messages.
 */
#include "port/port_int.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPINS      200 /* about a microsecond: a burst needs no sleep */
#define FULL_SPINS 100

struct ln_port_child {
    void *shm;
    size_t bytes;
    struct shm_head *head;
    struct ln_ring in, out;
};

struct ln_port_child *
ln_port_child_attach(struct ln_error *err)
{
    struct stat st;
    if (fstat(LN_CHILD_FD_SHM, &st) != 0 || st.st_size <= (off_t)SHM_HEAD) {
        ln_error_set(err, LN_ERR_STATE, NULL,
                     "lunette starts this program by itself",
                     "no host has started this process");
        return NULL;
    }
    size_t bytes = (size_t)st.st_size;
    void *shm = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                     LN_CHILD_FD_SHM, 0);
    close(LN_CHILD_FD_SHM);
    if (shm == MAP_FAILED) {
        ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                     "the shared memory cannot be mapped: %s", strerror(errno));
        return NULL;
    }
    struct shm_head *head = shm;
    uint32_t ring = head->ring_bytes;
    struct ln_port_child *c = calloc(1, sizeof(*c));
    if (!c || head->magic != SHM_MAGIC || head->version != LN_PORT_VERSION ||
        ring < RING_MIN || ring > RING_MAX || (ring & (ring - 1)) != 0 ||
        port_shm_bytes(ring) != bytes) {
        ln_error_set(err, LN_ERR_STATE, NULL,
                     "install lunette and lunette-strategy of one version",
                     "the host speaks another version of the protocol");
        free(c);
        munmap(shm, bytes);
        return NULL;
    }
    c->shm = shm;
    c->bytes = bytes;
    c->head = head;
    unsigned char *base = shm;
    ln_ring_attach(&c->in, base + port_shm_to_child(), ring, false);
    ln_ring_attach(&c->out, base + port_shm_to_host(ring), ring, true);
    return c;
}

void
ln_port_child_free(struct ln_port_child *c)
{
    if (!c)
        return;
    munmap(c->shm, c->bytes);
    free(c);
}

static void
relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* False: the host is gone. */
static bool
sleep_until_woken(struct ln_port_child *c)
{
    uint64_t count;
    struct pollfd wake = {.fd = LN_CHILD_FD_WAKE, .events = POLLIN};
    port_will_wait(&c->head->child_waits);
    if (ln_ring_used(&c->in) > 0 || c->in.broken)
        return true;
    if (poll(&wake, 1, -1) < 0)
        return errno == EINTR; /* the watchdog's tick */
    ssize_t n = read(LN_CHILD_FD_WAKE, &count, sizeof(count));
    return n > 0 || errno == EAGAIN || errno == EINTR;
}

int64_t
ln_port_child_read(struct ln_port_child *c, void *out)
{
    for (;;) {
        for (int i = 0; i < SPINS; i++) {
            int64_t len = ln_ring_read(&c->in, out, LN_MSG_MAX);
            if (len != 0)
                return len;
            relax();
        }
        if (!sleep_until_woken(c))
            return -1;
    }
}

enum ln_err
ln_port_child_write(struct ln_port_child *c, const struct ln_msg *msg)
{
    for (int tries = 0;; tries++) {
        enum ln_err code = ln_ring_write(&c->out, msg, msg->size);
        if (code != LN_ERR_LIMIT)
            return code;
        ln_port_child_flush(c);
        if (tries < FULL_SPINS)
            sched_yield();
        else
            poll(NULL, 0, 1);
    }
}

void
ln_port_child_flush(struct ln_port_child *c)
{
    uint64_t one = 1;
    if (!port_must_wake(&c->head->host_waits))
        return;
    while (write(LN_CHILD_FD_HOST, &one, sizeof(one)) < 0)
        if (errno != EINTR)
            return;
}
