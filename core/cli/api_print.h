/*
 * What `lunette api` prints: the list of endpoints, the help of one, JSON
 * for people. Private to cmd_api.c.
 */
#ifndef LN_CLI_API_PRINT_H
#define LN_CLI_API_PRINT_H

#include "bitget/endpoint.h"

/* All rows of the table. */
void ln_api_print_list(void);
void ln_api_json_list(struct ln_json_writer *w);

/* One row with its parameters. */
void ln_api_print_help(const struct ln_endpoint *ep);
void ln_api_json_row(struct ln_json_writer *w, const struct ln_endpoint *ep);

/* A value over as many lines as it needs, indented. */
void ln_api_pretty(struct ln_buf *out, const struct ln_json *doc,
                   ln_json_val v);

#endif
