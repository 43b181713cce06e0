/*
 * The venue under damaged pushes and under a bad network: it must not
 * crash, and once the nonsense ends it must be whole again.
 */
#include "venue_fixture.h"

#include "base/buf.h"

#define FRAMES 12000

static struct ln_buf file;
static struct ln_json examples;

static void
ignore_event(void *ctx, const struct ln_venue_event *e)
{
    size_t *count = ctx;
    assert_true(e->type >= LN_VE_CONNECTION && e->type <= LN_VE_REPLY);
    (*count)++;
}

/* All pushes of the file: {"action": ...}. */
static size_t
pushes(struct ln_str *out, size_t cap)
{
    size_t n = 0;

    for (ln_json_val k = ln_json_first(&examples, 0); k != LN_JSON_NONE;
         k = ln_json_next(&examples, 0, k)) {
        for (ln_json_val m = ln_json_first(&examples, k + 1); m != LN_JSON_NONE;
             m = ln_json_next(&examples, k + 1, m)) {
            const struct ln_json_tok *tok = &examples.toks[m + 1];
            if (ln_json_get(&examples, m + 1, "action") == LN_JSON_NONE)
                continue;
            assert_true(n < cap);
            out[n++] = ln_strn(examples.text + tok->start, tok->len);
        }
    }
    assert_true(n > 25);
    return n;
}

static void
subscribe_all(struct ln_venue *venue)
{
    venue->ops->subscribe(
        venue, 0, LN_CH_TICKER | LN_CH_TRADE | LN_CH_BOOK | LN_CH_CANDLE,
        LN_TF_1M);
}

static void
say_damaged(struct test *t, struct ln_rng *rng, struct ln_str frame)
{
    struct fake_conn *c;
    char text[8192];
    size_t len = frame.len;

    assert_true(len < sizeof text / 2);
    (void)ln_str_copy(text, sizeof text, frame);
    /* private topics are those of "default" */
    c = fake_conn(t->fake, strstr(text, "\"default\"") != NULL);
    if (ln_rng_below(rng, 4) > 0)
        example_mutate(rng, text, &len, sizeof text);
    if (c)
        assert_int_equal(ln_ws_send(c->ws, text, len, true), LN_OK);
}

static void
test_damaged_pushes(void **state)
{
    struct test *t = make(ACCOUNT_DATA("one_way_mode"));
    struct ln_str frames[64];
    size_t n = pushes(frames, 64), count = 0, before;
    struct ln_rng rng;

    (void)state;
    ln_rng_seed(&rng, 99);
    t->venue->ops->start(t->venue, ignore_event, &count);
    run(t, 5000);
    subscribe_all(t->venue);
    run(t, 1000);
    for (int i = 0; i < FRAMES; i++) {
        say_damaged(t, &rng, frames[ln_rng_below(&rng, n)]);
        run(t, 20);
        t->fake->nframes = 0;
        t->fake->nhttp = 0;
    }
    assert_true(count > FRAMES / 10);
    /* whole again */
    run(t, 60000);
    before = count;
    fake_say(fake_conn(t->fake, true),
             "{\"action\":\"snapshot\"," ARG(
                 "account", "coin",
                 "default") ",\"data\":[{\"marginCoin\":\"USDT\","
                            "\"available\":\"2\",\"equity\":\"3\"}]}");
    run(t, 10);
    assert_int_equal(count, before + 1);
    destroy(t);
}

/* Half an hour of losses on every path, then everything is up again. */
static void
test_a_bad_network(void **state)
{
    static const struct ln_net_faults bad = {.latency_min_ms = 1,
                                             .latency_max_ms = 300,
                                             .drop_request = 0.1,
                                             .drop_response = 0.1,
                                             .reset = 0.02,
                                             .refuse = 0.2,
                                             .drop_message = 0.1,
                                             .dup_message = 0.1};
    static const struct ln_net_faults good = {0};
    struct test *t = make(ACCOUNT_DATA("one_way_mode"));
    struct ln_order_request req = limit_buy("cli-1");
    size_t results;

    (void)state;
    fake_route(t->fake, PLACE, "{\"orderId\":\"99\"}");
    ln_net_virtual_faults(t->fake->net, &bad);
    t->venue->ops->start(t->venue, on_event, t);
    for (int i = 0; i < 60; i++) {
        run(t, 30000);
        t->fake->nframes = 0;
        t->fake->nhttp = 0;
        t->count = 0;
    }
    if (t->venue->ops->instruments(t->venue)->count > 0)
        subscribe_all(t->venue);
    /* every order gets exactly one result, whatever happens to it */
    for (int i = 0; i < 50; i++)
        t->venue->ops->submit(t->venue, &req);
    run(t, 60000);
    results = count_of(t, 0, LN_VE_RESULT);
    assert_int_equal(results, 50);
    assert_true(fake_http_count(t->fake, 0, PLACE) <= 50);
    ln_net_virtual_faults(t->fake->net, &good);
    run(t, 300000);
    /* the last word about every part is "up" */
    fake_drop(fake_conn(t->fake, true));
    t->count = 0;
    run(t, 60000);
    assert_true(connection_at(t, 0, LN_PART_PRIVATE, true) < t->count);
    assert_int_equal(connection_at(t, 0, LN_PART_REST, false), t->count);
    destroy(t);
}

static int
setup(void **state)
{
    struct ln_error err = {0};

    (void)state;
    ln_json_init(&examples);
    ln_buf_init(&file, 1U << 20);
    if (ln_buf_read_file(&file, LN_TEST_DATA "/bitget/websocket-examples.json",
                         &err) ||
        ln_json_parse(&examples, file.data, file.len, &err)) {
        print_error("%s (%s)\n", err.what, err.where);
        return 1;
    }
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    ln_json_deinit(&examples);
    ln_buf_deinit(&file);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damaged_pushes),
        cmocka_unit_test(test_a_bad_network),
    };
    ln_log_set_level(LN_LOG_OFF); /* losses are expected here */
    return cmocka_run_group_tests(tests, setup, teardown);
}
