/*
 * How amounts, orders, positions and the rest are spelled on the wire: what
 * more than one answer or push has in common.
 */
#ifndef LN_SIM_WIRE_H
#define LN_SIM_WIRE_H

#include "sim/sim_int.h"

/* key + decimal string of a price, a size, or a value at 1e-8. */
void ln_sim_kprice(struct ln_json_writer *w, const char *key,
                   const struct ln_instrument *in, int64_t ticks);
void ln_sim_ksize(struct ln_json_writer *w, const char *key,
                  const struct ln_instrument *in, int64_t lots);
void ln_sim_ke8(struct ln_json_writer *w, const char *key, int64_t v);
/* The same as array elements; padded: all decimals of the instrument. */
void ln_sim_price(struct ln_json_writer *w, const struct ln_instrument *in,
                  int64_t ticks, bool padded);
void ln_sim_size(struct ln_json_writer *w, const struct ln_instrument *in,
                 int64_t lots, bool padded);

/* An order's average fill price at 1e-8; 0: nothing filled. */
int64_t ln_sim_average_e8(const struct ln_instrument *in, int64_t value_e8,
                          int64_t lots);

/* ---- words.c: Bitget's words for what an order or a plan does ---- */

/* What they are made of. */
struct ln_sim_doing {
    uint8_t pos_mode, side, pos_side; /* side: of execution */
    bool closes;
};
const char *ln_sim_side_of(struct ln_sim_doing d);       /* "buy" */
const char *ln_sim_trade_side_of(struct ln_sim_doing d); /* "open" */
const char *ln_sim_pos_side_of(struct ln_sim_doing d);   /* "net" */

const char *ln_sim_word_side(const struct ln_ex_order *o);
/* Also "burst_close_long" and the like, for what the exchange did itself. */
const char *ln_sim_word_trade_side(const struct ln_ex_order *o);
const char *ln_sim_word_pos_side(const struct ln_ex_order *o);
const char *ln_sim_word_pos_mode(uint8_t pos_mode);
const char *ln_sim_word_margin_mode(uint8_t margin_mode);
const char *ln_sim_word_status(const struct ln_ex_order *o);
/* "API", or "SYS" for what the exchange did by itself. */
const char *ln_sim_word_source(const struct ln_ex_order *o);
/* "normal_cancel", "stp_cancel"; "" while it is not cancelled. */
const char *ln_sim_word_cancel_reason(const struct ln_ex_order *o);
/* Where an order came from: "normal", "plan_market", "liquidation"... */
const char *ln_sim_word_order_source(const struct ln_ex_order *o);
const char *ln_sim_word_source_of(enum ln_ex_source source, bool limit);
const char *ln_sim_word_stp(uint8_t stp);

/* presetStopSurplusPrice and the five others; "" where there is none. */
void ln_sim_preset_members(struct ln_json_writer *w,
                           const struct ln_instrument *in,
                           const struct ln_order_request *req);
/* The names that the trigger types have on newer pages. */
void ln_sim_preset_types(struct ln_json_writer *w,
                         const struct ln_order_request *req);

/* Members of an order object that REST has in detail, pending and history. */
void ln_sim_order_members(struct ln_json_writer *w,
                          const struct ln_instrument *in,
                          const struct ln_ex_order *o, const char *state_key);
/* Object of a fill for REST. */
void ln_sim_fill_object(struct ln_json_writer *w,
                        const struct ln_instrument *in,
                        const struct ln_ex_fill *f, bool margin_coin);

/* Sums of an account that the engine does not keep apart. */
struct ln_sim_account_sums {
    struct ln_ex_balance b;
    int64_t crossed_margin_e8, isolated_margin_e8;
    int64_t crossed_pl_e8, isolated_pl_e8;
    int64_t transferable_e8;
    int64_t risk_e8; /* crossed risk rate */
};
void ln_sim_account_sums(const struct ln_sim *sim, ln_ex_account account,
                         struct ln_sim_account_sums *out);

/* All open positions of an account; the array is the server's, valid until the
 * next call. */
const struct ln_ex_position *ln_sim_positions(const struct ln_sim *sim,
                                              ln_ex_account account,
                                              size_t *count);
/* Members that the REST row and the push of a position share. */
void ln_sim_position_members(struct ln_json_writer *w, const struct ln_sim *sim,
                             ln_ex_account account,
                             const struct ln_ex_position *p);
/* "single" or "union". */
const char *ln_sim_word_asset_mode(const struct ln_sim *sim,
                                   ln_ex_account account);
/* unionTotalMargin and the like: 0 in single-asset mode. */
void ln_sim_union_members(struct ln_json_writer *w, const struct ln_sim *sim,
                          ln_ex_account account, const struct ln_ex_balance *b);

/* A candle: 7 elements for REST, 8 for the WebSocket. */
void ln_sim_candle_row(struct ln_json_writer *w, const struct ln_instrument *in,
                       const struct ln_candle *c, int elements);
/* Members of a public trade. */
void ln_sim_trade_members(struct ln_json_writer *w,
                          const struct ln_instrument *in,
                          const struct ln_trade *t);

#endif
