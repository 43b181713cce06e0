-- Trend following with two exponential averages: long while the fast one is
-- above the slow one, short (or flat) while it is below. The state of the
-- averages decides, not the moment of the cross, so a restart or a rejected
-- order is made good at the next candle.
local ema = require "ema"

strategy {
  symbols = { "BTCUSDT" },
  timeframe = "1m",
  warmup = 100,
  params = {
    fast = { 9, min = 2, max = 100, help = "candles of the fast average" },
    slow = { 21, min = 3, max = 300, help = "candles of the slow average" },
    size_quote = { 500, min = 5, help = "worth of a position in USDT" },
    short = { true, help = "sell short too; false: long or flat" },
  },
}

assert(params.fast < params.slow, "params.fast must be smaller than params.slow")

local averages = {} -- by symbol: { fast, slow }

local function feed(symbol, close)
  local a = averages[symbol]
  if not a then
    a = { fast = ema.new(params.fast), slow = ema.new(params.slow) }
    averages[symbol] = a
  end
  return a.fast:update(close), a.slow:update(close)
end

-- Bring the position to `side`: 1 long, -1 short, 0 flat.
local function go(symbol, side, price)
  local size = position(symbol).size
  if (side > 0 and size > 0) or (side < 0 and size < 0) or (side == 0 and size == 0) then return end
  if #orders { symbol = symbol } > 0 then return end -- one step at a time
  if size ~= 0 then
    local order = trade.close(symbol)
    if not order or side == 0 then return end
    order:wait()
    if order.state ~= "filled" then return end
  end
  local amount = params.size_quote / price
  local open = side > 0 and trade.buy or trade.sell
  local order, err = open { symbol = symbol, size = amount, client_tag = "cross" }
  if not order then log.warn("no order for %s: %s", symbol, err.message) end
end

function on_start()
  for _, c in ipairs(market.candles("BTCUSDT")) do
    feed(c.symbol, c.close)
  end
end

function on_candle(c)
  local fast, slow = feed(c.symbol, c.close)
  if not (fast and slow) then return end
  plot("fast", fast)
  plot("slow", slow)
  if fast > slow then
    go(c.symbol, 1, c.close)
  elseif fast < slow then
    go(c.symbol, params.short and -1 or 0, c.close)
  end
end

function on_fill(f)
  log.info("%s %s at %s, profit %s", f.side, f.size, f.price, f.profit)
end
