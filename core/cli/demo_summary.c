/*
 * What the demo says at its end, and whether it was a success: orders were
 * really filled over the wire, and host and exchange agree on every position.
 */
#include "base/json.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/demo.h"
#include "exchange/exchange.h"

#include <inttypes.h>
#include <stdio.h>

#define POSITIONS_MAX 256

/* Signed lots that the engine itself holds for our account. */
static int64_t
engine_lots(struct ln_demo *d, const char *symbol)
{
    struct ln_ex *ex = ln_sim_engine(d->sim);
    struct ln_ex_position p[POSITIONS_MAX];
    uint16_t inst = ln_instruments_find(ln_ex_instruments(ex), ln_str(symbol));
    size_t n = ln_ex_positions(ex, ln_sim_account(d->sim), p, POSITIONS_MAX);
    int64_t lots = 0;
    for (size_t i = 0; i < n && i < POSITIONS_MAX; i++)
        if (p[i].instrument == inst)
            lots +=
                p[i].hold_side == LN_SHORT ? -p[i].size_lots : p[i].size_lots;
    return lots;
}

bool
ln_demo_positions_agree(struct ln_demo *d)
{
    const struct ln_instruments *reg = ln_host_instruments(d->session.host);
    for (uint16_t i = 0; reg && i < reg->count; i++) {
        int64_t ours, told;
        ln_host_net(d->session.host, i, &ours, &told);
        int64_t engine = engine_lots(d, ln_instruments_at(reg, i)->symbol);
        if (ours != engine || told != engine)
            return false;
    }
    return reg != NULL;
}

static double
money(int64_t e8)
{
    return ln_decimal_to_double(e8, 8);
}

static void
print_strategies(struct ln_demo *d, int n)
{
    printf("%-16s %-11s %7s %7s %9s %8s %12s %12s %12s\n", "strategy", "state",
           "orders", "fills", "rejected", "errors", "fees", "PnL", "PnL-fees");
    for (int i = 0; i < n; i++) {
        struct ln_strategy_view s;
        if (!ln_host_strategy_view(d->session.host, i, &s))
            continue;
        int64_t pnl = s.realised_e8 + s.unrealised_e8;
        printf("%-16s %-11s %7" PRIu64 " %7" PRIu64 " %9" PRIu64 " %8" PRIu64
               " %12.4f %12.4f %12.4f\n",
               s.name, ln_strategy_state_name(s.state), s.orders, s.fills,
               s.rejected, s.errors, money(s.fees_e8), money(pnl),
               money(pnl + s.fees_e8));
    }
}

static void
print_positions(struct ln_demo *d)
{
    const struct ln_instruments *reg = ln_host_instruments(d->session.host);
    for (uint16_t i = 0; reg && i < reg->count; i++) {
        const struct ln_instrument *in = ln_instruments_at(reg, i);
        int64_t ours, told;
        ln_host_net(d->session.host, i, &ours, &told);
        int64_t engine = engine_lots(d, in->symbol);
        if (ours == 0 && engine == 0)
            continue;
        char a[LN_DECIMAL_CAP], b[LN_DECIMAL_CAP];
        ln_size_format(in, ours, a);
        ln_size_format(in, engine, b);
        printf("position %-12s host %s, exchange %s: %s\n", in->symbol, a, b,
               ours == engine && told == engine ? "equal" : "DIFFERENT");
    }
}

static void
print_text(struct ln_demo *d, const struct ln_host_view *v,
           const struct ln_venue_stats *st, double seconds, int64_t fees,
           int64_t pnl)
{
    struct ln_sim_stats sim;
    ln_sim_stats(d->sim, &sim);
    printf("\n--- summary after %.1f s (market clock x%d%s%s) ---\n", seconds,
           d->speed, d->data ? ", recorded data " : "",
           d->data ? d->data : ", synthetic participants");
    print_strategies(d, v->nstrategies);
    print_positions(d);
    printf("orders %" PRIu64 ", fills %" PRIu64 ", rejected %" PRIu64
           ", fees %.4f, PnL %.4f USDT\n",
           v->orders, v->fills, v->rejected, money(fees), money(pnl));
    printf("equity %.4f USDT (%.4f at the start)\n", money(v->equity_e8),
           money(v->start_equity_e8));
    printf("requests sent %" PRIu64 ", rate-limit waits %" PRIu64
           ", 429 answers %" PRIu64 ", stream messages %" PRIu64
           ", reconnects %" PRIu64 "\n",
           st->requests, st->rate_limit_waits, st->rate_limit_hits,
           st->messages, st->reconnects);
    printf("server: %" PRIu64 " REST requests, %" PRIu64 " errors, %" PRIu64
           " pushes%s\n",
           sim.rest_requests, sim.rest_errors, sim.ws_messages_out,
           sim.data_finished ? "; the recorded data have ended" : "");
    printf("positions of host and exchange: %s\n",
           d->agreed ? "equal" : "NOT EQUAL");
}

