/*
 * A fake exchange and fake strategies for tests of the host: the venue door
 * and the port, recorded on one side and spoken by the test on the other.
 */
#ifndef LN_TESTS_HOST_FAKE_H
#define LN_TESTS_HOST_FAKE_H

#include "base/log.h"
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_CALLS    256
#define FAKE_MESSAGES 512

struct fake_call {
    char op[16]; /* "submit" "cancel" "amend" "query" "subscribe" "fetch" */
    struct ln_order_request req;
    char oid[LN_OID_CAP], new_oid[LN_OID_CAP];
    uint16_t instrument;
    unsigned channels;
    uint64_t tag;
    int limit;
};

struct fake_venue {
    struct ln_venue base;
    struct ln_instruments instruments;
    ln_venue_fn fn;
    void *ctx;
    struct fake_call calls[FAKE_CALLS];
    int ncalls;
};

struct fake_port {
    struct ln_port base;
    struct ln_loop *loop;
    struct ln_port_events events;
    void *ctx;
    uint64_t seen; /* last host message */
    unsigned char *messages[FAKE_MESSAGES];
    int nmessages;
    bool full; /* pretend that the ring has no room */
    bool killed;
};

struct fixture {
    struct ln_loop *loop;
    struct fake_venue venue;
    struct fake_port *port; /* of the only strategy; NULL after it is gone */
    struct ln_host_config config;
    struct ln_host *host;
    int opened; /* ports so far */
    bool ended;
};

/* ---- venue ---- */

static inline struct fake_call *
fake_record(struct ln_venue *v, const char *op)
{
    struct fake_venue *f = (struct fake_venue *)(void *)v;
    struct fake_call *c = &f->calls[f->ncalls++ % FAKE_CALLS];
    memset(c, 0, sizeof(*c));
    snprintf(c->op, sizeof(c->op), "%s", op);
    return c;
}

static inline void
fake_start(struct ln_venue *v, ln_venue_fn fn, void *ctx)
{
    struct fake_venue *f = (struct fake_venue *)(void *)v;
    f->fn = fn;
    f->ctx = ctx;
}

static inline void
fake_stop(struct ln_venue *v)
{
    (void)v;
}

static inline const struct ln_instruments *
fake_instruments(struct ln_venue *v)
{
    return &((struct fake_venue *)(void *)v)->instruments;
}

static inline void
fake_subscribe(struct ln_venue *v, uint16_t inst, unsigned channels,
               enum ln_timeframe tf)
{
    struct fake_call *c = fake_record(v, "subscribe");
    (void)tf;
    c->instrument = inst;
    c->channels = channels;
}

static inline void
fake_unsubscribe(struct ln_venue *v, uint16_t inst, unsigned channels,
                 enum ln_timeframe tf)
{
    struct fake_call *c = fake_record(v, "unsubscribe");
    (void)tf;
    c->instrument = inst;
    c->channels = channels;
}

static inline void
fake_submit(struct ln_venue *v, const struct ln_order_request *req)
{
    struct fake_call *c = fake_record(v, "submit");
    c->req = *req;
    memcpy(c->oid, req->client_oid, sizeof(c->oid));
}

static inline void
fake_cancel(struct ln_venue *v, uint16_t inst, const char *oid, const char *id)
{
    struct fake_call *c = fake_record(v, "cancel");
    (void)id;
    c->instrument = inst;
    snprintf(c->oid, sizeof(c->oid), "%s", oid);
}

static inline void
fake_amend(struct ln_venue *v, const struct ln_order_request *current,
           const char *id, const char *new_oid, int64_t price, int64_t size)
{
    struct fake_call *c = fake_record(v, "amend");
    (void)id;
    c->req = *current;
    c->req.price_ticks = price;
    c->req.size_lots = size;
    memcpy(c->oid, current->client_oid, sizeof(c->oid));
    snprintf(c->new_oid, sizeof(c->new_oid), "%s", new_oid);
}

static inline void
fake_query(struct ln_venue *v, uint16_t inst, const char *oid)
{
    struct fake_call *c = fake_record(v, "query");
    c->instrument = inst;
    snprintf(c->oid, sizeof(c->oid), "%s", oid);
}

static inline void
fake_nothing(struct ln_venue *v)
{
    (void)v;
}

static inline void
fake_query_fills(struct ln_venue *v, uint16_t inst, int64_t since)
{
    (void)v;
    (void)inst;
    (void)since;
}

