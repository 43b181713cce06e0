/*
 * Parameters of `lunette api` as they are typed. Private to cmd_api.c.
 */
#ifndef LN_CLI_API_PARAMS_H
#define LN_CLI_API_PARAMS_H

#include "base/buf.h"

/*
 * A JSON object of strings from the words "name=value" and, before them, the
 * query of <path> ("/x?name=value&...", percent-encoded), which may be NULL.
 */
enum ln_err ln_api_params(struct ln_buf *out, const char *path, char **words,
                          int nwords, struct ln_error *err) LN_MUST_USE;

#endif
