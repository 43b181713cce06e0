/*
 * Shared by the tests of the venue: the client under a scripted exchange,
 * a recorder of its events, and the answers and pushes that several need.
 */
#ifndef LN_TEST_BITGET_VENUE_FIXTURE_H
#define LN_TEST_BITGET_VENUE_FIXTURE_H

#include "fake.h"

#include "base/log.h"
#include "bitget/bitget.h"
#include "bitget/credentials.h"
#include "venue.h"

#define EVENTS_MAX 1024

#define CONTRACT(sym, base, place, volume, mult)                               \
    "{\"symbol\":\"" sym "\",\"baseCoin\":\"" base                             \
    "\",\"quoteCoin\":\"USDT\",\"makerFeeRate\":\"0.0002\","                   \
    "\"takerFeeRate\":\"0.0006\",\"supportMarginCoins\":[\"USDT\"],"           \
    "\"minTradeNum\":\"" mult "\",\"priceEndStep\":\"1\",\"volumePlace\":"     \
    "\"" volume "\",\"pricePlace\":\"" place "\",\"sizeMultiplier\":\"" mult   \
    "\",\"minTradeUSDT\":\"5\",\"symbolStatus\":\"normal\",\"fundInterval\":"  \
    "\"8\",\"minLever\":\"1\",\"maxLever\":\"125\"}"

#define TIME      "/api/v2/public/time"
#define CONTRACTS "/api/v2/mix/market/contracts"
#define ACCOUNT   "/api/v2/mix/account/account"
#define PENDING   "/api/v2/mix/order/orders-pending"
#define POSITIONS "/api/v2/mix/position/all-position"
#define FILLS     "/api/v2/mix/order/fills"
#define PLACE     "/api/v2/mix/order/place-order"
#define CANCEL    "/api/v2/mix/order/cancel-order"
#define MODIFY    "/api/v2/mix/order/modify-order"
#define DETAIL    "/api/v2/mix/order/detail"
#define CANDLES   "/api/v2/mix/market/candles"
#define HISTORY   "/api/v2/mix/market/history-candles"

#define ACCOUNT_DATA(mode)                                                     \
    "{\"marginCoin\":\"USDT\",\"locked\":\"0\",\"available\":\"1000\","        \
    "\"accountEquity\":\"1000\",\"unrealizedPL\":\"\",\"posMode\":\"" mode     \
    "\"}"

#define ARG(channel, key, id)                                                  \
    "\"arg\":{\"instType\":\"USDT-FUTURES\",\"channel\":\"" channel            \
    "\",\"" key "\":\"" id "\"}"

struct test {
    struct fake *fake;
    struct ln_venue *venue;
    struct ln_bitget_credentials *cred;
    struct ln_venue_event events[EVENTS_MAX];
    size_t count;
    char why[256];                     /* of the last CONNECTION event */
    char reply[512];                   /* of the last REPLY */
    struct ln_order_update orders[16]; /* of the last ORDERS */
    struct ln_position_update positions[16];
    struct ln_candle candles[64];
    struct ln_level bid, ask; /* of the last BOOK */
    bool stop_on_result;
};

