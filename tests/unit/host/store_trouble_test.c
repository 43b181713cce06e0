/*
 * The store in trouble: a full disk, a locked, damaged or newer database, a
 * queue that overflows. The caller never waits, and everybody is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/host/store_fixture.h"

#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define SECOND_NS 1000000000LL

static void
put_orders(struct shop *s, int from, int count)
{
    for (int i = from; i < from + count; i++) {
        char oid[16];
        snprintf(oid, sizeof(oid), "a-%03d", i);
        struct ln_store_order o = shop_order(oid, LN_ORDER_LIVE);
        memset(o.reason, 'r', sizeof(o.reason) - 1);
        ln_store_order(s->store, &o);
    }
}

/* Somebody with another program. */
static sqlite3 *
somebody(const struct shop *s, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    return db;
}

/* ---- locked ---- */

static void
test_records_wait_while_another_program_holds_the_lock(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    assert_true(shop_settle(&s));
    sqlite3 *db = somebody(&s, "BEGIN IMMEDIATE");
    put_orders(&s, 0, 20);
    assert_true(shop_until(&s, LN_STORE_WAITING));
    assert_int_equal(shop_read(&s, "orders"), 0);
    /* For long: that is worth a word, but one. */
    for (int ms = 0; ms < PATIENCE_MS && !shop_said(&s, "locked"); ms += 50) {
        ln_loop_run_for(s.loop, 50);
        ln_store_tick(s.store, ln_loop_now_ns(s.loop));
    }
    ln_loop_run_for(s.loop, 300);
    ln_store_tick(s.store, ln_loop_now_ns(s.loop));
    assert_int_equal(shop_said(&s, "locked by another program"), 1);
    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 20);
    ln_store_tick(s.store, ln_loop_now_ns(s.loop));
    assert_int_equal(shop_said(&s, "is written again"), 1);
    assert_int_equal(shop_stats(&s).dropped, 0);
    shop_teardown(&s);
}

static void
test_closing_does_not_wait_for_ever_and_says_what_is_lost(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    assert_true(shop_settle(&s));
    sqlite3 *db = somebody(&s, "BEGIN IMMEDIATE");
    put_orders(&s, 0, 7);
    shop_close(&s);
    assert_int_equal(shop_said(&s, "7 records could not be written"), 1);
    sqlite3_close(db);
    shop_teardown(&s);
}

/* ---- full ---- */

static void
test_a_full_disk_is_said_once_and_everything_comes_later(void **state)
{
    struct shop s;
    struct rlimit before, tight;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    assert_true(shop_settle(&s));
    /* No file may grow beyond this: for SQLite it is a disk that is full. The
     * signal that comes with it must not reach anybody. */
    getrlimit(RLIMIT_FSIZE, &before);
    tight = before;
    tight.rlim_cur = 64 << 10;
    setrlimit(RLIMIT_FSIZE, &tight);
    put_orders(&s, 0, 400);
    bool waited = shop_until(&s, LN_STORE_WAITING);
    ln_loop_run_for(s.loop, 300); /* more tries */
    struct ln_store_stats stats = shop_stats(&s);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_true(waited);
    assert_true(stats.written < 400);
    assert_int_equal(stats.put, 400);
    ln_store_tick(s.store, ln_loop_now_ns(s.loop));
    assert_int_equal(shop_said(&s, "cannot be written"), 1);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 400);
    assert_int_equal(shop_read(&s, "sessions"), 1);
    ln_store_tick(s.store, ln_loop_now_ns(s.loop));
    assert_int_equal(shop_said(&s, "is written again"), 1);
    shop_teardown(&s);
}

/* What failed together with the first records is written again with them. */
static void
test_a_session_that_begins_on_a_full_disk_has_its_row_later(void **state)
{
    struct shop s;
    struct rlimit before, tight;
    (void)state;
    shop_setup(&s);
    shop_open(&s); /* makes the tables */
    shop_close(&s);
    sqlite3 *db = somebody(&s, "BEGIN IMMEDIATE");
    shop_open(&s);
    assert_true(shop_until(&s, LN_STORE_WAITING));
    put_orders(&s, 0, 400);
    getrlimit(RLIMIT_FSIZE, &before);
    tight = before;
    tight.rlim_cur = 64 << 10;
    setrlimit(RLIMIT_FSIZE, &tight);
    sqlite3_close(db); /* and gives up the lock */
    for (int i = 0; i < 200 && !shop_said(&s, "cannot be written"); i++) {
        ln_loop_run_for(s.loop, 10);
        ln_store_tick(s.store, 1);
    }
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(shop_said(&s, "cannot be written"), 1);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 400);
    assert_int_equal(shop_read(&s, "sessions"), 2);
    shop_teardown(&s);
}

/* On a file system of 192 KB. Exit code: the line of what is not so. */
#define CHECK(expr)                                                            \
    do {                                                                       \
        if (!(expr))                                                           \
            _exit(__LINE__ & 0x7f ? __LINE__ & 0x7f : 1);                      \
    } while (0)
