/*
 * REST answers that the venue acts on: contracts, account, positions,
 * orders, fills, ids. Rows as the exchange documents and sends them.
 */
#include "examples.h"

#include "bitget/v2/decode_rest.h"

static struct ln_instruments reg;
static struct ln_json doc;

static ln_json_val
parse(const char *text)
{
    struct ln_error err = {0};
    if (ln_json_parse(&doc, text, strlen(text), &err))
        fail_msg("%s (%s)", err.what, err.where);
    return 0;
}

/* ---- contracts ---- */

#define CONTRACT(step, volume, places, mult, min, status)                      \
    "{\"symbol\":\"BTCUSDT\",\"baseCoin\":\"BTC\",\"quoteCoin\":\"USDT\","     \
    "\"buyLimitPriceRatio\":\"0.05\",\"sellLimitPriceRatio\":\"0.04\","        \
    "\"feeRateUpRatio\":\"0.005\",\"makerFeeRate\":\"0.0002\","                \
    "\"takerFeeRate\":\"0.0006\",\"openCostUpRatio\":\"0.01\","                \
    "\"supportMarginCoins\":[\"USDT\"],\"minTradeNum\":\"" min                 \
    "\",\"priceEndStep\":\"" step "\",\"volumePlace\":\"" volume               \
    "\",\"pricePlace\":\"" places "\",\"sizeMultiplier\":\"" mult              \
    "\",\"symbolType\":\"perpetual\",\"minTradeUSDT\":\"5\","                  \
    "\"maxSymbolOrderNum\":\"200\",\"maxProductOrderNum\":\"1000\","           \
    "\"maxPositionNum\":\"150\",\"symbolStatus\":\"" status                    \
    "\",\"offTime\":\"-1\",\"limitOpenTime\":\"-1\",\"deliveryTime\":\"\","    \
    "\"launchTime\":\"\",\"fundInterval\":\"8\",\"minLever\":\"1\","           \
    "\"maxLever\":\"125\",\"posLimit\":\"0.1\",\"maintainTime\":\"\","         \
    "\"maxMarketOrderQty\":\"220\",\"maxOrderQty\":\"1200\","                  \
    "\"isRwa\":\"NO\",\"openTime\":\"\"}"

static void
test_contract(void **state)
{
    struct ln_instrument in;
    struct ln_error err = {0};

    (void)state;
    parse(CONTRACT("1", "4", "1", "0.0001", "0.0001", "normal"));
    assert_int_equal(ln_v2_rest_contract(&doc, 0, &in, &err), LN_OK);
    assert_string_equal(in.symbol, "BTCUSDT");
    assert_string_equal(in.base, "BTC");
    assert_string_equal(in.quote, "USDT");
    assert_string_equal(in.margin_coin, "USDT");
    assert_int_equal(in.price_scale, 1);
    assert_int_equal(in.price_step, 1);
    assert_int_equal(in.size_scale, 4);
    assert_int_equal(in.volume_place, 4);
    assert_int_equal(in.lot_step, 1);
    assert_int_equal(in.min_lots, 1);
    assert_int_equal(in.min_notional_e8, e8("5"));
    assert_int_equal(in.max_limit_lots, 12000000);
    assert_int_equal(in.max_market_lots, 2200000);
    assert_int_equal(in.maker_fee_e8, 20000);
    assert_int_equal(in.taker_fee_e8, 60000);
    assert_int_equal(in.buy_band_e8, e8("0.05"));
    assert_int_equal(in.sell_band_e8, e8("0.04"));
    assert_int_equal(in.funding_interval_h, 8);
    assert_int_equal(in.min_leverage, 1);
    assert_int_equal(in.max_leverage, 125);
    assert_int_equal(in.max_symbol_orders, 200);
    assert_int_equal(in.status, LN_INST_NORMAL);
}

