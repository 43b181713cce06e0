/*
 * What the participants do to the book: makers who quote on both sides of
 * the fair price, takers who take what the price has gone through, and
 * others who trade for reasons of their own. Nothing here knows the time.
 */
#include "exchange/past.h"

#define QUOTES_TARGET  300 /* orders of theirs in a usual book */
#define NEW_PER_ACT    2
#define NEW_MOST       8
#define OLD_PER_ACT    3
#define DEPTH_PER_E4   60  /* half the book's width, 1e-4 of the price */
#define DEPTH_TICKS    120 /* but at least this */
#define NOISE_SIZE_MAX 8   /* times the typical trade */

static int64_t
depth_ticks(const struct ln_ex_market *m)
{
    int64_t d = m->fair_fp / LN_EX_FAIR_ONE * DEPTH_PER_E4 / 10000;
    return d > DEPTH_TICKS ? d : DEPTH_TICKS;
}

/* Best prices of the makers: the fair price lies strictly between. */
static void
tops(const struct ln_ex_market *m, int64_t *bid, int64_t *ask)
{
    int64_t below = m->fair_fp / LN_EX_FAIR_ONE;
    bool whole = m->fair_fp % LN_EX_FAIR_ONE == 0;
    int64_t extra = m->spec->spread_ticks - 1;
    *bid = below - (whole ? 1 : 0) - extra / 2;
    *ask = below + 1 + (extra - extra / 2);
}

void
ln_ex_quotes_forget(struct ln_ex_market *m, uint32_t node)
{
    uint32_t at = m->nodes.items[node].quote;
    uint32_t last = m->quotes[--m->nquotes];
    m->quotes[at] = last;
    m->nodes.items[last].quote = at;
}

/* Never trades: a quote that would is not made. */
static void
add_quote(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
          int64_t price, int64_t lots)
{
    const struct ln_ex_row *facing =
        ln_ex_best(ln_ex_ladder(m, ln_ex_opposite(side)));
    if (price < 1 || lots < 1 ||
        (facing && ln_ex_crosses(side, price, facing->price_ticks)))
        return;
    if (m->nquotes == m->quotes_cap &&
        !ln_ex_grow((void **)&m->quotes, &m->quotes_cap,
                    m->quotes_cap ? m->quotes_cap * 2 : 512,
                    sizeof(*m->quotes)))
        return;
    uint32_t node = ln_ex_book_add(ex, m, side, price, lots, NULL);
    if (!node)
        return;
    m->nodes.items[node].quote = m->nquotes;
    m->quotes[m->nquotes++] = node;
}

static void
withdraw(struct ln_ex *ex, struct ln_ex_market *m, uint32_t node)
{
    ln_ex_book_reduce(ex, m, node, m->nodes.items[node].lots);
}

/* Deeper quotes are larger. */
static int64_t
quote_lots(struct ln_ex_market *m, int64_t offset, int64_t depth)
{
    int64_t percent = ln_rng_between(&m->rng, 50, 350);
    int64_t lots = ln_mul_div(m->trade_lots, percent, 100, LN_ROUND_NEAREST);
    lots = ln_mul_div(lots, depth + 2 * offset, depth, LN_ROUND_NEAREST);
    return lots < m->in->min_lots ? m->in->min_lots : lots;
}

static void
add_random(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
           int64_t depth)
{
    int64_t bid, ask;
    tops(m, &bid, &ask);
    double u = ln_rng_unit(&m->rng);
    int64_t offset = (int64_t)((double)depth * u * u * u);
    int64_t price = side == LN_BUY ? bid - offset : ask + offset;
    add_quote(ex, m, side, price, quote_lots(m, offset, depth));
}

static void
hold_best(struct ln_ex *ex, struct ln_ex_market *m, int64_t depth)
{
    int64_t bid, ask;
    tops(m, &bid, &ask);
    const struct ln_ex_row *b = ln_ex_best(&m->bids);
    if (!b || b->price_ticks < bid)
        add_quote(ex, m, LN_BUY, bid, quote_lots(m, 0, depth));
    const struct ln_ex_row *a = ln_ex_best(&m->asks);
    if (!a || a->price_ticks > ask)
        add_quote(ex, m, LN_SELL, ask, quote_lots(m, 0, depth));
}

/* Withdraw a random quote if it is far away or there are many. */
static void
thin_out(struct ln_ex *ex, struct ln_ex_market *m, int64_t depth)
{
    if (m->nquotes == 0)
        return;
    uint32_t node = m->quotes[ln_rng_below(&m->rng, m->nquotes)];
    int64_t off =
        m->nodes.items[node].price_ticks - m->fair_fp / LN_EX_FAIR_ONE;
    bool far = off > depth + depth / 4 || -off > depth + depth / 4;
    if (far || m->nquotes > QUOTES_TARGET)
        withdraw(ex, m, node);
}

void
ln_ex_quotes_renew(struct ln_ex *ex, struct ln_ex_market *m)
{
    int64_t depth = depth_ticks(m);
    int add = NEW_PER_ACT;
    if (m->nquotes < QUOTES_TARGET * 3 / 4)
        add = NEW_MOST;
    for (int i = 0; i < add; i++) {
        bool buy = ln_rng_below(&m->rng, 2) == 0;
        add_random(ex, m, buy ? LN_BUY : LN_SELL, depth);
    }
    for (int i = 0; i < OLD_PER_ACT; i++)
        thin_out(ex, m, depth);
    hold_best(ex, m, depth); /* last: a best quote may just have gone */
}

