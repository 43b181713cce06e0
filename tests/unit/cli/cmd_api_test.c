/*
 * lunette api as a person or a program uses it: words in, text, JSON and exit
 * code out. The exchange is a child process on a real loopback socket.
 */
#include "cli/cli.h"

#include "base/assert.h"
#include "base/json.h"
#include "bitget/endpoint.h"
#include "net/net.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PRODUCT "productType=USDT-FUTURES"

static char out[1 << 17], errors[1 << 14]; /* of the last run */
static struct ln_json doc;                 /* of out */
static char base[64];                      /* of the exchange */
static pid_t exchange;

/* ---- the exchange, in a child ---- */

/* Answers with what it was asked; some paths misbehave. */
static void
on_request(void *ctx, struct ln_server_req *req,
           const struct ln_server_request *r)
{
    struct ln_buf body;
    struct ln_json_writer w;
    int status = 200;

    (void)ctx;
    ln_buf_init(&body, 1 << 16);
    ln_jw_init(&w, &body);
    if (strstr(r->path, "symbol-price")) {
        status = 502;
        ln_buf_adds(&body, "<html>502</html>");
    } else if (strstr(r->path, "contracts")) {
        status = 400;
        ln_buf_adds(&body, "{\"code\":\"40034\",\"msg\":\"Parameter does not "
                           "exist\",\"data\":null}");
    } else if (strcmp(r->path, "/api/v2/public/time") == 0) {
        /* Far from what this machine thinks. */
        ln_buf_adds(&body, "{\"code\":\"00000\",\"data\":{\"serverTime\":"
                           "\"1700000000000\"}}");
    } else {
        ln_buf_adds(&body, "{\"code\":\"00000\",\"data\":");
        ln_jw_obj(&w);
        ln_jw_kcstr(&w, "method", r->method);
        ln_jw_kcstr(&w, "query", r->query);
        ln_jw_kstr(&w, "body", r->body.len ? r->body : ln_str(""));
        for (size_t i = 0; i < r->nheaders; i++)
            ln_jw_kstr(&w, r->headers[i].name, r->headers[i].value);
        ln_jw_obj_end(&w);
        ln_buf_addc(&body, '}');
    }
    ln_server_respond(req, status, NULL, 0, ln_buf_str(&body));
    ln_buf_deinit(&body);
}

static void
be_the_exchange(int to_parent)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct ln_error err;
    struct ln_net *net = ln_net_uv_new(loop, &err);
    struct ln_server_opts opts = {.host = "127.0.0.1"};
    static const struct ln_server_events events = {.request = on_request};
    struct ln_server *server =
        net ? ln_server_listen(net, &opts, &events, NULL, &err) : NULL;
    int port = server ? ln_server_port(server) : 0;

    if (write(to_parent, &port, sizeof port) != (ssize_t)sizeof port)
        _exit(1);
    ln_loop_run(loop);
    _exit(0);
}

static int
open_exchange(void **state)
{
    int fds[2], port = 0;

    (void)state;
    if (pipe(fds) != 0)
        return -1;
    exchange = fork();
    if (exchange == 0) {
        close(fds[0]);
        be_the_exchange(fds[1]);
    }
    close(fds[1]);
    if (read(fds[0], &port, sizeof port) != (ssize_t)sizeof port || port == 0)
        return -1;
    close(fds[0]);
    (void)snprintf(base, sizeof base, "http://127.0.0.1:%d", port);
    unsetenv("LUNETTE_CA");
    return setenv("LUNETTE_REST", base, 1);
}

static int
close_exchange(void **state)
{
    (void)state;
    kill(exchange, SIGKILL);
    (void)waitpid(exchange, NULL, 0);
    ln_json_deinit(&doc);
    return 0;
}

/* ---- running the command ---- */

static int
redirect(int fd, FILE *to)
{
    int saved = dup(fd);

    assert_true(saved >= 0);
    assert_true(dup2(fileno(to), fd) >= 0);
    return saved;
}

