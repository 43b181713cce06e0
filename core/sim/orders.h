/*
 * What handlers of orders and of plans have in common: their parameters in
 * Bitget's words, the lists that a batch answers with, and cancelling.
 *
 *   orders_read.c   words and numbers of a request
 *   place.c         one order into the engine
 *   results.c       successList and failureList
 *   rest_cancel.c   cancelling, for REST and the WebSocket
 */
#ifndef LN_SIM_ORDERS_H
#define LN_SIM_ORDERS_H

#include "exchange/plans.h"
#include "sim/routes.h"
#include "sim/wire.h"

#define LN_SIM_BATCH_MAX 50

/* ---- orders_read.c ---- */

/* Bytes of a parameter that a message repeats. */
int ln_sim_shown(struct ln_str s);
/* 400172. False. */
bool ln_sim_bad_word(struct ln_sim_fault *f, const char *name);
/*
 * Index of the parameter's text in <words> (NULL ends them), in any case; -1:
 * none of them; <fallback> when it was not given.
 */
int ln_sim_word_of(const struct ln_sim_params *p, const char *name,
                   const char *const *words, int fallback);
/* A clientOid; "" when it was not given. */
bool ln_sim_read_oid(const struct ln_sim_params *p, const char *name,
                     char out[LN_OID_CAP], struct ln_sim_fault *f);

/* side, tradeSide and reduceOnly as the direction of execution. */
struct ln_sim_direction {
    uint8_t side, pos_side;
    bool reduce_only;
};
bool ln_sim_read_direction(const struct ln_sim_params *p, bool hedge,
                           struct ln_sim_direction *out,
                           struct ln_sim_fault *f);
/* <given>: of the batch; empty: "marginMode" of <p>. */
bool ln_sim_read_margin_mode(const struct ln_sim_params *p, struct ln_str given,
                             uint8_t *out, struct ln_sim_fault *f);
/* "stpMode" as enum ln_stp. */
bool ln_sim_read_stp(const struct ln_sim_params *p, uint8_t *out,
                     struct ln_sim_fault *f);
/* fill_price or mark_price as enum ln_ex_watch; 0: not given. */
bool ln_sim_read_watch(const struct ln_sim_params *p, const char *name,
                       uint8_t *out, struct ln_sim_fault *f);
/* A price that may be missing or 0, which both give 0. */
bool ln_sim_read_price_if(const struct ln_instrument *in, const char *name,
                          const struct ln_sim_params *p, int64_t *ticks,
                          struct ln_sim_fault *f);
/* A number of percent with a ratio at 1e-8 as its result; 0: not given. */
bool ln_sim_read_percent(const struct ln_sim_params *p, const char *name,
                         int64_t *ratio_e8, struct ln_sim_fault *f);
/* Given and numerically 0? ("0", "0.0"; not "") */
bool ln_sim_is_zero(const struct ln_sim_params *p, const char *name);
/* An id of up to 19 digits; 0 when absent. False: 40402. */
bool ln_sim_read_id(const struct ln_sim_params *p, const char *name,
                    int64_t *out, struct ln_sim_fault *f);

/* ---- results.c: two lists written one after the other ---- */

struct ln_sim_failure {
    int64_t id;
    char client_oid[LN_OID_CAP];
    uint16_t inst;
    struct ln_sim_fault fault;
};

/* Failures wait here until the success list is complete. */
struct ln_sim_results {
    struct ln_sim_failure items[LN_SIM_BATCH_MAX];
    size_t count;
};

/* "orderId" and "clientOid"; id 0: "". */
void ln_sim_ids(struct ln_json_writer *w, int64_t id, const char *client_oid);
void ln_sim_results_begin(struct ln_sim_results *r, struct ln_json_writer *w);
/* A row of the success list; in: its symbol, or NULL. */
void ln_sim_results_done(struct ln_json_writer *w, int64_t id,
                         const char *client_oid,
                         const struct ln_instrument *in);
void ln_sim_results_failed(struct ln_sim_results *r, int64_t id,
                           struct ln_str client_oid, uint16_t inst,
                           const struct ln_sim_fault *f);
/* with_symbol: failed rows name theirs. result: the boolean of batch-place. */
void ln_sim_results_end(const struct ln_sim_results *r,
                        struct ln_sim_call *call, bool with_symbol,
                        bool result);
/* The list of a batch, or NONE with 40306 when it is too long. */
bool ln_sim_batch_list(struct ln_sim_call *call, const char *name,
                       ln_json_val *out);

/*
 * One page of a list, newest first: before each row, and behind the last.
 * Empty lists are null, with a null endId.
 */
void ln_sim_page_row(struct ln_json_writer *w, const char *name, size_t rows);
void ln_sim_page_end(struct ln_json_writer *w, const char *name, size_t rows,
                     int64_t last_id);

/* ---- rest_cancel.c ---- */

/* Cancel an order of this user; remembers it for 45129. */
bool ln_sim_cancel(struct ln_sim *sim, size_t user,
                   const struct ln_ex_order *order, struct ln_sim_fault *f);

#endif
