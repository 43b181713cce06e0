/*
 * What goes out: frames and bodies byte by byte, and that every body fits
 * its row of the endpoint table.
 */
#include "examples.h"

#include "bitget/v2/encode.h"

#include <stdio.h>

static struct ln_request_text text;
static struct ln_instrument btc;

static const struct ln_v2_terms one_way = {"USDT-FUTURES", LN_ONE_WAY};
static const struct ln_v2_terms hedge = {"USDT-FUTURES", LN_HEDGE};

static struct ln_order_request
limit_buy(void)
{
    return (struct ln_order_request){.client_oid = "cli-000001",
                                     .side = LN_BUY,
                                     .type = LN_LIMIT,
                                     .tif = LN_GTC,
                                     .margin_mode = LN_CROSSED,
                                     .price_ticks = 640000,
                                     .size_lots = 100};
}

/* The table accepts the body as it is and would build the same request. */
static void
fits_table(const char *endpoint)
{
    const struct ln_endpoint *ep = ln_v2_endpoint(endpoint);
    struct ln_request_text built;
    struct ln_error err = {0};
    struct ln_json doc;

    assert_non_null(ep);
    ln_json_init(&doc);
    ln_request_text_init(&built);
    assert_int_equal(ln_json_parse(&doc, text.body.data, text.body.len, &err),
                     LN_OK);
    if (ln_endpoint_build(ep, &doc, false, &built, &err))
        fail_msg("%s: %s", endpoint, err.what);
    assert_string_equal(text.target.data, ep->path);
    assert_string_equal(text.target.data, built.target.data);
    ln_request_text_deinit(&built);
    ln_json_deinit(&doc);
}

static void
place(const struct ln_v2_terms *terms, const struct ln_order_request *req,
      const char *want)
{
    struct ln_error err = {0};
    if (ln_v2_encode_place(&text, terms, &btc, req, &err))
        fail_msg("%s", err.what);
    assert_string_equal(text.body.data, want);
    fits_table("place_order");
}

static void
test_place_one_way(void **state)
{
    struct ln_order_request req = limit_buy();

    (void)state;
    place(&one_way, &req,
          "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
          "\"marginMode\":\"crossed\",\"marginCoin\":\"USDT\",\"size\":"
          "\"0.01\",\"side\":\"buy\",\"orderType\":\"limit\",\"price\":"
          "\"64000\",\"force\":\"gtc\",\"clientOid\":\"cli-000001\"}");
    req.side = LN_SELL;
    req.type = LN_MARKET;
    req.margin_mode = LN_ISOLATED;
    req.reduce_only = true;
    place(&one_way, &req,
          "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
          "\"marginMode\":\"isolated\",\"marginCoin\":\"USDT\",\"size\":"
          "\"0.01\",\"side\":\"sell\",\"reduceOnly\":\"YES\",\"orderType\":"
          "\"market\",\"clientOid\":\"cli-000001\"}");
}

/* In hedge mode side names the position, and reduceOnly is not sent. */
static void
test_place_hedge(void **state)
{
    struct ln_order_request req = limit_buy();

    (void)state;
    req.pos_side = LN_LONG;
    place(&hedge, &req,
          "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
          "\"marginMode\":\"crossed\",\"marginCoin\":\"USDT\",\"size\":"
          "\"0.01\",\"side\":\"buy\",\"tradeSide\":\"open\",\"orderType\":"
          "\"limit\",\"price\":\"64000\",\"force\":\"gtc\",\"clientOid\":"
          "\"cli-000001\"}");
    req.side = LN_SELL;
    req.reduce_only = true;
    req.type = LN_MARKET;
    place(&hedge, &req,
          "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
          "\"marginMode\":\"crossed\",\"marginCoin\":\"USDT\",\"size\":"
          "\"0.01\",\"side\":\"buy\",\"tradeSide\":\"close\",\"orderType\":"
          "\"market\",\"clientOid\":\"cli-000001\"}");
}

