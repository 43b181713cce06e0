/*
 * Money and structure under random commands: a million of them from accounts
 * of every mode, in a market that moves, with recorded crashes, settlements
 * and liquidations. Not a hundred-millionth may appear or vanish.
 */
#include "base/rng.h"
#include "exchange/money_int.h"
#include "unit/exchange/fixture.h"

/* Instrumented builds are slower by far. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define INSTRUMENTED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(INSTRUMENTED)
#define OPERATIONS 100000
#else
#define OPERATIONS 1000000
#endif
#define CHECK_EVERY 1000
#define TRADERS     8
#define MINUTE      60000LL
#define FIRST       (START_MS / MINUTE * MINUTE)
#define ROWS        3000

struct world {
    struct ln_ex *ex;
    struct ln_rng rng;
    ln_ex_account accounts[TRADERS];
    int64_t last_id[TRADERS];
    int64_t deposits_e8;
    uint64_t refusals[32];
    uint64_t fills, liquidations, settlements, filled, cancelled;
    uint64_t bad_fok, bad_post_only, bad_final, bad_closed;
    uint64_t closed, adl, plans, sources[16];
    int64_t last_plan[TRADERS];
};

static int64_t
pick(struct world *w, int64_t lo, int64_t hi)
{
    return ln_rng_between(&w->rng, lo, hi);
}

static void
watch(void *ctx, const struct ln_ex_event *e)
{
    struct world *w = ctx;
    w->settlements += e->type == LN_EXE_FUNDING;
    w->adl += e->type == LN_EXE_ADL;
    w->plans += e->type == LN_EXE_PLAN;
    if (e->type == LN_EXE_CLOSED) {
        const struct ln_ex_closed *p = e->u.closed;
        int64_t gain = p->close_value_e8 - p->open_value_e8;
        w->closed++;
        w->bad_closed +=
            p->profit_e8 != (p->hold_side == LN_LONG ? gain : -gain);
    }
    if (e->type == LN_EXE_FILL) {
        w->fills++;
        w->bad_post_only += e->u.fill->order->req.tif == LN_POST_ONLY &&
                            e->u.fill->liquidity == LN_TAKER;
    }
    if (e->type != LN_EXE_ORDER)
        return;
    const struct ln_ex_order *o = e->u.order.order;
    w->filled += o->state == LN_ORDER_FILLED;
    w->sources[o->source & 15] += o->state == LN_ORDER_FILLED;
    w->cancelled += o->state == LN_ORDER_CANCELLED;
    w->liquidations +=
        o->state == LN_ORDER_FILLED && strcmp(o->reason, "liquidation") == 0;
    w->bad_fok += o->req.tif == LN_FOK && o->state == LN_ORDER_CANCELLED &&
                  o->filled_lots > 0;
    w->bad_final += o->state == LN_ORDER_FILLED &&
                    (o->filled_lots != o->req.size_lots || o->locked_e8 != 0);
}

/* ETH jumps by percents within minutes. */
static void
add_crashes(struct world *w)
{
    struct ln_candle *rows = calloc(ROWS, sizeof(*rows));
    assert_non_null(rows);
    int64_t price = 321050;
    for (int i = 0; i < ROWS; i++) {
        ln_candle_start(&rows[i], FIRST + i * MINUTE, price);
        for (int k = 0; k < 3; k++) {
            int64_t most = rows[i].close_ticks / (pick(w, 0, 9) ? 300 : 12);
            int64_t to = rows[i].close_ticks + pick(w, -most, most);
            if (to < 200000 || to > 500000)
                to = 321050;
            ln_candle_add(&rows[i], to, pick(w, 1, 5000), 0);
        }
        price = rows[i].close_ticks;
    }
    assert_int_equal(ln_ex_replay_candles(w->ex, ETH, rows, ROWS, NULL), LN_OK);
    free(rows);
}

static void
start(struct world *w, uint64_t seed)
{
    static const char *const symbols[] = {"BTCUSDT", "ETHUSDT", "XRPUSDT"};
    struct ln_ex_config cfg = {.seed = seed,
                               .start_ms = START_MS,
                               .symbols = symbols,
                               .nsymbols = 3,
                               .history_minutes = 5,
                               .participants = true};
    memset(w, 0, sizeof(*w));
    ln_rng_seed(&w->rng, seed);
    w->ex = ln_ex_new(&cfg, NULL);
    assert_non_null(w->ex);
    ln_ex_set_sink(w->ex, watch, w);
    add_crashes(w);
    for (int i = 0; i < TRADERS; i++) {
        int64_t balance = pick(w, 200, 20000) * USDT + pick(w, 0, USDT - 1);
        w->accounts[i] = ln_ex_account_add(w->ex, balance);
        w->deposits_e8 += balance;
        ln_ex_account a = w->accounts[i];
        assert_int_equal(
            ln_ex_set_pos_mode(w->ex, a, i % 2 ? LN_HEDGE : LN_ONE_WAY), 0);
        for (uint16_t m = 0; m < 3; m++) {
            enum ln_margin_mode mode =
                (i / 2 + m) % 2 ? LN_ISOLATED : LN_CROSSED;
            assert_int_equal(ln_ex_set_margin_mode(w->ex, a, m, mode), 0);
            assert_int_equal(ln_ex_set_leverage(w->ex, a, m, LN_NET, 50), 0);
        }
    }
}

