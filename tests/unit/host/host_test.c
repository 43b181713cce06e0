/*
 * The host between a fake exchange and a fake strategy: life cycle, orders
 * through every answer, and what the risk gate refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trade/order.h"
#include "unit/host/fake.h"

/* ---- life cycle ---- */

static void
test_strategies_start_only_when_everything_is_connected(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    struct ln_venue_event e = {.type = LN_VE_INSTRUMENTS};
    fake_emit(&fx, &e);
    fake_connection(&fx, LN_PART_REST, true);
    fake_account(&fx, LN_E8);
    fake_connection(&fx, LN_PART_PUBLIC, true);
    assert_null(fx.port);
    fake_connection(&fx, LN_PART_PRIVATE, true);
    assert_non_null(fx.port);
    const struct ln_msg_hello *hello = fake_got(&fx, LN_MSG_HELLO);
    assert_non_null(hello);
    assert_string_equal(hello->name, "s");
    assert_int_equal(fake_got_count(&fx, LN_MSG_INSTRUMENT), 1);
    assert_null(fake_got(&fx, LN_MSG_START));
    fake_ready(&fx, LN_TF_NONE, 0);
    assert_non_null(fake_got(&fx, LN_MSG_START));
    fake_teardown(&fx);
}

static void
test_an_exchange_that_is_never_reached_ends_the_host_with_the_cause(
    void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    struct ln_venue_event e = {.type = LN_VE_CONNECTION};
    e.u.connection.part = LN_PART_REST;
    e.u.connection.why = "connection refused";
    fake_emit(&fx, &e);
    ln_loop_run_for(fx.loop, 60000);
    assert_true(fx.ended);
    assert_int_equal(ln_host_failure(fx.host)->code, LN_ERR_TIMEOUT);
    assert_non_null(
        strstr(ln_host_failure(fx.host)->what, "connection refused"));
    fake_teardown(&fx);
}

static void
test_a_refusal_for_good_ends_the_host_at_once(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    struct ln_venue_event e = {.type = LN_VE_CONNECTION};
    e.u.connection.part = LN_PART_PRIVATE;
    e.u.connection.fatal = true;
    e.u.connection.why = "the key does not exist";
    fake_emit(&fx, &e);
    ln_loop_run_for(fx.loop, 1000);
    assert_true(fx.ended);
    assert_non_null(strstr(ln_host_failure(fx.host)->what, "key"));
    fake_teardown(&fx);
}

/* ---- orders ---- */

static void
test_an_order_lives_from_submit_to_fill(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    assert_true(c.oid[0] != 0);
    assert_true(strlen(c.oid) <= 32);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_SENT);
    assert_int_equal(o->handle, 1);

    fake_result(&fx, LN_OP_SUBMIT, c.oid, "77", LN_OK, LN_VERDICT_OK);
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_LIVE);
    assert_string_equal(o->order_id, "77");

    fake_order(&fx, &c, c.oid, "77", LN_ORDER_FILLED, 10);
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 10);
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 10); /* duplicate push */
    o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_FILLED);
    assert_int_equal(fake_got_count(&fx, LN_MSG_FILL), 1);
    /* sent, live, filled: each state is told once. */
    assert_int_equal(fake_got_count(&fx, LN_MSG_ORDER), 3);
    const struct ln_msg_position *p = fake_got(&fx, LN_MSG_POSITION);
    assert_int_equal(p->size_lots, 10);
    assert_true(p->entry_e8 == 50000 * LN_E8);

    struct ln_strategy_view v;
    assert_true(ln_host_strategy_view(fx.host, 0, &v));
    assert_int_equal(v.orders, 1);
    assert_int_equal(v.fills, 1);
    assert_true(v.fees_e8 == -1000000);
    fake_teardown(&fx);
}

static void
test_a_push_that_overtakes_the_answer_is_not_lost(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 10);
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_FILLED, 10);
    fake_result(&fx, LN_OP_SUBMIT, c.oid, "77", LN_OK, LN_VERDICT_OK);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_FILLED);
    const struct ln_msg_position *p = fake_got(&fx, LN_MSG_POSITION);
    assert_int_equal(p->size_lots, 10);
    fake_teardown(&fx);
}

