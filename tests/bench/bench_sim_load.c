/*
 * The simulator as a process under load, over TLS and real sockets:
 *
 *   pushes   200 WebSocket clients, 20 channels each, all of the catalogue
 *   both     the same, and signed REST requests at a steady rate
 *   bare     libwebsockets alone (echo_lws.c) pushes as many messages of as
 *            many bytes to as many clients, then echoes them
 *
 * One JSON line. The ratio compares the CPU time of the server per message
 * that arrived at a client: ours, with the market behind it, over bare. A
 * latency counts from the moment the request was due, so that a server that
 * stalls is not spared.
 *
 *     bench_sim_load [clients] [requests per second] [seconds]
 */
#include "bench/load_child.h"

#include "base/json.h"

#include <libgen.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define CLIENTS_MAX 800
#define CHANNELS    20
#define REST_CONNS  16
#define DEPTH       16 /* requests under way on a connection */
#define SAMPLES_MAX 2000000
#define SYMBOLS_MAX 256
#define ACCOUNT     "\"productType\":\"USDT-FUTURES\",\"marginCoin\":\"USDT\""

/* As `lunette sim` has them when it is given none. */
#define KEY    "bg_sim_demo_key"
#define SECRET "sim_demo_secret"
#define PASS   "simdemopass"

struct rest_conn {
    struct load_conn conn;
    int64_t due_ns[DEPTH]; /* of the requests under way */
    unsigned sent, answered, step, orders;
};

static struct {
    int clients, rate, seconds;
    int epoll;
    SSL_CTX *tls;
    struct load_conn ws[CLIENTS_MAX];
    struct rest_conn rest[REST_CONNS];
    uint64_t messages, bytes;
    uint64_t answers, refused;
    int64_t *latency; /* ns, of each answer */
    char symbols[SYMBOLS_MAX][32];
    size_t nsymbols;
    char price[32]; /* of orders that rest */
    char dir[1024]; /* of the programs */
    char tls_dir[64];
    char answer[1U << 20]; /* to what was asked before the load */
    size_t answer_len;
} load;

/* What a stretch of time brought. */
struct stretch {
    double seconds, server_cpu, client_cpu;
    double messages, mean_bytes, answers;
};

/* ---- requests ---- */

static void
add_request(struct load_conn *c, const char *method, const char *target,
            const char *body)
{
    char ms[24], prehash[1024], sign[64];
    unsigned char sum[32];
    unsigned len = 0;
    snprintf(ms, sizeof(ms), "%lld",
             (long long)(load_ns(CLOCK_REALTIME) / 1000000));
    int n = snprintf(prehash, sizeof(prehash), "%s%s%s%s", ms, method, target,
                     body);
    HMAC(EVP_sha256(), SECRET, (int)strlen(SECRET),
         (const unsigned char *)prehash, (size_t)n, sum, &len);
    EVP_EncodeBlock((unsigned char *)sign, sum, (int)len);
    ln_buf_addf(&c->out,
                "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nACCESS-KEY: " KEY
                "\r\nACCESS-SIGN: %s\r\nACCESS-TIMESTAMP: %s\r\n"
                "ACCESS-PASSPHRASE: " PASS "\r\nlocale: en-US\r\n"
                "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n"
                "%s",
                method, target, sign, ms, strlen(body), body);
}

/* The next of the mix: four tickers, two orders placed and cancelled, a look
 * at the orders, a look at the positions. */
