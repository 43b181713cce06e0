/*
 * Doubly linked rings through a member, for the objects of core/net: O(1)
 * add and remove, no allocation. A link that is in no ring has next == NULL.
 */
#ifndef LN_NET_LIST_H
#define LN_NET_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct ln_link {
    struct ln_link *next, *prev;
};

/* The struct of which <link> is the member <member>. */
#define LN_OWNER(link, type, member)                                           \
    ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void
ln_list_init(struct ln_link *head)
{
    head->next = head->prev = head;
}

static inline bool
ln_list_empty(const struct ln_link *head)
{
    return head->next == head;
}

static inline void
ln_list_add(struct ln_link *head, struct ln_link *link)
{
    link->prev = head->prev;
    link->next = head;
    head->prev->next = link;
    head->prev = link;
}

static inline void
ln_list_del(struct ln_link *link)
{
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): owners leave before */
    if (!link->next)
        return;
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = link->prev = NULL;
}

#endif
