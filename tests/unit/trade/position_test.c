/*
 * Positions from fills: worked cases, and random long, short and flip
 * sequences against a model whose entry is a fraction.
 */
#include "base/rng.h"
#include "trade/position.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Tick 0.1, lot 0.001: BTCUSDT. */
static const struct ln_instrument btc = {.symbol = "BTCUSDT",
                                         .price_scale = 1,
                                         .price_step = 1,
                                         .size_scale = 3,
                                         .lot_step = 1};
/* A tick x lot of 0.15e-8: each fill is rounded. */
static const struct ln_instrument fine = {.symbol = "FINEUSDT",
                                          .price_scale = 6,
                                          .price_step = 5,
                                          .size_scale = 4,
                                          .lot_step = 3};

static int64_t
fill(struct ln_position *p, const struct ln_instrument *in, enum ln_side side,
     int64_t ticks, int64_t lots)
{
    struct ln_fill f = {.side = (uint8_t)side,
                        .price_ticks = ticks,
                        .size_lots = lots,
                        .fee_e8 = -1000,
                        .time_ms = 5};
    return ln_position_fill(p, in, &f);
}

static void
begins_flat(void **unused)
{
    (void)unused;
    struct ln_position p;
    ln_position_init(&p, 3);
    assert_int_equal(p.instrument, 3);
    assert_int_equal(p.size_lots, 0);
    assert_int_equal(ln_position_entry_e8(&p, &btc), 0);
    assert_int_equal(ln_position_unrealised_e8(&p, &btc, 64000 * LN_E8), 0);
}

static void
entry_is_the_average_of_what_opened(void **unused)
{
    (void)unused;
    struct ln_position p;
    ln_position_init(&p, 0);
    assert_int_equal(fill(&p, &btc, LN_BUY, 640000, 10), 0);
    assert_int_equal(fill(&p, &btc, LN_BUY, 643000, 20), 0);
    assert_int_equal(p.size_lots, 30);
    assert_int_equal(p.cost_e8, 1926 * LN_E8); /* 640 + 1286 */
    assert_int_equal(ln_position_entry_e8(&p, &btc), 64200 * LN_E8);
    /* 0.03 x (64300 - 64200) */
    assert_int_equal(ln_position_unrealised_e8(&p, &btc, 64300 * LN_E8),
                     3 * LN_E8);
    assert_int_equal(ln_position_unrealised_e8(&p, &btc, 64100 * LN_E8),
                     -3 * LN_E8);
    assert_int_equal(p.fills, 2);
    assert_int_equal(p.fees_e8, -2000);
    assert_int_equal(p.updated_ms, 5);
}

static void
entry_is_rounded_to_the_nearest(void **unused)
{
    (void)unused;
    struct ln_position p;
    ln_position_init(&p, 0);
    fill(&p, &btc, LN_SELL, 640000, 1);
    fill(&p, &btc, LN_SELL, 640001, 2);
    /* 64000.0666...: a hundred millionth up, not down. */
    assert_int_equal(ln_position_entry_e8(&p, &btc), 6400006666667LL);
    /* Closing leaves it where it is, to what the cost can hold. */
    fill(&p, &btc, LN_BUY, 600000, 1);
    int64_t off = ln_position_entry_e8(&p, &btc) - 6400006666667LL;
    assert_true(off >= -500 && off <= 500); /* half a unit over 0.002 */
}

static void
closing_leaves_the_entry(void **unused)
{
    (void)unused;
    struct ln_position p;
    ln_position_init(&p, 0);
    fill(&p, &btc, LN_BUY, 640000, 30);
    assert_int_equal(fill(&p, &btc, LN_SELL, 641000, 10), 1 * LN_E8);
    assert_int_equal(p.size_lots, 20);
    assert_int_equal(ln_position_entry_e8(&p, &btc), 64000 * LN_E8);
    assert_int_equal(fill(&p, &btc, LN_SELL, 639000, 20), -2 * LN_E8);
    assert_int_equal(p.size_lots, 0);
    assert_int_equal(p.cost_e8, 0);
    assert_int_equal(p.realised_e8, -1 * LN_E8);
    assert_int_equal(ln_position_entry_e8(&p, &btc), 0);
}

static void
a_short_earns_when_the_price_falls(void **unused)
{
    (void)unused;
    struct ln_position p;
    ln_position_init(&p, 0);
    fill(&p, &btc, LN_SELL, 640000, 10);
    assert_int_equal(p.size_lots, -10);
    assert_int_equal(ln_position_entry_e8(&p, &btc), 64000 * LN_E8);
    assert_int_equal(ln_position_unrealised_e8(&p, &btc, 63900 * LN_E8),
                     1 * LN_E8);
    assert_int_equal(fill(&p, &btc, LN_BUY, 639000, 10), 1 * LN_E8);
    assert_int_equal(p.size_lots, 0);
}

