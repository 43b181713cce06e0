/*
 * Shared by the tests of stream.c and subscriptions.c: a pool of topics under
 * a scripted exchange, and what it was told.
 */
#ifndef LN_TEST_BITGET_STREAM_FIXTURE_H
#define LN_TEST_BITGET_STREAM_FIXTURE_H

#include "fake.h"

#include "base/log.h"
#include "bitget/subscriptions.h"

#define TICKER(id)                                                             \
    "{\"action\":\"snapshot\",\"arg\":{\"instType\":\"USDT-FUTURES\","         \
    "\"channel\":\"ticker\",\"instId\":\"" id "\"},\"data\":[{}],\"ts\":1}"

struct told {
    int live, down, fatal, refused, silent, clock, data;
    char why[200];
    char refused_value[32];
    int32_t refused_code;
};

struct test {
    struct fake *fake;
    struct ln_subs subs;
    struct ln_bitget_credentials *cred;
    struct told told;
};

static inline void
on_data(void *ctx, struct ln_stream *s, struct ln_sub *sub,
        const struct ln_v2_message *msg, const struct ln_v2_decoder *d,
        int64_t received_ns)
{
    struct test *t = ctx;
    (void)s;
    (void)msg;
    (void)d;
    assert_non_null(sub);
    assert_true(received_ns >= 0);
    t->told.data++;
}

static inline void
on_live(void *ctx, struct ln_stream *s)
{
    struct test *t = ctx;
    assert_int_equal(ln_stream_state(s), LN_STREAM_LIVE);
    t->told.live++;
}

static inline void
on_down(void *ctx, struct ln_stream *s, const char *why, bool fatal)
{
    struct test *t = ctx;
    assert_int_equal(ln_stream_state(s), LN_STREAM_WAITING);
    t->told.down++;
    t->told.fatal += fatal;
    (void)snprintf(t->told.why, sizeof t->told.why, "%s", why);
}

static inline void
on_refused(void *ctx, struct ln_stream *s, struct ln_sub *sub, int32_t code,
           struct ln_str msg)
{
    struct test *t = ctx;
    (void)s;
    assert_true(msg.len > 0);
    t->told.refused++;
    t->told.refused_code = code;
    (void)snprintf(t->told.refused_value, sizeof t->told.refused_value, "%s",
                   sub->value);
}

static inline void
on_silent(void *ctx, struct ln_stream *s, struct ln_sub *sub)
{
    struct test *t = ctx;
    (void)s;
    assert_int_equal(sub->state, LN_SUB_ACKED);
    t->told.silent++;
}

static inline void
on_clock(void *ctx, struct ln_stream *s)
{
    struct test *t = ctx;
    (void)s;
    t->told.clock++;
}

static inline int64_t
server_ms(void *ctx)
{
    struct test *t = ctx;
    return ln_loop_now_ms(t->fake->loop);
}

static const struct ln_stream_events events = {.data = on_data,
                                               .live = on_live,
                                               .down = on_down,
                                               .refused = on_refused,
                                               .silent = on_silent,
                                               .clock = on_clock,
                                               .server_ms = server_ms};

static inline struct test *
make(bool with_keys)
{
    struct test *t = calloc(1, sizeof *t);
    struct ln_error err = {0};

    assert_non_null(t);
    t->fake = fake_new();
    if (with_keys)
        assert_int_equal(ln_credentials_make(ln_str("key"), ln_str("secret"),
                                             ln_str("phrase"), &t->cred, &err),
                         LN_OK);
    struct ln_stream_opts opts = {.loop = t->fake->loop,
                                  .net = t->fake->net,
                                  .name = "test",
                                  .url =
                                      with_keys ? t->fake->priv : t->fake->pub,
                                  .inst_type = "USDT-FUTURES",
                                  .credentials = t->cred,
                                  .seed = 7};
    ln_subs_init(&t->subs, &opts, &events, t);
    return t;
}

static inline void
destroy(struct test *t)
{
    ln_subs_deinit(&t->subs);
    ln_credentials_free(t->cred);
    fake_free(t->fake);
    free(t);
}

static inline struct ln_sub *
want(struct test *t, const char *channel, const char *value)
{
    struct ln_sub *sub = NULL;
    assert_int_equal(ln_subs_add(&t->subs, channel, "instId", value, 0, &sub),
                     LN_OK);
    return sub;
}

static inline void
run(struct test *t, int64_t ms)
{
    ln_loop_run_for(t->fake->loop, ms);
}

static inline struct test *
started(bool with_keys)
{
    struct test *t = make(with_keys);
    want(t, with_keys ? "orders" : "ticker", with_keys ? "default" : "BTCUSDT");
    assert_int_equal(ln_subs_start(&t->subs), LN_OK);
    run(t, 2000);
    return t;
}

#endif
