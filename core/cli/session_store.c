/*
 * The store of a session: the database beside the intent log, in the folder
 * that the configuration names.
 */
#include "cli/session.h"

#include <stdio.h>

enum ln_err
ln_session_open_store(struct ln_session *s, const char *dir,
                      struct ln_error *err)
{
    char path[LN_PATH_CAP];
    int n = snprintf(path, sizeof(path), "%s/lunette.db", dir);
    if (n < 0 || (size_t)n >= sizeof(path))
        return ln_error_set(err, LN_ERR_CONFIG, dir, "choose a shorter path",
                            "the path of the store's folder is too long");
    struct ln_store_opts opts = {
        .path = path,
        .name = s->config->name,
        .mode = s->config->mode,
        .version = LN_VERSION,
    };
    return ln_store_open(&opts, &s->store, err);
}
