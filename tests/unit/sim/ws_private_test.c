/*
 * The private WebSocket: login and its failures, what each channel says on
 * subscribing and after, and the sequence that one fill causes.
 */
#include "stream.h"

#include "sim/private.h"

#define PRIVATE "/v2/ws/private"
#define COIN_ARG                                                               \
    "{\"instType\":\"USDT-FUTURES\",\"channel\":\"account\",\"coin\":"         \
    "\"default\"}"
#define ALL_CHANNELS                                                           \
    COIN_ARG "," ARG("positions", "default") "," ARG(                          \
        "orders", "default") "," ARG("fill", "default")

/* Of 1700000000GET/user/verify. */
#define LOGIN_VECTOR "RHV4Jkf1TFE2MhNE5OiV12sXLWKYMfsV+zw4cpoEmFQ="

static void
a_published_login_is_let_in(void **state)
{
    struct stream *s = stream_new(*state, PRIVATE);
    login_as(s, KEY, PASS, "1700000000", LOGIN_VECTOR);
    hear(s, "\"event\":\"login\"");
    assert_int_equal(ln_json_type(&s->doc, value_at(&s->doc, "code")),
                     LN_JSON_NUMBER);
    assert_string_equal(said(s, "code"), "0");
    stream_free(s);
}

static void
milliseconds_and_numbers_are_let_in_too(void **state)
{
    struct stream *s = stream_new(*state, PRIVATE);
    char sign[64], text[512];
    sign_text("1700000000000GET/user/verify", sign);
    snprintf(text, sizeof(text),
             "{\"op\":\"login\",\"args\":[{\"apiKey\":\"" KEY
             "\",\"passphrase\":\"" PASS
             "\",\"timestamp\":1700000000000,\"sign\":\"%s\"}]}",
             sign);
    say(s, text);
    hear(s, "\"event\":\"login\"");
    stream_free(s);
}

