/*
 * Finding API keys in the environment, a file or a systemd credential: see
 * credentials.h. What is read passes through locked memory only.
 */
#include "base/assert.h"
#include "bitget/credentials_int.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_CAP 32768

/* What was read, before it is checked. */
struct given {
    char key[LN_KEY_CAP];
    char passphrase[LN_KEY_CAP];
    char secret[LN_SECRET_CAP];
    char private_key_file[1024];
    char file[FILE_CAP]; /* text of the credentials file */
};

static enum ln_err
no_memory(struct ln_error *err)
{
    return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                        "no memory for the API key");
}

/* ---- from the environment ---- */

/* Moves a variable into <out>; its old place is wiped, not only unset, for
 * /proc/<pid>/environ shows that memory. */
static bool
take_env(const char *prefix, const char *name, char *out, size_t cap)
{
    char full[128];
    int n = snprintf(full, sizeof full, "%s_%s", prefix, name);
    char *value = n > 0 && (size_t)n < sizeof full ? getenv(full) : NULL;
    bool fits = true;

    out[0] = 0;
    if (!value)
        return true;
    fits = ln_str_copy(out, cap, ln_str(value));
    OPENSSL_cleanse(value, strlen(value));
    (void)unsetenv(full);
    return fits;
}

/* A PEM in one line, with \n spelled out, as service managers like it. */
static void
unfold_pem(char *text)
{
    char *to = text;

    if (strncmp(text, LN_PEM_START, strlen(LN_PEM_START)) != 0)
        return;
    for (const char *from = text; *from; from++) {
        if (from[0] == '\\' && from[1] == 'n') {
            *to++ = '\n';
            from++;
        } else {
            *to++ = *from;
        }
    }
    *to = 0;
}

static enum ln_err
from_env(const char *prefix, struct given *g,
         struct ln_bitget_credentials **out, struct ln_error *err)
{
    char cure[192];
    bool fits = take_env(prefix, "KEY", g->key, sizeof g->key);

    fits &= take_env(prefix, "SECRET", g->secret, sizeof g->secret);
    fits &= take_env(prefix, "PASSPHRASE", g->passphrase, sizeof g->passphrase);
    (void)snprintf(cure, sizeof cure, "set %s_KEY, %s_SECRET and %s_PASSPHRASE",
                   prefix, prefix, prefix);
    if (!fits)
        return ln_error_set(err, LN_ERR_CONFIG, prefix, cure,
                            "a variable with API credentials is too long");
    if (!g->key[0] && !g->secret[0] && !g->passphrase[0])
        return ln_error_set(err, LN_ERR_NOT_FOUND, prefix, cure,
                            "there are no API credentials in the environment");
    if (!g->key[0] || !g->secret[0] || !g->passphrase[0])
        return ln_error_set(err, LN_ERR_CONFIG, prefix, cure,
                            "the API credentials in the environment are "
                            "incomplete: %s is missing",
                            !g->key[0]      ? "the key"
                            : !g->secret[0] ? "the secret"
                                            : "the passphrase");
    unfold_pem(g->secret);
    return ln_credentials_make(ln_str(g->key), ln_str(g->secret),
                               ln_str(g->passphrase), out, err);
}

enum ln_err
ln_credentials_from_env(const char *prefix, struct ln_bitget_credentials **out,
                        struct ln_error *err)
{
    struct given *g = ln_secret_alloc(sizeof *g);

    *out = NULL;
    if (!g)
        return no_memory(err);
    enum ln_err e = from_env(prefix ? prefix : "BITGET_API", g, out, err);
    ln_secret_free(g, sizeof *g);
    return e;
}

/* ---- from files ---- */

/* Whose files are believed. */
enum trust {
    TRUST_OWN,    /* ours, and nobody else may read them */
    TRUST_SYSTEMD /* ours or root's; the group bits may show an ACL's mask */
};

static enum ln_err
check_mode(const char *path, const struct stat *st, enum trust trust,
           struct ln_error *err)
{
    bool ours =
        st->st_uid == geteuid() || (trust == TRUST_SYSTEMD && st->st_uid == 0);
    unsigned others = trust == TRUST_SYSTEMD ? 027U : 077U;

    if (!S_ISREG(st->st_mode))
        return ln_error_set(err, LN_ERR_CONFIG, path, "name a plain file",
                            "the credentials are not in a file");
    if (!ours)
        return ln_error_set(err, LN_ERR_CONFIG, path,
                            "use a file that belongs to the user who runs this",
                            "the credentials file belongs to somebody else");
    if (st->st_mode & others)
        return ln_error_set(err, LN_ERR_CONFIG, path, "chmod 600 that file",
                            "others may read the credentials file (mode %04o)",
                            (unsigned)(st->st_mode & 07777));
    return LN_OK;
}

