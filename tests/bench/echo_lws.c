/*
 * The bare server that bench_sim_load compares with: libwebsockets and TLS,
 * nothing else. It sends back what it is told; after "push USEC BYTES" from
 * any client it sends every client BYTES bytes each USEC microseconds.
 *
 *     echo_lws CERT KEY        prints "ready PORT"
 */
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 65536
#define QUEUE       256 /* messages to be sent back to a client */

struct message {
    size_t len;
    unsigned char data[]; /* LWS_PRE bytes in front */
};

struct session {
    struct message *queue[QUEUE];
    size_t head, tail;
    size_t pushes; /* due */
};

static struct lws_context *context;
static lws_sorted_usec_list_t timer;
static lws_usec_t push_us, next_us;
static size_t push_bytes;
static volatile sig_atomic_t stopped;

static void
on_term(int signum)
{
    (void)signum;
    stopped = 1;
    lws_cancel_service(context);
}

static int
push_one(struct lws *wsi, struct session *s)
{
    static unsigned char data[LWS_PRE + MESSAGE_MAX];
    memset(data + LWS_PRE, 'x', push_bytes);
    s->pushes--;
    return lws_write(wsi, data + LWS_PRE, push_bytes, LWS_WRITE_TEXT) < 0;
}

static void
on_timer(lws_sorted_usec_list_t *sul)
{
    static struct lws_vhost *vhost;
    if (!vhost)
        vhost = lws_get_vhost_by_name(context, "default");
    lws_callback_all_protocol_vhost_args(
        vhost, lws_vhost_name_to_protocol(vhost, "echo"), LWS_CALLBACK_USER,
        NULL, 0);
    next_us += push_us;
    lws_usec_t now = lws_now_usecs();
    lws_sul_schedule(context, 0, sul, on_timer,
                     next_us > now ? next_us - now : 1);
}

static void
receive(struct lws *wsi, struct session *s, const char *in, size_t len)
{
    char text[64];
    unsigned long us, bytes;
    snprintf(text, sizeof(text), "%.*s", (int)len, in);
    if (sscanf(text, "push %lu %lu", &us, &bytes) == 2) {
        push_bytes = bytes < MESSAGE_MAX ? bytes : MESSAGE_MAX;
        if (push_us == 0) {
            push_us = (lws_usec_t)(us ? us : 1);
            next_us = lws_now_usecs() + push_us;
            lws_sul_schedule(context, 0, &timer, on_timer, push_us);
        }
        return;
    }
    if (s->tail - s->head == QUEUE)
        return; /* more than it reads */
    struct message *m = malloc(sizeof(*m) + LWS_PRE + len);
    if (!m)
        return;
    m->len = len;
    memcpy(m->data + LWS_PRE, in, len);
    s->queue[s->tail++ % QUEUE] = m;
    lws_callback_on_writable(wsi);
}

static int
write_next(struct lws *wsi, struct session *s)
{
    int failed = 0;
    if (s->pushes > 0) {
        failed = push_one(wsi, s);
    } else if (s->head != s->tail) {
        struct message *m = s->queue[s->head++ % QUEUE];
        failed = lws_write(wsi, m->data + LWS_PRE, m->len, LWS_WRITE_TEXT) < 0;
        free(m);
    }
    if (s->pushes > 0 || s->head != s->tail)
        lws_callback_on_writable(wsi);
    return failed ? -1 : 0;
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
         void *in, size_t len)
{
    /* LWS_CALLBACK_USER has something else in <user>. */
    struct session *s = reason == LWS_CALLBACK_USER ? lws_wsi_user(wsi) : user;
    switch (reason) {
    case LWS_CALLBACK_RECEIVE:
        receive(wsi, s, in, len);
        break;
    case LWS_CALLBACK_USER: /* a push is due */
        if (s)
            s->pushes++;
        lws_callback_on_writable(wsi);
        break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return write_next(wsi, s);
    case LWS_CALLBACK_CLOSED:
        while (s->head != s->tail)
            free(s->queue[s->head++ % QUEUE]);
        break;
    default:
        break;
    }
    return 0;
}

static const struct lws_protocols protocols[] = {
    {.name = "echo",
     .callback = on_event,
     .per_session_data_size = sizeof(struct session),
     .rx_buffer_size = MESSAGE_MAX},
    {0}};

int
main(int argc, char **argv)
{
    struct lws_context_creation_info info = {0};
    if (argc != 3)
        return 2;
    lws_set_log_level(LLL_ERR, NULL);
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    info.ssl_cert_filepath = argv[1];
    info.ssl_private_key_filepath = argv[2];
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.fd_limit_per_thread = 1024;
    context = lws_create_context(&info);
    if (!context)
        return 1;
    signal(SIGTERM, on_term);
    printf("ready %d\n", lws_get_vhost_listen_port(
                             lws_get_vhost_by_name(context, "default")));
    (void)fflush(stdout);
    while (!stopped && lws_service(context, 0) >= 0)
        ;
    lws_context_destroy(context);
    return 0;
}
