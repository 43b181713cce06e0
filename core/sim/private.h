/*
 * Private pushes: one function per channel.
 *
 *   private.c          which event is pushed when, and what greets
 *   private_orders.c   orders, fill, orders-algo
 *   private_state.c    positions, account, equity, positions-history, adl-noti
 *
 * Those of private_state.c that take a connection send to it alone, or to
 * all of the topic when it is NULL.
 */
#ifndef LN_SIM_PRIVATE_H
#define LN_SIM_PRIVATE_H

#include "exchange/ledger.h"
#include "sim/plans.h"
#include "sim/ws.h"

void ln_sim_push_order(struct ln_sim *sim, struct ln_sim_user *user,
                       const struct ln_ex_order *o, const struct ln_ex_fill *f);
void ln_sim_push_fill(struct ln_sim *sim, struct ln_sim_user *user,
                      const struct ln_ex_fill *f);
void ln_sim_push_plan(struct ln_sim *sim, struct ln_sim_user *user,
                      const struct ln_ex_plan *plan);

void ln_sim_push_positions(struct ln_sim *sim, struct ln_sim_topic *topic,
                           struct ln_sim_conn *conn);
void ln_sim_push_account(struct ln_sim *sim, struct ln_sim_topic *topic,
                         struct ln_sim_conn *conn);
void ln_sim_push_equity(struct ln_sim *sim, struct ln_sim_topic *topic,
                        struct ln_sim_conn *conn);
void ln_sim_push_closed(struct ln_sim *sim, struct ln_sim_user *user,
                        const struct ln_ex_closed *closed);
void ln_sim_push_adl(struct ln_sim *sim, struct ln_sim_user *user,
                     const struct ln_ex_fill *f);

#endif
