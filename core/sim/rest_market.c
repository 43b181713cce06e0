/*
 * Public market data: contracts, tickers, depth, trades, prices, interest,
 * tiers. Candles and funding are in rest_candles.c and rest_funding.c.
 */
#include "exchange/history.h"
#include "sim/orders.h"

#include <stdlib.h>

#define TRADES_MAX        100
#define FILLS_DEFAULT     500
#define FILLS_MAX         1000
#define FILLS_DAYS        7 /* of one answer */
#define DAY_MS            86400000LL
#define DEPTH_DEFAULT     100
#define DEPTH_MAX         500
#define POSITIONS_ALLOWED 150

/* ---- contracts ---- */

static const char *
status_word(uint8_t status)
{
    static const char *const words[] = {"normal", "limit_open", "restrictedAPI",
                                        "off"};
    return status < sizeof(words) / sizeof(words[0]) ? words[status] : "off";
}

static void
contract_limits(struct ln_json_writer *w, const struct ln_instrument *in)
{
    ln_sim_ke8(w, "buyLimitPriceRatio", in->buy_band_e8);
    ln_sim_ke8(w, "sellLimitPriceRatio", in->sell_band_e8);
    ln_jw_kcstr(w, "feeRateUpRatio", "0.005");
    ln_sim_ke8(w, "makerFeeRate", in->maker_fee_e8);
    ln_sim_ke8(w, "takerFeeRate", in->taker_fee_e8);
    ln_jw_kcstr(w, "openCostUpRatio", "0.01");
    ln_jw_key(w, "supportMarginCoins");
    ln_jw_arr(w);
    ln_jw_cstr(w, LN_SIM_COIN);
    ln_jw_arr_end(w);
    ln_sim_ksize(w, "minTradeNum", in, in->min_lots);
    ln_jw_kintstr(w, "priceEndStep", in->price_step);
    ln_jw_kintstr(w, "volumePlace", in->volume_place);
    ln_jw_kintstr(w, "pricePlace", in->price_scale);
    ln_sim_ksize(w, "sizeMultiplier", in, 1);
    ln_jw_kcstr(w, "symbolType", "perpetual");
    ln_sim_ke8(w, "minTradeUSDT", in->min_notional_e8);
    ln_jw_kintstr(w, "maxSymbolOrderNum", in->max_symbol_orders);
    ln_jw_kintstr(w, "maxProductOrderNum", LN_EX_ORDERS_PER_ACCOUNT_MAX);
    ln_jw_kintstr(w, "maxPositionNum", POSITIONS_ALLOWED);
}

static void
contract(struct ln_json_writer *w, const struct ln_instrument *in)
{
    static const char *const unset[] = {"deliveryTime", "deliveryStartTime",
                                        "deliveryPeriod", "launchTime"};
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_jw_kcstr(w, "baseCoin", in->base);
    ln_jw_kcstr(w, "quoteCoin", in->quote);
    contract_limits(w, in);
    ln_jw_kcstr(w, "symbolStatus", status_word(in->status));
    ln_jw_kcstr(w, "offTime", "-1");
    ln_jw_kcstr(w, "limitOpenTime", "-1");
    for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
        ln_jw_kcstr(w, unset[i], "");
    ln_jw_kintstr(w, "fundInterval", in->funding_interval_h);
    ln_jw_kintstr(w, "minLever", in->min_leverage);
    ln_jw_kintstr(w, "maxLever", in->max_leverage);
    ln_jw_kcstr(w, "posLimit", "0.1");
    ln_jw_kcstr(w, "maintainTime", "");
    ln_sim_ksize(w, "maxMarketOrderQty", in, in->max_market_lots);
    ln_sim_ksize(w, "maxOrderQty", in, in->max_limit_lots);
    ln_jw_kcstr(w, "isRwa", "NO");
    ln_jw_kcstr(w, "openTime", "");
    ln_jw_obj_end(w);
}

/* Calls <one> for the symbol of the call, or for every instrument. */
static bool
each_symbol(struct ln_sim_call *call,
            void (*one)(struct ln_sim_call *call, uint16_t inst))
{
    size_t n = ln_sim_instruments(call->sim);
    ln_jw_arr(&call->w);
    if (call->in)
        one(call, call->inst);
    else
        for (size_t i = 0; i < n; i++)
            one(call, (uint16_t)i);
    ln_jw_arr_end(&call->w);
    return true;
}

static void
one_contract(struct ln_sim_call *call, uint16_t inst)
{
    contract(&call->w, ln_sim_instrument(call->sim, inst));
}

bool
ln_sim_get_contracts(struct ln_sim_call *call)
{
    return each_symbol(call, one_contract);
}

/* ---- tickers ---- */

static int64_t
change_e8(int64_t now_ticks, int64_t then_ticks)
{
    return then_ticks > 0 ? ln_mul_div(now_ticks - then_ticks, LN_E8,
                                       then_ticks, LN_ROUND_NEAREST)
                          : 0;
}

