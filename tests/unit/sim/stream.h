/*
 * A WebSocket client for the tests: keeps every message, and looks for the
 * next one that is wanted.
 */
#ifndef LN_TEST_SIM_STREAM_H
#define LN_TEST_SIM_STREAM_H

#include "fixture.h"

struct stream {
    struct world *w;
    struct ln_ws *ws; /* NULL once closed */
    bool opened, closed;
    int code;
    char *messages[WS_KEPT];
    size_t count, next; /* next: the first that was not looked at */
    struct ln_json doc; /* of the message found last */
};

static inline void
stream_open_cb(void *ctx, struct ln_ws *ws)
{
    struct stream *s = ctx;
    s->ws = ws;
    s->opened = true;
}

static inline void
stream_message_cb(void *ctx, struct ln_ws *ws, const char *data, size_t len,
                  bool is_text)
{
    struct stream *s = ctx;
    (void)ws;
    assert_true(is_text);
    if (s->count < WS_KEPT)
        s->messages[s->count++] = strndup(data, len);
}

static inline void
stream_close_cb(void *ctx, struct ln_ws *ws, int code,
                const struct ln_error *err)
{
    struct stream *s = ctx;
    (void)ws;
    (void)err;
    s->closed = true;
    s->code = code;
    s->ws = NULL;
}

static inline struct stream *
stream_new(struct world *w, const char *path)
{
    static const struct ln_ws_events events = {
        stream_open_cb, stream_message_cb, stream_close_cb};
    struct stream *s = calloc(1, sizeof(*s));
    char url[128];
    struct ln_error err;
    s->w = w;
    ln_json_init(&s->doc);
    snprintf(url, sizeof(url), "ws://127.0.0.1:%d%s", ln_sim_port(w->sim),
             path);
    struct ln_ws_opts opts = {.url = url};
    s->ws = ln_ws_connect(w->net, &opts, &events, s, &err);
    assert_non_null(s->ws);
    for (int i = 0; i < 100 && !s->opened && !s->closed; i++)
        ln_loop_run_for(w->loop, 1);
    return s;
}

static inline void
stream_free(struct stream *s)
{
    if (s->ws)
        ln_ws_close(s->ws, 0, "");
    for (int i = 0; i < 100 && !s->closed; i++)
        ln_loop_run_for(s->w->loop, 1);
    for (size_t i = 0; i < s->count; i++)
        free(s->messages[i]);
    ln_json_deinit(&s->doc);
    free(s);
}

static inline void
say(struct stream *s, const char *text)
{
    assert_int_equal(ln_ws_send(s->ws, text, strlen(text), true), LN_OK);
}

/*
 * The next message that contains <part>; NULL if none comes within
 * <within_ms>. It is then s->doc, unless it is no JSON.
 */
static inline const char *
hear_within(struct stream *s, const char *part, int within_ms)
{
    for (int ms = 0;; ms++) {
        while (s->next < s->count) {
            const char *text = s->messages[s->next++];
            if (!strstr(text, part))
                continue;
            if (ln_json_parse(&s->doc, text, strlen(text), NULL) != LN_OK)
                assert_string_equal(text, "pong");
            return text;
        }
        if (ms >= within_ms)
            return NULL;
        ln_loop_run_for(s->w->loop, 1);
    }
}

static inline const char *
hear(struct stream *s, const char *part)
{
    const char *text = hear_within(s, part, 3000);
    if (!text)
        fail_msg("waited in vain for %s", part);
    return text;
}

/* Messages that arrived and contain <part>, from the first one on. */
static inline size_t
heard(const struct stream *s, const char *part)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        n += strstr(s->messages[i], part) != NULL;
    return n;
}

static inline const char *
said(const struct stream *s, const char *path)
{
    return doc_at(&s->doc, path);
}

#define ARG(channel, id)                                                       \
    "{\"instType\":\"USDT-FUTURES\",\"channel\":\"" channel                    \
    "\",\"instId\":\"" id "\"}"
#define SUBSCRIBE(args) "{\"op\":\"subscribe\",\"args\":[" args "]}"

/* Login with a signature made here. */
static inline void
login_as(struct stream *s, const char *key, const char *pass,
         const char *timestamp, const char *sign)
{
    char text[512];
    snprintf(text, sizeof(text),
             "{\"op\":\"login\",\"args\":[{\"apiKey\":\"%s\",\"passphrase\":"
             "\"%s\",\"timestamp\":\"%s\",\"sign\":\"%s\"}]}",
             key, pass, timestamp, sign);
    say(s, text);
}

static inline void
login_now(struct stream *s)
{
    char prehash[64], sign[64], seconds[24];
    snprintf(seconds, sizeof(seconds), "%lld",
             (long long)(ln_loop_now_ms(s->w->loop) / 1000));
    snprintf(prehash, sizeof(prehash), "%sGET/user/verify", seconds);
    sign_text(prehash, sign);
    login_as(s, KEY, PASS, seconds, sign);
    hear(s, "\"login\"");
    assert_string_equal(said(s, "code"), "0");
}

#endif
