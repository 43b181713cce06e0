/*
 * Topics under a scripted exchange: confirmed, refused, counted, spread over
 * connections, resynchronised.
 */
#include "stream_fixture.h"

static void
test_a_refused_topic_costs_only_itself(void **state)
{
    struct test *t = make(false);
    size_t before;

    (void)state;
    t->fake->refuse = "NOSUCHUSDT";
    want(t, "ticker", "BTCUSDT");
    want(t, "books", "NOSUCHUSDT");
    want(t, "trade", "BTCUSDT");
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 2000);
    assert_int_equal(t->told.refused, 1);
    assert_int_equal(t->told.refused_code, 30001);
    assert_string_equal(t->told.refused_value, "NOSUCHUSDT");
    assert_int_equal(t->told.live, 1);
    assert_int_equal(t->told.down, 0);
    /* after a reconnect it is not asked for again ... */
    before = t->fake->nframes;
    fake_drop(fake_conn(t->fake, false));
    run(t, 5000);
    assert_int_equal(t->told.live, 2);
    assert_int_equal(fake_count(t->fake, before, "NOSUCHUSDT"), 0);
    assert_int_equal(fake_count(t->fake, before, "BTCUSDT"), 1);
    /* ... until somebody wants it anew: it may be listed by now */
    t->fake->refuse = NULL;
    want(t, "books", "NOSUCHUSDT");
    run(t, 1000);
    assert_int_equal(fake_count(t->fake, before, "NOSUCHUSDT"), 1);
    assert_int_equal(ln_subs_find(&t->subs, "books", "NOSUCHUSDT")->state,
                     LN_SUB_ACKED);
    destroy(t);
}

static void
test_a_missing_ack_is_asked_for_again(void **state)
{
    struct test *t = make(false);

    (void)state;
    want(t, "ticker", "BTCUSDT");
    want(t, "ticker", "ETHUSDT");
    t->fake->silent_acks = 1;
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 5000);
    assert_int_equal(t->told.live, 0);
    run(t, 10000);
    assert_int_equal(t->told.live, 1);
    assert_int_equal(t->told.down, 0);
    /* only the missing one came again */
    assert_int_equal(fake_count(t->fake, 0, "BTCUSDT"), 2);
    assert_int_equal(fake_count(t->fake, 0, "ETHUSDT"), 1);
    destroy(t);
}

static void
test_acks_that_never_come_end_the_connection(void **state)
{
    struct test *t = make(false);

    (void)state;
    want(t, "ticker", "BTCUSDT");
    t->fake->silent_acks = 3;
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 60000);
    assert_int_equal(t->told.down, 1);
    assert_int_equal(t->told.live, 1);
    assert_int_equal(t->fake->nconns, 2);
    destroy(t);
}

/* A push proves the subscription when its ack was lost. */
static void
test_data_counts_as_ack(void **state)
{
    struct test *t = make(false);

    (void)state;
    want(t, "ticker", "BTCUSDT");
    t->fake->silent_acks = 1;
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 500);
    assert_int_equal(t->told.live, 0);
    fake_say(fake_conn(t->fake, false), TICKER("BTCUSDT"));
    run(t, 10);
    assert_int_equal(t->told.live, 1);
    assert_int_equal(t->told.data, 1);
    destroy(t);
}

/* A real symbol under the wrong product is confirmed and stays silent. */
static void
test_a_silent_topic_is_told_once(void **state)
{
    struct test *t = make(false);

    (void)state;
    want(t, "ticker", "BTCUSDT");
    want(t, "ticker", "ETHPERP");
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 1000);
    fake_say(fake_conn(t->fake, false), TICKER("BTCUSDT"));
    run(t, 25000);
    assert_int_equal(t->told.silent, 0);
    run(t, 600000);
    assert_int_equal(t->told.silent, 1);
    destroy(t);
    /* the private ones have nothing to say until something happens */
    t = started(true);
    run(t, 100000);
    assert_int_equal(t->told.silent, 0);
    destroy(t);
}

static void
test_topics_are_counted(void **state)
{
    struct test *t = started(false);
    size_t before = t->fake->nframes;

    (void)state;
    want(t, "ticker", "BTCUSDT");
    run(t, 1000);
    assert_int_equal(t->fake->nframes, before); /* it is there already */
    ln_subs_drop(&t->subs, "ticker", "BTCUSDT");
    run(t, 1000);
    assert_int_equal(t->fake->nframes, before); /* still wanted once */
    ln_subs_drop(&t->subs, "ticker", "BTCUSDT");
    ln_subs_drop(&t->subs, "ticker", "NEVERUSDT");
    run(t, 1000);
    assert_int_equal(fake_count(t->fake, before, "\"unsubscribe\""), 1);
    assert_null(ln_subs_find(&t->subs, "ticker", "BTCUSDT"));
    /* pushes of what is not wanted are nobody's */
    fake_say(fake_conn(t->fake, false), TICKER("BTCUSDT"));
    run(t, 10);
    assert_int_equal(t->told.data, 0);
    destroy(t);
}

