/*
 * Frames of the V2 WebSocket, decoded into typed structs.
 *
 *   bytes --ln_v2_decode--> ln_v2_message (what kind, which channel)
 *             for DATA: ln_v2_first / ln_v2_next walk the rows,
 *             ln_v2_read_<channel> makes each a typed struct
 *
 * Nothing is allocated per frame once the decoder is warm. Texts in a
 * message are views into the frame. Used by stream.c and the venue; the
 * rows shared with REST are filled through fields.h.
 */
#ifndef LN_BITGET_V2_DECODE_WS_H
#define LN_BITGET_V2_DECODE_WS_H

#include "base/json.h"
#include "bitget/v2/fields.h"
#include "bitget/v2/sides.h"
#include "trade/types.h"

enum ln_v2_kind {
    LN_V2_OTHER = 0,    /* valid, but nothing that we know */
    LN_V2_PING,         /* the server asks: answer "pong" */
    LN_V2_PONG,         /* the answer to our "ping" */
    LN_V2_LOGIN,        /* logged in */
    LN_V2_SUBSCRIBED,   /* arg is confirmed */
    LN_V2_UNSUBSCRIBED, /* arg is confirmed */
    LN_V2_ERROR,        /* code, msg; arg where it belongs to one */
    LN_V2_TRADE_REPLY,  /* to op "trade": id, code, order_id, client_oid */
    LN_V2_DATA          /* rows of arg's channel */
};

enum ln_v2_channel {
    LN_V2_CH_NONE = 0, /* absent or unknown */
    LN_V2_CH_TICKER,
    LN_V2_CH_CANDLE, /* arg.tf says which */
    LN_V2_CH_TRADE,
    LN_V2_CH_BOOKS,
    LN_V2_CH_BOOKS1,
    LN_V2_CH_BOOKS5,
    LN_V2_CH_BOOKS15,
    LN_V2_CH_ACCOUNT,
    LN_V2_CH_EQUITY,
    LN_V2_CH_POSITIONS,
    LN_V2_CH_POSITIONS_HISTORY,
    LN_V2_CH_FILL,
    LN_V2_CH_ORDERS,
    LN_V2_CH_ORDERS_ALGO,
    LN_V2_CH_ADL_NOTI,
    LN_V2_CH_PLACE_ORDER, /* op "trade" */
    LN_V2_CH_CANCEL_ORDER
};

/* What a frame is about. */
struct ln_v2_arg {
    struct ln_str inst_type, channel, inst_id, coin;
    enum ln_v2_channel kind;
    enum ln_timeframe tf; /* CANDLE */
};

struct ln_v2_message {
    enum ln_v2_kind kind;
    bool has_arg;
    struct ln_v2_arg arg;
    int32_t code;      /* ERROR, TRADE_REPLY, LOGIN; -1: not readable */
    struct ln_str msg; /* for people; escapes as on the wire */
    struct ln_str op;  /* of an error: what was asked */
    struct ln_str id, order_id, client_oid; /* TRADE_REPLY */
    bool snapshot;                          /* DATA: action */
    int64_t ts_ms;                          /* outer time; 0 if absent */
    ln_json_val data;                       /* DATA: the array of rows */
    uint32_t rows;
};

struct ln_v2_decoder {
    struct ln_json doc;
};

void ln_v2_decoder_init(struct ln_v2_decoder *d);
void ln_v2_decoder_deinit(struct ln_v2_decoder *d);

/*
 * Decode one text frame; <text> must outlive the message. LN_ERR_PARSE for
 * what is no frame of this protocol.
 */
enum ln_err ln_v2_decode(struct ln_v2_decoder *d, const char *text, size_t len,
                         struct ln_v2_message *out,
                         struct ln_error *err) LN_MUST_USE;

/* "candle15m" and all others by name; tf only for candles, may be NULL. */
enum ln_v2_channel ln_v2_channel_parse(struct ln_str name,
                                       enum ln_timeframe *tf);

/* Walk the rows of a DATA message; LN_JSON_NONE ends it. */
ln_json_val ln_v2_first(const struct ln_v2_decoder *d,
                        const struct ln_v2_message *m);
