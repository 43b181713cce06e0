/*
 * Where a session puts its store, and what it says when it cannot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
keep_row(void *ctx, int count, const char *const *names,
         const char *const *values)
{
    char *text = ctx;
    (void)count;
    (void)names;
    snprintf(text, 200, "%s %s %s", values[3], values[4], values[5]);
}

static void
test_the_store_is_a_file_in_the_folder_that_names_its_session(void **state)
{
    char dir[] = "/tmp/lunette-session-XXXXXX", path[64], text[200] = "";
    struct ln_host_config config = {.name = "desk1", .mode = "demo"};
    struct ln_session s = {.config = &config};
    struct ln_error err;
    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(ln_session_open_store(&s, dir, &err), LN_OK);
    ln_store_close(s.store);
    snprintf(path, sizeof(path), "%s/lunette.db-wal", dir);
    assert_int_not_equal(access(path, F_OK), 0); /* it was closed well */
    snprintf(path, sizeof(path), "%s/lunette.db", dir);
    assert_int_equal(ln_store_read(path, "sessions", keep_row, text, &err),
                     LN_OK);
    assert_string_equal(text, "desk1 demo " LN_VERSION);
    static const char *const tails[] = {"", "-wal", "-shm"}; /* of reading */
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/lunette.db%s", dir, tails[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(dir), 0); /* nothing else is in it */
}

static void
test_a_path_that_is_too_long_is_an_error_of_the_configuration(void **state)
{
    struct ln_host_config config = {.name = "desk1", .mode = "sim"};
    struct ln_session s = {.config = &config};
    struct ln_error err;
    char dir[LN_PATH_CAP];
    (void)state;
    memset(dir, 'd', sizeof(dir) - 1);
    dir[sizeof(dir) - 1] = 0;
    assert_int_equal(ln_session_open_store(&s, dir, &err), LN_ERR_CONFIG);
    assert_null(s.store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_the_store_is_a_file_in_the_folder_that_names_its_session),
        cmocka_unit_test(
            test_a_path_that_is_too_long_is_an_error_of_the_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