/* tick = priceEndStep x 10^-pricePlace; a step coarser than volumePlace. */
static void
test_contract_with_other_steps(void **state)
{
    struct ln_instrument in;
    struct ln_error err = {0};
    int64_t v;

    (void)state;
    parse(CONTRACT("5", "0", "1", "10", "15", "limit_open"));
    assert_int_equal(ln_v2_rest_contract(&doc, 0, &in, &err), LN_OK);
    assert_int_equal(in.status, LN_INST_LIMIT_OPEN);
    assert_int_equal(in.size_scale, 0);
    assert_int_equal(in.lot_step, 10);
    assert_int_equal(in.min_lots, 2); /* 15 is not a multiple: 20 */
    assert_int_equal(ln_price_parse(&in, ln_str("100.5"), LN_ROUND_EXACT, &v),
                     LN_OK);
    assert_int_equal(v, 201);
    assert_int_equal(ln_price_parse(&in, ln_str("100.4"), LN_ROUND_EXACT, &v),
                     LN_ERR_RANGE);
    /* a multiplier finer than volumePlace */
    parse(CONTRACT("1", "2", "3", "0.005", "0.01", "restrictedAPI"));
    assert_int_equal(ln_v2_rest_contract(&doc, 0, &in, &err), LN_OK);
    assert_int_equal(in.status, LN_INST_RESTRICTED);
    assert_int_equal(in.size_scale, 3);
    assert_int_equal(in.lot_step, 5);
    assert_int_equal(in.min_lots, 2);
    /* trailing zeros add no precision */
    parse(CONTRACT("1", "0", "1", "1.000", "1", "off"));
    assert_int_equal(ln_v2_rest_contract(&doc, 0, &in, &err), LN_OK);
    assert_int_equal(in.status, LN_INST_OFF);
    assert_int_equal(in.size_scale, 0);
    assert_int_equal(in.lot_step, 1);
}

static void
test_contracts_that_cannot_be(void **state)
{
    static const char *const bad[] = {
        CONTRACT("0", "4", "1", "0.0001", "0.0001", "normal"),
        CONTRACT("1", "4", "19", "0.0001", "0.0001", "normal"),
        CONTRACT("1", "-1", "1", "0.0001", "0.0001", "normal"),
        CONTRACT("1", "4", "1", "0", "0.0001", "normal"),
        CONTRACT("1", "4", "1", "-1", "0.0001", "normal"),
        CONTRACT("1", "4", "1", "0.0001", "x", "normal"),
        CONTRACT("1", "4", "1", "0.0001", "0.0001", "brand_new_status"),
        "{}",
        "[]",
        "{\"symbol\":\"A\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ln_instrument in;
        struct ln_error err = {0};
        parse(bad[i]);
        assert_int_not_equal(ln_v2_rest_contract(&doc, 0, &in, &err), LN_OK);
        assert_true(err.what[0]);
    }
}

/* ---- account and positions ---- */

static void
test_account(void **state)
{
    struct ln_account_update a;
    struct ln_error err = {0};

    (void)state;
    parse("{\"marginCoin\":\"USDT\",\"locked\":\"1.5\",\"available\":"
          "\"970.64\",\"crossedMaxAvailable\":\"970.64\",\"accountEquity\":"
          "\"1000.64\",\"usdtEquity\":\"1000.64\",\"unrealizedPL\":\"-1\","
          "\"crossedUnrealizedPL\":null,\"posMode\":\"hedge_mode\"}");
    assert_int_equal(ln_v2_rest_account(&doc, 0, 77, &a, &err), LN_OK);
    assert_string_equal(a.coin, "USDT");
    assert_int_equal(a.equity_e8, e8("1000.64"));
    assert_int_equal(a.available_e8, e8("970.64"));
    assert_int_equal(a.locked_e8, e8("1.5"));
    assert_int_equal(a.unrealised_e8, e8("-1"));
    assert_int_equal(a.pos_mode, LN_HEDGE);
    assert_int_equal(a.time_ms, 77);
    /* a row of get_accounts: no posMode, an empty unrealizedPL */
    parse("{\"marginCoin\":\"USDT\",\"available\":\"1\",\"accountEquity\":"
          "\"1\",\"unrealizedPL\":\"\"}");
    assert_int_equal(ln_v2_rest_account(&doc, 0, 0, &a, &err), LN_OK);
    assert_int_equal(a.pos_mode, 0);
    assert_int_equal(a.unrealised_e8, 0);
}

