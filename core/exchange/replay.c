/*
 * Recorded candles or trades drive a market. A 1m candle is played as a path
 *
 *     open -> low -> high -> close   (a rising minute)
 *     open -> high -> low -> close   (a falling one)
 *
 * with a trade exactly at each of the four and noisy steps between, never
 * beyond high and low. Makers step back before the price arrives, so what it
 * goes through are the clients' orders. Trades (replay_trades.c) are printed
 * as they are. After the last row the participants carry on by themselves.
 */
#include "exchange/replay.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_MS      60000LL
#define STEP_MIN_MS    1500
#define STEP_MAX_MS    3500
#define STEP_MEAN_MS   2500
#define CLOSE_LEAD_MS  1000LL /* the close prints this long before the end */
#define TRADES_PER_ROW 25
#define WAYS           4
#define ALL_LOTS       INT64_MAX

bool
ln_ex_replay_active(const struct ln_ex_market *m)
{
    return m->replay.rows != NULL || m->replay.trades != NULL;
}

static const struct ln_candle *
row_now(const struct ln_ex_market *m)
{
    return &m->replay.rows[m->replay.at];
}

void
ln_ex_replay_fair(struct ln_ex_market *m, int64_t fair_fp)
{
    const int64_t least = 2 * LN_EX_FAIR_ONE;
    m->fair_fp = fair_fp < least ? least : fair_fp;
}

/* Where in its minute each of the four prices is reached. */
static void
begin_row(struct ln_ex *ex, struct ln_ex_market *m)
{
    struct ln_ex_replay *p = &m->replay;
    const struct ln_candle *c = row_now(m);
    int64_t from = ex->now_ms;
    int64_t span = c->time_ms + MINUTE_MS - from;
    int64_t lead = span > 10 * CLOSE_LEAD_MS ? CLOSE_LEAD_MS : 1;
    bool rises = c->close_ticks >= c->open_ticks;
    p->way_ms[0] = from;
    p->way_ms[1] = from + span * ln_rng_between(&m->rng, 15, 40) / 100;
    p->way_ms[2] = from + span * ln_rng_between(&m->rng, 50, 80) / 100;
    p->way_ms[3] = from + span - lead;
    p->way_ticks[0] = c->open_ticks;
    p->way_ticks[1] = rises ? c->low_ticks : c->high_ticks;
    p->way_ticks[2] = rises ? c->high_ticks : c->low_ticks;
    p->way_ticks[3] = c->close_ticks;
    p->way = 0;
    p->volume_lots = c->volume_lots;
    if (c->volume_lots > 0)
        m->trade_lots = c->volume_lots / TRADES_PER_ROW + 1;
}

/* An even share of what is left of the row's volume; unknown: the usual. */
static int64_t
share_lots(struct ln_ex *ex, struct ln_ex_market *m)
{
    struct ln_ex_replay *p = &m->replay;
    if (row_now(m)->volume_lots <= 0)
        return ln_rng_between(&m->rng, 1, 2 * m->trade_lots);
    int64_t steps = (p->way_ms[WAYS - 1] - ex->now_ms) / STEP_MEAN_MS + 2;
    return p->volume_lots / steps;
}

static void
print(struct ln_ex *ex, struct ln_ex_market *m, int64_t ticks, int64_t lots)
{
    ln_ex_quotes_print(ex, m, ticks, lots);
    m->replay.volume_lots -= lots;
    if (m->replay.volume_lots < 0)
        m->replay.volume_lots = 0;
}

/* To the next row, or to the end of the recording. */
static void
end_row(struct ln_ex *ex, struct ln_ex_market *m)
{
    struct ln_ex_replay *p = &m->replay;
    int64_t close = row_now(m)->close_ticks;
    int64_t over = row_now(m)->time_ms + MINUTE_MS;
    p->at++;
    p->way = -1;
    if (p->at < p->count) {
        int64_t starts = row_now(m)->time_ms;
        m->next_ms = starts > ex->now_ms ? starts : ex->now_ms + 1;
        return;
    }
    ln_ex_replay_drop(m);
    ln_ex_participants_resume(ex, m, close);
    if (m->next_ms < over)
        m->next_ms = over; /* the last minute is the recording's, too */
}

static void
reach_way(struct ln_ex *ex, struct ln_ex_market *m)
{
    struct ln_ex_replay *p = &m->replay;
    int64_t ticks = p->way_ticks[p->way];
    int64_t lots = share_lots(ex, m);
    if (p->way == WAYS - 1 && p->volume_lots > 0)
        lots = p->volume_lots;
    ln_ex_replay_fair(m, ticks * LN_EX_FAIR_ONE);
    ln_ex_quotes_reprice(ex, m, 100, ALL_LOTS);
    print(ex, m, ticks, lots < 1 ? 1 : lots);
    ln_ex_quotes_renew(ex, m);
    p->way++;
}

