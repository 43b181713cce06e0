/*
 * Accounts: their balance, their positions as told to others, and the
 * settings of position mode, margin mode and leverage.
 */
#include "exchange/money_int.h"

#include <stdlib.h>

#define RATIO_MAX_E8 (10000 * LN_E8) /* "all used up", however far */

ln_ex_account
ln_ex_account_add(struct ln_ex *ex, int64_t balance_e8)
{
    if (balance_e8 < 0 || balance_e8 > LN_EX_DEPOSITS_MAX - ex->deposits_e8 ||
        ex->nclients >= LN_EX_ACCOUNTS_MAX)
        return 0;
    if (ex->nclients == ex->clients_cap &&
        !ln_ex_grow((void **)&ex->clients, &ex->clients_cap,
                    ex->clients_cap ? ex->clients_cap * 2 : 8,
                    sizeof(struct ln_ex_client *)))
        return 0;
    struct ln_ex_client *c = calloc(1, sizeof(*c));
    struct ln_ex_slot *slots = calloc(ex->nmarkets, sizeof(*slots));
    if (!c || !slots || !ln_ex_accounting_start(c)) {
        free(c);
        free(slots);
        return 0;
    }
    for (uint16_t i = 0; i < ex->nmarkets; i++) {
        int32_t most = ex->markets[i].in->max_leverage;
        int32_t leverage = ex->leverage < most ? ex->leverage : most;
        slots[i].leverage[0] = slots[i].leverage[1] = leverage;
        slots[i].margin_mode = LN_CROSSED;
    }
    c->slots = slots;
    c->pos_mode = ex->pos_mode;
    ln_map_init(&c->by_oid);
    ex->clients[ex->nclients++] = c;
    c->handle = ex->nclients;
    ex->deposits_e8 += balance_e8;
    ln_ex_bill_add(ex, c, LN_BILL_DEPOSIT, LN_INSTRUMENT_NONE, balance_e8, 0,
                   0);
    return c->handle;
}

void
ln_ex_balance(const struct ln_ex *ex, ln_ex_account a,
              struct ln_ex_balance *out)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    *out = (struct ln_ex_balance){0};
    if (!c)
        return;
    out->balance_e8 = c->balance_e8;
    out->locked_e8 = c->locked_e8;
    out->pos_mode = c->pos_mode;
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        for (int w = 0; w < 2; w++) {
            const struct ln_ex_market *m = &ex->markets[i];
            const struct ln_ex_slot *s = &c->slots[i];
            out->unrealised_e8 += ln_ex_unrealised_e8(m, &s->pos[w], w);
            out->position_margin_e8 += ln_ex_pos_margin_e8(m, s, w);
        }
    out->equity_e8 = out->balance_e8 + out->unrealised_e8;
    int64_t free_e8 = ln_ex_free_e8(ex, c);
    out->available_e8 = free_e8 > 0 ? free_e8 : 0;
    out->maintenance_e8 = ln_ex_cross_maintenance_e8(ex, c);
}

/* ---- positions as others see them ---- */

static int64_t
ratio_e8(int64_t need_e8, int64_t have_e8)
{
    if (have_e8 <= 0)
        return RATIO_MAX_E8;
    int64_t r = ln_mul_div(need_e8, LN_E8, have_e8, LN_ROUND_NEAREST);
    return r < RATIO_MAX_E8 ? r : RATIO_MAX_E8;
}

/* A long: (cost + fees paid) / (size x (1 - taker)); a short mirrored. */
static int64_t
break_even_e8(const struct ln_ex_market *m, const struct ln_ex_pos *p,
              int which)
{
    int64_t d = which == 0 ? 1 : -1;
    int64_t num = p->cost_e8 - d * p->fees_e8 - d * p->funding_e8;
    int64_t den = LN_E8 - d * m->in->taker_fee_e8;
    return ln_ex_per_size_e8(m->in, num, p->lots, den, LN_ROUND_NEAREST);
}

static int64_t
frozen_lots(const struct ln_ex_client *c, uint16_t inst, int which)
{
    int64_t sum = 0;
    enum ln_side closing = which == 0 ? LN_SELL : LN_BUY;
    for (const struct ln_ex_record *r = c->open_oldest; r; r = r->open_newer)
        if (r->o.req.instrument == inst && r->o.req.reduce_only &&
            r->o.req.side == closing)
            sum += ln_ex_rest(r);
    return sum;
}

