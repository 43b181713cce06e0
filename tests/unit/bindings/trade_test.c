/*
 * trade.*: what becomes of options, rounding, handles and their waiting.
 */
#include "unit/bindings/fake_host.h"

/* Runs <body> in on_start; returns what was submitted last. */
static const struct ln_msg_submit *
start_with(struct fake *f, const char *body)
{
    char script[2048];
    snprintf(script, sizeof(script), "function on_start()\n%s\nend", body);
    fake_run(f, script);
    return fake_last(f, LN_MSG_SUBMIT);
}

static void
a_limit_order_with_everything(void **state)
{
    (void)state;
    struct fake f;
    const struct ln_msg_submit *s = start_with(
        &f, "trade.sell { symbol = 'BTCUSDT', size = 0.0129, price = 64000.1,\n"
            " post_only = true, reduce_only = true, take_profit = 63000,\n"
            " stop_loss = '65000.5', client_tag = 'exit' }");
    assert_no_error(&f);
    assert_int_equal(s->h.instrument, BTC);
    assert_int_equal(s->handle, 1);
    assert_int_equal(s->req.side, LN_SELL);
    assert_int_equal(s->req.type, LN_LIMIT);
    assert_int_equal(s->req.tif, LN_POST_ONLY);
    assert_true(s->req.reduce_only);
    assert_int_equal(s->req.size_lots, 12); /* down to the lot */
    assert_int_equal(s->req.price_ticks, 640001);
    assert_int_equal(s->req.take_profit_ticks, 630000);
    assert_int_equal(s->req.stop_loss_ticks, 650005);
    assert_string_equal(s->tag, "exit");
    fake_free(&f);
}

static void
without_a_price_it_is_a_market_order(void **state)
{
    (void)state;
    struct fake f;
    const struct ln_msg_submit *s =
        start_with(&f, "trade.buy { symbol = 'ethusdt', size = 2 }");
    assert_int_equal(s->h.instrument, ETH);
    assert_int_equal(s->req.type, LN_MARKET);
    assert_int_equal(s->req.price_ticks, 0);
    assert_int_equal(s->req.size_lots, 200);
    fake_free(&f);
}

struct rounding {
    const char *side, *price, *round;
    int64_t ticks; /* 0: an error */
};

static void
prices_are_never_rounded_to_the_users_disadvantage(void **state)
{
    (void)state;
    static const struct rounding cases[] = {
        {"buy", "64000.19", "passive", 640001},
        {"sell", "64000.11", "passive", 640002},
        {"buy", "64000.16", "nearest", 640002},
        {"sell", "64000.14", "nearest", 640001},
        {"buy", "64000.1", "error", 640001},
        {"buy", "64000.15", "error", 0},
        {"sell", "'64000.1000'", "error", 640001},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake f;
        char body[256];
        snprintf(body, sizeof(body),
                 "trade.%s { symbol = 'BTCUSDT', size = 1, price = %s, "
                 "round = '%s' }",
                 cases[i].side, cases[i].price, cases[i].round);
        const struct ln_msg_submit *s = start_with(&f, body);
        if (cases[i].ticks) {
            assert_non_null(s);
            assert_int_equal(s->req.price_ticks, cases[i].ticks);
        } else {
            assert_null(s);
            assert_error(&f, "is not on the tick of BTCUSDT");
        }
        fake_free(&f);
    }
}

