/*
 * Commands on orders: what each order type does, what is refused, and the
 * order of the news.
 */
#include "unit/exchange/fixture.h"

static void
a_limit_order_rests_and_is_shown_in_the_depth(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t id = fx_place(f, f->a, fx_limit(LN_BUY, 630000, 100));
    struct ln_level top;
    assert_int_equal(ln_ex_depth(f->ex, BTC, LN_BUY, &top, 1), 1);
    assert_int_equal(top.price_ticks, 630000);
    assert_int_equal(top.size_lots, 100);
    assert_string_equal(fx_states(f, id), "L");
    assert_int_equal(f->log[0].type, LN_EXE_ORDER); /* LIVE before its level */
    const struct ln_ex_order *o = fx_order(f, f->a, id);
    /* 630 USDT at leverage 10, and the taker fee. */
    assert_int_equal(o->locked_e8, 63 * USDT + 630 * USDT * 6 / 10000);
    assert_int_equal(fx_balance(f, f->a).locked_e8, o->locked_e8);
    fx_free(f);
}

static void
price_then_time_decide_who_trades(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t late_best = fx_place(f, f->b, fx_limit(LN_SELL, 640010, 10));
    int64_t first = fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    int64_t second = fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    int64_t id = fx_place(f, f->a, fx_limit(LN_BUY, 640010, 25));
    assert_string_equal(fx_states(f, first), "LF");
    assert_string_equal(fx_states(f, second), "LF");
    assert_string_equal(fx_states(f, late_best), "LP");
    assert_string_equal(fx_states(f, id), "LPPF");
    struct ln_trade t[4];
    assert_int_equal(ln_ex_trades(f->ex, BTC, t, 4), 3);
    assert_int_equal(t[0].price_ticks, 640010); /* newest first */
    assert_int_equal(t[0].size_lots, 5);
    assert_int_equal(t[2].price_ticks, 640000);
    assert_int_equal(t[2].side, LN_BUY);
    assert_true(t[0].id > t[1].id && t[1].id > t[2].id);
    fx_free(f);
}

static void
a_taker_gets_the_resting_price_and_the_rest_of_its_order_rests(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    int64_t id = fx_place(f, f->a, fx_limit(LN_BUY, 640500, 30));
    const struct ln_ex_order *o = fx_order(f, f->a, id);
    assert_int_equal(o->state, LN_ORDER_PARTIAL);
    assert_int_equal(o->filled_lots, 10);
    assert_int_equal(o->filled_value_e8, 64 * USDT);
    struct ln_level l;
    assert_int_equal(ln_ex_depth(f->ex, BTC, LN_BUY, &l, 1), 1);
    assert_int_equal(l.price_ticks, 640500);
    assert_int_equal(l.size_lots, 20);
    assert_int_equal(ln_ex_depth(f->ex, BTC, LN_SELL, &l, 1), 0);
    fx_free(f);
}

static void
news_of_a_trade_come_in_order(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    f->n = 0;
    fx_place(f, f->a, fx_market(LN_BUY, 10));
    static const enum ln_ex_event_type expected[] = {
        LN_EXE_ORDER, /* the taker is live */
        LN_EXE_ACCOUNT, LN_EXE_TRADE,    LN_EXE_LEVEL,
        LN_EXE_ORDER, /* the maker */
        LN_EXE_FILL,    LN_EXE_POSITION, LN_EXE_ACCOUNT,
        LN_EXE_ORDER, /* the taker */
        LN_EXE_FILL,    LN_EXE_POSITION, LN_EXE_ACCOUNT,
    };
    assert_int_equal(f->n, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < f->n; i++)
        assert_int_equal(f->log[i].type, expected[i]);
    assert_int_equal(f->log[3].level.size_lots, 0);
    assert_int_equal(f->log[4].account, f->b);
    assert_int_equal(f->log[8].account, f->a);
    fx_free(f);
}

static void
ioc_fills_what_it_can_and_the_rest_is_cancelled(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    struct ln_order_request r = fx_limit(LN_BUY, 640000, 30);
    r.tif = LN_IOC;
    int64_t id = fx_place(f, f->a, r);
    assert_string_equal(fx_states(f, id), "LPC");
    assert_int_equal(fx_order(f, f->a, id)->filled_lots, 10);
    int64_t none = fx_place(f, f->a, r);
    assert_string_equal(fx_states(f, none), "LC");
    assert_int_equal(fx_balance(f, f->a).locked_e8, 0);
    fx_free(f);
}