static inline void
fake_fetch(struct ln_venue *v, uint16_t inst, enum ln_timeframe tf, int limit,
           int64_t end_ms, uint64_t tag)
{
    struct fake_call *c = fake_record(v, "fetch");
    (void)tf;
    (void)end_ms;
    c->instrument = inst;
    c->limit = limit;
    c->tag = tag;
}

static inline void
fake_api(struct ln_venue *v, const char *endpoint, struct ln_str params,
         uint64_t tag)
{
    struct fake_call *c = fake_record(v, "call");
    (void)params;
    snprintf(c->oid, sizeof(c->oid), "%.50s", endpoint);
    c->tag = tag;
}

static inline void
fake_stats(struct ln_venue *v, struct ln_venue_stats *out)
{
    (void)v;
    memset(out, 0, sizeof(*out));
}

static const struct ln_venue_ops fake_ops = {
    .start = fake_start,
    .stop = fake_stop,
    .free = fake_nothing,
    .instruments = fake_instruments,
    .subscribe = fake_subscribe,
    .unsubscribe = fake_unsubscribe,
    .submit = fake_submit,
    .cancel = fake_cancel,
    .amend = fake_amend,
    .query_order = fake_query,
    .query_open_orders = fake_nothing,
    .query_positions = fake_nothing,
    .query_account = fake_nothing,
    .query_fills = fake_query_fills,
    .fetch_candles = fake_fetch,
    .call = fake_api,
    .stats = fake_stats,
};

/* ---- port ---- */

static inline enum ln_err
fake_send(struct ln_port *p, const struct ln_msg *m)
{
    struct fake_port *f = (struct fake_port *)(void *)p;
    if (f->killed)
        return LN_ERR_STATE;
    if (f->full)
        return LN_ERR_LIMIT;
    f->seen = m->seq;
    unsigned char *copy = malloc(m->size);
    if (copy && f->nmessages < FAKE_MESSAGES) {
        memcpy(copy, m, m->size);
        f->messages[f->nmessages++] = copy;
    } else {
        free(copy);
    }
    return LN_OK;
}

static inline void
fake_gone(void *ctx)
{
    struct fake_port *f = ctx;
    f->events.gone(f->ctx, "killed", 0, 9);
}

static inline void
fake_kill(struct ln_port *p)
{
    struct fake_port *f = (struct fake_port *)(void *)p;
    if (!f->killed)
        ln_loop_post(f->loop, fake_gone, f);
    f->killed = true;
}

static struct fixture *fake_fixture; /* for ports that are freed */

static inline void
fake_free(struct ln_port *p)
{
    struct fake_port *f = (struct fake_port *)(void *)p;
    if (fake_fixture && fake_fixture->port == f)
        fake_fixture->port = NULL;
    for (int i = 0; i < f->nmessages; i++)
        free(f->messages[i]);
    free(f);
}

static const struct ln_port_ops fake_port_ops = {fake_send, fake_kill,
                                                 fake_free};

static inline struct ln_port *
fake_open(void *maker, const char *name, const struct ln_port_events *events,
          void *ctx, struct ln_error *err)
{
    struct fixture *fx = maker;
    struct fake_port *f = calloc(1, sizeof(*f));
    (void)name;
    (void)err;
    f->base.ops = &fake_port_ops;
    f->loop = fx->loop;
    f->events = *events;
    f->ctx = ctx;
    fx->port = f;
    fx->opened++;
    return &f->base;
}

/* ---- what tests say ---- */

static inline void
fake_ended(void *ctx)
{
    ((struct fixture *)ctx)->ended = true;
}

static inline void
fake_emit(struct fixture *fx, struct ln_venue_event *e)
{
    fx->venue.fn(fx->venue.ctx, e);
}

static inline void
fake_say(struct fixture *fx, struct ln_msg *m, uint16_t type,
         uint16_t instrument, size_t size)
{
    m->type = type;
    m->instrument = instrument;
    m->size = (uint32_t)size;
    m->seq = fx->port->seen;
    fx->port->events.message(fx->port->ctx, m);
}

/* Everything sent so far is worked off. */
static inline void
fake_done(struct fixture *fx)
{
    struct ln_msg_done m = {0};
    fake_say(fx, &m.h, LN_MSG_DONE, LN_INSTRUMENT_NONE, sizeof(m));
}

/* The last call of a kind; NULL: there was none. */
static inline struct fake_call *
fake_last(struct fixture *fx, const char *op)
{
    for (int i = fx->venue.ncalls - 1; i >= 0; i--)
        if (strcmp(fx->venue.calls[i % FAKE_CALLS].op, op) == 0)
            return &fx->venue.calls[i % FAKE_CALLS];
    return NULL;
}

