/*
 * Private to core/net: the head of an HTTP/1.1 request, as a server reads it.
 * Pure functions over bytes. Strict: what is ambiguous is refused, because a
 * proxy in front might read it the other way.
 */
#ifndef LN_NET_HTTP_HEAD_H
#define LN_NET_HTTP_HEAD_H

#include "net/net_int.h"

#define LN_HTTP_TARGET_MAX 8192

struct ln_http_head {
    char method[17];
    char path[LN_HTTP_TARGET_MAX + 1]; /* as sent, without the query */
    const char *query;                 /* inside <path>, behind its end */
    bool keep_alive;
    bool expect_continue;
    bool upgrade;       /* asks for a WebSocket */
    size_t content_len; /* at most SIZE_MAX / 2 */
    struct ln_header_set headers;
};

void ln_http_head_init(struct ln_http_head *head);
void ln_http_head_deinit(struct ln_http_head *head);

/*
 * Bytes of the head at the start of <data>, its empty line included, or 0
 * when that has not arrived yet.
 */
size_t ln_http_head_len(const char *data, size_t len);

/* Reads a complete head. Returns 0, or the status to refuse it with. */
int ln_http_head_parse(struct ln_http_head *head, const char *data, size_t len);

#endif
