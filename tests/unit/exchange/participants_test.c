/*
 * The synthetic market: alive, the same from the same seed, and however the
 * time is sliced.
 */
#include "unit/exchange/fixture.h"

#define MINUTE 60000LL
#define HOUR   (60 * MINUTE)

static struct ln_ex *
market(uint64_t seed)
{
    struct ln_ex_config cfg = {
        .seed = seed, .start_ms = START_MS, .participants = true};
    struct ln_ex *ex = ln_ex_new(&cfg, NULL);
    assert_non_null(ex);
    return ex;
}

/* FNV-1a over what the events say. */
static void
hash_event(void *ctx, const struct ln_ex_event *e)
{
    uint64_t *h = ctx;
    int64_t words[8] = {e->type, e->instrument, e->account, e->time_ms};
    if (e->type == LN_EXE_TRADE) {
        words[4] = e->u.trade.id;
        words[5] = e->u.trade.price_ticks;
        words[6] = e->u.trade.size_lots;
        words[7] = e->u.trade.side;
    } else if (e->type == LN_EXE_LEVEL) {
        words[4] = e->u.level.side;
        words[5] = e->u.level.level.price_ticks;
        words[6] = e->u.level.level.size_lots;
    } else if (e->type == LN_EXE_ORDER) {
        words[4] = e->u.order.order->id;
        words[5] = e->u.order.order->state;
        words[6] = e->u.order.order->filled_lots;
    }
    const unsigned char *p = (const unsigned char *)words;
    for (size_t i = 0; i < sizeof(words); i++)
        *h = (*h ^ p[i]) * 0x100000001B3U;
}

/*
 * Ten minutes with an account that trades once a minute; between its orders,
 * time is advanced in steps of <slice_ms> (0: at once).
 */
static uint64_t
run(uint64_t seed, int64_t slice_ms)
{
    struct ln_ex *ex = market(seed);
    uint64_t hash = 0xCBF29CE484222325U;
    ln_ex_account a = ln_ex_account_add(ex, 10000 * USDT);
    ln_ex_set_sink(ex, hash_event, &hash);
    for (int minute = 1; minute <= 10; minute++) {
        int64_t until = START_MS + minute * MINUTE;
        for (int64_t t = ln_ex_now(ex); slice_ms && t < until; t += slice_ms)
            ln_ex_advance(ex, t);
        ln_ex_advance(ex, until);
        struct ln_order_request r =
            fx_market(minute % 2 ? LN_BUY : LN_SELL, 10LL * minute);
        int64_t id;
        assert_int_equal(ln_ex_place(ex, a, &r, &id), LN_EXR_OK);
        r = fx_limit(LN_BUY, 600000, 10);
        assert_int_equal(ln_ex_place(ex, a, &r, &id), LN_EXR_OK);
    }
    char why[200];
    if (!ln_ex_check(ex, why, sizeof(why)))
        fail_msg("%s", why);
    ln_ex_free(ex);
    return hash;
}

static void
the_same_seed_gives_the_same_market_however_time_is_sliced(void **state)
{
    (void)state;
    uint64_t at_once = run(5, 0);
    assert_true(run(5, 0) == at_once);
    assert_true(run(5, 7) == at_once);
    assert_true(run(5, 250) == at_once);
    assert_true(run(5, 1000) == at_once);
    assert_true(run(5, 33333) == at_once);
    assert_true(run(6, 0) != at_once);
}

static void
every_market_has_a_book_on_both_sides(void **state)
{
    (void)state;
    struct ln_ex *ex = market(11);
    static struct ln_level bids[2000], asks[2000];
    for (int tick = 0; tick < 20; tick++) {
        for (uint16_t i = 0; i < ln_ex_instruments(ex)->count; i++) {
            size_t nb = ln_ex_depth(ex, i, LN_BUY, bids, 2000);
            size_t na = ln_ex_depth(ex, i, LN_SELL, asks, 2000);
            assert_in_range(nb, 40, 250);
            assert_in_range(na, 40, 250);
            assert_true(bids[0].price_ticks < asks[0].price_ticks);
            assert_in_range(asks[0].price_ticks - bids[0].price_ticks, 1, 5);
            struct ln_ticker t;
            ln_ex_ticker(ex, i, &t);
            assert_int_equal(t.bid_ticks, bids[0].price_ticks);
            assert_int_equal(t.ask_lots, asks[0].size_lots);
            assert_true(t.open_interest_lots > 0);
        }
        ln_ex_advance(ex, ln_ex_now(ex) + 3 * MINUTE);
    }
    char why[200];
    if (!ln_ex_check(ex, why, sizeof(why)))
        fail_msg("%s", why);
    ln_ex_free(ex);
}

