/*
 * Public streams: what is subscribed, and what its pushes become. Books are
 * kept here and only here; a gap costs a fresh subscription of that topic.
 */
#include "base/log.h"
#include "bitget/bitget_int.h"
#include "market/timeframe.h"

#include <stdio.h>
#include <stdlib.h>

#define TRADES_MAX 4096 /* rows of one push that are looked at */

static struct ln_bv_market *
market_of(struct ln_bitget *v, uint16_t instrument)
{
    struct ln_bv_market **at = &v->markets[instrument];
    if (!*at)
        *at = calloc(1, sizeof **at);
    return *at;
}

void
ln_bv_markets_free(struct ln_bitget *v)
{
    for (size_t i = 0; i < LN_INSTRUMENTS_MAX; i++) {
        if (!v->markets[i])
            continue;
        if (v->markets[i]->has_book)
            ln_book_deinit(&v->markets[i]->book);
        free(v->markets[i]);
        v->markets[i] = NULL;
    }
}

/* ---- subscribe ---- */

static bool
channel_name(unsigned channel, enum ln_timeframe tf, char *out, size_t cap)
{
    switch (channel) {
    case LN_CH_TICKER:
        return ln_str_copy(out, cap, ln_str("ticker"));
    case LN_CH_TRADE:
        return ln_str_copy(out, cap, ln_str("trade"));
    case LN_CH_BOOK:
        return ln_str_copy(out, cap, ln_str("books"));
    case LN_CH_CANDLE:
        if (tf <= LN_TF_NONE || tf >= LN_TF_COUNT)
            return false;
        (void)snprintf(out, cap, "candle%s", ln_timeframe_name(tf));
        return true;
    default:
        return false;
    }
}

/*
 * Errors of subscribe() are told a turn later, like everything else: the
 * request record carries the text.
 */
static bool
subscribe_failed(struct ln_bitget *v, struct ln_bv_req *req,
                 const struct ln_venue_error *error, const struct ln_json *doc,
                 ln_json_val data)
{
    (void)doc;
    (void)data;
    ln_bv_remark(v, req->instrument, error->message);
    return false;
}

static void
fail_subscribe(struct ln_bitget *v, uint16_t instrument, enum ln_err code,
               const char *message)
{
    struct ln_bv_req *req = ln_bv_req_new(v, subscribe_failed);
    if (!req)
        return;
    req->instrument = instrument;
    ln_bv_fail(req, code, LN_VERDICT_NO, message);
}

static void
subscribe_one(struct ln_bitget *v, uint16_t instrument, unsigned channel,
              enum ln_timeframe tf)
{
    const char *symbol = v->instruments.items[instrument].symbol;
    struct ln_bv_market *m = market_of(v, instrument);
    struct ln_sub *sub;
    char name[24], message[128];
    enum ln_err e = LN_ERR_ARG;

    if (m && channel == LN_CH_BOOK && !m->has_book)
        m->has_book = ln_book_init(&m->book) == LN_OK;
    if (!m || (channel == LN_CH_BOOK && !m->has_book))
        e = LN_ERR_NOMEM;
    else if (channel_name(channel, tf, name, sizeof name))
        e = ln_subs_add(&v->pub, name, "instId", symbol, instrument, &sub);
    if (e == LN_OK)
        return;
    (void)snprintf(message, sizeof message, "%s cannot be subscribed: %s",
                   symbol,
                   e == LN_ERR_ARG     ? "no such channel or timeframe"
                   : e == LN_ERR_LIMIT ? "too many subscriptions"
                                       : "no memory");
    fail_subscribe(v, instrument, e, message);
}

void
ln_bv_subscribe(struct ln_venue *venue, uint16_t instrument, unsigned channels,
                enum ln_timeframe tf)
{
    struct ln_bitget *v = ln_bv_of(venue);
    char message[96];

    if (!ln_instruments_at(&v->instruments, instrument)) {
        (void)snprintf(message, sizeof message,
                       "there is no instrument number %u",
                       (unsigned)instrument);
        fail_subscribe(v, instrument, LN_ERR_NOT_FOUND, message);
        return;
    }
    for (unsigned bit = LN_CH_TICKER; bit <= LN_CH_CANDLE; bit <<= 1) {
        if (channels & bit)
            subscribe_one(v, instrument, bit, tf);
    }
}

void
ln_bv_unsubscribe(struct ln_venue *venue, uint16_t instrument,
                  unsigned channels, enum ln_timeframe tf)
{
    struct ln_bitget *v = ln_bv_of(venue);
    const struct ln_instrument *in =
        ln_instruments_at(&v->instruments, instrument);
    char name[24];

    for (unsigned bit = LN_CH_TICKER; in && bit <= LN_CH_CANDLE; bit <<= 1) {
        if ((channels & bit) && channel_name(bit, tf, name, sizeof name))
            ln_subs_drop(&v->pub, name, in->symbol);
    }
}

/* ---- pushes ---- */

