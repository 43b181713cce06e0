/*
 * lunette ctl: speaks to a running host over its control socket
 * (core/host/control.h). Which host: ctl_find.c; how answers look:
 * ctl_print.c.
 */
#include "base/assert.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/ctl_find.h"
#include "cli/ctl_print.h"
#include "host/control.h"
#include "loop/local.h"

#include <stdio.h>
#include <stdlib.h>

#define COMMAND     "ctl"
#define ANSWER_MAX  (64U << 20)
#define ALL_MAX     (512U << 20) /* bytes of a million orders */
#define PATIENCE_MS 10000        /* for an answer */
#define END_MS      30000        /* for the end of a host */
#define WORDS_MAX   64

struct ctl {
    const char *name, *store, *lines; /* as given */
    bool json, all, follow;
    const char *cmd;
    char host[LN_NAME_CAP]; /* who was found */
    struct ln_loop *loop;
    struct ln_timer *timer;
    struct ln_local_conn *conn;
    struct ln_json doc;
    struct ln_buf orders; /* pages of them, one after the other */
    bool answered;
    bool ending; /* it answered "stopping": its end is waited for */
    int exit_code;
};

static const struct {
    const char *name;
    int min, max; /* words behind it */
    bool all;     /* --all means something */
} commands[] = {
    {"status", 0, 0, false}, {"orders", 0, 0, true}, {"positions", 0, 0, false},
    {"pause", 0, 1, true},   {"resume", 0, 1, true}, {"stop", 0, 1, false},
    {"flatten", 0, 1, true}, {"logs", 0, 0, false},  {"reload", 0, 1, true},
};

static void
fail(struct ctl *c, const struct ln_error *err)
{
    c->exit_code = ln_cli_exit_code(err);
    ln_cli_fail(COMMAND, err);
    if (c->json) {
        struct ln_buf out;
        ln_buf_init(&out, 8192);
        ln_control_write_error(&out, err);
        puts(out.data);
        ln_buf_deinit(&out);
    }
    if (c->loop)
        ln_loop_stop(c->loop);
}

/* ---- requests ---- */

static void
request(struct ctl *c, const char *strategy, int64_t n, int64_t before)
{
    struct ln_buf out;
    struct ln_json_writer w;
    ln_buf_init(&out, LN_CONTROL_LINE_MAX);
    ln_jw_init(&w, &out);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "cmd", c->cmd);
    if (strategy)
        ln_jw_kcstr(&w, "name", strategy);
    if (c->all)
        ln_jw_kbool(&w, "all", true);
    if (c->follow)
        ln_jw_kbool(&w, "follow", true);
    if (n >= 0)
        ln_jw_kint(&w, "n", n);
    if (before > 0)
        ln_jw_kint(&w, "before", before);
    ln_jw_obj_end(&w);
    ln_buf_addc(&out, '\n');
    ln_local_send(c->conn, out.data, out.len);
    ln_buf_deinit(&out);
    ln_timer_start(c->timer, PATIENCE_MS, 0);
}

/* ---- answers ---- */

static void
on_patience(void *ctx)
{
    struct ctl *c = ctx;
    struct ln_error err;
    if (c->ending)
        ln_error_set(&err, LN_ERR_TIMEOUT, NULL,
                     "look at what it does: lunette ctl logs",
                     "%s is still ending after %d s", c->host, END_MS / 1000);
    else
        ln_error_set(&err, LN_ERR_TIMEOUT, NULL,
                     "its process may hang: look at it with ps and its log",
                     "%s does not answer within %d s", c->host,
                     PATIENCE_MS / 1000);
    fail(c, &err);
}

static bool
is_error(struct ctl *c, struct ln_error *err)
{
    static const enum ln_err usage[] = {LN_ERR_CONFIG, LN_ERR_ARG};
    char code[16] = "";
    ln_json_val e = ln_json_get(&c->doc, 0, "error");
    if (e == LN_JSON_NONE)
        return false;
    memset(err, 0, sizeof(*err));
    err->code = LN_ERR_STATE;
    ln_json_string(&c->doc, ln_json_get(&c->doc, e, "code"), code,
                   sizeof(code));
    for (size_t i = 0; i < LN_COUNT(usage); i++)
        if (strcmp(code, ln_err_name(usage[i])) == 0)
            err->code = usage[i];
    ln_json_string(&c->doc, ln_json_get(&c->doc, e, "what"), err->what,
                   sizeof(err->what));
    ln_json_string(&c->doc, ln_json_get(&c->doc, e, "where"), err->where,
                   sizeof(err->where));
    ln_json_string(&c->doc, ln_json_get(&c->doc, e, "cure"), err->cure,
                   sizeof(err->cure));
    return true;
}

static void
show(struct ctl *c, const char *text, size_t len)
{
    if (c->json) {
        printf("%.*s\n", (int)len, text);
        fflush(stdout);
    } else {
        ln_ctl_print(c->cmd, &c->doc, ln_cli_color(1));
    }
    if (ferror(stdout))
        ln_loop_stop(c->loop); /* who read us has gone */
}

