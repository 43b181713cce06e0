/*
 * Endpoints are data: one row per REST endpoint, from which requests are
 * built and checked, limits kept, `lunette api` and its help printed, and
 * the simulator's routes made.
 */
#ifndef LN_BITGET_ENDPOINT_H
#define LN_BITGET_ENDPOINT_H

#include "base/error.h"
#include "base/json.h"

#include <stdbool.h>

enum ln_param_type {
    LN_PT_TEXT,
    LN_PT_ENUM,
    LN_PT_DECIMAL,
    LN_PT_INT,
    LN_PT_MS,
    LN_PT_ID,
    LN_PT_LIST /* array of objects, given as JSON text */
};

struct ln_param {
    const char *name;
    enum ln_param_type type;
    bool required;
    const char *values; /* enum: "a|b|c"; else NULL */
    const char *help;
};

enum ln_limit_scope { LN_SCOPE_IP, LN_SCOPE_UID };

/* How a request is queued when tokens are short. */
enum ln_priority {
    LN_PRIO_CANCEL, /* cancel and close */
    LN_PRIO_REDUCE,
    LN_PRIO_OPEN,
    LN_PRIO_QUERY
};

struct ln_endpoint {
    const char *name;   /* "place_order" */
    const char *group;  /* "order" */
    const char *method; /* "GET", "POST" */
    const char *path;
    bool auth;
    int rate_milli; /* requests per 1000 s: 10/s is 10000, 0.1/s is 100 */
    enum ln_limit_scope scope;
    const char *summary;
    const struct ln_param *params;
    int nparams;
};

/* All rows of dialect V2 (classic accounts), in the order of the table. */
const struct ln_endpoint *ln_v2_endpoints(size_t *count);
const struct ln_endpoint *ln_v2_endpoint(const char *name); /* or NULL */
const struct ln_endpoint *ln_v2_endpoint_by_path(const char *method,
                                                 struct ln_str path);
/* The name nearest to a misspelt one, or NULL. */
const char *ln_v2_endpoint_nearest(const char *name);

/*
 * A request as it goes out, unsigned.
 */
struct ln_request_text {
    struct ln_buf target; /* path, and "?query" with keys ascending */
    struct ln_buf body;   /* JSON for POST, else empty */
};
void ln_request_text_init(struct ln_request_text *r);
void ln_request_text_deinit(struct ln_request_text *r);

/*
 * Check params (a JSON object of strings, numbers, booleans or lists)
 * against the row and build target and body. Errors LN_ERR_ARG name the
 * parameter and, for a misspelt one, the nearest right name; enums match in
 * any case and are sent as the table spells them. extra: unknown names are
 * passed through instead of refused.
 */
enum ln_err ln_endpoint_build(const struct ln_endpoint *ep,
                              const struct ln_json *params, bool extra,
                              struct ln_request_text *out,
                              struct ln_error *err) LN_MUST_USE;

#endif