static void
add_next(struct rest_conn *r)
{
    char body[512];
    int me = (int)(r - load.rest);
    struct load_conn *c = &r->conn;
    switch (r->step++ % 10) {
    case 1:
    case 5:
        snprintf(body, sizeof(body),
                 "{\"symbol\":\"BTCUSDT\"," ACCOUNT
                 ",\"marginMode\":\"crossed\",\"side\":\"buy\",\"orderType\":"
                 "\"limit\",\"force\":\"gtc\",\"size\":\"0.001\",\"price\":"
                 "\"%s\",\"clientOid\":\"l%d-%u\"}",
                 load.price, me, ++r->orders);
        add_request(c, "POST", "/api/v2/mix/order/place-order", body);
        break;
    case 2:
    case 6:
        snprintf(body, sizeof(body),
                 "{\"symbol\":\"BTCUSDT\"," ACCOUNT
                 ",\"clientOid\":\"l%d-%u\"}",
                 me, r->orders);
        add_request(c, "POST", "/api/v2/mix/order/cancel-order", body);
        break;
    case 3:
        add_request(c, "GET",
                    "/api/v2/mix/order/orders-pending?productType="
                    "USDT-FUTURES",
                    "");
        break;
    case 7:
        add_request(c, "GET",
                    "/api/v2/mix/position/all-position?productType="
                    "USDT-FUTURES&marginCoin=USDT",
                    "");
        break;
    default:
        add_request(c, "GET",
                    "/api/v2/mix/market/ticker?productType=USDT-FUTURES&"
                    "symbol=BTCUSDT",
                    "");
        break;
    }
}

/* ---- what comes in ---- */

static void
on_message(struct load_conn *c, int status, const char *data, size_t len)
{
    if (c->is_ws) {
        load.messages++;
        load.bytes += len;
        return;
    }
    if (!c->ctx) { /* asked before the load */
        load.answer_len = len < sizeof(load.answer) ? len : 0;
        memcpy(load.answer, data, load.answer_len);
        return;
    }
    struct rest_conn *r = c->ctx;
    int64_t late = load_ns(CLOCK_MONOTONIC) - r->due_ns[r->answered % DEPTH];
    r->answered++;
    if (status != 200 && load.refused++ < 5)
        fprintf(stderr, "load: HTTP %d: %.*s\n", status,
                (int)(len < 200 ? len : 200), data);
    if (load.answers < SAMPLES_MAX)
        load.latency[load.answers++] = late;
}

/* ---- a stretch of load ---- */

/* Requests that are due by now, to the connections in turn. */
static int64_t
send_due(int64_t start_ns, int64_t sent)
{
    int64_t now_ns = load_ns(CLOCK_MONOTONIC);
    int64_t due = (now_ns - start_ns) * load.rate / 1000000000;
    for (int misses = 0; sent < due && misses < REST_CONNS;) {
        struct rest_conn *r = &load.rest[(sent + misses) % REST_CONNS];
        if (r->sent - r->answered >= DEPTH) {
            misses++;
            continue;
        }
        r->due_ns[r->sent++ % DEPTH] = start_ns + sent * 1000000000 / load.rate;
        add_next(r);
        sent++;
        misses = 0;
    }
    for (int i = 0; i < REST_CONNS; i++)
        if (load.rest[i].conn.out.len > 0)
            load_flush(&load.rest[i].conn, load.epoll);
    return sent;
}

