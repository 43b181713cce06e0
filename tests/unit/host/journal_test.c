/*
 * The intent log: every line comes back as it was written, a crash loses at
 * most the torn end, and what is damaged is passed over and counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "host/journal.h"

#include <string.h>

#define PATH "intents.log"

struct seen {
    struct ln_journal_record items[64];
    size_t count;
};

static void
keep(void *ctx, const struct ln_journal_record *r)
{
    struct seen *s = ctx;
    assert_true(s->count < 64);
    s->items[s->count++] = *r;
}

static struct ln_journal *
open_log(struct ln_disk *disk, struct seen *s)
{
    struct ln_journal *j;
    struct ln_error err = {0};
    memset(s, 0, sizeof(*s));
    if (ln_journal_open(disk, PATH, keep, s, &j, &err) != LN_OK)
        fail_msg("%s", err.what);
    return j;
}

static void
put(struct ln_journal *j, const struct ln_journal_record *r)
{
    struct ln_error err = {0};
    if (ln_journal_put(j, r, &err) != LN_OK)
        fail_msg("%s", err.what);
}

static const struct ln_journal_record submit = {
    .kind = LN_J_SUBMIT,
    .time_ms = 1767225600123,
    .owner = 3,
    .oid = "ln-abc123-3-zz9",
    .symbol = "BTCUSDT",
    .side = LN_BUY,
    .type = LN_LIMIT,
    .tif = LN_POST_ONLY,
    .pos_side = LN_LONG,
    .margin_mode = LN_CROSSED,
    .reduce_only = true,
    .price = "64000.5",
    .size = "0.0123",
    .take_profit = "0",
    .stop_loss = "63000",
    .tag = "grid 50% *-",
};

static const struct ln_journal_record others[] = {
    {.kind = LN_J_STRATEGY, .time_ms = 1, .owner = 7, .name = "market maker"},
    {.kind = LN_J_AMEND,
     .time_ms = 2,
     .oid = "a",
     .new_oid = "b",
     .price = "1",
     .size = "2"},
    {.kind = LN_J_ID, .time_ms = 3, .oid = "a", .order_id = "1200000000000001"},
    {.kind = LN_J_END, .time_ms = 4, .oid = "a", .state = LN_ORDER_CANCELLED},
    {.kind = LN_J_FILL,
     .time_ms = 5,
     .oid = "a",
     .order_id = "12",
     .trade_id = "17",
     .owner = 1,
     .symbol = "ETHUSDT",
     .side = LN_SELL,
     .liquidity = LN_MAKER,
     .price = "3200.5",
     .size = "0.1",
     .fee_e8 = -6401000,
     .profit_e8 = -1},
    {.kind = LN_J_POSITION,
     .time_ms = 6,
     .owner = 0,
     .symbol = "ETHUSDT",
     .size = "-0.1",
     .cost_e8 = 32005000000,
     .profit_e8 = 12,
     .fee_e8 = -5,
     .fills = 4},
};

static void
test_every_kind_of_line_comes_back_as_it_was(void **state)
{
    struct ln_disk *disk = ln_disk_virtual_new(1);
    struct seen s;
    (void)state;
    struct ln_journal *j = open_log(disk, &s);
    assert_int_equal(s.count, 0);
    put(j, &submit);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        put(j, &others[i]);
    ln_journal_close(j);
    j = open_log(disk, &s);
    assert_int_equal(s.count, 1 + sizeof(others) / sizeof(others[0]));
    assert_memory_equal(&s.items[0], &submit, sizeof(submit));
    for (size_t i = 1; i < s.count; i++)
        assert_memory_equal(&s.items[i], &others[i - 1], sizeof(others[0]));
    assert_int_equal(ln_journal_newest_ms(j), submit.time_ms);
    assert_int_equal(ln_journal_bad_lines(j), 0);
    ln_journal_close(j);
    ln_disk_free(disk);
}

static void
test_a_power_cut_takes_whole_lines_off_the_end_and_no_other(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct ln_disk *disk = ln_disk_virtual_new(seed);
        struct seen s;
        struct ln_journal *j = open_log(disk, &s);
        for (size_t i = 0; i < 20; i++) {
            struct ln_journal_record r = submit;
            r.time_ms = (int64_t)i;
            put(j, &r);
        }
        ln_disk_virtual_crash(disk, true);
        ln_journal_close(j);
        j = open_log(disk, &s);
        for (size_t i = 0; i < s.count; i++)
            assert_int_equal(s.items[i].time_ms, i);
        assert_int_equal(ln_journal_bad_lines(j), 0);
        /* It goes on behind the torn line. */
        put(j, &submit);
        size_t before = s.count;
        ln_journal_close(j);
        j = open_log(disk, &s);
        assert_int_equal(s.count, before + 1);
        ln_journal_close(j);
        ln_disk_free(disk);
    }
}

