/*
 * Is this a message? Everything that crosses the border between host and
 * strategy is checked here, by one table of rules, before anybody reads it.
 * Values are read through memcpy: the bytes may lie anywhere and hold
 * anything.
 */
#include "port/msg.h"

#include "base/assert.h"
#include "market/timeframe.h"

#include <string.h>

#define WARMUP_MAX   10000
#define TIMER_MS_MAX (366LL * 24 * 3600 * 1000)

/* How a message's h.instrument is to be taken. */
enum about { ABOUT_ANY, ABOUT_ONE, ABOUT_ONE_OR_NONE, ABOUT_NEW };

struct shape {
    const char *name;
    size_t size;   /* of the fixed part */
    uint8_t texts; /* terminated texts in the tail; 0: no tail */
    uint8_t about; /* enum about */
};

#define SHAPE(struct_name, texts, about)                                       \
    sizeof(struct struct_name), texts, about

static const struct shape from_host_shapes[LN_MSG_HOST_END] = {
    [LN_MSG_HELLO] = {"hello", SHAPE(ln_msg_hello, 2, ABOUT_ANY)},
    [LN_MSG_INSTRUMENT] = {"instrument",
                           SHAPE(ln_msg_instrument, 0, ABOUT_NEW)},
    [LN_MSG_START] = {"start", SHAPE(ln_msg, 0, ABOUT_ANY)},
    [LN_MSG_TICKER] = {"ticker", SHAPE(ln_msg_ticker, 0, ABOUT_ONE)},
    [LN_MSG_CANDLE] = {"candle", SHAPE(ln_msg_candle, 0, ABOUT_ONE)},
    [LN_MSG_TRADE] = {"trade", SHAPE(ln_msg_trade, 0, ABOUT_ONE)},
    [LN_MSG_BOOK] = {"book", SHAPE(ln_msg_book, 0, ABOUT_ONE)},
    [LN_MSG_ORDER] = {"order", SHAPE(ln_msg_order, 0, ABOUT_ONE)},
    [LN_MSG_FILL] = {"fill", SHAPE(ln_msg_fill, 0, ABOUT_ONE)},
    [LN_MSG_POSITION] = {"position", SHAPE(ln_msg_position, 0, ABOUT_ONE)},
    [LN_MSG_ACCOUNT] = {"account", SHAPE(ln_msg_account, 0, ABOUT_ANY)},
    [LN_MSG_FUNDING] = {"funding", SHAPE(ln_msg_funding, 0, ABOUT_ONE)},
    [LN_MSG_TIMER] = {"timer", SHAPE(ln_msg_timer, 0, ABOUT_ANY)},
    [LN_MSG_REPLY] = {"reply", SHAPE(ln_msg_reply, 1, ABOUT_ANY)},
    [LN_MSG_CONNECTION] = {"connection",
                           SHAPE(ln_msg_connection, 0, ABOUT_ANY)},
    [LN_MSG_STOP] = {"stop", SHAPE(ln_msg_stop, 0, ABOUT_ANY)},
};

#define FIRST_OF_STRATEGY LN_MSG_READY

static const struct shape
    from_strategy_shapes[LN_MSG_STRATEGY_END - FIRST_OF_STRATEGY] = {
        {"ready", SHAPE(ln_msg_ready, 0, ABOUT_ANY)},
        {"failed", SHAPE(ln_msg_error, 0, ABOUT_ANY)},
        {"subscribe", SHAPE(ln_msg_subscribe, 0, ABOUT_ONE)},
        {"submit", SHAPE(ln_msg_submit, 0, ABOUT_ONE)},
        {"amend", SHAPE(ln_msg_amend, 0, ABOUT_ONE_OR_NONE)},
        {"cancel", SHAPE(ln_msg_cancel, 0, ABOUT_ONE_OR_NONE)},
        {"cancel_all", SHAPE(ln_msg_cancel_all, 0, ABOUT_ONE_OR_NONE)},
        {"request", SHAPE(ln_msg_request, 1, ABOUT_ANY)},
        {"timer_set", SHAPE(ln_msg_timer_set, 0, ABOUT_ANY)},
        {"log", SHAPE(ln_msg_log, 1, ABOUT_ANY)},
        {"plot", SHAPE(ln_msg_value, 0, ABOUT_ANY)},
        {"metric", SHAPE(ln_msg_value, 0, ABOUT_ANY)},
        {"error", SHAPE(ln_msg_error, 0, ABOUT_ANY)},
        {"done", SHAPE(ln_msg_done, 0, ABOUT_ANY)},
};

/* ---- rules for single fields ---- */

enum rule_kind { RULE_TEXT, RULE_U8, RULE_U32, RULE_I64, RULE_INSTRUMENT };

