/*
 * The order's state machine: every state against every event, and what each
 * event does to amounts, average, fee, reason and ids.
 */
#include "base/assert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "order_fixture.h"

/* ---- every state, every event ---- */

enum event {
    SENT,
    ACCEPTED,
    REJECTED,
    LOST,
    ABSENT,
    PUSH_LIVE,
    PUSH_PARTIAL,
    PUSH_FILLED,
    PUSH_CANCELLED,
    FILL,
    EVENTS
};

static void
happen(struct ln_order *o, enum event e)
{
    switch (e) {
    case SENT:
        ln_order_sent(o, 200);
        break;
    case ACCEPTED:
        ln_order_accepted(o, ID, 200);
        break;
    case REJECTED:
        ln_order_rejected(o, 40762, "not enough", 200);
        break;
    case LOST:
        ln_order_lost(o, "no answer", 200);
        break;
    case ABSENT:
        ln_order_absent(o, 200);
        break;
    case PUSH_LIVE:
        push(o, LN_ORDER_LIVE, 0);
        break;
    case PUSH_PARTIAL:
        push(o, LN_ORDER_PARTIAL, 4);
        break;
    case PUSH_FILLED:
        push(o, LN_ORDER_FILLED, SIZE);
        break;
    case PUSH_CANCELLED:
        push(o, LN_ORDER_CANCELLED, 4);
        break;
    case FILL:
        fill(o, 1, 640000, 4);
        break;
    case EVENTS:
        break;
    }
}

static void
every_state_and_every_event(void **unused)
{
    (void)unused;
    /* Planned Sent Unknown Live pArtial Filled Cancelled Rejected Expired */
    static const char letters[] = "?PSULAFCRE";
    static const struct {
        enum ln_order_state from;
        int64_t filled;
        const char *to; /* a letter per event, in their order */
    } rows[] = {
        {LN_ORDER_PLANNED, 0, "SLRUPLAFCA"},
        {LN_ORDER_SENT, 0, "SLRURLAFCA"},
        {LN_ORDER_UNKNOWN, 0, "ULRURLAFCA"},
        {LN_ORDER_LIVE, 0, "LLLLLLAFCA"},
        {LN_ORDER_PARTIAL, 4, "AAAAAAAFCA"},
        {LN_ORDER_FILLED, SIZE, "FFFFFFFFFF"},
        {LN_ORDER_CANCELLED, 4, "CCCCCCCFCC"},
        {LN_ORDER_EXPIRED, 4, "EEEEEEEFEE"},
        {LN_ORDER_REJECTED, 0, "RLRRRLAFCA"},
    };
    for (size_t r = 0; r < LN_COUNT(rows); r++) {
        char got[EVENTS + 1] = "";
        for (int e = 0; e < EVENTS; e++) {
            struct ln_order o;
            init(&o);
            o.state = rows[r].from;
            o.filled_lots = rows[r].filled;
            happen(&o, (enum event)e);
            got[e] = letters[o.state];
        }
        assert_string_equal(got, rows[r].to);
    }
}

/* ---- the usual ways ---- */

static void
begins_planned(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    assert_int_equal(o.state, LN_ORDER_PLANNED);
    assert_int_equal(o.owner, 7);
    assert_int_equal(o.handle, 42);
    assert_int_equal(o.created_ms, 100);
    assert_string_equal(o.order_id, "");
    assert_int_equal(ln_order_open_lots(&o), SIZE);
}

static void
accepted_filled_in_two(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    assert_true(ln_order_sent(&o, 110));
    assert_true(ln_order_accepted(&o, ID, 120));
    assert_int_equal(o.state, LN_ORDER_LIVE);
    assert_string_equal(o.order_id, ID);
    assert_true(fill(&o, 1, 640000, 4));
    assert_int_equal(o.state, LN_ORDER_PARTIAL);
    assert_int_equal(ln_order_open_lots(&o), 6);
    assert_false(push(&o, LN_ORDER_PARTIAL, 4)); /* nothing new in it */
    assert_true(push(&o, LN_ORDER_FILLED, SIZE));
    assert_int_equal(o.state, LN_ORDER_FILLED);
    assert_int_equal(ln_order_open_lots(&o), 0);
    assert_true(fill(&o, 2, 640010, 6)); /* late, and still to be booked */
    assert_int_equal(o.fills_lots, SIZE);
    assert_int_equal(o.filled_lots, SIZE);
    assert_int_equal(o.profit_e8, 10 * SIZE);
}

