/*
 * Paths of the configuration: relative to its file, checked to exist.
 */
#include "host/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* dir of <file> with a trailing slash, "" for the current folder. */
static void
folder_of(const char *file, char *out, size_t cap)
{
    const char *slash = strrchr(file, '/');
    ln_str_copy(out, cap,
                slash ? ln_strn(file, (size_t)(slash - file) + 1) : ln_str(""));
}

static bool
try_path(char *path, const char *prefix, const char *name)
{
    char joined[LN_PATH_CAP * 2], real[PATH_MAX];
    snprintf(joined, sizeof(joined), "%s%s", prefix, name);
    if (access(joined, R_OK) != 0 || !realpath(joined, real) ||
        strlen(real) >= LN_PATH_CAP)
        return false;
    return ln_str_copy(path, LN_PATH_CAP, ln_str(real));
}

/* Replace <path> by an absolute one; false: not found. */
static bool
resolve(char *path, const char *folder, const char *second)
{
    char name[LN_PATH_CAP];
    ln_str_copy(name, sizeof(name), ln_str(path));
    if (name[0] == '/')
        return access(name, R_OK) == 0;
    if (name[0] == '~' && name[1] == '/') {
        const char *home = getenv("HOME");
        return home && try_path(path, home, name + 1);
    }
    return try_path(path, folder, name) ||
           (second && try_path(path, second, name));
}

/* The store need not exist yet: only its place is worked out. */
static bool
resolve_store(struct ln_host_config *cfg, const char *folder)
{
    char joined[LN_PATH_CAP * 2], real[PATH_MAX];
    const char *store = cfg->store, *home = getenv("HOME");
    if (!store[0] || store[0] == '/')
        return true;
    if (store[0] == '~' && store[1] == '/') {
        if (!home)
            return false;
        snprintf(joined, sizeof(joined), "%s%s", home, store + 1);
    } else {
        if (!realpath(folder[0] ? folder : ".", real))
            return false;
        snprintf(joined, sizeof(joined), "%s/%s", real, store);
    }
    return ln_str_copy(cfg->store, sizeof(cfg->store), ln_str(joined));
}

enum ln_err
ln_config_resolve(struct ln_host_config *cfg, const char *file,
                  const char *scripts_dir, struct ln_error *err)
{
    char folder[LN_PATH_CAP], strategies[LN_PATH_CAP + 16];
    folder_of(file, folder, sizeof(folder));
    snprintf(strategies, sizeof(strategies), "%s/strategies/", scripts_dir);
    for (int i = 0; i < cfg->nstrategies; i++) {
        struct ln_strategy_config *s = &cfg->strategies[i];
        if (!resolve(s->script, folder, strategies))
            return ln_error_set(
                err, LN_ERR_CONFIG, file,
                "put it beside the configuration, or give its full path",
                "strategy %s: the script %s does not exist or cannot be read",
                s->name, s->script);
    }
    if (!resolve_store(cfg, folder))
        return ln_error_set(
            err, LN_ERR_CONFIG, file, "give the store's full path",
            "store: where %s is cannot be worked out", cfg->store);
    if (cfg->venue.ca[0] && !resolve(cfg->venue.ca, folder, NULL))
        return ln_error_set(err, LN_ERR_CONFIG, file,
                            "lunette sim prints the path as \"ca\"",
                            "venue.ca: the file %s does not exist or cannot "
                            "be read",
                            cfg->venue.ca);
    if (cfg->credentials.file[0] && cfg->credentials.file[0] != '~' &&
        !resolve(cfg->credentials.file, folder, NULL))
        return ln_error_set(err, LN_ERR_CONFIG, file, NULL,
                            "credentials.file: %s does not exist or cannot "
                            "be read",
                            cfg->credentials.file);
    return LN_OK;
}
