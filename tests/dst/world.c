/*
 * The simulated world: made, crashed, restarted. See dst.h.
 */
#include "dst.h"

#include "base/log.h"
#include "bindings/runtime.h"
#include "bitget/bitget.h"
#include "exchange/exchange.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CERT "virtual-cert" /* the virtual net compares names only */

int64_t
dst_now_ms(const struct dst_world *w)
{
    return ln_loop_now_ms(w->loop) - DST_START_MS;
}

void
dst_trace(const struct dst_world *w, const char *fmt, ...)
{
    va_list args;
    if (!w->trace)
        return;
    fprintf(stderr, "%10lld  ", (long long)dst_now_ms(w));
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}

void
dst_fail(struct dst_world *w, const char *fmt, ...)
{
    va_list args;
    if (w->failure[0])
        return;
    int n = snprintf(w->failure, sizeof(w->failure),
                     "at %lld ms: ", (long long)dst_now_ms(w));
    va_start(args, fmt);
    vsnprintf(w->failure + n, sizeof(w->failure) - (size_t)n, fmt, args);
    va_end(args);
    dst_trace(w, "FAILED %s", w->failure);
}

static void
on_ended(void *ctx)
{
    ((struct dst_world *)ctx)->ended = true;
}

static struct ln_port *
open_port(void *maker, const char *name, const struct ln_port_events *events,
          void *ctx, struct ln_error *err)
{
    struct dst_world *w = maker;
    (void)name;
    return ln_runtime_direct_port(w->loop, LN_TEST_ROOT "/scripts", events, ctx,
                                  err);
}

static int64_t
log_clock(void *ctx)
{
    return ln_loop_now_ms(ctx);
}

static bool
open_config(struct dst_world *w, const char *scripts, struct ln_error *err)
{
    static const char json[] =
        "{\"name\":\"dst\",\"mode\":\"sim\",\"strategies\":["
        "{\"name\":\"random\",\"script\":\"random.lua\",\"on_stop\":\"cancel\","
        "\"max_restarts\":1000},"
        "{\"name\":\"flipper\",\"script\":\"flipper.lua\","
        "\"on_stop\":\"cancel\",\"max_restarts\":1000}],"
        "\"risk\":{\"max_open_orders\":40,\"max_order_notional\":5000,"
        "\"max_position_notional\":20000}}";
    ln_config_init(&w->config);
    return ln_config_read(&w->config, ln_str(json), "dst", err) == LN_OK &&
           ln_config_resolve(&w->config, scripts, LN_TEST_ROOT "/scripts",
                             err) == LN_OK;
}

bool
dst_world_open(struct dst_world *w, uint64_t seed, const char *scripts,
               bool trace)
{
    struct ln_error err = {0};
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT"};
    memset(w, 0, sizeof(*w));
    w->seed = seed;
    w->trace = trace;
    ln_rng_seed(&w->rng, seed ^ 0x6473745f73656564ULL);
    ln_log_set_level(trace ? LN_LOG_DEBUG : LN_LOG_OFF);
    w->loop = ln_loop_virtual_new(DST_START_MS);
    ln_log_set_clock(log_clock, w->loop);
    w->net = ln_net_virtual_new(w->loop, seed);
    w->disk = ln_disk_virtual_new(seed);
    struct ln_sim_config sim = {.port = 8443,
                                .speed = 1,
                                .cert_file = CERT,
                                .key_file = CERT,
                                .ca_file = CERT,
                                .seed = seed,
                                .symbols = symbols,
                                .nsymbols = 2,
                                .rate_limits = true,
                                .history_minutes = 60};
    w->sim = ln_sim_new(w->loop, w->net, &sim, &err);
    if (!w->sim ||
        ln_credentials_make(ln_str(LN_SIM_DEMO_KEY), ln_str(LN_SIM_DEMO_SECRET),
                            ln_str(LN_SIM_DEMO_PASSPHRASE), &w->keys, &err) ||
        !open_config(w, scripts, &err)) {
        fprintf(stderr, "%s\n", err.what);
        return false;
    }
    w->money_e8 = ln_ex_money_total(ln_sim_engine(w->sim));
    return true;
}

void
dst_host_start(struct dst_world *w)
{
    struct ln_error err = {0};
    struct ln_bitget_config venue = {
        .rest = "https://127.0.0.1:8443",
        .ws_public = "wss://127.0.0.1:8443/v2/ws/public",
        .ws_private = "wss://127.0.0.1:8443/v2/ws/private",
        .ca_file = CERT,
        .timeout_ms = 3000,
        .seed = ln_rng_u64(&w->rng),
        .credentials = w->keys};
    w->venue = ln_bitget_new(w->loop, w->net, &venue, &err);
    struct ln_host_opts host = {.loop = w->loop,
                                .venue = w->venue,
                                .config = &w->config,
                                .ports = {open_port, w},
                                .disk = w->disk,
                                .journal_path = DST_JOURNAL,
                                .seed = ln_rng_u64(&w->rng),
                                .ended = on_ended,
                                .ctx = w};
    w->ended = false;
    w->host = w->venue ? ln_host_new(&host, &err) : NULL;
    if (!w->host) {
        dst_fail(w, "the host cannot start: %s", err.what);
        return;
    }
    ln_host_start(w->host);
    dst_trace(w, "host started");
}

static void
count(struct dst_world *w)
{
    struct ln_host_view v;
    ln_host_view(w->host, &v);
    w->orders += v.orders;
    w->fills += v.fills;
}

void
dst_host_crash(struct dst_world *w, bool power)
{
    if (!w->host)
        return;
    count(w);
    ln_disk_virtual_crash(w->disk, power);
    w->venue->ops->stop(w->venue);
    ln_host_free(w->host);
    w->venue->ops->free(w->venue);
    w->host = NULL;
    w->venue = NULL;
}

void
dst_world_close(struct dst_world *w)
{
    dst_host_crash(w, false);
    ln_sim_free(w->sim);
    ln_net_free(w->net);
    ln_credentials_free(w->keys);
    ln_config_deinit(&w->config);
    ln_log_set_clock(NULL, NULL);
    ln_loop_free(w->loop);
    ln_disk_free(w->disk);
}
