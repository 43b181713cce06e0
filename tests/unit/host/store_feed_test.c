/*
 * What a host puts into its store: orders through all their states, fills,
 * positions, equity, incidents; and what is made up for after a full queue or
 * a restart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/disk.h"
#include "unit/host/fake.h"
#include "unit/host/store_fixture.h"

#include <sqlite3.h>

struct desk {
    struct fixture fx;
    struct shop shop;
    struct ln_disk *disk;
};

/* A host with an intent log and, if wanted, the store. */
static void
begin_host(struct desk *d, bool with_store)
{
    struct ln_error err = {0};
    struct ln_host_opts opts = {.loop = d->fx.loop,
                                .venue = &d->fx.venue.base,
                                .config = &d->fx.config,
                                .ports = {fake_open, &d->fx},
                                .disk = d->disk,
                                .journal_path = "journal",
                                .store = with_store ? d->shop.store : NULL,
                                .ended = fake_ended,
                                .ctx = &d->fx};
    ln_host_free(d->fx.host);
    d->fx.host = ln_host_new(&opts, &err);
    assert_non_null(d->fx.host);
    ln_host_start(d->fx.host);
}

static void
setup(struct desk *d, const char *json, const char *strategy_json)
{
    memset(d, 0, sizeof(*d));
    shop_setup(&d->shop);
    shop_open(&d->shop);
    d->disk = ln_disk_virtual_new(1);
    fake_setup(&d->fx, json, strategy_json);
    begin_host(d, true);
}

static void
teardown(struct desk *d)
{
    fake_teardown(&d->fx);
    ln_disk_free(d->disk);
    shop_teardown(&d->shop);
}

/* Read a table once all is written. */
static int
read_table(struct desk *d, const char *table)
{
    assert_true(shop_settle(&d->shop));
    return shop_read(&d->shop, table);
}

static void
tick(struct desk *d, int64_t ms)
{
    ln_loop_run_for(d->fx.loop, ms);
}

