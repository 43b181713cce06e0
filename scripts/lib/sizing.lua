-- How much to trade. Available to every strategy as `sizing`.
local sizing = {}

-- The symbol of the event being handled, unless one is given.
local function price_of(symbol)
  symbol = symbol or market.current()
  if not symbol then
    error("sizing: which symbol? give it as the last argument", 3)
  end
  return market.price(symbol), symbol
end

-- Size whose loss is `fraction` of the equity if the price moves from here to
-- `stop_price`; 0 while no price is known.
function sizing.risk(fraction, stop_price, symbol)
  local price = price_of(symbol)
  if not price then return 0 end
  local distance = math.abs(price - stop_price)
  if distance <= 0 then return 0 end
  return math.max(0, account.equity) * fraction / distance
end

-- Size that is worth `amount` of the quote coin.
function sizing.quote(amount, symbol)
  local price = price_of(symbol)
  if not price then return 0 end
  return amount / price
end

return sizing
