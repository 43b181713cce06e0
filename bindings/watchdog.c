/*
 * A POSIX timer on the thread's CPU clock. Its signal handler only reads
 * atomics and a clock and may set a Lua hook, all of which are safe there.
 */
#include "bindings/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define TICK_NS 5000000L

static struct ln_runtime *watched;
static uint64_t seen_busy; /* the callback that the last tick found */
static int64_t seen_ns;    /* CPU time at the first tick that found it */

int64_t
ln_watchdog_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
on_tick(int signum)
{
    int saved = errno;
    (void)signum;
    uint64_t busy = ln_runtime_busy(watched);
    int64_t now = ln_watchdog_cpu_ns();
    if (busy != seen_busy) {
        seen_busy = busy;
        seen_ns = now;
    } else if (busy &&
               now - seen_ns >= ln_runtime_budget_ms(watched) * 1000000) {
        ln_runtime_condemn(watched); /* again and again: it must not escape */
    }
    errno = saved;
}

enum ln_err
ln_watchdog_start(struct ln_runtime *rt, struct ln_error *err)
{
    struct sigaction action;
    struct sigevent event;
    struct itimerspec every = {{0, TICK_NS}, {0, TICK_NS}};
    timer_t timer;
    watched = rt;
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_tick;
    action.sa_flags = SA_RESTART;
    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGALRM;
    if (sigaction(SIGALRM, &action, NULL) != 0 ||
        timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) != 0 ||
        timer_settime(timer, 0, &every, NULL) != 0)
        return ln_error_set(err, LN_ERR_STATE, NULL, NULL,
                            "no watchdog timer: %s", strerror(errno));
    return LN_OK;
}
