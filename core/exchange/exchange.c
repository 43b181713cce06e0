/*
 * The engine: made, driven through time, asked for its money. Everything
 * that happens by itself happens at whole seconds (minutes, prices,
 * liquidation, funding) or at the times the participants chose; both come in
 * the same order however ln_ex_advance is sliced.
 */
#include "exchange/money_int.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

#define SECOND_MS           1000
#define MINUTE_MS           60000
#define HISTORY_MINUTES_MAX (LN_EX_PAST_DAYS * LN_EX_DAY_MINUTES)
#define LEVERAGE_DEFAULT    20
#define FIRST_ORDER_ID      1200000000000000000LL

bool
ln_ex_grow(void **items, uint32_t *cap, uint32_t need, size_t item_size)
{
    if (need <= *cap)
        return true;
    void *more = realloc(*items, (size_t)need * item_size);
    if (!more)
        return false;
    *items = more;
    *cap = need;
    return true;
}

/* ---- events ---- */

void
ln_ex_set_sink(struct ln_ex *ex, ln_ex_sink sink, void *ctx)
{
    ex->sink = sink;
    ex->sink_ctx = ctx;
}

void
ln_ex_emit(struct ln_ex *ex, struct ln_ex_event *event)
{
    event->time_ms = ex->now_ms;
    if (ex->sink)
        ex->sink(ex->sink_ctx, event);
}

void
ln_ex_emit_change(struct ln_ex *ex, enum ln_ex_event_type type,
                  const struct ln_ex_client *c, uint16_t inst)
{
    struct ln_ex_event e = {
        .type = type, .instrument = inst, .account = c->handle};
    ln_ex_emit(ex, &e);
}

void
ln_ex_emit_order(struct ln_ex *ex, const struct ln_ex_record *r,
                 const struct ln_ex_fill *fill)
{
    struct ln_ex_event e = {.type = LN_EXE_ORDER,
                            .instrument = r->o.req.instrument,
                            .account = r->o.account};
    e.u.order.order = &r->o;
    e.u.order.fill = fill;
    ln_ex_emit(ex, &e);
}

/* ---- making one ---- */

static const struct ln_ex_spec *
spec_of(const char *symbol)
{
    size_t n;
    const struct ln_ex_spec *all = ln_ex_catalogue(&n);
    for (size_t i = 0; i < n; i++)
        if (ln_str_eqi(ln_str(symbol), all[i].instrument.symbol))
            return &all[i];
    return NULL;
}

static enum ln_err
unknown_symbol(const char *symbol, struct ln_error *err)
{
    const char *names[64];
    size_t n;
    const struct ln_ex_spec *all = ln_ex_catalogue(&n);
    for (size_t i = 0; i < n && i < LN_COUNT(names); i++)
        names[i] = all[i].instrument.symbol;
    const char *near = ln_nearest(symbol, names, n);
    ln_error_set(err, LN_ERR_NOT_FOUND, NULL,
                 near ? near : "ln_ex_catalogue lists what there is",
                 "the exchange engine has no instrument \"%s\"", symbol);
    if (err && near) {
        const char *lead = "did you mean ";
        size_t len = strlen(lead);
        memmove(err->cure + len, err->cure, strlen(near) + 1);
        memcpy(err->cure, lead, len);
    }
    return LN_ERR_NOT_FOUND;
}

/* Registry and specs; the markets keep pointers into the finished registry. */
static enum ln_err
choose_symbols(struct ln_ex *ex, const struct ln_ex_config *cfg,
               struct ln_error *err)
{
    size_t all_count, count;
    const struct ln_ex_spec *all = ln_ex_catalogue(&all_count);
    count = cfg->symbols ? cfg->nsymbols : all_count;
    if (count == 0 || count > LN_INSTRUMENTS_MAX)
        return ln_error_set(err, LN_ERR_ARG, NULL, "name at least one symbol",
                            "an exchange engine without instruments");
    ex->markets = calloc(count, sizeof(*ex->markets));
    if (!ex->markets)
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory");
    for (size_t i = 0; i < count; i++) {
        const char *symbol =
            cfg->symbols ? cfg->symbols[i] : all[i].instrument.symbol;
        const struct ln_ex_spec *spec = spec_of(symbol);
        uint16_t at;
        if (!spec)
            return unknown_symbol(symbol, err);
        if (ln_instruments_put(&ex->registry, &spec->instrument, &at) != LN_OK)
            return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory");
        ex->markets[at].spec = spec;
        ex->markets[at].index = at;
    }
    ex->nmarkets = ex->registry.count; /* a symbol named twice counts once */
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        ex->markets[i].in = ln_instruments_at(&ex->registry, i);
    return LN_OK;
}

