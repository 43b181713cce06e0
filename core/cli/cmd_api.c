/*
 * lunette api: one REST call by name or path, checked, signed and limited by
 * the endpoint table. api_params.c reads the parameters, api_print.c prints.
 */
#include "base/assert.h"
#include "bitget/credentials.h"
#include "bitget/rest.h"
#include "cli/api_params.h"
#include "cli/api_print.h"
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND   "api"
#define OUT_MAX   (32U << 20) /* an answer, printed with indentation */
#define WORDS_MAX 256         /* on the command line */

/* The command, from its words to its answer. */
struct api {
    const char *rest, *ca, *credentials_file;
    bool dry_run, json, list, demo;

    const struct ln_endpoint *ep;
    struct ln_buf params; /* JSON object */
    struct ln_request_text text;
    struct ln_bitget_credentials *credentials;
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_rest *client;
    struct ln_buf out; /* what goes to standard output */
    int exit_code;
};

/* ---- results ---- */

static void
flush(struct api *a)
{
    if (a->out.failed) {
        fputs("lunette api: the answer is too large to be shown\n", stderr);
        a->exit_code = LN_EXIT_FAILED;
        return;
    }
    if (a->out.len)
        (void)fwrite(a->out.data, 1, a->out.len, stdout);
}

static const char *
verdict_name(enum ln_verdict verdict)
{
    static const char *const names[] = {[LN_VERDICT_OK] = "ok",
                                        [LN_VERDICT_NO] = "no",
                                        [LN_VERDICT_RETRY] = "retry",
                                        [LN_VERDICT_ASK] = "ask",
                                        [LN_VERDICT_STATE] = "state"};
    return names[verdict];
}

static void
json_error(struct api *a, const char *code, const char *message,
           int http_status, enum ln_verdict verdict)
{
    struct ln_json_writer w;

    ln_buf_reset(&a->out);
    ln_jw_init(&w, &a->out);
    ln_jw_obj(&w);
    ln_jw_kbool(&w, "ok", false);
    ln_jw_key(&w, "error");
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "code", code);
    ln_jw_kcstr(&w, "message", message);
    ln_jw_kint(&w, "http_status", http_status);
    ln_jw_kcstr(&w, "verdict", verdict_name(verdict));
    ln_jw_obj_end(&w);
    ln_jw_obj_end(&w);
    ln_buf_addc(&a->out, '\n');
}

/* An error before anything was sent. Returns false, for callers to return. */
static bool
fail(struct api *a, const struct ln_error *err)
{
    bool misused = err->code == LN_ERR_NOT_FOUND;
    char text[900];

    a->exit_code = misused ? LN_EXIT_USAGE : ln_cli_exit_code(err);
    if (!a->json) {
        ln_cli_fail(COMMAND, err);
        return false;
    }
    (void)snprintf(text, sizeof text, "%s%s%s", err->what,
                   err->cure[0] ? "; " : "", err->cure);
    json_error(a, ln_err_name(err->code), text, 0, LN_VERDICT_NO);
    return false;
}

/* The exchange's answer, or that there was none. */
static void
report(struct api *a, const struct ln_venue_error *error,
       const struct ln_json *doc, ln_json_val data)
{
    struct ln_json_writer w;
    struct ln_error err;
    char code[16];

    if (error->code == LN_OK && !a->json) {
        ln_api_pretty(&a->out, doc, data);
    } else if (error->code == LN_OK) {
        ln_jw_init(&w, &a->out);
        ln_jw_obj(&w);
        ln_jw_kbool(&w, "ok", true);
        ln_jw_key(&w, "data");
        if (data == LN_JSON_NONE)
            ln_jw_null(&w);
        else if (ln_json_type(doc, data) == LN_JSON_STRING)
            ln_jw_raw(&w, ln_strn(doc->text + doc->toks[data].start - 1,
                                  doc->toks[data].len + 2)); /* its quotes */
        else
            ln_jw_raw(&w, ln_strn(doc->text + doc->toks[data].start,
                                  doc->toks[data].len));
        ln_jw_obj_end(&w);
        ln_buf_addc(&a->out, '\n');
    } else if (a->json) {
        (void)snprintf(code, sizeof code, "%05d", (int)error->exchange_code);
        json_error(a, error->exchange_code ? code : ln_err_name(error->code),
                   error->message, error->http_status, error->verdict);
    } else {
        ln_venue_error_text(error, &err);
        if (error->code == LN_ERR_TLS)
            (void)ln_str_copy(err.cure, sizeof err.cure,
                              ln_str("trust another authority with --ca FILE"));
        ln_cli_fail(COMMAND, &err);
    }
    a->exit_code = error->code ? LN_EXIT_FAILED : LN_EXIT_OK;
}

