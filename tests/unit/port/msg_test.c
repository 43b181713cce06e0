/*
 * ln_msg_valid: what is a message and what is not, rule by rule, and half a
 * million hostile ones.
 */
#include "port/msg.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define INSTRUMENTS 3

static bool
valid(const void *msg, bool from_host)
{
    struct ln_msg head;
    memcpy(&head, msg, sizeof(head));
    return ln_msg_valid(msg, head.size, from_host, INSTRUMENTS);
}

static void
head(struct ln_msg *m, uint16_t type, uint16_t instrument, size_t size)
{
    m->type = type;
    m->instrument = instrument;
    m->size = (uint32_t)size;
}

static struct ln_msg_submit
good_submit(void)
{
    struct ln_msg_submit m;
    memset(&m, 0, sizeof(m));
    head(&m.h, LN_MSG_SUBMIT, 1, sizeof(m));
    m.handle = 1;
    m.req.instrument = 1;
    m.req.side = LN_BUY;
    m.req.type = LN_LIMIT;
    m.req.tif = LN_GTC;
    m.req.price_ticks = 5;
    m.req.size_lots = 7;
    return m;
}

static void
a_submit_is_checked_field_by_field(void **state)
{
    (void)state;
    struct ln_msg_submit m = good_submit();
    assert_true(valid(&m, false));
    assert_false(valid(&m, true)); /* the host does not submit */
#define BREAKS(statement)                                                      \
    do {                                                                       \
        m = good_submit();                                                     \
        statement;                                                             \
        assert_false(valid(&m, false));                                        \
    } while (0)
    BREAKS(m.h.size--);
    BREAKS(m.h.instrument = INSTRUMENTS);
    BREAKS(m.h.instrument = LN_INSTRUMENT_NONE);
    BREAKS(m.handle = 0);
    BREAKS(m.req.instrument = INSTRUMENTS);
    BREAKS(m.req.side = 0);
    BREAKS(m.req.side = 3);
    BREAKS(m.req.type = 9);
    BREAKS(m.req.tif = 0);
    BREAKS(m.req.pos_side = 3);
    BREAKS(m.req.margin_mode = 3);
    BREAKS(memset(&m.req.reduce_only, 2, 1));
    BREAKS(m.req.price_ticks = 0);
    BREAKS(m.req.price_ticks = -5);
    BREAKS(m.req.size_lots = 0);
    BREAKS(m.req.type = LN_MARKET); /* with a price */
    BREAKS(m.req.stop_loss_ticks = -1);
    BREAKS(memset(m.tag, 'x', sizeof(m.tag)));
    BREAKS(memset(m.req.client_oid, 'x', sizeof(m.req.client_oid)));
#undef BREAKS
}

static void
sizes_are_exact(void **state)
{
    (void)state;
    struct ln_msg_ticker m;
    memset(&m, 0, sizeof(m));
    head(&m.h, LN_MSG_TICKER, 0, sizeof(m));
    assert_true(ln_msg_valid(&m, sizeof(m), true, INSTRUMENTS));
    assert_false(ln_msg_valid(&m, sizeof(m) - 1, true, INSTRUMENTS));
    assert_false(ln_msg_valid(&m, sizeof(struct ln_msg), true, INSTRUMENTS));
    assert_false(ln_msg_valid(&m, 3, true, INSTRUMENTS));
    assert_false(ln_msg_valid(&m, 0, true, INSTRUMENTS));
    m.h.size = UINT32_MAX;
    assert_false(ln_msg_valid(&m, sizeof(m), true, INSTRUMENTS));
}

static void
unknown_types_are_refused(void **state)
{
    (void)state;
    static const uint16_t types[] = {0, LN_MSG_HOST_END, 63,
                                     LN_MSG_STRATEGY_END, UINT16_MAX};
    struct ln_msg m = {0};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        head(&m, types[i], 0, sizeof(m));
        assert_false(valid(&m, true));
        assert_false(valid(&m, false));
        assert_string_equal(ln_msg_name(types[i]), "unknown");
    }
}

