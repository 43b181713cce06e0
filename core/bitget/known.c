/*
 * Bounded memory of orders and fills: see known.h.
 */
#include "bitget/known.h"

#include <stdio.h>
#include <stdlib.h>

enum ln_err
ln_known_init(struct ln_known *k)
{
    memset(k, 0, sizeof *k);
    ln_map_init(&k->by_id);
    ln_map_init(&k->by_oid);
    ln_map_init(&k->by_fill);
    k->orders = calloc(LN_KNOWN_ORDERS, sizeof *k->orders);
    k->fills = calloc(LN_KNOWN_FILLS, sizeof *k->fills);
    if (!k->orders || !k->fills) {
        ln_known_deinit(k);
        return LN_ERR_NOMEM;
    }
    return LN_OK;
}

void
ln_known_deinit(struct ln_known *k)
{
    ln_map_deinit(&k->by_id);
    ln_map_deinit(&k->by_oid);
    ln_map_deinit(&k->by_fill);
    free(k->orders);
    free(k->fills);
    k->orders = NULL;
    k->fills = NULL;
}

/* Forget <key>, but only where it still leads to record <index>. */
static void
unmap(struct ln_map *map, const char *key, uint64_t index)
{
    uint64_t found;
    if (key[0] && ln_map_get(map, ln_str(key), &found) && found == index)
        (void)ln_map_del(map, ln_str(key));
}

static bool
find_index(const struct ln_known *k, const char *order_id,
           const char *client_oid, uint64_t *index)
{
    if (order_id[0] && ln_map_get(&k->by_id, ln_str(order_id), index))
        return true;
    return client_oid[0] && ln_map_get(&k->by_oid, ln_str(client_oid), index);
}

/* Write one key of a record; the map's key is the record's own text. */
static void
set_key(struct ln_map *map, char *at, size_t cap, const char *value,
        uint64_t index)
{
    if (!value[0] || strcmp(at, value) == 0)
        return;
    unmap(map, at, index);
    (void)ln_str_copy(at, cap, ln_str(value));
    /* An older record's entry would keep pointing at its own text. */
    (void)ln_map_del(map, ln_str(at));
    if (ln_map_put(map, ln_str(at), index) != LN_OK)
        at[0] = '\0'; /* no memory: not findable, which is harmless */
}

void
ln_known_put(struct ln_known *k, const char *order_id, const char *client_oid,
             uint8_t side, uint8_t pos_side)
{
    struct ln_known_order *o;
    uint64_t index;

    if (!find_index(k, order_id, client_oid, &index)) {
        index = k->next_order;
        k->next_order = (k->next_order + 1) % LN_KNOWN_ORDERS;
        o = &k->orders[index];
        unmap(&k->by_id, o->order_id, index);
        unmap(&k->by_oid, o->client_oid, index);
        memset(o, 0, sizeof *o);
    }
    o = &k->orders[index];
    set_key(&k->by_id, o->order_id, sizeof o->order_id, order_id, index);
    set_key(&k->by_oid, o->client_oid, sizeof o->client_oid, client_oid, index);
    if (side) {
        o->side = side;
        o->pos_side = pos_side;
    }
}

const struct ln_known_order *
ln_known_find(const struct ln_known *k, const char *order_id,
              const char *client_oid)
{
    uint64_t index;
    return find_index(k, order_id, client_oid, &index) ? &k->orders[index]
                                                       : NULL;
}

bool
ln_known_fill_new(struct ln_known *k, const char *trade_id,
                  const char *order_id)
{
    struct ln_known_fill *f = &k->fills[k->next_fill];
    char key[sizeof f->key];
    uint64_t index;

    (void)snprintf(key, sizeof key, "%.23s/%.23s", trade_id, order_id);
    if (ln_map_get(&k->by_fill, ln_str(key), &index))
        return false;
    unmap(&k->by_fill, f->key, k->next_fill);
    memcpy(f->key, key, sizeof key);
    if (ln_map_put(&k->by_fill, ln_str(f->key), k->next_fill) != LN_OK)
        f->key[0] = '\0';
    else
        k->next_fill = (k->next_fill + 1) % LN_KNOWN_FILLS;
    return true;
}
