/*
 * A running host with everything around it: loop, network, venue, carriers
 * of strategies, signals. `run` and `demo` both are one of these; they differ
 * in where the configuration comes from and in what they show.
 */
#ifndef LN_CLI_SESSION_H
#define LN_CLI_SESSION_H

#include "bitget/credentials.h"
#include "host/host.h"
#include "host/store.h"
#include "loop/disk.h"
#include "net/net.h"

struct ln_control;
struct ln_log_tail;

struct ln_session {
    struct ln_loop *loop;
    struct ln_net *net;
    struct ln_venue *venue;
    struct ln_host *host;
    struct ln_store *store;         /* NULL: what happens is not stored */
    struct ln_disk *disk;           /* NULL: nothing is remembered */
    char journal[LN_PATH_CAP + 16]; /* the intent log on it */
    struct ln_bitget_credentials *credentials;
    struct ln_signal *sigint, *sigterm;
    bool with_control;          /* open the control socket with the host */
    struct ln_control *control; /* NULL: none */
    char listed[LN_PATH_CAP];   /* link to its socket; "": none */
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

/*
 * Open <dir>/lunette.db for the host that is to be made (s->config is set);
 * the session closes it after the host. Trouble with the file itself is in
 * the log, and stops nothing. In session_store.c.
 */
enum ln_err ln_session_open_store(struct ln_session *s, const char *dir,
                                  struct ln_error *err) LN_MUST_USE;

/*
 * The folder of what the host keeps and of its control socket: `store` of the
 * configuration, else hosts/<name> in the state folder. Made with mode 0700.
 */
enum ln_err ln_session_store_dir(const struct ln_host_config *config, char *out,
                                 size_t cap, struct ln_error *err) LN_MUST_USE;

/* In session_control.c; without with_control nothing is opened. */
enum ln_err ln_session_open_control(struct ln_session *s,
                                    struct ln_log_tail *tail,
                                    struct ln_error *err) LN_MUST_USE;
void ln_session_close_control(struct ln_session *s);

/* Level, format and file of the log as configured. */
enum ln_err ln_session_log(const struct ln_host_config *config,
                           struct ln_loop *loop,
                           struct ln_error *err) LN_MUST_USE;

#endif
