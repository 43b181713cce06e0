/*
 * The HTTP client on libcurl's multi-socket interface and libuv.
 *
 *   ln_http_start -> easy handle -> multi --SOCKETFUNCTION--> uv_poll
 *                                         --TIMERFUNCTION---> ln_timer
 *   uv_poll, timer -> curl_multi_socket_action -> harvest -> deliver -> fn
 *
 * User code runs in deliver() only, never inside a callback of curl. After
 * add_handle the multi is kicked at once, so that a request leaves on a warm
 * connection without waiting for the loop to turn.
 *
 * curl repeats a request by itself when a kept-alive connection turns out to
 * be dead. An order must not be sent twice: on_prereq() refuses the second
 * try of anything but GET and HEAD once bytes of the first have been sent.
 */
#include "net/net_uv_int.h"

#include "base/assert.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECTIONS_DEFAULT 6
#define RECORD_BYTES        16000 /* a request below this is one TLS record */

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

struct uv_socket {
    uv_poll_t poll;
    struct uv_http_client *client; /* NULL when the client is gone */
    curl_socket_t fd;
};

static void deliver(struct uv_http_client *client);

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

static void
call_free(struct uv_call *call)
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

static void
deliver_one(struct uv_http_client *client, struct uv_call *call)
{
    struct ln_http_response resp = {0};
    long status = 0;
    int64_t now_ns = ln_loop_now_ns(client->base.net->loop);

    resp.elapsed_ns = now_ns - call->started_ns;
    if (call->result == CURLE_OK && !call->timed_out) {
        curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
        ln_header_set_finish(&call->response_headers);
        resp.sent = true;
        resp.status = (int)status;
        resp.body = ln_buf_str(&call->body);
        resp.headers = call->response_headers.items;
        resp.nheaders = call->response_headers.count;
    } else {
        resp.sent = maybe_sent(call);
        explain(call, &resp.err);
        resp.code = resp.err.code;
    }
    ln_list_del(&call->link);
    call->base.fn(call->base.ctx, &resp);
}

/* Takes what curl has finished off the multi and onto the done list. */
static void
harvest(struct uv_http_client *client)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(client->multi, &left)) != NULL) {
        struct uv_call *call = NULL;
        CURLcode result = msg->data.result;
        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &call);
        curl_multi_remove_handle(client->multi, call->easy);
        call->result = result;
        ln_timer_stop(call->deadline);
        ln_list_del(&call->link);
        ln_list_add(&client->done, &call->link);
    }
}

static void
client_free_memory(struct uv_http_client *client)
{
    free(client->ca_file);
    free(client->user_agent);
    free(client);
}

/* Calls back for all that is done. May free the client. */
static void
deliver(struct uv_http_client *client)
{
    if (client->delivering)
        return; /* the loop below goes on with it */
    client->delivering = true;
    while (!client->dead && !ln_list_empty(&client->done)) {
        struct uv_call *call =
            LN_OWNER(client->done.next, struct uv_call, link);
        deliver_one(client, call);
        call_free(call);
    }
    client->delivering = false;
    if (client->dead) {
        curl_multi_cleanup(client->multi);
        client_free_memory(client);
    }
}

static void
on_defer(struct ln_defer *defer)
{
    deliver(LN_OWNER(defer, struct uv_http_client, defer));
}

/* ---- curl and the loop ---- */

static void
action(struct uv_http_client *client, curl_socket_t fd, int events)
{
    int running;

    curl_multi_socket_action(client->multi, fd, events, &running);
    harvest(client);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
    struct uv_socket *sock = poll->data;
    struct uv_http_client *client = sock->client;
    int flags = 0;

    if (!client)
        return;
    if (status < 0)
        flags = CURL_CSELECT_ERR;
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    action(client, sock->fd, flags);
    deliver(client);
}

static void
on_timer(void *ctx)
{
    struct uv_http_client *client = ctx;

    action(client, CURL_SOCKET_TIMEOUT, 0);
    deliver(client);
}

static int
on_curl_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    struct uv_http_client *client = ctx;

    (void)multi;
    if (client->dead || !client->timer)
        return 0;
    if (timeout_ms < 0)
        ln_timer_stop(client->timer);
    else
        ln_timer_start(client->timer, timeout_ms, 0);
    return 0;
}

static void
on_poll_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void
forget_socket(struct uv_http_client *client, struct uv_socket *sock)
{
    curl_multi_assign(client->multi, sock->fd, NULL);
    sock->client = NULL;
    uv_close((uv_handle_t *)&sock->poll, on_poll_closed);
}

static int
on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *ctx,
               void *socket_ctx)
{
    struct uv_http_client *client = ctx;
    struct uv_socket *sock = socket_ctx;
    struct net_uv *net = (struct net_uv *)client->base.net;
    int events = 0;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (sock)
            forget_socket(client, sock);
        return 0;
    }
    if (!sock) {
        sock = calloc(1, sizeof(*sock));
        if (!sock)
            return -1;
        if (uv_poll_init_socket(net->uv, &sock->poll, fd) != 0) {
            free(sock);
            return -1;
        }
        sock->poll.data = sock;
        sock->client = client;
        sock->fd = fd;
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        curl_multi_assign(client->multi, fd, sock);
    }
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    uv_poll_start(&sock->poll, events, on_poll);
    return 0;
}

