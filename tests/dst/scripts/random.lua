-- Does what nobody in their right mind would: opens, amends and cancels at
-- random, near the price and far from it, and closes now and then.
strategy { symbols = { "BTCUSDT", "ETHUSDT" } }

local SIZES = { BTCUSDT = 0.002, ETHUSDT = 0.03 }
local live = {}

local function forget_finals()
  local kept = {}
  for _, o in ipairs(live) do
    if o.state == "live" or o.state == "partial" or o.state == "sent" or o.state == "unknown" then
      kept[#kept + 1] = o
    end
  end
  live = kept
end

local function place(symbol, t)
  local buy = math.random(2) == 1
  local open = buy and trade.buy or trade.sell
  local away = (math.random() - 0.35) * 0.002
  local price = buy and t.bid * (1 - away) or t.ask * (1 + away)
  local kind = math.random(6)
  local want = { symbol = symbol, size = SIZES[symbol] * math.random(1, 4), price = price }
  if kind == 1 then want.price = nil end
  if kind == 2 then want.post_only = true end
  if kind == 3 then want.ioc = true end
  local order = open(want)
  if order then live[#live + 1] = order end
end

local function act(symbol)
  local t = market.ticker(symbol)
  if not t or t.bid <= 0 or t.ask <= 0 then return end
  forget_finals()
  local what = math.random(10)
  local order = #live > 0 and live[math.random(#live)] or nil
  if what <= 4 or not order then
    if #live < 12 then place(symbol, t) end
  elseif what <= 6 then
    order:cancel()
  elseif what <= 8 and order.price and order.price > 0 then
    order:amend { price = order.price * (1 + (math.random() - 0.5) * 0.001) }
  elseif what == 9 then
    trade.close(symbol)
  elseif math.random(20) == 1 then
    trade.cancel_all()
  end
end

function on_timer()
  act(math.random(2) == 1 and "BTCUSDT" or "ETHUSDT")
end

function on_start()
  timer.every(2, "act")
end
