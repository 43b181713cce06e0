/*
 * The legacy checksum of books (until May 2026): CRC-32 over the texts of the
 * best 25 levels, bid and ask in turn, as the exchange wrote them.
 */
#include "market/book.h"

#include <string.h>

#define CHECKSUM_LEVELS 25
#define CRC_POLYNOMIAL  0xEDB88320U /* IEEE 802.3, reflected */

static void
add(char *out, size_t cap, size_t *len, const char *text)
{
    size_t n = strlen(text);
    if (*len + n + 2 > cap)
        return;
    if (*len)
        out[(*len)++] = ':';
    memcpy(out + *len, text, n);
    *len += n;
    out[*len] = 0;
}

size_t
ln_book_checksum_text(const struct ln_book *book, char *out, size_t cap)
{
    size_t len = 0;
    if (cap)
        out[0] = 0;
    for (uint32_t i = 0; i < CHECKSUM_LEVELS; i++) {
        if (i < book->bids.count) {
            add(out, cap, &len, book->bids.levels[i].price_text);
            add(out, cap, &len, book->bids.levels[i].size_text);
        }
        if (i < book->asks.count) {
            add(out, cap, &len, book->asks.levels[i].price_text);
            add(out, cap, &len, book->asks.levels[i].size_text);
        }
    }
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
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? CRC_POLYNOMIAL : 0);
    }
    crc = ~crc;
    int32_t signed_crc;
    memcpy(&signed_crc, &crc, sizeof(signed_crc));
    return signed_crc;
}