static void
restore(int fd, int saved, FILE *from, char *text, size_t cap)
{
    assert_true(dup2(saved, fd) >= 0);
    close(saved);
    rewind(from);
    text[fread(text, 1, cap - 1, from)] = 0;
    fclose(from);
}

/* The words are "a", "b", ..., NULL. Returns the exit code. */
static int
run(const char *first, ...)
{
    char *argv[32] = {(char *)(uintptr_t) "api"};
    FILE *files[2] = {tmpfile(), tmpfile()};
    int argc = 1;
    va_list args;

    va_start(args, first);
    for (const char *word = first; word; word = va_arg(args, const char *)) {
        assert_true(argc < 31);
        argv[argc++] = (char *)(uintptr_t)word;
    }
    va_end(args);
    fflush(stdout);
    int saved_out = redirect(1, files[0]), saved_err = redirect(2, files[1]);
    int code = ln_cmd_api(argc, argv);
    fflush(stdout);
    fflush(stderr);
    restore(1, saved_out, files[0], out, sizeof out);
    restore(2, saved_err, files[1], errors, sizeof errors);
    return code;
}

static void
assert_says(const char *text, const char *word)
{
    if (!strstr(text, word))
        fail_msg("'%s' does not say '%s'", text, word);
}

/* Standard output is exactly one JSON object; the text of a member. */
static const char *
member(const char *parent, const char *name)
{
    static char text[4096];
    ln_json_val v = 0;

    assert_int_equal(ln_json_parse(&doc, out, strlen(out), NULL), LN_OK);
    assert_int_equal(ln_json_type(&doc, 0), LN_JSON_OBJECT);
    if (parent)
        v = ln_json_get(&doc, 0, parent);
    v = ln_json_get(&doc, v, name);
    if (!ln_json_string(&doc, v, text, sizeof text))
        (void)ln_str_copy(text, sizeof text, ln_json_raw(&doc, v));
    return text;
}

static void
set_keys(void)
{
    setenv("BITGET_API_KEY", "bg_0123456789", 1);
    setenv("BITGET_API_SECRET", "test_secret_key_0123456789abcdef", 1);
    setenv("BITGET_API_PASSPHRASE", "open-sesame", 1);
}

/* ---- calls ---- */

static void
a_public_call_for_people(void **unused)
{
    (void)unused;
    assert_int_equal(run("get_ticker", "symbol=BTCUSDT", PRODUCT, NULL), 0);
    assert_says(out, "{\n  \"method\": \"GET\",\n  \"query\": "
                     "\"productType=USDT-FUTURES&symbol=BTCUSDT\"");
    assert_null(strstr(out, "access-key"));
    assert_string_equal(errors, "");
}

static void
a_public_call_for_programs(void **unused)
{
    (void)unused;
    assert_int_equal(
        run("get_ticker", "--json", "symbol=BTCUSDT", PRODUCT, NULL), 0);
    assert_string_equal(member(NULL, "ok"), "true");
    assert_string_equal(member("data", "query"),
                        "productType=USDT-FUTURES&symbol=BTCUSDT");
    assert_int_equal(strchr(out, '\n') - out, strlen(out) - 1); /* one line */
}

static void
by_method_and_path_with_a_query(void **unused)
{
    (void)unused;
    assert_int_equal(run("get",
                         "/api/v2/mix/market/candles?symbol=BTC%55SDT&"
                         "granularity=1h",
                         PRODUCT, "--json", NULL),
                     0);
    assert_string_equal(member("data", "query"),
                        "granularity=1H&productType=USDT-FUTURES&"
                        "symbol=BTCUSDT");
}

/* Signed, in the exchange's time, whatever this machine's clock says. */
static void
a_private_call_is_signed_in_server_time(void **unused)
{
    (void)unused;
    set_keys();
    assert_int_equal(
        run("cancel-all-orders", PRODUCT, "--demo", "--json", NULL), 0);
    assert_string_equal(member("data", "method"), "POST");
    assert_string_equal(member("data", "body"),
                        "{\"productType\":\"USDT-FUTURES\"}");
    assert_string_equal(member("data", "access-key"), "bg_0123456789");
    assert_string_equal(member("data", "access-passphrase"), "open-sesame");
    assert_string_equal(member("data", "paptrading"), "1");
    assert_says(member("data", "access-timestamp"), "17000000");
    assert_null(getenv("BITGET_API_SECRET"));
}

