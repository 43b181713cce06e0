-- Quotes both sides of the book around the middle, post-only, and leans
-- against what it holds: the longer it is, the lower both quotes stand. A
-- quote that has drifted from where it should be is amended; a side that
-- would take the position beyond its cap is not quoted.
strategy {
  symbols = { "BTCUSDT" },
  params = {
    half_spread_bps = { 3, min = 0.1, max = 200, help = "quotes stand so far from the middle" },
    size_quote = { 200, min = 5, help = "worth of one quote in USDT" },
    max_quote = { 1000, min = 5, help = "cap of the position in USDT" },
    skew_bps = { 3, min = 0, max = 200, help = "shift of both quotes at the cap" },
    drift_bps = { 0.5, min = 0.01, max = 100, help = "drift that moves a quote" },
    interval = { 0.5, min = 0, max = 60, help = "seconds between looks" },
  },
}

local BPS = 1e-4
local SETTLE = 1 -- an amend or cancel on its way is given this many seconds

local quotes = {} -- by symbol: { buy, sell, looked }

local FINAL = { filled = true, cancelled = true, rejected = true, expired = true }

local function is_open(order)
  return order ~= nil and not FINAL[order.state]
end

-- Have one quote at `price`, or none if price is nil.
local function quote(q, symbol, side, price, mid, now)
  local slot = q[side]
  local order = slot and slot.order
  if not is_open(order) then
    q[side] = nil
    if not price then return end
    local open = side == "buy" and trade.buy or trade.sell
    local fresh, err = open {
      symbol = symbol, size = params.size_quote / mid, price = price,
      post_only = true, client_tag = "quote",
    }
    if fresh then
      q[side] = { order = fresh, moved = now }
    else
      log.warn("no quote: %s", err.message)
    end
    return
  end
  if now - slot.moved < SETTLE or (order.state ~= "live" and order.state ~= "partial") then return end
  if not price then
    slot.moved = now
    order:cancel()
  elseif math.abs(order.price - price) > mid * params.drift_bps * BPS then
    slot.moved = now
    order:amend { price = price }
  end
end

function on_ticker(t)
  if t.bid <= 0 or t.ask <= 0 then return end
  local q = quotes[t.symbol]
  if not q then
    q = { looked = -math.huge }
    quotes[t.symbol] = q
  end
  -- The host's clock, not the market's: it is what rate limits are about.
  local now = os.clock()
  if now - q.looked < params.interval then return end
  q.looked = now

  local mid = (t.bid + t.ask) / 2
  local held = position(t.symbol).size * mid / params.max_quote -- -1 .. 1 at the caps
  local centre = mid * (1 - held * params.skew_bps * BPS)
  local half = mid * params.half_spread_bps * BPS
  -- Not through the other side, or the exchange refuses the quote.
  local buy = held < 1 and math.min(centre - half, t.bid) or nil
  local sell = held > -1 and math.max(centre + half, t.ask) or nil
  quote(q, t.symbol, "buy", buy, mid, now)
  quote(q, t.symbol, "sell", sell, mid, now)
  metric("inventory", held)
end

function on_order(o)
  if o.state == "rejected" then log.info("quote refused: %s", o.reason) end
end

function on_connection(up, what)
  if not up then log.warn("%s is down", what) end
end

function on_stop()
  trade.cancel_all()
end