static void
test_positions(void **state)
{
    struct ln_v2_position p;
    struct ln_error err = {0};
    ln_json_val list;

    (void)state;
    parse("[{\"marginCoin\":\"USDT\",\"symbol\":\"BTCUSDT\",\"holdSide\":"
          "\"short\",\"openDelegateSize\":\"0\",\"marginSize\":\"30\","
          "\"available\":\"0.01\",\"locked\":\"0.002\",\"total\":\"0.012\","
          "\"leverage\":\"20\",\"achievedProfits\":\"0.5\",\"openPriceAvg\":"
          "\"60000.05\",\"marginMode\":\"isolated\",\"posMode\":"
          "\"hedge_mode\",\"unrealizedPL\":\"1\",\"liquidationPrice\":"
          "\"-3.2\",\"keepMarginRate\":\"0.004\",\"markPrice\":\"60100\","
          "\"marginRatio\":\"0.089180645161\",\"breakEvenPrice\":"
          "\"60072.0\",\"totalFee\":\"-0.25\",\"deductedFee\":\"0.36\","
          "\"autoMargin\":\"on\",\"takeProfit\":\"\",\"cTime\":"
          "\"1700000000000\",\"uTime\":\"1700000000001\"}]");
    list = ln_v2_rest_list(&doc, 0, NULL);
    assert_int_equal(
        ln_v2_rest_position(&doc, ln_json_first(&doc, list), &reg, &p, &err),
        LN_OK);
    assert_int_equal(p.update.instrument, 0);
    assert_int_equal(p.update.hold_side, LN_SHORT);
    assert_int_equal(p.update.pos_mode, LN_HEDGE);
    assert_int_equal(p.update.margin_mode, LN_ISOLATED);
    assert_int_equal(p.update.size_lots, 120);
    assert_int_equal(p.update.available_lots, 100);
    assert_int_equal(p.frozen_lots, 20);
    assert_int_equal(p.update.entry_e8, e8("60000.05"));
    assert_int_equal(p.update.leverage, 20);
    assert_int_equal(p.update.margin_e8, e8("30"));
    assert_int_equal(p.update.realised_e8, e8("0.5"));
    assert_int_equal(p.update.unrealised_e8, e8("1"));
    assert_int_equal(p.update.mark_e8, e8("60100"));
    /* zero or negative means that there is none */
    assert_int_equal(p.update.liquidation_e8, 0);
    assert_int_equal(p.margin_rate_e8, 8918065);
    assert_int_equal(p.funding_e8, e8("-0.25"));
    assert_true(p.auto_margin);
    assert_int_equal(p.update.updated_ms, 1700000000001);
    /* unknown symbols and sides are told apart */
    parse("{\"symbol\":\"XXXUSDT\",\"holdSide\":\"long\",\"total\":\"1\"}");
    assert_int_equal(ln_v2_rest_position(&doc, 0, &reg, &p, &err),
                     LN_ERR_NOT_FOUND);
    parse("{\"symbol\":\"BTCUSDT\",\"holdSide\":\"net\",\"total\":\"1\"}");
    assert_int_equal(ln_v2_rest_position(&doc, 0, &reg, &p, &err),
                     LN_ERR_PARSE);
    /* dust that is off the grid does not hide a position */
    parse("{\"symbol\":\"BTCUSDT\",\"holdSide\":\"long\",\"total\":"
          "\"0.00001\"}");
    assert_int_equal(ln_v2_rest_position(&doc, 0, &reg, &p, &err), LN_OK);
    assert_int_equal(p.update.size_lots, 1);
}

/* ---- orders ---- */

