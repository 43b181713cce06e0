/*
 * Plans: where they are kept and how they are found again. As store.c does
 * for orders, but each plan is memory of its own: there are few.
 */
#include "base/assert.h"
#include "exchange/plan_int.h"

#include <stdio.h>
#include <stdlib.h>

static struct ln_str
id_key(const struct ln_ex_plan_node *n)
{
    return ln_strn((const char *)&n->p.id, sizeof(n->p.id));
}

void
ln_ex_plan_emit(struct ln_ex *ex, const struct ln_ex_plan_node *n)
{
    struct ln_ex_event e = {.type = LN_EXE_PLAN,
                            .instrument = n->p.req.instrument,
                            .account = n->p.account};
    e.u.plan = &n->p;
    ln_ex_emit(ex, &e);
}

static struct ln_ex_planbook *
planbook(struct ln_ex_client *c)
{
    if (!c->plans) {
        c->plans = calloc(1, sizeof(*c->plans));
        if (!c->plans)
            return NULL;
        ln_map_init(&c->plans->by_id);
        ln_map_init(&c->plans->by_oid);
    }
    return c->plans;
}

static bool
index_node(struct ln_ex_planbook *b, struct ln_ex_plan_node *n)
{
    uint64_t at = (uint64_t)(uintptr_t)n;
    if (ln_map_put(&b->by_id, id_key(n), at) != LN_OK)
        return false;
    if (ln_map_put(&b->by_oid, ln_str(n->p.req.client_oid), at) == LN_OK)
        return true;
    ln_map_del(&b->by_id, id_key(n));
    return false;
}

/* A later plan may have taken the same clientOid over. */
static void
forget_oid(struct ln_ex_planbook *b, const struct ln_ex_plan_node *n)
{
    struct ln_str oid = ln_str(n->p.req.client_oid);
    uint64_t at;
    if (ln_map_get(&b->by_oid, oid, &at) && at == (uint64_t)(uintptr_t)n)
        ln_map_del(&b->by_oid, oid);
}

static void
link_node(struct ln_ex_market *m, struct ln_ex_planbook *b,
          struct ln_ex_plan_node *n)
{
    n->older = b->newest;
    *(b->newest ? &b->newest->newer : &b->oldest) = n;
    b->newest = n;

    n->live_older = b->live_newest;
    *(b->live_newest ? &b->live_newest->live_newer : &b->live_oldest) = n;
    b->live_newest = n;
    b->live++;

    n->market_older = m->plans_newest;
    *(m->plans_newest ? &m->plans_newest->market_newer : &m->plans_oldest) = n;
    m->plans_newest = n;
    m->live_plans++;
}

struct ln_ex_plan_node *
ln_ex_plan_new(struct ln_ex *ex, struct ln_ex_client *c,
               const struct ln_ex_plan_request *req)
{
    struct ln_ex_planbook *b = planbook(c);
    struct ln_ex_plan_node *n = b ? calloc(1, sizeof(*n)) : NULL;
    if (!n)
        return NULL;
    n->p.id = ex->next_order_id++;
    n->p.account = c->handle;
    n->p.req = *req;
    n->p.req.client_oid[LN_OID_CAP - 1] = 0;
    if (!n->p.req.client_oid[0])
        snprintf(n->p.req.client_oid, LN_OID_CAP, "%lld", (long long)n->p.id);
    n->p.state = LN_PLAN_LIVE;
    n->p.pos_mode = c->pos_mode;
    n->p.created_ms = n->p.updated_ms = ex->now_ms;
    if (!index_node(b, n)) {
        free(n);
        return NULL;
    }
    link_node(&ex->markets[req->instrument], b, n);
    return n;
}

static void
unlink_live(struct ln_ex_market *m, struct ln_ex_planbook *b,
            struct ln_ex_plan_node *n)
{
    *(n->live_older ? &n->live_older->live_newer : &b->live_oldest) =
        n->live_newer;
    *(n->live_newer ? &n->live_newer->live_older : &b->live_newest) =
        n->live_older;
    n->live_older = n->live_newer = NULL;
    b->live--;

    if (m->plan_next == n)
        m->plan_next = n->market_newer;
    *(n->market_older ? &n->market_older->market_newer : &m->plans_oldest) =
        n->market_newer;
    *(n->market_newer ? &n->market_newer->market_older : &m->plans_newest) =
        n->market_older;
    n->market_older = n->market_newer = NULL;
    m->live_plans--;
}

/* The one that ended first is kept no longer. */
static void
forget_oldest(struct ln_ex_planbook *b)
{
    struct ln_ex_plan_node *n = b->done_first;
    b->done_first = n->next_done;
    if (!b->done_first)
        b->done_last = NULL;
    b->done--;
    *(n->older ? &n->older->newer : &b->oldest) = n->newer;
    *(n->newer ? &n->newer->older : &b->newest) = n->older;
    ln_map_del(&b->by_id, id_key(n));
    forget_oid(b, n);
    free(n);
}

