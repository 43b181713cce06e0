/*
 * The private stream, and reconciliation: pushes can be lost, so after every
 * (re)connect the venue reads open orders, positions, account and recent
 * fills by REST and tells them before it says that the private part is up.
 *
 *   stream live -> round: orders, positions, account, fills (in parallel)
 *                  all answered -> PRIVATE up
 *                  one failed   -> the whole round again, with backoff
 */
#include "base/log.h"
#include "bitget/bitget_int.h"

#include <stdlib.h>

#define ROUND_PARTS     4
#define FILLS_MARGIN_MS 60000 /* pushes may have been lost before the loss */

enum ln_err
ln_bv_private_topics(struct ln_bitget *v)
{
    static const char *const topics[][2] = {{"orders", "instId"},
                                            {"fill", "instId"},
                                            {"positions", "instId"},
                                            {"account", "coin"}};
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        struct ln_sub *sub;
        enum ln_err e = ln_subs_add(&v->priv, topics[i][0], topics[i][1],
                                    "default", LN_INSTRUMENT_NONE, &sub);
        if (e)
            return e;
    }
    return LN_OK;
}

/* ---- telling ---- */

void
ln_bv_tell_order(struct ln_bitget *v, const struct ln_order_update *u,
                 int64_t received_ns)
{
    struct ln_venue_event e = {.type = LN_VE_ORDER,
                               .instrument = u->instrument,
                               .received_ns = received_ns};

    ln_known_put(&v->known, u->order_id, u->client_oid, u->side, u->pos_side);
    e.u.order = *u;
    ln_bv_emit(v, &e);
}

void
ln_bv_tell_fill(struct ln_bitget *v, struct ln_fill *fill, int64_t received_ns)
{
    struct ln_venue_event e = {.type = LN_VE_FILL,
                               .instrument = fill->instrument,
                               .received_ns = received_ns};
    const struct ln_known_order *o =
        ln_known_find(&v->known, fill->order_id, fill->client_oid);

    /* The order knows better than the fill channel which way it went. */
    if (o && o->side) {
        fill->side = o->side;
        fill->pos_side = o->pos_side;
    }
    if (o && !fill->client_oid[0])
        memcpy(fill->client_oid, o->client_oid, sizeof fill->client_oid);
    e.u.fill = *fill;
    ln_bv_emit(v, &e);
}

/* ---- pushes ---- */

struct push {
    struct ln_bitget *v;
    const struct ln_v2_message *msg;
    const struct ln_v2_decoder *d;
    int64_t received_ns;
};

static void
bad_row(const struct push *p, const struct ln_error *err)
{
    ln_warn("bitget", "a row of %.*s is not understood: %s",
            LN_STR_ARG(p->msg->arg.channel), err->what);
}

static void
on_orders(const struct push *p)
{
    struct ln_error err = {0};

    for (ln_json_val row = ln_v2_first(p->d, p->msg); row != LN_JSON_NONE;
         row = ln_v2_next(p->d, p->msg, row)) {
        struct ln_v2_order o;
        if (ln_v2_read_order(&p->d->doc, row, &p->v->instruments, &o, &err)) {
            bad_row(p, &err);
            continue;
        }
        /* The fill first: who hears that an order is filled finds the
         * position as it then is. */
        if (o.has_fill &&
            ln_known_fill_new(&p->v->known, o.fill.trade_id, o.fill.order_id))
            ln_bv_tell_fill(p->v, &o.fill, p->received_ns);
        ln_bv_tell_order(p->v, &o.update, p->received_ns);
    }
}

static void
on_fill(const struct push *p)
{
    struct ln_error err = {0};

    for (ln_json_val row = ln_v2_first(p->d, p->msg); row != LN_JSON_NONE;
         row = ln_v2_next(p->d, p->msg, row)) {
        struct ln_v2_fill f;
        if (ln_v2_read_fill(&p->d->doc, row, &p->v->instruments, &f, &err)) {
            bad_row(p, &err);
            continue;
        }
        if (ln_known_fill_new(&p->v->known, f.fill.trade_id, f.fill.order_id))
            ln_bv_tell_fill(p->v, &f.fill, p->received_ns);
    }
}

static void
on_account(const struct push *p)
{
    struct ln_error err = {0};

    for (ln_json_val row = ln_v2_first(p->d, p->msg); row != LN_JSON_NONE;
         row = ln_v2_next(p->d, p->msg, row)) {
        struct ln_venue_event e = {.type = LN_VE_ACCOUNT,
                                   .instrument = LN_INSTRUMENT_NONE,
                                   .received_ns = p->received_ns};
        struct ln_v2_account a;
        if (ln_v2_read_account(&p->d->doc, row, p->msg->ts_ms, &a, &err)) {
            bad_row(p, &err);
            continue;
        }
        e.u.account = a.update;
        ln_bv_emit(p->v, &e);
    }
}

/*
 * A settlement shows as a change of "funding so far" of a position that was
 * open before.
 */
static void
tell_settlement(const struct push *p, const struct ln_v2_position *pos)
{
    struct ln_bitget *v = p->v;

    for (size_t i = 0; i < v->nfunding; i++) {
        struct ln_venue_event e = {.type = LN_VE_FUNDING,
                                   .instrument = pos->update.instrument,
                                   .received_ns = p->received_ns};
        if (strcmp(v->funding[i].pos_id, pos->pos_id) != 0)
            continue;
        if (pos->funding_e8 == v->funding[i].funding_e8)
            return;
        e.u.funding.amount_e8 = pos->funding_e8 - v->funding[i].funding_e8;
        e.u.funding.time_ms =
            pos->update.updated_ms ? pos->update.updated_ms : p->msg->ts_ms;
        ln_bv_emit(v, &e);
        return;
    }
}

