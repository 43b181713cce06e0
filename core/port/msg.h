/*
 * The messages between host and strategy.
 *
 * Room: core/port, floor 4; knows core/trade, core/market, core/loop and
 * core/base, neither Lua nor any exchange. Fixed structs, each beginning
 * with struct ln_msg; some have a tail of <size> - sizeof(struct) bytes
 * (text or an array). Host and strategy are built together; LN_PORT_VERSION
 * is checked in HELLO and READY.
 *
 * Neither side trusts a message from the other: ln_msg_valid() checks type,
 * size, tails and termination of texts before anybody looks inside.
 *
 *      host                               strategy
 *        INSTRUMENT..., HELLO      --->     loads the script on HELLO
 *              <---  READY (what it wants) or FAILED
 *        CANDLE (warm-up), START   --->     on_start()
 *        TICKER, CANDLE, ORDER...  --->     callbacks
 *              <---  SUBMIT, CANCEL, LOG, TIMER_SET ... DONE(seq)
 *        STOP                      --->     on_stop(reason)
 *              <---  DONE(seq of STOP); the process ends
 */
#ifndef LN_PORT_MSG_H
#define LN_PORT_MSG_H

#include "market/instrument.h"
#include "trade/types.h"

#include <stddef.h>

#define LN_PORT_VERSION    1
#define LN_MSG_MAX         65536 /* bytes of one message, tail included */
#define LN_MSG_BOOK_LEVELS 50
#define LN_MSG_NAME_CAP    64
#define LN_MSG_SYMBOLS_MAX 64
#define LN_MSG_ERROR_CAP   768

enum ln_msg_type {
    /* host to strategy */
    LN_MSG_HELLO = 1,
    LN_MSG_INSTRUMENT,
    LN_MSG_START,
    LN_MSG_TICKER,
    LN_MSG_CANDLE,
    LN_MSG_TRADE,
    LN_MSG_BOOK,
    LN_MSG_ORDER,
    LN_MSG_FILL,
    LN_MSG_POSITION,
    LN_MSG_ACCOUNT,
    LN_MSG_FUNDING,
    LN_MSG_TIMER,
    LN_MSG_REPLY,
    LN_MSG_CONNECTION,
    LN_MSG_STOP,
    LN_MSG_HOST_END, /* not a message: one past the last */

    /* strategy to host */
    LN_MSG_READY = 64,
    LN_MSG_FAILED, /* the script does not load; the process ends */
    LN_MSG_SUBSCRIBE,
    LN_MSG_SUBMIT,
    LN_MSG_AMEND,
    LN_MSG_CANCEL,
    LN_MSG_CANCEL_ALL,
    LN_MSG_REQUEST,
    LN_MSG_TIMER_SET,
    LN_MSG_LOG,
    LN_MSG_PLOT,
    LN_MSG_METRIC,
    LN_MSG_ERROR, /* a callback failed; the strategy goes on */
    LN_MSG_DONE,
    LN_MSG_STRATEGY_END
};

struct ln_msg {
    uint16_t type;       /* enum ln_msg_type */
    uint16_t instrument; /* or LN_INSTRUMENT_NONE */
    uint32_t size;       /* of the whole message, tail included */
    uint64_t seq;        /* host's: numbers its messages from 1; strategy's: the
                            host message during which it was said */
    int64_t now_ms; /* host's wall clock when sent: os.time() of the script */
};

/* ---- host to strategy ---- */

/* tail: the script's path, 0, its params as a JSON object, 0 */
struct ln_msg_hello {
    struct ln_msg h;
    uint32_t version;
    char name[LN_MSG_NAME_CAP];
    char mode[16]; /* "sim" "paper" "demo" "live" "backtest" */
    uint64_t seed; /* of math.random */
    int64_t budget_ms;
    int64_t memory_bytes;
    uint8_t pos_mode; /* enum ln_pos_mode of the account */
};

struct ln_msg_instrument { /* h.instrument is its index */
    struct ln_msg h;
    struct ln_instrument instrument;
};

/* START has no more than the head. */

struct ln_msg_ticker {
    struct ln_msg h;
    struct ln_ticker ticker;
};

struct ln_msg_candle {
    struct ln_msg h;
    uint8_t timeframe;       /* enum ln_timeframe */
    bool warmup;             /* history before START: no callback */
    struct ln_candle candle; /* closed for good */
};

struct ln_msg_trade {
    struct ln_msg h;
    struct ln_trade trade;
};

struct ln_msg_book {
    struct ln_msg h;
    int64_t time_ms, seq_no;
    uint32_t nbids, nasks; /* <= LN_MSG_BOOK_LEVELS; best first */
    struct ln_level bids[LN_MSG_BOOK_LEVELS];
    struct ln_level asks[LN_MSG_BOOK_LEVELS];
};

/* An order of this strategy has changed. */
struct ln_msg_order {
    struct ln_msg h;
    uint64_t handle; /* the strategy's number for it, from SUBMIT; 0: the
                        host made it (adopted, flatten) */
    char order_id[24];
    struct ln_order_request req;
    uint8_t state; /* enum ln_order_state */
    int64_t filled_lots, average_e8, fee_e8;
    int64_t created_ms, updated_ms;
    int32_t error_code;
    char tag[24];
    char reason[LN_REASON_CAP];
};

