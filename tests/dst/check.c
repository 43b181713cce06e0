/*
 * What must hold. The exchange engine is asked directly: it is the truth.
 */
#include "dst.h"

#include "base/map.h"
#include "exchange/exchange.h"
#include "trade/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDERS_MAX 20000

/* Lots that the account could hold in one direction at worst, at the engine. */
static int64_t
true_worst(struct dst_world *w, uint16_t inst, enum ln_side side)
{
    struct ln_ex *ex = ln_sim_engine(w->sim);
    struct ln_ex_position p[16];
    const struct ln_ex_order *o[256];
    int64_t lots = 0;
    size_t n = ln_ex_positions(ex, ln_sim_account(w->sim), p, 16);
    for (size_t i = 0; i < n && i < 16; i++)
        if (p[i].instrument == inst)
            lots +=
                p[i].hold_side == LN_SHORT ? -p[i].size_lots : p[i].size_lots;
    if (side == LN_SELL)
        lots = -lots;
    n = ln_ex_orders(ex, ln_sim_account(w->sim), true, inst, 0, o, 256);
    for (size_t i = 0; i < n; i++)
        if (o[i]->req.side == side && !o[i]->req.reduce_only)
            lots += o[i]->req.size_lots - o[i]->filled_lots;
    return lots > 0 ? lots : 0;
}

/* What both sides know of an instrument, for the trace. */
static void
show(struct dst_world *w, uint16_t host_inst, uint16_t inst)
{
    static const struct ln_order *mine[ORDERS_MAX];
    const struct ln_ex_order *o[256];
    struct ln_ex_position p[16];
    struct ln_ex *ex = ln_sim_engine(w->sim);
    int64_t ours, told;
    size_t n = ln_ex_positions(ex, ln_sim_account(w->sim), p, 16);
    for (size_t i = 0; i < n && i < 16; i++)
        if (p[i].instrument == inst)
            dst_trace(w, "engine holds %lld lots, side %d",
                      (long long)p[i].size_lots, p[i].hold_side);
    n = ln_ex_orders(ex, ln_sim_account(w->sim), true, inst, 0, o, 256);
    for (size_t i = 0; i < n; i++)
        dst_trace(w, "engine: %s side %d reduce %d rest %lld",
                  o[i]->req.client_oid, o[i]->req.side, o[i]->req.reduce_only,
                  (long long)(o[i]->req.size_lots - o[i]->filled_lots));
    /* Orders of the exchange that the host does not know any more. */
    for (size_t i = 0, k = ln_ex_orders(ex, ln_sim_account(w->sim), false, inst,
                                        0, o, 40);
         i < k; i++)
        dst_trace(w, "engine, ended: %s side %d state %d filled %lld at %lld",
                  o[i]->req.client_oid, o[i]->req.side, (int)o[i]->state,
                  (long long)o[i]->filled_lots,
                  (long long)(o[i]->updated_ms - DST_START_MS));
    n = ln_host_orders(w->host, false, mine, ORDERS_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct ln_ex_order *t =
            ln_ex_find(ex, ln_sim_account(w->sim), 0, mine[i]->req.client_oid);
        if (t && t->filled_lots != mine[i]->fills_lots)
            dst_trace(w, "%s: filled %lld, told %lld, fills seen %lld",
                      t->req.client_oid, (long long)t->filled_lots,
                      (long long)mine[i]->filled_lots,
                      (long long)mine[i]->fills_lots);
    }
    ln_host_net(w->host, host_inst, &ours, &told);
    dst_trace(w, "host: strategies %lld lots, told %lld", (long long)ours,
              (long long)told);
    n = ln_host_orders(w->host, true, mine, ORDERS_MAX);
    for (size_t i = 0; i < n; i++)
        if (mine[i]->req.instrument == host_inst)
            dst_trace(w, "host: %s side %d reduce %d rest %lld %s",
                      mine[i]->req.client_oid, mine[i]->req.side,
                      mine[i]->req.reduce_only,
                      (long long)ln_order_open_lots(mine[i]),
                      ln_order_state_name(mine[i]->state));
}

static uint16_t
engine_instrument(struct dst_world *w, uint16_t host_inst)
{
    const struct ln_instruments *reg = ln_host_instruments(w->host);
    return ln_instruments_find(
        ln_ex_instruments(ln_sim_engine(w->sim)),
        ln_str(ln_instruments_at(reg, host_inst)->symbol));
}

static void
check_exposure(struct dst_world *w)
{
    const struct ln_instruments *reg = ln_host_instruments(w->host);
    for (uint16_t i = 0; reg && i < reg->count; i++)
        for (int side = LN_BUY; side <= LN_SELL; side++) {
            int64_t truth =
                true_worst(w, engine_instrument(w, i), (enum ln_side)side);
            int64_t believed =
                ln_host_worst_lots(w->host, i, (enum ln_side)side);
            if (truth <= believed)
                continue;
            show(w, i, engine_instrument(w, i));
            dst_fail(w,
                     "%s: %lld lots are possible on the %s side, the host "
                     "believes in %lld",
                     ln_instruments_at(reg, i)->symbol, (long long)truth,
                     ln_side_name((enum ln_side)side), (long long)believed);
        }
}

