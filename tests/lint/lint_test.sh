#!/bin/sh
# The lint must find what it is for: each violation is planted in a small tree
# of its own, and the check has to fail with the right words.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

fresh() {
    rm -rf "$tree/core" "$tree/bindings"
    mkdir -p "$tree/core/base" "$tree/core/market" "$tree/core/trade" \
        "$tree/core/host" "$tree/core/bitget" "$tree/bindings"
    cp "$here/../../.clang-format" "$tree/.clang-format"
    printf '/* A clean file. */\nint ln_clean(void);\n' >"$tree/core/base/clean.h"
}

# expect NAME WORDS: the check fails and says WORDS
expect() {
    out=$(LINT_ROOT=$tree sh "$here/check.sh" 2>&1)
    code=$?
    if [ $code -eq 0 ] || ! printf '%s' "$out" | grep -qF "$2"; then
        printf 'not found: %s (wanted "%s", got code %d)\n%s\n' "$1" "$2" "$code" "$out"
        failures=$((failures + 1))
    else
        printf 'ok %s\n' "$1"
    fi
}

fresh
LINT_ROOT=$tree sh "$here/check.sh" || { echo "a clean tree is not clean"; exit 1; }

fresh
printf '/* Up. */\n#include "host/host.h"\n' >"$tree/core/trade/up.c"
expect "a file that includes from a floor above" "floor violation"

fresh
printf '/* Sideways. */\n#include "host/host.h"\n' >"$tree/core/bitget/side.c"
expect "two rooms of one floor that know each other" "floor violation"

fresh
printf '/* Lua. */\n#include <lua.h>\n' >"$tree/core/host/l.c"
expect "Lua outside bindings/" "Lua is known to bindings/ alone"

fresh
mkdir -p "$tree/core/attic"
printf '/* New. */\nint ln_x;\n' >"$tree/core/attic/x.c"
expect "a room that has no floor" "has no floor"

fresh
printf '/* Clock. */\n#include <time.h>\nlong ln_now(void)\n{\n    return time(NULL);\n}\n' >"$tree/core/host/c.c"
expect "time past the reactor" "time or sockets past"

fresh
printf '/* Socket. */\n#include <sys/socket.h>\nint ln_s(void)\n{\n    return socket(1, 1, 0);\n}\n' >"$tree/core/bitget/s.c"
expect "a socket past the net" "time or sockets past"

fresh
printf '/* Banned. */\n#include <string.h>\nvoid ln_b(char *d)\n{\n    strcpy(d, "x");\n}\n' >"$tree/core/base/b.c"
expect "a banned call" "banned call"

fresh
printf '/* Money. */\nstruct ln_m {\n    double price;\n};\n' >"$tree/core/trade/m.h"
expect "floating point in order state" "floating point"

fresh
mkdir -p "$tree/core/exchange"
printf '/* Money. */\nstruct ln_a {\n    double balance;\n};\n' >"$tree/core/exchange/a.h"
expect "floating point in the engine's accounts" "floating point"

fresh
printf 'int ln_x;\n' >"$tree/core/base/x.c"
expect "a file without a comment at its top" "no comment at its top"

fresh
printf '/* Format. */\nint   ln_x ;\n' >"$tree/core/base/x.c"
expect "wrong format" "format"

fresh
printf '/* Alone. */\nsize_t ln_x(void);\n' >"$tree/core/base/x.h"
expect "a header that does not compile alone" "does not compile alone"

fresh
{ printf '/* Long. */\nint\nln_long(int x)\n{\n'; yes '    x++;' | head -100; printf '    return x;\n}\n'; } >"$tree/core/base/x.c"
expect "a function of more than 90 lines" "a function of"

[ $failures -eq 0 ]
