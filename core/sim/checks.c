/*
 * What the endpoint table knows about parameters, checked before a handler
 * runs: required ones, enums, the product line, the coin, the symbol; and
 * the readers of parameters that many endpoints share.
 */
#include "sim/sim_int.h"

#define SPAN_MAX_MS (90 * 86400000LL)

/* Rows that answer something more exact about a parameter themselves. */
static bool
checked_elsewhere(const struct ln_endpoint *ep, const char *param)
{
    static const struct {
        const char *endpoint, *param;
    } exceptions[] = {
        {"modify_order", "newClientOid"},  /* 22003 */
        {"get_merge_depth", "limit"},      /* its default is not in the list */
        {"get_trade_rate", "businessType"} /* also called business */
    };
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
        if (strcmp(exceptions[i].endpoint, ep->name) == 0 &&
            strcmp(exceptions[i].param, param) == 0)
            return true;
    return false;
}

/* Is <text> one of "a|b|c"? "granularity" alone tells 1m from 1M. */
static bool
is_one_of(struct ln_str text, const char *values, bool exact)
{
    char word[64];
    for (const char *at = values;; at++) {
        size_t len = strcspn(at, "|");
        ln_str_copy(word, sizeof(word), ln_strn(at, len));
        if (exact ? ln_str_eqc(text, word) : ln_str_eqi(text, word))
            return true;
        at += len;
        if (!*at)
            return false;
    }
}

/* A list must be a JSON array; it has no scalar text. */
static bool
check_list(const struct ln_sim_call *call, const struct ln_param *p,
           struct ln_sim_fault *f)
{
    const struct ln_json *doc = call->params->doc;
    ln_json_val v =
        doc ? ln_json_get(doc, call->params->obj, p->name) : LN_JSON_NONE;
    enum ln_json_type type = doc ? ln_json_type(doc, v) : LN_JSON_ABSENT;
    if (type == LN_JSON_ARRAY)
        return !p->required || ln_json_count(doc, v) > 0 ||
               ln_sim_fail(f, "40019", "Parameter %s cannot be empty", p->name);
    if (type != LN_JSON_ABSENT && type != LN_JSON_NULL)
        return ln_sim_fail(f, "40017", "Parameter verification failed %s",
                           p->name);
    return !p->required ||
           ln_sim_fail(f, "40019", "Parameter %s cannot be empty", p->name);
}

static bool
check_param(const struct ln_sim_call *call, const struct ln_param *p,
            struct ln_sim_fault *f)
{
    if (checked_elsewhere(call->ep, p->name))
        return true;
    if (p->type == LN_PT_LIST)
        return check_list(call, p, f);
    struct ln_str text = ln_sim_param(call->params, p->name);
    if (text.len == 0)
        return !p->required ||
               ln_sim_fail(f, "40019", "Parameter %s cannot be empty", p->name);
    if (p->type == LN_PT_ENUM && p->values &&
        !is_one_of(text, p->values, strcmp(p->name, "granularity") == 0))
        return ln_sim_fail(f, "400172",
                           "Parameter verification failed %s Illegal type",
                           p->name);
    return true;
}

bool
ln_sim_check_params(struct ln_sim_call *call)
{
    struct ln_sim_fault *f = &call->fault;
    for (int i = 0; i < call->ep->nparams; i++)
        if (!check_param(call, &call->ep->params[i], f))
            return false;
    struct ln_str product = ln_sim_param(call->params, "productType");
    if (product.len > 0 && !ln_str_eqi(product, LN_SIM_PRODUCT))
        return ln_sim_fail(f, "40034",
                           "this simulator serves " LN_SIM_PRODUCT " only");
    struct ln_str coin = ln_sim_param(call->params, "marginCoin");
    if (coin.len > 0 && !ln_str_eqi(coin, LN_SIM_COIN))
        return ln_sim_fail(f, "40034", "Parameter marginCoin does not exist");
    struct ln_str symbol = ln_sim_param(call->params, "symbol");
    if (symbol.len == 0)
        return true;
    call->inst = ln_instruments_find(ln_ex_instruments(call->sim->ex), symbol);
    if (call->inst == LN_INSTRUMENT_NONE)
        return ln_sim_fail(f, "40034", "Parameter %.*s does not exist",
                           (int)(symbol.len < 40 ? symbol.len : 40),
                           symbol.ptr);
    call->in = ln_sim_instrument(call->sim, call->inst);
    return true;
}

bool
ln_sim_limit(struct ln_sim_call *call, int64_t fallback, int64_t max,
             size_t *out)
{
    int64_t v = fallback;
    enum ln_sim_given given = ln_sim_param_i64(call->params, "limit", &v);
    if (given == LN_SIM_BAD || v == 0)
        return ln_sim_fail(&call->fault, "40017",
                           "Parameter verification failed limit");
    *out = (size_t)(v > max ? max : v);
    return true;
}

bool
ln_sim_span(struct ln_sim_call *call, int64_t *start_ms, int64_t *end_ms)
{
    *start_ms = *end_ms = 0;
    if (ln_sim_param_i64(call->params, "startTime", start_ms) == LN_SIM_BAD)
        return ln_sim_fail(&call->fault, "40017",
                           "Parameter verification failed startTime");
    if (ln_sim_param_i64(call->params, "endTime", end_ms) == LN_SIM_BAD)
        return ln_sim_fail(&call->fault, "40017",
                           "Parameter verification failed endTime");
    if (*start_ms == 0 || *end_ms == 0)
        return true;
    if (*start_ms > *end_ms)
        return ln_sim_fail(&call->fault, "40707",
                           "Start time is later than end time");
    if (*end_ms - *start_ms > SPAN_MAX_MS)
        return ln_sim_fail(&call->fault, "40705",
                           "Start and end time cannot exceed 90 days");
    return true;
}
