/*
 * Two books of one account: positions of our strategies from their fills, and
 * the exchange's. At every quiet moment
 *
 *     exchange = sum of strategies + foreign
 *
 * holds for each instrument. What does not fit for long, and is no fill of
 * somebody else's, is an alarm: nothing opens in that instrument until it
 * fits again. And every half minute the exchange is asked for everything, as
 * private pushes can be lost.
 */
#include "host/host_int.h"

#include "base/log.h"

#include <stdio.h>

#define ASK_AFTER_NS   2000000000LL /* a push may still be on its way */
#define ALARM_AFTER_NS 15000000000LL
#define RECONCILE_NS   30000000000LL
#define SOON_NS        1000000000LL
#define FILLS_BACK_MS  (2LL * 60 * 1000)
#define ALARM_BACK_MS  (60LL * 60 * 1000)

static int64_t
ours(const struct ln_host *h, uint16_t inst)
{
    int64_t lots = 0;
    for (int i = 0; i < h->nstrategies; i++)
        if (h->strategies[i].own)
            lots += h->strategies[i].own[inst].p.size_lots;
    return lots;
}

/* Nothing of ours is under way that could explain a difference. */
static bool
quiet(const struct ln_host *h, uint16_t inst)
{
    for (uint32_t i = 0; i < h->nopen; i++) {
        const struct ln_order *o = &ln_orders_at(h, h->open[i])->o;
        if (o->req.instrument == inst &&
            (o->state == LN_ORDER_UNKNOWN || o->state == LN_ORDER_SENT ||
             ln_order_unseen_lots(o)))
            return false;
    }
    return true;
}

static void
take_as_foreign(struct ln_host *h, uint16_t inst, int64_t diff)
{
    struct market_state *m = &h->market[inst];
    char size[LN_DECIMAL_CAP];
    const struct ln_instrument *in = ln_instruments_at(h->instruments, inst);
    m->foreign_lots += diff;
    m->foreign_seen = m->unexplained = false;
    m->foreign_known = true;
    m->differs_ns = 0;
    ln_size_format(in, m->foreign_lots, size);
    ln_info("host", "%s: %s %s of the account's position are not ours",
            in->symbol, size, in->base);
    ln_memory_foreign(h, inst);
}

static void
raise_alarm(struct ln_host *h, uint16_t inst)
{
    struct market_state *m = &h->market[inst];
    const struct ln_instrument *in = ln_instruments_at(h->instruments, inst);
    char told[LN_DECIMAL_CAP], mine[LN_DECIMAL_CAP], foreign[LN_DECIMAL_CAP];
    ln_size_format(in, m->exchange_lots, told);
    ln_size_format(in, ours(h, inst), mine);
    ln_size_format(in, m->foreign_lots, foreign);
    m->unexplained = true;
    ln_log(LN_LOG_ERROR, "host",
           "%s: the exchange's position is %s, the strategies' fills add up "
           "to %s (and %s of others): nothing opens in it until this is "
           "explained",
           in->symbol, told, mine, foreign);
    ln_feed_incident(h, NULL, "audit",
                     "%s: the exchange holds %s, the strategies %s, others %s",
                     in->symbol, told, mine, foreign);
    for (int i = 0; i < h->nstrategies; i++) {
        const struct strategy *s = &h->strategies[i];
        if (!s->own || !s->own[inst].p.fills)
            continue;
        ln_size_format(in, s->own[inst].p.size_lots, mine);
        ln_log(LN_LOG_ERROR, "host", "  %s holds %s after %llu fills",
               s->cfg->name, mine, (unsigned long long)s->own[inst].p.fills);
    }
}

static void
compare(struct ln_host *h, uint16_t inst, int64_t now_ns)
{
    struct market_state *m = &h->market[inst];
    int64_t diff = m->exchange_lots - ours(h, inst) - m->foreign_lots;
    if (diff == 0) {
        if (m->unexplained)
            ln_info("host", "%s: the positions fit again",
                    ln_instruments_at(h->instruments, inst)->symbol);
        m->differs_ns = 0;
        m->foreign_seen = m->unexplained = false;
        return;
    }
    if (!m->differs_ns) {
        m->differs_ns = now_ns ? now_ns : 1;
        m->asked_ns = 0;
    }
}

void
ln_audit_positions(struct ln_host *h)
{
    int64_t now_ns = ln_loop_now_ns(h->loop);
    if (!h->replayed)
        return;
    for (uint16_t i = 0; i < h->nmarket; i++)
        compare(h, i, now_ns);
}

void
ln_audit_foreign_fill(struct ln_host *h, const struct ln_fill *f)
{
    uint64_t hash = ln_hash(ln_str(f->trade_id));
    for (size_t i = 0; i < 64; i++)
        if (h->foreign_trades[i] == hash)
            return; /* told before */
    h->foreign_trades[h->nforeign_trades++ % 64] = hash;
    h->market[f->instrument].foreign_seen = true;
}

static void
look_at(struct ln_host *h, uint16_t inst, int64_t now_ns)
{
    struct market_state *m = &h->market[inst];
    int64_t age = now_ns - m->differs_ns;
    compare(h, inst, now_ns);
    if (!m->differs_ns)
        return;
    if (age > ASK_AFTER_NS && now_ns - m->asked_ns > ASK_AFTER_NS) {
        if (m->asked_ns && m->foreign_seen && quiet(h, inst)) {
            take_as_foreign(h, inst,
                            m->exchange_lots - ours(h, inst) - m->foreign_lots);
            return;
        }
        m->asked_ns = now_ns;
        h->venue->ops->query_positions(h->venue);
        h->venue->ops->query_fills(h->venue, inst,
                                   ln_loop_now_ms(h->loop) - ALARM_BACK_MS);
    }
    if (age > ALARM_AFTER_NS && !m->unexplained && quiet(h, inst))
        raise_alarm(h, inst);
}

void
ln_audit_tick(struct ln_host *h, int64_t now_ns)
{
    const struct ln_venue_ops *ops = h->venue->ops;
    for (uint16_t i = 0; i < h->nmarket; i++)
        if (h->market[i].differs_ns)
            look_at(h, i, now_ns);
    if (!h->rest_up)
        return;
    if (h->foreign_orders_moved && now_ns - h->reconciled_ns > SOON_NS) {
        h->foreign_orders_moved = false;
        ops->query_open_orders(h->venue);
    }
    if (now_ns - h->reconciled_ns < RECONCILE_NS)
        return;
    h->reconciled_ns = now_ns;
    ops->query_open_orders(h->venue);
    ops->query_positions(h->venue);
    ops->query_account(h->venue);
    ops->query_fills(h->venue, LN_INSTRUMENT_NONE,
                     ln_loop_now_ms(h->loop) - FILLS_BACK_MS);
}
