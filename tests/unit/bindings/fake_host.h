/*
 * A host made of nothing: feeds messages into a runtime and keeps what it
 * says. Scripts report through log.info, so most checks compare texts.
 */
#ifndef LN_TESTS_FAKE_HOST_H
#define LN_TESTS_FAKE_HOST_H

#include "bindings/runtime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define BTC    0
#define ETH    1
#define SAID   1024
#define START  1700000000000LL
#define UNUSED __attribute__((unused))

struct fake {
    struct ln_runtime *rt;
    struct ln_msg *said[SAID];
    int nsaid;
    uint64_t seq;
    int64_t now_ms;
    bool alive; /* what the last message returned */
    bool loaded_called;
    int64_t budget_ms, memory_bytes;
    char dir[64];
};

static void
fake_say(void *ctx, const struct ln_msg *msg)
{
    struct fake *f = ctx;
    /* The runtime says nothing that a host would not accept. */
    assert_true(ln_msg_valid(msg, msg->size, false, 2));
    if (f->nsaid == SAID)
        return;
    f->said[f->nsaid] = malloc(msg->size);
    memcpy(f->said[f->nsaid++], msg, msg->size);
}

static void
fake_loaded(void *ctx)
{
    ((struct fake *)ctx)->loaded_called = true;
}

UNUSED static void
fake_forget(struct fake *f)
{
    for (int i = 0; i < f->nsaid; i++)
        free(f->said[i]);
    f->nsaid = 0;
}

/* The last message of that type since fake_forget; NULL: none. */
UNUSED static const void *
fake_last(const struct fake *f, uint16_t type)
{
    for (int i = f->nsaid; i-- > 0;)
        if (f->said[i]->type == type)
            return f->said[i];
    return NULL;
}

UNUSED static int
fake_count(const struct fake *f, uint16_t type)
{
    int n = 0;
    for (int i = 0; i < f->nsaid; i++)
        n += f->said[i]->type == type;
    return n;
}

/* The last ERROR or FAILED, of which there must be one. */
UNUSED static const struct ln_msg_error *
fake_error(const struct fake *f, uint16_t type)
{
    static const struct ln_msg_error none;
    const struct ln_msg_error *e = fake_last(f, type);
    assert_non_null(e);
    return e ? e : &none;
}

/* The text of the last log line. */
UNUSED static const char *
fake_log(const struct fake *f)
{
    const void *m = fake_last(f, LN_MSG_LOG);
    return m ? ln_msg_tail(m, sizeof(struct ln_msg_log)) : "(nothing)";
}

UNUSED static void
fake_send(struct fake *f, struct ln_msg *msg, uint16_t type, uint16_t inst,
          size_t size)
{
    msg->type = type;
    msg->instrument = inst;
    msg->size = (uint32_t)size;
    msg->seq = ++f->seq;
    msg->now_ms = f->now_ms;
    f->alive = ln_runtime_handle(f->rt, msg);
}

