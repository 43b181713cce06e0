/*
 * Connections under a scripted exchange: login, keepalive, errors, reconnects.
 * All on the virtual clock.
 */
#include "stream_fixture.h"

static void
test_login_then_subscribe(void **state)
{
    struct test *t = make(true);

    (void)state;
    want(t, "orders", "default");
    want(t, "positions", "default");
    t->fake->login_late = true;
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 3000);
    /* nothing but the login before its answer */
    assert_int_equal(t->fake->nframes, 1);
    assert_non_null(strstr(t->fake->frames[0].text, "\"op\":\"login\""));
    assert_int_equal(t->told.live, 0);
    fake_say(fake_conn(t->fake, true), "{\"event\":\"login\",\"code\":\"0\"}");
    fake_conn(t->fake, true)->logged_in = true;
    run(t, 1000);
    /* then all topics in one frame */
    assert_int_equal(t->fake->nframes, 2);
    assert_non_null(strstr(t->fake->frames[1].text, "\"orders\""));
    assert_non_null(strstr(t->fake->frames[1].text, "\"positions\""));
    assert_int_equal(t->told.live, 1);
    assert_true(ln_subs_live(&t->subs));
    destroy(t);
}

static void
test_a_refused_key_is_told_and_tried_slowly(void **state)
{
    static const int codes[] = {30011, 30012, 30015};

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct test *t = make(true);
        char code[8];
        want(t, "orders", "default");
        t->fake->login_code = codes[i];
        assert_int_equal(ln_subs_start(&t->subs), LN_OK);
        run(t, 50000);
        assert_int_equal(t->fake->nconns, 1);
        assert_int_equal(t->told.down, 1);
        assert_int_equal(t->told.fatal, 1);
        (void)snprintf(code, sizeof code, "%d", codes[i]);
        assert_non_null(strstr(t->told.why, code));
        assert_int_equal(t->told.live, 0);
        t->fake->login_code = 0;
        run(t, 60000);
        assert_int_equal(t->told.live, 1);
        destroy(t);
    }
}

static void
test_a_login_without_answer_is_tried_again(void **state)
{
    struct test *t = make(true);

    (void)state;
    want(t, "orders", "default");
    t->fake->login_late = true;
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 9000);
    assert_int_equal(t->told.down, 0);
    t->fake->login_late = false;
    run(t, 10000);
    assert_int_equal(t->told.down, 1);
    assert_int_equal(t->told.fatal, 0);
    assert_int_equal(t->told.live, 1);
    destroy(t);
}

static void
test_a_refused_time_asks_for_the_clock(void **state)
{
    struct test *t = make(true);

    (void)state;
    want(t, "orders", "default");
    t->fake->login_code = 30014;
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 100);
    assert_int_equal(t->told.clock, 1);
    assert_int_equal(t->told.fatal, 0);
    t->fake->login_code = 0;
    run(t, 5000);
    assert_int_equal(t->told.live, 1);
    destroy(t);
}

/* 30004 means that the session is not what we think: log in again. */
static void
test_not_logged_in_starts_over(void **state)
{
    struct test *t = make(true);
    size_t before;

    (void)state;
    want(t, "orders", "default");
    t->fake->deny_private = true;
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 400);
    assert_true(t->told.down >= 1);
    assert_int_equal(t->told.fatal, 0);
    assert_int_equal(t->told.live, 0);
    before = t->fake->nframes;
    t->fake->deny_private = false;
    run(t, 10000);
    assert_int_equal(t->told.live, 1);
    assert_int_equal(fake_count(t->fake, before, "\"op\":\"login\""), 1);
    assert_int_equal(fake_count(t->fake, before, "\"orders\""), 1);
    destroy(t);
}

static void
test_pings_run_on_their_own(void **state)
{
    struct test *t = started(false);
    int64_t last = 0;

    (void)state;
    /* busy or not: a push every 100 ms for two minutes */
    for (int i = 0; i < 1200; i++) {
        fake_say(fake_conn(t->fake, false), TICKER("BTCUSDT"));
        run(t, 100);
    }
    assert_int_equal(t->told.data, 1200);
    for (size_t i = 0; i < t->fake->nframes; i++) {
        if (strcmp(t->fake->frames[i].text, "ping") != 0)
            continue;
        if (last)
            assert_in_range(t->fake->frames[i].at_ms - last, 19000, 21000);
        last = t->fake->frames[i].at_ms;
    }
    assert_in_range(fake_count(t->fake, 0, "ping"), 5, 7);
    assert_int_equal(t->told.down, 0);
    /* should the server ask, it is answered */
    fake_say(fake_conn(t->fake, false), "ping");
    run(t, 10);
    assert_string_equal(t->fake->frames[t->fake->nframes - 1].text, "pong");
    destroy(t);
}

