#!/bin/sh
# What people get wrong: each gives one clear message (what, where, what to
# do) and the right exit code, and nothing is half done.
. "$(dirname "$0")/lib.sh"
start_sim --rate-limits on

quick='{ name = "s", script = "s.lua" }'
printf 'strategy { symbols = { "BTCUSDT" } }\n' >"$work/s.lua"

# run NAME EXIT WORDS...
run() {
    name=$1 want=$2
    shift 2
    expect_exit "$want" "$name" timeout 60 "$lunette" run "$work/desk.lua"
    for words in "$@"; do
        says "$work/err" "$words" "$name"
    done
}

# ---- configuration ----
keys
config "$work/desk.lua" "$quick" 'riks = {},'
run "a misspelt key" 2 "riks" "did you mean 'risk'?" "desk.lua"
config "$work/desk.lua" '{ script = "missing.lua" }' ''
run "a missing script" 2 "missing.lua does not exist"
printf 'return { mode = "sim", \n  venue = { rest = }\n}\n' >"$work/desk.lua"
run "a configuration that is no Lua" 2 "desk.lua:2"
printf 'local x = 1\n' >"$work/desk.lua"
run "a configuration that returns nothing" 2 "desk.lua"
printf 'return { mode = "live", strategies = { { script = "s.lua" } } }\n' >"$work/desk.lua"
run "a mode of a later version" 2 'mode "live"'
printf 'while true do end\n' >"$work/desk.lua"
run "a configuration that never ends" 2 "desk.lua"
expect_exit 2 "a configuration file that is not there" "$lunette" run "$work/none.lua"
says "$work/err" "none.lua" "a configuration file that is not there"

# ---- scripts ----
config "$work/desk.lua" "$quick" ''
printf 'strategy { symbols = { "BTCUSDT" } }\nfunction on_start(\nend\n' >"$work/s.lua"
run "a syntax error" 1 "s.lua:3"
printf 'strategy { symbols = { "BTCUSTD" } }\n' >"$work/s.lua"
run "an unknown symbol" 1 "BTCUSTD" "BTCUSDT" "s.lua:1"
printf 'strategy { symbls = { "BTCUSDT" } }\n' >"$work/s.lua"
run "a misspelt option of strategy{}" 1 "symbls" "symbols" "s.lua:1"
printf 'strategy { symbols = { "BTCUSDT" } }\nerror("at load")\n' >"$work/s.lua"
run "an error while loading" 1 "s.lua:2" "at load"
printf 'strategy { symbols = { "BTCUSDT" } }\nio.open("/etc/passwd")\n' >"$work/s.lua"
run "what the sandbox does not have" 1 "s.lua:2"

# ---- credentials ----
printf 'strategy { symbols = { "BTCUSDT" } }\n' >"$work/s.lua"
BITGET_API_KEY=bg_wrong run "a wrong key" 1 "40037"
BITGET_API_SECRET=wrong run "a wrong secret" 1 "40009"
BITGET_API_PASSPHRASE=wrong run "a wrong passphrase" 1 "4001"
unset BITGET_API_SECRET
run "a secret that is missing" 2 "BITGET_API_SECRET"
unset BITGET_API_KEY BITGET_API_PASSPHRASE
run "no credentials at all" 1 "BITGET_API_KEY"
keys
printf 'key=a\nsecret=b\npassphrase=c\n' >"$work/keys"
chmod 0644 "$work/keys"
config "$work/desk.lua" "$quick" 'credentials = { file = "keys" },'
run "a key file that others can read" 2 "0644" "chmod 600"

