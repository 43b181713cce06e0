/*
 * The ring: order, wrapping, fullness, two threads; and that nothing a hostile
 * other side writes makes us read or write out of bounds.
 */
#include "base/assert.h"
#include "base/ring.h"
#include "base/rng.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SIZE 4096U
#define DATA 128 /* offset of the data: two cache lines come before */

/* Both ends over one piece of memory, surrounded by nothing: the sanitizer
 * sees the first byte outside. */
struct pair {
    unsigned char *mem;
    struct ln_ring in;  /* producer */
    struct ln_ring out; /* consumer */
};

static void
pair_init(struct pair *p, uint32_t size)
{
    p->mem = aligned_alloc(64, ln_ring_bytes(size));
    assert_non_null(p->mem);
    memset(p->mem, 0xEE, ln_ring_bytes(size));
    ln_ring_format(p->mem, size);
    ln_ring_attach(&p->in, p->mem, size, true);
    ln_ring_attach(&p->out, p->mem, size, false);
}

static void
pair_deinit(struct pair *p)
{
    free(p->mem);
}

/* What the other side can do: write anything anywhere in the memory. */
static void
set_head(struct pair *p, uint64_t head)
{
    memcpy(p->mem, &head, sizeof head);
}

static void
set_tail(struct pair *p, uint64_t tail)
{
    memcpy(p->mem + 64, &tail, sizeof tail);
}

static void
set_length(struct pair *p, uint32_t offset, uint32_t len)
{
    memcpy(p->mem + DATA + offset, &len, sizeof len);
}

static void
messages_come_out_in_order(void **unused)
{
    (void)unused;
    struct pair p;
    char got[64];
    pair_init(&p, SIZE);
    assert_int_equal(ln_ring_read(&p.out, got, sizeof got), 0);
    assert_int_equal(ln_ring_write(&p.in, "one", 3), LN_OK);
    assert_int_equal(ln_ring_write(&p.in, "three", 5), LN_OK);
    assert_int_equal(ln_ring_used(&p.in), 8 + 16);
    assert_int_equal(ln_ring_used(&p.out), 8 + 16);
    assert_int_equal(ln_ring_read(&p.out, got, sizeof got), 3);
    assert_memory_equal(got, "one", 3);
    assert_int_equal(ln_ring_read(&p.out, got, sizeof got), 5);
    assert_memory_equal(got, "three", 5);
    assert_int_equal(ln_ring_read(&p.out, got, sizeof got), 0);
    assert_int_equal(ln_ring_used(&p.in), 0);
    pair_deinit(&p);
}

static void
impossible_lengths_are_refused(void **unused)
{
    (void)unused;
    struct pair p;
    static unsigned char bytes[SIZE];
    pair_init(&p, SIZE);
    assert_int_equal(ln_ring_write(&p.in, bytes, 0), LN_ERR_ARG);
    assert_int_equal(ln_ring_write(&p.in, bytes, SIZE / 4 + 1), LN_ERR_ARG);
    assert_int_equal(ln_ring_write(&p.in, bytes, UINT32_MAX), LN_ERR_ARG);
    assert_int_equal(ln_ring_write(&p.in, bytes, SIZE / 4), LN_OK);
    assert_false(p.in.broken);
    pair_deinit(&p);
}

static void
a_full_ring_refuses_until_something_is_read(void **unused)
{
    (void)unused;
    struct pair p;
    unsigned char bytes[1000] = {0};
    pair_init(&p, SIZE);
    int written = 0;
    assert_int_equal(ln_ring_write(&p.in, bytes, 100), LN_OK);
    while (ln_ring_write(&p.in, bytes, 500) == LN_OK)
        written++;
    assert_int_equal(written, (SIZE - 104) / 504);
    assert_int_equal(ln_ring_write(&p.in, bytes, 500), LN_ERR_LIMIT);
    /* 464 bytes at the end and 104 at the start: enough, but not in one. */
    assert_int_equal(ln_ring_read(&p.out, bytes, sizeof bytes), 100);
    assert_int_equal(ln_ring_write(&p.in, bytes, 500), LN_ERR_LIMIT);
    assert_int_equal(ln_ring_read(&p.out, bytes, sizeof bytes), 500);
    assert_int_equal(ln_ring_write(&p.in, bytes, 500), LN_OK);
    assert_false(p.in.broken);
    pair_deinit(&p);
}

static void
the_last_byte_can_be_used(void **unused)
{
    (void)unused;
    struct pair p;
    unsigned char bytes[1020] = {0};
    pair_init(&p, SIZE);
    for (int i = 0; i < 4; i++)
        assert_int_equal(ln_ring_write(&p.in, bytes, 1020), LN_OK);
    assert_int_equal(ln_ring_used(&p.in), SIZE);
    assert_int_equal(ln_ring_write(&p.in, bytes, 1), LN_ERR_LIMIT);
    for (int i = 0; i < 4; i++)
        assert_int_equal(ln_ring_read(&p.out, bytes, 1020), 1020);
    assert_int_equal(ln_ring_read(&p.out, bytes, 1020), 0);
    assert_false(p.out.broken);
    pair_deinit(&p);
}

