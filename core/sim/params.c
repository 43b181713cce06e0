/*
 * Queries and bodies as one kind of parameters. See params.h.
 */
#include "sim/params.h"

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int
ln_sim_percent_decode(struct ln_str in, char *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        if (n + 1 >= cap)
            return -1;
        if (c == '%') {
            if (i + 2 >= in.len)
                return -1;
            int hi = hex_digit(in.ptr[i + 1]), lo = hex_digit(in.ptr[i + 2]);
            if (hi < 0 || lo < 0 || hi * 16 + lo == 0)
                return -1;
            c = (char)(hi * 16 + lo);
            i += 2;
        }
        out[n++] = c;
    }
    out[n] = '\0';
    return (int)n;
}

/* One "name=value" of the query; false when it does not fit or decode. */
static bool
add_pair(struct ln_sim_params *p, struct ln_str part, size_t *used)
{
    const char *eq = memchr(part.ptr, '=', part.len);
    size_t name_len = eq ? (size_t)(eq - part.ptr) : part.len;
    struct ln_str raw[2] = {ln_strn(part.ptr, name_len),
                            eq ? ln_strn(eq + 1, part.len - name_len - 1)
                               : ln_str("")};
    struct ln_str decoded[2];
    if (p->npairs == LN_SIM_PAIRS_MAX)
        return false;
    for (int i = 0; i < 2; i++) {
        int n = ln_sim_percent_decode(raw[i], p->text + *used,
                                      sizeof(p->text) - *used);
        if (n < 0)
            return false;
        decoded[i] = ln_strn(p->text + *used, (size_t)n);
        *used += (size_t)n + 1;
    }
    p->pairs[p->npairs++] = (struct ln_sim_pair){decoded[0], decoded[1]};
    return true;
}

bool
ln_sim_params_query(struct ln_sim_params *p, const char *query)
{
    size_t used = 0;
    const char *at = query;
    p->doc = NULL;
    p->npairs = 0;
    if (strlen(query) >= LN_SIM_QUERY_MAX)
        return false;
    while (*at) {
        size_t len = strcspn(at, "&");
        if (len > 0 && !add_pair(p, ln_strn(at, len), &used))
            return false;
        at += len;
        if (*at == '&')
            at++;
    }
    return true;
}

void
ln_sim_params_object(struct ln_sim_params *p, const struct ln_json *doc,
                     ln_json_val obj)
{
    p->doc = doc;
    p->obj = obj;
    p->npairs = 0;
}

struct ln_str
ln_sim_param(const struct ln_sim_params *p, const char *name)
{
    if (p->doc) {
        ln_json_val v = ln_json_get(p->doc, p->obj, name);
        switch (ln_json_type(p->doc, v)) {
        case LN_JSON_TRUE:
            return ln_str("true");
        case LN_JSON_FALSE:
            return ln_str("false");
        case LN_JSON_ARRAY:
        case LN_JSON_OBJECT:
            return ln_str("{}");
        default:
            return ln_json_scalar(p->doc, v);
        }
    }
    for (size_t i = 0; i < p->npairs; i++)
        if (ln_str_eqc(p->pairs[i].name, name))
            return p->pairs[i].value;
    return ln_str("");
}

enum ln_sim_given
ln_sim_param_i64(const struct ln_sim_params *p, const char *name, int64_t *out)
{
    struct ln_str text = ln_sim_param(p, name);
    int64_t v = 0;
    if (text.len == 0)
        return LN_SIM_ABSENT;
    if (text.len > 18)
        return LN_SIM_BAD;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return LN_SIM_BAD;
        v = v * 10 + (text.ptr[i] - '0');
    }
    *out = v;
    return LN_SIM_GIVEN;
}