struct rule {
    uint16_t type;    /* enum ln_msg_type */
    uint8_t kind;     /* enum rule_kind */
    uint16_t offset;  /* of the field */
    int64_t min, max; /* of the value; TEXT: max is the array's size */
};

#define AT(s, f)   (uint16_t) offsetof(struct s, f)
#define SIZE(s, f) (int64_t)sizeof(((struct s *)0)->f)

#define TEXT(t, s, f)                                                          \
    {                                                                          \
        t, RULE_TEXT, AT(s, f), 0, SIZE(s, f)                                  \
    }
#define U8(t, s, f, min, max)                                                  \
    {                                                                          \
        t, RULE_U8, AT(s, f), min, max                                         \
    }
#define BOOL(t, s, f)                                                          \
    {                                                                          \
        t, RULE_U8, AT(s, f), 0, 1                                             \
    }
#define U32(t, s, f, min, max)                                                 \
    {                                                                          \
        t, RULE_U32, AT(s, f), min, max                                        \
    }
#define I64(t, s, f, min, max)                                                 \
    {                                                                          \
        t, RULE_I64, AT(s, f), min, max                                        \
    }
#define INDEX(t, s, f)                                                         \
    {                                                                          \
        t, RULE_INSTRUMENT, AT(s, f), 0, 0                                     \
    }

