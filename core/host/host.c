/*
 * The host's life: from start through "ready" to an orderly end, and the
 * first look at every event of the venue.
 *
 *   started --account, instruments, streams up--> ready: strategies launch
 *   ready --ln_host_stop--> STOP to strategies --> end policies --> ended
 */
#include "host/host_int.h"

#include "base/assert.h"
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_MS            100
#define START_TIMEOUT_MS   20000 /* to be ready at the first start */
#define STOP_STRATEGIES_MS 3000  /* for on_stop() of all strategies */
#define STOP_ORDERS_MS     5000  /* for the cancels of the end */
#define STOP_RECANCEL_MS   1000

enum { STOP_NONE, STOP_STRATEGIES, STOP_ORDERS };

static void on_tick(void *ctx);
static void on_stop_timer(void *ctx);

/* How many names the intent log has that are not configured. */
static int
count_ghosts(const struct ln_host *h)
{
    int n = 0;
    for (size_t i = 0; i < h->nremembered; i++)
        n += h->remembered[i].kind == LN_J_STRATEGY &&
             !ln_config_strategy(h->cfg, h->remembered[i].name);
    return n;
}

/* Strategies of an earlier configuration: they own orders and positions. */
static bool
make_ghosts(struct ln_host *h, int room)
{
    h->ghosts = calloc((size_t)room + 1, sizeof(*h->ghosts));
    if (!h->ghosts)
        return false;
    for (size_t i = 0; i < h->nremembered && room > 0; i++) {
        const struct ln_journal_record *r = &h->remembered[i];
        if (r->kind != LN_J_STRATEGY || ln_config_strategy(h->cfg, r->name) ||
            ln_strategy_by_number(h, r->owner))
            continue;
        struct strategy *s = &h->strategies[h->nstrategies];
        struct ln_strategy_config *cfg =
            &h->ghosts[h->nstrategies - h->cfg->nstrategies];
        ln_str_copy(cfg->name, sizeof(cfg->name), ln_str(r->name));
        cfg->on_stop = cfg->on_crash = LN_END_HOLD;
        ln_strategy_init(s, h, cfg, r->owner);
        s->ghost = true;
        s->state = LN_STRATEGY_STOPPED;
        h->nstrategies++;
        room--;
    }
    return true;
}

/* A name keeps its number for ever: clientOids carry it. */
static bool
make_strategies(struct ln_host *h)
{
    int configured = h->cfg->nstrategies, ghosts = count_ghosts(h);
    uint32_t highest = ln_memory_highest(h);
    h->strategies =
        calloc((size_t)configured + (size_t)ghosts, sizeof(*h->strategies));
    if (!h->strategies)
        return false;
    for (int i = 0; i < configured; i++) {
        const struct ln_strategy_config *cfg = &h->cfg->strategies[i];
        uint32_t number = ln_memory_number(h, cfg->name);
        ln_strategy_init(&h->strategies[i], h, cfg,
                         number ? number : ++highest);
        h->nstrategies++;
    }
    return make_ghosts(h, ghosts);
}

struct ln_host *
ln_host_new(const struct ln_host_opts *opts, struct ln_error *err)
{
    struct ln_host *h = calloc(1, sizeof(*h));
    if (!h)
        goto nomem;
    h->loop = opts->loop;
    h->venue = opts->venue;
    h->cfg = opts->config;
    h->ports = opts->ports;
    h->seed = opts->seed;
    h->ended = opts->ended;
    h->ended_ctx = opts->ctx;
    h->made_ns = ln_loop_now_ns(h->loop);
    h->disk = opts->disk;
    h->store = opts->store;
    h->streams = calloc(STREAMS_MAX, sizeof(*h->streams));
    h->tick_timer = ln_timer_new(h->loop, on_tick, h);
    h->stop_timer = ln_timer_new(h->loop, on_stop_timer, h);
    h->tell_timer = ln_timer_new(h->loop, ln_orders_tell_pending, h);
    if (!h->streams || !h->tick_timer || !h->stop_timer || !h->tell_timer ||
        ln_orders_init(h) != LN_OK || ln_booked_init(h) != LN_OK)
        goto nomem;
    ln_oid_init(&h->oids, h->cfg->name, ln_loop_now_ms(h->loop));
    if (opts->disk && ln_memory_open(h, opts->journal_path, err) != LN_OK) {
        ln_host_free(h);
        return NULL;
    }
    if (!make_strategies(h))
        goto nomem;
    return h;
nomem:
    ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory for the host");
    ln_host_free(h);
    return NULL;
}