static void
mistakes_raise_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"trade.buy { symbol = 'BTCUSDT', sise = 1 }", "did you mean 'size'?"},
        {"trade.buy { symbol = 'BTCUSD', size = 1 }", "did you mean BTCUSDT?"},
        {"trade.buy { size = 1 }", "a symbol such as"},
        {"trade.buy { symbol = 'BTCUSDT' }", "trade.buy needs a size"},
        {"trade.buy { symbol = 'BTCUSDT', size = -1 }", "a number above 0"},
        {"trade.buy { symbol = 'BTCUSDT', size = 0/0 }", "a number above 0"},
        {"trade.buy { symbol = 'BTCUSDT', size = 'abc' }", "no usable number"},
        {"trade.buy { symbol = 'BTCUSDT', size = {} }", "is a number, not"},
        {"trade.buy { symbol = 'BTCUSDT', size = 1e300 }", "no usable number"},
        {"trade.buy { symbol = 'BTCUSDT', size = 1, price = 0 }",
         "a number above 0"},
        {"trade.buy { symbol = 'BTCUSDT', size = 1, price = 0.01 }",
         "below the tick"},
        {"trade.buy { symbol = 'BTCUSDT', size = 1, type = 'limit' }",
         "a limit order needs a price"},
        {"trade.buy { symbol = 'BTCUSDT', size = 1, type = 'markt' }",
         "did you mean 'market'?"},
        {"trade.buy { symbol = 'BTCUSDT', size = 1, price = 5,"
         " type = 'market' }",
         "a market order has no price"},
        {"trade.buy { symbol = 'BTCUSDT', size = 1, ioc = true }",
         "ioc is for orders with a price"},
        {"trade.buy { symbol = 'BTCUSDT', size = 1, price = 5, ioc = true,"
         " fok = true }",
         "exclude each other"},
        {"trade.buy { symbol = 'BTCUSDT', size = 1, reduce_only = 1 }",
         "is true or false"},
        {"trade.buy('BTCUSDT', 1)", "takes a table of options"},
        {"trade.by {}", "did you mean 'buy'?"},
        {"trade.cancel(5)", "an order was expected"},
        {"orders { simbol = 'BTCUSDT' }", "did you mean 'symbol'?"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake f;
        assert_null(start_with(&f, cases[i][0]));
        assert_error(&f, cases[i][1]);
        assert_string_equal(fake_error(&f, LN_MSG_ERROR)->where, "s.lua:3");
        fake_free(&f);
    }
}

static void
tif_has_two_spellings(void **state)
{
    (void)state;
    struct fake f;
    const struct ln_msg_submit *s = start_with(
        &f,
        "trade.buy { symbol = 'BTCUSDT', size = 1, price = 5, tif = 'ioc' }");
    assert_int_equal(s->req.tif, LN_IOC);
    fake_free(&f);
    s = start_with(
        &f,
        "trade.buy { symbol = 'BTCUSDT', size = 1, price = 5, fok = true }");
    assert_int_equal(s->req.tif, LN_FOK);
    fake_free(&f);
}

static void
what_is_too_small_is_a_value_not_an_error(void **state)
{
    (void)state;
    struct fake f;
    assert_null(start_with(
        &f, "local h, e = trade.buy { symbol = 'BTCUSDT', size = 0.0009 }\n"
            "local g, d = trade.buy { symbol = 'BTCUSDT', size = 0.001,"
            " price = 100 }\n"
            "log.info(h, e.code, e.message)\nlog.info(g, d.code, d.message)"));
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "nil too_small the value 0.1 is below "
                                      "the minimum of 5 USDT");
    fake_free(&f);
}

/* ---- handles ---- */

static void
a_handle_follows_its_order(void **state)
{
    (void)state;
    struct fake f;
    const struct ln_msg_submit *s = start_with(
        &f, "h = trade.buy { symbol = 'BTCUSDT', size = 1, price = 64000,\n"
            "  client_tag = 'in' }\n"
            "log.info(h.state, h.id == '', h.remaining)\nend\n"
            "function on_order(o)\n"
            "log.info(h.symbol, h.id, h.client_oid, h.side, h.type, h.state,\n"
            " h.price, h.size, h.filled, h.remaining, h.average,\n"
            " h.reduce_only, h.tag, h.reason, #orders{}, o:handle() == h)");
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "planned true 1.0");
    fake_order(&f, s, LN_ORDER_PARTIAL, 400, "");
    assert_string_equal(fake_log(&f),
                        "BTCUSDT 901 ln-x-1 buy limit partial 64000.0 1.0 0.4 "
                        "0.6 64000.0 false in  1 true");
    fake_order(&f, s, LN_ORDER_CANCELLED, 400, "by user");
    assert_string_equal(fake_log(&f),
                        "BTCUSDT 901 ln-x-1 buy limit cancelled 64000.0 1.0 "
                        "0.4 0.0 64000.0 false in by user 0 false");
    fake_order(&f, s, LN_ORDER_LIVE, 0, ""); /* late: nothing comes back */
    assert_no_error(&f);
    assert_non_null(strstr(fake_log(&f), "cancelled"));
    fake_free(&f);
}

