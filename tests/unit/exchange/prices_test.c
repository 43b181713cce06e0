/*
 * Prices that behave: both sides of every book are hit, the mark moves, the
 * index is another price than the last one, the funding rate follows from
 * their difference.
 */
#include "exchange/history.h"
#include "unit/exchange/fixture.h"

#define MINUTE  60000LL
#define HOUR    (60 * MINUTE)
#define SYMBOLS 16

struct tally {
    int buys[SYMBOLS], sells[SYMBOLS];
};

static void
count(void *ctx, const struct ln_ex_event *e)
{
    struct tally *t = ctx;
    if (e->type == LN_EXE_TRADE)
        (e->u.trade.side == LN_BUY ? t->buys : t->sells)[e->instrument]++;
}

static void
a_minute_of_every_market_is_alive(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct ln_ex_config cfg = {
            .seed = seed, .start_ms = START_MS, .participants = true};
        struct ln_ex *ex = ln_ex_new(&cfg, NULL);
        struct tally t = {0};
        int64_t mark[SYMBOLS] = {0};
        int moves[SYMBOLS] = {0};
        uint16_t n = ln_ex_instruments(ex)->count;
        assert_true(n <= SYMBOLS);
        ln_ex_set_sink(ex, count, &t);
        for (int s = 0; s <= 60; s++) {
            ln_ex_advance(ex, START_MS + s * 1000);
            for (uint16_t i = 0; i < n; i++) {
                struct ln_ticker k;
                ln_ex_ticker(ex, i, &k);
                moves[i] += s > 0 && k.mark_e8 != mark[i];
                mark[i] = k.mark_e8;
            }
        }
        for (uint16_t i = 0; i < n; i++) {
            if (t.buys[i] < 5 || t.sells[i] < 5 || moves[i] < 20)
                fail_msg("%s, seed %llu: %d buys, %d sells, %d moves",
                         ln_ex_spec(ex, i)->instrument.symbol,
                         (unsigned long long)seed, t.buys[i], t.sells[i],
                         moves[i]);
        }
        ln_ex_free(ex);
    }
}

static void
index_mark_and_last_differ_and_stay_together(void **state)
{
    (void)state;
    static const char *const one[] = {"BTCUSDT"};
    struct ln_ex_config cfg = {.seed = 2,
                               .start_ms = START_MS,
                               .symbols = one,
                               .nsymbols = 1,
                               .participants = true};
    struct ln_ex *ex = ln_ex_new(&cfg, NULL);
    int other = 0, above = 0, below = 0;
    int64_t lo, hi, first = 0;
    bool rate_moved = false;
    ln_ex_funding_bounds(ex, 0, &lo, &hi);
    for (int m = 1; m <= 72 * 6; m++) {
        struct ln_ticker t;
        ln_ex_advance(ex, START_MS + m * 10 * MINUTE);
        ln_ex_ticker(ex, 0, &t);
        int64_t last =
            ln_price_e8(&ln_ex_spec(ex, 0)->instrument, t.last_ticks);
        assert_true(llabs(t.index_e8 - last) < last / 100);
        assert_true(llabs(t.mark_e8 - last) < last / 200);
        assert_in_range(t.funding_rate_e8 - lo, 0, hi - lo);
        other += t.mark_e8 != t.index_e8 && t.mark_e8 != last;
        above += last > t.index_e8;
        below += last < t.index_e8;
        first = m == 1 ? t.funding_rate_e8 : first;
        rate_moved = rate_moved || t.funding_rate_e8 != first;
    }
    assert_true(other > 100 && above > 20 && below > 20 && rate_moved);
    ln_ex_free(ex);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minute_of_every_market_is_alive),
        cmocka_unit_test(index_mark_and_last_differ_and_stay_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
