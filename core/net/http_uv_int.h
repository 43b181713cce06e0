/*
 * Private to core/net: the HTTP client on libcurl, shared by http_uv.c (the
 * client, and curl on the loop) and http_call_uv.c (one request).
 */
#ifndef LN_NET_HTTP_UV_INT_H
#define LN_NET_HTTP_UV_INT_H

#include "net/net_uv_int.h"

#include <curl/curl.h>

struct uv_http_client {
    struct ln_http_client base;
    struct ln_link link; /* among the net's clients */
    CURLM *multi;
    struct ln_timer *timer; /* curl's next wake-up */
    struct ln_link calls;   /* under way */
    struct ln_link done;    /* finished, to be delivered */
    struct ln_defer defer;  /* delivers what finished inside ln_http_start() */
    char *ca_file, *user_agent;
    bool delivering; /* fn of a call is running */
    bool dead;       /* freed while delivering */
};

struct uv_call {
    struct ln_http_call base;
    struct ln_link link; /* in calls or done; none while fn runs */
    struct uv_http_client *client;
    CURL *easy;
    struct curl_slist *headers;
    struct ln_buf request_body, body;
    struct ln_header_set response_headers;
    struct ln_timer *deadline; /* curl's own does not run while it queues */
    int64_t started_ns;
    size_t request_bytes; /* about how much is to be sent */
    bool idempotent;
    bool tls;
    int tries;      /* connections this request was put on */
    bool repeated;  /* a second try was refused */
    bool too_large; /* the answer exceeds a maximum */
    bool timed_out;
    CURLcode result;
    char origin[300];
    char message[CURL_ERROR_SIZE];
};

/* A request ready for curl_multi_add_handle(); NULL without memory. */
struct uv_call *uv_call_new(struct uv_http_client *client,
                            const struct ln_url *url,
                            const struct ln_http_request *req);

/* Takes it off the multi and every list. */
void uv_call_free(struct uv_call *call);

/* What to tell of a request that is done. Points into the call. */
void uv_call_response(struct uv_call *call, struct ln_http_response *resp);

/* The deadline of a request has passed: the client's business. */
void uv_client_call_late(struct uv_call *call);

#endif
