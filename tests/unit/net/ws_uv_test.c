/*
 * What only the real network can show of WebSockets: bytes written by hand, and
 * what the system does.
 */
#include "raw.h"

/* ================= WebSocket frames by hand, at the server ============== */

static int
raw_upgrade(struct world *w, struct host *h, const char *extra)
{
    char request[512], out[1024];
    int fd = raw_connect(h);
    int n = snprintf(request, sizeof(request),
                     "GET /ws HTTP/1.1\r\nHost: here:1\r\n"
                     "Connection: keep-alive, Upgrade\r\n"
                     "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
                     extra);
    raw_send(w, fd, request, (size_t)n);
    raw_expect(w, fd, "\r\n\r\n", 1, out, sizeof(out));
    if (strncmp(out, "HTTP/1.1 101 ", 13) != 0) {
        assert_memory_equal(out, "HTTP/1.1 403 ", 13);
        close(fd);
        return -1;
    }
    /* The example of RFC 6455, section 1.3. */
    assert_non_null(strstr(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    wait_for(w, &h->ws_opens, 1);
    return fd;
}

static void
raw_frame(struct world *w, int fd, int first, const char *data, size_t len)
{
    static const uint8_t mask[4] = {1, 2, 3, 4};
    char frame[200];

    assert_true(len < 126);
    frame[0] = (char)first;
    frame[1] = (char)(0x80 | len);
    memcpy(frame + 2, mask, 4);
    if (len > 0)
        memcpy(frame + 6, data, len);
    ln_ws_frame_unmask(frame + 6, len, mask);
    raw_send(w, fd, frame, 6 + len);
}

static void
fragments_are_joined_around_a_ping(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    char out[256];

    host_start(&h, w, false);
    int fd = raw_upgrade(w, &h, "");
    raw_frame(w, fd, 0x01, "one ", 4);
    raw_frame(w, fd, 0x00, "two ", 4);
    raw_frame(w, fd, 0x89, "here?", 5);
    raw_frame(w, fd, 0x80, "three", 5);
    wait_for(w, &h.ws_messages, 1);
    assert_string_equal(h.last, "one two three");
    raw_expect(w, fd, "\x8a\x05here?", 1, out, sizeof(out));
    raw_frame(w, fd, 0x88, "\x0f\xa1", 2); /* 4001 */
    wait_for(w, &h.ws_closes, 1);
    assert_int_equal(h.ws_code, 4001);
    raw_expect(w, fd, NULL, 0, out, sizeof(out));
    assert_memory_equal(out, "\x88\x02\x0f\xa1", 4);
    close(fd);
    ln_server_close(h.server);
}

static void
violations_close_with_1002_or_1009(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        int code;
    } cases[] = {
        {"\x81\x02hi", 4, 1002},                        /* not masked */
        {"\xc1\x80\1\2\3\4", 6, 1002},                  /* reserved bit */
        {"\x83\x80\1\2\3\4", 6, 1002},                  /* unknown opcode */
        {"\x09\x80\1\2\3\4", 6, 1002},                  /* fragmented ping */
        {"\x89\xfe\1\2", 4, 1002},                      /* long ping */
        {"\x80\x80\1\2\3\4", 6, 1002},                  /* continues nothing */
        {"\x01\x80\1\2\3\4\x81\x80\1\2\3\4", 12, 1002}, /* interleaved */
        {"\x88\x81\0\0\0\0\x03", 7, 1002},              /* half a close code */
        {"\x88\x82\0\0\0\0\x03\xed", 8, 1002},          /* 1005 on the wire */
        {"\x82\xff\0\0\0\0\0\x40\0\x01\1\2\3\4", 14, 1009}, /* 4 MB + 1 */
        {"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\2\3\4", 14, 1009},
    };
    struct world *w = *state;

    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        struct host h = {0};
        char out[256];
        host_start(&h, w, false);
        int fd = raw_upgrade(w, &h, "");
        raw_send(w, fd, cases[i].bytes, cases[i].len);
        raw_expect(w, fd, NULL, 0, out, sizeof(out));
        int code = (uint8_t)out[2] << 8 | (uint8_t)out[3];
        if (out[0] != (char)0x88 || code != cases[i].code)
            fail_msg("case %zu: %d", i, code);
        assert_int_equal(h.ws_closes, 1);
        assert_int_equal(h.ws_messages, 0);
        close(fd);
        ln_server_close(h.server);
    }
}

static void
a_page_of_another_site_may_not_connect(void **state)
{
    struct world *w = *state;
    struct host h = {0};

    host_start(&h, w, false);
    assert_int_equal(raw_upgrade(w, &h, "Origin: https://evil.example\r\n"),
                     -1);
    assert_int_equal(raw_upgrade(w, &h, "Origin: null\r\n"), -1);
    int fd = raw_upgrade(w, &h, "Origin: http://HERE:1\r\n");
    assert_true(fd >= 0);
    close(fd);
    wait_for(w, &h.ws_closes, 1);
    assert_int_equal(h.ws_code, 1006);
    ln_server_close(h.server);
}

