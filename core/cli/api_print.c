/*
 * Printing for `lunette api`: see api_print.h.
 */
#include "cli/api_print.h"

#include "base/assert.h"
#include "base/decimal.h"

#include <stdio.h>

#define WIDTH 79

static const char *const type_names[] = {
    [LN_PT_TEXT] = "text", [LN_PT_ENUM] = "enum", [LN_PT_DECIMAL] = "decimal",
    [LN_PT_INT] = "int",   [LN_PT_MS] = "ms",     [LN_PT_ID] = "id",
    [LN_PT_LIST] = "list",
};

static const char *
scope_name(const struct ln_endpoint *ep)
{
    return ep->scope == LN_SCOPE_IP ? "IP" : "UID";
}

/* Requests per second: "10", "0.1". */
static const char *
rate_text(const struct ln_endpoint *ep, char out[LN_DECIMAL_CAP])
{
    ln_decimal_format(ep->rate_milli, 3, 0, out);
    return out;
}

/* ---- list ---- */

void
ln_api_print_list(void)
{
    size_t n;
    const struct ln_endpoint *rows = ln_v2_endpoints(&n);
    char rate[LN_DECIMAL_CAP];

    for (size_t i = 0; i < n; i++) {
        const struct ln_endpoint *ep = &rows[i];
        printf("%-32s %-4s %-7s %4s/s %-3s  %s\n", ep->name, ep->method,
               ep->auth ? "private" : "public", rate_text(ep, rate),
               scope_name(ep), ep->path);
    }
}

void
ln_api_json_row(struct ln_json_writer *w, const struct ln_endpoint *ep)
{
    char rate[LN_DECIMAL_CAP];

    ln_jw_obj(w);
    ln_jw_kcstr(w, "name", ep->name);
    ln_jw_kcstr(w, "group", ep->group);
    ln_jw_kcstr(w, "method", ep->method);
    ln_jw_kcstr(w, "path", ep->path);
    ln_jw_kbool(w, "auth", ep->auth);
    ln_jw_key(w, "rate");
    ln_jw_raw(w, ln_str(rate_text(ep, rate)));
    ln_jw_kcstr(w, "scope", scope_name(ep));
    ln_jw_kcstr(w, "summary", ep->summary);
    ln_jw_key(w, "params");
    ln_jw_arr(w);
    for (int i = 0; i < ep->nparams; i++) {
        const struct ln_param *p = &ep->params[i];
        ln_jw_obj(w);
        ln_jw_kcstr(w, "name", p->name);
        ln_jw_kcstr(w, "type", type_names[p->type]);
        ln_jw_kbool(w, "required", p->required);
        ln_jw_kcstr(w, "values", p->values);
        ln_jw_kcstr(w, "help", p->help);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    ln_jw_obj_end(w);
}

void
ln_api_json_list(struct ln_json_writer *w)
{
    size_t n;
    const struct ln_endpoint *rows = ln_v2_endpoints(&n);

    ln_jw_arr(w);
    for (size_t i = 0; i < n; i++)
        ln_api_json_row(w, &rows[i]);
    ln_jw_arr_end(w);
}

/* ---- help ---- */

/* Lines break at spaces and behind bars; each is indented. */
static void
print_wrapped(const char *text, int indent)
{
    int column = indent;

    printf("%*s", indent, "");
    while (*text) {
        size_t len = strcspn(text, " |");
        len += text[len] == '|';
        if (column > indent && column + (int)len > WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        }
        printf("%.*s", (int)len, text);
        column += (int)len;
        text += len;
        if (*text == ' ' && column + 1 + (int)strcspn(text + 1, " |") < WIDTH) {
            putchar(' ');
            column++;
        } else if (*text == ' ') {
            column = WIDTH; /* the next word starts a line */
        }
        text += *text == ' ';
    }
    putchar('\n');
}

void
ln_api_print_help(const struct ln_endpoint *ep)
{
    char rate[LN_DECIMAL_CAP];

    printf("usage: lunette api %s%s [options]\n\n%s\n\n", ep->name,
           ep->nparams ? " [name=value ...]" : "", ep->summary);
    printf("%s %s\n%s, at most %s/s per %s\n", ep->method, ep->path,
           ep->auth ? "private (signed)" : "public", rate_text(ep, rate),
           scope_name(ep));
    if (ep->nparams == 0)
        printf("\nIt takes no parameters.\n");
    else
        printf("\nparameters:\n");
    for (int i = 0; i < ep->nparams; i++) {
        const struct ln_param *p = &ep->params[i];
        printf("  %-30s %s%s\n", p->name, type_names[p->type],
               p->required ? ", required" : "");
        if (p->values)
            print_wrapped(p->values, 6);
        print_wrapped(p->help, 6);
    }
    printf("\noptions: lunette api --help\n");
}

/* ---- JSON for people ---- */

static void
new_line(struct ln_buf *out, int depth)
{
    ln_buf_addf(out, "\n%*s", depth * 2, "");
}

static void
add_pretty(struct ln_buf *out, const struct ln_json *doc, ln_json_val v,
           int depth)
{
    enum ln_json_type type = ln_json_type(doc, v);
    bool is_object = type == LN_JSON_OBJECT;
    struct ln_str raw = ln_json_raw(doc, v);

    if (!is_object && type != LN_JSON_ARRAY) {
        const char *quote = type == LN_JSON_STRING ? "\"" : "";
        ln_buf_addf(out, "%s%.*s%s", quote, LN_STR_ARG(raw), quote);
        return;
    }
    ln_buf_addc(out, is_object ? '{' : '[');
    bool first = true;
    for (ln_json_val e = ln_json_first(doc, v); e != LN_JSON_NONE;
         e = ln_json_next(doc, v, e)) {
        if (!first)
            ln_buf_addc(out, ',');
        first = false;
        new_line(out, depth + 1);
        if (is_object)
            ln_buf_addf(out, "\"%.*s\": ", LN_STR_ARG(ln_json_raw(doc, e)));
        add_pretty(out, doc, is_object ? e + 1 : e, depth + 1);
    }
    if (!first)
        new_line(out, depth);
    ln_buf_addc(out, is_object ? '}' : ']');
}

void
ln_api_pretty(struct ln_buf *out, const struct ln_json *doc, ln_json_val v)
{
    if (v == LN_JSON_NONE)
        ln_buf_adds(out, "null");
    else
        add_pretty(out, doc, v, 0);
    ln_buf_addc(out, '\n');
}
