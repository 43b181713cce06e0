/*
 * The words of plans, and why one was refused. See plans.h.
 */
#include "sim/plans.h"

static const struct {
    const char *name, *brief;
    enum ln_ex_source source;
} kinds[LN_PLAN_KINDS] = {
    [LN_PLAN_NORMAL] = {"normal_plan", "pl", LN_EXS_PLAN},
    [LN_PLAN_TRACK] = {"track_plan", "track", LN_EXS_TRACK},
    [LN_PLAN_PROFIT] = {"profit_plan", "tp", LN_EXS_PROFIT},
    [LN_PLAN_LOSS] = {"loss_plan", "sl", LN_EXS_LOSS},
    [LN_PLAN_POS_PROFIT] = {"pos_profit", "ptp", LN_EXS_POS_PROFIT},
    [LN_PLAN_POS_LOSS] = {"pos_loss", "psl", LN_EXS_POS_LOSS},
    [LN_PLAN_MOVING] = {"moving_plan", "mtpsl", LN_EXS_MOVE},
};

bool
ln_sim_plan_is_plain(enum ln_ex_plan_kind kind)
{
    return kind == LN_PLAN_NORMAL || kind == LN_PLAN_TRACK;
}

const char *
ln_sim_word_plan(enum ln_ex_plan_kind kind)
{
    return kinds[kind].name;
}

const char *
ln_sim_word_plan_short(enum ln_ex_plan_kind kind)
{
    return kinds[kind].brief;
}

unsigned
ln_sim_plan_kinds(struct ln_str plan_type)
{
    unsigned mask = 0;
    bool all_of_positions = ln_str_eqi(plan_type, "profit_loss");
    for (unsigned k = LN_PLAN_NORMAL; k < LN_PLAN_KINDS; k++)
        if (all_of_positions ? !ln_sim_plan_is_plain((enum ln_ex_plan_kind)k)
                             : ln_str_eqi(plan_type, kinds[k].name))
            mask |= 1U << k;
    return mask;
}

const char *
ln_sim_word_plan_status(const struct ln_ex_plan *plan)
{
    switch (plan->state) {
    case LN_PLAN_EXECUTED:
        return "executed";
    case LN_PLAN_FAILED:
        return "fail_execute";
    case LN_PLAN_CANCELLED:
        return "cancelled";
    default:
        return "live";
    }
}

const char *
ln_sim_word_plan_source(const struct ln_ex_plan *plan)
{
    return ln_sim_word_source_of(kinds[plan->req.kind].source,
                                 plan->req.limit_ticks > 0);
}

const char *
ln_sim_word_watch(uint8_t watch)
{
    return watch == LN_WATCH_MARK ? "mark_price" : "fill_price";
}

struct ln_sim_doing
ln_sim_plan_doing(const struct ln_ex_plan *plan)
{
    bool closes = plan->req.reduce_only ||
                  !ln_sim_plan_is_plain((enum ln_ex_plan_kind)plan->req.kind);
    return (struct ln_sim_doing){plan->pos_mode, plan->req.side,
                                 plan->req.pos_side, closes};
}

/* ---- refusals ---- */

/*
 * Take profit and stop loss of a position against the price they watch. The
 * text of 45122 is a live one; the others follow it.
 */
static bool
refuse_guard(struct ln_sim *sim, struct ln_sim_fault *f,
             const struct ln_ex_plan_request *req)
{
    /* [stop loss][short][last price] */
    static const char *const codes[2][2][2] = {
        {{"40830", "40831"}, {"40832", "40833"}},
        {{"40834", "40835"}, {"45122", "40836"}}};
    bool loss = req->kind == LN_PLAN_LOSS || req->kind == LN_PLAN_POS_LOSS;
    bool is_short = req->side == LN_BUY;
    bool last = req->watch != LN_WATCH_MARK;
    char text[LN_DECIMAL_CAP];
    struct ln_ticker t;
    ln_ex_ticker(sim->ex, req->instrument, &t);
    if (last)
        ln_price_format(ln_sim_instrument(sim, req->instrument), t.last_ticks,
                        text);
    else
        ln_decimal_format(t.mark_e8, LN_SCALE_MONEY, 0, text);
    return ln_sim_fail(
        f, codes[loss][is_short][last],
        "%s position %s price please %c %s price %s",
        is_short ? "Short" : "Long", loss ? "stop loss" : "take profit",
        loss == is_short ? '>' : '<', last ? "last" : "mark", text);
}

