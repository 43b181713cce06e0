/*
 * What Bitget may send us: the first byte says which way it came, the rest
 * are its bytes.
 *
 *   w        a frame of the WebSocket: decoded, and each row read by every
 *            reader there is, whatever channel it claims
 *   others   a REST answer (the byte gives the HTTP status): its envelope,
 *            and its data and lists by every reader
 *
 * What a reader accepts must be in range, and texts must end.
 */
#include "fuzz.h"

#include "bitget/answer.h"
#include "bitget/v2/decode_rest.h"
#include "bitget/v2/decode_ws.h"

static struct ln_instruments reg;
static const struct ln_instrument *btc;

static void
make_registry(void)
{
    static const struct ln_instrument in[] = {{.symbol = "BTCUSDT",
                                               .base = "BTC",
                                               .quote = "USDT",
                                               .margin_coin = "USDT",
                                               .price_scale = 1,
                                               .size_scale = 4,
                                               .volume_place = 4,
                                               .price_step = 1,
                                               .lot_step = 1,
                                               .min_lots = 1},
                                              {.symbol = "ETHUSDT",
                                               .base = "ETH",
                                               .quote = "USDT",
                                               .margin_coin = "USDT",
                                               .price_scale = 2,
                                               .size_scale = 2,
                                               .volume_place = 2,
                                               .price_step = 1,
                                               .lot_step = 1,
                                               .min_lots = 1}};
    uint16_t index;
    if (btc)
        return;
    ln_instruments_init(&reg);
    for (size_t i = 0; i < 2; i++)
        FUZZ_CHECK(ln_instruments_put(&reg, &in[i], &index) == LN_OK, "put");
    btc = ln_instruments_at(&reg, 0);
}

