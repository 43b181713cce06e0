/*
 * The simulator's life: configuration, the engine, the two clocks, and the
 * way of the engine's events to the pushes.
 */
#include "sim/control.h"
#include "sim/trouble.h"

#include "base/log.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_MS         10
#define DEFAULT_BALANCE (10000 * LN_E8)
#define MINUTE_MS       60000
#define DAY_MS          86400000LL

/* ---- small things that all parts ask for ---- */

int64_t
ln_sim_server_ms(const struct ln_sim *sim)
{
    return ln_loop_now_ms(sim->loop) + sim->skew_ms;
}

int64_t
ln_sim_loop_ms(const struct ln_sim *sim)
{
    return ln_loop_now_ms(sim->loop);
}

uint16_t
ln_sim_instruments(const struct ln_sim *sim)
{
    return ln_ex_instruments(sim->ex)->count;
}

const struct ln_instrument *
ln_sim_instrument(const struct ln_sim *sim, uint16_t inst)
{
    return ln_instruments_at(ln_ex_instruments(sim->ex), inst);
}

int64_t
ln_sim_day_open(struct ln_sim *sim, uint16_t inst)
{
    struct ln_sim_market *m = &sim->markets[inst];
    int64_t day_ms = ln_ex_now(sim->ex) / DAY_MS * DAY_MS;
    struct ln_candle c;
    if (m->day_ms == day_ms)
        return m->day_open_ticks;
    if (ln_ex_candles(sim->ex, inst, LN_TF_1DUTC, 0, &c, 1) == 0)
        return 0;
    m->day_ms = day_ms;
    m->day_open_ticks = c.open_ticks;
    return c.open_ticks;
}

/* ---- the clocks ---- */

/*
 * What folds of the past cost is paid after the start, one contract per tick,
 * and not by the first who asks for a long candle.
 */
static void
fold_past(struct ln_sim *sim)
{
    struct ln_candle weeks[16];
    if (sim->folded < ln_sim_instruments(sim))
        ln_ex_candles(sim->ex, sim->folded++, LN_TF_1WUTC, 0, weeks, 16);
}

static void
on_tick(void *ctx)
{
    struct ln_sim *sim = ctx;
    ln_sim_trouble_tick(sim);
    ln_sim_advance(sim);
    fold_past(sim);
    ln_sim_private_flush(sim);
    ln_sim_feed_flush(sim);
    ln_sim_hub_check(sim);
}

void
ln_sim_on_event(void *ctx, const struct ln_ex_event *e)
{
    struct ln_sim *sim = ctx;
    struct ln_sim_user *user;
    if (e->account == 0)
        ln_sim_feed_event(sim, e);
    else if ((user = ln_sim_user_of_account(sim, e->account)) != NULL)
        ln_sim_private_event(sim, user, e);
}

/* ---- making it ---- */

static const struct ln_ex_spec *
find_spec(const char *symbol)
{
    size_t n;
    const struct ln_ex_spec *specs = ln_ex_catalogue(&n);
    for (size_t i = 0; i < n; i++)
        if (ln_str_eqi(ln_str(symbol), specs[i].instrument.symbol))
            return &specs[i];
    return NULL;
}

static enum ln_err
unknown_symbol(const char *symbol, struct ln_error *err)
{
    char cure[256] = "known are:";
    size_t n;
    const struct ln_ex_spec *specs = ln_ex_catalogue(&n);
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(cure);
        snprintf(cure + len, sizeof(cure) - len, " %s",
                 specs[i].instrument.symbol);
    }
    return ln_error_set(err, LN_ERR_CONFIG, NULL, cure,
                        "the simulator does not know the symbol '%s'", symbol);
}

static enum ln_err
no_memory(struct ln_error *err)
{
    return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                        "no memory for the simulator");
}

static enum ln_err
copy_secret(char *out, const char *given, const char *fallback,
            struct ln_error *err)
{
    const char *text = given ? given : fallback;
    if (*text && ln_str_copy(out, LN_SIM_TEXT_CAP, ln_str(text)))
        return LN_OK;
    return ln_error_set(err, LN_ERR_CONFIG, NULL,
                        "use between 1 and 127 characters",
                        "the key, secret or passphrase is empty or too long");
}

