/*
 * One order of ten lots for the tests of the state machine, and short ways
 * to say what the exchange says.
 */
#ifndef TESTS_TRADE_ORDER_FIXTURE_H
#define TESTS_TRADE_ORDER_FIXTURE_H

#include "trade/order.h"

#include <stdio.h>

#define SIZE 10
#define ID   "1402000000000200001"

/* Tick 0.1, lot 0.001. */
static const struct ln_instrument btc = {.symbol = "BTCUSDT",
                                         .price_scale = 1,
                                         .price_step = 1,
                                         .size_scale = 3,
                                         .lot_step = 1};

static inline void
init(struct ln_order *o)
{
    struct ln_order_request req = {.client_oid = "ln-abc123-1-1",
                                   .side = LN_BUY,
                                   .type = LN_LIMIT,
                                   .tif = LN_GTC,
                                   .price_ticks = 640000,
                                   .size_lots = SIZE};
    ln_order_init(o, &req, 7, 42, 100);
}

static inline struct ln_order_update
told(enum ln_order_state state, int64_t filled)
{
    return (struct ln_order_update){.client_oid = "ln-abc123-1-1",
                                    .order_id = ID,
                                    .side = LN_BUY,
                                    .type = LN_LIMIT,
                                    .state = (uint8_t)state,
                                    .price_ticks = 640000,
                                    .size_lots = SIZE,
                                    .filled_lots = filled,
                                    .updated_ms = 1000 + filled};
}

static inline bool
push(struct ln_order *o, enum ln_order_state state, int64_t filled)
{
    struct ln_order_update u = told(state, filled);
    return ln_order_apply(o, &u);
}

static inline struct ln_fill
fill_of(int number, int64_t ticks, int64_t lots)
{
    struct ln_fill f = {.order_id = ID,
                        .side = LN_BUY,
                        .price_ticks = ticks,
                        .size_lots = lots,
                        .fee_e8 = -100 * lots,
                        .profit_e8 = 10 * lots,
                        .time_ms = 2000 + number};
    snprintf(f.trade_id, sizeof(f.trade_id), "14020000000001%05d", number);
    return f;
}

static inline bool
fill(struct ln_order *o, int number, int64_t ticks, int64_t lots)
{
    struct ln_fill f = fill_of(number, ticks, lots);
    return ln_order_fill(o, &f);
}

#endif
