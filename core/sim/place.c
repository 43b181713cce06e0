/*
 * One order from its parameters into the engine, and one order found by
 * them.
 */
#include "sim/orders.h"

#include <stdio.h>

#define CHUNK 128 /* orders looked at at a time */

static bool
read_kind(const struct ln_sim_params *p, struct ln_order_request *req,
          struct ln_sim_fault *f)
{
    static const char *const types[] = {"limit", "market", NULL};
    static const char *const forces[] = {"gtc", "ioc", "fok", "post_only",
                                         NULL};
    int type = ln_sim_word_of(p, "orderType", types, -2);
    int force = ln_sim_word_of(p, "force", forces, 0);
    if (type == -2)
        return ln_sim_fail(f, "40019", "Parameter orderType cannot be empty");
    if (type < 0)
        return ln_sim_bad_word(f, "orderType");
    if (force < 0)
        return ln_sim_bad_word(f, "force");
    req->type = type == 0 ? LN_LIMIT : LN_MARKET;
    req->tif = req->type == LN_MARKET ? LN_GTC : (uint8_t)(LN_GTC + force);
    return true;
}

static bool
read_presets(const struct ln_sim_params *p, const struct ln_instrument *in,
             struct ln_order_request *req, struct ln_sim_fault *f)
{
    const struct {
        const char *name;
        int64_t *ticks;
    } rows[] = {
        {"presetStopSurplusPrice", &req->take_profit_ticks},
        {"presetStopLossPrice", &req->stop_loss_ticks},
        {"presetStopSurplusExecutePrice", &req->take_profit_limit_ticks},
        {"presetStopLossExecutePrice", &req->stop_loss_limit_ticks},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!ln_sim_read_price_if(in, rows[i].name, p, rows[i].ticks, f))
            return false;
    return true;
}

static bool
read_order(const struct ln_sim_params *p, const struct ln_instrument *in,
           bool hedge, struct ln_str margin_mode, struct ln_order_request *req,
           struct ln_sim_fault *f)
{
    struct ln_sim_direction dir;
    if (!read_kind(p, req, f) ||
        !ln_sim_read_margin_mode(p, margin_mode, &req->margin_mode, f) ||
        !ln_sim_read_direction(p, hedge, &dir, f) ||
        !ln_sim_read_stp(p, &req->stp, f) ||
        !ln_sim_read_size(in, ln_sim_param(p, "size"), &req->size_lots, f) ||
        (req->type == LN_LIMIT &&
         !ln_sim_read_price(in, "price", ln_sim_param(p, "price"),
                            &req->price_ticks, f)) ||
        !read_presets(p, in, req, f))
        return false;
    req->side = dir.side;
    req->pos_side = dir.pos_side;
    req->reduce_only = dir.reduce_only;
    return true;
}

/*
 * In one-way mode a reduce-only order that does not fit beside older ones
 * displaces them; the exchange then answers without an orderId.
 */
static bool
displaces(struct ln_sim *sim, ln_ex_account account,
          const struct ln_order_request *req)
{
    const struct ln_ex_order *chunk[CHUNK];
    int64_t before = 0, resting = 0, held = 0;
    size_t n;
    if (!req->reduce_only || req->pos_side != LN_NET)
        return false;
    do {
        n = ln_ex_orders(sim->ex, account, true, req->instrument, before, chunk,
                         CHUNK);
        for (size_t i = 0; i < n; i++) {
            before = chunk[i]->id;
            if (chunk[i]->req.reduce_only && chunk[i]->req.side == req->side)
                resting += chunk[i]->req.size_lots - chunk[i]->filled_lots;
        }
    } while (n == CHUNK);
    const struct ln_ex_position *pos = ln_sim_positions(sim, account, &n);
    for (size_t i = 0; i < n; i++)
        if (pos[i].instrument == req->instrument)
            held = pos[i].size_lots;
    return resting > 0 && req->size_lots > held - resting;
}

