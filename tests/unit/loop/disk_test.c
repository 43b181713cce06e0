/*
 * Both disks keep one contract; the virtual one also loses what a power cut
 * would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop/disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    struct ln_disk *disk;
    char folder[64];
    char path[128];
    struct ln_buf buf;
};

static void
setup(struct place *p, bool real)
{
    memset(p, 0, sizeof(*p));
    ln_buf_init(&p->buf, 1 << 20);
    ln_str_copy(p->folder, sizeof(p->folder),
                ln_str("/tmp/lunette-disk-XXXXXX"));
    if (real)
        assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof(p->path), "%s/log", p->folder);
    p->disk = real ? ln_disk_posix_new() : ln_disk_virtual_new(7);
    assert_non_null(p->disk);
}

static void
teardown(struct place *p)
{
    ln_disk_free(p->disk);
    ln_buf_deinit(&p->buf);
    unlink(p->path);
    rmdir(p->folder);
}

static const char *
content(struct place *p)
{
    struct ln_error err = {0};
    ln_buf_reset(&p->buf);
    if (ln_disk_read(p->disk, p->path, &p->buf, &err) != LN_OK)
        fail_msg("%s", err.what);
    return p->buf.len ? p->buf.data : "";
}

static void
append(struct ln_append *f, const char *text)
{
    struct ln_error err = {0};
    if (ln_append_write(f, text, strlen(text), &err) != LN_OK)
        fail_msg("%s", err.what);
}

static void
check_contract(bool real)
{
    struct place p;
    struct ln_append *f;
    struct ln_error err = {0};
    setup(&p, real);
    assert_int_equal(ln_disk_read(p.disk, p.path, &p.buf, &err),
                     LN_ERR_NOT_FOUND);
    assert_int_equal(ln_append_open(p.disk, p.path, &f, &err), LN_OK);
    append(f, "one\n");
    append(f, "two\n");
    assert_int_equal(ln_append_size(f), 8);
    assert_int_equal(ln_append_sync(f, &err), LN_OK);
    assert_string_equal(content(&p), "one\ntwo\n");
    ln_append_close(f);

    /* Opened again, it goes on at the end. */
    assert_int_equal(ln_append_open(p.disk, p.path, &f, &err), LN_OK);
    assert_int_equal(ln_append_size(f), 8);
    append(f, "three\n");
    assert_string_equal(content(&p), "one\ntwo\nthree\n");
    ln_append_close(f);

    assert_int_equal(ln_disk_replace(p.disk, p.path, "new", 3, &err), LN_OK);
    assert_string_equal(content(&p), "new");
    teardown(&p);
}

static void
test_the_real_disk_keeps_the_contract(void **state)
{
    (void)state;
    check_contract(true);
}

static void
test_the_virtual_disk_keeps_the_contract(void **state)
{
    (void)state;
    check_contract(false);
}

static void
test_a_file_has_one_writer_and_is_nobody_elses(void **state)
{
    struct place p;
    struct ln_append *first, *second;
    struct ln_error err = {0};
    struct stat st;
    (void)state;
    setup(&p, true);
    assert_int_equal(ln_append_open(p.disk, p.path, &first, &err), LN_OK);
    assert_int_equal(ln_append_open(p.disk, p.path, &second, &err),
                     LN_ERR_STATE);
    assert_non_null(strstr(err.what, "another process"));
    assert_int_equal(stat(p.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    ln_append_close(first);
    assert_int_equal(ln_append_open(p.disk, p.path, &first, &err), LN_OK);
    ln_append_close(first);
    teardown(&p);
}

static void
test_a_folder_that_is_not_there_is_an_error_that_names_it(void **state)
{
    struct place p;
    struct ln_append *f;
    struct ln_error err = {0};
    (void)state;
    setup(&p, true);
    assert_int_not_equal(ln_append_open(p.disk, "/nowhere/at/all", &f, &err),
                         LN_OK);
    assert_string_equal(err.where, "/nowhere/at/all");
    assert_null(f);
    teardown(&p);
}

static void
test_a_power_cut_loses_a_part_of_what_was_not_synced(void **state)
{
    struct place p;
    struct ln_append *f;
    struct ln_error err = {0};
    bool lost_some = false, kept_some = false;
    (void)state;
    for (int i = 0; i < 40; i++) {
        setup(&p, false);
        ln_disk_free(p.disk);
        p.disk = ln_disk_virtual_new((uint64_t)i);
        assert_int_equal(ln_append_open(p.disk, p.path, &f, &err), LN_OK);
        append(f, "safe|");
        assert_int_equal(ln_append_sync(f, &err), LN_OK);
        append(f, "0123456789");
        ln_disk_virtual_crash(p.disk, true);
        assert_int_equal(ln_append_write(f, "x", 1, &err), LN_ERR_STATE);
        ln_append_close(f);
        const char *left = content(&p);
        assert_memory_equal(left, "safe|0123456789", strlen(left));
        assert_true(strlen(left) >= 5);
        lost_some = lost_some || strlen(left) < 15;
        kept_some = kept_some || strlen(left) > 5;
        teardown(&p);
    }
    assert_true(lost_some && kept_some);
}

static void
test_the_death_of_the_process_loses_nothing(void **state)
{
    struct place p;
    struct ln_append *f;
    struct ln_error err = {0};
    (void)state;
    setup(&p, false);
    assert_int_equal(ln_append_open(p.disk, p.path, &f, &err), LN_OK);
    append(f, "all of it");
    ln_disk_virtual_crash(p.disk, false);
    ln_append_close(f);
    assert_string_equal(content(&p), "all of it");
    teardown(&p);
}

static void
test_a_full_disk_leaves_the_file_as_it_was(void **state)
{
    struct place p;
    struct ln_append *f;
    struct ln_error err = {0};
    (void)state;
    setup(&p, false);
    assert_int_equal(ln_append_open(p.disk, p.path, &f, &err), LN_OK);
    append(f, "before");
    ln_disk_virtual_full(p.disk, true);
    assert_int_equal(ln_append_write(f, "more", 4, &err), LN_ERR_IO);
    assert_int_equal(ln_disk_replace(p.disk, p.path, "new", 3, &err),
                     LN_ERR_IO);
    assert_string_equal(content(&p), "before");
    ln_disk_virtual_full(p.disk, false);
    append(f, ", after");
    assert_string_equal(content(&p), "before, after");
    ln_append_close(f);
    teardown(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_real_disk_keeps_the_contract),
        cmocka_unit_test(test_the_virtual_disk_keeps_the_contract),
        cmocka_unit_test(test_a_file_has_one_writer_and_is_nobody_elses),
        cmocka_unit_test(
            test_a_folder_that_is_not_there_is_an_error_that_names_it),
        cmocka_unit_test(test_a_power_cut_loses_a_part_of_what_was_not_synced),
        cmocka_unit_test(test_the_death_of_the_process_loses_nothing),
        cmocka_unit_test(test_a_full_disk_leaves_the_file_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
