/*
 * How each field of each kind of view is read from the C record of the
 * current event. Prices, sizes and money become Lua numbers only here.
 */
#include "bindings/view_int.h"

const char *const field_names[F_COUNT] = {"",
#define X(id, name) name,
                                          FIELDS(X)
#undef X
};

static const struct ln_instrument *
instrument_of(struct ln_runtime *rt, const struct view_ref *v)
{
    return ln_instruments_at(&rt->instruments, v->instrument);
}

static void
push_price(lua_State *L, const struct ln_instrument *in, int64_t ticks)
{
    lua_pushnumber(L, ln_price_double(in, ticks));
}

static void
push_size(lua_State *L, const struct ln_instrument *in, int64_t lots)
{
    lua_pushnumber(L, ln_size_double(in, lots));
}

static void
push_e8(lua_State *L, int64_t v)
{
    lua_pushnumber(L, ln_decimal_to_double(v, LN_SCALE_MONEY));
}

static const char *
pos_side_name(uint8_t side)
{
    return side == LN_LONG ? "long" : side == LN_SHORT ? "short" : "net";
}

/* ---- ticker ---- */

static const enum field ticker_fields[] = {
    F_SYMBOL,
    F_TIME,
    F_LAST,
    F_BID,
    F_ASK,
    F_BID_SIZE,
    F_ASK_SIZE,
    F_MARK,
    F_INDEX,
    F_FUNDING_RATE,
    F_NEXT_FUNDING,
    F_OPEN_INTEREST,
    F_HIGH_24H,
    F_LOW_24H,
    F_CHANGE_24H,
    F_VOLUME_24H,
    F_QUOTE_VOLUME_24H,
    F_NONE,
};

static void
push_ticker(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
            enum field f)
{
    const struct ln_instrument *in = instrument_of(rt, v);
    const struct ln_ticker *t = &market_at(rt, v->instrument)->ticker;
    switch (f) {
    case F_SYMBOL:
        lua_pushstring(L, in->symbol);
        return;
    case F_TIME:
        lua_pushinteger(L, t->time_ms);
        return;
    case F_LAST:
        push_price(L, in, t->last_ticks);
        return;
    case F_BID:
        push_price(L, in, t->bid_ticks);
        return;
    case F_ASK:
        push_price(L, in, t->ask_ticks);
        return;
    case F_BID_SIZE:
        push_size(L, in, t->bid_lots);
        return;
    case F_ASK_SIZE:
        push_size(L, in, t->ask_lots);
        return;
    case F_MARK:
        push_e8(L, t->mark_e8);
        return;
    case F_INDEX:
        push_e8(L, t->index_e8);
        return;
    case F_FUNDING_RATE:
        push_e8(L, t->funding_rate_e8);
        return;
    case F_NEXT_FUNDING:
        lua_pushinteger(L, t->next_funding_ms);
        return;
    case F_OPEN_INTEREST:
        push_size(L, in, t->open_interest_lots);
        return;
    case F_HIGH_24H:
        push_price(L, in, t->high_24h_ticks);
        return;
    case F_LOW_24H:
        push_price(L, in, t->low_24h_ticks);
        return;
    case F_CHANGE_24H:
        push_e8(L, t->change_24h_e8);
        return;
    case F_VOLUME_24H:
        push_size(L, in, t->volume_24h_lots);
        return;
    default: /* F_QUOTE_VOLUME_24H */
        push_e8(L, t->quote_volume_24h_e8);
        return;
    }
}

/* ---- candle ---- */

static const enum field candle_fields[] = {
    F_SYMBOL, F_TIMEFRAME, F_TIME,   F_OPEN,         F_HIGH,
    F_LOW,    F_CLOSE,     F_VOLUME, F_QUOTE_VOLUME, F_NONE,
};

static void
push_candle(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
            enum field f)
{
    const struct ln_instrument *in = instrument_of(rt, v);
    const struct ln_msg_candle *m = (const void *)rt->event;
    const struct ln_candle *c = &m->candle;
    switch (f) {
    case F_SYMBOL:
        lua_pushstring(L, in->symbol);
        return;
    case F_TIMEFRAME:
        lua_pushstring(L, ln_timeframe_name((enum ln_timeframe)m->timeframe));
        return;
    case F_TIME:
        lua_pushinteger(L, c->time_ms);
        return;
    case F_OPEN:
        push_price(L, in, c->open_ticks);
        return;
    case F_HIGH:
        push_price(L, in, c->high_ticks);
        return;
    case F_LOW:
        push_price(L, in, c->low_ticks);
        return;
    case F_CLOSE:
        push_price(L, in, c->close_ticks);
        return;
    case F_VOLUME:
        push_size(L, in, c->volume_lots);
        return;
    default: /* F_QUOTE_VOLUME */
        push_e8(L, c->quote_volume_e8);
        return;
    }
}

/* ---- trade ---- */

static const enum field trade_fields[] = {
    F_SYMBOL, F_TIME, F_ID, F_PRICE, F_SIZE, F_SIDE, F_NONE,
};

