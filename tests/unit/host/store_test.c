/*
 * The store, through real files: what is put is there as exact text, after a
 * restart and after a kill, once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/host/store_fixture.h"

#include <sys/stat.h>

/* ---- what is put is there ---- */

static void
test_an_order_is_one_row_that_follows_its_state(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    struct ln_store_order o = shop_order("a-1", LN_ORDER_SENT);
    assert_true(ln_store_order(s.store, &o));
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 1);
    assert_true(shop_has(&s, 0,
                         "clientOid=a-1 orderId=NULL strategy=ema "
                         "symbol=BTCUSDT side=buy type=limit tif=post_only "
                         "price=64010.6 size=0.012 filled=0 average=NULL "
                         "fee=0 state=sent reason=NULL tag=entry "
                         "created_ms=1790000000000 updated_ms=1790000000001"));

    o.state = LN_ORDER_FILLED;
    snprintf(o.order_id, sizeof(o.order_id), "77");
    o.filled = (struct ln_store_number){12, 1, 3};
    o.average = ln_store_money(6401059876543);
    o.fee = ln_store_money(-15362530);
    o.updated_ms = 1790000000900;
    ln_store_order(s.store, &o);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 1);
    assert_true(shop_has(&s, 0, "orderId=77 "));
    assert_true(shop_has(&s, 0,
                         "filled=0.012 average=64010.59876543 "
                         "fee=-0.1536253 state=filled "));
    assert_true(
        shop_has(&s, 0, "created_ms=1790000000000 updated_ms=1790000000900"));
    shop_teardown(&s);
}

static void
test_what_is_not_known_later_does_not_wipe_what_was_known(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    struct ln_store_order o = shop_order("a-1", LN_ORDER_LIVE);
    snprintf(o.order_id, sizeof(o.order_id), "77");
    o.average = ln_store_money(LN_E8);
    ln_store_order(s.store, &o);
    o.order_id[0] = 0;
    o.tag[0] = 0;
    o.average = ln_store_unknown();
    ln_store_order(s.store, &o);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 1);
    assert_true(shop_has(&s, 0, "orderId=77 "));
    assert_true(shop_has(&s, 0, "tag=entry "));
    assert_true(shop_has(&s, 0, "average=1 "));
    shop_teardown(&s);
}

static void
test_an_amend_ends_the_order_that_it_replaced(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    struct ln_store_order o = shop_order("a-1", LN_ORDER_PARTIAL);
    o.filled = (struct ln_store_number){5, 1, 3};
    ln_store_order(s.store, &o);
    struct ln_store_order next = shop_order("a-2", LN_ORDER_LIVE);
    snprintf(next.replaces, sizeof(next.replaces), "a-1");
    ln_store_order(s.store, &next);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 2);
    assert_true(shop_has(&s, 0, "clientOid=a-1 "));
    assert_true(shop_has(&s, 0, "filled=0.005 "));
    assert_true(shop_has(&s, 0, "state=cancelled reason=amended to a-2 "));
    assert_true(shop_has(&s, 1, "clientOid=a-2 "));
    assert_true(shop_has(&s, 1, "state=live "));

    /* One that had ended before keeps its end. */
    o.state = LN_ORDER_FILLED;
    o.reason[0] = 0;
    ln_store_order(s.store, &o);
    ln_store_order(s.store, &next);
    assert_true(shop_settle(&s));
    shop_read(&s, "orders");
    assert_true(shop_has(&s, 0, "state=filled reason=NULL "));
    shop_teardown(&s);
}

