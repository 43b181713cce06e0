#!/bin/sh
# What compilers and clang-tidy cannot see. Fails with one line per finding:
#
#   floors      a file includes only from its own folder and floors below
#   clock       time and sockets are taken through core/loop and core/net only
#   lua         only bindings/ includes Lua's headers
#   banned      calls that have no safe use here
#   shape       file comment, file and function length, headers alone
#   format      clang-format; luacheck for Lua
#
# LINT_ROOT may name another tree (the lint's own test does).
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "${LINT_ROOT:-$here/../..}" || exit 2
found=0
complain() {
    printf '%s\n' "$1" >&2
    found=1
}

sources=$(find core bindings plugins tests -name '*.[ch]' 2>/dev/null | sort)
rooms=$(printf '%s\n' "$sources" | grep -v '^tests/')

# ---- floors: which folders a folder may include from ----
may_include() {
    case $1 in
    base) echo "base" ;;
    loop) echo "base loop" ;;
    net) echo "base loop net" ;;
    market) echo "base market" ;;
    trade) echo "base market trade" ;;
    venue.h) echo "base market trade" ;;
    port) echo "base loop market trade port" ;;
    exchange) echo "base market trade venue.h exchange" ;;
    bitget) echo "base loop net market trade venue.h bitget" ;;
    host) echo "base loop net market trade venue.h port host" ;;
    bindings) echo "base loop market trade port bindings" ;;
    sim) echo "base loop net market trade venue.h bitget exchange sim" ;;
    cli) echo "base loop net market trade venue.h port bitget exchange host bindings sim cli" ;;
    plugins) echo "plugins" ;;
    *) echo "" ;;
    esac
}

room_of() {
    case $1 in
    core/venue.h) echo venue.h ;;
    core/*/*) echo "$1" | cut -d/ -f2 ;;
    *) echo "$1" | cut -d/ -f1 ;;
    esac
}

for f in $rooms; do
    room=$(room_of "$f")
    allowed=$(may_include "$room")
    [ -n "$allowed" ] || complain "$f: the room '$room' has no floor (see tests/lint/check.sh)"
    for inc in $(sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$f"); do
        target=${inc%%/*}
        case " $allowed " in
        *" $target "*) ;;
        *) complain "$f: floor violation: $room may not include \"$inc\"" ;;
        esac
    done
    if [ "$room" != bindings ] && grep -qE '^ *# *include *[<"](lua|lauxlib|lualib)\.h' "$f"; then
        complain "$f: Lua is known to bindings/ alone"
    fi
done

# ---- code without comments and strings, for the searches below ----
strip() {
    awk '{
        line = $0; out = ""
        while (length(line)) {
            if (inc) {
                e = index(line, "*/")
                if (!e) { line = ""; break }
                line = substr(line, e + 2); inc = 0
            } else if (match(line, /"([^"\\]|\\.)*"|\/\*|\/\//)) {
                tok = substr(line, RSTART, 2)
                out = out substr(line, 1, RSTART - 1)
                if (tok == "//") { line = ""; break }
                if (tok == "/*") { inc = 1; line = substr(line, RSTART + 2) }
                else { out = out "\"\""; line = substr(line, RSTART + RLENGTH) }
            } else { out = out line; line = "" }
        }
        print out
    }' "$1"
}

clock='(^|[^A-Za-z0-9_>.])(time|gettimeofday|clock_gettime|clock|uv_[a-z_]+|socket|connect|accept|sendto|recvfrom|usleep|nanosleep|sleep|localtime|gmtime)\('
banned='(^|[^A-Za-z0-9_>.])(gets|strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|rand|srand|system|popen|alloca|tmpnam|mktemp)\('
for f in $rooms; do
    case $f in
    core/loop/* | core/net/* | core/base/timefmt.c) ;;
    bindings/watchdog.c | bindings/strategy_main.c) ;; # CPU time of a process of its own
    *)
        hits=$(strip "$f" | grep -nE "$clock")
        [ -z "$hits" ] || complain "$f: time or sockets past core/loop and core/net: $hits"
        ;;
    esac
    hits=$(strip "$f" | grep -nE "$banned")
    [ -z "$hits" ] || complain "$f: banned call: $hits"
    case $f in
    # The invented market of the engine is drawn from distributions, and turned
    # into ticks and lots in these files before anything else sees it.
    core/exchange/candles.c | core/exchange/participants.c | core/exchange/quotes.c | core/exchange/replay.c | core/exchange/past.c | core/exchange/mood.c) ;;
    core/trade/* | core/market/* | core/exchange/*)
        hits=$(strip "$f" | grep -nE '(^|[^a-z_])(double|float) ' | grep -vE '_double\(|^[0-9]+:ln_|double (v|price|size)[,)]|^[0-9]+:double$')
        [ -z "$hits" ] || complain "$f: floating point in exact state: $hits"
        ;;
    esac
done

# ---- shape ----
for f in $sources; do
    lines=$(wc -l <"$f")
    [ "$lines" -le 700 ] || complain "$f: $lines lines: is it one idea? (700 at most)"
    first=$(head -n 1 "$f")
    case $first in
    '/*'*) ;;
    *) complain "$f: no comment at its top that says what it is for" ;;
    esac
    case $f in *.c)
        awk -v f="$f" -v max="$(case $f in tests/*) echo 160 ;; *) echo 90 ;; esac)" '
            /^[A-Za-z_].*\(.*[^;]$|^[a-z_0-9]+\(/ { name = $0 }
            /^\{/ { start = NR }
            /^\}/ { if (start && NR - start > max) {
                        print f ":" start ": a function of " NR - start " lines (" max " at most): " name
                        bad = 1 }
                    start = 0 }
            END { exit bad }' "$f" >&2 || found=1
        ;;
    esac
done

# ---- headers compile alone ----
for h in $(printf '%s\n' "$rooms" | grep '\.h$'); do
    printf '#include "%s"\n' "$PWD/$h" |
        gcc -std=c11 -D_GNU_SOURCE -Icore -I. $(pkg-config --cflags lua5.4 2>/dev/null) \
            -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c - 2>/dev/null ||
        complain "$h: does not compile alone"
done

# ---- format ----
if command -v clang-format >/dev/null; then
    for f in $sources; do
        clang-format --dry-run -Werror "$f" >/dev/null 2>&1 ||
            complain "$f: format (run clang-format -i $f)"
    done
else
    complain "clang-format is missing: ./dev deps"
fi
luas=$(find scripts tests -name '*.lua' ! -path 'tests/runtime/broken/*' 2>/dev/null)
if [ -n "$luas" ] && command -v luacheck >/dev/null; then
    # shellcheck disable=SC2086
    luacheck --quiet --no-color $luas >&2 || found=1
fi
exit $found
