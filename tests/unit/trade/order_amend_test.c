/*
 * Amends: the record becomes the replacement, whose amounts start from
 * nothing, and late fills of what was replaced are known again but do not
 * count. And what a strategy sees beside state and amounts: times and the
 * flags of what is under way. The state machine itself: order_test.c.
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

#define NEW_ID "1402000000000200002"

/* ---- amends ---- */

static void
an_amend_leaves_no_amount_behind(void **unused)
{
    (void)unused;
    struct ln_order o;
    struct ln_order_update u = told(LN_ORDER_PARTIAL, 4);
    init(&o);
    ln_order_sent(&o, 110);
    u.fee_e8 = -500;
    ln_order_apply(&o, &u);
    fill(&o, 1, 640000, 4);
    assert_int_equal(o.profit_e8, 40);
    ln_order_amended(&o, NEW_ID, 650000, 6, 3000);
    assert_int_equal(o.filled_lots, 0);
    assert_int_equal(o.fills_lots, 0);
    assert_int_equal(o.profit_e8, 0);
    assert_int_equal(o.fee_e8, 0);
    /* Nor does an old fee come back with the first fill. */
    fill(&o, 2, 650000, 2);
    assert_int_equal(o.fee_e8, -200);
    assert_int_equal(o.profit_e8, 20);
    assert_int_equal(ln_order_open_lots(&o), 4);
}

static void
an_amend_ends_every_doubt(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    ln_order_lost(&o, "no answer", 120);
    ln_order_amended(&o, NEW_ID, 650000, 6, 130);
    assert_int_equal(o.state, LN_ORDER_LIVE);
    assert_string_equal(o.reason, "");
    init(&o);
    ln_order_sent(&o, 110);
    ln_order_rejected(&o, 40786, "duplicate clientOid", 120);
    ln_order_amended(&o, NEW_ID, 650000, 6, 130);
    assert_int_equal(o.state, LN_ORDER_LIVE);
    assert_int_equal(o.error_code, 0);
    assert_string_equal(o.reason, "");
    /* The old one was cancelled for it: that is no end of the new one. */
    init(&o);
    ln_order_sent(&o, 110);
    push(&o, LN_ORDER_CANCELLED, 4);
    ln_order_amended(&o, NEW_ID, 650000, 6, 130);
    assert_int_equal(o.state, LN_ORDER_LIVE);
    assert_int_equal(ln_order_open_lots(&o), 6);
    assert_true(fill(&o, 2, 650000, 6));
    assert_int_equal(o.state, LN_ORDER_FILLED);
}

static void
an_amend_without_an_id_keeps_the_one_there_is(void **unused)
{
    (void)unused;
    static const char *const none[] = {NULL, ""};
    for (size_t i = 0; i < LN_COUNT(none); i++) {
        struct ln_order o;
        init(&o);
        ln_order_sent(&o, 110);
        ln_order_accepted(&o, ID, 120);
        ln_order_amended(&o, none[i], 650000, 6, 130);
        assert_string_equal(o.order_id, ID);
        assert_int_equal(o.req.size_lots, 6);
    }
}

static void
an_amend_keeps_whose_order_it_is(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    ln_order_accepted(&o, ID, 120);
    ln_order_amended(&o, NEW_ID, 650000, 6, 3000);
    assert_int_equal(o.owner, 7);
    assert_int_equal(o.handle, 42);
    assert_int_equal(o.created_ms, 100);
    assert_int_equal(o.updated_ms, 3000);
    assert_int_equal(o.req.side, LN_BUY);
}

/*
 * 4 lots are filled, then an amend replaces the rest by 6 at another price.
 * News of the replacement and late fills of the replaced one come in any
 * order and repeatedly: the end is the same, and each fill is booked once.
 */
