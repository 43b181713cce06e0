/*
 * API keys: where they are found, what is refused, and signatures.
 */
#include "bitget/credentials.h"

#include "base/assert.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "test_secret_key_0123456789abcdef"

static struct ln_bitget_credentials *cred;
static struct ln_error err;
static char dir[64]; /* of this process's files */

static int
setup(void **state)
{
    (void)state;
    memset(&err, 0, sizeof err);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    ln_credentials_free(cred);
    cred = NULL;
    return 0;
}

static void
make(const char *secret)
{
    assert_int_equal(ln_credentials_make(ln_str("bg_key"), ln_str(secret),
                                         ln_str("phrase"), &cred, &err),
                     LN_OK);
}

/* ---- signatures: the vectors of the exchange's rules ---- */

struct vector {
    const char *timestamp, *method, *target, *body, *sign;
};

static const struct vector vectors[] = {
    /* A: query */
    {"1700000000000", "GET",
     "/api/v2/mix/account/"
     "account?marginCoin=USDT&productType=USDT-FUTURES&symbol=BTCUSDT",
     "", "yVNwgl4944CdTWhpLuxBNb+5UQHGtWU3ZYf3LeEgqXY="},
    /* B: no query */
    {"1700000000000", "GET", "/api/v2/mix/account/union-config", "",
     "W6BapzvMUSfi7/L951r1TcCsbOKUAiAxzyiO6j/+G50="},
    /* C: body */
    {"1700000000000", "POST", "/api/v2/mix/order/place-order",
     "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
     "\"marginMode\":\"crossed\",\"marginCoin\":\"USDT\",\"size\":\"0.01\","
     "\"price\":\"30000.5\",\"side\":\"buy\",\"orderType\":\"limit\","
     "\"force\":\"gtc\",\"clientOid\":\"t-0001\"}",
     "c4TOjTSsBmk+EVFFCmyNd7UsD/fQKUwzsTWQSL9P74w="},
    /* D: short body */
    {"1700000000123", "POST", "/api/v2/mix/order/cancel-all-orders",
     "{\"productType\":\"USDT-FUTURES\"}",
     "Z/sRSgSjFG9x1oBOE/oBtaV4uUWtewm66G8+Ivg6hvo="},
    /* E: two parameters */
    {"1700000000123", "GET",
     "/api/v2/mix/order/orders-pending?limit=100&productType=USDT-FUTURES", "",
     "erwfQiZDvqs5/OqVQ3jvbT3dMXdat/8Gib8zTKKtpXQ="},
    /* F: nested body */
    {"1700000000123", "POST", "/api/v2/mix/order/batch-cancel-orders",
     "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
     "\"orderIdList\":[{\"orderId\":\"1381500303017938945\"},"
     "{\"clientOid\":\"t-0002\"}]}",
     "3qbk+5VtfQv10Ugm7K3M3p23eb4n3VUF1t6rI4zDhik="},
    /* G: WebSocket login, in seconds */
    {"1700000000", "GET", "/user/verify", "",
     "RHV4Jkf1TFE2MhNE5OiV12sXLWKYMfsV+zw4cpoEmFQ="},
};

static void
sign(const struct vector *v, char out[LN_SIGNATURE_CAP])
{
    const struct ln_str pieces[] = {ln_str(v->timestamp), ln_str(v->method),
                                    ln_str(v->target), ln_str(v->body)};
    assert_int_equal(ln_credentials_sign(cred, pieces, 4, out, &err), LN_OK);
}

static void
hmac_vectors_a_to_g(void **unused)
{
    char out[LN_SIGNATURE_CAP];

    (void)unused;
    make(SECRET);
    /* Twice: a context that is used again starts afresh. */
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < LN_COUNT(vectors); i++) {
            sign(&vectors[i], out);
            assert_string_equal(out, vectors[i].sign);
        }
    }
}

static void
where_the_pieces_end_does_not_matter(void **unused)
{
    const struct ln_str one[] = {ln_str("1700000000GET/user/verify")};
    const struct ln_str none = {NULL, 0};
    const struct ln_str many[] = {ln_str("17000"), none, ln_str("00000GET"),
                                  ln_str("/user/verify"), none};
    char out[LN_SIGNATURE_CAP];

    (void)unused;
    make(SECRET);
    assert_int_equal(ln_credentials_sign(cred, one, 1, out, &err), LN_OK);
    assert_string_equal(out, vectors[6].sign);
    assert_int_equal(ln_credentials_sign(cred, many, 5, out, &err), LN_OK);
    assert_string_equal(out, vectors[6].sign);
}

