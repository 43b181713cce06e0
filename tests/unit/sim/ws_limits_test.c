/*
 * What a WebSocket client may do, how often and for how long: the limits of
 * the exchange.
 */
#include "stream.h"

#define PUBLIC "/v2/ws/public"

static int
setup_limits(void **state)
{
    struct ln_sim_config cfg = {.rate_limits = true};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

static void
ten_messages_a_second_are_the_most(void **state)
{
    struct stream *s = stream_new(*state, PUBLIC);
    for (int i = 0; i < 12; i++)
        say(s, "ping");
    ln_loop_run_for(s->w->loop, 100);
    assert_true(s->closed);
    stream_free(s);
}

static void
subscribe_frames_are_counted_by_the_hour(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    for (int i = 0; i < 240; i++) {
        say(s, SUBSCRIBE(ARG("books1", "BTCUSDT")));
        say(s, "{\"op\":\"unsubscribe\",\"args\":[" ARG(
                   "books1", "BTCUSDT") "]}"); /* these are not */
        if (i % 20 == 0)
            say(s, "ping");
        ln_loop_run_for(w->loop, 300);
    }
    assert_int_equal(heard(s, "30006"), 0);
    say(s, SUBSCRIBE(ARG("books1", "BTCUSDT")));
    hear(s, "\"code\":30006");
    for (int i = 0; i < 121; i++) {
        say(s, "ping");
        ln_loop_run_for(w->loop, 30000);
        if (i == 0) /* without a subscription it would be closed */
            assert_false(s->closed);
        if (s->closed)
            break;
    }
    assert_true(s->closed); /* nothing was subscribed */
    stream_free(s);
}

static void
arguments_of_a_frame_are_4096_bytes_at_most(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    static char text[8192];
    static const char arg[] = ARG("ticker", "BTCUSDT");
    for (int count = 60; count <= 64; count += 4) {
        size_t n = (size_t)snprintf(text, sizeof(text),
                                    "{\"op\":\"subscribe\",\"args\":[");
        for (int i = 0; i < count; i++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s",
                                  i ? "," : "", arg);
        snprintf(text + n, sizeof(text) - n, "]}");
        say(s, text);
        ln_loop_run_for(w->loop, 200);
    }
    /* 60 of 64 bytes and a comma fit, 64 do not. */
    assert_int_equal(heard(s, "\"event\":\"subscribe\""), 60);
    assert_int_equal(heard(s, "30016"), 1);
    stream_free(s);
}

static void
who_subscribes_nothing_is_closed(void **state)
{
    struct world *w = *state;
    struct stream *idle = stream_new(w, PUBLIC);
    struct stream *other = stream_new(w, PUBLIC);
    struct stream *busy = stream_new(w, PUBLIC);
    say(busy, SUBSCRIBE(ARG("ticker", "BTCUSDT")));
    say(other, SUBSCRIBE("{\"instType\":\"SPOT\",\"channel\":\"ticker\","
                         "\"instId\":\"BTCUSDT\"}"));
    ln_loop_run_for(w->loop, 20000);
    say(idle, "ping"); /* this is no subscription */
    ln_loop_run_for(w->loop, 15000);
    assert_true(idle->closed);
    assert_false(busy->closed);
    assert_false(other->closed);
    say(busy,
        "{\"op\":\"unsubscribe\",\"args\":[" ARG("ticker", "BTCUSDT") "]}");
    ln_loop_run_for(w->loop, 29000);
    assert_false(busy->closed);
    ln_loop_run_for(w->loop, 3000);
    assert_true(busy->closed);
    stream_free(idle);
    stream_free(other);
    stream_free(busy);
}

static void
an_address_has_100_connections_and_300_attempts(void **state)
{
    struct world *w = *state;
    static struct stream *streams[100];
    for (int i = 0; i < 100; i++) {
        streams[i] = stream_new(w, PUBLIC);
        assert_true(streams[i]->opened);
    }
    struct stream *more = stream_new(w, PUBLIC);
    assert_false(more->opened);
    stream_free(more);
    for (int i = 0; i < 100; i++)
        stream_free(streams[i]);
    for (int i = 0; i < 199; i++) {
        more = stream_new(w, PUBLIC);
        assert_int_equal(more->opened, i < 199);
        bool opened = more->opened;
        stream_free(more);
        if (!opened)
            break;
    }
    for (int i = 0; i < 3; i++) {
        more = stream_new(w, PUBLIC);
        if (i == 2)
            assert_false(more->opened);
        stream_free(more);
    }
    ln_loop_run_for(w->loop, 5 * 60000);
    more = stream_new(w, PUBLIC);
    assert_true(more->opened);
    stream_free(more);
}

static void
a_thousand_channels_are_the_most(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    char text[256];
    for (int i = 0; i < 1001; i++) {
        snprintf(text, sizeof(text),
                 SUBSCRIBE("{\"instType\":\"SPOT\",\"channel\":\"ticker\","
                           "\"instId\":\"BTCUSDT\"}"));
        say(s, text);
    }
    ln_loop_run_for(w->loop, 100);
    assert_int_equal(heard(s, "\"event\":\"subscribe\""), 1000);
    assert_int_equal(heard(s, "30007"), 1);
    assert_true(s->closed);
    stream_free(s);
}

static void
a_connection_has_its_age(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PUBLIC);
    for (int i = 0; i < 5; i++) {
        ln_loop_run_for(w->loop, 100000);
        assert_false(s->closed);
        say(s, "ping");
    }
    ln_loop_run_for(w->loop, 102000);
    assert_true(s->closed);
    stream_free(s);
}

static int
setup_age(void **state)
{
    struct ln_sim_config cfg = {.max_age_ms = 600000};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define LIMITED(name)                                                          \
    cmocka_unit_test_setup_teardown(name, setup_limits, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LIMITED(ten_messages_a_second_are_the_most),
        LIMITED(subscribe_frames_are_counted_by_the_hour),
        LIMITED(arguments_of_a_frame_are_4096_bytes_at_most),
        LIMITED(who_subscribes_nothing_is_closed),
        LIMITED(an_address_has_100_connections_and_300_attempts),
        TEST(a_thousand_channels_are_the_most),
        cmocka_unit_test_setup_teardown(a_connection_has_its_age, setup_age,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
