/*
 * What people see of a running host: read-only pictures of its state.
 */
#include "host/host_int.h"

const char *
ln_strategy_state_name(enum ln_strategy_state s)
{
    static const char *const names[] = {"starting", "running", "paused",
                                        "stopped",  "crashed", "quarantined"};
    return (unsigned)s < sizeof(names) / sizeof(names[0]) ? names[s]
                                                          : "unknown";
}

void
ln_host_view(struct ln_host *h, struct ln_host_view *out)
{
    memset(out, 0, sizeof(*out));
    out->ready = h->ready;
    out->rest = h->rest_up;
    out->public_up = h->public_up;
    out->private_up = h->private_up;
    out->equity_e8 = h->account.equity_e8;
    out->available_e8 = h->account.available_e8;
    out->start_equity_e8 = h->start_equity_e8;
    out->nstrategies = h->nstrategies;
    out->open_orders = ln_orders_open(h, 0);
    for (int i = 0; i < h->nstrategies; i++) {
        out->orders += h->strategies[i].orders;
        out->fills += h->strategies[i].fills;
        out->rejected += h->strategies[i].rejected;
    }
}

static void
sum_positions(struct strategy *s, int64_t *realised, int64_t *unrealised)
{
    struct ln_host *h = s->host;
    *realised = *unrealised = 0;
    for (uint16_t i = 0; s->own && i < h->nmarket; i++) {
        const struct ln_position *p = &s->own[i].p;
        if (!p->fills)
            continue;
        *realised += p->realised_e8;
        *unrealised += ln_position_unrealised_e8(
            p, ln_instruments_at(h->instruments, i), ln_risk_price_e8(h, i));
    }
}

bool
ln_host_strategy_view(struct ln_host *h, int index,
                      struct ln_strategy_view *out)
{
    if (index < 0 || index >= h->nstrategies)
        return false;
    struct strategy *s = &h->strategies[index];
    memset(out, 0, sizeof(*out));
    out->name = s->cfg->name;
    out->state = s->state;
    out->events = s->events;
    out->orders = s->orders;
    out->fills = s->fills;
    out->rejected = s->rejected;
    out->errors = s->errors;
    out->restarts = s->restarts;
    out->dropped = s->dropped;
    out->fees_e8 = s->fees_e8;
    out->memory_bytes = s->memory_bytes;
    out->last_error = s->last_error;
    sum_positions(s, &out->realised_e8, &out->unrealised_e8);
    return true;
}

size_t
ln_host_positions(struct ln_host *h, struct ln_position_view *out, size_t cap)
{
    size_t n = 0;
    for (int k = 0; k < h->nstrategies; k++) {
        struct strategy *s = &h->strategies[k];
        for (uint16_t i = 0; s->own && i < h->nmarket && n < cap; i++) {
            const struct ln_position *p = &s->own[i].p;
            const struct ln_instrument *in =
                ln_instruments_at(h->instruments, i);
            if (p->size_lots == 0)
                continue;
            struct ln_position_view *v = &out[n++];
            v->strategy = s->cfg->name;
            v->instrument = i;
            v->size_lots = p->size_lots;
            v->entry_e8 = ln_position_entry_e8(p, in);
            v->mark_e8 = ln_risk_price_e8(h, i);
            v->unrealised_e8 = ln_position_unrealised_e8(p, in, v->mark_e8);
            v->realised_e8 = p->realised_e8;
        }
    }
    return n;
}

size_t
ln_host_orders(struct ln_host *h, bool open_only, const struct ln_order **out,
               size_t cap)
{
    size_t n = 0;
    for (uint32_t i = h->norders; i > 0 && n < cap; i--) {
        const struct ln_order *o = &ln_orders_at(h, i - 1)->o;
        if (!open_only || !ln_order_state_final(o->state))
            out[n++] = o;
    }
    return n;
}

const char *
ln_host_owner_name(const struct ln_host *h, uint32_t owner)
{
    for (int i = 0; i < h->nstrategies; i++)
        if (h->strategies[i].number == owner)
            return h->strategies[i].cfg->name;
    return "";
}

bool
ln_host_ticker(struct ln_host *h, uint16_t inst, struct ln_ticker *out)
{
    if (inst >= h->nmarket || !h->market[inst].has_ticker)
        return false;
    *out = h->market[inst].ticker;
    return true;
}

const struct ln_instruments *
ln_host_instruments(struct ln_host *h)
{
    return h->instruments;
}

void
ln_host_net(struct ln_host *h, uint16_t inst, int64_t *ours, int64_t *theirs)
{
    *ours = 0;
    *theirs = inst < h->nmarket ? h->market[inst].exchange_lots : 0;
    for (int k = 0; k < h->nstrategies; k++)
        if (h->strategies[k].own && inst < h->nmarket)
            *ours += h->strategies[k].own[inst].p.size_lots;
}
