/*
 * The faults of the virtual network, and that a seed decides all of them.
 */
#include "net_fixture.h"

struct sim {
    struct world *w;
    struct ln_server *server;
    struct ln_http_client *client;
    int requests, aborts;
    int done, ok, net_errors, timeouts, surely_unsent;
    int ws_closes, srv_closes, ws_messages, ws_opens;
    int order_broken, last;
    int last_code;
    char trace[4096]; /* one letter and a time per event */
    struct ln_ws *srv_ws;
    struct ln_server_req *held;
    bool hold;
};

static void
note(struct sim *s, char what)
{
    size_t len = strlen(s->trace);
    snprintf(s->trace + len, sizeof(s->trace) - len, "%c%lld ", what,
             (long long)(ln_loop_now_ms(s->w->loop) - WALL_MS));
}

static void
on_request(void *ctx, struct ln_server_req *req,
           const struct ln_server_request *r)
{
    struct sim *s = ctx;
    (void)r;
    s->requests++;
    note(s, 'r');
    if (s->hold)
        s->held = req;
    else
        ln_server_respond(req, 200, NULL, 0, ln_str("ok"));
}

static void
on_abort(void *ctx, struct ln_server_req *req)
{
    struct sim *s = ctx;
    (void)req;
    s->aborts++;
}

static void *
on_accept(void *ctx, struct ln_ws *ws, const char *path, const char *peer)
{
    (void)ws;
    (void)path;
    (void)peer;
    return ctx;
}

static void
srv_open(void *ctx, struct ln_ws *ws)
{
    ((struct sim *)ctx)->srv_ws = ws;
}

static void
srv_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct sim *s = ctx;
    (void)ws;
    (void)code;
    (void)err;
    s->srv_closes++;
    s->srv_ws = NULL;
}

static void
cli_open(void *ctx, struct ln_ws *ws)
{
    (void)ws;
    ((struct sim *)ctx)->ws_opens++;
}

static void
cli_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
            bool is_text)
{
    struct sim *s = ctx;
    char text[16];
    (void)ws;
    (void)is_text;

    ln_str_copy(text, sizeof(text), ln_strn(data, len));
    int n = atoi(text);
    if (n < s->last)
        s->order_broken++;
    s->last = n;
    s->ws_messages++;
    note(s, 'm');
}

static void
cli_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct sim *s = ctx;
    (void)ws;
    (void)err;
    s->ws_closes++;
    s->last_code = code;
}

static void
on_response(void *ctx, const struct ln_http_response *resp)
{
    struct sim *s = ctx;
    s->done++;
    s->ok += resp->code == LN_OK;
    s->net_errors += resp->code == LN_ERR_NET;
    s->timeouts += resp->code == LN_ERR_TIMEOUT;
    s->surely_unsent += !resp->sent;
    note(s, resp->code == LN_OK ? 'k' : 'e');
}

static void
sim_start(struct sim *s, struct world *w, const struct ln_net_faults *faults)
{
    static const struct ln_server_events events = {
        .request = on_request,
        .abort = on_abort,
        .ws_accept = on_accept,
        .ws = {srv_open, NULL, srv_close},
    };
    const struct ln_server_opts opts = {.host = "127.0.0.1", .port = 8080};

    *s = (struct sim){.w = w};
    ln_net_virtual_faults(w->net, faults);
    s->server = ln_server_listen(w->net, &opts, &events, s, NULL);
    s->client = ln_http_client_new(w->net, NULL, NULL);
    assert_true(s->server && s->client);
}

static void
post(struct sim *s, int64_t timeout_ms)
{
    const struct ln_http_request req = {.method = "POST",
                                        .url = "http://localhost:8080/",
                                        .timeout_ms = timeout_ms};
    assert_non_null(ln_http_start(s->client, &req, on_response, s, NULL));
}

static void
ws_open(struct sim *s)
{
    static const struct ln_ws_events events = {cli_open, cli_message,
                                               cli_close};
    const struct ln_ws_opts opts = {.url = "ws://localhost:8080/"};
    assert_non_null(ln_ws_connect(s->w->net, &opts, &events, s, NULL));
}

static void
latency_is_within_its_bounds_each_way(void **state)
{
    const struct ln_net_faults faults = {.latency_min_ms = 10,
                                         .latency_max_ms = 30};
    struct sim s;

    sim_start(&s, *state, &faults);
    for (int i = 0; i < 50; i++) {
        int64_t start_ms = ln_loop_now_ms(s.w->loop);
        post(&s, 1000);
        while (s.done == i)
            ln_loop_run_for(s.w->loop, 1);
        int64_t took_ms = ln_loop_now_ms(s.w->loop) - start_ms;
        assert_in_range(took_ms, 20, 60);
    }
}

static void
a_lost_request_and_a_lost_answer_look_alike(void **state)
{
    const struct ln_net_faults lost_request = {.drop_request = 1};
    const struct ln_net_faults lost_answer = {.drop_response = 1};
    struct sim s;

    sim_start(&s, *state, &lost_request);
    post(&s, 500);
    ln_loop_run_for(s.w->loop, 1000);
    assert_int_equal(s.requests, 0);
    assert_int_equal(s.timeouts, 1);
    ln_net_virtual_faults(s.w->net, &lost_answer);
    post(&s, 500);
    ln_loop_run_for(s.w->loop, 1000);
    assert_int_equal(s.requests, 1); /* it acted */
    assert_int_equal(s.timeouts, 2);
    assert_int_equal(s.surely_unsent, 0); /* in neither case it is sure */
}

