/*
 * Header lines, signed: see rest_headers.h.
 */
#include "bitget/rest_headers.h"

#include "base/assert.h"

#include <inttypes.h>
#include <stdio.h>

#define KEY_SHOWN 4 /* characters of the API key that a dry run shows */

static void
add(struct ln_rest_headers *h, const char *name, const char *value)
{
    LN_ASSERT_CMP(h->count, <, LN_REST_HEADERS_MAX);
    h->list[h->count++] = (struct ln_header){name, ln_str(value)};
}

static bool
is_post(const struct ln_endpoint *ep)
{
    return strcmp(ep->method, "POST") == 0;
}

/* What every request has, signed or not. */
static void
add_common(struct ln_rest_headers *h, bool demo, const struct ln_endpoint *ep)
{
    if (is_post(ep))
        add(h, "Content-Type", "application/json");
    add(h, "locale", "en-US");
    if (demo)
        add(h, "paptrading", "1");
}

enum ln_err
ln_rest_headers_make(const struct ln_bitget_credentials *cred, bool demo,
                     const struct ln_endpoint *ep, struct ln_str target,
                     struct ln_str body, int64_t server_ms,
                     struct ln_rest_headers *out, struct ln_error *err)
{
    out->count = 0;
    (void)snprintf(out->timestamp, sizeof out->timestamp, "%" PRId64,
                   server_ms);
    if (ep->auth) {
        if (!cred)
            return ln_error_set(err, LN_ERR_CONFIG, ep->name,
                                "set BITGET_API_KEY, BITGET_API_SECRET and "
                                "BITGET_API_PASSPHRASE",
                                "%s needs API credentials", ep->name);
        const struct ln_str pieces[] = {ln_str(out->timestamp),
                                        ln_str(ep->method), target, body};
        enum ln_err e =
            ln_credentials_sign(cred, pieces, LN_COUNT(pieces), out->sign, err);
        if (e)
            return e;
        add(out, "ACCESS-KEY", ln_credentials_key(cred));
        add(out, "ACCESS-SIGN", out->sign);
        add(out, "ACCESS-TIMESTAMP", out->timestamp);
        add(out, "ACCESS-PASSPHRASE", ln_credentials_passphrase(cred));
    }
    add_common(out, demo, ep);
    return LN_OK;
}

/* ---- dry run ---- */

static void
mask_key(const char *key, char out[KEY_SHOWN + 8])
{
    bool is_long = strlen(key) > (size_t)KEY_SHOWN * 2;

    (void)snprintf(out, KEY_SHOWN + 8, "%.*s****", is_long ? KEY_SHOWN : 0,
                   key);
}

enum ln_err
ln_rest_headers_dry_run(const struct ln_bitget_credentials *cred, bool demo,
                        const char *base, const struct ln_endpoint *ep,
                        const struct ln_request_text *text, int64_t server_ms,
                        struct ln_buf *out, struct ln_error *err)
{
    struct ln_rest_headers h = {.count = 0};
    struct ln_json_writer w;
    struct ln_buf line;
    char key[KEY_SHOWN + 8] = "(no key)";

    (void)snprintf(h.timestamp, sizeof h.timestamp, "%" PRId64, server_ms);
    if (cred)
        mask_key(ln_credentials_key(cred), key);
    if (ep->auth) {
        add(&h, "ACCESS-KEY", key);
        add(&h, "ACCESS-SIGN", cred ? "****" : "(not signed)");
        add(&h, "ACCESS-TIMESTAMP", h.timestamp);
        add(&h, "ACCESS-PASSPHRASE", cred ? "****" : "(no passphrase)");
    }
    add_common(&h, demo, ep);

    ln_buf_init(&line, text->target.max + text->body.max + 4096);
    ln_buf_addf(&line, "%s%.*s", base, LN_STR_ARG(ln_buf_str(&text->target)));
    ln_jw_init(&w, out);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "method", ep->method);
    ln_jw_kstr(&w, "url", ln_buf_str(&line));
    ln_jw_key(&w, "headers");
    ln_jw_obj(&w);
    for (size_t i = 0; i < h.count; i++)
        ln_jw_kstr(&w, h.list[i].name, h.list[i].value);
    ln_jw_obj_end(&w);
    ln_jw_kstr(&w, "body",
               text->body.len ? ln_buf_str(&text->body) : ln_str(""));
    ln_jw_key(&w, "prehash");
    if (ep->auth) {
        ln_buf_reset(&line);
        ln_buf_addf(&line, "%s%s", h.timestamp, ep->method);
        ln_buf_add(&line, text->target.data, text->target.len);
        ln_buf_add(&line, text->body.data, text->body.len);
        ln_jw_str(&w, ln_buf_str(&line));
    } else {
        ln_jw_null(&w); /* nothing is signed */
    }
    ln_jw_obj_end(&w);
    bool failed = out->failed || line.failed;
    ln_buf_deinit(&line);
    return failed ? ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                                 "no memory for the dry run")
                  : LN_OK;
}