/* <echo_bytes>: each client says that much <echo_rate> times a second. */
static struct stretch
run(const struct load_child *server, double seconds, bool with_rest,
    double echo_rate, size_t echo_bytes)
{
    static char text[65536];
    int64_t start_ns = load_ns(CLOCK_MONOTONIC), now_ns = start_ns;
    int64_t server_ns = load_ns(server->clock);
    int64_t client_ns = load_ns(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t messages = load.messages, bytes = load.bytes;
    int64_t sent = 0, said = 0;
    load.answers = load.refused = 0;
    memset(text, 'x', sizeof(text));
    for (; (double)(now_ns - start_ns) < seconds * 1e9;
         now_ns = load_ns(CLOCK_MONOTONIC)) {
        if (with_rest)
            sent = send_due(start_ns, sent);
        double due = (double)(now_ns - start_ns) / 1e9 * echo_rate;
        for (; (double)said < due * load.clients; said++) {
            struct load_conn *c = &load.ws[said % load.clients];
            load_say(c, text, echo_bytes);
            load_flush(c, load.epoll);
        }
        load_turn(load.epoll, 1, on_message);
    }
    struct stretch s = {
        .seconds = (double)(now_ns - start_ns) / 1e9,
        .server_cpu = (double)(load_ns(server->clock) - server_ns) / 1e9,
        .client_cpu =
            (double)(load_ns(CLOCK_PROCESS_CPUTIME_ID) - client_ns) / 1e9,
        .messages = (double)(load.messages - messages),
        .answers = (double)load.answers};
    if (s.messages > 0)
        s.mean_bytes = (double)(load.bytes - bytes) / s.messages;
    for (int i = 0; i < load.clients; i++)
        if (load.ws[i].dead)
            load_die("the server has closed a connection");
    return s;
}

static double
us_per_message(const struct stretch *s)
{
    return s->messages > 0 ? s->server_cpu * 1e6 / s->messages : 0;
}

/* ---- the simulator ---- */

static int
port_of(const char *ready, const char *name)
{
    const char *at = strstr(ready, name);
    at = at ? strstr(at, "//127.0.0.1:") : NULL;
    if (!at)
        load_die("the ready line is not understood");
    return (int)strtol(at + 12, NULL, 10);
}

/* One request, waited for; the answer is parsed. */
static void
ask(struct load_conn *c, const char *target, struct ln_json *doc)
{
    load.answer_len = 0;
    add_request(c, "GET", target, "");
    load_flush(c, load.epoll);
    for (int i = 0; i < 5000 && load.answer_len == 0; i++)
        load_turn(load.epoll, 1, on_message);
    if (ln_json_parse(doc, load.answer, load.answer_len, NULL) != LN_OK)
        load_die(target);
}

/* All contracts, and a price 3 % below the market. */
static void
learn(int port)
{
    struct load_conn c = {0};
    struct ln_json doc;
    ln_json_init(&doc);
    load_connect(&c, load.tls, load.epoll, port, NULL);
    ask(&c, "/api/v2/mix/market/contracts?productType=USDT-FUTURES", &doc);
    ln_json_val data = ln_json_get(&doc, 0, "data");
    for (ln_json_val v = ln_json_first(&doc, data);
         v != LN_JSON_NONE && load.nsymbols < SYMBOLS_MAX;
         v = ln_json_next(&doc, data, v))
        (void)ln_json_string(&doc, ln_json_get(&doc, v, "symbol"),
                             load.symbols[load.nsymbols++], 32);
    ask(&c, "/api/v2/mix/market/ticker?productType=USDT-FUTURES&symbol=BTCUSDT",
        &doc);
    data = ln_json_at(&doc, ln_json_get(&doc, 0, "data"), 0);
    char text[32] = "";
    (void)ln_json_string(&doc, ln_json_get(&doc, data, "lastPr"), text,
                         sizeof(text));
    snprintf(load.price, sizeof(load.price), "%.1f", strtod(text, NULL) * 0.97);
    if (load.nsymbols == 0 || strtod(text, NULL) <= 0)
        load_die("no contracts");
    load_close(&c);
    ln_json_deinit(&doc);
}

static void
subscribe(struct load_conn *c, int client)
{
    static const char *const channels[] = {
        "ticker", "books5",   "trade",    "books15", "books1",
        "books",  "candle1m", "candle1H", "books5",  "ticker"};
    ln_buf_reset(&c->in);
    struct ln_buf text;
    ln_buf_init(&text, 8192);
    ln_buf_adds(&text, "{\"op\":\"subscribe\",\"args\":[");
    for (int i = 0; i < CHANNELS; i++)
        ln_buf_addf(&text,
                    "%s{\"instType\":\"USDT-FUTURES\",\"channel\":\"%s\","
                    "\"instId\":\"%s\"}",
                    i ? "," : "", channels[i % 10],
                    load.symbols[(size_t)(client * 7 + i * 3 + i / 10) %
                                 load.nsymbols]);
    ln_buf_adds(&text, "]}");
    load_say(c, text.data, text.len);
    load_flush(c, load.epoll);
    ln_buf_deinit(&text);
}

static int64_t
stat_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? strtoll(at + strlen(name) + 2, NULL, 10) : -1;
}

