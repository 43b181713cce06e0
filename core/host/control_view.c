/*
 * What the control socket shows: the host's state as JSON. Amounts are
 * numbers, written from exact decimals.
 */
#include "host/control_int.h"

#include <stdio.h>
#include <stdlib.h>

static void
number(struct ln_json_writer *w, const char *key, int64_t v, int scale)
{
    char text[LN_DECIMAL_CAP];
    size_t len = ln_decimal_format(v, scale, 0, text);
    ln_jw_key(w, key);
    ln_jw_raw(w, ln_strn(text, len));
}

static void
money(struct ln_json_writer *w, const char *key, int64_t v_e8)
{
    number(w, key, v_e8, LN_SCALE_MONEY);
}

static void
size(struct ln_json_writer *w, const char *key, const struct ln_instrument *in,
     int64_t lots)
{
    char text[LN_DECIMAL_CAP];
    size_t len = ln_size_format(in, lots, text);
    ln_jw_key(w, key);
    ln_jw_raw(w, ln_strn(text, len));
}

/* Microseconds with one decimal; null before there is anything to say. */
static void
micros(struct ln_json_writer *w, const char *key, int64_t ns)
{
    ln_jw_key(w, key);
    if (ns < 0) {
        ln_jw_null(w);
        return;
    }
    char text[LN_DECIMAL_CAP];
    size_t len = ln_decimal_format((ns + 50) / 100, 1, 0, text);
    ln_jw_raw(w, ln_strn(text, len));
}

void
control_view_strategy(struct strategy *s, struct ln_json_writer *w)
{
    ln_jw_obj(w);
    ln_jw_kcstr(w, "name", s->cfg->name);
    ln_jw_kcstr(w, "state", ln_strategy_state_name(s->state));
    ln_jw_kcstr(w, "version", s->version[0] ? s->version : NULL);
    ln_jw_kint(w, "restarts", (int64_t)s->restarts);
    ln_jw_kint(w, "errors", (int64_t)s->errors);
    ln_jw_kcstr(w, "last_error", s->last_error[0] ? s->last_error : NULL);
    ln_jw_kint(w, "events", (int64_t)s->events);
    ln_jw_key(w, "latency_us");
    ln_jw_obj(w);
    micros(w, "p50", ln_latency_percentile_ns(&s->latency, 500));
    micros(w, "p99", ln_latency_percentile_ns(&s->latency, 990));
    ln_jw_obj_end(w);
    number(w, "memory_mb", s->memory_bytes * 100 / (1 << 20), 2);
    ln_jw_obj_end(w);
}

static void
connection(struct ln_json_writer *w, const char *name, bool up)
{
    ln_jw_obj(w);
    ln_jw_kcstr(w, "name", name);
    ln_jw_kbool(w, "up", up);
    ln_jw_obj_end(w);
}

/* Of an earlier configuration, and nothing is left of it. */
static bool
is_history(const struct strategy *s)
{
    const struct ln_host *h = s->host;
    if (!s->ghost || ln_orders_open(h, s->number))
        return false;
    for (uint16_t i = 0; s->own && i < h->nmarket; i++)
        if (s->own[i].p.size_lots)
            return false;
    return true;
}

void
control_view_status(struct ln_host *h, struct ln_json_writer *w)
{
    ln_jw_kcstr(w, "name", h->cfg->name);
    ln_jw_kcstr(w, "mode", h->cfg->mode);
    ln_jw_kint(w, "uptime_s",
               (ln_loop_now_ns(h->loop) - h->made_ns) / 1000000000);
    money(w, "equity", h->account.equity_e8);
    ln_jw_key(w, "connections");
    ln_jw_arr(w);
    connection(w, "rest", h->rest_up);
    connection(w, "public", h->public_up);
    connection(w, "private", h->private_up);
    ln_jw_arr_end(w);
    ln_jw_key(w, "strategies");
    ln_jw_arr(w);
    for (int i = 0; i < h->nstrategies; i++)
        if (!is_history(&h->strategies[i]))
            control_view_strategy(&h->strategies[i], w);
    ln_jw_arr_end(w);
    ln_jw_kbool(w, "ready", h->ready);
    ln_jw_kbool(w, "stopping", h->stopping);
    ln_jw_kbool(w, "halted", h->halted);
    money(w, "exposure", ln_risk_exposure_e8(h, LN_INSTRUMENT_NONE));
    ln_jw_kint(w, "open_orders", ln_orders_open(h, 0));
    ln_jw_key(w, "unexplained");
    ln_jw_arr(w);
    for (uint16_t i = 0; i < h->nmarket; i++)
        if (h->market[i].unexplained)
            ln_jw_cstr(w, ln_instruments_at(h->instruments, i)->symbol);
    ln_jw_arr_end(w);
}

/* ---- orders ---- */

static void
order(struct ln_host *h, const struct ln_order *o, struct ln_json_writer *w)
{
    const struct ln_instrument *in =
        ln_instruments_at(h->instruments, o->req.instrument);
    char price[LN_DECIMAL_CAP];
    ln_jw_obj(w);
    ln_jw_kcstr(w, "clientOid", o->req.client_oid);
    ln_jw_kcstr(w, "orderId", o->order_id[0] ? o->order_id : NULL);
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_jw_kcstr(w, "side", ln_side_name((enum ln_side)o->req.side));
    ln_jw_kcstr(w, "type", ln_order_type_name((enum ln_order_type)o->req.type));
    ln_jw_key(w, "price");
    if (o->req.type == LN_LIMIT) {
        size_t len = ln_price_format(in, o->req.price_ticks, price);
        ln_jw_raw(w, ln_strn(price, len));
    } else {
        ln_jw_null(w);
    }
    size(w, "size", in, o->req.size_lots);
    size(w, "filled", in, o->filled_lots);
    ln_jw_kcstr(w, "state", ln_order_state_name(o->state));
    ln_jw_kcstr(w, "strategy", ln_host_owner_name(h, o->owner));
    ln_jw_obj_end(w);
}

