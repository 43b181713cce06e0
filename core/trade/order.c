/*
 * The order's state machine. Three rules make the end independent of the
 * order in which news arrives: amounts only grow; a final state is only left
 * for what contradicts it for sure (a rejection or absence that an existing
 * order disproves); fills count once.
 */
#include "trade/order.h"

#include "base/map.h"
#include "market/saturate.h"

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
    return o->state == LN_ORDER_REJECTED && !o->ended;
}

/* The exchange has it: what was said while that was in doubt is void. */
static void
confirm(struct ln_order *o)
{
    if (!denied(o) && o->state != LN_ORDER_UNKNOWN)
        return;
    o->error_code = 0;
    o->reason[0] = 0;
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
    if (o->filled_lots <= 0)
        return LN_ORDER_LIVE;
    return o->filled_lots >= o->req.size_lots ? LN_ORDER_FILLED
                                              : LN_ORDER_PARTIAL;
}

/* Ended early, it was said, and yet the whole size is filled. */
static bool
complete(struct ln_order *o)
{
    if (denied(o) || !ln_order_state_final(o->state) ||
        state_by_amount(o) != LN_ORDER_FILLED)
        return false;
    return set_state(o, LN_ORDER_FILLED);
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
    confirm(o);
    return set_state(o, state_by_amount(o)) || learned;
}

bool
ln_order_rejected(struct ln_order *o, int32_t code, const char *reason,
                  int64_t now_ms)
{
    /* Absent already: this answer is late, but knows why. */
    bool explains = denied(o) && o->error_code == 0 && code != 0;
    if (o->state != LN_ORDER_PLANNED && o->state != LN_ORDER_SENT &&
        o->state != LN_ORDER_UNKNOWN && !explains)
        return false; /* the exchange has shown it: it was not rejected */
    o->error_code = code;
    set_reason(o, reason);
    touch(o, now_ms);
    return set_state(o, LN_ORDER_REJECTED) || explains;
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

/*
 * A value that was told beside a filled amount replaces the one held if its
 * amount is larger, or the same and told later. The last comparison has no
 * meaning but that of two orders of arrival there is one result.
 */
static bool
supersedes(const struct ln_order_update *u, int64_t value, int64_t lots,
           int64_t ms, int64_t held)
{
    if (value == 0 || u->filled_lots != lots)
        return value != 0 && u->filled_lots > lots;
    if (u->updated_ms != ms)
        return u->updated_ms > ms;
    return value > held;
}

/* The fee of whichever source covers more of what is filled. */
static bool
choose_fee(struct ln_order *o)
{
    int64_t fee = o->told_fee_e8 && o->told_fee_lots >= o->fills_lots
                      ? o->told_fee_e8
                      : o->fills_fee_e8;
    if (o->fills_lots == 0)
        fee = o->told_fee_e8;
    bool changed = fee != o->fee_e8;
    o->fee_e8 = fee;
    return changed;
}

static bool
take_amounts(struct ln_order *o, const struct ln_order_update *u)
{
    bool changed = false;
    if (u->filled_lots > o->filled_lots) {
        o->filled_lots = u->filled_lots;
        changed = true;
    }
    if (supersedes(u, u->average_e8, o->average_lots, o->average_ms,
                   o->average_e8)) {
        changed |= o->average_e8 != u->average_e8;
        o->average_e8 = u->average_e8;
        o->average_lots = u->filled_lots;
        o->average_ms = u->updated_ms;
    }
    if (supersedes(u, u->fee_e8, o->told_fee_lots, o->told_fee_ms,
                   o->told_fee_e8)) {
        o->told_fee_e8 = u->fee_e8;
        o->told_fee_lots = u->filled_lots;
        o->told_fee_ms = u->updated_ms;
    }
    return choose_fee(o) || changed;
}

bool
ln_order_apply(struct ln_order *o, const struct ln_order_update *u)
{
    bool changed = learn_id(o, u->order_id);
    enum ln_order_state next = (enum ln_order_state)u->state;
    changed |= take_amounts(o, u);
    touch(o, u->updated_ms);
    if (ln_order_state_final(o->state) && !denied(o)) {
        /* Late news can still complete the amounts of a final order. */
        return complete(o) || changed;
    }
    confirm(o);
    if (ln_order_state_final(next)) {
        o->ended = true;
        o->cancel_sent = o->amend_sent = false;
        if (u->reason[0])
            set_reason(o, u->reason);
    } else {
        /* What is told may be older than what is known: amounts decide. */
        next = state_by_amount(o);
    }
    if (next == LN_ORDER_FILLED)
        o->cancel_sent = o->amend_sent = false;
    changed |= set_state(o, next);
    return complete(o) || changed;
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

/* Ids have been forgotten, and there is no room for this fill in the size. */
static bool
must_be_old(const struct ln_order *o, const struct ln_fill *f)
{
    return o->fill_count > LN_ORDER_FILLS_MAX && o->req.size_lots > 0 &&
           f->size_lots > o->req.size_lots - o->fills_lots;
}

bool
ln_order_fill(struct ln_order *o, const struct ln_fill *f)
{
    if (f->size_lots <= 0 || must_be_old(o, f) ||
        !ln_order_fill_is_new(o, f->trade_id))
        return false;
    if (o->order_id[0] == 0)
        learn_id(o, f->order_id);
    o->fills_lots = ln_add_sat(o->fills_lots, f->size_lots);
    o->fills_fee_e8 = ln_add_sat(o->fills_fee_e8, f->fee_e8);
    o->fills_by_ticks =
        ln_add_sat(o->fills_by_ticks, ln_mul_sat(f->price_ticks, f->size_lots));
    o->profit_e8 = ln_add_sat(o->profit_e8, f->profit_e8);
    if (o->fills_lots > o->filled_lots)
        o->filled_lots = o->fills_lots;
    choose_fee(o);
    touch(o, f->time_ms);
    if (!ln_order_state_final(o->state) || denied(o)) {
        confirm(o);
        o->state = state_by_amount(o);
    }
    complete(o);
    if (ln_order_state_final(o->state))
        o->cancel_sent = false;
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
    o->filled_lots = o->fills_lots = o->fills_by_ticks = 0;
    o->average_e8 = o->average_lots = o->average_ms = 0;
    o->told_fee_e8 = o->told_fee_lots = o->told_fee_ms = 0;
    o->fee_e8 = o->fills_fee_e8 = o->profit_e8 = 0;
    o->error_code = 0;
    o->reason[0] = 0;
    o->ended = false;
    o->state = LN_ORDER_LIVE;
    o->amend_sent = o->cancel_sent = false;
    touch(o, now_ms);
    return true;
}

int64_t
ln_order_average_e8(const struct ln_order *o, const struct ln_instrument *in)
{
    if (o->average_e8 && o->average_lots >= o->fills_lots)
        return o->average_e8;
    return ln_price_mean_e8(in, o->fills_by_ticks, o->fills_lots);
}

int64_t
ln_order_open_lots(const struct ln_order *o)
{
    if (ln_order_state_final(o->state))
        return 0;
    int64_t rest = ln_sub_sat(o->req.size_lots, o->filled_lots);
    return rest > 0 ? rest : 0;
}

int64_t
ln_order_unseen_lots(const struct ln_order *o)
{
    return o->filled_lots > o->fills_lots ? o->filled_lots - o->fills_lots : 0;
}
