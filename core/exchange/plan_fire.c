/*
 * Watching and firing. After every step in which something was traded, and
 * every second for the mark price, the plans of a market look at each price
 * there was since they looked last. Those that are due fire, oldest first,
 * and what they trade is looked at again, until nothing is due any more.
 */
#include "exchange/plan_int.h"

int64_t
ln_ex_watched_e8(const struct ln_ex_market *m, uint8_t watch)
{
    return watch == LN_WATCH_MARK ? m->mark_e8
                                  : ln_price_e8(m->in, m->last_ticks);
}

/* ---- watching ---- */

static bool
reached(const struct ln_ex_market *m, const struct ln_ex_plan_node *n,
        int64_t price_e8)
{
    int64_t trigger = ln_price_e8(m->in, n->p.req.trigger_ticks);
    return n->up ? price_e8 >= trigger : price_e8 <= trigger;
}

static void
set_extreme(const struct ln_ex_market *m, struct ln_ex_plan_node *n,
            int64_t price_e8)
{
    n->extreme_e8 = price_e8;
    n->p.extreme_ticks =
        ln_price_ticks_of_e8(m->in, price_e8, LN_ROUND_NEAREST);
}

/* The price that it waits for has been there: follow its extreme. */
static void
arm(const struct ln_ex_market *m, struct ln_ex_plan_node *n, int64_t price_e8)
{
    n->p.armed = true;
    set_extreme(m, n, price_e8);
}

/* A sale follows rises and fires when the price has fallen from the top. */
static bool
turned(const struct ln_ex_market *m, struct ln_ex_plan_node *n,
       int64_t price_e8)
{
    bool sale = n->p.req.side == LN_SELL;
    int64_t back = sale ? -n->p.req.callback_e8 : n->p.req.callback_e8;
    if (sale ? price_e8 > n->extreme_e8 : price_e8 < n->extreme_e8)
        set_extreme(m, n, price_e8);
    int64_t turn = ln_mul_div(n->extreme_e8, LN_E8 + back, LN_E8,
                              sale ? LN_ROUND_FLOOR : LN_ROUND_CEIL);
    return sale ? price_e8 <= turn : price_e8 >= turn;
}

/* One price was seen. */
static void
look(struct ln_ex *ex, const struct ln_ex_market *m, struct ln_ex_plan_node *n,
     int64_t price_e8)
{
    if (n->due)
        return;
    if (!ln_ex_plan_trails(n->p.req.kind)) {
        n->due = reached(m, n, price_e8);
    } else if (n->p.armed) {
        n->due = turned(m, n, price_e8);
    } else if (reached(m, n, price_e8)) {
        arm(m, n, price_e8);
        n->p.updated_ms = ex->now_ms;
        ln_ex_plan_emit(ex, n);
    }
}

void
ln_ex_plan_watch(const struct ln_ex *ex, struct ln_ex_plan_node *n)
{
    const struct ln_ex_market *m = &ex->markets[n->p.req.instrument];
    const struct ln_ex_plan_request *q = &n->p.req;
    int64_t now = ln_ex_watched_e8(m, q->watch);
    bool is_long = ln_ex_plan_which(q) == 0;
    n->since_trade = ex->next_trade_id;
    if (q->kind == LN_PLAN_PROFIT || q->kind == LN_PLAN_POS_PROFIT)
        n->up = is_long;
    else if (q->kind == LN_PLAN_LOSS || q->kind == LN_PLAN_POS_LOSS)
        n->up = !is_long;
    else
        n->up = ln_price_e8(m->in, q->trigger_ticks) >= now;
    n->due = n->p.armed = false;
    n->extreme_e8 = n->p.extreme_ticks = 0;
    if (ln_ex_plan_trails(q->kind)) {
        if (q->trigger_ticks == 0 || reached(m, n, now))
            arm(m, n, now);
    } else {
        n->due = reached(m, n, now);
    }
}

/* The trades of a market that plans have not looked at yet. */
struct news {
    int64_t low_e8, high_e8;
    uint32_t trades; /* how many of the ring */
    bool more;       /* than the ring has kept */
};