static void
fok_fills_completely_or_not_at_all(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    fx_place(f, f->b, fx_limit(LN_SELL, 640100, 10));
    struct ln_order_request r = fx_limit(LN_BUY, 640100, 21);
    r.tif = LN_FOK;
    int64_t id = fx_place(f, f->a, r);
    assert_string_equal(fx_states(f, id), "LC");
    assert_int_equal(fx_order(f, f->a, id)->filled_lots, 0);
    r.size_lots = 20;
    id = fx_place(f, f->a, r);
    assert_string_equal(fx_states(f, id), "LPF");
    fx_free(f);
}

static void
fok_does_not_count_on_an_order_that_may_be_withdrawn(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 100); /* a is long 100 */
    fx_place(f, f->a, fx_limit(LN_SELL, 640000, 60));
    struct ln_order_request r = fx_limit(LN_SELL, 640100, 100);
    r.reduce_only = true;
    int64_t reducing = fx_place(f, f->a, r);
    /* 160 are shown, but the first 60 sold would withdraw the other 100. */
    r = fx_limit(LN_BUY, 640100, 120);
    r.tif = LN_FOK;
    int64_t id = fx_place(f, f->b, r);
    assert_string_equal(fx_states(f, id), "LC");
    assert_int_equal(fx_order(f, f->b, id)->filled_lots, 0);
    assert_string_equal(fx_states(f, reducing), "L");
    fx_free(f);
}

static void
post_only_never_takes(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    struct ln_order_request r = fx_limit(LN_BUY, 640000, 10);
    r.tif = LN_POST_ONLY;
    int64_t id = fx_place(f, f->a, r);
    assert_string_equal(fx_states(f, id), "LC");
    r.price_ticks = 639999;
    id = fx_place(f, f->a, r);
    assert_string_equal(fx_states(f, id), "L");
    fx_free(f);
}

static void
a_market_order_sweeps_until_price_protection(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_refused(f, f->a, fx_market(LN_BUY, 10), LN_EXR_LIQUIDITY);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    fx_place(f, f->b, fx_limit(LN_SELL, 671999, 10));
    fx_place(f, f->b, fx_limit(LN_SELL, 672001, 10)); /* beyond 5 % */
    int64_t id = fx_place(f, f->a, fx_market(LN_BUY, 40));
    assert_string_equal(fx_states(f, id), "LPPC");
    assert_int_equal(fx_order(f, f->a, id)->filled_lots, 20);
    fx_free(f);
}

static void
wrong_prices_and_sizes_are_refused(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_refused(f, f->a, fx_limit(LN_BUY, 0, 10), LN_EXR_PRICE);
    fx_refused(f, f->a, fx_limit(LN_BUY, -5, 10), LN_EXR_PRICE);
    fx_refused(f, f->a, fx_limit(LN_BUY, 672001, 10), LN_EXR_PRICE_BAND);
    fx_refused(f, f->a, fx_limit(LN_SELL, 607999, 10), LN_EXR_PRICE_BAND);
    fx_refused(f, f->a, fx_limit(LN_SELL, INT64_MAX, 10), LN_EXR_PRICE_BAND);
    fx_refused(f, f->a, fx_limit(LN_BUY, 640000, 0), LN_EXR_SIZE_MIN);
    fx_refused(f, f->a, fx_limit(LN_BUY, 640000, INT64_MIN), LN_EXR_SIZE_MIN);
    fx_refused(f, f->a, fx_limit(LN_BUY, 640000, 12000001), LN_EXR_SIZE_MAX);
    fx_refused(f, f->a, fx_limit(LN_BUY, 640000, INT64_MAX), LN_EXR_SIZE_MAX);
    fx_place(f, f->b, fx_limit(LN_SELL, 640000, 10));
    fx_refused(f, f->a, fx_market(LN_BUY, 2200001), LN_EXR_SIZE_MAX);
    /* A buy far below and a sell far above the mark are fine. */
    fx_place(f, f->a, fx_limit(LN_BUY, 300000, 10));
    fx_place(f, f->b, fx_limit(LN_SELL, 1200000, 10));
    struct ln_order_request r = fx_limit(LN_BUY, 5000, 9); /* 4.5 USDT */
    r.instrument = XRP;
    fx_refused(f, f->a, r, LN_EXR_VALUE_MIN);
    r.instrument = 3;
    fx_refused(f, f->a, r, LN_EXR_SYMBOL);
    r.instrument = LN_INSTRUMENT_NONE;
    fx_refused(f, f->a, r, LN_EXR_SYMBOL);
    fx_refused(f, 99, fx_limit(LN_BUY, 640000, 10), LN_EXR_SYMBOL);
    r = fx_limit(LN_BUY, 640000, 10);
    r.side = 7;
    fx_refused(f, f->a, r, LN_EXR_POS_MODE);
    fx_free(f);
}