static void
one_ticker(struct ln_sim_call *call, uint16_t inst)
{
    struct ln_json_writer *w = &call->w;
    const struct ln_instrument *in = ln_sim_instrument(call->sim, inst);
    int64_t day_open = ln_sim_day_open(call->sim, inst);
    struct ln_ticker t;
    ln_ex_ticker(call->sim->ex, inst, &t);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_sim_kprice(w, "lastPr", in, t.last_ticks);
    ln_sim_kprice(w, "askPr", in, t.ask_ticks);
    ln_sim_kprice(w, "bidPr", in, t.bid_ticks);
    ln_sim_ksize(w, "bidSz", in, t.bid_lots);
    ln_sim_ksize(w, "askSz", in, t.ask_lots);
    ln_sim_kprice(w, "high24h", in, t.high_24h_ticks);
    ln_sim_kprice(w, "low24h", in, t.low_24h_ticks);
    ln_jw_kintstr(w, "ts", t.time_ms);
    ln_sim_ke8(w, "change24h", t.change_24h_e8);
    ln_sim_ksize(w, "baseVolume", in, t.volume_24h_lots);
    ln_sim_ke8(w, "quoteVolume", t.quote_volume_24h_e8);
    ln_sim_ke8(w, "usdtVolume", t.quote_volume_24h_e8);
    ln_sim_kprice(w, "openUtc", in, day_open);
    ln_sim_ke8(w, "changeUtc24h", change_e8(t.last_ticks, day_open));
    ln_sim_ke8(w, "indexPrice", t.index_e8);
    ln_sim_ke8(w, "fundingRate", t.funding_rate_e8);
    ln_sim_ksize(w, "holdingAmount", in, t.open_interest_lots);
    ln_jw_kcstr(w, "deliveryStartTime", NULL);
    ln_jw_kcstr(w, "deliveryTime", NULL);
    ln_jw_kcstr(w, "deliveryStatus", "");
    ln_sim_kprice(w, "open24h", in, t.open_24h_ticks);
    ln_sim_ke8(w, "markPrice", t.mark_e8);
    ln_jw_obj_end(w);
}

bool
ln_sim_get_ticker(struct ln_sim_call *call)
{
    return each_symbol(call, one_ticker);
}

bool
ln_sim_get_tickers(struct ln_sim_call *call)
{
    return each_symbol(call, one_ticker);
}

static void
one_price(struct ln_sim_call *call, uint16_t inst)
{
    struct ln_json_writer *w = &call->w;
    struct ln_ticker t;
    ln_ex_ticker(call->sim->ex, inst, &t);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", call->in->symbol);
    ln_sim_kprice(w, "price", call->in, t.last_ticks);
    ln_sim_ke8(w, "indexPrice", t.index_e8);
    ln_sim_ke8(w, "markPrice", t.mark_e8);
    ln_jw_kintstr(w, "ts", t.time_ms);
    ln_jw_obj_end(w);
}

bool
ln_sim_get_symbol_price(struct ln_sim_call *call)
{
    return each_symbol(call, one_price);
}

bool
ln_sim_get_open_interest(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    struct ln_ticker t;
    ln_ex_ticker(call->sim->ex, call->inst, &t);
    ln_jw_obj(w);
    ln_jw_key(w, "openInterestList");
    ln_jw_arr(w);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", call->in->symbol);
    ln_sim_ksize(w, "size", call->in, t.open_interest_lots);
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
    ln_jw_kintstr(w, "ts", t.time_ms);
    ln_jw_obj_end(w);
    return true;
}

/* ---- depth ---- */

/*
 * Levels of one side, merged into groups of <group> ticks away from the
 * spread (bids down, asks up), so that a group never looks better than it is.
 */
static size_t
merge_levels(struct ln_level *levels, size_t n, enum ln_side side,
             int64_t group)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t price = levels[i].price_ticks;
        price -= price % group;
        if (side == LN_SELL && price < levels[i].price_ticks)
            price += group;
        if (out > 0 && levels[out - 1].price_ticks == price)
            levels[out - 1].size_lots += levels[i].size_lots;
        else
            levels[out++] = (struct ln_level){price, levels[i].size_lots};
    }
    return out;
}

static void
write_levels(struct ln_sim_call *call, enum ln_side side, int64_t group,
             size_t limit)
{
    struct ln_level levels[DEPTH_MAX];
    size_t n = ln_ex_depth(call->sim->ex, call->inst, side, levels, DEPTH_MAX);
    n = merge_levels(levels, n, side, group);
    ln_jw_key(&call->w, side == LN_BUY ? "bids" : "asks");
    ln_jw_arr(&call->w);
    for (size_t i = 0; i < n && i < limit; i++) {
        ln_jw_arr(&call->w);
        ln_sim_price(&call->w, call->in, levels[i].price_ticks, false);
        ln_sim_size(&call->w, call->in, levels[i].size_lots, false);
        ln_jw_arr_end(&call->w);
    }
    ln_jw_arr_end(&call->w);
}