/* No clientOid of ours was accepted twice. */
static void
check_twice(struct dst_world *w)
{
    static const struct ln_ex_order *o[ORDERS_MAX];
    struct ln_ex *ex = ln_sim_engine(w->sim);
    struct ln_map seen;
    ln_map_init(&seen);
    for (int open = 0; open < 2; open++) {
        size_t n = ln_ex_orders(ex, ln_sim_account(w->sim), open == 1,
                                LN_INSTRUMENT_NONE, 0, o, ORDERS_MAX);
        for (size_t i = 0; i < n; i++) {
            uint64_t known;
            struct ln_str oid = ln_str(o[i]->req.client_oid);
            if (ln_map_get(&seen, oid, &known))
                dst_fail(w, "clientOid %s was executed twice",
                         o[i]->req.client_oid);
            else if (ln_map_put(&seen, oid, 1) != LN_OK)
                dst_fail(w, "no memory");
        }
    }
    ln_map_deinit(&seen);
}

void
dst_check_step(struct dst_world *w)
{
    struct ln_ex *ex = ln_sim_engine(w->sim);
    struct ln_sim_stats stats;
    struct ln_host_view v;
    char why[256];
    w->checks++;
    if (ln_ex_money_total(ex) != w->money_e8)
        dst_fail(w, "money was made or lost");
    ln_sim_stats(w->sim, &stats);
    /* Requests that were sent in time but delayed by the network can arrive
     * too close together; nobody can help that. */
    if (stats.rate_limited > w->limited && dst_now_ms(w) > w->bunched_ms)
        dst_fail(w, "a request went beyond its bucket (429)");
    w->limited = stats.rate_limited;
    w->requests = stats.rest_requests;
    w->pushes = stats.ws_messages_out;
    if (w->checks % 1000 == 0) {
        if (!ln_ex_check(ex, why, sizeof(why)))
            dst_fail(w, "the engine: %s", why);
        check_twice(w);
    }
    if (!w->host)
        return;
    ln_host_view(w->host, &v);
    if (v.ready)
        check_exposure(w);
    if (w->ended && ln_host_failure(w->host)->code == LN_ERR_TIMEOUT &&
        !v.ready) {
        /* Not reachable at its start: whoever runs it starts it again. */
        dst_trace(w, "the host gave up, it is started again");
        dst_host_crash(w, false);
        dst_host_start(w);
    } else if (w->ended)
        dst_fail(w, "the host ended by itself: %s",
                 ln_host_failure(w->host)->what);
}

/* ---- the end ---- */

static bool
disagree(char *why, size_t cap, const char *what, const char *who)
{
    snprintf(why, cap, "%s (%s)", what, who);
    return false;
}

static bool
orders_agree(struct dst_world *w, char *why, size_t cap)
{
    static const struct ln_order *mine[ORDERS_MAX];
    static const struct ln_ex_order *theirs[ORDERS_MAX];
    struct ln_ex *ex = ln_sim_engine(w->sim);
    ln_ex_account a = ln_sim_account(w->sim);
    size_t n = ln_host_orders(w->host, false, mine, ORDERS_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct ln_order *o = mine[i];
        const struct ln_ex_order *t = ln_ex_find(ex, a, 0, o->req.client_oid);
        if (o->state == LN_ORDER_REJECTED) {
            if (t)
                return disagree(why, cap, "a rejected order is at the exchange",
                                o->req.client_oid);
            continue;
        }
        if (!t)
            return disagree(why, cap, "an order is not at the exchange",
                            o->req.client_oid);
        if (t->state != o->state)
            return disagree(why, cap, "an order has another state",
                            o->req.client_oid);
        if (t->filled_lots != o->filled_lots)
            return disagree(why, cap, "an order is filled otherwise",
                            o->req.client_oid);
    }
    n = ln_ex_orders(ex, a, true, LN_INSTRUMENT_NONE, 0, theirs, ORDERS_MAX);
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        size_t k = ln_host_orders(w->host, true, mine, ORDERS_MAX);
        for (size_t j = 0; j < k && !found; j++)
            found =
                strcmp(mine[j]->req.client_oid, theirs[i]->req.client_oid) == 0;
        if (!found)
            return disagree(why, cap,
                            "the exchange has an open order that the "
                            "host has not",
                            theirs[i]->req.client_oid);
    }
    return true;
}

static bool
positions_agree(struct dst_world *w, char *why, size_t cap)
{
    const struct ln_instruments *reg = ln_host_instruments(w->host);
    struct ln_ex *ex = ln_sim_engine(w->sim);
    struct ln_ex_position p[16];
    size_t n = ln_ex_positions(ex, ln_sim_account(w->sim), p, 16);
    for (uint16_t i = 0; i < reg->count; i++) {
        int64_t ours, told, truth = 0;
        uint16_t inst = engine_instrument(w, i);
        for (size_t k = 0; k < n && k < 16; k++)
            if (p[k].instrument == inst)
                truth += p[k].hold_side == LN_SHORT ? -p[k].size_lots
                                                    : p[k].size_lots;
        ln_host_net(w->host, i, &ours, &told);
        if (ours != truth || told != truth) {
            snprintf(why, cap,
                     "%s: the exchange holds %lld lots, told us %lld, the "
                     "strategies' fills add up to %lld",
                     ln_instruments_at(reg, i)->symbol, (long long)truth,
                     (long long)told, (long long)ours);
            return false;
        }
    }
    return true;
}

bool
dst_agree(struct dst_world *w, char *why, size_t cap)
{
    struct ln_host_view v;
    struct ln_ex_balance b;
    if (!w->host)
        return disagree(why, cap, "the host is not running", "");
    ln_host_view(w->host, &v);
    if (!v.ready)
        return disagree(why, cap, "the host is not ready", "");
    if (!orders_agree(w, why, cap) || !positions_agree(w, why, cap))
        return false;
    ln_ex_balance(ln_sim_engine(w->sim), ln_sim_account(w->sim), &b);
    if (b.equity_e8 != v.equity_e8)
        return disagree(why, cap, "the equity differs", "account");
    return true;
}
