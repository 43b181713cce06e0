/*
 * Recorded candles as the market: what is traded reproduces them.
 */
#include "base/rng.h"
#include "unit/exchange/fixture.h"

#define MINUTE 60000LL
#define ROWS   60
#define FIRST  (START_MS / MINUTE * MINUTE - 20 * MINUTE)

static void
make_rows(struct ln_candle *rows, size_t n, int64_t step)
{
    struct ln_rng rng;
    ln_rng_seed(&rng, 99);
    int64_t price = 463190;
    for (size_t i = 0; i < n; i++) {
        struct ln_candle *c = &rows[i];
        ln_candle_start(c, FIRST + (int64_t)i * MINUTE,
                        price + ln_rng_between(&rng, -step / 4, step / 4));
        for (int k = 0; k < 4; k++)
            ln_candle_add(c, c->close_ticks + ln_rng_between(&rng, -step, step),
                          ln_rng_between(&rng, 500, 90000), 0);
        price = c->close_ticks;
    }
}

static struct fx *
replaying(const struct ln_candle *rows, size_t n)
{
    struct fx *f = fx_new();
    struct ln_error err;
    if (ln_ex_replay_candles(f->ex, BTC, rows, n, &err) != LN_OK)
        fail_msg("%s", err.what);
    return f;
}

static void
the_engine_makes_the_recorded_candles_again(void **state)
{
    (void)state;
    struct ln_candle rows[ROWS], c[ROWS + 1];
    make_rows(rows, ROWS, 400);
    struct fx *f = replaying(rows, ROWS);
    ln_ex_set_sink(f->ex, NULL, NULL);
    ln_ex_advance(f->ex, rows[ROWS - 1].time_ms + MINUTE);
    size_t n = ln_ex_candles(f->ex, BTC, LN_TF_1M, 0, c, ROWS + 1);
    assert_int_equal(n, ROWS + 1);
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(c[i].time_ms, rows[i].time_ms);
        assert_int_equal(c[i].open_ticks, rows[i].open_ticks);
        assert_int_equal(c[i].high_ticks, rows[i].high_ticks);
        assert_int_equal(c[i].low_ticks, rows[i].low_ticks);
        assert_int_equal(c[i].close_ticks, rows[i].close_ticks);
        assert_int_equal(c[i].volume_lots, rows[i].volume_lots);
    }
    fx_free(f);
}

static void
rows_before_the_start_are_history_and_the_price_is_theirs(void **state)
{
    (void)state;
    struct ln_candle rows[ROWS], c[ROWS + 2];
    make_rows(rows, ROWS, 400);
    struct fx *f = replaying(rows, ROWS);
    /* An hour of past: 40 minutes are invented, and end where rows begin. */
    assert_int_equal(ln_ex_candles(f->ex, BTC, LN_TF_1M, 0, c, ROWS + 2), 61);
    assert_int_equal(c[40].time_ms, rows[0].time_ms);
    assert_int_equal(c[39].close_ticks, rows[0].open_ticks);
    assert_memory_equal(&c[43].time_ms, &rows[3].time_ms, 5 * sizeof(int64_t));
    struct ln_ticker t;
    ln_ex_ticker(f->ex, BTC, &t);
    assert_int_equal(t.last_ticks, rows[19].close_ticks);
    assert_true(t.bid_ticks < rows[19].close_ticks);
    assert_true(t.ask_ticks > rows[19].close_ticks);
    assert_true(llabs(t.mark_e8 - rows[19].close_ticks * USDT / 10) < USDT);
    assert_int_equal(t.open_24h_ticks, c[0].open_ticks);
    fx_free(f);
}

