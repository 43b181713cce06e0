/*
 * The legacy checksum of books. See checksum.h.
 */
#include "sim/checksum.h"

#define LEVELS     25
#define POLYNOMIAL 0xEDB88320U

uint32_t
ln_sim_crc32(uint32_t crc, struct ln_str text)
{
    crc = ~crc;
    for (size_t i = 0; i < text.len; i++) {
        crc ^= (unsigned char)text.ptr[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (POLYNOMIAL & (0U - (crc & 1U)));
    }
    return ~crc;
}

static uint32_t
add_level(uint32_t crc, const struct ln_instrument *in,
          const struct ln_level *level, bool first)
{
    char text[2 * LN_DECIMAL_CAP + 2];
    size_t n = 0;
    if (!first)
        text[n++] = ':';
    n += ln_decimal_format(
        ln_mul_div(level->price_ticks, in->price_step, 1, LN_ROUND_DOWN),
        in->price_scale, in->price_scale, text + n);
    text[n++] = ':';
    n += ln_decimal_format(
        ln_mul_div(level->size_lots, in->lot_step, 1, LN_ROUND_DOWN),
        in->size_scale, in->size_scale, text + n);
    return ln_sim_crc32(crc, ln_strn(text, n));
}

int32_t
ln_sim_checksum(const struct ln_instrument *in, const struct ln_level *bids,
                size_t nbids, const struct ln_level *asks, size_t nasks)
{
    uint32_t crc = 0;
    int32_t out;
    bool first = true;
    for (size_t i = 0; i < LEVELS; i++) {
        if (i < nbids)
            crc = add_level(crc, in, &bids[i], first);
        first = first && i >= nbids;
        if (i < nasks)
            crc = add_level(crc, in, &asks[i], first);
        first = first && i >= nasks;
    }
    memcpy(&out, &crc, sizeof(out));
    return out;
}
