/*
 * What we say to V2: login, subscribe and unsubscribe frames; bodies of
 * place-order, modify-order and cancel-order; parameters of queries.
 *
 * The three writes are built directly (they are the hot way out) and always
 * fit the rows of the endpoint table, which the tests check. Queries give
 * a JSON object for ln_endpoint_build.
 */
#ifndef LN_BITGET_V2_ENCODE_H
#define LN_BITGET_V2_ENCODE_H

#include "base/buf.h"
#include "bitget/credentials.h"
#include "bitget/endpoint.h"
#include "market/instrument.h"
#include "trade/types.h"

/* ---- WebSocket ---- */

#define LN_V2_ARGS_BYTES_MAX 4000 /* of one frame; the server's limit: 4096 */

/* One arg of a subscription. */
struct ln_v2_topic {
    const char *inst_type;
    const char *channel;
    const char *key;   /* "instId", "coin", or NULL: no selector */
    const char *value; /* of it */
};

/*
 * {"op":"login",...} with the signature over <seconds>GET/user/verify. The
 * buffer holds secrets: wipe it after sending.
 */
enum ln_err ln_v2_encode_login(struct ln_buf *out,
                               const struct ln_bitget_credentials *cred,
                               int64_t now_ms,
                               struct ln_error *err) LN_MUST_USE;

/*
 * {"op":<op>,"args":[...]} with as many of the topics as fit; returns how
 * many that were (0 only for none given or no memory).
 */
size_t ln_v2_encode_topics(struct ln_buf *out, const char *op,
                           const struct ln_v2_topic *topics, size_t count);

/* ---- REST writes ---- */

/* What the bodies need to know of the account. */
struct ln_v2_terms {
    const char *product;       /* "USDT-FUTURES" */
    enum ln_pos_mode pos_mode; /* as the account is now */
};

/*
 * LN_ERR_ARG when the request is none: no size, a limit order without a
 * price, a direction that contradicts itself (sides.h), a bad clientOid.
 */
enum ln_err ln_v2_encode_place(struct ln_request_text *out,
                               const struct ln_v2_terms *terms,
                               const struct ln_instrument *in,
                               const struct ln_order_request *req,
                               struct ln_error *err) LN_MUST_USE;

/* order_id wins over client_oid; one must be given, the other may be "". */
enum ln_err ln_v2_encode_cancel(struct ln_request_text *out,
                                const struct ln_v2_terms *terms,
                                const struct ln_instrument *in,
                                const char *client_oid, const char *order_id,
                                struct ln_error *err) LN_MUST_USE;

/* New price and size always go together (40925). */
enum ln_err ln_v2_encode_amend(struct ln_request_text *out,
                               const struct ln_v2_terms *terms,
                               const struct ln_instrument *in,
                               const char *client_oid, const char *order_id,
                               const char *new_client_oid, int64_t price_ticks,
                               int64_t size_lots,
                               struct ln_error *err) LN_MUST_USE;

/* 1 to 50 of [0-9A-Za-z_:#+-]: what the exchange takes as a clientOid. */
bool ln_v2_oid_valid(const char *oid);

/* ---- parameters of queries ---- */

/*
 * A flat JSON object of name-value pairs: NULL-terminated list
 * "name", "value", ...; pairs whose value is NULL or "" are left out.
 */
void ln_v2_encode_params(struct ln_buf *out, const char *const *pairs);

#endif
