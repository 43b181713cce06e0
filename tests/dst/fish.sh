#!/bin/sh
# Does the net catch fish? Each variant breaks the host in one place, in a copy
# of the tree; the simulation must find it within 200 seeds, with a seed that
# holds unbroken. Prints a table: what was broken, the seed that found it, what
# it said.
#
#   tests/dst/fish.sh [NAME ...]      all, or the named ones
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=${TMPDIR:-/tmp}/lunette-fish.$$
trap 'rm -rf "$work"' EXIT INT TERM
mkdir -p "$work/tree"
(cd "$root" && tar c --exclude=./build --exclude=./.git .) | tar x -C "$work/tree"
cd "$work/tree"
cmake --preset release -B "$work/build" -DCMAKE_C_FLAGS=-w >/dev/null
ninja -C "$work/build" -j2 --quiet lunette-dst
cp "$work/build/bin/lunette-dst" "$work/unbroken"
escaped=0

# fish NAME FILE SED-EXPRESSION WHAT
fish() {
    name=$1 file=$2 expression=$3 what=$4
    case " $wanted " in *" $name "* | "  ") ;; *) return 0 ;; esac
    cp "$file" "$work/kept"
    sed -i "$expression" "$file"
    if cmp -s "$file" "$work/kept"; then
        echo "$name: the place to break in $file was not found" >&2
        exit 1
    fi
    ninja -C "$work/build" -j2 --quiet lunette-dst
    found=none
    for seed in $(seq 1 200); do
        if ! "$work/build/bin/lunette-dst" --seed "$seed" --hours 1 >"$work/out" 2>&1 &&
            "$work/unbroken" --seed "$seed" --hours 1 >/dev/null 2>&1; then
            found=$seed
            break
        fi
    done
    cp "$work/kept" "$file"
    said=$(sed -n 's/^seed [0-9]* FAILED at [0-9]* ms: //p' "$work/out" | cut -c1-90)
    [ "$found" != none ] || { escaped=$((escaped + 1)); said="NOT FOUND"; }
    printf '| %s | %s | %s | %s |\n' "$name" "$what" "$found" "$said"
}

wanted="$*"
news=core/host/orders_news.c
printf '| variant | broken | seed | found as |\n| --- | --- | --- | --- |\n'
fish timeout_is_no $news 's/if (err->verdict == LN_VERDICT_ASK ||$/if (err->http_status == 1 ||/; s/(err->verdict == LN_VERDICT_RETRY \&\& err->sent \&\&/(err->http_status == 2 \&\& err->sent \&\&/' "a timeout is taken for a rejection"
fish no_dedupe $news 's/ || ln_booked_before(h, f))/)/' "fills are not known again after a restart"
fish trade_id_alone core/host/booked.c 's|"%s/%s", f->trade_id|"%s%.0s", f->trade_id|' "a fill is known by its trade id alone"
fish stale_cancel $news 's/    r->has_replaced_cancel = false; \/\* it was about the replaced one \*\///' "the cancel of a replaced order is kept"
fish no_intent core/host/memory.c '/^ln_memory_submit/,/^}/s/return put(h, &rec);/return rec.kind != 0;/' "orders are not written before they leave"
fish no_fill_line core/host/memory.c '/^ln_memory_fill/,/^}/s/    put(h, &rec);/    (void)rec;/' "fills are not written into the log"
fish unseen_forgotten core/host/risk.c 's/ln_order_open_lots(o) + ln_order_unseen_lots(o)/ln_order_open_lots(o)/' "filled orders without their fills count for nothing"
fish reduce_forgotten core/host/risk.c 's/    booked += reducing;//' "what is being closed can still be closed by others"
fish missed_fills core/bitget/venue_private.c 's/    ln_bv_fills(v, LN_INSTRUMENT_NONE, v->fills_since_ms, v->round);/    ln_bv_round_part(v, v->round, true);/' "fills are not read after a reconnect"
fish absent_at_once $news 's/#define ABSENT_ANSWERS  3/#define ABSENT_ANSWERS 1/; s/#define ABSENT_AFTER_NS 5000000000LL/#define ABSENT_AFTER_NS 0LL/' "one 'no such order' is believed at once"
fish oids_again core/trade/oid.c 's/    m->next = (uint64_t)start_ms \* 1000;/    m->next = (uint64_t)(start_ms > 0) * 1000;/' "clientOids begin anew with each start"
fish twice $news 's/        r->lost_ns = ln_loop_now_ns(h->loop);/        r->lost_ns = ln_loop_now_ns(h->loop);\n        h->venue->ops->submit(h->venue, \&r->o.req);/' "an order without an answer is sent again"
fish positions_forgotten core/host/recover.c '/^replay_position/,/^}/s/        p->size_lots = lots_of(in, rec->size);/        p->size_lots = 0;/' "positions are not taken over from the log"
fish list_believed $news '/^listed(/,/^}/s/    return false;/    return e != NULL;/' "what a list of open orders lacks is not asked for"
fish amend_whole core/host/orders.c 's/    want.size_lots = ln_order_open_lots(&r->o);//' "an amend asks for the whole size again"
[ "$escaped" -eq 0 ] || { echo "$escaped variants were not found" >&2; exit 1; }
