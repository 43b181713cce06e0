/*
 * Parameters from words and queries: see api_params.h.
 */
#include "cli/api_params.h"

#include "base/json.h"

static int
hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The text behind %XX; what is no %XX stays. */
static void
add_decoded(struct ln_buf *out, struct ln_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        int high = i + 2 < s.len && s.ptr[i] == '%' ? hex(s.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex(s.ptr[i + 2]) : -1;
        if (low >= 0) {
            ln_buf_addc(out, (char)(high * 16 + low));
            i += 2;
        } else {
            ln_buf_addc(out, s.ptr[i]);
        }
    }
}

/* "name=value" into the object; encoded: as in a URL. */
static enum ln_err
add_pair(struct ln_json_writer *w, struct ln_str pair, bool encoded,
         struct ln_error *err)
{
    const char *eq = pair.len ? memchr(pair.ptr, '=', pair.len) : NULL;
    char name[64];

    if (!eq || eq == pair.ptr ||
        !ln_str_copy(name, sizeof name,
                     ln_strn(pair.ptr, (size_t)(eq - pair.ptr))))
        return ln_error_set(err, LN_ERR_CONFIG, NULL,
                            "write parameters as name=value",
                            "'%.*s' is no parameter",
                            (int)(pair.len > 60 ? 60 : pair.len), pair.ptr);
    struct ln_str value =
        ln_strn(eq + 1, pair.len - (size_t)(eq - pair.ptr) - 1);
    ln_jw_key(w, name);
    if (!encoded) {
        ln_jw_str(w, value);
        return LN_OK;
    }
    struct ln_buf text;
    ln_buf_init(&text, w->buf->max);
    add_decoded(&text, value);
    ln_jw_str(w, text.len ? ln_buf_str(&text) : ln_str(""));
    ln_buf_deinit(&text);
    return LN_OK;
}

enum ln_err
ln_api_params(struct ln_buf *out, const char *path, char **words, int nwords,
              struct ln_error *err)
{
    struct ln_json_writer w;
    const char *at = path ? strchr(path, '?') : NULL;
    enum ln_err e = LN_OK;

    ln_jw_init(&w, out);
    ln_jw_obj(&w);
    while (!e && at && *at) {
        struct ln_str pair = ln_strn(at + 1, strcspn(at + 1, "&"));
        if (pair.len > 0)
            e = add_pair(&w, pair, true, err);
        at = pair.ptr + pair.len;
    }
    for (int i = 0; !e && i < nwords; i++)
        e = add_pair(&w, ln_str(words[i]), false, err);
    ln_jw_obj_end(&w);
    if (!e && out->failed)
        e = ln_error_set(err, LN_ERR_ARG, NULL, "give fewer or shorter ones",
                         "the parameters are too large");
    return e;
}
