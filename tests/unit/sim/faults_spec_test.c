/*
 * Which fault strikes when: the SPEC read and written, and the decisions for
 * a given time, place and seed.
 */
#include "sim/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- the SPEC ---- */

static struct ln_sim_faults
read_spec(const char *spec)
{
    struct ln_sim_faults f;
    struct ln_error err = {0};
    if (ln_sim_faults_set(&f, ln_str(spec), 1, 0, &err) != LN_OK)
        fail_msg("%s: %s", spec, err.what);
    return f;
}

static void
expect_spec(const char *spec, const char *back)
{
    struct ln_sim_faults f = read_spec(spec);
    struct ln_buf out;
    ln_buf_init(&out, 4096);
    for (size_t i = 0; i < f.count; i++) {
        ln_buf_adds(&out, i ? "," : "");
        ln_sim_fault_spec(&f.rules[i], &out);
    }
    assert_string_equal(out.data, back);
    ln_buf_deinit(&out);
}

static void
a_spec_is_written_as_it_was_read(void **state)
{
    (void)state;
    static const char *const specs[] = {
        "429",
        "429:every=60:for=5",
        "latency:ms=50:jitter=20:dir=in",
        "drop-push:p=0.05:channel=orders,unanswered:count=1:path=place-order",
        "skew:ms=-2500",
        "offline:symbol=BTCUSDT:status=limit_open",
        "maintenance:code=40200:status=400",
        "disconnect:after=1.5:on=ws:how=close"};
    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        struct ln_sim_faults f = read_spec(specs[i]);
        struct ln_sim_faults again;
        struct ln_buf out;
        ln_buf_init(&out, 4096);
        for (size_t r = 0; r < f.count; r++) {
            ln_buf_adds(&out, r ? "," : "");
            ln_sim_fault_spec(&f.rules[r], &out);
        }
        again = read_spec(out.data);
        assert_int_equal(again.count, f.count);
        assert_memory_equal(again.rules, f.rules, sizeof(f.rules));
        ln_buf_deinit(&out);
    }
    expect_spec("429:every=60:for=5", "429:every=60:for=5");
    expect_spec("latency:ms=50 , gap:p=0.5", "latency:ms=50,gap:p=0.5");
    expect_spec("offline:status=maintain", "offline:status=off");
}

static void
json_says_the_same(void **state)
{
    (void)state;
    expect_spec("[{\"kind\":\"429\",\"every\":60,\"for\":5}]",
                "429:every=60:for=5");
    expect_spec("{\"faults\":[{\"kind\":\"gap\",\"p\":\"0.5\"}]}", "gap:p=0.5");
    expect_spec("{\"spec\":\"gap:p=0.5,pseq0\"}", "gap:p=0.5,pseq0");
    assert_int_equal(read_spec("[]").count, 0);
    assert_int_equal(read_spec("  ").count, 0);
}

static void
a_wrong_spec_is_explained_and_changes_nothing(void **state)
{
    (void)state;
    struct ln_sim_faults f = read_spec("gap");
    static const struct {
        const char *spec, *word; /* in what or cure */
    } rows[] = {{"lattency:ms=5", "latency"},
                {"gap:ms=5", "no key"},
                {"gap:p=2", "p"},
                {"gap:p", "missing"},
                {"429:every=5", "for"},
                {"429:every=5:for=9", "for"},
                {"gap:path=/api", "strike"},
                {"429:channel=orders", "strike"},
                {"latency:ms=-5", "negative"},
                {"maintenance:code=12345", "code"},
                {"latency:dir=up", "dir"},
                {"5xx:status=99", "status"},
                {"offline:status=gone", "status"},
                {"gap,,gap", "kind"},
                {"[{\"kind\":\"gap\",\"q\":1}]", "no key"},
                {"{\"a\":1}", "list"},
                {"[1]", "kind"},
                {"{\"a\":", ""}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ln_error err = {0};
        assert_int_not_equal(
            ln_sim_faults_set(&f, ln_str(rows[i].spec), 1, 0, &err), LN_OK);
        if (!strstr(err.what, rows[i].word) && !strstr(err.cure, rows[i].word))
            fail_msg("%s: %s (%s)", rows[i].spec, err.what, err.cure);
        assert_int_equal(f.count, 1);
    }
}

