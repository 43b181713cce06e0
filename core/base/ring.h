/*
 * A single-producer single-consumer ring of messages in memory that two
 * processes may share. The other side is not trusted: indexes it wrote are
 * checked on every read, and a message is copied out before it is looked at.
 *
 *   shared memory:  | head (consumer's) | tail (producer's) | data, 2^n |
 *                     own cache line      own cache line
 *
 * head and tail count bytes for ever and are masked on use; tail - head is
 * what is readable. Each record is a uint32_t length and that many bytes,
 * padded to 8; a record never wraps: a length of UINT32_MAX means "skip to
 * the start of the data".
 */
#ifndef LN_BASE_RING_H
#define LN_BASE_RING_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct ln_ring_shared; /* the head of the shared memory */

struct ln_ring {
    struct ln_ring_shared *shared;
    unsigned char *data;
    uint32_t size;     /* bytes of data, power of two: our own copy */
    uint64_t position; /* producer: our tail; consumer: our head */
    bool producer;     /* which end we are */
    bool broken;       /* the other side wrote nonsense; nothing more is read */
};

/* Bytes of shared memory needed for <data_size> (a power of two >= 4096). */
size_t ln_ring_bytes(uint32_t data_size);

/* Zeroes and prepares the memory; done once, by whoever created it. */
void ln_ring_format(void *mem, uint32_t data_size);

/*
 * Attach to formatted memory as producer or consumer. <mem> must be aligned
 * to 64 bytes, as mapped memory is.
 */
void ln_ring_attach(struct ln_ring *ring, void *mem, uint32_t data_size,
                    bool producer);

/*
 * Append one message. LN_ERR_LIMIT when there is no room now; LN_ERR_ARG
 * when it is empty or can never fit (more than a quarter of the data);
 * LN_ERR_STATE when the ring is broken.
 */
enum ln_err ln_ring_write(struct ln_ring *ring, const void *bytes,
                          uint32_t len) LN_MUST_USE;

/*
 * Copy the next message into out (cap bytes). Returns its length, 0 when
 * there is none, -1 when the ring is broken or the message exceeds cap (the
 * ring is then broken).
 */
int64_t ln_ring_read(struct ln_ring *ring, void *out, uint32_t cap);

/* Bytes waiting; for the producer, bytes not yet consumed. */
uint32_t ln_ring_used(const struct ln_ring *ring);

#endif