static void
push_trade(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
           enum field f)
{
    const struct ln_instrument *in = instrument_of(rt, v);
    const struct ln_trade *t =
        &((const struct ln_msg_trade *)(const void *)rt->event)->trade;
    switch (f) {
    case F_SYMBOL:
        lua_pushstring(L, in->symbol);
        return;
    case F_TIME:
        lua_pushinteger(L, t->time_ms);
        return;
    case F_ID:
        lua_pushinteger(L, t->id);
        return;
    case F_PRICE:
        push_price(L, in, t->price_ticks);
        return;
    case F_SIZE:
        push_size(L, in, t->size_lots);
        return;
    default: /* F_SIDE */
        lua_pushstring(L, ln_side_name((enum ln_side)t->side));
        return;
    }
}

/* ---- book ---- */

static const enum field book_fields[] = {
    F_SYMBOL, F_TIME, F_BIDS, F_ASKS, F_SEQ, F_NONE,
};

static void
push_book(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
          enum field f)
{
    const struct ln_msg_book *b = market_at(rt, v->instrument)->book;
    switch (f) {
    case F_SYMBOL:
        lua_pushstring(L, instrument_of(rt, v)->symbol);
        return;
    case F_TIME:
        lua_pushinteger(L, b->time_ms);
        return;
    case F_BIDS:
        push_subview(L, VIEW_BIDS, v->instrument, 0);
        return;
    case F_ASKS:
        push_subview(L, VIEW_ASKS, v->instrument, 0);
        return;
    default: /* F_SEQ */
        lua_pushinteger(L, b->seq_no);
        return;
    }
}

unsigned
book_depth(struct ln_runtime *rt, const struct view_ref *v)
{
    const struct ln_msg_book *b = market_at(rt, v->instrument)->book;
    return v->kind == VIEW_BIDS || v->kind == VIEW_BID ? b->nbids : b->nasks;
}

const struct ln_level *
book_level(struct ln_runtime *rt, const struct view_ref *v)
{
    const struct ln_msg_book *b = market_at(rt, v->instrument)->book;
    return v->kind == VIEW_BIDS || v->kind == VIEW_BID ? &b->bids[v->level]
                                                       : &b->asks[v->level];
}

static const enum field level_fields[] = {F_PRICE, F_SIZE, F_NONE};

static void
push_level(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
           enum field f)
{
    const struct ln_level *level = book_level(rt, v);
    if (f == F_PRICE)
        push_price(L, instrument_of(rt, v), level->price_ticks);
    else
        push_size(L, instrument_of(rt, v), level->size_lots);
}

/* Bids and asks have numbers for fields. */
static const enum field no_fields[] = {F_NONE};

/* ---- order ---- */

static const enum field order_fields[] = {
    F_SYMBOL, F_ID,     F_CLIENT_OID, F_SIDE,    F_TYPE,        F_STATE,
    F_PRICE,  F_SIZE,   F_FILLED,     F_AVERAGE, F_REDUCE_ONLY, F_POSITION_SIDE,
    F_TAG,    F_REASON, F_NONE,
};

static void
push_order(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
           enum field f)
{
    const struct ln_instrument *in = instrument_of(rt, v);
    const struct ln_msg_order *o = (const void *)rt->event;
    switch (f) {
    case F_SYMBOL:
        lua_pushstring(L, in->symbol);
        return;
    case F_ID:
        lua_pushstring(L, o->order_id);
        return;
    case F_CLIENT_OID:
        lua_pushstring(L, o->req.client_oid);
        return;
    case F_SIDE:
        lua_pushstring(L, ln_side_name((enum ln_side)o->req.side));
        return;
    case F_TYPE:
        lua_pushstring(L, ln_order_type_name((enum ln_order_type)o->req.type));
        return;
    case F_STATE:
        lua_pushstring(L, ln_order_state_name((enum ln_order_state)o->state));
        return;
    case F_PRICE:
        push_price(L, in, o->req.price_ticks);
        return;
    case F_SIZE:
        push_size(L, in, o->req.size_lots);
        return;
    case F_FILLED:
        push_size(L, in, o->filled_lots);
        return;
    case F_AVERAGE:
        push_e8(L, o->average_e8);
        return;
    case F_REDUCE_ONLY:
        lua_pushboolean(L, o->req.reduce_only);
        return;
    case F_POSITION_SIDE:
        lua_pushstring(L, pos_side_name(o->req.pos_side));
        return;
    case F_TAG:
        lua_pushstring(L, o->tag);
        return;
    default: /* F_REASON */
        lua_pushstring(L, o->reason);
        return;
    }
}

/* ---- fill ---- */

static const enum field fill_fields[] = {
    F_SYMBOL, F_ORDER_ID, F_TRADE_ID,  F_SIDE,   F_PRICE, F_SIZE,
    F_FEE,    F_FEE_COIN, F_LIQUIDITY, F_PROFIT, F_TIME,  F_NONE,
};

