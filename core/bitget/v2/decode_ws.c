/*
 * The envelope of the V2 WebSocket: what a frame is. The rows inside are
 * read by decode_market.c and decode_private.c.
 */
#include "bitget/v2/decode_ws.h"

#include "market/timeframe.h"

static const struct {
    const char *name;
    enum ln_v2_channel kind;
} channels[] = {
    {"ticker", LN_V2_CH_TICKER},
    {"books", LN_V2_CH_BOOKS},
    {"trade", LN_V2_CH_TRADE},
    {"books1", LN_V2_CH_BOOKS1},
    {"books5", LN_V2_CH_BOOKS5},
    {"books15", LN_V2_CH_BOOKS15},
    {"orders", LN_V2_CH_ORDERS},
    {"fill", LN_V2_CH_FILL},
    {"positions", LN_V2_CH_POSITIONS},
    {"account", LN_V2_CH_ACCOUNT},
    {"equity", LN_V2_CH_EQUITY},
    {"positions-history", LN_V2_CH_POSITIONS_HISTORY},
    {"orders-algo", LN_V2_CH_ORDERS_ALGO},
    {"adl-noti", LN_V2_CH_ADL_NOTI},
    {"place-order", LN_V2_CH_PLACE_ORDER},
    {"cancel-order", LN_V2_CH_CANCEL_ORDER},
};

void
ln_v2_decoder_init(struct ln_v2_decoder *d)
{
    ln_json_init(&d->doc);
}

void
ln_v2_decoder_deinit(struct ln_v2_decoder *d)
{
    ln_json_deinit(&d->doc);
}

enum ln_v2_channel
ln_v2_channel_parse(struct ln_str name, enum ln_timeframe *tf)
{
    const size_t head = sizeof("candle") - 1;
    enum ln_timeframe found;

    if (tf)
        *tf = LN_TF_NONE;
    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++) {
        if (ln_str_eqc(name, channels[i].name))
            return channels[i].kind;
    }
    if (!ln_str_starts(name, "candle"))
        return LN_V2_CH_NONE;
    found = ln_timeframe_parse(ln_strn(name.ptr + head, name.len - head));
    /* The wire's own spelling only: "candle1h" is no channel. */
    if (found == LN_TF_NONE ||
        !ln_str_eqc(ln_strn(name.ptr + head, name.len - head),
                    ln_timeframe_name(found)))
        return LN_V2_CH_NONE;
    if (tf)
        *tf = found;
    return LN_V2_CH_CANDLE;
}

static void
read_arg(const struct ln_json *doc, ln_json_val arg, struct ln_v2_message *m)
{
    struct ln_v2_arg *a = &m->arg;

    if (ln_json_type(doc, arg) == LN_JSON_ARRAY)
        arg = ln_json_first(doc, arg);
    if (ln_json_type(doc, arg) != LN_JSON_OBJECT)
        return;
    a->inst_type = ln_json_scalar(doc, ln_json_get(doc, arg, "instType"));
    a->channel = ln_json_scalar(doc, ln_json_get(doc, arg, "channel"));
    a->inst_id = ln_json_scalar(doc, ln_json_get(doc, arg, "instId"));
    a->coin = ln_json_scalar(doc, ln_json_get(doc, arg, "coin"));
    a->kind = ln_v2_channel_parse(a->channel, &a->tf);
    m->has_arg = a->channel.len > 0;
    if (a->kind == LN_V2_CH_PLACE_ORDER || a->kind == LN_V2_CH_CANCEL_ORDER) {
        ln_json_val params = ln_json_get(doc, arg, "params");
        m->id = ln_json_scalar(doc, ln_json_get(doc, arg, "id"));
        m->order_id = ln_json_scalar(doc, ln_json_get(doc, params, "orderId"));
        m->client_oid =
            ln_json_scalar(doc, ln_json_get(doc, params, "clientOid"));
    }
}

static int32_t
read_code(const struct ln_json *doc, ln_json_val v, int32_t absent)
{
    int64_t code = 0;
    if (ln_json_scalar(doc, v).len == 0)
        return absent;
    if (!ln_json_i64(doc, v, &code) || code < 0 || code > INT32_MAX)
        return -1;
    return (int32_t)code;
}

/* {"event": ...}: answers to what we sent. */
static enum ln_err
decode_event(const struct ln_json *doc, struct ln_str event,
             struct ln_v2_message *m, struct ln_error *err)
{
    bool trade_op;

