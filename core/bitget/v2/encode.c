/*
 * Encoding for V2: see encode.h.
 */
#include "bitget/v2/encode.h"

#include "base/json.h"
#include "bitget/v2/sides.h"

#include <stdio.h>

/* ---- WebSocket ---- */

enum ln_err
ln_v2_encode_login(struct ln_buf *out, const struct ln_bitget_credentials *cred,
                   int64_t now_ms, struct ln_error *err)
{
    char seconds[24], sign[LN_SIGNATURE_CAP];
    struct ln_json_writer w;
    struct ln_str pieces[3];
    enum ln_err e;

    /* Seconds: what every client sends, whatever the page says. */
    (void)snprintf(seconds, sizeof seconds, "%lld", (long long)(now_ms / 1000));
    pieces[0] = ln_str(seconds);
    pieces[1] = ln_str("GET");
    pieces[2] = ln_str("/user/verify");
    e = ln_credentials_sign(cred, pieces, 3, sign, err);
    if (e)
        return e;
    ln_jw_init(&w, out);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "op", "login");
    ln_jw_key(&w, "args");
    ln_jw_arr(&w);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "apiKey", ln_credentials_key(cred));
    ln_jw_kcstr(&w, "passphrase", ln_credentials_passphrase(cred));
    ln_jw_kcstr(&w, "timestamp", seconds);
    ln_jw_kcstr(&w, "sign", sign);
    ln_jw_obj_end(&w);
    ln_jw_arr_end(&w);
    ln_jw_obj_end(&w);
    if (out->failed)
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                            "no memory for the login");
    return LN_OK;
}

static void
write_topic(struct ln_json_writer *w, const struct ln_v2_topic *t)
{
    ln_jw_obj(w);
    ln_jw_kcstr(w, "instType", t->inst_type);
    ln_jw_kcstr(w, "channel", t->channel);
    if (t->key)
        ln_jw_kcstr(w, t->key, t->value);
    ln_jw_obj_end(w);
}

size_t
ln_v2_encode_topics(struct ln_buf *out, const char *op,
                    const struct ln_v2_topic *topics, size_t count)
{
    struct ln_json_writer w;
    size_t used = 0, start;

    ln_jw_init(&w, out);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "op", op);
    ln_jw_key(&w, "args");
    ln_jw_arr(&w);
    start = out->len;
    for (; used < count; used++) {
        struct ln_json_writer before = w;
        size_t mark = out->len;
        write_topic(&w, &topics[used]);
        if (out->failed)
            return 0;
        if (used > 0 && out->len - start > LN_V2_ARGS_BYTES_MAX) {
            w = before; /* this one begins the next frame */
            out->len = mark;
            out->data[mark] = '\0';
            break;
        }
    }
    ln_jw_arr_end(&w);
    ln_jw_obj_end(&w);
    return out->failed ? 0 : used;
}

/* ---- REST writes ---- */

bool
ln_v2_oid_valid(const char *oid)
{
    size_t n = strlen(oid);
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_:#+-";
    return n > 0 && n <= 50 && strspn(oid, allowed) == n;
}

static enum ln_err
check_oid(const char *oid, struct ln_error *err)
{
    if (ln_v2_oid_valid(oid))
        return LN_OK;
    return ln_error_set(err, LN_ERR_ARG, "clientOid",
                        "use 1 to 50 letters, digits and _ : # + -",
                        "the clientOid '%.60s' is not acceptable", oid);
}

static void
body_begin(struct ln_json_writer *w, struct ln_request_text *out,
           const char *path, const struct ln_v2_terms *terms,
           const struct ln_instrument *in)
{
    ln_buf_reset(&out->target);
    ln_buf_reset(&out->body);
    ln_buf_adds(&out->target, path);
    ln_jw_init(w, &out->body);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_jw_kcstr(w, "productType", terms->product);
}

static enum ln_err
body_end(struct ln_json_writer *w, struct ln_request_text *out,
         struct ln_error *err)
{
    ln_jw_obj_end(w);
    if (out->target.failed || out->body.failed)
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                            "no memory for a request");
    return LN_OK;
}

static void
put_price(struct ln_json_writer *w, const char *key,
          const struct ln_instrument *in, int64_t ticks)
{
    char text[LN_DECIMAL_CAP];
    ln_price_format(in, ticks, text);
    ln_jw_kcstr(w, key, text);
}

static void
put_size(struct ln_json_writer *w, const char *key,
         const struct ln_instrument *in, int64_t lots)
{
    char text[LN_DECIMAL_CAP];
    ln_size_format(in, lots, text);
    ln_jw_kcstr(w, key, text);
}

static const char *
force_name(uint8_t tif)
{
    switch (tif) {
    case LN_GTC:
        return "gtc";
    case LN_IOC:
        return "ioc";
    case LN_FOK:
        return "fok";
    case LN_POST_ONLY:
        return "post_only";
    default:
        return NULL;
    }
}

