/*
 * Building requests from rows of an endpoint table: see endpoint.h.
 *
 * Values are checked for form only (a decimal is a decimal, an enum is one of
 * its words); what they mean is for the exchange to judge.
 */
#include "bitget/endpoint.h"

#include "base/assert.h"
#include "base/decimal.h"

#include <stdio.h>
#include <stdlib.h>

#define TARGET_MAX 8192         /* longest path with query */
#define BODY_MAX   (256U << 10) /* fifty orders with presets take 40 KiB */
#define PAIRS_MAX  64           /* parameters of one request */
#define NAME_CAP   64           /* longest name of a parameter */
#define ID_MAX     20           /* digits of a 64-bit number */

/* One parameter, checked, as it is sent. */
struct pair {
    char name[NAME_CAP];
    size_t at, len; /* its text in build.values; a list: JSON */
    bool raw;       /* a list: written without quotes */
};

struct build {
    const struct ln_endpoint *ep;
    const struct ln_json *doc;
    struct ln_error *err;
    struct ln_buf values;
    struct pair pairs[PAIRS_MAX];
    size_t count;
};

void
ln_request_text_init(struct ln_request_text *r)
{
    ln_buf_init(&r->target, TARGET_MAX);
    ln_buf_init(&r->body, BODY_MAX);
}

void
ln_request_text_deinit(struct ln_request_text *r)
{
    ln_buf_deinit(&r->target);
    ln_buf_deinit(&r->body);
}

/* ---- errors ---- */

static enum ln_err
no_memory(struct build *b)
{
    return ln_error_set(b->err, LN_ERR_ARG, b->ep->name,
                        "give fewer or shorter values",
                        "the request is too large");
}

static enum ln_err
bad_value(struct build *b, const struct ln_param *p, const char *want,
          struct ln_str got)
{
    return ln_error_set(b->err, LN_ERR_ARG, b->ep->name, p->help,
                        "'%s' must be %s, not '%.*s'", p->name, want,
                        (int)(got.len > 60 ? 60 : got.len), got.ptr);
}

static enum ln_err
unknown_name(struct build *b, const char *name)
{
    const char *names[PAIRS_MAX];
    char cure[96] = "it takes no parameters";
    size_t n = 0;

    for (; n < (size_t)b->ep->nparams && n < PAIRS_MAX; n++)
        names[n] = b->ep->params[n].name;
    const char *near = ln_nearest(name, names, n);
    if (near)
        (void)snprintf(cure, sizeof cure, "did you mean '%s'?", near);
    else if (n > 0)
        (void)snprintf(cure, sizeof cure, "see: lunette api %s --help",
                       b->ep->name);
    return ln_error_set(b->err, LN_ERR_ARG, b->ep->name, cure,
                        "there is no parameter '%s'", name);
}

/* ---- values ---- */

/* The value as text in <out>; false for null, lists and objects. */
static bool
scalar_text(const struct ln_json *doc, ln_json_val v, char *out, size_t cap)
{
    switch (ln_json_type(doc, v)) {
    case LN_JSON_STRING:
        return ln_json_string(doc, v, out, cap);
    case LN_JSON_NUMBER:
        return ln_str_copy(out, cap, ln_json_raw(doc, v));
    case LN_JSON_TRUE:
        return ln_str_copy(out, cap, ln_str("true"));
    case LN_JSON_FALSE:
        return ln_str_copy(out, cap, ln_str("false"));
    default:
        return false;
    }
}

/* Decimal text without an exponent; false if it is none. */
static bool
plain_decimal(struct ln_str text, char out[LN_DECIMAL_CAP])
{
    static const int scales[] = {0, 8, LN_SCALE_MAX};
    int64_t value;

    if (!memchr(text.ptr, 'e', text.len) && !memchr(text.ptr, 'E', text.len)) {
        size_t sign = ln_str_starts(text, "+") ? 1 : 0;
        /* Its digits stay as they were given. */
        return ln_decimal_parse(text, 0, LN_ROUND_DOWN, &value) == LN_OK &&
               ln_str_copy(out, LN_DECIMAL_CAP,
                           ln_strn(text.ptr + sign, text.len - sign));
    }
    for (size_t i = 0; i < LN_COUNT(scales); i++) {
        if (ln_decimal_parse(text, scales[i], LN_ROUND_EXACT, &value))
            continue;
        ln_decimal_format(value, scales[i], 0, out);
        return true;
    }
    return false;
}

/* Whole number, also written as 20.0, as Lua does. */
static bool
plain_integer(struct ln_str text, char out[LN_DECIMAL_CAP])
{
    int64_t value;

    if (ln_decimal_parse(text, 0, LN_ROUND_EXACT, &value))
        return false;
    ln_decimal_format(value, 0, 0, out);
    return true;
}

