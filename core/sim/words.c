/*
 * What an order does and where it came from, in Bitget's words. See wire.h.
 */
#include "sim/wire.h"

/* ---- what it does ---- */

/*
 * In hedge mode "side" names the position, not the direction of execution:
 * closing a long is buy + close.
 */
const char *
ln_sim_side_of(struct ln_sim_doing d)
{
    if (d.pos_mode == LN_HEDGE)
        return d.pos_side == LN_SHORT ? "sell" : "buy";
    return d.side == LN_SELL ? "sell" : "buy";
}

const char *
ln_sim_trade_side_of(struct ln_sim_doing d)
{
    if (d.pos_mode == LN_HEDGE)
        return d.closes ? "close" : "open";
    return d.side == LN_SELL ? "sell_single" : "buy_single";
}

const char *
ln_sim_pos_side_of(struct ln_sim_doing d)
{
    if (d.pos_mode != LN_HEDGE)
        return "net";
    return d.pos_side == LN_SHORT ? "short" : "long";
}

/* The engine says it, or marks its own orders by their reason. */
static enum ln_ex_source
source_of(const struct ln_ex_order *o)
{
    if (o->source == LN_EXS_USER && o->state != LN_ORDER_CANCELLED &&
        strcmp(o->reason, "liquidation") == 0)
        return LN_EXS_BURST;
    return (enum ln_ex_source)o->source;
}

static struct ln_sim_doing
doing(const struct ln_ex_order *o)
{
    return (struct ln_sim_doing){o->pos_mode, o->req.side, o->req.pos_side,
                                 o->req.reduce_only};
}

const char *
ln_sim_word_side(const struct ln_ex_order *o)
{
    return ln_sim_side_of(doing(o));
}

const char *
ln_sim_word_pos_side(const struct ln_ex_order *o)
{
    return ln_sim_pos_side_of(doing(o));
}

const char *
ln_sim_word_trade_side(const struct ln_ex_order *o)
{
    /* Closing a long, a short; one-way: buying, selling. */
    static const char *const words[][4] = {
        [LN_EXS_REDUCE] = {"reduce_close_long", "reduce_close_short",
                           "reduce_buy_single", "reduce_sell_single"},
        [LN_EXS_BURST] = {"burst_close_long", "burst_close_short",
                          "burst_buy_single", "burst_sell_single"},
        [LN_EXS_OFFSET] = {"offset_close_long", "offset_close_short",
                           "offset_close_short", "offset_close_long"},
        [LN_EXS_ADL] = {"dte_sys_adl_close_long", "dte_sys_adl_close_short",
                        "dte_sys_adl_buy_in_single_side_mode",
                        "dte_sys_adl_sell_in_single_side_mode"},
    };
    size_t source = (size_t)source_of(o);
    if (source < LN_EXS_REDUCE || source >= sizeof(words) / sizeof(words[0]))
        return ln_sim_trade_side_of(doing(o));
    if (o->pos_mode == LN_HEDGE)
        return words[source][o->req.pos_side == LN_SHORT];
    return words[source][2 + (o->req.side == LN_SELL)];
}

const char *
ln_sim_word_pos_mode(uint8_t pos_mode)
{
    return pos_mode == LN_HEDGE ? "hedge_mode" : "one_way_mode";
}

const char *
ln_sim_word_margin_mode(uint8_t margin_mode)
{
    return margin_mode == LN_ISOLATED ? "isolated" : "crossed";
}

const char *
ln_sim_word_stp(uint8_t stp)
{
    static const char *const words[] = {"none", "cancel_taker", "cancel_maker",
                                        "cancel_both"};
    return stp < sizeof(words) / sizeof(words[0]) ? words[stp] : "none";
}

/* ---- what became of it ---- */

const char *
ln_sim_word_status(const struct ln_ex_order *o)
{
    switch (o->state) {
    case LN_ORDER_PARTIAL:
        return "partially_filled";
    case LN_ORDER_FILLED:
        return "filled";
    case LN_ORDER_CANCELLED:
    case LN_ORDER_EXPIRED:
    case LN_ORDER_REJECTED:
        return "canceled";
    default:
        return "live";
    }
}

/* The engine's reasons are finer than the wire's two. */
const char *
ln_sim_word_cancel_reason(const struct ln_ex_order *o)
{
    if (o->state != LN_ORDER_CANCELLED)
        return "";
    return strcmp(o->reason, "stp_cancel") == 0 ? "stp_cancel"
                                                : "normal_cancel";
}

/* ---- where it came from ---- */

const char *
ln_sim_word_source(const struct ln_ex_order *o)
{
    return source_of(o) >= LN_EXS_REDUCE ? "SYS" : "API";
}

const char *
ln_sim_word_source_of(enum ln_ex_source source, bool limit)
{
    static const char *const words[][2] = {
        [LN_EXS_USER] = {"market", "normal"},
        [LN_EXS_PLAN] = {"plan_market", "plan_limit"},
        [LN_EXS_TRACK] = {"tracking_market", "tracking_limit"},
        [LN_EXS_PROFIT] = {"profit_market", "profit_limit"},
        [LN_EXS_LOSS] = {"loss_market", "loss_limit"},
        [LN_EXS_POS_PROFIT] = {"pos_profit_market", "pos_profit_limit"},
        [LN_EXS_POS_LOSS] = {"pos_loss_market", "pos_loss_limit"},
        [LN_EXS_MOVE] = {"move_market", "move_limit"},
        [LN_EXS_REDUCE] = {"reduce_offset", "reduce_offset"},
        [LN_EXS_BURST] = {"liquidation", "liquidation"},
        [LN_EXS_OFFSET] = {"reduce_offset", "reduce_offset"},
        [LN_EXS_ADL] = {"market_risk", "market_risk"},
    };
    size_t i = (size_t)source;
    return words[i < sizeof(words) / sizeof(words[0]) ? i : 0][limit];
}

const char *
ln_sim_word_order_source(const struct ln_ex_order *o)
{
    return ln_sim_word_source_of(source_of(o), o->req.type == LN_LIMIT);
}
