/*
 * Public pushes: what changed since the last one, at the pace of the wire.
 *
 *   ticker    on change, at most every 100 ms
 *   trade     with the next tick of the server
 *   books     snapshot, then the difference of two images every 100 ms
 *   books1    on change; books5, books15: on change, every 100 ms
 *   candle*   at most once a second, sooner when a candle has ended
 *
 * The pace is the server's clock; at a market speed of 60 one push covers
 * what would have been sixty.
 */
#include "sim/checksum.h"
#include "sim/trouble.h"
#include "sim/wire.h"

#include "market/timeframe.h"

#include <stdlib.h>

#define PACE_MS         100
#define CANDLE_MS       1000
#define BOOK_DEPTH      500
#define SMALL_DEPTH     15
#define TRADES_GREETING 50
#define CANDLES_PUSHED  500 /* rows of one push at most */

struct side_image {
    struct ln_level levels[BOOK_DEPTH];
    size_t count;
};

/* The book as the last push of "books" left it with the clients. */
struct book_image {
    struct side_image sides[2]; /* bids, asks */
    int64_t seq;
    bool valid;
};

struct candle_state {
    struct ln_candle last; /* as pushed */
    int64_t pushed_ms;
};

/* The channels books1, books5, books15. */
struct small_state {
    int64_t seq, pushed_ms;
};

struct market_feed {
    struct ln_ticker ticker; /* as pushed */
    int64_t ticker_ms;
    size_t new_trades;        /* since the last push */
    struct book_image *image; /* owned; NULL until somebody wants books */
    int64_t books_ms;
    struct small_state small[3];
    struct candle_state candles[LN_TF_COUNT];
};

struct ln_sim_feed {
    struct market_feed *markets; /* owned; one per instrument */
    uint16_t count;
    struct side_image fresh; /* while a difference is made */
    struct ln_trade trades[LN_EX_TRADES_KEPT];
    struct ln_candle candles[CANDLES_PUSHED];
};

struct ln_sim_feed *
ln_sim_feed_new(uint16_t ninsts)
{
    struct ln_sim_feed *feed = calloc(1, sizeof(*feed));
    if (!feed)
        return NULL;
    feed->count = ninsts;
    feed->markets = calloc(ninsts, sizeof(*feed->markets));
    if (!feed->markets) {
        free(feed);
        return NULL;
    }
    return feed;
}

void
ln_sim_feed_free(struct ln_sim_feed *feed)
{
    if (!feed)
        return;
    for (size_t i = 0; i < feed->count; i++)
        free(feed->markets[i].image);
    free(feed->markets);
    free(feed);
}

void
ln_sim_feed_event(struct ln_sim *sim, const struct ln_ex_event *e)
{
    if (e->type == LN_EXE_TRADE)
        sim->feed->markets[e->instrument].new_trades++;
}

/* Sends to <conn> alone, or to all of the topic. */
static void
deliver(struct ln_sim *sim, struct ln_json_writer *w,
        struct ln_sim_topic *topic, struct ln_sim_conn *conn)
{
    struct ln_str text = ln_sim_push_end(sim, w);
    if (conn)
        ln_sim_conn_send(conn, text);
    else
        ln_sim_topic_send(topic, text);
}

/* ---- ticker ---- */

