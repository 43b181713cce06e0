/*
 * Names of the words of trading.
 */
#include "trade/types.h"

#include "base/assert.h"

#include <stddef.h>

static const char *
pick(const char *const *names, size_t count, unsigned index)
{
    return index < count && names[index] ? names[index] : "unknown";
}

bool
ln_order_state_final(enum ln_order_state state)
{
    return state == LN_ORDER_FILLED || state == LN_ORDER_CANCELLED ||
           state == LN_ORDER_REJECTED || state == LN_ORDER_EXPIRED;
}

const char *
ln_order_state_name(enum ln_order_state state)
{
    static const char *const names[] = {
        NULL,      "planned", "sent",      "unknown",  "live",
        "partial", "filled",  "cancelled", "rejected", "expired"};
    return pick(names, LN_COUNT(names), state);
}

const char *
ln_side_name(enum ln_side side)
{
    static const char *const names[] = {NULL, "buy", "sell"};
    return pick(names, LN_COUNT(names), side);
}

const char *
ln_order_type_name(enum ln_order_type type)
{
    static const char *const names[] = {NULL, "limit", "market"};
    return pick(names, LN_COUNT(names), type);
}

const char *
ln_tif_name(enum ln_tif tif)
{
    static const char *const names[] = {NULL, "gtc", "ioc", "fok", "post_only"};
    return pick(names, LN_COUNT(names), tif);
}
