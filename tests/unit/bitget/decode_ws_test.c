/*
 * The envelope of the WebSocket: events, errors and trade replies of the
 * examples, malformed frames, and a hundred thousand mutated ones.
 */
#include "ws_examples.h"

#include <stdlib.h>

static void
check_pong(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_PONG);
}

static void
check_login_ok(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_LOGIN);
    assert_int_equal(m->code, 0);
}

static void
check_login_failure(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_ERROR);
    assert_int_equal(m->code, 30015);
    assert_false(m->has_arg);
    is(m->msg, "Invalid sign");
}

static void
check_not_logged_in(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_ERROR);
    assert_int_equal(m->code, 30004);
    is(m->msg, "User not logged in/User must be logged in");
}

static void
check_unknown_symbol(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_ERROR);
    assert_int_equal(m->code, 30001);
    assert_int_equal(m->arg.kind, LN_V2_CH_BOOKS);
    is(m->arg.inst_id, "NOSUCHUSDT");
    is(m->op, "subscribe");
    is(m->msg, "instType:USDT-FUTURES,channel:books,instId:NOSUCHUSDT,"
               "precision:null doesn't exist");
}

static void
check_unknown_channel(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_ERROR);
    assert_int_equal(m->code, 30016);
    assert_true(m->has_arg);
    assert_int_equal(m->arg.kind, LN_V2_CH_NONE);
    is(m->arg.channel, "books50");
}

static void
check_placed(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_TRADE_REPLY);
    assert_int_equal(m->arg.kind, LN_V2_CH_PLACE_ORDER);
    assert_int_equal(m->code, 0);
    is(m->id, "req-1");
    is(m->msg, "Success");
    is(m->arg.inst_id, "BTCUSDT");
    is(m->order_id, "1402000000000200001");
    is(m->client_oid, "cli-000001");
    assert_int_equal(m->ts_ms, 1790000001004);
}

static void
check_place_failed(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_TRADE_REPLY);
    assert_int_equal(m->arg.kind, LN_V2_CH_PLACE_ORDER);
    assert_int_equal(m->code, 40774);
    is(m->id, "req-1");
    is(m->order_id, "");
    is(m->client_oid, "cli-000001");
}

static void
check_cancelled(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_TRADE_REPLY);
    assert_int_equal(m->arg.kind, LN_V2_CH_CANCEL_ORDER);
    assert_int_equal(m->code, 0);
    is(m->id, "req-2");
    is(m->order_id, "1402000000000200002");
}

static void
check_cancel_failed(const struct ln_v2_message *m)
{
    assert_int_equal(m->kind, LN_V2_TRADE_REPLY);
    assert_int_equal(m->code, 41101);
    is(m->id, "req-2");
    is(m->order_id, "99");
    is(m->msg, "Param orderId=99 error");
}

static const struct example_check checks[] = {
    {"ping", "response_text_frame", check_pong},
    {"login", "success", check_login_ok},
    {"login", "success_2026_variant", check_login_ok},
    {"login", "success_documented", check_login_ok},
    {"login", "failure", check_login_failure},
    {"login", "not_logged_in", check_not_logged_in},
    {"subscribe_error_unknown_symbol", "failure", check_unknown_symbol},
    {"subscribe_error_unknown_channel", "failure", check_unknown_channel},
    {"place-order", "success", check_placed},
    {"place-order", "failure", check_place_failed},
    {"cancel-order", "success", check_cancelled},
    {"cancel-order", "failure", check_cancel_failed},
};

static void
test_every_example(void **state)
{
    (void)state;
    check_examples(PART_ENVELOPE, checks, sizeof checks / sizeof checks[0]);
}

