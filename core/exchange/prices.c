/*
 * Index, mark and funding.
 *
 *   index   the participants' fair price; in a market without participants
 *           the last price
 *   mark    once a second the median of last price, index with the funding
 *           that has accrued, and index plus the 5-minute average basis
 *   rate    average premium + clamp(interest - premium), limited
 */
#include "exchange/exchange_int.h"

#define BASIS_EVERY_MS 5000
#define HOUR_MS        3600000LL
#define INTEREST_8H_E8 10000  /* 0.01 % */
#define CLAMP_E8       50000  /* 0.05 % */
#define RATE_MAX_E8    300000 /* 0.3 % */

static int64_t
clamp(int64_t v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static int64_t
interval_ms(const struct ln_ex_market *m)
{
    return m->in->funding_interval_h * HOUR_MS;
}

static int64_t
index_e8(const struct ln_ex_market *m)
{
    if (m->next_ms == INT64_MAX)
        return ln_price_e8(m->in, m->last_ticks);
    int64_t ticks = m->fair_fp / LN_EX_FAIR_ONE;
    int64_t tick_e8 = ln_price_e8(m->in, 1);
    return ln_price_e8(m->in, ticks) +
           ln_mul_div(tick_e8, m->fair_fp % LN_EX_FAIR_ONE, LN_EX_FAIR_ONE,
                      LN_ROUND_NEAREST);
}

/* Middle of the book less the index; 0 while a side is empty. */
static int64_t
basis_e8(const struct ln_ex_market *m)
{
    const struct ln_ex_row *bid = ln_ex_best(&m->bids);
    const struct ln_ex_row *ask = ln_ex_best(&m->asks);
    if (!bid || !ask)
        return 0;
    return (ln_price_e8(m->in, bid->price_ticks) +
            ln_price_e8(m->in, ask->price_ticks)) /
               2 -
           m->index_e8;
}

static void
sample_basis(struct ln_ex_market *m)
{
    int64_t b = basis_e8(m);
    if (m->basis_count == LN_EX_BASIS_SIZE)
        m->basis_sum -= m->basis[m->basis_at];
    else
        m->basis_count++;
    m->basis[m->basis_at] = b;
    m->basis_sum += b;
    m->basis_at = (m->basis_at + 1) % LN_EX_BASIS_SIZE;
    m->premium_sum += ln_mul_div(b, LN_E8, m->index_e8, LN_ROUND_NEAREST);
    m->premium_count++;
}

static int64_t
rate_of_premium(const struct ln_ex_market *m)
{
    int64_t interest = INTEREST_8H_E8 * m->in->funding_interval_h / 8;
    int64_t premium = m->premium_count ? m->premium_sum / m->premium_count : 0;
    int64_t rate = premium + clamp(interest - premium, -CLAMP_E8, CLAMP_E8);
    return clamp(rate, -RATE_MAX_E8, RATE_MAX_E8);
}

static int64_t
median(int64_t a, int64_t b, int64_t c)
{
    int64_t lo = a < b ? a : b, hi = a < b ? b : a;
    return clamp(c, lo, hi);
}

static void
set_mark(struct ln_ex_market *m, int64_t now_ms)
{
    int64_t last = ln_price_e8(m->in, m->last_ticks);
    if (m->next_ms == INT64_MAX) {
        m->mark_e8 = last;
        return;
    }
    int64_t left_ms = m->next_funding_ms - now_ms;
    int64_t accrued = ln_mul_div(m->funding_rate_e8, left_ms, interval_ms(m),
                                 LN_ROUND_NEAREST);
    int64_t carried =
        ln_mul_div(m->index_e8, LN_E8 + accrued, LN_E8, LN_ROUND_NEAREST);
    int64_t moved =
        m->index_e8 + (m->basis_count ? m->basis_sum / m->basis_count : 0);
    m->mark_e8 = median(last, carried, moved);
    if (m->mark_e8 < 1)
        m->mark_e8 = 1;
}

void
ln_ex_prices_start(struct ln_ex *ex, struct ln_ex_market *m)
{
    int64_t span = interval_ms(m);
    int64_t past = ex->now_ms % span;
    if (past < 0)
        past += span;
    m->next_funding_ms = ex->now_ms - past + span;
    m->basis_count = m->basis_at = 0;
    m->basis_sum = m->premium_sum = m->premium_count = 0;
    m->index_e8 = index_e8(m);
    m->funding_rate_e8 = rate_of_premium(m);
    m->mark_e8 = m->index_e8;
}

void
ln_ex_prices_second(struct ln_ex *ex, struct ln_ex_market *m)
{
    m->index_e8 = index_e8(m);
    if (ex->now_ms % BASIS_EVERY_MS == 0) {
        sample_basis(m);
        m->funding_rate_e8 = rate_of_premium(m);
    }
    set_mark(m, ex->now_ms);
}

/* Longs pay rate x size x mark to shorts; the participants are the rest. */
static void
settle_client(struct ln_ex *ex, struct ln_ex_market *m, struct ln_ex_client *c)
{
    bool any = false;
    for (int w = 0; w < 2; w++) {
        struct ln_ex_pos *p = &c->slots[m->index].pos[w];
        if (p->lots == 0)
            continue;
        int64_t value = ln_notional_of_e8(m->in, m->mark_e8, p->lots);
        int64_t paid =
            ln_mul_div(value, m->funding_rate_e8, LN_E8, LN_ROUND_NEAREST);
        int64_t amount = w == 0 ? -paid : paid;
        p->funding_e8 += amount;
        p->updated_ms = ex->now_ms;
        c->balance_e8 += amount;
        ex->house_cash_e8 -= amount;
        struct ln_ex_event e = {.type = LN_EXE_FUNDING,
                                .instrument = m->index,
                                .account = c->handle};
        e.u.funding_e8 = amount;
        ln_ex_emit(ex, &e);
        any = true;
    }
    if (!any)
        return;
    ln_ex_cover_deficit(ex, c);
    ln_ex_emit_change(ex, LN_EXE_POSITION, c, m->index);
    ln_ex_emit_change(ex, LN_EXE_ACCOUNT, c, m->index);
}

void
ln_ex_funding_due(struct ln_ex *ex, struct ln_ex_market *m)
{
    if (ex->now_ms < m->next_funding_ms)
        return;
    for (uint32_t i = 0; i < ex->nclients; i++)
        if (ex->clients[i]->open_positions)
            settle_client(ex, m, ex->clients[i]);
    m->next_funding_ms += interval_ms(m);
    m->premium_sum = m->premium_count = 0;
}
