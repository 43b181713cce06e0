/*
 * The strategies that ship: they load, take their warm-up, and trade in the
 * direction that they claim.
 */
#include "unit/bindings/fake_host.h"

#define SHIPPED(name) LN_TEST_ROOT "/scripts/strategies/" name

/* Closes that fall and then rise, as warm-up and as news. */
static void
ema_cross_goes_long_when_the_fast_average_is_above(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f);
    fake_hello(&f, SHIPPED("ema_cross.lua"), "{\"fast\":3,\"slow\":8}");
    assert_non_null(fake_last(&f, LN_MSG_READY));
    for (int i = 0; i < 30; i++)
        fake_candle(&f, BTC, START + i * 60000, 640000 + i * 50, true);
    fake_start(&f);
    assert_null(fake_last(&f, LN_MSG_SUBMIT)); /* it waits for a candle */
    fake_candle(&f, BTC, START + 30 * 60000, 641600, false);
    assert_no_error(&f);
    const struct ln_msg_submit *s = fake_last(&f, LN_MSG_SUBMIT);
    assert_non_null(s);
    assert_int_equal(s->req.side, LN_BUY);
    assert_int_equal(s->req.type, LN_MARKET);
    assert_int_equal(s->req.size_lots, 7); /* 500 / 64160, down to 0.001 */
    fake_free(&f);
}

static void
ema_cross_reverses_in_two_steps(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f);
    fake_hello(&f, SHIPPED("ema_cross.lua"), "{\"fast\":3,\"slow\":8}");
    for (int i = 0; i < 30; i++)
        fake_candle(&f, BTC, START + i * 60000, 640000 - i * 50, true);
    fake_start(&f);
    fake_position(&f, BTC, 7); /* long, and the averages say short */
    fake_candle(&f, BTC, START + 30 * 60000, 638400, false);
    assert_int_equal(fake_count(&f, LN_MSG_SUBMIT), 1);
    const struct ln_msg_submit *close = fake_last(&f, LN_MSG_SUBMIT);
    assert_true(close->req.reduce_only);
    assert_int_equal(close->req.side, LN_SELL);
    fake_position(&f, BTC, 0);
    fake_order(&f, close, LN_ORDER_FILLED, 7, "");
    assert_no_error(&f);
    assert_int_equal(fake_count(&f, LN_MSG_SUBMIT), 2);
    const struct ln_msg_submit *open = fake_last(&f, LN_MSG_SUBMIT);
    assert_int_equal(open->req.side, LN_SELL);
    assert_false(open->req.reduce_only);
    fake_free(&f);
}

/* The last order of that side that was submitted. */
static const struct ln_msg_submit *
submitted(const struct fake *f, uint8_t side)
{
    for (int i = f->nsaid; i-- > 0;) {
        const struct ln_msg_submit *s = (const void *)f->said[i];
        if (f->said[i]->type == LN_MSG_SUBMIT && s->req.side == side)
            return s;
    }
    return NULL;
}

static void
market_maker_quotes_both_sides_and_follows(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f);
    fake_hello(&f, SHIPPED("market_maker.lua"), "{}");
    assert_non_null(fake_last(&f, LN_MSG_READY));
    fake_start(&f);
    fake_ticker(&f, BTC, 640000);
    assert_no_error(&f);
    assert_int_equal(fake_count(&f, LN_MSG_SUBMIT), 2);
    const struct ln_msg_submit *buy = submitted(&f, LN_BUY);
    const struct ln_msg_submit *sell = submitted(&f, LN_SELL);
    assert_int_equal(buy->req.tif, LN_POST_ONLY);
    assert_true(buy->req.price_ticks < 640000);
    assert_true(sell->req.price_ticks > 640000);
    fake_order(&f, buy, LN_ORDER_LIVE, 0, "");
    fake_order(&f, sell, LN_ORDER_LIVE, 0, "");
    f.now_ms += 2000;
    fake_ticker(&f, BTC, 640000); /* they stand where they should */
    assert_int_equal(fake_count(&f, LN_MSG_AMEND), 0);
    f.now_ms += 2000;
    fake_ticker(&f, BTC, 641000);
    assert_int_equal(fake_count(&f, LN_MSG_AMEND), 2);
    assert_int_equal(fake_count(&f, LN_MSG_SUBMIT), 2);
    fake_free(&f);
}

static void
market_maker_does_not_buy_beyond_its_cap(void **state)
{
    (void)state;
    struct fake f;
    fake_new(&f);
    fake_hello(&f, SHIPPED("market_maker.lua"), "{\"max_quote\":100}");
    fake_start(&f);
    fake_position(&f, BTC, 5); /* worth 320 */
    fake_ticker(&f, BTC, 640000);
    assert_null(submitted(&f, LN_BUY));
    assert_non_null(submitted(&f, LN_SELL));
    fake_stop(&f, "shutdown");
    assert_int_equal(fake_count(&f, LN_MSG_CANCEL_ALL), 1);
    assert_no_error(&f);
    fake_free(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ema_cross_goes_long_when_the_fast_average_is_above),
        cmocka_unit_test(ema_cross_reverses_in_two_steps),
        cmocka_unit_test(market_maker_quotes_both_sides_and_follows),
        cmocka_unit_test(market_maker_does_not_buy_beyond_its_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
