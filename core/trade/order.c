/*
 * The order's state machine. Three rules make the end independent of the
 * order in which news arrives: amounts only grow; a final state is only left
 * for what contradicts it for sure (a rejection or absence that an existing
 * order disproves); fills count once.
 */
#include "trade/order.h"

#include "base/assert.h"
#include "base/map.h"

#include <string.h>

void
ln_order_init(struct ln_order *o, const struct ln_order_request *req,
              uint32_t owner, uint64_t handle, int64_t now_ms)
{
    memset(o, 0, sizeof(*o));
    o->req = *req;
    o->state = LN_ORDER_PLANNED;
    o->owner = owner;
    o->handle = handle;
    o->created_ms = o->updated_ms = now_ms;
}

static void
touch(struct ln_order *o, int64_t now_ms)
{
    if (now_ms > o->updated_ms)
        o->updated_ms = now_ms;
}

static bool
set_state(struct ln_order *o, enum ln_order_state state)
{
    bool changed = o->state != state;
    o->state = state;
    return changed;
}

/* Believed not to exist: an exchange that shows it is right. */
static bool
denied(const struct ln_order *o)
{
    return o->state == LN_ORDER_REJECTED;
}

static bool
learn_id(struct ln_order *o, const char *order_id)
{
    if (!order_id || !order_id[0] || strcmp(o->order_id, order_id) == 0)
        return false;
    ln_str_copy(o->order_id, sizeof(o->order_id), ln_str(order_id));
    return true;
}

static void
set_reason(struct ln_order *o, const char *reason)
{
    ln_str_copy(o->reason, sizeof(o->reason), ln_str(reason ? reason : ""));
}

/* What state the amounts alone say, for an order that the exchange has. */
static enum ln_order_state
state_by_amount(const struct ln_order *o)
{
    if (o->filled_lots >= o->req.size_lots)
        return LN_ORDER_FILLED;
    return o->filled_lots > 0 ? LN_ORDER_PARTIAL : LN_ORDER_LIVE;
}

bool
ln_order_sent(struct ln_order *o, int64_t now_ms)
{
    if (o->state != LN_ORDER_PLANNED)
        return false;
    touch(o, now_ms);
    return set_state(o, LN_ORDER_SENT);
}

bool
ln_order_accepted(struct ln_order *o, const char *order_id, int64_t now_ms)
{
    bool learned = o->order_id[0] == 0 && learn_id(o, order_id);
    if (o->state != LN_ORDER_PLANNED && o->state != LN_ORDER_SENT &&
        o->state != LN_ORDER_UNKNOWN && !denied(o))
        return learned;
    touch(o, now_ms);
    o->error_code = 0;
    o->reason[0] = 0;
    return set_state(o, state_by_amount(o)) || learned;
}

bool
ln_order_rejected(struct ln_order *o, int32_t code, const char *reason,
                  int64_t now_ms)
{
    if (o->state != LN_ORDER_PLANNED && o->state != LN_ORDER_SENT &&
        o->state != LN_ORDER_UNKNOWN)
        return false; /* the exchange has shown it: it was not rejected */
    o->error_code = code;
    set_reason(o, reason);
    touch(o, now_ms);
    return set_state(o, LN_ORDER_REJECTED);
}

bool
ln_order_lost(struct ln_order *o, const char *reason, int64_t now_ms)
{
    if (o->state != LN_ORDER_PLANNED && o->state != LN_ORDER_SENT)
        return false;
    set_reason(o, reason);
    touch(o, now_ms);
    return set_state(o, LN_ORDER_UNKNOWN);
}

bool
ln_order_absent(struct ln_order *o, int64_t now_ms)
{
    if (o->state != LN_ORDER_UNKNOWN && o->state != LN_ORDER_SENT)
        return false;
    set_reason(o, "the exchange does not know this order");
    touch(o, now_ms);
    return set_state(o, LN_ORDER_REJECTED);
}