static void
wait_suspends_until_the_order_is_final(void **state)
{
    (void)state;
    struct fake f;
    const struct ln_msg_submit *s = start_with(
        &f, "local h = trade.buy { symbol = 'BTCUSDT', size = 1 }\n"
            "log.info('waits')\n"
            "log.info(h:wait() == h, h.state, h.filled, h:wait().state)");
    assert_string_equal(fake_log(&f), "waits");
    fake_order(&f, s, LN_ORDER_LIVE, 0, "");
    fake_ticker(&f, BTC, 640000);
    assert_string_equal(fake_log(&f), "waits");
    fake_order(&f, s, LN_ORDER_FILLED, 1000, "");
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "true filled 1.0 filled");
    fake_free(&f);
}

static void
an_event_is_stale_after_waiting(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_ticker(t)\n"
                 "  trade.buy { symbol = t.symbol, size = 1 }:wait()\n"
                 "  log.info(t.last)\n"
                 "end");
    fake_ticker(&f, BTC, 640000);
    fake_order(&f, fake_last(&f, LN_MSG_SUBMIT), LN_ORDER_REJECTED, 0, "no");
    assert_error(&f, "no longer valid");
    const struct ln_msg_error *e = fake_error(&f, LN_MSG_ERROR);
    assert_string_equal(e->where, "s.lua:4");
    assert_non_null(strstr(e->event, "ticker symbol=BTCUSDT"));
    fake_free(&f);
}

static void
waiting_works_inside_the_scripts_own_coroutines(void **state)
{
    (void)state;
    struct fake f;
    const struct ln_msg_submit *s = start_with(
        &f, "local gen = coroutine.wrap(function()\n"
            "  local inner = coroutine.create(function(a)\n"
            "    local h = trade.buy { symbol = 'BTCUSDT', size = a }\n"
            "    local ok, r = pcall(h.wait, h)\n"
            "    coroutine.yield(r.state)\n"
            "    return 'end'\n"
            "  end)\n"
            "  local _, state = coroutine.resume(inner, 1)\n"
            "  coroutine.yield(state)\n"
            "  coroutine.yield(select(2, coroutine.resume(inner)))\n"
            "end)\n"
            "log.info(gen(), gen())");
    assert_string_equal(fake_log(&f), "(nothing)");
    fake_order(&f, s, LN_ORDER_FILLED, 1000, "");
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "filled end");
    fake_free(&f);
}

static void
waiting_where_nothing_can_wait_is_an_error(void **state)
{
    (void)state;
    struct fake f;
    start_with(&f, "local h = trade.buy { symbol = 'BTCUSDT', size = 1 }\n"
                   "table.sort({ 1, 2 }, function() h:wait() end)");
    assert_error(&f, "not possible inside a sort");
    fake_free(&f);
}

static void
handles_are_cancelled_and_amended(void **state)
{
    (void)state;
    struct fake f;
    const struct ln_msg_submit *s = start_with(
        &f, "h = trade.buy { symbol = 'BTCUSDT', size = 1, price = 64000 }\n"
            "end\n"
            "function on_ticker()\n"
            "  h:amend { price = 63000.19, size = 2 }\n"
            "  trade.cancel(h)\n"
            "end\n"
            "function on_order()\n"
            "  local ok, err = h:cancel()\n"
            "  log.info(ok, err and err.code)");
    fake_ticker(&f, BTC, 640000);
    assert_no_error(&f);
    const struct ln_msg_amend *a = fake_last(&f, LN_MSG_AMEND);
    assert_int_equal(a->handle, s->handle);
    assert_int_equal(a->price_ticks, 630001);
    assert_int_equal(a->size_lots, 2000);
    const struct ln_msg_cancel *c = fake_last(&f, LN_MSG_CANCEL);
    assert_int_equal(c->handle, s->handle);
    fake_order(&f, s, LN_ORDER_CANCELLED, 0, "");
    assert_string_equal(fake_log(&f), "nil final");
    fake_free(&f);
}

static void
close_takes_the_own_position_once(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_ticker()\n"
                 "  local h, err = trade.close('BTCUSDT')\n"
                 "  log.info(h and h.size, err and err.code)\n"
                 "end");
    fake_ticker(&f, BTC, 640000);
    assert_string_equal(fake_log(&f), "nil flat");
    fake_position(&f, BTC, 30);
    fake_ticker(&f, BTC, 640000);
    const struct ln_msg_submit *s = fake_last(&f, LN_MSG_SUBMIT);
    assert_int_equal(s->req.side, LN_SELL);
    assert_int_equal(s->req.type, LN_MARKET);
    assert_true(s->req.reduce_only);
    assert_int_equal(s->req.size_lots, 30);
    fake_ticker(&f, BTC, 640000); /* it is under way: not twice */
    assert_string_equal(fake_log(&f), "nil flat");
    assert_int_equal(fake_count(&f, LN_MSG_SUBMIT), 1);
    fake_free(&f);
}

