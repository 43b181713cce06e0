/*
 * Which host `lunette ctl` speaks to.
 */
#ifndef LN_CLI_CTL_FIND_H
#define LN_CLI_CTL_FIND_H

#include "host/config.h"

/*
 * name, store: as given, or NULL. Without both: the only host that runs.
 * host: what to call it; path: of its socket. Errors: NOT_FOUND (none runs,
 * or none of that name), CONFIG (several run).
 */
enum ln_err ln_ctl_find(const char *name, const char *store,
                        char host[LN_NAME_CAP], char *path, size_t cap,
                        struct ln_error *err) LN_MUST_USE;

#endif
