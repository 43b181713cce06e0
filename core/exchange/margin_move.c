/*
 * Margin of isolated positions that is moved: by command, and by itself
 * before a liquidation. The money stays in the account; bills tell of it.
 */
#include "exchange/money_int.h"

void
ln_ex_margin_append(struct ln_ex *ex, struct ln_ex_client *c,
                    const struct ln_ex_market *m, int which, int64_t amount_e8,
                    enum ln_ex_bill_kind kind)
{
    struct ln_ex_pos *p = &c->slots[m->index].pos[which];
    p->margin_e8 += amount_e8;
    p->updated_ms = ex->now_ms;
    ln_ex_bill_add(ex, c, kind, m->index, amount_e8, 0, 0);
}

bool
ln_ex_isolated_used_up(const struct ln_ex_market *m, const struct ln_ex_pos *p,
                       int which)
{
    int64_t value = ln_notional_of_e8(m->in, m->mark_e8, p->lots);
    return p->margin_e8 + ln_ex_unrealised_e8(m, p, which) <=
           ln_ex_maintenance_e8(m->spec, value);
}

static int64_t
initial_e8(const struct ln_ex_market *m, const struct ln_ex_slot *s, int which)
{
    int64_t value = ln_notional_of_e8(m->in, m->mark_e8, s->pos[which].lots);
    return ln_mul_div(value, 1, s->leverage[which], LN_ROUND_CEIL);
}

/* Back to what its value needs at its leverage, as far as the wallet goes. */
bool
ln_ex_auto_append(struct ln_ex *ex, struct ln_ex_client *c,
                  const struct ln_ex_market *m, int which)
{
    struct ln_ex_slot *s = &c->slots[m->index];
    struct ln_ex_pos *p = &s->pos[which];
    if (!p->auto_margin)
        return false;
    int64_t backing = p->margin_e8 + ln_ex_unrealised_e8(m, p, which);
    int64_t value = ln_notional_of_e8(m->in, m->mark_e8, p->lots);
    int64_t keep = ln_ex_maintenance_e8(m->spec, value);
    int64_t want = initial_e8(m, s, which) - backing;
    int64_t have = ln_ex_spare_e8(ex, c);
    int64_t least = keep - backing + 1;
    if (want < least)
        want = least;
    if (have < least)
        return false; /* it would be lost together with the position */
    ln_ex_margin_append(ex, c, m, which, want < have ? want : have,
                        LN_BILL_AUTO_APPEND_MARGIN);
    ln_ex_emit_change(ex, LN_EXE_POSITION, c, m->index);
    ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, m->index);
    return true;
}

/* An isolated position that may be changed. */
static int
find(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
     enum ln_pos_side hold, struct ln_ex_pos **out)
{
    struct ln_ex_client *c = ln_ex_client(ex, a);
    *out = NULL;
    if (!c || !ln_ex_market(ex, inst))
        return LN_EXR_SYMBOL;
    struct ln_ex_slot *s = &c->slots[inst];
    if (s->margin_mode != LN_ISOLATED)
        return LN_EXR_LOCKED;
    /* One-way has one position: whichever it is, unless one is named. */
    int which = hold == LN_SHORT ? 1 : 0;
    if (hold == LN_NET)
        which = s->pos[0].lots ? 0 : 1;
    if (s->pos[which].lots == 0)
        return LN_EXR_NO_POSITION;
    *out = &s->pos[which];
    return c->reducing ? LN_EXR_REDUCING : LN_EXR_OK;
}

/* What can be taken out keeps the initial margin at today's value, and no
 * profit that is not realised leaves the position. */
static int64_t
removable_e8(const struct ln_ex_market *m, const struct ln_ex_slot *s,
             int which)
{
    const struct ln_ex_pos *p = &s->pos[which];
    int64_t profit = ln_ex_unrealised_e8(m, p, which);
    return p->margin_e8 + (profit < 0 ? profit : 0) - initial_e8(m, s, which);
}

int
ln_ex_move_margin(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                  enum ln_pos_side hold, int64_t amount_e8)
{
    struct ln_ex_pos *p;
    int why = find(ex, a, inst, hold, &p);
    if (why != LN_EXR_OK)
        return why;
    struct ln_ex_client *c = ln_ex_client(ex, a);
    const struct ln_ex_market *m = &ex->markets[inst];
    struct ln_ex_slot *s = &c->slots[inst];
    int which = p == &s->pos[0] ? 0 : 1;
    if (amount_e8 == 0)
        return LN_EXR_UNCHANGED;
    if (amount_e8 > 0) {
        if (amount_e8 > ln_ex_spare_e8(ex, c))
            return LN_EXR_MARGIN;
    } else if (amount_e8 < -removable_e8(m, s, which)) {
        return LN_EXR_MARGIN;
    }
    ln_ex_margin_append(ex, c, m, which, amount_e8,
                        amount_e8 > 0 ? LN_BILL_APPEND_MARGIN
                                      : LN_BILL_REDUCE_MARGIN);
    ln_ex_emit_change(ex, LN_EXE_POSITION, c, inst);
    ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, inst);
    return LN_EXR_OK;
}

int
ln_ex_set_auto_margin(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                      enum ln_pos_side hold, bool on)
{
    struct ln_ex_pos *p;
    int why = find(ex, a, inst, hold, &p);
    if (why == LN_EXR_OK && p->auto_margin != on) {
        p->auto_margin = on;
        ln_ex_emit_change(ex, LN_EXE_POSITION, ln_ex_client(ex, a), inst);
    }
    return why;
}

bool
ln_ex_auto_margin(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                  enum ln_pos_side hold)
{
    struct ln_ex_pos *p;
    (void)find(ex, a, inst, hold, &p);
    return p && p->auto_margin;
}