static enum ln_err
check_place(const struct ln_order_request *req, struct ln_error *err)
{
    if (req->type != LN_LIMIT && req->type != LN_MARKET)
        return ln_error_set(err, LN_ERR_ARG, "orderType", NULL,
                            "an order is limit or market");
    if (req->size_lots <= 0)
        return ln_error_set(err, LN_ERR_ARG, "size", NULL,
                            "an order needs a size");
    if (req->type == LN_LIMIT && req->price_ticks <= 0)
        return ln_error_set(err, LN_ERR_ARG, "price", NULL,
                            "a limit order needs a price");
    if (req->type == LN_LIMIT && !force_name(req->tif))
        return ln_error_set(err, LN_ERR_ARG, "force", NULL,
                            "a limit order is gtc, ioc, fok or post_only");
    if (req->take_profit_ticks < 0 || req->stop_loss_ticks < 0)
        return ln_error_set(err, LN_ERR_ARG, "preset", NULL,
                            "a preset price is negative");
    return check_oid(req->client_oid, err);
}

enum ln_err
ln_v2_encode_place(struct ln_request_text *out, const struct ln_v2_terms *terms,
                   const struct ln_instrument *in,
                   const struct ln_order_request *req, struct ln_error *err)
{
    const char *side = NULL, *trade_side = NULL;
    struct ln_json_writer w;
    enum ln_err e = check_place(req, err);

    if (!e)
        e = ln_v2_sides_encode(req, terms->pos_mode, &side, &trade_side, err);
    if (e)
        return e;
    body_begin(&w, out, "/api/v2/mix/order/place-order", terms, in);
    ln_jw_kcstr(&w, "marginMode",
                req->margin_mode == LN_ISOLATED ? "isolated" : "crossed");
    ln_jw_kcstr(&w, "marginCoin", in->margin_coin);
    put_size(&w, "size", in, req->size_lots);
    ln_jw_kcstr(&w, "side", side);
    if (trade_side)
        ln_jw_kcstr(&w, "tradeSide", trade_side);
    else if (req->reduce_only)
        ln_jw_kcstr(&w, "reduceOnly", "YES");
    ln_jw_kcstr(&w, "orderType", req->type == LN_LIMIT ? "limit" : "market");
    if (req->type == LN_LIMIT) {
        put_price(&w, "price", in, req->price_ticks);
        ln_jw_kcstr(&w, "force", force_name(req->tif));
    }
    ln_jw_kcstr(&w, "clientOid", req->client_oid);
    if (req->take_profit_ticks)
        put_price(&w, "presetStopSurplusPrice", in, req->take_profit_ticks);
    if (req->stop_loss_ticks)
        put_price(&w, "presetStopLossPrice", in, req->stop_loss_ticks);
    return body_end(&w, out, err);
}

static enum ln_err
put_ids(struct ln_json_writer *w, const char *client_oid, const char *order_id,
        struct ln_error *err)
{
    if (order_id && order_id[0])
        ln_jw_kcstr(w, "orderId", order_id);
    else if (client_oid && client_oid[0])
        ln_jw_kcstr(w, "clientOid", client_oid);
    else
        return ln_error_set(err, LN_ERR_ARG, "orderId", NULL,
                            "neither orderId nor clientOid is given");
    return LN_OK;
}

enum ln_err
ln_v2_encode_cancel(struct ln_request_text *out,
                    const struct ln_v2_terms *terms,
                    const struct ln_instrument *in, const char *client_oid,
                    const char *order_id, struct ln_error *err)
{
    struct ln_json_writer w;
    enum ln_err e;

    body_begin(&w, out, "/api/v2/mix/order/cancel-order", terms, in);
    ln_jw_kcstr(&w, "marginCoin", in->margin_coin);
    e = put_ids(&w, client_oid, order_id, err);
    return e ? e : body_end(&w, out, err);
}

enum ln_err
ln_v2_encode_amend(struct ln_request_text *out, const struct ln_v2_terms *terms,
                   const struct ln_instrument *in, const char *client_oid,
                   const char *order_id, const char *new_client_oid,
                   int64_t price_ticks, int64_t size_lots, struct ln_error *err)
{
    struct ln_json_writer w;
    enum ln_err e = check_oid(new_client_oid ? new_client_oid : "", err);

    if (e)
        return e;
    if (price_ticks <= 0 || size_lots <= 0)
        return ln_error_set(err, LN_ERR_ARG, "newPrice", NULL,
                            "an amended order needs a price and a size");
    body_begin(&w, out, "/api/v2/mix/order/modify-order", terms, in);
    ln_jw_kcstr(&w, "marginCoin", in->margin_coin);
    e = put_ids(&w, client_oid, order_id, err);
    if (e)
        return e;
    ln_jw_kcstr(&w, "newClientOid", new_client_oid);
    put_size(&w, "newSize", in, size_lots);
    put_price(&w, "newPrice", in, price_ticks);
    return body_end(&w, out, err);
}

void
ln_v2_encode_params(struct ln_buf *out, const char *const *pairs)
{
    struct ln_json_writer w;

    ln_jw_init(&w, out);
    ln_jw_obj(&w);
    for (; pairs[0]; pairs += 2) {
        if (pairs[1] && pairs[1][0])
            ln_jw_kcstr(&w, pairs[0], pairs[1]);
    }
    ln_jw_obj_end(&w);
}
