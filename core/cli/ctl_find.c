/*
 * Finds running hosts: folders in the state folder's hosts/ whose socket
 * somebody listens at.
 */
#include "cli/ctl_find.h"

#include "cli/statedir.h"
#include "host/control.h"
#include "loop/local.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define HOSTS_MAX 64

struct found {
    char names[HOSTS_MAX][LN_NAME_CAP];
    const char *list[HOSTS_MAX];
    size_t n;
};

static bool
runs(const char *dir, const char *name)
{
    char path[LN_PATH_CAP];
    int len =
        snprintf(path, sizeof(path), "%s/%s/%s", dir, name, LN_CONTROL_SOCKET);
    return len > 0 && (size_t)len < sizeof(path) && ln_local_listens(path);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void
find_running(const char *dir, struct found *f)
{
    struct dirent *entry;
    DIR *d = opendir(dir);
    f->n = 0;
    while (d && f->n < HOSTS_MAX && (entry = readdir(d)) != NULL)
        if (entry->d_name[0] != '.' &&
            strlen(entry->d_name) < sizeof(f->names[0]) &&
            runs(dir, entry->d_name))
            ln_str_copy(f->names[f->n++], sizeof(f->names[0]),
                        ln_str(entry->d_name));
    if (d)
        closedir(d);
    qsort(f->names, f->n, sizeof(f->names[0]), by_name);
    for (size_t i = 0; i < f->n; i++)
        f->list[i] = f->names[i];
}

/* "did you mean desk1?", or all that run. */
static const char *
cure(const struct found *f, const char *name, char *out, size_t cap)
{
    const char *near = name ? ln_nearest(name, f->list, f->n) : NULL;
    size_t used;
    if (f->n == 0)
        return "start one: lunette run CONFIG.lua; or name its folder with "
               "--store";
    if (near) {
        snprintf(out, cap, "did you mean %s?", near);
        return out;
    }
    used = (size_t)snprintf(out, cap, "these run: ");
    for (size_t i = 0; i < f->n && used < cap; i++)
        used += (size_t)snprintf(out + used, cap - used, "%s%s", i ? ", " : "",
                                 f->list[i]);
    return out;
}

enum ln_err
ln_ctl_find(const char *name, const char *store, char host[LN_NAME_CAP],
            char *path, size_t cap, struct ln_error *err)
{
    char dir[LN_PATH_CAP / 2], text[256];
    struct found f;
    if (store) {
        ln_str_copy(host, LN_NAME_CAP, ln_str(name ? name : "the host"));
        int len = snprintf(path, cap, "%s/%s", store, LN_CONTROL_SOCKET);
        if (len > 0 && (size_t)len < cap && ln_local_listens(path))
            return LN_OK;
        return ln_error_set(err, LN_ERR_NOT_FOUND, store,
                            "give the folder that its configuration names as "
                            "store",
                            "no host runs with this store");
    }
    enum ln_err code = ln_state_dir("hosts", dir, sizeof(dir), err);
    if (code != LN_OK)
        return code;
    find_running(dir, &f);
    const char *one = name ? name : f.n == 1 ? f.list[0] : NULL;
    bool there = false;
    for (size_t i = 0; one && i < f.n; i++)
        there = there || strcmp(f.list[i], one) == 0;
    if (there) {
        ln_str_copy(host, LN_NAME_CAP, ln_str(one));
        snprintf(path, cap, "%s/%s/%s", dir, one, LN_CONTROL_SOCKET);
        return LN_OK;
    }
    if (name)
        return ln_error_set(err, LN_ERR_NOT_FOUND, NULL,
                            cure(&f, name, text, sizeof(text)),
                            "no host named %s runs", name);
    if (f.n == 0)
        return ln_error_set(err, LN_ERR_NOT_FOUND, NULL,
                            cure(&f, NULL, text, sizeof(text)), "no host runs");
    return ln_error_set(err, LN_ERR_CONFIG, NULL,
                        cure(&f, NULL, text, sizeof(text)),
                        "%zu hosts run: say which one with --name", f.n);
}
