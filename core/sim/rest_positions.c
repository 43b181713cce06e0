/*
 * Positions: the open ones, their rank in the queue of auto-deleveraging, and
 * the closed ones.
 */
#include "exchange/ledger.h"
#include "sim/orders.h"

#include <stdlib.h>

#define PAGE_DEFAULT 20
#define PAGE_MAX     100
#define CHUNK        64 /* rows looked at at a time */
#define RANKS        5  /* of auto-deleveraging */

/* Does this open order add to the position? */
static bool
adds_to(const struct ln_order_request *r, const struct ln_ex_position *p,
        uint8_t pos_mode)
{
    uint8_t opens = p->hold_side == LN_SHORT ? LN_SELL : LN_BUY;
    return !r->reduce_only && r->side == opens &&
           (pos_mode != LN_HEDGE || r->pos_side == p->hold_side);
}

static int64_t
delegated_lots(const struct ln_sim *sim, ln_ex_account account,
               const struct ln_ex_position *p, uint8_t pos_mode)
{
    const struct ln_ex_order *orders[CHUNK];
    int64_t sum = 0, before = 0;
    size_t n;
    do {
        n = ln_ex_orders(sim->ex, account, true, p->instrument, before, orders,
                         CHUNK);
        for (size_t i = 0; i < n; i++) {
            before = orders[i]->id;
            if (adds_to(&orders[i]->req, p, pos_mode))
                sum += orders[i]->req.size_lots - orders[i]->filled_lots;
        }
    } while (n == CHUNK);
    return sum;
}

/* Trigger and id of what guards the whole position; "" for none. */
static void
guard_members(struct ln_sim_call *call, const struct ln_ex_position *p,
              enum ln_ex_plan_kind kind, const char *price_key,
              const char *id_key)
{
    const struct ln_ex_plan *plan =
        ln_ex_plan_of_position(call->sim->ex, call->account, p->instrument,
                               (enum ln_pos_side)p->hold_side, kind);
    if (plan) {
        ln_sim_kprice(&call->w, price_key,
                      ln_sim_instrument(call->sim, p->instrument),
                      plan->req.trigger_ticks);
        ln_jw_kintstr(&call->w, id_key, plan->id);
    } else {
        ln_jw_kcstr(&call->w, price_key, "");
        ln_jw_kcstr(&call->w, id_key, "");
    }
}

static void
position_object(struct ln_sim_call *call, const struct ln_ex_position *p)
{
    const struct ln_sim *sim = call->sim;
    struct ln_json_writer *w = &call->w;
    const struct ln_instrument *in = ln_sim_instrument(sim, p->instrument);
    uint8_t mode = (uint8_t)ln_ex_pos_mode(sim->ex, call->account);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_sim_position_members(w, sim, call->account, p);
    ln_sim_ksize(w, "openDelegateSize", in,
                 delegated_lots(sim, call->account, p, mode));
    ln_sim_ksize(w, "locked", in, p->frozen_lots);
    ln_jw_kintstr(w, "leverage", p->leverage);
    ln_sim_ke8(w, "marginRatio", p->margin_ratio_e8);
    guard_members(call, p, LN_PLAN_POS_PROFIT, "takeProfit", "takeProfitId");
    guard_members(call, p, LN_PLAN_POS_LOSS, "stopLoss", "stopLossId");
    ln_jw_kcstr(w, "grant", "");
    ln_jw_obj_end(w);
}

static int
newest_first(const void *a, const void *b)
{
    const struct ln_ex_position *x = a, *y = b;
    if (x->created_ms != y->created_ms)
        return x->created_ms < y->created_ms ? 1 : -1;
    return (x->id < y->id) - (x->id > y->id);
}

static bool
write_positions(struct ln_sim_call *call)
{
    size_t n;
    (void)ln_sim_positions(call->sim, call->account, &n);
    struct ln_ex_position *p = call->sim->positions;
    qsort(p, n, sizeof(*p), newest_first);
    ln_jw_arr(&call->w);
    for (size_t i = 0; i < n; i++)
        if (!call->in || p[i].instrument == call->inst)
            position_object(call, &p[i]);
    ln_jw_arr_end(&call->w);
    return true;
}

bool
ln_sim_get_single_position(struct ln_sim_call *call)
{
    return write_positions(call);
}