bool
ln_sim_get_merge_depth(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    struct ln_str precision = ln_sim_param(call->params, "precision");
    int scale = precision.len > 0 ? precision.ptr[precision.len - 1] - '0' : 0;
    int64_t group = ln_pow10(scale);
    char name[] = "scale0";
    size_t limit = DEPTH_MAX;
    if (!ln_str_eqi(ln_sim_param(call->params, "limit"), "max") &&
        !ln_sim_limit(call, DEPTH_DEFAULT, DEPTH_MAX, &limit))
        return false;
    name[5] = (char)('0' + scale);
    ln_jw_obj(w);
    write_levels(call, LN_SELL, group, limit);
    write_levels(call, LN_BUY, group, limit);
    ln_jw_kintstr(w, "ts", ln_ex_now(call->sim->ex));
    ln_sim_kprice(w, "scale", call->in, group);
    ln_jw_kcstr(w, "precision", name);
    ln_jw_kcstr(w, "isMaxPrecision", scale == 3 ? "YES" : "NO");
    ln_jw_obj_end(w);
    return true;
}

/* ---- trades ---- */

static void
write_trades(struct ln_sim_call *call, const struct ln_trade *trades, size_t n)
{
    ln_jw_arr(&call->w);
    for (size_t i = 0; i < n; i++) {
        ln_jw_obj(&call->w);
        ln_sim_trade_members(&call->w, call->in, &trades[i]);
        ln_jw_kcstr(&call->w, "symbol", call->in->symbol);
        ln_jw_obj_end(&call->w);
    }
    ln_jw_arr_end(&call->w);
}

bool
ln_sim_get_recent_fills(struct ln_sim_call *call)
{
    struct ln_trade trades[TRADES_MAX];
    size_t limit;
    if (!ln_sim_limit(call, TRADES_MAX, TRADES_MAX, &limit))
        return false;
    write_trades(
        call, trades,
        ln_ex_trades_before(call->sim->ex, call->inst, 0, 0, 0, trades, limit));
    return true;
}

/* A window of seven days, before endTime unless startTime alone is given. */
static void
fills_window(struct ln_sim_call *call, int64_t *start_ms, int64_t *end_ms)
{
    if (*start_ms == 0 && *end_ms == 0)
        *start_ms = ln_ex_now(call->sim->ex) - FILLS_DAYS * DAY_MS;
    else if (*start_ms == 0)
        *start_ms = *end_ms - FILLS_DAYS * DAY_MS;
    else if (*end_ms == 0)
        *end_ms = *start_ms + FILLS_DAYS * DAY_MS;
    if (*start_ms < 0)
        *start_ms = 0;
}

bool
ln_sim_get_fills_history(struct ln_sim_call *call)
{
    int64_t before, start_ms, end_ms;
    size_t limit;
    if (!ln_sim_limit(call, FILLS_DEFAULT, FILLS_MAX, &limit) ||
        !ln_sim_read_id(call->params, "idLessThan", &before, &call->fault) ||
        !ln_sim_span_days(call, FILLS_DAYS, &start_ms, &end_ms) ||
        !ln_sim_not_too_old(call, start_ms) ||
        !ln_sim_not_too_old(call, end_ms))
        return false;
    /* A cursor alone goes back as far as there is anything. */
    if (before == 0 || start_ms != 0 || end_ms != 0)
        fills_window(call, &start_ms, &end_ms);
    struct ln_trade *trades = calloc(limit, sizeof(*trades));
    if (!trades)
        return ln_sim_fail(&call->fault, "40015", "no memory");
    write_trades(call, trades,
                 ln_ex_trades_before(call->sim->ex, call->inst, before,
                                     start_ms, end_ms, trades, limit));
    free(trades);
    return true;
}

/* ---- tiers and limits ---- */

bool
ln_sim_get_position_tier(struct ln_sim_call *call)
{
    const struct ln_ex_spec *spec = ln_ex_spec(call->sim->ex, call->inst);
    struct ln_json_writer *w = &call->w;
    ln_jw_arr(w);
    for (int i = 0; i < spec->ntiers; i++) {
        ln_jw_obj(w);
        ln_jw_kcstr(w, "symbol", call->in->symbol);
        ln_jw_kintstr(w, "level", i + 1);
        ln_sim_ke8(w, "startUnit", i > 0 ? spec->tiers[i - 1].end_e8 : 0);
        ln_sim_ke8(w, "endUnit", spec->tiers[i].end_e8);
        ln_jw_kintstr(w, "leverage", spec->tiers[i].leverage);
        ln_sim_ke8(w, "keepMarginRate", spec->tiers[i].keep_rate_e8);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return true;
}

static void
one_limit(struct ln_sim_call *call, uint16_t inst)
{
    const struct ln_ex_spec *spec = ln_ex_spec(call->sim->ex, inst);
    int64_t most_e8 = spec->tiers[spec->ntiers - 1].end_e8;
    ln_jw_obj(&call->w);
    ln_jw_kcstr(&call->w, "symbol", spec->instrument.symbol);
    ln_sim_ke8(&call->w, "notionalValue", most_e8);
    ln_sim_ke8(&call->w, "totalNotionalValue", most_e8);
    ln_jw_obj_end(&call->w);
}

/* The last tier is the limit; sub accounts do not raise it. */
bool
ln_sim_get_oi_limit(struct ln_sim_call *call)
{
    return each_symbol(call, one_limit);
}
