/*
 * The network in memory: same interface as net.h, on a virtual loop, with
 * faults. Names are resolved by the registry of listening servers: any
 * host:port of a URL connects to the server that listens on that port.
 * TLS is not performed; a client with a ca_file only connects to a server
 * whose cert_file is the same path (so that a wrong CA can be simulated),
 * and https/wss to a plain server fails, as on the wire.
 */
#ifndef LN_NET_NET_VIRTUAL_H
#define LN_NET_NET_VIRTUAL_H

#include "net/net.h"

struct ln_net_faults {
    int64_t latency_min_ms; /* each direction, each message */
    int64_t latency_max_ms;
    double drop_request;  /* P: request lost before the server; then timeout */
    double drop_response; /* P: server acted, the answer is lost */
    double reset;         /* P per message: connection reset */
    double refuse;        /* P per connect: refused */
    double drop_message;  /* P: a server-to-client WebSocket message vanishes */
    double dup_message;   /* P: ... arrives twice */
};

struct ln_net *ln_net_virtual_new(struct ln_loop *loop, uint64_t seed);

/* Takes effect for what is sent from now on. */
void ln_net_virtual_faults(struct ln_net *net,
                           const struct ln_net_faults *faults);

/* Cut every open connection now (both ends see 1006 / a network error). */
void ln_net_virtual_cut(struct ln_net *net);

#endif
