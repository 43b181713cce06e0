/*
 * A running host with everything around it: loop, network, venue, carriers
 * of strategies, signals. `run` and `demo` both are one of these; they differ
 * in where the configuration comes from and in what they show.
 */
#ifndef LN_CLI_SESSION_H
#define LN_CLI_SESSION_H

#include "bitget/credentials.h"
#include "host/host.h"
#include "net/net.h"

struct ln_session {
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_venue *venue;
    struct ln_host *host;
    struct ln_bitget_credentials *credentials;
    struct ln_signal *sigint, *sigterm;
    const struct ln_host_config *config;
    char exe[LN_PATH_CAP], scripts[LN_PATH_CAP];
    uint64_t seed;
    bool ended;
    void (*on_ended)(void *ctx); /* before the loop stops; may be NULL */
    void *ctx;
};

/* Loop and network; signals are taken from here on. */
enum ln_err ln_session_open(struct ln_session *s,
                            struct ln_error *err) LN_MUST_USE;
/*
 * Venue and host from the configuration; takes the credentials over. The host
 * is started.
 */
enum ln_err ln_session_start(struct ln_session *s,
                             const struct ln_host_config *config,
                             struct ln_bitget_credentials *credentials,
                             uint64_t seed, struct ln_error *err) LN_MUST_USE;
/* Until the host has ended and the loop was stopped. */
void ln_session_run(struct ln_session *s);
void ln_session_stop_host(struct ln_session *s); /* host and venue */
void ln_session_close(struct ln_session *s);

/* Level, format and file of the log as configured. */
enum ln_err ln_session_log(const struct ln_host_config *config,
                           struct ln_loop *loop,
                           struct ln_error *err) LN_MUST_USE;

#endif