static void
print_json(struct ln_demo *d, const struct ln_host_view *v,
           const struct ln_venue_stats *st, double seconds, int64_t fees,
           int64_t pnl, bool ok)
{
    struct ln_buf buf;
    struct ln_json_writer w;
    ln_buf_init(&buf, 1U << 20);
    ln_jw_init(&w, &buf);
    ln_jw_obj(&w);
    ln_jw_kcstr(&w, "event", "summary");
    ln_jw_kbool(&w, "ok", ok);
    ln_jw_key(&w, "seconds");
    ln_jw_double(&w, seconds);
    ln_jw_kint(&w, "orders", (int64_t)v->orders);
    ln_jw_kint(&w, "fills", (int64_t)v->fills);
    ln_jw_kint(&w, "rejected", (int64_t)v->rejected);
    ln_jw_kdec(&w, "fees", fees, 8, 0);
    ln_jw_kdec(&w, "pnl", pnl, 8, 0);
    ln_jw_kdec(&w, "equity", v->equity_e8, 8, 0);
    ln_jw_kdec(&w, "start_equity", v->start_equity_e8, 8, 0);
    ln_jw_kint(&w, "requests", (int64_t)st->requests);
    ln_jw_kint(&w, "rate_limit_waits", (int64_t)st->rate_limit_waits);
    ln_jw_kint(&w, "rate_limit_hits", (int64_t)st->rate_limit_hits);
    ln_jw_kint(&w, "stream_messages", (int64_t)st->messages);
    ln_jw_kbool(&w, "positions_agree", d->agreed);
    ln_jw_key(&w, "strategies");
    ln_jw_arr(&w);
    for (int i = 0; i < v->nstrategies; i++) {
        struct ln_strategy_view s;
        if (!ln_host_strategy_view(d->session.host, i, &s))
            continue;
        ln_jw_obj(&w);
        ln_jw_kcstr(&w, "name", s.name);
        ln_jw_kcstr(&w, "state", ln_strategy_state_name(s.state));
        ln_jw_kint(&w, "events", (int64_t)s.events);
        ln_jw_kint(&w, "orders", (int64_t)s.orders);
        ln_jw_kint(&w, "fills", (int64_t)s.fills);
        ln_jw_kint(&w, "errors", (int64_t)s.errors);
        ln_jw_kdec(&w, "fees", s.fees_e8, 8, 0);
        ln_jw_kdec(&w, "realised", s.realised_e8, 8, 0);
        ln_jw_kdec(&w, "unrealised", s.unrealised_e8, 8, 0);
        ln_jw_obj_end(&w);
    }
    ln_jw_arr_end(&w);
    ln_jw_obj_end(&w);
    printf("%.*s\n", LN_STR_ARG(ln_buf_str(&buf)));
    ln_buf_deinit(&buf);
}

bool
ln_demo_summary(struct ln_demo *d)
{
    struct ln_session *s = &d->session;
    struct ln_host_view v;
    struct ln_venue_stats st;
    int64_t fees = 0, pnl = 0;
    ln_host_view(s->host, &v);
    s->venue->ops->stats(s->venue, &st);
    for (int i = 0; i < v.nstrategies; i++) {
        struct ln_strategy_view sv;
        if (!ln_host_strategy_view(s->host, i, &sv))
            continue;
        fees += sv.fees_e8;
        pnl += sv.realised_e8 + sv.unrealised_e8;
    }
    double seconds = (double)(ln_loop_now_ns(s->loop) - d->started_ns) / 1e9;
    bool ok =
        v.fills > 0 && d->agreed && ln_host_failure(s->host)->code == LN_OK;
    if (d->json)
        print_json(d, &v, &st, seconds, fees, pnl, ok);
    else
        print_text(d, &v, &st, seconds, fees, pnl);
    if (!d->json && v.fills == 0)
        printf("no order was filled: this demo has failed\n");
    return ok;
}