static const struct rule rules[] = {
    TEXT(LN_MSG_HELLO, ln_msg_hello, name),
    TEXT(LN_MSG_HELLO, ln_msg_hello, mode),
    I64(LN_MSG_HELLO, ln_msg_hello, budget_ms, 0, TIMER_MS_MAX),
    I64(LN_MSG_HELLO, ln_msg_hello, memory_bytes, 0, INT64_MAX),
    U8(LN_MSG_HELLO, ln_msg_hello, pos_mode, 0, LN_HEDGE),

    TEXT(LN_MSG_INSTRUMENT, ln_msg_instrument, instrument.symbol),
    TEXT(LN_MSG_INSTRUMENT, ln_msg_instrument, instrument.base),
    TEXT(LN_MSG_INSTRUMENT, ln_msg_instrument, instrument.quote),
    TEXT(LN_MSG_INSTRUMENT, ln_msg_instrument, instrument.margin_coin),
    U8(LN_MSG_INSTRUMENT, ln_msg_instrument, instrument.price_scale, 0,
       LN_SCALE_MAX),
    U8(LN_MSG_INSTRUMENT, ln_msg_instrument, instrument.size_scale, 0,
       LN_SCALE_MAX),
    U8(LN_MSG_INSTRUMENT, ln_msg_instrument, instrument.status, 0, LN_INST_OFF),
    I64(LN_MSG_INSTRUMENT, ln_msg_instrument, instrument.price_step, 1,
        INT64_MAX),
    I64(LN_MSG_INSTRUMENT, ln_msg_instrument, instrument.lot_step, 1,
        INT64_MAX),

    U8(LN_MSG_CANDLE, ln_msg_candle, timeframe, 1, LN_TF_COUNT - 1),
    BOOL(LN_MSG_CANDLE, ln_msg_candle, warmup),

    U8(LN_MSG_TRADE, ln_msg_trade, trade.side, LN_BUY, LN_SELL),

    U32(LN_MSG_BOOK, ln_msg_book, nbids, 0, LN_MSG_BOOK_LEVELS),
    U32(LN_MSG_BOOK, ln_msg_book, nasks, 0, LN_MSG_BOOK_LEVELS),

    TEXT(LN_MSG_ORDER, ln_msg_order, order_id),
    TEXT(LN_MSG_ORDER, ln_msg_order, req.client_oid),
    INDEX(LN_MSG_ORDER, ln_msg_order, req.instrument),
    U8(LN_MSG_ORDER, ln_msg_order, req.side, LN_BUY, LN_SELL),
    U8(LN_MSG_ORDER, ln_msg_order, req.type, LN_LIMIT, LN_MARKET),
    U8(LN_MSG_ORDER, ln_msg_order, req.tif, 0, LN_POST_ONLY),
    U8(LN_MSG_ORDER, ln_msg_order, req.pos_side, LN_NET, LN_SHORT),
    U8(LN_MSG_ORDER, ln_msg_order, req.margin_mode, 0, LN_ISOLATED),
    BOOL(LN_MSG_ORDER, ln_msg_order, req.reduce_only),
    U8(LN_MSG_ORDER, ln_msg_order, state, LN_ORDER_PLANNED, LN_ORDER_EXPIRED),
    TEXT(LN_MSG_ORDER, ln_msg_order, tag),
    TEXT(LN_MSG_ORDER, ln_msg_order, reason),

    TEXT(LN_MSG_FILL, ln_msg_fill, fill.client_oid),
    TEXT(LN_MSG_FILL, ln_msg_fill, fill.order_id),
    TEXT(LN_MSG_FILL, ln_msg_fill, fill.trade_id),
    U8(LN_MSG_FILL, ln_msg_fill, fill.side, LN_BUY, LN_SELL),
    U8(LN_MSG_FILL, ln_msg_fill, fill.pos_side, LN_NET, LN_SHORT),
    U8(LN_MSG_FILL, ln_msg_fill, fill.liquidity, LN_LIQ_NONE, LN_TAKER),

    U8(LN_MSG_POSITION, ln_msg_position, margin_mode, 0, LN_ISOLATED),

    TEXT(LN_MSG_ACCOUNT, ln_msg_account, account.coin),

    BOOL(LN_MSG_REPLY, ln_msg_reply, ok),
    BOOL(LN_MSG_REPLY, ln_msg_reply, retryable),
    TEXT(LN_MSG_REPLY, ln_msg_reply, message),

    BOOL(LN_MSG_CONNECTION, ln_msg_connection, up),
    TEXT(LN_MSG_CONNECTION, ln_msg_connection, what),
    TEXT(LN_MSG_CONNECTION, ln_msg_connection, why),

    TEXT(LN_MSG_STOP, ln_msg_stop, reason),

    U32(LN_MSG_READY, ln_msg_ready, callbacks, 0, (LN_CB_STOP << 1) - 1),
    U8(LN_MSG_READY, ln_msg_ready, timeframe, 0, LN_TF_COUNT - 1),
    U32(LN_MSG_READY, ln_msg_ready, warmup, 0, WARMUP_MAX),
    U32(LN_MSG_READY, ln_msg_ready, nsymbols, 0, LN_MSG_SYMBOLS_MAX),

    TEXT(LN_MSG_FAILED, ln_msg_error, callback),
    TEXT(LN_MSG_FAILED, ln_msg_error, where),
    TEXT(LN_MSG_FAILED, ln_msg_error, message),
    TEXT(LN_MSG_FAILED, ln_msg_error, event),
    BOOL(LN_MSG_FAILED, ln_msg_error, fatal),
    TEXT(LN_MSG_ERROR, ln_msg_error, callback),
    TEXT(LN_MSG_ERROR, ln_msg_error, where),
    TEXT(LN_MSG_ERROR, ln_msg_error, message),
    TEXT(LN_MSG_ERROR, ln_msg_error, event),
    BOOL(LN_MSG_ERROR, ln_msg_error, fatal),

    U32(LN_MSG_SUBSCRIBE, ln_msg_subscribe, channels, 1, 15),
    U8(LN_MSG_SUBSCRIBE, ln_msg_subscribe, timeframe, 0, LN_TF_COUNT - 1),
    BOOL(LN_MSG_SUBSCRIBE, ln_msg_subscribe, on),

    I64(LN_MSG_SUBMIT, ln_msg_submit, handle, 1, INT64_MAX),
    TEXT(LN_MSG_SUBMIT, ln_msg_submit, req.client_oid),
    INDEX(LN_MSG_SUBMIT, ln_msg_submit, req.instrument),
    U8(LN_MSG_SUBMIT, ln_msg_submit, req.side, LN_BUY, LN_SELL),
    U8(LN_MSG_SUBMIT, ln_msg_submit, req.type, LN_LIMIT, LN_MARKET),
    U8(LN_MSG_SUBMIT, ln_msg_submit, req.tif, LN_GTC, LN_POST_ONLY),
    U8(LN_MSG_SUBMIT, ln_msg_submit, req.pos_side, LN_NET, LN_SHORT),
    U8(LN_MSG_SUBMIT, ln_msg_submit, req.margin_mode, 0, LN_ISOLATED),
    BOOL(LN_MSG_SUBMIT, ln_msg_submit, req.reduce_only),
    I64(LN_MSG_SUBMIT, ln_msg_submit, req.price_ticks, 0, INT64_MAX),
    I64(LN_MSG_SUBMIT, ln_msg_submit, req.size_lots, 1, INT64_MAX),
    I64(LN_MSG_SUBMIT, ln_msg_submit, req.take_profit_ticks, 0, INT64_MAX),
    I64(LN_MSG_SUBMIT, ln_msg_submit, req.stop_loss_ticks, 0, INT64_MAX),
    TEXT(LN_MSG_SUBMIT, ln_msg_submit, tag),

    I64(LN_MSG_AMEND, ln_msg_amend, price_ticks, 0, INT64_MAX),
    I64(LN_MSG_AMEND, ln_msg_amend, size_lots, 0, INT64_MAX),

    TEXT(LN_MSG_REQUEST, ln_msg_request, endpoint),

    I64(LN_MSG_TIMER_SET, ln_msg_timer_set, delay_ms, INT64_MIN, TIMER_MS_MAX),
    I64(LN_MSG_TIMER_SET, ln_msg_timer_set, repeat_ms, 0, TIMER_MS_MAX),

    U8(LN_MSG_LOG, ln_msg_log, level, 0, 3), /* LN_LOG_DEBUG to LN_LOG_ERROR */

    TEXT(LN_MSG_PLOT, ln_msg_value, name),
    TEXT(LN_MSG_METRIC, ln_msg_value, name),
};