static bool
start_market(struct ln_ex *ex, struct ln_ex_market *m, int minutes)
{
    m->trades = calloc(LN_EX_TAPE, sizeof(*m->trades));
    if (!m->trades)
        return false;
    /* By its symbol: a market is the same whatever others there are. */
    ln_rng_seed(&m->rng, ex->seed ^ ln_hash(ln_str(m->in->symbol)));
    m->last_ticks = m->spec->start_price_ticks;
    m->next_ms = INT64_MAX;
    m->index_e8 = m->mark_e8 = ln_price_e8(m->in, m->last_ticks);
    if (!ln_ex_past_start(ex, m, minutes) || !ln_ex_mood_start(ex, m))
        return false;
    if (!ln_ex_candles_start(m, ex->now_ms))
        return false;
    if (ex->participants)
        ln_ex_participants_start(ex, m);
    ln_ex_prices_start(ex, m);
    return true;
}

static int64_t
next_multiple(int64_t t, int64_t step)
{
    int64_t past = t % step;
    if (past < 0)
        past += step;
    return t - past + step;
}

struct ln_ex *
ln_ex_new(const struct ln_ex_config *cfg, struct ln_error *err)
{
    int minutes =
        cfg->history_minutes ? cfg->history_minutes : HISTORY_MINUTES_MAX;
    if (minutes < 1 || minutes > HISTORY_MINUTES_MAX || cfg->start_ms < 0 ||
        cfg->start_ms > INT64_MAX / (2 * LN_EX_IDS_PER_MS) ||
        cfg->default_leverage < 0 || cfg->pos_mode > LN_HEDGE) {
        ln_error_set(err, LN_ERR_ARG, NULL, NULL,
                     "a value of the exchange engine's configuration is out "
                     "of range");
        return NULL;
    }
    struct ln_ex *ex = calloc(1, sizeof(*ex));
    if (!ex) {
        ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory");
        return NULL;
    }
    ln_instruments_init(&ex->registry);
    ln_map_init(&ex->by_id);
    ex->seed = cfg->seed;
    ex->now_ms = cfg->start_ms;
    ex->next_second_ms = next_multiple(cfg->start_ms, SECOND_MS);
    ex->participants = cfg->participants;
    ex->pos_mode = cfg->pos_mode ? cfg->pos_mode : LN_ONE_WAY;
    ex->leverage =
        cfg->default_leverage ? cfg->default_leverage : LEVERAGE_DEFAULT;
    /* Engines that start at different times give different ids. */
    ex->next_order_id = FIRST_ORDER_ID + cfg->start_ms * LN_EX_IDS_PER_MS + 1;
    ex->next_trade_id =
        LN_EX_FIRST_TRADE_ID + cfg->start_ms * LN_EX_IDS_PER_MS + 1;
    ex->next_position_id = ex->next_bill_id = ex->next_order_id;
    ln_ex_insurance_start(ex);
    if (choose_symbols(ex, cfg, err) != LN_OK) {
        ln_ex_free(ex);
        return NULL;
    }
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        if (!start_market(ex, &ex->markets[i], minutes)) {
            ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory");
            ln_ex_free(ex);
            return NULL;
        }
    return ex;
}