static void
a_fill_counts_once(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    assert_true(fill(&o, 1, 640000, 4));
    assert_false(fill(&o, 1, 640000, 4));
    assert_int_equal(o.filled_lots, 4);
    assert_int_equal(o.profit_e8, 40);
    assert_false(fill(&o, 2, 640000, 0));
    assert_false(fill(&o, 3, 640000, -1));
    assert_int_equal(o.fills_lots, 4);
}

static void
stale_news_never_goes_back(void **unused)
{
    (void)unused;
    struct ln_order o;
    struct ln_order_update old = told(LN_ORDER_LIVE, 0);
    init(&o);
    ln_order_sent(&o, 110);
    push(&o, LN_ORDER_PARTIAL, 6);
    old.updated_ms = 5;
    assert_false(ln_order_apply(&o, &old));
    assert_false(push(&o, LN_ORDER_PARTIAL, 3));
    assert_int_equal(o.state, LN_ORDER_PARTIAL);
    assert_int_equal(o.filled_lots, 6);
    assert_int_equal(o.updated_ms, 1006);
    /* Nor does a later time make a smaller amount true. */
    old.updated_ms = 9999;
    ln_order_apply(&o, &old);
    assert_int_equal(o.state, LN_ORDER_PARTIAL);
    assert_int_equal(o.filled_lots, 6);
}

static void
an_end_by_fills_ends_the_cancel(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    o.cancel_sent = true;
    fill(&o, 1, 640000, 4);
    assert_true(o.cancel_sent); /* still under way */
    fill(&o, 2, 640000, 6);
    assert_int_equal(o.state, LN_ORDER_FILLED);
    assert_false(o.cancel_sent);
}

static void
cancelled_stays_cancelled(void **unused)
{
    (void)unused;
    struct ln_order o;
    struct ln_order_update u = told(LN_ORDER_CANCELLED, 3);
    init(&o);
    ln_order_sent(&o, 110);
    o.cancel_sent = true;
    strcpy(u.reason, "normal_cancel");
    assert_true(ln_order_apply(&o, &u));
    assert_int_equal(o.state, LN_ORDER_CANCELLED);
    assert_string_equal(o.reason, "normal_cancel");
    assert_false(o.cancel_sent);
    assert_int_equal(ln_order_open_lots(&o), 0);
    assert_false(ln_order_apply(&o, &u));
    assert_false(push(&o, LN_ORDER_PARTIAL, 3));
    assert_true(fill(&o, 1, 640000, 3)); /* the fill of before */
    assert_int_equal(o.state, LN_ORDER_CANCELLED);
    assert_int_equal(o.filled_lots, 3);
}

static void
cancelled_with_its_whole_size_is_filled(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    push(&o, LN_ORDER_CANCELLED, SIZE);
    assert_int_equal(o.state, LN_ORDER_FILLED);
    /* A cancel push may come without the amount: the fills tell it. */
    init(&o);
    ln_order_sent(&o, 110);
    push(&o, LN_ORDER_CANCELLED, 0);
    fill(&o, 1, 640000, 6);
    assert_int_equal(o.state, LN_ORDER_CANCELLED);
    fill(&o, 2, 640000, 4);
    assert_int_equal(o.state, LN_ORDER_FILLED);
}

/* ---- doubt ---- */

static void
no_answer_is_unknown_and_not_rejected(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    assert_true(ln_order_lost(&o, "timeout", 120));
    assert_int_equal(o.state, LN_ORDER_UNKNOWN);
    assert_string_equal(o.reason, "timeout");
    assert_int_equal(ln_order_open_lots(&o), SIZE); /* it may be live */
    assert_false(ln_order_lost(&o, "timeout", 130));
    assert_true(push(&o, LN_ORDER_LIVE, 0));
    assert_int_equal(o.state, LN_ORDER_LIVE);
    assert_string_equal(o.reason, ""); /* the doubt is over */
}

static void
absent_and_yet_there(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    ln_order_lost(&o, "timeout", 120);
    assert_true(ln_order_absent(&o, 130));
    assert_int_equal(o.state, LN_ORDER_REJECTED);
    assert_string_equal(o.reason, "the exchange does not know this order");
    assert_false(ln_order_absent(&o, 140));
    assert_true(push(&o, LN_ORDER_PARTIAL, 2));
    assert_int_equal(o.state, LN_ORDER_PARTIAL);
    assert_string_equal(o.reason, "");
    assert_false(ln_order_absent(&o, 150)); /* seen is seen */
    assert_int_equal(o.state, LN_ORDER_PARTIAL);
}

static void
a_fill_proves_the_order(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    ln_order_rejected(&o, 40786, "duplicate clientOid", 120);
    assert_int_equal(o.error_code, 40786);
    assert_true(fill(&o, 1, 640000, SIZE));
    assert_int_equal(o.state, LN_ORDER_FILLED);
    assert_int_equal(o.error_code, 0);
    assert_string_equal(o.reason, "");
    assert_string_equal(o.order_id, ID);
}

