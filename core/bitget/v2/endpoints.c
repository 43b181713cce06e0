/*
 * The endpoint table of V2, made from endpoints.def, and finding rows in it.
 */
#include "base/assert.h"
#include "bitget/endpoint.h"

/* Values that many rows share. */
#define V_PRODUCT     "USDT-FUTURES|COIN-FUTURES|USDC-FUTURES"
#define V_SIDE        "buy|sell"
#define V_TRADE_SIDE  "open|close"
#define V_POS_SIDE    "long|short"
#define V_HOLD_SIDE   "long|short|buy|sell"
#define V_ORDER_TYPE  "limit|market"
#define V_MARGIN_MODE "isolated|crossed"
#define V_STP         "none|cancel_taker|cancel_maker|cancel_both"
#define V_TRIGGER     "fill_price|mark_price"
#define V_PLAN        "normal_plan|track_plan"
#define V_PLANS       "normal_plan|track_plan|profit_loss"
#define V_YES_NO      "YES|NO"
#define V_BUSINESS    "mix|spot|margin"
#define V_PERIOD      "5m|15m|30m|1h|2h|4h|6h|12h|1d"
#define V_GRANULARITY                                                          \
    "1m|3m|5m|15m|30m|1H|2H|4H|6H|12H|1D|3D|1W|1M|"                            \
    "6Hutc|12Hutc|1Dutc|3Dutc|1Wutc|1Mutc"

/* Help that many rows share. */
#define H_PRODUCT     "Product line."
#define H_SYMBOL      "Contract symbol, e.g. BTCUSDT."
#define H_MARGIN_COIN "Margin coin in capitals, e.g. USDT."
#define H_CURSOR      "Older rows only: the endId of the previous page."
#define H_ONE_ID      "One of orderId and clientOid; orderId wins."
#define H_SIDE                                                                 \
    "One-way mode: direction of the trade. Hedge mode: direction of the "      \
    "POSITION, also when closing (buy: long, sell: short)."
#define H_HOLD_SIDE                                                            \
    "Hedge mode: long or short. One-way mode: buy for a long position, sell "  \
    "for a short one."
#define H_GRANULARITY                                                          \
    "Candle length; 1m is a minute, 1M a month. With utc aligned to UTC, "     \
    "without (from 6H up) to UTC+8."

#define REQ true
#define OPT false

/* First reading: an array of parameters per endpoint. */
#define ENDPOINT(name, group, method, path, auth, rate, scope, summary)        \
    static const struct ln_param params_##name[] = {
#define PARAM(name, type, need, values, help)                                  \
    {#name, LN_PT_##type, need, values, help},
/* Unformatted, for the formatter would tear the closing brackets apart. */
/* clang-format off */
#define END {NULL, LN_PT_TEXT, false, NULL, NULL}};
/* clang-format on */
#include "bitget/v2/endpoints.def"
#undef ENDPOINT
#undef PARAM
#undef END

/* Second reading: the rows. (The array of parameters ends in an empty one.) */
#define AUTH_PUBLIC  false
#define AUTH_PRIVATE true
#define ENDPOINT(name, group, method, path, auth, rate, scope, summary)        \
    {#name,                                                                    \
     #group,                                                                   \
     #method,                                                                  \
     path,                                                                     \
     AUTH_##auth,                                                              \
     rate,                                                                     \
     LN_SCOPE_##scope,                                                         \
     summary,                                                                  \
     params_##name,                                                            \
     (int)LN_COUNT(params_##name) - 1},
#define PARAM(name, type, need, values, help)
#define END
static const struct ln_endpoint rows[] = {
#include "bitget/v2/endpoints.def"
};
#undef ENDPOINT
#undef PARAM
#undef END

const struct ln_endpoint *
ln_v2_endpoints(size_t *count)
{
    if (count)
        *count = LN_COUNT(rows);
    return rows;
}

const struct ln_endpoint *
ln_v2_endpoint(const char *name)
{
    if (!name)
        return NULL;
    for (size_t i = 0; i < LN_COUNT(rows); i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

const struct ln_endpoint *
ln_v2_endpoint_by_path(const char *method, struct ln_str path)
{
    for (size_t i = 0; i < LN_COUNT(rows); i++) {
        if (ln_str_eqc(path, rows[i].path) &&
            strcmp(rows[i].method, method) == 0)
            return &rows[i];
    }
    return NULL;
}

const char *
ln_v2_endpoint_nearest(const char *name)
{
    const char *names[LN_COUNT(rows)];

    if (!name)
        return NULL;
    for (size_t i = 0; i < LN_COUNT(rows); i++) {
        names[i] = rows[i].name;
        /* "ticker" is further from "get_ticker" than a slip of the finger. */
        if (strncmp(names[i], "get_", 4) == 0 &&
            strcmp(names[i] + 4, name) == 0)
            return names[i];
    }
    return ln_nearest(name, names, LN_COUNT(rows));
}