void
ln_ex_free(struct ln_ex *ex)
{
    if (!ex)
        return;
    for (uint32_t i = 0; i < ex->nclients; i++) {
        ln_ex_client_store_deinit(ex->clients[i]);
        ln_ex_planbook_free(ex->clients[i]->plans);
        ln_ex_accounting_free(ex->clients[i]->books);
        free(ex->clients[i]->slots);
        free(ex->clients[i]);
    }
    free(ex->clients);
    for (uint16_t i = 0; ex->markets && i < ex->registry.count; i++) {
        struct ln_ex_market *m = &ex->markets[i];
        ln_ex_book_deinit(m);
        free(m->trades);
        free(m->candles);
        free(m->quotes);
        free(m->replay.rows);
        free(m->replay.trades);
        ln_ex_past_free(m->past);
        ln_ex_mood_free(m->mood);
    }
    free(ex->markets);
    ln_ex_store_deinit(ex);
    ln_instruments_deinit(&ex->registry);
    free(ex);
}

const struct ln_instruments *
ln_ex_instruments(const struct ln_ex *ex)
{
    return &ex->registry;
}

const struct ln_ex_spec *
ln_ex_spec(const struct ln_ex *ex, uint16_t inst)
{
    const struct ln_ex_market *m = ln_ex_market(ex, inst);
    return m ? m->spec : NULL;
}

/* ---- time ---- */

static void
second(struct ln_ex *ex)
{
    for (uint16_t i = 0; i < ex->nmarkets; i++) {
        struct ln_ex_market *m = &ex->markets[i];
        if (ex->now_ms % MINUTE_MS == 0) {
            ln_ex_mood_minute(ex, m, ex->now_ms);
            ln_ex_candles_minute(m, ex->now_ms);
        }
        ln_ex_prices_second(ex, m);
        ln_ex_funding_due(ex, m);
    }
    for (uint16_t i = 0; i < ex->nmarkets; i++)
        ln_ex_plans_check(ex, &ex->markets[i]);
    ln_ex_liquidate(ex);
    ex->next_second_ms += SECOND_MS;
}

/* The market whose participants act next; the first of those at one time. */
static struct ln_ex_market *
next_market(struct ln_ex *ex)
{
    struct ln_ex_market *first = &ex->markets[0];
    for (uint16_t i = 1; i < ex->nmarkets; i++)
        if (ex->markets[i].next_ms < first->next_ms)
            first = &ex->markets[i];
    return first;
}

void
ln_ex_advance(struct ln_ex *ex, int64_t now_ms)
{
    if (now_ms <= ex->now_ms)
        return;
    for (;;) {
        struct ln_ex_market *m = next_market(ex);
        bool by_clock = ex->next_second_ms <= m->next_ms;
        int64_t t = by_clock ? ex->next_second_ms : m->next_ms;
        if (t > now_ms)
            break;
        ex->now_ms = t;
        if (by_clock)
            second(ex);
        else {
            ln_ex_participants_act(ex, m);
            ln_ex_plans_check(ex, m);
        }
    }
    ex->now_ms = now_ms;
}

int64_t
ln_ex_now(const struct ln_ex *ex)
{
    return ex->now_ms;
}

void
ln_ex_set_status(struct ln_ex *ex, uint16_t inst,
                 enum ln_instrument_status status)
{
    if (inst >= ex->nmarkets || ex->registry.items[inst].status == status)
        return;
    ex->registry.items[inst].status = (uint8_t)status;
    struct ln_ex_event e = {.type = LN_EXE_SYMBOL, .instrument = inst};
    ln_ex_emit(ex, &e);
}

/* ---- money ---- */

/*
 * What an account would have if everything were closed at one price: its
 * balance and its positions at cost. The sizes of longs and shorts cancel
 * out over all accounts, so the price does not matter.
 */
int64_t
ln_ex_money_total(const struct ln_ex *ex)
{
    int64_t total = ex->house_cash_e8 + ex->fees_e8 + ex->insurance_e8;
    for (uint32_t i = 0; i < ex->nclients; i++) {
        const struct ln_ex_client *c = ex->clients[i];
        total += c->balance_e8;
        for (uint16_t k = 0; c->open_positions && k < ex->nmarkets; k++)
            total += c->slots[k].pos[1].cost_e8 - c->slots[k].pos[0].cost_e8;
    }
    return total;
}
