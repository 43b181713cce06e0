/*
 * Multi-asset ("union") mode, as far as it goes where USDT is the only coin:
 * it can be switched on and off, is worth its face value, and nobody borrows.
 */
#include "sim/routes.h"
#include "sim/wire.h"

#define HOUR_MS    3600000LL
#define DAY_MS     86400000LL
#define RATES_DAYS 30
#define UNLIMITED  "-1"

/* A coin of this exchange: USDT, or what a symbol is of. */
static bool
check_coin(struct ln_sim_call *call, bool *usdt)
{
    struct ln_str coin = ln_sim_param(call->params, "coin");
    uint16_t n = ln_sim_instruments(call->sim);
    *usdt = ln_str_eqi(coin, LN_SIM_COIN);
    bool known = *usdt || coin.len == 0;
    for (uint16_t i = 0; !known && i < n; i++)
        known = ln_str_eqi(coin, ln_sim_instrument(call->sim, i)->base);
    return known ||
           ln_sim_fail(&call->fault, "40034", "Parameter coin does not exist");
}

/* The coin in capitals, as answers have it. */
static void
write_coin(struct ln_sim_call *call)
{
    struct ln_str coin = ln_sim_param(call->params, "coin");
    char text[16] = "";
    ln_str_copy(text, sizeof(text), coin);
    for (char *at = text; *at; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    ln_jw_kcstr(&call->w, "coin", text);
}

/* ---- public ---- */

bool
ln_sim_get_union_interest_rate_history(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    int64_t day_ms = ln_ex_now(call->sim->ex) / DAY_MS * DAY_MS;
    bool usdt;
    if (!check_coin(call, &usdt))
        return false;
    ln_jw_obj(w);
    write_coin(call);
    ln_jw_key(w, "historyInterestRateList");
    ln_jw_arr(w);
    for (int i = 0; i < RATES_DAYS; i++) {
        ln_jw_obj(w);
        ln_jw_kintstr(w, "ts", day_ms - i * DAY_MS);
        ln_jw_kcstr(w, "annualInterestRate", "0");
        ln_jw_kcstr(w, "dailyInterestRate", "0");
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    ln_jw_obj_end(w);
    return true;
}

/* One tier for every amount, at the rate 1. */
static void
one_tier(struct ln_json_writer *w, const char *list, const char *rate)
{
    ln_jw_key(w, list);
    ln_jw_arr(w);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "tier", "1");
    ln_jw_kcstr(w, "minAmount", "0");
    ln_jw_kcstr(w, "maxAmount", UNLIMITED);
    ln_jw_kcstr(w, rate, "1");
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
}

bool
ln_sim_get_exchange_rate(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    ln_jw_arr(w);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "coin", LN_SIM_COIN);
    one_tier(w, "exchangeRateList", "exchangeRate");
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
    return true;
}

bool
ln_sim_get_discount_rate(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    ln_jw_arr(w);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "coin", LN_SIM_COIN);
    ln_jw_kcstr(w, "userLimit", UNLIMITED);
    ln_jw_kcstr(w, "totalLimit", UNLIMITED);
    one_tier(w, "discountRateList", "discountRate");
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
    return true;
}

/* ---- of an account ---- */

bool
ln_sim_get_interest_history(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    int64_t now_ms = ln_ex_now(call->sim->ex), start_ms, end_ms;
    size_t limit;
    bool usdt;
    if (!ln_sim_limit(call, 20, 100, &limit) ||
        !ln_sim_span(call, &start_ms, &end_ms) || !check_coin(call, &usdt))
        return false;
    ln_jw_obj(w);
    ln_jw_kintstr(w, "nextSettleTime", (now_ms / HOUR_MS + 1) * HOUR_MS);
    ln_jw_kcstr(w, "borrowAmount", "0");
    ln_jw_kcstr(w, "borrowLimit", "0");
    ln_jw_kcstr(w, "interestList", NULL);
    ln_jw_kcstr(w, "endId", NULL);
    ln_jw_obj_end(w);
    return true;
}

/* Has the account a position or an order in this symbol? */
static bool
is_busy(const struct ln_sim_call *call, uint16_t inst)
{
    const struct ln_ex_order *order;
    size_t n;
    const struct ln_ex_position *p =
        ln_sim_positions(call->sim, call->account, &n);
    for (size_t i = 0; i < n; i++)
        if (p[i].instrument == inst)
            return true;
    return ln_ex_orders(call->sim->ex, call->account, true, inst, 0, &order,
                        1) > 0;
}

/* Multi-asset mode is for crossed margin: isolated symbols become crossed. */
static bool
cross_all(struct ln_sim_call *call)
{
    struct ln_ex *ex = call->sim->ex;
    uint16_t n = ln_sim_instruments(call->sim);
    for (uint16_t i = 0; i < n; i++)
        if (ln_ex_margin_mode(ex, call->account, i) == LN_ISOLATED &&
            is_busy(call, i))
            return ln_sim_fail(&call->fault, "40812",
                               "There are isolated positions or orders, the "
                               "asset mode cannot be switched");
    for (uint16_t i = 0; i < n; i++)
        if (ln_ex_margin_mode(ex, call->account, i) == LN_ISOLATED)
            (void)ln_ex_set_margin_mode(ex, call->account, i, LN_CROSSED);
    return true;
}

bool
ln_sim_set_asset_mode(struct ln_sim_call *call)
{
    bool many = ln_str_eqi(ln_sim_param(call->params, "assetMode"), "union");
    if (many && !cross_all(call))
        return false;
    call->sim->users[call->user->index].multi_assets = many;
    ln_jw_cstr(&call->w, "success");
    return true;
}

/* There is nothing but USDT to convert from, and it is USDT already. */
bool
ln_sim_union_convert(struct ln_sim_call *call)
{
    int64_t amount_e8;
    bool usdt;
    if (!check_coin(call, &usdt) ||
        !ln_sim_decimal(call, "amount", true, &amount_e8))
        return false;
    if (amount_e8 <= 0)
        return ln_sim_fail(&call->fault, "40020", "Parameter amount error");
    if (usdt)
        return ln_sim_fail(&call->fault, "40020", "Parameter coin error");
    if (!call->user->multi_assets)
        return ln_sim_fail(&call->fault, "40812",
                           "The account is not in multi-asset mode");
    return ln_sim_fail(&call->fault, "40754", "balance not enough");
}

/* There is no other account to move coins from. */
bool
ln_sim_get_transfer_limits(struct ln_sim_call *call)
{
    bool usdt;
    if (!check_coin(call, &usdt))
        return false;
    ln_jw_obj(&call->w);
    write_coin(call);
    ln_jw_kcstr(&call->w, "maxTransferIn", "0");
    ln_jw_obj_end(&call->w);
    return true;
}

bool
ln_sim_get_union_config(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    ln_jw_obj(w);
    ln_jw_kcstr(w, "imr", "0.1");
    ln_jw_kcstr(w, "mmr", "0.05");
    ln_jw_kcstr(w, "individualLimit", "0");
    ln_jw_kcstr(w, "individualLimitRatio", "0");
    ln_jw_obj_end(w);
    return true;
}

bool
ln_sim_get_switch_union_usdt(struct ln_sim_call *call)
{
    ln_jw_obj(&call->w);
    ln_jw_kcstr(&call->w, "usdtAmount", "0");
    ln_jw_obj_end(&call->w);
    return true;
}
