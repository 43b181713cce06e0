/*
 * How a WebSocket client comes to be open: the name is looked up by libuv
 * (libwebsockets would block in getaddrinfo), then its addresses are tried
 * one after the other under the one deadline of ws_uv.c.
 */
#include "net/ws_uv.h"

#include <stdlib.h>

void
net_uv_ws_set_failure(struct ws_client *ws, const char *text)
{
    const char *log = net_uv_lws_log();
    const char *origin = ws->url.origin;
    unsigned status = ws->wsi ? lws_http_client_http_response(ws->wsi) : 0;

    if (status != 0 && status != 101) {
        ln_error_set(&ws->end, LN_ERR_NET, origin, "check the URL's path",
                     "the server refused the WebSocket: HTTP %u", status);
    } else if (strstr(text, "SSL") || strstr(text, "tls") ||
               strstr(log, "SSL") || strstr(log, "cert")) {
        ln_tls_untrusted(&ws->end, origin, log[0] ? log : text);
    } else {
        ln_error_set(&ws->end, LN_ERR_NET, origin,
                     "check the address and the network",
                     "cannot connect to %s: %s", origin,
                     text[0] ? text : "connection refused");
    }
}

static void
connect_address(struct ws_client *ws, const char *address)
{
    struct lws_client_connect_info info = {0};

    info.context = ws->net->lws;
    info.vhost = ws->vhost;
    info.address = address;
    info.port = ws->url.port;
    info.ssl_connection = ws->url.tls ? LCCSCF_USE_SSL : 0;
    info.path = ws->target;
    info.host = ws->url.host;
    info.local_protocol_name = "lunette";
    info.alpn = "http/1.1";
    info.opaque_user_data = ws;
    info.pwsi = &ws->wsi;
    (void)net_uv_lws_log(); /* forget older lines */
    ws->in_connect = true;
    if (!lws_client_connect_via_info(&info))
        ws->wsi = NULL;
    ws->in_connect = false;
    if (ws->wsi)
        lws_cancel_service(ws->net->lws); /* its timers sleep otherwise */
}

void
net_uv_ws_connect_next(struct ws_client *ws)
{
    ws->state = WS_CONNECTING;
    while (!ws->wsi && ws->next_address < ws->naddresses &&
           ws->end.code != LN_ERR_TLS)
        connect_address(ws, ws->addresses[ws->next_address++]);
    if (ws->wsi)
        return;
    if (ws->end.code == LN_OK)
        net_uv_ws_set_failure(ws, "");
    net_uv_ws_end_later(ws);
}

static void
on_resolved(uv_getaddrinfo_t *uv, int status, struct addrinfo *list)
{
    struct ws_lookup *lookup = (struct ws_lookup *)uv;
    struct ws_client *ws = lookup->ws;

    free(lookup);
    if (ws)
        ws->lookup = NULL;
    if (!ws || ws->state != WS_RESOLVING) {
        uv_freeaddrinfo(list);
        return;
    }
    for (const struct addrinfo *at = list;
         status == 0 && at && ws->naddresses < LN_WS_ADDRESSES_MAX;
         at = at->ai_next) {
        char *out = ws->addresses[ws->naddresses];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, out, INET6_ADDRSTRLEN,
                        NULL, 0, NI_NUMERICHOST) == 0)
            ws->naddresses++;
    }
    uv_freeaddrinfo(list);
    if (ws->naddresses > 0) {
        net_uv_ws_connect_next(ws);
        return;
    }
    ln_error_set(&ws->end, LN_ERR_NET, ws->url.origin,
                 "check the name and the network",
                 "the name \"%s\" cannot be resolved", ws->url.host);
    net_uv_ws_end_later(ws);
}

/* Starts the lookup, or takes a numeric address as it is. */
bool
net_uv_ws_resolve(struct ws_client *ws)
{
    struct in6_addr addr;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM};

    if (inet_pton(AF_INET, ws->url.host, &addr) == 1 ||
        inet_pton(AF_INET6, ws->url.host, &addr) == 1) {
        ws->naddresses = 1;
        ln_str_copy(ws->addresses[0], INET6_ADDRSTRLEN, ln_str(ws->url.host));
        ln_defer_add(&ws->net->base.defers, &ws->step);
        return true;
    }
    ws->lookup = calloc(1, sizeof(*ws->lookup));
    if (!ws->lookup)
        return false;
    ws->lookup->ws = ws;
    if (uv_getaddrinfo(ws->net->uv, &ws->lookup->uv, on_resolved, ws->url.host,
                       NULL, &hints) == 0)
        return true;
    free(ws->lookup);
    ws->lookup = NULL;
    return false;
}