static void
a_resting_order_fills_when_the_price_goes_through_it(void **state)
{
    (void)state;
    struct ln_candle rows[ROWS];
    make_rows(rows, ROWS, 400);
    struct fx *f = replaying(rows, ROWS);
    ln_ex_set_sink(f->ex, NULL, NULL);
    int64_t low = INT64_MAX;
    for (int i = 20; i < ROWS; i++)
        low = rows[i].low_ticks < low ? rows[i].low_ticks : low;
    int64_t through = fx_place(f, f->a, fx_limit(LN_BUY, low + 1, 500000));
    int64_t below = fx_place(f, f->a, fx_limit(LN_BUY, low - 1, 100));
    ln_ex_advance(f->ex, rows[ROWS - 1].time_ms + MINUTE - 1);
    assert_int_equal(fx_order(f, f->a, through)->state, LN_ORDER_FILLED);
    assert_int_equal(fx_order(f, f->a, below)->state, LN_ORDER_LIVE);
    fx_free(f);
}

static void
gaps_are_bridged_and_participants_carry_on_after_the_end(void **state)
{
    (void)state;
    struct ln_candle rows[ROWS], c[ROWS + 11];
    make_rows(rows, ROWS, 400);
    for (int i = 30; i < ROWS; i++)
        rows[i].time_ms += 5 * MINUTE;
    struct fx *f = replaying(rows, ROWS);
    ln_ex_set_sink(f->ex, NULL, NULL);
    int64_t end = rows[ROWS - 1].time_ms + MINUTE;
    ln_ex_advance(f->ex, end + 5 * MINUTE);
    assert_int_equal(ln_ex_candles(f->ex, BTC, LN_TF_1M, 0, c, ROWS + 11),
                     ROWS + 11);
    for (int i = 30; i < 35; i++) { /* nothing was recorded */
        assert_int_equal(c[i].volume_lots, 0);
        assert_int_equal(c[i].high_ticks, rows[29].close_ticks);
        assert_int_equal(c[i].low_ticks, rows[29].close_ticks);
    }
    assert_int_equal(c[35].open_ticks, rows[30].open_ticks);
    for (int i = ROWS + 5; i < ROWS + 10; i++) {
        assert_true(c[i].volume_lots > 0);
        assert_true(llabs(c[i].close_ticks - rows[ROWS - 1].close_ticks) <
                    20000);
    }
    fx_free(f);
}

static void
a_replay_is_the_same_however_time_is_sliced(void **state)
{
    (void)state;
    struct ln_candle rows[ROWS];
    static struct ln_trade a[LN_EX_TRADES_KEPT], b[LN_EX_TRADES_KEPT];
    make_rows(rows, ROWS, 400);
    struct fx *f = replaying(rows, ROWS), *g = replaying(rows, ROWS);
    ln_ex_set_sink(f->ex, NULL, NULL);
    ln_ex_set_sink(g->ex, NULL, NULL);
    int64_t end = START_MS + 20 * MINUTE;
    ln_ex_advance(f->ex, end);
    for (int64_t t = START_MS; t < end; t += 77)
        ln_ex_advance(g->ex, t);
    ln_ex_advance(g->ex, end);
    size_t n = ln_ex_trades(f->ex, BTC, a, LN_EX_TRADES_KEPT);
    assert_true(n > 100);
    assert_int_equal(ln_ex_trades(g->ex, BTC, b, LN_EX_TRADES_KEPT), n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(a[i].time_ms, b[i].time_ms);
        assert_int_equal(a[i].id, b[i].id);
        assert_int_equal(a[i].price_ticks, b[i].price_ticks);
        assert_int_equal(a[i].size_lots, b[i].size_lots);
    }
    fx_free(f);
    fx_free(g);
}

static void
unknown_volume_and_flat_rows_are_fine(void **state)
{
    (void)state;
    struct ln_candle rows[30], c[10];
    for (int i = 0; i < 30; i++)
        ln_candle_start(&rows[i], FIRST + i * MINUTE, 463190);
    struct fx *f = replaying(rows, 30);
    ln_ex_set_sink(f->ex, NULL, NULL);
    ln_ex_advance(f->ex, rows[29].time_ms + MINUTE);
    assert_int_equal(ln_ex_candles(f->ex, BTC, LN_TF_1M, 0, c, 6), 6);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(c[i].high_ticks, 463190);
        assert_int_equal(c[i].low_ticks, 463190);
        assert_true(c[i].volume_lots > 0);
    }
    fx_free(f);
}

