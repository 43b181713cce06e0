/*
 * The ledger of an account, as bills and as rows for a tax return.
 */
#include "exchange/ledger.h"
#include "sim/orders.h"

#define BILLS_DEFAULT 20
#define BILLS_MAX     100
#define TAX_MAX       500
#define SPAN_DAYS     30
#define CHUNK         64 /* rows looked at at a time */

/* What a list asks for; 0: not given. */
struct filter {
    int64_t before, start_ms, end_ms;
    enum ln_ex_bill_kind kind;
    bool no_margin_moves;
    bool none; /* of a kind or coin that is never written here */
    size_t limit;
};

/* Money that moves inside the account, between it and a position. */
static bool
is_margin_move(enum ln_ex_bill_kind kind)
{
    return kind == LN_BILL_APPEND_MARGIN || kind == LN_BILL_REDUCE_MARGIN ||
           kind == LN_BILL_AUTO_APPEND_MARGIN ||
           kind == LN_BILL_LEVER_APPEND_MARGIN;
}

static bool
read_filter(struct ln_sim_call *call, size_t fallback, size_t max,
            struct filter *q)
{
    int64_t depth_ms = ln_sim_depth_ms(call->sim);
    *q = (struct filter){0};
    if (!ln_sim_limit(call, (int64_t)fallback, (int64_t)max, &q->limit) ||
        !ln_sim_read_id(call->params, "idLessThan", &q->before, &call->fault) ||
        !ln_sim_span_days(call, SPAN_DAYS, &q->start_ms, &q->end_ms) ||
        !ln_sim_not_too_old(call, q->start_ms))
        return false;
    if (q->start_ms < depth_ms)
        q->start_ms = depth_ms;
    return true;
}

/* The next bill that is asked for, newest first; false: no more. */
struct walk {
    struct ln_ex_bill chunk[CHUNK];
    size_t at, count;
    bool last; /* the chunk is the last one */
};

static bool
wanted(const struct filter *q, const struct ln_ex_bill *b)
{
    return b->time_ms >= q->start_ms &&
           (q->end_ms == 0 || b->time_ms <= q->end_ms) &&
           !(q->no_margin_moves &&
             is_margin_move((enum ln_ex_bill_kind)b->kind));
}

static const struct ln_ex_bill *
next_bill(const struct ln_sim_call *call, struct filter *q, struct walk *walk)
{
    for (;;) {
        if (walk->at == walk->count) {
            if (walk->last || q->none)
                return NULL;
            walk->at = 0;
            walk->count =
                ln_ex_bills(call->sim->ex, call->account, LN_INSTRUMENT_NONE,
                            q->kind, q->before, walk->chunk, CHUNK);
            walk->last = walk->count < CHUNK;
            continue;
        }
        const struct ln_ex_bill *b = &walk->chunk[walk->at++];
        q->before = b->id;
        if (wanted(q, b))
            return b;
    }
}

static const char *
symbol_of(const struct ln_sim *sim, const struct ln_ex_bill *b)
{
    return b->instrument == LN_INSTRUMENT_NONE
               ? ""
               : ln_sim_instrument(sim, b->instrument)->symbol;
}

/* ---- bills ---- */

/* businessType and coin, which counts for transfers only. */
static void
read_kind(const struct ln_sim_call *call, struct filter *q)
{
    struct ln_str type = ln_sim_param(call->params, "businessType");
    struct ln_str coin = ln_sim_param(call->params, "coin");
    int kind = LN_BILL_KINDS;
    if (type.len == 0)
        return;
    for (kind = 1; kind < LN_BILL_KINDS; kind++)
        if (ln_str_eqi(type, ln_ex_bill_name((enum ln_ex_bill_kind)kind)))
            break;
    q->none =
        kind == LN_BILL_KINDS || (kind == LN_BILL_DEPOSIT && coin.len > 0 &&
                                  !ln_str_eqi(coin, LN_SIM_COIN));
    q->kind = q->none ? (enum ln_ex_bill_kind)0 : (enum ln_ex_bill_kind)kind;
}

static void
bill_object(struct ln_sim_call *call, const struct ln_ex_bill *b)
{
    struct ln_json_writer *w = &call->w;
    ln_jw_obj(w);
    ln_jw_kintstr(w, "billId", b->id);
    ln_jw_kcstr(w, "symbol", symbol_of(call->sim, b));
    ln_sim_ke8(w, "amount", b->amount_e8);
    ln_sim_ke8(w, "fee", b->fee_e8);
    ln_jw_kcstr(w, "feeByCoupon", "");
    ln_jw_kcstr(w, "businessType",
                ln_ex_bill_name((enum ln_ex_bill_kind)b->kind));
    ln_jw_kcstr(w, "coin", LN_SIM_COIN);
    ln_sim_ke8(w, "balance", b->balance_e8);
    ln_jw_kintstr(w, "cTime", b->time_ms);
    ln_jw_obj_end(w);
}

bool
ln_sim_get_bill(struct ln_sim_call *call)
{
    struct walk walk = {.count = 0};
    const struct ln_ex_bill *b;
    struct filter q;
    size_t rows = 0;
    int64_t last_id = 0;
    if (!read_filter(call, BILLS_DEFAULT, BILLS_MAX, &q))
        return false;
    read_kind(call, &q);
    q.no_margin_moves =
        ln_str_eqi(ln_sim_param(call->params, "onlyFunding"), "yes");
    while (rows < q.limit && (b = next_bill(call, &q, &walk)) != NULL) {
        ln_sim_page_row(&call->w, "bills", rows++);
        bill_object(call, b);
        last_id = b->id;
    }
    ln_sim_page_end(&call->w, "bills", rows, last_id);
    return true;
}

/* ---- tax ---- */

/* As bills, but for funding, which says who got it. */
static const char *
tax_type(const struct ln_ex_bill *b)
{
    if (b->kind != LN_BILL_FUNDING)
        return ln_ex_bill_name((enum ln_ex_bill_kind)b->kind);
    return b->amount_e8 < 0 ? "contract_main_settle_fee_user_out"
                            : "contract_main_settle_fee_user_in";
}

/* Margin moves are neither a gain nor a loss: they are left out. */
bool
ln_sim_get_tax_future_record(struct ln_sim_call *call)
{
    struct walk walk = {.count = 0};
    struct ln_json_writer *w = &call->w;
    const struct ln_ex_bill *b;
    struct filter q;
    size_t rows = 0;
    if (!read_filter(call, TAX_MAX, TAX_MAX, &q))
        return false;
    q.no_margin_moves = true;
    ln_jw_arr(w);
    for (; rows < q.limit && (b = next_bill(call, &q, &walk)) != NULL; rows++) {
        ln_jw_obj(w);
        ln_jw_kintstr(w, "id", b->id);
        ln_jw_kcstr(w, "symbol", symbol_of(call->sim, b));
        ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
        ln_jw_kcstr(w, "futureTaxType", tax_type(b));
        ln_sim_ke8(w, "amount", b->amount_e8);
        ln_sim_ke8(w, "fee", b->fee_e8);
        ln_jw_kintstr(w, "ts", b->time_ms);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return true;
}
