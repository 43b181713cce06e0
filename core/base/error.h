/*
 * Errors as values: a code for programs, and three sentences for people.
 *
 * Room: core/base, the ground floor; knows nothing but the C library.
 * What can fail returns enum ln_err (LN_OK is 0) and, where a person may
 * read it, fills a struct ln_error: what failed, where, and what to do.
 * Programmer errors are not values: see assert.h.
 */
#ifndef LN_BASE_ERROR_H
#define LN_BASE_ERROR_H

#include <stddef.h>

#define LN_MUST_USE          __attribute__((warn_unused_result))
#define LN_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum ln_err {
    LN_OK = 0,
    LN_ERR_ARG,       /* a value from the caller is not acceptable */
    LN_ERR_NOMEM,     /* no memory, or a named maximum is reached */
    LN_ERR_RANGE,     /* a number does not fit */
    LN_ERR_PARSE,     /* text does not follow its grammar */
    LN_ERR_IO,        /* file or descriptor */
    LN_ERR_NET,       /* connection refused, reset, name not found */
    LN_ERR_TLS,       /* certificate or handshake */
    LN_ERR_TIMEOUT,   /* no answer in time: the outcome is unknown */
    LN_ERR_CANCELLED, /* the caller withdrew it */
    LN_ERR_STATE,     /* not possible now */
    LN_ERR_LIMIT,     /* a rate or risk limit refuses it */
    LN_ERR_CONFIG,    /* configuration or command line */
    LN_ERR_SCRIPT,    /* the user's Lua */
    LN_ERR_VENUE,     /* the exchange refused it */
    LN_ERR_NOT_FOUND  /* what was asked for does not exist */
};

struct ln_error {
    enum ln_err code;
    char what[384];  /* what failed, one sentence, no full stop needed */
    char where[192]; /* file:line, host:port, key path; "" if it adds nothing */
    char cure[256];  /* what to do about it; "" if nobody knows */
};

/*
 * Fill <err> (may be NULL: then only the code is returned).
 * where, cure: may be NULL. Returns <code>, so a caller can return it.
 */
enum ln_err ln_error_set(struct ln_error *err, enum ln_err code,
                         const char *where, const char *cure,
                         const char *what_fmt, ...) LN_PRINTF(5, 6);

/* The short lower-case name of a code: "timeout". Never NULL. */
const char *ln_err_name(enum ln_err code);

/*
 * One or two lines for a person: "what (where)\n  cure". Always terminated;
 * returns the length written.
 */
size_t ln_error_text(const struct ln_error *err, char *out, size_t cap);

#endif
