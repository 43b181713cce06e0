/*
 * What the host writes into the intent log, and when it is written anew. A
 * host without a store (h->journal NULL) remembers nothing.
 */
#include "host/host_int.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

/* Fills of orders that were news that recently are kept when the log is
 * written anew: the exchange is asked again for that long. */
#define RECENT_MS (60LL * 60 * 1000)

/* ---- opening ---- */

static void
remember(void *ctx, const struct ln_journal_record *r)
{
    struct ln_host *h = ctx;
    if (h->nremembered == h->cap_remembered) {
        size_t cap = h->cap_remembered ? h->cap_remembered * 2 : 256;
        struct ln_journal_record *more =
            realloc(h->remembered, cap * sizeof(*more));
        if (!more) {
            h->memory_lost = true;
            return;
        }
        h->remembered = more;
        h->cap_remembered = cap;
    }
    h->remembered[h->nremembered++] = *r;
}

enum ln_err
ln_memory_open(struct ln_host *h, const char *path, struct ln_error *err)
{
    enum ln_err code =
        ln_journal_open(h->disk, path, remember, h, &h->journal, err);
    if (code == LN_OK && h->memory_lost)
        code = ln_error_set(err, LN_ERR_NOMEM, path, NULL,
                            "no memory to read the intent log");
    return code;
}

void
ln_memory_close(struct ln_host *h)
{
    ln_journal_close(h->journal);
    free(h->remembered);
    h->journal = NULL;
    h->remembered = NULL;
    h->nremembered = 0;
}

uint32_t
ln_memory_number(const struct ln_host *h, const char *name)
{
    for (size_t i = h->nremembered; i > 0; i--)
        if (h->remembered[i - 1].kind == LN_J_STRATEGY &&
            strcmp(h->remembered[i - 1].name, name) == 0)
            return h->remembered[i - 1].owner;
    return 0;
}

uint32_t
ln_memory_highest(const struct ln_host *h)
{
    uint32_t highest = 0;
    for (size_t i = 0; i < h->nremembered; i++)
        if (h->remembered[i].owner > highest)
            highest = h->remembered[i].owner;
    return highest;
}

/* ---- writing ---- */

static void
price_text(const struct ln_instrument *in, int64_t ticks,
           char out[LN_NUMBER_CAP])
{
    char text[LN_DECIMAL_CAP];
    ln_price_format(in, ticks, text);
    ln_str_copy(out, LN_NUMBER_CAP, ln_str(text));
}

static void
size_text(const struct ln_instrument *in, int64_t lots, char out[LN_NUMBER_CAP])
{
    char text[LN_DECIMAL_CAP];
    ln_size_format(in, lots, text);
    ln_str_copy(out, LN_NUMBER_CAP, ln_str(text));
}

static const struct ln_instrument *
instrument_of(const struct ln_host *h, uint16_t inst)
{
    return ln_instruments_at(h->instruments, inst);
}

static struct ln_journal_record
begin(const struct ln_host *h, enum ln_journal_kind kind)
{
    return (struct ln_journal_record){.kind = kind,
                                      .time_ms = ln_loop_now_ms(h->loop)};
}

/* Loudly once, then each time it works again or fails anew. */
static bool
put(struct ln_host *h, const struct ln_journal_record *r)
{
    struct ln_error err = {0};
    if (!h->journal || h->replaying)
        return true;
    bool ok = ln_journal_put(h->journal, r, &err) == LN_OK;
    if (!ok && !h->memory_broken)
        ln_log(LN_LOG_ERROR, "host",
               "the intent log cannot be written (%s): %s", err.what,
               h->cfg->on_store_failure == LN_STORE_STOP
                   ? "nothing opens until it can (on_store_failure)"
                   : "trading goes on without it (on_store_failure)");
    else if (ok && h->memory_broken)
        ln_info("host", "the intent log can be written again");
    h->memory_broken = !ok;
    return ok;
}

