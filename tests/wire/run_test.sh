#!/bin/sh
# `lunette sim` and `lunette run` as two processes, as a newcomer would: a
# strategy of one's own, events in every callback, an orderly end on SIGTERM.
. "$(dirname "$0")/lib.sh"
start_sim --speed 60 --seed 7
keys

cat >"$work/probe.lua" <<'EOF'
strategy { symbols = { "BTCUSDT", "ETHUSDT" }, timeframe = "1m", warmup = 20,
           params = { size = { 0.01, min = 0.001, max = 1 } } }
local seen = {}
local function once(name, text)
  if not seen[name] then seen[name] = true; log.info("saw " .. name .. " " .. tostring(text)) end
end
local bought = false
function on_start()
  once("start", #market.candles("BTCUSDT", "1m", 20))
  timer.every(1, "tick")
end
function on_ticker(t)
  once("ticker", t.symbol)
  if t.symbol == "BTCUSDT" and not bought then
    bought = true
    trade.buy { symbol = "BTCUSDT", size = params.size }
    trade.buy { symbol = "BTCUSDT", size = params.size, price = t.bid * 0.98, post_only = true }
  end
end
function on_candle(c) once("candle", c.timeframe) end
function on_trade(t) once("trade", t.side) end
function on_book(b) once("book", #b.bids >= 1 and b.bids[1].price < b.asks[1].price) end
function on_order(o) once("order-" .. o.state, o.symbol) end
function on_fill(f) once("fill", f.price > 0 and f.fee < 0) end
function on_position(p) if p.size > 0 then once("position", p.size) end end
function on_account(a) once("account", a.equity > 0) end
function on_timer(name) once("timer", name) end
function on_stop(reason) log.info("saw stop " .. reason) end
EOF
config "$work/desk.lua" '{ name = "probe", script = "probe.lua", params = { size = 0.02 }, deadline = 10000 },
    { name = "maker", script = "market_maker.lua", deadline = 10000 }' ''
"$lunette" run "$work/desk.lua" >"$work/run.out" 2>"$work/run.err" &
run=$!
pids="$pids $run"
for what in start ticker candle trade book order-sent order-live order-filled \
    fill position account timer; do
    wait_for 60 grep -q "saw $what" "$work/run.err" && continue
    fail "never saw: $what"
    tail -20 "$work/run.err"
    finish
done
grep -q "saw position 0.0" "$work/run.err" || fail "no position after buying"
says "$work/run.err" "saw book true" "the book is not crossed"

# The exchange agrees, asked over REST by a process of its own.
"$lunette" api get_orders_pending productType=USDT-FUTURES --rest "$rest" \
    --ca "$ca" --json >"$work/pending" 2>"$work/err" ||
    { fail "api get_orders_pending"; cat "$work/err"; }
says "$work/pending" '"clientOid":"ln-' "our order is pending at the exchange"

kill -TERM $run
wait $run
code=$?
[ $code -eq 0 ] || { fail "exit $code after SIGTERM"; tail -20 "$work/run.err"; }
says "$work/run.err" "saw stop SIGTERM" "on_stop was called"
"$lunette" api get_orders_pending productType=USDT-FUTURES --rest "$rest" \
    --ca "$ca" --json >"$work/pending" 2>"$work/err"
grep -q '"clientOid":"ln-' "$work/pending" &&
    fail "orders are left open after an orderly end"
grep -qF sim_demo_secret "$work/run.err" "$work/run.out" &&
    fail "the secret is in the log"

# Mode demo differs by data alone: the same server, told by name.
sed 's/mode = "sim"/mode = "demo"/' "$work/desk.lua" >"$work/demo.lua"
"$lunette" run "$work/demo.lua" >"$work/demo.out" 2>"$work/demo.err" &
run=$!
pids="$pids $run"
wait_for 60 grep -q "ready:" "$work/demo.err" || fail "mode demo does not get ready"
kill -TERM $run
wait $run || fail "mode demo: exit $?"

kill -TERM $sim_pid
wait $sim_pid
code=$?
[ $code -eq 0 ] || fail "the simulator exits with $code after SIGTERM"
finish
