/*
 * The watchdog of a strategy process: ticks every few milliseconds of CPU
 * time that the Lua thread uses (so an idle strategy has no ticks at all),
 * and condemns a callback that has used up its budget.
 */
#ifndef LN_BINDINGS_WATCHDOG_H
#define LN_BINDINGS_WATCHDOG_H

#include "bindings/runtime.h"

/* One per process; <rt> must live as long as the process. */
enum ln_err ln_watchdog_start(struct ln_runtime *rt,
                              struct ln_error *err) LN_MUST_USE;

/* CPU time of this thread in ns. */
int64_t ln_watchdog_cpu_ns(void);

#endif