static struct ln_journal_record
submit_record(const struct ln_host *h, const struct host_order *r)
{
    const struct ln_order_request *q = &r->o.req;
    const struct ln_instrument *in = instrument_of(h, q->instrument);
    struct ln_journal_record out = begin(h, LN_J_SUBMIT);
    out.owner = r->o.owner;
    out.side = q->side;
    out.type = q->type;
    out.tif = q->tif;
    out.pos_side = q->pos_side;
    out.margin_mode = q->margin_mode;
    out.reduce_only = q->reduce_only;
    out.unflagged = r->unflagged;
    memcpy(out.oid, q->client_oid, sizeof(out.oid));
    ln_str_copy(out.symbol, sizeof(out.symbol), ln_str(in->symbol));
    price_text(in, q->price_ticks, out.price);
    size_text(in, q->size_lots, out.size);
    price_text(in, q->take_profit_ticks, out.take_profit);
    price_text(in, q->stop_loss_ticks, out.stop_loss);
    memcpy(out.tag, r->o.tag, sizeof(out.tag));
    return out;
}

bool
ln_memory_submit(struct ln_host *h, const struct host_order *r)
{
    struct ln_journal_record rec = submit_record(h, r);
    return put(h, &rec);
}

bool
ln_memory_amend(struct ln_host *h, const struct host_order *r)
{
    const struct ln_instrument *in = instrument_of(h, r->o.req.instrument);
    struct ln_journal_record rec = begin(h, LN_J_AMEND);
    memcpy(rec.oid, r->o.req.client_oid, sizeof(rec.oid));
    memcpy(rec.new_oid, r->amend_oid, sizeof(rec.new_oid));
    price_text(in, r->amend_price_ticks, rec.price);
    size_text(in, r->amend_size_lots, rec.size);
    return put(h, &rec);
}

void
ln_memory_id(struct ln_host *h, const struct host_order *r)
{
    struct ln_journal_record rec = begin(h, LN_J_ID);
    memcpy(rec.oid, r->o.req.client_oid, sizeof(rec.oid));
    memcpy(rec.order_id, r->o.order_id, sizeof(rec.order_id));
    put(h, &rec);
}

void
ln_memory_end(struct ln_host *h, const struct host_order *r)
{
    struct ln_journal_record rec = begin(h, LN_J_END);
    memcpy(rec.oid, r->o.req.client_oid, sizeof(rec.oid));
    rec.state = (uint8_t)r->o.state;
    put(h, &rec);
}

void
ln_memory_fill(struct ln_host *h, uint32_t owner, const struct ln_fill *f)
{
    const struct ln_instrument *in = instrument_of(h, f->instrument);
    struct ln_journal_record rec = begin(h, LN_J_FILL);
    rec.time_ms = f->time_ms;
    rec.owner = owner;
    rec.side = f->side;
    rec.pos_side = f->pos_side;
    rec.liquidity = f->liquidity;
    memcpy(rec.oid, f->client_oid, sizeof(rec.oid));
    memcpy(rec.order_id, f->order_id, sizeof(rec.order_id));
    memcpy(rec.trade_id, f->trade_id, sizeof(rec.trade_id));
    ln_str_copy(rec.symbol, sizeof(rec.symbol), ln_str(in->symbol));
    price_text(in, f->price_ticks, rec.price);
    size_text(in, f->size_lots, rec.size);
    rec.fee_e8 = f->fee_e8;
    rec.profit_e8 = f->profit_e8;
    put(h, &rec);
    /* Until the log is written anew, what is new belongs into that, too. */
    if (h->journal && !h->replaying && !h->recovered)
        remember(h, &rec);
}

static struct ln_journal_record
position_record(const struct ln_host *h, uint32_t owner,
                const struct ln_position *p)
{
    const struct ln_instrument *in = instrument_of(h, p->instrument);
    struct ln_journal_record rec = begin(h, LN_J_POSITION);
    rec.owner = owner;
    ln_str_copy(rec.symbol, sizeof(rec.symbol), ln_str(in->symbol));
    size_text(in, p->size_lots, rec.size);
    rec.cost_e8 = p->cost_e8;
    rec.profit_e8 = p->realised_e8;
    rec.fee_e8 = p->fees_e8;
    rec.fills = p->fills;
    return rec;
}