void
ln_host_free(struct ln_host *h)
{
    if (!h)
        return;
    for (int i = 0; h->strategies && i < h->nstrategies; i++)
        if (h->strategies[i].host)
            ln_strategy_deinit(&h->strategies[i]);
    while (h->timers) {
        struct script_timer *t = h->timers;
        h->timers = t->next;
        ln_timer_free(t->timer);
        free(t);
    }
    ln_timer_free(h->tick_timer);
    ln_timer_free(h->stop_timer);
    ln_timer_free(h->tell_timer);
    ln_orders_deinit(h);
    ln_memory_close(h);
    ln_booked_deinit(h);
    free(h->strategies);
    free(h->ghosts);
    free(h->streams);
    free(h->market);
    free(h);
}

const struct ln_error *
ln_host_failure(const struct ln_host *h)
{
    return &h->failure;
}

static void
finish(struct ln_host *h)
{
    if (h->ended_called)
        return;
    h->ended_called = true;
    ln_timer_stop(h->tick_timer);
    ln_timer_stop(h->stop_timer);
    if (h->ended)
        h->ended(h->ended_ctx);
}

void
ln_host_fail(struct ln_host *h, enum ln_err code, const char *cure,
             const char *fmt, ...)
{
    char text[384];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (h->failure.code == LN_OK)
        ln_error_set(&h->failure, code, NULL, cure, "%s", text);
    ln_host_stop(h, "failure");
}

/* ---- start ---- */

static bool
fit_market(struct ln_host *h)
{
    uint16_t n = h->instruments->count;
    if (n <= h->nmarket)
        return true;
    struct market_state *m = realloc(h->market, n * sizeof(*m));
    if (!m)
        return false;
    memset(m + h->nmarket, 0, (size_t)(n - h->nmarket) * sizeof(*m));
    h->market = m;
    h->nmarket = n;
    return true;
}

/* Symbols in the risk section must exist: a typo would allow nothing. */
static bool
risk_symbols_known(struct ln_host *h)
{
    for (int i = 0; i < h->cfg->risk.nsymbols; i++) {
        const char *symbol = h->cfg->risk.symbols[i];
        if (ln_instruments_find(h->instruments, ln_str(symbol)) !=
            LN_INSTRUMENT_NONE)
            continue;
        const char *near = ln_instruments_nearest(h->instruments, symbol);
        char cure[96];
        snprintf(cure, sizeof(cure), "did you mean %s?", near ? near : "");
        ln_host_fail(h, LN_ERR_CONFIG, near ? cure : NULL,
                     "risk.symbols: the exchange has no %s", symbol);
        return false;
    }
    return true;
}

/* Everything of an earlier start is certain: work begins. */
static void
become_ready(struct ln_host *h)
{
    h->recovering = false;
    h->ready = true;
    h->reconciled_ns = ln_loop_now_ns(h->loop);
    ln_recover_finish(h);
    h->start_equity_e8 = h->account.equity_e8;
    ln_info("host", "ready: %u instruments, equity %.2f %s",
            h->instruments->count,
            ln_decimal_to_double(h->account.equity_e8, 8), h->account.coin);
    for (int i = 0; i < h->nstrategies; i++)
        ln_strategy_launch(&h->strategies[i]);
}

static void
check_ready(struct ln_host *h)
{
    if (h->ready || h->recovering || h->stopping || !h->instruments ||
        !h->has_account || !h->rest_up || !h->public_up || !h->private_up)
        return;
    if (!fit_market(h)) {
        ln_host_fail(h, LN_ERR_NOMEM, NULL, "no memory for the market state");
        return;
    }
    if (!risk_symbols_known(h))
        return;
    h->recovering = true;
    if (ln_recover_certain(h))
        become_ready(h);
}