    read_arg(doc, ln_json_get(doc, 0, "arg"), m);
    trade_op = m->arg.kind == LN_V2_CH_PLACE_ORDER ||
               m->arg.kind == LN_V2_CH_CANCEL_ORDER;
    m->code = read_code(doc, ln_json_get(doc, 0, "code"), 0);
    m->msg = ln_json_scalar(doc, ln_json_get(doc, 0, "msg"));
    m->op = ln_json_scalar(doc, ln_json_get(doc, 0, "op"));

    if (ln_str_eqc(event, "error")) {
        m->kind = trade_op ? LN_V2_TRADE_REPLY : LN_V2_ERROR;
        if (m->code == 0)
            m->code = -1; /* an error without a code is no success */
    } else if (ln_str_eqc(event, "login")) {
        m->kind = m->code == 0 ? LN_V2_LOGIN : LN_V2_ERROR;
    } else if (ln_str_eqc(event, "subscribe")) {
        m->kind = LN_V2_SUBSCRIBED;
    } else if (ln_str_eqc(event, "unsubscribe")) {
        m->kind = LN_V2_UNSUBSCRIBED;
    } else if (ln_str_eqc(event, "trade")) {
        m->kind = LN_V2_TRADE_REPLY;
    } else {
        m->kind = LN_V2_OTHER;
        return LN_OK;
    }
    if ((m->kind == LN_V2_SUBSCRIBED || m->kind == LN_V2_UNSUBSCRIBED) &&
        !m->has_arg)
        return ln_error_set(err, LN_ERR_PARSE, "arg", NULL,
                            "a confirmation names no channel");
    if (m->kind == LN_V2_TRADE_REPLY && !trade_op)
        return ln_error_set(err, LN_ERR_PARSE, "arg", NULL,
                            "a trade reply names no operation");
    return LN_OK;
}

/* {"action": ..., "arg": ..., "data": [...]}: a push. */
static enum ln_err
decode_push(const struct ln_json *doc, struct ln_str action,
            struct ln_v2_message *m, struct ln_error *err)
{
    read_arg(doc, ln_json_get(doc, 0, "arg"), m);
    if (!m->has_arg)
        return ln_error_set(err, LN_ERR_PARSE, "arg", NULL,
                            "a push names no channel");
    if (ln_str_eqc(action, "snapshot"))
        m->snapshot = true;
    else if (!ln_str_eqc(action, "update"))
        return ln_error_set(err, LN_ERR_PARSE, "action", NULL,
                            "a push has the unknown action '%.*s'",
                            (int)(action.len > 32 ? 32 : action.len),
                            action.ptr);
    m->data = ln_json_get(doc, 0, "data");
    if (ln_json_type(doc, m->data) != LN_JSON_ARRAY)
        return ln_error_set(err, LN_ERR_PARSE, "data", NULL,
                            "the data of a push are no list");
    m->rows = ln_json_count(doc, m->data);
    m->kind = LN_V2_DATA;
    return LN_OK;
}

enum ln_err
ln_v2_decode(struct ln_v2_decoder *d, const char *text, size_t len,
             struct ln_v2_message *out, struct ln_error *err)
{
    struct ln_str event, action;
    enum ln_err e;

    memset(out, 0, sizeof *out);
    out->data = LN_JSON_NONE;
    if (len == 4 && memcmp(text, "pong", 4) == 0) {
        out->kind = LN_V2_PONG;
        return LN_OK;
    }
    if (len == 4 && memcmp(text, "ping", 4) == 0) {
        out->kind = LN_V2_PING;
        return LN_OK;
    }
    e = ln_json_parse(&d->doc, text, len, err);
    if (e)
        return e;
    if (ln_json_type(&d->doc, 0) != LN_JSON_OBJECT)
        return ln_error_set(err, LN_ERR_PARSE, NULL, NULL,
                            "a frame of the exchange is no object");
    (void)ln_json_i64(&d->doc, ln_json_get(&d->doc, 0, "ts"), &out->ts_ms);
    action = ln_json_scalar(&d->doc, ln_json_get(&d->doc, 0, "action"));
    if (action.len)
        return decode_push(&d->doc, action, out, err);
    event = ln_json_scalar(&d->doc, ln_json_get(&d->doc, 0, "event"));
    if (event.len)
        return decode_event(&d->doc, event, out, err);
    return LN_OK;
}

ln_json_val
ln_v2_first(const struct ln_v2_decoder *d, const struct ln_v2_message *m)
{
    return ln_json_first(&d->doc, m->data);
}

ln_json_val
ln_v2_next(const struct ln_v2_decoder *d, const struct ln_v2_message *m,
           ln_json_val row)
{
    return ln_json_next(&d->doc, m->data, row);
}
