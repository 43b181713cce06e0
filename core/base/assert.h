/*
 * Assertions for programmer errors: never compiled out, they print both
 * operands and abort. Input from outside is never asserted, but validated.
 */
#ifndef LN_BASE_ASSERT_H
#define LN_BASE_ASSERT_H

_Noreturn void ln_assert_fail(const char *file, int line, const char *expr,
                              long long left, long long right);

/* The same where there are no operands to print. */
_Noreturn void ln_assert_fail_expr(const char *file, int line,
                                   const char *expr);

#define LN_ASSERT(expr)                                                        \
    ((expr) ? (void)0 : ln_assert_fail_expr(__FILE__, __LINE__, #expr))

/* Compares two integers; <op> is an operator such as == or <=. */
#define LN_ASSERT_CMP(a, op, b)                                                \
    (((a)op(b)) ? (void)0                                                      \
                : ln_assert_fail(__FILE__, __LINE__, #a " " #op " " #b,        \
                                 (long long)(a), (long long)(b)))

#define LN_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