struct ln_msg_fill {
    struct ln_msg h;
    uint64_t handle;
    struct ln_fill fill;
};

/* The strategy's own position (from its fills), and the exchange's. */
struct ln_msg_position {
    struct ln_msg h;
    int64_t size_lots; /* signed */
    int64_t entry_e8, mark_e8, unrealised_e8, realised_e8, fees_e8;
    int64_t exchange_lots; /* signed, whole account */
    int64_t liquidation_e8;
    int32_t leverage;
    uint8_t margin_mode;
    int64_t updated_ms;
};

struct ln_msg_account {
    struct ln_msg h;
    struct ln_account_update account;
};

struct ln_msg_funding {
    struct ln_msg h;
    int64_t rate_e8, amount_e8, time_ms;
};

struct ln_msg_timer {
    struct ln_msg h;
    uint64_t id; /* from TIMER_SET */
};

/* Answer to REQUEST. tail: JSON text (data), 0 */
struct ln_msg_reply {
    struct ln_msg h;
    uint64_t tag;
    bool ok;
    bool retryable;
    int32_t code; /* the exchange's, or the HTTP status, or 0 */
    char message[256];
};

struct ln_msg_connection {
    struct ln_msg h;
    bool up;
    char what[16]; /* "rest" "public" "private" */
    char why[128];
};

struct ln_msg_stop {
    struct ln_msg h;
    char reason[64]; /* "shutdown" "reload" ... */
};

/* ---- strategy to host ---- */

struct ln_msg_ready {
    struct ln_msg h;
    uint32_t version;
    uint32_t callbacks; /* enum ln_callback bits that the script defines */
    uint8_t timeframe;  /* enum ln_timeframe; LN_TF_NONE: no candles */
    uint32_t warmup;    /* candles wanted before START */
    uint32_t nsymbols;
    uint16_t symbols[LN_MSG_SYMBOLS_MAX]; /* instrument indexes */
};

enum ln_callback {
    LN_CB_START = 1 << 0,
    LN_CB_CANDLE = 1 << 1,
    LN_CB_TICKER = 1 << 2,
    LN_CB_TRADE = 1 << 3,
    LN_CB_BOOK = 1 << 4,
    LN_CB_ORDER = 1 << 5,
    LN_CB_FILL = 1 << 6,
    LN_CB_POSITION = 1 << 7,
    LN_CB_ACCOUNT = 1 << 8,
    LN_CB_FUNDING = 1 << 9,
    LN_CB_TIMER = 1 << 10,
    LN_CB_CONNECTION = 1 << 11,
    LN_CB_STOP = 1 << 12
};

/* Also LN_MSG_ERROR: where = file:line, callback, event as text. */
struct ln_msg_error {
    struct ln_msg h;
    char callback[24];              /* "on_candle", "" while loading */
    char where[160];                /* "ema_cross.lua:12" */
    char message[LN_MSG_ERROR_CAP]; /* with the traceback */
    char event[256];                /* the event that it was given, as text */
    bool fatal;                     /* budget, memory: the process ends */
};

struct ln_msg_subscribe {
    struct ln_msg h;
    uint32_t channels; /* enum ln_channel bits of venue.h */
    uint8_t timeframe;
    bool on; /* false: unsubscribe */
};

/* clientOid is made by the host; handle is the strategy's number (from 1). */
struct ln_msg_submit {
    struct ln_msg h;
    uint64_t handle;
    struct ln_order_request req; /* client_oid empty */
    char tag[24];
};

struct ln_msg_amend {
    struct ln_msg h;
    uint64_t handle;
    int64_t price_ticks, size_lots; /* 0: as it is */
};

struct ln_msg_cancel {
    struct ln_msg h;
    uint64_t handle;
};

/* h.instrument LN_INSTRUMENT_NONE: everywhere. */
struct ln_msg_cancel_all {
    struct ln_msg h;
};

/* tail: JSON object of parameters, 0 */
struct ln_msg_request {
    struct ln_msg h;
    uint64_t tag;
    char endpoint[LN_MSG_NAME_CAP];
};

struct ln_msg_timer_set {
    struct ln_msg h;
    uint64_t id;
    int64_t delay_ms;  /* < 0: cancel it */
    int64_t repeat_ms; /* 0: once */
};

/* tail: text, 0 */
struct ln_msg_log {
    struct ln_msg h;
    uint8_t level; /* enum ln_log_level */
};

struct ln_msg_value { /* PLOT, METRIC */
    struct ln_msg h;
    char name[LN_MSG_NAME_CAP];
    double value;
};

struct ln_msg_done {
    struct ln_msg h; /* h.seq: the host message that is worked off */
    int64_t cpu_ns;  /* time it took */
    int64_t memory_bytes;
};

/*
 * True when <bytes> is a whole, well-formed message of the given direction:
 * known type, exact or sufficient size, texts terminated, counts in range,
 * enums known. instruments: how many exist.
 */
bool ln_msg_valid(const void *bytes, size_t len, bool from_host,
                  uint32_t instruments);

/* "ticker", "submit": for logs and errors. */
const char *ln_msg_name(unsigned type);

/* The text tail behind a fixed part; "" if there is none. */
const char *ln_msg_tail(const void *msg, size_t fixed_size);

#endif
