/*
 * Which fills have been booked, whatever order they belonged to: a fill is
 * told again after each reconnect, restart and question, and its order may by
 * then have been replaced twice, or forgotten. By trade id and order id, as in
 * a trade with ourselves both sides are ours.
 */
#include "host/host_int.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define BOOKED_MAX 65536 /* the oldest are forgotten */

struct fill_key {
    char text[52];
};

static struct fill_key
key_of(const struct ln_fill *f)
{
    struct fill_key key;
    snprintf(key.text, sizeof(key.text), "%s/%s", f->trade_id, f->order_id);
    return key;
}

enum ln_err
ln_booked_init(struct ln_host *h)
{
    ln_map_init(&h->booked);
    h->booked_keys = calloc(BOOKED_MAX, sizeof(*h->booked_keys));
    return h->booked_keys ? LN_OK : LN_ERR_NOMEM;
}

void
ln_booked_deinit(struct ln_host *h)
{
    ln_map_deinit(&h->booked);
    free(h->booked_keys);
}

bool
ln_booked_before(const struct ln_host *h, const struct ln_fill *f)
{
    struct fill_key key = key_of(f);
    uint64_t at;
    return ln_map_get(&h->booked, ln_str(key.text), &at);
}

void
ln_booked_add(struct ln_host *h, const struct ln_fill *f)
{
    struct fill_key *key = &h->booked_keys[h->next_booked];
    if (ln_booked_before(h, f))
        return;
    if (key->text[0])
        ln_map_del(&h->booked, ln_str(key->text));
    *key = key_of(f);
    if (ln_map_put(&h->booked, ln_str(key->text), h->next_booked) != LN_OK) {
        ln_warn("host", "no memory to know a fill again");
        key->text[0] = 0;
    }
    h->next_booked = (h->next_booked + 1) % BOOKED_MAX;
}
