/*
 * Plans (trigger, trailing, take profit, stop loss) on the wire: their
 * words, their rows, why one was refused.
 */
#ifndef LN_SIM_PLANS_H
#define LN_SIM_PLANS_H

#include "sim/orders.h"

/* "normal_plan", "pos_loss"; and "pl", "psl" as the WebSocket has it. */
const char *ln_sim_word_plan(enum ln_ex_plan_kind kind);
const char *ln_sim_word_plan_short(enum ln_ex_plan_kind kind);
/* Kinds that a planType stands for, as a mask of 1 << kind; 0: none. */
unsigned ln_sim_plan_kinds(struct ln_str plan_type);
/* "live", "executed", "fail_execute", "cancelled" (two l). */
const char *ln_sim_word_plan_status(const struct ln_ex_plan *plan);
/* Of the order that it places: "plan_limit", "pos_loss_market"... */
const char *ln_sim_word_plan_source(const struct ln_ex_plan *plan);
const char *ln_sim_word_watch(uint8_t watch);
struct ln_sim_doing ln_sim_plan_doing(const struct ln_ex_plan *plan);

/* NORMAL, TRACK: else it belongs to a position. */
bool ln_sim_plan_is_plain(enum ln_ex_plan_kind kind);

/* A row of orders-plan-pending or orders-plan-history. */
void ln_sim_plan_row(struct ln_json_writer *w, const struct ln_sim *sim,
                     const struct ln_ex_plan *plan, bool history);
/* A row of the channel orders-algo. */
void ln_sim_plan_push_row(struct ln_json_writer *w, const struct ln_sim *sim,
                          const struct ln_ex_plan *plan);

/* Why the engine refused to place or change this plan. False. */
bool ln_sim_refuse_plan(struct ln_sim *sim, struct ln_sim_fault *f,
                        enum ln_ex_refusal refusal,
                        const struct ln_ex_plan_request *req);
/* No such plan, or one that has ended. False. */
bool ln_sim_plan_missing(struct ln_sim_fault *f, bool plain, bool ended);
/* orderId (wins) or clientOid of an account's plan of these kinds. */
bool ln_sim_find_plan(struct ln_sim *sim, ln_ex_account account,
                      const struct ln_sim_params *p, unsigned kinds,
                      const struct ln_ex_plan **out, struct ln_sim_fault *f);

#endif
