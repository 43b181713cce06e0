/*
 * The risk gate: what is refused before it reaches the wire, whatever the
 * strategy says. Worst-case exposure counts positions and everything that
 * may still execute, unknown orders included.
 */
#include "host/host_int.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define DAY_MS 86400000LL

int64_t
ln_risk_price_e8(const struct ln_host *h, uint16_t inst)
{
    if (inst >= h->nmarket || !h->market[inst].has_ticker)
        return 0;
    const struct ln_ticker *t = &h->market[inst].ticker;
    if (t->mark_e8 > 0)
        return t->mark_e8;
    return ln_price_e8(ln_instruments_at(h->instruments, inst), t->last_ticks);
}

/*
 * Lots that could be held in one direction if all its open orders executed.
 * Of the two books of the position the worse one counts: a fill may have been
 * told before the position, or the reverse.
 */
static int64_t
worst_lots(const struct ln_host *h, uint16_t inst, enum ln_side side,
           const struct ln_order *without)
{
    int64_t told = h->market[inst].exchange_lots;
    int64_t booked = h->market[inst].foreign_lots;
    for (int i = 0; i < h->nstrategies; i++)
        if (h->strategies[i].own)
            booked += h->strategies[i].own[inst].p.size_lots;
    if (side == LN_SELL) {
        told = -told;
        booked = -booked;
    }
    int64_t opening = 0, reducing = 0;
    for (uint32_t i = 0; i < h->nopen; i++) {
        const struct host_order *r = ln_orders_at(h, h->open[i]);
        const struct ln_order *o = &r->o;
        if (o == without || o->state == LN_ORDER_PLANNED ||
            o->req.instrument != inst || o->req.side != side)
            continue;
        if (o->req.reduce_only && !r->unflagged)
            reducing += ln_order_open_lots(o) + ln_order_unseen_lots(o);
        else
            opening += ln_order_open_lots(o) + ln_order_unseen_lots(o);
        /* Until it is known, the old one may fill and then be replaced. */
        if (o->amend_sent && !ln_order_state_final(o->state))
            opening += r->amend_size_lots;
    }
    /*
     * Reducing orders open nothing, but what they close is then not there to
     * be closed by the others. Against what was told they can only close what
     * is left; against our own book they may long have executed, when there
     * was more to close.
     */
    booked += reducing;
    if (told < 0)
        told += -told < reducing ? -told : reducing;
    opening += side == LN_BUY ? h->market[inst].foreign_buy_lots
                              : h->market[inst].foreign_sell_lots;
    int64_t lots = (told > booked ? told : booked) + opening;
    return lots > 0 ? lots : 0;
}

int64_t
ln_host_worst_lots(const struct ln_host *h, uint16_t inst, enum ln_side side)
{
    return inst < h->nmarket ? worst_lots(h, inst, side, NULL) : 0;
}

static int64_t
worst_value(struct ln_host *h, uint16_t inst, enum ln_side extra_side,
            int64_t extra_lots, int64_t price_e8,
            const struct ln_order *without)
{
    int64_t buy = worst_lots(h, inst, LN_BUY, without);
    int64_t sell = worst_lots(h, inst, LN_SELL, without);
    int64_t held = h->market[inst].exchange_lots;
    if (extra_side == LN_BUY)
        buy += extra_lots + (buy == 0 && held < 0 ? held : 0);
    if (extra_side == LN_SELL)
        sell += extra_lots - (sell == 0 && held > 0 ? held : 0);
    int64_t lots = buy > sell ? buy : sell;
    if (lots < 0)
        lots = 0;
    return ln_notional_of_e8(ln_instruments_at(h->instruments, inst), price_e8,
                             lots);
}

int64_t
ln_risk_exposure_e8(struct ln_host *h, uint16_t only_inst)
{
    int64_t sum = 0;
    for (uint16_t i = 0; i < h->nmarket; i++) {
        int64_t price = ln_risk_price_e8(h, i);
        if (price && (only_inst == LN_INSTRUMENT_NONE || only_inst == i))
            sum += worst_value(h, i, LN_BUY, 0, price, NULL);
    }
    return sum;
}

static bool
symbol_allowed(const struct ln_risk_config *r, const char *symbol)
{
    for (int i = 0; i < r->nsymbols; i++)
        if (ln_str_eqi(ln_str(symbol), r->symbols[i]))
            return true;
    return r->nsymbols == 0;
}

static bool
outside_collar(const struct ln_risk_config *r, const struct ln_instrument *in,
               const struct ln_order_request *req, int64_t mark_e8)
{
    if (!r->price_collar_pct_e8 || req->type != LN_LIMIT || !mark_e8)
        return false;
    int64_t price = ln_price_e8(in, req->price_ticks);
    /* Only the dangerous side: buying far above, selling far below. */
    int64_t over = req->side == LN_BUY ? price - mark_e8 : mark_e8 - price;
    return over > ln_mul_div(mark_e8, r->price_collar_pct_e8, 100 * LN_E8,
                             LN_ROUND_NEAREST);
}

/* Orders that were sent and may still execute. */
static int64_t
open_orders(const struct ln_host *h)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < h->nopen; i++) {
        enum ln_order_state state = ln_orders_at(h, h->open[i])->o.state;
        n += state != LN_ORDER_PLANNED && !ln_order_state_final(state);
    }
    return n;
}