/* ---- which endpoint ---- */

/* "place-order" and "Place_Order" mean place_order. */
static bool
find_by_name(struct api *a, const char *word)
{
    char name[64];
    struct ln_error err;

    (void)ln_str_copy(name, sizeof name, ln_str(word));
    for (char *c = name; *c; c++) {
        if (*c == '-')
            *c = '_';
        else if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    a->ep = ln_v2_endpoint(name);
    if (a->ep)
        return true;
    const char *near = ln_v2_endpoint_nearest(name);
    char cure[128] = "see: lunette api --list";
    if (near)
        (void)snprintf(cure, sizeof cure, "did you mean '%s'?", near);
    (void)ln_error_set(&err, LN_ERR_NOT_FOUND, NULL, cure,
                       "there is no endpoint '%.60s'", word);
    return fail(a, &err);
}

static bool
find_by_path(struct api *a, const char *method, const char *word)
{
    struct ln_str path = ln_strn(word, strcspn(word, "?"));
    const char *other = strcmp(method, "GET") == 0 ? "POST" : "GET";
    const char *paths[128];
    char text[128], cure[200] = "see: lunette api --list";
    struct ln_error err;
    size_t n;
    const struct ln_endpoint *rows = ln_v2_endpoints(&n);

    a->ep = ln_v2_endpoint_by_path(method, path);
    if (a->ep)
        return true;
    LN_ASSERT_CMP(n, <=, LN_COUNT(paths));
    for (size_t i = 0; i < n; i++)
        paths[i] = rows[i].path;
    (void)ln_str_copy(text, sizeof text, path);
    const char *near = ln_nearest(text, paths, n);
    if (ln_v2_endpoint_by_path(other, path))
        (void)snprintf(cure, sizeof cure, "it is asked with %s", other);
    else if (near)
        (void)snprintf(cure, sizeof cure, "did you mean %s?", near);
    (void)ln_error_set(&err, LN_ERR_NOT_FOUND, NULL, cure,
                       "there is no endpoint %s %.100s", method, text);
    return fail(a, &err);
}

static const char *
method_of(const char *word)
{
    return ln_str_eqi(ln_str(word), "GET")    ? "GET"
           : ln_str_eqi(ln_str(word), "POST") ? "POST"
                                              : NULL;
}

/* ---- the call ---- */

static bool
build(struct api *a)
{
    struct ln_json doc;
    struct ln_error err = {0};

    ln_json_init(&doc);
    enum ln_err e = ln_json_parse(&doc, a->params.data, a->params.len, &err);
    if (!e)
        e = ln_endpoint_build(a->ep, &doc, false, &a->text, &err);
    ln_json_deinit(&doc);
    return e ? fail(a, &err) : true;
}

static bool
load_credentials(struct api *a)
{
    struct ln_error err = {0};
    enum ln_err e;

    if (!a->ep->auth)
        return true;
    e = a->credentials_file
            ? ln_credentials_from_file(a->credentials_file, &a->credentials,
                                       &err)
            : ln_credentials_from_env(NULL, &a->credentials, &err);
    if (e == LN_ERR_NOT_FOUND && a->dry_run)
        return true; /* shown unsigned */
    return e ? fail(a, &err) : true;
}

static bool
open_client(struct api *a)
{
    const char *rest = a->rest ? a->rest : getenv("LUNETTE_REST");
    const char *ca = a->ca ? a->ca : getenv("LUNETTE_CA");
    struct ln_bitget_config cfg = {.rest = rest && *rest ? rest : NULL,
                                   .ca_file = ca && *ca ? ca : NULL,
                                   .demo = a->demo,
                                   .credentials = a->credentials};
    struct ln_error err = {0};

    a->loop = ln_loop_uv_new();
    if (!a->loop)
        (void)ln_error_set(&err, LN_ERR_NOMEM, NULL, NULL,
                           "the system has no resources for an event loop");
    else
        a->net = ln_net_uv_new(a->loop, &err);
    if (a->net)
        a->client = ln_rest_new(a->loop, a->net, &cfg, &err);
    return a->client ? true : fail(a, &err);
}

static void
on_answer(void *ctx, const struct ln_venue_error *error,
          const struct ln_json *doc, ln_json_val data)
{
    struct api *a = ctx;

    report(a, error, doc, data);
    ln_loop_stop(a->loop);
}

static void
call(struct api *a)
{
    ln_rest_call(a->client, a->ep, &a->text, LN_PRIO_OPEN, on_answer, a);
}

/* Without the time the call may be refused, but only the exchange knows; no
 * connection at all is answer enough. */
static void
on_clock(void *ctx, const struct ln_venue_error *error,
         const struct ln_json *doc, ln_json_val data)
{
    struct api *a = ctx;

    if (error->code && !error->sent)
        on_answer(ctx, error, doc, data);
    else
        call(a);
}

static void
dry_run(struct api *a)
{
    struct ln_error err = {0};
    struct ln_json doc;
    struct ln_buf line;

    ln_buf_init(&line, OUT_MAX);
    ln_json_init(&doc);
    if (ln_rest_dry_run(a->client, a->ep, &a->text, &line, &err) ||
        ln_json_parse(&doc, line.data, line.len, &err)) {
        (void)fail(a, &err);
    } else if (a->json) {
        ln_buf_add(&a->out, line.data, line.len);
        ln_buf_addc(&a->out, '\n');
    } else {
        ln_api_pretty(&a->out, &doc, 0);
        if (a->ep->auth && !a->credentials)
            fputs("note: there are no API credentials, so it is not signed\n",
                  stderr);
    }
    ln_json_deinit(&doc);
    ln_buf_deinit(&line);
}

static void
run(struct api *a)
{
    if (!build(a) || !load_credentials(a) || !open_client(a))
        return;
    if (a->dry_run) {
        dry_run(a);
        return;
    }
    if (a->ep->auth)
        ln_rest_sync_clock(a->client, on_clock, a);
    else
        call(a);
    ln_loop_run(a->loop);
}

/* ---- the command line ---- */

/* Help of one endpoint, or the list. */
static void
show(struct api *a)
{
    struct ln_json_writer w;

    if (!a->json) {
        if (a->ep)
            ln_api_print_help(a->ep);
        else
            ln_api_print_list();
        return;
    }
    ln_jw_init(&w, &a->out);
    ln_jw_obj(&w);
    ln_jw_kbool(&w, "ok", true);
    ln_jw_key(&w, "data");
    if (a->ep)
        ln_api_json_row(&w, a->ep);
    else
        ln_api_json_list(&w);
    ln_jw_obj_end(&w);
    ln_buf_addc(&a->out, '\n');
}

static void
with_words(struct api *a, char **words, int n, bool help)
{
    const char *method = n > 0 ? method_of(words[0]) : NULL;
    struct ln_error err;

    if (a->list) {
        show(a);
        return;
    }
    if (n == 0 || (method && n == 1)) {
        (void)ln_error_set(&err, LN_ERR_CONFIG, NULL,
                           "see: lunette api --list and lunette api --help",
                           n == 0 ? "name an endpoint"
                                  : "a path must follow the method");
        (void)fail(a, &err);
        return;
    }
    int used = method ? 2 : 1;
    if (method ? !find_by_path(a, method, words[1])
               : !find_by_name(a, words[0]))
        return;
    if (help)
        show(a);
    else if (ln_api_params(&a->params, method ? words[1] : NULL, words + used,
                           n - used, &err))
        (void)fail(a, &err);
    else
        run(a);
}

/* Takes --help out of the words: with an endpoint it means that one's. */
static bool
take_help(int *argc, char **argv)
{
    bool found = false;
    int n = 1;

    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            found = true;
        else
            argv[n++] = argv[i];
    }
    *argc = n;
    return found;
}

