/*
 * Frames of a WebSocket as the server of core/net reads them. The first
 * byte: bit 7 set, the others are frames as they are; else they are recipes,
 * from which well-formed masked frames are made, because a mutator seldom
 * finds a length that fits:
 *
 *   recipe: first byte of the frame, length of its payload, the payload
 *
 * Bits 0 to 6: into how large pieces the bytes are cut.
 */
#include "server_door.h"

#define UPGRADE                                                                \
    "GET /ws HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\n"            \
    "connection: upgrade\r\nsec-websocket-version: 13\r\n"                     \
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static void
add_frame(struct ln_buf *out, uint8_t first, const uint8_t *payload, size_t len)
{
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t head[LN_WS_HEAD_MAX];
    size_t n = ln_ws_frame_head(0, len, head);
    head[0] = first;
    head[1] |= 0x80;
    ln_buf_add(out, head, n);
    ln_buf_add(out, mask, 4);
    size_t start = out->len;
    ln_buf_add(out, payload, len);
    if (len)
        ln_ws_frame_unmask(out->data + start, len, mask);
}

/*
 * The head of the first frame, from as few bytes as are there: what is
 * decided does not change with more of them.
 */
static void
check_heads(const char *data, size_t len)
{
    int decided = 0;
    for (size_t n = 0; n <= len && n <= LN_WS_HEAD_MAX + 2; n++) {
        struct ln_ws_frame frame;
        char *copy = fuzz_copy(data, n);
        int rc = ln_ws_frame_parse(copy, n, &frame);
        free(copy);
        FUZZ_CHECK(decided == 0 || rc == decided, "%zu bytes: %d, then %d", n,
                   decided, rc);
        FUZZ_CHECK(rc <= 0 || (frame.head_len <= n &&
                               frame.head_len <= LN_WS_HEAD_MAX),
                   "a head of %zu in %zu bytes", frame.head_len, n);
        decided = rc;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ln_buf frames;
    if (size < 2)
        return 0;
    ln_buf_init(&frames, 1U << 20);
    if (data[0] & 0x80) {
        ln_buf_add(&frames, data + 1, size - 1);
    } else {
        for (size_t at = 1; at + 2 <= size;) {
            size_t len = data[at + 1];
            if (len > size - at - 2)
                len = size - at - 2;
            add_frame(&frames, data[at], data + at + 2, len);
            at += 2 + len;
        }
    }
    if (frames.len)
        check_heads(frames.data, frames.len);
    if (frames.len)
        door_compare(UPGRADE, frames.data, frames.len, 1U + (data[0] & 0x7f));
    ln_buf_deinit(&frames);
    return 0;
}
