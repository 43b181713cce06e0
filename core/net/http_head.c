/*
 * The head of an HTTP/1.1 request: see http_head.h.
 */
#include "net/http_head.h"

#include "base/str.h"

void
ln_http_head_init(struct ln_http_head *head)
{
    ln_header_set_init(&head->headers);
}

void
ln_http_head_deinit(struct ln_http_head *head)
{
    ln_header_set_deinit(&head->headers);
}

size_t
ln_http_head_len(const char *data, size_t len)
{
    const char *end = len ? memmem(data, len, "\r\n\r\n", 4) : NULL;
    return end ? (size_t)(end - data) + 4 : 0;
}

/* Does a comma-separated list contain <word>, in any case? */
static bool
list_has(struct ln_str list, const char *word)
{
    size_t i = 0;

    while (i < list.len) {
        while (i < list.len && (list.ptr[i] == ' ' || list.ptr[i] == ',' ||
                                list.ptr[i] == '\t'))
            i++;
        size_t start = i;
        while (i < list.len && list.ptr[i] != ',')
            i++;
        size_t end = i;
        while (end > start &&
               (list.ptr[end - 1] == ' ' || list.ptr[end - 1] == '\t'))
            end--;
        if (ln_str_eqi(ln_strn(list.ptr + start, end - start), word))
            return true;
    }
    return false;
}

/* GET /path?query HTTP/1.1 */
static int
parse_request_line(struct ln_http_head *head, struct ln_str line)
{
    const char *sp1 = memchr(line.ptr, ' ', line.len);
    if (!sp1)
        return 400;
    struct ln_str method = ln_strn(line.ptr, (size_t)(sp1 - line.ptr));
    struct ln_str rest = ln_strn(sp1 + 1, line.len - method.len - 1);
    const char *sp2 = rest.len ? memchr(rest.ptr, ' ', rest.len) : NULL;
    if (!sp2)
        return 400;
    struct ln_str target = ln_strn(rest.ptr, (size_t)(sp2 - rest.ptr));
    struct ln_str version = ln_strn(sp2 + 1, rest.len - target.len - 1);

    if (!ln_is_token(method) ||
        !ln_str_copy(head->method, sizeof(head->method), method))
        return 400;
    if (target.len > LN_HTTP_TARGET_MAX)
        return 414;
    if (target.len == 0 || target.ptr[0] != '/')
        return 400;
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.ptr[i];
        if (c <= ' ' || c >= 0x7f)
            return 400;
    }
    ln_str_copy(head->path, sizeof(head->path), target);
    char *mark = strchr(head->path, '?');
    head->query = mark ? mark + 1 : head->path + target.len;
    if (mark)
        *mark = '\0';

    head->keep_alive = ln_str_eqc(version, "HTTP/1.1");
    return head->keep_alive || ln_str_eqc(version, "HTTP/1.0") ? 0 : 400;
}

static int
parse_header(struct ln_http_head *head, struct ln_str line)
{
    const char *colon = line.len ? memchr(line.ptr, ':', line.len) : NULL;
    if (!colon)
        return 400;
    struct ln_str name = ln_strn(line.ptr, (size_t)(colon - line.ptr));
    struct ln_str value = ln_strn(colon + 1, line.len - name.len - 1);

    while (value.len && (value.ptr[0] == ' ' || value.ptr[0] == '\t')) {
        value.ptr++;
        value.len--;
    }
    while (value.len && (value.ptr[value.len - 1] == ' ' ||
                         value.ptr[value.len - 1] == '\t'))
        value.len--;
    /* A folded line or a space before the colon is no token. */
    if (!ln_is_token(name) || !ln_is_header_value(value))
        return 400;
    return ln_header_set_add(&head->headers, name, value) ? 0 : 431;
}

static bool
parse_length(struct ln_str text, size_t *out)
{
    size_t n = 0;

    if (text.len == 0 || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        n = n * 10 + (size_t)(text.ptr[i] - '0');
    }
    *out = n;
    return true;
}

/* What the headers mean for the connection and the body. */
static int
interpret(struct ln_http_head *head)
{
    const struct ln_header_set *set = &head->headers;
    struct ln_str upgrade = {0}, connection = {0};
    bool have_len = false;

    for (size_t i = 0; i < set->count; i++) {
        struct ln_str value = set->items[i].value;
        struct ln_str name = ln_str(set->items[i].name);
        size_t len;
        if (ln_str_eqc(name, "transfer-encoding"))
            return 411; /* chunked bodies are not taken */
        if (ln_str_eqc(name, "content-length")) {
            if (!parse_length(value, &len) ||
                (have_len && len != head->content_len))
                return 400;
            have_len = true;
            head->content_len = len;
        } else if (ln_str_eqc(name, "expect")) {
            head->expect_continue = ln_str_eqi(value, "100-continue");
        } else if (ln_str_eqc(name, "connection")) {
            connection = value;
        } else if (ln_str_eqc(name, "upgrade")) {
            upgrade = value;
        }
    }
    if (list_has(connection, "close"))
        head->keep_alive = false;
    head->upgrade =
        list_has(connection, "upgrade") && list_has(upgrade, "websocket");
    return 0;
}

int
ln_http_head_parse(struct ln_http_head *head, const char *data, size_t len)
{
    const char *end = data + len - 2; /* the empty line is not looked at */
    bool first = true;

    head->content_len = 0;
    head->expect_continue = head->upgrade = head->keep_alive = false;
    head->method[0] = head->path[0] = '\0';
    head->query = head->path;
    ln_header_set_reset(&head->headers);
    while (data < end) {
        const char *eol = memmem(data, (size_t)(end - data), "\r\n", 2);
        if (!eol)
            return 400;
        struct ln_str line = ln_strn(data, (size_t)(eol - data));
        int status =
            first ? parse_request_line(head, line) : parse_header(head, line);
        if (status != 0)
            return status;
        first = false;
        data = eol + 2;
    }
    ln_header_set_finish(&head->headers);
    return first ? 400 : interpret(head);
}