/* Limits that only matter to what opens. */
static const char *
refuse_opening(struct ln_host *h, const struct ln_order_request *req,
               const struct ln_order *replaces, int64_t price_e8, char *buf,
               size_t cap)
{
    const struct ln_risk_config *r = &h->cfg->risk;
    uint16_t inst = req->instrument;
    if (h->market[inst].unexplained)
        return "the positions in this instrument do not fit the exchange's: "
               "nothing opens until that is explained";
    if (h->halted)
        return "risk: halted by daily_loss; nothing opens until the next day";
    bool valued =
        r->max_position_notional_e8 || r->max_exposure_e8 || r->max_leverage_e8;
    if (valued && !price_e8)
        return "risk: no price is known yet, so limits cannot be checked";
    int64_t value = worst_value(h, inst, (enum ln_side)req->side,
                                req->size_lots, price_e8, replaces);
    if (r->max_position_notional_e8 && value > r->max_position_notional_e8) {
        snprintf(buf, cap,
                 "risk: the position could reach %.2f, above "
                 "max_position_notional %.2f",
                 ln_decimal_to_double(value, 8),
                 ln_decimal_to_double(r->max_position_notional_e8, 8));
        return buf;
    }
    int64_t total = ln_risk_exposure_e8(h, LN_INSTRUMENT_NONE) -
                    ln_risk_exposure_e8(h, inst) + value;
    if (r->max_exposure_e8 && total > r->max_exposure_e8) {
        snprintf(buf, cap,
                 "risk: exposure could reach %.2f, above "
                 "max_exposure %.2f",
                 ln_decimal_to_double(total, 8),
                 ln_decimal_to_double(r->max_exposure_e8, 8));
        return buf;
    }
    if (r->max_leverage_e8 &&
        total > ln_mul_div(h->account.equity_e8, r->max_leverage_e8, LN_E8,
                           LN_ROUND_DOWN))
        return "risk: exposure would exceed max_leverage times the equity";
    return NULL;
}

const char *
ln_risk_refuse(struct ln_host *h, const struct ln_order_request *req,
               const struct ln_order *replaces, char *buf, size_t cap)
{
    const struct ln_risk_config *r = &h->cfg->risk;
    const struct ln_instrument *in =
        ln_instruments_at(h->instruments, req->instrument);
    int64_t mark = ln_risk_price_e8(h, req->instrument);
    int64_t price =
        req->type == LN_LIMIT ? ln_price_e8(in, req->price_ticks) : mark;
    if (h->stopping && !req->reduce_only)
        return "the host is stopping";
    /* What is held in a symbol that is not listed any more may be closed. */
    if (!symbol_allowed(r, in->symbol) && !req->reduce_only)
        return "risk: the symbol is not in risk.symbols";
    if (outside_collar(r, in, req, mark)) {
        snprintf(buf, cap,
                 "risk: the price is more than %.4g %% beyond the "
                 "mark price (price_collar_pct)",
                 ln_decimal_to_double(r->price_collar_pct_e8, 8));
        return buf;
    }
    int64_t value =
        ln_notional_of_e8(in, price > mark ? price : mark, req->size_lots);
    if (r->max_order_notional_e8 && !req->reduce_only &&
        value > r->max_order_notional_e8) {
        snprintf(buf, cap,
                 "risk: the order is worth %.2f, above max_order_notional "
                 "%.2f",
                 ln_decimal_to_double(value, 8),
                 ln_decimal_to_double(r->max_order_notional_e8, 8));
        return buf;
    }
    if (r->max_open_orders && !replaces && !req->reduce_only &&
        open_orders(h) >= r->max_open_orders)
        return "risk: max_open_orders are open";
    int64_t second = ln_loop_now_ns(h->loop) / 1000000000;
    if (second != h->second) {
        h->second = second;
        h->in_second = 0;
    }
    if (r->max_orders_per_second && !req->reduce_only &&
        h->in_second >= r->max_orders_per_second)
        return "risk: max_orders_per_second is reached";
    const char *why =
        req->reduce_only
            ? NULL
            : refuse_opening(h, req, replaces, price > mark ? price : mark, buf,
                             cap);
    if (!why)
        h->in_second++;
    return why;
}

void
ln_risk_account(struct ln_host *h)
{
    int64_t day = ln_loop_now_ms(h->loop) / DAY_MS;
    if (day != h->day) {
        h->day = day;
        h->day_equity_e8 = h->account.equity_e8;
        h->halted = false;
    }
    int64_t limit = h->cfg->risk.daily_loss_e8;
    if (!limit || h->halted || h->day_equity_e8 - h->account.equity_e8 < limit)
        return;
    h->halted = true;
    ln_log(LN_LOG_ERROR, "risk",
           "daily_loss: equity fell from %.2f to %.2f today: everything is "
           "cancelled and closed, nothing opens until the next day",
           ln_decimal_to_double(h->day_equity_e8, 8),
           ln_decimal_to_double(h->account.equity_e8, 8));
    ln_feed_incident(h, NULL, "halt",
                     "daily_loss: equity fell from %.2f to %.2f",
                     ln_decimal_to_double(h->day_equity_e8, 8),
                     ln_decimal_to_double(h->account.equity_e8, 8));
    ln_orders_cancel_all(h, 0, LN_INSTRUMENT_NONE);
    for (int i = 0; i < h->nstrategies; i++)
        ln_orders_flatten(&h->strategies[i]);
}
