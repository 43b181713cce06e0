/*
 * Nothing that a client sends brings the server down or its engine out of
 * order: damaged bodies, queries, headers and frames from a fixed seed; and
 * a client that never reads is dropped.
 */
#include "stream.h"

#include "base/log.h"
#include "base/rng.h"
#include "sim/sim_int.h"

#define ROUNDS 1500

/* Damage a text: bytes changed, doubled, removed, cut. */
static void
damage(struct ln_rng *rng, char *text, size_t cap)
{
    static const char likely[] = "{}[]\",:\\0123456789.-eEnul%&=\x80\xff\x01";
    uint64_t times = 1 + ln_rng_below(rng, 4);
    while (times-- > 0) {
        size_t len = strlen(text);
        if (len < 2)
            return;
        size_t where = (size_t)ln_rng_below(rng, len);
        char c = likely[ln_rng_below(rng, sizeof(likely) - 1)];
        switch (ln_rng_below(rng, 4)) {
        case 0:
            text[where] = c;
            break;
        case 1:
            memmove(text + where, text + where + 1, len - where);
            break;
        case 2:
            if (len + 2 < cap) {
                memmove(text + where + 1, text + where, len - where + 1);
                text[where] = c;
            }
            break;
        default:
            if (ln_rng_below(rng, 8) == 0)
                text[where] = '\0';
            break;
        }
    }
}

static const char *const posts[][2] = {
    {"place-order", ORDER "\"side\":\"buy\",\"orderType\":\"limit\","
                          "\"size\":\"0.01\",\"price\":\"60000\","
                          "\"clientOid\":\"f-1\",\"force\":\"gtc\"}"},
    {"batch-place-order",
     ORDER "\"orderList\":[{\"side\":\"buy\",\"orderType\":\"market\","
           "\"size\":\"0.01\"},{\"side\":\"sell\",\"orderType\":\"limit\","
           "\"size\":\"0.01\",\"price\":\"70000\"}]}"},
    {"modify-order", "{" BTC_BODY ",\"clientOid\":\"f-1\",\"newClientOid\":"
                     "\"f-2\",\"newSize\":\"0.02\",\"newPrice\":\"61000\"}"},
    {"cancel-order", "{" BTC_BODY ",\"clientOid\":\"f-2\"}"},
    {"batch-cancel-orders",
     "{" BTC_BODY ",\"orderIdList\":[{\"orderId\":\"5\"},{}]}"},
    {"close-positions", "{" BTC_BODY ",\"holdSide\":\"long\"}"},
};
static const char *const gets[] = {
    "/api/v2/mix/order/orders-history?" P "&limit=5&idLessThan=9",
    "/api/v2/mix/order/fills?" P "&startTime=1&endTime=1800000000000",
    "/api/v2/mix/market/candles?" BTC "&granularity=15m&limit=9",
    "/api/v2/mix/market/merge-depth?" BTC "&precision=scale3&limit=50",
    "/api/v2/mix/market/history-fund-rate?" BTC "&pageSize=3&pageNo=1",
};

static void
expect_engine_in_order(struct world *w)
{
    char why[256];
    if (!ln_ex_check(ln_sim_engine(w->sim), why, sizeof(why)))
        fail_msg("%s", why);
}

static void
damaged_requests_are_answered(void **state)
{
    struct world *w = *state;
    struct ln_rng rng;
    int64_t money = ln_ex_money_total(ln_sim_engine(w->sim));
    ln_rng_seed(&rng, 4711);
    for (int i = 0; i < ROUNDS; i++) {
        char text[1024], path[128];
        size_t which = (size_t)ln_rng_below(&rng, 6);
        snprintf(text, sizeof(text), "%s", posts[which][1]);
        if (i % 3 > 0)
            damage(&rng, text, sizeof(text));
        snprintf(path, sizeof(path), "/api/v2/mix/order/%s", posts[which][0]);
        post(w, path, text);
        assert_true(w->status == 200 || w->status == 400);
    }
    assert_int_equal(ln_ex_money_total(ln_sim_engine(w->sim)), money);
    expect_engine_in_order(w);
}

static void
damaged_queries_are_answered(void **state)
{
    struct world *w = *state;
    struct ln_rng rng;
    ln_rng_seed(&rng, 4712);
    for (int i = 0; i < ROUNDS; i++) {
        char text[1024];
        snprintf(text, sizeof(text), "%s", gets[ln_rng_below(&rng, 5)]);
        damage(&rng, text + 1, sizeof(text) - 1);
        for (char *c = text; *c; c++) /* the client sends no such bytes */
            if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
                *c = '_';
        char *query = strchr(text, '?');
        if (query)
            *query++ = '\0';
        get(w, text, query ? query : "");
        assert_true(w->status == 200 || w->status == 400 || w->status == 404);
    }
}

