/*
 * A simulator for the fuzz targets: two contracts, two users, in memory, made
 * anew for each input (a fifth of a millisecond). After every step its books
 * must balance.
 */
#ifndef LN_TESTS_FUZZ_SIM_WORLD_H
#define LN_TESTS_FUZZ_SIM_WORLD_H

#include "fuzz.h"

#include "net/net_virtual.h"
#include "sim/ws.h"

/* Ten seconds before midnight: funding is settled, and a day begins. */
#define WORLD_START_MS 1700006390000

struct sim_world {
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_sim *sim;
    int64_t money;
    struct ln_json doc; /* of what was answered last */
};

static void
world_make(struct sim_world *w)
{
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT"};
    static const struct ln_sim_login other = {"other_key", "other_secret",
                                              "otherpass", 50 * LN_E8};
    const struct ln_sim_config cfg = {.symbols = symbols,
                                      .nsymbols = 2,
                                      .seed = 3,
                                      .history_minutes = 10,
                                      .speed = 60,
                                      .logins = &other,
                                      .nlogins = 1};
    struct ln_error err = {0};
    w->loop = ln_loop_virtual_new(WORLD_START_MS);
    w->net = ln_net_virtual_new(w->loop, 7);
    w->sim = ln_sim_new(w->loop, w->net, &cfg, &err);
    FUZZ_CHECK(w->sim != NULL, "%s", err.what);
    w->money = ln_ex_money_total(w->sim->ex);
    ln_json_init(&w->doc);
}

static void
world_check(struct sim_world *w)
{
    char why[256] = "";
    FUZZ_CHECK(ln_ex_check(w->sim->ex, why, sizeof(why)), "%s", why);
    int64_t money = ln_ex_money_total(w->sim->ex);
    FUZZ_CHECK(money == w->money, "%lld of money became %lld",
               (long long)w->money, (long long)money);
}

static void
world_end(struct sim_world *w)
{
    world_check(w);
    ln_json_deinit(&w->doc);
    ln_sim_free(w->sim);
    ln_net_free(w->net);
    ln_loop_free(w->loop);
}

/* As many milliseconds as the digits say, half a second at most. */
static int64_t
world_ms(const char *digits, size_t len)
{
    int64_t ms = 0;
    for (size_t i = 0; i < len && digits[i] >= '0' && digits[i] <= '9'; i++)
        if (ms < 500)
            ms = ms * 10 + (digits[i] - '0');
    return ms < 500 ? ms : 500;
}

#endif