bool
ln_sim_refuse_order(struct ln_sim *sim, struct ln_sim_fault *f,
                    enum ln_ex_refusal refusal,
                    const struct ln_order_request *req)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, req->instrument);
    bool buy = req->side == LN_BUY;
    struct ln_ticker t;
    if (refusal == LN_EXR_PRICE_BAND)
        return ln_sim_fail(f, buy ? "43009" : "43008",
                           buy ? "The price is above the limit of the day"
                               : "The price is below the limit of the day");
    if (refusal != LN_EXR_PRESET)
        return ln_sim_refuse(f, refusal, in);
    ln_ex_ticker(sim->ex, req->instrument, &t);
    int64_t at = req->type == LN_LIMIT ? req->price_ticks : t.last_ticks;
    const char *which = req->type == LN_LIMIT ? "order price" : "current price";
    int64_t profit = req->take_profit_ticks;
    char text[LN_DECIMAL_CAP];
    ln_price_format(in, at, text);
    if (profit > 0 && (buy ? profit <= at : profit >= at))
        return ln_sim_fail(f, buy ? "45064" : "45066",
                           "%s position take profit price please %c %s %s",
                           buy ? "Long" : "Short", buy ? '>' : '<', which,
                           text);
    return ln_sim_fail(f, buy ? "45065" : "45067",
                       "%s position stop loss price please %c %s %s",
                       buy ? "Long" : "Short", buy ? '<' : '>', which, text);
}

bool
ln_sim_place(struct ln_sim *sim, ln_ex_account account, uint16_t inst,
             const struct ln_sim_params *p, struct ln_str margin_mode,
             struct ln_sim_placed *out, struct ln_sim_fault *f)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, inst);
    struct ln_order_request req = {.instrument = inst};
    bool hedge = ln_ex_pos_mode(sim->ex, account) == LN_HEDGE;
    *out = (struct ln_sim_placed){.id = 0};
    if (!ln_sim_read_oid(p, "clientOid", req.client_oid, f))
        return false;
    memcpy(out->client_oid, req.client_oid, sizeof(out->client_oid));
    if (!read_order(p, in, hedge, margin_mode, &req, f))
        return false;
    out->displaced = displaces(sim, account, &req);
    enum ln_ex_refusal refusal = ln_ex_place(sim->ex, account, &req, &out->id);
    if (refusal != LN_EXR_OK)
        return ln_sim_refuse_order(sim, f, refusal, &req);
    const struct ln_ex_order *o = ln_ex_find(sim->ex, account, out->id, NULL);
    if (o)
        memcpy(out->client_oid, o->req.client_oid, sizeof(out->client_oid));
    return true;
}

/* ---- finding ---- */

bool
ln_sim_find_order(struct ln_sim *sim, ln_ex_account account,
                  const struct ln_sim_params *p, const char *missing_code,
                  const struct ln_ex_order **out, struct ln_sim_fault *f)
{
    char oid[LN_OID_CAP];
    int64_t id = 0;
    struct ln_sim_fault bad = {.status = 0};
    if (!ln_sim_read_id(p, "orderId", &id, &bad))
        return ln_sim_fail(f, "40402", "orderId or clientOId format error");
    struct ln_str client = ln_sim_param(p, "clientOid");
    bool by_id = ln_sim_param(p, "orderId").len > 0;
    if (!by_id && client.len == 0)
        return ln_sim_fail(f, "40913",
                           "orderId or clientOid must be passed one");
    bool whole = ln_str_copy(oid, sizeof(oid), client);
    *out = NULL;
    if (by_id)
        *out = id ? ln_ex_find(sim->ex, account, id, NULL) : NULL;
    else if (whole)
        *out = ln_ex_find(sim->ex, account, 0, oid);
    if (*out)
        return true;
    return ln_sim_fail(f, missing_code, "%s",
                       strcmp(missing_code, "40109") == 0
                           ? "The data of the order cannot be found, please "
                             "confirm the order number"
                           : "Order does not exist");
}