static const char examples[] =
    "  lunette api get_ticker symbol=BTCUSDT productType=USDT-FUTURES\n"
    "  lunette api GET "
    "'/api/v2/mix/market/contracts?productType=USDT-FUTURES'\n"
    "  lunette api place_order --help\n"
    "  lunette api cancel_all_orders productType=USDT-FUTURES --dry-run\n";

static int
parse(struct api *a, int argc, char **argv, int *nargs, int *exit_code)
{
    const struct ln_cli_opt opts[] = {
        {"list", NULL, "all endpoints", NULL, &a->list},
        {"dry-run", NULL, "show the request instead of sending it", NULL,
         &a->dry_run},
        {"json", NULL, "one JSON object on standard output", NULL, &a->json},
        {"demo", NULL, "demo trading (header paptrading)", NULL, &a->demo},
        {"credentials", "FILE",
         "API key from a file of mode 0600; default: "
         "BITGET_API_KEY, _SECRET, _PASSPHRASE",
         &a->credentials_file, NULL},
        {"rest", "URL", "server; default: LUNETTE_REST, https://api.bitget.com",
         &a->rest, NULL},
        {"ca", "FILE", "authority to trust; default: LUNETTE_CA, the system's",
         &a->ca, NULL},
    };
    const struct ln_cli_spec spec = {
        .command = COMMAND,
        .usage = "lunette api NAME|METHOD PATH [name=value ...] [options]",
        .summary = "One REST call to the exchange: parameters are checked, "
                   "private calls signed.\n"
                   "NAME --help tells what an endpoint takes.",
        .opts = opts,
        .nopts = LN_COUNT(opts),
        .max_args = -1,
        .examples = examples};

    return ln_cli_parse(&spec, argc, argv, nargs, exit_code);
}

