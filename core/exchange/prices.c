/*
 * Index, mark and funding.
 *
 *   index   what the participants think the coin is worth: their fair price
 *           less the basis of the time, followed over some seconds, and the
 *           noise of several venues; without participants the last price
 *   mark    once a second the median of last price, index with the funding
 *           that has accrued, and index plus the 5-minute average basis
 *   rate    average premium + clamp(interest - premium), limited
 */
#include "exchange/past.h"

#define BASIS_EVERY_MS 5000
#define HOUR_MS        3600000LL
#define INTEREST_8H_E8 10000 /* 0.01 % */
#define CLAMP_E8       50000 /* 0.05 % */
#define MINUTE_SAMPLES (LN_EX_MINUTE_MS / BASIS_EVERY_MS)
#define INDEX_FOLLOWS  3 /* a third of the way each second */

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

/* The fair price of the contract less its basis. */
static int64_t
worth_e8(const struct ln_ex_market *m, int64_t now_ms)
{
    int64_t ticks = m->fair_fp / LN_EX_FAIR_ONE;
    int64_t tick_e8 = ln_price_e8(m->in, 1);
    int64_t fair = ln_price_e8(m->in, ticks) +
                   ln_mul_div(tick_e8, m->fair_fp % LN_EX_FAIR_ONE,
                              LN_EX_FAIR_ONE, LN_ROUND_NEAREST);
    return ln_mul_div(fair, LN_E8, LN_E8 + ln_ex_basis_e8(m, now_ms),
                      LN_ROUND_NEAREST);
}

static void
set_index(struct ln_ex_market *m, int64_t now_ms)
{
    if (m->next_ms == INT64_MAX) {
        m->index_e8 = m->index_base_e8 = ln_price_e8(m->in, m->last_ticks);
        return;
    }
    int64_t away = worth_e8(m, now_ms) - m->index_base_e8;
    /* The last bit of the way, too. */
    int64_t step = away / INDEX_FOLLOWS;
    m->index_base_e8 += step != 0 ? step : away;
    m->index_e8 = m->index_base_e8 + ln_ex_venues_e8(m, now_ms);
    if (m->index_e8 < 1)
        m->index_e8 = 1;
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

int64_t
ln_ex_rate_of_premium(const struct ln_ex_market *m, int64_t premium)
{
    int64_t interest = INTEREST_8H_E8 * m->in->funding_interval_h / 8;
    int64_t rate = premium + clamp(interest - premium, -CLAMP_E8, CLAMP_E8);
    int64_t most = ln_ex_rate_max_e8(m->in);
    return clamp(rate, -most, most);
}

static int64_t
rate_now(const struct ln_ex_market *m)
{
    return ln_ex_rate_of_premium(
        m, m->premium_count ? m->premium_sum / m->premium_count : 0);
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

/* The premium since the last settlement, as far as it is past. */
static void
remember_premium(struct ln_ex *ex, struct ln_ex_market *m)
{
    int64_t t = m->next_funding_ms - interval_ms(m);
    m->premium_sum = m->premium_count = 0;
    if (m->next_ms == INT64_MAX)
        return;
    for (; t + LN_EX_MINUTE_MS <= ex->now_ms; t += LN_EX_MINUTE_MS) {
        m->premium_sum += ln_ex_basis_e8(m, t) * MINUTE_SAMPLES;
        m->premium_count += MINUTE_SAMPLES;
    }
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
    m->basis_sum = 0;
    remember_premium(ex, m);
    m->funding_rate_e8 = rate_now(m);
    if (m->next_ms != INT64_MAX)
        m->index_base_e8 = worth_e8(m, ex->now_ms);
    set_index(m, ex->now_ms);
    sample_basis(m);
    set_mark(m, ex->now_ms);
    ln_ex_mood_second(m);
}

void
ln_ex_prices_second(struct ln_ex *ex, struct ln_ex_market *m)
{
    set_index(m, ex->now_ms);
    if (ex->now_ms % BASIS_EVERY_MS == 0) {
        sample_basis(m);
        m->funding_rate_e8 = rate_now(m);
    }
    set_mark(m, ex->now_ms);
    ln_ex_mood_second(m);
}