static void
tails_are_texts_that_end(void **state)
{
    (void)state;
    struct {
        struct ln_msg_log m;
        char tail[16];
    } msg;
    memset(&msg, 0, sizeof(msg));
    char *tail = (char *)&msg + sizeof(msg.m);
    memcpy(tail, "hello", 6);
    head(&msg.m.h, LN_MSG_LOG, 0, sizeof(msg.m) + 6);
    assert_true(valid(&msg, false));
    assert_string_equal(ln_msg_tail(&msg, sizeof(msg.m)), "hello");
    msg.m.h.size -= 1; /* without its end */
    assert_false(valid(&msg, false));
    msg.m.h.size = sizeof(msg.m); /* without a text */
    assert_false(valid(&msg, false));
    assert_string_equal(ln_msg_tail(&msg, sizeof(msg.m)), "");
    memcpy(tail, "a\0b", 4); /* one text too many */
    msg.m.h.size = sizeof(msg.m) + 4;
    assert_false(valid(&msg, false));
}

static void
hello_has_two_texts(void **state)
{
    (void)state;
    struct {
        struct ln_msg_hello m;
        char tail[16];
    } msg;
    memset(&msg, 0, sizeof(msg));
    memcpy((char *)&msg + sizeof(msg.m), "a.lua\0{}", 9);
    head(&msg.m.h, LN_MSG_HELLO, LN_INSTRUMENT_NONE, sizeof(msg.m) + 9);
    assert_true(valid(&msg, true));
    msg.m.h.size = sizeof(msg.m) + 6;
    assert_false(valid(&msg, true));
    msg.m.h.size = sizeof(msg.m) + 8;
    assert_false(valid(&msg, true));
}

static void
ready_names_only_instruments_that_exist(void **state)
{
    (void)state;
    struct ln_msg_ready m;
    memset(&m, 0, sizeof(m));
    head(&m.h, LN_MSG_READY, LN_INSTRUMENT_NONE, sizeof(m));
    m.nsymbols = 2;
    m.symbols[1] = INSTRUMENTS - 1;
    assert_true(valid(&m, false));
    m.symbols[1] = INSTRUMENTS;
    assert_false(valid(&m, false));
    m.symbols[1] = 0;
    m.nsymbols = LN_MSG_SYMBOLS_MAX + 1;
    assert_false(valid(&m, false));
}

static void
a_new_instrument_is_the_next_one_and_has_a_grid(void **state)
{
    (void)state;
    struct ln_msg_instrument m;
    memset(&m, 0, sizeof(m));
    head(&m.h, LN_MSG_INSTRUMENT, INSTRUMENTS, sizeof(m));
    m.instrument.price_step = m.instrument.lot_step = 1;
    assert_true(valid(&m, true));
    m.h.instrument = INSTRUMENTS + 1;
    assert_false(valid(&m, true));
    m.h.instrument = 0;
    m.instrument.price_scale = 19;
    assert_false(valid(&m, true));
    m.instrument.price_scale = 2;
    m.instrument.lot_step = 0;
    assert_false(valid(&m, true));
}

static void
every_message_has_a_name(void **state)
{
    (void)state;
    for (unsigned t = LN_MSG_HELLO; t < LN_MSG_HOST_END; t++)
        assert_string_not_equal(ln_msg_name(t), "unknown");
    for (unsigned t = LN_MSG_READY; t < LN_MSG_STRATEGY_END; t++)
        assert_string_not_equal(ln_msg_name(t), "unknown");
    assert_string_equal(ln_msg_name(LN_MSG_TICKER), "ticker");
    assert_string_equal(ln_msg_name(LN_MSG_DONE), "done");
}

/* ---- hostile ---- */

/* What a receiver does with it: look at every text. */
static size_t
read_texts(const unsigned char *bytes)
{
    struct ln_msg h;
    memcpy(&h, bytes, sizeof(h));
    const struct ln_msg_error *e = (const void *)bytes;
    const struct ln_msg_submit *s = (const void *)bytes;
    const struct ln_msg_request *r = (const void *)bytes;
    switch (h.type) {
    case LN_MSG_ERROR:
    case LN_MSG_FAILED:
        return strlen(e->message) + strlen(e->where) + strlen(e->callback) +
               strlen(e->event);
    case LN_MSG_SUBMIT:
        return strlen(s->tag) + strlen(s->req.client_oid);
    case LN_MSG_REQUEST:
        return strlen(r->endpoint) + strlen(ln_msg_tail(r, sizeof(*r)));
    case LN_MSG_LOG:
        return strlen(ln_msg_tail(bytes, sizeof(struct ln_msg_log)));
    default:
        return 0;
    }
}

