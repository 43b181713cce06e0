/*
 * A certificate authority of one's own, and a server certificate by it, for
 * servers on this machine: the simulator, the dashboard, the tests.
 */
#ifndef LN_NET_TLS_CERT_H
#define LN_NET_TLS_CERT_H

#include "base/error.h"

#include <stdint.h>

#define LN_TLS_PATH_MAX 1024

struct ln_tls_files {
    char ca[LN_TLS_PATH_MAX];   /* PEM for clients to trust */
    char cert[LN_TLS_PATH_MAX]; /* PEM of the server's certificate */
    char key[LN_TLS_PATH_MAX];  /* PEM of its key, mode 0600 */
};

/*
 * Makes ca.pem, server.pem and server.key in the existing folder <dir>: EC
 * P-256, for localhost, 127.0.0.1 and ::1, valid ten years from <now_ms>
 * (since 1970). Files that exist and are valid at <now_ms> are used as they
 * are. The authority's key is forgotten, so that it can sign nothing else.
 */
enum ln_err ln_tls_make_cert(const char *dir, int64_t now_ms,
                             struct ln_tls_files *out,
                             struct ln_error *err) LN_MUST_USE;

#endif
