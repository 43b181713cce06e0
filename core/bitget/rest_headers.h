/*
 * Private to rest.c: the header lines of a request, and the signature.
 */
#ifndef LN_BITGET_REST_HEADERS_H
#define LN_BITGET_REST_HEADERS_H

#include "bitget/credentials.h"
#include "bitget/endpoint.h"
#include "net/net.h"

#define LN_REST_HEADERS_MAX 8

struct ln_rest_headers {
    struct ln_header list[LN_REST_HEADERS_MAX];
    size_t count;
    char timestamp[24];
    char sign[LN_SIGNATURE_CAP];
};

/*
 * For one request at server time <server_ms>. credentials may be NULL for
 * public rows only (LN_ERR_CONFIG otherwise). The values point into <out>
 * and into the credentials.
 */
enum ln_err ln_rest_headers_make(const struct ln_bitget_credentials *cred,
                                 bool demo, const struct ln_endpoint *ep,
                                 struct ln_str target, struct ln_str body,
                                 int64_t server_ms, struct ln_rest_headers *out,
                                 struct ln_error *err) LN_MUST_USE;

/* The object of ln_rest_dry_run; credentials may be NULL. */
enum ln_err ln_rest_headers_dry_run(const struct ln_bitget_credentials *cred,
                                    bool demo, const char *base,
                                    const struct ln_endpoint *ep,
                                    const struct ln_request_text *text,
                                    int64_t server_ms, struct ln_buf *out,
                                    struct ln_error *err) LN_MUST_USE;

#endif