static const char *
part_name(enum ln_venue_part part)
{
    return part == LN_PART_REST     ? "rest"
           : part == LN_PART_PUBLIC ? "public"
                                    : "private";
}

static void
on_connection(struct ln_host *h, const struct ln_venue_event *e)
{
    bool *up = e->u.connection.part == LN_PART_REST     ? &h->rest_up
               : e->u.connection.part == LN_PART_PUBLIC ? &h->public_up
                                                        : &h->private_up;
    const char *why = e->u.connection.why ? e->u.connection.why : "";
    const char *what = part_name(e->u.connection.part);
    bool changed = *up != e->u.connection.up;
    *up = e->u.connection.up;
    if (*up)
        ln_info("host", "%s connection is up", what);
    else
        ln_warn("host", "%s connection is down: %s", what, why);
    if (!*up && e->u.connection.fatal) {
        ln_host_fail(h, LN_ERR_VENUE, NULL, "%s", why);
        return;
    }
    if (!h->ready && !*up && why[0]) /* the last cause, for the timeout */
        snprintf(h->stop_reason, sizeof(h->stop_reason), "%s", why);
    if (h->ready && changed)
        ln_router_connection(h, what, *up, why);
    check_ready(h);
}

/* ---- venue events ---- */

static void
on_positions(struct ln_host *h, const struct ln_venue_event *e)
{
    if (e->u.positions.error.code != LN_OK || !fit_market(h))
        return;
    static const struct ln_position_update none;
    for (uint16_t i = 0; i < h->nmarket; i++) {
        struct market_state *m = &h->market[i];
        struct ln_position_update now = none;
        int64_t lots = 0;
        for (size_t k = 0; k < e->u.positions.count; k++) {
            const struct ln_position_update *p = &e->u.positions.items[k];
            if (p->instrument != i)
                continue;
            now = *p;
            lots += p->hold_side == LN_SHORT ? -p->size_lots : p->size_lots;
        }
        bool changed =
            m->exchange_lots != lots || m->has_exchange_pos != (lots != 0);
        m->exchange_lots = lots;
        m->exchange_pos = now;
        m->has_exchange_pos = lots != 0;
        for (int s = 0; changed && s < h->nstrategies; s++)
            ln_router_position(&h->strategies[s], i);
    }
    if (h->recovered)
        ln_audit_positions(h);
}

static void
on_account(struct ln_host *h, const struct ln_account_update *a)
{
    uint8_t mode = h->account.pos_mode;
    h->account = *a;
    if (!a->pos_mode)
        h->account.pos_mode = mode;
    h->has_account = true;
    if (h->ready) {
        ln_risk_account(h);
        ln_router_account(h);
    }
    check_ready(h);
}

static void
on_ticker(struct ln_host *h, uint16_t inst, const struct ln_ticker *t)
{
    h->market[inst].ticker = *t;
    h->market[inst].has_ticker = true;
    ln_router_ticker(h, inst, t);
}

static void
on_funding(struct ln_host *h, const struct ln_venue_event *e)
{
    struct ln_msg_funding m = {0};
    m.rate_e8 = e->u.funding.rate_e8;
    m.amount_e8 = e->u.funding.amount_e8;
    m.time_ms = e->u.funding.time_ms;
    for (int i = 0; i < h->nstrategies; i++)
        if (h->strategies[i].callbacks & LN_CB_FUNDING)
            ln_strategy_send(&h->strategies[i], &m.h, LN_MSG_FUNDING,
                             e->instrument, sizeof(m), false);
}