/* The larger amount wins; average and fee belong to it. */
static bool
take_amounts(struct ln_order *o, const struct ln_order_update *u)
{
    if (u->filled_lots < o->filled_lots)
        return false;
    bool grew = u->filled_lots > o->filled_lots;
    o->filled_lots = u->filled_lots;
    if (u->average_e8 && u->average_e8 != o->average_e8) {
        o->average_e8 = u->average_e8;
        grew = true;
    }
    if (u->fee_e8 && u->fee_e8 != o->fee_e8) {
        o->fee_e8 = u->fee_e8;
        grew = true;
    }
    return grew;
}

bool
ln_order_apply(struct ln_order *o, const struct ln_order_update *u)
{
    bool changed = learn_id(o, u->order_id);
    enum ln_order_state told = (enum ln_order_state)u->state;
    if (ln_order_state_final(o->state) && !denied(o)) {
        /* Late news can still complete the amounts of a final order. */
        changed |= take_amounts(o, u);
        if (o->state == LN_ORDER_CANCELLED &&
            o->filled_lots >= o->req.size_lots)
            changed |= set_state(o, LN_ORDER_FILLED);
        return changed;
    }
    changed |= take_amounts(o, u);
    if (denied(o)) {
        o->error_code = 0;
        o->reason[0] = 0;
    }
    if (ln_order_state_final(told)) {
        if (told == LN_ORDER_CANCELLED && o->filled_lots >= o->req.size_lots)
            told = LN_ORDER_FILLED;
        if (u->reason[0])
            set_reason(o, u->reason);
    } else {
        told = state_by_amount(o);
    }
    if (ln_order_state_final(told))
        o->cancel_sent = o->amend_sent = false;
    if (u->updated_ms > o->updated_ms)
        o->updated_ms = u->updated_ms;
    return set_state(o, told) || changed;
}

bool
ln_order_fill_is_new(struct ln_order *o, const char *trade_id)
{
    uint64_t id = ln_hash(ln_str(trade_id));
    uint32_t n =
        o->fill_count < LN_ORDER_FILLS_MAX ? o->fill_count : LN_ORDER_FILLS_MAX;
    for (uint32_t i = 0; i < n; i++)
        if (o->fill_ids[i] == id)
            return false;
    o->fill_ids[o->fill_count % LN_ORDER_FILLS_MAX] = id;
    o->fill_count++;
    return true;
}

bool
ln_order_fill(struct ln_order *o, const struct ln_fill *f)
{
    if (f->size_lots <= 0 || !ln_order_fill_is_new(o, f->trade_id))
        return false;
    learn_id(o, o->order_id[0] ? "" : f->order_id);
    o->fills_lots += f->size_lots;
    o->profit_e8 += f->profit_e8;
    if (o->fills_lots > o->filled_lots)
        o->filled_lots = o->fills_lots;
    if (!ln_order_state_final(o->state) || denied(o) ||
        (o->state == LN_ORDER_CANCELLED && o->filled_lots >= o->req.size_lots))
        o->state = state_by_amount(o);
    touch(o, f->time_ms);
    return true;
}

bool
ln_order_amended(struct ln_order *o, const char *order_id, int64_t price_ticks,
                 int64_t size_lots, int64_t now_ms)
{
    if (order_id && order_id[0])
        ln_str_copy(o->order_id, sizeof(o->order_id), ln_str(order_id));
    o->req.price_ticks = price_ticks;
    o->req.size_lots = size_lots;
    o->filled_lots = o->fills_lots = 0;
    o->average_e8 = o->fee_e8 = 0;
    o->state = LN_ORDER_LIVE;
    o->amend_sent = o->cancel_sent = false;
    touch(o, now_ms);
    return true;
}

int64_t
ln_order_open_lots(const struct ln_order *o)
{
    if (ln_order_state_final(o->state))
        return 0;
    int64_t rest = o->req.size_lots - o->filled_lots;
    return rest > 0 ? rest : 0;
}
