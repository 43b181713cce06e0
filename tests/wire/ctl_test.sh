#!/bin/sh
# `lunette ctl` against running hosts: what it shows agrees with the exchange,
# what it orders happens, also while a strategy hangs and the exchange is
# silent; names, exit codes, two hosts at a time.
. "$(dirname "$0")/lib.sh"

ctl() { "$lunette" ctl "$@"; }
# ctl_says WORDS NAME ARGUMENTS...: it succeeds and says so
ctl_says() {
    words=$1
    shift
    expect_exit 0 "$@" && says "$work/out" "$words" "$1"
}
# until_says WORDS ARGUMENTS...: within some seconds
until_says() {
    words=$1
    shift
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        ctl "$@" >"$work/out" 2>&1 && grep -qF -- "$words" "$work/out" &&
            return 0
        sleep 0.5
    done
    fail "ctl $*: never said '$words':"
    sed 's/^/    /' "$work/out" | tail -20
}
# start NAME CONFIG: run_pid is set; after a failure there is no point
start() {
    "$lunette" run "$2" >"$work/$1.out" 2>"$work/$1.err" &
    run_pid=$!
    pids="$pids $run_pid"
    until_says '"ready":true' --name "$1" status --json
    [ $failures -eq 0 ] || { tail -20 "$work/$1.err"; finish; }
}

expect_exit 1 "no host runs" ctl status
says "$work/err" "no host runs" "no host runs"
expect_exit 2 "ctl needs a command" ctl
expect_exit 2 "no such command" ctl stat
says "$work/err" "did you mean 'status'?" "no such command"
expect_exit 2 "no such option" ctl status --nmae x
expect_exit 2 "status takes no name" ctl status ema
expect_exit 2 "stop has no --all" ctl stop --all
expect_exit 2 "-n belongs to logs" ctl status -n 3
expect_exit 2 "-n is a number" ctl logs -n many
expect_exit 0 "help" ctl --help

start_sim --speed 20 --seed 7
keys
# Holds a position and a resting order, then hangs for good.
cat >"$work/hang.lua" <<'EOF'
strategy { symbols = { "BTCUSDT" } }
local bought = false
function on_ticker(t)
  if bought then return end
  bought = true
  trade.buy { symbol = "BTCUSDT", size = 0.01 }
  trade.buy { symbol = "BTCUSDT", size = 0.01, price = t.bid * 0.9 }
  timer.after(3, "soon")
end
function on_timer(name)
  if name == "soon" then
    log.info("hangs next")
    timer.after(0.1, "now")
    return
  end
  while true do end
end
EOF
# Tries to open once a second.
cat >"$work/eager.lua" <<'EOF'
strategy { symbols = { "ETHUSDT" } }
local bid
function on_start() timer.every(1, "try") end
function on_ticker(t) bid = t.bid end
function on_timer()
  if bid then trade.buy { symbol = "ETHUSDT", size = 0.1, price = bid * 0.9 } end
end
function on_order(o)
  if o.state == "rejected" then log.warn("refused: " .. o.reason) end
end
function on_stop(reason) log.info("told to stop: " .. reason) end
EOF
config "$work/test.lua" '{ name = "hang", script = "hang.lua", budget = 60000, deadline = 600000 },
    { name = "eager", script = "eager.lua", deadline = 10000 }' ''
start test "$work/test.lua"
test_pid=$run_pid

# ---- what it shows ----
until_says '"state":"filled"' orders --all --json
until_says '"strategy":"eager"' orders --json
ctl_says '"name":"test","mode":"sim","uptime_s":' "status --json" ctl status --json
for key in equity connections strategies version restarts errors last_error \
    events latency_us p50 p99 memory_mb; do
    says "$work/out" "\"$key\":" "status --json has $key"
done
[ "$(wc -l <"$work/out")" -eq 1 ] || fail "status --json is one line"
ctl_says "STRATEGY" "status for people" ctl status
ctl_says "hang" "positions" ctl positions
ctl_says '"strategy":"hang","symbol":"BTCUSDT","side":"long","size":0.01,' \
    "positions --json" ctl positions --json

# Nothing opens any more: the orders stay as they are and can be compared.
ctl_says "paused" "pause" ctl pause eager
wait_for 20 grep -q "refused: paused" "$work/test.err" ||
    fail "a paused strategy is told why its orders are refused"
ctl orders --json >"$work/ours"
"$lunette" api get_orders_pending productType=USDT-FUTURES --rest "$rest" \
    --ca "$ca" --json >"$work/theirs"
oids() { grep -o '"clientOid":"[^"]*"' "$1" | sort; }
[ -n "$(oids "$work/ours")" ] || fail "there are open orders"
[ "$(oids "$work/ours")" = "$(oids "$work/theirs")" ] ||
    fail "ctl orders and the exchange agree"