static void
on_reply(struct ln_host *h, const struct ln_venue_event *e)
{
    /* tag: number of the strategy in the upper, its own tag in the lower half
     */
    struct strategy *s =
        ln_strategy_by_number(h, (uint32_t)(e->u.reply.tag >> 32));
    size_t len = e->u.reply.json.len;
    struct ln_msg_reply *m;
    bool too_large = sizeof(*m) + len + 1 > LN_MSG_MAX;
    if (!s)
        return;
    if (too_large)
        len = 0;
    m = calloc(1, sizeof(*m) + len + 1);
    if (!m)
        return;
    m->tag = e->u.reply.tag & UINT32_MAX;
    m->ok = e->u.reply.error.code == LN_OK && !too_large;
    m->retryable = e->u.reply.error.verdict == LN_VERDICT_RETRY;
    m->code = e->u.reply.error.exchange_code ? e->u.reply.error.exchange_code
                                             : e->u.reply.error.http_status;
    ln_str_copy(m->message, sizeof(m->message),
                ln_str(too_large ? "the answer is too large"
                                 : e->u.reply.error.message));
    if (len)
        memcpy(m + 1, e->u.reply.json.ptr, len);
    ln_strategy_send(s, &m->h, LN_MSG_REPLY, LN_INSTRUMENT_NONE,
                     sizeof(*m) + len + 1, false);
    free(m);
}

static bool
known_instrument(struct ln_host *h, const struct ln_venue_event *e)
{
    return h->instruments && e->instrument < h->nmarket;
}

static void
on_venue(void *ctx, const struct ln_venue_event *e)
{
    struct ln_host *h = ctx;
    switch (e->type) {
    case LN_VE_CONNECTION:
        on_connection(h, e);
        break;
    case LN_VE_INSTRUMENTS:
        h->instruments = h->venue->ops->instruments(h->venue);
        if (!fit_market(h))
            ln_host_fail(h, LN_ERR_NOMEM, NULL, "no memory for the market");
        else
            ln_recover_replay(h); /* before the first news about orders */
        check_ready(h);
        break;
    case LN_VE_TICKER:
        if (known_instrument(h, e))
            on_ticker(h, e->instrument, &e->u.ticker);
        break;
    case LN_VE_TRADE:
        if (known_instrument(h, e))
            ln_router_trade(h, e->instrument, &e->u.trade);
        break;
    case LN_VE_BOOK:
        if (known_instrument(h, e))
            ln_router_book(h, e->instrument, e->u.book);
        break;
    case LN_VE_CANDLE:
        if (known_instrument(h, e))
            ln_candles_push(h, e->instrument, e->u.candle.tf,
                            &e->u.candle.candle);
        break;
    case LN_VE_CANDLES:
        ln_candles_history(h, e);
        break;
    case LN_VE_ORDER:
        ln_orders_update(h, &e->u.order);
        break;
    case LN_VE_FILL:
        ln_orders_fill(h, &e->u.fill);
        break;
    case LN_VE_POSITIONS:
        on_positions(h, e);
        break;
    case LN_VE_ACCOUNT:
        on_account(h, &e->u.account);
        break;
    case LN_VE_FUNDING:
        on_funding(h, e);
        break;
    case LN_VE_RESULT:
        ln_orders_result(h, e);
        break;
    case LN_VE_ORDERS:
        ln_orders_snapshot(h, e);
        break;
    case LN_VE_REPLY:
        on_reply(h, e);
        break;
    }
}

void
ln_host_start(struct ln_host *h)
{
    h->started = true;
    h->last_tick_ns = ln_loop_now_ns(h->loop);
    ln_timer_start(h->tick_timer, TICK_MS, TICK_MS);
    ln_timer_start(h->stop_timer, START_TIMEOUT_MS, 0);
    if (h->venue->ops->cover_since && ln_recover_since_ms(h))
        h->venue->ops->cover_since(h->venue, ln_recover_since_ms(h));
    h->venue->ops->start(h->venue, on_venue, h);
}

static void
on_tick(void *ctx)
{
    struct ln_host *h = ctx;
    int64_t now = ln_loop_now_ns(h->loop);
    /* If we ourselves were held up, strategies are not to blame. */
    int64_t late = now - h->last_tick_ns - TICK_MS * 1000000LL;
    h->last_tick_ns = now;
    ln_feed_tick(h, now);
    if (h->recovering) {
        ln_orders_tick(h, now);
        if (ln_recover_certain(h))
            become_ready(h);
    }
    if (!h->ready)
        return;
    for (int i = 0; i < h->nstrategies; i++) {
        if (late > 0 && h->strategies[i].oldest_ns)
            h->strategies[i].oldest_ns += late;
        ln_strategy_check_deadline(&h->strategies[i], now);
    }
    ln_act_tick(h, now);
    ln_candles_tick(h, now);
    ln_orders_tick(h, now);
    ln_audit_tick(h, now);
}

