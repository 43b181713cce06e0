/*
 * Composes a host: the only place where venue, carriers and host meet.
 */
#include "cli/session.h"

#include "base/log.h"
#include "bindings/runtime.h"
#include "bitget/bitget.h"
#include "cli/cli.h"
#include "host/control.h"
#include "port/port.h"

#include <signal.h>
#include <stdio.h>

static void
on_signal(void *ctx, int signum)
{
    struct ln_session *s = ctx;
    const char *name = signum == SIGINT ? "SIGINT" : "SIGTERM";
    if (s->host)
        ln_host_stop(s->host, name);
    else
        ln_loop_stop(s->loop);
}

static int64_t
log_clock(void *ctx)
{
    return ln_loop_now_ms(ctx);
}

/* Where lines go: one process has one log. */
static struct {
    FILE *file;               /* open until the process ends; or stderr */
    struct ln_log_tail *tail; /* for `lunette ctl logs`; may be NULL */
    bool color;
} log_out;

/* As base/log.c would: the level stands behind "12:00:01.123 ". */
static void
log_in_color(enum ln_log_level level, const char *line, size_t len)
{
    enum { CLOCK = 13, LABEL = 5 };
    static const char *const colors[] = {"\033[90m", "\033[32m", "\033[33m",
                                         "\033[31m"};
    char text[LN_LOG_LINE_MAX + 16];
    int n =
        snprintf(text, sizeof(text), "%.*s%s%.*s\033[0m%.*s\n", CLOCK, line,
                 colors[level < LN_LOG_OFF ? level : LN_LOG_ERROR], LABEL,
                 line + CLOCK, (int)len - CLOCK - LABEL, line + CLOCK + LABEL);
    if (n > 0)
        fwrite(text, 1, (size_t)n, stderr);
}

/* The sink: lines are appended as they come, and the last ones kept. */
static void
log_line(void *ctx, enum ln_log_level level, const char *line, size_t len)
{
    (void)ctx;
    if (log_out.tail)
        ln_log_tail_add(log_out.tail, level, line, len);
    if (log_out.color && len > 18) {
        log_in_color(level, line, len);
        return;
    }
    fprintf(log_out.file, "%.*s\n", (int)len, line);
    fflush(log_out.file);
}

enum ln_err
ln_session_log(const struct ln_host_config *config, struct ln_loop *loop,
               struct ln_error *err)
{
    enum ln_log_level level = LN_LOG_INFO;
    ln_log_level_parse(config->log.level, &level);
    ln_log_set_level(level);
    ln_log_set_format(strcmp(config->log.format, "json") == 0 ? LN_LOG_JSON
                                                              : LN_LOG_TEXT);
    ln_log_set_clock(log_clock, loop);
    ln_log_set_color(ln_cli_color(2));
    log_out.file = stderr;
    log_out.color = ln_cli_color(2) && strcmp(config->log.format, "json") != 0;
    if (config->log.file[0]) {
        log_out.file = fopen(config->log.file, "ae");
        log_out.color = false;
    }
    if (!log_out.file)
        return ln_error_set(err, LN_ERR_CONFIG, config->log.file,
                            "give a file in a folder that may be written to",
                            "log.file cannot be opened");
    if (!log_out.tail)
        log_out.tail = ln_log_tail_new();
    ln_log_set_sink(log_line, NULL);
    return LN_OK;
}

enum ln_err
ln_session_open(struct ln_session *s, struct ln_error *err)
{
    memset(s, 0, sizeof(*s));
    if (!ln_cli_find_strategy_exe(s->exe, sizeof(s->exe), err) ||
        !ln_cli_find_scripts(s->scripts, sizeof(s->scripts), err))
        return err->code;
    s->loop = ln_loop_uv_new();
    if (!s->loop)
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                            "the event loop cannot be made");
    s->sigint = ln_signal_new(s->loop, SIGINT, on_signal, s);
    s->sigterm = ln_signal_new(s->loop, SIGTERM, on_signal, s);
    s->net = ln_net_uv_new(s->loop, err);
    if (!s->net)
        return err->code;
    return LN_OK;
}

static const struct ln_strategy_config *
strategy_config(const struct ln_session *s, const char *name)
{
    for (int i = 0; i < s->config->nstrategies; i++)
        if (strcmp(s->config->strategies[i].name, name) == 0)
            return &s->config->strategies[i];
    return NULL;
}

