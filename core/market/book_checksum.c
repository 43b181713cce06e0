/*
 * The legacy checksum of books (until May 2026): CRC-32 over the texts of the
 * best 25 levels, bid and ask in turn, as the exchange wrote them.
 */
#include "market/book.h"

#include <string.h>

#define CHECKSUM_LEVELS 25

/* CRC-32 of the sixteen half bytes (IEEE 802.3: polynomial 0xEDB88320,
 * reflected): small enough to stay in the cache beside a book. */
static const uint32_t crc_of_nibble[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
    0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
    0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};

/* False: it does not fit any more. */
static bool
add(char *out, size_t cap, size_t *len, const char *text)
{
    size_t n = strlen(text), colon = *len > 0;
    if (*len + colon + n + 1 > cap)
        return false;
    if (colon)
        out[(*len)++] = ':';
    memcpy(out + *len, text, n);
    *len += n;
    out[*len] = 0;
    return true;
}

static bool
add_level(char *out, size_t cap, size_t *len, const struct ln_book_side *side,
          uint32_t i)
{
    if (i >= side->count)
        return true;
    return add(out, cap, len, side->levels[i].price_text) &&
           add(out, cap, len, side->levels[i].size_text);
}

size_t
ln_book_checksum_text(const struct ln_book *book, char *out, size_t cap)
{
    size_t len = 0;
    if (cap)
        out[0] = 0;
    for (uint32_t i = 0; i < CHECKSUM_LEVELS; i++)
        if (!add_level(out, cap, &len, &book->bids, i) ||
            !add_level(out, cap, &len, &book->asks, i))
            break;
    return len;
}

int32_t
ln_book_checksum(const struct ln_book *book)
{
    char text[CHECKSUM_LEVELS * 4 * LN_BOOK_TEXT_CAP + 1];
    size_t len = ln_book_checksum_text(book, text, sizeof(text));
    uint32_t crc = 0xFFFFFFFFU;
    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned char)text[i];
        crc = crc >> 4 ^ crc_of_nibble[crc & 15];
        crc = crc >> 4 ^ crc_of_nibble[crc & 15];
    }
    crc = ~crc;
    int32_t signed_crc;
    memcpy(&signed_crc, &crc, sizeof(signed_crc));
    return signed_crc;
}
