/*
 * The log: one line per event, with level and component, as text or JSON,
 * to standard error, a file, or a function (the live view of the demo).
 *
 * The clock is handed in: this floor has none. Lines are at most
 * LN_LOG_LINE_MAX bytes; control characters are replaced, so a script cannot
 * forge lines or terminal sequences. Secrets are never passed to it.
 */
#ifndef LN_BASE_LOG_H
#define LN_BASE_LOG_H

#include "base/error.h"

#include <stdbool.h>

#include <stdint.h>

#define LN_LOG_LINE_MAX 2048

enum ln_log_level {
    LN_LOG_DEBUG,
    LN_LOG_INFO,
    LN_LOG_WARN,
    LN_LOG_ERROR,
    LN_LOG_OFF
};

enum ln_log_format { LN_LOG_TEXT, LN_LOG_JSON };

/* Wall clock in ms since 1970, for the time in each line. */
typedef int64_t (*ln_log_clock_fn)(void *ctx);

/* Receives each finished line (no newline at its end). */
typedef void (*ln_log_sink_fn)(void *ctx, enum ln_log_level level,
                               const char *line, size_t len);

void ln_log_set_level(enum ln_log_level level);
void ln_log_set_format(enum ln_log_format format);
void ln_log_set_clock(ln_log_clock_fn clock, void *ctx); /* NULL: no time */
void ln_log_set_sink(ln_log_sink_fn sink, void *ctx);    /* NULL: stderr */
void ln_log_set_color(bool on); /* colours in text format on stderr */
enum ln_log_level ln_log_get_level(void);

/* "debug" "info" "warn" "error" "off"; false if it is none of them. */
bool ln_log_level_parse(const char *text, enum ln_log_level *out);

/* component: the room or the strategy's name. */
void ln_log(enum ln_log_level level, const char *component, const char *fmt,
            ...) LN_PRINTF(3, 4);

#define ln_debug(...) ln_log(LN_LOG_DEBUG, __VA_ARGS__)
#define ln_info(...)  ln_log(LN_LOG_INFO, __VA_ARGS__)
#define ln_warn(...)  ln_log(LN_LOG_WARN, __VA_ARGS__)

/* what, where and cure of an error, as one line. */
void ln_log_error(const char *component, const struct ln_error *err);

#endif
