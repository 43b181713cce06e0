/*
 * The contract of net.h for WebSockets: each test runs on the real network
 * (sockets, TLS) and on the virtual one. No test asserts how long something
 * takes.
 */
#include "contract.h"

struct peer {
    struct ln_ws *ws;
    int opens, messages, closes, code;
    struct ln_error err;
    size_t bytes, last_len;
    bool last_text, ordered, intact;
    char last[64];
    int close_after; /* messages; then with close_code */
    int close_code;
    bool send_on_open;
    size_t big_on_open;
};

static void
cli_open(void *ctx, struct ln_ws *ws)
{
    struct peer *p = ctx;
    p->opens++;
    assert_ptr_equal(ws, p->ws);
    if (p->send_on_open) {
        assert_int_equal(ln_ws_send(ws, "hello", 5, true), LN_OK);
        assert_int_equal(ln_ws_send(ws, "\0\1\2", 3, false), LN_OK);
        assert_int_equal(ln_ws_send(ws, NULL, 0, true), LN_OK);
    }
    if (p->big_on_open) {
        char *big = calloc(1, p->big_on_open);
        assert_int_equal(ln_ws_send(ws, big, p->big_on_open, true), LN_OK);
        free(big);
    }
}

static void
cli_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
            bool is_text)
{
    struct peer *p = ctx;
    char expected[32];

    snprintf(expected, sizeof(expected), "message %d", p->messages);
    if (!ln_str_eqc(ln_strn(data, len), expected))
        p->ordered = false;
    for (size_t i = 0; i < len && len > 100; i++) {
        if (data[i] != (char)(i * 31 + i / 251))
            p->intact = false;
    }
    p->messages++;
    p->bytes += len;
    p->last_len = len;
    p->last_text = is_text;
    ln_str_copy(p->last, sizeof(p->last), ln_strn(data, len));
    if (p->close_after && p->messages == p->close_after)
        ln_ws_close(ws, p->close_code, "client says bye");
}

static void
cli_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct peer *p = ctx;
    (void)ws;
    p->closes++;
    p->code = code;
    p->err = *err;
    p->ws = NULL;
}

static const struct ln_ws_events peer_events = {cli_open, cli_message,
                                                cli_close};

static void
connect_url(struct peer *p, struct world *w, const char *url, const char *ca)
{
    const struct ln_ws_opts opts = {.url = url, .ca_file = ca};
    struct ln_error err;

    p->ordered = p->intact = true;
    p->ws = ln_ws_connect(w->net, &opts, &peer_events, p, &err);
    assert_non_null(p->ws);
    assert_int_equal(p->opens + p->closes, 0); /* never inside the call */
    assert_int_equal(ln_ws_send(p->ws, "x", 1, true), LN_ERR_STATE);
}

static void
peer_connect(struct peer *p, struct world *w, const struct host *h,
             const char *path)
{
    char url[256];
    url_of(url, sizeof(url), "wss", h->server, path);
    connect_url(p, w, url, w->ca);
}

/* ================= WebSocket ================= */

static void
ws_echoes_text_binary_and_empty(void **state)
{
    struct world *w = *state;
    struct host h = {.echo = true};
    struct peer p = {.send_on_open = true};

    host_start(&h, w);
    peer_connect(&p, w, &h, "/stream?token=1");
    wait_for(w, &p.messages, 3);
    assert_int_equal(p.opens, 1);
    assert_int_equal(h.ws_opens, 1);
    assert_int_equal(p.bytes, 8);
    assert_int_equal(p.last_len, 0);
    assert_true(p.last_text);
    ln_ws_close(p.ws, 1000, NULL);
    wait_for(w, &p.closes, 1);
    wait_for(w, &h.ws_closes, 1);
    assert_int_equal(p.err.code, LN_OK);
    host_stop(&h);
}

static void
the_server_sees_the_clients_close_code(void **state)
{
    struct world *w = *state;
    struct host h = {.echo = true};
    struct peer p = {
        .send_on_open = true, .close_after = 2, .close_code = 4001};

    host_start(&h, w);
    peer_connect(&p, w, &h, "/");
    wait_for(w, &h.ws_closes, 1);
    wait_for(w, &p.closes, 1);
    assert_int_equal(h.ws_code, 4001);
    assert_int_equal(h.ws_err, LN_OK);
    assert_int_equal(p.code, 4001);
    assert_int_equal(p.messages, 2); /* none after the close */
    host_stop(&h);
}