static void
push_fill(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
          enum field f)
{
    static const char *const liquidity[] = {"", "maker", "taker"};
    const struct ln_instrument *in = instrument_of(rt, v);
    const struct ln_fill *m =
        &((const struct ln_msg_fill *)(const void *)rt->event)->fill;
    switch (f) {
    case F_SYMBOL:
        lua_pushstring(L, in->symbol);
        return;
    case F_ORDER_ID:
        lua_pushstring(L, m->order_id);
        return;
    case F_TRADE_ID:
        lua_pushstring(L, m->trade_id);
        return;
    case F_SIDE:
        lua_pushstring(L, ln_side_name((enum ln_side)m->side));
        return;
    case F_PRICE:
        push_price(L, in, m->price_ticks);
        return;
    case F_SIZE:
        push_size(L, in, m->size_lots);
        return;
    case F_FEE:
        push_e8(L, m->fee_e8);
        return;
    case F_FEE_COIN:
        lua_pushstring(L, in->margin_coin);
        return;
    case F_LIQUIDITY:
        lua_pushstring(L, liquidity[m->liquidity]);
        return;
    case F_PROFIT:
        push_e8(L, m->profit_e8);
        return;
    default: /* F_TIME */
        lua_pushinteger(L, m->time_ms);
        return;
    }
}

/* ---- position: the strategy's own, as it is now ---- */

static const enum field position_fields[] = {
    F_SYMBOL,   F_SIDE,     F_SIZE,        F_ENTRY,       F_MARK, F_UNREALISED,
    F_REALISED, F_LEVERAGE, F_MARGIN_MODE, F_LIQUIDATION, F_NONE,
};

static void
push_position(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
              enum field f)
{
    static const struct ln_msg_position flat;
    const struct ln_instrument *in = instrument_of(rt, v);
    const struct market *m = market_at(rt, v->instrument);
    const struct ln_msg_position *p = m->position ? m->position : &flat;
    int64_t mark =
        m->has_ticker && m->ticker.mark_e8 ? m->ticker.mark_e8 : p->mark_e8;
    switch (f) {
    case F_SYMBOL:
        lua_pushstring(L, in->symbol);
        return;
    case F_SIDE:
        lua_pushstring(L, p->size_lots > 0   ? "long"
                          : p->size_lots < 0 ? "short"
                                             : "flat");
        return;
    case F_SIZE:
        push_size(L, in, p->size_lots);
        return;
    case F_ENTRY:
        push_e8(L, p->entry_e8);
        return;
    case F_MARK:
        push_e8(L, mark);
        return;
    case F_UNREALISED:
        push_e8(L,
                !p->size_lots || !mark
                    ? p->unrealised_e8
                    : ln_notional_of_e8(in, mark - p->entry_e8, p->size_lots));
        return;
    case F_REALISED:
        push_e8(L, p->realised_e8);
        return;
    case F_LEVERAGE:
        lua_pushinteger(L, p->leverage);
        return;
    case F_MARGIN_MODE:
        lua_pushstring(L,
                       p->margin_mode == LN_ISOLATED ? "isolated" : "crossed");
        return;
    default: /* F_LIQUIDATION */
        push_e8(L, p->liquidation_e8);
        return;
    }
}

/* ---- account ---- */

static const enum field account_fields[] = {
    F_EQUITY, F_AVAILABLE, F_LOCKED, F_UNREALISED, F_NONE,
};

static void
push_account(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
             enum field f)
{
    const struct ln_account_update *a = &rt->account;
    (void)v;
    push_e8(L, f == F_EQUITY      ? a->equity_e8
               : f == F_AVAILABLE ? a->available_e8
               : f == F_LOCKED    ? a->locked_e8
                                  : a->unrealised_e8);
}

/* ---- funding ---- */

static const enum field funding_fields[] = {
    F_SYMBOL, F_RATE, F_TIME, F_AMOUNT, F_NONE,
};

static void
push_funding(lua_State *L, struct ln_runtime *rt, const struct view_ref *v,
             enum field f)
{
    const struct ln_msg_funding *m = (const void *)rt->event;
    if (f == F_SYMBOL)
        lua_pushstring(L, instrument_of(rt, v)->symbol);
    else if (f == F_TIME)
        lua_pushinteger(L, m->time_ms);
    else
        push_e8(L, f == F_RATE ? m->rate_e8 : m->amount_e8);
}

const struct view_kind view_kinds[VIEW_COUNT] = {
    [VIEW_TICKER] = {"ticker", ticker_fields, push_ticker},
    [VIEW_CANDLE] = {"candle", candle_fields, push_candle},
    [VIEW_TRADE] = {"trade", trade_fields, push_trade},
    [VIEW_BOOK] = {"book", book_fields, push_book},
    [VIEW_BIDS] = {"bids", no_fields, push_level},
    [VIEW_ASKS] = {"asks", no_fields, push_level},
    [VIEW_BID] = {"bid", level_fields, push_level},
    [VIEW_ASK] = {"ask", level_fields, push_level},
    [VIEW_ORDER] = {"order", order_fields, push_order},
    [VIEW_FILL] = {"fill", fill_fields, push_fill},
    [VIEW_POSITION] = {"position", position_fields, push_position},
    [VIEW_ACCOUNT] = {"account", account_fields, push_account},
    [VIEW_FUNDING] = {"funding", funding_fields, push_funding},
};