static void
test_codes_come_as_number_or_string(void **state)
{
    struct ln_v2_message m;

    (void)state;
    m = decode(ln_str("{\"event\":\"error\",\"code\":\"30016\",\"msg\":\"\"}"));
    assert_int_equal(m.kind, LN_V2_ERROR);
    assert_int_equal(m.code, 30016);
    m = decode(ln_str("{\"event\":\"login\",\"code\":\"30005\"}"));
    assert_int_equal(m.kind, LN_V2_ERROR);
    m = decode(ln_str("{\"event\":\"error\",\"msg\":\"?\"}"));
    assert_int_equal(m.kind, LN_V2_ERROR);
    assert_int_equal(m.code, -1);
    m = decode(ln_str("ping"));
    assert_int_equal(m.kind, LN_V2_PING);
}

static void
test_channel_names(void **state)
{
    enum ln_timeframe tf;

    (void)state;
    assert_int_equal(ln_v2_channel_parse(ln_str("candle1Dutc"), &tf),
                     LN_V2_CH_CANDLE);
    assert_int_equal(tf, LN_TF_1DUTC);
    assert_int_equal(ln_v2_channel_parse(ln_str("candle1M"), &tf),
                     LN_V2_CH_CANDLE);
    assert_int_equal(tf, LN_TF_1MON);
    /* case matters on this wire */
    assert_int_equal(ln_v2_channel_parse(ln_str("candle1h"), &tf),
                     LN_V2_CH_NONE);
    assert_int_equal(ln_v2_channel_parse(ln_str("candle"), NULL),
                     LN_V2_CH_NONE);
    assert_int_equal(ln_v2_channel_parse(ln_str("books50"), NULL),
                     LN_V2_CH_NONE);
}

static void
test_malformed_frames_are_errors(void **state)
{
    static const char *const bad[] = {
        "",
        "pong ",
        "[]",
        "\"x\"",
        "7",
        "{",
        "{\"action\":\"snapshot\"}",
        "{\"action\":\"snapshot\"," ARG("ticker") "}",
        "{\"action\":\"snapshot\"," ARG("ticker") ",\"data\":{}}",
        "{\"action\":\"delete\"," ARG("ticker") ",\"data\":[]}",
        "{\"action\":\"update\",\"arg\":7,\"data\":[]}",
        "{\"event\":\"subscribe\"}",
        "{\"event\":\"subscribe\",\"arg\":[]}",
        "{\"event\":\"trade\",\"arg\":[{}],\"code\":0}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ln_v2_message m;
        struct ln_error err = {0};
        assert_int_equal(ln_v2_decode(&dec, bad[i], strlen(bad[i]), &m, &err),
                         LN_ERR_PARSE);
        assert_true(err.what[0]);
    }
}