/* Mostly sensible, sometimes not. */
static struct ln_order_request
random_order(struct world *w, ln_ex_account a)
{
    struct ln_order_request r = {0};
    r.instrument = (uint16_t)pick(w, 0, pick(w, 0, 99) ? 2 : 5);
    r.side = (uint8_t)pick(w, LN_BUY, LN_SELL);
    r.type = pick(w, 0, 2) ? LN_LIMIT : LN_MARKET;
    r.tif = (uint8_t)pick(w, LN_GTC, LN_POST_ONLY);
    r.reduce_only = pick(w, 0, 2) == 0;
    r.stp = (uint8_t)(pick(w, 0, 3) ? LN_STP_NONE : pick(w, 1, 3));
    if (ln_ex_pos_mode(w->ex, a) == LN_HEDGE) {
        bool touches_long = (r.side == LN_BUY) != r.reduce_only;
        r.pos_side = touches_long ? LN_LONG : LN_SHORT;
    }
    if (pick(w, 0, 199) == 0)
        r.pos_side = (uint8_t)pick(w, 0, 3);
    if (pick(w, 0, 199) == 0)
        r.margin_mode = (uint8_t)pick(w, 0, 3);
    struct ln_ticker t;
    ln_ex_ticker(w->ex, r.instrument, &t);
    int64_t near = t.last_ticks / (pick(w, 0, 4) ? 2000 : 40) + 2;
    r.price_ticks = t.last_ticks + pick(w, -near, near);
    const struct ln_instrument *in =
        ln_instruments_at(ln_ex_instruments(w->ex), r.instrument);
    int64_t value = pick(w, 1, pick(w, 0, 9) ? 3000 : 200000) * USDT;
    r.size_lots = in ? ln_lots_for_notional(in, t.last_ticks, value) : 1;
    if (pick(w, 0, 99) == 0)
        r.size_lots = pick(w, 0, 1) ? pick(w, -5, 5) : INT64_MAX / 3;
    if (pick(w, 0, 9) == 0 && r.side == LN_BUY) {
        r.take_profit_ticks = t.last_ticks * 102 / 100;
        r.stop_loss_ticks = t.last_ticks * 98 / 100;
    }
    if (pick(w, 0, 9) == 0)
        snprintf(r.client_oid, sizeof(r.client_oid), "oid-%d",
                 (int)pick(w, 0, 20));
    return r;
}

static struct ln_ex_plan_request
random_plan(struct world *w, ln_ex_account a)
{
    struct ln_order_request r = random_order(w, a);
    struct ln_ticker t;
    ln_ex_ticker(w->ex, r.instrument, &t);
    int64_t away = pick(w, -t.last_ticks / 200, t.last_ticks / 200);
    struct ln_ex_plan_request q = {
        .kind = (uint8_t)pick(w, 1, LN_PLAN_KINDS - 1),
        .instrument = r.instrument,
        .side = r.side,
        .pos_side = r.pos_side,
        .watch = (uint8_t)pick(w, LN_WATCH_FILL, LN_WATCH_MARK),
        .reduce_only = r.reduce_only,
        .size_lots = r.size_lots,
        .trigger_ticks = t.last_ticks + away,
        .limit_ticks = pick(w, 0, 2) ? 0 : r.price_ticks,
        .callback_e8 = pick(w, 1, 2000000),
    };
    if (q.kind == LN_PLAN_TRACK || q.kind == LN_PLAN_MOVING)
        q.limit_ticks = 0;
    if (q.kind == LN_PLAN_POS_PROFIT || q.kind == LN_PLAN_POS_LOSS)
        q.size_lots = 0;
    return q;
}

