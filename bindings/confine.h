/*
 * What a strategy process gives up: limits from its first line on, and, once
 * the script is loaded, every system call but those for computing, its rings
 * and its end.
 */
#ifndef LN_BINDINGS_CONFINE_H
#define LN_BINDINGS_CONFINE_H

#include "base/error.h"

#include <stdint.h>

/* No core dumps, few files, bounded memory, no privileges, dies with host. */
enum ln_err ln_confine_early(int64_t memory_bytes,
                             struct ln_error *err) LN_MUST_USE;

/* The system call filter. An error: this kernel has none. */
enum ln_err ln_confine_syscalls(struct ln_error *err) LN_MUST_USE;

#endif
