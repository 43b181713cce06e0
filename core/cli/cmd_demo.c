/*
 * lunette demo: the exchange in the box, a host and two strategies, in one
 * go, on loopback, with no keys of anybody's.
 *
 *   sim server (TLS) <--sockets--> host <--shared memory--> two strategies
 *
 * Exit 0 only if orders were filled over the wire and the host's positions
 * equal the exchange's at the end.
 */
#include "base/log.h"
#include "cli/cli.h"
#include "cli/demo.h"
#include "cli/statedir.h"
#include "net/tls_cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define VIEW_MS            250
#define PLAIN_MS           5000
#define SETTLE_MS          50
#define SETTLE_TRIES       100
#define DEFAULT_SPEED      30
#define DEFAULT_SPEED_DATA 60

struct options {
    const char *seconds, *data, *data_volume, *speed, *seed;
    bool headless, json;
};

/* The two strategies, on the addresses that the server has. */
static enum ln_err
make_config(struct ln_demo *d, const char *ca, struct ln_error *err)
{
    char json[2048];
    int port = ln_sim_port(d->sim);
    snprintf(json, sizeof(json),
             "{\"name\":\"demo\",\"mode\":\"sim\",\"venue\":{"
             "\"rest\":\"https://127.0.0.1:%d\","
             "\"ws_public\":\"wss://127.0.0.1:%d/v2/ws/public\","
             "\"ws_private\":\"wss://127.0.0.1:%d/v2/ws/private\","
             "\"ca\":\"%s\"},"
             "\"risk\":{\"max_position_notional\":20000,"
             "\"price_collar_pct\":5,\"max_open_orders\":50},"
             "\"strategies\":["
             "{\"name\":\"ema_cross\",\"script\":\"ema_cross.lua\","
             "\"deadline\":5000},"
             "{\"name\":\"market_maker\",\"script\":\"market_maker.lua\","
             "\"deadline\":5000}]}",
             port, port, port, ca);
    enum ln_err code = ln_config_read(&d->config, ln_str(json), "demo", err);
    if (code != LN_OK)
        return code;
    return ln_config_resolve(&d->config, "./demo", d->session.scripts, err);
}

static enum ln_err
start_server(struct ln_demo *d, const struct options *o, uint64_t seed,
             struct ln_tls_files *tls, struct ln_error *err)
{
    struct ln_sim_config sim = {0};
    char dir[LN_PATH_CAP];
    enum ln_err code = ln_state_dir("tls", dir, sizeof(dir), err);
    if (code == LN_OK)
        code = ln_tls_make_cert(dir, ln_loop_now_ms(d->session.loop), tls, err);
    if (code != LN_OK)
        return code;
    sim.cert_file = tls->cert;
    sim.key_file = tls->key;
    sim.ca_file = tls->ca;
    sim.seed = seed;
    sim.rate_limits = true;
    sim.speed = d->speed;
    sim.data_file = o->data;
    sim.data_volume_quote =
        o->data_volume && strcmp(o->data_volume, "quote") == 0;
    d->sim = ln_sim_new(d->session.loop, d->session.net, &sim, err);
    return d->sim ? LN_OK : err->code;
}

static void
on_time_up(void *ctx)
{
    struct ln_demo *d = ctx;
    ln_host_stop(d->session.host, "the demo's time is up");
}

/* Everything is cancelled; the last pushes may still be on their way. */
static void
on_settle(void *ctx)
{
    struct ln_demo *d = ctx;
    d->agreed = ln_demo_positions_agree(d);
    if (d->agreed || ++d->settle_tries >= SETTLE_TRIES)
        ln_loop_stop(d->session.loop);
}

static void
on_ended(void *ctx)
{
    struct ln_demo *d = ctx;
    ln_sim_set_speed(d->sim, 0);
    ln_timer_stop(d->end_timer);
    ln_timer_start(d->settle_timer, 0, SETTLE_MS);
}

static enum ln_err
start(struct ln_demo *d, const struct options *o, uint64_t seed,
      struct ln_error *err)
{
    struct ln_tls_files tls;
    struct ln_bitget_credentials *keys = NULL;
    struct ln_loop *loop = d->session.loop;
    enum ln_err code = start_server(d, o, seed, &tls, err);
    if (code == LN_OK)
        code = make_config(d, tls.ca, err);
    if (code == LN_OK)
        code = ln_credentials_make(ln_str(LN_SIM_DEMO_KEY),
                                   ln_str(LN_SIM_DEMO_SECRET),
                                   ln_str(LN_SIM_DEMO_PASSPHRASE), &keys, err);
    if (code != LN_OK)
        return code;
    d->end_timer = ln_timer_new(loop, on_time_up, d);
    d->settle_timer = ln_timer_new(loop, on_settle, d);
    d->view_timer =
        ln_timer_new(loop, d->live ? ln_demo_view_draw : ln_demo_plain_line, d);
    if (!d->end_timer || !d->settle_timer || !d->view_timer)
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no timers left");
    d->session.on_ended = on_ended;
    d->session.ctx = d;
    d->started_ns = ln_loop_now_ns(loop);
    code = ln_session_start(&d->session, &d->config, keys, seed, err);
    if (code != LN_OK)
        return code;
    if (d->live)
        ln_demo_view_open(d);
    ln_timer_start(d->view_timer, d->live ? VIEW_MS : PLAIN_MS,
                   d->live ? VIEW_MS : PLAIN_MS);
    if (d->seconds)
        ln_timer_start(d->end_timer, d->seconds * 1000LL, 0);
    return LN_OK;
}

