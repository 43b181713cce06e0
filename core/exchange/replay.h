/*
 * What the two ways of replaying (replay.c: candles, replay_trades.c) share.
 */
#ifndef LN_EXCHANGE_REPLAY_H
#define LN_EXCHANGE_REPLAY_H

#include "exchange/exchange_int.h"

void ln_ex_replay_fair(struct ln_ex_market *m, int64_t fair_fp);
/* Forget the recording. */
void ln_ex_replay_drop(struct ln_ex_market *m);
/* <before> becomes the market's history and <price_ticks> its price; the
 * book and the prices start anew. False: no memory. */
bool ln_ex_replay_begin(struct ln_ex *ex, struct ln_ex_market *m,
                        const struct ln_candle *before, size_t count,
                        int64_t price_ticks);
void ln_ex_replay_act_trades(struct ln_ex *ex, struct ln_ex_market *m);

#endif
