/*
 * Estimates before an order: what they say is what then happens.
 */
#include "fixture.h"

#define A "/api/v2/mix/account/"
#define Q BTC "&marginCoin=USDT"

static void
open_count_is_margin_and_fee(void **state)
{
    struct world *w = *state;
    get(w, A "open-count", Q "&openAmount=100&openPrice=64000");
    expect_ok(w);
    /* 100 x 20 / (1 + 20 x 0.0006) = 1976.28 USDT */
    assert_string_equal(at(w, "data.size"), "0.0308");
    get(w, A "open-count", Q "&openAmount=100&openPrice=64000&leverage=1");
    assert_string_equal(at(w, "data.size"), "0.0015");
    market_buy(w, "0.1"); /* what is open does not matter */
    get(w, A "open-count", Q "&openAmount=100&openPrice=64000");
    assert_string_equal(at(w, "data.size"), "0.0308");
    get(w, A "open-count", Q "&openAmount=100&openPrice=64000&leverage=126");
    expect_code(w, "45044");
    get(w, A "open-count", Q "&openAmount=-1&openPrice=64000");
    expect_code(w, "40020");
    get(w, A "open-count", Q "&openAmount=much&openPrice=64000");
    expect_code(w, "40017");
    get(w, A "open-count", Q "&openPrice=64000");
    expect_code(w, "40019");
}

static void
what_can_be_opened_can_be_ordered(void **state)
{
    struct world *w = *state;
    const char *price = btc_price(w, -1000);
    char query[256], most[32], members[256];
    int64_t above;
    snprintf(query, sizeof(query),
             Q "&posSide=long&orderType=limit&openPrice=%s", price);
    get(w, A "max-open", query);
    expect_ok(w);
    snprintf(most, sizeof(most), "%s", at(w, "data.maxOpen"));
    assert_true(e8_of(most) > 0);
    above = e8_of(most) + e8_of("0.0001");
    char text[LN_DECIMAL_CAP];
    ln_decimal_format(above, 8, 0, text);
    snprintf(members, sizeof(members),
             ORDER "\"side\":\"buy\",\"orderType\":\"limit\",\"size\":\"%s\","
                   "\"price\":\"%s\"}",
             text, price);
    post(w, "/api/v2/mix/order/place-order", members);
    expect_code(w, "40762");
    snprintf(members, sizeof(members),
             "\"side\":\"buy\",\"orderType\":\"limit\",\"size\":\"%s\","
             "\"price\":\"%s\"",
             most, price);
    place(w, members);
    get(w, A "max-open", query); /* the order counts */
    assert_true(e8_at(w, "data.maxOpen") < e8_of("0.01"));
}

static void
a_limit_price_is_needed_and_checked(void **state)
{
    struct world *w = *state;
    get(w, A "max-open", Q "&posSide=short&orderType=market");
    expect_ok(w);
    assert_true(e8_at(w, "data.maxOpen") > 0);
    get(w, A "max-open", Q "&posSide=short&orderType=limit");
    expect_code(w, "40019");
    get(w, A "max-open", Q "&posSide=short&orderType=limit&openPrice=x");
    assert_string_not_equal(at(w, "code"), "00000");
    get(w, A "max-open", Q "&posSide=net&orderType=market");
    expect_code(w, "400172");
    get(w, A "liq-price", Q "&posSide=long&orderType=limit&openAmount=0.1");
    expect_code(w, "40019");
    get(w, A "liq-price", Q "&posSide=long&orderType=market");
    expect_code(w, "40019");
}

static void
liquidation_is_on_the_losing_side(void **state)
{
    struct world *w = *state;
    int64_t price = e8_of(btc_price(w, 0)), near, far;
    get(w, A "liq-price", Q "&posSide=long&orderType=market&openAmount=2");
    expect_ok(w);
    near = e8_at(w, "data.liqPrice");
    assert_in_range(near, 1, price);
    get(w, A "liq-price", Q "&posSide=long&orderType=market&openAmount=1");
    far = e8_at(w, "data.liqPrice");
    assert_true(far < near); /* more of the account behind it */
    get(w, A "liq-price", Q "&posSide=short&orderType=market&openAmount=2");
    assert_true(e8_at(w, "data.liqPrice") > price);
    get(w, A "liq-price", Q "&posSide=long&orderType=market&openAmount=0.001");
    assert_true(e8_at(w, "data.liqPrice") <= 0); /* never */
}

static void
the_estimate_is_the_positions_liquidation_price(void **state)
{
    struct world *w = *state;
    get(w, A "liq-price", Q "&posSide=long&orderType=market&openAmount=0.5");
    int64_t told = e8_at(w, "data.liqPrice");
    market_buy(w, "0.5");
    get(w, "/api/v2/mix/position/all-position", P);
    int64_t is = e8_at(w, "data.0.liquidationPrice");
    /* Slippage and the fee move it a little. */
    int64_t off = told > is ? told - is : is - told;
    assert_true(off < e8_of("200"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(open_count_is_margin_and_fee),
        TEST(what_can_be_opened_can_be_ordered),
        TEST(a_limit_price_is_needed_and_checked),
        TEST(liquidation_is_on_the_losing_side),
        TEST(the_estimate_is_the_positions_liquidation_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
