/*
 * What endpoints_test.c and channels_test.c share: a simulator behind real
 * sockets and TLS on this machine, a client that signs, texts with $names in
 * them, and comparisons of JSON with the documented shape.
 *
 * Assertions are made outside of callbacks only: a failed one leaves by
 * longjmp.
 */
#ifndef LN_TEST_WIRE_EXCHANGE_FIXTURE_H
#define LN_TEST_WIRE_EXCHANGE_FIXTURE_H

#include "base/json.h"
#include "exchange/exchange.h"
#include "net/net.h"
#include "net/tls_cert.h"
#include "sim/sim.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define BODY_CAP  (4U << 20)
#define WAIT_MS   10000 /* for an answer: ends the test, measures nothing */
#define NAMES_MAX 64
#define TEXT_CAP  4096
#define LINE      "\"productType\":\"USDT-FUTURES\""
#define COINED    LINE ",\"marginCoin\":\"USDT\""
#define BTC       "\"symbol\":\"BTCUSDT\"," COINED
#define ETH       "\"symbol\":\"ETHUSDT\"," COINED
#define SOL       "\"symbol\":\"SOLUSDT\"," COINED

/* The users: one who trades, one who has nothing, one for changing modes. */
enum user { TRADER, FLAT, MODES, USERS, NOBODY };

static const struct ln_sim_login users[USERS] = {
    {"bg_trader", "secret-of-the-trader-1", "trader1pass", 1000000000000},
    {"bg_flat", "secret-of-the-flat-one-2", "flat2pass", 1000000000000},
    {"bg_modes", "secret-of-the-moody-one-3", "modes3pass", 1000000000000},
};

struct name {
    char key[24], value[96];
};

struct exchange {
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_sim *sim;
    struct ln_http_client *http;
    struct ln_tls_files tls;
    char dir[64];
    bool answered;
    enum ln_err code;
    int status;
    char body[BODY_CAP];
    struct ln_json doc;
    struct name names[NAMES_MAX];
    int count;
};

static struct exchange *x;

/* ---- names: "$low" in a text stands for what was set for "low" ---- */

static inline void
set_name(const char *key, const char *value)
{
    int i = 0;
    while (i < x->count && strcmp(x->names[i].key, key) != 0)
        i++;
    assert_true(i < NAMES_MAX);
    if (i == x->count)
        x->count++;
    snprintf(x->names[i].key, sizeof(x->names[i].key), "%s", key);
    snprintf(x->names[i].value, sizeof(x->names[i].value), "%s", value);
}

static inline const char *
name_value(const char *key, size_t len)
{
    for (int i = 0; i < x->count; i++)
        if (strlen(x->names[i].key) == len &&
            memcmp(x->names[i].key, key, len) == 0)
            return x->names[i].value;
    return "0"; /* what set it had failed, and so will the test */
}

static inline void
expand(const char *text, char out[TEXT_CAP])
{
    size_t n = 0;
    while (*text && n + 1 < TEXT_CAP) {
        if (*text != '$') {
            out[n++] = *text++;
            continue;
        }
        size_t len = strspn(text + 1, "abcdefghijklmnopqrstuvwxyz_0123456789");
        n += (size_t)snprintf(out + n, TEXT_CAP - n, "%s",
                              name_value(text + 1, len));
        text += len + 1;
    }
    out[n < TEXT_CAP ? n : TEXT_CAP - 1] = '\0';
}

/* ---- the exchange ---- */