static void
test_a_fill_counts_once(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    struct ln_store_fill f = {.side = LN_SELL,
                              .liquidity = LN_MAKER,
                              .trade_id = "t1",
                              .order_id = "77",
                              .client_oid = "a-1",
                              .strategy = "ema",
                              .symbol = "BTCUSDT",
                              .price = {128021, 5, 1}, /* steps of 0.5 */
                              .size = {3, 1, 3},
                              .fee = ln_store_money(-1),
                              .profit = ln_store_money(-LN_E8 / 4),
                              .time_ms = 1790000000002};
    ln_store_fill(s.store, &f);
    ln_store_fill(s.store, &f);
    snprintf(f.order_id, sizeof(f.order_id), "78"); /* the other side of t1 */
    f.liquidity = LN_LIQ_NONE;
    ln_store_fill(s.store, &f);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "fills"), 2);
    assert_string_equal(
        s.text[0], "tradeId=t1 orderId=77 clientOid=a-1 strategy=ema "
                   "symbol=BTCUSDT side=sell liquidity=maker price=64010.5 "
                   "size=0.003 fee=-0.00000001 profit=-0.25 "
                   "time_ms=1790000000002 ");
    assert_true(shop_has(&s, 1, "liquidity=NULL "));
    shop_teardown(&s);
}

static void
test_positions_keep_the_latest_and_equity_all(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    struct ln_store_position p = {.strategy = "ema",
                                  .symbol = "BTCUSDT",
                                  .size = {-12, 1, 3},
                                  .entry = ln_store_money(64010 * LN_E8),
                                  .realised = ln_store_money(5),
                                  .fees = ln_store_money(-2),
                                  .updated_ms = 1};
    ln_store_position(s.store, &p);
    p.size.count = 0;
    p.entry = ln_store_unknown();
    p.updated_ms = 2;
    ln_store_position(s.store, &p);
    struct ln_store_equity e = {.coin = "USDT",
                                .equity = ln_store_money(10000 * LN_E8 + 1),
                                .available = ln_store_money(9000 * LN_E8),
                                .unrealised = ln_store_money(-LN_E8),
                                .time_ms = 1790000000000};
    ln_store_equity(s.store, &e);
    e.time_ms += 60000;
    ln_store_equity(s.store, &e);
    struct ln_store_incident i = shop_incident("crash", "it's \"gone\"; --");
    ln_store_incident(s.store, &i);
    i.strategy[0] = 0;
    ln_store_incident(s.store, &i);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "positions"), 1);
    assert_string_equal(s.text[0],
                        "host=desk1 strategy=ema symbol=BTCUSDT size=0 "
                        "entry=NULL realised=0.00000005 fees=-0.00000002 "
                        "updated_ms=2 ");
    assert_int_equal(shop_read(&s, "equity"), 2);
    assert_string_equal(s.text[1],
                        "session=1 time_ms=1790000060000 coin=USDT "
                        "equity=10000.00000001 available=9000 unrealised=-1 ");
    assert_int_equal(shop_read(&s, "incidents"), 2);
    assert_true(shop_has(&s, 0,
                         "strategy=ema kind=crash text=it's \"gone\"; "
                         "--"));
    assert_true(shop_has(&s, 1, "strategy=NULL "));
    shop_teardown(&s);
}

static void
test_a_record_that_no_table_takes_does_not_hold_up_the_others(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    struct ln_store_order o = shop_order("a-1", LN_ORDER_SENT);
    o.size = ln_store_unknown(); /* every order has a size */
    ln_store_order(s.store, &o);
    o = shop_order("a-2", LN_ORDER_SENT);
    ln_store_order(s.store, &o);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_stats(&s).refused, 1);
    assert_int_equal(shop_read(&s, "orders"), 1);
    assert_true(shop_has(&s, 0, "clientOid=a-2 "));
    ln_store_tick(s.store, 1);
    assert_int_equal(shop_said(&s, "a record was refused"), 1);
    shop_teardown(&s);
}

/* ---- the end, and the next start ---- */

