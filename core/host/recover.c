/*
 * After a start: the intent log becomes state again, and what the exchange
 * says is laid on top of it. No strategy runs before every order of ours has
 * a certain fate.
 *
 *   log read -> instruments known: replay -> venue's first reconciliation
 *     (open orders, positions, fills since the log's end)
 *     -> what is still unknown is asked for by clientOid -> log written anew
 *     -> orphans as configured -> strategies start
 */
#include "host/host_int.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define OVERLAP_MS (10LL * 60 * 1000) /* fills that are asked for once more */

int64_t
ln_recover_since_ms(const struct ln_host *h)
{
    int64_t newest = h->journal ? ln_journal_newest_ms(h->journal) : 0;
    return newest > OVERLAP_MS ? newest - OVERLAP_MS : 0;
}

/* ---- replay ---- */

static uint16_t
instrument_of(struct ln_host *h, const struct ln_journal_record *rec)
{
    uint16_t inst = ln_instruments_find(h->instruments, ln_str(rec->symbol));
    if (inst == LN_INSTRUMENT_NONE)
        ln_log(LN_LOG_ERROR, "host",
               "the intent log tells of %s, which the exchange does not list "
               "any more: look at the account by hand",
               rec->symbol);
    return inst;
}

static int64_t
ticks_of(const struct ln_instrument *in, const char *text)
{
    int64_t v = 0;
    return ln_price_parse(in, ln_str(text), LN_ROUND_NEAREST, &v) == LN_OK ? v
                                                                           : 0;
}

static int64_t
lots_of(const struct ln_instrument *in, const char *text)
{
    bool negative = text[0] == '-';
    int64_t v = 0;
    if (ln_size_parse(in, ln_str(text + negative), LN_ROUND_NEAREST, &v) !=
        LN_OK)
        return 0;
    return negative ? -v : v;
}

static void
replay_submit(struct ln_host *h, const struct ln_journal_record *rec)
{
    struct ln_order_request req = {.side = rec->side,
                                   .type = rec->type,
                                   .tif = rec->tif,
                                   .pos_side = rec->pos_side,
                                   .margin_mode = rec->margin_mode,
                                   .reduce_only = rec->reduce_only};
    req.instrument = instrument_of(h, rec);
    const struct ln_instrument *in =
        ln_instruments_at(h->instruments, req.instrument);
    if (!in || ln_orders_find(h, rec->oid, ""))
        return;
    memcpy(req.client_oid, rec->oid, sizeof(req.client_oid));
    req.price_ticks = ticks_of(in, rec->price);
    req.size_lots = lots_of(in, rec->size);
    req.take_profit_ticks = ticks_of(in, rec->take_profit);
    req.stop_loss_ticks = ticks_of(in, rec->stop_loss);
    struct host_order *r =
        ln_orders_adopt(h, &req, rec->owner, rec->tag, rec->time_ms);
    if (r)
        r->unflagged = rec->unflagged;
    else
        h->memory_lost = true;
}

static void
replay_amend(struct ln_host *h, struct host_order *r,
             const struct ln_journal_record *rec)
{
    const struct ln_instrument *in =
        ln_instruments_at(h->instruments, r->o.req.instrument);
    ln_orders_amending(h, r, rec->new_oid, ticks_of(in, rec->price),
                       lots_of(in, rec->size));
}

static void
replay_end(struct ln_host *h, struct host_order *r,
           const struct ln_journal_record *rec)
{
    struct ln_order_update u = {.instrument = r->o.req.instrument,
                                .state = rec->state,
                                .filled_lots = r->o.filled_lots,
                                .created_ms = r->o.created_ms,
                                .updated_ms = rec->time_ms};
    memcpy(u.client_oid, r->o.req.client_oid, sizeof(u.client_oid));
    if (rec->state == LN_ORDER_REJECTED)
        ln_order_rejected(&r->o, 0, "before the restart", rec->time_ms);
    else
        ln_order_apply(&r->o, &u);
    r->o.amend_sent = false;
    ln_orders_settle(h, r);
}

static void
replay_fill(struct ln_host *h, const struct ln_journal_record *rec)
{
    struct ln_fill f = {.side = rec->side,
                        .pos_side = rec->pos_side,
                        .liquidity = rec->liquidity,
                        .fee_e8 = rec->fee_e8,
                        .profit_e8 = rec->profit_e8,
                        .time_ms = rec->time_ms};
    f.instrument = instrument_of(h, rec);
    const struct ln_instrument *in =
        ln_instruments_at(h->instruments, f.instrument);
    if (!in)
        return;
    memcpy(f.client_oid, rec->oid, sizeof(f.client_oid));
    memcpy(f.order_id, rec->order_id, sizeof(f.order_id));
    memcpy(f.trade_id, rec->trade_id, sizeof(f.trade_id));
    f.price_ticks = ticks_of(in, rec->price);
    f.size_lots = lots_of(in, rec->size);
    struct strategy *s = ln_strategy_by_number(h, rec->owner);
    if (ln_orders_find(h, f.client_oid, f.order_id))
        ln_orders_fill(h, &f);
    else if (s) /* the line of its order is lost: the disk was full */
        ln_position_fill(&s->own[f.instrument].p, in, &f);
    ln_booked_add(h, &f);
}

