/*
 * The legacy checksum: the two worked values of the wire reference, its
 * usual bug, and the bounds of its text.
 */
#include "market/book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_CAP ((size_t)25 * 4 * LN_BOOK_TEXT_CAP)

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
set(struct ln_book *b, enum ln_side side, int64_t ticks, int64_t lots,
    const char *price, const char *size)
{
    ln_book_set(b, side, ticks, lots, ln_str(price), ln_str(size));
}

static void
snapshot(struct ln_book *b, const char *size_of_640109)
{
    ln_book_snapshot_begin(b);
    set(b, LN_SELL, 640106, 300, "64010.6", "0.3");
    set(b, LN_SELL, 640109, 4000, "64010.9", size_of_640109);
    set(b, LN_SELL, 640112, 550, "64011.2", "0.55");
    set(b, LN_BUY, 640105, 1201, "64010.5", "1.201");
    set(b, LN_BUY, 640104, 2100, "64010.4", "2.1");
    assert_true(ln_book_commit(b, 1, 1));
}

static void
worked_value_of_a_snapshot(void **state)
{
    struct ln_book *b = *state;
    char text[TEXT_CAP];
    snapshot(b, "4.00");
    size_t len = ln_book_checksum_text(b, text, sizeof(text));
    assert_string_equal(text, "64010.5:1.201:64010.6:0.3:"
                              "64010.4:2.1:64010.9:4.00:64011.2:0.55");
    assert_int_equal(len, strlen(text));
    assert_int_equal(ln_book_checksum(b), -1579177934);
}

static void
worked_value_after_an_update(void **state)
{
    struct ln_book *b = *state;
    char text[TEXT_CAP];
    snapshot(b, "4.00");
    assert_true(ln_book_update_begin(b, 2, 1, true));
    set(b, LN_SELL, 640106, 0, "64010.6", "0");
    set(b, LN_SELL, 640109, 3500, "64010.9", "3.50");
    set(b, LN_BUY, 640105, 1203, "64010.5", "1.203");
    assert_true(ln_book_commit(b, 2, 2));
    ln_book_checksum_text(b, text, sizeof(text));
    assert_string_equal(text, "64010.5:1.203:64010.9:3.50:"
                              "64010.4:2.1:64011.2:0.55");
    assert_int_equal(ln_book_checksum(b), -261702690);
}

static void
trailing_zeros_count(void **state)
{
    struct ln_book *b = *state;
    snapshot(b, "4");
    assert_int_equal(ln_book_checksum(b), -909498940);
}

static void
the_longer_side_goes_on_alone(void **state)
{
    struct ln_book *b = *state;
    char text[TEXT_CAP];
    ln_book_snapshot_begin(b);
    set(b, LN_BUY, 2, 1, "2", "1");
    set(b, LN_SELL, 3, 1, "3", "1");
    set(b, LN_SELL, 4, 7, "4", "7");
    set(b, LN_SELL, 5, 8, "5", "8");
    assert_true(ln_book_commit(b, 1, 1));
    ln_book_checksum_text(b, text, sizeof(text));
    assert_string_equal(text, "2:1:3:1:4:7:5:8");
    set(b, LN_BUY, 2, 0, "2", "0");
    ln_book_checksum_text(b, text, sizeof(text));
    assert_string_equal(text, "3:1:4:7:5:8");
}