static const struct ln_trade *
newest_trade(const struct ln_ex_market *m, uint32_t back)
{
    uint32_t at = (m->trade_next + LN_EX_TAPE - 1 - back) % LN_EX_TAPE;
    return &m->trades[at];
}

static struct news
take_news(const struct ln_ex *ex, struct ln_ex_market *m)
{
    struct news s = {0};
    while (s.trades < m->trade_count &&
           newest_trade(m, s.trades)->id >= m->plans_trade)
        s.trades++;
    s.more = s.trades == LN_EX_TAPE;
    s.low_e8 = ln_price_e8(m->in, m->seen_low_ticks);
    s.high_e8 = ln_price_e8(m->in, m->seen_high_ticks);
    m->seen_low_ticks = m->seen_high_ticks = 0;
    m->plans_trade = ex->next_trade_id;
    return s;
}

static void
look_at_trades(struct ln_ex *ex, const struct ln_ex_market *m,
               struct ln_ex_plan_node *n, const struct news *s)
{
    bool trails = ln_ex_plan_trails(n->p.req.kind);
    if (s->trades == 0 ||
        (!trails && !reached(m, n, n->up ? s->high_e8 : s->low_e8)))
        return;
    /* More was traded than is known; was any of that after it was made? */
    if (s->more && n->since_trade < newest_trade(m, s->trades - 1)->id) {
        look(ex, m, n, s->low_e8);
        look(ex, m, n, s->high_e8);
    }
    for (uint32_t i = s->trades; i-- > 0 && !n->due;) {
        const struct ln_trade *t = newest_trade(m, i);
        if (t->id >= n->since_trade)
            look(ex, m, n, ln_price_e8(m->in, t->price_ticks));
    }
}

static void
look_all(struct ln_ex *ex, struct ln_ex_market *m)
{
    struct news s = take_news(ex, m);
    for (struct ln_ex_plan_node *n = m->plans_oldest; n; n = n->market_newer) {
        if (n->p.req.watch == LN_WATCH_MARK)
            look(ex, m, n, m->mark_e8);
        else
            look_at_trades(ex, m, n, &s);
    }
}

/* ---- firing ---- */

/* A close takes no more than is there: hedge limit orders freeze theirs. */
static int64_t
closable(const struct ln_ex_client *c, const struct ln_ex_plan_request *q)
{
    int64_t lots = c->slots[q->instrument].pos[ln_ex_plan_which(q)].lots;
    if (c->pos_mode == LN_HEDGE && q->limit_ticks)
        for (const struct ln_ex_record *r = c->open_oldest; r;
             r = r->open_newer)
            if (r->o.req.instrument == q->instrument && r->o.req.reduce_only &&
                r->o.req.side == q->side)
                lots -= ln_ex_rest(r);
    return lots;
}

/* <ratio> away from the last price, on the side of profit or of loss. */
static int64_t
by_ratio(const struct ln_ex_market *m, int64_t ratio_e8, bool above)
{
    if (ratio_e8 == 0)
        return 0;
    int64_t price = ln_mul_div(ln_price_e8(m->in, m->last_ticks),
                               LN_E8 + (above ? ratio_e8 : -ratio_e8), LN_E8,
                               LN_ROUND_NEAREST);
    int64_t ticks = ln_price_ticks_of_e8(m->in, price, LN_ROUND_NEAREST);
    return ticks > 0 ? ticks : 1;
}

/* The order that a plan places. */
static struct ln_order_request
order_of(const struct ln_ex_market *m, const struct ln_ex_client *c,
         const struct ln_ex_plan_request *q)
{
    struct ln_order_request o = {
        .instrument = q->instrument,
        .side = q->side,
        .type = q->limit_ticks ? LN_LIMIT : LN_MARKET,
        .tif = q->tif,
        .pos_side = q->pos_side,
        .margin_mode = q->margin_mode,
        .reduce_only = q->reduce_only,
        .price_ticks = q->limit_ticks,
        .size_lots = q->size_lots,
        .stp = q->stp,
        .take_profit_ticks = q->take_profit.trigger_ticks,
        .take_profit_limit_ticks = q->take_profit.limit_ticks,
        .stop_loss_ticks = q->stop_loss.trigger_ticks,
        .stop_loss_limit_ticks = q->stop_loss.limit_ticks,
    };
    if (q->kind == LN_PLAN_TRACK) {
        bool buy = q->side == LN_BUY;
        o.take_profit_ticks = by_ratio(m, q->take_profit.trigger_ticks, buy);
        o.stop_loss_ticks = by_ratio(m, q->stop_loss.trigger_ticks, !buy);
    }
    if (q->reduce_only) {
        int64_t most = closable(c, q);
        if (most < 1)
            most = 1; /* it will be refused, and told why */
        if (ln_ex_plan_whole(q->kind) || o.size_lots > most)
            o.size_lots = most;
    }
    return o;
}

