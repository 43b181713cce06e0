/*
 * In whatever order news arrives, twice or late, an order ends the same. The
 * expected end is worked out from the set of news, not from any delivery of
 * it; small sets are delivered in every order there is, large ones in random
 * orders with repetitions.
 */
#include "base/assert.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "order_fixture.h"

#define NEWS_MAX  32
#define FILLS_MAX 8

enum kind { ACCEPTED, LOST, ABSENT, REJECTED, UPDATE, FILL };

struct news {
    enum kind kind;
    struct ln_order_update u;
    struct ln_fill f;
    int fill; /* which of the execution's */
};

/* What really happened at the exchange, and the news of it that we get. */
struct story {
    struct ln_fill fills[FILLS_MAX];
    int nfills;
    struct news news[NEWS_MAX];
    int n;
};

static struct news *
add(struct story *s, enum kind kind)
{
    assert_true(s->n < NEWS_MAX);
    struct news *w = &s->news[s->n++];
    memset(w, 0, sizeof(*w));
    w->kind = kind;
    return w;
}

/* Sums over the first <count> fills of the execution. */
static int64_t
lots_of(const struct story *s, int count)
{
    int64_t lots = 0;
    for (int i = 0; i < count; i++)
        lots += s->fills[i].size_lots;
    return lots;
}

static int64_t
mean_of(const struct story *s, int count)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++)
        sum += s->fills[i].price_ticks * s->fills[i].size_lots;
    return ln_price_mean_e8(&btc, sum, lots_of(s, count));
}

static void
add_update(struct story *s, enum ln_order_state state, int after_fills)
{
    struct news *w = add(s, UPDATE);
    w->u = told(state, lots_of(s, after_fills));
    w->u.updated_ms = 1000 + after_fills;
    if (state == LN_ORDER_CANCELLED || state == LN_ORDER_EXPIRED)
        return; /* such a push omits the average */
    w->u.average_e8 = mean_of(s, after_fills);
    for (int i = 0; i < after_fills; i++)
        w->u.fee_e8 += s->fills[i].fee_e8 - 1; /* not quite the same sum */
}

static void
add_fill(struct story *s, int which)
{
    struct news *w = add(s, FILL);
    w->f = s->fills[which];
    w->fill = which;
}

static void
execute(struct story *s, int64_t ticks, int64_t lots)
{
    assert_true(s->nfills < FILLS_MAX);
    s->fills[s->nfills] = fill_of(s->nfills, ticks, lots);
    s->nfills++;
}

/* ---- where a set of news must end ---- */

struct end {
    enum ln_order_state state;
    int64_t filled, booked, profit_e8, average_e8, fee_e8;
};

static bool
has(const struct story *s, enum kind kind)
{
    for (int i = 0; i < s->n; i++)
        if (s->news[i].kind == kind)
            return true;
    return false;
}

static enum ln_order_state
state_of(const struct story *s, int64_t filled)
{
    enum ln_order_state early = LN_ORDER_LIVE; /* how it ended before that */
    for (int i = 0; i < s->n; i++)
        if (s->news[i].kind == UPDATE &&
            (s->news[i].u.state == LN_ORDER_CANCELLED ||
             s->news[i].u.state == LN_ORDER_EXPIRED))
            early = (enum ln_order_state)s->news[i].u.state;
    if (!has(s, ACCEPTED) && !has(s, UPDATE) && !has(s, FILL)) {
        if (has(s, REJECTED) || has(s, ABSENT))
            return LN_ORDER_REJECTED;
        return has(s, LOST) ? LN_ORDER_UNKNOWN : LN_ORDER_SENT;
    }
    if (filled == SIZE)
        return LN_ORDER_FILLED;
    if (early != LN_ORDER_LIVE)
        return early;
    return filled ? LN_ORDER_PARTIAL : LN_ORDER_LIVE;
}

