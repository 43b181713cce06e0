/*
 * Whether a command may be carried out: every reason to refuse an order is
 * found here, before anything changes.
 */
#include "exchange/exchange_int.h"

#include "base/assert.h"

#include <string.h>

#define FAR_PRICE 10 /* no limit price is beyond this many times the mark */

const char *
ln_ex_refusal_text(enum ln_ex_refusal r)
{
    static const char *const texts[] = {
        [LN_EXR_OK] = "done",
        [LN_EXR_SYMBOL] = "unknown symbol",
        [LN_EXR_SYMBOL_STATE] = "the symbol is not open for this order",
        [LN_EXR_PRICE] = "the price is missing or not positive",
        [LN_EXR_PRICE_BAND] = "the price is too far from the mark price",
        [LN_EXR_SIZE_MIN] = "the size is below the smallest size",
        [LN_EXR_SIZE_MAX] = "the size is above the largest size",
        [LN_EXR_VALUE_MIN] = "the value is below the smallest value",
        [LN_EXR_MARGIN] = "the balance is not enough",
        [LN_EXR_DUPLICATE_OID] = "a pending order has this clientOid",
        [LN_EXR_NO_POSITION] = "there is no position to close",
        [LN_EXR_CLOSE_TOO_LARGE] = "more than the position that can be closed",
        [LN_EXR_POS_MODE] = "the order does not fit the position mode",
        [LN_EXR_TOO_MANY] = "too many open orders",
        [LN_EXR_NOT_FOUND] = "no such order",
        [LN_EXR_FINAL] = "the order is already filled or cancelled",
        [LN_EXR_UNCHANGED] = "nothing would change",
        [LN_EXR_LEVERAGE] = "leverage out of the range for this value",
        [LN_EXR_LOCKED] = "locked by open positions or orders",
        [LN_EXR_LIQUIDITY] = "the book is empty",
        [LN_EXR_PRESET] = "take profit or stop loss is on the wrong side",
        [LN_EXR_TRIGGER_SIDE] = "the trigger is on the wrong side of the price",
        [LN_EXR_PLAN_EXISTS] = "the position has such a plan already",
        [LN_EXR_CALLBACK] = "the callback ratio is out of range",
        [LN_EXR_REDUCING] = "the account is being liquidated",
    };
    size_t i = (size_t)r;
    return i < LN_COUNT(texts) && texts[i] ? texts[i] : "unknown refusal";
}

bool
ln_ex_want_market(const struct ln_ex_want *w)
{
    return w->req.type == LN_MARKET;
}

bool
ln_ex_want_immediate(const struct ln_ex_want *w)
{
    return ln_ex_want_market(w) || w->req.tif == LN_IOC || w->req.tif == LN_FOK;
}

const struct ln_ex_record *
ln_ex_want_next_other(const struct ln_ex_want *w,
                      const struct ln_ex_record *after)
{
    const struct ln_ex_record *r =
        after ? after->open_newer : w->c->open_oldest;
    while (r && (r == w->instead_of || r->o.req.instrument != w->m->index))
        r = r->open_newer;
    return r;
}

enum ln_ex_refusal
ln_ex_fits_mode(const struct ln_ex_client *c, uint8_t side, uint8_t pos_side,
                bool reduce_only)
{
    if (side != LN_BUY && side != LN_SELL)
        return LN_EXR_POS_MODE;
    if (c->pos_mode == LN_ONE_WAY)
        return pos_side == LN_NET ? LN_EXR_OK : LN_EXR_POS_MODE;
    if (pos_side != LN_LONG && pos_side != LN_SHORT)
        return LN_EXR_POS_MODE;
    bool same = (side == LN_BUY) == (pos_side == LN_LONG);
    return same != reduce_only ? LN_EXR_OK : LN_EXR_POS_MODE;
}

/* mark x (1 + ratio), in ticks; rounded towards the mark. */
static int64_t
band_ticks(const struct ln_ex_market *m, int64_t ratio_e8)
{
    int64_t price = ln_mul_div(m->mark_e8, LN_E8 + ratio_e8, LN_E8,
                               ratio_e8 > 0 ? LN_ROUND_FLOOR : LN_ROUND_CEIL);
    return ln_price_ticks_of_e8(m->in, price,
                                ratio_e8 > 0 ? LN_ROUND_FLOOR : LN_ROUND_CEIL);
}

