/*
 * The control endpoint: off by default, closed without its token; faults,
 * symbols and the market's speed changed while the simulator runs.
 */
#include "stream.h"

#include "base/log.h"

#define TOKEN "0123456789abcdef"

static int
setup_control(void **state)
{
    struct ln_sim_config cfg = {.control_host = "127.0.0.1",
                                .control_token = TOKEN};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

/* A request to the control endpoint, with these headers. */
static void
ask_with(struct world *w, const char *method, const char *target,
         const char *body, const struct ln_header *headers, size_t nheaders)
{
    char url[256];
    struct ln_error err = {0};
    snprintf(url, sizeof(url), "http://127.0.0.1:%d%s",
             ln_sim_control_port(w->sim), target);
    struct ln_http_request req = {.method = method,
                                  .url = url,
                                  .headers = headers,
                                  .nheaders = nheaders,
                                  .body = ln_str(body),
                                  .timeout_ms = 5000};
    w->answered = false;
    assert_non_null(ln_http_start(w->http, &req, on_answer, w, &err));
    for (int i = 0; i < 100 && !w->answered; i++)
        ln_loop_run_for(w->loop, 1);
    assert_true(w->answered);
    assert_int_equal(ln_json_parse(&w->doc, w->body, strlen(w->body), NULL),
                     LN_OK);
}

static void
ask(struct world *w, const char *method, const char *path, const char *body)
{
    char target[128];
    snprintf(target, sizeof(target), "%s?token=" TOKEN, path);
    ask_with(w, method, target, body, NULL, 0);
}

static void
it_is_off_unless_asked_for(void **state)
{
    struct world *w = *state;
    struct ln_buf line;
    assert_int_equal(ln_sim_control_port(w->sim), 0);
    ln_buf_init(&line, 4096);
    ln_sim_ready_line(w->sim, &line);
    assert_null(strstr(line.data, "control"));
    ln_buf_deinit(&line);
}

static void
the_ready_line_has_its_address_and_a_token(void **state)
{
    struct world *w = *state;
    struct ln_buf line;
    char want[128];
    ln_buf_init(&line, 4096);
    ln_sim_ready_line(w->sim, &line);
    snprintf(want, sizeof(want),
             "\"control\":\"http://127.0.0.1:%d/?token=" TOKEN "\"",
             ln_sim_control_port(w->sim));
    assert_non_null(strstr(line.data, want));
    ln_buf_deinit(&line);
}

static void
tokens_are_random_and_differ(void **state)
{
    (void)state;
    char tokens[2][64];
    for (int i = 0; i < 2; i++) {
        struct ln_sim_config cfg = {.control_host = "127.0.0.1"};
        struct world *w = world_new(&cfg);
        void *s = w;
        snprintf(tokens[i], sizeof(tokens[i]), "%s",
                 ln_sim_control_token(w->sim));
        assert_int_equal(strlen(tokens[i]), 32);
        teardown(&s);
    }
    assert_string_not_equal(tokens[0], tokens[1]);
}

static void
nobody_gets_in_without_the_token(void **state)
{
    struct world *w = *state;
    static const char *const targets[] = {"/faults",
                                          "/faults?token=",
                                          "/faults?token=0123456789abcdeg",
                                          "/faults?token=0123456789abcde",
                                          ("/faults?xtoken=" TOKEN),
                                          "/"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        ask_with(w, "GET", targets[i], "", NULL, 0);
        assert_int_equal(w->status, 401);
    }
    const struct ln_header bearer = {"Authorization", ln_str("Bearer " TOKEN)};
    ask_with(w, "GET", "/faults", "", &bearer, 1);
    assert_int_equal(w->status, 200);
    ask_with(w, "GET", "/faults?a=b&token=" TOKEN, "", NULL, 0);
    assert_int_equal(w->status, 200);
}

static void
it_listens_on_loopback_only(void **state)
{
    struct world *w = *state;
    struct ln_error err = {0};
    struct ln_sim_config cfg = {.control_host = "0.0.0.0",
                                .history_minutes = 60};
    assert_null(ln_sim_new(w->loop, w->net, &cfg, &err));
    assert_int_equal(err.code, LN_ERR_CONFIG);
}

static void
unknown_paths_and_methods_are_told(void **state)
{
    struct world *w = *state;
    ask(w, "GET", "/nothing", "");
    assert_int_equal(w->status, 404);
    ask(w, "GET", "/speed", "");
    assert_int_equal(w->status, 405);
    ask(w, "GET", "/", "");
    assert_int_equal(w->status, 200);
    assert_true(count_at(w, "kinds") > 20);
    /* The exchange's port knows none of this. */
    pub(w, "/faults", "token=" TOKEN);
    assert_int_equal(w->status, 404);
}

static void
faults_are_set_shown_and_cleared(void **state)
{
    struct world *w = *state;
    ask(w, "GET", "/faults", "");
    assert_int_equal(count_at(w, "faults"), 0);
    ask(w, "POST", "/faults", "5xx:count=1:path=public/time,gap:p=0.5");
    assert_int_equal(w->status, 200);
    assert_int_equal(count_at(w, "faults"), 2);
    pub(w, "/api/v2/public/time", "");
    assert_int_equal(w->status, 500);
    pub(w, "/api/v2/public/time", "");
    assert_int_equal(w->status, 200);
    ask(w, "GET", "/faults", "");
    assert_string_equal(at(w, "faults.0.kind"), "5xx");
    assert_string_equal(at(w, "faults.0.hits"), "1");
    assert_int_equal(
        ln_json_type(&w->doc, value_at(&w->doc, "faults.0.active")),
        LN_JSON_FALSE); /* used up */
    assert_string_equal(at(w, "faults.1.spec"), "gap:p=0.5");
    ask(w, "POST", "/faults", "[{\"kind\":\"429\",\"every\":60,\"for\":5}]");
    assert_string_equal(at(w, "faults.0.spec"), "429:every=60:for=5");
    ask(w, "POST", "/faults", "429:every=60");
    assert_int_equal(w->status, 400);
    assert_non_null(strstr(at(w, "error"), "for"));
    pub(w, "/api/v2/public/time", "");
    assert_int_equal(w->status, 429); /* the old ones stand */
    ask(w, "POST", "/faults/clear", "");
    assert_int_equal(count_at(w, "faults"), 0);
    pub(w, "/api/v2/public/time", "");
    assert_int_equal(w->status, 200);
}

static void
a_symbol_is_taken_offline_and_back(void **state)
{
    struct world *w = *state;
    ask(w, "POST", "/symbol",
        "{\"symbol\":\"BTCUSDT\",\"status\":\"maintain\"}");
    assert_int_equal(w->status, 200);
    post(w, "/api/v2/mix/order/place-order",
         ORDER "\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.01\"}");
    assert_int_equal(w->status, 400);
    ask(w, "POST", "/symbol", "{\"symbol\":\"BTCUSDT\",\"status\":\"normal\"}");
    market_buy(w, "0.01");
    static const char *const wrong[] = {
        "", "[]", "{}", "{\"symbol\":\"NOPEUSDT\",\"status\":\"off\"}",
        "{\"symbol\":\"BTCUSDT\",\"status\":\"open\"}"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ask(w, "POST", "/symbol", wrong[i]);
        assert_int_equal(w->status, 400);
    }
}

static void
the_speed_changes_and_the_stats_tell(void **state)
{
    struct world *w = *state;
    struct ln_ex *ex = ln_sim_engine(w->sim);
    int64_t at_ms = ln_ex_now(ex);
    ask(w, "POST", "/speed", "{\"speed\":60}");
    assert_string_equal(at(w, "speed"), "60");
    ln_loop_run_for(w->loop, 1000);
    assert_in_range(ln_ex_now(ex) - at_ms, 59000, 61500);
    ask(w, "POST", "/speed", "{\"speed\":\"max\"}");
    assert_string_equal(at(w, "speed"), "max");
    at_ms = ln_ex_now(ex);
    ln_loop_run_for(w->loop, 100);
    assert_true(ln_ex_now(ex) - at_ms > 60000);
    ask(w, "POST", "/speed", "{\"speed\":0}");
    at_ms = ln_ex_now(ex);
    ln_loop_run_for(w->loop, 1000);
    assert_int_equal(ln_ex_now(ex), at_ms);
    static const char *const wrong[] = {"{\"speed\":3601}", "{\"speed\":-1}",
                                        "{\"speed\":\"fast\"}", "{}"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        ask(w, "POST", "/speed", wrong[i]);
        assert_int_equal(w->status, 400);
    }
    pub(w, "/api/v2/public/time", "");
    ask(w, "GET", "/stats", "");
    assert_string_equal(at(w, "restRequests"), "1");
    assert_string_equal(at(w, "wsClients"), "0");
    assert_string_equal(at(w, "faults"), "0");
    assert_string_equal(at(w, "behindTicks"), "0");
}

/* At speed max the market waits for who does not read. */
static void
max_waits_for_its_clients(void **state)
{
    struct world *w = *state;
    struct ln_ex *ex = ln_sim_engine(w->sim);
    struct stream *s = stream_new(w, "/v2/ws/public");
    struct ln_net_faults slow = {.latency_min_ms = 60000,
                                 .latency_max_ms = 60000};
    say(s, SUBSCRIBE(ARG("books", "BTCUSDT") "," ARG("books15", "BTCUSDT")));
    hear(s, "\"action\"");
    ln_net_virtual_faults(w->net, &slow);
    ln_sim_set_speed(w->sim, LN_SIM_SPEED_MAX);
    ln_loop_run_for(w->loop, 20000);
    int64_t at_ms = ln_ex_now(ex);
    ln_loop_run_for(w->loop, 10000); /* too much is on its way */
    assert_int_equal(ln_ex_now(ex), at_ms);
    ln_net_virtual_faults(w->net, &(struct ln_net_faults){0});
    ln_loop_run_for(w->loop, 60000); /* it arrived */
    assert_true(ln_ex_now(ex) > at_ms);
    ln_sim_set_speed(w->sim, 0);
    stream_free(s);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, setup_control, teardown)

int
main(void)
{
    ln_log_set_level(LN_LOG_WARN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_off_unless_asked_for, setup,
                                        teardown),
        cmocka_unit_test(tokens_are_random_and_differ),
        TEST(the_ready_line_has_its_address_and_a_token),
        TEST(nobody_gets_in_without_the_token),
        TEST(it_listens_on_loopback_only),
        TEST(unknown_paths_and_methods_are_told),
        TEST(faults_are_set_shown_and_cleared),
        TEST(a_symbol_is_taken_offline_and_back),
        TEST(the_speed_changes_and_the_stats_tell),
        TEST(max_waits_for_its_clients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
