/*
 * The "data" of V2 REST answers that the venue acts on, decoded into the
 * words of core/trade and core/market. Lists are walked with ln_json_first
 * and ln_json_next over what ln_v2_rest_list gives; null counts as empty.
 */
#ifndef LN_BITGET_V2_DECODE_REST_H
#define LN_BITGET_V2_DECODE_REST_H

#include "base/json.h"
#include "bitget/v2/decode_ws.h"

/*
 * The list in <data>: data itself (key NULL) or its member <key>
 * ("entrustedList", "fillList"). NONE when empty, null or absent.
 */
ln_json_val ln_v2_rest_list(const struct ln_json *doc, ln_json_val data,
                            const char *key);

/* "endId" of a paged answer; empty at the end. A view. */
struct ln_str ln_v2_rest_end_id(const struct ln_json *doc, ln_json_val data);

/* A row of get_contracts. */
enum ln_err ln_v2_rest_contract(const struct ln_json *doc, ln_json_val row,
                                struct ln_instrument *out,
                                struct ln_error *err) LN_MUST_USE;

/* A row of get_accounts, or get_account (which alone tells pos_mode). */
enum ln_err ln_v2_rest_account(const struct ln_json *doc, ln_json_val row,
                               int64_t time_ms, struct ln_account_update *out,
                               struct ln_error *err) LN_MUST_USE;

/* A row of get_all_position, get_single_position. */
enum ln_err ln_v2_rest_position(const struct ln_json *doc, ln_json_val row,
                                const struct ln_instruments *reg,
                                struct ln_v2_position *out,
                                struct ln_error *err) LN_MUST_USE;

/* get_order_detail, or a row of get_orders_pending. */
enum ln_err ln_v2_rest_order(const struct ln_json *doc, ln_json_val row,
                             const struct ln_instruments *reg,
                             struct ln_order_update *out,
                             struct ln_error *err) LN_MUST_USE;

/* A row of get_order_fills, get_fill_history (they have no clientOid). */
enum ln_err ln_v2_rest_fill(const struct ln_json *doc, ln_json_val row,
                            const struct ln_instruments *reg,
                            struct ln_fill *out,
                            struct ln_error *err) LN_MUST_USE;

/* The answer to place, modify and cancel; either may stay empty. */
struct ln_v2_order_ids {
    char order_id[24];
    char client_oid[LN_OID_CAP];
};
enum ln_err ln_v2_rest_order_ids(const struct ln_json *doc, ln_json_val data,
                                 struct ln_v2_order_ids *out,
                                 struct ln_error *err) LN_MUST_USE;

#endif
