/*
 * What only the real network can show of HTTP: bytes written by hand, and
 * what the system does.
 */
#include "raw.h"

/* ================= HTTP by hand ================= */

static void
bad_requests_are_answered_and_closed(void **state)
{
    static const struct {
        const char *request, *status;
    } cases[] = {
        {"GARBAGE\r\n\r\n", "HTTP/1.1 400 "},
        {"GET / HTTP/2.0\r\n\r\n", "HTTP/1.1 400 "},
        {"GET http://x/ HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
        {"GET / HTTP/1.1\r\nA : b\r\n\r\n", "HTTP/1.1 400 "},
        {"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", "HTTP/1.1 400 "},
        {"GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n", "HTTP/1.1 400 "},
        {"\x16\x03\x01 a TLS hello", "HTTP/1.1 400 "},
        {"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 400 "},
        {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 "},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
         "HTTP/1.1 400 "},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "HTTP/1.1 411 "},
        {"POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", "HTTP/1.1 413 "},
        {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
         "HTTP/1.1 400 "},
        {"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
         "HTTP/1.1 400 "},
    };
    struct world *w = *state;
    struct host h = {0};
    char out[2048];

    host_start(&h, w, false);
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        raw_talk(w, &h, cases[i].request, out, sizeof(out));
        if (strncmp(out, cases[i].status, strlen(cases[i].status)) != 0)
            fail_msg("case %zu: %s", i, out);
    }
    assert_int_equal(h.requests, 0);
    ln_server_close(h.server);
}

static void
too_long_a_head_is_431_and_too_long_a_target_414(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    static char request[40000];
    char out[2048];

    host_start(&h, w, false);
    memset(request, 'a', sizeof(request) - 1);
    memcpy(request, "GET / HTTP/1.1\r\nX: ", 19);
    raw_talk(w, &h, request, out, sizeof(out));
    assert_memory_equal(out, "HTTP/1.1 431 ", 13);
    memcpy(request, "GET /aaaaaaaaaaaaaaaaaaaa", 25);
    memcpy(request + 10000, " HTTP/1.1\r\n\r\n", 14);
    raw_talk(w, &h, request, out, sizeof(out));
    assert_memory_equal(out, "HTTP/1.1 414 ", 13);
    assert_int_equal(h.requests, 0);
    ln_server_close(h.server);
}

static void
requests_in_pieces_and_in_one_packet(void **state)
{
    static const char two[] =
        "GET /one HTTP/1.1\r\n\r\n"
        "POST /two HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
        "GET /three HTTP/1.1\r\nConnection: close\r\n\r\n";
    struct world *w = *state;
    struct host h = {0};
    char out[4096];

    host_start(&h, w, false);
    raw_talk(w, &h, two, out, sizeof(out));
    const char *one = strstr(out, "/one 0"), *mid = strstr(out, "/two 3"),
               *last = strstr(out, "/three 0");
    assert_true(one && mid && last && one < mid && mid < last);

    int fd = raw_connect(&h);
    for (size_t i = 0; i < sizeof(two) - 1; i++) { /* byte by byte */
        raw_send(w, fd, two + i, 1);
        if (i % 7 == 0)
            ln_loop_run_for(w->loop, 0);
    }
    raw_expect(w, fd, NULL, 0, out, sizeof(out));
    assert_non_null(strstr(out, "/three 0"));
    assert_int_equal(h.requests, 6);
    close(fd);
    ln_server_close(h.server);
}

static void
expect_100_is_answered_before_the_body(void **state)
{
    static const char head[] = "POST / HTTP/1.1\r\nExpect: 100-continue\r\n"
                               "Content-Length: 2\r\n\r\n";
    struct world *w = *state;
    struct host h = {0};
    char out[1024];

    host_start(&h, w, false);
    int fd = raw_connect(&h);
    raw_send(w, fd, head, sizeof(head) - 1);
    raw_expect(w, fd, "100 Continue\r\n\r\n", 1, out, sizeof(out));
    raw_send(w, fd, "ok", 2);
    raw_expect(w, fd, "/ 2", 1, out, sizeof(out));
    assert_null(strstr(out, "100 Continue"));
    close(fd);
    ln_server_close(h.server);
}