/* ---- RSA ---- */

static size_t
pem_of(EVP_PKEY *key, char *out, size_t cap)
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_int_equal(
        PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    int n = BIO_read(bio, out, (int)cap - 1);
    assert_true(n > 0);
    out[n] = 0;
    BIO_free(bio);
    return (size_t)n;
}

static bool
verifies(EVP_PKEY *key, const char *text, const char *base64)
{
    unsigned char raw[1024];
    int len = EVP_DecodeBlock(raw, (const unsigned char *)base64,
                              (int)strlen(base64));
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t size = (size_t)EVP_PKEY_get_size(key);

    assert_true(len >= (int)size); /* zeros stand for the padding */
    bool ok = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestVerify(ctx, raw, size, (const unsigned char *)text,
                               strlen(text)) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

static void
rsa_signatures_verify(void **unused)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    char pem[8192], first[LN_SIGNATURE_CAP], again[LN_SIGNATURE_CAP];

    (void)unused;
    assert_non_null(key);
    pem_of(key, pem, sizeof pem);
    make(pem);
    sign(&vectors[3], first);
    sign(&vectors[4], again);
    sign(&vectors[3], again);
    assert_string_equal(first, again); /* deterministic */
    assert_true(verifies(key,
                         "1700000000123POST/api/v2/mix/order/"
                         "cancel-all-orders{\"productType\":"
                         "\"USDT-FUTURES\"}",
                         first));
    assert_false(verifies(key, "something else", first));
    EVP_PKEY_free(key);
}

static void
keys_that_do_not_fit_are_refused(void **unused)
{
    EVP_PKEY *small = EVP_RSA_gen(1024), *ec = EVP_EC_gen("P-256");
    char pem[8192];

    (void)unused;
    pem_of(small, pem, sizeof pem);
    assert_int_equal(
        ln_credentials_make(ln_str("k"), ln_str(pem), ln_str("p"), &cred, &err),
        LN_ERR_CONFIG);
    assert_null(cred);
    assert_non_null(strstr(err.what, "length"));
    pem_of(ec, pem, sizeof pem);
    assert_int_equal(
        ln_credentials_make(ln_str("k"), ln_str(pem), ln_str("p"), &cred, &err),
        LN_ERR_CONFIG);
    assert_non_null(strstr(err.what, "not an RSA key"));
    assert_int_equal(ln_credentials_make(
                         ln_str("k"), ln_str("-----BEGIN PRIVATE KEY-----\nx"),
                         ln_str("p"), &cred, &err),
                     LN_ERR_CONFIG);
    assert_non_null(strstr(err.what, "cannot be read"));
    EVP_PKEY_free(small);
    EVP_PKEY_free(ec);
}

/* An encrypted key must not make the program ask on the terminal. */
static void
an_encrypted_key_is_refused(void **unused)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    char pem[8192], pass[] = "secret";

    (void)unused;
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_256_cbc(),
                                                   pass, 6, NULL, NULL),
                     1);
    int n = BIO_read(bio, pem, sizeof pem - 1);
    assert_true(n > 0);
    pem[n] = 0;
    assert_int_equal(
        ln_credentials_make(ln_str("k"), ln_str(pem), ln_str("p"), &cred, &err),
        LN_ERR_CONFIG);
    BIO_free(bio);
    EVP_PKEY_free(key);
}

/* ---- texts ---- */

static void
texts_that_would_break_a_header_are_refused(void **unused)
{
    static const char *const bad[] = {"", "a b", "a\r\nX: y", "\xc3\xa9",
                                      "a\tb"};

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(bad); i++) {
        assert_int_equal(ln_credentials_make(ln_str(bad[i]), ln_str(SECRET),
                                             ln_str("p"), &cred, &err),
                         LN_ERR_CONFIG);
        assert_int_equal(ln_credentials_make(ln_str("k"), ln_str(SECRET),
                                             ln_str(bad[i]), &cred, &err),
                         LN_ERR_CONFIG);
        assert_null(cred);
    }
    assert_int_equal(
        ln_credentials_make(ln_str("k"), ln_str(""), ln_str("p"), &cred, &err),
        LN_ERR_CONFIG);
}

static void
no_error_repeats_a_secret(void **unused)
{
    (void)unused;
    assert_int_equal(ln_credentials_make(ln_str("k"), ln_str(SECRET),
                                         ln_str("open sesame"), &cred, &err),
                     LN_ERR_CONFIG);
    char text[1024];
    ln_error_text(&err, text, sizeof text);
    assert_null(strstr(text, "sesame"));
    assert_null(strstr(text, SECRET));
}

