/*
 * The parameters of one request, from a query or from a JSON body, read the
 * tolerant way of the wire: numbers where strings are documented, enums in
 * any case, "" for "not given".
 */
#ifndef LN_SIM_PARAMS_H
#define LN_SIM_PARAMS_H

#include "base/json.h"

#include <stdint.h>

#define LN_SIM_QUERY_MAX 4096 /* bytes of a query */
#define LN_SIM_PAIRS_MAX 32   /* parameters of a query */

struct ln_sim_pair {
    struct ln_str name, value; /* decoded, in the text below */
};

struct ln_sim_params {
    const struct ln_json *doc; /* body, or NULL: the pairs count */
    ln_json_val obj;           /* the object in it */
    size_t npairs;
    struct ln_sim_pair pairs[LN_SIM_PAIRS_MAX];
    char text[LN_SIM_QUERY_MAX]; /* the decoded query */
};

/* False when the query is too long, has too many parts or bad %-escapes. */
bool ln_sim_params_query(struct ln_sim_params *p, const char *query);
/* The members of a JSON object. */
void ln_sim_params_object(struct ln_sim_params *p, const struct ln_json *doc,
                          ln_json_val obj);

/*
 * Text of a parameter; empty when it is absent, null or "". What can be no
 * valid value (true, a list, an object) gives a text that no check accepts.
 */
struct ln_str ln_sim_param(const struct ln_sim_params *p, const char *name);

enum ln_sim_given { LN_SIM_ABSENT, LN_SIM_GIVEN, LN_SIM_BAD };
/* A whole number >= 0. */
enum ln_sim_given ln_sim_param_i64(const struct ln_sim_params *p,
                                   const char *name, int64_t *out);

/* Decode %XX into out (cap bytes); returns the length or -1. */
int ln_sim_percent_decode(struct ln_str in, char *out, size_t cap);

#endif