/* Dropped and wanted again before the answer: it ends up subscribed. */
static void
test_changing_ones_mind(void **state)
{
    struct test *t = started(false);

    (void)state;
    ln_subs_drop(&t->subs, "ticker", "BTCUSDT");
    run(t, 1); /* the frame is on its way */
    want(t, "ticker", "BTCUSDT");
    run(t, 2000);
    assert_int_equal(ln_subs_find(&t->subs, "ticker", "BTCUSDT")->state,
                     LN_SUB_ACKED);
    fake_say(fake_conn(t->fake, false), TICKER("BTCUSDT"));
    run(t, 10);
    assert_int_equal(t->told.data, 1);
    destroy(t);
}

static void
want_many(struct test *t, size_t count)
{
    char name[32];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "COIN%03zuUSDT", i);
        want(t, "ticker", name);
    }
}

static void
test_topics_spread_over_connections(void **state)
{
    struct test *t = make(false);
    size_t per_conn[FAKE_CONNS_MAX] = {0};

    (void)state;
    want_many(t, 100);
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 5000);
    assert_int_equal(fake_conns_alive(t->fake), 3);
    assert_int_equal(t->told.live, 3);
    assert_true(ln_subs_live(&t->subs));
    for (size_t i = 0; i < t->fake->nframes; i++) {
        const char *at = t->fake->frames[i].text;
        assert_true(strlen(at) < 4096 + 32);
        while ((at = strstr(at, "\"ticker\"")) != NULL) {
            per_conn[t->fake->frames[i].conn - t->fake->conns]++;
            at++;
        }
    }
    assert_int_equal(per_conn[0] + per_conn[1] + per_conn[2], 100);
    for (int i = 0; i < 3; i++)
        assert_true(per_conn[i] <= LN_STREAM_SUBS_MAX);
    /* connections that carry nothing any more are closed, the first stays */
    for (size_t i = 0; i < 100; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "COIN%03zuUSDT", i);
        ln_subs_drop(&t->subs, "ticker", name);
    }
    run(t, 5000);
    assert_int_equal(fake_conns_alive(t->fake), 1);
    /* and used again */
    want_many(t, 60);
    run(t, 5000);
    assert_int_equal(fake_conns_alive(t->fake), 2);
    assert_int_equal(t->told.down, 0);
    destroy(t);
}

/* The same name under another product is another topic. */
static void
test_the_product_is_part_of_the_address(void **state)
{
    struct test *t = started(false);

    (void)state;
    fake_say(fake_conn(t->fake, false),
             "{\"action\":\"snapshot\",\"arg\":{\"instType\":\"SPOT\","
             "\"channel\":\"ticker\",\"instId\":\"BTCUSDT\"},\"data\":[{}]}");
    run(t, 10);
    assert_int_equal(t->told.data, 0);
    destroy(t);
}

static void
test_resync_ends_and_begins_the_topic(void **state)
{
    struct test *t = started(false);
    struct ln_sub *sub = ln_subs_find(&t->subs, "ticker", "BTCUSDT");
    size_t before = t->fake->nframes;

    (void)state;
    ln_stream_resync(sub->stream, sub);
    ln_stream_resync(sub->stream, sub); /* once is enough */
    fake_say(fake_conn(t->fake, false), TICKER("BTCUSDT"));
    run(t, 2000);
    assert_int_equal(t->told.data, 0); /* the tail is not delivered */
    assert_int_equal(fake_count(t->fake, before, "\"unsubscribe\""), 1);
    assert_int_equal(fake_count(t->fake, before, "\"subscribe\""), 1);
    assert_int_equal(t->fake->nframes, before + 2);
    assert_int_equal(sub->state, LN_SUB_ACKED);
    assert_int_equal(t->told.down, 0);
    destroy(t);
}

static void
test_too_many_resyncs_take_a_fresh_connection(void **state)
{
    struct test *t = started(false);
    struct ln_sub *sub = ln_subs_find(&t->subs, "ticker", "BTCUSDT");

    (void)state;
    for (int i = 0; i < LN_STREAM_RESYNCS_MAX; i++) {
        ln_stream_resync(sub->stream, sub);
        run(t, 5000);
    }
    assert_int_equal(t->told.down, 0);
    ln_stream_resync(sub->stream, sub);
    run(t, 5000);
    assert_int_equal(t->told.down, 1);
    assert_int_equal(t->told.live, 2);
    /* in another hour it may again */
    run(t, 3700000);
    ln_stream_resync(sub->stream, sub);
    run(t, 5000);
    assert_int_equal(t->told.down, 1);
    destroy(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_refused_topic_costs_only_itself),
        cmocka_unit_test(test_a_missing_ack_is_asked_for_again),
        cmocka_unit_test(test_acks_that_never_come_end_the_connection),
        cmocka_unit_test(test_data_counts_as_ack),
        cmocka_unit_test(test_a_silent_topic_is_told_once),
        cmocka_unit_test(test_topics_are_counted),
        cmocka_unit_test(test_changing_ones_mind),
        cmocka_unit_test(test_topics_spread_over_connections),
        cmocka_unit_test(test_the_product_is_part_of_the_address),
        cmocka_unit_test(test_resync_ends_and_begins_the_topic),
        cmocka_unit_test(test_too_many_resyncs_take_a_fresh_connection),
    };
    ln_log_set_level(LN_LOG_OFF); /* losses are expected here */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