void
ln_memory_foreign(struct ln_host *h, uint16_t inst)
{
    struct ln_position p = {.instrument = inst,
                            .size_lots = h->market[inst].foreign_lots};
    struct ln_journal_record rec = position_record(h, 0, &p);
    put(h, &rec);
}

/* ---- written anew ---- */

static void
add_positions(struct ln_host *h)
{
    for (uint16_t i = 0; i < h->nmarket; i++) {
        struct ln_position foreign = {.instrument = i,
                                      .size_lots = h->market[i].foreign_lots};
        struct ln_journal_record rec = position_record(h, 0, &foreign);
        if (foreign.size_lots)
            ln_journal_rewrite_add(h->journal, &rec);
    }
    for (int k = 0; k < h->nstrategies; k++) {
        const struct strategy *s = &h->strategies[k];
        for (uint16_t i = 0; s->own && i < h->nmarket; i++) {
            struct ln_journal_record rec =
                position_record(h, s->number, &s->own[i].p);
            if (s->own[i].p.fills)
                ln_journal_rewrite_add(h->journal, &rec);
        }
    }
}

static void
add_order(struct ln_host *h, const struct host_order *r)
{
    struct ln_journal_record rec = submit_record(h, r);
    ln_journal_rewrite_add(h->journal, &rec);
    if (r->o.order_id[0]) {
        rec = begin(h, LN_J_ID);
        memcpy(rec.oid, r->o.req.client_oid, sizeof(rec.oid));
        memcpy(rec.order_id, r->o.order_id, sizeof(rec.order_id));
        ln_journal_rewrite_add(h->journal, &rec);
    }
    if (r->o.amend_sent) {
        const struct ln_instrument *in = instrument_of(h, r->o.req.instrument);
        rec = begin(h, LN_J_AMEND);
        memcpy(rec.oid, r->o.req.client_oid, sizeof(rec.oid));
        memcpy(rec.new_oid, r->amend_oid, sizeof(rec.new_oid));
        price_text(in, r->amend_price_ticks, rec.price);
        size_text(in, r->amend_size_lots, rec.size);
        ln_journal_rewrite_add(h->journal, &rec);
    }
}

/*
 * Fills are booked in the position lines already, which come after them.
 * Those of kept orders say how much of these is filled, recent ones of others
 * count for their trade ids: the exchange's lists book none twice.
 */
static void
add_recent_fills(struct ln_host *h, int64_t since_ms)
{
    for (size_t i = 0; i < h->nremembered; i++) {
        const struct ln_journal_record *r = &h->remembered[i];
        const struct host_order *o =
            r->kind == LN_J_FILL ? ln_orders_find(h, r->oid, "") : NULL;
        if (r->kind == LN_J_FILL &&
            (r->time_ms >= since_ms || (o && o->open_index >= 0)))
            ln_journal_rewrite_add(h->journal, r);
    }
}

void
ln_memory_rewrite(struct ln_host *h)
{
    struct ln_error err = {0};
    int64_t since_ms = ln_journal_newest_ms(h->journal) - RECENT_MS;
    ln_journal_rewrite_begin(h->journal);
    for (int k = 0; k < h->nstrategies; k++) {
        struct ln_journal_record rec = begin(h, LN_J_STRATEGY);
        rec.owner = h->strategies[k].number;
        ln_str_copy(rec.name, sizeof(rec.name),
                    ln_str(h->strategies[k].cfg->name));
        ln_journal_rewrite_add(h->journal, &rec);
    }
    for (uint32_t i = 0; i < h->norders; i++) {
        const struct host_order *r = ln_orders_at(h, i);
        if (r->open_index >= 0)
            add_order(h, r);
    }
    add_recent_fills(h, since_ms);
    add_positions(h); /* last: a position line replaces what came before */
    if (ln_journal_rewrite_end(h->journal, &err) != LN_OK)
        ln_log_error("host", &err);
}