#define NO_MOUNT 126

static void
fill_a_small_disk(const char *dir)
{
    struct shop s;
    char file[128];
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", dir, "tmpfs", 0, "size=192k") != 0)
        _exit(NO_MOUNT);
    shop_setup_in(&s, dir);
    snprintf(file, sizeof(file), "%s/ballast", dir);
    FILE *f = fopen(file, "w");
    CHECK(f && ftruncate(fileno(f), 0) == 0);
    char block[4096] = "ballast";
    shop_open(&s);
    CHECK(shop_settle(&s));
    while (fwrite(block, 1, sizeof(block), f) == sizeof(block) &&
           fflush(f) == 0)
        continue;
    fclose(f);
    put_orders(&s, 0, 100);
    CHECK(shop_until(&s, LN_STORE_WAITING));
    ln_store_tick(s.store, 1);
    CHECK(shop_said(&s, "cannot be written: ") == 1);
    CHECK(unlink(file) == 0);
    CHECK(shop_settle(&s));
    CHECK(shop_stats(&s).written == 100);
    CHECK(shop_read(&s, "orders") == 100);
    ln_store_close(s.store);
    _exit(0);
}

static void
test_a_file_system_without_space_is_survived(void **state)
{
    char dir[] = "/tmp/lunette-store-XXXXXX";
    int status = 0;
    (void)state;
    assert_non_null(mkdtemp(dir));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        fill_a_small_disk(dir);
    assert_int_equal(waitpid(child, &status, 0), child);
    rmdir(dir);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_MOUNT)
        skip(); /* only root may mount */
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_a_folder_that_is_missing_is_waited_for(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    rmdir(s.dir);
    shop_open(&s);
    put_orders(&s, 0, 3);
    assert_true(shop_until(&s, LN_STORE_WAITING));
    ln_store_tick(s.store, 1);
    assert_int_equal(shop_said(&s, "cannot be written"), 1);
    assert_int_equal(mkdir(s.dir, 0700), 0);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 3);
    shop_teardown(&s);
}

/* ---- damaged ---- */

static void
test_what_is_no_database_is_moved_aside(void **state)
{
    struct shop s;
    char aside[400], text[64] = "";
    (void)state;
    shop_setup(&s);
    FILE *f = fopen(s.path, "w");
    assert_non_null(f);
    for (int i = 0; i < 1000; i++)
        fputs("these are not pages of a database\n", f);
    fclose(f);
    shop_open(&s);
    put_orders(&s, 0, 3);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 3);
    assert_int_equal(shop_files(&s, "lunette.db.corrupt-20", aside, 400), 1);
    f = fopen(aside, "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof(text), f));
    fclose(f);
    assert_string_equal(text, "these are not pages of a database\n");
    ln_store_tick(s.store, 1);
    assert_int_equal(shop_said(&s, "is damaged"), 1);
    assert_non_null(strstr(s.log, "lunette.db.corrupt-20"));
    assert_int_equal(shop_stats(&s).dropped, 0);
    shop_teardown(&s);
}

/* Head and schema are whole: it shows when the first record is written. */
static void
test_damage_that_shows_later_costs_no_record(void **state)
{
    struct shop s;
    char aside[400];
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    put_orders(&s, 0, 300);
    shop_close(&s);
    FILE *f = fopen(s.path, "r+");
    assert_non_null(f);
    struct stat st;
    assert_int_equal(fstat(fileno(f), &st), 0);
    fseek(f, 4096, SEEK_SET);
    for (long at = 4096; at < st.st_size; at++)
        fputc(0xa5, f);
    fclose(f);
    shop_open(&s);
    put_orders(&s, 300, 4);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_files(&s, "lunette.db.corrupt-", aside, 400), 1);
    assert_int_equal(shop_read(&s, "orders"), 4);
    assert_int_equal(shop_read(&s, "sessions"), 1);
    ln_store_tick(s.store, 1);
    assert_int_equal(shop_said(&s, "is damaged"), 1);
    shop_teardown(&s);
}

/* ---- taken away ---- */

static void
test_a_database_that_is_deleted_is_begun_anew(void **state)
{
    struct shop s;
    char name[400];
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    put_orders(&s, 0, 3);
    assert_true(shop_settle(&s));
    assert_int_equal(unlink(s.path), 0); /* its log stays behind */
    put_orders(&s, 3, 4);
    assert_true(shop_settle(&s));
    assert_int_equal(shop_read(&s, "orders"), 4);
    assert_int_equal(shop_read(&s, "sessions"), 1);
    assert_int_equal(shop_stats(&s).database, 1);
    assert_int_equal(shop_files(&s, ".lost-20", name, sizeof(name)), 1);
    ln_store_tick(s.store, 1);
    assert_int_equal(shop_said(&s, "was deleted or replaced"), 1);
    shop_teardown(&s);
}

