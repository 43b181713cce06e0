/*
 * lunette sim: the exchange server in the foreground, until it is told to
 * stop. One line of JSON on standard output says that it listens and where.
 */
#include "base/log.h"
#include "cli/cli.h"
#include "cli/sim_accounts.h"
#include "cli/statedir.h"
#include "net/tls_cert.h"
#include "sim/faults.h"
#include "sim/sim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYMBOLS_MAX 64

struct options {
    const char *listen, *tls_cert, *tls_key, *tls_dir, *seed, *symbols, *key,
        *secret, *passphrase, *balance, *rate_limits, *speed, *data,
        *data_symbol, *data_volume, *log_level, *faults, *control, *accounts,
        *empty_lists, *max_age;
    bool hedge, checksum;
};

/* What the options became. */
struct setup {
    struct ln_sim_config sim;
    char host[64], control_host[64];
    struct ln_sim_accounts accounts;
    char symbols[1024]; /* cut at its commas */
    const char *symbol[SYMBOLS_MAX];
    struct ln_tls_files tls;
};

static int64_t
log_clock(void *loop)
{
    return ln_loop_now_ms(loop);
}

/* One of two words; false after having explained. */
static bool
choice(const char *option, const char *text, const char *yes, const char *no,
       bool *out)
{
    struct ln_error err;
    char cure[64];
    if (!text)
        return true;
    *out = strcmp(text, yes) == 0;
    if (*out || strcmp(text, no) == 0)
        return true;
    snprintf(cure, sizeof(cure), "write %s or %s", yes, no);
    ln_error_set(&err, LN_ERR_CONFIG, NULL, cure, "--%s: '%s' is not known",
                 option, text);
    ln_cli_fail("sim", &err);
    return false;
}

static bool
usage_error(const char *what, const char *cure)
{
    struct ln_error err;
    ln_error_set(&err, LN_ERR_CONFIG, NULL, cure, "%s", what);
    ln_cli_fail("sim", &err);
    return false;
}

static bool
read_symbols(struct setup *s, const char *text)
{
    if (!text)
        return true;
    if (!ln_str_copy(s->symbols, sizeof(s->symbols), ln_str(text)))
        return usage_error("--symbols: the list is too long", NULL);
    for (char *at = s->symbols; *at;) {
        size_t len = strcspn(at, ",");
        bool last = at[len] == '\0';
        at[len] = '\0';
        if (len == 0 || s->sim.nsymbols == SYMBOLS_MAX)
            return usage_error("--symbols: an empty name, or too many",
                               "write --symbols BTCUSDT,ETHUSDT");
        s->symbol[s->sim.nsymbols++] = at;
        at += last ? len : len + 1;
    }
    s->sim.symbols = s->symbol;
    return true;
}

static bool
read_log_level(const char *text)
{
    enum ln_log_level level = LN_LOG_INFO;
    if (text && !ln_log_level_parse(text, &level))
        return usage_error("--log: the level is not known",
                           "write debug, info, warn, error or off");
    ln_log_set_level(level);
    return true;
}

static bool
read_speed(const char *text, int32_t *out)
{
    int64_t speed = 1;
    *out = LN_SIM_SPEED_MAX;
    if (text && strcmp(text, "max") == 0)
        return true;
    if (text && !ln_cli_int("sim", "speed", text, 1, 3600, &speed))
        return false;
    *out = (int32_t)speed;
    return true;
}

static bool
read_empty_lists(const char *text, uint8_t *out)
{
    static const char *const words[] = {"documented", "null", "array"};
    *out = LN_SIM_LISTS_DOCUMENTED;
    for (uint8_t i = 0; text && i < 3; i++)
        if (strcmp(text, words[i]) == 0) {
            *out = i;
            return true;
        }
    return !text || usage_error("--empty-lists: the word is not known",
                                "write documented, null or array");
}

/* Faults, control, accounts: what a test of clients asks for. */
static bool
read_special(const struct options *o, struct setup *s)
{
    struct ln_sim_config *c = &s->sim;
    struct ln_error err = {0};
    static struct ln_sim_faults checked;
    int64_t age = 0;
    if (o->faults &&
        ln_sim_faults_set(&checked, ln_str(o->faults), 1, 0, &err) != LN_OK) {
        ln_cli_fail("sim", &err);
        return false;
    }
    if (o->accounts &&
        ln_sim_accounts_read(&s->accounts, o->accounts, &err) != LN_OK) {
        ln_cli_fail("sim", &err);
        return false;
    }
    if ((o->control && !ln_cli_listen("sim", o->control, s->control_host,
                                      &c->control_port)) ||
        (o->max_age &&
         !ln_cli_int("sim", "max-age", o->max_age, 1, 7 * 86400LL, &age)) ||
        !read_empty_lists(o->empty_lists, &c->empty_lists))
        return false;
    c->faults = o->faults;
    c->control_host = o->control ? s->control_host : NULL;
    c->logins = s->accounts.logins;
    c->nlogins = s->accounts.count;
    c->max_age_ms = age * 1000;
    c->checksum = o->checksum;
    return true;
}