static void
test_place_presets_and_force(void **state)
{
    struct ln_order_request req = limit_buy();

    (void)state;
    req.tif = LN_POST_ONLY;
    req.take_profit_ticks = 650005;
    req.stop_loss_ticks = 630000;
    req.size_lots = 1;
    place(&one_way, &req,
          "{\"symbol\":\"BTCUSDT\",\"productType\":\"USDT-FUTURES\","
          "\"marginMode\":\"crossed\",\"marginCoin\":\"USDT\",\"size\":"
          "\"0.0001\",\"side\":\"buy\",\"orderType\":\"limit\",\"price\":"
          "\"64000\",\"force\":\"post_only\",\"clientOid\":\"cli-000001\","
          "\"presetStopSurplusPrice\":\"65000.5\","
          "\"presetStopLossPrice\":\"63000\"}");
}

static void
refuse(const struct ln_v2_terms *terms, const struct ln_order_request *req,
       const char *where)
{
    struct ln_error err = {0};
    assert_int_equal(ln_v2_encode_place(&text, terms, &btc, req, &err),
                     LN_ERR_ARG);
    assert_string_equal(err.where, where);
}

static void
test_place_refuses_what_is_no_order(void **state)
{
    struct ln_order_request req;

    (void)state;
    req = limit_buy();
    req.size_lots = 0;
    refuse(&one_way, &req, "size");
    req = limit_buy();
    req.price_ticks = 0;
    refuse(&one_way, &req, "price");
    req = limit_buy();
    req.tif = 0;
    refuse(&one_way, &req, "force");
    req = limit_buy();
    req.type = 0;
    refuse(&one_way, &req, "orderType");
    req = limit_buy();
    req.side = 0;
    refuse(&one_way, &req, "side");
    req = limit_buy();
    refuse(&hedge, &req, "pos_side");
    req = limit_buy();
    req.client_oid[0] = '\0';
    refuse(&one_way, &req, "clientOid");
    req = limit_buy();
    req.client_oid[3] = '"';
    refuse(&one_way, &req, "clientOid");
}

static void
test_cancel(void **state)
{
    struct ln_error err = {0};

    (void)state;
    /* orderId wins */
    assert_int_equal(
        ln_v2_encode_cancel(&text, &one_way, &btc, "cli-1", "99", &err), LN_OK);
    assert_string_equal(text.body.data,
                        "{\"symbol\":\"BTCUSDT\",\"productType\":"
                        "\"USDT-FUTURES\",\"marginCoin\":\"USDT\","
                        "\"orderId\":\"99\"}");
    fits_table("cancel_order");
    assert_int_equal(
        ln_v2_encode_cancel(&text, &hedge, &btc, "cli-1", "", &err), LN_OK);
    assert_string_equal(text.body.data,
                        "{\"symbol\":\"BTCUSDT\",\"productType\":"
                        "\"USDT-FUTURES\",\"marginCoin\":\"USDT\","
                        "\"clientOid\":\"cli-1\"}");
    fits_table("cancel_order");
    assert_int_equal(ln_v2_encode_cancel(&text, &hedge, &btc, "", "", &err),
                     LN_ERR_ARG);
}

static void
test_amend(void **state)
{
    struct ln_error err = {0};

    (void)state;
    assert_int_equal(ln_v2_encode_amend(&text, &one_way, &btc, "cli-1", "99",
                                        "cli-2", 640005, 250, &err),
                     LN_OK);
    assert_string_equal(text.body.data,
                        "{\"symbol\":\"BTCUSDT\",\"productType\":"
                        "\"USDT-FUTURES\",\"marginCoin\":\"USDT\","
                        "\"orderId\":\"99\",\"newClientOid\":\"cli-2\","
                        "\"newSize\":\"0.025\",\"newPrice\":\"64000.5\"}");
    fits_table("modify_order");
    assert_int_equal(ln_v2_encode_amend(&text, &one_way, &btc, "cli-1", "", "",
                                        640005, 250, &err),
                     LN_ERR_ARG);
    assert_int_equal(ln_v2_encode_amend(&text, &one_way, &btc, "cli-1", "",
                                        "cli-2", 0, 250, &err),
                     LN_ERR_ARG);
}

