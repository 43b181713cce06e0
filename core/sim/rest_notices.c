/*
 * The clock and the announcements.
 */
#include "sim/orders.h"

#define NOTICES_MAX 10
#define NOTICE_ID   1

bool
ln_sim_get_server_time(struct ln_sim_call *call)
{
    ln_jw_obj(&call->w);
    ln_jw_kintstr(&call->w, "serverTime", ln_sim_server_ms(call->sim));
    ln_jw_obj_end(&call->w);
    return true;
}

/* There is one, in English: that this server has started. */
bool
ln_sim_get_announcements(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    int64_t before, start_ms, end_ms, at_ms = call->sim->started_ms;
    struct ln_str language = ln_sim_param(call->params, "language");
    struct ln_str type = ln_sim_param(call->params, "annType");
    size_t limit;
    if (language.len == 0)
        return ln_sim_fail(&call->fault, "40019",
                           "Parameter language cannot be empty");
    if (!ln_sim_limit(call, NOTICES_MAX, NOTICES_MAX, &limit) ||
        !ln_sim_read_id(call->params, "cursor", &before, &call->fault) ||
        !ln_sim_span(call, &start_ms, &end_ms))
        return false;
    ln_jw_arr(w);
    if ((before == 0 || before > NOTICE_ID) &&
        (type.len == 0 || ln_str_eqi(type, "latest_news")) &&
        at_ms >= start_ms && (end_ms == 0 || at_ms <= end_ms)) {
        ln_jw_obj(w);
        ln_jw_kintstr(w, "annId", NOTICE_ID);
        ln_jw_kcstr(w, "annTitle", "The simulator has started");
        ln_jw_kcstr(w, "annDesc", "");
        ln_jw_kcstr(w, "annType", "latest_news");
        ln_jw_kcstr(w, "annSubType", "");
        ln_jw_kcstr(w, "language", "en_US");
        ln_jw_kcstr(w, "annUrl", "");
        ln_jw_kintstr(w, "cTime", at_ms);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return true;
}
