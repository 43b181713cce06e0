/*
 * The control endpoint: faults, symbols and speed changed while the
 * simulator runs. Plain HTTP on a port of its own, loopback only, off by
 * default; every request has the token of the ready line ("?token=.." or
 * the header "authorization: Bearer ..").
 *
 *   GET  /               what there is
 *   GET  /faults         those that are set, and how often each struck
 *   POST /faults         replaces them: a SPEC, or JSON (see faults.h)
 *   POST /faults/clear
 *   GET  /stats
 *   POST /symbol         {"symbol":"BTCUSDT","status":"maintain"}
 *   POST /speed          {"speed":60}, 0 stands still, "max"
 */
#ifndef LN_SIM_CONTROL_H
#define LN_SIM_CONTROL_H

#include "sim/sim_int.h"

/* Does nothing when none is configured. */
enum ln_err ln_sim_control_start(struct ln_sim *sim,
                                 const struct ln_sim_config *cfg,
                                 struct ln_error *err) LN_MUST_USE;
void ln_sim_control_stop(struct ln_sim *sim);
/* "control":"http://127.0.0.1:PORT/?token=.." if there is one. */
void ln_sim_control_ready(const struct ln_sim *sim, struct ln_json_writer *w);

#endif