static void
one_fill_can_turn_it_round(void **unused)
{
    (void)unused;
    struct ln_position p;
    ln_position_init(&p, 0);
    fill(&p, &btc, LN_BUY, 640000, 10);
    assert_int_equal(fill(&p, &btc, LN_SELL, 642000, 25), 2 * LN_E8);
    assert_int_equal(p.size_lots, -15);
    assert_int_equal(ln_position_entry_e8(&p, &btc), 64200 * LN_E8);
    assert_int_equal(fill(&p, &btc, LN_BUY, 641000, 40), 15 * LN_E8 / 10);
    assert_int_equal(p.size_lots, 25);
    assert_int_equal(ln_position_entry_e8(&p, &btc), 64100 * LN_E8);
}

static void
the_share_of_the_cost_is_rounded_to_the_nearest(void **unused)
{
    (void)unused;
    struct ln_position p;
    ln_position_init(&p, 0);
    fill(&p, &fine, LN_BUY, 5, 3); /* 2.25 units: 2 */
    assert_int_equal(p.cost_e8, 2);
    /* A third of the cost is 0.67, the value 0.75: both count as 1. */
    assert_int_equal(fill(&p, &fine, LN_SELL, 5, 1), 0);
    assert_int_equal(p.cost_e8, 1);
}

static void
unknown_mark_is_no_profit(void **unused)
{
    (void)unused;
    struct ln_position p;
    ln_position_init(&p, 0);
    fill(&p, &btc, LN_BUY, 640000, 10);
    assert_int_equal(ln_position_unrealised_e8(&p, &btc, 0), 0);
}

static void
a_late_fill_does_not_turn_back_the_clock(void **unused)
{
    (void)unused;
    struct ln_position p;
    struct ln_fill f = {.side = LN_BUY, .price_ticks = 1, .size_lots = 1};
    ln_position_init(&p, 0);
    f.time_ms = 200;
    ln_position_fill(&p, &btc, &f);
    f.time_ms = 100;
    ln_position_fill(&p, &btc, &f);
    assert_int_equal(p.updated_ms, 200);
}

static void
no_size_is_no_fill(void **unused)
{
    (void)unused;
    struct ln_position p, before;
    ln_position_init(&p, 0);
    fill(&p, &btc, LN_BUY, 640000, 10);
    before = p;
    assert_int_equal(fill(&p, &btc, LN_SELL, 640000, 0), 0);
    assert_int_equal(fill(&p, &btc, LN_SELL, 640000, -7), 0);
    assert_memory_equal(&p, &before, sizeof(p));
}

static void
absurd_fills_saturate(void **unused)
{
    (void)unused;
    struct ln_position p;
    ln_position_init(&p, 0);
    for (int i = 0; i < 4; i++)
        fill(&p, &btc, LN_BUY, INT64_MAX, INT64_MAX);
    assert_int_equal(p.size_lots, INT64_MAX);
    assert_int_equal(p.cost_e8, INT64_MAX);
    for (int i = 0; i < 4; i++)
        fill(&p, &btc, LN_SELL, INT64_MIN, INT64_MAX);
    ln_position_entry_e8(&p, &btc);
    ln_position_unrealised_e8(&p, &btc, INT64_MAX);
    assert_true(p.size_lots < 0);
}

/* ---- the model: an entry that is a fraction of whole numbers ---- */

/*
 * In units of tick x lot of the instrument. The entry of an open position is
 * value / lots of its opening fills, a fraction that closing keeps.
 */
struct model {
    int64_t size;
    ln_i128 num, den; /* entry in ticks: num / den */
    double realised;  /* ticks x lots; exact below 2^53 but for fractions */
};

static void
model_fill(struct model *m, enum ln_side side, int64_t ticks, int64_t lots)
{
    int64_t dir = side == LN_BUY ? 1 : -1;
    int64_t held = m->size < 0 ? -m->size : m->size;
    if (m->size * dir < 0) {
        int64_t closing = lots < held ? lots : held;
        double gain = (double)ticks - (double)m->num / (double)m->den;
        m->realised += -(double)dir * gain * (double)closing;
        m->size += dir * closing;
        lots -= closing;
        held = 0;
        if (lots == 0)
            return;
    }
    if (m->size == 0) {
        m->num = ticks;
        m->den = 1;
    } else { /* (num / den x held + ticks x lots) / (held + lots) */
        m->num = m->num * held + (ln_i128)ticks * lots * m->den;
        m->den *= held + lots;
    }
    m->size += dir * lots;
}

/* Keep the fraction small; what is cut is far below one unit. */
static void
model_reduce(struct model *m)
{
    ln_i128 a = m->num, b = m->den;
    while (b) {
        ln_i128 t = a % b;
        a = b;
        b = t;
    }
    if (a > 1) {
        m->num /= a;
        m->den /= a;
    }
    while (m->den > (ln_i128)1 << 62) {
        m->num >>= 1;
        m->den >>= 1;
    }
}