static void
refused_is_surely_unsent_and_reset_is_not(void **state)
{
    const struct ln_net_faults refuse = {.refuse = 1};
    const struct ln_net_faults reset = {.reset = 1};
    struct sim s;

    sim_start(&s, *state, &refuse);
    post(&s, 500);
    ws_open(&s);
    ln_loop_run_for(s.w->loop, 100);
    assert_int_equal(s.net_errors, 1);
    assert_int_equal(s.surely_unsent, 1);
    assert_int_equal(s.ws_closes, 1);
    assert_int_equal(s.ws_opens, 0);
    ln_net_virtual_faults(s.w->net, &reset);
    post(&s, 500);
    ln_loop_run_for(s.w->loop, 100);
    assert_int_equal(s.net_errors, 2);
    assert_int_equal(s.surely_unsent, 1);
}

/* The classic: the client gives up, and the request acts all the same. */
static void
a_late_request_still_arrives(void **state)
{
    const struct ln_net_faults faults = {.latency_min_ms = 300,
                                         .latency_max_ms = 300};
    struct sim s;

    sim_start(&s, *state, &faults);
    s.hold = true;
    post(&s, 100);
    ln_loop_run_for(s.w->loop, 200);
    assert_int_equal(s.timeouts, 1);
    assert_int_equal(s.requests, 0);
    ln_loop_run_for(s.w->loop, 101);
    assert_int_equal(s.requests, 1);
    ln_loop_run_for(s.w->loop, 200);
    assert_int_equal(s.aborts, 1);
}

static void
messages_vanish_and_double_but_keep_their_order(void **state)
{
    const struct ln_net_faults faults = {.latency_min_ms = 1,
                                         .latency_max_ms = 50,
                                         .drop_message = 0.2,
                                         .dup_message = 0.2};
    struct sim s;
    char text[16];

    sim_start(&s, *state, &faults);
    ws_open(&s);
    ln_loop_run_for(s.w->loop, 200);
    assert_int_equal(s.ws_opens, 1);
    for (int i = 0; i < 300; i++) {
        int len = snprintf(text, sizeof(text), "%d", i);
        assert_int_equal(ln_ws_send(s.srv_ws, text, (size_t)len, true), LN_OK);
    }
    ln_loop_run_for(s.w->loop, 20000);
    assert_int_equal(s.order_broken, 0);
    assert_in_range(s.ws_messages, 240, 340);
    assert_int_not_equal(s.ws_messages, 300);
    assert_int_equal(ln_ws_queued(s.srv_ws), 0);
}

static void
a_cut_ends_everything_at_both_ends(void **state)
{
    const struct ln_net_faults faults = {.latency_min_ms = 5,
                                         .latency_max_ms = 5};
    struct sim s;

    sim_start(&s, *state, &faults);
    s.hold = true;
    ws_open(&s);
    post(&s, 10000);
    ln_loop_run_for(s.w->loop, 50);
    post(&s, 10000); /* on its way */
    ln_net_virtual_cut(s.w->net);
    ln_loop_run_for(s.w->loop, 0);
    assert_int_equal(s.net_errors, 2);
    assert_int_equal(s.surely_unsent, 0);
    assert_int_equal(s.aborts, 1);
    assert_int_equal(s.ws_closes, 1);
    assert_int_equal(s.srv_closes, 1);
    assert_int_equal(s.last_code, 1006);
    ln_loop_run_for(s.w->loop, 50);
    assert_int_equal(s.requests, 1);
    s.hold = false;
    post(&s, 10000); /* the network itself goes on */
    ln_loop_run_for(s.w->loop, 50);
    assert_int_equal(s.ok, 1);
}

static void
run_with_faults(struct world *w, uint64_t seed, char *trace, size_t cap)
{
    const struct ln_net_faults faults = {
        .latency_min_ms = 1,
        .latency_max_ms = 40,
        .drop_request = 0.1,
        .drop_response = 0.1,
        .reset = 0.05,
        .refuse = 0.05,
    };
    struct sim s;
    struct world own = *w;

    own.loop = ln_loop_virtual_new(WALL_MS);
    own.net = ln_net_virtual_new(own.loop, seed);
    sim_start(&s, &own, &faults);
    for (int i = 0; i < 60; i++) {
        post(&s, 100);
        ln_loop_run_for(own.loop, 7);
    }
    ln_loop_run_for(own.loop, 1000);
    assert_int_equal(s.done, 60);
    assert_true(s.ok > 0 && s.timeouts > 0 && s.net_errors > 0);
    ln_net_free(own.net);
    ln_loop_free(own.loop);
    snprintf(trace, cap, "%s", s.trace);
}

static void
the_seed_decides_everything(void **state)
{
    struct world *w = *state;
    static char a[4096], b[4096], c[4096];

    run_with_faults(w, 1, a, sizeof(a));
    run_with_faults(w, 1, b, sizeof(b));
    run_with_faults(w, 2, c, sizeof(c));
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
}

#define ON_VIRTUAL(f)                                                          \
    {                                                                          \
#f, f, world_setup_virtual, world_teardown, NULL                       \
    }

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ON_VIRTUAL(latency_is_within_its_bounds_each_way),
        ON_VIRTUAL(a_lost_request_and_a_lost_answer_look_alike),
        ON_VIRTUAL(refused_is_surely_unsent_and_reset_is_not),
        ON_VIRTUAL(a_late_request_still_arrives),
        ON_VIRTUAL(messages_vanish_and_double_but_keep_their_order),
        ON_VIRTUAL(a_cut_ends_everything_at_both_ends),
        ON_VIRTUAL(the_seed_decides_everything),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
