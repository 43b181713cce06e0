/*
 * The whole spine in one process, on the virtual clock and the virtual
 * network: a Lua strategy, the runtime behind the direct carrier, the host,
 * the Bitget client, the simulator's wire front and the engine. Ten minutes
 * of trading take a moment, and the same seed gives the same end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/map.h"
#include "bindings/runtime.h"
#include "bitget/bitget.h"
#include "bitget/credentials.h"
#include "exchange/exchange.h"
#include "host/host.h"
#include "net/net_virtual.h"
#include "sim/sim.h"
#include "trade/order.h"

#include <stdio.h>
#include <string.h>

#define START_MS 1767225600000LL /* 2026-01-01 */
#define CERT     "virtual-cert"  /* the virtual net compares the names only */

struct spine {
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_sim *sim;
    struct ln_bitget_credentials *keys;
    struct ln_venue *venue;
    struct ln_host_config config;
    struct ln_host *host;
    bool ended;
};

struct outcome {
    uint64_t orders, fills, hash;
    int64_t equity_e8;
    bool agreed;
};

static void
on_ended(void *ctx)
{
    ((struct spine *)ctx)->ended = true;
}

static struct ln_port *
open_port(void *maker, const char *name, const struct ln_port_events *events,
          void *ctx, struct ln_error *err)
{
    struct spine *s = maker;
    (void)name;
    return ln_runtime_direct_port(s->loop, LN_TEST_ROOT "/scripts", events, ctx,
                                  err);
}

static void
setup(struct spine *s, uint64_t seed, const char *strategies)
{
    struct ln_error err = {0};
    char json[2048];
    memset(s, 0, sizeof(*s));
    ln_log_set_level(LN_LOG_OFF);
    s->loop = ln_loop_virtual_new(START_MS);
    s->net = ln_net_virtual_new(s->loop, seed);
    struct ln_sim_config sim = {.port = 8443,
                                .speed = 20,
                                .cert_file = CERT,
                                .key_file = CERT,
                                .ca_file = CERT,
                                .seed = seed,
                                .rate_limits = true,
                                .history_minutes = 300};
    s->sim = ln_sim_new(s->loop, s->net, &sim, &err);
    if (!s->sim)
        fail_msg("%s", err.what);
    snprintf(json, sizeof(json), "{\"mode\":\"sim\",\"strategies\":[%s]}",
             strategies);
    ln_config_init(&s->config);
    if (ln_config_read(&s->config, ln_str(json), "test", &err) != LN_OK ||
        ln_config_resolve(&s->config, "test", LN_TEST_ROOT "/scripts", &err) !=
            LN_OK)
        fail_msg("%s", err.what);
    assert_int_equal(
        ln_credentials_make(ln_str(LN_SIM_DEMO_KEY), ln_str(LN_SIM_DEMO_SECRET),
                            ln_str(LN_SIM_DEMO_PASSPHRASE), &s->keys, &err),
        LN_OK);
    struct ln_bitget_config venue = {
        .rest = "https://127.0.0.1:8443",
        .ws_public = "wss://127.0.0.1:8443/v2/ws/public",
        .ws_private = "wss://127.0.0.1:8443/v2/ws/private",
        .ca_file = CERT,
        .seed = seed,
        .credentials = s->keys};
    s->venue = ln_bitget_new(s->loop, s->net, &venue, &err);
    if (!s->venue)
        fail_msg("%s", err.what);
    struct ln_host_opts host = {.loop = s->loop,
                                .venue = s->venue,
                                .config = &s->config,
                                .ports = {open_port, s},
                                .seed = seed,
                                .ended = on_ended,
                                .ctx = s};
    s->host = ln_host_new(&host, &err);
    assert_non_null(s->host);
    ln_host_start(s->host);
}

static void
teardown(struct spine *s)
{
    s->venue->ops->stop(s->venue);
    ln_host_free(s->host);
    s->venue->ops->free(s->venue);
    ln_sim_free(s->sim);
    ln_net_free(s->net);
    ln_credentials_free(s->keys);
    ln_config_deinit(&s->config);
    ln_loop_free(s->loop);
}