static enum ln_ex_refusal
check_price(struct ln_ex_want *w)
{
    const struct ln_instrument *in = w->m->in;
    bool buy = w->req.side == LN_BUY;
    int64_t band = buy ? in->buy_band_e8 : in->sell_band_e8;
    int64_t bound = buy ? INT64_MAX : 1;
    if (band > 0)
        bound = band_ticks(w->m, buy ? band : -band);
    if (ln_ex_want_market(w)) {
        w->req.price_ticks = 0;
        w->limit_ticks = bound;
        return LN_EXR_OK;
    }
    int64_t price = w->req.price_ticks;
    if (price <= 0)
        return LN_EXR_PRICE;
    if (buy ? price > bound : price < bound)
        return LN_EXR_PRICE_BAND;
    if (price > band_ticks(w->m, (FAR_PRICE - 1) * LN_E8))
        return LN_EXR_PRICE_BAND;
    w->limit_ticks = price;
    return LN_EXR_OK;
}

static enum ln_ex_refusal
check_size(const struct ln_ex_want *w)
{
    const struct ln_instrument *in = w->m->in;
    int64_t most =
        ln_ex_want_market(w) ? in->max_market_lots : in->max_limit_lots;
    if (w->req.size_lots <= 0)
        return LN_EXR_SIZE_MIN;
    if (w->req.size_lots < in->min_lots && !w->closes_all)
        return LN_EXR_SIZE_MIN;
    /* A stop loss closes its position, however large that is. */
    if (most > 0 && w->req.size_lots > most && !(w->plan && w->closes_all))
        return LN_EXR_SIZE_MAX;
    int64_t value =
        ln_ex_want_market(w)
            ? ln_notional_of_e8(in, w->m->mark_e8, w->req.size_lots)
            : ln_notional_e8(in, w->req.price_ticks, w->req.size_lots);
    if (value < in->min_notional_e8 && !w->closes_all)
        return LN_EXR_VALUE_MIN;
    return LN_EXR_OK;
}

static enum ln_ex_refusal
check_counts(const struct ln_ex *ex, const struct ln_ex_want *w)
{
    const char *oid = w->req.client_oid;
    const struct ln_ex_record *same =
        oid[0] ? ln_ex_record_find(ex, w->c, 0, oid) : NULL;
    if (same && same->open && same != w->instead_of)
        return LN_EXR_DUPLICATE_OID;

    uint32_t mine = w->instead_of ? 1 : 0;
    int32_t here = 0;
    if (w->c->open_orders - mine >= LN_EX_ORDERS_PER_ACCOUNT_MAX)
        return LN_EXR_TOO_MANY;
    const struct ln_ex_record *r = NULL;
    while ((r = ln_ex_want_next_other(w, r)) != NULL)
        here++;
    int32_t most = w->m->in->max_symbol_orders;
    return most > 0 && here >= most ? LN_EXR_TOO_MANY : LN_EXR_OK;
}

/*
 * Closing orders never exceed their position. Hedge: resting closes freeze
 * their size; a market close takes the free part, or all of it when nothing
 * is free (the resting ones then give way, as they do to the take profit or
 * stop loss of a whole position); a limit close must fit. One-way reduce-only:
 * cut to the position, older ones give way later.
 */
static enum ln_ex_refusal
check_close(struct ln_ex_want *w)
{
    if (!w->req.reduce_only)
        return LN_EXR_OK;
    int which = w->req.side == LN_SELL ? 0 : 1;
    int64_t held = w->slot->pos[which].lots, frozen = 0;
    if (held == 0)
        return LN_EXR_NO_POSITION;
    int64_t most = held;
    if (w->c->pos_mode == LN_HEDGE) {
        const struct ln_ex_record *r = NULL;
        while ((r = ln_ex_want_next_other(w, r)) != NULL)
            if (r->o.req.reduce_only && r->o.req.side == w->req.side)
                frozen += ln_ex_rest(r);
        if (!ln_ex_want_market(w) && w->req.size_lots > held - frozen)
            return LN_EXR_CLOSE_TOO_LARGE;
        bool whole = w->plan && (w->source == LN_EXS_POS_PROFIT ||
                                 w->source == LN_EXS_POS_LOSS);
        w->withdraw_closes =
            ln_ex_want_market(w) && (frozen == held || (whole && frozen > 0));
        if (!w->withdraw_closes)
            most = held - frozen;
    }
    if (w->req.size_lots >= most) {
        w->req.size_lots = most;
        w->closes_all = true;
    }
    return LN_EXR_OK;
}

