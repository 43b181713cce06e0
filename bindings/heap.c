/*
 * Memory of one Lua state: counted, and refused beyond the limit. After a
 * refusal Lua collects its garbage and asks once more; if that is refused
 * too, the strategy is out of memory for good and is condemned: code that
 * catches the error in a loop would cost a whole collection per round.
 */
#include "bindings/runtime_int.h"

#include <stdlib.h>

static bool
may_grow(struct heap *h, int64_t by)
{
    bool condemned = h->rt && atomic_load(&h->rt->doom) != DOOM_NONE;
    int64_t limit = h->limit + (condemned ? MEMORY_REPORTING : 0);
    if (h->used + by <= limit) {
        h->refused = false;
        return true;
    }
    if (h->refused && h->rt)
        doom_set(h->rt, DOOM_MEMORY);
    h->refused = true;
    return false;
}

void *
heap_alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
    struct heap *h = ud;
    int64_t old = ptr ? (int64_t)osize : 0; /* else osize is a type */
    int64_t grown = (int64_t)nsize - old;
    if (nsize == 0) {
        free(ptr);
        h->used -= old;
        return NULL;
    }
    if (nsize > INT32_MAX || (grown > 0 && !may_grow(h, grown)))
        return NULL;
    void *p = realloc(ptr, nsize);
    if (p)
        h->used += grown;
    return p;
}
