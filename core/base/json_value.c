/*
 * Looking things up in the tokens that json_read.c wrote. Every function
 * accepts LN_JSON_NONE and any other index, so that lookups chain.
 */
#include "base/json.h"

static const struct ln_json_tok *
token(const struct ln_json *doc, ln_json_val v)
{
    return v < doc->count ? &doc->toks[v] : NULL;
}

static struct ln_str
text_of(const struct ln_json *doc, const struct ln_json_tok *tok)
{
    return ln_strn(doc->text + tok->start, tok->len);
}

static bool
is_container(const struct ln_json_tok *tok)
{
    return tok->type == LN_JSON_ARRAY || tok->type == LN_JSON_OBJECT;
}

enum ln_json_type
ln_json_type(const struct ln_json *doc, ln_json_val v)
{
    const struct ln_json_tok *tok = token(doc, v);
    return tok ? (enum ln_json_type)tok->type : LN_JSON_ABSENT;
}

uint32_t
ln_json_count(const struct ln_json *doc, ln_json_val v)
{
    const struct ln_json_tok *tok = token(doc, v);
    return tok ? tok->count : 0;
}

/* ---- escapes ---- */

static uint32_t
hex4(const char *p)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        uint32_t digit =
            c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 0x20) - 'a' + 10);
        value = value << 4 | (digit & 15);
    }
    return value;
}

static size_t
encode_utf8(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/*
 * Decodes the \uXXXX that <s> starts with, and the other half of a surrogate
 * pair if it follows; *used says how much of <s> that was.
 */
static uint32_t
decode_u(struct ln_str s, size_t *used)
{
    uint32_t code = hex4(s.ptr + 2);
    *used = 6;
    if (code < 0xD800 || code > 0xDFFF)
        return code;
    if (code < 0xDC00 && s.len >= 12 && s.ptr[6] == '\\' && s.ptr[7] == 'u') {
        uint32_t low = hex4(s.ptr + 8);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *used = 12;
            return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return 0xFFFD;
}

/*
 * One character (or byte) of an escaped string: takes it off the front of
 * <s>, writes its 1 to 4 bytes. The escapes are known to be well-formed.
 */
static size_t
next_char(struct ln_str *s, char out[4])
{
    static const char from[] = "bfnrt";
    static const char to[] = "\b\f\n\r\t";
    size_t used = 1, n = 1;

    out[0] = s->ptr[0];
    if (s->ptr[0] == '\\' && s->len >= 2) {
        if (s->ptr[1] == 'u' && s->len >= 6) {
            n = encode_utf8(decode_u(*s, &used), out);
        } else {
            const char *p = memchr(from, s->ptr[1], sizeof from - 1);
            out[0] = s->ptr[1];
            if (p)
                out[0] = to[p - from];
            used = 2;
        }
    }
    s->ptr += used;
    s->len -= used;
    return n;
}

static bool
name_is(const struct ln_json *doc, const struct ln_json_tok *tok,
        struct ln_str name)
{
    struct ln_str s = text_of(doc, tok);
    if (!tok->escaped)
        return ln_str_eq(s, name);

    while (s.len > 0) {
        char bytes[4];
        size_t n = next_char(&s, bytes);
        if (n > name.len || memcmp(bytes, name.ptr, n) != 0)
            return false;
        name.ptr += n;
        name.len -= n;
    }
    return name.len == 0;
}

/* ---- containers ---- */

ln_json_val
ln_json_first(const struct ln_json *doc, ln_json_val container)
{
    const struct ln_json_tok *tok = token(doc, container);
    return tok && is_container(tok) && tok->count > 0 ? container + 1
                                                      : LN_JSON_NONE;
}

ln_json_val
ln_json_next(const struct ln_json *doc, ln_json_val container, ln_json_val v)
{
    const struct ln_json_tok *tok = token(doc, container);
    if (!tok || !is_container(tok) || v <= container || v >= tok->next)
        return LN_JSON_NONE;

    /* A key's value comes right behind it: step over both. */
    ln_json_val last = tok->type == LN_JSON_OBJECT ? v + 1 : v;
    const struct ln_json_tok *at = token(doc, last);
    return at && at->next < tok->next ? at->next : LN_JSON_NONE;
}

ln_json_val
ln_json_get(const struct ln_json *doc, ln_json_val obj, const char *key)
{
    if (ln_json_type(doc, obj) != LN_JSON_OBJECT)
        return LN_JSON_NONE;
    struct ln_str name = ln_str(key);
    for (ln_json_val k = ln_json_first(doc, obj); k != LN_JSON_NONE;
         k = ln_json_next(doc, obj, k))
        if (name_is(doc, &doc->toks[k], name))
            return k + 1;
    return LN_JSON_NONE;
}

ln_json_val
ln_json_at(const struct ln_json *doc, ln_json_val arr, uint32_t i)
{
    if (ln_json_type(doc, arr) != LN_JSON_ARRAY || i >= doc->toks[arr].count)
        return LN_JSON_NONE;
    ln_json_val v = ln_json_first(doc, arr);
    for (; i > 0; i--)
        v = ln_json_next(doc, arr, v);
    return v;
}

/* ---- scalars ---- */

struct ln_str
ln_json_raw(const struct ln_json *doc, ln_json_val v)
{
    const struct ln_json_tok *tok = token(doc, v);
    if (!tok || is_container(tok))
        return ln_strn(NULL, 0);
    return text_of(doc, tok);
}

struct ln_str
ln_json_scalar(const struct ln_json *doc, ln_json_val v)
{
    const struct ln_json_tok *tok = token(doc, v);
    if (!tok || (tok->type != LN_JSON_STRING && tok->type != LN_JSON_NUMBER))
        return ln_strn(NULL, 0);
    return text_of(doc, tok);
}

bool
ln_json_string(const struct ln_json *doc, ln_json_val v, char *out, size_t cap)
{
    if (cap == 0)
        return false;
    out[0] = '\0';
    const struct ln_json_tok *tok = token(doc, v);
    if (!tok || tok->type != LN_JSON_STRING)
        return false;

    struct ln_str s = text_of(doc, tok);
    size_t len = 0;
    while (s.len > 0) {
        char bytes[4];
        size_t n = next_char(&s, bytes);
        if (n >= cap - len || bytes[0] == '\0') {
            out[0] = '\0';
            return false;
        }
        memcpy(out + len, bytes, n);
        len += n;
    }
    out[len] = '\0';
    return true;
}

bool
ln_json_i64(const struct ln_json *doc, ln_json_val v, int64_t *out)
{
    struct ln_str s = ln_json_scalar(doc, v);
    bool negative = s.len > 0 && s.ptr[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == s.len)
        return false;

    /* Downwards, because INT64_MIN has no positive counterpart. */
    int64_t value = 0;
    for (; i < s.len; i++) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9 ||
            __builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_sub_overflow(value, (int64_t)digit, &value))
            return false;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
        return false;
    *out = value;
    return true;
}
