/*
 * A hash map from text to a 64-bit value (open addressing, linear probing,
 * backward-shift deletion). Keys are NOT copied: they live in the caller's
 * record and must outlive their entry.
 */
#ifndef LN_BASE_MAP_H
#define LN_BASE_MAP_H

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

struct ln_map_slot {
    struct ln_str key; /* ptr NULL: the slot is free */
    uint64_t hash;
    uint64_t value;
};

struct ln_map {
    struct ln_map_slot *slots; /* owned; NULL until the first put */
    size_t cap;                /* power of two */
    size_t count;
};

void ln_map_init(struct ln_map *map);
void ln_map_deinit(struct ln_map *map);

/*
 * Insert or replace (the entry then refers to the new key's memory).
 * {NULL, 0} is the same key as "". LN_ERR_NOMEM only.
 */
enum ln_err ln_map_put(struct ln_map *map, struct ln_str key,
                       uint64_t value) LN_MUST_USE;
bool ln_map_get(const struct ln_map *map, struct ln_str key, uint64_t *out);
bool ln_map_del(struct ln_map *map, struct ln_str key);

/* FNV-1a, 64 bit. */
uint64_t ln_hash(struct ln_str key);

#endif
