/*
 * One HTTP request on libcurl: its options, what curl reports while it runs,
 * and what its end means. The client and the loop are in http_uv.c.
 *
 * curl repeats a request by itself when a kept-alive connection turns out to
 * be dead. An order must not be sent twice: on_prereq() refuses the second
 * try of anything but GET and HEAD once bytes of the first have been sent.
 */
#include "net/http_uv_int.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#define RECORD_BYTES   16000    /* a request below this is one TLS record */
#define TIMEOUT_MS_MAX 86400000 /* for curl; the caller's own is ours */

/* ---- curl's callbacks for one request ---- */

static size_t
on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct uv_call *call = ctx;

    ln_buf_add(&call->body, data, size * count);
    if (call->body.failed) {
        call->too_large = true;
        return 0;
    }
    return size * count;
}

static size_t
on_header(char *data, size_t size, size_t count, void *ctx)
{
    struct uv_call *call = ctx;
    struct ln_str line = ln_strn(data, size * count);

    while (line.len &&
           (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    if (ln_str_starts(line, "HTTP/")) { /* 100 Continue may come before */
        ln_header_set_reset(&call->response_headers);
        return size * count;
    }
    const char *colon = line.len ? memchr(line.ptr, ':', line.len) : NULL;
    if (!colon)
        return size * count;
    struct ln_str name = ln_strn(line.ptr, (size_t)(colon - line.ptr));
    struct ln_str value = ln_strn(colon + 1, line.len - name.len - 1);
    while (value.len && (value.ptr[0] == ' ' || value.ptr[0] == '\t')) {
        value.ptr++;
        value.len--;
    }
    if (!ln_header_set_add(&call->response_headers, name, value)) {
        call->too_large = true;
        return 0;
    }
    return size * count;
}

static long
bytes_sent(const struct uv_call *call)
{
    long n = 0;
    curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &n);
    return n;
}

/* A connection is ready and the request is about to be written. */
static int
on_prereq(void *ctx, char *remote_ip, char *local_ip, int remote_port,
          int local_port)
{
    struct uv_call *call = ctx;

    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    if (++call->tries > 1 && !call->idempotent && bytes_sent(call) > 0) {
        call->repeated = true;
        return CURL_PREREQFUNC_ABORT;
    }
    return CURL_PREREQFUNC_OK;
}

/* curl's sockets must not leak into child processes. */
static int
on_sockopt(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
    (void)ctx;
    (void)purpose;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return CURL_SOCKOPT_OK;
}

/* ---- results ---- */

void
uv_call_free(struct uv_call *call)
{
    ln_list_del(&call->link);
    ln_timer_free(call->deadline);
    if (call->easy) {
        curl_multi_remove_handle(call->client->multi, call->easy);
        curl_easy_cleanup(call->easy);
    }
    curl_slist_free_all(call->headers);
    ln_buf_deinit(&call->request_body);
    ln_buf_deinit(&call->body);
    ln_header_set_deinit(&call->response_headers);
    free(call);
}

/*
 * May bytes of the request have reached the server? curl counts what it
 * handed to the socket or to OpenSSL. A write that was cut short may have
 * sent whole TLS records of a large request that are not counted.
 */
static bool
maybe_sent(const struct uv_call *call)
{
    if (bytes_sent(call) > 0 || call->repeated)
        return true;
    return call->tries > 0 &&
           (!call->tls || call->request_bytes > RECORD_BYTES);
}

static void
explain(const struct uv_call *call, struct ln_error *err)
{
    const char *text =
        call->message[0] ? call->message : curl_easy_strerror(call->result);

    if (call->timed_out || call->result == CURLE_OPERATION_TIMEDOUT) {
        ln_error_set(err, LN_ERR_TIMEOUT, call->origin, NULL,
                     "no answer in time");
        return;
    }
    if (call->too_large) {
        ln_error_set(err, LN_ERR_NOMEM, call->origin, NULL,
                     "the answer is too large");
        return;
    }
    if (call->repeated) {
        ln_error_set(err, LN_ERR_NET, call->origin, NULL,
                     "the connection was closed before the answer");
        return;
    }
    switch (call->result) {
    case CURLE_PEER_FAILED_VERIFICATION:
        ln_tls_untrusted(err, call->origin, text);
        break;
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
        ln_error_set(err, LN_ERR_TLS, call->origin,
                     "check that the server speaks TLS on this port",
                     "the TLS handshake failed: %s", text);
        break;
    default:
        ln_error_set(err, LN_ERR_NET, call->origin,
                     call->result == CURLE_COULDNT_CONNECT ||
                             call->result == CURLE_COULDNT_RESOLVE_HOST
                         ? "check the address and the network"
                         : NULL,
                     "%s", text);
        break;
    }
}

void
uv_call_response(struct uv_call *call, struct ln_http_response *resp)
{
    long status = 0;
    int64_t now_ns = ln_loop_now_ns(call->client->base.net->loop);

    *resp = (struct ln_http_response){0};
    resp->elapsed_ns = now_ns - call->started_ns;
    if (call->result != CURLE_OK || call->timed_out) {
        resp->sent = maybe_sent(call);
        explain(call, &resp->err);
        resp->code = resp->err.code;
        return;
    }
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    ln_header_set_finish(&call->response_headers);
    resp->sent = true;
    resp->status = (int)status;
    resp->body = ln_buf_str(&call->body);
    resp->headers = call->response_headers.items;
    resp->nheaders = call->response_headers.count;
}

/* ---- making one ---- */

static void
on_deadline(void *ctx)
{
    uv_client_call_late(ctx);
}

static bool
add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *grown = curl_slist_append(*list, line);
    if (grown)
        *list = grown;
    return grown != NULL;
}

