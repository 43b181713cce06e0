/*
 * Recorded trades drive a market: each is printed at its time, price, size
 * and side. Makers step back before its price, so what it goes through are
 * the clients' orders; then they quote around it, and renew their quotes now
 * and then while nothing is recorded.
 */
#include "exchange/past.h"
#include "exchange/replay.h"

#include <stdlib.h>
#include <string.h>

#define RENEW_MIN_MS 500
#define RENEW_MAX_MS 2500

/* Unknown sides follow the price. */
static enum ln_side
side_of(const struct ln_ex_market *m, const struct ln_trade *t)
{
    if (t->side == LN_BUY || t->side == LN_SELL)
        return (enum ln_side)t->side;
    return t->price_ticks >= m->last_ticks ? LN_BUY : LN_SELL;
}

static void
print(struct ln_ex *ex, struct ln_ex_market *m, const struct ln_trade *t)
{
    enum ln_side side = side_of(m, t);
    int64_t at = t->price_ticks * LN_EX_FAIR_ONE;
    /* Exactly there, also for prices that ln_ex_replay_fair keeps away. */
    m->fair_fp = at;
    ln_ex_quotes_reprice(ex, m, 100, INT64_MAX);
    ln_ex_quotes_print_side(ex, m, side, t->price_ticks, t->size_lots);
    /* A seller found the bid there, a buyer the offer. */
    int64_t half = LN_EX_FAIR_ONE / 2;
    ln_ex_replay_fair(m, side == LN_SELL ? at + half : at - half);
}

void
ln_ex_replay_act_trades(struct ln_ex *ex, struct ln_ex_market *m)
{
    struct ln_ex_replay *p = &m->replay;
    while (p->at < p->count && p->trades[p->at].time_ms <= ex->now_ms)
        print(ex, m, &p->trades[p->at++]);
    ln_ex_quotes_reprice(ex, m, 100, 0);
    ln_ex_quotes_renew(ex, m);
    if (p->at == p->count) {
        ln_ex_replay_drop(m);
        ln_ex_participants_resume(ex, m, m->last_ticks);
        return;
    }
    int64_t next =
        ex->now_ms + ln_rng_between(&m->rng, RENEW_MIN_MS, RENEW_MAX_MS);
    int64_t due = p->trades[p->at].time_ms;
    m->next_ms = due < next ? due : next;
}

/* ---- taking a recording over ---- */

static enum ln_err
check(const struct ln_trade *rows, size_t count, int64_t now_ms,
      struct ln_error *err)
{
    static const char cure[] = "rows ascend by time, prices and sizes are "
                               "above 0";
    const int64_t most = INT64_MAX / (4 * LN_EX_FAIR_ONE);
    if (count == 0)
        return ln_error_set(err, LN_ERR_ARG, NULL, cure, "no trades");
    for (size_t i = 0; i < count; i++) {
        const struct ln_trade *t = &rows[i];
        if (t->time_ms < 0 || t->price_ticks < 1 || t->price_ticks > most ||
            t->size_lots < 1 || t->size_lots > INT64_MAX / 4 ||
            t->side > LN_SELL || (i > 0 && t->time_ms < rows[i - 1].time_ms))
            return ln_error_set(err, LN_ERR_ARG, NULL, cure,
                                "trade %zu of the recording is not valid", i);
    }
    if (now_ms < rows[0].time_ms || now_ms > rows[count - 1].time_ms)
        return ln_error_set(err, LN_ERR_ARG, NULL,
                            "start the engine within the recording",
                            "the engine's time is outside the recording");
    return LN_OK;
}

/* The minutes before the one that contains <now_ms>, folded; NULL: no memory.
 */
static struct ln_candle *
fold(const struct ln_ex_market *m, const struct ln_trade *rows, size_t count,
     int64_t now_ms, size_t *written)
{
    int64_t end = ln_ex_minute_of(now_ms);
    struct ln_candle *out = malloc((count + 1) * sizeof(*out));
    *written = 0;
    for (size_t i = 0; out && i < count && rows[i].time_ms < end; i++) {
        const struct ln_trade *t = &rows[i];
        int64_t minute = ln_ex_minute_of(t->time_ms);
        if (*written == 0 || out[*written - 1].time_ms != minute)
            ln_candle_start(&out[(*written)++], minute, t->price_ticks);
        ln_candle_add(&out[*written - 1], t->price_ticks, t->size_lots,
                      ln_notional_e8(m->in, t->price_ticks, t->size_lots));
    }
    return out;
}

enum ln_err
ln_ex_replay_trades(struct ln_ex *ex, uint16_t instrument,
                    const struct ln_trade *rows, size_t count,
                    struct ln_error *err)
{
    struct ln_ex_market *m = ln_ex_market(ex, instrument);
    if (!m)
        return ln_error_set(err, LN_ERR_NOT_FOUND, NULL, NULL,
                            "no such instrument");
    enum ln_err code = check(rows, count, ex->now_ms, err);
    if (code != LN_OK)
        return code;
    size_t at = 0, minutes;
    while (at < count && rows[at].time_ms < ex->now_ms)
        at++;
    int64_t price = rows[at > 0 ? at - 1 : 0].price_ticks;
    struct ln_trade *copy = calloc(count + 1, sizeof(*copy));
    struct ln_candle *before = fold(m, rows, at, ex->now_ms, &minutes);
    bool done =
        copy && before && ln_ex_replay_begin(ex, m, before, minutes, price);
    free(before);
    if (!done) {
        free(copy);
        return ln_error_set(err, LN_ERR_NOMEM, NULL, NULL, "no memory");
    }
    memcpy(copy, rows, count * sizeof(*copy));
    m->replay = (struct ln_ex_replay){.trades = copy, .count = count, .at = at};
    m->next_ms = rows[at].time_ms;
    return LN_OK;
}
