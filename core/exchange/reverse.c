/*
 * Reversal: what is long becomes short, and the other way round, both at
 * market. The close always comes to pass; the new side becomes as large as
 * the money allows, which judgement (judge.c, changing nothing) is asked for
 * until the answer is exact.
 */
#include "exchange/exchange_int.h"

/* A reversal under way. */
struct turn {
    struct ln_ex_market *m;
    struct ln_ex_client *c;
    int which;          /* the position that goes: 0 long, 1 short */
    int64_t close_lots; /* of it */
};

/* A market order in the direction that closes the position. */
static struct ln_order_request
market_order(const struct turn *t, int64_t lots)
{
    return (struct ln_order_request){
        .instrument = t->m->index,
        .side = t->which == 0 ? LN_SELL : LN_BUY,
        .type = LN_MARKET,
        .tif = LN_GTC,
        .margin_mode = t->c->slots[t->m->index].margin_mode,
        .size_lots = lots,
    };
}

/*
 * The largest order of at least <sure> and at most <most> lots that is not
 * refused; or what <sure> is refused for. What is too small for an order is
 * made larger first.
 */
static enum ln_ex_refusal
largest(const struct ln_ex *ex, const struct turn *t,
        const struct ln_order_request *req, int64_t sure, int64_t most,
        struct ln_ex_want *out)
{
    struct ln_order_request q = *req;
    struct ln_ex_want w;
    q.size_lots = sure;
    if (!ln_ex_want_init(ex, t->c->handle, &q, out))
        return LN_EXR_SYMBOL;
    enum ln_ex_refusal why = ln_ex_want_judge(ex, out);
    while ((why == LN_EXR_SIZE_MIN || why == LN_EXR_VALUE_MIN) &&
           q.size_lots < most) {
        q.size_lots = q.size_lots > most / 2 ? most : 2 * q.size_lots;
        if (ln_ex_want_init(ex, t->c->handle, &q, out))
            why = ln_ex_want_judge(ex, out);
    }
    if (why != LN_EXR_OK)
        return why;
    sure = q.size_lots;
    int64_t good = sure, bad = most + 1;
    for (int64_t lots = most; good + 1 < bad; lots = good + (bad - good) / 2) {
        q.size_lots = lots;
        if (ln_ex_want_init(ex, t->c->handle, &q, &w) &&
            ln_ex_want_judge(ex, &w) == LN_EXR_OK) {
            good = lots;
            *out = w;
        } else {
            bad = lots;
        }
    }
    return LN_EXR_OK;
}

/* One order closes the position and opens the other. */
static enum ln_ex_refusal
reverse_net(struct ln_ex *ex, const struct turn *t, const char *oid,
            int64_t *id)
{
    struct ln_order_request q = market_order(t, t->close_lots);
    struct ln_ex_want w;
    ln_str_copy(q.client_oid, sizeof(q.client_oid), ln_str(oid));
    enum ln_ex_refusal why =
        largest(ex, t, &q, t->close_lots, 2 * t->close_lots, &w);
    return why == LN_EXR_OK ? ln_ex_carry_out(ex, &w, id) : why;
}

/* Close; then open what was closed. */
static enum ln_ex_refusal
reverse_hedge(struct ln_ex *ex, const struct turn *t, const char *oid,
              int64_t *close_id, int64_t *open_id)
{
    struct ln_order_request q = market_order(t, t->close_lots);
    struct ln_ex_want w;
    ln_str_copy(q.client_oid, sizeof(q.client_oid), ln_str(oid));
    q.reduce_only = true;
    q.pos_side = t->which == 0 ? LN_LONG : LN_SHORT;
    if (!ln_ex_want_init(ex, t->c->handle, &q, &w))
        return LN_EXR_SYMBOL;
    enum ln_ex_refusal why = ln_ex_want_judge(ex, &w);
    if (why == LN_EXR_OK)
        why = ln_ex_carry_out(ex, &w, close_id);
    if (why != LN_EXR_OK)
        return why;

    const struct ln_ex_order *closed =
        ln_ex_find(ex, t->c->handle, *close_id, NULL);
    int64_t lots = closed ? closed->filled_lots : 0;
    if (lots == 0)
        return LN_EXR_OK;
    q.client_oid[0] = 0;
    q.reduce_only = false;
    q.pos_side = t->which == 0 ? LN_SHORT : LN_LONG;
    int64_t least = t->m->in->min_lots < lots ? t->m->in->min_lots : lots;
    if (least < 1)
        least = 1;
    /* Without money for it there is no other side; the close stands. */
    if (largest(ex, t, &q, least, lots, &w) == LN_EXR_OK)
        ln_ex_carry_out(ex, &w, open_id);
    return LN_EXR_OK;
}

enum ln_ex_refusal
ln_ex_reverse(struct ln_ex *ex, ln_ex_account a, uint16_t inst,
              enum ln_pos_side hold, int64_t size_lots, const char *client_oid,
              int64_t *close_id, int64_t *open_id)
{
    struct turn t = {.m = ln_ex_market(ex, inst),
                     .c = ln_ex_client(ex, a),
                     .which = hold == LN_SHORT ? 1 : 0};
    const char *oid = client_oid ? client_oid : "";
    *close_id = *open_id = 0;
    if (!t.m || !t.c)
        return LN_EXR_SYMBOL;
    if (t.c->reducing)
        return LN_EXR_REDUCING;
    int64_t held = t.c->slots[inst].pos[t.which].lots;
    if (held == 0)
        return LN_EXR_NO_POSITION;
    if (size_lots < 0)
        return LN_EXR_SIZE_MIN;
    t.close_lots = size_lots == 0 || size_lots > held ? held : size_lots;
    enum ln_ex_refusal why =
        t.c->pos_mode == LN_ONE_WAY
            ? reverse_net(ex, &t, oid, close_id)
            : reverse_hedge(ex, &t, oid, close_id, open_id);
    ln_ex_plans_check(ex, t.m);
    return why;
}
