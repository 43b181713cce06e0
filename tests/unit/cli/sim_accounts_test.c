/*
 * The file of --accounts: who is read from it, and what is said of mistakes.
 */
#include "cli/sim_accounts.h"

#include "base/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];

static int
setup(void **state)
{
    (void)state;
    snprintf(path, sizeof(path), "/tmp/lunette-accounts-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void
write_file(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void
logins_are_read(void **state)
{
    struct ln_sim_accounts a;
    struct ln_error err = {0};
    (void)state;
    write_file("[{\"key\":\"k1\",\"secret\":\"s1\",\"passphrase\":\"p1\","
               "\"balance\":\"5000.5\"},\n"
               " {\"key\":\"k\\u0032\",\"secret\":\"s2\",\"passphrase\":\"p2\","
               "\"balance\":7},\n"
               " {\"key\":\"k3\",\"secret\":\"s3\",\"passphrase\":\"p3\"}]\n");
    assert_int_equal(ln_sim_accounts_read(&a, path, &err), LN_OK);
    assert_int_equal(a.count, 3);
    assert_string_equal(a.logins[0].key, "k1");
    assert_string_equal(a.logins[0].secret, "s1");
    assert_string_equal(a.logins[0].passphrase, "p1");
    assert_int_equal(a.logins[0].balance_e8, 500050000000);
    assert_string_equal(a.logins[1].key, "k2");
    assert_int_equal(a.logins[1].balance_e8, 7 * LN_E8);
    assert_int_equal(a.logins[2].balance_e8, 0); /* the default */
    ln_sim_accounts_deinit(&a);
    write_file("[]");
    assert_int_equal(ln_sim_accounts_read(&a, path, &err), LN_OK);
    assert_int_equal(a.count, 0);
    ln_sim_accounts_deinit(&a);
}

static void
mistakes_are_told_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
        const char *what;
    } rows[] = {
        {"{}", 1, "no list"},
        {"", 1, "no JSON"},
        {"[\n{\"key\":\"k\"\n]", 3, "no JSON"},
        {"[\n\n7]", 3, "no object"},
        {"[{\"key\":\"k\",\"secret\":\"hush-hush\",\"passphrase\":\"p\"},\n"
         " {\"key\":\"l\",\"secret\":\"hush-hush\"}]",
         2, "passphrase"},
        {"[\n{\"key\":\"\",\"secret\":\"hush-hush\",\"passphrase\":\"p\"}]", 2,
         "key"},
        {"[{\"key\":\"k\",\"secret\":\"hush-hush\",\"passphrase\":\"p\"},\n"
         " {\"key\":\"k\",\"secret\":\"hush-hush\",\"passphrase\":\"p\"}]",
         2, "same key"},
        {"[{\"key\":\"k\",\"secret\":\"hush-hush\",\"passphrase\":\"p\","
         "\"balance\":\"-1\"}]",
         1, "balance"},
        {"[{\"key\":\"k\",\"secret\":\"hush-hush\",\"passphrase\":\"p\","
         "\"balance\":\"much\"}]",
         1, "balance"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ln_sim_accounts a;
        struct ln_error err = {0};
        char where[80];
        write_file(rows[i].text);
        assert_int_equal(ln_sim_accounts_read(&a, path, &err), LN_ERR_CONFIG);
        snprintf(where, sizeof(where), "%s:%d", path, rows[i].line);
        assert_string_equal(err.where, where);
        if (!strstr(err.what, rows[i].what))
            fail_msg("%zu: %s", i, err.what);
        assert_null(strstr(err.what, "hush")); /* no secret is repeated */
        assert_null(a.logins);
    }
}

static void
a_missing_file_is_told(void **state)
{
    struct ln_sim_accounts a;
    struct ln_error err = {0};
    (void)state;
    assert_int_equal(ln_sim_accounts_read(&a, "/nonexistent/file", &err),
                     LN_ERR_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(logins_are_read),
        TEST(mistakes_are_told_with_their_line),
        TEST(a_missing_file_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