/* ---- a call ---- */

static void
on_call_deadline(void *ctx)
{
    struct uv_call *call = ctx;
    struct uv_http_client *client = call->client;

    call->timed_out = true;
    ln_list_del(&call->link);
    ln_list_add(&client->done, &call->link);
    /* Off the multi only after what it has sent was looked at: in deliver. */
    deliver(client);
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
    long timeout_ms =
        req->timeout_ms > 86400000 ? 86400000L : (long)req->timeout_ms;
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

static struct uv_call *
call_new(struct uv_http_client *client, const struct ln_url *url,
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
    call->deadline =
        ln_timer_new(client->base.net->loop, on_call_deadline, call);
    call->easy = curl_easy_init();
    if (!call->deadline || !call->easy || call->request_body.failed ||
        !build_headers(call, req)) {
        call_free(call);
        return NULL;
    }
    set_options(call, url, req);
    return call;
}

static struct ln_http_call *
client_start(struct ln_http_client *base, const struct ln_url *url,
             const struct ln_http_request *req, struct ln_error *err)
{
    struct uv_http_client *client = (struct uv_http_client *)base;
    struct uv_call *call = call_new(client, url, req);

    if (!call || curl_multi_add_handle(client->multi, call->easy) != CURLM_OK) {
        if (call)
            call_free(call);
        ln_error_set(err, LN_ERR_NOMEM, url->origin, NULL,
                     "no memory for an HTTP request");
        return NULL;
    }
    ln_list_add(&client->calls, &call->link);
    ln_timer_start(call->deadline, req->timeout_ms, 0);
    action(client, CURL_SOCKET_TIMEOUT, 0);
    if (!ln_list_empty(&client->done))
        ln_defer_add(&base->net->defers, &client->defer);
    return &call->base;
}

static void
client_cancel(struct ln_http_call *base)
{
    struct uv_call *call = (struct uv_call *)base;

    if (call->link.next) /* not while its own fn runs */
        call_free(call);
}

/* ---- a client ---- */

static void
client_free(struct ln_http_client *base)
{
    struct uv_http_client *client = (struct uv_http_client *)base;

    if (client->dead)
        return;
    client->dead = true; /* the timer callback now does nothing */
    while (!ln_list_empty(&client->calls))
        call_free(LN_OWNER(client->calls.next, struct uv_call, link));
    while (!ln_list_empty(&client->done))
        call_free(LN_OWNER(client->done.next, struct uv_call, link));
    ln_list_del(&client->link);
    ln_defer_del(&client->defer);
    ln_timer_free(client->timer);
    client->timer = NULL;
    if (client->delivering)
        return; /* deliver() does the rest: a call of ours is on the stack */
    curl_multi_cleanup(client->multi);
    client_free_memory(client);
}

static const struct ln_http_client_ops client_ops = {
    .free = client_free,
    .start = client_start,
    .cancel = client_cancel,
};

struct ln_http_client *
net_uv_client_new(struct ln_net *base, const struct ln_http_client_opts *opts,
                  struct ln_error *err)
{
    struct net_uv *net = (struct net_uv *)base;

    if (opts->ca_file && net_uv_check_ca(opts->ca_file, err) != LN_OK)
        return NULL;
    struct uv_http_client *client = calloc(1, sizeof(*client));
    if (!client)
        goto fail;
    client->base.ops = &client_ops;
    client->base.net = base;
    ln_list_init(&client->calls);
    ln_list_init(&client->done);
    client->defer.fn = on_defer;
    client->ca_file = opts->ca_file ? strdup(opts->ca_file) : NULL;
    client->user_agent =
        strdup(opts->user_agent ? opts->user_agent : "lunette");
    client->timer = ln_timer_new(base->loop, on_timer, client);
    client->multi = curl_multi_init();
    if (!client->user_agent || (opts->ca_file && !client->ca_file) ||
        !client->timer || !client->multi)
        goto fail;

    long connections =
        opts->max_connections ? opts->max_connections : CONNECTIONS_DEFAULT;
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_PIPELINING,
                      (long)CURLPIPE_NOTHING);
    curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                      connections);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, connections * 4);
    ln_list_add(&net->clients, &client->link);
    return &client->base;

fail:
    if (client) {
        ln_timer_free(client->timer);
        if (client->multi)
            curl_multi_cleanup(client->multi);
        client_free_memory(client);
    }
    ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory for an HTTP client");
    return NULL;
}

/* net_uv_free() knows the link alone. */
void
net_uv_client_discard(struct ln_link *link)
{
    client_free(&LN_OWNER(link, struct uv_http_client, link)->base);
}