static struct end
end_of(const struct story *s)
{
    struct end e = {0};
    int64_t told_lots = 0, told_average = 0, told_fee = 0;
    int64_t by_ticks = 0, fills_fee = 0;
    for (int i = 0; i < s->n; i++) {
        const struct news *w = &s->news[i];
        if (w->kind == FILL) {
            e.booked += w->f.size_lots;
            e.profit_e8 += w->f.profit_e8;
            by_ticks += w->f.size_lots * w->f.price_ticks;
            fills_fee += w->f.fee_e8;
        } else if (w->kind == UPDATE) {
            if (w->u.filled_lots > e.filled)
                e.filled = w->u.filled_lots;
            if (w->u.average_e8 && w->u.filled_lots > told_lots) {
                told_lots = w->u.filled_lots;
                told_average = w->u.average_e8;
                told_fee = w->u.fee_e8;
            }
        }
    }
    if (e.booked > e.filled)
        e.filled = e.booked;
    bool as_told = told_lots > 0 && told_lots >= e.booked;
    e.average_e8 =
        as_told ? told_average : ln_price_mean_e8(&btc, by_ticks, e.booked);
    e.fee_e8 = as_told ? told_fee : fills_fee;
    e.state = state_of(s, e.filled);
    return e;
}

/* ---- delivery, watched ---- */

static bool
deliver(struct ln_order *o, const struct news *w)
{
    switch (w->kind) {
    case ACCEPTED:
        return ln_order_accepted(o, ID, 150);
    case LOST:
        return ln_order_lost(o, "no answer", 5000);
    case ABSENT:
        return ln_order_absent(o, 6000);
    case REJECTED:
        return ln_order_rejected(o, 40786, "duplicate clientOid", 150);
    case UPDATE:
        return ln_order_apply(o, &w->u);
    case FILL:
        return ln_order_fill(o, &w->f);
    }
    return false;
}

/* How far an order is; REJECTED and what comes before LIVE are doubtful. */
static int
progress(enum ln_order_state state)
{
    switch (state) {
    case LN_ORDER_LIVE:
        return 1;
    case LN_ORDER_PARTIAL:
        return 2;
    case LN_ORDER_FILLED:
    case LN_ORDER_CANCELLED:
    case LN_ORDER_EXPIRED:
        return 3;
    case LN_ORDER_PLANNED:
    case LN_ORDER_SENT:
    case LN_ORDER_UNKNOWN:
    case LN_ORDER_REJECTED:
        break;
    }
    return 0;
}

static bool
looks_the_same(const struct ln_order *a, const struct ln_order *b)
{
    return a->state == b->state && a->filled_lots == b->filled_lots &&
           a->average_e8 == b->average_e8 && a->fee_e8 == b->fee_e8 &&
           a->error_code == b->error_code &&
           strcmp(a->order_id, b->order_id) == 0;
}

static void
watch(const struct ln_order *before, const struct ln_order *after,
      const struct news *w, bool returned)
{
    assert_true(after->filled_lots >= before->filled_lots);
    assert_true(after->updated_ms >= before->updated_ms);
    assert_true(progress(after->state) >= progress(before->state));
    if (progress(before->state) == 3)
        assert_int_equal(after->state, before->state);
    if (w->kind == FILL)
        assert_true(returned || looks_the_same(before, after));
    else
        assert_int_equal(returned, !looks_the_same(before, after));
}

static void
run(const struct story *s, const int *order, int count)
{
    struct ln_order o, before;
    struct end want = end_of(s);
    int booked_of[FILLS_MAX] = {0};
    int64_t booked = 0;
    init(&o);
    ln_order_sent(&o, 110);
    for (int i = 0; i < count; i++) {
        const struct news *w = &s->news[order[i]];
        before = o;
        bool returned = deliver(&o, w);
        watch(&before, &o, w, returned);
        if (w->kind == FILL && returned) {
            booked += w->f.size_lots;
            assert_int_equal(++booked_of[w->fill], 1);
        }
    }
    assert_int_equal(o.state, want.state);
    assert_int_equal(o.filled_lots, want.filled);
    assert_int_equal(booked, want.booked);
    assert_int_equal(o.fills_lots, want.booked);
    assert_int_equal(o.profit_e8, want.profit_e8);
    assert_int_equal(o.fee_e8, want.fee_e8);
    assert_int_equal(ln_order_average_e8(&o, &btc), want.average_e8);
    if (want.state != LN_ORDER_REJECTED && want.state != LN_ORDER_UNKNOWN)
        assert_int_equal(o.error_code, 0);
}