/* Whoever waits for an order finds the position as it then is. */
static void
test_fill_and_position_are_told_before_the_order_is_filled(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 10);
    const struct ln_msg_position *p = fake_got(&fx, LN_MSG_POSITION);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(p->size_lots, 10);
    assert_int_equal(o->state, LN_ORDER_LIVE);
    ln_loop_run_for(fx.loop, 1); /* no push of the order itself came */
    o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_FILLED);
    assert_true(o->h.seq > p->h.seq);
    assert_int_equal(fake_got_count(&fx, LN_MSG_ORDER), 3);
    fake_teardown(&fx);
}

/* A cancel that was told before the fill it raced with. */
static void
test_a_late_fill_of_a_cancelled_order_is_booked_and_told(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_CANCELLED, 0);
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 4);
    const struct ln_msg_position *p = fake_got(&fx, LN_MSG_POSITION);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(p->size_lots, 4);
    assert_int_equal(o->state, LN_ORDER_CANCELLED);
    assert_int_equal(o->filled_lots, 4);
    fake_teardown(&fx);
}

static void
test_a_rejection_tells_the_strategy_why(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_result(&fx, LN_OP_SUBMIT, c.oid, "", LN_ERR_VENUE, LN_VERDICT_NO);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_REJECTED);
    assert_string_equal(o->reason, "test says no");
    fake_teardown(&fx);
}

static void
test_a_timeout_is_unknown_until_the_exchange_has_answered(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_result(&fx, LN_OP_SUBMIT, c.oid, "", LN_ERR_TIMEOUT, LN_VERDICT_ASK);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_UNKNOWN);
    assert_null(fake_last(&fx, "query"));
    ln_loop_run_for(fx.loop, 1000);
    assert_string_equal(fake_last(&fx, "query")->oid, c.oid);
    assert_int_equal(fake_count(&fx, "submit"), 1); /* never sent twice */

    /* It is there after all. */
    fake_order(&fx, &c, c.oid, "78", LN_ORDER_LIVE, 0);
    o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_LIVE);
    fake_teardown(&fx);
}

static void
test_only_repeated_denials_prove_that_an_order_never_arrived(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_result(&fx, LN_OP_SUBMIT, c.oid, "", LN_ERR_TIMEOUT, LN_VERDICT_ASK);
    int asked = 0;
    const struct ln_msg_order *o = NULL;
    for (int i = 0; i < 20; i++) {
        fake_done(&fx);
        ln_loop_run_for(fx.loop, 500);
        if (fake_count(&fx, "query") > asked) {
            asked++;
            o = fake_got(&fx, LN_MSG_ORDER);
            if (asked <= 2)
                assert_int_equal(o->state, LN_ORDER_UNKNOWN);
            fake_result(&fx, LN_OP_QUERY, c.oid, "", LN_OK, LN_VERDICT_OK);
        }
    }
    assert_true(asked >= 3);
    o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_REJECTED);
    fake_teardown(&fx);
}

static void
test_cancel_waits_for_the_exchange(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    struct ln_msg_cancel m = {.handle = 1};
    fake_say(&fx, &m.h, LN_MSG_CANCEL, 0, sizeof(m));
    fake_say(&fx, &m.h, LN_MSG_CANCEL, 0, sizeof(m)); /* once is enough */
    assert_int_equal(fake_count(&fx, "cancel"), 1);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_LIVE);
    fake_result(&fx, LN_OP_CANCEL, c.oid, "77", LN_OK, LN_VERDICT_OK);
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_CANCELLED, 0);
    o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_CANCELLED);
    fake_teardown(&fx);
}

static void
test_a_lost_cancel_push_is_asked_for(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    struct ln_msg_cancel m = {.handle = 1};
    fake_say(&fx, &m.h, LN_MSG_CANCEL, 0, sizeof(m));
    fake_result(&fx, LN_OP_CANCEL, c.oid, "77", LN_OK, LN_VERDICT_OK);
    fake_done(&fx);
    ln_loop_run_for(fx.loop, 3000);
    assert_int_equal(fake_count(&fx, "query"), 1);
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_CANCELLED, 0);
    fake_teardown(&fx);
}

