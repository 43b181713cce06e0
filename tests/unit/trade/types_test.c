/*
 * The words of trading have names, and only four states are final.
 */
#include "trade/types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
states(void **unused)
{
    (void)unused;
    static const struct {
        enum ln_order_state state;
        const char *name;
        bool is_final;
    } rows[] = {
        {LN_ORDER_PLANNED, "planned", false},
        {LN_ORDER_SENT, "sent", false},
        {LN_ORDER_UNKNOWN, "unknown", false},
        {LN_ORDER_LIVE, "live", false},
        {LN_ORDER_PARTIAL, "partial", false},
        {LN_ORDER_FILLED, "filled", true},
        {LN_ORDER_CANCELLED, "cancelled", true},
        {LN_ORDER_REJECTED, "rejected", true},
        {LN_ORDER_EXPIRED, "expired", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(ln_order_state_name(rows[i].state), rows[i].name);
        assert_int_equal(ln_order_state_final(rows[i].state), rows[i].is_final);
    }
}

static void
other_words(void **unused)
{
    (void)unused;
    assert_string_equal(ln_side_name(LN_BUY), "buy");
    assert_string_equal(ln_side_name(LN_SELL), "sell");
    assert_string_equal(ln_order_type_name(LN_LIMIT), "limit");
    assert_string_equal(ln_order_type_name(LN_MARKET), "market");
    assert_string_equal(ln_tif_name(LN_GTC), "gtc");
    assert_string_equal(ln_tif_name(LN_IOC), "ioc");
    assert_string_equal(ln_tif_name(LN_FOK), "fok");
    assert_string_equal(ln_tif_name(LN_POST_ONLY), "post_only");
}

static void
what_is_no_word_is_unknown(void **unused)
{
    (void)unused;
    static const int wrong[] = {0, -1, 99, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        int w = wrong[i];
        assert_string_equal(ln_order_state_name((enum ln_order_state)w),
                            "unknown");
        assert_string_equal(ln_side_name((enum ln_side)w), "unknown");
        assert_string_equal(ln_order_type_name((enum ln_order_type)w),
                            "unknown");
        assert_string_equal(ln_tif_name((enum ln_tif)w), "unknown");
        assert_false(ln_order_state_final((enum ln_order_state)w));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states),
        cmocka_unit_test(other_words),
        cmocka_unit_test(what_is_no_word_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
