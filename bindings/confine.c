/*
 * Limits and the system call filter (libseccomp) of a strategy process.
 * Whatever is not listed fails with EPERM; nothing is opened, connected,
 * started or made executable any more.
 */
#include "bindings/confine.h"

#include "base/assert.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define FILES_MAX 32 /* while scripts and modules are read */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static int
limit(__rlimit_resource_t what, rlim_t value)
{
    struct rlimit r = {value, value};
    return setrlimit(what, &r);
}

enum ln_err
ln_confine_early(int64_t memory_bytes, struct ln_error *err)
{
    bool ok = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
              prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
              prctl(PR_SET_DUMPABLE, 0) == 0 && limit(RLIMIT_CORE, 0) == 0 &&
              limit(RLIMIT_NOFILE, FILES_MAX) == 0;
#ifndef SANITIZED /* the sanitizer reserves terabytes of addresses */
    ok = ok && limit(RLIMIT_AS, (rlim_t)memory_bytes) == 0;
#else
    (void)memory_bytes;
#endif
    if (!ok)
        return ln_error_set(err, LN_ERR_STATE, NULL, NULL,
                            "the process cannot be confined: %s",
                            strerror(errno));
    return LN_OK;
}

static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(timer_settime),
    SCMP_SYS(timer_gettime),
    SCMP_SYS(timer_delete),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getrandom),
    SCMP_SYS(close),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

enum ln_err
ln_confine_syscalls(struct ln_error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int rc = filter ? 0 : -ENOMEM;
    for (size_t i = 0; rc == 0 && i < LN_COUNT(allowed); i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    /* Memory, but none that could be executed. */
    int maps[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
    for (size_t i = 0; rc == 0 && i < LN_COUNT(maps); i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, maps[i], 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    /* A fault may still end this process, and no other. */
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
    if (rc == 0)
        rc = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    if (rc != 0)
        return ln_error_set(
            err, LN_ERR_STATE, NULL, "the process boundary and limits remain",
            "the kernel refuses a system call filter: %s", strerror(-rc));
    return LN_OK;
}