static void
test_a_damaged_line_is_passed_over_and_counted(void **state)
{
    struct ln_disk *disk = ln_disk_virtual_new(1);
    struct ln_error err = {0};
    struct ln_buf text;
    struct seen s;
    (void)state;
    ln_log_set_level(LN_LOG_OFF);
    ln_buf_init(&text, 1 << 16);
    ln_journal_format(&submit, &text);
    ln_buf_adds(&text, "S 12 nonsense *00000000\n\nhello\n");
    ln_journal_format(&others[0], &text);
    assert_int_equal(ln_disk_replace(disk, PATH, text.data, text.len, &err),
                     LN_OK);
    struct ln_journal *j = open_log(disk, &s);
    assert_int_equal(s.count, 2);
    assert_int_equal(ln_journal_bad_lines(j), 2);
    ln_journal_close(j);
    ln_buf_deinit(&text);
    ln_disk_free(disk);
}

static void
test_one_changed_byte_never_passes_for_a_good_line(void **state)
{
    struct ln_buf text;
    struct ln_journal_record r;
    (void)state;
    ln_buf_init(&text, 4096);
    ln_journal_format(&submit, &text);
    struct ln_str line = ln_strn(text.data, text.len - 1);
    assert_true(ln_journal_parse(line, &r));
    for (size_t i = 0; i < line.len; i++) {
        char was = text.data[i];
        text.data[i] = (char)(was ^ 1);
        assert_false(ln_journal_parse(line, &r));
        text.data[i] = was;
    }
    for (size_t cut = 0; cut < line.len; cut++)
        assert_false(ln_journal_parse(ln_strn(line.ptr, cut), &r));
    ln_buf_deinit(&text);
}

static void
test_rewriting_replaces_all_of_it_at_once(void **state)
{
    struct ln_disk *disk = ln_disk_virtual_new(1);
    struct ln_error err = {0};
    struct seen s;
    (void)state;
    struct ln_journal *j = open_log(disk, &s);
    for (int i = 0; i < 10; i++)
        put(j, &submit);
    ln_journal_rewrite_begin(j);
    ln_journal_rewrite_add(j, &others[0]);
    ln_journal_rewrite_add(j, &others[5]);
    ln_disk_virtual_full(disk, true);
    assert_int_equal(ln_journal_rewrite_end(j, &err), LN_ERR_IO);
    ln_disk_virtual_full(disk, false);
    put(j, &submit); /* the old one still counts */
    assert_int_equal(ln_journal_rewrite_end(j, &err), LN_OK);
    put(j, &others[1]);
    ln_disk_virtual_crash(disk, false);
    ln_journal_close(j);
    j = open_log(disk, &s);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.items[0].kind, LN_J_STRATEGY);
    assert_int_equal(s.items[1].kind, LN_J_POSITION);
    assert_int_equal(s.items[2].kind, LN_J_AMEND);
    ln_journal_close(j);
    ln_disk_free(disk);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_line_comes_back_as_it_was),
        cmocka_unit_test(
            test_a_power_cut_takes_whole_lines_off_the_end_and_no_other),
        cmocka_unit_test(test_a_damaged_line_is_passed_over_and_counted),
        cmocka_unit_test(test_one_changed_byte_never_passes_for_a_good_line),
        cmocka_unit_test(test_rewriting_replaces_all_of_it_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
