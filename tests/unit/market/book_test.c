/*
 * The price book: order of levels, the chain of sequence numbers, crossing,
 * depth; and a long random run against the simplest model there is.
 */
#include "base/rng.h"
#include "market/book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct ln_str none = {NULL, 0};

static int
setup(void **state)
{
    static struct ln_book book;
    *state = &book;
    return ln_book_init(&book) == LN_OK ? 0 : -1;
}

static int
teardown(void **state)
{
    ln_book_deinit(*state);
    return 0;
}

static void
set(struct ln_book *b, enum ln_side side, int64_t price, int64_t lots)
{
    ln_book_set(b, side, price, lots, none, none);
}

/* Bids 100 x 5, 99 x 6; asks 101 x 7, 103 x 8; seq 10. */
static void
snapshot(struct ln_book *b)
{
    ln_book_snapshot_begin(b);
    set(b, LN_SELL, 103, 8);
    set(b, LN_SELL, 101, 7);
    set(b, LN_BUY, 99, 6);
    set(b, LN_BUY, 100, 5);
    assert_true(ln_book_commit(b, 10, 1000));
}

static void
expect_level(const struct ln_book_side *s, uint32_t i, int64_t price,
             int64_t lots)
{
    assert_true(i < s->count);
    assert_int_equal(s->levels[i].price_ticks, price);
    assert_int_equal(s->levels[i].size_lots, lots);
}

static void
begins_empty(void **state)
{
    const struct ln_book *b = *state;
    assert_int_equal(b->state, LN_BOOK_EMPTY);
    assert_int_equal(b->bids.count, 0);
    assert_int_equal(b->asks.count, 0);
    assert_int_equal(b->gaps, 0);
}

static void
snapshot_is_sorted_best_first(void **state)
{
    struct ln_book *b = *state;
    snapshot(b);
    assert_int_equal(b->state, LN_BOOK_VALID);
    assert_int_equal(b->seq, 10);
    assert_int_equal(b->time_ms, 1000);
    assert_int_equal(b->updates, 0);
    assert_int_equal(b->bids.count, 2);
    expect_level(&b->bids, 0, 100, 5);
    expect_level(&b->bids, 1, 99, 6);
    assert_int_equal(b->asks.count, 2);
    expect_level(&b->asks, 0, 101, 7);
    expect_level(&b->asks, 1, 103, 8);
}

static void
update_sets_inserts_and_deletes(void **state)
{
    struct ln_book *b = *state;
    snapshot(b);
    assert_true(ln_book_update_begin(b, 15, 10, true));
    set(b, LN_SELL, 101, 0);
    set(b, LN_SELL, 102, 3);
    set(b, LN_BUY, 100, 1);
    set(b, LN_BUY, 98, 9);
    assert_true(ln_book_commit(b, 15, 1100));
    assert_int_equal(b->seq, 15);
    assert_int_equal(b->time_ms, 1100);
    assert_int_equal(b->updates, 1);
    assert_int_equal(b->asks.count, 2);
    expect_level(&b->asks, 0, 102, 3);
    expect_level(&b->asks, 1, 103, 8);
    assert_int_equal(b->bids.count, 3);
    expect_level(&b->bids, 0, 100, 1);
    expect_level(&b->bids, 1, 99, 6);
    expect_level(&b->bids, 2, 98, 9);
}

static void
deleting_an_unknown_price_is_no_error(void **state)
{
    struct ln_book *b = *state;
    snapshot(b);
    assert_true(ln_book_update_begin(b, 11, 10, true));
    set(b, LN_BUY, 97, 0);
    set(b, LN_BUY, 200, 0);
    set(b, LN_SELL, 102, 0);
    assert_true(ln_book_commit(b, 11, 1));
    assert_int_equal(b->bids.count, 2);
    assert_int_equal(b->asks.count, 2);
}

static void
update_that_does_not_follow_is_a_gap(void **state)
{
    struct ln_book *b = *state;
    snapshot(b);
    assert_false(ln_book_update_begin(b, 20, 11, true));
    assert_int_equal(b->state, LN_BOOK_GAP);
    assert_int_equal(b->gaps, 1);
    /* Nothing but a snapshot mends it, and it is one gap, not many. */
    assert_false(ln_book_update_begin(b, 20, 10, true));
    assert_false(ln_book_commit(b, 20, 1));
    assert_int_equal(b->state, LN_BOOK_GAP);
    assert_int_equal(b->gaps, 1);
    snapshot(b);
    assert_int_equal(b->state, LN_BOOK_VALID);
    assert_int_equal(b->gaps, 1);
}

static void
pseq_zero_is_a_reset(void **state)
{
    struct ln_book *b = *state;
    ln_book_snapshot_begin(b);
    set(b, LN_BUY, 1, 1);
    assert_true(ln_book_commit(b, 0, 1)); /* even where the numbers match */
    assert_false(ln_book_update_begin(b, 5, 0, true));
    assert_int_equal(b->state, LN_BOOK_GAP);
}