static void
test_amend_replaces_the_order_and_keeps_the_handle(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 490000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    struct ln_msg_amend m = {.handle = 1, .price_ticks = 495000};
    fake_say(&fx, &m.h, LN_MSG_AMEND, 0, sizeof(m));
    struct fake_call a = *fake_last(&fx, "amend");
    assert_int_equal(a.req.price_ticks, 495000);
    assert_int_equal(a.req.size_lots, 10);
    assert_string_not_equal(a.new_oid, c.oid);

    /* Bitget cancels the old and makes a new one; pushes in that order. */
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_CANCELLED, 0);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_LIVE); /* half of the replacement */
    fake_order(&fx, &a, a.new_oid, "78", LN_ORDER_LIVE, 0);
    fake_result(&fx, LN_OP_AMEND, c.oid, "78", LN_OK, LN_VERDICT_OK);
    o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->handle, 1);
    assert_int_equal(o->state, LN_ORDER_LIVE);
    assert_int_equal(o->req.price_ticks, 495000);
    assert_string_equal(o->order_id, "78");
    assert_string_equal(o->req.client_oid, a.new_oid);

    fake_fill(&fx, a.new_oid, "78", "t9", LN_BUY, 495000, 10);
    const struct ln_msg_position *p = fake_got(&fx, LN_MSG_POSITION);
    assert_int_equal(p->size_lots, 10);
    fake_teardown(&fx);
}

static void
reduce(struct fixture *fx, uint64_t handle, int64_t lots)
{
    struct ln_msg_submit m = {.handle = handle};
    m.req.side = LN_SELL;
    m.req.type = LN_MARKET;
    m.req.tif = LN_GTC;
    m.req.reduce_only = true;
    m.req.size_lots = lots;
    fake_say(fx, &m.h, LN_MSG_SUBMIT, 0, sizeof(m));
}

static void
test_a_fill_of_the_replacement_may_be_its_first_news(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 490000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_LIVE, 0);
    struct ln_msg_amend m = {.handle = 1, .price_ticks = 500000};
    fake_say(&fx, &m.h, LN_MSG_AMEND, 0, sizeof(m));
    struct fake_call a = *fake_last(&fx, "amend");
    fake_fill(&fx, a.new_oid, "78", "t1", LN_BUY, 500000, 4);
    fake_order(&fx, &a, a.new_oid, "78", LN_ORDER_PARTIAL, 4);
    fake_result(&fx, LN_OP_AMEND, c.oid, "78", LN_OK, LN_VERDICT_OK);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_PARTIAL);
    assert_int_equal(o->filled_lots, 4);
    assert_string_equal(o->order_id, "78");
    const struct ln_msg_position *p = fake_got(&fx, LN_MSG_POSITION);
    assert_int_equal(p->size_lots, 4);
    fake_teardown(&fx);
}

/* Found in the demo: one strategy was long, the other short, net flat. */
static void
test_closing_works_where_strategies_cancel_each_other_out(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    reduce(&fx, 1, 5);
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_REJECTED); /* it holds nothing */

    fake_buy(&fx, 2, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_FILLED, 10);
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 10);

    fake_net(&fx, 10); /* alone: the exchange's own flag protects */
    reduce(&fx, 3, 4);
    c = *fake_last(&fx, "submit");
    assert_true(c.req.reduce_only);
    assert_int_equal(c.req.size_lots, 4);

    fake_net(&fx, 0); /* somebody else is short by as much */
    reduce(&fx, 4, 50);
    c = *fake_last(&fx, "submit");
    assert_false(c.req.reduce_only);
    assert_int_equal(c.req.size_lots, 6); /* never more than its own */
    reduce(&fx, 5, 1);
    o = fake_got(&fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_REJECTED);
    fake_teardown(&fx);
}

static void
test_wrong_numbering_of_orders_ends_the_strategy(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 5, 500000, 10);
    assert_int_equal(fake_count(&fx, "submit"), 0);
    assert_true(fx.port->killed);
    fake_teardown(&fx);
}