bool
ln_sim_get_all_position(struct ln_sim_call *call)
{
    return write_positions(call);
}

/* The engine's five ranks as 0.2 to 1: closer to 1 goes earlier. */
bool
ln_sim_get_adl_rank(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    size_t n;
    const struct ln_ex_position *p =
        ln_sim_positions(call->sim, call->account, &n);
    ln_jw_arr(w);
    for (size_t i = 0; i < n; i++) {
        int rank = ln_ex_adl_rank(call->sim->ex, call->account, p[i].instrument,
                                  (enum ln_pos_side)p[i].hold_side);
        ln_jw_obj(w);
        ln_jw_kcstr(w, "symbol",
                    ln_sim_instrument(call->sim, p[i].instrument)->symbol);
        ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
        ln_sim_ke8(w, "adlRank", rank * LN_E8 / RANKS);
        ln_sim_ke8(w, "rank", rank * LN_E8 / RANKS);
        ln_jw_kcstr(w, "holdSide",
                    p[i].hold_side == LN_SHORT ? "short" : "long");
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return true;
}

/* ---- closed ones ---- */

/* "ctime" and "utime" are lower case here, and only here. */
static void
closed_object(struct ln_sim_call *call, const struct ln_ex_closed *c)
{
    struct ln_json_writer *w = &call->w;
    const struct ln_instrument *in =
        ln_sim_instrument(call->sim, c->instrument);
    ln_jw_obj(w);
    ln_jw_kintstr(w, "positionId", c->id);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_jw_kcstr(w, "holdSide", c->hold_side == LN_SHORT ? "short" : "long");
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(c->pos_mode));
    ln_sim_ke8(w, "openAvgPrice",
               ln_sim_average_e8(in, c->open_value_e8, c->opened_lots));
    ln_sim_ke8(w, "closeAvgPrice",
               ln_sim_average_e8(in, c->close_value_e8, c->closed_lots));
    ln_jw_kcstr(w, "marginMode", ln_sim_word_margin_mode(c->margin_mode));
    ln_sim_ksize(w, "openTotalPos", in, c->opened_lots);
    ln_sim_ksize(w, "closeTotalPos", in, c->closed_lots);
    ln_sim_ke8(w, "pnl", c->profit_e8);
    ln_sim_ke8(w, "netProfit",
               c->profit_e8 + c->funding_e8 + c->open_fee_e8 + c->close_fee_e8);
    ln_sim_ke8(w, "totalFunding", c->funding_e8);
    ln_sim_ke8(w, "openFee", c->open_fee_e8);
    ln_sim_ke8(w, "closeFee", c->close_fee_e8);
    ln_jw_kcstr(w, "cashDividend", "0");
    ln_jw_kintstr(w, "ctime", c->created_ms);
    ln_jw_kintstr(w, "utime", c->closed_ms);
    ln_jw_obj_end(w);
}

/* The times are those of the closing. */
bool
ln_sim_get_history_position(struct ln_sim_call *call)
{
    struct ln_ex_closed chunk[CHUNK];
    int64_t before, start_ms, end_ms, last_id = 0;
    size_t limit, rows = 0, n;
    if (!ln_sim_limit(call, PAGE_DEFAULT, PAGE_MAX, &limit) ||
        !ln_sim_read_id(call->params, "idLessThan", &before, &call->fault) ||
        !ln_sim_span(call, &start_ms, &end_ms) ||
        !ln_sim_not_too_old(call, start_ms))
        return false;
    if (start_ms < ln_sim_depth_ms(call->sim))
        start_ms = ln_sim_depth_ms(call->sim);
    do {
        n = ln_ex_closed_positions(call->sim->ex, call->account, call->inst,
                                   before, chunk, CHUNK);
        for (size_t i = 0; i < n && rows < limit; i++) {
            before = chunk[i].id;
            if (chunk[i].closed_ms < start_ms ||
                (end_ms != 0 && chunk[i].closed_ms > end_ms))
                continue;
            ln_sim_page_row(&call->w, "list", rows++);
            closed_object(call, &chunk[i]);
            last_id = chunk[i].id;
        }
    } while (n == CHUNK && rows < limit);
    ln_sim_page_end(&call->w, "list", rows, last_id);
    return true;
}