/* What all handlers of one push need. */
struct push {
    struct ln_bitget *v;
    struct ln_stream *stream;
    struct ln_sub *sub;
    const struct ln_v2_message *msg;
    const struct ln_v2_decoder *d;
    const struct ln_instrument *in;
    struct ln_bv_market *market;
    struct ln_venue_event event; /* type and time filled in */
};

static void
bad_row(const struct push *p, const struct ln_error *err)
{
    ln_debug("bitget", "%s %s: a row is left out: %s", p->sub->channel,
             p->sub->value, err->what);
}

static void
tell_funding_rate(struct push *p, const struct ln_ticker *t)
{
    struct ln_venue_event e = p->event;

    if (t->next_funding_ms == 0 ||
        t->next_funding_ms == p->market->next_funding_ms)
        return;
    p->market->next_funding_ms = t->next_funding_ms;
    e.type = LN_VE_FUNDING;
    e.u.funding.rate_e8 = t->funding_rate_e8;
    e.u.funding.amount_e8 = 0;
    e.u.funding.time_ms = t->next_funding_ms;
    ln_bv_emit(p->v, &e);
}

static void
on_ticker(struct push *p)
{
    struct ln_error err = {0};

    for (ln_json_val row = ln_v2_first(p->d, p->msg); row != LN_JSON_NONE;
         row = ln_v2_next(p->d, p->msg, row)) {
        struct ln_ticker t;
        if (ln_v2_read_ticker(&p->d->doc, row, p->in, &t, &err)) {
            bad_row(p, &err);
            continue;
        }
        if (t.time_ms == 0)
            t.time_ms = p->msg->ts_ms;
        p->event.type = LN_VE_TICKER;
        p->event.u.ticker = t;
        ln_bv_emit(p->v, &p->event);
        tell_funding_rate(p, &t);
    }
}

/*
 * The first snapshot brings hundreds of old candles: only the forming one is
 * news. After a reconnect those since the last one told are news, too.
 */
static void
on_candle(struct push *p)
{
    struct ln_error err = {0};
    ln_json_val last = LN_JSON_NONE;

    for (ln_json_val row = ln_v2_first(p->d, p->msg); row != LN_JSON_NONE;
         row = ln_v2_next(p->d, p->msg, row))
        last = row;
    for (ln_json_val row = ln_v2_first(p->d, p->msg); row != LN_JSON_NONE;
         row = ln_v2_next(p->d, p->msg, row)) {
        struct ln_candle c;
        if (ln_v2_read_candle(&p->d->doc, row, p->in, &c, &err)) {
            bad_row(p, &err);
            continue;
        }
        if (p->sub->last_ms == 0 ? row != last : c.time_ms < p->sub->last_ms)
            continue;
        p->sub->last_ms = c.time_ms;
        p->event.type = LN_VE_CANDLE;
        p->event.u.candle.tf = p->sub->tf;
        p->event.u.candle.candle = c;
        ln_bv_emit(p->v, &p->event);
    }
}

static bool
trade_seen(struct ln_bv_market *m, int64_t id)
{
    for (size_t i = 0; i < LN_BV_TRADES_SEEN; i++) {
        if (m->trade_ids[i] == id)
            return true;
    }
    m->trade_ids[m->next_trade] = id;
    m->next_trade = (m->next_trade + 1) % LN_BV_TRADES_SEEN;
    return false;
}

/* All new rows of a push into v->trades; returns how many. */
static size_t
collect_trades(struct push *p)
{
    struct ln_bitget *v = p->v;
    struct ln_error err = {0};
    size_t count = 0;

    if (p->msg->rows > v->trades_cap && v->trades_cap < TRADES_MAX) {
        struct ln_trade *more =
            realloc(v->trades, TRADES_MAX * sizeof *v->trades);
        if (more) {
            v->trades = more;
            v->trades_cap = TRADES_MAX;
        }
    }
    for (ln_json_val row = ln_v2_first(p->d, p->msg);
         row != LN_JSON_NONE && count < v->trades_cap;
         row = ln_v2_next(p->d, p->msg, row)) {
        struct ln_trade *t = &v->trades[count];
        if (ln_v2_read_trade(&p->d->doc, row, p->in, t, &err))
            bad_row(p, &err);
        else if (!trade_seen(p->market, t->id))
            count++;
    }
    return count;
}

static void
on_trade(struct push *p)
{
    struct ln_bitget *v = p->v;
    size_t count = collect_trades(p);
    bool newest_first;

    /* The batch that opens a subscription is history, not news. */
    if (p->msg->snapshot || count == 0)
        return;
    newest_first = v->trades[0].time_ms > v->trades[count - 1].time_ms ||
                   v->trades[0].id > v->trades[count - 1].id;
    p->event.type = LN_VE_TRADE;
    for (size_t i = 0; i < count; i++) {
        p->event.u.trade = v->trades[newest_first ? count - 1 - i : i];
        ln_bv_emit(v, &p->event);
    }
}