UNUSED static void
fake_write(const struct fake *f, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
fake_instrument(struct fake *f, uint16_t index, const char *symbol,
                uint8_t price_scale, int64_t price_step, uint8_t size_scale)
{
    struct ln_msg_instrument m;
    memset(&m, 0, sizeof(m));
    struct ln_instrument *in = &m.instrument;
    ln_str_copy(in->symbol, sizeof(in->symbol), ln_str(symbol));
    ln_str_copy(in->base, sizeof(in->base), ln_strn(symbol, 3));
    ln_str_copy(in->quote, sizeof(in->quote), ln_str("USDT"));
    ln_str_copy(in->margin_coin, sizeof(in->margin_coin), ln_str("USDT"));
    in->price_scale = price_scale;
    in->price_step = price_step;
    in->size_scale = size_scale;
    in->lot_step = 1;
    in->min_lots = 1;
    in->min_notional_e8 = 5 * LN_E8;
    in->maker_fee_e8 = 20000;
    in->taker_fee_e8 = 60000;
    in->max_leverage = 125;
    in->funding_interval_h = 8;
    fake_send(f, &m.h, LN_MSG_INSTRUMENT, index, sizeof(m));
}

/* A runtime that knows BTCUSDT (tick 0.1, lot 0.001) and ETHUSDT (0.01). */
UNUSED static void
fake_new(struct fake *f)
{
    memset(f, 0, sizeof(*f));
    struct ln_error err = {0};
    struct ln_runtime_opts opts = {
        .scripts_dir = LN_TEST_ROOT "/scripts",
        .say = fake_say,
        .ctx = f,
        .loaded = fake_loaded,
    };
    f->now_ms = START;
    f->budget_ms = 1000;
    f->memory_bytes = 16 << 20;
    snprintf(f->dir, sizeof(f->dir), "/tmp/lunette-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->rt = ln_runtime_new(&opts, &err);
    assert_non_null(f->rt);
    fake_instrument(f, BTC, "BTCUSDT", 1, 1, 3);
    fake_instrument(f, ETH, "ETHUSDT", 2, 1, 2);
}

UNUSED static void
fake_hello(struct fake *f, const char *path, const char *params)
{
    struct {
        struct ln_msg_hello m;
        char tail[2048];
    } msg;
    memset(&msg, 0, sizeof(msg));
    msg.m.version = LN_PORT_VERSION;
    snprintf(msg.m.name, sizeof(msg.m.name), "test");
    snprintf(msg.m.mode, sizeof(msg.m.mode), "sim");
    msg.m.seed = 7;
    msg.m.budget_ms = f->budget_ms;
    msg.m.memory_bytes = f->memory_bytes;
    msg.m.pos_mode = LN_ONE_WAY;
    char *tail = (char *)&msg + sizeof(msg.m);
    size_t script = strlen(path) + 1, json = strlen(params) + 1;
    memcpy(tail, path, script);
    memcpy(tail + script, params, json);
    fake_send(f, &msg.m.h, LN_MSG_HELLO, LN_INSTRUMENT_NONE,
              sizeof(msg.m) + script + json);
}

/* Loads the text as the script "s.lua". */
UNUSED static void
fake_load(struct fake *f, const char *text, const char *params)
{
    char path[128];
    fake_write(f, "s.lua", text);
    snprintf(path, sizeof(path), "%s/s.lua", f->dir);
    fake_hello(f, path, params);
}

UNUSED static void
fake_start(struct fake *f)
{
    struct ln_msg m = {0};
    fake_send(f, &m, LN_MSG_START, LN_INSTRUMENT_NONE, sizeof(m));
}

#define DECLARE "strategy { symbols = { 'BTCUSDT' }, timeframe = '1m' }\n"

/* Loads <text> behind DECLARE, which must work, and starts it. */
UNUSED static void
fake_run(struct fake *f, const char *text)
{
    char script[8192];
    fake_new(f);
    snprintf(script, sizeof(script), DECLARE "%s", text);
    fake_load(f, script, "{}");
    const struct ln_msg_error *failed = fake_last(f, LN_MSG_FAILED);
    if (failed)
        fail_msg("%s: %s", failed->where, failed->message);
    fake_start(f);
}

UNUSED static void
fake_free(struct fake *f)
{
    char command[160];
    fake_forget(f);
    ln_runtime_free(f->rt);
    const char *names[] = {"s.lua", "helper.lua", "sub/deep.lua", "sub"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(command, sizeof(command), "%s/%s", f->dir, names[i]);
        remove(command);
    }
    rmdir(f->dir);
}

UNUSED static void
fake_ticker(struct fake *f, uint16_t inst, int64_t last_ticks)
{
    struct ln_msg_ticker m;
    memset(&m, 0, sizeof(m));
    m.ticker = (struct ln_ticker){
        .time_ms = f->now_ms,
        .last_ticks = last_ticks,
        .bid_ticks = last_ticks - 1,
        .ask_ticks = last_ticks + 1,
        .bid_lots = 1500,
        .ask_lots = 2500,
        .mark_e8 = 6400012345678,
        .index_e8 = 6400100000000,
        .funding_rate_e8 = 10000,
        .next_funding_ms = f->now_ms + 3600000,
        .open_interest_lots = 123456,
        .high_24h_ticks = 650000,
        .low_24h_ticks = 630000,
        .open_24h_ticks = 635000,
        .change_24h_e8 = 1250000,
        .volume_24h_lots = 7000,
        .quote_volume_24h_e8 = 123 * LN_E8,
    };
    fake_send(f, &m.h, LN_MSG_TICKER, inst, sizeof(m));
}

UNUSED static void
fake_candle(struct fake *f, uint16_t inst, int64_t time_ms, int64_t close,
            bool warmup)
{
    struct ln_msg_candle m;
    memset(&m, 0, sizeof(m));
    m.timeframe = LN_TF_1M;
    m.warmup = warmup;
    m.candle = (struct ln_candle){time_ms, close - 5, close + 10, close - 20,
                                  close,   4321,      77 * LN_E8};
    fake_send(f, &m.h, LN_MSG_CANDLE, inst, sizeof(m));
}

/* News of the order that the runtime submitted as <handle>. */
UNUSED static void
fake_order(struct fake *f, const struct ln_msg_submit *s, uint8_t state,
           int64_t filled, const char *reason)
{
    struct ln_msg_order m;
    memset(&m, 0, sizeof(m));
    m.handle = s->handle;
    m.req = s->req;
    m.req.instrument = s->h.instrument;
    m.state = state;
    m.filled_lots = filled;
    m.average_e8 = filled ? 64000 * LN_E8 : 0;
    snprintf(m.req.client_oid, sizeof(m.req.client_oid), "ln-x-%d",
             (int)s->handle);
    snprintf(m.order_id, sizeof(m.order_id), "90%d", (int)s->handle);
    snprintf(m.tag, sizeof(m.tag), "%s", s->tag);
    snprintf(m.reason, sizeof(m.reason), "%s", reason);
    fake_send(f, &m.h, LN_MSG_ORDER, s->h.instrument, sizeof(m));
}

UNUSED static void
fake_position(struct fake *f, uint16_t inst, int64_t lots)
{
    struct ln_msg_position m;
    memset(&m, 0, sizeof(m));
    m.size_lots = lots;
    m.entry_e8 = lots ? 63000 * LN_E8 : 0;
    m.mark_e8 = 64000 * LN_E8;
    m.unrealised_e8 = 3 * LN_E8;
    m.realised_e8 = 4 * LN_E8;
    m.exchange_lots = lots + 7;
    m.liquidation_e8 = 50000 * LN_E8;
    m.leverage = 20;
    m.margin_mode = LN_CROSSED;
    fake_send(f, &m.h, LN_MSG_POSITION, inst, sizeof(m));
}

UNUSED static void
fake_account(struct fake *f, int64_t equity)
{
    struct ln_msg_account m;
    memset(&m, 0, sizeof(m));
    snprintf(m.account.coin, sizeof(m.account.coin), "USDT");
    m.account.equity_e8 = equity * LN_E8;
    m.account.available_e8 = equity * LN_E8 / 2;
    m.account.locked_e8 = 3 * LN_E8;
    m.account.unrealised_e8 = -LN_E8;
    fake_send(f, &m.h, LN_MSG_ACCOUNT, LN_INSTRUMENT_NONE, sizeof(m));
}

UNUSED static void
fake_reply(struct fake *f, uint64_t tag, bool ok, const char *json)
{
    struct {
        struct ln_msg_reply m;
        char tail[1024];
    } msg;
    memset(&msg, 0, sizeof(msg));
    msg.m.tag = tag;
    msg.m.ok = ok;
    msg.m.retryable = !ok;
    msg.m.code = ok ? 0 : 40762;
    snprintf(msg.m.message, sizeof(msg.m.message), "%s", ok ? "" : "no money");
    snprintf((char *)&msg + sizeof(msg.m), sizeof(msg.tail), "%s", json);
    fake_send(f, &msg.m.h, LN_MSG_REPLY, LN_INSTRUMENT_NONE,
              sizeof(msg.m) + strlen(json) + 1);
}

UNUSED static void
fake_timer(struct fake *f, uint64_t id)
{
    struct ln_msg_timer m = {0};
    m.id = id;
    fake_send(f, &m.h, LN_MSG_TIMER, LN_INSTRUMENT_NONE, sizeof(m));
}

UNUSED static void
fake_stop(struct fake *f, const char *reason)
{
    struct ln_msg_stop m = {0};
    snprintf(m.reason, sizeof(m.reason), "%s", reason);
    fake_send(f, &m.h, LN_MSG_STOP, LN_INSTRUMENT_NONE, sizeof(m));
}

/* An error was reported whose text contains <part>. */
#define assert_error(f, part)                                                  \
    do {                                                                       \
        const struct ln_msg_error *e_ = fake_last(f, LN_MSG_ERROR);            \
        assert_non_null(e_);                                                   \
        if (!strstr(e_->message, part))                                        \
            fail_msg("'%s' is not in: %s", part, e_->message);                 \
    } while (0)

/* Nothing failed; where it did, the message is shown. */
#define assert_no_error(f)                                                     \
    do {                                                                       \
        const struct ln_msg_error *e_ = fake_last(f, LN_MSG_ERROR);            \
        if (e_)                                                                \
            fail_msg("%s: %s", e_->where, e_->message);                        \
    } while (0)

#endif