static bool
is_id(struct ln_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return text.len <= ID_MAX;
}

/* The next word of "a|b|c"; false at its end. */
static bool
next_word(const char **values, struct ln_str *word)
{
    if (!**values)
        return false;
    *word = ln_strn(*values, strcspn(*values, "|"));
    *values += word->len;
    if (**values == '|')
        (*values)++;
    return true;
}

/* ---- lists ---- */

static enum ln_err
bad_list(struct build *b, const struct ln_param *p)
{
    return ln_error_set(b->err, LN_ERR_ARG, b->ep->name, p->help,
                        "'%s' must be a list of objects with plain values",
                        p->name);
}

/* The members of one object of a list, all values as strings. */
static bool
write_object(struct ln_json_writer *w, const struct ln_json *doc,
             ln_json_val obj)
{
    char text[512];

    if (ln_json_type(doc, obj) != LN_JSON_OBJECT)
        return false;
    ln_jw_obj(w);
    for (ln_json_val k = ln_json_first(doc, obj); k != LN_JSON_NONE;
         k = ln_json_next(doc, obj, k)) {
        ln_json_val v = k + 1;
        enum ln_json_type type = ln_json_type(doc, v);
        if (!ln_json_string(doc, k, text, sizeof text))
            return false;
        if (type == LN_JSON_NULL)
            continue;
        ln_jw_key(w, text);
        /* The only switch that a list knows is reduceOnly. */
        if (type == LN_JSON_TRUE || type == LN_JSON_FALSE) {
            ln_jw_cstr(w, type == LN_JSON_TRUE ? "YES" : "NO");
            continue;
        }
        if (!scalar_text(doc, v, text, sizeof text))
            return false;
        char plain[LN_DECIMAL_CAP];
        if (type == LN_JSON_NUMBER && plain_decimal(ln_str(text), plain))
            ln_jw_cstr(w, plain);
        else
            ln_jw_cstr(w, text);
    }
    ln_jw_obj_end(w);
    return true;
}

static enum ln_err
write_list(struct build *b, const struct ln_param *p, const struct ln_json *doc,
           ln_json_val list)
{
    struct ln_json_writer w;

    if (ln_json_type(doc, list) != LN_JSON_ARRAY)
        return bad_list(b, p);
    ln_jw_init(&w, &b->values);
    ln_jw_arr(&w);
    for (ln_json_val v = ln_json_first(doc, list); v != LN_JSON_NONE;
         v = ln_json_next(doc, list, v)) {
        if (!write_object(&w, doc, v))
            return bad_list(b, p);
    }
    ln_jw_arr_end(&w);
    return LN_OK;
}

/* A list may also come as the text of one. */
static enum ln_err
take_list(struct build *b, const struct ln_param *p, ln_json_val v)
{
    struct ln_json doc;
    enum ln_err e = LN_ERR_ARG;

    if (ln_json_type(b->doc, v) != LN_JSON_STRING)
        return write_list(b, p, b->doc, v);
    size_t cap = ln_json_raw(b->doc, v).len + 1;
    if (cap > BODY_MAX)
        return no_memory(b);
    char *copy = malloc(cap);
    if (!copy)
        return no_memory(b);
    ln_json_init(&doc);
    if (ln_json_string(b->doc, v, copy, cap) &&
        ln_json_parse(&doc, copy, strlen(copy), NULL) == LN_OK)
        e = write_list(b, p, &doc, 0);
    else
        (void)bad_list(b, p);
    ln_json_deinit(&doc);
    free(copy);
    return e;
}

/* ---- one parameter ---- */

/* The table's spelling of <text>: the same word, else in another case. */
static struct ln_str
find_word(const char *values, const char *text)
{
    struct ln_str word, found = {NULL, 0};

    for (const char *at = values; next_word(&at, &word);) {
        if (ln_str_eqc(word, text))
            return word;
        if (!found.ptr && ln_str_eqi(word, text))
            found = word;
    }
    return found;
}

/* A switch: the words for yes and no differ from row to row. */
static struct ln_str
find_switch(const char *values, bool on)
{
    struct ln_str word = find_word(values, on ? "yes" : "no");

    return word.ptr ? word : find_word(values, on ? "on" : "off");
}