static void
rows_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct ln_candle rows[ROWS];
    struct fx *f = fx_new();
    struct ln_error err;
    make_rows(rows, ROWS, 400);
    assert_int_equal(ln_ex_replay_candles(f->ex, BTC, rows, 0, &err),
                     LN_ERR_ARG);
    assert_int_equal(ln_ex_replay_candles(f->ex, 77, rows, ROWS, &err),
                     LN_ERR_NOT_FOUND);
    /* All of them in the past. */
    assert_int_equal(ln_ex_replay_candles(f->ex, BTC, rows, 10, &err),
                     LN_ERR_ARG);
    rows[40].high_ticks = rows[40].low_ticks - 1;
    assert_int_equal(ln_ex_replay_candles(f->ex, BTC, rows, ROWS, &err),
                     LN_ERR_ARG);
    assert_non_null(strstr(err.what, "40"));
    make_rows(rows, ROWS, 400);
    rows[7].time_ms = rows[6].time_ms;
    assert_int_equal(ln_ex_replay_candles(f->ex, BTC, rows, ROWS, &err),
                     LN_ERR_ARG);
    make_rows(rows, ROWS, 400);
    rows[7].low_ticks = 0;
    assert_int_equal(ln_ex_replay_candles(f->ex, BTC, rows, ROWS, &err),
                     LN_ERR_ARG);
    fx_free(f);
}

/* ---- recorded trades ---- */

#define TRADES 400

static void
make_trades(struct ln_trade *t, size_t n)
{
    struct ln_rng rng;
    ln_rng_seed(&rng, 7);
    int64_t price = 463190, time = START_MS - 90000;
    for (size_t i = 0; i < n; i++) {
        price += ln_rng_between(&rng, -3, 3);
        t[i] = (struct ln_trade){.time_ms = time,
                                 .id = 5,
                                 .price_ticks = price,
                                 .size_lots = ln_rng_between(&rng, 1, 900),
                                 .side = (uint8_t)ln_rng_between(&rng, 1, 2)};
        time += ln_rng_between(&rng, 0, 1500);
    }
}

static struct fx *
replaying_trades(const struct ln_trade *t, size_t n)
{
    struct fx *f = fx_new();
    struct ln_error err;
    if (ln_ex_replay_trades(f->ex, BTC, t, n, &err) != LN_OK)
        fail_msg("%s", err.what);
    ln_ex_set_sink(f->ex, NULL, NULL);
    return f;
}

static void
recorded_trades_are_printed_as_they_were(void **state)
{
    (void)state;
    static struct ln_trade in[TRADES], out[TRADES];
    make_trades(in, TRADES);
    struct fx *f = replaying_trades(in, TRADES);
    int64_t end = in[TRADES - 1].time_ms;
    for (int64_t t = START_MS; t < end; t += 777) {
        struct ln_ticker tick;
        ln_ex_advance(f->ex, t);
        ln_ex_ticker(f->ex, BTC, &tick);
        assert_in_range(tick.ask_ticks - tick.bid_ticks, 1, 4);
        assert_in_range(tick.last_ticks, tick.bid_ticks - 3,
                        tick.ask_ticks + 3);
    }
    ln_ex_advance(f->ex, end);
    size_t first = 0;
    while (in[first].time_ms < START_MS)
        first++;
    size_t n = ln_ex_trades(f->ex, BTC, out, TRADES);
    assert_true(first > 10 && n >= TRADES - first);
    /* A print may meet several quotes: sizes of parts add up. */
    size_t at = n;
    for (size_t i = first; i < TRADES; i++) {
        int64_t left = in[i].size_lots;
        while (left > 0) {
            assert_true(at > 0);
            const struct ln_trade *t = &out[--at];
            assert_int_equal(t->price_ticks, in[i].price_ticks);
            assert_int_equal(t->time_ms, in[i].time_ms);
            assert_int_equal(t->side, in[i].side);
            left -= t->size_lots;
        }
        assert_int_equal(left, 0);
    }
    assert_int_equal(at, 0);
    fx_free(f);
}