static void
the_client_sees_the_servers_close_code(void **state)
{
    struct world *w = *state;
    struct host h = {.close_on_open = 4002};
    struct peer p = {0};

    host_start(&h, w);
    peer_connect(&p, w, &h, "/");
    wait_for(w, &p.closes, 1);
    wait_for(w, &h.ws_closes, 1);
    assert_int_equal(p.opens, 1);
    assert_int_equal(p.code, 4002);
    assert_int_equal(p.err.code, LN_OK);
    assert_string_equal(p.err.what, "server says bye");
    assert_int_equal(h.ws_code, 4002);
    host_stop(&h);
}

static void
big_messages_arrive_whole(void **state)
{
    struct world *w = *state;
    struct host h = {.big_on_open = 1U << 20};
    struct peer p = {.big_on_open = 300000};

    host_start(&h, w);
    peer_connect(&p, w, &h, "/");
    wait_for(w, &p.messages, 1);
    wait_for(w, &h.ws_messages, 1);
    assert_int_equal(p.last_len, 1U << 20);
    assert_false(p.last_text);
    assert_true(p.intact);
    assert_int_equal(h.ws_bytes, 300000);
    host_stop(&h);
}

static void
two_thousand_pushed_messages_arrive_in_order(void **state)
{
    struct world *w = *state;
    struct host h = {.push_on_open = 2000};
    struct peer p = {0};

    host_start(&h, w);
    peer_connect(&p, w, &h, "/");
    wait_for(w, &p.messages, 2000);
    assert_true(p.ordered);
    assert_int_equal(ln_ws_queued(h.ws), 0);
    host_stop(&h);
}

static void
a_failed_connect_is_a_close_with_an_error(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct peer p = {0};
    char url[256];

    host_start(&h, w);
    url_of(url, sizeof(url), "wss", h.server, "/");
    host_stop(&h);
    linger(w);
    connect_url(&p, w, url, w->ca);
    wait_for(w, &p.closes, 1);
    assert_int_equal(p.opens, 0);
    assert_int_equal(p.code, 1006);
    assert_int_equal(p.err.code, LN_ERR_NET);
    linger(w);
    assert_int_equal(p.closes, 1);
}

static void
an_untrusted_server_is_a_close_with_a_tls_error(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct peer p = {0};
    char url[256];

    host_start(&h, w);
    url_of(url, sizeof(url), "wss", h.server, "/");
    connect_url(&p, w, url, w->wrong_ca);
    wait_for(w, &p.closes, 1);
    assert_int_equal(p.opens, 0);
    assert_int_equal(p.err.code, LN_ERR_TLS);
    assert_non_null(strstr(p.err.what, "is not trusted"));
    assert_non_null(strstr(p.err.cure, "venue.ca"));
    assert_int_equal(h.ws_opens, 0);
    host_stop(&h);
}

static void
a_refused_path_is_a_close_with_the_status(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct peer p = {0};

    host_start(&h, w);
    peer_connect(&p, w, &h, "/refuse");
    wait_for(w, &p.closes, 1);
    assert_int_equal(p.opens, 0);
    assert_int_equal(p.err.code, LN_ERR_NET);
    assert_non_null(strstr(p.err.what, "404"));
    assert_int_equal(h.ws_opens + h.ws_closes, 0);
    host_stop(&h);
}

static void
a_peer_that_drops_is_1006(void **state)
{
    struct world *w = *state;
    struct host h = {.drop_on_open = true};
    struct peer p = {0};

    host_start(&h, w);
    peer_connect(&p, w, &h, "/");
    wait_for(w, &p.closes, 1);
    assert_int_equal(p.code, 1006);
    assert_int_equal(p.err.code, LN_ERR_NET);
    wait_for(w, &h.ws_closes, 1);
    assert_int_equal(h.ws_code, 1006);
    assert_int_equal(h.ws_err, LN_ERR_CANCELLED);
    host_stop(&h);
}