static bool
read_options(const struct options *o, struct setup *s)
{
    int64_t seed = 1;
    struct ln_sim_config *c = &s->sim;
    c->rate_limits = true;
    if (!ln_cli_listen("sim", o->listen ? o->listen : "127.0.0.1:0", s->host,
                       &c->port) ||
        !read_log_level(o->log_level) || !read_symbols(s, o->symbols) ||
        (o->seed && !ln_cli_int("sim", "seed", o->seed, 0, INT64_MAX, &seed)) ||
        !read_speed(o->speed, &c->speed) || !read_special(o, s) ||
        (o->balance &&
         !ln_cli_decimal("sim", "balance", o->balance, &c->balance_e8)) ||
        !choice("rate-limits", o->rate_limits, "on", "off", &c->rate_limits) ||
        !choice("data-volume", o->data_volume, "quote", "base",
                &c->data_volume_quote))
        return false;
    if (o->balance && c->balance_e8 <= 0)
        return usage_error("--balance must be more than 0", NULL);
    if (!o->tls_cert != !o->tls_key)
        return usage_error("--tls-cert and --tls-key belong together",
                           "give both, or none for a certificate of our own");
    if ((o->data_symbol || o->data_volume) && !o->data)
        return usage_error("--data-symbol and --data-volume describe --replay",
                           "give --replay FILE too");
    c->host = s->host;
    c->seed = (uint64_t)seed;
    c->key = o->key;
    c->secret = o->secret;
    c->passphrase = o->passphrase;
    c->hedge = o->hedge;
    c->data_file = o->data;
    c->data_symbol = o->data_symbol;
    return true;
}

/* The given certificate, or one of our own making. */
static enum ln_err
prepare_tls(const struct options *o, struct setup *s, int64_t now_ms,
            struct ln_error *err)
{
    char dir[LN_TLS_PATH_MAX];
    enum ln_err code = LN_OK;
    if (o->tls_cert) {
        s->sim.cert_file = o->tls_cert;
        s->sim.key_file = o->tls_key;
        s->sim.ca_file = o->tls_cert;
        return LN_OK;
    }
    if (!o->tls_dir) {
        code = ln_state_dir("tls", dir, sizeof(dir), err);
    } else if (!ln_str_copy(dir, sizeof(dir), ln_str(o->tls_dir))) {
        code = ln_error_set(err, LN_ERR_CONFIG, NULL, NULL,
                            "--tls-dir: the path is too long");
    } else {
        (void)mkdir(dir, 0700); /* what is wrong with it comes out below */
    }
    if (code == LN_OK)
        code = ln_tls_make_cert(dir, now_ms, &s->tls, err);
    s->sim.cert_file = s->tls.cert;
    s->sim.key_file = s->tls.key;
    s->sim.ca_file = s->tls.ca;
    return code;
}

static void
on_signal(void *ctx, int signum)
{
    (void)signum;
    ln_loop_stop(ctx);
}

static bool
print_ready(const struct ln_sim *sim)
{
    struct ln_buf line;
    ln_buf_init(&line, 8192);
    ln_sim_ready_line(sim, &line);
    ln_buf_addc(&line, '\n');
    bool ok = fwrite(line.data, 1, line.len, stdout) == line.len &&
              fflush(stdout) == 0;
    ln_buf_deinit(&line);
    return ok;
}

static enum ln_err
serve(const struct options *o, struct setup *s, struct ln_loop *loop,
      struct ln_error *err)
{
    struct ln_net *net = NULL;
    struct ln_sim *sim = NULL;
    struct ln_signal *on_int = NULL, *on_term = NULL;
    enum ln_err code = prepare_tls(o, s, ln_loop_now_ms(loop), err);
    if (code == LN_OK && !(net = ln_net_uv_new(loop, err)))
        code = err->code;
    if (code == LN_OK && !(sim = ln_sim_new(loop, net, &s->sim, err)))
        code = err->code;
    if (code == LN_OK) {
        on_int = ln_signal_new(loop, SIGINT, on_signal, loop);
        on_term = ln_signal_new(loop, SIGTERM, on_signal, loop);
        ln_info("sim", "listening on port %d", ln_sim_port(sim));
        if (print_ready(sim))
            ln_loop_run(loop);
        else
            code = ln_error_set(err, LN_ERR_IO, NULL, NULL,
                                "standard output cannot be written");
        ln_info("sim", "ending");
    }
    ln_signal_free(on_int);
    ln_signal_free(on_term);
    ln_sim_free(sim);
    if (net)
        ln_net_free(net);
    return code;
}

static int
run(const struct options *o)
{
    struct setup *s = calloc(1, sizeof(*s));
    struct ln_error err = {0};
    struct ln_loop *loop = s ? ln_loop_uv_new() : NULL;
    int exit_code = LN_EXIT_FAILED;
    if (!loop) {
        ln_error_set(&err, LN_ERR_NOMEM, NULL, NULL, "no event loop");
        ln_cli_fail("sim", &err);
    } else {
        ln_log_set_clock(log_clock, loop);
        if (!read_options(o, s))
            exit_code = LN_EXIT_USAGE;
        else if (serve(o, s, loop, &err) == LN_OK)
            exit_code = LN_EXIT_OK;
        else {
            ln_cli_fail("sim", &err);
            exit_code = ln_cli_exit_code(&err);
        }
        ln_log_set_clock(NULL, NULL);
        ln_loop_free(loop);
    }
    if (s)
        ln_sim_accounts_deinit(&s->accounts);
    free(s);
    return exit_code;
}

