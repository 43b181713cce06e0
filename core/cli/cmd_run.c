/*
 * lunette run CONFIG.lua: the host, until it is told to stop.
 */
#include "base/log.h"
#include "bindings/runtime.h"
#include "cli/cli.h"
#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>

/* Where credentials come from: the environment unless told otherwise. */
static enum ln_err
find_credentials(const struct ln_host_config *cfg,
                 struct ln_bitget_credentials **out, struct ln_error *err)
{
    if (cfg->credentials.file[0])
        return ln_credentials_from_file(cfg->credentials.file, out, err);
    if (cfg->credentials.systemd[0])
        return ln_credentials_from_systemd(cfg->credentials.systemd, out, err);
    return ln_credentials_from_env(
        cfg->credentials.env[0] ? cfg->credentials.env : NULL, out, err);
}

/*
 * Mode sim must never reach the real exchange: all three addresses have to
 * be given. Mode demo is the same with Bitget's own addresses, its demo
 * streams and the header that selects demo trading. The other modes are
 * refused rather than half done.
 */
static enum ln_err
check_mode(const struct ln_host_config *cfg, const char *file,
           struct ln_error *err)
{
    if (strcmp(cfg->mode, "demo") == 0)
        return LN_OK;
    if (strcmp(cfg->mode, "sim") != 0)
        return ln_error_set(
            err, LN_ERR_CONFIG, file,
            "use mode = \"sim\" with a `lunette sim` server, or "
            "\"demo\" with a key of Bitget's demo trading",
            "mode \"%s\" is not available in this version", cfg->mode);
    if (!cfg->venue.rest[0] || !cfg->venue.ws_public[0] ||
        !cfg->venue.ws_private[0])
        return ln_error_set(
            err, LN_ERR_CONFIG, file,
            "take rest, ws_public, ws_private and ca from the line that "
            "`lunette sim` prints",
            "mode \"sim\" needs venue.rest, venue.ws_public and "
            "venue.ws_private");
    return LN_OK;
}

static enum ln_err
load_config(const char *file, const char *scripts, struct ln_host_config *cfg,
            struct ln_error *err)
{
    struct ln_buf json;
    ln_buf_init(&json, 1U << 20);
    enum ln_err code = ln_lua_table_json(file, &json, err);
    if (code == LN_OK)
        code = ln_config_read(cfg, ln_buf_str(&json), file, err);
    if (code == LN_OK)
        code = check_mode(cfg, file, err);
    if (code == LN_OK)
        code = ln_config_resolve(cfg, file, scripts, err);
    ln_buf_deinit(&json);
    return code;
}

/* One line per strategy when all is over. */
static void
farewell(struct ln_host *host)
{
    struct ln_host_view v;
    ln_host_view(host, &v);
    for (int i = 0; i < v.nstrategies; i++) {
        struct ln_strategy_view s;
        if (!ln_host_strategy_view(host, i, &s))
            continue;
        ln_info("host",
                "%s: %s, %llu events, %llu orders, %llu fills, %llu errors, "
                "fees %.4f, realised %.4f, unrealised %.4f",
                s.name, ln_strategy_state_name(s.state),
                (unsigned long long)s.events, (unsigned long long)s.orders,
                (unsigned long long)s.fills, (unsigned long long)s.errors,
                ln_decimal_to_double(s.fees_e8, 8),
                ln_decimal_to_double(s.realised_e8, 8),
                ln_decimal_to_double(s.unrealised_e8, 8));
    }
}

int
ln_cmd_run(int argc, char **argv)
{
    const char *seed_text = NULL;
    const struct ln_cli_opt opts[] = {
        {"seed", "N", "of the strategies' random numbers (default 1)",
         &seed_text, NULL},
    };
    const struct ln_cli_spec spec = {
        "run",
        "lunette run CONFIG.lua [options]",
        "Run strategies as CONFIG.lua says, until SIGINT or SIGTERM: the "
        "strategies get\non_stop, their orders are treated as on_stop says, "
        "then it ends.",
        opts,
        1,
        1,
        1,
        "  lunette sim --listen 127.0.0.1:8443        # in another terminal\n"
        "  BITGET_API_KEY=... BITGET_API_SECRET=... BITGET_API_PASSPHRASE=...\n"
        "  lunette run desk.lua\n"};
    struct ln_session session;
    struct ln_host_config cfg;
    struct ln_bitget_credentials *credentials = NULL;
    struct ln_error err = {0};
    int64_t seed = 1;
    int nargs, exit_code;
    if (ln_cli_parse(&spec, argc, argv, &nargs, &exit_code))
        return exit_code;
    if (seed_text && !ln_cli_int("run", "seed", seed_text, 0, INT64_MAX, &seed))
        return LN_EXIT_USAGE;
    ln_config_init(&cfg);
    enum ln_err code = ln_session_open(&session, &err);
    session.with_control = true;
    if (code == LN_OK)
        code = load_config(argv[1], session.scripts, &cfg, &err);
    if (code == LN_OK)
        code = find_credentials(&cfg, &credentials, &err);
    if (code == LN_OK)
        code = ln_session_log(&cfg, session.loop, &err);
    if (code == LN_OK && cfg.unused[0])
        ln_warn("config", "these keys have no effect in this version: %s",
                cfg.unused);
    if (code == LN_OK)
        code =
            ln_session_start(&session, &cfg, credentials, (uint64_t)seed, &err);
    if (code == LN_OK) {
        ln_session_run(&session);
        err = *ln_host_failure(session.host);
        farewell(session.host);
    }
    if (err.code != LN_OK)
        ln_cli_fail("run", &err);
    ln_session_close(&session);
    ln_config_deinit(&cfg);
    return ln_cli_exit_code(&err);
}