static bool
build_headers(struct uv_call *call, const struct ln_http_request *req)
{
    char line[LN_NET_HEADER_BYTES + 8];
    bool have_type = false;

    for (size_t i = 0; i < req->nheaders; i++) {
        const struct ln_header *h = &req->headers[i];
        /* curl wants "Name;" for a header without a value */
        snprintf(line, sizeof(line), h->value.len ? "%s: %.*s" : "%s;%.*s",
                 h->name, LN_STR_ARG(h->value));
        if (!add_line(&call->headers, line))
            return false;
        if (ln_str_eqi(ln_str(h->name), "content-type"))
            have_type = true;
        call->request_bytes += strlen(line) + 2;
    }
    if (!have_type && !add_line(&call->headers, "Content-Type:"))
        return false;
    return add_line(&call->headers, "Expect:");
}

static void
set_method(struct uv_call *call, const struct ln_http_request *req)
{
    CURL *easy = call->easy;
    bool get = strcmp(req->method, "GET") == 0;
    bool post = strcmp(req->method, "POST") == 0;

    call->idempotent = get || strcmp(req->method, "HEAD") == 0;
    if (strcmp(req->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (post || req->body.len > 0) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)req->body.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                         req->body.len ? call->request_body.data : "");
        if (!post)
            curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, req->method);
    } else if (!get) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, req->method);
    }
}

static void
set_options(struct uv_call *call, const struct ln_url *url,
            const struct ln_http_request *req)
{
    const struct uv_http_client *client = call->client;
    long timeout_ms = req->timeout_ms > TIMEOUT_MS_MAX ? TIMEOUT_MS_MAX
                                                       : (long)req->timeout_ms;
    CURL *easy = call->easy;

    curl_easy_setopt(easy, CURLOPT_URL, req->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, url->tls ? "https" : "http");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, client->user_agent);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (client->ca_file) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->message);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_prereq);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_sockopt);
    set_method(call, req);
}

struct uv_call *
uv_call_new(struct uv_http_client *client, const struct ln_url *url,
            const struct ln_http_request *req)
{
    struct uv_call *call = calloc(1, sizeof(*call));
    if (!call)
        return NULL;

    call->client = client;
    call->tls = url->tls;
    ln_buf_init(&call->request_body, LN_NET_BODY_MAX);
    ln_buf_init(&call->body, LN_NET_BODY_MAX);
    ln_header_set_init(&call->response_headers);
    ln_buf_add(&call->request_body, req->body.ptr, req->body.len);
    ln_str_copy(call->origin, sizeof(call->origin), ln_str(url->origin));
    call->started_ns = ln_loop_now_ns(client->base.net->loop);
    call->request_bytes = strlen(req->url) + req->body.len + 200;
    call->deadline = ln_timer_new(client->base.net->loop, on_deadline, call);
    call->easy = curl_easy_init();
    if (!call->deadline || !call->easy || call->request_body.failed ||
        !build_headers(call, req)) {
        uv_call_free(call);
        return NULL;
    }
    set_options(call, url, req);
    return call;
}