/* A refusal names what is wrong; an acceptance keeps texts inside. */
#define REFUSED(err) FUZZ_CHECK((err).code && (err).what[0], "a silent error")
#define TEXT_ENDS(t)                                                           \
    FUZZ_CHECK(memchr((t), 0, sizeof(t)) != NULL, "%s does not end", #t)

static void
read_public(const struct ln_json *doc, ln_json_val row)
{
    struct ln_error err = {0};
    struct ln_ticker ticker;
    struct ln_candle candle;
    struct ln_trade trade;
    struct ln_v2_book book;
    struct ln_v2_level level;
    if (ln_v2_read_ticker(doc, row, btc, &ticker, &err))
        REFUSED(err);
    if (ln_v2_read_candle(doc, row, btc, &candle, &err))
        REFUSED(err);
    if (ln_v2_read_trade(doc, row, btc, &trade, &err))
        REFUSED(err);
    else
        FUZZ_CHECK(trade.size_lots >= 0, "size %lld",
                   (long long)trade.size_lots);
    if (ln_v2_read_book(doc, row, &book, &err)) {
        REFUSED(err);
        return;
    }
    const ln_json_val sides[] = {book.asks, book.bids};
    for (int i = 0; i < 2; i++)
        for (ln_json_val v = ln_json_first(doc, sides[i]); v != LN_JSON_NONE;
             v = ln_json_next(doc, sides[i], v))
            if (ln_v2_read_level(doc, v, btc, &level, &err))
                REFUSED(err);
}

static void
read_orders(const struct ln_json *doc, ln_json_val row)
{
    struct ln_error err = {0};
    struct ln_v2_fill fill;
    struct ln_v2_order order;
    struct ln_v2_algo algo;
    if (ln_v2_read_fill(doc, row, &reg, &fill, &err)) {
        REFUSED(err);
    } else {
        TEXT_ENDS(fill.trade_side);
        FUZZ_CHECK(fill.fill.instrument < 2, "instrument");
    }
    if (ln_v2_read_fill_from(LN_V2_FROM_REST_FILL, doc, row, &reg, &fill, &err))
        REFUSED(err);
    if (ln_v2_read_order(doc, row, &reg, &order, &err)) {
        REFUSED(err);
    } else {
        FUZZ_CHECK(order.update.instrument < 2, "instrument");
        TEXT_ENDS(order.margin_coin);
        TEXT_ENDS(order.trade_side);
        TEXT_ENDS(order.stp_mode);
        TEXT_ENDS(order.stop_loss_type);
    }
    if (ln_v2_read_algo(doc, row, &reg, &algo, &err)) {
        REFUSED(err);
    } else {
        FUZZ_CHECK(algo.instrument < 2, "instrument");
        TEXT_ENDS(algo.client_oid);
        TEXT_ENDS(algo.order_id);
    }
}

static void
read_account(const struct ln_json *doc, ln_json_val row)
{
    struct ln_error err = {0};
    struct ln_v2_account account;
    struct ln_v2_equity equity;
    struct ln_v2_position position;
    struct ln_v2_position_closed closed;
    struct ln_v2_adl adl;
    if (ln_v2_read_account(doc, row, 1, &account, &err))
        REFUSED(err);
    if (ln_v2_read_equity(doc, row, &equity, &err))
        REFUSED(err);
    if (ln_v2_read_position(doc, row, &reg, &position, &err)) {
        REFUSED(err);
    } else {
        FUZZ_CHECK(position.update.instrument < 2, "instrument");
        TEXT_ENDS(position.pos_id);
        TEXT_ENDS(position.margin_coin);
    }
    if (ln_v2_read_position_closed(doc, row, &reg, &closed, &err)) {
        REFUSED(err);
    } else {
        FUZZ_CHECK(closed.instrument < 2, "instrument");
        TEXT_ENDS(closed.pos_id);
    }
    if (ln_v2_read_adl(doc, row, &reg, &adl, &err))
        REFUSED(err);
    else
        TEXT_ENDS(adl.status);
}

static void
read_frame(const char *text, size_t len)
{
    struct ln_v2_decoder d;
    struct ln_v2_message m;
    struct ln_error err = {0};
    uint32_t rows = 0;
    ln_v2_decoder_init(&d);
    if (ln_v2_decode(&d, text, len, &m, &err)) {
        REFUSED(err);
    } else if (m.kind == LN_V2_DATA) {
        for (ln_json_val row = ln_v2_first(&d, &m); row != LN_JSON_NONE;
             row = ln_v2_next(&d, &m, row), rows++) {
            read_public(&d.doc, row);
            read_orders(&d.doc, row);
            read_account(&d.doc, row);
        }
        FUZZ_CHECK(rows == m.rows, "%u of %u rows", rows, m.rows);
    }
    ln_v2_decoder_deinit(&d);
}

static void
read_rest_row(const struct ln_json *doc, ln_json_val row)
{
    struct ln_error err = {0};
    struct ln_instrument in;
    struct ln_account_update account;
    struct ln_v2_position position;
    struct ln_order_update order;
    struct ln_fill fill;
    struct ln_v2_order_ids ids;
    struct ln_candle candle;
    if (ln_v2_rest_contract(doc, row, &in, &err)) {
        REFUSED(err);
    } else {
        TEXT_ENDS(in.symbol);
        FUZZ_CHECK(in.price_scale <= 18 && in.size_scale <= 18 &&
                       in.price_step > 0 && in.lot_step > 0,
                   "%s: %d %d", in.symbol, in.price_scale, in.size_scale);
    }
    if (ln_v2_rest_account(doc, row, 1, &account, &err))
        REFUSED(err);
    if (ln_v2_rest_position(doc, row, &reg, &position, &err))
        REFUSED(err);
    if (ln_v2_rest_order(doc, row, &reg, &order, &err))
        REFUSED(err);
    if (ln_v2_rest_fill(doc, row, &reg, &fill, &err))
        REFUSED(err);
    if (ln_v2_rest_order_ids(doc, row, &ids, &err)) {
        REFUSED(err);
    } else {
        TEXT_ENDS(ids.order_id);
        TEXT_ENDS(ids.client_oid);
    }
    if (ln_v2_read_candle(doc, row, btc, &candle, &err))
        REFUSED(err);
}

static void
read_answer(uint8_t how, const char *text, size_t len)
{
    static const int statuses[] = {200, 400, 429, 500, 502, 301, 404};
    static const char *const keys[] = {NULL, "entrustedList", "fillList",
                                       "list"};
    const struct ln_http_response resp = {
        .code = LN_OK,
        .sent = true,
        .status = how >= 'a' ? 200 : statuses[how % 7U],
        .body = ln_strn(text, len)};
    struct ln_json doc;
    struct ln_venue_error error = {0};
    struct ln_error err = {0};
    ln_json_val data;
    int64_t time_ms = 0;
    ln_json_init(&doc);
    ln_answer_decode(&resp, how & 1, &doc, &data, &time_ms, &error);
    TEXT_ENDS(error.message);
    if (error.code != LN_OK) {
        FUZZ_CHECK(data == LN_JSON_NONE, "an error with data");
        ln_venue_error_text(&error, &err);
        REFUSED(err);
    } else {
        read_rest_row(&doc, data);
        (void)ln_v2_rest_end_id(&doc, data);
        for (size_t i = 0; i < 4; i++) {
            ln_json_val list = ln_v2_rest_list(&doc, data, keys[i]);
            for (ln_json_val v = ln_json_first(&doc, list); v != LN_JSON_NONE;
                 v = ln_json_next(&doc, list, v))
                read_rest_row(&doc, v);
        }
    }
    ln_json_deinit(&doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = fuzz_copy(data + 1, size - 1);
    make_registry();
    if (data[0] == 'w')
        read_frame(text, size - 1);
    else
        read_answer(data[0], text, size - 1);
    free(text);
    return 0;
}
