/*
 * Texts that are spoilt on request. See trouble.h.
 */
#include "sim/trouble.h"

#define DIGITS_MAX 15 /* more do not survive a client's double: ids */

/* Makes <out> the trouble's text and gives it back; <text> if it failed. */
static struct ln_str
keep(struct ln_sim_trouble *t, struct ln_buf *out, struct ln_str text)
{
    bool ok = !out->failed;
    if (ok) {
        ln_buf_reset(&t->text);
        ln_buf_add(&t->text, out->data, out->len);
    }
    ln_buf_deinit(out);
    return ok && !t->text.failed ? ln_buf_str(&t->text) : text;
}

struct ln_str
ln_sim_truncated(struct ln_sim_trouble *t, struct ln_str text)
{
    if (text.len < 2)
        return text;
    text.len = 1 + (size_t)ln_rng_below(&t->faults.rng, text.len - 1);
    return text;
}

struct ln_str
ln_sim_malformed(struct ln_sim_trouble *t, struct ln_str text)
{
    static const char marks[] = "{}[]:,\"";
    if (text.len == 0)
        return text;
    size_t at = (size_t)ln_rng_below(&t->faults.rng, text.len);
    for (size_t n = 0; n < text.len && !strchr(marks, text.ptr[at]); n++)
        at = (at + 1) % text.len;
    struct ln_buf out;
    ln_buf_init(&out, t->text.max);
    ln_buf_add(&out, text.ptr, text.len);
    if (!out.failed)
        out.data[at] = ';';
    return keep(t, &out, text);
}

/* ---- numbers ---- */

/* JSON's grammar of a number, with few enough digits. */
static bool
is_number(struct ln_str s)
{
    size_t i = 0, digits = 0, whole;
    if (i < s.len && s.ptr[i] == '-')
        i++;
    whole = i;
    while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
        i++;
    digits = i - whole;
    if (digits == 0 || (digits > 1 && s.ptr[whole] == '0'))
        return false;
    if (i < s.len && s.ptr[i] == '.') {
        size_t point = i++;
        while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
            i++;
        if (i == point + 1)
            return false;
        digits += i - point - 1;
    }
    return i == s.len && digits <= DIGITS_MAX;
}

/* Length of the string literal at the start, with its quotes. */
static size_t
literal_len(struct ln_str s)
{
    for (size_t i = 1; i < s.len; i++) {
        if (s.ptr[i] == '\\')
            i++;
        else if (s.ptr[i] == '"')
            return i + 1;
    }
    return s.len;
}

struct ln_str
ln_sim_numbers(struct ln_sim_trouble *t, struct ln_str text)
{
    struct ln_buf out;
    bool in_data = false;
    ln_buf_init(&out, t->text.max);
    for (size_t i = 0; i < text.len;) {
        struct ln_str rest = ln_strn(text.ptr + i, text.len - i);
        if (text.ptr[i] != '"') {
            ln_buf_addc(&out, text.ptr[i++]);
            continue;
        }
        size_t len = literal_len(rest);
        bool key = len < rest.len && rest.ptr[len] == ':';
        in_data = in_data || ln_str_starts(rest, "\"data\":");
        if (in_data && !key && len > 2 &&
            is_number(ln_strn(rest.ptr + 1, len - 2)))
            ln_buf_add(&out, rest.ptr + 1, len - 2);
        else
            ln_buf_add(&out, rest.ptr, len);
        i += len;
    }
    return keep(t, &out, text);
}

/* ---- another order of members ---- */

static void
turn(const struct ln_json *doc, ln_json_val v, struct ln_buf *out)
{
    uint32_t n = ln_json_count(doc, v);
    if (ln_json_type(doc, v) == LN_JSON_ARRAY) {
        ln_buf_addc(out, '[');
        for (ln_json_val e = ln_json_first(doc, v); e != LN_JSON_NONE;
             e = ln_json_next(doc, v, e)) {
            if (out->data[out->len - 1] != '[')
                ln_buf_addc(out, ',');
            turn(doc, e, out);
            if (out->failed)
                return;
        }
        ln_buf_addc(out, ']');
        return;
    }
    if (ln_json_type(doc, v) != LN_JSON_OBJECT) {
        bool quoted = ln_json_type(doc, v) == LN_JSON_STRING;
        struct ln_str raw = ln_json_raw(doc, v);
        ln_buf_adds(out, quoted ? "\"" : "");
        ln_buf_add(out, raw.ptr, raw.len);
        ln_buf_adds(out, quoted ? "\"" : "");
        return;
    }
    ln_buf_addc(out, '{');
    for (uint32_t i = n; i > 0 && !out->failed; i--) {
        ln_json_val k = ln_json_first(doc, v);
        for (uint32_t j = 1; j < i; j++)
            k = ln_json_next(doc, v, k);
        if (i < n)
            ln_buf_addc(out, ',');
        turn(doc, k, out);
        ln_buf_addc(out, ':');
        turn(doc, k + 1, out);
    }
    ln_buf_addc(out, '}');
}

struct ln_str
ln_sim_turned_keys(struct ln_sim_trouble *t, struct ln_str text)
{
    struct ln_buf out;
    if (ln_json_parse(&t->doc, text.ptr, text.len, NULL) != LN_OK)
        return text; /* "pong" */
    ln_buf_init(&out, t->text.max);
    turn(&t->doc, 0, &out);
    return keep(t, &out, text);
}

/* ---- code as a string ---- */

struct ln_str
ln_sim_string_code(struct ln_sim_trouble *t, struct ln_str text)
{
    static const char key[] = "\"code\":";
    size_t n = sizeof(key) - 1, end;
    for (size_t i = 0; i + n < text.len; i++) {
        if (memcmp(text.ptr + i, key, n) != 0)
            continue;
        for (end = i + n; end < text.len; end++)
            if (text.ptr[end] < '0' || text.ptr[end] > '9')
                break;
        if (end == i + n)
            return text; /* it is one already */
        struct ln_buf out;
        ln_buf_init(&out, t->text.max);
        ln_buf_add(&out, text.ptr, i + n);
        ln_buf_addf(&out, "\"%.*s\"", (int)(end - i - n), text.ptr + i + n);
        ln_buf_add(&out, text.ptr + end, text.len - end);
        return keep(t, &out, text);
    }
    return text;
}

struct ln_str
ln_sim_damaged(struct ln_sim *sim, const struct ln_sim_spot *spot,
               struct ln_str text)
{
    static const struct {
        enum ln_sim_fault_kind kind;
        struct ln_str (*spoil)(struct ln_sim_trouble *, struct ln_str);
    } rows[] = {{LN_SIM_FK_NUMBERS, ln_sim_numbers},
                {LN_SIM_FK_KEYS, ln_sim_turned_keys},
                {LN_SIM_FK_STRING_CODE, ln_sim_string_code},
                {LN_SIM_FK_MALFORMED, ln_sim_malformed},
                {LN_SIM_FK_TRUNCATED, ln_sim_truncated}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (ln_sim_strikes(sim, rows[i].kind, spot))
            text = rows[i].spoil(sim->trouble, text);
    return text;
}
