/*
 * Directions: see sides.h for the table.
 */
#include "bitget/v2/sides.h"

#include "bitget/v2/fields.h"

static bool
ends_with(struct ln_str s, const char *tail)
{
    size_t n = strlen(tail);
    return s.len >= n && memcmp(s.ptr + s.len - n, tail, n) == 0;
}

/*
 * What the tradeSide says about the position. Forms: "open", "close",
 * "<cause>_close_long|short" (hedge); "buy_single", "sell_single",
 * "<cause>_buy|sell_single", "dte_sys_adl_buy|sell_in_single_side_mode".
 */
struct trade_side {
    bool single, open, close;
    uint8_t pos_side; /* named by the suffix; NET if not */
};

static bool
trade_side_parse(struct ln_str t, struct trade_side *out)
{
    memset(out, 0, sizeof *out);
    if (ln_str_eqi(t, "open")) {
        out->open = true;
    } else if (ln_str_eqi(t, "close")) {
        out->close = true;
    } else if (ends_with(t, "close_long")) {
        out->close = true;
        out->pos_side = LN_LONG;
    } else if (ends_with(t, "close_short")) {
        out->close = true;
        out->pos_side = LN_SHORT;
    } else if (ln_str_eqi(t, "buy_single") || ln_str_eqi(t, "sell_single")) {
        out->single = true;
    } else if (ends_with(t, "_single") || ends_with(t, "_single_side_mode")) {
        out->single = true;
        out->close = true;
    } else {
        return false;
    }
    return true;
}

static enum ln_err
bad_words(const struct ln_v2_side_words *w, struct ln_error *err)
{
    return ln_error_set(err, LN_ERR_PARSE, "side", NULL,
                        "side '%.*s' with tradeSide '%.*s' and posMode '%.*s' "
                        "names no direction",
                        (int)(w->side.len > 32 ? 32 : w->side.len),
                        w->side.ptr ? w->side.ptr : "",
                        (int)(w->trade_side.len > 48 ? 48 : w->trade_side.len),
                        w->trade_side.ptr ? w->trade_side.ptr : "",
                        (int)(w->pos_mode.len > 32 ? 32 : w->pos_mode.len),
                        w->pos_mode.ptr ? w->pos_mode.ptr : "");
}

/* Which position a hedge order touches: what names it outright comes first. */
static uint8_t
hedge_position(enum ln_v2_source source, uint8_t side,
               const struct trade_side *ts, uint8_t told)
{
    if (ts->pos_side != LN_NET)
        return ts->pos_side;
    if (told != LN_NET)
        return told;
    if (source == LN_V2_FROM_WS_FILL && ts->close)
        return side == LN_SELL ? LN_LONG : LN_SHORT;
    return side == LN_BUY ? LN_LONG : LN_SHORT;
}

enum ln_err
ln_v2_sides_decode(enum ln_v2_source source, const struct ln_v2_side_words *w,
                   struct ln_v2_sides *out, struct ln_error *err)
{
    struct trade_side ts = {0};
    uint8_t side = 0, told = LN_NET, mode = 0;
    bool known = trade_side_parse(w->trade_side, &ts);

    memset(out, 0, sizeof *out);
    if (!ln_v2_name_find(ln_v2_names_side, w->side, &side))
        return bad_words(w, err);
    if (w->trade_side.len && !known)
        return bad_words(w, err);
    if (w->pos_mode.len &&
        !ln_v2_name_find(ln_v2_names_pos_mode, w->pos_mode, &mode))
        return bad_words(w, err);
    if (w->pos_side.len)
        (void)ln_v2_name_find(ln_v2_names_hold_side, w->pos_side, &told);

    out->hedge = mode != LN_ONE_WAY && (ts.open || (ts.close && !ts.single));
    if (mode == LN_HEDGE && !out->hedge)
        return bad_words(w, err);
    out->closes = ts.close;
    if (!out->hedge) {
        out->side = side;
        out->pos_side = LN_NET;
        return LN_OK;
    }
    out->pos_side = hedge_position(source, side, &ts, told);
    out->side = (out->pos_side == LN_LONG) == ts.open ? LN_BUY : LN_SELL;
    return LN_OK;
}

enum ln_err
ln_v2_sides_encode(const struct ln_order_request *req, enum ln_pos_mode mode,
                   const char **side, const char **trade_side,
                   struct ln_error *err)
{
    uint8_t opening;

    if (req->side != LN_BUY && req->side != LN_SELL)
        return ln_error_set(err, LN_ERR_ARG, "side", NULL,
                            "an order needs a side, buy or sell");
    if (mode != LN_HEDGE) {
        *side = req->side == LN_BUY ? "buy" : "sell";
        *trade_side = NULL;
        return LN_OK;
    }
    if (req->pos_side != LN_LONG && req->pos_side != LN_SHORT)
        return ln_error_set(err, LN_ERR_ARG, "pos_side",
                            "say which position it is for, long or short",
                            "the account is in hedge mode and the order names "
                            "no position");
    opening = req->pos_side == LN_LONG ? LN_BUY : LN_SELL;
    if ((req->side == opening) == req->reduce_only)
        return ln_error_set(err, LN_ERR_ARG, "side", NULL,
                            "a %s does not %s a %s position",
                            req->side == LN_BUY ? "buy" : "sell",
                            req->reduce_only ? "close" : "open",
                            req->pos_side == LN_LONG ? "long" : "short");
    *side = req->pos_side == LN_LONG ? "buy" : "sell";
    *trade_side = req->reduce_only ? "close" : "open";
    return LN_OK;
}
