/*
 * Recorded candles: reading the file, and the market that they drive.
 */
#include "fixture.h"

#include <unistd.h>

static char path[] = "/tmp/lunette-sim-data-XXXXXX";

static void
write_file(const char *text)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

/* The error that starting with this file gives. */
static void
start_fails(const char *text, struct ln_error *err)
{
    struct ln_loop *loop = ln_loop_virtual_new(START_MS);
    struct ln_net *net = ln_net_virtual_new(loop, 7);
    struct ln_sim_config cfg = {.data_file = path};
    write_file(text);
    assert_null(ln_sim_new(loop, net, &cfg, err));
    ln_net_free(net);
    ln_loop_free(loop);
}

static void
wrong_files_are_refused_with_their_line(void **state)
{
    (void)state;
    static const char head[] = "timestamp,open,high,low,close,volume\n"
                               "2022-01-01 00:00:00,10,12,9,11,5\n";
    static const struct {
        const char *row, *what;
    } rows[] = {
        {"2022-01-01 00:01:00,10,12\n", "too few columns"},
        {"yesterday,10,12,9,11,5\n", "time"},
        {"2022-01-01 00:01:30,10,12,9,11,5\n", "minute"},
        {"2022-01-01 00:01:00,10,x,9,11,5\n", "price"},
        {"2022-01-01 00:01:00,10,12,-9,11,5\n", "price"},
        {"2022-01-01 00:01:00,10,12,11,11,5\n", "between low and high"},
        {"2022-01-01 00:01:00,10,12,9,11,-5\n", "volume"},
        {"2022-01-01 00:00:00,10,12,9,11,5\n", "later"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ln_error err = {0};
        char text[256], where[96];
        snprintf(text, sizeof(text), "%s%s", head, rows[i].row);
        start_fails(text, &err);
        assert_int_equal(err.code, LN_ERR_PARSE);
        assert_non_null(strstr(err.what, rows[i].what));
        snprintf(where, sizeof(where), "%s:3", path);
        assert_string_equal(err.where, where);
    }
}

static void
the_header_must_name_the_columns(void **state)
{
    struct ln_error err = {0};
    (void)state;
    start_fails("timestamp,open,high,low,volume\n1,2,3,4,5\n", &err);
    assert_non_null(strstr(err.what, "no column 'close'"));
    start_fails("", &err);
    assert_int_equal(err.code, LN_ERR_PARSE);
    unlink(path);
    struct ln_loop *loop = ln_loop_virtual_new(START_MS);
    struct ln_net *net = ln_net_virtual_new(loop, 7);
    struct ln_sim_config cfg = {.data_file = path};
    assert_null(ln_sim_new(loop, net, &cfg, &err));
    assert_int_equal(err.code, LN_ERR_IO);
    ln_net_free(net);
    ln_loop_free(loop);
}

#define ROWS     40
#define FIRST_MS 1640995200000 /* 2022-01-01 */

/* Forty minutes that climb by ten dollars each; columns in odd order. */
static void
write_climb(const char *volume)
{
    FILE *f = fopen(path, "w");
    fputs("close,extra,volume,low,high,open,open_time\n", f);
    for (int i = 0; i < ROWS; i++)
        fprintf(f, "%d.04,x,%s,%d,%d,%d,%lld\r\n", 40010 + 10 * i, volume,
                39995 + 10 * i, 40015 + 10 * i, 40000 + 10 * i,
                (long long)(FIRST_MS + i * 60000LL));
    fclose(f);
}

static int64_t
candle_at(struct world *w, int64_t open_ms, const char *element)
{
    char query[128], where[32];
    snprintf(query, sizeof(query), BTC "&granularity=1m&limit=1&endTime=%lld",
             (long long)(open_ms + 60000));
    pub(w, "/api/v2/mix/market/history-candles", query);
    expect_ok(w);
    assert_int_equal(strtoll(at(w, "data.0.0"), NULL, 10), open_ms);
    snprintf(where, sizeof(where), "data.0.%s", element);
    return e8_at(w, where);
}

static void
the_market_starts_inside_and_ends_with_the_file(void **state)
{
    (void)state;
    write_climb("2.5");
    struct ln_sim_config cfg = {.data_file = path, .speed = 60};
    struct world *w = world_new(&cfg);
    struct ln_sim_stats stats;
    void *done = w;

    pub(w, "/api/v2/mix/market/contracts", P);
    assert_int_equal(count_at(w, "data"), 1); /* only what is recorded */
    assert_true(ln_ex_now(ln_sim_engine(w->sim)) >= FIRST_MS + 10 * 60000);
    assert_true(ln_ex_now(ln_sim_engine(w->sim)) < FIRST_MS + 11 * 60000);
    /* A quarter is the past: rounded to the tick, volume as it was. */
    assert_int_equal(candle_at(w, FIRST_MS + 5 * 60000, "4"), e8_of("40060"));
    assert_int_equal(candle_at(w, FIRST_MS + 5 * 60000, "5"), e8_of("2.5"));

    ln_loop_run_for(w->loop, 10500); /* ten candles later */
    assert_int_equal(candle_at(w, FIRST_MS + 15 * 60000, "1"), e8_of("40150"));
    assert_int_equal(candle_at(w, FIRST_MS + 15 * 60000, "2"), e8_of("40165"));
    assert_int_equal(candle_at(w, FIRST_MS + 15 * 60000, "3"), e8_of("40145"));
    ln_sim_stats(w->sim, &stats);
    assert_false(stats.data_finished);

    ln_loop_run_for(w->loop, 30000);
    ln_sim_stats(w->sim, &stats);
    assert_true(stats.data_finished);
    int64_t end = ln_ex_now(ln_sim_engine(w->sim));
    assert_int_equal(end, FIRST_MS + ROWS * 60000LL);
    ln_loop_run_for(w->loop, 5000);
    assert_int_equal(ln_ex_now(ln_sim_engine(w->sim)), end);
    teardown(&done);
}

static void
volume_can_be_in_the_quote_coin(void **state)
{
    (void)state;
    write_climb("100150.1");
    struct ln_sim_config cfg = {.data_file = path, .data_volume_quote = true};
    struct world *w = world_new(&cfg);
    void *done = w;
    ln_sim_set_speed(w->sim, 0);
    /* 100150.1 / 40060, down to the lot */
    assert_int_equal(candle_at(w, FIRST_MS + 5 * 60000, "5"), e8_of("2.5"));
    assert_int_equal(candle_at(w, FIRST_MS + 5 * 60000, "6"),
                     e8_of("100150.1"));
    teardown(&done);
}

/* Twenty quiet minutes, then half of the price is gone. */
static void
write_crash(void)
{
    FILE *f = fopen(path, "w");
    fputs("timestamp,open,high,low,close,volume\n", f);
    for (int i = 0; i < ROWS; i++) {
        int price = i < 20 ? 40000 : 20000;
        fprintf(f, "%lld,%d,%d,%d,%d,100\n",
                (long long)(FIRST_MS + i * 60000LL), price, price + 10,
                price - 10, price);
    }
    fclose(f);
}

static void
a_crash_liquidates_and_says_so(void **state)
{
    (void)state;
    write_crash();
    struct ln_sim_config cfg = {
        .data_file = path, .speed = 60, .balance_e8 = 200 * LN_E8};
    struct world *w = world_new(&cfg);
    void *done = w;
    char why[256];
    market_buy(w, "0.05"); /* 2000 USDT on 200 */
    place_resting(w, "goes-too");
    ln_loop_run_for(w->loop, 15000);
    get(w, "/api/v2/mix/position/all-position", P);
    expect_ok(w);
    assert_int_equal(count_at(w, "data"), 0);
    get(w, "/api/v2/mix/order/orders-history", BTC "&orderSource=liquidation");
    assert_int_equal(count_at(w, "data.entrustedList"), 1);
    assert_string_equal(at(w, "data.entrustedList.0.tradeSide"),
                        "burst_sell_single");
    assert_string_equal(at(w, "data.entrustedList.0.enterPointSource"), "SYS");
    assert_string_equal(at(w, "data.entrustedList.0.status"), "filled");
    get(w, "/api/v2/mix/order/detail", BTC "&clientOid=goes-too");
    expect_ok(w);
    get(w, "/api/v2/mix/account/accounts", P);
    assert_true(e8_at(w, "data.0.accountEquity") < e8_of("100"));
    if (!ln_ex_check(ln_sim_engine(w->sim), why, sizeof(why)))
        fail_msg("%s", why);
    teardown(&done);
}

static void
symbols_are_known_or_refused(void **state)
{
    static const char *const unknown[] = {"NOSUCHUSDT"};
    static const char *const other[] = {"ETHUSDT"};
    struct ln_loop *loop = ln_loop_virtual_new(START_MS);
    struct ln_net *net = ln_net_virtual_new(loop, 7);
    struct ln_error err = {0};
    (void)state;
    struct ln_sim_config cfg = {.symbols = unknown, .nsymbols = 1};
    assert_null(ln_sim_new(loop, net, &cfg, &err));
    assert_non_null(strstr(err.what, "NOSUCHUSDT"));
    assert_non_null(strstr(err.cure, "BTCUSDT"));
    write_climb("1");
    cfg = (struct ln_sim_config){
        .symbols = other, .nsymbols = 1, .data_file = path};
    assert_null(ln_sim_new(loop, net, &cfg, &err));
    assert_int_equal(err.code, LN_ERR_CONFIG);
    ln_net_free(net);
    ln_loop_free(loop);
}

static void
recorded_trades_are_told_by_their_header_and_drive_the_market(void **state)
{
    static const struct {
        const char *text;
        bool json;
    } files[] = {
        {",timestamp,id,side,price,amount\n"
         "0,1640995200100,1,buy,40000.1,0.5\n"
         "1,1640995201100,2,sell,40000,0.25\n"
         "2,1640995203100,3,buy,40010.5,1\n",
         false},
        {"[{\"timestamp\":1640995200100,\"side\":\"buy\",\"price\":40000.1,"
         "\"amount\":0.5,\"info\":{\"x\":\"}\"}},\n"
         "{\"timestamp\":1640995201100,\"side\":\"sell\",\"price\":4.0e4,"
         "\"amount\":0.25},{\"timestamp\":1640995203100,\"side\":null,"
         "\"price\":\"40010.5\",\"amount\":\"1\"}]\n",
         true},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        write_file(files[i].text);
        struct ln_sim_config cfg = {.data_file = path};
        struct world *w = world_new(&cfg);
        struct ln_sim_stats stats;
        struct ln_trade t[8];
        void *done = w;
        ln_loop_run_for(w->loop, 5000);
        assert_int_equal(ln_ex_trades(ln_sim_engine(w->sim), 0, t, 8), 3);
        assert_int_equal(t[2].price_ticks, 400001);
        assert_int_equal(t[2].size_lots, 5000);
        assert_int_equal(t[1].side, LN_SELL);
        assert_int_equal(t[1].price_ticks, 400000);
        assert_int_equal(t[0].price_ticks, 400105);
        assert_int_equal(t[0].side, LN_BUY);
        assert_int_equal(t[0].time_ms, FIRST_MS + 3100);
        ln_sim_stats(w->sim, &stats);
        assert_true(stats.data_finished);
        teardown(&done);
    }
}

static void
wrong_trades_are_refused_with_their_line(void **state)
{
    static const char head[] = "time,price,qty,side\n"
                               "1640995200100,40000,1,buy\n";
    static const struct {
        const char *row, *what;
    } rows[] = {
        {"1640995200200,40000\n", "too few columns"},
        {"soon,40000,1,buy\n", "time"},
        {"1640995200200,0,1,buy\n", "price"},
        {"1640995200200,40000,-1,buy\n", "size"},
        {"1640995200200,40000,1,hold\n", "side"},
        {"1640995200000,40000,1,buy\n", "earlier"},
    };
    struct ln_error err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[256], where[96];
        snprintf(text, sizeof(text), "%s%s", head, rows[i].row);
        start_fails(text, &err);
        assert_non_null(strstr(err.what, rows[i].what));
        snprintf(where, sizeof(where), "%s:3", path);
        assert_string_equal(err.where, where);
    }
    start_fails(head, &err);
    assert_non_null(strstr(err.what, "fewer than two trades"));
    start_fails("[{\"timestamp\":1640995200100,\"price\":1", &err);
    assert_non_null(strstr(err.what, "ends within"));
    start_fails("\x1F\x8B\x08nonsense", &err);
    assert_non_null(strstr(err.what, "unpacked"));
}

static int
make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    return 0;
}

static int
remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_files_are_refused_with_their_line),
        cmocka_unit_test(the_header_must_name_the_columns),
        cmocka_unit_test(the_market_starts_inside_and_ends_with_the_file),
        cmocka_unit_test(volume_can_be_in_the_quote_coin),
        cmocka_unit_test(a_crash_liquidates_and_says_so),
        cmocka_unit_test(symbols_are_known_or_refused),
        cmocka_unit_test(
            recorded_trades_are_told_by_their_header_and_drive_the_market),
        cmocka_unit_test(wrong_trades_are_refused_with_their_line),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
