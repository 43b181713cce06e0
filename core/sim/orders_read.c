/*
 * The parameters of orders and plans: Bitget's words and numbers. See
 * orders.h.
 */
#include "sim/orders.h"

#define OID_MAX    (LN_OID_CAP - 1)
#define TEXT_SHOWN 40

int
ln_sim_shown(struct ln_str s)
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
ln_sim_read_price_if(const struct ln_instrument *in, const char *name,
                     const struct ln_sim_params *p, int64_t *ticks,
                     struct ln_sim_fault *f)
{
    struct ln_str text = ln_sim_param(p, name);
    int64_t sign;
    *ticks = 0;
    if (text.len == 0)
        return true;
    if (is_number(text, &sign) && sign == 0)
        return true;
    if (is_number(text, &sign) && sign < 0)
        return ln_sim_fail(f, "43011", "Parameter error %s <= 0", name);
    return ln_sim_read_price(in, name, text, ticks, f);
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
                           ln_sim_shown(text), text.ptr, in->volume_place);
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

bool
ln_sim_read_percent(const struct ln_sim_params *p, const char *name,
                    int64_t *ratio_e8, struct ln_sim_fault *f)
{
    struct ln_str text = ln_sim_param(p, name);
    int64_t percent_e8;
    *ratio_e8 = 0;
    if (text.len == 0)
        return true;
    if (ln_decimal_parse(text, LN_SCALE_MONEY, LN_ROUND_DOWN, &percent_e8) !=
            LN_OK ||
        percent_e8 < 0)
        return ln_sim_fail(f, "40017", "Parameter verification failed %s",
                           name);
    *ratio_e8 = percent_e8 / 100;
    return true;
}

bool
ln_sim_is_zero(const struct ln_sim_params *p, const char *name)
{
    int64_t sign;
    struct ln_str text = ln_sim_param(p, name);
    return text.len > 0 && is_number(text, &sign) && sign == 0;
}

bool
ln_sim_read_id(const struct ln_sim_params *p, const char *name, int64_t *out,
               struct ln_sim_fault *f)
{
    struct ln_str text = ln_sim_param(p, name);
    *out = 0;
    if (text.len == 0 ||
        (text.ptr[0] >= '0' && text.ptr[0] <= '9' &&
         ln_decimal_parse(text, 0, LN_ROUND_EXACT, out) == LN_OK))
        return true;
    return ln_sim_fail(f, "40402", "%s format error", name);
}

/* ---- words ---- */

bool
ln_sim_bad_word(struct ln_sim_fault *f, const char *name)
{
    return ln_sim_fail(f, "400172",
                       "Parameter verification failed %s Illegal type", name);
}

int
ln_sim_word_of(const struct ln_sim_params *p, const char *name,
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

bool
ln_sim_read_oid(const struct ln_sim_params *p, const char *name,
                char out[LN_OID_CAP], struct ln_sim_fault *f)
{
    struct ln_str oid = ln_sim_param(p, name);
    out[0] = '\0';
    if (oid.len > OID_MAX)
        return ln_sim_fail(f, "40304", "%s: at most %d characters", name,
                           OID_MAX);
    for (size_t i = 0; i < oid.len; i++) {
        char c = oid.ptr[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                    (c >= 'A' && c <= 'Z') || (c && strchr("_:#-+ ", c));
        if (!good)
            return ln_sim_fail(f, "40305",
                               "%s has a character that is not allowed", name);
    }
    ln_str_copy(out, LN_OID_CAP, oid);
    return true;
}

/*
 * In hedge mode "side" names the position, so closing executes the other
 * way.
 */
bool
ln_sim_read_direction(const struct ln_sim_params *p, bool hedge,
                      struct ln_sim_direction *out, struct ln_sim_fault *f)
{
    static const char *const sides[] = {"buy", "sell", NULL};
    static const char *const trade_sides[] = {"open", "close", NULL};
    static const char *const yes_no[] = {"NO", "YES", NULL};
    int side = ln_sim_word_of(p, "side", sides, -2);
    int trade_side = ln_sim_word_of(p, "tradeSide", trade_sides, -2);
    int reduce = ln_sim_word_of(p, "reduceOnly", yes_no, 0);
    if (side == -2)
        return ln_sim_fail(f, "40019", "Parameter side cannot be empty");
    if (side < 0)
        return ln_sim_bad_word(f, "side");
    if (trade_side == -1)
        return ln_sim_fail(f, "400172", "Illegal position opening type");
    if (reduce < 0)
        return ln_sim_bad_word(f, "reduceOnly");
    if (hedge != (trade_side >= 0))
        return ln_sim_refuse(f, LN_EXR_POS_MODE, NULL);
    bool closes = trade_side == 1;
    out->side = (side == 0) != closes ? LN_BUY : LN_SELL;
    out->pos_side = !hedge ? LN_NET : side == 0 ? LN_LONG : LN_SHORT;
    out->reduce_only = hedge ? closes : reduce == 1;
    return true;
}

bool
ln_sim_read_margin_mode(const struct ln_sim_params *p, struct ln_str given,
                        uint8_t *out, struct ln_sim_fault *f)
{
    struct ln_str text = given.len > 0 ? given : ln_sim_param(p, "marginMode");
    if (text.len == 0)
        return ln_sim_fail(f, "40019", "Parameter marginMode cannot be empty");
    bool isolated = ln_str_eqi(text, "isolated");
    if (!isolated && !ln_str_eqi(text, "crossed"))
        return ln_sim_bad_word(f, "marginMode");
    *out = isolated ? LN_ISOLATED : LN_CROSSED;
    return true;
}

bool
ln_sim_read_stp(const struct ln_sim_params *p, uint8_t *out,
                struct ln_sim_fault *f)
{
    static const char *const modes[] = {"none", "cancel_taker", "cancel_maker",
                                        "cancel_both", NULL};
    int mode = ln_sim_word_of(p, "stpMode", modes, 0);
    if (mode < 0)
        return ln_sim_bad_word(f, "stpMode");
    *out = (uint8_t)(LN_STP_NONE + mode);
    return true;
}

bool
ln_sim_read_watch(const struct ln_sim_params *p, const char *name, uint8_t *out,
                  struct ln_sim_fault *f)
{
    static const char *const types[] = {"fill_price", "mark_price", NULL};
    int type = ln_sim_word_of(p, name, types, -2);
    if (type == -1)
        return ln_sim_bad_word(f, name);
    *out = type < 0 ? 0 : (uint8_t)(LN_WATCH_FILL + type);
    return true;
}
