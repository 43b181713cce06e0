/*
 * The JSON reader of core/base: every document that is accepted can be
 * walked within its bounds, and says the same after being written anew.
 */
#include "fuzz.h"

#include "base/json.h"

struct seen {
    const struct ln_json *doc;
    size_t len; /* of the text */
    struct ln_json_writer w;
    uint32_t tokens;
    int depth;
};

static void visit(struct seen *s, ln_json_val v);

static void
visit_scalar(struct seen *s, ln_json_val v)
{
    const struct ln_json *doc = s->doc;
    enum ln_json_type type = ln_json_type(doc, v);
    struct ln_str raw = ln_json_raw(doc, v);
    char text[256], small[4];
    int64_t number;
    bool whole = ln_json_string(doc, v, text, sizeof(text));
    FUZZ_CHECK(raw.ptr >= doc->text && raw.ptr + raw.len <= doc->text + s->len,
               "value %u lies outside the text", v);
    FUZZ_CHECK(!whole || type == LN_JSON_STRING, "no string became one");
    FUZZ_CHECK(strlen(text) < sizeof(text) && (whole || !text[0]), "text");
    (void)ln_json_string(doc, v, small, sizeof(small));
    FUZZ_CHECK(strlen(small) < sizeof(small), "small text");
    if (ln_json_i64(doc, v, &number))
        FUZZ_CHECK(type == LN_JSON_NUMBER || type == LN_JSON_STRING, "type");
    FUZZ_CHECK(ln_json_scalar(doc, v).len <= raw.len, "scalar");
    FUZZ_CHECK(ln_json_first(doc, v) == LN_JSON_NONE, "a scalar is walked");
    if (type != LN_JSON_STRING)
        ln_jw_raw(&s->w, raw);
    else if (whole)
        ln_jw_str(&s->w, ln_str(text));
    else /* long, or with \u0000: as it was */
        ln_jw_raw(&s->w, ln_strn(raw.ptr - 1, raw.len + 2));
}

static void
visit_members(struct seen *s, ln_json_val v)
{
    const struct ln_json *doc = s->doc;
    bool is_object = ln_json_type(doc, v) == LN_JSON_OBJECT;
    uint32_t n = 0;
    for (ln_json_val at = ln_json_first(doc, v); at != LN_JSON_NONE;
         at = ln_json_next(doc, v, at), n++) {
        char key[64];
        FUZZ_CHECK(at > v && at < doc->count, "value %u of %u", at, doc->count);
        if (!is_object) {
            FUZZ_CHECK(n > 8 || ln_json_at(doc, v, n) == at, "element %u", n);
            visit(s, at);
            continue;
        }
        s->tokens++;
        bool named = ln_json_string(doc, at, key, sizeof(key));
        if (named) { /* the first of equal names is found */
            ln_json_val found = ln_json_get(doc, v, key);
            FUZZ_CHECK(found != LN_JSON_NONE && found <= at + 1, "%s", key);
            ln_jw_key(&s->w, key);
        } else {
            ln_jw_key(&s->w, "long");
        }
        visit(s, at + 1);
    }
    FUZZ_CHECK(n == ln_json_count(doc, v), "%u of %u", n,
               ln_json_count(doc, v));
}

static void
visit(struct seen *s, ln_json_val v)
{
    s->tokens++;
    switch (ln_json_type(s->doc, v)) {
    case LN_JSON_OBJECT:
    case LN_JSON_ARRAY: {
        bool is_object = ln_json_type(s->doc, v) == LN_JSON_OBJECT;
        FUZZ_CHECK(++s->depth <= LN_JSON_DEPTH_MAX, "too deep");
        if (is_object)
            ln_jw_obj(&s->w);
        else
            ln_jw_arr(&s->w);
        visit_members(s, v);
        if (is_object)
            ln_jw_obj_end(&s->w);
        else
            ln_jw_arr_end(&s->w);
        s->depth--;
        break;
    }
    case LN_JSON_ABSENT:
        FUZZ_CHECK(false, "value %u is absent", v);
        break;
    default:
        visit_scalar(s, v);
        break;
    }
}

/* Accepted: walk it, writing it anew into <out>. */
static void
walk(const struct ln_json *doc, size_t len, struct ln_buf *out)
{
    struct seen s = {.doc = doc, .len = len};
    ln_buf_reset(out);
    ln_jw_init(&s.w, out);
    visit(&s, 0);
    FUZZ_CHECK(s.tokens == doc->count, "%u of %u values", s.tokens, doc->count);
    FUZZ_CHECK(!out->failed, "the writer failed");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    struct ln_json doc;
    struct ln_error err = {0};
    struct ln_buf once, twice;
    ln_json_init(&doc);
    ln_buf_init(&once, LN_JSON_BYTES_MAX);
    ln_buf_init(&twice, LN_JSON_BYTES_MAX);
    if (ln_json_parse(&doc, text, size, &err) != LN_OK) {
        FUZZ_CHECK(doc.count == 0 && err.code != LN_OK, "an error is none");
        FUZZ_CHECK(ln_json_get(&doc, 0, "a") == LN_JSON_NONE, "nothing is");
    } else {
        walk(&doc, size, &once);
        FUZZ_CHECK(ln_json_parse(&doc, once.data, once.len, &err) == LN_OK,
                   "what was written cannot be read: %s %s", err.what,
                   err.where);
        walk(&doc, once.len, &twice);
        FUZZ_CHECK(ln_str_eq(ln_buf_str(&once), ln_buf_str(&twice)),
                   "'%s' became '%s'", once.data, twice.data);
    }
    ln_json_deinit(&doc);
    ln_buf_deinit(&once);
    ln_buf_deinit(&twice);
    free(text);
    return 0;
}
