/*
 * What goes from the host into the store (store.h): orders as they change,
 * fills once they are booked, positions, equity by the minute, incidents.
 * Without a store every function here does nothing.
 *
 * Orders that did not get into the store (its queue was full, or they are of
 * an earlier start that was killed before the store had them) are marked, and
 * put again from the tick, as are all when the database had to be begun anew;
 * the other records are only put once.
 */
#include "host/host_int.h"

#include <stdarg.h>
#include <stdio.h>

#define SWEEP_MAX      4096    /* orders looked at in one tick */
#define REFEED_MS      60000LL /* the store is never further behind a kill */
#define EQUITY_EACH_MS 60000LL

static struct ln_store_number
price_of(const struct ln_instrument *in, int64_t ticks)
{
    return (struct ln_store_number){ticks, in->price_step, in->price_scale};
}

static struct ln_store_number
size_of(const struct ln_instrument *in, int64_t lots)
{
    return (struct ln_store_number){lots, in->lot_step, in->size_scale};
}

/* 0: not known. */
static struct ln_store_number
price_e8(int64_t e8)
{
    return e8 ? ln_store_money(e8) : ln_store_unknown();
}

static const char *
name_of(struct ln_host *h, uint32_t owner)
{
    const struct strategy *s = ln_strategy_by_number(h, owner);
    return s ? s->cfg->name : "";
}

static bool
put_order(struct ln_host *h, const struct host_order *r)
{
    const struct ln_order *o = &r->o;
    const struct ln_instrument *in =
        ln_instruments_at(h->instruments, o->req.instrument);
    if (!in)
        return true; /* there is nothing that could be written later */
    struct ln_store_order rec = {
        .side = o->req.side,
        .type = o->req.type,
        .tif = o->req.tif,
        .state = (uint8_t)o->state,
        .price = o->req.type == LN_LIMIT ? price_of(in, o->req.price_ticks)
                                         : ln_store_unknown(),
        .size = size_of(in, o->req.size_lots),
        .filled = size_of(in, o->filled_lots),
        .average = price_e8(ln_order_average_e8(o, in)),
        .fee = ln_store_money(o->fee_e8),
        .created_ms = o->created_ms,
        .updated_ms = o->updated_ms,
    };
    memcpy(rec.client_oid, o->req.client_oid, sizeof(rec.client_oid));
    memcpy(rec.replaces, r->old_oid, sizeof(rec.replaces));
    memcpy(rec.order_id, o->order_id, sizeof(rec.order_id));
    memcpy(rec.symbol, in->symbol, sizeof(rec.symbol));
    memcpy(rec.tag, o->tag, sizeof(rec.tag));
    memcpy(rec.reason, o->reason, sizeof(rec.reason));
    ln_str_copy(rec.strategy, sizeof(rec.strategy),
                ln_str(name_of(h, o->owner)));
    return ln_store_order(h->store, &rec);
}

void
ln_feed_order(struct ln_host *h, struct host_order *r)
{
    if (!h->store)
        return;
    bool missing = h->replaying || !put_order(h, r);
    if (missing && !r->unstored)
        h->nunstored++;
    else if (!missing && r->unstored)
        h->nunstored--;
    r->unstored = missing;
}

void
ln_feed_fill(struct ln_host *h, const struct strategy *s,
             const struct host_order *r, const struct ln_fill *f)
{
    if (!h->store)
        return;
    /* Those of the log are in the store but for the last ones before a kill;
     * one that is there already changes nothing. */
    if (h->replaying && h->journal &&
        f->time_ms < ln_journal_newest_ms(h->journal) - REFEED_MS)
        return;
    const struct ln_instrument *in =
        ln_instruments_at(h->instruments, f->instrument);
    struct ln_store_fill rec = {
        .side = f->side,
        .liquidity = f->liquidity,
        .price = price_of(in, f->price_ticks),
        .size = size_of(in, f->size_lots),
        .fee = ln_store_money(f->fee_e8),
        .profit = ln_store_money(f->profit_e8),
        .time_ms = f->time_ms,
    };
    memcpy(rec.trade_id, f->trade_id, sizeof(rec.trade_id));
    memcpy(rec.order_id, f->order_id, sizeof(rec.order_id));
    memcpy(rec.client_oid,
           f->client_oid[0] ? f->client_oid : r->o.req.client_oid,
           sizeof(rec.client_oid));
    memcpy(rec.symbol, in->symbol, sizeof(rec.symbol));
    ln_str_copy(rec.strategy, sizeof(rec.strategy), ln_str(s->cfg->name));
    ln_store_fill(h->store, &rec);
}