static void
a_late_answer_explains_the_absence(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    ln_order_absent(&o, 120);
    assert_true(ln_order_rejected(&o, 40762, "not enough", 130));
    assert_int_equal(o.error_code, 40762);
    assert_string_equal(o.reason, "not enough");
    assert_false(ln_order_rejected(&o, 40762, "not enough", 140));
}

static void
a_rejection_in_an_update_is_an_end(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    push(&o, LN_ORDER_REJECTED, 0);
    assert_int_equal(o.state, LN_ORDER_REJECTED);
    assert_false(push(&o, LN_ORDER_LIVE, 0)); /* the push of before */
    assert_int_equal(o.state, LN_ORDER_REJECTED);
    ln_order_accepted(&o, ID, 130);
    assert_int_equal(o.state, LN_ORDER_REJECTED);
}

static void
texts_may_be_missing(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    assert_true(ln_order_accepted(&o, NULL, 120));
    assert_string_equal(o.order_id, "");
    init(&o);
    ln_order_rejected(&o, 1, NULL, 120);
    assert_string_equal(o.reason, "");
    init(&o);
    ln_order_sent(&o, 110);
    ln_order_lost(&o, NULL, 120);
    assert_int_equal(o.state, LN_ORDER_UNKNOWN);
}

/* ---- average and fee ---- */

static void
average_of_the_fills_until_it_is_told(void **unused)
{
    (void)unused;
    struct ln_order o;
    struct ln_order_update u = told(LN_ORDER_FILLED, SIZE);
    init(&o);
    ln_order_sent(&o, 110);
    assert_int_equal(ln_order_average_e8(&o, &btc), 0);
    fill(&o, 1, 640000, 4);
    fill(&o, 2, 640030, 2);
    /* (4 x 64000 + 2 x 64003) / 6 */
    assert_int_equal(ln_order_average_e8(&o, &btc), 64001 * LN_E8);
    push(&o, LN_ORDER_FILLED, SIZE); /* which does not tell it */
    assert_int_equal(ln_order_average_e8(&o, &btc), 64001 * LN_E8);
    u.average_e8 = 64002 * LN_E8;
    assert_true(ln_order_apply(&o, &u));
    assert_int_equal(o.average_e8, 64002 * LN_E8);
    assert_int_equal(ln_order_average_e8(&o, &btc), 64002 * LN_E8);
}

static void
average_of_an_older_amount_gives_way(void **unused)
{
    (void)unused;
    struct ln_order o;
    struct ln_order_update u = told(LN_ORDER_PARTIAL, 4);
    init(&o);
    ln_order_sent(&o, 110);
    u.average_e8 = 64000 * LN_E8;
    ln_order_apply(&o, &u);
    fill(&o, 1, 640000, 4);
    fill(&o, 2, 640050, 4);
    assert_int_equal(ln_order_average_e8(&o, &btc), 64002 * LN_E8 + LN_E8 / 2);
    u = told(LN_ORDER_PARTIAL, 2); /* older still */
    u.average_e8 = 1;
    assert_false(ln_order_apply(&o, &u));
    assert_int_equal(o.average_e8, 64000 * LN_E8);
}

static void
fee_of_whichever_covers_more(void **unused)
{
    (void)unused;
    struct ln_order o;
    struct ln_order_update u = told(LN_ORDER_PARTIAL, 6);
    init(&o);
    ln_order_sent(&o, 110);
    fill(&o, 1, 640000, 4);
    assert_int_equal(o.fee_e8, -400);
    u.fee_e8 = -601;
    assert_true(ln_order_apply(&o, &u));
    assert_int_equal(o.fee_e8, -601);
    fill(&o, 2, 640000, 2);
    assert_int_equal(o.fee_e8, -601); /* the same lots: as told */
    fill(&o, 3, 640000, 3);
    assert_int_equal(o.fee_e8, -900);
}

/* ---- memory of fills ---- */

static void
forgotten_fills_do_not_count_again(void **unused)
{
    (void)unused;
    struct ln_order o;
    int many = LN_ORDER_FILLS_MAX + 40;
    init(&o);
    o.req.size_lots = many;
    ln_order_sent(&o, 110);
    for (int i = 0; i < many; i++)
        assert_true(fill(&o, i, 640000, 1));
    assert_int_equal(o.state, LN_ORDER_FILLED);
    for (int i = 0; i < many; i++)
        assert_false(fill(&o, i, 640000, 1));
    assert_int_equal(o.fills_lots, many);
}

