/*
 * The legacy checksum of "books": CRC-32 (as in zlib) over the best 25
 * levels as they are written on the wire, bid and ask in turn, joined by
 * ':'. The server's own: nothing of a client's check is used.
 */
#ifndef LN_SIM_CHECKSUM_H
#define LN_SIM_CHECKSUM_H

#include "exchange/exchange.h"

/* The signed number of the wire. */
int32_t ln_sim_checksum(const struct ln_instrument *in,
                        const struct ln_level *bids, size_t nbids,
                        const struct ln_level *asks, size_t nasks);

/* Adds text to a running CRC-32 (0 at the start). */
uint32_t ln_sim_crc32(uint32_t crc, struct ln_str text);

#endif
