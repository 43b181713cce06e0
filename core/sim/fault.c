/*
 * What the engine refuses, in the codes and words of the wire. Texts are the
 * live ones where somebody captured them.
 */
#include "sim/sim_int.h"

#include <stdarg.h>
#include <stdio.h>

bool
ln_sim_fail(struct ln_sim_fault *f, const char *code, const char *fmt, ...)
{
    va_list args;
    f->status = strcmp(code, "429") == 0 ? 429 : 400;
    snprintf(f->code, sizeof(f->code), "%s", code);
    va_start(args, fmt);
    vsnprintf(f->msg, sizeof(f->msg), fmt, args);
    va_end(args);
    return false;
}

/* Refusals whose answer depends on nothing else. */
static const struct {
    enum ln_ex_refusal refusal;
    const char *code, *msg;
} table[] = {
    {LN_EXR_SYMBOL, "40034", "The symbol does not exist"},
    {LN_EXR_PRICE, "40706", "Wrong order price"},
    {LN_EXR_MARGIN, "40762", "The order amount exceeds the balance"},
    {LN_EXR_DUPLICATE_OID, "40786", "Duplicate clientOid"},
    {LN_EXR_NO_POSITION, "22002", "No position to close"},
    {LN_EXR_CLOSE_TOO_LARGE, "45006",
     "Insufficient position, can not be closed"},
    {LN_EXR_POS_MODE, "40774",
     "The order type for unilateral position must also be the unilateral "
     "position type."},
    {LN_EXR_TOO_MANY, "43005", "Exceed the maximum number of orders"},
    {LN_EXR_NOT_FOUND, "40768", "Order does not exist"},
    {LN_EXR_FINAL, "45055", "The current order status cannot be cancelled"},
    {LN_EXR_UNCHANGED, "40923", "Order size and price have not changed"},
    {LN_EXR_LEVERAGE, "45044", "Leverage is not within the suitable range"},
    {LN_EXR_LOCKED, "45117",
     "Currently holding positions or orders, the setting cannot be changed"},
    {LN_EXR_LIQUIDITY, "22045", "Insufficient market liquidity"},
    {LN_EXR_PRESET, "40895",
     "The take profit or stop loss price is on the wrong side of the price"},
    {LN_EXR_TRIGGER_SIDE, "40915",
     "The trigger price is on the wrong side of the current price"},
    {LN_EXR_CALLBACK, "43032", "The callback rate is out of range"},
    {LN_EXR_REDUCING, "45009",
     "The account is at risk and being reduced, try again later"},
};

static bool
refuse_state(struct ln_sim_fault *f, const struct ln_instrument *in)
{
    switch (in ? in->status : LN_INST_OFF) {
    case LN_INST_RESTRICTED:
        return ln_sim_fail(f, "22004", "API trading of %s is not allowed",
                           in->symbol);
    case LN_INST_LIMIT_OPEN:
        return ln_sim_fail(f, "45107", "%s: opening is not allowed",
                           in->symbol);
    default:
        return ln_sim_fail(f, "43115", "The contract is not open for trading");
    }
}

bool
ln_sim_refuse(struct ln_sim_fault *f, enum ln_ex_refusal refusal,
              const struct ln_instrument *in)
{
    char text[LN_DECIMAL_CAP] = "";
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].refusal == refusal)
            return ln_sim_fail(f, table[i].code, "%s", table[i].msg);
    switch (refusal) {
    case LN_EXR_SYMBOL_STATE:
        return refuse_state(f, in);
    case LN_EXR_SIZE_MIN:
        ln_size_format(in, in->min_lots, text);
        return ln_sim_fail(f, "45111",
                           "less than the minimum order quantity %s", text);
    case LN_EXR_SIZE_MAX:
        return ln_sim_fail(f, "45112", "more than the maximum order quantity");
    case LN_EXR_VALUE_MIN:
        ln_decimal_format(in->min_notional_e8, LN_SCALE_MONEY, 0, text);
        return ln_sim_fail(f, "45110", "less than the minimum amount %s %s",
                           text, LN_SIM_COIN);
    default:
        return ln_sim_fail(f, "45001", "unknown error: %s",
                           ln_ex_refusal_text(refusal));
    }
}
