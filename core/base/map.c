/*
 * Hash map from text to a 64-bit value: open addressing, linear probing. A
 * deletion shifts the rest of its run back, so that there are no tombstones
 * and a long-lived map of orders does not decay.
 */
#include "base/map.h"

#include <stdlib.h>

#define FIRST_CAP 16

uint64_t
ln_hash(struct ln_str key)
{
    uint64_t h = 0xCBF29CE484222325U;
    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char)key.ptr[i]) * 0x100000001B3U;
    return h;
}

void
ln_map_init(struct ln_map *map)
{
    *map = (struct ln_map){0};
}

void
ln_map_deinit(struct ln_map *map)
{
    free(map->slots);
    ln_map_init(map);
}

/*
 * The slot that holds <key>, or the free one where it belongs. There is
 * always a free one: the map is never more than three quarters full.
 */
static struct ln_map_slot *
find(struct ln_map_slot *slots, size_t cap, struct ln_str key, uint64_t hash)
{
    size_t i = (size_t)hash & (cap - 1);
    while (slots[i].key.ptr &&
           !(slots[i].hash == hash && ln_str_eq(slots[i].key, key)))
        i = (i + 1) & (cap - 1);
    return &slots[i];
}

static bool
grow(struct ln_map *map)
{
    size_t cap = map->cap ? map->cap * 2 : FIRST_CAP;
    struct ln_map_slot *slots = calloc(cap, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < map->cap; i++) {
        const struct ln_map_slot *old = &map->slots[i];
        if (old->key.ptr)
            *find(slots, cap, old->key, old->hash) = *old;
    }
    free(map->slots);
    map->slots = slots;
    map->cap = cap;
    return true;
}

enum ln_err
ln_map_put(struct ln_map *map, struct ln_str key, uint64_t value)
{
    if (!key.ptr)
        key = ln_str("");
    if (map->count + 1 > map->cap - map->cap / 4 && !grow(map))
        return LN_ERR_NOMEM;

    uint64_t hash = ln_hash(key);
    struct ln_map_slot *slot = find(map->slots, map->cap, key, hash);
    if (!slot->key.ptr)
        map->count++;
    *slot = (struct ln_map_slot){key, hash, value};
    return LN_OK;
}

bool
ln_map_get(const struct ln_map *map, struct ln_str key, uint64_t *out)
{
    if (map->count == 0)
        return false;
    const struct ln_map_slot *slot =
        find(map->slots, map->cap, key, ln_hash(key));
    if (!slot->key.ptr)
        return false;
    if (out)
        *out = slot->value;
    return true;
}

bool
ln_map_del(struct ln_map *map, struct ln_str key)
{
    if (map->count == 0)
        return false;
    struct ln_map_slot *slot = find(map->slots, map->cap, key, ln_hash(key));
    if (!slot->key.ptr)
        return false;

    size_t mask = map->cap - 1;
    size_t hole = (size_t)(slot - map->slots);
    for (size_t i = (hole + 1) & mask; map->slots[i].key.ptr;
         i = (i + 1) & mask) {
        /* An entry may move back unless its home lies behind the hole. */
        size_t home = (size_t)map->slots[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->slots[hole] = map->slots[i];
            hole = i;
        }
    }
    map->slots[hole] = (struct ln_map_slot){0};
    map->count--;
    return true;
}
