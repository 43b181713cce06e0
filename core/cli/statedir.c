/*
 * Folders that Lunette makes for itself.
 */
#include "cli/statedir.h"

#include "base/str.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Make every missing folder of <path>. */
static bool
make_path(char *path)
{
    for (char *p = path + 1;; p++) {
        char c = *p;
        if (c != '/' && c != 0)
            continue;
        *p = 0;
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *p = c;
        if (!made)
            return false;
        if (c == 0)
            return true;
    }
}

enum ln_err
ln_make_folder(const char *path, struct ln_error *err)
{
    char copy[PATH_MAX];
    bool fits = path[0] && ln_str_copy(copy, sizeof(copy), ln_str(path));
    while (fits && strlen(copy) > 1 && copy[strlen(copy) - 1] == '/')
        copy[strlen(copy) - 1] = 0;
    errno = ENAMETOOLONG;
    if (fits && make_path(copy))
        return LN_OK;
    return ln_error_set(err, LN_ERR_CONFIG, path,
                        "name a folder that you may write to",
                        "the folder cannot be made: %s", strerror(errno));
}

enum ln_err
ln_state_dir(const char *name, char *out, size_t cap, struct ln_error *err)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int n;
    if (state && state[0] == '/')
        n = snprintf(out, cap, "%s/lunette/%s", state, name);
    else if (home && home[0] == '/')
        n = snprintf(out, cap, "%s/.local/state/lunette/%s", home, name);
    else
        n = snprintf(out, cap, "/tmp/lunette-%u/%s", (unsigned)getuid(), name);
    if (n > 0 && (size_t)n < cap && make_path(out))
        return LN_OK;
    return ln_error_set(err, LN_ERR_IO, out,
                        "set XDG_STATE_HOME to a folder that can be written",
                        "the folder cannot be made: %s", strerror(errno));
}