#define ORDER(state_key, state, side, trade_side, pos_side, mode)              \
    "{\"symbol\":\"BTCUSDT\",\"size\":\"0.01\",\"orderId\":"                   \
    "\"1381500303017938945\",\"clientOid\":\"t-0001\",\"baseVolume\":"         \
    "\"0.004\",\"fee\":\"-0.36\",\"price\":\"60000\",\"priceAvg\":"            \
    "\"59999.96\",\"" state_key "\":\"" state "\",\"side\":\"" side            \
    "\",\"force\":\"post_only\",\"totalProfits\":\"0\",\"posSide\":"           \
    "\"" pos_side "\",\"marginCoin\":\"USDT\",\"leverage\":\"20\","            \
    "\"marginMode\":\"isolated\",\"enterPointSource\":\"API\","                \
    "\"tradeSide\":\"" trade_side "\",\"posMode\":\"" mode                     \
    "\",\"orderType\":\"limit\",\"orderSource\":\"normal\","                   \
    "\"reduceOnly\":\"NO\",\"cancelReason\":\"\",\"newTradeSide\":null,"       \
    "\"cTime\":\"1700000000000\",\"uTime\":\"1700000000050\"}"

static void
test_order_detail(void **state)
{
    struct ln_order_update u;
    struct ln_error err = {0};

    (void)state;
    parse(ORDER("state", "partially_filled", "buy", "open", "long",
                "hedge_mode"));
    assert_int_equal(ln_v2_rest_order(&doc, 0, &reg, &u, &err), LN_OK);
    assert_int_equal(u.instrument, 0);
    assert_string_equal(u.order_id, "1381500303017938945");
    assert_string_equal(u.client_oid, "t-0001");
    assert_int_equal(u.state, LN_ORDER_PARTIAL);
    assert_int_equal(u.side, LN_BUY);
    assert_int_equal(u.pos_side, LN_LONG);
    assert_int_equal(u.type, LN_LIMIT);
    assert_int_equal(u.tif, LN_POST_ONLY);
    assert_false(u.reduce_only);
    assert_int_equal(u.price_ticks, 600000);
    assert_int_equal(u.size_lots, 100);
    assert_int_equal(u.filled_lots, 40);
    assert_int_equal(u.average_e8, e8("59999.96"));
    assert_int_equal(u.fee_e8, e8("-0.36"));
    assert_int_equal(u.created_ms, 1700000000000);
    assert_int_equal(u.updated_ms, 1700000000050);
}

/* Closing a long is buy + close on this wire, and a sale for us. */
static void
test_pending_order_in_both_modes(void **state)
{
    struct ln_order_update u;
    struct ln_error err = {0};

    (void)state;
    parse(ORDER("status", "live", "buy", "close", "long", "hedge_mode"));
    assert_int_equal(ln_v2_rest_order(&doc, 0, &reg, &u, &err), LN_OK);
    assert_int_equal(u.state, LN_ORDER_LIVE);
    assert_int_equal(u.side, LN_SELL);
    assert_int_equal(u.pos_side, LN_LONG);
    assert_true(u.reduce_only);
    parse(ORDER("status", "cancelled", "sell", "sell_single", "net",
                "one_way_mode"));
    assert_int_equal(ln_v2_rest_order(&doc, 0, &reg, &u, &err), LN_OK);
    assert_int_equal(u.state, LN_ORDER_CANCELLED);
    assert_int_equal(u.side, LN_SELL);
    assert_int_equal(u.pos_side, LN_NET);
}

static void
test_orders_that_are_not_understood(void **state)
{
    static const char *const bad[] = {
        ORDER("state", "frozen", "buy", "open", "long", "hedge_mode"),
        ORDER("phase", "live", "buy", "open", "long", "hedge_mode"),
        ORDER("state", "live", "long", "open", "long", "hedge_mode"),
        ORDER("state", "live", "buy", "hold", "long", "hedge_mode"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ln_order_update u;
        struct ln_error err = {0};
        parse(bad[i]);
        assert_int_equal(ln_v2_rest_order(&doc, 0, &reg, &u, &err),
                         LN_ERR_PARSE);
        assert_true(err.what[0]);
    }
}

static void
test_empty_lists_come_as_null_or_empty(void **state)
{
    static const char *const empty[] = {
        "{\"entrustedList\":null,\"endId\":null}",
        "{\"entrustedList\":[],\"endId\":\"\"}",
        "{\"endId\":null}",
        "{}",
        "null",
        "\"\"",
    };
    (void)state;
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        parse(empty[i]);
        assert_int_equal(ln_v2_rest_list(&doc, 0, "entrustedList"),
                         LN_JSON_NONE);
        assert_int_equal(ln_v2_rest_end_id(&doc, 0).len, 0);
    }
    parse("{\"entrustedList\":[1],\"endId\":\"42\"}");
    assert_int_not_equal(ln_v2_rest_list(&doc, 0, "entrustedList"),
                         LN_JSON_NONE);
    assert_true(ln_str_eqc(ln_v2_rest_end_id(&doc, 0), "42"));
}

