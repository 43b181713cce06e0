/*
 * URLs: what the clients of core/net accept, and what they refuse.
 */
#include "base/assert.h"
#include "net/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
good_urls_are_taken_apart(void **state)
{
    static const struct {
        const char *text, *host, *target, *origin;
        int port;
        bool tls, websocket;
    } cases[] = {
        {"https://api.bitget.com/api/v2?x=%20", "api.bitget.com",
         "/api/v2?x=%20", "api.bitget.com:443", 443, true, false},
        {"wss://ws.bitget.com:8443", "ws.bitget.com", "", "ws.bitget.com:8443",
         8443, true, true},
        {"http://localhost?a=b", "localhost", "?a=b", "localhost:80", 80, false,
         false},
        {"ws://127.8.9.1:1/", "127.8.9.1", "/", "127.8.9.1:1", 1, false, true},
        {"https://[::1]:65535/x", "::1", "/x", "[::1]:65535", 65535, true,
         false},
        {"http://[::1]/", "::1", "/", "[::1]:80", 80, false, false},
    };
    (void)state;

    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        struct ln_url url;
        struct ln_error err;
        assert_int_equal(ln_url_parse(cases[i].text, &url, &err), LN_OK);
        assert_string_equal(url.host, cases[i].host);
        assert_string_equal(url.target, cases[i].target);
        assert_string_equal(url.origin, cases[i].origin);
        assert_int_equal(url.port, cases[i].port);
        assert_int_equal(url.tls, cases[i].tls);
        assert_int_equal(url.websocket, cases[i].websocket);
    }
}

static void
bad_urls_are_refused_with_a_cure(void **state)
{
    static const char *const cases[] = {
        "",
        "api.bitget.com",
        "HTTPS://x/",
        "https://",
        "https:///path",
        "https://host:",
        "https://host:0/",
        "https://host:65536/",
        "https://host:99999999999/",
        "https://host:1x/",
        "https://user@host/",
        "https://host/a b",
        "https://host/#top",
        "https://host/\r\nX: y",
        "https://host/\xc3\xa4",
        "https://[::1/",
        "https://[::zz]/",
        "https://[127.0.0.1]/",
        "http://example.com/",
        "ws://10.0.0.1/",
        "http://localhost.evil.example/",
        "http://128.0.0.1/",
    };
    static char huge[LN_URL_MAX + 100];
    struct ln_url url;
    struct ln_error err;
    (void)state;

    for (size_t i = 0; i < LN_COUNT(cases); i++) {
        err = (struct ln_error){0};
        if (ln_url_parse(cases[i], &url, &err) != LN_ERR_ARG)
            fail_msg("accepted: %s", cases[i]);
        assert_true(err.what[0] && err.cure[0]);
    }
    memset(huge, 'a', sizeof(huge) - 1);
    memcpy(huge, "https://", 8);
    assert_int_equal(ln_url_parse(huge, &url, &err), LN_ERR_ARG);
    assert_int_equal(ln_url_parse(NULL, &url, &err), LN_ERR_ARG);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_urls_are_taken_apart),
        cmocka_unit_test(bad_urls_are_refused_with_a_cure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
