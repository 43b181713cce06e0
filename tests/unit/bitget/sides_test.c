/*
 * Directions, per source: the table of sides.h, row by row, and what the
 * exchange adds when it acts itself (liquidation, ADL, netting).
 */
#include "examples.h"

#include "bitget/v2/sides.h"

#include <stdio.h>

struct row {
    enum ln_v2_source from;
    const char *side, *trade_side, *pos_side, *mode;
    uint8_t want_side, want_pos;
    bool closes;
};

static void
check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct row *r = &rows[i];
        struct ln_v2_side_words w = {ln_str(r->side), ln_str(r->trade_side),
                                     ln_str(r->pos_side), ln_str(r->mode)};
        struct ln_v2_sides out;
        struct ln_error err = {0};
        assert_int_equal(ln_v2_sides_decode(r->from, &w, &out, &err), LN_OK);
        assert_int_equal(out.side, r->want_side);
        assert_int_equal(out.pos_side, r->want_pos);
        assert_int_equal(out.closes, r->closes);
    }
}

#define HEDGE "hedge_mode"
#define NET   "one_way_mode"

static void
test_hedge_orders_name_the_position(void **state)
{
    static const struct row rows[] = {
        {LN_V2_FROM_ORDER, "buy", "open", "long", HEDGE, LN_BUY, LN_LONG, 0},
        {LN_V2_FROM_ORDER, "sell", "open", "short", HEDGE, LN_SELL, LN_SHORT,
         0},
        {LN_V2_FROM_ORDER, "buy", "close", "long", HEDGE, LN_SELL, LN_LONG, 1},
        {LN_V2_FROM_ORDER, "sell", "close", "short", HEDGE, LN_BUY, LN_SHORT,
         1},
        /* without posSide, side alone says which position */
        {LN_V2_FROM_ORDER, "buy", "close", "", HEDGE, LN_SELL, LN_LONG, 1},
        {LN_V2_FROM_ORDER, "sell", "close", "", "", LN_BUY, LN_SHORT, 1},
        /* posSide wins over side */
        {LN_V2_FROM_ORDER, "sell", "close", "long", HEDGE, LN_SELL, LN_LONG, 1},
    };
    (void)state;
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void
test_hedge_rest_fills_name_the_position(void **state)
{
    static const struct row rows[] = {
        {LN_V2_FROM_REST_FILL, "buy", "open", "", HEDGE, LN_BUY, LN_LONG, 0},
        {LN_V2_FROM_REST_FILL, "sell", "open", "", HEDGE, LN_SELL, LN_SHORT, 0},
        {LN_V2_FROM_REST_FILL, "buy", "close", "", HEDGE, LN_SELL, LN_LONG, 1},
        {LN_V2_FROM_REST_FILL, "sell", "close", "", HEDGE, LN_BUY, LN_SHORT, 1},
    };
    (void)state;
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void
test_hedge_stream_fills_name_the_execution(void **state)
{
    static const struct row rows[] = {
        {LN_V2_FROM_WS_FILL, "buy", "open", "", HEDGE, LN_BUY, LN_LONG, 0},
        {LN_V2_FROM_WS_FILL, "sell", "open", "", HEDGE, LN_SELL, LN_SHORT, 0},
        {LN_V2_FROM_WS_FILL, "sell", "close", "", HEDGE, LN_SELL, LN_LONG, 1},
        {LN_V2_FROM_WS_FILL, "buy", "close", "", HEDGE, LN_BUY, LN_SHORT, 1},
    };
    (void)state;
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

static void
test_one_way_side_is_the_execution(void **state)
{
    static const struct row rows[] = {
        {LN_V2_FROM_ORDER, "buy", "buy_single", "net", NET, LN_BUY, LN_NET, 0},
        {LN_V2_FROM_ORDER, "sell", "sell_single", "net", NET, LN_SELL, LN_NET,
         0},
        {LN_V2_FROM_WS_FILL, "sell", "sell_single", "", NET, LN_SELL, LN_NET,
         0},
        {LN_V2_FROM_REST_FILL, "BUY", "buy_single", "", "", LN_BUY, LN_NET, 0},
        {LN_V2_FROM_ORDER, "sell", "", "", NET, LN_SELL, LN_NET, 0},
        {LN_V2_FROM_ORDER, "sell", "", "", "", LN_SELL, LN_NET, 0},
        {LN_V2_FROM_ORDER, "sell", "burst_sell_single", "net", NET, LN_SELL,
         LN_NET, 1},
        {LN_V2_FROM_ORDER, "buy", "reduce_buy_single", "net", NET, LN_BUY,
         LN_NET, 1},
        {LN_V2_FROM_ORDER, "sell", "dte_sys_adl_sell_in_single_side_mode",
         "net", NET, LN_SELL, LN_NET, 1},
    };
    (void)state;
    check_rows(rows, sizeof rows / sizeof rows[0]);
}

/* The suffix names the position, whatever "side" says. */
static void
test_forced_closes_are_closes_of_the_named_position(void **state)
{
    static const char *const causes[] = {"reduce", "burst", "offset",
                                         "delivery", "dte_sys_adl"};
    (void)state;
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        for (int side = 0; side < 2; side++) {
            char longs[48], shorts[48];
            (void)snprintf(longs, sizeof longs, "%s_close_long", causes[i]);
            (void)snprintf(shorts, sizeof shorts, "%s_close_short", causes[i]);
            const char *told = side ? "buy" : "sell";
            const struct row rows[] = {
                {LN_V2_FROM_ORDER, told, longs, "", HEDGE, LN_SELL, LN_LONG, 1},
                {LN_V2_FROM_WS_FILL, told, shorts, "", HEDGE, LN_BUY, LN_SHORT,
                 1},
            };
            check_rows(rows, 2);
        }
    }
}

static void
test_unknown_words_are_errors(void **state)
{
    static const char *const bad[][4] = {
        {"", "open", "", HEDGE},         {"long", "open", "", HEDGE},
        {"buy", "opening", "", HEDGE},   {"buy", "open", "", "both"},
        {"buy", "", "", HEDGE},          {"buy", "buy_single", "", HEDGE},
        {"buy", "close_long_x", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ln_v2_side_words w = {ln_str(bad[i][0]), ln_str(bad[i][1]),
                                     ln_str(bad[i][2]), ln_str(bad[i][3])};
        struct ln_v2_sides out;
        struct ln_error err = {0};
        assert_int_equal(ln_v2_sides_decode(LN_V2_FROM_ORDER, &w, &out, &err),
                         LN_ERR_PARSE);
        assert_true(err.what[0]);
    }
}

static void
test_requests_say_what_is_meant(void **state)
{
    static const struct {
        uint8_t side, pos;
        bool close;
        const char *want_side, *want_trade;
    } rows[] = {
        {LN_BUY, LN_LONG, false, "buy", "open"},
        {LN_SELL, LN_SHORT, false, "sell", "open"},
        {LN_SELL, LN_LONG, true, "buy", "close"},
        {LN_BUY, LN_SHORT, true, "sell", "close"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ln_order_request req = {.side = rows[i].side,
                                       .pos_side = rows[i].pos,
                                       .reduce_only = rows[i].close};
        const char *side, *trade;
        struct ln_error err = {0};
        assert_int_equal(
            ln_v2_sides_encode(&req, LN_HEDGE, &side, &trade, &err), LN_OK);
        assert_string_equal(side, rows[i].want_side);
        assert_string_equal(trade, rows[i].want_trade);
        /* one-way: the direction of execution and no tradeSide */
        assert_int_equal(
            ln_v2_sides_encode(&req, LN_ONE_WAY, &side, &trade, &err), LN_OK);
        assert_string_equal(side, rows[i].side == LN_BUY ? "buy" : "sell");
        assert_null(trade);
    }
}

static void
test_requests_that_contradict_themselves_are_refused(void **state)
{
    static const struct ln_order_request bad[] = {
        {.side = 0, .pos_side = LN_LONG},
        {.side = LN_BUY, .pos_side = LN_NET},
        {.side = LN_SELL, .pos_side = LN_LONG},
        {.side = LN_BUY, .pos_side = LN_LONG, .reduce_only = true},
        {.side = LN_BUY, .pos_side = LN_SHORT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *side, *trade;
        struct ln_error err = {0};
        assert_int_equal(
            ln_v2_sides_encode(&bad[i], LN_HEDGE, &side, &trade, &err),
            LN_ERR_ARG);
    }
}

/* What we send comes back as what we meant, from every source. */
static void
test_round_trip(void **state)
{
    (void)state;
    for (int pos = LN_LONG; pos <= LN_SHORT; pos++) {
        for (int close = 0; close < 2; close++) {
            struct ln_order_request req = {
                .side = (pos == LN_LONG) == (close == 0) ? LN_BUY : LN_SELL,
                .pos_side = (uint8_t)pos,
                .reduce_only = close != 0};
            const char *side, *trade;
            struct ln_v2_sides out;
            struct ln_error err = {0};
            assert_int_equal(
                ln_v2_sides_encode(&req, LN_HEDGE, &side, &trade, &err), LN_OK);
            struct ln_v2_side_words w = {ln_str(side), ln_str(trade),
                                         ln_str(""), ln_str(HEDGE)};
            assert_int_equal(
                ln_v2_sides_decode(LN_V2_FROM_ORDER, &w, &out, &err), LN_OK);
            assert_int_equal(out.side, req.side);
            assert_int_equal(out.pos_side, req.pos_side);
            assert_int_equal(out.closes, req.reduce_only);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hedge_orders_name_the_position),
        cmocka_unit_test(test_hedge_rest_fills_name_the_position),
        cmocka_unit_test(test_hedge_stream_fills_name_the_execution),
        cmocka_unit_test(test_one_way_side_is_the_execution),
        cmocka_unit_test(test_forced_closes_are_closes_of_the_named_position),
        cmocka_unit_test(test_unknown_words_are_errors),
        cmocka_unit_test(test_requests_say_what_is_meant),
        cmocka_unit_test(test_requests_that_contradict_themselves_are_refused),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