static enum ln_err
take_login(struct ln_sim *sim, const struct ln_sim_login *login,
           struct ln_error *err)
{
    struct ln_sim_user *user = &sim->users[sim->nusers];
    enum ln_err code =
        copy_secret(user->auth.key, login->key, LN_SIM_DEMO_KEY, err);
    if (code == LN_OK)
        code = copy_secret(user->auth.secret, login->secret, LN_SIM_DEMO_SECRET,
                           err);
    if (code == LN_OK)
        code = copy_secret(user->auth.passphrase, login->passphrase,
                           LN_SIM_DEMO_PASSPHRASE, err);
    if (code == LN_OK && ln_sim_user_of_key(sim, ln_str(user->auth.key)))
        code = ln_error_set(err, LN_ERR_CONFIG, NULL, "give each user its own",
                            "two users have the same key");
    if (code == LN_OK &&
        (!ln_sim_sign_init(user) ||
         ln_map_put(&sim->keys, ln_str(user->auth.key), sim->nusers) != LN_OK))
        code = no_memory(err);
    user->index = sim->nusers;
    if (code == LN_OK)
        sim->nusers++;
    else
        ln_sim_sign_deinit(user);
    return code;
}

/* The configured key first, then the others. */
static enum ln_err
take_logins(struct ln_sim *sim, const struct ln_sim_config *cfg,
            struct ln_error *err)
{
    struct ln_sim_login first = {
        .key = cfg->key, .secret = cfg->secret, .passphrase = cfg->passphrase};
    if (cfg->nlogins >= LN_SIM_USERS_MAX)
        return ln_error_set(err, LN_ERR_CONFIG, NULL, NULL,
                            "more than %d users", LN_SIM_USERS_MAX);
    sim->users = calloc(cfg->nlogins + 1, sizeof(*sim->users));
    if (!sim->users)
        return no_memory(err);
    enum ln_err code = take_login(sim, &first, err);
    for (size_t i = 0; code == LN_OK && i < cfg->nlogins; i++)
        code = take_login(sim, &cfg->logins[i], err);
    return code;
}

static void
free_users(struct ln_sim *sim)
{
    for (size_t i = 0; i < sim->nusers; i++) {
        if (sim->users[i].topics)
            for (int ch = 0; ch < LN_SIM_CH_PRIVATE; ch++)
                free(sim->users[i].topics[ch].conns);
        free(sim->users[i].topics);
        ln_sim_sign_deinit(&sim->users[i]);
        OPENSSL_cleanse(&sim->users[i].auth, sizeof(sim->users[i].auth));
    }
    free(sim->users);
}

/* The symbols that are asked for, or the one that is recorded, or all. */
static enum ln_err
choose_symbols(const struct ln_sim_config *cfg, const char *data_symbol,
               struct ln_ex_config *ex_cfg, const char **one,
               struct ln_error *err)
{
    bool has_data = false;
    for (size_t i = 0; i < cfg->nsymbols; i++) {
        if (!find_spec(cfg->symbols[i]))
            return unknown_symbol(cfg->symbols[i], err);
        has_data = has_data || ln_str_eqi(ln_str(cfg->symbols[i]), data_symbol);
    }
    ex_cfg->symbols = cfg->nsymbols > 0 ? cfg->symbols : NULL;
    ex_cfg->nsymbols = cfg->nsymbols;
    if (!cfg->data_file)
        return LN_OK;
    if (!find_spec(data_symbol))
        return unknown_symbol(data_symbol, err);
    if (cfg->nsymbols > 0 && !has_data)
        return ln_error_set(err, LN_ERR_CONFIG, NULL,
                            "name it among the symbols, or name no symbols",
                            "the recorded symbol %s is not served",
                            data_symbol);
    if (cfg->nsymbols == 0) {
        *one = data_symbol;
        ex_cfg->symbols = one;
        ex_cfg->nsymbols = 1;
    }
    return LN_OK;
}

