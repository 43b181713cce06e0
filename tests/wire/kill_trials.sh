#!/bin/sh
# A host is killed with SIGKILL again and again, at any moment, against a real
# server over TLS, and started again: every order is accounted for before a
# strategy runs, none is sent twice, and the positions fit the exchange's.
# Not part of ./dev test. By hand, from the root, with KILLS=50 for more:
#   LN_BIN=$PWD/build/release/bin LN_ROOT=$PWD sh tests/wire/kill_trials.sh
. "$(dirname "$0")/lib.sh"
kills=${KILLS:-6}
start_sim --speed 5 --seed 11 --symbols BTCUSDT,ETHUSDT --rate-limits off
keys
config "$work/desk.lua" '{ name = "maker", script = "market_maker.lua", deadline = 10000, params = { interval = 0.1, half_spread_bps = 0.5 } },
    { name = "busy", script = "busy.lua", deadline = 10000, on_stop = "cancel" }' 'store = "state/",'
cat >"$work/busy.lua" <<'EOF'
strategy { symbols = { "ETHUSDT" } }
function on_start() timer.every(0.2, "go") end
function on_timer()
  local t = market.ticker("ETHUSDT")
  if not t or t.bid <= 0 then return end
  local held = position("ETHUSDT").size
  if held > 0.2 then trade.close("ETHUSDT")
  elseif math.random(2) == 1 then trade.buy { symbol = "ETHUSDT", size = 0.03 }
  else trade.buy { symbol = "ETHUSDT", size = 0.02, price = t.bid * (1 - math.random() * 0.0005) } end
end
EOF

ask() {
    "$lunette" api "$@" productType=USDT-FUTURES --rest "$rest" --ca "$ca" --json
}

run_host() {
    "$lunette" run "$work/desk.lua" >"$work/run.out" 2>"$work/run.$1" &
    host=$!
    pids="$pids $host"
    wait_for 60 grep -q "ready:" "$work/run.$1" || {
        fail "start $1 does not become ready"
        tail -20 "$work/run.$1"
        finish
    }
}

i=0
while [ "$i" -lt "$kills" ]; do
    run_host "$i"
    # Between nothing and three seconds of trading.
    sleep "$(awk -v s="$i" 'BEGIN { srand(s + 1); printf "%.2f", rand() * 3 }')"
    kill -9 "$host"
    wait "$host" 2>/dev/null
    i=$((i + 1))
done
run_host last
sleep 2
grep -h "not fit\|nothing opens" "$work"/run.* && fail "an alarm was raised"
grep -q "the intent log:" "$work/run.last" || { fail "the intent log was not read"; head -20 "$work/run.last"; }

# No clientOid was executed twice.
ask get_orders_history limit=100 >"$work/history"
ask get_orders_pending limit=100 >"$work/pending"
grep -oh '"clientOid":"ln-[^"]*"' "$work/history" "$work/pending" | sort | uniq -d >"$work/twice"
[ -s "$work/twice" ] && fail "executed twice: $(head -3 "$work/twice")"
[ "$(grep -oh '"clientOid":"ln-' "$work/history" | wc -l)" -gt 5 ] || fail "hardly any order was made"

kill -TERM "$host"
wait "$host"
ask get_orders_pending limit=100 >"$work/pending"
grep -q '"clientOid":"ln-' "$work/pending" && fail "orders are left after the end"
# A last start reads the log once more: all must still fit.
run_host again
sleep 3
grep -h "not fit\|nothing opens\|are not ours" "$work/run.again" && fail "the books do not fit after $kills kills"
kill -TERM "$host"
wait "$host"
finish
