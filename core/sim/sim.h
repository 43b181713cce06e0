/*
 * The exchange in the box, on the wire: the engine of core/exchange behind
 * Bitget's V2 REST and WebSocket formats, over TLS.
 *
 * Room: core/sim, floor 6; knows core/exchange, core/bitget (the endpoint
 * table and the names of the wire) and core/net. Everything a client sees
 * follows the facts of Bitget's wire; what the engine decides is only
 * encoded here.
 *
 * Two clocks: the server clock is the loop's (signatures, requestTime); the
 * market clock of the engine runs <speed> times as fast (trades, candles,
 * orders' times) from its own start. At speed 1 without recorded data both
 * are the same.
 */
#ifndef LN_SIM_SIM_H
#define LN_SIM_SIM_H

#include "base/error.h"
#include "loop/loop.h"
#include "net/net.h"

struct ln_sim;
struct ln_ex;

/* Speed: as fast as the clients keep up with. */
#define LN_SIM_SPEED_MAX (-1)

/* A user beside the configured one. */
struct ln_sim_login {
    const char *key, *secret, *passphrase;
    int64_t balance_e8; /* 0: as above */
};

#define LN_SIM_USERS_MAX 1024

/* How REST writes a list within an object that has no elements. */
enum ln_sim_empty_lists {
    LN_SIM_LISTS_DOCUMENTED, /* as each endpoint was seen to */
    LN_SIM_LISTS_NULL,
    LN_SIM_LISTS_ARRAY
};

struct ln_sim_config {
    const char *host; /* NULL: 127.0.0.1 */
    int port;         /* 0: any */
    const char *cert_file,
        *key_file;       /* both NULL: plain (virtual net, tests) */
    const char *ca_file; /* reported in the ready line */
    uint64_t seed;
    const char *const *symbols; /* NULL: the whole catalogue */
    size_t nsymbols;
    const char *key, *secret,
        *passphrase;    /* copied; NULL: the built-in demo ones */
    int64_t balance_e8; /* of the one above; 0: 10,000 USDT */
    /* More users, each with an account of its own; copied. */
    const struct ln_sim_login *logins;
    size_t nlogins;
    bool rate_limits;
    bool hedge;              /* new accounts start in hedge mode */
    int32_t speed;           /* market clock over server clock; 0: 1; or _MAX */
    const char *data_file;   /* CSV of 1m candles that drives the market */
    const char *data_symbol; /* which it drives; NULL: BTCUSDT */
    bool data_volume_quote;  /* its volume column is in quote coin, not base */
    int history_minutes;     /* 0: default */
    const char *faults;      /* SPEC of sim/faults.h; NULL: none */
    /* The control endpoint (control.c). NULL: none. Loopback only. */
    const char *control_host;
    int control_port;
    const char *control_token; /* NULL: a random one */
    int64_t max_age_ms;        /* of a WebSocket; 0: 24 h */
    bool checksum;             /* books carry the legacy checksum */
    uint8_t empty_lists;       /* enum ln_sim_empty_lists, of REST */
};

/* The credentials of a simulator that was given none. They open nothing else.
 */
#define LN_SIM_DEMO_KEY        "bg_sim_demo_key"
#define LN_SIM_DEMO_SECRET     "sim_demo_secret"
#define LN_SIM_DEMO_PASSPHRASE "simdemopass"

/* Starts listening. NULL with err: port in use, unknown symbol, bad file. */
struct ln_sim *ln_sim_new(struct ln_loop *loop, struct ln_net *net,
                          const struct ln_sim_config *cfg,
                          struct ln_error *err);
void ln_sim_free(struct ln_sim *sim);

int ln_sim_port(const struct ln_sim *sim);

/*
 * Give the market a different clock ratio, 0 stands still (tests drive it
 * with ln_sim_engine and ln_ex_advance), or LN_SIM_SPEED_MAX: the market is
 * advanced second by second while no WebSocket has more than 64 KB queued
 * and no answer is held back.
 */
void ln_sim_set_speed(struct ln_sim *sim, int32_t speed);
struct ln_ex *ln_sim_engine(struct ln_sim *sim);
/* Replaces all faults by those of <spec> (sim/faults.h); NULL, "": none. */
enum ln_err ln_sim_set_faults(struct ln_sim *sim, const char *spec,
                              struct ln_error *err) LN_MUST_USE;
/* Of the control endpoint; 0 and "": there is none. */
int ln_sim_control_port(const struct ln_sim *sim);
const char *ln_sim_control_token(const struct ln_sim *sim);
/* The engine account of the configured key. */
unsigned ln_sim_account(struct ln_sim *sim);

/* The ready line of design section 10, one JSON object. */
struct ln_buf;
void ln_sim_ready_line(const struct ln_sim *sim, struct ln_buf *out);

struct ln_sim_stats {
    uint64_t rest_requests, rest_errors, rate_limited;
    uint64_t ws_clients, ws_messages_out;
    bool data_finished; /* the recorded data have ended */
    uint64_t faults;    /* that struck */
    /* The market's clock against the one it should keep, in server time:
     * now, at worst, and the number of ticks that found more than 1 s. */
    int64_t behind_ms, behind_worst_ms;
    uint64_t behind_ticks;
};
void ln_sim_stats(const struct ln_sim *sim, struct ln_sim_stats *out);

#endif