/* ---- every order of a small set ---- */

static int
run_all_orders(const struct story *s, int *order, int from)
{
    if (from == s->n) {
        run(s, order, s->n);
        return 1;
    }
    int runs = 0;
    for (int i = from; i < s->n; i++) {
        int t = order[from];
        order[from] = order[i];
        order[i] = t;
        runs += run_all_orders(s, order, from + 1);
        order[i] = order[from];
        order[from] = t;
    }
    return runs;
}

static int
every_order(const struct story *s)
{
    int order[NEWS_MAX];
    for (int i = 0; i < s->n; i++)
        order[i] = i;
    return run_all_orders(s, order, 0);
}

static void
every_order_of_a_filled_order(void **unused)
{
    (void)unused;
    struct story s = {0};
    execute(&s, 640000, 4);
    execute(&s, 639990, 6);
    add(&s, ACCEPTED);
    add(&s, LOST);
    add(&s, ABSENT);
    add_update(&s, LN_ORDER_LIVE, 0);
    add_update(&s, LN_ORDER_PARTIAL, 1);
    add_update(&s, LN_ORDER_FILLED, 2);
    add_fill(&s, 0);
    add_fill(&s, 1);
    assert_int_equal(end_of(&s).state, LN_ORDER_FILLED);
    assert_int_equal(end_of(&s).booked, SIZE);
    assert_int_equal(every_order(&s), 40320);
}

static void
every_order_of_a_cancelled_order(void **unused)
{
    (void)unused;
    struct story s = {0};
    execute(&s, 640000, 4);
    execute(&s, 639990, 3);
    add(&s, LOST);
    add(&s, ABSENT);
    add(&s, REJECTED);
    add_update(&s, LN_ORDER_LIVE, 0);
    add_update(&s, LN_ORDER_PARTIAL, 1);
    add_update(&s, LN_ORDER_CANCELLED, 2);
    add_fill(&s, 0);
    add_fill(&s, 1);
    assert_int_equal(end_of(&s).state, LN_ORDER_CANCELLED);
    assert_int_equal(end_of(&s).booked, 7);
    assert_int_equal(every_order(&s), 40320);
}

static void
every_order_of_an_order_that_never_was(void **unused)
{
    (void)unused;
    struct story s = {0};
    add(&s, LOST);
    add(&s, LOST);
    add(&s, ABSENT);
    add(&s, ABSENT);
    add(&s, REJECTED);
    assert_int_equal(end_of(&s).state, LN_ORDER_REJECTED);
    assert_int_equal(every_order(&s), 120);
}

static void
every_order_without_any_push(void **unused)
{
    (void)unused;
    struct story s = {0};
    execute(&s, 640000, 1);
    execute(&s, 640010, 2);
    execute(&s, 640020, 7);
    add(&s, LOST);
    add(&s, ABSENT);
    add_fill(&s, 0);
    add_fill(&s, 1);
    add_fill(&s, 2);
    assert_int_equal(end_of(&s).state, LN_ORDER_FILLED);
    assert_int_equal(every_order(&s), 120);
}

/* ---- random sets, random orders, repetitions ---- */

