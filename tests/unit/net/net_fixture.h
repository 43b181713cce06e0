/*
 * What the tests of core/net share: one world per test, on the real network
 * or on the virtual one, with a server in it and ways to wait for things.
 */
#ifndef LN_TESTS_NET_FIXTURE_H
#define LN_TESTS_NET_FIXTURE_H

#include "base/assert.h"
#include "net/net.h"
#include "net/net_virtual.h"
#include "net/tls_cert.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 20000 /* a hang ends here instead of at the harness */
#define WALL_MS     1760000000000

struct world {
    bool is_virtual;
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_tls_files good, other; /* two authorities that never met */
    const char *ca, *wrong_ca;       /* of clients */
    struct ln_timer *timer;          /* a test's own, freed with the world */
};

static char fixture_dir[] = "/tmp/lunette-net-XXXXXX";

static inline void
world_remove_dir(const char *dir)
{
    char path[512];
    DIR *d = opendir(dir);
    const struct dirent *entry;

    while (d && (entry = readdir(d)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.' && unlink(path) != 0)
            world_remove_dir(path);
    }
    if (d)
        closedir(d);
    rmdir(dir);
}

static inline int
fixture_setup(void **state)
{
    (void)state;
    return mkdtemp(fixture_dir) ? 0 : -1;
}

static inline int
fixture_teardown(void **state)
{
    (void)state;
    world_remove_dir(fixture_dir);
    return 0;
}

static inline int
world_setup(void **state, bool is_virtual)
{
    struct world *w = calloc(1, sizeof(*w));
    struct ln_error err;
    char dir[sizeof(fixture_dir) + 8];

    w->is_virtual = is_virtual;
    w->loop = is_virtual ? ln_loop_virtual_new(WALL_MS) : ln_loop_uv_new();
    w->net = is_virtual ? ln_net_virtual_new(w->loop, 42)
                        : ln_net_uv_new(w->loop, &err);
    *state = w;
    if (!w->net)
        return -1;
    int64_t now_ms = is_virtual ? WALL_MS : ln_loop_now_ms(w->loop);
    snprintf(dir, sizeof(dir), "%s/good", fixture_dir);
    mkdir(dir, 0700);
    if (ln_tls_make_cert(dir, now_ms, &w->good, &err) != LN_OK)
        return -1;
    snprintf(dir, sizeof(dir), "%s/other", fixture_dir);
    mkdir(dir, 0700);
    if (ln_tls_make_cert(dir, now_ms, &w->other, &err) != LN_OK)
        return -1;
    /* The virtual net compares paths instead of signatures. */
    w->ca = is_virtual ? w->good.cert : w->good.ca;
    w->wrong_ca = is_virtual ? w->other.cert : w->other.ca;
    return 0;
}

static inline int
world_setup_uv(void **state)
{
    return world_setup(state, false);
}

static inline int
world_setup_virtual(void **state)
{
    return world_setup(state, true);
}

static inline int
world_teardown(void **state)
{
    struct world *w = *state;

    ln_net_free(w->net);
    ln_timer_free(w->timer);
    ln_loop_free(w->loop);
    free(w);
    return 0;
}

/* Turns the loop until *counter reaches <want>; fails the test if never. */
static inline void
wait_for(struct world *w, const int *counter, int want)
{
    for (int64_t ms = 0; *counter < want && ms < PATIENCE_MS; ms++)
        ln_loop_run_for(w->loop, 1);
    if (*counter < want)
        fail_msg("waited in vain: %d of %d", *counter, want);
}

/* Turns the loop a little, to see that something does not happen. */
static inline void
linger(struct world *w)
{
    ln_loop_run_for(w->loop, 60);
}

static inline void
url_of(char *out, size_t cap, const char *scheme,
       const struct ln_server *server, const char *path)
{
    snprintf(out, cap, "%s://127.0.0.1:%d%s", scheme, ln_server_port(server),
             path);
}

/* To see that none is left behind. */
static inline int
open_descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

#endif