static void
test_orders_of_others_are_left_alone(void **state)
{
    struct fixture fx;
    struct fake_call foreign = {0};
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    int before = fx.venue.ncalls;
    fake_order(&fx, &foreign, "somebody-else", "5", LN_ORDER_LIVE, 0);
    fake_fill(&fx, "somebody-else", "5", "t", LN_BUY, 500000, 10);
    assert_int_equal(fx.venue.ncalls, before);
    assert_null(fake_got(&fx, LN_MSG_FILL));
    fake_teardown(&fx);
}

/* ---- the gate ---- */

static void
refused_because(struct fixture *fx, uint64_t handle, int64_t price,
                int64_t lots, const char *why)
{
    int before = fake_count(fx, "submit");
    fake_buy(fx, handle, price, lots);
    assert_int_equal(fake_count(fx, "submit"), before);
    const struct ln_msg_order *o = fake_got(fx, LN_MSG_ORDER);
    assert_int_equal(o->state, LN_ORDER_REJECTED);
    assert_int_equal(o->handle, handle);
    if (!strstr(o->reason, why))
        fail_msg("reason is '%s', expected '%s'", o->reason, why);
}

static void
test_the_gate_refuses_before_the_wire(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx,
               "\"risk\":{\"max_order_notional\":5000,"
               "\"max_position_notional\":8000,\"price_collar_pct\":2,"
               "\"max_open_orders\":3,\"max_orders_per_second\":4}",
               "");
    fake_up(&fx);
    refused_because(&fx, 1, 500000, 0, "below the minimum");
    refused_because(&fx, 2, 0, 10, "price above 0");
    refused_because(&fx, 3, 520000, 10, "price_collar_pct");
    refused_because(&fx, 4, 500000, 101, "max_order_notional");
    fake_buy(&fx, 5, 500000, 100); /* 5,000: allowed */
    const struct ln_msg_order *o = fake_got(&fx, LN_MSG_ORDER);
    assert_string_equal(o->reason, "");
    assert_int_equal(fake_count(&fx, "submit"), 1);
    refused_because(&fx, 6, 500000, 80, "max_position_notional");
    fake_buy(&fx, 7, 500000, 1);
    fake_buy(&fx, 8, 500000, 1);
    assert_int_equal(fake_count(&fx, "submit"), 3);
    refused_because(&fx, 9, 500000, 1, "max_open_orders");
    fake_teardown(&fx);
}

static void
test_orders_per_second_are_counted(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "\"risk\":{\"max_orders_per_second\":2}", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 1);
    fake_buy(&fx, 2, 500000, 1);
    refused_because(&fx, 3, 500000, 1, "max_orders_per_second");
    fake_done(&fx);
    ln_loop_run_for(fx.loop, 1000);
    fake_buy(&fx, 4, 500000, 1);
    assert_int_equal(fake_count(&fx, "submit"), 3);
    fake_teardown(&fx);
}

static void
test_symbols_outside_the_list_are_refused(void **state)
{
    struct fixture fx;
    (void)state;
    struct ln_instrument eth = {.symbol = "ETHUSDT",
                                .quote = "USDT",
                                .price_scale = 2,
                                .size_scale = 2,
                                .price_step = 1,
                                .lot_step = 1,
                                .min_lots = 1};
    uint16_t index;
    fake_setup(&fx, "\"risk\":{\"symbols\":[\"ETHUSDT\"]}", "");
    assert_int_equal(ln_instruments_put(&fx.venue.instruments, &eth, &index),
                     LN_OK);
    fake_up(&fx);
    refused_because(&fx, 1, 500000, 1, "risk.symbols");
    fake_teardown(&fx);
}

static void
test_daily_loss_cancels_closes_and_halts(void **state)
{
    struct fixture fx;
    (void)state;
    fake_setup(&fx, "\"risk\":{\"daily_loss\":500}", "");
    fake_up(&fx);
    fake_account(&fx, 10000 * LN_E8);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_PARTIAL, 4);
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 4);
    fake_net(&fx, 4);
    fake_account(&fx, 9500 * LN_E8);
    assert_string_equal(fake_last(&fx, "cancel")->oid, c.oid);
    struct fake_call close = *fake_last(&fx, "submit");
    assert_int_equal(close.req.side, LN_SELL);
    assert_int_equal(close.req.size_lots, 4);
    assert_true(close.req.reduce_only);
    refused_because(&fx, 2, 500000, 1, "daily_loss");
    fake_teardown(&fx);
}

