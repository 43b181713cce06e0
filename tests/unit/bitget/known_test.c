/*
 * The bounded memory of orders and fills: found by either id, completed as
 * ids become known, forgotten oldest first, never mixed up.
 */
#include "examples.h"

#include "base/rng.h"
#include "bitget/known.h"

#include <stdio.h>

static struct ln_known k;

static void
test_an_order_is_found_by_either_id(void **state)
{
    const struct ln_known_order *o;

    (void)state;
    ln_known_put(&k, "", "cli-1", LN_SELL, LN_LONG);
    o = ln_known_find(&k, "", "cli-1");
    assert_non_null(o);
    assert_string_equal(o->order_id, "");
    /* the exchange tells the id; the direction stays */
    ln_known_put(&k, "99", "cli-1", 0, 0);
    o = ln_known_find(&k, "99", "");
    assert_non_null(o);
    assert_string_equal(o->client_oid, "cli-1");
    assert_int_equal(o->side, LN_SELL);
    assert_int_equal(o->pos_side, LN_LONG);
    assert_null(ln_known_find(&k, "98", "cli-2"));
    assert_null(ln_known_find(&k, "", ""));
}

/* A clientOid that is used again names the later order. */
static void
test_a_reused_client_oid(void **state)
{
    (void)state;
    ln_known_put(&k, "1", "again", LN_BUY, LN_NET);
    ln_known_put(&k, "2", "again", LN_SELL, LN_NET);
    assert_string_equal(ln_known_find(&k, "2", "")->order_id, "2");
    assert_int_equal(ln_known_find(&k, "", "again")->side, LN_SELL);
}

static void
test_the_oldest_orders_are_forgotten(void **state)
{
    char id[24], oid[24];

    (void)state;
    for (int i = 0; i < LN_KNOWN_ORDERS + 100; i++) {
        (void)snprintf(id, sizeof id, "id-%d", i);
        (void)snprintf(oid, sizeof oid, "oid-%d", i);
        ln_known_put(&k, id, oid, LN_BUY, LN_NET);
    }
    assert_null(ln_known_find(&k, "id-0", ""));
    assert_null(ln_known_find(&k, "", "oid-99"));
    assert_non_null(ln_known_find(&k, "id-100", ""));
    for (int i = 100; i < LN_KNOWN_ORDERS + 100; i++) {
        const struct ln_known_order *o;
        (void)snprintf(id, sizeof id, "id-%d", i);
        (void)snprintf(oid, sizeof oid, "oid-%d", i);
        o = ln_known_find(&k, id, "");
        assert_non_null(o);
        assert_string_equal(o->client_oid, oid);
        assert_ptr_equal(ln_known_find(&k, "", oid), o);
    }
}

static void
test_fills_count_once(void **state)
{
    char id[24];

    (void)state;
    assert_true(ln_known_fill_new(&k, "7", "99"));
    assert_false(ln_known_fill_new(&k, "7", "99"));
    /* both sides of one trade may be ours */
    assert_true(ln_known_fill_new(&k, "7", "98"));
    for (int i = 0; i < LN_KNOWN_FILLS; i++) {
        (void)snprintf(id, sizeof id, "f-%d", i);
        assert_true(ln_known_fill_new(&k, id, "99"));
    }
    /* bounded: the first ones are forgotten, the last are not */
    assert_true(ln_known_fill_new(&k, "7", "99"));
    assert_false(ln_known_fill_new(&k, id, "99"));
}

/* Many ids in any order: whatever is found is what was put. */
static void
test_random_ids_never_mix(void **state)
{
    struct ln_rng rng;
    char id[24], oid[24];

    (void)state;
    ln_rng_seed(&rng, 3);
    for (int i = 0; i < 200000; i++) {
        uint64_t n = ln_rng_below(&rng, 20000);
        const struct ln_known_order *o;
        (void)snprintf(id, sizeof id, "i%llu", (unsigned long long)n);
        (void)snprintf(oid, sizeof oid, "o%llu", (unsigned long long)n);
        switch (ln_rng_below(&rng, 3)) {
        case 0:
            ln_known_put(&k, id, oid, LN_BUY, LN_NET);
            break;
        case 1:
            ln_known_put(&k, "", oid, LN_BUY, LN_NET);
            break;
        default:
            o = ln_known_find(&k, id, "");
            if (o)
                assert_string_equal(o->order_id, id);
            o = ln_known_find(&k, "", oid);
            if (o)
                assert_string_equal(o->client_oid, oid);
            break;
        }
    }
}

static int
setup(void **state)
{
    (void)state;
    return ln_known_init(&k) == LN_OK ? 0 : 1;
}

static int
teardown(void **state)
{
    (void)state;
    ln_known_deinit(&k);
    return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_order_is_found_by_either_id),
        TEST(test_a_reused_client_oid),
        TEST(test_the_oldest_orders_are_forgotten),
        TEST(test_fills_count_once),
        TEST(test_random_ids_never_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