/* Somewhere between the last price of the path and the next. */
static void
step_between(struct ln_ex *ex, struct ln_ex_market *m)
{
    struct ln_ex_replay *p = &m->replay;
    const struct ln_candle *c = row_now(m);
    int64_t a = p->way_ticks[p->way - 1], b = p->way_ticks[p->way];
    int64_t t0 = p->way_ms[p->way - 1], t1 = p->way_ms[p->way];
    int64_t gone = ex->now_ms - t0, span = t1 > t0 ? t1 - t0 : 1;
    int64_t fair =
        a * LN_EX_FAIR_ONE +
        ln_mul_div((b - a) * LN_EX_FAIR_ONE, gone, span, LN_ROUND_NEAREST);
    double noise =
        ln_rng_normal(&m->rng) * (double)(c->high_ticks - c->low_ticks) / 12.0;
    fair += (int64_t)(noise * LN_EX_FAIR_ONE);
    if (fair > c->high_ticks * LN_EX_FAIR_ONE)
        fair = c->high_ticks * LN_EX_FAIR_ONE;
    if (fair < c->low_ticks * LN_EX_FAIR_ONE)
        fair = c->low_ticks * LN_EX_FAIR_ONE;
    ln_ex_replay_fair(m, fair);
    ln_ex_quotes_reprice(ex, m, 100, ALL_LOTS);
    int64_t lots = share_lots(ex, m);
    if (lots >= 1)
        print(ex, m, m->fair_fp / LN_EX_FAIR_ONE, lots);
    ln_ex_quotes_renew(ex, m);
}

void
ln_ex_replay_act(struct ln_ex *ex, struct ln_ex_market *m)
{
    struct ln_ex_replay *p = &m->replay;
    if (p->trades) {
        ln_ex_replay_act_trades(ex, m);
        return;
    }
    if (p->way < 0)
        begin_row(ex, m);
    if (ex->now_ms >= p->way_ms[p->way])
        reach_way(ex, m);
    else
        step_between(ex, m);
    if (p->way == WAYS) {
        end_row(ex, m);
        return;
    }
    int64_t next =
        ex->now_ms + ln_rng_between(&m->rng, STEP_MIN_MS, STEP_MAX_MS);
    m->next_ms = next < p->way_ms[p->way] ? next : p->way_ms[p->way];
}

/* ---- taking a recording over ---- */

void
ln_ex_replay_drop(struct ln_ex_market *m)
{
    free(m->replay.rows);
    free(m->replay.trades);
    memset(&m->replay, 0, sizeof(m->replay));
}

bool
ln_ex_replay_begin(struct ln_ex *ex, struct ln_ex_market *m,
                   const struct ln_candle *before, size_t count,
                   int64_t price_ticks)
{
    if (!ln_ex_candles_replace(m, before, count, ex->now_ms, price_ticks) ||
        !ln_ex_mood_start(ex, m))
        return false;
    if (m->next_ms == INT64_MAX)
        ln_ex_participants_start(ex, m);
    ln_ex_quotes_clear(ex, m);
    ln_ex_replay_drop(m);
    m->trade_count = m->trade_next = 0;
    m->last_ticks = price_ticks;
    ln_ex_replay_fair(m, price_ticks * LN_EX_FAIR_ONE);
    ln_ex_quotes_reprice(ex, m, 100, ALL_LOTS);
    ln_ex_quotes_fill(ex, m);
    ln_ex_prices_start(ex, m);
    return true;
}

static enum ln_err
check_rows(const struct ln_candle *rows, size_t count, int64_t now_ms,
           struct ln_error *err)
{
    static const char cure[] = "rows of whole minutes, ascending, with "
                               "low <= open, close <= high";
    const int64_t most = INT64_MAX / (4 * LN_EX_FAIR_ONE);
    if (count == 0)
        return ln_error_set(err, LN_ERR_ARG, NULL, cure, "no candles");
    for (size_t i = 0; i < count; i++) {
        const struct ln_candle *c = &rows[i];
        bool bad = c->time_ms % MINUTE_MS != 0 || c->low_ticks < 1 ||
                   c->high_ticks > most || c->open_ticks < c->low_ticks ||
                   c->open_ticks > c->high_ticks ||
                   c->close_ticks < c->low_ticks ||
                   c->close_ticks > c->high_ticks || c->volume_lots < 0 ||
                   (i > 0 && c->time_ms <= rows[i - 1].time_ms);
        if (bad)
            return ln_error_set(err, LN_ERR_ARG, NULL, cure,
                                "candle %zu of the recording is not valid", i);
    }
    if (now_ms < rows[0].time_ms ||
        now_ms >= rows[count - 1].time_ms + MINUTE_MS)
        return ln_error_set(err, LN_ERR_ARG, NULL,
                            "start the engine within the recording",
                            "the engine's time is outside the recording");
    return LN_OK;
}

enum ln_err
ln_ex_replay_candles(struct ln_ex *ex, uint16_t instrument,
                     const struct ln_candle *rows, size_t count,
                     struct ln_error *err)
{
    struct ln_ex_market *m = ln_ex_market(ex, instrument);
    if (!m)
        return ln_error_set(err, LN_ERR_NOT_FOUND, NULL, NULL,
                            "no such instrument");
    enum ln_err code = check_rows(rows, count, ex->now_ms, err);
    if (code != LN_OK)
        return code;
    size_t at = 0;
    while (rows[at].time_ms + MINUTE_MS <= ex->now_ms)
        at++;
    int64_t price = at > 0 ? rows[at - 1].close_ticks : rows[at].open_ticks;
    struct ln_candle *copy = malloc(count * sizeof(*copy));
    if (!copy || !ln_ex_replay_begin(ex, m, rows, at, price)) {
        free(copy);
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory");
    }
    memcpy(copy, rows, count * sizeof(*copy));
    m->replay = (struct ln_ex_replay){
        .rows = copy, .count = count, .at = at, .way = -1};
    int64_t starts = rows[at].time_ms;
    m->next_ms = starts > ex->now_ms ? starts : ex->now_ms;
    return LN_OK;
}
