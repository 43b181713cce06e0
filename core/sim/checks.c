/*
 * What the endpoint table knows about parameters, checked before a handler
 * runs: required ones, enums, the product line, the coin, the symbol; and
 * the readers of parameters that many endpoints share.
 */
#include "sim/sim_int.h"

#define DAY_MS     86400000LL
#define DEPTH_DAYS 90 /* how far back the wire tells of anything */

/* Rows that answer something more exact about a parameter themselves. */
static bool
checked_elsewhere(const struct ln_endpoint *ep, const char *param)
{
    static const struct {
        const char *endpoint, *param;
    } exceptions[] = {
        {"modify_order", "newClientOid"},   /* 22003 */
        {"modify_tpsl_order", "size"},      /* empty for pos_profit, pos_loss */
        {"get_merge_depth", "limit"},       /* its default is not in the list */
        {"get_trade_rate", "businessType"}, /* also called business */
        {"get_all_trade_rate", "businessType"},
        {"get_announcements", "language"} /* unknown ones are English */
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

/* Demo lines of old: clients still ask for them, and they are empty. */
#define DEMO_LINES "SUSDT-FUTURES|SCOIN-FUTURES|SUSDC-FUTURES"

static bool
fits_enum(const struct ln_param *p, struct ln_str text)
{
    return is_one_of(text, p->values, strcmp(p->name, "granularity") == 0) ||
           (strcmp(p->name, "productType") == 0 && strchr(p->values, '|') &&
            is_one_of(text, DEMO_LINES, false));
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
    if (p->type == LN_PT_ENUM && p->values && !fits_enum(p, text))
        return ln_sim_fail(f, "400172",
                           "Parameter verification failed %s Illegal type",
                           p->name);
    return true;
}

/* Does the row of this endpoint have such a parameter? */
static bool
takes(const struct ln_endpoint *ep, const char *name)
{
    for (int i = 0; i < ep->nparams; i++)
        if (strcmp(ep->params[i].name, name) == 0)
            return true;
    return false;
}

/* The symbol; there are none in the other product lines. */
static bool
check_symbol(struct ln_sim_call *call, struct ln_str symbol)
{
    call->inst = ln_instruments_find(ln_ex_instruments(call->sim->ex), symbol);
    if (call->inst == LN_INSTRUMENT_NONE || call->other_line)
        return ln_sim_fail(
            &call->fault, "40034", "Parameter %.*s does not exist",
            (int)(symbol.len < 40 ? symbol.len : 40), symbol.ptr);
    call->in = ln_sim_instrument(call->sim, call->inst);
    return true;
}

/* What a row does not list is ignored, as on the wire. */
bool
ln_sim_check_params(struct ln_sim_call *call)
{
    const struct ln_endpoint *ep = call->ep;
    for (int i = 0; i < ep->nparams; i++)
        if (!check_param(call, &ep->params[i], &call->fault))
            return false;
    struct ln_str product = ln_sim_param(call->params, "productType");
    call->other_line = takes(ep, "productType") && product.len > 0 &&
                       !ln_str_eqi(product, LN_SIM_PRODUCT);
    struct ln_str coin = ln_sim_param(call->params, "marginCoin");
    if (takes(ep, "marginCoin") && coin.len > 0 && !call->other_line &&
        !ln_str_eqi(coin, LN_SIM_COIN))
        return ln_sim_fail(&call->fault, "40034",
                           "Parameter marginCoin does not exist");
    struct ln_str symbol = ln_sim_param(call->params, "symbol");
    return !takes(ep, "symbol") || symbol.len == 0 ||
           check_symbol(call, symbol);
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
ln_sim_span_days(struct ln_sim_call *call, int days, int64_t *start_ms,
                 int64_t *end_ms)
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
                           "Start time is greater than end time");
    if (*end_ms - *start_ms > days * DAY_MS)
        return ln_sim_fail(&call->fault, "40705",
                           "The start and end time cannot exceed %d days",
                           days);
    return true;
}

bool
ln_sim_span(struct ln_sim_call *call, int64_t *start_ms, int64_t *end_ms)
{
    return ln_sim_span_days(call, DEPTH_DAYS, start_ms, end_ms);
}

int64_t
ln_sim_depth_ms(const struct ln_sim *sim)
{
    return ln_ex_now(sim->ex) - DEPTH_DAYS * DAY_MS;
}

/*
 * A day of grace: the caller's "90 days ago" has become older on its way.
 * Where the market's clock and the server's differ, the earlier one counts.
 */
bool
ln_sim_not_too_old(struct ln_sim_call *call, int64_t time_ms)
{
    int64_t now_ms = ln_ex_now(call->sim->ex);
    int64_t server_ms = ln_sim_server_ms(call->sim);
    if (server_ms < now_ms)
        now_ms = server_ms;
    if (time_ms == 0 || time_ms >= now_ms - (DEPTH_DAYS + 1) * DAY_MS)
        return true;
    return ln_sim_fail(&call->fault, "40704",
                       "Can only check the data of the last three months");
}

bool
ln_sim_decimal(struct ln_sim_call *call, const char *name, bool required,
               int64_t *out)
{
    struct ln_str text = ln_sim_param(call->params, name);
    *out = 0;
    if (text.len == 0)
        return !required || ln_sim_fail(&call->fault, "40019",
                                        "Parameter %s cannot be empty", name);
    if (ln_decimal_parse(text, LN_SCALE_MONEY, LN_ROUND_EXACT, out) == LN_OK)
        return true;
    return ln_sim_fail(&call->fault, "40017",
                       "Parameter verification failed %s", name);
}