static void
push_ticker(struct ln_sim *sim, struct ln_sim_topic *topic,
            struct ln_sim_conn *conn, const struct ln_ticker *t)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, topic->inst);
    struct ln_json_writer writer, *w = &writer;
    ln_sim_push_begin(sim, w, topic, "snapshot");
    ln_jw_obj(w);
    ln_jw_kcstr(w, "instId", in->symbol);
    ln_sim_kprice(w, "lastPr", in, t->last_ticks);
    ln_sim_kprice(w, "bidPr", in, t->bid_ticks);
    ln_sim_kprice(w, "askPr", in, t->ask_ticks);
    ln_sim_ksize(w, "bidSz", in, t->bid_lots);
    ln_sim_ksize(w, "askSz", in, t->ask_lots);
    ln_sim_kprice(w, "open24h", in, t->open_24h_ticks);
    ln_sim_kprice(w, "high24h", in, t->high_24h_ticks);
    ln_sim_kprice(w, "low24h", in, t->low_24h_ticks);
    ln_sim_ke8(w, "change24h", t->change_24h_e8);
    ln_sim_ke8(w, "fundingRate", t->funding_rate_e8);
    ln_jw_kintstr(w, "nextFundingTime", t->next_funding_ms);
    ln_sim_ke8(w, "markPrice", t->mark_e8);
    ln_sim_ke8(w, "indexPrice", t->index_e8);
    ln_sim_ksize(w, "holdingAmount", in, t->open_interest_lots);
    ln_sim_ksize(w, "baseVolume", in, t->volume_24h_lots);
    ln_sim_ke8(w, "quoteVolume", t->quote_volume_24h_e8);
    ln_sim_kprice(w, "openUtc", in, ln_sim_day_open(sim, topic->inst));
    ln_jw_kcstr(w, "symbolType", "1");
    ln_jw_kcstr(w, "symbol", in->symbol);
    ln_jw_kcstr(w, "deliveryPrice", "0");
    ln_jw_kintstr(w, "ts", t->time_ms);
    ln_jw_obj_end(w);
    deliver(sim, w, topic, conn);
}

static bool
same_ticker(const struct ln_ticker *a, const struct ln_ticker *b)
{
    return a->last_ticks == b->last_ticks && a->bid_ticks == b->bid_ticks &&
           a->ask_ticks == b->ask_ticks && a->bid_lots == b->bid_lots &&
           a->ask_lots == b->ask_lots && a->mark_e8 == b->mark_e8 &&
           a->index_e8 == b->index_e8 &&
           a->funding_rate_e8 == b->funding_rate_e8 &&
           a->next_funding_ms == b->next_funding_ms &&
           a->volume_24h_lots == b->volume_24h_lots &&
           a->open_interest_lots == b->open_interest_lots;
}

static void
flush_ticker(struct ln_sim *sim, struct market_feed *m, uint16_t inst,
             int64_t now_ms)
{
    struct ln_sim_topic *topic = ln_sim_topic(sim, inst, LN_SIM_CH_TICKER);
    struct ln_ticker t;
    if (topic->count == 0 || now_ms - m->ticker_ms < PACE_MS)
        return;
    ln_ex_ticker(sim->ex, inst, &t);
    if (same_ticker(&t, &m->ticker))
        return;
    m->ticker = t;
    m->ticker_ms = now_ms;
    push_ticker(sim, topic, NULL, &t);
}

/* ---- trades ---- */

static void
push_trades(struct ln_sim *sim, struct ln_sim_topic *topic,
            struct ln_sim_conn *conn, size_t count, const char *action)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, topic->inst);
    struct ln_trade *trades = sim->feed->trades;
    struct ln_json_writer w;
    size_t n =
        ln_ex_trades(sim->ex, topic->inst, trades,
                     count < LN_EX_TRADES_KEPT ? count : LN_EX_TRADES_KEPT);
    ln_sim_push_begin(sim, &w, topic, action);
    for (size_t i = 0; i < n; i++) {
        ln_jw_obj(&w);
        ln_sim_trade_members(&w, in, &trades[i]);
        ln_jw_obj_end(&w);
    }
    deliver(sim, &w, topic, conn);
}

static void
flush_trades(struct ln_sim *sim, struct market_feed *m, uint16_t inst)
{
    struct ln_sim_topic *topic = ln_sim_topic(sim, inst, LN_SIM_CH_TRADE);
    if (topic->count > 0 && m->new_trades > 0) {
        push_trades(sim, topic, NULL, m->new_trades, "update");
        if (ln_sim_strikes_topic(sim, LN_SIM_FK_DUP_TRADE, topic))
            push_trades(sim, topic, NULL, m->new_trades, "update");
    }
    m->new_trades = 0;
}

/* ---- books ---- */

static void
write_level(struct ln_json_writer *w, const struct ln_instrument *in,
            const struct ln_level *level)
{
    ln_jw_arr(w);
    ln_sim_price(w, in, level->price_ticks, true);
    ln_sim_size(w, in, level->size_lots, level->size_lots != 0);
    ln_jw_arr_end(w);
}