/* ---- end ---- */

static bool
strategies_ended(const struct ln_host *h)
{
    for (int i = 0; i < h->nstrategies; i++)
        if (h->strategies[i].port)
            return false;
    return true;
}

static void
apply_end_policies(struct ln_host *h)
{
    for (int i = 0; i < h->nstrategies; i++) {
        struct strategy *s = &h->strategies[i];
        if (s->cfg->on_stop == LN_END_HOLD)
            continue;
        ln_orders_cancel_all(h, s->number, LN_INSTRUMENT_NONE);
        if (s->cfg->on_stop == LN_END_FLATTEN && !h->stop_cancelled)
            ln_orders_flatten(s);
    }
    h->stop_cancelled = true;
}

/* Orders that the end policies want gone. */
static int
orders_left(const struct ln_host *h)
{
    int n = 0;
    for (int i = 0; i < h->nstrategies; i++)
        if (h->strategies[i].cfg->on_stop != LN_END_HOLD)
            n += ln_orders_open(h, h->strategies[i].number);
    return n;
}

static void
enter_orders_phase(struct ln_host *h)
{
    h->stop_phase = STOP_ORDERS;
    for (int i = 0; i < h->nstrategies; i++)
        if (h->strategies[i].port)
            ln_port_kill(h->strategies[i].port);
    if (h->ready)
        apply_end_policies(h);
    ln_timer_start(h->stop_timer, 20, 20);
}

static void
on_stop_timer(void *ctx)
{
    struct ln_host *h = ctx;
    if (!h->stopping) {
        if (h->recovering) {
            ln_warn("host",
                    "the fate of %u orders of an earlier start is "
                    "still not certain; asking on",
                    h->nopen);
            ln_timer_start(h->stop_timer, START_TIMEOUT_MS, 0);
        } else if (!h->ready)
            ln_host_fail(h, LN_ERR_TIMEOUT,
                         "check venue.rest, venue.ws_public and "
                         "venue.ws_private, and that the server runs",
                         "the exchange could not be reached within %d s%s%s",
                         START_TIMEOUT_MS / 1000, h->stop_reason[0] ? ": " : "",
                         h->stop_reason);
        return;
    }
    int64_t waited = (ln_loop_now_ns(h->loop) - h->stop_since_ns) / 1000000;
    if (h->stop_phase == STOP_STRATEGIES) {
        if (strategies_ended(h) || waited >= STOP_STRATEGIES_MS)
            enter_orders_phase(h);
        return;
    }
    int left = h->ready ? orders_left(h) : 0;
    if (left == 0 && strategies_ended(h)) {
        finish(h);
    } else if (waited >= STOP_STRATEGIES_MS + STOP_ORDERS_MS) {
        if (left && h->failure.code == LN_OK)
            ln_error_set(&h->failure, LN_ERR_TIMEOUT, NULL,
                         "look at the account's open orders now",
                         "%d orders could not be confirmed as cancelled", left);
        finish(h);
    } else if (h->ready && waited - h->recancel_ms >= STOP_RECANCEL_MS) {
        h->recancel_ms = waited;
        apply_end_policies(h);
    }
}

void
ln_host_stop(struct ln_host *h, const char *reason)
{
    if (h->stopping) {
        if (h->stop_phase != STOP_NONE && !h->ended_called &&
            strcmp(reason, "failure") != 0)
            finish(h);
        return;
    }
    h->stopping = true;
    h->stop_since_ns = ln_loop_now_ns(h->loop);
    h->stop_phase = STOP_STRATEGIES;
    ln_info("host", "stopping: %s", reason);
    for (int i = 0; i < h->nstrategies; i++)
        ln_strategy_stop(&h->strategies[i], reason);
    ln_timer_start(h->stop_timer, 0, 20);
}