static enum ln_err
start_engine(struct ln_sim *sim, const struct ln_sim_config *cfg,
             struct ln_error *err)
{
    const char *data_symbol = cfg->data_symbol ? cfg->data_symbol : "BTCUSDT";
    const char *one;
    struct ln_sim_data data = {0};
    struct ln_ex_config ex_cfg = {.seed = cfg->seed,
                                  .start_ms = ln_sim_server_ms(sim),
                                  .history_minutes = cfg->history_minutes,
                                  .pos_mode =
                                      cfg->hedge ? LN_HEDGE : LN_ONE_WAY,
                                  .participants = true};
    enum ln_err code = choose_symbols(cfg, data_symbol, &ex_cfg, &one, err);
    if (code == LN_OK && cfg->data_file) {
        code = ln_sim_data_read(&data, cfg->data_file,
                                &find_spec(data_symbol)->instrument,
                                cfg->data_volume_quote, err);
        if (code == LN_OK)
            ex_cfg.start_ms = data.trades ? data.trades[0].time_ms
                                          : data.rows[data.start].time_ms;
    }
    sim->clock.server_base_ms = ln_sim_loop_ms(sim);
    sim->clock.market_base_ms = ex_cfg.start_ms;
    if (code == LN_OK && !(sim->ex = ln_ex_new(&ex_cfg, err)))
        code = err ? err->code : LN_ERR_NOMEM;
    if (code == LN_OK && cfg->data_file) {
        uint16_t inst = ln_instruments_find(ln_ex_instruments(sim->ex),
                                            ln_str(data_symbol));
        sim->clock.end_ms = data.trades
                                ? data.trades[data.ntrades - 1].time_ms + 1
                                : data.rows[data.count - 1].time_ms + MINUTE_MS;
        code = data.trades ? ln_ex_replay_trades(sim->ex, inst, data.trades,
                                                 data.ntrades, err)
                           : ln_ex_replay_candles(sim->ex, inst, data.rows,
                                                  data.count, err);
    }
    ln_sim_data_deinit(&data);
    return code;
}

static enum ln_err
start_accounts(struct ln_sim *sim, const struct ln_sim_config *cfg,
               struct ln_error *err)
{
    uint16_t n = ln_sim_instruments(sim);
    for (size_t i = 0; i < sim->nusers; i++) {
        int64_t asked =
            i == 0 ? cfg->balance_e8 : cfg->logins[i - 1].balance_e8;
        sim->users[i].account =
            ln_ex_account_add(sim->ex, asked > 0 ? asked : DEFAULT_BALANCE);
        if (!sim->users[i].account || !ln_sim_user_topics(&sim->users[i]))
            return no_memory(err);
    }
    sim->markets = calloc(n, sizeof(*sim->markets));
    sim->positions = calloc(2U * (size_t)n, sizeof(*sim->positions));
    sim->hub = ln_sim_hub_new(n);
    sim->feed = ln_sim_feed_new(n);
    sim->table = ln_sim_routes_new();
    sim->limits = cfg->rate_limits ? ln_sim_limits_new(sim->nusers) : NULL;
    if (!sim->markets || !sim->positions || !sim->hub || !sim->feed ||
        !sim->table || (cfg->rate_limits && !sim->limits))
        return no_memory(err);
    sim->tick = ln_timer_new(sim->loop, on_tick, sim);
    if (!sim->tick)
        return no_memory(err);
    ln_ex_set_sink(sim->ex, ln_sim_on_event, sim);
    return LN_OK;
}

/* A request may have caused events: their pushes do not wait for a tick. */
static void
on_request(void *ctx, struct ln_server_req *req,
           const struct ln_server_request *r)
{
    struct ln_sim *sim = ctx;
    ln_sim_rest_request(sim, req, r);
    ln_sim_private_flush(sim);
}

static void
on_abort(void *ctx, struct ln_server_req *req)
{
    struct ln_sim *sim = ctx;
    if (sim->trouble) /* without faults every request is answered at once */
        ln_sim_late_abort(sim, req);
}

static enum ln_err
start_server(struct ln_sim *sim, const struct ln_sim_config *cfg,
             struct ln_error *err)
{
    struct ln_server_events events = {.request = on_request, .abort = on_abort};
    struct ln_server_opts opts = {.host = sim->host,
                                  .port = cfg->port,
                                  .cert_file = cfg->cert_file,
                                  .key_file = cfg->key_file};
    ln_sim_ws_events(&events);
    sim->server = ln_server_listen(sim->net, &opts, &events, sim, err);
    if (!sim->server)
        return err && err->code ? err->code : LN_ERR_NET;
    /* What making the past took is caught up: both clocks are one at speed 1.
     */
    sim->clock.speed =
        cfg->speed > 0 || cfg->speed == LN_SIM_SPEED_MAX ? cfg->speed : 1;
    ln_timer_start(sim->tick, TICK_MS, TICK_MS);
    return LN_OK;
}