static void
write_side(struct ln_json_writer *w, const struct ln_instrument *in,
           const char *name, const struct ln_level *levels, size_t n)
{
    ln_jw_key(w, name);
    ln_jw_arr(w);
    for (size_t i = 0; i < n; i++)
        write_level(w, in, &levels[i]);
    ln_jw_arr_end(w);
}

static void
write_seq(struct ln_json_writer *w, int64_t time_ms, int64_t seq, int64_t pseq)
{
    ln_jw_kintstr(w, "ts", time_ms);
    ln_jw_kint(w, "seq", seq);
    ln_jw_kint(w, "pseq", pseq);
    ln_jw_obj_end(w);
}

/* The checksum of the image, as it was sent until May 2026. */
static void
write_checksum(const struct ln_sim *sim, struct ln_json_writer *w,
               const struct ln_instrument *in, const struct book_image *image)
{
    const struct side_image *bids = &image->sides[0], *asks = &image->sides[1];
    if (sim->checksum)
        ln_jw_kint(w, "checksum",
                   ln_sim_checksum(in, bids->levels, bids->count, asks->levels,
                                   asks->count));
}

/* Writes what turns <was> into <is>; returns the number of levels. */
static size_t
write_difference(struct ln_json_writer *w, const struct ln_instrument *in,
                 bool asks, const struct side_image *was,
                 const struct side_image *is)
{
    size_t i = 0, j = 0, changes = 0;
    ln_jw_key(w, asks ? "asks" : "bids");
    ln_jw_arr(w);
    while (i < was->count || j < is->count) {
        const struct ln_level *a = i < was->count ? &was->levels[i] : NULL;
        const struct ln_level *b = j < is->count ? &is->levels[j] : NULL;
        int64_t order = !a ? 1 : !b ? -1 : a->price_ticks - b->price_ticks;
        if (a && b && !asks)
            order = -order; /* bids descend */
        if (order < 0) {    /* gone */
            write_level(w, in, &(struct ln_level){a->price_ticks, 0});
            changes++;
            i++;
        } else if (order > 0) { /* new */
            write_level(w, in, b);
            changes++;
            j++;
        } else {
            if (a->size_lots != b->size_lots) {
                write_level(w, in, b);
                changes++;
            }
            i++;
            j++;
        }
    }
    ln_jw_arr_end(w);
    return changes;
}

static void
take_side(struct ln_sim *sim, uint16_t inst, bool asks, struct side_image *out)
{
    out->count = ln_ex_depth(sim->ex, inst, asks ? LN_SELL : LN_BUY,
                             out->levels, BOOK_DEPTH);
}

static void
flush_books(struct ln_sim *sim, struct market_feed *m, uint16_t inst,
            int64_t now_ms)
{
    struct ln_sim_topic *topic = ln_sim_topic(sim, inst, LN_SIM_CH_BOOKS);
    const struct ln_instrument *in = ln_sim_instrument(sim, inst);
    int64_t seq = ln_ex_book_seq(sim->ex, inst);
    struct side_image *fresh = &sim->feed->fresh;
    struct ln_json_writer w;
    size_t changes = 0;
    if (topic->count == 0 && m->image)
        m->image->valid = false;
    if (topic->count == 0 || !m->image || now_ms - m->books_ms < PACE_MS ||
        seq == m->image->seq)
        return;
    m->books_ms = now_ms;
    ln_sim_push_begin(sim, &w, topic, "update");
    ln_jw_obj(&w);
    for (int asks = 1; asks >= 0; asks--) {
        take_side(sim, inst, asks, fresh);
        changes +=
            write_difference(&w, in, asks, &m->image->sides[asks], fresh);
        m->image->sides[asks] = *fresh;
    }
    if (changes == 0)
        return; /* beyond the levels that are shown: the chain goes on */
    bool reset = ln_sim_strikes_topic(sim, LN_SIM_FK_PSEQ0, topic);
    write_checksum(sim, &w, in, m->image);
    write_seq(&w, ln_ex_now(sim->ex), seq, reset ? 0 : m->image->seq);
    m->image->seq = seq;
    if (!ln_sim_strikes_topic(sim, LN_SIM_FK_GAP, topic))
        deliver(sim, &w, topic, NULL);
}