/* The examples of the help, and behind them the faults there are. */
static void
write_examples(char *out, size_t cap)
{
    const struct ln_sim_fault_info *kinds = ln_sim_fault_kinds();
    int n = snprintf(
        out, cap,
        "  lunette sim --listen 127.0.0.1:8443\n"
        "  lunette sim --listen 8443 --symbols BTCUSDT,ETHUSDT --speed 10\n"
        "  lunette sim --replay btc-1m.csv --data-volume quote --speed max\n"
        "  lunette sim --faults drop-push:channel=orders:p=0.05,"
        "429:every=60:for=5\n"
        "\nFaults: kind[:key=value...],... When: p=0.05 every=S for=S after=S "
        "count=N.\nWhere: path=TEXT channel=NAME symbol=S on=rest|ws. Kinds "
        "and "
        "their own keys:\n");
    for (int i = 0; i < LN_SIM_FK_COUNT; i++)
        if (n >= 0 && (size_t)n < cap)
            n += snprintf(out + n, cap - (size_t)n, "  %-15s %s%s%s%s\n",
                          kinds[i].name, kinds[i].help,
                          *kinds[i].keys ? " [" : "", kinds[i].keys,
                          *kinds[i].keys ? "]" : "");
}

int
ln_cmd_sim(int argc, char **argv)
{
    struct options o = {0};
    char examples[8192];
    const struct ln_cli_opt opts[] = {
        {"listen", "HOST:PORT", "where (default 127.0.0.1, any free port)",
         &o.listen, NULL},
        {"tls-cert", "FILE", "PEM certificate (default: one of our own making)",
         &o.tls_cert, NULL},
        {"tls-key", "FILE", "PEM key of it", &o.tls_key, NULL},
        {"tls-dir", "DIR",
         "where our own is kept (default ~/.local/state/lunette/tls)",
         &o.tls_dir, NULL},
        {"seed", "N", "of the market's participants (default 1)", &o.seed,
         NULL},
        {"symbols", "A,B", "which contracts (default: the whole catalogue)",
         &o.symbols, NULL},
        {"key", "K", "API key that is let in (default " LN_SIM_DEMO_KEY ")",
         &o.key, NULL},
        {"secret", "S", "its secret (default " LN_SIM_DEMO_SECRET ")",
         &o.secret, NULL},
        {"passphrase", "P",
         "its passphrase (default " LN_SIM_DEMO_PASSPHRASE ")", &o.passphrase,
         NULL},
        {"balance", "N", "USDT of the account (default 10000)", &o.balance,
         NULL},
        {"rate-limits", "on|off", "Bitget's limits (default on)",
         &o.rate_limits, NULL},
        {"speed", "X|max",
         "market clock over real time, 1 to 3600 (default 1); max: as fast as "
         "the clients read",
         &o.speed, NULL},
        {"hedge", NULL, "the account starts in hedge mode", NULL, &o.hedge},
        {"accounts", "FILE",
         "JSON: more users, [{\"key\",\"secret\",\"passphrase\",\"balance\"}]",
         &o.accounts, NULL},
        {"replay", "FILE", "recorded candles or trades (CSV) drive the market",
         &o.data, NULL},
        {"data", "FILE", "the same", &o.data, NULL},
        {"data-symbol", "S", "which symbol they are (default BTCUSDT)",
         &o.data_symbol, NULL},
        {"data-volume", "base|quote",
         "the coin of its volume column (default base)", &o.data_volume, NULL},
        {"faults", "SPEC", "what goes wrong, and when (see below)", &o.faults,
         NULL},
        {"control", "HOST:PORT",
         "change faults, symbols, speed while it runs (loopback; port 0: any)",
         &o.control, NULL},
        {"max-age", "SECONDS", "WebSockets are closed then (default 86400)",
         &o.max_age, NULL},
        {"checksum", NULL, "books carry the checksum of before May 2026", NULL,
         &o.checksum},
        {"empty-lists", "WORD",
         "empty lists in REST answers: documented (default), null or array",
         &o.empty_lists, NULL},
        {"log", "LEVEL", "debug, info, warn, error or off (default info)",
         &o.log_level, NULL},
    };
    const struct ln_cli_spec spec = {
        "sim",
        "lunette sim --listen HOST:PORT [options]",
        "An exchange server on this machine that speaks Bitget's V2 REST and "
        "WebSocket\nformats over TLS. Prints one line of JSON when it listens: "
        "addresses, and the\ncertificate authority that clients have to trust.",
        opts,
        sizeof(opts) / sizeof(opts[0]),
        0,
        0,
        examples};
    int nargs, exit_code;
    write_examples(examples, sizeof(examples));
    if (ln_cli_parse(&spec, argc, argv, &nargs, &exit_code))
        return exit_code;
    return run(&o);
}