# ---- the log ----
ctl_says "refused: paused" "logs" ctl logs -n 100
ctl logs -n 0 -f >"$work/follow" 2>&1 &
follow=$!
pids="$pids $follow"
sleep 0.5
ctl_says "running" "resume" ctl resume eager
wait_for 10 grep -q "resume eager" "$work/follow" ||
    fail "logs -f shows new lines"
kill "$follow"
wait "$follow" 2>/dev/null

# ---- names ----
expect_exit 2 "no such strategy" ctl pause eagr
says "$work/err" "did you mean eager?" "no such strategy"
expect_exit 2 "which strategy" ctl flatten
expect_exit 2 "one of the two" ctl pause eager --all
expect_exit 1 "reload comes later" ctl reload eager
expect_exit 1 "no such host" ctl --name tset status
says "$work/err" "did you mean test?" "no such host"
expect_exit 1 "no such store" ctl --store "$work" status
ctl_says '"error"' "errors are objects, too" \
    sh -c "'$lunette' ctl pause nobody --json 2>/dev/null; true"
expect_exit 1 "a second host of the name" "$lunette" run "$work/test.lua"
says "$work/err" "a host named test already runs" "a second host of the name"

# ---- two hosts; one with a store of its own ----
mkdir "$work/two"
cp "$work/eager.lua" "$work/two/"
config "$work/two/other.lua" '{ name = "idle", script = "eager.lua", deadline = 10000 }' 'store = "state/",'
sed -i 's/name = "test"/name = "other"/' "$work/two/other.lua"
start other "$work/two/other.lua"
other_pid=$run_pid
expect_exit 2 "two hosts: which one" ctl status
says "$work/err" "other, test" "two hosts: which one"
ctl_says "idle" "by name" ctl --name other status
ctl_says "idle" "by store" ctl --store "$work/two/state" status
[ "$(stat -c %a "$work/two/state/control.sock")" = 600 ] ||
    fail "the socket is its user's alone"
[ "$(stat -c %a "$work/two/state")" = 700 ] ||
    fail "so is the folder"
# kill -9 leaves a socket that nobody listens at.
kill -9 "$other_pid"
wait "$other_pid" 2>/dev/null
[ -S "$work/two/state/control.sock" ] || fail "the socket file is left behind"
ctl_says "test (sim)" "the dead one does not count" ctl status
start other "$work/two/other.lua"
ctl_says "other has stopped" "stop" ctl --name other stop
wait "$run_pid" || fail "the stopped host exits with $?"
[ -e "$work/two/state/control.sock" ] && fail "the socket is removed at the end"

# ---- while a strategy hangs, and while the exchange is silent ----
wait_for 20 grep -q "hangs next" "$work/test.err" || fail "it hangs"
sleep 1
before=$(ctl status --json | sed 's/.*"name":"hang"//; s/,"latency_us".*//')
sleep 1
after=$(ctl status --json | sed 's/.*"name":"hang"//; s/,"latency_us".*//')
[ "$before" = "$after" ] || fail "it works nothing off: $before, $after"
ctl_says '"strategy":"hang","symbol":"BTCUSDT","side":"long"' \
    "it holds a position" ctl positions --json
kill -STOP "$sim_pid"
ctl_says "hang" "status while the exchange is silent" ctl status
kill -CONT "$sim_pid"
ctl_says "paused" "flatten a strategy that hangs" ctl flatten hang
wait_for 20 grep -q "hang *flat: no orders, no positions" "$work/test.err" ||
    fail "it becomes flat"
ctl positions --json >"$work/out"
grep -q '"strategy":"hang"' "$work/out" && fail "nothing of it is left"
"$lunette" api get_orders_pending productType=USDT-FUTURES --rest "$rest" \
    --ca "$ca" --json >"$work/theirs"
grep -q BTCUSDT "$work/theirs" && fail "its orders are gone at the exchange"

# ---- one strategy, then all ----
ctl_says "eager" "stop one strategy" ctl stop eager
until_says '"name":"eager","state":"stopped"' status --json
says "$work/test.err" "told to stop: lunette ctl stop" "on_stop was called"
until_says '"orders":[]' orders --json
ctl_says "starting" "resume starts it again" ctl resume eager
until_says '"name":"eager","state":"running"' status --json
expect_exit 0 "stop --json" ctl stop --json
says "$work/out" '{"name":"test","stopped":true}' "stop --json"
wait "$test_pid"
code=$?
[ $code -eq 0 ] || { fail "the host exits with $code"; tail -20 "$work/test.err"; }
expect_exit 1 "nobody is left" ctl status
finish