/* ---- fills and ids ---- */

static void
test_fill(void **state)
{
    struct ln_fill f;
    struct ln_error err = {0};
    ln_json_val list;

    (void)state;
    parse("{\"fillList\":[{\"tradeId\":\"1381500303328317441\",\"symbol\":"
          "\"BTCUSDT\",\"orderId\":\"1381500303017938945\",\"price\":"
          "\"60000\",\"baseVolume\":\"0.01\",\"feeDetail\":[{\"deduction\":"
          "\"no\",\"feeCoin\":\"USDT\",\"totalDeductionFee\":null,"
          "\"totalFee\":\"-0.36\"}],\"side\":\"buy\",\"quoteVolume\":"
          "\"600\",\"profit\":\"0.7\",\"enterPointSource\":\"api\","
          "\"tradeSide\":\"close\",\"posMode\":\"hedge_mode\","
          "\"tradeScope\":\"taker\",\"cTime\":\"1700000000040\"}],"
          "\"endId\":\"1381500303328317441\"}");
    list = ln_v2_rest_list(&doc, 0, "fillList");
    assert_int_equal(
        ln_v2_rest_fill(&doc, ln_json_first(&doc, list), &reg, &f, &err),
        LN_OK);
    assert_string_equal(f.trade_id, "1381500303328317441");
    assert_string_equal(f.order_id, "1381500303017938945");
    assert_string_equal(f.client_oid, "");
    assert_int_equal(f.instrument, 0);
    /* REST names the position: buy + close sold a long */
    assert_int_equal(f.side, LN_SELL);
    assert_int_equal(f.pos_side, LN_LONG);
    assert_int_equal(f.liquidity, LN_TAKER);
    assert_int_equal(f.price_ticks, 600000);
    assert_int_equal(f.size_lots, 100);
    assert_int_equal(f.fee_e8, e8("-0.36"));
    assert_int_equal(f.profit_e8, e8("0.7"));
    assert_int_equal(f.time_ms, 1700000000040);
}

static void
test_order_ids(void **state)
{
    struct ln_v2_order_ids ids;
    struct ln_error err = {0};

    (void)state;
    parse("{\"clientOid\":\"t-0001\",\"orderId\":\"1381500303017938945\"}");
    assert_int_equal(ln_v2_rest_order_ids(&doc, 0, &ids, &err), LN_OK);
    assert_string_equal(ids.order_id, "1381500303017938945");
    assert_string_equal(ids.client_oid, "t-0001");
    /* some reduce-only orders are told without an id */
    parse("{\"orderId\":null,\"clientOid\":\"t-0001\"}");
    assert_int_equal(ln_v2_rest_order_ids(&doc, 0, &ids, &err), LN_OK);
    assert_string_equal(ids.order_id, "");
    parse("[]");
    assert_int_equal(ln_v2_rest_order_ids(&doc, 0, &ids, &err), LN_ERR_PARSE);
}

static int
setup(void **state)
{
    (void)state;
    example_registry(&reg);
    ln_json_init(&doc);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    ln_json_deinit(&doc);
    ln_instruments_deinit(&reg);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contract),
        cmocka_unit_test(test_contract_with_other_steps),
        cmocka_unit_test(test_contracts_that_cannot_be),
        cmocka_unit_test(test_account),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_order_detail),
        cmocka_unit_test(test_pending_order_in_both_modes),
        cmocka_unit_test(test_orders_that_are_not_understood),
        cmocka_unit_test(test_empty_lists_come_as_null_or_empty),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_order_ids),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