static int
operate_plan(struct world *w, int who, ln_ex_account a)
{
    int64_t id = 0;
    int why = LN_EXR_OK;
    struct ln_ex_plan_request q = random_plan(w, a);
    switch (pick(w, 0, 5)) {
    case 0:
        return (int)ln_ex_plan_cancel(w->ex, a, LN_INSTRUMENT_NONE,
                                      w->last_plan[who], NULL);
    case 1: {
        struct ln_ex_plan_change change = {
            .trigger_ticks = q.trigger_ticks,
            .size_lots = pick(w, 0, 1) ? q.size_lots : 0,
            .callback_e8 = pick(w, 0, 1) ? q.callback_e8 : 0};
        return (int)ln_ex_plan_modify(w->ex, a, LN_INSTRUMENT_NONE,
                                      w->last_plan[who], NULL, &change);
    }
    default:
        why = (int)ln_ex_plan_place(w->ex, a, &q, &id);
        if (id)
            w->last_plan[who] = id;
        return why;
    }
}

static int
operate_margin(struct world *w, ln_ex_account a, uint16_t inst)
{
    enum ln_pos_side hold = (enum ln_pos_side)pick(w, 0, 2);
    int64_t close_id, open_id;
    switch (pick(w, 0, 3)) {
    case 0:
        return ln_ex_set_auto_margin(w->ex, a, inst, hold, pick(w, 0, 1));
    case 1:
        return (int)ln_ex_reverse(w->ex, a, inst, hold, 0, NULL, &close_id,
                                  &open_id);
    default:
        return ln_ex_move_margin(w->ex, a, inst, hold,
                                 pick(w, -50 * USDT, 50 * USDT));
    }
}

static int
operate_setting(struct world *w, ln_ex_account a, uint16_t inst)
{
    switch (pick(w, 0, 3)) {
    case 0:
        return ln_ex_set_margin_mode(w->ex, a, inst,
                                     (enum ln_margin_mode)pick(w, 1, 2));
    case 1:
        return ln_ex_set_pos_mode(w->ex, a, (enum ln_pos_mode)pick(w, 1, 2));
    default:
        return ln_ex_set_leverage(w->ex, a, inst,
                                  (enum ln_pos_side)pick(w, 0, 2),
                                  (int32_t)pick(w, 0, 130));
    }
}

/* What can be asked without a change: it must not cause one either. */
static void
ask(struct world *w, ln_ex_account a, uint16_t inst)
{
    enum ln_side side = (enum ln_side)pick(w, LN_BUY, LN_SELL);
    int32_t leverage = (int32_t)pick(w, 1, 125);
    assert_true(ln_ex_max_open_lots(w->ex, a, inst, side, 0, leverage) >= 0);
    assert_true(ln_ex_would_liquidate_e8(w->ex, a, inst, side, 0,
                                         pick(w, 1, 100000), leverage) >= 0);
    int rank = ln_ex_adl_rank(w->ex, a, inst, LN_NET);
    assert_in_range(rank, 0, 5);
}

static void
operate(struct world *w)
{
    int who = (int)pick(w, 0, TRADERS - 1);
    ln_ex_account a = w->accounts[who];
    int64_t kind = pick(w, 0, 99), id = w->last_id[who], nid = 0;
    uint16_t inst = (uint16_t)pick(w, 0, 2);
    int why = LN_EXR_OK;
    if (kind < 56) {
        struct ln_order_request r = random_order(w, a);
        why = (int)ln_ex_place(w->ex, a, &r, &nid);
    } else if (kind < 64) {
        why = (int)ln_ex_cancel(w->ex, a, LN_INSTRUMENT_NONE, id, NULL);
    } else if (kind < 71) {
        struct ln_order_request r = random_order(w, a);
        why = (int)ln_ex_amend(w->ex, a, LN_INSTRUMENT_NONE, id, NULL,
                               r.client_oid, pick(w, 0, 1) ? r.price_ticks : 0,
                               pick(w, 0, 1) ? r.size_lots : 0, &nid);
    } else if (kind < 72) {
        ln_ex_cancel_all(w->ex, a, pick(w, 0, 1) ? inst : LN_INSTRUMENT_NONE);
    } else if (kind < 76) {
        why = operate_setting(w, a, inst);
    } else if (kind < 82) {
        why = operate_plan(w, who, a);
    } else if (kind < 86) {
        why = operate_margin(w, a, inst);
    } else if (kind < 87) {
        ask(w, a, inst);
    } else {
        int64_t most = pick(w, 0, 19) ? 100 : 4000;
        ln_ex_advance(w->ex, ln_ex_now(w->ex) + pick(w, 0, most));
    }
    if (nid)
        w->last_id[who] = nid;
    w->refusals[why & 31]++;
}