static inline int
exchange_setup(void **state)
{
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT"};
    struct ln_error err = {0};
    (void)state;
    x = calloc(1, sizeof(*x));
    x->loop = ln_loop_uv_new();
    snprintf(x->dir, sizeof(x->dir), "/tmp/lunette-wire-XXXXXX");
    assert_non_null(mkdtemp(x->dir));
    assert_int_equal(
        ln_tls_make_cert(x->dir, ln_loop_now_ms(x->loop), &x->tls, &err),
        LN_OK);
    x->net = ln_net_uv_new(x->loop, &err);
    assert_non_null(x->net);
    struct ln_sim_config cfg = {.seed = 8,
                                .symbols = symbols,
                                .nsymbols = 3,
                                .cert_file = x->tls.cert,
                                .key_file = x->tls.key,
                                .ca_file = x->tls.ca,
                                .key = users[0].key,
                                .secret = users[0].secret,
                                .passphrase = users[0].passphrase,
                                .balance_e8 = users[0].balance_e8,
                                .logins = users + 1,
                                .nlogins = USERS - 1};
    x->sim = ln_sim_new(x->loop, x->net, &cfg, &err);
    if (!x->sim)
        fail_msg("%s (%s)", err.what, err.where);
    ln_sim_set_speed(x->sim, 0); /* what a test does is all that happens */
    struct ln_http_client_opts opts = {.ca_file = x->tls.ca};
    x->http = ln_http_client_new(x->net, &opts, &err);
    assert_non_null(x->http);
    ln_json_init(&x->doc);
    return 0;
}

static inline int
exchange_teardown(void **state)
{
    (void)state;
    ln_http_client_free(x->http);
    ln_sim_free(x->sim);
    ln_net_free(x->net);
    ln_loop_free(x->loop);
    ln_json_deinit(&x->doc);
    unlink(x->tls.ca);
    unlink(x->tls.cert);
    unlink(x->tls.key);
    rmdir(x->dir);
    free(x);
    return 0;
}

/* Market time passes. */
static inline void
market_runs(int64_t ms)
{
    struct ln_ex *ex = ln_sim_engine(x->sim);
    ln_ex_advance(ex, ln_ex_now(ex) + ms);
}

/* ---- requests ---- */

static inline void
hmac_base64(const char *secret, const char *text, char out[64])
{
    unsigned char sum[32];
    unsigned len = 0;
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text,
         strlen(text), sum, &len);
    EVP_EncodeBlock((unsigned char *)out, sum, (int)len);
}

static inline void
on_answer(void *ctx, const struct ln_http_response *resp)
{
    struct exchange *at = ctx;
    at->code = resp->code;
    at->status = resp->status;
    size_t len = resp->body.len < BODY_CAP ? resp->body.len : 0;
    memcpy(at->body, resp->body.ptr, len);
    at->body[len] = '\0';
    at->answered = true;
}

/* target: path and query. The answer is in x->status, x->body, x->doc. */
static inline void
request(enum user user, const char *method, const char *target,
        const char *body)
{
    char url[TEXT_CAP + 64], stamp[24], sign[64], text[2 * TEXT_CAP + 64];
    const struct ln_sim_login *who = user == NOBODY ? NULL : &users[user];
    struct ln_error err = {0};
    snprintf(url, sizeof(url), "https://127.0.0.1:%d%s", ln_sim_port(x->sim),
             target);
    snprintf(stamp, sizeof(stamp), "%lld", (long long)ln_loop_now_ms(x->loop));
    snprintf(text, sizeof(text), "%s%s%s%s", stamp, method, target, body);
    if (who)
        hmac_base64(who->secret, text, sign);
    struct ln_header headers[] = {
        {"Content-Type", ln_str("application/json")},
        {"ACCESS-KEY", ln_str(who ? who->key : "")},
        {"ACCESS-SIGN", ln_str(who ? sign : "")},
        {"ACCESS-TIMESTAMP", ln_str(stamp)},
        {"ACCESS-PASSPHRASE", ln_str(who ? who->passphrase : "")},
    };
    struct ln_http_request req = {.method = method,
                                  .url = url,
                                  .headers = headers,
                                  .nheaders = who ? 5 : 1,
                                  .body = ln_str(body),
                                  .timeout_ms = WAIT_MS};
    x->answered = false;
    assert_non_null(ln_http_start(x->http, &req, on_answer, x, &err));
    for (int i = 0; i < WAIT_MS && !x->answered; i++)
        ln_loop_run_for(x->loop, 1);
    assert_true(x->answered);
    assert_int_equal(x->code, LN_OK);
    if (ln_json_parse(&x->doc, x->body, strlen(x->body), NULL) != LN_OK)
        fail_msg("%s %s: no JSON: %.200s", method, target, x->body);
}

