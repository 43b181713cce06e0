/*
 * Private to core/sim: the server as its parts see it.
 *
 *   sim.c      life, the two clocks, the engine's events to feed and hub
 *   rest.c     one HTTP request: checks in Bitget's order, then its handler
 *   auth.c limits.c params.c     what those checks need
 *   routes.c   which handler serves which row of the endpoint table
 *   rest_*.c   the handlers
 *   wire.c     rows that more than one answer or push has
 *   ws.c       connections, login, subscriptions
 *   feed.c     public pushes; private.c private pushes
 *   data.c     recorded candles
 */
#ifndef LN_SIM_INT_H
#define LN_SIM_INT_H

#include "base/map.h"
#include "bitget/endpoint.h"
#include "exchange/exchange.h"
#include "sim/limits.h"
#include "sim/params.h"
#include "sim/sim.h"

#define LN_SIM_PRODUCT  "USDT-FUTURES"
#define LN_SIM_COIN     "USDT"
#define LN_SIM_OUT_MAX  LN_NET_BODY_MAX
#define LN_SIM_TEXT_CAP 128 /* bytes of key, secret, passphrase */

/* ---- what went wrong, as the wire says it ---- */

struct ln_sim_fault {
    int status;   /* of HTTP */
    char code[8]; /* Bitget's; "" while nothing is wrong */
    char msg[256];
};

/* Fill in (status 400) and return false, so that a handler can return it. */
bool ln_sim_fail(struct ln_sim_fault *f, const char *code, const char *fmt, ...)
    LN_PRINTF(3, 4);
/* An engine's refusal in Bitget's words. False. */
bool ln_sim_refuse(struct ln_sim_fault *f, enum ln_ex_refusal refusal,
                   const struct ln_instrument *in);

/* ---- the server ---- */

struct ln_sim_clock {
    int64_t server_base_ms, market_base_ms; /* the same moment on both */
    int32_t speed;
    int64_t end_ms; /* market time at which recorded data end; 0: never */
};

/* Somebody who is let in: keys of one account of the engine. */
struct ln_sim_auth {
    char key[LN_SIM_TEXT_CAP], secret[LN_SIM_TEXT_CAP],
        passphrase[LN_SIM_TEXT_CAP];
};

struct ln_sim_topic;

/* A cancel that was carried out: not again within a second. */
struct ln_sim_cancelled {
    int64_t order_id, at_ms; /* server time */
};
#define LN_SIM_CANCELS_KEPT 64

struct ln_sim_user {
    struct ln_sim_auth auth;
    void *mac; /* EVP_MAC_CTX keyed with the secret; NULL: not yet */
    ln_ex_account account;
    size_t index;                        /* in ln_sim.users */
    struct ln_sim_topic *topics;         /* owned; LN_SIM_CH_PRIVATE of them */
    bool positions_dirty, account_dirty; /* to be pushed */
    bool multi_assets;                   /* assetMode is "union" */
    int64_t valued_ms; /* server time of the last push of values */
    int64_t valued_e8; /* equity that was pushed last */
    struct ln_sim_cancelled cancels[LN_SIM_CANCELS_KEPT]; /* ring */
    size_t ncancels;                                      /* ever */
};

/* What the wire needs of an instrument beside what the engine keeps. */
struct ln_sim_market {
    int64_t day_ms;         /* UTC day of the next field */
    int64_t day_open_ticks; /* openUtc */
};

struct ln_sim_feed;
struct ln_sim_hub;
struct ln_sim_trouble;
struct ln_sim_control;
struct ln_sim_routes;