static void
flatten_cancels_and_closes_everything(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f, "function on_ticker() log.info(#trade.flatten()) end");
    fake_position(&f, BTC, 30);
    fake_position(&f, ETH, -5);
    fake_ticker(&f, BTC, 640000);
    assert_string_equal(fake_log(&f), "2");
    assert_int_equal(fake_count(&f, LN_MSG_CANCEL_ALL), 1);
    assert_int_equal(fake_count(&f, LN_MSG_SUBMIT), 2);
    const struct ln_msg_submit *s = fake_last(&f, LN_MSG_SUBMIT);
    assert_int_equal(s->h.instrument, ETH);
    assert_int_equal(s->req.side, LN_BUY);
    fake_free(&f);
}

static void
orders_are_filtered(void **state)
{
    (void)state;
    struct fake f;
    const struct ln_msg_submit *s = start_with(
        &f, "trade.buy { symbol = 'BTCUSDT', size = 1, price = 64000 }\n"
            "trade.sell { symbol = 'BTCUSDT', size = 1, price = 65000 }\n"
            "trade.sell { symbol = 'ETHUSDT', size = 1, price = 3000 }\nend\n"
            "function on_order()\n"
            "log.info(#orders(), #orders { symbol = 'BTCUSDT' },\n"
            " #orders { side = 'sell' }, #orders { state = 'live' },\n"
            " orders()[1].side)");
    fake_order(&f, s, LN_ORDER_LIVE, 0, "");
    assert_string_equal(fake_log(&f), "3 2 2 1 buy");
    fake_free(&f);
}

static void
orders_from_before_a_restart_are_seen(void **state)
{
    (void)state;
    struct fake f;
    struct ln_msg_order m = {0};
    fake_new(&f);
    fake_load(&f,
              DECLARE "function on_start()\n"
                      "  local o = orders()[1]\n"
                      "  log.info(#orders(), o.client_oid, o.state)\n"
                      "  o:cancel()\n"
                      "end",
              "{}");
    m.req.side = LN_BUY;
    m.req.type = LN_LIMIT;
    m.req.price_ticks = 640000;
    m.req.size_lots = 10;
    m.state = LN_ORDER_LIVE;
    snprintf(m.req.client_oid, sizeof(m.req.client_oid), "ln-old-1");
    fake_send(&f, &m.h, LN_MSG_ORDER, BTC, sizeof(m));
    fake_start(&f);
    assert_string_equal(fake_log(&f), "1 ln-old-1 live");
    assert_error(&f, "trade.cancel_all reaches it");
    fake_free(&f);
}

static void
sizing_is_there(void **state)
{
    (void)state;
    struct fake f;
    fake_run(&f,
             "function on_ticker(t)\n"
             "  log.info(sizing.quote(640), sizing.risk(0.01, t.last - 100),\n"
             "           sizing.quote(10, 'ETHUSDT'))\n"
             "end");
    fake_account(&f, 1000);
    fake_ticker(&f, BTC, 640000);
    assert_no_error(&f);
    assert_string_equal(fake_log(&f), "0.01 0.1 0");
    fake_free(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_order_with_everything),
        cmocka_unit_test(without_a_price_it_is_a_market_order),
        cmocka_unit_test(prices_are_never_rounded_to_the_users_disadvantage),
        cmocka_unit_test(mistakes_raise_errors),
        cmocka_unit_test(tif_has_two_spellings),
        cmocka_unit_test(what_is_too_small_is_a_value_not_an_error),
        cmocka_unit_test(a_handle_follows_its_order),
        cmocka_unit_test(wait_suspends_until_the_order_is_final),
        cmocka_unit_test(an_event_is_stale_after_waiting),
        cmocka_unit_test(waiting_works_inside_the_scripts_own_coroutines),
        cmocka_unit_test(waiting_where_nothing_can_wait_is_an_error),
        cmocka_unit_test(handles_are_cancelled_and_amended),
        cmocka_unit_test(close_takes_the_own_position_once),
        cmocka_unit_test(flatten_cancels_and_closes_everything),
        cmocka_unit_test(orders_are_filtered),
        cmocka_unit_test(orders_from_before_a_restart_are_seen),
        cmocka_unit_test(sizing_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