static double
magnitude(double v)
{
    return v < 0 ? -v : v;
}

static void
random_sequences_agree_with_the_model(const struct ln_instrument *in,
                                      double unit_e8)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct ln_position p;
        struct model m = {.den = 1};
        struct ln_rng rng;
        int64_t ticks = 100000;
        int flips = 0;
        ln_position_init(&p, 0);
        ln_rng_seed(&rng, seed);
        for (int i = 1; i <= 100; i++) {
            enum ln_side side = ln_rng_below(&rng, 2) ? LN_BUY : LN_SELL;
            int64_t lots = ln_rng_between(&rng, 1, 60);
            int64_t before = p.size_lots;
            ticks += ln_rng_between(&rng, -500, 500);
            if (ln_rng_below(&rng, 8) == 0 && before) { /* to flat */
                side = before > 0 ? LN_SELL : LN_BUY;
                lots = before > 0 ? before : -before;
            }
            int64_t was = p.realised_e8;
            int64_t told = fill(&p, in, side, ticks, lots);
            model_fill(&m, side, ticks, lots);
            model_reduce(&m);
            assert_int_equal(p.realised_e8 - was, told);
            assert_int_equal(p.size_lots, m.size);
            assert_true(p.cost_e8 >= 0);
            assert_int_equal(p.fills, i);
            flips += (before > 0 && p.size_lots < 0) ||
                     (before < 0 && p.size_lots > 0);

            /* Two roundings a fill at most: of its value, of the share. */
            double tolerance = i + 1.0;
            assert_true(magnitude((double)p.realised_e8 -
                                  m.realised * unit_e8) <= tolerance);
            if (m.size == 0) {
                assert_int_equal(p.cost_e8, 0);
                continue;
            }
            double held = magnitude((double)m.size);
            double cost = (double)m.num / (double)m.den * held * unit_e8;
            assert_true(magnitude((double)p.cost_e8 - cost) <= tolerance);
        }
        assert_true(flips > 0);
    }
}

static void
agrees_with_fractions(void **unused)
{
    (void)unused;
    random_sequences_agree_with_the_model(&btc, 1e4); /* 0.1 x 0.001 */
    random_sequences_agree_with_the_model(&fine, 0.15);
}

/*
 * Whatever was traded: realised + unrealised is what was received less what
 * was paid, plus what is held at its mark. To half a unit for each fill.
 */
static void
nothing_is_made_and_nothing_lost(void **unused)
{
    (void)unused;
    static const struct ln_instrument *const all[] = {&btc, &fine};
    static const ln_i128 units_e10[] = {1000000, 15}; /* of tick x lot */
    for (uint64_t seed = 1; seed <= 300; seed++) {
        const struct ln_instrument *in = all[seed % 2];
        ln_i128 unit = units_e10[seed % 2], cash = 0;
        struct ln_position p;
        struct ln_rng rng;
        ln_position_init(&p, 0);
        ln_rng_seed(&rng, seed);
        for (int i = 1; i <= 200; i++) {
            bool buy = ln_rng_below(&rng, 2);
            int64_t ticks = ln_rng_between(&rng, 1, 2000000);
            int64_t lots = ln_rng_between(&rng, 1, 100000);
            fill(&p, in, buy ? LN_BUY : LN_SELL, ticks, lots);
            cash += (ln_i128)ticks * lots * (buy ? -1 : 1);

            int64_t mark = ln_rng_between(&rng, 1, 2000000);
            int64_t mark_e8 = ln_price_e8(in, mark);
            ln_i128 ours = (ln_i128)p.realised_e8 +
                           ln_position_unrealised_e8(&p, in, mark_e8);
            ln_i128 want = (cash + (ln_i128)mark * p.size_lots) * unit;
            ln_i128 off = ours * 100 - want; /* in 1e-10 */
            if (off < 0)
                off = -off;
            assert_true(off <= (ln_i128)50 * (i + 1));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_flat),
        cmocka_unit_test(entry_is_the_average_of_what_opened),
        cmocka_unit_test(entry_is_rounded_to_the_nearest),
        cmocka_unit_test(closing_leaves_the_entry),
        cmocka_unit_test(a_short_earns_when_the_price_falls),
        cmocka_unit_test(one_fill_can_turn_it_round),
        cmocka_unit_test(the_share_of_the_cost_is_rounded_to_the_nearest),
        cmocka_unit_test(unknown_mark_is_no_profit),
        cmocka_unit_test(a_late_fill_does_not_turn_back_the_clock),
        cmocka_unit_test(no_size_is_no_fill),
        cmocka_unit_test(absurd_fills_saturate),
        cmocka_unit_test(agrees_with_fractions),
        cmocka_unit_test(nothing_is_made_and_nothing_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
