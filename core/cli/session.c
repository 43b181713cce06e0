/*
 * Composes a host: the only place where venue, carriers and host meet.
 */
#include "cli/session.h"

#include "base/log.h"
#include "bindings/runtime.h"
#include "bitget/bitget.h"
#include "cli/cli.h"
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

/* The file sink: lines are appended as they come. */
static void
log_to_file(void *ctx, enum ln_log_level level, const char *line, size_t len)
{
    FILE *f = ctx;
    (void)level;
    fprintf(f, "%.*s\n", (int)len, line);
    fflush(f);
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
    if (!config->log.file[0])
        return LN_OK;
    FILE *f = fopen(config->log.file, "ae");
    if (!f)
        return ln_error_set(err, LN_ERR_CONFIG, config->log.file,
                            "give a file in a folder that may be written to",
                            "log.file cannot be opened");
    ln_log_set_sink(log_to_file, f); /* open until the process ends */
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
    host.seed = seed;
    host.ended = host_ended;
    host.ctx = s;
    s->host = ln_host_new(&host, err);
    if (!s->host)
        return err->code;
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
    ln_host_free(s->host);
    s->host = NULL;
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