/*
 * The parameters as a client sends them: GET in the query, POST as the body.
 * skip: a parameter to leave out, or NULL; symbol: in place of theirs, or NULL.
 */
static inline void
call(enum user user, const char *method, const char *path, const char *json,
     const char *skip, const char *symbol)
{
    char params[TEXT_CAP], key[64];
    struct ln_json doc;
    struct ln_buf out;
    bool get = strcmp(method, "GET") == 0, first = true;
    expand(json, params);
    ln_json_init(&doc);
    ln_buf_init(&out, TEXT_CAP);
    if (ln_json_parse(&doc, params, strlen(params), NULL) != LN_OK)
        fail_msg("the test's own parameters are no JSON: %s", params);
    if (get)
        ln_buf_adds(&out, path);
    for (ln_json_val k = ln_json_first(&doc, 0); k != LN_JSON_NONE;
         k = ln_json_next(&doc, 0, k)) {
        const struct ln_json_tok *v = &doc.toks[k + 1];
        struct ln_str value = ln_strn(params + v->start, v->len);
        ln_json_string(&doc, k, key, sizeof(key));
        if (!*key) {
            struct ln_str raw = ln_json_raw(&doc, k);
            snprintf(key, sizeof(key), "%.*s", (int)raw.len, raw.ptr);
        }
        if (skip && strcmp(key, skip) == 0)
            continue;
        if (symbol && strcmp(key, "symbol") == 0)
            value = ln_str(symbol);
        bool text = v->type == LN_JSON_STRING;
        ln_buf_addf(&out, get ? "%s%s=" : "%s\"%s\":",
                    get ? (first ? "?" : "&") : (first ? "{" : ","), key);
        ln_buf_addf(&out, text && !get ? "\"%.*s\"" : "%.*s", (int)value.len,
                    value.ptr);
        first = false;
    }
    if (!get)
        ln_buf_adds(&out, first ? "{}" : "}");
    ln_buf_addc(&out, '\0');
    if (get)
        request(user, method, out.data, "");
    else
        request(user, method, path, out.data);
    ln_buf_deinit(&out);
    ln_json_deinit(&doc);
}

/* ---- answers ---- */

static inline bool
succeeded(void)
{
    return ln_str_eq(ln_json_raw(&x->doc, ln_json_get(&x->doc, 0, "code")),
                     ln_str("00000"));
}

/* A value deep in the answer: "data.orderId"; a number is an index. */
static inline struct ln_str
answer_at(const char *path)
{
    ln_json_val v = 0;
    char part[64];
    while (*path) {
        size_t len = strcspn(path, ".");
        snprintf(part, sizeof(part), "%.*s", (int)len, path);
        v = *part >= '0' && *part <= '9'
                ? ln_json_at(&x->doc, v, (uint32_t)strtoul(part, NULL, 10))
                : ln_json_get(&x->doc, v, part);
        path += len + (path[len] == '.');
    }
    return ln_json_raw(&x->doc, v);
}

/* Remember a value of the answer, if it succeeded. */
static inline void
keep(const char *name, const char *path)
{
    char value[96];
    struct ln_str v = answer_at(path);
    snprintf(value, sizeof(value), "%.*s", (int)v.len, v.ptr);
    set_name(name, v.len ? value : "0");
}

/* ---- shapes ---- */

static inline const char *
type_word(enum ln_json_type type)
{
    static const char *const words[] = {"nothing", "null",   "boolean",
                                        "boolean", "number", "string",
                                        "array",   "object"};
    return words[type];
}

/* Is <type> among the "a|b" of <wanted>? */
static inline bool
type_fits(const char *wanted, size_t len, enum ln_json_type type)
{
    const char *word = type_word(type), *end = wanted + len;
    while (wanted < end) {
        size_t n = strcspn(wanted, "|");
        if (n > (size_t)(end - wanted))
            n = (size_t)(end - wanted);
        if (strlen(word) == n && memcmp(word, wanted, n) == 0)
            return true;
        wanted += n + 1;
    }
    return false;
}

#endif