static inline void
on_event(void *ctx, const struct ln_venue_event *e)
{
    struct test *t = ctx;
    const struct ln_book *b = e->u.book;

    assert_true(t->count < EVENTS_MAX);
    t->events[t->count++] = *e;
    switch (e->type) {
    case LN_VE_CONNECTION:
        assert_non_null(e->u.connection.why);
        (void)snprintf(t->why, sizeof t->why, "%s", e->u.connection.why);
        break;
    case LN_VE_REPLY:
        assert_true(e->u.reply.json.len < sizeof t->reply);
        (void)ln_str_copy(t->reply, sizeof t->reply, e->u.reply.json);
        break;
    case LN_VE_ORDERS:
        assert_true(e->u.orders.count <= 16);
        for (size_t i = 0; i < e->u.orders.count; i++)
            t->orders[i] = e->u.orders.items[i];
        break;
    case LN_VE_POSITIONS:
        assert_true(e->u.positions.count <= 16);
        for (size_t i = 0; i < e->u.positions.count; i++)
            t->positions[i] = e->u.positions.items[i];
        break;
    case LN_VE_CANDLES:
        assert_true(e->u.candles.count <= 64);
        for (size_t i = 0; i < e->u.candles.count; i++)
            t->candles[i] = e->u.candles.items[i];
        break;
    case LN_VE_BOOK:
        assert_int_equal(b->state, LN_BOOK_VALID);
        t->bid = (struct ln_level){b->bids.levels[0].price_ticks,
                                   b->bids.levels[0].size_lots};
        t->ask = (struct ln_level){b->asks.levels[0].price_ticks,
                                   b->asks.levels[0].size_lots};
        break;
    case LN_VE_RESULT:
        if (t->stop_on_result)
            t->venue->ops->stop(t->venue);
        break;
    default:
        break;
    }
}

static inline struct test *
make(const char *pos_mode_account)
{
    struct test *t = calloc(1, sizeof *t);
    struct ln_error err = {0};

    assert_non_null(t);
    t->fake = fake_new();
    fake_route(t->fake, TIME, "{\"serverTime\":\"1790000000000\"}");
    fake_route(
        t->fake, CONTRACTS,
        "[" CONTRACT("BTCUSDT", "BTC", "1", "4",
                     "0.0001") ","
                               "{\"symbol\":\"BROKENUSDT\"}," CONTRACT(
                                   "ETHUSDT", "ETH", "2", "2", "0.01") "]");
    if (pos_mode_account) {
        fake_route(t->fake, ACCOUNT, pos_mode_account);
        fake_route(t->fake, PENDING, "{\"entrustedList\":null,\"endId\":null}");
        fake_route(t->fake, POSITIONS, "[]");
        fake_route(t->fake, FILLS, "{\"fillList\":null,\"endId\":null}");
        assert_int_equal(ln_credentials_make(ln_str("key"), ln_str("secret"),
                                             ln_str("phrase"), &t->cred, &err),
                         LN_OK);
    }
    struct ln_bitget_config cfg = {.rest = t->fake->rest,
                                   .ws_public = t->fake->pub,
                                   .ws_private = t->fake->priv,
                                   .seed = 11,
                                   .timeout_ms = 3000,
                                   .credentials = t->cred};
    t->venue = ln_bitget_new(t->fake->loop, t->fake->net, &cfg, &err);
    if (!t->venue)
        fail_msg("%s", err.what);
    return t;
}

static inline void
run(struct test *t, int64_t ms)
{
    ln_loop_run_for(t->fake->loop, ms);
}

static inline struct test *
started_in(const char *account)
{
    struct test *t = make(account);
    t->venue->ops->start(t->venue, on_event, t);
    assert_int_equal(t->count, 0); /* never inside a call */
    run(t, 5000);
    return t;
}

static inline struct test *
started(void)
{
    return started_in(ACCOUNT_DATA("one_way_mode"));
}

static inline void
destroy(struct test *t)
{
    t->venue->ops->stop(t->venue);
    t->venue->ops->free(t->venue);
    ln_credentials_free(t->cred);
    fake_free(t->fake);
    free(t);
}

/* How many events of a type came since <from>. */
static inline size_t
count_of(const struct test *t, size_t from, enum ln_venue_event_type type)
{
    size_t n = 0;
    for (size_t i = from; i < t->count; i++)
        n += t->events[i].type == type;
    return n;
}

/* The last event of a type since <from>; fails if there is none. */
static inline const struct ln_venue_event *
last(const struct test *t, size_t from, enum ln_venue_event_type type)
{
    for (size_t i = t->count; i > from; i--) {
        if (t->events[i - 1].type == type)
            return &t->events[i - 1];
    }
    fail_msg("no event of type %d", (int)type);
    return NULL;
}