static int
by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double
percentile_us(double p)
{
    size_t at = (size_t)((double)load.answers * p);
    return load.answers ? (double)load.latency[at] / 1e3 : 0;
}

/* Returns the stretch without REST, to be compared. */
static struct stretch
load_simulator(void)
{
    struct load_child sim;
    char program[1100], stats[4096], target[128];
    char *const argv[] = {program,     "sim",         "--rate-limits",
                          "off",       "--tls-dir",   load.tls_dir,
                          "--control", "127.0.0.1:0", "--log",
                          "warn",      NULL};
    snprintf(program, sizeof(program), "%s/lunette", load.dir);
    load_start(&sim, argv);
    int port = port_of(sim.ready, "\"rest\"");
    learn(port);
    for (int i = 0; i < load.clients; i++)
        load_connect(&load.ws[i], load.tls, load.epoll, port, "/v2/ws/public");
    for (int i = 0; i < REST_CONNS; i++) {
        load_connect(&load.rest[i].conn, load.tls, load.epoll, port, NULL);
        load.rest[i].conn.ctx = &load.rest[i];
    }
    for (int i = 0; i < load.clients; i++)
        subscribe(&load.ws[i], i);
    (void)run(&sim, 2, false, 0, 0); /* first snapshots */
    struct stretch alone = run(&sim, load.seconds, false, 0, 0);
    struct stretch both = run(&sim, 2.0 * load.seconds, true, 0, 0);
    const char *token = strstr(sim.ready, "?token=");
    snprintf(target, sizeof(target), "/stats%.39s", token ? token : "");
    load_get(port_of(sim.ready, "\"control\""), target, stats, sizeof(stats));
    qsort(load.latency, (size_t)load.answers, sizeof(*load.latency), by_size);
    printf("{\"bench\":\"sim_load\",\"ws_clients\":%d,\"ws_channels\":%d,"
           "\"symbols\":%zu,"
           "\"ws_only\":{\"messages_per_s\":%.0f,\"mean_bytes\":%.0f,"
           "\"server_cpu\":%.3f,\"client_cpu\":%.3f,\"us_per_message\":%.2f},"
           "\"ws_and_rest\":{\"messages_per_s\":%.0f,\"requests_target\":%d,"
           "\"requests_per_s\":%.0f,\"refused\":%llu,\"p50_us\":%.0f,"
           "\"p99_us\":%.0f,\"server_cpu\":%.3f,\"client_cpu\":%.3f,"
           "\"us_per_request\":%.1f},\"behind_worst_ms\":%lld,"
           "\"behind_ticks\":%lld",
           load.clients, load.clients * CHANNELS, load.nsymbols,
           alone.messages / alone.seconds, alone.mean_bytes,
           alone.server_cpu / alone.seconds, alone.client_cpu / alone.seconds,
           us_per_message(&alone), both.messages / both.seconds, load.rate,
           both.answers / both.seconds, (unsigned long long)load.refused,
           percentile_us(0.5), percentile_us(0.99),
           both.server_cpu / both.seconds, both.client_cpu / both.seconds,
           both.answers > 0
               ? (both.server_cpu -
                  alone.server_cpu / alone.seconds * both.seconds) *
                     1e6 / both.answers
               : 0,
           (long long)stat_of(stats, "\"behindWorstMs"),
           (long long)stat_of(stats, "\"behindTicks"));
    for (int i = 0; i < REST_CONNS; i++)
        load_close(&load.rest[i].conn);
    for (int i = 0; i < load.clients; i++)
        load_close(&load.ws[i]);
    load_end(&sim);
    return alone;
}

