-- Exponential moving average: value = value + (x - value) * 2 / (period + 1).
-- It begins with the plain average of the first `period` values and is nil
-- before that.
local ema = {}
ema.__index = ema

function ema.new(period)
  assert(math.type(period) == "integer" and period >= 1, "ema.new(period): a whole number from 1")
  return setmetatable({ period = period, count = 0, sum = 0, value = nil }, ema)
end

-- Take in one value; returns the average, nil while it warms up.
function ema:update(x)
  if self.value then
    self.value = self.value + (x - self.value) * 2 / (self.period + 1)
    return self.value
  end
  self.count = self.count + 1
  self.sum = self.sum + x
  if self.count == self.period then self.value = self.sum / self.period end
  return self.value
end

return ema