# ---- the server ----
config "$work/desk.lua" "$quick" ''
sed -i "s#$ca#$work/other/ca.pem#" "$work/desk.lua"
"$lunette" sim --listen 127.0.0.1:0 --tls-dir "$work/other" >"$work/o" 2>&1 &
pids="$pids $!"
wait_for 30 grep -q ready "$work/o"
run "a certificate that does not verify" 1 "certificate" "venue.ca"
config "$work/desk.lua" "$quick" ''
sed -i 's#127\.0\.0\.1:[0-9]*#127.0.0.1:1#g' "$work/desk.lua"
run "nobody listens" 1 "127.0.0.1 port 1"
port=${rest##*:}
expect_exit 1 "a port in use" "$lunette" sim --listen "127.0.0.1:$port" --tls-dir "$work/tls"
says "$work/err" "$port" "a port in use"
expect_exit 2 "an unknown option of sim" "$lunette" sim --listn 127.0.0.1:0
says "$work/err" "--listen" "an unknown option of sim"
expect_exit 2 "no place to listen" "$lunette" sim --listen nowhere:port

# ---- one request ----
api() {
    want=$1 name=$2 words=$3
    shift 3
    expect_exit "$want" "$name" "$lunette" api "$@" --rest "$rest" --ca "$ca"
    cat "$work/out" "$work/err" >"$work/both"
    says "$work/both" "$words" "$name"
}
order="place_order symbol=BTCUSDT productType=USDT-FUTURES marginMode=crossed marginCoin=USDT side=buy orderType=limit force=gtc"
price=$("$lunette" api get_ticker symbol=BTCUSDT productType=USDT-FUTURES --rest "$rest" --ca "$ca" --json | value bidPr | cut -d. -f1)
# shellcheck disable=SC2086
{
    api 1 "size under the minimum" 45111 $(printf '%s' "$order" | sed 's/BTCUSDT/XAUUSDT/; s/limit/market/') size=0.001
    api 1 "more decimals than the size has" 40808 $order size=0.00001 price=$price
    api 1 "price off the tick" 45115 $order size=0.01 price=$price.123
    api 1 "not enough margin" 40762 $order size=100 price=$price
    api 1 "an unknown symbol" 40034 get_ticker symbol=NOSUCHUSDT productType=USDT-FUTURES
    api 1 "leverage too high" 4504 set_leverage symbol=BTCUSDT productType=USDT-FUTURES marginCoin=USDT leverage=5000
    api 2 "a parameter that is missing" symbol get_ticker productType=USDT-FUTURES
    api 2 "a misspelt parameter" symbol get_ticker symbl=BTCUSDT productType=USDT-FUTURES
    api 2 "a misspelt endpoint" get_ticker get_tiker symbol=BTCUSDT
    api 1 "an order that is not there" 40768 cancel_order symbol=BTCUSDT productType=USDT-FUTURES orderId=1
}
BITGET_API_SECRET=wrong api 1 "a wrong signature" 40009 get_accounts productType=USDT-FUTURES

# ---- the wire, by hand ----
post() {
    curl -s --cacert "$ca" -o "$work/body" -w '%{http_code}' "$@" >"$work/status"
}
post -X POST "$rest/api/v2/mix/order/place-order" -d '{}'
says "$work/body" 40006 "a request without a key"
[ "$(cat "$work/status")" = 400 ] || fail "errors are HTTP 400"
post -X POST "$rest/api/v2/mix/order/place-order" -H "ACCESS-KEY: bg_sim_demo_key" \
    -H "ACCESS-SIGN: x" -H "ACCESS-TIMESTAMP: 1700000000000" \
    -H "ACCESS-PASSPHRASE: simdemopass" -H "Content-Type: application/json" -d '{}'
says "$work/body" 40008 "a stale timestamp"
post "$rest/nowhere"
[ "$(cat "$work/status")" = 404 ] || fail "an unknown path is 404"
post "$rest/api/mix/v1/market/ticker?symbol=BTCUSDT_UMCBL"
says "$work/body" 30032 "a V1 path"
head -c 300000 /dev/urandom >"$work/noise"
post -X POST "$rest/api/v2/mix/order/place-order" --data-binary "@$work/noise"
printf '\026\003\001\000\000garbage' | timeout 2 openssl s_client -connect "${rest#https://}" >/dev/null 2>&1
kill -0 $sim_pid 2>/dev/null || fail "the simulator did not survive"
post "$rest/api/v2/public/time"
says "$work/body" serverTime "the simulator still answers"
finish
