/*
 * The HTTP client on libcurl's multi-socket interface and libuv. A single
 * request is in http_call_uv.c.
 *
 *   ln_http_start -> easy handle -> multi --SOCKETFUNCTION--> uv_poll
 *                                         --TIMERFUNCTION---> ln_timer
 *   uv_poll, timer -> curl_multi_socket_action -> harvest -> deliver -> fn
 *
 * User code runs in deliver() only, never inside a callback of curl. After
 * add_handle the multi is kicked at once, so that a request leaves on a warm
 * connection without waiting for the loop to turn.
 */
#include "net/http_uv_int.h"

#include <fcntl.h>
#include <stdlib.h>

#define CONNECTIONS_DEFAULT 6

struct uv_socket {
    uv_poll_t poll;
    struct uv_http_client *client; /* NULL when the client is gone */
    curl_socket_t fd;
};

/* ---- results ---- */

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
        struct ln_http_response resp;
        uv_call_response(call, &resp);
        ln_list_del(&call->link);
        call->base.fn(call->base.ctx, &resp);
        uv_call_free(call);
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

void
uv_client_call_late(struct uv_call *call)
{
    struct uv_http_client *client = call->client;

    call->timed_out = true;
    ln_list_del(&call->link);
    ln_list_add(&client->done, &call->link);
    /* Off the multi only after what it has sent was looked at: in deliver. */
    deliver(client);
}

static struct ln_http_call *
client_start(struct ln_http_client *base, const struct ln_url *url,
             const struct ln_http_request *req, struct ln_error *err)
{
    struct uv_http_client *client = (struct uv_http_client *)base;
    struct uv_call *call = uv_call_new(client, url, req);

    if (!call || curl_multi_add_handle(client->multi, call->easy) != CURLM_OK) {
        if (call)
            uv_call_free(call);
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
        uv_call_free(call);
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
        uv_call_free(LN_OWNER(client->calls.next, struct uv_call, link));
    while (!ln_list_empty(&client->done))
        uv_call_free(LN_OWNER(client->done.next, struct uv_call, link));
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
