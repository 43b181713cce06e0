/*
 * Estimates before an order: what could be opened, and where it would be
 * liquidated.
 */
#include "exchange/ledger.h"
#include "sim/routes.h"
#include "sim/wire.h"

#define LEVERAGE_DEFAULT 20 /* of open-count */

static enum ln_side
side_of(const struct ln_sim_call *call)
{
    return ln_str_eqi(ln_sim_param(call->params, "posSide"), "short") ? LN_SELL
                                                                      : LN_BUY;
}

/* The leverage that such an order would have. */
static int32_t
leverage_of(const struct ln_sim_call *call)
{
    const struct ln_ex *ex = call->sim->ex;
    bool sides =
        ln_ex_margin_mode(ex, call->account, call->inst) == LN_ISOLATED &&
        ln_ex_pos_mode(ex, call->account) == LN_HEDGE;
    enum ln_pos_side side = side_of(call) == LN_SELL ? LN_SHORT : LN_LONG;
    return ln_ex_leverage(ex, call->account, call->inst, sides ? side : LN_NET);
}

/* openPrice, which a limit order needs; else what the book offers. */
static bool
read_open_price(struct ln_sim_call *call, int64_t *ticks)
{
    struct ln_str text = ln_sim_param(call->params, "openPrice");
    bool market = ln_str_eqi(ln_sim_param(call->params, "orderType"), "market");
    struct ln_ticker t;
    if (market) {
        ln_ex_ticker(call->sim->ex, call->inst, &t);
        *ticks = side_of(call) == LN_SELL ? t.bid_ticks : t.ask_ticks;
        if (*ticks == 0)
            *ticks = t.last_ticks;
        return true;
    }
    if (text.len == 0)
        return ln_sim_fail(&call->fault, "40019",
                           "Parameter openPrice cannot be empty");
    return ln_sim_read_price(call->in, "openPrice", text, ticks, &call->fault);
}

/*
 * The size whose margin and opening fee are this amount: as an order of the
 * taker is charged, without a look at the account.
 */
bool
ln_sim_get_open_count(struct ln_sim_call *call)
{
    const struct ln_instrument *in = call->in;
    int64_t amount_e8, price_ticks, leverage = LEVERAGE_DEFAULT;
    enum ln_sim_given given =
        ln_sim_param_i64(call->params, "leverage", &leverage);
    if (given == LN_SIM_BAD)
        return ln_sim_fail(&call->fault, "40017",
                           "Parameter verification failed leverage");
    if (leverage < in->min_leverage || leverage > in->max_leverage)
        return ln_sim_refuse(&call->fault, LN_EXR_LEVERAGE, in);
    if (!ln_sim_decimal(call, "openAmount", true, &amount_e8) ||
        !ln_sim_read_price(in, "openPrice",
                           ln_sim_param(call->params, "openPrice"),
                           &price_ticks, &call->fault))
        return false;
    if (amount_e8 <= 0)
        return ln_sim_fail(&call->fault, "40020", "Parameter openAmount error");
    int64_t value_e8 = ln_div128(
        (ln_i128)amount_e8 * leverage * LN_E8,
        (ln_i128)LN_E8 + (ln_i128)in->taker_fee_e8 * leverage, LN_ROUND_DOWN);
    ln_jw_obj(&call->w);
    ln_sim_ksize(&call->w, "size", in,
                 ln_lots_for_notional(in, price_ticks, value_e8));
    ln_jw_obj_end(&call->w);
    return true;
}

bool
ln_sim_get_max_open(struct ln_sim_call *call)
{
    int64_t price_ticks = 0;
    if (!read_open_price(call, &price_ticks))
        return false;
    ln_jw_obj(&call->w);
    ln_sim_ksize(&call->w, "maxOpen", call->in,
                 ln_ex_max_open_lots(call->sim->ex, call->account, call->inst,
                                     side_of(call), price_ticks,
                                     leverage_of(call)));
    ln_jw_obj_end(&call->w);
    return true;
}

/* openAmount is a size in the base coin. */
bool
ln_sim_get_liq_price(struct ln_sim_call *call)
{
    int64_t price_ticks = 0, lots = 0;
    if (!read_open_price(call, &price_ticks) ||
        !ln_sim_read_size(call->in, ln_sim_param(call->params, "openAmount"),
                          &lots, &call->fault))
        return false;
    ln_jw_obj(&call->w);
    ln_sim_ke8(&call->w, "liqPrice",
               ln_ex_would_liquidate_e8(call->sim->ex, call->account,
                                        call->inst, side_of(call), price_ticks,
                                        lots, leverage_of(call)));
    ln_jw_obj_end(&call->w);
    return true;
}