/* What the order would open: in one-way mode, the part beyond what it can
 * close; a resting order closes what older ones leave it. */
static int64_t
opening_lots(const struct ln_ex_want *w, int64_t lots)
{
    if (w->req.reduce_only)
        return 0;
    if (w->c->pos_mode == LN_HEDGE)
        return lots;
    int64_t closable = w->slot->pos[w->req.side == LN_SELL ? 0 : 1].lots;
    const struct ln_ex_record *r = NULL;
    while (!ln_ex_want_immediate(w) &&
           (r = ln_ex_want_next_other(w, r)) != NULL)
        if (r->o.req.side == w->req.side && !r->o.req.reduce_only)
            closable -= ln_ex_rest(r);
    if (closable < 0)
        closable = 0;
    return lots > closable ? lots - closable : 0;
}

/* Value of what is open or would be opened on this side, all together. */
static int64_t
side_value_e8(const struct ln_ex_want *w, int which, int64_t value_e8)
{
    const struct ln_ex_market *m = w->m;
    int64_t sum =
        ln_notional_of_e8(m->in, m->mark_e8, w->slot->pos[which].lots);
    const struct ln_ex_record *r = NULL;
    while ((r = ln_ex_want_next_other(w, r)) != NULL)
        if (r->o.req.side == w->req.side && r->o.locked_e8 > 0)
            sum += ln_notional_e8(m->in, r->o.req.price_ticks, ln_ex_rest(r));
    return __builtin_add_overflow(sum, value_e8, &sum) ? INT64_MAX : sum;
}

/* Margin that an order which executes at once sets free by closing. */
static int64_t
released_e8(const struct ln_ex_want *w, int64_t closing)
{
    int which = w->req.side == LN_SELL ? 0 : 1;
    const struct ln_ex_pos *p = &w->slot->pos[which];
    if (p->lots == 0 || closing <= 0)
        return 0;
    int64_t held = ln_ex_pos_margin_e8(w->m, w->slot, which);
    if (w->slot->margin_mode == LN_ISOLATED)
        held += ln_ex_unrealised_e8(w->m, p, which);
    if (held <= 0)
        return 0;
    if (closing > p->lots)
        closing = p->lots;
    return ln_mul_div(held, closing, p->lots, LN_ROUND_FLOOR);
}

/* What closing at once costs against closing at mark: price and fee. */
static int64_t
slippage_e8(const struct ln_ex_want *w, int64_t closing)
{
    const struct ln_instrument *in = w->m->in;
    if (closing > w->walk.lots)
        closing = w->walk.lots;
    if (closing <= 0)
        return 0;
    int64_t got =
        ln_mul_div(w->walk.value_e8, closing, w->walk.lots, LN_ROUND_NEAREST);
    int64_t worse = ln_notional_of_e8(in, w->m->mark_e8, closing) - got;
    if (w->req.side == LN_BUY)
        worse = -worse;
    int64_t fee = ln_mul_div(got, in->taker_fee_e8, LN_E8, LN_ROUND_CEIL);
    return worse > 0 ? worse + fee : fee;
}

/* Isolated margin comes out of the wallet, not out of unrealised profit. */
static int64_t
usable_e8(const struct ln_ex *ex, const struct ln_ex_want *w)
{
    int64_t usable = ln_ex_free_e8(ex, w->c);
    if (w->req.margin_mode == LN_ISOLATED) {
        int64_t wallet = w->c->balance_e8 - w->c->locked_e8;
        for (uint16_t i = 0; i < ex->nmarkets; i++)
            for (int s = 0; s < 2; s++)
                wallet -=
                    ln_ex_pos_margin_e8(&ex->markets[i], &w->c->slots[i], s);
        if (wallet < usable)
            usable = wallet;
    }
    return usable + (w->instead_of ? w->instead_of->o.locked_e8 : 0);
}

