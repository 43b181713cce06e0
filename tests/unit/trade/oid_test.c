/*
 * clientOids: form, uniqueness over restarts, and whose they are.
 */
#include "base/assert.h"
#include "base/rng.h"
#include "trade/oid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START 1790000000000LL

static void
form(void **unused)
{
    (void)unused;
    struct ln_oid_maker m;
    char oid[LN_OID_CAP];
    ln_oid_init(&m, "desk1", START);
    ln_oid_make(&m, 37, oid);
    assert_int_equal(strncmp(oid, "ln-", 3), 0);
    assert_int_equal(oid[9], '-');
    assert_int_equal(strspn(oid + 3, "0123456789abcdefghijklmnopqrstuvwxyz"),
                     6);
    assert_int_equal(strncmp(oid + 10, "11-", 3), 0); /* 37 in base 36 */
    assert_int_equal(strspn(oid, "0123456789abcdefghijklmnopqrstuvwxyz-"),
                     strlen(oid));
}

static void
the_longest_id_has_32_characters_at_most(void **unused)
{
    (void)unused;
    struct ln_oid_maker m;
    char oid[LN_OID_CAP];
    ln_oid_init(&m, "a host with a very long name, longer than any oid", START);
    m.next = UINT64_MAX;
    ln_oid_make(&m, UINT32_MAX, oid);
    assert_true(strlen(oid) <= 32);
    assert_int_equal(ln_oid_owner(&m, ln_str(oid)), UINT32_MAX);
}

static void
every_id_is_new(void **unused)
{
    (void)unused;
    struct ln_oid_maker m;
    char a[LN_OID_CAP], b[LN_OID_CAP];
    ln_oid_init(&m, "desk1", START);
    ln_oid_make(&m, 1, a);
    for (int i = 0; i < 2000; i++) {
        ln_oid_make(&m, 1, b);
        assert_string_not_equal(a, b);
        memcpy(a, b, sizeof(a));
    }
}

