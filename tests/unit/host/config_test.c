/*
 * The configuration: what is accepted, and what each mistake is answered
 * with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STRATEGIES "\"strategies\":[{\"script\":\"a.lua\"}]"

static enum ln_err
read_text(const char *json, struct ln_host_config *cfg, struct ln_error *err)
{
    memset(err, 0, sizeof(*err));
    ln_config_init(cfg);
    return ln_config_read(cfg, ln_str(json), "desk.lua", err);
}

static void
refuses(const char *json, const char *what, const char *cure)
{
    struct ln_host_config cfg;
    struct ln_error err;
    assert_int_equal(read_text(json, &cfg, &err), LN_ERR_CONFIG);
    if (!strstr(err.what, what) || !strstr(err.cure, cure))
        fail_msg("got '%s' / '%s'", err.what, err.cure);
    ln_config_deinit(&cfg);
}

static void
test_defaults_are_those_of_the_contract(void **state)
{
    struct ln_host_config cfg;
    struct ln_error err;
    (void)state;
    assert_int_equal(read_text("{\"mode\":\"sim\"," STRATEGIES "}", &cfg, &err),
                     LN_OK);
    const struct ln_strategy_config *s = &cfg.strategies[0];
    assert_string_equal(s->name, "a");
    assert_string_equal(s->isolation, "process");
    assert_int_equal(s->budget_ms, 50);
    assert_int_equal(s->deadline_ms, 1000);
    assert_int_equal(s->memory_mb, 64);
    assert_int_equal(s->on_crash, LN_END_CANCEL);
    assert_int_equal(s->max_restarts, 5);
    assert_int_equal(s->errors_max, 20);
    assert_int_equal(s->errors_seconds, 60);
    assert_string_equal(s->params, "{}");
    assert_string_equal(cfg.venue.product, "USDT-FUTURES");
    assert_string_equal(cfg.log.level, "info");
    assert_string_equal(cfg.unused, "");
    ln_config_deinit(&cfg);
}

static void
test_every_key_is_read(void **state)
{
    struct ln_host_config cfg;
    struct ln_error err;
    (void)state;
    const char *json =
        "{\"name\":\"desk1\",\"mode\":\"sim\",\"venue\":{\"account\":\"auto\","
        "\"product\":\"USDT-FUTURES\",\"rest\":\"https://127.0.0.1:8443\","
        "\"ws_public\":\"wss://p\",\"ws_private\":\"wss://"
        "q\",\"ca\":\"ca.pem\"},"
        "\"credentials\":{\"env\":\"MY_API\"},"
        "\"strategies\":[{\"name\":\"ema\",\"script\":\"x/ema.lua\","
        "\"params\":{\"fast\":9},\"isolation\":\"state\",\"budget\":20,"
        "\"deadline\":500,\"memory_mb\":32,\"on_crash\":\"flatten\","
        "\"on_stop\":\"hold\",\"max_restarts\":2,"
        "\"errors\":{\"max\":3,\"seconds\":9},"
        "\"probation\":{\"errors\":3,\"seconds\":30}}],"
        "\"risk\":{\"symbols\":[\"BTCUSDT\",\"ETHUSDT\"],"
        "\"max_order_notional\":5000,\"max_position_notional\":20000.5,"
        "\"max_exposure\":50000,\"max_open_orders\":50,"
        "\"max_orders_per_second\":8,\"max_leverage\":10,"
        "\"price_collar_pct\":5,\"daily_loss\":500},"
        "\"web\":{\"listen\":\"127.0.0.1:8686\"},\"store\":\"state/\","
        "\"log\":{\"level\":\"debug\",\"format\":\"json\"},"
        "\"latency\":\"balanced\",\"alerts\":[],\"redis\":null}";
    assert_int_equal(read_text(json, &cfg, &err), LN_OK);
    const struct ln_strategy_config *s = &cfg.strategies[0];
    assert_string_equal(cfg.name, "desk1");
    assert_string_equal(cfg.venue.rest, "https://127.0.0.1:8443");
    assert_string_equal(cfg.credentials.env, "MY_API");
    assert_string_equal(s->params, "{\"fast\":9}");
    assert_string_equal(s->isolation, "state");
    assert_int_equal(s->on_crash, LN_END_FLATTEN);
    assert_int_equal(s->on_stop, LN_END_HOLD);
    assert_int_equal(s->errors_max, 3);
    assert_int_equal(cfg.risk.nsymbols, 2);
    assert_string_equal(cfg.risk.symbols[1], "ETHUSDT");
    assert_true(cfg.risk.max_position_notional_e8 == 2000050000000LL);
    assert_true(cfg.risk.price_collar_pct_e8 == 500000000LL);
    assert_int_equal(cfg.risk.max_orders_per_second, 8);
    assert_string_equal(cfg.log.format, "json");
    /* Said, not silently ignored. */
    assert_non_null(strstr(cfg.unused, "web"));
    assert_string_equal(cfg.store, "state/");
    ln_config_deinit(&cfg);
}