#define BYTES 2560 /* holds each fixed part, and a tail */

/* A message of any type with plausible head and arbitrary body. */
static size_t
random_message(struct ln_rng *rng, unsigned char *out)
{
    size_t len = (size_t)ln_rng_below(rng, BYTES + 1);
    uint64_t style = ln_rng_below(rng, 4);
    for (size_t i = 0; i < len; i += 8) {
        uint64_t v = style == 0   ? ln_rng_u64(rng)
                     : style == 1 ? 0
                                  : ln_rng_below(rng, 3);
        memcpy(out + i, &v, len - i < 8 ? len - i : 8);
    }
    struct ln_msg h = {
        .type = (uint16_t)ln_rng_below(rng, LN_MSG_STRATEGY_END + 3),
        .instrument = (uint16_t)ln_rng_below(rng, INSTRUMENTS + 2),
        .size = (uint32_t)len,
        .seq = ln_rng_u64(rng),
    };
    if (ln_rng_below(rng, 20) == 0)
        h.size = (uint32_t)ln_rng_u64(rng);
    memcpy(out, &h, len < sizeof(h) ? len : sizeof(h));
    return len;
}

/* A good message with a few bytes changed. */
static size_t
mutated_message(struct ln_rng *rng, unsigned char *out)
{
    struct ln_msg_submit s = good_submit();
    struct ln_msg_error e;
    memset(&e, 0, sizeof(e));
    head(&e.h, LN_MSG_ERROR, 0, sizeof(e));
    memset(e.message, 'm', sizeof(e.message) - 1);
    struct ln_msg_ready r;
    memset(&r, 0, sizeof(r));
    head(&r.h, LN_MSG_READY, 0, sizeof(r));
    const void *seeds[] = {&s, &e, &r};
    const size_t sizes[] = {sizeof(s), sizeof(e), sizeof(r)};
    size_t which = (size_t)ln_rng_below(rng, 3);
    size_t len = sizes[which];
    memcpy(out, seeds[which], len);
    for (uint64_t n = ln_rng_below(rng, 6); n > 0; n--)
        out[ln_rng_below(rng, len)] = (unsigned char)ln_rng_u64(rng);
    return len;
}

static void
half_a_million_hostile_messages_do_no_harm(void **state)
{
    (void)state;
    struct ln_rng rng;
    size_t accepted = 0, refused = 0, texts = 0;
    ln_rng_seed(&rng, 20240601);
    for (int i = 0; i < 500000; i++) {
        /* Exactly as large as the message: a sanitizer sees each step over. */
        static unsigned char raw[BYTES];
        bool mutate = i % 2;
        size_t len =
            mutate ? mutated_message(&rng, raw) : random_message(&rng, raw);
        unsigned char *msg = malloc(len ? len : 1);
        assert_non_null(msg);
        memcpy(msg, raw, len);
        bool from_host = !mutate && ln_rng_below(&rng, 2);
        if (ln_msg_valid(msg, len, from_host, INSTRUMENTS)) {
            accepted++;
            texts += from_host ? 0 : read_texts(msg);
        } else {
            refused++;
        }
        free(msg);
    }
    /* Both happen, or this tests nothing. */
    assert_true(accepted > 1000);
    assert_true(refused > 1000);
    assert_true(texts > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_submit_is_checked_field_by_field),
        cmocka_unit_test(sizes_are_exact),
        cmocka_unit_test(unknown_types_are_refused),
        cmocka_unit_test(tails_are_texts_that_end),
        cmocka_unit_test(hello_has_two_texts),
        cmocka_unit_test(ready_names_only_instruments_that_exist),
        cmocka_unit_test(a_new_instrument_is_the_next_one_and_has_a_grid),
        cmocka_unit_test(every_message_has_a_name),
        cmocka_unit_test(half_a_million_hostile_messages_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
