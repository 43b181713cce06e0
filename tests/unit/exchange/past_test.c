/*
 * The past: 90 days from the seed, the same in every length of candle and in
 * its trades, and seamless with what is traded after the start.
 */
#include "exchange/history.h"
#include "unit/exchange/fixture.h"

#define MINUTE 60000LL
#define DAYS   (24 * 60 * MINUTE)
#define ALL    (LN_EX_PAST_DAYS * 1440)

static struct ln_candle minutes[ALL + 200];

static struct ln_ex *
market(uint64_t seed, bool participants)
{
    static const char *const symbols[] = {"BTCUSDT", "SHIBUSDT", "LINKUSDT"};
    struct ln_ex_config cfg = {.seed = seed,
                               .start_ms = START_MS,
                               .symbols = symbols,
                               .nsymbols = 3,
                               .participants = participants};
    struct ln_ex *ex = ln_ex_new(&cfg, NULL);
    assert_non_null(ex);
    return ex;
}

static void
it_reaches_back_90_days_without_a_seam(void **state)
{
    (void)state;
    struct ln_ex *ex = market(1, true);
    ln_ex_advance(ex, START_MS + 5 * MINUTE);
    for (uint16_t i = 0; i < 3; i++) {
        size_t n = ln_ex_candles(ex, i, LN_TF_1M, 0, minutes, ALL + 200);
        assert_int_equal(n, ALL + 6);
        assert_int_equal(minutes[0].time_ms, ln_ex_past_begins(ex, i));
        for (size_t k = 1; k < n; k++) {
            assert_int_equal(minutes[k].time_ms,
                             minutes[k - 1].time_ms + MINUTE);
            if (k < ALL)
                assert_int_equal(minutes[k].open_ticks,
                                 minutes[k - 1].close_ticks);
            assert_true(minutes[k].volume_lots > 0);
        }
        assert_int_equal(minutes[ALL - 1].close_ticks,
                         ln_ex_spec(ex, i)->start_price_ticks);
        int64_t volume = 0;
        for (size_t k = 0; k < ALL; k++)
            volume += minutes[k].volume_lots / LN_EX_PAST_DAYS;
        int64_t day = ln_ex_spec(ex, i)->daily_volume_lots;
        assert_in_range(volume, day / 2, day * 2);
    }
    ln_ex_free(ex);
}

static void
every_length_is_the_fold_of_the_minutes(void **state)
{
    (void)state;
    static struct ln_candle a[ALL], b[ALL];
    struct ln_ex *ex = market(2, true);
    ln_ex_advance(ex, START_MS + 20 * MINUTE);
    size_t all = ln_ex_candles(ex, 0, LN_TF_1M, 0, minutes, ALL + 200);
    for (int tf = LN_TF_1M; tf < LN_TF_COUNT; tf++) {
        size_t n = ln_ex_candles(ex, 0, (enum ln_timeframe)tf, 0, a, ALL);
        size_t k = ln_candles_fold(minutes, all, (enum ln_timeframe)tf, b, ALL);
        assert_int_equal(n, k);
        assert_memory_equal(a, b, n * sizeof(*a));
        /* A page from the middle is the same. */
        struct ln_candle page[3];
        size_t at = n / 2;
        size_t got = ln_ex_candles(ex, 0, (enum ln_timeframe)tf,
                                   a[at].time_ms + 1, page, 3);
        assert_int_equal(got, at + 1 < 3 ? at + 1 : 3);
        assert_memory_equal(&page[got - 1], &a[at], sizeof(page[0]));
    }
    ln_ex_free(ex);
}