static void
a_client_oid_is_unique_among_pending_orders_only(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_order_request r = fx_limit(LN_BUY, 630000, 10);
    memcpy(r.client_oid, "mine-1", 7);
    int64_t first = fx_place(f, f->a, r);
    fx_refused(f, f->a, r, LN_EXR_DUPLICATE_OID);
    fx_place(f, f->b, r); /* another account's */
    assert_int_equal(ln_ex_cancel(f->ex, f->a, BTC, 0, "mine-1"), LN_EXR_OK);
    assert_int_equal(ln_ex_cancel(f->ex, f->a, BTC, 0, "mine-1"), LN_EXR_FINAL);
    int64_t second = fx_place(f, f->a, r);
    assert_true(second > first);
    assert_int_equal(ln_ex_find(f->ex, f->a, 0, "mine-1")->id, second);
    assert_int_equal(ln_ex_find(f->ex, f->a, first, NULL)->id, first);
    /* Without one, the engine gives it the id's digits. */
    int64_t id = fx_place(f, f->a, fx_limit(LN_BUY, 630000, 10));
    char digits[LN_OID_CAP];
    snprintf(digits, sizeof(digits), "%lld", (long long)id);
    assert_string_equal(fx_order(f, f->a, id)->req.client_oid, digits);
    assert_int_equal(strlen(digits), 19);
    fx_free(f);
}

static void
cancel_gives_the_margin_back_and_tells_the_reason(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t id = fx_place(f, f->a, fx_limit(LN_BUY, 630000, 10));
    assert_int_equal(ln_ex_cancel(f->ex, f->b, BTC, id, NULL),
                     LN_EXR_NOT_FOUND); /* somebody else's */
    assert_int_equal(ln_ex_cancel(f->ex, f->a, ETH, id, NULL),
                     LN_EXR_NOT_FOUND);
    assert_int_equal(ln_ex_cancel(f->ex, f->a, BTC, id, "whatever"), LN_EXR_OK);
    assert_string_equal(fx_states(f, id), "LC");
    assert_string_equal(fx_order(f, f->a, id)->reason, "normal_cancel");
    assert_int_equal(fx_balance(f, f->a).available_e8, 1000000 * USDT);
    assert_int_equal(ln_ex_cancel(f->ex, f->a, BTC, id, NULL), LN_EXR_FINAL);
    assert_int_equal(ln_ex_cancel(f->ex, f->a, BTC, 12345, NULL),
                     LN_EXR_NOT_FOUND);
    struct ln_level l;
    assert_int_equal(ln_ex_depth(f->ex, BTC, LN_BUY, &l, 1), 0);
    fx_free(f);
}

static void
cancel_all_takes_one_market_or_all(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_order_request eth = fx_limit(LN_BUY, 320000, 10);
    eth.instrument = ETH;
    fx_place(f, f->a, fx_limit(LN_BUY, 630000, 10));
    fx_place(f, f->a, fx_limit(LN_BUY, 630001, 10));
    fx_place(f, f->a, eth);
    assert_int_equal(ln_ex_cancel_all(f->ex, f->a, BTC), 2);
    fx_place(f, f->a, fx_limit(LN_BUY, 630000, 10));
    assert_int_equal(ln_ex_cancel_all(f->ex, f->a, LN_INSTRUMENT_NONE), 2);
    assert_int_equal(ln_ex_cancel_all(f->ex, f->a, LN_INSTRUMENT_NONE), 0);
    fx_free(f);
}

