-- What a strategy finds in its globals, and the callbacks it may define.
std = "lua54"
max_line_length = 140
read_globals = {
  "strategy", "params", "trade", "position", "orders", "account", "market", "api", "timer", "log", "plot",
  "metric", "alert", "sizing",
}
globals = {
  "state", "on_start", "on_candle", "on_ticker", "on_trade", "on_book", "on_order", "on_fill", "on_position",
  "on_account", "on_funding", "on_timer", "on_connection", "on_stop", "on_save", "on_reload",
}