static void
a_body_of_a_megabyte_is_taken(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    char head[128], out[1024];
    size_t len = 1U << 20;
    char *body = calloc(1, len);

    host_start(&h, w, false);
    int fd = raw_connect(&h);
    int n = snprintf(head, sizeof(head),
                     "PUT /big HTTP/1.1\r\ncontent-length: %zu\r\n\r\n", len);
    raw_send(w, fd, head, (size_t)n);
    raw_send(w, fd, body, len);
    raw_expect(w, fd, "/big 1048576", 1, out, sizeof(out));
    free(body);
    close(fd);
    ln_server_close(h.server);
}

/* ================= HTTP against it ================= */

struct caller {
    int done;
    enum ln_err code;
    bool sent;
    int status;
    struct ln_error err;
};

static void
on_response(void *ctx, const struct ln_http_response *resp)
{
    struct caller *c = ctx;
    c->done++;
    c->code = resp->code;
    c->sent = resp->sent;
    c->status = resp->status;
    c->err = resp->err;
}

static void
request(struct ln_http_client *client, struct caller *c, const char *method,
        const char *scheme, const char *host, int port, int64_t timeout_ms)
{
    char url[128];
    struct ln_error err;
    struct ln_http_request req = {
        .method = method, .url = url, .timeout_ms = timeout_ms};

    snprintf(url, sizeof(url), "%s://%s:%d/x", scheme, host, port);
    assert_non_null(ln_http_start(client, &req, on_response, c, &err));
}

static struct ln_http_client *
client_new(struct world *w, int max_connections)
{
    const struct ln_http_client_opts opts = {
        .ca_file = w->ca, .max_connections = max_connections};
    struct ln_http_client *client = ln_http_client_new(w->net, &opts, NULL);
    assert_non_null(client);
    return client;
}

static void
connections_are_kept_alive(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c = {0};
    struct ln_http_client *client = client_new(w, 0);

    host_start(&h, w, true);
    int port = ln_server_port(h.server);
    request(client, &c, "GET", "https", "127.0.0.1", port, PATIENCE_MS);
    wait_for(w, &c.done, 1);
    int before = open_descriptors();
    for (int i = 0; i < 20; i++) {
        request(client, &c, "POST", "https", "127.0.0.1", port, PATIENCE_MS);
        wait_for(w, &c.done, 2 + i);
        assert_int_equal(c.status, 200);
    }
    assert_int_equal(open_descriptors(), before);
    ln_server_close(h.server);
    ln_http_client_free(client);
}

static void
a_stale_connection_is_replaced(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c = {0};
    struct ln_http_client *client = client_new(w, 0);
    struct ln_error err;

    host_start(&h, w, true);
    int port = ln_server_port(h.server);
    request(client, &c, "POST", "https", "127.0.0.1", port, PATIENCE_MS);
    wait_for(w, &c.done, 1);
    ln_server_close(h.server); /* and with it the kept connection */
    linger(w);
    const struct ln_server_opts opts = {.host = "127.0.0.1",
                                        .port = port,
                                        .cert_file = w->good.cert,
                                        .key_file = w->good.key};
    h.server = ln_server_listen(w->net, &opts, &events, &h, &err);
    assert_non_null(h.server);
    request(client, &c, "POST", "https", "127.0.0.1", port, PATIENCE_MS);
    wait_for(w, &c.done, 2);
    assert_int_equal(c.status, 200);
    ln_server_close(h.server);
    ln_http_client_free(client);
}

static void
waiting_for_a_connection_counts_against_the_timeout(void **state)
{
    struct world *w = *state;
    struct host h = {.hold = true};
    struct caller first = {0}, second = {0};
    struct ln_http_client *client = client_new(w, 1);

    host_start(&h, w, true);
    int port = ln_server_port(h.server);
    request(client, &first, "POST", "https", "127.0.0.1", port, PATIENCE_MS);
    wait_for(w, &h.requests, 1);
    request(client, &second, "POST", "https", "127.0.0.1", port, 150);
    wait_for(w, &second.done, 1);
    assert_int_equal(second.code, LN_ERR_TIMEOUT);
    assert_false(second.sent); /* it never had a connection */
    assert_int_equal(first.done, 0);
    assert_int_equal(h.requests, 1);
    ln_http_client_free(client);
    ln_server_close(h.server);
}