static void
a_minute_is_the_fold_of_its_trades(void **state)
{
    (void)state;
    struct ln_ex *ex = market(3, true);
    const struct ln_instrument *in =
        ln_instruments_at(ln_ex_instruments(ex), 1);
    for (int day = 1; day < 90; day += 8) {
        struct ln_candle c, f;
        struct ln_trade t[64];
        int64_t end = START_MS - day * DAYS;
        assert_int_equal(ln_ex_candles(ex, 1, LN_TF_1M, end, &c, 1), 1);
        size_t n = ln_ex_trades_before(ex, 1, 0, c.time_ms,
                                       c.time_ms + MINUTE - 1, t, 64);
        assert_in_range(n, 3, 8);
        ln_candle_start(&f, c.time_ms, t[n - 1].price_ticks);
        while (n-- > 0)
            ln_candle_add(&f, t[n].price_ticks, t[n].size_lots,
                          ln_notional_e8(in, t[n].price_ticks, t[n].size_lots));
        assert_memory_equal(&c, &f, sizeof(c));
    }
    ln_ex_free(ex);
}

static void
trades_are_paged_by_id_from_now_into_the_past(void **state)
{
    (void)state;
    struct ln_ex *ex = market(4, true);
    ln_ex_advance(ex, START_MS + MINUTE);
    int64_t before = 0, last_time = INT64_MAX;
    size_t live = 0, old = 0;
    for (int page = 0; page < 200; page++) {
        struct ln_trade t[7];
        assert_int_equal(ln_ex_trades_before(ex, 0, before, 0, 0, t, 7), 7);
        for (int i = 0; i < 7; i++) {
            assert_true(before == 0 || t[i].id < before);
            assert_true(t[i].time_ms <= last_time);
            before = t[i].id;
            last_time = t[i].time_ms;
            if (t[i].time_ms >= START_MS)
                live++;
            else
                old++;
        }
    }
    assert_true(live > 10 && old > 100);
    /* Nothing lies before the beginning. */
    struct ln_trade t[64];
    int64_t begins = ln_ex_past_begins(ex, 0);
    assert_int_equal(ln_ex_trades_before(ex, 0, 0, 0, begins - 1, t, 64), 0);
    size_t n = ln_ex_trades_before(ex, 0, 0, 0, begins + MINUTE - 1, t, 64);
    assert_in_range(n, 3, 8);
    assert_int_equal(ln_ex_trades_before(ex, 0, t[n - 1].id, 0, 0, t, 64), 0);
    ln_ex_free(ex);
}

static void
it_depends_on_the_seed_and_not_on_the_order_of_questions(void **state)
{
    (void)state;
    struct ln_candle a[50], b[50];
    struct ln_ex *x = market(5, false), *y = market(5, false),
                 *z = market(6, false);
    int64_t end = START_MS - 40 * DAYS;
    ln_ex_candles(x, 2, LN_TF_1W, 0, a, 50);
    assert_int_equal(ln_ex_candles(x, 2, LN_TF_5M, end, a, 50), 50);
    assert_int_equal(ln_ex_candles(y, 2, LN_TF_5M, end, b, 50), 50);
    assert_memory_equal(a, b, sizeof(a));
    assert_int_equal(ln_ex_candles(z, 2, LN_TF_5M, end, b, 50), 50);
    assert_memory_not_equal(a, b, sizeof(a));
    ln_ex_free(x);
    ln_ex_free(y);
    ln_ex_free(z);
}

static void
index_and_mark_have_candles_of_their_own(void **state)
{
    (void)state;
    static struct ln_candle mark[ALL + 200], day[100];
    struct ln_ex *ex = market(7, true);
    ln_ex_advance(ex, START_MS + 10 * MINUTE);
    size_t n = ln_ex_candles(ex, 0, LN_TF_1M, 0, minutes, ALL + 200);
    for (int which = LN_EX_INDEX; which <= LN_EX_MARK; which++) {
        assert_int_equal(ln_ex_price_candles(ex, 0, (enum ln_ex_price)which,
                                             LN_TF_1M, 0, mark, ALL + 200),
                         n);
        size_t same = 0;
        for (size_t k = 0; k < n; k++) {
            assert_int_equal(mark[k].time_ms, minutes[k].time_ms);
            assert_int_equal(mark[k].volume_lots, 0);
            assert_true(mark[k].low_ticks <= mark[k].open_ticks &&
                        mark[k].close_ticks <= mark[k].high_ticks);
            /* Within a percent of the market. */
            assert_true(llabs(mark[k].close_ticks - minutes[k].close_ticks) <
                        minutes[k].close_ticks / 100);
            same += mark[k].close_ticks == minutes[k].close_ticks;
        }
        assert_true(same < n / 2);
        size_t days = ln_ex_price_candles(ex, 0, (enum ln_ex_price)which,
                                          LN_TF_1DUTC, 0, day, 100);
        assert_int_equal(days, 91);
        static struct ln_candle fold[100];
        assert_int_equal(ln_candles_fold(mark, n, LN_TF_1DUTC, fold, 100), 91);
        assert_memory_equal(day, fold, days * sizeof(*day));
    }
    ln_ex_free(ex);
}

