/*
 * The contract of net.h for HTTP: each test runs on the real network
 * (sockets, TLS) and on the virtual one. No test asserts how long something
 * takes.
 */
#include "contract.h"

/* ================= clients that remember ================= */

struct caller {
    struct ln_http_client *client;
    struct ln_http_call *call;
    int done;
    enum ln_err code;
    bool sent;
    int status;
    char body[64], header[64];
    struct ln_error err;
    bool free_client, cancel_self, again;
    struct world *world;
    char url[256];
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
    ln_str_copy(c->body, sizeof(c->body), resp->body);
    ln_str_copy(c->header, sizeof(c->header), ln_http_header(resp, "x-answer"));
    assert_true(resp->elapsed_ns >= 0);
    if (resp->code == LN_OK) {
        assert_true(ln_http_header(resp, "date").len > 0);
        assert_true(ln_http_header(resp, "content-length").len > 0);
    } else {
        assert_int_equal(resp->status, 0);
        assert_true(resp->err.what[0] != '\0');
    }
    if (c->cancel_self)
        ln_http_cancel(c->call); /* too late: no effect */
    c->cancel_self = false;
    if (c->free_client) {
        ln_http_client_free(c->client);
        c->client = NULL;
    }
    if (c->again) {
        struct ln_http_request req = {
            .method = "GET", .url = c->url, .timeout_ms = PATIENCE_MS};
        c->again = false;
        assert_non_null(ln_http_start(c->client, &req, on_response, c, NULL));
    }
}

static void
caller_init(struct caller *c, struct world *w, const char *ca)
{
    const struct ln_http_client_opts opts = {.ca_file = ca};
    struct ln_error err;

    *c = (struct caller){.world = w};
    c->client = ln_http_client_new(w->net, &opts, &err);
    assert_non_null(c->client);
}

static void
start(struct caller *c, const struct host *h, const char *method,
      const char *path, const char *body, int64_t timeout_ms)
{
    const struct ln_header headers[] = {
        {"ACCESS-KEY", ln_str("abc-123")},
        {"Content-Type", ln_str("application/json")},
        {"X-Empty", ln_str("")},
    };
    struct ln_error err;

    url_of(c->url, sizeof(c->url), "https", h->server, path);
    struct ln_http_request req = {
        .method = method,
        .url = c->url,
        .headers = headers,
        .nheaders = LN_COUNT(headers),
        .body = ln_str(body),
        .timeout_ms = timeout_ms,
    };
    int before = c->done;
    c->call = ln_http_start(c->client, &req, on_response, c, &err);
    assert_non_null(c->call);
    assert_int_equal(c->done, before); /* never inside the call */
}

/* ================= HTTP ================= */