static inline int
fake_count(const struct fixture *fx, const char *op)
{
    int n = 0;
    for (int i = 0; i < fx->venue.ncalls; i++)
        n += strcmp(fx->venue.calls[i % FAKE_CALLS].op, op) == 0;
    return n;
}

/* The last message of a type that the strategy got; NULL: none. */
static inline const void *
fake_got(const struct fixture *fx, unsigned type)
{
    for (int i = fx->port->nmessages - 1; i >= 0; i--) {
        const struct ln_msg *m =
            (const struct ln_msg *)(const void *)fx->port->messages[i];
        if (m->type == type)
            return m;
    }
    return NULL;
}

static inline int
fake_got_count(const struct fixture *fx, unsigned type)
{
    int n = 0;
    for (int i = 0; i < fx->port->nmessages; i++)
        n += ((const struct ln_msg *)(const void *)fx->port->messages[i])
                 ->type == type;
    return n;
}

static inline void
fake_connection(struct fixture *fx, enum ln_venue_part part, bool up)
{
    struct ln_venue_event e = {.type = LN_VE_CONNECTION,
                               .instrument = LN_INSTRUMENT_NONE};
    e.u.connection.part = part;
    e.u.connection.up = up;
    e.u.connection.why = "test";
    fake_emit(fx, &e);
}

static inline void
fake_account(struct fixture *fx, int64_t equity_e8)
{
    struct ln_venue_event e = {.type = LN_VE_ACCOUNT,
                               .instrument = LN_INSTRUMENT_NONE};
    snprintf(e.u.account.coin, sizeof(e.u.account.coin), "USDT");
    e.u.account.equity_e8 = equity_e8;
    e.u.account.available_e8 = equity_e8;
    e.u.account.pos_mode = LN_ONE_WAY;
    fake_emit(fx, &e);
}

/* The exchange's net position in BTCUSDT. */
static inline void
fake_net(struct fixture *fx, int64_t lots)
{
    struct ln_position_update p = {.hold_side = lots < 0 ? LN_SHORT : LN_LONG,
                                   .size_lots = lots < 0 ? -lots : lots};
    struct ln_venue_event e = {.type = LN_VE_POSITIONS};
    e.u.positions.items = &p;
    e.u.positions.count = lots != 0;
    fake_emit(fx, &e);
}

static inline void
fake_ticker(struct fixture *fx, uint16_t inst, int64_t last_ticks)
{
    struct ln_venue_event e = {.type = LN_VE_TICKER, .instrument = inst};
    e.u.ticker.last_ticks = last_ticks;
    e.u.ticker.mark_e8 = ln_price_e8(
        ln_instruments_at(&fx->venue.instruments, inst), last_ticks);
    fake_emit(fx, &e);
}

/*
 * A host with one strategy on BTCUSDT (tick 0.1, lot 0.001); json: members
 * for the configuration ("\"risk\":{...}") and for the strategy.
 */
static inline void
fake_setup(struct fixture *fx, const char *json, const char *strategy_json)
{
    struct ln_error err = {0};
    struct ln_instrument btc = {.symbol = "BTCUSDT",
                                .base = "BTC",
                                .quote = "USDT",
                                .margin_coin = "USDT",
                                .price_scale = 1,
                                .size_scale = 3,
                                .price_step = 1,
                                .lot_step = 1,
                                .min_lots = 1,
                                .min_notional_e8 = 5 * LN_E8};
    char text[2048];
    uint16_t index;
    memset(fx, 0, sizeof(*fx));
    fake_fixture = fx;
    ln_log_set_level(LN_LOG_OFF);
    fx->loop = ln_loop_virtual_new(1700000000000);
    fx->venue.base.ops = &fake_ops;
    ln_instruments_init(&fx->venue.instruments);
    if (ln_instruments_put(&fx->venue.instruments, &btc, &index) != LN_OK)
        abort();
    snprintf(
        text, sizeof(text),
        "{\"mode\":\"sim\",%s%s\"strategies\":[{\"script\":\"s.lua\"%s%s}]}",
        json, *json ? "," : "", *strategy_json ? "," : "", strategy_json);
    ln_config_init(&fx->config);
    if (ln_config_read(&fx->config, ln_str(text), "test", &err) != LN_OK) {
        fprintf(stderr, "%s\n", err.what);
        abort();
    }
    struct ln_host_opts opts = {.loop = fx->loop,
                                .venue = &fx->venue.base,
                                .config = &fx->config,
                                .ports = {fake_open, fx},
                                .ended = fake_ended,
                                .ctx = fx};
    fx->host = ln_host_new(&opts, &err);
    ln_host_start(fx->host);
}

