/*
 * The hash map: hashing, collisions and runs, and a comparison with a naive
 * model.
 */
#include "base/map.h"
#include "base/rng.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
hash_is_fnv_1a(void **unused)
{
    (void)unused;
    assert_true(ln_hash(ln_str("")) == 0xCBF29CE484222325U);
    assert_true(ln_hash(ln_str("a")) == 0xAF63DC4C8601EC8CU);
    assert_true(ln_hash(ln_str("foobar")) == 0x85944171F73967E8U);
}

static void
put_get_replace_delete(void **unused)
{
    (void)unused;
    struct ln_map map;
    uint64_t v = 0;
    ln_map_init(&map);
    assert_false(ln_map_get(&map, ln_str("a"), &v));
    assert_false(ln_map_del(&map, ln_str("a")));

    assert_int_equal(ln_map_put(&map, ln_str("a"), 1), LN_OK);
    assert_int_equal(ln_map_put(&map, ln_str("b"), 2), LN_OK);
    assert_true(ln_map_get(&map, ln_strn("abc", 1), &v));
    assert_int_equal(v, 1);
    assert_int_equal(ln_map_put(&map, ln_str("a"), UINT64_MAX), LN_OK);
    assert_int_equal(map.count, 2);
    assert_true(ln_map_get(&map, ln_str("a"), &v));
    assert_true(v == UINT64_MAX);
    assert_true(ln_map_get(&map, ln_str("b"), NULL));

    assert_true(ln_map_del(&map, ln_str("a")));
    assert_false(ln_map_del(&map, ln_str("a")));
    assert_false(ln_map_get(&map, ln_str("a"), &v));
    assert_int_equal(map.count, 1);
    ln_map_deinit(&map);
    assert_int_equal(map.count, 0);
}

static void
replacing_refers_to_the_new_key(void **unused)
{
    (void)unused;
    struct ln_map map;
    char old[] = "key", new[] = "key";
    ln_map_init(&map);
    assert_int_equal(ln_map_put(&map, ln_str(old), 1), LN_OK);
    assert_int_equal(ln_map_put(&map, ln_str(new), 2), LN_OK);
    old[0] = 'x'; /* the old record is gone */
    assert_true(ln_map_get(&map, ln_str("key"), NULL));
    ln_map_deinit(&map);
}

static void
empty_key_is_a_key(void **unused)
{
    (void)unused;
    struct ln_map map;
    ln_map_init(&map);
    assert_int_equal(ln_map_put(&map, ln_strn(NULL, 0), 7), LN_OK);
    uint64_t v = 0;
    assert_true(ln_map_get(&map, ln_str(""), &v));
    assert_int_equal(v, 7);
    assert_true(ln_map_del(&map, ln_str(NULL)));
    assert_int_equal(map.count, 0);
    ln_map_deinit(&map);
}

#define KEYS 400

struct model {
    char names[KEYS][8];
    bool present[KEYS];
    uint64_t values[KEYS];
    size_t count;
};

static void
check_all(const struct ln_map *map, const struct model *m)
{
    assert_int_equal(map->count, m->count);
    for (size_t i = 0; i < KEYS; i++) {
        uint64_t v = 0;
        bool found = ln_map_get(map, ln_str(m->names[i]), &v);
        assert_int_equal(found, m->present[i]);
        if (found)
            assert_true(v == m->values[i]);
    }
}

static void
random_operations_agree_with_a_model(void **unused)
{
    (void)unused;
    static struct model m;
    struct ln_map map;
    struct ln_rng rng;
    ln_map_init(&map);
    ln_rng_seed(&rng, 20260131);
    for (size_t i = 0; i < KEYS; i++)
        snprintf(m.names[i], sizeof m.names[i], "k%zu", i);

    for (int step = 0; step < 200000; step++) {
        size_t i = (size_t)ln_rng_below(&rng, KEYS);
        struct ln_str key = ln_str(m.names[i]);
        /* Phases that fill and phases that drain. */
        if (ln_rng_below(&rng, 100) < (step / 20000 % 2 ? 30U : 70U)) {
            uint64_t value = ln_rng_u64(&rng);
            assert_int_equal(ln_map_put(&map, key, value), LN_OK);
            m.count += m.present[i] ? 0 : 1;
            m.present[i] = true;
            m.values[i] = value;
        } else {
            assert_int_equal(ln_map_del(&map, key), m.present[i]);
            m.count -= m.present[i] ? 1 : 0;
            m.present[i] = false;
        }
        assert_true(map.count <= map.cap - map.cap / 4);
        if (step % 1000 == 0)
            check_all(&map, &m);
    }
    check_all(&map, &m);
    ln_map_deinit(&map);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_is_fnv_1a),
        cmocka_unit_test(put_get_replace_delete),
        cmocka_unit_test(replacing_refers_to_the_new_key),
        cmocka_unit_test(empty_key_is_a_key),
        cmocka_unit_test(random_operations_agree_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