/* A buy of 0.01 at 50000, live as "77". */
static struct fake_call
live_order(struct desk *d)
{
    fake_buy(&d->fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&d->fx, "submit");
    fake_result(&d->fx, LN_OP_SUBMIT, c.oid, "77", LN_OK, LN_VERDICT_OK);
    fake_order(&d->fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    return c;
}

static void
test_an_order_and_its_fills_are_stored_as_they_happen(void **state)
{
    struct desk d;
    (void)state;
    setup(&d, "", "");
    fake_up(&d.fx);
    fake_buy(&d.fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&d.fx, "submit");
    assert_int_equal(read_table(&d, "orders"), 1);
    assert_true(shop_has(&d.shop, 0, c.oid));
    assert_true(shop_has(&d.shop, 0,
                         "strategy=s symbol=BTCUSDT side=buy "
                         "type=limit tif=gtc price=50000 "
                         "size=0.01 filled=0 average=NULL"));
    assert_true(shop_has(&d.shop, 0, "state=sent "));

    fake_result(&d.fx, LN_OP_SUBMIT, c.oid, "77", LN_OK, LN_VERDICT_OK);
    fake_fill(&d.fx, c.oid, "77", "t1", LN_BUY, 499990, 4);
    fake_fill(&d.fx, c.oid, "77", "t1", LN_BUY, 499990, 4); /* told twice */
    fake_order(&d.fx, &c, c.oid, "77", LN_ORDER_PARTIAL, 4);
    tick(&d, 10);
    assert_int_equal(read_table(&d, "orders"), 1);
    assert_true(shop_has(&d.shop, 0, "orderId=77 "));
    assert_true(shop_has(&d.shop, 0,
                         "filled=0.004 average=49999 fee=-0.01 "
                         "state=partial "));
    assert_int_equal(read_table(&d, "fills"), 1);
    assert_true(shop_has(&d.shop, 0, "tradeId=t1 orderId=77 "));
    assert_true(shop_has(&d.shop, 0,
                         "side=buy liquidity=taker price=49999 "
                         "size=0.004 fee=-0.01 profit=0 "));
    assert_int_equal(read_table(&d, "positions"), 1);
    assert_true(shop_has(&d.shop, 0,
                         "host=desk1 strategy=s symbol=BTCUSDT "
                         "size=0.004 entry=49999 "));
    teardown(&d);
}

static void
test_an_order_that_the_gate_refuses_is_stored_with_the_reason(void **state)
{
    struct desk d;
    (void)state;
    setup(&d, "\"risk\":{\"max_order_notional\":100}", "");
    fake_up(&d.fx);
    fake_buy(&d.fx, 1, 500000, 10);
    assert_null(fake_last(&d.fx, "submit"));
    assert_int_equal(read_table(&d, "orders"), 1);
    assert_true(shop_has(&d.shop, 0,
                         "state=rejected reason=risk: the order "
                         "is worth 500.00"));
    teardown(&d);
}

static void
test_an_amended_order_is_two_rows(void **state)
{
    struct desk d;
    (void)state;
    setup(&d, "", "");
    fake_up(&d.fx);
    struct fake_call c = live_order(&d);
    struct ln_msg_amend m = {.handle = 1, .price_ticks = 495000};
    fake_say(&d.fx, &m.h, LN_MSG_AMEND, 0, sizeof(m));
    struct fake_call a = *fake_last(&d.fx, "amend");
    fake_result(&d.fx, LN_OP_AMEND, c.oid, "78", LN_OK, LN_VERDICT_OK);
    assert_int_equal(read_table(&d, "orders"), 2);
    int old = shop_has(&d.shop, 0, "orderId=77 ") ? 0 : 1;
    assert_true(shop_has(&d.shop, old, "orderId=77 "));
    assert_true(shop_has(&d.shop, old, "state=cancelled reason=amended to "));
    assert_true(shop_has(&d.shop, old, a.new_oid));
    assert_true(shop_has(&d.shop, 1 - old, "orderId=78 "));
    assert_true(shop_has(&d.shop, 1 - old, "price=49500 "));
    teardown(&d);
}

static void
test_equity_is_sampled_once_a_minute(void **state)
{
    struct desk d;
    (void)state;
    setup(&d, "", "");
    tick(&d, 1000);
    assert_int_equal(read_table(&d, "equity"), 0); /* nothing is known yet */
    fake_up(&d.fx);
    tick(&d, 1000);
    assert_int_equal(read_table(&d, "equity"), 1);
    assert_true(shop_has(&d.shop, 0,
                         "coin=USDT equity=10000 "
                         "available=10000 unrealised=0 "));
    fake_account(&d.fx, 10001 * LN_E8 + 5);
    tick(&d, 180000);
    assert_int_equal(read_table(&d, "equity"), 4);
    assert_true(shop_has(&d.shop, 3, "equity=10001.00000005 "));
    teardown(&d);
}

static void
test_what_goes_wrong_is_an_incident(void **state)
{
    struct desk d;
    (void)state;
    setup(&d, "\"risk\":{\"daily_loss\":100}", "\"max_restarts\":0");
    fake_up(&d.fx);
    fake_account(&d.fx, 10000 * LN_E8);
    fake_account(&d.fx, 9800 * LN_E8); /* which the strategy never answers */
    fake_net(&d.fx, 5);                /* a position that nobody can explain */
    tick(&d, 20000);
    assert_int_equal(read_table(&d, "incidents"), 4);
    assert_true(shop_has(&d.shop, 0,
                         "strategy=NULL kind=halt text=daily_loss: "
                         "equity fell from 10000.00 to 9800.00"));
    assert_true(shop_has(&d.shop, 1,
                         "strategy=s kind=crash text=no sign of "
                         "life"));
    assert_true(shop_has(&d.shop, 2, "strategy=s kind=quarantine text="));
    assert_true(shop_has(&d.shop, 3,
                         "strategy=NULL kind=audit text=BTCUSDT: "
                         "the exchange holds 0.005"));
    teardown(&d);
}

/* ---- making up for what is missing ---- */

/* The queue overflows while another program holds the database. */
static void
test_orders_that_found_the_queue_full_come_later(void **state)
{
    struct desk d;
    struct ln_error err;
    sqlite3 *db = NULL;
    (void)state;
    setup(&d, "", "");
    ln_store_close(d.shop.store);
    assert_int_equal(sqlite3_open(d.shop.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    struct ln_store_opts opts = {.path = d.shop.path,
                                 .name = "desk1",
                                 .mode = "sim",
                                 .version = "1",
                                 .queue_size = 4 << 10};
    assert_int_equal(ln_store_open(&opts, &d.shop.store, &err), LN_OK);
    begin_host(&d, true);
    fake_up(&d.fx);
    assert_true(shop_until(&d.shop, LN_STORE_WAITING));
    while (shop_stats(&d.shop).dropped < 100) {
        struct ln_store_incident i = shop_incident("test", "it is full");
        ln_store_incident(d.shop.store, &i);
        ln_loop_run_for(d.shop.loop, shop_stats(&d.shop).put % 32 ? 0 : 1);
    }
    struct fake_call c = live_order(&d);
    for (uint64_t i = 2; i < 40; i++)
        fake_buy(&d.fx, i, 500000, 10);
    assert_true(shop_stats(&d.shop).dropped >= 138);
    tick(&d, 1000); /* no room: it is not tried in vain */
    uint64_t dropped = shop_stats(&d.shop).dropped;

    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(db);
    for (int i = 0; i < 40; i++) { /* a few per tick */
        assert_true(shop_settle(&d.shop));
        tick(&d, 100);
    }
    assert_true(shop_stats(&d.shop).dropped <= dropped + 1); /* equity */
    assert_int_equal(read_table(&d, "orders"), 39);
    int first = 0;
    while (first < 39 && !shop_has(&d.shop, first, c.oid))
        first++;
    assert_true(shop_has(&d.shop, first, "state=live "));
    uint64_t put = shop_stats(&d.shop).put;
    tick(&d, 2000); /* and then it is done */
    assert_int_equal(shop_stats(&d.shop).put, put);
    teardown(&d);
}

static void
test_a_new_database_gets_what_the_host_knows(void **state)
{
    struct desk d;
    (void)state;
    setup(&d, "", "");
    fake_up(&d.fx);
    struct fake_call c = live_order(&d);
    fake_fill(&d.fx, c.oid, "77", "t1", LN_BUY, 500000, 4);
    tick(&d, 100);
    assert_int_equal(read_table(&d, "orders"), 1);
    assert_int_equal(unlink(d.shop.path), 0);
    fake_buy(&d.fx, 2, 490000, 10);
    assert_true(shop_settle(&d.shop));
    tick(&d, 100);
    assert_int_equal(read_table(&d, "orders"), 2);
    assert_true(shop_has(&d.shop, 0, "filled=0.004 ") ||
                shop_has(&d.shop, 1, "filled=0.004 "));
    assert_int_equal(read_table(&d, "positions"), 1);
    assert_true(shop_has(&d.shop, 0, "size=0.004 "));
    teardown(&d);
}

/*
 * The host was killed before its store had anything: the intent log knows the
 * order, its fill and its end, and the next start stores them.
 */
static void
test_a_restart_stores_what_the_log_knows_and_the_store_lacks(void **state)
{
    struct desk d;
    (void)state;
    setup(&d, "", "");
    begin_host(&d, false);
    fake_up(&d.fx);
    struct fake_call c = live_order(&d);
    fake_fill(&d.fx, c.oid, "77", "t1", LN_BUY, 500000, 10);
    fake_order(&d.fx, &c, c.oid, "77", LN_ORDER_FILLED, 10);
    fake_buy(&d.fx, 2, 490000, 10);
    struct fake_call open = *fake_last(&d.fx, "submit");
    tick(&d, 100);
    assert_int_equal(read_table(&d, "orders"), 0);

    ln_disk_virtual_crash(d.disk, false);
    begin_host(&d, true);
    fake_online(&d.fx);
    fake_net(&d.fx, 10);
    fake_order(&d.fx, &open, open.oid, "78", LN_ORDER_LIVE, 0);
    tick(&d, 1000);
    assert_int_equal(read_table(&d, "orders"), 2);
    int filled = shop_has(&d.shop, 0, c.oid) ? 0 : 1;
    assert_true(shop_has(&d.shop, filled, "state=filled "));
    assert_true(shop_has(&d.shop, filled, "filled=0.01 average=50000 "));
    assert_true(shop_has(&d.shop, 1 - filled, "orderId=78 "));
    assert_true(shop_has(&d.shop, 1 - filled, "state=live "));
    assert_int_equal(read_table(&d, "fills"), 1);
    assert_true(shop_has(&d.shop, 0, "tradeId=t1 orderId=77 "));
    assert_int_equal(read_table(&d, "positions"), 1);
    assert_true(shop_has(&d.shop, 0, "size=0.01 entry=50000 "));
    teardown(&d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_order_and_its_fills_are_stored_as_they_happen),
        cmocka_unit_test(
            test_an_order_that_the_gate_refuses_is_stored_with_the_reason),
        cmocka_unit_test(test_an_amended_order_is_two_rows),
        cmocka_unit_test(test_equity_is_sampled_once_a_minute),
        cmocka_unit_test(test_what_goes_wrong_is_an_incident),
        cmocka_unit_test(test_orders_that_found_the_queue_full_come_later),
        cmocka_unit_test(test_a_new_database_gets_what_the_host_knows),
        cmocka_unit_test(
            test_a_restart_stores_what_the_log_knows_and_the_store_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