/* ---- not ours ---- */

static void
expect_untouched(struct shop *s, const char *words)
{
    struct stat before, after;
    char name[400];
    assert_int_equal(stat(s->path, &before), 0);
    shop_open(s);
    assert_true(shop_until(s, LN_STORE_OFF));
    put_orders(s, 0, 3); /* trading goes on */
    assert_true(shop_settle(s));
    struct ln_store_stats stats = shop_stats(s);
    assert_int_equal(stats.written, 0);
    assert_int_equal(stats.refused, 3);
    ln_store_tick(s->store, 1);
    assert_int_equal(shop_said(s, "is not written to"), 1);
    assert_int_equal(shop_said(s, words), 1);
    shop_close(s);
    assert_int_equal(stat(s->path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    assert_true(before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
                before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
    assert_int_equal(shop_files(s, "corrupt", name, sizeof(name)), 0);
}

static void
test_a_newer_database_is_not_touched(void **state)
{
    struct shop s;
    struct ln_error err;
    (void)state;
    shop_setup(&s);
    shop_open(&s);
    shop_close(&s);
    sqlite3_close(somebody(&s, "PRAGMA user_version = 2"));
    expect_untouched(&s, "newer version");
    assert_int_equal(ln_store_read(s.path, "orders", shop_row, &s, &err),
                     LN_ERR_STATE);
    shop_teardown(&s);
}

static void
test_another_programs_database_is_not_touched(void **state)
{
    struct shop s;
    (void)state;
    shop_setup(&s);
    sqlite3_close(somebody(&s, "CREATE TABLE orders(pizza TEXT)"));
    expect_untouched(&s, "another program");
    shop_teardown(&s);
}

/* ---- too much ---- */

static void
test_a_full_queue_drops_counts_and_says_so_once_a_second(void **state)
{
    struct shop s;
    struct ln_error err;
    (void)state;
    shop_setup(&s);
    shop_open(&s); /* makes the tables */
    shop_close(&s);
    sqlite3 *db = somebody(&s, "BEGIN IMMEDIATE");
    struct ln_store_opts opts = {.path = s.path,
                                 .name = "desk1",
                                 .mode = "sim",
                                 .version = "1",
                                 .queue_size = 16 << 10};
    assert_int_equal(ln_store_open(&opts, &s.store, &err), LN_OK);
    assert_true(shop_until(&s, LN_STORE_WAITING));
    assert_true(ln_store_has_room(s.store));
    put_orders(&s, 0, 999);
    ln_loop_run_for(s.loop, 200); /* the worker's batch is full, too */
    put_orders(&s, 0, 999);
    struct ln_store_stats stats = shop_stats(&s);
    assert_int_equal(stats.put + stats.dropped, 2 * 999);
    assert_true(stats.dropped > 900);
    assert_false(ln_store_has_room(s.store));

    ln_store_tick(s.store, 5 * SECOND_NS);
    assert_int_equal(shop_said(&s, "the queue is full"), 1);
    struct ln_store_order o = shop_order("late", LN_ORDER_LIVE);
    while (ln_store_order(s.store, &o))
        continue;
    ln_store_tick(s.store, 5 * SECOND_NS + SECOND_NS / 2);
    assert_int_equal(shop_said(&s, "the queue is full"), 1);
    ln_store_tick(s.store, 6 * SECOND_NS);
    assert_int_equal(shop_said(&s, "the queue is full"), 2);
    assert_int_equal(shop_said(&s, ": 1 records were dropped"), 1);
    ln_store_tick(s.store, 9 * SECOND_NS); /* nothing new, nothing said */
    assert_int_equal(shop_said(&s, "the queue is full"), 2);

    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_true(shop_settle(&s));
    stats = shop_stats(&s);
    assert_int_equal(stats.written, stats.put);
    assert_true(ln_store_has_room(s.store));
    assert_true(ln_store_order(s.store, &o));
    shop_teardown(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_records_wait_while_another_program_holds_the_lock),
        cmocka_unit_test(
            test_closing_does_not_wait_for_ever_and_says_what_is_lost),
        cmocka_unit_test(
            test_a_full_disk_is_said_once_and_everything_comes_later),
        cmocka_unit_test(
            test_a_session_that_begins_on_a_full_disk_has_its_row_later),
        cmocka_unit_test(test_a_file_system_without_space_is_survived),
        cmocka_unit_test(test_a_folder_that_is_missing_is_waited_for),
        cmocka_unit_test(test_what_is_no_database_is_moved_aside),
        cmocka_unit_test(test_damage_that_shows_later_costs_no_record),
        cmocka_unit_test(test_a_database_that_is_deleted_is_begun_anew),
        cmocka_unit_test(test_a_newer_database_is_not_touched),
        cmocka_unit_test(test_another_programs_database_is_not_touched),
        cmocka_unit_test(
            test_a_full_queue_drops_counts_and_says_so_once_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