static void
tell_position(const struct ln_ex *ex, const struct ln_ex_client *c,
              const struct ln_ex_market *m, int which,
              struct ln_ex_position *out)
{
    const struct ln_ex_slot *s = &c->slots[m->index];
    const struct ln_ex_pos *p = &s->pos[which];
    int64_t value = ln_notional_of_e8(m->in, m->mark_e8, p->lots);
    int64_t unrealised = ln_ex_unrealised_e8(m, p, which);
    bool isolated = s->margin_mode == LN_ISOLATED;
    int tier = ln_ex_tier(m->spec, value);
    *out = (struct ln_ex_position){
        .instrument = m->index,
        .hold_side = which == 0 ? LN_LONG : LN_SHORT,
        .margin_mode = s->margin_mode,
        .leverage = s->leverage[which],
        .id = p->id,
        .size_lots = p->lots,
        .frozen_lots = frozen_lots(c, m->index, which),
        .entry_e8 = ln_ex_per_size_e8(m->in, p->cost_e8, p->lots, LN_E8,
                                      LN_ROUND_NEAREST),
        .mark_e8 = m->mark_e8,
        .margin_e8 = ln_ex_pos_margin_e8(m, s, which),
        .unrealised_e8 = unrealised,
        .realised_e8 = p->realised_e8,
        .fees_e8 = p->fees_e8,
        .funding_e8 = p->funding_e8,
        .liquidation_e8 =
            isolated ? ln_ex_isolated_price_e8(m, p, which)
                     : ln_ex_crossed_price_e8(m, s,
                                              ln_ex_cross_outside_e8(ex, c, m)),
        .break_even_e8 = break_even_e8(m, p, which),
        .keep_rate_e8 = m->spec->tiers[tier].keep_rate_e8,
        .margin_ratio_e8 = isolated
                               ? ratio_e8(ln_ex_maintenance_e8(m->spec, value),
                                          p->margin_e8 + unrealised)
                               : ratio_e8(ln_ex_cross_maintenance_e8(ex, c),
                                          ln_ex_cross_equity_e8(ex, c)),
        .created_ms = p->created_ms,
        .updated_ms = p->updated_ms,
    };
}

size_t
ln_ex_positions(const struct ln_ex *ex, ln_ex_account a,
                struct ln_ex_position *out, size_t cap)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    size_t n = 0;
    for (uint16_t i = 0; c && i < ex->nmarkets; i++)
        for (int w = 0; w < 2; w++) {
            if (c->slots[i].pos[w].lots == 0)
                continue;
            if (n < cap)
                tell_position(ex, c, &ex->markets[i], w, &out[n]);
            n++;
        }
    return n;
}

/* ---- settings ---- */

static bool
has_orders(const struct ln_ex_client *c, uint16_t inst)
{
    for (const struct ln_ex_record *r = c->open_oldest; r; r = r->open_newer)
        if (r->o.req.instrument == inst)
            return true;
    return false;
}

/*
 * Isolated margin is at least cost / leverage: lower leverage puts what is
 * missing in, out of the spare wallet. Higher leverage takes nothing out, that
 * is ln_ex_move_margin's business.
 */
static int64_t
lacking_e8(const struct ln_ex_slot *s, int which)
{
    const struct ln_ex_pos *p = &s->pos[which];
    if (p->lots == 0 || s->margin_mode != LN_ISOLATED)
        return 0;
    int64_t margin =
        ln_mul_div(p->cost_e8, 1, s->leverage[which], LN_ROUND_CEIL);
    return margin > p->margin_e8 ? margin - p->margin_e8 : 0;
}

/* <before>: the slot as it was; <lacking>: margin to put in per side. */
static int
try_leverage(struct ln_ex *ex, struct ln_ex_client *c, struct ln_ex_market *m,
             const bool sides[2], int32_t leverage, int64_t lacking[2])
{
    struct ln_ex_slot *s = &c->slots[m->index];
    int64_t free_before = ln_ex_free_e8(ex, c);
    for (int w = 0; w < 2; w++) {
        if (!sides[w])
            continue;
        int64_t value = ln_notional_of_e8(m->in, m->mark_e8, s->pos[w].lots);
        if (leverage > m->spec->tiers[ln_ex_tier(m->spec, value)].leverage)
            return LN_EXR_LEVERAGE;
        bool lower = leverage < s->leverage[w];
        s->leverage[w] = leverage;
        lacking[w] = lower ? lacking_e8(s, w) : 0;
    }
    ln_ex_relock(ex, c, m->index);
    int64_t need = lacking[0] + lacking[1];
    if (need > 0 && need > ln_ex_spare_e8(ex, c))
        return LN_EXR_MARGIN;
    int64_t free_after = ln_ex_free_e8(ex, c) - need;
    return free_after < 0 && free_after < free_before ? LN_EXR_MARGIN
                                                      : LN_EXR_OK;
}