void
ln_ex_quotes_clear(struct ln_ex *ex, struct ln_ex_market *m)
{
    while (m->nquotes)
        withdraw(ex, m, m->quotes[m->nquotes - 1]);
}

void
ln_ex_quotes_fill(struct ln_ex *ex, struct ln_ex_market *m)
{
    int64_t depth = depth_ticks(m);
    hold_best(ex, m, depth);
    for (int i = 0; i < QUOTES_TARGET; i++)
        add_random(ex, m, i % 2 ? LN_BUY : LN_SELL, depth);
}

/*
 * One side: <side> takes what rests beyond the fair price. Makers mostly see
 * it coming: at most one of their quotes is traded, the others are withdrawn.
 */
static void
take_through(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
             unsigned withdraw_percent, int64_t budget)
{
    const struct ln_ex_ladder *l = ln_ex_ladder(m, ln_ex_opposite(side));
    bool late = ln_rng_below(&m->rng, 100) >= withdraw_percent;
    const struct ln_ex_row *row;
    while ((row = ln_ex_best(l)) != NULL) {
        int64_t price_fp = row->price_ticks * LN_EX_FAIR_ONE;
        bool through =
            side == LN_BUY ? price_fp < m->fair_fp : price_fp > m->fair_fp;
        if (!through)
            return;
        const struct ln_ex_node *node = &m->nodes.items[row->head];
        if (!node->record) {
            if (late)
                ln_ex_match(ex, m, side, row->price_ticks, node->lots, NULL);
            else
                withdraw(ex, m, row->head);
            late = false;
            continue;
        }
        int64_t lots = node->lots < budget ? node->lots : budget;
        if (lots == 0)
            return;
        budget -= ln_ex_match(ex, m, side, row->price_ticks, lots, NULL);
    }
}

void
ln_ex_quotes_reprice(struct ln_ex *ex, struct ln_ex_market *m,
                     unsigned withdraw_percent, int64_t budget_lots)
{
    take_through(ex, m, LN_BUY, withdraw_percent, budget_lots);
    take_through(ex, m, LN_SELL, withdraw_percent, budget_lots);
}

void
ln_ex_quotes_noise(struct ln_ex *ex, struct ln_ex_market *m)
{
    double n = ln_rng_normal(&m->rng);
    double times = n * n < NOISE_SIZE_MAX ? n * n : NOISE_SIZE_MAX;
    int64_t lots = 1 + (int64_t)((double)m->trade_lots * times);
    lots += lots * (ln_ex_rhythm_percent(ex->now_ms) - 100) / 100;
    /* They follow the drift a little. */
    int64_t lean = m->regime_drift > 0 ? 5 : m->regime_drift < 0 ? -5 : 0;
    bool buys = (int64_t)ln_rng_below(&m->rng, 100) < 50 + lean;
    enum ln_side side = buys ? LN_BUY : LN_SELL;
    const struct ln_ex_row *best =
        ln_ex_best(ln_ex_ladder(m, ln_ex_opposite(side)));
    if (!best)
        return;
    int64_t slip = depth_ticks(m) / 16;
    int64_t limit = best->price_ticks + (buys ? slip : -slip);
    ln_ex_match(ex, m, side, limit, lots, NULL);
}

void
ln_ex_quotes_print(struct ln_ex *ex, struct ln_ex_market *m,
                   int64_t price_ticks, int64_t lots)
{
    const struct ln_ex_row *bid = ln_ex_best(&m->bids);
    bool sells = bid && bid->price_ticks >= price_ticks;
    enum ln_side side = sells ? LN_SELL : LN_BUY;
    int64_t left = lots - ln_ex_match(ex, m, side, price_ticks, lots, NULL);
    if (left == 0)
        return;
    add_quote(ex, m, ln_ex_opposite(side), price_ticks, left);
    ln_ex_match(ex, m, side, price_ticks, left, NULL);
}

/* Nothing rests on the taker's own side at its price or beyond: quotes are
 * withdrawn, orders of accounts are filled, for the price has reached them. */
static void
make_way(struct ln_ex *ex, struct ln_ex_market *m, enum ln_side side,
         int64_t price_ticks)
{
    const struct ln_ex_ladder *l = ln_ex_ladder(m, side);
    enum ln_side against = ln_ex_opposite(side);
    const struct ln_ex_row *row;
    while ((row = ln_ex_best(l)) != NULL &&
           ln_ex_crosses(against, price_ticks, row->price_ticks)) {
        const struct ln_ex_node *node = &m->nodes.items[row->head];
        if (node->record)
            ln_ex_match(ex, m, against, row->price_ticks, node->lots, NULL);
        else
            withdraw(ex, m, row->head);
    }
}

void
ln_ex_quotes_print_side(struct ln_ex *ex, struct ln_ex_market *m,
                        enum ln_side side, int64_t price_ticks, int64_t lots)
{
    make_way(ex, m, side, price_ticks);
    int64_t left = lots - ln_ex_match(ex, m, side, price_ticks, lots, NULL);
    if (left == 0)
        return;
    add_quote(ex, m, ln_ex_opposite(side), price_ticks, left);
    ln_ex_match(ex, m, side, price_ticks, left, NULL);
}
