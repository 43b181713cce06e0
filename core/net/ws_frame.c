/*
 * WebSocket frames: see ws_frame.h.
 */
#include "net/ws_frame.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

int
ln_ws_frame_parse(const void *data, size_t len, struct ln_ws_frame *out)
{
    const uint8_t *p = data;

    if (len < 2)
        return 0;
    out->fin = (p[0] & 0x80) != 0;
    out->opcode = p[0] & 0x0f;
    out->len = p[1] & 0x7f;

    bool control = out->opcode >= LN_WS_CLOSE;
    bool known =
        out->opcode <= LN_WS_BINARY || (control && out->opcode <= LN_WS_PONG);
    if ((p[0] & 0x70) != 0 || (p[1] & 0x80) == 0 || !known)
        return -1;
    if (control && (!out->fin || out->len > LN_WS_CONTROL_MAX))
        return -1;

    size_t extra = out->len == 126 ? 2 : out->len == 127 ? 8 : 0;
    out->head_len = 2 + extra + 4;
    if (len < out->head_len)
        return 0;
    if (extra > 0) {
        out->len = 0;
        for (size_t i = 0; i < extra; i++)
            out->len = out->len << 8 | p[2 + i];
    }
    memcpy(out->mask, p + 2 + extra, 4);
    return 1;
}

void
ln_ws_frame_unmask(void *payload, size_t len, const uint8_t mask[4])
{
    uint8_t *p = payload;
    uint64_t wide;
    uint8_t eight[8];

    memcpy(eight, mask, 4);
    memcpy(eight + 4, mask, 4);
    memcpy(&wide, eight, 8);
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, 8);
        word ^= wide;
        memcpy(p + i, &word, 8);
    }
    for (; i < len; i++)
        p[i] ^= mask[i & 3];
}

size_t
ln_ws_frame_head(int opcode, size_t len, uint8_t out[LN_WS_HEAD_MAX])
{
    out[0] = (uint8_t)(0x80 | opcode);
    if (len < 126) {
        out[1] = (uint8_t)len;
        return 2;
    }
    size_t extra = len <= 0xffff ? 2 : 8;
    out[1] = extra == 2 ? 126 : 127;
    for (size_t i = 0; i < extra; i++)
        out[2 + i] = (uint8_t)((uint64_t)len >> (8 * (extra - 1 - i)));
    return 2 + extra;
}

bool
ln_ws_close_code_ok(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

bool
ln_ws_accept_key(const char *key, char *out)
{
    char text[64];
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t len;

    if (strlen(key) != 24)
        return false;
    snprintf(text, sizeof(text), "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    if (!EVP_Q_digest(NULL, "SHA1", NULL, text, strlen(text), digest, &len))
        return false;
    return EVP_EncodeBlock((unsigned char *)out, digest, (int)len) == 28;
}
