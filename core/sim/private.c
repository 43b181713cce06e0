/*
 * When what is pushed: orders, fills, plans and ends of positions as they
 * happen; positions, account and equity at the end of what caused them (one
 * command, or one step of the market).
 */
#include "sim/private.h"

#define VALUE_MS 1000 /* the account is pushed that often while it moves */

void
ln_sim_private_event(struct ln_sim *sim, struct ln_sim_user *user,
                     const struct ln_ex_event *e)
{
    switch (e->type) {
    case LN_EXE_ORDER:
        ln_sim_push_order(sim, user, e->u.order.order, e->u.order.fill);
        user->account_dirty = true; /* margin is locked or released */
        if (e->u.order.order->req.reduce_only)
            user->positions_dirty = true; /* so is size */
        break;
    case LN_EXE_FILL:
        ln_sim_push_fill(sim, user, e->u.fill);
        break;
    case LN_EXE_POSITION:
    case LN_EXE_FUNDING:
        user->positions_dirty = true;
        break;
    case LN_EXE_ACCOUNT:
        user->account_dirty = true;
        break;
    case LN_EXE_PLAN:
        ln_sim_push_plan(sim, user, e->u.plan);
        break;
    case LN_EXE_CLOSED:
        ln_sim_push_closed(sim, user, e->u.closed);
        user->positions_dirty = true;
        break;
    case LN_EXE_ADL:
        ln_sim_push_adl(sim, user, e->u.fill);
        break;
    default:
        break;
    }
}

/* The value of open positions moves without any event. */
static void
look_at_value(struct ln_sim *sim, struct ln_sim_user *user)
{
    struct ln_ex_balance b;
    if (ln_sim_loop_ms(sim) - user->valued_ms < VALUE_MS)
        return;
    ln_ex_balance(sim->ex, user->account, &b);
    if (b.equity_e8 != user->valued_e8)
        user->account_dirty = true;
}

void
ln_sim_private_flush(struct ln_sim *sim)
{
    for (size_t i = 0; i < sim->nusers; i++) {
        struct ln_sim_user *user = &sim->users[i];
        struct ln_sim_topic *positions = &user->topics[LN_SIM_CH_POSITIONS];
        struct ln_sim_topic *account = &user->topics[LN_SIM_CH_ACCOUNT];
        struct ln_sim_topic *equity = &user->topics[LN_SIM_CH_EQUITY];
        if (account->count + equity->count > 0)
            look_at_value(sim, user);
        if (user->positions_dirty && positions->count > 0)
            ln_sim_push_positions(sim, positions, NULL);
        if (user->account_dirty && account->count > 0)
            ln_sim_push_account(sim, account, NULL);
        if (user->account_dirty && equity->count > 0)
            ln_sim_push_equity(sim, equity, NULL);
        user->positions_dirty = user->account_dirty = false;
    }
}

void
ln_sim_private_greet(struct ln_sim *sim, struct ln_sim_topic *topic,
                     struct ln_sim_conn *conn)
{
    if (topic->channel == LN_SIM_CH_POSITIONS)
        ln_sim_push_positions(sim, topic, conn);
    else if (topic->channel == LN_SIM_CH_ACCOUNT)
        ln_sim_push_account(sim, topic, conn);
    else if (topic->channel == LN_SIM_CH_EQUITY)
        ln_sim_push_equity(sim, topic, conn);
}
