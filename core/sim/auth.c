/*
 * Who is calling: the server's own check of Bitget's signature (nothing of
 * the client is used, so that a mistake there is found here).
 *
 *   prehash = timestamp METHOD path [?query] body
 *   sign    = base64(HMAC-SHA256(secret, prehash))
 */
#include "sim/sim_int.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#define WINDOW_MS 30000 /* between the request's clock and ours */

/* The context is keyed once: each signature only starts it anew. */
bool
ln_sim_sign_init(struct ln_sim_user *user)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[2] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    user->mac = ctx;
    return ctx && EVP_MAC_init(ctx, (const unsigned char *)user->auth.secret,
                               strlen(user->auth.secret), params);
}

void
ln_sim_sign_deinit(struct ln_sim_user *user)
{
    EVP_MAC_CTX_free(user->mac);
    user->mac = NULL;
}

static bool
hmac_parts(EVP_MAC_CTX *ctx, const struct ln_str *parts, size_t nparts,
           unsigned char out[32])
{
    size_t len;
    if (!EVP_MAC_init(ctx, NULL, 0, NULL))
        return false;
    for (size_t i = 0; i < nparts; i++)
        if (parts[i].len > 0 &&
            !EVP_MAC_update(ctx, (const unsigned char *)parts[i].ptr,
                            parts[i].len))
            return false;
    return EVP_MAC_final(ctx, out, &len, 32) && len == 32;
}

bool
ln_sim_sign(const struct ln_sim_user *user, const struct ln_str *parts,
            size_t nparts, char out[LN_SIM_SIGN_CAP])
{
    unsigned char sum[32];
    if (!hmac_parts(user->mac, parts, nparts, sum))
        return false;
    EVP_EncodeBlock((unsigned char *)out, sum, 32);
    return true;
}

bool
ln_sim_equal(struct ln_str a, struct ln_str b)
{
    return a.len == b.len && CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}

struct ln_str
ln_sim_header(const struct ln_server_request *r, const char *name)
{
    for (size_t i = 0; i < r->nheaders; i++)
        if (strcmp(r->headers[i].name, name) == 0)
            return r->headers[i].value;
    return ln_str("");
}

/* 13 digits; false when it is anything else. */
static bool
parse_ms(struct ln_str text, int64_t *out)
{
    int64_t v = 0;
    if (text.len != 13)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        v = v * 10 + (text.ptr[i] - '0');
    }
    *out = v;
    return true;
}

static bool
signature_matches(const struct ln_sim_user *user,
                  const struct ln_server_request *r, struct ln_str timestamp,
                  struct ln_str query, struct ln_str sign)
{
    char want[LN_SIM_SIGN_CAP];
    struct ln_str parts[] = {timestamp,       ln_str(r->method),
                             ln_str(r->path), ln_str(query.len > 0 ? "?" : ""),
                             query,           r->body};
    return ln_sim_sign(user, parts, sizeof(parts) / sizeof(parts[0]), want) &&
           ln_sim_equal(ln_str(want), sign);
}

/* Clients in use sign the query as sent or decoded; both are let in. */
static bool
signature_good(const struct ln_sim_user *user,
               const struct ln_server_request *r, struct ln_str timestamp,
               struct ln_str sign)
{
    char decoded[LN_SIM_QUERY_MAX];
    if (signature_matches(user, r, timestamp, ln_str(r->query), sign))
        return true;
    if (!strchr(r->query, '%'))
        return false;
    int n = ln_sim_percent_decode(ln_str(r->query), decoded, sizeof(decoded));
    return n >= 0 && signature_matches(user, r, timestamp,
                                       ln_strn(decoded, (size_t)n), sign);
}

struct ln_sim_user *
ln_sim_user_of_key(const struct ln_sim *sim, struct ln_str key)
{
    uint64_t index;
    return ln_map_get(&sim->keys, key, &index) ? &sim->users[index] : NULL;
}

struct ln_sim_user *
ln_sim_user_of_account(const struct ln_sim *sim, ln_ex_account account)
{
    /* The engine counts its accounts from 1, ours are the first of them. */
    if (account >= 1 && account <= sim->nusers &&
        sim->users[account - 1].account == account)
        return &sim->users[account - 1];
    for (size_t i = 0; i < sim->nusers; i++)
        if (sim->users[i].account == account)
            return &sim->users[i];
    return NULL;
}

static bool
check_headers(const struct ln_sim *sim, const struct ln_server_request *r,
              const struct ln_sim_user **who, struct ln_sim_fault *f)
{
    struct ln_str key = ln_sim_header(r, "access-key");
    struct ln_str sign = ln_sim_header(r, "access-sign");
    struct ln_str timestamp = ln_sim_header(r, "access-timestamp");
    struct ln_str passphrase = ln_sim_header(r, "access-passphrase");
    int64_t at_ms, now_ms = ln_sim_server_ms(sim);
    if (key.len == 0)
        return ln_sim_fail(f, "40006", "Invalid ACCESS_KEY");
    const struct ln_sim_user *user = ln_sim_user_of_key(sim, key);
    if (!user)
        return ln_sim_fail(f, "40037", "Apikey does not exist");
    if (sign.len == 0)
        return ln_sim_fail(f, "40002", "ACCESS_SIGN cannot be empty");
    if (!parse_ms(timestamp, &at_ms))
        return ln_sim_fail(f, "40005", "Invalid ACCESS_TIMESTAMP");
    if (at_ms < now_ms - WINDOW_MS || at_ms > now_ms + WINDOW_MS)
        return ln_sim_fail(f, "40008", "Request timestamp expired");
    if (passphrase.len == 0)
        return ln_sim_fail(f, "40011", "ACCESS_PASSPHRASE cannot be empty");
    if (!ln_sim_equal(passphrase, ln_str(user->auth.passphrase)))
        return ln_sim_fail(f, "40012", "apikey/password is incorrect");
    if (!signature_good(user, r, timestamp, sign))
        return ln_sim_fail(f, "40009", "sign signature error");
    *who = user;
    return true;
}

const struct ln_sim_user *
ln_sim_auth_rest(const struct ln_sim *sim, const struct ln_server_request *r,
                 struct ln_sim_fault *f)
{
    const struct ln_sim_user *user = NULL;
    return check_headers(sim, r, &user, f) ? user : NULL;
}
