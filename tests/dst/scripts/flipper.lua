-- Turns its position over from one side to the other, at market, while the
-- other strategy trades the same symbol.
strategy { symbols = { "BTCUSDT" } }

local want = 1

function on_timer()
  local held = position("BTCUSDT").size
  local goal = want * 0.004
  local miss = goal - held
  if miss > 0.0005 then
    trade.buy { symbol = "BTCUSDT", size = miss }
  elseif miss < -0.0005 then
    trade.sell { symbol = "BTCUSDT", size = -miss }
  else
    want = -want
  end
end

function on_start()
  timer.every(7, "turn")
end
