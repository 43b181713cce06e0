/*
 * Requests as the server of core/net reads them. The first byte says into
 * how large pieces the others are cut; the answers must be HTTP.
 */
#include "server_door.h"

static void
expect_http(const struct ln_buf *sent)
{
    FUZZ_CHECK(sent->len == 0 || ln_str_starts(ln_buf_str(sent), "HTTP/1.1 "),
               "'%.40s' was sent", sent->data);
}

/* The head alone, in memory that ends where it ends. */
static void
check_head(const char *data, size_t size)
{
    static struct ln_http_head head;
    static bool made;
    char *copy = fuzz_copy(data, size);
    size_t len = ln_http_head_len(copy, size);
    FUZZ_CHECK(len <= size, "%zu of %zu bytes", len, size);
    if (!made)
        ln_http_head_init(&head);
    made = true;
    if (len > 0) {
        char *alone = fuzz_copy(copy, len);
        int status = ln_http_head_parse(&head, alone, len);
        FUZZ_CHECK(status == 0 || (status >= 400 && status < 600), "%d",
                   status);
        FUZZ_CHECK(head.query >= head.path &&
                       head.query < head.path + sizeof(head.path),
                   "the query lies elsewhere");
        free(alone);
    }
    free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ln_buf sent;
    if (size < 2)
        return 0;
    const char *text = (const char *)data + 1;
    check_head(text, size - 1);
    char *log = door_session("", text, size - 1, 0, &sent);
    expect_http(&sent);
    ln_buf_deinit(&sent);
    free(log);
    door_compare("", text, size - 1, 1U + data[0] % 64U);
    return 0;
}
