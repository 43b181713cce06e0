/*
 * Where Lunette keeps what it makes for itself: $XDG_STATE_HOME/lunette, or
 * ~/.local/state/lunette.
 */
#ifndef LN_CLI_STATEDIR_H
#define LN_CLI_STATEDIR_H

#include "base/error.h"

/* <path> and every missing folder on its way, made with mode 0700. */
enum ln_err ln_make_folder(const char *path, struct ln_error *err) LN_MUST_USE;

/* The folder <name> in it, made with mode 0700 if it is missing. */
enum ln_err ln_state_dir(const char *name, char *out, size_t cap,
                         struct ln_error *err) LN_MUST_USE;

#endif
