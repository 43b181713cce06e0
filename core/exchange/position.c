/*
 * Fills become positions and money. A position keeps the cost of its open
 * size; closing releases the exact proportion of it, and the last close the
 * rest, so nothing is lost to rounding. In one-way mode a fill closes what
 * is open on the other side first and opens with what remains.
 */
#include "base/assert.h"
#include "exchange/money_int.h"

#include <string.h>

int64_t
ln_ex_unrealised_e8(const struct ln_ex_market *m, const struct ln_ex_pos *p,
                    int which)
{
    if (p->lots == 0)
        return 0;
    int64_t value = ln_notional_of_e8(m->in, m->mark_e8, p->lots);
    return which == 0 ? value - p->cost_e8 : p->cost_e8 - value;
}

/* Margin of a new isolated part: never more than the wallet still has. */
static int64_t
margin_in(const struct ln_ex *ex, const struct ln_ex_client *c,
          int64_t value_e8, int32_t leverage)
{
    int64_t want = ln_mul_div(value_e8, 1, leverage, LN_ROUND_CEIL);
    int64_t have = c->balance_e8 - ln_ex_isolated_e8(ex, c);
    if (have < 0)
        return 0;
    return want < have ? want : have;
}

/* A new position, unless there is one. */
static void
start_part(struct ln_ex *ex, struct ln_ex_client *c, struct ln_ex_slot *s,
           int which)
{
    struct ln_ex_pos *p = &s->pos[which];
    if (p->lots > 0)
        return;
    memset(p, 0, sizeof(*p));
    p->id = ex->next_position_id++;
    p->created_ms = ex->now_ms;
    c->open_positions++;
}

static void
open_part(struct ln_ex *ex, struct ln_ex_client *c, struct ln_ex_slot *s,
          int which, int64_t lots, int64_t value_e8)
{
    struct ln_ex_pos *p = &s->pos[which];
    p->lots += lots;
    p->cost_e8 += value_e8;
    p->opened_lots += lots;
    p->opened_e8 += value_e8;
    if (s->margin_mode == LN_ISOLATED)
        p->margin_e8 += margin_in(ex, c, value_e8, s->leverage[which]);
    p->updated_ms = ex->now_ms;
}

/* Returns the profit. */
static int64_t
close_part(struct ln_ex *ex, struct ln_ex_client *c, struct ln_ex_slot *s,
           int which, int64_t lots, int64_t value_e8)
{
    struct ln_ex_pos *p = &s->pos[which];
    LN_ASSERT_CMP(lots, <=, p->lots);
    bool all = lots == p->lots;
    int64_t cost =
        all ? p->cost_e8
            : ln_mul_div(p->cost_e8, lots, p->lots, LN_ROUND_NEAREST);
    int64_t margin =
        all ? p->margin_e8
            : ln_mul_div(p->margin_e8, lots, p->lots, LN_ROUND_NEAREST);
    int64_t profit = which == 0 ? value_e8 - cost : cost - value_e8;
    p->lots -= lots;
    p->cost_e8 -= cost;
    p->margin_e8 -= margin;
    p->realised_e8 += profit;
    p->closed_e8 += value_e8;
    p->updated_ms = ex->now_ms;
    if (all)
        c->open_positions--;
    return profit;
}

/* How a fill divides: which position it closes with how much, which it opens.
 */
struct parts {
    int closes, opens;
    int64_t close_lots, open_lots;
};

static struct parts
divide(const struct ln_ex_client *c, const struct ln_ex_slot *s,
       const struct ln_ex_order *o, int64_t lots)
{
    int with = o->req.side == LN_BUY ? 0 : 1; /* the position it would open */
    struct parts p = {.closes = 1 - with, .opens = with};
    int64_t held = s->pos[1 - with].lots;
    if (c->pos_mode == LN_HEDGE)
        p.close_lots = o->req.reduce_only ? lots : 0;
    else
        p.close_lots = lots < held ? lots : held;
    p.open_lots = lots - p.close_lots;
    return p;
}

/* Money of a fill: the fee goes to the exchange, both onto a bill. */
static void
pay(struct ln_ex *ex, struct ln_ex_client *c, const struct ln_ex_order *o,
    int which, bool closing, int64_t profit_e8, int64_t fee_e8)
{
    struct ln_ex_pos *p = &c->slots[o->req.instrument].pos[which];
    p->fees_e8 += fee_e8;
    *(closing ? &p->close_fee_e8 : &p->open_fee_e8) += fee_e8;
    ex->fees_e8 -= fee_e8;
    ln_ex_bill_add(ex, c, ln_ex_bill_kind_of(c, o->source, which, closing),
                   o->req.instrument, profit_e8, fee_e8, o->id);
}

/* Position and wallet; fills in the profit of <f>. True: a position is closed
 * completely, <closed> tells of it. */
static bool
settle(struct ln_ex *ex, struct ln_ex_market *m, struct ln_ex_client *c,
       const struct ln_ex_order *o, struct ln_ex_fill *f,
       struct ln_ex_closed *closed)
{
    struct ln_ex_slot *s = &c->slots[m->index];
    struct parts p = divide(c, s, o, f->size_lots);
    int64_t close_value =
        p.open_lots == 0 ? f->value_e8
                         : ln_notional_e8(m->in, f->price_ticks, p.close_lots);
    /* The fee belongs to both parts in proportion. */
    int64_t close_fee =
        ln_mul_div(f->fee_e8, p.close_lots, f->size_lots, LN_ROUND_NEAREST);
    bool gone = false;