/* isolation = "process" or "state", as configured. */
static struct ln_port *
open_port(void *maker_ctx, const char *name,
          const struct ln_port_events *events, void *ctx, struct ln_error *err)
{
    struct ln_session *s = maker_ctx;
    const struct ln_strategy_config *cfg = strategy_config(s, name);
    if (cfg && strcmp(cfg->isolation, "state") == 0)
        return ln_runtime_direct_port(s->loop, s->scripts, events, ctx, err);
    struct ln_port_process_opts opts = {0};
    opts.exe = s->exe;
    opts.scripts_dir = s->scripts;
    return ln_port_process_open(s->loop, &opts, name, events, ctx, err);
}

static void
host_ended(void *ctx)
{
    struct ln_session *s = ctx;
    s->ended = true;
    if (s->on_ended)
        s->on_ended(s->ctx);
    else
        ln_loop_stop(s->loop);
}

static const char *
text_or_null(const char *text)
{
    return text[0] ? text : NULL;
}

/* In the folder that the control socket is in. */
static enum ln_err
open_store(struct ln_session *s, struct ln_error *err)
{
    char dir[LN_PATH_CAP];
    enum ln_err code = ln_session_store_dir(s->config, dir, sizeof(dir), err);
    if (code != LN_OK)
        return code;
    s->disk = ln_disk_posix_new();
    if (!s->disk)
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory");
    snprintf(s->journal, sizeof(s->journal), "%s/intents.log", dir);
    return ln_session_open_store(s, dir, err);
}

enum ln_err
ln_session_start(struct ln_session *s, const struct ln_host_config *config,
                 struct ln_bitget_credentials *credentials, uint64_t seed,
                 struct ln_error *err)
{
    struct ln_bitget_config venue = {0};
    struct ln_host_opts host = {0};
    s->config = config;
    s->credentials = credentials;
    s->seed = seed;
    enum ln_err code = ln_session_open_control(s, log_out.tail, err);
    if (code == LN_OK && s->with_control)
        code = open_store(s, err);
    if (code != LN_OK)
        return code;
    venue.rest = text_or_null(config->venue.rest);
    venue.ws_public = text_or_null(config->venue.ws_public);
    venue.ws_private = text_or_null(config->venue.ws_private);
    venue.ca_file = text_or_null(config->venue.ca);
    venue.product = config->venue.product;
    venue.demo = strcmp(config->mode, "demo") == 0;
    venue.seed = seed;
    venue.credentials = credentials;
    s->venue = ln_bitget_new(s->loop, s->net, &venue, err);
    if (!s->venue)
        return err->code;
    host.loop = s->loop;
    host.venue = s->venue;
    host.config = config;
    host.ports.open = open_port;
    host.ports.ctx = s;
    host.store = s->store;
    host.disk = s->disk;
    host.journal_path = s->journal;
    host.seed = seed;
    host.ended = host_ended;
    host.ctx = s;
    s->host = ln_host_new(&host, err);
    if (!s->host)
        return err->code;
    ln_control_set_host(s->control, s->host);
    ln_host_start(s->host);
    return LN_OK;
}

void
ln_session_run(struct ln_session *s)
{
    ln_loop_run(s->loop);
}

void
ln_session_stop_host(struct ln_session *s)
{
    if (s->venue)
        s->venue->ops->stop(s->venue);
    ln_control_set_host(s->control, NULL);
    ln_host_free(s->host);
    s->host = NULL;
    ln_store_close(s->store);
    s->store = NULL;
    ln_disk_free(s->disk);
    s->disk = NULL;
    if (s->venue)
        s->venue->ops->free(s->venue);
    s->venue = NULL;
    ln_credentials_free(s->credentials);
    s->credentials = NULL;
}

void
ln_session_close(struct ln_session *s)
{
    ln_session_stop_host(s);
    ln_session_close_control(s);
    if (s->net)
        ln_net_free(s->net);
    ln_signal_free(s->sigint);
    ln_signal_free(s->sigterm);
    if (s->loop) {
        ln_log_set_clock(NULL, NULL);
        ln_loop_free(s->loop);
    }
    s->net = NULL;
    s->loop = NULL;
}
