/*
 * What a failed LN_ASSERT does: say where and with which operands, abort.
 */
#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void
ln_assert_fail(const char *file, int line, const char *expr, long long left,
               long long right)
{
    fprintf(stderr, "%s:%d: assertion failed: %s (left %lld, right %lld)\n",
            file, line, expr, left, right);
    abort();
}

void
ln_assert_fail_expr(const char *file, int line, const char *expr)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expr);
    abort();
}