static void
a_failed_login_says_why_and_disconnects(void **state)
{
    static const struct {
        const char *key, *pass, *timestamp, *sign, *code;
    } rows[] = {
        {"other", PASS, "1700000000", LOGIN_VECTOR, "30011"},
        {KEY, "other", "1700000000", LOGIN_VECTOR, "30012"},
        {KEY, PASS, "now", LOGIN_VECTOR, "30013"},
        {KEY, PASS, "1699999000", LOGIN_VECTOR, "30014"},
        {KEY, PASS, "1700000001", LOGIN_VECTOR, "30015"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct stream *s = stream_new(*state, PRIVATE);
        login_as(s, rows[i].key, rows[i].pass, rows[i].timestamp, rows[i].sign);
        hear(s, "\"event\":\"error\"");
        assert_string_equal(said(s, "code"), rows[i].code);
        ln_loop_run_for(s->w->loop, 50);
        assert_true(s->closed);
        stream_free(s);
    }
}

static void
private_channels_need_a_login(void **state)
{
    struct stream *s = stream_new(*state, PRIVATE);
    say(s, SUBSCRIBE(ARG("orders", "default")));
    hear(s, "\"event\":\"error\"");
    assert_string_equal(said(s, "code"), "30004");
    assert_string_equal(said(s, "msg"),
                        "User not logged in/User must be logged in");
    login_now(s);
    say(s, SUBSCRIBE(ARG("orders", "BTCUSDT")));
    hear(s, "\"event\":\"error\"");
    assert_string_equal(said(s, "code"), "30001"); /* default only */
    say(s, SUBSCRIBE(ARG("ticker", "BTCUSDT")));
    hear(s, "\"event\":\"error\"");
    assert_string_equal(said(s, "code"), "30001"); /* the other address */
    stream_free(s);
}

static void
every_private_channel_is_acked(void **state)
{
    struct stream *s = stream_new(*state, PRIVATE);
    login_now(s);
    say(s, SUBSCRIBE(ALL_CHANNELS "," ARG("orders-algo", "default") "," ARG(
               "positions-history", "default") "," ARG("adl-noti",
                                                       "default") ",{"
                                                                  "\"instType"
                                                                  "\":\"USDT-"
                                                                  "FUTURES\","
                                                                  "\"channel"
                                                                  "\":\"equity"
                                                                  "\"}"));
    ln_loop_run_for(s->w->loop, 100);
    assert_int_equal(heard(s, "\"event\":\"subscribe\""), 8);
    assert_int_equal(heard(s, "\"event\":\"error\""), 0);
    stream_free(s);
}

static void
account_and_positions_greet_orders_and_fill_do_not(void **state)
{
    struct stream *s = stream_new(*state, PRIVATE);
    static const char *const names[] = {"marginCoin",     "frozen",
                                        "available",      "maxOpenPosAvailable",
                                        "maxTransferOut", "equity",
                                        "usdtEquity",     "crossedRiskRate",
                                        "unrealizedPL",   "unionTotalMargin",
                                        "unionAvailable", "unionMm",
                                        "assetsMode",     NULL};
    login_now(s);
    say(s, SUBSCRIBE(ALL_CHANNELS));
    hear(s, "\"channel\":\"account\",\"coin\":\"default\"},\"data\"");
    assert_string_equal(said(s, "action"), "snapshot");
    expect_strings(&s->doc, "data.0", names);
    assert_string_equal(said(s, "data.0.available"), "10000");
    hear(s, "\"channel\":\"positions\",\"instId\":\"default\"},\"data\"");
    assert_int_equal(ln_json_count(&s->doc, value_at(&s->doc, "data")), 0);
    ln_loop_run_for(s->w->loop, 2000);
    assert_int_equal(heard(s, "\"action\""), 2);
    stream_free(s);
}

#define ORDER_PUSH "\"channel\":\"orders\",\"instId\":\"default\"},\"data\""
#define FILL_PUSH  "\"channel\":\"fill\",\"instId\":\"default\"},\"data\""
#define POS_PUSH   "\"channel\":\"positions\",\"instId\":\"default\"},\"data\""
#define ACC_PUSH   "\"channel\":\"account\",\"coin\":\"default\"},\"data\""

/* Of the newest message that contains <part>. */
static void
newest(struct stream *s, const char *part)
{
    for (size_t i = s->count; i-- > 0;)
        if (strstr(s->messages[i], part)) {
            assert_int_equal(ln_json_parse(&s->doc, s->messages[i],
                                           strlen(s->messages[i]), NULL),
                             LN_OK);
            return;
        }
    fail_msg("no %s", part);
}

static void
a_market_order_is_live_then_filled(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    static const char *const order_names[] = {"accBaseVolume",
                                              "baseVolume",
                                              "cTime",
                                              "cancelReason",
                                              "clientOid",
                                              "enterPointSource",
                                              "fillFee",
                                              "fillFeeCoin",
                                              "fillNotionalUsd",
                                              "fillPrice",
                                              "fillTime",
                                              "force",
                                              "instId",
                                              "leverage",
                                              "marginCoin",
                                              "marginMode",
                                              "notionalUsd",
                                              "orderId",
                                              "orderType",
                                              "pnl",
                                              "posMode",
                                              "posSide",
                                              "presetStopLossExecutePrice",
                                              "presetStopLossPrice",
                                              "presetStopLossType",
                                              "presetStopSurplusExecutePrice",
                                              "presetStopSurplusPrice",
                                              "presetStopSurplusType",
                                              "price",
                                              "priceAvg",
                                              "reduceOnly",
                                              "side",
                                              "size",
                                              "status",
                                              "stpMode",
                                              "totalProfits",
                                              "tradeId",
                                              "tradeScope",
                                              "tradeSide",
                                              "uTime",
                                              NULL};
    static const char *const fill_names[] = {
        "orderId",    "clientOid",   "tradeId", "symbol",
        "side",       "orderType",   "posMode", "price",
        "baseVolume", "quoteVolume", "profit",  "tradeSide",
        "tradeScope", "cTime",       "uTime",   NULL};
    login_now(s);
    say(s, SUBSCRIBE(ALL_CHANNELS));
    hear(s, POS_PUSH);
    const char *id = market_buy(w, "0.03");
    hear(s, ORDER_PUSH);
    assert_string_equal(said(s, "data.0.status"), "live");
    assert_string_equal(said(s, "data.0.accBaseVolume"), "0");
    assert_string_equal(said(s, "data.0.price"), "0");
    assert_string_equal(said(s, "data.0.feeDetail.0.fee"), "0.00000000");
    assert_int_equal(value_at(&s->doc, "data.0.tradeId"), LN_JSON_NONE);
    ln_loop_run_for(w->loop, 50);

    newest(s, ORDER_PUSH);
    expect_strings(&s->doc, "data.0", order_names);
    assert_string_equal(said(s, "data.0.status"), "filled");
    assert_string_equal(said(s, "data.0.orderId"), id);
    assert_string_equal(said(s, "data.0.accBaseVolume"), "0.03");
    assert_string_equal(said(s, "data.0.tradeScope"), "T");
    assert_string_equal(said(s, "data.0.reduceOnly"), "no");
    char trade[32];
    snprintf(trade, sizeof(trade), "%s", said(s, "data.0.tradeId"));

    newest(s, FILL_PUSH);
    expect_strings(&s->doc, "data.0", fill_names);
    assert_string_equal(said(s, "data.0.tradeId"), trade);
    assert_string_equal(said(s, "data.0.feeDetail.0.totalDeductionFee"), "0");
    assert_true(e8_of(said(s, "data.0.feeDetail.0.totalFee")) < 0);

    newest(s, POS_PUSH);
    assert_string_equal(said(s, "data.0.total"), "0.03");
    assert_int_equal(
        ln_json_type(&s->doc, value_at(&s->doc, "data.0.leverage")),
        LN_JSON_NUMBER);
    newest(s, ACC_PUSH);
    assert_true(e8_of(said(s, "data.0.available")) < e8_of("10000"));
    stream_free(s);
}

static void
a_cancelled_order_is_pushed_without_a_fill(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    login_now(s);
    say(s, SUBSCRIBE(ALL_CHANNELS));
    hear(s, POS_PUSH);
    place_resting(w, "gone");
    post(w, "/api/v2/mix/order/cancel-order",
         "{" BTC_BODY ",\"clientOid\":\"gone\"}");
    expect_ok(w);
    hear(s, "\"status\":\"live\"");
    hear(s, "\"status\":\"canceled\"");
    assert_string_equal(said(s, "data.0.cancelReason"), "normal_cancel");
    assert_int_equal(value_at(&s->doc, "data.0.priceAvg"), LN_JSON_NONE);
    /* The margin came and went. */
    newest(s, ACC_PUSH);
    assert_string_equal(said(s, "data.0.available"), "10000");
    assert_string_equal(said(s, "data.0.frozen"), "0");
    stream_free(s);
}

static void
a_rejected_order_pushes_nothing(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    login_now(s);
    say(s, SUBSCRIBE(ALL_CHANNELS));
    hear(s, POS_PUSH);
    post(w, "/api/v2/mix/order/place-order",
         ORDER "\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"90\"}");
    assert_string_not_equal(at(w, "code"), "00000");
    assert_null(hear_within(s, "\"action\"", 300));
    stream_free(s);
}

static void
positions_are_always_the_full_list(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    login_now(s);
    say(s, SUBSCRIBE(ALL_CHANNELS));
    hear(s, POS_PUSH);
    market_buy(w, "0.01");
    post(w, "/api/v2/mix/order/place-order",
         "{\"symbol\":\"ETHUSDT\"," COINED
         ",\"marginMode\":\"crossed\",\"side\":\"sell\",\"orderType\":"
         "\"market\",\"size\":\"0.2\"}");
    expect_ok(w);
    ln_loop_run_for(w->loop, 50);
    newest(s, POS_PUSH);
    assert_int_equal(ln_json_count(&s->doc, value_at(&s->doc, "data")), 2);
    post(w, "/api/v2/mix/order/close-positions",
         "{\"productType\":\"USDT-FUTURES\"}");
    expect_ok(w);
    ln_loop_run_for(w->loop, 50);
    newest(s, POS_PUSH);
    assert_int_equal(ln_json_count(&s->doc, value_at(&s->doc, "data")), 0);
    stream_free(s);
}

static int
setup_hedge(void **state)
{
    struct ln_sim_config cfg = {.hedge = true};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

static void
the_fill_channel_names_the_execution(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    login_now(s);
    say(s, SUBSCRIBE(ALL_CHANNELS));
    hear(s, POS_PUSH);
    place(w, "\"side\":\"buy\",\"tradeSide\":\"open\",\"orderType\":"
             "\"market\",\"size\":\"0.02\"");
    place(w, "\"side\":\"buy\",\"tradeSide\":\"close\",\"orderType\":"
             "\"market\",\"size\":\"0.02\"");
    ln_loop_run_for(w->loop, 50);
    newest(s, FILL_PUSH);
    assert_string_equal(said(s, "data.0.side"), "sell");
    assert_string_equal(said(s, "data.0.tradeSide"), "close");
    newest(s, ORDER_PUSH);
    assert_string_equal(said(s, "data.0.side"), "buy");
    assert_string_equal(said(s, "data.0.posSide"), "long");
    stream_free(s);
}

static void
the_account_is_pushed_while_its_value_moves(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    login_now(s);
    say(s, SUBSCRIBE(COIN_ARG));
    market_buy(w, "0.05");
    ln_loop_run_for(w->loop, 1500);
    size_t before = heard(s, ACC_PUSH);
    ln_sim_set_speed(w->sim, 60);
    ln_loop_run_for(w->loop, 5000);
    assert_in_range(heard(s, ACC_PUSH) - before, 2, 8);
    stream_free(s);
}

/* ---- presets, plans, closed positions, equity ---- */

static void
an_order_push_tells_its_presets_and_stp_mode(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    char members[512];
    login_now(s);
    say(s, SUBSCRIBE(ARG("orders", "default")));
    snprintf(members, sizeof(members),
             "\"side\":\"buy\",\"orderType\":\"limit\",\"size\":\"0.01\","
             "\"price\":\"%s\",\"stpMode\":\"cancel_both\","
             "\"presetStopLossPrice\":\"%s\"",
             btc_price(w, -10000), btc_price(w, -11000));
    place(w, members);
    hear(s, ORDER_PUSH);
    assert_string_equal(said(s, "data.0.stpMode"), "cancel_both");
    assert_string_equal(said(s, "data.0.presetStopLossPrice"),
                        btc_price(w, -11000));
    assert_string_equal(said(s, "data.0.presetStopLossType"), "fill_price");
    assert_string_equal(said(s, "data.0.presetStopLossExecutePrice"), "");
    assert_string_equal(said(s, "data.0.presetStopSurplusPrice"), "");
    stream_free(s);
}

#define ALGO_PUSH "\"channel\":\"orders-algo\",\"instId\":\"default\"},\"data\""

/* The only live plan is the newest push. */
static void
guard(struct world *w, const char *plan_type, const char *more)
{
    char body[512];
    snprintf(body, sizeof(body),
             "{" BTC_BODY ",\"planType\":\"%s\",\"triggerType\":"
             "\"fill_price\",\"holdSide\":\"buy\",%s}",
             plan_type, more);
    post(w, "/api/v2/mix/order/place-tpsl-order", body);
    expect_ok(w);
}

static void
plans_are_pushed_when_made_changed_and_cancelled(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    char more[256];
    static const char *const names[] = {"instId",
                                        "orderId",
                                        "clientOid",
                                        "triggerPrice",
                                        "triggerType",
                                        "triggerTime",
                                        "planType",
                                        "price",
                                        "executePrice",
                                        "size",
                                        "actualSize",
                                        "orderType",
                                        "side",
                                        "tradeSide",
                                        "posSide",
                                        "marginCoin",
                                        "status",
                                        "posMode",
                                        "enterPointSource",
                                        "stopSurplusPrice",
                                        "stopSurplusTriggerPrice",
                                        "stopSurplusTriggerType",
                                        "stopLossPrice",
                                        "stopLossTriggerPrice",
                                        "stopLossTriggerType",
                                        "stpMode",
                                        "cTime",
                                        "uTime",
                                        NULL};
    market_buy(w, "0.02");
    login_now(s);
    say(s, SUBSCRIBE(ARG("orders-algo", "default")));
    snprintf(more, sizeof(more),
             "\"triggerPrice\":\"%s\",\"size\":\"0.01\",\"clientOid\":"
             "\"tp\"",
             btc_price(w, 900));
    guard(w, "profit_plan", more);
    hear(s, ALGO_PUSH);
    assert_string_equal(said(s, "action"), "snapshot");
    expect_strings(&s->doc, "data.0", names);
    assert_string_equal(said(s, "data.0.planType"), "tp");
    assert_string_equal(said(s, "data.0.status"), "live");
    assert_string_equal(said(s, "data.0.price"), "");
    assert_string_equal(said(s, "data.0.executePrice"), "0");
    assert_string_equal(said(s, "data.0.side"), "sell");
    assert_string_equal(said(s, "data.0.tradeSide"), "sell_single");
    assert_string_equal(said(s, "data.0.enterPointSource"), "api");
    snprintf(more, sizeof(more),
             "{" BTC_BODY ",\"clientOid\":\"tp\",\"triggerPrice\":\"%s\","
             "\"size\":\"0.02\"}",
             btc_price(w, 800));
    post(w, "/api/v2/mix/order/modify-tpsl-order", more);
    expect_ok(w);
    hear(s, ALGO_PUSH);
    assert_string_equal(said(s, "data.0.status"), "live");
    assert_string_equal(said(s, "data.0.size"), "0.02");
    post(w, "/api/v2/mix/order/cancel-plan-order",
         "{" BTC_BODY ",\"planType\":\"profit_plan\"}");
    expect_ok(w);
    hear(s, ALGO_PUSH);
    assert_string_equal(said(s, "data.0.status"), "cancelled"); /* two l */
    stream_free(s);
}

static void
a_plan_that_fires_is_executed_and_its_order_is_pushed(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    char more[256];
    market_buy(w, "0.02");
    login_now(s);
    say(s, SUBSCRIBE(ALL_CHANNELS "," ARG("orders-algo", "default")));
    hear(s, POS_PUSH);
    snprintf(more, sizeof(more), "\"triggerPrice\":\"%s\"", btc_price(w, -1));
    guard(w, "pos_loss", more);
    place(w, "\"side\":\"sell\",\"orderType\":\"market\",\"size\":"
             "\"0.005\"");
    ln_loop_run_for(w->loop, 50);
    newest(s, ALGO_PUSH);
    assert_string_equal(said(s, "data.0.planType"), "psl");
    assert_string_equal(said(s, "data.0.status"), "executed");
    assert_string_equal(said(s, "data.0.size"), "0");
    assert_string_equal(said(s, "data.0.actualSize"), "0.015");
    assert_string_equal(said(s, "data.0.triggerTime"), said(s, "data.0.uTime"));
    newest(s, ORDER_PUSH);
    assert_string_equal(said(s, "data.0.status"), "filled");
    assert_string_equal(said(s, "data.0.accBaseVolume"), "0.015");
    newest(s, POS_PUSH);
    assert_int_equal(ln_json_count(&s->doc, value_at(&s->doc, "data")), 0);
    stream_free(s);
}

static void
a_closed_position_is_history(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    static const char *const names[] = {
        "posId",    "instId",    "marginCoin",      "marginMode",
        "holdSide", "posMode",   "openPriceAvg",    "closePriceAvg",
        "openSize", "closeSize", "achievedProfits", "settleFee",
        "openFee",  "closeFee",  "cTime",           "uTime",
        NULL};
    login_now(s);
    say(s, SUBSCRIBE(ARG("positions-history", "default")));
    market_buy(w, "0.02");
    place(w, "\"side\":\"sell\",\"orderType\":\"market\",\"size\":"
             "\"0.01\"");
    assert_null(hear_within(s, "\"action\"", 50)); /* there is a rest */
    place(w, "\"side\":\"sell\",\"orderType\":\"market\",\"size\":"
             "\"0.01\"");
    hear(s, "\"channel\":\"positions-history\"");
    assert_string_equal(said(s, "action"), "snapshot");
    expect_strings(&s->doc, "data.0", names);
    assert_string_equal(said(s, "data.0.openSize"), "0.02");
    assert_string_equal(said(s, "data.0.closeSize"), "0.02");
    assert_string_equal(said(s, "data.0.marginMode"), "crossed");
    assert_true(e8_of(said(s, "data.0.openFee")) < 0);
    assert_true(e8_of(said(s, "data.0.closePriceAvg")) <=
                e8_of(said(s, "data.0.openPriceAvg")));
    stream_free(s);
}

static void
equity_greets_and_follows_the_account(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    static const char *const names[] = {"btcEquity",
                                        "usdtEquity",
                                        "usdtUnrealized",
                                        "unionTotalMargin",
                                        "unionAvailable",
                                        "unionMm",
                                        NULL};
    login_now(s);
    say(s, SUBSCRIBE("{\"instType\":\"USDT-FUTURES\",\"channel\":"
                     "\"equity\"}"));
    hear(s, "\"action\"");
    expect_strings(&s->doc, "data.0", names);
    assert_string_equal(said(s, "data.0.usdtEquity"), "10000");
    assert_true(e8_of(said(s, "data.0.btcEquity")) > 0);
    market_buy(w, "0.02");
    hear(s, "\"action\"");
    assert_true(e8_of(said(s, "data.0.usdtEquity")) < e8_of("10000"));
    stream_free(s);
}

/* The event itself: nobody is deleveraged at will. */
static void
a_deleveraged_position_is_told(void **state)
{
    struct world *w = *state;
    struct stream *s = stream_new(w, PRIVATE);
    struct ln_ex_order order = {.source = LN_EXS_ADL};
    struct ln_ex_fill fill = {.order = &order,
                              .side = LN_SELL,
                              .price_ticks = 640201,
                              .size_lots = 100,
                              .value_e8 = 64020100000,
                              .time_ms = START_MS};
    struct ln_ex_event event = {.type = LN_EXE_ADL,
                                .account = ln_sim_account(w->sim),
                                .time_ms = START_MS,
                                .u.fill = &fill};
    login_now(s);
    say(s, SUBSCRIBE(ARG("adl-noti", "default")));
    hear(s, "\"event\":\"subscribe\"");
    ln_sim_on_event(w->sim, &event);
    hear(s, "\"data\"");
    assert_string_equal(said(s, "action"), "update");
    assert_string_equal(said(s, "arg.channel"), "adl-noti");
    assert_string_equal(said(s, "data.0.symbol"), "BTCUSDT");
    assert_string_equal(said(s, "data.0.side"), "sell");
    assert_string_equal(said(s, "data.0.status"), "triggered");
    assert_string_equal(said(s, "data.0.price"), "64020.1");
    assert_string_equal(said(s, "data.0.amount"), "640.201");
    assert_string_equal(said(s, "data.0.ts"), "1700000000000");
    stream_free(s);
}

/* ---- several users ---- */

static int
setup_two(void **state)
{
    static const struct ln_sim_login second[] = {
        {"second_key", SECRET, PASS, 0}};
    struct ln_sim_config cfg = {.logins = second, .nlogins = 1};
    struct world *w = world_new(&cfg);
    ln_sim_set_speed(w->sim, 0);
    *state = w;
    return 0;
}

static void
nobody_hears_of_others(void **state)
{
    struct world *w = *state;
    struct stream *mine = stream_new(w, PRIVATE);
    struct stream *theirs = stream_new(w, PRIVATE);
    char sign[64];
    login_now(mine);
    sign_text("1700000000GET/user/verify", sign);
    login_as(theirs, "second_key", PASS, "1700000000", sign);
    hear(theirs, "\"login\"");
    say(mine, SUBSCRIBE(ALL_CHANNELS "," ARG("orders-algo", "default")));
    say(theirs, SUBSCRIBE(ALL_CHANNELS "," ARG("orders-algo", "default")));
    hear(mine, POS_PUSH);
    hear(theirs, POS_PUSH);
    place_resting(w, "mine");
    market_buy(w, "0.01");
    ln_loop_run_for(w->loop, 100);
    assert_true(heard(mine, ORDER_PUSH) >= 3);
    assert_int_equal(heard(mine, FILL_PUSH), 1);
    assert_int_equal(heard(theirs, ORDER_PUSH), 0);
    assert_int_equal(heard(theirs, FILL_PUSH), 0);
    newest(theirs, ACC_PUSH);
    assert_string_equal(said(theirs, "data.0.available"), "10000");
    stream_free(mine);
    stream_free(theirs);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_published_login_is_let_in),
        TEST(milliseconds_and_numbers_are_let_in_too),
        TEST(a_failed_login_says_why_and_disconnects),
        TEST(private_channels_need_a_login),
        TEST(every_private_channel_is_acked),
        TEST(account_and_positions_greet_orders_and_fill_do_not),
        TEST(a_market_order_is_live_then_filled),
        TEST(a_cancelled_order_is_pushed_without_a_fill),
        TEST(a_rejected_order_pushes_nothing),
        TEST(positions_are_always_the_full_list),
        cmocka_unit_test_setup_teardown(the_fill_channel_names_the_execution,
                                        setup_hedge, teardown),
        TEST(the_account_is_pushed_while_its_value_moves),
        TEST(an_order_push_tells_its_presets_and_stp_mode),
        TEST(plans_are_pushed_when_made_changed_and_cancelled),
        TEST(a_plan_that_fires_is_executed_and_its_order_is_pushed),
        TEST(a_closed_position_is_history),
        TEST(equity_greets_and_follows_the_account),
        TEST(a_deleveraged_position_is_told),
        cmocka_unit_test_setup_teardown(nobody_hears_of_others, setup_two,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