/* ---- checking ---- */

static bool
text_ok(const unsigned char *at, int64_t cap)
{
    return memchr(at, 0, (size_t)cap) != NULL;
}

static bool
rule_ok(const struct rule *r, const unsigned char *msg, uint32_t instruments)
{
    const unsigned char *at = msg + r->offset;
    uint32_t u32;
    uint16_t u16;
    int64_t i64;
    switch ((enum rule_kind)r->kind) {
    case RULE_TEXT:
        return text_ok(at, r->max);
    case RULE_U8:
        return *at >= r->min && *at <= r->max;
    case RULE_U32:
        memcpy(&u32, at, sizeof(u32));
        return u32 >= r->min && u32 <= r->max;
    case RULE_I64:
        memcpy(&i64, at, sizeof(i64));
        return i64 >= r->min && i64 <= r->max;
    case RULE_INSTRUMENT:
        memcpy(&u16, at, sizeof(u16));
        return u16 < instruments;
    }
    return false;
}

static const struct shape *
shape_of(unsigned type, bool from_host)
{
    if (from_host)
        return type > 0 && type < LN_MSG_HOST_END ? &from_host_shapes[type]
                                                  : NULL;
    return type >= FIRST_OF_STRATEGY && type < LN_MSG_STRATEGY_END
               ? &from_strategy_shapes[type - FIRST_OF_STRATEGY]
               : NULL;
}

static bool
about_ok(uint8_t about, uint16_t instrument, uint32_t instruments)
{
    switch ((enum about)about) {
    case ABOUT_ANY:
        return true;
    case ABOUT_ONE:
        return instrument < instruments;
    case ABOUT_ONE_OR_NONE:
        return instrument < instruments || instrument == LN_INSTRUMENT_NONE;
    case ABOUT_NEW:
        return instrument <= instruments && instrument < LN_INSTRUMENTS_MAX;
    }
    return false;
}

/* Exactly <texts> terminated texts fill the tail. */
static bool
tail_ok(const unsigned char *tail, size_t len, unsigned texts)
{
    if (texts == 0)
        return len == 0;
    for (; texts > 0; texts--) {
        const unsigned char *end = len ? memchr(tail, 0, len) : NULL;
        if (!end)
            return false;
        len -= (size_t)(end - tail) + 1;
        tail = end + 1;
    }
    return len == 0;
}

static bool
symbols_ok(const unsigned char *msg, uint32_t instruments)
{
    struct ln_msg_ready ready;
    memcpy(&ready, msg, sizeof(ready));
    for (uint32_t i = 0; i < ready.nsymbols; i++)
        if (ready.symbols[i] >= instruments)
            return false;
    return true;
}

/* A limit has a price, and a market order has none. */
static bool
submit_ok(const unsigned char *msg)
{
    struct ln_msg_submit m;
    memcpy(&m, msg, sizeof(m));
    return (m.req.type == LN_LIMIT) == (m.req.price_ticks > 0);
}

bool
ln_msg_valid(const void *bytes, size_t len, bool from_host,
             uint32_t instruments)
{
    struct ln_msg head;
    if (len < sizeof(head) || len > LN_MSG_MAX)
        return false;
    memcpy(&head, bytes, sizeof(head));
    const struct shape *shape = shape_of(head.type, from_host);
    if (!shape || head.size != len || len < shape->size)
        return false;
    const unsigned char *msg = bytes;
    if (!about_ok(shape->about, head.instrument, instruments) ||
        !tail_ok(msg + shape->size, len - shape->size, shape->texts))
        return false;
    for (size_t i = 0; i < LN_COUNT(rules); i++)
        if (rules[i].type == head.type && !rule_ok(&rules[i], msg, instruments))
            return false;
    if (head.type == LN_MSG_READY)
        return symbols_ok(msg, instruments);
    return head.type != LN_MSG_SUBMIT || submit_ok(msg);
}

const char *
ln_msg_name(unsigned type)
{
    const struct shape *shape = shape_of(type, true);
    if (!shape)
        shape = shape_of(type, false);
    return shape ? shape->name : "unknown";
}

const char *
ln_msg_tail(const void *msg, size_t fixed_size)
{
    struct ln_msg head;
    memcpy(&head, msg, sizeof(head));
    return head.size > fixed_size ? (const char *)msg + fixed_size : "";
}