static enum ln_ex_refusal
check_margin(const struct ln_ex *ex, const struct ln_ex_want *w)
{
    int64_t lots = ln_ex_want_market(w) ? w->walk.lots : w->req.size_lots;
    int64_t opening = opening_lots(w, lots);
    if (opening == 0)
        return LN_EXR_OK;

    int64_t value;
    if (ln_ex_want_market(w)) {
        value = ln_mul_div(w->walk.value_e8, opening, lots, LN_ROUND_CEIL);
    } else {
        int64_t price = w->req.price_ticks;
        const struct ln_ex_row *bid = ln_ex_best(&w->m->bids);
        if (w->req.side == LN_SELL && bid && bid->price_ticks > price)
            price = bid->price_ticks; /* it will sell at that */
        value = ln_notional_e8(w->m->in, price, opening);
    }
    int which = w->req.side == LN_BUY ? 0 : 1;
    int32_t leverage = w->slot->leverage[which];
    const struct ln_ex_spec *spec = w->m->spec;
    int64_t total = side_value_e8(w, which, value);
    if (total > spec->tiers[spec->ntiers - 1].end_e8 ||
        leverage > spec->tiers[ln_ex_tier(spec, total)].leverage)
        return LN_EXR_LEVERAGE;

    int64_t usable = usable_e8(ex, w);
    if (ln_ex_want_immediate(w) || w->walk.lots > 0)
        usable +=
            released_e8(w, lots - opening) - slippage_e8(w, lots - opening);
    return ln_ex_open_cost_e8(w->m, value, leverage) <= usable ? LN_EXR_OK
                                                               : LN_EXR_MARGIN;
}

static bool
idle(const struct ln_ex_want *w)
{
    return w->slot->pos[0].lots == 0 && w->slot->pos[1].lots == 0 &&
           !ln_ex_want_next_other(w, NULL);
}

enum ln_ex_refusal
ln_ex_want_judge(const struct ln_ex *ex, struct ln_ex_want *w)
{
    enum ln_ex_refusal r;
    const struct ln_instrument *in = w->m->in;
    if (w->c->reducing)
        return LN_EXR_REDUCING;
    bool closing_only = in->status == LN_INST_LIMIT_OPEN;
    if ((in->status != LN_INST_NORMAL && !closing_only) ||
        (closing_only && !w->req.reduce_only))
        return LN_EXR_SYMBOL_STATE;
    if ((r = ln_ex_fits_mode(w->c, w->req.side, w->req.pos_side,
                             w->req.reduce_only)) != LN_EXR_OK)
        return r;
    if (w->req.margin_mode == 0)
        w->req.margin_mode = w->slot->margin_mode;
    bool mode_known =
        w->req.margin_mode == LN_CROSSED || w->req.margin_mode == LN_ISOLATED;
    if (!mode_known || (w->req.margin_mode != w->slot->margin_mode && !idle(w)))
        return LN_EXR_LOCKED;
    if ((r = check_price(w)) != LN_EXR_OK)
        return r;
    if (w->req.size_lots <= 0)
        return LN_EXR_SIZE_MIN;
    if ((r = ln_ex_presets_judge(w)) != LN_EXR_OK)
        return r;
    if ((r = check_close(w)) != LN_EXR_OK)
        return r;
    if ((r = check_size(w)) != LN_EXR_OK)
        return r;
    if ((r = check_counts(ex, w)) != LN_EXR_OK)
        return r;
    ln_ex_walk_for(ex, w->m, &w->req, w->c->handle, w->limit_ticks, &w->walk);
    const struct ln_ex_ladder *facing =
        w->req.side == LN_BUY ? &w->m->asks : &w->m->bids;
    if (ln_ex_want_market(w) && facing->count == 0)
        return LN_EXR_LIQUIDITY;
    return check_margin(ex, w);
}

bool
ln_ex_want_init(const struct ln_ex *ex, ln_ex_account a,
                const struct ln_order_request *req, struct ln_ex_want *w)
{
    memset(w, 0, sizeof(*w));
    w->m = ln_ex_market(ex, req->instrument);
    w->c = ln_ex_client(ex, a);
    if (!w->m || !w->c)
        return false;
    w->slot = &w->c->slots[w->m->index];
    w->req = *req;
    if (w->req.type != LN_MARKET)
        w->req.type = LN_LIMIT;
    if (w->req.tif < LN_GTC || w->req.tif > LN_POST_ONLY ||
        ln_ex_want_market(w))
        w->req.tif = LN_GTC;
    if (w->req.stp > LN_STP_CANCEL_BOTH)
        w->req.stp = LN_STP_NONE;
    w->req.client_oid[LN_OID_CAP - 1] = 0;
    return true;
}
