/*
 * From method and path to the row of the endpoint table and its handler, in
 * one look-up per request.
 */
#include "sim/sim_int.h"

#include "base/map.h"

#include <stdlib.h>

#define KEY_CAP 128 /* "GET /api/v2/..." */

struct route {
    char key[KEY_CAP];
    const struct ln_endpoint *ep;
    ln_sim_handler handler;
};

struct ln_sim_routes {
    struct ln_map map;    /* key -> index in routes */
    struct route *routes; /* owned */
};

static bool
make_key(const char *method, const char *path, char out[KEY_CAP])
{
    size_t n = strlen(method);
    if (n + 1 >= KEY_CAP)
        return false;
    ln_str_copy(out, KEY_CAP, ln_str(method));
    out[n] = ' ';
    return ln_str_copy(out + n + 1, KEY_CAP - n - 1, ln_str(path));
}

struct ln_sim_routes *
ln_sim_routes_new(void)
{
    size_t n;
    const struct ln_endpoint *rows = ln_v2_endpoints(&n);
    struct ln_sim_routes *table = calloc(1, sizeof(*table));
    if (!table)
        return NULL;
    ln_map_init(&table->map);
    table->routes = calloc(n, sizeof(*table->routes));
    bool ok = table->routes != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        struct route *route = &table->routes[i];
        route->ep = &rows[i];
        route->handler = ln_sim_route(&rows[i]);
        ok = make_key(rows[i].method, rows[i].path, route->key) &&
             ln_map_put(&table->map, ln_str(route->key), i) == LN_OK;
    }
    if (ok)
        return table;
    ln_sim_routes_free(table);
    return NULL;
}

void
ln_sim_routes_free(struct ln_sim_routes *table)
{
    if (!table)
        return;
    ln_map_deinit(&table->map);
    free(table->routes);
    free(table);
}

const struct ln_endpoint *
ln_sim_routes_find(const struct ln_sim_routes *table, const char *method,
                   const char *path, ln_sim_handler *handler)
{
    char key[KEY_CAP];
    uint64_t index;
    if (!make_key(method, path, key) ||
        !ln_map_get(&table->map, ln_str(key), &index))
        return NULL;
    *handler = table->routes[index].handler;
    return table->routes[index].ep;
}
