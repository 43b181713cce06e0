/*
 * Messages to the simulator's WebSockets, orders among them. An input is
 * lines; the first byte of each says what it is:
 *
 *   p TEXT   to the private connection, which is logged in
 *   q TEXT   to a public one
 *   l TEXT   to a private one that is not logged in
 *   b TEXT   to the first, as a binary message
 *   + N      N milliseconds pass (60 times as many for the market)
 *   x        all three are closed and opened again
 *
 * Whatever comes back must be "pong" or a JSON object with "event" or
 * "action", and the engine's books must balance.
 */
#include "sim_world.h"

#define LINES_MAX 48
#define CONNS     3

struct conn {
    struct sim_world *w;
    struct ln_ws *ws; /* NULL: closed */
    bool open;
};

static void
on_open(void *ctx, struct ln_ws *ws)
{
    struct conn *c = ctx;
    c->ws = ws;
    c->open = true;
}

static void
on_message(void *ctx, struct ln_ws *ws, const char *data, size_t len,
           bool is_text)
{
    struct conn *c = ctx;
    struct ln_json *doc = &c->w->doc;
    struct ln_error err = {0};
    (void)ws;
    FUZZ_CHECK(is_text, "a binary message");
    if (ln_str_eqc(ln_strn(data, len), "pong"))
        return;
    FUZZ_CHECK(ln_json_parse(doc, data, len, &err) == LN_OK, "%s at %s in %.*s",
               err.what, err.where, (int)len, data);
    FUZZ_CHECK(ln_json_get(doc, 0, "event") != LN_JSON_NONE ||
                   ln_json_get(doc, 0, "action") != LN_JSON_NONE,
               "%.*s", (int)len, data);
}

static void
on_close(void *ctx, struct ln_ws *ws, int code, const struct ln_error *err)
{
    struct conn *c = ctx;
    (void)ws, (void)code, (void)err;
    c->ws = NULL;
}

static void
send_text(struct conn *c, const char *text, size_t len, bool is_text)
{
    if (c->ws && c->open)
        FUZZ_CHECK(ln_ws_send(c->ws, text, len, is_text) == LN_OK, "send");
    ln_loop_run_for(c->w->loop, 1);
}

static void
login(struct conn *c)
{
    const struct ln_sim_user *user = &c->w->sim->users[0];
    char seconds[24], sign[LN_SIM_SIGN_CAP], text[512];
    snprintf(seconds, sizeof(seconds), "%lld",
             (long long)(ln_loop_now_ms(c->w->loop) / 1000));
    const struct ln_str parts[] = {ln_str(seconds), ln_str("GET/user/verify")};
    FUZZ_CHECK(ln_sim_sign(user, parts, 2, sign), "no memory");
    int n = snprintf(text, sizeof(text),
                     "{\"op\":\"login\",\"args\":[{\"apiKey\":\"%s\","
                     "\"passphrase\":\"%s\",\"timestamp\":\"%s\",\"sign\":"
                     "\"%s\"}]}",
                     user->auth.key, user->auth.passphrase, seconds, sign);
    send_text(c, text, (size_t)n, true);
}

static void
open_all(struct sim_world *w, struct conn conns[CONNS])
{
    static const struct ln_ws_events events = {on_open, on_message, on_close};
    for (int i = 0; i < CONNS; i++) {
        char url[64];
        struct ln_error err = {0};
        snprintf(url, sizeof(url), "ws://127.0.0.1:%d/v2/ws/%s",
                 ln_sim_port(w->sim), i == 1 ? "public" : "private");
        const struct ln_ws_opts opts = {.url = url};
        conns[i] = (struct conn){.w = w};
        conns[i].ws = ln_ws_connect(w->net, &opts, &events, &conns[i], &err);
        FUZZ_CHECK(conns[i].ws != NULL, "%s", err.what);
    }
    ln_loop_run_for(w->loop, 3);
    FUZZ_CHECK(conns[0].open && conns[1].open && conns[2].open, "not open");
    login(&conns[0]);
}

static void
close_all(struct sim_world *w, struct conn conns[CONNS])
{
    for (int i = 0; i < CONNS; i++)
        if (conns[i].ws)
            ln_ws_close(conns[i].ws, i == 2 ? 0 : 1000, "");
    ln_loop_run_for(w->loop, 20);
    for (int i = 0; i < CONNS; i++)
        FUZZ_CHECK(conns[i].ws == NULL, "connection %d is not closed", i);
    FUZZ_CHECK(w->sim->stats.ws_clients == 0, "clients are left");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_lines lines = {(const char *)data, (const char *)data + size};
    struct sim_world w;
    struct conn conns[CONNS];
    const char *line;
    size_t len;
    world_make(&w);
    open_all(&w, conns);
    for (int i = 0; i < LINES_MAX && (line = fuzz_line(&lines, &len)); i++) {
        if (len == 0)
            continue;
        switch (line[0]) {
        case '+':
            ln_loop_run_for(w.loop, world_ms(line + 1, len - 1));
            break;
        case 'x':
            close_all(&w, conns);
            open_all(&w, conns);
            break;
        case 'q':
            send_text(&conns[1], line + 1, len - 1, true);
            break;
        case 'l':
            send_text(&conns[2], line + 1, len - 1, true);
            break;
        default:
            send_text(&conns[0], line + 1, len - 1, line[0] != 'b');
            break;
        }
        world_check(&w);
    }
    close_all(&w, conns);
    world_end(&w);
    return 0;
}
