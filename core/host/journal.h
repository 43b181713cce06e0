/*
 * The intent log: what a host must know after it was killed at any instant.
 *
 * Every order is written here before it leaves, by one append without waiting
 * for the disk: that survives the process. What a power cut takes of it is
 * found again by asking the exchange for the clientOids of our prefix. At
 * each start the log is read, replayed (recover.c), and written anew in
 * short, so it does not grow for ever.
 *
 * Lines of text, newest last, each with a checksum; a torn last line is what
 * a crash leaves and is passed over, a bad line elsewhere is reported.
 *
 *   N time number name                        a strategy and its number
 *   S time oid owner symbol side type tif ... an order is about to be sent
 *   A time oid new-oid price size             an amend is about to be sent
 *   I time oid order-id                       the exchange's id is known
 *   E time oid state                          it is final
 *   F time oid order-id trade-id owner ...    a fill was booked
 *   P time owner symbol size cost ...         a position, as at that line
 *
 * Prices and sizes are decimal text, as the steps of an instrument may have
 * changed when they are read again.
 */
#ifndef LN_HOST_JOURNAL_H
#define LN_HOST_JOURNAL_H

#include "base/buf.h"
#include "loop/disk.h"
#include "trade/order.h"
#include "trade/position.h"

#define LN_JOURNAL_MAX (256U << 20) /* bytes that are read back at most */
#define LN_NUMBER_CAP  40           /* text of a price or size */

enum ln_journal_kind {
    LN_J_STRATEGY = 'N',
    LN_J_SUBMIT = 'S',
    LN_J_AMEND = 'A',
    LN_J_ID = 'I',
    LN_J_END = 'E',
    LN_J_FILL = 'F',
    LN_J_POSITION = 'P'
};

/* One line. Which fields count is said by the kind. */
struct ln_journal_record {
    enum ln_journal_kind kind;
    int64_t time_ms;
    uint32_t owner; /* number of a strategy; 0: foreign */
    char name[48];  /* STRATEGY */
    char symbol[LN_SYMBOL_CAP];
    char oid[LN_OID_CAP], new_oid[LN_OID_CAP];
    char order_id[24], trade_id[24];
    uint8_t side, type, tif, pos_side, margin_mode, liquidity, state;
    bool reduce_only;
    bool unflagged; /* ... for the strategy; sent without the flag */
    char price[LN_NUMBER_CAP], size[LN_NUMBER_CAP]; /* POSITION: signed */
    char take_profit[LN_NUMBER_CAP], stop_loss[LN_NUMBER_CAP]; /* "0": none */
    char tag[24];
    int64_t fee_e8, profit_e8; /* FILL; POSITION: realised */
    int64_t cost_e8;           /* POSITION */
    uint64_t fills;            /* POSITION */
};

struct ln_journal;

/*
 * Open, and read what is there: <each> is called for every good line. Errors:
 * IO, NOMEM, STATE (another process has it open).
 */
typedef void (*ln_journal_fn)(void *ctx, const struct ln_journal_record *r);
enum ln_err ln_journal_open(struct ln_disk *disk, const char *path,
                            ln_journal_fn each, void *ctx,
                            struct ln_journal **out,
                            struct ln_error *err) LN_MUST_USE;
void ln_journal_close(struct ln_journal *j);

/* One append. An error leaves the log as it was. */
enum ln_err ln_journal_put(struct ln_journal *j,
                           const struct ln_journal_record *r,
                           struct ln_error *err) LN_MUST_USE;
/*
 * Replace all of it: begin, add lines, end. Until the end, and if it fails,
 * the old content counts.
 */
void ln_journal_rewrite_begin(struct ln_journal *j);
void ln_journal_rewrite_add(struct ln_journal *j,
                            const struct ln_journal_record *r);
enum ln_err ln_journal_rewrite_end(struct ln_journal *j,
                                   struct ln_error *err) LN_MUST_USE;

/* Time of the newest line that was read; 0: the log was empty. */
int64_t ln_journal_newest_ms(const struct ln_journal *j);
/* Lines that were not understood, the torn last one apart. */
uint32_t ln_journal_bad_lines(const struct ln_journal *j);

/* ---- one line (for tests and the writer) ---- */
void ln_journal_format(const struct ln_journal_record *r, struct ln_buf *out);
bool ln_journal_parse(struct ln_str line, struct ln_journal_record *out);

#endif