static enum ln_err
take_enum(struct build *b, const struct ln_param *p, ln_json_val v,
          const char *text)
{
    enum ln_json_type type = ln_json_type(b->doc, v);
    struct ln_str word = find_word(p->values, text);
    char want[200], plain[LN_DECIMAL_CAP];

    /* Some words are numbers, which Lua may write as 5.0. */
    if (!word.ptr && type == LN_JSON_NUMBER &&
        plain_integer(ln_str(text), plain))
        word = find_word(p->values, plain);
    if (!word.ptr && (type == LN_JSON_TRUE || type == LN_JSON_FALSE))
        word = find_switch(p->values, type == LN_JSON_TRUE);
    if (word.ptr) {
        ln_buf_add(&b->values, word.ptr, word.len);
        return LN_OK;
    }
    (void)snprintf(want, sizeof want, "one of %s", p->values);
    return bad_value(b, p, want, ln_str(text));
}

static enum ln_err
take_scalar(struct build *b, const struct ln_param *p, ln_json_val v)
{
    char text[512], plain[LN_DECIMAL_CAP];
    enum ln_json_type type = ln_json_type(b->doc, v);

    if (!scalar_text(b->doc, v, text, sizeof text))
        return bad_value(b, p, "a short text", ln_str("..."));
    /* Given as empty: the exchange takes that as not given, or as "none". */
    if (!*text)
        return LN_OK;
    switch (p->type) {
    case LN_PT_ENUM:
        return take_enum(b, p, v, text);
    case LN_PT_DECIMAL:
        if (!plain_decimal(ln_str(text), plain))
            return bad_value(b, p, "a decimal number", ln_str(text));
        ln_buf_adds(&b->values, plain);
        return LN_OK;
    case LN_PT_INT:
    case LN_PT_MS:
        if (!plain_integer(ln_str(text), plain))
            return bad_value(b, p,
                             p->type == LN_PT_MS ? "a time in ms since 1970"
                                                 : "a whole number",
                             ln_str(text));
        ln_buf_adds(&b->values, plain);
        return LN_OK;
    case LN_PT_ID:
        if (!is_id(ln_str(text)))
            return bad_value(b, p, "an id (digits)", ln_str(text));
        break;
    default:
        if (type == LN_JSON_TRUE || type == LN_JSON_FALSE)
            return bad_value(b, p, "a text", ln_str(text));
    }
    ln_buf_adds(&b->values, text);
    return LN_OK;
}

/* Adds the value of <p> to the pairs. */
static enum ln_err
take(struct build *b, const struct ln_param *p, ln_json_val v)
{
    struct pair *pair = &b->pairs[b->count];
    enum ln_err e;

    if (b->count == PAIRS_MAX)
        return no_memory(b);
    pair->raw = p->type == LN_PT_LIST;
    pair->at = b->values.len;
    e = pair->raw ? take_list(b, p, v) : take_scalar(b, p, v);
    if (e)
        return e;
    if (b->values.failed)
        return no_memory(b);
    pair->len = b->values.len - pair->at;
    /* Empty is allowed for decimals: modify_tpsl_order wants it so. */
    if (p->required && pair->len == 0 && p->type != LN_PT_DECIMAL)
        return ln_error_set(b->err, LN_ERR_ARG, b->ep->name, p->help,
                            "'%s' must not be empty", p->name);
    (void)ln_str_copy(pair->name, sizeof pair->name, ln_str(p->name));
    b->count++;
    return LN_OK;
}

static const struct ln_param *
find_param(const struct ln_endpoint *ep, const char *name)
{
    for (int i = 0; i < ep->nparams; i++) {
        if (strcmp(ep->params[i].name, name) == 0)
            return &ep->params[i];
    }
    return NULL;
}

/* Passed through: what the table does not know keeps its JSON form in lists
 * and objects, and becomes a text otherwise. */
static enum ln_err
take_extra(struct build *b, const char *name, ln_json_val v)
{
    enum ln_json_type type = ln_json_type(b->doc, v);
    struct pair *pair = &b->pairs[b->count];

    if (type != LN_JSON_ARRAY && type != LN_JSON_OBJECT) {
        struct ln_param p = {name, LN_PT_TEXT, false, NULL, NULL};
        if (type == LN_JSON_TRUE || type == LN_JSON_FALSE) {
            p.type = LN_PT_ENUM;
            p.values = "YES|NO";
        }
        return take(b, &p, v);
    }
    if (b->count == PAIRS_MAX)
        return no_memory(b);
    const struct ln_json_tok *tok = &b->doc->toks[v];
    pair->raw = true;
    pair->at = b->values.len;
    pair->len = tok->len;
    ln_buf_add(&b->values, b->doc->text + tok->start, tok->len);
    if (b->values.failed)
        return no_memory(b);
    (void)ln_str_copy(pair->name, sizeof pair->name, ln_str(name));
    b->count++;
    return LN_OK;
}

/* ---- the whole ---- */