/* ---- environment ---- */

static void
from_the_environment_and_gone_from_it(void **unused)
{
    char out[LN_SIGNATURE_CAP];

    (void)unused;
    setenv("BITGET_API_KEY", "bg_env", 1);
    setenv("BITGET_API_SECRET", SECRET, 1);
    setenv("BITGET_API_PASSPHRASE", "open", 1);
    const char *memory = getenv("BITGET_API_SECRET");
    assert_int_equal(ln_credentials_from_env(NULL, &cred, &err), LN_OK);
    assert_string_equal(ln_credentials_key(cred), "bg_env");
    assert_string_equal(ln_credentials_passphrase(cred), "open");
    sign(&vectors[0], out);
    assert_string_equal(out, vectors[0].sign);
    assert_null(getenv("BITGET_API_KEY"));
    assert_null(getenv("BITGET_API_SECRET"));
    assert_null(getenv("BITGET_API_PASSPHRASE"));
    assert_int_equal(memory[0], 0); /* wiped, not only forgotten */

    teardown(NULL);
    assert_int_equal(ln_credentials_from_env(NULL, &cred, &err),
                     LN_ERR_NOT_FOUND);
    assert_non_null(strstr(err.cure, "BITGET_API_KEY"));
}

static void
another_prefix_and_missing_parts(void **unused)
{
    (void)unused;
    setenv("SECOND_KEY", "k", 1);
    setenv("SECOND_SECRET", SECRET, 1);
    assert_int_equal(ln_credentials_from_env("SECOND", &cred, &err),
                     LN_ERR_CONFIG);
    assert_non_null(strstr(err.what, "the passphrase is missing"));
    assert_non_null(strstr(err.cure, "SECOND_PASSPHRASE"));
    assert_null(getenv("SECOND_SECRET"));
}

static void
a_pem_in_one_line_of_the_environment(void **unused)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    char pem[8192], line[16000], out[LN_SIGNATURE_CAP];
    size_t n = 0;

    (void)unused;
    pem_of(key, pem, sizeof pem);
    for (const char *c = pem; *c; c++) {
        if (*c == '\n') {
            line[n++] = '\\';
            line[n++] = 'n';
        } else {
            line[n++] = *c;
        }
    }
    line[n] = 0;
    setenv("BITGET_API_KEY", "k", 1);
    setenv("BITGET_API_SECRET", line, 1);
    setenv("BITGET_API_PASSPHRASE", "p", 1);
    assert_int_equal(ln_credentials_from_env(NULL, &cred, &err), LN_OK);
    sign(&vectors[6], out);
    assert_true(verifies(key, "1700000000GET/user/verify", out));
    EVP_PKEY_free(key);
}

/* ---- files ---- */

static const char *
write_file(const char *name, const char *text, mode_t mode)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void
from_a_file(void **unused)
{
    char out[LN_SIGNATURE_CAP];
    const char *path = write_file("keys",
                                  "# my key\n\n key = bg_file \r\n"
                                  "secret=" SECRET "\npassphrase=a=b",
                                  0600);

    (void)unused;
    assert_int_equal(ln_credentials_from_file(path, &cred, &err), LN_OK);
    assert_string_equal(ln_credentials_key(cred), "bg_file");
    assert_string_equal(ln_credentials_passphrase(cred), "a=b");
    sign(&vectors[1], out);
    assert_string_equal(out, vectors[1].sign);
}

static void
a_tilde_is_the_home(void **unused)
{
    (void)unused;
    write_file("keys", "key=k\nsecret=s\npassphrase=p\n", 0400);
    setenv("HOME", dir, 1);
    assert_int_equal(ln_credentials_from_file("~/keys", &cred, &err), LN_OK);
    assert_string_equal(ln_credentials_key(cred), "k");
}

static void
a_private_key_beside_the_file(void **unused)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);
    char pem[8192], out[LN_SIGNATURE_CAP];

    (void)unused;
    pem_of(key, pem, sizeof pem);
    write_file("rsa.pem", pem, 0600);
    const char *path = write_file(
        "keys", "key=k\nprivate_key_file=rsa.pem\npassphrase=p\n", 0600);
    assert_int_equal(ln_credentials_from_file(path, &cred, &err), LN_OK);
    sign(&vectors[6], out);
    assert_true(verifies(key, "1700000000GET/user/verify", out));

    /* It is a secret as well. */
    teardown(NULL);
    write_file("rsa.pem", pem, 0640);
    path = write_file("keys", "key=k\nprivate_key_file=rsa.pem\npassphrase=p\n",
                      0600);
    assert_int_equal(ln_credentials_from_file(path, &cred, &err),
                     LN_ERR_CONFIG);
    assert_non_null(strstr(err.where, "rsa.pem"));
    EVP_PKEY_free(key);
}