/* Rows that are there but are not what their channel promises. */
static void
read_row(const struct ln_v2_message *m, ln_json_val row)
{
    union {
        struct ln_ticker ticker;
        struct ln_candle candle;
        struct ln_trade trade;
        struct ln_v2_account account;
        struct ln_v2_equity equity;
        struct ln_v2_position position;
        struct ln_v2_position_closed closed;
        struct ln_v2_fill fill;
        struct ln_v2_order order;
        struct ln_v2_algo algo;
        struct ln_v2_adl adl;
    } u;
    const struct ln_json *doc = &dec.doc;
    struct ln_error err = {0};
    struct ln_v2_book b;
    enum ln_err e = LN_OK;

    switch (m->arg.kind) {
    case LN_V2_CH_TICKER:
        e = ln_v2_read_ticker(doc, row, btc(), &u.ticker, &err);
        break;
    case LN_V2_CH_CANDLE:
        e = ln_v2_read_candle(doc, row, btc(), &u.candle, &err);
        break;
    case LN_V2_CH_TRADE:
        e = ln_v2_read_trade(doc, row, btc(), &u.trade, &err);
        break;
    case LN_V2_CH_ACCOUNT:
        e = ln_v2_read_account(doc, row, 0, &u.account, &err);
        break;
    case LN_V2_CH_EQUITY:
        e = ln_v2_read_equity(doc, row, &u.equity, &err);
        break;
    case LN_V2_CH_POSITIONS:
        e = ln_v2_read_position(doc, row, &reg, &u.position, &err);
        break;
    case LN_V2_CH_POSITIONS_HISTORY:
        e = ln_v2_read_position_closed(doc, row, &reg, &u.closed, &err);
        break;
    case LN_V2_CH_FILL:
        e = ln_v2_read_fill(doc, row, &reg, &u.fill, &err);
        break;
    case LN_V2_CH_ORDERS:
        e = ln_v2_read_order(doc, row, &reg, &u.order, &err);
        break;
    case LN_V2_CH_ORDERS_ALGO:
        e = ln_v2_read_algo(doc, row, &reg, &u.algo, &err);
        break;
    case LN_V2_CH_ADL_NOTI:
        e = ln_v2_read_adl(doc, row, &reg, &u.adl, &err);
        break;
    default:
        e = ln_v2_read_book(doc, row, &b, &err);
        if (e)
            break;
        for (ln_json_val l = ln_json_first(doc, b.asks); l != LN_JSON_NONE;
             l = ln_json_next(doc, b.asks, l)) {
            struct ln_v2_level level;
            struct ln_error lerr = {0};
            if (ln_v2_read_level(doc, l, btc(), &level, &lerr))
                assert_true(lerr.what[0]);
        }
        break;
    }
    if (e)
        assert_true(err.what[0]);
}

/* All frames of the file that a server sends. */
static size_t
server_frames(struct ln_str *out, size_t cap)
{
    size_t n = 0;

    for (ln_json_val k = ln_json_first(&examples, 0); k != LN_JSON_NONE;
         k = ln_json_next(&examples, 0, k)) {
        for (ln_json_val m = ln_json_first(&examples, k + 1); m != LN_JSON_NONE;
             m = ln_json_next(&examples, k + 1, m)) {
            struct ln_str name = ln_json_raw(&examples, m);
            if (ln_json_type(&examples, m + 1) != LN_JSON_OBJECT ||
                ln_str_starts(name, "request") || ln_str_eqc(name, "subscribe"))
                continue;
            assert_true(n < cap);
            out[n++] = text_of(m + 1);
        }
    }
    assert_true(n > 40);
    return n;
}

/*
 * Whatever arrives: an answer or an error, never a crash. The frame lies in
 * memory of exactly its size, so that the sanitizer sees one byte too far.
 */
static void
test_mutated_frames(void **state)
{
    struct ln_str frames[128];
    size_t n = server_frames(frames, 128), good = 0, bad = 0;
    struct ln_rng rng;
    char scratch[8192];

    (void)state;
    ln_rng_seed(&rng, 20260731);
    for (int i = 0; i < 100000; i++) {
        struct ln_str f = frames[ln_rng_below(&rng, n)];
        struct ln_v2_message m;
        struct ln_error err = {0};
        size_t len = f.len;
        char *exact;

        assert_true(len < sizeof scratch / 2);
        memcpy(scratch, f.ptr, len);
        example_mutate(&rng, scratch, &len, sizeof scratch);
        exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, scratch, len);
        if (ln_v2_decode(&dec, exact, len, &m, &err)) {
            assert_true(err.what[0]);
            bad++;
        } else {
            good++;
            for (ln_json_val row = ln_v2_first(&dec, &m); row != LN_JSON_NONE;
                 row = ln_v2_next(&dec, &m, row))
                read_row(&m, row);
        }
        free(exact);
    }
    /* Both ways were really taken. */
    assert_true(good > 1000);
    assert_true(bad > 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_example),
        cmocka_unit_test(test_codes_come_as_number_or_string),
        cmocka_unit_test(test_channel_names),
        cmocka_unit_test(test_malformed_frames_are_errors),
        cmocka_unit_test(test_mutated_frames),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