struct ln_sim {
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_server *server;
    struct ln_timer *tick;
    struct ln_ex *ex;
    struct ln_sim_user *users; /* owned; the first is the configured key's */
    struct ln_map keys;        /* API key -> index in users */
    size_t nusers;
    struct ln_sim_clock clock;
    struct ln_sim_limits *limits;     /* NULL: none are enforced */
    struct ln_sim_market *markets;    /* one per instrument */
    struct ln_ex_position *positions; /* two per instrument, to read into */
    struct ln_sim_hub *hub;           /* WebSockets */
    struct ln_sim_feed *feed;         /* public pushes */
    int64_t started_ms;               /* server time of the start */
    uint16_t folded;                  /* contracts whose past has been folded */
    char host[64];
    char ca_file[1024];
    bool tls;
    bool hedge;
    struct ln_json body;                /* of the request under way */
    struct ln_buf out;                  /* its answer */
    struct ln_buf detail;               /* its answer's "data" */
    struct ln_buf push;                 /* the push under way */
    const struct ln_sim_topic *pushing; /* whose */
    struct ln_sim_routes *table;        /* path -> row, handler */
    struct ln_sim_trouble *trouble;     /* faults; NULL: never asked for */
    struct ln_sim_control *control;     /* NULL: off */
    uint64_t seed;
    int64_t skew_ms;     /* of the server's clock, a fault */
    int64_t max_age_ms;  /* of a WebSocket */
    int64_t warned_ms;   /* last word about falling behind */
    bool caught_up;      /* the start is over */
    bool checksum;       /* as configured */
    uint8_t empty_lists; /* enum ln_sim_empty_lists */
    struct ln_sim_params params;
    struct ln_sim_stats stats;
};

/* The server's clock as clients see it: a fault may have skewed it. */
int64_t ln_sim_server_ms(const struct ln_sim *sim);
/* The true one, for intervals. */
int64_t ln_sim_loop_ms(const struct ln_sim *sim);
uint16_t ln_sim_instruments(const struct ln_sim *sim);
const struct ln_instrument *ln_sim_instrument(const struct ln_sim *sim,
                                              uint16_t inst);
/* Price at 00:00 UTC of the market's day. */
int64_t ln_sim_day_open(struct ln_sim *sim, uint16_t inst);

/* The market up to where its clock is; says so when it cannot keep up. */
void ln_sim_advance(struct ln_sim *sim);

/* ---- one REST call ---- */

struct ln_sim_call {
    struct ln_sim *sim;
    const struct ln_endpoint *ep;
    const struct ln_sim_params *params;
    const struct ln_sim_user *user; /* whose key signed; NULL: public */
    ln_ex_account account;          /* the same; 0: public */
    uint16_t inst;                  /* of "symbol"; NONE if not given */
    const struct ln_instrument *in; /* the same, or NULL */
    bool other_line;                /* COIN-FUTURES or USDC-FUTURES */
    struct ln_json_writer w;        /* writes the value of "data" */
    struct ln_sim_fault fault;
};

/* True: "data" is written. False: the fault is filled in. */
typedef bool (*ln_sim_handler)(struct ln_sim_call *call);

/* NULL: a known endpoint that is not served yet. */
ln_sim_handler ln_sim_route(const struct ln_endpoint *ep);

/* Rows and handlers by method and path, made once. NULL: no memory. */
struct ln_sim_routes *ln_sim_routes_new(void);
void ln_sim_routes_free(struct ln_sim_routes *table);
const struct ln_endpoint *ln_sim_routes_find(const struct ln_sim_routes *table,
                                             const char *method,
                                             const char *path,
                                             ln_sim_handler *handler);

/* What goes back; the body is valid until the next request. */
#define LN_SIM_TYPE_JSON "application/json;charset=UTF-8"
struct ln_sim_answer {
    int status;
    const char *type; /* content type */
    int64_t remain;   /* of the limit; -1: not said */
    struct ln_str body;
};

void ln_sim_rest_request(void *ctx, struct ln_server_req *req,
                         const struct ln_server_request *r);
/* Carries a request out; the answer's body is sim->out. */
void ln_sim_rest_serve(struct ln_sim *sim, const struct ln_server_request *r,
                       struct ln_sim_answer *answer);
void ln_sim_rest_send(struct ln_sim *sim, struct ln_server_req *req,
                      const struct ln_sim_answer *answer);
/* {"code":..,"msg":..,"requestTime":..,"data":..} in sim->out. */
void ln_sim_envelope(struct ln_sim *sim, const char *code, const char *msg,
                     struct ln_str data);

/* Required and enum parameters of a row, then symbol and coin. */
bool ln_sim_check_params(struct ln_sim_call *call);
/* "limit" with default and maximum (larger ones are capped). */
bool ln_sim_limit(struct ln_sim_call *call, int64_t fallback, int64_t max,
                  size_t *out);
/* startTime and endTime; 0 where not given. Of 90 days at most. */
bool ln_sim_span(struct ln_sim_call *call, int64_t *start_ms, int64_t *end_ms);
/* The same of so many days at most. */
bool ln_sim_span_days(struct ln_sim_call *call, int days, int64_t *start_ms,
                      int64_t *end_ms);