/* The replacement is a new order at the exchange: of what is left. */
static void
test_an_amend_of_a_partly_filled_order_asks_for_the_rest(void **state)
{
    struct fixture fx;
    struct ln_msg_amend m = {.handle = 1, .price_ticks = 499000};
    (void)state;
    fake_setup(&fx, "", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 4);
    fake_order(&fx, &c, c.oid, "77", LN_ORDER_PARTIAL, 4);
    fake_say(&fx, &m.h, LN_MSG_AMEND, 0, sizeof(m));
    assert_int_equal(fake_last(&fx, "amend")->req.size_lots, 6);
    /* Until it is known, the old one may fill and then be replaced. */
    assert_int_equal(ln_host_worst_lots(fx.host, 0, LN_BUY), 4 + 6 + 6);
    fake_teardown(&fx);
}

static void
test_what_is_held_in_a_symbol_no_longer_allowed_can_be_closed(void **state)
{
    struct fixture fx;
    struct ln_msg_submit m = {.handle = 2};
    (void)state;
    fake_setup(&fx, "\"risk\":{\"symbols\":[\"BTCUSDT\"]}", "");
    fake_up(&fx);
    fake_buy(&fx, 1, 500000, 10);
    struct fake_call c = *fake_last(&fx, "submit");
    fake_fill(&fx, c.oid, "77", "t1", LN_BUY, 500000, 10);
    fake_net(&fx, 10);
    snprintf(fx.config.risk.symbols[0], LN_SYMBOL_CAP, "ETHUSDT");
    m.req.side = LN_SELL;
    m.req.type = LN_MARKET;
    m.req.tif = LN_GTC;
    m.req.size_lots = 10;
    fake_say(&fx, &m.h, LN_MSG_SUBMIT, 0, sizeof(m));
    assert_int_equal(fake_count(&fx, "submit"), 1);
    m.handle = 3;
    m.req.reduce_only = true;
    fake_say(&fx, &m.h, LN_MSG_SUBMIT, 0, sizeof(m));
    assert_int_equal(fake_count(&fx, "submit"), 2);
    fake_teardown(&fx);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_an_amend_of_a_partly_filled_order_asks_for_the_rest),
        cmocka_unit_test(
            test_what_is_held_in_a_symbol_no_longer_allowed_can_be_closed),
        cmocka_unit_test(
            test_strategies_start_only_when_everything_is_connected),
        cmocka_unit_test(
            test_an_exchange_that_is_never_reached_ends_the_host_with_the_cause),
        cmocka_unit_test(test_a_refusal_for_good_ends_the_host_at_once),
        cmocka_unit_test(test_an_order_lives_from_submit_to_fill),
        cmocka_unit_test(test_a_push_that_overtakes_the_answer_is_not_lost),
        cmocka_unit_test(
            test_fill_and_position_are_told_before_the_order_is_filled),
        cmocka_unit_test(
            test_a_late_fill_of_a_cancelled_order_is_booked_and_told),
        cmocka_unit_test(test_a_rejection_tells_the_strategy_why),
        cmocka_unit_test(
            test_a_timeout_is_unknown_until_the_exchange_has_answered),
        cmocka_unit_test(
            test_only_repeated_denials_prove_that_an_order_never_arrived),
        cmocka_unit_test(test_cancel_waits_for_the_exchange),
        cmocka_unit_test(test_a_lost_cancel_push_is_asked_for),
        cmocka_unit_test(test_amend_replaces_the_order_and_keeps_the_handle),
        cmocka_unit_test(test_a_fill_of_the_replacement_may_be_its_first_news),
        cmocka_unit_test(
            test_closing_works_where_strategies_cancel_each_other_out),
        cmocka_unit_test(test_wrong_numbering_of_orders_ends_the_strategy),
        cmocka_unit_test(test_orders_of_others_are_left_alone),
        cmocka_unit_test(test_the_gate_refuses_before_the_wire),
        cmocka_unit_test(test_orders_per_second_are_counted),
        cmocka_unit_test(test_symbols_outside_the_list_are_refused),
        cmocka_unit_test(test_daily_loss_cancels_closes_and_halts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