/* The worked value of the login page: the true HMAC for these inputs. */
static void
test_login(void **state)
{
    struct ln_bitget_credentials *c = NULL;
    struct ln_error err = {0};
    struct ln_buf out;

    (void)state;
    ln_buf_init(&out, 4096);
    assert_int_equal(
        ln_credentials_make(ln_str("bg_0123456789abcdef0123456789abcdef"),
                            ln_str("example-secret-1"), ln_str("examplepass"),
                            &c, &err),
        LN_OK);
    assert_int_equal(ln_v2_encode_login(&out, c, 1790000000123, &err), LN_OK);
    assert_string_equal(
        out.data, "{\"op\":\"login\",\"args\":[{\"apiKey\":"
                  "\"bg_0123456789abcdef0123456789abcdef\",\"passphrase\":"
                  "\"examplepass\",\"timestamp\":\"1790000000\",\"sign\":"
                  "\"4h8ZHNbeDbGCJM3JWc4WLhI7s6UZ8vlwCfQMPmAqOOw=\"}]}");
    ln_credentials_free(c);
    ln_buf_deinit(&out);
}

/* The args of one frame stay under the server's 4096 bytes. */
static void
test_topics_are_packed_into_frames(void **state)
{
    struct ln_v2_topic topics[120];
    char names[120][32];
    size_t done = 0, frames = 0;
    struct ln_buf out;

    (void)state;
    for (size_t i = 0; i < 120; i++) {
        (void)snprintf(names[i], sizeof names[i], "COIN%03zuUSDT", i);
        topics[i] =
            (struct ln_v2_topic){"USDT-FUTURES", "ticker", "instId", names[i]};
    }
    ln_buf_init(&out, 16384);
    while (done < 120) {
        size_t used;
        ln_buf_reset(&out);
        used =
            ln_v2_encode_topics(&out, "subscribe", topics + done, 120 - done);
        assert_true(used > 40 || done + used == 120);
        assert_true(out.len - strlen("{\"op\":\"subscribe\",\"args\":[]}") <
                    4096);
        done += used;
        frames++;
    }
    assert_int_equal(done, 120);
    assert_int_equal(frames, 3);
    ln_buf_reset(&out);
    topics[0] = (struct ln_v2_topic){"USDT-FUTURES", "equity", NULL, ""};
    assert_int_equal(ln_v2_encode_topics(&out, "unsubscribe", topics, 1), 1);
    assert_string_equal(out.data, "{\"op\":\"unsubscribe\",\"args\":[{"
                                  "\"instType\":\"USDT-FUTURES\","
                                  "\"channel\":\"equity\"}]}");
    ln_buf_deinit(&out);
}

static void
test_params_leave_out_what_is_empty(void **state)
{
    static const char *const pairs[] = {"a",  "1", "b", "",  "c",
                                        NULL, "d", "x", NULL};
    struct ln_buf out;

    (void)state;
    ln_buf_init(&out, 256);
    ln_v2_encode_params(&out, pairs);
    assert_string_equal(out.data, "{\"a\":\"1\",\"d\":\"x\"}");
    ln_buf_deinit(&out);
}

static void
test_client_oids(void **state)
{
    char fifty[52];

    (void)state;
    memset(fifty, 'a', sizeof fifty);
    fifty[50] = '\0';
    assert_true(ln_v2_oid_valid("ln-abc123-1-zz"));
    assert_true(ln_v2_oid_valid("A_b:c#d+e-9"));
    assert_true(ln_v2_oid_valid(fifty));
    fifty[50] = 'a';
    fifty[51] = '\0';
    assert_false(ln_v2_oid_valid(fifty));
    assert_false(ln_v2_oid_valid(""));
    assert_false(ln_v2_oid_valid("a b"));
    assert_false(ln_v2_oid_valid("a\"b"));
    assert_false(ln_v2_oid_valid("\xc3\xa9"));
}

static int
setup(void **state)
{
    (void)state;
    btc = example_btc();
    ln_request_text_init(&text);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    ln_request_text_deinit(&text);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place_one_way),
        cmocka_unit_test(test_place_hedge),
        cmocka_unit_test(test_place_presets_and_force),
        cmocka_unit_test(test_place_refuses_what_is_no_order),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_amend),
        cmocka_unit_test(test_login),
        cmocka_unit_test(test_topics_are_packed_into_frames),
        cmocka_unit_test(test_params_leave_out_what_is_empty),
        cmocka_unit_test(test_client_oids),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
