/*
 * The ledger over REST: every movement of money has its bill, the balances of
 * the bills lead to that of the account, and pages join.
 */
#include "fixture.h"

#define A    "/api/v2/mix/account/"
#define TAX  "/api/v2/tax/future-record"
#define BILL A "bill"

static void
sell(struct world *w, const char *size)
{
    char members[128];
    snprintf(members, sizeof(members),
             "\"side\":\"sell\",\"orderType\":\"market\",\"size\":\"%s\","
             "\"reduceOnly\":\"YES\"",
             size);
    place(w, members);
}

static void
the_deposit_is_the_first_bill(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {
        "billId",       "symbol", "amount",  "fee",   "feeByCoupon",
        "businessType", "coin",   "balance", "cTime", NULL};
    get(w, BILL, P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data.bills"), 1);
    expect_strings(&w->doc, "data.bills.0", names);
    assert_string_equal(at(w, "data.bills.0.businessType"),
                        "trans_from_exchange");
    assert_string_equal(at(w, "data.bills.0.amount"), "10000");
    assert_string_equal(at(w, "data.bills.0.balance"), "10000");
    assert_string_equal(at(w, "data.bills.0.symbol"), "");
    assert_string_equal(at(w, "data.endId"), at(w, "data.bills.0.billId"));
}

/* Opening rows have amount 0 and the fee; closing ones carry the profit. */
static void
a_round_trip_is_billed_to_the_last_unit(void **state)
{
    struct world *w = *state;
    int64_t profit, fee;
    market_buy(w, "0.03");
    get(w, BILL, P "&businessType=buy");
    expect_ok(w);
    assert_string_equal(at(w, "data.bills.0.symbol"), "BTCUSDT");
    assert_string_equal(at(w, "data.bills.0.amount"), "0");
    assert_true(e8_at(w, "data.bills.0.fee") < 0);
    sell(w, "0.03");
    get(w, "/api/v2/mix/order/fills", P);
    profit = fee = 0;
    for (uint32_t i = 0; i < count_at(w, "data.fillList"); i++) {
        char path[96];
        snprintf(path, sizeof(path), "data.fillList.%u.profit", i);
        profit += e8_at(w, path);
        snprintf(path, sizeof(path), "data.fillList.%u.feeDetail.0.totalFee",
                 i);
        fee += e8_at(w, path);
    }
    get(w, BILL, P "&limit=100");
    int64_t amounts = 0, fees = 0;
    for (uint32_t i = 0; i < count_at(w, "data.bills"); i++) {
        char path[64];
        snprintf(path, sizeof(path), "data.bills.%u.amount", i);
        amounts += e8_at(w, path);
        snprintf(path, sizeof(path), "data.bills.%u.fee", i);
        fees += e8_at(w, path);
    }
    assert_int_equal(amounts, e8_of("10000") + profit);
    assert_int_equal(fees, fee);
    int64_t balance = e8_at(w, "data.bills.0.balance");
    assert_int_equal(balance, amounts + fees);
    assert_string_equal(at(w, "data.bills.0.businessType"), "sell");
    get(w, A "accounts", P);
    assert_int_equal(e8_at(w, "data.0.accountEquity"), balance);
}

static void
bills_are_paged_by_their_ids(void **state)
{
    struct world *w = *state;
    char query[128];
    uint32_t seen = 0, all;
    for (int i = 0; i < 12; i++) {
        market_buy(w, "0.01");
        sell(w, "0.01");
    }
    get(w, BILL, P);
    assert_int_equal(count_at(w, "data.bills"), 20); /* the default */
    get(w, BILL, P "&limit=1000");
    all = count_at(w, "data.bills");
    assert_in_range(all, 25, 100);
    snprintf(query, sizeof(query), P "&limit=10");
    for (int page = 0; page < 20; page++) {
        get(w, BILL, query);
        expect_ok(w);
        if (strcmp(at(w, "data.endId"), "null") == 0)
            break;
        uint32_t n = count_at(w, "data.bills");
        char path[64];
        snprintf(path, sizeof(path), "data.bills.%u.billId", n - 1);
        assert_string_equal(at(w, "data.endId"), at(w, path));
        seen += n;
        snprintf(query, sizeof(query), P "&limit=10&idLessThan=%s",
                 at(w, "data.endId"));
    }
    assert_int_equal(seen, all);
    assert_string_equal(at(w, "data.bills"), "null"); /* behind the last */
    get(w, BILL, P "&idLessThan=abc");
    expect_code(w, "40402");
}

static void
bills_are_filtered(void **state)
{
    struct world *w = *state;
    char query[128];
    get(w, BILL, P "&businessType=TRANS_FROM_EXCHANGE&coin=usdt");
    assert_int_equal(count_at(w, "data.bills"), 1);
    get(w, BILL, P "&businessType=trans_from_exchange&coin=BTC");
    assert_string_equal(at(w, "data.bills"), "null");
    get(w, BILL, P "&businessType=bonus_issue");
    assert_string_equal(at(w, "data.bills"), "null");
    get(w, BILL, P "&businessType=salary");
    expect_code(w, "400172");
    snprintf(query, sizeof(query), P "&startTime=%lld", START_MS + 60000LL);
    get(w, BILL, query);
    assert_string_equal(at(w, "data.bills"), "null");
    snprintf(query, sizeof(query), P "&startTime=%lld&endTime=%lld",
             START_MS - 86400000LL, START_MS + 60000LL);
    get(w, BILL, query);
    assert_int_equal(count_at(w, "data.bills"), 1);
    snprintf(query, sizeof(query), P "&startTime=%lld&endTime=%lld",
             START_MS - 31 * 86400000LL, (long long)START_MS);
    get(w, BILL, query);
    expect_code(w, "40705"); /* 30 days at most */
    snprintf(query, sizeof(query), P "&startTime=%lld",
             START_MS - 100 * 86400000LL);
    get(w, BILL, query);
    expect_code(w, "40704");
    snprintf(query, sizeof(query), P "&startTime=%lld&endTime=%lld",
             START_MS + 1LL, (long long)START_MS);
    get(w, BILL, query);
    expect_code(w, "40707");
}

/* Between the account and a position: no gain, and not of a tax return. */
static void
margin_moves_can_be_left_out(void **state)
{
    struct world *w = *state;
    char query[160];
    post(w, A "set-margin-mode", "{" BTC_BODY ",\"marginMode\":\"isolated\"}");
    post(w, "/api/v2/mix/order/place-order",
         "{" BTC_BODY ",\"marginMode\":\"isolated\",\"side\":\"buy\","
         "\"orderType\":\"market\",\"size\":\"0.01\"}");
    post(w, A "set-margin",
         "{" BTC_BODY ",\"holdSide\":\"long\",\"amount\":\"10\"}");
    expect_ok(w);
    get(w, BILL, P);
    assert_string_equal(at(w, "data.bills.0.businessType"), "append_margin");
    assert_string_equal(at(w, "data.bills.0.amount"), "10");
    assert_string_equal(at(w, "data.bills.0.balance"),
                        at(w, "data.bills.1.balance"));
    get(w, BILL, P "&onlyFunding=yes");
    assert_string_not_equal(at(w, "data.bills.0.businessType"),
                            "append_margin");
    snprintf(query, sizeof(query), "startTime=%lld&endTime=%lld",
             START_MS - 1000LL, START_MS + 60000LL);
    get(w, TAX, query);
    expect_ok(w);
    assert_string_equal(at(w, "data.0.futureTaxType"), "buy");
}

static void
the_tax_record_has_the_same_rows(void **state)
{
    struct world *w = *state;
    static const char *const names[] = {"id",     "symbol", "marginCoin",
                                        "amount", "fee",    "futureTaxType",
                                        "ts",     NULL};
    char query[160], id[32];
    market_buy(w, "0.01");
    get(w, BILL, P);
    snprintf(id, sizeof(id), "%s", at(w, "data.bills.0.billId"));
    snprintf(query, sizeof(query), P "&startTime=%lld&endTime=%lld",
             START_MS - 1000LL, START_MS + 60000LL);
    get(w, TAX, query);
    expect_ok(w);
    expect_strings(&w->doc, "data.0", names);
    assert_string_equal(at(w, "data.0.id"), id);
    assert_string_equal(at(w, "data.0.futureTaxType"), "buy");
    uint32_t all = count_at(w, "data");
    snprintf(query, sizeof(query), "startTime=%lld&endTime=%lld&idLessThan=%s",
             START_MS - 1000LL, START_MS + 60000LL, id);
    get(w, TAX, query);
    assert_int_equal(count_at(w, "data"), all - 1);
    get(w, TAX, P);
    expect_code(w, "40019");
    snprintf(query, sizeof(query), "startTime=%lld&endTime=%lld",
             START_MS - 31 * 86400000LL, (long long)START_MS);
    get(w, TAX, query);
    expect_code(w, "40705");
}

static void
funding_says_who_got_it(void **state)
{
    struct world *w = *state;
    struct ln_ticker t;
    char query[160];
    market_buy(w, "0.05");
    ln_ex_ticker(ln_sim_engine(w->sim), 0, &t);
    ln_ex_advance(ln_sim_engine(w->sim), t.next_funding_ms + 1000);
    get(w, BILL, P "&businessType=contract_settle_fee");
    expect_ok(w);
    assert_int_equal(count_at(w, "data.bills"), 1);
    int64_t amount = e8_at(w, "data.bills.0.amount");
    assert_true(amount != 0);
    snprintf(query, sizeof(query), "startTime=%lld&endTime=%lld&limit=1",
             (long long)t.next_funding_ms, (long long)t.next_funding_ms + 1000);
    get(w, TAX, query);
    assert_string_equal(at(w, "data.0.futureTaxType"),
                        amount < 0 ? "contract_main_settle_fee_user_out"
                                   : "contract_main_settle_fee_user_in");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_deposit_is_the_first_bill),
        TEST(a_round_trip_is_billed_to_the_last_unit),
        TEST(bills_are_paged_by_their_ids),
        TEST(bills_are_filtered),
        TEST(margin_moves_can_be_left_out),
        TEST(the_tax_record_has_the_same_rows),
        TEST(funding_says_who_got_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