/* ---- decisions ---- */

static const struct ln_sim_spot at_path = {
    LN_SIM_ON_REST,
    LN_SIM_DIR_IN,
    {"/api/v2/mix/order/place-order", 29},
    {NULL, 0},
    false};
static const struct ln_sim_spot at_orders = {
    LN_SIM_ON_WS, LN_SIM_DIR_OUT, {"orders", 6}, {NULL, 0}, true};
static const struct ln_sim_spot at_ticker = {
    LN_SIM_ON_WS, LN_SIM_DIR_OUT, {"ticker", 6}, {"BTCUSDT", 7}, false};

static void
bursts_counts_and_scopes_are_kept(void **state)
{
    (void)state;
    struct ln_sim_faults f = read_spec("429:every=60:for=5:after=10");
    static const struct {
        int64_t ms;
        bool hit;
    } rows[] = {{0, false},     {9999, false},  {10000, true}, {14999, true},
                {15000, false}, {69999, false}, {70000, true}, {75000, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(
            ln_sim_faults_hit(&f, LN_SIM_FK_429, &at_path, rows[i].ms) != NULL,
            rows[i].hit);
    f = read_spec("drop-push:count=2");
    assert_null(ln_sim_faults_hit(&f, LN_SIM_FK_DROP_PUSH, &at_ticker, 0));
    assert_non_null(ln_sim_faults_hit(&f, LN_SIM_FK_DROP_PUSH, &at_orders, 0));
    assert_non_null(ln_sim_faults_hit(&f, LN_SIM_FK_DROP_PUSH, &at_orders, 0));
    assert_null(ln_sim_faults_hit(&f, LN_SIM_FK_DROP_PUSH, &at_orders, 0));
    f = read_spec("drop-push:channel=ticker:symbol=ETHUSDT");
    assert_null(ln_sim_faults_hit(&f, LN_SIM_FK_DROP_PUSH, &at_ticker, 0));
    f = read_spec("drop-push:channel=ticker:symbol=btcusdt");
    assert_non_null(ln_sim_faults_hit(&f, LN_SIM_FK_DROP_PUSH, &at_ticker, 0));
    f = read_spec("latency:dir=in");
    assert_null(ln_sim_faults_hit(&f, LN_SIM_FK_LATENCY, &at_ticker, 0));
    f = read_spec("disconnect:path=cancel-order");
    assert_null(ln_sim_faults_hit(&f, LN_SIM_FK_DISCONNECT, &at_path, 0));
    f = read_spec("429:for=5");
    assert_null(ln_sim_faults_hit(&f, LN_SIM_FK_429, &at_path, 5000));
}

static void
the_same_seed_decides_the_same(void **state)
{
    (void)state;
    struct ln_sim_faults a = read_spec("drop-push:p=0.25"), b = a;
    int hits = 0;
    for (int i = 0; i < 4000; i++) {
        bool hit =
            ln_sim_faults_hit(&a, LN_SIM_FK_DROP_PUSH, &at_orders, i) != NULL;
        assert_int_equal(hit, ln_sim_faults_hit(&b, LN_SIM_FK_DROP_PUSH,
                                                &at_orders, i) != NULL);
        hits += hit;
    }
    assert_in_range(hits, 900, 1100);
    assert_int_equal(a.rules[0].hits, hits);
    a = read_spec("latency:ms=10:jitter=5");
    for (int i = 0; i < 100; i++)
        assert_in_range(ln_sim_fault_delay(&a, &a.rules[0]), 10, 15);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spec_is_written_as_it_was_read),
        cmocka_unit_test(json_says_the_same),
        cmocka_unit_test(a_wrong_spec_is_explained_and_changes_nothing),
        cmocka_unit_test(bursts_counts_and_scopes_are_kept),
        cmocka_unit_test(the_same_seed_decides_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