/* Since when anything is told: 90 days of the market. */
int64_t ln_sim_depth_ms(const struct ln_sim *sim);
/* Refuse a time (0: none) before the 90 days that are kept. */
bool ln_sim_not_too_old(struct ln_sim_call *call, int64_t time_ms);
/* A decimal at 1e-8 that is required (40019) or, else, 0 when not given. */
bool ln_sim_decimal(struct ln_sim_call *call, const char *name, bool required,
                    int64_t *out);
/* What a product line answers in which nobody has anything. */
bool ln_sim_other_line(struct ln_sim_call *call);
/* What clients ask the spot market when they start; false: something else. */
bool ln_sim_answer_spot(struct ln_sim *sim, const struct ln_server_request *r,
                        struct ln_sim_answer *answer);

/* ---- authentication ---- */

/* base64(HMAC-SHA256(secret, parts joined)) into out; false: no memory. */
#define LN_SIM_SIGN_CAP 48
bool ln_sim_sign(const struct ln_sim_user *user, const struct ln_str *parts,
                 size_t nparts, char out[LN_SIM_SIGN_CAP]);
/* What signing keeps of a user. */
bool ln_sim_sign_init(struct ln_sim_user *user);
void ln_sim_sign_deinit(struct ln_sim_user *user);
/* Constant time. */
bool ln_sim_equal(struct ln_str a, struct ln_str b);
/* The signed headers of a private request, in the order of the wire. NULL:
 * the fault says which is wrong. */
const struct ln_sim_user *ln_sim_auth_rest(const struct ln_sim *sim,
                                           const struct ln_server_request *r,
                                           struct ln_sim_fault *f);
/* By key. NULL: nobody's. */
struct ln_sim_user *ln_sim_user_of_key(const struct ln_sim *sim,
                                       struct ln_str key);
/* The user of an engine's account; NULL: none. */
struct ln_sim_user *ln_sim_user_of_account(const struct ln_sim *sim,
                                           ln_ex_account account);
/* A request's header, "" if absent. */
struct ln_str ln_sim_header(const struct ln_server_request *r,
                            const char *name);

/* ---- placing orders (REST single, batch, and the WebSocket) ---- */

struct ln_sim_placed {
    int64_t id;
    char client_oid[LN_OID_CAP];
    bool displaced; /* reduce-only: older ones gave way to it */
};
/*
 * <margin_mode>: of the batch; empty: the order has its own. client_oid is
 * filled in as far as it was given even when the order is refused.
 */
bool ln_sim_place(struct ln_sim *sim, ln_ex_account account, uint16_t inst,
                  const struct ln_sim_params *p, struct ln_str margin_mode,
                  struct ln_sim_placed *out, struct ln_sim_fault *f);
/* Why this order was refused. False. */
bool ln_sim_refuse_order(struct ln_sim *sim, struct ln_sim_fault *f,
                         enum ln_ex_refusal refusal,
                         const struct ln_order_request *req);
/* orderId (wins) or clientOid of the account; also orders that are final. */
bool ln_sim_find_order(struct ln_sim *sim, ln_ex_account account,
                       const struct ln_sim_params *p, const char *missing_code,
                       const struct ln_ex_order **out, struct ln_sim_fault *f);
/* Price and size texts to ticks and lots, with Bitget's refusals. */
bool ln_sim_read_price(const struct ln_instrument *in, const char *name,
                       struct ln_str text, int64_t *ticks,
                       struct ln_sim_fault *f);
bool ln_sim_read_size(const struct ln_instrument *in, struct ln_str text,
                      int64_t *lots, struct ln_sim_fault *f);

/* ---- events of the engine ---- */

void ln_sim_on_event(void *ctx, const struct ln_ex_event *event);

/* ---- recorded candles ---- */

struct ln_sim_data {
    struct ln_candle *rows; /* owned */
    size_t count;
    size_t start;            /* the row at which the market starts */
    struct ln_trade *trades; /* owned; instead of rows, all are played */
    size_t ntrades;
};
enum ln_err ln_sim_data_read(struct ln_sim_data *data, const char *path,
                             const struct ln_instrument *in, bool quote_volume,
                             struct ln_error *err) LN_MUST_USE;
void ln_sim_data_deinit(struct ln_sim_data *data);

#endif