static void
update_before_a_snapshot_is_a_gap(void **state)
{
    struct ln_book *b = *state;
    assert_false(ln_book_update_begin(b, 2, 1, true));
    assert_int_equal(b->state, LN_BOOK_GAP);
    snapshot(b);
    ln_book_clear(b);
    assert_int_equal(b->state, LN_BOOK_EMPTY);
    assert_int_equal(b->bids.count, 0);
    assert_false(ln_book_update_begin(b, 11, 10, true));
    assert_int_equal(b->state, LN_BOOK_GAP);
    assert_int_equal(b->gaps, 2);
}

static void
clear_forgets_everything_but_the_gaps(void **state)
{
    struct ln_book *b = *state;
    snapshot(b);
    assert_true(ln_book_update_begin(b, 11, 10, true));
    assert_true(ln_book_commit(b, 11, 1100));
    assert_false(ln_book_update_begin(b, 20, 12, true));
    ln_book_clear(b);
    assert_int_equal(b->state, LN_BOOK_EMPTY);
    assert_int_equal(b->seq, 0);
    assert_int_equal(b->time_ms, 0);
    assert_int_equal(b->updates, 0);
    assert_int_equal(b->bids.count, 0);
    assert_int_equal(b->asks.count, 0);
    assert_int_equal(b->gaps, 1);
}

/* What the chain allows: each update names its predecessor, once. */
static void
an_update_twice_is_a_gap(void **state)
{
    struct ln_book *b = *state;
    snapshot(b);
    assert_true(ln_book_update_begin(b, 11, 10, true));
    assert_true(ln_book_commit(b, 11, 1));
    assert_false(ln_book_update_begin(b, 11, 10, true));
    assert_int_equal(b->state, LN_BOOK_GAP);
}

/* Values as they are on the wire, and beyond what a double can count. */
static void
chain_of_large_numbers(void **state)
{
    struct ln_book *b = *state;
    int64_t seq = 731120045501;
    ln_book_snapshot_begin(b);
    assert_true(ln_book_commit(b, seq, 1790000000000));
    assert_true(ln_book_update_begin(b, seq + 46, seq, true));
    assert_true(ln_book_commit(b, seq + 46, 1790000000100));
    seq = INT64_C(9007199254740993); /* 2^53 + 1 */
    ln_book_snapshot_begin(b);
    assert_true(ln_book_commit(b, seq, 1));
    assert_false(ln_book_update_begin(b, seq + 9, seq - 1, true));
}

static void
legacy_feed_only_has_to_grow(void **state)
{
    struct ln_book *b = *state;
    snapshot(b);
    assert_true(ln_book_update_begin(b, 12, 0, false));
    assert_true(ln_book_commit(b, 12, 1));
    assert_true(ln_book_update_begin(b, 90, 0, false));
    assert_true(ln_book_commit(b, 90, 1));
    assert_false(ln_book_update_begin(b, 90, 0, false));
    assert_int_equal(b->state, LN_BOOK_GAP);
}

static void
crossed_book_is_a_gap(void **state)
{
    struct ln_book *b = *state;
    snapshot(b);
    assert_true(ln_book_update_begin(b, 11, 10, true));
    set(b, LN_BUY, 101, 1); /* as high as the best ask */
    assert_false(ln_book_commit(b, 11, 1));
    assert_int_equal(b->state, LN_BOOK_GAP);
    assert_int_equal(b->gaps, 1);
    ln_book_snapshot_begin(b);
    set(b, LN_BUY, 105, 1);
    set(b, LN_SELL, 104, 1);
    assert_false(ln_book_commit(b, 11, 1));
    assert_int_equal(b->state, LN_BOOK_GAP);
}

static void
crossing_in_passing_is_allowed(void **state)
{
    struct ln_book *b = *state;
    snapshot(b);
    assert_true(ln_book_update_begin(b, 11, 10, true));
    set(b, LN_BUY, 102, 1); /* asks of the same message make room for it */
    set(b, LN_SELL, 101, 0);
    assert_true(ln_book_commit(b, 11, 1));
    expect_level(&b->bids, 0, 102, 1);
    expect_level(&b->asks, 0, 103, 8);
}

static void
one_side_alone_is_a_book(void **state)
{
    struct ln_book *b = *state;
    ln_book_snapshot_begin(b);
    assert_true(ln_book_commit(b, 1, 1));
    assert_true(ln_book_update_begin(b, 2, 1, true));
    set(b, LN_BUY, 100, 1);
    assert_true(ln_book_commit(b, 2, 1));
    assert_int_equal(b->asks.count, 0);
}

