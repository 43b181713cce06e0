/*
 * Every endpoint of the table is called through TLS, and its answer has each
 * documented field with the documented JSON type (tests/data/bitget/
 * answers.json). Each also refuses: without a required parameter, with a
 * symbol that does not exist, and without a key.
 *
 * One test per endpoint, named like it.
 */
#include "exchange_fixture.h"

#include "base/decimal.h"
#include "bitget/endpoint.h"

#define ORDER     "{" BTC ",\"marginMode\":\"crossed\","
#define SYMBOL    "{" LINE ",\"symbol\":\"BTCUSDT\"}"
#define CANDLES   "{" LINE ",\"symbol\":\"BTCUSDT\",\"granularity\":\"1m\"}"
#define RESTING   "\"side\":\"buy\",\"orderType\":\"limit\",\"price\":\"$low\""
#define NO_FAULTS "failureList"
#define PATH(p)   "/api/v2/mix/order/" p

struct row {
    const char *name;   /* of the endpoint */
    const char *params; /* JSON with $names */
    void (*prepare)(void);
    enum user user;
    const char *empty;   /* a list that may be empty, "data" for data itself */
    const char *refusal; /* the code, where an account cannot do it here */
};

static struct ln_buf facts_text;
static struct ln_json facts;

/* ---- what has to be there before a call ---- */

static void
place(enum user user, const char *json, const char *name)
{
    call(user, "POST", PATH("place-order"), json, NULL, NULL);
    keep(name, "data.orderId");
    market_runs(10);
}

static void
resting_order(void)
{
    place(TRADER, ORDER RESTING ",\"size\":\"0.01\"}", "id");
}

static void
resting_order_of_flat(void)
{
    place(FLAT, ORDER RESTING ",\"size\":\"0.01\"}", "id");
}

static void
eth_position(void)
{
    place(TRADER,
          "{" ETH ",\"marginMode\":\"crossed\",\"side\":\"buy\","
          "\"orderType\":\"market\",\"size\":\"0.1\"}",
          "id");
}

static void
plan_order(void)
{
    call(TRADER, "POST", PATH("place-plan-order"),
         ORDER "\"planType\":\"normal_plan\",\"size\":\"0.01\","
               "\"triggerPrice\":\"$far\",\"triggerType\":\"mark_price\","
               "\"side\":\"sell\",\"orderType\":\"market\"}",
         NULL, NULL);
    keep("id", "data.orderId");
    market_runs(10);
}

static void
stop_loss(void)
{
    call(TRADER, "POST", PATH("place-tpsl-order"),
         "{" BTC ",\"planType\":\"loss_plan\",\"triggerPrice\":\"$below\","
         "\"triggerType\":\"mark_price\",\"holdSide\":\"buy\","
         "\"size\":\"0.01\"}",
         NULL, NULL);
    keep("id", "data.orderId");
    market_runs(10);
}

/* Positions, orders open and finished, plans of each fate, bills. */
static void
history(void)
{
    char price[32];
    int64_t last = 0;
    call(NOBODY, "GET", "/api/v2/mix/market/ticker", SYMBOL, NULL, NULL);
    keep("last", "data.0.lastPr");
    assert_int_equal(
        ln_decimal_parse(answer_at("data.0.lastPr"), 1, LN_ROUND_EXACT, &last),
        LN_OK);
    static const struct {
        const char *name;
        int64_t permille;
    } prices[] = {{"low", 995}, {"below", 970}, {"above", 1030}, {"far", 1500}};
    for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++) {
        int64_t p = last * prices[i].permille / 1000;
        snprintf(price, sizeof(price), "%lld.%lld", (long long)(p / 10),
                 (long long)(p % 10));
        set_name(prices[i].name, price);
    }
    place(TRADER,
          ORDER "\"side\":\"buy\",\"orderType\":\"market\",\"size\":\"0.05\"}",
          "filled");
    place(TRADER, ORDER RESTING ",\"size\":\"0.02\",\"clientOid\":\"open-1\"}",
          "open");
    place(TRADER, ORDER RESTING ",\"size\":\"0.02\"}", "canceled");
    call(TRADER, "POST", PATH("cancel-order"),
         "{" BTC ",\"orderId\":\"$canceled\"}", NULL, NULL);
    eth_position();
    call(TRADER, "POST", PATH("close-positions"), "{" ETH "}", NULL, NULL);
    market_runs(10);
    call(TRADER, "POST", "/api/v2/mix/account/set-margin-mode",
         "{" SOL ",\"marginMode\":\"isolated\"}", NULL, NULL);
    place(TRADER,
          "{" SOL ",\"marginMode\":\"isolated\",\"side\":\"buy\","
          "\"orderType\":\"market\",\"size\":\"2\"}",
          "id");
    call(TRADER, "POST", PATH("place-plan-order"),
         ORDER "\"planType\":\"normal_plan\",\"size\":\"0.01\","
               "\"triggerPrice\":\"$last\",\"triggerType\":\"fill_price\","
               "\"side\":\"buy\",\"orderType\":\"market\"}",
         NULL, NULL);
    keep("executed", "data.orderId");
    plan_order();
    call(TRADER, "POST", PATH("cancel-plan-order"),
         "{" BTC ",\"orderIdList\":[{\"orderId\":\"$id\"}]}", NULL, NULL);
    plan_order();
    market_runs(600000); /* the price comes by where the plan waits */
}

