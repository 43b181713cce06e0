/*
 * The network in memory: events in flight, faults from the seed, and the
 * registry of listening servers. See net_virtual.h for what is simulated and
 * virtual_int.h for how the parts fit.
 */
#include "net/virtual_int.h"

#include "base/assert.h"

#include <stdlib.h>

#define FIRST_PORT 20000 /* for servers that ask for any */

/* ---- events ---- */

static void
on_arrival(void *ctx)
{
    struct vevent *ev = ctx;

    ln_list_del(&ev->link);
    ln_timer_free(ev->timer);
    ev->timer = NULL;
    ev->fire(ev);
    ev->discard(ev);
}

void
vnet_after(struct vnet *net, struct vevent *ev, int64_t delay_ms)
{
    ev->net = net;
    if (net->closing) {
        ev->discard(ev);
        return;
    }
    ev->timer = ln_timer_new(net->base.loop, on_arrival, ev);
    LN_ASSERT(ev->timer != NULL);
    ln_list_add(&net->events, &ev->link);
    ln_timer_start(ev->timer, delay_ms, 0);
}

void
vnet_send(struct vnet *net, struct vevent *ev, struct vlane *lane)
{
    int64_t now_ms = ln_loop_now_ms(net->base.loop);
    int64_t at_ms =
        now_ms + ln_rng_between(&net->rng, net->faults.latency_min_ms,
                                net->faults.latency_max_ms);

    if (at_ms < lane->last_ms)
        at_ms = lane->last_ms;
    lane->last_ms = at_ms;
    vnet_after(net, ev, at_ms - now_ms);
}

bool
vnet_chance(struct vnet *net, double p)
{
    return p > 0 && ln_rng_unit(&net->rng) < p;
}

/* ---- servers ---- */

struct vserver *
vnet_server(struct vnet *net, int port)
{
    for (struct ln_link *at = net->servers.next; at != &net->servers;
         at = at->next) {
        struct vserver *server = LN_OWNER(at, struct vserver, link);
        if (server->port == port)
            return server;
    }
    return NULL;
}

enum ln_err
vnet_handshake(struct vnet *net, const struct ln_url *url, const char *ca_file,
               bool *sent, struct ln_error *err)
{
    const struct vserver *server = vnet_server(net, url->port);

    *sent = false;
    if (!server)
        return ln_error_set(
            err, LN_ERR_NET, url->origin, "check the address and the network",
            "cannot connect to %s: connection refused", url->origin);
    if (url->tls && !server->cert_file)
        return ln_error_set(err, LN_ERR_TLS, url->origin,
                            "check that the server speaks TLS on this port",
                            "the TLS handshake failed");
    if (!url->tls && server->cert_file) {
        *sent = true; /* the server got it, and could make nothing of it */
        return ln_error_set(err, LN_ERR_NET, url->origin, "use https or wss",
                            "the connection was closed before the answer");
    }
    if (ca_file &&
        strcmp(ca_file, server->cert_file ? server->cert_file : ca_file) != 0)
        return ln_tls_untrusted(err, url->origin,
                                "issued by another "
                                "authority");
    return LN_OK;
}

static int
server_port(const struct ln_server *base)
{
    return ((const struct vserver *)base)->port;
}

static void
server_close(struct ln_server *base)
{
    struct vserver *server = (struct vserver *)base;

    ln_list_del(&server->link);
    vnet_http_server_gone(server);
    vnet_ws_server_gone(server);
    free(server->cert_file);
    free(server);
}

static const struct ln_server_ops server_ops = {
    .port = server_port,
    .close = server_close,
    .respond = vnet_respond,
    .drop = vnet_drop,
};

static struct ln_server *
listen_virtual(struct ln_net *base, const struct ln_server_opts *opts,
               struct ln_error *err)
{
    struct vnet *net = (struct vnet *)base;
    int port = opts->port;

    if (port != 0 && vnet_server(net, port)) {
        ln_port_in_use(err, opts->host, port);
        return NULL;
    }
    while (port == 0 || vnet_server(net, port))
        port = net->next_port++;

    struct vserver *server = calloc(1, sizeof(*server));
    if (server && opts->cert_file) {
        server->cert_file = strdup(opts->cert_file);
        if (!server->cert_file) {
            free(server);
            server = NULL;
        }
    }
    if (!server) {
        ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory for a server");
        return NULL;
    }
    server->base.ops = &server_ops;
    server->base.net = base;
    server->port = port;
    ln_list_init(&server->requests);
    ln_list_add(&net->servers, &server->link);
    return &server->base;
}

/* ---- the net ---- */

static void
vnet_free(struct ln_net *base)
{
    struct vnet *net = (struct vnet *)base;

    net->closing = true;
    while (!ln_list_empty(&net->events)) {
        struct vevent *ev = LN_OWNER(net->events.next, struct vevent, link);
        ln_list_del(&ev->link);
        ln_timer_free(ev->timer);
        ev->discard(ev);
    }
    while (!ln_list_empty(&net->clients))
        vnet_client_discard(net->clients.next);
    while (!ln_list_empty(&net->servers))
        server_close(&LN_OWNER(net->servers.next, struct vserver, link)->base);
    vnet_ws_discard_all(net);
    free(net);
}

static const struct ln_net_ops virtual_ops = {
    .free = vnet_free,
    .client_new = vnet_client_new,
    .ws_connect = vnet_ws_connect,
    .listen = listen_virtual,
};

struct ln_net *
ln_net_virtual_new(struct ln_loop *loop, uint64_t seed)
{
    struct vnet *net = calloc(1, sizeof(*net));
    if (!net)
        return NULL;

    net->base.ops = &virtual_ops;
    net->base.loop = loop;
    ln_rng_seed(&net->rng, seed);
    ln_list_init(&net->events);
    ln_list_init(&net->clients);
    ln_list_init(&net->servers);
    ln_list_init(&net->exchanges);
    ln_list_init(&net->pairs);
    net->next_port = FIRST_PORT;
    return &net->base;
}

void
ln_net_virtual_faults(struct ln_net *base, const struct ln_net_faults *faults)
{
    LN_ASSERT(base->ops == &virtual_ops);
    LN_ASSERT_CMP(faults->latency_min_ms, >=, 0);
    LN_ASSERT_CMP(faults->latency_max_ms, >=, faults->latency_min_ms);
    ((struct vnet *)base)->faults = *faults;
}

void
ln_net_virtual_cut(struct ln_net *base)
{
    LN_ASSERT(base->ops == &virtual_ops);
    vnet_http_cut((struct vnet *)base);
    vnet_ws_cut((struct vnet *)base);
}