static void
test_a_misspelt_key_names_the_right_one(void **state)
{
    (void)state;
    refuses("{\"mode\":\"sim\",\"strateges\":[]," STRATEGIES "}", "strateges",
            "strategies");
    refuses("{\"mode\":\"sim\",\"venue\":{\"rset\":\"x\"}," STRATEGIES "}",
            "venue.rset", "rest");
    refuses("{\"mode\":\"sim\",\"strategies\":[{\"script\":\"a.lua\","
            "\"on_crsh\":\"hold\"}]}",
            "strategies[1].on_crsh", "on_crash");
    refuses("{\"mode\":\"sim\",\"risk\":{\"max_order_notinal\":1}," STRATEGIES
            "}",
            "risk.max_order_notinal", "max_order_notional");
}

static void
test_wrong_values_say_what_is_possible(void **state)
{
    (void)state;
    refuses("{\"mode\":\"simm\"," STRATEGIES "}", "mode",
            "sim|paper|demo|live");
    refuses("{" STRATEGIES "}", "mode", "sim");
    refuses("{\"mode\":\"sim\"}", "strategies", "script");
    refuses("{\"mode\":\"sim\",\"strategies\":[]}", "strategies", "script");
    refuses("{\"mode\":\"sim\",\"strategies\":[{}]}", "script", "script");
    refuses("{\"mode\":\"sim\",\"strategies\":[{\"script\":\"a.lua\","
            "\"budget\":0}]}",
            "budget", "from 1 to 60000");
    refuses("{\"mode\":\"sim\",\"strategies\":[{\"script\":\"a.lua\","
            "\"budget\":1.5}]}",
            "budget", "whole number");
    refuses("{\"mode\":\"sim\",\"strategies\":[{\"script\":7}]}", "script",
            "text");
    refuses("{\"mode\":\"sim\",\"risk\":{\"daily_loss\":-1}," STRATEGIES "}",
            "risk.daily_loss", "not negative");
    refuses("{\"mode\":\"sim\",\"risk\":7," STRATEGIES "}", "risk", "braces");
    refuses("{\"mode\":\"sim\",\"strategies\":[{\"script\":\"a.lua\"},"
            "{\"script\":\"b/a.lua\"}]}",
            "used twice", "name of its own");
    refuses("{\"mode\":\"sim\",\"strategies\":[{\"script\":\"a.lua\","
            "\"name\":\"a b\"}]}",
            "name", "letters");
}

static void
test_scripts_are_found_beside_the_file_or_among_the_shipped(void **state)
{
    struct ln_host_config cfg;
    struct ln_error err;
    char dir[] = "/tmp/lnconfXXXXXX", path[256], file[256];
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/strategies", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/strategies/shipped.lua", dir);
    fclose(fopen(path, "w"));
    snprintf(path, sizeof(path), "%s/own.lua", dir);
    fclose(fopen(path, "w"));
    snprintf(file, sizeof(file), "%s/desk.lua", dir);
    assert_int_equal(read_text("{\"mode\":\"sim\",\"strategies\":[{\"script\":"
                               "\"own.lua\"},{\"script\":\"shipped.lua\"}]}",
                               &cfg, &err),
                     LN_OK);
    assert_int_equal(ln_config_resolve(&cfg, file, dir, &err), LN_OK);
    assert_string_equal(cfg.strategies[0].script, path);
    assert_non_null(strstr(cfg.strategies[1].script, "/strategies/shipped"));
    ln_config_deinit(&cfg);

    assert_int_equal(
        read_text("{\"mode\":\"sim\",\"strategies\":[{\"script\":\"no.lua\"}]}",
                  &cfg, &err),
        LN_OK);
    assert_int_equal(ln_config_resolve(&cfg, file, dir, &err), LN_ERR_CONFIG);
    assert_non_null(strstr(err.what, "no.lua does not exist"));
    ln_config_deinit(&cfg);

    unlink(path);
    snprintf(path, sizeof(path), "%s/strategies/shipped.lua", dir);
    unlink(path);
    snprintf(path, sizeof(path), "%s/strategies", dir);
    rmdir(path);
    rmdir(dir);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_those_of_the_contract),
        cmocka_unit_test(test_every_key_is_read),
        cmocka_unit_test(test_a_misspelt_key_names_the_right_one),
        cmocka_unit_test(test_wrong_values_say_what_is_possible),
        cmocka_unit_test(
            test_scripts_are_found_beside_the_file_or_among_the_shipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
