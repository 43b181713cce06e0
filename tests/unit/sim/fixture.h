/*
 * What the tests of core/sim share: a simulator on the virtual net, a client
 * that signs its own requests, and a look into the answers.
 *
 *     get(w, "/api/v2/mix/order/detail", "orderId=1&...");
 *     expect_code(w, "40109");
 *     assert_string_equal(at(w, "data.orderId"), "1");
 */
#ifndef LN_TEST_SIM_FIXTURE_H
#define LN_TEST_SIM_FIXTURE_H

#include "base/json.h"
#include "exchange/exchange.h"
#include "net/net_virtual.h"
#include "sim/sim.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define START_MS 1700000000000
#define SECRET   "test_secret_key_0123456789abcdef"
#define KEY      "bg_test"
#define PASS     "testpass"
#define P        "productType=USDT-FUTURES"
#define BTC      P "&symbol=BTCUSDT"
#define BODY_CAP (1U << 20)
#define WS_KEPT  4096
#define COINED   "\"productType\":\"USDT-FUTURES\",\"marginCoin\":\"USDT\""
#define BTC_BODY "\"symbol\":\"BTCUSDT\"," COINED
#define ORDER    "{" BTC_BODY ",\"marginMode\":\"crossed\","

struct world {
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_sim *sim;
    struct ln_http_client *http;
    int64_t skew_ms; /* of the client's clock */
    bool answered;
    int status;
    char remain[32]; /* x-mbx-used-remain-limit, "" if absent */
    char body[BODY_CAP];
    struct ln_json doc;
};

static inline struct world *
world_new(const struct ln_sim_config *given)
{
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT"};
    struct ln_sim_config cfg = given ? *given : (struct ln_sim_config){0};
    struct world *w = calloc(1, sizeof(*w));
    struct ln_error err = {0};
    w->loop = ln_loop_virtual_new(START_MS);
    w->net = ln_net_virtual_new(w->loop, 7);
    cfg.key = KEY;
    cfg.secret = SECRET;
    cfg.passphrase = PASS;
    if (!cfg.symbols && !cfg.data_file) {
        cfg.symbols = symbols;
        cfg.nsymbols = 2;
    }
    if (!cfg.history_minutes)
        cfg.history_minutes = 120;
    w->sim = ln_sim_new(w->loop, w->net, &cfg, &err);
    if (!w->sim)
        fail_msg("%s (%s)", err.what, err.where);
    w->http = ln_http_client_new(w->net, NULL, &err);
    ln_json_init(&w->doc);
    return w;
}