static void
trades_fill_the_orders_that_they_pass(void **state)
{
    (void)state;
    struct ln_trade t[] = {{START_MS - 5, 0, 463000, 10, LN_BUY},
                           {START_MS + 2000, 0, 462990, 10, LN_SELL},
                           {START_MS + 4000, 0, 462980, 10, LN_SELL},
                           {START_MS + 6000, 0, 463050, 10, 0}};
    struct fx *f = replaying_trades(t, 4);
    int64_t passed = fx_place(f, f->a, fx_limit(LN_BUY, 462985, 5000));
    int64_t below = fx_place(f, f->a, fx_limit(LN_BUY, 462979, 50));
    int64_t above = fx_place(f, f->a, fx_limit(LN_SELL, 463040, 70));
    ln_ex_advance(f->ex, START_MS + 3999);
    assert_int_equal(fx_order(f, f->a, passed)->state, LN_ORDER_LIVE);
    ln_ex_advance(f->ex, START_MS + 4000);
    assert_int_equal(fx_order(f, f->a, passed)->state, LN_ORDER_FILLED);
    assert_int_equal(fx_order(f, f->a, above)->state, LN_ORDER_LIVE);
    ln_ex_advance(f->ex, START_MS + 6000);
    assert_int_equal(fx_order(f, f->a, above)->state, LN_ORDER_FILLED);
    assert_int_equal(fx_order(f, f->a, below)->state, LN_ORDER_LIVE);
    fx_free(f);
}

static void
trades_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct ln_trade good[] = {{START_MS - 5, 0, 463000, 10, LN_BUY},
                              {START_MS + 5, 0, 463000, 10, LN_BUY}};
    struct fx *f = fx_new();
    struct ln_error err;
    for (int i = 0; i < 5; i++) {
        struct ln_trade t[2] = {good[0], good[1]};
        if (i == 0)
            t[1].time_ms = START_MS - 6;
        if (i == 1)
            t[1].price_ticks = 0;
        if (i == 2)
            t[0].size_lots = 0;
        if (i == 3)
            t[0].side = 3;
        if (i == 4)
            t[0].time_ms = START_MS + 1; /* begins too late */
        assert_int_equal(ln_ex_replay_trades(f->ex, BTC, t, 2, &err),
                         LN_ERR_ARG);
    }
    assert_int_equal(ln_ex_replay_trades(f->ex, BTC, good, 0, &err),
                     LN_ERR_ARG);
    assert_int_equal(ln_ex_replay_trades(f->ex, 77, good, 2, &err),
                     LN_ERR_NOT_FOUND);
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_engine_makes_the_recorded_candles_again),
        cmocka_unit_test(
            rows_before_the_start_are_history_and_the_price_is_theirs),
        cmocka_unit_test(a_resting_order_fills_when_the_price_goes_through_it),
        cmocka_unit_test(
            gaps_are_bridged_and_participants_carry_on_after_the_end),
        cmocka_unit_test(a_replay_is_the_same_however_time_is_sliced),
        cmocka_unit_test(unknown_volume_and_flat_rows_are_fine),
        cmocka_unit_test(rows_that_make_no_sense_are_refused),
        cmocka_unit_test(recorded_trades_are_printed_as_they_were),
        cmocka_unit_test(trades_fill_the_orders_that_they_pass),
        cmocka_unit_test(trades_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
