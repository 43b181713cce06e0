/*
 * The libwebsockets context: made with the net, one client vhost for each set
 * of trusted authorities, and its end in two steps. The sockets themselves
 * are in ws_uv.c.
 *
 * libwebsockets 4.1 on a foreign libuv loop needs care, all of it here or in
 * ws_uv.c: permessage-deflate is never offered (it loops on some PONGs);
 * callbacks never return -1 (Debian's build closes twice then); its own
 * timers do not run on an idle loop, so each deadline is a timer of ours; and
 * lws_context_destroy() must be called twice with turns of the loop between.
 */
#include "net/ws_uv.h"

#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#define FD_LIMIT    256  /* sockets of one context */
#define NEVER_S     3600 /* longer than any deadline of ours */
#define CLOSE_TURNS 1000 /* of the loop, at most, for the end */

/* The last line that libwebsockets logged; it has no context in its hook. */
static char last_log[256];

static void
on_log(int level, const char *line)
{
    (void)level;
    /* "[date time] E: text\n" */
    const char *text = strstr(line, "] E: ");
    if (!text)
        text = strstr(line, "] W: ");
    text = text ? text + 5 : line;
    ln_str_copy(last_log, sizeof(last_log), ln_strn(text, strcspn(text, "\n")));
}

const char *
net_uv_lws_log(void)
{
    static char taken[sizeof(last_log)];

    memcpy(taken, last_log, sizeof(taken));
    last_log[0] = '\0';
    return taken;
}

static const struct lws_protocols protocols[] = {
    {
        .name = "lunette",
        .callback = net_uv_ws_callback,
        .rx_buffer_size = 65536,
    },
    {0},
};

/* Pings are the business of whoever uses the socket. */
static const lws_retry_bo_t no_pings = {
    .secs_since_valid_ping = UINT16_MAX,
    .secs_since_valid_hangup = UINT16_MAX,
};

enum ln_err
net_uv_lws_open(struct net_uv *net, struct ln_error *err)
{
    struct lws_context_creation_info info = {0};

    lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
    unsetenv("http_proxy"); /* taken for wss too */
    net->foreign_loop = net->uv;
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.foreign_loops = &net->foreign_loop;
    info.pcontext = &net->lws;
    info.gid = -1;
    info.uid = -1;
    info.fd_limit_per_thread = FD_LIMIT;
    info.ka_time = 60; /* the system finds dead peers: 90 s of silence */
    info.ka_probes = 3;
    info.ka_interval = 10;
    net->lws = lws_create_context(&info);
    if (!net->lws)
        return ln_error_set(
            err, LN_ERR_NET, NULL, "install the package libwebsockets-evlib-uv",
            "libwebsockets cannot run on libuv: %s", net_uv_lws_log());
    return LN_OK;
}

static void
count_closing(uv_handle_t *handle, void *ctx)
{
    int *count = ctx;
    *count += uv_is_closing(handle) != 0;
}

/*
 * The second lws_context_destroy() frees; it may come only when every handle
 * of the context has closed, so the loop turns until none is closing.
 */
void
net_uv_lws_close(struct net_uv *net)
{
    int quiet = 0;

    if (!net->lws)
        return;
    lws_context_destroy(net->lws);
    for (int i = 0; i < CLOSE_TURNS && quiet < 3; i++) {
        int count = 0;
        uv_run(net->uv, UV_RUN_NOWAIT);
        uv_walk(net->uv, count_closing, &count);
        quiet = count == 0 ? quiet + 1 : 0;
    }
    if (net->lws)
        lws_context_destroy(net->lws);
    for (int i = 0; i < net->nvhosts; i++)
        free(net->vhosts[i].ca_file);
    net->nvhosts = 0;
}

enum ln_err
net_uv_check_ca(const char *path, struct ln_error *err)
{
    X509_STORE *store = X509_STORE_new();
    ERR_clear_error();
    bool ok = store && X509_STORE_load_file(store, path) == 1;
    unsigned long why = ERR_peek_last_error();

    X509_STORE_free(store);
    ERR_clear_error();
    if (ok)
        return LN_OK;
    return ln_error_set(err, LN_ERR_CONFIG, path,
                        "give the PEM file of a certificate authority",
                        "the file of trusted certificates cannot be read: %s",
                        why ? ERR_reason_error_string(why) : "no certificate");
}

static bool
same_ca(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

struct lws_vhost *
net_uv_lws_vhost(struct net_uv *net, const char *ca_file, struct ln_error *err)
{
    struct lws_context_creation_info info = {0};
    char name[32];

    for (int i = 0; i < net->nvhosts; i++) {
        if (same_ca(net->vhosts[i].ca_file, ca_file))
            return net->vhosts[i].vhost;
    }
    if (net->nvhosts == LN_NET_VHOSTS_MAX) {
        ln_error_set(err, LN_ERR_NOMEM, ca_file, NULL,
                     "more than %d files of trusted certificates",
                     LN_NET_VHOSTS_MAX);
        return NULL;
    }
    if (ca_file && net_uv_check_ca(ca_file, err) != LN_OK)
        return NULL;

    snprintf(name, sizeof(name), "client%d", net->nvhosts);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.vhost_name = name;
    info.protocols = protocols;
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    if (ca_file)
        info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    info.client_ssl_ca_filepath = ca_file;
    info.ssl_client_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    info.timeout_secs = NEVER_S;
    info.connect_timeout_secs = NEVER_S;
    info.retry_and_idle_policy = &no_pings;

    char *copy = ca_file ? strdup(ca_file) : NULL;
    struct lws_vhost *vhost =
        ca_file && !copy ? NULL : lws_create_vhost(net->lws, &info);
    if (!vhost) {
        free(copy);
        ln_error_set(err, LN_ERR_TLS, ca_file, NULL,
                     "libwebsockets cannot prepare a client: %s",
                     net_uv_lws_log());
        return NULL;
    }
    net->vhosts[net->nvhosts++] = (struct ln_net_vhost){copy, vhost};
    return vhost;
}
