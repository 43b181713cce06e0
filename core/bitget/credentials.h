/*
 * API keys: where they come from, and how they are kept. They never reach a
 * log, an error, Lua or a child process; memory is locked where the system
 * allows, kept out of core dumps, and wiped.
 */
#ifndef LN_BITGET_CREDENTIALS_H
#define LN_BITGET_CREDENTIALS_H

#include "base/error.h"
#include "base/str.h"

struct ln_bitget_credentials;

/*
 * From the environment: <prefix>_KEY, <prefix>_SECRET, <prefix>_PASSPHRASE
 * (prefix NULL: "BITGET_API"). A secret that starts with "-----BEGIN" is an
 * RSA private key (PKCS#8 PEM); otherwise HMAC. The variables are removed
 * from the environment afterwards. LN_ERR_NOT_FOUND when none is set;
 * LN_ERR_CONFIG when some are missing.
 */
enum ln_err ln_credentials_from_env(const char *prefix,
                                    struct ln_bitget_credentials **out,
                                    struct ln_error *err) LN_MUST_USE;
/*
 * From a file of lines "key=", "secret=", "passphrase=" (or
 * "private_key_file=" for RSA). Refused unless its mode is 0600 or stricter
 * and it belongs to this user. "~/" is expanded.
 */
enum ln_err ln_credentials_from_file(const char *path,
                                     struct ln_bitget_credentials **out,
                                     struct ln_error *err) LN_MUST_USE;
/* From $CREDENTIALS_DIRECTORY/<name>, same format (systemd). */
enum ln_err ln_credentials_from_systemd(const char *name,
                                        struct ln_bitget_credentials **out,
                                        struct ln_error *err) LN_MUST_USE;
/* From memory (tests, the demo). Copies. */
enum ln_err ln_credentials_make(struct ln_str key, struct ln_str secret,
                                struct ln_str passphrase,
                                struct ln_bitget_credentials **out,
                                struct ln_error *err) LN_MUST_USE;
void ln_credentials_free(struct ln_bitget_credentials *c); /* wipes */

const char *ln_credentials_key(const struct ln_bitget_credentials *c);
const char *ln_credentials_passphrase(const struct ln_bitget_credentials *c);

#define LN_SIGNATURE_CAP 1024 /* base64 of an RSA-4096 signature fits */

/*
 * base64(HMAC-SHA256 or RSASSA-PKCS1-v1_5/SHA-256) over the prehash, which is
 * given in pieces: timestamp, METHOD, path with query, body.
 */
enum ln_err ln_credentials_sign(const struct ln_bitget_credentials *c,
                                const struct ln_str *pieces, size_t npieces,
                                char out[LN_SIGNATURE_CAP],
                                struct ln_error *err) LN_MUST_USE;

#endif