static void
news_after_an_amend_in_any_order(void **unused)
{
    (void)unused;
    struct ln_rng rng;
    ln_rng_seed(&rng, 99);
    for (int round = 0; round < 5000; round++) {
        struct ln_order o;
        int order[18], count = 0, booked[6] = {0};
        bool early = ln_rng_below(&rng, 2);
        init(&o);
        ln_order_sent(&o, 110);
        ln_order_accepted(&o, ID, 120);
        if (early)
            booked[0] += fill(&o, 0, 640000, 4);
        push(&o, LN_ORDER_PARTIAL, 4);
        o.amend_sent = true;
        ln_order_amended(&o, NEW_ID, 650000, 6, 3000);
        for (int i = 0; i < 6; i++)
            for (uint64_t c = 1 + ln_rng_below(&rng, 3); c > 0; c--)
                order[count++] = i;
        for (int i = count - 1; i > 0; i--) {
            int j = (int)ln_rng_below(&rng, (uint64_t)i + 1);
            int t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        for (int i = 0; i < count; i++) {
            int64_t before = o.filled_lots;
            struct ln_fill late = fill_of(0, 640000, 4);
            struct ln_order_update u = told(LN_ORDER_LIVE, 0);
            memcpy(u.order_id, NEW_ID, sizeof(NEW_ID));
            u.size_lots = 6;
            switch (order[i]) {
            case 0: /* of the replaced one: for the position alone */
                booked[0] += ln_order_fill_is_new(&o, late.trade_id);
                break;
            case 1:
                booked[1] += fill(&o, 1, 650000, 5);
                break;
            case 2:
                booked[2] += fill(&o, 2, 649990, 1);
                break;
            case 3:
                ln_order_apply(&o, &u);
                break;
            case 4:
                u.state = LN_ORDER_PARTIAL;
                u.filled_lots = 5;
                ln_order_apply(&o, &u);
                break;
            default:
                u.state = LN_ORDER_FILLED;
                u.filled_lots = 6;
                ln_order_apply(&o, &u);
                break;
            }
            assert_true(o.filled_lots >= before);
        }
        for (int i = 0; i < 3; i++)
            assert_int_equal(booked[i], 1);
        assert_int_equal(o.state, LN_ORDER_FILLED);
        assert_int_equal(o.filled_lots, 6);
        assert_int_equal(o.fills_lots, 6);
        assert_int_equal(o.profit_e8, 60);
        assert_int_equal(o.fee_e8, -600);
        assert_string_equal(o.order_id, NEW_ID);
        assert_int_equal(ln_order_average_e8(&o, &btc),
                         ln_price_mean_e8(&btc, 5 * 650000 + 649990, 6));
        assert_false(o.amend_sent);
    }
}

/* ---- times ---- */

static void
updated_is_the_time_of_the_last_news(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    assert_int_equal(o.updated_ms, 100);
    ln_order_sent(&o, 110);
    assert_int_equal(o.updated_ms, 110);
    ln_order_lost(&o, "no answer", 120);
    assert_int_equal(o.updated_ms, 120);
    ln_order_absent(&o, 130);
    assert_int_equal(o.updated_ms, 130);
    ln_order_rejected(&o, 40762, "not enough", 140);
    assert_int_equal(o.updated_ms, 140);
    ln_order_accepted(&o, ID, 150);
    assert_int_equal(o.updated_ms, 150);
    push(&o, LN_ORDER_LIVE, 0);
    assert_int_equal(o.updated_ms, 1000);
    fill(&o, 1, 640000, 4);
    assert_int_equal(o.updated_ms, 2001);
    push(&o, LN_ORDER_PARTIAL, 4); /* told of an earlier time */
    assert_int_equal(o.updated_ms, 2001);
    assert_int_equal(o.created_ms, 100);
}

static void
nothing_is_sent_twice(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    assert_true(ln_order_sent(&o, 110));
    assert_false(ln_order_sent(&o, 120));
    assert_int_equal(o.updated_ms, 110);
}

/* ---- what is under way ---- */

static void
an_end_by_push_ends_what_was_under_way(void **unused)
{
    (void)unused;
    static const enum ln_order_state ends[] = {
        LN_ORDER_FILLED, LN_ORDER_CANCELLED, LN_ORDER_EXPIRED,
        LN_ORDER_REJECTED};
    for (size_t i = 0; i < LN_COUNT(ends); i++) {
        struct ln_order o;
        init(&o);
        ln_order_sent(&o, 110);
        o.cancel_sent = o.amend_sent = true;
        push(&o, LN_ORDER_LIVE, 0);
        push(&o, LN_ORDER_PARTIAL, 4);
        assert_true(o.cancel_sent && o.amend_sent); /* still under way */
        push(&o, ends[i], ends[i] == LN_ORDER_FILLED ? SIZE : 4);
        assert_int_equal(o.state, ends[i]);
        assert_false(o.cancel_sent || o.amend_sent);
    }
}

/* A push that calls itself partial and yet has the whole size is the end. */
static void
an_end_by_amount_ends_what_was_under_way(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    o.cancel_sent = o.amend_sent = true;
    assert_true(push(&o, LN_ORDER_PARTIAL, SIZE));
    assert_int_equal(o.state, LN_ORDER_FILLED);
    assert_false(o.cancel_sent || o.amend_sent);
}

static void
every_growth_is_a_change(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    ln_order_accepted(&o, ID, 120);
    assert_true(push(&o, LN_ORDER_PARTIAL, 3));
    assert_true(push(&o, LN_ORDER_PARTIAL, 4)); /* the same state, more */
    assert_false(push(&o, LN_ORDER_PARTIAL, 4));
    /* An answer that comes late brings nothing, but for an id. */
    assert_false(ln_order_accepted(&o, ID, 130));
    init(&o);
    ln_order_sent(&o, 110);
    ln_order_accepted(&o, NULL, 120);
    assert_true(ln_order_accepted(&o, ID, 130));
    assert_string_equal(o.order_id, ID);
    assert_false(ln_order_accepted(&o, "other", 140));
    assert_string_equal(o.order_id, ID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_amend_leaves_no_amount_behind),
        cmocka_unit_test(an_amend_ends_every_doubt),
        cmocka_unit_test(an_amend_without_an_id_keeps_the_one_there_is),
        cmocka_unit_test(an_amend_keeps_whose_order_it_is),
        cmocka_unit_test(news_after_an_amend_in_any_order),
        cmocka_unit_test(updated_is_the_time_of_the_last_news),
        cmocka_unit_test(nothing_is_sent_twice),
        cmocka_unit_test(an_end_by_push_ends_what_was_under_way),
        cmocka_unit_test(an_end_by_amount_ends_what_was_under_way),
        cmocka_unit_test(every_growth_is_a_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