static void
the_worst_levels_are_dropped(void **state)
{
    struct ln_book *b = *state;
    const struct ln_book_level *memory = b->bids.levels;
    ln_book_snapshot_begin(b);
    for (int64_t i = 0; i < LN_BOOK_DEPTH_MAX + 50; i++) {
        set(b, LN_BUY, 5000 - i, 1 + i);
        set(b, LN_SELL, 9000 - i, 1 + i); /* worst first: all are better */
    }
    assert_true(ln_book_commit(b, 1, 1));
    assert_int_equal(b->bids.count, LN_BOOK_DEPTH_MAX);
    expect_level(&b->bids, 0, 5000, 1);
    expect_level(&b->bids, LN_BOOK_DEPTH_MAX - 1, 5001 - LN_BOOK_DEPTH_MAX,
                 LN_BOOK_DEPTH_MAX);
    assert_int_equal(b->asks.count, LN_BOOK_DEPTH_MAX);
    expect_level(&b->asks, 0, 9000 - LN_BOOK_DEPTH_MAX - 49,
                 LN_BOOK_DEPTH_MAX + 50);
    expect_level(&b->asks, LN_BOOK_DEPTH_MAX - 1, 8950, 51);
    assert_ptr_equal(b->bids.levels, memory);
}

static void
absurd_prices_find_a_place(void **state)
{
    struct ln_book *b = *state;
    ln_book_snapshot_begin(b);
    set(b, LN_BUY, INT64_MIN, INT64_MAX);
    set(b, LN_SELL, INT64_MAX, 1);
    set(b, LN_SELL, 1, -5); /* a negative size deletes like 0 */
    assert_true(ln_book_commit(b, INT64_MAX, INT64_MIN));
    expect_level(&b->bids, 0, INT64_MIN, INT64_MAX);
    assert_int_equal(b->asks.count, 1);
}

/* ---- against a model: one size per price, in an array ---- */

#define PRICES 400

static void
expect_model(const struct ln_book *b, const int64_t *bid, const int64_t *ask)
{
    uint32_t nb = 0, na = 0;
    for (int p = PRICES - 1; p >= 0; p--)
        if (bid[p])
            expect_level(&b->bids, nb++, p, bid[p]);
    for (int p = 0; p < PRICES; p++)
        if (ask[p])
            expect_level(&b->asks, na++, p, ask[p]);
    assert_int_equal(b->bids.count, nb);
    assert_int_equal(b->asks.count, na);
}

static void
random_updates_agree_with_a_model(void **state)
{
    struct ln_book *b = *state;
    int64_t bid[PRICES] = {0}, ask[PRICES] = {0}, seq = 1;
    struct ln_rng rng;
    ln_rng_seed(&rng, 42);
    ln_book_snapshot_begin(b);
    assert_true(ln_book_commit(b, seq, 0));
    for (int round = 0; round < 3000; round++) {
        int64_t next = seq + ln_rng_between(&rng, 1, 50);
        assert_true(ln_book_update_begin(b, next, seq, true));
        for (uint64_t k = ln_rng_below(&rng, 8); k > 0; k--) {
            bool buy = ln_rng_below(&rng, 2);
            int64_t p = ln_rng_between(&rng, 0, PRICES / 2 - 1);
            int64_t lots =
                ln_rng_below(&rng, 3) ? ln_rng_between(&rng, 1, 1000) : 0;
            p += buy ? 0 : PRICES / 2; /* never crossed */
            (buy ? bid : ask)[p] = lots;
            set(b, buy ? LN_BUY : LN_SELL, p, lots);
        }
        assert_true(ln_book_commit(b, next, round));
        seq = next;
        expect_model(b, bid, ask);
    }
    assert_int_equal(b->updates, 3000);
    assert_int_equal(b->gaps, 0);
}

#define BOOK_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BOOK_TEST(begins_empty),
        BOOK_TEST(snapshot_is_sorted_best_first),
        BOOK_TEST(update_sets_inserts_and_deletes),
        BOOK_TEST(deleting_an_unknown_price_is_no_error),
        BOOK_TEST(update_that_does_not_follow_is_a_gap),
        BOOK_TEST(pseq_zero_is_a_reset),
        BOOK_TEST(update_before_a_snapshot_is_a_gap),
        BOOK_TEST(clear_forgets_everything_but_the_gaps),
        BOOK_TEST(an_update_twice_is_a_gap),
        BOOK_TEST(chain_of_large_numbers),
        BOOK_TEST(legacy_feed_only_has_to_grow),
        BOOK_TEST(crossed_book_is_a_gap),
        BOOK_TEST(crossing_in_passing_is_allowed),
        BOOK_TEST(one_side_alone_is_a_book),
        BOOK_TEST(the_worst_levels_are_dropped),
        BOOK_TEST(absurd_prices_find_a_place),
        BOOK_TEST(random_updates_agree_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
