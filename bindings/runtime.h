/*
 * The strategy runtime: one Lua state that runs one strategy.
 *
 * Room: bindings, floor 5; knows core/port and below, never the host or the
 * network. The only room that includes lua.h. It takes messages from the
 * host (port/msg.h), calls the script's callbacks, and says what the script
 * wants through <say>. In a process of its own (strategy_main.c) or in the
 * caller's, behind the direct carrier.
 */
#ifndef LN_BINDINGS_RUNTIME_H
#define LN_BINDINGS_RUNTIME_H

#include "base/buf.h"
#include "base/error.h"
#include "port/msg.h"
#include "port/port.h"

struct ln_runtime;

struct ln_runtime_opts {
    const char *scripts_dir; /* scripts/: its lib/ is searched by require */
    /* Where messages to the host go. The message is copied by the callee. */
    void (*say)(void *ctx, const struct ln_msg *msg);
    void *ctx;
    /* CPU time in ns for budgets and DONE; NULL: none are measured. */
    int64_t (*cpu_ns)(void);
    /* Called once, after HELLO loaded the script (seccomp goes here). */
    void (*loaded)(void *ctx);
};

struct ln_runtime *ln_runtime_new(const struct ln_runtime_opts *opts,
                                  struct ln_error *err);
void ln_runtime_free(struct ln_runtime *rt);

/*
 * Work off one valid message from the host; ends with DONE. Returns false
 * when the runtime has ended (script failed to load, condemned, stopped):
 * then only free.
 */
bool ln_runtime_handle(struct ln_runtime *rt, const struct ln_msg *msg);

/* Once it has ended: why; "stopped" after STOP. */
const char *ln_runtime_why_ended(const struct ln_runtime *rt);

/*
 * Ask a running callback to end: arms a hook that raises an error no pcall
 * swallows. Async-signal-safe; called by the watchdog when the budget of the
 * current callback is used up.
 */
void ln_runtime_condemn(struct ln_runtime *rt);
/* Monotonic-free deadline bookkeeping for the watchdog: nonzero while a
 * callback runs; the value changes with each callback. */
uint64_t ln_runtime_busy(const struct ln_runtime *rt);
/* How much CPU time that callback may use (loading has more). */
int64_t ln_runtime_budget_ms(const struct ln_runtime *rt);

/* A direct port with a runtime behind it (frees the runtime with the port). */
struct ln_port *ln_runtime_direct_port(struct ln_loop *loop,
                                       const char *scripts_dir,
                                       const struct ln_port_events *events,
                                       void *ctx, struct ln_error *err);

/* ---- configuration files ---- */

/*
 * Run a Lua file that returns a table (sandboxed: no I/O, no os, bounded
 * time and memory) and append that table to <out> as JSON. Errors are
 * LN_ERR_CONFIG with file:line.
 */
enum ln_err ln_lua_table_json(const char *path, struct ln_buf *out,
                              struct ln_error *err) LN_MUST_USE;

#endif
