/*
 * The ring between two processes. Whatever lies in the shared memory may
 * have been written by a hostile process at any moment: our own index lives
 * in our own memory (ring->position), the other's is checked on each read,
 * and a length is loaded once and then checked.
 */
#include "base/ring.h"

#include "base/assert.h"

#include <stdatomic.h>
#include <string.h>

#define LINE           64U
#define SIZE_MIN       4096U
#define SIZE_MAX_BYTES (1U << 30)
#define SKIP           UINT32_MAX
#define LENGTH_BYTES   4U

struct ln_ring_shared {
    _Alignas(LINE) _Atomic uint64_t head; /* bytes consumed, for ever */
    _Alignas(LINE) _Atomic uint64_t tail; /* bytes produced, for ever */
};

_Static_assert(sizeof(struct ln_ring_shared) == LINE + LINE, "two cache lines");
_Static_assert(sizeof(_Atomic uint32_t) == LENGTH_BYTES, "plain lengths");

static void
check_size(uint32_t data_size)
{
    LN_ASSERT_CMP(data_size, >=, SIZE_MIN);
    LN_ASSERT_CMP(data_size, <=, SIZE_MAX_BYTES);
    LN_ASSERT((data_size & (data_size - 1)) == 0);
}

/* Bytes that a record of <len> takes: its length, itself, padding. */
static uint64_t
record_bytes(uint32_t len)
{
    return ((uint64_t)len + LENGTH_BYTES + 7U) & ~(uint64_t)7U;
}

static _Atomic uint32_t *
length_at(struct ln_ring *ring, uint32_t offset)
{
    return (_Atomic uint32_t *)(void *)(ring->data + offset);
}

static void
store_length(struct ln_ring *ring, uint32_t offset, uint32_t len)
{
    atomic_store_explicit(length_at(ring, offset), len, memory_order_relaxed);
}

size_t
ln_ring_bytes(uint32_t data_size)
{
    check_size(data_size);
    return sizeof(struct ln_ring_shared) + data_size;
}

void
ln_ring_format(void *mem, uint32_t data_size)
{
    memset(mem, 0, ln_ring_bytes(data_size));
}

void
ln_ring_attach(struct ln_ring *ring, void *mem, uint32_t data_size,
               bool producer)
{
    check_size(data_size);
    LN_ASSERT(((uintptr_t)mem & (LINE - 1)) == 0);

    struct ln_ring_shared *shared = mem;
    *ring = (struct ln_ring){
        .shared = shared,
        .data = (unsigned char *)mem + sizeof *shared,
        .size = data_size,
        .position = atomic_load_explicit(
            producer ? &shared->tail : &shared->head, memory_order_acquire),
        .producer = producer,
    };
    if (ring->position & 7U)
        ring->broken = true;
}

/*
 * Bytes between consumer and producer, by the other side's index; marks the
 * ring broken when that index cannot be true.
 */
static uint64_t
distance(struct ln_ring *ring)
{
    struct ln_ring_shared *shared = ring->shared;
    uint64_t other = atomic_load_explicit(
        ring->producer ? &shared->head : &shared->tail, memory_order_acquire);
    uint64_t used =
        ring->producer ? ring->position - other : other - ring->position;
    if (used > ring->size || (other & 7U))
        ring->broken = true;
    return used;
}

enum ln_err
ln_ring_write(struct ln_ring *ring, const void *bytes, uint32_t len)
{
    LN_ASSERT(ring->producer);
    if (ring->broken)
        return LN_ERR_STATE;
    if (len == 0 || len > ring->size / 4)
        return LN_ERR_ARG;

    uint64_t used = distance(ring);
    if (ring->broken)
        return LN_ERR_STATE;

    uint64_t need = record_bytes(len);
    uint32_t offset = (uint32_t)(ring->position & (ring->size - 1));
    uint64_t to_end = ring->size - offset;
    uint64_t skipped = need > to_end ? to_end : 0;
    if (skipped + need > ring->size - used)
        return LN_ERR_LIMIT;

    if (skipped > 0) {
        store_length(ring, offset, SKIP);
        offset = 0;
    }
    store_length(ring, offset, len);
    memcpy(ring->data + offset + LENGTH_BYTES, bytes, len);
    ring->position += skipped + need;
    atomic_store_explicit(&ring->shared->tail, ring->position,
                          memory_order_release);
    return LN_OK;
}

static int64_t
refuse(struct ln_ring *ring)
{
    ring->broken = true;
    return -1;
}

int64_t
ln_ring_read(struct ln_ring *ring, void *out, uint32_t cap)
{
    LN_ASSERT(!ring->producer);
    if (ring->broken)
        return -1;

    uint64_t used = distance(ring);
    if (ring->broken)
        return -1;
    if (used == 0)
        return 0;

    uint32_t offset = (uint32_t)(ring->position & (ring->size - 1));
    uint64_t to_end = ring->size - offset;
    uint32_t len =
        atomic_load_explicit(length_at(ring, offset), memory_order_relaxed);
    uint64_t skipped = 0;
    if (len == SKIP) {
        /* The producer publishes a skip only together with its record. */
        if (to_end >= used)
            return refuse(ring);
        skipped = to_end;
        used -= to_end;
        to_end = ring->size;
        offset = 0;
        len = atomic_load_explicit(length_at(ring, 0), memory_order_relaxed);
    }
    uint64_t need = record_bytes(len);
    if (len == 0 || len == SKIP || len > cap || need > used || need > to_end)
        return refuse(ring);

    memcpy(out, ring->data + offset + LENGTH_BYTES, len);
    ring->position += skipped + need;
    atomic_store_explicit(&ring->shared->head, ring->position,
                          memory_order_release);
    return len;
}

uint32_t
ln_ring_used(const struct ln_ring *ring)
{
    struct ln_ring copy = *ring;
    uint64_t used = distance(&copy);
    return copy.broken ? 0 : (uint32_t)used;
}