/* Message <n> has a length and bytes that follow from n alone. */
static uint32_t
message(uint32_t n, unsigned char *out)
{
    uint32_t len = 1 + (n * 2654435761U >> 8) % 1024;
    memset(out, (int)(n & 0xFF), len);
    return len;
}

static void
random_traffic_arrives_unchanged(void **unused)
{
    (void)unused;
    struct pair p;
    struct ln_rng rng;
    unsigned char want[1024], got[1024];
    uint32_t written = 0, read = 0;
    pair_init(&p, SIZE);
    ln_rng_seed(&rng, 7);
    while (read < 100000) {
        if (ln_rng_below(&rng, 2)) {
            uint32_t len = message(written, want);
            enum ln_err code = ln_ring_write(&p.in, want, len);
            assert_true(code == LN_OK || code == LN_ERR_LIMIT);
            written += code == LN_OK ? 1 : 0;
        } else {
            int64_t n = ln_ring_read(&p.out, got, sizeof got);
            assert_int_equal(n == 0, read == written);
            if (n == 0)
                continue;
            assert_int_equal(n, message(read, want));
            assert_memory_equal(got, want, (size_t)n);
            read++;
        }
    }
    pair_deinit(&p);
}

static void
attaching_again_goes_on_where_it_was(void **unused)
{
    (void)unused;
    struct pair p;
    char got[16];
    pair_init(&p, SIZE);
    assert_int_equal(ln_ring_write(&p.in, "a", 1), LN_OK);
    assert_int_equal(ln_ring_write(&p.in, "b", 1), LN_OK);
    assert_int_equal(ln_ring_read(&p.out, got, sizeof got), 1);
    ln_ring_attach(&p.out, p.mem, SIZE, false);
    ln_ring_attach(&p.in, p.mem, SIZE, true);
    assert_int_equal(ln_ring_write(&p.in, "c", 1), LN_OK);
    assert_int_equal(ln_ring_read(&p.out, got, sizeof got), 1);
    assert_int_equal(got[0], 'b');
    assert_int_equal(ln_ring_read(&p.out, got, sizeof got), 1);
    assert_int_equal(got[0], 'c');
    pair_deinit(&p);
}

#define THREAD_MESSAGES 50000U

static void *
produce(void *arg)
{
    struct ln_ring *ring = arg;
    unsigned char bytes[1024];
    for (uint32_t n = 0; n < THREAD_MESSAGES; n++) {
        uint32_t len = message(n, bytes);
        enum ln_err code;
        while ((code = ln_ring_write(ring, bytes, len)) == LN_ERR_LIMIT)
            sched_yield();
        if (code != LN_OK)
            return ring;
    }
    return NULL;
}

static void
two_threads(void **unused)
{
    (void)unused;
    struct pair p;
    pthread_t thread;
    unsigned char want[1024], got[1024];
    pair_init(&p, 16384);
    assert_int_equal(pthread_create(&thread, NULL, produce, &p.in), 0);
    for (uint32_t n = 0; n < THREAD_MESSAGES; n++) {
        int64_t len;
        while ((len = ln_ring_read(&p.out, got, sizeof got)) == 0)
            sched_yield();
        assert_int_equal(len, message(n, want));
        assert_memory_equal(got, want, (size_t)len);
    }
    void *failed = NULL;
    pthread_join(thread, &failed);
    assert_null(failed);
    pair_deinit(&p);
}

/* ---- the hostile other side ---- */

static void
assert_refused(struct pair *p)
{
    char got[64];
    assert_int_equal(ln_ring_read(&p->out, got, sizeof got), -1);
    assert_true(p->out.broken);
    set_tail(p, 0); /* harmless again, but trust does not come back */
    assert_int_equal(ln_ring_read(&p->out, got, sizeof got), -1);
    assert_int_equal(ln_ring_used(&p->out), 0);
    pair_deinit(p);
}

static void
tails_that_cannot_be(void **unused)
{
    (void)unused;
    static const uint64_t tails[] = {
        SIZE + 8, 4, 17, UINT64_MAX, UINT64_MAX - 7, 1ULL << 32, 1ULL << 63};
    for (size_t i = 0; i < LN_COUNT(tails); i++) {
        struct pair p;
        pair_init(&p, SIZE);
        set_tail(&p, tails[i]);
        assert_refused(&p);
    }
}

static void
heads_that_cannot_be(void **unused)
{
    (void)unused;
    static const uint64_t heads[] = {8,    4,          UINT64_MAX,
                                     SIZE, 1ULL << 63, (uint64_t)0 - SIZE - 8};
    for (size_t i = 0; i < LN_COUNT(heads); i++) {
        struct pair p;
        pair_init(&p, SIZE);
        set_head(&p, heads[i]);
        assert_int_equal(ln_ring_write(&p.in, "x", 1), LN_ERR_STATE);
        assert_true(p.in.broken);
        set_head(&p, 0);
        assert_int_equal(ln_ring_write(&p.in, "x", 1), LN_ERR_STATE);
        pair_deinit(&p);
    }
}

