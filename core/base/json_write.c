/*
 * The JSON writer: appends to a buffer and puts the commas. Whatever text it
 * is given, what it writes is valid JSON in valid UTF-8.
 */
#include "base/decimal.h"
#include "base/json.h"

#include <inttypes.h>
#include <math.h>

void
ln_jw_init(struct ln_json_writer *w, struct ln_buf *buf)
{
    *w = (struct ln_json_writer){.buf = buf};
}

/* Before each value and key. */
static void
separate(struct ln_json_writer *w)
{
    if (w->comma)
        ln_buf_addc(w->buf, ',');
    w->comma = true;
}

static void
open_container(struct ln_json_writer *w, char bracket)
{
    separate(w);
    ln_buf_addc(w->buf, bracket);
    w->comma = false;
}

static void
close_container(struct ln_json_writer *w, char bracket)
{
    ln_buf_addc(w->buf, bracket);
    w->comma = true;
}

void
ln_jw_obj(struct ln_json_writer *w)
{
    open_container(w, '{');
}

void
ln_jw_obj_end(struct ln_json_writer *w)
{
    close_container(w, '}');
}

void
ln_jw_arr(struct ln_json_writer *w)
{
    open_container(w, '[');
}

void
ln_jw_arr_end(struct ln_json_writer *w)
{
    close_container(w, ']');
}

/* What cannot stand in a string as it is: one character of it. */
static void
add_escaped(struct ln_buf *buf, char c)
{
    switch (c) {
    case '"':
        ln_buf_adds(buf, "\\\"");
        break;
    case '\\':
        ln_buf_adds(buf, "\\\\");
        break;
    case '\n':
        ln_buf_adds(buf, "\\n");
        break;
    case '\r':
        ln_buf_adds(buf, "\\r");
        break;
    case '\t':
        ln_buf_adds(buf, "\\t");
        break;
    default:
        if ((unsigned char)c < 0x20)
            ln_buf_addf(buf, "\\u%04x", (unsigned)c);
        else
            ln_buf_adds(buf, "\xEF\xBF\xBD"); /* U+FFFD */
        break;
    }
}

/* Bytes from the front of <s> that need no escape. */
static size_t
plain_run(struct ln_str s)
{
    size_t n = 0;
    while (n < s.len) {
        unsigned char c = (unsigned char)s.ptr[n];
        if (c < 0x20 || c == '"' || c == '\\')
            break;
        size_t bytes =
            c < 0x80 ? 1 : ln_utf8_len(ln_strn(s.ptr + n, s.len - n));
        if (bytes == 0)
            break;
        n += bytes;
    }
    return n;
}

static void
add_quoted(struct ln_buf *buf, struct ln_str s)
{
    ln_buf_addc(buf, '"');
    while (s.len > 0) {
        size_t n = plain_run(s);
        ln_buf_add(buf, s.ptr, n);
        if (n < s.len)
            add_escaped(buf, s.ptr[n++]);
        s = ln_strn(s.ptr + n, s.len - n);
    }
    ln_buf_addc(buf, '"');
}

void
ln_jw_key(struct ln_json_writer *w, const char *key)
{
    separate(w);
    add_quoted(w->buf, ln_str(key));
    ln_buf_addc(w->buf, ':');
    w->comma = false;
}

void
ln_jw_str(struct ln_json_writer *w, struct ln_str s)
{
    separate(w);
    add_quoted(w->buf, s);
}

void
ln_jw_cstr(struct ln_json_writer *w, const char *s)
{
    if (s)
        ln_jw_str(w, ln_str(s));
    else
        ln_jw_null(w);
}

void
ln_jw_int(struct ln_json_writer *w, int64_t v)
{
    separate(w);
    ln_buf_addf(w->buf, "%" PRId64, v);
}

void
ln_jw_intstr(struct ln_json_writer *w, int64_t v)
{
    separate(w);
    ln_buf_addf(w->buf, "\"%" PRId64 "\"", v);
}

void
ln_jw_bool(struct ln_json_writer *w, bool v)
{
    separate(w);
    ln_buf_adds(w->buf, v ? "true" : "false");
}

void
ln_jw_null(struct ln_json_writer *w)
{
    separate(w);
    ln_buf_adds(w->buf, "null");
}

void
ln_jw_double(struct ln_json_writer *w, double v)
{
    if (!isfinite(v)) {
        ln_jw_null(w);
        return;
    }
    char text[LN_DECIMAL_CAP];
    size_t n = ln_double_format(v, text);
    separate(w);
    ln_buf_add(w->buf, text, n);
}

void
ln_jw_raw(struct ln_json_writer *w, struct ln_str json)
{
    separate(w);
    ln_buf_add(w->buf, json.ptr, json.len);
}

void
ln_jw_dec(struct ln_json_writer *w, int64_t v, int scale, int min_places)
{
    char text[LN_DECIMAL_CAP];
    size_t n = ln_decimal_format(v, scale, min_places, text);
    ln_jw_str(w, ln_strn(text, n));
}

/* ---- key and value ---- */

void
ln_jw_kstr(struct ln_json_writer *w, const char *k, struct ln_str s)
{
    ln_jw_key(w, k);
    ln_jw_str(w, s);
}

void
ln_jw_kcstr(struct ln_json_writer *w, const char *k, const char *s)
{
    ln_jw_key(w, k);
    ln_jw_cstr(w, s);
}

void
ln_jw_kint(struct ln_json_writer *w, const char *k, int64_t v)
{
    ln_jw_key(w, k);
    ln_jw_int(w, v);
}

void
ln_jw_kintstr(struct ln_json_writer *w, const char *k, int64_t v)
{
    ln_jw_key(w, k);
    ln_jw_intstr(w, v);
}

void
ln_jw_kbool(struct ln_json_writer *w, const char *k, bool v)
{
    ln_jw_key(w, k);
    ln_jw_bool(w, v);
}

void
ln_jw_kdec(struct ln_json_writer *w, const char *k, int64_t v, int scale,
           int min_places)
{
    ln_jw_key(w, k);
    ln_jw_dec(w, v, scale, min_places);
}
