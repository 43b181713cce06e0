/*
 * Bitget's words for direction, and ours: the ONE place where (side,
 * tradeSide) becomes (direction of execution, position touched), and back.
 *
 * In hedge mode Bitget's "side" names the POSITION: closing a long is
 * buy + close, although a sale is executed. The fill channel of the
 * WebSocket alone names the direction of execution instead. Ours
 * (ln_order_request.side) is always the direction of execution.
 *
 *   intent        one-way    hedge request, order, REST fill   WS fill
 *   open long     buy        buy  open                         buy  open
 *   open short    sell       sell open                         sell open
 *   close long    sell       buy  close                        sell close
 *   close short   buy        sell close                        buy  close
 */
#ifndef LN_BITGET_V2_SIDES_H
#define LN_BITGET_V2_SIDES_H

#include "base/error.h"
#include "base/str.h"
#include "trade/types.h"

/* Where the words come from. */
enum ln_v2_source {
    LN_V2_FROM_ORDER,     /* orders channel and REST orders */
    LN_V2_FROM_REST_FILL, /* order/fills, fill-history */
    LN_V2_FROM_WS_FILL    /* the fill channel */
};

/* Texts as received; pos_side and pos_mode may be empty. */
struct ln_v2_side_words {
    struct ln_str side, trade_side, pos_side, pos_mode;
};

struct ln_v2_sides {
    uint8_t side;     /* enum ln_side: direction of execution */
    uint8_t pos_side; /* enum ln_pos_side; NET in one-way mode */
    bool closes;      /* reduces a position by its kind (close, burst...) */
    bool hedge;
};

enum ln_err ln_v2_sides_decode(enum ln_v2_source source,
                               const struct ln_v2_side_words *w,
                               struct ln_v2_sides *out,
                               struct ln_error *err) LN_MUST_USE;

/*
 * The words of a request. *trade_side is NULL in one-way mode, where it must
 * not be sent (40774). LN_ERR_ARG when the request contradicts itself: a
 * hedge order without pos_side, or one whose side does not open or close it.
 */
enum ln_err ln_v2_sides_encode(const struct ln_order_request *req,
                               enum ln_pos_mode mode, const char **side,
                               const char **trade_side,
                               struct ln_error *err) LN_MUST_USE;

#endif