static void
fills_of_what_was_replaced(void **unused)
{
    (void)unused;
    struct ln_order o;
    init(&o);
    ln_order_sent(&o, 110);
    fill(&o, 1, 640000, 4);
    ln_order_amended(&o, "77", 650000, 6, 300);
    assert_false(ln_order_fill_is_new(&o, "1402000000000100001"));
    assert_true(ln_order_fill_is_new(&o, "1402000000000100002"));
    assert_false(ln_order_fill_is_new(&o, "1402000000000100002"));
    assert_int_equal(o.filled_lots, 0);
}

/* ---- amends ---- */

static void
an_amend_starts_from_nothing(void **unused)
{
    (void)unused;
    struct ln_order o;
    struct ln_order_update u = told(LN_ORDER_PARTIAL, 4);
    init(&o);
    ln_order_sent(&o, 110);
    u.average_e8 = 64000 * LN_E8;
    u.fee_e8 = -5;
    ln_order_apply(&o, &u);
    fill(&o, 1, 640000, 4);
    o.amend_sent = o.cancel_sent = true;
    assert_true(ln_order_amended(&o, "77", 650000, 6, 300));
    assert_string_equal(o.order_id, "77");
    assert_int_equal(o.req.price_ticks, 650000);
    assert_int_equal(o.req.size_lots, 6);
    assert_int_equal(o.state, LN_ORDER_LIVE);
    assert_int_equal(o.filled_lots, 0);
    assert_int_equal(o.fee_e8, 0);
    assert_int_equal(ln_order_average_e8(&o, &btc), 0);
    assert_int_equal(ln_order_open_lots(&o), 6);
    assert_false(o.amend_sent || o.cancel_sent);
    assert_true(fill(&o, 2, 650000, 6));
    assert_int_equal(o.state, LN_ORDER_FILLED);
    assert_int_equal(ln_order_average_e8(&o, &btc), 65000 * LN_E8);
    assert_int_equal(o.fee_e8, -600);
}

/* ---- nonsense ---- */

static void
absurd_news_does_no_harm(void **unused)
{
    (void)unused;
    struct ln_order o;
    struct ln_order_update u = told((enum ln_order_state)200, INT64_MIN);
    init(&o);
    ln_order_sent(&o, 110);
    u.average_e8 = u.fee_e8 = u.updated_ms = INT64_MIN;
    ln_order_apply(&o, &u);
    assert_int_equal(o.state, LN_ORDER_LIVE); /* it is there, that is all */
    assert_int_equal(o.filled_lots, 0);
    assert_int_equal(o.average_e8, 0);
    struct ln_fill f = fill_of(1, INT64_MAX, 1);
    f.size_lots = INT64_MAX;
    f.fee_e8 = f.profit_e8 = INT64_MIN;
    assert_true(ln_order_fill(&o, &f));
    f = fill_of(2, INT64_MIN, 1);
    f.size_lots = INT64_MAX;
    f.fee_e8 = f.profit_e8 = INT64_MIN;
    assert_true(ln_order_fill(&o, &f));
    assert_int_equal(o.filled_lots, INT64_MAX);
    assert_int_equal(o.profit_e8, INT64_MIN);
    ln_order_average_e8(&o, &btc);
    assert_int_equal(ln_order_open_lots(&o), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_and_every_event),
        cmocka_unit_test(begins_planned),
        cmocka_unit_test(accepted_filled_in_two),
        cmocka_unit_test(a_fill_counts_once),
        cmocka_unit_test(stale_news_never_goes_back),
        cmocka_unit_test(an_end_by_fills_ends_the_cancel),
        cmocka_unit_test(cancelled_stays_cancelled),
        cmocka_unit_test(cancelled_with_its_whole_size_is_filled),
        cmocka_unit_test(no_answer_is_unknown_and_not_rejected),
        cmocka_unit_test(absent_and_yet_there),
        cmocka_unit_test(a_fill_proves_the_order),
        cmocka_unit_test(a_late_answer_explains_the_absence),
        cmocka_unit_test(a_rejection_in_an_update_is_an_end),
        cmocka_unit_test(texts_may_be_missing),
        cmocka_unit_test(average_of_the_fills_until_it_is_told),
        cmocka_unit_test(average_of_an_older_amount_gives_way),
        cmocka_unit_test(fee_of_whichever_covers_more),
        cmocka_unit_test(forgotten_fills_do_not_count_again),
        cmocka_unit_test(fills_of_what_was_replaced),
        cmocka_unit_test(an_amend_starts_from_nothing),
        cmocka_unit_test(absurd_news_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
