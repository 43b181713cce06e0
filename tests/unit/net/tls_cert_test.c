/*
 * The certificate authority of one's own. That real clients accept its
 * certificates is shown in net_contract_test.c.
 */
#include "net_fixture.h"

#define YEAR_MS (365LL * 86400 * 1000)

static void
make_dir(char *out, size_t cap, const char *name)
{
    snprintf(out, cap, "%s/%s", fixture_dir, name);
    assert_int_equal(mkdir(out, 0700), 0);
}

static void
file_text(const char *path, char *out, size_t cap)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(out, 1, cap - 1, file);
    out[len] = '\0';
    fclose(file);
}

static void
files_are_made_with_a_private_key_and_used_again(void **state)
{
    char dir[256], first[4096], second[4096];
    struct ln_tls_files files;
    struct ln_error err;
    struct stat st;
    (void)state;

    make_dir(dir, sizeof(dir), "again");
    assert_int_equal(ln_tls_make_cert(dir, WALL_MS, &files, &err), LN_OK);
    assert_int_equal(stat(files.key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    file_text(files.cert, first, sizeof(first));
    assert_non_null(strstr(first, "BEGIN CERTIFICATE"));
    assert_int_equal(ln_tls_make_cert(dir, WALL_MS + 9 * YEAR_MS, &files, &err),
                     LN_OK);
    file_text(files.cert, second, sizeof(second));
    assert_string_equal(first, second);
    /* After its ten years it is replaced. */
    assert_int_equal(
        ln_tls_make_cert(dir, WALL_MS + 11 * YEAR_MS, &files, &err), LN_OK);
    file_text(files.cert, second, sizeof(second));
    assert_string_not_equal(first, second);
}

static void
damaged_or_mixed_files_are_replaced(void **state)
{
    char dir[256], before[4096], after[4096];
    struct ln_tls_files files;
    struct ln_error err;
    (void)state;

    make_dir(dir, sizeof(dir), "damaged");
    assert_int_equal(ln_tls_make_cert(dir, WALL_MS, &files, &err), LN_OK);
    file_text(files.ca, before, sizeof(before));
    FILE *file = fopen(files.key, "w");
    fputs("rubbish", file);
    fclose(file);
    assert_int_equal(ln_tls_make_cert(dir, WALL_MS, &files, &err), LN_OK);
    file_text(files.ca, after, sizeof(after));
    assert_string_not_equal(before, after);
    file_text(files.key, after, sizeof(after));
    assert_non_null(strstr(after, "BEGIN PRIVATE KEY"));
}

static void
a_missing_folder_is_an_error(void **state)
{
    struct ln_tls_files files;
    struct ln_error err;
    (void)state;

    assert_int_equal(
        ln_tls_make_cert("/nonexistent/folder", WALL_MS, &files, &err),
        LN_ERR_IO);
    assert_true(err.cure[0] != '\0');
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_made_with_a_private_key_and_used_again),
        cmocka_unit_test(damaged_or_mixed_files_are_replaced),
        cmocka_unit_test(a_missing_folder_is_an_error),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