static void
test_closing_writes_what_waits_and_ends_the_session(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    for (int i = 0; i < 600; i++) { /* more than one transaction */
        char oid[16];
        snprintf(oid, sizeof(oid), "a-%03d", i);
        struct ln_store_order o = shop_order(oid, LN_ORDER_LIVE);
        assert_true(ln_store_order(s.store, &o));
    }
    shop_close(&s);
    assert_int_equal(shop_read(&s, "orders"), 600);
    assert_int_equal(shop_read(&s, "sessions"), 1);
    assert_true(shop_has(&s, 0, "name=desk1 mode=sim version=0.1.0"));
    assert_false(shop_has(&s, 0, "end_ms=NULL"));
    assert_string_equal(s.log, ""); /* nothing to say */
    shop_teardown(&s);
}

static void
test_a_second_start_goes_on_in_the_same_database(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    struct ln_store_order o = shop_order("a-1", LN_ORDER_LIVE);
    ln_store_order(s.store, &o);
    shop_close(&s);
    shop_open(&s);
    o.state = LN_ORDER_CANCELLED;
    ln_store_order(s.store, &o);
    struct ln_store_incident i = shop_incident("halt", "x");
    ln_store_incident(s.store, &i);
    shop_close(&s);
    assert_int_equal(shop_read(&s, "orders"), 1);
    assert_true(shop_has(&s, 0, "state=cancelled "));
    assert_int_equal(shop_read(&s, "sessions"), 2);
    assert_int_equal(shop_read(&s, "incidents"), 1);
    assert_true(shop_has(&s, 0, "session=2 "));
    shop_teardown(&s);
}

/* A copy with cp: this process may not open the file beside SQLite. */
static void
copy(const struct shop *s, const char *tail)
{
    char command[300];
    snprintf(command, sizeof(command), "cp %s%s %s/killed.db%s", s->path, tail,
             s->dir, tail);
    assert_int_equal(system(command), 0);
}

/* What a kill leaves: the file and its log as they are at some instant. */
static void
test_a_kill_loses_nothing_that_was_written(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    for (int i = 0; i < 5; i++) {
        char oid[16];
        snprintf(oid, sizeof(oid), "a-%d", i);
        struct ln_store_order o = shop_order(oid, LN_ORDER_LIVE);
        ln_store_order(s.store, &o);
    }
    assert_true(shop_settle(&s));
    copy(&s, "");
    copy(&s, "-wal");
    shop_close(&s);

    snprintf(s.path, sizeof(s.path), "%s/killed.db", s.dir);
    shop_open(&s);
    struct ln_store_order o = shop_order("a-3", LN_ORDER_FILLED);
    ln_store_order(s.store, &o);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 5);
    assert_true(shop_has(&s, 3, "state=filled "));
    assert_int_equal(shop_read(&s, "sessions"), 2);
    assert_true(shop_has(&s, 0, "end_ms=NULL")); /* it was killed */
    shop_teardown(&s);
}

/* Power loss in the middle of a transaction: the log ends in torn bytes. */
static void
test_a_torn_log_loses_its_tail_and_nothing_else(void **state)
{
    struct shop s;
    char wal[128];
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    struct ln_store_order o = shop_order("a-1", LN_ORDER_LIVE);
    ln_store_order(s.store, &o);
    assert_true(shop_settle(&s));
    o = shop_order("a-2", LN_ORDER_LIVE);
    ln_store_order(s.store, &o);
    assert_true(shop_settle(&s));
    copy(&s, "");
    copy(&s, "-wal");
    shop_close(&s);

    snprintf(wal, sizeof(wal), "%s/killed.db-wal", s.dir);
    FILE *f = fopen(wal, "r");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    fclose(f);
    assert_int_equal(truncate(wal, size - 100), 0);
    snprintf(s.path, sizeof(s.path), "%s/killed.db", s.dir);
    shop_open(&s);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 1);
    assert_true(shop_has(&s, 0, "clientOid=a-1 "));
    shop_teardown(&s);
    assert_string_equal(s.log, "");
}