/* ---- failures ---- */

static void
a_refusal(void **unused)
{
    (void)unused;
    assert_int_equal(run("get_contracts", PRODUCT, NULL), 1);
    assert_string_equal(out, "");
    assert_says(errors, "Bitget answers 40034 (HTTP 400): Parameter does not");
    assert_int_equal(run("get_contracts", PRODUCT, "--json", NULL), 1);
    assert_string_equal(member(NULL, "ok"), "false");
    assert_string_equal(member("error", "code"), "40034");
    assert_string_equal(member("error", "http_status"), "400");
    assert_string_equal(member("error", "verdict"), "no");
    assert_string_equal(member("error", "message"), "Parameter does not exist");
}

static void
an_answer_that_is_none(void **unused)
{
    (void)unused;
    assert_int_equal(
        run("get_symbol_price", "symbol=X", PRODUCT, "--json", NULL), 1);
    assert_string_equal(member("error", "http_status"), "502");
    assert_string_equal(member("error", "verdict"), "retry");
}

static void
nobody_listens(void **unused)
{
    (void)unused;
    assert_int_equal(run("get_tickers", PRODUCT, "--json", "--rest",
                         "http://127.0.0.1:1", NULL),
                     1);
    assert_string_equal(member("error", "code"), "network");
    assert_string_equal(member("error", "http_status"), "0");
    assert_string_equal(member("error", "verdict"), "retry");
}

static void
wrong_usage_is_explained_with_exit_code_2(void **unused)
{
    (void)unused;
    assert_int_equal(run(NULL, NULL), 2);
    assert_says(errors, "name an endpoint");
    assert_int_equal(run("place_ordre", NULL), 2);
    assert_says(errors, "did you mean 'place_order'?");
    assert_int_equal(run("GET", NULL), 2);
    assert_says(errors, "a path must follow");
    assert_int_equal(run("GET", "/api/v2/mix/order/place-order", NULL), 2);
    assert_says(errors, "it is asked with POST");
    assert_int_equal(run("GET", "/api/v2/mix/market/tickrs", NULL), 2);
    assert_says(errors, "did you mean /api/v2/mix/market/tickers?");
    assert_int_equal(run("get_ticker", "symbol", NULL), 2);
    assert_says(errors, "write parameters as name=value");
    assert_int_equal(run("get_ticker", "symbol=X", "productTyp=Y", NULL), 2);
    assert_says(errors, "did you mean 'productType'?");
    assert_int_equal(run("get_ticker", "symbol=X", NULL), 2);
    assert_says(errors, "'productType' is missing");
    assert_int_equal(run("get_ticker", "symbol=X", "symbol=Y", PRODUCT, NULL),
                     2);
    assert_says(errors, "'symbol' is given twice");
    assert_int_equal(run("get_ticker", "--lst", NULL), 2);
    assert_says(errors, "did you mean --list?");
    assert_string_equal(out, "");
}

static void
wrong_usage_for_programs(void **unused)
{
    (void)unused;
    assert_int_equal(run("get_ticker", "symbol=X", "--json", NULL), 2);
    assert_string_equal(member("error", "code"), "argument");
    assert_string_equal(member("error", "verdict"), "no");
    assert_int_equal(run("--json", NULL), 2);
    assert_string_equal(member(NULL, "ok"), "false");
    assert_int_equal(run("--json", "--bogus", NULL), 2);
    assert_string_equal(member(NULL, "ok"), "false");
}

static void
a_private_call_without_keys(void **unused)
{
    (void)unused;
    assert_int_equal(run("get_accounts", PRODUCT, NULL), 2);
    assert_says(errors, "set BITGET_API_KEY");
    assert_int_equal(
        run("get_accounts", PRODUCT, "--credentials", "/nowhere", NULL), 2);
    assert_says(errors, "/nowhere");
}

