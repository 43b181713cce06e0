/*
 * Times as text. No clock here: the caller says what time it is.
 * Times are milliseconds since 1970-01-01 UTC.
 */
#ifndef LN_BASE_TIMEFMT_H
#define LN_BASE_TIMEFMT_H

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

#define LN_TIME_CAP 32

/* "2026-01-31T23:59:59.123Z"; out holds LN_TIME_CAP bytes. */
size_t ln_time_iso(int64_t time_ms, char *out);

/* "23:59:59.123" */
size_t ln_time_clock(int64_t time_ms, char *out);

/*
 * Reads "2022-01-31 23:59:59[.frac][Z|+00:00]" with space or T, a bare date,
 * and integers: 10 digits are seconds, 13 ms, 16 us, 19 ns.
 */
enum ln_err ln_time_parse(struct ln_str text, int64_t *out_ms) LN_MUST_USE;

#endif
