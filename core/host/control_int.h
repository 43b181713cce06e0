/*
 * Shared by the files of the control socket: control.c (socket, followers),
 * control_answer.c (requests), control_view.c (pictures as JSON),
 * control_act.c (what people want done).
 */
#ifndef LN_HOST_CONTROL_INT_H
#define LN_HOST_CONTROL_INT_H

#include "base/json.h"
#include "host/control.h"
#include "host/host_int.h"

#define CONTROL_ORDERS_PAGE 500 /* orders of one answer to "all" */

/* ---- control_view.c: members of the answer ---- */
void control_view_status(struct ln_host *h, struct ln_json_writer *w);
void control_view_strategy(struct strategy *s, struct ln_json_writer *w);
void control_view_orders(struct ln_host *h, bool all, int64_t before,
                         struct ln_json_writer *w);
void control_view_positions(struct ln_host *h, struct ln_json_writer *w);
/* Lines of the log with numbers from <first>; returns the next number. */
uint64_t control_view_lines(struct ln_log_tail *tail, uint64_t first,
                            struct ln_json_writer *w);

#endif
