/*
 * Certificates for servers on this machine: see tls_cert.h.
 */
#include "net/tls_cert.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_S   86400
#define YEARS_S (3652LL * DAY_S) /* ten */

/* ---- making ---- */

static int
add_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    if (!ext)
        return 0;
    int ok = X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
    return ok;
}

static int
set_serial(X509 *cert)
{
    BIGNUM *serial = BN_new();
    int ok = serial && BN_rand(serial, 120, BN_RAND_TOP_ONE, 0) &&
             BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(cert));
    BN_free(serial);
    return ok;
}

/* The parts that both certificates have. */
static X509 *
new_cert(EVP_PKEY *key, const char *name, int64_t now_s)
{
    X509 *cert = X509_new();
    if (!cert)
        return NULL;

    X509_NAME *subject = X509_get_subject_name(cert);
    if (X509_set_version(cert, 2) && set_serial(cert) &&
        ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(now_s - DAY_S)) &&
        ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(now_s + YEARS_S)) &&
        X509_set_pubkey(cert, key) &&
        X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
                                   (const unsigned char *)"Lunette", -1, -1,
                                   0) &&
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                   (const unsigned char *)name, -1, -1, 0))
        return cert;
    X509_free(cert);
    return NULL;
}

static X509 *
make_ca(EVP_PKEY *key, int64_t now_s)
{
    X509 *ca = new_cert(key, "Lunette local authority", now_s);

    if (ca && X509_set_issuer_name(ca, X509_get_subject_name(ca)) &&
        add_ext(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
        add_ext(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
        add_ext(ca, ca, NID_subject_key_identifier, "hash") &&
        X509_sign(ca, key, EVP_sha256()))
        return ca;
    X509_free(ca);
    return NULL;
}

static X509 *
make_server(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key, int64_t now_s)
{
    X509 *cert = new_cert(key, "localhost", now_s);

    if (cert && X509_set_issuer_name(cert, X509_get_subject_name(ca)) &&
        add_ext(cert, ca, NID_basic_constraints, "critical,CA:FALSE") &&
        add_ext(cert, ca, NID_key_usage, "critical,digitalSignature") &&
        add_ext(cert, ca, NID_ext_key_usage, "serverAuth") &&
        add_ext(cert, ca, NID_subject_key_identifier, "hash") &&
        add_ext(cert, ca, NID_authority_key_identifier, "keyid") &&
        add_ext(cert, ca, NID_subject_alt_name,
                "DNS:localhost,IP:127.0.0.1,IP:::1") &&
        X509_sign(cert, ca_key, EVP_sha256()))
        return cert;
    X509_free(cert);
    return NULL;
}

/* ---- files ---- */

/*
 * Writes cert or key (the other is NULL) beside <path>, then renames: a
 * reader never sees half a file, and the key never has a wider mode.
 */
static enum ln_err
write_pem(const char *path, X509 *cert, EVP_PKEY *key, struct ln_error *err)
{
    char temp[LN_TLS_PATH_MAX + 8];

    snprintf(temp, sizeof(temp), "%s.new", path);
    unlink(temp);
    int fd =
        open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, key ? 0600 : 0644);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file) {
        if (fd >= 0)
            close(fd);
        return ln_error_set(err, LN_ERR_IO, path,
                            "check that the folder exists and is writable",
                            "cannot write a certificate file: %s",
                            strerror(errno));
    }
    int ok = key ? PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL)
                 : PEM_write_X509(file, cert);
    if (fclose(file) != 0)
        ok = 0;
    if (!ok || rename(temp, path) != 0) {
        unlink(temp);
        return ln_error_set(err, LN_ERR_IO, path, "check the disk",
                            "cannot write a certificate file");
    }
    return LN_OK;
}

static X509 *
read_cert(const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    X509 *cert = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    return cert;
}

static EVP_PKEY *
read_key(const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    return key;
}

static bool
usable(const struct ln_tls_files *files, int64_t now_s)
{
    X509 *ca = read_cert(files->ca);
    X509 *cert = read_cert(files->cert);
    EVP_PKEY *key = read_key(files->key);
    time_t soon = (time_t)(now_s + DAY_S);
    bool ok = ca && cert && key &&
              X509_verify(cert, X509_get0_pubkey(ca)) == 1 &&
              X509_check_private_key(cert, key) == 1 &&
              X509_cmp_time(X509_get0_notAfter(cert), &soon) > 0 &&
              X509_cmp_time(X509_get0_notAfter(ca), &soon) > 0;

    X509_free(ca);
    X509_free(cert);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return ok;
}

static enum ln_err
make_all(const struct ln_tls_files *files, int64_t now_s, struct ln_error *err)
{
    EVP_PKEY *ca_key = EVP_EC_gen("P-256");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *ca = ca_key ? make_ca(ca_key, now_s) : NULL;
    X509 *cert = ca && key ? make_server(key, ca, ca_key, now_s) : NULL;
    enum ln_err rc;

    if (!cert) {
        rc = ln_error_set(err, LN_ERR_TLS, NULL, NULL,
                          "OpenSSL cannot make a certificate: %s",
                          ERR_reason_error_string(ERR_peek_last_error()));
        ERR_clear_error();
        goto out;
    }
    rc = write_pem(files->key, NULL, key, err);
    if (rc == LN_OK)
        rc = write_pem(files->cert, cert, NULL, err);
    if (rc == LN_OK)
        rc = write_pem(files->ca, ca, NULL, err);
out:
    X509_free(cert);
    X509_free(ca);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
    return rc;
}

enum ln_err
ln_tls_make_cert(const char *dir, int64_t now_ms, struct ln_tls_files *out,
                 struct ln_error *err)
{
    if (strlen(dir) + 16 > LN_TLS_PATH_MAX)
        return ln_error_set(err, LN_ERR_ARG, NULL, NULL,
                            "the folder's name is too long");
    snprintf(out->ca, sizeof(out->ca), "%s/ca.pem", dir);
    snprintf(out->cert, sizeof(out->cert), "%s/server.pem", dir);
    snprintf(out->key, sizeof(out->key), "%s/server.key", dir);
    if (usable(out, now_ms / 1000))
        return LN_OK;
    return make_all(out, now_ms / 1000, err);
}
