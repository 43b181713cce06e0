#!/bin/sh
# The examples in README.md and docs/ run: every Lua block with strategy{} is
# started on a simulator, has to get to "running", and may not report an error;
# the README's configuration is accepted; the simulator's page names every
# endpoint.
. "$(dirname "$0")/lib.sh"
start_sim --speed 60
keys

# Each ```lua block into a file of its own.
cat "$root/README.md" "$root"/docs/*.md | awk -v dir="$work" '
    /^```lua$/ { inside = 1; text = ""; next }
    /^```$/ && inside {
        inside = 0
        if (text ~ /strategy *\{/) { n++; printf "%s", text > (dir "/example" n ".lua") }
        else if (text ~ /-- desk.lua/) printf "%s", text > (dir "/readme_desk.lua")
        next
    }
    inside { text = text $0 "\n" }'
list=
count=0
for f in "$work"/example*.lua; do
    count=$((count + 1))
    name=$(basename "$f" .lua)
    list="$list { name = \"$name\", script = \"$name.lua\", deadline = 20000 },"
done
[ $count -ge 5 ] || fail "only $count examples were found"
config "$work/all.lua" "$list" ''
"$lunette" run "$work/all.lua" >"$work/run.out" 2>"$work/run.err" &
run=$!
pids="$pids $run"
for f in "$work"/example*.lua; do
    name=$(basename "$f" .lua)
    wait_for 30 grep -q "$name *running" "$work/run.err" || fail "$name does not run"
done
sleep 4
kill -TERM $run
wait $run || fail "the examples do not end with 0"
if grep -q " ERROR " "$work/run.err"; then
    fail "an example reports an error"
    grep " ERROR " "$work/run.err" | head
fi
says "$work/run.err" "open interest: " "the api example"

sed "s#https://127.0.0.1:8443#$rest#; s#wss://127.0.0.1:8443/v2/ws/public#$ws_public#; s#wss://127.0.0.1:8443/v2/ws/private#$ws_private#; s#\"~/.*ca.pem\"#\"$ca\"#" \
    "$work/readme_desk.lua" >"$work/desk.lua"
"$lunette" run "$work/desk.lua" >"$work/run.out" 2>"$work/run.err" &
run=$!
pids="$pids $run"
wait_for 30 grep -q "ema *running" "$work/run.err" || { fail "the README's configuration does not run"; cat "$work/run.err"; }
kill -TERM $run
wait $run || fail "the README's configuration does not end with 0"

for name in $("$lunette" api --list --json | tr '{' '\n' | grep '"group":' | value name); do
    grep -q "\`$name\`" "$root/docs/simulator.md" || fail "docs/simulator.md does not name $name"
done
finish
