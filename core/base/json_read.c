/*
 * The JSON reader: one pass without recursion that checks RFC 8259 and
 * writes tokens. Looking things up in them is json_value.c.
 *
 *     value --> scalar ------------------> after --> ","  --> [key] value
 *           \-> "[" or "{" --> [key] value        \-> "]" or "}" --> after
 *                          \-> "]" or "}" ^       \-> end, at depth 0
 */
#include "base/json.h"

#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAP 64U

struct reader {
    struct ln_json *doc;
    const char *text;
    uint32_t len;
    uint32_t pos;
    uint32_t open[LN_JSON_DEPTH_MAX]; /* tokens of the containers around us */
    uint32_t depth;
    enum ln_err code;
    const char *problem;
};

void
ln_json_init(struct ln_json *doc)
{
    *doc = (struct ln_json){0};
}

void
ln_json_deinit(struct ln_json *doc)
{
    free(doc->toks);
    ln_json_init(doc);
}

static bool
fail(struct reader *r, enum ln_err code, const char *problem)
{
    r->code = code;
    r->problem = problem;
    return false;
}

static bool
bad(struct reader *r, const char *problem)
{
    return fail(r, LN_ERR_PARSE, problem);
}

/* The byte here, or -1 at the end. */
static int
peek(const struct reader *r)
{
    return r->pos < r->len ? (unsigned char)r->text[r->pos] : -1;
}

static void
skip_space(struct reader *r)
{
    while (r->pos < r->len) {
        char c = r->text[r->pos];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return;
        r->pos++;
    }
}

static bool
grow(struct reader *r)
{
    struct ln_json *doc = r->doc;
    if (doc->cap >= LN_JSON_TOKENS_MAX)
        return fail(r, LN_ERR_NOMEM, "it has too many values");
    uint32_t cap = doc->cap ? doc->cap * 2 : FIRST_CAP;
    struct ln_json_tok *toks = realloc(doc->toks, cap * sizeof *toks);
    if (!toks)
        return fail(r, LN_ERR_NOMEM, "there is no memory for it");
    doc->toks = toks;
    doc->cap = cap;
    return true;
}

/* Appends a token that starts here; its parent counts it unless it is the
 * value of a key, which has been counted. */
static bool
add_token(struct reader *r, enum ln_json_type type, bool is_key)
{
    struct ln_json *doc = r->doc;
    if (doc->count == doc->cap && !grow(r))
        return false;
    if (r->depth > 0) {
        struct ln_json_tok *parent = &doc->toks[r->open[r->depth - 1]];
        if (is_key || parent->type == LN_JSON_ARRAY)
            parent->count++;
    }
    doc->toks[doc->count] = (struct ln_json_tok){
        .start = r->pos, .next = doc->count + 1, .type = (uint8_t)type};
    doc->count++;
    return true;
}

static bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* At a backslash; moves behind the escape. */
static bool
skip_escape(struct reader *r)
{
    r->pos++;
    int c = peek(r);
    if (c == 'u') {
        if (r->len - r->pos < 5)
            return bad(r, "a \\u escape is cut off");
        for (uint32_t i = 1; i <= 4; i++)
            if (!is_hex(r->text[r->pos + i]))
                return bad(r, "a \\u escape needs four hexadecimal digits");
        r->pos += 5;
        return true;
    }
    if (c <= 0 || !strchr("\"\\/bfnrt", c))
        return bad(r, "unknown escape in a string");
    r->pos++;
    return true;
}

#define ONES (UINT64_MAX / 255) /* 0x01 in each byte */
#define TOPS (ONES * 0x80)

/* The top bit of each byte of <w> that is zero (and maybe of later ones). */
static uint64_t
zero_bytes(uint64_t w)
{
    return (w - ONES) & ~w & TOPS;
}

/*
 * Skips bytes that mean nothing special in a string, eight at a time: most
 * of a message are its names and decimals (a ticker parses a sixth faster).
 */
static void
skip_plain(struct reader *r)
{
    while (r->len - r->pos >= sizeof(uint64_t)) {
        uint64_t w;
        memcpy(&w, r->text + r->pos, sizeof w);
        uint64_t control = (w - ONES * 0x20) & ~w & TOPS;
        if (control | (w & TOPS) | zero_bytes(w ^ ONES * '"') |
            zero_bytes(w ^ ONES * '\\'))
            return;
        r->pos += (uint32_t)sizeof w;
    }
}

/* At the opening quote; moves behind the closing one. */
static bool
read_string(struct reader *r, bool is_key)
{
    r->pos++;
    if (!add_token(r, LN_JSON_STRING, is_key))
        return false;
    struct ln_json_tok *tok = &r->doc->toks[r->doc->count - 1];

    skip_plain(r);
    while (r->pos < r->len) {
        unsigned char c = (unsigned char)r->text[r->pos];
        if (c == '"') {
            tok->len = r->pos - tok->start;
            r->pos++;
            return true;
        }
        if (c == '\\') {
            tok->escaped = 1;
            if (!skip_escape(r))
                return false;
        } else if (c < 0x20) {
            return bad(r, "control character in a string");
        } else if (c < 0x80) {
            r->pos++;
        } else {
            size_t n = ln_utf8_len(ln_strn(r->text + r->pos, r->len - r->pos));
            if (n == 0)
                return bad(r, "a string is not valid UTF-8");
            r->pos += (uint32_t)n;
        }
    }
    return bad(r, "a string has no end");
}

