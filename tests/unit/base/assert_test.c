/*
 * A failed assertion says where and with which operands, and aborts.
 */
#include "base/assert.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Runs <fn> in a child; returns its wait status and what it said. */
static int
run_child(void (*fn)(void), char *said, size_t cap)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        fn();
        _exit(0);
    }
    close(ends[1]);
    size_t len = 0;
    ssize_t n;
    while ((n = read(ends[0], said + len, cap - 1 - len)) > 0)
        len += (size_t)n;
    said[len] = '\0';
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void
compare_wrongly(void)
{
    int apples = 3;
    LN_ASSERT_CMP(apples, ==, 4);
}

static void
claim_wrongly(void)
{
    int apples = 3;
    LN_ASSERT(apples == 0);
}

static void
claim_rightly(void)
{
    int apples = 3;
    LN_ASSERT(apples == 3);
    LN_ASSERT_CMP(apples, <, 4);
}

static void
comparison_prints_both_operands(void **unused)
{
    (void)unused;
    char said[512];
    int status = run_child(compare_wrongly, said, sizeof said);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(said, "assert_test.c:"));
    assert_non_null(strstr(said, "apples == 4"));
    assert_non_null(strstr(said, "left 3, right 4"));
}

static void
claim_prints_its_text(void **unused)
{
    (void)unused;
    char said[512];
    int status = run_child(claim_wrongly, said, sizeof said);
    assert_true(WIFSIGNALED(status));
    assert_non_null(strstr(said, "apples == 0"));
    assert_null(strstr(said, "left"));
}

static void
true_assertions_pass(void **unused)
{
    (void)unused;
    char said[512];
    int status = run_child(claim_rightly, said, sizeof said);
    assert_true(WIFEXITED(status));
    assert_string_equal(said, "");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparison_prints_both_operands),
        cmocka_unit_test(claim_prints_its_text),
        cmocka_unit_test(true_assertions_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
