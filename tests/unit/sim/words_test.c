/*
 * The words for what the exchange does by itself and for what plans place:
 * which cannot all be brought about over the wire at will.
 */
#include "fixture.h"

#include "sim/plans.h"

static struct ln_ex_order
order_of(enum ln_ex_source source, uint8_t pos_mode, enum ln_side side,
         uint8_t pos_side)
{
    return (struct ln_ex_order){.source = (uint8_t)source,
                                .pos_mode = pos_mode,
                                .req = {.side = (uint8_t)side,
                                        .pos_side = pos_side,
                                        .type = LN_MARKET,
                                        .reduce_only = true}};
}

static void
forced_orders_have_their_own_trade_side(void **state)
{
    static const struct {
        enum ln_ex_source source;
        const char *close_long, *close_short, *buy, *sell, *order_source;
    } rows[] = {
        {LN_EXS_REDUCE, "reduce_close_long", "reduce_close_short",
         "reduce_buy_single", "reduce_sell_single", "reduce_offset"},
        {LN_EXS_BURST, "burst_close_long", "burst_close_short",
         "burst_buy_single", "burst_sell_single", "liquidation"},
        {LN_EXS_ADL, "dte_sys_adl_close_long", "dte_sys_adl_close_short",
         "dte_sys_adl_buy_in_single_side_mode",
         "dte_sys_adl_sell_in_single_side_mode", "market_risk"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ln_ex_order orders[4] = {
            order_of(rows[i].source, LN_HEDGE, LN_SELL, LN_LONG),
            order_of(rows[i].source, LN_HEDGE, LN_BUY, LN_SHORT),
            order_of(rows[i].source, LN_ONE_WAY, LN_BUY, LN_NET),
            order_of(rows[i].source, LN_ONE_WAY, LN_SELL, LN_NET)};
        const char *const words[4] = {rows[i].close_long, rows[i].close_short,
                                      rows[i].buy, rows[i].sell};
        for (int k = 0; k < 4; k++) {
            assert_string_equal(ln_sim_word_trade_side(&orders[k]), words[k]);
            assert_string_equal(ln_sim_word_source(&orders[k]), "SYS");
            assert_string_equal(ln_sim_word_order_source(&orders[k]),
                                rows[i].order_source);
        }
    }
    struct ln_ex_order netted =
        order_of(LN_EXS_OFFSET, LN_HEDGE, LN_SELL, LN_LONG);
    assert_string_equal(ln_sim_word_trade_side(&netted), "offset_close_long");
}

/* A user's order that went down with a liquidation is still a user's. */
static void
a_users_order_is_the_api_s(void **state)
{
    (void)state;
    struct ln_ex_order o = order_of(LN_EXS_USER, LN_ONE_WAY, LN_SELL, LN_NET);
    o.state = LN_ORDER_CANCELLED;
    snprintf(o.reason, sizeof(o.reason), "liquidation");
    assert_string_equal(ln_sim_word_source(&o), "API");
    assert_string_equal(ln_sim_word_trade_side(&o), "sell_single");
    assert_string_equal(ln_sim_word_cancel_reason(&o), "normal_cancel");
    snprintf(o.reason, sizeof(o.reason), "stp_cancel");
    assert_string_equal(ln_sim_word_cancel_reason(&o), "stp_cancel");
    o.state = LN_ORDER_FILLED;
    assert_string_equal(ln_sim_word_cancel_reason(&o), "");
}

static void
every_plan_has_its_names(void **state)
{
    static const struct {
        enum ln_ex_plan_kind kind;
        const char *name, *brief, *limit, *market;
    } rows[] = {
        {LN_PLAN_NORMAL, "normal_plan", "pl", "plan_limit", "plan_market"},
        {LN_PLAN_TRACK, "track_plan", "track", "tracking_limit",
         "tracking_market"},
        {LN_PLAN_PROFIT, "profit_plan", "tp", "profit_limit", "profit_market"},
        {LN_PLAN_LOSS, "loss_plan", "sl", "loss_limit", "loss_market"},
        {LN_PLAN_POS_PROFIT, "pos_profit", "ptp", "pos_profit_limit",
         "pos_profit_market"},
        {LN_PLAN_POS_LOSS, "pos_loss", "psl", "pos_loss_limit",
         "pos_loss_market"},
        {LN_PLAN_MOVING, "moving_plan", "mtpsl", "move_limit", "move_market"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ln_ex_plan plan = {.req = {.kind = (uint8_t)rows[i].kind}};
        assert_string_equal(ln_sim_word_plan(rows[i].kind), rows[i].name);
        assert_string_equal(ln_sim_word_plan_short(rows[i].kind),
                            rows[i].brief);
        assert_string_equal(ln_sim_word_plan_source(&plan), rows[i].market);
        plan.req.limit_ticks = 1;
        assert_string_equal(ln_sim_word_plan_source(&plan), rows[i].limit);
        assert_int_equal(ln_sim_plan_kinds(ln_str(rows[i].name)),
                         1U << rows[i].kind);
    }
    assert_int_equal(ln_sim_plan_kinds(ln_str("PROFIT_LOSS")),
                     1U << LN_PLAN_PROFIT | 1U << LN_PLAN_LOSS |
                         1U << LN_PLAN_POS_PROFIT | 1U << LN_PLAN_POS_LOSS |
                         1U << LN_PLAN_MOVING);
    assert_int_equal(ln_sim_plan_kinds(ln_str("all")), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forced_orders_have_their_own_trade_side),
        cmocka_unit_test(a_users_order_is_the_api_s),
        cmocka_unit_test(every_plan_has_its_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
