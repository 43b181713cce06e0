/*
 * The file of --accounts. See sim_accounts.h.
 */
#include "cli/sim_accounts.h"

#include "base/decimal.h"
#include "base/json.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#define FILE_MAX (1U << 20)
#define TEXT_CAP 128 /* of a key, secret, passphrase; with its end */

static const char *const cure =
    "write [{\"key\":\"..\",\"secret\":\"..\",\"passphrase\":\"..\","
    "\"balance\":\"10000\"}]";

static enum ln_err
wrong_at(struct ln_error *err, const char *path, const struct ln_buf *file,
         size_t offset, const char *what)
{
    char where[600];
    unsigned line = 1;
    for (size_t i = 0; file->data && i < offset && i < file->len; i++)
        line += file->data[i] == '\n';
    snprintf(where, sizeof(where), "%s:%u", path, line);
    return ln_error_set(err, LN_ERR_CONFIG, where, cure, "--accounts: %s",
                        what);
}

/* The next text of a login; NULL: absent, empty, too long. */
static const char *
take_text(struct ln_sim_accounts *a, const struct ln_json *doc, ln_json_val obj,
          const char *name)
{
    char *out = a->texts + a->texts_len;
    if (!ln_json_string(doc, ln_json_get(doc, obj, name), out, TEXT_CAP) ||
        !*out)
        return NULL;
    a->texts_len += TEXT_CAP;
    return out;
}

/* NULL, or what is wrong. */
static const char *
take_login(struct ln_sim_accounts *a, const struct ln_json *doc,
           ln_json_val obj)
{
    struct ln_sim_login *login = &a->logins[a->count];
    struct ln_str balance =
        ln_json_scalar(doc, ln_json_get(doc, obj, "balance"));
    if (ln_json_type(doc, obj) != LN_JSON_OBJECT)
        return "an element is no object";
    login->key = take_text(a, doc, obj, "key");
    login->secret = take_text(a, doc, obj, "secret");
    login->passphrase = take_text(a, doc, obj, "passphrase");
    if (!login->key || !login->secret || !login->passphrase)
        return "key, secret and passphrase are texts of 1 to 127 characters";
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->logins[i].key, login->key) == 0)
            return "two accounts have the same key";
    if (balance.len > 0 &&
        (ln_decimal_parse(balance, LN_SCALE_MONEY, LN_ROUND_EXACT,
                          &login->balance_e8) != LN_OK ||
         login->balance_e8 <= 0))
        return "balance is an amount of more than 0";
    a->count++;
    return NULL;
}

static enum ln_err
take_all(struct ln_sim_accounts *a, const char *path, const struct ln_buf *file,
         const struct ln_json *doc, struct ln_error *err)
{
    size_t n = ln_json_count(doc, 0);
    if (ln_json_type(doc, 0) != LN_JSON_ARRAY)
        return wrong_at(err, path, file, 0, "the file is no list");
    if (n >= LN_SIM_USERS_MAX)
        return wrong_at(err, path, file, 0, "more than 1023 accounts");
    a->logins = calloc(n + 1, sizeof(*a->logins));
    a->texts = calloc(n + 1, (size_t)3 * TEXT_CAP);
    if (!a->logins || !a->texts)
        return ln_error_set(err, LN_ERR_NOMEM, path, NULL,
                            "no memory for the accounts");
    for (ln_json_val v = ln_json_first(doc, 0); v != LN_JSON_NONE;
         v = ln_json_next(doc, 0, v)) {
        const char *what = take_login(a, doc, v);
        if (what)
            return wrong_at(err, path, file, doc->toks[v].start, what);
    }
    return LN_OK;
}

enum ln_err
ln_sim_accounts_read(struct ln_sim_accounts *a, const char *path,
                     struct ln_error *err)
{
    struct ln_buf file;
    struct ln_json doc;
    struct ln_error syntax = {0};
    *a = (struct ln_sim_accounts){0};
    ln_buf_init(&file, FILE_MAX);
    ln_json_init(&doc);
    enum ln_err code = ln_buf_read_file(&file, path, err);
    if (code == LN_OK && ln_json_parse(&doc, file.data ? file.data : "",
                                       file.len, &syntax) != LN_OK)
        code = wrong_at(err, path, &file,
                        strncmp(syntax.where, "offset ", 7) == 0
                            ? (size_t)strtoul(syntax.where + 7, NULL, 10)
                            : 0,
                        "the file is no JSON");
    if (code == LN_OK)
        code = take_all(a, path, &file, &doc, err);
    ln_json_deinit(&doc);
    ln_buf_wipe(&file);
    ln_buf_deinit(&file);
    if (code != LN_OK)
        ln_sim_accounts_deinit(a);
    return code;
}

void
ln_sim_accounts_deinit(struct ln_sim_accounts *a)
{
    if (a->texts)
        OPENSSL_cleanse(a->texts, a->texts_len);
    free(a->texts);
    free(a->logins);
    *a = (struct ln_sim_accounts){0};
}