static void
tell(struct story *s, struct ln_rng *rng)
{
    int64_t left = SIZE;
    bool cancel = ln_rng_below(rng, 3) == 0;
    while (left > 0 && s->nfills < FILLS_MAX && ln_rng_below(rng, 6)) {
        int64_t lots = ln_rng_between(rng, 1, left);
        execute(s, ln_rng_between(rng, 639000, 641000), lots);
        left -= lots;
    }
    if (ln_rng_below(rng, 2))
        add(s, ACCEPTED);
    if (ln_rng_below(rng, 2))
        add(s, LOST);
    if (ln_rng_below(rng, 3) == 0)
        add(s, ABSENT);
    if (ln_rng_below(rng, 4) == 0)
        add(s, REJECTED);
    /* Any push and any fill may be lost for ever. */
    if (ln_rng_below(rng, 2))
        add_update(s, LN_ORDER_LIVE, 0);
    for (int i = 0; i < s->nfills; i++) {
        if (ln_rng_below(rng, 4))
            add_fill(s, i);
        if (ln_rng_below(rng, 3))
            add_update(s,
                       lots_of(s, i + 1) == SIZE ? LN_ORDER_FILLED
                                                 : LN_ORDER_PARTIAL,
                       i + 1);
    }
    if (cancel && left > 0)
        add_update(s,
                   ln_rng_below(rng, 3) ? LN_ORDER_CANCELLED : LN_ORDER_EXPIRED,
                   s->nfills);
}

static void
any_news_in_any_order_any_number_of_times(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    int ends[LN_ORDER_EXPIRED + 1] = {0};
    ln_rng_seed(&rng, 20260101);
    for (int round = 0; round < 4000; round++) {
        struct story s = {0};
        int order[3 * NEWS_MAX];
        tell(&s, &rng);
        ends[end_of(&s).state]++;
        for (int k = 0; k < 10; k++) {
            int count = 0;
            for (int i = 0; i < s.n; i++)
                for (uint64_t c = 1 + ln_rng_below(&rng, 3); c > 0; c--)
                    order[count++] = i;
            for (int i = count - 1; i > 0; i--) {
                int j = (int)ln_rng_below(&rng, (uint64_t)i + 1);
                int t = order[i];
                order[i] = order[j];
                order[j] = t;
            }
            run(&s, order, count);
        }
    }
    /* Every end there is was among them. */
    assert_true(ends[LN_ORDER_SENT] > 0);
    assert_true(ends[LN_ORDER_UNKNOWN] > 0);
    assert_true(ends[LN_ORDER_LIVE] > 0);
    assert_true(ends[LN_ORDER_PARTIAL] > 0);
    assert_true(ends[LN_ORDER_FILLED] > 0);
    assert_true(ends[LN_ORDER_CANCELLED] > 0);
    assert_true(ends[LN_ORDER_REJECTED] > 0);
    assert_true(ends[LN_ORDER_EXPIRED] > 0);
}

/* Two updates with one amount: the later one is right, whichever came last. */
static void
averages_of_one_amount(void **unused)
{
    (void)unused;
    struct ln_order_update a = told(LN_ORDER_FILLED, SIZE), b = a, c = a;
    struct ln_order o;
    a.average_e8 = 3;
    a.fee_e8 = -3;
    b.average_e8 = 2;
    b.fee_e8 = -2;
    b.updated_ms = a.updated_ms + 1;
    c.average_e8 = 1; /* at the same time as b: one of them, always the same */
    c.fee_e8 = -9;
    c.updated_ms = b.updated_ms;
    const struct ln_order_update *const orders[][3] = {
        {&a, &b, &c}, {&a, &c, &b}, {&b, &a, &c},
        {&b, &c, &a}, {&c, &a, &b}, {&c, &b, &a}};
    for (size_t i = 0; i < LN_COUNT(orders); i++) {
        init(&o);
        ln_order_sent(&o, 110);
        for (int k = 0; k < 3; k++)
            ln_order_apply(&o, orders[i][k]);
        assert_int_equal(o.average_e8, 2);
        assert_int_equal(o.fee_e8, -2);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_a_filled_order),
        cmocka_unit_test(every_order_of_a_cancelled_order),
        cmocka_unit_test(every_order_of_an_order_that_never_was),
        cmocka_unit_test(every_order_without_any_push),
        cmocka_unit_test(any_news_in_any_order_any_number_of_times),
        cmocka_unit_test(averages_of_one_amount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