/* The market stands still: what a test does is all that happens. */
static inline int
setup(void **state)
{
    struct world *w = world_new(NULL);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

static inline int
teardown(void **state)
{
    struct world *w = *state;
    ln_http_client_free(w->http);
    ln_sim_free(w->sim);
    ln_net_free(w->net);
    ln_loop_free(w->loop);
    ln_json_deinit(&w->doc);
    free(w);
    return 0;
}

/* ---- requests ---- */

static inline void
sign_text(const char *prehash, char out[64])
{
    unsigned char sum[32];
    unsigned len = 0;
    HMAC(EVP_sha256(), SECRET, (int)strlen(SECRET),
         (const unsigned char *)prehash, strlen(prehash), sum, &len);
    EVP_EncodeBlock((unsigned char *)out, sum, (int)len);
}

static inline void
on_answer(void *ctx, const struct ln_http_response *resp)
{
    struct world *w = ctx;
    struct ln_str remain = ln_http_header(resp, "x-mbx-used-remain-limit");
    assert_int_equal(resp->code, LN_OK);
    assert_true(resp->body.len < BODY_CAP);
    w->status = resp->status;
    memcpy(w->body, resp->body.ptr, resp->body.len);
    w->body[resp->body.len] = '\0';
    ln_str_copy(w->remain, sizeof(w->remain), remain);
    w->answered = true;
}

static inline void
send_request(struct world *w, const char *method, const char *target,
             const struct ln_header *headers, size_t nheaders, const char *body)
{
    char url[2048];
    struct ln_error err = {0};
    snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", ln_sim_port(w->sim),
             target);
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

/* With every header that a signed request has. */
static inline void
signed_request(struct world *w, const char *method, const char *path,
               const char *query, const char *body)
{
    char target[1536], timestamp[24], sign[64];
    char *prehash = malloc(strlen(body) + 2048);
    snprintf(target, sizeof(target), "%s%s%s", path, *query ? "?" : "", query);
    snprintf(timestamp, sizeof(timestamp), "%lld",
             (long long)(ln_loop_now_ms(w->loop) + w->skew_ms));
    sprintf(prehash, "%s%s%s%s", timestamp, method, target, body);
    sign_text(prehash, sign);
    free(prehash);
    struct ln_header headers[] = {
        {"ACCESS-KEY", ln_str(KEY)},
        {"ACCESS-SIGN", ln_str(sign)},
        {"ACCESS-TIMESTAMP", ln_str(timestamp)},
        {"ACCESS-PASSPHRASE", ln_str(PASS)},
        {"Content-Type", ln_str("application/json")},
    };
    send_request(w, method, target, headers, 5, body);
}

static inline void
get(struct world *w, const char *path, const char *query)
{
    signed_request(w, "GET", path, query, "");
}

static inline void
post(struct world *w, const char *path, const char *body)
{
    signed_request(w, "POST", path, "", body);
}

/* Without a signature. */
static inline void
pub(struct world *w, const char *path, const char *query)
{
    char target[1536];
    snprintf(target, sizeof(target), "%s%s%s", path, *query ? "?" : "", query);
    send_request(w, "GET", target, NULL, 0, "");
}

/* ---- answers ---- */

static inline ln_json_val
value_at(const struct ln_json *doc, const char *path)
{
    ln_json_val v = 0;
    char part[64];
    while (*path) {
        size_t len = strcspn(path, ".");
        ln_str_copy(part, sizeof(part), ln_strn(path, len));
        v = ln_json_type(doc, v) == LN_JSON_ARRAY
                ? ln_json_at(doc, v, (uint32_t)strtoul(part, NULL, 10))
                : ln_json_get(doc, v, part);
        path += len + (path[len] == '.');
    }
    return v;
}

/* Text of a scalar ("null" for null); fails the test when it is absent. */
static inline const char *
doc_at(const struct ln_json *doc, const char *path)
{
    static char texts[16][512];
    static int turn;
    char *out = texts[turn++ % 16];
    ln_json_val v = value_at(doc, path);
    if (v == LN_JSON_NONE)
        fail_msg("there is no %s in %.400s", path, doc->text);
    if (ln_json_type(doc, v) == LN_JSON_STRING)
        ln_json_string(doc, v, out, 512);
    else
        ln_str_copy(out, 512, ln_json_raw(doc, v));
    if (ln_json_type(doc, v) == LN_JSON_NULL)
        ln_str_copy(out, 512, ln_str("null"));
    return out;
}

static inline const char *
at(const struct world *w, const char *path)
{
    return doc_at(&w->doc, path);
}

static inline uint32_t
count_at(const struct world *w, const char *path)
{
    return ln_json_count(&w->doc, value_at(&w->doc, path));
}

static inline int64_t
e8_of(const char *text)
{
    int64_t v = 0;
    if (ln_decimal_parse(ln_str(text), 8, LN_ROUND_NEAREST, &v) != LN_OK)
        fail_msg("not a number: %s", text);
    return v;
}

static inline int64_t
e8_at(const struct world *w, const char *path)
{
    return e8_of(at(w, path));
}

/* Members of an object that all must be strings. */
static inline void
expect_strings(const struct ln_json *doc, const char *path,
               const char *const *names)
{
    ln_json_val obj = value_at(doc, path);
    for (; *names; names++)
        if (ln_json_type(doc, ln_json_get(doc, obj, *names)) != LN_JSON_STRING)
            fail_msg("%s.%s is no string in %.900s", path, *names, doc->text);
}

static inline void
expect_code(const struct world *w, const char *code)
{
    if (strcmp(at(w, "code"), code) != 0)
        fail_msg("expected %s: %s", code, w->body);
    assert_int_equal(ln_json_type(&w->doc, value_at(&w->doc, "requestTime")),
                     LN_JSON_NUMBER);
    if (strcmp(code, "00000") == 0) {
        assert_int_equal(w->status, 200);
        assert_string_equal(at(w, "msg"), "success");
    } else {
        assert_string_equal(at(w, "data"), "null");
        assert_true(w->status >= 400);
    }
}

#define expect_ok(w) expect_code(w, "00000")

/* ---- the market ---- */

/* A price <ticks> of BTCUSDT away from the last one, as text. */
static inline const char *
btc_price(struct world *w, int64_t ticks_away)
{
    static char texts[8][LN_DECIMAL_CAP];
    static int turn;
    char *out = texts[turn++ % 8];
    struct ln_ticker t;
    ln_ex_ticker(ln_sim_engine(w->sim), 0, &t);
    ln_price_format(
        ln_instruments_at(ln_ex_instruments(ln_sim_engine(w->sim)), 0),
        t.last_ticks + ticks_away, out);
    return out;
}

/* place-order of BTCUSDT with these members; returns the order's id. */
static inline const char *
place(struct world *w, const char *members)
{
    static char ids[8][32];
    static int turn;
    char body[1024];
    char *id = ids[turn++ % 8];
    snprintf(body, sizeof(body), ORDER "%s}", members);
    post(w, "/api/v2/mix/order/place-order", body);
    expect_ok(w);
    snprintf(id, 32, "%s", at(w, "data.orderId"));
    return id;
}

/* A limit buy far below the market: it rests. */
static inline const char *
place_resting(struct world *w, const char *oid)
{
    char members[256];
    snprintf(members, sizeof(members),
             "\"side\":\"buy\",\"orderType\":\"limit\",\"size\":\"0.01\","
             "\"price\":\"%s\",\"clientOid\":\"%s\"",
             btc_price(w, -10000), oid);
    return place(w, members);
}

static inline const char *
market_buy(struct world *w, const char *size)
{
    char members[128];
    snprintf(members, sizeof(members),
             "\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"%s\"", size);
    return place(w, members);
}

#endif