ln_json_val ln_v2_next(const struct ln_v2_decoder *d,
                       const struct ln_v2_message *m, ln_json_val row);

/* ---- public rows: the instrument is arg.inst_id's ---- */

enum ln_err ln_v2_read_ticker(const struct ln_json *doc, ln_json_val row,
                              const struct ln_instrument *in,
                              struct ln_ticker *out,
                              struct ln_error *err) LN_MUST_USE;

/* Also the rows of REST candles (7 items). */
enum ln_err ln_v2_read_candle(const struct ln_json *doc, ln_json_val row,
                              const struct ln_instrument *in,
                              struct ln_candle *out,
                              struct ln_error *err) LN_MUST_USE;

enum ln_err ln_v2_read_trade(const struct ln_json *doc, ln_json_val row,
                             const struct ln_instrument *in,
                             struct ln_trade *out,
                             struct ln_error *err) LN_MUST_USE;

/* books, books1, books5, books15 */
struct ln_v2_book {
    int64_t time_ms;
    int64_t seq, pseq;
    bool has_seq, has_pseq;
    int32_t checksum;
    bool has_checksum;      /* present and not 0 */
    ln_json_val asks, bids; /* arrays of [price, size] */
};
enum ln_err ln_v2_read_book(const struct ln_json *doc, ln_json_val row,
                            struct ln_v2_book *out,
                            struct ln_error *err) LN_MUST_USE;

struct ln_v2_level {
    int64_t price_ticks, size_lots;
    struct ln_str price_text, size_text; /* as received, for the checksum */
};
/* One element of asks or bids. */
enum ln_err ln_v2_read_level(const struct ln_json *doc, ln_json_val level,
                             const struct ln_instrument *in,
                             struct ln_v2_level *out,
                             struct ln_error *err) LN_MUST_USE;

/* ---- private rows ---- */

struct ln_v2_account {
    struct ln_account_update update; /* pos_mode 0: the channel has none */
    int64_t max_open_e8, max_transfer_e8, usdt_equity_e8;
    int64_t risk_rate_e8; /* crossedRiskRate */
    int64_t union_margin_e8, union_available_e8, union_mm_e8;
    uint8_t union_mode; /* assetsMode is "union" */
};
/* ts_ms: the push's, for update.time_ms. */
enum ln_err ln_v2_read_account(const struct ln_json *doc, ln_json_val row,
                               int64_t ts_ms, struct ln_v2_account *out,
                               struct ln_error *err) LN_MUST_USE;

struct ln_v2_equity {
    int64_t btc_e8, usdt_e8, unrealised_e8;
    int64_t union_margin_e8, union_available_e8, union_mm_e8;
};
enum ln_err ln_v2_read_equity(const struct ln_json *doc, ln_json_val row,
                              struct ln_v2_equity *out,
                              struct ln_error *err) LN_MUST_USE;

/* Also the rows of REST positions. */
struct ln_v2_position {
    struct ln_position_update update;
    char pos_id[24];
    char margin_coin[16];
    int64_t frozen_lots;
    int64_t unrealised_ratio_e8;
    int64_t keep_margin_rate_e8, margin_rate_e8;
    int64_t break_even_e8;
    int64_t funding_e8;      /* totalFee: funding so far */
    int64_t deducted_fee_e8; /* trading fees, positive */
    uint8_t auto_margin;     /* on */
    int64_t created_ms;
};
enum ln_err ln_v2_read_position(const struct ln_json *doc, ln_json_val row,
                                const struct ln_instruments *reg,
                                struct ln_v2_position *out,
                                struct ln_error *err) LN_MUST_USE;

struct ln_v2_position_closed {
    uint16_t instrument;
    char pos_id[24];
    char margin_coin[16];
    uint8_t hold_side, pos_mode, margin_mode;
    int64_t open_e8, close_e8; /* average prices */
    int64_t open_lots, close_lots;
    int64_t profit_e8, funding_e8, open_fee_e8, close_fee_e8;
    int64_t created_ms, updated_ms;
};
enum ln_err ln_v2_read_position_closed(const struct ln_json *doc,
                                       ln_json_val row,
                                       const struct ln_instruments *reg,
                                       struct ln_v2_position_closed *out,
                                       struct ln_error *err) LN_MUST_USE;