static void
lengths_that_cannot_be(void **unused)
{
    (void)unused;
    /* 13 needs more than the 16 bytes that are there; 65 more than <cap>;
     * the last ones overflow when padded in 32 bits. */
    static const uint32_t lengths[] = {0,          13,         65,        SIZE,
                                       0x80000000, 0xFFFFFFFC, 0xFFFFFFFE};
    for (size_t i = 0; i < LN_COUNT(lengths); i++) {
        struct pair p;
        pair_init(&p, SIZE);
        set_tail(&p, lengths[i] == 65 ? 128 : 16);
        set_length(&p, 0, lengths[i]);
        assert_refused(&p);
    }
}

static void
skips_that_cannot_be(void **unused)
{
    (void)unused;
    struct pair p;
    pair_init(&p, SIZE);
    set_tail(&p, 16); /* skips beyond what is there */
    set_length(&p, 0, UINT32_MAX);
    assert_refused(&p);

    pair_init(&p, SIZE);
    set_tail(&p, SIZE); /* skips all of it, and nothing follows */
    set_length(&p, 0, UINT32_MAX);
    assert_refused(&p);

    pair_init(&p, SIZE);
    set_head(&p, SIZE - 8);
    ln_ring_attach(&p.out, p.mem, SIZE, false);
    set_tail(&p, SIZE + 64); /* a skip to a skip */
    set_length(&p, SIZE - 8, UINT32_MAX);
    set_length(&p, 0, UINT32_MAX);
    assert_refused(&p);
}

static void
a_record_over_the_end_is_refused(void **unused)
{
    (void)unused;
    struct pair p;
    pair_init(&p, SIZE);
    set_head(&p, SIZE - 16);
    ln_ring_attach(&p.out, p.mem, SIZE, false);
    set_tail(&p, SIZE + 64);
    set_length(&p, SIZE - 16, 13);
    assert_refused(&p);
}

static void
attaching_to_a_misaligned_index(void **unused)
{
    (void)unused;
    struct pair p;
    pair_init(&p, SIZE);
    set_head(&p, 3);
    set_tail(&p, 3);
    ln_ring_attach(&p.out, p.mem, SIZE, false);
    ln_ring_attach(&p.in, p.mem, SIZE, true);
    char got[8];
    assert_int_equal(ln_ring_read(&p.out, got, sizeof got), -1);
    assert_int_equal(ln_ring_write(&p.in, "x", 1), LN_ERR_STATE);
    pair_deinit(&p);
}

static void
scribble(struct pair *p, struct ln_rng *rng)
{
    switch (ln_rng_below(rng, 4)) {
    case 0:
        set_tail(p, p->out.position + ln_rng_below(rng, SIZE + 16));
        break;
    case 1:
        set_tail(p, p->out.position + 8 * ln_rng_below(rng, SIZE / 8 + 1));
        break;
    case 2:
        set_length(p, 4 * (uint32_t)ln_rng_below(rng, SIZE / 4),
                   ln_rng_below(rng, 2) ? UINT32_MAX
                                        : (uint32_t)ln_rng_below(rng, 600));
        break;
    default:
        p->mem[ln_rng_below(rng, ln_ring_bytes(SIZE))] ^=
            (unsigned char)ln_rng_u64(rng);
        break;
    }
}

static void
random_scribbling_never_leaves_the_ring(void **unused)
{
    (void)unused;
    struct pair p;
    struct ln_rng rng;
    int broken = 0, delivered = 0;
    pair_init(&p, SIZE);
    ln_rng_seed(&rng, 8);
    for (int i = 0; i < 200000; i++) {
        unsigned char bytes[512];
        scribble(&p, &rng);
        int64_t n = ln_ring_read(&p.out, bytes, sizeof bytes);
        assert_true(n >= -1 && n <= (int64_t)sizeof bytes);
        delivered += n > 0 ? 1 : 0;
        if (ln_ring_write(&p.in, bytes, 1 + (uint32_t)i % 512) ==
                LN_ERR_STATE ||
            p.out.broken) {
            broken++;
            ln_ring_format(p.mem, SIZE);
            ln_ring_attach(&p.in, p.mem, SIZE, true);
            ln_ring_attach(&p.out, p.mem, SIZE, false);
        }
    }
    assert_true(broken > 1000);
    assert_true(delivered > 1000);
    pair_deinit(&p);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_out_in_order),
        cmocka_unit_test(impossible_lengths_are_refused),
        cmocka_unit_test(a_full_ring_refuses_until_something_is_read),
        cmocka_unit_test(the_last_byte_can_be_used),
        cmocka_unit_test(random_traffic_arrives_unchanged),
        cmocka_unit_test(attaching_again_goes_on_where_it_was),
        cmocka_unit_test(two_threads),
        cmocka_unit_test(tails_that_cannot_be),
        cmocka_unit_test(heads_that_cannot_be),
        cmocka_unit_test(lengths_that_cannot_be),
        cmocka_unit_test(skips_that_cannot_be),
        cmocka_unit_test(a_record_over_the_end_is_refused),
        cmocka_unit_test(attaching_to_a_misaligned_index),
        cmocka_unit_test(random_scribbling_never_leaves_the_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