static void
funding_rates_were_settled_and_change_sign(void **state)
{
    (void)state;
    static struct ln_ex_settled r[700];
    struct ln_ex *ex = market(8, true);
    for (uint16_t i = 0; i < 3; i++) {
        int64_t hours = i == 2 ? 4 : 8, lo, hi;
        size_t n = ln_ex_funding_history(ex, i, 0, r, 700);
        assert_in_range(n, 89 * 24 / (size_t)hours,
                        90 * 24 / (size_t)hours + 1);
        ln_ex_funding_bounds(ex, i, &lo, &hi);
        size_t negative = 0, positive = 0, unlike = 0;
        for (size_t k = 0; k < n; k++) {
            assert_int_equal(r[k].time_ms % (hours * 60 * MINUTE), 0);
            assert_true(k == 0 ||
                        r[k].time_ms == r[k - 1].time_ms - hours * 60 * MINUTE);
            assert_true(r[k].rate_e8 >= lo && r[k].rate_e8 <= hi);
            negative += r[k].rate_e8 < 0;
            positive += r[k].rate_e8 > 0;
            unlike += k > 0 && r[k].rate_e8 != r[k - 1].rate_e8;
        }
        assert_true(negative > 0 && positive > negative && unlike > n / 8);
    }
    /* Live ones come first; pages skip. */
    struct ln_ex_settled page[2], old = r[0];
    assert_int_equal(ln_ex_funding_history(ex, 2, 0, &old, 1), 1);
    ln_ex_advance(ex, START_MS + 5 * 60 * MINUTE);
    assert_int_equal(ln_ex_funding_history(ex, 2, 0, page, 2), 2);
    assert_true(page[0].time_ms > START_MS);
    assert_int_equal(ln_ex_funding_history(ex, 2, 1, page, 2), 2);
    assert_int_equal(page[0].time_ms, old.time_ms);
    ln_ex_free(ex);
}

static void
the_configuration_limits_it(void **state)
{
    (void)state;
    struct fx *f = fx_new(); /* an hour */
    struct ln_trade t[1000];
    int64_t begins = START_MS / MINUTE * MINUTE - 60 * MINUTE;
    assert_int_equal(ln_ex_past_begins(f->ex, BTC), begins);
    assert_int_equal(ln_ex_candles(f->ex, BTC, LN_TF_1M, 0, minutes, 100), 61);
    assert_int_equal(ln_ex_candles(f->ex, BTC, LN_TF_1M, begins, minutes, 9),
                     0);
    size_t n = ln_ex_trades_before(f->ex, BTC, 0, 0, 0, t, 1000);
    assert_in_range(n, 180, 480);
    assert_true(t[n - 1].time_ms >= begins);
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_reaches_back_90_days_without_a_seam),
        cmocka_unit_test(every_length_is_the_fold_of_the_minutes),
        cmocka_unit_test(a_minute_is_the_fold_of_its_trades),
        cmocka_unit_test(trades_are_paged_by_id_from_now_into_the_past),
        cmocka_unit_test(
            it_depends_on_the_seed_and_not_on_the_order_of_questions),
        cmocka_unit_test(index_and_mark_have_candles_of_their_own),
        cmocka_unit_test(funding_rates_were_settled_and_change_sign),
        cmocka_unit_test(the_configuration_limits_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