static void
damaged_frames_are_answered(void **state)
{
    struct world *w = *state;
    struct ln_rng rng;
    struct stream *s = stream_new(w, "/v2/ws/private");
    static const char *const frames[] = {
        SUBSCRIBE(ARG("orders", "default") "," ARG("account", "default")),
        SUBSCRIBE(ARG("ticker", "BTCUSDT") "," ARG("candle1m", "BTCUSDT")),
        "{\"op\":\"unsubscribe\",\"args\":[" ARG("fill", "default") "]}",
        "ping"};
    ln_rng_seed(&rng, 4713);
    login_now(s);
    for (int i = 0; i < ROUNDS && !s->closed; i++) {
        char text[1024];
        snprintf(text, sizeof(text), "%s", frames[ln_rng_below(&rng, 4)]);
        damage(&rng, text, sizeof(text));
        if (*text)
            say(s, text);
        ln_loop_run_for(w->loop, 1);
    }
    assert_false(s->closed);
    say(s, SUBSCRIBE(ARG("positions", "default")));
    hear(s, "\"channel\":\"positions\"");
    stream_free(s);
}

static void
a_damaged_login_disconnects(void **state)
{
    struct world *w = *state;
    struct ln_rng rng;
    ln_rng_seed(&rng, 4714);
    for (int i = 0; i < 200; i++) {
        struct stream *s = stream_new(w, "/v2/ws/private");
        char text[512] =
            "{\"op\":\"login\",\"args\":[{\"apiKey\":\"" KEY
            "\",\"passphrase\":\"" PASS
            "\",\"timestamp\":\"1700000000\",\"sign\":\"c2lnbg==\"}]}";
        damage(&rng, text, sizeof(text));
        say(s, text);
        hear(s, "\"event\":\"error\""); /* never a login */
        stream_free(s);
    }
}

static void
a_client_that_does_not_read_is_dropped(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, "/v2/ws/public");
    struct ln_sim_stats stats;
    struct ln_net_faults slow = {.latency_min_ms = 100000,
                                 .latency_max_ms = 100000};
    say(s,
        SUBSCRIBE(ARG("books", "BTCUSDT") "," ARG("books15", "BTCUSDT") "," ARG(
            "books15", "ETHUSDT") "," ARG("trade", "BTCUSDT")));
    hear(s, "\"action\"");
    /* From now on nothing arrives: it piles up at the server. */
    ln_net_virtual_faults(w->net, &slow);
    ln_sim_set_speed(w->sim, 600);
    int seconds = 0;
    do {
        ln_loop_run_for(w->loop, 1000);
        ln_sim_stats(w->sim, &stats);
    } while (stats.ws_clients > 0 && ++seconds < 119);
    assert_in_range(seconds, 1, 100); /* before the missing ping counts */
    ln_net_virtual_faults(w->net, &(struct ln_net_faults){0});
    stream_free(s);
}

/* ---- faults of all kinds at once ---- */

/* Answers may be anything now, or none. */
static void
on_anything(void *ctx, const struct ln_http_response *resp)
{
    int *answers = ctx;
    *answers += resp->code == LN_OK;
}

static void
send_anything(struct world *w, const char *path, const char *body, int *answers)
{
    char url[256], timestamp[24], sign[64], prehash[2048];
    struct ln_error err = {0};
    snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", ln_sim_port(w->sim),
             path);
    snprintf(timestamp, sizeof(timestamp), "%lld",
             (long long)ln_loop_now_ms(w->loop));
    snprintf(prehash, sizeof(prehash), "%sPOST%s%s", timestamp, path, body);
    sign_text(prehash, sign);
    struct ln_header headers[] = {{"ACCESS-KEY", ln_str(KEY)},
                                  {"ACCESS-SIGN", ln_str(sign)},
                                  {"ACCESS-TIMESTAMP", ln_str(timestamp)},
                                  {"ACCESS-PASSPHRASE", ln_str(PASS)},
                                  {"Content-Type", ln_str("application/json")}};
    struct ln_http_request req = {.method = "POST",
                                  .url = url,
                                  .headers = headers,
                                  .nheaders = 5,
                                  .body = ln_str(body),
                                  .timeout_ms = 500};
    assert_non_null(ln_http_start(w->http, &req, on_anything, answers, &err));
}

