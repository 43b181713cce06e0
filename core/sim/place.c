/*
 * One order from its parameters: texts to ticks and lots, Bitget's words for
 * direction to the direction of execution, then into the engine.
 */
#include "sim/sim_int.h"

#include <stdio.h>

#define OID_MAX    (LN_OID_CAP - 1)
#define TEXT_SHOWN 40 /* bytes of a parameter repeated in a message */

static int
shown(struct ln_str s)
{
    return (int)(s.len < TEXT_SHOWN ? s.len : TEXT_SHOWN);
}

/* ---- numbers ---- */

/* Decimals of a plain number without its trailing zeros. */
static size_t
decimals_of(struct ln_str text)
{
    const char *dot = memchr(text.ptr, '.', text.len);
    if (!dot)
        return 0;
    size_t n = text.len - (size_t)(dot - text.ptr) - 1;
    while (n > 0 && dot[n] == '0')
        n--;
    return n;
}

/* Something that is a number at all? */
static bool
is_number(struct ln_str text, int64_t *sign)
{
    int64_t v;
    if (ln_decimal_parse(text, LN_SCALE_MONEY, LN_ROUND_CEIL, &v) != LN_OK)
        return false;
    *sign = v;
    return true;
}

bool
ln_sim_read_price(const struct ln_instrument *in, const char *name,
                  struct ln_str text, int64_t *ticks, struct ln_sim_fault *f)
{
    char step[LN_DECIMAL_CAP];
    int64_t sign;
    if (text.len == 0)
        return ln_sim_fail(f, "40019", "Parameter %s cannot be empty", name);
    if (!is_number(text, &sign))
        return ln_sim_fail(f, "40017", "Parameter verification failed %s",
                           name);
    if (sign <= 0)
        return ln_sim_fail(f, "40706", "Wrong order price: %s <= 0", name);
    if (ln_price_parse(in, text, LN_ROUND_EXACT, ticks) == LN_OK)
        return true;
    ln_price_format(in, 1, step);
    return ln_sim_fail(f, "45115",
                       "The price you enter should be a multiple of %s", step);
}

bool
ln_sim_read_size(const struct ln_instrument *in, struct ln_str text,
                 int64_t *lots, struct ln_sim_fault *f)
{
    char step[LN_DECIMAL_CAP];
    int64_t sign;
    if (text.len == 0)
        return ln_sim_fail(f, "40019", "Parameter size cannot be empty");
    if (!is_number(text, &sign) || sign < 0)
        return ln_sim_fail(f, "40017", "Parameter verification failed size");
    if (decimals_of(text) > in->volume_place)
        return ln_sim_fail(f, "40808",
                           "Parameter verification exception size checkBDScale "
                           "error value=%.*s checkScale=%d",
                           shown(text), text.ptr, in->volume_place);
    if (sign == 0)
        return ln_sim_refuse(f, LN_EXR_SIZE_MIN, in);
    if (ln_size_parse(in, text, LN_ROUND_EXACT, lots) == LN_OK)
        return true;
    /* Smaller than one step is too small rather than off the grid. */
    if (ln_size_parse(in, text, LN_ROUND_DOWN, lots) == LN_OK && *lots == 0)
        return ln_sim_refuse(f, LN_EXR_SIZE_MIN, in);
    ln_size_format(in, 1, step);
    return ln_sim_fail(f, "22038", "The size should be a multiple of %s", step);
}

/* ---- words ---- */

static bool
bad_enum(struct ln_sim_fault *f, const char *name)
{
    return ln_sim_fail(f, "400172",
                       "Parameter verification failed %s Illegal type", name);
}

/* Index in <words>, -1: none of them; absent gives <fallback>. */
static int
word_of(const struct ln_sim_params *p, const char *name,
        const char *const *words, int fallback)
{
    struct ln_str text = ln_sim_param(p, name);
    if (text.len == 0)
        return fallback;
    for (int i = 0; words[i]; i++)
        if (ln_str_eqi(text, words[i]))
            return i;
    return -1;
}

