/*
 * The last lines of the log, kept in memory for whoever asks later
 * (`lunette ctl logs`). Made by whoever composes the program, whose log sink
 * adds each line.
 */
#ifndef LN_HOST_CONTROL_LOG_H
#define LN_HOST_CONTROL_LOG_H

#include "base/log.h"
#include "base/str.h"

#define LN_LOG_TAIL_LINES 1000

struct ln_log_tail;

struct ln_log_tail *ln_log_tail_new(void); /* NULL: no memory */
void ln_log_tail_free(struct ln_log_tail *tail);
void ln_log_tail_add(struct ln_log_tail *tail, enum ln_log_level level,
                     const char *line, size_t len);
/* Lines since the start; the newest has this number, the first 1. */
uint64_t ln_log_tail_count(const struct ln_log_tail *tail);
/* False: it is not kept any more, or not there yet. */
bool ln_log_tail_at(const struct ln_log_tail *tail, uint64_t number,
                    enum ln_log_level *level, struct ln_str *line);
/* fn is called after each line was added; it must not log. NULL: nobody. */
void ln_log_tail_follow(struct ln_log_tail *tail, void (*fn)(void *ctx),
                        void *ctx);

#endif
