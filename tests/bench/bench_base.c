/*
 * The ground floors: JSON of a ticker, decimals, the order state machine,
 * the book.
 */
#include "bench/bench.h"

#include "base/decimal.h"
#include "base/json.h"
#include "market/book.h"
#include "trade/order.h"

#include <string.h>

static const char ticker[] =
    "{\"action\":\"snapshot\",\"arg\":{\"instType\":\"USDT-FUTURES\","
    "\"channel\":\"ticker\",\"instId\":\"BTCUSDT\"},\"data\":[{\"instId\":"
    "\"BTCUSDT\",\"lastPr\":\"64010.6\",\"bidPr\":\"64010.5\",\"askPr\":"
    "\"64010.6\",\"bidSz\":\"1.201\",\"askSz\":\"0.3\",\"open24h\":\"63205.1\","
    "\"high24h\":\"64480\",\"low24h\":\"62990.4\",\"change24h\":\"0.01274\","
    "\"fundingRate\":\"0.000082\",\"nextFundingTime\":\"1790006400000\","
    "\"markPrice\":\"64010.4\",\"indexPrice\":\"64038.7213\","
    "\"holdingAmount\":\"41277.6104\",\"baseVolume\":\"58214.3307\","
    "\"quoteVolume\":\"3711204518.8842\",\"openUtc\":\"63511.9\","
    "\"symbolType\":\"1\",\"symbol\":\"BTCUSDT\",\"deliveryPrice\":\"0\","
    "\"ts\":\"1790000000000\"}],\"ts\":1790000000002}";

static volatile int64_t sink;

static void
parse_ticker(void *ctx, int count)
{
    struct ln_json *doc = ctx;
    for (int i = 0; i < count; i++) {
        if (ln_json_parse(doc, ticker, sizeof(ticker) - 1, NULL) != LN_OK)
            abort();
        sink += doc->count;
    }
}

static void
copy_ticker(void *ctx, int count)
{
    char copy[sizeof(ticker)];
    (void)ctx;
    for (int i = 0; i < count; i++) {
        memcpy(copy, ticker, sizeof(ticker));
        for (size_t k = 0; k < sizeof(ticker); k++)
            sink += copy[k];
    }
}

static void
parse_decimals(void *ctx, int count)
{
    struct ln_str text = ln_str("64010.6");
    int64_t v = 0;
    (void)ctx;
    for (int i = 0; i < count; i++) {
        if (ln_decimal_parse(text, 8, LN_ROUND_EXACT, &v) != LN_OK)
            abort();
        sink += v;
    }
}

static void
strtod_decimals(void *ctx, int count)
{
    (void)ctx;
    for (int i = 0; i < count; i++)
        sink += (int64_t)strtod("64010.6", NULL);
}

static void
order_events(void *ctx, int count)
{
    struct ln_order_request req = {.size_lots = 1000, .type = LN_LIMIT};
    struct ln_order_update u = {.state = LN_ORDER_LIVE, .size_lots = 1000};
    struct ln_order *o = ctx;
    for (int i = 0; i < count; i += 4) {
        ln_order_init(o, &req, 1, 1, i);
        ln_order_sent(o, i);
        u.state = LN_ORDER_LIVE;
        u.filled_lots = 0;
        ln_order_apply(o, &u);
        u.filled_lots = 500;
        ln_order_apply(o, &u);
        u.state = LN_ORDER_FILLED;
        u.filled_lots = 1000;
        ln_order_apply(o, &u);
        sink += o->state;
    }
}

static void
copy_orders(void *ctx, int count)
{
    static struct ln_order a;
    struct ln_order *o = ctx;
    for (int i = 0; i < count; i++) {
        a.updated_ms = i;
        memcpy(o, &a, sizeof(a));
        sink += o->updated_ms;
    }
}

static void
book_updates(void *ctx, int count)
{
    struct ln_book *book = ctx;
    struct ln_str none = {0};
    for (int i = 0; i < count; i++) {
        ln_book_set(book, i & 1 ? LN_BUY : LN_SELL,
                    i & 1 ? 100000 - i % 400 : 100001 + i % 400, i % 9, none,
                    none);
        sink += book->bids.count;
    }
}

int
main(void)
{
    struct ln_loop *loop = ln_loop_uv_new();
    struct ln_json doc;
    struct ln_order order;
    struct ln_book book;
    if (!loop || ln_book_init(&book) != LN_OK)
        return 1;
    ln_json_init(&doc);
    bench(loop, "json_parse_ticker", parse_ticker, &doc, 20000,
          "copy and sum the same bytes", copy_ticker, NULL, 20000);
    bench(loop, "decimal_parse", parse_decimals, NULL, 500000, "strtod",
          strtod_decimals, NULL, 500000);
    bench(loop, "order_state_event", order_events, &order, 400000,
          "memcpy of an order", copy_orders, &order, 400000);
    bench(loop, "book_set", book_updates, &book, 200000, "memcpy of an order",
          copy_orders, &order, 200000);
    ln_json_deinit(&doc);
    ln_book_deinit(&book);
    ln_loop_free(loop);
    return 0;
}
