/*
 * Answers of a host, for people: tables, with colours on a terminal.
 */
#ifndef LN_CLI_CTL_PRINT_H
#define LN_CLI_CTL_PRINT_H

#include "base/json.h"

/* cmd: the command that <doc> is the answer to. */
void ln_ctl_print(const char *cmd, const struct ln_json *doc, bool color);

#endif
