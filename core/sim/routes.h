/*
 * The handlers of all endpoints that are served; each writes the value of
 * "data", or fills in the fault and returns false.
 */
#ifndef LN_SIM_ROUTES_H
#define LN_SIM_ROUTES_H

#include "sim/sim_int.h"

bool ln_sim_get_vip_fee_rate(struct ln_sim_call *call);
bool ln_sim_get_union_interest_rate_history(struct ln_sim_call *call);
bool ln_sim_get_exchange_rate(struct ln_sim_call *call);
bool ln_sim_get_discount_rate(struct ln_sim_call *call);
bool ln_sim_get_merge_depth(struct ln_sim_call *call);
bool ln_sim_get_ticker(struct ln_sim_call *call);
bool ln_sim_get_tickers(struct ln_sim_call *call);
bool ln_sim_get_recent_fills(struct ln_sim_call *call);
bool ln_sim_get_fills_history(struct ln_sim_call *call);
bool ln_sim_get_candles(struct ln_sim_call *call);
bool ln_sim_get_history_candles(struct ln_sim_call *call);
bool ln_sim_get_history_index_candles(struct ln_sim_call *call);
bool ln_sim_get_history_mark_candles(struct ln_sim_call *call);
bool ln_sim_get_open_interest(struct ln_sim_call *call);
bool ln_sim_get_funding_time(struct ln_sim_call *call);
bool ln_sim_get_symbol_price(struct ln_sim_call *call);
bool ln_sim_get_history_fund_rate(struct ln_sim_call *call);
bool ln_sim_get_current_fund_rate(struct ln_sim_call *call);
bool ln_sim_get_oi_limit(struct ln_sim_call *call);
bool ln_sim_get_contracts(struct ln_sim_call *call);
bool ln_sim_get_taker_buy_sell(struct ln_sim_call *call);
bool ln_sim_get_long_short(struct ln_sim_call *call);
bool ln_sim_get_account_long_short(struct ln_sim_call *call);
bool ln_sim_get_position_long_short(struct ln_sim_call *call);
bool ln_sim_get_isolated_borrow_rate(struct ln_sim_call *call);
bool ln_sim_get_account(struct ln_sim_call *call);
bool ln_sim_get_accounts(struct ln_sim_call *call);
bool ln_sim_get_sub_account_assets(struct ln_sim_call *call);
bool ln_sim_get_interest_history(struct ln_sim_call *call);
bool ln_sim_get_open_count(struct ln_sim_call *call);
bool ln_sim_get_max_open(struct ln_sim_call *call);
bool ln_sim_get_liq_price(struct ln_sim_call *call);
bool ln_sim_set_leverage(struct ln_sim_call *call);
bool ln_sim_set_all_leverage(struct ln_sim_call *call);
bool ln_sim_set_margin(struct ln_sim_call *call);
bool ln_sim_set_auto_margin(struct ln_sim_call *call);
bool ln_sim_set_margin_mode(struct ln_sim_call *call);
bool ln_sim_set_position_mode(struct ln_sim_call *call);
bool ln_sim_set_asset_mode(struct ln_sim_call *call);
bool ln_sim_get_bill(struct ln_sim_call *call);
bool ln_sim_union_convert(struct ln_sim_call *call);
bool ln_sim_get_transfer_limits(struct ln_sim_call *call);
bool ln_sim_get_union_config(struct ln_sim_call *call);
bool ln_sim_get_switch_union_usdt(struct ln_sim_call *call);
bool ln_sim_get_isolated_symbols(struct ln_sim_call *call);
bool ln_sim_get_position_tier(struct ln_sim_call *call);
bool ln_sim_get_single_position(struct ln_sim_call *call);
bool ln_sim_get_all_position(struct ln_sim_call *call);
bool ln_sim_get_adl_rank(struct ln_sim_call *call);
bool ln_sim_get_history_position(struct ln_sim_call *call);
bool ln_sim_place_order(struct ln_sim_call *call);
bool ln_sim_batch_place_order(struct ln_sim_call *call);
bool ln_sim_modify_order(struct ln_sim_call *call);
bool ln_sim_cancel_order(struct ln_sim_call *call);
bool ln_sim_batch_cancel_orders(struct ln_sim_call *call);
bool ln_sim_cancel_all_orders(struct ln_sim_call *call);
bool ln_sim_close_positions(struct ln_sim_call *call);
bool ln_sim_click_backhand(struct ln_sim_call *call);
bool ln_sim_get_order_detail(struct ln_sim_call *call);
bool ln_sim_get_orders_pending(struct ln_sim_call *call);
bool ln_sim_get_orders_history(struct ln_sim_call *call);
bool ln_sim_get_order_fills(struct ln_sim_call *call);
bool ln_sim_get_fill_history(struct ln_sim_call *call);
bool ln_sim_place_tpsl_order(struct ln_sim_call *call);
bool ln_sim_place_pos_tpsl(struct ln_sim_call *call);
bool ln_sim_place_plan_order(struct ln_sim_call *call);
bool ln_sim_modify_tpsl_order(struct ln_sim_call *call);
bool ln_sim_modify_plan_order(struct ln_sim_call *call);
bool ln_sim_cancel_plan_order(struct ln_sim_call *call);
bool ln_sim_get_orders_plan_pending(struct ln_sim_call *call);
bool ln_sim_get_orders_plan_history(struct ln_sim_call *call);
bool ln_sim_get_plan_sub_order(struct ln_sim_call *call);
bool ln_sim_get_server_time(struct ln_sim_call *call);
bool ln_sim_get_announcements(struct ln_sim_call *call);
bool ln_sim_get_trade_rate(struct ln_sim_call *call);
bool ln_sim_get_all_trade_rate(struct ln_sim_call *call);
bool ln_sim_get_tax_future_record(struct ln_sim_call *call);

#endif