static void
test_no_pong_means_reconnect(void **state)
{
    struct test *t = started(false);

    (void)state;
    t->fake->mute = true;
    run(t, 26000); /* ping at 20 s, its deadline at 30 s */
    assert_int_equal(t->told.down, 0);
    t->fake->mute = false;
    run(t, 6000);
    assert_int_equal(t->told.down, 1);
    assert_non_null(strstr(t->told.why, "pong"));
    run(t, 5000);
    assert_int_equal(t->told.live, 2);
    assert_int_equal(fake_conns_alive(t->fake), 1);
    destroy(t);
}

static void
test_frames_are_paced(void **state)
{
    struct test *t = started(true);
    size_t before = t->fake->nframes;

    (void)state;
    for (int i = 0; i < 30; i++) { /* one topic at a time, 20 a second */
        char name[32];
        (void)snprintf(name, sizeof name, "C%02dUSDT", i);
        want(t, "ticker", name);
        run(t, 50);
    }
    run(t, 1000);
    assert_true(t->fake->nframes - before <= 14);
    for (size_t i = before + 1; i < t->fake->nframes; i++)
        assert_true(t->fake->frames[i].at_ms - t->fake->frames[i - 1].at_ms >=
                    LN_STREAM_FRAME_MS);
    destroy(t);
}

static void
test_too_many_requests_slows_down(void **state)
{
    struct test *t = make(false);

    (void)state;
    want(t, "ticker", "BTCUSDT");
    t->fake->slow_down = 1;
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 4000);
    assert_int_equal(t->fake->nframes, 1);
    run(t, 3000);
    assert_int_equal(t->fake->nframes, 2);
    assert_int_equal(t->told.live, 1);
    assert_int_equal(t->told.down, 0);
    destroy(t);
}

static void
test_reconnect_subscribes_everything(void **state)
{
    struct test *t = make(true);
    size_t before;

    (void)state;
    want(t, "orders", "default");
    want(t, "fill", "default");
    want(t, "positions", "default");
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 1000);
    for (int i = 2; i < 6; i++) {
        before = t->fake->nframes;
        fake_drop(fake_conn(t->fake, true));
        run(t, 20000);
        assert_int_equal(t->told.live, i);
        assert_int_equal(t->told.down, i - 1);
        assert_int_equal(fake_count(t->fake, before, "\"login\""), 1);
        assert_int_equal(fake_count(t->fake, before, "\"orders\""), 1);
        assert_int_equal(fake_count(t->fake, before, "\"fill\""), 1);
        assert_int_equal(fake_count(t->fake, before, "\"positions\""), 1);
    }
    destroy(t);
}

static void
test_errors_that_end_the_connection(void **state)
{
    static const int codes[] = {30004, 30005, 30007, 30033};

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct test *t = started(false);
        char text[96];
        (void)snprintf(text, sizeof text,
                       "{\"event\":\"error\",\"code\":\"%d\",\"msg\":\"x\"}",
                       codes[i]);
        fake_say(fake_conn(t->fake, false), text);
        run(t, 10000);
        assert_int_equal(t->told.down, 1);
        assert_int_equal(t->told.fatal, 0);
        assert_int_equal(t->told.live, 2);
        destroy(t);
    }
}

static void
test_an_absent_exchange_is_asked_ever_more_slowly(void **state)
{
    struct test *t = make(false);
    int first, later;

    (void)state;
    want(t, "ticker", "BTCUSDT");
    ln_server_close(t->fake->server);
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 60000);
    first = t->told.down;
    run(t, 600000);
    later = t->told.down - first;
    assert_true(first >= 3);
    assert_true(later < first * 10);
    assert_true(later >= 20); /* but never given up: at most 30 s apart */
    assert_int_equal(t->told.fatal, 0);
    destroy(t);
}

/* Renewed before the exchange would cut it after 24 hours. */
static void
test_a_connection_is_renewed_every_day(void **state)
{
    struct test *t = started(false);

    (void)state;
    for (int hour = 0; hour < 22; hour++) {
        run(t, 3600 * 1000);
        t->fake->nframes = 0; /* thousands of pings */
    }
    assert_int_equal(t->told.down, 0);
    run(t, 2LL * 3600 * 1000);
    assert_int_equal(t->told.down, 1);
    assert_int_equal(t->told.live, 2);
    destroy(t);
}

