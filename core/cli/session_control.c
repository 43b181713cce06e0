/*
 * A session's control socket: the folder of a host, its socket in there, and
 * the way in which `lunette ctl` finds it by name.
 */
#include "base/log.h"
#include "cli/session.h"
#include "cli/statedir.h"
#include "host/control.h"
#include "loop/local.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum ln_err
ln_session_store_dir(const struct ln_host_config *config, char *out, size_t cap,
                     struct ln_error *err)
{
    char name[LN_NAME_CAP + 8];
    struct stat st;
    if (!config->store[0]) {
        if (config->name[0] == '.')
            return ln_error_set(
                err, LN_ERR_CONFIG, NULL, "let it begin with a letter",
                "name: %s cannot be a folder's name", config->name);
        snprintf(name, sizeof(name), "hosts/%s", config->name);
        return ln_state_dir(name, out, cap, err);
    }
    enum ln_err code = ln_make_folder(config->store, err);
    if (code != LN_OK)
        return code;
    /* Whoever may write there could put his own files in the place of ours. */
    if (stat(config->store, &st) == 0 && st.st_mode & 0022)
        return ln_error_set(err, LN_ERR_CONFIG, config->store,
                            "take their right away: chmod go-w",
                            "store: others may write to this folder");
    ln_str_copy(out, cap, ln_str(config->store));
    return LN_OK;
}

/*
 * `lunette ctl` finds a host by its name in the state folder, wherever its
 * store is: a link to its socket. Without one, --store finds it.
 */
static void
list_host(struct ln_session *s, const char *socket)
{
    char name[LN_NAME_CAP + 8], dir[LN_PATH_CAP - 32];
    struct ln_error err;
    snprintf(name, sizeof(name), "hosts/%s", s->config->name);
    if (!s->config->store[0] || s->config->name[0] == '.' ||
        ln_state_dir(name, dir, sizeof(dir), &err) != LN_OK)
        return;
    snprintf(s->listed, sizeof(s->listed), "%s/%s", dir, LN_CONTROL_SOCKET);
    if (ln_local_listens(s->listed)) {
        ln_warn("host",
                "another host named %s runs: lunette ctl finds this "
                "one with --store %s",
                s->config->name, s->config->store);
        s->listed[0] = 0;
        return;
    }
    unlink(s->listed);
    if (symlink(socket, s->listed) != 0)
        s->listed[0] = 0;
}

enum ln_err
ln_session_open_control(struct ln_session *s, struct ln_log_tail *tail,
                        struct ln_error *err)
{
    char dir[LN_PATH_CAP], path[LN_PATH_CAP + 16];
    if (!s->with_control)
        return LN_OK;
    enum ln_err code = ln_session_store_dir(s->config, dir, sizeof(dir), err);
    if (code != LN_OK)
        return code;
    snprintf(path, sizeof(path), "%s%s%s", dir,
             dir[strlen(dir) - 1] == '/' ? "" : "/", LN_CONTROL_SOCKET);
    s->control = ln_control_open(s->loop, path, s->config->name, tail, err);
    if (!s->control)
        return err->code;
    list_host(s, path);
    return LN_OK;
}

void
ln_session_close_control(struct ln_session *s)
{
    ln_control_close(s->control);
    s->control = NULL;
    if (s->listed[0])
        unlink(s->listed);
    s->listed[0] = 0;
}
