/*
 * The log: text and JSON lines, levels, cutting, and that nothing logged can
 * forge a line or steer a terminal.
 */
#include "base/assert.h"
#include "base/json.h"
#include "base/log.h"
#include "base/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char last[LN_LOG_LINE_MAX + 1];
static size_t last_len;
static enum ln_log_level last_level;
static int lines;

static void
remember(void *ctx, enum ln_log_level level, const char *line, size_t len)
{
    assert_ptr_equal(ctx, &lines);
    assert_true(len <= LN_LOG_LINE_MAX);
    memcpy(last, line, len);
    last[len] = '\0';
    last_len = len;
    last_level = level;
    lines++;
}

static int64_t
fixed_clock(void *ctx)
{
    return *(int64_t *)ctx;
}

static int64_t noon = 43201123; /* 12:00:01.123 */

static void
reset(enum ln_log_format format)
{
    ln_log_set_level(LN_LOG_INFO);
    ln_log_set_format(format);
    ln_log_set_clock(fixed_clock, &noon);
    ln_log_set_sink(remember, &lines);
    ln_log_set_color(false);
    lines = 0;
    last[0] = '\0';
}

static void
text_line(void **unused)
{
    (void)unused;
    reset(LN_LOG_TEXT);
    ln_info("host", "started in %d ms", 5);
    assert_string_equal(last, "12:00:01.123 INFO  host    started in 5 ms");
    assert_int_equal(last_len, strlen(last));
    assert_int_equal(last_level, LN_LOG_INFO);
    ln_warn("a_long_strategy_name", "careful");
    assert_string_equal(last,
                        "12:00:01.123 WARN  a_long_strategy_name careful");
    ln_log_set_clock(NULL, NULL);
    ln_log(LN_LOG_ERROR, "host", "no time");
    assert_string_equal(last, "ERROR host    no time");
}

static void
json_line(void **unused)
{
    (void)unused;
    reset(LN_LOG_JSON);
    ln_info("host", "say \"hi\" \\ %d", 5);
    assert_string_equal(last, "{\"time\":43201123,\"level\":\"info\","
                              "\"component\":\"host\","
                              "\"message\":\"say \\\"hi\\\" \\\\ 5\"}");
    ln_log_set_clock(NULL, NULL);
    ln_warn("host", "x");
    assert_string_equal(last, "{\"level\":\"warn\",\"component\":\"host\","
                              "\"message\":\"x\"}");
}

static void
levels_filter(void **unused)
{
    (void)unused;
    reset(LN_LOG_TEXT);
    ln_debug("a", "x");
    assert_int_equal(lines, 0);
    ln_info("a", "x");
    assert_int_equal(lines, 1);
    ln_log_set_level(LN_LOG_ERROR);
    assert_int_equal(ln_log_get_level(), LN_LOG_ERROR);
    ln_warn("a", "x");
    assert_int_equal(lines, 1);
    ln_log(LN_LOG_ERROR, "a", "x");
    assert_int_equal(lines, 2);
    ln_log_set_level(LN_LOG_OFF);
    ln_log(LN_LOG_ERROR, "a", "x");
    ln_log(LN_LOG_OFF, "a", "x");
    assert_int_equal(lines, 2);
    ln_log_set_level(LN_LOG_DEBUG);
    ln_debug("a", "x");
    assert_int_equal(lines, 3);
}

static void
level_names(void **unused)
{
    (void)unused;
    static const char *const names[] = {"debug", "info", "warn", "error",
                                        "off"};
    for (size_t i = 0; i < LN_COUNT(names); i++) {
        enum ln_log_level level = LN_LOG_OFF;
        assert_true(ln_log_level_parse(names[i], &level));
        assert_int_equal(level, i);
    }
    enum ln_log_level level = LN_LOG_WARN;
    assert_false(ln_log_level_parse("loud", &level));
    assert_false(ln_log_level_parse("", &level));
    assert_int_equal(level, LN_LOG_WARN);
}

static void
control_characters_are_replaced(void **unused)
{
    (void)unused;
    reset(LN_LOG_TEXT);
    ln_info("host", "%s", "a\n12:00 ERROR forged\r\tb\033[2Jc\x7F");
    assert_string_equal(last, "12:00:01.123 INFO  host    "
                              "a 12:00 ERROR forged  b?[2Jc?");
    ln_info("ho\nst", "x");
    assert_string_equal(last, "12:00:01.123 INFO  ho st   x");
    /* C1 (as UTF-8 and as a bare byte), right-to-left override, line
     * separator; harmless neighbours of each stay. */
    ln_info("host", "%s",
            "\xC2\x9B|\x9B|\xE2\x80\xAE|\xE2\x80\xA8|"
            "\xE2\x81\xA6|\xC2\xA0|\xE2\x82\xAC|\xC3\xA4");
    assert_string_equal(last, "12:00:01.123 INFO  host    "
                              "?|?|?|?|?|\xC2\xA0|\xE2\x82\xAC|\xC3\xA4");
}

