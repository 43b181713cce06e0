/*
 * The servers of bench_sim_load: processes of their own, so that their CPU
 * time can be told from the client's.
 */
#ifndef LN_TESTS_LOAD_CHILD_H
#define LN_TESTS_LOAD_CHILD_H

#include "load_conn.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

struct load_child {
    pid_t pid;
    clockid_t clock; /* its CPU time */
    char ready[8192];
};

/* Starts it and waits for the line it prints when it is ready. */
static inline void
load_start(struct load_child *child, char *const argv[])
{
    int ends[2];
    size_t len = 0;
    if (pipe(ends) != 0 || (child->pid = fork()) < 0)
        load_die("cannot start a process");
    if (child->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execv(argv[0], argv);
        perror(argv[0]);
        _exit(1);
    }
    close(ends[1]);
    while (len + 1 < sizeof(child->ready)) {
        ssize_t n =
            read(ends[0], child->ready + len, sizeof(child->ready) - 1 - len);
        if (n <= 0)
            load_die("the server did not start");
        len += (size_t)n;
        child->ready[len] = '\0';
        if (strchr(child->ready, '\n'))
            break;
    }
    close(ends[0]);
    if (clock_getcpuclockid(child->pid, &child->clock) != 0)
        load_die("the server's CPU time is not to be had");
}

static inline void
load_end(struct load_child *child)
{
    int status;
    kill(child->pid, SIGTERM);
    if (waitpid(child->pid, &status, 0) != child->pid ||
        (WIFSIGNALED(status) && WTERMSIG(status) != SIGTERM) ||
        (WIFEXITED(status) && WEXITSTATUS(status) != 0))
        load_die("a server did not end well");
}

/* GET over plain HTTP, waiting: the control endpoint. Text into out. */
static inline void
load_get(int port, const char *target, char *out, size_t cap)
{
    char text[512];
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int n = snprintf(text, sizeof(text),
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                     "Connection: close\r\n\r\n",
                     target);
    size_t len = 0;
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        send(fd, text, (size_t)n, 0) != n)
        load_die("the control endpoint cannot be asked");
    for (ssize_t got;
         (got = recv(fd, out + len, cap - 1 - len, 0)) > 0 && len + 1 < cap;)
        len += (size_t)got;
    out[len] = '\0';
    close(fd);
}

#endif
