/*
 * What both implementations of core/net share: deferred calls, header sets,
 * checks, and the sentences of common errors.
 */
#include "net/net_int.h"

#include <stdio.h>
#include <time.h>

/* ---- deferred calls ---- */

static void
on_turn(void *ctx)
{
    struct ln_defer_queue *q = ctx;
    struct ln_link batch;

    /* What is added from now on waits for the next turn. */
    ln_list_init(&batch);
    while (!ln_list_empty(&q->waiting)) {
        struct ln_link *link = q->waiting.next;
        ln_list_del(link);
        ln_list_add(&batch, link);
    }
    while (!ln_list_empty(&batch)) {
        struct ln_defer *defer = LN_OWNER(batch.next, struct ln_defer, link);
        ln_list_del(&defer->link);
        defer->fn(defer);
    }
}

bool
ln_defer_queue_init(struct ln_defer_queue *q, struct ln_loop *loop)
{
    ln_list_init(&q->waiting);
    q->timer = ln_timer_new(loop, on_turn, q);
    return q->timer != NULL;
}

void
ln_defer_queue_deinit(struct ln_defer_queue *q)
{
    ln_timer_free(q->timer);
    q->timer = NULL;
}

void
ln_defer_add(struct ln_defer_queue *q, struct ln_defer *defer)
{
    if (defer->link.next)
        return;
    ln_list_add(&q->waiting, &defer->link);
    if (!ln_timer_active(q->timer))
        ln_timer_start(q->timer, 0, 0);
}

void
ln_defer_del(struct ln_defer *defer)
{
    ln_list_del(&defer->link);
}

/* ---- header sets ---- */

void
ln_header_set_init(struct ln_header_set *set)
{
    *set = (struct ln_header_set){0};
    ln_buf_init(&set->text, LN_NET_HEADER_BYTES + 2 * LN_NET_HEADERS_MAX);
}

void
ln_header_set_deinit(struct ln_header_set *set)
{
    ln_buf_deinit(&set->text);
}

void
ln_header_set_reset(struct ln_header_set *set)
{
    ln_buf_reset(&set->text);
    set->count = 0;
}

bool
ln_header_set_add(struct ln_header_set *set, struct ln_str name,
                  struct ln_str value)
{
    size_t i = set->count;

    if (i == LN_NET_HEADERS_MAX)
        return false;
    set->offsets[2 * i] = set->text.len;
    for (size_t k = 0; k < name.len; k++) {
        char c = name.ptr[k];
        /* ASCII: the two cases differ in one bit. */
        char lower[2] = {c, (char)(c | 0x20)};
        ln_buf_addc(&set->text, lower[c >= 'A' && c <= 'Z']);
    }
    ln_buf_addc(&set->text, '\0');
    set->offsets[2 * i + 1] = set->text.len;
    set->lengths[i] = value.len;
    ln_buf_add(&set->text, value.ptr, value.len);
    ln_buf_addc(&set->text, '\0');
    if (set->text.failed)
        return false;
    set->count++;
    return true;
}

void
ln_header_set_finish(struct ln_header_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        set->array[i].name = set->text.data + set->offsets[2 * i];
        set->array[i].value =
            ln_strn(set->text.data + set->offsets[2 * i + 1], set->lengths[i]);
    }
    set->items = set->array;
}

struct ln_str
ln_header_find(const struct ln_header *headers, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (ln_str_eqi(ln_str(headers[i].name), name))
            return headers[i].value;
    }
    return (struct ln_str){NULL, 0};
}

/* ---- checks and words ---- */

bool
ln_is_token(struct ln_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                     (c >= 'a' && c <= 'z');
        if (!alnum && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return s.len > 0;
}

bool
ln_is_header_value(struct ln_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

const char *
ln_http_status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } table[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].status == status)
            return table[i].text;
    }
    return "Unknown";
}

void
ln_http_date(int64_t now_ms, char *out)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now_s = (time_t)(now_ms / 1000);
    struct tm tm;

    gmtime_r(&now_s, &tm);
    snprintf(out, LN_HTTP_DATE_CAP, "%.3s, %02d %.3s %d %02d:%02d:%02d GMT",
             days + (ptrdiff_t)3 * tm.tm_wday, tm.tm_mday,
             months + (ptrdiff_t)3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour,
             tm.tm_min, tm.tm_sec);
}

enum ln_err
ln_tls_untrusted(struct ln_error *err, const char *origin, const char *cause)
{
    return ln_error_set(err, LN_ERR_TLS, origin,
                        "set venue.ca to the PEM file of the server's "
                        "certificate authority",
                        "certificate of %s is not trusted: %s", origin, cause);
}

enum ln_err
ln_port_in_use(struct ln_error *err, const char *host, int port)
{
    return ln_error_set(err, LN_ERR_NET, host,
                        "end the program that uses it, or choose another port",
                        "port %d is already in use", port);
}
