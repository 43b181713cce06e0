/*
 * The crowd: taker volumes are those of the trades, open interest follows
 * them, shares are shares.
 */
#include "exchange/history.h"
#include "unit/exchange/fixture.h"

#define MINUTE 60000LL
#define HOUR   (60 * MINUTE)

static void
taker_volumes_are_the_sums_of_the_trades(void **state)
{
    (void)state;
    static struct ln_trade t[20000];
    struct fx *f = fx_new_mode(LN_ONE_WAY, true);
    ln_ex_set_sink(f->ex, NULL, NULL);
    ln_ex_advance(f->ex, START_MS + 13 * MINUTE + 1);
    struct ln_ex_crowd c[20];
    /* Past and live; the period in which the engine started is both. */
    size_t n = ln_ex_crowd(f->ex, BTC, 5 * MINUTE, 0, c, 10);
    assert_int_equal(n, 10);
    size_t all = ln_ex_trades_before(f->ex, BTC, 0, c[0].time_ms, 0, t, 20000);
    for (size_t k = 0; k < n; k++) {
        int64_t buy = 0, sell = 0;
        for (size_t i = 0; i < all; i++)
            if (t[i].time_ms >= c[k].time_ms &&
                t[i].time_ms < c[k].time_ms + 5 * MINUTE)
                *(t[i].side == LN_BUY ? &buy : &sell) += t[i].size_lots;
        assert_int_equal(c[k].taker_buy_lots, buy);
        assert_int_equal(c[k].taker_sell_lots, sell);
        assert_true(buy > 0 && sell > 0);
        assert_true(k == 0 || c[k].time_ms == c[k - 1].time_ms + 5 * MINUTE);
        assert_int_equal(c[k].long_accounts_e8 + c[k].short_accounts_e8, LN_E8);
        assert_int_equal(c[k].long_positions_e8 + c[k].short_positions_e8,
                         LN_E8);
    }
    assert_true(c[n - 1].long_accounts_e8 != c[0].long_accounts_e8);
    struct ln_ticker tick;
    ln_ex_ticker(f->ex, BTC, &tick);
    assert_int_equal(c[n - 1].open_interest_lots, tick.open_interest_lots);
    fx_free(f);
}

static void
long_periods_are_the_sums_of_short_ones(void **state)
{
    (void)state;
    static struct ln_ex_crowd h[50], q[300];
    struct ln_ex_config cfg = {.seed = 9, .start_ms = START_MS};
    struct ln_ex *ex = ln_ex_new(&cfg, NULL);
    assert_int_equal(ln_ex_crowd(ex, 1, HOUR, 0, h, 50), 50);
    int64_t end = h[48].time_ms + HOUR;
    assert_int_equal(ln_ex_crowd(ex, 1, 10 * MINUTE, end, q, 294), 294);
    for (int k = 0; k < 49; k++) {
        int64_t buy = 0;
        for (int i = 0; i < 6; i++)
            buy += q[k * 6 + i].taker_buy_lots;
        assert_int_equal(q[k * 6L].time_ms, h[k].time_ms);
        assert_int_equal(h[k].taker_buy_lots, buy);
    }
    /* No further than the past, and nothing for a length that is none. */
    assert_int_equal(ln_ex_crowd(ex, 1, 24 * HOUR, 0, q, 300), 91);
    assert_int_equal(ln_ex_crowd(ex, 1, 1000, 0, q, 300), 0);
    assert_int_equal(ln_ex_crowd(ex, 77, HOUR, 0, q, 300), 0);
    ln_ex_free(ex);
}

static void
open_interest_moves_by_less_than_is_traded(void **state)
{
    (void)state;
    struct fx *f = fx_new_mode(LN_ONE_WAY, true);
    ln_ex_set_sink(f->ex, NULL, NULL);
    struct ln_ex_crowd c[60];
    ln_ex_advance(f->ex, START_MS + 59 * MINUTE);
    size_t n = ln_ex_crowd(f->ex, XRP, MINUTE, 0, c, 55), up = 0, down = 0;
    assert_int_equal(n, 55);
    for (size_t k = 1; k < n; k++) {
        int64_t step = c[k].open_interest_lots - c[k - 1].open_interest_lots;
        assert_true(llabs(step) <= c[k].taker_buy_lots + c[k].taker_sell_lots);
        up += step > 0;
        down += step < 0;
    }
    assert_true(up > 3 && down > 3);
    fx_free(f);
}

static void
accounts_are_counted_in(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct ln_ex_crowd c;
    fx_trade(f, 640000, 50);
    assert_int_equal(ln_ex_crowd(f->ex, BTC, MINUTE, 0, &c, 1), 1);
    assert_int_equal(c.taker_buy_lots, 50);
    assert_int_equal(c.taker_sell_lots, 0);
    assert_int_equal(c.open_interest_lots, 50);
    assert_int_equal(c.long_positions_e8, LN_E8 / 2); /* a long, b short */
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taker_volumes_are_the_sums_of_the_trades),
        cmocka_unit_test(long_periods_are_the_sums_of_short_ones),
        cmocka_unit_test(open_interest_moves_by_less_than_is_traded),
        cmocka_unit_test(accounts_are_counted_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
