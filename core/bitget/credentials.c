/*
 * API keys in locked memory, and signing with them: see credentials.h.
 *
 * Everything secret lives in one anonymous mapping of its own: locked (no
 * swap), left out of core dumps, wiped before it is unmapped. OpenSSL keeps
 * working copies of the secret in its own heap and wipes them when freed.
 */
#include "bitget/credentials.h"

#include "base/assert.h"
#include "bitget/credentials_int.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/mman.h>

#define RSA_MIN 2048
#define RSA_MAX 4096 /* its signature must fit LN_SIGNATURE_CAP */

struct ln_bitget_credentials {
    char key[LN_KEY_CAP];
    char passphrase[LN_KEY_CAP];
    EVP_MAC_CTX *mac;   /* keyed once, reused for each signature; or NULL */
    EVP_PKEY *rsa;      /* or NULL */
    EVP_MD_CTX *digest; /* with rsa */
};

/* ---- memory ---- */

void *
ln_secret_alloc(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return NULL;
    /* Both only as far as the system allows (RLIMIT_MEMLOCK). */
    (void)mlock(p, size);
    (void)madvise(p, size, MADV_DONTDUMP);
    return p;
}

void
ln_secret_free(void *p, size_t size)
{
    if (!p)
        return;
    OPENSSL_cleanse(p, size);
    (void)munmap(p, size);
}

static enum ln_err
no_memory(struct ln_error *err)
{
    return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                        "no memory for the API key");
}

/* ---- making ---- */

/* Visible ASCII only: both go out as header values. */
static bool
is_header_text(struct ln_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
            return false;
    }
    return s.len > 0 && s.len < LN_KEY_CAP;
}

static enum ln_err
check_texts(struct ln_str key, struct ln_str secret, struct ln_str passphrase,
            struct ln_error *err)
{
    const char *bad = !is_header_text(key)          ? "key"
                      : !is_header_text(passphrase) ? "passphrase"
                      : secret.len == 0 || secret.len >= LN_SECRET_CAP ||
                              memchr(secret.ptr, 0, secret.len)
                          ? "secret"
                          : NULL;
    if (!bad)
        return LN_OK;
    return ln_error_set(err, LN_ERR_CONFIG, NULL,
                        "copy it again from the exchange's page, without "
                        "spaces or quotes",
                        "the API %s is empty or has characters that it cannot "
                        "have",
                        bad);
}

/* Never asks on the terminal. */
static int
no_password(char *buf, int size, int rwflag, void *ctx)
{
    (void)buf;
    (void)size;
    (void)rwflag;
    (void)ctx;
    return -1;
}

static enum ln_err
bad_pem(struct ln_error *err, const char *what)
{
    ERR_clear_error();
    return ln_error_set(err, LN_ERR_CONFIG, NULL,
                        "give an unencrypted RSA key of 2048 to 4096 bits in "
                        "PKCS#8 PEM form",
                        "the private key %s", what);
}

static enum ln_err
set_rsa(struct ln_bitget_credentials *c, struct ln_str pem,
        struct ln_error *err)
{
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);

    if (!bio)
        return no_memory(err);
    c->rsa = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    if (!c->rsa)
        return bad_pem(err, "cannot be read");
    if (EVP_PKEY_get_base_id(c->rsa) != EVP_PKEY_RSA)
        return bad_pem(err, "is not an RSA key");
    int bits = EVP_PKEY_get_bits(c->rsa);
    if (bits < RSA_MIN || bits > RSA_MAX)
        return bad_pem(err, "has an unfit length");
    c->digest = EVP_MD_CTX_new();
    return c->digest ? LN_OK : no_memory(err);
}