static void
files_that_others_may_read_are_refused(void **unused)
{
    static const mode_t modes[] = {0644, 0640, 0604, 0660, 0610};

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(modes); i++) {
        const char *path =
            write_file("keys", "key=k\nsecret=s\npassphrase=p\n", modes[i]);
        assert_int_equal(ln_credentials_from_file(path, &cred, &err),
                         LN_ERR_CONFIG);
        assert_non_null(strstr(err.what, "others may read"));
        assert_string_equal(err.where, path);
        assert_null(cred);
    }
}

static void
files_that_are_none(void **unused)
{
    static const struct {
        const char *text, *what;
    } cases[] = {
        {"key=k\nsecret=s\n", "lacks the passphrase"},
        {"secret=s\npassphrase=p\n", "lacks the key"},
        {"key=k\npassphrase=p\n", "lacks the secret"},
        {"key=k\nsecert=s\n", "line 2"},
        {"key=k\nhunter2\n", "line 2"},
        {"", "lacks the key"},
    };
    char text[512];

    (void)unused;
    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        const char *path = write_file("keys", cases[i].text, 0600);
        assert_int_equal(ln_credentials_from_file(path, &cred, &err),
                         LN_ERR_CONFIG);
        assert_non_null(strstr(err.what, cases[i].what));
        ln_error_text(&err, text, sizeof text);
        assert_null(strstr(text, "hunter2"));
    }
    assert_int_equal(ln_credentials_from_file(dir, &cred, &err), LN_ERR_CONFIG);
    assert_int_equal(ln_credentials_from_file("/nowhere/x", &cred, &err),
                     LN_ERR_CONFIG);
    assert_non_null(strstr(err.what, "cannot be opened"));
}

static void
from_systemd(void **unused)
{
    (void)unused;
    write_file("bitget", "key=sd\nsecret=s\npassphrase=p\n", 0440);
    setenv("CREDENTIALS_DIRECTORY", dir, 1);
    assert_int_equal(ln_credentials_from_systemd("bitget", &cred, &err), LN_OK);
    assert_string_equal(ln_credentials_key(cred), "sd");
    teardown(NULL);
    assert_int_equal(ln_credentials_from_systemd("../bitget", &cred, &err),
                     LN_ERR_CONFIG);
    assert_int_equal(ln_credentials_from_systemd("", &cred, &err),
                     LN_ERR_CONFIG);
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_int_equal(ln_credentials_from_systemd("bitget", &cred, &err),
                     LN_ERR_NOT_FOUND);
}

/* ---- memory ---- */

/* The mapping that holds them is not part of a core dump ("dd" in smaps). */
static void
kept_out_of_core_dumps(void **unused)
{
    char line[512];
    unsigned long from, to, at;
    bool inside = false, found = false;
    FILE *f = fopen("/proc/self/smaps", "r");

    (void)unused;
    assert_non_null(f);
    make(SECRET);
    at = (unsigned long)(uintptr_t)ln_credentials_key(cred);
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            inside = at >= from && at < to;
        if (inside && strncmp(line, "VmFlags:", 8) == 0)
            found = strstr(line, " dd") != NULL;
    }
    fclose(f);
    assert_true(found);
}

static int
make_dir(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/lunette-keys-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int
remove_dir(void **state)
{
    static const char *const names[] = {"keys", "rsa.pem", "bitget"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < LN_COUNT(names); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    return rmdir(dir);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(hmac_vectors_a_to_g),
        T(where_the_pieces_end_does_not_matter),
        T(rsa_signatures_verify),
        T(keys_that_do_not_fit_are_refused),
        T(an_encrypted_key_is_refused),
        T(texts_that_would_break_a_header_are_refused),
        T(no_error_repeats_a_secret),
        T(from_the_environment_and_gone_from_it),
        T(another_prefix_and_missing_parts),
        T(a_pem_in_one_line_of_the_environment),
        T(from_a_file),
        T(a_tilde_is_the_home),
        T(a_private_key_beside_the_file),
        T(files_that_others_may_read_are_refused),
        T(files_that_are_none),
        T(from_systemd),
        T(kept_out_of_core_dumps),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