/* ---- without sending ---- */

static void
a_dry_run_masks_the_secrets(void **unused)
{
    (void)unused;
    set_keys();
    assert_int_equal(run("cancel_all_orders", PRODUCT, "--dry-run", "--json",
                         "--rest", "https://127.0.0.1:1", NULL),
                     0);
    assert_string_equal(member(NULL, "method"), "POST");
    assert_string_equal(
        member(NULL, "url"),
        "https://127.0.0.1:1/api/v2/mix/order/cancel-all-orders");
    assert_string_equal(member(NULL, "body"),
                        "{\"productType\":\"USDT-FUTURES\"}");
    assert_string_equal(member("headers", "ACCESS-KEY"), "bg_0****");
    assert_string_equal(member("headers", "ACCESS-SIGN"), "****");
    assert_string_equal(member("headers", "ACCESS-PASSPHRASE"), "****");
    assert_says(member(NULL, "prehash"),
                "POST/api/v2/mix/order/cancel-all-orders{\"productType\"");
    assert_null(strstr(out, "sesame"));
    assert_null(strstr(out, "test_secret"));
}

static void
a_dry_run_needs_no_keys(void **unused)
{
    (void)unused;
    assert_int_equal(run("get_accounts", PRODUCT, "--dry-run", NULL), 0);
    assert_says(out, "\"ACCESS-SIGN\": \"(not signed)\"");
    assert_says(errors, "not signed");
}

static void
the_list_is_complete(void **unused)
{
    size_t n, lines = 0;

    (void)unused;
    const struct ln_endpoint *rows = ln_v2_endpoints(&n);
    assert_int_equal(run("--list", NULL), 0);
    for (const char *c = out; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, n);
    for (size_t i = 0; i < n; i++) {
        assert_says(out, rows[i].name);
        assert_says(out, rows[i].path);
    }
    assert_int_equal(run("--list", "--json", NULL), 0);
    (void)member(NULL, "ok");
    ln_json_val list = ln_json_get(&doc, 0, "data");
    assert_int_equal(ln_json_count(&doc, list), n);
    ln_json_val row = ln_json_at(&doc, list, 0);
    for (const char *const *key =
             (const char *const[]){"name", "method", "path", "auth", "rate",
                                   NULL};
         *key; key++)
        assert_int_not_equal(ln_json_get(&doc, row, *key), LN_JSON_NONE);
}

static void
help_of_one_endpoint_and_of_the_command(void **unused)
{
    (void)unused;
    assert_int_equal(run("place_order", "--help", NULL), 0);
    assert_says(out, "POST /api/v2/mix/order/place-order");
    assert_says(out, "isolated|crossed");
    assert_says(out, "required");
    assert_says(out, "10/s per UID");
    assert_int_equal(run("get_ticker", "--help", "--json", NULL), 0);
    assert_string_equal(member("data", "name"), "get_ticker");
    assert_int_equal(run("--help", NULL), 0);
    assert_says(out, "--dry-run");
    assert_says(out, "lunette api NAME|METHOD PATH");
    assert_int_equal(run("nonsense", "--help", NULL), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_public_call_for_people),
        cmocka_unit_test(a_public_call_for_programs),
        cmocka_unit_test(by_method_and_path_with_a_query),
        cmocka_unit_test(a_private_call_is_signed_in_server_time),
        cmocka_unit_test(a_refusal),
        cmocka_unit_test(an_answer_that_is_none),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(wrong_usage_is_explained_with_exit_code_2),
        cmocka_unit_test(wrong_usage_for_programs),
        cmocka_unit_test(a_private_call_without_keys),
        cmocka_unit_test(a_dry_run_masks_the_secrets),
        cmocka_unit_test(a_dry_run_needs_no_keys),
        cmocka_unit_test(the_list_is_complete),
        cmocka_unit_test(help_of_one_endpoint_and_of_the_command),
    };
    return cmocka_run_group_tests(tests, open_exchange, close_exchange);
}