static bool
refuse_side(struct ln_sim *sim, struct ln_sim_fault *f,
            const struct ln_ex_plan_request *req)
{
    if (!ln_sim_plan_is_plain((enum ln_ex_plan_kind)req->kind))
        return refuse_guard(sim, f, req);
    bool buy = req->side == LN_BUY;
    return ln_sim_fail(f, buy ? "43034" : "43035",
                       "The trigger price should be %s the current price",
                       buy ? "below" : "above");
}

bool
ln_sim_refuse_plan(struct ln_sim *sim, struct ln_sim_fault *f,
                   enum ln_ex_refusal refusal,
                   const struct ln_ex_plan_request *req)
{
    bool plain = ln_sim_plan_is_plain((enum ln_ex_plan_kind)req->kind);
    bool buy = req->side == LN_BUY;
    switch (refusal) {
    case LN_EXR_TRIGGER_SIDE:
        return refuse_side(sim, f, req);
    case LN_EXR_PLAN_EXISTS:
        return req->kind == LN_PLAN_POS_PROFIT
                   ? ln_sim_fail(f, "43030", "Take profit order already exists")
                   : ln_sim_fail(f, "43031", "Stop loss order already exists");
    case LN_EXR_NO_POSITION:
        if (plain)
            break;
        return ln_sim_fail(f, "43023",
                           "Insufficient position, can not set profit or "
                           "stop loss");
    case LN_EXR_CLOSE_TOO_LARGE:
        if (plain)
            break;
        return ln_sim_fail(f, "40891",
                           "Insufficient position, can not set profit or "
                           "stop loss");
    case LN_EXR_TOO_MANY:
        return ln_sim_fail(f, plain ? "40889" : "40890",
                           "The number of %s orders has reached its limit",
                           plain ? "plan" : "take profit and stop loss");
    case LN_EXR_PRICE_BAND:
        return ln_sim_fail(f, buy ? "43009" : "43008",
                           "The price is beyond the limit of the day");
    default:
        break;
    }
    return ln_sim_refuse(f, refusal, ln_sim_instrument(sim, req->instrument));
}

/* ---- finding ---- */

bool
ln_sim_plan_missing(struct ln_sim_fault *f, bool plain, bool ended)
{
    if (plain)
        return ended ? ln_sim_fail(f, "43026", "The plan order is closed")
                     : ln_sim_fail(f, "43025", "Plan order does not exist");
    return ended ? ln_sim_fail(f, "43021",
                               "The take profit or stop loss order is closed")
                 : ln_sim_fail(f, "43020",
                               "The take profit or stop loss order does not "
                               "exist");
}

bool
ln_sim_find_plan(struct ln_sim *sim, ln_ex_account account,
                 const struct ln_sim_params *p, unsigned mask,
                 const struct ln_ex_plan **out, struct ln_sim_fault *f)
{
    char oid[LN_OID_CAP];
    struct ln_str client = ln_sim_param(p, "clientOid");
    bool by_id = ln_sim_param(p, "orderId").len > 0;
    bool plain = (mask & (1U << LN_PLAN_NORMAL | 1U << LN_PLAN_TRACK)) != 0;
    int64_t id = 0;
    *out = NULL;
    if (!ln_sim_read_id(p, "orderId", &id, f))
        return false;
    if (!by_id && client.len == 0)
        return ln_sim_fail(f, "40913",
                           "orderId or clientOid must be passed one");
    bool whole = ln_str_copy(oid, sizeof(oid), client);
    if (by_id ? id != 0 : whole)
        *out = ln_ex_plan_find(sim->ex, account, id, by_id ? NULL : oid);
    if (*out && (mask & 1U << (*out)->req.kind) == 0)
        *out = NULL;
    return *out != NULL || ln_sim_plan_missing(f, plain, false);
}
