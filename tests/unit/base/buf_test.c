/*
 * The growing buffer: maximum, sticky failure, formats, files, wiping.
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
grows_and_stays_terminated(void **unused)
{
    (void)unused;
    struct ln_buf buf;
    ln_buf_init(&buf, 100000);
    assert_null(buf.data);
    for (int i = 0; i < 10000; i++) {
        ln_buf_addc(&buf, (char)('a' + i % 26));
        assert_int_equal(buf.data[buf.len], 0);
    }
    assert_int_equal(buf.len, 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(buf.data[i], 'a' + i % 26);
    assert_false(buf.failed);
    ln_buf_deinit(&buf);
    assert_null(buf.data);
}

static void
maximum_is_exact_and_failure_stays(void **unused)
{
    (void)unused;
    struct ln_buf buf;
    ln_buf_init(&buf, 10);
    ln_buf_adds(&buf, "0123456789");
    assert_false(buf.failed);
    ln_buf_addc(&buf, 'x');
    assert_true(buf.failed);
    assert_int_equal(buf.len, 10);
    ln_buf_consume(&buf, 5);
    ln_buf_addc(&buf, 'x'); /* would fit, but the sequence is broken */
    assert_int_equal(buf.len, 5);
    assert_string_equal(buf.data, "56789");

    ln_buf_reset(&buf);
    assert_false(buf.failed);
    ln_buf_adds(&buf, "again");
    assert_string_equal(buf.data, "again");
    ln_buf_deinit(&buf);
}

static void
a_write_fits_whole_or_not_at_all(void **unused)
{
    (void)unused;
    struct ln_buf buf;
    ln_buf_init(&buf, 8);
    ln_buf_adds(&buf, "abc");
    ln_buf_addf(&buf, "%d", 123456);
    assert_true(buf.failed);
    assert_string_equal(buf.data, "abc");
    ln_buf_deinit(&buf);
}

static void
formats(void **unused)
{
    (void)unused;
    struct ln_buf buf;
    ln_buf_init(&buf, 1000);
    ln_buf_addf(&buf, "%s=%d", "a", 5);
    ln_buf_addf(&buf, "%s", "");
    ln_buf_addf(&buf, "&%0200d", 7);
    assert_int_equal(buf.len, 3 + 1 + 200);
    assert_memory_equal(buf.data, "a=5&000", 7);
    ln_buf_deinit(&buf);
}

static void
consume_drops_the_front(void **unused)
{
    (void)unused;
    struct ln_buf buf;
    ln_buf_init(&buf, 100);
    ln_buf_consume(&buf, 0);
    ln_buf_adds(&buf, "headtail");
    ln_buf_consume(&buf, 4);
    assert_string_equal(buf.data, "tail");
    assert_true(ln_str_eqc(ln_buf_str(&buf), "tail"));
    ln_buf_consume(&buf, 4);
    assert_int_equal(buf.len, 0);
    assert_string_equal(buf.data, "");
    ln_buf_deinit(&buf);
}

static void
wipe_leaves_only_zeros(void **unused)
{
    (void)unused;
    struct ln_buf buf;
    ln_buf_init(&buf, 1000);
    ln_buf_adds(&buf, "secret secret secret");
    ln_buf_consume(&buf, 7); /* leaves a copy behind the used bytes */
    ln_buf_wipe(&buf);
    assert_int_equal(buf.len, 0);
    for (size_t i = 0; i < buf.cap; i++)
        assert_int_equal(buf.data[i], 0);
    ln_buf_deinit(&buf);
    ln_buf_wipe(&buf);
}

static void
make_file(char *path, size_t bytes)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < bytes; i++)
        fputc((int)(i % 251), file);
    assert_int_equal(fclose(file), 0);
}

static void
reads_a_whole_file_behind_what_is_there(void **unused)
{
    (void)unused;
    /* Around the size of one read, where an end is easily missed. */
    static const size_t sizes[] = {0, 1, 16383, 16384, 16385, 100000};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        char path[] = "base_buf_XXXXXX";
        make_file(path, sizes[s]);
        struct ln_buf buf;
        ln_buf_init(&buf, sizes[s] + 1);
        ln_buf_addc(&buf, '!');
        assert_int_equal(ln_buf_read_file(&buf, path, NULL), LN_OK);
        unlink(path);
        assert_int_equal(buf.len, sizes[s] + 1);
        assert_int_equal(buf.data[0], '!');
        for (size_t i = 0; i < sizes[s]; i++)
            assert_int_equal((unsigned char)buf.data[i + 1], i % 251);
        ln_buf_deinit(&buf);
    }
}

static void
a_file_beyond_the_maximum_is_refused(void **unused)
{
    (void)unused;
    char path[] = "base_buf_XXXXXX";
    make_file(path, 50000);
    struct ln_buf buf;
    struct ln_error err;
    ln_buf_init(&buf, 20000);
    ln_buf_adds(&buf, "kept");
    assert_int_equal(ln_buf_read_file(&buf, path, &err), LN_ERR_NOMEM);
    unlink(path);
    assert_string_equal(buf.data, "kept");
    assert_false(buf.failed);
    assert_string_equal(err.where, path);
    ln_buf_deinit(&buf);
}

static void
files_that_cannot_be_read(void **unused)
{
    (void)unused;
    struct ln_buf buf;
    struct ln_error err;
    ln_buf_init(&buf, 1000);
    assert_int_equal(ln_buf_read_file(&buf, "no/such/file", &err), LN_ERR_IO);
    assert_string_equal(err.where, "no/such/file");
    assert_non_null(strstr(err.what, "No such file"));
    assert_int_equal(ln_buf_read_file(&buf, ".", &err), LN_ERR_IO);
    assert_int_equal(buf.len, 0);
    ln_buf_deinit(&buf);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_stays_terminated),
        cmocka_unit_test(maximum_is_exact_and_failure_stays),
        cmocka_unit_test(a_write_fits_whole_or_not_at_all),
        cmocka_unit_test(formats),
        cmocka_unit_test(consume_drops_the_front),
        cmocka_unit_test(wipe_leaves_only_zeros),
        cmocka_unit_test(reads_a_whole_file_behind_what_is_there),
        cmocka_unit_test(a_file_beyond_the_maximum_is_refused),
        cmocka_unit_test(files_that_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