static bool
skip_digits(struct reader *r)
{
    if (!is_digit(peek(r)))
        return bad(r, "a digit is missing in a number");
    while (is_digit(peek(r)))
        r->pos++;
    return true;
}

static bool
read_number(struct reader *r)
{
    if (!add_token(r, LN_JSON_NUMBER, false))
        return false;
    struct ln_json_tok *tok = &r->doc->toks[r->doc->count - 1];

    if (peek(r) == '-')
        r->pos++;
    if (peek(r) == '0') {
        r->pos++;
        if (is_digit(peek(r)))
            return bad(r, "a number starts with a superfluous zero");
    } else if (!skip_digits(r)) {
        return false;
    }
    if (peek(r) == '.') {
        r->pos++;
        if (!skip_digits(r))
            return false;
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        r->pos++;
        if (peek(r) == '+' || peek(r) == '-')
            r->pos++;
        if (!skip_digits(r))
            return false;
    }
    tok->len = r->pos - tok->start;
    return true;
}

static bool
read_word(struct reader *r, const char *word, enum ln_json_type type)
{
    uint32_t n = (uint32_t)strlen(word);
    if (r->len - r->pos < n || memcmp(r->text + r->pos, word, n) != 0)
        return bad(r, "unknown word (strings need double quotes)");
    if (!add_token(r, type, false))
        return false;
    r->doc->toks[r->doc->count - 1].len = n;
    r->pos += n;
    return true;
}

static bool
open_container(struct reader *r, enum ln_json_type type)
{
    if (r->depth == LN_JSON_DEPTH_MAX)
        return bad(r, "it is nested too deeply");
    if (!add_token(r, type, false))
        return false;
    r->open[r->depth++] = r->doc->count - 1;
    r->pos++;
    return true;
}

static bool
read_value(struct reader *r)
{
    int c = peek(r);
    switch (c) {
    case '{':
        return open_container(r, LN_JSON_OBJECT);
    case '[':
        return open_container(r, LN_JSON_ARRAY);
    case '"':
        return read_string(r, false);
    case 't':
        return read_word(r, "true", LN_JSON_TRUE);
    case 'f':
        return read_word(r, "false", LN_JSON_FALSE);
    case 'n':
        return read_word(r, "null", LN_JSON_NULL);
    case -1:
        return bad(r, "it ends where a value is expected");
    default:
        break;
    }
    if (c == '-' || is_digit(c))
        return read_number(r);
    return bad(r, "a value is expected here");
}

static struct ln_json_tok *
container(struct reader *r)
{
    return &r->doc->toks[r->open[r->depth - 1]];
}

/* "name": in an object; nothing in an array. */
static bool
read_key(struct reader *r)
{
    if (container(r)->type != LN_JSON_OBJECT)
        return true;
    skip_space(r);
    if (peek(r) != '"')
        return bad(r, "a name in double quotes is expected here");
    if (!read_string(r, true))
        return false;
    skip_space(r);
    if (peek(r) != ':')
        return bad(r, "a colon is expected here");
    r->pos++;
    return true;
}

/* Closes the innermost container if its bracket is here. */
static bool
try_close(struct reader *r)
{
    struct ln_json_tok *tok = container(r);
    if (peek(r) != (tok->type == LN_JSON_OBJECT ? '}' : ']'))
        return false;
    r->pos++;
    tok->len = r->pos - tok->start;
    tok->next = r->doc->count;
    r->depth--;
    return true;
}

/* Behind a value: up to where the next one starts, or to the end. */
static bool
read_after(struct reader *r)
{
    while (r->depth > 0) {
        skip_space(r);
        if (try_close(r))
            continue;
        if (peek(r) == -1)
            return bad(r, "it ends inside an object or array");
        if (peek(r) != ',')
            return bad(r, "a comma or closing bracket is expected here");
        r->pos++;
        return read_key(r);
    }
    return true;
}

static bool
read_document(struct reader *r)
{
    do {
        uint32_t depth = r->depth;
        skip_space(r);
        if (!read_value(r))
            return false;
        skip_space(r);
        if (r->depth > depth && !try_close(r)) {
            if (!read_key(r))
                return false;
            continue;
        }
        if (!read_after(r))
            return false;
    } while (r->depth > 0);

    skip_space(r);
    return r->pos == r->len || bad(r, "something follows the document");
}

enum ln_err
ln_json_parse(struct ln_json *doc, const char *text, size_t len,
              struct ln_error *err)
{
    doc->text = text;
    doc->count = 0;
    if (len > LN_JSON_BYTES_MAX)
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL,
                            "the JSON is longer than %u bytes",
                            LN_JSON_BYTES_MAX);

    struct reader r = {.doc = doc, .text = text, .len = (uint32_t)len};
    if (read_document(&r)) {
        LN_ASSERT_CMP(doc->toks[0].next, ==, doc->count);
        return LN_OK;
    }
    doc->count = 0;
    char where[32];
    snprintf(where, sizeof where, "offset %u", r.pos);
    return ln_error_set(err, r.code, where, NULL, "not valid JSON: %s",
                        r.problem);
}
