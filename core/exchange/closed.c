/*
 * Positions that have been closed completely, as they were over their life:
 * net profit = profit + funding + open fee + close fee. See ledger.h.
 */
#include "exchange/money_int.h"

struct ln_ex_closed
ln_ex_closed_keep(const struct ln_ex *ex, struct ln_ex_client *c,
                  const struct ln_ex_market *m, int which)
{
    const struct ln_ex_slot *s = &c->slots[m->index];
    const struct ln_ex_pos *p = &s->pos[which];
    struct ln_ex_closed row = {
        .id = p->id,
        .instrument = m->index,
        .hold_side = which == 0 ? LN_LONG : LN_SHORT,
        .margin_mode = s->margin_mode,
        .pos_mode = c->pos_mode,
        .leverage = s->leverage[which],
        .opened_lots = p->opened_lots,
        .closed_lots = p->opened_lots,
        .open_value_e8 = p->opened_e8,
        .close_value_e8 = p->closed_e8,
        .profit_e8 = p->realised_e8,
        .open_fee_e8 = p->open_fee_e8,
        .close_fee_e8 = p->close_fee_e8,
        .funding_e8 = p->funding_e8,
        .created_ms = p->created_ms,
        .closed_ms = ex->now_ms,
    };
    struct ln_ex_closed *kept =
        ln_ex_ring_push(&c->books->closed, LN_EX_CLOSED_MAX, sizeof(*kept));
    if (kept)
        *kept = row;
    return row;
}

/* Where the rows begin that were closed before that of a position: ids tell
 * when positions were opened, they do not ascend here. */
static uint32_t
after(const struct ln_ex_ring *r, int64_t id)
{
    if (id == 0)
        return 0;
    for (uint32_t i = 0; i < r->count; i++) {
        const struct ln_ex_closed *p = ln_ex_ring_newest(r, i, sizeof(*p));
        if (p->id == id)
            return i + 1;
    }
    return r->count;
}

size_t
ln_ex_closed_positions(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                       int64_t before_id, struct ln_ex_closed *out, size_t cap)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    size_t n = 0;
    if (!c)
        return 0;
    const struct ln_ex_ring *r = &c->books->closed;
    for (uint32_t i = after(r, before_id); i < r->count && n < cap; i++) {
        const struct ln_ex_closed *p = ln_ex_ring_newest(r, i, sizeof(*p));
        if (inst == LN_INSTRUMENT_NONE || inst == p->instrument)
            out[n++] = *p;
    }
    return n;
}