static void
every_market_trades_all_the_time(void **state)
{
    (void)state;
    struct ln_ex *ex = market(12);
    ln_ex_advance(ex, START_MS + HOUR);
    for (uint16_t i = 0; i < ln_ex_instruments(ex)->count; i++) {
        struct ln_candle c[60];
        int64_t volume = 0;
        bool moved = false;
        assert_int_equal(ln_ex_candles(ex, i, LN_TF_1M, 0, c, 60), 60);
        for (int k = 0; k < 60; k++) {
            assert_true(c[k].volume_lots > 0);
            volume += c[k].volume_lots;
            moved = moved || c[k].close_ticks != c[0].close_ticks;
        }
        assert_true(moved);
        int64_t day = ln_ex_spec(ex, i)->daily_volume_lots;
        assert_in_range(volume * 24, day / 5, day * 5);
        struct ln_trade t[100];
        assert_int_equal(ln_ex_trades(ex, i, t, 100), 100);
        for (int k = 1; k < 100; k++) {
            assert_true(t[k].id < t[k - 1].id);
            assert_in_range(t[k - 1].time_ms - t[k].time_ms, 0, 20000);
        }
    }
    ln_ex_free(ex);
}

static void
a_day_stays_a_plausible_day(void **state)
{
    (void)state;
    struct ln_ex_config cfg = {
        .seed = 3, .start_ms = START_MS, .participants = true};
    static const char *const one[] = {"ETHUSDT"};
    cfg.symbols = one;
    cfg.nsymbols = 1;
    struct ln_ex *ex = ln_ex_new(&cfg, NULL);
    assert_non_null(ex);
    ln_ex_advance(ex, START_MS + 24 * HOUR);
    struct ln_ticker t;
    ln_ex_ticker(ex, 0, &t);
    int64_t start = ln_ex_spec(ex, 0)->start_price_ticks;
    assert_in_range(t.last_ticks, start * 7 / 10, start * 13 / 10);
    int64_t range = (t.high_24h_ticks - t.low_24h_ticks) * 1000 / start;
    assert_in_range(range, 10, 300); /* 1 % to 30 % */
    int64_t off = t.mark_e8 - t.index_e8;
    assert_true(llabs(off) < t.index_e8 / 1000);
    assert_true(llabs(t.funding_rate_e8) <= 300000);
    ln_ex_free(ex);
}

static void
resting_orders_at_the_best_prices_are_hit(void **state)
{
    (void)state;
    struct ln_ex *ex = market(13);
    ln_ex_account a = ln_ex_account_add(ex, 100000 * USDT);
    for (uint16_t i = 0; i < ln_ex_instruments(ex)->count; i++) {
        struct ln_ticker t;
        ln_ex_ticker(ex, i, &t);
        const struct ln_instrument *in =
            ln_instruments_at(ln_ex_instruments(ex), i);
        struct ln_order_request r = fx_limit(LN_BUY, t.bid_ticks, 0);
        r.instrument = i;
        r.size_lots = 1 + ln_lots_for_notional(in, t.bid_ticks, 10 * USDT);
        r.tif = LN_POST_ONLY;
        int64_t id;
        assert_int_equal(ln_ex_place(ex, a, &r, &id), LN_EXR_OK);
    }
    ln_ex_advance(ex, START_MS + 2 * HOUR);
    const struct ln_ex_order *open[16];
    size_t left = ln_ex_orders(ex, a, true, LN_INSTRUMENT_NONE, 0, open, 16);
    assert_true(left <= 2); /* a market may have left for good */
    ln_ex_free(ex);
}

