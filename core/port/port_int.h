/*
 * What the carriers share: the first part of each, and the layout of the
 * memory between a host and its child.
 */
#ifndef LN_PORT_PORT_INT_H
#define LN_PORT_PORT_INT_H

#include "base/ring.h"
#include "port/port.h"

#include <stdatomic.h>

struct port_base {
    struct ln_port port; /* first: what the host holds */
    const struct ln_port_events *events;
    void *ctx;
    bool in_call; /* inside an event: freeing waits for its end */
    bool freed;
    bool gone_told;
};

#define SHM_MAGIC  0x6c6e7074U
#define SHM_HEAD   4096U             /* one page, then the two rings */
#define RING_MIN   (4U * LN_MSG_MAX) /* a quarter holds any message */
#define RING_MAX   (1U << 28)
#define RING_USUAL (1U << 20)

/*
 * A side that is about to sleep says so; the other side writes its eventfd
 * only then. So a burst costs one wake-up, and a busy reader none:
 *
 *   reader: waits = 1; look once more; sleep     writer: publish;
 *                                                if (waits was 1) wake
 *
 * Both sides put a full fence between their two steps, so that at least one
 * of them sees the other. A lying child only delays itself.
 */
struct shm_head {
    uint32_t magic;
    uint32_t version;    /* LN_PORT_VERSION */
    uint32_t ring_bytes; /* data of each ring; the child's to read only */
    _Alignas(64) _Atomic uint32_t child_waits;
    _Alignas(64) _Atomic uint32_t host_waits;
};

_Static_assert(sizeof(struct shm_head) <= SHM_HEAD, "fits in its page");

/* From the start of the memory to the ring towards the child; to the host. */
static inline size_t
port_shm_to_child(void)
{
    return SHM_HEAD;
}

static inline size_t
port_shm_to_host(uint32_t ring_bytes)
{
    return SHM_HEAD + ln_ring_bytes(ring_bytes);
}

static inline size_t
port_shm_bytes(uint32_t ring_bytes)
{
    return SHM_HEAD + 2 * ln_ring_bytes(ring_bytes);
}

/* The writer's half of the protocol above: is a wake-up needed? */
static inline bool
port_must_wake(_Atomic uint32_t *waits)
{
    atomic_thread_fence(memory_order_seq_cst);
    return atomic_load_explicit(waits, memory_order_relaxed) != 0 &&
           atomic_exchange_explicit(waits, 0, memory_order_seq_cst) != 0;
}

/* The reader's: after this, look once more before sleeping. */
static inline void
port_will_wait(_Atomic uint32_t *waits)
{
    atomic_store_explicit(waits, 1, memory_order_seq_cst);
    atomic_thread_fence(memory_order_seq_cst);
}

#endif