static void
a_hanging_handshake_was_surely_not_sent(void **state)
{
    struct world *w = *state;
    struct raw_server s;
    struct caller c = {0};
    struct ln_http_client *client = client_new(w, 0);

    raw_server_start(&s, SILENT);
    request(client, &c, "POST", "https", "127.0.0.1", s.port, 150);
    wait_for(w, &c.done, 1);
    assert_int_equal(c.code, LN_ERR_TIMEOUT);
    assert_false(c.sent);
    ln_http_client_free(client);
    linger(w);
    raw_server_stop(&s);
}

static void
a_post_is_not_repeated_when_the_server_closes(void **state)
{
    struct world *w = *state;
    struct raw_server s;
    struct caller c = {0};
    struct ln_http_client *client = client_new(w, 0);

    raw_server_start(&s, HTTP_CLOSE);
    request(client, &c, "POST", "http", "127.0.0.1", s.port, PATIENCE_MS);
    wait_for(w, &c.done, 1);
    assert_int_equal(c.code, LN_ERR_NET);
    assert_true(c.sent);
    ln_http_client_free(client);
    linger(w);
    raw_server_stop(&s);
    assert_int_equal(s.connections, 1);
}

static void
too_large_an_answer_is_an_error(void **state)
{
    struct world *w = *state;
    struct raw_server s;
    struct caller c = {0};
    struct ln_http_client *client = client_new(w, 0);

    raw_server_start(&s, HTTP_HUGE);
    request(client, &c, "GET", "http", "127.0.0.1", s.port, PATIENCE_MS);
    wait_for(w, &c.done, 1);
    assert_int_equal(c.code, LN_ERR_NOMEM);
    ln_http_client_free(client);
    linger(w);
    raw_server_stop(&s);
}

static void
unusable_files_are_named(void **state)
{
    struct world *w = *state;
    struct ln_error err;
    const struct ln_http_client_opts http = {.ca_file = "/nonexistent/ca.pem"};
    struct ln_server_opts opts = {.host = "127.0.0.1",
                                  .cert_file = w->good.cert,
                                  .key_file = w->other.key};

    assert_null(ln_http_client_new(w->net, &http, &err));
    assert_int_equal(err.code, LN_ERR_CONFIG);
    assert_string_equal(err.where, "/nonexistent/ca.pem");
    assert_null(ln_server_listen(w->net, &opts, &events, NULL, &err));
    assert_int_equal(err.code, LN_ERR_TLS);
    assert_string_equal(err.where, w->other.key);
    opts.cert_file = "/nonexistent/cert.pem";
    assert_null(ln_server_listen(w->net, &opts, &events, NULL, &err));
    assert_string_equal(err.where, "/nonexistent/cert.pem");
}

static void
proxies_of_the_environment_are_ignored(void **state)
{
    struct world *w;
    struct host h = {0};
    struct caller c = {0};
    void *own = NULL;
    (void)state;

    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    assert_int_equal(world_setup_uv(&own), 0);
    w = own;
    host_start(&h, w, true);
    struct ln_http_client *client = client_new(w, 0);
    int port = ln_server_port(h.server);
    request(client, &c, "GET", "https", "127.0.0.1", port, PATIENCE_MS);
    wait_for(w, &c.done, 1);
    assert_int_equal(c.status, 200);
    world_teardown(&own);
    unsetenv("https_proxy");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ON_UV(bad_requests_are_answered_and_closed),
        ON_UV(too_long_a_head_is_431_and_too_long_a_target_414),
        ON_UV(requests_in_pieces_and_in_one_packet),
        ON_UV(expect_100_is_answered_before_the_body),
        ON_UV(a_body_of_a_megabyte_is_taken),
        ON_UV(connections_are_kept_alive),
        ON_UV(a_stale_connection_is_replaced),
        ON_UV(waiting_for_a_connection_counts_against_the_timeout),
        ON_UV(a_hanging_handshake_was_surely_not_sent),
        ON_UV(a_post_is_not_repeated_when_the_server_closes),
        ON_UV(too_large_an_answer_is_an_error),
        ON_UV(proxies_of_the_environment_are_ignored),
        ON_UV(unusable_files_are_named),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