static int
newest_first(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void
open_orders(struct ln_host *h, struct ln_json_writer *w)
{
    uint32_t *sorted = malloc((h->nopen + 1ULL) * sizeof(*sorted));
    if (!sorted) {
        w->buf->failed = true;
        return;
    }
    for (uint32_t i = 0; i < h->nopen; i++)
        sorted[i] = h->open[i];
    qsort(sorted, h->nopen, sizeof(*sorted), newest_first);
    for (uint32_t i = 0; i < h->nopen; i++) {
        const struct ln_order *o = &ln_orders_at(h, sorted[i])->o;
        if (!ln_order_state_final(o->state))
            order(h, o, w);
    }
    free(sorted);
}

/* A page of all orders: a million at once would hold up trading. */
void
control_view_orders(struct ln_host *h, bool all, int64_t before,
                    struct ln_json_writer *w)
{
    uint32_t last =
        before > 0 && before < h->norders ? (uint32_t)before : h->norders;
    uint32_t first =
        last > CONTROL_ORDERS_PAGE ? last - CONTROL_ORDERS_PAGE : 0;
    ln_jw_key(w, "orders");
    ln_jw_arr(w);
    for (uint32_t i = last; all && i > first; i--)
        order(h, &ln_orders_at(h, i - 1)->o, w);
    if (!all)
        open_orders(h, w);
    ln_jw_arr_end(w);
    if (all && first > 0)
        ln_jw_kint(w, "before", first); /* where the next page begins */
}

/* ---- positions ---- */

static void
held(struct ln_json_writer *w, const struct ln_instrument *in, int64_t lots)
{
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_jw_kcstr(w, "side", lots < 0 ? "short" : "long");
    size(w, "size", in, lots < 0 ? -lots : lots);
}

static void
own_position(const struct strategy *s, uint16_t inst, struct ln_json_writer *w)
{
    const struct ln_host *h = s->host;
    const struct ln_position *p = &s->own[inst].p;
    const struct ln_instrument *in = ln_instruments_at(h->instruments, inst);
    int64_t mark = ln_risk_price_e8(h, inst);
    ln_jw_obj(w);
    ln_jw_kcstr(w, "strategy", s->cfg->name);
    held(w, in, p->size_lots);
    money(w, "entry", ln_position_entry_e8(p, in));
    money(w, "mark", mark);
    money(w, "unrealised", ln_position_unrealised_e8(p, in, mark));
    money(w, "realised", p->realised_e8);
    ln_jw_obj_end(w);
}

/* The account's own, with what of it is whose. */
static void
account_position(struct ln_host *h, uint16_t inst, int64_t ours,
                 struct ln_json_writer *w)
{
    const struct market_state *m = &h->market[inst];
    const struct ln_instrument *in = ln_instruments_at(h->instruments, inst);
    ln_jw_obj(w);
    held(w, in, m->exchange_lots);
    money(w, "entry", m->exchange_pos.entry_e8);
    money(w, "mark", ln_risk_price_e8(h, inst));
    money(w, "unrealised", m->exchange_pos.unrealised_e8);
    money(w, "liquidation", m->exchange_pos.liquidation_e8);
    size(w, "ours", in, ours);
    size(w, "foreign", in, m->foreign_lots);
    ln_jw_kbool(w, "unexplained", m->unexplained);
    ln_jw_obj_end(w);
}

void
control_view_positions(struct ln_host *h, struct ln_json_writer *w)
{
    ln_jw_key(w, "positions");
    ln_jw_arr(w);
    for (int k = 0; k < h->nstrategies; k++)
        for (uint16_t i = 0; h->strategies[k].own && i < h->nmarket; i++)
            if (h->strategies[k].own[i].p.size_lots)
                own_position(&h->strategies[k], i, w);
    ln_jw_arr_end(w);
    ln_jw_key(w, "exchange");
    ln_jw_arr(w);
    for (uint16_t i = 0; i < h->nmarket; i++) {
        int64_t ours, theirs;
        ln_host_net(h, i, &ours, &theirs);
        if (ours || theirs || h->market[i].foreign_lots)
            account_position(h, i, ours, w);
    }
    ln_jw_arr_end(w);
}

/* ---- log ---- */

uint64_t
control_view_lines(struct ln_log_tail *tail, uint64_t first,
                   struct ln_json_writer *w)
{
    uint64_t count = ln_log_tail_count(tail);
    enum ln_log_level level;
    struct ln_str text;
    static const char *const names[] = {"debug", "info", "warn", "error"};
    ln_jw_key(w, "lines");
    ln_jw_arr(w);
    for (uint64_t i = first; i <= count; i++) {
        if (!ln_log_tail_at(tail, i, &level, &text))
            continue;
        ln_jw_obj(w);
        ln_jw_kcstr(w, "level", names[level < LN_LOG_OFF ? level : 0]);
        ln_jw_kstr(w, "text", text);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return count + 1;
}