void
ln_feed_position(struct ln_host *h, const struct strategy *s, uint16_t inst)
{
    if (!h->store || h->replaying)
        return;
    const struct ln_instrument *in = ln_instruments_at(h->instruments, inst);
    const struct ln_position *p = &s->own[inst].p;
    struct ln_store_position rec = {
        .size = size_of(in, p->size_lots),
        .entry = price_e8(ln_position_entry_e8(p, in)),
        .realised = ln_store_money(p->realised_e8),
        .fees = ln_store_money(p->fees_e8),
        .updated_ms = ln_loop_now_ms(h->loop),
    };
    memcpy(rec.symbol, in->symbol, sizeof(rec.symbol));
    ln_str_copy(rec.strategy, sizeof(rec.strategy), ln_str(s->cfg->name));
    ln_store_position(h->store, &rec);
}

void
ln_feed_recovered(struct ln_host *h)
{
    for (int k = 0; h->store && k < h->nstrategies; k++)
        for (uint16_t i = 0; h->strategies[k].own && i < h->nmarket; i++)
            if (h->strategies[k].own[i].p.fills)
                ln_feed_position(h, &h->strategies[k], i);
}

void
ln_feed_incident(struct ln_host *h, const struct strategy *s, const char *what,
                 const char *fmt, ...)
{
    if (!h->store)
        return;
    struct ln_store_incident rec = {.time_ms = ln_loop_now_ms(h->loop)};
    va_list args;
    va_start(args, fmt);
    vsnprintf(rec.text, sizeof(rec.text), fmt, args);
    va_end(args);
    ln_str_copy(rec.what, sizeof(rec.what), ln_str(what));
    ln_str_copy(rec.strategy, sizeof(rec.strategy),
                ln_str(s ? s->cfg->name : ""));
    ln_store_incident(h->store, &rec);
}

static void
sample_equity(struct ln_host *h)
{
    int64_t now_ms = ln_loop_now_ms(h->loop);
    if (!h->ready || now_ms / EQUITY_EACH_MS == h->equity_minute)
        return;
    struct ln_store_equity rec = {
        .equity = ln_store_money(h->account.equity_e8),
        .available = ln_store_money(h->account.available_e8),
        .unrealised = ln_store_money(h->account.unrealised_e8),
        .time_ms = now_ms,
    };
    h->equity_minute = now_ms / EQUITY_EACH_MS;
    memcpy(rec.coin, h->account.coin, sizeof(rec.coin));
    ln_store_equity(h->store, &rec);
}

/* Put the marked orders again, some per tick, while there is room. */
static void
sweep(struct ln_host *h)
{
    for (uint32_t n = 0; h->nunstored > 0 && n < SWEEP_MAX; n++) {
        if (h->next_sweep >= h->norders)
            h->next_sweep = 0;
        struct host_order *r = ln_orders_at(h, h->next_sweep);
        if (r->unstored) {
            if (!ln_store_has_room(h->store))
                return;
            ln_feed_order(h, r);
        }
        h->next_sweep++;
    }
}

/* A new database was begun: it gets what this host knows. */
static void
refill(struct ln_host *h)
{
    struct ln_store_stats stats;
    ln_store_stats(h->store, &stats);
    if (stats.database == h->database || !h->recovered)
        return;
    h->database = stats.database;
    for (uint32_t i = 0; i < h->norders; i++)
        ln_orders_at(h, i)->unstored = true;
    h->nunstored = h->norders;
    ln_feed_recovered(h);
}

void
ln_feed_tick(struct ln_host *h, int64_t now_ns)
{
    if (!h->store)
        return;
    sample_equity(h);
    refill(h);
    if (h->instruments)
        sweep(h);
    ln_store_tick(h->store, now_ns);
}
