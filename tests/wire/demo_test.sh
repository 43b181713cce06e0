#!/bin/sh
# The demo: server, host and two strategies in one command, on synthetic
# participants and on recorded candles; exit 0 means that orders were filled
# over the wire and both sides agree on the positions.
. "$(dirname "$0")/lib.sh"

expect_exit 0 "demo on synthetic participants" \
    "$lunette" demo --headless --seconds 8 --json
for word in '"event":"summary"' '"ok":true' '"positions_agree":true' \
    '"name":"ema_cross"' '"name":"market_maker"' '"rate_limit_waits":'; do
    says "$work/out" "$word" "demo summary"
done
[ "$(wc -l <"$work/out")" -eq 1 ] || fail "--json prints more than one line"

# A month in small: a minute a row, a slow wave with a drift.
awk 'BEGIN {
    print "timestamp,open,high,low,close,volume"
    p = 46000
    for (i = 0; i < 3000; i++) {
        q = 46000 + 600 * sin(i / 40) + i / 10
        hi = (p > q ? p : q) + 8; lo = (p < q ? p : q) - 8
        printf "%.0f,%.1f,%.1f,%.1f,%.1f,%.4f\n", 1640991660000 + i * 60000, p, hi, lo, q, 1500000 + 1000 * (i % 50)
        p = q
    }
}' >"$work/candles.csv"
expect_exit 0 "demo on recorded candles" \
    "$lunette" demo --headless --seconds 8 --json --data "$work/candles.csv" \
    --data-volume quote --speed 60
says "$work/out" '"ok":true' "demo on recorded candles"

# Without --json: plain lines and a summary that people can read.
expect_exit 0 "demo in plain lines" "$lunette" demo --headless --seconds 6
says "$work/out" "summary after" "plain summary"
says "$work/out" "positions of host and exchange: equal" "plain summary"

# The end of the recorded data is no failure, and Ctrl-C is an orderly end.
"$lunette" demo --headless >"$work/out" 2>"$work/err" &
demo=$!
pids="$pids $demo"
if wait_for 30 grep -q "running" "$work/err"; then
    sleep 4
    kill -INT $demo
    wait $demo || fail "demo ended by Ctrl-C does not exit with 0"
    says "$work/out" "summary after" "summary after Ctrl-C"
else
    fail "no strategy runs in the demo"
fi

# Bad input
expect_exit 2 "a misspelt option" "$lunette" demo --second 5
says "$work/err" "did you mean --seconds?" "a misspelt option"
expect_exit 2 "a number that is none" "$lunette" demo --seconds soon
expect_exit 1 "a data file that is not there" \
    "$lunette" demo --headless --seconds 5 --data "$work/none.csv"
says "$work/err" "none.csv" "a data file that is not there"
printf 'timestamp,open,high,low,close,volume\n1,2,x,4,5,6\n' >"$work/bad.csv"
expect_exit 1 "a data file with a bad row" \
    "$lunette" demo --headless --seconds 5 --data "$work/bad.csv"
says "$work/err" "bad.csv:2" "a data file with a bad row"
finish