/* Position of the first matching CONNECTION event; count if none. */
static inline size_t
connection_at(const struct test *t, size_t from, enum ln_venue_part part,
              bool up)
{
    for (size_t i = from; i < t->count; i++) {
        if (t->events[i].type == LN_VE_CONNECTION &&
            t->events[i].u.connection.part == part &&
            t->events[i].u.connection.up == up)
            return i;
    }
    return t->count;
}

static inline size_t
first_of(const struct test *t, size_t from, enum ln_venue_event_type type)
{
    for (size_t i = from; i < t->count; i++) {
        if (t->events[i].type == type)
            return i;
    }
    return t->count;
}

static inline void
push(struct test *t, bool is_private, const char *text)
{
    fake_say(fake_conn(t->fake, is_private), text);
    run(t, 10);
}

#define ORDER_ROW(id, oid, status, filled)                                     \
    "{\"symbol\":\"BTCUSDT\",\"size\":\"0.01\",\"orderId\":\"" id              \
    "\",\"clientOid\":\"" oid "\",\"baseVolume\":\"" filled                    \
    "\",\"fee\":\"0\",\"price\":\"64000\",\"priceAvg\":\"\",\"status\":"       \
    "\"" status "\",\"side\":\"buy\",\"force\":\"gtc\",\"posSide\":\"net\","   \
    "\"tradeSide\":\"buy_single\",\"posMode\":\"one_way_mode\",\"orderType\":" \
    "\"limit\",\"cTime\":\"1790000000000\",\"uTime\":\"1790000000001\"}"

#define ORDER_PUSH(oid, status, extra)                                         \
    "{\"action\":\"snapshot\"," ARG(                                           \
        "orders", "instId",                                                    \
        "default") ",\"data\":[{\"instId\":\"BTCUSDT\",\"orderId\":\"99\","    \
                   "\"clientOid\":\"" oid "\",\"price\":\"64000\",\"size\":"   \
                   "\"0.01\",\"side\":\"buy\",\"orderType\":\"limit\","        \
                   "\"force\":\"gtc\",\"tradeSide\":\"buy_single\","           \
                   "\"posMode\":\"one_way_mode\",\"status\":\"" status         \
                   "\"," extra "\"uTime\":\"1790000000500\"}]}"

#define FILL_PART(id)                                                          \
    "\"accBaseVolume\":\"0.01\",\"tradeId\":\"" id                             \
    "\",\"fillPrice\":\"64000\",\"baseVolume\":\"0.01\",\"fillFee\":"          \
    "\"-0.1\",\"fillTime\":\"1790000000400\",\"tradeScope\":\"T\","

#define FILL_PUSH(id)                                                          \
    "{\"action\":\"snapshot\"," ARG(                                           \
        "fill", "instId",                                                      \
        "default") ",\"data\":[{\"orderId\":\"99\",\"tradeId\":\"" id          \
                   "\",\"symbol\":\"BTCUSDT\",\"side\":\"buy\",\"price\":"     \
                   "\"64000\",\"baseVolume\":\"0.01\",\"tradeSide\":"          \
                   "\"buy_single\",\"tradeScope\":\"taker\",\"cTime\":"        \
                   "\"1790000000400\"}]}"

#define FILL_ROW(id, ts)                                                       \
    "{\"tradeId\":\"" id "\",\"symbol\":\"BTCUSDT\",\"orderId\":\"99\","       \
    "\"price\":\"64000\",\"baseVolume\":\"0.001\",\"side\":\"buy\","           \
    "\"tradeSide\":\"buy_single\",\"posMode\":\"one_way_mode\",\"profit\":"    \
    "\"0\",\"tradeScope\":\"maker\",\"cTime\":\"" ts "\"}"

static inline struct ln_order_request
limit_buy(const char *oid)
{
    struct ln_order_request r = {.side = LN_BUY,
                                 .type = LN_LIMIT,
                                 .tif = LN_GTC,
                                 .margin_mode = LN_CROSSED,
                                 .price_ticks = 640000,
                                 .size_lots = 100};
    (void)ln_str_copy(r.client_oid, sizeof r.client_oid, ln_str(oid));
    return r;
}

#endif
