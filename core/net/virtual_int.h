/*
 * Private to the virtual half of core/net: net_virtual.c (events, faults,
 * servers), http_virtual.c and ws_virtual.c.
 *
 * Everything that travels is a struct vevent: it is sent, takes its latency,
 * and fires at the other end. Objects that two ends and events in flight
 * share (an HTTP exchange, a pair of sockets) count their references.
 */
#ifndef LN_NET_VIRTUAL_INT_H
#define LN_NET_VIRTUAL_INT_H

#include "base/rng.h"
#include "net/net_int.h"
#include "net/net_virtual.h"

struct vnet {
    struct ln_net base;
    struct ln_rng rng;
    struct ln_net_faults faults;
    struct ln_link events;    /* in flight */
    struct ln_link clients;   /* struct vclient */
    struct ln_link servers;   /* struct vserver */
    struct ln_link exchanges; /* struct vexchange */
    struct ln_link pairs;     /* struct vpair */
    int next_port;
    bool closing; /* ln_net_free(): nothing is sent any more */
};

struct vserver {
    struct ln_server base;
    struct ln_link link;
    struct ln_link requests; /* struct vreq, not answered yet */
    int port;
    char *cert_file; /* NULL: plain */
};

struct vevent {
    struct ln_link link;
    struct vnet *net;
    struct ln_timer *timer;
    /* What happens on arrival. */
    void (*fire)(struct vevent *ev);
    /* Gives back what the event holds, and itself; also after fire. */
    void (*discard)(struct vevent *ev);
};

/* One direction of a connection: keeps what is sent in order. */
struct vlane {
    int64_t last_ms; /* arrival of the last event */
};

/* Send: arrives after a latency, not before earlier events of <lane>. */
void vnet_send(struct vnet *net, struct vevent *ev, struct vlane *lane);
/* Arrives after exactly <delay_ms>. */
void vnet_after(struct vnet *net, struct vevent *ev, int64_t delay_ms);

/* True with probability <p>. */
bool vnet_chance(struct vnet *net, double p);

struct vserver *vnet_server(struct vnet *net, int port);

/*
 * Would a connection work? LN_OK, or fills <err>: nobody listens, TLS on one
 * side only, or a certificate of another authority. *sent: see net.h.
 */
enum ln_err vnet_handshake(struct vnet *net, const struct ln_url *url,
                           const char *ca_file, bool *sent,
                           struct ln_error *err);

struct ln_http_client *vnet_client_new(struct ln_net *net,
                                       const struct ln_http_client_opts *opts,
                                       struct ln_error *err);
void vnet_client_discard(struct ln_link *link);
void vnet_http_cut(struct vnet *net);
/* The requests that a closing server has not answered. */
void vnet_http_server_gone(struct vserver *server);
void vnet_respond(struct ln_server_req *req, int status,
                  const struct ln_header *headers, size_t nheaders,
                  struct ln_str body);
void vnet_drop(struct ln_server_req *req);

struct ln_ws *vnet_ws_connect(struct ln_net *net, const struct ln_url *url,
                              const struct ln_ws_opts *opts,
                              struct ln_error *err);
void vnet_ws_cut(struct vnet *net);
/* The sockets of a closing server. */
void vnet_ws_server_gone(struct vserver *server);
void vnet_ws_discard_all(struct vnet *net);

#endif