/* Now and then the fund is empty, and comes back later. */
static void
move_fund(struct world *w)
{
    int64_t to = pick(w, 0, 2) ? 0 : LN_EX_INSURANCE_START_E8;
    w->ex->house_cash_e8 += w->ex->insurance_e8 - to;
    w->ex->insurance_e8 = to;
}

/* An account that lost everything starts again with fresh money. */
static void
refund(struct world *w)
{
    for (int i = 0; i < TRADERS; i++) {
        struct ln_ex_balance b;
        ln_ex_balance(w->ex, w->accounts[i], &b);
        assert_true(b.available_e8 >= 0);
        if (b.equity_e8 > 20 * USDT)
            continue;
        ln_ex_account fresh = ln_ex_account_add(w->ex, 5000 * USDT);
        if (!fresh)
            continue;
        w->deposits_e8 += 5000 * USDT;
        assert_int_equal(
            ln_ex_set_pos_mode(w->ex, fresh, i % 2 ? LN_HEDGE : LN_ONE_WAY), 0);
        for (uint16_t m = 0; m < 3; m++)
            (void)ln_ex_set_margin_mode(
                w->ex, fresh, m, (i / 2 + m) % 2 ? LN_ISOLATED : LN_CROSSED);
        w->accounts[i] = fresh;
        w->last_id[i] = 0;
    }
}

static void
no_money_is_made_or_lost_by_a_million_random_operations(void **state)
{
    (void)state;
    static struct world w;
    char why[200];
    start(&w, 20240917);
    for (int i = 0; i < OPERATIONS; i++) {
        operate(&w);
        if (ln_ex_money_total(w.ex) != w.deposits_e8)
            fail_msg("operation %d: money changed by %lld", i,
                     (long long)(ln_ex_money_total(w.ex) - w.deposits_e8));
        if (i % CHECK_EVERY != 0)
            continue;
        if (!ln_ex_check(w.ex, why, sizeof(why)))
            fail_msg("operation %d: %s", i, why);
        refund(&w);
        move_fund(&w);
    }
    assert_int_equal(w.bad_fok, 0);
    assert_int_equal(w.bad_post_only, 0);
    assert_int_equal(w.bad_final, 0);
    /* It was worth it: everything has happened. */
    assert_true(w.fills > 10000);
    assert_true(w.filled > 5000);
    assert_true(w.cancelled > 5000);
    assert_true(w.liquidations > 0);
    assert_int_equal(w.bad_closed, 0);
    assert_true(w.closed > 1000);
    assert_true(w.plans > 1000);
    assert_true(w.sources[LN_EXS_BURST] > 0);
    if (OPERATIONS == 1000000) {
        assert_true(w.settlements > 0);
        assert_true(w.adl > 0);
        assert_true(w.sources[LN_EXS_REDUCE] > 0);
        assert_true(w.sources[LN_EXS_OFFSET] > 0);
        assert_true(w.sources[LN_EXS_BURST] > 100);
    }
    static const enum ln_ex_refusal seen[] = {
        LN_EXR_SYMBOL,      LN_EXR_PRICE_BAND,    LN_EXR_SIZE_MIN,
        LN_EXR_SIZE_MAX,    LN_EXR_VALUE_MIN,     LN_EXR_MARGIN,
        LN_EXR_NO_POSITION, LN_EXR_DUPLICATE_OID, LN_EXR_CLOSE_TOO_LARGE,
        LN_EXR_POS_MODE,    LN_EXR_FINAL,         LN_EXR_UNCHANGED,
        LN_EXR_LEVERAGE,    LN_EXR_LOCKED,
    };
    for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
        if (w.refusals[seen[i]] == 0)
            fail_msg("never happened: %s", ln_ex_refusal_text(seen[i]));
    ln_ex_free(w.ex);
}

static void
the_check_notices_what_is_wrong(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    char why[200];
    fx_trade(f, 640000, 100);
    fx_place(f, f->a, fx_limit(LN_BUY, 630000, 10));
    assert_true(ln_ex_check(f->ex, why, sizeof(why)));
    struct ln_ex_order *o = (struct ln_ex_order *)(uintptr_t)ln_ex_find(
        f->ex, f->a, fx_place(f, f->a, fx_limit(LN_BUY, 620000, 10)), NULL);
    o->locked_e8++;
    assert_false(ln_ex_check(f->ex, why, sizeof(why)));
    assert_non_null(strstr(why, "locked"));
    o->locked_e8--;
    o->filled_lots++;
    assert_false(ln_ex_check(f->ex, why, sizeof(why)));
    assert_non_null(strstr(why, "rest"));
    o->filled_lots--;
    fx_free(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            no_money_is_made_or_lost_by_a_million_random_operations),
        cmocka_unit_test(the_check_notices_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