static void
all_faults_at_once_leave_the_exchange_in_order(void **state)
{
    struct world *w = *state;
    struct ln_ex *ex = ln_sim_engine(w->sim);
    struct ln_error err = {0};
    struct ln_sim_stats stats;
    int64_t money = ln_ex_money_total(ex);
    int answers = 0;
    assert_int_equal(
        ln_sim_set_faults(
            w->sim,
            "latency:ms=5:jitter=60:p=0.5,disconnect:p=0.02,half-open:p=0.01,"
            "no-answer:p=0.02,refuse:p=0.1,unanswered:p=0.05,executed-error:"
            "p=0.05,429:p=0.05,5xx:p=0.02,html:p=0.02,truncated:p=0.05,"
            "malformed:p=0.05,maintenance:p=0.02,drop-push:p=0.1,dup-push:"
            "p=0.1,delay-push:p=0.1,reorder-push:p=0.1,silent:channel=fill,"
            "gap:p=0.2,pseq0:p=0.1,dup-trade:p=0.3,skew:ms=900:every=3:for=1,"
            "offline:every=5:for=1,string-code:p=0.5,numbers:p=0.3,keys:p=0.3",
            &err),
        LN_OK);
    ln_sim_set_speed(w->sim, 10);
    for (int round = 0; round < 12; round++) {
        struct stream *priv = stream_new(w, "/v2/ws/private");
        struct stream *pub_ws = stream_new(w, "/v2/ws/public");
        char prehash[64], sign[64], seconds[24];
        snprintf(seconds, sizeof(seconds), "%lld",
                 (long long)(ln_loop_now_ms(w->loop) / 1000));
        snprintf(prehash, sizeof(prehash), "%sGET/user/verify", seconds);
        sign_text(prehash, sign);
        if (priv->ws) {
            login_as(priv, KEY, PASS, seconds, sign);
            say(priv, SUBSCRIBE(ARG("orders", "default") "," ARG(
                          "positions", "default") "," ARG("fill", "default")));
        }
        if (pub_ws->ws)
            say(pub_ws,
                SUBSCRIBE(ARG("books", "BTCUSDT") "," ARG("trade", "BTCUSDT")));
        for (int i = 0; i < 40; i++) {
            char path[128];
            size_t which = (size_t)(i % 6);
            snprintf(path, sizeof(path), "/api/v2/mix/order/%s",
                     posts[which][0]);
            send_anything(w, path, posts[which][1], &answers);
            ln_loop_run_for(w->loop, 25);
        }
        stream_free(priv); /* while some of it is still held back */
        stream_free(pub_ws);
        expect_engine_in_order(w);
        assert_int_equal(ln_ex_money_total(ex), money);
    }
    ln_sim_stats(w->sim, &stats);
    assert_true(stats.faults > 500);
    assert_true(answers > 100);
    assert_int_equal(ln_sim_set_faults(w->sim, "", &err), LN_OK);
    ln_loop_run_for(w->loop, 1000);
    get(w, "/api/v2/mix/account/accounts", P);
    expect_ok(w);
}

/* ---- the market's clock ---- */

static int warnings;

static void
count_warnings(void *ctx, enum ln_log_level level, const char *line, size_t len)
{
    (void)ctx;
    (void)len;
    warnings += level == LN_LOG_WARN && strstr(line, "behind") != NULL;
}

static void
falling_behind_is_said_and_counted(void **state)
{
    struct world *w = *state;
    struct ln_sim_stats stats;
    ln_log_set_sink(count_warnings, NULL);
    warnings = 0;
    ln_sim_set_speed(w->sim, 2);
    ln_loop_run_for(w->loop, 100);
    ln_sim_stats(w->sim, &stats);
    assert_int_equal(stats.behind_ticks, 0);
    /* As if the last five seconds had been spent elsewhere. */
    w->sim->clock.server_base_ms -= 5000;
    ln_loop_run_for(w->loop, 200);
    ln_sim_stats(w->sim, &stats);
    assert_in_range(stats.behind_worst_ms, 5000, 5020);
    assert_int_equal(stats.behind_ticks, 5); /* a second made up by each */
    assert_in_range(stats.behind_ms, 0, 20);
    assert_int_equal(warnings, 1);
    w->sim->clock.server_base_ms -= 5000;
    ln_loop_run_for(w->loop, 5000);
    assert_int_equal(warnings, 1); /* once in ten seconds */
    ln_loop_run_for(w->loop, 5000);
    w->sim->clock.server_base_ms -= 5000;
    ln_loop_run_for(w->loop, 100);
    assert_int_equal(warnings, 2);
    ln_log_set_sink(NULL, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    ln_log_set_level(LN_LOG_WARN);
    const struct CMUnitTest tests[] = {
        TEST(damaged_requests_are_answered),
        TEST(damaged_queries_are_answered),
        TEST(damaged_frames_are_answered),
        TEST(a_damaged_login_disconnects),
        TEST(a_client_that_does_not_read_is_dropped),
        TEST(all_faults_at_once_leave_the_exchange_in_order),
        TEST(falling_behind_is_said_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
