/*
 * URL parsing for the clients of core/net: see url.h.
 */
#include "net/url.h"

#include "base/assert.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *prefix;
    bool tls, websocket;
    int port;
} schemes[] = {
    {"https://", true, false, 443},
    {"http://", false, false, 80},
    {"wss://", true, true, 443},
    {"ws://", false, true, 80},
};

bool
ln_host_is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (ln_str_eqi(ln_str(host), "localhost"))
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool
host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

/* Reads the host at <p>; returns what follows it, or NULL. */
static const char *
parse_host(const char *p, struct ln_url *out)
{
    struct in6_addr v6;
    const char *end = p;

    if (*p == '[') {
        p++;
        end = strchr(p, ']');
        if (!end || !ln_str_copy(out->host, sizeof(out->host),
                                 ln_strn(p, (size_t)(end - p))))
            return NULL;
        return inet_pton(AF_INET6, out->host, &v6) == 1 ? end + 1 : NULL;
    }
    while (host_char(*end))
        end++;
    if (end == p || !ln_str_copy(out->host, sizeof(out->host),
                                 ln_strn(p, (size_t)(end - p))))
        return NULL;
    return end;
}

/* Reads ":port" if there is one; returns what follows, or NULL. */
static const char *
parse_port(const char *p, struct ln_url *out)
{
    if (*p != ':')
        return p;

    int port = 0;
    const char *digit = p + 1;
    for (; *digit >= '0' && *digit <= '9' && port <= 65535; digit++)
        port = port * 10 + (*digit - '0');
    if (digit == p + 1 || port < 1 || port > 65535)
        return NULL;
    out->port = port;
    return digit;
}

static bool
target_ok(const char *target)
{
    if (*target != '\0' && *target != '/' && *target != '?')
        return false;
    for (const char *p = target; *p; p++) {
        if (*p <= ' ' || *p == '#' || (unsigned char)*p >= 0x7f)
            return false;
    }
    return true;
}

static enum ln_err
bad(const char *text, struct ln_error *err, const char *what)
{
    return ln_error_set(err, LN_ERR_ARG, NULL,
                        "write it like https://host:port/path",
                        "%s: \"%.200s\"", what, text);
}

enum ln_err
ln_url_parse(const char *text, struct ln_url *out, struct ln_error *err)
{
    const char *p = NULL;

    *out = (struct ln_url){0};
    if (!text || strlen(text) > LN_URL_MAX)
        return bad(text ? text : "", err, "no URL, or one that is too long");
    for (size_t i = 0; i < LN_COUNT(schemes) && !p; i++) {
        if (ln_str_starts(ln_str(text), schemes[i].prefix)) {
            out->tls = schemes[i].tls;
            out->websocket = schemes[i].websocket;
            out->port = schemes[i].port;
            p = text + strlen(schemes[i].prefix);
        }
    }
    if (!p)
        return bad(text, err, "a URL of unknown scheme");
    p = parse_host(p, out);
    if (p)
        p = parse_port(p, out);
    if (!p || !target_ok(p))
        return bad(text, err, "not a valid URL");
    if (!out->tls && !ln_host_is_loopback(out->host))
        return ln_error_set(err, LN_ERR_ARG, out->host,
                            "use https:// or wss://",
                            "unencrypted connections are made to this machine "
                            "only");
    out->target = p;
    snprintf(out->origin, sizeof(out->origin),
             strchr(out->host, ':') ? "[%s]:%d" : "%s:%d", out->host,
             out->port);
    return LN_OK;
}
