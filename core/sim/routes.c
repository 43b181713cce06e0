/*
 * Which handler serves which row of the endpoint table. Rows that are not
 * here are known but not served.
 */
#include "sim/routes.h"

static const struct {
    const char *name; /* of the endpoint's row */
    ln_sim_handler handler;
} routes[] = {
    {"get_server_time", ln_sim_get_server_time},
    {"get_contracts", ln_sim_get_contracts},
    {"get_ticker", ln_sim_get_ticker},
    {"get_tickers", ln_sim_get_tickers},
    {"get_merge_depth", ln_sim_get_merge_depth},
    {"get_recent_fills", ln_sim_get_recent_fills},
    {"get_candles", ln_sim_get_candles},
    {"get_history_candles", ln_sim_get_history_candles},
    {"get_open_interest", ln_sim_get_open_interest},
    {"get_current_fund_rate", ln_sim_get_current_fund_rate},
    {"get_funding_time", ln_sim_get_funding_time},
    {"get_symbol_price", ln_sim_get_symbol_price},
    {"get_position_tier", ln_sim_get_position_tier},
    {"get_history_fund_rate", ln_sim_get_history_fund_rate},
    {"get_vip_fee_rate", ln_sim_get_vip_fee_rate},
    {"get_trade_rate", ln_sim_get_trade_rate},
    {"get_account", ln_sim_get_account},
    {"get_accounts", ln_sim_get_accounts},
    {"set_leverage", ln_sim_set_leverage},
    {"set_margin_mode", ln_sim_set_margin_mode},
    {"set_position_mode", ln_sim_set_position_mode},
    {"get_single_position", ln_sim_get_single_position},
    {"get_all_position", ln_sim_get_all_position},
    {"place_order", ln_sim_place_order},
    {"batch_place_order", ln_sim_batch_place_order},
    {"modify_order", ln_sim_modify_order},
    {"cancel_order", ln_sim_cancel_order},
    {"batch_cancel_orders", ln_sim_batch_cancel_orders},
    {"cancel_all_orders", ln_sim_cancel_all_orders},
    {"close_positions", ln_sim_close_positions},
    {"get_order_detail", ln_sim_get_order_detail},
    {"get_orders_pending", ln_sim_get_orders_pending},
    {"get_orders_history", ln_sim_get_orders_history},
    {"get_order_fills", ln_sim_get_order_fills},
    {"get_fill_history", ln_sim_get_fill_history},
};

ln_sim_handler
ln_sim_route(const struct ln_endpoint *ep)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        if (strcmp(routes[i].name, ep->name) == 0)
            return routes[i].handler;
    return NULL;
}