static bool
positions_room(struct ln_bitget *v, size_t rows)
{
    struct ln_position_update *more;
    size_t cap = v->positions_cap ? v->positions_cap : 16;

    if (rows <= v->positions_cap)
        return true;
    while (cap < rows)
        cap *= 2;
    more = realloc(v->positions, cap * sizeof *more);
    if (!more)
        return false;
    v->positions = more;
    v->positions_cap = cap;
    return true;
}

/* A complete list, or none: where a row is not understood, REST is asked. */
static void
on_positions(const struct push *p)
{
    struct ln_venue_event e = {.type = LN_VE_POSITIONS,
                               .instrument = LN_INSTRUMENT_NONE,
                               .received_ns = p->received_ns};
    struct ln_bitget *v = p->v;
    struct ln_bv_funding *funding = calloc(p->msg->rows + 1, sizeof *funding);
    struct ln_error err = {0};
    size_t n = 0;

    if (!funding || !positions_room(v, p->msg->rows)) {
        free(funding);
        return;
    }
    for (ln_json_val row = ln_v2_first(p->d, p->msg); row != LN_JSON_NONE;
         row = ln_v2_next(p->d, p->msg, row)) {
        struct ln_v2_position pos;
        if (ln_v2_read_position(&p->d->doc, row, &v->instruments, &pos, &err)) {
            bad_row(p, &err);
            if (err.code == LN_ERR_NOT_FOUND)
                continue; /* of a contract that nobody here trades */
            free(funding);
            ln_bv_positions(v, 0);
            return;
        }
        if (pos.update.pos_mode)
            v->pos_mode = pos.update.pos_mode;
        tell_settlement(p, &pos);
        memcpy(funding[n].pos_id, pos.pos_id, sizeof pos.pos_id);
        funding[n].funding_e8 = pos.funding_e8;
        v->positions[n++] = pos.update;
    }
    free(v->funding);
    v->funding = funding;
    v->nfunding = n;
    e.u.positions.items = v->positions;
    e.u.positions.count = n;
    ln_bv_emit(v, &e);
}

static void
on_data(void *ctx, struct ln_stream *s, struct ln_sub *sub,
        const struct ln_v2_message *msg, const struct ln_v2_decoder *d,
        int64_t received_ns)
{
    struct push p = {ctx, msg, d, received_ns};

    (void)s;
    switch (sub->kind) {
    case LN_V2_CH_ORDERS:
        on_orders(&p);
        break;
    case LN_V2_CH_FILL:
        on_fill(&p);
        break;
    case LN_V2_CH_ACCOUNT:
        on_account(&p);
        break;
    case LN_V2_CH_POSITIONS:
        on_positions(&p);
        break;
    default:
        break;
    }
}

/* ---- reconciliation ---- */

static void
begin_round(struct ln_bitget *v)
{
    if (++v->round == 0)
        v->round = 1; /* 0 means "none" */
    v->round_left = ROUND_PARTS;
    v->round_failed = false;
    ln_bv_open_orders(v, v->round);
    ln_bv_positions(v, v->round);
    ln_bv_account(v, v->round);
    ln_bv_fills(v, LN_INSTRUMENT_NONE, v->fills_since_ms, v->round);
}

void
ln_bv_on_round(void *ctx)
{
    struct ln_bitget *v = ctx;
    if (v->fn && v->rest && ln_subs_live(&v->priv))
        begin_round(v);
}

void
ln_bv_round_part(struct ln_bitget *v, unsigned round, bool ok)
{
    if (round == 0 || round != v->round || v->round_left == 0)
        return;
    v->round_failed = v->round_failed || !ok;
    if (--v->round_left > 0)
        return;
    if (v->round_failed) {
        ln_timer_start(v->round_timer,
                       250 + ln_backoff_next_ms(&v->round_backoff, &v->rng), 0);
        return;
    }
    ln_backoff_reset(&v->round_backoff);
    if (ln_subs_live(&v->priv))
        ln_bv_part(v, LN_PART_PRIVATE, true, "", false);
}

static void
on_live(void *ctx, struct ln_stream *s)
{
    (void)s;
    begin_round(ctx);
}

static void
on_down(void *ctx, struct ln_stream *s, const char *why, bool fatal)
{
    struct ln_bitget *v = ctx;

    (void)s;
    /* Only a part that was up has been followed until now. */
    if (v->told[LN_PART_PRIVATE] == LN_BV_UP)
        v->fills_since_ms = ln_rest_server_ms(v->rest) - FILLS_MARGIN_MS;
    v->round++; /* answers of the round under way count no more */
    v->round_left = 0;
    ln_timer_stop(v->round_timer);
    ln_bv_part(v, LN_PART_PRIVATE, false, why, fatal);
}

static void
on_refused(void *ctx, struct ln_stream *s, struct ln_sub *sub, int32_t code,
           struct ln_str msg)
{
    (void)ctx;
    (void)s;
    ln_warn("bitget", "the exchange refuses our %s: %d %.*s", sub->channel,
            code, (int)(msg.len > 120 ? 120 : msg.len), msg.ptr ? msg.ptr : "");
}

static void
on_silent(void *ctx, struct ln_stream *s, struct ln_sub *sub)
{
    (void)ctx;
    (void)s;
    ln_warn("bitget", "%s is confirmed, but nothing comes", sub->channel);
}

const struct ln_stream_events ln_bv_private_events = {
    .data = on_data,
    .live = on_live,
    .down = on_down,
    .refused = on_refused,
    .silent = on_silent,
    .clock = ln_bv_stream_clock,
    .server_ms = ln_bv_stream_ms,
};