static void
test_nonsense_is_ignored(void **state)
{
    static const char *const frames[] = {
        "",
        "{",
        "[1,2]",
        "PONG",
        "{\"event\":\"dance\"}",
        "{\"event\":\"subscribe\",\"arg\":{\"channel\":\"ticker\","
        "\"instId\":\"OTHERUSDT\"}}",
        "{\"event\":\"unsubscribe\",\"arg\":{\"channel\":\"ticker\","
        "\"instId\":\"BTCUSDT\"}}",
        "{\"event\":\"login\",\"code\":0}",
        "{\"event\":\"error\",\"code\":31999,\"msg\":\"new\"}",
        "{\"event\":\"error\",\"code\":30002,\"msg\":\"Unrecognized\"}",
        TICKER("OTHERUSDT"),
    };
    struct test *t = started(false);

    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++)
        fake_say(fake_conn(t->fake, false), frames[i]);
    assert_int_equal(
        ln_ws_send(fake_conn(t->fake, false)->ws, "\0\1", 2, false), LN_OK);
    run(t, 1000);
    assert_int_equal(t->told.down, 0);
    assert_int_equal(t->told.data, 0);
    assert_int_equal(t->told.live, 1);
    fake_say(fake_conn(t->fake, false), TICKER("BTCUSDT"));
    run(t, 10);
    assert_int_equal(t->told.data, 1);
    destroy(t);
}

static void
test_nothing_comes_after_stop(void **state)
{
    struct test *t = started(false);
    struct told before;

    (void)state;
    fake_say(fake_conn(t->fake, false), TICKER("BTCUSDT"));
    before = t->told;
    ln_subs_stop(&t->subs);
    run(t, 100000);
    assert_memory_equal(&before, &t->told, sizeof before);
    assert_int_equal(fake_conns_alive(t->fake), 0);
    /* and it can be started again */
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 2000);
    assert_int_equal(t->told.live, 2);
    destroy(t);
}

/*
 * A bad network for an hour: messages lost, doubled, late, resets. At the
 * end everything that is wanted is subscribed.
 */
static void
test_a_bad_network(void **state)
{
    static const struct ln_net_faults bad = {.latency_min_ms = 1,
                                             .latency_max_ms = 400,
                                             .reset = 0.03,
                                             .refuse = 0.2,
                                             .drop_message = 0.15,
                                             .dup_message = 0.15};
    static const struct ln_net_faults good = {0};
    struct test *t = make(true);
    static const char *const names[] = {"orders", "fill", "positions"};

    (void)state;
    for (int i = 0; i < 3; i++)
        want(t, names[i], "default");
    ln_net_virtual_faults(t->fake->net, &bad);
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    for (int i = 0; i < 20; i++)
        run(t, 30000);
    assert_true(t->told.down > 0);
    ln_net_virtual_faults(t->fake->net, &good);
    run(t, 120000);
    assert_true(ln_subs_live(&t->subs));
    for (int i = 0; i < 3; i++)
        assert_int_equal(ln_subs_find(&t->subs, names[i], "default")->state,
                         LN_SUB_ACKED);
    assert_int_equal(fake_conns_alive(t->fake), 1);
    destroy(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login_then_subscribe),
        cmocka_unit_test(test_a_refused_key_is_told_and_tried_slowly),
        cmocka_unit_test(test_a_login_without_answer_is_tried_again),
        cmocka_unit_test(test_a_refused_time_asks_for_the_clock),
        cmocka_unit_test(test_not_logged_in_starts_over),
        cmocka_unit_test(test_pings_run_on_their_own),
        cmocka_unit_test(test_no_pong_means_reconnect),
        cmocka_unit_test(test_frames_are_paced),
        cmocka_unit_test(test_too_many_requests_slows_down),
        cmocka_unit_test(test_reconnect_subscribes_everything),
        cmocka_unit_test(test_errors_that_end_the_connection),
        cmocka_unit_test(test_an_absent_exchange_is_asked_ever_more_slowly),
        cmocka_unit_test(test_a_connection_is_renewed_every_day),
        cmocka_unit_test(test_nonsense_is_ignored),
        cmocka_unit_test(test_nothing_comes_after_stop),
        cmocka_unit_test(test_a_bad_network),
    };
    ln_log_set_level(LN_LOG_OFF); /* losses are expected here */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
