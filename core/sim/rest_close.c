/*
 * Flash close and reversal of positions, both at market.
 */
#include "sim/orders.h"

#define CLOSE_ORDERS_MAX 64 /* market orders that one position may need */

/* ---- close-positions ---- */

/* What is left of a position; 0: it is closed. */
static int64_t
lots_left(const struct ln_sim_call *call, uint16_t inst, uint8_t hold)
{
    size_t n;
    const struct ln_ex_position *p =
        ln_sim_positions(call->sim, call->account, &n);
    for (size_t i = 0; i < n; i++)
        if (p[i].instrument == inst && p[i].hold_side == hold)
            return p[i].size_lots;
    return 0;
}

/*
 * Close one position, in as many orders as the largest market order and
 * resting close orders (the first takes what they leave, the next replaces
 * them) make necessary; an order that closes nothing is the last.
 */
static void
close_one(struct ln_sim_call *call, const struct ln_ex_position *p, bool hedge,
          struct ln_sim_results *results)
{
    struct ln_sim *sim = call->sim;
    const struct ln_instrument *in = ln_sim_instrument(sim, p->instrument);
    int64_t max = in->max_market_lots, left = p->size_lots;
    for (int i = 0; i < CLOSE_ORDERS_MAX && left > 0; i++) {
        int64_t id, before = left;
        struct ln_order_request req = {
            .instrument = p->instrument,
            .side = p->hold_side == LN_SHORT ? LN_BUY : LN_SELL,
            .type = LN_MARKET,
            .tif = LN_GTC,
            .pos_side = hedge ? p->hold_side : LN_NET,
            .margin_mode = p->margin_mode,
            .reduce_only = true,
            .size_lots = max > 0 && left > max ? max : left};
        enum ln_ex_refusal refusal =
            ln_ex_place(sim->ex, call->account, &req, &id);
        if (refusal != LN_EXR_OK) {
            struct ln_sim_fault f = {.status = 0};
            ln_sim_refuse(&f, refusal, in);
            ln_sim_results_failed(results, 0, ln_str(""), p->instrument, &f);
            return;
        }
        const struct ln_ex_order *o =
            ln_ex_find(sim->ex, call->account, id, NULL);
        ln_sim_results_done(&call->w, id, o ? o->req.client_oid : "", in);
        left = lots_left(call, p->instrument, p->hold_side);
        if (left >= before)
            return;
    }
}

bool
ln_sim_close_positions(struct ln_sim_call *call)
{
    size_t n, wanted = 0;
    struct ln_sim_results results;
    bool hedge = ln_ex_pos_mode(call->sim->ex, call->account) == LN_HEDGE;
    struct ln_str hold = ln_sim_param(call->params, "holdSide");
    uint8_t side = ln_str_eqi(hold, "short") ? LN_SHORT : LN_LONG;
    ln_sim_results_begin(&results, &call->w);
    /* Each is read anew: closing one overwrites the list. */
    for (size_t i = 0;; i++) {
        uint16_t inst = (uint16_t)(i / 2);
        uint8_t which = i % 2 == 0 ? LN_LONG : LN_SHORT;
        if (inst >= ln_sim_instruments(call->sim))
            break;
        if ((call->in && inst != call->inst) ||
            (hedge && hold.len > 0 && which != side))
            continue;
        const struct ln_ex_position *p =
            ln_sim_positions(call->sim, call->account, &n);
        const struct ln_ex_position *end = p + n;
        while (p < end && (p->instrument != inst || p->hold_side != which))
            p++;
        if (p == end)
            continue;
        struct ln_ex_position pos = *p;
        wanted++;
        close_one(call, &pos, hedge, &results);
    }
    if (wanted == 0)
        return ln_sim_refuse(&call->fault, LN_EXR_NO_POSITION, call->in);
    ln_sim_results_end(&results, call, true, false);
    return true;
}

/* ---- click-backhand ---- */

/* Hedge: side names the position. One-way: there is but one. */
static bool
position_meant(struct ln_sim_call *call, bool hedge, uint8_t *hold)
{
    static const char *const sides[] = {"buy", "sell", NULL};
    static const char *const trade_sides[] = {"open", "close", NULL};
    int side = ln_sim_word_of(call->params, "side", sides, -2);
    int trade_side = ln_sim_word_of(call->params, "tradeSide", trade_sides, -2);
    if (side == -1)
        return ln_sim_bad_word(&call->fault, "side");
    if (trade_side == -1)
        return ln_sim_bad_word(&call->fault, "tradeSide");
    if (!hedge && trade_side >= 0)
        return ln_sim_refuse(&call->fault, LN_EXR_POS_MODE, call->in);
    if (hedge && side < 0)
        return ln_sim_fail(&call->fault, "40019",
                           "Parameter side cannot be empty");
    *hold = side == 1 ? LN_SHORT : LN_LONG;
    if (!hedge)
        *hold = lots_left(call, call->inst, LN_LONG) > 0 ? LN_LONG : LN_SHORT;
    return true;
}

bool
ln_sim_click_backhand(struct ln_sim_call *call)
{
    struct ln_sim *sim = call->sim;
    bool hedge = ln_ex_pos_mode(sim->ex, call->account) == LN_HEDGE;
    struct ln_str size = ln_sim_param(call->params, "size");
    int64_t lots = 0, close_id = 0, open_id = 0;
    char oid[LN_OID_CAP];
    uint8_t hold = LN_LONG;
    if (!call->in)
        return ln_sim_fail(&call->fault, "40019",
                           "Parameter symbol cannot be empty");
    if (!ln_sim_read_oid(call->params, "clientOid", oid, &call->fault) ||
        !position_meant(call, hedge, &hold) ||
        (size.len > 0 &&
         !ln_sim_read_size(call->in, size, &lots, &call->fault)))
        return false;
    enum ln_ex_refusal refusal =
        ln_ex_reverse(sim->ex, call->account, call->inst,
                      (enum ln_pos_side)hold, lots, oid, &close_id, &open_id);
    if (refusal != LN_EXR_OK)
        return ln_sim_refuse(&call->fault, refusal, call->in);
    /* The order that closed: there may be no money for the other. */
    const struct ln_ex_order *o =
        ln_ex_find(sim->ex, call->account, close_id, NULL);
    ln_jw_obj(&call->w);
    ln_sim_ids(&call->w, close_id, o ? o->req.client_oid : oid);
    ln_jw_obj_end(&call->w);
    return true;
}