struct ln_sim *
ln_sim_new(struct ln_loop *loop, struct ln_net *net,
           const struct ln_sim_config *cfg, struct ln_error *err)
{
    struct ln_sim *sim = calloc(1, sizeof(*sim));
    if (!sim) {
        no_memory(err);
        return NULL;
    }
    sim->loop = loop;
    sim->started_ms = ln_loop_now_ms(loop);
    sim->net = net;
    ln_json_init(&sim->body);
    ln_buf_init(&sim->out, LN_SIM_OUT_MAX);
    ln_buf_init(&sim->detail, LN_SIM_OUT_MAX);
    ln_buf_init(&sim->push, LN_NET_MESSAGE_MAX);
    ln_map_init(&sim->keys);
    sim->seed = cfg->seed;
    sim->warned_ms = INT64_MIN / 2;
    sim->max_age_ms = cfg->max_age_ms > 0 ? cfg->max_age_ms : DAY_MS;
    sim->checksum = cfg->checksum;
    sim->empty_lists = cfg->empty_lists;
    sim->tls = cfg->cert_file != NULL;
    ln_str_copy(sim->host, sizeof(sim->host),
                ln_str(cfg->host ? cfg->host : "127.0.0.1"));
    ln_str_copy(sim->ca_file, sizeof(sim->ca_file),
                ln_str(cfg->ca_file ? cfg->ca_file : ""));
    enum ln_err code = take_logins(sim, cfg, err);
    if (code == LN_OK)
        code = start_engine(sim, cfg, err);
    if (code == LN_OK)
        code = start_accounts(sim, cfg, err);
    if (code == LN_OK)
        code = ln_sim_set_faults(sim, cfg->faults, err);
    if (code == LN_OK)
        code = start_server(sim, cfg, err);
    if (code == LN_OK)
        code = ln_sim_control_start(sim, cfg, err);
    if (code != LN_OK) {
        ln_sim_free(sim);
        return NULL;
    }
    return sim;
}

void
ln_sim_free(struct ln_sim *sim)
{
    if (!sim)
        return;
    ln_timer_free(sim->tick);
    ln_sim_control_stop(sim);
    if (sim->server)
        ln_server_close(sim->server);
    ln_sim_trouble_free(sim);
    ln_sim_hub_free(sim->hub);
    ln_sim_feed_free(sim->feed);
    ln_sim_limits_free(sim->limits);
    ln_sim_routes_free(sim->table);
    ln_map_deinit(&sim->keys);
    free(sim->markets);
    free(sim->positions);
    if (sim->ex)
        ln_ex_free(sim->ex);
    ln_json_deinit(&sim->body);
    ln_buf_deinit(&sim->out);
    ln_buf_deinit(&sim->detail);
    ln_buf_deinit(&sim->push);
    free_users(sim);
    free(sim);
}

/* ---- asking it ---- */

int
ln_sim_port(const struct ln_sim *sim)
{
    return ln_server_port(sim->server);
}

struct ln_ex *
ln_sim_engine(struct ln_sim *sim)
{
    return sim->ex;
}

unsigned
ln_sim_account(struct ln_sim *sim)
{
    return sim->users[0].account;
}

void
ln_sim_stats(const struct ln_sim *sim, struct ln_sim_stats *out)
{
    *out = sim->stats;
}

void
ln_sim_ready_line(const struct ln_sim *sim, struct ln_buf *out)
{
    struct ln_json_writer w;
    char text[192];
    bool v6 = strchr(sim->host, ':') != NULL;
    int port = ln_sim_port(sim);
    ln_jw_init(&w, out);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "event", "ready");
    static const struct {
        const char *key, *scheme, *path;
    } urls[] = {{"rest", "http", ""},
                {"ws_public", "ws", "/v2/ws/public"},
                {"ws_private", "ws", "/v2/ws/private"}};
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof(text), "%s%s://%s%s%s:%d%s", urls[i].scheme,
                 sim->tls ? "s" : "", v6 ? "[" : "", sim->host, v6 ? "]" : "",
                 port, urls[i].path);
        ln_jw_kcstr(&w, urls[i].key, text);
    }
    ln_jw_kcstr(&w, "ca", sim->ca_file[0] ? sim->ca_file : NULL);
    ln_sim_control_ready(sim, &w);
    ln_jw_obj_end(&w);
}