static void
replay_position(struct ln_host *h, const struct ln_journal_record *rec)
{
    uint16_t inst = instrument_of(h, rec);
    const struct ln_instrument *in = ln_instruments_at(h->instruments, inst);
    struct strategy *s = ln_strategy_by_number(h, rec->owner);
    if (!in)
        return;
    if (rec->owner == 0) {
        h->market[inst].foreign_lots = lots_of(in, rec->size);
        h->market[inst].foreign_known = true;
    } else if (s) {
        struct ln_position *p = &s->own[inst].p;
        p->size_lots = lots_of(in, rec->size);
        p->cost_e8 = rec->cost_e8;
        p->realised_e8 = rec->profit_e8;
        p->fees_e8 = rec->fee_e8;
        p->fills = rec->fills;
        s->own[inst].used = true;
    }
}

static void
replay(struct ln_host *h, const struct ln_journal_record *rec)
{
    struct host_order *r;
    switch (rec->kind) {
    case LN_J_STRATEGY:
        return;
    case LN_J_SUBMIT:
        replay_submit(h, rec);
        return;
    case LN_J_FILL:
        replay_fill(h, rec);
        return;
    case LN_J_POSITION:
        replay_position(h, rec);
        return;
    case LN_J_AMEND:
    case LN_J_ID:
    case LN_J_END:
        break;
    }
    r = ln_orders_find(h, rec->oid, "");
    if (!r)
        return;
    /* A line about the replacement: the amend has taken place. */
    if (r->amend_oid[0] && strcmp(rec->oid, r->amend_oid) == 0)
        ln_orders_switch(h, r, rec->order_id);
    if (rec->kind == LN_J_AMEND) {
        replay_amend(h, r, rec);
    } else if (rec->kind == LN_J_END) {
        replay_end(h, r, rec);
    } else {
        memcpy(r->o.order_id, rec->order_id, sizeof(r->o.order_id));
        ln_orders_learn_id(h, r);
    }
}

void
ln_recover_replay(struct ln_host *h)
{
    if (h->replayed)
        return;
    h->replayed = true;
    for (int i = 0; i < h->nstrategies; i++)
        if (!ln_strategy_fit(&h->strategies[i]))
            h->memory_lost = true;
    h->replaying = true;
    for (size_t i = 0; i < h->nremembered && !h->memory_lost; i++)
        replay(h, &h->remembered[i]);
    h->replaying = false;
    if (h->memory_lost) {
        ln_host_fail(h, LN_ERR_NOMEM, NULL,
                     "no memory to take up the work of the last start");
        return;
    }
    for (uint32_t i = 0; i < h->nopen; i++)
        ln_orders_doubt(h, ln_orders_at(h, h->open[i]),
                        "the host was started again");
    if (h->nremembered)
        ln_info("host", "the intent log: %u orders, %u of them to be asked for",
                h->norders, h->nopen);
}

/* ---- waiting for certainty ---- */

bool
ln_recover_certain(const struct ln_host *h)
{
    for (uint32_t i = 0; i < h->nopen; i++) {
        const struct ln_order *o = &ln_orders_at(h, h->open[i])->o;
        if (o->state == LN_ORDER_UNKNOWN || o->amend_sent ||
            ln_orders_at(h, h->open[i])->doubtful)
            return false;
    }
    return true;
}

/* Nothing was remembered: what the account holds is somebody else's. */
static void
take_foreign_positions(struct ln_host *h)
{
    for (uint16_t i = 0; i < h->nmarket; i++) {
        struct market_state *m = &h->market[i];
        if (h->nremembered == 0 && !m->foreign_known) {
            int64_t ours = 0;
            for (int k = 0; k < h->nstrategies; k++)
                ours += h->strategies[k].own[i].p.size_lots;
            m->foreign_lots = m->exchange_lots - ours;
            if (m->foreign_lots)
                ln_info("host",
                        "%s: the account holds a position that is not "
                        "ours",
                        ln_instruments_at(h->instruments, i)->symbol);
        }
        m->foreign_known = true;
    }
}

static void
treat_orphans(struct ln_host *h)
{
    for (int i = 0; i < h->nstrategies; i++) {
        const struct strategy *s = &h->strategies[i];
        int open = s->ghost ? ln_orders_open(h, s->number) : 0;
        if (open == 0)
            continue;
        ln_warn("host",
                "%d open orders belong to strategy %s, which is not in the "
                "configuration: %s",
                open, s->cfg->name,
                h->cfg->orphans == LN_ORPHANS_CANCEL  ? "they are cancelled"
                : h->cfg->orphans == LN_ORPHANS_ADOPT ? "the first strategy "
                                                        "takes them over"
                                                      : "they are left alone");
        if (h->cfg->orphans == LN_ORPHANS_CANCEL)
            ln_orders_cancel_all(h, s->number, LN_INSTRUMENT_NONE);
        else if (h->cfg->orphans == LN_ORPHANS_ADOPT)
            ln_orders_hand_over(h, s->number, h->strategies[0].number);
    }
}

void
ln_recover_finish(struct ln_host *h)
{
    take_foreign_positions(h);
    ln_feed_recovered(h);
    if (h->journal)
        ln_memory_rewrite(h);
    h->recovered = true;
    free(h->remembered);
    h->remembered = NULL;
    h->nremembered = h->cap_remembered = 0;
    treat_orphans(h);
}
