/*
 * JSON without allocation per document and without doubles.
 *
 * Reader: a strict RFC 8259 parser that writes a flat array of tokens into
 * memory that is reused from document to document. Numbers keep their text,
 * so that 64-bit sequence numbers and prices stay exact (this is why it is
 * ours: cJSON turns every number into a double and allocates per node).
 * Depth, token count and document size are bounded.
 *
 *     {"a":[1,2]}  ->  0 OBJECT  1 KEY"a"  2 ARRAY  3 NUMBER 1  4 NUMBER 2
 *
 * Values are token indexes (ln_json_val); LN_JSON_NONE stands for "absent",
 * and every accessor accepts it, so lookups chain without checks.
 *
 * Writer: appends to a struct ln_buf, commas by itself.
 */
#ifndef LN_BASE_JSON_H
#define LN_BASE_JSON_H

#include "base/buf.h"

#define LN_JSON_BYTES_MAX  (256U << 20)
#define LN_JSON_NONE       UINT32_MAX
#define LN_JSON_DEPTH_MAX  32
#define LN_JSON_TOKENS_MAX (1U << 20)

typedef uint32_t ln_json_val;

enum ln_json_type {
    LN_JSON_ABSENT = 0,
    LN_JSON_NULL,
    LN_JSON_FALSE,
    LN_JSON_TRUE,
    LN_JSON_NUMBER,
    LN_JSON_STRING,
    LN_JSON_ARRAY,
    LN_JSON_OBJECT
};

struct ln_json_tok {
    uint32_t start;  /* offset of the text; strings without quotes */
    uint32_t len;    /* bytes of it */
    uint32_t next;   /* index behind this value and all it contains */
    uint32_t count;  /* elements of an array, members of an object */
    uint8_t type;    /* enum ln_json_type */
    uint8_t escaped; /* the string contains a backslash */
};

struct ln_json {
    const char *text;         /* the caller's; must outlive the reading */
    struct ln_json_tok *toks; /* owned, reused */
    uint32_t count;           /* tokens of the current document */
    uint32_t cap;
};

void ln_json_init(struct ln_json *doc);
void ln_json_deinit(struct ln_json *doc);

/*
 * Parse one document (white space around it is allowed, anything else is an
 * error). Value 0 is the root. Errors: LN_ERR_PARSE (err->where is
 * "offset N"), LN_ERR_NOMEM. After an error the document is empty.
 */
enum ln_err ln_json_parse(struct ln_json *doc, const char *text, size_t len,
                          struct ln_error *err) LN_MUST_USE;

enum ln_json_type ln_json_type(const struct ln_json *doc, ln_json_val v);
uint32_t ln_json_count(const struct ln_json *doc, ln_json_val v);

/*
 * Member by name (names are compared unescaped; the first of equal names);
 * NONE if absent or no object.
 */
ln_json_val ln_json_get(const struct ln_json *doc, ln_json_val obj,
                        const char *key);

/* Element by position, or NONE. Linear: use first/next to walk. */
ln_json_val ln_json_at(const struct ln_json *doc, ln_json_val arr, uint32_t i);

/*
 * Walk an array:  for (v = ln_json_first(d, a); v != LN_JSON_NONE;
 *                      v = ln_json_next(d, a, v))
 * An object walks its keys the same way; the value of key k is k + 1.
 */
ln_json_val ln_json_first(const struct ln_json *doc, ln_json_val container);
ln_json_val ln_json_next(const struct ln_json *doc, ln_json_val container,
                         ln_json_val v);

/* Raw text of any scalar; strings still escaped. NONE, containers: empty. */
struct ln_str ln_json_raw(const struct ln_json *doc, ln_json_val v);

/*
 * The tolerant scalar of Bitget's wire: text of a string or a number;
 * null, absent and "" all give the empty text. Escapes are left as they are
 * (no field of the wire that we act on has any).
 */
struct ln_str ln_json_scalar(const struct ln_json *doc, ln_json_val v);

/*
 * Unescape a string into out (terminated). Returns false when it is no
 * string, does not fit, or contains \u0000 (which would end it early); out is
 * then empty. A lone surrogate becomes U+FFFD.
 */
bool ln_json_string(const struct ln_json *doc, ln_json_val v, char *out,
                    size_t cap);

/* Integer from a number or a string; false if it is neither or overflows. */
bool ln_json_i64(const struct ln_json *doc, ln_json_val v, int64_t *out);

/* ---- writer ---- */

struct ln_json_writer {
    struct ln_buf *buf;
    bool comma; /* the next value at this level needs one before it */
};

void ln_jw_init(struct ln_json_writer *w, struct ln_buf *buf);
void ln_jw_obj(struct ln_json_writer *w);
void ln_jw_obj_end(struct ln_json_writer *w);
void ln_jw_arr(struct ln_json_writer *w);
void ln_jw_arr_end(struct ln_json_writer *w);
void ln_jw_key(struct ln_json_writer *w, const char *key);
/* Escapes; what is not valid UTF-8 becomes U+FFFD. */
void ln_jw_str(struct ln_json_writer *w, struct ln_str s);
void ln_jw_cstr(struct ln_json_writer *w, const char *s); /* NULL: null */
void ln_jw_int(struct ln_json_writer *w, int64_t v);
void ln_jw_intstr(struct ln_json_writer *w, int64_t v); /* "123" */
void ln_jw_bool(struct ln_json_writer *w, bool v);
void ln_jw_null(struct ln_json_writer *w);
void ln_jw_double(struct ln_json_writer *w, double v); /* NaN: null */
void ln_jw_raw(struct ln_json_writer *w, struct ln_str json);
/* A decimal as a string, which is how Bitget writes every number. */
void ln_jw_dec(struct ln_json_writer *w, int64_t v, int scale, int min_places);

/* key + value in one call, for the common flat object */
void ln_jw_kstr(struct ln_json_writer *w, const char *k, struct ln_str s);
void ln_jw_kcstr(struct ln_json_writer *w, const char *k, const char *s);
void ln_jw_kint(struct ln_json_writer *w, const char *k, int64_t v);
void ln_jw_kintstr(struct ln_json_writer *w, const char *k, int64_t v);
void ln_jw_kbool(struct ln_json_writer *w, const char *k, bool v);
void ln_jw_kdec(struct ln_json_writer *w, const char *k, int64_t v, int scale,
                int min_places);

#endif