/* A newcomer gets the image that the next update builds upon. */
static void
greet_books(struct ln_sim *sim, struct market_feed *m,
            struct ln_sim_topic *topic, struct ln_sim_conn *conn)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, topic->inst);
    struct ln_json_writer w;
    if (!m->image)
        m->image = calloc(1, sizeof(*m->image));
    if (!m->image) {
        ln_sim_conn_close(conn, 0, "no memory");
        return;
    }
    if (!m->image->valid) {
        take_side(sim, topic->inst, false, &m->image->sides[0]);
        take_side(sim, topic->inst, true, &m->image->sides[1]);
        m->image->seq = ln_ex_book_seq(sim->ex, topic->inst);
        m->image->valid = true;
        m->books_ms = ln_sim_loop_ms(sim);
    }
    ln_sim_push_begin(sim, &w, topic, "snapshot");
    ln_jw_obj(&w);
    write_side(&w, in, "asks", m->image->sides[1].levels,
               m->image->sides[1].count);
    write_side(&w, in, "bids", m->image->sides[0].levels,
               m->image->sides[0].count);
    write_checksum(sim, &w, in, m->image);
    write_seq(&w, ln_ex_now(sim->ex), m->image->seq, 0);
    deliver(sim, &w, topic, conn);
}

static const struct {
    int channel;
    size_t depth;
    int64_t pace_ms;
} small_books[3] = {{LN_SIM_CH_BOOKS1, 1, 0},
                    {LN_SIM_CH_BOOKS5, 5, PACE_MS},
                    {LN_SIM_CH_BOOKS15, SMALL_DEPTH, PACE_MS}};

static void
push_small(struct ln_sim *sim, struct ln_sim_topic *topic,
           struct ln_sim_conn *conn, size_t depth)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, topic->inst);
    struct ln_level levels[SMALL_DEPTH];
    struct ln_json_writer w;
    ln_sim_push_begin(sim, &w, topic, "snapshot");
    ln_jw_obj(&w);
    size_t n = ln_ex_depth(sim->ex, topic->inst, LN_SELL, levels, depth);
    write_side(&w, in, "asks", levels, n);
    n = ln_ex_depth(sim->ex, topic->inst, LN_BUY, levels, depth);
    write_side(&w, in, "bids", levels, n);
    write_seq(&w, ln_ex_now(sim->ex), ln_ex_book_seq(sim->ex, topic->inst), 0);
    deliver(sim, &w, topic, conn);
}

static void
flush_small(struct ln_sim *sim, struct market_feed *m, uint16_t inst,
            int64_t now_ms)
{
    for (int i = 0; i < 3; i++) {
        struct ln_sim_topic *topic =
            ln_sim_topic(sim, inst, small_books[i].channel);
        struct small_state *s = &m->small[i];
        int64_t seq = ln_ex_book_seq(sim->ex, inst);
        if (topic->count == 0 || seq == s->seq ||
            now_ms - s->pushed_ms < small_books[i].pace_ms)
            continue;
        s->seq = seq;
        s->pushed_ms = now_ms;
        push_small(sim, topic, NULL, small_books[i].depth);
    }
}

/* ---- candles ---- */

static void
push_candles(struct ln_sim *sim, struct ln_sim_topic *topic,
             struct ln_sim_conn *conn, size_t from, size_t n,
             const char *action)
{
    const struct ln_instrument *in = ln_sim_instrument(sim, topic->inst);
    struct ln_json_writer w;
    ln_sim_push_begin(sim, &w, topic, action);
    for (size_t i = from; i < n; i++)
        ln_sim_candle_row(&w, in, &sim->feed->candles[i], 8);
    deliver(sim, &w, topic, conn);
}

static bool
same_candle(const struct ln_candle *a, const struct ln_candle *b)
{
    return a->time_ms == b->time_ms && a->open_ticks == b->open_ticks &&
           a->high_ticks == b->high_ticks && a->low_ticks == b->low_ticks &&
           a->close_ticks == b->close_ticks &&
           a->volume_lots == b->volume_lots &&
           a->quote_volume_e8 == b->quote_volume_e8;
}