/* ---- the bare server ---- */

static void
load_bare(const struct stretch *ours)
{
    struct load_child bare;
    char program[1100], cert[128], key[128], text[64];
    char *const argv[] = {program, cert, key, NULL};
    double rate = ours->messages / ours->seconds / load.clients;
    size_t bytes = (size_t)ours->mean_bytes;
    snprintf(program, sizeof(program), "%s/echo_lws", load.dir);
    snprintf(cert, sizeof(cert), "%s/server.pem", load.tls_dir);
    snprintf(key, sizeof(key), "%s/server.key", load.tls_dir);
    int n = snprintf(text, sizeof(text), "push %.0f %zu", 1e6 / rate, bytes);
    struct stretch made[2];
    for (int pushes = 1; pushes >= 0; pushes--) {
        load_start(&bare, argv);
        int port = (int)strtol(bare.ready + strlen("ready "), NULL, 10);
        for (int i = 0; i < load.clients; i++)
            load_connect(&load.ws[i], load.tls, load.epoll, port, "/");
        if (pushes) {
            load_say(&load.ws[0], text, (size_t)n);
            load_flush(&load.ws[0], load.epoll);
        }
        double echo = pushes ? 0 : rate;
        (void)run(&bare, 1, false, echo, bytes);
        made[pushes] = run(&bare, load.seconds, false, echo, bytes);
        for (int i = 0; i < load.clients; i++)
            load_close(&load.ws[i]);
        load_end(&bare);
    }
    printf(",\"bare_push\":{\"messages_per_s\":%.0f,\"server_cpu\":%.3f,"
           "\"us_per_message\":%.2f},\"bare_echo\":{\"messages_per_s\":%.0f,"
           "\"server_cpu\":%.3f,\"us_per_message\":%.2f},"
           "\"reference\":\"libwebsockets pushing the same\","
           "\"ratio\":%.3f,\"ratio_to_echo\":%.3f}\n",
           made[1].messages / made[1].seconds,
           made[1].server_cpu / made[1].seconds, us_per_message(&made[1]),
           made[0].messages / made[0].seconds,
           made[0].server_cpu / made[0].seconds, us_per_message(&made[0]),
           us_per_message(ours) / us_per_message(&made[1]),
           us_per_message(ours) / us_per_message(&made[0]));
}

static int
argument(int argc, char **argv, int i, int fallback, int max)
{
    long v = argc > i ? strtol(argv[i], NULL, 10) : fallback;
    if (v < 1 || v > max)
        load_die("usage: bench_sim_load [clients] [rate] [seconds]");
    return (int)v;
}

static void
remove_tls_dir(void)
{
    static const char *const files[] = {"ca.pem", "server.pem", "server.key"};
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", load.tls_dir, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(load.tls_dir);
}

int
main(int argc, char **argv)
{
    char self[1024];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    load.clients = argument(argc, argv, 1, 200, CLIENTS_MAX);
    load.rate = argument(argc, argv, 2, 5000, 100000);
    load.seconds = argument(argc, argv, 3, 5, 600);
    load.latency = calloc(SAMPLES_MAX, sizeof(*load.latency));
    load.tls = SSL_CTX_new(TLS_client_method());
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    snprintf(load.tls_dir, sizeof(load.tls_dir), "/tmp/lunette-load-XXXXXX");
    if (n <= 0 || !load.latency || !load.tls || load.epoll < 0 ||
        !mkdtemp(load.tls_dir))
        load_die("cannot begin");
    self[n] = '\0';
    snprintf(load.dir, sizeof(load.dir), "%s", dirname(self));
    (void)atexit(remove_tls_dir);
    signal(SIGPIPE, SIG_IGN);
    struct stretch ours = load_simulator();
    load_bare(&ours);
    SSL_CTX_free(load.tls);
    free(load.latency);
    return 0;
}
