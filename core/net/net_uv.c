/*
 * The network on libuv: what ties http_uv.c (libcurl), ws_uv.c and lws_uv.c
 * (libwebsockets) and server_uv.c (libuv and OpenSSL) to one loop, and takes
 * them down in the right order.
 */
#include "net/net_uv_int.h"
#include "net/stream_uv.h"

#include "base/assert.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdlib.h>

/*
 * Clients first, then the handles of ours, then libwebsockets, whose end
 * turns the loop and with it closes all the others.
 */
static void
net_uv_free(struct ln_net *base)
{
    struct net_uv *net = (struct net_uv *)base;

    while (!ln_list_empty(&net->clients))
        net_uv_client_discard(net->clients.next);
    while (!ln_list_empty(&net->sockets))
        net_uv_ws_discard(net->sockets.next);
    while (!ln_list_empty(&net->servers))
        net_uv_server_discard(net->servers.next);
    ln_stream_close_all(&net->streams);
    ln_defer_queue_deinit(&net->base.defers);
    net_uv_lws_close(net);
    /* Streams keep themselves in a list of ours until they have closed. */
    while (!ln_list_empty(&net->streams))
        uv_run(net->uv, UV_RUN_NOWAIT);
    curl_global_cleanup();
    free(net);
}

static const struct ln_net_ops uv_ops = {
    .free = net_uv_free,
    .client_new = net_uv_client_new,
    .ws_connect = net_uv_ws_connect,
    .listen = net_uv_listen,
};

struct ln_net *
ln_net_uv_new(struct ln_loop *loop, struct ln_error *err)
{
    LN_ASSERT(ln_loop_uv_handle(loop) != NULL);

    struct net_uv *net = calloc(1, sizeof(*net));
    if (!net || !ln_defer_queue_init(&net->base.defers, loop)) {
        free(net);
        ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory for the net");
        return NULL;
    }
    net->base.ops = &uv_ops;
    net->base.loop = loop;
    net->uv = ln_loop_uv_handle(loop);
    ln_list_init(&net->clients);
    ln_list_init(&net->sockets);
    ln_list_init(&net->servers);
    ln_list_init(&net->streams);
    /* Writing to a socket whose peer has gone is an error, not a death. */
    signal(SIGPIPE, SIG_IGN);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        ln_error_set(err, LN_ERR_NET, NULL, "check the installed libcurl",
                     "libcurl cannot be used");
        goto fail;
    }
    if (net_uv_lws_open(net, err) != LN_OK) {
        curl_global_cleanup();
        goto fail;
    }
    return &net->base;

fail:
    ln_defer_queue_deinit(&net->base.defers);
    free(net);
    return NULL;
}