static bool
set_levels(struct push *p, ln_json_val list, enum ln_side side, bool keep_texts)
{
    const struct ln_json *doc = &p->d->doc;
    struct ln_str none = {NULL, 0};
    struct ln_error err = {0};

    for (ln_json_val at = ln_json_first(doc, list); at != LN_JSON_NONE;
         at = ln_json_next(doc, list, at)) {
        struct ln_v2_level l;
        if (ln_v2_read_level(doc, at, p->in, &l, &err)) {
            bad_row(p, &err);
            return false;
        }
        ln_book_set(&p->market->book, side, l.price_ticks, l.size_lots,
                    keep_texts ? l.price_text : none,
                    keep_texts ? l.size_text : none);
    }
    return true;
}

/* False: the book can not be continued from here. */
static bool
apply_book(struct push *p, const struct ln_v2_book *b)
{
    struct ln_book *book = &p->market->book;

    if (p->msg->snapshot)
        ln_book_snapshot_begin(book);
    else if (!ln_book_update_begin(book, b->seq, b->pseq, b->has_pseq))
        return false;
    if (!set_levels(p, b->asks, LN_SELL, b->has_checksum) ||
        !set_levels(p, b->bids, LN_BUY, b->has_checksum) ||
        !ln_book_commit(book, b->seq, b->time_ms))
        return false;
    return !b->has_checksum || ln_book_checksum(book) == b->checksum;
}

static void
on_book(struct push *p)
{
    struct ln_error err = {0};

    for (ln_json_val row = ln_v2_first(p->d, p->msg); row != LN_JSON_NONE;
         row = ln_v2_next(p->d, p->msg, row)) {
        struct ln_v2_book b;
        if (ln_v2_read_book(&p->d->doc, row, &b, &err) || !apply_book(p, &b)) {
            p->v->book_gaps++;
            ln_book_clear(&p->market->book);
            ln_stream_resync(p->stream, p->sub);
            return;
        }
        p->event.type = LN_VE_BOOK;
        p->event.u.book = &p->market->book;
        ln_bv_emit(p->v, &p->event);
        if (!p->v->fn)
            return;
    }
}

static void
on_data(void *ctx, struct ln_stream *s, struct ln_sub *sub,
        const struct ln_v2_message *msg, const struct ln_v2_decoder *d,
        int64_t received_ns)
{
    struct push p = {.v = ctx, .stream = s, .sub = sub, .msg = msg, .d = d};

    p.in = ln_instruments_at(&p.v->instruments, sub->instrument);
    p.market = p.in ? p.v->markets[sub->instrument] : NULL;
    if (!p.market)
        return;
    p.event.instrument = sub->instrument;
    p.event.received_ns = received_ns;
    switch (sub->kind) {
    case LN_V2_CH_TICKER:
        on_ticker(&p);
        break;
    case LN_V2_CH_CANDLE:
        on_candle(&p);
        break;
    case LN_V2_CH_TRADE:
        on_trade(&p);
        break;
    case LN_V2_CH_BOOKS:
        if (p.market->has_book)
            on_book(&p);
        break;
    default:
        break;
    }
}

/* ---- the connection ---- */

static void
on_live(void *ctx, struct ln_stream *s)
{
    struct ln_bitget *v = ctx;

    (void)s;
    if (ln_subs_live(&v->pub))
        ln_bv_part(v, LN_PART_PUBLIC, true, "", false);
}

static void
on_down(void *ctx, struct ln_stream *s, const char *why, bool fatal)
{
    struct ln_bitget *v = ctx;
    struct ln_sub *const *subs;
    size_t n = ln_stream_subs(s, &subs);

    (void)fatal; /* there are no credentials on this side */
    for (size_t i = 0; i < n; i++) {
        struct ln_bv_market *m = subs[i]->kind == LN_V2_CH_BOOKS
                                     ? v->markets[subs[i]->instrument]
                                     : NULL;
        if (m && m->has_book)
            ln_book_clear(&m->book);
    }
    ln_bv_part(v, LN_PART_PUBLIC, false, why, false);
}

static void
on_refused(void *ctx, struct ln_stream *s, struct ln_sub *sub, int32_t code,
           struct ln_str msg)
{
    struct ln_bitget *v = ctx;
    char why[256];

    (void)s;
    (void)snprintf(why, sizeof why, "the exchange refuses %s of %s: %d %.*s",
                   sub->channel, sub->value, code,
                   (int)(msg.len > 120 ? 120 : msg.len),
                   msg.ptr ? msg.ptr : "");
    ln_bv_remark(v, sub->instrument, why);
}

static void
on_silent(void *ctx, struct ln_stream *s, struct ln_sub *sub)
{
    struct ln_bitget *v = ctx;
    char why[160];

    (void)s;
    (void)snprintf(why, sizeof why,
                   "%s of %s is confirmed, but nothing comes: is %s the right "
                   "product?",
                   sub->channel, sub->value, v->cfg.product);
    ln_bv_remark(v, sub->instrument, why);
}

const struct ln_stream_events ln_bv_public_events = {
    .data = on_data,
    .live = on_live,
    .down = on_down,
    .refused = on_refused,
    .silent = on_silent,
    .clock = ln_bv_stream_clock,
    .server_ms = ln_bv_stream_ms,
};