static void
amend_cancels_and_places_anew_under_a_new_id(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t id = fx_place(f, f->a, fx_limit(LN_BUY, 630000, 10)), moved, sized;
    int64_t ahead = fx_place(f, f->b, fx_limit(LN_BUY, 631000, 10));
    assert_int_equal(
        ln_ex_amend(f->ex, f->a, BTC, id, NULL, "n-2", 631000, 0, &moved),
        LN_EXR_OK);
    assert_string_equal(fx_states(f, id), "LC");
    assert_string_equal(fx_states(f, moved), "L");
    assert_int_equal(ln_ex_find(f->ex, f->a, 0, "n-2")->id, moved);
    assert_int_equal(fx_order(f, f->a, moved)->req.size_lots, 10);
    /* It has lost its place in the queue. */
    fx_place(f, f->b, fx_limit(LN_SELL, 631000, 10));
    assert_string_equal(fx_states(f, ahead), "LF");
    assert_string_equal(fx_states(f, moved), "L");
    assert_int_equal(
        ln_ex_amend(f->ex, f->a, BTC, moved, NULL, "n-3", 0, 25, &sized),
        LN_EXR_OK);
    assert_int_equal(fx_order(f, f->a, sized)->req.size_lots, 25);
    assert_int_equal(fx_order(f, f->a, sized)->req.price_ticks, 631000);
    fx_free(f);
}

static void
an_amend_that_is_refused_leaves_the_order_alone(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t id = fx_place(f, f->a, fx_limit(LN_BUY, 630000, 10)), nid;
    fx_place(f, f->b, fx_limit(LN_BUY, 620000, 10));
    f->n = 0;
    assert_int_equal(
        ln_ex_amend(f->ex, f->a, BTC, id, NULL, NULL, 630000, 10, &nid),
        LN_EXR_UNCHANGED);
    assert_int_equal(
        ln_ex_amend(f->ex, f->a, BTC, id, NULL, NULL, 680000, 0, &nid),
        LN_EXR_PRICE_BAND);
    assert_int_equal(ln_ex_amend(f->ex, f->a, BTC, id, NULL, NULL, -1, 0, &nid),
                     LN_EXR_PRICE);
    assert_int_equal(
        ln_ex_amend(f->ex, f->a, BTC, id, NULL, NULL, 0, 5000000, &nid),
        LN_EXR_MARGIN);
    assert_int_equal(ln_ex_amend(f->ex, f->a, BTC, 5, NULL, NULL, 0, 5, &nid),
                     LN_EXR_NOT_FOUND);
    assert_int_equal(f->n, 0);
    assert_int_equal(fx_order(f, f->a, id)->state, LN_ORDER_LIVE);
    /* Its own margin counts as free for its replacement. */
    ln_ex_account c = ln_ex_account_add(f->ex, 70 * USDT);
    id = fx_place(f, c, fx_limit(LN_BUY, 630000, 100));
    assert_int_equal(
        ln_ex_amend(f->ex, c, BTC, id, NULL, NULL, 629000, 0, &nid), LN_EXR_OK);
    fx_free(f);
}

static void
orders_and_fills_are_found_again_newest_first(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int64_t ids[5];
    for (int i = 0; i < 5; i++)
        ids[i] = fx_place(f, f->a, fx_limit(LN_BUY, 630000 + i, 10));
    assert_int_equal(ln_ex_cancel(f->ex, f->a, BTC, ids[1], NULL), LN_EXR_OK);
    fx_place(f, f->b, fx_limit(LN_SELL, 630003, 15)); /* ids[4], half ids[3] */
    const struct ln_ex_order *o[8];
    assert_int_equal(ln_ex_orders(f->ex, f->a, true, BTC, 0, o, 8), 3);
    assert_int_equal(o[0]->id, ids[3]);
    assert_int_equal(o[2]->id, ids[0]);
    assert_int_equal(ln_ex_orders(f->ex, f->a, true, ETH, 0, o, 8), 0);
    assert_int_equal(
        ln_ex_orders(f->ex, f->a, true, LN_INSTRUMENT_NONE, ids[3], o, 8), 2);
    assert_int_equal(ln_ex_orders(f->ex, f->a, false, BTC, 0, o, 8), 2);
    assert_int_equal(o[0]->id, ids[4]);
    assert_int_equal(o[1]->id, ids[1]);
    const struct ln_ex_fill *fills[8];
    assert_int_equal(ln_ex_fills(f->ex, f->a, BTC, 0, 0, fills, 8), 2);
    assert_int_equal(fills[0]->order->id, ids[3]);
    assert_int_equal(fills[0]->liquidity, LN_MAKER);
    assert_int_equal(
        ln_ex_fills(f->ex, f->a, BTC, 0, fills[0]->trade_id, fills, 8), 1);
    assert_int_equal(ln_ex_fills(f->ex, f->a, BTC, ids[3], 0, fills, 8), 1);
    assert_int_equal(ln_ex_fills(f->ex, f->a, ETH, 0, 0, fills, 8), 0);
    fx_free(f);
}

