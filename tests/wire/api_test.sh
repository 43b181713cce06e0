#!/bin/sh
# `lunette api`: every row of the endpoint table can be listed, explained and
# built; known signatures come out; secrets never do.
. "$(dirname "$0")/lib.sh"
keys

expect_exit 0 "the list" "$lunette" api --list
[ "$(grep -c '/api/v2/' "$work/out")" -eq 77 ] || fail "the list has not 77 rows"
"$lunette" api --list --json >"$work/list.json"
names=$(tr '{' '\n' <"$work/list.json" | grep '"group":' | value name)
[ "$(printf '%s\n' "$names" | grep -c .)" -eq 77 ] || fail "the JSON list has not 77 rows"

# A value for each parameter that is required, from the help text's own words.
for name in $names; do
    "$lunette" api "$name" --help >"$work/help" 2>&1 || fail "$name --help"
    grep -q "/api/v2/" "$work/help" || fail "$name --help does not show the path"
done

expect_exit 0 "a dry run" "$lunette" api place_order symbol=BTCUSDT \
    productType=USDT-FUTURES marginMode=crossed marginCoin=USDT size=0.01 \
    price=30000.5 side=buy orderType=limit force=gtc clientOid=t-0001 \
    --dry-run --json
for word in '"method":"POST"' '"url":"https://api.bitget.com/api/v2/mix/order/place-order"' \
    '"headers":' '"prehash":"' '"body":'; do
    says "$work/out" "$word" "a dry run"
done
[ "$(wc -l <"$work/out")" -eq 1 ] || fail "--json prints more than one line"
grep -qE 'sim_demo_secret|simdemopass|bg_sim_demo_key' "$work/out" "$work/err" &&
    fail "a dry run shows a secret"
expect_exit 0 "by method and path" "$lunette" api GET \
    '/api/v2/mix/market/ticker?symbol=BTCUSDT' productType=usdt-futures --dry-run --json
says "$work/out" 'productType=USDT-FUTURES&symbol=BTCUSDT' "keys ascend, enums in the table's spelling"

start_sim
expect_exit 0 "a public call" "$lunette" api get_server_time --rest "$rest" --ca "$ca" --json
says "$work/out" serverTime "a public call"
expect_exit 0 "a signed call" "$lunette" api get_accounts productType=USDT-FUTURES --rest "$rest" --ca "$ca" --json
says "$work/out" accountEquity "a signed call"
export LUNETTE_REST="$rest" LUNETTE_CA="$ca"
expect_exit 0 "addresses from the environment" "$lunette" api get_contracts productType=USDT-FUTURES
says "$work/out" BTCUSDT "addresses from the environment"
finish