/* False: explained. */
static bool
read_options(struct ln_demo *d, const struct options *o, int64_t *seed)
{
    int64_t speed = o->data ? DEFAULT_SPEED_DATA : DEFAULT_SPEED;
    struct ln_error err;
    if ((o->seconds && !ln_cli_int("demo", "seconds", o->seconds, 1,
                                   86400LL * 365, &d->seconds)) ||
        (o->speed && !ln_cli_int("demo", "speed", o->speed, 1, 3600, &speed)) ||
        (o->seed && !ln_cli_int("demo", "seed", o->seed, 0, INT64_MAX, seed)))
        return false;
    if (o->data_volume && strcmp(o->data_volume, "base") != 0 &&
        strcmp(o->data_volume, "quote") != 0) {
        ln_error_set(&err, LN_ERR_CONFIG, NULL, "write base or quote",
                     "--data-volume: '%s' is not known", o->data_volume);
        ln_cli_fail("demo", &err);
        return false;
    }
    d->speed = (int)speed;
    d->data = o->data;
    d->json = o->json;
    d->live = !o->headless && !o->json && isatty(1);
    return true;
}

static void
close_demo(struct ln_demo *d)
{
    ln_session_stop_host(&d->session);
    if (d->sim)
        ln_sim_free(d->sim);
    ln_timer_free(d->end_timer);
    ln_timer_free(d->view_timer);
    ln_timer_free(d->settle_timer);
    ln_session_close(&d->session);
    ln_config_deinit(&d->config);
    free(d);
}

int
ln_cmd_demo(int argc, char **argv)
{
    struct options o = {0};
    const struct ln_cli_opt opts[] = {
        {"seconds", "N", "end after N seconds (default: on Ctrl-C)", &o.seconds,
         NULL},
        {"headless", NULL, "no live view: plain lines and a summary", NULL,
         &o.headless},
        {"data", "FILE", "recorded 1m candles (CSV) drive BTCUSDT", &o.data,
         NULL},
        {"data-volume", "base|quote",
         "the coin of its volume column "
         "(default base)",
         &o.data_volume, NULL},
        {"speed", "X",
         "market clock over real time (default 30; 60 with "
         "--data)",
         &o.speed, NULL},
        {"seed", "N", "of the market's participants (default 1)", &o.seed,
         NULL},
        {"json", NULL, "the summary as one JSON object on standard output",
         NULL, &o.json},
    };
    const struct ln_cli_spec spec = {
        "demo",
        "lunette demo [--seconds N] [--headless] [--data FILE] [--speed X]",
        "Starts an exchange server, a host and two strategies (ema_cross and "
        "market_maker)\non loopback, over real TLS sockets. No keys, no "
        "network. Exit 0 only if orders were\nfilled and the positions of "
        "host and exchange are equal at the end.",
        opts,
        sizeof(opts) / sizeof(opts[0]),
        0,
        0,
        "  lunette demo\n"
        "  lunette demo --headless --seconds 30\n"
        "  lunette demo --data btc-1m.csv --speed 120\n"};
    struct ln_error err = {0};
    int64_t seed = 1;
    int nargs, exit_code;
    if (ln_cli_parse(&spec, argc, argv, &nargs, &exit_code))
        return exit_code;
    struct ln_demo *d = calloc(1, sizeof(*d));
    if (!d)
        return LN_EXIT_FAILED;
    if (!read_options(d, &o, &seed)) {
        free(d);
        return LN_EXIT_USAGE;
    }
    ln_config_init(&d->config);
    enum ln_err code = ln_session_open(&d->session, &err);
    if (code == LN_OK)
        code = ln_session_log(&d->config, d->session.loop, &err);
    if (code == LN_OK)
        code = start(d, &o, (uint64_t)seed, &err);
    bool ok = false;
    if (code == LN_OK) {
        ln_session_run(&d->session);
        if (d->live)
            ln_demo_view_close(d);
        err = *ln_host_failure(d->session.host);
        ok = ln_demo_summary(d);
    }
    if (err.code != LN_OK)
        ln_cli_fail("demo", &err);
    close_demo(d);
    if (err.code != LN_OK)
        return ln_cli_exit_code(&err);
    return ok ? LN_EXIT_OK : LN_EXIT_FAILED;
}