static void
the_history_forgets_the_oldest_but_keeps_what_fills_refer_to(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_trade(f, 640000, 10); /* both keep one fill */
    const struct ln_ex_fill *fills[2];
    assert_int_equal(ln_ex_fills(f->ex, f->a, BTC, 0, 0, fills, 2), 1);
    int64_t traded = fills[0]->order->id;
    int64_t last = 0;
    for (int i = 0; i < LN_EX_HISTORY_MAX + 5; i++) {
        last = fx_place(f, f->a, fx_limit(LN_BUY, 630000, 10));
        assert_int_equal(ln_ex_cancel(f->ex, f->a, BTC, last, NULL), LN_EXR_OK);
    }
    assert_null(ln_ex_find(f->ex, f->a, traded, NULL));
    assert_non_null(ln_ex_find(f->ex, f->a, last, NULL));
    assert_int_equal(ln_ex_fills(f->ex, f->a, BTC, 0, 0, fills, 2), 1);
    assert_int_equal(fills[0]->order->id, traded);
    const struct ln_ex_order **all =
        calloc(LN_EX_HISTORY_MAX + 10, sizeof(const struct ln_ex_order *));
    assert_non_null(all);
    assert_int_equal(
        ln_ex_orders(f->ex, f->a, false, BTC, 0, all, LN_EX_HISTORY_MAX + 10),
        LN_EX_HISTORY_MAX);
    free(all);
    fx_free(f);
}

static void
open_orders_of_a_symbol_are_limited(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    int32_t most =
        ln_instruments_at(ln_ex_instruments(f->ex), BTC)->max_symbol_orders;
    assert_true(most > 0);
    for (int32_t i = 0; i < most; i++)
        fx_place(f, f->a, fx_limit(LN_BUY, 600000 + i, 10));
    fx_refused(f, f->a, fx_limit(LN_BUY, 610000, 10), LN_EXR_TOO_MANY);
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_order_rests_and_is_shown_in_the_depth),
        cmocka_unit_test(price_then_time_decide_who_trades),
        cmocka_unit_test(
            a_taker_gets_the_resting_price_and_the_rest_of_its_order_rests),
        cmocka_unit_test(news_of_a_trade_come_in_order),
        cmocka_unit_test(ioc_fills_what_it_can_and_the_rest_is_cancelled),
        cmocka_unit_test(fok_fills_completely_or_not_at_all),
        cmocka_unit_test(fok_does_not_count_on_an_order_that_may_be_withdrawn),
        cmocka_unit_test(post_only_never_takes),
        cmocka_unit_test(a_market_order_sweeps_until_price_protection),
        cmocka_unit_test(wrong_prices_and_sizes_are_refused),
        cmocka_unit_test(a_client_oid_is_unique_among_pending_orders_only),
        cmocka_unit_test(cancel_gives_the_margin_back_and_tells_the_reason),
        cmocka_unit_test(cancel_all_takes_one_market_or_all),
        cmocka_unit_test(amend_cancels_and_places_anew_under_a_new_id),
        cmocka_unit_test(an_amend_that_is_refused_leaves_the_order_alone),
        cmocka_unit_test(orders_and_fills_are_found_again_newest_first),
        cmocka_unit_test(
            the_history_forgets_the_oldest_but_keeps_what_fills_refer_to),
        cmocka_unit_test(open_orders_of_a_symbol_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
