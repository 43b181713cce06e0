/*
 * lunette-strategy NAME SCRIPTS_DIR MEMORY_BYTES: the process of one
 * strategy. The host starts it (core/port/port_process.c) with shared memory
 * and two eventfds as descriptors 3 to 5, and ends it with SIGKILL; nobody
 * calls it by hand.
 */
#include "base/log.h"
#include "bindings/confine.h"
#include "bindings/runtime.h"
#include "bindings/watchdog.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct program {
    struct ln_port_child *port;
    struct ln_runtime *rt;
};

static void
on_say(void *ctx, const struct ln_msg *msg)
{
    struct program *p = ctx;
    /* A ring that is broken means a host that is gone. */
    if (ln_port_child_write(p->port, msg) != LN_OK)
        _exit(4);
}

static void
on_loaded(void *ctx)
{
    struct ln_error err = {0};
    (void)ctx;
    if (ln_confine_syscalls(&err) != LN_OK)
        ln_log_error("lunette-strategy", &err);
}

static void
work(struct program *p)
{
    static _Alignas(max_align_t) unsigned char buf[LN_MSG_MAX];
    bool more = true;
    while (more && ln_port_child_read(p->port, buf) > 0) {
        more = ln_runtime_handle(p->rt, (const void *)buf);
        ln_port_child_flush(p->port);
    }
}

int
main(int argc, char **argv)
{
    struct program p = {0};
    struct ln_error err = {0};
    int64_t memory = argc == 4 ? strtoll(argv[3], NULL, 10) : 0;
    if (memory <= 0) {
        ln_error_set(&err, LN_ERR_CONFIG, NULL,
                     "lunette starts this program by itself",
                     "usage: lunette-strategy NAME SCRIPTS_DIR MEMORY_BYTES");
        ln_log_error("lunette-strategy", &err);
        return 2;
    }
    tzset(); /* reads files, which it cannot later */
    struct ln_runtime_opts opts = {
        .scripts_dir = argv[2],
        .say = on_say,
        .ctx = &p,
        .cpu_ns = ln_watchdog_cpu_ns,
        .loaded = on_loaded,
    };
    if (ln_confine_early(memory, &err) != LN_OK ||
        !(p.port = ln_port_child_attach(&err)) ||
        !(p.rt = ln_runtime_new(&opts, &err)) ||
        ln_watchdog_start(p.rt, &err) != LN_OK) {
        ln_log_error(argv[1], &err);
        return 1;
    }
    work(&p);
    /* Nothing is cleaned up: a condemned state is not to be entered again. */
    _exit(0);
}
