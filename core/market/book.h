/*
 * A price book: sorted levels per side, best first, as told by snapshots and
 * updates that are chained by sequence numbers.
 *
 *   EMPTY --snapshot--> VALID --update(pseq == seq)--> VALID
 *     |                   |------update(pseq != seq)--> GAP (wants a snapshot)
 *     |                   |------crossed after update-> GAP
 *     \-----update------------------------------------> GAP
 *
 * Nothing but a snapshot leaves GAP. An update whose pseq is 0 is the
 * exchange's reset and never follows.
 *
 * Also keeps the original texts of the best 25 levels where the venue's
 * legacy checksum needs them (texts: see ln_book_checksum_*).
 */
#ifndef LN_MARKET_BOOK_H
#define LN_MARKET_BOOK_H

#include "base/error.h"
#include "base/str.h"
#include "market/types.h"

#define LN_BOOK_DEPTH_MAX                                                      \
    1000                    /* levels kept per side; worse ones are dropped */
#define LN_BOOK_TEXT_CAP 24 /* bytes of an original price or size text */

enum ln_book_state { LN_BOOK_EMPTY, LN_BOOK_VALID, LN_BOOK_GAP };

struct ln_book_level {
    int64_t price_ticks;
    int64_t size_lots;
    char price_text[LN_BOOK_TEXT_CAP]; /* as received; "" if not kept */
    char size_text[LN_BOOK_TEXT_CAP];
};

struct ln_book_side {
    struct ln_book_level *levels; /* owned; best first */
    uint32_t count;
};

struct ln_book {
    struct ln_book_side bids, asks;
    enum ln_book_state state;
    int64_t seq;
    int64_t time_ms;
    uint64_t updates; /* applied since the snapshot */
    uint64_t gaps;    /* found since init */
};

/* Allocates both sides at full depth; nothing is allocated afterwards. */
enum ln_err ln_book_init(struct ln_book *book) LN_MUST_USE;
void ln_book_deinit(struct ln_book *book);

/* To EMPTY: on disconnect, before a new snapshot. */
void ln_book_clear(struct ln_book *book);

/* Begin a snapshot (clears), or an update. Then set levels, then commit. */
void ln_book_snapshot_begin(struct ln_book *book);
/*
 * False: the update does not follow (<pseq> is not our seq, or the book is
 * not VALID): state is GAP, the caller asks for a new snapshot. has_pseq
 * false: the legacy feed without pseq, only checks that seq grows.
 */
bool ln_book_update_begin(struct ln_book *book, int64_t seq, int64_t pseq,
                          bool has_pseq);

/*
 * Set the size at a price; 0 lots deletes (also an unknown price). texts may
 * be empty when no checksum is in use.
 */
void ln_book_set(struct ln_book *book, enum ln_side side, int64_t price_ticks,
                 int64_t size_lots, struct ln_str price_text,
                 struct ln_str size_text);

/*
 * End either. False: the book is crossed (bid >= ask), or the update did not
 * follow; state is GAP.
 */
bool ln_book_commit(struct ln_book *book, int64_t seq, int64_t time_ms);

/*
 * Text of the legacy checksum: bid1 price:size:ask1 price:size:bid2 ... over
 * the best 25, joined by ':'. Returns its length; out must hold <cap> bytes
 * (25 x 4 x LN_BOOK_TEXT_CAP is always enough; what does not fit is cut off).
 */
size_t ln_book_checksum_text(const struct ln_book *book, char *out, size_t cap);
/* CRC-32 (IEEE) of that text, as the signed integer of the wire. */
int32_t ln_book_checksum(const struct ln_book *book);

#endif