static void
post_round_trip(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    start(&c, &h, "POST", "/api/a%20b?x=%26&y=2", "{\"a\":1}", PATIENCE_MS);
    wait_for(w, &c.done, 1);
    assert_int_equal(c.code, LN_OK);
    assert_true(c.sent);
    assert_int_equal(c.status, 200);
    assert_string_equal(c.body, "hello");
    assert_string_equal(c.header, "yes");
    assert_string_equal(h.method, "POST");
    assert_string_equal(h.path, "/api/a%20b"); /* as sent */
    assert_string_equal(h.query, "x=%26&y=2");
    assert_string_equal(h.body, "{\"a\":1}");
    assert_string_equal(h.custom, "abc-123");
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
other_methods_reach_the_server(void **state)
{
    static const char *const methods[] = {"GET", "DELETE", "PUT", "HEAD"};
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    for (int i = 0; i < (int)LN_COUNT(methods); i++) {
        start(&c, &h, methods[i], "/", i == 2 ? "x" : "", PATIENCE_MS);
        wait_for(w, &c.done, i + 1);
        assert_string_equal(h.method, methods[i]);
        assert_string_equal(h.body, i == 2 ? "x" : "");
        assert_int_equal(c.status, 200);
        assert_string_equal(c.body, i == 3 ? "" : "hello");
    }
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
a_status_is_an_answer_and_no_error(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    start(&c, &h, "GET", "/404", "", PATIENCE_MS);
    wait_for(w, &c.done, 1);
    assert_int_equal(c.code, LN_OK);
    assert_int_equal(c.status, 404);
    assert_string_equal(c.body, "nothing here");
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
the_request_is_readable_after_the_answer(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    start(&c, &h, "POST", "/echo", "ping", PATIENCE_MS);
    wait_for(w, &c.done, 1);
    assert_string_equal(c.body, "ping");
    assert_string_equal(h.lower, "ping");
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
an_answer_may_come_later(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    start(&c, &h, "GET", "/later", "", PATIENCE_MS);
    wait_for(w, &c.done, 1);
    assert_int_equal(h.answered, 1);
    assert_string_equal(c.body, "late");
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
no_answer_in_time_is_a_timeout_of_unknown_outcome(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    start(&c, &h, "POST", "/ok", "{}", PATIENCE_MS); /* warm */
    wait_for(w, &c.done, 1);
    start(&c, &h, "POST", "/never", "{}", 200);
    wait_for(w, &c.done, 2);
    assert_int_equal(c.code, LN_ERR_TIMEOUT);
    assert_true(c.sent);
    wait_for(w, &h.aborts, 1);
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
cancel_never_calls_back_and_the_server_learns_of_it(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    start(&c, &h, "POST", "/never", "{}", PATIENCE_MS);
    wait_for(w, &h.requests, 1);
    ln_http_cancel(c.call);
    wait_for(w, &h.aborts, 1);
    linger(w);
    assert_int_equal(c.done, 0);
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
a_dropped_connection_may_have_been_sent(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    start(&c, &h, "POST", "/ok", "{}", PATIENCE_MS);
    wait_for(w, &c.done, 1);
    /* On the warm connection curl would try again by itself. */
    start(&c, &h, "POST", "/drop", "{}", PATIENCE_MS);
    wait_for(w, &c.done, 2);
    assert_int_equal(c.code, LN_ERR_NET);
    assert_true(c.sent);
    linger(w);
    assert_int_equal(h.requests, 2); /* an order is never sent twice */
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
a_refused_connection_was_surely_not_sent(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    url_of(c.url, sizeof(c.url), "https", h.server, "/");
    host_stop(&h);
    linger(w);
    struct ln_http_request req = {
        .method = "POST", .url = c.url, .timeout_ms = PATIENCE_MS};
    assert_non_null(ln_http_start(c.client, &req, on_response, &c, NULL));
    wait_for(w, &c.done, 1);
    assert_int_equal(c.code, LN_ERR_NET);
    assert_false(c.sent);
    assert_true(c.err.cure[0] != '\0');
    ln_http_client_free(c.client);
}

static void
an_untrusted_certificate_fails_before_anything_is_sent(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->wrong_ca);
    start(&c, &h, "POST", "/", "secret", PATIENCE_MS);
    wait_for(w, &c.done, 1);
    assert_int_equal(c.code, LN_ERR_TLS);
    assert_false(c.sent);
    assert_int_equal(h.requests, 0);
    assert_non_null(strstr(c.err.what, "is not trusted"));
    assert_non_null(strstr(c.err.cure, "venue.ca"));
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
many_requests_at_once_are_all_answered(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca); /* six connections: the rest queues */
    for (int i = 0; i < 40; i++)
        start(&c, &h, "POST", "/echo", "x", PATIENCE_MS);
    wait_for(w, &c.done, 40);
    assert_int_equal(h.requests, 40);
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
callbacks_may_start_cancel_and_free(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    c.again = true;
    c.cancel_self = true;
    start(&c, &h, "GET", "/", "", PATIENCE_MS);
    wait_for(w, &c.done, 2);
    c.free_client = true;
    start(&c, &h, "GET", "/", "", PATIENCE_MS);
    start(&c, &h, "GET", "/never", "", PATIENCE_MS); /* cancelled by it */
    wait_for(w, &c.done, 3);
    linger(w);
    assert_int_equal(c.done, 3);
    assert_null(c.client);
    host_stop(&h);
}

static void
a_server_may_close_itself_in_its_callback(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    h.server_frees_itself = true;
    start(&c, &h, "POST", "/", "", PATIENCE_MS);
    wait_for(w, &c.done, 1);
    assert_int_equal(c.code, LN_ERR_NET);
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
impossible_requests_are_refused_at_once(void **state)
{
    static const char *const urls[] = {
        "http://example.com/", /* plain text to another machine */
        "ftp://127.0.0.1/",    "https://", "https://a b/", "wss://127.0.0.1/",
        "https://u@127.0.0.1/"};
    struct world *w = *state;
    struct caller c;
    struct ln_error err;

    caller_init(&c, w, NULL);
    for (size_t i = 0; i < LN_COUNT(urls); i++) {
        struct ln_http_request req = {
            .method = "GET", .url = urls[i], .timeout_ms = 1000};
        assert_null(ln_http_start(c.client, &req, on_response, &c, &err));
        assert_int_equal(err.code, LN_ERR_ARG);
    }
    const struct ln_header forged = {"X-A", ln_str("1\r\nX-B: 2")};
    struct ln_http_request req = {.method = "GET",
                                  .url = "https://127.0.0.1/",
                                  .headers = &forged,
                                  .nheaders = 1,
                                  .timeout_ms = 1000};
    assert_null(ln_http_start(c.client, &req, on_response, &c, &err));
    req.nheaders = 0;
    req.method = "GET /";
    assert_null(ln_http_start(c.client, &req, on_response, &c, &err));
    linger(w);
    assert_int_equal(c.done, 0);
    ln_http_client_free(c.client);
}

static void
a_port_in_use_is_named(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct ln_error err;
    char port[16];

    host_start(&h, w);
    struct ln_server_opts opts = {.host = "127.0.0.1",
                                  .port = ln_server_port(h.server)};
    assert_null(ln_server_listen(w->net, &opts, &host_events, &h, &err));
    snprintf(port, sizeof(port), "%d", opts.port);
    assert_int_equal(err.code, LN_ERR_NET);
    assert_non_null(strstr(err.what, "in use"));
    assert_non_null(strstr(err.what, port));
    opts.host = "0.0.0.0"; /* without a certificate */
    assert_null(ln_server_listen(w->net, &opts, &host_events, &h, &err));
    assert_int_equal(err.code, LN_ERR_ARG);
    host_stop(&h);
}

static void
plain_http_works_on_this_machine(void **state)
{
    const struct ln_server_opts opts = {.host = "127.0.0.1"};
    struct world *w = *state;
    struct host h = {0};
    struct caller c;
    struct ln_error err;

    h.server = ln_server_listen(w->net, &opts, &host_events, &h, &err);
    assert_non_null(h.server);
    caller_init(&c, w, NULL);
    url_of(c.url, sizeof(c.url), "http", h.server, "/");
    struct ln_http_request req = {
        .method = "GET", .url = c.url, .timeout_ms = PATIENCE_MS};
    assert_non_null(ln_http_start(c.client, &req, on_response, &c, NULL));
    wait_for(w, &c.done, 1);
    assert_int_equal(c.status, 200);

    /* TLS to a server without it fails before anything is sent. */
    url_of(c.url, sizeof(c.url), "https", h.server, "/");
    assert_non_null(ln_http_start(c.client, &req, on_response, &c, NULL));
    wait_for(w, &c.done, 2);
    assert_int_equal(c.code, LN_ERR_TLS);
    assert_false(c.sent);
    host_stop(&h);
    ln_http_client_free(c.client);
}

static void
freeing_the_net_calls_nobody_back(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct caller c;

    host_start(&h, w);
    caller_init(&c, w, w->ca);
    start(&c, &h, "POST", "/never", "", PATIENCE_MS);
    wait_for(w, &h.requests, 1);
    start(&c, &h, "POST", "/", "", PATIENCE_MS);
    ln_net_free(w->net);
    w->net = NULL;
    linger(w);
    assert_int_equal(c.done + h.aborts, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(post_round_trip),
        BOTH(other_methods_reach_the_server),
        BOTH(a_status_is_an_answer_and_no_error),
        BOTH(the_request_is_readable_after_the_answer),
        BOTH(an_answer_may_come_later),
        BOTH(no_answer_in_time_is_a_timeout_of_unknown_outcome),
        BOTH(cancel_never_calls_back_and_the_server_learns_of_it),
        BOTH(a_dropped_connection_may_have_been_sent),
        BOTH(a_refused_connection_was_surely_not_sent),
        BOTH(an_untrusted_certificate_fails_before_anything_is_sent),
        BOTH(many_requests_at_once_are_all_answered),
        BOTH(callbacks_may_start_cancel_and_free),
        BOTH(a_server_may_close_itself_in_its_callback),
        BOTH(impossible_requests_are_refused_at_once),
        BOTH(a_port_in_use_is_named),
        BOTH(plain_http_works_on_this_machine),
        BOTH(freeing_the_net_calls_nobody_back),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