static inline void
fake_teardown(struct fixture *fx)
{
    ln_host_free(fx->host);
    ln_config_deinit(&fx->config);
    ln_instruments_deinit(&fx->venue.instruments);
    ln_loop_free(fx->loop);
    fake_fixture = NULL;
}

/* Connected, account read: strategies have been launched. */
static inline void
fake_online(struct fixture *fx)
{
    struct ln_venue_event e = {.type = LN_VE_INSTRUMENTS,
                               .instrument = LN_INSTRUMENT_NONE};
    fake_emit(fx, &e);
    fake_connection(fx, LN_PART_REST, true);
    fake_account(fx, 10000 * LN_E8);
    fake_connection(fx, LN_PART_PUBLIC, true);
    fake_connection(fx, LN_PART_PRIVATE, true);
}

/* The strategy answers READY for BTCUSDT. */
static inline void
fake_ready(struct fixture *fx, enum ln_timeframe tf, uint32_t warmup)
{
    struct ln_msg_ready m = {.version = LN_PORT_VERSION,
                             .callbacks = LN_CB_CANDLE | LN_CB_TICKER,
                             .timeframe = (uint8_t)tf,
                             .warmup = warmup,
                             .nsymbols = 1};
    fake_done(fx);
    fake_say(fx, &m.h, LN_MSG_READY, LN_INSTRUMENT_NONE, sizeof(m));
}

static inline void
fake_up(struct fixture *fx)
{
    fake_online(fx);
    fake_ready(fx, LN_TF_NONE, 0);
    fake_ticker(fx, 0, 500000); /* 50,000.0 */
}

static inline void
fake_buy(struct fixture *fx, uint64_t handle, int64_t price_ticks, int64_t lots)
{
    struct ln_msg_submit m = {.handle = handle};
    m.req.instrument = 0;
    m.req.side = LN_BUY;
    m.req.type = LN_LIMIT;
    m.req.tif = LN_GTC;
    m.req.price_ticks = price_ticks;
    m.req.size_lots = lots;
    fake_say(fx, &m.h, LN_MSG_SUBMIT, 0, sizeof(m));
}

static inline void
fake_result(struct fixture *fx, enum ln_venue_op op, const char *oid,
            const char *id, enum ln_err code, enum ln_verdict verdict)
{
    struct ln_venue_event e = {.type = LN_VE_RESULT};
    e.u.result.op = op;
    snprintf(e.u.result.client_oid, LN_OID_CAP, "%s", oid);
    snprintf(e.u.result.order_id, sizeof(e.u.result.order_id), "%s", id);
    e.u.result.error.code = code;
    e.u.result.error.verdict = verdict;
    e.u.result.error.sent = true;
    snprintf(e.u.result.error.message, 64, "%s", code ? "test says no" : "");
    fake_emit(fx, &e);
}

static inline void
fake_order(struct fixture *fx, const struct fake_call *c, const char *oid,
           const char *id, enum ln_order_state state, int64_t filled)
{
    struct ln_venue_event e = {.type = LN_VE_ORDER};
    struct ln_order_update *u = &e.u.order;
    snprintf(u->client_oid, LN_OID_CAP, "%s", oid);
    snprintf(u->order_id, sizeof(u->order_id), "%s", id);
    u->side = c->req.side;
    u->type = c->req.type;
    u->tif = c->req.tif;
    u->state = (uint8_t)state;
    u->price_ticks = c->req.price_ticks;
    u->size_lots = c->req.size_lots;
    u->filled_lots = filled;
    u->updated_ms = ln_loop_now_ms(fx->loop);
    fake_emit(fx, &e);
}

static inline void
fake_fill(struct fixture *fx, const char *oid, const char *id,
          const char *trade, enum ln_side side, int64_t price_ticks,
          int64_t lots)
{
    struct ln_venue_event e = {.type = LN_VE_FILL};
    struct ln_fill *f = &e.u.fill;
    snprintf(f->client_oid, LN_OID_CAP, "%s", oid);
    snprintf(f->order_id, sizeof(f->order_id), "%s", id);
    snprintf(f->trade_id, sizeof(f->trade_id), "%s", trade);
    f->side = (uint8_t)side;
    f->liquidity = LN_TAKER;
    f->price_ticks = price_ticks;
    f->size_lots = lots;
    f->fee_e8 = -1000000;
    f->time_ms = ln_loop_now_ms(fx->loop);
    fake_emit(fx, &e);
}

#endif
