/*
 * Private to core/net: the frames of RFC 6455 as a server sees them. Pure
 * functions over bytes; server_ws_uv.c moves them.
 *
 *    0               1               2 .. 9            then
 *   |F|R R R|opcode |M| length 7     | length 16 or 64 | mask 4 | payload
 */
#ifndef LN_NET_WS_FRAME_H
#define LN_NET_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ln_ws_opcode {
    LN_WS_CONTINUATION = 0,
    LN_WS_TEXT = 1,
    LN_WS_BINARY = 2,
    LN_WS_CLOSE = 8,
    LN_WS_PING = 9,
    LN_WS_PONG = 10
};

#define LN_WS_HEAD_MAX    14  /* bytes before a payload */
#define LN_WS_CONTROL_MAX 125 /* payload of close, ping, pong */

struct ln_ws_frame {
    bool fin;
    int opcode;
    uint64_t len;    /* of the payload */
    size_t head_len; /* bytes before it */
    uint8_t mask[4];
};

/*
 * Reads the head of a frame from a client. Returns 1 when it is complete,
 * 0 when bytes are missing, -1 on a violation of the protocol (unmasked,
 * reserved bits or opcodes, control frames that are long or fragmented).
 */
int ln_ws_frame_parse(const void *data, size_t len, struct ln_ws_frame *out);

/* Removes (or puts on) the mask, in place. */
void ln_ws_frame_unmask(void *payload, size_t len, const uint8_t mask[4]);

/* Writes the head of an unfragmented server frame; returns its length. */
size_t ln_ws_frame_head(int opcode, size_t len, uint8_t out[LN_WS_HEAD_MAX]);

/* May a close frame carry this code? */
bool ln_ws_close_code_ok(int code);

/* Sec-WebSocket-Accept for a key of 24 characters; out holds 29 bytes. */
bool ln_ws_accept_key(const char *key, char *out);

#endif