/* A row of the fill channel. */
struct ln_v2_fill {
    struct ln_fill fill;
    uint8_t order_type, pos_mode;
    bool closes;
    int64_t quote_volume_e8;
    int64_t deduction_fee_e8;
    char trade_side[48];
};
enum ln_err ln_v2_read_fill(const struct ln_json *doc, ln_json_val row,
                            const struct ln_instruments *reg,
                            struct ln_v2_fill *out,
                            struct ln_error *err) LN_MUST_USE;

/* The same row with another convention for "side" (REST fills). */
enum ln_err ln_v2_read_fill_from(enum ln_v2_source source,
                                 const struct ln_json *doc, ln_json_val row,
                                 const struct ln_instruments *reg,
                                 struct ln_v2_fill *out,
                                 struct ln_error *err) LN_MUST_USE;

/* A row of the orders channel. */
struct ln_v2_order {
    struct ln_order_update update;
    uint8_t pos_mode, margin_mode;
    char margin_coin[16];
    int32_t leverage;
    int64_t notional_e8; /* notionalUsd */
    int64_t profit_e8;   /* totalProfits */
    char trade_side[48];
    char source[16];   /* enterPointSource */
    char stp_mode[16]; /* "none", ... */
    int64_t take_profit_e8, take_profit_exec_e8;
    int64_t stop_loss_e8, stop_loss_exec_e8;
    char take_profit_type[16], stop_loss_type[16];
    bool has_fill;       /* this push reports a fill: */
    struct ln_fill fill; /* it */
    int64_t fill_notional_e8;
};
enum ln_err ln_v2_read_order(const struct ln_json *doc, ln_json_val row,
                             const struct ln_instruments *reg,
                             struct ln_v2_order *out,
                             struct ln_error *err) LN_MUST_USE;

enum ln_v2_plan_state {
    LN_V2_PLAN_LIVE = 1,
    LN_V2_PLAN_EXECUTING,
    LN_V2_PLAN_EXECUTED,
    LN_V2_PLAN_FAILED,
    LN_V2_PLAN_CANCELLED
};

enum ln_v2_plan_type {
    LN_V2_PLAN_NORMAL = 1,
    LN_V2_PLAN_PROFIT,
    LN_V2_PLAN_LOSS,
    LN_V2_PLAN_POS_PROFIT,
    LN_V2_PLAN_POS_LOSS,
    LN_V2_PLAN_TRACK,
    LN_V2_PLAN_MOVING
};

/* A row of orders-algo. Prices at 1e-8: triggers need not be on the tick. */
struct ln_v2_algo {
    uint16_t instrument;
    char order_id[24];
    char client_oid[LN_OID_CAP];
    uint8_t plan_type, state; /* the enums above */
    uint8_t by_mark;          /* triggerType is mark_price */
    uint8_t order_type, pos_mode;
    uint8_t side, pos_side; /* as sides.h: direction of execution */
    bool closes;
    int64_t trigger_e8, price_e8, execute_e8;
    int64_t size_lots, actual_lots;
    int64_t take_profit_e8, take_profit_trigger_e8;
    int64_t stop_loss_e8, stop_loss_trigger_e8;
    int64_t triggered_ms, created_ms, updated_ms;
    char margin_coin[16], stp_mode[16], source[16], trade_side[48];
};
enum ln_err ln_v2_read_algo(const struct ln_json *doc, ln_json_val row,
                            const struct ln_instruments *reg,
                            struct ln_v2_algo *out,
                            struct ln_error *err) LN_MUST_USE;

struct ln_v2_adl {
    uint16_t instrument;
    uint8_t side;
    char status[16];
    int64_t price_e8, amount_e8; /* amount: quote coin */
    int64_t time_ms;
};
enum ln_err ln_v2_read_adl(const struct ln_json *doc, ln_json_val row,
                           const struct ln_instruments *reg,
                           struct ln_v2_adl *out,
                           struct ln_error *err) LN_MUST_USE;

#endif