static void
a_restart_does_not_repeat_ids(void **unused)
{
    (void)unused;
    struct ln_oid_maker first, second;
    ln_oid_init(&first, "desk1", START);
    ln_oid_init(&second, "desk1", START + 10);
    /* 10 ms later, after ten thousand ids: not one of them is met again. */
    assert_true(first.next + 9999 < second.next);
    char before[LN_OID_CAP], after[LN_OID_CAP];
    first.next += 9999;
    ln_oid_make(&first, 1, before);
    ln_oid_make(&second, 1, after);
    assert_string_not_equal(before, after);
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Three starts, many strategies: all ids together, and no two are equal. */
static void
no_two_ids_are_equal(void **unused)
{
    (void)unused;
    enum { STARTS = 3, EACH = 5000, ALL = STARTS * EACH };
    static char ids[ALL][LN_OID_CAP];
    size_t n = 0;
    for (int s = 0; s < STARTS; s++) {
        struct ln_oid_maker m;
        ln_oid_init(&m, "desk1", START + s * 10);
        for (uint32_t i = 0; i < EACH; i++)
            ln_oid_make(&m, i % 40, ids[n++]);
    }
    qsort(ids, ALL, sizeof(ids[0]), by_text);
    for (size_t i = 1; i < ALL; i++)
        assert_string_not_equal(ids[i - 1], ids[i]);
}

static void
any_owner_and_sequence_comes_back(void **unused)
{
    (void)unused;
    struct ln_oid_maker m;
    struct ln_rng rng;
    char oid[LN_OID_CAP];
    memset(&m, 'x', sizeof(m)); /* init leaves nothing of it */
    ln_oid_init(&m, "desk1", START);
    assert_int_equal(strlen(m.host), 6);
    ln_rng_seed(&rng, 5);
    for (int i = 0; i < 20000; i++) {
        /* Of every length: a few bits up to all of them. */
        uint32_t owner =
            (uint32_t)(ln_rng_u64(&rng) >> (32 + (unsigned)i % 32));
        m.next = ln_rng_u64(&rng) >> ((unsigned)i % 64);
        ln_oid_make(&m, owner, oid);
        assert_true(strlen(oid) <= 32);
        assert_int_equal(ln_oid_owner(&m, ln_str(oid)), owner);
        /* Another host in the same id: not ours. */
        oid[3 + i % 6] = oid[3 + i % 6] == 'a' ? 'b' : 'a';
        if (strncmp(oid + 3, m.host, 6) != 0)
            assert_int_equal(ln_oid_owner(&m, ln_str(oid)), 0);
    }
}

static void
owner_is_known_after_a_restart(void **unused)
{
    (void)unused;
    static const uint32_t owners[] = {1, 35, 36, 1295, 1296, UINT32_MAX};
    struct ln_oid_maker before, after;
    char oid[LN_OID_CAP];
    ln_oid_init(&before, "desk1", START);
    ln_oid_init(&after, "desk1", START + 86400000);
    for (size_t i = 0; i < LN_COUNT(owners); i++) {
        ln_oid_make(&before, owners[i], oid);
        assert_int_equal(ln_oid_owner(&before, ln_str(oid)), owners[i]);
        assert_int_equal(ln_oid_owner(&after, ln_str(oid)), owners[i]);
    }
}

static void
other_hosts_ids_are_not_ours(void **unused)
{
    (void)unused;
    struct ln_oid_maker us, them;
    char oid[LN_OID_CAP];
    ln_oid_init(&us, "desk1", START);
    ln_oid_init(&them, "desk2", START);
    ln_oid_make(&them, 1, oid);
    assert_int_equal(ln_oid_owner(&us, ln_str(oid)), 0);
}

static void
anything_else_is_not_ours(void **unused)
{
    (void)unused;
    static const char *const tails[] = {"",
                                        "-",
                                        "--",
                                        "1",
                                        "1-",
                                        "-1",
                                        "1--",
                                        "1-2-3",
                                        "1-A",
                                        "A-1",
                                        "1-2 ",
                                        "0-1",       /* 0 is no strategy */
                                        "1z141z4-1", /* UINT32_MAX + 1 */
                                        "zzzzzzzzzzzzzzzzzzzzzzz-1",
                                        "1-12345678901234"};
    struct ln_oid_maker m;
    char oid[64];
    ln_oid_init(&m, "desk1", START);
    for (size_t i = 0; i < LN_COUNT(tails); i++) {
        snprintf(oid, sizeof(oid), "ln-%s-%s", m.host, tails[i]);
        assert_int_equal(ln_oid_owner(&m, ln_str(oid)), 0);
    }
    snprintf(oid, sizeof(oid), "ln-%s-7-1", m.host);
    assert_int_equal(ln_oid_owner(&m, ln_str(oid)), 7);
    assert_int_equal(ln_oid_owner(&m, ln_strn(oid, strlen(oid) - 1)), 0);
    assert_int_equal(ln_oid_owner(&m, ln_str("")), 0);
    assert_int_equal(ln_oid_owner(&m, ln_strn(NULL, 0)), 0);
    assert_int_equal(ln_oid_owner(&m, ln_str("cli-000001")), 0);
    assert_int_equal(ln_oid_owner(&m, ln_strn("ln-abc123-1\0-1", 14)), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(form),
        cmocka_unit_test(the_longest_id_has_32_characters_at_most),
        cmocka_unit_test(every_id_is_new),
        cmocka_unit_test(a_restart_does_not_repeat_ids),
        cmocka_unit_test(no_two_ids_are_equal),
        cmocka_unit_test(any_owner_and_sequence_comes_back),
        cmocka_unit_test(owner_is_known_after_a_restart),
        cmocka_unit_test(other_hosts_ids_are_not_ours),
        cmocka_unit_test(anything_else_is_not_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