static void
a_client_that_ignores_our_close_is_left(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    char out[256];

    host_start(&h, w, false);
    int fd = raw_upgrade(w, &h, "");
    ln_ws_close(h.ws, 4003, "go");
    assert_int_equal(ln_ws_send(h.ws, "x", 1, true), LN_ERR_STATE);
    wait_for(w, &h.ws_closes, 1);
    assert_int_equal(h.ws_code, 4003);
    raw_expect(w, fd, NULL, 0, out, sizeof(out));
    assert_memory_equal(out, "\x88\x04\x0f\xa3go", 6);
    close(fd);
    ln_server_close(h.server);
}

/* ================= the client against it ================= */

struct peer {
    struct ln_ws *ws;
    int opens, messages, closes, code;
    char last[64];
    struct ln_error err;
    int close_on_open;
};

static void
cli_open(void *ctx, struct ln_ws *ws)
{
    struct peer *p = ctx;
    p->opens++;
    if (p->close_on_open)
        ln_ws_close(ws, p->close_on_open, "bye");
}

static void
cli_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
            bool is_text)
{
    struct peer *p = ctx;
    (void)ws;
    (void)is_text;
    p->messages++;
    ln_str_copy(p->last, sizeof(p->last), ln_strn(data, len));
}

static void
cli_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct peer *p = ctx;
    (void)ws;
    p->closes++;
    p->code = code;
    p->err = *err;
    p->ws = NULL;
}

static void
peer_connect(struct peer *p, struct world *w, const char *scheme,
             const char *host, int port, int64_t timeout_ms)
{
    static const struct ln_ws_events peer_events = {cli_open, cli_message,
                                                    cli_close};
    char url[128];
    struct ln_ws_opts opts = {
        .url = url, .ca_file = w->ca, .connect_timeout_ms = timeout_ms};
    struct ln_error err;

    snprintf(url, sizeof(url), "%s://%s:%d/", scheme, host, port);
    p->ws = ln_ws_connect(w->net, &opts, &peer_events, p, &err);
    assert_non_null(p->ws);
}

static void
a_ping_is_answered_with_its_payload(void **state)
{
    struct world *w = *state;
    struct raw_server s;
    struct peer p = {0};

    raw_server_start(&s, PING);
    peer_connect(&p, w, "ws", "127.0.0.1", s.port, 0);
    wait_for(w, &p.messages, 1);
    ln_ws_close(p.ws, 0, NULL);
    wait_for(w, &p.closes, 1);
    linger(w);
    raw_server_stop(&s);
    assert_true(s.saw);
}

static void
too_big_a_message_closes_with_1009(void **state)
{
    struct world *w = *state;
    struct raw_server s;
    struct peer p = {0};

    raw_server_start(&s, TOO_BIG);
    peer_connect(&p, w, "ws", "127.0.0.1", s.port, 0);
    wait_for(w, &p.closes, 1);
    assert_int_equal(p.code, 1009);
    assert_int_equal(p.err.code, LN_ERR_NOMEM);
    assert_int_equal(p.messages, 0);
    linger(w);
    raw_server_stop(&s);
    assert_true(s.saw);
}

static void
fragments_are_joined(void **state)
{
    struct world *w = *state;
    struct raw_server s;
    struct peer p = {0};

    raw_server_start(&s, FRAGMENTS);
    peer_connect(&p, w, "ws", "127.0.0.1", s.port, 0);
    wait_for(w, &p.messages, 1);
    assert_string_equal(p.last, "a b c");
    ln_ws_close(p.ws, 0, NULL);
    wait_for(w, &p.closes, 1);
    linger(w);
    raw_server_stop(&s);
}

static void
a_server_that_ignores_our_close_is_left(void **state)
{
    struct world *w = *state;
    struct raw_server s;
    struct peer p = {.close_on_open = 4004};

    raw_server_start(&s, NO_REPLY);
    peer_connect(&p, w, "ws", "127.0.0.1", s.port, 0);
    wait_for(w, &p.closes, 1);
    assert_int_equal(p.code, 4004);
    assert_int_equal(p.err.code, LN_OK);
    linger(w);
    raw_server_stop(&s);
    assert_true(s.saw);
}

static void
a_wrong_upgrade_answer_is_an_error(void **state)
{
    static const enum raw_server_kind kinds[] = {NOT_HTTP, BAD_ACCEPT};
    struct world *w = *state;

    for (size_t i = 0; i < LN_COUNT(kinds); i++) {
        struct raw_server s;
        struct peer p = {0};
        raw_server_start(&s, kinds[i]);
        peer_connect(&p, w, "ws", "127.0.0.1", s.port, 500);
        wait_for(w, &p.closes, 1);
        assert_int_equal(p.opens, 0);
        assert_int_equal(p.code, 1006);
        assert_true(p.err.code == LN_ERR_NET || p.err.code == LN_ERR_TIMEOUT);
        linger(w);
        raw_server_stop(&s);
    }
}

