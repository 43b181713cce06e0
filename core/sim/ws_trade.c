/*
 * Trading over the private WebSocket: one order is placed or cancelled per
 * request. Refusals carry the codes of REST and repeat the parameters; the
 * answer only says that the request was received, orders tells the rest.
 *
 *   {"op":"trade","args":[{"id","instType","instId","channel","params"}]}
 */
#include "sim/orders.h"
#include "sim/ws.h"

#define ID_MAX 40

/* One request, and what became of it. */
struct trade {
    const struct ln_json *doc;
    ln_json_val params;
    struct ln_str id, inst_type, inst_id, channel;
    struct ln_sim_placed done; /* place-order */
    bool placed;
    struct ln_sim_fault fault;
};

/* ---- the answer ---- */

static void
write_params(struct ln_json_writer *w, const struct trade *t)
{
    ln_jw_key(w, "params");
    if (t->placed) {
        ln_jw_obj(w);
        ln_sim_ids(w, t->done.id, t->done.client_oid);
        ln_jw_obj_end(w);
        return;
    }
    ln_jw_obj(w); /* as they were sent; of nested values nothing is left */
    bool object = ln_json_type(t->doc, t->params) == LN_JSON_OBJECT;
    for (ln_json_val k = ln_json_first(t->doc, t->params);
         object && k != LN_JSON_NONE; k = ln_json_next(t->doc, t->params, k)) {
        char key[64], text[256];
        enum ln_json_type type = ln_json_type(t->doc, k + 1);
        if (!ln_json_string(t->doc, k, key, sizeof(key)) ||
            type == LN_JSON_ARRAY || type == LN_JSON_OBJECT)
            continue;
        ln_jw_key(w, key);
        if (type != LN_JSON_STRING)
            ln_jw_raw(w, ln_json_raw(t->doc, k + 1));
        else if (ln_json_string(t->doc, k + 1, text, sizeof(text)))
            ln_jw_cstr(w, text);
        else
            ln_jw_cstr(w, "");
    }
    ln_jw_obj_end(w);
}

static int64_t
code_of(const struct ln_sim_fault *f)
{
    int64_t code = 0;
    for (const char *c = f->code; *c >= '0' && *c <= '9'; c++)
        code = code * 10 + (*c - '0');
    return code;
}

static void
answer(struct ln_sim_conn *conn, const struct trade *t, bool ok)
{
    struct ln_sim *sim = conn->sim;
    struct ln_json_writer w;
    ln_buf_reset(&sim->push);
    ln_jw_init(&w, &sim->push);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "event", ok ? "trade" : "error");
    ln_jw_key(&w, "arg");
    ln_jw_arr(&w);
    ln_jw_obj(&w);
    ln_jw_kstr(&w, "id", t->id);
    ln_jw_kstr(&w, "instType", t->inst_type);
    ln_jw_kstr(&w, "channel", t->channel);
    ln_jw_kstr(&w, "instId", t->inst_id);
    write_params(&w, t);
    ln_jw_obj_end(&w);
    ln_jw_arr_end(&w);
    ln_jw_kint(&w, "code", ok ? 0 : code_of(&t->fault));
    ln_jw_kcstr(&w, "msg", ok ? "Success" : t->fault.msg);
    ln_jw_kint(&w, "ts", ln_sim_server_ms(sim));
    ln_jw_obj_end(&w);
    ln_sim_conn_send(conn, ln_buf_str(&sim->push));
}

/* ---- what is wanted ---- */

static bool
id_is_good(struct ln_str id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                    (c >= 'A' && c <= 'Z') || (c && strchr("_:#-+ ", c));
        if (!good)
            return false;
    }
    return id.len <= ID_MAX;
}

/* The endpoint's bucket, of the user, as over REST. */
static bool
take_token(struct ln_sim_conn *conn, const char *endpoint,
           struct ln_sim_fault *f)
{
    struct ln_sim *sim = conn->sim;
    int64_t left;
    if (!sim->limits ||
        ln_sim_limits_take(sim->limits, ln_v2_endpoint(endpoint), "",
                           conn->user->index, ln_sim_server_ms(sim), &left))
        return true;
    sim->stats.rate_limited++;
    return ln_sim_fail(f, "429", "Too Many Requests");
}

