/*
 * Which handler serves which row of the endpoint table. Every row is
 * served.
 */
#include "sim/routes.h"

static const struct {
    const char *name; /* of the endpoint's row */
    ln_sim_handler handler;
} routes[] = {
    {"get_vip_fee_rate", ln_sim_get_vip_fee_rate},
    {"get_union_interest_rate_history", ln_sim_get_union_interest_rate_history},
    {"get_exchange_rate", ln_sim_get_exchange_rate},
    {"get_discount_rate", ln_sim_get_discount_rate},
    {"get_merge_depth", ln_sim_get_merge_depth},
    {"get_ticker", ln_sim_get_ticker},
    {"get_tickers", ln_sim_get_tickers},
    {"get_recent_fills", ln_sim_get_recent_fills},
    {"get_fills_history", ln_sim_get_fills_history},
    {"get_candles", ln_sim_get_candles},
    {"get_history_candles", ln_sim_get_history_candles},
    {"get_history_index_candles", ln_sim_get_history_index_candles},
    {"get_history_mark_candles", ln_sim_get_history_mark_candles},
    {"get_open_interest", ln_sim_get_open_interest},
    {"get_funding_time", ln_sim_get_funding_time},
    {"get_symbol_price", ln_sim_get_symbol_price},
    {"get_history_fund_rate", ln_sim_get_history_fund_rate},
    {"get_current_fund_rate", ln_sim_get_current_fund_rate},
    {"get_oi_limit", ln_sim_get_oi_limit},
    {"get_contracts", ln_sim_get_contracts},
    {"get_taker_buy_sell", ln_sim_get_taker_buy_sell},
    {"get_long_short", ln_sim_get_long_short},
    {"get_account_long_short", ln_sim_get_account_long_short},
    {"get_position_long_short", ln_sim_get_position_long_short},
    {"get_isolated_borrow_rate", ln_sim_get_isolated_borrow_rate},
    {"get_account", ln_sim_get_account},
    {"get_accounts", ln_sim_get_accounts},
    {"get_sub_account_assets", ln_sim_get_sub_account_assets},
    {"get_interest_history", ln_sim_get_interest_history},
    {"get_open_count", ln_sim_get_open_count},
    {"get_max_open", ln_sim_get_max_open},
    {"get_liq_price", ln_sim_get_liq_price},
    {"set_leverage", ln_sim_set_leverage},
    {"set_all_leverage", ln_sim_set_all_leverage},
    {"set_margin", ln_sim_set_margin},
    {"set_auto_margin", ln_sim_set_auto_margin},
    {"set_margin_mode", ln_sim_set_margin_mode},
    {"set_position_mode", ln_sim_set_position_mode},
    {"set_asset_mode", ln_sim_set_asset_mode},
    {"get_bill", ln_sim_get_bill},
    {"union_convert", ln_sim_union_convert},
    {"get_transfer_limits", ln_sim_get_transfer_limits},
    {"get_union_config", ln_sim_get_union_config},
    {"get_switch_union_usdt", ln_sim_get_switch_union_usdt},
    {"get_isolated_symbols", ln_sim_get_isolated_symbols},
    {"get_position_tier", ln_sim_get_position_tier},
    {"get_single_position", ln_sim_get_single_position},
    {"get_all_position", ln_sim_get_all_position},
    {"get_adl_rank", ln_sim_get_adl_rank},
    {"get_history_position", ln_sim_get_history_position},
    {"place_order", ln_sim_place_order},
    {"batch_place_order", ln_sim_batch_place_order},
    {"modify_order", ln_sim_modify_order},
    {"cancel_order", ln_sim_cancel_order},
    {"batch_cancel_orders", ln_sim_batch_cancel_orders},
    {"cancel_all_orders", ln_sim_cancel_all_orders},
    {"close_positions", ln_sim_close_positions},
    {"click_backhand", ln_sim_click_backhand},
    {"get_order_detail", ln_sim_get_order_detail},
    {"get_orders_pending", ln_sim_get_orders_pending},
    {"get_orders_history", ln_sim_get_orders_history},
    {"get_order_fills", ln_sim_get_order_fills},
    {"get_fill_history", ln_sim_get_fill_history},
    {"place_tpsl_order", ln_sim_place_tpsl_order},
    {"place_pos_tpsl", ln_sim_place_pos_tpsl},
    {"place_plan_order", ln_sim_place_plan_order},
    {"modify_tpsl_order", ln_sim_modify_tpsl_order},
    {"modify_plan_order", ln_sim_modify_plan_order},
    {"cancel_plan_order", ln_sim_cancel_plan_order},
    {"get_orders_plan_pending", ln_sim_get_orders_plan_pending},
    {"get_orders_plan_history", ln_sim_get_orders_plan_history},
    {"get_plan_sub_order", ln_sim_get_plan_sub_order},
    {"get_server_time", ln_sim_get_server_time},
    {"get_announcements", ln_sim_get_announcements},
    {"get_trade_rate", ln_sim_get_trade_rate},
    {"get_all_trade_rate", ln_sim_get_all_trade_rate},
    {"get_tax_future_record", ln_sim_get_tax_future_record},
};

ln_sim_handler
ln_sim_route(const struct ln_endpoint *ep)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        if (strcmp(routes[i].name, ep->name) == 0)
            return routes[i].handler;
    return NULL;
}