static bool
read_client_oid(const struct ln_sim_params *p, char out[LN_OID_CAP],
                struct ln_sim_fault *f)
{
    struct ln_str oid = ln_sim_param(p, "clientOid");
    out[0] = '\0';
    if (oid.len > OID_MAX)
        return ln_sim_fail(f, "40304", "clientOid: at most %d characters",
                           OID_MAX);
    for (size_t i = 0; i < oid.len; i++) {
        char c = oid.ptr[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                    (c >= 'A' && c <= 'Z') || (c && strchr("_:#-+ ", c));
        if (!good)
            return ln_sim_fail(f, "40305",
                               "clientOid has a character that is "
                               "not allowed");
    }
    ln_str_copy(out, LN_OID_CAP, oid);
    return true;
}

/*
 * side and tradeSide to the direction of execution. In hedge mode "side"
 * names the position, so closing executes the other way.
 */
static bool
read_direction(const struct ln_sim_params *p, bool hedge,
               struct ln_order_request *req, struct ln_sim_fault *f)
{
    static const char *const sides[] = {"buy", "sell", NULL};
    static const char *const trade_sides[] = {"open", "close", NULL};
    static const char *const yes_no[] = {"NO", "YES", NULL};
    int side = word_of(p, "side", sides, -2);
    int trade_side = word_of(p, "tradeSide", trade_sides, -2);
    int reduce = word_of(p, "reduceOnly", yes_no, 0);
    if (side == -2)
        return ln_sim_fail(f, "40019", "Parameter side cannot be empty");
    if (side < 0)
        return bad_enum(f, "side");
    if (trade_side == -1)
        return ln_sim_fail(f, "400172", "Illegal position opening type");
    if (reduce < 0)
        return bad_enum(f, "reduceOnly");
    if (hedge != (trade_side >= 0))
        return ln_sim_refuse(f, LN_EXR_POS_MODE, NULL);
    bool closes = trade_side == 1;
    req->side = (side == 0) != closes ? LN_BUY : LN_SELL;
    req->pos_side = !hedge ? LN_NET : side == 0 ? LN_LONG : LN_SHORT;
    req->reduce_only = hedge ? closes : reduce == 1;
    return true;
}

static bool
read_kind(const struct ln_sim_params *p, struct ln_str margin_mode,
          struct ln_order_request *req, struct ln_sim_fault *f)
{
    static const char *const types[] = {"limit", "market", NULL};
    static const char *const forces[] = {"gtc", "ioc", "fok", "post_only",
                                         NULL};
    int type = word_of(p, "orderType", types, -2);
    int force = word_of(p, "force", forces, 0);
    if (type == -2)
        return ln_sim_fail(f, "40019", "Parameter orderType cannot be empty");
    if (type < 0)
        return bad_enum(f, "orderType");
    if (force < 0)
        return bad_enum(f, "force");
    if (margin_mode.len == 0)
        margin_mode = ln_sim_param(p, "marginMode");
    if (margin_mode.len == 0)
        return ln_sim_fail(f, "40019", "Parameter marginMode cannot be empty");
    bool isolated = ln_str_eqi(margin_mode, "isolated");
    if (!isolated && !ln_str_eqi(margin_mode, "crossed"))
        return bad_enum(f, "marginMode");
    req->type = type == 0 ? LN_LIMIT : LN_MARKET;
    req->tif = req->type == LN_MARKET ? LN_GTC : (uint8_t)(LN_GTC + force);
    req->margin_mode = isolated ? LN_ISOLATED : LN_CROSSED;
    return true;
}

/*
 * What would change how the order behaves and is not done here is refused:
 * a stop-loss that silently never comes would be worse.
 */
static bool
refuse_unserved(const struct ln_sim_params *p, struct ln_sim_fault *f)
{
    static const char *const names[] = {
        "presetStopSurplusPrice", "presetStopLossPrice",
        "presetStopSurplusExecutePrice", "presetStopLossExecutePrice"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct ln_str text = ln_sim_param(p, names[i]);
        if (text.len > 0 && !ln_str_eqc(text, "0"))
            return ln_sim_fail(
                f, "40404", "%s is not served by this simulator yet", names[i]);
    }
    struct ln_str stp = ln_sim_param(p, "stpMode");
    if (stp.len > 0 && !ln_str_eqi(stp, "none"))
        return ln_sim_fail(f, "40404",
                           "stpMode is not served by this simulator yet");
    return true;
}

bool
ln_sim_place(struct ln_sim *sim, ln_ex_account account, uint16_t inst,
             const struct ln_sim_params *p, struct ln_str margin_mode,
             struct ln_sim_placed *out, struct ln_sim_fault *f)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, inst);
    struct ln_order_request req = {.instrument = inst};
    bool hedge = ln_ex_pos_mode(sim->ex, account) == LN_HEDGE;
    out->id = 0;
    if (!read_client_oid(p, req.client_oid, f))
        return false;
    memcpy(out->client_oid, req.client_oid, sizeof(out->client_oid));
    if (!read_kind(p, margin_mode, &req, f) ||
        !read_direction(p, hedge, &req, f) || !refuse_unserved(p, f) ||
        !ln_sim_read_size(in, ln_sim_param(p, "size"), &req.size_lots, f))
        return false;
    if (req.type == LN_LIMIT &&
        !ln_sim_read_price(in, "price", ln_sim_param(p, "price"),
                           &req.price_ticks, f))
        return false;
    enum ln_ex_refusal refusal = ln_ex_place(sim->ex, account, &req, &out->id);
    if (refusal == LN_EXR_PRICE_BAND)
        return ln_sim_fail(f, req.side == LN_BUY ? "43009" : "43008",
                           req.side == LN_BUY
                               ? "The price is above the limit of the day"
                               : "The price is below the limit of the day");
    if (refusal != LN_EXR_OK)
        return ln_sim_refuse(f, refusal, in);
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
    enum ln_sim_given given = LN_SIM_ABSENT;
    struct ln_str id_text = ln_sim_param(p, "orderId");
    if (id_text.len == 19) { /* an id of the wire is longer than a count */
        if (ln_decimal_parse(id_text, 0, LN_ROUND_EXACT, &id) == LN_OK)
            given = LN_SIM_GIVEN;
        else
            given = LN_SIM_BAD;
    } else {
        given = ln_sim_param_i64(p, "orderId", &id);
    }
    if (given == LN_SIM_BAD)
        return ln_sim_fail(f, "40402", "orderId or clientOId format error");
    struct ln_str client = ln_sim_param(p, "clientOid");
    if (given == LN_SIM_ABSENT && client.len == 0)
        return ln_sim_fail(f, "40913",
                           "orderId or clientOid must be passed one");
    bool whole = ln_str_copy(oid, sizeof(oid), client);
    *out = NULL;
    if (given == LN_SIM_GIVEN)
        *out = ln_ex_find(sim->ex, account, id, NULL);
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