static uint8_t
source_of(uint8_t kind)
{
    static const uint8_t sources[LN_PLAN_KINDS] = {
        [LN_PLAN_NORMAL] = LN_EXS_PLAN,
        [LN_PLAN_TRACK] = LN_EXS_TRACK,
        [LN_PLAN_PROFIT] = LN_EXS_PROFIT,
        [LN_PLAN_LOSS] = LN_EXS_LOSS,
        [LN_PLAN_POS_PROFIT] = LN_EXS_POS_PROFIT,
        [LN_PLAN_POS_LOSS] = LN_EXS_POS_LOSS,
        [LN_PLAN_MOVING] = LN_EXS_MOVE,
    };
    return sources[kind];
}

static void
fail(struct ln_ex *ex, struct ln_ex_plan_node *n, enum ln_ex_refusal why)
{
    n->p.refusal = why;
    n->p.order_id = n->p.executed_lots = 0;
    if (n->p.state == LN_PLAN_LIVE)
        ln_ex_plan_end(ex, n, LN_PLAN_FAILED);
    n->p.state = LN_PLAN_FAILED;
    ln_ex_plan_emit(ex, n);
}

/*
 * The plan is over before its order is there, so that the order's fills do
 * not find it among the plans of their position. Its event comes after the
 * order's first one (place.c).
 */
static void
fire(struct ln_ex *ex, struct ln_ex_market *m, struct ln_ex_plan_node *n)
{
    struct ln_ex_client *c = ln_ex_client(ex, n->p.account);
    struct ln_order_request req = order_of(m, c, &n->p.req);
    struct ln_ex_want w;
    int64_t id;
    n->p.triggered_ms = n->p.updated_ms = ex->now_ms;
    if (!ln_ex_want_init(ex, n->p.account, &req, &w)) {
        fail(ex, n, LN_EXR_SYMBOL);
        return;
    }
    w.plan = n;
    w.plan_id = n->p.id;
    w.source = source_of(n->p.req.kind);
    enum ln_ex_refusal why = ln_ex_want_judge(ex, &w);
    if (why != LN_EXR_OK) {
        fail(ex, n, why);
        return;
    }
    ln_ex_plan_end(ex, n, LN_PLAN_EXECUTED);
    n->p.executed_lots = w.req.size_lots;
    n->p.order_id = ex->next_order_id;
    why = ln_ex_carry_out(ex, &w, &id);
    if (why != LN_EXR_OK)
        fail(ex, n, why);
}

/* True when one has fired. Accounts in liquidation wait. */
static bool
fire_due(struct ln_ex *ex, struct ln_ex_market *m)
{
    struct ln_ex_plan_node *n;
    bool fired = false;
    m->plan_next = m->plans_oldest;
    while ((n = m->plan_next) != NULL) {
        m->plan_next = n->market_newer;
        if (!n->due || ln_ex_client(ex, n->p.account)->reducing)
            continue;
        fire(ex, m, n);
        fired = true;
    }
    return fired;
}

void
ln_ex_plans_check(struct ln_ex *ex, struct ln_ex_market *m)
{
    if (ex->in_command || ex->liquidating)
        return;
    if (m->live_plans == 0) {
        m->seen_low_ticks = m->seen_high_ticks = 0;
        m->plans_trade = ex->next_trade_id;
        return;
    }
    ex->in_command = true;
    do
        look_all(ex, m);
    while (fire_due(ex, m));
    ex->in_command = false;
}