static void
test_two_hosts_share_one_database(void **state)
{
    struct shop s;
    struct ln_store *other = NULL;
    struct ln_error err;
    (void)state;
    shop_setup(&s);
    struct ln_store_opts opts = {
        .path = s.path, .name = "desk2", .mode = "sim", .version = "1"};
    /* Both find no file, and both want to make the tables. */
    shop_open(&s);
    assert_int_equal(ln_store_open(&opts, &other, &err), LN_OK);
    for (int i = 0; i < 50; i++) {
        char oid[16];
        snprintf(oid, sizeof(oid), "a-%02d", i);
        struct ln_store_order o = shop_order(oid, LN_ORDER_LIVE);
        ln_store_order(s.store, &o);
        o.client_oid[0] = 'b';
        ln_store_order(other, &o);
        struct ln_store_position p = {.strategy = "ema",
                                      .symbol = "BTCUSDT",
                                      .size = {i, 1, 0},
                                      .entry = ln_store_unknown()};
        ln_store_position(i % 2 ? s.store : other, &p);
        ln_loop_run_for(s.loop, 1);
    }
    ln_store_close(other);
    shop_close(&s);
    assert_int_equal(shop_read(&s, "orders"), 100);
    assert_int_equal(shop_read(&s, "sessions"), 2);
    assert_int_equal(shop_read(&s, "positions"), 2);
    assert_true(shop_has(&s, 0,
                         "host=desk1 strategy=ema symbol=BTCUSDT "
                         "size=49 "));
    assert_true(shop_has(&s, 1,
                         "host=desk2 strategy=ema symbol=BTCUSDT "
                         "size=48 "));
    assert_string_equal(s.log, "");
    shop_teardown(&s);
}

static void
test_the_files_are_for_their_owner_alone(void **state)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    struct shop s;
    char file[128];
    struct stat st;
    (void)state;
    shop_setup(&s);
    mode_t mask = umask(0);
    shop_open(&s);
    assert_true(shop_settle(&s));
    umask(mask);
    for (int i = 0; i < 3; i++) {
        snprintf(file, sizeof(file), "%s%s", s.path, tails[i]);
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    shop_teardown(&s);
}

static void
test_reading_says_what_is_missing(void **state)
{
    struct shop s;
    struct ln_error err;
    (void)state;
    shop_setup(&s);
    assert_int_equal(ln_store_read(s.path, "orders", shop_row, &s, &err),
                     LN_ERR_NOT_FOUND);
    assert_int_not_equal(access(s.path, F_OK), 0); /* and makes nothing */
    shop_open(&s);
    assert_true(shop_settle(&s));
    assert_int_equal(ln_store_read(s.path, "sqlite_master; DROP TABLE orders",
                                   shop_row, &s, &err),
                     LN_ERR_NOT_FOUND);
    assert_int_equal(ln_store_read(s.dir, "orders", shop_row, &s, &err),
                     LN_ERR_IO);
    shop_teardown(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_order_is_one_row_that_follows_its_state),
        cmocka_unit_test(
            test_what_is_not_known_later_does_not_wipe_what_was_known),
        cmocka_unit_test(test_an_amend_ends_the_order_that_it_replaced),
        cmocka_unit_test(test_a_fill_counts_once),
        cmocka_unit_test(test_positions_keep_the_latest_and_equity_all),
        cmocka_unit_test(
            test_a_record_that_no_table_takes_does_not_hold_up_the_others),
        cmocka_unit_test(test_closing_writes_what_waits_and_ends_the_session),
        cmocka_unit_test(test_a_second_start_goes_on_in_the_same_database),
        cmocka_unit_test(test_a_kill_loses_nothing_that_was_written),
        cmocka_unit_test(test_a_torn_log_loses_its_tail_and_nothing_else),
        cmocka_unit_test(test_two_hosts_share_one_database),
        cmocka_unit_test(test_the_files_are_for_their_owner_alone),
        cmocka_unit_test(test_reading_says_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