static bool
positions_agree(struct spine *s)
{
    const struct ln_instruments *reg = ln_host_instruments(s->host);
    struct ln_ex *ex = ln_sim_engine(s->sim);
    struct ln_ex_position p[64];
    size_t n = ln_ex_positions(ex, ln_sim_account(s->sim), p, 64);
    for (uint16_t i = 0; i < reg->count; i++) {
        int64_t ours, told, engine = 0;
        uint16_t inst = ln_instruments_find(
            ln_ex_instruments(ex), ln_str(ln_instruments_at(reg, i)->symbol));
        for (size_t k = 0; k < n; k++)
            if (p[k].instrument == inst)
                engine += p[k].hold_side == LN_SHORT ? -p[k].size_lots
                                                     : p[k].size_lots;
        ln_host_net(s->host, i, &ours, &told);
        if (ours != engine || told != engine)
            return false;
    }
    return true;
}

static void
hash_orders(struct spine *s, struct outcome *out)
{
    const struct ln_order *o[2000];
    size_t n = ln_host_orders(s->host, false, o, 2000);
    for (size_t i = 0; i < n; i++) {
        char line[256];
        int len = snprintf(
            line, sizeof(line), "%s %s %d %lld %lld %lld", o[i]->req.client_oid,
            o[i]->order_id, o[i]->state, (long long)o[i]->req.price_ticks,
            (long long)o[i]->filled_lots, (long long)o[i]->updated_ms);
        out->hash =
            out->hash * 1099511628211ULL ^ ln_hash(ln_strn(line, (size_t)len));
    }
}

static struct outcome
trade_for(uint64_t seed, const char *strategies, int minutes)
{
    struct spine s;
    struct ln_host_view v;
    struct outcome out = {0};
    setup(&s, seed, strategies);
    ln_loop_run_for(s.loop, minutes * 60000LL);
    ln_host_view(s.host, &v);
    assert_true(v.ready);
    ln_sim_set_speed(s.sim, 0); /* the market stands still, then all settles */
    ln_host_stop(s.host, "test");
    ln_loop_run_for(s.loop, 20000);
    assert_true(s.ended);
    if (ln_host_failure(s.host)->code != LN_OK)
        fail_msg("%s", ln_host_failure(s.host)->what);
    ln_host_view(s.host, &v);
    out.orders = v.orders;
    out.fills = v.fills;
    out.equity_e8 = v.equity_e8;
    out.agreed = positions_agree(&s);
    assert_int_equal(v.open_orders, 0);
    hash_orders(&s, &out);
    for (int i = 0; i < v.nstrategies; i++) {
        struct ln_strategy_view sv;
        ln_host_strategy_view(s.host, i, &sv);
        if (sv.errors)
            fail_msg("%s: %s", sv.name, sv.last_error);
    }
    teardown(&s);
    return out;
}

#define MAKER "{\"script\":\"market_maker.lua\"}"
#define CROSS "{\"script\":\"ema_cross.lua\"}"

static void
test_two_strategies_trade_and_both_sides_agree(void **state)
{
    (void)state;
    struct outcome o = trade_for(1, MAKER "," CROSS, 10);
    assert_true(o.orders > 10);
    assert_true(o.fills > 0);
    assert_true(o.agreed);
}

static void
test_the_same_seed_gives_the_same_end(void **state)
{
    (void)state;
    struct outcome a = trade_for(7, MAKER "," CROSS, 5);
    struct outcome b = trade_for(7, MAKER "," CROSS, 5);
    assert_int_equal(a.orders, b.orders);
    assert_int_equal(a.fills, b.fills);
    assert_true(a.equity_e8 == b.equity_e8);
    assert_true(a.hash == b.hash);
    struct outcome c = trade_for(8, MAKER "," CROSS, 5);
    assert_true(a.hash != c.hash);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_strategies_trade_and_both_sides_agree),
        cmocka_unit_test(test_the_same_seed_gives_the_same_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