static void
a_connect_that_hangs_is_a_timeout(void **state)
{
    static const char *const schemes[] = {"ws", "wss"};
    struct world *w = *state;

    for (size_t i = 0; i < LN_COUNT(schemes); i++) {
        struct raw_server s;
        struct peer p = {0};
        raw_server_start(&s, SILENT);
        peer_connect(&p, w, schemes[i], "127.0.0.1", s.port, 150);
        wait_for(w, &p.closes, 1);
        assert_int_equal(p.opens, 0);
        assert_int_equal(p.err.code, LN_ERR_TIMEOUT);
        linger(w);
        raw_server_stop(&s);
    }
}

static void
names_are_resolved_and_every_address_tried(void **state)
{
    struct world *w = *state;
    struct host h = {0}; /* listens on 127.0.0.1; localhost may be ::1 first */
    struct peer p = {0}, q = {0};

    host_start(&h, w, true);
    peer_connect(&p, w, "wss", "localhost", ln_server_port(h.server), 0);
    wait_for(w, &p.opens, 1);
    peer_connect(&q, w, "wss", "no-such-name.invalid", 443, 5000);
    wait_for(w, &q.closes, 1);
    assert_int_equal(q.opens, 0);
    assert_true(q.err.code == LN_ERR_NET || q.err.code == LN_ERR_TIMEOUT);
    ln_server_close(h.server);
}

static void
ipv6_works(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    struct peer p = {0};
    struct ln_error err;
    const struct ln_server_opts opts = {
        .host = "::1", .cert_file = w->good.cert, .key_file = w->good.key};

    h.server = ln_server_listen(w->net, &opts, &events, &h, &err);
    if (!h.server)
        skip(); /* a machine without IPv6 */
    peer_connect(&p, w, "wss", "[::1]", ln_server_port(h.server), 0);
    wait_for(w, &p.opens, 1);
    ln_server_close(h.server);
}

static void
an_unusable_ca_file_is_named(void **state)
{
    struct world *w = *state;
    struct ln_error err;
    struct ln_ws_events none = {0};
    const struct ln_ws_opts opts = {.url = "wss://127.0.0.1:1/",
                                    .ca_file = w->good.key};

    assert_null(ln_ws_connect(w->net, &opts, &none, NULL, &err));
    assert_int_equal(err.code, LN_ERR_CONFIG);
    assert_string_equal(err.where, w->good.key); /* no certificate in it */
}

static void
proxies_of_the_environment_are_ignored(void **state)
{
    struct world *w;
    struct host h = {0};
    struct peer p = {0};
    void *own = NULL;
    (void)state;

    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    assert_int_equal(world_setup_uv(&own), 0);
    w = own;
    host_start(&h, w, true);
    peer_connect(&p, w, "wss", "127.0.0.1", ln_server_port(h.server), 0);
    wait_for(w, &p.opens, 1);
    world_teardown(&own);
    unsetenv("https_proxy");
}

/* Connections come and go without leaving descriptors behind. */
static void
nothing_leaks_over_many_connections(void **state)
{
    struct world *w = *state;
    struct host h = {0};
    int before = 0;

    host_start(&h, w, true);
    for (int i = 0; i < 40; i++) {
        struct peer p = {.close_on_open = i % 2 ? 1000 : 0};
        peer_connect(&p, w, "wss", "127.0.0.1", ln_server_port(h.server), 0);
        wait_for(w, &p.opens, 1);
        if (!p.close_on_open)
            ln_ws_close(p.ws, 0, NULL);
        wait_for(w, &p.closes, 1);
        wait_for(w, &h.ws_closes, i + 1);
        if (i == 9) {
            linger(w);
            before = open_descriptors();
        }
    }
    linger(w);
    assert_true(open_descriptors() <= before);
    ln_server_close(h.server);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ON_UV(fragments_are_joined_around_a_ping),
        ON_UV(violations_close_with_1002_or_1009),
        ON_UV(a_page_of_another_site_may_not_connect),
        ON_UV(a_client_that_ignores_our_close_is_left),
        ON_UV(a_ping_is_answered_with_its_payload),
        ON_UV(too_big_a_message_closes_with_1009),
        ON_UV(fragments_are_joined),
        ON_UV(a_server_that_ignores_our_close_is_left),
        ON_UV(a_wrong_upgrade_answer_is_an_error),
        ON_UV(a_connect_that_hangs_is_a_timeout),
        ON_UV(names_are_resolved_and_every_address_tried),
        ON_UV(ipv6_works),
        ON_UV(proxies_of_the_environment_are_ignored),
        ON_UV(nothing_leaks_over_many_connections),
        ON_UV(an_unusable_ca_file_is_named),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