static enum ln_err
set_hmac(struct ln_bitget_credentials *c, struct ln_str secret,
         struct ln_error *err)
{
    char sha256[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string("digest", sha256, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

    if (mac)
        c->mac = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac); /* the context holds its own reference */
    if (c->mac && EVP_MAC_init(c->mac, (const unsigned char *)secret.ptr,
                               secret.len, params))
        return LN_OK;
    ERR_clear_error();
    return no_memory(err);
}

enum ln_err
ln_credentials_make(struct ln_str key, struct ln_str secret,
                    struct ln_str passphrase,
                    struct ln_bitget_credentials **out, struct ln_error *err)
{
    enum ln_err e = check_texts(key, secret, passphrase, err);

    *out = NULL;
    if (e)
        return e;
    struct ln_bitget_credentials *c = ln_secret_alloc(sizeof *c);
    if (!c)
        return no_memory(err);
    (void)ln_str_copy(c->key, sizeof c->key, key);
    (void)ln_str_copy(c->passphrase, sizeof c->passphrase, passphrase);
    e = ln_str_starts(secret, LN_PEM_START) ? set_rsa(c, secret, err)
                                            : set_hmac(c, secret, err);
    if (e) {
        ln_credentials_free(c);
        return e;
    }
    *out = c;
    return LN_OK;
}

void
ln_credentials_free(struct ln_bitget_credentials *c)
{
    if (!c)
        return;
    EVP_MAC_CTX_free(c->mac);
    EVP_MD_CTX_free(c->digest);
    EVP_PKEY_free(c->rsa);
    ln_secret_free(c, sizeof *c);
}

const char *
ln_credentials_key(const struct ln_bitget_credentials *c)
{
    return c->key;
}

const char *
ln_credentials_passphrase(const struct ln_bitget_credentials *c)
{
    return c->passphrase;
}

/* ---- signing ---- */

static bool
sign_hmac(const struct ln_bitget_credentials *c, const struct ln_str *pieces,
          size_t npieces, unsigned char *out, size_t cap, size_t *len)
{
    /* No key: start again with the one that the context has. */
    if (!EVP_MAC_init(c->mac, NULL, 0, NULL))
        return false;
    for (size_t i = 0; i < npieces; i++) {
        if (pieces[i].len > 0 &&
            !EVP_MAC_update(c->mac, (const unsigned char *)pieces[i].ptr,
                            pieces[i].len))
            return false;
    }
    return EVP_MAC_final(c->mac, out, len, cap) == 1;
}

static bool
sign_rsa(const struct ln_bitget_credentials *c, const struct ln_str *pieces,
         size_t npieces, unsigned char *out, size_t cap, size_t *len)
{
    /* PKCS#1 v1.5 is what an RSA key does unless told otherwise. */
    if (EVP_DigestSignInit(c->digest, NULL, EVP_sha256(), NULL, c->rsa) != 1)
        return false;
    for (size_t i = 0; i < npieces; i++) {
        if (pieces[i].len > 0 &&
            EVP_DigestSignUpdate(c->digest, pieces[i].ptr, pieces[i].len) != 1)
            return false;
    }
    *len = cap;
    return EVP_DigestSignFinal(c->digest, out, len) == 1;
}

enum ln_err
ln_credentials_sign(const struct ln_bitget_credentials *c,
                    const struct ln_str *pieces, size_t npieces,
                    char out[LN_SIGNATURE_CAP], struct ln_error *err)
{
    unsigned char raw[RSA_MAX / 8];
    size_t len = 0;
    bool ok = c->rsa ? sign_rsa(c, pieces, npieces, raw, sizeof raw, &len)
                     : sign_hmac(c, pieces, npieces, raw, sizeof raw, &len);

    out[0] = 0;
    if (!ok) {
        ERR_clear_error();
        return ln_error_set(err, LN_ERR_STATE, NULL, NULL,
                            "the request could not be signed");
    }
    LN_ASSERT_CMP((len + 2) / 3 * 4, <, LN_SIGNATURE_CAP);
    (void)EVP_EncodeBlock((unsigned char *)out, raw, (int)len);
    return LN_OK;
}