/*
 * From the candle that was pushed last to the newest: the last row of an
 * older one tells its final state.
 */
static void
flush_candle(struct ln_sim *sim, struct candle_state *s,
             struct ln_sim_topic *topic, int64_t now_ms)
{
    enum ln_timeframe tf =
        (enum ln_timeframe)(topic->channel - LN_SIM_CH_CANDLE);
    struct ln_candle *rows = sim->feed->candles;
    int64_t behind_ms = ln_ex_now(sim->ex) - s->last.time_ms;
    bool ended = behind_ms >= ln_timeframe_ms(tf);
    if (now_ms - s->pushed_ms < (ended ? PACE_MS : CANDLE_MS))
        return;
    int64_t want = behind_ms / ln_timeframe_ms(tf) + 2;
    size_t n =
        ln_ex_candles(sim->ex, topic->inst, tf, 0, rows,
                      want < CANDLES_PUSHED ? (size_t)want : CANDLES_PUSHED);
    size_t from = 0;
    while (from < n && rows[from].time_ms < s->last.time_ms)
        from++;
    if (from == n || (from == n - 1 && same_candle(&rows[from], &s->last)))
        return;
    s->last = rows[n - 1];
    s->pushed_ms = now_ms;
    push_candles(sim, topic, NULL, from, n, "update");
}

static void
greet_candles(struct ln_sim *sim, struct candle_state *s,
              struct ln_sim_topic *topic, struct ln_sim_conn *conn)
{
    enum ln_timeframe tf =
        (enum ln_timeframe)(topic->channel - LN_SIM_CH_CANDLE);
    size_t n = ln_ex_candles(sim->ex, topic->inst, tf, 0, sim->feed->candles,
                             CANDLES_PUSHED);
    if (n > 0 && topic->count == 1) { /* the first: nobody waits for less */
        s->last = sim->feed->candles[n - 1];
        s->pushed_ms = ln_sim_loop_ms(sim);
    }
    push_candles(sim, topic, conn, 0, n, "snapshot");
}

/* ---- all of it ---- */

void
ln_sim_feed_flush(struct ln_sim *sim)
{
    int64_t now_ms = ln_sim_loop_ms(sim);
    for (uint16_t inst = 0; inst < sim->feed->count; inst++) {
        struct market_feed *m = &sim->feed->markets[inst];
        flush_trades(sim, m, inst);
        flush_ticker(sim, m, inst, now_ms);
        flush_small(sim, m, inst, now_ms);
        flush_books(sim, m, inst, now_ms);
        for (int tf = LN_TF_1M; tf < LN_TF_COUNT; tf++) {
            struct ln_sim_topic *topic =
                ln_sim_topic(sim, inst, LN_SIM_CH_CANDLE + tf);
            if (topic->count > 0)
                flush_candle(sim, &m->candles[tf], topic, now_ms);
        }
    }
}

void
ln_sim_feed_greet(struct ln_sim *sim, struct ln_sim_topic *topic,
                  struct ln_sim_conn *conn)
{
    struct market_feed *m = &sim->feed->markets[topic->inst];
    struct ln_ticker t;
    switch (topic->channel) {
    case LN_SIM_CH_TICKER:
        ln_ex_ticker(sim->ex, topic->inst, &t);
        push_ticker(sim, topic, conn, &t);
        break;
    case LN_SIM_CH_TRADE:
        push_trades(sim, topic, conn, TRADES_GREETING, "snapshot");
        break;
    case LN_SIM_CH_BOOKS:
        greet_books(sim, m, topic, conn);
        break;
    case LN_SIM_CH_BOOKS1:
        push_small(sim, topic, conn, 1);
        break;
    case LN_SIM_CH_BOOKS5:
        push_small(sim, topic, conn, 5);
        break;
    case LN_SIM_CH_BOOKS15:
        push_small(sim, topic, conn, SMALL_DEPTH);
        break;
    default:
        greet_candles(sim, &m->candles[topic->channel - LN_SIM_CH_CANDLE],
                      topic, conn);
        break;
    }
}
