/*
 * The price book: two sorted arrays, searched by halves, moved by memmove.
 */
#include "market/book.h"

#include <stdlib.h>
#include <string.h>

enum ln_err
ln_book_init(struct ln_book *book)
{
    memset(book, 0, sizeof(*book));
    book->bids.levels = calloc(LN_BOOK_DEPTH_MAX, sizeof(struct ln_book_level));
    book->asks.levels = calloc(LN_BOOK_DEPTH_MAX, sizeof(struct ln_book_level));
    if (book->bids.levels && book->asks.levels)
        return LN_OK;
    ln_book_deinit(book);
    return LN_ERR_NOMEM;
}

void
ln_book_deinit(struct ln_book *book)
{
    free(book->bids.levels);
    free(book->asks.levels);
    memset(book, 0, sizeof(*book));
}

void
ln_book_clear(struct ln_book *book)
{
    book->bids.count = book->asks.count = 0;
    book->state = LN_BOOK_EMPTY;
    book->seq = 0;
    book->time_ms = 0;
    book->updates = 0;
}

static void
to_gap(struct ln_book *book)
{
    if (book->state != LN_BOOK_GAP)
        book->gaps++;
    book->state = LN_BOOK_GAP;
}

void
ln_book_snapshot_begin(struct ln_book *book)
{
    ln_book_clear(book);
}

bool
ln_book_update_begin(struct ln_book *book, int64_t seq, int64_t pseq,
                     bool has_pseq)
{
    if (book->state != LN_BOOK_VALID) {
        to_gap(book);
        return false;
    }
    bool follows = has_pseq ? pseq == book->seq && pseq != 0 : seq > book->seq;
    if (!follows)
        to_gap(book);
    return follows;
}

/* Position of a price, or where it belongs; worst prices are at the end. */
static uint32_t
find(const struct ln_book_side *s, enum ln_side side, int64_t price)
{
    uint32_t lo = 0, hi = s->count;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int64_t p = s->levels[mid].price_ticks;
        bool better = side == LN_BUY ? p > price : p < price;
        if (better)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void
keep_text(char out[LN_BOOK_TEXT_CAP], struct ln_str text)
{
    size_t n = text.len < LN_BOOK_TEXT_CAP ? text.len : 0;
    if (n)
        memcpy(out, text.ptr, n);
    out[n] = 0;
}

void
ln_book_set(struct ln_book *book, enum ln_side side, int64_t price_ticks,
            int64_t size_lots, struct ln_str price_text,
            struct ln_str size_text)
{
    struct ln_book_side *s = side == LN_BUY ? &book->bids : &book->asks;
    uint32_t at = find(s, side, price_ticks);
    bool there = at < s->count && s->levels[at].price_ticks == price_ticks;
    if (size_lots <= 0) {
        if (there) {
            s->count--;
            memmove(&s->levels[at], &s->levels[at + 1],
                    (s->count - at) * sizeof(*s->levels));
        }
        return;
    }
    if (!there) {
        if (at >= LN_BOOK_DEPTH_MAX)
            return; /* worse than all that are kept */
        if (s->count == LN_BOOK_DEPTH_MAX)
            s->count--;
        memmove(&s->levels[at + 1], &s->levels[at],
                (s->count - at) * sizeof(*s->levels));
        s->count++;
        s->levels[at].price_ticks = price_ticks;
    }
    s->levels[at].size_lots = size_lots;
    keep_text(s->levels[at].price_text, price_text);
    keep_text(s->levels[at].size_text, size_text);
}

bool
ln_book_commit(struct ln_book *book, int64_t seq, int64_t time_ms)
{
    if (book->state == LN_BOOK_GAP)
        return false; /* of an update that was refused when it began */
    bool crossed =
        book->bids.count && book->asks.count &&
        book->bids.levels[0].price_ticks >= book->asks.levels[0].price_ticks;
    if (crossed) {
        to_gap(book);
        return false;
    }
    book->updates = book->state == LN_BOOK_VALID ? book->updates + 1 : 0;
    book->state = LN_BOOK_VALID;
    book->seq = seq;
    book->time_ms = time_ms;
    return true;
}