/* ---- the rows ---- */

static const struct row rows[] = {
    {"get_vip_fee_rate", "{}", NULL, NOBODY, NULL, NULL},
    {"get_union_interest_rate_history", "{\"coin\":\"USDT\"}", NULL, NOBODY,
     NULL, NULL},
    {"get_exchange_rate", "{}", NULL, NOBODY, NULL, NULL},
    {"get_discount_rate", "{}", NULL, NOBODY, NULL, NULL},
    {"get_merge_depth", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_ticker", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_tickers", "{" LINE "}", NULL, NOBODY, NULL, NULL},
    {"get_recent_fills", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_fills_history", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_candles", CANDLES, NULL, NOBODY, NULL, NULL},
    {"get_history_candles", CANDLES, NULL, NOBODY, NULL, NULL},
    {"get_history_index_candles", CANDLES, NULL, NOBODY, NULL, NULL},
    {"get_history_mark_candles", CANDLES, NULL, NOBODY, NULL, NULL},
    {"get_open_interest", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_funding_time", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_symbol_price", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_history_fund_rate", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_current_fund_rate", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_oi_limit", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_contracts", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_taker_buy_sell", "{\"symbol\":\"BTCUSDT\"}", NULL, NOBODY, NULL,
     NULL},
    {"get_long_short", "{\"symbol\":\"BTCUSDT\"}", NULL, NOBODY, NULL, NULL},
    {"get_account_long_short", "{\"symbol\":\"BTCUSDT\"}", NULL, NOBODY, NULL,
     NULL},
    {"get_position_long_short", "{\"symbol\":\"BTCUSDT\"}", NULL, NOBODY, NULL,
     NULL},
    {"get_isolated_borrow_rate", "{\"symbol\":\"BTCUSDT\"}", NULL, NOBODY, NULL,
     NULL},
    {"get_account", "{" BTC "}", NULL, TRADER, NULL, NULL},
    /* The list of coins is that of union mode. */
    {"get_accounts", "{" LINE "}", NULL, TRADER, "assetList", NULL},
    /* Nobody has sub-accounts here, and nobody borrows. */
    {"get_sub_account_assets", "{" LINE "}", NULL, TRADER, "data", NULL},
    {"get_interest_history", "{" LINE "}", NULL, TRADER, "interestList", NULL},
    {"get_open_count",
     "{" BTC ",\"openAmount\":\"500\",\"openPrice\":\"$last\","
     "\"leverage\":\"20\"}",
     NULL, TRADER, NULL, NULL},
    {"get_max_open",
     "{" BTC ",\"posSide\":\"long\",\"orderType\":\"limit\","
     "\"openPrice\":\"$low\"}",
     NULL, TRADER, NULL, NULL},
    {"get_liq_price",
     "{" BTC ",\"posSide\":\"long\",\"orderType\":\"market\","
     "\"openAmount\":\"0.01\"}",
     NULL, TRADER, NULL, NULL},
    {"set_leverage", "{" ETH ",\"leverage\":\"15\"}", NULL, TRADER, NULL, NULL},
    {"set_all_leverage", "{" LINE ",\"leverage\":\"10\"}", NULL, FLAT, NULL,
     NULL},
    {"set_margin", "{" SOL ",\"holdSide\":\"long\",\"amount\":\"10\"}", NULL,
     TRADER, NULL, NULL},
    {"set_auto_margin",
     "{\"symbol\":\"SOLUSDT\",\"marginCoin\":\"USDT\",\"autoMargin\":\"on\","
     "\"holdSide\":\"long\"}",
     NULL, TRADER, NULL, NULL},
    {"set_margin_mode", "{" ETH ",\"marginMode\":\"isolated\"}", NULL, FLAT,
     NULL, NULL},
    {"set_position_mode", "{" LINE ",\"posMode\":\"hedge_mode\"}", NULL, MODES,
     NULL, NULL},
    {"set_asset_mode", "{" LINE ",\"assetMode\":\"union\"}", NULL, MODES, NULL,
     NULL},
    {"get_bill", "{" LINE "}", NULL, TRADER, NULL, NULL},
    /* USDT is the only coin anyone has, and needs no conversion. */
    {"union_convert", "{\"coin\":\"BTC\",\"amount\":\"1\"}", NULL, MODES, NULL,
     "40754"},
    {"get_transfer_limits", "{\"coin\":\"USDT\"}", NULL, MODES, NULL, NULL},
    {"get_union_config", "{}", NULL, MODES, NULL, NULL},
    {"get_switch_union_usdt", "{}", NULL, MODES, NULL, NULL},
    {"get_isolated_symbols", "{" LINE "}", NULL, TRADER, NULL, NULL},
    {"get_position_tier", SYMBOL, NULL, NOBODY, NULL, NULL},
    {"get_single_position", "{" BTC "}", NULL, TRADER, NULL, NULL},
    {"get_all_position", "{" COINED "}", NULL, TRADER, NULL, NULL},
    {"get_adl_rank", "{" LINE "}", NULL, TRADER, NULL, NULL},
    {"get_history_position", "{" LINE "}", NULL, TRADER, NULL, NULL},
    {"place_order", ORDER RESTING ",\"size\":\"0.01\"}", NULL, TRADER, NULL,
     NULL},
    {"batch_place_order",
     ORDER "\"orderList\":[{" RESTING ",\"size\":\"0.01\"},"
           "{" RESTING ",\"size\":\"0\"}]}",
     NULL, TRADER, NULL, NULL},
    {"modify_order",
     "{" BTC ",\"orderId\":\"$id\",\"newClientOid\":\"changed-1\","
     "\"newSize\":\"0.02\",\"newPrice\":\"$low\"}",
     resting_order, TRADER, NULL, NULL},
    {"cancel_order", "{" BTC ",\"orderId\":\"$id\"}", resting_order, TRADER,
     NULL, NULL},
    {"batch_cancel_orders",
     "{" BTC ",\"orderIdList\":[{\"orderId\":\"$id\"},{\"orderId\":\"9\"}]}",
     resting_order, TRADER, NULL, NULL},
    {"cancel_all_orders", "{" COINED "}", resting_order_of_flat, FLAT,
     NO_FAULTS, NULL},
    {"close_positions", "{" LINE ",\"symbol\":\"ETHUSDT\"}", eth_position,
     TRADER, NO_FAULTS, NULL},
    {"click_backhand", "{" ETH ",\"side\":\"sell\",\"size\":\"0.1\"}",
     eth_position, TRADER, NULL, NULL},
    {"get_order_detail",
     "{" LINE ",\"symbol\":\"BTCUSDT\",\"orderId\":\"$open\"}", NULL, TRADER,
     NULL, NULL},
    {"get_orders_pending", "{" LINE "}", NULL, TRADER, NULL, NULL},
    {"get_orders_history", "{" LINE "}", NULL, TRADER, NULL, NULL},
    {"get_order_fills", "{" LINE ",\"orderId\":\"$filled\"}", NULL, TRADER,
     NULL, NULL},
    {"get_fill_history", "{" LINE "}", NULL, TRADER, NULL, NULL},
    {"place_tpsl_order",
     "{" BTC ",\"planType\":\"profit_plan\",\"triggerPrice\":\"$above\","
     "\"triggerType\":\"mark_price\",\"holdSide\":\"buy\",\"size\":\"0.01\"}",
     NULL, TRADER, NULL, NULL},
    {"place_pos_tpsl",
     "{" BTC ",\"stopSurplusTriggerPrice\":\"$above\","
     "\"stopSurplusTriggerType\":\"mark_price\","
     "\"stopLossTriggerPrice\":\"$below\","
     "\"stopLossTriggerType\":\"mark_price\",\"holdSide\":\"buy\","
     "\"stopSurplusClientOid\":\"up-1\",\"stopLossClientOid\":\"down-1\"}",
     NULL, TRADER, NULL, NULL},
    {"place_plan_order",
     ORDER "\"planType\":\"track_plan\",\"size\":\"0.01\","
           "\"callbackRatio\":\"1\",\"triggerPrice\":\"$far\","
           "\"triggerType\":\"mark_price\",\"side\":\"sell\","
           "\"orderType\":\"market\"}",
     NULL, TRADER, NULL, NULL},
    {"modify_tpsl_order",
     "{" BTC ",\"orderId\":\"$id\",\"triggerPrice\":\"$below\","
     "\"triggerType\":\"mark_price\",\"size\":\"0.02\"}",
     stop_loss, TRADER, NULL, NULL},
    {"modify_plan_order",
     "{" LINE ",\"symbol\":\"BTCUSDT\",\"orderId\":\"$id\","
     "\"planType\":\"normal_plan\",\"newSize\":\"0.02\"}",
     plan_order, TRADER, NULL, NULL},
    {"cancel_plan_order",
     "{" BTC ",\"planType\":\"normal_plan\","
     "\"orderIdList\":[{\"orderId\":\"$id\"},{\"orderId\":\"9\"}]}",
     plan_order, TRADER, NULL, NULL},
    {"get_orders_plan_pending", "{" LINE ",\"planType\":\"normal_plan\"}", NULL,
     TRADER, NULL, NULL},
    {"get_orders_plan_history", "{" LINE ",\"planType\":\"normal_plan\"}", NULL,
     TRADER, NULL, NULL},
    {"get_plan_sub_order",
     "{" LINE ",\"planType\":\"normal_plan\",\"planOrderId\":\"$executed\"}",
     NULL, TRADER, NULL, NULL},
    {"get_server_time", "{}", NULL, NOBODY, NULL, NULL},
    {"get_announcements", "{\"language\":\"en_US\"}", NULL, NOBODY, NULL, NULL},
    {"get_trade_rate", "{\"symbol\":\"BTCUSDT\",\"businessType\":\"mix\"}",
     NULL, TRADER, NULL, NULL},
    {"get_all_trade_rate", "{\"businessType\":\"mix\"}", NULL, TRADER, NULL,
     NULL},
    {"get_tax_future_record",
     "{" COINED ",\"startTime\":\"$hour_ago\",\"endTime\":\"$soon\"}", NULL,
     TRADER, NULL, NULL},
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

/* ---- comparing ---- */

static struct ln_str
fact(ln_json_val of, const char *key)
{
    return ln_json_raw(&facts, ln_json_get(&facts, of, key));
}

static bool
fact_true(ln_json_val of, const char *key)
{
    return ln_json_type(&facts, ln_json_get(&facts, of, key)) == LN_JSON_TRUE;
}

static void check_fields(const struct row *row, ln_json_val fields,
                         ln_json_val object);

/* An array: of objects with fields, or of what <items> names. */
static void
check_array(const struct row *row, const char *name, ln_json_val about,
            ln_json_val array)
{
    ln_json_val fields = ln_json_get(&facts, about, "fields");
    struct ln_str items = fact(about, "items");
    bool may_be_empty = row->empty && strcmp(row->empty, name) == 0;
    if (ln_json_count(&x->doc, array) == 0 && !may_be_empty)
        fail_msg("%s: '%s' is empty: %.400s", row->name, name, x->body);
    for (ln_json_val v = ln_json_first(&x->doc, array); v != LN_JSON_NONE;
         v = ln_json_next(&x->doc, array, v)) {
        enum ln_json_type type = ln_json_type(&x->doc, v);
        size_t outer = items.len;
        for (size_t i = 0; i < items.len; i++)
            if (items.ptr[i] == '<')
                outer = outer == items.len ? i : outer;
        if (items.len && !type_fits(items.ptr, outer, type))
            fail_msg("%s: an element of '%s' is %s, not %.*s", row->name, name,
                     type_word(type), (int)items.len, items.ptr);
        if (type == LN_JSON_OBJECT)
            check_fields(row, fields, v);
        for (ln_json_val e = ln_json_first(&x->doc, v);
             type == LN_JSON_ARRAY && e != LN_JSON_NONE;
             e = ln_json_next(&x->doc, v, e))
            if (!type_fits(items.ptr + outer + 1, items.len - outer - 2,
                           ln_json_type(&x->doc, e)))
                fail_msg("%s: in '%s' is %s, not %.*s", row->name, name,
                         type_word(ln_json_type(&x->doc, e)), (int)items.len,
                         items.ptr);
    }
}

static void
check_fields(const struct row *row, ln_json_val fields, ln_json_val object)
{
    char name[64], type[32];
    for (ln_json_val f = ln_json_first(&facts, fields); f != LN_JSON_NONE;
         f = ln_json_next(&facts, fields, f)) {
        ln_json_string(&facts, ln_json_get(&facts, f, "name"), name,
                       sizeof(name));
        ln_json_string(&facts, ln_json_get(&facts, f, "type"), type,
                       sizeof(type));
        ln_json_val v = ln_json_get(&x->doc, object, name);
        enum ln_json_type got = ln_json_type(&x->doc, v);
        if (got == LN_JSON_ABSENT && fact_true(f, "optional"))
            continue;
        bool may_be_empty = row->empty && strcmp(row->empty, name) == 0;
        if (got == LN_JSON_NULL && (fact_true(f, "nullable") || may_be_empty)) {
            if (strcmp(type, "array") == 0 && !may_be_empty)
                fail_msg("%s: '%s' is null, though there is something",
                         row->name, name);
            continue;
        }
        if (!type_fits(type, strlen(type), got))
            fail_msg("%s: '%s' is %s, not %s: %.600s", row->name, name,
                     type_word(got), type, x->body);
        if (got == LN_JSON_ARRAY)
            check_array(row, name, f, v);
    }
}

static void
check_columns(const struct row *row, ln_json_val about, ln_json_val data)
{
    int64_t columns = 0;
    assert_true(
        ln_json_i64(&facts, ln_json_get(&facts, about, "columns"), &columns));
    if (ln_json_count(&x->doc, data) == 0)
        fail_msg("%s: no rows: %.200s", row->name, x->body);
    for (ln_json_val r = ln_json_first(&x->doc, data); r != LN_JSON_NONE;
         r = ln_json_next(&x->doc, data, r)) {
        assert_int_equal(ln_json_count(&x->doc, r), columns);
        for (ln_json_val c = ln_json_first(&x->doc, r); c != LN_JSON_NONE;
             c = ln_json_next(&x->doc, r, c))
            assert_int_equal(ln_json_type(&x->doc, c), LN_JSON_STRING);
    }
}

static void
check_answer(const struct row *row, ln_json_val about)
{
    struct ln_str kind = fact(about, "data");
    ln_json_val data = ln_json_get(&x->doc, 0, "data");
    enum ln_json_type type = ln_json_type(&x->doc, data);
    if (!succeeded() || x->status != 200)
        fail_msg("%s: HTTP %d %.400s", row->name, x->status, x->body);
    assert_true(ln_str_eq(answer_at("msg"), ln_str("success")));
    assert_int_equal(
        ln_json_type(&x->doc, ln_json_get(&x->doc, 0, "requestTime")),
        LN_JSON_NUMBER);
    size_t outer = 0;
    while (outer < kind.len && kind.ptr[outer] != '<')
        outer++;
    if (!type_fits(kind.ptr, outer, type))
        fail_msg("%s: data is %s, not %.*s: %.400s", row->name, type_word(type),
                 (int)kind.len, kind.ptr, x->body);
    if (ln_json_get(&facts, about, "columns") != LN_JSON_NONE)
        check_columns(row, about, data);
    else if (type == LN_JSON_ARRAY)
        check_array(row, "data", about, data);
    else if (type == LN_JSON_OBJECT)
        check_fields(row, ln_json_get(&facts, about, "fields"), data);
}

/* HTTP 400, one of the codes, data null. */
static void
check_refusal(const struct row *row, const char *what, const char *codes)
{
    struct ln_str code = answer_at("code");
    char text[16];
    snprintf(text, sizeof(text), "%.*s", (int)code.len, code.ptr);
    if (x->status != 400 || !strstr(codes, text))
        fail_msg("%s %s: wanted one of %s, is HTTP %d: %.300s", row->name, what,
                 codes, x->status, x->body);
    assert_int_equal(ln_json_type(&x->doc, ln_json_get(&x->doc, 0, "data")),
                     LN_JSON_NULL);
    assert_true(ln_json_get(&x->doc, 0, "msg") != LN_JSON_NONE);
    assert_int_equal(
        ln_json_type(&x->doc, ln_json_get(&x->doc, 0, "requestTime")),
        LN_JSON_NUMBER);
}

static void
endpoint_test(void **state)
{
    const struct row *row = *state;
    const struct ln_endpoint *ep = ln_v2_endpoint(row->name);
    ln_json_val about = LN_JSON_NONE,
                list = ln_json_get(&facts, 0, "endpoints");
    assert_non_null(ep);
    for (ln_json_val e = ln_json_first(&facts, list); e != LN_JSON_NONE;
         e = ln_json_next(&facts, list, e))
        if (ln_str_eq(fact(e, "name"), ln_str(row->name)))
            about = e;
    assert_true(about != LN_JSON_NONE);
    assert_true(ln_str_eq(fact(about, "path"), ln_str(ep->path)));
    assert_true(ln_str_eq(fact(about, "method"), ln_str(ep->method)));
    assert_int_equal(row->user != NOBODY, fact_true(about, "auth"));

    if (row->prepare)
        row->prepare();
    call(row->user, ep->method, ep->path, row->params, NULL, NULL);
    if (row->refusal)
        check_refusal(row, "of an account without the coin", row->refusal);
    else
        check_answer(row, about);

    ln_json_val needed = ln_json_get(&facts, about, "required");
    for (ln_json_val p = ln_json_first(&facts, needed); p != LN_JSON_NONE;
         p = ln_json_next(&facts, needed, p)) {
        char name[64];
        ln_json_string(&facts, p, name, sizeof(name));
        call(row->user, ep->method, ep->path, row->params, name, NULL);
        check_refusal(row, name, "40019 40811 40813 48002 400172 40924 22003");
    }
    if (strstr(row->params, "\"symbol\"")) {
        call(row->user, ep->method, ep->path, row->params, NULL, "NOSUCHUSDT");
        check_refusal(row, "of an unknown symbol", "40034");
    }
    if (ep->auth) {
        call(NOBODY, ep->method, ep->path, row->params, NULL, NULL);
        check_refusal(row, "without a key", "40006");
    }
}

static void
no_endpoint_is_forgotten(void **state)
{
    size_t count = 0;
    const struct ln_endpoint *table = ln_v2_endpoints(&count);
    (void)state;
    assert_int_equal(count, NROWS);
    assert_int_equal(ln_json_count(&facts, ln_json_get(&facts, 0, "endpoints")),
                     NROWS);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(table[i].name, rows[i].name);
}

static int
group_setup(void **state)
{
    char text[32];
    exchange_setup(state);
    ln_buf_init(&facts_text, 1U << 20);
    ln_json_init(&facts);
    if (ln_buf_read_file(&facts_text, LN_TEST_DATA "/bitget/answers.json",
                         NULL) != LN_OK ||
        ln_json_parse(&facts, facts_text.data, facts_text.len, NULL) != LN_OK)
        return -1;
    int64_t now = ln_loop_now_ms(x->loop);
    snprintf(text, sizeof(text), "%lld", (long long)(now - 3600000));
    set_name("hour_ago", text);
    snprintf(text, sizeof(text), "%lld", (long long)(now + 3600000));
    set_name("soon", text);
    history();
    return 0;
}

static int
group_teardown(void **state)
{
    ln_json_deinit(&facts);
    ln_buf_deinit(&facts_text);
    return exchange_teardown(state);
}

int
main(void)
{
    static struct CMUnitTest tests[NROWS + 1];
    tests[0].name = "no_endpoint_is_forgotten";
    tests[0].test_func = no_endpoint_is_forgotten;
    for (size_t i = 0; i < NROWS; i++) {
        union { /* cmocka hands states on without const */
            const struct row *row;
            void *state;
        } is = {.row = &rows[i]};
        tests[i + 1].name = rows[i].name;
        tests[i + 1].test_func = endpoint_test;
        tests[i + 1].initial_state = is.state;
    }
    return _cmocka_run_group_tests("endpoints", tests, NROWS + 1, group_setup,
                                   group_teardown);
}