static void
crc_of_nothing_and_of_the_check_text(void **state)
{
    struct ln_book *b = *state;
    char text[1];
    assert_int_equal(ln_book_checksum_text(b, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    assert_int_equal(ln_book_checksum(b), 0);
    /* zlib: crc32(0, "12345:6789", 10) */
    set(b, LN_BUY, 12345, 6789, "12345", "6789");
    assert_int_equal((uint32_t)ln_book_checksum(b), 818604633U);
}

static void
only_25_levels_count(void **state)
{
    struct ln_book *b = *state;
    char price[LN_BOOK_TEXT_CAP];
    for (int i = 0; i < 25; i++) {
        snprintf(price, sizeof(price), "%d", 1000 - i);
        set(b, LN_BUY, 1000 - i, 1, price, "1");
    }
    int32_t before = ln_book_checksum(b);
    set(b, LN_BUY, 900, 1, "900", "1"); /* the 26th */
    assert_int_equal(ln_book_checksum(b), before);
    set(b, LN_BUY, 1000, 2, "1000", "2");
    assert_int_not_equal(ln_book_checksum(b), before);
}

static void
the_longest_texts_fit_exactly(void **state)
{
    struct ln_book *b = *state;
    char text[TEXT_CAP + 1];
    const char *longest = "12345678901234567890123";
    assert_int_equal(strlen(longest), LN_BOOK_TEXT_CAP - 1);
    for (int i = 0; i < 30; i++) {
        set(b, LN_BUY, 100 - i, 1, longest, longest);
        set(b, LN_SELL, 200 + i, 1, longest, longest);
    }
    text[TEXT_CAP] = '#';
    size_t len = ln_book_checksum_text(b, text, TEXT_CAP);
    assert_int_equal(len, TEXT_CAP - 1);
    assert_int_equal(text[len], 0);
    assert_int_equal(text[TEXT_CAP], '#');
}

static void
what_does_not_fit_is_cut_off(void **state)
{
    struct ln_book *b = *state;
    char text[16];
    snapshot(b, "4.00");
    /* "64010.5:1.201" is 13 bytes and the terminator. */
    assert_int_equal(ln_book_checksum_text(b, text, 14), 13);
    assert_string_equal(text, "64010.5:1.201");
    assert_int_equal(ln_book_checksum_text(b, text, 13), 7);
    assert_string_equal(text, "64010.5");
    assert_int_equal(ln_book_checksum_text(b, text, 0), 0);
}

static void
a_shorter_text_takes_the_place_of_a_longer(void **state)
{
    struct ln_book *b = *state;
    char text[TEXT_CAP];
    set(b, LN_BUY, 10, 1201, "10.00", "1.201");
    set(b, LN_BUY, 10, 2, "10", "2");
    ln_book_checksum_text(b, text, sizeof(text));
    assert_string_equal(text, "10:2");
    /* Without a text, none is left over. */
    ln_book_set(b, LN_BUY, 10, 3, ln_strn(NULL, 0), ln_strn(NULL, 0));
    assert_string_equal(b->bids.levels[0].price_text, "");
    assert_string_equal(b->bids.levels[0].size_text, "");
}

static void
texts_move_with_their_levels(void **state)
{
    struct ln_book *b = *state;
    char text[TEXT_CAP];
    set(b, LN_SELL, 30, 1, "30", "1.0");
    set(b, LN_SELL, 10, 3, "10", "3.0");
    set(b, LN_SELL, 20, 2, "20", "2.0");
    ln_book_checksum_text(b, text, sizeof(text));
    assert_string_equal(text, "10:3.0:20:2.0:30:1.0");
    set(b, LN_SELL, 10, 0, "10", "0");
    ln_book_checksum_text(b, text, sizeof(text));
    assert_string_equal(text, "20:2.0:30:1.0");
}

static void
texts_that_are_too_long_are_not_kept(void **state)
{
    struct ln_book *b = *state;
    set(b, LN_BUY, 1, 1, "123456789012345678901234", "1");
    assert_string_equal(b->bids.levels[0].price_text, "");
    assert_string_equal(b->bids.levels[0].size_text, "1");
}

#define BOOK_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BOOK_TEST(worked_value_of_a_snapshot),
        BOOK_TEST(worked_value_after_an_update),
        BOOK_TEST(trailing_zeros_count),
        BOOK_TEST(the_longer_side_goes_on_alone),
        BOOK_TEST(crc_of_nothing_and_of_the_check_text),
        BOOK_TEST(only_25_levels_count),
        BOOK_TEST(the_longest_texts_fit_exactly),
        BOOK_TEST(what_does_not_fit_is_cut_off),
        BOOK_TEST(a_shorter_text_takes_the_place_of_a_longer),
        BOOK_TEST(texts_move_with_their_levels),
        BOOK_TEST(texts_that_are_too_long_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