/* A page of orders: keep it, ask for the next, in the end show them all. */
static bool
more_orders(struct ctl *c, struct ln_str line)
{
    struct ln_error err = {0};
    int64_t before = 0;
    ln_json_val list = ln_json_get(&c->doc, 0, "orders");
    const struct ln_json_tok *tok = &c->doc.toks[list];
    ln_buf_adds(&c->orders, c->orders.len ? "" : "{\"orders\":[");
    if (ln_json_count(&c->doc, list)) {
        if (c->orders.data[c->orders.len - 1] != '[')
            ln_buf_addc(&c->orders, ',');
        ln_buf_add(&c->orders, line.ptr + tok->start + 1, tok->len - 2);
    }
    if (ln_json_i64(&c->doc, ln_json_get(&c->doc, 0, "before"), &before)) {
        request(c, NULL, -1, before);
        return true;
    }
    ln_buf_adds(&c->orders, "]}");
    if (c->orders.failed)
        ln_error_set(&err, LN_ERR_NOMEM, NULL, NULL, "too many orders");
    if (!c->orders.failed &&
        ln_json_parse(&c->doc, c->orders.data, c->orders.len, &err) == LN_OK)
        show(c, c->orders.data, c->orders.len);
    else
        fail(c, &err);
    return false;
}

static void
on_line(void *ctx, struct ln_local_conn *conn, struct ln_str line)
{
    struct ctl *c = ctx;
    struct ln_error err = {0};
    (void)conn;
    ln_timer_stop(c->timer);
    if (ln_json_parse(&c->doc, line.ptr, line.len, &err) != LN_OK) {
        ln_error_set(&err, LN_ERR_PARSE, NULL,
                     "use the lunette that the host runs with",
                     "%s gave an answer that cannot be read", c->host);
        fail(c, &err);
        return;
    }
    if (is_error(c, &err)) {
        fail(c, &err);
        return;
    }
    c->answered = true;
    if (ln_json_type(&c->doc, ln_json_get(&c->doc, 0, "stopping")) ==
            LN_JSON_TRUE &&
        strcmp(c->cmd, "stop") == 0) {
        c->ending = true;
        ln_timer_start(c->timer, END_MS, 0);
        return;
    }
    if (strcmp(c->cmd, "orders") == 0 &&
        ln_json_get(&c->doc, 0, "orders") != LN_JSON_NONE) {
        if (more_orders(c, line))
            return;
    } else {
        show(c, line.ptr, line.len);
    }
    if (!c->follow)
        ln_loop_stop(c->loop);
}

static void
on_closed(void *ctx, struct ln_local_conn *conn, enum ln_err why)
{
    struct ctl *c = ctx;
    struct ln_error err;
    (void)conn;
    (void)why;
    c->conn = NULL;
    if (c->ending) {
        if (c->json)
            printf("{\"name\":\"%s\",\"stopped\":true}\n", c->host);
        else
            printf("%s has stopped\n", c->host);
        ln_loop_stop(c->loop);
        return;
    }
    ln_error_set(&err, LN_ERR_IO, NULL,
                 c->answered ? "" : "look for it: lunette ctl status",
                 c->answered ? "%s has ended" : "%s ended without an answer",
                 c->host);
    fail(c, &err);
}

/* ---- the command line ---- */

static void
talk(struct ctl *c, const char *path, const char *strategy, int64_t n)
{
    struct ln_error err = {0};
    struct ln_local_opts opts = {.line_max = ANSWER_MAX,
                                 .queue_max = 1U << 20,
                                 .line = on_line,
                                 .closed = on_closed,
                                 .ctx = c};
    c->loop = ln_loop_uv_new();
    c->timer = c->loop ? ln_timer_new(c->loop, on_patience, c) : NULL;
    if (!c->timer) {
        ln_error_set(&err, LN_ERR_NOMEM, NULL, NULL, "no memory");
        fail(c, &err);
    } else if (ln_local_connect(c->loop, path, &opts, &c->conn, &err) !=
               LN_OK) {
        fail(c, &err);
    } else {
        request(c, strategy, n, 0);
        ln_loop_run(c->loop);
    }
    ln_local_close(c->conn);
    ln_timer_free(c->timer);
    ln_loop_free(c->loop);
    c->loop = NULL;
}

