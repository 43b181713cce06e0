/*
 * Errors as values: filling them, and their text for people.
 */
#include "base/error.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[] = {
    [LN_OK] = "ok",
    [LN_ERR_ARG] = "argument",
    [LN_ERR_NOMEM] = "memory",
    [LN_ERR_RANGE] = "range",
    [LN_ERR_PARSE] = "parse",
    [LN_ERR_IO] = "io",
    [LN_ERR_NET] = "network",
    [LN_ERR_TLS] = "tls",
    [LN_ERR_TIMEOUT] = "timeout",
    [LN_ERR_CANCELLED] = "cancelled",
    [LN_ERR_STATE] = "state",
    [LN_ERR_LIMIT] = "limit",
    [LN_ERR_CONFIG] = "config",
    [LN_ERR_SCRIPT] = "script",
    [LN_ERR_VENUE] = "venue",
    [LN_ERR_NOT_FOUND] = "not_found",
};

const char *
ln_err_name(enum ln_err code)
{
    size_t i = (size_t)code;
    return i < sizeof names / sizeof names[0] ? names[i] : "unknown";
}

enum ln_err
ln_error_set(struct ln_error *err, enum ln_err code, const char *where,
             const char *cure, const char *what_fmt, ...)
{
    if (!err)
        return code;

    /* Apart, because the arguments may point into <err>: errors are wrapped. */
    struct ln_error fresh = {.code = code};
    va_list args;
    va_start(args, what_fmt);
    vsnprintf(fresh.what, sizeof fresh.what, what_fmt, args);
    va_end(args);
    ln_str_copy(fresh.where, sizeof fresh.where, ln_str(where));
    ln_str_copy(fresh.cure, sizeof fresh.cure, ln_str(cure));
    *err = fresh;
    return code;
}

size_t
ln_error_text(const struct ln_error *err, char *out, size_t cap)
{
    if (cap == 0)
        return 0;

    const char *what = err->what[0] ? err->what : ln_err_name(err->code);
    const char *where = err->where;
    int n =
        snprintf(out, cap, "%s%s%s%s%s%s", what, where[0] ? " (" : "", where,
                 where[0] ? ")" : "", err->cure[0] ? "\n  " : "", err->cure);
    if (n < 0) {
        out[0] = '\0';
        return 0;
    }
    return (size_t)n < cap ? (size_t)n : cap - 1;
}
