# Shared by the wire tests: a folder of their own, a simulator, checks.
# Source it: . "$(dirname "$0")/lib.sh"

bin=${LN_BIN:?is set by CTest: the folder of the programs}
root=${LN_ROOT:?is set by CTest: the root of the tree}
lunette=$bin/lunette
work=$(mktemp -d)
export XDG_STATE_HOME="$work/state"
unset BITGET_API_KEY BITGET_API_SECRET BITGET_API_PASSPHRASE
unset LUNETTE_REST LUNETTE_CA
failures=0
pids=

cleanup() {
    for p in $pids; do
        kill -TERM "$p" 2>/dev/null
    done
    for p in $pids; do
        wait "$p" 2>/dev/null
    done
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    printf 'FAILED: %s\n' "$1"
    failures=$((failures + 1))
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
    tries=$(($1 * 10))
    shift
    while [ $tries -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        tries=$((tries - 1))
        sleep 0.1
    done
    return 1
}

# value KEY: the string value of "KEY" in the JSON line on standard input
value() {
    sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'
}

# start_sim [options]: sets rest ws_public ws_private ca sim_pid
start_sim() {
    "$lunette" sim --listen 127.0.0.1:0 --tls-dir "$work/tls" "$@" \
        >"$work/sim.out" 2>"$work/sim.err" &
    sim_pid=$!
    pids="$pids $sim_pid"
    if ! wait_for 30 grep -q '"event":"ready"' "$work/sim.out"; then
        fail "the simulator does not get ready"
        cat "$work/sim.out" "$work/sim.err"
        exit 1
    fi
    rest=$(value rest <"$work/sim.out")
    ws_public=$(value ws_public <"$work/sim.out")
    ws_private=$(value ws_private <"$work/sim.out")
    ca=$(value ca <"$work/sim.out")
}

keys() {
    export BITGET_API_KEY=bg_sim_demo_key BITGET_API_SECRET=sim_demo_secret \
        BITGET_API_PASSPHRASE=simdemopass
}

# config FILE STRATEGIES [MORE]: a configuration for the running simulator
config() {
    cat >"$1" <<EOF
return {
  name = "test", mode = "sim",
  venue = { rest = "$rest", ws_public = "$ws_public",
            ws_private = "$ws_private", ca = "$ca" },
  strategies = { $2 },
  $3
}
EOF
}

# expect_exit CODE NAME COMMAND...: output goes to $work/out and $work/err
expect_exit() {
    want=$1
    name=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err"
    got=$?
    if [ $got -ne "$want" ]; then
        fail "$name: exit $got, wanted $want"
        sed 's/^/    /' "$work/out" "$work/err" | tail -20
        return 1
    fi
    printf 'ok %s (exit %s)\n' "$name" "$got"
}

# says FILE WORDS NAME
says() {
    grep -qF -- "$2" "$1" && return 0
    fail "$3: wanted '$2' in:"
    sed 's/^/    /' "$1" | tail -20
}

finish() {
    [ $failures -eq 0 ] || { printf '%s checks failed\n' $failures; exit 1; }
    exit 0
}