/* Reads a whole trusted file into out (terminated). */
static enum ln_err
read_trusted(const char *path, enum trust trust, char *out, size_t cap,
             struct ln_error *err)
{
    struct stat st;
    size_t len = 0;
    ssize_t n = 0;
    /* A pipe must not make us wait before it is refused. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st) != 0) {
        int no = errno;
        if (fd >= 0)
            (void)close(fd);
        return ln_error_set(
            err, LN_ERR_CONFIG, path, "check the path and its permissions",
            "the credentials file cannot be opened: %s", strerror(no));
    }
    enum ln_err e = check_mode(path, &st, trust, err);
    while (!e && len < cap - 1) {
        n = read(fd, out + len, cap - 1 - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    (void)close(fd);
    out[len] = 0;
    if (!e && (n < 0 || len == cap - 1 || strlen(out) != len))
        e = ln_error_set(err, LN_ERR_CONFIG, path,
                         "give a text of key=, secret= and passphrase= lines",
                         "the credentials file is unreadable, too long or not "
                         "text");
    return e;
}

/* "~/x" is below the home; a relative path below the folder of <beside>. */
static bool
expand_path(const char *path, const char *beside, char *out, size_t cap)
{
    const char *home = getenv("HOME");
    const char *slash = beside ? strrchr(beside, '/') : NULL;
    int n;

    if (path[0] == '~' && path[1] == '/' && home)
        n = snprintf(out, cap, "%s%s", home, path + 1);
    else if (path[0] != '/' && slash)
        n = snprintf(out, cap, "%.*s/%s", (int)(slash - beside), beside, path);
    else
        n = snprintf(out, cap, "%s", path);
    return n > 0 && (size_t)n < cap;
}

static struct ln_str
trim(struct ln_str s)
{
    while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        s = ln_strn(s.ptr + 1, s.len - 1);
    while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t' ||
                     s.ptr[s.len - 1] == '\r'))
        s.len--;
    return s;
}

/* One line "name=value". The text of a bad one is not shown: it may be a
 * secret. */
static enum ln_err
take_line(struct given *g, const char *path, int number, struct ln_str line,
          struct ln_error *err)
{
    const struct {
        const char *name;
        char *out;
        size_t cap;
    } names[] = {
        {"key", g->key, sizeof g->key},
        {"secret", g->secret, sizeof g->secret},
        {"passphrase", g->passphrase, sizeof g->passphrase},
        {"private_key_file", g->private_key_file, sizeof g->private_key_file}};
    line = trim(line);
    if (line.len == 0 || line.ptr[0] == '#')
        return LN_OK;
    const char *eq = memchr(line.ptr, '=', line.len);
    if (eq) {
        struct ln_str name = trim(ln_strn(line.ptr, (size_t)(eq - line.ptr)));
        struct ln_str value =
            trim(ln_strn(eq + 1, line.len - (size_t)(eq - line.ptr) - 1));
        for (size_t i = 0; i < LN_COUNT(names); i++) {
            if (ln_str_eqc(name, names[i].name) &&
                ln_str_copy(names[i].out, names[i].cap, value))
                return LN_OK;
        }
    }
    return ln_error_set(err, LN_ERR_CONFIG, path,
                        "lines are key=..., secret=... (or "
                        "private_key_file=...), passphrase=...",
                        "line %d of the credentials file is not understood",
                        number);
}

static enum ln_err
from_file(const char *path, enum trust trust, struct given *g,
          struct ln_bitget_credentials **out, struct ln_error *err)
{
    char full[1024];
    enum ln_err e = read_trusted(path, trust, g->file, sizeof g->file, err);
    int number = 1;

    for (const char *at = g->file; !e && *at; number++) {
        struct ln_str line = ln_strn(at, strcspn(at, "\n"));
        e = take_line(g, path, number, line, err);
        at += line.len + (at[line.len] == '\n');
    }
    if (e)
        return e;
    if (g->private_key_file[0]) {
        if (!expand_path(g->private_key_file, path, full, sizeof full))
            return ln_error_set(err, LN_ERR_CONFIG, path, NULL,
                                "the path of the private key is too long");
        e = read_trusted(full, trust, g->secret, sizeof g->secret, err);
        if (e)
            return e;
        if (!ln_str_starts(ln_str(g->secret), LN_PEM_START))
            return ln_error_set(err, LN_ERR_CONFIG, full,
                                "give an RSA key in PKCS#8 PEM form",
                                "the private key is no PEM file");
    }
    if (!g->key[0] || !g->secret[0] || !g->passphrase[0])
        return ln_error_set(err, LN_ERR_CONFIG, path,
                            "it needs key=, secret= (or private_key_file=) "
                            "and passphrase=",
                            "the credentials file lacks %s",
                            !g->key[0]      ? "the key"
                            : !g->secret[0] ? "the secret"
                                            : "the passphrase");
    return ln_credentials_make(ln_str(g->key), ln_str(g->secret),
                               ln_str(g->passphrase), out, err);
}

static enum ln_err
load_file(const char *path, enum trust trust,
          struct ln_bitget_credentials **out, struct ln_error *err)
{
    struct given *g = ln_secret_alloc(sizeof *g);

    if (!g)
        return no_memory(err);
    enum ln_err e = from_file(path, trust, g, out, err);
    ln_secret_free(g, sizeof *g);
    return e;
}

enum ln_err
ln_credentials_from_file(const char *path, struct ln_bitget_credentials **out,
                         struct ln_error *err)
{
    char full[1024];

    *out = NULL;
    if (!expand_path(path, NULL, full, sizeof full))
        return ln_error_set(err, LN_ERR_CONFIG, NULL, NULL,
                            "the path of the credentials file is too long");
    return load_file(full, TRUST_OWN, out, err);
}

enum ln_err
ln_credentials_from_systemd(const char *name,
                            struct ln_bitget_credentials **out,
                            struct ln_error *err)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    char full[1024];

    *out = NULL;
    if (!dir || !*dir)
        return ln_error_set(err, LN_ERR_NOT_FOUND, NULL,
                            "start it by systemd with LoadCredential=",
                            "CREDENTIALS_DIRECTORY is not set");
    int n = snprintf(full, sizeof full, "%s/%s", dir, name);
    if (!*name || strchr(name, '/') || strcmp(name, "..") == 0 || n < 0 ||
        (size_t)n >= sizeof full)
        return ln_error_set(err, LN_ERR_CONFIG, NULL,
                            "give the name after LoadCredential=",
                            "'%.100s' is not the name of a credential", name);
    return load_file(full, TRUST_SYSTEMD, out, err);
}