void
ln_ex_plan_end(struct ln_ex *ex, struct ln_ex_plan_node *n,
               enum ln_ex_plan_state state)
{
    struct ln_ex_planbook *b = ln_ex_client(ex, n->p.account)->plans;
    LN_ASSERT(n->p.state == LN_PLAN_LIVE);
    unlink_live(&ex->markets[n->p.req.instrument], b, n);
    n->p.state = (uint8_t)state;
    n->p.updated_ms = ex->now_ms;
    n->due = false;
    *(b->done_last ? &b->done_last->next_done : &b->done_first) = n;
    b->done_last = n;
    b->done++;
    if (b->done > LN_EX_PLAN_HISTORY_MAX)
        forget_oldest(b);
}

bool
ln_ex_plan_rename(struct ln_ex_client *c, struct ln_ex_plan_node *n,
                  const char *client_oid)
{
    char before[LN_OID_CAP];
    struct ln_ex_planbook *b = c->plans;
    ln_str_copy(before, sizeof(before), ln_str(n->p.req.client_oid));
    forget_oid(b, n);
    ln_str_copy(n->p.req.client_oid, LN_OID_CAP, ln_str(client_oid));
    if (ln_map_put(&b->by_oid, ln_str(n->p.req.client_oid),
                   (uint64_t)(uintptr_t)n) == LN_OK)
        return true;
    ln_str_copy(n->p.req.client_oid, LN_OID_CAP, ln_str(before));
    return false;
}

struct ln_ex_plan_node *
ln_ex_plan_node_find(const struct ln_ex_client *c, int64_t id,
                     const char *client_oid)
{
    uint64_t at;
    if (!c->plans)
        return NULL;
    if (id != 0) {
        struct ln_str key = ln_strn((const char *)&id, sizeof(id));
        return ln_map_get(&c->plans->by_id, key, &at)
                   ? (struct ln_ex_plan_node *)(uintptr_t)at
                   : NULL;
    }
    if (!client_oid || !client_oid[0] ||
        !ln_map_get(&c->plans->by_oid, ln_str(client_oid), &at))
        return NULL;
    return (struct ln_ex_plan_node *)(uintptr_t)at;
}

const struct ln_ex_plan *
ln_ex_plan_find(const struct ln_ex *ex, ln_ex_account a, int64_t id,
                const char *client_oid)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    const struct ln_ex_plan_node *n =
        c ? ln_ex_plan_node_find(c, id, client_oid) : NULL;
    return n ? &n->p : NULL;
}

size_t
ln_ex_plans(const struct ln_ex *ex, ln_ex_account a, bool live, unsigned kinds,
            uint16_t inst, int64_t before_id, const struct ln_ex_plan **out,
            size_t cap)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    size_t count = 0;
    if (!c || !c->plans)
        return 0;
    const struct ln_ex_plan_node *n =
        live ? c->plans->live_newest : c->plans->newest;
    for (; n && count < cap; n = live ? n->live_older : n->older) {
        const struct ln_ex_plan *p = &n->p;
        bool wanted =
            (p->state == LN_PLAN_LIVE) == live &&
            (kinds == 0 || (kinds & (1u << p->req.kind))) &&
            (inst == LN_INSTRUMENT_NONE || inst == p->req.instrument) &&
            (before_id == 0 || p->id < before_id);
        if (wanted)
            out[count++] = p;
    }
    return count;
}

const struct ln_ex_plan *
ln_ex_plan_of_position(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                       enum ln_pos_side hold, enum ln_ex_plan_kind kind)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    int which = hold == LN_SHORT ? 1 : 0;
    if (!c || !c->plans || !ln_ex_plan_whole((uint8_t)kind))
        return NULL;
    for (const struct ln_ex_plan_node *n = c->plans->live_newest; n;
         n = n->live_older)
        if (n->p.req.kind == kind && n->p.req.instrument == inst &&
            ln_ex_plan_which(&n->p.req) == which)
            return &n->p;
    return NULL;
}

uint32_t
ln_ex_plans_live(const struct ln_ex_client *c, uint16_t inst)
{
    uint32_t count = 0;
    if (!c->plans || inst == LN_INSTRUMENT_NONE)
        return c->plans ? c->plans->live : 0;
    for (const struct ln_ex_plan_node *n = c->plans->live_newest; n;
         n = n->live_older)
        count += n->p.req.instrument == inst;
    return count;
}

void
ln_ex_planbook_free(struct ln_ex_planbook *plans)
{
    if (!plans)
        return;
    for (struct ln_ex_plan_node *n = plans->oldest; n;) {
        struct ln_ex_plan_node *newer = n->newer;
        free(n);
        n = newer;
    }
    ln_map_deinit(&plans->by_id);
    ln_map_deinit(&plans->by_oid);
    free(plans);
}