static void
a_client_that_drops_is_1006_at_the_server(void **state)
{
    struct world *w = *state;
    struct host h = {.echo = true};
    struct peer p = {.send_on_open = true, .close_after = 1};

    host_start(&h, w);
    peer_connect(&p, w, &h, "/");
    wait_for(w, &p.closes, 1);
    wait_for(w, &h.ws_closes, 1);
    assert_int_equal(p.code, 1006);
    assert_int_equal(p.err.code, LN_ERR_CANCELLED);
    assert_int_equal(p.messages, 1);
    assert_int_equal(h.ws_code, 1006);
    assert_int_equal(h.ws_err, LN_ERR_NET);
    host_stop(&h);
}

static void
a_server_may_drop_in_its_message_callback(void **state)
{
    struct world *w = *state;
    struct host h = {.close_in_message = true};
    struct peer p = {.send_on_open = true};

    host_start(&h, w);
    peer_connect(&p, w, &h, "/");
    wait_for(w, &p.closes, 1);
    wait_for(w, &h.ws_closes, 1);
    assert_int_equal(h.ws_messages, 1); /* the others are not told any more */
    host_stop(&h);
}

static void
closing_while_connecting_ends_it(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct peer p = {0};

    host_start(&h, w);
    for (int i = 0; i < 3; i++) {
        p = (struct peer){0};
        peer_connect(&p, w, &h, "/");
        if (i > 0 && !w->is_virtual)
            ln_loop_run_for(w->loop, i); /* somewhere in the handshake */
        if (p.ws)
            ln_ws_close(p.ws, i == 0 ? 1000 : 0, NULL);
        wait_for(w, &p.closes, 1);
        assert_int_equal(p.err.code, LN_ERR_CANCELLED);
    }
    linger(w);
    /* Each accepted socket is closed, opened or not. */
    assert_int_equal(h.ws_accepts, h.ws_closes);
    host_stop(&h);
}

static void
a_full_send_queue_is_a_limit(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct peer p = {0};
    enum ln_err rc = LN_OK;

    host_start(&h, w);
    peer_connect(&p, w, &h, "/");
    wait_for(w, &p.opens, 1);
    char *big = calloc(1, 1U << 20);
    for (int i = 0; i < 64 && rc == LN_OK; i++) /* the loop does not turn */
        rc = ln_ws_send(h.ws, big, 1U << 20, false);
    assert_int_equal(rc, LN_ERR_LIMIT);
    assert_true(ln_ws_queued(h.ws) > LN_NET_SENDQ_MAX - (2U << 20));
    rc = LN_OK;
    for (int i = 0; i < 64 && rc == LN_OK; i++)
        rc = ln_ws_send(p.ws, big, 1U << 20, false);
    assert_int_equal(rc, LN_ERR_LIMIT);
    free(big);
    host_stop(&h);
}

static void
a_closed_server_is_a_lost_connection(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct peer p = {0};

    host_start(&h, w);
    peer_connect(&p, w, &h, "/");
    wait_for(w, &p.opens, 1);
    host_stop(&h);
    wait_for(w, &p.closes, 1);
    assert_int_equal(p.code, 1006);
    assert_int_equal(h.ws_closes, 0); /* its owner knows */
}

static void
freeing_the_net_calls_nobody_back(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct peer open = {0}, connecting = {0};

    host_start(&h, w);
    peer_connect(&open, w, &h, "/");
    wait_for(w, &open.opens, 1);
    peer_connect(&connecting, w, &h, "/");
    ln_net_free(w->net);
    w->net = NULL;
    linger(w);
    assert_int_equal(open.closes + connecting.closes, 0);
    assert_int_equal(h.ws_closes, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(ws_echoes_text_binary_and_empty),
        BOTH(the_server_sees_the_clients_close_code),
        BOTH(the_client_sees_the_servers_close_code),
        BOTH(big_messages_arrive_whole),
        BOTH(two_thousand_pushed_messages_arrive_in_order),
        BOTH(a_failed_connect_is_a_close_with_an_error),
        BOTH(an_untrusted_server_is_a_close_with_a_tls_error),
        BOTH(a_refused_path_is_a_close_with_the_status),
        BOTH(a_peer_that_drops_is_1006),
        BOTH(a_client_that_drops_is_1006_at_the_server),
        BOTH(a_server_may_drop_in_its_message_callback),
        BOTH(closing_while_connecting_ends_it),
        BOTH(a_full_send_queue_is_a_limit),
        BOTH(a_closed_server_is_a_lost_connection),
        BOTH(freeing_the_net_calls_nobody_back),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