    if (p.close_lots > 0) {
        f->profit_e8 =
            close_part(ex, c, s, p.closes, p.close_lots, close_value);
        pay(ex, c, o, p.closes, true, f->profit_e8, close_fee);
        gone = s->pos[p.closes].lots == 0;
        if (gone)
            *closed = ln_ex_closed_keep(ex, c, m, p.closes);
    }
    if (p.open_lots > 0) {
        start_part(ex, c, s, p.opens);
        pay(ex, c, o, p.opens, false, 0, f->fee_e8 - close_fee);
        open_part(ex, c, s, p.opens, p.open_lots, f->value_e8 - close_value);
    }
    return gone;
}

/*
 * Reduce-only orders never exceed the position they reduce: the oldest go
 * until the rest fits.
 */
static void
trim_reduce_only(struct ln_ex *ex, struct ln_ex_client *c, uint16_t inst,
                 enum ln_side side)
{
    if (c->pos_mode == LN_HEDGE)
        return; /* there, closing orders freeze their size beforehand */
    int64_t held = c->slots[inst].pos[side == LN_SELL ? 0 : 1].lots;
    int64_t sum = 0;
    struct ln_ex_record *r;
    for (r = c->open_oldest; r; r = r->open_newer)
        if (r->node && r->o.req.instrument == inst && r->o.req.side == side &&
            r->o.req.reduce_only)
            sum += ln_ex_rest(r);
    for (r = c->open_oldest; r && sum > held;) {
        struct ln_ex_record *newer = r->open_newer;
        if (r->node && r->o.req.instrument == inst && r->o.req.side == side &&
            r->o.req.reduce_only) {
            sum -= ln_ex_rest(r);
            ln_ex_cancel_record(ex, r, "reduce_only_exceeds_position");
        }
        r = newer;
    }
}

/* Netting and deleveraging are free: LN_LIQ_NONE. */
static int64_t
fee_of(const struct ln_ex_market *m, int64_t value_e8,
       enum ln_liquidity liquidity)
{
    if (liquidity == LN_LIQ_NONE)
        return 0;
    int64_t rate =
        liquidity == LN_MAKER ? m->in->maker_fee_e8 : m->in->taker_fee_e8;
    return -ln_mul_div(value_e8, rate, LN_E8, LN_ROUND_NEAREST);
}

static void
emit_fill(struct ln_ex *ex, enum ln_ex_event_type type,
          const struct ln_ex_client *c, const struct ln_ex_fill *f)
{
    struct ln_ex_event e = {
        .type = type, .instrument = f->instrument, .account = c->handle};
    e.u.fill = f;
    ln_ex_emit(ex, &e);
}

static void
emit_closed(struct ln_ex *ex, const struct ln_ex_client *c,
            const struct ln_ex_closed *row)
{
    struct ln_ex_event e = {.type = LN_EXE_CLOSED,
                            .instrument = row->instrument,
                            .account = c->handle};
    e.u.closed = row;
    ln_ex_emit(ex, &e);
}

/* The order's own half of a fill. */
static bool
count_fill(const struct ln_ex *ex, struct ln_ex_order *o,
           const struct ln_ex_fill *f)
{
    o->filled_lots += f->size_lots;
    o->filled_value_e8 += f->value_e8;
    o->fee_e8 += f->fee_e8;
    o->profit_e8 += f->profit_e8;
    o->updated_ms = ex->now_ms;
    bool done = o->filled_lots == o->req.size_lots;
    o->state = done ? LN_ORDER_FILLED : LN_ORDER_PARTIAL;
    return done;
}

void
ln_ex_apply_fill(struct ln_ex *ex, struct ln_ex_market *m,
                 struct ln_ex_record *r, int64_t trade_id, int64_t price_ticks,
                 int64_t lots, int64_t value_e8, enum ln_liquidity liquidity)
{
    struct ln_ex_client *c = ln_ex_client(ex, r->o.account);
    struct ln_ex_closed closed;
    struct ln_ex_fill f = {
        .trade_id = trade_id,
        .order = &r->o,
        .instrument = m->index,
        .side = r->o.req.side,
        .liquidity = (uint8_t)liquidity,
        .price_ticks = price_ticks,
        .size_lots = lots,
        .value_e8 = value_e8,
        .fee_e8 = fee_of(m, value_e8, liquidity),
        .time_ms = ex->now_ms,
    };
    bool gone = settle(ex, m, c, &r->o, &f, &closed);
    bool done = count_fill(ex, &r->o, &f);
    ln_ex_relock(ex, c, m->index);

    struct ln_ex_fill_record *kept = ln_ex_fill_keep(ex, c, r, &f);
    const struct ln_ex_fill *shown = kept ? &kept->fill : &f;
    ln_ex_emit_order(ex, r, shown);
    emit_fill(ex, LN_EXE_FILL, c, shown);
    if (r->o.source == LN_EXS_ADL)
        emit_fill(ex, LN_EXE_ADL, c, shown);
    ln_ex_emit_change(ex, LN_EXE_POSITION, c, m->index);
    if (gone)
        emit_closed(ex, c, &closed);

    if (done)
        ln_ex_record_done(ex, c, r);
    ln_ex_plans_after_fill(ex, c, r);
    for (int w = 0; w < 2; w++)
        ln_ex_plans_position(ex, c, m->index, w);
    trim_reduce_only(ex, c, m->index, LN_SELL);
    trim_reduce_only(ex, c, m->index, LN_BUY);
    ln_ex_cover_deficit(ex, c);
    ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, m->index);
}