/* Programs get their JSON even when the options do not make sense. */
static bool
wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            return true;
    }
    return false;
}

int
ln_cmd_api(int argc, char **argv)
{
    struct api a = {.exit_code = LN_EXIT_OK};
    char *words[WORDS_MAX + 1], help_word[] = "--help";
    char *help_only[] = {argv[0], help_word, NULL};
    int nargs = 0, exit_code = LN_EXIT_OK, n = 0;

    for (; n < argc && n < WORDS_MAX; n++)
        words[n] = argv[n];
    words[n] = NULL;
    bool help = take_help(&n, words);
    if (parse(&a, n, words, &nargs, &exit_code)) {
        if (wants_json(argc, argv))
            puts("{\"ok\":false,\"error\":{\"code\":\"config\",\"message\":"
                 "\"the options are not understood, see standard error\","
                 "\"http_status\":0,\"verdict\":\"no\"}}");
        return exit_code;
    }
    if (help && nargs == 0 && !a.list) {
        (void)parse(&a, 2, help_only, &nargs, &exit_code);
        return exit_code;
    }
    ln_buf_init(&a.params, 256U << 10);
    ln_buf_init(&a.out, OUT_MAX);
    ln_request_text_init(&a.text);
    with_words(&a, words + 1, nargs, help);
    flush(&a);
    ln_rest_free(a.client);
    if (a.net)
        ln_net_free(a.net);
    if (a.loop)
        ln_loop_free(a.loop);
    ln_credentials_free(a.credentials);
    ln_request_text_deinit(&a.text);
    ln_buf_deinit(&a.params);
    ln_buf_deinit(&a.out);
    return a.exit_code;
}