/* Names that the table does not know; the same name twice. */
static enum ln_err
check_names(struct build *b, bool extra)
{
    char name[NAME_CAP];

    for (ln_json_val k = ln_json_first(b->doc, 0); k != LN_JSON_NONE;
         k = ln_json_next(b->doc, 0, k)) {
        if (!ln_json_string(b->doc, k, name, sizeof name) || !*name)
            return ln_error_set(b->err, LN_ERR_ARG, b->ep->name, NULL,
                                "a parameter has an impossible name");
        if (ln_json_get(b->doc, 0, name) != k + 1)
            return ln_error_set(b->err, LN_ERR_ARG, b->ep->name, "give it once",
                                "'%s' is given twice", name);
        if (!find_param(b->ep, name) && !extra)
            return unknown_name(b, name);
    }
    return LN_OK;
}

static enum ln_err
collect(struct build *b, bool extra)
{
    char name[NAME_CAP];
    enum ln_err e;

    for (int i = 0; i < b->ep->nparams; i++) {
        const struct ln_param *p = &b->ep->params[i];
        ln_json_val v = ln_json_get(b->doc, 0, p->name);
        if (v != LN_JSON_NONE && ln_json_type(b->doc, v) != LN_JSON_NULL) {
            e = take(b, p, v);
            if (e)
                return e;
        } else if (p->required) {
            return ln_error_set(b->err, LN_ERR_ARG, b->ep->name, p->help,
                                "'%s' is missing", p->name);
        }
    }
    if (!extra)
        return LN_OK;
    for (ln_json_val k = ln_json_first(b->doc, 0); k != LN_JSON_NONE;
         k = ln_json_next(b->doc, 0, k)) {
        if (!ln_json_string(b->doc, k, name, sizeof name) ||
            find_param(b->ep, name) ||
            ln_json_type(b->doc, k + 1) == LN_JSON_NULL)
            continue;
        e = take_extra(b, name, k + 1);
        if (e)
            return e;
    }
    return LN_OK;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct pair *)a)->name,
                  ((const struct pair *)b)->name);
}

/* RFC 3986: what is not unreserved goes out as %XX. */
static void
add_encoded(struct ln_buf *out, struct ln_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                     c == '_' || c == '~';
        if (plain)
            ln_buf_addc(out, (char)c);
        else
            ln_buf_addf(out, "%%%02X", c);
    }
}

static struct ln_str
value_of(const struct build *b, const struct pair *p)
{
    return p->len ? ln_strn(b->values.data + p->at, p->len) : ln_str("");
}

static void
write_query(struct build *b, struct ln_buf *out)
{
    qsort(b->pairs, b->count, sizeof b->pairs[0], by_name);
    for (size_t i = 0; i < b->count; i++) {
        ln_buf_addc(out, i == 0 ? '?' : '&');
        add_encoded(out, ln_str(b->pairs[i].name));
        ln_buf_addc(out, '=');
        add_encoded(out, value_of(b, &b->pairs[i]));
    }
}

static void
write_body(struct build *b, struct ln_buf *out)
{
    struct ln_json_writer w;

    ln_jw_init(&w, out);
    ln_jw_obj(&w);
    for (size_t i = 0; i < b->count; i++) {
        ln_jw_key(&w, b->pairs[i].name);
        if (b->pairs[i].raw)
            ln_jw_raw(&w, value_of(b, &b->pairs[i]));
        else
            ln_jw_str(&w, value_of(b, &b->pairs[i]));
    }
    ln_jw_obj_end(&w);
}

enum ln_err
ln_endpoint_build(const struct ln_endpoint *ep, const struct ln_json *params,
                  bool extra, struct ln_request_text *out, struct ln_error *err)
{
    struct build b = {.ep = ep, .doc = params, .err = err};
    enum ln_err e;

    ln_buf_reset(&out->target);
    ln_buf_reset(&out->body);
    if (ln_json_type(params, 0) != LN_JSON_OBJECT)
        return ln_error_set(err, LN_ERR_ARG, ep->name, NULL,
                            "the parameters must be an object");
    ln_buf_init(&b.values, BODY_MAX);
    e = check_names(&b, extra);
    if (!e)
        e = collect(&b, extra);
    if (!e) {
        ln_buf_adds(&out->target, ep->path);
        if (strcmp(ep->method, "POST") == 0)
            write_body(&b, &out->body);
        else
            write_query(&b, &out->target);
        if (out->target.failed || out->body.failed)
            e = no_memory(&b);
    }
    if (e) {
        ln_buf_reset(&out->target);
        ln_buf_reset(&out->body);
    }
    ln_buf_deinit(&b.values);
    return e;
}