static bool
place(struct ln_sim_conn *conn, struct trade *t, uint16_t inst,
      const struct ln_sim_params *p)
{
    struct ln_str coin = ln_sim_param(p, "marginCoin");
    if (!take_token(conn, "place_order", &t->fault))
        return false;
    if (coin.len > 0 && !ln_str_eqi(coin, LN_SIM_COIN))
        return ln_sim_fail(&t->fault, "40034",
                           "Parameter marginCoin does not exist");
    t->placed = ln_sim_place(conn->sim, conn->user->account, inst, p,
                             ln_str(""), &t->done, &t->fault);
    return t->placed;
}

static bool
cancel(struct ln_sim_conn *conn, struct trade *t, uint16_t inst,
       const struct ln_sim_params *p)
{
    const struct ln_ex_order *order;
    struct ln_str id = ln_sim_param(p, "orderId");
    struct ln_str oid = ln_sim_param(p, "clientOid");
    if (!take_token(conn, "cancel_order", &t->fault))
        return false;
    bool found = ln_sim_find_order(conn->sim, conn->user->account, p, "41101",
                                   &order, &t->fault);
    if (found && order->req.instrument == inst)
        return ln_sim_cancel(conn->sim, conn->user->index, order, &t->fault);
    if (!found && strcmp(t->fault.code, "41101") != 0)
        return false;
    struct ln_str shown = id.len > 0 ? id : oid;
    return ln_sim_fail(&t->fault, "41101", "Param %s=%.*s error",
                       id.len > 0 ? "orderId" : "clientOid",
                       ln_sim_shown(shown), shown.ptr);
}

static bool
carry_out(struct ln_sim_conn *conn, struct trade *t)
{
    struct ln_sim_fault *f = &t->fault;
    struct ln_sim_params p;
    if (!conn->user)
        return ln_sim_fail(f, "30004",
                           "User not logged in/User must be logged in");
    bool places = ln_str_eqc(t->channel, "place-order");
    if (!places && !ln_str_eqc(t->channel, "cancel-order"))
        return ln_sim_fail(f, "30016", "Param error");
    if (!id_is_good(t->id)) {
        t->id = ln_str("");
        return ln_sim_fail(f, "30016", "Param error: id");
    }
    if (!ln_str_eqi(t->inst_type, LN_SIM_PRODUCT))
        return ln_sim_fail(f, "30001",
                           "this simulator serves " LN_SIM_PRODUCT " only");
    uint16_t inst =
        ln_instruments_find(ln_ex_instruments(conn->sim->ex), t->inst_id);
    if (inst == LN_INSTRUMENT_NONE)
        return ln_sim_fail(f, "40034", "Parameter %.*s does not exist",
                           ln_sim_shown(t->inst_id), t->inst_id.ptr);
    ln_sim_params_object(&p, t->doc, t->params);
    return places ? place(conn, t, inst, &p) : cancel(conn, t, inst, &p);
}

void
ln_sim_ws_trade(struct ln_sim_conn *conn, const struct ln_json *doc,
                ln_json_val args)
{
    ln_json_val arg = ln_json_at(doc, args, 0);
    struct trade t = {
        .doc = doc,
        .params = ln_json_get(doc, arg, "params"),
        .id = ln_json_scalar(doc, ln_json_get(doc, arg, "id")),
        .inst_type = ln_json_scalar(doc, ln_json_get(doc, arg, "instType")),
        .inst_id = ln_json_scalar(doc, ln_json_get(doc, arg, "instId")),
        .channel = ln_json_scalar(doc, ln_json_get(doc, arg, "channel"))};
    bool ok = ln_json_count(doc, args) == 1
                  ? carry_out(conn, &t)
                  : ln_sim_fail(&t.fault, "30016",
                                "Param error: one request at a time");
    answer(conn, &t, ok);
}
