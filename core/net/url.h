/*
 * URLs of the four schemes that core/net speaks. Strict: user names,
 * fragments, spaces and control characters are refused.
 */
#ifndef LN_NET_URL_H
#define LN_NET_URL_H

#include "base/error.h"

#include <stdbool.h>

#define LN_URL_MAX 8192 /* longest URL accepted */

struct ln_url {
    bool tls;           /* https, wss */
    bool websocket;     /* ws, wss */
    char host[256];     /* without the brackets of IPv6 */
    int port;           /* 1..65535, the scheme's default filled in */
    const char *target; /* "/path?query" inside the text given; "" means "/" */
    char origin[300];   /* "host:port" for messages, IPv6 in brackets */
};

/* Plain http and ws are accepted for loopback hosts only. LN_ERR_ARG. */
enum ln_err ln_url_parse(const char *text, struct ln_url *out,
                         struct ln_error *err) LN_MUST_USE;

/* localhost, 127.x.y.z, ::1 */
bool ln_host_is_loopback(const char *host);

#endif