static void
long_messages_are_cut_and_marked(void **unused)
{
    (void)unused;
    static char text[3 * LN_LOG_LINE_MAX];
    for (int format = LN_LOG_TEXT; format <= LN_LOG_JSON; format++) {
        /* Quotes double in JSON; e-acute is two bytes: never split. */
        static const char *const parts[] = {"x", "\"", "\xC3\xA9", "\\x"};
        for (size_t p = 0; p < LN_COUNT(parts); p++) {
            reset((enum ln_log_format)format);
            text[0] = '\0';
            size_t n = strlen(parts[p]);
            for (size_t i = 0; i + n < sizeof text - 1; i += n)
                memcpy(text + i, parts[p], n + 1);
            ln_info("host", "%s", text);
            assert_true(last_len > LN_LOG_LINE_MAX - 8);
            assert_non_null(strstr(last, "..."));
        }
    }
}

static void
a_long_component_leaves_room_for_the_message(void **unused)
{
    (void)unused;
    char name[LN_LOG_LINE_MAX];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    reset(LN_LOG_TEXT);
    ln_info(name, "the message");
    assert_non_null(strstr(last, "n the message"));
}

/* Whatever bytes are logged: one valid JSON document with the four members,
 * and a text line without control characters. */
static void
random_bytes_make_valid_lines(void **unused)
{
    (void)unused;
    struct ln_json doc;
    struct ln_rng rng;
    ln_json_init(&doc);
    ln_rng_seed(&rng, 9);
    for (int i = 0; i < 5000; i++) {
        char text[3000];
        size_t n = (size_t)ln_rng_below(&rng, sizeof text - 1);
        for (size_t k = 0; k < n; k++)
            text[k] = (char)ln_rng_between(&rng, 1, 255);
        text[n] = '\0';
        reset(LN_LOG_JSON);
        ln_info(text + n / 2, "%s", text);
        assert_int_equal(ln_json_parse(&doc, last, last_len, NULL), LN_OK);
        assert_int_equal(ln_json_count(&doc, 0), 4);

        reset(LN_LOG_TEXT);
        ln_info(text + n / 2, "%s", text);
        for (size_t k = 0; k < last_len; k++)
            assert_true((unsigned char)last[k] >= 0x20 && last[k] != 0x7F);
    }
    ln_json_deinit(&doc);
}

static void
errors_are_one_line(void **unused)
{
    (void)unused;
    struct ln_error err;
    reset(LN_LOG_TEXT);
    ln_error_set(&err, LN_ERR_NET, "127.0.0.1:1", "start it", "refused");
    ln_log_error("net", &err);
    assert_string_equal(last, "12:00:01.123 ERROR net     "
                              "refused (127.0.0.1:1): start it");
    ln_error_set(&err, LN_ERR_TIMEOUT, NULL, NULL, "%s", "");
    ln_log_error("net", &err);
    assert_string_equal(last, "12:00:01.123 ERROR net     timeout");
}

static void
standard_error_gets_whole_lines_and_colours_if_wanted(void **unused)
{
    (void)unused;
    char path[] = "base_log_XXXXXX", said[256];
    int file = mkstemp(path), kept = dup(STDERR_FILENO);
    assert_true(file >= 0 && kept >= 0);
    unlink(path);
    reset(LN_LOG_TEXT);
    ln_log_set_sink(NULL, NULL);

    dup2(file, STDERR_FILENO);
    ln_info("host", "plain");
    ln_log_set_color(true);
    ln_info("host", "coloured");
    dup2(kept, STDERR_FILENO);
    close(kept);

    ssize_t n = pread(file, said, sizeof said - 1, 0);
    close(file);
    assert_true(n > 0);
    said[n] = '\0';
    assert_string_equal(said,
                        "12:00:01.123 INFO  host    plain\n"
                        "12:00:01.123 \033[32mINFO \033[0m host    coloured\n");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_line),
        cmocka_unit_test(json_line),
        cmocka_unit_test(levels_filter),
        cmocka_unit_test(level_names),
        cmocka_unit_test(control_characters_are_replaced),
        cmocka_unit_test(long_messages_are_cut_and_marked),
        cmocka_unit_test(a_long_component_leaves_room_for_the_message),
        cmocka_unit_test(random_bytes_make_valid_lines),
        cmocka_unit_test(errors_are_one_line),
        cmocka_unit_test(standard_error_gets_whole_lines_and_colours_if_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