int
ln_ex_set_leverage(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                   enum ln_pos_side side, int32_t leverage)
{
    struct ln_ex_client *c = ln_ex_client(ex, a);
    struct ln_ex_market *m = ln_ex_market(ex, inst);
    if (!c || !m)
        return LN_EXR_SYMBOL;
    if (leverage < m->in->min_leverage || leverage > m->in->max_leverage)
        return LN_EXR_LEVERAGE;
    struct ln_ex_slot *s = &c->slots[inst];
    bool one_side = c->pos_mode == LN_HEDGE && s->margin_mode == LN_ISOLATED &&
                    side != LN_NET;
    bool sides[2] = {!one_side || side == LN_LONG,
                     !one_side || side == LN_SHORT};
    struct ln_ex_slot before = *s;
    int64_t lacking[2] = {0, 0};
    if (c->reducing)
        return LN_EXR_REDUCING;
    int why = try_leverage(ex, c, m, sides, leverage, lacking);
    if (why != LN_EXR_OK) {
        *s = before;
        ln_ex_relock(ex, c, inst);
        return why;
    }
    for (int w = 0; w < 2; w++)
        if (lacking[w] > 0)
            ln_ex_margin_append(ex, c, m, w, lacking[w],
                                LN_BILL_LEVER_APPEND_MARGIN);
    ln_ex_emit_change(ex, LN_EXE_POSITION, c, inst);
    ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, inst);
    return LN_EXR_OK;
}

int
ln_ex_set_margin_mode(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
                      enum ln_margin_mode mode)
{
    struct ln_ex_client *c = ln_ex_client(ex, a);
    if (!c || !ln_ex_market(ex, inst))
        return LN_EXR_SYMBOL;
    struct ln_ex_slot *s = &c->slots[inst];
    if (s->margin_mode == mode)
        return LN_EXR_OK;
    if (mode != LN_CROSSED && mode != LN_ISOLATED)
        return LN_EXR_LOCKED;
    if (s->pos[0].lots || s->pos[1].lots || has_orders(c, inst))
        return LN_EXR_LOCKED;
    s->margin_mode = (uint8_t)mode;
    /* Only isolated hedge knows two values. */
    s->leverage[1] = s->leverage[0];
    return LN_EXR_OK;
}

int
ln_ex_set_pos_mode(struct ln_ex *ex, ln_ex_account a, enum ln_pos_mode mode)
{
    struct ln_ex_client *c = ln_ex_client(ex, a);
    if (!c)
        return LN_EXR_NOT_FOUND;
    if (c->pos_mode == mode)
        return LN_EXR_OK;
    if (mode != LN_ONE_WAY && mode != LN_HEDGE)
        return LN_EXR_POS_MODE;
    if (c->open_positions || c->open_orders)
        return LN_EXR_LOCKED;
    c->pos_mode = (uint8_t)mode;
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        c->slots[i].leverage[1] = c->slots[i].leverage[0];
    return LN_EXR_OK;
}

int32_t
ln_ex_leverage(const struct ln_ex *ex, ln_ex_account a, uint16_t inst,
               enum ln_pos_side side)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    if (!c || !ln_ex_market(ex, inst))
        return 0;
    return c->slots[inst].leverage[side == LN_SHORT ? 1 : 0];
}

enum ln_margin_mode
ln_ex_margin_mode(const struct ln_ex *ex, ln_ex_account a, uint16_t inst)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    if (!c || !ln_ex_market(ex, inst))
        return LN_CROSSED;
    return (enum ln_margin_mode)c->slots[inst].margin_mode;
}

enum ln_pos_mode
ln_ex_pos_mode(const struct ln_ex *ex, ln_ex_account a)
{
    const struct ln_ex_client *c = ln_ex_client(ex, a);
    return c ? (enum ln_pos_mode)c->pos_mode : LN_ONE_WAY;
}
