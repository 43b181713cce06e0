#!/bin/sh
# What the documentation shows is true: every complete example (a Lua block
# that declares a strategy) runs without an error, the README's configuration
# is accepted, and each endpoint has its row in docs/simulator.md.
. "$(dirname "$0")/lib.sh"

# blocks FILE PREFIX: write its ```lua blocks to PREFIX_1.lua, PREFIX_2.lua ...
blocks() {
    awk -v prefix="$2" '
        /^```lua[ \t]*$/ { out = prefix "_" ++n ".lua"; printf "" >out; next }
        /^```/ { if (out) close(out); out = "" }
        out { print >out }' "$1"
}

mkdir "$work/all"
for file in "$root/README.md" "$root"/docs/*.md; do
    blocks "$file" "$work/all/$(basename "$file" .md | tr A-Z- a-z_)"
done

# ---- endpoints ----

names=$("$lunette" api --list | awk '/\/api\/v2\// { print $1 }')
[ "$(printf '%s\n' "$names" | grep -c .)" -eq 77 ] || fail "the list has not 77 endpoints"
for name in $names; do
    grep -q "^| \`$name\` |" "$root/docs/simulator.md" ||
        fail "docs/simulator.md has no row for $name"
done

# ---- complete examples, all of them on one host ----

start_sim --speed 60 --seed 3
keys
entries=
examples=
for file in "$work"/all/*.lua; do
    grep -q '^strategy {' "$file" || continue
    name=$(basename "$file" .lua)
    cp "$file" "$work/$name.lua"
    examples="$examples $name"
    entries="$entries { name = \"$name\", script = \"$name.lua\", deadline = 20000 },"
done
# shellcheck disable=SC2086
set -- $examples
[ $# -ge 8 ] || fail "only $# complete examples were found"

config "$work/desk.lua" "$entries" ''
"$lunette" run "$work/desk.lua" >"$work/run.out" 2>"$work/run.err" &
run=$!
pids="$pids $run"
for name in $examples; do
    wait_for 20 grep -qE "INFO +$name +running$" "$work/run.err" && continue
    fail "the example $name does not run"
    sed 's/^/    /' "$work/run.err" | tail -20
    finish
done
sleep 6 # some candles of a second each, and whatever they cause
kill -TERM $run
wait $run
code=$?
[ $code -eq 0 ] || fail "exit $code after SIGTERM"
if grep -E '^[^ ]+ ERROR ' "$work/run.err" >"$work/errors"; then
    fail "examples raise errors:"
    sed 's/^/    /' "$work/errors" | head -20
fi
# They were called, and not just loaded.
for name in $examples; do
    grep -qE " $name: stopped, [1-9][0-9]* events, .* 0 errors," "$work/run.err" ||
        fail "the example $name did not end in order, without errors"
done
grep -qE ': stopped, .* [1-9][0-9]* fills' "$work/run.err" ||
    fail "no example traded"

# ---- the configuration of the README, with our simulator's addresses ----

desk=
for file in "$work"/all/readme_*.lua; do
    [ "$(head -n 1 "$file")" = "-- desk.lua" ] && desk=$file
done
if [ -z "$desk" ]; then
    fail "the README has no configuration that begins with -- desk.lua"
    finish
fi
sed -e "s|\"https://[^\"]*\"|\"$rest\"|" \
    -e "s|\"wss://[^\"]*/public\"|\"$ws_public\"|" \
    -e "s|\"wss://[^\"]*/private\"|\"$ws_private\"|" \
    -e "s|ca = \"[^\"]*\"|ca = \"$ca\"|" "$desk" >"$work/readme.lua"
"$lunette" run "$work/readme.lua" >"$work/desk.out" 2>"$work/desk.err" &
run=$!
pids="$pids $run"
wait_for 20 grep -qE 'INFO +ema +running$' "$work/desk.err" ||
    { fail "the README's configuration does not run"; sed 's/^/    /' "$work/desk.err"; }
kill -TERM $run
wait $run
code=$?
[ $code -eq 0 ] || fail "the README's configuration: exit $code after SIGTERM"
grep -E '^[^ ]+ ERROR ' "$work/desk.err" && fail "the README's configuration: errors"
finish