/* False: explained. */
static bool
check_words(struct ctl *c, int nargs, char **argv)
{
    const char *names[LN_COUNT(commands)];
    struct ln_error err = {0};
    char cure[128];
    size_t i = 0;
    for (; i < LN_COUNT(commands); i++) {
        names[i] = commands[i].name;
        if (strcmp(c->cmd, commands[i].name) == 0)
            break;
    }
    if (i == LN_COUNT(commands)) {
        const char *near = ln_nearest(c->cmd, names, LN_COUNT(commands));
        for (size_t k = 0; k < LN_COUNT(commands) && c->cmd[0]; k++)
            if (strncmp(names[k], c->cmd, strlen(c->cmd)) == 0)
                near = names[k]; /* "stat" */
        snprintf(cure, sizeof(cure), near ? "did you mean '%s'?" : "%s",
                 near ? near : "see: lunette ctl --help");
        ln_error_set(&err, LN_ERR_CONFIG, NULL, cure,
                     "there is no command '%s'", c->cmd);
    } else if (nargs - 1 > commands[i].max) {
        ln_error_set(&err, LN_ERR_CONFIG, NULL, NULL,
                     commands[i].max ? "%s: one strategy at a time, or --all"
                                     : "%s takes no name",
                     c->cmd);
    } else if (c->all && !commands[i].all) {
        ln_error_set(&err, LN_ERR_CONFIG, NULL,
                     strcmp(c->cmd, "stop") == 0
                         ? "without a name, stop ends the host"
                         : NULL,
                     "%s has no --all", c->cmd);
    } else if (c->all && nargs > 1) {
        ln_error_set(&err, LN_ERR_CONFIG, NULL, "give one of the two",
                     "--all and %s contradict each other", argv[2]);
    } else if (strcmp(c->cmd, "logs") != 0 && (c->follow || c->lines)) {
        ln_error_set(&err, LN_ERR_CONFIG, NULL, NULL,
                     "%s: -n and -f belong to logs", c->cmd);
    } else {
        return true;
    }
    fail(c, &err);
    return false;
}

static int
parse(struct ctl *c, int argc, char **argv, int *nargs, int *exit_code)
{
    const struct ln_cli_opt opts[] = {
        {"name", "HOST", "which host; default: the only one that runs",
         &c->name, NULL},
        {"store", "DIR", "the host whose store this folder is", &c->store,
         NULL},
        {"all", NULL, "every strategy; orders: all since the start", NULL,
         &c->all},
        {"lines", "N", "(or -n N) the last N lines of the log (default 20)",
         &c->lines, NULL},
        {"follow", NULL, "(or -f) show new lines until Ctrl-C", NULL,
         &c->follow},
        {"json", NULL, "one JSON object on standard output", NULL, &c->json},
    };
    const struct ln_cli_spec spec = {
        COMMAND,
        "lunette ctl [--name HOST] COMMAND [options]",
        "Look at a running host, and tell it what to do. It answers while "
        "strategies hang\nand while the exchange cannot be reached.\n\n"
        "  status                   the host, its connections and strategies\n"
        "  orders [--all]           its open orders; all since the start\n"
        "  positions                of each strategy, and of the account\n"
        "  pause NAME|--all         nothing of it opens; what reduces is sent\n"
        "  resume NAME|--all        the end of a pause; starts what has "
        "stopped\n"
        "  flatten NAME|--all       cancel and close everything of it; pauses "
        "it\n"
        "  stop [NAME]              end one strategy, or the host\n"
        "  logs [-n N] [-f]         its last lines\n"
        "  reload [NAME]            not in this version",
        opts,
        LN_COUNT(opts),
        1,
        -1,
        "  lunette ctl status\n"
        "  lunette ctl --name desk1 pause ema\n"
        "  lunette ctl flatten --all\n"
        "  lunette ctl orders --json\n"};
    return ln_cli_parse(&spec, argc, argv, nargs, exit_code);
}

/* "-n" and "-f", as tail has them. */
static int
long_names(int argc, char **argv, char **out)
{
    static char lines[] = "--lines", follow[] = "--follow";
    int n = 0;
    for (int i = 0; i < argc && n < WORDS_MAX; i++)
        out[n++] = strcmp(argv[i], "-n") == 0   ? lines
                   : strcmp(argv[i], "-f") == 0 ? follow
                                                : argv[i];
    out[n] = NULL;
    return n;
}

int
ln_cmd_ctl(int argc, char **argv)
{
    struct ctl c = {.exit_code = LN_EXIT_OK};
    struct ln_error err = {0};
    char *words[WORDS_MAX + 1], path[LN_PATH_CAP];
    int nargs, exit_code;
    int64_t n = -1;
    if (parse(&c, long_names(argc, argv, words), words, &nargs, &exit_code))
        return exit_code;
    c.cmd = words[1];
    if (!check_words(&c, nargs, words))
        return c.exit_code;
    if (c.lines &&
        !ln_cli_int(COMMAND, "lines", c.lines, 0, LN_LOG_TAIL_LINES, &n))
        return LN_EXIT_USAGE;
    if (ln_ctl_find(c.name, c.store, c.host, path, sizeof(path), &err) !=
        LN_OK) {
        fail(&c, &err);
        return c.exit_code;
    }
    ln_json_init(&c.doc);
    ln_buf_init(&c.orders, ALL_MAX);
    talk(&c, path, nargs > 1 ? words[2] : NULL, n);
    ln_buf_deinit(&c.orders);
    ln_json_deinit(&c.doc);
    return c.exit_code;
}
