/*
 * What is not USDT-FUTURES. The other product lines are known, but without a
 * symbol and without an account: what needs a symbol has answered 40034
 * before, the rest finds nothing, in the shape of its endpoint. And of the
 * spot market, the lists that clients load before they do anything else.
 */
#include "sim/wire.h"

bool
ln_sim_other_line(struct ln_sim_call *call)
{
    static const struct {
        const char *endpoint, *empty;
    } answers[] = {
        {"get_bill", "{\"bills\":null,\"endId\":null}"},
        {"get_history_position", "{\"list\":null,\"endId\":null}"},
        {"get_orders_pending", "{\"entrustedList\":null,\"endId\":null}"},
        {"get_orders_history", "{\"entrustedList\":null,\"endId\":null}"},
        {"get_orders_plan_pending", "{\"entrustedList\":null,\"endId\":null}"},
        {"get_orders_plan_history", "{\"entrustedList\":null,\"endId\":null}"},
        {"get_order_fills", "{\"fillList\":null,\"endId\":null}"},
        {"get_fill_history", "{\"fillList\":null,\"endId\":null}"},
        {"batch_cancel_orders", "{\"successList\":[],\"failureList\":[]}"},
        {"cancel_all_orders", "{\"successList\":[],\"failureList\":[]}"},
        {"cancel_plan_order", "{\"successList\":[],\"failureList\":[]}"},
        {"close_positions", "{\"successList\":[],\"failureList\":[]}"},
        {"set_all_leverage", "\"success\""},
    };
    const char *name = call->ep->name;
    if (strcmp(name, "set_position_mode") == 0) {
        bool hedge =
            ln_str_eqi(ln_sim_param(call->params, "posMode"), "hedge_mode");
        ln_jw_obj(&call->w);
        ln_jw_kcstr(&call->w, "posMode",
                    ln_sim_word_pos_mode(hedge ? LN_HEDGE : LN_ONE_WAY));
        ln_jw_obj_end(&call->w);
        return true; /* nothing that it could matter to */
    }
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        if (strcmp(answers[i].endpoint, name) == 0) {
            ln_jw_raw(&call->w, ln_str(answers[i].empty));
            return true;
        }
    ln_jw_raw(&call->w, ln_str("[]"));
    return true;
}

bool
ln_sim_answer_spot(struct ln_sim *sim, const struct ln_server_request *r,
                   struct ln_sim_answer *answer)
{
    static const char *const paths[] = {"/api/v2/spot/public/coins",
                                        "/api/v2/spot/public/symbols",
                                        "/api/v2/margin/currencies"};
    size_t i = 0, n = sizeof(paths) / sizeof(paths[0]);
    if (strcmp(r->method, "GET") != 0)
        return false;
    while (i < n && strcmp(r->path, paths[i]) != 0)
        i++;
    if (i == n)
        return false;
    ln_sim_envelope(sim, "00000", "success", ln_str("[]"));
    *answer = (struct ln_sim_answer){
        .status = 200, .type = LN_SIM_TYPE_JSON, .body = ln_buf_str(&sim->out)};
    return true;
}
