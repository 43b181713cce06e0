/*
 * For the tests of the exchange engine: a market without participants whose
 * every order is the test's own, and a log of what the engine tells.
 */
#ifndef LN_TESTS_EXCHANGE_FIXTURE_H
#define LN_TESTS_EXCHANGE_FIXTURE_H

#include "exchange/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START_MS 1700000000000LL
#define USDT     LN_E8
#define LOG_MAX  4096

/* Indexes in every fixture. */
enum { BTC, ETH, XRP };

struct seen {
    enum ln_ex_event_type type;
    ln_ex_account account;
    int64_t order_id;
    enum ln_order_state state;
    int64_t filled_lots;
    char reason[32];
    struct ln_trade trade;
    struct ln_level level;
    int64_t amount_e8;
};

struct fx {
    struct ln_ex *ex;
    ln_ex_account a, b; /* two traders */
    struct seen log[LOG_MAX];
    size_t n;
};

static inline void
fx_see(void *ctx, const struct ln_ex_event *e)
{
    struct fx *f = ctx;
    if (f->n == LOG_MAX)
        return;
    struct seen *s = &f->log[f->n++];
    memset(s, 0, sizeof(*s));
    s->type = e->type;
    s->account = e->account;
    if (e->type == LN_EXE_TRADE)
        s->trade = e->u.trade;
    if (e->type == LN_EXE_LEVEL)
        s->level = e->u.level.level;
    if (e->type == LN_EXE_FUNDING)
        s->amount_e8 = e->u.funding_e8;
    if (e->type == LN_EXE_ORDER) {
        s->order_id = e->u.order.order->id;
        s->state = e->u.order.order->state;
        s->filled_lots = e->u.order.order->filled_lots;
        memcpy(s->reason, e->u.order.order->reason, sizeof(s->reason));
    }
    if (e->type == LN_EXE_FILL) {
        s->order_id = e->u.fill->order->id;
        s->amount_e8 = e->u.fill->fee_e8;
    }
}

static inline struct fx *
fx_new_mode(uint8_t pos_mode, bool participants)
{
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT", "XRPUSDT"};
    struct ln_ex_config cfg = {.seed = 1,
                               .start_ms = START_MS,
                               .symbols = symbols,
                               .nsymbols = 3,
                               .history_minutes = 60,
                               .pos_mode = pos_mode,
                               .default_leverage = 10,
                               .participants = participants};
    struct fx *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->ex = ln_ex_new(&cfg, NULL);
    assert_non_null(f->ex);
    f->a = ln_ex_account_add(f->ex, 1000000 * USDT);
    f->b = ln_ex_account_add(f->ex, 1000000 * USDT);
    ln_ex_set_sink(f->ex, fx_see, f);
    return f;
}

static inline struct fx *
fx_new(void)
{
    return fx_new_mode(LN_ONE_WAY, false);
}

static inline void
fx_check(const struct fx *f)
{
    char why[200];
    if (!ln_ex_check(f->ex, why, sizeof(why)))
        fail_msg("%s", why);
}

static inline void
fx_free(struct fx *f)
{
    fx_check(f);
    ln_ex_free(f->ex);
    free(f);
}

/* A limit GTC order of the first market; tests change what they are about. */
static inline struct ln_order_request
fx_limit(enum ln_side side, int64_t price, int64_t lots)
{
    return (struct ln_order_request){.instrument = BTC,
                                     .side = (uint8_t)side,
                                     .type = LN_LIMIT,
                                     .tif = LN_GTC,
                                     .margin_mode = LN_CROSSED,
                                     .price_ticks = price,
                                     .size_lots = lots};
}

static inline struct ln_order_request
fx_market(enum ln_side side, int64_t lots)
{
    struct ln_order_request r = fx_limit(side, 0, lots);
    r.type = LN_MARKET;
    return r;
}

/* Must be accepted; returns the id. */
static inline int64_t
fx_place(struct fx *f, ln_ex_account a, struct ln_order_request r)
{
    int64_t id = 0;
    enum ln_ex_refusal why = ln_ex_place(f->ex, a, &r, &id);
    if (why != LN_EXR_OK)
        fail_msg("refused: %s", ln_ex_refusal_text(why));
    assert_true(id > 0);
    return id;
}

static inline void
fx_refused(struct fx *f, ln_ex_account a, struct ln_order_request r,
           enum ln_ex_refusal expected)
{
    int64_t id = 0;
    size_t before = f->n;
    enum ln_ex_refusal why = ln_ex_place(f->ex, a, &r, &id);
    if (why != expected)
        fail_msg("expected \"%s\", got \"%s\"", ln_ex_refusal_text(expected),
                 ln_ex_refusal_text(why));
    assert_int_equal(id, 0);
    assert_int_equal(f->n, before); /* no order, no news */
}

static inline const struct ln_ex_order *
fx_order(const struct fx *f, ln_ex_account a, int64_t id)
{
    const struct ln_ex_order *o = ln_ex_find(f->ex, a, id, NULL);
    assert_non_null(o);
    return o;
}

/* The states that an order's events went through: "LPF", "LC", ... */
static inline const char *
fx_states(const struct fx *f, int64_t id)
{
    static char text[64];
    size_t n = 0;
    for (size_t i = 0; i < f->n && n < sizeof(text) - 1; i++) {
        if (f->log[i].type != LN_EXE_ORDER || f->log[i].order_id != id)
            continue;
        switch (f->log[i].state) {
        case LN_ORDER_LIVE:
            text[n++] = 'L';
            break;
        case LN_ORDER_PARTIAL:
            text[n++] = 'P';
            break;
        case LN_ORDER_FILLED:
            text[n++] = 'F';
            break;
        case LN_ORDER_CANCELLED:
            text[n++] = 'C';
            break;
        default:
            text[n++] = '?';
        }
    }
    text[n] = 0;
    return text;
}

static inline struct ln_ex_balance
fx_balance(const struct fx *f, ln_ex_account a)
{
    struct ln_ex_balance b;
    ln_ex_balance(f->ex, a, &b);
    return b;
}

/* The position on a side; size 0 when there is none. */
static inline struct ln_ex_position
fx_position(const struct fx *f, ln_ex_account a, uint16_t inst,
            uint8_t hold_side)
{
    struct ln_ex_position p[8];
    size_t n = ln_ex_positions(f->ex, a, p, 8);
    for (size_t i = 0; i < n && i < 8; i++)
        if (p[i].instrument == inst && p[i].hold_side == hold_side)
            return p[i];
    return (struct ln_ex_position){0};
}

/* b sells to a (lots > 0) or buys from a (lots < 0) at a price. */
static inline void
fx_trade(struct fx *f, int64_t price, int64_t lots)
{
    enum ln_side maker = lots > 0 ? LN_SELL : LN_BUY;
    enum ln_side taker = lots > 0 ? LN_BUY : LN_SELL;
    int64_t size = lots > 0 ? lots : -lots;
    fx_place(f, f->b, fx_limit(maker, price, size));
    fx_place(f, f->a, fx_limit(taker, price, size));
}

/* The next whole seconds: mark prices follow the last trade. */
static inline void
fx_seconds(struct fx *f, int64_t n)
{
    ln_ex_advance(f->ex, ln_ex_now(f->ex) + n * 1000);
}

#endif