static void
a_crossing_order_trades_with_participants_and_money_is_kept(void **state)
{
    (void)state;
    struct ln_ex *ex = market(14);
    ln_ex_account a = ln_ex_account_add(ex, 10000 * USDT);
    struct ln_order_request r = fx_market(LN_BUY, 1000);
    int64_t id;
    assert_int_equal(ln_ex_place(ex, a, &r, &id), LN_EXR_OK);
    assert_int_equal(ln_ex_find(ex, a, id, NULL)->state, LN_ORDER_FILLED);
    ln_ex_advance(ex, START_MS + 2 * HOUR); /* over a settlement */
    r.side = LN_SELL;
    assert_int_equal(ln_ex_place(ex, a, &r, &id), LN_EXR_OK);
    assert_int_equal(ln_ex_positions(ex, a, NULL, 0), 0);
    assert_int_equal(ln_ex_money_total(ex), 10000 * USDT);
    ln_ex_free(ex);
}

static void
unknown_symbols_are_explained(void **state)
{
    (void)state;
    static const char *const names[] = {"BTCUSTD"};
    struct ln_ex_config cfg = {
        .seed = 1, .start_ms = START_MS, .symbols = names, .nsymbols = 1};
    struct ln_error err = {0};
    assert_null(ln_ex_new(&cfg, &err));
    assert_int_equal(err.code, LN_ERR_NOT_FOUND);
    assert_non_null(strstr(err.what, "BTCUSTD"));
    assert_string_equal(err.cure, "did you mean BTCUSDT");
    cfg.nsymbols = 0;
    assert_null(ln_ex_new(&cfg, &err));
    cfg.symbols = NULL;
    cfg.history_minutes = -1;
    assert_null(ln_ex_new(&cfg, &err));
}

static void
the_catalogue_is_coherent(void **state)
{
    (void)state;
    size_t n;
    const struct ln_ex_spec *all = ln_ex_catalogue(&n);
    assert_true(n >= 8);
    bool coarse = false, tiny = false, tens = false, halves = false;
    for (size_t i = 0; i < n; i++) {
        const struct ln_instrument *in = &all[i].instrument;
        assert_int_equal(in->min_notional_e8, 5 * USDT);
        assert_int_equal(in->maker_fee_e8, 20000);
        assert_int_equal(in->taker_fee_e8, 60000);
        assert_int_equal(24 % in->funding_interval_h, 0);
        assert_true(in->min_lots > 0 && in->max_limit_lots > 0);
        assert_int_equal(all[i].tiers[0].leverage, in->max_leverage);
        for (int k = 0; k < all[i].ntiers; k++) {
            /* A position of full leverage is not liquidated at once. */
            int64_t rate = all[i].tiers[k].keep_rate_e8 + in->taker_fee_e8;
            assert_true(rate * all[i].tiers[k].leverage < LN_E8);
            assert_true(
                k == 0 ||
                (all[i].tiers[k].end_e8 > all[i].tiers[k - 1].end_e8 &&
                 all[i].tiers[k].leverage < all[i].tiers[k - 1].leverage));
        }
        /* The largest order's value fits with room. */
        int64_t value = ln_notional_e8(in, all[i].start_price_ticks * 10,
                                       in->max_limit_lots);
        assert_true(value < INT64_MAX / 16);
        coarse = coarse || in->price_step == 5;
        tiny = tiny || in->price_scale == 8;
        tens = tens || in->lot_step == 10;
        halves = halves || (in->lot_step == 5 && in->size_scale == 1);
    }
    assert_true(coarse && tiny && tens && halves);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_same_seed_gives_the_same_market_however_time_is_sliced),
        cmocka_unit_test(every_market_has_a_book_on_both_sides),
        cmocka_unit_test(every_market_trades_all_the_time),
        cmocka_unit_test(a_day_stays_a_plausible_day),
        cmocka_unit_test(resting_orders_at_the_best_prices_are_hit),
        cmocka_unit_test(
            a_crossing_order_trades_with_participants_and_money_is_kept),
        cmocka_unit_test(unknown_symbols_are_explained),
        cmocka_unit_test(the_catalogue_is_coherent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
